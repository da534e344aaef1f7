"""Graded correctness: what RLCR as written and its affine extension pay for mean and variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting.saving import Curves, Drawn
from scoring_theory.plotting.style import (
    OKABE_ITO,
    Width,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEVELS = np.round(np.arange(-1, 10) / 10, 1)
_POINTS = 121
_SURE, _EVEN = (0.3, 0.0), (0.5, 0.25)
"""Mean and variance of a score that is 0.3 for sure, and of one that is 0 or 1 evenly."""


def graded_value(mean: float, variance: float, weight: float, *, affine: bool) -> float:
    """The optimal expected reward of an answer whose score s has this mean and variance.

        s - lam (q - s)^2                      V = m - lam Var(s)
        s - lam (s (1 - q)^2 + (1 - s) q^2)    V = m - lam m (1 - m)     (affine)

    Args:
        mean: m, in [0, 1].
        variance: Var(s), from 0 to m (1 - m).
        weight: lam.
        affine: Whether it is the affine extension.

    Example:
        >>> graded_value(0.3, 0.0, 1.0, affine=False), graded_value(0.5, 0.25, 1.0, affine=False)
        (0.3, 0.25)
    """
    return mean - weight * (mean * (1 - mean) if affine else variance)


def graded_figure(weight: float = 1.0, *, width: Width = "full") -> Drawn:
    """Lines of equal optimal expected reward over mean and variance of a score in [0, 1].

    Left: RLCR as written, s - lam (q - s)^2, which pays V = m - lam Var(s), so that a sure score of
    0.3 can earn more than 0 or 1 evenly. Right: its affine extension, whose V depends on the mean
    alone. White is impossible: Var(s) <= m (1 - m).

    Args:
        weight: lam.
        width: Of the figure.

    Example:
        >>> [panel.get_title() for panel in graded_figure().figure.axes]
        ['RLCR as written', 'Affine extension']
    """
    data = Curves()
    with paper_style(width):
        figure, axes = panel_grid(1, 2, ratio=0.6, sharey=True)
        for panel, affine in zip(axes[0], (False, True), strict=True):
            title = "Affine extension" if affine else "RLCR as written"
            panel.set(title=title, xlabel="Mean of the score, $m$", xlim=(0, 1), ylim=(0, 0.29))
            mean = np.linspace(0, 1, _POINTS)
            most = mean * (1 - mean)
            panel.plot(mean, most, color="black", linewidth=scale_points(0.8))
            panel.fill_between(mean, most, color=OKABE_ITO["sky"], alpha=0.15, linewidth=0)
            data.add(title, "largest possible variance", mean, most)
            _levels(panel, data, title, weight, affine)
            _examples(panel, data, title, weight, affine)
        axes[0, 0].set_ylabel("Variance of the score, Var$(s)$")
    return Drawn(figure, data.columns())


def _levels(panel: Axes, data: Curves, title: str, weight: float, affine: bool) -> None:
    """The lines of equal reward, each as a function of the mean."""
    for level in _LEVELS:
        if affine:  # V = m - lam m (1 - m) = level is one mean
            found = np.roots([weight, 1 - weight, -level]) if weight else np.array([level])
            means = [float(m.real) for m in found if abs(m.imag) < 1e-12 and 0 < m.real < 1]
            lines = [(np.full(2, m), np.array([0, m * (1 - m)])) for m in means]
        else:
            mean = np.linspace(0, 1, 20 * _POINTS)
            variance = (mean - level) / weight
            inside = (variance >= 0) & (variance <= mean * (1 - mean))
            ends = np.flatnonzero(inside)[[0, -1]] if inside.any() else None
            lines = [] if ends is None else [(mean[ends], variance[ends])]
        for x, y in lines:
            panel.plot(x, y, color=OKABE_ITO["blue"], linewidth=scale_points(0.7))
            data.add(title, f"V = {level:g}", x, y)
            if level in (0.0, 0.2, 0.4, 0.6, 0.8) and y[-1] > 0.02:
                panel.annotate(
                    f"{level:g}",
                    (x[-1], y[-1]),
                    (scale_points(2), scale_points(1)),
                    textcoords="offset points",
                    va="bottom",
                    fontsize=small_size(),
                    color=OKABE_ITO["blue"],
                )


def _examples(panel: Axes, data: Curves, title: str, weight: float, affine: bool) -> None:
    for (m, variance), words, place in (
        (_SURE, "0.3 for sure", (6, 7)),
        (_EVEN, "0 or 1 evenly", (0, -7)),
    ):
        value = graded_value(m, variance, weight, affine=affine)
        panel.plot(
            [m], [variance], marker="o", color=OKABE_ITO["vermillion"], clip_on=False, zorder=4,
            linestyle="none",
        )  # fmt: skip
        panel.annotate(
            f"{words}:\n$V = {value:.2f}$",
            (m, variance),
            (scale_points(place[0]), scale_points(place[1])),
            textcoords="offset points",
            va="bottom" if variance == 0 else "top",
            ha="left" if variance == 0 else "center",
            fontsize=small_size(),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85},
        )
        data.add(title, words, m, variance)
