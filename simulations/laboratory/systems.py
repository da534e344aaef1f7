"""Every system by name; each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from simulations.laboratory.system import System

SYSTEM_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "majority": "self-training on majority votes: the most frequent answer wins",
        "selection": "only the best of N rollouts is reinforced: the most daring report wins",
        "soft-verifier": "graded scores: RLCR as written against its affine extension",
    }
)
"""What each system is, in one line; its module has the same name with underscores."""


def find_system(name: str) -> System:
    """The system with a name.

    Raises:
        ValueError: there is none.

    Example:
        >>> find_system("majority").name
        'majority'
    """
    if name not in SYSTEM_TITLES:
        raise ValueError(f"unknown system {name!r}; known: {', '.join(SYSTEM_TITLES)}")
    module = import_module(f"simulations.laboratory.{name.replace('-', '_')}")
    found = getattr(module, name.replace("-", "_").upper())
    assert isinstance(found, System)
    return found
