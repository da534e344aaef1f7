"""The files that a command reads and writes: looked at before any work begins, and announced once written.

One rule for all of them. `-` is standard input, or standard output for a text; then what a command
tells people goes to stderr. A file that exists is replaced only with --force. Folders that do not
exist are made. What was written is announced on stderr, unless --quiet.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from scoring_theory.cli.parser import UsageError, bare, nearest

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn

STANDARD, STANDARD_INPUT = "-", "standard input"
LEDGER = ".made-by-scoring-theory"
"""In a folder that a command fills: the names of the files that are the command's to replace."""
FIGURE_ENDINGS = (".pdf", ".png", ".csv")


class Source(NamedTuple):
    """A file to read, or standard input."""

    name: str

    @property
    def standard(self) -> bool:
        """Whether it is standard input."""
        return self.name == STANDARD

    @property
    def shown(self) -> str:
        """What messages call it."""
        return STANDARD_INPUT if self.standard else self.name

    def read(self) -> bytes:
        """All of it."""
        return sys.stdin.buffer.read() if self.standard else Path(self.name).read_bytes()

    def require(self) -> None:
        """See that there is such a file, by asking the system alone.

        Raises:
            UsageError: there is none, or it is a folder; a file of the same folder with a similar
                name is offered.
        """
        path = Path(self.name)
        if self.standard or (path.exists() and not path.is_dir()):
            return
        if path.is_dir():
            raise UsageError(f"{self.name!r} is a folder; name a file")
        if not path.parent.is_dir():
            raise UsageError(
                f"there is no such file: {self.name!r}; the folder {str(path.parent)!r} does not"
                " exist"
            )
        near = nearest(path.name, sorted(os.listdir(path.parent)))
        meant = f"; did you mean {str(path.parent / near[0])!r}?" if near else ""
        raise UsageError(f"there is no such file: {self.name!r}{meant}")


class Target(NamedTuple):
    """A file to write, standard output, or the files of one or more figures, whose names begin alike."""

    name: str
    endings: Sequence[str] = ("",)
    stream: TextIO | None = None

    @property
    def files(self) -> list[Path]:
        """Every file that will be written."""
        return [] if self.stream else [Path(self.name + ending) for ending in self.endings]

    def require_free(self, *, force: bool) -> None:
        """See that nothing is lost by writing.

        Raises:
            UsageError: a file exists, and `force` is not set; or a folder has its name.
        """
        for path in self.files:
            if path.is_dir():
                raise UsageError(f"{str(path)!r} is a folder; name a file")
            if path.exists() and not force:
                raise UsageError(f"{str(path)!r} exists; --force replaces it")
            there = next(folder for folder in path.absolute().parents if folder.exists())
            if not there.is_dir():
                raise UsageError(
                    f"cannot write {str(path)!r}: {str(there)!r} is a file, not a folder"
                )
            if not os.access(there, os.W_OK):
                raise UsageError(
                    f"cannot write {str(path)!r}: you may not write in the folder {str(there)!r}"
                )


class Folder(NamedTuple):
    """A folder that a command fills with files of known names; it replaces those that it made there, and no others."""

    name: str
    contents: Sequence[str]

    def require_free(self, *, force: bool) -> None:
        """See that nothing of somebody else is lost.

        Raises:
            UsageError: the folder is a file, or one of the files exists, was not made here, and
                `force` is not set.
        """
        folder = Path(self.name)
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{self.name!r} is a file; name a folder")
        foreign = [
            name for name in self.contents if (folder / name).exists() and name not in self._made()
        ]
        if foreign and not force:
            raise UsageError(
                f"{str(folder / foreign[0])!r} exists and was not made here; --force replaces it"
            )

    def claim(self) -> Path:
        """Make the folder, and note in it which files are ours from now on."""
        from scoring_theory.files import write

        folder = Path(self.name)
        write(
            folder / LEDGER,
            "".join(f"{name}\n" for name in sorted({*self._made(), *self.contents})),
        )
        return folder

    def _made(self) -> list[str]:
        ledger = Path(self.name) / LEDGER
        return ledger.read_text(encoding="utf-8").splitlines() if ledger.is_file() else []


