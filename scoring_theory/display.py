"""How results show themselves: one line where Python prints them, a small table in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from fractions import Fraction
from inspect import isfunction
from itertools import islice
from typing import Any, TypeVar

K = TypeVar("K", bound=str)
V = TypeVar("V", covariant=True)

_LINE = 110
_VALUE = 40
_ROWS = 12
_PLAIN = (str, int, float, bool, tuple, Fraction, type(None))


class Code(str):
    """A cell in the typewriter's font."""

    __slots__ = ()


class Maths(str):
    """A cell of LaTeX, without dollar signs."""

    __slots__ = ()


def shortened(text: str, most: int) -> str:
    """The text on one line, cut after `most` characters.

    Example:
        >>> shortened("a formula that is long", 12)
        'a formula...'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def in_short(value: Any) -> str:
    """A value in at most 40 characters: four digits of a number, the size of an array.

    Example:
        >>> in_short(2 / 3), in_short("a name"), in_short([0.5] * 20)
        ('0.6667', "'a name'", '[20 values]')
    """
    if hasattr(value, "shape") and value.shape:  # an array
        return f"[{' x '.join(map(str, value.shape))} values]"
    if isinstance(value, bool | int | None):
        return shortened(repr(value), _VALUE)
    if hasattr(value, "__float__") and not hasattr(value, "numerator"):
        return f"{float(value):.4g}"
    if hasattr(value, "numerator"):
        return shortened(str(value), _VALUE)
    if isinstance(value, str):
        return repr(shortened(value, _VALUE - 2))
    if isinstance(value, Mapping):
        return f"{{{_entries(value)}}}"
    if isinstance(value, tuple | list):
        return _few(value)
    return shortened(repr(value), _VALUE)


def _entries(mapping: Mapping[Any, object]) -> str:
    return f"{len(mapping)} {'entry' if len(mapping) == 1 else 'entries'}"


def _few(values: Sequence[object]) -> str:
    shown = f"({', '.join(map(in_short, values[:4]))}{',' if len(values) == 1 else ''})"
    return shown if len(values) <= 4 and len(shown) <= _VALUE else f"[{len(values)} values]"


def line(kind: str, *facts: str) -> str:
    """`Kind(fact, fact)`, cut where it gets long."""
    return f"{kind}({shortened(', '.join(facts), _LINE - len(kind) - 2)})"


def one_line(result: object) -> str:
    """The `__repr__` of a dataclass or a named tuple: its public fields that differ from defaults.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Point:
        ...     x: float
        ...     y: float
        ...     colour: str = ""
        ...     __repr__ = one_line
        >>> Point(1 / 3, 2)
        Point(x=0.3333, y=2)
    """
    facts = (f"{name}={in_short(value)}" for name, value in _told(result))
    return line(type(result).__name__, *facts)


def line_of_columns(result: Any) -> str:
    """The `__repr__` of a curve with equally long columns: how many rows, and what is in them.

    Example:
        >>> class Curve:
        ...     def columns(self):
        ...         return {"x": [0, 1], "y": [0.5, 0.25]}
        >>> line_of_columns(Curve())
        'Curve(2 rows: x, y)'
    """
    columns = result.columns()
    return line(
        type(result).__name__, f"{len(next(iter(columns.values())))} rows: {', '.join(columns)}"
    )


def _told(result: Any) -> Iterator[tuple[str, object]]:
    if not is_dataclass(result):
        yield from zip(result._fields, result, strict=True)
        return
    for field in fields(result):
        value = getattr(result, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        unsaid = isinstance(value, (*_PLAIN, Mapping)) and value == default
        if not field.name.startswith("_") and not unsaid:
            yield field.name, value


def table(
    rows: Iterable[Sequence[object]], *, head: Sequence[str] = (), caption: str = "", most: int = 0
) -> str:
    """An HTML table that takes its colours from the page; every text is escaped.

    Args:
        rows: of cells: texts, numbers, `Code` or `Maths`.
        head: the names of the columns.
        caption: above the table.
        most: how many rows to show; 0 for all.

    Example:
        >>> "a &lt; b</td>" in table([("a < b", 0.5)])
        True
    """
    every = iter(rows)
    shown = list(islice(every, most)) if most else list(every)
    left = sum(1 for _ in every)
    from html import escape

    parts = [f'<caption style="text-align:left">{escape(caption)}</caption>'] if caption else []
    parts += [f"<tr>{''.join(_cell(name, 'th') for name in head)}</tr>"] if head else []
    parts += [f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown]
    if left:
        parts.append(
            f'<tr><td colspan="{len(shown[0])}" style="text-align:left">... and {left} more'
            " rows</td></tr>"
        )
    return f"<table>{''.join(parts)}</table>"


def _cell(value: object, tag: str = "td") -> str:
    from html import escape

    if isinstance(value, Maths):
        text = f"${escape(value, quote=False)}$"
    elif isinstance(value, Code):
        text = f"<code>{escape(value)}</code>"
    else:
        text = escape(value if isinstance(value, str) else in_short(value))
    return f'<{tag} style="text-align:left">{text}</{tag}>'


def table_of_columns(columns: Mapping[str, Iterable[object]], *, caption: str = "") -> str:
    """The first rows of equally long columns."""
    return table(
        zip(*columns.values(), strict=True), head=list(columns), caption=caption, most=_ROWS
    )


def _said_of(entry: object) -> str:
    """A function's first line of documentation; the one line of anything else."""
    return (
        (entry.__doc__ or entry.__name__).partition("\n")[0] if isfunction(entry) else repr(entry)
    )


class Named(Mapping[K, V]):
    """A read-only mapping that shows its names in one line, and a table in a notebook.

    Example:
        >>> Named("LETTERS", {"a": 1, "b": 2})
        LETTERS(2 entries: a, b)
    """

    def __init__(self, title: str, entries: Mapping[K, V], *, columns: Sequence[str] = ()) -> None:
        """Take a copy.

        Args:
            title: what the mapping is called.
            entries: the things.
            columns: their attributes that the table shows; none for their one line.
        """
        self._title, self._entries, self._columns = title, dict(entries), tuple(columns)

    def __getitem__(self, name: K) -> V:
        return self._entries[name]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return line(self._title, f"{_entries(self)}: {', '.join(self)}")

    def _repr_html_(self) -> str:
        return table(
            self._rows(),
            head=["name", *self._columns] if self._columns else (),
            caption=self._title,
        )

    def _rows(self) -> Iterator[list[object]]:
        for name, entry in self.items():
            cells = (
                [getattr(entry, column) for column in self._columns]
                if self._columns
                else [_said_of(entry)]
            )
            yield [Code(name), *("" if cell is None else cell for cell in cells)]

    def _ipython_key_completions_(self) -> list[K]:
        return list(self)
