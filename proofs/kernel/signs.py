"""Whether an expression is >= 0 on an open interval of q, for every value of the parameters.

Map the box to x > 0 (q = (low + high x) / (1 + x), likewise each parameter) and clear 1 + x. If
every coefficient is >= 0, so is the expression. These are Bernstein coefficients, and a higher
degree shows more. An interval enclosure decides for numbers, without q and parameters; growth in a
parameter decides for expressions without q.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import ceil, floor, prod

from proofs.kernel.enclosures import BITS, MOST_BITS, enclose
from proofs.kernel.formula import Domain
from proofs.kernel.normal_form import (
    ONE,
    ONE_MONOMIAL,
    ZERO,
    Atom,
    Exponent,
    Expression,
    Monomial,
    Q,
    Rejected,
    U,
    atom,
    common_factor,
    const,
    depends_on,
    derivative,
    expand,
    is_zero,
    natural,
    number_log,
    number_power,
    term,
    total,
    whole_power,
)

Factors = tuple[Fraction, tuple[tuple[Atom, Exponent], ...]]
"""A positive rational and atoms with their exponents, whose product is a positive expression."""


@dataclass(frozen=True)
class Region:
    """An open interval of q, whose ends may depend on the parameters, and the parameters' domains.

    Example:
        >>> Region({}, high=const(Fraction(1, 2))).ends()
        (Fraction(0, 1), Fraction(1, 2))
    """

    domains: Mapping[str, Domain]
    low: Expression = ZERO
    high: Expression = ONE
    growths: int = 2
    """How deep `_grown_sign` may call itself, for the value at an end or for a slope."""
    shown: dict[Expression, int] = field(default_factory=dict, compare=False, repr=False)
    """Answers of `shown_sign` on this region; one formula needs the sign of a base many times."""
    factored: dict[Expression, Factors] = field(default_factory=dict, compare=False, repr=False)
    """Answers of `functions.factor` on this region."""

    def ends(self) -> tuple[Fraction, Fraction]:
        """The ends of q, which must be numbers.

        For irrational ends these are multiples of 2^-64 just outside.
        """
        low, high = self.low.constant(), self.high.constant()
        if depends_on(self.low) or depends_on(self.high):
            raise Rejected("the ends of this piece depend on parameters")
        low = (
            Fraction(floor(enclose(self.low, None, BITS).ends()[0] * 2**64), 2**64)
            if low is None
            else low
        )
        high = (
            Fraction(ceil(enclose(self.high, None, BITS).ends()[1] * 2**64), 2**64)
            if high is None
            else high
        )
        return low, high


def atom_sign(a: Atom, exponent: Exponent, region: Region) -> int:
    """The sign 1 or -1 of atom ** exponent on the region; 0 if it is not known to have one.

    Example:
        >>> atom_sign(("log", Q), Fraction(1), Region({}))
        -1
    """
    match a:
        case ("param", name):
            domain = region.domains[name]
            return int(
                domain.low is not None and (domain.low > 0 or (domain.low == 0 and domain.low_open))
            )
        case ("log", inner):
            sign = 1 if inner[0] == "prime" else -1 if inner in (Q, U) else _log_sign(inner, region)
            if not isinstance(exponent, Fraction) or exponent.denominator != 1:
                return 0
            return sign if exponent % 2 else abs(sign)
    return 1  # q, u, bases, roots of primes, exponentials, Beta functions


def _log_sign(inner: Atom, region: Region) -> int:
    """The sign of log x for a parameter or a base x, which is the sign of x - 1; 0 if unknown."""
    above = (
        (atom(inner) if inner[0] == "param" else inner[1]) - ONE
        if inner[0] in ("param", "base")
        else ZERO
    )
    return is_positive(above, region) - is_positive(-above, region)


def divisible(expression: Expression, region: Region) -> list[Atom]:
    """The atoms that may be divided out: those known to be positive, except logarithms.

    Example:
        >>> divisible(atom(Q) + atom(("param", "k")), Region({"k": Domain()}))
        [('q',)]
    """
    return [
        a for a in expression.atoms() if a[0] != "log" and atom_sign(a, Fraction(1), region) == 1
    ]


def groups(expression: Expression, region: Region) -> tuple[Expression, dict[Monomial, Expression]]:
    """A positive factor, and the sum of (product of atoms) * (polynomial) that it multiplies.

    The polynomials are in q and the parameters.

    Example:
        >>> positive, sums = groups(atom(Q) + atom(Q) * atom(Q), Region({}))
        >>> positive == atom(Q), sums == {frozenset(): ONE + atom(Q)}
        (True, True)
    """
    expression, factors = common_factor(expression, divisible(expression, region))
    found: dict[Monomial, Expression] = {}
    for m, x in expression.terms.items():
        inside = frozenset((a, e) for a, e in m if (a == Q or a[0] == "param") and natural(e))
        found[m - inside] = found.get(m - inside, ZERO) + term(inside, x)
    return prod((atom(a, e) for a, e in factors), start=ONE), found


def _replaced(part: Expression, a: Atom, top: Expression, bottom: Expression) -> Expression:
    """The polynomial with a = top / bottom, times bottom ** (its degree in a), by Horner's rule."""
    coefficients: dict[Fraction, list[tuple[Monomial, Fraction]]] = {}
    for m, x in part.terms.items():
        e = dict(m).get(a, Fraction(0))
        if not natural(e):
            raise Rejected("the ends of a piece hold a power of a parameter that is not whole")
        coefficients.setdefault(e, []).append((m - {(a, e)}, x))
    result, scale = ZERO, ONE
    for n in range(int(max(coefficients, default=0)), -1, -1):
        result = result * top + total(coefficients.get(Fraction(n), ())) * scale
        scale = scale * bottom
    return result


