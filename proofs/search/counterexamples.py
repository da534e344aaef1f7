"""Exact counterexamples that can be checked by hand. Floats propose, the kernel decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise, permutations, product

from proofs.floats import in_floats
from proofs.kernel.enclosures import BITS, enclose
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.limits import limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    Rejected,
    atom,
    const,
    depends_on,
    derivative,
    expand,
    is_zero,
    limited,
)
from proofs.kernel.signs import Region
from proofs.kernel.subject import Subject, difference, greater
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import SCHEMA, verify
from proofs.search.at_point import as_float
from proofs.search.breakpoints import breakpoints
from proofs.search.samples import sample_values
from proofs.trees import fold

Certificate = dict[str, object]
_DIGITS = 4000
MOST_OF_ONE_SEARCH = 150_000
"""Steps of arithmetic for one way to look for a misreport; the next has its own."""
Values = Mapping[str, Fraction]

_SIMPLE = tuple(Fraction(n, d) for d in (2, 4, 5, 10) for n in range(1, d) if math.gcd(n, d) == 1)
"""Probabilities that a person would try first."""
_FINE = tuple(Fraction(n, 64) for n in range(65))


Table = list[tuple[Fraction, float, float]]
"""Rows `(q, R(q, 1), R(q, 0))`."""


class Numeric:
    """The payoffs of one formula at fixed parameter values: in floats, and exactly by the kernel.

    Example:
        >>> numeric = Numeric(Subject("c - (q - c)^2", {}), {})
        >>> numeric.payoff(Fraction(1, 2), 1), numeric.ties(Fraction(1, 2), Fraction(1, 2))
        (0.75, True)
    """

    def __init__(self, whole: Subject, values: Values, cuts: Sequence[str] = ()) -> None:
        self._whole, self._values, self._cut_texts = whole, values, cuts
        self._floats: dict[tuple[int, int, int], float] = {}
        self._tables: dict[int, Table] = {}

    @cached_property
    def subject(self) -> Subject:
        """The formula at these values."""
        return self._whole.bind({k: str(v) for k, v in self._values.items()})

    @cached_property
    def cuts(self) -> list[Fraction]:
        """The breakpoints at these parameter values, ascending; rationals for irrational ones."""
        return [nearby(x) for x in self.points]

    @cached_property
    def points(self) -> list[Expression]:
        """The breakpoints at these parameter values, exactly."""
        points = [self.subject.point(cut) for cut in self._cut_texts]
        if not points:  # none, or their order depends on the parameters, which have values here
            with suppress(Rejected, Undetermined):
                points = breakpoints(self.subject.payoffs, self.subject.domains)
        found = {nearby(x): x for x in points if not depends_on(x)}
        return [found[x] for x in sorted(found) if 0 < x < 1]

    @cached_property
    def pieces(self) -> list[Translator]:
        """The smooth pieces between the breakpoints."""
        ends = [ZERO, *self.points, ONE]
        regions = (Region({**self.subject.domains}, a, b) for a, b in pairwise(ends))
        return [Translator(region) for region in regions]

    def piece(self, q: Fraction, side: int = 1) -> Translator:
        """The smooth piece around q, or on one side of it if q is a breakpoint."""
        near = (i for i, cut in enumerate(self.cuts) if (q < cut if side > 0 else q <= cut))
        return self.pieces[next(near, len(self.cuts))]

    @cached_property
    def _payoffs(self) -> list[Callable[[float], float]]:
        fixed = {
            name: d.low
            for name, d in self.subject.domains.items()
            if d.low is not None and d.low == d.high
        }
        return [in_floats(fold(payoff), fixed) for payoff in self.subject.payoffs]

    def payoff(self, q: Fraction, correct: int) -> float:
        """R(q, correct) as a float.

        The kernel gives the value if floats give none (as for 0 * log 0), at the ends and at
        breakpoints.
        """
        # Integers, since the hash of a fraction costs more than a payoff.
        key = (q.numerator, q.denominator, correct)
        if key not in self._floats:
            value = self._payoffs[correct](float(q))
            if math.isnan(value) or q in self._special:
                value = self._exact(q, correct)
            self._floats[key] = value
        return self._floats[key]

    @cached_property
    def _special(self) -> set[Fraction]:
        return {Fraction(0), Fraction(1), *self.cuts}

    def _exact(self, q: Fraction, correct: int) -> float:
        try:
            return as_float(self.subject.payoff(const(q), correct))
        except (Rejected, Undetermined):
            return math.nan

    def earns_more(self, low: Fraction, q: Fraction, high: Fraction) -> bool:
        """Whether U(low, q) > U(high, high), exactly; False also where the kernel cannot say."""
        try:
            return greater(self.subject.expected(low, q), self.subject.expected(high, high))
        except (Rejected, Undetermined):
            return False

    def ties(self, p: Fraction, q: Fraction) -> bool:
        """Whether U(p, q) = U(p, p), exactly."""
        try:
            gap = difference(self.subject.expected(p, q), self.subject.expected(p, p))
        except (Rejected, Undetermined):
            return False
        return isinstance(gap, Expression) and is_zero(gap)

    def expected(self, p: Fraction, q: Fraction) -> float:
        """U(p, q)."""
        return _mean(float(p), self.payoff(q, 1), self.payoff(q, 0))

    def table(self, grid: Iterable[Fraction]) -> Table:
        """The payoffs on a grid."""
        return [(q, self.payoff(q, 1), self.payoff(q, 0)) for q in grid]

    def regular(self, steps: int) -> Table:
        """The payoffs at 0, 1/steps, ..., 1."""
        if steps not in self._tables:
            self._tables[steps] = self.table(Fraction(n, steps) for n in range(steps + 1))
        return self._tables[steps]


def best_in_table(p: Fraction, table: Table) -> tuple[Fraction, float]:
    """The report in a table with the largest expected reward at p, and that reward.

    A report whose expected reward is NaN comes last.

    Example:
        >>> numeric = Numeric(Subject("c - (q - c)^2", {}), {})
        >>> best_in_table(Fraction(1, 2), numeric.regular(4))
        (Fraction(1, 2), 0.25)
    """
    x = float(p)
    earned = ((q, _mean(x, right, wrong)) for q, right, wrong in table)
    return max(earned, key=lambda row: -math.inf if math.isnan(row[1]) else row[1])


def _mean(p: float, right: float, wrong: float) -> float:
    return (p * right if p else 0.0) + ((1 - p) * wrong if p < 1 else 0.0)


def enclosed(expression: Expression, p: Fraction) -> Fraction:
    """The value at a rational point to as many digits as its sign needs, or 0 if it needs more.

    Example:
        >>> enclosed(atom(Q) + atom(Q), Fraction(1, 4)) == Fraction(1, 2)
        True
    """
    for bits in (_DIGITS // 16, _DIGITS // 4, _DIGITS):
        low, high = enclose(expression, Interval.of(p, bits), bits).ends()
        if low > 0 or high < 0:
            return (low + high) / 2
    return Fraction(0)


def nearest_power(x: Fraction) -> Fraction:
    """The power of 2 below |x|, with the sign of x.

    Example:
        >>> nearest_power(Fraction(-3, 10))
        Fraction(-1, 4)
    """
    size = abs(x)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    power = Fraction(2) ** exponent
    power = power if power <= size else power / 2
    return power if x > 0 else -power


def nearby(number: Expression, bits: int = 70) -> Fraction:
    """A number if it is rational, else a rational within 2^-bits of it.

    Example:
        >>> nearby(const(Fraction(1, 3)))
        Fraction(1, 3)
    """
    exact = number.constant()
    return (
        exact
        if exact is not None
        else Fraction(round(enclose(number, None, BITS + bits).ends()[0] * 2**bits), 2**bits)
    )


def base_certificate(formula: str, parameters: Mapping[str, str], claim: str) -> Certificate:
    """The fields that every certificate has.

    Example:
        >>> base_certificate("c", {}, "proper")
        {'schema': 2, 'formula': 'c', 'parameters': {}, 'claim': 'proper'}
    """
    return {"schema": SCHEMA, "formula": formula, "parameters": dict(parameters), "claim": claim}


def accepted(certificate: Certificate) -> bool:
    """Whether the kernel accepts a certificate.

    Example:
        >>> accepted({**base_certificate("c", {}, "proper"), "evidence": [{"kind": "terms"}]})
        True
    """
    try:
        verify(certificate)
    except Rejected:
        return False
    return True


_OFF_CUTS = (Fraction(1, 3), Fraction(2, 3), Fraction(1, 7), Fraction(6, 7))


def uphill(numeric: Numeric, points: Iterable[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """Reports near p if the exact slope dU(p, q)/dq at q = p is not 0, however small it is.

    With slope s and curvature -w, the report p + s/w gains most, s^2 / (2 w).

    Example:
        >>> numeric = Numeric(Subject("c*q", {}), {})
        >>> [str(q) for _, q in uphill(numeric, [Fraction(1, 2)])]
        ['1', '5/8', '65/128']
    """
    for p in points:
        with suppress(Rejected, Undetermined):
            piece = numeric.piece(p)
            wrong, right = (derivative(piece.smooth(f)) for f in numeric.subject.payoffs)
            slope = enclosed(expand(atom(Q) * right + (ONE - atom(Q)) * wrong), p)
            weight = abs(enclosed(right - wrong, p)) or abs(slope)
            if slope:
                room = min(abs(p - end) for end in (Fraction(0), *numeric.cuts, Fraction(1)))
                step = max(min(Fraction(nearest_power(slope / weight)), room), -room)
                yield from ((p, q) for k in (1, 4, 64) if 0 <= (q := p + step / k) <= 1)


def _off_cuts(numeric: Numeric) -> Iterator[tuple[Fraction, Fraction]]:
    ends = [Fraction(0), *numeric.cuts, Fraction(1)]
    middles = ((low + high) / 2 for low, high in pairwise(ends))
    return uphill(numeric, (*_OFF_CUTS, *middles))


class Refuter:
    """Searches for counterexamples to the claims about one formula.

    Example:
        >>> certificate = Refuter("c - 2*(q - c)^2", {}).not_jointly_optimal()
        >>> certificate["p_high"], certificate["q_low"]
        ('1/4', '0')
    """

    def __init__(
        self,
        formula: str,
        parameters: Mapping[str, str],
        cuts: Iterable[str] = (),
        hints: Iterable[Fraction] = (),
    ):
        self.formula, self.parameters = formula, parameters
        self.subject = Subject(formula, parameters)
        self.cuts, self.hints = list(cuts), list(hints)
        self.numerics = [
            Numeric(self.subject, v, self.cuts) for v in sample_values(self.subject.domains, 12)
        ]

    def _try(self, claim: str, numeric: Numeric, **numbers: Fraction) -> Certificate | None:
        certificate = base_certificate(self.formula, self.parameters, claim)
        certificate.update({k: str(v) for k, v in numbers.items()})
        certificate["values"] = self.free_values(numeric)
        return certificate if accepted(certificate) else None

    def free_values(self, numeric: Numeric) -> dict[str, str]:
        """The values of the parameters that have no fixed value, as certificates write them."""
        return {
            k: str(d.low)
            for k, d in numeric.subject.domains.items()
            if self.subject.domains[k] != d
        }

    def not_proper(self) -> Certificate | None:
        """A certificate with p and q such that U(p, q) > U(p, p)."""
        searches = (
            self._coarse,
            self._fine,
            self._around_negative_weights,
            partial(self._next_to_special_points, least=1e-12),
            self._across_jumps,
            _off_cuts,
            partial(self._next_to_special_points, least=-1e-12),
        )
        for search in searches:
            with suppress(Rejected, Undetermined), limited(MOST_OF_ONE_SEARCH):
                if certificate := self._found(search):
                    return certificate
        return None

    def _found(
        self, search: Callable[[Numeric], Iterator[tuple[Fraction, Fraction]]]
    ) -> Certificate | None:
        for numeric in self.numerics:
            for p, q in search(numeric):
                if not numeric.earns_more(p, q, p):
                    continue
                if certificate := self._try("not proper", numeric, p=p, q=q):
                    return certificate
        return None

    def _coarse(self, numeric: Numeric) -> Iterator[tuple[Fraction, Fraction]]:
        return self._best_pairs(
            numeric, _SIMPLE, numeric.table((Fraction(0), *_SIMPLE, Fraction(1))), least=1e-9
        )

    def _fine(self, numeric: Numeric) -> Iterator[tuple[Fraction, Fraction]]:
        return self._best_pairs(numeric, _FINE, numeric.regular(64), least=1e-13)

    @staticmethod
    def _best_pairs(
        numeric: Numeric, ps: Iterable[Fraction], table: Table, least: float
    ) -> Iterator[tuple[Fraction, Fraction]]:
        gains: list[tuple[float, Fraction, Fraction]] = []
        for p in ps:
            x, honest = float(p), numeric.expected(p, p)
            earned = [(_mean(x, right, wrong) - honest, p, q) for q, right, wrong in table]
            gains += [g for g in earned if g[0] > least and g[2] != p]
        return iter([(p, q) for _, p, q in sorted(gains, key=lambda g: -g[0])[:3]])

    def _around_negative_weights(self, numeric: Numeric) -> Iterator[tuple[Fraction, Fraction]]:
        """Pairs on two sides of a point where the weight w is negative, by its own distances.

        Where w < 0 between p and q, the report q gains the integral of -w(x) |x - p|.
        """
        for x in self.hints:
            width = min(abs(x - end) for end in (Fraction(0), *numeric.cuts, Fraction(1)))
            for step in (width / (1 << k) for k in (1, 3, 6, 10, 16, 24, 34)):
                yield from ((x - step, x + step), (x, x + step), (x, x - step))

    def _next_to_special_points(
        self, numeric: Numeric, least: float
    ) -> Iterator[tuple[Fraction, Fraction]]:
        """Pairs (p, q) next to a special point with at least this gain in floats.

        Such points are the ends, jumps, and points where the first-order identity fails.
        """
        special = dict.fromkeys(
            [
                Fraction(0),
                Fraction(1),
                *numeric.cuts,
                Fraction(1, 2),
                Fraction(1, 4),
                Fraction(3, 4),
            ]
        )
        for k in (4, 7, 10, 14, 20, 26, 34, 44, 56):
            step = Fraction(1, 1 << k)
            for x in special:
                neighbours = [
                    y for y in (x, x - step, x + step, x - 2 * step, x + 2 * step) if 0 <= y <= 1
                ]
                for p, q in product(neighbours, neighbours):
                    gain = numeric.expected(p, q) - numeric.expected(p, p)
                    if p != q and (gain > least or (least < 0 and math.isnan(gain))):
                        yield p, q

    def _across_jumps(self, numeric: Numeric) -> Iterator[tuple[Fraction, Fraction]]:
        """Pairs around a jump that a report across it is paid for, however little it is.

        If U(b, .) rises by j there, the payoffs by d0 and d1, and the weight is w next to it, then
        at a distance s the gain is j - s |d1 - d0| - 2 s^2 w or more; without j, a truth on the
        side where d1 - d0 pays gains s |d1 - d0| - 2 s^2 w.
        """
        for point in numeric.points:
            b = nearby(point, _DIGITS // 2)
            paid, size = self._sides(numeric, point)
            for here, there in permutations(paid, 2):
                with suppress(Rejected, Undetermined):
                    d0, d1 = (y - x for x, y in zip(paid[here], paid[there], strict=True))
                    turn = enclosed(expand(d1 - d0), b)
                    rise = enclosed(expand(point * d1 + (ONE - point) * d0), b)
                    gain, most = (rise, max(size, abs(turn))) if rise else (here * turn, size)
                    if gain > 0:
                        step = nearest_power(gain / max(most, gain)) / 16
                        at = b if const(b) == point else round(b / step * 16) * step / 16
                        yield at + here * step, at + there * step

    @staticmethod
    def _sides(numeric: Numeric, point: Expression) -> tuple[dict[int, list[Expression]], Fraction]:
        """Payoffs before, at and after a point, and the size of the slopes next to it."""
        paid: dict[int, list[Expression]] = {}
        size, b = Fraction(0), nearby(point)
        for side in (-1, 1, 0):
            with suppress(Rejected, Undetermined):
                if side:
                    piece = numeric.piece(b, side)
                    smooth = [piece.smooth(payoff) for payoff in numeric.subject.payoffs]
                    size = max(size, *(abs(enclosed(derivative(f), b)) for f in smooth))
                    limits = [limit(f, point, piece.region) for f in smooth]
                else:
                    limits = [numeric.subject.payoff(point, c) for c in (0, 1)]
                found = [x for x in limits if isinstance(x, Expression)]
                if len(found) == 2 and (side or const(b) == point):
                    paid[side] = found
        return paid, size

    def tie(self) -> Certificate | None:
        """A certificate with p != q such that U(p, q) = U(p, p) exactly."""
        for numeric in self.numerics:
            points = [Fraction(0), *numeric.cuts, Fraction(1)]
            for low, high in pairwise(points):
                third = (high - low) / 3
                for p in (Fraction(1, 2), (low + high) / 2, low + third, low, high):
                    for q in ((low + high) / 2, low + third, high - third):
                        if p == q or not numeric.ties(p, q):
                            continue
                        if certificate := self._try("not strictly proper", numeric, p=p, q=q):
                            return certificate
        return None

    def not_jointly_optimal(self) -> Certificate | None:
        """A certificate that V(p) < V(0): a deliberately wrong answer with q = 0 is better."""
        small = [Fraction(1, 10**k) for k in (2, 3, 4, 6, 8)]
        highs = [*_SIMPLE, *(Fraction(n, 100) for n in range(1, 100)), *small]
        for numeric in self.numerics:
            nothing = numeric.expected(Fraction(0), Fraction(0))
            gains = {p: nothing - numeric.expected(p, p) for p in highs}
            simple = max(
                (p for p in _SIMPLE if gains[p] > 1e-6), key=lambda p: gains[p], default=None
            )
            ordered = [simple] if simple is not None else []
            ordered += sorted((p for p in highs if gains[p] > 0), key=lambda p: -gains[p])[:2]
            ordered += [Fraction(1, 1 << k) for k in (10, 20, 30, 45, 60, 90, 150, 250)]
            for p in ordered:
                if not numeric.earns_more(Fraction(0), Fraction(0), p):
                    continue
                numbers = {"p_low": Fraction(0), "q_low": Fraction(0), "p_high": p}
                if certificate := self._try("not jointly optimal", numeric, **numbers):
                    return certificate
        return None
