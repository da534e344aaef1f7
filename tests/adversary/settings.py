"""What is true of a random reward in a setting, found by trying: laws of a graded score, rates of
verifier errors, reports on a grid. It knows falsity, not truth, as `tests.adversary.judge` does.

A verdict that is proved is contradicted by a law, two answers, rates or levels that are tried; a
verdict that is refuted must have a witness that does what is claimed of it.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import isfinite, nan
from pathlib import Path
from random import Random
from typing import Any

from mpmath import mp, mpf

from proofs.search.prover import Prover
from scoring_theory.checking.abstention import abstention
from scoring_theory.checking.graded import graded
from scoring_theory.checking.grid import grid
from scoring_theory.checking.setting import Setting
from scoring_theory.checking.verifier_errors import verifier_errors
from scoring_theory.verdict import Verdict
from tests.adversary.judge import Truth
from tests.adversary.language import (
    C,
    Payoff,
    Q,
    Reward,
    Span,
    TooHardError,
    Tree,
    UndefinedError,
    call,
    put,
    real,
    tree,
)
from tests.adversary.rewards import BRIER, LOG, SPHERICAL, by_outcome, draw, plain, rational, unit
from tests.adversary.run import accepted

ZERO, ONE = Fraction(0), Fraction(1)
Law = list[tuple[Fraction, Fraction]]
Point = tuple[Law, Fraction]
"""A law of the score, and a report."""


FLOATS: Mapping[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b if a and b else 0.0,
    "/": lambda a, b: a / b if a else 0.0,
    "^": lambda a, b: math.pow(a, b),
    "neg": lambda a: -a,
    "abs": abs,
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "min": min,
    "max": max,
    "clip": lambda x, low, high: min(max(x, low), high),
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "and": lambda a, b: float(bool(a) and bool(b)),
    "or": lambda a, b: float(bool(a) or bool(b)),
    "not": lambda a: float(not a),
}


def compiled(node: Tree) -> Callable[[float], float]:
    """A tree in q as a function of a float; one that floats do not know gives NaN."""
    if node.op == "number":
        value = float(node.value)
        return lambda q: value
    if node.op == "name":
        return lambda q: q
    parts = [compiled(a) for a in node.args]
    if node.op == "if":
        condition, then, otherwise = parts
        return lambda q: then(q) if condition(q) else otherwise(q)
    if node.op not in FLOATS:
        return lambda q: nan
    apply = FLOATS[node.op]
    if len(parts) == 2 and node.op in ("*", "/"):
        left, right = parts
        return lambda q: apply(left(q), right(q)) if left(q) else 0.0
    return lambda q: apply(*(part(q) for part in parts))


class Scores(Truth):
    """The payoffs of a reward at fixed parameters, for scores between 0 and 1 as well."""

    def __init__(self, reward: Reward, values: Mapping[str, Fraction]) -> None:
        super().__init__(reward, values)
        self.reward = reward
        self.graded: dict[Fraction, Payoff] = {}
        self.fast: dict[Fraction, Callable[[float], float]] = {}

    def paid(self, q: Fraction, score: Fraction) -> mpf:
        """R(q, s); NaN where it has no value."""
        if score in (0, 1):
            return self.payoff(q, int(score))
        if score not in self.graded:
            self.graded[score] = Payoff(self.reward.formula, score, self.values)
        if (q, score) not in self.known:
            with mp.workdps(self.digits + len(str(q.denominator))):
                try:
                    self.known[q, score] = self.graded[score](q)
                except UndefinedError:
                    self.known[q, score] = mp.nan
        return self.known[q, score]

    def mean_reward(self, point: Point) -> mpf:
        """E R(q, s); a score of probability 0 counts 0."""
        law, q = point
        with mp.workdps(self.digits):
            parts = [real(x) * self.paid(q, s) for s, x in law if x]
            return sum(parts[1:], parts[0])

    def floats(self, q: Fraction, score: Fraction) -> float:
        """R(q, s) in floats, by closures; the ends are those of `paid`."""
        if q in (0, 1):
            return float(self.paid(q, score))
        if score not in self.fast:
            known = {"c": tree(score), **{key: tree(x) for key, x in self.values.items()}}
            self.fast[score] = compiled(put(self.reward.formula, known))
        try:
            return self.fast[score](float(q))
        except (ArithmeticError, ValueError):
            return nan

    def clearly_less(self, first: Point, second: Point) -> bool:
        """Whether floats leave no doubt that the first point does not earn more."""
        totals, size = [], 1e-300
        for law, q in (first, second):
            parts = [float(x) * self.floats(q, s) for s, x in law if x]
            totals.append(sum(parts))
            size = max(size, *map(abs, parts))
        return isfinite(size) and totals[0] < totals[1] - 1e-11 * size

    def more(self, first: Point, second: Point) -> int:
        """The sign of the difference of two mean rewards; 0 also where it is open."""
        if self.clearly_less(first, second):
            return -1
        with mp.workdps(self.digits):
            one, other = self.mean_reward(first), self.mean_reward(second)
            gap = one - other
            sizes = [abs(real(x) * self.paid(q, s)) for law, q in (first, second) for s, x in law]
            largest = max((x for x in sizes if mp.isfinite(x)), default=mpf(0))
            if mp.isnan(gap) or abs(gap) <= largest * mpf(10) ** (14 - self.digits):
                return 0
            return 1 if gap > 0 else -1


def mean(law: Law) -> Fraction:
    return sum((s * x for s, x in law), ZERO)


def bernoulli(p: Fraction) -> Law:
    return [(ZERO, 1 - p), (ONE, p)]


def instances(
    reward: Reward, rng: Random, fixed: Mapping[str, Fraction] | None = None
) -> list[Scores]:
    """The reward at two assignments of values to its parameters, or at those that are given."""
    spans, fixed = reward.domains, fixed or {}
    chosen = [
        {k: fixed[k] if k in fixed else rng.choice(d.inside()) for k, d in spans.items()}
        for _ in range(2 if len(fixed) < len(spans) else 1)
    ]
    return [Scores(reward, values) for values in chosen]


def _reports(truth: Truth, rng: Random, near: Sequence[Fraction] = ()) -> list[Fraction]:
    """Ends, cuts, what lies next to them, and some reports at random."""
    ends = [ZERO, ONE, *truth.special[:4], *near]
    step = Fraction(1, 10 ** rng.choice((3, 5, 8)))
    beside = [x + sign * step for x in ends for sign in (-1, 1)]
    free = [Fraction(rng.randint(1, 40), 41) for _ in range(5)]
    return sorted({x for x in (*ends, *beside, *free) if 0 <= x <= 1})


# ----------------------------------------------------------------------------------- graded scores


def _law(rng: Random, scores: Sequence[Fraction] | None) -> Law:
    """A law with one to four atoms."""
    pool = scores or [ZERO, ONE, *(Fraction(rng.randint(1, 23), 24) for _ in range(4))]
    atoms = rng.sample(list(pool), min(rng.randint(1, 4), len(pool)))
    weights = [rng.randint(1, 5) for _ in atoms]
    return [(s, Fraction(w, sum(weights))) for s, w in zip(atoms, weights, strict=True)]


def graded_fault(
    reward: Reward, setting: Setting, scores: Sequence[Fraction] | None, rng: Random
) -> str:
    """The first thing in the verdicts for graded scores that is wrong."""
    for name, verdict in setting.replaces.items():
        if verdict.status == "refuted":
            if why := _graded_witness(reward, verdict.certificate, rng):
                return f"{name}: {why}"
        elif verdict.status == "proved":
            for truth in instances(reward, rng):
                laws = [_law(rng, scores) for _ in range(7)]
                found = next(_graded_contradictions(name, truth, laws, rng), "")
                if found:
                    return f"at {dict(truth.values)} it is not {name}: {found}"
    return ""


def _graded_contradictions(
    name: str, truth: Scores, laws: Sequence[Law], rng: Random
) -> Iterator[str]:
    for law in laws:
        m = mean(law)
        for q in _reports(truth, rng, [m]):
            sign = truth.more((law, q), (law, m))
            if sign > 0:
                yield f"{law}: {q} earns more than {m}"
            finite = mp.isfinite(truth.mean_reward((law, m)))
            if name == "strictly proper" and sign == 0 and abs(q - m) > Fraction(1, 200) and finite:
                yield f"{law}: {q} earns as much as {m}"
    if name == "jointly optimal":
        both = [*laws, *(bernoulli(Fraction(k, 20)) for k in (0, 1, 5, 10))]
        pairs = [(a, b) for a in both for b in both if mean(a) <= mean(b)]
        for low, high in pairs:
            if truth.more((low, mean(low)), (high, mean(high))) > 0:
                yield f"{low} earns more than {high}"


def _graded_witness(reward: Reward, certificate: Mapping[str, Any] | None, rng: Random) -> str:
    if certificate is None:
        return "refuted without a certificate"
    values = {k: Fraction(x) for k, x in certificate.get("values", {}).items()}
    laws = {
        name: [(Fraction(s), Fraction(x)) for s, x in certificate[name]]
        for name in ("law", "low", "high")
        if name in certificate
    }
    if not laws:
        return _plain_witness(reward, certificate, values, rng)
    low, high = (laws.get(name, laws.get("law", [])) for name in ("low", "high"))
    if mean(low) > mean(high) or any(sum(x for _, x in law) != 1 for law in laws.values()):
        return f"{laws} are not laws in order"
    (truth,) = instances(reward, rng, values)[:1]
    more = truth.more((low, Fraction(certificate["q"])), (high, mean(high)))
    return "" if more > 0 else f"at {values}: {laws} with q = {certificate['q']} do not earn more"


# ---------------------------------------------------------------------------------- verifier errors


def shares(p: Fraction, rates: tuple[Fraction, Fraction]) -> Fraction:
    """The probability that the verifier accepts an answer of success probability p."""
    a, b = rates
    return p * (1 - b) + (1 - p) * a


def errors_fault(
    reward: Reward, setting: Setting, spans: tuple[Span, Span], by_answer: bool, rng: Random
) -> str:
    """The first thing in the verdicts under verifier errors that is wrong."""
    if setting.data["corrected_for_errors"]:
        return _mean_fault(reward, setting, spans, rng)
    for name, verdict in setting.replaces.items():
        if verdict.status == "refuted":
            if why := _errors_witness(reward, verdict.certificate, spans, by_answer, rng):
                return f"{name}: {why}"
        elif verdict.status == "proved":
            for truth in instances(reward, rng):
                found = next(_errors_contradictions(name, truth, spans, by_answer, rng), "")
                if found:
                    return f"at {dict(truth.values)} it is not {name}: {found}"
    return _errors_figures(reward, setting, rng)


def _errors_contradictions(
    name: str, truth: Scores, spans: tuple[Span, Span], by_answer: bool, rng: Random
) -> Iterator[str]:
    for _ in range(6):
        rates = rng.choice(spans[0].inside()), rng.choice(spans[1].inside())
        others = rates
        if by_answer:
            others = rng.choice(spans[0].inside()), rng.choice(spans[1].inside())
        step = Fraction(1, 10 ** rng.choice((1, 2, 4)))
        low = rng.choice((ZERO, ZERO, Fraction(rng.randint(0, 30), 31)))
        high = rng.choice((ONE, low + step * (1 - low), Fraction(1, 2) * (1 + low)))
        worse, better = shares(low, rates), shares(high, others)
        for q in _reports(truth, rng, [better]):
            if truth.more((bernoulli(better), q), (bernoulli(better), better)) > 0:
                yield f"{rates}: p = {high} gains by {q}"
        if name != "jointly optimal":
            continue
        for q in _reports(truth, rng, [worse]):
            if truth.more((bernoulli(worse), q), (bernoulli(better), better)) > 0:
                yield f"{rates}, {others}: p = {low} with {q} earns more than p = {high}"


def _errors_witness(
    reward: Reward,
    c: Mapping[str, Any] | None,
    spans: tuple[Span, Span],
    by_answer: bool,
    rng: Random,
) -> str:
    if c is None:
        return "refuted without a certificate"
    if c["claim"] == "jointly optimal nowhere":
        return ""
    if "rates" not in c and not by_answer:
        return "the rates of two answers differ"
    low, high = Fraction(c["p_low"]), Fraction(c["p_high"])
    pairs = [c["rates"]] * 2 if "rates" in c else [c["rates_low"], c["rates_high"]]
    rates = [(Fraction(a), Fraction(b)) for a, b in pairs]
    inside = all(span.contains(x) for pair in rates for span, x in zip(spans, pair, strict=True))
    if low > high or not inside:
        return f"{rates}, {low}, {high} are not allowed"
    values = {k: Fraction(x) for k, x in c.get("values", {}).items()}
    (truth,) = instances(reward, rng, values)[:1]
    worse, better = shares(low, rates[0]), shares(high, rates[1])
    first, second = (bernoulli(worse), Fraction(c["q_low"])), (bernoulli(better), better)
    return "" if truth.more(first, second) > 0 else f"at {values}, {rates}: it does not earn more"


def _errors_figures(reward: Reward, setting: Setting, rng: Random) -> str:
    """The critical weight against the slope of V next to a, and the thresholds against V."""
    if any(d.low != d.high for d in reward.domains.values()):
        return ""
    (truth,) = instances(reward, rng)[:1]
    for kind in ("local", "global"):
        stated = setting.data[f"{kind}_failure_below"]
        if stated is None or not isinstance(stated["value"], float):
            continue
        a, b = map(Fraction, setting.data["failure_at_rates"])
        rates = a, b
        at, hair = Fraction(stated["value"]), Fraction(1, 10**9)
        start = (bernoulli(rates[0]), rates[0])
        for p, sign in ((at * (1 - hair), 1), (at * (1 + hair), -1)):
            if not 0 < p < 1 or at < Fraction(1, 10**6):
                continue
            x = shares(p, rates)
            if kind == "global":
                wrong = truth.more(start, (bernoulli(x), x)) == -sign
            else:
                falls = truth.more(([(ZERO, ONE)], x), ([(ONE, ONE)], x))
                wrong = (falls if sum(rates) < 1 else -falls) == -sign
            if wrong:
                return f"the {kind} threshold is not {stated['exact']}"
    return ""


def _mean_fault(reward: Reward, setting: Setting, spans: tuple[Span, Span], rng: Random) -> str:
    """The verdicts on the mean of the reward over known errors, for the true p."""
    a, b = (span.low or ZERO for span in spans)
    for name, verdict in setting.replaces.items():
        for truth in instances(reward, rng) if verdict.status == "proved" else []:
            for _ in range(8):
                low, high = sorted(Fraction(rng.randint(0, 20), 20) for _ in range(2))
                worse, better = shares(low, (a, b)), shares(high, (a, b))
                for q in _reports(truth, rng):
                    own = truth.more((bernoulli(better), q), (bernoulli(better), high))
                    other = truth.more((bernoulli(worse), q), (bernoulli(better), high))
                    if own > 0 or (name == "jointly optimal" and other > 0):
                        return f"corrected, {name}: {low} or {high} gains by {q}"
    return ""


def _plain_witness(
    reward: Reward, certificate: Mapping[str, Any], values: Mapping[str, Fraction], rng: Random
) -> str:
    """A tie, or a counterexample, with outcomes of 0 and 1."""
    if certificate["claim"] == "jointly optimal nowhere":
        return ""
    (truth,) = instances(reward, rng, values)[:1]
    p, q = Fraction(certificate["p"]), Fraction(certificate["q"])
    tied = truth.more((bernoulli(p), q), (bernoulli(p), p)) == 0
    return "" if p != q and tied else f"at {values}, p = {p}: {q} does not tie"


# ------------------------------------------------------------------------------- reports on a grid


def grid_fault(reward: Reward, setting: Setting, levels: Sequence[Fraction], rng: Random) -> str:
    """The first thing in the verdicts for reports on a grid that is wrong."""
    for name, verdict in setting.replaces.items():
        if verdict.status == "refuted":
            if why := _grid_witness(reward, verdict.certificate, levels, rng):
                return f"{name}: {why}"
        elif verdict.status == "proved":
            for truth in instances(reward, rng):
                found = next(_grid_contradictions(name, truth, levels, rng), "")
                if found:
                    return f"at {dict(truth.values)} it is not {name}: {found}"
    return _grid_figures(reward, setting, levels, rng)


def _next_to(p: Fraction, levels: Sequence[Fraction]) -> list[Fraction]:
    """The levels next to p, or p itself."""
    below = [q for q in levels if q <= p][-1:]
    return below if below == [p] else [*below, *[q for q in levels if q > p][:1]]


def _best(truth: Scores, p: Fraction, among: Sequence[Fraction]) -> Point:
    """A report among some with the largest expected reward, with p as a law."""
    law = bernoulli(p)
    best = among[0]
    for q in among[1:]:
        better = truth.more((law, q), (law, best))
        if better > 0 or mp.isnan(truth.mean_reward((law, best))):
            best = q
    return law, best


def _some(levels: Sequence[Fraction], rng: Random, near: Sequence[Fraction]) -> list[Fraction]:
    """All levels of a short grid; of a long one those that are named, ends, and some at random."""
    if len(levels) <= 12:
        return list(levels)
    return sorted({*near, *levels[:2], *levels[-2:], *rng.sample(list(levels), 6)})


def _grid_contradictions(
    name: str, truth: Scores, levels: Sequence[Fraction], rng: Random
) -> Iterator[str]:
    places = [*rng.sample(list(levels), 2), *(Fraction(rng.randint(0, 60), 60) for _ in range(3))]
    for p in (*places, levels[0], levels[-1], ZERO, ONE):
        near = _next_to(p, levels)
        best = _best(truth, p, near)
        for q in _some(levels, rng, near):
            sign = truth.more((bernoulli(p), q), best)
            if sign > 0:
                yield f"p = {p}: {q} earns more than {near}"
            finite = mp.isfinite(truth.mean_reward(best))
            if name == "strictly proper" and sign == 0 and p in levels and q != p and finite:
                yield f"p = {p}: {q} ties"
    if name == "jointly optimal":
        tiny = Fraction(1, 10 ** rng.choice((2, 4, 9)))
        for low, high in ((ZERO, tiny), (tiny, 2 * tiny), (ZERO, Fraction(1, 3)), (ZERO, ONE)):
            worse, better = (_best(truth, p, levels[:12] + levels[-3:]) for p in (low, high))
            if len(levels) <= 15 and truth.more(worse, better) > 0:
                yield f"p = {low} earns more than p = {high}"


def _grid_witness(
    reward: Reward, c: Mapping[str, Any] | None, levels: Sequence[Fraction], rng: Random
) -> str:
    if c is None:
        return "refuted without a certificate"
    values = {k: Fraction(x) for k, x in c.get("values", {}).items()}
    (truth,) = instances(reward, rng, values)[:1]
    if "p_low" in c:
        low, high, q = (Fraction(c[name]) for name in ("p_low", "p_high", "q_low"))
        earned = (bernoulli(low), q)
        fine = q in levels and low <= high
        fine = fine and all(truth.more(earned, (bernoulli(high), r)) > 0 for r in levels)
        return "" if fine else f"at {values}: {low} does not earn more than {high}"
    p, q = Fraction(c["p"]), Fraction(c["q"])
    sign = truth.more((bernoulli(p), q), (bernoulli(p), p))
    right = sign > 0 if c["claim"] == "not proper on a grid" else sign == 0
    return "" if right and p != q and {p, q} <= set(levels) else f"at {values}: {p}, {q} is wrong"


def _grid_figures(reward: Reward, setting: Setting, levels: Sequence[Fraction], rng: Random) -> str:
    """The failure thresholds against V on the grid, on both sides."""
    if any(d.low != d.high for d in reward.domains.values()) or len(levels) > 15:
        return ""
    (truth,) = instances(reward, rng)[:1]
    hair = Fraction(1, 10**9)
    for kind in ("local", "global"):
        stated = setting.data[f"{kind}_failure_below"]
        if stated is None or not isinstance(stated["value"], float):
            continue
        at = Fraction(stated["value"])
        sides = [x for x in (at * (1 - hair), at * (1 + hair)) if hair < x < 1 - hair]
        for p, sign in zip(sides, (1, -1), strict=False) if len(sides) == 2 else ():
            start = ZERO if kind == "global" else p * (1 - hair / 10)
            found = truth.more(_best(truth, start, levels), _best(truth, p, levels))
            if found == -sign:
                return f"the {kind} threshold is not {stated['exact']}"
    return ""


def abstention_fault(reward: Reward, setting: Setting, pays: Fraction, rng: Random) -> str:
    """The first success probability at which the region of abstaining is wrong."""
    verdict = setting.demands.get("abstaining")
    if verdict is None or verdict.status == "undecided":
        return ""
    (truth,) = instances(reward, rng)[:1]
    region = setting.data["region"]
    if verdict.status == "refuted":
        region = [{"value": 0.0}, {"value": 1.0}]
    low, high = (1.0, 0.0) if region is None else (end["value"] for end in region)
    places = [Fraction(k, 24) for k in range(1, 24)]
    places += [Fraction(x) + s * Fraction(1, 10**6) for x in (low, high) for s in (-1, 1)]
    for p in (p for p in places if 0 < p < 1 and abs(float(p) - low) > 1e-9 < abs(float(p) - high)):
        with mp.workdps(truth.digits):
            gap = truth.mean_reward((bernoulli(p), p)) - real(pays)
            less = gap < 0 and abs(gap) > mpf(10) ** (14 - truth.digits)
        if mp.isnan(gap) or (verdict.status == "refuted" and gap <= 0):
            continue
        if less != (low < p < high) and abs(gap) > mpf(10) ** (14 - truth.digits):
            return f"p = {p}: an answer earns {float(gap):g} more than abstaining"
    return ""


# ------------------------------------------------------------------------------------------- rounds

GRADES = (None, None, [Fraction(k, 2) for k in range(3)], [Fraction(k, 5) for k in range(6)])


def simple(rng: Random) -> Reward:
    """A score of the catalogue beside correctness, at a random weight, now and then damaged."""
    score = rng.choice((BRIER, LOG, SPHERICAL, plain(rng)[0]))
    t = unit(rng)
    more = C * (1 - C) * Fraction(rng.randint(-3, 3), 10 ** rng.randint(0, 6))
    other = rng.choice((C * 0, C * 0, more, more * Q, call("==", Q, 0) * more, (t < Q) * more))
    kept = score if rng.random() < 0.5 else by_outcome(score_at(score, 1), score_at(score, 0))
    return Reward("simple", rng.choice((0, 1)) * C + kept * rational(rng) + other, {})


def score_at(score: Tree, correct: int) -> Tree:
    return put(score, {"c": tree(correct)})


Judge = Callable[[Reward, Setting], str]
Played = tuple[Reward, Setting, Judge]
"""A reward, what is said of it in a setting, and what finds faults in that."""


def graded_round(reward: Reward, rng: Random) -> Played:
    grades = rng.choice(GRADES)
    setting = graded(Prover(reward.text, reward.parameters), grades)
    return reward, setting, lambda one, said: graded_fault(one, said, grades, rng)


def span(rng: Random, most: Fraction) -> Span:
    """A known rate, or an interval of rates."""
    low = rng.choice((Fraction(0), Fraction(rng.randint(0, 19), 20) * most))
    if rng.random() < 0.7:
        return Span(low, low, False, False)
    high = low + Fraction(rng.randint(1, 4), 20) * (1 - low)
    return Span(low, high, rng.random() < 0.5, rng.random() < 0.5)


def errors_round(reward: Reward, rng: Random) -> Played:
    most = rng.choice((Fraction(1, 4), Fraction(1, 2), Fraction(1)))
    spans, by_answer = (span(rng, most), span(rng, most)), rng.random() < 0.2
    if by_answer and rng.random() < 0.8 and any(x.low != x.high for x in spans):
        reward = Reward("flat", reward.formula * rng.choice((0, 1)), reward.domains)
    if rng.random() < 0.1 and spans[0].low == spans[0].high and spans[1].low == spans[1].high:
        with suppress(ValueError):
            made = corrected_tree(reward, spans[0].low, spans[1].low)
            reward = Reward("corrected", made, reward.domains)
    rates = [s.text(letter) for s, letter in zip(spans, "ab", strict=True)]
    prover = Prover(reward.text, reward.parameters)
    setting = verifier_errors(prover, *rates, by_answer=by_answer)
    return reward, setting, lambda one, said: errors_fault(one, said, spans, by_answer, rng)


def corrected_tree(reward: Reward, a: Fraction, b: Fraction) -> Tree:
    if a + b == 1:
        raise ValueError
    right, wrong = (score_at(reward.formula, c) for c in (1, 0))
    j = 1 - a - b
    return by_outcome(
        right * ((1 - a) / j) - wrong * (b / j), wrong * ((1 - b) / j) - right * (a / j)
    )


def grid_round(reward: Reward, rng: Random) -> Played:
    kinds: tuple[Callable[[], list[Fraction]], ...] = (
        lambda: [Fraction(k, 10) for k in range(11)],
        lambda: [Fraction(k, 10) for k in range(1, 11)],
        lambda: [Fraction(k, 100) for k in range(101)],
        lambda: [Fraction(k, 4) for k in range(5)],
        lambda: sorted(Fraction(k, 50) for k in rng.sample(range(51), rng.randint(2, 9))),
    )
    levels = rng.choice(kinds)()
    setting = grid(Prover(reward.text, reward.parameters), levels)
    return reward, setting, lambda one, said: grid_fault(one, said, levels, rng)


def abstention_round(reward: Reward, rng: Random) -> Played:
    pays = Fraction(rng.randint(-40, 40), rng.choice((20, 37)))
    values = {name: str(point(span_)) for name, span_ in reward.domains.items()}
    fixed = {name: f"{name} = {value}" for name, value in values.items()}
    setting = abstention(Prover(reward.text, fixed), pays)
    domains = {name: Span(Fraction(x), Fraction(x), False, False) for name, x in values.items()}
    here = Reward(reward.family, reward.formula, domains, reward.cuts)
    return here, setting, lambda one, said: abstention_fault(one, said, pays, rng)


def point(domain: Span) -> Fraction:
    """A value in a domain."""
    if domain.low is None or domain.high is None:
        return ONE if domain.low is None else domain.low + 1
    return (domain.low + domain.high) / 2


ROUNDS: Mapping[str, Callable[[Reward, Random], Played]] = {
    "graded": graded_round,
    "errors": errors_round,
    "grid": grid_round,
    "abstention": abstention_round,
}
DRAWS: Mapping[str, Callable[[Random], Reward]] = {"simple": simple, "wide": draw}
NO_FIGURES = {
    "local_failure_below": None,
    "global_failure_below": None,
    "corrected_for_errors": False,
}


def bent(rng: Random) -> Tree:
    """A term that a proof must notice: at a grade, at an end, next to a number, or everywhere."""
    t, h = unit(rng), Fraction(rng.choice((-1, 1)), 10 ** rng.randint(0, 9))
    return rng.choice(
        (
            C * (1 - C) * h,
            C * (1 - C) * Q * h,
            C * (1 - C) * call("==", Q, rng.choice((0, 1))) * h,
            C * (1 - C) * (2 * C - 1) * Q * h,
            C * h,
            (1 - C) * Q * h,
            (t < Q) * C * h,
            call("==", Q, t) * (C - t) * h,
            call("==", Q, 0) * C * h,
        )
    )


def forged(played: Played, rng: Random) -> dict[str, int]:
    """Certificates of proofs for a reward with one more term: how many, accepted, and false.

    The kernel may accept one where the term does no harm; the judge must not contradict it.
    """
    reward, setting, judge = played
    found = {"tried": 0, "accepted": 0, "false": 0}
    for name, verdict in setting.verdicts.items():
        if not verdict.certificate or verdict.status != "proved":
            continue
        if setting.data.get("corrected_for_errors"):
            continue
        other = Reward("forged", reward.formula + bent(rng), reward.domains, reward.cuts)
        found["tried"] += 1
        if accepted({**(verdict.certificate or {}), "formula": other.text}):
            found["accepted"] += 1
            said = {name: Verdict("proved", "")}
            claim = Setting("forged", said, said, data={**setting.data, **NO_FIGURES})
            found["false"] += bool(judge(other, claim))
    return found


def one_round(kind: str, drawn: str, seed: int) -> dict[str, Any]:
    """One random reward in one setting, and forgeries of its certificates; the seed decides."""
    rng = Random(seed)
    reward = DRAWS[drawn](rng)
    done: dict[str, Any] = {"kind": kind, "drawn": drawn, "seed": seed}
    start = time.process_time()
    try:
        played = ROUNDS[kind](reward, rng)
    except Exception as error:  # whatever escapes a setting is what this program looks for
        return {**done, "crash": f"{type(error).__name__}: {error}"[:300], "text": reward.text}
    done["seconds"] = round(time.process_time() - start, 3)
    reward, setting, judge = played
    done["verdicts"] = {name: v.status for name, v in setting.verdicts.items()}
    with suppress(TooHardError):
        if fault := judge(reward, setting):
            done.update(fault=fault, text=reward.text, parameters=reward.parameters)
        done["forged"] = forged(played, rng)
        if done["forged"]["false"]:
            done.update(fault="a false certificate is accepted", text=reward.text)
    if "undecided" in done["verdicts"].values():
        undecided = (v.reason for v in setting.verdicts.values() if v.status == "undecided")
        done["reason"] = next(undecided)[:300]
    return done


RECORD = Path(__file__).with_name("settings.json")
_COUNTS = ("rounds", "undecided", "faults", "tried", "accepted", "false")


def summary(lines: Iterable[str]) -> dict[str, dict[str, int]]:
    """The counts of some rounds for each kind: faults are wrong verdicts and crashes."""
    found: dict[str, dict[str, int]] = {}
    for done in map(json.loads, lines):
        counts = found.setdefault(done["kind"], dict.fromkeys(_COUNTS, 0))
        counts["rounds"] += 1
        counts["undecided"] += "undecided" in done.get("verdicts", {}).values()
        counts["faults"] += bool({"fault", "crash"} & done.keys())
        for name, count in done.get("forged", {}).items():
            counts[name] += count
    return found


def table(record: Mapping[str, Mapping[str, int]]) -> str:
    """The record as a table of Markdown."""
    head = "| setting | rewards | wrong | undecided | forged certificates | false ones accepted |"
    rows = [
        f"| {kind} | {n['rounds']:,} | {n['faults']} | {n['undecided']} | {n['tried']:,} |"
        f" {n['false']} |"
        for kind, n in record.items()
    ]
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|", *rows])


def main(arguments: Sequence[str]) -> None:
    """`python -m tests.adversary.settings KIND DRAWN FIRST LAST`: one line of JSON for a round.

    `... summary FILE...` writes the record of such lines, `settings.json`, and prints its table.
    """
    if arguments[:1] == ["summary"]:
        lines = [line for name in arguments[1:] for line in Path(name).read_text().splitlines()]
        record = summary(line for line in lines if line.endswith("}"))
        RECORD.write_text(json.dumps(record, indent=1) + "\n")
        print(table(record))
        return
    kind, drawn, first, last = arguments
    for seed in range(int(first), int(last)):
        print(json.dumps(one_round(kind, drawn, seed)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
