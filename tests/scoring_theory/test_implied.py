"""What accuracy, AUROC and mean confidence imply: exact for discrete laws, a bound for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from scoring_theory.calibration import (
    Forecasts,
    auroc,
    brier_score,
    ece_by_chance,
    expected_calibration_error,
    implied_metrics,
    mean_confidence,
)
from scoring_theory.calibration.implied import _mean_difference, _variance

levels = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=6
)


def population(rows: list[tuple[int, int, int]]) -> tuple[Forecasts, np.ndarray, np.ndarray]:
    """A population with distinct confidences in [0, 1] and e = E[c | q] never decreasing in q.

    Each row is a weight, a step of e and a step of q. Weighted rows stand for the whole population,
    so that metrics are exact.
    """
    weight = np.array([row[0] for row in rows], float)
    weight /= weight.sum()
    e = np.cumsum([row[1] for row in rows]) / (10 * len(rows))
    q = np.cumsum([row[2] + 1 for row in rows]) / (11 * len(rows))
    both = Forecasts(
        correct=np.repeat([[1.0, 0.0]], len(rows), axis=0).ravel(),
        confidence=np.repeat(q, 2),
        weight=(weight[:, None] * np.stack([e, 1 - e], axis=1)).ravel(),
    )
    return both, weight, e


@given(levels)
def test_the_auroc_is_the_mean_difference_of_recalibrated_confidence(
    rows: list[tuple[int, int, int]],
) -> None:
    """AUROC = 1/2 + E|e - e'| / (4 acc (1 - acc)) (Theorem 56)."""
    forecasts, weight, e = population(rows)
    accuracy = float(weight @ e)
    assume(0 < accuracy < 1)
    difference = float(weight @ np.abs(e[:, None] - e) @ weight)
    assert auroc(forecasts) == pytest.approx(0.5 + difference / (4 * accuracy * (1 - accuracy)))


@given(levels)
def test_the_brier_score_is_never_below_the_bound(rows: list[tuple[int, int, int]]) -> None:
    forecasts, weight, e = population(rows)
    accuracy = float(weight @ e)
    assume(0 < accuracy < 1)
    implied = implied_metrics(
        accuracy=accuracy,
        auroc=auroc(forecasts),
        mean_confidence=mean_confidence(forecasts),
    )
    assert brier_score(forecasts) >= implied.brier_at_least - 1e-12
    assert expected_calibration_error(forecasts) >= implied.ece_at_least - 1e-12


def test_confidence_against_accuracy_is_below_the_bound() -> None:
    """The teeth of the bound: with e decreasing in q it fails, and AUROC below 1/2 says so."""
    forecasts = Forecasts(
        correct=[1, 0, 1, 0],
        confidence=[0.45, 0.45, 0.55, 0.55],
        weight=[0.5, 0.0, 0.0, 0.5],
    )
    implied = implied_metrics(
        accuracy=0.5, auroc=auroc(forecasts), mean_confidence=mean_confidence(forecasts)
    )
    assert "below 1/2" in implied.condition
    assert implied.resolution == 0


@pytest.mark.parametrize("a", [0.3, 2.0, 30.0])
@pytest.mark.parametrize("b", [0.7, 5.0])
def test_a_shifted_beta_population_has_the_implied_brier_score(a: float, b: float) -> None:
    """The forward computation by quadrature, scipy.stats.beta: the oracle of the inversion."""
    law = stats.beta(a, b)
    mean, variance = law.mean(), law.var()
    grid = law.ppf((np.arange(4000) + 0.5) / 4000)
    difference = 2 * float(np.sum(grid * (2 * np.arange(1, 4001) - 4001))) / 4000**2
    assert _mean_difference(mean, a + b) == pytest.approx(difference, rel=2e-3)
    area = 0.5 + _mean_difference(mean, a + b) / (4 * mean * (1 - mean))
    shift = 0.01
    implied = implied_metrics(accuracy=mean, auroc=area, mean_confidence=mean + shift)
    assert implied.resolution == pytest.approx(variance, rel=1e-6)
    assert implied.brier == pytest.approx(mean * (1 - mean) - variance + shift**2, rel=1e-6)


@given(st.floats(0.02, 0.98), st.floats(0.5, 1.0), st.floats(0, 1))
def test_the_estimate_lies_above_the_bound(accuracy: float, area: float, mean: float) -> None:
    """3 D^2 / 4 <= Var(e) <= D / 2 for every distribution (Glasser 1962)."""
    implied = implied_metrics(accuracy=accuracy, auroc=area, mean_confidence=mean)
    difference = 4 * accuracy * (1 - accuracy) * (area - 0.5)
    assert implied.brier >= implied.brier_at_least - 1e-9
    assert 3 * difference**2 / 4 - 1e-9 <= implied.resolution <= difference / 2 + 1e-9


@pytest.mark.parametrize("area", [0.5, 1.0])
def test_the_ends_of_auroc(area: float) -> None:
    implied = implied_metrics(accuracy=0.3, auroc=area, mean_confidence=0.3)
    assert implied.brier == pytest.approx(0.21 if area == 0.5 else 0.0, abs=1e-4)
    assert _variance(0.3, 0.0) == 0


def test_a_shift_that_leaves_the_unit_interval_is_named() -> None:
    implied = implied_metrics(accuracy=0.5, auroc=0.75, mean_confidence=0.9)
    assert implied.condition.startswith("a shift of +0.4 would put")


def test_all_right_or_all_wrong() -> None:
    implied = implied_metrics(accuracy=1.0, auroc=float("nan"), mean_confidence=0.9)
    assert implied.brier == pytest.approx(0.01)
    assert "not defined" in implied.condition


@pytest.mark.parametrize(
    ("name", "value"), [("accuracy", 1.2), ("auroc", -0.1), ("mean_confidence", float("nan"))]
)
def test_a_number_outside_of_its_domain_is_named(name: str, value: float) -> None:
    given = {"accuracy": 0.5, "auroc": 0.6, "mean_confidence": 0.5, name: value}
    with pytest.raises(ValueError, match=rf"`{name}` must lie in \[0, 1\], got"):
        implied_metrics(**given)


def test_chance_grows_with_bins_and_falls_with_answers() -> None:
    implied = implied_metrics(accuracy=0.6, auroc=0.7, mean_confidence=0.6)
    few = ece_by_chance(implied, 200, samples=100)
    many = ece_by_chance(implied, 3200, samples=100)
    finer = ece_by_chance(implied, 200, bins=40, samples=100)
    assert many[0] < few[0] / 3 < few[0] < finer[0]
    assert few[1] < few[0] < few[2]


def test_chance_of_a_constant_confidence_is_that_of_a_binomial() -> None:
    """One stated value: ECE = |k/n - p|, with mean sqrt(2 p (1 - p) / (pi n)) for large n."""
    implied = implied_metrics(accuracy=0.5, auroc=0.5, mean_confidence=0.5)
    mean, _, _ = ece_by_chance(implied, 1000, samples=2000)
    assert mean == pytest.approx(np.sqrt(0.5 / (np.pi * 1000)), rel=0.06)


@pytest.mark.parametrize("name", ["n", "bins", "samples"])
def test_too_few_of_something_is_refused(name: str) -> None:
    implied = implied_metrics(accuracy=0.6, auroc=0.7, mean_confidence=0.6)
    given = {"n": 10, "bins": 10, "samples": 100, name: 0}
    with pytest.raises(ValueError, match=f"`{name}` must be at least"):
        ece_by_chance(implied, given["n"], bins=given["bins"], samples=given["samples"])
