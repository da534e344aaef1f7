"""Confidences with outcomes, validated once, so that no metric has to validate them again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from inspect import cleandoc
from numbers import Real
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

import numpy as np

from scoring_theory.calibration.levels import (
    Levels,
    compact,
    counted_levels,
    equal_weights,
    levels_of,
)
from scoring_theory.calibration.order_statistics import slices
from scoring_theory.display import in_short, line, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

_P = ParamSpec("_P")
_T = TypeVar("_T", covariant=True)
_Number = TypeVar("_Number", np.float64, np.int64)
_NUMBERS = "biuf"
Block = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


@dataclass(frozen=True, eq=False, slots=True)
class Forecasts:
    """Outcomes c_i in {0, 1} and confidences q_i in [0, 1] of n answers, with weights and groups.

    The outcome comes first, as in scikit-learn: `Forecasts(y_true, y_prob)`; keywords may be in any
    order. Lists, numpy arrays of bools, integers or floats, and pandas or polars columns are
    accepted. Nothing is broadcast, clipped, guessed or dropped: a value outside its domain raises
    an error. The arrays are read-only copies.

    Attributes:
        correct: (n,) float64, each 0 or 1; with `graded` in [0, 1].
        confidence: (n,) float64 in [0, 1].
        weight: (n,) float64, nonnegative with a positive sum; if not given, ones that take no
            memory (of graded rows, real ones).
        group: (n,) int64 codes of the labels given, such as the question that several answers
            share; or None. Intervals resample whole groups.
        precision: The floating-point type of the input. A float32 column holds 0.9 as 0.89999998;
            bin edges are rounded to the same precision, so that this value still belongs to the bin
            that starts at 0.9.
        graded: Whether the outcomes are scores in [0, 1]. Only metrics that mean something for
            scores accept such rows.

    Raises:
        ValueError: If a column is not one-dimensional, lengths differ or are 0, or an entry is
            outside its domain.
        TypeError: If an entry is not a number.

    Example:
        >>> forecasts = Forecasts([True, False, True], [0.9, 0.5, 1])
        >>> len(forecasts), forecasts.correct
        (3, array([1., 0., 1.]))
        >>> Forecasts(correct=[1, 0], confidence=[0.9, 1.2])
        Traceback (most recent call last):
        ...
        ValueError: `confidence` must lie in [0, 1], got 1.2 at index 1
    """

    correct: NDArray[np.float64]
    confidence: NDArray[np.float64]
    weight: NDArray[np.float64]
    group: NDArray[np.int64] | None
    precision: np.dtype[Any]
    graded: bool
    _levels: Levels | None
    _counted: bool | None

    def __init__(
        self,
        correct: ArrayLike,
        confidence: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        group: ArrayLike | None = None,
        graded: bool = False,
    ) -> None:
        stated = _column("confidence", confidence)
        outcomes = _column("correct", correct)
        weights = _ones(stated.size) if weight is None else _column("weight", weight)
        codes = None if group is None else _codes(group)
        _same_length(confidence=stated, correct=outcomes, weight=weights, group=codes)
        q = _float64(stated, lambda q: (q >= 0) & (q <= 1), "`confidence` must lie in [0, 1]")
        if graded:
            c = _float64(outcomes, lambda s: (s >= 0) & (s <= 1), "`correct` must lie in [0, 1]")
            if weight is None:  # what is counted where no weights are given are outcomes of 0 and 1
                weights = np.ones(c.size)
        else:
            c = _outcomes(outcomes, q)
        if weight is not None:
            weights = _float64(
                weights, lambda w: (w >= 0) & (w < np.inf), "`weight` must be finite and at least 0"
            )
            if not weights.sum() > 0:
                raise ValueError("`weight` must have a positive sum, got only zeros")
        precision = stated.dtype if stated.dtype.kind == "f" else np.dtype(np.float64)
        self._set(q, c, weights, codes, precision, graded)

    def _set(
        self,
        confidence: NDArray[np.float64],
        correct: NDArray[np.float64],
        weight: NDArray[np.float64],
        group: NDArray[np.int64] | None,
        precision: np.dtype[Any],
        graded: bool,
    ) -> None:
        for column in (correct, confidence, weight, group):
            if column is not None:
                column.setflags(write=False)
        values = (correct, confidence, weight, group, precision, graded, None, None)
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return int(self.confidence.size)

    def __repr__(self) -> str:
        return line("Forecasts", *(f"{name}={in_short(value)}" for name, value in self._facts()))

    def _repr_html_(self) -> str:
        brier = self.mean_of(lambda q, c: (q - c) ** 2)
        rows = [
            *self._facts(),
            ("Brier score (smaller is better)", brier),
            ("stated values", self.levels.value.size),
        ]
        return table(rows, caption="Forecasts")

    def _facts(self) -> list[tuple[str, object]]:
        facts: list[tuple[str, object]] = [
            ("n", len(self)),
            ("accuracy", self.mean(self.correct)),
            ("mean confidence", self.mean(self.confidence)),
        ]
        if self.group is not None:
            facts.append(("groups", int(np.unique(self.group).size)))
        return facts

    @property
    def unweighted(self) -> bool:
        """Whether every row counts 1 because no weights were given."""
        return equal_weights(self.weight)

    @property
    def levels(self) -> Levels:
        """The distinct stated values with their counts; computed once and cached."""
        if self.few_levels is None and self._levels is None:
            object.__setattr__(
                self, "_levels", levels_of(self.confidence, self.correct, self.weight)
            )
        return cast("Levels", self._levels)

    @property
    def few_levels(self) -> Levels | None:
        """The levels if they can be counted without a sort (long columns on a grid); else None.

        The answer does not depend on whether `levels` was computed before: results must not depend
        on the order of calls.
        """
        if self._counted is None:
            counted = counted_levels(self.confidence, self.correct, self.weight)
            object.__setattr__(self, "_levels", counted)
            object.__setattr__(self, "_counted", counted is not None)
        return self._levels if self._counted else None

    def blocks(self) -> Iterator[Block]:
        """The columns confidence, correct and weight in blocks that fit the processor's cache."""
        for rows in slices(len(self)):
            yield self.confidence[rows], self.correct[rows], self.weight[rows]

    def __getitem__(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Forecasts:
        """Some of the rows, by slice, positions (which may repeat) or mask; at least one row.

        Raises:
            ValueError: If no row of positive weight is selected.

        Example:
            >>> Forecasts(correct=[0, 1], confidence=[0.2, 0.9])[1:].confidence
            array([0.9])
        """
        if isinstance(rows, np.ndarray) and rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)  # once, instead of once for each column
        group = None if self.group is None else _selected(self.group, rows)
        part = object.__new__(Forecasts)
        confidence, correct = _selected(self.confidence, rows), _selected(self.correct, rows)
        weight = _ones(confidence.size) if self.unweighted else _selected(self.weight, rows)
        if not weight.sum() > 0:
            raise ValueError("the selected rows must have a positive total weight, got none")
        part._set(confidence, correct, weight, group, self.precision, self.graded)
        return part

    def ungrouped(self) -> Forecasts:
        """The same rows as if they were independent, without a copy.

        Example:
            >>> Forecasts([0, 1], [0.2, 0.9], group=["a", "a"]).ungrouped().group is None
            True
        """
        alike = object.__new__(Forecasts)
        alike._set(self.confidence, self.correct, self.weight, None, self.precision, self.graded)
        return alike

    def mean_of(
        self, score: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
    ) -> float:
        """The weighted mean of score(q, c), computed in blocks of rows.

        The mean is -inf if the score of a row of positive weight is -inf.

        Args:
            score: A function of confidences q and outcomes c, two arrays of equal shape, that
                returns an array of that shape, finite or -inf.

        Example:
            >>> Forecasts(correct=[0, 1], confidence=[0.5, 1.0]).mean_of(lambda q, c: (q - c) ** 2)
            0.125
        """
        total = 0.0
        for q, c, w in self.blocks():
            values = score(q, c)
            if self.unweighted:
                total += float(values.sum())
            else:
                total += float((values[w > 0] * w[w > 0]).sum())
        return total / float(len(self) if self.unweighted else self.weight.sum())

    def mean(self, values: NDArray[np.float64]) -> float:
        """The weighted mean of one number per row; -inf if a row of positive weight has -inf.

        Args:
            values: (n,) finite or -inf.

        Example:
            >>> Forecasts([0, 1], [0.5, 1.0], weight=[3, 1]).mean(np.array([1.0, 2.0]))
            1.25
        """
        if self.unweighted:
            return float(values.mean())
        counted = self.weight > 0
        return float((values[counted] * self.weight[counted]).sum() / self.weight.sum())


