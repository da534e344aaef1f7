"""Calibration errors against their definitions, direct quadrature and brute force, with ties."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    accuracy,
    auroc,
    average_precision,
    brier_score,
    condensed,
    corp_decomposition,
    debiased_calibration_error,
    expected_calibration_error,
    maximum_calibration_error,
    root_mean_square_calibration_error,
    smooth_calibration_error,
    thin_bins,
    totals,
)
from scoring_theory.calibration.binning import bin_index, bin_sums
from scoring_theory.catalogue import brier
from tests.support.examples import examples

GRID = st.integers(0, 20).map(lambda k: k / 20)
PAIRS = st.lists(
    st.tuples(st.one_of(GRID, st.floats(0, 1)), st.integers(0, 1)), min_size=1, max_size=40
)


def made(pairs, **more) -> Forecasts:
    return Forecasts(confidence=[q for q, _ in pairs], correct=[c for _, c in pairs], **more)


def drawn(seed: int, n: int, tilt: float = 0.0) -> Forecasts:
    rng = np.random.default_rng(seed)
    q = rng.integers(0, 21, size=n) / 20
    return Forecasts(confidence=q, correct=rng.random(n) < np.clip(q + tilt, 0, 1))


# ---------------------------------------------------------------- bins


@examples(60)
@given(st.integers(1, 30), st.data())
def test_a_stated_value_is_in_the_bin_that_exact_fractions_say(bins, data):
    # Oracle: the decimal k/100 as a fraction, not as a float.
    k = data.draw(st.integers(0, 100))
    exact = Fraction(k, 100) * bins
    left = min(math.floor(exact), bins - 1)
    right = max(math.ceil(exact) - 1, 0)
    row = Forecasts(confidence=[k / 100], correct=[1])
    assert bin_index(row, bins=bins)[0] == left
    assert bin_index(row, bins=bins, closed="right")[0] == right


def test_bins_closed_on_the_right_hold_their_upper_edge_and_the_first_holds_zero():
    # scikit-learn's rule; [0, 0.4] with 15 bins is a known trap, where packages disagree (0.075
    # against 0.475).
    rows = Forecasts(confidence=[0.0, 0.2, 0.4], correct=[0, 1, 1])
    assert bin_sums(rows, bins=5, closed="right").rows.tolist() == [2, 1, 0, 0, 0]
    assert bin_sums(rows, bins=5).rows.tolist() == [1, 1, 1, 0, 0]


@examples(80)
@given(PAIRS, st.integers(1, 6))
def test_equal_mass_never_splits_ties_and_cuts_by_rank(pairs, count):
    rows = made(pairs)
    place = bin_index(rows, bins=EqualMass(count))
    q = rows.confidence
    for i in range(len(rows)):  # the definition, row by row
        assert place[i] == min(count * int((q < q[i]).sum()) // len(rows), count - 1)
    assert bin_sums(rows, bins=EqualMass(count)).rows.sum() == len(rows)


def test_equal_mass_bins_without_ties_hold_the_same_number_of_rows():
    q = np.random.default_rng(0).random(100)
    sums = bin_sums(Forecasts(confidence=q, correct=q > 0.5), bins=EqualMass(10))
    assert sums.rows.tolist() == [10] * 10


@pytest.mark.parametrize("bins", [EqualMass, "value", 0, -1, 2.0, True, None])
def test_what_is_no_binning_is_refused(bins):
    with pytest.raises(ValueError, match="`bins`"):
        expected_calibration_error(drawn(0, 10), bins=bins)
    with pytest.raises(ValueError, match="`count`"):
        EqualMass(0)
    with pytest.raises(ValueError, match='`closed` must be "left" or "right", got \'middle\''):
        expected_calibration_error(drawn(0, 10), closed="middle")


def test_thin_bins_are_told_in_words():
    rows = made([(0.9, 1)] * 25 + [(0.5, 0)] * 3 + [(0.1, 0)])
    assert thin_bins(rows).startswith("2 of 3 bins have fewer than 20 answers (the smallest has 1;")
    assert thin_bins(rows, bins=1) == ""


# ---------------------------------------------------------------- errors by bins


@examples(80)
@given(PAIRS)
def test_the_three_norms_are_ordered_and_the_same_for_one_bin(pairs):
    rows = made(pairs)
    for bins in ("values", 7, EqualMass(4)):
        mean = expected_calibration_error(rows, bins=bins)
        square = root_mean_square_calibration_error(rows, bins=bins)
        worst = maximum_calibration_error(rows, bins=bins)
        assert mean <= square + 1e-12 <= worst + 2e-12
    alone = [f(rows, bins=1) for f in (expected_calibration_error, maximum_calibration_error)]
    assert alone[0] == pytest.approx(alone[1], abs=1e-12)


def test_debiasing_removes_most_of_what_chance_adds():
    # Calibrated forecasts: the plain error is near sqrt(2 f (1 - f) / (pi n)) a bin; the debiased
    # one near half of it or less, and the debiased square is unbiased, so its mean over samples is
    # 0 within 4 standard errors.
    plain, folded, squares = [], [], []
    for seed in range(200):
        rows = drawn(seed, 400)
        plain.append(expected_calibration_error(rows, bins=5))
        folded.append(debiased_calibration_error(rows, bins=5))
        sums = bin_sums(rows, bins=5)
        stated, frequency = sums.means()
        unbiased = (stated - frequency) ** 2 - frequency * (1 - frequency) / (sums.rows - 1)
        squares.append(float(sums.weight @ unbiased / sums.weight.sum()))
    assert np.mean(folded) < 0.6 * np.mean(plain)
    # q varies inside a bin, so f (1 - f) overstates the variance a little: the bound below is not
    # symmetric.
    assert -0.001 < np.mean(squares) < 4 * np.std(squares) / math.sqrt(len(squares))


def test_debiasing_by_values_is_unbiased_in_the_square():
    # Oracle: f (1 - f) / (n - 1) is the unbiased variance of a frequency, so the mean of the
    # debiased square is the true squared gap (0.1^2), within 4 standard errors over 400 samples.
    found = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        q = np.repeat([0.3, 0.6], 50)
        rows = Forecasts(confidence=q, correct=rng.random(100) < q + 0.1)
        sums = bin_sums(rows)
        stated, frequency = sums.means()
        found.append(float(np.mean((stated - frequency) ** 2 - frequency * (1 - frequency) / 49)))
        expected = math.sqrt(max(0.0, found[-1]))
        assert root_mean_square_calibration_error(rows, debiased=True) == pytest.approx(
            expected, abs=1e-12
        )
    assert abs(np.mean(found) - 0.01) < 4 * np.std(found) / 20


def test_debiasing_refuses_single_rows_and_weights():
    with pytest.raises(ValueError, match="at least 2 rows in every bin, got 1 of 2 bins"):
        debiased_calibration_error(made([(0.1, 0), (0.2, 1), (0.2, 1)]))
    with pytest.raises(ValueError, match="unweighted rows"):
        debiased_calibration_error(made([(0.1, 0)] * 4, weight=[1, 2, 1, 1]))


def test_the_folded_normal_is_the_integral_it_says():
    # Oracle: quadrature of E|g + s Z| for one bin of 20 rows, 13 right, stated 0.5.
    rows = made([(0.5, 1)] * 13 + [(0.5, 0)] * 7)
    gap, error = 0.15, math.sqrt(0.65 * 0.35 / 19)
    folded = quad(
        lambda z: abs(gap + error * z) * norm.pdf(z), -12, 12, points=[-gap / error], epsabs=1e-12
    )[0]
    assert debiased_calibration_error(rows) == pytest.approx(2 * gap - folded, abs=1e-9)


# ---------------------------------------------------------------- the smooth one


def by_quadrature(rows: Forecasts, width: float) -> float:
    """The definition: a Gaussian kernel reflected at 0 and 1 by twelve images on either side, on
    40,001 points.
    """
    t = np.linspace(0, 1, 40_001)
    density = np.zeros_like(t)
    for q, residual in zip(
        rows.confidence, rows.weight * (rows.confidence - rows.correct), strict=True
    ):
        for image in range(-12, 13):
            density += residual * (
                norm.pdf(t, 2 * image + q, width) + norm.pdf(t, 2 * image - q, width)
            )
    return float(np.trapezoid(np.abs(density), t) / rows.weight.sum())


@pytest.mark.parametrize("width", [0.03, 0.1, 0.4])
def test_the_smooth_error_is_its_definition_by_quadrature(width):
    rows = made(
        [(0.0, 1), (0.13, 0), (0.5, 1), (0.52, 0), (0.9, 0), (1.0, 1), (1.0, 0)],
        weight=[1, 2, 1, 1, 3, 1, 1],
    )
    assert smooth_calibration_error(rows, width=width) == pytest.approx(
        by_quadrature(rows, width), abs=1e-6
    )


def test_the_smooth_error_at_its_own_width_is_a_fixed_point():
    for rows in (drawn(1, 300, 0.2), drawn(2, 3000), made([(0.9, 0)] * 5)):
        found = smooth_calibration_error(rows)
        assert smooth_calibration_error(rows, width=found) == pytest.approx(found, abs=1e-8)
    assert smooth_calibration_error(made([(1.0, 0)] * 3)) == 1.0
    assert smooth_calibration_error(made([(1.0, 1), (0.0, 0)])) < 1e-6
    with pytest.raises(ValueError, match="`width` must be positive"):
        smooth_calibration_error(drawn(0, 5), width=0.0)


@examples(40)
@given(PAIRS, st.integers(2, 4))
def test_every_error_survives_shuffling_doubling_and_swapping(pairs, times):
    rows, again = made(pairs), made([*pairs[::-1]] * times)
    # On the grid of 1/64 the complement 1 - q is exact, so equal-width bins mirror each other up to
    # their edge rule.
    mirrored = [(round(64 * q) / 64, c) for q, c in pairs]
    here, there = made(mirrored), made([(1 - q, 1 - c) for q, c in mirrored])
    for error in (
        expected_calibration_error,
        maximum_calibration_error,
        root_mean_square_calibration_error,
    ):
        for bins in ("values", 10):
            assert error(again, bins=bins) == pytest.approx(error(rows, bins=bins), abs=1e-12)
        assert error(there) == pytest.approx(error(here), abs=1e-12)
    assert smooth_calibration_error(again) == pytest.approx(
        smooth_calibration_error(rows), abs=1e-9
    )
    assert smooth_calibration_error(there) == pytest.approx(
        smooth_calibration_error(here), abs=1e-6
    )
    # The mirror image of bins closed on the left is bins closed on the right.
    mirror = expected_calibration_error(there, bins=8, closed="right")
    if not any(q in (0, 1) for q, _ in mirrored):
        assert mirror == pytest.approx(expected_calibration_error(here, bins=8), abs=1e-12)


# ---------------------------------------------------------------- parts that add up


@examples(40)
@given(st.lists(PAIRS, min_size=1, max_size=4))
def test_totals_of_parts_are_the_totals_of_the_whole(parts):
    from scoring_theory.catalogue import brier, spherical

    rewards = {"brier": brier, "spherical": spherical}
    found = [totals(made(part), rewards=rewards) for part in parts]
    added = found[0]
    for one in found[1:]:
        added = added + one
    whole = made([pair for part in parts for pair in part])
    assert added.rows == len(whole)
    assert added.accuracy == pytest.approx(whole.correct.mean(), abs=1e-12)
    assert added.mean_confidence == pytest.approx(whole.confidence.mean(), abs=1e-12)
    assert added.brier_score == pytest.approx(-added.mean_rewards["brier"], abs=1e-12)
    assert added.expected_calibration_error == pytest.approx(
        expected_calibration_error(whole, bins=10), abs=1e-12
    )
    assert added.smooth_calibration_error == pytest.approx(
        smooth_calibration_error(whole), abs=1e-8
    )


def test_totals_of_different_bins_or_rewards_do_not_add_up():
    rows = drawn(0, 10)
    with pytest.raises(ValueError, match="same bins and rewards"):
        totals(rows) + totals(rows, bins=5)


def test_a_long_log_is_added_up_in_blocks_like_a_short_one():
    rng = np.random.default_rng(3)
    q = rng.integers(0, 101, size=200_000) / 100
    c = rng.random(q.size) < q
    rows = Forecasts(confidence=q, correct=c)
    naive = sum(abs((q - c)[(q * 100).round() // 10 == b].sum()) for b in range(9))
    naive += abs((q - c)[q >= 0.9].sum())
    assert expected_calibration_error(rows, bins=10) == pytest.approx(naive / q.size, abs=1e-12)
    weighted = Forecasts(confidence=q, correct=c, weight=np.full(q.size, 2.0))
    for bins in ("values", 10, EqualMass(10)):
        error = expected_calibration_error(rows, bins=bins)
        assert expected_calibration_error(weighted, bins=bins) == pytest.approx(error, abs=1e-12)


@examples(40)
@given(st.lists(PAIRS, min_size=1, max_size=4), st.sampled_from([np.float32, np.float64]))
def test_condensed_parts_have_every_metric_of_the_whole(parts, precision):
    columns = [
        (np.array([q for q, _ in part], dtype=precision), [c for _, c in part]) for part in parts
    ]
    merged = condensed(Forecasts(confidence=q, correct=c) for q, c in columns)
    whole = Forecasts(
        confidence=np.concatenate([q for q, _ in columns]),
        correct=np.concatenate([c for _, c in columns]),
    )
    assert len(merged) == len(
        {(float(q), int(c)) for q, c in zip(whole.confidence, whole.correct, strict=True)}
    )
    for metric in (auroc, average_precision, brier_score, smooth_calibration_error, accuracy):
        assert metric(merged) == pytest.approx(metric(whole), abs=1e-9, nan_ok=True)
    for bins in ("values", 10, EqualMass(3)):
        here, there = bin_sums(merged, bins=bins), bin_sums(whole, bins=bins)
        assert here.weight.tolist() == there.rows.tolist()
        assert here.correct.tolist() == there.correct.tolist()
    ours, rows = (corp_decomposition(one, brier).miscalibration for one in (merged, whole))
    assert ours == pytest.approx(rows, abs=1e-12)


def test_condensing_adds_weights_and_wants_a_part():
    parts = [
        Forecasts(confidence=[0.5, 1], correct=[1, 0], weight=[0.5, 0]),
        Forecasts(confidence=[0.5], correct=[1]),
    ]
    merged = condensed(parts)
    assert (merged.confidence.tolist(), merged.correct.tolist(), merged.weight.tolist()) == (
        [0.5],
        [1.0],
        [1.5],
    )
    with pytest.raises(ValueError, match="at least one part"):
        condensed([])


def test_a_bin_for_each_of_many_values_is_warned_of() -> None:
    """Calibrated forecasts with three decimals: one bin per value finds an error that is chance."""
    rng = np.random.default_rng(0)
    q = rng.integers(0, 1001, 800) / 1000
    c = (rng.random(800) < q).astype(float)
    for metric in (expected_calibration_error, maximum_calibration_error):
        with pytest.warns(UserWarning, match="different values, and each value is a bin"):
            alone = metric(c, q)
        assert alone > 3 * metric(c, q, bins=10)
    tenths = np.round(q, 1)
    assert expected_calibration_error(c, tenths) < 0.1  # no warning: some 70 rows for each value
