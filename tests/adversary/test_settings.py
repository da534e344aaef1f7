"""Random rewards in each setting against what is found by trying, and the judge's own teeth."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from fractions import Fraction
from random import Random

import pytest

from proofs.kernel.normal_form import Rejected
from proofs.search.prover import Prover
from scoring_theory.checking.graded import graded
from scoring_theory.checking.grid import grid
from scoring_theory.checking.setting import Setting
from scoring_theory.checking.verifier_errors import verifier_errors
from scoring_theory.verdict import Verdict
from tests.adversary.language import C, Q, Reward, Span, TooHardError, Tree, call, put, tree
from tests.adversary.rewards import BRIER, LOG, SPHERICAL, by_outcome, draw, plain, rational, unit
from tests.adversary.settings import errors_fault, graded_fault, grid_fault

GRADES = (None, None, [Fraction(k, 2) for k in range(3)], [Fraction(k, 5) for k in range(6)])
PROVED = Verdict("proved", "")


def simple(rng: Random) -> Reward:
    """A score of the catalogue beside correctness, at a random weight, now and then damaged."""
    score = rng.choice((BRIER, LOG, SPHERICAL, plain(rng)[0]))
    t = unit(rng)
    bent = C * (1 - C) * Fraction(rng.randint(-3, 3), 10 ** rng.randint(0, 6))
    other = rng.choice((C * 0, C * 0, bent, bent * Q, call("==", Q, 0) * bent, (t < Q) * bent))
    kept = score if rng.random() < 0.5 else by_outcome(score_at(score, 1), score_at(score, 0))
    return Reward("simple", rng.choice((0, 1)) * C + kept * rational(rng) + other, {})


def score_at(score: Tree, correct: int) -> Tree:
    return put(score, {"c": tree(correct)})


def graded_round(reward: Reward, rng: Random) -> tuple[Setting, str]:
    grades = rng.choice(GRADES)
    setting = graded(Prover(reward.text, reward.parameters), grades)
    try:
        return setting, graded_fault(reward, setting, grades, rng)
    except TooHardError:
        return setting, ""


def span(rng: Random, most: Fraction) -> Span:
    """A known rate, or an interval of rates."""
    low = rng.choice((Fraction(0), Fraction(rng.randint(0, 19), 20) * most))
    if rng.random() < 0.7:
        return Span(low, low, False, False)
    high = low + Fraction(rng.randint(1, 4), 20) * (1 - low)
    return Span(low, high, rng.random() < 0.5, rng.random() < 0.5)


def errors_round(reward: Reward, rng: Random) -> tuple[Setting, str]:
    most = rng.choice((Fraction(1, 4), Fraction(1, 2), Fraction(1)))
    spans, by_answer = (span(rng, most), span(rng, most)), rng.random() < 0.2
    if by_answer and rng.random() < 0.8 and any(x.low != x.high for x in spans):
        reward = Reward("flat", reward.formula * rng.choice((0, 1)), reward.domains)
    if rng.random() < 0.1 and spans[0].low == spans[0].high and spans[1].low == spans[1].high:
        with suppress(ValueError, Rejected):
            made = corrected_tree(reward, spans[0].low, spans[1].low)
            reward = Reward("corrected", made, reward.domains)
    rates = [s.text(letter) for s, letter in zip(spans, "ab", strict=True)]
    prover = Prover(reward.text, reward.parameters)
    setting = verifier_errors(prover, *rates, by_answer=by_answer)
    try:
        return setting, errors_fault(reward, setting, spans, by_answer, rng)
    except TooHardError:
        return setting, ""


def corrected_tree(reward: Reward, a: Fraction, b: Fraction) -> Tree:
    if a + b == 1:
        raise ValueError
    right, wrong = (score_at(reward.formula, c) for c in (1, 0))
    j = 1 - a - b
    return by_outcome(
        right * ((1 - a) / j) - wrong * (b / j), wrong * ((1 - b) / j) - right * (a / j)
    )


def grid_round(reward: Reward, rng: Random) -> tuple[Setting, str]:
    kinds = (
        lambda: [Fraction(k, 10) for k in range(11)],
        lambda: [Fraction(k, 10) for k in range(1, 11)],
        lambda: [Fraction(k, 100) for k in range(101)],
        lambda: [Fraction(k, 4) for k in range(5)],
        lambda: sorted(Fraction(k, 50) for k in rng.sample(range(51), rng.randint(2, 9))),
    )
    levels = rng.choice(kinds)()
    setting = grid(Prover(reward.text, reward.parameters), levels)
    try:
        return setting, grid_fault(reward, setting, levels, rng)
    except TooHardError:
        return setting, ""


def outcomes(seeds: range, make, play) -> Counter[str]:  # type: ignore[no-untyped-def]
    """How often each status was given; any fault fails."""
    found: Counter[str] = Counter()
    for seed in seeds:
        rng = Random(seed)
        reward = make(rng)
        setting, fault = play(reward, rng)
        assert not fault, (seed, reward.text, reward.parameters, fault)
        found.update(verdict.status for verdict in setting.verdicts.values())
    return found


def test_random_rewards_for_graded_scores() -> None:
    found = outcomes(range(40), simple, graded_round)
    assert found["proved"] > 24
    assert found["refuted"] > 24
    assert found["undecided"] <= 3


def test_random_rewards_under_verifier_errors() -> None:
    found = outcomes(range(60), simple, errors_round)
    assert found["proved"] > 12
    assert found["refuted"] > 12
    assert found["undecided"] <= 2


def test_random_rewards_on_a_grid() -> None:
    found = outcomes(range(60), simple, grid_round)
    assert found["proved"] > 24
    assert found["refuted"] > 24
    assert found["undecided"] <= 2


@pytest.mark.slow
def test_thousands_of_rewards_on_a_grid() -> None:
    found = outcomes(range(1000, 2500), simple, grid_round)
    assert found["undecided"] < 0.02 * found.total()
    found = outcomes(range(2500, 4000), draw, grid_round)
    assert found["undecided"] < 0.05 * found.total()


@pytest.mark.slow
def test_thousands_of_rewards_under_verifier_errors() -> None:
    found = outcomes(range(1000, 2500), simple, errors_round)
    assert found["undecided"] < 0.02 * found.total()
    found = outcomes(range(2500, 4000), draw, errors_round)
    assert found["undecided"] < 0.05 * found.total()


@pytest.mark.slow
def test_thousands_of_rewards_for_graded_scores() -> None:
    found = outcomes(range(1000, 2500), simple, graded_round)
    assert found["undecided"] < 0.02 * found.total()
    found = outcomes(range(2500, 4000), draw, graded_round)
    assert found["undecided"] < 0.05 * found.total()


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (C + BRIER, "jointly optimal"),
        (by_outcome(2 * Q - Q**2, -(Q**2)) + Q * C * (1 - C), "proper"),
        (C, "strictly proper"),
        (C + 2 * by_outcome(2 * Q - Q**2 - 1, -(Q**2)), "jointly optimal"),
    ],
)
def test_the_judge_of_graded_scores_sees_what_is_false(formula, name) -> None:  # type: ignore[no-untyped-def]
    claimed = Setting("graded scores", {name: PROVED})
    assert graded_fault(Reward("", formula, {}), claimed, None, Random(1))


TENTHS = [Fraction(k, 10) for k in range(11)]
NO_FIGURES = {"local_failure_below": None, "global_failure_below": None}


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (C - call("abs", Q - C), "proper"),
        (C, "strictly proper"),
        (C + 2 * BRIER, "jointly optimal"),
        (C + LOG * Fraction(1, 10), "jointly optimal"),
    ],
)
def test_the_judge_of_grids_sees_what_is_false(formula, name) -> None:  # type: ignore[no-untyped-def]
    claimed = Setting("a grid", {name: PROVED}, data=NO_FIGURES)
    assert grid_fault(Reward("", formula, {}), claimed, TENTHS, Random(1))


@pytest.mark.parametrize(
    ("formula", "rates", "by_answer"),
    [
        (C + 2 * BRIER, ("1/10", "0"), False),
        (C, ("3/5", "3/5"), False),
        (C, ("1/10", "1/10"), True),
    ],
)
def test_the_judge_of_verifier_errors_sees_what_is_false(formula, rates, by_answer) -> None:  # type: ignore[no-untyped-def]
    data = {**NO_FIGURES, "corrected_for_errors": False}
    claimed = Setting("errors", {"jointly optimal": PROVED}, data=data)
    low = [Fraction(0) if by_answer else Fraction(x) for x in rates]
    spans = tuple(Span(x, Fraction(y), False, False) for x, y in zip(low, rates, strict=True))
    found = [
        errors_fault(Reward("", formula, {}), claimed, spans, by_answer, Random(seed))
        for seed in range(8)
    ]
    assert any(found)
