"""The data that figures share: each part is computed when a figure first asks for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from simulations.gallery import replay_log

if TYPE_CHECKING:
    from scoring_theory.plotting import RewardPicture
    from scoring_theory.replaying import Replay
    from scoring_theory.rollouts import Rollouts
    from simulations.experiment import Experiment
    from simulations.figures.trained import TrainedPolicies
    from simulations.laboratory.system import SystemOutcome
    from simulations.record import Record
    from simulations.standard import StudySize

    Runner = Callable[[Sequence[Experiment]], Sequence[Record]]

SHOWN = {
    "binary": "c",
    "rlcr": "c-(q-c)^2",
    "c + 2*brier": "c-2(q-c)^2",
    "c + log": r"c+\log(1-|q-c|)",
    "one_sided": r"q+(1-c)\log(1-q)",
}
"""The rewards of the figures before training, by name or formula, and their mathtext."""
NAMES = {"c + 2*brier": "c + 2 Brier"}
"""Names in figures that differ from those of formulas."""


class Study:
    """The records, logs and systems behind the figures.

    Args:
        run_all: Runs experiments, such as `simulations.sweep.sweep`.
        short: Whether everything is a quick preview.
        thorough: Whether the factorial experiment has as many runs as `simulate combinations`. The
            effects in its figure are exact, so that a few runs suffice for it.

    Example:
        >>> from simulations.sweep import sweep
        >>> [picture.name for picture in Study(sweep).pictures]
        ['binary', 'RLCR', 'c + 2 Brier', 'c + log', 'one-sided']
    """

    def __init__(self, run_all: Runner, *, short: bool = False, thorough: bool = False) -> None:
        self.run_all, self.short, self.thorough = run_all, short, thorough

    @cached_property
    def pictures(self) -> list[RewardPicture]:
        """Five rewards on a grid, with their exact failure thresholds."""
        from scoring_theory.catalogue.words import parse_reward
        from scoring_theory.checking import check
        from scoring_theory.plotting import picture

        rewards = {name: parse_reward(name) for name in SHOWN}
        return [
            picture(reward, name=NAMES.get(name, ""), report=check(reward), formula=SHOWN[name])
            for name, reward in rewards.items()
        ]

    @cached_property
    def rollouts(self) -> Rollouts:
        """The recorded log, or the synthetic example."""
        return replay_log.recorded_or_example()

    @property
    def log_is_synthetic(self) -> bool:
        """Whether the log is the synthetic example."""
        return replay_log.VARIABLE not in os.environ

    @cached_property
    def replayed(self) -> Replay:
        """The log under other rewards."""
        return replay_log.replay_log(self.rollouts)

    @cached_property
    def records(self) -> Sequence[Record]:
        """Both agents with the five standard rewards."""
        from simulations.standard import standard_experiments

        return self.run_all(standard_experiments("short" if self.short else "full"))

    @cached_property
    def mechanisms(self) -> list[tuple[SystemOutcome, SystemOutcome]]:
        """Every mechanism of drift, with it and without it."""
        from simulations.laboratory.pairs import MECHANISMS, mechanism

        chosen = [mechanism(name, scale="short" if self.short else "full") for name in MECHANISMS]
        records = iter(self.run_all([side for made in chosen for side in (made.on, made.off)]))
        return [
            (made.outcome(next(records)), made.outcome(next(records), without=True))
            for made in chosen
        ]

    @cached_property
    def policies(self) -> dict[float, TrainedPolicies]:
        """Training with c + lam times the Brier score, by lam."""
        from simulations.gallery.weights import trained_policies

        return {each.weight: each for each in trained_policies(self.run_all, short=self.short)}

    @cached_property
    def factorial(self) -> list[SystemOutcome]:
        """Four fixes in all combinations, with judges that err and without."""
        from simulations.laboratory.combinations import COMBINATIONS

        scale: StudySize = "full" if self.thorough else "short"
        return [COMBINATIONS.run(scale=scale, without=side) for side in (False, True)]
