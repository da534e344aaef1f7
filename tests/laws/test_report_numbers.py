"""The numbers of a report are those of brute force, which knows nothing of weights, margins or
derivatives.

V is the best of all reports on a grid, in 50 digits; every number is compared with what it says
about V: where V falls, where it is back at V(0), how steep it is at 0, what a weight does to that
slope, which report attains it.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from proofs.kernel.formula import parse
from proofs.quantity import Quantity
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking import Report, check
from scoring_theory.reward import Reward
from tests.support.brute_force import DIGITS, Truth, evaluate, number, truths
from tests.support.examples import examples
from tests.support.random_rewards import PLAIN, from_weight, parametric, parametric_cut

H = Fraction(1, 10**24)
"""A success probability next to 0: payoffs like q^(1/3) are within 1e-8 of their limits there."""
CLOSE = mpf(10) ** -6
PS = [Fraction(2 * n + 1, 74) for n in range(37)]
"""Success probabilities at which no drawn rule changes its branch."""
PHASES = (Phase.explicit, Phase.generate)
"""A formula names itself; to shrink it takes minutes."""


def text_value(text: str, **names: mpf) -> mpf:
    return evaluate(parse(text, list(names)), names, names)


def close(told: mpf, true: mpf) -> bool:
    return bool(told == true or abs(told - true) <= CLOSE * (1 + abs(true)))


class Oracle(Truth):
    """Brute force about V, the best that any report earns."""

    def __init__(self, formula: str, parameters: dict[str, str]) -> None:
        super().__init__(formula, parameters)
        grid = sorted({*self.grid, *(Fraction(n, 200) for n in range(201)), H})
        table = [(q, self.payoff(q, 1), self.payoff(q, 0)) for q in grid]
        self.table = [row for row in table if not any(map(mp.isnan, row[1:]))]
        self.right, self.wrong = (np.array([float(row[i]) for row in self.table]) for i in (1, 2))
        self.nothing = max(wrong for _, _, wrong in self.table)
        self.best_paid: dict[Fraction, mpf] = {}

    def value(self, p: Fraction) -> mpf:
        """V(p) over the grid and p itself."""
        if p not in self.best_paid:
            x = float(p)
            with np.errstate(invalid="ignore"):
                earned = (x * self.right if p else 0.0) + ((1 - x) * self.wrong if p < 1 else 0.0)
            most = np.nanmax(earned)
            rivals = np.flatnonzero(
                earned >= most - 1e-9 * (1 + abs(most)) if np.isfinite(most) else earned == most
            )
            found = (self.expected(p, q) for q in (p, *(self.table[i][0] for i in rivals)))
            self.best_paid[p] = max(u for u in found if not mp.isnan(u))
        return self.best_paid[p]

    def slope(self, h: Fraction = H) -> mpf:
        """The slope of V at 0, as a chord."""
        return (self.value(h) - self.nothing) / number(h)

    def plunges(self) -> bool:
        """Whether V falls from 0 with infinite slope, as far as a chord a thousand million times as
        long tells.
        """
        return bool(self.slope() < self.slope(10**9 * H) - mpf(1) / 10)


def margin_is(told: Quantity, truth: Oracle) -> bool:
    if told.exact == "-inf":
        return truth.plunges()
    return close(mpf(told.value), truth.slope())


def weight_is(told: Quantity, truth: Oracle) -> bool:
    """V of c + lam S rises from 0 for lam just below lam*, and falls just above; S = R if V(1) <=
    V(0), else R - c.
    """
    held = 0 if truth.value(Fraction(1)) <= truth.nothing else 1

    def rise(lam: mpf) -> mpf:
        return 1 + lam * (truth.slope() - held)

    if told.exact == "inf":
        return bool(rise(mpf(10) ** 6) > -1)
    if told.exact == "0":
        return truth.plunges()
    lam = mpf(told.value)
    return bool(rise(lam * (1 - CLOSE)) > 0 > rise(lam * (1 + CLOSE)))


def falls_up_to(told: Quantity | None, truth: Oracle) -> bool:
    """V is strictly falling up to there and nowhere after it."""
    at = Fraction(0) if told is None else Fraction(told.value)
    step, slack = Fraction(1, 10**5), mpf(10) ** -35
    points = sorted(
        {
            Fraction(0),
            *PS,
            Fraction(1),
            *(at + n * step for n in (-1, 0, 1, 2) if 0 <= at + n * step <= 1),
        }
    )
    before = [
        truth.value(p) for p in points if p <= at and at > H
    ]  # what falls below 10^-24 is lost in 50 digits
    after = [truth.value(p) for p in points if p > at]
    return all(a > b for a, b in pairwise(before)) and all(
        a <= b + slack for a, b in pairwise(after)
    )


def regained_at(told: Quantity | None, truth: Oracle) -> bool:
    """V is below V(0) up to there, and not below it after."""
    at, step = Fraction(0) if told is None else Fraction(told.value), Fraction(1, 10**9)
    below = [p for p in (*PS, at - step) if 0 < p < at - step / 2]
    above = [p for p in (*PS, at + step) if at + step / 2 < p <= 1]
    return all(truth.value(p) < truth.nothing for p in below) and all(
        truth.value(p) >= truth.nothing - mpf(10) ** -35 for p in above
    )


def density_is(told: str, truth: Oracle) -> bool:
    """R1 rises by the integral of (1 - t) w, R0 falls by that of t w, with (1 - t) and t of every
    mass.
    """
    pieces: list[tuple[Fraction, Fraction, str]] = []
    masses: list[tuple[Fraction, mpf]] = []
    for part in told.split("; "):
        if found := re.fullmatch(r"mass (.+) at t = (.+)", part):
            masses.append((Fraction(found[2]), text_value(found[1])))
        else:
            text, _, where = part.partition(" on ")
            low, high = where.strip("()").split(", ") if where else ("0", "1")
            pieces.append((Fraction(low), Fraction(high), text))
    for a, b in ((Fraction(1, 23), Fraction(11, 23)), (Fraction(11, 23), Fraction(22, 23))):
        for correct, share in ((1, lambda t: 1 - t), (0, lambda t: -t)):
            change = sum((share(number(t)) * m for t, m in masses if a < t < b), mpf(0))
            for start, end, text in pieces:
                change += integral(text, share, max(a, start), min(b, end))
            if not close(change, truth.payoff(b, correct) - truth.payoff(a, correct)):
                return False
    return True


def integral(text: str, share: Callable[[mpf], mpf], low: Fraction, high: Fraction) -> mpf:
    if low >= high:
        return mpf(0)
    node = parse(text, ["t"])
    with mpmath.workdps(15):
        return mpmath.quad(
            lambda t: share(t) * evaluate(node, {"t": t}, {"t": t}), [number(low), number(high)]
        )


def report_at(told: str, p: Fraction) -> Fraction | None:
    """What a text of best reports says at p; nothing at a switching point."""
    if told.startswith("measured: ") and " at p = " in told:
        points = (point.split(" at p = ") for point in told.removeprefix("measured: ").split(", "))
        return next((Fraction(q) for q, at in points if Fraction(at) == p), None)
    if " for every p" in told:
        return Fraction(told.removeprefix("measured: ").removesuffix(" for every p"))
    if " for " in told:
        for part in told.removeprefix("measured: ").split(", "):
            q, _, where = part.partition(" for ")
            if eval_condition(where, p):
                return Fraction(q)
        return None
    linear = told.removesuffix(", tied with other reports").removesuffix(", clipped to [0, 1]")
    with mpmath.workdps(DIGITS):
        at = Fraction(str(text_value(linear, p=number(p))))
    return min(max(at, Fraction(0)), Fraction(1)) if "clipped" in told else at


def eval_condition(text: str, p: Fraction) -> bool:
    return bool(text_value(text, p=number(p)))


def best_is(told: str, truth: Oracle, proper: bool) -> bool:
    """No report on the grid has a larger expected reward than the best report that is printed;
    a measured one is rounded to three digits.
    """
    loose = " at p = " in told
    ends = [Fraction(1, 10**5), 1 - Fraction(1, 10**5)]
    for p in [Fraction(n, 200) for n in (21, 61, 101, 141, 181)] if loose else PS + ends:
        q = report_at(told, p)
        if loose:
            assert q is not None
        if q is not None:
            near = (
                [q]
                if not loose
                else [x for x in (q, q - Fraction(1, 1000), q + Fraction(1, 1000)) if 0 <= x <= 1]
            )
            earned = max(u for u in (truth.expected(p, x) for x in near) if not mp.isnan(u))
            if earned < truth.value(p) - (mpf(10) ** -30 if not loose else mpf("0.02")):
                return False
    return True


def reaches(told: mpf, true: mpf) -> bool:
    """Whether a payoff 10^-100 inside an end is what is told; for an infinite one, is beyond 2."""
    return close(told, true) or bool(mp.isinf(told) and abs(true) > 2 and told * true > 0)


def range_is(told: tuple[Quantity, Quantity], truth: Oracle, proper: bool) -> bool:
    """Nothing on the grid (a coarse one, if it is measured) lies outside, and an exact end is
    reached.
    """
    coarse = [x for q, *pays in truth.table for x in pays if proper or (q * 100).denominator == 1]
    every = [x for _, *pays in truth.table for x in pays]
    low, high = (mpf(end.value) for end in told)
    slack = mpf(10) ** -12
    outside = min(coarse) < low - slack * (1 + abs(low)) or max(coarse) > high + slack * (
        1 + abs(high)
    )
    return not outside and (not proper or (reaches(low, min(every)) and reaches(high, max(every))))


def disagreements(report: Report, truth: Oracle) -> list[str]:
    """The numbers of a report that brute force contradicts, or misses."""
    proper = report.proper.status == "proved"
    found: dict[str, bool] = {}
    boundless = (
        report.range is not None and report.range[1].exact == "inf"
    )  # then any two such reports tie
    if report.best_report is not None and not boundless:
        found["best report"] = best_is(report.best_report, truth, proper)
    if report.range is not None:
        found["range"] = range_is(report.range, truth, proper)
    if proper:
        assert report.accuracy_margin is not None
        assert report.critical_weight is not None
        assert report.threshold_density is not None
        assert report.range is not None
        found["margin"] = margin_is(report.accuracy_margin, truth)
        found["weight"] = weight_is(report.critical_weight, truth)
        found["local"] = falls_up_to(report.local_failure_below, truth)
        found["global"] = regained_at(report.global_failure_below, truth)
        found["density"] = density_is(report.threshold_density, truth)
    for told in (
        report.accuracy_margin,
        report.critical_weight,
        report.local_failure_below,
        report.global_failure_below,
    ):
        if told is not None and "inf" not in told.exact:
            found[f"text {told.exact}"] = bool(
                abs(text_value(told.exact) - told.value) <= mpf(10) ** -12 * (1 + abs(told.value))
            )
    return [name for name, holds in found.items() if not holds]


checked = cache(check)


def judged(reward: str | Reward) -> list[str]:
    report = checked(reward) if isinstance(reward, str) else check(reward)
    with mpmath.workdps(DIGITS):
        return disagreements(report, Oracle(report.formula, report.reward.parameters))


@examples(30, phases=PHASES)
@given(st.randoms(use_true_random=False))
def test_numbers_of_drawn_rewards(rng: random.Random) -> None:
    formula = rng.choice(PLAIN)(rng)
    assert not judged(formula), formula


NUMBERS = [
    "c - 2*(q - c)^2",
    "c - 5*(q - c)^2",
    "c/2 - (q - c)^2",
    "c + c*log(q) + (1 - c)*log(1 - q)",
    "2*c + c*log(q) + (1 - c)*log(1 - q)",
    "c + 3*(q > 1/5)*(c - 1/5) - 3*(q - c)^2",
    "c - 2*(clip(q, 1/10, 4/5) - c)^2",
    "c - 3*(c*q^2 + (1 - c)*(1 - q)^2 - 1)*0 - 3*(q - c)^2",
    "c + 3*((c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2))",
    "c/4 + c*(q - q^2/2) - (1 - c)*q^2/2 - c/2",
    "c - (q - c)^2",
    "c",
    "c + 2*(c*(q - 1) + (1 - c)*(q + log(1 - q)))",
    "3*(q > 1/2)*(c - 1/2) - 3*(q - c)^2",
    "-(q > 1/5)*(1/5 - c) - c/2",
    "-3*c - (q - c)^2",
    "c + 0.6*(3*(c*q^2 + (1 - c)*(1 - q)^2) - 2*(q^3 + (1 - q)^3))",
    "c/3 + c*beta_cdf(q, 2, 3) - 2/5*beta_cdf(q, 3, 3) - c/2",
    "c + 1/4*(c*log(clip(q, 1/100, 99/100)) + (1 - c)*log(1 - clip(q, 1/100, 99/100)))",
    "c + 1/5*(c*log(clip(q, 1/100, 99/100)) + (1 - c)*log(1 - clip(q, 1/100, 99/100)))",
]


@pytest.mark.parametrize("formula", NUMBERS)
def test_numbers_of_proper_rewards(formula: str) -> None:
    assert checked(formula).proper.status == "proved"
    assert not judged(formula)


IMPROPER = [
    "c*(q - 1)",
    "c + 1/2*c*(q - 1/2)",
    "-abs(q - c)",
    "-abs(clip(q, 1/8, 7/8) - c)",
    "c - (0.5*c + 0.25 - q)^2/2",
    "c + log(1 - abs(q - c) + 0.01)",
    "(q > 1/4)*(c - 1/2) + (q > 3/4)*(c - 1/4)",
    "c - q/(1 - q)*(1 - c)",
    "c - (q - c)^2 + (q == 0)*c/100",  # rewards q = 0 for p < 1/100
    "c - (q - c)^2 + (q == 0)*c/10^4",
    "-(q > 1/10000)*(c - 11/10000)",
    "c + min(sqrt(q) - (q > 2/3), q^2)",  # the least is not known at 0
    "c - (q - c)^2 + (q < 1/1000000)*c",  # pays most just below a jump
    from_weight(
        [Fraction(-1, 2), Fraction(1)]
    ),  # w = t - 1/2: below 1/2 the truth is the worst report
]


@pytest.mark.parametrize("formula", IMPROPER)
def test_what_improper_rewards_invite(formula: str) -> None:
    assert checked(formula).best_report is not None
    assert not judged(formula)


@examples(10, phases=PHASES)
@given(st.randoms(use_true_random=False))
def test_texts_in_parameters_have_the_numbers_of_every_value(rng: random.Random) -> None:
    """Margin, weight and payoffs of the family, put in by hand, are those of its members, which
    brute force knows.
    """
    _, formula, domains = rng.choice((parametric, parametric_cut))(rng)
    family = check(formula, parameters=domains)
    if family.proper.status != "proved":
        return
    for values, _ in truths(formula, domains):
        member = check(formula, parameters=values)
        told = {"margin": (family.accuracy_margin, member.accuracy_margin)}
        told["least"], told["most"] = zip(
            family.range or (None,) * 2, member.range or (None,) * 2, strict=True
        )
        for what, (of_family, of_member) in told.items():
            if of_family is not None:
                assert of_member is not None
                assert close(text_at(of_family.exact, values), mpf(of_member.value)), (
                    what,
                    formula,
                    values,
                )
        if family.critical_weight is not None:
            assert member.critical_weight is not None
            typed = values.get(
                family.weight_parameter or "", Fraction(1)
            )  # as a weight of typed * S
            weight = text_at(family.critical_weight.exact, values)
            assert typed == 0 or close(weight / number(typed), mpf(member.critical_weight.value)), (
                formula,
                values,
            )


def text_at(text: str, values: dict[str, Fraction]) -> mpf:
    """A text in parameters at their values; an infinity is beyond 10^300."""
    with mpmath.workdps(DIGITS):
        found = text_value(
            re.sub(r"\binf\b", "10^400", text), **{name: number(x) for name, x in values.items()}
        )
    return found if abs(found) < mpf(10) ** 300 else mp.sign(found) * mp.inf


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_numbers_of_catalogued_and_published_rewards(name: str) -> None:
    assert not judged(CATALOGUE[name]())


@pytest.mark.parametrize(
    ("formula", "wrong"),
    [
        ("c - 2*(q - c)^2", {"accuracy_margin": Quantity("-1001/1000", -1.001)}),
        ("c - 2*(q - c)^2", {"critical_weight": Quantity("0.501", 0.501)}),
        ("c - 2*(q - c)^2", {"critical_weight": Quantity("0.499", 0.499)}),
        ("c - 2*(q - c)^2", {"local_failure_below": Quantity("0.251", 0.251)}),
        ("c - 2*(q - c)^2", {"local_failure_below": Quantity("0.249", 0.249)}),
        ("c - 2*(q - c)^2", {"local_failure_below": None}),
        ("c - 2*(q - c)^2", {"local_failure_below": Quantity("0.26", 0.25)}),
        ("c - 2*(q - c)^2", {"global_failure_below": Quantity("0.501", 0.501)}),
        ("c - 2*(q - c)^2", {"global_failure_below": Quantity("0.499", 0.499)}),
        ("c - 2*(q - c)^2", {"global_failure_below": None}),
        ("c - 2*(q - c)^2", {"threshold_density": "4.001"}),
        ("c - 2*(q - c)^2", {"threshold_density": "4; mass 1/1000 at t = 1/3"}),
        ("c - 2*(q - c)^2", {"range": (Quantity("-2", -2.0), Quantity("2", 2.0))}),
        ("c - 2*(q - c)^2", {"range": (Quantity("-1", -1.0), Quantity("1", 1.0))}),
        ("c - 2*(q - c)^2", {"best_report": "99/100*p"}),
        ("-abs(q - c)", {"best_report": "measured: 0 for p < 11/20, 1 for p > 11/20"}),
        ("-abs(q - c)", {"range": (Quantity("-1/2", -0.5), Quantity("0", 0.0))}),
        ("c + c*log(q) + (1 - c)*log(1 - q)", {"critical_weight": Quantity("1/1000", 0.001)}),
        ("c + c*log(q) + (1 - c)*log(1 - q)", {"accuracy_margin": Quantity("-10", -10.0)}),
        ("c - (q - c)^2", {"critical_weight": Quantity("inf", math.inf)}),
        ("-(q - c)^2", {"critical_weight": Quantity("1/2", 0.5)}),
        ("c - (q - c)^2", {"accuracy_margin": Quantity("-inf", -math.inf)}),
    ],
)
def test_a_number_that_is_off_is_seen(formula: str, wrong: dict[str, Any]) -> None:
    with mpmath.workdps(DIGITS):
        truth = Oracle(formula, {})
        assert disagreements(replace(check(formula), **wrong), truth)
