"""The versions of this project and of its libraries."""

from __future__ import annotations

from functools import cache


@cache
def version_of(package: str = "scoring-theory") -> str:
    """The version of a package; "(not installed)" where its sources are used as they are.

    Example:
        >>> version_of()[:2], version_of("no-such-package")
        ('0.', '(not installed)')
    """
    from importlib.metadata import PackageNotFoundError, version  # slow to load

    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
