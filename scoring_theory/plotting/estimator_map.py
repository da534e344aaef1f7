"""Where training under an advantage estimator ends: a map over p and the group size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.display import one_line
from scoring_theory.plotting.saving import Curves, Drawn
from scoring_theory.plotting.style import Width, panel_grid, paper_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from scoring_theory.advantage import EffectiveAdvantage, Outcomes, Trainer
    from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike

_TIE = 1e-9
_COLUMNS = 3
_BOUND = 0.5


@dataclass(frozen=True, eq=False)
class StableReports:
    """The stable report minus the success probability, over p and the group size G.

    Attributes:
        title: The estimator and the outcome model.
        success_probability: (P,) p.
        group_size: (N,) G.
        bias: (N, P) q* - p.

    Example:
        >>> found = stable_reports("-(q - c)^2", [0.7], [4], estimator="group_std", title="GRPO")
        >>> found.bias.round(2).tolist()
        [[0.3]]
    """

    title: str
    success_probability: NDArray[np.float64]
    group_size: NDArray[np.int64]
    bias: NDArray[np.float64]

    __repr__ = one_line


def stable_reports(
    reward: RewardLike,
    success_probability: ArrayLike,
    group_sizes: Sequence[int],
    *,
    estimator: str | Trainer,
    outcomes: Outcomes = "independent",
    components: ComponentsLike | None = None,
    levels: ArrayLike | None = None,
    title: str,
) -> StableReports:
    """The report from which no deviation gains in expected advantage, for each p and G.

    Of several stable levels it is the one nearest to p on the side to which the best deviation from
    the truth leads. Where every level of the grid loses to
    another one, it is the level from which the best deviation gains least.

    Args:
        reward: As in `scoring_theory.advantage.effective_advantage`.
        success_probability: (P,) p.
        group_sizes: Values of G.
        estimator: As there; its group size is replaced.
        outcomes: As there.
        components: As there.
        levels: The confidence grid; by default 41 levels.
        title: Of the panel.
    """
    from scoring_theory.advantage import effective_advantage

    grid = np.linspace(0, 1, 41) if levels is None else np.asarray(levels, np.float64)
    p = np.atleast_1d(np.asarray(success_probability, np.float64))
    bias = np.empty((len(group_sizes), p.size))
    for row, size in enumerate(group_sizes):
        for column, each in enumerate(p):
            found = effective_advantage(
                reward,
                each,
                grid,
                estimator=estimator,
                outcomes=outcomes,
                group_size=size,
                components=components,
            )
            bias[row, column] = _reached(found, each) - each
    return StableReports(title, p, np.asarray(group_sizes), bias)


def _reached(found: EffectiveAdvantage, p: float) -> float:
    """The stable level nearest to p on the side to which the best deviation from p leads."""
    gains = found.matrix.max(axis=0)
    stable = found.levels[gains <= gains.min() + _TIE]
    truth = int(np.argmin(np.abs(found.levels - p)))
    side = np.sign(found.levels[np.argmax(found.matrix[:, truth])] - found.levels[truth])
    if gains[truth] <= gains.min() + _TIE:
        return float(found.levels[truth])
    ahead = stable[np.sign(stable - p) == side]
    among = ahead if ahead.size else stable
    return float(among[np.argmin(np.abs(among - p))])


def estimator_map(found: Sequence[StableReports], *, width: Width = "full") -> Drawn:
    """One panel per estimator and outcome model: the bias q* - p over p and G.

    Args:
        found: See `stable_reports`.
        width: Of the figure.

    Example:
        >>> each = stable_reports("-(q - c)^2", [0.3, 0.7], [2, 4], estimator="grpo", title="GRPO")
        >>> estimator_map([each]).figure.axes[0].get_ylabel()
        'Group size $G$'
    """
    columns = min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    data = Curves()
    with paper_style(width):
        figure, axes = panel_grid(rows, columns, ratio=0.62, extra=0.2, sharex=True, sharey=True)
        for panel in axes.ravel()[len(found) :]:
            panel.set_visible(False)
        for place, (panel, each) in enumerate(zip(axes.ravel(), found, strict=False)):
            sizes = np.arange(each.group_size.size)
            # From dark to light in one direction, so that the sign can be read in grey.
            mesh = panel.pcolormesh(
                each.success_probability,
                sizes,
                each.bias,
                vmin=-_BOUND,
                vmax=_BOUND,
                shading="nearest",
                rasterized=True,
            )
            panel.set_yticks(sizes, [str(size) for size in each.group_size])
            panel.set(xticks=(0.1, 0.5, 0.9), title=each.title)
            if place + columns >= len(found):
                panel.set_xlabel("Success probability $p$")
            if not place % columns:
                panel.set_ylabel("Group size $G$")
            for size, row in zip(each.group_size, each.bias, strict=True):
                data.add(
                    each.title.replace("\n", ", "), f"G = {size}", each.success_probability, row
                )
        figure.colorbar(
            mesh, ax=axes, label="Stable report minus $p$\n(above 0: overconfident)", aspect=30
        )
    return Drawn(figure, data.columns())
