"""Readers of text tables: CSV, TSV and JSON Lines, also gzipped; and the limits of all readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from scoring_theory.rollouts import fast_csv
from scoring_theory.rollouts.columns import (
    NUMBERS,
    REQUIRED,
    FoundColumns,
    Understood,
    no_path,
)
from scoring_theory.rollouts.formats import LogFormat, Row, paths_of, recognised, value_at_path
from scoring_theory.rollouts.rollouts import RolloutError

Choose = Callable[[list[str], LogFormat | None], Understood]
"""A function from the names of the columns, and the format if its rows had to be made from it, to
the column of each role.
"""
_BLOCK = 1 << 9
MAX_LINE = 1 << 24
"""Largest number of characters in a line."""
MAX_UNPACKED_RATIO, FREE = 100, 1 << 23
"""The largest ratio of unpacked to compressed size; `FREE` characters are always allowed."""
_BEGINNING = 1 << 16
_LOOKED_AT = 50
"""In how many rows what is nested is looked for."""
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

    A table whose head has semicolons and no comma is one with semicolons; there, and in tables with
    tabs, numbers may have a decimal comma.

    Example:
        >>> from scoring_theory.rollouts.columns import Policy
        >>> table = Held(b"confidence;correct\n0,5;1\n", "a table")
        >>> found = separated(",")(table, lambda names, _: Policy().understand("a table", names))
        >>> found.columns
        {'confidence': ['0.5'], 'correct': ['1']}
    """

    def exactly(path: Log, choose: Choose, *, used: str) -> FoundColumns:
        with _open(path) as file:
            reader = csv.reader(_lines(path, file), delimiter=used, strict=True)
            try:
                header = next(reader, [])
                understood = _understood(path, header, choose)
                chosen = understood.chosen
                columns, lines = _fields(
                    path, reader, [header.index(name) for name in chosen.values()], len(header)
                )
            except csv.Error as error:
                raise RolloutError(
                    f"{path}, line {reader.line_num}: not a table with delimiters and quotes:"
                    f" {error}"
                ) from None
        by_role: dict[str, Any] = dict(zip(chosen, columns, strict=True))
        if used != ",":
            for role in (*REQUIRED, *NUMBERS):
                if role in by_role:
                    by_role[role] = [with_point(cell) for cell in by_role[role]]
        return FoundColumns(by_role, lambda row: f"row {row + 1} (line {lines[row]})", understood)

    def read(path: Log, choose: Choose) -> FoundColumns:
        used = delimiter_of(path, delimiter)
        return _fast(path, choose, used) or exactly(path, choose, used=used)

    def _fast(path: Log, choose: Choose, used: str) -> FoundColumns | None:
        """The columns of a large table; what is refused is read again, for its line."""
        table = _large(path)
        if table is None:
            return None
        with _open(path) as file:
            try:
                header = next(csv.reader(_lines(path, file), delimiter=used, strict=True), [])
            except csv.Error:
                return None
        understood = _understood(path, header, choose)
        columns = fast_csv.fast_columns(table, header, understood.chosen, used, MAX_LINE)
        if columns is None:
            return None
        return FoundColumns(
            columns, understood=understood, again=lambda: exactly(path, choose, used=used)
        )

    return read


def _large(path: Log) -> fast_csv.CsvSource | None:
    """A large table that is not compressed and whose columns fit into memory, or None."""
    if isinstance(path, Held):
        large = not path.packed and len(path.content) >= fast_csv.FAST_FROM
        return path.content if large else None
    packed = path.suffix.lower() == ".gz"
    fits = fast_csv.FAST_FROM <= path.stat().st_size <= fast_csv.FAST_TO
    return path if fits and not packed else None


def delimiter_of(path: Log, usual: str) -> str:
    """The delimiter of a table: a semicolon, a tab or a bar where the head has some and no comma.

    Example:
        >>> delimiter_of(Held(b"confidence;correct", "a"), ",")
        ';'
        >>> delimiter_of(Held(b"confidence,correct", "a"), ",")
        ','
    """
    with _open(path) as file:
        head = file.readline(_BEGINNING)
    others = [each for each in ";\t|" if each in head]
    return others[0] if usual == "," and others and "," not in head else usual


def with_point(cell: str) -> str:
    """A number with a decimal comma as one with a point; any other text as it is.

    Example:
        >>> with_point("0,5"), with_point("1.000,5"), with_point("none")
        ('0.5', '1.000,5', 'none')
    """
    return cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell


