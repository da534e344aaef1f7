"""The figures of a replay's HTML page: reliability, comparison of methods, and mean rewards."""

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
    """The figures as SVG, by caption.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> log = example_rollouts()
        >>> shown = drawings(log, replay(log, {}, intervals=False))
        >>> [caption.partition(":")[0] for caption in shown]
        ['All rows', 'All rows']
    """
    from scoring_theory.plotting import svg

    return {caption: svg(figure) for caption, figure in _figures(rollouts, replayed)}


def _figures(rollouts: Rollouts, replayed: Replay) -> Iterator[tuple[str, Figure]]:
    from scoring_theory.plotting import corp_diagrams, reward_chart

    for dataset in replayed.datasets if len(replayed.datasets) > 1 else (None,):
        cells = [cell for cell in replayed.at(dataset) if cell.n]
        for start in range(0, len(cells), _COLUMNS):
            shown = cells[start : start + _COLUMNS]
            curves = {
                cell.method: _curve(rollouts.forecasts(method=cell.method, dataset=dataset))
                for cell in shown
            }
            notes = {cell.method: f"ECE {cell.ece:.3f} (ten bins)" for cell in shown}
            yield _caption(dataset, list(curves), len(cells)), corp_diagrams(curves, notes=notes)
    pooled = [cell for cell in replayed.at(None) if cell.n]
    if 1 < len(pooled) <= _COMPARED and not replayed.graded:
        yield (
            "All rows: CORP reliability, mean reward of every threshold bet, and risk by coverage",
            _comparison({cell.method: rollouts.forecasts(method=cell.method) for cell in pooled}),
        )
    if replayed.rewards:
        means = {
            name: {cell.method: cell.rewards[name] for cell in replayed.at(None)}
            for name in replayed.rewards
        }
        yield "All rows: mean reward under each reward", reward_chart(means)


def _caption(place: str | None, methods: Sequence[str], all_methods: int) -> str:
    which = f" ({', '.join(methods)})" if len(methods) < all_methods else ""
    return (
        f"{place or 'All rows'}{which}: observed accuracy by stated confidence (CORP: isotonic"
        " regression), and the distribution of stated confidences"
    )


def _curve(forecasts: Forecasts) -> CorpCurve:
    import numpy as np

    from scoring_theory.calibration import corp_curve

    banded = forecasts.levels.value.size <= _BANDED and not forecasts.graded
    return corp_curve(forecasts, rng=np.random.default_rng(0) if banded else None)


def _comparison(stated: dict[str, Forecasts]) -> Figure:
    from scoring_theory.calibration import corp_curve, murphy_diagram, risk_coverage
    from scoring_theory.plotting import comparison

    return comparison(
        {name: corp_curve(forecasts) for name, forecasts in stated.items()},
        {name: murphy_diagram(forecasts) for name, forecasts in stated.items()},
        {name: risk_coverage(forecasts) for name, forecasts in stated.items()},
    )
