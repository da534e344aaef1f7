"""How good stated confidences are: scores, calibration errors, discrimination, and intervals for all of them.

Stated confidences sit on a grid (0.9, 0.95, exactly 0 and 1) and have ties everywhere; every function here is right on
bin edges and on ties, does not depend on the order of rows, and refuses what is outside its domain.
"""

from scoring_theory.calibration.binning import Bins, bin_edges
from scoring_theory.calibration.discrimination import auroc
from scoring_theory.calibration.errors import BrierDecomposition, brier_decomposition, expected_calibration_error
from scoring_theory.calibration.forecasts import Forecasts
from scoring_theory.calibration.intervals import Interval, bootstrap_interval, mean_intervals
from scoring_theory.calibration.reliability import ReliabilityCurve, reliability_curve
from scoring_theory.calibration.scores import (
    LogScore,
    accuracy,
    brier_score,
    confident_and_wrong,
    log_score,
    mean_confidence,
    mean_reward,
)

__all__ = [
    "Bins",
    "BrierDecomposition",
    "Forecasts",
    "Interval",
    "LogScore",
    "ReliabilityCurve",
    "accuracy",
    "auroc",
    "bin_edges",
    "bootstrap_interval",
    "brier_decomposition",
    "brier_score",
    "confident_and_wrong",
    "expected_calibration_error",
    "log_score",
    "mean_confidence",
    "mean_intervals",
    "mean_reward",
    "reliability_curve",
]
