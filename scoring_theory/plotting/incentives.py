"""Drawings of rewards before any training: what they pay, what honesty earns, and where lying pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import PowerNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scoring_theory.plotting.reward_picture import pictures_of
from scoring_theory.plotting.style import (
    GLOBAL_FAILURE,
    GREY,
    LOCAL_FAILURE,
    Width,
    as_text,
    panel_grid,
    paper_style,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.plotting.reward_picture import RewardPicture

_COSTS = colormaps["cividis_r"].with_extremes(under=LOCAL_FAILURE)
_GLOBAL: dict[str, Any] = {"facecolor": GLOBAL_FAILURE, "alpha": 0.25, "linewidth": 0}
_ON_PURPOSE: dict[str, Any] = {"color": "black", "linewidth": 0.7, "linestyle": (0, (4.0, 1.6))}
_UNIT: dict[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_NOISE = 1e-9
_LOCAL: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": LOCAL_FAILURE,
    "hatch": "/////",
    "linewidth": 0,
}


def before_training(
    rewards: Sequence[RewardPicture | RewardLike], *, width: Width = "full"
) -> Figure:
    """One column per reward: above, whether honesty pays; below, whether being right pays, with zones where it fails.

    Above: what stating q adds to what the truth earns, at one success probability p; a reward is
    proper there when the curve peaks at q = p. Below: V(p), what the best report earns, against a
    wrong answer on purpose with q = 0.

    Args:
        rewards: One per column, at least one: rewards, formulas, entries of the catalogue, or
            pictures with a name, a formula or a p of their own; see `picture`.
        width: Of the figure.
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(
            2, len(pictures), ratio=0, extra=2.7, sharey="row"
        )  # labels need that height
        for column, each in enumerate(pictures):
            _heading(axes[0, column], each)
            _honesty_panel(axes[0, column], each)
            _value_panel(axes[1, column], each)
        p, low = (
            pictures[0].success_probability,
            min(float(each.value[np.isfinite(each.value)].min()) for each in pictures),
        )
        axes[0, 0].set(
            ylabel=f"pay beyond honesty\n(truth: $p = {p:g}$)", ylim=(-0.55, 0.09), yticks=(-0.5, 0)
        )
        axes[1, 0].set(
            ylabel="pay for the best\nreport, $V(p)$", ylim=(1.2 * low - 0.06, 1.06), yticks=(0, 1)
        )
        figure.legend(
            handles=_zone_handles(), loc="outside lower center", ncols=3, columnspacing=1.4
        )
    return figure


def _heading(panel: Axes, each: RewardPicture) -> None:
    # Two baselines and no title of two lines, so that exponents do not shift the names of their
    # columns.
    formula = f"${each.formula}$" if each.formula else ""
    for text, height, size in ((as_text(each.name), 27, 9), (formula, 15, 8)):
        panel.annotate(
            text,
            (0.5, 1),
            (0, height),
            textcoords="offset points",
            xycoords="axes fraction",
            ha="center",
            va="baseline",
            fontsize=size,
        )


def _remark(panel: Axes, text: str, good: bool) -> None:
    panel.set_title(text, fontsize=7, pad=3, color="black" if good else LOCAL_FAILURE)


def _honesty_panel(panel: Axes, each: RewardPicture) -> None:
    p, style = each.success_probability, style_of(each.name)
    panel.axhline(0, color=GREY, linewidth=0.6)
    panel.axvline(p, color=GREY, linewidth=0.6, linestyle=(0, (1.2, 1.4)))
    panel.plot(each.levels, each.shortfall, color=style.color)
    panel.plot([p], [0], **style.points(), clip_on=False, zorder=4)
    panel.set(xlabel="stated confidence $q$", **_UNIT)
    _remark(panel, *_honesty_in_words(each))


def _honesty_in_words(each: RewardPicture) -> tuple[str, bool]:
    gain = float(each.shortfall.max())
    if gain > _NOISE:
        return f"stating {each.levels[np.argmax(each.shortfall)]:.2g} pays more", False
    if float(np.ptp(each.shortfall)) <= _NOISE:
        return "every $q$ pays the same", False
    return "the truth pays best", True


def _value_panel(panel: Axes, each: RewardPicture) -> None:
    _shade(panel, each)
    panel.axhline(float(each.value[0]), **_ON_PURPOSE)
    panel.plot(each.levels, each.value, color=style_of(each.name).color)
    panel.set(xlabel="success probability $p$", **_UNIT)
    _remark(panel, *_zones_in_words(each))


def _shade(panel: Axes, each: RewardPicture) -> None:
    if each.global_failure_below:
        panel.axvspan(0, each.global_failure_below, **_GLOBAL)
    if each.local_failure_below:
        panel.axvspan(0, each.local_failure_below, **_LOCAL)


def _zones_in_words(each: RewardPicture) -> tuple[str, bool]:
    if each.global_failure_below:
        return f"lying pays below $p = {each.global_failure_below:.3g}$", False
    if (
        float(np.diff(each.value).min()) < -_NOISE
    ):  # a picture made without a report has no thresholds
        return "lying pays where $V$ is low", False
    return "being right pays", True


