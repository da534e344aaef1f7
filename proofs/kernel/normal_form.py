"""Exact expressions: sums of coefficient * product of atoms ** exponents.

These are generalised Laurent polynomials. Atoms are q, u = 1 - q, the parameters, and, as needed,
positive bases (sums raised to a power), logarithms, roots of primes, exponentials, and the Beta
distribution function with its constant. Exponents are rationals, or polynomials in the parameters.
Every rule used here is an identity of real numbers where q, u and the bases are positive, so an
expression that expands to the empty sum *is* zero. The converse is not claimed: the kernel may
fail to recognise a zero, but it never accepts a false one.
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
MAX_COEFFICIENT_BITS = 16_384

Atom = tuple[Any, ...]
Q: Atom = ("q",)
U: Atom = ("u",)


class Rejected(Exception):
    """The kernel does not accept a step; the message says which.

    Example:
        >>> whole_power(ONE + atom(Q), 65)
        Traceback (most recent call last):
        proofs.kernel.normal_form.Rejected: a sum raised to a power above 64
    """


_WORK: ContextVar[list[int]] = ContextVar("work")


@contextmanager
def limited(work: int) -> Iterator[None]:
    """Reject what takes more than `work` elementary steps inside the block.

    Steps are counted, not seconds, so that every machine gives the same answer.

    Example:
        >>> with limited(3):
        ...     spend(4)
        Traceback (most recent call last):
        proofs.kernel.normal_form.Rejected: this takes more work than the limit allows
    """
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
    """Count elementary steps.

    Raises:
        Rejected: the surrounding `limited` allows no more of them.

    Example:
        >>> with limited(3):
        ...     spend(3)
    """
    left = _WORK.get([steps])
    left[0] -= steps
    if left[0] < 0:
        raise Rejected("this takes more work than the limit allows")


class Expression:
    """An immutable sum of monomials; a monomial is a frozenset of (atom, exponent) pairs.

    Example:
        >>> q = atom(Q)
        >>> (ONE + q) * (ONE - q) == ONE - q * q
        True
    """

    __slots__ = ("_bits", "_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms = {m: x for m, x in terms.items() if x}
        self._bits, self._hash = 0, 0
        if len(self.terms) > MAX_TERMS:
            raise Rejected(f"an expression grew beyond {MAX_TERMS} terms")
        spend(len(self.terms) // 2)

    def bits(self) -> int:
        """The size of the longest coefficient.

        Coefficients grow by multiplication, so the limit is checked there.
        """
        if not self._bits:
            sizes = (
                x.numerator.bit_length() + x.denominator.bit_length() for x in self.terms.values()
            )
            self._bits = max(sizes, default=1)
            if self._bits > MAX_COEFFICIENT_BITS:
                raise Rejected(f"a coefficient grew beyond {MAX_COEFFICIENT_BITS} bits")
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
        """The value of the expression if it is written as a rational number, else None."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(ONE_MONOMIAL) if len(self.terms) == 1 else None

    def atoms(self) -> set[Atom]:
        """The atoms of the top level, without those inside bases and logarithms."""
        return {a for m in self.terms for a, _ in m}


Exponent = Fraction | Expression
Monomial = frozenset[tuple[Atom, Exponent]]
ONE_MONOMIAL: Monomial = frozenset()
RATIONAL_ZERO, RATIONAL_ONE = Fraction(0), Fraction(1)


def total(terms: Iterable[tuple[Monomial, Fraction]]) -> Expression:
    """The sum of coefficient * monomial.

    Example:
        >>> total([(ONE_MONOMIAL, Fraction(1)), (ONE_MONOMIAL, Fraction(2))]).constant()
        Fraction(3, 1)
    """
    found: dict[Monomial, Fraction] = {}
    for m, x in terms:
        found[m] = found[m] + x if m in found else x
    return Expression(found)


def term(m: Monomial, coefficient: Fraction | int = 1) -> Expression:
    """The expression coefficient * m of one monomial `m`.

    Example:
        >>> term(frozenset({(Q, Fraction(1))}), 2) == atom(Q) + atom(Q)
        True
    """
    return Expression(
        {m: coefficient if isinstance(coefficient, Fraction) else Fraction(coefficient)}
    )


