"""Random rewards in each setting against what is found by trying, and the judge's own teeth."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from proofs.search.prover import Prover
from scoring_theory.checking.graded import graded
from scoring_theory.checking.setting import Setting
from scoring_theory.verdict import Verdict
from tests.adversary.language import C, Q, Reward, TooHardError, call
from tests.adversary.rewards import BRIER, LOG, SPHERICAL, by_outcome, draw, plain, rational, unit
from tests.adversary.settings import graded_fault

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


def score_at(score, correct):  # type: ignore[no-untyped-def]
    from tests.adversary.language import put, tree

    return put(score, {"c": tree(correct)})


def graded_round(reward: Reward, rng: Random) -> tuple[Setting, str]:
    grades = rng.choice(GRADES)
    setting = graded(Prover(reward.text, reward.parameters), grades)
    try:
        return setting, graded_fault(reward, setting, grades, rng)
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
    found = outcomes(range(100), simple, graded_round)
    assert found["proved"] > 60
    assert found["refuted"] > 60
    assert found["undecided"] <= 6


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
