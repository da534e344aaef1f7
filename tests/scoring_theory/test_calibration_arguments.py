"""Invalid counts, widths and labels raise ValueError; valid ones are accepted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    accuracy,
    bootstrap_interval,
    corp_decomposition,
    expected_calibration_error,
    log_loss,
    paired_difference,
    recalibrate,
    smooth_calibration_error,
)
from scoring_theory.catalogue import brier

FORECASTS = Forecasts(confidence=[0.25, 0.5, 0.75, 0.75], correct=[0, 1, 1, 0])


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
