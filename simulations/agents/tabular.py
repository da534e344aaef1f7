"""The tabular agent: an answer policy for each question and a confidence head for each answer.

No parameters are shared. Under a reward that ignores confidence the expected drift of the
confidence logits is exactly 0, so any drift in another agent comes from a mechanism that this
agent does not have (`docs/theory.md`, section 8).
"""

from __future__ import annotations

import math
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar, cast, get_args

import numpy as np

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.display import one_line
from simulations.agents.agent import Count, Option, require_finite
from simulations.policies import StatedPolicy, softmax
from simulations.training import kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World

_Buffers = TypeVar("_Buffers")
_FEW_ROLLOUTS = 4  # of a replicate in a step; with more of them its own loops are long enough
_MOST_REPLICATES, _LEAST_REPLICATES = 128, 8  # at once
_MOST_NUMBERS = 2**18  # in all states together: two megabytes, which stay in caches
_buffers = threading.local()  # one set for each thread, since kernels write to them


class TabularState(NamedTuple):
    """The state of the agent: probabilities for the update "replicator", logits for all others."""

    answer: FloatArray  # (Q, K)
    confidence: FloatArray  # (Q, K, L)


@dataclass(frozen=True, kw_only=True)
class Tabular:
    """The tabular agent.

        pi(y, q | x) = softmax(answer[x])_y softmax(confidence[x, y])_q

    Before training, the agent slightly prefers the most probable answer of each question, and
    states confidences around `mode`, as language models do.

    Args:
        levels: The confidence grid: the number of equally spaced levels from 0 to 1, or the levels
            themselves, ascending.
        mode: Centre of the prior confidence, in [0, 1].
        spread: Standard deviation of the prior confidence, a discretised normal distribution;
            positive.
        head_start: Prior margin: amount added to the initial logit of the most probable answer.
        noise: Standard deviation of the initial answer logits; not negative.

    Raises:
        ValueError: If a level lies outside [0, 1], levels do not ascend, or a parameter is outside
            its domain.

    Example:
        >>> Tabular().grid.tolist()
        [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        >>> Tabular(levels=(0.05, 0.5, 0.95)).grid.size
        3
    """

    levels: int | tuple[float, ...] = 11
    mode: float = 0.85
    spread: float = 0.25
    head_start: float = 0.5
    noise: float = 0.3
    kind: ClassVar[str] = "tabular"
    bins: ClassVar[int | None] = None
    state_type: ClassVar[type[TabularState]] = TabularState
    generalises: ClassVar[bool] = False
    supports: ClassVar[frozenset[Option]] = frozenset(get_args(Option))

    __repr__ = one_line

    def __post_init__(self) -> None:
        require_finite(self, "head_start", "noise")
        grid = self.grid
        if grid.size < 2 or not (np.diff(grid) > 0).all() or grid[0] < 0 or grid[-1] > 1:
            raise ValueError(
                f"`levels` must be 2 or more ascending numbers in [0, 1], got {self.levels}"
            )
        if not (0 <= self.mode <= 1 and self.spread > 0 and self.noise >= 0):
            raise ValueError(
                "`mode` must lie in [0, 1], `spread` be positive and `noise` not negative, "
                f"got {self.mode}, {self.spread} and {self.noise}"
            )

    @property
    def grid(self) -> FloatArray:
        """The confidence levels, (L,)."""
        # Division of whole numbers, not multiples of a step: 0.3 and not 0.30000000000000004.
        if isinstance(self.levels, int):
            return np.arange(self.levels) / max(self.levels - 1, 1)
        return np.array(self.levels, dtype=np.float64)

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> TabularState:
        """The state before training: logits, or probabilities for the replicator."""
        answer = self.noise * rng.standard_normal((world.questions, world.answers))
        answer[np.arange(world.questions), world.success_probability.argmax(axis=1)] += (
            self.head_start
        )
        prior = -((self.grid - self.mode) ** 2) / (2 * self.spread**2)
        confidence = np.tile(prior, (world.questions, world.answers, 1))
        return (
            policy_probabilities(answer, confidence)
            if update == "replicator"
            else TabularState(answer, confidence)
        )

    def train(
        self,
        state: TabularState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: TabularState | None = None,
    ) -> None:
        """Train for `steps` steps; the state changes in place.

        The kernel is compiled separately for each combination of options that are None, so that a
        learning rule without them does not pay for them.
        """
        tables, shares = training.components(table)
        _require_trainable(training, world, tables, prior)
        codes = (*kernels.codes(training, world.outcomes), kernels.UPDATES[training.update])
        sizes = training.batch, training.group_size, *state.confidence.shape[1:]
        one = len(shares) == 1
        prices = _floats((training.kl, training.entropy))
        weights = _floats((training.right_weight, training.wrong_weight))
        epsilon = float(training.std_epsilon)
        kernels.advance_tabular(
            stream,
            first,
            steps,
            truth=world.success_probability.reshape(-1),
            table=shares[0] * tables[0] if one else np.einsum("k,kcl->cl", shares, tables),
            options=(world.answers, *codes, training.epochs),
            rate=float(training.learning_rate),
            state=_rows(state),
            room=_reused(kernels.room, *sizes),
            epsilon=epsilon if training.divides else None,
            components=(tables, shares, epsilon) if training.per_component else None,
            weights=None if weights == (1.0, 1.0) else weights,
            prior=(_rows(prior or state), prices) if max(prices) > 0 else None,
            clipping=_floats(training.clip) if training.epochs > 1 else None,
            natural=True if training.update == "natural" else None,
        )

    def side_by_side(self, world: World, training: LearningRule) -> int:
        """The largest number of replicates that are faster at once; 1 if none are.

        Many are faster at once than one by one if the world is small and a step has few rollouts.
        """
        known = (
            training.update in ("reinforce", "ppo")
            and training.epochs == training.right_weight == training.wrong_weight == 1
            and training.kl == training.entropy == 0
            and not (training.per_component or ESTIMATORS[training.estimator].of_batch)
        )
        numbers = world.success_probability.size * (1 + self.grid.size)
        fitting = min(_MOST_NUMBERS // numbers, _MOST_REPLICATES)
        few = training.batch * training.group_size <= _FEW_ROLLOUTS
        return fitting if known and few and fitting >= _LEAST_REPLICATES else 1

    def train_side_by_side(
        self,
        states: Sequence[TabularState],
        world: World,
        table: FloatArray,
        training: LearningRule,
        streams: Sequence[WordArray],
        first: int,
        steps: int,
    ) -> None:
        """Train several replicates for `steps` steps; states and streams change in place."""
        tables, shares = training.components(table)
        _require_trainable(training, world, tables, None)
        sizes = training.batch, training.group_size, *states[0].confidence.shape[1:]
        rows = [_rows(state) for state in states]
        answer, confidence, words = (
            np.stack(columns, axis=1) for columns in (*zip(*rows, strict=True), streams)
        )
        kernels.advance_side_by_side(
            words,
            first,
            steps,
            truth=world.success_probability.reshape(-1),
            table=shares[0] * tables[0],
            options=(world.answers, *kernels.codes(training, world.outcomes)),
            rate=float(training.learning_rate),
            state=(answer, confidence),
            room=_reused(kernels.room_side_by_side, len(states), *sizes),
            epsilon=float(training.std_epsilon) if training.divides else None,
        )
        for r, ((of_answers, of_levels), stream) in enumerate(zip(rows, streams, strict=True)):
            of_answers[:], of_levels[:], stream[:] = answer[:, r], confidence[:, r], words[:, r]

    def count(
        self, state: TabularState, worlds: tuple[World, ...], update: Update = "reinforce"
    ) -> Count:
        """The exact distribution of confidence and correctness in worlds of the same questions."""
        truths = np.array([world.success_probability for world in worlds]).reshape(len(worlds), -1)
        _, answers, levels = shape = state.confidence.shape
        counts, room = (
            np.empty((1 + len(worlds), levels)),
            _reused(kernels.room_to_count, len(worlds), *shape),
        )
        rows = _rows(_logarithms(state) if update == "replicator" else state)
        entropies = kernels.count_tabular(truths, answers, *rows, room, counts)
        return Count(
            counts[:1].repeat(len(worlds), axis=0),
            counts[1:],
            *np.array([entropies] * len(worlds)).T,
        )

    def policy(
        self, state: TabularState, world: World, update: Update = "reinforce"
    ) -> StatedPolicy:
        """The policy of a state, the same in every world with these questions."""
        made = state if update == "replicator" else policy_probabilities(*state)
        return StatedPolicy(made.answer[None], made.confidence[None], self.grid)

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        return {"kind": self.kind, **asdict(self)}


def _require_trainable(
    training: LearningRule, world: World, tables: FloatArray, prior: TabularState | None
) -> None:
    if training.batch > world.questions:
        raise ValueError(
            f"`batch` must be at most the number of questions {world.questions}, got"
            f" {training.batch}"
        )
    if training.update == "replicator" and not (tables.min() >= 0 and tables.max() <= 1):
        raise ValueError(
            f"the replicator needs payoffs in [0, 1], got {tables.min()} to {tables.max()}"
        )
    if training.kl > 0 and prior is None:
        raise ValueError("a `kl` penalty needs the `prior` that the divergence is measured from")


def _reused(make: Callable[..., _Buffers], *sizes: int) -> _Buffers:
    """Buffers of these sizes; a thread reuses them until it needs other sizes."""
    if _buffers.__dict__.get(make.__name__, (None,))[0] != sizes:
        _buffers.__dict__[make.__name__] = sizes, make(*sizes)
    return cast("_Buffers", _buffers.__dict__[make.__name__][1])


def policy_probabilities(answer: FloatArray, confidence: FloatArray) -> TabularState:
    """The softmax of both arrays along their last axis.

    Args:
        answer: Answer logits (Q, K).
        confidence: Confidence logits (Q, K, L).

    Example:
        >>> policy_probabilities(np.zeros((1, 2)), np.zeros((1, 2, 4))).answer.tolist()
        [[0.5, 0.5]]
    """
    return TabularState(softmax(answer), softmax(confidence))


def _logarithms(state: TabularState) -> TabularState:
    """Logits of these probabilities; 0 is replaced by the smallest positive float."""
    return TabularState(*(np.log(np.maximum(rows, math.ulp(0.0))) for rows in state))


def _rows(state: TabularState) -> tuple[FloatArray, FloatArray]:
    """Flat views of both arrays, which the kernels change in place."""
    if not all(rows.flags.c_contiguous for rows in state):
        raise ValueError("the arrays of a state must be contiguous: they are changed in place")
    return state.answer.reshape(-1), state.confidence.reshape(-1)


def _floats(pair: tuple[float, float]) -> tuple[float, float]:
    """Both numbers as floats: integers would compile the kernel once more."""
    return float(pair[0]), float(pair[1])
