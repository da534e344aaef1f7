"""What is simulated: conditions, and the answers of two methods under each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, ndtr

from scoring_theory.calibration import (
    Forecasts,
)

Floats = NDArray[np.float64]
LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
SHARES = np.array([0.03, 0.03, 0.04, 0.05, 0.1, 0.1, 0.15, 0.2, 0.2, 0.1])
SIZES, ALIKE, ANSWERS, CELLS = (50, 200, 1000, 5000), 0.5, 5, 4000
TRUTHS: dict[str, Callable[[Floats], Floats]] = {
    "calibrated": lambda q: q,
    "0.05 too sure": lambda q: np.maximum(q - 0.05, 0.02),
    "0.1 too sure": lambda q: np.maximum(q - 0.1, 0.02),
    "half the logit": lambda q: expit(logit(q) / 2),
}


def overconfident(q: Floats) -> Floats:
    """The accuracy of a second method, 0.2 below what it states: differences are measured to it."""
    return np.maximum(q - 0.2, 0.02)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is simulated.

    Attributes:
        truth: A name in `TRUTHS`.
        stated: "grid" for ten levels, "continuous" for Beta(4, 2).
        clustered: Whether five answers share a question.
        n: How many answers.
    """

    truth: str
    stated: str
    clustered: bool
    n: int

    def name(self) -> str:
        kind = "clustered" if self.clustered else "independent"
        return f"{self.truth}-{self.stated}-{kind}-{self.n}".replace(" ", "_")


def conditions() -> list[Condition]:
    return [
        Condition(*one) for one in product(TRUTHS, ("grid", "continuous"), (False, True), SIZES)
    ]


def confidences(stated: str, u: Floats) -> Floats:
    """The u-quantiles of what is stated."""
    if stated == "grid":
        return LEVELS[
            np.minimum(np.searchsorted(np.cumsum(SHARES), u, side="right"), LEVELS.size - 1)
        ]
    return np.clip(betaincinv(4.0, 2.0, u), 0.01, 0.99)


def shared(rng: np.random.Generator, group: NDArray[np.int64], questions: Floats) -> Floats:
    """Uniform numbers, alike within a question."""
    return ndtr(
        math.sqrt(ALIKE) * questions[group] + math.sqrt(1 - ALIKE) * rng.standard_normal(group.size)
    )


def sample(rng: np.random.Generator, one: Condition) -> tuple[Forecasts, Forecasts]:
    """The answers of the method, and those of another one to the same questions."""
    group = np.arange(one.n) // (ANSWERS if one.clustered else 1)
    of_stated, of_right = rng.standard_normal((2, int(group[-1]) + 1))
    made = []
    for truth in (TRUTHS[one.truth], overconfident):
        q = confidences(one.stated, shared(rng, group, of_stated))
        made.append(
            Forecasts(confidence=q, correct=shared(rng, group, of_right) < truth(q), group=group)
        )
    return made[0], made[1]


@cache
def population(stated: str, truth: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Stated values in increasing order, and what is right and wrong of each; the masses add up to
    1.
    """
    q, share = LEVELS, SHARES
    if stated == "continuous":
        q, share = confidences(stated, (np.arange(CELLS) + 0.5) / CELLS), np.full(CELLS, 1 / CELLS)
    return q, (share * truth(q))[None], (share * (1 - truth(q)))[None]
