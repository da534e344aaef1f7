"""What people see: colour where a terminal wants it, tables, progress on stderr. rich is loaded when first needed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from pathlib import Path

_CODES = {"good": "1;32", "bad": "1;31", "open": "1;33", "head": "1", "faint": "2"}
_WORDS: Mapping[str, str] = {
    "proved": "good", "holds": "good", "refuted": "bad", "undecided": "open",
    "strictly": "good", "no": "bad", "unknown": "open", "weakly": "open", "only weakly": "open",
}  # fmt: skip
_PIPED_WIDTH = 10_000


def coloured(stream: TextIO) -> bool:
    """Whether a stream shows colour: a terminal, unless NO_COLOR or TERM=dumb says otherwise; FORCE_COLOR insists."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def paint(text: str, manner: str) -> str:
    """The text in a manner ("good", "bad", "open", "head", "faint"), if stdout shows colour."""
    return f"\x1b[{_CODES[manner]}m{text}\x1b[0m" if coloured(sys.stdout) else text


def paint_verdicts(text: str) -> str:
    """The words of a verdict in their colour, wherever they stand in a text."""
    words = "|".join(("proved", "holds", "refuted", "undecided"))
    return re.sub(rf"\b({words})\b", lambda m: paint(m[0], _WORDS[m[0].lower()]), text, flags=re.IGNORECASE)


def print_json(value: Mapping[str, object]) -> None:
    """One object on stdout; NaN would be no JSON, so it is refused."""
    print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))


def tell_figures(*drawn: Path) -> None:
    """Where figures are: the names of their PNGs."""
    for path in drawn:
        print(f"\nfigure: {path} (also .pdf; its numbers in .csv)")


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[str] = (), cut: str | None = None
) -> None:
    """A table; columns of `numbers` are set flush right, the column `cut` is cut short on a terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = box.SIMPLE_HEAD if "utf" in (sys.stdout.encoding or "").lower() else None
    table = Table(box=lines, show_edge=False, pad_edge=False, header_style="bold")
    for name in head:
        if name == cut and sys.stdout.isatty():
            table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=28)
        else:
            side: Literal["left", "right"] = "right" if name in numbers else "left"
            table.add_column(name, justify=side, overflow="fold", no_wrap=name in numbers)
    for row in rows:
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    show_colour = coloured(sys.stdout)
    console = Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else _PIPED_WIDTH,
        force_terminal=show_colour,
        no_color=not show_colour,
        legacy_windows=False,
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
