"""A designed reward in four panels: thresholds, rewards, expected score, and trade-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.plotting.saving import Curves
from scoring_theory.plotting.style import (
    GREY,
    OKABE_ITO,
    Width,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from scoring_theory.designing import Design

_POINTS = 401
_UNIT: dict[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_RIGHT, _WRONG = OKABE_ITO["green"], OKABE_ITO["vermillion"]
_DASHED = (0, (4.0, 1.6))


def design_figure(made: Design, *, width: Width = "full") -> Figure:
    r"""Four panels: thresholds, rewards, expected score V(p), and the trade-off at this range.

    Stems are point masses (the one at 0 is the accuracy margin), the area is a density; both share
    the vertical axis. Grey is RLCR with the same range: uniform thresholds and margin 0. The
    trade-off: the range, which is max R - min R, is the sum of the accuracy margin and the
    incentive for calibration.

    Args:
        made: The result of `scoring_theory.designing.design`.
        width: Of the figure.

    Example:
        >>> from scoring_theory.designing import design
        >>> figure = design_figure(design(thresholds=[0.6]))
        >>> [panel.get_title() for panel in figure.axes]
        ['Thresholds', 'Rewards', 'Expected score', 'Trade-off at $\\max R - \\min R = 1$']
    """
    with paper_style(width):
        figure, axes = panel_grid(2, 2, ratio=0.5, extra=0.4)
        thresholds, payoffs, value, trade = axes.ravel()
        _thresholds(thresholds, made)
        _payoffs(payoffs, made)
        _value(value, made)
        _trade_off(trade, made)
    return figure


def design_columns(made: Design) -> dict[str, NDArray[Any]]:
    """The numbers of `design_figure` as a tidy table for `save`; see `Curves`.

    Example:
        >>> from scoring_theory.designing import design
        >>> columns = design_columns(design(thresholds=[0.6]))
        >>> str(columns["series"][0]), columns["x"][0].tolist(), columns["y"][0].tolist()
        ('point mass', 0.6, 1.0)
    """
    grid = np.linspace(0, 1, _POINTS)
    inner = grid[1:-1]
    trade = made.trade_off()
    masses = _masses(made)
    curves = Curves()
    density = made.thresholds.density(inner)
    if density.any():
        curves.add("thresholds", "density w(t)", inner, density)
    if masses:
        curves.add("thresholds", "point mass", list(masses), list(masses.values()))
    curves.add("rewards", "correct", grid, made.reward.payoff(grid, 1))
    curves.add("rewards", "wrong", grid, made.reward.payoff(grid, 0))
    whole, margin = float(made.thresholds.total), float(made.thresholds.margin)
    curves.add("expected score V(p)", "RLCR with this range", grid, whole * grid**2 / 2)
    curves.add("expected score V(p)", "this design", grid, made.reward.expected_reward(grid, grid))
    curves.add("calibration incentive by accuracy margin", "this range", trade.margin, trade.pull)
    curves.add("calibration incentive by accuracy margin", "RLCR with this range", 0.0, whole)
    curves.add("calibration incentive by accuracy margin", "this design", margin, whole - margin)
    return curves.columns()


def _masses(made: Design) -> dict[float, float]:
    return {float(t): float(m) for t, m in made.thresholds.atoms.items() if m}


def _thresholds(panel: Axes, made: Design) -> None:
    grid = np.linspace(0, 1, _POINTS)[1:-1]
    density, color = made.thresholds.density(grid), style_of(made.reward.name).color
    masses = _masses(made)
    tallest = max([*masses.values(), float(np.percentile(density, 99.5))])
    if density.any():
        panel.fill_between(
            grid, density, color=color, alpha=0.3, linewidth=0, label="Density $w(t)$"
        )
    if masses:
        panel.vlines(list(masses), 0, list(masses.values()), color=color)
        panel.plot(
            list(masses),
            list(masses.values()),
            color=color,
            marker="o",
            linestyle="none",
            clip_on=False,
            label="Point mass",
        )
    panel.set(xlabel="Threshold $t$", ylabel="Density, or mass", title="Thresholds", **_UNIT)
    panel.set_xlim(-0.03, 1.03)  # a stem at an end would lie on the axis
    panel.set_ylim(0, 1.35 * tallest or 1)
    panel.legend(loc="upper right", handlelength=1.2, ncols=2)


def _payoffs(panel: Axes, made: Design) -> None:
    grid = np.linspace(0, 1, _POINTS)
    panel.axhline(0, color=GREY, linewidth=scale_points(0.5), zorder=0)
    panel.plot(grid, made.reward.payoff(grid, 1), color=_RIGHT, label="Correct")
    panel.plot(grid, made.reward.payoff(grid, 0), color=_WRONG, linestyle=_DASHED, label="Wrong")
    panel.set(xlabel="Stated confidence $q$", ylabel="Reward", title="Rewards", **_UNIT)
    panel.legend(loc="best", handlelength=1.8)


def _value(panel: Axes, made: Design) -> None:
    grid, whole = np.linspace(0, 1, _POINTS), float(made.thresholds.total)
    style = style_of(made.reward.name)
    panel.plot(grid, whole * grid**2 / 2, color=GREY, linestyle=_DASHED, label="RLCR")
    panel.plot(
        grid, made.reward.expected_reward(grid, grid), color=style.color, label="This design"
    )
    panel.set(xlabel="Success probability $p$", ylabel="$V(p)$", title="Expected score", **_UNIT)
    panel.legend(loc="upper left", handlelength=1.8)


def _trade_off(panel: Axes, made: Design) -> None:
    curve, style = made.trade_off(), style_of(made.reward.name)
    whole, margin = float(made.thresholds.total), float(made.thresholds.margin)
    panel.plot(curve.margin, curve.pull, color=GREY)
    panel.plot(
        [0],
        [whole],
        color=GREY,
        marker="o",
        linestyle="none",
        clip_on=False,
        markerfacecolor="white",
    )
    panel.plot([margin], [whole - margin], **style.points(), clip_on=False, zorder=4)
    panel.annotate(
        "This design",
        (margin, whole - margin),
        (scale_points(5), scale_points(3)),
        textcoords="offset points",
        fontsize=small_size(),
    )
    panel.set(
        xlabel="Accuracy margin",
        ylabel="Calibration incentive",
        title=f"Trade-off at $\\max R - \\min R = {made.thresholds.total}$",
    )
    panel.set(xlim=(0, 1.05 * whole), ylim=(0, 1.12 * whole))
