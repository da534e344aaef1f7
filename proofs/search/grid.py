"""The search about a grid of reports: a proof for all neighbours, or levels that refute it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from proofs.kernel.functions import power
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import Expression, Rejected, const, is_zero, limited
from proofs.kernel.signs import Region, constant_sign
from proofs.kernel.subject import Subject
from proofs.kernel.verifier import verify
from proofs.quantity import Quantity
from proofs.search.as_text import quantity
from proofs.search.counterexamples import Certificate, Numeric, accepted, base_certificate
from proofs.search.prover import MAX_SEARCH_WORK, Decided, Prover

_HIGHS = tuple(Fraction(n, 20) for n in (5, 2, 4, 6, 8, 10, 1, 12, 14, 16, 18, 19, 20))
"""Success probabilities of a better answer, the most telling first."""
_SMALL = tuple(Fraction(1, 1 << k) for k in (6, 8, 11, 15, 20, 30, 45, 60, 90, 150, 250))

LevelLine = tuple[Expression, Expression]
"""R(q, 0) and R(q, 1) of a level, which are finite."""


@dataclass(frozen=True)
class GridProver:
    """What is decided about one formula where only some reports are admitted.

    Args:
        prover: the search about the formula for every report.
        levels: the admitted reports, in increasing order.

    Example:
        >>> tenths = tuple(Fraction(n, 10) for n in range(11))
        >>> GridProver(Prover("c - 2*(q - c)^2"), tenths).jointly_optimal.decision
        'refuted'
    """

    prover: Prover
    levels: tuple[Fraction, ...]

    def _base(self, claim: str) -> Certificate:
        base = base_certificate(self.prover.formula, self.prover.parameters, claim)
        return {**base, "levels": list(map(str, self.levels))}

    def _shown(self, claim: str, evidence: Certificate | None = None) -> Decided:
        certificate = {**self._base(claim), **(evidence or {})}
        try:
            verify(certificate)
        except Rejected as reason:
            return Decided("undecided", reason=str(reason))
        return Decided("proved", certificate)

    @cached_property
    def _plainly(self) -> Certificate | None:
        """Evidence of properness for every report, which covers those on the grid."""
        return self.prover.case() if self.prover.proper.decision == "proved" else None

    @cached_property
    def proper(self) -> Decided:
        """Whether one of the two levels next to p is a best report; strictly so, if it can be."""
        plain = self._plainly
        attempts: list[tuple[str, Certificate | None]] = [("strictly proper on a grid", None)]
        if plain is not None:
            strictly = self.prover.strict.decision == "proved"
            attempts.insert(not strictly, (f"{'strictly ' * strictly}proper on a grid", plain))
        for claim, evidence in (*attempts, ("proper on a grid", None)):
            shown = self._shown(claim, evidence)
            if shown.decision == "proved":
                return shown
        against = self._searched("not proper on a grid", self._misreports)
        return Decided("refuted", against) if against else shown

    @cached_property
    def strict(self) -> Decided:
        """Whether each level is the only best report for p equal to it."""
        certificate = self.proper.certificate
        if certificate is None or self.proper.decision != "proved":
            return self.proper
        if certificate["claim"] == "strictly proper on a grid":
            return self.proper
        tie = self._searched("not strictly proper on a grid", self._ties)
        reason = "it is undecided whether two levels tie"
        return Decided("refuted", tie) if tie else Decided("undecided", reason=reason)

    @cached_property
    def jointly_optimal(self) -> Decided:
        """Whether the best answer, with its best level, earns the most."""
        if self.proper.decision == "refuted":
            return self.proper
        shown = self.proper
        if self.proper.decision == "proved":
            shown = self._shown("jointly optimal on a grid", self._plainly)
            if shown.decision == "proved":
                return shown
        against = self._searched("not jointly optimal on a grid", self._wrong_answers)
        return Decided("refuted", against) if against else Decided("undecided", reason=shown.reason)

    def _searched(
        self, claim: str, search: Callable[[Numeric], Iterator[dict[str, Fraction]]]
    ) -> Certificate | None:
        """The first accepted certificate of numbers that a search proposes."""
        for numeric in self.prover.refuter.numerics:
            with suppress(Rejected, Undetermined), limited(MAX_SEARCH_WORK // 2):
                for numbers in search(numeric):
                    certificate = {
                        **self._base(claim),
                        **{name: str(x) for name, x in numbers.items()},
                        "values": self.prover.refuter.free_values(numeric),
                    }
                    if accepted(certificate):
                        return certificate
        return None

    def _neighbours(self) -> Iterator[tuple[Fraction, Fraction]]:
        for low, high in pairwise(self.levels):
            yield low, high
            yield high, low

    def _misreports(self, numeric: Numeric) -> Iterator[dict[str, Fraction]]:
        """A level that earns more than the true one: any pair, then neighbours that nearly tie."""
        coarse = self.levels[:: max(1, len(self.levels) // 40)]
        gains = [
            (numeric.expected(p, q) - numeric.expected(p, p), p, q)
            for p in coarse
            for q in coarse
            if p != q
        ]
        near = [(numeric.expected(p, q) - numeric.expected(p, p), p, q)
                for p, q in self._neighbours()]  # fmt: skip
        telling = sorted((one for one in (*gains, *near) if one[0] > 1e-9), key=lambda x: -x[0])
        close = sorted((one for one in near if not one[0] < -1e-9), key=lambda x: -x[0])
        for _, p, q in [*telling[:3], *close[:40]]:
            yield {"p": p, "q": q}

    def _ties(self, numeric: Numeric) -> Iterator[dict[str, Fraction]]:
        for p, q in self._neighbours():
            if abs(numeric.expected(p, q) - numeric.expected(p, p)) < 1e-9:
                yield {"p": p, "q": q}

    def _wrong_answers(self, numeric: Numeric) -> Iterator[dict[str, Fraction]]:
        """A deliberately wrong answer with its best level, and a better answer that earns less."""
        best = max(self.levels, key=lambda q: (numeric.expected(Fraction(0), q), -q))
        nothing = numeric.expected(Fraction(0), best)
        gains = [
            (nothing - max(numeric.expected(p, q) for q in self.levels), p)
            for p in (*_HIGHS, *_SMALL)
        ]
        most = max(gain for gain, _ in gains)
        telling = [p for gain, p in gains if gain > 1e-9 and 2 * gain >= most][:2]
        for p in (*telling, *(p for gain, p in gains if not gain < -1e-12)):
            yield {"p_low": Fraction(0), "p_high": p, "q_low": best}


@dataclass(frozen=True)
class Envelope:
    """V_grid of a reward without free parameters that is proper on the grid.

    Example:
        >>> halves = tuple(Fraction(n, 2) for n in range(3))
        >>> envelope = Envelope(Subject("c - 2*(q - c)^2", {}), halves)
        >>> [found.exact for found in (envelope.margin, *envelope.thresholds())]
        ['-1', '1/4', '1/2']
    """

    subject: Subject
    levels: tuple[Fraction, ...]

    def _payoffs(self, k: int) -> tuple[Limit, Limit]:
        q = const(self.levels[k])
        return self.subject.payoff(q, 0), self.subject.payoff(q, 1)

    @cached_property
    def nothing(self) -> Expression:
        """V_grid(0) = R(q_0, 0)."""
        wrong = self._payoffs(0)[0]
        if not isinstance(wrong, Expression):
            raise Rejected("R(q_0, 0) is infinite")
        return wrong

    @cached_property
    def first(self) -> int | None:
        """The level whose line V_grid follows next to 0; None if V_grid falls at once there."""
        found = None
        for k in range(len(self.levels)):
            wrong, right = self._payoffs(k)
            if not isinstance(wrong, Expression) or not is_zero(wrong - self.nothing):
                break
            found = k if isinstance(right, Expression) else found
        return found

    @cached_property
    def slope(self) -> Limit:
        """The slope of V_grid next to 0."""
        if self.first is None:
            return NEGATIVE_INFINITY
        right = self._payoffs(self.first)[1]
        return right - self.nothing if isinstance(right, Expression) else NEGATIVE_INFINITY

    @property
    def margin(self) -> Quantity:
        """The accuracy margin of the grid: the smallest slope of V_grid."""
        return quantity(self.slope)

    def _lines(self) -> list[LevelLine]:
        """The lines of finite levels from the one next to 0 on."""
        start = self.first if self.first is not None else 1
        lines = []
        for k in range(start, len(self.levels)):
            wrong, right = self._payoffs(k)
            if isinstance(wrong, Expression) and isinstance(right, Expression):
                lines.append((wrong, right))
        return lines

    def thresholds(self) -> tuple[Quantity, Quantity] | None:
        """Where V_grid turns, and where it is back at V_grid(0); None if it never falls."""
        if isinstance(self.slope, Expression) and constant_sign(self.slope) >= 0:
            return None
        return self._turn(), self._return()

    def _turn(self) -> Quantity:
        """The crossing at which the lines begin to rise."""
        lines = self._lines()
        rising = next(
            (k for k, (wrong, right) in enumerate(lines) if constant_sign(right - wrong) >= 0), None
        )
        if rising is None:
            return Quantity("1", 1.0)
        if rising == 0:  # V_grid falls at 0 alone
            return Quantity("0", 0.0)
        (wrong, right), (wrong_next, right_next) = lines[rising - 1 : rising + 1]
        loss, gain = wrong - wrong_next, right_next - right
        return quantity(_divided(loss, loss + gain))

    def _return(self) -> Quantity:
        """The first p at which a line is back at V_grid(0), on the part where it is the largest."""
        for p in self._returns():
            return quantity(p)
        return Quantity("1", 1.0)

    def _returns(self) -> Iterator[Expression]:
        lines = self._lines()
        for k, (wrong, right) in enumerate(lines):
            rise = right - wrong
            if constant_sign(rise) <= 0 or constant_sign(right - self.nothing) < 0:
                continue
            p = _divided(self.nothing - wrong, rise)
            if k + 1 == len(lines):
                yield p
                return
            other_wrong, other_right = lines[k + 1]
            above = p * (other_right - other_wrong) + other_wrong - self.nothing
            if constant_sign(above) <= 0:  # the next line is not above V_grid(0) before this one is
                yield p
                return


def _divided(top: Expression, bottom: Expression) -> Expression:
    return top * power(bottom, const(-1), Region({}))
