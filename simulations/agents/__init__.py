"""Who learns: agents are frozen descriptions; their state is arrays apart, so that a sweep is data.

`Tabular`: a free answer policy and a free confidence head per question and answer. `LogitNormal`:
the same with a continuous head. `Coupled`: linear in features, with a confidence that reads its own
answer probability. `SelfProbability`: the stated confidence *is* the answer probability.
`Rational`: nothing to learn; closed forms, the oracle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scoring_theory.display import Named
from simulations.agents.agent import Agent, Count
from simulations.agents.continuous import ContinuousState, LogitNormal
from simulations.agents.coupled import Coupled, CoupledState, SelfProbability
from simulations.agents.rational import Rational
from simulations.agents.tabular import Tabular, TabularState

AGENTS: Mapping[str, Callable[..., Agent]] = Named(
    "AGENTS",
    {
        "tabular": Tabular,
        "coupled": Coupled,
        "self-probability": SelfProbability,
        "continuous": LogitNormal,
    },
)
"""Every agent that learns, by its kind."""

__all__ = [
    "AGENTS",
    "Agent",
    "ContinuousState",
    "Count",
    "Coupled",
    "CoupledState",
    "LogitNormal",
    "Rational",
    "SelfProbability",
    "Tabular",
    "TabularState",
]
