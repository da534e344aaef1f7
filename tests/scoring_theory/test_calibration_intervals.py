"""Intervals: coverage, resampling of whole questions, and infinite rewards."""

from __future__ import annotations

import itertools
import math
from importlib import import_module

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from scoring_theory.calibration import (
    Forecasts,
    accuracy,
    auroc,
    bootstrap_interval,
    calibration_error_difference,
    calibration_error_interval,
    corp_curve,
    mean_intervals,
    reliability_curve,
)
from scoring_theory.calibration.confidence_intervals import _reach, percentile_interval
from scoring_theory.calibration.decomposition import recalibrated
from scoring_theory.calibration.levels import Levels, compact
from scoring_theory.calibration.mean_intervals import intervals_of_means


def coin(n: int, seed: int, *, copies: int = 1) -> Forecasts:
    """n fair questions, each answered `copies` times with the same outcome."""
    flips = np.random.default_rng(seed).integers(0, 2, size=n)
    question = np.repeat(np.arange(n), copies)
    return Forecasts(confidence=np.full(n * copies, 0.5), correct=flips[question], group=question)


def accuracy_interval(forecasts: Forecasts, seed: int, **options):
    rng = np.random.default_rng(seed)
    return mean_intervals(forecasts, forecasts.correct[None], rng=rng, **options)[0]


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    # Standard error of the count: sqrt(300 * .05 * .95) < 4; three of them, and the grid of
    # outcomes, on either side.
    hits = sum(
        end.low <= 0.5 <= end.high
        for end in (accuracy_interval(coin(200, seed), seed) for seed in range(300))
    )
    assert 300 * 0.95 - 15 <= hits <= 300


def test_copies_of_a_question_add_no_evidence():
    once, often = (accuracy_interval(coin(200, 1, copies=copies), 2) for copies in (1, 10))
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)
    alone = Forecasts(
        confidence=coin(200, 1, copies=10).confidence, correct=coin(200, 1, copies=10).correct
    )
    unclustered = accuracy_interval(alone, 2)
    assert unclustered.high - unclustered.low < 0.4 * (
        often.high - often.low
    )  # sqrt(10) times too sure


@pytest.mark.parametrize("copies", [1, 3])
def test_the_fast_means_follow_the_law_of_the_plain_bootstrap(copies):
    made = coin(60, 4, copies=copies)
    fast = accuracy_interval(made, 0, resamples=3999)
    slow = bootstrap_interval(made, accuracy, rng=np.random.default_rng(0), resamples=3999)
    assert fast.estimate == slow.estimate
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high), abs=2 / 60)


def test_groups_of_different_sizes_are_drawn_whole():
    made = Forecasts(
        confidence=[0.5] * 6, correct=[1, 1, 1, 0, 0, 1], group=["a", "a", "a", "b", "b", "c"]
    )
    seen = []

    def sizes(drawn: Forecasts) -> float:
        counts = np.bincount(drawn.group, minlength=3)
        seen.append(counts)
        return float(len(drawn))

    bootstrap_interval(made, sizes, rng=np.random.default_rng(0), resamples=200)
    for counts in seen:
        assert counts[0] % 3 == counts[1] % 2 == 0
        assert counts[0] // 3 + counts[1] // 2 + counts[2] == 3
    assert len({tuple(counts) for counts in seen}) == 10  # all multisets of three out of three


def test_same_seed_same_interval_and_another_seed_another():
    made = coin(100, 3)
    assert accuracy_interval(made, 1) == accuracy_interval(made, 1)
    assert len({accuracy_interval(made, seed, resamples=50).low for seed in range(20)}) > 1


def test_ruin_is_certain_rare_or_absent():
    made = Forecasts(confidence=[0.5] * 200, correct=[1] * 200)
    values = np.zeros((3, 200))
    values[0, :] = -np.inf
    values[1, 0] = -np.inf  # drawn in 1 - (1 - 1/200)^200 = 63 % of resamples
    always, sometimes, never = mean_intervals(made, values, rng=np.random.default_rng(0))
    assert (always.low, always.high) == (-math.inf, -math.inf)
    assert (sometimes.estimate, sometimes.low, sometimes.high) == (-math.inf, -math.inf, 0.0)
    assert (never.estimate, never.low, never.high) == (0.0, 0.0, 0.0)


