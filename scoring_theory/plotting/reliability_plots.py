"""Reliability diagrams of recorded or simulated answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from scoring_theory.calibration import (
    ReliabilityCurve,
    expected_calibration_error,
    reliability_curve,
)
from scoring_theory.plotting.style import (
    GREY,
    Width,
    add_caption,
    as_text,
    legend_below,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from scoring_theory.calibration import Forecasts
    from scoring_theory.calibration.binning import Closed
    from scoring_theory.rollouts import Rollouts

_HALVES, _NAMES = (0, 0.5, 1), ("0", "0.5", "1")
_TICKS: Mapping[str, Any] = {
    "xticks": _HALVES,
    "yticks": _HALVES,
    "xticklabels": _NAMES,
    "yticklabels": _NAMES,
}
_EDGES: Mapping[str, Any] = {"xlim": (-0.06, 1.06), "ylim": (-0.06, 1.06)}
_MOST_COLUMNS = 5
_NARROW = 4.0
_FEW_VALUES = 21
_FEW_ANSWERS = 5
"""A bin with fewer answers is drawn pale, and no line joins it: its accuracy is mostly chance."""
_PALE = 0.35
_CONSISTENT: Mapping[str, Any] = {"color": GREY, "alpha": 0.45, "linewidth": 4.0}


def reliability_diagram(
    curve: ReliabilityCurve | Forecasts, *, name: str = "", note: str = "", width: Width = "half"
) -> Figure:
    """Observed accuracy by stated confidence, above the number of answers per bin.

    Grey bars are consistency intervals, in which the points of calibrated forecasts with these
    counts lie with the nominal probability. Whiskers are confidence intervals of the accuracy. Both
    are drawn if the curve has them. A bin with fewer than 5 answers is pale.

    Args:
        curve: A curve of `scoring_theory.calibration.reliability_curve`, or forecasts, whose curve
            has intervals, and a point per stated value if there are few values, else ten bins.
        name: The name of the method, for the title; it determines colour and marker.
        note: A remark for the title, such as "ECE 0.302".
        width: Of the figure.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> figure = reliability_diagram(Forecasts(confidence=[0.2, 0.8], correct=[0, 1]))
        >>> [panel.get_ylabel() for panel in figure.axes]
        ['Observed accuracy', 'Answers']
    """
    curve = _as_curve(curve)
    with paper_style(width):
        figure, axes = panel_grid(
            2, 1, ratio=0.48, sharex=True, gridspec_kw={"height_ratios": (4, 1)}
        )
        _reliability(axes[0, 0], curve, name, areas=False)
        axes[1, 0].bar(curve.confidence, curve.rows, width=0.03, color=style_of(name).color)
        axes[0, 0].set(
            title=as_text(f"{name}: {note}" if note else name), ylabel="Observed accuracy"
        )
        axes[1, 0].set(xlabel="Stated confidence", ylabel="Answers")
        figure.align_ylabels()
        _explain(figure, curve, areas=False)
    return figure


def reliability_grid(
    curves: Mapping[tuple[str, str], ReliabilityCurve | Forecasts],
    *,
    notes: Mapping[tuple[str, str], str] | None = None,
    caption: str = "",
    width: Width | None = None,
) -> Figure:
    """Reliability diagrams of methods (columns) on datasets (rows).

    The area of a point is its share of the answers; a bin with fewer than 5 answers is pale, and no
    line joins it. With one dataset the methods fill as many rows
    as they need.

    Args:
        curves: By (method, dataset), in drawing order, at least one; missing cells stay empty. A
            log without datasets has the dataset "". Forecasts are treated as by
            `reliability_diagram`.
        notes: A line above a panel, by the same keys, such as "ECE 0.302".
        caption: A line above everything, such as the source of a synthetic log.
        width: Of the figure; by default half for up to two columns.

    Raises:
        ValueError: `curves` is empty.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(confidence=[0.2, 0.8], correct=[0, 1])
        >>> figure = reliability_grid({("Base", ""): forecasts, ("RLCR", ""): forecasts})
        >>> figure.axes[1].get_xlabel()
        'Stated confidence'
    """
    if not curves:
        raise ValueError("`curves` must hold at least one reliability curve, got none")
    drawn = {key: _as_curve(curve) for key, curve in curves.items()}
    places, rows, columns = _places(drawn)
    with paper_style(width or ("half" if columns <= 2 else "full")):
        heading = 0.32 if notes else 0.2
        figure, axes = panel_grid(
            rows, columns, ratio=0.86, extra=rows * heading + 0.3, sharex=True, sharey=True
        )
        for panel in set(axes.flat) - {axes[place] for place in places.values()}:
            panel.set_visible(False)
        for (method, dataset), place in places.items():
            _reliability(axes[place], drawn[method, dataset], method, areas=True)
            axes[place].set_title(
                as_text((notes or {}).get((method, dataset), "")),
                fontsize=small_size(),
                pad=scale_points(2),
            )
        _grid_labels(axes, places, height=scale_points(14 if notes else 4))
        _name_rows(figure, axes, rows)
        add_caption(figure, caption)
        _explain(figure, next(iter(drawn.values())), areas=True)
    return figure


def reliability_of_log(
    rollouts: Rollouts, *, bins: int = 10, closed: Closed = "left"
) -> tuple[dict[tuple[str, str], ReliabilityCurve], dict[tuple[str, str], str]]:
    """The curves of a log by (method, dataset), in bins, and a note with the ECE of each.

    Methods without any stated confidence have no curve.

    Example:
        >>> from scoring_theory.rollouts import example_rollouts
        >>> curves, notes = reliability_of_log(example_rollouts())
        >>> list(notes.values())[0]
        'ECE (ten bins) 0.246'
    """
    curves, notes = {}, {}
    for method in rollouts.methods:
        for dataset in rollouts.datasets or (None,):
            if not rollouts.states(method=method, dataset=dataset):
                continue
            forecasts = rollouts.forecasts(method=method, dataset=dataset)
            cell = (method, dataset or "")
            curves[cell] = reliability_curve(
                forecasts, bins=bins, closed=closed, rng=np.random.default_rng(0)
            )
            error = expected_calibration_error(forecasts, bins=bins, closed=closed)
            notes[cell] = f"ECE ({'ten' if bins == 10 else bins} bins) {error:.3f}"
    return curves, notes


def _name_rows(figure: Figure, axes: Any, rows: int) -> None:
    """The label of the vertical axes, centred beside the panels and not beside the whole figure."""
    if rows == 1:
        axes[0, 0].set_ylabel(_joined(axes[0, 0].get_ylabel()))
        return
    figure.supylabel("Observed accuracy")


def _joined(dataset: str) -> str:
    return f"{dataset}\nObserved accuracy" if dataset else "Observed accuracy"


def _as_curve(curve: ReliabilityCurve | Forecasts) -> ReliabilityCurve:
    """The curve itself, or the curve of forecasts, with a fixed seed for its intervals."""
    if isinstance(curve, ReliabilityCurve):
        return curve
    few = curve.levels.value.size <= _FEW_VALUES
    return reliability_curve(curve, bins="values" if few else 10, rng=np.random.default_rng(0))


def _places(
    curves: Mapping[tuple[str, str], ReliabilityCurve],
) -> tuple[dict[tuple[str, str], tuple[int, int]], int, int]:
    methods, datasets = (list(dict.fromkeys(names)) for names in zip(*curves, strict=True))
    if len(datasets) > 1:
        places = {key: (datasets.index(key[1]), methods.index(key[0])) for key in curves}
        return places, len(datasets), len(methods)
    columns = min(_MOST_COLUMNS, len(methods))
    return (
        {key: divmod(i, columns) for i, key in enumerate(curves)},
        -(-len(methods) // columns),
        columns,
    )


def _grid_labels(
    axes: Any, places: Mapping[tuple[str, str], tuple[int, int]], *, height: float
) -> None:
    several = len({dataset for _, dataset in places}) > 1
    taken = set(places.values())
    for (method, dataset), (row, column) in places.items():
        panel = axes[row, column]
        if not several or not taken & {(above, column) for above in range(row)}:
            spot: dict[str, Any] = {
                "xycoords": "axes fraction",
                "textcoords": "offset points",
                "ha": "center",
            }
            panel.annotate(as_text(method), (0.5, 1), (0, height), **spot)
        first = not taken & {(row, before) for before in range(column)}
        panel.tick_params(labelleft=first, labelbottom=(row + 1, column) not in taken)
        if first:
            panel.set_ylabel(as_text(dataset))
        if row == len(axes) - 1:  # one label for all would be covered by the legend
            panel.set_xlabel("Stated confidence")


def _has_ends(curve: ReliabilityCurve) -> bool:
    return bool(np.isfinite(curve.consistent_low).all())


def _reliability(panel: Axes, curve: ReliabilityCurve, name: str, *, areas: bool) -> None:
    style, q, frequency = style_of(name), curve.confidence, curve.frequency
    panel.plot(
        [0, 1], [0, 1], color=GREY, linewidth=scale_points(0.6), linestyle=(0, (4.0, 1.6)), zorder=1
    )
    if _has_ends(curve):
        panel.vlines(q, curve.consistent_low, curve.consistent_high, **_CONSISTENT)
        panel.vlines(q, curve.low, curve.high, color=style.color, linewidth=scale_points(0.8))
    enough = curve.rows >= _FEW_ANSWERS
    panel.plot(
        q[enough], frequency[enough], color=style.color, linewidth=scale_points(0.6), alpha=0.6
    )
    sizes = 5 + 55 * curve.rows / curve.rows.sum() if areas else np.full(q.shape, 16.0)
    for shown, alpha in ((enough, 1.0), (~enough, _PALE)):
        panel.scatter(
            q[shown],
            frequency[shown],
            s=sizes[shown] * scale_points(1.0) ** 2,
            c=style.color,
            alpha=alpha,
            marker=style.marker,
            linewidths=0,
            zorder=3,
            clip_on=False,
        )
    panel.set(**_EDGES, **_TICKS)


def _explain(figure: Figure, curve: ReliabilityCurve, *, areas: bool) -> None:
    handles = (
        [Line2D([], [], **_CONSISTENT, label="Consistency interval (if calibrated)")]
        if _has_ends(curve)
        else []
    )
    if _has_ends(curve):
        handles.append(
            Line2D([], [], color="black", linewidth=scale_points(0.8), label="Confidence interval")
        )
    if areas:
        area: dict[str, Any] = {"color": "black", "marker": "o", "linestyle": "none"}
        handles.append(Line2D([], [], **area, label="Area: share of answers"))
    if handles:
        columns = len(handles) if figure.get_figwidth() > _NARROW else 2
        legend_below(figure, handles, columns=columns)


def reliability_columns(
    curves: Mapping[tuple[str, str], ReliabilityCurve | Forecasts],
) -> dict[str, NDArray[Any]]:
    """The curves as one long table for `save`: one row per method, dataset and bin.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> curves = {("RLCR", ""): Forecasts(confidence=[0.2, 0.8], correct=[0, 1])}
        >>> reliability_columns(curves)["confidence"].tolist()
        [0.2, 0.8]
    """
    drawn = [_as_curve(curve) for curve in curves.values()]
    parts, sizes = [curve.columns() for curve in drawn], [curve.rows.size for curve in drawn]
    names = {
        label: np.repeat([key[i] for key in curves], sizes)
        for i, label in enumerate(("method", "dataset"))
    }
    return {
        **names,
        **{column: np.concatenate([part[column] for part in parts]) for column in parts[0]},
    }
