"""The distance of two rewards: the mean square difference of their payoffs, up to a constant.

    d(R, S)^2 = min_k int_0^1 1/2 sum_c (R(q, c) - S(q, c) - k)^2 dq

All confidences and both outcomes have the same weight, since the distribution of a learner's
confidences is not known. The distance is 0 only for rewards that differ by a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.formula import CONFIDENCE, FormulaError, Node
from proofs.search.roots import Coefficients, product
from scoring_theory.checking.square_integrable import LARGEST_PAYOFF
from scoring_theory.expression import evaluate, piece_ends, polynomial_pieces
from scoring_theory.expression.pieces import deciding_functions
from scoring_theory.reward import Reward

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

_NODES = 6
_EVEN = 500
_FINEST = 20
_NEAR = 10**4
_HALVINGS = 60
_SHARE = 0.02  # the largest relative difference of squared norms on a mesh and on a finer one


@dataclass(frozen=True)
class Mesh:
    """Gauss-Legendre quadrature on [0, 1] x {0, 1}, dense at both ends for logarithmic poles.

    Attributes:
        edges: the edges of the cells, ascending from 0 to 1.
        corners: the edges at which the formula changes its piece, to four decimals where they are
            irrational.

    Example:
        >>> mesh = Mesh.for_reward(Reward.parse("c*(q > 3/10)"))
        >>> sorted(mesh.corners), len(mesh.edges) > 500
        ([Fraction(3, 10)], True)
    """

    edges: tuple[Fraction, ...]
    corners: frozenset[Fraction] = frozenset()

    @classmethod
    def for_reward(cls, reward: Reward) -> Mesh:
        """The mesh whose cells end where the formula changes its piece."""
        found = {x for side in (reward.on_correct, reward.on_wrong) for x in _piece_ends(side)}
        corners = {
            x if isinstance(x, Fraction) else Fraction(round(x * _NEAR), _NEAR) for x in found
        }
        cuts = corners | {Fraction(x) for x in found}
        even = {Fraction(n, _EVEN) for n in range(_EVEN + 1)}
        fine = {Fraction(1, 2**k) for k in range(9, _FINEST + 1)}
        return cls(tuple(sorted({*cuts, *even, *fine, *(1 - x for x in fine)})), frozenset(corners))

    def inside(self, edge: Fraction) -> bool:
        """Whether an edge is at least one regular step from both ends of [0, 1]."""
        return Fraction(1, _EVEN) <= edge <= 1 - Fraction(1, _EVEN)

    @cached_property
    def finer(self) -> Mesh:
        """A mesh with halved cells, and more cells at both ends; integrals must agree on both."""
        middles = {(a + b) / 2 for a, b in pairwise(self.edges)}
        fine = {Fraction(1, 2**k) for k in range(_FINEST, 2 * _FINEST)}
        return Mesh(tuple(sorted({*self.edges, *middles, *fine, *(1 - x for x in fine)})))

    @cached_property
    def ends(self) -> Floats:
        """The edges as floats, (n + 1,)."""
        return np.array([float(edge) for edge in self.edges])

    @cached_property
    def q(self) -> Floats:
        """The nodes, (n, nodes)."""
        at, _ = np.polynomial.legendre.leggauss(_NODES)
        return np.asarray(self.ends[:-1, None] + np.diff(self.ends)[:, None] * (at + 1) / 2)

    @cached_property
    def weights(self) -> Floats:
        """The weights of an integral over q, (n, nodes)."""
        _, weight = np.polynomial.legendre.leggauss(_NODES)
        return np.asarray(np.diff(self.ends)[:, None] * weight / 2)

    def payoffs(self, reward: Reward) -> Floats:
        """R minus its mean at the nodes, (2, n, nodes), row 0 wrong, row 1 correct.

        Raises:
            ValueError: a payoff is infinite inside (0, 1), too large to be squared, or not
                square-integrable.
        """
        paid = np.stack([reward.payoff(self.q, c) for c in (0, 1)])
        if not np.isfinite(paid).all():
            raise ValueError(
                f"{reward.text!r} has no distance to any other reward: a payoff is infinite inside"
                " (0, 1)"
            )
        if (largest := np.abs(paid).max()) > LARGEST_PAYOFF:
            raise ValueError(
                f"{reward.text!r} pays up to {largest:.3g}, and the distance squares payoffs: scale"
                " it down"
            )
        squares = float((paid**2 * self.weights).sum())
        finer = self.finer
        again = sum(float((reward.payoff(finer.q, c) ** 2 * finer.weights).sum()) for c in (0, 1))
        if abs(again - squares) > _SHARE * again:
            raise ValueError(
                f"{reward.text!r} has no finite distance from any safe reward: its payoffs grow so"
                " fast that they are not square-integrable (as far as quadrature can tell)"
            )
        return self.centred(paid)

    def centred(self, paid: Floats) -> Floats:
        """The payoffs minus their mean over q and c."""
        return np.asarray(paid - self.inner(paid, np.ones_like(paid)))

    def inner(self, one: Floats, other: Floats) -> float:
        """The inner product 1/2 sum_c int R S dq."""
        return float((one * other * self.weights).sum() / 2)

    def against_bets(self, paid: Floats) -> Floats:
        """The inner product with the bet at each edge t.

        <R, B_t> = 1/2 int_t^1 (1 - t) R(q, 1) - t R(q, 0) dq
        """
        cells = (paid * self.weights).sum(axis=2)
        wrong, right = np.concatenate(
            [np.cumsum(cells[:, ::-1], axis=1)[:, ::-1], np.zeros((2, 1))], axis=1
        )
        return np.asarray(((1 - self.ends) * right - self.ends * wrong) / 2)


def _piece_ends(payoff: Node) -> tuple[Fraction | float, ...]:
    """Where a payoff changes its piece; by bisection where no exact root is known.

    A floor or clip of a logarithm ends at a root of a transcendental equation, such as exp(-5).
    Quadrature needs that point only to the precision of a float.
    """
    try:
        return piece_ends(payoff)
    except FormulaError:
        roots = {root for part in deciding_functions(payoff) for root in _sign_changes(part)}
        return tuple(sorted(roots))


def _sign_changes(difference: Node) -> list[float]:
    """Where a function of q changes its sign in (0, 1), to the precision of a float.

    The grid is dense at both ends, since floors of logarithms are small.
    """
    tails = 10.0 ** -np.arange(3, 16, 0.25)
    grid = np.unique(np.concatenate([np.linspace(0, 1, 2 * _EVEN + 1)[1:-1], tails, 1 - tails]))
    signs = np.sign(evaluate(difference, {CONFIDENCE: grid}))
    exact = grid[signs == 0]
    (crossed,) = np.nonzero(signs[:-1] * signs[1:] < 0)
    low, high, sign = grid[crossed], grid[crossed + 1], signs[crossed]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = np.sign(evaluate(difference, {CONFIDENCE: middle})) == sign
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return [*exact.tolist(), *high.tolist()] if exact.size < _EVEN else high.tolist()


def distance_squared(one: Reward, other: Reward) -> tuple[float, Fraction | None]:
    """d(R, S)^2 in floating point, and exactly where both are rational piecewise polynomials.

    Raises:
        ValueError: the difference is not square-integrable, or a condition in a formula is not
            rational in q.

    Example:
        >>> distance_squared(Reward.parse("c"), Reward.parse("2*c + 5"))[1]
        Fraction(1, 4)
    """
    gap = one - other
    exact = _exactly(gap)
    if exact is not None:
        return float(exact), exact
    mesh = Mesh.for_reward(gap)
    paid = mesh.payoffs(gap)
    return mesh.inner(paid, paid), None


def _exactly(gap: Reward) -> Fraction | None:
    """The squared norm of a difference of rewards; None where it is not a piecewise polynomial."""
    known = polynomial_pieces(gap.on_wrong, gap.on_correct)
    if known is None:
        return None
    first = second = Fraction(0)
    for (low, high), sides in zip(pairwise(known[0]), known[1], strict=True):
        first += sum(_integral(side, low, high) for side in sides)
        second += sum(_integral(product(side, side), low, high) for side in sides)
    return second / 2 - (first / 2) ** 2


def _integral(coefficients: Coefficients, low: Fraction, high: Fraction) -> Fraction:
    return sum(
        (x * (high ** (n + 1) - low ** (n + 1)) / (n + 1) for n, x in enumerate(coefficients)),
        Fraction(0),
    )
