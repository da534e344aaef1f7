"""Powers, logarithms, exponentials and Beta functions of expressions positive on a region."""

from __future__ import annotations

from fractions import Fraction
from math import comb, gcd, isqrt, lcm

from proofs.kernel.normal_form import (
    MAX_POWER,
    ONE,
    ZERO,
    Exponent,
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    common_factor,
    const,
    depends_on,
    depth,
    expand,
    expand_atom,
    exponent_sum,
    lift,
    monomial,
    natural,
    number_log,
    number_power,
    plain,
    polynomial,
    sign_power,
    term,
    total,
    whole_power,
)
from proofs.kernel.signs import Factors, Region, divisible, is_nonnegative, is_positive

MAX_DEPTH = 12


def factor(expression: Expression, region: Region) -> Factors:
    """A positive expression as a positive rational times a product of atoms.

    A factor that does not split becomes a base. A base is divided by the greatest common divisor of
    its coefficients, so that proportional bases coincide.

    Raises:
        Rejected: the expression is not shown to be positive on the region.

    Example:
        >>> factor(const(3) * atom(Q), Region({}))
        (Fraction(3, 1), ((('q',), Fraction(1, 1)),))
    """
    if expression not in region.factored:
        region.factored[expression] = _factor(expression, region)
    return region.factored[expression]


def _factor(expression: Expression, region: Region) -> Factors:
    expression = expression if len(expression.terms) == 1 else expand(expression)
    rest, factors = common_factor(expression, divisible(expression, region))
    if len(rest.terms) > 1:  # powers of 1 - q that its terms do not show one by one
        reflected, powers = common_factor(expand_atom(rest, Q, ONE - atom(U)), [U])
        rest, factors = (expand(reflected), factors + powers) if powers else (rest, factors)
    value = rest.constant()
    if value is None:
        coefficients = rest.terms.values()
        value = Fraction(
            gcd(*(x.numerator for x in coefficients)), lcm(*(x.denominator for x in coefficients))
        )
        rest = rest * const(1 / value)
        if (root := _square_root(rest)).terms:
            sign = 1 if is_positive(root, region) else -1
            inner, powers_of_root = factor(const(sign) * root, region)
            return value * inner**2, (
                *factors,
                *((a, plain(lift(e) + lift(e))) for a, e in powers_of_root),
            )
        if depth(base(rest)) > MAX_DEPTH:
            raise Rejected(f"roots, logarithms and denominators may nest at most {MAX_DEPTH} deep")
        if not is_positive(rest, region):
            raise Rejected(
                "a root, logarithm or denominator is not known to have a positive argument"
            )
        factors.append((base(rest), Fraction(1)))
    if value <= 0:
        raise Rejected("a root, logarithm or denominator has an argument that is not positive")
    return value, tuple(factors)


def _square_root(expression: Expression) -> Expression:
    """The polynomial in q whose square this is, or 0 if there is none.

    Coefficients are compared from the highest down.
    """
    coefficients = polynomial(expression) or [Fraction(0)]
    degree, odd = divmod(len(coefficients) - 1, 2)
    lead = Fraction(isqrt(abs(coefficients[-1].numerator)), isqrt(coefficients[-1].denominator))
    if odd or not degree or lead**2 != coefficients[-1]:
        return ZERO
    root = [Fraction(0)] * degree + [lead]
    for k in range(degree - 1, -1, -1):
        products = sum(root[i] * root[degree + k - i] for i in range(k + 1, degree))
        root[k] = (coefficients[degree + k] - products) / (2 * lead)
    found = total(
        (frozenset({(Q, Fraction(n))}) if n else frozenset(), x) for n, x in enumerate(root)
    )
    return found if expand(found * found - expression) == ZERO else ZERO


def power(radix: Expression, exponent: Expression, region: Region) -> Expression:
    """The radix raised to the exponent.

    Raises:
        Rejected: the radix is not shown to be positive, and the exponent is not a natural number.

    Example:
        >>> power(atom(Q) * atom(Q), const(Fraction(1, 2)), Region({})) == atom(Q)
        True
    """
    exponent = expand(exponent)
    e = plain(exponent)
    if natural(e):
        if e > MAX_POWER * 16:
            raise Rejected(f"an exponent above {MAX_POWER * 16}")
        return whole_power(radix, int(e))
    if "q" in depends_on(exponent):
        return exp(exponent * log(radix, region))
    if not radix.terms and is_positive(exponent, region):
        return ZERO
    sign = ONE
    if isinstance(e, Fraction) and e.denominator == 1 and not is_positive(radix, region):
        radix, sign = -radix, sign_power(int(e))
    value, factors = factor(radix, region)
    raised = term(*monomial((a, plain(lift(f) * exponent)) for a, f in factors))
    return sign * raised * number_power(value, e)


