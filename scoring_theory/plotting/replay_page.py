"""The figures of a replay's HTML page: comparison of methods, reliability, and mean rewards.

Every panel is an image of its own, so that panels can stand below each other on narrow screens, and
its alternative text says what is seen in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.pages import Illustration, Image
from scoring_theory.replaying.story import direction, shown, with_ends

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scoring_theory.calibration import CorpCurve, Forecasts
    from scoring_theory.replaying import Cell, Replay
    from scoring_theory.rollouts import Rollouts

_BANDED = 2000
_COMPARED = 8
_CORP = (
    "CORP reliability diagrams: above, observed accuracy by stated confidence, estimated by"
    " isotonic regression, where a curve below the diagonal is overconfident; below, the"
    " distribution of stated confidences. The number is the ECE in {bins} bins of equal width."
)
_BAND = " Grey: the 95 % consistency band, where curves of calibrated answers lie."


def drawings(rollouts: Rollouts, replayed: Replay) -> list[Illustration]:
    """The figures, the most important first.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> log = example_rollouts()
        >>> shown = drawings(log, replay(log, {}, intervals=False))
        >>> [figure.caption[:20] for figure in shown]
        ['All rows. First, COR', 'All rows. CORP relia']
    """
    return [
        *_compared(rollouts, replayed),
        *_diagrams(rollouts, replayed),
        *_over_time(replayed),
        *_earned(replayed),
    ]


def transparent(figure: Figure) -> Figure:
    """The same figure without its white ground, for pages with a light and a dark look."""
    figure.patch.set_alpha(0)
    for axes in figure.axes:
        axes.patch.set_alpha(0)
    return figure


def _panel(figure: Figure, alt: str) -> Image:
    from scoring_theory.plotting import svg

    return Image(svg(transparent(figure)), alt)


def _compared(rollouts: Rollouts, replayed: Replay) -> Iterator[Illustration]:
    from scoring_theory.calibration import murphy_diagram, risk_coverage
    from scoring_theory.plotting.corp import behind_the_best, comparison_panels

    pooled = [cell for cell in replayed.at(None) if cell.n]
    if not 1 < len(pooled) <= _COMPARED or replayed.graded:
        return
    stated = {cell.method: rollouts.forecasts(method=cell.method) for cell in pooled}
    figures = comparison_panels(stated)
    reliability = "; ".join(
        f"{cell.method}: {direction(cell)}, ECE ({replayed.bins} bins) {shown(cell.ece)}"
        for cell in pooled
    )
    behind = behind_the_best({name: murphy_diagram(each) for name, each in stated.items()})
    risks = {name: risk_coverage(each) for name, each in stated.items()}
    halves = {
        name: float(np.interp(0.5, np.r_[0, each.coverage], np.r_[0, each.coverage * each.risk]))
        / 0.5
        for name, each in risks.items()
    }
    errors = "; ".join(
        f"{name} {shown(float(risks[name].risk[-1]))}, {shown(half)} in the surer half"
        for name, half in halves.items()
    )
    yield Illustration(
        "All rows. First, CORP reliability diagrams (isotonic regression). Second, Murphy diagrams,"
        " the mean reward of the bet that the answer is correct if its confidence exceeds t, as"
        " difference to the best method at each t; 0 is the best, and every safe reward is a"
        " mixture of these bets. Third, risk by coverage, the error rate among the share of answers"
        " with the largest confidences.",
        (
            _panel(figures["reliability"], f"Reliability. {reliability}."),
            _panel(figures["bets"], f"Murphy diagram. {_leaders(behind)}."),
            _panel(figures["risk"], f"Error rate among all answers: {errors}."),
        ),
    )


def _leaders(behind: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Which method is the best over which thresholds, as a sentence; and how far the worst lags."""
    names = list(behind)
    t = next(iter(behind.values()))[0]
    gaps = np.stack([gap for _, gap in behind.values()])
    ranges = [
        (name, [index for index, _ in each])
        for name, each in groupby(enumerate(gaps.argmax(axis=0).tolist()), lambda one: one[1])
    ]
    told = [
        f"{names[place]} for t from {t[indices[0]]:.2g} to {t[indices[-1]]:.2g}"
        for place, indices in ranges
        if len(indices) >= 0.03 * t.size
    ]
    worst, at = np.unravel_index(gaps.argmin(), gaps.shape)
    return (
        f"The best method is {', '.join(told[:6])}{', and others' if len(told) > 6 else ''}; the"
        f" largest gap is that of {names[int(worst)]}, {shown(float(gaps[worst, at]))} at t ="
        f" {t[at]:.2g}"
    )


