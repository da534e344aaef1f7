"""Readers of text tables: CSV, TSV and JSON Lines, also gzipped."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from scoring_theory.rollouts.columns import FoundColumns
from scoring_theory.rollouts.rollouts import RolloutError

Choose = Callable[[list[str]], Mapping[str, str]]
"""A function from the names of the columns to the column of each role."""
_BLOCK = 1 << 9
MAX_LINE = 1 << 24
"""Largest number of characters in a line."""
MAX_UNPACKED_RATIO, FREE = 100, 1 << 23
"""The largest ratio of unpacked to compressed size; `FREE` characters are always allowed."""
_BEGINNING = 1 << 16
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Held:
    """A table in memory, with its name in messages.

    Example:
        >>> table = Held(gzip.compress(b"confidence,correct"), "standard input")
        >>> str(table), table.beginning
        ('standard input', b'confidence,correct')
    """

    content: bytes = field(repr=False)
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def packed(self) -> bool:
        """Whether the content is gzipped."""
        return self.content.startswith(_GZIP)

    def open(self) -> BinaryIO:
        """The content as a stream, decompressed if it is gzipped."""
        file = io.BytesIO(self.content)
        return cast(BinaryIO, gzip.open(file)) if self.packed else file

    @property
    def beginning(self) -> bytes:
        """The first bytes of the decompressed content, which show the format."""
        return self.open().read(_BEGINNING)


Log = Path | Held
"""A table in a file or in memory."""


def separated(delimiter: str) -> Callable[[Log, Choose], FoundColumns]:
    r"""A reader of tables with this delimiter and double quotes.

    Example:
        >>> table = Held(b"confidence;correct\n0.5;1\n", "a table")
        >>> separated(";")(table, lambda names: {name: name for name in names}).columns
        {'confidence': ['0.5'], 'correct': ['1']}
    """

    def read(path: Log, choose: Choose) -> FoundColumns:
        with _open(path) as file:
            reader = csv.reader(_lines(path, file), delimiter=delimiter, strict=True)
            try:
                header = next(reader, [])
                _distinct(path, header)
                chosen = choose(header)
                columns, lines = _fields(
                    path, reader, [header.index(name) for name in chosen.values()], len(header)
                )
            except csv.Error as error:
                raise RolloutError(
                    f"{path}, line {reader.line_num}: not a table with delimiters and quotes:"
                    f" {error}"
                ) from None
        return FoundColumns(
            dict(zip(chosen, columns, strict=True)),
            lambda row: f"row {row + 1} (line {lines[row]})",
        )

    return read


def json_lines(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a table with one JSON object per line.

    Example:
        >>> table = Held(b'{"confidence": 0.5, "correct": true}', "a table")
        >>> json_lines(table, lambda names: {name: name for name in names}).columns
        {'confidence': [0.5], 'correct': [True]}
    """
    with _open(path) as file:
        parsed = list(_objects(path, _lines(path, file)))
    names = dict.fromkeys(name for _, row in parsed for name in row)
    chosen = choose(list(names))
    columns = {role: [row.get(name) for _, row in parsed] for role, name in chosen.items()}
    return FoundColumns(columns, lambda row: f"row {row + 1} (line {parsed[row][0]})")


def _open(path: Log) -> TextIO:
    if isinstance(path, Held):
        return io.TextIOWrapper(path.open(), encoding="utf-8-sig", newline="")
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _lines(path: Log, file: TextIO) -> Iterator[str]:
    """The lines of a log; the limits protect memory from small files with a large content.

    Raises:
        RolloutError: If a line is longer than `MAX_LINE`, or a compressed log unpacks to more than
            `MAX_UNPACKED_RATIO` times its size.
    """
    packed = path.packed if isinstance(path, Held) else path.suffix.lower() == ".gz"
    size = len(path.content) if isinstance(path, Held) else path.stat().st_size
    left = max(FREE, MAX_UNPACKED_RATIO * size) if packed else math.inf
    for number, text in enumerate(iter(partial(file.readline, MAX_LINE + 1), ""), start=1):
        left -= len(text)
        if left < 0:
            raise RolloutError(
                f"{path}, line {number}: a compressed log may unpack to at most"
                f" {MAX_UNPACKED_RATIO} times its size; if you trust this file, unpack it first"
            )
        if len(text) > MAX_LINE:
            raise RolloutError(
                f"{path}, line {number}: a line may have at most {MAX_LINE} characters"
            )
        yield text


def _distinct(path: Log, header: list[str]) -> None:
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise RolloutError(f"{path}: every column must have its own name, got {twice!r} twice")


def _fields(
    path: Log, reader: Any, places: list[int], width: int
) -> tuple[list[list[str]], array[int]]:
    """The columns at these places and the line of each row; rows are kept one block at a time."""
    columns: list[list[str]] = [[] for _ in places]
    lines, block = array("q"), []
    for fields in reader:
        if len(fields) == width:
            block.append(fields)
            lines.append(reader.line_num)
        elif fields:
            raise RolloutError(
                f"{path}, line {reader.line_num}: {width} fields expected, got {len(fields)}"
            )
        if len(block) == _BLOCK:
            _spread(block, columns, places)
            block = []
    _spread(block, columns, places)
    return columns, lines


def _spread(block: list[list[str]], columns: list[list[str]], places: list[int]) -> None:
    for column, place in zip(columns, places, strict=True):
        column.extend([fields[place] for fields in block])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; Python would silently keep the last value of a repeated name."""
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"every name must come once, got {repeated!r} twice")
    return row


_DECODER = json.JSONDecoder(object_pairs_hook=_once)


def _objects(path: Log, file: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the object of each nonempty line."""
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            row = _DECODER.decode(text.strip())
        except json.JSONDecodeError as error:
            raise RolloutError(
                f"{path}, line {line}: not JSON: {error.msg} (character {error.pos + 1})"
            ) from None
        except RecursionError as error:
            raise RolloutError(f"{path}, line {line}: not JSON: {error}") from None
        except (
            ValueError
        ) as error:  # a repeated name, or an integer with too many digits for Python
            raise RolloutError(f"{path}, line {line}: {error}") from None
        if not isinstance(row, dict):
            raise RolloutError(
                f"{path}, line {line}: one JSON object per line expected, got {text.strip()[:40]!r}"
            )
        yield line, row
