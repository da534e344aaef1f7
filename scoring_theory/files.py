"""Files that are written whole or not at all: under a temporary name beside their place, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file to fill, which then takes the place of `path`; parents are made. What fails changes nothing."""
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
    """Let what the system refuses be told of the file that was asked for, not of the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write(path: str | Path, content: str | bytes) -> Path:
    """Put a text, as UTF-8 with its own line ends, or bytes into a file, whole or not at all. Parents are made."""
    path = Path(path)
    with replacing(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
