"""Decompositions, selection, tests and recalibration against independent computations."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    accuracy,
    area_under_risk_coverage,
    auroc,
    average_precision,
    bootstrap_interval,
    brier_decomposition,
    brier_score,
    corp_curve,
    corp_decomposition,
    cox,
    expected_calibration_error,
    hosmer_lemeshow,
    kolmogorov_smirnov,
    kuiper,
    mean_reward,
    murphy_diagram,
    paired_difference,
    recalibrate,
    risk_coverage,
    spiegelhalter,
)
from scoring_theory.calibration.significance import _largest_absolute_value_exceeds, _range_exceeds
from scoring_theory.catalogue import CATALOGUE, brier, log, spherical
from scoring_theory.reward import Reward
from tests.support.examples import examples

GRID = st.integers(0, 20).map(lambda k: k / 20)
PAIRS = st.lists(
    st.tuples(st.one_of(GRID, st.floats(0, 1)), st.integers(0, 1)), min_size=1, max_size=40
)
INSIDE = st.lists(
    st.tuples(st.integers(1, 19).map(lambda k: k / 20), st.integers(0, 1)), min_size=1, max_size=40
)
PROPER = [rule for rule in CATALOGUE.values() if rule.proper != "no"]


def made(pairs, **more) -> Forecasts:
    return Forecasts(confidence=[q for q, _ in pairs], correct=[c for _, c in pairs], **more)


# ---------------------------------------------------------------- CORP and Murphy


@examples(60)
@given(PAIRS)
def test_corp_adds_up_and_is_never_negative(pairs):
    rows = made(pairs)
    for rule in (brier, spherical):
        parts = corp_decomposition(rows, rule)
        assert parts.score == pytest.approx(mean_reward(rows, rule), abs=1e-12)
        assert parts.miscalibration >= -1e-12
        assert parts.discrimination >= -1e-12


@examples(40)
@given(st.lists(st.tuples(GRID, st.integers(0, 1)), min_size=1, max_size=40))
def test_corp_is_scikit_learns_isotonic_regression(pairs):
    # On a grid: scikit-learn takes stated values that differ by less than its epsilon for ties.
    rows = made(pairs)
    isotonic = (
        IsotonicRegression(out_of_bounds="clip")
        .fit(rows.confidence, rows.correct)
        .predict(rows.confidence)
    )
    parts = corp_decomposition(rows, brier)
    assert -parts.discrimination + parts.uncertainty == pytest.approx(
        np.mean((isotonic - rows.correct) ** 2), abs=1e-9
    )


@pytest.mark.parametrize("rule", PROPER, ids=lambda rule: rule.key)
@examples(15)
@given(INSIDE)
def test_corp_of_every_proper_rule_of_the_catalogue(rule, pairs):
    reward = rule()
    parts = corp_decomposition(made(pairs), reward)
    assert parts.score == pytest.approx(mean_reward(made(pairs), reward), rel=1e-9, abs=1e-9)
    assert parts.miscalibration >= -1e-9
    assert parts.discrimination >= -1e-9


def test_corp_does_not_depend_on_the_order_of_ties():
    # scoringrules pools row by row, so that its miscalibration depends on the order and is biased
    # upward.
    rng = np.random.default_rng(0)
    q = rng.integers(0, 11, size=200) / 10
    c = (rng.random(200) < q).astype(float)
    order = np.lexsort((c, q))
    one, other = (
        corp_decomposition(Forecasts(confidence=q[i], correct=c[i]), brier)
        for i in (order, order[::-1])
    )
    assert one == other


def test_a_certain_error_is_infinite_miscalibration_of_the_log_score():
    parts = corp_decomposition(made([(1.0, 0), (1.0, 1), (0.5, 1), (0.25, 0)]), log)
    assert parts.miscalibration == math.inf
    assert math.isfinite(parts.discrimination)
    assert corp_decomposition(made([(1.0, 1), (0.0, 0)]), log).miscalibration == 0


@examples(60)
@given(PAIRS, st.sampled_from(["values", 1, 5, EqualMass(3)]))
def test_the_brier_score_is_the_sum_of_its_parts_in_any_bins(pairs, bins):
    parts = brier_decomposition(made(pairs), bins=bins)
    total = parts.miscalibration - parts.discrimination + parts.uncertainty + parts.within_bins
    assert total == pytest.approx(brier_score(made(pairs)), abs=1e-12)


@examples(30)
@given(PAIRS)
def test_the_murphy_diagram_integrates_to_every_mixture_of_thresholds(pairs):
    # The link to the safe cone: c - (q - c)^2 is the uniform mixture of mass 2; Beta(2, 3) is c
    # F(q) - M(q).
    rows = made(pairs)
    cuts = sorted({0.0, 1.0, *rows.confidence})

    def integral(density) -> float:
        return sum(
            quad(lambda t: murphy_diagram(rows, np.array([t])).payoff[0] * density(t), a, b)[0]
            for a, b in pairwise(cuts)
        )

    assert integral(lambda t: 2.0) == pytest.approx(
        mean_reward(rows, Reward.parse("c - (q - c)^2")), abs=1e-9
    )
    designed = Reward.parse(
        "c*beta_cdf(q, 2, 3) - 2/5*beta_cdf(q, 3, 3)"
    )  # M(q) = E[t; t <= q], mean 2/5
    assert integral(beta_distribution(2, 3).pdf) == pytest.approx(
        mean_reward(rows, designed), abs=1e-7
    )


def test_the_elementary_score_is_the_bet_from_the_other_side():
    rows = made([(0.2, 1), (0.7, 0), (0.7, 1), (1.0, 1)])
    t = np.array([0.0, 0.1, 0.2, 0.5, 0.7, 0.9, 1.0])
    found = murphy_diagram(rows, t)
    for k, level in enumerate(t):
        q, c = rows.confidence, rows.correct
        loss = np.abs(c - level) * ((np.minimum(q, c) <= level) & (level < np.maximum(q, c)))
        assert found.loss[k] == pytest.approx(loss.mean(), abs=1e-12)
    with pytest.raises(ValueError, match=r"`thresholds` must lie in \[0, 1\], got \[1.5\]"):
        murphy_diagram(rows, np.array([1.5]))


def test_the_corp_band_covers_calibrated_forecasts_and_not_others():
    rng = np.random.default_rng(1)
    q = rng.integers(1, 20, size=2000) / 20
    honest = corp_curve(
        Forecasts(confidence=q, correct=rng.random(2000) < q), rng=rng, resamples=199
    )
    assert (
        (honest.frequency >= honest.consistent_low) & (honest.frequency <= honest.consistent_high)
    ).mean() > 0.8
    boasting = corp_curve(
        Forecasts(confidence=q, correct=rng.random(2000) < q / 2), rng=rng, resamples=199
    )
    assert (boasting.frequency < boasting.consistent_low)[8:].all()


# ---------------------------------------------------------------- selection


@examples(60)
@given(PAIRS)
def test_average_precision_is_scikit_learns(pairs):
    rows = made(pairs)
    if not rows.correct.any():
        assert math.isnan(average_precision(rows))
    else:
        expected = average_precision_score(rows.correct, rows.confidence)
        assert average_precision(rows) == pytest.approx(expected, abs=1e-12)


@examples(40)
@given(PAIRS)
def test_the_area_under_risk_coverage_is_its_integral(pairs):
    # Oracle: quadrature of the expected risk when ties are answered in random order.
    rows = made(pairs)
    curve = risk_coverage(rows)
    share = np.concatenate([[0.0], curve.coverage])
    errors = np.concatenate([[0.0], curve.coverage * curve.risk])

    def risk(a: float) -> float:
        return float(np.interp(a, share, errors) / a)

    area = sum(quad(risk, a, b)[0] for a, b in pairwise(share))
    assert area_under_risk_coverage(rows) == pytest.approx(area, abs=1e-9)
    assert area_under_risk_coverage(made(pairs[::-1] * 3)) == pytest.approx(area, abs=1e-9)
    assert curve.risk[-1] == pytest.approx(1 - accuracy(rows), abs=1e-12)


# ---------------------------------------------------------------- tests of calibration


def test_brownian_tails_are_those_of_feller():
    # Oracle: the other series of each law, which converges where this one is slow.
    for x in (0.3, 0.7, 1.0, 1.5, 2.5):
        k = np.arange(200)
        theta = (
            1
            - 4
            / np.pi
            * (
                (-1.0) ** k / (2 * k + 1) * np.exp(-((2 * k + 1) ** 2) * np.pi**2 / (8 * x**2))
            ).sum()
        )
        assert _largest_absolute_value_exceeds(x) == pytest.approx(theta, abs=1e-12)
        tail = sum((-1) ** (n - 1) * 4 * n * math.erfc(n * x / math.sqrt(2)) for n in range(1, 200))
        assert _range_exceeds(x) == pytest.approx(tail, abs=1e-12)
    steps = np.random.default_rng(0).standard_normal((4000, 2000)) / math.sqrt(2000)
    walk = np.cumsum(steps, axis=1)
    span = np.maximum(walk.max(axis=1), 0) - np.minimum(walk.min(axis=1), 0)
    for x in (1.2, 1.6, 2.2):  # discrete walks reach a little less far than Brownian motion
        assert -0.06 < (span > x).mean() - _range_exceeds(x) < 0.01
    assert _range_exceeds(0.31) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    "test", [kolmogorov_smirnov, kuiper, spiegelhalter, hosmer_lemeshow], ids=lambda t: t.__name__
)
@pytest.mark.parametrize("levels", [0, 20])
def test_calibrated_samples_are_rejected_at_the_nominal_rate(test, levels):
    # Nominal 5 %. 600 samples: 4 standard errors are 3.6 points. Walks on few stated values are
    # conservative.
    rejected, rng = 0, np.random.default_rng(7)
    for _ in range(600):
        q = rng.random(500) if levels == 0 else rng.integers(1, levels, size=500) / levels
        rejected += test(Forecasts(confidence=q, correct=rng.random(500) < q)).p_value < 0.05
    low = 0.014 if test in (spiegelhalter, hosmer_lemeshow) else 0.002
    assert low < rejected / 600 < 0.086


@pytest.mark.parametrize(
    "test", [kolmogorov_smirnov, kuiper, spiegelhalter, hosmer_lemeshow], ids=lambda t: t.__name__
)
def test_overconfidence_is_found(test):
    rng = np.random.default_rng(8)
    q = rng.integers(10, 20, size=800) / 20
    assert test(Forecasts(confidence=q, correct=rng.random(800) < q - 0.15)).p_value < 1e-4


def test_walks_are_evaluated_at_the_ends_of_ties_only():
    rows = made([(0.5, 1), (0.5, 1), (0.5, 0), (0.5, 0)])
    assert kolmogorov_smirnov(rows).statistic == 0
    assert kolmogorov_smirnov(made([(0.5, 0), (0.5, 0), (0.5, 1), (0.5, 1)])).statistic == 0
    certain = made([(1.0, 1), (0.0, 0)])
    assert (kuiper(certain).p_value, kuiper(made([(1.0, 0)])).p_value) == (1.0, 0.0)
    with pytest.raises(ValueError, match="other than 0, 1/2 and 1"):
        spiegelhalter(certain)


def test_hosmer_lemeshow_has_as_many_degrees_as_bins_and_knows_the_impossible():
    rows = made([(0.25, 0), (0.35, 1), (1.0, 1), (1.0, 1)])
    assert hosmer_lemeshow(rows).degrees == 2  # the certain bin says nothing
    assert hosmer_lemeshow(made([(1.0, 0), (0.5, 1)])).p_value == 0.0
    with pytest.raises(ValueError, match="unweighted rows"):
        hosmer_lemeshow(made([(0.5, 1)], weight=[2.0]))


def test_coxs_line_finds_the_slope_it_was_drawn_with():
    rng = np.random.default_rng(9)
    q = rng.random(40_000) * 0.98 + 0.01
    truth = 1 / (1 + np.exp(-(0.3 + 0.6 * np.log(q / (1 - q)))))
    found = cox(Forecasts(confidence=q, correct=rng.random(q.size) < truth))
    assert abs(found.intercept - 0.3) < 4 * found.intercept_error < 0.1
    assert abs(found.slope - 0.6) < 4 * found.slope_error < 0.1
    assert found.p_value < 1e-10


def test_coxs_errors_and_p_value_are_those_of_the_likelihood():
    q, weight = np.tile([0.2, 0.4, 0.5, 0.7, 0.9], 8), np.tile([1.0, 2.0], 20)
    rows = Forecasts(confidence=q, correct=np.arange(40) % 3 == 0, weight=weight)
    found, z = cox(rows), np.log(q / (1 - q))

    def fit(a: float, b: float) -> float:
        sign = np.where(rows.correct == 1, 1.0, -1.0)
        return float(-(weight * np.log1p(np.exp(-sign * (a + b * z)))).sum())

    a, b, h = found.intercept, found.slope, 1e-3

    def bend(i: float, j: float, k: float, m: float) -> float:
        corners = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        return sum(
            s * t * fit(a + h * (s * i + t * k), b + h * (s * j + t * m)) for s, t in corners
        ) / (4 * h**2)

    units = ((1, 0), (0, 1))
    information = -np.array([[bend(*one, *other) for other in units] for one in units])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert (found.intercept_error, found.slope_error) == pytest.approx(tuple(errors), rel=1e-4)
    assert found.p_value == pytest.approx(math.exp(fit(0, 1) - fit(a, b)), rel=1e-6)


def test_coxs_line_refuses_certainty_and_separation():
    with pytest.raises(ValueError, match=r"inside \(0, 1\), got 1.0"):
        cox(made([(0.5, 1), (1.0, 1)]))
    with pytest.raises(ValueError, match="a threshold of confidence separates"):
        cox(made([(0.2, 0), (0.3, 0), (0.7, 1), (0.8, 1)]))
    with pytest.raises(ValueError, match="at least two stated values"):
        cox(made([(0.7, 1), (0.7, 0)]))


def test_coxs_test_has_its_nominal_size():
    rejected, rng = 0, np.random.default_rng(10)
    for _ in range(300):
        q = rng.integers(1, 20, size=400) / 20
        rejected += cox(Forecasts(confidence=q, correct=rng.random(400) < q)).p_value < 0.05
    assert 0.01 < rejected / 300 < 0.1


# ---------------------------------------------------------------- recalibration


@pytest.mark.parametrize("method", ["isotonic", "platt", "temperature", "beta", "histogram"])
def test_recalibration_mends_overconfidence_out_of_fold(method):
    rng = np.random.default_rng(11)
    q = rng.integers(10, 21, size=4000) / 20
    rows = Forecasts(
        confidence=q, correct=rng.random(4000) < 0.5 * q + 0.1, group=np.arange(4000) // 4
    )
    found = recalibrate(rows, method=method, rng=rng)
    assert np.array_equal(found.forecasts.correct, rows.correct)
    assert found.clipped == (
        int((q == 1).sum()) if method in ("platt", "temperature", "beta") else 0
    )
    limit = 0.12 if method == "temperature" else 0.04  # a temperature alone cannot move the middle
    assert (
        expected_calibration_error(found.forecasts, bins=10)
        < limit
        < expected_calibration_error(rows, bins=10)
    )


def test_recalibration_never_sees_the_rows_it_is_applied_to():
    # Outcomes are coin flips and every stated value occurs once: isotonic regression on its own
    # rows would find miscalibration to mend; out of fold, nothing can be won, and groups are never
    # torn apart.
    rng = np.random.default_rng(12)
    q = rng.random(400)
    rows = Forecasts(confidence=q, correct=rng.random(400) < 0.5, group=np.arange(400) // 8)
    found = recalibrate(rows, rng=np.random.default_rng(0)).forecasts
    assert brier_score(found) > 0.249
    assert auroc(found) < 0.56


def test_recalibration_refuses_what_it_cannot_do():
    rows, rng = made([(0.5, 1), (0.6, 0)], group=[1, 1]), np.random.default_rng(0)
    for more, sentence in (
        ({"method": "magic"}, "`method`"),
        ({"edge": 0.5}, "`edge`"),
        ({"folds": 1}, "`folds`"),
    ):
        with pytest.raises(ValueError, match=sentence):
            recalibrate(rows, rng=rng, **more)
    with pytest.raises(ValueError, match="at least 2 groups, got 1"):
        recalibrate(rows, rng=rng)


# ---------------------------------------------------------------- intervals


def test_bca_is_scipys_for_a_skewed_mean():
    from scipy.stats import bootstrap

    rng = np.random.default_rng(13)
    rows = Forecasts(confidence=rng.random(60) ** 3, correct=rng.random(60) < 0.1)
    ours = bootstrap_interval(rows, brier_score, rng=rng, resamples=4999, method="bca")
    squares = (rows.confidence - rows.correct) ** 2
    theirs = bootstrap(
        (squares,), np.mean, n_resamples=4999, method="BCa", rng=rng
    ).confidence_interval
    plain = bootstrap_interval(rows, brier_score, rng=rng, resamples=4999)
    assert ours.low == pytest.approx(theirs.low, abs=0.004)
    assert ours.high == pytest.approx(theirs.high, abs=0.006)
    assert ours.high > plain.high + 0.003  # the correction is not nothing


def test_bca_refuses_a_metric_that_is_sometimes_undefined():
    with pytest.raises(ValueError, match="finite on every resample"):
        bootstrap_interval(
            made([(0.9, 1), (0.1, 0)]), auroc, rng=np.random.default_rng(0), method="bca"
        )
    with pytest.raises(ValueError, match="`method`"):
        bootstrap_interval(
            made([(0.9, 1)]), accuracy, rng=np.random.default_rng(0), method="normal"
        )


def test_a_paired_difference_is_narrower_than_two_intervals_and_keeps_questions_together():
    rng = np.random.default_rng(14)
    hard = rng.random(300)  # the same questions for both methods
    answers = np.concatenate([rng.random(300) < hard, rng.random(300) < np.clip(hard + 0.05, 0, 1)])
    both = Forecasts(
        confidence=np.full(600, 0.5), correct=answers, group=np.tile(np.arange(300), 2)
    )
    second = np.arange(600) >= 300
    found = paired_difference(both, accuracy, first=~second, second=second, rng=rng)
    apart = [bootstrap_interval(both[m], accuracy, rng=rng) for m in (~second, second)]
    assert found.estimate == pytest.approx(apart[0].estimate - apart[1].estimate)
    assert found.high - found.low < math.hypot(*(one.high - one.low for one in apart))
    with pytest.raises(ValueError, match="`first` must be a mask of 600 rows"):
        paired_difference(both, accuracy, first=second[:3], second=second, rng=rng)
