"""A system around the reward: its effect, measured and exact, with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, TypeVar

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
        time_bias: how far a finite training may be from `exact`, if `exact` is a limit.
        beside: the effect that it controls, if it is a control: what a theorem or a cure puts at 0
            or near it is read beside the same number where they do not apply.

    Example:
        >>> Finding("rise", 0.31, 0.01, 0.30).agrees
        True
        >>> Finding("rise with the cure", 0.01, 0.01, 0.0, beside=0.30).effect
        0.3
    """

    label: str
    measured: float
    standard_error: float
    exact: float
    step_bias: float = 0.0
    time_bias: float = 0.0
    beside: float = 0.0

    @property
    def effect(self) -> float:
        """The size of the effect that the runs must resolve: its own, or that which it controls."""
        return max(abs(self.exact), abs(self.beside))

    @property
    def bias(self) -> float:
        """How far the mean may be from `exact`, apart from chance."""
        return self.step_bias + self.time_bias

    @property
    def allowed(self) -> float:
        """How far the mean may be from `exact`: 3 standard errors plus the bias."""
        error = 0.0 if isnan(self.standard_error) else self.standard_error
        return 3 * error + self.bias

    @property
    def agrees(self) -> bool:
        """Whether |measured - exact| is at most 3 standard errors plus the bias."""
        return abs(self.measured - self.exact) <= self.allowed + 1e-12

    @property
    def warning(self) -> str:
        """A sentence that says how far it is from its exact value, empty if both agree.

        It is empty for a single run, too, which has no standard error.
        """
        if self.agrees or isnan(self.standard_error):
            return ""
        return (
            f"Warning: `{self.label}` does not agree with its exact value: they differ by"
            f" {abs(self.measured - self.exact):.3f}, which is more than 3 standard errors plus"
            f" the bias, {self.allowed:.3f}. Here one of them cannot be trusted; more runs"
            " (--replicates) or a smaller step (--half-rate) may show which."
        )

    def __repr__(self) -> str:
        shown = f"{self.measured:z.3f} ± {self.standard_error:z.3f}, exact {self.exact:z.3f}"
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
        runs: single runs, drawn thin, (n, T).
        names: the name of each value of `x`, which is then no scale: curves are drawn as points.
        points: measured points with error bars, by the label of the curve whose colour they have:
            where, mean and half the length of the bar, (n,) each.
    """

    title: str
    x_label: str
    y_label: str
    x: FloatArray
    curves: Mapping[str, FloatArray]
    runs: FloatArray | None = None
    names: tuple[str, ...] = ()
    points: Mapping[str, tuple[FloatArray, FloatArray, FloatArray]] = field(default_factory=dict)


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
        pace: the factor of the learning rate.

    Raises:
        ValueError: two columns of the table have the same heading, or one has blanks at its ends.
    """

    name: str
    without: bool
    findings: tuple[Finding, ...]
    boundary: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    panels: tuple[Panel, ...] = ()
    runs: int = 0
    pace: float = 1.0

    def __post_init__(self) -> None:
        if len(set(self.head)) < len(self.head) or any(one != one.strip() for one in self.head):
            raise ValueError(
                f"the headings of the table of {self.name} must differ and have no blanks at their"
                f" ends, got {', '.join(map(repr, self.head))}"
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each finding that does not agree with its exact value."""
        return tuple(finding.warning for finding in self.findings if finding.warning)

    def __repr__(self) -> str:
        side = "without" if self.without else "with"
        return line("SystemOutcome", f"{self.name!r}, {side}: {self.findings[0]!r}")

    def _repr_html_(self) -> str:
        rows = [(f.label, f.measured, f.standard_error, f.exact) for f in self.findings]
        head = ("effect", "measured", "standard error", "exact")
        caption = " ".join((f"{self.name}: {self.boundary}", *self.warnings))
        return table(rows, head=head, caption=caption)

    def to_json(self) -> dict[str, Any]:
        """The findings and the table as plain data."""
        return {
            "name": self.name,
            "without": self.without,
            "runs": self.runs,
            "pace": self.pace,
            "findings": [
                {
                    "label": finding.label,
                    "measured": _plain(finding.measured),
                    "standard_error": _plain(finding.standard_error),
                    "exact": _plain(finding.exact),
                    "step_bias": finding.step_bias,
                    "time_bias": finding.time_bias,
                    "agrees": finding.agrees,
                }
                for finding in self.findings
            ],
            "boundary": self.boundary,
            "table": [dict(zip(self.head, row, strict=True)) for row in self.rows],
        }


def _plain(number: float) -> float | None:
    return None if isnan(number) else number + 0.0  # not -0.0


@dataclass(frozen=True)
class Knob:
    """A number of a system that a user can set.

    Attributes:
        name: its name on the command line, `--set NAME=VALUE`.
        default: its value if it is not set.
        low: its least value.
        high: its largest value.
        meaning: what it is, in a few words.
        whole: whether it must be a whole number.
        step: it must be a multiple of this, if it is not 0.
    """

    name: str
    default: float
    low: float
    high: float
    meaning: str
    whole: bool = False
    step: float = 0.0

    def require(self, value: float) -> float:
        """The value, if it is allowed.

        Raises:
            ValueError: it lies outside the range, or is not a whole number, or not a multiple of
                the step, where one is needed.

        Example:
            >>> Knob("group", 8, 2, 64, "rollouts for each question", whole=True).require(4)
            4
        """
        if not self.low <= value <= self.high:
            raise ValueError(
                f"`{self.name}` must lie in [{self.low:g}, {self.high:g}], got {value:g}"
            )
        if self.whole and value != int(value):
            raise ValueError(f"`{self.name}` must be a whole number, got {value:g}")
        if self.step and abs(value / self.step - round(value / self.step)) > 1e-9:
            raise ValueError(f"`{self.name}` must be a multiple of {self.step:g}, got {value:g}")
        return value or abs(value)  # not -0.0


@dataclass(frozen=True)
class Conditions:
    """How a system is run.

    Attributes:
        scale: "full", or "short" for a quick preview.
        seed: the seed of all random streams.
        without: whether the mechanism is removed.
        pace: the factor of the learning rate; the number of steps is divided by it, so that the
            mean field hardly changes and the bias of the finite step size changes in proportion.
        knobs: the value of each knob.
        replicates: the number of independent runs, if it is not that of the scale.
    """

    scale: StudySize = "full"
    seed: int = 0
    without: bool = False
    pace: float = 1.0
    knobs: Mapping[str, float] = field(default_factory=dict)
    replicates: int | None = None

    def __getitem__(self, knob: str) -> float:
        return self.knobs[knob]

    def pick(self, short: int, full: int) -> int:
        """One of two sizes, by the scale."""
        return short if self.scale == "short" else full

    def runs(self, short: int, full: int) -> int:
        """The number of independent runs, by the scale unless it is set."""
        return self.replicates or self.pick(short, full)

    def steps(self, short: int, full: int) -> int:
        """A number of training steps, by the scale, divided by the pace."""
        return round(self.pick(short, full) / self.pace)

    def rate(self, rate: float) -> float:
        """A learning rate, multiplied by the pace."""
        return rate * self.pace


_Made = TypeVar("_Made")


def seedless(made: Callable[[Conditions], _Made]) -> Callable[[Conditions], _Made]:
    """A function of the conditions that is computed once for all seeds and numbers of runs.

    It never sees them: the seed that it is given is 0, the number of runs that of the scale. Keys
    are numbers and no rewards, of which those with the same incentives are equal.

    Args:
        made: the function.

    Example:
        >>> twice = seedless(lambda conditions: [2 * conditions["p"]])
        >>> twice(Conditions(seed=3, knobs={"p": 0.2})) is twice(Conditions(knobs={"p": 0.2}))
        True
    """

    @lru_cache(maxsize=32)
    def kept(
        scale: StudySize, without: bool, pace: float, knobs: tuple[tuple[str, float], ...]
    ) -> _Made:
        return made(Conditions(scale, 0, without, pace, dict(knobs)))

    @wraps(made)
    def once(conditions: Conditions) -> _Made:
        knobs = tuple(conditions.knobs.items())
        return kept(conditions.scale, conditions.without, conditions.pace, knobs)

    once.__dict__["cache_clear"] = kept.cache_clear  # as functions with an lru_cache have it
    return once


Show = Callable[[Conditions], SystemOutcome]


@dataclass(frozen=True)
class System:
    """A system around the reward that `scoring-theory simulate NAME` runs.

    Attributes:
        name: its name on the command line.
        story: how it works and what is seen, in a few sentences.
        switch: what differs without the mechanism.
        source: the paper.
        verdict: whether what is seen agrees with the paper, and why.
        show: runs it.
        knobs: the numbers that a user can set.
    """

    name: str
    story: str
    switch: str
    source: str
    verdict: str
    show: Show
    knobs: tuple[Knob, ...] = ()

    def run(
        self,
        *,
        scale: StudySize = "full",
        seed: int = 0,
        without: bool = False,
        pace: float = 1.0,
        knobs: Mapping[str, float] | None = None,
        replicates: int | None = None,
    ) -> SystemOutcome:
        """Run the system.

        Args:
            scale: "full", or "short" for a quick preview.
            seed: the seed of all random streams.
            without: remove the mechanism.
            pace: the factor of the learning rate; the number of steps is divided by it.
            knobs: values by the name of the knob.
            replicates: the number of independent runs, 1 or more; by default that of the scale.

        Raises:
            ValueError: the scale or a knob is unknown, or a number is outside its range.
        """
        require_study_size(scale)
        if seed < 0 or not 0 < pace <= 1:
            raise ValueError(
                f"`seed` must not be negative and `pace` must lie in (0, 1], got {seed} and {pace}"
            )
        if replicates is not None and replicates < 1:
            raise ValueError(f"`replicates` must be at least 1, got {replicates}")
        values = {knob.name: knob.default for knob in self.knobs}
        for name, value in (knobs or {}).items():
            values[name] = self.knob(name).require(value)
        conditions = Conditions(scale, seed, without, pace, values, replicates)
        return replace(self.show(conditions), pace=pace)

    def knob(self, name: str) -> Knob:
        """The knob with a name.

        Raises:
            ValueError: the system has none of this name.
        """
        for knob in self.knobs:
            if knob.name == name:
                return knob
        known = ", ".join(knob.name for knob in self.knobs) or "none"
        raise ValueError(f"{self.name} has no number {name!r} to set; it has: {known}")

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
    """Numbers as cells of a table; "none" where there is no finite number.

    Example:
        >>> as_cells([0.12345, 1.0])
        ('0.123', '1.000')
    """
    return tuple(unsigned(number, digits) for number in numbers)


def unsigned(number: float, digits: int = 3) -> str:
    """A number for a sentence or a cell: "none" if it is infinite or NaN, and never "-0.000".

    Example:
        >>> unsigned(0.25), unsigned(-1e-9), unsigned(float("inf"))
        ('0.250', '0.000', 'none')
    """
    return f"{number:z.{digits}f}" if isfinite(number) else "none"


def signed(number: float, digits: int = 3) -> str:
    """A change with its sign, which 0 has not.

    Example:
        >>> signed(0.25), signed(-0.25), signed(-1e-9)
        ('+0.250', '-0.250', '0.000')
    """
    shown = f"{number:+z.{digits}f}"
    return shown if float(shown) else shown[1:]


def plus_minus(mean: float, error: float, digits: int = 3) -> str:
    """A change with its standard error, which a single run has not.

    Example:
        >>> plus_minus(0.25, 0.01), plus_minus(0.25, float("nan"))
        ('+0.250 ± 0.010', '+0.250')
    """
    return signed(mean, digits) + ("" if isnan(error) else f" ± {error:.{digits}f}")
