"""Columns longer than a block use tables instead of sorts and give the same results."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    auroc,
    average_precision,
    brier_score,
    corp_decomposition,
    expected_calibration_error,
    log_loss,
    mean_reward,
)
from scoring_theory.calibration.binning import bin_index, bin_sums
from scoring_theory.calibration.levels import counted_levels, levels_of
from scoring_theory.calibration.order_statistics import BLOCK, order_statistics, placer
from scoring_theory.calibration.recalibration import interpolated
from scoring_theory.calibration.smooth import residual_grid
from scoring_theory.catalogue import brier, log
from tests.support.examples import examples

LONG = 2 * BLOCK + 17
ONES = np.broadcast_to(np.float64(1), LONG)
NEAR = st.sampled_from(
    [0.0, 1.0, 0.5, math.nextafter(0.5, 0), math.nextafter(0.5, 1), 1e-300, 0.25, 0.3, 1 / 3]
)
STATED = st.one_of(st.integers(0, 100).map(lambda k: k / 100), st.floats(0, 1), NEAR)
BINS = [*({"bins": n, "closed": end} for n in (1, 2, 7, 10, 49) for end in ("left", "right")),
        *({"bins": EqualMass(n)} for n in (1, 2, 7, 15)), {"bins": 10**5}]  # fmt: skip


def continuous(seed: int, n: int = LONG) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    q = rng.beta(1.3, 0.8, size=n)
    return q, (rng.random(n) < q**1.5).astype(float)


@examples(12)
@given(st.lists(st.tuples(STATED, st.integers(0, 1)), min_size=1, max_size=12))
def test_a_long_column_of_repetitions_is_the_short_one(pairs):
    q, c = np.array(pairs).T
    times = LONG // len(pairs) + 1
    short, long = (
        Forecasts(confidence=q, correct=c),
        Forecasts(confidence=np.tile(q, times), correct=np.tile(c, times)),
    )
    for choice in BINS[:-1]:
        few, many = bin_sums(short, **choice), bin_sums(long, **choice)
        assert (many.rows == times * few.rows).all()
        assert (many.correct == times * few.correct).all()
        assert many.confidence == pytest.approx(
            times * few.confidence, rel=1e-11
        )  # added row by row
        assert (bin_index(long, **choice)[: len(pairs)] == bin_index(short, **choice)).all()
    assert (long.levels.value == short.levels.value).all()
    assert (long.levels.rows == times * short.levels.rows).all()
    assert (long.levels.correct == times * short.levels.correct).all()
    for metric in (auroc, average_precision, brier_score, log_loss):
        assert float(metric(long)) == pytest.approx(float(metric(short)), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("choice", BINS, ids=str)
def test_distinct_values_fall_where_searching_says(choice):
    q, c = continuous(1)
    rows, bins = Forecasts(confidence=q, correct=c), choice["bins"]
    if isinstance(bins, EqualMass):
        below = np.searchsorted(np.sort(q), q)
        expected = bins.count * below // q.size
    else:
        side = "right" if choice.get("closed", "left") == "left" else "left"
        expected = np.searchsorted(np.arange(1, bins) / bins, q, side=side)
    assert (bin_index(rows, **choice) == expected).all()
    sums = bin_sums(rows, **choice)
    assert (sums.rows == np.bincount(expected, minlength=sums.rows.size)).all()
    assert (sums.correct == np.bincount(expected, weights=c, minlength=sums.rows.size)).all()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    "cuts",
    [[], [0.0, 1.0], [0.3, 0.3, 0.3], [0.5, math.nextafter(0.5, 1)], [0.1, 0.2, 0.3, 0.9]],
    ids=str,
)
def test_a_table_of_cuts_is_a_search(cuts, side):
    at = np.array(cuts, dtype=np.float64)
    q = np.array(
        [
            *(x for cut in cuts for x in (math.nextafter(cut, 0), cut, math.nextafter(cut, 1))),
            0.0,
            0.15,
            1.0,
        ]
    )
    for rows in (q.size, LONG):
        assert (placer(at, side, rows=rows)(q) == np.searchsorted(at, q, side=side)).all()


@pytest.mark.parametrize("digits", [2, 5, 17])
def test_order_statistics_are_those_of_the_sorted_column(digits):
    q = continuous(2)[0].round(digits)
    ranks = np.unique(np.r_[0, 1, q.size - 1, np.random.default_rng(3).integers(0, q.size, 40)])
    assert (order_statistics(q, ranks) == np.sort(q)[ranks]).all()


def test_levels_counted_are_levels_sorted_and_only_where_values_keep_apart():
    q, c = continuous(4)
    weight = np.random.default_rng(5).integers(0, 4, size=LONG).astype(float)
    for w in (ONES, weight):
        counted, ordered = counted_levels(q.round(2), c, w), levels_of(q.round(2), c, w)
        assert counted is not None
        for name in ("value", "weight", "correct", "rows"):
            assert (getattr(counted, name) == getattr(ordered, name)).all(), name
    assert counted_levels(q, c, ONES) is None
    for row in (0, 1, -1):  # met in the first block or in the last
        near = np.full(LONG, 0.5)
        near[row] = math.nextafter(0.5, 1)
        assert counted_levels(near, c, ONES) is None
        assert Forecasts(confidence=near, correct=c).levels.rows.tolist() == [LONG - 1, 1]


def test_ranks_of_distinct_values_by_the_rank_sum():
    q, c = continuous(6)
    right = int(c.sum())
    pairs = right * (LONG - right)
    exact = Fraction(int(rankdata(q)[c == 1].sum()) - right * (right + 1) // 2, pairs)
    assert auroc(Forecasts(confidence=q, correct=c)) == float(exact)


@pytest.mark.parametrize("rule", [brier, log])
@pytest.mark.parametrize("digits", [17, 3])
def test_corp_of_long_columns_is_the_isotonic_regression_of_every_row(rule, digits):
    q, c = continuous(7)
    q = q.clip(0.01, 0.99).round(digits)
    _, index, count = np.unique(q, return_inverse=True, return_counts=True)
    fitted = isotonic_regression(np.bincount(index, weights=c) / count, weights=count).x[index]
    best, stated, constant = (
        rule.payoff(x, c).mean() for x in (fitted, q, np.full(LONG, c.mean()))
    )
    found = corp_decomposition(Forecasts(confidence=q, correct=c), rule)
    assert found.miscalibration == pytest.approx(best - stated, abs=1e-12)
    assert found.discrimination == pytest.approx(best - constant, abs=1e-12)
    assert found.score == pytest.approx(
        mean_reward(Forecasts(confidence=q, correct=c), rule), abs=1e-12
    )


@examples(30)
@given(
    st.lists(st.tuples(STATED, st.floats(0, 1)), min_size=1, max_size=20, unique_by=lambda k: k[0])
)
def test_interpolation_through_a_table_is_that_of_numpy(pairs):
    knots, heights = np.array(sorted(pairs)).T
    q = np.concatenate([continuous(3)[0], knots, [0.0, 1.0]])
    assert (interpolated(q, knots, heights) == np.interp(q, knots, heights)).all()


@pytest.mark.parametrize("q", [1e-17, 1e-9, 3e-5, 0.1, 0.4999, 0.7, 0.999])
def test_the_log_loss_of_one_wrong_answer_is_log1p_to_the_last_digit(q):
    found = log_loss(Forecasts(confidence=[q], correct=[0])).value
    assert found == pytest.approx(-math.log1p(-q), rel=4e-16)


@pytest.mark.parametrize(
    ("column", "value"), [("confidence", 1.5), ("correct", 0.5), ("weight", math.inf)]
)
def test_a_bad_entry_in_a_later_block_is_found_with_its_index(column, value):
    columns = {name: np.ones(LONG) for name in ("confidence", "correct", "weight")}
    columns["confidence"] /= 2  # not 0 or 1 throughout, which would look swapped
    columns[column][BLOCK + 5] = value
    with pytest.raises(ValueError, match=f"`{column}` must .*, got {value} at index {BLOCK + 5}$"):
        Forecasts(**columns)


def test_equal_mass_errors_do_not_depend_on_what_was_asked_before():
    q, c = continuous(8)
    first = Forecasts(confidence=q, correct=c)
    before = expected_calibration_error(first, bins=EqualMass(15))
    auroc(first)
    assert expected_calibration_error(first, bins=EqualMass(15)) == before


@pytest.mark.parametrize("bins", [10, EqualMass(15)])
def test_long_columns_on_a_grid_are_added_up_by_value(bins):
    q, c = continuous(9)
    q = q.round(1)
    weight = np.random.default_rng(10).integers(0, 3, size=LONG)
    for more in ({}, {"weight": weight}):
        long = Forecasts(confidence=q, correct=c, **more)
        assert long.few_levels is long.levels
        parts = [
            long[start : start + BLOCK] for start in range(0, LONG, BLOCK)
        ]  # too short to be counted
        if isinstance(bins, int):
            sums = [bin_sums(part, bins=bins) for part in parts]
            found = bin_sums(long, bins=bins)
            assert (found.rows == sum(one.rows for one in sums)).all()
            assert (found.weight == sum(one.weight for one in sums)).all()
            assert found.confidence == pytest.approx(sum(one.confidence for one in sums), rel=1e-10)
        grids = sum(residual_grid(part) for part in parts)
        assert residual_grid(long) == pytest.approx(grids, abs=1e-7)
        assert bin_sums(long, bins=bins).correct.sum() == (c * more.get("weight", 1)).sum()
