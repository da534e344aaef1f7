"""What the theory says about numbers that others have published.

`published_rows` are the 88 cells of RLCR's results, and `table_residuals` compares the Brier score
of each with what its accuracy, AUROC and mean confidence imply. `predictions` are rows of trained
models that were predicted from the row before training and two numbers.
"""

from simulations.evidence.prediction import (
    PredictedNumber,
    PredictionError,
    closed_form_predictions,
    fitted_knobs,
    knob_profiles,
    noise_ranges,
    predicted,
    prediction_errors,
    predictions,
    stored_knobs,
    stored_shifts,
)
from simulations.evidence.published import PublishedRow, published_rows
from simulations.evidence.table_law import (
    MethodError,
    TableResidual,
    method_errors,
    table_residuals,
)

__all__ = [
    "MethodError",
    "PredictedNumber",
    "PredictionError",
    "PublishedRow",
    "TableResidual",
    "closed_form_predictions",
    "fitted_knobs",
    "knob_profiles",
    "method_errors",
    "noise_ranges",
    "predicted",
    "prediction_errors",
    "predictions",
    "published_rows",
    "stored_knobs",
    "stored_shifts",
    "table_residuals",
]
