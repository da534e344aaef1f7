r"""The expected advantage of one rollout among G - 1 residents: a sum over the group's outcomes.

The answer of a resident is correct with probability p, and it states q. The deviant may state
another confidence, or give another answer, correct with probability p'. Given the number k of the
n = G - 1 residents that are correct, every estimator is a formula, and k has a known distribution:

    independent   k ~ Binomial(n, p), independent of the deviant
    by_answer     all rollouts with the same answer have the same outcome, so that k is 0 or n;
                  another answer has an independent outcome
    shared        as by_answer, and one uniform u of the group decides: answers with p > u are
                  correct

The sums have at most 2 G terms of size at most sqrt(G) in double precision: the error is below
1e-11 for G <= 1024 (the tests compare with rational enclosures).
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
_Real = TypeVar("_Real", float, Fraction)


@dataclass(frozen=True)
class Case:
    """One outcome of a group.

    Attributes:
        own: 1 if the deviant is correct, else 0.
        right: the number of residents that are correct.
        chance: the probability of the outcome.

    Example:
        >>> Case(own=1, right=2, chance=0.75).right
        2
    """

    own: int
    right: int
    chance: float | Fraction


def cases(p: _Real, size: int, outcomes: Outcomes, *, other: _Real | None = None) -> list[Case]:
    """Every outcome of a group with its probability, as Fractions if p is one.

    Args:
        p: the success probability of the residents.
        size: G.
        outcomes: how correctness is correlated within a group.
        other: the success probability of the deviant if it gives another answer; None if it only
            states another confidence.

    Example:
        >>> p = Fraction(3, 4)
        >>> [(case.own, case.right, str(case.chance)) for case in cases(p, 3, "shared")]
        [(1, 2, '3/4'), (0, 0, '1/4')]
        >>> sum(case.chance for case in cases(p, 3, "independent", other=Fraction(1, 3)))
        Fraction(1, 1)
    """
    n, one = size - 1, p * 0 + 1
    own = p if other is None else other
    sides = ((1, own), (0, one - own))
    if outcomes == "independent":
        others = [(k, comb(n, k) * p**k * (one - p) ** (n - k)) for k in range(size)]
        possible = [Case(c, k, share * chance) for c, share in sides for k, chance in others]
    elif other is None:
        possible = [Case(1, n, p), Case(0, 0, one - p)]
    elif outcomes == "by_answer":
        others = [(n, p), (0, one - p)]
        possible = [Case(c, k, share * chance) for c, share in sides for k, chance in others]
    else:
        apart = Case(1, 0, own - p) if own > p else Case(0, n, p - own)
        possible = [Case(1, n, min(p, own)), apart, Case(0, 0, one - max(p, own))]
    return [case for case in possible if case.chance]


def fitness(
    own: Floats, others: Floats, weights: Floats, p: float, trainer: Trainer, among: list[Case]
) -> Floats:
    """E[A of the deviant] for every pair of payoffs of a deviant and of the residents.

    Args:
        own: payoffs of the deviants, per component wrong and correct, (C, 2, D).
        others: payoffs of the residents, likewise, (C, 2, R).
        weights: the weights of the components, (C,).
        p: the success probability of the residents, which determines the spread of the batch.
        trainer: how advantages are computed from the rewards.
        among: the outcomes of the group, from `cases`.

    Returns:
        Expected advantages, shape (D, R).

    Example:
        >>> payoffs = np.array([[[0.0], [1.0]]])  # the binary reward, at one confidence
        >>> trainer, among = Trainer(estimator="group_mean", group_size=2), cases(0.5, 2, "shared")
        >>> fitness(payoffs, payoffs, np.ones(1), 0.5, trainer, among).tolist()
        [[0.0]]
    """
    chances = np.array([float(case.chance) for case in among])
    right = np.array([case.right for case in among], dtype=float)[:, None, None]
    sides = [case.own for case in among]
    paid = np.tensordot(weights, own, axes=1)[sides][:, :, None]
    total = np.tensordot(weights, others, axes=1)
    if ESTIMATORS[trainer.estimator].per_component:
        of_parts = zip(weights, own[:, sides, :, None], others, strict=True)
        advantages = np.sum(
            [w * _advantage(one, each, right, p, trainer) for w, one, each in of_parts], axis=0
        )
    else:
        advantages = _advantage(paid, total, right, p, trainer)
    if trainer.advantage_clip is not None:
        ends = [float(end) for end in trainer.advantage_clip]
        advantages = np.clip(advantages, ends[0], ends[1])
    if trainer.keep_outcomes == "mixed":
        number = right + np.array(sides, dtype=float)[:, None, None]
        advantages = np.where((number > 0) & (number < trainer.group_size), advantages, 0.0)
    if trainer.keep is not None:
        low, high = (float(end) for end in trainer.keep)
        mean = (paid + _sum(total, right, trainer.group_size - 1)) / trainer.group_size
        kept = (low + TIE < mean) & (mean < high - TIE)  # a mean at an end is dropped
        advantages = np.where(kept, advantages, 0.0)
    # Not every estimator reads the residents' payoffs; the result has a column for each anyway.
    pairs = np.broadcast_to(advantages, (chances.size, own.shape[-1], others.shape[-1]))
    return np.asarray((chances[:, None, None] * pairs).sum(axis=0), dtype=np.float64)


def fitness_among_neighbours(table: Floats, weights: Floats, p: float, trainer: Trainer) -> Floats:
    """E[A] of every level among others that state the levels beside a resident one, (L, L).

    It is for one outcome that all rollouts share, and for a scale that is the standard deviation of
    the others. That scale is 0, and divides nothing, where the others all state one level, which no
    population of training does; so half of them (rounded down) state the level below the resident
    one, and the rest the level above, or the resident level itself at an end of the grid.

    Args:
        table: payoffs of the levels, per component wrong and correct, (C, 2, L), by increasing
            confidence.
        weights: the weights of the components, (C,).
        p: the probability that all are correct.
        trainer: how advantages are computed from the rewards.

    Example:
        >>> brier = np.array([[[0.0, -0.25, -1.0], [-1.0, -0.25, 0.0]]])
        >>> trainer = Trainer(estimator="leave_one_out_std", group_size=3)
        >>> fitness_among_neighbours(brier, np.ones(1), 0.5, trainer)[:, 1].round(3).tolist()
        [0.0, 0.354, 0.0]
    """
    paid = np.tensordot(weights, table, axes=1)
    levels, n = np.arange(paid.shape[1]), trainer.group_size - 1
    below, above = paid[:, np.maximum(levels - 1, 0)], paid[:, np.minimum(levels + 1, levels[-1])]
    low = n // 2
    mean = (low * below + (n - low) * above) / n
    spread = np.abs(above - below) * np.sqrt(low * (n - low) / n / (n - trainer.ddof))
    scale = np.where(spread <= TIE, 1.0, spread + float(trainer.epsilon))
    gaps = (paid[:, :, None] - mean[:, None, :]) / scale[:, None, :]
    if trainer.advantage_clip is not None:
        lowest, highest = map(float, trainer.advantage_clip)
        gaps = np.clip(gaps, lowest, highest)
    return np.asarray(p * gaps[1] + (1 - p) * gaps[0], dtype=np.float64)


def _sum(others: Floats, right: Floats, n: int) -> Floats:
    total: Floats = right * others[1] + (n - right) * others[0]
    return total


def _advantage(paid: Floats, others: Floats, right: Floats, p: float, trainer: Trainer) -> Floats:
    """The advantage of the deviant; a mean of many questions does not depend on one rollout."""
    estimator, size, n = ESTIMATORS[trainer.estimator], trainer.group_size, trainer.group_size - 1
    gap = paid - _sum(others, right, n) / n
    above = {"none": paid, "batch_mean": paid, "leave_one_out": gap, "group_mean": gap * n / size}[
        estimator.baseline
    ]
    if estimator.scale == "none":
        return above
    if estimator.scale == "group_mean":
        mean = (paid + _sum(others, right, n)) / size
        usable = mean > TIE
        return np.where(usable, above / np.where(usable, mean + float(trainer.epsilon), 1.0), 0.0)
    if estimator.scale == "batch_std":
        spread = np.sqrt(p * (1 - p)) * np.abs(others[1] - others[0]) + float(trainer.epsilon)
        # Without spread among the residents any common scale has the same optimum.
        return above / np.where(spread <= TIE, 1.0, spread)
    within = right * (n - right) / n * (others[1] - others[0]) ** 2
    if estimator.scale == "others_std":
        apart = np.sqrt(within / (n - trainer.ddof))
        return above / np.where(apart <= TIE, 1.0, apart + float(trainer.epsilon))
    std = np.sqrt((within + gap**2 * n / size) / (size - trainer.ddof))
    alike = std <= TIE * (1 + np.abs(paid))
    return np.where(alike, 0.0, above / np.where(alike, 1.0, std + float(trainer.epsilon)))
