"""What is true of a reward, by brute force in 50 digits: a second reading of the language without
the kernel's algebra.

Only the parser is shared. A payoff at q = 0 or 1 that has no value of its own (0 * log 0, 1/0) is
the limit of the branch taken there: choices are made at the end itself, the arithmetic is done a
distance of 10^-100 inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import mpmath
from mpmath import mp, mpf

from proofs.kernel.formula import CONFIDENCE, Apply, Domain, Name, Node, Number, parse, parse_domain
from proofs.trees import branch, names, walk

DIGITS, NUDGE = 50, Fraction(1, 10**100)
CHOICES = ("<", "<=", "==", "!=", "and", "or", "not")
STEPS = [Fraction(1, 10**k) for k in (2, 4, 6, 9, 14)]
GRID = [Fraction(n, 61) for n in range(1, 61)]


def number(x: Fraction) -> mpf:
    return mpf(x.numerator) / x.denominator


def _power(a: mpf, b: mpf) -> mpf:
    if a == 0:
        return mpf(0) if b > 0 else mpf(1) if b == 0 else mp.nan
    return a**b if a > 0 or b == int(b) else mp.nan


def _log(x: mpf) -> mpf:
    return mp.log(x) if x > 0 else -mp.inf if x == 0 else mp.nan


OPERATIONS: Mapping[str, Callable[..., mpf]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "neg": lambda a: -a,
    "abs": abs,
    "/": lambda a, b: a / b if b else mp.nan,
    "^": _power,
    "log": _log,
    "exp": mp.exp,
    "sqrt": lambda a: mp.sqrt(a) if a >= 0 else mp.nan,
    "min": min,
    "max": max,
    "clip": lambda x, a, b: min(max(x, a), b),
    "beta_function": lambda a, b: mp.beta(a, b) if a > 0 < b else mp.nan,
    "beta_cdf": lambda x, a, b: (
        mp.betainc(a, b, 0, x, regularized=True) if a > 0 < b and 0 <= x <= 1 else mp.nan
    ),
    "<": lambda a, b: mpf(a < b),
    "<=": lambda a, b: mpf(a <= b),
    "==": lambda a, b: mpf(a == b),
    "!=": lambda a, b: mpf(a != b),
    "and": lambda a, b: mpf(bool(a and b)),
    "or": lambda a, b: mpf(bool(a or b)),
    "not": lambda a: mpf(not a),
}


def evaluate(node: Node, exact: Mapping[str, mpf], inside: Mapping[str, mpf]) -> mpf:
    """The tree with choices made at `exact` and the arithmetic done at `inside`; 0 * x is 0, as in
    the language.
    """
    if isinstance(node, Number):
        return number(node.value)
    if isinstance(node, Name):
        return inside[node.id]
    if node.op == "if":
        return evaluate(node.args[1 if evaluate(node.args[0], exact, exact) else 2], exact, inside)
    at = exact if node.op in CHOICES else inside
    args = [evaluate(a, exact, at) for a in node.args]
    factors = list(zip(args, node.args, strict=True)) if node.op in ("*", "/") else []
    if any(a == 0 and _switch(n) for a, n in (factors[:1] if node.op == "/" else factors)):
        return mpf(0)
    if any(mp.isnan(a) for a in args):
        return mp.nan
    return OPERATIONS[node.op](*args)


def _switch(node: Node) -> bool:
    """Whether a node is a condition, or without q: then its 0 removes what it multiplies, whether
    that has a value.
    """
    return (isinstance(node, Apply) and node.op in CHOICES) or CONFIDENCE not in names(node)


class Truth:
    """One reward without free parameters."""

    def __init__(
        self, formula: str, domains: Mapping[str, str], values: Mapping[str, Fraction] | None = None
    ) -> None:
        parsed = dict(parse_domain(text) for text in domains.values())
        node = parse(formula, list(parsed))
        self.payoffs = (branch(node, 0), branch(node, 1))
        fixed = {name: d.low for name, d in parsed.items() if d.low is not None and d.low == d.high}
        self.values = {name: number(x) for name, x in {**fixed, **(values or {})}.items()}
        numbers = {n.value for n in walk(node) if isinstance(n, Number)} | set(
            (values or {}).values()
        )
        self.special = sorted(
            {0, 1, *(x for x in numbers if 0 < x < 1), *(1 - x for x in numbers if 0 < x < 1)}
        )
        self.known: dict[tuple[Fraction, int], mpf] = {}

    def payoff(self, q: Fraction, correct: int) -> mpf:
        """R(q, correct)."""
        if (q, correct) not in self.known:
            self.known[q, correct] = self._payoff(q, correct)
        return self.known[q, correct]

    def _payoff(self, q: Fraction, correct: int) -> mpf:
        with mpmath.workdps(DIGITS):
            exact = {**self.values, "q": number(q)}
            found = evaluate(self.payoffs[correct], exact, exact)
        return found if q not in (0, 1) or not mp.isnan(found) else self.beside(q, correct, NUDGE)

    def beside(self, q: Fraction, correct: int, distance: Fraction) -> mpf:
        """The branch that is taken at q = 0 or 1, at a small distance inside (0, 1)."""
        with mpmath.workdps(DIGITS + 2 * len(str(distance.denominator))):
            inside = {**self.values, "q": number(distance if q == 0 else 1 - distance)}
            return +evaluate(self.payoffs[correct], {**self.values, "q": number(q)}, inside)

    def expected(self, p: Fraction, q: Fraction) -> mpf:
        """U(p, q), where an outcome of probability 0 counts 0."""
        with mpmath.workdps(DIGITS):
            right = number(p) * self.payoff(q, 1) if p else mpf(0)
            return right + (number(1 - p) * self.payoff(q, 0) if p < 1 else mpf(0))

    @cached_property
    def grid(self) -> list[Fraction]:
        """A grid that is dense next to the ends and to every number of the formula."""
        near = {x + sign * step for x in self.special for step in STEPS for sign in (-1, 1)}
        return sorted({*GRID, *self.special, *(x for x in near if 0 <= x <= 1)})

    def gain(self, p: Fraction, q: Fraction) -> mpf:
        """What reporting q instead of p earns; NaN where that is infinity minus infinity."""
        return self.expected(p, q) - self.expected(p, p)

    def pairs(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Neighbours on the grid, and for each p the report that floats prefer."""
        sound = [q for q in self.grid if not mp.isnan(self.payoff(q, 0) + self.payoff(q, 1))]
        floats = [(q, float(self.payoff(q, 1)), float(self.payoff(q, 0))) for q in sound]
        for i, p in enumerate(self.grid):
            yield from ((p, q) for q in self.grid[max(0, i - 2) : i + 3] if q != p)
            a, b = float(p), float(1 - p)
            earned = [
                ((a * right if a else 0) + (b * wrong if b else 0), q)
                for q, right, wrong in floats
                if q != p
            ]
            if earned:
                yield p, max(earned)[1]

    def lie(self) -> tuple[Fraction, Fraction] | None:
        """P and q with U(p, q) > U(p, p), beyond rounding."""
        return next(((p, q) for p, q in self.pairs() if self.gain(p, q) > self.slack(p)), None)

    def tie(self) -> tuple[Fraction, Fraction] | None:
        """P and a q well away from it with U(p, q) = U(p, p), up to rounding."""
        apart = ((p, q) for p, q in self.pairs() if abs(p - q) > Fraction(1, 100))
        return next(((p, q) for p, q in apart if abs(self.gain(p, q)) <= self.slack(p)), None)

    def slack(self, p: Fraction) -> mpf:
        size = abs(self.expected(p, p))
        return mpf(10) ** (8 - DIGITS) * (1 + (size if mp.isfinite(size) else 0))

    def fall(self) -> tuple[Fraction, Fraction] | None:
        """P < r on the grid with U(p, p) > U(r, r)."""
        honest = [(p, self.expected(p, p)) for p in self.grid]
        highest, at = -mp.inf, Fraction(0)
        for p, value in honest:
            if value < highest - self.slack(p):
                return at, p
            if value > highest:
                highest, at = value, p
        return None

    def best(self, p: Fraction) -> mpf:
        """The most that any report on the grid earns."""
        return max(u for u in (self.expected(p, q) for q in self.grid) if not mp.isnan(u))


