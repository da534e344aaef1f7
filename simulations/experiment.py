"""The description of an experiment, which determines its result completely."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.catalogue.coercion import as_components, as_reward
from scoring_theory.display import line, shortened
from scoring_theory.reward import Reward
from simulations.agents.agent import Agent, require_supported
from simulations.agents.tabular import Tabular
from simulations.signals.base import TrainingSignal
from simulations.signals.named import as_signal
from simulations.signals.stepping import TrainsWithSignals
from simulations.training import LearningRule, unit_payoffs
from simulations.training.learning_rule import require_whole
from simulations.worlds import Outcomes, World, drifted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulations.training.kernels import FloatArray

KeepPolicy = Literal["none", "last", "ends", "all"]
CLIP = 1e-4
LEGS = 100


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment: train one kind of agent with one reward in one world, in several replicates.

    Args:
        reward: The reward: a `Reward`, a formula or a name of the catalogue, without free
            parameters.
        agent: The agent.
        world: The world of training, in which the agent is also measured in distribution.
        elsewhere: The world in which the agent is measured out of distribution; it has the same
            questions in the same order, or, for an agent that generalises, as many answers.
        name: The name of the reward in figures; by default its own name or its formula.
        training: The learning rule. For the update "replicator", payoffs are mapped onto [0, 1].
        steps: Number of training steps, at least 1.
        replicates: Number of independent runs, at least 1, each with its own random stream.
        seed: Seed of all random streams, 0 or more; experiments with the same seed use the same
            streams, replicate by replicate (common random numbers).
        checkpoints: The steps at which the agent is measured, ascending; or their number, 2 or
            more, evenly spaced from 0 to `steps`.
        floor: The value that replaces a payoff of -inf. By default it is the reward at a distance
            of 1e-4 from that end of the confidence scale. The record lists all replacements.
        components: Name, weight and reward of each component, for an estimator of components such
            as "component_std"; they must add up to `reward`. The weights become the `shares` of
            `training`.
        drifts_to: The truth of `world` at the end of training; None if it does not change. It
            changes in 100 intervals, the first with `world`, the last with `drifts_to`; the metrics
            in distribution use the world of the current interval.
        keep_policy: At which checkpoints the record keeps the policy, see `Record.policy`: "none",
            "last", "ends" (the first and the last) or "all". A tabular policy needs 200 kB for each
            replicate and checkpoint.
        signal: What takes the place of the verdict, or is added to the reward: a signal of
            `simulations.signals.SIGNALS` or its name; None: the verdict of the world, which the
            fast kernels train with. `expected_run` follows its exact expected update.

    Raises:
        ValueError: If a number is outside its domain, the agent does not support the learning rule,
            the worlds do not match, or the verifier of `world` errs: pass `world.as_paid()` to
            train with the verifier.

    Example:
        >>> from simulations import Tabular, bank
        >>> Experiment(reward="rlcr", agent=Tabular(), world=bank(), elsewhere=bank(shift=1.0))
        Experiment('RLCR', tabular, group_mean, steps=1000, replicates=16)
    """

    reward: Reward
    agent: Agent
    world: World
    elsewhere: World
    name: str = ""
    training: LearningRule = field(default_factory=LearningRule)
    steps: int = 1000
    replicates: int = 16
    seed: int = 0
    checkpoints: int | tuple[int, ...] = 21
    floor: float | None = None
    components: tuple[tuple[str, float, Reward], ...] = ()
    drifts_to: World | None = None
    keep_policy: KeepPolicy = "none"
    signal: TrainingSignal | None = None

    def __post_init__(self) -> None:
        self._require_parts()
        if self.components:
            shares = tuple(weight for _, weight, _ in self.components)
            object.__setattr__(self, "training", replace(self.training, shares=shares))
        if not np.array_equal(self.world.paid_probability, self.world.success_probability):
            raise ValueError(
                "the verifier of `world` errs; pass `world=world.as_paid()` to train with the"
                " verifier and `elsewhere=world` to measure the truth"
            )
        if self.drifts_to is not None:
            _ = drifted(self.world, self.drifts_to, time=1.0)  # checks that the worlds match
        self._require_worlds_alike()
        self._require_counts()
        require_supported(self.agent, self.training)
        if self.signal is not None:
            self._require_trainable_with_a_signal()
        if bool(self.components) != self.training.per_component:
            known = " or ".join(
                f'"{name}"' for name, one in ESTIMATORS.items() if one.per_component
            )
            raise ValueError(
                f"`components` and the estimator {known} need each other, got"
                f' "{self.training.estimator}"'
            )
        if self.keep_policy not in get_args(KeepPolicy):
            raise ValueError(
                f'`keep_policy` must be "none", "last", "ends" or "all", got {self.keep_policy!r}'
            )
        if self.floor is not None and not np.isfinite(self.floor):
            raise ValueError(f"`floor` must be a finite number, got {self.floor}")

    def __repr__(self) -> str:
        name = self.name or self.reward.name or self.reward.text
        facts = (
            self.agent.kind,
            self.training.estimator,
            f"steps={self.steps}",
            f"replicates={self.replicates}",
        )
        return line("Experiment", repr(shortened(name, 40)), *facts)

    def _require_parts(self) -> None:
        object.__setattr__(self, "reward", as_reward(self.reward))
        object.__setattr__(self, "components", tuple(as_components(self.components)))
        object.__setattr__(self, "signal", as_signal(self.signal))
        if isinstance(self.agent, type) or not hasattr(self.agent, "train"):
            raise ValueError(f"`agent` must be a learner, such as Tabular(), got {self.agent!r}")
        if not isinstance(self.training, LearningRule):
            raise ValueError(
                "`training` must be a LearningRule, such as LearningRule(batch=8), got"
                f" {self.training!r}"
            )
        for world in (self.world, self.elsewhere, self.drifts_to or self.world):
            if not isinstance(world, World):
                raise ValueError(
                    "`world`, `elsewhere` and `drifts_to` must be worlds, such as bank(), got"
                    f" {world!r}"
                )

    def _require_trainable_with_a_signal(self) -> None:
        """Refuse what the steps with a signal do not support."""
        rule, name = self.training, getattr(self.signal, "name", "")
        if not isinstance(self.agent, Tabular | TrainsWithSignals):
            raise ValueError(
                "a signal trains the tabular agent, whose answers and levels have their own"
                f" parameters, and the transformer; the {self.agent.kind} agent is trained without"
                f" `signal`, got {name}"
            )
        if rule.update == "replicator":
            raise ValueError(
                "the replicator needs payoffs in [0, 1] that do not depend on the group, so that it"
                f" cannot be trained with a signal, got {name}"
            )
        if rule.per_component:
            raise ValueError(
                "a signal is one number for each rollout, so that an estimator of components cannot"
                f' be used with it, got "{rule.estimator}" and {name}'
            )
        if self.drifts_to is not None:
            raise ValueError(
                "a signal is prepared once, in the world at the start, so that it cannot be trained"
                f" in a world that drifts, got {name}"
            )

    def _require_worlds_alike(self) -> None:
        here, there = self.world, self.elsewhere
        same = here.success_probability.shape == there.success_probability.shape
        if not same and not (self.agent.generalises and here.answers == there.answers):
            shapes = f"{here.success_probability.shape} and {there.success_probability.shape}"
            raise ValueError(
                f"`world` and `elsewhere` must have the same questions, got {shapes}; an agent that"
                " generalises needs only as many answers"
            )
        if (
            here.features is not None
            and there.features is not None
            and here.features.shape[1] != there.features.shape[1]
        ):
            shapes = f"{here.features.shape} and {there.features.shape}"
            raise ValueError(
                f"`world` and `elsewhere` must have the same number of features, got {shapes}"
            )

    def _require_counts(self) -> None:
        require_whole(self, "steps", "replicates", "seed")
        if self.steps < 1 or self.replicates < 1:
            raise ValueError(
                f"`steps` and `replicates` must be at least 1, got {self.steps} and"
                f" {self.replicates}"
            )
        if self.seed < 0:
            raise ValueError(f"`seed` must not be negative, got {self.seed}")
        asked = np.asarray(self.checkpoints)
        if asked.dtype.kind not in "iu":
            raise ValueError(f"`checkpoints` must be whole numbers, got {self.checkpoints}")
        if asked.ndim == 0 and asked < 2:
            raise ValueError(
                f"`checkpoints` must be at least 2, the start and the end, got {self.checkpoints}"
            )
        when = self.when
        if when.size < 1 or (np.diff(when) <= 0).any() or when[0] < 0 or when[-1] > self.steps:
            raise ValueError(
                f"`checkpoints` must ascend within 0 to {self.steps}, got {self.checkpoints}"
            )

    def with_training(self, **changes: Any) -> Experiment:
        """The same experiment with changed options of its learning rule.

        Args:
            changes: Options of `LearningRule` by name.

        Example:
            >>> from simulations import standard_experiments
            >>> changed = standard_experiments("short")[1].with_training(learning_rate=0.1)
            >>> changed.training.learning_rate
            0.1
        """
        return replace(self, training=replace(self.training, **changes))

    def legs(self, first: int, steps: int) -> Iterator[tuple[World, int, int]]:
        """The world of each part of training, for the `steps` steps from number `first` on.

        Yields:
            World, number of the first step, and number of steps.
        """
        if self.drifts_to is None:
            yield self.world, first, steps
            return
        cuts = np.unique(np.linspace(0, self.steps, LEGS + 1).astype(np.int64))
        for leg, (start, stop) in enumerate(
            zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
        ):
            begin, end = max(start, first), min(stop, first + steps)
            if begin < end:
                time = leg / max(cuts.size - 2, 1)
                yield drifted(self.world, self.drifts_to, time=time), begin, end - begin

    @property
    def outcomes(self) -> Outcomes:
        """How correctness is correlated within a group, which is a property of the world."""
        return self.world.outcomes

    @property
    def when(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The steps at which the agent is measured, (T,)."""
        if isinstance(self.checkpoints, int):
            return np.unique(np.linspace(0, self.steps, self.checkpoints).astype(np.int64))
        return np.array(self.checkpoints, dtype=np.int64)

    def keeps(self, step: int) -> bool:
        """Whether the record keeps the policy of the checkpoint at this step."""
        kept = {"none": (), "last": (-1,), "ends": (0, -1), "all": range(len(self.when))}
        return any(step == self.when[at] for at in kept[self.keep_policy])

    @property
    def rollouts(self) -> int:
        """The number of rollouts of all replicates together."""
        return self.replicates * self.steps * self.training.batch * self.training.group_size

    def payoffs(self) -> tuple[FloatArray, dict[str, float]]:
        """The payoff table (2, L) of training, and the replacements of -inf.

        Returns:
            The table, and the value of each replaced payoff by its place, such as "wrong at 1".

        Raises:
            ValueError: If a payoff is NaN or +inf, if a payoff is -inf at a confidence other than 0
                and 1 and no floor is given, or if the floor is above a finite payoff of the grid.
        """
        table, replaced = self._finite(self.reward)
        return unit_payoffs(table) if self.training.update == "replicator" else table, replaced

    def component_tables(self) -> FloatArray:
        """The payoff tables (C, 2, L) of the components of the reward.

        Raises:
            ValueError: As for `payoffs`, or if the components do not add up to the reward.
        """
        tables = np.stack([self._finite(reward)[0] for _, _, reward in self.components])
        total = np.sum(
            [weight * table for (_, weight, _), table in zip(self.components, tables, strict=True)],
            axis=0,
        )
        if not np.allclose(total, self._finite(self.reward)[0]):
            raise ValueError(
                f"`components` must add up to the reward {self.reward.text} at every level of the"
                " grid"
            )
        return tables

    def _finite(self, reward: Reward) -> tuple[FloatArray, dict[str, float]]:
        """The payoff table of a reward with -inf replaced, and the replacements.

        A floor above another payoff would reverse the order of two payoffs, so it is refused.
        """
        paid = reward.table(self.agent.grid)
        if (beyond := np.argwhere(np.isnan(paid) | np.isposinf(paid))).size:
            c, level = beyond[0]
            place = f"{'correct' if c else 'wrong'} at {self.agent.grid[level]:g}"
            raise ValueError(
                f"the reward {reward.text} must be a number or -inf, got {paid[c, level]:g} when"
                f" {place}"
            )
        table, replaced = paid.copy(), {}
        for c, level in np.argwhere(np.isneginf(paid)):
            q = float(self.agent.grid[level])
            place = f"{'correct' if c else 'wrong'} at {q:g}"
            replaced[place] = table[c, level] = self._floor_at(reward, q, int(c), place)
        least = float(paid[np.isfinite(paid)].min())
        if self.floor is not None and replaced and self.floor > least:
            raise ValueError(
                f"`floor` must not be above the lowest payoff of the grid, {least:g}, got"
                f" {self.floor}"
            )
        return table, replaced

    def _floor_at(self, reward: Reward, q: float, correct: int, place: str) -> float:
        """The replacement of a payoff of -inf at confidence q."""
        if self.floor is not None:
            return self.floor
        clipped = (
            float(reward.payoff(min(max(q, CLIP), 1 - CLIP), correct))
            if q in (0.0, 1.0)
            else -np.inf
        )
        if not np.isfinite(clipped):
            raise ValueError(
                f"the reward {reward.text} is -inf when {place}; set `floor` to the value that"
                " replaces it"
            )
        return clipped

    def describe(self) -> dict[str, Any]:
        """The experiment as plain data."""
        return {
            "name": self.name or self.reward.name or self.reward.text,
            "reward": self.reward.text,
            "parameters": {name: str(domain) for name, domain in self.reward.parameters.items()},
            "agent": self.agent.describe(),
            "world": self.world.describe(),
            "elsewhere": self.elsewhere.describe(),
            "drifts_to": None if self.drifts_to is None else self.drifts_to.describe(),
            "outcomes": self.outcomes,
            "training": self.training.describe(),
            "components": [[name, weight, reward.text] for name, weight, reward in self.components],
            "steps": self.steps,
            "replicates": self.replicates,
            "seed": self.seed,
            "floor": self.floor,
            "replaced_minus_infinity": self.payoffs()[1],
            "calibration_bins": self.agent.bins,
            "keep_policy": self.keep_policy,
            "signal": None if self.signal is None else self.signal.describe(),
        }
