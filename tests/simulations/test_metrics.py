"""Metrics against brute force, scikit-learn and the calibration room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from scoring_theory.calibration import Forecasts, expected_calibration_error
from simulations.agents import Tabular
from simulations.agents.tabular import policy_probabilities
from simulations.metrics import METRICS, measure
from simulations.worlds import bank
from tests.support.examples import examples

LEVELS = np.arange(21) / 20


def population(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mass = rng.dirichlet(np.full(21, 0.3))
    return mass, mass * rng.uniform(size=21)


@examples(60)
@given(seed=st.integers(0, 100_000), bins=st.sampled_from([5, 10, 15]))
def test_metrics_agree_with_weighted_libraries(seed, bins) -> None:
    mass, hits = population(seed)
    confidence, correct = np.tile(LEVELS, 2), np.repeat([1, 0], 21)
    weight = np.concatenate([hits, mass - hits])
    kept = weight > 0
    found = measure(LEVELS, mass, hits, bins=bins)
    forecasts = Forecasts(confidence=confidence[kept], correct=correct[kept], weight=weight[kept])
    assert found["ece"] == pytest.approx(
        expected_calibration_error(forecasts, bins=bins), abs=1e-12
    )
    assert found["auroc"] == pytest.approx(
        roc_auc_score(correct[kept], confidence[kept], sample_weight=weight[kept])
    )
    assert found["brier"] == pytest.approx(
        brier_score_loss(correct, confidence, sample_weight=weight)
    )
    assert found["mean_confidence"] == pytest.approx(weight @ confidence)
    assert found["accuracy"] == pytest.approx(hits.sum())
    assert found["confident_and_wrong"] == pytest.approx(
        weight[(confidence > 0.9) & (correct == 0)].sum()
    )


def test_without_bins_every_stated_value_is_judged_alone() -> None:
    mass, hits = population(3)
    assert measure(LEVELS, mass, hits)["ece"] == pytest.approx(np.abs(hits - mass * LEVELS).sum())


def test_exact_metrics_are_the_limit_of_sampled_ones() -> None:
    world, agent, n = bank(16, 3, seed=2), Tabular(), 400_000
    rng = np.random.default_rng(0)
    pi = policy_probabilities(rng.normal(size=(16, 3)), rng.normal(size=(16, 3, 11)))
    count = agent.count(pi, (world,), "replicator")
    exact = measure(agent.grid, count.mass[0], count.hits[0])
    x = rng.integers(16, size=n)
    y = (rng.random((n, 1)) > pi.answer[x].cumsum(axis=1)).sum(axis=1).clip(0, 2)
    q = agent.grid[
        (rng.random((n, 1)) > pi.confidence[x, y].cumsum(axis=1)).sum(axis=1).clip(0, 10)
    ]
    c = rng.random(n) < world.success_probability[x, y]
    sampled = {
        "accuracy": c.mean(), "mean_confidence": q.mean(), "brier": ((q - c) ** 2).mean(),
        "auroc": roc_auc_score(c, q), "confident_and_wrong": ((q > 0.9) & ~c).mean(),
        "ece": sum(abs((c - q)[q == level].sum()) / n for level in agent.grid),
    }  # fmt: skip
    for name, value in sampled.items():
        assert value == pytest.approx(exact[name], abs=0.004), name


def test_the_auroc_of_a_population_without_errors_is_undefined() -> None:
    mass = np.full(21, 1 / 21)
    assert np.isnan(measure(LEVELS, mass, mass)["auroc"])
    assert np.isnan(measure(LEVELS, mass, np.zeros(21))["auroc"])


def test_leading_axes_are_kept_and_every_metric_has_a_name_for_axes() -> None:
    masses, hits = (np.stack(part) for part in zip(*(population(i) for i in range(6)), strict=True))
    together = measure(LEVELS, masses.reshape(2, 3, 21), hits.reshape(2, 3, 21), bins=10)
    for name, values in together.items():
        assert values.shape == (2, 3)
        assert name in METRICS
        assert values[1, 2] == pytest.approx(measure(LEVELS, masses[5], hits[5], bins=10)[name])
