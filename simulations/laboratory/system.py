"""A system around the reward: its effect, measured and exact, with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from scoring_theory.display import line, table
from simulations.standard import StudySize, require_study_size

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray


@dataclass(frozen=True)
class Finding:
    """One number of a system, measured over independent runs, beside its exact value.

    Attributes:
        label: what is measured.
        measured: the mean over runs.
        standard_error: its standard error; 0 where it is computed by enumeration.
        exact: the value in closed form, or by enumeration along the mean field.
        step_bias: how far a finite step size may move the mean from `exact`; it halves with the
            learning rate.

    Example:
        >>> Finding("rise", 0.31, 0.01, 0.30).agrees
        True
    """

    label: str
    measured: float
    standard_error: float
    exact: float
    step_bias: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether |measured - exact| is at most 3 standard errors plus the bias of the step."""
        return abs(self.measured - self.exact) <= 3 * self.standard_error + self.step_bias + 1e-12

    def __repr__(self) -> str:
        shown = f"{self.measured:.3f} ± {self.standard_error:.3f}, exact {self.exact:.3f}"
        return line("Finding", repr(self.label), shown)


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: curves over a common horizontal axis.

    Attributes:
        title: what it shows.
        x_label: the quantity on the horizontal axis.
        y_label: the quantity on the vertical axis.
        x: its values, (T,).
        curves: the value of each curve, (T,), by the text of the legend.
    """

    title: str
    x_label: str
    y_label: str
    x: FloatArray
    curves: Mapping[str, FloatArray]


@dataclass(frozen=True)
class SystemOutcome:
    """What a system shows, with or without its mechanism.

    Attributes:
        name: the name of the system.
        without: whether the mechanism was removed.
        findings: the effect and what belongs to it.
        boundary: the boundary between success and failure, in one sentence with its number.
        head: the heading of the table of settings.
        rows: its rows, success and failure side by side.
        panels: the panels of its figure.
        runs: the number of independent runs.
    """

    name: str
    without: bool
    findings: tuple[Finding, ...]
    boundary: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    panels: tuple[Panel, ...] = ()
    runs: int = 0

    def __repr__(self) -> str:
        side = "without" if self.without else "with"
        return line("SystemOutcome", f"{self.name!r}, {side}: {self.findings[0]!r}")

    def _repr_html_(self) -> str:
        rows = [(f.label, f.measured, f.standard_error, f.exact) for f in self.findings]
        head = ("effect", "measured", "standard error", "exact")
        return table(rows, head=head, caption=f"{self.name}: {self.boundary}")

    def to_json(self) -> dict[str, Any]:
        """The findings and the table as plain data."""
        return {
            "name": self.name,
            "without": self.without,
            "runs": self.runs,
            "findings": [
                {
                    "label": finding.label,
                    "measured": _none_if_nan(finding.measured),
                    "standard_error": _none_if_nan(finding.standard_error),
                    "exact": finding.exact,
                    "step_bias": finding.step_bias,
                    "agrees": finding.agrees,
                }
                for finding in self.findings
            ],
            "boundary": self.boundary,
            "table": [dict(zip(self.head, row, strict=True)) for row in self.rows],
        }


def _none_if_nan(number: float) -> float | None:
    return None if isnan(number) else number


Show = Callable[[StudySize, int, bool], SystemOutcome]


@dataclass(frozen=True)
class System:
    """A system around the reward that `scoring-theory simulate NAME` runs.

    Attributes:
        name: its name on the command line.
        story: how it works and what is seen, in a few sentences.
        switch: what differs without the mechanism.
        source: the paper.
        verdict: whether what is seen agrees with the paper, and why.
        show: runs it: (study size, seed, without) -> SystemOutcome.
    """

    name: str
    story: str
    switch: str
    source: str
    verdict: str
    show: Show

    def run(
        self, *, scale: StudySize = "full", seed: int = 0, without: bool = False
    ) -> SystemOutcome:
        """Run the system.

        Args:
            scale: "full", or "short" for a quick preview.
            seed: the seed of all random streams.
            without: remove the mechanism.

        Raises:
            ValueError: the scale is unknown, or the seed is negative.
        """
        require_study_size(scale)
        if seed < 0:
            raise ValueError(f"`seed` must not be negative, got {seed}")
        return self.show(scale, seed, without)

    def __repr__(self) -> str:
        return line("System", repr(self.name))


def mean_and_error(values: FloatArray) -> tuple[float, float]:
    """The mean over runs and its standard error; NaN for the error of a single run.

    Example:
        >>> import numpy as np
        >>> mean_and_error(np.array([0.0, 1.0]))
        (0.5, 0.5)
    """
    n = len(values)
    error = float(values.std(ddof=1)) / n**0.5 if n > 1 else float("nan")
    return float(values.mean()), error


def as_cells(numbers: Sequence[float], digits: int = 3) -> tuple[str, ...]:
    """Numbers as cells of a table.

    Example:
        >>> as_cells([0.12345, 1.0])
        ('0.123', '1.000')
    """
    return tuple(f"{number:.{digits}f}" for number in numbers)
