"""Evaluation of stated confidences: scores, calibration errors, tests, decompositions, intervals.

Stated confidences often lie on a grid (0.9, 0.95, exactly 0 and 1) and have many ties. Every
function here treats bin edges and ties exactly, does not depend on the order of the rows, and
raises an error for inputs outside its domain.
"""

from scoring_theory.calibration.binning import Bins, EqualMass, bin_edges, thin_bins
from scoring_theory.calibration.confidence_intervals import (
    ConfidenceInterval,
    bootstrap_interval,
    paired_difference,
)
from scoring_theory.calibration.decomposition import (
    BrierDecomposition,
    Decomposition,
    MurphyDiagram,
    brier_decomposition,
    corp_decomposition,
    murphy_diagram,
)
from scoring_theory.calibration.discrimination import (
    RiskCoverage,
    area_under_risk_coverage,
    auroc,
    average_precision,
    risk_coverage,
)
from scoring_theory.calibration.error_intervals import (
    calibration_error_difference,
    calibration_error_interval,
)
from scoring_theory.calibration.errors import (
    debiased_calibration_error,
    expected_calibration_error,
    maximum_calibration_error,
    root_mean_square_calibration_error,
)
from scoring_theory.calibration.forecasts import Forecasts
from scoring_theory.calibration.implied import ImpliedMetrics, ece_by_chance, implied_metrics
from scoring_theory.calibration.losses import (
    LogLoss,
    accuracy,
    brier_score,
    confident_and_wrong,
    log_loss,
    mean_confidence,
    mean_reward,
)
from scoring_theory.calibration.mean_intervals import mean_intervals
from scoring_theory.calibration.recalibration import Recalibrated, RecalibrationMap, recalibrate
from scoring_theory.calibration.reliability import (
    CorpCurve,
    ReliabilityCurve,
    corp_curve,
    reliability_curve,
)
from scoring_theory.calibration.significance import (
    CalibrationTest,
    CoxCalibration,
    cox,
    hosmer_lemeshow,
    kolmogorov_smirnov,
    kuiper,
    spiegelhalter,
)
from scoring_theory.calibration.smooth import smooth_calibration_error
from scoring_theory.calibration.streaming import Totals, condensed, totals

__all__ = [
    "Bins",
    "BrierDecomposition",
    "CalibrationTest",
    "ConfidenceInterval",
    "CorpCurve",
    "CoxCalibration",
    "Decomposition",
    "EqualMass",
    "Forecasts",
    "ImpliedMetrics",
    "LogLoss",
    "MurphyDiagram",
    "Recalibrated",
    "RecalibrationMap",
    "ReliabilityCurve",
    "RiskCoverage",
    "Totals",
    "accuracy",
    "area_under_risk_coverage",
    "auroc",
    "average_precision",
    "bin_edges",
    "bootstrap_interval",
    "brier_decomposition",
    "brier_score",
    "calibration_error_difference",
    "calibration_error_interval",
    "condensed",
    "confident_and_wrong",
    "corp_curve",
    "corp_decomposition",
    "cox",
    "debiased_calibration_error",
    "ece_by_chance",
    "expected_calibration_error",
    "hosmer_lemeshow",
    "implied_metrics",
    "kolmogorov_smirnov",
    "kuiper",
    "log_loss",
    "maximum_calibration_error",
    "mean_confidence",
    "mean_intervals",
    "mean_reward",
    "murphy_diagram",
    "paired_difference",
    "recalibrate",
    "reliability_curve",
    "risk_coverage",
    "root_mean_square_calibration_error",
    "smooth_calibration_error",
    "spiegelhalter",
    "thin_bins",
    "totals",
]
