"""What a record says about an agent, computed exactly from how often each confidence is stated and is right.

Two vectors are enough for all of it: mass[l], the probability that level l is stated, and hits[l],
that it is stated and the answer is right. They come from policy times truth (`Agent.count`), so no
metric carries sampling noise of its own.
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
"""Every metric of a Record and what it is called on an axis."""


def measure(
    levels: FloatArray, mass: FloatArray, hits: FloatArray, *, bins: int | None = None
) -> dict[str, FloatArray]:
    """Accuracy, confidence, calibration, discrimination and confident errors of a population of statements.

        accuracy = sum_l hits_l          brier = sum_l hits_l (1 - q_l)^2 + (mass_l - hits_l) q_l^2
        ece = sum_b |sum_{l in b} hits_l - mass_l q_l|
        auroc = P(q of a right answer > q of a wrong one) + P(equal) / 2

    Bins are of equal width, closed on the left, with 1 in the last; `None` means one bin for each
    level.

    Args:
        levels: Stated confidences, ascending, in [0, 1], (L,).
        mass: Probability of each level, (..., L), summing to 1.
        hits: Probability of each level together with a right answer, (..., L).
        bins: Number of bins of the calibration error.

    Returns:
        By name, arrays of shape (...); the AUROC is NaN where everything is right or everything is
        wrong.

    Example:
        >>> found = measure(np.array([0.5, 1.0]), np.array([0.4, 0.6]), np.array([0.2, 0.3]))
        >>> {name: round(float(value), 3) for name, value in found.items()}  # doctest: +NORMALIZE_WHITESPACE
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
