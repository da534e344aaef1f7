"""Prediction against decision: closed forms against enumeration, and no forecaster has a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring_theory.designing.design import design
from simulations.decisions.gating import gate
from simulations.laboratory.decision_gap import (
    changing_threshold,
    forecast_reward,
    forecasters,
    largest_curvature,
)

seldom = st.floats(0.05, 0.28)
thresholds = st.integers(1, 18).map(lambda n: n / 20 + 0.02)


@given(seldom, thresholds)
def test_the_utility_is_that_of_the_gate(often: float, threshold: float) -> None:
    """Acting gains c - t, which is (1 - t) - t w c for a wrong cost t / (1 - t)."""
    for f in forecasters(often):
        gated = gate(
            [f.low, f.high],
            [f.low, f.high],
            [f.low, f.high],
            low=threshold,
            high=threshold,
            wrong_cost=threshold / (1 - threshold),
            weight=[1 - f.often, f.often],
        )
        assert f.utility(threshold) == pytest.approx((1 - threshold) * float(gated.utility))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seldom, thresholds, st.integers(0, 10).map(lambda n: n / 10))
def test_the_design_chooses_by_its_curvature(
    often: float, threshold: float, curvature: float
) -> None:
    pair = forecasters(often)
    reward = design(thresholds=[threshold], curvature=curvature).reward
    value = forecast_reward(reward, pair)
    closed = [
        curvature * f.mean(f.low**2, f.high**2) / 2 + (1 - curvature) * f.utility(threshold)
        for f in pair
    ]
    assert np.allclose(value, closed)
    bound = largest_curvature(*pair, threshold)
    assume(abs(curvature - bound) > 1e-6)
    assert value[1] - value[0] < 1e-12 or curvature < bound
    assert np.allclose(forecast_reward(reward, (pair[1], pair[0])), value[::-1])


@given(seldom, st.floats(0.3, 0.94))
def test_the_order_of_decisions_changes_at_the_threshold(often: float, threshold: float) -> None:
    """Above both low probabilities; the Brier score prefers the first forecaster throughout."""
    pair = forecasters(often)
    change = changing_threshold(*pair)
    assume(threshold > pair[1].low and abs(threshold - change) > 1e-6)
    assert (pair[1].utility(threshold) > pair[0].utility(threshold)) == (threshold > change)
    assert pair[0].brier < pair[1].brier
    assert all(f.mean(f.low, f.high) == pytest.approx(0.4) for f in pair)
