"""Answers of a log under a set of rewards, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import bin_index
from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.order_statistics import BLOCK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from scoring_theory.rollouts.rollouts import Rollouts


BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The rows that are compared.

    Attributes:
        method: (n,) codes 0..M-1.
        group: (n,) codes of the questions; None when each row is its own.
        paid: (R, n) what each reward pays; finite or -inf.
        gap: (n,) q - c; 0 where no confidence was stated.
        place: (n,) the bin of q; -1 where no confidence was stated.
    """

    method: NDArray[np.int64]
    group: NDArray[np.int64] | None
    paid: NDArray[np.float64]
    gap: NDArray[np.float64]
    place: NDArray[np.int64]


def answers_of(rollouts: Rollouts, rewards: Mapping[str, Reward]) -> Answers:
    """Every answer with what each reward pays it.

    Raises:
        ValueError: If a reward has a parameter without a value or pays +inf.
    """
    stated = ~np.isnan(rollouts.confidence)
    q, c = rollouts.confidence[stated], rollouts.correct[stated]
    paid = np.full(
        (len(rewards), len(rollouts)),
        np.float64(0.0 if rollouts.missing is None else rollouts.missing),
    )
    for row, (name, reward) in zip(paid, rewards.items(), strict=True):
        row[stated] = paid_by(name, reward, q, c)
    gap, place = np.zeros(len(rollouts)), np.full(len(rollouts), -1)
    gap[stated], place[stated] = q - c, bin_index(rollouts.forecasts(), bins=BINS)
    return Answers(_method_codes(rollouts), rollouts.group, paid, gap, place)


def paid_by(
    name: str, reward: Reward, q: NDArray[np.float64], c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What a reward pays for confidences q and outcomes c, all (n,); in blocks that fit into the cache.

    Raises:
        ValueError: The reward pays +inf somewhere.
    """
    paid = np.empty(q.size)
    for rows in (slice(start, start + BLOCK) for start in range(0, q.size, BLOCK)):
        wrong, right = reward.table(q[rows])
        paid[rows] = np.where(c[rows] == 1, right, wrong)
    if np.isposinf(paid.max()):
        raise ValueError(
            f"the reward {name!r} pays +inf at confidence {q[np.isposinf(paid)][0].item()!r}, so"
            " that its mean says nothing"
        )
    return paid


def _method_codes(rollouts: Rollouts) -> NDArray[np.int64]:
    if "method" not in rollouts.labels:
        return np.zeros(len(rollouts), dtype=np.int64)
    labels = rollouts.labels["method"]
    order = np.empty(labels.names.size, dtype=np.int64)
    for position, method in enumerate(rollouts.methods):
        order[labels.number(method)] = position
    return order[labels.code]


def alone(answers: Answers, rows: NDArray[np.bool_]) -> Answers:
    """Some of the rows, with the questions they answer numbered anew."""
    kept = np.flatnonzero(rows)
    group = None if answers.group is None else compact(answers.group.take(kept))
    paid = answers.paid.take(kept, axis=1)
    return Answers(
        answers.method.take(kept), group, paid, answers.gap.take(kept), answers.place.take(kept)
    )
