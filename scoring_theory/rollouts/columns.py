"""From raw columns to rollouts: the roles of columns, the scale, and missing confidences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from scoring_theory.rollouts.labels import PRINTED, Labels, encode, first_unprintable
from scoring_theory.rollouts.rollouts import LABELS, ConfidenceScale, RolloutError, Rollouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW, _LONG = 30, 80
"""How many column names, and how many characters of a value, an error message shows."""
REQUIRED = ("confidence", "correct")
COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "confidence": ("confidence",),
    "correct": ("correct",),
    "method": ("method", "model"),
    "dataset": ("dataset",),
    "question": ("question", "item"),
    "answer": ("answer", "sample"),
}
"""The names under which the column of a role is searched without a mapping, in this order."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a log is read.

    Attributes:
        columns: The name of the column by role, where it differs from `COLUMN_NAMES`.
        scale: "unit" or "percent"; None means "unit" with an error for apparent percentages.
        missing: The reward of an answer without a usable confidence; None makes it an error.
        graded: Whether `correct` holds scores in [0, 1].

    Raises:
        RolloutError: If an attribute is outside its domain.

    Example:
        >>> Policy(columns={"confidence": "p"}).choose("log.csv", ["p", "correct", "model"])
        {'confidence': 'p', 'correct': 'correct', 'method': 'model'}
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: ConfidenceScale | None = None
    missing: float | None = None
    graded: bool = False

    def __post_init__(self) -> None:
        if unknown := set(self.columns) - set(COLUMN_NAMES):
            raise RolloutError(
                f"columns can be mapped for {', '.join(COLUMN_NAMES)}, got {sorted(unknown)[0]!r}"
            )
        if self.scale is not None and self.scale not in get_args(ConfidenceScale):
            raise RolloutError(f'`scale` must be "unit" or "percent", got {self.scale!r}')
        if self.missing is not None and not math.isfinite(self.missing):
            raise RolloutError(f"`missing` must be a finite payoff, got {self.missing!r}")

    def choose(self, source: str, names: Iterable[str]) -> dict[str, str]:
        """The name of the column of each role that the log has.

        Raises:
            RolloutError: If a required or a mapped column does not exist.
        """
        existing = list(names)
        by_role = {role: self._find(source, role, existing) for role in COLUMN_NAMES}
        return {role: name for role, name in by_role.items() if name is not None}

    def _find(self, source: str, role: str, existing: list[str]) -> str | None:
        """The column of a role; a missing one is an error that lists the columns of the log."""
        candidates = (self.columns[role],) if role in self.columns else COLUMN_NAMES[role]
        column = next((name for name in candidates if name in existing), None)
        if column is None and (role in REQUIRED or role in self.columns):
            more = ["..."] if len(existing) > _FEW else []
            listed = ", ".join([*map(_quoted, existing[:_FEW]), *more]) or "none"
            how = f'pass `--column {role}=NAME` (columns={{"{role}": "NAME"}})'
            hint = "" if role in self.columns else f"; if it has another name, {how}"
            raise RolloutError(
                f"{source}: there is no column {candidates[0]!r} for the {role}; the columns are"
                f" {listed}{hint}"
            )
        return column


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """The columns of a log by role, before validation.

    Attributes:
        columns: By role, a list as it was read, an array of numbers, or labels.
        where: From the index of a row to its name in messages.

    Example:
        >>> FoundColumns({"confidence": [0.5], "correct": [1]}).where(0)
        'row 1'
    """

    columns: Mapping[str, Any]
    where: Callable[[int], str] = lambda row: f"row {row + 1}"


def to_rollouts(source: str, found: FoundColumns, policy: Policy) -> Rollouts:
    """Rollouts from raw columns: every value is validated, and no row is dropped.

    Raises:
        RolloutError: If a value is outside its domain; the message names the row and the value.

    Example:
        >>> raw = FoundColumns({"confidence": ["90", "50%"], "correct": ["true", 0]})
        >>> to_rollouts("a log", raw, Policy(scale="percent")).confidence
        array([0.9, 0.5])
    """
    columns = found.columns
    if len(columns["confidence"]) == 0:
        raise RolloutError(f"{source}: there are no rows")
    confidence, malformed = _confidence(source, columns["confidence"], found.where, policy)
    correct = _correct(source, columns["correct"], found.where, graded=policy.graded)
    labels: dict[str, Any] = {
        role: _filled(source, role, columns[role], found.where)
        for role in LABELS
        if role in columns
    }
    return Rollouts(
        confidence=confidence,
        correct=correct,
        **labels,
        malformed=malformed,
        missing=policy.missing,
        scale=policy.scale or "unit",
        source=source,
        graded=policy.graded,
    )


