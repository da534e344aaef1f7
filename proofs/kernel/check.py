"""Accept or reject a certificate. Everything is derived again from the formula as typed; nothing is searched for.

A certificate is a JSON object: `schema` 1, `formula`, `parameters` (name -> domain text), `claim`, and its evidence:

    proper, strictly proper         breakpoints, evidence (one sign certificate of w = R1' - R0' for each open piece)
    jointly optimal                 the same; then R(0, 0) <= R(0, 1) or R(0, 0) <= R(0+, 1)
    not proper                      values, p, q with U(p, q) > U(p, p)
    not strictly proper             values, p, q with p != q and U(p, q) = U(p, p)
    not jointly optimal             values, p_low <= p_high, q_low with U(p_low, q_low) > U(p_high, p_high)
    accuracy rewarded               q0, evidence: R(q0, 0) >= R(q, 0) for all q, R(q0, 1) >= R(q0, 0); so V(p) >= V(0)
                                    or, without q0, evidence: R(q, 1) >= R(q, 0) for all q; so each U(p, q) rises with p
    accuracy not rewarded           p_low < p_high, q_low, evidence: U(p_low, q_low) > U(p_high, q) for all q
    failure thresholds              proper, and rational ends around the p where V turns and where V regains V(0)

The first three and `accuracy rewarded` may be split: `split` {"parameter", "at", "cases"} cuts a parameter's domain
at a rational into the values below, at and above it, those that exist; each case holds the evidence for its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs.kernel import formula as syntax
from proofs.kernel.evidence import check_sign
from proofs.kernel.formula import Domain, Node
from proofs.kernel.limits import INFINITE, NEGATIVE_INFINITY, Limit, limit
from proofs.kernel.normal_form import ONE, ZERO, Expression, Q, Rejected, U, atom, const, derivative, is_zero, limited
from proofs.kernel.signs import Region, constant_sign, is_nonnegative, is_positive
from proofs.kernel.translate import Piece, Translator

SCHEMA = 1
NEAR = Fraction(1, 1 << 20)
MAX_PARAMETERS = 12
MAX_BREAKPOINTS = 100
MAX_WORK = 600_000


class Subject:
    """A formula with its parameters, cut at breakpoints into open pieces."""

    def __init__(self, formula: str, parameters: Mapping[str, str], breakpoints: Sequence[str] = ()) -> None:
        self.domains: dict[str, Domain] = {}
        if len(parameters) > MAX_PARAMETERS or len(breakpoints) > MAX_BREAKPOINTS:
            raise Rejected(f"at most {MAX_PARAMETERS} parameters and {MAX_BREAKPOINTS} breakpoints are read")
        for name, text in parameters.items():
            found, self.domains[name] = syntax.parse_domain(text)
            if found != name:
                raise Rejected(f"the domain {text!r} is not one of {name!r}")
        node = syntax.parse(formula, self.domains)
        self.payoffs = (syntax.branch(node, 0), syntax.branch(node, 1))
        self.constants = Region(self.domains)
        self.points = [ZERO, *(self.point(b) for b in breakpoints), ONE]
        for low, high in pairwise(self.points):
            if not is_positive(high - low, self.constants):
                raise Rejected("the breakpoints must increase strictly inside (0, 1)")
        self.pieces = [Piece(self.domains, a, b) for a, b in pairwise(self.points)]
        self._near: dict[tuple[int, int], tuple[Limit, Limit]] = {}

    def point(self, text: str) -> Expression:
        """A breakpoint: a number or an expression in the parameters."""
        return Translator(self.constants).expression(syntax.parse(text, self.domains, variables=()))

    def bind(self, values: Mapping[str, str]) -> Subject:
        """The same formula with parameters fixed inside their domains."""
        bound = object.__new__(Subject)
        bound.domains = dict(self.domains)
        for name, text in values.items():
            value = syntax.rational(text)
            if name not in bound.domains or value not in bound.domains[name]:
                raise Rejected(f"{name} = {value} is not in its domain")
            bound.domains[name] = syntax.point(value)
        bound.payoffs, bound.constants = self.payoffs, Region(bound.domains)
        bound.points, bound.pieces = self.points, []
        return bound

    def payoff(self, q: Expression, correct: int) -> Limit:
        """R(q, correct) at a point; at the ends the limit of the branch that the formula takes there."""
        low, high = (ZERO, const(NEAR)) if q == ZERO else (const(1 - NEAR), ONE)
        return Piece(self.domains, low, high, q).value(self.payoffs[correct])

    def expected(self, p: Fraction, q: Fraction) -> Limit:
        """U(p, q) = p R(q, 1) + (1 - p) R(q, 0), where a branch of probability 0 counts 0."""
        total: Limit = ZERO
        for weight, correct in ((p, 1), (1 - p, 0)):
            if weight:
                total = limit_sum(total, self.payoff(const(q), correct), weight)
        return total

    def near(self, index: int, correct: int) -> tuple[Limit, Limit]:
        """Limits of a payoff at the low and the high end of an open piece."""
        if (index, correct) not in self._near:
            piece, node = self.pieces[index], self.payoffs[correct]
            ends = ((self.points[index], Q), (self.points[index + 1], U))
            low, high = (self._one_side(piece, node, point, end) for point, end in ends)
            self._near[index, correct] = low, high
        return self._near[index, correct]

    def _one_side(self, piece: Piece, node: Node, point: Expression, end: tuple[str]) -> Limit:
        if point in (ZERO, ONE):
            return limit(piece.smooth(node), end, piece.region)
        return Translator(self.constants, point).expression(piece.resolved(node))


def limit_sum(a: Limit, b: Limit, weight: Fraction = Fraction(1)) -> Limit:
    """A + weight * b for weight > 0; opposite infinities are rejected."""
    if isinstance(a, Expression) and isinstance(b, Expression):
        return a + const(weight) * b
    infinite = {x for x in (a, b) if not isinstance(x, Expression)}
    if len(infinite) > 1:
        raise Rejected("the sum of opposite infinities")
    return infinite.pop()


def difference(a: Limit, b: Limit) -> Limit:
    """A - b."""
    if isinstance(b, Expression):
        return a if a in INFINITE else limit_sum(a, -b)
    opposite = INFINITE[1] if b is NEGATIVE_INFINITY else NEGATIVE_INFINITY
    return limit_sum(a, opposite)


def _finite(value: Limit, what: str) -> Expression:
    if not isinstance(value, Expression):
        raise Rejected(f"{what} is infinite")
    return value


def _need(condition: bool, why: str) -> None:
    if not condition:
        raise Rejected(why)


def weight(subject: Subject, index: int) -> Expression:
    """W = R1' - R0' on a piece, after q R1' + (1-q) R0' = 0 has been shown to hold there identically."""
    slopes = [derivative(subject.pieces[index].smooth(subject.payoffs[c])) for c in (0, 1)]
    first_order = atom(Q) * slopes[1] + (ONE - atom(Q)) * slopes[0]
    _need(is_zero(first_order), f"q R1' + (1-q) R0' is not identically 0 on piece {index + 1}")
    return slopes[1] - slopes[0]


def check_jumps(subject: Subject) -> None:
    """At each breakpoint b, both one-sided jumps: b dR1 + (1-b) dR0 = 0 and dR1 - dR0 >= 0."""
    for index, b in enumerate(subject.points[1:-1]):
        sides = [
            [subject.near(index, c)[1] for c in (0, 1)],
            [subject.payoff(b, c) for c in (0, 1)],
            [subject.near(index + 1, c)[0] for c in (0, 1)],
        ]
        for before, after in pairwise(sides):
            d0, d1 = (_finite(y, "a payoff at a breakpoint") - _finite(x, "a payoff at a breakpoint")
                      for x, y in zip(before, after, strict=True))  # fmt: skip
            _need(is_zero(b * d1 + (ONE - b) * d0), "a jump violates b dR1 + (1-b) dR0 = 0")
            _need(is_nonnegative(d1 - d0, subject.constants), "a jump of R1 - R0 is not shown to be >= 0")


def check_ends(subject: Subject) -> None:
    """R0(0) = R0(0+), R1(0) <= R1(0+);  R1(1) = R1(1-), R0(1) <= R0(1-)."""
    for at, sure, index in ((ZERO, 0, 0), (ONE, 1, -1)):
        inside = [subject.near(range(len(subject.pieces))[index], c)[0 if at == ZERO else 1] for c in (0, 1)]
        sure_gap = _finite(subject.payoff(at, sure), "the payoff of a sure report") - _finite(
            inside[sure], "the limit of the payoff of a sure report"
        )
        _need(is_zero(sure_gap), "the payoff of a sure report is not the limit of its neighbours")
        other = subject.payoff(at, 1 - sure)
        if other is not NEGATIVE_INFINITY:
            gap = _finite(inside[1 - sure], "a limit") - _finite(other, "a payoff")
            _need(is_nonnegative(gap, subject.constants), "a sure report that fails is paid more than its neighbours")


def check_proper(subject: Subject, evidence: Sequence[Mapping[str, object]]) -> bool:
    """Properness, necessary and sufficient for piecewise analytic payoffs; True when it is strict."""
    _need(len(evidence) == len(subject.pieces), "one sign certificate for each piece is needed")
    signs = []
    for index, (piece, one) in enumerate(zip(subject.pieces, evidence, strict=True)):
        w = weight(subject, index)
        signs.append(check_sign(w, derivative(w), piece.region, one))
    check_jumps(subject)
    check_ends(subject)
    return all(s == 1 for s in signs)


def parts(domain: Domain, at: Fraction) -> list[Domain]:
    """The values of a domain below, at and above a rational, those that exist."""
    found = []
    if domain.low is None or domain.low < at:
        below = at if domain.high is None or at <= domain.high else domain.high
        found.append(Domain(domain.low, below, domain.low_open, high_open=below == at or domain.high_open))
    if at in domain:
        found.append(syntax.point(at))
    if domain.high is None or domain.high > at:
        above = at if domain.low is None or at >= domain.low else domain.low
        found.append(Domain(above, domain.high, above == at or domain.low_open, domain.high_open))
    return found


def leaves(domains: Mapping[str, str], c: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, str], Mapping[str, Any]]]:
    """The parts of a split with their evidence; without one, the whole."""
    if "split" not in c:
        yield domains, c
        return
    name, at, cases = c["split"]["parameter"], _rational(c["split"]["at"]), c["split"]["cases"]
    found, domain = syntax.parse_domain(domains[name])
    pieces = parts(domain, at)
    _need(found == name and domain.low != domain.high, "only a free parameter can be split")
    _need(len(cases) == len(pieces), f"{len(pieces)} cases are needed, got {len(cases)}")
    for piece, case in zip(pieces, cases, strict=True):
        yield from leaves({**domains, name: piece.text(name)}, case)


def margin(subject: Subject) -> Limit:
    """R(0+, 1) - R(0, 0), the accuracy margin of a proper reward."""
    return difference(subject.near(0, 1)[0], _finite(subject.payoff(ZERO, 0), "R(0, 0)"))


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    strict = check_proper(subject, c["evidence"])
    _need(strict or c["claim"] != "strictly proper", "only weakly proper")


def _jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    at_zero = difference(subject.payoff(ZERO, 1), subject.payoff(ZERO, 0))
    for gap in (at_zero, margin(subject)):
        if isinstance(gap, Expression) and is_nonnegative(gap, subject.constants):
            return
    raise Rejected("neither R(0, 1) >= R(0, 0) nor R(0+, 1) >= R(0, 0) is shown")


def _rational(text: object) -> Fraction:
    if not isinstance(text, str):
        raise Rejected(f"a number must be written as text, got {text!r:.40}")
    return syntax.rational(text)


def _probability(text: object) -> Fraction:
    value = _rational(text)
    _need(0 <= value <= 1, f"{value} is not in [0, 1]")
    return value


def greater(a: Limit, b: Limit) -> bool:
    """A > b, exactly."""
    if a == b:
        return False
    gap = difference(a, b)
    return gap is INFINITE[1] or (isinstance(gap, Expression) and constant_sign(gap) > 0)


def _not_proper(subject: Subject, c: Mapping[str, Any]) -> None:
    p, q = _probability(c["p"]), _probability(c["q"])
    bound = subject.bind(c.get("values", {}))
    _need(greater(bound.expected(p, q), bound.expected(p, p)), "U(p, q) > U(p, p) is not shown")


def _not_strictly_proper(subject: Subject, c: Mapping[str, Any]) -> None:
    p, q = _probability(c["p"]), _probability(c["q"])
    bound = subject.bind(c.get("values", {}))
    gap = difference(bound.expected(p, q), _finite(bound.expected(p, p), "U(p, p)"))
    _need(p != q and isinstance(gap, Expression) and is_zero(gap), "U(p, q) = U(p, p) is not shown")


def _not_jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    low, high, q = (_probability(c[k]) for k in ("p_low", "p_high", "q_low"))
    bound = subject.bind(c.get("values", {}))
    _need(low <= high, "p_low must not exceed p_high")
    _need(greater(bound.expected(low, q), bound.expected(high, high)), "the worse answer is not shown to earn more")


def check_bound(subject: Subject, p: Fraction, bound: Expression, evidence: Sequence[Mapping[str, object]]) -> bool:
    """Bound - U(p, q) >= 0 for every q in [0, 1]; True when > 0 on every piece and point."""
    _need(len(evidence) == len(subject.pieces), "one sign certificate for each piece is needed")
    strict = True
    for piece, one in zip(subject.pieces, evidence, strict=True):
        gap = bound - const(p) * piece.smooth(subject.payoffs[1]) - const(1 - p) * piece.smooth(subject.payoffs[0])
        strict &= check_sign(gap, derivative(gap), piece.region, one) == 1
    for point in subject.points:
        total: Limit = ZERO
        for share, correct in ((p, 1), (1 - p, 0)):
            total = limit_sum(total, subject.payoff(point, correct), share) if share else total
        gap_here = difference(bound, total)
        if isinstance(gap_here, Expression):
            _need(is_nonnegative(gap_here, subject.constants), "the bound is exceeded at a breakpoint or an end")
            strict &= is_positive(gap_here, subject.constants)
        else:
            _need(gap_here is INFINITE[1], "the bound is exceeded at a breakpoint or an end")
    return strict


def check_right_pays(subject: Subject, evidence: Sequence[Mapping[str, object]]) -> None:
    """R(q, 1) >= R(q, 0) for every q in [0, 1]."""
    _need(len(evidence) == len(subject.pieces), "one sign certificate for each piece is needed")
    for piece, one in zip(subject.pieces, evidence, strict=True):
        gap = piece.smooth(subject.payoffs[1]) - piece.smooth(subject.payoffs[0])
        check_sign(gap, derivative(gap), piece.region, one)
    for point in subject.points:
        here = difference(subject.payoff(point, 1), subject.payoff(point, 0))
        fine = is_nonnegative(here, subject.constants) if isinstance(here, Expression) else here is INFINITE[1]
        _need(fine, "a right answer is paid less than a wrong one at a breakpoint or an end")


def _accuracy_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    if "q0" not in c:
        check_right_pays(subject, c["evidence"])
        return
    q0 = const(_probability(c["q0"]))
    wrong = _finite(subject.payoff(q0, 0), "R(q0, 0)")
    check_bound(subject, Fraction(0), wrong, c["evidence"])
    _need(is_nonnegative(_finite(subject.payoff(q0, 1), "R(q0, 1)") - wrong, subject.constants), "R(q0, 1) < R(q0, 0)")


def _accuracy_not_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    low, high, q = (_probability(c[k]) for k in ("p_low", "p_high", "q_low"))
    _need(low < high, "p_low must be below p_high")
    bound = _finite(subject.expected(low, q), "U(p_low, q_low)")
    room = _rational(c["room"])  # a positive gap, so that the supremum over q is below too
    _need(room > 0, "the room must be positive")
    check_bound(subject, high, bound - const(room), c["evidence"])


def _failure_thresholds(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    nothing = _finite(subject.payoff(ZERO, 0), "R(0, 0)")
    for kind in ("local", "global"):
        low, high = (_probability(x) for x in c[kind])
        _need(low < high, "an enclosure must have positive width")
        for p, below in ((low, True), (high, False)):
            q = const(p)
            slope = difference(subject.payoff(q, 1), subject.payoff(q, 0))
            gain = slope if kind == "local" else difference(subject.expected(p, p), nothing)
            _need(greater(ZERO, gain) == below or p in (0, 1), f"the {kind} threshold is not between {low} and {high}")


_CUT, _FREE = {"breakpoints", "evidence"}, {"values"}
CLAIMS: Mapping[str, tuple[Callable[[Subject, Mapping[str, Any]], None], set[str], set[str]]] = {
    "proper": (_proper, {"evidence"}, _CUT),
    "strictly proper": (_proper, {"evidence"}, _CUT),
    "jointly optimal": (_jointly_optimal, {"evidence"}, _CUT),
    "not proper": (_not_proper, {"p", "q"}, _FREE),
    "not strictly proper": (_not_strictly_proper, {"p", "q"}, _FREE),
    "not jointly optimal": (_not_jointly_optimal, {"p_low", "p_high", "q_low"}, _FREE),
    "accuracy rewarded": (_accuracy_rewarded, {"evidence"}, _CUT | {"q0"}),
    "accuracy not rewarded": (_accuracy_not_rewarded, {"evidence", "p_low", "p_high", "q_low", "room"}, _CUT),
    "failure thresholds": (_failure_thresholds, {"evidence", "local", "global"}, _CUT),
}
"""For each claim: its check, the fields that it needs, and those that it may have."""

SPLITTABLE = ("proper", "strictly proper", "jointly optimal", "accuracy rewarded")
"""Claims about all values of the parameters."""

_COMMON = {"schema": int, "formula": str, "parameters": dict, "claim": str}
_TYPES = {**_COMMON, "breakpoints": list, "evidence": list, "values": dict, "local": list, "global": list,
          "split": dict}  # fmt: skip


def _check_shape(certificate: Mapping[str, Any]) -> None:
    """The fields of the claim, each of its type, and no others."""
    for name, value in certificate.items():
        wanted = _TYPES.get(name, str)
        _need(type(value) is wanted, f"{name!r:.40} must be {wanted.__name__}, got {type(value).__name__}")
    missing = sorted(_COMMON.keys() - certificate.keys())
    _need(not missing, f"missing: {', '.join(missing)}")
    _need(certificate["schema"] == SCHEMA, f"schema {SCHEMA} is needed, got {certificate['schema']!r:.40}")
    _need(certificate["claim"] in CLAIMS, f"unknown claim {certificate['claim']!r:.40}")
    _need(all(type(x) is str for x in certificate["parameters"].values()), "'parameters' must hold text")
    _check_fields(certificate["claim"], {name: x for name, x in certificate.items() if name not in _COMMON})


def _check_fields(claim: str, found: Mapping[str, Any]) -> None:
    """The fields of a claim or of one case of it."""
    _, needed, allowed = CLAIMS[claim]
    if "split" in found and claim in SPLITTABLE:
        split = found["split"]
        _need(found.keys() == {"split"}, "a split holds its evidence in its cases")
        _need(type(split) is dict and split.keys() == {"parameter", "at", "cases"}, "a split has parameter, at, cases")
        _need(type(split["parameter"]) is str and type(split["cases"]) is list, "a split names a parameter and cases")
        for case in split["cases"]:
            _need(type(case) is dict, "a case must be an object")
            _check_fields(claim, case)
        return
    for name, value in found.items():
        wanted = _TYPES.get(name, str)
        _need(type(value) is wanted, f"{name!r:.40} must be {wanted.__name__}, got {type(value).__name__}")
    _need(needed <= found.keys(), f"missing: {', '.join(sorted(needed - found.keys()))}")
    _need(found.keys() <= needed | allowed, f"fields of another claim: {sorted(found.keys() - needed - allowed)!r:.80}")
    for name in ("breakpoints", "local", "global"):
        _need(all(type(x) is str for x in found.get(name, ())), f"{name!r} must hold text")
    _need(all(type(x) is str for x in found.get("values", {}).values()), "'values' must hold text")
    _need(all(type(x) is dict for x in found.get("evidence", ())), "'evidence' must hold objects")


def verify(certificate: Mapping[str, Any]) -> str:
    """The claim, if the certificate proves it.

    Raises:
        Rejected: it does not, or it is malformed, or it asks for more than `MAX_WORK` steps; the message says which.

    Example:
        >>> verify({"schema": 1, "formula": "c - lam*(q-c)^2", "parameters": {"lam": "0 < lam <= 1"},
        ...         "claim": "strictly proper", "breakpoints": [], "evidence": [{"kind": "terms"}]})
        'c - lam*(q-c)^2 is strictly proper for 0 < lam <= 1'
    """
    try:
        _check_shape(certificate)
        with limited(MAX_WORK):
            subject = Subject(certificate["formula"], certificate["parameters"])
            for domains, case in leaves(certificate["parameters"], certificate):
                part = Subject(certificate["formula"], domains, case.get("breakpoints", ()))
                CLAIMS[certificate["claim"]][0](part, {**certificate, **case})
    except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as reason:
        raise Rejected(f"{type(reason).__name__}: {reason}") from reason
    at = certificate.get("values", {})
    told = ", ".join(f"{n} = {at[n]}" if n in at else domain.text(n) for n, domain in subject.domains.items())
    return f"{certificate['formula']} is {certificate['claim']}" + (f" for {told}" if told else "")
