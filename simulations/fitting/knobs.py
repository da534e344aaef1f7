"""The knobs of a world with features and of a coupled agent in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from scoring_theory.display import one_line
from simulations.agents import Coupled, CoupledState
from simulations.worlds import World, feature_world

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "head_start": (0.02, 5.0),
        "constant": (-6.0, 8.0),
        "slope": (0.0, 3.0),
        "stated_noise": (0.05, 3.0),
        "headroom": (-2.0, 5.0),
        "visible_difficulty": (0.0, 1.0),
        "sharpness": (1.0, 16.0),
    }
)
"""The knobs that can be fitted, each with the range in which it is looked for."""


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """A world and an agent, as seven numbers that can be fitted and four that are chosen.

    Attributes:
        head_start: standard deviation of the agent's initial answer logits, see `Coupled`.
        constant: initial constant of its confidence, in log-odds.
        slope: initial slope of the log-odds of confidence on those of the answer.
        stated_noise: standard deviation of the noise in the log-odds of stated confidence.
        headroom: log-odds by which questions are easier for a policy that knows the best answer.
        visible_difficulty: the share of the variance of the difficulty that the agent observes.
        sharpness: how far the best answer exceeds the others; large where one answer is right.
        levels: of the verbal grid of confidence; 21 are the words .00, .05, ..., 1.
        answers: to each question, one of which is never right.
        questions: of the world, in which the hidden part of the difficulty is averaged.
        seed: of the questions.

    Raises:
        ValueError: If a number is outside its domain, by the world and the agent.

    Example:
        >>> knobs = Knobs(head_start=0.4, constant=3.0)
        >>> round(knobs.world().best_accuracy, 2), knobs.agent.levels
        (0.71, 21)
    """

    head_start: float = 0.5
    constant: float = 1.5
    slope: float = 0.5
    stated_noise: float = 0.5
    headroom: float = 0.0
    visible_difficulty: float = 0.5
    sharpness: float = 8.0
    levels: int = 21
    answers: int = 3
    questions: int = 256
    seed: int = 1

    __repr__ = one_line

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value):
                raise ValueError(f"`{field.name}` must be a finite number, got {value}")
        _ = self.agent, self.world()  # they check the rest

    @property
    def agent(self) -> Coupled:
        """The agent; no part of its initial answers is random."""
        return Coupled(
            head_start=self.head_start,
            constant=self.constant,
            slope=self.slope,
            stated_noise=self.stated_noise,
            levels=self.levels,
            weight_noise=0.0,
        )

    def world(self) -> World:
        """The world in distribution."""
        return _world(
            self.questions,
            self.answers,
            self.headroom,
            self.visible_difficulty,
            self.sharpness,
            self.seed,
        )

    def start(self) -> CoupledState:
        """The agent before training."""
        return self.agent.start(self.world(), np.random.default_rng(0))


@lru_cache(maxsize=256)
def _world(
    questions: int,
    answers: int,
    headroom: float,
    visible: float,
    sharpness: float,
    seed: int,
) -> World:
    return feature_world(
        questions,
        answers,
        headroom=headroom,
        sharpness=sharpness,
        visible_difficulty=visible,
        averaged=True,
        seed=seed,
    )