def _to_orthant(part: Expression, region: Region, raised: int) -> Expression:
    """The polynomial with q and every parameter mapped to x > 0, and its degrees raised."""
    ends: list[tuple[Atom, Expression | None, Expression | None]] = [(Q, region.low, region.high)]
    for name, domain in region.domains.items():
        low, high = (None if end is None else const(end) for end in (domain.low, domain.high))
        ends.append((("param", name), low, high))
    for a, low, high in ends:
        if a not in part.atoms():
            continue
        x = atom(("x", a))
        if low is not None and high is not None:
            part = _replaced(part, a, low + high * x, ONE + x) * whole_power(ONE + x, raised)
        elif low is not None or high is not None:
            part = _replaced(part, a, low + x if low is not None else (high or ZERO) - x, ONE)
        else:
            raise Rejected(f"the parameter {a[1]} is unbounded on both sides")
    return part


def _vanishes(parts: list[Expression], region: Region) -> bool:
    """Whether a sum of parts >= 0 may vanish at a corner of closed ends of the domains."""
    choices: list[list[tuple[Atom, Expression] | None]] = []
    for name in sorted({a[1] for part in parts for a in part.atoms() if a[0] == "param"}):
        d = region.domains[name]
        ends = [
            x
            for x, is_open in ((d.low, d.low_open), (d.high, d.high_open))
            if x is not None and not is_open
        ]
        choices.append([(("param", name), const(end)) for end in ends] or [None])
    for corner in product(*choices):
        left = parts
        for a, end in filter(None, corner):
            left = [_replaced(part, a, end, ONE) for part in left]
        if not any(part.terms for part in left):
            return True
    return False


def orthant_sign(expression: Expression, region: Region, raised: int = 0) -> int:
    """The sign that Bernstein coefficients show: 1 for > 0, 0 for >= 0, -1 for neither.

    The sign holds for every q of the open region and all values of the parameters.

    Example:
        >>> orthant_sign(atom(Q) * (ONE - atom(Q)), Region({}))
        1
    """
    parts = []
    for outside, part in groups(expression, region)[1].items():
        sign = prod(atom_sign(a, e, region) for a, e in outside)
        mapped = _to_orthant(const(sign) * part, region, raised)
        brought = (
            (a, e) for m in mapped.terms for a, e in m if a[0] != "x"
        )  # the ends of the piece may depend on parameters
        if (
            not sign
            or any(x < 0 for x in mapped.terms.values())
            or any(atom_sign(*f, region) != 1 for f in brought)
        ):
            return -1
        parts.append(part)
    return 0 if _vanishes(parts, region) else 1


def _number_coefficients_sign(expression: Expression, region: Region, raised: int) -> int:
    """As `orthant_sign`, for irrational coefficients or ends of q, whose signs are enclosed."""
    numbers: dict[Monomial, Expression] = {}
    for m, x in _to_orthant(expand(expression), region, raised).terms.items():
        variable = frozenset((a, e) for a, e in m if a[0] == "x")
        numbers[variable] = numbers.get(variable, ZERO) + term(m - variable, x)
    if any(depends_on(number) for number in numbers.values()) or any(
        a[0] == "param" for a in expression.atoms()
    ):
        return -1
    signs = {constant_sign(number) for number in numbers.values()}
    return -1 if -1 in signs else int(1 in signs)


def terms_sign(expression: Expression, region: Region, raised: tuple[int, ...]) -> int:
    """The largest sign that `orthant_sign` shows, for the terms as they are and expanded.

    Example:
        >>> terms_sign(atom(Q) + atom(U), Region({}), (0,))
        1
    """
    best = -1
    for form in (lambda same: same, expand):
        with suppress(Rejected):
            terms = form(expression) if best < 1 else ZERO
            for degree in raised:
                best = max(best, orthant_sign(terms, region, degree) if best < 1 else -1)
    return best


