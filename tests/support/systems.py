"""What the laboratory keeps of earlier calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from simulations.laboratory.systems import SYSTEM_TITLES, module_of


@contextmanager
def forgotten() -> Iterator[None]:
    """A block that finds nothing of earlier calls, and leaves nothing of its own behind."""
    _forget()
    try:
        yield
    finally:
        _forget()


def _forget() -> None:
    for title in SYSTEM_TITLES:
        for kept in vars(import_module(module_of(title))).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
