"""Figures of the quality of confidences: CORP reliability, Murphy diagrams, risk and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scoring_theory.calibration import (
    CorpCurve,
    Forecasts,
    MurphyDiagram,
    RiskCoverage,
    bin_edges,
    corp_curve,
    murphy_diagram,
    risk_coverage,
)
from scoring_theory.plotting.style import (
    GREY,
    Width,
    as_text,
    label_size,
    legend_below,
    panel_grid,
    paper_style,
    scale_points,
    styles_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


_UNIT: Mapping[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_DIAGONAL: Mapping[str, Any] = {
    "color": GREY,
    "linestyle": (0, (4.0, 1.6)),
    "zorder": 1,
}
_MOST_POINTS = 2000
_T = TypeVar("_T")
_BARS = 40


def corp_diagrams(
    curves: Mapping[str, CorpCurve | Forecasts],
    *,
    notes: Mapping[str, str] | None = None,
    among: Sequence[str] = (),
    width: Width = "full",
) -> Figure:
    """CORP reliability diagrams with consistency bands, one column per method.

    Above: the isotonic estimate of the accuracy at each stated confidence; a curve below the
    diagonal is overconfident. The grey band is the consistency band: calibrated forecasts with
    these values and counts lie in it with the nominal probability. Below: a histogram of stated
    confidences in bins of width 1/40. Each histogram has its own scale, since a method that always
    states 1 would flatten all others.

    Args:
        curves: By method, at least one: curves of `scoring_theory.calibration.corp_curve`, or
            forecasts, whose curve gets a band if their rows have equal weights.
        notes: A line under each name, such as "ECE 0.302".
        among: The methods of a report that has a figure for each, so that colours differ there.
        width: Of the figure.

    Raises:
        ValueError: `curves` is empty.

    Source: Dimitriadis, Gneiting and Jordan 2021, PNAS.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(confidence=[0.2, 0.8, 0.8], correct=[0, 1, 1])
        >>> above, below = corp_diagrams({"RLCR": forecasts}).axes
        >>> above.get_ylabel(), below.get_xlabel()
        ('Observed accuracy', 'Stated confidence')
    """
    if not curves:
        raise ValueError("`curves` must hold at least one CORP curve, got none")
    drawn = {name: _as_curve(curve) for name, curve in curves.items()}
    styles = styles_of([*among, *drawn])
    with paper_style(width):
        heights: dict[str, Any] = {"height_ratios": (4, 1)}
        figure, axes = panel_grid(
            2, len(curves), ratio=0.55, extra=0.7, sharex=True, gridspec_kw=heights
        )
        for (name, curve), above, below in zip(drawn.items(), axes[0], axes[1], strict=True):
            _steps(above, curve, styles[name].color)
            above.set_title(
                as_text(name + (f"\n{notes[name]}" if notes and name in notes else "")),
                fontsize=label_size(),
            )
            _histogram(below, curve, styles[name].color)
            below.set(xlabel="Stated confidence", **_UNIT)
            above.set(ylim=(-0.02, 1.02), yticks=(0, 0.5, 1), yticklabels=())
        axes[0, 0].set(ylabel="Observed accuracy", yticklabels=("0", "0.5", "1"))
        axes[1, 0].set(ylabel="Share")
        if any(np.isfinite(curve.consistent_low).all() for curve in drawn.values()):
            band = Patch(
                facecolor=GREY, alpha=0.35, linewidth=0, label="Consistency band (if calibrated)"
            )
            figure.legend(handles=[band], loc="outside lower center")
    return figure


def comparison(
    corp: Mapping[str, CorpCurve | Forecasts],
    murphy: Mapping[str, MurphyDiagram | Forecasts] | None = None,
    selection: Mapping[str, RiskCoverage | Forecasts] | None = None,
    *,
    width: Width = "full",
) -> Figure:
    """Compare methods in three panels: reliability, Murphy diagram, and risk by coverage.

    Left: CORP reliability. Middle: the Murphy diagram, the mean reward of each threshold bet. Safe
    rewards are mixtures of these bets, so of two curves that do not cross the upper one is better
    under every safe reward. Since such curves lie close together, each is drawn as its difference
    to the best method at that threshold: 0 is the best. Right: the error rate (risk) among the
    answers with the largest confidences.

    Args:
        corp: Curves by method, or forecasts by method, from which all three panels follow.
        murphy: By method; where the thresholds differ, values in between are interpolated.
        selection: By method.
        width: Of the figure.

    Raises:
        ValueError: If the three do not have the same methods, at least one.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(confidence=[0.2, 0.8, 0.8], correct=[0, 1, 1])
        >>> [panel.get_xlabel() for panel in comparison({"RLCR": forecasts}).axes]
        ['Stated confidence', 'Threshold $t$', 'Coverage']
    """
    bet_curves, risk_curves = (
        corp if murphy is None else murphy,
        corp if selection is None else selection,
    )
    if not corp or not corp.keys() == bet_curves.keys() == risk_curves.keys():
        raise ValueError(
            "the three panels need the same methods, got"
            f" {[sorted(x) for x in (corp, bet_curves, risk_curves)]}"
        )
    diagrams = {name: _of(MurphyDiagram, each, murphy_diagram) for name, each in bet_curves.items()}
    with paper_style(width):
        figure, axes = panel_grid(1, 3, ratio=0.85, extra=0.45)
        reliability, bets, risk = axes[0]
        _reliability(reliability, {name: _as_curve(corp[name], band=False) for name in corp})
        _bets(bets, {name: diagrams[name] for name in corp})
        _risks(risk, {name: _of(RiskCoverage, risk_curves[name], risk_coverage) for name in corp})
        _name_methods(figure, list(corp), columns=6)
    return figure


def comparison_panels(stated: Mapping[str, Forecasts]) -> dict[str, Figure]:
    """The three panels of `comparison` as figures of their own, for pages that stack them.

    Args:
        stated: Forecasts by method, at least one.

    Returns:
        The figures "reliability", "bets" and "risk".

    Example:
        >>> forecasts = Forecasts(confidence=[0.2, 0.8, 0.8], correct=[0, 1, 1])
        >>> list(comparison_panels({"RLCR": forecasts}))
        ['reliability', 'bets', 'risk']
    """
    figures = {}
    with paper_style("half"):
        for name in ("reliability", "bets", "risk"):
            figure, axes = panel_grid(ratio=0.75, extra=0.25)
            panel = axes[0, 0]
            if name == "reliability":
                curves = {method: _as_curve(each, band=False) for method, each in stated.items()}
                _reliability(panel, curves)
            elif name == "bets":
                _bets(panel, {method: murphy_diagram(each) for method, each in stated.items()})
            else:
                _risks(panel, {method: risk_coverage(each) for method, each in stated.items()})
            _name_methods(figure, list(stated), columns=3)
            figures[name] = figure
    return figures


def _reliability(panel: Axes, curves: Mapping[str, CorpCurve]) -> None:
    styles = styles_of(curves)
    for name, curve in curves.items():
        x, y = _corners(curve)
        panel.plot(x, y, **styles[name].line(), **_alone(x))
    panel.plot([0, 1], [0, 1], **_DIAGONAL, linewidth=scale_points(0.6))
    halves: dict[str, Any] = {"yticks": (0, 0.5, 1), "yticklabels": ("0", "0.5", "1")}
    panel.set(
        xlabel="Stated confidence",
        ylabel="Observed accuracy",
        ylim=(-0.02, 1.02),
        **halves,
        **_UNIT,
    )


def _bets(panel: Axes, diagrams: Mapping[str, MurphyDiagram]) -> None:
    styles = styles_of(diagrams)
    for name, behind in behind_the_best(diagrams).items():
        panel.plot(*behind, **styles[name].line())
    panel.axhline(0, **_DIAGONAL, linewidth=scale_points(0.6))
    panel.set(
        xlabel="Threshold $t$",
        ylabel="Mean reward of the bet\nminus the best method's",
        **_UNIT,
    )


def _risks(panel: Axes, curves: Mapping[str, RiskCoverage]) -> None:
    styles = styles_of(curves)
    for name, curve in curves.items():
        _risk(panel, curve, styles[name].line())
    panel.set(xlabel="Coverage", ylabel="Risk (error rate)", ylim=(0, None), **_UNIT)


def _name_methods(figure: Figure, names: list[str], *, columns: int) -> None:
    handles = [
        Line2D([], [], **style.line(), label=as_text(name))
        for name, style in styles_of(names).items()
    ]
    legend_below(figure, handles, columns=columns)


def behind_the_best(
    diagrams: Mapping[str, MurphyDiagram],
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Thresholds, and the payoff of each method minus that of the best method there; 0 is the best.

    Example:
        >>> diagram = MurphyDiagram(*np.array([[0.0, 1.0], [0.5, 0.0], [0.0, 0.0]]))
        >>> worse = MurphyDiagram(*np.array([[0.0, 1.0], [0.3, 0.0], [0.2, 0.0]]))
        >>> behind_the_best({"a": diagram, "b": worse})["b"][1].round(3).tolist()
        [-0.2, 0.0]
    """
    t = np.unique(np.concatenate([each.threshold for each in diagrams.values()]))
    payoffs = {name: np.interp(t, each.threshold, each.payoff) for name, each in diagrams.items()}
    best = np.max(list(payoffs.values()), axis=0)
    return {name: (t, payoff - best) for name, payoff in payoffs.items()}