def json_lines(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a table with one JSON object per line.

    Example:
        >>> from scoring_theory.rollouts.columns import Policy
        >>> table = Held(b'{"confidence": 0.5, "correct": true}', "a table")
        >>> json_lines(table, lambda names, _: Policy().understand("a table", names)).columns
        {'confidence': [0.5], 'correct': [True]}
    """
    with _open(path) as file:
        parsed = list(_objects(path, _lines(path, file)))
    return of_rows(path, parsed, choose, lambda place: f"line {place}")


def of_rows(
    path: Log,
    objects: Sequence[tuple[int, Row]],
    choose: Choose,
    named: Callable[[int], str] | None = None,
) -> FoundColumns:
    """The columns of JSON objects, each with its place in the file.

    Where a format makes its rows from the objects, this is done first.

    Raises:
        RolloutError: An object does not have the form that its format prescribes.
    """
    known = recognised(objects[0][1].keys()) if objects else None
    rows = objects
    if known is not None and known.rows is not None:
        made: list[tuple[int, Row]] = []
        for place, each in objects:
            try:
                made += [(place, row) for row in known.rows(each)]
            except (ValueError, KeyError, TypeError) as error:
                at = "" if named is None else f", {named(place)}"
                raise RolloutError(f"{path}{at}: not {known.title}: {error}") from None
        rows = made
    else:
        known = None
    if not rows:
        raise RolloutError(f"{path}: there are no rows")
    names = dict.fromkeys(name for _, row in rows for name in row)
    nested = dict.fromkeys(name for _, row in rows[:_LOOKED_AT] for name in paths_of(row))
    understood = choose([*names, *(name for name in nested if name not in names)], known)
    columns = {
        role: [row.get(name) for _, row in rows]
        if name in names
        else [value_at_path(row, name) for _, row in rows]
        for role, name in understood.chosen.items()
    }
    for role, name in understood.chosen.items():
        if name not in names and name not in nested and all(cell is None for cell in columns[role]):
            raise no_path(str(path), name, [*dict.fromkeys((*names, *nested))])

    def where(row: int) -> str:
        return f"row {row + 1}" if named is None else f"row {row + 1} ({named(rows[row][0])})"

    return FoundColumns(columns, where, understood)


def _open(path: Log) -> TextIO:
    if isinstance(path, Held):
        return io.TextIOWrapper(path.open(), encoding="utf-8-sig", newline="")
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def whole_text(path: Log, most: int) -> str:
    """The whole text of a log that is one document.

    Raises:
        RolloutError: It has more than `most` characters, or unpacks to more than it may.

    Example:
        >>> whole_text(Held(b"[1]", "a log"), 10)
        '[1]'
    """
    left = _most_unpacked(path)
    with _open(path) as file:
        text = file.read(int(min(most, left)) + 1)
    if len(text) > left:
        raise RolloutError(_TOO_PACKED.format(path))
    if len(text) > most:
        raise RolloutError(f"{path}: a JSON document may have at most {most} characters")
    return text


def _most_unpacked(path: Log) -> float:
    """How many characters the log may unpack to."""
    packed = path.packed if isinstance(path, Held) else path.suffix.lower() == ".gz"
    size = len(path.content) if isinstance(path, Held) else path.stat().st_size
    return max(FREE, MAX_UNPACKED_RATIO * size) if packed else math.inf


_TOO_PACKED = (
    "{}: a compressed log may unpack to at most"
    f" {MAX_UNPACKED_RATIO} times its size; if you trust this file, unpack it first"
)


def _lines(path: Log, file: TextIO) -> Iterator[str]:
    """The lines of a log; the limits protect memory from small files with a large content.

    Raises:
        RolloutError: If a line is longer than `MAX_LINE`, or a compressed log unpacks to more than
            `MAX_UNPACKED_RATIO` times its size.
    """
    left = _most_unpacked(path)
    for number, text in enumerate(iter(partial(file.readline, MAX_LINE + 1), ""), start=1):
        left -= len(text)
        if left < 0:
            raise RolloutError(_TOO_PACKED.format(f"{path}, line {number}"))
        if len(text) > MAX_LINE:
            raise RolloutError(
                f"{path}, line {number}: a line may have at most {MAX_LINE} characters"
            )
        yield text


def _understood(path: Log, header: list[str], choose: Choose) -> Understood:
    """The columns of a table, in which nothing is nested."""
    if not header:
        raise RolloutError(f"{path}: there are no rows")
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise RolloutError(f"{path}: every column must have its own name, got {twice!r} twice")
    understood = choose(header, None)
    understood.require_paths(str(path), header)
    return understood


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


def decoded(text: str, where: str) -> Any:
    """The value of a JSON text.

    Raises:
        RolloutError: It is not JSON, or a name is repeated in an object.

    Example:
        >>> decoded('{"confidence": 0.5}', "a log")
        {'confidence': 0.5}
    """
    try:
        return _DECODER.decode(text.strip())
    except json.JSONDecodeError as error:
        raise RolloutError(f"{where}: not JSON: {error.msg} (character {error.pos + 1})") from None
    except RecursionError as error:
        raise RolloutError(f"{where}: not JSON: {error}") from None
    except ValueError as error:  # a repeated name, or an integer with too many digits for Python
        raise RolloutError(f"{where}: {error}") from None


def _objects(path: Log, file: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the object of each nonempty line."""
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        row = decoded(text, f"{path}, line {line}")
        if not isinstance(row, dict):
            raise RolloutError(
                f"{path}, line {line}: one JSON object per line expected, got {text.strip()[:40]!r}"
            )
        yield line, row
