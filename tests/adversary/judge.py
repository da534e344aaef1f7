"""What is true of a random reward, found by trying: it knows falsity, not truth, and shares no code
with the package.

Reports are tried on a grid that is dense next to 0, 1, and every number and cut that the generator
used. A verdict is *wrong* if a report on the grid contradicts it, a witness does not do what is
claimed of it, or a figure (margin, critical weight, failure thresholds, range) is not what the
payoffs say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import isfinite, isinf, isnan, log10
from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.adversary.language import Payoff, Reward, TooHardError, Tree, UndefinedError, nodes, real

STEPS = tuple(Fraction(1, 10**k) for k in (2, 5, 9, 13))
COARSE = tuple(Fraction(n, 41) for n in range(1, 41))
CLAIMS = ("proper", "strictly proper", "jointly optimal")


def digits_for(reward: Reward) -> int:
    """A precision in which the smallest coefficient is seen beside the largest."""
    sizes = [abs(n.value) for n in nodes(reward.formula) if n.op == "number" and n.value]
    spread = sum(
        abs(int(log10(x.numerator) - log10(x.denominator))) for x in sizes if not 1e-8 < x < 1e8
    )
    return 60 + min(2 * spread, 900)


def _constants(node: Tree) -> Iterator[Tree]:
    """The largest parts without q and c."""
    if not any(part.name in ("q", "c") for part in nodes(node)):
        yield node
        return
    for part in node.args:
        yield from _constants(part)


class Truth:
    """The payoffs of a reward at fixed parameters."""

    def __init__(self, reward: Reward, values: Mapping[str, Fraction], more: int = 0) -> None:
        self.reward, self.extra = reward, more
        self.digits = digits_for(reward) + more
        self.values = values
        with mp.workdps(self.digits):
            self.payoffs = [Payoff(reward.formula, c, values) for c in (0, 1)]
            self.special = self._special(reward)
        self.known: dict[tuple[Fraction, int], mpf] = {}
        self.earned: dict[tuple[Fraction, Fraction], mpf] = {}

    def _special(self, reward: Reward) -> list[Fraction]:
        numbers = {n.value for n in nodes(reward.formula) if n.op == "number"} | set(
            self.values.values()
        )
        for cut in {*reward.cuts, *_constants(reward.formula)}:
            try:
                at = real(Payoff(cut, 0, self.values)(Fraction(1, 2)))
                numbers.add(
                    Fraction(int(at * 10**30), 10**30)
                    if mp.isfinite(at) and abs(at) < 2
                    else Fraction(0)
                )
            except (UndefinedError, TooHardError):
                continue
        inside = {x for y in numbers for x in (y, 1 - y) if 0 < x < 1}
        return sorted(inside, key=lambda x: min(x, 1 - x), reverse=True)[:10]

    def payoff(self, q: Fraction, correct: int) -> mpf:
        """R(q, c); NaN where it has no value."""
        if (q, correct) not in self.known:
            with mp.workdps(self.digits + len(str(q.denominator))):  # 1 - q is not 1
                try:
                    self.known[q, correct] = self.payoffs[correct](q)
                except UndefinedError:
                    self.known[q, correct] = mp.nan
        return self.known[q, correct]

    def expected(self, p: Fraction, q: Fraction) -> mpf:
        """U(p, q); an outcome of probability 0 counts 0."""
        if (p, q) not in self.earned:
            with mp.workdps(self.digits):
                parts = [real(x) * self.payoff(q, c) for x, c in ((p, 1), (1 - p, 0)) if x]
                self.earned[p, q] = sum(parts[1:], parts[0])
        return self.earned[p, q]

    @cached_property
    def grid(self) -> list[Fraction]:
        ends = [Fraction(0), Fraction(1), *self.special]
        near = {x + sign * step for x in ends for step in STEPS for sign in (-1, 1)}
        return sorted({*COARSE, *ends, *(x for x in near if 0 <= x <= 1)})

    def _slack(self, *reports: tuple[Fraction, Fraction]) -> mpf:
        """What rounding can do to U at these (p, q)."""
        with mp.workdps(self.digits):
            sizes = [mpf(0)]
            for p, q in reports:
                sizes += [real(x) * abs(self.payoff(q, c)) for x, c in ((p, 1), (1 - p, 0)) if x]
            return max((x for x in sizes if mp.isfinite(x)), default=mpf(0)) * mpf(10) ** (
                14 - self.digits
            )

    def gain(self, p: Fraction, q: Fraction) -> int:
        """The sign of U(p, q) - U(p, p); 0 also where it is open."""
        other, honest = self.expected(p, q), self.expected(p, p)
        with mp.workdps(self.digits):
            gap = other - honest
            return (
                0
                if mp.isnan(gap) or abs(gap) <= self._slack((p, q), (p, p))
                else (1 if gap > 0 else -1)
            )

    def _earns_more(self, p: Fraction, q: Fraction) -> bool:
        """The same question where the answer is almost always no."""
        return bool(self.expected(p, q) > self.expected(p, p)) and self.gain(p, q) > 0

    def ties(self, p: Fraction, q: Fraction) -> bool:
        """Whether U(p, q) = U(p, p), both finite, up to rounding."""
        finite = mp.isfinite(self.expected(p, q)) and mp.isfinite(self.expected(p, p))
        return bool(finite) and self.gain(p, q) == 0

    def _pairs(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Neighbours on the grid, and for each p the report that floats prefer."""
        for i, p in enumerate(self.grid):
            yield from ((p, q) for q in self.grid[max(0, i - 1) : i + 2] if q != p)
        floats = np.array([[float(self.payoff(q, c)) for q in self.grid] for c in (0, 1)])
        floats = np.where(np.isnan(floats), -np.inf, floats)
        for i, p in enumerate(self.grid):
            parts = [
                float(x) * floats[c] if x else np.zeros(len(self.grid))
                for x, c in ((1 - p, 0), (p, 1))
            ]
            with np.errstate(invalid="ignore"):
                total = np.nan_to_num(
                    parts[0] + parts[1], nan=-np.inf, posinf=np.inf, neginf=-np.inf
                )
            total[i] = -np.inf
            yield p, self.grid[int(np.argmax(total))]

    @cached_property
    def lie(self) -> tuple[Fraction, Fraction] | None:
        """P and q with U(p, q) > U(p, p)."""
        found = ((p, q) for p, q in self._pairs() if self._earns_more(p, q))
        return next((pair for pair in found if self._lasts(*pair)), None)

    def _lasts(self, p: Fraction, q: Fraction) -> bool:
        """Whether a gain stays what it is with more digits: payoffs may cancel inside."""
        finer = truth_of(self.reward, self.values, self.extra + 150)
        gains = [each.expected(p, q) - each.expected(p, p) for each in (self, finer)]
        if not all(map(mp.isfinite, gains)):
            return finer.gain(p, q) > 0
        return bool(abs(gains[1] - gains[0]) <= abs(gains[0]) / 2)

    @cached_property
    def tie(self) -> tuple[Fraction, Fraction] | None:
        """P and a q away from it with U(p, q) = U(p, p)."""
        apart = ((p, q) for p, q in self._pairs() if abs(p - q) > Fraction(1, 200))
        return next(((p, q) for p, q in apart if self.ties(p, q)), None)

    @cached_property
    def fall(self) -> tuple[Fraction, Fraction] | None:
        """P < r with U(p, p) > U(r, r), so that the worse of two honest answers earns more."""
        best, at = -mp.inf, Fraction(0)
        for p in self.grid:
            value = self.expected(p, p)
            if value < best and best - value > self._slack((p, p), (at, at)):
                return at, p
            if value > best:
                best, at = value, p
        return None

    @cached_property
    def margin(self) -> tuple[mpf, mpf]:
        """R(0+, 1) - R(0, 0), and how far off that may be."""
        with mp.workdps(self.digits):
            nothing = self.payoff(Fraction(0), 0)
            near = self.payoffs[1].limit(Fraction(0))
            unsure = self.payoffs[1].unsure + self._slack(
                (Fraction(1, 2), Fraction(0)), (Fraction(0), Fraction(0))
            )
            return near - nothing, mpf(0) if mp.isinf(near) else unsure


