"""The interface of agents that learn."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    Protocol,
    get_args,
    runtime_checkable,
)

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simulations.policies import StatedPolicy
    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World


Option = Literal["natural", "replicator", "epochs", "kl", "entropy", "weights", "components"]
"""The options of a learning rule beyond one epoch of policy gradient.

They are the updates "natural" and "replicator", several epochs of "ppo", a KL penalty, an entropy
bonus, different weights of correct and of wrong rollouts, and estimators of components.
"""


_OPTIONS: Mapping[Option, str] = MappingProxyType(
    {
        "natural": 'the update "natural"',
        "replicator": 'the update "replicator"',
        "epochs": "several `epochs`",
        "kl": "a `kl` penalty",
        "entropy": "an `entropy` bonus",
        "weights": "`right_weight` and `wrong_weight`",
        "components": "estimators of components",
    }
)


class Count(NamedTuple):
    """The exact joint distribution of stated confidence and correctness, in each of several worlds.

    It is computed from the policy and the success probabilities, without sampling. `mass[w, l]` is
    the probability in world w that level l is stated, and `hits[w, l]` the probability that it is
    stated and the answer is correct. The entropies, in nats, are the mean entropy of the answer
    given the question, and of the level given question and answer.

    Example:
        >>> from simulations import Tabular, World
        >>> agent, world = Tabular(levels=3, noise=0.0), World(np.array([[0.5, 0.0]]))
        >>> count = agent.count(agent.start(world, np.random.default_rng(0)), (world,))
        >>> count.mass.shape, round(float(count.mass.sum()), 9)
        ((1, 3), 1.0)
    """

    mass: FloatArray
    hits: FloatArray
    answer_entropy: FloatArray
    confidence_entropy: FloatArray


class Agent(Protocol):
    """The protocol of a learner: an immutable description, with functions of its state.

    A state is a tuple of arrays, made by `start` and changed in place by `train`.
    """

    @property
    def kind(self) -> str:
        """The name of the kind of agent in figures and records."""
        ...

    @property
    def grid(self) -> FloatArray:
        """The confidence levels that can be stated, ascending, (L,)."""
        ...

    @property
    def bins(self) -> int | None:
        """Number of bins of the expected calibration error; None means one for each level."""
        ...

    @property
    def state_type(self) -> type[Any]:
        """The type of its states, a tuple of named arrays."""
        ...

    @property
    def generalises(self) -> bool:
        """Whether it can be asked questions that it was not trained on."""
        ...

    @property
    def supports(self) -> frozenset[Option]:
        """The options of a learning rule that the agent supports; `train` refuses the others."""
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
        """Train for `steps` steps from number `first` on; the state changes in place.

        Args:
            state: The state, made by `start`.
            world: The world of training.
            table: Payoffs (2, L), or (C, 2, L) of components.
            training: The learning rule.
            stream: The state of the random stream, four words.
            first: Number of the first step, from 0.
            steps: Number of steps.
            prior: The state that the KL penalty is measured from.

        Raises:
            ValueError: If the agent does not support an option of the learning rule.
        """
        ...

    def count(self, state: Any, worlds: tuple[World, ...], update: Update = "reinforce") -> Count:
        """The exact distribution of confidence and correctness in worlds of the same questions."""
        ...

    def policy(self, state: Any, world: World, update: Update = "reinforce") -> StatedPolicy:
        """The policy of a state in a world: the probability of each answer with each level."""
        ...

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        ...


@runtime_checkable
class TrainsSideBySide(Protocol):
    """What an agent has in addition if it can train several replicates at once.

    The bits of each replicate are those of `Agent.train`, so that it is only a question of speed
    which of the two is called.
    """

    def side_by_side(self, world: World, training: LearningRule) -> int:
        """The largest number of replicates that are faster at once; 1 if none are.

        Args:
            world: The world of training.
            training: The learning rule.
        """
        ...

    def train_side_by_side(
        self,
        states: Sequence[Any],
        world: World,
        table: FloatArray,
        training: LearningRule,
        streams: Sequence[WordArray],
        first: int,
        steps: int,
    ) -> None:
        """Train every replicate as `Agent.train` does; states and streams change in place.

        Args:
            states: The state of each replicate.
            world: The world of training.
            table: Payoffs (2, L).
            training: A learning rule for which `side_by_side` is above 1.
            streams: The state of the random stream of each replicate.
            first: Number of the first step, from 0.
            steps: Number of steps.
        """
        ...


def require_finite(agent: object, *names: str) -> None:
    """Refuse parameters that are NaN or infinite: training would produce NaN.

    Args:
        agent: The agent.
        names: Names of its parameters.

    Raises:
        ValueError: If one of the named parameters is not finite.
    """
    for name in names:
        if not np.isfinite(getattr(agent, name)):
            raise ValueError(f"`{name}` must be a finite number, got {getattr(agent, name)}")


def require_supported(agent: Agent, training: LearningRule) -> None:
    """Refuse a learning rule with options that the agent would ignore.

    Args:
        agent: The agent.
        training: Its learning rule.

    Raises:
        ValueError: If the rule has an option that the agent does not support.
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
                "; ".join(_OPTIONS[name] for name in get_args(Option) if name in agent.supports)
                or "nothing else"
            )
            refused = f"the {agent.kind} agent does not support {_OPTIONS[option]}"
            raise ValueError(f"{refused}; beside the policy gradient it supports {known}")


def require_converging(state: Iterable[FloatArray], training: LearningRule) -> None:
    """Refuse a state that training has driven to NaN or infinity.

    Args:
        state: The arrays of the state.
        training: The learning rule, which the error message names.

    Raises:
        ValueError: If an array of the state contains a NaN or an infinity.

    Example:
        >>> from simulations.training import LearningRule
        >>> require_converging([np.array([np.inf])], LearningRule())
        Traceback (most recent call last):
        ...
        ValueError: training diverged: `learning_rate` 1 is too large for this reward
    """
    if not all(np.isfinite(rows).all() for rows in state):
        raise ValueError(
            f"training diverged: `learning_rate` {training.learning_rate:g} is too large for this"
            " reward"
        )
