"""From a formula to decided claims: evidence, an exact counterexample, or a reason for neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal, Self

from proofs.kernel.claims import Evidence, check_ends, check_jumps, margin, weight
from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import ZERO, Expression, Rejected, depends_on, expand, limited
from proofs.kernel.signs import is_nonnegative
from proofs.kernel.subject import Subject, difference
from proofs.kernel.verifier import verify
from proofs.search.accuracy import Accuracy
from proofs.search.as_text import to_text
from proofs.search.breakpoints import Unordered, breakpoints
from proofs.search.cases import MAX_SPLITS, Split, split
from proofs.search.counterexamples import Certificate, Refuter, accepted, base_certificate, nearby
from proofs.search.find_evidence import EvidenceFound, find_evidence

MAX_SEARCH_WORK = 1_000_000
"""Steps of arithmetic that one search may take (some seconds); after them a claim is undecided."""

NO_TIE = "proper; it is undecided whether some misreport ties with the truth"
NO_BOUND = (
    "it is undecided whether V(p) can decrease with accuracy: no exact upper bound of V was found"
)

Decision = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True)
class Decided:
    """The outcome of a search: a certificate that the kernel accepts, or the reason for none.

    Example:
        >>> Prover("c").strict.decision
        'refuted'
    """

    decision: Decision
    certificate: Certificate | None = None
    reason: str = ""


@dataclass(frozen=True)
class Weights:
    """What is known about the signs of w = R1' - R0'.

    That is evidence for each piece, or a point where w is negative, or the reason for neither.
    """

    evidence: Sequence[Evidence] = ()
    strict: bool = False
    negative_at: Sequence[Fraction] = ()
    reason: str = ""


@dataclass(frozen=True)
class Prover:
    """Everything that the search finds about one formula; each result is computed once.

    Example:
        >>> prover = Prover("c - 2*(q - c)^2")
        >>> prover.proper.decision, prover.jointly_optimal.decision
        ('proved', 'refuted')
    """

    formula: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    splits_left: int = MAX_SPLITS

    def part(self, domains: Mapping[str, str]) -> Self:
        """The same formula on a part of the domains."""
        return replace(
            self, parameters={**self.parameters, **domains}, splits_left=self.splits_left - 1
        )

    def is_free(self, name: str) -> bool:
        """Whether a parameter has no fixed value."""
        domain = self.subject.domains[name]
        return domain.low is None or domain.low != domain.high

    @property
    def free(self) -> int:
        """The number of parameters without a fixed value."""
        return sum(map(self.is_free, self.subject.domains))

    @cached_property
    def _cuts(self) -> tuple[list[Expression], str, list[Expression]]:
        """Breakpoints, the reason for none, and differences of points of undecided order."""
        whole = Subject(self.formula, self.parameters)
        try:
            with limited(MAX_SEARCH_WORK):
                return breakpoints(whole.payoffs, whole.domains), "", []
        except Unordered as reason:
            return [], str(reason), reason.gaps
        except (Rejected, Undetermined) as reason:
            return [], str(reason), []

    @property
    def unordered(self) -> list[Expression]:
        """Differences of breakpoints whose sign depends on the parameters."""
        return self._cuts[2]

    @cached_property
    def subject(self) -> Subject:
        """The formula cut into its pieces."""
        return Subject(self.formula, self.parameters, [to_text(b) for b in self._cuts[0]])

    @cached_property
    def numeric_cuts(self) -> list[Fraction]:
        """The breakpoints that are numbers; for irrational ones, rationals nearby."""
        return [nearby(cut) for cut in self._cuts[0] if not depends_on(cut)]

    @cached_property
    def _weights(self) -> Weights:
        if self._cuts[1]:
            return Weights(reason=self._cuts[1])
        try:
            with limited(MAX_SEARCH_WORK):
                return self._searched_weights()
        except (Rejected, Undetermined) as reason:
            return Weights(reason=str(reason))

    def _searched_weights(self) -> Weights:
        outcomes: list[EvidenceFound] = []
        for index, piece in enumerate(self.subject.pieces):
            low, high = (to_text(x) for x in self.subject.points[index : index + 2])
            try:
                outcome = find_evidence(weight(self.subject, index), piece.region)
            except (Rejected, Undetermined) as reason:
                raise Rejected(f"for q in ({low}, {high}): {reason}") from reason
            if outcome.evidence is None:
                at = outcome.negative_at
                why = f"the sign of the weight w = R1' - R0' is undecided: {outcome.reason}"
                why = why if at is None else f"the weight w = R1' - R0' is negative at q = {at}"
                return Weights(
                    negative_at=[] if at is None else [at], reason=f"for q in ({low}, {high}) {why}"
                )
            outcomes.append(outcome)
        check_jumps(self.subject)
        check_ends(self.subject)
        return Weights(
            [x.evidence for x in outcomes if x.evidence], strict=all(x.strict for x in outcomes)
        )

    @staticmethod
    def _search(search: Callable[[], Certificate | None]) -> Certificate | None:
        try:
            with limited(MAX_SEARCH_WORK // 2):
                return search()
        except (Rejected, Undetermined):
            return None

    @cached_property
    def refuter(self) -> Refuter:
        """The search for counterexamples, with its tables of payoffs."""
        cuts = [to_text(b) for part in self.parts for b in part.subject.points[1:-1]]
        return Refuter(
            self.formula, self.parameters, dict.fromkeys(cuts), self._weights.negative_at
        )

    @cached_property
    def cases(self) -> Split[Prover] | None:
        """A cut of a domain into parts with one proof each, if none covers the whole."""
        if self._weights.evidence:
            return None
        try:
            with limited(MAX_SEARCH_WORK):
                return split(self)
        except (Rejected, Undetermined):
            return None

    @property
    def parts(self) -> list[Prover]:
        """The parts that have one proof each, or only this prover if it is not split."""
        return (
            [self]
            if self.cases is None
            else [part for case in self.cases.provers for part in case.parts]
        )

    @property
    def provable(self) -> bool:
        """Whether evidence of properness has been found, in one piece or split."""
        return bool(self._weights.evidence) or self.cases is not None

    def case(self) -> Certificate:
        """The evidence of properness as a case of a split certificate."""
        if self.cases is not None:
            return {"split": self.cases.to_json()}
        return {
            "breakpoints": [to_text(b) for b in self._cuts[0]],
            "evidence": list(self._weights.evidence),
        }

    def _whole(self, claim: str) -> Certificate:
        return {**base_certificate(self.formula, self.parameters, claim), **self.case()}

    @cached_property
    def proper(self) -> Decided:
        """Whether the reward is proper; the certificate is of strict properness if it can be."""
        if self.provable:
            strict = all(part._weights.strict for part in self.parts)
            for claim in ("strictly proper", "proper") if strict else ("proper",):
                certificate = self._whole(claim)
                if accepted(certificate):
                    return Decided("proved", certificate)
        certificate_against = self._search(self.refuter.not_proper)
        if certificate_against:
            return Decided("refuted", certificate_against)
        return Decided("undecided", reason=self._weights.reason)

    @cached_property
    def strict(self) -> Decided:
        """Whether a proper reward is strictly proper."""
        if self.proper.decision != "proved":
            return self.proper
        if self.proper.certificate and self.proper.certificate["claim"] == "strictly proper":
            return self.proper
        tie = self._search(self.refuter.tie)
        return Decided("refuted", tie) if tie else Decided("undecided", reason=NO_TIE)

    @cached_property
    def jointly_optimal(self) -> Decided:
        """Whether the reward is jointly optimal.

        An improper reward fails it with a single answer.
        """
        if self.proper.decision == "refuted" and self.proper.certificate:
            c = self.proper.certificate
            lone = base_certificate(self.formula, self.parameters, "not jointly optimal")
            lone.update(p_low=c["p"], p_high=c["p"], q_low=c["q"], values=c["values"])
            return (
                Decided("refuted", lone)
                if accepted(lone)
                else Decided("undecided", reason="the reward is not proper")
            )
        reason = self.proper.reason
        if self.proper.decision == "proved" and all(part.margin_holds for part in self.parts):
            certificate = self._whole("jointly optimal")
            try:
                verify(certificate)
                return Decided("proved", certificate)
            except Rejected as why:
                reason = str(why)
        against = self._search(self.refuter.not_jointly_optimal)
        if against:
            return Decided("refuted", against)
        if self.proper.decision == "proved" and accepted(
            nowhere := self._whole("jointly optimal nowhere")
        ):
            return Decided("refuted", nowhere)
        return Decided(
            "undecided",
            reason=reason or next(p.margin_reason for p in self.parts if not p.margin_holds),
        )

    @cached_property
    def margin(self) -> Limit | None:
        """The accuracy margin R(0+, 1) - R(0, 0) of a proper reward."""
        if not self._weights.evidence:
            return None
        try:
            with limited(MAX_SEARCH_WORK):
                return margin(self.subject)
        except (Rejected, Undetermined):
            return None

    @cached_property
    def margin_holds(self) -> bool:
        """Whether the kernel shows R(0, 1) >= R(0, 0) or margin >= 0, for all parameter values."""
        try:
            with limited(MAX_SEARCH_WORK):
                rise = difference(self.subject.payoff(ZERO, 1), self.subject.payoff(ZERO, 0))
                return any(
                    isinstance(gap, Expression) and is_nonnegative(gap, self.subject.constants)
                    for gap in (rise, self.margin)
                )
        except (Rejected, Undetermined):
            return True  # so that the kernel is asked, whose reason is then reported

    @property
    def margin_reason(self) -> str:
        """Why joint optimality is undecided without `margin_holds` and a counterexample."""
        gap = self.margin
        shown = to_text(expand(gap)) if isinstance(gap, Expression) else "-inf"
        return f"the sign of the accuracy margin R(0+, 1) - R(0, 0) = {shown} is undecided"

    @cached_property
    def accuracy(self) -> Decided:
        """Whether V never decreases: whether optimal expected reward never falls with accuracy."""
        if self.jointly_optimal.decision == "proved" and self.jointly_optimal.certificate:
            return self.jointly_optimal
        if self.proper.decision == "proved":
            return self.jointly_optimal
        if self._cuts[1]:
            return Decided("undecided", reason=self._cuts[1])
        try:
            with limited(MAX_SEARCH_WORK):
                search = Accuracy(self.subject, self.refuter.numerics[0])
                if (shown := search.rewarded()) is not None:
                    return Decided("proved", shown)
                if (against := search.not_rewarded()) is not None:
                    return Decided("refuted", against)
                return Decided("undecided", reason=search.unbounded() or NO_BOUND)
        except (Rejected, Undetermined, FormulaError) as reason:
            return Decided("undecided", reason=str(reason))
