"""From the syntax tree to exact expressions, on one piece or at one point.

There every choice (abs, min, max, clip, comparisons, if-else) has one outcome, which is decided
exactly; the remaining smooth formula becomes an `Expression`. A product with a factor 0 is 0,
whether or not the other factor is defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from proofs.kernel import formula as syntax
from proofs.kernel.formula import Name, Node, Number
from proofs.kernel.functions import beta_cdf, beta_constant, beta_parameter, exp, log, power
from proofs.kernel.limits import POSITIVE_INFINITY, Limit, limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    Rejected,
    atom,
    const,
    derivative,
    expand,
)
from proofs.kernel.signs import Region, definite_sign


class Translator:
    """One smooth piece of a formula: on an open interval of q, or at the single point `at`.

    Example:
        >>> node = syntax.parse("abs(q - 2)")
        >>> Translator(Region({})).smooth(node) == const(2) - atom(Q)
        True
    """

    def __init__(self, region: Region, at: Expression | None = None) -> None:
        self.region, self.at = region, at
        self.q = atom(Q) if at is None or at in (ZERO, ONE) else at
        self.known: dict[Node, Expression] = {}
        self._operators: Mapping[str, Callable[..., Expression]] = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "neg": lambda a: -a,
            "^": lambda a, b: power(a, b, region),
            "sqrt": lambda a: power(a, const(Fraction(1, 2)), region),
            "log": lambda a: log(a, region),
            "exp": exp,
            "abs": lambda a: self._greatest(a, -a),
            "max": self._greatest,
            "min": lambda *args: -self._greatest(*(-a for a in args)),
            "clip": lambda a, low, high: -self._greatest(-self._greatest(a, low), -high),
            "beta_cdf": lambda x, a, b: beta_cdf(
                x, beta_parameter(a, region), beta_parameter(b, region), region
            ),
            "beta_function": lambda a, b: beta_constant(
                beta_parameter(a, region), beta_parameter(b, region), region
            ),
        }

    def value(self, node: Node) -> Limit:
        """The value here; at q = 0 and 1 the one-sided limit of the branch taken *at* the point."""
        return self._here(self.smooth(node))

    def _here(self, found: Expression) -> Limit:
        return limit(found, self.at, self.region) if self.at in (ZERO, ONE) else found

    def smooth(self, node: Node) -> Expression:
        """The expression of the branch taken here."""
        if node not in self.known:
            self.known[node] = self._branch(node)
        return self.known[node]

    def _branch(self, node: Node) -> Expression:
        if isinstance(node, Number):
            return const(node.value)
        if isinstance(node, Name):
            return self.q if node.id == syntax.CONFIDENCE else self._parameter(node.id)
        match node.op:
            case "if":
                return self._branch(node.args[1 if self.holds(node.args[0]) else 2])
            case "and" | "or" | "not" | "<" | "<=" | "==" | "!=":
                return const(self.holds(node))
            case "*" | "/":
                return self._product(*node.args, divide=node.op == "/")
        return self._operators[node.op](*(self._branch(a) for a in node.args))

    def _parameter(self, name: str) -> Expression:
        domain = self.region.domains[name]
        if domain.low is not None and domain.low == domain.high:
            return const(domain.low)
        return atom(("param", name))

    def _product(self, left: Node, right: Node, *, divide: bool) -> Expression:
        try:
            first = self._branch(left)
        except Rejected:
            if divide or self._branch(right).terms:
                raise
            return ZERO
        if not first.terms:
            return ZERO
        second = self._branch(right)
        return first * (power(second, const(-1), self.region) if divide else second)

    def _greatest(self, best: Expression, *others: Expression) -> Expression:
        """The maximum, which is continuous.

        Where two branches meet at q = 0 or 1, the one that is larger just inside counts.
        """
        for other in others:
            sign = self.sign(best - other)
            if sign == 0 and self.at in (ZERO, ONE):
                sign = definite_sign(best - other, self.region)
            best = best if sign >= 0 else other
        return best

    def holds(self, node: Node) -> bool:
        """Whether a condition is true here."""
        match node:
            case syntax.Apply("and", (left, right)):
                return self.holds(left) and self.holds(right)
            case syntax.Apply("or", (left, right)):
                return self.holds(left) or self.holds(right)
            case syntax.Apply("not", (inner,)):
                return not self.holds(inner)
            case syntax.Apply(op, (left, right)) if op in syntax.COMPARISONS:
                sign = self.sign(self._branch(right) - self._branch(left))
                return {"<": sign > 0, "<=": sign >= 0, "==": sign == 0, "!=": sign != 0}[op]
        return self.sign(self._branch(node)) != 0

    def sign(self, expression: Expression) -> int:
        """The sign that an expression has everywhere here."""
        found = self._here(expression)
        if isinstance(found, Expression):
            try:
                return definite_sign(found, self.region)
            except Rejected:
                if self.at is not None:
                    raise
                return self._monotone_sign(expand(found))
        return 1 if found is POSITIVE_INFINITY else -1

    def _monotone_sign(self, expression: Expression) -> int:
        """The sign of an expression whose slope has one: it lies between its limits at the ends."""
        rises = definite_sign(derivative(expression), self.region)
        ends = (limit(expression, end, self.region) for end in (self.region.low, self.region.high))
        least, most = ends if rises > 0 else reversed(list(ends))
        if rises and isinstance(least, Expression) and definite_sign(least, self.region) >= 0:
            return 1
        if rises and isinstance(most, Expression) and definite_sign(most, self.region) <= 0:
            return -1
        raise Rejected("a sign is not decided here")
