r"""The effective objective of one rollout among G - 1 residents, exactly: a sum over the group's possible outcomes.

A resident's answer is right with probability p and it states q; the deviant may state another
confidence, or give another answer, right with probability p'. Given how many of the n = G - 1
residents are right, k, every estimator is a formula, and k has a known distribution:

    independent   k ~ Binomial(n, p), whatever happens to the deviant
    by_answer     an answer is right or wrong for all who give it: k is 0 or n; another answer's outcome is independent
    shared        the same, and another answer's outcome hangs together with it: right are the answers with p > u, for
                  one uniform u of the whole group

Sums of at most 2 G terms of size at most sqrt(G) in double precision: the error is below 1e-11 for
G <= 1024 (the tests compare with rational enclosures).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import Outcomes, Trainer

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

TIE = 1e-12
Real = TypeVar("Real", float, Fraction)


@dataclass(frozen=True)
class Case:
    """One outcome of a group: is the deviant right, how many residents are, and how likely is that."""

    own: int
    right: int
    chance: float | Fraction


def cases(p: Real, size: int, outcomes: Outcomes, *, other: Real | None = None) -> list[Case]:
    """Every outcome of a group with its probability, in the arithmetic of p.

    Args:
        p: the residents' success probability.
        size: G.
        outcomes: how outcomes hang together.
        other: the deviant's success probability if it gives another answer; None if it only states
            another confidence.

    Example:
        >>> [(case.own, case.right, str(case.chance)) for case in cases(Fraction(3, 4), 3, "shared")]
        [(1, 2, '3/4'), (0, 0, '1/4')]
        >>> sum(case.chance for case in cases(Fraction(3, 4), 3, "independent", other=Fraction(1, 3)))
        Fraction(1, 1)
    """
    n, one = size - 1, p * 0 + 1
    own = p if other is None else other
    sides = ((1, own), (0, one - own))
    if outcomes == "independent":
        others = [(k, comb(n, k) * p**k * (one - p) ** (n - k)) for k in range(size)]
        found = [Case(c, k, share * chance) for c, share in sides for k, chance in others]
    elif other is None:
        found = [Case(1, n, p), Case(0, 0, one - p)]
    elif outcomes == "by_answer":
        found = [
            Case(c, k, share * chance) for c, share in sides for k, chance in ((n, p), (0, one - p))
        ]
    else:
        apart = Case(1, 0, own - p) if own > p else Case(0, n, p - own)
        found = [Case(1, n, min(p, own)), apart, Case(0, 0, one - max(p, own))]
    return [case for case in found if case.chance]


def fitness(
    own: Floats, others: Floats, weights: Floats, p: float, trainer: Trainer, among: list[Case]
) -> Floats:
    """E[A of the deviant] for every pair of a deviant's and the residents' payoffs.

    Args:
        own: payoffs of the deviants, per component wrong and right, (C, 2, D).
        others: the same of the residents, (C, 2, R).
        weights: of the components, (C,).
        p: the residents' success probability, which the batch's spread depends on.
        trainer: what is made of the rewards.
        among: the group's outcomes, from `cases`.

    Returns:
        Shape (D, R).
    """
    chances = np.array([float(case.chance) for case in among])
    right = np.array([case.right for case in among], dtype=float)[:, None, None]
    sides = [case.own for case in among]
    paid = np.tensordot(weights, own, axes=1)[sides][:, :, None]
    total = np.tensordot(weights, others, axes=1)
    if ESTIMATORS[trainer.estimator].per_component:
        parts = zip(weights, own, others, strict=True)
        each = np.sum(
            [w * _advantage(a[sides][:, :, None], b, right, p, trainer) for w, a, b in parts],
            axis=0,
        )
    else:
        each = _advantage(paid, total, right, p, trainer)
    if trainer.keep is not None:
        low, high = (float(end) for end in trainer.keep)
        mean = (paid + _sum(total, right, trainer.group_size - 1)) / trainer.group_size
        each = np.where(
            (low + TIE < mean) & (mean < high - TIE), each, 0.0
        )  # a mean at an end is dropped
    return np.asarray(
        (chances[:, None, None] * (each + 0 * total[0])).sum(axis=0), dtype=np.float64
    )


def _sum(others: Floats, right: Floats, n: int) -> Floats:
    found: Floats = right * others[1] + (n - right) * others[0]
    return found


def _advantage(paid: Floats, others: Floats, right: Floats, p: float, trainer: Trainer) -> Floats:
    """Baseline and scale of the estimator; the mean of many questions has no part in one rollout."""
    estimator, size, n = ESTIMATORS[trainer.estimator], trainer.group_size, trainer.group_size - 1
    gap = paid - _sum(others, right, n) / n
    above = {"none": paid, "batch_mean": paid, "leave_one_out": gap, "group_mean": gap * n / size}[
        estimator.baseline
    ]
    if estimator.scale == "none":
        return above
    if estimator.scale == "batch_std":
        spread = np.sqrt(p * (1 - p)) * np.abs(others[1] - others[0]) + float(trainer.epsilon)
        return above / np.where(
            spread <= TIE, 1.0, spread
        )  # no spread among residents: any common scale will do
    within = right * (n - right) / n * (others[1] - others[0]) ** 2
    std = np.sqrt((within + gap**2 * n / size) / (size - trainer.ddof))
    alike = std <= TIE * (1 + np.abs(paid))
    return np.where(alike, 0.0, above / np.where(alike, 1.0, std + float(trainer.epsilon)))
