"""Reading of rollouts from files, folders, streams and data frames; formats are recognised.

No row is ever dropped or repaired.
"""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np

from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.checkers import Checker, as_checker
from scoring_theory.printable import printable
from scoring_theory.readers import ReaderLike, as_reader
from scoring_theory.rollouts import arrow, documents, text_tables
from scoring_theory.rollouts.columns import (
    FoundColumns,
    Policy,
    Understood,
    to_rollouts,
    without_sentinel,
)
from scoring_theory.rollouts.labels import Labels, from_dictionary
from scoring_theory.rollouts.rollouts import ConfidenceScale, RolloutError, Rollouts
from scoring_theory.rollouts.sources import log_files
from scoring_theory.rollouts.texts import Completions

_READERS: Mapping[str, Callable[[text_tables.Log, text_tables.Choose], FoundColumns]] = {
    ".csv": text_tables.separated(","),
    ".tsv": text_tables.separated("\t"),
    ".jsonl": text_tables.json_lines,
    ".ndjson": text_tables.json_lines,
    ".json": documents.json_document,
    ".eval": documents.zipped,
    ".parquet": arrow.parquet,
    ".arrow": arrow.feather,
    ".feather": arrow.feather,
}
MAX_HELD = 1 << 27
"""Largest size in bytes of a log that is read from a stream into memory."""
_NAMED_FILES = 4
"""How many files of one format are named where there are several formats."""
_WITHOUT_GZIP = {".parquet", ".arrow", ".feather", ".eval"}


FORMATS = tuple(kind.removeprefix(".") for kind in _READERS)
"""The kinds of files, named by their usual suffixes."""
_KINDS: Mapping[str, str] = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".json": "JSON",
    ".eval": "a zip file",
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
}


def read_rollouts(
    path: str | Path | BinaryIO | Sequence[str | Path],
    *,
    file_format: str | None = None,
    columns: Mapping[str, str] | None = None,
    scale: ConfidenceScale | None = None,
    missing: float | Literal["refuse"] | None = None,
    graded: bool = False,
    text: str | None = None,
    truth: str | None = None,
    reader: ReaderLike | None = None,
    checker: Checker | str | None = None,
    truth_key: str | None = None,
    paid: RewardLike | None = None,
) -> Rollouts:
    r"""Read a log with one row per answer.

    The suffix gives the kind of a file: `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.json` (all also
    with `.gz`), `.eval`, `.parquet`, `.arrow` or `.feather`. That of an open binary file, such as
    `sys.stdin.buffer`, is recognised by its first bytes. A folder, a pattern such as
    `out/*.parquet` or a list of names is one log in several files, numbers in their names in order
    of size.

    The logs of TRL, verl, verifiers, OpenRLHF, lm-evaluation-harness, Inspect and wandb are
    recognised by their columns, and so are the roles of these; `Rollouts.reading` says what was
    taken. In other logs the columns `confidence` (a number in [0, 1]) and `correct` (0 or 1, true
    or false, correct or incorrect, yes or no, C or I) are required; `method` (or `model`),
    `dataset`, `question` (or `item`) and `answer` (or `sample`) are used if they exist, and so are
    the names that forecasters use (`USUAL_NAMES`); `Rollouts.reading` names the columns that are
    not used. Nothing is clipped, filled or skipped, except blank lines.

    Args:
        path: The file, by its name or open in binary mode; a folder, a pattern, or several names.
        file_format: The kind of file, such as "csv"; None takes it from the suffix or the first
            bytes.
        columns: The name of the column by role, where it differs, such as `{"confidence":
            "stated_prob"}`; a path such as `score.value` names what is nested. Further roles are
            `step` (the axis of time), `reward` (what was logged, to be compared) and `weight`.
        scale: "percent" for confidences in [0, 100], which are divided by 100; "unit" for [0, 1].
            None means "unit", but raises an error that asks for the scale if the column looks like
            percentages.
        missing: The reward of an answer whose confidence is absent, unreadable or outside the
            scale. Such answers are counted but excluded from every measure of calibration. "refuse"
            raises an error at the first one; None as well, except in a recognised log, where it
            means -1.
        graded: `correct` holds scores in [0, 1], such as partial credit.
        text: The column of the completions, from which the confidences are read; texts, or
            conversations, whose last reply is read. None takes that of a recognised log if the log
            has no confidences, or if one of the following arguments is given.
        truth: The column of the truths, with which the answers are compared; without it the
            outcomes are in the column `correct`.
        reader: The format of the completions, as in the reward functions: a name of `READERS`, or
            a `Reader`; None means "tags".
        checker: How an answer is compared with its truth: a name of `CHECKERS`, or a function; None
            means "exact_match".
        truth_key: The key of the answer where a truth is a dictionary.
        paid: For a log without outcomes, such as OpenRLHF's: the reward that was logged, as a
            formula. The outcome is the c for which R(q, c) is the logged number; an answer without
            a confidence counts as wrong.

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
        >>> rollouts.reading
        'Read as CSV: confidence from confidence, correct from correct, method from method.'
        >>> rollouts.digest[:8]
        'c8421a2d'
    """
    policy = Policy(
        columns=columns or {},
        scale=scale,
        missing=missing,
        graded=graded,
        completions=_completions(text, truth, reader, checker, truth_key),
        paid=None if paid is None else as_reward(paid),
    )
    logs = _logs(path)
    parts = [_read(log, file_format, policy) for log in logs]
    if len(parts) == 1:
        [(source, found, digest)] = parts
    else:
        source = printable(str(path)) if isinstance(path, str | Path) else f"{len(logs)} files"
        digest = hashlib.sha256("".join(each for _, _, each in parts).encode()).hexdigest()
        found = _joined([(source, without_sentinel(each)) for source, each, _ in parts])
    kinds = [_KINDS[_kind(log, file_format)] for log in logs]
    reading = _reading(logs, kinds, [each.understood for _, each, _ in parts])
    try:
        return to_rollouts(source, found, policy, digest=digest, reading=reading)
    except RolloutError:
        if found.again is None:
            raise
        # The fast reader knows neither the line of a row nor how a value was written.
        return to_rollouts(source, found.again(), policy, digest=digest, reading=reading)


