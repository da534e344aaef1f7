"""Decisions: ties, orders, and what calibration is worth."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.agents import Rational
from simulations.decisions import (
    abstain,
    best_gate,
    choosing_to_abstain,
    gate,
    majority_choice,
    max_confidence_choice,
    weighted_choice,
)
from simulations.worlds import bank, noisy_verifier, with_abstention


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10)), min_size=1, max_size=8), st.randoms()
)
def test_choices_do_not_depend_on_the_order_of_the_votes(votes, random) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)
    for choose in (weighted_choice, max_confidence_choice):
        first, second = (
            choose([y for y, _ in order], [q / 10 for _, q in order], 4)
            for order in (votes, shuffled)
        )
        assert np.array_equal(first, second)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10)), min_size=1, max_size=8),
    st.permutations(range(4)),
)
def test_choices_do_not_know_the_numbers_of_the_answers(votes, renamed) -> None:
    y, q = np.array([y for y, _ in votes]), [q / 10 for _, q in votes]
    for choose in (weighted_choice, max_confidence_choice, lambda a, b, k: majority_choice(a, k)):
        moved = choose(np.array(renamed)[y], q, 4)
        assert np.array_equal(moved[np.array(renamed)], choose(y, q, 4))
        assert moved.sum() == pytest.approx(1)


def test_an_ignorant_policy_gains_nothing_from_a_vote() -> None:
    """Uniform over 8 answers, one right: 1/8 alone and by any majority, by enumeration."""
    for voters in (2, 3, 4):
        answers = np.array(list(product(range(8), repeat=voters)))
        assert majority_choice(answers, 8).mean(axis=0) == pytest.approx([1 / 8] * 8)


def test_equal_confidence_makes_the_weighted_vote_a_majority_vote() -> None:
    answers = np.random.default_rng(0).integers(0, 4, size=(200, 7))
    counted = majority_choice(answers, 4)
    assert np.array_equal(weighted_choice(answers, np.full(answers.shape, 0.3), 4), counted)
    for row, chance in zip(answers, counted, strict=True):
        counts = np.bincount(row, minlength=4)
        modes = counts == counts.max()
        assert chance.tolist() == (modes / modes.sum()).tolist()


def test_calibrated_weights_beat_counting() -> None:
    # Nine voters know the truth with probability q of .35 or .9 and say q; else they name one of
    # two wrong answers.
    rng = np.random.default_rng(1)
    q = rng.choice([0.35, 0.9], size=(20_000, 9), p=[0.7, 0.3])
    right = rng.random(q.shape) < q
    answers = np.where(right, 0, rng.integers(1, 3, size=q.shape))
    counted = majority_choice(answers, 3)[:, 0].mean()
    weighed = weighted_choice(answers, q, 3)[:, 0].mean()
    assert weighed > counted + 0.005


@given(st.integers(0, 1000), st.floats(0, 1))
def test_no_reporting_earns_more_at_a_threshold_than_the_truth(seed, threshold) -> None:
    rng = np.random.default_rng(seed)
    p, other = rng.uniform(size=(2, 30))
    honest, dishonest = abstain(p, p, threshold), abstain(other, p, threshold)
    assert dishonest.payoff <= honest.payoff + 1e-12
    assert honest.payoff == pytest.approx(np.maximum(p - threshold, 0).mean())


def test_abstention_by_hand() -> None:
    found = abstain([0.2, 0.6, 0.9], [0, 1, 0.5], [0.0, 0.5, 0.9], weight=[1, 1, 2])
    assert found.coverage.tolist() == [1.0, 0.75, 0.0]
    assert found.selective_accuracy[:2] == pytest.approx([0.5, 2 / 3])
    assert np.isnan(found.selective_accuracy[2])
    assert found.payoff == pytest.approx([0.5, 0.5 - 0.375, 0.0])


def best_of(scores: dict[int, Fraction]) -> list[float]:
    """The probability of each of three answers: the best share it."""
    best = [y for y, score in scores.items() if score == max(scores.values())]
    return [(y in best) / len(best) for y in range(3)]


def test_every_vote_of_three_and_four_is_as_its_definition_says() -> None:
    # All groups of N from 3 answers and 3 confidences, against the definition in exact fractions.
    for n in (1, 2, 3, 4):
        votes = list(product(product(range(3), (0, 1, 3)), repeat=n))
        y = np.array([[a for a, _ in group] for group in votes])
        q = np.array([[b / 10 for _, b in group] for group in votes])
        count, weigh, surest = (
            majority_choice(y, 3).tolist(),
            weighted_choice(y, q, 3).tolist(),
            max_confidence_choice(y, q, 3).tolist(),
        )
        for i, group in enumerate(votes):
            named = {a for a, _ in group}
            sums = {
                a: sum((Fraction(b, 10) for c, b in group if c == a), Fraction()) for a in named
            }
            assert count[i] == best_of({a: Fraction(sum(c == a for c, _ in group)) for a in named})
            assert weigh[i] == best_of(sums)
            assert surest[i] == best_of(
                {a: max(Fraction(b) for c, b in group if c == a) for a in named}
            )


@pytest.mark.parametrize("n", [1, 3, 5, 7])
def test_the_majority_of_two_answers_is_right_as_often_as_condorcet_says(n) -> None:
    p = 0.6
    groups = np.array(list(product((0, 1), repeat=n)))
    chance = np.prod(np.where(groups == 1, p, 1 - p), axis=1)
    condorcet = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n // 2 + 1, n + 1))
    assert chance @ majority_choice(groups, 2)[:, 1] == pytest.approx(condorcet)


def utilities(p: np.ndarray, aid: float, wrong: float, price: float, left: float) -> np.ndarray:
    r = p + aid * (1 - p)
    return np.array([p - wrong * (1 - p), r - wrong * (1 - r) - price, np.full(p.shape, left)])


@given(
    aid=st.floats(0, 1),
    wrong=st.floats(0, 5),
    price=st.floats(0, 3),
    left=st.floats(-2, 1),
    seed=st.integers(0, 100),
)
def test_the_best_gate_takes_the_best_of_three_for_every_question(
    aid, wrong, price, left, seed
) -> None:
    p = np.r_[0.0, 1.0, np.random.default_rng(seed).uniform(size=40)]
    low, high = best_gate(aid, wrong_cost=wrong, retrieval_cost=price, abstention=left)
    assert 0 <= low <= high <= 1
    found = gate(p, p, p + aid * (1 - p), low=low, high=high,
                 wrong_cost=wrong, retrieval_cost=price, abstention=left)  # fmt: skip
    assert found.utility == pytest.approx(
        utilities(p, aid, wrong, price, left).max(axis=0).mean(), abs=1e-9
    )
    assert found.answered + found.retrieved + found.abstained == pytest.approx(1)


def test_no_pair_of_thresholds_beats_the_best_gate_and_overconfidence_pays_for_it() -> None:
    costs = {"wrong_cost": 2.0, "retrieval_cost": 0.3, "abstention": 0.1}
    p = (np.arange(200) + 0.5) / 200
    r = p + 0.6 * (1 - p)
    grid = np.linspace(0, 1, 101)
    low, high = (side.ravel() for side in np.meshgrid(grid, grid))
    low, high = np.minimum(low, high), np.maximum(low, high)
    best = gate(p, p, r, **best_gate(0.6, **costs)._asdict(), **costs).utility
    all_pairs = gate(p, p, r, low=low, high=high, **costs)
    assert all_pairs.utility.shape == (101 * 101,)
    assert all_pairs.utility.max() <= best + 1e-12
    assert all_pairs.utility.max() > best - 0.001
    sure = gate(np.sqrt(p), p, r, **best_gate(0.6, **costs)._asdict(), **costs)
    assert sure.utility < best - 0.02


def test_a_gate_by_hand() -> None:
    found = gate(
        [0.2, 0.5, 0.8],
        [0.0, 0.5, 1.0],
        [0.5, 0.75, 1.0],
        low=[0.0, 0.5, 1.0],
        high=[0.0, 0.8, 1.0],
        wrong_cost=2.0,
        retrieval_cost=0.25,
        abstention=0.5,
        weight=[1, 1, 2],
    )
    assert found.answered.tolist() == [1.0, 0.5, 0.0]
    assert found.retrieved.tolist() == [0.0, 0.25, 0.0]
    assert found.abstained.tolist() == [0.0, 0.25, 1.0]
    assert found.accuracy[:2] == pytest.approx([0.625, (0.5 + 0.1875) / 0.75])
    assert np.isnan(found.accuracy[2])
    # answered: .25 * -2 + .25 * (.5 - 1) + .5; mixed: .5 * .25 left, .25 * (.75 - .5 - .25) looked
    # up, .5 right
    assert found.utility == pytest.approx([-0.125, 0.625, 0.5])


def test_the_best_response_abstains_on_hard_questions_and_guesses_under_a_lenient_verifier() -> (
    None
):
    levels = np.arange(101) / 100
    brier = np.stack([-(levels**2), 1 - (1 - levels) ** 2])
    for t in (0.0, 0.35, 0.8):
        world = with_abstention(bank(64, 4, seed=1), t)
        best = world.success_probability.max(axis=1)
        policy = Rational.best_response(world.as_paid(), brier).answer
        coverage, accuracy = choosing_to_abstain(policy, world)
        assert coverage == pytest.approx((best > t).mean(), abs=0.02)
        assert accuracy == pytest.approx(best[best > t].mean(), abs=0.02)
        fooled = with_abstention(noisy_verifier(bank(64, 4, seed=1), false_positive=0.5), t)
        guesses, right = choosing_to_abstain(
            Rational.best_response(fooled.as_paid(), brier).answer, fooled
        )
        assert guesses >= coverage
        assert right <= accuracy + 1e-12
    nothing = np.zeros(world.success_probability.shape)
    nothing[:, world.abstain] = 1.0
    assert choosing_to_abstain(nothing, world)[0] == 0
    assert np.isnan(choosing_to_abstain(nothing, world)[1])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: gate([0.5], [0.5], [0.5], low=0.6, high=0.5), "`low` must not be above `high`"),
        (
            lambda: gate([0.5], [0.5], [1.5], low=0, high=1),
            r"`retrieved` must lie in \[0, 1\], got 1.5",
        ),
        (lambda: gate([0.5], [0.5], [0.5, 0.5], low=0, high=1), "vectors of the same length"),
        (lambda: gate([0.5], [0.5], [0.5], low=0, high=1, wrong_cost=-1), "`wrong_cost` must be"),
        (lambda: best_gate(0.5, retrieval_cost=np.inf), "`retrieval_cost` must be a finite number"),
        (
            lambda: best_gate(0.5, abstention=2.0),
            "`abstention` must be finite and at most 1, .* got 2.0",
        ),
        (lambda: best_gate(1.5), r"`retrieval_help` must lie in \[0, 1\], got 1.5"),
        (lambda: choosing_to_abstain([[1.0, 0.0]], bank(1, 2)), "no abstention"),
        (
            lambda: choosing_to_abstain([[1.0, 0.0]], with_abstention(bank(1, 2), 0.5)),
            "must have the shape of",
        ),
        (
            lambda: weighted_choice([0, 1], [0.5, 1.2], 2),
            r"`confidence` must lie in \[0, 1\], got 1.2 at index 1",
        ),
        (lambda: weighted_choice([0, 1], [0.5], 2), "shaped like `answers`"),
        (lambda: weighted_choice([0, 2], [0.5, 0.5], 2), "below the number of answers 2, got 2"),
        (lambda: weighted_choice([0.5], [0.5], 2), "whole numbers"),
        (lambda: abstain([0.5], [0.5, 1], 0.5), "vectors of the same length"),
        (lambda: abstain([0.5], [0.5], np.nan), r"`threshold` must lie in \[0, 1\], got nan"),
        (lambda: abstain([0.5], [0.5], 0.5, weight=[0]), "`weight` must hold finite numbers"),
    ],
)
def test_bad_input_is_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