def shown_sign(expression: Expression, region: Region) -> int:
    """The largest sign that the cheap methods show: 1 for > 0, 0 for >= 0, -1 for neither.

    Example:
        >>> shown_sign(atom(Q) - ONE, Region({}))
        -1
    """
    if expression not in region.shown:
        region.shown[expression] = _shown_sign(expression, region)
    return region.shown[expression]


def _shown_sign(expression: Expression, region: Region) -> int:
    best = terms_sign(expression, region, (0, 3))
    occurring = {*expression.atoms(), *region.low.atoms(), *region.high.atoms()}
    if best < 1 and any(a[0] not in ("q", "u", "param") and not depends_on(a) for a in occurring):
        with suppress(Rejected):
            best = max(
                best, *(_number_coefficients_sign(expression, region, degree) for degree in (0, 3))
            )
    with suppress(Rejected):
        best = max(
            best, constant_sign(expression) if best < 1 and not depends_on(expression) else -1
        )
    grows = best < 1 and region.growths and "q" not in depends_on(expression)
    return max(best, _grown_sign(expand(expression), region) if grows else -1)


def _grown_sign(expression: Expression, region: Region) -> int:
    """The sign of an expression without q by growth in one parameter.

    The expression is >= 0 at an end of the parameter's domain, and does not decrease from there.
    """
    best, inner = -1, Region(region.domains, growths=region.growths - 1)
    expression, _ = common_factor(expression, divisible(expression, region))
    for name in sorted(depends_on(expression)):
        d, k = region.domains[name], ("param", name)
        for end, is_open, away in ((d.low, d.low_open, ONE), (d.high, d.high_open, -ONE)):
            with suppress(Rejected):
                start = -1 if end is None else shown_sign(_at_end(expression, k, end), inner)
                slope = -1 if start < 0 else shown_sign(away * derivative(expression, k), inner)
                if slope >= 0:
                    best = max(best, start, slope if is_open else 0)
    return best


def _at_end(expression: Expression, k: Atom, end: Fraction) -> Expression:
    """The value where a parameter is at an end of its domain.

    Raises:
        Rejected: an atom is not known to be continuous there.
    """
    result = ZERO
    for m, x in expression.terms.items():
        result = result + prod((_atom_at_end(a, e, k, end) for a, e in m), start=const(x))
    return result


def _atom_at_end(a: Atom, e: Exponent, k: Atom, end: Fraction) -> Expression:
    if k[1] not in depends_on((a, e)):
        return atom(a, e)
    if a == k and natural(e):
        return const(end ** int(e))
    if a[0] == "exp" and isinstance(e, Fraction):
        at = _at_end(term(a[1]), k, end).constant()
        if at is not None:
            return atom(("exp", ONE_MONOMIAL), at * e)
    inner = a[1] if a[0] == "log" else a
    value = (
        end if inner == k else _at_end(inner[1], k, end).constant() if inner[0] == "base" else None
    )
    if value is not None and value > 0 and k[1] not in depends_on(e):
        if inner is a:
            return number_power(value, e)
        if natural(e):
            return whole_power(number_log(value), int(e))
    raise Rejected(f"a {a[0]} is not known to be continuous at an end of the domain of {k[1]}")


def is_positive(expression: Expression, region: Region) -> bool:
    """Whether the cheap methods show > 0 on the open region.

    They are orthants, intervals for numbers, and growth in a parameter.

    Example:
        >>> is_positive(ONE - atom(Q), Region({}))
        True
    """
    return shown_sign(expression, region) == 1


def is_nonnegative(expression: Expression, region: Region) -> bool:
    """Whether the cheap methods show >= 0 on the open region.

    Example:
        >>> is_nonnegative(atom(Q), Region({}))
        True
    """
    return shown_sign(expression, region) >= 0


def definite_sign(expression: Expression, region: Region) -> int:
    """The sign 1, 0 or -1 that an expression has everywhere on the region.

    Raises:
        Rejected: no such sign is shown.

    Example:
        >>> definite_sign(atom(Q) - ONE, Region({}))
        -1
    """
    value = expression.constant()
    if value is not None or is_zero(expression):
        return (value > 0) - (value < 0) if value is not None else 0
    for sign in (1, -1):
        if is_positive(const(sign) * expression, region):
            return sign
    raise Rejected("a sign is not decided here")


def constant_sign(expression: Expression) -> int:
    """The sign of a number; it is 0 only if the number expands to 0.

    Raises:
        Rejected: `MOST_BITS` bits do not determine the sign.

    Example:
        >>> constant_sign(number_log(Fraction(2)) - const(Fraction(7, 10)))
        -1
    """
    expression = expand(expression)
    value = expression.constant()
    if value is not None:
        return (value > 0) - (value < 0)
    for bits in (BITS, 6 * BITS, 12 * BITS, MOST_BITS):
        enclosure = enclose(expression, None, bits)
        if enclosure.positive() or enclosure.negative():
            return 1 if enclosure.positive() else -1
    raise Rejected(f"the sign of a constant is not determined at {MOST_BITS} bits")
