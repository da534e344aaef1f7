"""The search about verifier errors: a proof, or two answers, the worse of which earns more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product

from proofs.kernel.claims import Evidence, weight
from proofs.kernel.claims_errors import Rates, accepted_range, accepted_share, rate, slope_bounds
from proofs.kernel.formula import CONFIDENCE, Apply, Domain, Name, Node, Number, substitute
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import Expression, Rejected, const, depends_on, limited
from proofs.kernel.subject import Subject
from proofs.kernel.verifier import verify
from proofs.search.as_text import to_text
from proofs.search.counterexamples import (
    Certificate,
    Numeric,
    accepted,
    base_certificate,
    nearby,
    uphill,
)
from proofs.search.find_evidence import find_evidence
from proofs.search.prover import MAX_SEARCH_WORK, Decided, Prover
from proofs.search.samples import candidates
from proofs.trees import fold, unparse

_NULL, _SURE = Fraction(0), Fraction(1)
_HIGHS = (
    *(Fraction(n, 20) for n in (5, 2, 4, 6, 8, 10, 1, 12, 14, 16, 18, 19, 20)),
    *(Fraction(1, 1 << k) for k in (6, 8, 11, 15, 20, 30, 45, 60, 90, 150, 250)),
)
"""Success probabilities of a better answer, the most telling first."""
_NEAR = Fraction(1, 1 << 12)
_REPORTS = tuple(Fraction(n, 40) for n in range(41))
_PAIRS = tuple(
    (p, p + step)
    for step in (
        Fraction(1, 10),
        Fraction(1, 100),
        Fraction(1, 10**4),
        Fraction(1, 10**7),
        _NULL,
    )
    for p in (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 10), Fraction(9, 10))
    if p + step <= 1
)
"""Two success probabilities for errors that depend on the answer."""


def slope_above(subject: Subject, p: Fraction) -> Limit | None:
    """The slope of V to the right of p for a proper reward; None where the kernel finds none.

    Example:
        >>> slope_above(Subject("-(q - c)^2", {}), Fraction(1, 4)).constant()
        Fraction(-1, 2)
    """
    with suppress(Rejected, Undetermined), limited(MAX_SEARCH_WORK):
        return slope_bounds(subject, p, 1)[-1]
    return None


def sum_of_two(first: Fraction, one: Node, second: Fraction, other: Node) -> Node:
    """The formula first * one + second * other, with signs in front of the terms.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(sum_of_two(_SURE, parse("-q"), Fraction(-2), parse("-c")))
        '-q + 2*c'
    """
    return _signed_sum(
        [(Number(abs(x)), x < 0, node) for x, node in ((first, one), (second, other))]
    )


def _signed_sum(terms: Sequence[tuple[Node, bool, Node]]) -> Node:
    """The sum of factor * node, negated where the flag says so; a sign of the node is taken out."""
    total: Node = Number(_NULL)
    for factor, negative, node in terms:
        while isinstance(node, Apply) and node.op == "neg":
            negative, node = not negative, node.args[0]
        term = fold(Apply("*", (factor, node)))
        if isinstance(term, Number) and term.value < 0:
            negative, term = not negative, Number(-term.value)
        total = fold(Apply("-" if negative else "+", (total, term)))
    return total


def effective(payoffs: tuple[Node, Node], rates: Rates) -> tuple[Node, Node]:
    """The mean rewards of a wrong and of a correct answer, over the errors of the verifier.

    Example:
        >>> nodes = effective((Number(_NULL), Number(_SURE)), (Fraction(1, 10), Fraction(1, 5)))
        >>> [unparse(node) for node in nodes]
        ['1/10', '4/5']
    """
    (a, b), (wrong, right) = rates, payoffs
    return sum_of_two(a, right, 1 - a, wrong), sum_of_two(1 - b, right, b, wrong)


def as_formula(wrong: Node, right: Node) -> str:
    """The formula c * right + (1 - c) * wrong.

    Example:
        >>> as_formula(Number(_NULL), Name("q"))
        'c*q'
    """
    c = Name("c")
    rest = Apply("-", (Number(_SURE), c))
    return unparse(_signed_sum([(c, False, right), (rest, False, wrong)]))


def effective_formula(prover: Prover, rates: Rates) -> str:
    """E[R(q, v) | c]: the reward of a report, in terms of correctness instead of acceptance.

    Example:
        >>> effective_formula(Prover("c"), (Fraction(1, 10), Fraction(0)))
        'c + (1 - c)*(1/10)'
    """
    wrong, right = effective(_folded(prover), rates)
    return as_formula(wrong, right)


def formula_in_p(prover: Prover, rates: Rates) -> str:
    """The effective reward of the report p' = a + (1 - a - b) q, so that q stands for p itself.

    Its expected reward at success probability p and report q is U(p', q') of the reward, so its
    failure thresholds are those under errors.

    Example:
        >>> formula_in_p(Prover("c*q"), (_NULL, Fraction(1, 2)))
        'c*(1/2*(1/2*q))'
    """
    slope = Apply("*", (Number(_SURE - rates[0] - rates[1]), Name(CONFIDENCE)))
    report = {CONFIDENCE: fold(Apply("+", (Number(rates[0]), slope)))}
    wrong, right = (substitute(node, report) for node in _folded(prover))
    return as_formula(*effective((wrong, right), rates))


def _folded(prover: Prover) -> tuple[Node, Node]:
    wrong, right = map(fold, prover.subject.payoffs)
    return wrong, right


def inner_evidence(
    whole: Subject, low: Fraction, high: Fraction, *, more: bool, strictly: bool
) -> Certificate | None:
    """The fields of a certificate that q = p is a best report for every p in [low, high].

    Args:
        whole: the formula, cut at its breakpoints, which must be numbers.
        low: the least p.
        high: the largest p.
        more: whether to cut once more below and above the range.
        strictly: whether the rivals of other reports lie outside [low, high].

    Example:
        >>> broken = Subject("c - (q - c)^2 - (q < 1/9)*c", {}, ["1/9"])
        >>> inner_evidence(broken, Fraction(1, 2), _SURE, more=False, strictly=False)["inner"]
        ['1/9', '1']
    """
    cuts = {nearby(x): to_text(x) for x in whole.points if not depends_on(x)}
    below = max((x for x in cuts if x < low), default=_NULL)
    above = min((x for x in cuts if x > high), default=_SURE)
    if more:
        below, above = (low + below) / 2, (high + above) / 2
        cuts.update({x: str(x) for x in (below, above)})
    places = sorted(cuts)
    subject = Subject(
        whole.formula, whole.parameters, [cuts[x] for x in places[1:-1]], whole.domains.items()
    )
    start, stop = places.index(below), places.index(above)
    evidence = [
        find_evidence(weight(subject, i), subject.pieces[i].region).evidence
        for i in range(start, stop)
    ]
    beside = (below + 3 * low) / 4, (above + 3 * high) / 4
    rivals = beside if strictly else (low, high)
    outside = [
        _dominated(subject, i, share, rival)
        for rival, pieces in (
            (rivals[0], range(start if low else 0)),
            (rivals[1], range(stop, len(subject.pieces))),
        )
        for share in (low, high)
        for i in pieces
    ]
    if None in evidence or None in outside:
        return None
    return {
        "breakpoints": [cuts[x] for x in places[1:-1]],
        "evidence": evidence,
        "inner": [cuts[below], cuts[above]],
        "rivals": list(map(str, rivals)),
        "outside": outside,
    }


def _dominated(subject: Subject, index: int, p: Fraction, honest: Fraction) -> Evidence | None:
    """Evidence of U(p, q) <= U(p, honest) for q on a piece."""
    bound, piece = subject.expected(p, honest), subject.pieces[index]
    if not isinstance(bound, Expression):
        return None
    shares = [(p, 1), (1 - p, 0)]
    paid = [const(-x) * piece.smooth(subject.payoffs[c]) for x, c in shares if x]
    return find_evidence(sum(paid, bound), piece.region).evidence


def _success(share: Fraction, rates: Rates) -> Fraction:
    """The success probability of an answer that is accepted with this probability."""
    j = _SURE - rates[0] - rates[1]
    return (share - rates[0]) / j if j else _NULL


def _ends_first(domain: Domain) -> list[Fraction]:
    """A few rates of a domain, those next to its ends first."""
    tried = candidates(domain)
    ends = min(tried), max(tried)
    return sorted(tried, key=lambda x: min(abs(x - end) for end in ends))[:3]


@dataclass(frozen=True)
class ErrorsProver:
    """What is decided about one formula under a verifier with errors.

    Args:
        prover: the search about the formula without errors.
        false_positive: the domain of the rate a at which wrong answers are accepted.
        false_negative: the domain of the rate b at which correct answers are rejected.
        by_answer: whether the rates may differ between answers.

    Example:
        >>> twice = Prover("c - 2*(q - c)^2")
        >>> ErrorsProver(twice, "a = 1/4", "b = 0").jointly_optimal.decision
        'proved'
        >>> ErrorsProver(twice, "0 <= a <= 1/4", "b = 0").jointly_optimal.decision
        'refuted'
    """

    prover: Prover
    false_positive: str
    false_negative: str
    by_answer: bool = False

    @property
    def domains(self) -> tuple[Domain, Domain]:
        """The domains of both rates."""
        return rate(self.false_positive)[2], rate(self.false_negative)[2]

    @property
    def known(self) -> Rates | None:
        """Both rates, if they have fixed values."""
        a, b = self.domains
        if a.low is None or a.low != a.high or b.low is None or b.low != b.high:
            return None
        return a.low, b.low

    @property
    def _differs(self) -> bool:
        """Whether rates may really differ between answers."""
        return self.by_answer and self.known is None

    def _base(self, claim: str) -> Certificate:
        ending = " by answer" if self._differs else ""
        return {
            **base_certificate(self.prover.formula, self.prover.parameters, f"{claim}{ending}"),
            "false_positive": self.false_positive,
            "false_negative": self.false_negative,
        }

    @cached_property
    def jointly_optimal(self) -> Decided:
        """Whether the best answer, with the probability that it is accepted, earns the most."""
        reason = self.prover.proper.reason
        if self.prover.proper.decision == "proved":
            shown = {**self._base("jointly optimal under errors"), **self.prover.case()}
            try:
                verify(shown)
                return Decided("proved", shown)
            except Rejected as why:
                reason = str(why)
        else:
            if (certificate := self._proper_where_it_counts()) is not None:
                return Decided("proved", certificate)
            if self.prover.proper.decision == "refuted":
                reason = "the reward is not proper; no misreport was found for a p' that occurs"
        if (never := self._nowhere_at_zero()) is not None:
            return Decided("refuted", never)
        for numeric in self.prover.refuter.numerics:
            with suppress(Rejected, Undetermined), limited(MAX_SEARCH_WORK // 2):
                search = self._differing(numeric) if self._differs else self._same(numeric)
                if (found := next(filter(None, search), None)) is not None:
                    return Decided("refuted", found)
        return Decided("undecided", reason=reason)

    def _nowhere_at_zero(self) -> Certificate | None:
        """The proof that V falls next to 0, where the least a is 0 and a + b < 1."""
        a, b = self.domains
        occurs = _NULL in a and b.low is not None and b.low < 1
        c = self.prover.jointly_optimal.certificate if occurs else None
        return c if c and c["claim"] == "jointly optimal nowhere" else None

    def _proper_where_it_counts(self) -> Certificate | None:
        """A certificate of a reward that is proper on the range of p'."""
        fields = self._inner
        return None if fields is None else self._whole("jointly optimal under errors", fields)

    def _whole(self, claim: str, fields: Certificate) -> Certificate | None:
        certificate = {**self._base(claim), **fields}
        return certificate if accepted(certificate) else None

    @cached_property
    def _inner(self) -> Certificate | None:
        """Fields that show properness for the p' that occur, strictly if they can."""
        low, high = accepted_range(self._base(""))
        for strictly, more in product((True, False), (False, True)):
            with suppress(Rejected, Undetermined, ValueError), limited(MAX_SEARCH_WORK // 2):
                fields = inner_evidence(
                    self.prover.subject, low, high, more=more, strictly=strictly
                )
                if fields is not None:
                    return fields
        return None

    @cached_property
    def proper(self) -> Decided | None:
        """Whether an improper reward is proper for the p' that occur; None if it is not shown."""
        if self.prover.proper.decision == "proved" or self._inner is None:
            return None
        for claim in ("strictly proper under errors", "proper under errors"):
            certificate = {**self._base(claim), **self._inner}
            if self._differs:
                certificate["claim"] = claim
            if accepted(certificate):
                return Decided("proved", certificate)
        return None

    def _rates(self) -> list[Rates]:
        """A few rates of both domains: their ends, and rates inside."""
        a, b = map(_ends_first, self.domains)
        return [(x, y) for x in a for y in b]

    def _two(
        self, numeric: Numeric, low: Fraction, high: Fraction, q: Fraction, **rates: Rates
    ) -> Certificate | None:
        certificate = {
            **self._base("not jointly optimal under errors"),
            "p_low": str(low),
            "p_high": str(high),
            "q_low": str(q),
            "values": self.prover.refuter.free_values(numeric),
            **{name: list(map(str, pair)) for name, pair in rates.items()},
        }
        return certificate if accepted(certificate) else None

    def _same(self, numeric: Numeric) -> Iterator[Certificate | None]:
        """Two answers, judged alike: a deliberately wrong one, or one with a misreport."""
        for rates in self._rates():
            nothing = rates[0]
            start = numeric.expected(nothing, nothing)
            gains = []
            for p in _HIGHS:
                share = accepted_share(p, rates)
                gains.append((start - numeric.expected(share, share), p))
            most = max(gain for gain, _ in gains)
            telling = [p for gain, p in gains if gain > 1e-9 and 2 * gain >= most][:2]
            for p in [*telling, *(p for gain, p in gains if not gain < -1e-12)]:
                yield self._two(numeric, _NULL, p, nothing, rates=rates)
        if self.prover.proper.decision != "proved":
            yield from self._misreports(numeric)

    def _misreports(self, numeric: Numeric) -> Iterator[Certificate | None]:
        cuts = [x for cut in numeric.cuts for x in (cut, cut - _NEAR, cut + _NEAR) if 0 <= x <= 1]
        for rates in self._rates():
            shown: Mapping[str, Rates] = {"rates": rates}
            if self._differs:
                shown = {"rates_low": rates, "rates_high": rates}
            gains = []
            for p in _REPORTS:
                share = accepted_share(p, rates)
                honest = numeric.expected(share, share)
                near = [x for x in (share - _NEAR, share + _NEAR) if 0 <= x <= 1]
                paid = ((numeric.expected(share, q), q) for q in (*_REPORTS, *cuts, *near))
                gains += [(x - honest, p, q) for x, q in paid if x - honest > 1e-14 * abs(honest)]
            for _, p, q in sorted(gains, reverse=True)[:4]:
                yield self._two(numeric, p, p, q, **shown)
            yield from self._at_the_plain_witness(numeric, rates, shown)
            for share, q in self._exactly(numeric, rates):
                p = _success(share, rates)
                yield self._two(numeric, p, p, q, **shown)

    def _exactly(self, numeric: Numeric, rates: Rates) -> Iterator[tuple[Fraction, Fraction]]:
        """A p' that occurs and a report that earns more there, by gains too small for floats."""
        ends = sorted({accepted_share(p, rates) for p in (_NULL, _SURE)})
        low, high = ends[0], ends[-1]
        inside = [x for x in numeric.cuts if low < x < high]
        places = [low, *inside, high]
        middles = [(x + y) / 2 for x, y in pairwise(places)]
        thirds = [low + (high - low) * Fraction(n, 7) for n in (2, 5)]
        yield from uphill(numeric, [*thirds, *middles, low])
        special = [_NULL, *numeric.cuts, _SURE]
        reports = sorted({*special, *((x + y) / 2 for x, y in pairwise(special))})
        for share, q in product([*places, *middles], reports):
            if numeric.earns_more(share, q, share):
                yield share, q

    def _at_the_plain_witness(
        self, numeric: Numeric, rates: Rates, shown: Mapping[str, Rates]
    ) -> Iterator[Certificate | None]:
        """The misreport that gains without errors, if its p is a p' under errors."""
        c = self.prover.proper.certificate
        a, b = rates
        if self.prover.proper.decision != "refuted" or c is None or a + b == 1:
            return
        p = _success(Fraction(str(c["p"])), rates)
        if 0 <= p <= 1:
            yield self._two(numeric, p, p, Fraction(str(c["q"])), **shown)

    def _differing(self, numeric: Numeric) -> Iterator[Certificate | None]:
        """Two answers, of which the better one meets the rates that are worse for it."""
        options = self._rates()
        gains = []
        for (low, high), worse, better in product(_PAIRS, options, options):
            shares = accepted_share(low, worse), accepted_share(high, better)
            paid = [numeric.expected(x, x) for x in shares]
            if (gain := paid[0] - paid[1]) > 1e-12:
                gains.append((gain, low, high, worse, better))
        for _, low, high, worse, better in gains[:3]:
            q = accepted_share(low, worse)
            yield self._two(numeric, low, high, q, rates_low=worse, rates_high=better)
        if self.prover.proper.decision != "proved":
            yield from self._misreports(numeric)
