"""The search about graded scores: evidence for every law of the score, or two laws against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product

from proofs.floats import in_floats
from proofs.kernel.claims_graded import OPEN_UNIT, Grade, Law, check_excess, mean
from proofs.kernel.formula import CORRECT, Domain, Node
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Rejected,
    const,
    depends_on,
    derivative,
    is_zero,
    limited,
)
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import verify
from proofs.search.as_text import to_text
from proofs.search.at_point import as_float
from proofs.search.breakpoints import breakpoints
from proofs.search.counterexamples import (
    Certificate,
    Numeric,
    accepted,
    base_certificate,
    enclosed,
    nearby,
    nearest_power,
)
from proofs.search.prover import MAX_SEARCH_WORK, Decided, Prover
from proofs.trees import fold

HALF, _CERTAIN = Fraction(1, 2), Fraction(1)
_TRIED = tuple(
    Fraction(n, d) for n, d in ((1, 2), (1, 4), (3, 4), (1, 3), (2, 3), (1, 10), (9, 10))
)
"""Scores that a person would try first."""
_LOWER = tuple(Fraction(n, 1000) for n in (300, 400, 450, 200, 490, 499))
"""Means below 1/2, the most telling first."""
_MOST_SCORES = 9
_NARROW = tuple(Fraction(1, 1 << k) for k in (2, 4, 7, 11, 16, 24, 34, 48, 64))
_REPORTS = tuple(Fraction(n, 40) for n in range(41))


def bernoulli(p: Fraction) -> Law:
    """Score 1 with probability p, else 0.

    Example:
        >>> mean(bernoulli(Fraction(1, 3)))
        Fraction(1, 3)
    """
    return [(s, x) for s, x in ((Fraction(0), 1 - p), (_CERTAIN, p)) if x]


def spread(m: Fraction, s: Fraction) -> Law:
    """The law of mean m on 0, s and 1 with the largest probability of s.

    Example:
        >>> [str(x) for _, x in spread(Fraction(1, 2), Fraction(1, 4))]
        ['2/3', '1/3']
    """
    share = min(m / s, (1 - m) / (1 - s))
    right = m - share * s
    atoms = [(Fraction(0), 1 - share - right), (s, share), (_CERTAIN, right)]
    return [(score, x) for score, x in atoms if x]


def _law_text(law: Law) -> list[list[str]]:
    return [[str(s), str(x)] for s, x in law]


@dataclass(frozen=True)
class Payments:
    """Expected rewards under laws of the score, in floats, at fixed parameters.

    Example:
        >>> paid = Payments(Prover("c - (q - c)^2").refuter.numerics[0])
        >>> paid.earned([(Fraction(1, 2), Fraction(1))], Fraction(1, 2))
        0.5
    """

    numeric: Numeric

    @cached_property
    def _graded(self) -> dict[Fraction, Callable[[float], float]]:
        return {}

    def cuts(self, scores: list[Fraction]) -> list[Fraction]:
        """The breakpoints in (0, 1) of the formula at these scores."""
        subject = self.numeric.subject
        nodes = [*subject.payoffs, *map(subject.at_score, scores)]
        with suppress(Rejected, Undetermined):
            return [nearby(x) for x in breakpoints(nodes, subject.domains) if not depends_on(x)]
        return self.numeric.cuts

    @cached_property
    def _fixed(self) -> dict[str, Fraction]:
        domains = self.numeric.subject.domains
        return {name: d.low for name, d in domains.items() if d.low is not None}

    def payoff(self, q: Fraction, score: Fraction) -> float:
        """R(q, score); NaN where it has no value."""
        if score in (0, 1):
            return self.numeric.payoff(q, int(score))
        if score not in self._graded:
            node = fold(self.numeric.subject.at_score(score))
            self._graded[score] = in_floats(node, self._fixed)
        value = math.nan if q in (0, 1) else self._graded[score](float(q))
        if math.isnan(value):
            with suppress(Rejected, Undetermined):
                return as_float(self.numeric.subject.payoff(const(q), score))
        return value

    def earned(self, law: Law, q: Fraction) -> float:
        """E R(q, s)."""
        return sum(float(x) * self.payoff(q, s) for s, x in law)

    def uphill(self, law: Law) -> Fraction | None:
        """A report near the mean m to which the slope of E R(q, s) at q = m leads, if it is not 0.

        With slope a and second derivative -w it is m + a/w, whatever their size.
        """
        m, subject = mean(law), self.numeric.subject
        nodes = [subject.at_score(s) for s, _ in law]
        with suppress(Rejected, Undetermined, ArithmeticError):
            found = breakpoints([*nodes, *subject.payoffs], subject.domains)
            cuts = [Fraction(0), *(nearby(x) for x in found if not depends_on(x)), _CERTAIN]
            low, high = next(((a, b) for a, b in pairwise(cuts) if a < m < b), (m, m))
            if low == high:
                return None
            piece = Translator(Region(subject.domains, const(low), const(high)))
            total = sum((const(x) * piece.smooth(subject.at_score(s)) for s, x in law), ZERO)
            slope = derivative(total)
            rise = enclosed(slope, m)
            bend = abs(enclosed(derivative(slope), m)) or abs(rise)
            q = m + nearest_power(rise / bend) if rise else m
            return q if 0 <= q <= 1 and q != m else None
        return None


@dataclass(frozen=True)
class GradedProver:
    """What is decided about one formula for graded scores.

    Args:
        prover: the search about the formula for outcomes of 0 and 1.
        grades: the scores that occur, from 0 to 1; None for all of [0, 1].

    Example:
        >>> rlcr = GradedProver(Prover("c - (q - c)^2"))
        >>> rlcr.proper.decision, rlcr.jointly_optimal.decision
        ('proved', 'refuted')
    """

    prover: Prover
    grades: tuple[Fraction, ...] | None = None

    def _base(self, claim: str) -> Certificate:
        base = base_certificate(self.prover.formula, self.prover.parameters, claim)
        return base if self.grades is None else {**base, "grades": list(map(str, self.grades))}

    def _case(self, prover: Prover) -> Certificate:
        """The evidence of properness with the cuts of the formula, in one piece or split."""
        if (cases := prover.cases) is not None:
            parts = [self._case(part) for part in cases.provers]
            return {"split": {"parameter": cases.parameter, "at": str(cases.at), "cases": parts}}
        return {**prover.case(), "cuts": self._cuts(prover)}

    def _cuts(self, prover: Prover) -> list[str]:
        subject = prover.subject
        domains: Mapping[str, Domain] = subject.domains
        nodes: list[Node] = list(subject.payoffs)
        if self.grades is None:
            domains, nodes = {**domains, CORRECT: OPEN_UNIT}, [*nodes, subject.node]
        else:
            nodes += [subject.at_score(s) for s in self.grades[1:-1]]
        try:
            with limited(MAX_SEARCH_WORK // 2):
                return [to_text(b) for b in breakpoints(nodes, domains)]
        except (Rejected, Undetermined):
            return [to_text(b) for b in subject.points[1:-1]]

    @cached_property
    def _evidence(self) -> Certificate:
        return self._case(self.prover)

    def _shown(self, claim: str) -> Decided:
        """The claim with the evidence of properness, or why the kernel rejects it."""
        certificate = {**self._base(claim), **self._evidence}
        try:
            verify(certificate)
        except Rejected as reason:
            return Decided("undecided", reason=str(reason))
        return Decided("proved", certificate)

    @cached_property
    def proper(self) -> Decided:
        """Whether the mean is a best report under every law.

        The certificate is of strict properness if it can be.
        """
        shown = Decided("undecided", reason=self.prover.proper.reason)
        if self.prover.proper.decision == "proved":
            strictly = (self.prover.proper.certificate or {}).get("claim") == "strictly proper"
            shown = self._shown(f"{'strictly ' if strictly else ''}proper for graded scores")
        if shown.decision != "proved" and (against := self._not_proper()) is not None:
            return Decided("refuted", against)
        return shown

    @cached_property
    def strict(self) -> Decided:
        """Whether the mean is the only best report under every law."""
        strict = self.prover.strict
        if self.proper.decision != "proved" or strict.decision == "proved":
            return self.proper
        return strict  # a tie with outcomes of 0 and 1 is a tie here

    @cached_property
    def jointly_optimal(self) -> Decided:
        """Whether a larger mean never earns less, and no misreport earns more."""
        if self.proper.decision == "refuted" and self.proper.certificate:
            c = dict(self.proper.certificate)
            law = c.pop("law")
            lone = {**c, "claim": "not jointly optimal for graded scores", "low": law, "high": law}
            return Decided("refuted", lone)
        shown = self.proper
        if self.prover.jointly_optimal.decision == "proved":
            shown = self._shown("jointly optimal for graded scores")
        elif self.prover.jointly_optimal.decision == "undecided":
            shown = self.prover.jointly_optimal
        if shown.decision == "proved" and shown is not self.proper:
            return shown
        against = self._plainly_not_optimal() or self._prefers_smaller_mean()
        if against is not None:
            return Decided("refuted", against)
        return Decided("undecided", reason=shown.reason)

    @cached_property
    def affine(self) -> bool:
        """Whether R(q, s) = s R(q, 1) + (1 - s) R(q, 0) is proved for all q and s in [0, 1].

        Joint optimality demands it for 0 < q < 1 only.

        Example:
            >>> GradedProver(Prover("2*c*q - q^2")).affine, GradedProver(Prover("c^2")).affine
            (True, False)
        """
        every = Grade(self.prover.subject, None)
        with suppress(Rejected, Undetermined), limited(MAX_SEARCH_WORK // 2):
            check_excess(every, self._cuts(self.prover), vanishes=True)
            return all(self._affine_at(every, end) for end in (ZERO, ONE))
        return False

    def _affine_at(self, score: Grade, q: Expression) -> bool:
        stated = score.at(q).value(score.node)
        right, wrong = (score.subject.payoff(q, c) for c in (1, 0))
        if not (isinstance(right, Expression) and isinstance(wrong, Expression)):
            return stated is NEGATIVE_INFINITY and stated in (right, wrong)
        even = score.s * right + (ONE - score.s) * wrong
        return isinstance(stated, Expression) and is_zero(stated - even)

    def _plainly_not_optimal(self) -> Certificate | None:
        """The counterexample for outcomes of 0 and 1, which are scores as well."""
        c = self.prover.jointly_optimal.certificate
        if self.prover.jointly_optimal.decision != "refuted" or c is None or "p_low" not in c:
            return c if self.prover.jointly_optimal.decision == "refuted" else None
        low, high = (bernoulli(Fraction(str(c[k]))) for k in ("p_low", "p_high"))
        return self._two(low, high, Fraction(str(c["q_low"])), c["values"])

    def _two(self, low: Law, high: Law, q: Fraction, values: object) -> Certificate | None:
        fields = {"low": _law_text(low), "high": _law_text(high), "q": str(q), "values": values}
        certificate = {**self._base("not jointly optimal for graded scores"), **fields}
        return certificate if accepted(certificate) else None

    def _one(self, law: Law, q: Fraction, values: object) -> Certificate | None:
        fields = {"law": _law_text(law), "q": str(q), "values": values}
        certificate = {**self._base("not proper for graded scores"), **fields}
        return certificate if accepted(certificate) else None

    @cached_property
    def _scores(self) -> list[Fraction]:
        """Scores inside (0, 1) to try."""
        if self.grades is None:
            return list(_TRIED)
        inside = self.grades[1:-1]
        step = max(1, len(inside) // _MOST_SCORES)
        return sorted(inside[::step], key=lambda s: abs(s - HALF))

    def _laws(self) -> Iterator[Law]:
        for s in self._scores:
            yield [(s, _CERTAIN)]
        for s in self._scores:
            yield [(Fraction(0), HALF), (s, HALF)]
            yield [(s, HALF), (_CERTAIN, HALF)]
        for s in self._scores:
            yield [(Fraction(0), _CERTAIN / 3), (s, _CERTAIN / 3), (_CERTAIN, _CERTAIN / 3)]

    def _values(self, numeric: Numeric) -> dict[str, str]:
        return self.prover.refuter.free_values(numeric)

    def _not_proper(self) -> Certificate | None:
        """A certificate with a law under which some report earns more than the mean."""
        c = self.prover.proper.certificate
        if self.prover.proper.decision == "refuted" and c is not None:
            law = bernoulli(Fraction(str(c["p"])))
            return self._one(law, Fraction(str(c["q"])), c["values"])
        return self._limited(self._misreports)

    def _limited(
        self, search: Callable[[Numeric], Iterator[Certificate | None]]
    ) -> Certificate | None:
        for numeric in self.prover.refuter.numerics:
            with suppress(Rejected, Undetermined), limited(MAX_SEARCH_WORK // 2):
                if (found := next(filter(None, search(numeric)), None)) is not None:
                    return found
        return None

    def _misreports(self, numeric: Numeric) -> Iterator[Certificate | None]:
        paid, values = Payments(numeric), self._values(numeric)
        gains: list[tuple[float, Law, Fraction]] = []
        for law in self._laws():
            m, reports = mean(law), [*_REPORTS, *numeric.cuts]
            honest = paid.earned(law, m)
            near = (m + sign * step for step in _NARROW[2:] for sign in (-1, 1))
            tried = (*reports, *(q for q in near if 0 <= q <= 1))
            found = ((paid.earned(law, q) - honest, law, q) for q in tried)
            gains += [(gain, law, q) for gain, law, q in found if gain > 1e-12]
        most = max((gain for gain, *_ in gains), default=0.0)
        telling = [one for one in gains if 3 * one[0] >= most]
        for _, law, q in [*telling[:4], *sorted(gains, key=lambda x: -x[0])[:4]]:
            yield self._one(law, q, values)
        for law, q in self._at_ends_and_cuts(paid):
            if not paid.earned(law, q) < paid.earned(law, mean(law)):
                yield self._one(law, q, values)
        for law in self._laws():
            if (uphill := paid.uphill(law)) is not None:
                yield self._one(law, uphill, values)

    def _at_ends_and_cuts(self, paid: Payments) -> Iterator[tuple[Law, Fraction]]:
        """Laws whose mean is next to 0, 1 or a cut, with the report there and on its other side."""
        for sure, s, share in product((Fraction(0), _CERTAIN), self._scores, _NARROW):
            yield [(sure, 1 - share), (s, share)], sure
        for cut, s in product(paid.cuts(self._scores), self._scores[:4]):
            for step in (x for x in _NARROW if x < min(cut, 1 - cut)):
                yield spread(cut + step, s), cut
                yield spread(cut - step, s), cut
                yield spread(cut, s), cut + step
                yield spread(cut, s), cut - step

    def _prefers_smaller_mean(self) -> Certificate | None:
        return self._limited(self._pairs)

    def _pairs(self, numeric: Numeric) -> Iterator[Certificate | None]:
        """Two laws, of which the one with the smaller or equal mean earns more.

        A score is sure in one of them and 0 or 1 in the other, so that the part of the reward that
        is not affine in the score makes the difference.
        """
        paid, values = Payments(numeric), self._values(numeric)

        def honest(law: Law) -> float:
            return paid.earned(law, mean(law))

        lower = _LOWER if self.grades is None else [s for s in self._scores if s < HALF]
        telling: list[tuple[Law, Law]] = [([(s, _CERTAIN)], bernoulli(HALF)) for s in lower]
        telling += [(bernoulli(s), [(t, _CERTAIN)]) for t in self._scores for s in lower if s < t]
        for s in self._scores:
            smaller: Law = [(Fraction(0), _CERTAIN / 10), (s, 9 * _CERTAIN / 10)]
            telling += [(smaller, bernoulli(s)), (bernoulli(9 * s / 10), [(s, _CERTAIN)])]
        same = sorted(
            self._scores, key=lambda s: -abs(honest([(s, _CERTAIN)]) - honest(bernoulli(s)))
        )
        equal = [pair for s in same for pair in permuted([(s, _CERTAIN)], bernoulli(s))]
        for low, high in (*telling, *equal):
            if not honest(low) <= honest(high) - 1e-9:
                yield self._two(low, high, mean(low), values)


def permuted(one: Law, other: Law) -> Iterator[tuple[Law, Law]]:
    """Two laws in both orders.

    Example:
        >>> len(list(permuted([], [])))
        2
    """
    yield one, other
    yield other, one
