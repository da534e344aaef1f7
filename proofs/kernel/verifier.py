"""Accept or reject a certificate.

Everything is derived again from the formula as typed, and nothing is searched for. A certificate is
a JSON object: `schema` 2, `formula`, `parameters` (name -> domain text), `claim`, and its evidence:

    proper, strictly proper   breakpoints, evidence (for each open piece one sign certificate of
                              w = R1' - R0')
    jointly optimal           the same; then R(0, 0) <= R(0, 1) or R(0, 0) <= R(0+, 1)
    not proper                values, p, q with U(p, q) > U(p, p)
    not strictly proper       values, p, q with p != q and U(p, q) = U(p, p)
    not jointly optimal       values, p_low <= p_high, q_low with
                              U(p_low, q_low) > U(p_high, p_high)
    jointly optimal nowhere   as for proper; then R(0+, 1) < R(0, 0), so that, for all parameters, a
                              deliberately wrong answer with q = 0 has a larger expected reward than
                              a truthful report for every small enough p
    accuracy rewarded         q0, evidence: R(q0, 0) >= R(q, 0) for all q, and
                              R(q0, 1) >= R(q0, 0); so V(p) >= V(0)
                              or, without q0, evidence: R(q, 1) >= R(q, 0) for all q; so each
                              U(p, q) increases with p
    accuracy not rewarded     p_low < p_high, q_low, evidence: U(p_low, q_low) > U(p_high, q) for
                              all q
    failure thresholds        proper, and rational ends around the p where V turns and where V
                              regains V(0)

A certificate with evidence may hold `split` {"parameter", "at", "cases"} in its place. The domain
of a parameter is then cut into the values below, at and above a rational in it (those that exist),
and the fields of each case are checked on its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from proofs.kernel import formula as syntax
from proofs.kernel.evidence import check_sign
from proofs.kernel.limits import NEGATIVE_INFINITY, POSITIVE_INFINITY, Infinity, Limit, limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    Rejected,
    atom,
    const,
    derivative,
    is_zero,
    limited,
    spend,
)
from proofs.kernel.signs import Region, constant_sign, is_nonnegative, is_positive
from proofs.kernel.translate import Translator

SCHEMA = 2
NEAR = Fraction(1, 1 << 20)
MAX_PARAMETERS = 12
MAX_BREAKPOINTS = 100
MAX_WORK = 600_000

Evidence = Sequence[Mapping[str, object]]
Domains = Mapping[str, syntax.Domain]


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
        node = _parsed(formula, tuple(self.domains))
        chosen = [{syntax.CORRECT: syntax.Number(Fraction(c))} for c in (0, 1)]
        self.payoffs = (syntax.substitute(node, chosen[0]), syntax.substitute(node, chosen[1]))
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

    def payoff(self, q: Expression, correct: int) -> Limit:
        """R(q, correct) at a point; at 0 and 1 the limit of the branch that is taken there."""
        if (q, correct) not in self.known:
            region = self.last if q == ONE else self.first
            self.known[q, correct] = Translator(region, q).value(self.payoffs[correct])
        return self.known[q, correct]

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


def _finite(value: Limit, what: str) -> Expression:
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


def weight(subject: Subject, index: int) -> Expression:
    """The weight w = R1' - R0' on a piece, once q R1' + (1-q) R0' = 0 is shown to hold there.

    Raises:
        Rejected: the first-order identity is not shown.

    Example:
        >>> weight(Subject("c - (q - c)^2", {}), 0).constant()
        Fraction(2, 1)
    """
    wrong, right = (derivative(subject.pieces[index].smooth(payoff)) for payoff in subject.payoffs)
    first_order = is_zero(atom(Q) * right + (ONE - atom(Q)) * wrong)
    need(first_order, f"q R1' + (1-q) R0' is not identically 0 on piece {index + 1}")
    return right - wrong


def check_jumps(subject: Subject) -> None:
    """Check both one-sided jumps at each breakpoint b: b dR1 + (1-b) dR0 = 0 and dR1 - dR0 >= 0.

    Raises:
        Rejected: a jump violates one of them.

    Example:
        >>> check_jumps(Subject("(q > 1/2)*(c - 1/2)", {}, ["1/2"]))
    """
    for index, b in enumerate(subject.points[1:-1]):
        sides = [
            [subject.near(index, c, 1) for c in (0, 1)],
            [subject.payoff(b, c) for c in (0, 1)],
            [subject.near(index + 1, c, 0) for c in (0, 1)],
        ]
        for before, after in pairwise(sides):
            d0, d1 = (
                _finite(difference(y, x), "a jump") for x, y in zip(before, after, strict=True)
            )
            at = f"at breakpoint {index + 1} a jump"
            need(is_zero(b * d1 + (ONE - b) * d0), f"{at} violates b dR1 + (1-b) dR0 = 0")
            need(
                is_nonnegative(d1 - d0, subject.constants),
                f"{at} of R1 - R0 is not shown to be >= 0",
            )


def check_ends(subject: Subject) -> None:
    """Check the payoffs of the certain reports q = 0 and q = 1 against their limits.

    At 0: R0(0) = R0(0+) and R1(0) <= R1(0+). At 1: R1(1) = R1(1-) and R0(1) <= R0(1-); if
    R0(1) = -inf, R1(1) >= R1(1-) is enough, since then only an answer that is certainly correct is
    reported with q = 1. At 0 the same would be proper too, but V would decrease.

    Raises:
        Rejected: one of these is not shown.

    Example:
        >>> check_ends(Subject("c*log(q) + (1 - c)*log(1 - q)", {}))
    """
    for point, sure, index in ((ZERO, 0, 0), (ONE, 1, len(subject.pieces) - 1)):
        near = subject.near(index, sure, sure)
        inside = _finite(near, "the limit of the payoff of a sure report")
        here = _finite(subject.payoff(point, sure), "the payoff of a sure report")
        other = subject.payoff(point, 1 - sure)
        alone = (
            sure == 1
            and other is NEGATIVE_INFINITY
            and is_nonnegative(here - inside, subject.constants)
        )
        limit_paid = alone or is_zero(here - inside)
        need(limit_paid, f"the payoff of the sure report {sure} is not the limit of its neighbours")
        if other is not NEGATIVE_INFINITY:
            gap = _finite(
                difference(subject.near(index, 1 - sure, sure), other),
                "the payoff next to a sure report",
            )
            paid = is_nonnegative(gap, subject.constants)
            need(
                paid,
                f"the sure report {sure} has a larger payoff than its neighbours when it is wrong",
            )


def check_proper(subject: Subject, evidence: Evidence) -> bool:
    """Check properness, by conditions necessary and sufficient for piecewise analytic payoffs.

    Returns:
        Whether the reward is strictly proper.

    Raises:
        Rejected: properness is not shown.

    Example:
        >>> check_proper(Subject("c - (q - c)^2", {}), [{"kind": "terms"}])
        True
    """
    need(len(evidence) == len(subject.pieces), "one sign certificate for each piece is needed")
    signs = [subject.check_sign(i, weight(subject, i), one) for i, one in enumerate(evidence)]
    check_jumps(subject)
    check_ends(subject)
    return min(signs) == 1


def check_bound(
    subject: Subject, constant: Expression, shares: tuple[Fraction, Fraction], evidence: Evidence
) -> None:
    """Check constant + shares[0] R(q, 0) + shares[1] R(q, 1) >= 0 for every q in [0, 1].

    Raises:
        Rejected: the bound is not shown.

    Example:
        >>> shares = (Fraction(0), Fraction(1))
        >>> check_bound(Subject("c*q", {}), ZERO, shares, [{"kind": "terms"}])
    """
    used = [
        (x, payoff, c)
        for c, (x, payoff) in enumerate(zip(shares, subject.payoffs, strict=True))
        if x
    ]
    for index, (piece, one) in enumerate(zip(subject.pieces, evidence, strict=True)):
        gap = combined((1, constant), *((x, piece.smooth(payoff)) for x, payoff, _ in used))
        subject.check_sign(index, _finite(gap, "a payoff inside"), one)
    for index, point in enumerate(subject.points):
        here = combined((1, constant), *((x, subject.payoff(point, c)) for x, _, c in used))
        held = at_least_zero(here, subject.constants)
        need(held, f"the bound is exceeded at number {index + 1} of 0, the breakpoints and 1")


def margin(subject: Subject) -> Limit:
    """The accuracy margin R(0+, 1) - R(0, 0) of a proper reward.

    Example:
        >>> margin(Subject("c - (q - c)^2", {})).constant()
        Fraction(0, 1)
    """
    return difference(subject.near(0, 1, 0), _finite(subject.payoff(ZERO, 0), "R(0, 0)"))


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    strict = check_proper(subject, c["evidence"])
    need(strict or c["claim"] != "strictly proper", "only weakly proper")


def _jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    at_zero = difference(subject.payoff(ZERO, 1), subject.payoff(ZERO, 0))
    shown = any(
        isinstance(x, Expression) and at_least_zero(x, subject.constants)
        for x in (at_zero, margin(subject))
    )
    need(shown, "neither R(0, 1) >= R(0, 0) nor R(0+, 1) >= R(0, 0) is shown")


def _never_jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    """Check R(0+, 1) < R(0, 0), for a proper reward and all parameters.

    As q falls to 0, R(q, 1) falls to R(0+, 1), and R(q, 0) <= R(0, 0); so U(p, p) < R(0, 0) =
    U(0, 0) for small p.
    """
    check_proper(subject, c["evidence"])
    at_zero = margin(subject)
    below = (
        is_positive(-at_zero, subject.constants)
        if isinstance(at_zero, Expression)
        else at_zero is NEGATIVE_INFINITY
    )
    need(below, "R(0+, 1) < R(0, 0) is not shown")


def _probability(text: str) -> Fraction:
    value = syntax.rational(text)
    need(0 <= value <= 1, f"{value} is not in [0, 1]")
    return value


def _witness(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare U(low, q) with U(high, high); low = high unless the claim is about two answers."""
    two = c["claim"] == "not jointly optimal"
    low, high, q = (
        _probability(c[k]) for k in (("p_low", "p_high", "q_low") if two else ("p", "p", "q"))
    )
    need(low <= high, "p_low must not exceed p_high")
    bound = subject.bind(c.get("values", {}))
    earned, honest = bound.expected(low, q), bound.expected(high, high)
    if c["claim"] == "not strictly proper":
        tie = is_zero(_finite(earned, "U(p, q)") - _finite(honest, "U(p, p)"))
        need(q != low and tie, "U(p, q) = U(p, p) is not shown")
    else:
        need(
            greater(earned, honest),
            "the expected reward of a truthful report is not shown to be smaller",
        )


