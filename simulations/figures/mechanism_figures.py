"""Mechanisms of drift, with and without (ablation): curves on one scale, and the effect."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style
from scoring_theory.plotting.style import legend_below, scale_points, small_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from simulations.laboratory.system import SystemOutcome

# Mean confidence, true accuracy, and the accuracy from which confidence was learned.
_STYLES: tuple[dict[str, Any], ...] = (
    {"color": OKABE_ITO["vermillion"], "linestyle": "-"},
    {"color": OKABE_ITO["blue"], "linestyle": (0, (4.0, 1.6))},
    {"color": OKABE_ITO["black"], "linestyle": (0, (1.2, 1.4))},
)
_WIDTH = 22  # letters in a line of a title


def mechanisms_figure(pairs: Sequence[tuple[SystemOutcome, SystemOutcome]]) -> Drawn:
    r"""Several mechanisms: one column each, with the mechanism (above) and without it (below).

    Thick lines are means over runs, thin ones single runs. Each panel shows the measured effect and
    the exact one.

    Args:
        pairs: One or more mechanisms, each with and without.

    Returns:
        The figure, and its columns: steps (which differ between the sides if the experiments do)
        and curves.

    Raises:
        ValueError: If there are none.

    Example:
        >>> from simulations import mechanism, run
        >>> made = mechanism("verifier-noise", scale="short")
        >>> on, off = (made.outcome(run(made.on)), made.outcome(run(made.off), without=True))
        >>> [panel.get_ylabel() for panel in mechanisms_figure([(on, off)]).figure.axes]
        ['Probability,\nwith mechanism', 'Probability,\nwithout']
    """
    if not pairs:
        raise ValueError("a figure needs at least one mechanism, got none")
    data = Curves()
    with paper_style("full"):
        figure, panels = panel_grid(2, len(pairs), ratio=0.95, extra=0.5, sharey=True, sharex="col")
        for column, pair in zip(panels.T, pairs, strict=True):
            for panel, outcome in zip(column, pair, strict=True):
                _draw(data, panel, outcome)
            name = pair[0].name.replace("-", " ").capitalize()
            column[0].set_title(f"{name}:\n{fill(pair[0].findings[0].label, _WIDTH)}")
            column[1].set_xlabel("Training step")
        panels[0, 0].set_ylabel("Probability,\nwith mechanism")
        panels[1, 0].set_ylabel("Probability,\nwithout")
        _share_legend(figure, panels[0])
    return Drawn(figure, data.columns())


def _draw(data: Curves, axes: Axes, outcome: SystemOutcome) -> None:
    panel, (finding,) = outcome.panels[0], outcome.findings
    side = f"{'without' if outcome.without else 'with'} {outcome.name.replace('-', ' ')}"
    assert panel.runs is not None
    thin = {"color": _STYLES[0]["color"], "alpha": 0.3, "linewidth": scale_points(0.5)}
    for i, run in enumerate(panel.runs):
        axes.plot(panel.x, run, label="single runs" if i == 0 else None, **thin)
        data.add(side, f"run {i}", panel.x, run)
    for (label, curve), style in zip(panel.curves.items(), _STYLES, strict=False):
        axes.plot(panel.x, curve, label=label, **style)
        data.add(side, label, panel.x, curve)
    axes.set_ylim(0, 1.02)
    axes.margins(x=0)
    axes.grid(axis="y")
    axes.locator_params(axis="x", nbins=3)
    # Into the lower right corner, which has no curves.
    number = "unknown" if finding.measured != finding.measured else f"{finding.measured:z.2f}"
    text = f"{number} (exact {finding.exact:z.2f})"
    corner: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "va": "bottom"}
    axes.text(0.97, 0.05, text, size=small_size(), **corner)


def _share_legend(figure: Figure, panels: Sequence[Axes]) -> None:
    """One entry per style, with the label of every mechanism that uses it."""
    drawn: dict[str, tuple[Line2D, dict[str, None]]] = {}
    for panel in panels:
        for line in panel.lines:
            label = str(line.get_label())
            if not label.startswith("_"):
                style = f"{line.get_color()} {line.get_alpha()}"
                drawn.setdefault(style, (line, {}))[1].setdefault(label)
    order = sorted(drawn.values(), key=lambda entry: "single runs" in entry[1])
    labels = [
        " or ".join(names).replace(" or accuracy ", " or ").capitalize() for _, names in order
    ]
    legend_below(figure, [line for line, _ in order], labels)
