"""From the syntax tree to exact expressions, one piece at a time.

A formula with abs, min, max, clip, comparisons or if-else is first *resolved*: on an open piece, or at a point, every
choice is decided exactly and replaced by the branch taken. What is left is smooth and becomes an `Expression`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from math import comb

from proofs.kernel import formula as syntax
from proofs.kernel.formula import Apply, Domain, Name, Node, Number
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit, limit
from proofs.kernel.normal_form import (
    MAX_NESTING,
    MAX_POWER,
    ONE,
    ZERO,
    Atom,
    Exponent,
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    common_factor,
    const,
    depth,
    expand,
    exponent_sum,
    exponential,
    from_polynomial,
    is_zero,
    lift,
    monomial,
    natural,
    number_log,
    number_power,
    plain,
    polynomial,
    sign_power,
    term,
    whole_power,
)
from proofs.kernel.signs import Region, constant_sign, depends_on, is_nonnegative, is_positive, linear_sign

PIECEWISE = ("if", "abs", "min", "max", "clip", "and", "or", "not", *syntax.COMPARISONS)


class Translator:
    """Smooth trees to expressions on a region; `q` may be the variable or an expression that stands for a point."""

    def __init__(self, region: Region, q: Expression | None = None) -> None:
        self.region, self.q = region, atom(Q) if q is None else q

    def expression(self, node: Node) -> Expression:
        """The expression of a tree without choices."""
        if isinstance(node, Number):
            return const(node.value)
        if isinstance(node, Name):
            return self.q if node.id == syntax.CONFIDENCE else self._parameter(node.id)
        if node.op in PIECEWISE:
            raise Rejected(f"'{node.op}' was not resolved")
        args = [self.expression(a) for a in node.args]
        match node.op:
            case "+":
                return args[0] + args[1]
            case "-":
                return args[0] - args[1]
            case "*":
                return args[0] * args[1]
            case "/":
                return args[0] * self.power(args[1], const(-1))
            case "neg":
                return -args[0]
            case "^":
                return self.power(args[0], args[1])
            case "sqrt":
                return self.power(args[0], const(Fraction(1, 2)))
            case "log":
                return self.log(args[0])
            case "exp":
                return self.exp(args[0])
            case "beta_function":
                return self.beta_constant(*(self.beta_parameter(a) for a in args))
        return self.beta_cdf(args[0], self.beta_parameter(args[1]), self.beta_parameter(args[2]))

    def _parameter(self, name: str) -> Expression:
        domain = self.region.domains[name]
        if domain.low is not None and domain.low == domain.high:
            return const(domain.low)
        return atom(("param", name))

    def factor(self, expression: Expression) -> tuple[Fraction, list[tuple[Atom, Exponent]]]:
        """A positive expression as a positive rational times a product of atoms; what does not split becomes a base."""
        expression = expression if len(expression.terms) == 1 else expand(expression)
        if len(expression.terms) == 1:
            ((m, x),) = expression.terms.items()
            if x > 0 and all(a[0] != "log" and is_positive(atom(a), self.region) for a, _ in m):
                return x, list(m)
        rest, factors = common_factor(expression, self._divisible(expression))
        while (coefficients := polynomial(rest)) is not None and len(coefficients) > 1 and sum(coefficients) == 0:
            quotient, carried = [], Fraction(0)  # divide by 1 - q: partial sums of the coefficients
            for x in coefficients[:-1]:
                carried += x
                quotient.append(carried)
            factors.append((U, Fraction(1)))
            rest = from_polynomial(quotient)
        value = rest.constant()
        if value is None:
            value, rest = self._normalised(rest)
            if depth(base(rest)) > MAX_NESTING:
                raise Rejected(f"roots, logarithms and denominators may nest at most {MAX_NESTING} deep")
            if not is_positive(rest, self.region):
                raise Rejected("a root, logarithm or denominator is not known to have a positive argument")
            factors.append((base(rest), Fraction(1)))
        if value <= 0:
            raise Rejected("a root, logarithm or denominator has an argument that is not positive")
        return value, factors

    def _divisible(self, expression: Expression) -> list[Atom]:
        return [a for a in expression.atoms() if a[0] != "log" and is_positive(atom(a), self.region)]

    @staticmethod
    def _normalised(rest: Expression) -> tuple[Fraction, Expression]:
        """Divided by one of its coefficients, always the same one, so that proportional bases coincide."""
        chosen = min(rest.terms, key=lambda m: (len(m), sorted(map(repr, m))))
        scale = abs(rest.terms[chosen])
        return scale, rest * const(1 / scale)

    def power(self, radix: Expression, exponent: Expression) -> Expression:
        """The radix raised to the exponent; the radix must be positive unless the exponent is a natural number."""
        exponent = expand(exponent)
        e = plain(exponent)
        if natural(e):
            if e > MAX_POWER * 16:
                raise Rejected(f"an exponent above {MAX_POWER * 16}")
            return whole_power(radix, int(e))
        if "q" in depends_on(exponent):
            return self.exp(exponent * self.log(radix))
        if not radix.terms and is_positive(exponent, self.region):
            return ZERO
        if e == -1 and (value := radix.constant()):
            return const(1 / value)
        sign = ONE
        if isinstance(e, Fraction) and e.denominator == 1 and not is_positive(radix, self.region):
            radix, sign = -radix, sign_power(int(e))
        value, factors = self.factor(radix)
        m, scale = monomial([(a, plain(lift(f) * exponent)) for a, f in factors])
        return sign * term(m, scale) * number_power(value, e)

    def log(self, argument: Expression) -> Expression:
        """Log of a positive expression as a sum of logs of atoms."""
        value, factors = self.factor(argument)
        result = number_log(value)
        for a, e in factors:
            inner = term(a[1]) if a[0] == "exp" else atom(("log", a))
            result = result + lift(e) * inner
        return result

    def exp(self, argument: Expression) -> Expression:
        """The exponential of a sum, as a product in which e^(x log a) becomes a^x."""
        result = ONE
        for m, x in argument.terms.items():
            logs = [a for a, e in m if a[0] == "log" and e == 1]
            if len(logs) == 1 and not {a for a, _ in m if a[0] != "param"} - set(logs):
                rest = frozenset((a, e) for a, e in m if a != logs[0])
                power = plain(term(rest, x))
                result = result * (
                    number_power(Fraction(logs[0][1][1]), power)
                    if logs[0][1][0] == "prime"
                    else atom(logs[0][1], power)
                )
            else:
                result = result * atom(exponential(m), x)
                if depth(exponential(m)) > MAX_NESTING:
                    raise Rejected(f"exponentials may nest at most {MAX_NESTING} deep")
        return result

    def beta_parameter(self, parameter: Expression) -> Exponent:
        """A positive parameter of a Beta distribution."""
        if "q" in depends_on(parameter) or not is_positive(parameter, self.region):
            raise Rejected("the parameters of a Beta distribution must be positive and without q")
        return plain(expand(parameter))

    def beta_cdf(self, argument: Expression, alpha: Exponent, beta: Exponent) -> Expression:
        """I_q(alpha, beta): a polynomial for small whole parameters, an atom otherwise."""
        value = argument.constant()
        if value in (0, 1):
            return const(value or 0)
        for share in (argument, ONE - argument):
            if not is_nonnegative(share, self.region):
                raise Rejected("the argument of beta_cdf is not known to lie in [0, 1]")
        if natural(alpha) and natural(beta) and (n := int(alpha) + int(beta) - 1) <= MAX_POWER:
            rest = ONE - argument
            return sum(
                (const(comb(n, j)) * whole_power(argument, j) * whole_power(rest, n - j)
                 for j in range(int(alpha), n + 1)),
                ZERO,
            )  # fmt: skip
        density = self.power(self.beta_constant(alpha, beta), const(-1))
        if value is not None:
            return atom(("beta_value", alpha, beta, density, value))
        if argument != atom(Q):
            raise Rejected("beta_cdf of anything but q or a number needs whole parameters")
        return atom(("beta_cdf", alpha, beta, density))

    def beta_constant(self, alpha: Exponent, beta: Exponent) -> Expression:
        """B(alpha, beta) through B(a + 1, b) = B(a, b) a / (a + b), so that parameters 1 apart share one atom."""
        ratio, steps = ONE, 0
        for _ in range(2):
            while (below := self._one_less(alpha)) is not None:
                steps += 1
                if steps > MAX_POWER:
                    raise Rejected(f"the parameters of a Beta function sum to more than {MAX_POWER}")
                total = lift(exponent_sum(below, beta))
                ratio, alpha = ratio * lift(below) * self.power(total, const(-1)), below
            alpha, beta = beta, alpha
        for one, other in ((alpha, beta), (beta, alpha)):
            if one == 1:  # B(a, 1) = 1 / a
                return ratio * self.power(lift(other), const(-1))
        return ratio * atom(("beta_constant", alpha, beta))

    def _one_less(self, alpha: Exponent) -> Exponent | None:
        below = exponent_sum(alpha, Fraction(-1))
        if isinstance(below, Fraction):
            return below if below > 0 else None
        return below if is_positive(below, self.region) else None


class Piece:
    """One smooth piece of a formula: the open interval (low, high) of q, or the single point `at`."""

    def __init__(
        self, domains: Mapping[str, Domain], low: Expression, high: Expression, at: Expression | None = None
    ) -> None:
        self.region, self.at = Region(domains, low, high), at
        self._resolved: dict[int, tuple[Node, Node]] = {}  # by identity; a kept node keeps its id
        self.translator = Translator(self.region, at if at is not None and at not in (ZERO, ONE) else None)

    def smooth(self, node: Node) -> Expression:
        """The expression of the branch taken here."""
        return self.translator.expression(self.resolved(node))

    def resolved(self, node: Node) -> Node:
        """The tree with every choice decided, each tree once."""
        if id(node) not in self._resolved:
            self._resolved[id(node)] = node, self.resolve(node)
        return self._resolved[id(node)][1]

    def value(self, node: Node) -> Limit:
        """At a point: the value; at q = 0 and 1 the one-sided limit of the branch that is taken *at* the point."""
        found = self.smooth(node)
        if self.at == ZERO:
            return limit(found, Q, self.region)
        return limit(found, U, self.region) if self.at == ONE else found

    def resolve(self, node: Node) -> Node:
        """Decide every choice, from the root down."""
        if not isinstance(node, Apply):
            return node
        if node.op == "if":
            return self.resolve(node.args[1] if self.holds(node.args[0]) else node.args[2])
        if node.op in ("and", "or", "not", *syntax.COMPARISONS):
            return Number(Fraction(self.holds(node)))
        args = [self.resolve(a) for a in node.args]
        match node.op:
            case "abs":
                return args[0] if self.leaning(args[0]) >= 0 else syntax.fold(Apply("neg", (args[0],)))
            case "clip":
                low = args[0] if self.leaning(Apply("-", (args[0], args[1]))) >= 0 else args[1]
                return low if self.leaning(Apply("-", (args[2], low))) >= 0 else args[2]
            case "min" | "max":
                best = args[0]
                for other in args[1:]:
                    sign = self.leaning(Apply("-", (best, other)))
                    best = best if (sign >= 0) == (node.op == "max") else other
                return best
        return syntax.fold(Apply(node.op, tuple(args)))

    def holds(self, node: Node) -> bool:
        """Truth of a condition here."""
        if isinstance(node, Apply):
            match node.op:
                case "and":
                    return self.holds(node.args[0]) and self.holds(node.args[1])
                case "or":
                    return self.holds(node.args[0]) or self.holds(node.args[1])
                case "not":
                    return not self.holds(node.args[0])
            if node.op in syntax.COMPARISONS:
                left, right = (self.resolve(a) for a in node.args)
                sign = self.sign(Apply("-", (right, left)))
                return {"<": sign > 0, "<=": sign >= 0, "==": sign == 0, "!=": sign != 0}[node.op]
        return self.sign(self.resolve(node)) != 0

    def leaning(self, node: Node) -> int:
        """The sign that chooses a branch of a continuous function; at a tie at q = 0 or 1, the sign just inside."""
        found = self.sign(node)
        return self._sign_inside(node) if found == 0 and self.at in (ZERO, ONE) else found

    def sign(self, node: Node) -> int:
        """The sign that a smooth tree has everywhere here."""
        if self.at is None:
            return self._sign_inside(node)
        found = self.value(node)
        if not isinstance(found, Expression):
            return -1 if found is NEGATIVE_INFINITY else 1
        if is_zero(found):
            return 0
        if not depends_on(found):
            return constant_sign(found)
        for sign in (1, -1):
            if is_positive(const(sign) * found, self.region):
                return sign
        raise Rejected("a comparison is not decided at this point")

    def _sign_inside(self, node: Node) -> int:
        difference = self.translator.expression(node)
        with suppress(Rejected):
            if sign := linear_sign(difference, self.region):
                return sign
        if is_zero(difference):
            return 0
        if not depends_on(difference):
            return constant_sign(difference)
        if is_positive(difference, self.region):
            return 1
        if is_positive(-difference, self.region):
            return -1
        raise Rejected("a comparison is not decided on this piece")
