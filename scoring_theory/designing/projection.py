"""The projection of a reward onto the cone of safe rewards: nonnegative least squares over threshold bets.

    minimise  d(R, sum_t x_t B_t + sum_s y_s E_s)^2   over x, y >= 0

B_t is the bet at a knot t, E_s pays for thresholds of density 1 between two neighbouring knots.
Knots are added where the residual r = R - R' gains most from a bet (an exchange method), until no
safe reward can be much closer.

How much closer one can be is bounded by duality. Let P be the nearest of *all* safe rewards, a
mixture of bets by some measure mu, r the residual, and phi a function of (q, c) that every bet
agrees with, n(t) = <B_t, phi> > 0 for t < 1. With eps = max(0, sup_t <r, B_t> / n(t)),

    <r, P> = int <r, B_t> dmu(t) <= eps int n dmu = eps <P, phi> <= eps |P| |phi| <= eps |R| |phi|

and since the squared distance is convex with gradient -2 r at R',

    d(R, P)^2 >= d(R, R')^2 - 2 (eps |R| |phi| - <r, R'>)

Here phi(q, 1) = 1/2, phi(q, 0) = log(1 - q) - 1/2, so that |phi|^2 = 3/2 up to constants and n(t) =
(1 - t)^2 / 2 + t (1 - t) (1 - log(1 - t)) / 2. The supremum is read at the edges of the mesh, 500
and more.

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
    """A safe mixture near a reward, and how near any safe reward can be at best."""

    thresholds: ThresholdDistribution
    distance: float
    lower_bound: float


def project(
    paid: Floats, mesh: Mesh, corners: Collection[Fraction], *, tolerance: float, pieces: int
) -> Projection:
    """The nearest mixture of bets and stretches, with masses and densities of four digits.

    Args:
        paid: the payoffs of the reward at the points of the mesh, centred, (2, n, nodes).
        mesh: the quadrature.
        corners: where a knot is worth while from the start.
        tolerance: stop when the lower bound is within this share of the distance.
        pieces: stop with so many stretches.
    """
    size = mesh.inner(paid, paid) ** 0.5
    knots, lower = sorted({*_STARTING_KNOTS, *corners}), 0.0
    while True:
        found, violation = _solve(paid, mesh, knots, size, knots[:-1])
        lower = max(lower, found.lower_bound)
        close = (
            found.distance - lower <= tolerance * found.distance
            or found.distance <= _NOTHING * size
        )
        new = _next_knot(violation, mesh, knots)
        if close or new is None or len(knots) > pieces:
            break
        knots = sorted({*knots, new})
    # Bets that carry next to nothing are an artefact of where the knots are; without them the
    # formula is shorter.
    heavy = [
        t for t, m in found.thresholds.atoms.items() if m > _LIGHT * found.thresholds.total or not t
    ]
    plain, _ = _solve(paid, mesh, knots, size, heavy)
    if plain.distance <= max(found.distance, lower / (1 - tolerance), _NOTHING * size):
        found = plain
    return found._replace(lower_bound=max(lower, plain.lower_bound))


def project_evenly(paid: Floats, mesh: Mesh) -> Projection:
    """The nearest mixture of thresholds at 0 and spread evenly over [0, 1]: two numbers."""
    size = mesh.inner(paid, paid) ** 0.5
    return _solve(paid, mesh, [Fraction(0), Fraction(1)], size, [Fraction(0)])[0]


def _solve(
    paid: Floats, mesh: Mesh, knots: list[Fraction], size: float, bets: list[Fraction]
) -> tuple[Projection, Floats]:
    """The best masses of some bets and of all stretches between knots, and how much each further bet would gain."""
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
    """Bets, then stretches of density 1 between knots, centred, (columns, 2, n, nodes)."""
    q = mesh.q
    columns = [np.array([-knot * (q > knot), (1 - knot) * (q > knot)]) for knot in map(float, bets)]
    for low, high in pairwise(map(float, knots)):
        x = np.clip(q, low, high)
        share, staked = x - low, (x**2 - low**2) / 2
        columns.append(np.array([-staked, share - staked]))
    return np.stack([mesh.centred(column) for column in columns])


def _agreement(t: Floats) -> Floats:
    """n(t) = <B_t, phi> on [0, 1)."""
    return np.asarray((1 - t) ** 2 / 2 + t * (1 - t) * (1 - np.log1p(-t)) / 2)


def _next_knot(violation: Floats, mesh: Mesh, knots: list[Fraction]) -> Fraction | None:
    """Where a bet would gain most: a corner, a hundredth or a power of two from an end; None if none would gain."""
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
    """Four significant decimals each; 0 where the mass is nothing beside the whole."""
    masses = amounts * np.concatenate([np.ones(bets), np.diff(np.array(knots, dtype=np.float64))])
    kept = masses > _NOTHING * masses.sum()
    return [
        Fraction(f"{x:.{_DIGITS}g}") if keep else Fraction(0)
        for x, keep in zip(amounts, kept, strict=True)
    ]
