"""Best of N: what is exact, by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from simulations.laboratory.selection import (
    SELECTION,
    _settled,
    _settled_pairs,
    chance_to_be_kept,
    chance_to_win,
    expected_preference,
    kept,
    preferred,
)


@given(st.lists(st.floats(0.01, 1), min_size=11, max_size=11), st.integers(1, 3))
def test_the_chance_to_be_kept_is_that_of_all_groups(weights: list[float], size: int) -> None:
    """Enumeration over the levels and outcomes of the other rollouts, for one own rollout."""
    levels, p = np.array(weights) / sum(weights), 0.7
    paid = rlcr.table(np.arange(11) / 10)
    own = paid[1, 7]
    rivals = [(paid[c, k], (p if c else 1 - p) * levels[k]) for c in (0, 1) for k in range(11)]
    total = 0.0
    for others in product(rivals, repeat=size - 1):
        group = np.array([own, *(r for r, _ in others)])
        total += kept(group)[0] * np.prod([x for _, x in others])
    assert chance_to_be_kept(levels, p, size)[1, 7] == pytest.approx(total)


@given(st.floats(0.01, 0.99))
def test_the_bolder_of_two_reports_wins_with_the_success_probability(p: float) -> None:
    wins = chance_to_win(p)
    for low in range(11):
        for high in range(low + 1, 11):
            assert wins[high, low] == pytest.approx(p)
            assert wins[low, high] == pytest.approx(1 - p)


@given(
    st.lists(st.floats(0.05, 1), min_size=11, max_size=11),
    st.lists(st.floats(0.05, 1), min_size=11, max_size=11),
    st.floats(0.05, 0.95),
)
def test_the_expected_preference_is_that_of_all_pairs(now, before, p) -> None:
    """Enumeration over levels and outcomes of two rollouts, for one own level."""
    levels, frozen = (np.array(weights) / sum(weights) for weights in (now, before))
    paid, lift = rlcr.table(np.arange(11) / 10), 0.1 * np.log(levels / frozen)
    own, total = 7, 0.0
    for c, d, k in product((0, 1), (0, 1), range(11)):
        chance = (p if c else 1 - p) * (p if d else 1 - p) * levels[k]
        pair = preferred(np.array([paid[c, own], paid[d, k]]), lift[[own, k]])
        total += chance * pair[0]
    assert expected_preference(levels, frozen, p)[own] == pytest.approx(total)


def test_preferences_are_the_slope_of_the_stated_loss() -> None:
    """-log sigmoid(lift_w - lift_l) over all pairs of a group, by a difference quotient."""
    rewards, lift = np.array([0.9, 0.2, 0.2, -0.5]), np.array([0.3, -0.1, 0.4, 0.0])

    def loss(at: np.ndarray) -> float:
        pairs = product(range(4), repeat=2)
        won = [(w, b) for w, b in pairs if rewards[w] > rewards[b]]
        return sum(float(np.log1p(np.exp(-(at[w] - at[b])))) for w, b in won) / 3

    steps = np.eye(4) * 1e-6
    slope = [(loss(lift + e) - loss(lift - e)) / 2e-6 for e in steps]
    assert preferred(rewards, lift) == pytest.approx(-np.array(slope))


def test_pairs_turn_at_one_half_and_the_best_of_n_at_one_in_n() -> None:
    assert _settled_pairs(0.3) < 0.01 < 0.99 < _settled_pairs(0.7)
    assert _settled_pairs(0.45) < 0.3 < 0.7 < _settled_pairs(0.55)
    assert _settled_pairs(0.5) == pytest.approx(0.5)
    assert _settled(0.3, 2, without=False) < 0.01  # .3 < 1/2
    assert _settled(0.3, 8, without=False) > 0.99  # .3 > 1/8
    assert 0.1 < _settled(0.3, 4, without=False) < 0.9  # .3 and .7^3 both exceed 1/4


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.3, 0.7])
def test_pairs_are_measured_as_they_are_enumerated(p: float) -> None:
    found = SELECTION.run(scale="short", knobs={"p": p}).findings[1]
    assert found.agrees
    assert (found.exact > 0.1) == (p > 0.5)
    assert (found.exact < -0.1) == (p < 0.5)
