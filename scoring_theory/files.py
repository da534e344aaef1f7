"""Files that are written completely or not at all.

The content goes to a temporary file in the same folder, which is then renamed.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file to fill, which then replaces `path`; on an error nothing changes.

    Missing parent folders are created.

    Raises:
        OSError: the system refuses; the error names `path`.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as temporary:
        ...         _ = temporary.write_text("content")
        ...     print([path.name for path in Path(folder).iterdir()])
        ['a.txt']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _naming(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    try:
        yield Path(name)
        with _naming(path):
            os.chmod(name, 0o644)  # mkstemp makes files that only their owner can read
            os.replace(name, path)
    except BaseException:
        os.unlink(name)
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
