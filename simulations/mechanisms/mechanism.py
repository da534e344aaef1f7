"""A mechanism: two experiments that differ in one argument, and one number, its effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from scoring_theory.display import one_line
from simulations.mechanisms.exact import (
    best_response_gap,
    coupled_rise,
    equilibrium_gap,
    spread_between_runs,
)

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
    """One curve of a mechanism's figure.

    Args:
        metric: A name of `simulations.metrics.METRICS`.
        where: Measured in ("in") or out of distribution ("out").
        label: Text of the legend.

    Example:
        >>> Line("mean_confidence", "in", "mean confidence").where
        'in'
    """

    metric: str
    where: Where
    label: str

    __repr__ = one_line


@dataclass(frozen=True)
class Mechanism:
    """A mechanism of confidence drift: an experiment with it and one without it.

    Args:
        name: The name of the mechanism.
        story: How the mechanism works, in one sentence.
        switch: What differs in the experiment without the mechanism.
        effect: The number that measures the mechanism, see `EFFECTS`.
        where: Whether the effect is measured in ("in") or out of distribution ("out").
        on: The experiment with the mechanism.
        off: The experiment without it; it differs in one argument.
        lines: The curves of the figure.

    Example:
        >>> from simulations import mechanism
        >>> mechanism("estimator").effect
        'overconfidence'
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
        """The experiment with the mechanism, or the one without it."""
        return self.off if without else self.on

    def measured(self, record: Record) -> float:
        """The effect, measured in a record of either experiment.

        rise            mean over runs of: mean confidence at the last checkpoint minus that at
                        the first
        spread          standard deviation over runs of mean confidence at the last checkpoint;
                        NaN for a single run
        overconfidence  mean over runs of: mean confidence minus accuracy at the last checkpoint
        """
        effects = self._effect_by_run(record)
        if self.effect != "spread":
            return float(effects.mean())
        return float(effects.std(ddof=1)) if effects.size > 1 else float("nan")

    def standard_error(self, record: Record) -> float:
        """The standard error of `measured` over the n runs of a record; NaN for a single run.

            of a mean                       s / sqrt(n)
            of the standard deviation s     sqrt((m4 - s^4) / n) / (2 s), to first order

        Here m4 is the fourth central moment. For two runs m4 = s^4 always holds, so the standard
        error of their standard deviation is NaN.
        """
        effects = self._effect_by_run(record)
        n = effects.size
        if n < (3 if self.effect == "spread" else 2):
            return float("nan")
        if self.effect != "spread":
            return float(effects.std(ddof=1) / np.sqrt(n))
        gap, variance = effects - effects.mean(), effects.var()
        if variance == 0:
            return 0.0
        return float(np.sqrt((np.mean(gap**4) - variance**2) / n) / (2 * np.sqrt(variance)))

    def _effect_by_run(self, record: Record) -> NDArray[np.float64]:
        """The value of each run, (replicates,), of which `measured` is the mean or the spread."""
        confidence = record.metric("mean_confidence", self.where)
        if self.effect == "rise":
            return confidence[:, -1] - confidence[:, 0]
        if self.effect == "spread":
            return confidence[:, -1]
        return confidence[:, -1] - record.metric("accuracy", self.where)[:, -1]

    def exact(self, *, without: bool = False) -> float:
        """The effect, computed without sampling.

        coupling    the mean field of the answer weights, step by step; confidence is computed
                    from them
        noise       sqrt(v (1 - (1 - p r^2 / G)^T)) with the variance v of the prior, the
                    learning rate r, the group size G and T visits
        estimator   the equilibrium report under the effective advantage, minus p
        proxy       the best response to the verifier, compared with the true accuracy
        shift       the best response in distribution, compared with the accuracy out of
                    distribution
        """
        return _EXACT[self.name](self.experiment(without=without))

    def trial(self, record: Record, *, without: bool = False) -> Trial:
        """The record of one of the two experiments, together with the exact effect."""
        return Trial(self, without, record, self.exact(without=without))


class Trial(NamedTuple):
    """A run of a mechanism's experiment: its record and the exact effect.

    Example:
        >>> from simulations import mechanism, run
        >>> proxy = mechanism("proxy", scale="short")
        >>> trial = proxy.trial(run(proxy.off), without=True)
        >>> trial.runs, trial.exact, round(trial.measured, 2)
        (4, 0.0, 0.0)
    """

    mechanism: Mechanism
    without: bool
    record: Record
    exact: float

    def __repr__(self) -> str:
        return one_line(self)

    @property
    def measured(self) -> float:
        """The measured effect, see `Mechanism.measured`."""
        return self.mechanism.measured(self.record)

    @property
    def standard_error(self) -> float:
        """The standard error of the measured effect."""
        return self.mechanism.standard_error(self.record)

    @property
    def runs(self) -> int:
        """The number of runs in the record."""
        return len(self.record.metric("accuracy"))


LIMITS: Mapping[MechanismName, str] = MappingProxyType(
    {
        "coupling": "the mean field; simulations converge to it as the learning rate decreases",
        "noise": (
            "the variance of a martingale after the same number of steps; simulations converge to"
            " it as the number of runs increases"
        ),
        "estimator": "the equilibrium report; simulations converge to it over time",
        "proxy": "the best response; simulations converge to it over time",
        "shift": "the best response; simulations converge to it over time",
    }
)
"""How the exact effect of each mechanism is computed, and in which limit simulations reach it."""
_EXACT: Mapping[MechanismName, Callable[[Experiment], float]] = MappingProxyType(
    {
        "coupling": coupled_rise,
        "noise": spread_between_runs,
        "estimator": equilibrium_gap,
        "proxy": best_response_gap,
        "shift": best_response_gap,
    }
)
