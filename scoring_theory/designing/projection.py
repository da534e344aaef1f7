"""The projection of a reward onto the safe cone: nonnegative least squares over threshold bets.

    minimise  d(R, sum_t x_t B_t + sum_s y_s E_s)^2   over x, y >= 0

B_t is the bet at a knot t, E_s the mixture of bets with density 1 between two neighbouring knots.
Knots are added where a bet reduces the residual r = R - R' most (an exchange method), until no safe
reward can be much closer.

Duality bounds the distance from below. Let P be the nearest of *all* safe rewards, a mixture of
bets by some measure mu, r the residual, and phi a function of (q, c) that has a positive inner
product with every bet, n(t) = <B_t, phi> > 0 for t < 1. With eps = max(0, sup_t <r, B_t> / n(t)),

    <r, P> = int <r, B_t> dmu(t) <= eps int n dmu = eps <P, phi> <= eps |P| |phi| <= eps |R| |phi|

and since the squared distance is convex with gradient -2 r at R',

    d(R, P)^2 >= d(R, R')^2 - 2 (eps |R| |phi| - <r, R'>)

Here phi(q, 1) = 1/2, phi(q, 0) = log(1 - q) - 1/2, so that |phi|^2 = 3/2 up to constants and n(t) =
(1 - t)^2 / 2 + t (1 - t) (1 - log(1 - t)) / 2. The supremum is taken over the edges of the mesh,
500 or more.

Source:
    Moreau 1962 (projection onto a cone); Groeneboom, Jongbloed, Wellner 2008 (support reduction).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import nnls

from scoring_theory.designing.distance import Mesh
from scoring_theory.thresholds import Stretch, ThresholdDistribution

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoring_theory.expression.numeric import Floats

_SIZE_OF_PHI = 1.5**0.5
_DIGITS = 4
_LIGHT, _NOTHING = 0.01, 1e-6
_STARTING_KNOTS = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


class Projection(NamedTuple):
    """The nearest mixture of bets that was found, and a lower bound for all safe rewards.

    Attributes:
        thresholds: the mixture.
        distance: its distance from the reward.
        lower_bound: no safe reward is closer.
    """

    thresholds: ThresholdDistribution
    distance: float
    lower_bound: float


def project(
    paid: Floats, mesh: Mesh, corners: Collection[Fraction], *, tolerance: float, pieces: int
) -> Projection:
    """The nearest mixture of bets and of intervals of bets, with masses of four digits.

    Args:
        paid: the payoffs of the reward at the nodes of the mesh, centred, (2, n, nodes).
        mesh: the quadrature.
        corners: knots from the start.
        tolerance: stop when the lower bound is within this share of the distance.
        pieces: the largest number of intervals.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> brier = Reward.parse("c - 2*(q - c)^2")
        >>> mesh = Mesh.for_reward(brier)
        >>> near = project(mesh.payoffs(brier), mesh, (), tolerance=0.01, pieces=12)
        >>> round(near.distance, 3), near.lower_bound > 0.98 * near.distance
        (0.167, True)
    """
    size = mesh.inner(paid, paid) ** 0.5
    knots, lower = sorted({*_STARTING_KNOTS, *corners}), 0.0
    while True:
        nearest, violation = _solve(paid, mesh, knots, size, knots[:-1])
        lower = max(lower, nearest.lower_bound)
        close = (
            nearest.distance - lower <= tolerance * nearest.distance
            or nearest.distance <= _NOTHING * size
        )
        new = _next_knot(violation, mesh, knots)
        if close or new is None or len(knots) > pieces:
            break
        knots = sorted({*knots, new})
    # Bets of small mass are an artefact of the position of the knots; without them the formula is
    # shorter.
    mixture = nearest.thresholds
    heavy = [t for t, mass in mixture.atoms.items() if mass > _LIGHT * mixture.total or not t]
    shorter, _ = _solve(paid, mesh, knots, size, heavy)
    if shorter.distance <= max(nearest.distance, lower / (1 - tolerance), _NOTHING * size):
        nearest = shorter
    return nearest._replace(lower_bound=max(lower, shorter.lower_bound))


def project_evenly(paid: Floats, mesh: Mesh) -> Projection:
    """The nearest mixture of a point mass at 0 and uniform mass on [0, 1]: two numbers.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> rlcr = Reward.parse("c - (q - c)^2")
        >>> mesh = Mesh.for_reward(rlcr)
        >>> near = project_evenly(mesh.payoffs(rlcr), mesh)
        >>> near.distance < 1e-6, len(near.thresholds.atoms), near.thresholds.stretches[0].mass
        (True, 0, Fraction(2, 1))
    """
    size = mesh.inner(paid, paid) ** 0.5
    return _solve(paid, mesh, [Fraction(0), Fraction(1)], size, [Fraction(0)])[0]


def _solve(
    paid: Floats, mesh: Mesh, knots: list[Fraction], size: float, bets: list[Fraction]
) -> tuple[Projection, Floats]:
    """The best masses of bets and of all intervals between knots, and the gain of further bets."""
    basis = _basis(mesh, knots, bets)
    root = np.sqrt(np.broadcast_to(mesh.weights, paid.shape) / 2)
    matrix = np.stack([(column * root).ravel() for column in basis], axis=1)
    amounts = _rounded(
        nnls(matrix, (paid * root).ravel(), maxiter=100 * len(basis))[0], knots, len(bets)
    )
    near = np.tensordot(np.array([float(x) for x in amounts]), basis, axes=1)
    residual = paid - near
    squared = mesh.inner(residual, residual)
    violation = mesh.against_bets(residual)[:-1] / _agreement(mesh.ends[:-1])
    gap = 2 * (max(0.0, float(violation.max())) * size * _SIZE_OF_PHI - mesh.inner(residual, near))
    heights = zip(amounts[len(bets) :], pairwise(knots), strict=True)
    mixture = ThresholdDistribution(
        {t: m for t, m in zip(bets, amounts, strict=False) if m},
        stretches=tuple(Stretch(w * (b - a), a, b) for w, (a, b) in heights if w),
    )
    return Projection(mixture, squared**0.5, max(0.0, squared - max(gap, 0.0)) ** 0.5), violation


def _basis(mesh: Mesh, knots: list[Fraction], bets: list[Fraction]) -> Floats:
    """Bets, then bets of density 1 between knots, centred, (columns, 2, n, nodes)."""
    q = mesh.q
    columns = [np.array([-knot * (q > knot), (1 - knot) * (q > knot)]) for knot in map(float, bets)]
    for low, high in pairwise(map(float, knots)):
        x = np.clip(q, low, high)
        mass, cost = x - low, (x**2 - low**2) / 2
        columns.append(np.array([-cost, mass - cost]))
    return np.stack([mesh.centred(column) for column in columns])


def _agreement(t: Floats) -> Floats:
    """The inner product `n(t)` = <B_t, phi> on [0, 1)."""
    return np.asarray((1 - t) ** 2 / 2 + t * (1 - t) * (1 - np.log1p(-t)) / 2)


def _next_knot(violation: Floats, mesh: Mesh, knots: list[Fraction]) -> Fraction | None:
    """The edge at which a bet would reduce the distance most; None if none would.

    Only corners, hundredths and powers of two from an end are used, so that formulas stay short.
    """
    for place in np.argsort(-violation):
        edge: Fraction = mesh.edges[place]
        if violation[place] <= 0:
            return None
        if edge not in knots and (
            edge in mesh.corners or 100 % edge.denominator == 0 or not mesh.inside(edge)
        ):
            return edge
    return None


def _rounded(amounts: Floats, knots: list[Fraction], bets: int) -> list[Fraction]:
    """Each amount to four significant digits; 0 where its mass is negligible."""
    masses = amounts * np.concatenate([np.ones(bets), np.diff(np.array(knots, dtype=np.float64))])
    kept = masses > _NOTHING * masses.sum()
    return [
        Fraction(f"{x:.{_DIGITS}g}") if keep else Fraction(0)
        for x, keep in zip(amounts, kept, strict=True)
    ]
