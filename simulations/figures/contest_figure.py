"""The value of each decision for the agents of each reward during training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style, styles_of
from scoring_theory.plotting.style import (
    as_text,
    legend_below,
    scale_points,
)

if TYPE_CHECKING:
    from simulations.contest import ContestResult

_BAND = (10, 90)  # percentiles over runs
_CIRCLES: dict[str, Any] = {
    "marker": "o",
    "markerfacecolor": "white",
    "linestyle": "none",
}
_BEST = (0, (4.0, 1.6))


def contest_figure(outcome: ContestResult) -> Drawn:
    """One panel per decision threshold: mean over runs, a band with the middle 80 % of the runs.

    Circles are the expected motion. The dashed line is the expected value of the most likely answer
    with its true probability; never acting has the value 0.

    Args:
        outcome: The result of `simulations.contest.contest`.
    """
    data = Curves()
    count, styles = len(outcome.thresholds), styles_of(outcome.names)
    with paper_style("full" if count > 1 else "half"):
        figure, panels = panel_grid(1, count, ratio=0.8, extra=0.4)
        for d, (panel, t) in enumerate(zip(panels[0], outcome.thresholds, strict=True)):
            panel.axhline(
                float(outcome.best[d]),
                color=OKABE_ITO["black"],
                linewidth=scale_points(0.7),
                linestyle=_BEST,
            )
            panel.axhline(0, color=OKABE_ITO["black"], linewidth=scale_points(0.4))
            for i, name in enumerate(outcome.names):
                style, runs = styles[name], outcome.payoff[i, :, :, d]
                low, high = np.percentile(runs, _BAND, axis=0)
                panel.fill_between(
                    outcome.steps, low, high, color=style.color, alpha=0.2, linewidth=0
                )
                panel.plot(outcome.steps, runs.mean(axis=0), label=as_text(name), **style.line())
                act = f"act if q > {t:g}"
                data.add(act, name, outcome.steps, runs.mean(axis=0), low=low, high=high)
                if outcome.expected is not None:
                    along = outcome.expected[i, :, d]
                    panel.plot(
                        outcome.steps,
                        along,
                        color=style.color,
                        **_CIRCLES,
                        markersize=scale_points(2.6),
                    )
                    data.add(act, f"{name}, expected motion", outcome.steps, along)
            panel.set(title=f"Act if $q > {t:g}$", xlabel="Training step")
            panel.margins(x=0)
            panel.locator_params(axis="x", nbins=4)
            start = float(outcome.payoff[:, :, 0, d].mean())
            panel.set_ylim(
                min(start, 0) * 1.05, max(1.15 * float(outcome.best[d]), 0.02 * abs(start))
            )
        panels[0, 0].set_ylabel("Mean of $(c - t)[q > t]$")
        legend_below(figure, _legend(outcome))
    return Drawn(figure, data.columns())


def _legend(outcome: ContestResult) -> list[Line2D]:
    grey: dict[str, Any] = {"color": OKABE_ITO["black"]}
    lines = [
        Line2D([], [], label=as_text(name), **style.line())
        for name, style in styles_of(outcome.names).items()
    ]
    lines.append(
        Line2D([], [], linewidth=scale_points(0.7), linestyle=_BEST, label="Best possible", **grey)
    )
    if outcome.expected is not None:
        lines.append(
            Line2D(
                [], [], label="Expected motion", markersize=scale_points(2.6), **_CIRCLES, **grey
            )
        )
    return lines
