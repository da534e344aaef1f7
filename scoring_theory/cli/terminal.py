"""What people see: colour where a terminal wants it, tables, progress on stderr. rich is loaded when first needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from pathlib import Path

_CODES = {"good": "1;32", "bad": "1;31", "open": "1;33", "head": "1", "faint": "2"}
_WORDS: Mapping[str, str] = {
    "proved": "good", "holds": "good", "refuted": "bad", "undecided": "open",
    "strictly": "good", "no": "bad", "unknown": "open", "weakly": "open", "only weakly": "open",
}  # fmt: skip
_PIPED_WIDTH = 10_000
_WIDE, _CUT = 110, 28  # from how many columns on a column that may be cut is shown, and how much of it
_GAP = 3  # between columns
_LABEL = 21  # where the words of a row begin


def coloured(stream: TextIO) -> bool:
    """Whether a stream shows colour: a terminal, unless NO_COLOR or TERM=dumb says otherwise; FORCE_COLOR insists."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def paint(text: str, manner: str) -> str:
    """The text in a manner ("good", "bad", "open", "head", "faint"), if stdout shows colour."""
    return f"\x1b[{_CODES[manner]}m{text}\x1b[0m" if coloured(sys.stdout) else text


def print_report(text: str) -> None:
    """Lines, and rows of a label and words, with verdicts in their colour.

    On a terminal, words of a row that do not fit go on below where they began; formulas stay whole.
    """
    lines = (row for line in text.splitlines() for row in (_wrapped(line, _LABEL) if line[:1] == " " else [line]))
    words = "|".join(("proved", "holds", "refuted", "undecided"))
    print(re.sub(rf"\b({words})\b", lambda m: paint(m[0], _WORDS[m[0].lower()]), "\n".join(lines), flags=re.IGNORECASE))


def print_list(sentences: Iterable[str]) -> None:
    """Sentences, each behind a dash."""
    for sentence in sentences:
        print("\n".join(_wrapped(f"- {' '.join(sentence.split())}", 2)))


def _wrapped(line: str, indent: int) -> list[str]:
    wrapper = TextWrapper(_width(), subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(line)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED_WIDTH


def print_json(value: Mapping[str, object]) -> None:
    """One object on stdout; NaN would be no JSON, so it is refused."""
    print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))


def tell_figures(*drawn: Path) -> None:
    """Where figures are: the names of their PNGs."""
    for path in drawn:
        print(f"\nfigure: {path} (also .pdf; its numbers in .csv)")


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[str] = (), cut: str | None = None,
    fit: str | None = None,
) -> None:  # fmt: skip
    """A table; columns of `numbers` are set flush right.

    On a terminal too narrow for them, the numbers stand in several tables, one below the other; the column `cut` is
    cut short, or left out; the column `fit` is cut to the room that the others leave.
    """
    width = _width()
    if fit is not None:
        rows = _fitted(head, rows, head.index(fit), cut, width)
    shown = [i for i, name in enumerate(head) if name != cut or width >= _WIDE]
    sizes = [max(len(line) for line in (head[i], *(row[i] for row in rows))) for i in range(len(head))]
    for place, columns in enumerate(_stacked(shown, [head[i] in numbers for i in shown], sizes, width)):
        if place:
            print()
        _print_columns(head, rows, columns, numbers, cut if sys.stdout.isatty() else None, width)


def _fitted(
    head: Sequence[str], rows: Sequence[Sequence[str]], place: int, cut: str | None, width: int
) -> list[list[str]]:
    """The rows with one column shortened, so that each takes one line."""
    taken = sum(
        _GAP + (_CUT if name == cut else max(len(row[i]) for row in rows))
        for i, name in enumerate(head)
        if i != place and (name != cut or width >= _WIDE)
    )
    room = max(width - taken, _CUT // 2)

    def short(text: str) -> str:
        return text if len(text) <= room else f"{text[: room - 3]}..."

    return [[short(cell) if i == place else cell for i, cell in enumerate(row)] for row in rows]


def _stacked(columns: Sequence[int], numeric: Sequence[bool], sizes: Sequence[int], width: int) -> Iterator[list[int]]:
    """The columns in groups that fit; those that are no numbers stand in each group."""
    labels = [i for i, number in zip(columns, numeric, strict=True) if not number]
    group = list(labels)
    for i in (i for i, number in zip(columns, numeric, strict=True) if number):
        if len(group) > len(labels) and sum(sizes[j] + _GAP for j in (*group, i)) - _GAP > width:
            yield group
            group = list(labels)
        group.append(i)
    yield group


def _print_columns(
    head: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int], numbers: Sequence[str],
    cut: str | None, width: int,
) -> None:  # fmt: skip
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = box.SIMPLE_HEAD if "utf" in (sys.stdout.encoding or "").lower() else None
    table = Table(box=lines, show_edge=False, pad_edge=False, header_style="bold")
    for name in (head[i] for i in columns):
        if name == cut:
            table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=_CUT)
        else:
            side: Literal["left", "right"] = "right" if name in numbers else "left"
            table.add_column(name, justify=side, overflow="fold", no_wrap=name in numbers)
    for row in rows:
        table.add_row(*(Text(row[i], style=_style(row[i])) for i in columns))
    show_colour = coloured(sys.stdout)
    console = Console(
        file=sys.stdout, width=width, force_terminal=show_colour, no_color=not show_colour, legacy_windows=False
    )
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _style(cell: str) -> str:
    return {"good": "bold green", "bad": "bold red", "open": "bold yellow"}.get(_WORDS.get(cell, ""), "")


@contextmanager
def progress(title: str, *, total: int | None = None, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """A bar on stderr while long work runs; call what it yields after each step. Silent where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
