"""Intervals of calibration errors: their coverage, where a bootstrap fails, and their parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import t as student

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    average_precision,
    bootstrap_interval,
    brier_decomposition,
    brier_score,
    calibration_error_difference,
    calibration_error_interval,
    corp_decomposition,
    debiased_calibration_error,
    error_intervals,
    expected_calibration_error,
    maximum_calibration_error,
    paired_difference,
    root_mean_square_calibration_error,
    smooth_calibration_error,
)
from scoring_theory.calibration.binning import bin_index
from scoring_theory.calibration.confidence_intervals import percentile_interval
from scoring_theory.calibration.error_intervals import (
    _moments_lowered,
    _moments_plain,
    gaps_of,
    root_mean_square_interval,
)
from scoring_theory.catalogue import brier
from tests.programs.coverage.conditions import TRUTHS, Condition, sample
from tests.programs.coverage.resamples import drawn, ece_of, measured, weighted
from tests.programs.coverage.study import EQUAL_WIDTH, population_error

CALIBRATED = Condition("calibrated", "grid", False, 200)
TOO_SURE = Condition("0.05 too sure", "grid", False, 200)


def coverage(one: Condition, replicates: int, *, bootstrap: bool = False) -> float:
    rng, hits = np.random.default_rng(7), 0
    truth = population_error(one, TRUTHS[one.truth], EQUAL_WIDTH)
    for _ in range(replicates):
        made, _ = sample(rng, one)
        interval = calibration_error_interval(made, bins=10)
        if bootstrap:
            groups = int(made.group.max()) + 1
            of = weighted(made, drawn(rng, groups, 199))
            interval = percentile_interval(
                interval.estimate, ece_of(of.q, of.right, of.wrong), groups=groups
            )
        hits += interval.low - 1e-12 <= truth <= interval.high + 1e-12
    return hits / replicates


@pytest.mark.slow
@pytest.mark.parametrize("one", [CALIBRATED, TOO_SURE])
def test_the_interval_of_an_error_covers_and_a_bootstrap_does_not(one):
    # The standard error of a share of .95 among 200 is .0154: .92 is 1.9 of them below.
    assert coverage(one, 200) >= 0.92
    assert coverage(one, 60, bootstrap=True) <= 0.7


def test_the_study_measures_with_the_metrics_of_the_package():
    made, _ = sample(np.random.default_rng(0), Condition("half the logit", "continuous", True, 100))
    times = drawn(np.random.default_rng(1), 20, 3)
    of = weighted(made, times)
    for values, counts in zip(
        measured(of.q, of.right, of.wrong)["Brier score"], times, strict=True
    ):
        assert values == pytest.approx(
            brier_score(made[np.repeat(np.arange(100), counts[made.group].astype(int))])
        )


@pytest.mark.parametrize(
    ("metric", "named"),
    [
        (expected_calibration_error, "the expected calibration error"),
        (lambda f: expected_calibration_error(f, bins=10) + 1, "the expected calibration error"),
        (
            lambda f: expected_calibration_error(f, bins=EqualMass(5)),
            "the expected calibration error",
        ),
        (maximum_calibration_error, "the maximum calibration error"),
        (root_mean_square_calibration_error, "the root mean square calibration error"),
        (lambda f: debiased_calibration_error(f, bins=2), "the debiased calibration error"),
        (smooth_calibration_error, "the smooth calibration error"),
        (lambda f: corp_decomposition(f, brier).miscalibration, "the parts of a decomposition"),
        (lambda f: corp_decomposition(f, brier).discrimination, "the parts of a decomposition"),
        (lambda f: brier_decomposition(f).miscalibration, "the parts of a decomposition"),
    ],
)
def test_a_bootstrap_refuses_what_it_does_not_cover(metric, named):
    made, _ = sample(np.random.default_rng(0), Condition("calibrated", "grid", False, 50))
    first, rng = np.arange(50) < 25, np.random.default_rng(0)
    for method in ("percentile", "bca"):
        with pytest.raises(
            ValueError,
            match=f"does not cover {named}, which resampling biases .*; (use|read) ",
        ):
            bootstrap_interval(made, metric, rng=rng, resamples=9, method=method)
    with pytest.raises(ValueError, match=f"does not cover {named}"):
        paired_difference(made, metric, first=first, second=~first, rng=rng, resamples=9)
    assert math.isfinite(metric(made))  # and outside of a bootstrap all of them are as before


def test_the_average_precision_of_few_answers_has_no_bootstrap():
    made, _ = sample(np.random.default_rng(0), Condition("calibrated", "grid", False, 200))
    rng = np.random.default_rng(0)
    assert bootstrap_interval(made, average_precision, rng=rng, resamples=9).low > 0.5
    with pytest.raises(
        ValueError, match=r"average precision of fewer than 100 answers, got 99 .*; use `auroc`"
    ):
        bootstrap_interval(made[:99], average_precision, rng=rng, resamples=9)


def rows(seed: int, n: int = 60, **more: object) -> Forecasts:
    rng = np.random.default_rng(seed)
    q = rng.integers(1, 10, size=n) / 10
    return Forecasts(confidence=q, correct=rng.random(n) < q**2, **more)


def test_sums_vary_together_as_sums_over_whole_groups_do():
    """The oracle: X_g - D W_g by loops over groups, methods and bins, weights included."""
    rng = np.random.default_rng(1)
    made = rows(2, group=rng.integers(12, size=60), weight=rng.random(60) + 0.5)
    method, place = np.repeat([0, 1], 30), bin_index(made, bins=4)
    gaps = gaps_of(made, method, place, methods=2)
    for a, b, s, t in ((0, 1, 0, 0), (2, 2, 1, 1), (0, 3, 0, 1), (1, 1, 0, 1)):
        total = 0.0
        for group in np.unique(made.group):
            terms = []
            for m, k in ((s, a), (t, b)):
                mine = (made.group == group) & (method == m)
                inside, all_weight = mine & (place == k), made.weight[method == m].sum()
                gap = (made.weight * (made.confidence - made.correct))[inside].sum()
                units = np.unique(made.group[method == m]).size
                ratio = math.sqrt(units / (units - 1)) / all_weight
                terms.append((gap - gaps.mean[m, k] * made.weight[mine].sum()) * ratio)
            total += terms[0] * terms[1]
        assert gaps.covariance[s, a, t, b] == pytest.approx(total, abs=1e-15)


def test_each_row_its_own_group_is_no_groups_and_order_and_scale_say_nothing():
    plain = rows(3)
    order = np.random.default_rng(0).permutation(60)
    for norm in ("mean", "root_mean_square"):
        one = calibration_error_interval(plain, bins=5, norm=norm)
        for same in (rows(3, group=np.arange(60)), rows(3, weight=np.full(60, 2.0)), plain[order]):
            other = calibration_error_interval(same, bins=5, norm=norm)
            assert (other.low, other.estimate, other.high) == pytest.approx(
                (one.low, one.estimate, one.high), abs=1e-9
            )


def test_estimates_are_those_of_the_metrics():
    made = rows(4)
    for bins in ("values", 10, EqualMass(4)):
        assert calibration_error_interval(made, bins=bins).estimate == pytest.approx(
            expected_calibration_error(made, bins=bins)
        )
        rooted = calibration_error_interval(made, bins=bins, norm="root_mean_square")
        assert rooted.estimate == pytest.approx(root_mean_square_calibration_error(made, bins=bins))
        assert 0 <= rooted.low <= rooted.estimate <= rooted.high <= 1


def test_copies_of_a_question_add_no_evidence_about_its_calibration():
    one, often = rows(5, 100), np.repeat(np.arange(100), 5)
    clustered = Forecasts(confidence=one.confidence[often], correct=one.correct[often], group=often)
    alone = calibration_error_interval(one, bins=10)
    copied = calibration_error_interval(clustered, bins=10)
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high), abs=1e-9)


def test_perfect_answers_are_not_known_to_be_perfect():
    made = Forecasts(confidence=[1.0] * 30 + [0.0] * 10, correct=[1] * 30 + [0] * 10)
    interval = calibration_error_interval(made)
    assert interval.low == interval.estimate == 0
    assert 0.03 < interval.high < 0.2


def test_a_difference_turns_with_its_methods_and_of_one_with_itself_is_nothing():
    one, other = rows(6), rows(7)
    question = np.tile(np.arange(60), 2)
    columns = (np.r_[one.confidence, other.confidence], np.r_[one.correct, other.correct])
    both = Forecasts(confidence=columns[0], correct=columns[1], group=question)
    first = np.arange(120) < 60
    there, back = (
        calibration_error_difference(both, first=a, second=~a, bins=10) for a in (first, ~first)
    )
    assert (there.low, there.estimate, there.high) == pytest.approx(
        (-back.high, -back.estimate, -back.low)
    )
    twice = Forecasts(
        confidence=np.tile(one.confidence, 2), correct=np.tile(one.correct, 2), group=question
    )
    same = calibration_error_difference(twice, first=first, second=~first, bins=10)
    assert (same.low, same.estimate, same.high) == (0, 0, 0)


def test_the_bias_of_a_gap_is_bounded_from_both_sides_and_its_moments_are_those_of_an_integral():
    def mean(f, x):
        return quad(
            lambda z: f(x + z) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
            -9,
            9,
            points=[-x],
            limit=200,
        )[0]

    def lowered(v):
        return abs(v) - math.sqrt(14 / math.pi) * math.exp(-3 * v * v)

    assert mean(lowered, 0.0) == pytest.approx(0.0, abs=1e-9)
    for x in (0.0, 0.3, 1.0, 2.2, 5.0):
        assert mean(lowered, x) <= x + 1e-9 <= mean(abs, x) + 2e-9
        for f, moments in ((abs, _moments_plain), (lowered, _moments_lowered)):
            variance, slope, bend = (float(part) for part in moments(np.array(x)))
            assert variance == pytest.approx(
                mean(lambda v, f=f: f(v) ** 2, x) - mean(f, x) ** 2, abs=1e-6
            )
            step = 1e-3
            low, middle, high = (mean(f, x + d) for d in (-step, 0.0, step))
            assert slope == pytest.approx((high - low) / (2 * step), abs=1e-5)
            assert bend == pytest.approx((high - 2 * middle + low) / step**2, abs=1e-4)


def test_what_has_no_interval_is_refused_or_has_no_ends():
    continuous = Forecasts(confidence=np.linspace(0.1, 0.9, 100), correct=[1, 0] * 50)
    with pytest.raises(
        ValueError,
        match="on average at least 4 rows each, got 100 values in 100 rows; use bins=10",
    ):
        calibration_error_interval(continuous)
    for options, named in (
        ({"level": 1.0}, "`level`"),
        ({"norm": "max"}, "`norm`"),
        ({"bins": 0}, "`bins`"),
    ):
        with pytest.raises(ValueError, match=f"{named} must"):
            calibration_error_interval(rows(1), **options)
    one = calibration_error_interval(rows(1, group=np.zeros(60, dtype=int)), bins=10)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    mask = np.arange(60) < 30
    with pytest.raises(ValueError, match="no row may be in `first` and `second`, got 30 that are"):
        calibration_error_difference(rows(1), first=mask, second=np.ones(60, dtype=bool), bins=10)
    with pytest.raises(ValueError, match="`first` must be a mask of 60 rows"):
        calibration_error_difference(rows(1), first=mask[:3], second=~mask, bins=10)


MEASURED = [
    (0.118187463185, 0.214012650332),
    (0.128808868355, 0.22744317648),
    (-0.081276011391, 0.124767657499),
    (0.11601153663, 0.214858565916),
    (0.125674459292, 0.226179756458),
    (-0.112812802768, 0.115756069443),
]


def spread_out() -> tuple[Forecasts, Forecasts]:
    rng = np.random.default_rng(1)
    weighted = rows(2, 300, group=rng.integers(40, size=300), weight=rng.random(300) + 0.5)
    return rows(2, 300), weighted


def test_the_intervals_are_those_whose_coverage_was_measured():
    """A change of a digit here asks for a new study: docs/coverage.md."""
    first = np.arange(300) < 140
    ends = []
    for made in spread_out():
        mean, root = (
            calibration_error_interval(made, bins=4, norm=norm)
            for norm in ("mean", "root_mean_square")
        )
        difference = calibration_error_difference(made, first=first, second=~first, bins=4)
        ends += [(one.low, one.high) for one in (mean, root, difference)]
    assert np.array(ends) == pytest.approx(np.array(MEASURED), abs=1e-9)


def test_the_ends_of_a_root_mean_square_error_solve_their_equation():
    for made in spread_out():
        gaps = gaps_of(made, np.zeros(300, dtype=np.int64), bin_index(made, bins=4), methods=1)
        interval = root_mean_square_interval(gaps, level=0.9)
        parts = gaps.mean[0] / np.sqrt(gaps.share[0])
        square = gaps.rooted[0, :, 0] + np.diag(gaps.unseen[0] / gaps.share[0])
        along = parts @ square @ parts / (parts @ parts)
        c = float(student.ppf(0.95, gaps.groups[0] - 1))
        for end in (interval.low, interval.high):
            apart = parts @ parts - np.trace(square) - end**2
            variance = 4 * end**2 * along + 2 * np.trace(square @ square)
            assert apart**2 == pytest.approx(c**2 * variance, rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_dense_and_sparse_sums_of_questions_agree(
    weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The groups counted at once, some at a time, and in a sparse table."""
    rng = np.random.default_rng(0)
    method, place = rng.integers(2, size=900), rng.integers(4, size=900)
    rows = Forecasts(
        rng.integers(2, size=900),
        rng.random(900),
        group=rng.integers(150, size=900),
        weight=rng.integers(0, 3, size=900) if weighted else None,
    )
    found = []
    for dense, cached in ((10**9, 1 << 18), (10**9, 24), (10**9, 1), (0, 1)):
        monkeypatch.setattr(error_intervals, "_DENSE", dense)
        monkeypatch.setattr(error_intervals, "_CACHED", cached)
        found.append(gaps_of(rows, method, place, methods=2))
    for other in found[1:]:
        for name in ("mean", "share", "covariance", "rooted", "unseen", "groups"):
            assert getattr(other, name) == pytest.approx(getattr(found[0], name), abs=1e-15)
