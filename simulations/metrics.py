"""The metrics of a record, computed exactly from the distribution of confidence and correctness.

All metrics are functions of two vectors: mass[l], the probability that level l is stated, and
hits[l], the probability that it is stated and the answer is correct. Both are computed from the
policy and the success probabilities (`Agent.count`), so the metrics have no sampling noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

SURE = 0.9
METRICS: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "accuracy",
        "mean_confidence": "mean confidence",
        "ece": "expected calibration error",
        "brier": "Brier score (0 is best)",
        "auroc": "AUROC of confidence",
        "confident_and_wrong": f"wrong with confidence above {SURE}",
        "answer_entropy": "entropy of the answers (nats)",
        "confidence_entropy": "entropy of the confidence given the answer (nats)",
        "confidence_variety": "entropy of all stated confidences (nats)",
    }
)
"""The metrics of a record and their labels in figures."""


def measure(
    levels: FloatArray, mass: FloatArray, hits: FloatArray, *, bins: int | None = None
) -> dict[str, FloatArray]:
    """The metrics of a population of answers with stated confidence.

        accuracy = sum_l hits_l          brier = sum_l hits_l (1 - q_l)^2 + (mass_l - hits_l) q_l^2
        ece = sum_b |sum_{l in b} hits_l - mass_l q_l|
        auroc = P(q of a correct answer > q of a wrong answer) + P(both are equal) / 2

    Bins have equal width and are closed on the left; the last one contains 1.

    Args:
        levels: Stated confidences, ascending, in [0, 1], (L,).
        mass: Probability of each level, (..., L), summing to 1.
        hits: Probability that a level is stated and the answer is correct, (..., L).
        bins: Number of bins of the calibration error; None means one bin for each level.

    Returns:
        By name, arrays of shape (...). The AUROC is NaN if all answers are correct or all are
        wrong.

    Example:
        >>> metrics = measure(np.array([0.5, 1.0]), np.array([0.4, 0.6]), np.array([0.2, 0.3]))
        >>> rounded = {name: round(float(value), 3) for name, value in metrics.items()}
        >>> rounded  # doctest: +NORMALIZE_WHITESPACE
        {'accuracy': 0.5, 'mean_confidence': 0.8, 'ece': 0.3, 'brier': 0.4, 'auroc': 0.5,
         'confident_and_wrong': 0.3, 'confidence_variety': 0.673}
    """
    wrong = mass - hits
    starts = np.arange(levels.size) if bins is None else _first_of_each_bin(levels, bins)
    in_bins = np.add.reduceat(mass, starts, axis=-1)
    return {
        "accuracy": hits.sum(axis=-1),
        "mean_confidence": (mass * levels).sum(axis=-1),
        "ece": np.abs(np.add.reduceat(hits - mass * levels, starts, axis=-1)).sum(axis=-1),
        "brier": (hits * (1 - levels) ** 2 + wrong * levels**2).sum(axis=-1),
        "auroc": _auroc(hits, wrong),
        "confident_and_wrong": wrong[..., levels > SURE].sum(axis=-1),
        "confidence_variety": -np.sum(
            in_bins * np.log(np.where(in_bins > 0, in_bins, 1.0)), axis=-1
        ),
    }


def _first_of_each_bin(levels: FloatArray, bins: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    number = np.minimum((levels * bins).astype(np.intp), bins - 1)
    return np.unique(number, return_index=True)[1]


def _auroc(hits: FloatArray, wrong: FloatArray) -> FloatArray:
    pairs = hits.sum(axis=-1) * wrong.sum(axis=-1)
    below = np.cumsum(wrong, axis=-1) - wrong / 2
    share: FloatArray = np.full(np.shape(pairs), np.nan)
    np.divide(np.sum(hits * below, axis=-1), pairs, out=share, where=pairs > 0)
    return share
