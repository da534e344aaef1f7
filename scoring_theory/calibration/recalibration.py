"""Cross-fitted recalibration: maps of confidence, fitted to some rows and applied to others.

Recalibration serves comparison, and use where tomorrow's answers are like these. It needs the
outcomes of many answers, cannot make confidence separate correct from wrong answers where it does
not already, and does not transfer to another distribution of questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from scipy.special import expit, logit

from scoring_theory.calibration.binning import EqualMass, bin_sums, mass_cuts
from scoring_theory.calibration.decomposition import recalibrated
from scoring_theory.calibration.forecasts import Forecasts, takes_scores
from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.logistic import fit_logistic
from scoring_theory.calibration.order_statistics import BLOCK, placer, slices
from scoring_theory.calibration.randomness import RandomLike, as_generator
from scoring_theory.display import line, one_line

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Method = Literal["isotonic", "platt", "temperature", "beta", "histogram"]
Fit = Callable[[Forecasts, float], "RecalibrationMap"]
HISTOGRAM_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class RecalibrationMap:
    """A map from stated to recalibrated confidence, which is called like a function.

    It holds numbers only, so that it can be pickled, or written down and applied anywhere.

    Attributes:
        method: As in `recalibrate`.
        answers: The number of answers that it was fitted to.
        edge: Stated values are clipped to [edge, 1 - edge] before logarithms; 0 where there are
            none.
        knots: Stated values at which the map is known: of "isotonic", between which it is
            interpolated; of "histogram", at which a step begins; otherwise empty.
        values: The recalibrated confidences at the knots; of the other methods, the coefficients
            (a, b), (b) or (a, b, d).

    Example:
        >>> stated = Forecasts(correct=[1, 0, 1, 0, 0, 0], confidence=[0.9] * 4 + [0.5] * 2)
        >>> recalibrated = recalibrate(stated, rng=0, folds=2).map
        >>> recalibrated
        RecalibrationMap('isotonic', answers=6, 0.5 -> 0, 0.9 -> 0.5)
        >>> recalibrated(0.9), recalibrated([0.5, 0.7, 1.0]).round(3)
        (0.5, array([0.  , 0.25, 0.5 ]))
    """

    method: Method
    answers: int
    edge: float
    knots: NDArray[np.float64]
    values: NDArray[np.float64]

    @overload
    def __call__(self, confidence: float) -> float: ...
    @overload
    def __call__(self, confidence: ArrayLike) -> NDArray[np.float64]: ...
    def __call__(self, confidence: ArrayLike) -> float | NDArray[np.float64]:
        """The recalibrated confidence of a stated one, or of each in an array.

        Raises:
            ValueError: If a confidence is outside [0, 1], or none.
        """
        q = np.asarray(confidence, dtype=np.float64)
        if not ((q >= 0) & (q <= 1)).all():
            wrong = q[~((q >= 0) & (q <= 1))].flat[0]
            raise ValueError(f"`confidence` must lie in [0, 1], got {wrong:g}")
        if self.method == "isotonic":
            mapped = interpolated(q, self.knots, self.values)
        elif self.method == "histogram":
            mapped = self.values[np.maximum(np.searchsorted(self.knots, q, side="right") - 1, 0)]
        else:
            flat = np.clip(q.reshape(-1), self.edge, 1 - self.edge)
            mapped = expit(_FEATURES[self.method](flat) @ self.values).reshape(q.shape)
        mapped = np.clip(mapped, 0.0, 1.0)
        return float(mapped) if q.ndim == 0 else mapped

    def __repr__(self) -> str:
        if self.knots.size:
            ends = sorted({0, self.knots.size // 2, self.knots.size - 1})
            shown = [f"{self.knots[k]:.3g} -> {self.values[k]:.3g}" for k in ends]
        else:
            names = {"platt": "ab", "temperature": "b", "beta": "abd"}[self.method]
            shown = [f"{a}={value:.3g}" for a, value in zip(names, self.values, strict=True)]
        return line("RecalibrationMap", repr(self.method), f"answers={self.answers}", *shown)


@dataclass(frozen=True, slots=True, eq=False)
class Recalibrated:
    """Rows with recalibrated confidences, in the original order, and a map for other answers.

    Attributes:
        forecasts: The rows; each confidence comes from a map that was fitted without its fold. They
            estimate what `map` does on other answers of the same kind.
        clipped: The number of stated values that were clipped to `edge` or 1 - `edge` before the
            logit.
        stated: The rows as they were given.
        method: As in `recalibrate`.
        edge: As in `recalibrate`.
    """

    forecasts: Forecasts
    clipped: int
    stated: Forecasts
    method: Method
    edge: float

    __repr__ = one_line

    @property
    def map(self) -> RecalibrationMap:
        """The map that is fitted to all rows, for answers whose outcomes are not known.

        It is fitted when it is asked for. Measured on these rows it looks better than it is, since
        it has seen their outcomes.

        Raises:
            ValueError: If a threshold separates correct from wrong answers, so that a parametric
                fit has no finite maximum.
        """
        return _FITS[self.method](self.stated.ungrouped(), self.edge)


@takes_scores
def recalibrate(
    forecasts: Forecasts,
    *,
    method: Method = "isotonic",
    rng: RandomLike,
    folds: int = 5,
    edge: float = 1e-3,
) -> Recalibrated:
    """Cross-fitted recalibration: the map for each fold is fitted to the other folds.

    To recalibrate other answers, apply `map` of the result, which is fitted to all rows; its effect
    on answers of the same kind is what the cross-fitted rows show.

    Groups are never split over folds. The methods are

        isotonic       isotonic regression of c on q, interpolated between stated values
        platt          expit(a + b logit q)
        temperature    expit(b logit q)
        beta           expit(a + b log q - d log(1 - q))
        histogram      the observed frequency in one of 15 bins of equal mass

    Platt, temperature and beta take logarithms. Stated values are therefore clipped to [edge, 1 -
    edge] first, and the result counts the clipped ones.

    Source: Zadrozny, Elkan 2002 (isotonic); Platt 1999; Guo et al. 2017 (temperature); Kull, Silva
    Filho, Flach 2017 (beta); Zadrozny, Elkan 2001 (histogram).

    Args:
        forecasts: The rows; those with the same `group` are in the same fold.
        method: The map, see above.
        rng: Assigns the folds; the only source of randomness, a generator or a seed.
        folds: Number of folds, at least 2; at most the number of groups are used.
        edge: In (0, 1/2).

    Raises:
        ValueError: If an argument is outside its domain, there is only one group, or a threshold
            separates correct from wrong answers in some fold, so that a parametric fit has no
            finite maximum.
        TypeError: If `rng` is neither a generator nor a seed.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> q = rng.choice([0.6, 0.9, 1.0], size=3000)
        >>> overconfident = Forecasts(correct=rng.random(3000) < q - 0.3, confidence=q)
        >>> better = recalibrate(overconfident, method="temperature", rng=rng)
        >>> better.clipped == (q == 1).sum()
        np.True_
        >>> better.map  # for the answers of tomorrow
        RecalibrationMap('temperature', answers=3000, b=0.121)
        >>> better.map([0.6, 0.9]).round(2)
        array([0.51, 0.57])
    """
    if method not in _FITS:
        raise ValueError(f"`method` must be one of {', '.join(_FITS)}, got {method!r}")
    if not 0 < edge < 0.5:
        raise ValueError(f"`edge` must lie in (0, 1/2), got {edge!r}")
    fold, rows = _folds(forecasts, as_generator(rng), folds), forecasts.ungrouped()
    confidence = np.empty(len(forecasts))
    for k in range(int(fold.max()) + 1):
        held_out = np.flatnonzero(fold == k)
        fitted = _FITS[method](rows[fold != k], edge)
        confidence[held_out] = fitted(forecasts.confidence[held_out])
    clipped = 0
    if method in ("platt", "temperature", "beta"):
        outside = (forecasts.confidence < edge) | (forecasts.confidence > 1 - edge)
        clipped = int(outside.sum())
    weight = None if forecasts.unweighted else forecasts.weight
    better = Forecasts(
        correct=forecasts.correct,
        confidence=np.clip(confidence, 0.0, 1.0),
        weight=weight,
        group=forecasts.group,
        graded=forecasts.graded,
    )
    return Recalibrated(better, clipped, forecasts, method, edge)


def _folds(forecasts: Forecasts, rng: np.random.Generator, folds: int) -> NDArray[np.int64]:
    """(n,) the fold of each row: groups in random order, assigned to the folds in turn."""
    if not isinstance(folds, (int, np.integer)) or folds < 2:
        raise ValueError(f"`folds` must be a whole number of at least 2, got {folds!r}")
    codes = np.arange(len(forecasts)) if forecasts.group is None else compact(forecasts.group)
    groups = int(codes.max()) + 1
    if groups < 2:
        raise ValueError("cross-fitting needs at least 2 groups, got 1")
    return np.asarray(rng.permutation(groups) % min(folds, groups), dtype=np.int64)[codes]


def _isotonic(rows: Forecasts, _: float) -> RecalibrationMap:
    levels = rows.levels.weighted()
    fitted = recalibrated(levels)
    # Knots inside a constant piece do not change the interpolation.
    corner = np.ones(fitted.size, dtype=np.bool_)
    corner[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return RecalibrationMap("isotonic", len(rows), 0.0, levels.value[corner], fitted[corner])


def interpolated(
    q: NDArray[np.float64], knots: NDArray[np.float64], heights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`numpy.interp(q, knots, heights)` for q and knots in [0, 1], faster if there are many q.

    Example:
        >>> interpolated(np.array([0.25, 0.9]), np.array([0.0, 0.5]), np.array([0.2, 0.6]))
        array([0.4, 0.6])
    """
    with np.errstate(over="ignore"):
        slope = np.diff(heights, append=heights[-1]) / np.diff(knots, append=np.inf)
    if q.size <= BLOCK or not np.isfinite(slope).all():
        return np.interp(q, knots, heights)
    place, values = placer(knots[1:], "right", rows=q.size), np.empty(q.size)
    for rows in slices(q.size):
        inside = np.clip(q[rows], knots[0], knots[-1])
        k = place(inside)
        values[rows] = slope.take(k) * (inside - knots.take(k)) + heights.take(k)
    return values


