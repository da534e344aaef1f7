"""Graded scores: RLCR as written prefers a sure score, its affine extension the larger mean.

Let a verifier give a score s between 0 and 1, with mean m. RLCR as written for outcomes of 0 and 1,
s - lam (q - s)^2, is best at q = m, where it is worth

    V = m - lam Var(s),

so that a sure score may earn more than a larger mean that varies, at any lam > 0. Its affine
extension s - lam (s (1 - q)^2 + (1 - s) q^2), the same for outcomes of 0 and 1, is worth
m - lam m (1 - m), which depends on the mean alone and rises with it for lam <= 1.

    >>> boundary()  # s = 0.3 for sure against 0 or 1 evenly
    0.8
    >>> reward_of_scores(1.0, affine=False).max(axis=1).round(2).tolist()
    [0.3, 0.25]
    >>> reward_of_scores(1.0, affine=True).max(axis=1).round(2).tolist()
    [0.09, 0.25]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.compared import compared
from simulations.laboratory.system import (
    Conditions,
    Knob,
    System,
    SystemOutcome,
    as_cells,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups
from simulations.signals.training import mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_SURE, _EVEN = 0, 1
_MEANS, _VARIANCES = np.array([0.3, 0.5]), np.array([0.0, 0.25])
"""Answer 0 has the score 0.3 for sure; answer 1 has 0 or 1 evenly."""
_LEVELS, _RATE, _GROUP = 11, 0.25, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)


def boundary() -> float:
    """The weight of the Brier score above which RLCR as written prefers the smaller mean.

        V = m - lam Var(s), so lam = (m_1 - m_0) / (Var_1 - Var_0)

    Example:
        >>> boundary()
        0.8
    """
    return float((_MEANS[_EVEN] - _MEANS[_SURE]) / (_VARIANCES[_EVEN] - _VARIANCES[_SURE]))


def reward_of_scores(weight: float, *, affine: bool) -> FloatArray:
    """The expected reward of each answer with each level, (2, L).

    Args:
        weight: lam of s - lam (q - s)^2.
        affine: whether it is the affine extension, s - lam (s (1 - q)^2 + (1 - s) q^2).

    Example:
        >>> reward_of_scores(1.0, affine=True).max(axis=1).round(3).tolist()  # m^2
        [0.09, 0.25]
    """
    m = _MEANS[:, None]
    spread = m * (1 - m) if affine else _VARIANCES[:, None]
    return np.asarray(m - weight * ((_GRID - m) ** 2 + spread))


def _scores(groups: Groups, rng: np.random.Generator) -> FloatArray:
    coin = (rng.random(groups.answers.shape) < 0.5).astype(np.float64)
    return np.where(groups.answers == _EVEN, coin, _MEANS[_SURE])


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(200, 600), conditions.steps(400, 800)
    rate, without, weight = conditions.rate(_RATE), conditions.without, conditions["weight"]
    start = StatedPolicy(np.full((1, 1, 2), 0.5), np.full((1, 1, 2, _LEVELS), 1 / _LEVELS), _GRID)
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))

    def signal(groups: Groups) -> FloatArray:
        s, q = _scores(groups, rng), _GRID[groups.levels]
        loss = s * (1 - q) ** 2 + (1 - s) * q**2 if without else (q - s) ** 2
        return np.asarray(s - weight * loss)

    trained = train(
        start,
        np.zeros((1, 2)),
        signal,
        confidence_signal=signal,
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    paid = reward_of_scores(weight, affine=without)[None, None]
    limit = mean_field(
        start, lambda _: paid, learning_rate=rate, steps=steps, shrink=1 - 1 / _GROUP
    )
    finding, panel = compared(
        "change of the share of the answer with the larger mean score",
        trained,
        limit,
        lambda policy: policy.answer[:, 0, _EVEN],
        bias=0.15 * rate,
        title="Share of the better answer",
        y_label="Probability",
    )
    rows = []
    for each in (0.25, 0.5, 0.8, 1.0):
        values = [reward_of_scores(each, affine=affine).max(axis=1) for affine in (False, True)]
        rows.append((f"{each:g}", *as_cells([x for pair in values for x in pair])))
    return SystemOutcome(
        name="soft-verifier",
        without=without,
        findings=(finding,),
        boundary=(
            f"RLCR as written prefers the sure score of 0.3 to a mean of 0.5 for weights above"
            f" {boundary():g}; its affine extension at no weight up to 1."
        ),
        head=(
            "weight",
            "as written: sure 0.3",
            "as written: 0 or 1 evenly",
            "affine: sure 0.3",
            "affine: 0 or 1 evenly",
        ),
        rows=tuple(rows),
        panels=(panel,),
        runs=runs,
    )


SOFT_VERIFIER = System(
    name="soft-verifier",
    story=(
        "A verifier gives scores in [0, 1]. One answer has the score 0.3 for sure, the other 0 or 1"
        " evenly, with the larger mean 0.5. RLCR as written, s - (q - s)^2, earns the mean minus"
        " the variance of the score, 0.30 against 0.25, and teaches the worse answer."
    ),
    switch="the reward is the affine extension, s - (s (1 - q)^2 + (1 - s) q^2)",
    source="Damani et al. 2025 (RLCR), arXiv 2507.16806, for outcomes of 0 and 1; docs/theory.md,"
    " Theorem 39",
    verdict=(
        "Agrees for outcomes of 0 and 1; for scores between them the formula loses joint optimality"
        " at every positive weight, which the paper does not consider."
    ),
    show=_show,
    knobs=(Knob("weight", 1.0, 0.0, 1.0, "the weight of the Brier score"),),
)
