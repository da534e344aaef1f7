"""Calibration metrics against hand computation, scikit-learn, published numbers and invariants."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from scoring_theory.calibration import (
    Forecasts,
    accuracy,
    auroc,
    bin_edges,
    brier_decomposition,
    brier_score,
    confident_and_wrong,
    expected_calibration_error,
    log_loss,
    mean_confidence,
    mean_reward,
    reliability_curve,
)
from scoring_theory.reward import Reward
from tests.support.examples import examples

METRICS = {
    "accuracy": accuracy,
    "confidence": mean_confidence,
    "brier": brier_score,
    "ece": expected_calibration_error,
    "ece by value": lambda forecasts: expected_calibration_error(forecasts, bins="values"),
    "auroc": auroc,
    "confident and wrong": confident_and_wrong,
    "miscalibration": lambda forecasts: brier_decomposition(forecasts).miscalibration,
    "reward": lambda forecasts: mean_reward(forecasts, Reward.parse("c - (q - c)^2")),
}


def forecasts(confidence, correct, **more) -> Forecasts:
    return Forecasts(confidence=confidence, correct=correct, **more)


@st.composite
def rows(draw, low: int = 1) -> tuple[list[float], list[int]]:
    """Stated values on a grid, so that ties, 0, 1 and bin edges all happen, and some in between."""
    stated = st.one_of(st.integers(0, 20).map(lambda k: k / 20), st.floats(0, 1))
    pairs = draw(st.lists(st.tuples(stated, st.integers(0, 1)), min_size=low, max_size=30))
    return [q for q, _ in pairs], [c for _, c in pairs]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("confidence", "correct", "sentence"),
    [
        ([0.5, math.nan], [1, 0], "`confidence` must lie in [0, 1], got nan at index 1"),
        ([1.2], [1], "`confidence` must lie in [0, 1], got 1.2 at index 0"),
        ([0.5, -0.1], [1, 1], "`confidence` must lie in [0, 1], got -0.1 at index 1"),
        ([0.5], [0.3], "`correct` must be 0 or 1, got 0.3 at index 0"),
        ([0.5, 0.5], [1, 2], "`correct` must be 0 or 1, got 2 at index 1"),
        (
            [0.1, 0.2, 0.3],
            [1],
            "all columns must have the same length, got confidence: 3, correct: 1, weight: 3",
        ),
        ([], [], "`confidence` must have at least one row, got none"),
        ([[0.5]], [1], "`confidence` must be one-dimensional, got shape (1, 1)"),
        (0.5, 1, "`confidence` must be one-dimensional, got shape ()"),
        (np.array([0.5, 7]), [1, 1], "`confidence` must lie in [0, 1], got 7.0 at index 1"),
    ],
)
def test_values_outside_their_domain_are_refused_with_the_rule_and_the_value(
    confidence, correct, sentence
):
    with pytest.raises(ValueError, match=re.escape(sentence) + "$"):
        forecasts(confidence, correct)


@pytest.mark.parametrize(
    ("confidence", "sentence"),
    [
        (["0.5"], "`confidence` must hold numbers, got '0.5' at index 0"),
        ([0.5, None], "`confidence` must hold numbers, got None at index 1"),
        ([0.5j], "`confidence` must hold numbers, got 0.5j at index 0"),
        (
            np.ma.array([0.5], mask=[True]),
            "`confidence` must be a plain column, got a masked array",
        ),
    ],
)
def test_what_is_no_number_is_refused_and_never_converted(confidence, sentence):
    with pytest.raises(TypeError) as caught:
        forecasts(confidence, [1] * len(confidence))
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("weight", [[1, math.inf], [-1, 2], [math.nan, 1], [0, 0]])
def test_weights_are_finite_nonnegative_and_not_all_zero(weight):
    with pytest.raises(ValueError, match="`weight` must"):
        forecasts([0.5, 0.5], [1, 0], weight=weight)


def test_a_missing_group_is_refused():
    with pytest.raises(ValueError, match="got None at index 1"):
        forecasts([0.5, 0.5], [1, 0], group=["a", None])
    with pytest.raises(ValueError, match="got nan at index 0"):
        forecasts([0.5, 0.5], [1, 0], group=[math.nan, 1.0])


# ---------------------------------------------------------------- what is accepted


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [
        ([1, 0], [True, False]),
        (np.array([1, 0], dtype=np.uint8), np.array([1, 0], dtype=np.uint8)),
        (np.array([1, 0], dtype=np.float32), [1.0, 0.0]),
        ([Fraction(1), 0], [1, 0]),
        ((True, False), (1, 0)),
    ],
)
def test_lists_bools_integers_and_fractions_are_accepted(confidence, correct):
    made = forecasts(confidence, correct)
    assert made.confidence.dtype == np.float64
    assert made.confidence.tolist() == [1.0, 0.0] == made.correct.tolist()


def test_columns_of_data_frames_are_accepted_through_the_array_protocol():
    class Column:
        """What pandas and polars columns offer to numpy."""

        def __init__(self, values: list[float], dtype: str) -> None:
            self.values = np.array(values, dtype=dtype)

        def __array__(self, dtype=None, copy=None) -> np.ndarray:
            return self.values if dtype is None else self.values.astype(dtype)

    made = forecasts(Column([0.5, 0.9], "float32"), Column([True, False], "bool"))
    assert (made.precision, made.correct.tolist()) == (np.float32, [1.0, 0.0])
    with pytest.raises(ValueError, match="got nan at index 1"):  # how polars hands over a null
        forecasts(Column([0.5, math.nan], "float64"), [1, 0])


def test_decimals_are_no_numbers_of_this_room_and_say_so():
    with pytest.raises(TypeError, match=r"got Decimal\('0.5'\)"):
        forecasts([Decimal("0.5")], [1])


def test_forecasts_are_copies_that_nobody_can_change():
    column = np.array([0.5, 0.25])
    made = forecasts(column, [1, 0], group=["a", "b"])
    column[0] = 1.0
    assert made.confidence[0] == 0.5
    for array in (made.confidence, made.correct, made.weight, made.group, made[:1].confidence):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        made.confidence = column


def test_minus_zero_is_zero():
    made = forecasts([-0.0, 0.0], [0, 1])
    assert not np.signbit(made.confidence).any()
    assert reliability_curve(made, bins="values").rows.tolist() == [2]


def test_groups_are_told_apart_whatever_they_are_called():
    for group in (["x", "y", "x"], [7, 8, 7], [("a", 1), ("a", 2), ("a", 1)]):
        labels = np.empty(3, dtype=object)
        labels[:] = group
        codes = forecasts([0.5] * 3, [1, 0, 1], group=labels).group
        assert codes[0] == codes[2] != codes[1]


def test_a_selection_without_weight_is_refused():
    with pytest.raises(ValueError, match="positive total weight"):
        forecasts([0.5], [1])[np.array([False])]


# ---------------------------------------------------------------- bins


def test_one_is_in_the_last_bin():
    # By hand: .95 and 1 share the last of 15 bins, mean confidence .975, frequency 1/2.
    assert expected_calibration_error(forecasts([0.95, 1.0], [1, 0]), bins=15) == pytest.approx(
        0.475, abs=1e-15
    )


def test_exactly_zero_is_kept():
    assert expected_calibration_error(forecasts([0.0, 0.0], [1, 1])) == 1.0
    assert reliability_curve(forecasts([0.0, 1.0], [0, 1])).rows.tolist() == [1, 1]


@pytest.mark.parametrize("precision", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("bins", [5, 10, 15, 20, 100])
def test_stated_grid_values_open_their_bin_in_every_precision(bins, precision):
    typed = np.array(
        [float(Decimal(k) / bins) for k in range(bins)]
    )  # the decimal that a model would write
    curve = reliability_curve(forecasts(typed.astype(precision), np.ones(bins)), bins=bins)
    assert curve.rows.tolist() == [1] * bins
    selected = forecasts(typed.astype(precision), np.ones(bins))[1:]
    assert reliability_curve(selected, bins=bins).rows.tolist() == [1] * (bins - 1)


def test_edges_are_the_floats_that_one_types():
    assert bin_edges(10).tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert (np.linspace(0, 1, 11) == bin_edges(10)).all() == np.False_  # the common edges are not


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "value", None])
def test_bins_are_a_positive_whole_number_or_values(value):
    with pytest.raises(ValueError, match=r"`bins` must be"):
        expected_calibration_error(forecasts([0.5], [1]), bins=value)


def test_more_bins_than_rows_are_no_fewer_bins():
    # Bins capped at the number of rows would pool the two and give |.55 + .61 - 1| / 2 = .08;
    # apart: (.45 + .61) / 2.
    assert expected_calibration_error(forecasts([0.55, 0.61], [1, 0]), bins=15) == pytest.approx(
        0.53, abs=1e-12
    )


def test_by_value_every_stated_value_is_its_own_bin():
    made = forecasts([0.50, 0.50, 0.51, 0.51], [1, 1, 0, 0])
    assert expected_calibration_error(made, bins=10) == pytest.approx(0.005)
    assert expected_calibration_error(made) == pytest.approx((0.5 + 0.51) / 2)


# ---------------------------------------------------------------- scores and discrimination


@examples(60)
@given(rows())
def test_brier_is_scikit_learns(pair):
    q, c = pair
    assert brier_score(forecasts(q, c)) == pytest.approx(
        brier_score_loss(c, q, pos_label=1), abs=1e-12
    )


@examples(60)
@given(rows(low=2), st.data())
def test_auroc_with_ties_and_weights_is_scikit_learns(pair, data):
    q, c = pair
    c[0], c[1] = 0, 1
    weight = data.draw(st.lists(st.integers(1, 5), min_size=len(q), max_size=len(q)))
    expected = roc_auc_score(c, q, sample_weight=weight)
    assert auroc(forecasts(q, c, weight=weight)) == pytest.approx(expected, abs=1e-12)


def test_auroc_by_hand_and_where_it_is_not_defined():
    assert auroc(forecasts([0.9, 0.1], [1, 0])) == 1.0
    assert auroc(forecasts([0.9, 0.1], [0, 1])) == 0.0
    assert auroc(forecasts([0.7] * 4, [1, 0, 0, 1])) == 0.5
    assert math.isnan(auroc(forecasts([0.2, 0.4], [0, 0])))
    assert math.isnan(auroc(forecasts([0.1, 0.4], [1, 0], weight=[0.1, 0.0])))


def test_log_loss_inside_is_scikit_learns_and_says_what_it_does_at_zero():
    q, c = [0.2, 0.7, 0.99], [0, 1, 0]
    assert log_loss(forecasts(q, c)).value == pytest.approx(sklearn_log_loss(c, q), abs=1e-12)
    ruin = forecasts([0.0, 0.5], [1, 1])
    assert log_loss(ruin).value == math.inf
    clipped = log_loss(ruin, at_zero=1e-3)
    assert (clipped.clipped, clipped.at_zero) == (1, 1e-3)
    assert float(clipped) == pytest.approx(-(math.log(1e-3) + math.log(0.5)) / 2)
    for wrong in (0, 0.6, -1, "clip", math.nan):
        with pytest.raises(ValueError, match="`at_zero` must be"):
            log_loss(ruin, at_zero=wrong)


@pytest.mark.parametrize("q", [1e-17, 1e-300, 1e-15])
def test_log_loss_keeps_its_digits_near_zero(q):
    # log|q + c - 1| would be -inf at 1e-17 and off by 0.3 % at 1e-15
    assert log_loss(forecasts([q], [1])).value == pytest.approx(-math.log(q), rel=1e-15, abs=0)
    assert log_loss(forecasts([q], [0])).value == pytest.approx(q, rel=1e-15, abs=0)


def test_confident_and_wrong_is_strictly_above_in_the_columns_own_precision():
    for precision in (np.float64, np.float32):
        made = forecasts(np.array([0.9, 0.95, 0.95, 0.1], dtype=precision), [0, 0, 1, 0])
        assert confident_and_wrong(made) == 0.25
        assert confident_and_wrong(made, above=0.5) == 0.5
        assert (
            confident_and_wrong(forecasts(np.array([0.6], dtype=precision), [0]), above=0.6) == 0.0
        )
    for above in (90, 1.5, -0.5):
        with pytest.raises(ValueError, match=rf"`above` must lie in \[0, 1\], got {above}"):
            confident_and_wrong(forecasts([0.5], [1]), above=above)


def test_mean_reward_is_ruined_by_one_ruined_row_unless_it_has_no_weight():
    log = Reward.parse("c + log(1 - abs(q - c))")
    assert mean_reward(forecasts([1.0, 0.5], [0, 1]), log) == -math.inf
    assert mean_reward(forecasts([1.0, 0.5], [0, 1], weight=[0, 1]), log) == pytest.approx(
        1 + math.log(0.5)
    )
    made = forecasts([0.3, 0.9], [1, 0])
    assert mean_reward(made, Reward.parse("-(q - c)^2")) == pytest.approx(-brier_score(made))


# ---------------------------------------------------------------- laws


@pytest.mark.parametrize("name", METRICS)
@examples(30)
@given(pair=rows(), random=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(name, pair, random):
    q, c = pair
    order = random.sample(range(len(q)), len(q))
    before, after = (
        METRICS[name](forecasts(*columns))
        for columns in (pair, ([q[i] for i in order], [c[i] for i in order]))
    )
    assert after == pytest.approx(before, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", METRICS)
@examples(30)
@given(pair=rows(), times=st.integers(2, 4))
def test_doubled_rows_change_nothing_and_equal_weights(name, pair, times):
    q, c = pair
    once, often = METRICS[name](forecasts(q, c)), METRICS[name](forecasts(q * times, c * times))
    weighted = METRICS[name](forecasts(q, c, weight=[times] * len(q)))
    assert often == pytest.approx(once, abs=1e-12, nan_ok=True)
    assert weighted == pytest.approx(once, abs=1e-12, nan_ok=True)


@examples(50)
@given(rows(low=2))
def test_a_weight_of_zero_is_an_absent_row(pair):
    q, c = pair
    for metric in METRICS.values():
        present = metric(forecasts(q[1:], c[1:]))
        assert metric(forecasts(q, c, weight=[0] + [1] * (len(q) - 1))) == pytest.approx(
            present, abs=1e-12, nan_ok=True
        )


@examples(60)
@given(rows())
def test_the_brier_score_is_the_sum_of_its_parts(pair):
    made = forecasts(*pair)
    parts = brier_decomposition(made)
    assert parts.miscalibration - parts.discrimination + parts.uncertainty == pytest.approx(
        brier_score(made), abs=1e-12
    )
    assert parts.miscalibration >= 0
    assert parts.discrimination >= 0


@examples(60)
@given(rows())
def test_finer_bins_never_show_less_error_than_one_bin_and_values_show_the_most(pair):
    made = forecasts(*pair)
    one, ten, all_values = (
        expected_calibration_error(made, bins=bins) for bins in (1, 10, "values")
    )
    assert one == pytest.approx(abs(mean_confidence(made) - accuracy(made)), abs=1e-12)
    assert one <= ten + 1e-12 <= all_values + 2e-12 <= 1 + 3e-12


@examples(40)
@given(rows())
def test_brier_auroc_and_ece_by_value_survive_swapping_right_and_wrong(pair):
    q, c = pair
    grid = [round(20 * value) / 20 for value in q]
    swapped = forecasts([1 - value for value in grid], [1 - outcome for outcome in c])
    made = forecasts(grid, c)
    for metric in (brier_score, auroc):
        assert metric(swapped) == pytest.approx(metric(made), abs=1e-12, nan_ok=True)


def test_a_reliability_curve_adds_up_to_its_ece():
    rng = np.random.default_rng(5)
    q = rng.integers(0, 21, size=500) / 20
    made = forecasts(q, rng.random(500) < q**2)
    curve = reliability_curve(made)
    gaps = np.abs(curve.confidence - curve.frequency) @ curve.rows / len(made)
    assert gaps == pytest.approx(expected_calibration_error(made), abs=1e-12)
    assert np.isnan(curve.low).all()
    assert curve.rows.sum() == 500
    assert (np.diff(curve.confidence) > 0).all()
