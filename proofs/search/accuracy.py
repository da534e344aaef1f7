"""Whether an improper reward still rewards accuracy, by exact bounds of V(p) = sup_q U(p, q)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from proofs.kernel.claims import Evidence, check_bound
from proofs.kernel.limits import POSITIVE_INFINITY
from proofs.kernel.normal_form import Expression, Rejected, const, derivative, expand, polynomial
from proofs.kernel.subject import Subject
from proofs.search.as_text import to_text
from proofs.search.counterexamples import (
    Certificate,
    Numeric,
    accepted,
    base_certificate,
    best_in_table,
)
from proofs.search.find_evidence import find_evidence
from proofs.search.roots import rational_roots


def cut_certificate(
    subject: Subject, claim: str, evidence: Sequence[Evidence], **more: str
) -> Certificate:
    """A certificate with the breakpoints of a formula and evidence for each of its pieces.

    Example:
        >>> cut_certificate(Subject("c*q", {}), "accuracy rewarded", [{"kind": "terms"}])["claim"]
        'accuracy rewarded'
    """
    return {
        **base_certificate(subject.formula, subject.parameters, claim),
        "breakpoints": [to_text(b) for b in subject.points[1:-1]],
        "evidence": list(evidence),
        **more,
    }


@dataclass(frozen=True)
class Accuracy:
    """Searches about V(p) = sup over q of U(p, q): `numeric` proposes, the kernel decides.

    Example:
        >>> subject = Subject("c*q", {})
        >>> Accuracy(subject, Numeric(subject, {})).rewarded()["claim"]
        'accuracy rewarded'
    """

    subject: Subject
    numeric: Numeric

    def rewarded(self) -> Certificate | None:
        """A certificate that V never decreases.

        Either V(p) >= V(0) for all p, and V is convex, or each U(p, q) increases with p.
        """
        return self._best_when_wrong() or self._right_pays()

    def _best_when_wrong(self) -> Certificate | None:
        """A certificate by a report q0, best for a wrong answer, with R(q0, 1) >= R(q0, 0)."""
        tried = [*self._grid(), *self._stationary_when_wrong()]
        highest = max(self.numeric.payoff(q, 0) for q in tried)
        level = [q for q in tried if self.numeric.payoff(q, 0) >= highest - 1e-12]
        for q in sorted(level, key=lambda q: -self.numeric.payoff(q, 1))[:3]:
            wrong = self.subject.payoff(const(q), 0)
            try:
                evidence = (
                    self._bound(Fraction(0), wrong) if isinstance(wrong, Expression) else None
                )
            except Rejected:
                continue
            if evidence is not None:
                certificate = cut_certificate(
                    self.subject, "accuracy rewarded", evidence, q0=str(q)
                )
                if accepted(certificate):
                    return certificate
        return None

    def _right_pays(self) -> Certificate | None:
        """A certificate that R(q, 1) >= R(q, 0) at every report q."""
        evidence: list[Evidence] = []
        for piece in self.subject.pieces:
            wrong, right = (piece.smooth(payoff) for payoff in self.subject.payoffs)
            outcome = find_evidence(right - wrong, piece.region)
            if outcome.evidence is None:
                return None
            evidence.append(outcome.evidence)
        certificate = cut_certificate(self.subject, "accuracy rewarded", evidence)
        return certificate if accepted(certificate) else None

    def not_rewarded(self) -> Certificate | None:
        """A certificate with p_low < p_high and V(p_low) > V(p_high)."""
        if self.subject.parameters and any(d.low != d.high for d in self.subject.domains.values()):
            return None
        table = self.numeric.table(self._grid())
        earned = {p: best_in_table(p, table) for p in (Fraction(n, 20) for n in range(21))}
        pairs = [(earned[a][1] - earned[b][1], a, b) for a in earned for b in earned if a < b]
        for gain, low, high in sorted(pairs, reverse=True)[:3]:
            if not 1e-9 < gain < inf:
                return None
            room = Fraction(gain / 2).limit_denominator(10**6) or Fraction(1, 10**9)
            bound = self.subject.expected(low, earned[low][0])
            evidence = (
                self._bound(high, bound - const(room)) if isinstance(bound, Expression) else None
            )
            if evidence is not None:
                numbers = {"p_low": low, "p_high": high, "q_low": earned[low][0], "room": room}
                fields = {name: str(number) for name, number in numbers.items()}
                certificate = cut_certificate(
                    self.subject, "accuracy not rewarded", evidence, **fields
                )
                if accepted(certificate):
                    return certificate
        return None

    def unbounded(self) -> str:
        """The reason why V has no upper bound, if a reward is +inf; else an empty text."""
        points = self.subject.points
        infinite = [
            b for b in points if POSITIVE_INFINITY in [self.subject.payoff(b, c) for c in (0, 1)]
        ]
        if not infinite:
            return ""
        return f"the reward is +inf at q = {to_text(infinite[0])}, so V(p) has no upper bound"

    def _bound(self, p: Fraction, bound: Expression) -> list[Evidence] | None:
        """Evidence of U(p, q) <= bound on every piece."""
        evidence: list[Evidence] = []
        for piece in self.subject.pieces:
            wrong, right = (piece.smooth(payoff) for payoff in self.subject.payoffs)
            outcome = find_evidence(bound - const(p) * right - const(1 - p) * wrong, piece.region)
            if outcome.evidence is None:
                return None
            evidence.append(outcome.evidence)
        check_bound(self.subject, bound, (p - 1, -p), evidence)
        return evidence

    def _grid(self) -> list[Fraction]:
        cuts = (cut.constant() for cut in self.subject.points)
        return sorted({*(Fraction(n, 40) for n in range(41)), *(x for x in cuts if x is not None)})

    def _stationary_when_wrong(self) -> list[Fraction]:
        """Rational q where the payoff of a wrong answer is stationary."""
        slopes = [
            polynomial(expand(derivative(piece.smooth(self.subject.payoffs[0]))))
            for piece in self.subject.pieces
        ]
        return [q for coefficients in slopes if coefficients for q in rational_roots(coefficients)]
