"""What happens over time: worlds, agents, training, exact mean fields, experiments and their records.

    >>> from simulations import run, standard_experiments
    >>> record = run(standard_experiments("short")[1])  # RLCR, tabular agent
    >>> record.final("accuracy") > 0.4, record.final("ece") < 0.3
    (True, True)

Data flows one way: reward + world + agent -> training -> Record -> metric -> figure. Modules are loaded when first
used; `names` holds the table of what is here and where it lives.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from simulations.names import HOMES

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