class Metric(Protocol[_P, _T]):
    """The type of a metric that takes `Forecasts`, or two arrays: outcomes, then confidences."""

    @overload
    def __call__(self, forecasts: Forecasts, *args: _P.args, **options: _P.kwargs) -> _T: ...
    @overload
    def __call__(
        self, correct: ArrayLike, confidence: ArrayLike, *args: _P.args, **options: _P.kwargs
    ) -> _T: ...


def takes_arrays(function: Callable[Concatenate[Forecasts, _P], _T]) -> Metric[_P, _T]:
    """Make a function of `Forecasts` accept two arrays as well.

    The arrays are in scikit-learn's order: outcomes, then confidences.

    Example:
        >>> @takes_arrays
        ... def gap(forecasts):
        ...     return forecasts.mean(forecasts.confidence - forecasts.correct)
        >>> gap(Forecasts([0, 1], [0.75, 0.75])), gap([0, 1], [0.75, 0.75])
        (0.25, 0.25)
        >>> gap(confidence=[0.75], correct=[0])
        0.75
        >>> gap(Forecasts([0.5], [0.75], graded=True))
        Traceback (most recent call last):
        ValueError: `gap` needs outcomes of 0 or 1, got graded scores
    """
    return _metric(function, scores=False)


def takes_scores(function: Callable[Concatenate[Forecasts, _P], _T]) -> Metric[_P, _T]:
    """The same as `takes_arrays`, for a function that means something for graded scores as well.

    Example:
        >>> @takes_scores
        ... def gap(forecasts):
        ...     return forecasts.mean(forecasts.confidence - forecasts.correct)
        >>> gap(Forecasts([0.5], [0.75], graded=True))
        0.25
    """
    return _metric(function, scores=True)


