"""When is an expression >= 0 on an open interval of q, for every value of the parameters?

Map the box to x > 0 (q = (low + high x) / (1 + x), likewise each parameter), clear 1 + x; if every
coefficient is >= 0, so is the expression (these are Bernstein coefficients; a higher degree tells more).
For numbers without q and parameters, an interval enclosure decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product

from proofs.kernel.enclosures import BITS, enclose
from proofs.kernel.formula import Domain
from proofs.kernel.intervals import Undetermined
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
    base,
    common_factor,
    const,
    derivative,
    expand,
    lift,
    natural,
    number_log,
    number_power,
    polynomial,
    spend,
    term,
    whole_power,
)

GROWTHS = 2
"""How often `grows` may ask itself, of a slope or of a value at an end."""


@dataclass(frozen=True)
class Region:
    """An open interval of q and the domains of the parameters; its ends may depend on the parameters."""

    domains: Mapping[str, Domain]
    low: Expression = ZERO
    high: Expression = ONE
    positive: dict[tuple[Expression, int], bool] = field(default_factory=dict, compare=False, repr=False)
    """What `is_positive` has already answered here: one formula asks the same of the same bases many times."""

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
        sign = 1 if inner[0] == "prime" else -1 if inner in (Q, U) else _log_sign(inner, region)
        if not sign or not isinstance(exponent, Fraction) or exponent.denominator != 1:
            raise Rejected("the sign of a logarithm is not known")
        return sign if exponent % 2 else 1
    return 1  # q, u, bases, roots of primes, exponentials, Beta distribution functions


def _log_sign(inner: Atom, region: Region) -> int:
    """Sign of the logarithm of a parameter or a base, which is that of the inner atom less 1; 0: not known."""
    above = (atom(inner) if inner[0] == "param" else inner[1]) - ONE if inner[0] in ("param", "base") else ZERO
    return is_positive(above, region) - is_positive(-above, region)


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


def _substitute(
    part: Expression, variable: Atom, x: Atom, low: Expression, high: Expression | None, degree: int
) -> Expression:
    """Variable = (low + high x) / (1 + x), times (1 + x) ** degree; or low + x when high is None."""
    numerator = low + (ONE if high is None else high) * atom(x)
    denominator = ONE if high is None else ONE + atom(x)
    result = ZERO
    for m, coefficient in part.terms.items():
        powers = dict(m)
        e = powers.pop(variable, Fraction(0))
        if not natural(e):
            raise Rejected("the ends of a piece hold a power of a parameter that is not whole")
        n = int(e)
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
        spend(sum(len(part.terms) for part, _ in parts))
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
        for a in mapped.atoms():  # what the ends of the piece bring along: every factor of a term must be positive
            if a[0] != "x" and atom_sign(a, Fraction(1), region) < 0:
                return -1
        parts.append((mapped, degrees))
    return int(_survives(parts, region))


def linear_sign(expression: Expression, region: Region) -> int:
    """Sign on the open region of a polynomial in q of degree at most 1, from its values at the ends; 0: it has none."""
    coefficients, (low, high) = polynomial(expression), region.ends()
    if coefficients is None or len(coefficients) > 2:
        raise Rejected("not linear in q")
    ends = {sum(x * end**n for n, x in enumerate(coefficients)) for end in (low, high)} - {0}
    return 0 if not ends or min(ends) < 0 < max(ends) else 1 if min(ends) > 0 else -1


def is_positive(expression: Expression, region: Region, nested: int = GROWTHS) -> bool:
    """> 0 on the open region, by the cheap ways: orthants (unexpanded, expanded), intervals for numbers, growth."""
    key = expression, nested
    if key not in region.positive:
        region.positive[key] = _is_positive(expression, region) or grows(expression, region, nested, strictly=True)
    return region.positive[key]


def _is_positive(expression: Expression, region: Region) -> bool:
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


def is_nonnegative(expression: Expression, region: Region, nested: int = GROWTHS) -> bool:
    """>= 0 on the open region, shown by the cheap ways."""
    expression = expand(expression)
    if not expression.terms or is_positive(expression, region, nested):
        return True
    for elevation in (0, 3):
        try:
            if orthant_sign(expression, region, elevation) >= 0:
                return True
        except Rejected:
            continue
    return grows(expression, region, nested, strictly=False)


def grows(expression: Expression, region: Region, nested: int, *, strictly: bool) -> bool:
    """Without q: >= 0 (> 0) as it is so at one end of a parameter's domain and does not fall on the way from there.

    Where the domain does not hold that end, >= 0 there and a slope > 0 make it > 0.
    """
    if not nested or not any(a[0] in ("log", "base", "exp") for a in expression.atoms()):
        return False
    if "q" in (names := depends_on(expression)):
        return False
    divisible = [a for a in expression.atoms() if a[0] == "base"]
    expression, _ = common_factor(expression, [*divisible, *positive_atoms(expression, region)])
    for name in sorted(names):
        domain = region.domains[name]
        for end, is_open, direction in ((domain.low, domain.low_open, 1), (domain.high, domain.high_open, -1)):
            if end is None:
                continue
            try:
                slope = const(direction) * derivative(expression, ("param", name))
                fixed = Region({**region.domains, name: Domain(end, end, low_open=False, high_open=False)})
                start = expand(at_end(expression, name, end, fixed))
            except Rejected:
                continue
            if strictly and not is_positive(start, fixed, nested - 1):
                risen = is_open and is_positive(slope, region, nested - 1)
                if risen and is_nonnegative(start, fixed, nested - 1):
                    return True
            elif is_nonnegative(start, fixed, nested - 1) and is_nonnegative(slope, region, nested - 1):
                return True
    return False


def at_end(expression: Expression, name: str, end: Fraction, fixed: Region) -> Expression:
    """The value at an end of a parameter's domain; rejected unless every atom is continuous there."""
    result = ZERO
    for m, x in expression.terms.items():
        factors = const(x)
        for a, e in m:
            factors = factors * _atom_at(a, e, name, end, fixed)
        result = result + factors
    return result


