"""Large tables of text, read by pyarrow where that gives what the exact reader gives.

pyarrow is several times as fast, but it does not know the line of a row, and it accepts some faults
of quoting. It is therefore used only where quotes are plain, and the exact reader reads the file
again as soon as anything is to be refused.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from scoring_theory.rollouts.columns import NUMBERS, REQUIRED
from scoring_theory.rollouts.labels import from_dictionary, from_integers
from scoring_theory.rollouts.texts import TEXT_ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAST_FROM = 1 << 22
"""The size in bytes from which a table is worth the import of pyarrow."""
FAST_TO = 1 << 29
"""The size in bytes up to which a table is held in memory at once."""
_QUOTE, _RETURN, _LINE = 34, 13, 10
_BLOCK, _CACHED, _FIRST = 1 << 20, 1 << 18, 100


CsvSource = Path | bytes
"""A table in a file or in memory, not compressed."""


def fast_columns(
    table: CsvSource, header: Sequence[str], chosen: Mapping[str, str], delimiter: str, longest: int
) -> dict[str, Any] | None:
    r"""The columns by role; None where the exact reader must be asked.

    Args:
        table: The table.
        header: The names of its columns.
        chosen: The column of each role.
        delimiter: The delimiter.
        longest: The largest number of bytes that a line may have.

    Example:
        >>> table = b'confidence,correct,method\n0.5,1,"RLCR"\n0.25,true,Base\n'
        >>> names = ("confidence", "correct", "method")
        >>> roles = {name: name for name in names}
        >>> found = fast_columns(table, names, roles, ",", 99)
        >>> found["confidence"], found["correct"].names.tolist(), found["method"].names.tolist()
        (array([0.5 , 0.25]), ['1', 'true'], ['RLCR', 'Base'])
        >>> fast_columns(table.replace(b"RLCR", b'R"LCR'), names, roles, ",", 99) is None
        True
    """
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError:
        return None
    quotes = _quotes(table, longest)
    if quotes is None:
        return None
    if not quotes or not any(role in TEXT_ROLES for role in chosen):
        found = _without_quoting(table, header, chosen, delimiter, quotes)
        if found is not None:
            return found
    content = table if isinstance(table, bytes) else table.read_bytes()
    lines_in_values = _lines_in_quotes(content, delimiter)
    if lines_in_values is None:
        return None
    parsing = {"delimiter": delimiter, "newlines_in_values": lines_in_values}
    read = _read(content, chosen, delimiter, parsing, {})
    if read is None:
        return None
    return {role: _column(role, read.column(name), 0)[0] for role, name in chosen.items()}


def _without_quoting(
    table: CsvSource, header: Sequence[str], chosen: Mapping[str, str], delimiter: str, quotes: int
) -> dict[str, Any] | None:
    """The columns of a table whose every line is a row, split at every delimiter; or None.

    This is right if each quote of the table is at an end of a cell that is read: where one stands
    elsewhere, or a delimiter or the end of a line between two, the count of quotes or that of the
    cells in a line is another.
    """
    with _opened(table) as file:
        in_head = file.readline().count(b'"')
    if in_head % 2:
        return None
    parsing = {"delimiter": delimiter, "quote_char": False}
    names = {"skip_rows": 1, "column_names": list(header)}
    read = _read(table, chosen, delimiter, parsing, names)
    if read is None:
        return None
    columns, removed = {}, {}
    for role, name in chosen.items():
        columns[role], found = _column(role, read.column(name), quotes - in_head)
        if found is None:
            return None
        removed[name] = found  # a column with two roles is counted once
    return columns if sum(removed.values()) == quotes - in_head else None


def _read(
    table: CsvSource,
    chosen: Mapping[str, str],
    delimiter: str,
    parsing: Mapping[str, Any],
    reading: Mapping[str, Any],
) -> Any:
    """The columns with a role; outcomes are numbers, or else texts; None where pyarrow refuses."""
    from pyarrow import ArrowException, BufferReader, OSFile, csv

    for texts_of_outcomes in (False, True):
        try:
            with BufferReader(table) if isinstance(table, bytes) else OSFile(str(table)) as stream:
                return csv.read_csv(
                    stream,
                    read_options=csv.ReadOptions(block_size=_BLOCK, **reading),
                    parse_options=csv.ParseOptions(**parsing),
                    convert_options=_conversion(chosen, delimiter, texts_of_outcomes),
                )
        except (ArrowException, KeyError):
            continue
    return None


def _conversion(chosen: Mapping[str, str], delimiter: str, texts_of_outcomes: bool) -> Any:
    import pyarrow
    from pyarrow import csv

    numbers = [role for role in (*REQUIRED, *NUMBERS) if role in chosen]
    if texts_of_outcomes:
        numbers.remove("correct")
    # A column may have two roles; as a number it can be refused, as a text it cannot.
    types = dict.fromkeys(chosen.values(), pyarrow.string())
    types |= {chosen[role]: pyarrow.float64() for role in numbers}
    return csv.ConvertOptions(
        include_columns=list(dict.fromkeys(chosen.values())),
        column_types=types,
        null_values=[""],
        strings_can_be_null=False,
        decimal_point="." if delimiter == "," else ",",
    )


def _column(role: str, column: Any, quotes: int) -> tuple[Any, int | None]:
    """The column, and how many quotes around its cells were removed.

    Args:
        role: Its role.
        column: The column as pyarrow read it.
        quotes: The number of quotes that may be in it; with 0, none is looked for.

    Returns:
        None for the number if a quote is anywhere else.
    """
    if str(column.type) == "double":
        return column.to_numpy(), 0  # with NaN for an empty cell
    if role in TEXT_ROLES:
        return column.to_pylist(), 0
    whole = column.combine_chunks()
    if (numbers := _integers(whole)) is not None:
        return from_integers(numbers), 0
    coded = whole.dictionary_encode()
    names, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)
    if not len(codes):
        return [], 0
    if not quotes:
        return from_dictionary(codes, names), 0
    quoted = np.array([name.count('"') for name in names])
    bare = [name[1:-1] if count else name for name, count in zip(names, quoted, strict=True)]
    plain = all(
        count == 0 or (count == 2 and name[0] == name[-1] == '"')
        for name, count in zip(names, quoted.tolist(), strict=True)
    )
    removed = int(quoted[codes].sum()) if plain else None
    return from_dictionary(codes, bare), removed


def _integers(texts: Any) -> NDArray[np.int64] | None:
    """The numbers, if each text is a whole one as Python writes it, without a sign."""
    from pyarrow import ArrowException, compute, int64

    for part in (texts[:_FIRST], texts):  # most columns of other texts begin with one
        if not compute.all(compute.ascii_is_decimal(part), min_count=1).as_py():
            return None
    try:
        numbers: NDArray[np.int64] = compute.cast(texts, int64()).to_numpy(zero_copy_only=False)
    except ArrowException:  # more than 19 digits
        return None
    # With a zero before it, a text is longer than the number.
    length = compute.sum(compute.binary_length(texts)).as_py()
    most, digits, power = int(numbers.max()), numbers.size, 10
    while power <= most:
        digits += int(np.count_nonzero(numbers >= power))
        power *= 10
    return numbers if digits == length else None


def _opened(table: CsvSource) -> BinaryIO:
    return io.BytesIO(table) if isinstance(table, bytes) else table.open("rb")


def _quotes(table: CsvSource, longest: int) -> int | None:
    """The number of quotes; None unless it is UTF-8, and all lines are short and end as usual."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    quotes = line = 0  # the length of the line so far
    with _opened(table) as file:
        while part := file.read(min(_CACHED, longest)):
            if part.endswith(b"\r"):
                part += file.read(1)
            if not part.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(part)
                except UnicodeDecodeError:
                    return None
            if b"\r" in part and part.count(b"\r") > part.count(b"\r\n"):
                return None
            first = part.find(b"\n")
            if line + (first if first >= 0 else len(part)) > longest:
                return None
            line = len(part) - part.rfind(b"\n") - 1 if first >= 0 else line + len(part)
            quotes += int(np.count_nonzero(np.frombuffer(part, dtype=np.uint8) == _QUOTE))
    return None if decoder.getstate()[0] else quotes


def _lines_in_quotes(content: bytes, delimiter: str) -> bool | None:
    """Whether a quoted field has several lines; None if a quote is not plain.

    Quotes are plain if each opens at the start of a field or closes at the end of one: none is
    doubled, and none stands inside a text.
    """
    if b'"' not in content:
        return False
    data = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    around = (ord(delimiter), _LINE, _RETURN)
    plain = (
        quotes.size % 2 == 0
        and _all_in(data, quotes[0::2] - 1, around)
        and _all_in(data, quotes[1::2] + 1, around)
    )
    if not plain:
        return None
    return bool(np.logical_or.reduceat(data == _LINE, quotes)[0::2].any())


def _all_in(data: NDArray[np.uint8], places: NDArray[np.int64], allowed: tuple[int, ...]) -> bool:
    """Whether the bytes at these places, as far as they exist, are all allowed ones."""
    known = np.zeros(256, dtype=np.bool_)
    known[list(allowed)] = True
    inside = places[(places[:1] < 0).sum() : places.size - (places[-1:] >= data.size).sum()]
    return bool(known[data[inside]].all())
