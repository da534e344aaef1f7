"""A designed reward in four panels: thresholds, rewards, expected score, and trade-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.plotting.style import GREY, OKABE_ITO, Width, panel_grid, paper_style, style_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from scoring_theory.designing import Design

_POINTS = 401
_UNIT: dict[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_RIGHT, _WRONG = OKABE_ITO["green"], OKABE_ITO["vermillion"]
_DASHED = (0, (4.0, 1.6))


def design_figure(made: Design, *, width: Width = "full") -> Figure:
    """Four panels: thresholds, rewards, expected score V(p), and the trade-off at this range.

    Stems are point masses (the one at 0 is the accuracy margin), the area is a density. Grey is
    RLCR with the same range: uniform thresholds and margin 0. The trade-off: the range is the sum
    of the accuracy margin and the incentive for calibration.

    Args:
        made: The result of `scoring_theory.designing.design`.
        width: Of the figure.

    Example:
        >>> from scoring_theory.designing import design
        >>> figure = design_figure(design(thresholds=[0.6]))
        >>> [panel.get_title() for panel in figure.axes]
        ['Thresholds', 'Rewards', 'Expected score', 'Trade-off at range 1']
    """
    with paper_style(width):
        figure, axes = panel_grid(1, 4, ratio=0.95, extra=0.3)
        thresholds, payoffs, value, trade = axes[0]
        _thresholds(thresholds, made)
        _payoffs(payoffs, made)
        _value(value, made)
        _trade_off(trade, made)
    return figure


def design_columns(made: Design) -> dict[str, ArrayLike]:
    """The numbers of `design_figure`, for `save`.

    Example:
        >>> from scoring_theory.designing import design
        >>> columns = design_columns(design(thresholds=[0.6]))
        >>> columns["atom"], columns["mass"]
        ([0.6], [1.0])
    """
    grid = np.linspace(0, 1, _POINTS)
    inner = grid[1:-1]
    curve = made.trade_off()
    masses = {t: m for t, m in made.thresholds.atoms.items() if m}
    return {
        "threshold": inner,
        "density": made.thresholds.density(inner),
        "atom": [float(t) for t in masses] or [np.nan],
        "mass": [float(m) for m in masses.values()] or [np.nan],
        "confidence": grid,
        "right": made.reward.payoff(grid, 1),
        "wrong": made.reward.payoff(grid, 0),
        "value": made.reward.expected_reward(grid, grid),
        "margin": curve.margin,
        "pull": curve.pull,
    }


def _thresholds(panel: Axes, made: Design) -> None:
    grid = np.linspace(0, 1, _POINTS)[1:-1]
    density, color = made.thresholds.density(grid), style_of(made.reward.name).color
    masses = {float(t): float(m) for t, m in made.thresholds.atoms.items() if m}
    if density.any():
        panel.fill_between(grid, density, color=color, alpha=0.3, linewidth=0)
    else:
        panel.set_yticks([])
    panel.set(xlabel="Threshold $t$", ylabel="Density $w(t)$", title="Thresholds", **_UNIT)
    panel.set_ylim(0, 1.15 * float(np.percentile(density, 99.5)) or 1)
    if not masses:
        return
    stems = panel.twinx() if density.any() else panel
    stems.vlines(list(masses), 0, list(masses.values()), color=color)
    stems.plot(
        list(masses),
        list(masses.values()),
        color=color,
        marker="o",
        linestyle="none",
        clip_on=False,
    )
    stems.set(
        ylim=(0, 1.15 * max(masses.values())), yticks=sorted({round(m, 3) for m in masses.values()})
    )
    stems.set_ylabel("Point mass")
    stems.spines["right"].set_visible(bool(density.any()))


def _payoffs(panel: Axes, made: Design) -> None:
    grid = np.linspace(0, 1, _POINTS)
    panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)
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
        "This design", (margin, whole - margin), (5, 3), textcoords="offset points", fontsize=7
    )
    panel.set(
        xlabel="Accuracy margin",
        ylabel="Calibration incentive",
        title=f"Trade-off at range {made.thresholds.total}",
    )
    panel.set(xlim=(0, 1.05 * whole), ylim=(0, 1.12 * whole))
