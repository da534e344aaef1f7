"""Exact expressions: finite sums of  coefficient * product of atoms ** exponents  (generalised Laurent polynomials).

Atoms: q, u = 1 - q, the parameters, and, as needed, positive bases (sums raised to a power),
logarithms, roots of primes, exponentials, and the Beta distribution function with its constant.
Exponents are rationals, or polynomials in the parameters. All rules used are identities of real
numbers where q, u and the bases are positive, so an expression that expands to the empty sum *is*
zero; the converse is not claimed (a kernel may fail, not lie).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeGuard

MAX_TERMS = 3_000
MAX_POWER = 64
MAX_EXPONENT = 4_096
MAX_BITS = 16_384

Atom = tuple[Any, ...]
Q: Atom = ("q",)
U: Atom = ("u",)


class Rejected(Exception):
    """The kernel could not follow a step; the message says which."""


_WORK: ContextVar[list[int]] = ContextVar("work")


@contextmanager
def limited(work: int) -> Iterator[None]:
    """Reject what takes more than `work` elementary steps inside; steps are counted, so every machine agrees."""
    outer = _WORK.get([work])
    start = min(work, outer[0])
    left = [start]
    token = _WORK.set(left)
    try:
        yield
    finally:
        _WORK.reset(token)
        outer[0] -= start - left[0]


def spend(steps: int) -> None:
    """Count elementary steps."""
    left = _WORK.get([steps])
    left[0] -= steps
    if left[0] < 0:
        raise Rejected("this takes more work than the limit allows")


class Expression:
    """An immutable sum of monomials; a monomial is a frozenset of (atom, exponent) pairs."""

    __slots__ = ("_bits", "_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms = {m: x for m, x in terms.items() if x}
        self._bits, self._hash = 0, 0
        if len(self.terms) > MAX_TERMS:
            raise Rejected(f"an expression grew beyond {MAX_TERMS} terms")
        spend(len(self.terms) // 2)

    def bits(self) -> int:
        """The size of the longest coefficient; what grows is multiplied, so the limit is checked where that happens."""
        if not self._bits:
            sizes = (
                x.numerator.bit_length() + x.denominator.bit_length() for x in self.terms.values()
            )
            self._bits = max(sizes, default=1)
            if self._bits > MAX_BITS:
                raise Rejected(f"a coefficient grew beyond {MAX_BITS} bits")
        return self._bits

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expression) and self.terms == other.terms)

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __repr__(self) -> str:
        return (
            " + ".join(sorted(f"{x}*{sorted(map(repr, m))}" for m, x in self.terms.items())) or "0"
        )

    def __add__(self, other: Expression) -> Expression:
        if not self.terms or not other.terms:
            return other if not self.terms else self
        return total([*self.terms.items(), *other.terms.items()])

    def __neg__(self) -> Expression:
        return Expression({m: -x for m, x in self.terms.items()})

    def __sub__(self, other: Expression) -> Expression:
        return self + (-other)

    def __mul__(self, other: Expression) -> Expression:
        if self is ONE or other is ONE:
            return other if self is ONE else self
        spend(len(self.terms) * len(other.terms) * (1 + self.bits() * other.bits() // 16_384))
        return total(_product(a, b) for a in self.terms.items() for b in other.terms.items())

    def constant(self) -> Fraction | None:
        """The rational that this is, if it is one written plainly."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(ONE_MONOMIAL) if len(self.terms) == 1 else None

    def atoms(self) -> set[Atom]:
        """Atoms of the top level (not those inside bases and logs)."""
        return {a for m in self.terms for a, _ in m}


Exponent = Fraction | Expression
Monomial = frozenset[tuple[Atom, Exponent]]
ONE_MONOMIAL: Monomial = frozenset()
RATIONAL_ZERO, RATIONAL_ONE = Fraction(0), Fraction(1)


def total(terms: Iterable[tuple[Monomial, Fraction]]) -> Expression:
    """The sum of coefficient * monomial."""
    found: dict[Monomial, Fraction] = {}
    for m, x in terms:
        found[m] = found[m] + x if m in found else x
    return Expression(found)


def term(m: Monomial, coefficient: Fraction | int = 1) -> Expression:
    """Coefficient * m."""
    return Expression(
        {m: coefficient if isinstance(coefficient, Fraction) else Fraction(coefficient)}
    )


def const(value: Fraction | int) -> Expression:
    """A rational constant."""
    return ONE if value == 1 else term(ONE_MONOMIAL, value) if value else ZERO


ZERO, ONE = Expression({}), term(ONE_MONOMIAL)


def plain(exponent: Expression) -> Exponent:
    """A rational where the exponent is one."""
    value = exponent.constant()
    return exponent if value is None else value


