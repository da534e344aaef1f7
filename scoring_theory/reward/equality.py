"""Equality of rewards up to a positive affine map of the payoff: R_other = alpha R_one + beta, alpha > 0."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from proofs.kernel.formula import CONFIDENCE, FormulaError, Node
from scoring_theory.expression import breakpoints, evaluate, resolve, symbol, to_sympy

if TYPE_CHECKING:
    from sympy import Expr

    from scoring_theory.reward.reward import Reward

_PROBES = tuple(Fraction(n, 97) for n in (3, 11, 24, 37, 53, 68, 79, 94))
_DIGITS = 50
Sides = tuple[Node, Node]


def same_to_a_learner(one: Reward, other: Reward) -> bool:
    """Whether R_other = alpha R_one + beta with alpha > 0, for every q and c (and every value of a free parameter).

    Both payoffs are cut where either formula changes its piece. On each piece the difference of rational functions is
    decided exactly; other functions count as equal when they agree to 40 digits at eight points. At breakpoints and
    ends, where only values matter, floats are compared to nine digits.
    """
    if dict.fromkeys(one.free_parameters) != dict.fromkeys(other.free_parameters):
        return False
    if any(one.domains[name] != other.domains[name] for name in one.free_parameters):
        return False
    left, right = (one.on_correct, one.on_wrong), (other.on_correct, other.on_wrong)
    if left == right:
        return True
    if not one.free_parameters and not _fits_roughly(left, right):
        return False
    try:
        cuts = sorted({point for side in (*left, *right) for point in breakpoints(side)}, key=float)
    except FormulaError:
        cuts = None
    affine = _affine_map(left, right)
    if affine is None or not _increasing(affine[0], one):
        return False
    if cuts is None:
        return all(_vanishes(_difference(a, b, affine)) for a, b in zip(left, right, strict=True))
    if not _same_on_pieces(left, right, cuts, affine):
        return False
    return bool(one.free_parameters) or _same_at(left, right, [0.0, *(float(cut) for cut in cuts), 1.0], affine)


def _same_on_pieces(left: Sides, right: Sides, cuts: list[Expr], affine: tuple[Expr, Expr]) -> bool:
    ends = [Fraction(0), *(Fraction(float(cut)) for cut in cuts), Fraction(1)]
    middles = [(low + high) / 2 for low, high in pairwise(ends) if low < high]
    return all(
        _vanishes(_difference(resolve(a, middle), resolve(b, middle), affine))
        for middle in middles
        for a, b in zip(left, right, strict=True)
    )


def _fits_roughly(left: Sides, right: Sides) -> bool:
    """A cheap test in floats that tells most unequal rewards apart; only its `no` counts."""
    q = [float(x) for x in _PROBES]
    x = [v for side in left for v in evaluate(side, {CONFIDENCE: q}).tolist()]
    y = [v for side in right for v in evaluate(side, {CONFIDENCE: q}).tolist()]
    if not all(map(math.isfinite, x + y)):
        return True
    low, high = x.index(min(x)), x.index(max(x))
    if x[low] == x[high]:
        return bool(max(y) - min(y) <= 1e-6 * max(1.0, *map(abs, y)))
    alpha = (y[high] - y[low]) / (x[high] - x[low])
    beta = y[low] - alpha * x[low]
    scale = max(abs(beta), *(abs(alpha * v) for v in x), *map(abs, y))
    return bool(alpha >= 0) and all(abs(b - alpha * a - beta) <= 1e-6 * scale for a, b in zip(x, y, strict=True))


def _at(side: Node, point: Fraction) -> Expr:
    import sympy

    return to_sympy(side, symbols={CONFIDENCE: sympy.Rational(point.numerator, point.denominator)})


def _affine_map(left: Sides, right: Sides) -> tuple[Expr, Expr] | None:
    """The only candidate (alpha, beta), from two probes where the left reward differs; None if there is none."""
    import sympy

    probes = [(_at(a, q), _at(b, q)) for a, b in zip(left, right, strict=True) for q in _PROBES]
    x0, y0 = probes[0]
    for x, y in probes[1:]:
        if not _vanishes(x - x0):
            alpha = sympy.cancel((y - y0) / (x - x0))
            return alpha, sympy.cancel(y0 - alpha * x0)
    return (sympy.Integer(1), y0 - x0) if all(_vanishes(y - y0) for _, y in probes[1:]) else None


def _increasing(alpha: Expr, reward: Reward) -> bool:
    """Whether alpha > 0 at sample values of the free parameters (all of its sign that is used)."""
    return bool(alpha.subs(_sample(reward)).evalf(_DIGITS) > 0)


def _sample(reward: Reward) -> dict[Expr, Expr]:
    import sympy

    values = {}
    for place, name in enumerate(reward.free_parameters):
        domain, share = reward.domains[name], Fraction(3 + place, 7 + 2 * place)
        low = domain.low if domain.low is not None else (domain.high or Fraction(1)) - 1
        value = low + share * ((domain.high if domain.high is not None else low + 1) - low)
        values[symbol(name)] = sympy.Rational(value.numerator, value.denominator)
    return values


def _difference(a: Node, b: Node, affine: tuple[Expr, Expr]) -> Expr:
    return to_sympy(b) - affine[0] * to_sympy(a) - affine[1]


def _vanishes(difference: Expr) -> bool:
    """Whether an expression is identically zero: exactly if rational, else to 40 digits at the probes."""
    import sympy

    names = sorted(difference.free_symbols, key=str)
    if difference.is_rational_function(*names) and not difference.atoms(sympy.Function):
        return bool(sympy.expand(sympy.fraction(sympy.together(difference))[0]) == 0)
    size = sum(abs(term) for term in sympy.Add.make_args(difference))
    for place in range(len(_PROBES)):
        values = {n: _PROBES[(place + 3 * k) % len(_PROBES)] for k, n in enumerate(names)}
        at = {n: sympy.Rational(v.numerator, v.denominator) for n, v in values.items()}
        scale = max(1, abs(sympy.N(size.subs(at), 15)))
        if abs(sympy.N(difference.subs(at), _DIGITS, maxn=4 * _DIGITS)) > scale * sympy.Float(10) ** -40:
            return False
    return True


def _same_at(left: Sides, right: Sides, points: list[float], affine: tuple[Expr, Expr]) -> bool:
    alpha, beta = float(affine[0]), float(affine[1])
    for a, b in zip(left, right, strict=True):
        x, y = evaluate(a, {CONFIDENCE: points}), evaluate(b, {CONFIDENCE: points})
        for u, v in zip((alpha * x + beta).tolist(), y.tolist(), strict=True):
            if not (u == v or math.isclose(u, v, rel_tol=1e-9, abs_tol=1e-9 * max(1.0, abs(alpha), abs(beta)))):
                return False
    return True
