"""Logistic regression on sufficient statistics, for Cox's test and parametric recalibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fit_logistic(
    design: NDArray[np.float64],
    weight: NDArray[np.float64],
    correct: NDArray[np.float64],
    *,
    start: NDArray[np.float64],
    steps: int = 100,
) -> NDArray[np.float64]:
    """The maximum likelihood fit of P(c = 1) = expit(design @ line), by Newton's method.

    A step that decreases the likelihood is halved.

    Args:
        design: (k, d) features.
        weight: (k,) total weight of the answers with these features.
        correct: (k,) weight of the correct ones.
        start: (d,) initial coefficients.
        steps: Largest number of Newton steps.

    Returns:
        (d,) the coefficients.

    Raises:
        ValueError: If there is no finite maximum, because a confidence threshold separates correct
            from wrong answers.

    Example:
        >>> intercept = np.ones((1, 1))
        >>> line = fit_logistic(intercept, np.array([4.0]), np.array([3.0]), start=np.zeros(1))
        >>> expit(line).round(6)
        array([0.75])
    """
    line = start
    best = log_likelihood(design, line, weight, correct)
    for _ in range(steps):
        fitted = expit(design @ line)
        information = design.T @ (design * (weight * fitted * (1 - fitted))[:, None])
        if not np.linalg.cond(information) < 1e12 or np.trace(information) < 1e-7 * weight.sum():
            break  # the coefficients diverge
        gradient = design.T @ (correct - weight * fitted)
        if np.abs(gradient).max() <= 1e-10 * weight.sum():
            return line
        step = np.linalg.solve(information, gradient)
        for _ in range(40):
            likelihood = log_likelihood(design, line + step, weight, correct)
            # At the maximum, rounding may put the likelihood slightly below the best value.
            if likelihood >= best - 1e-12 * abs(best):
                break
            step = step / 2
        line, best = line + step, likelihood
    raise ValueError(
        "the logistic fit has no finite maximum: a threshold of confidence separates correct from"
        " wrong answers"
    )


def log_likelihood(
    design: NDArray[np.float64],
    line: NDArray[np.float64],
    weight: NDArray[np.float64],
    correct: NDArray[np.float64],
) -> float:
    """The log likelihood, sum correct log P + (weight - correct) log(1 - P), of `fit_logistic`.

    Example:
        >>> ones = np.ones((1, 1))
        >>> round(log_likelihood(ones, np.zeros(1), np.array([2.0]), np.array([1.0])), 4)
        -1.3863
    """
    height = design @ line
    return float(-correct @ np.logaddexp(0, -height) - (weight - correct) @ np.logaddexp(0, height))
