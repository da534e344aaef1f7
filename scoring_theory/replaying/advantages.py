"""What an optimiser would have followed: rewards minus what the other answers to the same question earned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.calibration.levels import compact
from scoring_theory.display import one_line
from scoring_theory.replaying.answers import BINS
from scoring_theory.replaying.comparison import number_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.replaying.answers import Answers

FOLLOWED = tuple(
    name
    for name, one in ESTIMATORS.items()
    if one.baseline == "group_mean" and not (one.of_batch or one.per_component)
)
"""Estimators that a group of answers to one question is enough for; leave_one_out is G / (G - 1) times group_mean."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The advantages of one reward under one estimator.

    Attributes:
        reward: Its name.
        estimator: One of `FOLLOWED`.
        correlation: Of advantage and stated confidence over all answers; NaN if one of them is
            constant.
        right: By tenth of the confidence scale, how many right answers state it and their mean
            advantage.
        wrong: The same for wrong answers.
    """

    reward: str
    estimator: str
    correlation: float
    right: tuple[tuple[int, float], ...]
    wrong: tuple[tuple[int, float], ...]

    __repr__ = one_line

    def mean(self, side: Literal["right", "wrong"], *, sure: bool) -> float:
        """The mean advantage of right or wrong answers that state at least 1/2 (`sure`), or less."""
        cells = (self.right if side == "right" else self.wrong)[
            BINS // 2 if sure else 0 : BINS if sure else BINS // 2
        ]
        rows = sum(count for count, _ in cells)
        return sum(count * mean for count, mean in cells if count) / rows if rows else math.nan

    def to_json(self) -> dict[str, Any]:
        """Plain data, a list of ten for right and wrong."""
        sides = {
            side: [{"rows": rows, "mean": number_json(mean)} for rows, mean in cells]
            for side, cells in (("right", self.right), ("wrong", self.wrong))
        }
        return {
            "reward": self.reward,
            "estimator": self.estimator,
            "correlation": number_json(self.correlation),
            **sides,
        }


@dataclass(frozen=True, slots=True)
class Advantages:
    """The groups of one method, a group being its answers to one question, and what each reward would have pushed.

    Attributes:
        method: Its name.
        groups: How many with at least two answers.
        singles: How many questions with a single answer, which has no advantage and is left out
            here.
        sizes: Smallest, median and largest group.
        all_right: Share of groups in which every answer is right: nothing but confidence tells them
            apart.
        all_wrong: Share of groups in which every answer is wrong.
        followed: One per reward and estimator; rewards that paid -inf are left out.
        ruined: The rewards that were left out, since -inf has no advantage.
    """

    method: str
    groups: int
    singles: int
    sizes: tuple[int, float, int]
    all_right: float
    all_wrong: float
    followed: tuple[Followed, ...]
    ruined: tuple[str, ...]

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "groups": self.groups,
            "singles": self.singles,
            "sizes": dict(zip(("least", "median", "most"), self.sizes, strict=True)),
            "all_right": self.all_right,
            "all_wrong": self.all_wrong,
            "followed": [one.to_json() for one in self.followed],
            "ruined": list(self.ruined),
        }


def advantages(
    method: str, answers: Answers, correct: NDArray[np.float64], rewards: Sequence[str]
) -> Advantages | None:
    """Group-relative advantages of the answers of one method.

        group_mean   A_i = r_i - mean(r)
        group_std    A_i = (r_i - mean(r)) / std(r), with std^2 = sum (r_i - mean)^2 / (G - 1)

    and 0 where a group is paid alike.

    Source: Liu et al. 2025, arXiv 2503.20783 (group_mean); Shao et al. 2024, arXiv 2402.03300
        (group_std).

    Args:
        method: Its name.
        answers: Its rows, whose groups are the questions.
        correct: (n,) 0 or 1.
        rewards: The names of the rows of `answers.paid`.

    Returns:
        None if no question has two answers.
    """
    if answers.group is None:
        return None
    everyone = np.bincount(answers.group)
    kept = everyone[answers.group] >= 2
    if not kept.any():
        return None
    answered = slice(None) if kept.all() else np.flatnonzero(kept)
    code = compact(answers.group[answered])
    place, gap, right = answers.place[answered], answers.gap[answered], correct[answered]
    size, passed = np.bincount(code), np.bincount(code, weights=right)
    level = np.where(place >= 0, place + BINS * right.astype(np.int64), 2 * BINS)
    rows = np.bincount(level, minlength=2 * BINS + 1)
    followed, ruined = [], []
    for name, paid in zip(rewards, answers.paid, strict=True):
        earned = paid[answered]
        if np.isneginf(earned.min()):
            ruined.append(name)
            continue
        centred, scaled = _group_relative(earned, code, size)
        for estimator in FOLLOWED:
            values = centred if ESTIMATORS[estimator].scale == "none" else scaled
            sums = np.bincount(level, weights=values, minlength=2 * BINS + 1)
            means = np.divide(sums, rows, out=np.full(sums.size, np.nan), where=rows > 0)
            cells = tuple(
                (int(n), float(mean) if n else math.nan)
                for n, mean in zip(rows, means, strict=True)
            )
            correlation = _correlation(values, gap + right, place >= 0)
            followed.append(
                Followed(name, estimator, correlation, cells[BINS : 2 * BINS], cells[:BINS])
            )
    return Advantages(
        method=method,
        groups=size.size,
        singles=int((everyone == 1).sum()),
        sizes=(int(size.min()), float(np.median(size)), int(size.max())),
        all_right=float((passed == size).mean()),
        all_wrong=float((passed == 0).mean()),
        followed=tuple(followed),
        ruined=tuple(ruined),
    )


def _group_relative(
    paid: NDArray[np.float64], code: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = np.bincount(code, weights=paid) / size
    centred = paid - mean[code]
    std = np.sqrt(np.bincount(code, weights=centred**2) / (size - 1))
    alike = std <= 1e-12 * (1 + np.abs(mean))
    scale = np.where(alike, np.inf, std)
    return np.where(alike[code], 0.0, centred), centred / scale[code]


def _correlation(
    values: NDArray[np.float64], q: NDArray[np.float64], stated: NDArray[np.bool_]
) -> float:
    a, b = (values, q) if stated.all() else (values[stated], q[stated])
    if a.size < 2:
        return math.nan
    a, b = a - a.mean(), b - b.mean()
    both, first, second = (
        float(np.einsum("i,i->", x, y)) for x, y in ((a, b), (a, a), (b, b))
    )  # without threads
    spread = math.sqrt(first * second)
    return both / spread if spread > 1e-12 * a.size else math.nan


def followed_json(found: Mapping[str, Advantages | None]) -> dict[str, Any]:
    """By method; null where no question has two answers."""
    return {method: None if one is None else one.to_json() for method, one in found.items()}
