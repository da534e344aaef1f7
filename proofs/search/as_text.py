"""Exact kernel expressions as text that the grammar reads back, and as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm, prod

from proofs.floats import nearest
from proofs.kernel.enclosures import enclose
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Infinity, Limit
from proofs.kernel.normal_form import (
    Atom,
    Exponent,
    Expression,
    Monomial,
    Q,
    Rejected,
    U,
    depends_on,
    term,
)
from proofs.quantity import Quantity
from proofs.search.tidy import tidy

_Terms = Mapping[Monomial, Fraction]
SHOWN_BITS = 256
_NAME_OR_NUMBER = r"[0-9]+|[A-Za-z_]\w*"
_MAX_LOGARITHM = 80
"""Bits of a number whose logarithm is written."""
_ONE = Fraction(1)


def _factor(a: Atom, e: Exponent) -> tuple[str, bool]:
    """Text of atom ** exponent, and whether it belongs below a fraction bar."""
    below = isinstance(e, Fraction) and e < 0
    size = -e if isinstance(e, Fraction) and below else e
    if a[0] == "exp" and isinstance(size, Fraction):
        return f"exp({to_text(term(a[1], size))})", below
    base = _atom(a)
    if size == 1:
        return base, below
    if size == Fraction(1, 2):
        inner = base.removeprefix("(").removesuffix(")") if base.startswith("(") else base
        return f"sqrt({inner})", below
    power = _power_text(size)
    return f"{base}^{power if re.fullmatch(_NAME_OR_NUMBER, power) else f'({power})'}", below


def _power_text(e: Exponent) -> str:
    return str(e) if isinstance(e, Fraction) else to_text(e)


def _atom(a: Atom) -> str:
    if a == Q:
        return "q"
    if a == U:
        return "(1 - q)"
    match a[0]:
        case "param":
            return str(a[1])
        case "prime":
            return str(a[1])
        case "base":
            text = to_text(a[1])
            return text if re.fullmatch(r"\w+\([^()]*\)", text) else f"({text})"
        case "log":
            return (
                f"log({_atom(a[1]).removeprefix('(').removesuffix(')') if a[1] != U else '1 - q'})"
            )
        case "exp":
            return f"exp({to_text(term(a[1]))})"
        case "beta_cdf":
            return f"beta_cdf({to_text(a[4])}, {_power_text(a[1])}, {_power_text(a[2])})"
    return f"beta_function({_power_text(a[1])}, {_power_text(a[2])})"


def _roots(m: Monomial) -> Monomial:
    """The monomial with equal powers of primes merged: sqrt(2) sqrt(3) is sqrt(6)."""
    rest: set[tuple[Atom, Exponent]] = set()
    numbers: dict[Fraction, Fraction] = {}
    for a, e in m:
        if a[0] == "prime" and isinstance(e, Fraction):
            numbers[e] = numbers.get(e, _ONE) * a[1]
        else:
            rest.add((a, e))
    return frozenset(rest | {(("prime", number), e) for e, number in numbers.items()})


def _product(m: Monomial, x: Fraction) -> str:
    """Text of |x| * m."""
    above: list[str] = []
    below: list[str] = []
    for a, e in sorted(
        _roots(m), key=lambda pair: (pair[0][0] == "log", str(pair[0]), str(pair[1]))
    ):
        text, under = _factor(a, e)
        (below if under else above).append(text)
    top = [str(abs(x.numerator))] if abs(x.numerator) != 1 or not above else []
    bottom = [str(x.denominator)] if x.denominator != 1 else []
    numerator, denominator = "*".join(top + above), "*".join(bottom + below)
    if not denominator:
        return numerator
    return (
        f"{numerator}/{denominator}" if len(bottom + below) == 1 else f"{numerator}/({denominator})"
    )


def _order(item: tuple[Monomial, Fraction]) -> tuple[bool, int, str]:
    m, _ = item
    lone = len(m) == 1 and all(a[0] == "log" and a[1][0] == "prime" and e == 1 for a, e in m)
    return lone, sum(int(e) for _, e in m if isinstance(e, Fraction)), repr(sorted(map(repr, m)))


_LIKENESSES: tuple[Callable[[Fraction], Fraction | int], ...] = (
    lambda _: 0,
    lambda e: e.denominator == 1,
    lambda e: e.denominator,
    abs,
)
"""What the exponents of primes have in common that are written together."""


def _parted(powers: Mapping[int, Fraction]) -> Iterator[dict[int, Fraction]]:
    """The primes of a product of powers in groups, each of which is written as one power.

    All of them, or else those with whole exponents and the others, or those with equal
    denominators, or with equal exponents, or each alone: the first of these for which the numbers
    stay short.
    """
    for key in _LIKENESSES:
        groups: dict[Fraction | int, dict[int, Fraction]] = {}
        for prime, e in powers.items():
            groups.setdefault(key(e), {})[prime] = e
        if len(groups) > 1:
            for group in groups.values():
                yield from _parted(group)
            return
        if _is_short(powers):
            yield dict(powers)
            return
    yield from ({prime: e} for prime, e in powers.items())


def _is_short(powers: Mapping[int, Fraction]) -> bool:
    """Whether the number below the common exponent has at most `_MAX_LOGARITHM` bits."""
    share = _share(powers)
    return sum(abs(e / share) * p.bit_length() for p, e in powers.items()) <= _MAX_LOGARITHM


def _share(powers: Mapping[int, Fraction]) -> Fraction:
    """The largest rational of which all exponents are whole multiples."""
    exponents = powers.values()
    return Fraction(
        gcd(*(e.numerator for e in exponents)), lcm(*(e.denominator for e in exponents))
    )


def _logarithms(terms: _Terms) -> _Terms:
    """The terms with logarithms of primes merged: log(11) + 2 log(3) is log(99).

    The result is for writing only: `prime` may hold any positive rational.
    """
    merged: dict[Monomial, Fraction] = {}
    powers: dict[Monomial, dict[int, Fraction]] = {}
    for m, x in terms.items():
        logs = [(a, e) for a, e in m if a[0] == "log" and a[1][0] == "prime"]
        if len(logs) == 1 and logs[0][1] == 1:
            powers.setdefault(m - {logs[0]}, {})[logs[0][0][1][1]] = x
        else:
            merged[m] = x
    for rest, exponents in powers.items():
        for group in _parted(exponents):
            share = _share(group)
            value = prod(
                (Fraction(p) ** int(e / share) for p, e in group.items()), start=Fraction(1)
            )
            number: Atom = ("prime", max(value, 1 / value))
            merged[rest | {(("log", number), Fraction(1))}] = share if value > 1 else -share
    return merged


def _below_all(terms: _Terms) -> Monomial:
    """The sums that all of several terms are divided by."""
    if len(terms) < 2:
        return frozenset()
    shared = frozenset.intersection(*terms)
    return frozenset(
        (a, e) for a, e in shared if a[0] == "base" and isinstance(e, Fraction) and e < 0
    )


def to_text(expression: Expression) -> str:
    """A formula of the grammar with the value of the expression.

    Example:
        >>> to_text(term(frozenset({(Q, Fraction(1, 2))}), -3))
        '-3*sqrt(q)'
    """
    below = _below_all(expression.terms)
    if not below:
        return _sum(_logarithms(expression.terms))
    above = _logarithms({m - below: x for m, x in expression.terms.items()})
    if len(above) == 1:
        return _sum({m | below: x for m, x in above.items()})
    divisor = f"({_raised(below)})" if len(below) > 1 else _raised(below)
    return f"({_sum(above)})/{divisor}"


def _raised(below: Monomial) -> str:
    """The text of what is below a fraction bar."""
    return _product(frozenset((a, -e) for a, e in below if isinstance(e, Fraction)), _ONE)


def inverse_text(expression: Expression) -> str:
    """A formula of the grammar with the value of 1 / expression.

    Example:
        >>> inverse_text(term(frozenset({(("log", ("prime", 3)), Fraction(1))}), Fraction(1, 2)))
        '2/log(3)'
    """
    below = _below_all(expression.terms)
    terms = _logarithms({m - below: x for m, x in expression.terms.items()})
    ((m, x), *others) = terms.items()
    if others and below:
        return f"{_raised(below)}/({_sum(terms)})"
    if others or any(isinstance(e, Expression) for _, e in m):
        return f"1/({_sum(terms)})"
    m |= below
    return _sum({frozenset((a, -e) for a, e in m if isinstance(e, Fraction)): 1 / x})


def _sum(terms: _Terms) -> str:
    """The text of a sum; logarithms of numbers stand at its end."""
    pieces: list[str] = []
    for m, x in sorted(terms.items(), key=_order):
        text = _product(m, x)
        sign = "-" if x < 0 else "+"
        pieces.append(f" {sign} {text}" if pieces else f"{'-' if x < 0 else ''}{text}")
    return "".join(pieces) or "0"


@lru_cache(maxsize=256)
def midpoint(expression: Expression, bits: int = SHOWN_BITS) -> float:
    """The float next to a constant expression; infinite beyond the range of floats.

    An enclosure is refined until its width is small against the number, so that tiny numbers have
    all their digits.

    Example:
        >>> midpoint(term(frozenset({(("prime", 2), Fraction(1, 2))})))
        1.4142135623730951
    """
    exact = expression.constant()
    low, high = (exact, exact) if exact is not None else enclose(expression, None, bits).ends()
    if (high - low) * (1 << 60) > abs(low) and bits < 16 * SHOWN_BITS:
        return midpoint(expression, 2 * bits)
    return nearest((low + high) / 2)


def quantity(value: Limit) -> Quantity:
    """An exact constant with its text; a function of the parameters has the value NaN.

    Example:
        >>> quantity(Infinity.NEGATIVE).value
        -inf
    """
    if isinstance(value, Infinity):
        return Quantity(value.value, float(value.value))
    value = tidy(value)
    try:
        number = float("nan") if depends_on(value) else midpoint(value)
    except (Rejected, Undetermined):
        number = float("nan")
    return Quantity(to_text(value), number)


def decimal(low: Fraction, high: Fraction, digits: int = 17) -> str:
    """The decimal of an enclosure, to as many digits as both ends share, at most `digits`.

    A number below 10^-6 is written like 1.5e-20.

    Example:
        >>> decimal(Fraction(12344, 100000), Fraction(12343, 100000), 3)
        '0.123'
    """
    if 0 < high < Fraction(1, 10**6):
        shift = len(str(high.denominator // high.numerator))
        text = decimal(low * 10**shift, high * 10**shift, digits)
        return f"{text}e-{shift}"
    while digits > 0:
        texts = {f"{round(x * 10**digits):0{digits + 1}d}" for x in (low, high)}
        if len(texts) == 1:
            text = texts.pop()
            return f"{text[:-digits]}.{text[-digits:]}"
        digits -= 1
    return str(round((low + high) / 2))