def _as_curve(curve: CorpCurve | Forecasts, *, band: bool = True) -> CorpCurve:
    """The curve itself, or the curve of forecasts, with a fixed seed for the band."""
    if isinstance(curve, CorpCurve):
        return curve
    return corp_curve(curve, rng=np.random.default_rng(0) if band and curve.unweighted else None)


def _of(kind: type[_T], curve: object, made: Callable[[Forecasts], _T]) -> _T:
    """The curve itself, or the curve of forecasts."""
    if isinstance(curve, kind):
        return curve
    if isinstance(curve, Forecasts):
        return made(curve)
    raise TypeError(f"expected a {kind.__name__} or Forecasts, got {curve!r}")


def comparison_columns(
    corp: Mapping[str, CorpCurve],
    murphy: Mapping[str, MurphyDiagram],
    selection: Mapping[str, RiskCoverage],
) -> dict[str, NDArray[Any]]:
    """The curves of `comparison` as one long table for `save`: method, curve, x, y.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(confidence=[0.2, 0.8, 0.8], correct=[0, 1, 1])
        >>> columns = comparison_columns(
        ...     {"RLCR": corp_curve(forecasts)},
        ...     {"RLCR": murphy_diagram(forecasts)},
        ...     {"RLCR": risk_coverage(forecasts)},
        ... )
        >>> list(columns)
        ['method', 'curve', 'x', 'y']
    """
    parts: list[tuple[str, str, NDArray[np.float64], NDArray[np.float64]]] = []
    behind = behind_the_best(murphy)
    for name in corp:
        parts.append((name, "reliability (CORP)", *_corners(corp[name])))
        parts.append((name, "threshold bet minus the best", *behind[name]))
        parts.append((name, "risk by coverage", *_risk_by_coverage(selection[name])))
    sizes = [x.size for _, _, x, _ in parts]
    return {
        "method": np.repeat([name for name, _, _, _ in parts], sizes),
        "curve": np.repeat([curve for _, curve, _, _ in parts], sizes),
        "x": np.concatenate([x for _, _, x, _ in parts]),
        "y": np.concatenate([y for _, _, _, y in parts]),
    }


