"""The drawings of a replay's page: what was stated and how often it was right, what was earned, how methods compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scoring_theory.calibration import CorpCurve, Forecasts
    from scoring_theory.replaying import Replay
    from scoring_theory.rollouts import Rollouts

_COLUMNS = 6
_BANDED = 2000
_COMPARED = 8


def drawings(rollouts: Rollouts, replayed: Replay) -> dict[str, str]:
    """SVG by caption."""
    from scoring_theory.plotting import svg

    return {caption: svg(figure) for caption, figure in _figures(rollouts, replayed)}


def _figures(rollouts: Rollouts, replayed: Replay) -> Iterator[tuple[str, Figure]]:
    from scoring_theory.plotting import corp_diagrams, reward_chart

    for place in replayed.datasets if len(replayed.datasets) > 1 else (None,):
        cells = [one for one in replayed.at(place) if one.n]
        for part in (cells[start : start + _COLUMNS] for start in range(0, len(cells), _COLUMNS)):
            stated = {
                one.method: rollouts.forecasts(method=one.method, dataset=place) for one in part
            }
            notes = {one.method: f"ECE {one.ece:.3f}" for one in part}
            curves = {method: _curve(forecasts) for method, forecasts in stated.items()}
            yield (
                _caption(place, [one.method for one in part], len(cells)),
                corp_diagrams(curves, notes=notes),
            )
    pooled = [one for one in replayed.at(None) if one.n]
    if 1 < len(pooled) <= _COMPARED:
        yield (
            "All rows: reliability, worth at every threshold, and errors among the surest",
            _comparison({one.method: rollouts.forecasts(method=one.method) for one in pooled}),
        )
    if replayed.rewards:
        earned = {
            name: {one.method: one.rewards[name] for one in replayed.at(None)}
            for name in replayed.rewards
        }
        yield "All rows: what each reward would have paid", reward_chart(earned)


def _caption(place: str | None, methods: Sequence[str], all_methods: int) -> str:
    which = f" ({', '.join(methods)})" if len(methods) < all_methods else ""
    return (
        f"{place or 'All rows'}{which}: how often answers are right, by stated confidence; below,"
        " what was stated"
    )


def _curve(forecasts: Forecasts) -> CorpCurve:
    import numpy as np

    from scoring_theory.calibration import corp_curve

    banded = forecasts.levels.value.size <= _BANDED
    return corp_curve(forecasts, rng=np.random.default_rng(0) if banded else None)


def _comparison(stated: dict[str, Forecasts]) -> Figure:
    from scoring_theory.calibration import corp_curve, murphy_diagram, risk_coverage
    from scoring_theory.plotting import comparison

    return comparison(
        {name: corp_curve(forecasts) for name, forecasts in stated.items()},
        {name: murphy_diagram(forecasts) for name, forecasts in stated.items()},
        {name: risk_coverage(forecasts) for name, forecasts in stated.items()},
    )