def test_values_that_have_no_mean_are_refused():
    made = coin(3, 0)
    for bad in (math.inf, math.nan):
        with pytest.raises(ValueError, match="`values` must be finite or -inf"):
            mean_intervals(made, np.array([[0.0, bad, 1.0]]), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"`values` must have shape \(k, 3\), got \(3,\)"):
        mean_intervals(made, np.zeros(3), rng=np.random.default_rng(0))


def test_resamples_without_a_defined_metric_are_counted():
    made = Forecasts(confidence=[0.2, 0.4, 0.6], correct=[0, 0, 1])
    interval = bootstrap_interval(made, auroc, rng=np.random.default_rng(0), resamples=999)
    share = (2**3 + 1) / 3**3  # all wrong, or all right
    assert interval.undefined == pytest.approx(999 * share, abs=3 * math.sqrt(999 * share))
    assert interval.low == interval.high == interval.estimate == 1.0
    never = bootstrap_interval(made[:2], auroc, rng=np.random.default_rng(0), resamples=9)
    assert never.undefined == 9
    assert math.isnan(never.low)
    assert math.isnan(never.high)


def test_the_ends_are_the_25th_of_999_from_either_side():
    interval = percentile_interval(
        0.0, np.random.default_rng(0).permutation(np.arange(1.0, 1000.0))
    )
    assert (interval.low, interval.high) == (25.0, 975.0)
    wide = percentile_interval(
        0.0, np.arange(1.0, 1000.0), level=0.9
    )  # 1000 * (1 - .9) / 2 is 49.999999999999986
    assert (wide.low, wide.high) == (50.0, 950.0)
    assert (
        percentile_interval(0.0, np.array([3.0, 1.0])).low,
        percentile_interval(0.0, np.array([3.0, 1.0])).high,
    ) == (1, 3)


@pytest.mark.parametrize(
    ("option", "value"), [("resamples", 1), ("level", 0), ("level", 1), ("level", 95)]
)
def test_options_outside_their_domain_are_refused(option, value):
    for interval in (
        accuracy_interval,
        lambda made, _, **o: bootstrap_interval(made, accuracy, rng=np.random.default_rng(0), **o),
    ):
        with pytest.raises(ValueError, match=f"`{option}` must"):
            interval(coin(4, 0), 0, **{option: value})


def test_consistency_bars_hold_calibrated_forecasts_at_about_their_level():
    inside = total = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        q = rng.integers(0, 11, size=400) / 10
        curve = reliability_curve(Forecasts(confidence=q, correct=rng.random(400) < q), rng=rng)
        inside += int(
            (
                (curve.consistent_low <= curve.frequency)
                & (curve.frequency <= curve.consistent_high)
            ).sum()
        )
        total += curve.rows.size
    assert 0.93 <= inside / total <= 1.0


def test_consistency_bars_leave_out_overconfidence_and_certainty_has_no_spread():
    rng = np.random.default_rng(1)
    curve = reliability_curve(
        Forecasts(confidence=[0.9] * 300 + [1.0] * 9, correct=[1, 0] * 150 + [1] * 9),
        rng=rng,
        bins="values",
    )
    assert curve.frequency[0] < curve.consistent_low[0] < 0.9 < curve.consistent_high[0]
    assert curve.low[0] < 0.5 < curve.high[0]
    assert curve.consistent_low[1] == curve.consistent_high[1] == 1.0


