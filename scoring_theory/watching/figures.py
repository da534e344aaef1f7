"""The figures of a window of updates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration import (
    Forecasts,
    auroc,
    brier_decomposition,
    brier_score,
    expected_calibration_error,
    recalibrate,
)
from scoring_theory.calibration.binning import bin_index
from scoring_theory.display import one_line, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.expression.numeric import Floats

_BINS = 10
FOLDS = 2
_POWER = 1.959964 + 0.841621
"""The normal quantiles of a two-sided test at 5 % and of a power of 80 %."""


@dataclass(frozen=True)
class RunningFigures:
    """Accuracy, calibration and what the trainer reinforces, over the last updates.

    The measures of calibration are over answers with a confidence, and NaN if there is none. ECE
    has ten bins of equal width. Gains are in units of the advantage.

    Attributes:
        update: the number of updates so far.
        answers: the number of answers in the window.
        questions: the number of questions in it, a question of each update for itself.
        accuracy: the share of correct answers among all.
        confidence: the mean stated confidence.
        gap: mean confidence minus the accuracy of the same answers.
        unreadable: the share of answers without a readable confidence.
        certain: the share of confidences that are 0 or 1.
        brier: the Brier score, a loss.
        miscalibration: its part from confidences that differ from frequencies; 0 is best.
        discrimination: its part from frequencies that differ between confidences; more is better.
        uncertainty: the Brier score of always stating the accuracy.
        within_bins: the rest of the Brier score, from different confidences in one bin.
        ece: the expected calibration error.
        ece_by_chance: the ECE that as many questions show on average although every bin is
            calibrated.
        ece_error: the standard error of `ece`, with questions as units; NaN for one question.
        auroc: the AUROC of confidence; NaN if all answers are correct or all are wrong.
        recalibrated_brier: the Brier score after isotonic recalibration, cross-fitted by questions:
            the baseline that training has to beat.
        gain_of_one: the mean advantage of stating 1, above that of what was stated.
        gain_of_zero: that of stating 0.
        gain_of_omission: that of leaving the confidence out.
        predicted: the stable confidence nearest to `confidence`, from the estimator and the
            accuracy; NaN where no confidence is stable.
        distance: |confidence - predicted|.
        alarms: the number of alarms so far.
    """

    update: int
    answers: int
    questions: int
    accuracy: float
    confidence: float
    gap: float
    unreadable: float
    certain: float
    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    within_bins: float
    ece: float
    ece_by_chance: float
    ece_error: float
    auroc: float
    recalibrated_brier: float
    gain_of_one: float
    gain_of_zero: float
    gain_of_omission: float
    predicted: float
    distance: float
    alarms: int

    __repr__ = one_line

    def _repr_html_(self) -> str:
        rows = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return table(rows, caption=f"The last updates, up to update {self.update}")

    def numbers(self) -> dict[str, float]:
        """The figures that are numbers now, by name, for a trainer's logger.

        Example:
            >>> from scoring_theory.watching import ConfidenceMonitor
            >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
            >>> monitor.update([0.5, 1], [0, 1], 2)
            ()
            >>> numbers = monitor.figures().numbers()
            >>> numbers["confidence"], "gain_of_one" in numbers
            (0.75, True)
        """
        named = {field.name: float(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in named.items() if not math.isnan(value)}

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; null for what is NaN."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if value != value else value for name, value in values.items()}

    def questions_for(self, difference: float) -> float:
        """How many questions each of two runs needs, so that a difference in ECE would be seen.

            n = 2 (z_.975 + z_.8)^2 s^2 / difference^2

        with s^2 the variance that one question adds to this ECE: a two-sided test at 5 % then finds
        the difference in 80 of 100 cases.

        Args:
            difference: a difference in ECE, positive.

        Returns:
            A whole number, or NaN where the standard error of the ECE is not known.

        Raises:
            ValueError: `difference` is not positive.

        Example:
            >>> from scoring_theory.watching import ConfidenceMonitor
            >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
            >>> monitor.update([0.5] * 100, [1, 1, 0, 0, 0] * 20)
            ()
            >>> figures = monitor.figures()
            >>> round(figures.ece, 3), round(figures.ece_error, 3), figures.questions_for(0.05)
            (0.1, 0.049, 1523)
        """
        if not difference > 0:
            raise ValueError(f"`difference` must be positive, got {difference}")
        if math.isnan(self.ece_error):
            return math.nan
        return math.ceil(2 * self.questions * (_POWER * self.ece_error / difference) ** 2)


@dataclass(frozen=True, eq=False)
class CalibrationError:
    """The ECE of answers to questions, with what chance makes of it.

    Attributes:
        ece: the error.
        by_chance: its mean if every bin is calibrated.
        error: its standard error.
    """

    ece: float
    by_chance: float
    error: float


def calibration_error(forecasts: Forecasts) -> CalibrationError:
    """The ECE in ten bins, its level by chance, and its standard error; groups are the units.

    With G_gb the sum of c - q over the answers to question g in bin b, and G~_gb the same less the
    mean gap of its bin for each answer,

        ECE       = sum_b |sum_g G_gb| / n
        by chance = sqrt(2 / pi) sum_b sqrt(sum_g G~_gb^2 m_b / (m_b - 1)) / n
        error^2   = sum_g (sum_b sign_b G~_gb)^2 m / (m - 1) / n^2

    where m questions are in the window and m_b in bin b: the mean of the absolute value of a normal
    sum, and the sandwich estimator. Answers to one question may depend on one another in any way.

    Example:
        >>> found = calibration_error(Forecasts([1, 1, 0, 0, 0] * 20, [0.5] * 100))
        >>> round(found.ece, 3), round(found.by_chance, 3), round(found.error, 3)
        (0.1, 0.039, 0.049)
    """
    n, place = len(forecasts), bin_index(forecasts, bins=_BINS)
    code = np.arange(n) if forecasts.group is None else forecasts.group
    m = int(code.max()) + 1
    cell = code * _BINS + place
    gap = forecasts.correct - forecasts.confidence
    count = np.bincount(cell, minlength=m * _BINS).reshape(m, _BINS)
    sums = np.bincount(cell, weights=gap, minlength=m * _BINS).reshape(m, _BINS)
    answers, total = count.sum(axis=0), sums.sum(axis=0)
    asked = (count > 0).sum(axis=0)
    centred = sums - count * (total / np.maximum(answers, 1))
    squares = (centred**2).sum(axis=0) * asked / np.maximum(asked - 1, 1)
    alone = (sums**2).sum(axis=0)  # one question shows no spread: its own gap stands in for it
    spread = np.sqrt(np.where(asked > 1, squares, alone))
    signed = centred @ np.sign(total)
    error = math.sqrt(float(signed @ signed) * m / (m - 1)) / n if m > 1 else math.nan
    return CalibrationError(
        ece=expected_calibration_error(forecasts, bins=_BINS),
        by_chance=math.sqrt(2 / math.pi) * float(spread.sum()) / n,
        error=error,
    )


def calibration_figures(
    confidence: Floats, correct: Floats, question: NDArray[np.int64]
) -> Mapping[str, float]:
    """The measures of calibration of answers with a confidence, all NaN if there is none.

    Example:
        >>> none = np.array([], dtype=float)
        >>> calibration_figures(none, none, none.astype(int))["ece"]
        nan
    """
    names = (
        "confidence gap certain brier miscalibration discrimination uncertainty within_bins"
        " ece ece_by_chance ece_error auroc recalibrated_brier"
    )
    if not confidence.size:
        return dict.fromkeys(names.split(), math.nan)
    forecasts = Forecasts(correct, confidence, group=question)
    parts, error = brier_decomposition(forecasts, bins=_BINS), calibration_error(forecasts)
    return {
        "confidence": float(confidence.mean()),
        "gap": float((confidence - correct).mean()),
        "certain": float(((confidence == 0) | (confidence == 1)).mean()),
        "brier": brier_score(forecasts),
        "miscalibration": parts.miscalibration,
        "discrimination": parts.discrimination,
        "uncertainty": parts.uncertainty,
        "within_bins": parts.within_bins,
        "ece": error.ece,
        "ece_by_chance": error.by_chance,
        "ece_error": error.error,
        "auroc": auroc(forecasts),
        "recalibrated_brier": _recalibrated(forecasts),
    }


def _recalibrated(forecasts: Forecasts) -> float:
    """The Brier score after cross-fitted isotonic recalibration; NaN for fewer than two folds."""
    if forecasts.group is None or np.unique(forecasts.group).size < FOLDS:
        return math.nan
    rng = np.random.default_rng(0)  # the same figures in every call
    return brier_score(recalibrate(forecasts, method="isotonic", rng=rng, folds=FOLDS).forecasts)
