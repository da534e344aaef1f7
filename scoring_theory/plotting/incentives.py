"""Figures of the incentives of rewards: payoffs, expected score, failure zones, and regret."""

from __future__ import annotations

from textwrap import shorten, wrap
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
    label_size,
    legend_below,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
    styles_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from scoring_theory.plotting.reward_picture import PicturesLike, RewardPicture

_REGRETS = colormaps["cividis_r"].with_extremes(under=LOCAL_FAILURE)
_GLOBAL: dict[str, Any] = {"facecolor": GLOBAL_FAILURE, "alpha": 0.25, "linewidth": 0}
_SANDBAGGING: dict[str, Any] = {"color": "black", "linestyle": (0, (4.0, 1.6))}
_UNIT: dict[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_NOISE = 1e-9
_MANY = 3
_LOWEST_GAIN = -0.55
_LOCAL: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": LOCAL_FAILURE,
    "hatch": "/////",
    "linewidth": 0,
}


def before_training(rewards: PicturesLike, *, width: Width = "full") -> Figure:
    """The incentives of each reward: for truthful confidences (above) and for accuracy (below).

    Above: the gain over the truthful report, `U(p, q) - U(p, p)`, at one success probability p; the
    reward is proper at p if it is largest at q = p. Below: the optimal expected reward `V(p)`, the
    expected reward of sandbagging (a deliberately wrong answer with q = 0), and the zones of local
    and global failure.

    Args:
        rewards: One reward, or a sequence of them, one per column: rewards, formulas, entries of
            the catalogue, or pictures with their own name, formula or p; see `picture`.
        width: Of the figure.

    Example:
        >>> figure = before_training(["c - (q - c)^2", "c - 2*(q - c)^2"])
        >>> print(figure.axes[3].get_title())
        Sandbagging earns
        more below $p = 0.5$
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(
            2, len(pictures), ratio=0, extra=2.7, sharey="row"
        )  # labels need that height
        for column, each in enumerate(pictures):
            # A letter is about half as wide as it is high; labels take a part of the width.
            _heading(axes[0, column], each, int(100 * figure.get_figwidth() / 6.75 / len(pictures)))
            _report_panel(axes[0, column], each)
            _value_panel(axes[1, column], each)
            # Among many columns one label is enough, and more would touch on a narrow page.
            if len(pictures) <= _MANY or column == len(pictures) // 2:
                axes[0, column].set_xlabel("Stated confidence $q$")
                axes[1, column].set_xlabel("Success probability $p$")
        p = pictures[0].success_probability
        low = min(float(each.value[np.isfinite(each.value)].min()) for each in pictures)
        axes[0, 0].set(
            ylabel=f"Gain over truthful report,\n$U(p, q) - U(p, p)$ at $p = {p:g}$",
            ylim=(_LOWEST_GAIN, 0.09),
            yticks=(-0.5, 0),
        )
        cut = [
            _mark_cut(panel, each.levels, each.shortfall, _LOWEST_GAIN, style_of(each.name).color)
            for panel, each in zip(axes[0], pictures, strict=True)
        ]
        axes[1, 0].set(
            ylabel="Optimal expected\nreward, $V(p)$", ylim=(1.2 * low - 0.06, 1.06), yticks=(0, 1)
        )
        marks = [_cut_handle()] if any(cut) else []
        legend_below(figure, [*_zone_handles(), *marks], columnspacing=1.4)
    return figure


def _heading(panel: Axes, each: RewardPicture, letters: int) -> None:
    """The name and the formula above a column, or a name in two lines of at most that many letters.

    Two baselines and no title of two lines, so that exponents do not shift the names of columns.
    """
    name, below = as_text(each.name), f"${each.formula}$" if each.formula else ""
    if not below and len(name) > letters:
        name, below, *rest = [*wrap(name, letters), ""]
        below = shorten(" ".join([below, *rest]), letters, placeholder=" ...") or below[:letters]
    for text, height, size in (
        (name, 27, scale_points(9)),
        (below, 15, label_size()),
    ):
        panel.annotate(
            text,
            (0.5, 1),
            (0, scale_points(height)),
            textcoords="offset points",
            xycoords="axes fraction",
            ha="center",
            va="baseline",
            fontsize=size,
        )


def _remark(panel: Axes, text: str, good: bool) -> None:
    panel.set_title(
        text, fontsize=small_size(), pad=scale_points(3), color="black" if good else LOCAL_FAILURE
    )


def _report_panel(panel: Axes, each: RewardPicture) -> None:
    p, style = each.success_probability, style_of(each.name)
    panel.axhline(0, color=GREY, linewidth=scale_points(0.6))
    panel.axvline(p, color=GREY, linewidth=scale_points(0.6), linestyle=(0, (1.2, 1.4)))
    panel.plot(each.levels, each.shortfall, color=style.color)
    panel.plot([p], [0], **style.points(), clip_on=False, zorder=4)
    panel.set(**_UNIT)
    _remark(panel, *_best_report(each))


def _best_report(each: RewardPicture) -> tuple[str, bool]:
    gain = float(each.shortfall.max())
    if gain > _NOISE:
        return f"$q = {each.levels[np.argmax(each.shortfall)]:.2g}$ is optimal", False
    if float(np.ptp(each.shortfall)) <= _NOISE:
        return "All $q$ are tied", False
    return "The truth is optimal", True


def _value_panel(panel: Axes, each: RewardPicture) -> None:
    _shade(panel, each)
    panel.axhline(float(each.value[0]), linewidth=scale_points(0.7), **_SANDBAGGING)
    panel.plot(each.levels, each.value, color=style_of(each.name).color)
    panel.set(**_UNIT)
    _remark(panel, *_failure(each))


def _shade(panel: Axes, each: RewardPicture) -> None:
    if each.global_failure_below:
        panel.axvspan(0, each.global_failure_below, **_GLOBAL)
    if each.local_failure_below:
        panel.axvspan(0, each.local_failure_below, **_LOCAL)


def _failure(each: RewardPicture) -> tuple[str, bool]:
    if each.global_failure_below:
        return f"Sandbagging earns\nmore below $p = {each.global_failure_below:.3g}$", False
    # A picture made without a report has no thresholds, but its curve shows a decrease.
    if float(np.diff(each.value).min()) < -_NOISE:
        return "$V$ decreases: a worse\nanswer earns more", False
    return "Accuracy\nis rewarded", True


def _zone_handles() -> list[Patch | Line2D]:
    return [
        Patch(**_GLOBAL, label="Global failure: sandbagging earns more"),
        Patch(**_LOCAL, label="Local failure: a worse answer earns more"),
        Line2D([], [], linewidth=scale_points(0.7), **_SANDBAGGING, label="Sandbagging, $q = 0$"),
    ]


def value_curves(rewards: PicturesLike, *, width: Width = "half") -> Figure:
    """The optimal expected reward `V(p)` of several rewards in one panel.

    A filled marker is the global failure threshold, below which sandbagging earns more; a hollow
    one is the local failure threshold, below which the worse of two answers earns more.

    Args:
        rewards: As for `before_training`.
        width: Of the figure.

    Example:
        >>> value_curves(["c - (q - c)^2"]).axes[0].get_xlabel()
        'Success probability $p$'
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(ratio=0.72 if width == "half" else 0.42)
        panel = axes[0, 0]
        styles = styles_of(each.name for each in pictures)
        for each in pictures:
            style = styles[each.name]
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
            xlabel="Success probability $p$",
            ylabel="Optimal expected reward, $V(p)$",
            xlim=(0, 1),
        )
        columns = min(5 if width == "full" else 3, len(pictures))
        order = _by_rows(len(pictures), columns)
        handles, labels = panel.get_legend_handles_labels()
        figure.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="outside upper center",
            ncols=columns,
        )
        if any(each.global_failure_below or each.local_failure_below for each in pictures):
            panel.legend(handles=_threshold_handles(), loc="upper left")
    return figure