def const(value: Fraction | int) -> Expression:
    """A rational constant.

    Example:
        >>> const(2).constant()
        Fraction(2, 1)
    """
    return ONE if value == 1 else term(ONE_MONOMIAL, value) if value else ZERO


ZERO, ONE = Expression({}), term(ONE_MONOMIAL)


def plain(exponent: Expression) -> Exponent:
    """An exponent in its plain form: a rational if it is one, the expression otherwise.

    Example:
        >>> plain(const(2))
        Fraction(2, 1)
    """
    value = exponent.constant()
    return exponent if value is None else value


def lift(exponent: Exponent) -> Expression:
    """An exponent as an expression in the parameters.

    Example:
        >>> lift(Fraction(2)) == const(2)
        True
    """
    return exponent if isinstance(exponent, Expression) else const(exponent)


def exponent_sum(a: Exponent, b: Exponent) -> Exponent:
    """The sum a + b of two exponents.

    Example:
        >>> exponent_sum(Fraction(1, 2), Fraction(1, 2))
        Fraction(1, 1)
    """
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return plain(lift(a) + lift(b))


def negated(e: Exponent) -> Exponent:
    """The exponent -e.

    Example:
        >>> negated(Fraction(1, 2))
        Fraction(-1, 2)
    """
    return -e if isinstance(e, Fraction) else plain(-e)


def natural(e: Exponent) -> TypeGuard[Fraction]:
    """Whether an exponent is a whole number >= 0.

    Example:
        >>> natural(Fraction(2)), natural(Fraction(1, 2))
        (True, False)
    """
    return isinstance(e, Fraction) and e.denominator == 1 and e >= 0


