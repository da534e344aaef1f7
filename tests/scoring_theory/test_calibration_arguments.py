"""Invalid counts, widths and labels raise ValueError; valid ones are accepted."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    accuracy,
    bootstrap_interval,
    corp_curve,
    corp_decomposition,
    expected_calibration_error,
    log_loss,
    mean_intervals,
    paired_difference,
    recalibrate,
    reliability_curve,
    smooth_calibration_error,
)
from scoring_theory.catalogue import brier

FORECASTS = Forecasts(confidence=[0.25, 0.5, 0.75, 0.75], correct=[0, 1, 1, 0])

EVEN = Forecasts(confidence=[0.25] * 4 + [0.75] * 4, correct=[0, 1, 0, 0, 1, 1, 0, 1])


def test_counts_may_be_whole_numbers_of_numpy():
    for bins in (10, EqualMass(2)):
        other = np.int64(10) if bins == 10 else EqualMass(np.int64(2))
        found = expected_calibration_error(FORECASTS, bins=other)
        assert found == expected_calibration_error(FORECASTS, bins=bins)
    assert EqualMass(np.int64(2)) == EqualMass(2)
    for count in (0, 2.5, True):
        with pytest.raises(ValueError, match=r"`count` must be a positive whole number, got"):
            EqualMass(count)


@pytest.mark.parametrize("folds", [1, 2.5, "5"])
def test_folds_are_a_whole_number(folds):
    with pytest.raises(ValueError, match="`folds` must be a whole number of at least 2, got"):
        recalibrate(FORECASTS, rng=np.random.default_rng(0), folds=folds)


@pytest.mark.parametrize("width", [math.inf, math.nan, 0.0, -1.0])
def test_a_kernel_has_a_finite_width(width):
    with pytest.raises(ValueError, match="`width` must be positive and finite"):
        smooth_calibration_error(FORECASTS, width=width)


def test_a_clip_of_any_float_is_one():
    assert log_loss(FORECASTS, at_zero=np.float32(0.25)) == log_loss(FORECASTS, at_zero=0.25)


@pytest.mark.parametrize("gap", [None, math.nan])
def test_a_gap_among_labels_is_no_group(gap):
    with pytest.raises(
        ValueError, match=r"`group` must have a label in every row, got (None|nan) at index 1"
    ):
        Forecasts(confidence=[0.5, 0.5], correct=[1, 0], group=np.array(["a", gap], dtype=object))


def test_one_class_is_not_uncertain_by_minus_nothing():
    parts = corp_decomposition(Forecasts(confidence=[0.5, 0.9], correct=[1, 1]), brier)
    assert math.copysign(1, parts.uncertainty) == 1


def test_a_resample_that_weighs_nothing_leaves_a_metric_undefined():
    half = Forecasts(confidence=[0.5, 0.5, 0.5, 0.5], correct=[1, 0, 1, 0], weight=[1, 1, 0, 0])
    one = bootstrap_interval(half, accuracy, rng=np.random.default_rng(0), resamples=400)
    assert 5 <= one.undefined <= 50  # a chance of 1/16
    assert (one.low, one.high) == (0.0, 1.0)
    first = np.array([True, False, True, False])
    pair = paired_difference(
        half, accuracy, first=first, second=~first, rng=np.random.default_rng(0), resamples=400
    )
    assert pair.estimate == 1.0
    assert pair.undefined > 50


def test_differences_take_a_loss_with_its_clipping_and_refuse_what_is_no_number():
    """`log_loss` returns its mean and how it was clipped; the interval is that of the mean."""
    q, c = [0.9, 0.5, 0.8, 0.5], [1, 1, 0, 0]
    both = Forecasts(confidence=q, correct=c, group=[1, 1, 2, 2])
    first = np.array([True, False, True, False])
    found = paired_difference(both, log_loss, first=first, second=~first, rng=0)
    same = paired_difference(
        both, lambda f: log_loss(f).value, first=first, second=~first, rng=np.random.default_rng(0)
    )
    assert found == same
    assert found.estimate == pytest.approx((-math.log(0.9) - math.log(0.2)) / 2 - math.log(2))
    assert bootstrap_interval(both, log_loss, rng=0).estimate == pytest.approx(log_loss(both).value)
    with pytest.raises(TypeError, match=r"`metric` must return a number, as .*, got tuple"):
        bootstrap_interval(both, lambda f: (1, 2), rng=0)


@pytest.mark.parametrize(
    "call",
    [
        lambda rng: recalibrate(FORECASTS, rng=rng, folds=2).forecasts.confidence.tolist(),
        lambda rng: bootstrap_interval(FORECASTS, accuracy, rng=rng),
        lambda rng: paired_difference(
            FORECASTS, accuracy, first=np.arange(4) < 2, second=np.arange(4) >= 2, rng=rng
        ),
        lambda rng: mean_intervals(FORECASTS, FORECASTS.correct[None], rng=rng),
        lambda rng: repr(reliability_curve(EVEN, rng=rng, resamples=99)),
        lambda rng: repr(corp_curve(EVEN, rng=rng, resamples=99)),
    ],
)
def test_randomness_is_a_generator_or_a_seed(call):
    assert call(0) == call(np.random.default_rng(0)) == call(np.int64(0))
    for wrong in ("0", 0.5, True, np.random):
        with pytest.raises(TypeError, match=r"`rng` must be a `numpy.random.Generator`, such as"):
            call(wrong)
    with pytest.raises(ValueError, match="a seed must be at least 0, got `rng` = -1"):
        call(-1)


@pytest.mark.parametrize("method", ["isotonic", "platt", "temperature", "beta", "histogram"])
def test_a_map_for_other_answers_is_fitted_to_all_rows(method):
    rng = np.random.default_rng(0)
    q = rng.choice([0.05, 0.3, 0.6, 0.9, 1.0], 2000)
    stated = Forecasts(confidence=q, correct=rng.random(2000) < 0.2 + 0.5 * q)
    found = recalibrate(stated, rng=1, method=method)
    assert found.map.answers == 2000
    # Cross-fitting gives nearly the same, and the map is calibrated on the rows that it has seen.
    assert np.abs(found.map(q) - found.forecasts.confidence).max() < 0.05
    if method != "temperature":  # which cannot move the mean
        assert abs(found.map(q).mean() - stated.correct.mean()) < 1e-6
    kept = pickle.loads(pickle.dumps(found.map))
    assert kept([[0.0, 0.5], [0.9, 1.0]]).shape == (2, 2)
    assert kept(0.5) == found.map([0.5])[0]
    assert isinstance(kept(0.5), float)
    assert (np.diff(kept(np.linspace(0, 1, 101))) >= 0).all()
    assert repr(found.map).startswith(f"RecalibrationMap('{method}', answers=2000, ")
    for wrong in (1.5, -0.1, math.nan):
        with pytest.raises(ValueError, match=r"`confidence` must lie in \[0, 1\], got"):
            found.map([0.5, wrong])
