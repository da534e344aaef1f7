"""Edge cases of EDGE_CASES.md that no other file tests; every test that the page names exists."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

import scoring_theory.calibration
from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    accuracy,
    area_under_risk_coverage,
    auroc,
    average_precision,
    brier_score,
    corp_decomposition,
    debiased_calibration_error,
    expected_calibration_error,
    hosmer_lemeshow,
    kolmogorov_smirnov,
    kuiper,
    maximum_calibration_error,
    smooth_calibration_error,
)
from scoring_theory.catalogue import brier

PAGE = Path(scoring_theory.calibration.__file__).with_name("EDGE_CASES.md")
TESTS = Path(__file__).parent


def test_zero_and_a_small_value_share_the_first_bin() -> None:
    rows = Forecasts(confidence=[0, 0.02], correct=[1, 0])
    assert expected_calibration_error(rows, bins=15) == pytest.approx(abs(0.01 - 0.5), abs=1e-15)
    wrong = Forecasts(confidence=[0.0] * 4 + [0.5, 0.5], correct=[1, 1, 1, 1, 1, 0])
    assert expected_calibration_error(wrong, bins=15) == pytest.approx(
        4 / 6
    )  # not 0: the zeros are wrong by 1 each


def test_the_edge_rule_decides_the_number() -> None:
    """0.4 = 6/15 opens the seventh bin or closes the sixth, where it meets .38: abs(.39 - .5), or
    (.38 + .6) / 2.
    """
    rows = Forecasts(confidence=[0.38, 0.4], correct=[0, 1])
    assert expected_calibration_error(rows, bins=15) == pytest.approx((0.38 + 0.6) / 2)
    assert expected_calibration_error(rows, bins=15, closed="right") == pytest.approx(
        abs(0.39 - 0.5)
    )


METRICS = {
    "CORP": lambda rows: corp_decomposition(rows, brier).miscalibration,
    "equal mass": lambda rows: expected_calibration_error(rows, bins=EqualMass(7)),
    "debiased": lambda rows: debiased_calibration_error(rows, bins=EqualMass(7)),
    "KS": lambda rows: kolmogorov_smirnov(rows).statistic,
    "Kuiper": lambda rows: kuiper(rows).statistic,
    "AUROC": auroc,
    "AUPRC": average_precision,
    "AURC": area_under_risk_coverage,
    "smooth": smooth_calibration_error,
}


@pytest.mark.parametrize("name", METRICS)
def test_no_order_of_tied_rows_changes_a_metric(name: str) -> None:
    rng = np.random.default_rng(7)
    q = rng.integers(0, 11, size=200) / 10
    c = (rng.random(200) < q).astype(int)
    orders = (np.lexsort((c, q)), np.lexsort((-c, q)), *(rng.permutation(200) for _ in range(5)))
    found = [METRICS[name](Forecasts(confidence=q[order], correct=c[order])) for order in orders]
    assert found == pytest.approx([found[0]] * len(found), abs=1e-12)


@pytest.mark.parametrize("c", [0, 1])
def test_one_class_leaves_everything_but_ranking_defined(c: int) -> None:
    rows = Forecasts(confidence=[0.25, 0.75], correct=[c, c])
    assert np.isnan(auroc(rows))
    assert accuracy(rows) == c
    assert brier_score(rows) == pytest.approx((0.25**2 + 0.75**2) / 2)
    assert expected_calibration_error(rows) == maximum_calibration_error(rows, bins=1) == 0.5
    assert corp_decomposition(rows, brier).uncertainty == 0
    assert np.isfinite([kolmogorov_smirnov(rows).p_value, hosmer_lemeshow(rows).p_value]).all()
    assert smooth_calibration_error(rows) == pytest.approx(
        0.5, abs=1e-9
    )  # all residuals have one sign


def test_two_degrees_too_few_reject_calibrated_samples_too_often() -> None:
    """The teeth of the test of size: bins - 2 degrees, right for a fit to the same rows, reject 11
    to 17 % at 5 %.
    """
    rng, ours, fitted = np.random.default_rng(3), 0, 0
    for _ in range(400):
        q = rng.random(1000)
        found = hosmer_lemeshow(
            Forecasts(confidence=q, correct=rng.random(1000) < q), bins=EqualMass(10)
        )
        ours += found.p_value < 0.05
        fitted += chi2.sf(found.statistic, found.degrees - 2) < 0.05
    assert ours / 400 == pytest.approx(0.05, abs=0.033)  # three standard deviations of 400 trials
    assert fitted / 400 > 0.09


def test_the_page_names_only_tests_that_there_are() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    defined = {
        name
        for path in TESTS.glob("test_calibration*.py")
        for name in re.findall(
            r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    }
    assert len(named) > 15
    assert named - defined == set()
