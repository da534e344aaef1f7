"""Figures of training: each function takes Records and returns a Figure, and runs no simulation."""

from simulations.figures.contest_figure import contest_figure
from simulations.figures.mechanism_figures import mechanism_figure, mechanisms_figure
from simulations.figures.training_figures import collapse_figure, draw, drift_figure

__all__ = [
    "collapse_figure",
    "contest_figure",
    "draw",
    "drift_figure",
    "mechanism_figure",
    "mechanisms_figure",
]