def folder(text: str, contents: Sequence[str]) -> Folder:
    """The argument type of folders to fill."""
    return Folder(_named(text), contents)


def source(text: str) -> Source:
    """The argument type of files to read."""
    return Source(_named(text))


def file(text: str) -> Source:
    """The argument type of files that cannot be standard input."""
    found = source(text)
    if found.standard:
        raise argparse.ArgumentTypeError(
            "expected the name of a file; standard input is not read here"
        )
    return found


def target(text: str) -> Target:
    """The argument type of texts to write."""
    name = _named(text)
    return Target(name, stream=sys.stdout if name == STANDARD else None)


def figure(text: str) -> Target:
    """The argument type of figures, which are written as PDF, PNG and CSV, whichever ending was typed.

    Example:
        >>> [path.name for path in figure("drift.png").files]
        ['drift.pdf', 'drift.png', 'drift.csv']
    """
    return figures(text, ("",))


def figures(text: str, parts: Sequence[str]) -> Target:
    """The same for several figures, whose names are the one typed with each of these parts behind it."""
    name = _named(text)
    if name == STANDARD:
        raise argparse.ArgumentTypeError(
            "a figure is three files (PDF, PNG, CSV), so standard output cannot take it"
        )
    for ending in FIGURE_ENDINGS:
        name = name.removesuffix(ending)
    return Target(name, [f"{part}{ending}" for part in parts for ending in FIGURE_ENDINGS])


def _named(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"expected the name of a file, got {text!r}")
    return bare(text)


def add_writing(parser: argparse.ArgumentParser) -> None:
    """`--force` and `--quiet`, for every command that writes files."""
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    add_quiet(parser)


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """`--quiet`, for every command that shows progress."""
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="no progress and no list of files on stderr"
    )


@contextmanager
def looked_at(options: argparse.Namespace) -> Iterator[None]:
    """Look at every file that the options name; while a text goes to standard output, other words go to stderr.

    Raises:
        UsageError: a file to read does not exist, one to write does, or two things want standard
            output.
    """
    values = vars(options).values()
    for one in values:
        if isinstance(one, Source):
            one.require()
        elif isinstance(one, Target | Folder):
            one.require_free(force=options.force)
    streamed = sum(isinstance(one, Target) and one.stream is not None for one in values)
    if streamed > 1 or (streamed and getattr(options, "json", False)):
        raise UsageError(
            "standard output holds one thing: `-` goes with no second `-` and not with --json"
        )
    if not streamed:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def write_text(where: Target, content: str, *, quiet: bool) -> None:
    """Put a text where it belongs, and say so."""
    from scoring_theory.files import write

    if where.stream is not None:
        _send(where.stream, content)
        return
    with announced(where.files, quiet=quiet):
        write(where.name, content)


def save_figure(drawn: Drawn, where: Target, *, part: str = "", quiet: bool = False) -> None:
    """Write one figure as PDF, PNG and CSV, and say so."""
    from scoring_theory.plotting import save

    name = f"{where.name}{part}"
    with announced([Path(f"{name}{ending}") for ending in FIGURE_ENDINGS], quiet=quiet):
        save(drawn.figure, name, drawn.data)


@contextmanager
def announced(files: Iterable[Path], *, quiet: bool) -> Iterator[None]:
    """Name the files that were written meanwhile, and the folder that was made for them."""
    listed = list(files)
    folder = listed[0].parent
    new = "" if folder.exists() else f" (new folder {folder})"
    yield
    if not quiet:
        print(f"wrote {', '.join(map(str, listed))}{new}", file=sys.stderr)


def _send(stream: TextIO, content: str) -> None:
    """UTF-8, as in a file, whatever the encoding of the terminal."""
    stream.flush()
    stream.buffer.write(content.encode())
    stream.buffer.flush()
