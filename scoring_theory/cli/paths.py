"""The files that a command reads and writes: checked before the work, announced when written.

The same rules hold for all commands. `-` is standard input, or standard output for a text; then the
other output goes to stderr. An existing file is replaced only with --force. Missing folders are
made. Written files are announced on stderr, unless --quiet.
"""

from __future__ import annotations

import argparse
import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO

from scoring_theory.cli.parser import UsageError, bare
from scoring_theory.spelling import similar_names

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn

STANDARD, STANDARD_INPUT = "-", "standard input"
LEDGER = ".made-by-scoring-theory"
"""The file that lists which files of a folder a command made and may therefore replace."""
FIGURE_ENDINGS = (".pdf", ".png", ".csv")
WINDOWS_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)
}


class Source(NamedTuple):
    """A file to read, or standard input.

    Example:
        >>> Source("-").shown, Source("log.csv").shown
        ('standard input', 'log.csv')
    """

    name: str

    @property
    def standard(self) -> bool:
        """Whether it is standard input."""
        return self.name == STANDARD

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return STANDARD_INPUT if self.standard else self.name

    @property
    def paths(self) -> Iterable[Path]:
        """The files that it stands for."""
        return [Path(self.name)]

    def read(self) -> bytes:
        """The whole content."""
        return standard_input().read() if self.standard else Path(self.name).read_bytes()

    def require(self) -> None:
        """Check that the file exists, without opening it.

        Raises:
            UsageError: the file does not exist, or it is a folder; the message suggests a file of
                the same folder with a similar name.
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
        similar = similar_names(path.name, sorted(os.listdir(path.parent)))
        meant = f"; did you mean {str(path.parent / similar[0])!r}?" if similar else ""
        raise UsageError(f"there is no such file: {self.name!r}{meant}")


class LogSource(Source):
    """A log to read: a file, a folder of files, a pattern such as `out/*.parquet`, or `-`.

    Example:
        >>> LogSource("no-such-*.parquet").require()  # a pattern is looked for when the log is read
    """

    __slots__ = ()

    @property
    def paths(self) -> Iterable[Path]:
        """The files of the folder, or those that the pattern matches."""
        path = Path(self.name)
        if path.is_dir():
            return path.rglob("*")
        return [path] if path.exists() else map(Path, glob.glob(self.name, recursive=True))

    def require(self) -> None:
        """Check that the file or the folder exists, without opening it.

        Raises:
            UsageError: there is no such file or folder, and no file matches the name as a pattern.
        """
        if Path(self.name).is_dir() or (
            any(mark in self.name for mark in "*?[") and not Path(self.name).exists()
        ):
            return
        super().require()


class Target(NamedTuple):
    """A file to write, standard output, or the files of figures, whose names begin with `name`.

    Example:
        >>> [path.name for path in Target("drift", (".pdf", ".png")).files]
        ['drift.pdf', 'drift.png']
    """

    name: str
    endings: Sequence[str] = ("",)
    stream: TextIO | None = None

    @property
    def files(self) -> list[Path]:
        """Every file that will be written."""
        return [] if self.stream else [Path(self.name + ending) for ending in self.endings]

    def require_free(self, *, force: bool) -> None:
        """Check that writing is possible and destroys nothing.

        Raises:
            UsageError: a file exists and `force` is not set; its name is that of a folder; or the
                folder cannot be written to.
        """
        for path in self.files:
            if loses_what_is_written(path):
                raise UsageError(f"Windows reserves the name {path.name!r}; choose another")
            if path.is_dir():
                raise UsageError(f"{str(path)!r} is a folder; name a file")
            if path.is_file() and not force:  # a device or a pipe is not replaced
                raise UsageError(f"{str(path)!r} exists; --force replaces it")
            parent = next((folder for folder in path.absolute().parents if folder.exists()), None)
            if parent is None:
                raise UsageError(f"cannot write {str(path)!r}: there is no such drive")
            if not parent.is_dir():
                raise UsageError(
                    f"cannot write {str(path)!r}: {str(parent)!r} is a file, not a folder"
                )
            if not os.access(parent, os.W_OK):
                raise UsageError(
                    f"cannot write {str(path)!r}: no permission to write in the folder"
                    f" {str(parent)!r}"
                )


def standard_input() -> BinaryIO:
    """Standard input as bytes.

    Raises:
        UsageError: the shell has closed it, as by `<&-`.
    """
    if sys.stdin is None:
        raise UsageError("standard input is closed: give a file, or send text to `-`")
    return sys.stdin.buffer


def loses_what_is_written(path: PurePath) -> bool:
    r"""Whether Windows reads a name as a device, or as a hidden stream of a file.

    Devices have their names in every folder and with every ending.

    Example:
        >>> loses_what_is_written(PureWindowsPath(r"C:\out\nul.csv"))
        True
    """
    if not isinstance(path, PureWindowsPath):
        return False
    stem = path.name.split(".")[0].rstrip(" ").lower()
    return stem in WINDOWS_DEVICES or ":" in path.name


class Folder(NamedTuple):
    """A folder for files of known names; a command replaces only those that it made there itself.

    Example:
        >>> Folder("no/such/folder", ["drift.pdf"]).require_free(force=False)
    """

    name: str
    contents: Sequence[str]

    def require_free(self, *, force: bool) -> None:
        """Check that no file of another origin is replaced.

        Raises:
            UsageError: the folder is a file; or one of the files exists, was not made by this
                command, and `force` is not set.
        """
        folder = Path(self.name)
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{self.name!r} is a file; name a folder")
        foreign = [
            name for name in self.contents if (folder / name).exists() and name not in self._made()
        ]
        if foreign and not force:
            raise UsageError(
                f"{str(folder / foreign[0])!r} exists and was not made by this command; --force"
                " replaces it"
            )

    def claim(self) -> Path:
        """Make the folder, and record in it which files this command may replace later."""
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
    """The argument type of folders for output files.

    Example:
        >>> folder("out", ["drift.pdf"]).name
        'out'
    """
    return Folder(_named(text), contents)


def source(text: str) -> Source:
    """The argument type of files to read; `-` is standard input.

    Example:
        >>> source("-").standard, source("log.csv").standard
        (True, False)
    """
    return Source(_named(text))


def log_source(text: str) -> LogSource:
    """The argument type of logs: files, folders and patterns; `-` is standard input.

    Example:
        >>> log_source("out/*.parquet").shown
        'out/*.parquet'
    """
    return LogSource(_named(text))


def file(text: str) -> Source:
    """The argument type of files to read that cannot be standard input.

    Raises:
        ArgumentTypeError: the text is `-` or empty.

    Example:
        >>> file("-")
        Traceback (most recent call last):
        argparse.ArgumentTypeError: expected a file name; standard input is not read here
    """
    named_file = source(text)
    if named_file.standard:
        raise argparse.ArgumentTypeError("expected a file name; standard input is not read here")
    return named_file


def target(text: str) -> Target:
    """The argument type of text files to write; `-` is standard output.

    Example:
        >>> target("-").files, target("proof.json").files[0].name
        ([], 'proof.json')
    """
    name = _named(text)
    return Target(name, stream=sys.stdout if name == STANDARD else None)


def figure(text: str) -> Target:
    """The argument type of figures, which are written as PDF, PNG and CSV; an ending is ignored.

    Example:
        >>> [path.name for path in figure("drift.png").files]
        ['drift.pdf', 'drift.png', 'drift.csv']
    """
    return figures(text, ("",))


def figures(text: str, parts: Sequence[str]) -> Target:
    """The argument type of several figures: each of `parts` is appended to the typed name.

    Raises:
        ArgumentTypeError: the text is `-` or empty.

    Example:
        >>> [path.name for path in figures("out/a", ("", "-contest")).files][2:4]
        ['a.csv', 'a-contest.pdf']
    """
    name = _named(text)
    if name == STANDARD:
        raise argparse.ArgumentTypeError(
            "a figure is three files (PDF, PNG, CSV), so it cannot go to standard output"
        )
    for ending in FIGURE_ENDINGS:
        name = name.removesuffix(ending)
    return Target(name, [f"{part}{ending}" for part in parts for ending in FIGURE_ENDINGS])


def _named(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"expected a file name, got {text!r}")
    return bare(text)


def add_certificate(parser: argparse.ArgumentParser) -> None:
    """Declare `--certificate`, for every command that can prove its result.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_certificate(parser)
        >>> parser.parse_args(["--certificate", "proof.json"]).certificate.name
        'proof.json'
    """
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        type=target,
        help="write the certificate as JSON; - is stdout",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare `--json`, for every command that prints a result.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_json(parser)
        >>> parser.parse_args(["--json"])
        Namespace(json=True)
    """
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def add_writing(parser: argparse.ArgumentParser) -> None:
    """Declare `--force` and `--quiet`, for every command that writes files.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_writing(parser)
        >>> parser.parse_args(["--force"])
        Namespace(force=True, quiet=False)
    """
    parser.add_argument("--force", action="store_true", help="replace existing files")
    add_quiet(parser)


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Declare `--quiet`, for every command that shows progress.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_quiet(parser)
        >>> parser.parse_args(["-q"])
        Namespace(quiet=True)
    """
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print neither progress nor the names of written files, only the result",
    )


@contextmanager
def files_checked(options: argparse.Namespace) -> Iterator[None]:
    """Check all files that the options name; if a text goes to stdout, other output goes to stderr.

    Raises:
        UsageError: a file to read does not exist, a file to write does, or two outputs are to go to
            standard output.

    Example:
        >>> with files_checked(argparse.Namespace(file=Source("no-such-log.csv"))):
        ...     pass
        Traceback (most recent call last):
        scoring_theory.cli.parser.UsageError: there is no such file: 'no-such-log.csv'
    """
    values = vars(options).values()
    sources = [each for value in values for each in _sources(value)]
    for each in sources:
        each.require()
    for value in values:
        if isinstance(value, Target):
            _require_apart(value, sources)
        if isinstance(value, Target | Folder):
            value.require_free(force=options.force)
    streamed = sum(isinstance(value, Target) and value.stream is not None for value in values)
    if streamed > 1 or (streamed and getattr(options, "json", False)):
        raise UsageError(
            "only one output can go to standard output: give `-` once, and not with --json"
        )
    if not streamed:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def _sources(value: object) -> Iterator[Source]:
    """The files to read among the values of an option, which may be a list."""
    if isinstance(value, Source):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _sources(each)


def _require_apart(written: Target, sources: Iterable[Source]) -> None:
    """Refuse to write onto a file that is read, whatever its spelling, also with --force.

    Raises:
        UsageError: one of the files to write is one of the files to read.
    """
    read = {
        path.resolve(): each.name for each in sources if not each.standard for path in each.paths
    }
    for path in written.files:
        if (name := read.get(path.resolve())) is not None:
            raise UsageError(
                f"{str(path)!r} would be written onto the file that is read, {name!r}; give the"
                " output another name"
            )


def write_text(where: Target, content: str, *, quiet: bool) -> None:
    """Write a text to its file and announce it, or send it to standard output."""
    from scoring_theory.files import write

    if where.stream is not None:
        _send(where.stream, content)
        return
    with announced(where.files, quiet=quiet):
        write(where.name, content)


def save_figure(drawn: Drawn, where: Target, *, part: str = "", quiet: bool = False) -> None:
    """Write one figure as PDF, PNG and CSV, and announce the files."""
    from scoring_theory.plotting import save

    name = f"{where.name}{part}"
    with announced([Path(f"{name}{ending}") for ending in FIGURE_ENDINGS], quiet=quiet):
        save(drawn.figure, name, drawn.data)


@contextmanager
def announced(files: Iterable[Path], *, quiet: bool) -> Iterator[None]:
    """After the block, print on stderr which files it wrote, and whether their folder is new.

    Example:
        >>> with announced([Path("drift.pdf")], quiet=True):
        ...     pass
    """
    listed = list(files)
    folder = listed[0].parent
    new = "" if folder.exists() else f" (new folder {folder})"
    yield
    if not quiet:
        print(f"wrote {', '.join(map(str, listed))}{new}", file=sys.stderr)


def _send(stream: TextIO, content: str) -> None:
    """Write UTF-8, as in a file, whatever the encoding of the terminal."""
    stream.flush()
    stream.buffer.write(content.encode())
    stream.buffer.flush()
