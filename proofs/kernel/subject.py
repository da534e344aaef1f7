"""A formula with its parameters, cut into pieces: its payoffs at points, and next to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from proofs.kernel import formula as syntax
from proofs.kernel.evidence import check_sign
from proofs.kernel.limits import NEGATIVE_INFINITY, POSITIVE_INFINITY, Infinity, Limit, limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Rejected,
    common_factor,
    const,
    depends_on,
    expand,
    spend,
)
from proofs.kernel.signs import Region, constant_sign, divisible, is_nonnegative, is_positive
from proofs.kernel.translate import Translator

NEAR = Fraction(1, 1 << 20)
MAX_PARAMETERS = 12
MAX_BREAKPOINTS = 100


class Subject:
    """A formula with its parameters, cut at breakpoints into pieces.

    Args:
        formula: the formula as typed.
        parameters: the text of each parameter's domain.
        breakpoints: numbers or formulas in the parameters, increasing inside (0, 1).
        within: parts of domains to which parameters are restricted.

    Raises:
        Rejected: a limit is exceeded, or the breakpoints do not increase.

    Example:
        >>> subject = Subject("c - (q - c)^2", {})
        >>> subject.expected(Fraction(1, 2), Fraction(1, 2)).constant()
        Fraction(1, 4)
    """

    def __init__(
        self,
        formula: str,
        parameters: Mapping[str, str],
        breakpoints: Sequence[str] = (),
        within: Iterable[tuple[str, syntax.Domain]] = (),
    ) -> None:
        spend(len(formula))
        if len(parameters) > MAX_PARAMETERS or len(breakpoints) > MAX_BREAKPOINTS:
            raise Rejected(
                f"at most {MAX_PARAMETERS} parameters and {MAX_BREAKPOINTS} breakpoints are read"
            )
        self.formula, self.parameters = formula, dict(parameters)
        self.domains: dict[str, syntax.Domain] = {}
        for name, text in parameters.items():
            found, self.domains[name] = syntax.parse_domain(text)
            need(found == name, f"the domain {text!r} is not one of {name!r}")
        self.domains.update(within)
        self.node = _parsed(formula, tuple(self.domains))
        self.scored: dict[Fraction | int, syntax.Node] = {}
        self.payoffs = (self.at_score(0), self.at_score(1))
        self.constants = Region(self.domains)
        self.first, self.last = (
            Region(self.domains, ZERO, const(NEAR)),
            Region(self.domains, const(1 - NEAR), ONE),
        )
        self.points = [ZERO, *map(self.point, breakpoints), ONE]
        for low, high in pairwise(self.points):
            need(
                is_positive(high - low, self.constants),
                "the breakpoints must increase strictly inside (0, 1)",
            )
        self.pieces = [
            Translator(Region(self.domains, low, high)) for low, high in pairwise(self.points)
        ]
        self.known: dict[tuple[object, ...], Limit] = {}

    def point(self, text: str) -> Expression:
        """The number or formula in the parameters that a text stands for."""
        return Translator(self.constants).smooth(syntax.parse(text, self.domains, variables=()))

    def bind(self, values: Mapping[str, str]) -> Subject:
        """The same formula with parameters fixed inside their domains."""
        for name, text in values.items():
            fits = name in self.domains and syntax.rational(text) in self.domains[name]
            need(fits, f"{name} = {text:.40} is not in its domain")
        return Subject(
            self.formula,
            {**self.parameters, **{name: f"{name} = {text}" for name, text in values.items()}},
        )

    def at_score(self, score: Fraction | int) -> syntax.Node:
        """R(., score): the formula with a number in place of `c`."""
        if score not in self.scored:
            number = syntax.Number(Fraction(score))
            self.scored[score] = syntax.substitute(self.node, {syntax.CORRECT: number})
        return self.scored[score]

    def payoff(self, q: Expression, score: Fraction | int) -> Limit:
        """R(q, score) at a point; at 0 and 1 the limit of the branch that is taken there."""
        if (q, score) not in self.known:
            region = self.last if q == ONE else self.first
            self.known[q, score] = Translator(region, q).value(self.at_score(score))
        return self.known[q, score]

    def expected(self, p: Fraction, q: Fraction) -> Limit:
        """U(p, q) = p R(q, 1) + (1 - p) R(q, 0), where a branch of probability 0 counts 0."""
        return combined(*((w, self.payoff(const(q), c)) for w, c in ((p, 1), (1 - p, 0)) if w))

    def near(self, index: int, correct: int, side: int) -> Limit:
        """The limit of a payoff at the low (side 0) or the high (1) end of an open piece."""
        if (index, correct, side) not in self.known:
            region, found = (
                self.pieces[index].region,
                self.pieces[index].smooth(self.payoffs[correct]),
            )
            self.known[index, correct, side] = limit(
                found, region.high if side else region.low, region
            )
        return self.known[index, correct, side]

    def check_sign(self, index: int, expression: Expression, evidence: Mapping[str, object]) -> int:
        """The sign that the evidence shows on an open piece."""
        try:
            return check_sign(expression, self.pieces[index].region, evidence)
        except Rejected as reason:
            raise Rejected(f"on piece {index + 1}: {reason}") from reason


@lru_cache(maxsize=16)
def _parsed(formula: str, names: tuple[str, ...]) -> syntax.Node:
    """The tree of a formula, cached: the parts of a split and the points of a search repeat it."""
    return syntax.parse(formula, names)


def need(condition: bool, why: str) -> None:
    """Reject unless the condition holds.

    Example:
        >>> need(False, "a certificate must be an object")
        Traceback (most recent call last):
        proofs.kernel.normal_form.Rejected: a certificate must be an object
    """
    if not condition:
        raise Rejected(why)


def combined(*parts: tuple[Fraction | int, Limit]) -> Limit:
    """The sum of weight * value.

    Raises:
        Rejected: the sum holds opposite infinities.

    Example:
        >>> combined((2, ONE), (-1, NEGATIVE_INFINITY))
        <Infinity.POSITIVE: 'inf'>
    """
    finite, infinite = ZERO, set()
    for weight, value in parts:
        if isinstance(value, Expression):
            finite = finite + const(weight) * value
        else:
            infinite.add(
                POSITIVE_INFINITY
                if (value is POSITIVE_INFINITY) == (weight > 0)
                else NEGATIVE_INFINITY
            )
    need(len(infinite) < 2, "the sum of opposite infinities")
    return infinite.pop() if infinite else finite


def difference(a: Limit, b: Limit) -> Limit:
    """The difference a - b.

    Example:
        >>> difference(ONE, NEGATIVE_INFINITY)
        <Infinity.POSITIVE: 'inf'>
    """
    return combined((1, a), (-1, b))


def finite(value: Limit, what: str) -> Expression:
    """The value, if it is finite.

    Raises:
        Rejected: it is infinite.

    Example:
        >>> finite(ONE, "R(0, 0)") is ONE
        True
    """
    if not isinstance(value, Expression):
        raise Rejected(f"{what} is infinite")
    return value


def at_least_zero(value: Limit, region: Region) -> bool:
    """Whether a value is shown to be >= 0 for all parameters.

    Example:
        >>> at_least_zero(NEGATIVE_INFINITY, Region({}))
        False
    """
    return (
        is_nonnegative(value, region)
        if isinstance(value, Expression)
        else value is POSITIVE_INFINITY
    )


def shown_nonnegative(value: Expression, region: Region) -> bool:
    """Whether a value without q is shown to be >= 0, also as positive factors times a number.

    Example:
        >>> from proofs.kernel.normal_form import atom, number_log
        >>> lam = Region({"lam": syntax.Domain(Fraction(0), None)})
        >>> gap = number_log(Fraction(11)) - number_log(Fraction(9))
        >>> shown_nonnegative(atom(("param", "lam")) * gap, lam)
        True
    """
    if not depends_on(value):
        return constant_sign(value) >= 0
    if is_nonnegative(value, region):
        return True
    rest, _ = common_factor(expand(value), divisible(expand(value), region))
    return not depends_on(rest) and constant_sign(rest) >= 0


def greater(a: Limit, b: Limit) -> bool:
    """Whether a > b, exactly, for numbers.

    Example:
        >>> greater(ONE, NEGATIVE_INFINITY)
        True
    """
    if isinstance(a, Infinity) and a is b:
        return False
    gap = difference(a, b)
    return constant_sign(gap) > 0 if isinstance(gap, Expression) else gap is POSITIVE_INFINITY
