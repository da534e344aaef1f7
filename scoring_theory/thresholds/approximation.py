"""Approximation of any distribution on [0, 1] by uniform pieces, with a bound on the error."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scoring_theory.thresholds import Stretch, ThresholdDistribution, support

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

_WITHIN = 64  # points in a stretch at which F is evaluated
_GRID = 10_000  # knots and masses are multiples of 1/10,000


class Approximation(NamedTuple):
    """A distribution of total mass 1, and the error of its distribution function."""

    thresholds: ThresholdDistribution
    error: float


def approximate(distribution: Any, *, pieces: int) -> Approximation:
    """Uniform mass on stretches, each with the probability that the distribution gives it.

    Both distribution functions increase. So between neighbouring points a < b at which F is
    evaluated, they differ by at most max(F(b) - G(a), G(b) - F(a)); the largest of these is the
    bound. The stretch where it is largest is halved until there are `pieces` of them.

    Args:
        distribution: a frozen continuous distribution of `scipy.stats` on [0, 1], or any object
        with
            its `support` and `cdf`.
        pieces: the number of stretches; at least 1.

    Returns:
        The mixture, and a bound on sup |F - G| (up to the error of `cdf`).

    Raises:
        ValueError: the support is not within [0, 1], or `pieces` is not positive.

    Example:
        >>> from scipy import stats
        >>> result = approximate(stats.truncnorm(-2, 2, loc=0.5, scale=0.2), pieces=16)
        >>> len(result.thresholds.stretches), result.error < 0.02
        (16, True)
    """
    if pieces < 1:
        raise ValueError(f"`pieces` must be positive, got {pieces}")
    ends = [Fraction(round(x * _GRID), _GRID) for x in support(distribution)]
    if ends[0] == ends[1]:
        raise ValueError(
            f"a distribution as narrow as [{ends[0]}, {ends[1]}] is one threshold; give it as a"
            " list"
        )
    knots = ends
    while len(knots) <= pieces:
        errors = [_error(distribution, a, b) for a, b in pairwise(knots)]
        wide = [
            e if b - a >= Fraction(2, _GRID) else -1.0
            for e, (a, b) in zip(errors, pairwise(knots), strict=True)
        ]
        worst = int(np.argmax(wide))
        if wide[worst] < 0:
            break
        middle = Fraction(round((knots[worst] + knots[worst + 1]) / 2 * _GRID), _GRID)
        knots = [*knots[: worst + 1], middle, *knots[worst + 1 :]]
    masses = _masses(_cdf(distribution, knots))
    stretches = tuple(
        Stretch(m, a, b) for m, (a, b) in zip(masses, pairwise(knots), strict=True) if m
    )
    reached = np.cumsum([0.0, *map(float, masses)])
    error = max(
        _error(distribution, a, b, (low, high))
        for (a, b), (low, high) in zip(pairwise(knots), pairwise(reached), strict=True)
    )
    return Approximation(ThresholdDistribution(stretches=stretches), error)


def without_betas(shares: ThresholdDistribution, *, pieces: int) -> Approximation:
    """A mixture in which Beta parts are replaced by stretches of uniform mass.

    Beta(1, 1) is uniform already.

    Args:
        shares: a distribution of any total mass.
        pieces: the number of stretches for each Beta part.

    Returns:
        The mixture, of the same total, and a bound on sup |F - G| as a share of the total.

    Example:
        >>> from scoring_theory.thresholds import ThresholdDistribution
        >>> result = without_betas(ThresholdDistribution.of(betas=((2, 200, 100),)), pieces=16)
        >>> result.thresholds.parts, result.thresholds.total, result.error < 0.01
        ((), Fraction(2, 1), True)
    """
    from scipy import stats

    even = tuple(part for part in shares.parts if part.a == part.b == 1)
    mixture, error = ThresholdDistribution(shares.atoms, even, shares.stretches), 0.0
    for part in (part for part in shares.parts if part not in even):
        uniform = approximate(stats.beta(float(part.a), float(part.b)), pieces=pieces)
        mixture += uniform.thresholds.scaled(part.mass)
        error += float(part.mass) * uniform.error
    return Approximation(mixture, error / float(shares.total))


def _cdf(distribution: Any, points: list[Fraction] | Floats) -> Floats:
    """F at points.

    Raises:
        ValueError: the values are not those of a distribution function.
    """
    values = np.asarray(distribution.cdf(np.asarray(points, dtype=np.float64)), dtype=np.float64)
    if not np.isfinite(values).all() or (np.diff(values) < -1e-12).any():
        raise ValueError(
            "the distribution function of the thresholds must be finite and never fall"
        )
    return values


def _error(
    distribution: Any, low: Fraction, high: Fraction, reached: tuple[float, float] | None = None
) -> float:
    f = _cdf(distribution, np.linspace(float(low), float(high), _WITHIN + 1))
    first, last = reached or (float(f[0]), float(f[-1]))
    g = np.linspace(first, last, _WITHIN + 1)
    return float(max((f[1:] - g[:-1]).max(), (g[1:] - f[:-1]).max()))


def _masses(reached: Floats) -> list[Fraction]:
    """Exact shares that sum to 1: F between knots, in multiples of 1/10,000."""
    steps = [0, *(round(float(x) * _GRID) for x in reached[1:-1]), _GRID]
    return [Fraction(b - a, _GRID) for a, b in pairwise(steps)]
