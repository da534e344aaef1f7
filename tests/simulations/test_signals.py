"""Rewards that need more than (q, c): invariants, worked cases and refusals."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations import signals
from simulations.worlds import robust_mixture


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9))
def test_the_most_frequent_answers_share_the_reward(answers) -> None:
    reward = signals.majority_vote(answers)
    most = max(map(answers.count, answers))
    modes = {y for y in answers if answers.count(y) == most}
    expected = [(y in modes) / len(modes) for y in answers]
    assert reward == pytest.approx(expected)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9), st.permutations(range(4)))
def test_a_majority_does_not_know_the_numbers_of_the_answers(answers, renamed) -> None:
    moved = [renamed[y] for y in answers]
    assert np.array_equal(signals.majority_vote(moved), signals.majority_vote(answers))


def test_a_constant_answer_earns_everything_right_or_wrong() -> None:
    assert signals.majority_vote(np.full((3, 8), 5)).all()


@given(st.integers(0, 1000))
def test_self_confidence_is_positive_for_the_mode_alone(seed) -> None:
    policy = np.random.default_rng(seed).dirichlet(np.ones(5))
    reward = signals.self_confidence(policy, np.arange(5))
    expected = [policy[y] - np.delete(policy, y).max() for y in range(5)]
    assert reward == pytest.approx(expected)
    assert np.flatnonzero(reward > 0).tolist() == [policy.argmax()]


def test_self_confidence_of_tied_answers_is_nought_and_groups_are_apart() -> None:
    assert signals.self_confidence([0.4, 0.4, 0.2], [0, 1]).tolist() == [0.0, 0.0]
    both = signals.self_confidence([[0.9, 0.1], [0.2, 0.8]], [[0, 1], [0, 1]])
    assert both == pytest.approx(np.array([[0.8, -0.8], [-0.6, 0.6]]))


def test_preferences_need_a_sure_winner() -> None:
    margins = signals.preferences([0.95, 0.92, 0.6])
    assert np.argwhere(margins > 0).tolist() == [[0, 1], [0, 2], [1, 2]]
    assert margins[0, 2] == pytest.approx(np.exp(0.35))
    assert not signals.preferences([0.8, 0.6]).any()


def test_the_contrastive_baseline_removes_difficulty_and_keeps_order() -> None:
    rewards = np.array([[0.2, 0.9], [5.2, 5.9]])
    found = signals.contrastive(rewards, [[0.5, 0.7], [5.5, 5.7]])
    assert found[0] == pytest.approx(found[1])
    assert found[:, 1] - found[:, 0] == pytest.approx(rewards[:, 1] - rewards[:, 0])


def test_positive_and_negative_samples_add_up_to_signed_verdicts() -> None:
    c = np.array([1, 0, 0, 1])
    assert (signals.positive_only(c) + signals.negative_only(c)).tolist() == [1, -1, -1, 1]
    assert signals.weighted_reinforce(c, weight=1.0).tolist() == [1, -1, -1, 1]


@given(st.integers(0, 1000), st.floats(0, 1))
def test_the_robust_mixture_lies_between_its_parts(seed, weight) -> None:
    rng = np.random.default_rng(seed)
    means, spreads = rng.normal(size=(4, 6)), rng.uniform(size=(4, 6))
    nominal = robust_mixture(means, spreads, weight=1.0)
    worst = robust_mixture(means, spreads, weight=0.0)
    assert worst == pytest.approx(means.min(axis=0))
    assert nominal == pytest.approx([means[spreads[:, i].argmin(), i] for i in range(6)])
    assert robust_mixture(means, spreads, weight=weight) == pytest.approx(
        weight * nominal + (1 - weight) * worst
    )


def test_meanings_are_counted_and_not_words() -> None:
    # Every group of four from five answers of three meanings, against the definition.
    said = [0, 1, 1, 2, 2]
    groups = np.array(list(product(range(5), repeat=4)))
    found = signals.majority_vote(groups, meanings=said)
    for group, rewards in zip(groups, found, strict=True):
        m = [said[y] for y in group]
        most = max(map(m.count, m))
        modes = {one for one in m if m.count(one) == most}
        assert rewards == pytest.approx([(one in modes) / len(modes) for one in m])
    assert np.array_equal(
        signals.majority_vote(groups, meanings=range(5)), signals.majority_vote(groups)
    )


@pytest.mark.parametrize("pi", [0.3, 0.5, 0.8])
def test_a_majority_pays_the_mode_more_than_its_share(pi) -> None:
    # Exact expectation over groups of 5: an answer with probability pi is paid P(2 or more of the
    # other 4 give it).
    groups = np.array(list(product((0, 1), repeat=5)))
    chance = np.prod(np.where(groups == 1, pi, 1 - pi), axis=1)
    reward = signals.majority_vote(groups)[:, 0]
    mine = groups[:, 0] == 1
    paid = (chance * reward)[mine].sum() / chance[mine].sum()
    assert paid == pytest.approx(sum(comb(4, k) * pi**k * (1 - pi) ** (4 - k) for k in range(2, 5)))
    assert (paid > 0.5) == (pi > 0.4)  # P(Bin(4, pi) >= 2) passes 1/2 between .38 and .39


def test_under_a_judge_that_flips_verdicts_the_contrast_shrinks_by_what_the_flips_leave() -> None:
    # Enumeration over true verdicts and flips: mean = (1 - c0 - c1) (p - p_baseline).
    c0, c1, p, base = 0.1, 0.25, 0.7, 0.4
    total = 0.0
    for right, other, flip, flip2 in product((0, 1), repeat=4):
        chance = (p if right else 1 - p) * (base if other else 1 - base)
        for verdict, flipped in ((right, flip), (other, flip2)):
            rate = c1 if verdict else c0
            chance *= rate if flipped else 1 - rate
        total += chance * signals.contrastive(float(right ^ flip), [float(other ^ flip2)]).item()
    assert total == pytest.approx((1 - c0 - c1) * (p - base))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: signals.majority_vote([0, 3], meanings=[0, 0, 1]),
            "one number for each answer up to 3",
        ),
        (lambda: signals.majority_vote([0.5, 1.0]), "whole numbers"),
        (lambda: signals.majority_vote([-1, 1]), "from 0 on"),
        (lambda: signals.self_confidence([0.5, 0.2], [0]), "sum to 1"),
        (lambda: signals.self_confidence([0.5, 0.5], [2]), "below the number of answers 2, got 2"),
        (lambda: signals.contrastive([1.0], []), "1 or more baseline"),
        (lambda: signals.positive_only([0.5]), "1 .correct. or 0 .wrong."),
        (
            lambda: robust_mixture([1.0], [0.1], weight=1.5),
            r"`weight` must lie in \[0, 1\], got 1.5",
        ),
        (lambda: robust_mixture([1.0], [-0.1], weight=0.5), "`spreads` must be >= 0"),
    ],
)
def test_bad_input_is_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
