"""What happens over time: worlds, agents, training, exact mean fields, experiments and their records.

    >>> from simulations import run, standard_experiments
    >>> record = run(standard_experiments("short")[1])  # RLCR, tabular agent
    >>> record.final("accuracy") > 0.4, record.final("ece") < 0.3
    (True, True)

Data flows one way: reward + world + agent -> training -> Record -> metric -> figure. Modules are loaded when first
used; `sweep` is to be found in the module of its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.agents import Coupled, LogitNormal, Rational, SelfProbability, Tabular
    from simulations.experiment import Experiment, run
    from simulations.mechanisms import MECHANISMS, Mechanism, everything_off, mechanism
    from simulations.record import Record
    from simulations.standard import STANDARD_REWARDS, standard_experiments
    from simulations.worlds import World, bank, feature_world

_HOMES = {
    "Coupled": "agents", "LogitNormal": "agents", "Rational": "agents", "SelfProbability": "agents",
    "Tabular": "agents",
    "Experiment": "experiment", "run": "experiment", "Record": "record",
    "STANDARD_REWARDS": "standard", "standard_experiments": "standard",
    "MECHANISMS": "mechanisms", "Mechanism": "mechanisms", "everything_off": "mechanisms", "mechanism": "mechanisms",
    "World": "worlds", "bank": "worlds", "feature_world": "worlds",
}  # fmt: skip

__all__ = [
    "MECHANISMS",
    "STANDARD_REWARDS",
    "Coupled",
    "Experiment",
    "LogitNormal",
    "Mechanism",
    "Rational",
    "Record",
    "SelfProbability",
    "Tabular",
    "World",
    "bank",
    "everything_off",
    "feature_world",
    "mechanism",
    "run",
    "standard_experiments",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
