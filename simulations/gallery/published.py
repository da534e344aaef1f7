"""The figures of published results beside what the theory says about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.study import Study

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn, Width
    from simulations.evidence import PredictedNumber, TableResidual
    from simulations.fitting import Profile


def _residuals(_: Study) -> tuple[TableResidual, ...]:
    from simulations.evidence import table_residuals

    return table_residuals()


def _draw(residuals: Sequence[TableResidual], _: Width) -> Drawn:
    from simulations.figures import table_law_figure

    return table_law_figure(residuals)


def _alt(residuals: Sequence[TableResidual]) -> str:
    from simulations.evidence import method_errors

    everything = method_errors(residuals)[-1]
    lowest = min(one.error for one in residuals)
    return (
        f"Implied against published Brier scores of {everything.cells} cells of RLCR, close"
        f" to the diagonal: the mean absolute error is {everything.mean:.4f}. Beside it the"
        f" residuals; the lowest is {lowest:.3f}, and most lie between -0.01 and 0.01."
    )


TABLE_LAW_FIGURE = GalleryFigure(
    title="The Brier score that three published numbers imply",
    collect=_residuals,
    draw=_draw,
    describe=_alt,
    caption=(
        "The Brier score that accuracy, AUROC and mean confidence imply, against the published one,"
        " for the 88 cells of RLCR's results (left), and the difference (right)."
    ),
)


def _predictions(_: Study) -> tuple[PredictedNumber, ...]:
    from simulations.evidence import predictions

    return predictions()


def _draw_predictions(some: Sequence[PredictedNumber], _: Width) -> Drawn:
    from simulations.figures import prediction_figure

    return prediction_figure(some)


def _describe_predictions(some: Sequence[PredictedNumber]) -> str:
    from simulations.evidence import prediction_errors

    here, away = (
        prediction_errors([one for one in some if one.in_distribution == inside])
        for inside in (True, False)
    )
    return (
        f"Predicted minus published numbers of RLVR and RLCR, with bands by n. On the test sets of"
        f" training {here.agree} of {here.cells} are within 0.05, and the largest error is"
        f" {here.largest:.2f}; on the others {away.agree} of {away.cells}, and the largest is"
        f" {away.largest:.2f}."
    )


PREDICTION_FIGURE = GalleryFigure(
    title="Rows of RLVR and RLCR predicted from the row before training",
    collect=_predictions,
    draw=_draw_predictions,
    describe=_describe_predictions,
    caption=(
        "Predicted minus published numbers of RLVR and RLCR. The knobs were fitted to the row"
        " before training and two borrowed numbers, and written down before the comparison; on the"
        r" other test sets (below the first row) one hidden shift is borrowed. Lines: 95\,\% of"
        " test sets of this size by chance alone. Shaded: errors up to .05."
    ),
    seed=0,
    seconds=3,
)


def _profiles(_: Study) -> dict[str, tuple[Profile, ...]]:
    from simulations.evidence import knob_profiles

    return {
        "Base on HotpotQA": knob_profiles("Hotpot"),
        "Base on Big-Math": knob_profiles("Math"),
    }


def _draw_profiles(profiles: Mapping[str, Sequence[Profile]], _: Width) -> Drawn:
    from simulations.figures import profile_figure

    return profile_figure(profiles)


def _describe_profiles(profiles: Mapping[str, Sequence[Profile]]) -> str:
    said = []
    for name, some in profiles.items():
        open_ones = [one.knob.replace("_", " ") for one in some if one.verdict != "identified"]
        said.append(f"for {name} those of {', '.join(open_ones)}")
    return (
        "The lowest loss for each value of seven knobs, given the row before training. Most curves"
        f" have a minimum inside of the range; at an end of it lie below 3.84 {'; '.join(said)}."
    )


PROFILE_FIGURE = GalleryFigure(
    title="Which knobs a row before training identifies",
    collect=_profiles,
    draw=_draw_profiles,
    describe=_describe_profiles,
    caption=(
        "The lowest loss for each value of a knob, with the other knobs of the agent fitted anew,"
        r" given Base's row. Values below the line ($\chi^2_1$, 95\,\%) are accepted: the row says"
        " little about headroom, visible difficulty and sharpness."
    ),
)
