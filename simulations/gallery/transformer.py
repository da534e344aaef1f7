"""The figures of the study of a transformer, from its committed runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.study import Study

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn, Width
    from simulations.evidence import MeasuredPrediction, TransformerRuns

_FORMULAS = {
    "binary": "c",
    "RLCR": "rlcr",
    "2 x Brier": "c - 2*(q - c)^2",
    "c + log": "c + log",
}


def _runs(_: Study) -> TransformerRuns:
    from simulations.evidence import transformer_runs

    return transformer_runs()


def _draw_curves(runs: TransformerRuns, _: Width) -> Drawn:
    from simulations.figures import transformer_curves_figure

    return transformer_curves_figure(runs)


def _describe_curves(runs: TransformerRuns) -> str:
    seeds = len(runs.seeds("brier/mean"))
    ends = {
        name: [runs.final(f"{name}/mean", metric).mean() for metric in ("accuracy", "ece")]
        for name in ("binary", "brier", "log")
    }
    said = "; ".join(
        f"{title} {ends[name][0]:.2f} and {ends[name][1]:.2f}"
        for name, title in (("binary", "binary"), ("brier", "RLCR"), ("log", "c + log"))
    )
    confidence = runs.final("binary/mean", "mean_confidence")
    return (
        f"Accuracy, mean confidence and ECE of a small transformer over 2000 steps, {seeds} seeds."
        f" With the group's mean, accuracy and ECE end at {said}. Under the binary reward"
        f" confidence wanders: it ends between {confidence.min():.2f} and {confidence.max():.2f}."
    )


CURVES_FIGURE = GalleryFigure(
    title="A transformer trained with four rewards and two estimators",
    collect=_runs,
    draw=_draw_curves,
    describe=_describe_curves,
    caption=(
        "A transformer of $10^5$ parameters, pretrained on texts in which confidence follows skill"
        " and trained by policy gradient on a lookup task: a thin line for each of eight seeds, and"
        " their mean. Above: advantages with the group's mean as baseline. Below: also divided by"
        " the group's standard deviation. All metrics are exact."
    ),
    formulas=_FORMULAS,
    seed=0,
)


def _measured(_: Study) -> tuple[MeasuredPrediction, ...]:
    from simulations.evidence import measured_predictions

    return measured_predictions()


def _draw_predictions(some: Sequence[MeasuredPrediction], _: Width) -> Drawn:
    from simulations.figures import transformer_predictions_figure

    return transformer_predictions_figure(some)


def _describe_predictions(some: Sequence[MeasuredPrediction]) -> str:
    verdicts = [one.verdict for one in some]
    counts = ", ".join(
        f"{verdicts.count(word)} {word}" for word in ("agrees", "not decided", "contradicted")
    )
    return (
        "Accuracy, mean confidence and ECE at the end of training in every setting of the study,"
        f" beside the ranges that were predicted. Of all {len(some)} predictions: {counts}."
    ).replace("agrees", "agree")


PREDICTIONS_FIGURE = GalleryFigure(
    title="What the bandit predicts of a transformer, and what was measured",
    collect=_measured,
    draw=_draw_predictions,
    describe=_describe_predictions,
    caption=(
        "The transformer at the end of training: means over seeds with 95\\,\\% intervals, beside"
        " the ranges that were written down before the study (grey)."
    ),
    seed=0,
)


def _draw_causes(runs: TransformerRuns, _: Width) -> Drawn:
    from simulations.figures import transformer_causes_figure

    return transformer_causes_figure(runs)


def _describe_causes(runs: TransformerRuns) -> str:
    stated = runs.curves("binary/mean", "mean_confidence")[1]
    start = runs.final("binary/mean", "start_confidence")
    other, same = (start - stated[:, 0]).mean(), (stated[:, -1] - start)
    return (
        "The change of mean confidence under the binary reward in ten settings. With sampled"
        f" updates other answers raise it by {other:.3f} at every seed alike; about the same"
        f" answers it changes by {same.min():+.2f} to {same.max():+.2f}, differently at each seed."
    )


CAUSES_FIGURE = GalleryFigure(
    title="Why the confidence of a transformer wanders under a binary reward",
    collect=_runs,
    draw=_draw_causes,
    describe=_describe_causes,
    caption=(
        "The change of mean confidence under the binary reward, a dot for each seed: by other"
        " answers, about which the agent would have stated another confidence before training"
        " (left), and by another confidence about the same answers (right)."
    ),
    formulas={"binary": "c"},
    seed=0,
)
