"""An autoregressive transformer as an agent: it reads tokens, and says answer and confidence.

In contrast to the linear agents nothing says how its confidence depends on its answers: it has been
pretrained on texts in which confidence follows skill, and all of its parameters are shared between
questions, answers and confidence. Whether its confidence drifts as theirs does is measured, not
assumed; `shared=False`, `credit` and `expected` switch off one possible cause each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, get_args

import numpy as np

from scoring_theory.display import one_line
from simulations.agents.agent import Count, Option, require_finite, require_supported
from simulations.signals.stepping import prepared_scores
from simulations.transformer.completions import CompletionTree
from simulations.transformer.corpus import Corpus, tokens_of
from simulations.transformer.learning import (
    Credit,
    PolicyGradient,
    completion_probabilities,
    pretrained,
    stated_policy,
)
from simulations.transformer.network import Network
from simulations.transformer.optimiser import TransformerState, untrained
from simulations.worlds.tokens import lookup_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulations.policies import StatedPolicy
    from simulations.signals.base import TrainingSignal
    from simulations.training import LearningRule, RandomStreams, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World


def _texts() -> Corpus:
    return Corpus(lookup_world())


@dataclass(frozen=True, kw_only=True, repr=False)
class Transformer:
    """A small transformer, pretrained on a corpus and trained by policy gradient (needs PyTorch).

    A question is a sequence of tokens, see `simulations.worlds.lookup_world`. The agent says
    `thoughts` tokens of thought, the tokens of its answer, and a level of confidence. Everything
    measured is exact: one pass of the network scores every completion.

    Args:
        corpus: What it is pretrained on.
        digits: Number of tokens of an answer; K must be a power of this degree.
        levels: Number of levels of confidence from 0 to 1, 2 or more.
        thoughts: Number of tokens of thought before the answer.
        confidence_first: Whether it states its confidence before its answer.
        width: Number of features of a token, a multiple of `heads`.
        depth: Number of layers.
        heads: Number of attention heads.
        pretraining: Number of steps of pretraining.
        pretraining_rate: Adam's learning rate there.
        speed: The optimiser's learning rate in training, times `LearningRule.learning_rate`.
        adam: Whether the optimiser is Adam, which divides every gradient by its own size; if not,
            it is plain gradient descent.
        credit: Which tokens are trained: of "both" answer and confidence, the "answers" alone or
            the "confidence" alone.
        separate: Separate credit: the answer's tokens are credited with correctness c alone, and
            those of the confidence with the rest of the reward, R - c.
        shared: Whether one network says both. If not, answers and confidence have a network each,
            which start alike: then nothing that answers learn can change confidence.
        expected: Whether each step is the exact expected update, without sampling.

    Raises:
        ValueError: If a number is outside its domain, or K is not a power of the degree `digits`.

    Example:
        >>> agent = Transformer()
        >>> agent.network.size, agent.grid.size, agent.network.completions.paths
        (104768, 11, 88)
    """

    corpus: Corpus = field(default_factory=_texts)
    digits: int = 1
    levels: int = 11
    thoughts: int = 0
    confidence_first: bool = False
    width: int = 64
    depth: int = 2
    heads: int = 4
    pretraining: int = 1000
    pretraining_rate: float = 2e-3
    speed: float = 3e-4
    adam: bool = True
    credit: Credit = "both"
    separate: bool = False
    shared: bool = True
    expected: bool = False
    kind: ClassVar[str] = "transformer"
    bins: ClassVar[int | None] = None
    state_type: ClassVar[type[TransformerState]] = TransformerState
    generalises: ClassVar[bool] = True
    supports: ClassVar[frozenset[Option]] = frozenset({"epochs", "kl", "entropy", "weights"})

    __repr__ = one_line

    def __post_init__(self) -> None:
        if not isinstance(self.corpus, Corpus):
            raise ValueError(f"`corpus` must be a Corpus, got {self.corpus!r}")
        least = {"digits": 1, "levels": 2, "thoughts": 0, "width": 1, "depth": 1, "heads": 1,
                 "pretraining": 0}  # fmt: skip
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f"`{name}` must be at least {low}, got {getattr(self, name)}")
        require_finite(self, "pretraining_rate", "speed")
        if min(self.pretraining_rate, self.speed) <= 0:
            raise ValueError(
                "`pretraining_rate` and `speed` must be positive, got"
                f" {self.pretraining_rate} and {self.speed}"
            )
        if self.width % self.heads:
            raise ValueError(
                f"`width` must be a multiple of `heads`, got {self.width} and {self.heads}"
            )
        if self.credit not in get_args(Credit):
            raise ValueError(
                f'`credit` must be "both", "answers" or "confidence", got {self.credit!r}'
            )
        answers = self.corpus.world.answers
        if self._base**self.digits != answers:
            raise ValueError(
                f"an answer of {self.digits} tokens needs a number of answers that is a power of"
                f" degree {self.digits}, got {answers}"
            )

    @property
    def _base(self) -> int:
        return round(math.pow(self.corpus.world.answers, 1 / self.digits))

    @property
    def grid(self) -> FloatArray:
        """The confidence levels, (L,)."""
        return np.arange(self.levels) / (self.levels - 1)

    @property
    def network(self) -> Network:
        """The shape of the network."""
        said = CompletionTree(
            question=tokens_of(self.corpus.world).shape[1],
            symbols=self.corpus.symbols,
            base=self._base,
            digits=self.digits,
            levels=self.levels,
            thoughts=self.thoughts,
            confidence_first=self.confidence_first,
        )
        return _network(said, self.width, self.depth, self.heads)

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> TransformerState:
        """The state after pretraining, before training with the reward."""
        self._read(world)
        seed = tuple(rng.integers(2**63, size=4).tolist())
        learned = _pretrained(
            self.network, self.corpus, self.pretraining, self.pretraining_rate, seed
        )
        return untrained(np.tile(learned, (1 if self.shared else 2, 1)))

    def train(
        self,
        state: TransformerState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: TransformerState | None = None,
    ) -> None:
        """Train for `steps` steps; the state changes in place."""
        require_supported(self, training)
        if training.kl > 0 and prior is None:
            raise ValueError(
                "a `kl` penalty needs the `prior` that the divergence is measured from"
            )
        before = None
        if prior is not None:
            before = completion_probabilities(self.network, prior, self._read(world))
        self.lesson(world, table, training, before).advance(state, stream, first, steps)

    def lesson(
        self,
        world: World,
        table: FloatArray,
        training: LearningRule,
        before: FloatArray | None = None,
    ) -> PolicyGradient:
        """The training of one replicate by policy gradient.

        Args:
            world: The world of training.
            table: Payoffs (2, L).
            training: The learning rule.
            before: The probability of each completion before training, for a KL penalty.
        """
        return PolicyGradient(
            network=self.network,
            grid=self.grid,
            speed=self.speed,
            adam=self.adam,
            credit=self.credit,
            expected=self.expected,
            world=world,
            tables=self._tables(table),
            rule=training,
            questions=self._read(world),
            before=before,
        )

    def taught(
        self,
        signal: TrainingSignal,
        state: TransformerState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        streams: RandomStreams,
    ) -> Callable[[TransformerState, int, int], bool]:
        """Training with a signal, prepared before training, see `TrainsWithSignals`."""
        if self.expected:
            raise ValueError("with a signal, the transformer has no expected update")
        before = completion_probabilities(self.network, state, self._read(world))
        frozen = stated_policy(self.network, before, self.grid)
        scores = prepared_scores(signal, world, table, frozen, streams.prior)
        lesson = replace(
            self.lesson(world, table, training, before),
            scores=scores,
            errors=signal.errors,
            factor=signal.factor,
        )
        return lambda now, first, steps: lesson.advance(now, streams.stream, first, steps)

    def count(
        self, state: TransformerState, worlds: tuple[World, ...], update: Update = "reinforce"
    ) -> Count:
        """The exact distribution of confidence and correctness; worlds may differ in questions."""
        rows = [self._counted(state, world) for world in worlds]
        return Count(*(np.stack(part) for part in zip(*rows, strict=True)))

    def policy(
        self, state: TransformerState, world: World, update: Update = "reinforce"
    ) -> StatedPolicy:
        """The policy of a state in a world, the thoughts averaged."""
        chance = completion_probabilities(self.network, state, self._read(world))
        return stated_policy(self.network, chance, self.grid)

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        names = (
            "digits", "levels", "thoughts", "confidence_first", "width", "depth", "heads",
            "pretraining", "pretraining_rate", "speed", "adam",
            "credit", "separate", "shared", "expected",
        )  # fmt: skip
        settings = {name: getattr(self, name) for name in names}
        size = {"parameters": self.network.size}
        return {"kind": self.kind, "corpus": self.corpus.describe(), **settings, **size}

    def _counted(
        self, state: TransformerState, world: World
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        policy = self.policy(state, world)
        mass, hits = policy.levels(world.success_probability)
        logs = np.log(np.where(policy.confidence > 0, policy.confidence, 1.0))
        stated = -(policy.joint * logs).sum(axis=(-1, -2)).mean()
        return mass[0], hits[0], policy.entropy()[0], np.asarray(stated)

    def _tables(self, table: FloatArray) -> FloatArray:
        """What the tokens of the answer and of the confidence are paid, (2, 2, L)."""
        correct = np.repeat([[0.0], [1.0]], self.levels, axis=1)
        return np.stack([correct, table - correct] if self.separate else [table, table])

    def _read(self, world: World) -> NDArray[np.int64]:
        """The tokens of a world that the network can read, (Q, T)."""
        tokens, known = tokens_of(world), tokens_of(self.corpus.world)
        if tokens.shape[1] != known.shape[1] or tokens.max() > known.max():
            raise ValueError(
                f"the corpus has questions of {known.shape[1]} tokens from 0 to {known.max()},"
                f" got {tokens.shape[1]} tokens up to {tokens.max()}"
            )
        if world.answers != self.corpus.world.answers:
            raise ValueError(
                f"the corpus has {self.corpus.world.answers} answers to a question, got"
                f" {world.answers}"
            )
        return tokens


@lru_cache(maxsize=64)
def _network(said: CompletionTree, width: int, depth: int, heads: int) -> Network:
    return Network(said, width, depth, heads)


@lru_cache(maxsize=64)
def _pretrained(
    network: Network, corpus: Corpus, steps: int, rate: float, seed: tuple[int, ...]
) -> NDArray[np.float32]:
    """Pretrained parameters; agents that differ only in their training share them."""
    learned = pretrained(network, corpus, steps, rate, np.random.default_rng(seed))
    learned.setflags(write=False)
    return learned