def _zone_handles() -> list[Patch | Line2D]:
    return [
        Patch(**_GLOBAL, label="honest work earns less than a wrong answer"),
        Patch(**_LOCAL, label="of two answers, the worse one earns more"),
        Line2D([], [], **_ON_PURPOSE, label="a wrong answer on purpose, $q = 0$"),
    ]


def value_curves(rewards: Sequence[RewardPicture | RewardLike], *, width: Width = "half") -> Figure:
    """V(p) of several rewards in one panel; a filled marker where lying stops paying, a hollow one where V turns up.

    Args:
        rewards: As for `before_training`.
        width: Of the figure.
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(ratio=0.72)
        panel = axes[0, 0]
        for each in pictures:
            style = style_of(each.name)
            panel.plot(each.levels, each.value, label=as_text(each.name), **style.line())
            for threshold, face in (
                (each.global_failure_below, style.color),
                (each.local_failure_below, "white"),
            ):
                if threshold:
                    height = np.interp(threshold, each.levels, each.value)
                    panel.plot(
                        [threshold], [height], **style.points(), markerfacecolor=face, zorder=4
                    )
        panel.set(
            xlabel="success probability $p$", ylabel="pay for the best report, $V(p)$", xlim=(0, 1)
        )
        figure.legend(loc="outside upper center", ncols=min(4, len(pictures)))
    return figure


def payoff_curves(
    rewards: Sequence[RewardPicture | RewardLike], *, lowest: float = -2.0, width: Width = "full"
) -> Figure:
    """Payoffs f(q) when correct and g(q) when wrong, side by side.

    Args:
        rewards: One line each in both panels; as for `before_training`.
        lowest: Where the vertical axis ends, since some payoffs go to -inf.
        width: Of the figure.
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(1, 2, ratio=0.62, sharey=True)
        for each in pictures:
            line = style_of(each.name).line()
            for panel, payoff in zip(axes[0], (each.on_correct, each.on_wrong), strict=True):
                panel.plot(
                    each.levels,
                    np.where(np.isfinite(payoff), payoff, np.nan),
                    label=as_text(each.name),
                    **line,
                )
        floor, ceiling = zip(*(_finite_range(each) for each in pictures), strict=True)
        axes[0, 0].set(ylabel="payoff", ylim=(max(lowest, min(floor) - 0.08), max(ceiling) + 0.08))
        for panel, title in zip(
            axes[0], ("correct: $f(q) = R(q, 1)$", "wrong: $g(q) = R(q, 0)$"), strict=True
        ):
            panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)
            panel.set(title=title, xlabel="stated confidence $q$", xlim=(0, 1))
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside upper center",
            ncols=min(7, len(pictures)),
            columnspacing=1.4,
        )
    return figure


def _finite_range(each: RewardPicture) -> tuple[float, float]:
    payoffs = np.concatenate([each.on_correct, each.on_wrong])
    finite = payoffs[np.isfinite(payoffs)]
    return float(finite.min()), float(finite.max())


def regret_map(
    regret: ArrayLike, levels: ArrayLike, *, name: str, highest: float = 1.0, width: Width = "half"
) -> Figure:
    """How much each lie costs: U(p, p) - U(p, q) over truth and stated confidence; lies that pay in the failure colour.

    Args:
        regret: (L, L), row p, column q; +inf where a report ruins. With `u =
            reward.expected_reward(p[:, None], p)` it is `u.diagonal()[:, None] - u`.
        levels: (L,) the levels of both axes.
        name: The reward, for the title.
        highest: Where the colour scale ends; the largest cost when that is less.
        width: Of the figure.
    """
    cost, grid = np.asarray(regret, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    cost = np.where(np.abs(cost) < _NOISE, 0.0, cost)
    top = min(highest, float(cost[np.isfinite(cost)].max())) or highest
    colours = {"cmap": _COSTS, "norm": PowerNorm(0.5, 0, top), "rasterized": True}
    with paper_style(width):
        figure, axes = panel_grid(ratio=0.8)
        panel = axes[0, 0]
        mesh = panel.pcolormesh(grid, grid, np.where(np.isinf(cost), 2 * top, cost), **colours)
        panel.plot([0, 1], [0, 1], color="white", linewidth=0.8, linestyle=(0, (4.0, 1.6)))
        panel.set(
            title=as_text(name),
            xlabel="stated confidence $q$",
            ylabel="success probability $p$",
            aspect="equal",
        )
        panel.spines[["top", "right"]].set_visible(True)
        extend = "max" if cost.max() > top else "neither"
        figure.colorbar(mesh, ax=panel, label="cost of the lie, $U(p, p) - U(p, q)$", extend=extend)
        if cost.min() < 0:
            figure.legend(
                handles=[Patch(color=LOCAL_FAILURE, label="the lie pays")],
                loc="outside lower center",
            )
    return figure