def _by_rows(count: int, columns: int) -> list[int]:
    """The order in which a legend, which fills its columns first, reads in rows."""
    return [i for column in range(columns) for i in range(column, count, columns)]


def _threshold_handles() -> list[Line2D]:
    marker: dict[str, Any] = {"color": GREY, "marker": "o", "linestyle": "none"}
    return [
        Line2D([], [], **marker, label="Global failure threshold"),
        Line2D([], [], **marker, markerfacecolor="white", label="Local failure threshold"),
    ]


def payoff_curves(rewards: PicturesLike, *, lowest: float = -2.0, width: Width = "full") -> Figure:
    """The rewards `f(q)` of a correct and `g(q)` of a wrong answer, side by side.

    Args:
        rewards: One line each in both panels; as for `before_training`.
        lowest: The lower end of the vertical axis, since some rewards tend to -inf; arrow heads
            show where it cuts a curve.
        width: Of the figure.

    Example:
        >>> [panel.get_title() for panel in payoff_curves(["c - (q - c)^2"]).axes]
        ['$f(q) = R(q, 1)$', '$g(q) = R(q, 0)$']
    """
    pictures = pictures_of(rewards)
    with paper_style(width):
        figure, axes = panel_grid(1, 2, ratio=0.62, sharey=True)
        styles = styles_of(each.name for each in pictures)
        for each in pictures:
            line = styles[each.name].line()
            for panel, payoff in zip(axes[0], (each.on_correct, each.on_wrong), strict=True):
                panel.plot(
                    each.levels,
                    np.where(np.isfinite(payoff), payoff, np.nan),
                    label=as_text(each.name),
                    **line,
                )
        floor, ceiling = zip(*(_finite_range(each) for each in pictures), strict=True)
        axes[0, 0].set(
            ylabel="Correct answer, $f(q)$",
            ylim=(max(lowest, min(floor) - 0.08), max(ceiling) + 0.08),
        )
        axes[0, 1].set(ylabel="Wrong answer, $g(q)$")
        for panel, name in zip(axes[0], ("on_correct", "on_wrong"), strict=True):
            _mark_cuts(panel, pictures, name, lowest)
        for panel, title in zip(
            axes[0],
            ("$f(q) = R(q, 1)$", "$g(q) = R(q, 0)$"),
            strict=True,
        ):
            panel.axhline(0, color=GREY, linewidth=scale_points(0.5), zorder=0)
            panel.set(title=title, xlabel="Stated confidence $q$", xlim=(0, 1))
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside upper center",
            ncols=min(7, len(pictures)),
            columnspacing=1.4,
        )
    return figure


