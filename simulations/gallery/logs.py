"""The figures of a log: reliability, mean rewards, comparison of methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.replay_log import REPLAYED_REWARDS
from simulations.gallery.rewards import listed
from simulations.gallery.study import NAMES, Study

if TYPE_CHECKING:
    from scoring_theory.calibration import ConfidenceInterval, Forecasts
    from scoring_theory.plotting import Drawn, Width

_SYNTHETIC = "synthetic example"
_MOST = 6


class _Log(NamedTuple):
    shown: Any
    caption: str


def _note(study: Study) -> str:
    return _SYNTHETIC if study.log_is_synthetic else ""


def _reliability(study: Study) -> _Log:
    from scoring_theory.plotting import reliability_of_log

    return _Log(reliability_of_log(study.rollouts), _note(study))


def _reliability_draw(log: _Log, _: Width) -> Drawn:
    from scoring_theory.plotting import Drawn, reliability_columns, reliability_grid

    curves, notes = log.shown
    figure = reliability_grid(curves, notes=notes, caption=log.caption)
    return Drawn(figure, reliability_columns(curves))


def _reliability_alt(log: _Log) -> str:
    curves, notes = log.shown
    errors = [
        f"{method}{f' on {dataset}' if dataset else ''} {notes[method, dataset].split()[-1]}"
        for method, dataset in curves
    ]
    return (
        f"{len(curves)} reliability diagrams{_of(log)}: observed accuracy over stated confidence,"
        " with a dashed diagonal, grey consistency intervals on it and confidence intervals of the"
        f" points. Calibration errors (ten bins): {listed(errors)}."
    )


def _of(log: _Log) -> str:
    return f" of a {log.caption}" if log.caption else ""


RELIABILITY_FIGURE = GalleryFigure(
    title="Reliability of recorded answers",
    collect=_reliability,
    draw=_reliability_draw,
    describe=_reliability_alt,
    caption=(
        "Observed accuracy by stated confidence in ten bins. Grey: consistency intervals, in which"
        " the points of calibrated forecasts fall; whiskers: confidence intervals. Bins with fewer"
        " than 5 answers are pale."
    ),
    seed=0,
)


class _Earned(NamedTuple):
    means: Mapping[str, Mapping[str, ConfidenceInterval]]
    proper: Mapping[str, str]
    caption: str


def _earned(study: Study) -> _Earned:
    from scoring_theory.catalogue.words import parse_reward
    from scoring_theory.checking import check

    pooled = [cell for cell in study.replayed.cells if cell.dataset is None]
    names = list(pooled[0].rewards)
    proper = {}
    for name in names:
        report = check(parse_reward(name))
        proved = report.proper.status == "proved"
        kind = "strictly proper" if report.strict else "weakly proper"
        proper[NAMES.get(name, name)] = kind if proved else "improper"
    means = {
        NAMES.get(name, name): {cell.method: cell.rewards[name] for cell in pooled}
        for name in names
    }
    return _Earned(means, proper, _note(study))


def _earned_draw(found: _Earned, _: Width) -> Drawn:
    from scoring_theory.plotting import Drawn, earned_columns, reward_chart

    figure = reward_chart(found.means, proper=found.proper, caption=found.caption)
    return Drawn(figure, earned_columns(found.means))


def _earned_alt(found: _Earned) -> str:
    from scoring_theory.catalogue.words import title

    best = [
        f"{max(row, key=lambda method: row[method].estimate)} under {title(name)}"
        f" ({found.proper[name]})"
        for name, row in found.means.items()
    ]
    return (
        f"{len(found.means)} panels, one per reward, with the mean reward of each method as a dot"
        f" with its interval. The best method is filled: {listed(best)}."
    )


EARNED_FIGURE = GalleryFigure(
    title="Mean reward of each method",
    collect=_earned,
    draw=_earned_draw,
    describe=_earned_alt,
    caption=(
        "Mean reward of each method under five rewards, with 95\\,\\% bootstrap intervals; the best"
        " method is filled, and the grey line is $0$."
    ),
    formulas={name: name for name in REPLAYED_REWARDS},
    seed=0,
)


def _comparison(study: Study) -> dict[str, Forecasts]:
    methods = study.rollouts.methods[:_MOST]
    return {method: study.rollouts.forecasts(method=method) for method in methods}


def _comparison_draw(stated: Mapping[str, Forecasts], width: Width) -> Drawn:
    from scoring_theory.calibration import corp_curve, murphy_diagram, risk_coverage
    from scoring_theory.plotting import Drawn, comparison, comparison_columns

    parts: tuple[Any, Any, Any] = (
        {name: corp_curve(forecasts) for name, forecasts in stated.items()},
        {name: murphy_diagram(forecasts) for name, forecasts in stated.items()},
        {name: risk_coverage(forecasts) for name, forecasts in stated.items()},
    )
    return Drawn(comparison(*parts, width=width), comparison_columns(*parts))


def _comparison_alt(stated: Mapping[str, Forecasts]) -> str:
    from scoring_theory.calibration import murphy_diagram
    from scoring_theory.plotting.corp import behind_the_best

    behind = behind_the_best({name: murphy_diagram(each) for name, each in stated.items()})
    worst = [f"{name} {float(y.min()):.2f}" for name, (_, y) in behind.items()]
    return (
        f"Three panels with one curve per method: {listed(list(stated))}. Left, isotonic"
        " reliability curves beside the diagonal. Middle, the mean reward of each threshold bet"
        f" minus that of the best method; the lowest values are {listed(worst)}. Right, the error"
        " rate among the answers with the largest confidences, over their share."
    )


COMPARISON_FIGURE = GalleryFigure(
    title="Methods compared: reliability, Murphy diagram, risk and coverage",
    collect=_comparison,
    draw=_comparison_draw,
    describe=_comparison_alt,
    caption=(
        "Left: CORP reliability (isotonic regression). Middle: Murphy diagram, as the difference to"
        " the best method at each threshold. Right: risk by coverage."
    ),
)