def _accuracy_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    if "q0" not in c:
        check_bound(subject, ZERO, (Fraction(-1), Fraction(1)), c["evidence"])
        return
    q0 = const(_probability(c["q0"]))
    wrong = _finite(subject.payoff(q0, 0), "R(q0, 0)")
    check_bound(subject, wrong, (Fraction(-1), Fraction(0)), c["evidence"])
    right = _finite(subject.payoff(q0, 1), "R(q0, 1)")
    need(is_nonnegative(right - wrong, subject.constants), "R(q0, 1) < R(q0, 0)")


def _accuracy_not_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    low, high, q = (_probability(c[k]) for k in ("p_low", "p_high", "q_low"))
    room = syntax.rational(c["room"])  # a positive gap, so that the supremum over q is below too
    need(low < high and room > 0, "p_low must be below p_high, and the room positive")
    reached = _finite(subject.expected(low, q), "U(p_low, q_low)")
    check_bound(subject, reached - const(room), (high - 1, -high), c["evidence"])


def _failure_thresholds(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    nothing = subject.payoff(ZERO, 0)
    for kind in ("local", "global"):
        low, high = (_probability(x) for x in c[kind])
        need(low < high, "an enclosure must have positive width")
        for p, below in ((low, True), (high, False)):
            payoffs = [subject.payoff(const(p), correct) for correct in (0, 1)]
            falls = (
                greater(*payoffs) if kind == "local" else greater(nothing, subject.expected(p, p))
            )
            need(
                falls == below or p in (0, 1),
                f"the {kind} threshold is not between {low} and {high}",
            )


_CUT, _FREE = {"breakpoints", "evidence"}, {"values"}
CLAIMS: Mapping[str, tuple[Callable[[Subject, Mapping[str, Any]], None], set[str], set[str]]] = {
    "proper": (_proper, {"evidence"}, _CUT),
    "strictly proper": (_proper, {"evidence"}, _CUT),
    "jointly optimal": (_jointly_optimal, {"evidence"}, _CUT),
    "jointly optimal nowhere": (_never_jointly_optimal, {"evidence"}, _CUT),
    "not proper": (_witness, {"p", "q"}, _FREE),
    "not strictly proper": (_witness, {"p", "q"}, _FREE),
    "not jointly optimal": (_witness, {"p_low", "p_high", "q_low"}, _FREE),
    "accuracy rewarded": (_accuracy_rewarded, {"evidence"}, _CUT | {"q0"}),
    "accuracy not rewarded": (
        _accuracy_not_rewarded,
        {"evidence", "p_low", "p_high", "q_low", "room"},
        _CUT,
    ),
    "failure thresholds": (_failure_thresholds, {"evidence", "local", "global"}, _CUT),
}
"""For each claim: its check, the fields that it needs, and those that it may have."""

_COMMON = {"schema": int, "formula": str, "parameters": dict, "claim": str}
_TYPES = {
    **_COMMON,
    "breakpoints": list,
    "evidence": list,
    "values": dict,
    "local": list,
    "global": list,
}


def _check_shape(certificate: Mapping[str, Any]) -> None:
    """Check that the certificate has the fields of its claim, each of its type, and no others."""
    for name, value in certificate.items():
        wanted = _TYPES.get(name, str)
        need(
            type(value) is wanted,
            f"{name!r:.40} must be {wanted.__name__}, got {type(value).__name__}",
        )
        inner: type = dict if name == "evidence" else str
        held = value.values() if wanted is dict else value if wanted is list else ()
        need(all(type(x) is inner for x in held), f"{name!r} must hold {inner.__name__}")
    need(
        certificate.get("schema") == SCHEMA,
        f"schema {SCHEMA} is needed, got {certificate.get('schema')!r:.40}",
    )
    need(certificate.get("claim") in CLAIMS, f"unknown claim {certificate.get('claim')!r:.40}")
    _, needed, allowed = CLAIMS[certificate["claim"]]
    missing = (_COMMON.keys() | needed) - certificate.keys()
    need(not missing, f"missing: {', '.join(sorted(missing))}")
    foreign = certificate.keys() - _COMMON.keys() - needed - allowed
    need(not foreign, f"fields of another claim: {sorted(foreign)!r:.80}")


def parts(domain: syntax.Domain, at: Fraction) -> list[syntax.Domain]:
    """The values of a domain below, at and above a rational that lies in it (those that exist).

    Example:
        >>> len(parts(syntax.Domain(Fraction(0), Fraction(1)), Fraction(1, 2)))
        3
    """
    need(at in domain, f"{at} is not in the domain that is split")
    below = (
        [syntax.Domain(domain.low, at, domain.low_open, high_open=True)] if domain.low != at else []
    )
    above = [syntax.Domain(at, domain.high, True, domain.high_open)] if domain.high != at else []
    return [*below, syntax.Domain(at, at, False, False), *above]


def leaves(c: Mapping[str, Any], within: Domains) -> Iterator[tuple[Mapping[str, Any], Domains]]:
    """The certificates without a split, each with the parts of domains on which it is checked.

    Raises:
        Rejected: a split is malformed, or its cases do not cover the domain.

    Example:
        >>> [within for _, within in leaves({"claim": "proper"}, {})]
        [{}]
    """
    if "split" not in c:
        yield c, within
        return
    common, split = {name: c[name] for name in _COMMON}, c["split"]
    need(
        c.keys() == {*common, "split"} and "evidence" in CLAIMS[c["claim"]][1],
        "a split stands for evidence",
    )
    need(split.keys() == {"parameter", "at", "cases"}, "a split has a parameter, at, and cases")
    name = split["parameter"]
    need(name in c["parameters"], f"the split is by {name!r:.40}, which is not a parameter")
    domain = within[name] if name in within else syntax.parse_domain(c["parameters"][name])[1]
    pieces = parts(domain, syntax.rational(split["at"]))
    need(
        len(pieces) == len(split["cases"]),
        f"{len(pieces)} cases are needed, got {len(split['cases'])}",
    )
    for piece, case in zip(pieces, split["cases"], strict=True):
        need(not case.keys() & common.keys(), "a case holds evidence alone")
        yield from leaves({**common, **case}, {**within, name: piece})


def verify(certificate: Mapping[str, Any]) -> str:
    """The claim in words, if the certificate proves it.

    Args:
        certificate: a JSON object, as described at the top of this file.

    Raises:
        Rejected: the certificate does not prove its claim, is malformed, or needs more than
            `MAX_WORK` steps; the message says which.

    Example:
        >>> verify({"schema": 2, "claim": "strictly proper", "formula": "c - lam*(q-c)^2",
        ...         "parameters": {"lam": "0 < lam <= 1"}, "evidence": [{"kind": "terms"}]})
        'c - lam*(q-c)^2 is strictly proper for 0 < lam <= 1'
    """
    try:
        with limited(MAX_WORK):
            for c, within in leaves(certificate, {}):
                _check_shape(c)
                part = Subject(
                    c["formula"], c["parameters"], c.get("breakpoints", ()), within.items()
                )
                CLAIMS[c["claim"]][0](part, c)
    except (
        ArithmeticError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as reason:
        raise Rejected(f"{type(reason).__name__}: {reason}") from reason
    fixed = {name: f"{name} = {value}" for name, value in certificate.get("values", {}).items()}
    told = ", ".join({**certificate["parameters"], **fixed}.values())
    claim = f"is {certificate['claim']}"
    if certificate["claim"] == "failure thresholds" and "split" not in certificate:
        (a, b), (low, high) = certificate["local"], certificate["global"]
        claim = (
            f"fails locally for p below a threshold in [{a}, {b}], and globally below one in"
            f" [{low}, {high}]"
        )
    return f"{certificate['formula']} {claim}" + (f" for {told}" if told else "")
