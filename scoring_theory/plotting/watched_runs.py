"""Runs of a trainer with a monitor: stated confidence, and where the alarms came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting.style import (
    GREY,
    OKABE_ITO,
    Width,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

MARKS = {
    "estimator_at_odds": ("estimator at odds", "o", OKABE_ITO["vermillion"]),
    "confidence_to_one": ("confidence runs to 1", "^", OKABE_ITO["black"]),
    "confidence_to_zero": ("confidence runs to 0", "v", OKABE_ITO["black"]),
    "sandbagging": ("sandbagging", "s", OKABE_ITO["blue"]),
    "format_collapse": ("format collapse", "X", OKABE_ITO["green"]),
}
"""The name, marker and colour of each alarm."""


def watched_runs(
    panels: Mapping[str, Sequence[Mapping[str, ArrayLike]]],
    *,
    success_probability: float,
    bound: float | None = None,
    width: Width = "full",
) -> Figure:
    """Stated confidence by training step, one panel for each setting, with a mark at each alarm.

    Args:
        panels: for each setting its runs, each with `step` and `confidence` (S,), and `alarm` (S,):
            the rules that raised an alarm after the step, separated by blanks.
        success_probability: the true p in [0, 1], drawn as a line.
        bound: a confidence drawn as a thin line, before which alarms should come.
        width: of the figure.

    Raises:
        ValueError: no runs were given.

    Example:
        >>> run = {"step": [1, 2], "confidence": [0.5, 0.8], "alarm": ["", "confidence_to_one"]}
        >>> figure = watched_runs({"group": [run]}, success_probability=0.7)
        >>> figure.axes[0].get_title()
        'group'
    """
    if not panels:
        raise ValueError("`panels` must hold at least one setting, got none")
    with paper_style(width):
        figure, axes = panel_grid(1, len(panels), ratio=0.72, sharey=True)
        shown = {}
        for panel, (name, runs) in zip(axes[0], panels.items(), strict=True):
            for run in runs:
                step, confidence = (np.asarray(run[key], float) for key in ("step", "confidence"))
                panel.plot(step, confidence, color=GREY, linewidth=scale_points(0.7), zorder=1)
                for row, alarms in enumerate(np.asarray(run["alarm"], dtype=object).tolist()):
                    for rule in str(alarms).split():
                        label, marker, colour = MARKS[rule]
                        shown[label] = panel.scatter(
                            step[row],
                            confidence[row],
                            s=scale_points(4.5) ** 2,
                            marker=marker,
                            color=colour,
                            zorder=3,
                        )
            panel.axhline(
                success_probability, color=OKABE_ITO["blue"], linewidth=scale_points(0.8), zorder=0
            )
            if bound is not None:
                panel.axhline(
                    bound, color=GREY, linestyle=":", linewidth=scale_points(0.8), zorder=0
                )
            panel.set(title=name, xlabel="Training step", ylim=(0.38, 1.03))
        axes[0, 0].set_ylabel("Stated confidence")
        axes[0, -1].annotate(
            f"Truth {success_probability:g}",
            (1, success_probability),
            (scale_points(-2), scale_points(3)),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=small_size(),
            color=OKABE_ITO["blue"],
        )
        if shown:
            axes[0, -1].legend(list(shown.values()), list(shown), loc="upper right", title="Alarm")
    return figure
