"""Mean rewards of methods with bootstrap intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.catalogue.words import title
from scoring_theory.plotting.style import (
    GREY,
    Width,
    add_caption,
    as_text,
    label_size,
    panel_grid,
    paper_style,
    scale_points,
    styles_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from scoring_theory.calibration import ConfidenceInterval


def reward_chart(
    earned: Mapping[str, Mapping[str, ConfidenceInterval]],
    *,
    proper: Mapping[str, str] | None = None,
    caption: str = "",
    width: Width = "full",
) -> Figure:
    """The mean reward of each method: one panel per reward, one dot with interval per method.

    The best method under a reward is filled. A mean of -inf is an arrow at the left edge. The grey
    line is a mean reward of 0, where the scale contains it. Under a name of a reward stands whether
    it is proper, if `proper` says so.

    Args:
        earned: Intervals by reward and method, such as `{"rlcr": {"Base": ConfidenceInterval(...),
            ...}, ...}`; a name of the catalogue is shown as its title.
        proper: A word under the name of a reward, such as "strictly proper".
        caption: A line above everything, such as the source of a synthetic log.
        width: Of the figure.

    Example:
        >>> from scoring_theory.calibration import ConfidenceInterval
        >>> interval = ConfidenceInterval(0.4, 0.3, 0.5, level=0.95, resamples=1000)
        >>> figure = reward_chart({"rlcr": {"Base": interval}})
        >>> figure.axes[0].get_title()
        'RLCR'
    """
    methods = list(dict.fromkeys(method for by_method in earned.values() for method in by_method))
    with paper_style(width):
        figure, axes = panel_grid(
            1,
            len(earned),
            ratio=0,
            extra=0.22 * len(methods) + (0.85 if proper else 0.7),
            sharey=True,
        )
        for panel, (reward, by_method) in zip(axes[0], earned.items(), strict=True):
            _dots(panel, by_method, methods)
            word = (proper or {}).get(reward, "")
            panel.set_title(as_text(title(reward) + (f"\n{word}" if word else "")))
            panel.grid(axis="x")
        axes[0, 0].set_yticks(range(len(methods)), [as_text(method) for method in methods])
        axes[0, 0].set_ylim(len(methods) - 0.4, -0.6)
        figure.supxlabel("Mean reward (filled: best method)", fontsize=label_size())
        add_caption(figure, caption)
    return figure


def earned_columns(
    earned: Mapping[str, Mapping[str, ConfidenceInterval]],
) -> dict[str, NDArray[Any]]:
    """The numbers of `reward_chart` as a tidy table for `save`: one row per reward and method.

    Example:
        >>> from scoring_theory.calibration import ConfidenceInterval
        >>> interval = ConfidenceInterval(0.4, 0.3, 0.5, level=0.95, resamples=1000)
        >>> list(earned_columns({"rlcr": {"Base": interval}}))
        ['reward', 'method', 'mean_reward', 'low', 'high']
    """
    cells = [
        (reward, method, each) for reward, row in earned.items() for method, each in row.items()
    ]
    return {
        "reward": np.array([reward for reward, _, _ in cells]),
        "method": np.array([method for _, method, _ in cells]),
        "mean_reward": np.array([each.estimate for _, _, each in cells]),
        "low": np.array([each.low for _, _, each in cells]),
        "high": np.array([each.high for _, _, each in cells]),
    }


def _dots(panel: Axes, by_method: Mapping[str, ConfidenceInterval], methods: list[str]) -> None:
    best, styles = max(each.estimate for each in by_method.values()), styles_of(methods)
    ends = [(each.low, each.estimate, each.high) for each in by_method.values()]
    finite = [end for end in np.ravel(ends).tolist() if np.isfinite(end)]
    left, right = (min(finite), max(finite)) if finite else (-1.0, 0.0)
    margin = 0.12 * (right - left) or 0.1
    panel.set_xlim(left - margin, right + margin)
    panel.locator_params(axis="x", nbins=3)
    if left - margin < 0 < right + margin:
        panel.axvline(0, color=GREY, linewidth=scale_points(0.8), zorder=1)
    for method, interval in by_method.items():
        row, style = methods.index(method), styles[method]
        if not np.isfinite(interval.estimate):
            _arrow(panel, row, style.color)
            continue
        span = np.clip([interval.low, interval.high], left - margin, None)
        panel.hlines(row, *span, color=style.color, linewidth=scale_points(1.2))
        face = style.color if interval.estimate == best else "white"
        panel.plot([interval.estimate], [row], **style.points(), markerfacecolor=face)


def _arrow(panel: Axes, row: int, color: str) -> None:
    across = panel.get_yaxis_transform()
    panel.annotate(
        "$-\\infty$",
        xy=(0.0, row),
        xytext=(0.16, row),
        xycoords=across,
        textcoords=across,
        color=color,
        fontsize=label_size(),
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": scale_points(1.0)},
    )