def _histogram(rows: Forecasts, _: float) -> RecalibrationMap:
    sums = bin_sums(rows, bins=EqualMass(HISTOGRAM_BINS))
    frequency = sums.correct / np.where(sums.weight > 0, sums.weight, 1.0)
    stated = rows.levels.value
    fitted = frequency[np.searchsorted(mass_cuts(rows, HISTOGRAM_BINS), stated)]
    return RecalibrationMap("histogram", len(rows), 0.0, stated, fitted)


def _logistic(method: Method, start: list[float]) -> Fit:
    """The fit of expit(features(q) @ line), with q clipped because features take logarithms."""

    def fit(rows: Forecasts, edge: float) -> RecalibrationMap:
        levels = rows.levels.weighted()
        line = fit_logistic(
            _FEATURES[method](np.clip(levels.value, edge, 1 - edge)),
            levels.weight,
            levels.correct,
            start=np.array(start),
        )
        return RecalibrationMap(method, len(rows), edge, np.empty(0), line)

    return fit


_FEATURES: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "platt": lambda q: np.column_stack([np.ones(q.size), logit(q)]),
    "temperature": lambda q: logit(q)[:, None],
    "beta": lambda q: np.column_stack([np.ones(q.size), np.log(q), -np.log1p(-q)]),
}
_FITS: Mapping[str, Fit] = {
    "isotonic": _isotonic,
    "platt": _logistic("platt", [0.0, 1.0]),
    "temperature": _logistic("temperature", [1.0]),
    "beta": _logistic("beta", [0.0, 1.0, 1.0]),
    "histogram": _histogram,
}