def lift(exponent: Exponent) -> Expression:
    """An exponent as an expression in the parameters."""
    return exponent if isinstance(exponent, Expression) else const(exponent)


def exponent_sum(a: Exponent, b: Exponent) -> Exponent:
    """A + b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return plain(lift(a) + lift(b))


def negated(e: Exponent) -> Exponent:
    """-e."""
    return -e if isinstance(e, Fraction) else plain(-e)


def natural(e: Exponent) -> TypeGuard[Fraction]:
    """A whole exponent >= 0."""
    return isinstance(e, Fraction) and e.denominator == 1 and e >= 0


def monomial(factors: Iterable[tuple[Atom, Exponent]]) -> tuple[Monomial, Fraction]:
    """The monomial of the factors and a rational: whole powers of numbers move into the coefficient."""
    merged: dict[Atom, Exponent] = {}
    for a, e in factors:
        merged[a] = exponent_sum(merged[a], e) if a in merged else e
    factor = RATIONAL_ONE
    spend(len(merged) // 2)
    for a, e in merged.items():
        if isinstance(e, Fraction) and abs(e.numerator) > MAX_EXPONENT * e.denominator:
            raise Rejected(f"an exponent grew beyond {MAX_EXPONENT}")
        if a[0] == "prime" and isinstance(e, Fraction) and (whole := e.numerator // e.denominator):
            if a[1].bit_length() * abs(whole) > MAX_BITS:
                raise Rejected(f"a power of a number grew beyond {MAX_BITS} bits")
            factor *= Fraction(a[1]) ** whole
            merged[a] = e - whole
    return frozenset((a, e) for a, e in merged.items() if e != 0), factor


def _product(
    a: tuple[Monomial, Fraction], b: tuple[Monomial, Fraction]
) -> tuple[Monomial, Fraction]:
    (m, x), (n, y) = a, b
    if not m or not n:
        return m or n, x * y
    mn, factor = monomial([*m, *n])
    return mn, x * y if factor is RATIONAL_ONE else x * y * factor


def atom(a: Atom, exponent: Exponent = Fraction(1)) -> Expression:
    """The expression a ** exponent."""
    return term(*monomial([(a, exponent)]))


@lru_cache(maxsize=4096)
def base(definition: Expression) -> Atom:
    """The atom that stands for a positive sum; one object for equal sums, so that nested ones compare at a glance."""
    return ("base", definition)


def sign_power(n: int) -> Expression:
    """(-1)^n."""
    return const(-1 if n % 2 else 1)


def whole_power(base: Expression, n: int) -> Expression:
    """Base ** n for n >= 0 by squaring."""
    if n > MAX_POWER and len(base.terms) > 1:
        raise Rejected(f"a sum raised to a power above {MAX_POWER}")
    result = ONE
    while n:
        result = result * base if n & 1 else result
        n >>= 1
        base = base * base if n else base
    return result


@lru_cache(maxsize=1024)
def prime_factors(value: Fraction) -> tuple[tuple[int, int], ...]:
    """(p, e) with value = product p^e; what trial division below 1000 leaves over counts as one more 'prime'."""
    found: dict[int, int] = {}
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for p in range(2, 1000):
            while part % p == 0:
                part //= p
                found[p] = found.get(p, 0) + sign
        if part > 1:
            found[part] = found.get(part, 0) + sign
    return tuple((p, e) for p, e in found.items() if e)


def number_power(value: Fraction, exponent: Exponent) -> Expression:
    """Value ** exponent for a positive rational."""
    return term(
        *monomial((("prime", p), plain(lift(exponent) * const(e))) for p, e in prime_factors(value))
    )


def number_log(value: Fraction) -> Expression:
    """Log of a positive rational as a sum of logs of primes."""
    return total(
        (frozenset({(("log", ("prime", p)), Fraction(1))}), Fraction(e))
        for p, e in prime_factors(value)
    )


def polynomial(expression: Expression, variable: Atom = Q) -> list[Fraction] | None:
    """Coefficients, lowest first, if this is a polynomial in the variable alone."""
    found: dict[Fraction, Fraction] = {}
    for m, x in expression.terms.items():
        e = dict(m).get(variable, RATIONAL_ZERO)
        if len(m) > 1 or (m and not e) or not natural(e):
            return None
        found[e] = x
    return [found.get(Fraction(i), Fraction(0)) for i in range(int(max(found, default=0)) + 1)]


def common_factor(
    expression: Expression, allowed: Iterable[Atom]
) -> tuple[Expression, list[tuple[Atom, Exponent]]]:
    """The expression divided by the least power of each allowed atom, and those powers."""
    factors: list[tuple[Atom, Exponent]] = []
    for a in allowed if expression.terms else ():
        exponents = [dict(m).get(a, RATIONAL_ZERO) for m in expression.terms]
        gaps = [exponent_sum(e, negated(exponents[0])) for e in exponents]
        known = [g for g in gaps if isinstance(g, Fraction)]
        if len(known) == len(gaps) and (least := exponent_sum(exponents[0], min(known))) != 0:
            factors.append((a, least))
    return expression * term(*monomial((a, negated(e)) for a, e in factors)), factors


def derivative(expression: Expression, variable: Atom = Q) -> Expression:
    """d/dq, or the partial derivative in a parameter."""
    result = ZERO
    for m, x in expression.terms.items():
        for a, e in m:
            if isinstance(e, Expression) and variable[-1] in depends_on(e):
                raise Rejected("an exponent is not differentiated")
            inner = _atom_derivative(a, variable)
            if inner.terms:
                rest, factor = monomial([*m, (a, Fraction(-1))])
                result = result + term(rest, x * factor) * lift(e) * inner
    return result


@lru_cache(maxsize=4096)
def _atom_derivative(a: Atom, variable: Atom) -> Expression:
    match a:
        case ("q",) | ("param", _):
            return ONE if a == variable else ZERO
        case ("u",):
            return -_atom_derivative(Q, variable)
        case ("base", definition):
            return derivative(definition, variable)
        case ("log", inner):
            return _atom_derivative(inner, variable) * atom(inner, Fraction(-1))
        case ("exp", m):
            return atom(a) * derivative(term(m), variable)
        case ("beta_cdf", alpha, beta, density, x) if x == atom(Q) and variable == Q:
            powers = [(Q, exponent_sum(alpha, Fraction(-1))), (U, exponent_sum(beta, Fraction(-1)))]
            return lift(density) * term(*monomial(powers))
    if variable[-1] in depends_on(a):
        raise Rejected(f"a {a[0]} is not differentiated")
    return ZERO


def _parts(part: Any) -> Iterable[Any]:
    """What an expression, a monomial, an atom or a pair of atom and exponent is made of."""
    return (
        part.terms
        if isinstance(part, Expression)
        else part
        if isinstance(part, tuple | frozenset)
        else ()
    )


@lru_cache(maxsize=8192)
def depends_on(part: Any) -> frozenset[str]:
    """Names of what the value depends on: `q` and the parameters."""
    match part:
        case ("q",) | ("u",):
            return frozenset({"q"})
        case ("param", name):
            return frozenset({name})
    return frozenset[str]().union(*map(depends_on, _parts(part)))


@lru_cache(maxsize=8192)
def depth(part: Any) -> int:
    """How deeply sums are nested: a root of a root of a sum counts 2."""
    nests = isinstance(part, tuple) and part[:1] in (("base",), ("log",), ("exp",))
    return nests + max(map(depth, _parts(part)), default=0)


def expand(expression: Expression) -> Expression:
    """Whole powers of bases, then of u, multiplied out inside each class of equal fractional powers.

    In the class  g^(e + n_i) * t_i  with least n the sum is g^(e + n) * sum_i g^(n_i - n) t_i, and g is replaced by
    its definition in the natural powers; so equal functions meet in equal terms.
    """
    atoms = expression.atoms()
    bases = sorted((a for a in atoms if a[0] == "base"), key=depth, reverse=True)
    if not bases and U not in atoms:
        return expression
    for a in [*bases, U]:
        if a in expression.atoms():
            expression = expand_atom(expression, a, ONE - atom(Q) if a == U else a[1])
    if any(a[0] == "base" and a not in bases for a in expression.atoms()):
        return expand(expression)
    return expression


def expand_atom(expression: Expression, a: Atom, definition: Expression) -> Expression:
    """The whole powers of one atom replaced by its definition, see `expand`."""
    classes: dict[Exponent, dict[int, list[tuple[Monomial, Fraction]]]] = {}
    for m, x in expression.terms.items():
        e = dict(m).get(a, RATIONAL_ZERO)
        shift = e if isinstance(e, Fraction) else e.terms.get(ONE_MONOMIAL, Fraction(0))
        whole = shift.numerator // shift.denominator
        powers = classes.setdefault(exponent_sum(e, Fraction(-whole)), {})
        powers.setdefault(whole, []).append((frozenset((b, f) for b, f in m if b != a), x))
    result = ZERO
    for e, powers in classes.items():
        least = min(powers) if e != 0 else min(0, *powers)
        inside = ZERO
        for n, members in powers.items():
            inside = inside + total(members) * whole_power(definition, n - least)
        result = result + inside * atom(a, exponent_sum(e, Fraction(least)))
    return result


def is_zero(expression: Expression) -> bool:
    """Identically zero, shown by expansion (False only says: not shown)."""
    return not expand(expression).terms
