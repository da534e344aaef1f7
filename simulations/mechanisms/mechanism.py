"""What a mechanism is: two experiments that differ in one argument, and one number that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from scoring_theory.display import one_line
from simulations.mechanisms.exact import best_response_gap, coupled_rise, invaded_gap, wandering

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulations.experiment import Experiment
    from simulations.record import Record, Where

MechanismName = Literal["coupling", "noise", "estimator", "proxy", "shift"]
Effect = Literal["rise", "spread", "overconfidence"]
EFFECTS: Mapping[Effect, str] = MappingProxyType(
    {
        "rise": "rise of mean confidence",
        "spread": "standard deviation of mean confidence between runs",
        "overconfidence": "mean confidence minus accuracy at the end",
    }
)


@dataclass(frozen=True)
class Line:
    """One curve of a mechanism's figure: a metric, in which world, and what to call it."""

    metric: str
    where: Where
    label: str

    __repr__ = one_line


@dataclass(frozen=True)
class Mechanism:
    """One mechanism, with and without.

    Args:
        name: Its name.
        story: What it does, in one sentence.
        switch: What is different without it.
        effect: Which number shows it, see `EFFECTS`.
        where: In which world the effect is read: of training, or the other.
        on: The experiment with the mechanism.
        off: The same but for one argument.
        lines: What a figure shows of it.
    """

    name: MechanismName
    story: str
    switch: str
    effect: Effect
    where: Where
    on: Experiment
    off: Experiment
    lines: tuple[Line, ...]

    __repr__ = one_line

    def experiment(self, *, without: bool = False) -> Experiment:
        """The experiment to run."""
        return self.off if without else self.on

    def measured(self, record: Record) -> float:
        """The effect in a record of either experiment.

        rise             mean over runs of mean confidence, last checkpoint minus first
        spread           standard deviation over runs of mean confidence at the last checkpoint; NaN for a single run
        overconfidence   mean over runs of mean confidence minus accuracy at the last checkpoint
        """
        each = self._each(record)
        if self.effect != "spread":
            return float(each.mean())
        return float(each.std(ddof=1)) if each.size > 1 else float("nan")

    def standard_error(self, record: Record) -> float:
        """One standard error of `measured` over the runs of a record; NaN for a single run.

        Of a mean sd / sqrt(n); of the standard deviation s of n runs, to first order, sqrt((m4 -
        s^4) / n) / (2 s), with the fourth central moment m4, and NaN for two runs, for which m4 =
        s^4 whatever they are.
        """
        each = self._each(record)
        if each.size < (3 if self.effect == "spread" else 2):
            return float("nan")
        if self.effect != "spread":
            return float(each.std(ddof=1) / np.sqrt(each.size))
        gap, variance = each - each.mean(), each.var()
        if variance == 0:
            return 0.0
        return float(np.sqrt((np.mean(gap**4) - variance**2) / each.size) / (2 * np.sqrt(variance)))

    def _each(self, record: Record) -> NDArray[np.float64]:
        """The number that each run gives, (replicates,)."""
        stated = record.metric("mean_confidence", self.where)
        if self.effect == "rise":
            return stated[:, -1] - stated[:, 0]
        if self.effect == "spread":
            return stated[:, -1]
        return stated[:, -1] - record.metric("accuracy", self.where)[:, -1]

    def exact(self, *, without: bool = False) -> float:
        """The effect without sampling: by mean field, martingale or fixed point, as the mechanism allows.

        coupling    the expected motion of the answer weights, step by step; confidence is then read from them
        noise       sqrt(v (1 - (1 - p r^2 / G)^T)) for prior variance v, learning rate r, groups of G, T visits
        estimator   the confidence that no other invades under the effective advantage
        proxy       the best response to what is paid, read against what is true
        shift       the best response at home, read elsewhere
        """
        return _EXACT[self.name](self.experiment(without=without))

    def trial(self, record: Record, *, without: bool = False) -> Trial:
        """The record of one of the two experiments beside its exact effect."""
        return Trial(self, without, record, self.exact(without=without))


class Trial(NamedTuple):
    """A mechanism with or without, what came of running it, and its exact effect."""

    mechanism: Mechanism
    without: bool
    record: Record
    exact: float

    def __repr__(self) -> str:
        return one_line(self)

    @property
    def measured(self) -> float:
        """The effect."""
        return self.mechanism.measured(self.record)

    @property
    def standard_error(self) -> float:
        """One standard error of it."""
        return self.mechanism.standard_error(self.record)

    @property
    def runs(self) -> int:
        """How many runs the record has."""
        return len(self.record.metric("accuracy"))


LIMITS: Mapping[MechanismName, str] = MappingProxyType(
    {
        "coupling": "the expected motion; simulations tend to it as the learning rate falls",
        "noise": (
            "a martingale's variance after as many steps; simulations tend to it with the number of"
            " runs"
        ),
        "estimator": "the stable confidence; simulations tend to it with time",
        "proxy": "the best response; simulations tend to it with time",
        "shift": "the best response; simulations tend to it with time",
    }
)
"""What the exact effect of each is, and in which limit simulations agree with it."""
_EXACT: Mapping[MechanismName, Callable[[Experiment], float]] = MappingProxyType(
    {
        "coupling": coupled_rise,
        "noise": wandering,
        "estimator": invaded_gap,
        "proxy": best_response_gap,
        "shift": best_response_gap,
    }
)
