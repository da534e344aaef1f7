"""Readers of logs that are one JSON document, or a zip file of them, as Inspect writes it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scoring_theory.rollouts.columns import FoundColumns
from scoring_theory.rollouts.formats import LOG_FORMATS, recognised
from scoring_theory.rollouts.rollouts import RolloutError
from scoring_theory.rollouts.text_tables import (
    FREE,
    MAX_UNPACKED_RATIO,
    Choose,
    Held,
    Log,
    decoded,
    of_rows,
    whole_text,
)

MAX_DOCUMENT = 1 << 28
"""The largest number of characters in a JSON document, which is held in memory as a whole."""
_DEFLATED, _ZSTANDARD = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), 93
"""The methods of compression that Python undoes, and the one of Inspect since 2026."""
_LOCAL_HEADER = 30


def json_document(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a JSON array of objects, of an object of arrays, or of a recognised document.

    Example:
        >>> from scoring_theory.rollouts.columns import Policy
        >>> array = Held(b'[{"confidence": 0.5, "correct": true}]', "a log")
        >>> json_document(array, lambda names, _: Policy().understand("a log", names)).columns
        {'confidence': [0.5], 'correct': [True]}
    """
    content = decoded(whole_text(path, MAX_DOCUMENT), str(path))
    return of_rows(path, list(enumerate(_objects(path, content), start=1)), choose)


def _objects(path: Log, content: Any) -> list[Mapping[str, Any]]:
    if isinstance(content, list):
        for number, row in enumerate(content, start=1):
            if not isinstance(row, dict):
                raise RolloutError(f"{path}, row {number}: an object expected, got {row!r:.40}")
        return content
    if isinstance(content, dict):
        known = recognised(content.keys())
        if known is not None and known.rows is not None:
            return [content]
        columns = {name: each for name, each in content.items() if isinstance(each, list)}
        if columns and len(columns) == len(content):
            sizes = {name: len(each) for name, each in columns.items()}
            if len(set(sizes.values())) > 1:
                raise RolloutError(f"{path}: all columns must have the same length, got {sizes}")
            return [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
    listed = ", ".join(each.title for each in LOG_FORMATS if each.rows is not None)
    raise RolloutError(
        f"{path}: a JSON log is an array of objects, an object of arrays of equal length, or one"
        f" of: {listed}"
    )


def zipped(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a zipped Inspect log (`.eval`): `header.json`, and a file for each sample.

    Raises:
        RolloutError: It is not such a file, or it unpacks to more than a compressed log may.
    """
    opened = io.BytesIO(path.content) if isinstance(path, Held) else path
    size = len(path.content) if isinstance(path, Held) else Path(path).stat().st_size
    try:
        with zipfile.ZipFile(opened) as archive:
            log = _whole_log(path, archive, max(FREE, MAX_UNPACKED_RATIO * size))
    except zipfile.BadZipFile as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None
    return of_rows(path, [(1, log)], choose)


def _whole_log(path: Log, archive: zipfile.ZipFile, left: int) -> dict[str, Any]:
    names = archive.namelist()
    header = next((name for name in ("header.json", "_journal/start.json") if name in names), None)
    if header is None:
        raise RolloutError(f"{path}: not an Inspect log: it has no header.json")
    samples = [name for name in names if name.startswith("samples/") and name.endswith(".json")]
    read = _texts(path, archive, [header, *samples], left)
    head = decoded(next(read), f"{path}, {header}")
    if not isinstance(head, dict) or "eval" not in head:
        raise RolloutError(f"{path}: not an Inspect log: {header} has no key 'eval'")
    rows = [decoded(text, f"{path}, {name}") for name, text in zip(samples, read, strict=True)]
    return {**head, "samples": rows}


def _texts(path: Log, archive: zipfile.ZipFile, names: list[str], left: int) -> Iterator[str]:
    """The contents of the files, as long as they fit; a size in the directory is not trusted."""
    for name in names:
        about = archive.getinfo(name)
        if about.compress_type in _DEFLATED:
            with archive.open(name) as file:
                content = file.read(left + 1)
        elif about.compress_type == _ZSTANDARD:
            content = _of_zstandard(path, archive, about, left + 1)
        else:
            raise RolloutError(
                f"{path}, {name}: the compression {about.compress_type} is not known; write the log"
                " again with `inspect log convert --to json`"
            )
        left -= len(content)
        if left < 0:
            raise RolloutError(
                f"{path}, {name}: a compressed log may unpack to at most {MAX_UNPACKED_RATIO} times"
                " its size; if you trust this file, unpack it first"
            )
        yield content.decode("utf-8-sig")


def _of_zstandard(path: Log, archive: zipfile.ZipFile, about: zipfile.ZipInfo, most: int) -> bytes:
    """At most `most` bytes of a file that `zipfile` cannot decompress before Python 3.14."""
    try:
        from pyarrow import ArrowException, BufferReader, CompressedInputStream
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{path} is compressed by Zstandard, which needs pyarrow; install it with `pip install"
            " scoring-theory[parquet]`",
            name=error.name,
        ) from None
    file = archive.fp
    if file is None:
        raise RolloutError(f"{path} cannot be read: it is closed")
    file.seek(about.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise RolloutError(f"{path}, {about.filename}: not a file of a zip archive")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(about.header_offset + _LOCAL_HEADER + names)
    packed = file.read(about.compress_size)
    try:
        with CompressedInputStream(BufferReader(packed), "zstd") as stream:
            return bytes(stream.read(most))
    except (ArrowException, OSError) as error:
        raise RolloutError(f"{path}, {about.filename} cannot be read: {error}") from None
