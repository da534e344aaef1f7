"""The figure of a system of the laboratory: with it on the left, without it on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style
from scoring_theory.plotting.style import (
    scale_points,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulations.laboratory.system import SystemOutcome

_MARKERS = ("o", "s", "^", "D")
_DASHES = ("-", (0, (4.0, 1.6)), (0, (1.2, 1.4)), (0, (5.0, 1.4, 1.2, 1.4)))


def system_figure(outcomes: Sequence[SystemOutcome]) -> Drawn:
    """The panels of some outcomes of one system, one column each, on common scales in each row.

    Args:
        outcomes: with the mechanism, and without it.

    Returns:
        The figure, and its columns.

    Example:
        >>> from simulations.laboratory.systems import find_system
        >>> shown = find_system("majority").run(scale="short")
        >>> len(system_figure([shown]).figure.axes)
        1
    """
    data = Curves()
    rows = max(len(outcome.panels) for outcome in outcomes)
    colours = list(OKABE_ITO.values())
    with paper_style("full"):
        ratio = 0.6 if len(outcomes) > 1 else 0.3  # one panel is as wide as the page
        figure, panels = panel_grid(rows, len(outcomes), ratio=ratio, extra=0.35, sharey="row")
        for place, outcome in enumerate(outcomes):
            column = panels[:, place]
            side = "without" if outcome.without else "with"
            for axes in column[len(outcome.panels) :]:
                axes.set_visible(False)  # what only the other side has
            for axes, panel in zip(column, outcome.panels, strict=False):
                words = f"{panel.title}, {side}"
                if panel.runs is not None:
                    axes.plot(
                        panel.x,
                        panel.runs.T,
                        color=colours[0],
                        alpha=0.25,
                        linewidth=scale_points(0.5),
                    )
                    for i, run in enumerate(panel.runs):
                        data.add(words, f"run {i}", panel.x, run)
                for k, (label, curve) in enumerate(panel.curves.items()):
                    style: dict[str, Any] = {"linestyle": _DASHES[k % len(_DASHES)]}
                    if panel.names:
                        style = {"linestyle": "none", "marker": _MARKERS[k % len(_MARKERS)]}
                        # Hollow and larger, so that it does not hide the points below it.
                        style |= (
                            {"markerfacecolor": "none", "markersize": scale_points(6.0)}
                            if k
                            else {}
                        )
                    colour = colours[k % len(colours)]
                    axes.plot(panel.x, curve, label=label, color=colour, **style)
                    data.add(words, label, panel.x, curve)
                    if label in panel.points:
                        x, mean, error = panel.points[label]
                        axes.errorbar(
                            x,
                            mean,
                            error,
                            color=colour,
                            linestyle="none",
                            marker=".",
                            elinewidth=scale_points(0.6),
                        )
                        ends = {"low": mean - error, "high": mean + error}
                        data.add(words, f"{label}, measured", x, mean, **ends)
                if panel.names:
                    axes.axhline(0, color=colours[0], linewidth=scale_points(0.4))
                    axes.set_xticks(panel.x, panel.names, rotation=45, ha="right")
                    axes.margins(y=0.15)  # room for the markers
                axes.set(
                    title=f"{panel.title},\n{side} the mechanism",
                    xlabel=panel.x_label,
                    ylabel="" if place else panel.y_label,  # the scale is common to a row
                )
                axes.legend()
    return Drawn(figure, data.columns())
