"""The numbers behind the drawings of a reward: light to compute, frozen, and ready for the CSV beside the figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from proofs.quantity import Quantity
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.checking import Report


@dataclass(frozen=True, slots=True, eq=False)
class RewardPicture:
    """One reward on a grid of L levels, which serve as confidences q and as success probabilities p.

    Attributes:
        name: What to call it in titles and legends; decides its colour and marker.
        levels: (L,) from 0 to 1.
        on_correct: (L,) f(q); may hold -inf.
        on_wrong: (L,) g(q); may hold -inf.
        value: (L,) V(p), what the best report earns.
        success_probability: The p of `shortfall`.
        shortfall: (L,) U(p, q) - U(p, p) at that p: what stating q adds to what honesty earns.
        local_failure_below: Below this p the worse of two answers earns more; None when that never
            happens.
        global_failure_below: Below this p a deliberately wrong answer earns more than honest work;
            None when never.
        formula: Its formula in mathtext, without dollar signs; "" for none.
    """

    name: str
    levels: NDArray[np.float64]
    on_correct: NDArray[np.float64]
    on_wrong: NDArray[np.float64]
    value: NDArray[np.float64]
    success_probability: float
    shortfall: NDArray[np.float64]
    local_failure_below: float | None = None
    global_failure_below: float | None = None
    formula: str = ""

    __repr__ = one_line


def picture(
    reward: RewardLike,
    *,
    name: str = "",
    report: Report | None = None,
    success_probability: float = 0.7,
    points: int = 401,
    formula: str = "",
) -> RewardPicture:
    """Evaluate a reward for the drawings of this room.

    Args:
        reward: A reward, a formula or an entry of the catalogue, with values for all its
            parameters.
        name: What to call it; the reward's own name, or its formula, when empty.
        report: Its report from `check`, for the failure thresholds; without one they are left out.
        success_probability: Where `shortfall` is taken.
        points: Number of levels.
        formula: Mathtext for titles.

    Raises:
        ValueError: If `success_probability` is outside [0, 1] or `points` less than 2.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> picture(Reward.parse("c - (q - c)^2"), name="RLCR", points=3).value
        array([0.  , 0.25, 1.  ])
    """
    p = success_probability
    if not 0 <= p <= 1:
        raise ValueError(f"`success_probability` must lie in [0, 1], got {p!r}")
    if points < 2:
        raise ValueError(f"`points` must be at least 2, got {points}")
    reward, levels = as_reward(reward), np.linspace(0, 1, points)
    wrong, right = reward.table(levels)
    return RewardPicture(
        name=name or reward.name or reward.text,
        levels=levels,
        on_correct=right,
        on_wrong=wrong,
        value=reward.value(levels),
        success_probability=p,
        shortfall=reward.expected_reward(p, levels) - reward.expected_reward(p, p),
        local_failure_below=None if report is None else _number(report.local_failure_below),
        global_failure_below=None if report is None else _number(report.global_failure_below),
        formula=formula,
    )


def _number(threshold: Quantity | None) -> float | None:
    return None if threshold is None else float(threshold.value)


def pictures_of(rewards: Sequence[RewardPicture | RewardLike]) -> list[RewardPicture]:
    """The pictures themselves, and pictures of rewards, which are checked for their failure thresholds.

    Example:
        >>> [each.name for each in pictures_of(["c - (q - c)^2"])]
        ['c - (q - c)^2']
    """
    from scoring_theory.checking import check

    drawn = (one if isinstance(one, RewardPicture) else as_reward(one) for one in rewards)
    return [
        one if isinstance(one, RewardPicture) else picture(one, report=check(one)) for one in drawn
    ]


def picture_columns(
    pictures: Sequence[RewardPicture | RewardLike],
) -> dict[str, NDArray[np.float64] | NDArray[np.str_]]:
    """The pictures as one table in long form, for `save`: one row per reward and level.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> list(picture_columns([picture(Reward.parse("c"), points=2)]))
        ['reward', 'level', 'on_correct', 'on_wrong', 'value', 'shortfall', 'success_probability', \
'local_failure_below', 'global_failure_below']
    """
    curves = ("on_correct", "on_wrong", "value", "shortfall")
    facts = ("success_probability", "local_failure_below", "global_failure_below")
    drawn = pictures_of(pictures)
    return {
        "reward": np.concatenate([np.repeat(each.name, each.levels.size) for each in drawn]),
        "level": np.concatenate([each.levels for each in drawn]),
        **{curve: np.concatenate([getattr(each, curve) for each in drawn]) for curve in curves},
        **{
            fact: np.concatenate([_repeated(getattr(each, fact), each) for each in drawn])
            for fact in facts
        },
    }


def _repeated(fact: float | None, each: RewardPicture) -> NDArray[np.float64]:
    return np.full(each.levels.size, np.nan if fact is None else fact)
