"""Proper rewards from a threshold density (Schervish), with point masses at thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from proofs.kernel.formula import (
    CONFIDENCE,
    CORRECT,
    Apply,
    Domain,
    FormulaError,
    Name,
    Node,
    Number,
    substitute,
)
from proofs.search.roots import Coefficients, polynomial_value
from proofs.trees import names, number, unparse, walk
from scoring_theory import expression as forms
from scoring_theory.expression.patience import Patience
from scoring_theory.expression.pieces import CONDITIONS
from scoring_theory.reward.algebra import bet, exact, joined_payoffs, multiplied, plus
from scoring_theory.reward.from_value import OPEN_GRID, cornerless, fixed_values, simplest

if TYPE_CHECKING:
    from sympy import Expr, Symbol


def from_density(
    density: Node,
    domains: Mapping[str, Domain],
    *,
    atoms: Mapping[float | Fraction | str, float | Fraction],
) -> Node:
    """The proper reward of a threshold density w, with a threshold bet for each atom.

    Its payoffs have S'(q, 1) = (1-q) w(q) and S'(q, 0) = -q w(q):

        S(q, 1) = - integral of (1-t) w(t) over [q, 1]
        S(q, 0) = - integral of t w(t) over [0, q]

    So a correct answer with q = 1 has the reward 0. An integral that diverges is taken from 1/2
    instead. An atom of mass m at t adds m (c - t) [q > t]; at t = 0 it adds m c, a bonus for
    correctness.

    Source:
        Schervish 1989, "A general method for comparing probability assessors", theorem 4.2.

    Args:
        density: w(t) >= 0 as a formula in `t`.
        domains: the domains of its parameters; a parameter with one value is replaced by it.
        atoms: mass by threshold, both exact (a float is the decimal that Python prints).

    Returns:
        The reward as a formula in q and c.

    Raises:
        ValueError: w is negative on a grid, or a mass is negative.
        FormulaError: no closed form was found within the limit of work, or the form depends on the
            values of parameters.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(from_density(parse("2", variables=("t",)), {}, atoms={"1/2": 1}))
        '2*c*q - c - q^2 + (c - 1/2)*(1/2 < q)'
    """
    bets = [bet(_exact(threshold), _exact(mass)) for threshold, mass in atoms.items()]
    density = substitute(density, fixed_values(domains))
    free = sorted(names(density) - {"t"})
    if not free:
        _require_nonnegative(density)
    formula = _of_polynomials(density)
    if formula is None:
        _require_fixed_pieces(density)
        symbols = {name: _symbol(name, domains[name]) for name in free}
        with Patience(f"the integral of the density {unparse(density)!r}"):
            formula = joined_payoffs(*(_payoff(density, correct, symbols) for correct in (1, 0)))
    for bet_of_atom in bets:
        formula = plus(formula, bet_of_atom)
    return formula


def _of_polynomials(density: Node) -> Node | None:
    """The reward of a density of polynomial pieces, integrated exactly; None for any other density.

    With F and M the integrals of w(t) and t w(t) over [0, q], S(q, c) = c (F(q) - K) - M(q), where
    K = F(1) - M(1).
    """
    weight = substitute(density, {"t": Name(CONFIDENCE)})
    pieces = None if names(weight) - {CONFIDENCE} else forms.polynomial_pieces(weight)
    return None if pieces is None else _integrated(pieces[0], [piece for (piece,) in pieces[1]])


def _integrated(cuts: Sequence[Fraction], pieces: Sequence[Coefficients]) -> Node:
    """The reward of a density with these pieces between the cuts.

    `total` is F on a piece and `stake` is M; `paid` and `staked` are their values at its high end.
    """
    integrals: list[tuple[Coefficients, Coefficients]] = []
    paid = staked = Fraction(0)
    for (low, high), density in zip(pairwise(cuts), pieces, strict=True):
        total = _integral(density, low, paid)
        stake = _integral([Fraction(0), *density], low, staked)
        paid, staked = polynomial_value(total, high), polynomial_value(stake, high)
        integrals.append((total, stake))
    nodes = [_written([total[0] - paid + staked, *total[1:]], stake) for total, stake in integrals]
    formula = nodes[-1]
    for high, (node, after) in reversed(list(zip(cuts[1:-1], pairwise(nodes), strict=True))):
        if node != after:
            formula = Apply("if", (Apply("<=", (Name(CONFIDENCE), Number(high))), node, formula))
    return formula


def _integral(coefficients: Coefficients, low: Fraction, there: Fraction) -> Coefficients:
    """The antiderivative that has the value `there` at `low`."""
    rising = [Fraction(0), *(x / (power + 1) for power, x in enumerate(coefficients))]
    return [there - polynomial_value(rising, low), *rising[1:]]


def _written(total: Coefficients, stake: Coefficients) -> Node:
    """The formula `c F(q) - M(q)`, with the constant terms of both last."""
    q, c, one = Name(CONFIDENCE), Name(CORRECT), number(1)
    powers: list[Node] = [one, q, *(Apply("^", (q, number(n))) for n in range(2, len(stake)))]
    parts: list[tuple[Fraction, Node]] = [
        (x, Apply("*", (c, powers[n]))) for n, x in enumerate(total) if n
    ]
    parts += [(total[0], c), *((-x, powers[n]) for n, x in enumerate(stake) if n), (-stake[0], one)]
    formula: Node = number(0)
    for factor, part in parts:
        formula = plus(formula, multiplied(factor, part))
    return formula


def _exact(value: float | Fraction | str) -> Fraction:
    return Fraction(value) if isinstance(value, str) else exact(value, name="an atom")


def _require_nonnegative(node: Node) -> None:
    heights = forms.evaluate(node, {"t": OPEN_GRID})
    for t, w in zip(OPEN_GRID, heights.tolist(), strict=True):
        if w < 0:
            raise ValueError(f"a threshold density must be nonnegative, got {w:.6g} at t = {t}")


def _symbol(name: str, domain: Domain) -> Symbol:
    """A parameter with its sign, on which limits and logarithms depend."""
    import sympy

    if domain.low is None or domain.low < 0:
        return forms.symbol(name)
    zero = domain.low == 0 and not domain.low_open
    return sympy.Symbol(name, nonnegative=True) if zero else sympy.Symbol(name, positive=True)


def _require_fixed_pieces(density: Node) -> None:
    """Raise `FormulaError` if the ends of the density's pieces depend on a free parameter.

    SymPy's limits at 0 and 1 would then take any of the pieces.
    """
    for part in walk(cornerless(density)):
        if isinstance(part, Apply) and part.op in ("if", *CONDITIONS):
            used = names(part.args[0] if part.op == "if" else part)
            if "t" in used and (others := used - {"t"}):
                meets = f"it says where the pieces of the density {unparse(density)!r} meet"
                raise FormulaError(f"`{min(others)}` needs a value: {meets}")


def _payoff(density: Node, correct: int, parameters: Mapping[str, Symbol]) -> Node:
    import sympy

    t = sympy.Symbol("t", positive=True)
    w = forms.to_sympy(cornerless(density), symbols={**parameters, "t": t})
    closed = _beta_integral(w, t, correct)
    if closed is not None:
        return closed
    weight = sympy.powsimp(sympy.simplify((1 - t) * w if correct else t * w))
    rising = _antiderivative(weight, t)
    unknown = FormulaError(
        f"no closed form was found for the integral of the density {unparse(density)!r}"
    )
    if rising is None:
        raise unknown
    base = sympy.limit(rising, t, 1, "-") if correct else sympy.limit(rising, t, 0, "+")
    if base.is_finite is None:
        which = "(1 - t) w(t)" if correct else "t w(t)"
        raise FormulaError(
            f"it is not decided whether {which} has a finite integral for w(t) ="
            f" {unparse(density)!r}"
        )
    if not base.is_finite:
        base = rising.subs(t, sympy.Rational(1, 2))
    sign = 1 if correct else -1
    try:
        return simplest((sign * (rising - base)).subs(t, forms.symbol(CONFIDENCE)))
    except FormulaError:  # an integral that the grammar cannot express, such as erf
        raise unknown from None


def _antiderivative(weight: Expr, t: Expr) -> Expr | None:
    """An elementary integral that is real on (0, 1), or None; log(t - 1) is written log(1 - t)."""
    import sympy

    integral = sympy.integrate(sympy.expand(weight), t)
    if integral.has(sympy.Integral):
        integral = sympy.integrate(weight, t)
    half = sympy.Rational(1, 2)
    integral = integral.replace(
        sympy.log, lambda x: sympy.log(-x if x.subs(t, half).is_negative else x)
    )
    if integral.has(sympy.Integral, sympy.I) or sympy.simplify(integral.diff(t) - weight) != 0:
        return None
    return integral


def _beta_integral(density: Expr, t: Expr, correct: int) -> Node | None:
    """The payoff of a density k t^(a-1) (1-t)^(b-1) by beta_cdf, or None for other densities."""
    import sympy

    powers = {t: sympy.Integer(0), 1 - t: sympy.Integer(0)}
    scale = sympy.Integer(1)
    for factor in sympy.Mul.make_args(sympy.powsimp(sympy.factor(density), force=True)):
        base, exponent = factor.as_base_exp()
        if base == t - 1 and exponent.is_Integer:
            base, scale = 1 - t, scale * (-1) ** exponent
        if base in powers and not exponent.free_symbols:
            powers[base] += exponent
        elif not factor.has(t):
            scale *= factor
        else:
            return None
    a, b = powers[t] + 1, powers[1 - t] + 1
    if all(x.is_Integer for x in (a, b)):
        return None  # a polynomial, or logarithms: elementary
    first, second = (a, b + 1) if correct else (a + 1, b)
    if not (first > 0 and second > 0):
        return None
    mass = sympy.gammasimp(sympy.gamma(first) * sympy.gamma(second) / sympy.gamma(first + second))
    constant = (
        forms.from_sympy(scale * mass) if mass.is_Rational else _beta_constant(scale, first, second)
    )
    cdf = Apply("beta_cdf", (Name(CONFIDENCE), forms.from_sympy(first), forms.from_sympy(second)))
    if correct:
        return Apply("*", (constant, Apply("-", (cdf, number(1)))))
    return Apply("neg", (Apply("*", (constant, cdf)),))


def _beta_constant(scale: Expr, first: Expr, second: Expr) -> Node:
    """`scale * B(first, second)`, where B has no rational value (B(1/2, 1/2) is pi)."""
    constant = Apply("beta_function", (forms.from_sympy(first), forms.from_sympy(second)))
    return constant if scale == 1 else Apply("*", (forms.from_sympy(scale), constant))
