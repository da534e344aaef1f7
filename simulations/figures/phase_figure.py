"""The phase diagram of a verifier that errs: fate of accuracy and honesty of confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib import patheffects

from scoring_theory.plotting import Curves, Drawn, panel_grid, paper_style

if TYPE_CHECKING:
    from simulations.laboratory.verifier_noise import PhaseDiagram


_HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]


def phase_figure(diagram: PhaseDiagram) -> Drawn:
    """Two panels over the false positive rate a and the weight lam of the Brier score.

    Left: the share of the better answer after training from one half. Right: its mean confidence
    minus its success probability. The line is lam = 1 / (1 - 2 a), beyond which the hardest
    questions turn; the dashed line is a = 1 - b, where the verifier knows nothing.

    Args:
        diagram: see `simulations.laboratory.verifier_noise.phase_diagram`.

    Example:
        >>> from simulations.laboratory.verifier_noise import phase_diagram
        >>> made = phase_diagram(0.1, errors=[0.0, 0.2], weights=[0.5, 1.5], steps=20)
        >>> len(phase_figure(made).figure.axes)
        4
    """
    a, lam = diagram.errors, diagram.weights
    shown = (
        ("Share of the better answer", diagram.share),
        ("Confidence minus success probability", diagram.overconfidence),
    )
    inside = diagram.boundary <= lam.max()
    data = Curves()
    with paper_style("full"):
        figure, panels = panel_grid(1, 2, ratio=0.8, extra=0.35, sharey=True)
        lines = {
            "$\\lambda = 1/(1 - 2a)$": (a[inside], diagram.boundary[inside], "-"),
            "$a = 1 - b$": ([diagram.critical_error] * 2, [lam.min(), lam.max()], "--"),
        }
        for panel, (title, values) in zip(panels[0], shown, strict=True):
            # From dark to light in one direction, so that the panel can be read in grey.
            mesh = panel.pcolormesh(
                a, lam, values, vmin=min(0.0, values.min()), shading="nearest", rasterized=True
            )
            for series, (x, y, dashes) in lines.items():
                panel.plot(x, y, color="black", linestyle=dashes, path_effects=_HALO, label=series)
            panel.set(title=title, xlabel="False positive rate $a$")
            panel.set_xlim(a.min(), a.max())
            figure.colorbar(mesh, ax=panel)
            for weight, row in zip(lam, values, strict=True):
                data.add(title, f"lam = {weight:g}", a, row)
        for series, (x, y, _) in zip(
            ("lam = 1/(1 - 2a)", "a = 1 - b"), lines.values(), strict=True
        ):
            data.add("boundary", series, x, y)
        panels[0, 0].set_ylabel("Weight of the Brier score, $\\lambda$")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return Drawn(figure, data.columns())
