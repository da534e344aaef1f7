"""A mechanism of drift: two experiments that differ in one argument, and one number, its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.display import one_line
from simulations.laboratory.system import Finding, Panel, SystemOutcome, as_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.experiment import Experiment
    from simulations.record import Record, Where

MechanismName = Literal["coupling", "sampling-noise", "estimator", "verifier-noise", "shift"]
Effect = Literal["rise", "spread", "overconfidence"]
_EFFECTS: Mapping[Effect, str] = MappingProxyType(
    {
        "rise": "rise of mean confidence",
        "spread": "standard deviation between runs",
        "overconfidence": "confidence minus accuracy",
    }
)
_THIN = 40  # single runs in a figure


@dataclass(frozen=True)
class Mechanism:
    """A mechanism of confidence drift: an experiment with it and one without it.

    Args:
        name: The name of the mechanism.
        story: How the mechanism works, in one sentence.
        switch: What differs in the experiment without the mechanism.
        boundary: Where the effect ends, and the limit in which simulations reach the exact effect.
        effect: The number that measures the mechanism: "rise", "spread" or "overconfidence", see
            `measured`.
        where: Whether the effect is measured in ("in") or out of distribution ("out").
        on: The experiment with the mechanism.
        off: The experiment without it; it differs in one argument.
        lines: The curves of the figure: the metric and where it is measured, by the legend's text.
        exactly: Computes the effect of an experiment without sampling.
        step_bias: How much the mean field may miss, in units of the learning rate.
        time_bias: How far from its limit training may be after the last step.

    Example:
        >>> from simulations import mechanism
        >>> mechanism("estimator").effect
        'overconfidence'
    """

    name: MechanismName
    story: str
    switch: str
    boundary: str
    effect: Effect
    where: Where
    on: Experiment
    off: Experiment
    lines: Mapping[str, tuple[str, Where]]
    exactly: Callable[[Experiment], float]
    step_bias: float = 0.0
    time_bias: float = 0.0

    __repr__ = one_line

    def experiment(self, *, without: bool = False) -> Experiment:
        """The experiment with the mechanism, or the one without it."""
        return self.off if without else self.on

    def measured(self, record: Record) -> float:
        """The effect, measured in a record of either experiment.

        By the kind of the effect:

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

        By the name of the mechanism:

            coupling    the mean field of the answer weights, step by step; confidence is computed
                        from them
            sampling-noise
                        sqrt(v (1 - (1 - p r^2 / G)^T)) with the variance v of the prior, the
                        learning rate r, the group size G and T visits
            estimator   the expected update of the confidence head, step by step; its mean report
                        at the end minus p
            verifier-noise
                        the best response to the verifier, compared with the true accuracy
            shift       the best response in distribution, compared with the accuracy out of
                        distribution
        """
        return self.exactly(self.experiment(without=without))

    def outcome(self, record: Record, *, without: bool = False) -> SystemOutcome:
        """What the record of one of the two experiments shows, beside the exact effect."""
        rate = self.experiment(without=without).training.learning_rate
        finding = Finding(
            _EFFECTS[self.effect],
            self.measured(record),
            self.standard_error(record),
            self.exact(without=without),
            step_bias=self.step_bias * rate,
            time_bias=self.time_bias,
        )
        values = {label: record.metric(*line) for label, line in self.lines.items()}
        return SystemOutcome(
            name=self.name,
            without=without,
            findings=(finding,),
            boundary=self.boundary,
            head=("mean over runs", "start", "end"),
            rows=tuple(
                (label, *as_cells([several[:, 0].mean(), several[:, -1].mean()]))
                for label, several in values.items()
            ),
            panels=(
                Panel(
                    "Mean confidence and accuracy",
                    "Training step",
                    "Probability",
                    record.steps.astype(np.float64),
                    {label: several.mean(axis=0) for label, several in values.items()},
                    record.metric("mean_confidence", self.where)[:_THIN],
                ),
            ),
            runs=len(record.metric("accuracy")),
        )