def _metric(function: Callable[Concatenate[Forecasts, _P], _T], *, scores: bool) -> Metric[_P, _T]:
    def of_arrays(
        correct: ArrayLike, confidence: ArrayLike, *args: _P.args, **options: _P.kwargs
    ) -> _T:
        return function(Forecasts(correct, confidence), *args, **options)

    @wraps(function)
    def of_either(*args: Any, **options: Any) -> _T:
        given = args[0] if args else options.get("forecasts")
        if isinstance(given, Forecasts) or "forecasts" in options:
            if not scores and isinstance(given, Forecasts) and given.graded:
                name = function.__name__
                raise ValueError(f"`{name}` needs outcomes of 0 or 1, got graded scores")
            return function(*args, **options)
        return of_arrays(*args, **options)

    # Python's TypeError for a missing array then names the metric.
    of_arrays.__qualname__ = function.__qualname__
    of_either.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\n{_EITHER}\n"
    return cast("Metric[_P, _T]", of_either)


_EITHER = (
    "Takes `Forecasts`, or two arrays in scikit-learn's order: outcomes `correct`, then"
    " `confidence`."
)


def _outcomes(outcomes: NDArray[Any], stated: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outcomes, each 0 or 1.

    If they are not and every confidence is 0 or 1, the two columns were probably swapped, and the
    error message says so.
    """
    try:
        return _float64(outcomes, lambda c: (c == 0) | (c == 1), "`correct` must be 0 or 1")
    except ValueError as error:
        if not ((stated == 0) | (stated == 1)).all():
            raise
        raise ValueError(
            f"{error}, and every `confidence` is 0 or 1: are the two swapped? Outcomes come first,"
            " as in Forecasts(correct, confidence)"
        ) from None


def _selected(
    column: NDArray[_Number], rows: slice | NDArray[np.int64] | NDArray[np.bool_]
) -> NDArray[_Number]:
    """A copy of some rows."""
    return column[rows].copy() if isinstance(rows, slice) else column[rows]


def _ones(n: int) -> NDArray[np.float64]:
    """Read-only ones that share the memory of a single number."""
    return np.broadcast_to(np.float64(1), n)


def _column(name: str, values: ArrayLike) -> NDArray[Any]:
    """A one-dimensional column of numbers; nothing else is converted, since numpy would guess."""
    if np.ma.isMaskedArray(values):
        raise TypeError(
            f"`{name}` must be a plain column, got a masked array; fill or remove the masked"
            " entries first"
        )
    column = np.asarray(values)
    if column.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional, got shape {column.shape}")
    if column.dtype.kind == "O":
        return _objects(name, column)
    if column.dtype.kind not in _NUMBERS and column.size:
        raise TypeError(f"`{name}` must hold numbers, got {column[0].item()!r} at index 0")
    return column


def _objects(name: str, column: NDArray[Any]) -> NDArray[np.float64]:
    # numpy would silently convert None to NaN and "0.5" to 0.5.
    for index, value in enumerate(column):
        if not isinstance(value, Real):
            raise TypeError(f"`{name}` must hold numbers, got {value!r} at index {index}")
    return column.astype(np.float64)


def _codes(group: ArrayLike) -> NDArray[np.int64]:
    """(n,) codes of the group labels, which may be of any hashable type."""
    labels = np.asarray(group)
    if labels.ndim != 1:
        raise ValueError(f"`group` must be one-dimensional, got shape {labels.shape}")
    if labels.dtype.kind != "O":
        if labels.dtype.kind == "f":
            _require(labels, np.isfinite(labels), "`group` must have a label in every row")
        if labels.dtype.kind not in "iu" or not labels.size:
            return _sorted_codes(labels)
        found = compact(labels)
        return found.copy() if found is labels else found  # the column of the caller stays writable
    seen: dict[Any, int] = {}
    codes = [seen.setdefault(label, len(seen)) for label in labels.tolist()]
    if gaps := [label for label in seen if label is None or label != label]:
        raise ValueError(
            f"`group` must have a label in every row, got {gaps[0]} at index"
            f" {codes.index(seen[gaps[0]])}"
        )
    return np.array(codes, dtype=np.int64)


def _sorted_codes(labels: NDArray[Any]) -> NDArray[np.int64]:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _same_length(**columns: NDArray[Any] | None) -> None:
    sizes = {name: column.size for name, column in columns.items() if column is not None}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            "all columns must have the same length, got"
            f" {', '.join(f'{k}: {n}' for k, n in sizes.items())}"
        )
    if sizes["confidence"] == 0:
        raise ValueError("`confidence` must have at least one row, got none")


def _require(column: NDArray[Any], holds: NDArray[np.bool_], rule: str, start: int = 0) -> None:
    if not holds.all():
        index = int(np.argmin(holds))
        raise ValueError(f"{rule}, got {column[index].item()!r} at index {start + index}")


def _float64(
    column: NDArray[Any], holds: Callable[[NDArray[Any]], NDArray[np.bool_]], rule: str
) -> NDArray[np.float64]:
    """A new float64 array; every entry is validated."""
    values = np.empty(column.size)
    for rows in slices(column.size):
        _require(column[rows], holds(column[rows]), rule, rows.start)
        np.add(column[rows], 0.0, out=values[rows], casting="same_kind")  # -0.0 becomes 0.0
    return values
