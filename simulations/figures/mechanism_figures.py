"""Mechanisms of drift, with and without (ablation): curves on one scale, and the effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scoring_theory.plotting import OKABE_ITO, Drawn, panel_grid, paper_style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulations.figures.training_figures import Numbers
    from simulations.mechanisms import Trial

_BAND = (10, 90)  # percentiles over runs
_RUNS = 40  # single runs shown where their spread is the effect
# Mean confidence, true accuracy, and the accuracy from which confidence was learned.
_STYLES: tuple[dict[str, Any], ...] = (
    {"color": OKABE_ITO["vermillion"], "linestyle": "-"},
    {"color": OKABE_ITO["blue"], "linestyle": (0, (4.0, 1.6))},
    {"color": OKABE_ITO["black"], "linestyle": (0, (1.2, 1.4))},
)
_TITLES = {
    "coupling": "coupling",
    "noise": "sampling noise",
    "estimator": "estimator bias",
    "proxy": "proxy error",
    "shift": "shift",
}


def mechanism_figure(on: Trial, off: Trial) -> Drawn:
    """One mechanism: with it (left) and without it (right), on one scale.

    Lines are means over runs and bands contain the middle 80 % of the runs; if the effect is the
    spread of single runs, some of them are drawn instead. Each panel shows the measured effect with
    its standard error, and the exact effect.

    Args:
        on: The trial with the mechanism.
        off: The trial without it.

    Returns:
        The figure, and its columns: steps (which differ between the sides if the experiments do)
        and curves.

    Example:
        >>> from simulations import run
        >>> from simulations.mechanisms import mechanism
        >>> proxy = mechanism("proxy", scale="short")
        >>> on, off = (proxy.trial(run(proxy.on)), proxy.trial(run(proxy.off), without=True))
        >>> [panel.get_title() for panel in mechanism_figure(on, off).figure.axes]
        ['With proxy error', 'Without proxy error']
    """
    data: dict[str, Numbers] = {}
    with paper_style("full"):
        figure, panels = panel_grid(1, 2, ratio=0.52, extra=0.35, sharey=True)
        for panel, trial in zip(panels[0], (on, off), strict=True):
            data |= _panel(panel, trial)
            panel.set(
                title=f"{_side(trial).capitalize()} {_TITLES[on.mechanism.name]}",
                xlabel="Training step",
            )
            _write_effect(panel, trial)
        panels[0, 0].set_ylabel("Probability")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        if on.mechanism.effect != "spread":
            handles, labels = [*handles, _band()], [*labels, f"Middle 80 % of {on.runs} runs"]
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return Drawn(figure, data)


def mechanisms_figure(pairs: Sequence[tuple[Trial, Trial]]) -> Drawn:
    """Several mechanisms: one column each, with the mechanism (above) and without it (below).

    Args:
        pairs: One or more mechanisms, each with and without.

    Raises:
        ValueError: If there are none.
    """
    if not pairs:
        raise ValueError("a figure needs at least one mechanism, got none")
    data: dict[str, Numbers] = {}
    with paper_style("full"):
        figure, panels = panel_grid(2, len(pairs), ratio=0.95, extra=0.5, sharey=True, sharex="col")
        for column, pair in zip(panels.T, pairs, strict=True):
            for panel, trial in zip(column, pair, strict=True):
                curves = _panel(panel, trial, short=True)
                name = trial.mechanism.name
                data |= {f"{name}/{key}": values for key, values in curves.items()}
                _write_effect(panel, trial, short=True)
            mechanism = pair[0].mechanism
            column[0].set_title(
                f"{_TITLES[mechanism.name].capitalize()}:\n{_EFFECTS[mechanism.effect].lower()}"
            )
            column[1].set_xlabel("Step")
        panels[0, 0].set_ylabel("Probability,\nwith mechanism")
        panels[1, 0].set_ylabel("Probability,\nwithout")
        _share_legend(figure, [on for on, _ in pairs])
    return Drawn(figure, data)


def _side(trial: Trial) -> str:
    return "without" if trial.without else "with"


def _panel(panel: Axes, trial: Trial, *, short: bool = False) -> dict[str, Numbers]:
    record, side = trial.record, _side(trial)
    data = {f"{side}/step": record.steps.astype(np.float64)}
    if trial.mechanism.effect == "spread":
        runs = record.metric("mean_confidence", trial.mechanism.where)[:_RUNS]
        thin = panel.plot(record.steps, runs.T, color=_STYLES[0]["color"], alpha=0.3, linewidth=0.5)
        thin[0].set_label(
            f"{len(runs)} of {trial.runs} single runs" if len(runs) < trial.runs else "Single runs"
        )
        data |= {f"{side}/run {i}": run for i, run in enumerate(runs)}
    for line, style in zip(trial.mechanism.lines, _STYLES, strict=False):
        values = record.metric(line.metric, line.where)
        mean, (low, high) = values.mean(axis=0), np.percentile(values, _BAND, axis=0)
        panel.plot(record.steps, mean, label=line.label.capitalize(), **style)
        data |= {
            f"{side}/{line.label}": mean,
            f"{side}/{line.label}/p10": low,
            f"{side}/{line.label}/p90": high,
        }
        if trial.mechanism.effect != "spread":
            panel.fill_between(
                record.steps, low, high, color=style["color"], alpha=0.15, linewidth=0
            )
    panel.set_ylim(0, 1.02)
    panel.margins(x=0)
    panel.grid(axis="y")
    panel.locator_params(axis="x", nbins=3 if short else 4)
    return data


def _write_effect(panel: Axes, trial: Trial, *, short: bool = False) -> None:
    """Write the measured and the exact effect into the lower right corner, which has no curves."""
    measured, error = trial.measured, trial.standard_error
    name = _EFFECTS[trial.mechanism.effect]
    deviation = "" if np.isnan(error) else f" ± {error:.3f}"
    if short:
        number = "unknown" if np.isnan(measured) else f"{measured:z.2f}"
        text = f"{number} (exact {trial.exact:z.2f})"
    else:
        number = "unknown" if np.isnan(measured) else f"{measured:.3f}"
        text = f"{name} {number}{deviation} (exact {trial.exact:.3f})"
    panel.text(0.97, 0.05, text, transform=panel.transAxes, ha="right", va="bottom", size=7)


_EFFECTS = {
    "rise": "Rise of confidence",
    "spread": "Spread between runs",
    "overconfidence": "Overconfidence",
}


def _band() -> Patch:
    return Patch(facecolor=OKABE_ITO["black"], alpha=0.15, linewidth=0)


def _share_legend(figure: Figure, trials: Sequence[Trial]) -> None:
    """One legend entry per style, with the label of every mechanism that uses it."""
    handles: list[Artist] = []
    labels = []
    for i, style in enumerate(_STYLES):
        names = dict.fromkeys(
            trial.mechanism.lines[i].label for trial in trials if len(trial.mechanism.lines) > i
        )
        if names:
            handles.append(Line2D([], [], **style))
            label = " or ".join(names).replace(" or accuracy ", " or ")
            labels.append(label.capitalize())
    handles += [Line2D([], [], color=_STYLES[0]["color"], alpha=0.3, linewidth=0.5), _band()]
    figure.legend(
        handles,
        [*labels, "Single runs", "Middle 80 % of runs"],
        loc="outside lower center",
        ncols=len(handles),
    )
