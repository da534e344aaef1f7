"""Output for people: colour on terminals, wrapped prose, tables, and progress on stderr.

Modules that a short call in a pipe does not need, such as rich, are imported at their first use.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Literal, TextIO

_CODES = {"good": "1;32", "bad": "1;31", "open": "1;33", "head": "1", "faint": "2"}
_WORDS: Mapping[str, str] = {
    "proved": "good", "holds": "good", "refuted": "bad", "undecided": "open",
    "strictly": "good", "no": "bad", "unknown": "open", "weakly": "open", "only weakly": "open",
}  # fmt: skip
_PIPED_WIDTH = 10_000
_PATIENCE = 1.0  # seconds of work before a progress message appears
_STAND_INS = "scoring_theory.stand_ins"  # registered in codecs
_SIGNS: Mapping[str, str] = {
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
    "\N{MIDDLE DOT}": "*",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "--",
    "\N{INFINITY}": "inf",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHTWARDS ARROW}": "->",
}
_WIDE = 110  # on narrower terminals a column that may be cut is left out
_CUT = 28  # width of such a column
_GAP = 3  # blanks between columns
_LABEL = 21  # position of the text behind the label of a row
_PROGRAM = "scoring-theory "  # the beginning of an example


def coloured(stream: TextIO) -> bool:
    """Whether to use colour: on a terminal without NO_COLOR and TERM=dumb, or with FORCE_COLOR.

    Example:
        >>> coloured(io.StringIO())
        False
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def paint(text: str, manner: str) -> str:
    """The text in a style ("good", "bad", "open", "head", "faint"), if stdout has colour.

    Example:
        >>> paint("proved", "good")
        'proved'
    """
    return f"\x1b[{_CODES[manner]}m{text}\x1b[0m" if coloured(sys.stdout) else text


def print_report(text: str, outcome: str = "") -> None:
    """Print lines and labelled rows; verdicts have a colour.

    With an outcome, the second line is a headline, and its capitals have the colour of the outcome.

    On a terminal, the text of a row that is too long continues below its beginning.

    Example:
        >>> print_report("c - (q - c)^2")
        c - (q - c)^2
    """
    lines = [
        row
        for line in text.splitlines()
        for row in _wrapped(line, _LABEL if line[:1] == " " else 0)
    ]
    words = "|".join(("proved", "holds", "refuted", "undecided"))
    shown = re.sub(
        rf"\b({words})\b",
        lambda m: paint(m[0], _WORDS[m[0].lower()]),
        "\n".join(lines),
        flags=re.IGNORECASE,
    )
    if outcome:
        properties = text.splitlines()[1].partition(" (")[0]
        pattern = r"\s+".join(map(re.escape, properties.split()))  # it may be wrapped
        shown = re.sub(pattern, lambda m: paint(m[0], _WORDS[outcome]), shown, count=1)
    print(shown)


def print_list(sentences: Iterable[str]) -> None:
    """Print each sentence behind a dash.

    Example:
        >>> print_list(["Accuracy is 0.5.", "ECE is 0.1."])
        - Accuracy is 0.5.
        - ECE is 0.1.
    """
    for sentence in sentences:
        print("\n".join(_wrapped(f"- {' '.join(sentence.split())}", 2)))


def print_prose(text: str, *, indent: int = 0, stream: TextIO | None = None) -> None:
    """Print paragraphs, one per line of `text`, wrapped at the width of the terminal.

    Args:
        text: The paragraphs.
        indent: Number of blanks before all lines of a paragraph but the first.
        stream: The stream; by default stdout.

    Example:
        >>> print_prose("The log is synthetic.")
        The log is synthetic.
    """
    where = stream or sys.stdout
    lines = [row for line in text.splitlines() for row in _wrapped(line, indent, where)]
    print("\n".join(lines), file=where)


def refilled(text: str, width: int) -> str:
    """A help text at another width: paragraphs are filled again, long indented lines are broken.

    A remark behind three blanks moves below its command; a long command is continued with a
    backslash, as in a shell.

    Example:
        >>> print(refilled("  scoring-theory rules rlcr   one entry", 30))
          scoring-theory rules rlcr
              one entry
    """
    if max(map(len, text.splitlines()), default=0) <= width:
        return text
    rows: list[str] = []
    for indented, group in groupby(text.splitlines(), key=lambda line: line[:1] == " " or not line):
        lines = list(group)
        if not indented:
            rows += filled(" ".join(lines), width, 0)
            continue
        for line in lines:
            rows += _broken(line, width)
    return "\n".join(rows)


