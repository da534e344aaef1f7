"""The answers of a log with their rewards, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from scoring_theory.calibration.binning import Closed, bin_index
from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.order_statistics import BLOCK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from scoring_theory.rollouts.rollouts import Rollouts


_Number = TypeVar("_Number", np.float64, np.int64)
TENTHS = 10
"""Advantages are shown by tenth of the confidence, whatever the bins of ECE."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers with their rewards, as columns.

    Attributes:
        method: (n,) codes 0, ..., M - 1.
        group: (n,) codes of the questions; None if every answer is independent.
        paid: (R, n) the value of each reward; finite or -inf.
        correct: (n,) c.
        gap: (n,) q - c; 0 if no confidence was stated.
        place: (n,) the bin of q; -1 if no confidence was stated.
        tenth: (n,) the tenth of [0, 1] that q is in, closed on the left; -1 likewise.
        weight: (n,) the weights; None if every answer counts 1.
    """

    method: NDArray[np.int64]
    group: NDArray[np.int64] | None
    paid: NDArray[np.float64]
    correct: NDArray[np.float64]
    gap: NDArray[np.float64]
    place: NDArray[np.int64]
    tenth: NDArray[np.int64]
    weight: NDArray[np.float64] | None

    @property
    def stated(self) -> slice | NDArray[np.bool_]:
        """The rows that state a confidence; a slice if all do, which copies no long column."""
        has = self.place >= 0
        return slice(None) if has.all() else has

    @property
    def weights(self) -> NDArray[np.float64]:
        """(n,) the weights; ones that share the memory of a single number if there are none."""
        if self.weight is not None:
            return self.weight
        return np.broadcast_to(np.float64(1), self.method.shape)


def answers_of(
    rollouts: Rollouts,
    rewards: Mapping[str, Reward],
    *,
    bins: int = 10,
    closed: Closed = "left",
) -> Answers:
    """All answers of a log with the value of each reward.

    Raises:
        ValueError: If a reward has a free parameter, or is +inf for some answer.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 0])
        >>> answers_of(log, {"RLCR": Reward.parse("c - (q - c)^2")}).paid
        array([[ 1.  , -0.25]])
    """
    has = ~np.isnan(rollouts.confidence)
    stated: slice | NDArray[np.bool_] = slice(None) if has.all() else has  # no copy of long columns
    q, c = rollouts.confidence[stated], rollouts.correct[stated]
    paid = np.full(
        (len(rewards), len(rollouts)),
        np.float64(0.0 if rollouts.missing is None else rollouts.missing),
    )
    for row, (name, reward) in zip(paid, rewards.items(), strict=True):
        pay(row, stated, name, reward, q, c, graded=rollouts.graded)
    gap, place = q - c, bin_index(rollouts.forecasts(), bins=bins, closed=closed)
    tenth = place
    if (bins, closed) != (TENTHS, "left"):
        tenth = bin_index(rollouts.forecasts(), bins=TENTHS)
    if not has.all():
        gap = _spread(gap, has, 0)
        place, tenth = (_spread(column, has, -1) for column in (place, tenth))
    return Answers(
        method=_method_codes(rollouts),
        group=rollouts.group,
        paid=paid,
        correct=rollouts.correct,
        gap=gap,
        place=place,
        tenth=tenth,
        weight=rollouts.weight,
    )


def _spread(column: NDArray[_Number], has: NDArray[np.bool_], nothing: int) -> NDArray[_Number]:
    """A column of the rows that state a confidence as one of all rows."""
    spread = np.full(has.size, nothing, dtype=column.dtype)
    spread[has] = column
    return spread


def pay(
    column: NDArray[np.float64],
    stated: slice | NDArray[np.bool_],
    name: str,
    reward: Reward,
    q: NDArray[np.float64],
    c: NDArray[np.float64],
    *,
    graded: bool = False,
) -> None:
    """Write the values R(q_i, c_i) into some rows of a column, in blocks that fit into the cache.

    A score s between 0 and 1 is paid s R(q, 1) + (1 - s) R(q, 0).

    Args:
        column: The column, which is changed.
        stated: The rows to be written; a slice stands for all.
        name: The name of the reward in error messages.
        reward: The reward, without free parameters.
        q: (n,) confidences in [0, 1].
        c: (n,) outcomes, each 0 or 1.
        graded: Whether c holds scores in [0, 1] instead.

    Raises:
        ValueError: If a value is +inf.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> paid, rlcr = np.zeros(2), Reward.parse("c - (q - c)^2")
        >>> pay(paid, slice(None), "RLCR", rlcr, np.array([1, 0.5]), np.array([1, 0]))
        >>> paid
        array([ 1.  , -0.25])
    """
    paid = column if isinstance(stated, slice) else np.empty(q.size)
    for rows in (slice(start, start + BLOCK) for start in range(0, q.size, BLOCK)):
        wrong, right = reward.table(q[rows])
        paid[rows] = np.where(c[rows] == 1, right, wrong)
        if graded:
            between = (c[rows] > 0) & (c[rows] < 1)
            s = c[rows][between]
            paid[rows][between] = s * right[between] + (1 - s) * wrong[between]
    if np.isposinf(paid.max()):
        raise ValueError(
            f"the reward {name!r} is +inf at confidence {q[np.isposinf(paid)][0].item()!r}, so its"
            " mean is not finite"
        )
    if paid is not column:
        column[stated] = paid


def _method_codes(rollouts: Rollouts) -> NDArray[np.int64]:
    if "method" not in rollouts.labels:
        return np.zeros(len(rollouts), dtype=np.int64)
    labels = rollouts.labels["method"]
    order = np.empty(labels.names.size, dtype=np.int64)
    for position, method in enumerate(rollouts.methods):
        order[labels.number(method)] = position
    return order[labels.code]


def alone(answers: Answers, rows: NDArray[np.bool_]) -> Answers:
    """The answers in a mask of rows, with new consecutive codes for their questions.

    Example:
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5, 0], correct=[1, 0, 0], question=["a", "b", "c"])
        >>> alone(answers_of(log, {}), np.array([False, True, True])).group
        array([0, 1])
    """
    if rows.all():
        return answers
    chosen = np.flatnonzero(rows)
    return Answers(
        answers.method.take(chosen),
        None if answers.group is None else compact(answers.group.take(chosen)),
        answers.paid.take(chosen, axis=1),
        answers.correct.take(chosen),
        answers.gap.take(chosen),
        answers.place.take(chosen),
        answers.tenth.take(chosen),
        None if answers.weight is None else answers.weight.take(chosen),
    )
