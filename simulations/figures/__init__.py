"""Figures of training: each function takes Records and returns a Figure, and runs no simulation."""

from simulations.figures.contest_figure import contest_figure
from simulations.figures.evidence_figures import (
    prediction_figure,
    profile_figure,
    table_law_figure,
)
from simulations.figures.frontier_figure import frontier_figure
from simulations.figures.mechanism_figures import mechanisms_figure
from simulations.figures.phase_figure import phase_figure
from simulations.figures.system_figure import system_figure
from simulations.figures.training_figures import collapse_figure, drift_figure
from simulations.figures.transformer_figures import (
    transformer_causes_figure,
    transformer_curves_figure,
    transformer_predictions_figure,
)
from simulations.figures.weight_figures import (
    sandbagging_figure,
    stated_figure,
    weight_figure,
)

__all__ = [
    "collapse_figure",
    "contest_figure",
    "drift_figure",
    "frontier_figure",
    "mechanisms_figure",
    "phase_figure",
    "prediction_figure",
    "profile_figure",
    "sandbagging_figure",
    "stated_figure",
    "system_figure",
    "table_law_figure",
    "transformer_causes_figure",
    "transformer_curves_figure",
    "transformer_predictions_figure",
    "weight_figure",
]
