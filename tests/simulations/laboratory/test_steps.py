"""Step-level and trace-average confidence: enumeration against sampling and by hand."""

from __future__ import annotations

from itertools import product
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.steps import (
    TRACE_SCORES,
    Chain,
    better_between,
    hiding_length,
    score,
)

noises = st.floats(0, 0.99)


@given(st.integers(1, 6), noises)
def test_the_enumeration_is_complete(steps: int, noise: float) -> None:
    chain = Chain(steps, noise)
    base = 0.5 * 0.87**steps + 0.5 * (0.8 * 0.99 + 0.2 * 0.05) ** steps
    assert chain.accuracy() == pytest.approx(base)
    for name in TRACE_SCORES:
        mass, good = chain.by_score(name)
        assert (mass.sum(), good.sum()) == (pytest.approx(1), pytest.approx(base))
        assert chain.selected(name, traces=1) == pytest.approx(base)


@given(st.integers(2, 6), noises, st.integers(2, 12))
def test_no_score_selects_better_than_the_posterior(steps: int, noise: float, traces: int) -> None:
    chain = Chain(steps, noise)
    best = chain.selected("posterior", traces=traces)
    for name in TRACE_SCORES:
        assert chain.selected(name, traces=traces) <= best + 1e-9


@given(st.integers(2, 8))
def test_without_noise_the_product_is_the_posterior(steps: int) -> None:
    chain = Chain(steps, 0.0)
    for kinds in ([1] * steps, [0] * (steps - 1) + [2], [0] * steps):
        at = np.array([kinds])
        np.testing.assert_allclose(chain.posterior(at), chain.scores("product", at), atol=1e-9)


def test_the_average_hides_a_broken_step_in_long_traces_alone() -> None:
    for steps in range(2, 15):
        bold, cautious = np.array([0.99] * (steps - 1) + [0.05]), np.array([0.87] * steps)
        hidden = score("average", bold) > score("average", cautious)
        assert hidden == (steps > hiding_length())
        assert score("product", bold) < score("product", cautious)


@pytest.mark.parametrize("name", TRACE_SCORES)
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_selection_and_filtered_majority_agree_with_sampling(name: str, noise: float) -> None:
    chain, rng = Chain(3, noise), np.random.default_rng(4)
    drawn = chain.sampled(30_000, 5, rng)
    values = chain.scores(name, drawn.stated) + 1e-12 * rng.random(drawn.right.shape)
    best = np.argsort(-values, axis=-1)
    right = np.take_along_axis(drawn.right, best, axis=-1)
    assert right[:, 0].mean() == pytest.approx(chain.selected(name, traces=5), abs=0.012)
    for kept in (1, 2, 3):
        votes = right[:, :kept].sum(axis=1)
        majority = np.where(2 * votes == kept, 0.5, 2 * votes > kept).mean()
        exact = chain.filtered_majority(name, traces=5, kept=kept)
        assert majority == pytest.approx(exact, abs=0.012)


def test_keeping_one_trace_is_selection_and_keeping_all_ignores_the_score() -> None:
    chain = Chain(4, 0.2)
    for name in TRACE_SCORES:
        one = chain.filtered_majority(name, traces=5, kept=1)
        assert one == pytest.approx(chain.selected(name, traces=5))
        every = chain.filtered_majority(name, traces=5, kept=5)
        p = chain.accuracy()
        votes = [
            p ** sum(c) * (1 - p) ** (5 - sum(c)) for c in product((0, 1), repeat=5) if sum(c) > 2
        ]
        assert every == pytest.approx(sum(votes))


@given(st.permutations(range(5)))
def test_the_order_of_the_steps_counts_for_the_last_score_alone(order: list[int]) -> None:
    chain, kinds = Chain(5, 0.1), np.array([[0, 1, 2, 0, 1]])
    for name in ("average", "minimum", "product", "posterior"):
        before, after = chain.scores(name, kinds), chain.scores(name, kinds[:, order])
        np.testing.assert_allclose(before, after, atol=2e-9)


def test_the_boundaries_in_the_noise() -> None:
    low, high = better_between("average", "minimum", steps=8, traces=8)
    for noise, sign in ((low - 0.01, -1), (low + 0.01, 1), (high - 0.01, 1), (high + 0.01, -1)):
        chain = Chain(8, noise)
        lead = chain.selected("average", traces=8) - chain.selected("minimum", traces=8)
        assert np.sign(lead - 1e-4) == sign
    assert isnan(better_between("last", "posterior", steps=8, traces=8)[0])


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of average"):
        score("median", np.ones(2))
