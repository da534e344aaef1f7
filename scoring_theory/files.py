"""Files that are written completely or not at all.

The content goes to a temporary file in the same folder, which is then renamed.
"""

from __future__ import annotations

import csv
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file to fill, which then replaces `path`; on an error nothing changes.

    Missing parent folders are created. A link stays, and what it names is replaced; a device or a
    pipe is written into. A file keeps its rights.

    Raises:
        OSError: the system refuses; the error names `path`.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as temporary:
        ...         _ = temporary.write_text("content")
        ...     print([path.name for path in Path(folder).iterdir()])
        ['a.txt']
    """
    if path.exists() and not path.is_file():  # a device or a pipe is written into, not replaced
        with tempfile.TemporaryDirectory() as folder:
            yield (filled := Path(folder) / path.name)
            with _naming(path), path.open("wb") as stream:
                stream.write(filled.read_bytes())
        return
    target = (
        path.resolve() if path.is_symlink() else path
    )  # a link stays, and its target is written
    known = target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    with _naming(path):  # with the rights that the user's new files have
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        with _naming(path):
            if known:
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
    except BaseException:
        temporary.unlink()
        raise


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Report an `OSError` with the path that was asked for instead of the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write(path: str | Path, content: str | bytes) -> Path:
    """Write a text (as UTF-8, with its line ends) or bytes into a file, completely or not at all.

    Missing parent folders are created.

    Returns:
        The path of the file.

    Raises:
        OSError: the system refuses; the error names `path`.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     print(write(Path(folder) / "new" / "a.txt", "content").read_text())
        content
    """
    path = Path(path)
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    r"""Rows as CSV, in which a spreadsheet runs nothing.

    A text that it would run as a formula gets an apostrophe in front. Floats read back as the same
    float64.

    Example:
        >>> csv_text([("method", "mean"), ("=1+1", 0.5)])
        "method,mean\n'=1+1,0.5\n"
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(map(_inert, row)) for row in rows])
    return text.getvalue()


def _inert(value: object) -> object:
    runs = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if runs else value
