"""Logistic regression on sums: the one fit that Cox's line and the parametric recalibrations share."""

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
    """Maximum likelihood of P(c = 1) = expit(design @ line) by Newton's method, halving steps that do not improve.

    Raises:
        ValueError: If there is no finite maximum, because a threshold separates right from wrong.
    """
    line = start
    best = log_likelihood(design, line, weight, correct)
    for _ in range(steps):
        fitted = expit(design @ line)
        information = design.T @ (design * (weight * fitted * (1 - fitted))[:, None])
        if not np.linalg.cond(information) < 1e12 or np.trace(information) < 1e-7 * weight.sum():
            break  # the line runs off to infinity
        gradient = design.T @ (correct - weight * fitted)
        if np.abs(gradient).max() <= 1e-10 * weight.sum():
            return line
        step = np.linalg.solve(information, gradient)
        for _ in range(40):
            found = log_likelihood(design, line + step, weight, correct)
            if found >= best - 1e-12 * abs(
                best
            ):  # at the top, sums round to more or less than the best
                break
            step = step / 2
        line, best = line + step, found
    raise ValueError(
        "no finite line fits best: a threshold of confidence separates right answers from wrong"
        " ones"
    )


def log_likelihood(
    design: NDArray[np.float64],
    line: NDArray[np.float64],
    weight: NDArray[np.float64],
    correct: NDArray[np.float64],
) -> float:
    """Log likelihood of sums of outcomes: sum correct log P + (weight - correct) log (1 - P)."""
    height = design @ line
    return float(-correct @ np.logaddexp(0, -height) - (weight - correct) @ np.logaddexp(0, height))