def inside(domain: Domain) -> list[Fraction]:
    """Values of a domain: its ends where they belong to it, points next to them, and some in
    between.
    """
    low, high = domain.low, domain.high
    if low is None:
        low = (high or Fraction(0)) - 8
    if high is None:
        high = low + 8
    width = high - low
    tried = [low, high, low + width / 3, low + width / 10**6, high - width / 10**6]
    return [x for x in dict.fromkeys(tried) if x in domain]


def truths(
    formula: str,
    domains: Mapping[str, str],
    fixed: Mapping[str, Fraction] | None = None,
    most: int = 5,
) -> list[tuple[dict[str, Fraction], Truth]]:
    """The reward at several values of the parameters that are not fixed."""
    parsed = dict(parse_domain(text) for text in domains.values())
    known = fixed or {}
    combinations = list(
        product(*([known[n]] if n in known else inside(d) for n, d in parsed.items()))
    )
    step = max(1, len(combinations) // most)
    chosen = [dict(zip(parsed, values, strict=True)) for values in combinations[::step][:most]]
    return [(values, Truth(formula, domains, values)) for values in chosen]


def contradiction(certificate: Mapping[str, Any]) -> str:
    """What brute force has to say against a certificate; nothing where it agrees or cannot tell.

    It knows falsity, not truth: a claim about all reports is contradicted by one report on the
    grid.
    """
    claim, formula, domains = (
        certificate["claim"],
        certificate["formula"],
        certificate["parameters"],
    )
    numbers = {
        k: Fraction(x)
        for k, x in certificate.items()
        if k in ("p", "q", "p_low", "p_high", "q_low", "q0")
    }
    for kind in ("local", "global"):
        numbers.update(
            zip(
                (f"{kind} low", f"{kind} high"),
                map(Fraction, certificate.get(kind, ())),
                strict=False,
            )
        )
    values = {name: Fraction(x) for name, x in certificate.get("values", {}).items()}
    with mpmath.workdps(DIGITS):
        for at, truth in truths(formula, domains, values):
            if found := _against(claim, truth, numbers):
                return f"{formula} at {at} is not {claim}: {found}"
    return ""


def _against(claim: str, truth: Truth, n: Mapping[str, Fraction]) -> object:
    match claim:
        case "proper":
            return truth.lie()
        case "strictly proper":
            return truth.lie() or truth.tie()
        case "jointly optimal":
            return truth.lie() or truth.fall()
        case "not proper":
            return not truth.gain(n["p"], n["q"]) > 0
        case "not strictly proper":
            return n["p"] == n["q"] or abs(truth.gain(n["p"], n["q"])) > truth.slack(n["p"])
        case "not jointly optimal":
            better = truth.expected(n["p_low"], n["q_low"]) > truth.expected(
                n["p_high"], n["p_high"]
            )
            return not (n["p_low"] <= n["p_high"] and better)
        case "accuracy rewarded" if "q0" not in n:
            return any(truth.payoff(q, 1) < truth.payoff(q, 0) - truth.slack(q) for q in truth.grid)
        case "accuracy rewarded":
            wrong = truth.best(Fraction(0)) - truth.payoff(n["q0"], 0)
            short = truth.payoff(n["q0"], 0) - truth.payoff(n["q0"], 1)
            return max(wrong, short) > truth.slack(Fraction(0))
        case "accuracy not rewarded":
            return not truth.expected(n["p_low"], n["q_low"]) > truth.best(n["p_high"])
        case "failure thresholds":
            return truth.lie() or _misplaced(truth, n)
    raise AssertionError(claim)


def _misplaced(truth: Truth, n: Mapping[str, Fraction]) -> str:
    """Where V turns, and where it is back at V(0), against the enclosures of a certificate."""
    nothing = truth.payoff(Fraction(0), 0)
    rises = {
        "local": lambda p: truth.payoff(p, 1) - truth.payoff(p, 0) >= 0,
        "global": lambda p: truth.expected(p, p) - nothing >= 0,
    }
    for kind, above in rises.items():
        low, high = n[f"{kind} low"], n[f"{kind} high"]
        if low >= high or (low > 0 and above(low)) or (high < 1 and not above(high)):
            return f"the {kind} threshold is not between {low} and {high}"
    return ""
