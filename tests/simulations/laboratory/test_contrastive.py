"""Contrastive rewards: what an offline baseline changes, by enumeration, and what it cannot."""

from __future__ import annotations

from itertools import product
from math import comb, isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.contrastive import (
    CONTRASTIVE,
    least_baselines,
    offline_baseline,
    share_of_squares,
    variance_removed,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import (
    Groups,
    advantages_of,
    sum_of_signals,
    verdict_signal,
)
from simulations.signals.training import enumerated_mean_field

weights = st.lists(st.floats(0.1, 1), min_size=3, max_size=3).map(np.array)
rates = st.lists(st.floats(0.05, 0.95), min_size=3, max_size=3).map(np.array)


def spread_of_update(shares, accepted, baselines: int) -> float:
    """The trace of the covariance of one rollout's update, over answer, verdict and baseline."""
    m = shares @ accepted
    mean, square = np.zeros(3), 0.0
    for n in range(baselines + 1):
        chance = comb(baselines, n) * m**n * (1 - m) ** (baselines - n)
        b = n / baselines if baselines else 0.0
        for y, c in product(range(3), (0, 1)):
            p = chance * shares[y] * (accepted[y] if c else 1 - accepted[y])
            update = (c - b) * (np.eye(3)[y] - shares)
            mean, square = mean + p * update, square + p * (update @ update)
    return float(square - mean @ mean)


@given(weights, rates, st.integers(1, 5))
def test_the_variance_is_that_of_all_rollouts_and_baselines(weight, accepted, k) -> None:
    shares = weight / weight.sum()
    plain = spread_of_update(shares, accepted, 0)
    removed = 1 - spread_of_update(shares, accepted, k) / plain
    assert variance_removed(shares, accepted, k) == pytest.approx(removed)


@given(weights, rates, st.integers(1, 60))
def test_baselines_help_above_the_boundary_only(weight, accepted, k) -> None:
    shares = weight / weight.sum()
    least, removed = least_baselines(shares, accepted), variance_removed(shares, accepted, k)
    if isinf(least):
        assert removed <= 1e-12
    elif abs(k - least) > 1e-6:
        assert (removed > 0) == (k > least)


@given(st.floats(0.05, 0.95))
def test_the_boundary_of_answers_alike_is_the_odds_of_a_rejection(m) -> None:
    assert least_baselines(np.full(4, 0.25), np.full(4, m)) == pytest.approx((1 - m) / m)


@given(weights, rates, st.permutations(range(3)))
def test_no_result_depends_on_the_numbers_of_the_answers(weight, accepted, renamed) -> None:
    shares = weight / weight.sum()
    moved = shares[renamed], accepted[renamed]
    assert variance_removed(*moved, 3) == pytest.approx(variance_removed(shares, accepted, 3))


@pytest.mark.parametrize("estimator", ["group_mean", "leave_one_out", "group_std"])
def test_a_baseline_of_the_question_cancels_in_a_group(estimator) -> None:
    rewards = np.random.default_rng(0).integers(0, 2, (50, 6)).astype(float)
    moved = advantages_of(rewards - 0.3, estimator)
    assert moved == pytest.approx(advantages_of(rewards, estimator), abs=1e-9)


def test_the_mean_field_is_the_same_with_any_constant_baseline() -> None:
    start = StatedPolicy(np.array([[[0.5, 0.3, 0.2]]]), np.ones((1, 1, 3, 1)), np.ones(1))
    accepted = np.array([[0.2, 0.7, 0.4]])

    def constant(groups: Groups) -> np.ndarray:
        return np.full(groups.correct.shape, -0.37)

    ends = [
        enumerated_mean_field(
            start, accepted, signal, group_size=2, learning_rate=0.5, steps=20, estimator="none"
        ).end.answer
        for signal in (verdict_signal, sum_of_signals((1, verdict_signal), (1, constant)))
    ]
    assert ends[1] == pytest.approx(ends[0])


def test_the_baseline_is_judged_once_with_the_errors_of_the_verifier() -> None:
    start = StatedPolicy(np.full((1, 2, 2), 0.5), np.ones((1, 2, 2, 1)), np.ones(1))
    accepted = np.array([[1.0, 0.0], [0.7, 0.3]])
    rng = np.random.default_rng(0)
    signal = offline_baseline(start, accepted, verdict_signal, runs=4000, baselines=1, rng=rng)
    nothing = np.zeros((4000, 2, 3), int)
    groups = Groups(nothing, nothing, nothing.astype(float), start, start)
    kept = -signal(groups)
    assert (kept == kept[..., :1]).all()
    assert set(np.unique(kept)) == {0.0, 1.0}
    assert kept.mean(axis=(0, 2)) == pytest.approx([0.5, 0.5], abs=0.04)
    assert np.array_equal(signal(groups), -kept)


@pytest.mark.slow
def test_with_and_without_have_the_same_aim() -> None:
    sides = [CONTRASTIVE.run(scale="short", without=w).findings for w in (False, True)]
    assert [f.exact for f in sides[0][2:]] == [f.exact for f in sides[1][2:]]
    assert sides[0][0].exact > 0.2 > sides[1][0].exact == 0.0


@given(st.integers(0, 1000), st.integers(0, 3))
def test_the_share_of_squares_is_that_of_every_baseline_and_rollout(seed: int, k: int) -> None:
    """By enumeration of the rollout and of the number of accepted baseline answers."""
    rng = np.random.default_rng(seed)
    shares, accepted = rng.dirichlet(np.ones(3), 2), rng.uniform(0.1, 0.9, (2, 3))
    squares = np.zeros(2)
    for x in range(2):
        rate = float(shares[x] @ accepted[x])
        for y, n, r in product(range(3), range(k + 1), (0.0, 1.0)):
            chance = shares[x, y] * (accepted[x, y] if r else 1 - accepted[x, y])
            chance *= comb(k, n) * rate**n * (1 - rate) ** (k - n)
            length = ((np.eye(3)[y] - shares[x]) ** 2).sum()
            squares[x] += chance * length * (r - (n / k if k else 0.0)) ** 2
    assert share_of_squares(shares, accepted, k) == pytest.approx(squares / squares.sum())


def test_the_weights_between_questions_are_in_the_table() -> None:
    """An offline baseline moves the squares towards the hard question and no mean update."""
    outcome = CONTRASTIVE.run(scale="short", replicates=2)
    rows = [dict(zip(outcome.head, row, strict=True)) for row in outcome.rows]
    plain, *contrasted = [row for row in rows if "or not" not in next(iter(row.values()))]
    hard = [float(row["squares hard"]) for row in (plain, *contrasted)]
    assert hard == sorted(hard)
    assert hard[-1] > 1.2 * hard[0]
    assert {row["weight errors"] for row in (plain, *contrasted)} == {"0.400"}
    for row in rows:
        total = sum(float(row[f"squares {name}"]) for name in ("exact", "errors", "hard"))
        assert total == pytest.approx(1, abs=0.002)
