"""The figure of a system of the laboratory: with it on the left, without it on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_theory.plotting import OKABE_ITO, Drawn, panel_grid, paper_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from simulations.laboratory.system import SystemOutcome

_DASHES = ("-", (0, (4.0, 1.6)), (0, (1.2, 1.4)), (0, (5.0, 1.4, 1.2, 1.4)))


def system_figure(outcomes: Sequence[SystemOutcome]) -> Drawn:
    """The panels of some outcomes of one system, one column each, on common scales in each row.

    Args:
        outcomes: with the mechanism, and without it.

    Returns:
        The figure, and its columns.

    Example:
        >>> from simulations.laboratory.systems import find_system
        >>> shown = find_system("majority").run(scale="short")
        >>> len(system_figure([shown]).figure.axes)
        1
    """
    data: dict[str, ArrayLike] = {}
    rows = max(len(outcome.panels) for outcome in outcomes)
    colours = list(OKABE_ITO.values())
    with paper_style("full"):
        figure, panels = panel_grid(rows, len(outcomes), ratio=0.6, extra=0.35, sharey="row")
        for column, outcome in zip(panels.T, outcomes, strict=True):
            side = "without" if outcome.without else "with"
            for axes, panel in zip(column, outcome.panels, strict=True):
                prefix = f"{outcome.name} {side} | {panel.title}"
                data[f"{prefix} | {panel.x_label}"] = panel.x
                for k, (label, curve) in enumerate(panel.curves.items()):
                    axes.plot(
                        panel.x, curve, label=label, color=colours[k % len(colours)],
                        linestyle=_DASHES[k % len(_DASHES)],
                    )  # fmt: skip
                    data[f"{prefix} | {label}"] = curve
                axes.set(title=f"{panel.title}, {side}", xlabel=panel.x_label, ylabel=panel.y_label)
                axes.legend(fontsize=6)
    return Drawn(figure, data)
