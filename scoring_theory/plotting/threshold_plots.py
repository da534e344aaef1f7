"""The threshold densities of proper rewards: which of them lie in the cone of safe rewards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from scoring_theory.plotting.saving import Curves, Drawn
from scoring_theory.plotting.style import (
    LOCAL_FAILURE,
    Width,
    as_text,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from scoring_theory.catalogue.coercion import RewardLike

_POINTS = 401
_COLUMNS = 5
_LOW, _HIGH = -1.45, 4.6
_PIECE = re.compile(r"(?P<text>.+?)(?: on \((?P<low>[^,]+), (?P<high>[^)]+)\))?$")
_MASS = re.compile(r"mass (?P<mass>.+) at \w+ = (?P<place>.+)")


@dataclass(frozen=True, eq=False)
class ThresholdMeasure:
    """The measure of thresholds of a proper reward: V'' as a density, and point masses.

    Attributes:
        name: The name of the reward.
        threshold: (L,) t in (0, 1).
        density: (L,) w(t) = V''(t).
        atoms: The mass at each threshold that has one. That at 0 is the accuracy margin V'(0+); the
            reward is safe if and only if it is not negative.

    Example:
        >>> measured = threshold_measure("c - 2*(q - c)^2")
        >>> float(measured.density[0]), dict(measured.atoms), measured.safe
        (4.0, {0.0: -1.0}, False)
    """

    name: str
    threshold: NDArray[np.float64]
    density: NDArray[np.float64]
    atoms: Mapping[float, float]

    __repr__ = one_line

    @property
    def safe(self) -> bool:
        """Whether no threshold has a negative mass."""
        return min([0.0, *self.atoms.values()]) >= 0


def threshold_measure(reward: RewardLike, *, name: str = "") -> ThresholdMeasure:
    """The thresholds of a proper reward, from the density that `check` derives.

    Args:
        reward: A proper reward, a formula or an entry of the catalogue.
        name: The name in figures; by default its own.

    Raises:
        ValueError: If the reward is not proved to be proper.

    Example:
        >>> threshold_measure("threshold_bet").atoms
        {0.75: 1.0}
    """
    from scoring_theory.checking import check
    from scoring_theory.reward import Reward

    made = as_reward(reward)
    report = check(made)
    if report.threshold_density is None or report.accuracy_margin is None:
        raise ValueError(f"a threshold density needs a proper reward, got {made.text!r}")
    t = (np.arange(_POINTS) + 0.5) / _POINTS
    density, margin = np.zeros(_POINTS), float(report.accuracy_margin.value)
    atoms = {0.0: margin} if margin else {}
    for part in report.threshold_density.split("; "):
        if mass := _MASS.fullmatch(part):
            place, amount = (Reward.parse(mass[word]).payoff(0.5, 1) for word in ("place", "mass"))
            atoms[float(place)] = float(amount)
            continue
        piece = _PIECE.fullmatch(part)
        assert piece is not None, part
        low, high = (
            0.5 if piece[end] is None else float(Reward.parse(piece[end]).payoff(0.5, 1))
            for end in ("low", "high")
        )
        inside = np.full(t.shape, True) if piece["low"] is None else (t > low) & (t < high)
        formula = Reward.parse(re.sub(r"\bt\b", "q", piece["text"]))
        density[inside] = formula.payoff(t[inside], 1)
    return ThresholdMeasure(name or made.name or made.text, t, density, atoms)


def safe_cone(measures: Sequence[ThresholdMeasure], *, width: Width = "full") -> Drawn:
    """One panel per reward: its threshold density, and its point masses as stems.

    A proper reward is safe if and only if this measure is nowhere negative. Since V is convex, only
    the mass at 0, the accuracy margin V'(0+), can be negative; such a stem points downwards, and an
    arrow stands for minus infinity.

    Args:
        measures: See `threshold_measure`.
        width: Of the figure.

    Example:
        >>> shown = safe_cone([threshold_measure("c"), threshold_measure("c - (q - c)^2")])
        >>> [panel.get_xlabel() for panel in shown.figure.axes]
        ['Threshold $t$', 'Threshold $t$']
    """
    columns = min(_COLUMNS, len(measures))
    rows = -(-len(measures) // columns)
    data = Curves()
    with paper_style(width):
        figure, axes = panel_grid(rows, columns, ratio=0.85, extra=0.1, sharex=True, sharey=True)
        for panel in axes.ravel()[len(measures) :]:
            panel.set_visible(False)
        for place, (panel, each) in enumerate(zip(axes.ravel(), measures, strict=False)):
            _measure(panel, each, data)
            panel.set(xlim=(-0.06, 1.03), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))
            panel.set_ylim(_LOW, _HIGH)
            panel.set_title(as_text(each.name))
            if place + columns >= len(measures):
                panel.set_xlabel("Threshold $t$")
                panel.tick_params(labelbottom=True)
            if not place % columns:
                panel.set_ylabel("Density $w(t)$,\nor point mass")
    return Drawn(figure, data.columns())


def _measure(panel: Axes, each: ThresholdMeasure, data: Curves) -> None:
    style = style_of(each.name)
    panel.axhline(0, color="black", linewidth=scale_points(0.5))
    if each.density.any():
        panel.fill_between(each.threshold, each.density, color=style.color, alpha=0.3, linewidth=0)
        panel.plot(each.threshold, each.density, color=style.color)
        data.add(each.name, "density", each.threshold, each.density)
    for place, mass in each.atoms.items():
        data.add(each.name, "point mass", place, mass)
        shade = style.color if mass > 0 else LOCAL_FAILURE
        if not isfinite(mass):
            arrow: dict[str, Any] = {
                "arrowstyle": "-|>",
                "color": shade,
                "linewidth": scale_points(1.2),
            }
            panel.annotate("", (place, _LOW), (place, 0), arrowprops=arrow)
            text = "$-\\infty$"
        else:
            panel.vlines(place, 0, mass, color=shade)
            panel.plot([place], [mass], "o", color=shade, markeredgecolor="black", clip_on=False)
            text = f"{mass:.3g}".replace("-", "\N{MINUS SIGN}")
        panel.annotate(
            text,
            (place, mass if isfinite(mass) else -1),
            (scale_points(5), scale_points(-5 if mass > 0 else 0)),
            textcoords="offset points",
            va="center",
            fontsize=small_size(),
            color="black" if mass > 0 else LOCAL_FAILURE,
        )
    beyond = np.concatenate([[False], each.density > _HIGH, [False]])
    for edge in each.threshold[np.diff(beyond.astype(int))[:-1] == 1]:  # rises above the panel
        panel.plot([edge], [_HIGH], **_cut(style.color))
    for edge in each.threshold[np.diff(beyond.astype(int))[1:] == -1]:  # comes down into it
        if edge < each.threshold[-1]:
            panel.plot([edge], [_HIGH], **_cut(style.color))


def _cut(color: str) -> dict[str, Any]:
    """An arrow head where a curve leaves the panel."""
    return {"marker": 10, "color": color, "clip_on": False, "linestyle": "none"}
