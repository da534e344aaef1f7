"""The plot data of a reward, which the figures of this room draw and `save` writes as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from scoring_theory.plotting.saving import Curves

if TYPE_CHECKING:
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
        report: Its report from `check`, with the failure thresholds; if None, it is checked here.
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
    from scoring_theory.checking import check

    reward, levels = as_reward(reward), np.linspace(0, 1, points)
    report = check(reward) if report is None else report
    wrong, right = reward.table(levels)
    return RewardPicture(
        name=name or reward.name or reward.text,
        levels=levels,
        on_correct=right,
        on_wrong=wrong,
        value=reward.value(levels),
        success_probability=p,
        shortfall=reward.expected_reward(p, levels) - reward.expected_reward(p, p),
        local_failure_below=_number(report.local_failure_below),
        global_failure_below=_number(report.global_failure_below),
        formula=formula,
    )


def _number(threshold: Quantity | None) -> float | None:
    return None if threshold is None else float(threshold.value)


_TIED = 1e-9
"""Differences of rewards below this are rounding."""
PicturesLike: TypeAlias = "RewardPicture | RewardLike | Sequence[RewardPicture | RewardLike]"
"""What the figures of rewards take: one reward or picture, or a sequence of them."""


def pictures_of(
    rewards: PicturesLike,
) -> list[RewardPicture]:
    """Pictures as they are, and pictures of rewards, which are checked for failure thresholds.

    A single reward or picture is a sequence of one.

    Example:
        >>> [each.name for each in pictures_of(["c - (q - c)^2"])]
        ['c - (q - c)^2']
    """
    given = rewards if isinstance(rewards, Sequence) and not isinstance(rewards, str) else [rewards]
    known = (each if isinstance(each, RewardPicture) else as_reward(each) for each in given)
    return [each if isinstance(each, RewardPicture) else picture(each) for each in known]


def rewards_in_words(rewards: PicturesLike) -> str:
    """What figures of these rewards show, for an alt text: a sentence for each, with its numbers.

    Example:
        >>> said, course = rewards_in_words("c - 3*(q - c)^2").split("; ")
        >>> said
        'c - 3*(q - c)^2: at p = 0.7 the truthful report earns the most'
        >>> course.partition(", falls ")[2]
        'from 0 at p = 0 until p = 0.333, is back at its start at p = 0.667 and ends at 1.'
    """
    return " ".join(map(_in_words, pictures_of(rewards)))


def _in_words(each: RewardPicture) -> str:
    best = float(each.levels[each.shortfall.argmax()])
    if np.ptp(each.shortfall) < _TIED:
        said = "all reports earn the same"
    elif abs(best - each.success_probability) <= each.levels[1]:
        said = "the truthful report earns the most"
    else:
        said = f"stating q = {best:.3g} earns the most"
    start, end = (f"{round(float(each.value[i]), 9) + 0.0:.3g}" for i in (0, -1))
    if each.local_failure_below:
        course = f"falls from {start} at p = 0 until p = {each.local_failure_below:.3g}"
        if each.global_failure_below:
            course += f", is back at its start at p = {each.global_failure_below:.3g}"
        course += f" and ends at {end}"
    else:
        rises = bool((np.diff(each.value) >= -_TIED).all())
        course = f"{'rises' if rises else 'goes'} from {start} at p = 0 to {end} at p = 1"
    return (
        f"{each.name}: at p = {each.success_probability:g} {said}; V(p), the optimal expected"
        f" reward, {course}."
    )


def before_training_columns(
    pictures: PicturesLike,
) -> dict[str, NDArray[Any]]:
    """The numbers of `before_training` as a tidy table for `save`; see `Curves`.

    Example:
        >>> columns = before_training_columns([picture("c", points=2)])
        >>> str(columns["panel"][0]), columns["x"][:2].tolist(), columns["y"][:2].tolist()
        ('gain over truthful report at p = 0.7', [0.0, 1.0], [0.0, 0.0])
    """
    curves = Curves()
    for each in pictures_of(pictures):
        gain = f"gain over truthful report at p = {each.success_probability:g}"
        curves.add(gain, each.name, each.levels, each.shortfall)
        curves.add(gain, f"{each.name}: truthful report", each.success_probability, 0.0)
        curves.add("optimal expected reward V(p)", each.name, each.levels, each.value)
        sandbagging = f"{each.name}: sandbagging"
        curves.add("optimal expected reward V(p)", sandbagging, [0.0, 1.0], each.value[0])
        for kind, threshold in _thresholds(each).items():
            curves.add(f"zone of {kind} failure, in x alone", each.name, [0.0, threshold], np.nan)
    return curves.columns()


def value_columns(pictures: PicturesLike) -> dict[str, NDArray[Any]]:
    """The numbers of `value_curves` as a tidy table for `save`; see `Curves`.

    Example:
        >>> value_columns([picture("c - (q - c)^2", points=3)])["y"].tolist()
        [0.0, 0.25, 1.0]
    """
    curves = Curves()
    for each in pictures_of(pictures):
        curves.add("optimal expected reward V(p)", each.name, each.levels, each.value)
        _add_thresholds(curves, each)
    return curves.columns()


def payoff_columns(pictures: PicturesLike) -> dict[str, NDArray[Any]]:
    """The numbers of `payoff_curves` as a tidy table for `save`; see `Curves`.

    Example:
        >>> columns = payoff_columns([picture("c", points=2)])
        >>> columns["panel"].tolist()
        ['correct answer, f(q)', 'correct answer, f(q)', 'wrong answer, g(q)', 'wrong answer, g(q)']
        >>> columns["y"].tolist()
        [1.0, 1.0, 0.0, 0.0]
    """
    curves = Curves()
    for each in pictures_of(pictures):
        curves.add("correct answer, f(q)", each.name, each.levels, each.on_correct)
        curves.add("wrong answer, g(q)", each.name, each.levels, each.on_wrong)
    return curves.columns()


def _add_thresholds(curves: Curves, each: RewardPicture) -> None:
    for kind, threshold in _thresholds(each).items():
        height = np.interp(threshold, each.levels, each.value)
        series = f"{each.name}: {kind} failure threshold"
        curves.add("optimal expected reward V(p)", series, threshold, height)


def _thresholds(each: RewardPicture) -> dict[str, float]:
    found = {"global": each.global_failure_below, "local": each.local_failure_below}
    return {kind: threshold for kind, threshold in found.items() if threshold}
