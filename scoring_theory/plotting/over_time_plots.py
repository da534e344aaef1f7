"""The figure of a log with steps: accuracy, confidence, calibration error and reward over time."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting.saving import Curves, Drawn
from scoring_theory.plotting.style import (
    GREY,
    OKABE_ITO,
    RewardStyle,
    as_text,
    panel_grid,
    paper_style,
    scale_points,
)
from scoring_theory.replaying.story import shown

if TYPE_CHECKING:
    from scoring_theory.plotting.style import Width
    from scoring_theory.replaying import Replay, StepCell

_MARKERS = 8
_LOOKS = (
    RewardStyle(OKABE_ITO["vermillion"], "^"),
    RewardStyle(OKABE_ITO["blue"], "s", (0, (4.0, 1.6))),
    RewardStyle(OKABE_ITO["green"], "o", (0, (1.2, 1.4))),
    RewardStyle(OKABE_ITO["purple"], "D", (0, (6.0, 1.4, 1.2, 1.4))),
    RewardStyle(OKABE_ITO["orange"], "v"),
)
"""Dashes as well as colours, since they must be told apart in grey."""


def course(replayed: Replay, *, width: Width = "full") -> Drawn:
    """Mean confidence with accuracy, calibration error, and the mean of the first reward, by step.

    Args:
        replayed: A replay of a log with steps.
        width: Of the figure.

    Raises:
        ValueError: The log has no steps.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 1], correct=[1, 0], step=[10, 20])
        >>> drawn = course(replay(log, "c", intervals=False))
        >>> [axes.get_ylabel() for axes in drawn.figure.axes]
        ['Confidence and accuracy', 'ECE', 'Mean reward']
    """
    if not replayed.over_time:
        raise ValueError("the log has no steps: name their column with `--by` (step in `columns`)")
    reward = next(iter(replayed.rewards), None)
    curves = Curves()
    with paper_style(width):
        figure, axes = panel_grid(1, 2 if reward is None else 3, ratio=0.75)
        for method, look in zip(replayed.methods, cycle(_LOOKS), strict=False):
            own = [one for one in replayed.over_time if one.method == method]
            step = np.array([one.step for one in own])
            lines = {
                "confidence": [one.mean_confidence for one in own],
                "ECE": [one.ece for one in own],
            }
            if reward is not None:
                lines[f"mean {reward}"] = [_finite(one, reward) for one in own]
            for panel, (name, values) in zip(axes[0], lines.items(), strict=True):
                panel.plot(
                    step,
                    values,
                    **look.both(),
                    markevery=max(1, step.size // _MARKERS),
                    label=as_text(method),
                )
                curves.add(name, method, step, values)
            accuracy = [one.accuracy for one in own]
            axes[0, 0].plot(step, accuracy, color=look.color, linewidth=scale_points(0.6))
            curves.add("accuracy", method, step, accuracy)
        axes[0, 0].set(ylabel="Confidence and accuracy", ylim=(-0.03, 1.03))
        axes[0, 0].plot([], [], color=GREY, linewidth=scale_points(0.6), label="Accuracy (thin)")
        axes[0, 1].set_ylabel("ECE")
        axes[0, 1].set_ylim(bottom=0)
        if reward is not None:
            axes[0, 2].set(ylabel="Mean reward", title=as_text(reward))
        for panel in axes[0]:
            panel.set_xlabel("Step")
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(),
            loc="outside upper center",
            ncols=min(4, len(replayed.methods) + 1),
        )
    return Drawn(figure, curves.columns())


def _finite(one: StepCell, reward: str) -> float:
    mean = one.rewards[reward]
    return mean if np.isfinite(mean) else float("nan")


def course_in_words(replayed: Replay) -> str:
    """What is seen in the figure: each method at its first and at its last step.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 1], correct=[1, 0], step=[10, 20])
        >>> course_in_words(replay(log, "c", intervals=False))[:53]
        'all: from step 10 to 20, confidence 0.500 to 1.000, a'
    """
    told = []
    for method in replayed.methods:
        own = [one for one in replayed.over_time if one.method == method]
        first, last = own[0], own[-1]
        told.append(
            f"{method}: from step {first.step:g} to {last.step:g}, confidence"
            f" {shown(first.mean_confidence)} to {shown(last.mean_confidence)}, accuracy"
            f" {shown(first.accuracy)} to {shown(last.accuracy)}, ECE {shown(first.ece)} to"
            f" {shown(last.ece)}."
        )
    return " ".join(told)