def test_a_bin_without_a_mistake_has_the_exact_binomial_interval():
    # scipy's exact interval of 9 of 9, 4 of 4 groups and 0 of 9; a row of weight 0 is no trial.
    def ends(outcome: int, **more: object) -> tuple[float, float]:
        made = Forecasts(confidence=[0.9] * 9, correct=[outcome] * 9, **more)
        curve = reliability_curve(made, rng=np.random.default_rng(0), resamples=99, level=0.9)
        return curve.low[0], curve.high[0]

    for found, right, trials in (
        (ends(1), 9, 9), (ends(0), 0, 9), (ends(1, group=[0, 0, 0, 1, 1, 2, 2, 3, 3]), 4, 4),
        (ends(0, weight=[2.0] * 5 + [0.0] * 4), 0, 5),
    ):  # fmt: skip
        exact = binomtest(right, trials).proportion_ci(0.9, method="exact")
        assert found == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert np.isnan(ends(1, group=[0] * 9)).all()


def test_consistency_bars_know_weights():
    # Two rows of 1/2, one nine times as heavy: the frequency is 0, .1, .9 or 1.
    made = Forecasts(confidence=[0.5, 0.5], correct=[1, 0], weight=[9, 1])
    curve = reliability_curve(made, rng=np.random.default_rng(0), level=0.4)
    assert (curve.consistent_low[0], curve.consistent_high[0]) == pytest.approx((0.1, 0.9))


# ---------------------------------------------------------------- very many groups


def grouped(seed: int, questions: int = 300) -> Forecasts:
    rng = np.random.default_rng(seed)
    group = rng.integers(questions, size=4 * questions)
    return Forecasts(
        confidence=rng.random(group.size),
        correct=rng.random(group.size) < 0.3 + 0.4 * (group % 2),
        group=group,
    )


def test_very_many_groups_get_the_normal_limit_of_the_same_bootstrap(monkeypatch):
    """The exact bootstrap of the same rows is the oracle; 9,999 resamples leave an end uncertain by
    about 3 %.
    """
    rows = grouped(5)
    values = np.vstack([rows.correct, (rows.confidence - rows.correct) ** 2])
    exact = mean_intervals(rows, values, rng=np.random.default_rng(0), resamples=9999)
    alone = mean_intervals(rows[:], values, rng=np.random.default_rng(0), resamples=9999)
    monkeypatch.setattr(
        import_module("scoring_theory.calibration.mean_intervals"), "EXACT_GROUPS", 200
    )
    limit = mean_intervals(rows, values, rng=np.random.default_rng(0))
    for one, other, same in zip(limit, exact, alone, strict=True):
        assert same == other
        assert one.resamples == 0
        assert one.estimate == other.estimate
        assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.06)
        assert one.low == pytest.approx(other.low, abs=0.1 * (other.high - other.low))


def test_ruin_among_very_many_groups_is_drawn_as_often_as_the_bootstrap_draws_it(monkeypatch):
    """A row that ruins is in a resample of n with chance 1 - (1 - 1/n)^n: .63 for one, .98 for
    four, of any n.
    """
    monkeypatch.setattr(
        import_module("scoring_theory.calibration.mean_intervals"), "EXACT_GROUPS", 99
    )
    for lost, high in ((0, 0.5), (1, 0.5), (3, 0.5), (4, -math.inf)):
        rows = Forecasts(confidence=[0.5] * 100, correct=[1, 0] * 50)
        values = np.r_[np.full(lost, -math.inf), np.full(100 - lost, 0.5)][None]
        (found,) = mean_intervals(rows, values, rng=np.random.default_rng(0))
        assert found.high == high
        assert found.low == (-math.inf if lost else 0.5)
        assert found.estimate == (-math.inf if lost else 0.5)


@pytest.mark.parametrize("labels", [[7, 3, 7, 5], [-(2**62), 2**62, 0, 0], [10**6, 0, 5, 5]])
def test_codes_of_groups_are_numpys(labels):
    column = np.array(labels)
    assert compact(column).tolist() == np.unique(column, return_inverse=True)[1].tolist()


# ---------------------------------------------------------------- formulas


