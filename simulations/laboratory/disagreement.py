"""Annotators disagree: correct/incorrect loses the spread, a proper score keeps it.

The annotators' answers are drawn from p over K answers. A model gives an answer a and states a
distribution q over all K. Correct/incorrect pays [a = y]: its optimum is the mode for certain, at
a distance of |p - e_mode|^2 from p, and no q earns more. With the K-class Brier score added,

    R = [a = y] - lam |q - e_y|^2,   E R = p_a - lam (|q - p|^2 + 1 - |p|^2)

is largest at q = p for every lam > 0, and the answer is still the mode. A model that states m
answers with a confidence each, and is paid the sum of RLCR over them, earns

    sum over its answers of   p_j - lam (p_j (1 - p_j) + (q_j - p_j)^2)

Its best confidences are the p_j too, and its best set is the m most frequent answers for lam <= 1;
answer i is replaced by a rarer j if lam > 1 / (1 - p_i - p_j).

    >>> p = annotators(0.6)
    >>> p.round(2).tolist()
    [0.6, 0.28, 0.08, 0.04]
    >>> round(float(((p - np.eye(4)[0]) ** 2).sum()), 3)  # samples, after correct/incorrect
    0.246
    >>> [round(distance_of_stated(p, m), 3) for m in (1, 2, 3)]  # m answers with confidences
    [0.033, 0.001, 0.0]
    >>> round(replacing_weight(p, 1, 2), 3)  # p = 0.28 and 0.08
    1.562
"""

from __future__ import annotations

