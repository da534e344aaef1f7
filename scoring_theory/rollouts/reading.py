"""Reading of rollouts from CSV, TSV, JSON Lines (also gzipped), Parquet, Arrow and data frames.

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
from scoring_theory.rollouts.rollouts import ConfidenceScale, RolloutError, Rollouts

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
"""Largest size in bytes of a log that is read from a stream into memory."""
_COLUMNAR = {".parquet", ".arrow", ".feather"}


FORMATS = tuple(kind.removeprefix(".") for kind in _READERS)
"""The formats, named by their usual suffixes."""


def read_rollouts(
    path: str | Path | BinaryIO,
    *,
    file_format: str | None = None,
    columns: Mapping[str, str] | None = None,
    scale: ConfidenceScale | None = None,
    missing: float | None = None,
    graded: bool = False,
) -> Rollouts:
    r"""Read a log with one row per answer.

    The suffix gives the format: `.csv`, `.tsv`, `.jsonl` or `.ndjson` (all also with `.gz`),
    `.parquet`, `.arrow` or `.feather`. The format of an open binary file, such as
    `sys.stdin.buffer`, is recognised by its first bytes. The columns `confidence` (a number in [0,
    1]) and `correct` (0 or 1, true or false) are required; `method` (or `model`), `dataset`,
    `question` (or `item`) and `answer` (or `sample`) are used if they exist. Other columns are
    ignored. Nothing is clipped, filled or skipped, except blank lines.

    Args:
        path: The file, by its name or open in binary mode.
        file_format: The format, such as "csv"; None takes it from the suffix or the first bytes.
        columns: The name of the column in the file by role, where it differs, such as
            `{"confidence": "stated_prob"}`.
        scale: "percent" for confidences in [0, 100], which are divided by 100; "unit" for [0, 1].
            None means "unit", but raises an error that asks for the scale if the column looks like
            percentages.
        missing: The reward of an answer whose confidence is absent, unreadable or outside the
            scale. Such answers are counted but excluded from every measure of calibration. None
            raises an error at the first one.
        graded: `correct` holds scores in [0, 1], such as partial credit.

    Raises:
        RolloutError: If the file cannot be read, a column is missing, or a value is outside its
            domain; the message names the file, the row (the first is row 1) and the value.
        ModuleNotFoundError: If the file is Parquet or Arrow and pyarrow is not installed.

    Example:
        >>> from io import BytesIO
        >>> log = BytesIO(b"confidence,correct,method\n0.9,1,RLCR\n0.5,0,Base\n")
        >>> rollouts = read_rollouts(log)
        >>> rollouts.methods, rollouts.confidence
        (('RLCR', 'Base'), array([0.9, 0.5]))
    """
    log = Path(path) if isinstance(path, str | Path) else _held(path)
    policy = Policy(columns=columns or {}, scale=scale, missing=missing, graded=graded)
    try:
        _require_regular(log)
        read = _READERS[_kind(log, file_format)]
        raw = read(log, lambda names: policy.choose(str(log), names))
    except FileNotFoundError:
        raise RolloutError(f"{log}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise RolloutError(
            f"{log} must be UTF-8 text, got byte {error.object[error.start]:#04x}"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise RolloutError(f"{log} cannot be read: {error}") from None
    return to_rollouts(printable(str(log)), raw, policy)


def _require_regular(log: text_tables.Log) -> None:
    """Raise an error for a named pipe: reading it could wait for ever, and works only once."""
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
    scale: ConfidenceScale | None = None,
    missing: float | None = None,
    graded: bool = False,
    source: str = "a data frame",
) -> Rollouts:
    """Rollouts from a pandas or polars frame, an Arrow table, or a mapping of columns.

    Args:
        frame: Any object with named columns; none of the libraries is imported.
        columns: See `read_rollouts`.
        scale: See `read_rollouts`.
        missing: See `read_rollouts`.
        graded: See `read_rollouts`.
        source: The name of the data in messages and reports.

    Raises:
        RolloutError: See `read_rollouts`.

    Example:
        >>> frame = {"confidence": [0.9, 0.5], "correct": [1, 0], "model": ["a", "b"]}
        >>> rollouts_from_frame(frame).methods
        ('a', 'b')
    """
    policy = Policy(columns=columns or {}, scale=scale, missing=missing, graded=graded)
    if hasattr(frame, "column_names"):
        chosen = policy.choose(source, list(frame.column_names))
        raw = {role: arrow.column_of(role, frame.column(name)) for role, name in chosen.items()}
    else:
        names = frame.columns if hasattr(frame, "columns") else frame.keys()
        chosen = policy.choose(source, [str(name) for name in names])
        raw = {role: _series(frame[name]) for role, name in chosen.items()}
    sizes = {role: len(column) for role, column in raw.items()}
    if len(set(sizes.values())) > 1:
        raise RolloutError(f"{source}: all columns must have the same length, got {sizes}")
    return to_rollouts(source, FoundColumns(raw), policy)


def _series(column: Any) -> Any:
    """An array if the column has only numbers; otherwise a list, with None for a missing value."""
    gaps = np.zeros(len(column), dtype=np.bool_)
    for name in ("isna", "is_null"):  # pandas, polars
        if hasattr(column, name):
            gaps = np.asarray(getattr(column, name)(), dtype=np.bool_)
            break
    if not gaps.any():
        if isinstance(column, list | tuple):
            return list(column)
        array = np.asarray(column)
        return array if array.dtype.kind in "iuf" else list(column)
    return [None if gap else value for gap, value in zip(gaps.tolist(), list(column), strict=True)]


def _held(file: BinaryIO) -> text_tables.Held:
    """The content of an open file, at most `MAX_HELD` bytes: a stream could fill the memory."""
    name = getattr(file, "name", None)
    if name == "<stdin>":
        name = "standard input"
    if not isinstance(name, str):
        name = "the open file"
    content = file.read(MAX_HELD + 1)
    if len(content) > MAX_HELD:
        raise RolloutError(
            f"{name}: a stream may have at most {MAX_HELD >> 20} MB; save it as a file first"
        )
    return text_tables.Held(content, name)


def _kind(log: text_tables.Log, file_format: str | None) -> str:
    """The suffix of the format: as given, or by the first bytes, or by the name of the file."""
    if file_format is not None:
        if file_format not in FORMATS:
            raise RolloutError(
                f"`file_format` must be one of {', '.join(FORMATS)}, got {file_format!r}"
            )
        return f".{file_format}"
    if isinstance(log, text_tables.Held):
        return _sniffed(log.beginning)
    suffixes = [suffix.lower() for suffix in log.suffixes]
    gzipped = len(suffixes) > 1 and suffixes[-1] == ".gz"
    kind = suffixes[-2 if gzipped else -1] if suffixes else ""
    if kind not in _READERS or (kind in _COLUMNAR and gzipped):
        raise RolloutError(
            f"{log}: rollouts are read from .csv, .tsv, .jsonl, .ndjson (also .gz), .parquet,"
            " .arrow and .feather"
        )
    return kind


def _sniffed(content: bytes) -> str:
    r"""The format of a table by its first bytes; CSV unless they indicate another format.

    Example:
        >>> [_sniffed(text) for text in (b'{"confidence": 1}', b"a\tb\n", b"a,b\n", b"PAR1...")]
        ['.jsonl', '.tsv', '.csv', '.parquet']
    """
    marks = {
        b"PAR1": ".parquet",
        b"ARROW1": ".arrow",
        b"\xff\xff\xff\xff": ".arrow",  # Arrow's stream format
    }
    if columnar := next((kind for mark, kind in marks.items() if content.startswith(mark)), None):
        return columnar
    header = content.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    if header.startswith(b"{"):
        return ".jsonl"
    return ".tsv" if b"\t" in header and b"," not in header else ".csv"
