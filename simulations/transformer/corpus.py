"""The texts that a transformer is pretrained on: answers of writers who state their confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.display import one_line
from simulations.worlds import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.transformer.completions import CompletionTree


@dataclass(frozen=True)
class Corpus:
    """Questions with completions by writers of different skill.

    Each line is by another writer. A writer's skill at a question is

        s = clip(lowest + slope max_k p_k(x) + spread z, 0.02, 0.98)

    She gives the best answer with probability s, and any answer otherwise; she states the level
    that is nearest to

        clip(m + correlation (s - m) + noise z', 0, 1)

    where m is the mean of `lowest + slope max_k p_k(x)` over questions, and z and z' are standard
    normal. Before it she may think: her first token of thought says with probability 0.8 whether
    the question is harder than the median, the others say nothing.

    Args:
        world: All questions that the corpus is about, those that are held out included. Their
            `features` are their tokens.
        lines: Number of lines for each question, 1 or more.
        lowest: Skill at a question that nobody can answer.
        slope: How fast skill rises with the probability of the best answer.
        spread: Standard deviation of skill between writers.
        correlation: How strongly stated confidence follows the writer's skill: 1 follows it, 0 says
            nothing of it, -1 contradicts it.
        noise: Standard deviation of stated confidence, given skill.

    Raises:
        ValueError: If the questions of the world are not tokens, or a number is outside its domain.

    Example:
        >>> from simulations.worlds import lookup_world
        >>> Corpus(lookup_world()).symbols
        16
    """

    world: World
    lines: int = 64
    lowest: float = 0.25
    slope: float = 0.6
    spread: float = 0.15
    correlation: float = 1.0
    noise: float = 0.15

    __repr__ = one_line

    def __post_init__(self) -> None:
        _ = tokens_of(self.world)  # checks that they are tokens
        if self.lines < 1:
            raise ValueError(f"`lines` must be 1 or more, got {self.lines}")
        for name in ("lowest", "slope", "spread", "correlation", "noise"):
            if not np.isfinite(getattr(self, name)):
                raise ValueError(f"`{name}` must be a finite number, got {getattr(self, name)}")
        if min(self.spread, self.noise) < 0:
            raise ValueError(
                f"`spread` and `noise` must not be negative, got {self.spread} and {self.noise}"
            )

    @property
    def symbols(self) -> int:
        """The number of different tokens of questions."""
        return int(tokens_of(self.world).max()) + 1

    def counts(self, said: CompletionTree, rng: np.random.Generator) -> NDArray[np.int64]:
        """How often each completion follows each question, (Q, paths).

        Args:
            said: The completions.
            rng: The source of randomness.
        """
        truth = self.world.success_probability
        shape = (self.world.questions, self.lines)
        likely = truth.max(axis=1)
        usual = self.lowest + self.slope * likely
        skill = np.clip(usual[:, None] + self.spread * rng.normal(size=shape), 0.02, 0.98)
        knows = rng.random(shape) < skill
        answer = np.where(
            knows, truth.argmax(axis=1)[:, None], rng.integers(truth.shape[1], size=shape)
        )
        middle = usual.mean()
        felt = middle + self.correlation * (skill - middle) + self.noise * rng.normal(size=shape)
        level = np.rint((said.levels - 1) * np.clip(felt, 0, 1)).astype(np.int64)
        thoughts = rng.integers(2, size=(*shape, said.thoughts))
        if said.thoughts:
            hard = (likely < np.median(likely))[:, None]
            thoughts[..., 0] = hard ^ (rng.random(shape) >= 0.8)
        number = (thoughts @ 2 ** np.arange(said.thoughts)[::-1]).astype(np.int64)
        counts = np.zeros((self.world.questions, said.paths), dtype=np.int64)
        question = np.broadcast_to(np.arange(len(counts))[:, None], shape)
        np.add.at(counts, (question, said.path_of[number, answer, level]), 1)
        return counts

    def describe(self) -> dict[str, object]:
        """The corpus as plain data."""
        numbers = ("lines", "lowest", "slope", "spread", "correlation", "noise")
        return {"world": self.world.describe(), **{name: getattr(self, name) for name in numbers}}


def tokens_of(world: World) -> NDArray[np.int64]:
    """The tokens of the questions of a world, (Q, T).

    Args:
        world: A world whose features are whole numbers from 0 on, such as `lookup_world()`.

    Raises:
        ValueError: If its features are not tokens.

    Example:
        >>> from simulations.worlds import bank
        >>> tokens_of(bank(4))
        Traceback (most recent call last):
        ...
        ValueError: the transformer reads tokens: use a world such as lookup_world() or sum_world()
    """
    features = world.features
    if features is None or (features < 0).any() or (features != np.rint(features)).any():
        raise ValueError(
            "the transformer reads tokens: use a world such as lookup_world() or sum_world()"
        )
    return features.astype(np.int64)