from functools import partial
from itertools import combinations, product
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.multiclass import BRIER
from simulations.laboratory.compared import Asked, compared
from simulations.laboratory.system import (
    Conditions,
    Knob,
    System,
    SystemOutcome,
    as_cells,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, Signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS, _PARTS, _GROUP, _RATE = 4, 5, 16, 0.5
_REST = np.array([0.7, 0.2, 0.1])
"""How the annotators who do not give the most frequent answer share the others."""
_POINTS = np.array(
    [point for point in product(range(_PARTS + 1), repeat=_ANSWERS) if sum(point) == _PARTS]
) / float(_PARTS)
"""The distributions that can be stated, (L, K)."""
_PAIRS = np.array(list(combinations(range(_ANSWERS), 2)))
_STATED = np.array(list(product(np.arange(_PARTS + 1) / _PARTS, repeat=2)))
"""The two confidences that can be stated for a pair of answers, (36, 2)."""
_AGREEMENTS = (0.4, 0.5, 0.6, 0.8, 0.95)


def annotators(agreement: float) -> FloatArray:
    """The distribution of the annotators' answers, the most frequent first, (K,)."""
    return np.array([agreement, *((1 - agreement) * _REST)])


def distance_of_stated(p: FloatArray, m: int) -> float:
    """|p - q|^2, if the m most frequent answers have their p and the others share the rest evenly.

    Args:
        p: the distribution of the annotators, (K,).
        m: the number of answers that are stated with their confidences.
    """
    rest = np.sort(p)[: p.size - m]
    return float(((rest - rest.mean()) ** 2).sum()) if rest.size else 0.0


def replacing_weight(p: FloatArray, often: int, rarely: int) -> float:
    """The weight above which a stated set earns more with the rarer of two answers.

    Args:
        p: the distribution of the annotators, (K,).
        often: the answer that is given more often.
        rarely: the other one.
    """
    rest = 1 - float(p[often] + p[rarely])
    return 1 / rest if rest > 1e-12 else inf


def distribution_reward(p: FloatArray, weight: float) -> FloatArray:
    """The expected reward of each answer with each stated distribution, (K, L).

    Args:
        p: the distribution of the annotators, (K,).
        weight: lam; 0 is correct/incorrect.
    """
    return np.asarray(p[:, None] + weight * BRIER.expected_score(p, _POINTS))


def pair_reward(p: FloatArray, weight: float) -> FloatArray:
    """The expected reward of each pair of answers with each pair of confidences, (6, 36).

    Args:
        p: the distribution of the annotators, (K,).
        weight: lam; 0 is correct/incorrect.
    """
    chance = p[_PAIRS][:, None]
    loss = chance * (1 - _STATED) ** 2 + (1 - chance) * _STATED**2
    return np.asarray((chance - weight * loss).sum(axis=-1))


def _drawn(p: FloatArray, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Which answer an annotator gives to each rollout, one-hot, (..., K)."""
    return np.asarray(rng.multinomial(1, p, size=shape), dtype=np.float64)


def _of_distributions(p: FloatArray, weight: float, rng: np.random.Generator) -> Signal:
    def signal(groups: Groups) -> FloatArray:
        truth = _drawn(p, groups.answers.shape, rng)
        right = np.take_along_axis(truth, groups.answers[..., None], axis=-1)[..., 0]
        score = (BRIER.score(_POINTS)[groups.levels] * truth).sum(axis=-1)
        return np.asarray(right + weight * score)

    return signal


def _of_pairs(p: FloatArray, weight: float, rng: np.random.Generator) -> Signal:
    def signal(groups: Groups) -> FloatArray:
        truth = _drawn(p, groups.answers.shape, rng)
        right = np.take_along_axis(truth, _PAIRS[groups.answers], axis=-1)
        return np.asarray((right - weight * (_STATED[groups.levels] - right) ** 2).sum(axis=-1))

    return signal


def _flat(answers: int, levels: int) -> StatedPolicy:
    return StatedPolicy(
        np.full((1, 1, answers), 1 / answers),
        np.full((1, 1, answers, levels), 1 / levels),
        np.arange(float(levels)),
    )


def _same(table: FloatArray, _: StatedPolicy) -> FloatArray:
    return table


def _expected(policy: StatedPolicy, of_each: FloatArray) -> FloatArray:
    """The expectation of a table of answers and levels, (R,)."""
    return np.asarray((policy.joint[:, 0] * of_each).sum(axis=(-1, -2)))


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(40, 120), conditions.steps(800, 1200)
    rate, agreement = conditions.rate(_RATE), conditions["agreement"]
    weight = 0.0 if conditions.without else conditions["weight"]
    p = annotators(agreement)
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))
    worlds = (
        (_flat(_ANSWERS, len(_POINTS)), _of_distributions, distribution_reward(p, weight)),
        (_flat(len(_PAIRS), len(_STATED)), _of_pairs, pair_reward(p, weight)),
    )
    trained, limits = [], []
    for start, made, paid in worlds:
        table, signal = paid[None, None], made(p, weight, rng)
        trained.append(
            train(
                start,
                np.zeros((1, start.answer.shape[-1])),
                signal,
                confidence_signal=signal,
                runs=runs,
                group_size=_GROUP,
                learning_rate=rate,
                steps=steps,
                seed=conditions.seed,
            )
        )
        limits.append(
            mean_field(
                start,
                partial(_same, table),
                learning_rate=rate,
                steps=steps,
                shrink=1 - 1 / _GROUP,
            )
        )
    far = ((_POINTS - p) ** 2).sum(axis=-1)
    off = ((_STATED - p[_PAIRS][:, None]) ** 2).sum(axis=-1)
    right = p[_PAIRS].sum(axis=1)
    answers, pairs = ((trained[i], limits[i]) for i in (0, 1))
    asked: tuple[tuple[str, tuple[Trained, Trained], Asked, float, str, str], ...] = (
        (
            "change of the distance |p - q|^2 of the stated distribution",
            answers,
            lambda policy: _expected(policy, far),
            0.05,
            "Stated distribution",
            "|p - q|^2",
        ),
        (
            "change of how often two sampled answers differ",
            answers,
            lambda policy: 1 - (policy.answer[:, 0] ** 2).sum(axis=-1),
            0.004,
            "Sampled answers",
            "P(two differ)",
        ),
        (
            "two answers with confidences: change of the distance",
            pairs,
            lambda policy: _expected(policy, off),
            0.05,
            "Two answers",
            "|p - q|^2",
        ),
        (
            "two answers: change of the chance that one is right",
            pairs,
            lambda policy: policy.answer[:, 0] @ right,
            0.002,
            "Two answers",
            "P(one is right)",
        ),
    )
    measured = [
        compared(label, *made, of, bias=bias * rate, title=title, y_label=y_label)
        for label, made, of, bias, title, y_label in asked
    ]
    return SystemOutcome(
        name="disagreement",
        without=conditions.without,
        findings=tuple(finding for finding, _ in measured),
        boundary=_boundary(p, without=conditions.without),
        head=(
            "agreement",
            "annotators: P(two differ)",
            "|p - q|^2: samples, correct/incorrect",
            "one answer with confidence",
            "two answers",
            "distribution",
        ),
        rows=tuple(_row(each) for each in sorted({*_AGREEMENTS, agreement})),
        panels=tuple(panel for _, panel in measured),
        runs=runs,
    )


def _row(agreement: float) -> tuple[str, ...]:
    p = annotators(agreement)
    lost = float(((p - np.eye(_ANSWERS)[0]) ** 2).sum())
    kept = [distance_of_stated(p, m) for m in (1, 2, _ANSWERS)]
    return f"{agreement:g}", *as_cells([float(1 - (p**2).sum()), lost, *kept])


def _boundary(p: FloatArray, *, without: bool) -> str:
    lost = float(((p - np.eye(_ANSWERS)[0]) ** 2).sum())
    if without:
        return (
            f"Under correct/incorrect samples end at |p - q|^2 = {lost:.3f}, which is 0 only where"
            " all annotators agree, and no stated distribution earns more than another."
        )
    honest, weight = (
        "A distribution is stated best by q = p at every positive weight.",
        replacing_weight(p, 1, 2),
    )
    if p[1] == p[2]:
        return f"{honest} All annotators agree, so that the second of two answers is never right."
    return (
        f"{honest} Two answers with confidences are the two most frequent ones up to a weight of"
        f" {weight:.3g}."
    )


DISAGREEMENT = System(
    name="disagreement",
    story=(
        "Annotators give different answers to one question. A model answers and states a"
        " distribution over four answers, and is paid for agreeing with a random annotator plus the"
        " Brier score of the distribution. The same world pays two answers with a confidence each."
    ),
    switch="correct/incorrect alone is paid",
    source=(
        "Ni et al. 2025 (annotators), arXiv 2506.19467; Puri et al. 2026 (several answers), arXiv"
        " 2603.24844; docs/theory.md, Theorem 14"
    ),
    verdict=(
        "Agrees that training on one correct answer loses the disagreement of annotators, and that"
        " several answers with confidences keep it. A stated distribution is not pushed away from"
        " it: correct/incorrect pays all alike; the sampled answers lose it."
    ),
    show=_show,
    knobs=(
        Knob("agreement", 0.6, 0.4, 1.0, "the share of the most frequent answer"),
        Knob("weight", 1.0, 0.05, 4.0, "the weight of the Brier score"),
    ),
)
