r"""What an advantage estimator makes of a reward: the optimiser follows E[A], not R (DESIGN section 2.7).

A population states one confidence, the resident's; a single rollout deviates. The *effective advantage* of the
deviation is what it gains over staying,

    D(q', q) = E[A of a rollout at q' among G - 1 at q] - E[A of a rollout at q among G - 1 at q],

computed exactly: the sum runs over the outcome of the deviant and the binomial number of correct residents. A level
that no deviation invades is *stable*; honest training needs the level nearest to p to be the only stable one.

Source:
    Bereket and Leskovec 2025, arXiv 2508.11800 (the effect of the group's standard deviation); invasion fitness as in
    Maynard Smith 1982.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

Estimator = Literal["none", "group_mean", "leave_one_out", "group_std", "batch_std"]
Outcomes = Literal["independent", "shared"]
_TIE = 1e-12


@dataclass(frozen=True)
class EffectiveAdvantage:
    """Effective advantages D[i, j] of deviating to level i in a population at level j, and what they imply.

    Attributes:
        levels: the confidence grid, shape (L,).
        matrix: D, shape (L, L), zero on the diagonal.
        success_probability: p.
        estimator: which advantage.
        outcomes: "independent", or "shared" by the whole group.
        group_size: G.
    """

    levels: Floats
    matrix: Floats
    success_probability: float
    estimator: Estimator
    outcomes: Outcomes
    group_size: int

    @property
    def _gains(self) -> Floats:
        """What the best deviation gains over each resident level; rounding counts as nothing."""
        gains = self.matrix.max(axis=0)
        return np.where(gains > _TIE * (1 + np.abs(self.matrix).max(axis=0)), gains, 0.0)

    @property
    def stable(self) -> Floats:
        """Levels that no other level invades (ties do not invade)."""
        kept: Floats = self.levels[self._gains == 0]
        return kept

    @property
    def best_reply(self) -> Floats:
        """For each resident level, the deviation that gains most (the resident itself where none gains)."""
        return np.where(self._gains > 0, self.levels[np.argmax(self.matrix, axis=0)], self.levels)

    @property
    def honest(self) -> bool:
        """Whether every stable level is as near to p as the grid allows."""
        distance = np.abs(self.levels - self.success_probability)
        nearest = self.levels[distance <= distance.min() + _TIE]
        return bool(self.stable.size) and bool(np.isin(self.stable, nearest).all())

    def __str__(self) -> str:
        """One sentence for a report."""
        found = ", ".join(f"{level:g}" for level in self.stable) or "none"
        verdict = "honest" if self.honest else "not honest"
        return (
            f"{self.estimator}, {self.outcomes} outcomes, group size {self.group_size},"
            f" p = {self.success_probability:g}: stable confidences {found} ({verdict})"
        )


def effective_advantage(
    reward: Reward,
    success_probability: float,
    levels: ArrayLike,
    *,
    estimator: Estimator,
    outcomes: Outcomes = "independent",
    group_size: int = 8,
    epsilon: float = 0.0,
) -> EffectiveAdvantage:
    """Effective advantages of every deviation from every resident level, exact up to rounding.

        none            A_i = r_i                       group_mean     A_i = r_i - mean(r)
        leave_one_out   A_i = r_i - mean of the others  group_std      A_i = (r_i - mean(r)) / (std(r) + epsilon)
        batch_std       A_i = (r_i - mean(r)) / (std of the rewards of infinitely many groups + epsilon)

    with the standard deviation over G - 1 (as in torch); A = 0 where a group pays everyone alike.

    Args:
        reward: without free parameters, finite on the grid.
        success_probability: p of the answer that everyone gives.
        levels: at least two confidences.
        estimator: one of the five.
        outcomes: "independent" rollouts, or one outcome "shared" by the group (forecasting, or a settled policy).
        group_size: G >= 2.
        epsilon: added to the standard deviation.

    Raises:
        ValueError: an argument outside its domain, or an infinite payoff on the grid.

    Example:
        >>> from scoring_theory import brier
        >>> print(effective_advantage(brier, 0.7, [0, 0.25, 0.5, 0.7, 1], estimator="group_mean"))
        group_mean, independent outcomes, group size 8, p = 0.7: stable confidences 0.7 (honest)
        >>> print(effective_advantage(brier, 0.7, [0, 0.25, 0.5, 0.7, 1], estimator="group_std", outcomes="shared"))
        group_std, shared outcomes, group size 8, p = 0.7: stable confidences 1 (not honest)
    """
    _require(success_probability, estimator, outcomes, group_size, epsilon)
    grid = np.asarray(levels, dtype=np.float64)
    payoffs = reward.table(grid)
    if grid.size < 2:
        raise ValueError(f"`levels` must hold at least two confidences, got {grid.size}")
    if not np.isfinite(payoffs).all():
        level = grid[~np.isfinite(payoffs).all(axis=0)][0]
        raise ValueError(f"advantages need finite payoffs, but {reward.text!r} pays an infinite one at q = {level:g}")
    fitness = _fitness(payoffs, success_probability, _ESTIMATORS[estimator], outcomes, group_size, epsilon)
    matrix = fitness - np.diagonal(fitness)
    return EffectiveAdvantage(grid, matrix, success_probability, estimator, outcomes, group_size)


def _require(p: float, estimator: str, outcomes: str, group_size: int, epsilon: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"`success_probability` must lie in [0, 1], got {p}")
    choices = (("estimator", estimator, get_args(Estimator)), ("outcomes", outcomes, get_args(Outcomes)))
    for name, value, allowed in choices:
        if value not in allowed:
            raise ValueError(f"`{name}` must be one of {', '.join(allowed)}, got {value!r}")
    if group_size < 2:
        raise ValueError(f"`group_size` must be at least 2, got {group_size}")
    if not 0 <= epsilon < np.inf:
        raise ValueError(f"`epsilon` must be nonnegative and finite, got {epsilon}")


Scale = Callable[["Floats", "Floats", "Floats", float], "Floats"]


def _fitness(payoffs: Floats, p: float, estimate: Scale, outcomes: str, size: int, epsilon: float) -> Floats:
    """E[A of the deviant], shape (deviant level, resident level): a sum over all outcomes of the group."""
    spread = np.sqrt(p * (1 - p)) * np.abs(payoffs[1] - payoffs[0])[None, :]
    total = np.zeros((payoffs.shape[1], payoffs.shape[1]))
    for own, right, weight in _outcomes(p, outcomes, size):
        deviant = payoffs[own][:, None]
        share = right / (size - 1)
        mean = (share * payoffs[1] + (1 - share) * payoffs[0])[None, :]
        within = (size - 1) * share * (1 - share) * ((payoffs[1] - payoffs[0]) ** 2)[None, :]
        gap = deviant - mean  # over the mean of the G - 1 others
        std = np.sqrt((within + gap**2 * (size - 1) / size) / (size - 1))
        total += weight * estimate(deviant, gap, np.stack(np.broadcast_arrays(std, spread)), epsilon)
    return total * _shrink(estimate, size)


def _outcomes(p: float, outcomes: str, size: int) -> list[tuple[int, int, float]]:
    """(deviant correct?, correct residents, probability)."""
    sides = ((1, p), (0, 1 - p))
    if outcomes == "shared":
        return [(own, own * (size - 1), chance) for own, chance in sides]
    binomial = [comb(size - 1, k) * p**k * (1 - p) ** (size - 1 - k) for k in range(size)]
    return [(own, k, chance * binomial[k]) for own, chance in sides for k in range(size)]


def _divided(gap: Floats, std: Floats, epsilon: float) -> Floats:
    divisor = std + epsilon
    tiny = std <= _TIE * (1 + np.abs(gap))
    return np.where(tiny, 0.0, gap / np.where(tiny, 1.0, divisor))


def _none(reward: Floats, gap: Floats, stds: Floats, epsilon: float) -> Floats:
    return reward + 0 * gap


def _leave_one_out(reward: Floats, gap: Floats, stds: Floats, epsilon: float) -> Floats:
    return gap


def _group_mean(reward: Floats, gap: Floats, stds: Floats, epsilon: float) -> Floats:
    return gap


def _group_std(reward: Floats, gap: Floats, stds: Floats, epsilon: float) -> Floats:
    return _divided(gap, stds[0], epsilon)


def _batch_std(reward: Floats, gap: Floats, stds: Floats, epsilon: float) -> Floats:
    alike = stds[1] + epsilon <= _TIE * (1 + np.abs(reward))
    return gap / np.where(alike, 1.0, stds[1] + epsilon)  # no spread among residents: any common scale will do


_ESTIMATORS: dict[str, Scale] = {
    "none": _none, "leave_one_out": _leave_one_out, "group_mean": _group_mean,
    "group_std": _group_std, "batch_std": _batch_std,
}  # fmt: skip


def _shrink(estimate: Scale, size: int) -> float:
    """The group mean includes the rollout itself, so that r - mean is (G - 1)/G of its distance to the others."""
    return (size - 1) / size if estimate in (_group_mean, _group_std, _batch_std) else 1.0
