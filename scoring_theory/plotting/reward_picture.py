"""The plot data of a reward, which the figures of this room draw and `save` writes as CSV."""

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
    """One reward on a grid of L levels, which are both confidences q and success probabilities p.

    Attributes:
        name: The name in titles and legends; it determines colour and marker.
        levels: (L,) from 0 to 1.
        on_correct: (L,) `f(q)`, the reward of a correct answer; may contain -inf.
        on_wrong: (L,) `g(q)`, the reward of a wrong answer; may contain -inf.
        value: (L,) `V(p)`, the optimal expected reward.
        success_probability: The success probability p of `shortfall`.
        shortfall: (L,) `U(p, q) - U(p, p)` at that p, the gain over the truthful report.
        local_failure_below: The local failure threshold: of two answers below it, the worse one
            earns more. None if there is no such p.
        global_failure_below: The global failure threshold: below it, a deliberately wrong answer
            earns more than the truthful report. None if there is no such p.
        formula: The formula in mathtext, without dollar signs; "" for none.

    Example:
        >>> picture("c - (q - c)^2", success_probability=0.5, points=3).shortfall
        array([-0.25,  0.  , -0.25])
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
    """Evaluate a reward on a grid for the figures of this room.

    Args:
        reward: A reward, a formula or an entry of the catalogue, with values for all its
            parameters.
        name: The name in figures; if empty, the reward's own name or its formula.
        report: Its report from `check`, with the failure thresholds; if None, there are none.
        success_probability: The success probability p of `shortfall`, in [0, 1].
        points: Number of levels, at least 2.
        formula: The formula in mathtext, for titles.

    Raises:
        ValueError: If `success_probability` is outside [0, 1] or `points` less than 2.

    Example:
        >>> picture("c - (q - c)^2", name="RLCR", points=3).value
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
    """Pictures as they are, and pictures of rewards, which are checked for failure thresholds.

    Example:
        >>> [each.name for each in pictures_of(["c - (q - c)^2"])]
        ['c - (q - c)^2']
    """
    from scoring_theory.checking import check

    known = (each if isinstance(each, RewardPicture) else as_reward(each) for each in rewards)
    return [
        each if isinstance(each, RewardPicture) else picture(each, report=check(each))
        for each in known
    ]


def picture_columns(
    pictures: Sequence[RewardPicture | RewardLike],
) -> dict[str, NDArray[np.float64] | NDArray[np.str_]]:
    """The pictures as one long table for `save`: one row per reward and level.

    Example:
        >>> columns = picture_columns([picture("c", points=2)])
        >>> list(columns)[:6]
        ['reward', 'level', 'on_correct', 'on_wrong', 'value', 'shortfall']
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
