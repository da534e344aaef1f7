"""Logs of rollouts: CSV, TSV, JSON Lines (each also gzipped), Parquet, Arrow; and data frames in memory.

No row is ever dropped or repaired.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from scoring_theory.rollouts import arrow, text_tables
from scoring_theory.rollouts.columns import Found, Policy, to_rollouts
from scoring_theory.rollouts.rollouts import RolloutError, Rollouts, Scale

_READERS: Mapping[str, Callable[[Path, text_tables.Choose], Found]] = {
    ".csv": text_tables.separated(","),
    ".tsv": text_tables.separated("\t"),
    ".jsonl": text_tables.json_lines,
    ".ndjson": text_tables.json_lines,
    ".parquet": arrow.parquet,
    ".arrow": arrow.feather,
    ".feather": arrow.feather,
}
_COLUMNAR = {".parquet", ".arrow", ".feather"}


def read_rollouts(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    scale: Scale | None = None,
    missing: float | None = None,
) -> Rollouts:
    """Read a log, one row per answer.

    The format is that of the suffix: `.csv`, `.tsv`, `.jsonl` or `.ndjson` (all also with `.gz`), `.parquet`, `.arrow`
    or `.feather`. The columns `confidence` (a number in [0, 1]) and `correct` (0 or 1, true or false) are required;
    `method` (or `model`), `dataset`, `question` (or `item`) and `answer` (or `sample`) are used where they exist. Other
    columns are ignored.

    Args:
        path: The file.
        columns: What columns are called in the file where their name differs, such as `{"confidence": "stated_prob"}`.
        scale: "percent" divides by 100; "unit" insists on [0, 1]. By default [0, 1] too, and a column that looks like
            percentages is refused with a question and never converted.
        missing: What an answer is paid whose confidence is absent, unreadable or outside the scale; it is then kept out
            of every measure of calibration and counted. By default the first such answer is refused.

    Raises:
        RolloutError: If the file cannot be read, a column is missing, or a value is outside its domain; with the file,
            the row (the first is row 1) and the value. Nothing is clipped, filled or skipped; blank lines are no rows.
        ModuleNotFoundError: If the file is Parquet or Arrow and pyarrow is not installed.
    """
    path, policy = Path(path), Policy(columns=columns or {}, scale=scale, missing=missing)
    reader = _READERS[_kind(path)]
    try:
        found = reader(path, lambda names: policy.choose(str(path), names))
    except FileNotFoundError:
        raise RolloutError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise RolloutError(f"{path} must be UTF-8 text, got byte {error.object[error.start]:#04x}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None
    return to_rollouts(str(path), found, policy)


def rollouts_from_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = None,
    scale: Scale | None = None,
    missing: float | None = None,
    source: str = "a data frame",
) -> Rollouts:
    """The same from memory: a pandas or polars frame, an Arrow table, or a mapping of columns.

    Args:
        frame: Anything with named columns; neither library is imported.
        columns: See `read_rollouts`.
        scale: See `read_rollouts`.
        missing: See `read_rollouts`.
        source: What to call it in messages and reports.

    Raises:
        RolloutError: See `read_rollouts`.

    Example:
        >>> rollouts_from_frame({"confidence": [0.9, 0.5], "correct": [1, 0], "model": ["a", "b"]}).methods
        ('a', 'b')
    """
    policy = Policy(columns=columns or {}, scale=scale, missing=missing)
    if hasattr(frame, "column_names"):
        chosen = policy.choose(source, list(frame.column_names))
        found = {role: arrow.column_of(role, frame.column(name)) for role, name in chosen.items()}
    else:
        names = frame.columns if hasattr(frame, "columns") else frame.keys()
        chosen = policy.choose(source, [str(name) for name in names])
        found = {role: _series(frame[name]) for role, name in chosen.items()}
    sizes = {role: len(column) for role, column in found.items()}
    if len(set(sizes.values())) > 1:
        raise RolloutError(f"{source}: all columns must have the same length, got {sizes}")
    return to_rollouts(source, Found(found), policy)


def _series(column: Any) -> Any:
    """An array of numbers where it holds numbers alone, otherwise a list with None for what is missing."""
    missing = next((getattr(column, name)() for name in ("isna", "is_null") if hasattr(column, name)), None)
    gaps = np.zeros(len(column), dtype=np.bool_) if missing is None else np.asarray(missing, dtype=np.bool_)
    if not gaps.any():
        array = np.asarray(column) if not isinstance(column, list | tuple) else np.empty(0, dtype=object)
        return array if array.dtype.kind in "iuf" else list(column)
    return [None if gap else value for gap, value in zip(gaps.tolist(), list(column), strict=True)]


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    plain = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else (suffixes[-1] if suffixes else "")
    if plain not in _READERS or (plain in _COLUMNAR and suffixes[-1] == ".gz"):
        raise RolloutError(
            f"{path}: rollouts are read from .csv, .tsv, .jsonl, .ndjson (also .gz), .parquet, .arrow and .feather"
        )
    return plain
