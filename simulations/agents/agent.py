"""What an experiment asks of an agent that learns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World


Option = Literal["natural", "replicator", "epochs", "kl", "entropy", "weights", "components"]
"""What a learning rule may have beyond one epoch of policy gradient: two updates, several epochs of "ppo", prices on KL
and entropy, other weights for right than for wrong rollouts, an estimator that takes a reward's components apart."""


_OPTIONS: Mapping[Option, str] = MappingProxyType(
    {
        "natural": 'the update "natural"',
        "replicator": 'the update "replicator"',
        "epochs": "several `epochs`",
        "kl": "a price on `kl`",
        "entropy": "a bonus for `entropy`",
        "weights": "`right_weight` and `wrong_weight`",
        "components": "estimators of components",
    }
)


class Count(NamedTuple):
    """Exactly what an agent states and how often it is right, in each of W worlds: policy times truth, no samples.

    `mass[w, l]` is the probability that level l is stated and `hits[w, l]` that it is stated and
    right; the entropies, in nats, are those of the answer given the question and of the level given
    question and answer, averaged.
    """

    mass: FloatArray
    hits: FloatArray
    answer_entropy: FloatArray
    confidence_entropy: FloatArray


class Agent(Protocol):
    """A frozen description of a learner; `State` is a tuple of arrays that `train` changes in place."""

    @property
    def kind(self) -> str:
        """One word for figures and records."""
        ...

    @property
    def grid(self) -> FloatArray:
        """The confidence levels that can be stated, ascending, (L,)."""
        ...

    @property
    def bins(self) -> int | None:
        """Bins of the expected calibration error; None: one for each stated value."""
        ...

    @property
    def supports(self) -> frozenset[Option]:
        """Which parts of a learning rule it can follow; `train` refuses the others."""
        ...

    def start(self, world: World, rng: np.random.Generator, update: Update = "reinforce") -> Any:
        """The state before training."""
        ...

    def train(
        self,
        state: Any,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: Any = None,
    ) -> None:
        """Change the state in place by `steps` steps of training, the first of which is number `first`.

        `prior` is the state that a price on KL is measured from.

        Raises:
            ValueError: If the learning rule asks for what the agent does not support.
        """
        ...

    def count(self, state: Any, worlds: tuple[World, ...], update: Update = "reinforce") -> Count:
        """What the agent in this state does in worlds with the questions of its own."""
        ...

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        ...


def require_finite(agent: object, *names: str) -> None:
    """Refuse a description with a NaN or an infinity in it: what is learned from there is no number either.

    Raises:
        ValueError: If one of the named parameters is not finite.
    """
    for name in names:
        if not np.isfinite(getattr(agent, name)):
            raise ValueError(f"`{name}` must be a finite number, got {getattr(agent, name)}")


def require_supported(agent: Agent, training: LearningRule) -> None:
    """Refuse a learning rule that an agent would otherwise follow in part only.

    Raises:
        ValueError: If the rule asks for an option that the agent does not support.
    """
    asked: dict[Option, bool] = {
        "natural": training.update == "natural",
        "replicator": training.update == "replicator",
        "epochs": training.epochs > 1,
        "kl": training.kl > 0,
        "entropy": training.entropy > 0,
        "weights": (training.right_weight, training.wrong_weight) != (1, 1),
        "components": training.per_component,
    }
    for option in get_args(Option):
        if asked[option] and option not in agent.supports:
            known = (
                "; ".join(_OPTIONS[one] for one in get_args(Option) if one in agent.supports)
                or "nothing else"
            )
            refused = f"the {agent.kind} agent does not support {_OPTIONS[option]}"
            raise ValueError(f"{refused}; beside the policy gradient it supports {known}")


def require_converging(state: Iterable[FloatArray], training: LearningRule) -> None:
    """Refuse a learner that training has thrown beyond all numbers.

    Raises:
        ValueError: If an array of the state holds a NaN or an infinity.
    """
    if not all(np.isfinite(rows).all() for rows in state):
        raise ValueError(
            f"training diverged: `learning_rate` {training.learning_rate:g} is too large for this"
            " reward"
        )
