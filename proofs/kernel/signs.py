"""When is an expression >= 0 on an open interval of q, for every value of the parameters?

Two ways. *Orthant*: map the box to x > 0 (q = (low + high x) / (1 + x), likewise each parameter), clear 1 + x; if every
coefficient is >= 0, so is the expression (these are Bernstein coefficients; a higher degree tells more).
*Intervals*: an enclosure of the expression on a cell of q has a positive lower end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb

from proofs.kernel.formula import Domain
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import (
    ONE,
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
    expand,
    monomial,
    natural,
    polynomial,
    term,
    whole_power,
)

BITS = 192


@dataclass(frozen=True)
class Region:
    """An open interval of q and the domains of the parameters; its ends may depend on the parameters."""

    domains: Mapping[str, Domain]
    low: Expression = ZERO
    high: Expression = ONE

    def ends(self) -> tuple[Fraction, Fraction]:
        """The ends of q, where they are numbers."""
        low, high = self.low.constant(), self.high.constant()
        if low is None or high is None:
            raise Rejected("the ends of this piece depend on parameters")
        return low, high


def atom_sign(a: Atom, exponent: Exponent, region: Region) -> int:
    """Sign of atom ** exponent inside the region: 1 or -1; rejected where it is not known to have one."""
    if a[0] == "param":
        domain = region.domains[a[1]]
        if domain.low is not None and (domain.low > 0 or (domain.low == 0 and domain.low_open)):
            return 1
        raise Rejected(f"the sign of the parameter {a[1]} is not known")
    if a[0] == "log":
        inner = a[1]
        sign = 1 if inner[0] == "prime" else -1 if inner in (Q, U) else 0
        if not sign or not isinstance(exponent, Fraction) or exponent.denominator != 1:
            raise Rejected("the sign of a logarithm is not known")
        return sign if exponent % 2 else 1
    return 1  # q, u, bases, roots of primes, exponentials, Beta distribution functions


def positive_atoms(expression: Expression, region: Region) -> list[Atom]:
    """The atoms that may be divided out: q, u and the parameters known to be positive."""
    found: list[Atom] = [a for a in (Q, U) if a in expression.atoms()]
    for a in expression.atoms():
        if a[0] == "param":
            try:
                atom_sign(a, Fraction(1), region)
            except Rejected:
                continue
            found.append(a)
    return found


def groups(expression: Expression, region: Region) -> dict[Monomial, tuple[int, Expression]]:
    """The expression as a sum of (signed product of atoms) * (polynomial in q and the parameters)."""
    expression, _ = common_factor(expression, positive_atoms(expression, region))
    found: dict[Monomial, Expression] = {}
    for m, x in expression.terms.items():
        inside = frozenset((a, e) for a, e in m if (a == Q or a[0] == "param") and natural(e))
        outside = m - inside
        found[outside] = found.get(outside, ZERO) + term(inside, x)
    signed: dict[Monomial, tuple[int, Expression]] = {}
    for outside, part in found.items():
        sign = 1
        for a, e in outside:
            sign *= atom_sign(a, e, region)
        signed[outside] = (sign, part)
    return signed


def _substitute(part: Expression, variable: Atom, x: Atom, low: Expression, high: Expression | None, degree: int) -> Expression:
    """Variable = (low + high x) / (1 + x), times (1 + x) ** degree; or low + x when high is None."""
    numerator = low + (ONE if high is None else high) * atom(x)
    denominator = ONE if high is None else ONE + atom(x)
    result = ZERO
    for m, coefficient in part.terms.items():
        powers = dict(m)
        e = powers.pop(variable, Fraction(0))
        n = int(e) if isinstance(e, Fraction) else 0
        rest = term(frozenset(powers.items()), coefficient)
        result = result + rest * whole_power(numerator, n) * whole_power(denominator, degree - n)
    return result


def _degree(part: Expression, variable: Atom) -> int:
    return max((int(e) for m in part.terms for a, e in m if a == variable and isinstance(e, Fraction)), default=0)


def _to_orthant(part: Expression, region: Region, elevation: int) -> tuple[Expression, dict[str, int]]:
    """The polynomial with q and every parameter mapped to x > 0, and the degree used for each bounded parameter."""
    if any(a == Q for a in part.atoms()):
        part = _substitute(part, Q, ("x", "q"), region.low, region.high, _degree(part, Q) + elevation)
    degrees: dict[str, int] = {}
    for name, domain in region.domains.items():
        a: Atom = ("param", name)
        if a not in part.atoms():
            continue
        if domain.low is None and domain.high is None:
            raise Rejected(f"the parameter {name} is unbounded on both sides")
        degrees[name] = _degree(part, a) + (elevation if None not in (domain.low, domain.high) else 0)
        if domain.low is None:
            part = _flipped(part, a)
        low, high = (domain.low, domain.high) if domain.low is not None else (-(domain.high or Fraction(0)), None)
        part = _substitute(part, a, ("x", name), const(low), None if high is None else const(high), degrees[name])
    return part, degrees


def _flipped(part: Expression, a: Atom) -> Expression:
    """The parameter replaced by its negative."""
    result = ZERO
    for m, x in part.terms.items():
        e = dict(m).get(a, Fraction(0))
        result = result + term(m, -x if isinstance(e, Fraction) and e % 2 else x)
    return result


def _survives(parts: Sequence[tuple[Expression, dict[str, int]]], region: Region) -> bool:
    """With coefficients >= 0: some term is > 0 at every corner of the box that belongs to a parameter domain.

    At a closed low end only terms without x survive, at a closed high end only those with x ** degree.
    """
    used = {name for _, degrees in parts for name in degrees}
    choices: list[list[tuple[str, str]]] = []
    for name in sorted(used):
        domain = region.domains[name]
        closed = [end for end, is_open in (("low", domain.low_open), ("high", domain.high_open)) if not is_open]
        choices.append([(name, end) for end in closed] or [(name, "inside")])
    for corner in product(*choices):
        if not any(_survives_at(part, degrees, dict(corner), region) for part, degrees in parts):
            return False
    return True


def _survives_at(part: Expression, degrees: dict[str, int], corner: dict[str, str], region: Region) -> bool:
    for m in part.terms:
        powers = dict(m)
        kept = True
        for name, end in corner.items():
            n = powers.get(("x", name), Fraction(0))
            reversed_domain = region.domains[name].low is None  # there x grows from the high end
            if end == ("high" if reversed_domain else "low"):
                kept &= n == 0
            elif end != "inside":
                kept &= n == degrees.get(name, 0)
        if kept:
            return True
    return False


def orthant_sign(expression: Expression, region: Region, elevation: int = 0) -> int:
    """1: > 0 except perhaps at isolated q; 0: >= 0; -1: not shown."""
    parts: list[tuple[Expression, dict[str, int]]] = []
    for sign, part in groups(expression, region).values():
        mapped, degrees = _to_orthant(const(sign) * part, region, elevation)
        if any(x < 0 for x in mapped.terms.values()):
            return -1
        parts.append((mapped, degrees))
    return int(_survives(parts, region))


def is_positive(expression: Expression, region: Region) -> bool:
    """> 0 on the open region, shown by the cheap ways: orthants, unexpanded and expanded, and intervals for numbers."""
    for form in (expression, expand(expression)):
        for elevation in (0, 3):
            try:
                if orthant_sign(form, region, elevation) == 1:
                    return True
            except Rejected:
                continue
    if depends_on(expression):
        return False
    try:
        return constant_sign(expression) > 0
    except Rejected:
        return False


def is_nonnegative(expression: Expression, region: Region) -> bool:
    """>= 0 on the open region, shown by the cheap ways."""
    expression = expand(expression)
    if not expression.terms or is_positive(expression, region):
        return True
    for elevation in (0, 3):
        try:
            if orthant_sign(expression, region, elevation) >= 0:
                return True
        except Rejected:
            continue
    return False


def depends_on(expression: Expression) -> set[str]:
    """Names of what the value depends on: `q` and the parameters."""
    found: set[str] = set()

    def visit(a: Atom) -> None:
        if a in (Q, U):
            found.add("q")
        elif a[0] == "param":
            found.add(a[1])
        elif a[0] == "log":
            visit(a[1])
        elif a[0] == "base":
            scan(a[1])
        elif a[0] == "exp":
            scan(term(a[1]))
        elif a[0] == "beta_cdf":
            found.add("q")
            for e in a[1:]:
                if isinstance(e, Expression):
                    scan(e)

    def scan(part: Expression) -> None:
        for m in part.terms:
            for a, e in m:
                visit(a)
                if isinstance(e, Expression):
                    scan(e)

    scan(expression)
    return found


def constant_sign(expression: Expression) -> int:
    """Sign of a number: 0 only where it expands to 0; rejected where `BITS` bits cannot tell."""
    expression = expand(expression)
    if not expression.terms:
        return 0
    value = expression.constant()
    if value is not None:
        return 1 if value > 0 else -1
    try:
        enclosure = enclose(expression, None, BITS)
    except Undetermined as reason:
        raise Rejected(f"the sign of a constant is not determined: {reason}") from reason
    if enclosure.positive() or enclosure.negative():
        return 1 if enclosure.positive() else -1
    raise Rejected(f"the sign of a constant is not determined at {BITS} bits")


def enclose(expression: Expression, cell: Interval | None, bits: int) -> Interval:
    """An interval that contains the expression for every q of the cell (None: the expression has no q)."""
    known: dict[Atom, Interval] = {}
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        value = Interval.of(x, bits)
        for a, e in m:
            if not isinstance(e, Fraction):
                raise Rejected("an exponent depends on parameters")
            if a not in known:
                known[a] = _enclose_atom(a, cell, bits)
            value = value * known[a].power(e)
        total = total + value
    return total


def _enclose_atom(a: Atom, cell: Interval | None, bits: int) -> Interval:
    if a in (Q, U) and cell is not None:
        return cell if a == Q else Interval.of(1, bits) - cell
    match a[0]:
        case "base":
            return enclose(a[1], cell, bits)
        case "log":
            return _enclose_atom(a[1], cell, bits).log()
        case "prime":
            return Interval.of(a[1], bits)
        case "exp":
            return enclose(term(a[1]), cell, bits).exp()
        case "beta_constant":
            return _incomplete_beta(a[1], a[2], _half(bits)) + _incomplete_beta(a[2], a[1], _half(bits))
        case "beta_cdf" if cell is not None and isinstance(a[1], Fraction) and isinstance(a[2], Fraction):
            return _enclose_beta_cdf(a[1], a[2], cell, enclose(a[3], cell, bits))
    raise Rejected(f"{a[0]} {a[1] if len(a) > 1 else ''} has no numerical value here")


def _half(bits: int) -> Interval:
    return Interval.of(Fraction(1, 2), bits)


def _enclose_beta_cdf(alpha: Fraction, beta: Fraction, cell: Interval, density: Interval) -> Interval:
    """I_x(alpha, beta), increasing in x; above 1/2 through I_x(a, b) = 1 - I_(1-x)(b, a)."""
    one = Interval.of(1, cell.bits)
    if cell.high <= one.low // 2:
        return density * _incomplete_beta(alpha, beta, cell)
    if cell.low >= one.low // 2:
        return one - density * _incomplete_beta(beta, alpha, one - cell)
    half = one.low // 2
    parts = [Interval(cell.low, half, cell.bits), Interval(half, cell.high, cell.bits)]
    low, high = (_enclose_beta_cdf(alpha, beta, part, density) for part in parts)
    return Interval(min(low.low, high.low), max(low.high, high.high), cell.bits)


def _incomplete_beta(alpha: Fraction, beta: Fraction, x: Interval) -> Interval:
    """Integral of t^(alpha-1) (1-t)^(beta-1) over [0, x], 0 < x <= 1/2, by its power series.

    x^alpha sum_n (1-beta)_n / n! * x^n / (alpha + n). Once n >= |beta| the ratio of terms is at most 1/2 in size,
    so the tail is at most twice the first term left out.
    """
    if not isinstance(alpha, Fraction) or not isinstance(beta, Fraction):
        raise Rejected("a Beta distribution with symbolic parameters has no numerical value")
    total, factor, n = Interval.of(0, x.bits), Interval.of(1, x.bits), 0
    while True:
        summand = factor * Interval.of(1 / (alpha + n), x.bits)
        if n >= abs(beta) and max(abs(summand.low), abs(summand.high)) <= 4:
            tail = 16
            return x.power(alpha) * (total + Interval(-tail, tail, x.bits))
        if n > 8 * x.bits:
            raise Undetermined("the series of a Beta distribution function converges too slowly")
        total = total + summand
        n += 1
        factor = factor * x * Interval.of((n - beta) / n, x.bits)


def bernstein(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> list[Fraction]:
    """Bernstein coefficients on [low, high] of the polynomial with these coefficients, lowest first."""
    d = len(coefficients) - 1
    shifted = [Fraction(0)] * (d + 1)  # coefficients in t, q = low + (high - low) t
    for coefficient in reversed(coefficients):
        for j in range(d, 0, -1):
            shifted[j] = shifted[j] * low + shifted[j - 1] * (high - low)
        shifted[0] = shifted[0] * low + coefficient
    return [sum((Fraction(comb(j, i), comb(d, i)) * shifted[i] for i in range(j + 1)), Fraction(0)) for j in range(d + 1)]


def times(a: Sequence[Fraction], b: Sequence[Fraction]) -> list[Fraction]:
    """Product of two polynomials."""
    result = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] += x * y
    return result


def _cells(texts: Iterable[str], region: Region) -> list[tuple[Fraction, Fraction]]:
    points = [Fraction(t) for t in texts]
    low, high = region.ends()
    if len(points) < 2 or points[0] != low or points[-1] != high or any(a >= b for a, b in zip(points, points[1:], strict=False)):
        raise Rejected("the cells must increase from the low to the high end of the piece")
    return list(zip(points, points[1:], strict=False))


def univariate(expression: Expression, region: Region) -> list[Fraction]:
    """The polynomial P with expression = positive factor * P(q); rejected if there is none."""
    found = groups(expand(expression), region)
    if len(found) != 1:
        raise Rejected("not a positive factor times one polynomial in q")
    ((sign, part),) = found.values()
    coefficients = polynomial(const(sign) * part)
    if coefficients is None:
        raise Rejected("not a polynomial in q alone")
    return coefficients


def check_squares(expression: Expression, region: Region, evidence: Mapping[str, Sequence[str]]) -> int:
    """Expression = positive factor * g^2 h, and h has Bernstein coefficients >= 0 on every cell."""
    g, h = ([Fraction(x) for x in evidence[k]] for k in ("g", "h"))
    claimed, actual = times(times(g, g), h), univariate(expression, region)
    width = max(len(claimed), len(actual))
    if claimed + [Fraction(0)] * (width - len(claimed)) != actual + [Fraction(0)] * (width - len(actual)):
        raise Rejected("g^2 h is not the expression")
    for low, high in _cells(evidence["cells"], region):
        coefficients = bernstein(h, low, high)
        if any(x < 0 for x in coefficients) or not any(coefficients):
            raise Rejected(f"h has a negative Bernstein coefficient on [{low}, {high}]")
    return 1 if any(g) else 0


def check_boxes(expression: Expression, derivative: Expression, region: Region, evidence: Mapping[str, Sequence[str]]) -> int:
    """A positive enclosure on every cell: directly, by the mean value form, or by `end_bound` next to 0 and 1."""
    for low, high in _cells(evidence["cells"], region):
        if low == 0 or high == 1:
            if not end_bound(expression, Q if low == 0 else U, high if low == 0 else 1 - low, BITS).positive():
                raise Rejected(f"no positive bound on the end cell ({low}, {high})")
        elif not (mean_value(expression, derivative, low, high).positive() or _direct(expression, low, high).positive()):
            raise Rejected(f"no positive bound on the cell [{low}, {high}]")
    return 1


def _direct(expression: Expression, low: Fraction, high: Fraction) -> Interval:
    return enclose(expression, Interval.between(low, high, BITS), BITS)


def mean_value(expression: Expression, derivative: Expression, low: Fraction, high: Fraction) -> Interval:
    """f(middle) + f'([low, high]) * [-radius, radius] contains f on [low, high]."""
    radius = (high - low) / 2
    slope = _direct(derivative, low, high)
    return enclose(expression, Interval.of(low + radius, BITS), BITS) + slope * Interval.between(-radius, radius, BITS)


