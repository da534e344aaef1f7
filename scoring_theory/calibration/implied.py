"""What accuracy, AUROC and mean confidence imply about the Brier score and the ECE."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from scoring_theory.calibration.errors import expected_calibration_error
from scoring_theory.calibration.forecasts import Forecasts
from scoring_theory.display import one_line, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Logarithms of a + b of the Beta distribution: two points at 0 and 1, and a constant.
_WIDEST, _NARROWEST = -12.0, 25.0
_SQUEEZED = 0.05
"""The share of confidences beyond 0 or 1 above which a constant shift is not believed."""


@dataclass(frozen=True)
class ImpliedMetrics:
    """What three reported numbers imply, with its condition.

    Attributes:
        accuracy: the share of correct answers.
        auroc: the AUROC of the stated confidence.
        mean_confidence: the mean of the stated confidence.
        brier: the Brier score if recalibrated confidence is Beta-distributed and stated confidence
            differs from it by a constant.
        brier_at_least: what the Brier score cannot be below, whatever the distribution.
        ece_at_least: what the ECE cannot be below, |mean confidence - accuracy|.
        resolution: the variance of recalibrated confidence under the Beta distribution.
        condition: why the estimate may fail, or "" if nothing speaks against it.
    """

    accuracy: float
    auroc: float
    mean_confidence: float
    brier: float
    brier_at_least: float
    ece_at_least: float
    resolution: float
    condition: str

    __repr__ = one_line

    def _repr_html_(self) -> str:
        return table(
            ((field.name, getattr(self, field.name)) for field in fields(self)),
            caption="what accuracy, AUROC and mean confidence imply",
        )


def implied_metrics(*, accuracy: float, auroc: float, mean_confidence: float) -> ImpliedMetrics:
    """The Brier score and the ECE that three numbers of a results table imply.

    Let e = E[c | q] be the recalibrated confidence, and D = E|e - e'| its mean difference between
    two answers. If e never decreases in q (`docs/theory.md`, Theorem 56),

        AUROC = 1/2 + D / (4 acc (1 - acc)),
        Brier = acc (1 - acc) - Var(e) + (mean confidence - acc)^2 + Var(q - e),
        Brier >= 2 acc (1 - acc) (1 - AUROC) + (mean confidence - acc)^2.

    With a Beta distribution for e and a constant q - e, the first equation gives Var(e), and the
    second the estimate `brier`.

    Args:
        accuracy: in [0, 1].
        auroc: in [0, 1]; NaN is accepted where accuracy is 0 or 1. Below 1/2 confidence is ordered
            against accuracy, e is not increasing, and Var(e) is taken as 0.
        mean_confidence: in [0, 1].

    Raises:
        ValueError: If a number is outside of its domain.

    Example:
        RLCR on HotpotQA (Damani et al. 2025), with a published Brier score of .210:

        >>> implied = implied_metrics(accuracy=0.621, auroc=0.687, mean_confidence=0.6446)
        >>> round(implied.brier, 3), round(implied.brier_at_least, 3)
        (0.212, 0.148)
        >>> round(implied.ece_at_least, 3)
        0.024
    """
    for name, value in (("accuracy", accuracy), ("mean_confidence", mean_confidence)):
        _require_unit(name, value)
    unit = accuracy * (1 - accuracy)
    if unit > 0 or not math.isnan(auroc):
        _require_unit("auroc", auroc)
    shift = mean_confidence - accuracy
    difference = max(0.0, 4 * unit * (auroc - 0.5)) if unit > 0 else 0.0
    resolution = _variance(accuracy, difference)
    return ImpliedMetrics(
        accuracy=accuracy,
        auroc=auroc,
        mean_confidence=mean_confidence,
        brier=unit - resolution + shift**2,
        brier_at_least=unit - difference / 2 + shift**2,
        ece_at_least=abs(shift),
        resolution=resolution,
        condition=_condition(accuracy, auroc, resolution, shift),
    )


def ece_by_chance(
    implied: ImpliedMetrics, n: int, *, bins: int = 10, samples: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """The ECE that n answers show by chance, although the model is perfectly calibrated.

    Confidences are drawn from the Beta distribution of `implied`, and outcomes from them.

    Args:
        implied: the result of `implied_metrics`.
        n: answers, at least 1.
        bins: equal-width bins.
        samples: simulated data sets, at least 100.
        seed: of the random numbers.

    Returns:
        The mean, and the 2.5 % and 97.5 % quantiles.

    Raises:
        ValueError: If `n`, `bins` or `samples` is too small.

    Example:
        RLCR's published ECE on HotpotQA, .0302, is what a calibrated model shows by chance:

        >>> rlcr = implied_metrics(accuracy=0.621, auroc=0.687, mean_confidence=0.6446)
        >>> mean, low, high = ece_by_chance(rlcr, 1000, samples=400)
        >>> round(mean, 2), low < 0.0302 < high
        (0.03, True)
    """
    for name, value, least in (("n", n, 1), ("bins", bins, 1), ("samples", samples, 100)):
        if value < least:
            raise ValueError(f"`{name}` must be at least {least}, got {value}")
    rng = np.random.default_rng(seed)
    found = np.empty(samples)
    for sample in range(samples):
        confidence = _drawn(rng, implied, n)
        correct = (rng.random(n) < confidence).astype(float)
        forecasts = Forecasts(correct=correct, confidence=confidence)
        found[sample] = expected_calibration_error(forecasts, bins=bins)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(found.mean()), float(low), float(high)


def _drawn(rng: np.random.Generator, implied: ImpliedMetrics, n: int) -> NDArray[np.float64]:
    if implied.resolution <= 0:
        return np.full(n, implied.accuracy)
    return rng.beta(*_shape(implied.accuracy, implied.resolution), n)


def _shape(mean: float, variance: float) -> tuple[float, float]:
    """a and b of the Beta distribution with this mean and variance."""
    total = mean * (1 - mean) / variance - 1
    return mean * total, (1 - mean) * total


def _require_unit(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"`{name}` must lie in [0, 1], got {value}")


def _mean_difference(mean: float, total: float) -> float:
    """E|e - e'| of Beta(a, b) with a = mean total and b = (1 - mean) total.

    It is 4 B(a + b, a + b) / ((a + b) B(a, a) B(b, b)).
    """
    a, b = mean * total, (1 - mean) * total
    logs = special.betaln(total, total) - special.betaln(a, a) - special.betaln(b, b)
    return float(4 / total * np.exp(logs))


def _variance(mean: float, difference: float) -> float:
    """The variance of the Beta distribution with this mean and this mean difference."""
    unit = mean * (1 - mean)
    if not unit or difference <= _mean_difference(mean, math.exp(_NARROWEST)):
        return 0.0
    if difference >= _mean_difference(mean, math.exp(_WIDEST)):
        return unit
    logarithm = optimize.brentq(
        lambda x: _mean_difference(mean, math.exp(x)) - difference, _WIDEST, _NARROWEST, xtol=1e-12
    )
    return unit / (math.exp(logarithm) + 1)


def _condition(accuracy: float, auroc: float, resolution: float, shift: float) -> str:
    if accuracy in (0, 1):
        return "all answers are correct or all are wrong, so that AUROC is not defined"
    if auroc < 0.5:
        return f"AUROC {auroc:.3g} is below 1/2: confidence does not increase with accuracy"
    if resolution > 0:
        a, b = _shape(accuracy, resolution)
        end = min(1.0, max(0.0, 1 - shift if shift > 0 else -shift))
        beyond = float(special.betainc(a, b, end))
        beyond = 1 - beyond if shift > 0 else beyond
        if beyond > _SQUEEZED:
            return (
                f"a shift of {shift:+.2g} would put {beyond:.0%} of the confidences beyond"
                f" {1 if shift > 0 else 0}, so that it cannot be constant"
            )
    return ""
