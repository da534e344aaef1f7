"""Group-relative advantages of recorded answers: the signal that a trainer would have used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS, Estimator
from scoring_theory.calibration.levels import compact
from scoring_theory.display import one_line
from scoring_theory.replaying.answers import TENTHS
from scoring_theory.replaying.comparison import number_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.replaying.answers import Answers

FOLLOWED = tuple(
    name
    for name, estimator in ESTIMATORS.items()
    if estimator.relative
    and not (estimator.of_batch or estimator.per_component)
    and (estimator.baseline, estimator.scale) != ("leave_one_out", "none")
)
"""The estimators that need only the answers to one question.

leave_one_out is missing because it is G / (G - 1) times group_mean.
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """The advantages of one reward under one estimator.

    Attributes:
        reward: The name of the reward.
        estimator: One of `FOLLOWED`.
        correlation: The correlation of advantage and stated confidence over all answers; NaN if
            one of them is constant.
        right: For each tenth of [0, 1], the number of correct answers with a confidence in it and
            their mean advantage.
        wrong: The same for wrong answers.

    Example:
        >>> empty = ((0, math.nan),) * 9
        >>> followed = Followed("rlcr", "group_mean", 0.5, (*empty, (4, 0.25)), (*empty, (2, -0.5)))
        >>> followed.mean("right", sure=True), followed.mean("wrong", sure=False)
        (0.25, nan)
    """

    reward: str
    estimator: str
    correlation: float
    right: tuple[tuple[int, float], ...]
    wrong: tuple[tuple[int, float], ...]

    __repr__ = one_line

    def mean(self, side: Literal["right", "wrong"], *, sure: bool) -> float:
        """The mean advantage of correct or wrong answers with q >= 1/2 (`sure`) or q < 1/2."""
        half = slice(TENTHS // 2, TENTHS) if sure else slice(TENTHS // 2)
        cells = (self.right if side == "right" else self.wrong)[half]
        rows = sum(count for count, _ in cells)
        return sum(count * mean for count, mean in cells if count) / rows if rows else math.nan

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON, with a list of ten for `right` and for `wrong`."""
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
    """The group-relative advantages of one method; a group is its answers to one question.

    Attributes:
        method: The name of the method.
        groups: The number of groups with at least two answers.
        singles: The number of questions with a single answer, which has no advantage and is
            excluded.
        sizes: The smallest, median and largest group size.
        all_right: The share of groups with only correct answers; in these, advantages depend on
            confidence alone.
        all_wrong: The share of groups with only wrong answers.
        followed: The advantages for each reward and estimator, without `ruined`.
        ruined: The rewards that are -inf for some answer, for which no advantage is defined.
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
        """Plain data for JSON."""
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
        leave_one_out_std   the same with the mean and std of the other answers
        maxrl        A_i = (r_i - mean(r)) / mean(r)

    and 0 if all rewards of the group are equal; leave_one_out_std divides nothing where the others'
    rewards are equal, and maxrl is 0 where the mean is not positive.

    Source: Liu et al. 2025, arXiv 2503.20783 (group_mean); Shao et al. 2024, arXiv 2402.03300
        (group_std).

    Args:
        method: The name of the method.
        answers: Its rows, whose groups are the questions.
        correct: (n,) 0 or 1.
        rewards: The names of the rows of `answers.paid`.

    Returns:
        None if no question has two answers.

    Example:
        >>> from scoring_theory.replaying.answers import answers_of
        >>> from scoring_theory.reward import Reward
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.9, 0.2], correct=[1, 0], question=["a", "a"])
        >>> answers = answers_of(log, {"binary": Reward.parse("c")})
        >>> found = advantages("all", answers, log.correct, ["binary"])
        >>> found.groups, found.followed[0].right[9], found.followed[0].wrong[2]
        (1, (1, 0.5), (1, -0.5))
    """
    groups = _groups(answers, correct)
    if groups is None:
        return None
    followed, ruined = [], []
    for name, paid in zip(rewards, answers.paid, strict=True):
        earned = paid[groups.answers]
        if np.isneginf(earned.min()):
            ruined.append(name)
            continue
        centred, mean = _centred(earned, groups.code, groups.size)
        squares = np.bincount(groups.code, weights=centred**2).astype(np.float64, copy=False)
        for estimator in FOLLOWED:
            values = _scaled(
                centred, mean, squares, groups.code, groups.size, ESTIMATORS[estimator]
            )
            followed.append(_followed(name, estimator, values, groups))
    size, passed = groups.size, np.bincount(groups.code, weights=groups.right)
    return Advantages(
        method=method,
        groups=size.size,
        singles=groups.singles,
        sizes=(int(size.min()), float(np.median(size)), int(size.max())),
        all_right=float((passed == size).mean()),
        all_wrong=float((passed == 0).mean()),
        followed=tuple(followed),
        ruined=tuple(ruined),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """The answers to questions with at least two answers, as columns of one length n.

    Attributes:
        answers: Which answers of the method they are.
        code: (n,) the number of the group.
        right: (n,) 0 or 1.
        confidence: (n,) q; meaningless where none is stated.
        stated: (n,) whether a confidence is stated.
        cell: (n,) wrong answers by tenth of q, then correct ones by tenth, then those without q.
        size: (G,) the number of answers in each group.
        singles: The number of questions with a single answer.
    """

    answers: slice | NDArray[np.int64]
    code: NDArray[np.int64]
    right: NDArray[np.float64]
    confidence: NDArray[np.float64]
    stated: NDArray[np.bool_]
    cell: NDArray[np.int64]
    size: NDArray[np.int64]
    singles: int


def _groups(answers: Answers, correct: NDArray[np.float64]) -> _Groups | None:
    """None if no question has two answers."""
    if answers.group is None:
        return None
    sizes = np.bincount(answers.group)
    grouped = sizes[answers.group] >= 2
    if not grouped.any():
        return None
    chosen = slice(None) if grouped.all() else np.flatnonzero(grouped)
    code, right = compact(answers.group[chosen]), correct[chosen]
    confidence, tenth = answers.gap[chosen] + right, answers.tenth[chosen]
    stated = tenth >= 0
    return _Groups(
        answers=chosen,
        code=code,
        right=right,
        confidence=confidence,
        stated=stated,
        cell=np.where(stated, tenth + TENTHS * right.astype(np.int64), 2 * TENTHS),
        size=np.bincount(code),
        singles=int((sizes == 1).sum()),
    )


def _followed(
    reward: str, estimator: str, values: NDArray[np.float64], groups: _Groups
) -> Followed:
    """The advantages of one reward and estimator, by cell and against confidence."""
    rows = np.bincount(groups.cell, minlength=2 * TENTHS + 1)
    sums = np.bincount(groups.cell, weights=values, minlength=2 * TENTHS + 1)
    means = np.divide(sums, rows, out=np.full(sums.size, np.nan), where=rows > 0)
    # One NaN object for all empty cells, so that equal replays compare as equal.
    cells = tuple(
        (int(n), float(mean) if n else math.nan) for n, mean in zip(rows, means, strict=True)
    )
    correlation = _correlation(values, groups.confidence, groups.stated)
    return Followed(reward, estimator, correlation, cells[TENTHS : 2 * TENTHS], cells[:TENTHS])


def _centred(
    paid: NDArray[np.float64], code: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rewards minus the mean of their group, exactly 0 in a group of equal rewards; the means."""
    mean = np.bincount(code, weights=paid) / size
    centred = paid - mean[code]
    std = np.sqrt(np.bincount(code, weights=centred**2) / (size - 1))
    return np.where((std <= 1e-12 * (1 + np.abs(mean)))[code], 0.0, centred), mean