def _reading(
    logs: Sequence[text_tables.Log], kinds: Sequence[str], parts: Sequence[Understood | None]
) -> str:
    """What the files were read as: a sentence for each format and choice of columns."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for place, part in enumerate(parts):
        if part is not None:
            key = (part.log_format and part.log_format.key, *part.chosen.items())
            alike.setdefault(key, []).append(place)
    sentences = []
    for places in alike.values():
        what = " and ".join(dict.fromkeys(kinds[place] for place in places))
        if len(logs) > 1:
            count = f"{len(places)} file{'s' if len(places) > 1 else ''} of {what}"
            names = [Path(str(logs[place])).name for place in places]
            more = ["..."] if len(names) > _NAMED_FILES else []
            listed = ", ".join(map(printable, [*names[:_NAMED_FILES], *more]))
            what = f"{count}: {listed}" if len(alike) > 1 else count
        found = [part for place in places if (part := parts[place]) is not None]
        unused = tuple(dict.fromkeys(name for part in found for name in part.unused))
        sentences.append(replace(found[0], unused=unused).sentence(what))
    return " ".join(sentences)


def _logs(path: str | Path | BinaryIO | Sequence[str | Path]) -> list[text_tables.Log]:
    if isinstance(path, str | Path):
        return list(log_files(path, _READERS))
    if not isinstance(path, Sequence):
        return [_held(path)]
    names = [each for name in path for each in log_files(name, _READERS)]
    if not names:
        raise RolloutError("the list of files is empty")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RolloutError(f"{twice} is named twice, which would count its rows twice")
    return list(names)


def _read(
    log: text_tables.Log, file_format: str | None, policy: Policy
) -> tuple[str, FoundColumns, str]:
    """The name of a log in messages, its columns by role, and its SHA-256."""
    try:
        _require_regular(log)
        kind = _kind(log, file_format)
        with ThreadPoolExecutor(1) as beside:  # hashing leaves the interpreter free
            digest = beside.submit(_digest, log)
            found = _READERS[kind](
                log, lambda names, known: policy.understand(str(log), names, known)
            )
        return printable(str(log)), found, digest.result()
    except FileNotFoundError:
        raise RolloutError(f"{log}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise RolloutError(
            f"{log} must be UTF-8 text, got byte {error.object[error.start]:#04x}"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise RolloutError(f"{log} cannot be read: {error}") from None


def _joined(parts: Sequence[tuple[str, FoundColumns]]) -> FoundColumns:
    """The rows of several files, one after the other; all must have columns for the same roles."""
    first_name, first = parts[0]
    sizes = []
    for name, found in parts:
        if found.columns.keys() != first.columns.keys():
            differ = sorted(found.columns.keys() ^ first.columns.keys())[0]
            has, lacks = (name, first_name) if differ in found.columns else (first_name, name)
            raise RolloutError(
                f"{lacks}: there is no column for the role {differ!r}, which {has} has; all files"
                " of a log need the same"
            )
        sizes.append(len(next(iter(found.columns.values()))))
    columns = {
        role: _stacked([found.columns[role] for _, found in parts]) for role in first.columns
    }
    starts = [0, *accumulate(sizes)]

    def where(row: int) -> str:
        part = bisect_right(starts, row) - 1
        name, found = parts[part]
        return f"{Path(name).name}, {found.where(row - starts[part])}"

    def again() -> FoundColumns:
        return _joined(
            [(name, found if found.again is None else found.again()) for name, found in parts]
        )

    fast = any(found.again is not None for _, found in parts)
    return FoundColumns(columns, where, first.understood, again if fast else None)


def _stacked(columns: Sequence[Any]) -> Any:
    if all(isinstance(column, np.ndarray) for column in columns):
        return np.concatenate(columns)
    if all(isinstance(column, Labels) for column in columns):
        before = [0, *accumulate(column.names.size for column in columns)]
        codes = [column.code + start for column, start in zip(columns, before, strict=False)]
        names = [name for column in columns for name in column.names.tolist()]
        return from_dictionary(np.concatenate(codes), names)
    return [cell for column in columns for cell in _cells(column)]


def _cells(column: Any) -> list[Any]:
    if isinstance(column, Labels):
        return list(column.texts())
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _digest(log: text_tables.Log) -> str:
    """The SHA-256 of the file as it is, packed or not."""
    if isinstance(log, text_tables.Held):
        return hashlib.sha256(log.content).hexdigest()
    with log.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_regular(log: text_tables.Log) -> None:
    """Raise an error for a named pipe: reading it could wait for ever, and works only once."""
    if isinstance(log, Path) and log.exists() and not log.is_file():
        raise RolloutError(
            f"{log} cannot be read: it must be a regular file, got a pipe, a socket or a device;"
            " standard input takes a stream"
        )


def rollouts_from_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = None,
    scale: ConfidenceScale | None = None,
    missing: float | Literal["refuse"] | None = None,
    graded: bool = False,
    text: str | None = None,
    truth: str | None = None,
    reader: ReaderLike | None = None,
    checker: Checker | str | None = None,
    truth_key: str | None = None,
    source: str = "a data frame",
) -> Rollouts:
    """Rollouts from a pandas or polars frame, an Arrow table, or a mapping of columns.

    Args:
        frame: Any object with named columns; none of the libraries is imported.
        columns: See `read_rollouts`.
        scale: See `read_rollouts`.
        missing: See `read_rollouts`.
        graded: See `read_rollouts`.
        text: See `read_rollouts`.
        truth: See `read_rollouts`.
        reader: See `read_rollouts`.
        checker: See `read_rollouts`.
        truth_key: See `read_rollouts`.
        source: The name of the data in messages and reports.

    Raises:
        RolloutError: See `read_rollouts`.

    Example:
        >>> frame = {"confidence": [0.9, 0.5], "correct": [1, 0], "model": ["a", "b"]}
        >>> rollouts_from_frame(frame).methods
        ('a', 'b')
    """
    policy = Policy(
        columns=columns or {},
        scale=scale,
        missing=missing,
        graded=graded,
        completions=_completions(text, truth, reader, checker, truth_key),
    )
    if hasattr(frame, "column_names"):
        existing = list(frame.column_names)
        understood = policy.understand(source, existing)
        understood.require_paths(source, existing)
        raw = {
            role: arrow.column_of(role, frame.column(name))
            for role, name in understood.chosen.items()
        }
    else:
        names = frame.columns if hasattr(frame, "columns") else frame.keys()
        existing = [str(name) for name in names]
        understood = policy.understand(source, existing)
        understood.require_paths(source, existing)
        raw = {role: _series(frame[name]) for role, name in understood.chosen.items()}
    sizes = {role: len(column) for role, column in raw.items()}
    if len(set(sizes.values())) > 1:
        raise RolloutError(f"{source}: all columns must have the same length, got {sizes}")
    found = FoundColumns(raw, understood=understood)
    return to_rollouts(source, found, policy, reading=understood.sentence("a data frame"))


def _completions(
    text: str | None,
    truth: str | None,
    reader: ReaderLike | None,
    checker: Checker | str | None,
    truth_key: str | None,
) -> Completions:
    return Completions(
        text=text,
        truth=truth,
        reader=as_reader("tags" if reader is None else reader),
        checker=as_checker("exact_match" if checker is None else checker),
        truth_key=truth_key,
        asked=any(each is not None for each in (text, truth, reader, checker, truth_key)),
    )


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
    if kind not in _READERS or (kind in _WITHOUT_GZIP and gzipped):
        raise RolloutError(
            f"{log}: rollouts are read from .csv, .tsv, .jsonl, .ndjson, .json (also .gz), .eval,"
            " .parquet, .arrow and .feather"
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
        b"PK\x03\x04": ".eval",
        b"ARROW1": ".arrow",
        b"\xff\xff\xff\xff": ".arrow",  # Arrow's stream format
    }
    if columnar := next((kind for mark, kind in marks.items() if content.startswith(mark)), None):
        return columnar
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    header = start.partition(b"\n")[0].rstrip()
    if header.startswith(b"["):
        return ".json"
    if header.startswith(b"{"):
        # A document on one line is a log of one object, which is read alike.
        return ".jsonl" if header.endswith(b"}") or len(header) == len(start.rstrip()) else ".json"
    return ".tsv" if b"\t" in header and b"," not in header else ".csv"
