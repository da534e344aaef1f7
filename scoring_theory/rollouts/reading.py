"""Logs of rollouts: CSV, TSV, JSON Lines (each also gzipped), Parquet, Arrow; and data frames in memory.

No row is ever dropped or repaired.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from scoring_theory.printable import printable
from scoring_theory.rollouts import arrow, text_tables
from scoring_theory.rollouts.columns import FoundColumns, Policy, to_rollouts
from scoring_theory.rollouts.rollouts import RolloutError, Rollouts, Scale

_READERS: Mapping[str, Callable[[text_tables.Log, text_tables.Choose], FoundColumns]] = {
    ".csv": text_tables.separated(","),
    ".tsv": text_tables.separated("\t"),
    ".jsonl": text_tables.json_lines,
    ".ndjson": text_tables.json_lines,
    ".parquet": arrow.parquet,
    ".arrow": arrow.feather,
    ".feather": arrow.feather,
}
MAX_HELD = 1 << 27
"""Bytes of a log that is read from a stream, which is held in memory."""
_COLUMNAR = {".parquet", ".arrow", ".feather"}


FORMATS = tuple(kind.removeprefix(".") for kind in _READERS)
"""Formats by their usual suffixes."""


def read_rollouts(
    path: str | Path | BinaryIO,
    *,
    file_format: str | None = None,
    columns: Mapping[str, str] | None = None,
    scale: Scale | None = None,
    missing: float | None = None,
) -> Rollouts:
    """Read a log, one row per answer.

    The format is that of the suffix: `.csv`, `.tsv`, `.jsonl` or `.ndjson` (all also with `.gz`),
    `.parquet`, `.arrow` or `.feather`. That of an open binary file, such as `sys.stdin.buffer`, is
    read off its first bytes. The columns `confidence` (a number in [0, 1]) and `correct` (0 or 1,
    true or false) are required; `method` (or `model`), `dataset`, `question` (or `item`) and
    `answer` (or `sample`) are used where they exist. Other columns are ignored.

    Args:
        path: The file, by its name or open in binary mode.
        file_format: The format, such as "csv", where the suffix or the first bytes do not say it.
        columns: What columns are called in the file where their name differs, such as
            `{"confidence": "stated_prob"}`.
        scale: "percent" divides by 100; "unit" insists on [0, 1]. By default [0, 1] too, and a
            column that looks like percentages is refused with a question and never converted.
        missing: What an answer is paid whose confidence is absent, unreadable or outside the scale;
            it is then kept out of every measure of calibration and counted. By default the first
            such answer is refused.

    Raises:
        RolloutError: If the file cannot be read, a column is missing, or a value is outside its
            domain; with the file, the row (the first is row 1) and the value. Nothing is clipped,
            filled or skipped; blank lines are no rows.
        ModuleNotFoundError: If the file is Parquet or Arrow and pyarrow is not installed.
    """
    log = Path(path) if isinstance(path, str | Path) else _held(path)
    policy = Policy(columns=columns or {}, scale=scale, missing=missing)
    try:
        _require_regular(log)
        found = _READERS[_kind(log, file_format)](log, lambda names: policy.choose(str(log), names))
    except FileNotFoundError:
        raise RolloutError(f"{log}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise RolloutError(
            f"{log} must be UTF-8 text, got byte {error.object[error.start]:#04x}"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise RolloutError(f"{log} cannot be read: {error}") from None
    return to_rollouts(printable(str(log)), found, policy)


def _require_regular(log: text_tables.Log) -> None:
    """A pipe by its name would keep the reader waiting, perhaps for ever, and is not read twice."""
    if isinstance(log, Path) and log.exists() and not log.is_file():
        kind = (
            "a directory"
            if log.is_dir()
            else "a pipe, a socket or a device; standard input takes a stream"
        )
        raise RolloutError(f"{log} cannot be read: it must be a regular file, got {kind}")


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
    return to_rollouts(source, FoundColumns(found), policy)


def _series(column: Any) -> Any:
    """An array of numbers where it holds numbers alone, otherwise a list with None for what is missing."""
    missing = next(
        (getattr(column, name)() for name in ("isna", "is_null") if hasattr(column, name)), None
    )
    gaps = (
        np.zeros(len(column), dtype=np.bool_)
        if missing is None
        else np.asarray(missing, dtype=np.bool_)
    )
    if not gaps.any():
        array = (
            np.asarray(column)
            if not isinstance(column, list | tuple)
            else np.empty(0, dtype=object)
        )
        return array if array.dtype.kind in "iuf" else list(column)
    return [None if gap else value for gap, value in zip(gaps.tolist(), list(column), strict=True)]


def _held(file: BinaryIO) -> text_tables.Held:
    name = getattr(file, "name", None)
    known = (
        "standard input"
        if name == "<stdin>"
        else name
        if isinstance(name, str)
        else "the open file"
    )
    content = file.read(MAX_HELD + 1)
    if len(content) > MAX_HELD:
        raise RolloutError(
            f"{known}: a stream may have at most {MAX_HELD >> 20} MB; put it into a file"
        )
    return text_tables.Held(content, known)


def _kind(log: text_tables.Log, file_format: str | None) -> str:
    if file_format is not None:
        if file_format not in FORMATS:
            raise RolloutError(
                f"`file_format` must be one of {', '.join(FORMATS)}, got {file_format!r}"
            )
        return f".{file_format}"
    if isinstance(log, text_tables.Held):
        return _sniffed(log.beginning)
    suffixes = [suffix.lower() for suffix in log.suffixes]
    plain = (
        suffixes[-2]
        if len(suffixes) > 1 and suffixes[-1] == ".gz"
        else (suffixes[-1] if suffixes else "")
    )
    if plain not in _READERS or (plain in _COLUMNAR and suffixes[-1] == ".gz"):
        raise RolloutError(
            f"{log}: rollouts are read from .csv, .tsv, .jsonl, .ndjson (also .gz), .parquet,"
            " .arrow and .feather"
        )
    return plain


def _sniffed(content: bytes) -> str:
    r"""The format of a table by its first bytes; CSV is what it is unless they say otherwise.

    Example:
        >>> _sniffed(b'{"confidence": 1}'), _sniffed(b"a\tb\n"), _sniffed(b"a,b\n"), _sniffed(b"PAR1...")
        ('.jsonl', '.tsv', '.csv', '.parquet')
    """
    marks = {
        b"PAR1": ".parquet",
        b"ARROW1": ".arrow",
        b"\xff\xff\xff\xff": ".arrow",
    }  # the last is Arrow's stream format
    if columnar := next((kind for mark, kind in marks.items() if content.startswith(mark)), None):
        return columnar
    header = content.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    if header.startswith(b"{"):
        return ".jsonl"
    return ".tsv" if b"\t" in header and b"," not in header else ".csv"
