"""The study of a transformer: its curves, its predictions, and what moves its confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style, styles_of
from scoring_theory.plotting.style import legend_below
from simulations.evidence.transformer_study import transformer_settings

if TYPE_CHECKING:
    from simulations.evidence.transformer_predictions import MeasuredPrediction
    from simulations.evidence.transformer_study import TransformerRuns

_CORE = ("binary", "brier", "double", "log")
_SHOWN = {"accuracy": "Accuracy", "mean_confidence": "Mean confidence", "ece": "ECE"}
_VERDICTS = {
    "agrees": ("blue", "o"),
    "not decided": ("orange", "D"),
    "contradicted": ("vermillion", "s"),
}
_CAUSES = (
    "binary/mean",
    "binary/mean/expected",
    "binary/mean/answers-only",
    "binary/mean/confidence-only",
    "binary/mean/two-networks",
    "binary/mean/expected-two-networks",
    "binary/mean/sampled-unrelated",
    "binary/mean/expected-unrelated",
    "binary/mean/sampled-opposite",
    "binary/mean/expected-opposite",
)


def transformer_curves_figure(runs: TransformerRuns) -> Drawn:
    """Accuracy, mean confidence and ECE of the core of the study, a thin line for each seed.

    Thick lines are means over seeds; the upper row has the group's mean as baseline, in the lower
    row advantages are also divided by the group's standard deviation.

    Args:
        runs: The runs, see `simulations.evidence.transformer_runs`.

    Example:
        >>> from simulations.evidence import transformer_runs
        >>> len(transformer_curves_figure(transformer_runs()).figure.axes)
        6
    """
    settings, data = transformer_settings(), Curves()
    titles = {name: settings[f"{name}/mean"].reward_title for name in _CORE}
    styles = styles_of(titles.values())
    with paper_style("full"):
        figure, panels = panel_grid(2, 3, ratio=0.72, extra=0.45, sharex=True, sharey="col")
        for row, (key, estimator) in enumerate((("mean", "Group mean"), ("std", "Group std"))):
            for panel, (metric, label) in zip(panels[row], _SHOWN.items(), strict=True):
                for name, title in titles.items():
                    steps, values = runs.curves(f"{name}/{key}", metric)
                    style = styles[title].line()
                    for seed, line in enumerate(values):
                        panel.plot(steps, line, **{**style, "linewidth": 0.4, "alpha": 0.45})
                        data.add(f"{label}, {estimator}", f"{title}, seed {seed}", steps, line)
                    panel.plot(steps, values.mean(axis=0), label=title, **style)
                    data.add(f"{label}, {estimator}", title, steps, values.mean(axis=0))
                panel.set(
                    title="" if row else label,
                    xlabel="Training step" if row else "",
                    ylim=(0, None),
                )
            panels[row, 0].set_ylabel(estimator)
        legend_below(figure, *panels[0, 0].get_legend_handles_labels(), columns=4)
    return Drawn(figure, data.columns())


def transformer_predictions_figure(measured: Sequence[MeasuredPrediction]) -> Drawn:
    """The numbers at the end of training beside the ranges that were predicted.

    A grey bar is the range that was written down before the study, a point the mean over seeds with
    its 95 % interval. Shown are the predictions of a single setting in distribution; the text lists
    all.

    Args:
        measured: See `simulations.evidence.measured_predictions`.

    Example:
        >>> from simulations.evidence import measured_predictions
        >>> len(transformer_predictions_figure(measured_predictions()).figure.axes)
        3
    """
    settings, data = transformer_settings(), Curves()
    shown = [
        one
        for one in measured
        if one.prediction.kind == "final"
        and not one.prediction.minus
        and one.prediction.place == "in"
        and one.seeds
    ]
    rows = list(dict.fromkeys(one.prediction.setting for one in shown))
    rows.sort(key=list(settings).index)
    with paper_style("full"):
        figure, panels = panel_grid(1, 3, ratio=2.1, extra=0.35, sharey=True)
        for panel, (metric, label) in zip(panels[0], _SHOWN.items(), strict=True):
            some = [one for one in shown if one.prediction.metric == metric]
            at = [rows.index(one.prediction.setting) for one in some]
            ends = [np.array([getattr(one.prediction, end) for one in some])
                    for end in ("low", "high")]  # fmt: skip
            panel.hlines(at, *ends, color="0.82", linewidth=5)
            data.add(label, "predicted range", ends[0], at, low=ends[0], high=ends[1])
            for verdict, (colour, marker) in _VERDICTS.items():
                of = [one for one in some if one.verdict == verdict]
                at = [rows.index(one.prediction.setting) for one in of]
                value = np.array([one.value for one in of])
                low, high = (np.array([one.interval[end] for one in of]) for end in (0, 1))
                style = {"color": OKABE_ITO[colour], "marker": marker, "markersize": 3}
                panel.plot(value, at, linestyle="", label=verdict, **style)
                if of:
                    panel.hlines(at, low, high, color=OKABE_ITO[colour], linewidth=1.0)
                    data.add(label, verdict, value, at, low=low, high=high)
            panel.set(xlabel=label, xlim=(0, None), ylim=(len(rows) - 0.5, -0.5))
        panels[0, 0].set_yticks(range(len(rows)), [settings[name].title for name in rows])
        legend_below(figure, *panels[0, 0].get_legend_handles_labels(), columns=3)
    return Drawn(figure, data.columns())


def transformer_causes_figure(runs: TransformerRuns) -> Drawn:
    """How far the binary reward moves mean confidence, and by which of two ways, for every seed.

    Left: by other answers, about which the agent would have stated another confidence before
    training. Right: by another confidence about the same answers. Bars are means over seeds.

    Args:
        runs: The runs.

    Example:
        >>> from simulations.evidence import transformer_runs
        >>> len(transformer_causes_figure(transformer_runs()).figure.axes)
        2
    """
    settings, data = transformer_settings(), Curves()
    rows = [name for name in _CAUSES if name in runs.settings]
    with paper_style("full"):
        figure, panels = panel_grid(1, 2, ratio=1.0, extra=0.2, sharey=True)
        ways = ("Change by other answers", "Change for the same answers")
        for panel, label in zip(panels[0], ways, strict=True):
            panel.axvline(0, color="0.6", linewidth=0.8)
            for y, name in enumerate(rows):
                stated = runs.curves(name, "mean_confidence")[1]
                start = runs.curves(name, "start_confidence")[1][:, -1]
                change = start - stated[:, 0] if label == ways[0] else stated[:, -1] - start
                panel.barh(y, change.mean(), height=0.55, color=OKABE_ITO["sky"], alpha=0.6)
                panel.plot(
                    change, np.full(len(change), y), linestyle="", marker="o", markersize=2.2,
                    color="black", alpha=0.7,
                )  # fmt: skip
                data.add(label, settings[name].title, change, np.full(len(change), y))
            panel.set(xlabel=label, ylim=(len(rows) - 0.5, -0.5))
        names = [settings[name].title.removeprefix("binary, ") for name in rows]
        panels[0, 0].set_yticks(range(len(rows)), names)
    return Drawn(figure, data.columns())
