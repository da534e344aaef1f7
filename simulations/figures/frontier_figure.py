"""What honesty costs in training time: accuracy over margin and threshold density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style
from scoring_theory.plotting.style import legend_below, scale_points, small_size

if TYPE_CHECKING:
    from simulations.laboratory.speed_frontier import Frontier


_LEVELS = ((0.3, 0.38, 0.43, 0.45), (0.35, 0.38, 0.4))
"""The accuracies whose lines are drawn in each map, so far apart that their labels do not touch."""
_DASHES = ("-", (0, (1.2, 1.4)), (0, (5.0, 1.4, 1.2, 1.4)), (0, (8.0, 2.0)))


def frontier_figure(frontier: Frontier) -> Drawn:
    """The accuracy after a fixed number of steps over accuracy margin m and threshold density k.

    Left: at the same learning rate; the dashed line separates the rewards that are learned more
    slowly than the binary reward (m = 1, k = 0) from those that are not. Middle: every reward
    scaled to the same range, where none is learned faster. Right: columns of the left panel with
    simulated points; bars are two standard errors on either side, and may be shorter than the
    marker.

    Args:
        frontier: see `simulations.laboratory.speed_frontier.frontier`; at least two margins and
            two densities.

    Example:
        >>> from simulations.laboratory.speed_frontier import frontier
        >>> made = frontier([0.0, 1.0], [0.5, 2.0], steps=50, simulated=[(1.0, 2.0)], runs=4)
        >>> len(frontier_figure(made).figure.axes)
        4
    """
    m, k = frontier.margins, frontier.densities
    shown = (
        ("Same learning rate", frontier.accuracy),
        ("Same range", frontier.scaled),
    )
    ends = (
        float(np.nanmin([frontier.accuracy, frontier.scaled])),
        float(np.nanmax([frontier.accuracy, frontier.scaled])),
    )
    data = Curves()
    colours = [OKABE_ITO[name] for name in ("blue", "vermillion", "green", "purple")]
    with paper_style("full"):
        figure, panels = panel_grid(1, 3, ratio=0.95, extra=0.35)
        for panel, (title, values), levels in zip(panels[0], shown, _LEVELS, strict=False):
            mesh = panel.pcolormesh(m, k, values, vmin=ends[0], vmax=ends[1], shading="nearest")
            low, high = np.nanmin(values), np.nanmax(values)
            lines = [x for x in levels if low < x < high]
            if lines:
                drawn = panel.contour(
                    m, k, values, levels=lines, colors="black", linewidths=scale_points(0.5)
                )
                panel.clabel(drawn, fontsize=small_size())
            if low < frontier.binary < high - 1e-6:  # at the same range nothing lies above it
                panel.contour(m, k, values, levels=[frontier.binary], colors="black",
                              linestyles="--")  # fmt: skip
            panel.plot([1.0], [0.0], "o", color=OKABE_ITO["black"], clip_on=False, label="binary")
            panel.plot([0.0], [2.0], "s", color=OKABE_ITO["black"], clip_on=False, label="RLCR")
            panel.plot([1.0], [2.0], "^", color=OKABE_ITO["black"], label="$2c - (q - c)^2$")
            panel.set(title=title, xlabel="Accuracy margin $m$")
            panel.set(xlim=(m.min(), m.max()), ylim=(k.min(), k.max()))
            for density, row in zip(k, values, strict=True):
                data.add(title, f"k = {density:g}", m, row)
        figure.colorbar(mesh, ax=panels[0, 1], label="Accuracy")
        panels[0, 0].set_ylabel("Threshold density $k$")
        last = panels[0, 2]
        at = frontier.simulated
        columns = np.unique(at[:, 1]) if len(at) else k[[0, -1]]
        for density, colour, dashes in zip(columns, colours, _DASHES, strict=False):
            row = int(np.argmin(np.abs(k - density)))
            last.plot(
                m,
                frontier.accuracy[row],
                color=colour,
                linestyle=dashes,
                label=f"$k = {density:g}$",
            )
            here = at[at[:, 1] == density]
            title = f"After {frontier.steps} steps"
            data.add(title, f"k = {density:g}", m, frontier.accuracy[row])
            bars = {"low": here[:, 2] - 2 * here[:, 3], "high": here[:, 2] + 2 * here[:, 3]}
            data.add(title, f"k = {density:g}, simulated", here[:, 0], here[:, 2], **bars)
            last.errorbar(here[:, 0], here[:, 2], 2 * here[:, 3], color=colour, linestyle="none",
                          marker="o", markersize=scale_points(2.0),
                          elinewidth=scale_points(0.8), capsize=scale_points(1.5))  # fmt: skip
        last.axhline(frontier.binary, color=OKABE_ITO["black"], linestyle="--", label="binary")
        last.set(title=f"After {frontier.steps} steps", xlabel="Accuracy margin $m$")
        last.set_ylabel("Accuracy")
        last.legend()
        legend_below(figure, *panels[0, 0].get_legend_handles_labels())
    return Drawn(figure, data.columns())