def instances(
    reward: Reward,
    fixed: Mapping[str, Fraction] | None = None,
    most: int = 5,
    more: int = 0,
) -> list[Truth]:
    """The reward at some values of its free parameters, or at those that are given, with so many
    more digits than its numbers need.
    """
    fixed = fixed or {}
    spans = reward.domains
    combined = list(product(*([fixed[k]] if k in fixed else spans[k].inside() for k in spans)))
    chosen = combined[:: max(1, len(combined) // most)][:most]
    return [truth_of(reward, dict(zip(spans, values, strict=True)), more) for values in chosen]


def truth_of(reward: Reward, values: Mapping[str, Fraction], more: int) -> Truth:
    """The reward at these values, with all that is known of it."""
    key = (more, *sorted(values.items()))
    if key not in reward.memory:
        reward.memory[key] = Truth(reward, values, more)
    found: Truth = reward.memory[key]
    return found


def witness_fault(reward: Reward, certificate: Mapping[str, Any]) -> str:
    """What is wrong with the numbers of a refutation.

    A parameter without a value may have any: the refutation must hold for all that are tried.
    """
    values = {k: Fraction(x) for k, x in certificate.get("values", {}).items()}
    if any(not reward.domains[k].contains(x) for k, x in values.items() if k in reward.domains):
        return f"{values} are not in the domains"
    names = ("p_low", "p_high", "q_low") if "p_low" in certificate else ("p", "p", "q")
    low, high, q = (Fraction(certificate[k]) for k in names)
    # At p = 2^-250 a payoff of order 1 needs hundreds of digits to show what is gained.
    more = 2 * max(len(str(x.denominator)) for x in (low, high, q))
    found = (
        _witness_fault(truth, certificate["claim"], low, high, q)
        for truth in instances(reward, values, more=more if more > 20 else 0)
    )
    return next(filter(None, found), "")


def _witness_fault(truth: Truth, claim: str, low: Fraction, high: Fraction, q: Fraction) -> str:
    at = dict(truth.values)
    if claim == "not jointly optimal":
        with mp.workdps(truth.digits):
            gap = truth.expected(low, q) - truth.expected(high, high)
            if mp.isnan(gap):
                raise TooHardError
            more = gap > truth._slack((low, q), (high, high))
        if low <= high and more:
            return ""
        return f"at {at}, {low}, {q}, {high}: the worse answer does not earn more"
    if claim == "not proper":
        return "" if truth.gain(low, q) > 0 else f"at {at}, p = {low}: {q} does not earn more"
    tied = low != q and truth.ties(low, q)
    return "" if tied else f"at {at}, p = {low}: {q} does not tie"


def false_claim(reward: Reward, certificate: Mapping[str, Any]) -> str:
    """What brute force has to say against a certificate; nothing where it agrees or cannot tell."""
    claim = certificate["claim"]
    if claim in ("not proper", "not strictly proper", "not jointly optimal"):
        return witness_fault(reward, certificate)
    for truth in instances(reward):
        with mp.workdps(truth.digits):
            found = _against(claim, truth, certificate)
        if found:
            return f"at {dict(truth.values)} it is not {claim}: {found}"
    return ""


def _against(claim: str, truth: Truth, certificate: Mapping[str, Any]) -> object:
    zero = Fraction(0)
    match claim:
        case "proper":
            return truth.lie
        case "strictly proper":
            return truth.lie or truth.tie
        case "jointly optimal":
            return truth.lie or truth.fall
        case "jointly optimal nowhere":
            return truth.margin[0] > truth.margin[1]
        case "accuracy rewarded" if "q0" not in certificate:
            grid = [(q, truth.payoff(q, 1) - truth.payoff(q, 0)) for q in truth.grid]
            below = [q for q, gap in grid if gap < -truth._slack((Fraction(1, 2), q))]
            return f"R(q, 1) < R(q, 0) at {below[0]}" if below else None
        case "accuracy rewarded":
            q0 = Fraction(certificate["q0"])
            wrong, right = truth.payoff(q0, 0), truth.payoff(q0, 1)
            slack = truth._slack((zero, q0))
            better = [
                q
                for q in truth.grid
                if truth.payoff(q, 0) > wrong + slack + truth._slack((zero, q))
            ]
            return f"q0 = {q0}, {better[:1]}" if better or right < wrong - slack else None
        case "accuracy not rewarded":
            low, high, q = (Fraction(certificate[k]) for k in ("p_low", "p_high", "q_low"))
            reached = truth.expected(low, q)
            beaten = [x for x in truth.grid if truth.expected(high, x) >= reached]
            return f"{beaten[:1]} earn as much" if beaten or low >= high else None
        case "failure thresholds":
            return truth.lie or thresholds_fault(
                truth, *(tuple(map(Fraction, certificate[k])) for k in ("local", "global"))
            )
    raise AssertionError(claim)


def thresholds_fault(truth: Truth, *enclosures: tuple[Fraction, ...]) -> str:
    """Where V turns, and where it is back at V(0), against two enclosures (low, high)."""
    signs = (("local", _rise), ("global", _regained))
    for (kind, sign), (low, high) in zip(signs, enclosures, strict=True):
        falls_high, rises_low = (
            0 < p < 1 and sign(truth, p) == against for p, against in ((high, -1), (low, 1))
        )
        if low >= high or falls_high or rises_low:
            return f"the {kind} threshold is not between {low} and {high}"
    return ""


def _rise(truth: Truth, p: Fraction) -> int:
    """The sign of R(p, 1) - R(p, 0)."""
    return _sign_of(truth, p, lambda right, wrong, _: right - wrong)


def _regained(truth: Truth, p: Fraction) -> int:
    """The sign of V(p) - V(0)."""
    return _sign_of(
        truth, p, lambda right, wrong, start: real(p) * right + (1 - real(p)) * wrong - start
    )


def _sign_of(truth: Truth, p: Fraction, gap: Callable[[mpf, mpf, mpf], mpf]) -> int:
    """The sign of a combination of R(p, 1), R(p, 0) and R(0, 0); 0 where digits do not tell.

    At p = 1e-300 a payoff of order 1 needs hundreds of digits.
    """
    with mp.workdps(truth.digits + 2 * len(str(p.denominator))):
        try:
            paid = [truth.payoffs[c](q) for c, q in ((1, p), (0, p), (0, Fraction(0)))]
        except UndefinedError:
            return 0
        found = gap(*paid)
        size = max((abs(x) for x in paid if mp.isfinite(x)), default=mpf(0))
        if mp.isnan(found) or abs(found) <= size * mpf(10) ** (14 - mp.dps):
            return 0
        return 1 if found > 0 else -1


def _close(value: float, found: mpf, *, within: float = 1e-9) -> bool:
    if isinf(value) or mp.isinf(found):
        # a finite value beyond floats is shown as infinite, too
        return (
            isinf(value) and (mp.isinf(found) or abs(found) > 1e300) and (value > 0) == (found > 0)
        )
    return bool(abs(mpf(value) - found) <= within * max(abs(mpf(value)), abs(found)) + mpf(5e-324))


def figures_fault(reward: Reward, report: Any) -> str:
    """A margin, critical weight, failure threshold or range of a report that the payoffs
    contradict.
    """
    if report.proper.status != "proved" or any(d.low != d.high for d in reward.domains.values()):
        return ""
    (truth,) = instances(reward)
    return (
        _margin_fault(truth, report)
        or _weight_fault(truth, report)
        or _turns_fault(truth, report)
        or _range_fault(truth, report)
    )


def _margin_fault(truth: Truth, report: Any) -> str:
    stated, (found, unsure) = report.accuracy_margin, truth.margin
    if stated is None or isnan(stated.value):
        return ""
    with mp.workdps(truth.digits):
        if mp.isfinite(found) and isfinite(stated.value) and abs(found - stated.value) <= unsure:
            return ""
        return (
            ""
            if _close(stated.value, found)
            else f"the margin is {mp.nstr(found)}, not {stated.exact}"
        )


def _weight_fault(truth: Truth, report: Any) -> str:
    stated, (margin, unsure) = report.critical_weight, truth.margin
    if stated is None or report.weight_parameter is not None or isnan(stated.value):
        return ""
    with mp.workdps(truth.digits):
        sure, nothing = truth.payoff(Fraction(1), 1), truth.payoff(Fraction(0), 0)
        rounding = truth._slack((Fraction(1), Fraction(1)), (Fraction(0), Fraction(0)))
        if 0 < sure - nothing <= rounding:
            return ""
        score = (
            sure <= nothing
        )  # S = R where nothing in R rewards accuracy, V(1) <= V(0); S = R - c otherwise
        loss = -margin if score else 1 - margin  # S(0, 0) - S(0+, 1)
        room = mpf(10) ** (20 - truth.digits) * (1 + abs(margin) if mp.isfinite(margin) else 1)
        if mp.isfinite(loss) and unsure > max(room, abs(loss) * mpf(10) ** -12):
            return ""
        right = mp.inf if loss <= room else mpf(0) if mp.isinf(loss) else 1 / loss
        return (
            ""
            if _close(stated.value, right)
            else f"the critical weight is {mp.nstr(right)}, not {stated.exact}"
        )


def _turns_fault(truth: Truth, report: Any) -> str:
    stated = (report.local_failure_below, report.global_failure_below)
    if any(x is None or isnan(x.value) or not 1e-300 < x.value < 1 for x in stated):
        return ""
    hair = Fraction(1, 10**9)
    sides = [(Fraction(x.value) * (1 - hair), Fraction(x.value) * (1 + hair)) for x in stated]
    with mp.workdps(truth.digits):
        return thresholds_fault(truth, *sides)


def _range_fault(truth: Truth, report: Any) -> str:
    if report.range is None:
        return ""
    low, high = (end.value for end in report.range)
    with mp.workdps(truth.digits):
        paid = [
            x
            for q in truth.grid
            for x in (truth.payoff(q, 0), truth.payoff(q, 1))
            if not mp.isnan(x)
        ]
        size = max((abs(x) for x in paid if mp.isfinite(x)), default=mpf(0)) * mpf(10) ** -12
        if isnan(low) or isnan(high):
            return ""
        if min(paid) < low - size or max(paid) > high + size:
            return f"{mp.nstr(min(paid))} and {mp.nstr(max(paid))} are not both in [{low}, {high}]"
        short = max(min(paid) - low, high - max(paid))
        wide = mpf(high) - mpf(low)
        if mp.isfinite(wide) and short > wide / 20 + size:
            return f"{mp.nstr(min(paid))} to {mp.nstr(max(paid))} do not reach [{low}, {high}]"
    return ""


def report_fault(reward: Reward, report: Any) -> str:
    """The first thing in a report that is wrong."""
    order = [report.proper.status, report.strictly_proper.status, report.jointly_optimal.status]
    if order[0] == "refuted" and "proved" in order[1:]:
        return f"verdicts contradict each other: {order}"
    if report.jointly_optimal.status == "proved" and report.accuracy_rewarded.status == "refuted":
        return "jointly optimal, but accuracy is not rewarded"
    for verdict in (
        report.proper,
        report.strictly_proper,
        report.jointly_optimal,
        report.accuracy_rewarded,
    ):
        if verdict.status != "undecided" and verdict.certificate is None:
            return f"{verdict.status} without a certificate: {verdict.reason}"
    for certificate in report.certificates:
        if why := false_claim(reward, certificate):
            return why
    return figures_fault(reward, report)
