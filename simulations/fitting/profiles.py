"""Fit the knobs of a world and an agent to a published row, and say which the row identifies.

The fitted numbers are those of infinitely many answers, by enumeration, so that nothing is random.
A difference from the row is measured in standard errors of n answers:

    accuracy, mean confidence    1/2 / sqrt(n), which no number in [0, 1] exceeds
    AUROC                        1/sqrt(3 n), that of a constant where half of the answers are right
    Brier score                  1/20 / sqrt(n), for what accuracy and mean confidence leave open:
                                 Brier - acc (1 - acc) - (mean confidence - acc)^2, whose error is
                                 smaller by about 2 sd(q), since theirs cancel
    ECE                          1/2 / sqrt(n), where there is no mean confidence

The loss is the sum of their squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from scoring_theory.display import one_line, table
from simulations.fitting.knobs import RANGES, Knobs
from simulations.fitting.rows import TableRow, stated_answers

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

OF_A_START = ("head_start", "constant", "slope", "stated_noise")
"""The knobs that are free by default: those of an agent before training."""
ACCEPTED = 3.84
"""By how much the loss of an accepted value exceeds the lowest: the 95 % quantile of chi^2(1)."""
_STARTS = ((0.5, 0.5), (0.1, 0.2), (0.3, 1.2))
"""Slopes and noises from which a fit begins; the best of the ends is kept, and of ends that are as
good as each other the one with the least noise: a row may have several agents."""
_AS_GOOD = 6
"""Decimals of the loss below which two ends are as good as each other."""
_LOGARITHMIC = ("head_start", "stated_noise", "sharpness")


@dataclass(frozen=True)
class Profile:
    """The lowest loss for each value of one knob, with the free knobs fitted anew.

    Attributes:
        knob: its name.
        values: of the knob, ascending, over the whole of its range.
        losses: the lowest loss for each.
        fits: the knobs that have it.
        best: the lowest loss of the fit.
    """

    knob: str
    values: tuple[float, ...]
    losses: tuple[float, ...]
    fits: tuple[Knobs, ...]
    best: float

    __repr__ = one_line

    @property
    def accepted(self) -> tuple[Knobs, ...]:
        """The knobs whose loss exceeds the lowest by at most `ACCEPTED`, at the values of one."""
        least = min(self.best, *self.losses) + ACCEPTED
        return tuple(
            knobs for knobs, loss in zip(self.fits, self.losses, strict=True) if loss <= least
        )

    @property
    def verdict(self) -> str:
        """Whether the row identifies the knob: within, on one side, or not at all."""
        least = min(self.best, *self.losses) + ACCEPTED
        open_ends = (self.losses[0] <= least) + (self.losses[-1] <= least)
        return ("identified", "bounded on one side", "not identified")[open_ends]


@dataclass(frozen=True)
class KnobFit:
    """Knobs that were fitted to a row.

    Attributes:
        knobs: the fitted knobs, with the others as they were given.
        free: the names of those that were fitted.
        row: the row that was given.
        reached: the row of the fitted knobs, exactly.
        loss: the sum of the squared differences in standard errors.
        answers: n, the answers of the test set.
    """

    knobs: Knobs
    free: tuple[str, ...]
    row: TableRow
    reached: TableRow
    loss: float
    answers: int

    __repr__ = one_line

    def _repr_html_(self) -> str:
        return table(
            ((field.name, getattr(self, field.name)) for field in fields(self)),
            caption="knobs fitted to a row",
        )

    def profile(self, knob: str, *, points: int = 9) -> Profile:
        """How the loss depends on one knob, fitted or not.

        Args:
            knob: a name of `RANGES`.
            points: values over its range, 3 or more.

        Raises:
            ValueError: If the knob is unknown, or there are too few points.

        Example:
            What the agent sees of the difficulty is not in a row before training:

            >>> from simulations.fitting import Knobs, fit, stated_answers
            >>> truth = Knobs(head_start=0.4, constant=2.5, questions=64)
            >>> row = stated_answers(truth.agent, truth.start(), truth.world()).row()
            >>> found = fit(row, answers=1000, knobs=truth)
            >>> found.profile("visible_difficulty", points=3).verdict
            'not identified'
        """
        _require_knobs((knob,))
        if points < 3:
            raise ValueError(f"`points` must be at least 3, got {points}")
        low, high = RANGES[knob]
        if knob in _LOGARITHMIC:
            values = np.geomspace(low, high, points)
        else:
            values = np.linspace(low, high, points)
        others = tuple(name for name in self.free if name != knob)
        found: dict[float, tuple[float, Knobs]] = {}
        # From the fitted value outwards, each fit begins where its neighbour ended.
        middle = int(np.abs(values - getattr(self.knobs, knob)).argmin())
        for side in (values[middle:], values[: middle + 1][::-1]):
            near = self.knobs
            for value in side.tolist():
                held = replace(near, **{knob: value})
                near, loss = _least(self.row, self.answers, held, others)
                if value not in found or loss < found[value][0]:
                    found[value] = loss, near
        ordered = sorted(found)
        losses = tuple(found[value][0] for value in ordered)
        fits = tuple(found[value][1] for value in ordered)
        return Profile(knob, tuple(ordered), losses, fits, self.loss)


def fit(
    row: TableRow,
    *,
    answers: int,
    knobs: Knobs | None = None,
    free: Sequence[str] = OF_A_START,
) -> KnobFit:
    """Find knobs of a world and an agent before training that have a published row.

        loss(knobs) = sum over the numbers of the row of (difference / standard error)^2

    Args:
        row: the published row, with one number or more.
        answers: n, the answers of its test set, 1 or more.
        knobs: the values of the knobs that are not free, and where the others begin.
        free: the names of the knobs to be fitted; see `RANGES`.

    Raises:
        ValueError: If the row is empty or outside [0, 1], or a knob is unknown.

    Example:
        The knobs of a row that the simulator made are found again:

        >>> truth = Knobs(head_start=0.4, constant=2.5, slope=0.3, stated_noise=0.4, questions=64)
        >>> row = stated_answers(truth.agent, truth.start(), truth.world()).row()
        >>> found = fit(row, answers=1000, knobs=Knobs(questions=64))
        >>> round(found.knobs.head_start, 2), round(found.knobs.constant, 2), found.loss < 0.01
        (0.4, 2.5, True)
    """
    given = {name: value for name, value in row._asdict().items() if value is not None}
    if not given:
        raise ValueError("`row` must have at least one number")
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise ValueError(f"`{name}` of the row must lie in [0, 1], got {value}")
    if answers < 1:
        raise ValueError(f"`answers` must be at least 1, got {answers}")
    _require_knobs(free)
    found, loss = _least(row, answers, knobs or Knobs(), tuple(free))
    reached = stated_answers(found.agent, found.start(), found.world()).row()
    return KnobFit(found, tuple(free), row, reached, loss, answers)


def row_differences(found: TableRow, row: TableRow, answers: int) -> FloatArray:
    """The differences of two rows in standard errors; see the module.

    Example:
        >>> row_differences(TableRow(accuracy=0.55), TableRow(accuracy=0.5), 100).round(6).tolist()
        [1.0]
    """
    root, apart = np.sqrt(answers), []
    for name, unit in (("accuracy", 0.5), ("mean_confidence", 0.5), ("auroc", 1 / np.sqrt(3))):
        have, want = getattr(found, name), getattr(row, name)
        if want is not None:
            apart.append((have - want) / unit * root)
    if row.brier is not None and row.accuracy is not None and row.mean_confidence is not None:
        apart.append((_left(found) - _left(row)) / 0.05 * root)
    elif row.brier is not None and found.brier is not None:
        apart.append((found.brier - row.brier) / 0.5 * root)
    if row.ece is not None and row.mean_confidence is None and found.ece is not None:
        apart.append((found.ece - row.ece) / 0.5 * root)
    return np.array(apart)


def _left(row: TableRow) -> float:
    """What accuracy and mean confidence leave open of the Brier score."""
    accuracy, confidence, brier = row.accuracy, row.mean_confidence, row.brier
    assert accuracy is not None
    assert confidence is not None
    assert brier is not None
    return brier - accuracy * (1 - accuracy) - (confidence - accuracy) ** 2


def _require_knobs(names: Sequence[str]) -> None:
    for name in names:
        if name not in RANGES:
            raise ValueError(f"unknown knob {name!r}; known: {', '.join(RANGES)}")


def _least(row: TableRow, answers: int, knobs: Knobs, free: tuple[str, ...]) -> tuple[Knobs, float]:
    """The knobs with the lowest loss, and the loss."""
    low, high = (np.array([_scaled(n, RANGES[n][end]) for n in free]) for end in (0, 1))

    def turned(values: FloatArray) -> Knobs:
        changes: dict[str, Any] = {
            name: float(np.exp(value)) if name in _LOGARITHMIC else float(value)
            for name, value in zip(free, values, strict=True)
        }
        return replace(knobs, **changes)

    def apart(values: FloatArray) -> FloatArray:
        tried = turned(values)
        found = stated_answers(tried.agent, tried.start(), tried.world()).row()
        if found.auroc is None or not np.isfinite(found.auroc):
            found = found._replace(auroc=0.5)
        return row_differences(found, row, answers)

    if not free:
        return knobs, float(np.sum(apart(np.empty(0)) ** 2))
    begins = [knobs]
    for slope, noise in _STARTS:
        begin = replace(knobs, slope=slope) if "slope" in free else knobs
        begins.append(replace(begin, stated_noise=noise) if "stated_noise" in free else begin)
    room, ends = 1e-6 * (high - low), []
    # Without noise the numbers jump where an answer takes another word.
    noisy = "stated_noise" in free or knobs.stated_noise > 0
    step = np.full(len(free), 1e-4 if noisy else 0.03)
    for begin in dict.fromkeys(begins):
        x0 = np.array([_scaled(name, getattr(begin, name)) for name in free])
        end = least_squares(
            apart, np.clip(x0, low + room, high - room), bounds=(low, high), diff_step=step,
            x_scale="jac", xtol=1e-9, ftol=1e-9, gtol=1e-9, max_nfev=100,
        )  # fmt: skip
        ends.append((turned(end.x), float(2 * end.cost)))
    return min(ends, key=lambda one: (round(one[1], _AS_GOOD), one[0].stated_noise))


def _scaled(name: str, value: float) -> float:
    return float(np.log(value)) if name in _LOGARITHMIC else value
