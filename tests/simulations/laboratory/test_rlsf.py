"""Self-feedback: who wins the pairs, what the two forms have in common, and where it calibrates."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.reward_heads import penalised_optimum
from simulations.laboratory.rlsf import (
    RLSF,
    bradley_terry,
    dpo,
    frozen_policy,
    least_mode,
    least_right_share,
)
from simulations.signals import preferences, self_confidence

shares = st.lists(st.floats(0.05, 1), min_size=4, max_size=4).map(lambda w: np.array(w) / sum(w))


def margins_of(frozen: np.ndarray, threshold: float) -> np.ndarray:
    return preferences(self_confidence(frozen, np.arange(4)), threshold=threshold)


@given(shares, st.integers(0, 100), st.floats(0.1, 3))
def test_dpo_is_the_reward_model_with_its_penalised_optimum(frozen, seed, beta) -> None:
    pairs = np.random.default_rng(seed).uniform(0, 5, (4, 4))
    margins = margins_of(frozen, 0.0)
    rewards = bradley_terry(pairs, margins, steps=30, rate=0.7)
    direct = dpo(frozen, pairs, margins, beta=beta, steps=30, rate=0.7)
    assert direct == pytest.approx(penalised_optimum(frozen, rewards, beta=beta))


@given(shares, st.permutations(range(4)))
def test_the_reward_model_does_not_know_the_numbers_of_the_answers(frozen, renamed) -> None:
    pairs = np.outer(frozen, frozen)
    rewards = bradley_terry(pairs, margins_of(frozen, 0.05), steps=20, rate=0.5)
    moved = frozen[renamed]
    again = bradley_terry(np.outer(moved, moved), margins_of(moved, 0.05), steps=20, rate=0.5)
    assert again == pytest.approx(rewards[renamed])


@given(shares, st.floats(0.01, 0.9))
def test_only_the_mode_wins_and_only_above_the_threshold(frozen, threshold) -> None:
    winners = (margins_of(frozen, threshold) > 0).any(axis=-1)
    second, first = np.sort(frozen)[-2:]
    assert winners.tolist() == [
        bool(y == frozen.argmax() and first - second >= threshold) for y in range(4)
    ]


@given(st.floats(0.3, 0.99), st.floats(0.01, 0.95))
def test_there_are_pairs_from_the_least_mode_on(mode, threshold) -> None:
    if abs(mode - least_mode(threshold)) > 1e-9:
        won = margins_of(frozen_policy(mode).answer[0, 0], threshold).any()
        assert won == (mode > least_mode(threshold))


def test_the_rewards_follow_the_gradient_of_the_stated_loss() -> None:
    """One step from 0 against a difference quotient of -log sigmoid(r_i - r_j - margin)."""
    rng = np.random.default_rng(0)
    pairs, margins = rng.uniform(1, 2, (3, 3)), np.triu(rng.uniform(0.5, 2, (3, 3)), 1)

    def loss(rewards: np.ndarray) -> float:
        gap = rewards[:, None] - rewards[None, :] - margins
        won = margins > 0
        return float((pairs * np.log1p(np.exp(-gap)))[won].sum() / pairs[won].sum())

    step = np.eye(3) * 1e-6
    slope = [(loss(e) - loss(-e)) / 2e-6 for e in step]
    assert bradley_terry(pairs, margins, steps=1, rate=1.0) == pytest.approx(-np.array(slope))


@given(st.floats(0.05, 0.95), st.floats(0, 1))
def test_full_sharpening_calibrates_above_the_boundary(mode, a) -> None:
    before, after = a * (1 - mode) ** 2 + (1 - a) * mode**2, 1 - a
    if abs(a - least_right_share(mode)) > 1e-9:
        assert (after < before) == (a > least_right_share(mode))


@pytest.mark.slow
def test_the_brier_score_improves_on_one_side_of_the_boundary_only() -> None:
    """.71 at the defaults: right modes on six tenths of the questions are too few, on eight not."""
    changes = [RLSF.run(scale="short", knobs={"right": a}).findings[2] for a in (0.6, 0.8)]
    assert all(change.agrees for change in changes)
    assert changes[0].exact > 0 > changes[1].exact


@pytest.mark.slow
def test_without_pairs_nothing_is_learned_and_this_is_said() -> None:
    with pytest.warns(UserWarning, match="nothing was learned"):
        outcome = RLSF.run(scale="short", knobs={"threshold": 0.9})
    assert [finding.measured for finding in outcome.findings] == pytest.approx([0.0] * 4)
    assert "no pairs" in outcome.boundary
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RLSF.run(scale="short", knobs={"threshold": 0.9, "mode": 0.95})
