"""Group-relative advantages of recorded answers: the signal that a trainer would have used."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.order_statistics import slices
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


def advantages(method: str, answers: Answers, rewards: Sequence[str]) -> Advantages | None:
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
        answers: Its rows, whose groups are the questions and whose outcomes are 0 or 1.
        rewards: The names of the rows of `answers.paid`.

    Returns:
        None if no question has two answers.

    Example:
        >>> from scoring_theory.replaying.answers import answers_of
        >>> from scoring_theory.reward import Reward
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.9, 0.2], correct=[1, 0], question=["a", "a"])
        >>> answers = answers_of(log, {"binary": Reward.parse("c")})
        >>> found = advantages("all", answers, ["binary"])
        >>> found.groups, found.followed[0].right[9], found.followed[0].wrong[2]
        (1, (1, 0.5), (1, -0.5))
    """
    groups = _groups(answers)
    if groups is None:
        return None
    followed, ruined = [], []
    for name, paid in zip(rewards, answers.paid, strict=True):
        earned = paid[groups.answers]
        if np.isneginf(earned.min()):
            ruined.append(name)
            continue
        followed += _followed(name, _centred(earned, groups.code, groups.size), groups)
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


def _groups(answers: Answers) -> _Groups | None:
    """None if no question has two answers."""
    if answers.group is None:
        return None
    sizes = np.bincount(answers.group)
    grouped = sizes[answers.group] >= 2
    if not grouped.any():
        return None
    chosen = slice(None) if grouped.all() else np.flatnonzero(grouped)
    code, right = compact(answers.group[chosen]), answers.correct[chosen]
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


@dataclass(frozen=True, slots=True, eq=False)
class _Centred:
    """The rewards of n answers in G groups, minus the means of their groups.

    Attributes:
        reward: (n,) r - mean(r); exactly 0 in a group of equal rewards.
        mean: (G,) mean(r).
        squares: (G,) the sum of reward^2.
    """

    reward: NDArray[np.float64]
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]


def _centred(
    paid: NDArray[np.float64], code: NDArray[np.int64], size: NDArray[np.int64]
) -> _Centred:
    mean = np.bincount(code, weights=paid) / size
    centred = mean.take(code)
    np.subtract(paid, centred, out=centred)
    squares = np.bincount(code, weights=centred**2).astype(np.float64, copy=False)
    alike = np.sqrt(squares / (size - 1)) <= 1e-12 * (1 + np.abs(mean))
    centred[alike.take(code)] = 0.0
    return _Centred(centred, mean, np.where(alike, 0.0, squares))


def _followed(reward: str, centred: _Centred, groups: _Groups) -> list[Followed]:
    """The advantages of one reward under each estimator, by cell and against confidence.

    They are computed in blocks that fit into the cache. Their correlation with the confidence q
    comes from sum A, sum A^2 and sum A (q - mean q), over the answers that state one.
    """
    table = _by_group(centred, groups.size)
    cells, stated = 2 * TENTHS + 1, int(np.count_nonzero(groups.stated))
    sums, moments = np.zeros((len(FOLLOWED), cells)), np.zeros((len(FOLLOWED), 3))
    centre = groups.confidence.mean(where=groups.stated) if stated else math.nan
    spread_of_q = 0.0
    for rows in slices(groups.code.size):
        cell, states = groups.cell[rows], groups.stated[rows]
        q = np.where(states, groups.confidence[rows] - centre, 0.0)
        spread_of_q += _dot(q, q)
        of_group = table.take(groups.code[rows], axis=0)
        for k, values in enumerate(_by_estimator(centred.reward[rows], of_group)):
            sums[k] += np.bincount(cell, weights=values, minlength=cells)
            a = values if states.all() else np.where(states, values, 0.0)
            moments[k] += a.sum(), _dot(a, a), _dot(a, q)
    counts = np.bincount(groups.cell, minlength=cells)
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    followed = []
    for estimator, of_cells, (total, squares, both) in zip(FOLLOWED, means, moments, strict=True):
        # One NaN object for all empty cells, so that equal replays compare as equal.
        shown = tuple(
            (int(n), float(mean) if n else math.nan)
            for n, mean in zip(counts, of_cells, strict=True)
        )
        correlation = math.nan
        if stated >= 2:
            spread = math.sqrt(max(squares - total**2 / stated, 0.0) * spread_of_q)
            correlation = float(both / spread) if spread > 1e-12 * stated else math.nan
        followed.append(
            Followed(reward, estimator, correlation, shown[TENTHS : 2 * TENTHS], shown[:TENTHS])
        )
    return followed


def _by_estimator(
    reward: NDArray[np.float64], of_group: NDArray[np.float64]
) -> Iterator[NDArray[np.float64]]:
    """The advantages under each estimator, from centred rewards and `_by_group` of their groups."""
    mean, std, squares, rounding, factor, others = of_group.T
    for name in FOLLOWED:
        scale = ESTIMATORS[name].scale
        if scale == "none":
            yield reward
        elif scale == "group_mean":
            yield reward / mean
        elif scale == "group_std":
            yield reward / std
        else:
            from_others = reward * factor
            left = squares - reward * from_others
            divides = left > rounding
            yield from_others / np.where(
                divides, np.sqrt(np.where(divides, left, 1.0) / others), 1.0
            )


def _by_group(centred: _Centred, size: NDArray[np.int64]) -> NDArray[np.float64]:
    """(G, 6) what advantages need: mean and std, or inf; squares, their rounding error; G's terms.

    One table, since looking up one row of memory per answer takes most of the time.
    """
    mean, squares, std = centred.mean, centred.squares, np.sqrt(centred.squares / (size - 1))
    return np.column_stack(
        [
            np.where(mean > 1e-12, mean, np.inf),
            np.where(std > 0, std, np.inf),
            squares,
            # The subtraction leaves a rounding error; a single other has no standard deviation.
            np.where(size > 2, 1e-14 * size * np.sqrt(squares) * (1 + np.abs(mean)), np.inf),
            size / (size - 1),
            np.maximum(size - 2, 1),
        ]
    )


def _dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The sum of products; einsum starts no BLAS threads, which would wait on a busy machine."""
    return float(np.einsum("i,i->", a, b))


def followed_json(found: Mapping[str, Advantages | None]) -> dict[str, Any]:
    """Plain data for JSON by method; null if no question has two answers.

    Example:
        >>> followed_json({"RLCR": None})
        {'RLCR': None}
    """
    return {method: None if one is None else one.to_json() for method, one in found.items()}