def monomial(factors: Iterable[tuple[Atom, Exponent]]) -> tuple[Monomial, Fraction]:
    """The monomial of the factors and a rational coefficient.

    Whole powers of numbers move into the coefficient.

    Example:
        >>> monomial([(("prime", 2), Fraction(3))])
        (frozenset(), Fraction(8, 1))
    """
    merged: dict[Atom, Exponent] = {}
    for a, e in factors:
        merged[a] = exponent_sum(merged[a], e) if a in merged else e
    factor = RATIONAL_ONE
    spend(len(merged) // 2)
    for a, e in merged.items():
        if isinstance(e, Fraction) and abs(e.numerator) > MAX_EXPONENT * e.denominator:
            raise Rejected(f"an exponent grew beyond {MAX_EXPONENT}")
        if a[0] == "prime" and isinstance(e, Fraction) and (whole := e.numerator // e.denominator):
            if a[1].bit_length() * abs(whole) > MAX_COEFFICIENT_BITS:
                raise Rejected(f"a power of a number grew beyond {MAX_COEFFICIENT_BITS} bits")
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
    """The expression a ** exponent of one atom `a`.

    Example:
        >>> atom(Q) * atom(Q, Fraction(-1)) == ONE
        True
    """
    return term(*monomial([(a, exponent)]))


@lru_cache(maxsize=4096)
def base(definition: Expression) -> Atom:
    """The atom that stands for a positive sum.

    Equal sums share one object, so that nested sums compare quickly.

    Example:
        >>> base(ONE + atom(Q)) is base(ONE + atom(Q))
        True
    """
    return ("base", definition)


def sign_power(n: int) -> Expression:
    """(-1)^n.

    Example:
        >>> sign_power(3).constant()
        Fraction(-1, 1)
    """
    return const(-1 if n % 2 else 1)


def whole_power(base: Expression, n: int) -> Expression:
    """The power base ** n for n >= 0, by squaring.

    Raises:
        Rejected: the base is a sum and n exceeds `MAX_POWER`.

    Example:
        >>> whole_power(const(2), 10).constant()
        Fraction(1024, 1)
    """
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
    """Pairs (p, e) with value = product of p^e.

    The part that trial division below 1000 does not factor counts as one more prime.

    Example:
        >>> prime_factors(Fraction(12, 5))
        ((2, 2), (3, 1), (5, -1))
    """
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
    """The power value ** exponent of a positive rational.

    Example:
        >>> number_power(Fraction(4), Fraction(1, 2)).constant()
        Fraction(2, 1)
    """
    return term(
        *monomial((("prime", p), plain(lift(exponent) * const(e))) for p, e in prime_factors(value))
    )


def number_log(value: Fraction) -> Expression:
    """The logarithm of a positive rational as a sum of logarithms of primes.

    Example:
        >>> number_log(Fraction(4)) == const(2) * number_log(Fraction(2))
        True
    """
    return total(
        (frozenset({(("log", ("prime", p)), Fraction(1))}), Fraction(e))
        for p, e in prime_factors(value)
    )


def polynomial(expression: Expression, variable: Atom = Q) -> list[Fraction] | None:
    """The coefficients, lowest first, of a polynomial in the variable alone; None otherwise.

    Example:
        >>> [str(x) for x in polynomial(const(3) + atom(Q) * atom(Q))]
        ['3', '0', '1']
    """
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
    """The expression divided by the least power of each allowed atom, and those powers.

    Example:
        >>> rest, powers = common_factor(atom(Q) + atom(Q) * atom(Q), [Q])
        >>> rest == ONE + atom(Q), powers
        (True, [(('q',), Fraction(1, 1))])
    """
    factors: list[tuple[Atom, Exponent]] = []
    for a in allowed if expression.terms else ():
        exponents = [dict(m).get(a, RATIONAL_ZERO) for m in expression.terms]
        gaps = [exponent_sum(e, negated(exponents[0])) for e in exponents]
        known = [g for g in gaps if isinstance(g, Fraction)]
        if len(known) == len(gaps) and (least := exponent_sum(exponents[0], min(known))) != 0:
            factors.append((a, least))
    return expression * term(*monomial((a, negated(e)) for a, e in factors)), factors


def derivative(expression: Expression, variable: Atom = Q) -> Expression:
    """The derivative in q, or the partial derivative in a parameter.

    Raises:
        Rejected: the variable occurs in an exponent or in a function without a derivative here.

    Example:
        >>> derivative(atom(Q) * atom(Q)) == const(2) * atom(Q)
        True
    """
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
    """The components of an expression, a monomial, an atom, or a pair of atom and exponent."""
    return (
        part.terms
        if isinstance(part, Expression)
        else part
        if isinstance(part, tuple | frozenset)
        else ()
    )


@lru_cache(maxsize=8192)
def depends_on(part: Any) -> frozenset[str]:
    """The names that a value depends on: `q` and the parameters.

    Example:
        >>> sorted(depends_on(atom(Q) + atom(("param", "lam"))))
        ['lam', 'q']
    """
    match part:
        case ("q",) | ("u",):
            return frozenset({"q"})
        case ("param", name):
            return frozenset({name})
    return frozenset[str]().union(*map(depends_on, _parts(part)))


@lru_cache(maxsize=8192)
def depth(part: Any) -> int:
    """How deeply sums are nested: a root of a root of a sum counts 2.

    Example:
        >>> depth(base(ONE + atom(base(ONE + atom(Q)), Fraction(1, 2))))
        2
    """
    nests = isinstance(part, tuple) and part[:1] in (("base",), ("log",), ("exp",))
    return nests + max(map(depth, _parts(part)), default=0)


def expand(expression: Expression) -> Expression:
    """The expression with whole powers of bases, then of u, multiplied out.

    Terms are classed by the fractional part of the exponent of g. In the class g^(e + n_i) * t_i
    with least n the sum is g^(e + n) * sum_i g^(n_i - n) t_i, and g is replaced by its definition
    in the natural powers; so equal functions have equal terms.

    Example:
        >>> expand(atom(Q) + atom(U)) == ONE
        True
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
    """The expression with the whole powers of one atom replaced by its definition; see `expand`.

    Example:
        >>> expand_atom(atom(U), U, ONE - atom(Q)) == ONE - atom(Q)
        True
    """
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
    """Whether expansion shows that the expression is identically zero; False means "not shown".

    Example:
        >>> is_zero(atom(Q) + atom(U) - ONE)
        True
    """
    return not expand(expression).terms
