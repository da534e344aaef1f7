"""Columns as they were found become rollouts: which is which, on which scale, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from scoring_theory.rollouts.labels import PRINTED, Labels, encode, first_unprintable
from scoring_theory.rollouts.rollouts import LABELS, RolloutError, Rollouts, Scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW, _LONG = 30, 80  # names and characters of a value that a message shows
REQUIRED = ("confidence", "correct")
NAMES: Mapping[str, tuple[str, ...]] = {
    "confidence": ("confidence",),
    "correct": ("correct",),
    "method": ("method", "model"),
    "dataset": ("dataset",),
    "question": ("question", "item"),
    "answer": ("answer", "sample"),
}
"""Under which names a column is looked for when no mapping is given, in this order."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a log is to be read.

    Attributes:
        columns: What columns are called where their name differs.
        scale: "unit", "percent", or None: refuse what looks like percentages.
        missing: What an answer without a usable confidence is paid; None refuses it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: Scale | None = None
    missing: float | None = None

    def __post_init__(self) -> None:
        if unknown := set(self.columns) - set(NAMES):
            raise RolloutError(
                f"columns can be mapped for {', '.join(NAMES)}, got {sorted(unknown)[0]!r}"
            )
        if self.scale is not None and self.scale not in get_args(Scale):
            raise RolloutError(f'`scale` must be "unit" or "percent", got {self.scale!r}')
        if self.missing is not None and not math.isfinite(self.missing):
            raise RolloutError(f"`missing` must be a finite payoff, got {self.missing!r}")

    def choose(self, source: str, names: Iterable[str]) -> dict[str, str]:
        """The name of the column of each role that there is.

        Raises:
            RolloutError: A required or a mapped column is not there.
        """
        known = list(names)
        found = {role: self._find(source, role, known) for role in NAMES}
        return {role: name for role, name in found.items() if name is not None}

    def _find(self, source: str, role: str, names: list[str]) -> str | None:
        wanted = (self.columns[role],) if role in self.columns else NAMES[role]
        found = next((name for name in wanted if name in names), None)
        if found is None and (role in REQUIRED or role in self.columns):
            has = (
                ", ".join([*map(_quoted, names[:_FEW]), *(["..."] if len(names) > _FEW else [])])
                or "none"
            )
            how = f'pass `--column {role}=NAME` (columns={{"{role}": "NAME"}})'
            hint = "" if role in self.columns else f"; if it has another name, {how}"
            raise RolloutError(
                f"{source}: there is no column {wanted[0]!r} for the {role}; the columns are"
                f" {has}{hint}"
            )
        return found


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """The columns of a log by role: lists as they were read, arrays of numbers, or labels; and how to name a row."""

    columns: Mapping[str, Any]
    where: Callable[[int], str] = lambda row: f"row {row + 1}"


def to_rollouts(source: str, found: FoundColumns, policy: Policy) -> Rollouts:
    """Check every value and keep every row.

    Raises:
        RolloutError: A value is outside its domain; with its row and what it was.
    """
    columns = found.columns
    if len(columns["confidence"]) == 0:
        raise RolloutError(f"{source}: there are no rows")
    confidence, malformed = _confidence(source, columns["confidence"], found.where, policy)
    correct = _correct(source, columns["correct"], found.where)
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
    )


def _confidence(
    source: str, column: Any, where: Callable[[int], str], policy: Policy
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
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
    holds = (values >= 0) & (values <= 1)  # NaN, the reading of what is no number, fails
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
    return "; `--missing PAYOFF` (missing=PAYOFF) pays such answers instead of refusing the log"


def _numbers(column: Any, *, percent: bool) -> NDArray[Any]:
    """The numbers that cells state; NaN for what is no number."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
        return column
    cells = list(column)
    plain = _in_bulk(cells)
    return np.array([_number(cell, percent) for cell in cells]) if plain is None else plain


def _in_bulk(cells: list[Any]) -> NDArray[np.float64] | None:
    """The same, at once, for cells of a single plain kind."""
    kinds = set(map(type, cells))
    try:
        if kinds <= {int, float, type(None)}:
            return np.array(cells, dtype=np.float64)  # None is NaN
        if kinds == {str} and "_" not in (together := "".join(cells)) and together.isascii():
            return np.array(list(map(float, cells)))
    except (ValueError, OverflowError):
        pass
    return None


_REAL = (str, int, float, Decimal, np.integer, np.floating)


def _number(value: Any, percent: bool) -> float:
    """One number, or NaN; `1_0` and digits of other scripts are Python's and no numbers."""
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


def _correct(source: str, column: Any, where: Callable[[int], str]) -> NDArray[Any]:
    if isinstance(column, np.ndarray) and column.dtype.kind in "biuf":
        values = column
    else:
        cells = list(column)
        try:
            known = {cell: _outcome(cell) for cell in set(cells)}
            values = np.array([known[cell] for cell in cells])
        except TypeError:  # a cell that is a list
            values = np.array([_outcome(cell) for cell in cells])
    holds = (values == 0) | (values == 1)
    if not holds.all():
        row = int(np.argmin(holds))
        raise RolloutError(
            f"{source}, {where(row)}: `correct` must be 0 or 1, got {_shown(column[row])}"
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
    """A value as Python writes it, cut where a message would drown in it."""
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def _filled(source: str, role: str, column: Any, where: Callable[[int], str]) -> Labels:
    if isinstance(column, Labels):
        empty = np.array([_gap(role, name) for name in column.names.tolist()])[column.code]
        gap = int(np.argmax(empty)) if empty.any() else -1
    elif isinstance(column, np.ndarray) and column.dtype.kind in "biu":
        gap = -1
    elif set(map(type, column)) == {str}:
        gap = -1 if role == "answer" or "" not in column else list(column).index("")
    else:
        gap = next((row for row, value in enumerate(column) if _gap(role, value)), -1)
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


def _gap(role: str, value: Any) -> bool:
    return value is None or value != value or (value == "" and role != "answer")
