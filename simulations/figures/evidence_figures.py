"""Published numbers beside what the theory says about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style
from scoring_theory.plotting.style import legend_below
from simulations.fitting import ACCEPTED

if TYPE_CHECKING:
    from simulations.evidence import PredictedNumber, TableResidual
    from simulations.fitting import Profile

_LOOK = {
    "Base": ("black", "o"),
    "RLVR": ("vermillion", "s"),
    "RLVR-Classifier": ("orange", "D"),
    "Answer-Prob": ("purple", "^"),
    "RLCR": ("blue", "v"),
    "SFT-RLCR": ("sky", "P"),
}

_METRIC_LOOK = {
    "accuracy": ("black", "o"),
    "auroc": ("blue", "s"),
    "brier": ("vermillion", "^"),
    "ece": ("green", "D"),
}
_SET_NAMES = {
    "hotpot-vanilla-eval-em": "HotpotQA",
    "hotpot-eval-em": "HotpotQA-M",
    "big-math-digits": "Big-Math",
    "commonsenseqa": "CSQA",
    "gpqa": "GPQA",
    "gsm8k": "GSM8K",
    "math-500": "MATH-500",
    "simpleqa": "SimpleQA",
    "trivia": "TriviaQA",
}
_HIGHEST = 20.0
"""The largest loss above the lowest that a profile shows."""
_METRIC_NAMES = {"accuracy": "Accuracy", "auroc": "AUROC", "brier": "Brier score", "ece": "ECE"}


def table_law_figure(residuals: Sequence[TableResidual]) -> Drawn:
    """The Brier score that accuracy, AUROC and mean confidence imply, against the published one.

    Left: every cell; on the diagonal both are equal. Right: implied minus published Brier score of
    the same cells.

    Args:
        residuals: see `simulations.evidence.table_residuals`.

    Example:
        >>> from simulations.evidence import table_residuals
        >>> len(table_law_figure(table_residuals()).figure.axes)
        2
    """
    published = np.array([one.row.brier for one in residuals])
    implied = np.array([one.implied.brier for one in residuals])
    methods = np.array([one.row.method for one in residuals])
    curves = Curves()
    with paper_style("full"):
        figure, panels = panel_grid(1, 2, ratio=0.85, extra=0.45)
        left, right = panels[0]
        left.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
        right.axhline(0, color="0.6", linewidth=0.8)
        for method in dict.fromkeys(methods):
            colour, marker = _LOOK[method]
            style = {
                "color": OKABE_ITO[colour],
                "marker": marker,
                "linestyle": "",
                "markersize": 3.5,
                "alpha": 0.8,
            }
            of = methods == method
            left.plot(published[of], implied[of], label=method, **style)
            right.plot(published[of], (implied - published)[of], **style)
            curves.add("Implied Brier score", method, published[of], implied[of])
            curves.add("Implied minus published", method, published[of], (implied - published)[of])
        left.set(
            xlabel="Published Brier score",
            ylabel="Implied Brier score",
            xlim=(0, 0.95),
            ylim=(0, 0.95),
        )
        right.set(
            xlabel="Published Brier score",
            ylabel="Implied minus published",
            xlim=(0, 0.95),
            ylim=(-0.08, 0.08),
        )
        legend_below(figure, *left.get_legend_handles_labels(), columns=6)
    return Drawn(figure, curves.columns())


def prediction_figure(predictions: Sequence[PredictedNumber]) -> Drawn:
    """Predicted minus published numbers of RLVR and RLCR, every one, with bands by n.

    One panel for each training set and method; a row for each test set, that of training on top. A
    line is where 95 % of the predicted numbers are in test sets of this size by chance; the shaded
    band is the error that was called agreement before the comparison, .05.

    Args:
        predictions: see `simulations.evidence.predictions`.

    Example:
        >>> from simulations.evidence import predictions
        >>> home = [one for one in predictions("sharpness 4")]
        >>> len(prediction_figure(home).figure.axes)
        4
    """
    curves = Curves()
    sides = list(dict.fromkeys((one.trained_on, one.method) for one in predictions))
    with paper_style("full"):
        figure, panels = panel_grid(2, 2, ratio=0.78, extra=0.45, sharex=True)
        for panel, (trained_on, method) in zip(panels.flat, sides, strict=True):
            these = [p for p in predictions if (p.trained_on, p.method) == (trained_on, method)]
            sets = list(dict.fromkeys(p.dataset for p in these))
            sets.sort(key=lambda name: not any(p.in_distribution for p in these
                                               if p.dataset == name))  # fmt: skip
            panel.axvspan(-0.05, 0.05, color="0.9", linewidth=0)
            panel.axvline(0, color="0.6", linewidth=0.8)
            title = f"{method}, trained on {trained_on}"
            for metric, (colour, marker) in _METRIC_LOOK.items():
                some = [p for p in these if p.metric == metric]
                if not some:
                    continue
                offset = 0.18 * (list(_METRIC_LOOK).index(metric) - 1.5)
                rows = np.array([sets.index(p.dataset) + offset for p in some])
                error = np.array([p.error for p in some])
                low = np.array([p.low - p.published for p in some])
                high = np.array([p.high - p.published for p in some])
                panel.hlines(rows, low, high, color=OKABE_ITO[colour], linewidth=0.8)
                panel.plot(
                    error, rows, linestyle="", color=OKABE_ITO[colour], marker=marker,
                    markersize=3, label=_METRIC_NAMES[metric],
                )  # fmt: skip
                curves.add(title, _METRIC_NAMES[metric], error, rows, low=low, high=high)
            panel.set(title=title, ylim=(len(sets) - 0.5, -0.5))
            panel.set_yticks(range(len(sets)), [_SET_NAMES.get(name, name) for name in sets])
        for panel in panels[-1]:
            panel.set_xlabel("Predicted minus published")
        handles = panels[0, 1].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=4)
    return Drawn(figure, curves.columns())


def profile_figure(profiles: Mapping[str, Sequence[Profile]]) -> Drawn:
    """The lowest loss for each value of a knob; below the line a value is accepted.

    Losses above 20 are beyond the panels.

    Args:
        profiles: those of each row, by its name; see `simulations.evidence.knob_profiles`.

    Example:
        >>> from simulations.evidence import knob_profiles
        >>> len(profile_figure({"Hotpot": knob_profiles("Hotpot")}).figure.axes)
        7
    """
    curves = Curves()
    knobs = [one.knob for one in next(iter(profiles.values()))]
    with paper_style("full"):
        figure, panels = panel_grid(2, 4, ratio=0.9, extra=0.35, sharey=True)
        for panel, knob in zip(panels.flat, knobs, strict=False):
            panel.axhline(ACCEPTED, color="0.6", linewidth=0.8)
            for (name, some), colour in zip(profiles.items(), ("vermillion", "blue"), strict=False):
                one = next(each for each in some if each.knob == knob)
                x, loss = np.array(one.values), np.array(one.losses)
                loss = loss - min(one.best, *one.losses)
                panel.plot(x, loss, marker="o", markersize=2.5, color=OKABE_ITO[colour], label=name)
                curves.add(knob, name, x, loss)
            panel.set(title=knob.replace("_", " ").capitalize(), ylim=(-1, _HIGHEST))
        for empty in panels.flat[len(knobs) :]:
            empty.remove()
        for row in panels:
            row[0].set_ylabel("Loss above the lowest")
        figure.legend(
            *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2
        )
    return Drawn(figure, curves.columns())
