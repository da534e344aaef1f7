"""What the theory says about numbers that others have published.

`published_rows` are the 88 cells of RLCR's results, and `table_residuals` compares the Brier score
of each with what its accuracy, AUROC and mean confidence imply. `predictions` are rows of trained
models that were predicted from the row before training and two numbers. `transformer_runs` are the
numbers of a study with a small transformer, and `measured_predictions` what was predicted of it.
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
from simulations.evidence.transformer_predictions import (
    MeasuredPrediction,
    TransformerPrediction,
    measured_predictions,
    transformer_predictions,
)
from simulations.evidence.transformer_study import (
    TransformerRuns,
    TransformerSetting,
    transformer_runs,
    transformer_settings,
    trl_runs,
)

__all__ = [
    "MeasuredPrediction",
    "MethodError",
    "PredictedNumber",
    "PredictionError",
    "PublishedRow",
    "TableResidual",
    "TransformerPrediction",
    "TransformerRuns",
    "TransformerSetting",
    "closed_form_predictions",
    "fitted_knobs",
    "knob_profiles",
    "measured_predictions",
    "method_errors",
    "noise_ranges",
    "predicted",
    "prediction_errors",
    "predictions",
    "published_rows",
    "stored_knobs",
    "stored_shifts",
    "table_residuals",
    "transformer_predictions",
    "transformer_runs",
    "transformer_settings",
    "trl_runs",
]
