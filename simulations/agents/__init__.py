"""The agents: immutable descriptions of learners, whose state is kept in separate arrays.

`Tabular` has a free answer policy for each question and a free confidence head for each answer.
`LogitNormal` has a continuous confidence head instead. `Coupled` is linear in features, and its
confidence is computed from its own answer probability. `SelfProbability` states its answer
probability as its confidence. `Rational` does not learn: it gives optimal policies in closed form,
against which the others are tested.
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
"""The agents that learn, by their kind."""

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