def test_the_normal_limit_of_a_mean_is_its_formula(monkeypatch):
    monkeypatch.setattr(
        import_module("scoring_theory.calibration.mean_intervals"), "EXACT_GROUPS", 5
    )
    rng = np.random.default_rng(3)
    values, weight, group = rng.random(60), rng.random(60) + 0.5, rng.integers(12, size=60)
    group[:12] = np.arange(12)
    alone, same = np.arange(60), np.broadcast_to(np.float64(1), 60)
    for w, codes in ((weight, group), (same, group), (weight, None), (same, None)):
        [found] = intervals_of_means(values[None], w, codes, rng=rng, level=0.9)
        mean = np.average(values, weights=w)
        sums = np.bincount(alone if codes is None else codes, weights=w * (values - mean))
        spread = norm.ppf(0.95) * math.sqrt((sums**2).sum()) / w.sum()
        ends = (found.low, found.estimate, found.high)
        assert ends == pytest.approx((mean - spread, mean, mean + spread), abs=1e-12)
        assert found.resamples == 0


@pytest.mark.parametrize(("infinite", "high"), [(1, True), (2, True), (3, False), (60, False)])
def test_an_end_is_minus_infinity_where_enough_resamples_are(monkeypatch, infinite, high):
    """No row with -inf is in (1 - k/60)^60 of the resamples: 0.36, 0.13, 0.046, 0."""
    monkeypatch.setattr(
        import_module("scoring_theory.calibration.mean_intervals"), "EXACT_GROUPS", 5
    )
    values = np.linspace(0, 1, 60)
    values[:infinite] = -np.inf
    rows = np.broadcast_to(np.float64(1), 60)
    [found] = intervals_of_means(values[None], rows, None, rng=np.random.default_rng(0), level=0.9)
    assert (found.low, math.isfinite(found.high)) == (-math.inf, high)
    if high:
        rest = values[infinite:]
        spread = norm.ppf(0.95) * math.sqrt(((rest - rest.mean()) ** 2).sum()) / rest.size
        assert found.high == pytest.approx(rest.mean() + spread, abs=1e-12)


def test_a_few_groups_reach_further():
    assert _reach(0.9, 5) == pytest.approx(student.ppf(0.95, 4) * math.sqrt(5 / 4), abs=1e-12)
    rows = Forecasts(confidence=[0.5] * 10, correct=[0, 1] * 5)
    [mean] = mean_intervals(rows, rows.correct[None], rng=np.random.default_rng(0), resamples=37)
    assert mean.resamples == 37


def test_a_difference_of_errors_ends_at_one():
    made = Forecasts(confidence=np.ones(8), correct=np.repeat([1, 0], 4))
    first = np.arange(8) < 4
    there = calibration_error_difference(made, first=first, second=~first, bins=2)
    back = calibration_error_difference(made, first=~first, second=first, bins=2)
    assert (there.estimate, there.low, back.estimate, back.high) == (-1, -1, 1, 1)


def test_the_band_of_a_curve_is_made_of_order_statistics():
    rows = Forecasts(confidence=[0.2, 0.5, 0.5, 0.9] * 5, correct=[0, 1, 0, 1] * 5)
    curve = corp_curve(rows, rng=np.random.default_rng(4), resamples=99, level=0.9)
    levels, rng, fits = rows.levels.weighted(), np.random.default_rng(4), []
    for _ in range(99):
        correct = rng.binomial(levels.rows, levels.value).astype(np.float64)
        fits.append(recalibrated(Levels(levels.value, levels.weight, correct, levels.rows)))
    ranked = np.sort(fits, axis=0)  # 100 * 0.05 = 5
    assert np.array_equal((curve.consistent_low, curve.consistent_high), (ranked[4], ranked[-5]))


def test_groups_with_equal_gaps_have_an_interval_without_width() -> None:
    # Their variance is 0, or slightly negative by rounding, without a square root: a replay of 30
    # questions, each answered once rightly with .9 and once wrongly with 1, was refused.
    for first, second in itertools.product(np.arange(1, 20) / 20, repeat=2):
        for groups in (7, 30):
            rows = Forecasts(
                confidence=np.tile([first, second], groups),
                correct=np.tile([0, 1], groups),
                group=np.repeat(np.arange(groups), 2),
            )
            found = calibration_error_interval(rows, bins=10)
            assert found.low <= found.estimate + 1e-6
            assert found.high >= found.estimate - 1e-6
