"""Large tables of text, read by pyarrow where that gives what the exact reader gives.

pyarrow is several times as fast, but it does not know the line of a row, and it accepts some faults
of quoting. It is therefore used only where quotes are plain, and the exact reader reads the file
again as soon as anything is to be refused.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.rollouts.columns import NUMBERS, REQUIRED
from scoring_theory.rollouts.labels import from_dictionary
from scoring_theory.rollouts.texts import TEXT_ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAST_FROM = 1 << 22
"""The size in bytes from which a table is worth the import of pyarrow."""
FAST_TO = 1 << 29
"""The size in bytes up to which a table is held in memory at once."""
_QUOTE, _RETURN, _LINE = 34, 13, 10
_BLOCK, _DECODED = 1 << 20, 1 << 24


def fast_columns(
    content: bytes, chosen: Mapping[str, str], delimiter: str, longest: int
) -> dict[str, Any] | None:
    r"""The columns by role; None where the exact reader must be asked.

    Args:
        content: The table, not compressed.
        chosen: The column of each role.
        delimiter: The delimiter.
        longest: The largest number of bytes that a line may have.

    Example:
        >>> table = b'confidence,correct,method\n0.5,1,"RLCR"\n0.25,true,Base\n'
        >>> roles = {name: name for name in ("confidence", "correct", "method")}
        >>> found = fast_columns(table, roles, ",", 99)
        >>> found["confidence"], found["correct"], found["method"].texts().tolist()
        (array([0.5 , 0.25]), ['1', 'true'], ['RLCR', 'Base'])
        >>> fast_columns(table.replace(b"RLCR", b'R"LCR'), roles, ",", 99) is None
        True
    """
    try:
        from pyarrow import ArrowException, csv
    except ModuleNotFoundError:
        return None
    if not _is_plain(content, longest):
        return None
    lines_in_values = _lines_in_quotes(content, delimiter)
    if lines_in_values is None:
        return None
    for texts_of_outcomes in (False, True):
        try:
            table = csv.read_csv(
                _stream(content),
                read_options=csv.ReadOptions(block_size=_BLOCK),
                parse_options=csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=lines_in_values
                ),
                convert_options=_conversion(chosen, delimiter, texts_of_outcomes),
            )
        except (ArrowException, KeyError):
            continue
        return {role: _column(role, table.column(name)) for role, name in chosen.items()}
    return None


def _stream(content: bytes) -> Any:
    from pyarrow import BufferReader

    return BufferReader(content)


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


def _column(role: str, column: Any) -> Any:
    if str(column.type) == "double":
        return column.to_numpy()  # with NaN for an empty cell
    if role in TEXT_ROLES:
        return column.to_pylist()
    whole = column.combine_chunks().dictionary_encode()
    names, codes = whole.dictionary.to_pylist(), whole.indices.to_numpy(zero_copy_only=False)
    if role in REQUIRED:
        cells: list[Any] = np.array(names, dtype=object)[codes].tolist()
        return cells
    return from_dictionary(codes, names) if len(codes) else []


def _is_plain(content: bytes, longest: int) -> bool:
    """Whether the table is UTF-8, with lines that are not too long and end in the usual ways."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _DECODED):
            decoder.decode(content[start : start + _DECODED])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    start = 0
    while len(content) - start > longest:
        end = content.rfind(b"\n", start, start + longest)
        if end < 0:
            return False
        start = end + 1
    if b"\r" not in content:
        return True
    data = np.frombuffer(content, dtype=np.uint8)
    return _all_in(data, np.flatnonzero(data == _RETURN) + 1, (_LINE,))


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
