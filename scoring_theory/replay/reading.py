"""Logs of rollouts from disk: CSV, TSV, JSON Lines (each also gzipped), Parquet. No row is ever dropped or repaired."""

from __future__ import annotations

import csv
import gzip
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import numpy as np

from scoring_theory.replay.rollouts import LABELS, RolloutError, Rollouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

REQUIRED = ("confidence", "correct")
NAMES: Mapping[str, tuple[str, ...]] = {
    "confidence": ("confidence",),
    "correct": ("correct",),
    "method": ("method",),
    "dataset": ("dataset",),
    "question": ("question", "item"),
    "answer": ("answer", "sample"),
}
"""Under which names a column is looked for when no mapping is given, in this order."""

Table = tuple[Mapping[str, Any], Callable[[int], str]]


def read_rollouts(path: str | Path, *, columns: Mapping[str, str] | None = None) -> Rollouts:
    """Read a log, one row per answer.

    The format is that of the suffix: `.csv`, `.tsv`, `.jsonl` or `.ndjson` (all also with `.gz`), `.parquet`. The
    columns `confidence` (a number in [0, 1]) and `correct` (0 or 1, true or false) are required; `method`, `dataset`,
    `question` (or `item`) and `answer` (or `sample`) are used where they exist. Other columns are ignored.

    Args:
        path: The file.
        columns: What columns are called in the file where their name differs, such as `{"confidence": "stated_prob"}`.

    Raises:
        RolloutError: If the file cannot be read, a column is missing, or a value is outside its domain; with the file,
            the row (the first is row 1) and the value. Nothing is clipped, filled or skipped; blank lines are no rows.
        ModuleNotFoundError: If the file is Parquet and pyarrow is not installed.
    """
    path = Path(path)
    kind = _kind(path)
    try:
        table, where = _READERS[kind](path)
    except FileNotFoundError:
        raise RolloutError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise RolloutError(f"{path} must be UTF-8 text, got byte {error.object[error.start]:#04x}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None
    return _rollouts(path, table, where, columns or {})


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    plain = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else (suffixes[-1] if suffixes else "")
    if plain not in _READERS or (plain == ".parquet" and suffixes[-1] == ".gz"):
        raise RolloutError(f"{path}: rollouts are read from .csv, .tsv, .jsonl, .ndjson (also .gz) and .parquet files")
    return plain


def _open(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _separated(delimiter: str) -> Callable[[Path], Table]:
    def read(path: Path) -> Table:
        with _open(path) as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            try:
                header = next(reader, [])
                rows, lines = _fields(path, reader, header)
            except csv.Error as error:
                raise RolloutError(
                    f"{path}, line {reader.line_num}: not a table with commas and quotes: {error}"
                ) from None
        columns = zip(*rows, strict=True) if rows else ([] for _ in header)
        return dict(zip(header, map(list, columns), strict=True)), lambda row: f"row {row + 1} (line {lines[row]})"

    return read


def _fields(path: Path, reader: Any, header: list[str]) -> tuple[list[list[str]], list[int]]:
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise RolloutError(f"{path}: every column must have its own name, got {twice!r} twice")
    rows, lines = [], []
    for fields in reader:
        if not fields:
            continue
        if len(fields) != len(header):
            raise RolloutError(f"{path}, line {reader.line_num}: {len(header)} fields expected, got {len(fields)}")
        rows.append(fields)
        lines.append(reader.line_num)
    return rows, lines


def _json_lines(path: Path) -> Table:
    with _open(path) as file:
        parsed = list(_objects(path, file))
    names = dict.fromkeys(name for _, row in parsed for name in row)
    table = {name: [row.get(name) for _, row in parsed] for name in names}
    return table, lambda row: f"row {row + 1} (line {parsed[row][0]})"


def _objects(path: Path, file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise RolloutError(f"{path}, line {line}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise RolloutError(f"{path}, line {line}: one JSON object per line expected, got {text.strip()[:40]!r}")
        yield line, row


def _parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Parquet needs pyarrow; install it with `pip install scoring-theory[parquet]`", name=error.name
        ) from None
    try:
        read = parquet.read_table(path)
    except ArrowException as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None
    return {name: _arrow(read.column(name)) for name in read.column_names}, lambda row: f"row {row + 1}"


def _arrow(column: Any) -> Sequence[Any] | NDArray[Any]:
    """An array of the column's own precision where it holds numbers and no gaps, otherwise a list."""
    plain = column.null_count == 0 and str(column.type) in {"float", "double", "halffloat"}
    return cast("NDArray[Any]", column.to_numpy()) if plain else cast("list[Any]", column.to_pylist())


_READERS: Mapping[str, Callable[[Path], Table]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": _parquet,
}


def _rollouts(
    path: Path, table: Mapping[str, Any], where: Callable[[int], str], columns: Mapping[str, str]
) -> Rollouts:
    if unknown := set(columns) - set(NAMES):
        raise RolloutError(f"columns can be mapped for {', '.join(NAMES)}, got {sorted(unknown)[0]!r}")
    found = {role: _find(path, role, table, columns) for role in NAMES}
    used = {role: table[name] for role, name in found.items() if name is not None}
    if len(used["confidence"]) == 0:
        raise RolloutError(f"{path}: there are no rows")
    numbers: dict[str, Any] = {role: _numbers(path, role, used[role], where) for role in REQUIRED}
    labels: dict[str, Any] = {role: _filled(path, role, used[role], where) for role in LABELS if role in used}
    return Rollouts(**numbers, **labels, source=str(path))


def _find(path: Path, role: str, table: Mapping[str, Any], columns: Mapping[str, str]) -> str | None:
    wanted = (columns[role],) if role in columns else NAMES[role]
    found = next((name for name in wanted if name in table), None)
    if found is None and (role in REQUIRED or role in columns):
        has = ", ".join(repr(name) for name in table) or "none"
        hint = "" if role in columns else f'; if it has another name, map it: {{"{role}": "that name"}}'
        raise RolloutError(f"{path}: there is no column {wanted[0]!r} for the {role}; the columns are {has}{hint}")
    return found


_RULES: Mapping[str, str] = {"confidence": "a number in [0, 1]", "correct": "0 or 1"}
_WORDS: Mapping[str, float] = {"true": 1.0, "false": 0.0}


def _numbers(path: Path, role: str, column: Any, where: Callable[[int], str]) -> NDArray[Any]:
    values = column if isinstance(column, np.ndarray) else np.array([_number(role, value) for value in column])
    holds = (values >= 0) & (values <= 1) if role == "confidence" else (values == 0) | (values == 1)
    if not holds.all():  # NaN, the reading of what is no number, fails both rules
        row = int(np.argmin(holds))
        percent = "; a percentage must be divided by 100 first" if 2 <= values[row] <= 100 else ""
        hint = percent if role == "confidence" else ""
        raise RolloutError(f"{path}, {where(row)}: `{role}` must be {_RULES[role]}, got {_shown(column[row])}{hint}")
    return values


def _number(role: str, value: Any) -> float:
    """The number that a cell states, or NaN: words count for outcomes only, and `1_0` is Python, not a number."""
    if isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in _WORDS):
        return _WORDS[str(value).strip().lower()] if role == "correct" else math.nan
    if not isinstance(value, (str, int, float, Decimal)) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == "" else repr(value.item() if isinstance(value, np.generic) else value)


def _filled(path: Path, role: str, column: Sequence[Any], where: Callable[[int], str]) -> Sequence[Any]:
    for row, value in enumerate(column):
        if value is None or value != value or (value == "" and role != "answer"):
            raise RolloutError(f"{path}, {where(row)}: `{role}` must be filled in, got {_shown(value)}")
    return column
