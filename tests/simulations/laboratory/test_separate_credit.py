"""Separate credit: the boundaries are those of the rewards; no answer is better for its number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.separate_credit import (
    _along_the_mean,
    sandbagging_weight,
    separate_share,
    shared_logit,
    shared_logit_weight,
)

shares = st.floats(0.05, 0.95)


@given(st.floats(0, 0.45), st.floats(0.01, 0.45), st.floats(0.05, 20))
def test_the_worse_answer_earns_more_beyond_the_weight(
    worse: float, gap: float, weight: float
) -> None:
    better = worse + gap
    value = [p - weight * p * (1 - p) for p in (worse, better)]
    limit = sandbagging_weight(worse, better)
    if abs(weight - limit) > 1e-6:
        assert (value[0] > value[1]) == (weight > limit)


@given(shares, st.floats(0, 0.2), st.floats(0.25, 1), st.floats(0.1, 5), st.booleans())
def test_the_shared_logit_climbs_the_expected_rewards(
    s: float, worse: float, better: float, weight: float, separate: bool
) -> None:
    """One step of the mean field against the derivatives of enumerated expectations."""
    truth = np.array([worse, better])

    def expected(answer: float, level: float, *, verdict: float) -> float:
        chances = [(1 - answer, worse), (answer, better)]
        levels = [(1 - level, 0.0), (level, 1.0)]
        return float(
            sum(
                x * y * (p * (verdict - weight * (q - 1) ** 2) - (1 - p) * weight * q**2)
                for x, p in chances
                for y, q in levels
            )
        )

    def both(z: float) -> float:
        """The function whose derivative moves z: each token's part of the objective."""
        moved = float(1 / (1 + np.exp(-z)))
        if separate:
            right = worse + (better - worse) * moved
            return right + expected(s, moved, verdict=0.0)
        return expected(moved, moved, verdict=1.0)

    z, step = np.log(s / (1 - s)), 1e-5
    slope = (both(z + step) - both(z - step)) / (2 * step)
    path = shared_logit(truth, weight, separate=separate, share=s, learning_rate=1e-6, steps=1)
    rise = np.log(path[:, 0] / (1 - path[:, 0]))
    assert (rise[1] - rise[0]) / 1e-6 == pytest.approx(7 / 8 * slope, abs=1e-4)
    limit = shared_logit_weight(worse, better, share=s)
    if separate and abs(weight - limit) > 1e-3:
        assert (slope < 0) == (weight > limit)


@given(st.floats(0, 0.2), st.floats(0.25, 0.7), st.floats(0, 5), st.booleans())
def test_no_answer_is_better_for_its_number(
    worse: float, better: float, weight: float, separate: bool
) -> None:
    one, other = (
        _along_the_mean(np.array([p]), weight, 20, 1.0, separate=separate).end
        for p in ([worse, better], [better, worse])
    )
    assert np.allclose(one.answer, other.answer[..., ::-1], atol=1e-12)
    assert np.allclose(one.confidence, other.confidence[:, :, ::-1], atol=1e-12)


@pytest.mark.parametrize("weight", [0.5, 3.0, 20.0])
def test_separate_credit_chooses_the_better_answer_at_any_weight(weight: float) -> None:
    assert separate_share(0.1, 0.4, weight=weight, separate=True) > 0.99
    assert (separate_share(0.1, 0.4, weight=weight, separate=False) > 0.99) == (weight < 2)
