"""Does this reward make an agent both right and honest? Check it, design it, simulate it, replay it, draw it.

    >>> from scoring_theory import brier, correctness
    >>> (correctness + 0.5 * brier).text
    'c - 1/2*(q - c)^2'

Everything here is loaded when first used, so that `import scoring_theory` costs next to nothing; `names` holds the
table of what is here and where it lives.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from scoring_theory.names import HOMES

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name in HOMES:
        value = getattr(import_module(HOMES[name]), name)
        globals()[name] = value
        return value
    if name in _rooms():
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*HOMES, *_rooms()})


def _rooms() -> set[str]:
    return {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
