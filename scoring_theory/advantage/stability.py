r"""Which confidences are stable under an advantage estimator: a prediction of where training ends.

All rollouts of a group state one confidence q (the residents) except one, which states q'. The
*effective advantage* of the deviation is its gain in expected advantage over stating q,

    Delta(q', q) = E[A of q' among G - 1 at q] - E[A of q among G - 1 at q],

computed exactly. A confidence from which no deviation gains is *stable* (evolutionarily stable
where every gain is negative). Training keeps confidence truthful if the grid points nearest to p
are the only stable ones.

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
from scoring_theory.advantage.fitness import TIE, cases, fitness, fitness_among_neighbours
from scoring_theory.advantage.trainers import Outcomes, Trainer, as_trainer, require_outcomes
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_components, as_reward
from scoring_theory.display import in_short, line

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

Components = Sequence[tuple[str, float | Fraction, "Reward"]]
"""Name, weight and reward of each component that a trainer adds up or normalises separately."""


@dataclass(frozen=True)
class EffectiveAdvantage:
    """Effective advantages `Delta[i, j]` of deviating to level i where the others state level j.

    Where the scale is the standard deviation of the others and they share an outcome, the others
    state the levels beside level j: reports that all agree would not be divided at all.

    Attributes:
        levels: the confidence grid, shape (L,).
        matrix: Delta, shape (L, L), zero on the diagonal.
        success_probability: p.
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.

    Example:
        >>> brier = "-(q - c)^2"
        >>> delta = effective_advantage(brier, 0.7, [0, 0.5, 0.7, 1], estimator="group_mean")
        >>> delta.stable.tolist(), delta.best_reply.tolist(), delta.honest
        ([0.7], [0.7, 0.7, 0.7, 0.7], True)
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
        """The gain of the best deviation from each resident level; rounding errors count as 0."""
        gains = self.matrix.max(axis=0)
        return np.where(gains > TIE * (1 + np.abs(self.matrix).max(axis=0)), gains, 0.0)

    @property
    def stable(self) -> Floats:
        """The levels from which no deviation gains (ties are not gains)."""
        stable: Floats = self.levels[self._gains == 0]
        return stable

    @property
    def bias(self) -> Floats:
        """The difference q* - p for every stable level q*."""
        return self.stable - self.success_probability

    @property
    def best_reply(self) -> Floats:
        """The deviation with the largest gain from each resident level, itself where none gains."""
        return np.where(self._gains > 0, self.levels[np.argmax(self.matrix, axis=0)], self.levels)

    @property
    def honest(self) -> bool:
        """Whether every stable level is a grid point nearest to p."""
        distance = np.abs(self.levels - self.success_probability)
        nearest = self.levels[distance <= distance.min() + TIE]
        return bool(self.stable.size) and bool(np.isin(self.stable, nearest).all())

    def __str__(self) -> str:
        """One sentence with the stable confidences."""
        stable = ", ".join(f"{level:g}" for level in self.stable) or "none"
        verdict = "truthful" if self.honest else "not truthful"
        return (
            f"{self.trainer.estimator}, {self.outcomes} outcomes, group size"
            f" {self.trainer.group_size}, p = {self.success_probability:g}: stable confidences"
            f" {stable} ({verdict})"
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
    """The effective advantage of every deviation from every resident level, with error below 1e-11.

        Delta(q', q) = E[A of q' among G - 1 at q] - E[A of q among G - 1 at q]

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue, without free parameters, finite
            on the grid.
        success_probability: p of the answer that all rollouts give.
        levels: at least two confidences.
        estimator: a `Trainer`, or the name of an estimator, a framework or a paper; see `TRAINERS`.
        outcomes: "independent" rollouts, or one outcome for all rollouts with the same answer
            ("by_answer"), which equals "shared" while all give the same answer.
        group_size: G; the trainer's by default.
        epsilon: added to the standard deviation; the trainer's by default.
        components: the components of the reward, which "component_std" needs.

    Raises:
        ValueError: an argument outside its domain, or an infinite payoff on the grid.

    Example:
        >>> from scoring_theory import brier
        >>> levels = [0, 0.25, 0.5, 0.7, 1]
        >>> print(effective_advantage(brier, 0.7, levels, estimator="group_mean"))
        group_mean, independent outcomes, group size 8, p = 0.7: stable confidences 0.7 (truthful)
        >>> print(effective_advantage(brier, 0.7, levels, estimator="grpo", outcomes="shared"))
        group_std, shared outcomes, group size 8, p = 0.7: stable confidences 1 (not truthful)
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
    spread = ESTIMATORS[trainer.estimator].scale == "others_std" and model != "independent"
    if spread and trainer.keeps_every_group:
        expected = fitness_among_neighbours(tables, weights, p, trainer)
    else:
        expected = fitness(tables, tables, weights, p, trainer, cases(p, trainer.group_size, model))
    return EffectiveAdvantage(grid, expected - np.diagonal(expected), p, trainer, model)


def tables_of(
    reward: Reward, grid: Floats, trainer: Trainer, components: Components | None
) -> tuple[Floats, Floats]:
    """The weights (C,) and payoffs (C, 2, L) of the components, or of the reward as a whole.

    Raises:
        ValueError: the estimator needs components and has none, or a payoff is infinite.

    Example:
        >>> weights, tables = tables_of(as_reward("c"), np.array([0.0, 1.0]), Trainer(), None)
        >>> weights.tolist(), tables.tolist()
        ([1.0], [[[0.0, 0.0], [1.0, 1.0]]])
    """
    apart = ESTIMATORS[trainer.estimator].per_component
    if apart and not components:
        raise ValueError(
            f"the estimator {trainer.estimator!r} normalises the components of a reward separately:"
            " give `components` (--component NAME:WEIGHT:FORMULA for each)"
        )
    parts = list(components) if apart and components else [("reward", 1, reward)]
    tables = np.stack([part.table(grid) for _, _, part in parts])
    if trainer.clip is not None:
        tables = np.clip(tables, float(trainer.clip[0]), float(trainer.clip[1]))
    if not np.isfinite(tables).all():
        level = grid[~np.isfinite(tables).all(axis=(0, 1))][0]
        raise ValueError(
            f"advantages need finite payoffs, but a payoff of {reward.text!r} is infinite at q ="
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
    """The smallest G for which every stable confidence is within `bound` of p, at every given p.

    Every size from 2 is tried. The bias need not decrease monotonically in G, so that the result
    says nothing about larger groups.

    Args:
        reward: as in `effective_advantage`.
        success_probability: one p or several.
        bound: the largest accepted |q* - p|, positive.
        estimator: as in `effective_advantage`.
        outcomes: as in `effective_advantage`.
        levels: the confidences that can be stated; 0, 0.1, ..., 1 by default.
        components: as in `effective_advantage`.
        most: the largest G that is tried.

    Returns:
        G, or None if no G up to `most` keeps the bound.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> from scoring_theory import Reward, brier
        >>> smallest_group_size(brier, 0.7, 0.05, estimator="grpo")
        22
        >>> smallest_group_size(brier, 0.7, 0.05, estimator="grpo", outcomes="shared") is None
        True
        >>> rlcr = Reward.parse("c - (q - c)^2")  # on hard questions q = 0 is stable as well
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
        advantages = [
            effective_advantage(
                reward, float(p), grid, estimator=sized, outcomes=outcomes, components=components
            )
            for p in chances
        ]
        return all(at.stable.size and np.abs(at.bias).max() <= bound + TIE for at in advantages)

    return next((size for size in range(2, most + 1) if within(size)), None)
