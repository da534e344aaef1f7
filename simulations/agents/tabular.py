"""The tabular agent: every question has its own answer policy, every answer its own confidence head; nothing is shared.

Under a reward that ignores confidence the logits of its head have no expected drift at all, so
whatever drifts in another agent does so through a mechanism that this one lacks (`docs/theory.md`,
section 8).
"""

from __future__ import annotations

import math
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast, get_args

import numpy as np

from scoring_theory.display import one_line
from simulations.agents.agent import Count, Option, require_finite
from simulations.training import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World

_Room = TypeVar("_Room")
_rooms = threading.local()  # each thread its own: kernels write there


class TabularState(NamedTuple):
    """Logits under "reinforce", probabilities under "replicator"."""

    answer: FloatArray  # (Q, K)
    confidence: FloatArray  # (Q, K, L)


@dataclass(frozen=True, kw_only=True)
class Tabular:
    """pi(y, q | x) = softmax(answer[x])_y softmax(confidence[x, y])_q.

    Before training the agent prefers each question's best candidate a little, and states
    confidences around `mode`, as language models do.

    Args:
        levels: The confidence grid: a number of equal steps from 0 to 1 counting both ends, or the
            levels, ascending.
        mode: Where the prior confidence is centred, in [0, 1].
        spread: Standard deviation of the (discretised, normal) prior confidence; positive.
        head_start: How much larger the logit of the best candidate starts.
        noise: Standard deviation of the starting answer logits.

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
    def kind(self) -> str:
        """One word for figures and records."""
        return "tabular"

    @property
    def grid(self) -> FloatArray:
        """The confidence levels, (L,)."""
        if isinstance(self.levels, int):  # whole numbers divided once: 0.3, not 0.30000000000000004
            return np.arange(self.levels) / max(self.levels - 1, 1)
        return np.array(self.levels, dtype=np.float64)

    @property
    def bins(self) -> int | None:
        """Calibration is judged at each stated value."""
        return None

    @property
    def supports(self) -> frozenset[Option]:
        """Every option of a learning rule."""
        return frozenset(get_args(Option))

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> TabularState:
        """The prior: logits, or probabilities for the replicator."""
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
        """Change the state in place by `steps` steps of training; `prior` is what a KL price is measured from."""
        tables, shares = training.components(table)
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
            raise ValueError("a price on KL needs the `prior` that the divergence is from")
        room = _kept(kernels.room, training.batch, training.group_size, *state.confidence.shape[1:])
        options = (*kernels.codes(training, world.outcomes), kernels.UPDATES[training.update])
        prices, weights = (
            (training.kl, training.entropy),
            (training.right_weight, training.wrong_weight),
        )
        total = (
            shares[0] * tables[0] if len(shares) == 1 else np.einsum("k,kcl->cl", shares, tables)
        )
        kernels.advance_tabular(
            stream,
            first,
            steps,
            world.success_probability.reshape(-1),
            total,
            (world.answers, *options, training.epochs),
            float(training.learning_rate),
            _rows(state),
            room,
            float(training.std_epsilon) if training.divides else None,
            (tables, shares, float(training.std_epsilon)) if training.per_component else None,
            None if weights == (1, 1) else _floats(weights),
            (
                (_rows(state if prior is None else prior), _floats(prices))
                if max(prices) > 0
                else None
            ),
            _floats(training.clip) if training.epochs > 1 else None,
            True if training.update == "natural" else None,
        )

    def count(
        self, state: TabularState, worlds: tuple[World, ...], update: Update = "reinforce"
    ) -> Count:
        """What the agent states and how often it is right, exactly, in worlds with the same table of questions."""
        truths = np.array([world.success_probability for world in worlds]).reshape(len(worlds), -1)
        _, answers, levels = shape = state.confidence.shape
        counts, room = (
            np.empty((1 + len(worlds), levels)),
            _kept(kernels.room_to_count, len(worlds), *shape),
        )
        rows = _rows(_logarithms(state) if update == "replicator" else state)
        entropies = kernels.count_tabular(truths, answers, *rows, room, counts)
        return Count(
            counts[:1].repeat(len(worlds), axis=0),
            counts[1:],
            *np.array([entropies] * len(worlds)).T,
        )

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        return {"kind": self.kind, **asdict(self)}


def _kept(make: Callable[..., _Room], *sizes: int) -> _Room:
    """Room of these sizes, made once for as long as a thread does the same."""
    if _rooms.__dict__.get(make.__name__, (None,))[0] != sizes:
        _rooms.__dict__[make.__name__] = sizes, make(*sizes)
    return cast("_Room", _rooms.__dict__[make.__name__][1])


def policy_probabilities(answer: FloatArray, confidence: FloatArray) -> TabularState:
    """Softmax of both arrays along their last axis."""
    shifted = [np.exp(z - z.max(axis=-1, keepdims=True)) for z in (answer, confidence)]
    return TabularState(*(e / e.sum(axis=-1, keepdims=True) for e in shifted))


def _logarithms(state: TabularState) -> TabularState:
    """Logits of these probabilities; 0 has the logit of the least float, which is as good."""
    return TabularState(*(np.log(np.maximum(rows, math.ulp(0.0))) for rows in state))


def _rows(state: TabularState) -> tuple[FloatArray, FloatArray]:
    """Both arrays flat, as views: kernels change them in place."""
    if not all(rows.flags.c_contiguous for rows in state):
        raise ValueError("the arrays of a state must be contiguous: they are changed in place")
    return state.answer.reshape(-1), state.confidence.reshape(-1)


def _floats(pair: tuple[float, float]) -> tuple[float, float]:
    """The same two numbers as floats: kernels are compiled for each type."""
    return float(pair[0]), float(pair[1])