def _diagrams(rollouts: Rollouts, replayed: Replay) -> Iterator[Illustration]:
    names = [cell.method for cell in replayed.at(None) if cell.n]
    for dataset in replayed.datasets if len(replayed.datasets) > 1 else (None,):
        cells = [cell for cell in replayed.at(dataset) if cell.n]
        panels, banded = [], False
        for cell in cells:
            forecasts = rollouts.forecasts(method=cell.method, dataset=dataset)
            curve = _curve(forecasts)
            banded |= bool(np.isfinite(curve.consistent_low).all())
            panels.append(_reliability(cell, curve, replayed.bins, names))
        if panels:
            place = "All rows" if dataset is None else dataset
            yield Illustration(
                f"{place}. {_CORP.format(bins=replayed.bins)}{_BAND if banded else ''}",
                tuple(panels),
            )


def _reliability(cell: Cell, curve: CorpCurve, bins: int, among: Sequence[str]) -> Image:
    from scoring_theory.plotting import corp_diagrams

    figure = corp_diagrams(
        {cell.method: curve},
        notes={cell.method: f"ECE, {bins} bins: {shown(cell.ece)}"},
        among=among,
        width="half",
    )
    below = float(curve.rows[curve.frequency < curve.confidence - 0.02].sum() / curve.rows.sum())
    above = float(curve.rows[curve.frequency > curve.confidence + 0.02].sum() / curve.rows.sum())
    ends = (
        f"from {shown(float(curve.frequency[0]))} at confidence {shown(float(curve.confidence[0]))}"
        f" to {shown(float(curve.frequency[-1]))} at {shown(float(curve.confidence[-1]))}"
    )
    return _panel(
        figure,
        f"{cell.method}: {direction(cell)}. Observed accuracy goes {ends}; {below:.0%} of the"
        f" answers lie below the diagonal by more than 0.02, {above:.0%} above it. ECE in {bins}"
        f" bins {with_ends(cell.ece_interval)}.",
    )


def _curve(forecasts: Forecasts) -> CorpCurve:
    from scoring_theory.calibration import corp_curve

    banded = forecasts.levels.value.size <= _BANDED and not forecasts.graded
    return corp_curve(forecasts, rng=np.random.default_rng(0) if banded else None)


def _over_time(replayed: Replay) -> Iterator[Illustration]:
    from scoring_theory.plotting.over_time_plots import course, course_in_words

    if replayed.over_time:
        panel = _panel(course(replayed).figure, course_in_words(replayed))
        yield Illustration("All rows by step.", (panel,))


def _earned(replayed: Replay) -> Iterator[Illustration]:
    from scoring_theory.plotting import reward_chart

    if not replayed.rewards:
        return
    panels = []
    for name in replayed.rewards:
        means = {cell.method: cell.rewards[name] for cell in replayed.at(None)}
        ranked = sorted(means, key=lambda method: -means[method].estimate)
        told = "; ".join(f"{method} {with_ends(means[method])}" for method in ranked)
        panels.append(
            _panel(
                reward_chart({name: means}, width="half"),
                f"Mean reward under {name}, the largest first: {told}.",
            )
        )
    bars = "" if replayed.level is None else f", with {replayed.level:.0%} intervals"
    yield Illustration(
        f"All rows. The mean reward of each method under each reward{bars}; the best is filled.",
        tuple(panels),
    )