def _corners(curve: CorpCurve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The isotonic estimate as a line: constant in runs of equal frequency, linear in between."""
    f = curve.frequency
    edge = np.ones(f.size, dtype=np.bool_)
    edge[1:-1] = (f[1:-1] != f[:-2]) | (f[1:-1] != f[2:])
    return curve.confidence[edge], f[edge]


def _steps(panel: Axes, curve: CorpCurve, color: str) -> None:
    panel.plot([0, 1], [0, 1], **_DIAGONAL, linewidth=scale_points(0.6))
    if np.isfinite(curve.consistent_low).all():
        shown = _thinned(curve.confidence.size)
        band: dict[str, Any] = {"color": GREY, "alpha": 0.35, "linewidth": 0}
        panel.fill_between(
            curve.confidence[shown],
            curve.consistent_low[shown],
            curve.consistent_high[shown],
            **band,
        )
    x, y = _corners(curve)
    panel.plot(
        x,
        y,
        color=color,
        marker="o" if x.size <= 25 else "",
        markersize=scale_points(2.5),
        clip_on=False,
    )


def _histogram(panel: Axes, curve: CorpCurve, color: str) -> None:
    counts, edges = np.histogram(
        curve.confidence, bins=bin_edges(_BARS), weights=curve.rows / curve.rows.sum()
    )
    panel.bar(edges[:-1], counts, width=1 / _BARS, align="edge", color=color, linewidth=0)
    most = float(counts.max())
    panel.set(ylim=(0, most), yticks=(0, most), yticklabels=("0", f"{most:.2g}"))


def _risk(panel: Axes, curve: RiskCoverage, line: Mapping[str, Any]) -> None:
    """Draw risk by coverage; within ties the errors are linear in coverage, so the risk is not."""
    panel.plot(*_risk_by_coverage(curve), **line)


def _risk_by_coverage(curve: RiskCoverage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    share = np.linspace(0.01, 1, 400)
    errors = np.interp(share, np.r_[0, curve.coverage], np.r_[0, curve.coverage * curve.risk])
    return share, errors / share


def _alone(x: NDArray[np.float64]) -> dict[str, Any]:
    """A marker for a curve that is a single point."""
    return {"marker": "o", "markersize": scale_points(3), "clip_on": False} if x.size == 1 else {}


def _thinned(size: int) -> NDArray[np.int64]:
    """Positions of at most `_MOST_POINTS` points, both ends included; a page cannot show more."""
    return np.unique(np.linspace(0, size - 1, min(size, _MOST_POINTS)).round().astype(np.int64))