def _confidence(
    source: str, column: Any, where: Callable[[int], str], policy: Policy
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The confidences in [0, 1], NaN where there is none, and which rows are malformed."""
    values = _numbers(column, percent=policy.scale == "percent")
    if policy.scale is None and _percentages(values):
        row = int(np.argmax(values > 1))
        raise RolloutError(
            f"{source}, {where(row)}: `confidence` must be a number in [0, 1], got"
            f" {_shown(column[row])}; if the log states percentages, pass `--scale percent`"
            ' (scale="percent"), otherwise `--scale unit`'
        )
    if policy.scale == "percent":
        values = values / np.asarray(
            100, dtype=values.dtype if values.dtype.kind == "f" else np.float64
        )
    holds = (values >= 0) & (values <= 1)  # false for NaN, which stands for anything but a number
    if holds.all():
        return values, None
    if policy.missing is None:
        row = int(np.argmin(holds))
        rule = "a percentage in [0, 100]" if policy.scale == "percent" else "a number in [0, 1]"
        hint = "" if math.isfinite(values[row]) else _hint(column[row])
        raise RolloutError(
            f"{source}, {where(row)}: `confidence` must be {rule}, got {_shown(column[row])}{hint}"
        )
    if not holds.any():
        raise RolloutError(
            f"{source}: `confidence` must be stated in at least one row, got none in {holds.size}"
        )
    malformed = ~holds
    malformed[malformed] = [not _absent(column[row]) for row in np.flatnonzero(~holds)]
    return (
        np.where(holds, values, np.asarray(np.nan, dtype=np.result_type(values, np.float16))),
        malformed,
    )


def _percentages(values: NDArray[Any]) -> bool:
    stated = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    return bool(stated.size and stated.max() > 1 and stated.min() >= 0 and stated.max() <= 100)


def _hint(value: object) -> str:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return '; percentages need `--scale percent` (scale="percent")'
    return "; `--missing PAYOFF` (missing=PAYOFF) accepts such answers and gives them that reward"


def _numbers(column: Any, *, percent: bool) -> NDArray[Any]:
    """The numbers in the cells; NaN for a cell that is not a number."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
        return column
    cells = list(column)
    values = _in_bulk(cells)
    return np.array([_number(cell, percent) for cell in cells]) if values is None else values


def _in_bulk(cells: list[Any]) -> NDArray[np.float64] | None:
    """The numbers at once, if all cells are numbers or all are texts of numbers; otherwise None."""
    kinds = set(map(type, cells))
    try:
        if kinds <= {int, float, type(None)}:
            return np.array(cells, dtype=np.float64)  # None is NaN
        if kinds == {str} and "_" not in (text := "".join(cells)) and text.isascii():
            return np.array(list(map(float, cells)))
    except (ValueError, OverflowError):
        pass
    return None


_REAL = (str, int, float, Decimal, np.integer, np.floating)


def _number(value: Any, percent: bool) -> float:
    """One number, or NaN; NaN also for `1_0` and other scripts, which only Python accepts."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, _REAL):
        return math.nan
    if "_" in (shown := str(value).strip()) or not shown.isascii():
        return math.nan
    text = value.strip().removesuffix("%") if percent and isinstance(value, str) else value
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan


_WORDS: Mapping[str, float] = {"true": 1.0, "false": 0.0}


def _correct(
    source: str, column: Any, where: Callable[[int], str], *, graded: bool
) -> NDArray[Any]:
    """The outcomes, each 0 or 1 (or a score); texts are parsed once per distinct value."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "biuf":
        values = column
    else:
        cells = list(column)
        try:
            outcomes = {cell: _outcome(cell) for cell in set(cells)}
            values = np.array([outcomes[cell] for cell in cells])
        except TypeError:  # a cell that is not hashable, such as a list
            values = np.array([_outcome(cell) for cell in cells])
    fine = (values >= 0) & (values <= 1)
    holds = fine if graded else (values == 0) | (values == 1)
    if not holds.all():
        row = int(np.argmin(holds))
        rule = "a score in [0, 1]" if graded else "0 or 1"
        hint = "; if it is a score, pass `--graded` (graded=True)" if fine[row] else ""
        raise RolloutError(
            f"{source}, {where(row)}: `correct` must be {rule}, got {_shown(column[row])}{hint}"
        )
    return values


def _outcome(value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or (
        isinstance(value, str) and value.strip().lower() in _WORDS
    ):
        return _WORDS[str(value).strip().lower()]
    return _number(value, percent=False)


def _absent(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, str) and value.strip().lower() in ("", "nan"))
        or value != value
    )


def _shown(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    return "nothing" if value is None or value == "" else _quoted(plain)


def _quoted(value: object) -> str:
    """The `repr` of a value, shortened for an error message."""
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def _filled(source: str, role: str, column: Any, where: Callable[[int], str]) -> Labels:
    """The labels of a column without gaps; labels that reports print must be printable."""
    if isinstance(column, Labels):
        empty = np.array([_is_empty(role, name) for name in column.names.tolist()])[column.code]
        gap = int(np.argmax(empty)) if empty.any() else -1
    elif isinstance(column, np.ndarray) and column.dtype.kind in "biu":
        gap = -1
    elif set(map(type, column)) == {str}:
        gap = -1 if role == "answer" or "" not in column else list(column).index("")
    else:
        gap = next((row for row, value in enumerate(column) if _is_empty(role, value)), -1)
    if gap >= 0:
        value = column.names[column.code[gap]] if isinstance(column, Labels) else column[gap]
        raise RolloutError(
            f"{source}, {where(gap)}: `{role}` must be filled in, got {_shown(value)}"
        )
    labels = encode(role, column)
    if role in PRINTED and (row := first_unprintable(labels)) is not None:
        name = str(labels.names[labels.code[row]])
        raise RolloutError(
            f"{source}, {where(row)}: `{role}` must be printable text on one line, got {name!a}"
        )
    return labels


def _is_empty(role: str, value: Any) -> bool:
    return value is None or value != value or (value == "" and role != "answer")