def _atom_at(a: Atom, e: Exponent, name: str, end: Fraction, fixed: Region) -> Expression:
    if name in depends_on(lift(e)):
        raise Rejected("the end of a parameter in an exponent")
    if name not in depends_on(atom(a)):
        return atom(a, e)
    inner = at_end(a[1], name, end, fixed) if a[0] == "base" else const(end) if a[0] == "param" else None
    if a[0] == "log":
        value = _atom_at(a[1], Fraction(1), name, end, fixed)
        number = value.constant()
        if natural(e) and number is not None and number > 0:
            return whole_power(number_log(number), int(e))
    elif inner is not None:
        number = inner.constant()
        if number is not None and number > 0:
            return number_power(number, e)
        if a[0] == "param" and natural(e):
            return whole_power(inner, int(e))
        if number is None and is_positive(inner, fixed):
            return atom(base(expand(inner)), e)
    raise Rejected("an atom is not known to be continuous at the end of a parameter")


def depends_on(expression: Expression) -> set[str]:
    """Names of what the value depends on: `q` and the parameters."""
    return {name for m in expression.terms for pair in m for part in pair for name in _names(part)}


@lru_cache(maxsize=8192)
def _names(part: Atom | Exponent) -> frozenset[str]:
    """What one atom or exponent depends on."""
    if isinstance(part, Expression):
        return frozenset(depends_on(part))
    if isinstance(part, Fraction):
        return frozenset()
    match part[0]:
        case "q" | "u":
            return frozenset({"q"})
        case "param":
            return frozenset({part[1]})
        case "base" | "log":
            return _names(part[1])
        case "exp":
            return frozenset(depends_on(term(part[1])))
        case "beta_cdf" | "beta_value" | "beta_constant":
            inner = [_names(x) for x in part[1:] if isinstance(x, Expression)]
            return frozenset({"q"} if part[0] == "beta_cdf" else ()).union(*inner)
    return frozenset()


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
