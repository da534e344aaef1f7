"""The public names of this package and where each lives; the package, its stub and a test follow this one table.

`python -m simulations.names` writes the stub `__init__.pyi` anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

_BY_HOME: Mapping[str, tuple[str, ...]] = {
    "agents": ("Coupled", "LogitNormal", "Rational", "SelfProbability", "Tabular"),
    "experiment": ("Experiment",),
    "mechanisms": ("MECHANISMS", "Mechanism", "everything_off", "mechanism"),
    "record": ("Record",),
    "running": ("run",),
    "standard": ("STANDARD_REWARDS", "standard_experiments"),
    "training": ("LearningRule",),
    "worlds": ("World", "bank", "feature_world"),
}
HOMES: Mapping[str, str] = MappingProxyType(
    {name: f"simulations.{room}" for room, names in _BY_HOME.items() for name in names}
)
"""Module by name."""


def stub() -> Iterator[str]:
    """The lines of `__init__.pyi`."""
    yield '"""Made by `python -m simulations.names`."""'
    yield ""
    yield from sorted(f"from {home} import {name} as {name}" for name, home in HOMES.items())
    yield ""
    yield "__all__: list[str]"


if __name__ == "__main__":
    Path(__file__).with_name("__init__.pyi").write_text("\n".join(stub()) + "\n", encoding="utf-8")
