"""Training curves: accuracy and calibration under each reward, in and out of distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scoring_theory.catalogue.words import title
from scoring_theory.plotting import Curves, Drawn, panel_grid, paper_style, styles_of
from scoring_theory.plotting.style import (
    as_text,
    legend_below,
    scale_points,
    small_size,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from scoring_theory.plotting.style import RewardStyle
    from simulations.record import Record, Where

_DRIFT = ("accuracy", "mean_confidence", "ece", "confident_and_wrong")
_TITLES = {
    "accuracy": "Accuracy",
    "mean_confidence": "Mean confidence",
    "ece": "Calibration error (ECE)",
    "confident_and_wrong": "Confidently\nwrong ($q > 0.9$)",
}
_SIDES: tuple[tuple[Where, str], ...] = (
    ("in", "In\ndistribution"),
    ("out", "Out of\ndistribution"),
)
_BAND = (10, 90)  # percentiles over replicates


Numbers = NDArray[np.float64]
Panels = NDArray[np.object_]


def drift_figure(records: Sequence[Record]) -> Drawn:
    """Accuracy, mean confidence, ECE and confidently wrong rate during training.

    The upper row is in distribution, the lower row out of distribution. Lines are means over
    replicates and bands contain the middle 80 % of them. Panels of one column share their scale;
    those of different columns do not.

    Args:
        records: One per reward, of one kind of agent, with the same checkpoints.

    Raises:
        ValueError: If there are no records, or they have several kinds of agents, different
            checkpoints, or a common name.

    Example:
        >>> from dataclasses import replace
        >>> from simulations import run, standard_experiments
        >>> first = replace(standard_experiments("short")[0], steps=2, replicates=2, checkpoints=2)
        >>> drift_figure([run(first)]).figure.axes[0].get_title()
        'Accuracy'
    """
    _require_alike(records)
    data = Curves()
    styles = styles_of(record.name for record in records)
    with paper_style("full"):
        figure, panels = panel_grid(2, len(_DRIFT), ratio=0.78, sharex=True, sharey="col")
        for row, (where, side) in enumerate(_SIDES):
            for panel, metric in zip(panels[row], _DRIFT, strict=True):
                for record in records:
                    _line(data, panel, record, metric, where, styles[record.name])
                _dress(panel)
                panel.set(
                    title="" if row else _TITLES[metric], xlabel="Training step" if row else ""
                )
            panels[row, 0].set_ylabel(side)
        _finish(figure, panels, records)
    return Drawn(figure, data.columns())


def collapse_figure(records: Sequence[Record]) -> Drawn:
    """Accuracy and ECE: under unsafe rewards accuracy falls while calibration becomes perfect.

    Left: accuracy. Middle: ECE. Right: ECE by accuracy, with an arrow head in the direction of
    training. A truthful agent that learns to answer
    moves down and to the right; an agent with deliberate errors and confidence 0 moves down and to
    the left.

    Args:
        records: As for `drift_figure`.

    Raises:
        ValueError: As for `drift_figure`.
    """
    _require_alike(records)
    data = Curves()
    styles = styles_of(record.name for record in records)
    with paper_style("full"):
        figure, panels = panel_grid(1, 3, ratio=0.78)
        for panel, metric in zip(panels[0], ("accuracy", "ece"), strict=False):
            for record in records:
                _line(data, panel, record, metric, "in", styles[record.name])
            _dress(panel)
            panel.set(title=_TITLES[metric], xlabel="Training step")
        for record in records:
            _path(data, panels[0, 2], record, styles[record.name])
        panels[0, 2].set(
            xlabel="Accuracy", ylabel="ECE", title="Path of each reward", xlim=(-0.02, None)
        )
        _finish(figure, panels, records)
    return Drawn(figure, data.columns())


def _line(
    data: Curves, panel: Axes, record: Record, metric: str, where: Where, style: RewardStyle
) -> None:
    values = record.metric(metric, where)
    mean, (low, high) = values.mean(axis=0), np.percentile(values, _BAND, axis=0)
    panel.fill_between(record.steps, low, high, color=style.color, alpha=0.15, linewidth=0)
    panel.plot(record.steps, mean, label=as_text(title(record.name)), **style.line())
    place = f"{_TITLES[metric]}, {dict(_SIDES)[where].lower()}".replace("\n", " ")
    series = title(record.name)
    data.add(place, series, record.steps, mean, low=low, high=high)


def _path(data: Curves, panel: Axes, record: Record, style: RewardStyle) -> None:
    accuracy, ece = (record.metric(name).mean(axis=0) for name in ("accuracy", "ece"))
    data.add("ECE by accuracy, in distribution", title(record.name), accuracy, ece)
    panel.plot(accuracy, ece, **style.line())
    along = np.hypot(np.diff(accuracy), np.diff(ece)).cumsum()
    middle = int(np.searchsorted(along, along[-1] / 2)) + 1
    panel.annotate(
        "",
        (accuracy[middle], ece[middle]),
        (accuracy[middle - 1], ece[middle - 1]),
        arrowprops={"arrowstyle": "-|>", "color": style.color, "shrinkA": 0, "shrinkB": 0},
    )
    panel.plot(accuracy[-1:], ece[-1:], clip_on=False, zorder=3, **style.points())
    panel.plot(
        accuracy[:1], ece[:1], "o", color="white", markeredgecolor="black", clip_on=False, zorder=4
    )
    if not any(
        text.get_text() for text in panel.texts
    ):  # all curves start at the same point, so one label is enough
        panel.annotate(
            "Start",
            (accuracy[0], ece[0]),
            (scale_points(-4), scale_points(-2)),
            textcoords="offset points",
            ha="right",
            va="top",
            size=small_size(),
        )
        panel.margins(0.12)  # room for the word


def _dress(panel: Axes) -> None:
    panel.grid(axis="y")
    panel.margins(x=0)
    panel.locator_params(nbins=4)


def _finish(figure: Figure, panels: Panels, records: Sequence[Record]) -> None:
    # Set last, because a fixed lower end also stops the scaling of the upper end.
    for panel in panels.ravel():
        panel.set_ylim(bottom=0)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    legend_below(figure, handles, labels)


def _require_alike(records: Sequence[Record]) -> None:
    if not records:
        raise ValueError("a figure needs at least one record, got none")
    agents = {record.agent for record in records}
    if len(agents) > 1:
        raise ValueError(f"a figure shows one kind of agent, got {', '.join(sorted(agents))}")
    if any(not np.array_equal(record.steps, records[0].steps) for record in records):
        raise ValueError("all records of a figure must have the same checkpoints")
    names = [record.name for record in records]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(
            f"the records of a figure must have different names, got {twice[0]!r} twice or more"
        )