def end_bound(expression: Expression, end: Atom, width: Fraction, bits: int) -> Interval:
    """Bounds of (expression divided by its leading power of the end variable z) for 0 < z <= width.

    Every term is  x z^a (-log z)^j * (rest): z^a (-log z)^j rises on (0, width] once  a (-log width) >= j, so it lies in
    (0, its value at width]; for a = 0 it lies in [(-log width)^j, oo), where only positive terms may be left out.
    """
    expression, _ = common_factor(expression, [end])
    z = Interval.between(Fraction(0), width, bits)
    cell = z if end == Q else Interval.of(1, bits) - z
    at = Interval.of(width, bits)
    minus_log = -at.log()
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        power, logs, rest = Fraction(0), 0, []
        for a, e in m:
            if not isinstance(e, Fraction):
                raise Rejected("an exponent depends on parameters")
            if a == end:
                power = e
            elif a == ("log", end) and natural(e):
                logs = int(e)
            else:
                rest.append((a, e))
        coefficient = enclose(term(monomial(rest)[0], x * (-1) ** logs), cell, bits)
        if power < 0 or (power == 0 and logs and not (coefficient.positive() and minus_log.positive())):
            raise Rejected("the expression is not bounded below next to an end")
        if power == 0 and logs:
            total = total + Interval((coefficient * minus_log.power(Fraction(logs))).low, 1 << (4 * bits), bits)
            continue
        if logs and (minus_log * Interval.of(power, bits)).low < logs << bits:
            raise Rejected("an end cell is too wide")
        bound = Interval.of(1, bits)
        if power:
            bound = Interval(0, (at.power(power) * minus_log.power(Fraction(logs))).high, bits)
        total = total + coefficient * bound
    return total


def check_sign(expression: Expression, derivative: Expression, region: Region, evidence: Mapping[str, object]) -> int:
    """1 if the evidence shows > 0 (except at isolated q), 0 if it shows >= 0; rejected otherwise."""
    kind = evidence.get("kind")
    if kind == "zero":
        if expand(expression).terms:
            raise Rejected("the expression is not identically 0")
        return 0
    if kind in ("terms", "bernstein"):
        elevation = int(str(evidence.get("degree", 0)))
        if not 0 <= elevation <= 40:
            raise Rejected("the degree must lie between 0 and 40")
        form = expression if kind == "terms" else expand(expression)
        sign = orthant_sign(form, region, elevation) if form.terms else 0
        if sign < 0:
            raise Rejected("a coefficient is negative")
        return sign
    lists = {k: [str(x) for x in v] for k, v in evidence.items() if isinstance(v, list)}
    if kind == "squares":
        return check_squares(expression, region, lists)
    if kind == "boxes":
        return check_boxes(expression, derivative, region, lists)
    raise Rejected(f"unknown kind of evidence {kind!r}")

