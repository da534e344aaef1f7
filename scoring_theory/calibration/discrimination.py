"""Whether confidence tells right answers from wrong ones, whatever its level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import bin_sums

if TYPE_CHECKING:
    from scoring_theory.calibration.forecasts import Forecasts


def auroc(forecasts: Forecasts) -> float:
    """The chance that a correct answer was stated with more confidence than a wrong one, ties counting half.

    AUROC = P(Q+ > Q-) + P(Q+ = Q-) / 2. Constant confidence gives 1/2. When all answers are right, or all wrong, there
    is no such pair and the result is NaN; JSON reports write null.

    Source: Hanley and McNeil 1982; average ranks for ties.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> auroc(Forecasts(confidence=[0.5, 0.9, 0.5, 0.1], correct=[1, 1, 0, 0]))
        0.875
        >>> auroc(Forecasts(confidence=[0.5, 0.9], correct=[1, 1]))
        nan
    """
    sums = bin_sums(forecasts, bins="values")
    pairs = float(sums.correct.sum() * sums.wrong.sum())
    if pairs == 0:
        return math.nan
    wrong_below = np.cumsum(sums.wrong) - sums.wrong / 2
    return float(sums.correct @ wrong_below) / pairs