def log(argument: Expression, region: Region) -> Expression:
    """The logarithm of a positive expression as a sum of logarithms of atoms.

    Example:
        >>> region = Region({})
        >>> log(atom(Q) * atom(Q), region) == const(2) * log(atom(Q), region)
        True
    """
    value, factors = factor(argument, region)
    result = number_log(value)
    for a, e in factors:
        result = result + lift(e) * (term(a[1]) if a[0] == "exp" else atom(("log", a)))
    return result


def exp(argument: Expression) -> Expression:
    """The exponential of a sum, as a product in which e^(x log a) becomes a^x.

    Example:
        >>> exp(const(2) * log(atom(Q), Region({}))) == atom(Q) * atom(Q)
        True
    """
    result = ONE
    for m, x in argument.terms.items():
        logs = [(a, e) for a, e in m if a[0] == "log" and e == 1]
        if len(logs) == 1 and all(a[0] == "param" for a, _ in m - set(logs)):
            result = result * atom(logs[0][0][1], plain(term(m - set(logs), x)))
        else:
            result = result * atom(("exp", m), x)
            if depth(m) >= MAX_DEPTH:
                raise Rejected(f"exponentials may nest at most {MAX_DEPTH} deep")
    return result


def beta_parameter(parameter: Expression, region: Region) -> Exponent:
    """The exponent form of a positive parameter of a Beta distribution.

    Raises:
        Rejected: the parameter holds q or is not shown to be positive.

    Example:
        >>> beta_parameter(const(2), Region({}))
        Fraction(2, 1)
    """
    if "q" in depends_on(parameter) or not is_positive(parameter, region):
        raise Rejected("the parameters of a Beta distribution must be positive and without q")
    return plain(expand(parameter))


def beta_cdf(x: Expression, alpha: Exponent, beta: Exponent, region: Region) -> Expression:
    """I_x(alpha, beta): a polynomial for small whole parameters, an atom otherwise.

    Raises:
        Rejected: x is not shown to lie in [0, 1], or the function has no exact form here.

    Example:
        >>> beta_cdf(atom(Q), Fraction(2), Fraction(1), Region({})) == atom(Q) * atom(Q)
        True
    """
    if x in (ZERO, ONE):
        return x
    if not is_nonnegative(x, region) or not is_nonnegative(ONE - x, region):
        raise Rejected("the argument of beta_cdf is not known to lie in [0, 1]")
    if natural(alpha) and natural(beta) and (n := int(alpha + beta) - 1) <= MAX_POWER:
        powers = (
            (j, whole_power(x, j) * whole_power(ONE - x, n - j)) for j in range(int(alpha), n + 1)
        )
        return sum((const(comb(n, j)) * both for j, both in powers), ZERO)
    above = not depends_on(x) and is_positive(x - const(Fraction(1, 2)), region)
    if above or expand(ONE - x) == atom(Q):  # I_{1-x}(a, b) = 1 - I_x(b, a)
        return ONE - beta_cdf(expand(ONE - x), beta, alpha, region)
    if x != atom(Q) and depends_on(x):
        raise Rejected("beta_cdf of anything but q or a number needs whole parameters")
    return atom(
        ("beta_cdf", alpha, beta, power(beta_constant(alpha, beta, region), const(-1), region), x)
    )


def beta_constant(alpha: Exponent, beta: Exponent, region: Region) -> Expression:
    """B(alpha, beta), where parameters that differ by whole numbers share one atom.

    The rules are B(a, 1) = 1 / a and B(a + 1, b) = B(a, b) a / (a + b). For whole parameters the
    value is (a - 1)! (b - 1)! / (a + b - 1)!.

    Example:
        >>> beta_constant(Fraction(2), Fraction(3), Region({})).constant()
        Fraction(1, 12)
    """
    if natural(alpha) and natural(beta) and alpha + beta <= MAX_POWER * 16:
        return const(Fraction(1, int(alpha) * comb(int(alpha + beta) - 1, int(alpha))))
    if natural(beta):  # first the parameter that the recurrence can bring down to 1
        alpha, beta = beta, alpha
    ratio = ONE
    for _ in range(MAX_POWER):
        for one, other in ((alpha, beta), (beta, alpha)):
            below = exponent_sum(one, Fraction(-1))
            if below == 0:
                return ratio * power(lift(other), const(-1), region)
            if is_positive(lift(below), region):
                whole = lift(exponent_sum(below, other))
                ratio, alpha, beta = (
                    ratio * lift(below) * power(whole, const(-1), region),
                    below,
                    other,
                )
                break
        else:
            return ratio * atom(("beta_constant", *sorted((alpha, beta), key=repr)))
    raise Rejected(
        f"the parameters of a Beta function are more than {MAX_POWER} steps from their least"
    )
