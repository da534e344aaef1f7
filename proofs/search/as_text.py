"""Exact kernel expressions as text that the grammar reads back, and as numbers."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm

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

BITS = 256


def _factor(a: Atom, e: Exponent) -> tuple[str, bool]:
    """Text of atom ** exponent, and whether it belongs below a fraction bar."""
    below = isinstance(e, Fraction) and e < 0
    size = -e if isinstance(e, Fraction) and below else e
    base = _atom(a)
    if size == 1:
        return base, below
    if size == Fraction(1, 2):
        inner = base.removeprefix("(").removesuffix(")") if base.startswith("(") else base
        return f"sqrt({inner})", below
    whole = isinstance(size, Fraction) and size.denominator == 1
    return f"{base}^{size if whole else f'({_power_text(size)})'}", below


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
            return text if text.endswith(")") and not set(" /*") & set(text) else f"({text})"
        case "log":
            return (
                f"log({_atom(a[1]).removeprefix('(').removesuffix(')') if a[1] != U else '1 - q'})"
            )
        case "exp":
            return f"exp({to_text(term(a[1]))})"
        case "beta_cdf":
            return f"beta_cdf({to_text(a[4])}, {_power_text(a[1])}, {_power_text(a[2])})"
    return f"beta_function({_power_text(a[1])}, {_power_text(a[2])})"


def _product(m: Monomial, x: Fraction) -> str:
    """Text of |x| * m."""
    above: list[str] = []
    below: list[str] = []
    for a, e in sorted(m, key=lambda pair: (pair[0][0] == "log", str(pair[0]), str(pair[1]))):
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


def _order(item: tuple[Monomial, Fraction]) -> tuple[int, str]:
    m, _ = item
    return sum(int(e) for _, e in m if isinstance(e, Fraction)), repr(sorted(map(repr, m)))


def _one_logarithm(
    expression: Expression,
) -> tuple[list[tuple[bool, str]], dict[Monomial, Fraction]]:
    """The logarithms of primes in a sum as the text of one logarithm, and the other terms.

    So log(11) + 2 log(3) becomes log(99). A rational of more than 80 bits is left as it is.
    """
    logs: dict[int, Fraction] = {}
    others: dict[Monomial, Fraction] = {}
    for m, x in expression.terms.items():
        a, e = next(iter(m)) if len(m) == 1 else (Q, Fraction(0))
        if a[0] == "log" and a[1][0] == "prime" and e == 1:
            logs[a[1][1]] = x
        else:
            others[m] = x
    if not logs:
        return [], others
    share = Fraction(
        gcd(*(x.numerator for x in logs.values())), lcm(*(x.denominator for x in logs.values()))
    )
    exponents = {p: int(x / share) for p, x in logs.items()}
    if sum(abs(e) * p.bit_length() for p, e in exponents.items()) > 80:
        return [], dict(expression.terms)
    value = Fraction(1)
    for p, n in exponents.items():
        value *= Fraction(p) ** n
    inner = f"log({max(value, 1 / value)})"
    text = inner if share == 1 else f"{share.numerator}*{inner}" if share.denominator == 1 else ""
    text = (
        text
        or f"{'' if share.numerator == 1 else f'{share.numerator}*'}{inner}/{share.denominator}"
    )
    return [(value < 1, text)], others


def to_text(expression: Expression) -> str:
    """A formula of the grammar with the value of the expression.

    Example:
        >>> to_text(term(frozenset({(Q, Fraction(1, 2))}), -3))
        '-3*sqrt(q)'
    """
    logarithm, others = _one_logarithm(expression)
    signed = [(x < 0, _product(m, x)) for m, x in sorted(others.items(), key=_order)]
    pieces: list[str] = []
    for negative, text in [*signed, *logarithm]:
        pieces.append(
            f" {'-' if negative else '+'} {text}" if pieces else f"{'-' if negative else ''}{text}"
        )
    return "".join(pieces) or "0"


@lru_cache(maxsize=256)
def midpoint(expression: Expression, bits: int = BITS) -> float:
    """The float next to a constant expression; infinite beyond the range of floats.

    An enclosure is refined until its width is small against the number, so that tiny numbers have
    all their digits.

    Example:
        >>> midpoint(term(frozenset({(("prime", 2), Fraction(1, 2))})))
        1.4142135623730951
    """
    exact = expression.constant()
    low, high = (exact, exact) if exact is not None else enclose(expression, None, bits).ends()
    if (high - low) * (1 << 60) > abs(low) and bits < 16 * BITS:
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
