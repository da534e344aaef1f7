"""Pictures of what happened in training: Records in, Figure out; nothing here ever runs a simulation."""

from simulations.figures.contest import contest_figure
from simulations.figures.mechanisms import mechanism_figure, mechanisms_figure
from simulations.figures.training import collapse_figure, draw, drift_figure

__all__ = [
    "collapse_figure",
    "contest_figure",
    "draw",
    "drift_figure",
    "mechanism_figure",
    "mechanisms_figure",
]
