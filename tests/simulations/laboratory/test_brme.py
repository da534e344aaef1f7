"""Reward-model ensembles: the fit, the optima, and what tells the two minima apart."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.brme import BRME, frozen_responses
from simulations.laboratory.reward_heads import (
    effective_reward,
    penalised_optimum,
    scored_heads,
    worst_policy,
)

seeds = st.integers(0, 1000)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A policy for 2 prompts and 3 responses, and 4 heads."""
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(3) * 3, 2), rng.normal(size=(4, 2, 3))


def objective(policy, frozen, heads, *, alpha: float, beta: float) -> float:
    """alpha E r_nominal + (1 - alpha) min_j E r_j - beta KL, with the first head as the nominal."""
    earned = (policy * heads).sum(axis=-1).mean(axis=-1)
    kl = (policy * np.log(policy / frozen)).sum(axis=-1).mean()
    return float(alpha * earned[0] + (1 - alpha) * earned.min() - beta * kl)


@given(seeds, st.floats(0, 1), st.floats(0.3, 2))
def test_no_other_policy_has_a_larger_objective(seed, alpha, beta) -> None:
    frozen, heads = drawn(seed)
    best = worst_policy(frozen, heads, nominal=heads[0], alpha=alpha, beta=beta, steps=2000)
    value = objective(best, frozen, heads, alpha=alpha, beta=beta)
    rng = np.random.default_rng(seed)
    for size in (1.0, 0.1, 0.01):
        near = best * np.exp(size * rng.normal(size=(50, 2, 3)))
        for other in near / near.sum(axis=-1, keepdims=True):
            assert objective(other, frozen, heads, alpha=alpha, beta=beta) <= value + 1e-3


@given(seeds, st.permutations(range(3)), st.permutations(range(4)))
def test_the_optimum_knows_no_number_of_a_response_or_a_head(seed, renamed, others) -> None:
    frozen, heads = drawn(seed)
    plain = worst_policy(frozen, heads, nominal=heads[0], alpha=0.3, beta=0.5)
    moved = heads[others][:, :, renamed]
    again = worst_policy(
        frozen[:, renamed], moved, nominal=heads[0][:, renamed], alpha=0.3, beta=0.5
    )
    assert again == pytest.approx(plain[:, renamed])


@given(seeds, st.floats(0.05, 5))
def test_the_effective_reward_is_the_worst_case_under_a_kl_penalty(seed, beta) -> None:
    """-beta log E exp(-r / beta) = min over q of E_q r + beta KL(q, uniform), and its mirror."""
    rng = np.random.default_rng(seed)
    heads = rng.normal(size=5)
    low = effective_reward(heads, beta=beta, pessimistic=True)
    for q in rng.dirichlet(np.ones(5), 20):
        penalty = beta * (q * np.log(np.maximum(q, 1e-300) * 5)).sum()
        assert low <= q @ heads + penalty + 1e-9
    q = np.exp(-heads / beta - (-heads / beta).max())
    q /= q.sum()
    assert q @ heads + beta * (q * np.log(np.maximum(q, 1e-300) * 5)).sum() == pytest.approx(low)
    high = effective_reward(heads, beta=beta, pessimistic=False)
    assert heads.min() <= low <= heads.mean() <= high <= heads.max()
    assert effective_reward(-heads, beta=beta, pessimistic=False) == pytest.approx(-low)


def test_the_effective_reward_lies_between_the_minimum_and_the_mean() -> None:
    heads = np.array([0.3, -1.0, 0.7])
    assert effective_reward(heads, beta=1e-4, pessimistic=True) == pytest.approx(-1.0, abs=1e-3)
    assert effective_reward(heads, beta=1e4, pessimistic=True) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    "beta", [*(pytest.param(beta, marks=pytest.mark.slow) for beta in (0.1, 0.5, 0.8)), 0.72, 2.0]
)
def test_two_opposite_heads_end_at_one_half_if_the_penalty_allows(beta) -> None:
    """From .8 by hand: the best for head (0, 1), or 1/2 as soon as it crosses it, 1 / log 4."""
    start = np.array([[0.8, 0.2]])
    heads = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    found = worst_policy(start, heads, nominal=np.zeros((1, 2)), alpha=0.0, beta=beta, steps=20_000)
    alone = penalised_optimum(start, heads[1], beta=beta)[0, 0]
    assert found[0, 0] == pytest.approx(max(alone, 0.5), abs=2e-3)
    assert (alone > 0.5) == (beta > 1 / log(4))
    assert penalised_optimum(start, heads.min(axis=0), beta=beta)[0].tolist() == pytest.approx(
        [0.8, 0.2]
    )


def test_the_fit_is_the_posterior_and_thin_data_are_overvalued_by_chance() -> None:
    heads = scored_heads(
        frozen_responses(), data_sets=400, heads=3, scores=0, rare=0.0, rng=np.random.default_rng(0)
    )
    assert (heads.spreads == 1).all()
    chance = float((heads.mixture(0.0) > 0).mean())
    assert chance == pytest.approx(2.0**-3, abs=4 * (0.125 * 0.875 / 25_600) ** 0.5)
    many = scored_heads(
        frozen_responses(),
        data_sets=50,
        heads=3,
        scores=5000,
        rare=2.0,
        rng=np.random.default_rng(0),
    )
    assert np.abs(many.means - many.true).max() < 1.0
    z = (many.means - many.true) / many.spreads
    assert z.std() == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
def test_pessimism_gains_on_one_side_of_the_boundary_only() -> None:
    rows = {name: [float(x) for x in cells] for name, *cells in BRME.run(scale="short").rows}
    nominal, worst = rows["nominal head"], rows["minimum of each rollout"]
    assert worst[0] > nominal[0] + 0.3
    assert worst[2] < nominal[2] - 0.3
    assert max(cells[3] for name, cells in rows.items() if name != "true reward") < 0
    mean, expectation = rows["mean of the heads"], rows["minimum of expectations"]
    assert abs(expectation[0] - mean[0]) < 0.1  # a fixed mixture of the heads, nearly their mean