def _broken(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    command, _, remark = line.rstrip().partition("   ")
    if not command.strip() or not command.lstrip().startswith(_PROGRAM):
        label = re.match(r" +\S.*? {2,}(?=\S)", line)
        hanging = len(label[0]) if label and len(label[0]) <= width // 2 else 0
        return filled(line, width, hanging or len(line) - len(line.lstrip()) + 2)
    rows = [command] if len(command) <= width else _continued(command, width)
    return rows + (filled(f"      {remark.strip()}", width, 6) if remark.strip() else [])


def _continued(command: str, width: int) -> list[str]:
    """A command over several lines, broken between its words and never within quotes."""
    rows = ["  "]
    for word in re.findall(r'(?:"[^"]*"|[^\s"])+', command):
        if rows[-1].strip() and len(rows[-1]) + len(word) + 3 > width:
            rows[-1] += " \\"
            rows.append("     ")
        rows[-1] += f" {word}" if rows[-1].strip() or len(rows) > 1 else word
    return rows


def _wrapped(line: str, indent: int, stream: TextIO | None = None) -> list[str]:
    return filled(line, width_of(stream or sys.stdout), indent)


def filled(line: str, width: int, indent: int) -> list[str]:
    """The line wrapped at a width, broken at blanks only; further lines are indented.

    Example:
        >>> filled("the largest safe weight", 16, 2)
        ['the largest safe', '  weight']
    """
    if len(line) <= width or width == _PIPED_WIDTH:
        return [line]
    from textwrap import TextWrapper

    gap = " " * indent
    return TextWrapper(
        width, subsequent_indent=gap, break_long_words=False, break_on_hyphens=False
    ).wrap(line)


def width_of(stream: TextIO) -> int:
    """The number of columns to fill: the width of a terminal; output to a pipe is not wrapped.

    Example:
        >>> width_of(io.StringIO())
        10000
    """
    if not stream.isatty():
        return _PIPED_WIDTH
    from shutil import get_terminal_size

    return get_terminal_size().columns


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on stdout; NaN and infinity are not JSON and raise ValueError.

    Example:
        >>> print_json({"schema": 1})
        {
          "schema": 1
        }
    """
    import json

    print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=not _unicode(sys.stdout)))


def allow_any_character(*streams: TextIO) -> None:
    """Make streams print a substitute for each character that their encoding lacks, such as `+/-`.

    Streams with PYTHONIOENCODING=ascii and older Windows consoles lack characters; without the
    substitutes, printing would raise an error.

    Example:
        >>> stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        >>> allow_any_character(stream)
        >>> stream.errors
        'scoring_theory.stand_ins'
    """
    codecs.register_error(_STAND_INS, _stand_in)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and not _unicode(stream):
            stream.reconfigure(errors=_STAND_INS)


def _unicode(stream: TextIO) -> bool:
    return "utf" in (stream.encoding or "").lower()


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


def _spelled(character: str) -> str:
    """ASCII for a character: a known sign, a Greek letter's name, a letter without accent, or `?`.

    Example:
        >>> [_spelled(character) for character in "±λéΩ"]
        ['+/-', 'lambda', 'e', 'Omega']
    """
    if character in _SIGNS:
        return _SIGNS[character]
    import unicodedata

    kind, _, letter = unicodedata.name(character, "").partition(" LETTER ")
    if kind in ("GREEK SMALL", "GREEK CAPITAL"):
        named = letter.partition(" ")[0].lower().replace("lamda", "lambda")
        return named.capitalize() if kind.endswith("CAPITAL") else named
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode() or "?"


def _encodable(text: str, stream: TextIO) -> str:
    """The text as the stream will print it, which determines the width of a table."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, _STAND_INS).decode(encoding)


def print_table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[str] = (),
    cut: str | None = None,
    fit: str | None = None,
) -> None:
    """Print a table.

    If a terminal is too narrow for all columns of numbers, they are printed as several tables, one
    below the other, in which long labels take half of the width and go on in the next line.

    Args:
        head: The names of the columns.
        rows: The cells.
        numbers: The columns that are set flush right.
        cut: A column that is shortened, or left out on a narrow terminal.
        fit: A column that is shortened to the width that the others leave.

    Example:
        >>> print_table(["method", "ECE"], [["RLCR", "0.03"]], numbers=["ECE"])
        method   ECE
        RLCR    0.03
    """
    width = width_of(sys.stdout)
    head, numbers = ([_encodable(name, sys.stdout) for name in names] for names in (head, numbers))
    rows = [[_encodable(cell, sys.stdout) for cell in row] for row in rows]
    if fit is not None:
        rows = _fitted(head, rows, head.index(fit), cut, width)
    shown = [i for i, name in enumerate(head) if name != cut or width >= _WIDE]
    sizes = [
        max(len(line) for line in (head[i], *(row[i] for row in rows))) for i in range(len(head))
    ]
    numeric = [head[i] in numbers for i in shown]
    groups, narrowed = list(_stacked(shown, numeric, sizes, width)), sizes
    if len(groups) > 1:
        labels = [i for i, is_number in zip(shown, numeric, strict=True) if not is_number]
        narrowed = _narrowed(sizes, labels, width // 2)
        groups = list(_stacked(shown, numeric, narrowed, width))
    for place, columns in enumerate(groups):
        if place:
            print()
        most = {i: narrowed[i] if narrowed[i] < sizes[i] else None for i in columns}
        _print_columns(head, rows, most, numbers, cut if sys.stdout.isatty() else None, width)


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


def _narrowed(sizes: Sequence[int], labels: Sequence[int], room: int) -> list[int]:
    """The sizes with the widest labels made narrower, until all labels fit the room.

    Example:
        >>> _narrowed([30, 8, 5], [0, 1], 20)
        [12, 8, 5]
    """
    narrowed = list(sizes)
    cap = max((sizes[i] for i in labels), default=0)
    while cap > _CUT // 4 and sum(min(sizes[i], cap) for i in labels) > room:
        cap -= 1
    for i in labels:
        narrowed[i] = min(sizes[i], cap)
    return narrowed


def _stacked(
    columns: Sequence[int], numeric: Sequence[bool], sizes: Sequence[int], width: int
) -> Iterator[list[int]]:
    """Groups of columns that fit the width; columns without numbers are repeated in each group."""
    labels = [i for i, is_number in zip(columns, numeric, strict=True) if not is_number]
    group = list(labels)
    for i in (i for i, is_number in zip(columns, numeric, strict=True) if is_number):
        if len(group) > len(labels) and sum(sizes[j] + _GAP for j in (*group, i)) - _GAP > width:
            yield group
            group = list(labels)
        group.append(i)
    yield group


def _print_columns(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    columns: Mapping[int, int | None],
    numbers: Sequence[str],
    cut: str | None,
    width: int,
) -> None:
    """Print the columns with these places, which have these widths at most, if any."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    lines = box.SIMPLE_HEAD if _unicode(sys.stdout) else None
    table = Table(box=lines, show_edge=False, pad_edge=False, header_style="bold")
    for i, most in columns.items():
        name = head[i]
        if name == cut:
            table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=_CUT)
        else:
            side: Literal["left", "right"] = "right" if name in numbers else "left"
            table.add_column(
                name, justify=side, overflow="fold", no_wrap=name in numbers, max_width=most
            )
    for row in rows:
        table.add_row(*(Text(row[i], style=_style(row[i])) for i in columns))
    show_colour = coloured(sys.stdout)
    console = Console(
        file=sys.stdout,
        width=width,
        force_terminal=show_colour,
        no_color=not show_colour,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _style(cell: str) -> str:
    return {"good": "bold green", "bad": "bold red", "open": "bold yellow"}.get(
        _WORDS.get(cell, ""), ""
    )


@contextmanager
def progress(
    title: str, *, total: int | None = None, quiet: bool = False
) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, if it is a terminal; call the yielded function after each step.

    Example:
        >>> with progress("checking", total=2, quiet=True) as step:
        ...     step()
    """
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def working(sentence: str, *, quiet: bool = False) -> Iterator[None]:
    """A line on stderr, if it is a terminal, while work takes longer than a second.

    Example:
        >>> with working("searching for a proof", quiet=True):
        ...     pass
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    from threading import Timer

    shown: list[str] = []

    def show() -> None:
        shown.append(sentence)
        sys.stderr.write(f"{sentence} ...")
        sys.stderr.flush()

    timer = Timer(_PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown:
            sys.stderr.write("\n" if os.environ.get("TERM") == "dumb" else "\r\x1b[K")
            sys.stderr.flush()