def _scaled(
    centred: NDArray[np.float64],
    mean: NDArray[np.float64],
    squares: NDArray[np.float64],
    code: NDArray[np.int64],
    size: NDArray[np.int64],
    estimator: Estimator,
) -> NDArray[np.float64]:
    """The advantages of an estimator, from the centred rewards of each group and their squares."""
    if estimator.scale == "group_mean":
        return centred / np.where(mean > 1e-12, mean, np.inf)[code]
    if estimator.scale == "none":
        return centred
    if estimator.scale == "group_std":
        return centred / np.where(squares > 0, np.sqrt(squares / (size - 1)), np.inf)[code]
    from_others = centred * (size / (size - 1))[code]
    # The subtraction leaves a rounding error; a single other has no standard deviation.
    least = np.where(size > 2, 1e-14 * size * np.sqrt(squares) * (1 + np.abs(mean)), np.inf)
    left = squares[code] - centred * from_others
    divides = left > least[code]
    std = np.sqrt(np.where(divides, left, 1.0) / np.maximum(size - 2, 1)[code])
    return from_others / np.where(divides, std, 1.0)


def _correlation(
    values: NDArray[np.float64], q: NDArray[np.float64], stated: NDArray[np.bool_]
) -> float:
    a, b = (values, q) if stated.all() else (values[stated], q[stated])
    if a.size < 2:
        return math.nan
    a, b = a - a.mean(), b - b.mean()
    # einsum starts no BLAS threads, which on a busy machine would wait for one another.
    both, first, second = (float(np.einsum("i,i->", x, y)) for x, y in ((a, b), (a, a), (b, b)))
    spread = math.sqrt(first * second)
    return both / spread if spread > 1e-12 * a.size else math.nan


def followed_json(found: Mapping[str, Advantages | None]) -> dict[str, Any]:
    """Plain data for JSON by method; null if no question has two answers.

    Example:
        >>> followed_json({"RLCR": None})
        {'RLCR': None}
    """
    return {method: None if one is None else one.to_json() for method, one in found.items()}
