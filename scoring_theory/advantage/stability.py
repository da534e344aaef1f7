r"""Which confidences are stable under an estimator: the prediction of where training ends.

A population states one confidence, the resident's; a single rollout deviates. The *effective
advantage* of the deviation is what it gains over staying,

    Delta(q', q) = E[A of a rollout at q' among G - 1 at q] - E[A of a rollout at q among G - 1 at
    q],

computed exactly. A level that no deviation invades is *stable* (evolutionarily stable where every
gain is negative); honest training needs the levels nearest to p to be the only stable ones.

Source:
    Bereket and Leskovec 2025, arXiv 2508.11800 (the effect of the group's standard deviation);
    invasion fitness as in Maynard Smith 1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.fitness import TIE, cases, fitness
from scoring_theory.advantage.trainers import Outcomes, Trainer, as_trainer, require_outcomes
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_components, as_reward
from scoring_theory.display import in_short, line

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

Components = Sequence[tuple[str, float | Fraction, "Reward"]]
"""Name, weight and reward of each part that a trainer handles on its own."""


@dataclass(frozen=True)
class EffectiveAdvantage:
    """Effective advantages D[i, j] of deviating to level i in a population at level j, and what they imply.

    Attributes:
        levels: the confidence grid, shape (L,).
        matrix: D, shape (L, L), zero on the diagonal.
        success_probability: p.
        trainer: what is made of the rewards.
        outcomes: how outcomes within a group hang together.
    """

    levels: Floats
    matrix: Floats
    success_probability: float
    trainer: Trainer
    outcomes: Outcomes

    def __repr__(self) -> str:
        trainer, stable = (
            self.trainer.name or self.trainer.estimator,
            in_short(tuple(self.stable.tolist())),
        )
        facts = f"{self.outcomes} outcomes", f"p={self.success_probability:.4g}", f"stable={stable}"
        return line("EffectiveAdvantage", repr(trainer), *facts)

    @property
    def _gains(self) -> Floats:
        """What the best deviation gains over each resident level; rounding counts as nothing."""
        gains = self.matrix.max(axis=0)
        return np.where(gains > TIE * (1 + np.abs(self.matrix).max(axis=0)), gains, 0.0)

    @property
    def stable(self) -> Floats:
        """Levels that no other level invades (ties do not invade)."""
        kept: Floats = self.levels[self._gains == 0]
        return kept

    @property
    def bias(self) -> Floats:
        """q* - p for every stable level q*."""
        return self.stable - self.success_probability

    @property
    def best_reply(self) -> Floats:
        """For each resident level, the deviation that gains most (the resident itself where none gains)."""
        return np.where(self._gains > 0, self.levels[np.argmax(self.matrix, axis=0)], self.levels)

    @property
    def honest(self) -> bool:
        """Whether every stable level is as near to p as the grid allows."""
        distance = np.abs(self.levels - self.success_probability)
        nearest = self.levels[distance <= distance.min() + TIE]
        return bool(self.stable.size) and bool(np.isin(self.stable, nearest).all())

    def __str__(self) -> str:
        """One sentence for a report."""
        found = ", ".join(f"{level:g}" for level in self.stable) or "none"
        verdict = "honest" if self.honest else "not honest"
        return (
            f"{self.trainer.estimator}, {self.outcomes} outcomes, group size"
            f" {self.trainer.group_size}, p = {self.success_probability:g}: stable confidences"
            f" {found} ({verdict})"
        )


def effective_advantage(
    reward: RewardLike,
    success_probability: float,
    levels: ArrayLike,
    *,
    estimator: str | Trainer,
    outcomes: Outcomes = "independent",
    group_size: int | None = None,
    epsilon: float | Fraction | None = None,
    components: ComponentsLike | None = None,
) -> EffectiveAdvantage:
    """Effective advantages of every deviation from every resident level, exact up to rounding (error below 1e-11).

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue, without free parameters, finite
            on the grid.
        success_probability: p of the answer that everyone gives.
        levels: at least two confidences.
        estimator: a `Trainer`, or the name of an estimator, a framework or a paper; see `TRAINERS`.
        outcomes: "independent" rollouts; one outcome for all who give an answer ("by_answer"),
            which is the same as "shared" while everyone gives the same answer.
        group_size: G, if not the trainer's.
        epsilon: added to the standard deviation, if not the trainer's.
        components: parts of the reward, which "component_std" needs.

    Raises:
        ValueError: an argument outside its domain, or an infinite payoff on the grid.

    Example:
        >>> from scoring_theory import brier
        >>> print(effective_advantage(brier, 0.7, [0, 0.25, 0.5, 0.7, 1], estimator="group_mean"))
        group_mean, independent outcomes, group size 8, p = 0.7: stable confidences 0.7 (honest)
        >>> print(effective_advantage(brier, 0.7, [0, 0.25, 0.5, 0.7, 1], estimator="grpo", outcomes="shared"))
        group_std, shared outcomes, group size 8, p = 0.7: stable confidences 1 (not honest)
    """
    p = float(success_probability)
    if not 0 <= p <= 1:
        raise ValueError(f"`success_probability` must lie in [0, 1], got {p}")
    trainer = as_trainer(estimator, group_size=group_size, epsilon=epsilon)
    model = require_outcomes(outcomes)
    grid = np.asarray(levels, dtype=np.float64)
    if grid.size < 2:
        raise ValueError(f"`levels` must hold at least two confidences, got {grid.size}")
    parts = None if components is None else as_components(components)
    weights, tables = tables_of(as_reward(reward), grid, trainer, parts)
    found = fitness(tables, tables, weights, p, trainer, cases(p, trainer.group_size, model))
    return EffectiveAdvantage(grid, found - np.diagonal(found), p, trainer, model)


def tables_of(
    reward: Reward, grid: Floats, trainer: Trainer, components: Components | None
) -> tuple[Floats, Floats]:
    """Weights (C,) and payoff tables (C, 2, L) of what the trainer handles apart: the components, or the reward."""
    apart = ESTIMATORS[trainer.estimator].per_component
    if apart and not components:
        raise ValueError(
            f"the estimator {trainer.estimator!r} normalises the parts of a reward: give its"
            " `components`"
        )
    parts = list(components) if apart and components else [("reward", 1, reward)]
    tables = np.stack([part.table(grid) for _, _, part in parts])
    if trainer.clip is not None:
        tables = np.clip(tables, float(trainer.clip[0]), float(trainer.clip[1]))
    if not np.isfinite(tables).all():
        level = grid[~np.isfinite(tables).all(axis=(0, 1))][0]
        raise ValueError(
            f"advantages need finite payoffs, but {reward.text!r} pays an infinite one at q ="
            f" {level:g}"
        )
    return np.array([float(weight) for _, weight, _ in parts]), tables


def smallest_group_size(
    reward: RewardLike,
    success_probability: ArrayLike,
    bound: float,
    *,
    estimator: str | Trainer,
    outcomes: Outcomes = "independent",
    levels: ArrayLike | None = None,
    components: ComponentsLike | None = None,
    most: int = 512,
) -> int | None:
    """The least G at which every stable confidence is within `bound` of p, for every p; None if none up to `most`.

    Every size is tried, from 2 up. The bias need not fall with every step of G, so nothing is said
    of larger groups.

    Args:
        reward: without free parameters, finite on the grid.
        success_probability: one p or several.
        bound: the largest |q* - p| allowed, positive.
        estimator: as in `effective_advantage`.
        outcomes: as in `effective_advantage`.
        levels: the confidences that can be stated; 11 from 0 to 1 unless given.
        components: as in `effective_advantage`.
        most: where the search ends.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> from scoring_theory import Reward, brier
        >>> smallest_group_size(brier, 0.7, 0.05, estimator="grpo")
        22
        >>> smallest_group_size(brier, 0.7, 0.05, estimator="grpo", outcomes="shared") is None
        True
        >>> rlcr = Reward.parse("c - (q - c)^2")  # on hard questions q = 0 stays stable beside the truth
        >>> smallest_group_size(rlcr, 0.3, 0.05, estimator="grpo") is None
        True
    """
    if not bound > 0:
        raise ValueError(f"`bound` must be positive, got {bound}")
    reward, trainer, chances = (
        as_reward(reward),
        as_trainer(estimator),
        np.atleast_1d(np.asarray(success_probability, dtype=np.float64)),
    )
    if not chances.size:
        raise ValueError("`success_probability` must hold at least one p, got none")
    grid = np.linspace(0, 1, 11) if levels is None else np.asarray(levels, dtype=np.float64)

    def within(size: int) -> bool:
        sized = replace(trainer, group_size=size)
        found = [
            effective_advantage(
                reward, float(p), grid, estimator=sized, outcomes=outcomes, components=components
            )
            for p in chances
        ]
        return all(one.stable.size and np.abs(one.bias).max() <= bound + TIE for one in found)

    return next((size for size in range(2, most + 1) if within(size)), None)