def _mark_cuts(panel: Axes, pictures: Sequence[RewardPicture], payoff: str, lowest: float) -> None:
    """An arrow head where a curve leaves the panel below, explained in the right panel."""
    cut, styles = False, styles_of(each.name for each in pictures)
    for each in pictures:
        color = styles[each.name].color
        cut |= _mark_cut(panel, each.levels, getattr(each, payoff), lowest, color)
    if cut and payoff == "on_wrong":
        panel.text(
            0.03,
            0.03,
            f"Arrow heads: the curve continues below ${lowest:g}$",
            transform=panel.transAxes,
            size=small_size(),
        )


def _mark_cut(
    panel: Axes, x: NDArray[np.float64], y: NDArray[np.float64], lowest: float, color: str
) -> bool:
    """An arrow head wherever a curve leaves the panel below; whether there is one."""
    below = y < lowest
    leaves = np.flatnonzero(below[1:] != below[:-1])
    edges = leaves + below[leaves + 1]  # the first point that is not shown, on either side
    for edge in edges:
        panel.plot(x[edge], lowest, marker=11, clip_on=False, color=color)
    return bool(edges.size)


def _cut_handle() -> Line2D:
    return Line2D([], [], marker=11, linestyle="none", color=GREY, label="Continues below")


def _finite_range(each: RewardPicture) -> tuple[float, float]:
    payoffs = np.concatenate([each.on_correct, each.on_wrong])
    finite = payoffs[np.isfinite(payoffs)]
    return float(finite.min()), float(finite.max())


def regret_map(
    regret: ArrayLike, levels: ArrayLike, *, name: str, highest: float = 1.0, width: Width = "half"
) -> Figure:
    """The regret (score divergence) of each misreport, `d(p, q) = U(p, p) - U(p, q)`.

    Misreports with negative regret, which only improper rewards have, are drawn in the failure
    colour.

    Args:
        regret: (L, L), row p, column q; +inf where U(p, q) is -inf. With `u =
            reward.expected_reward(p[:, None], p)` it is `u.diagonal()[:, None] - u`.
        levels: (L,) the levels of both axes.
        name: The name of the reward, for the title.
        highest: The upper end of the colour scale, or the largest regret if that is smaller.
        width: Of the figure.

    Example:
        >>> levels = np.linspace(0, 1, 5)
        >>> figure = regret_map((levels[:, None] - levels) ** 2, levels, name="RLCR")
        >>> figure.axes[0].get_xlabel()
        'Stated confidence $q$'
    """
    loss, grid = np.asarray(regret, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    loss = np.where(np.abs(loss) < _NOISE, 0.0, loss)
    top = min(highest, float(loss[np.isfinite(loss)].max())) or highest
    colours = {"cmap": _REGRETS, "norm": PowerNorm(0.5, 0, top), "rasterized": True}
    with paper_style(width):
        figure, axes = panel_grid(ratio=0.8 if width == "half" else 0.45)
        figure.set_layout_engine("compressed")  # the square and its scale in the middle of a page
        panel = axes[0, 0]
        mesh = panel.pcolormesh(grid, grid, np.where(np.isinf(loss), 2 * top, loss), **colours)
        panel.plot(
            [0, 1], [0, 1], color="white", linewidth=scale_points(0.8), linestyle=(0, (4.0, 1.6))
        )
        panel.set(
            title=as_text(name),
            xlabel="Stated confidence $q$",
            ylabel="Success probability $p$",
            aspect="equal",
        )
        panel.spines[["top", "right"]].set_visible(True)
        extend = "max" if loss.max() > top else "neither"
        figure.colorbar(mesh, ax=panel, label="Regret $d(p, q) = U(p, p) - U(p, q)$", extend=extend)
        if loss.min() < 0:
            figure.legend(
                handles=[Patch(color=LOCAL_FAILURE, label="Misreporting earns more")],
                loc="outside lower center",
            )
    return figure
