"""Every metric takes `Forecasts` or two arrays, outcomes first, and says which way is better.

Decompositions reject improper rules.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

import scoring_theory.calibration as calibration
from scoring_theory import Reward
from scoring_theory.calibration import (
    Forecasts,
    accuracy,
    auroc,
    average_precision,
    bootstrap_interval,
    brier_score,
    confident_and_wrong,
    corp_decomposition,
    expected_calibration_error,
    log_loss,
    mean_intervals,
    mean_reward,
    murphy_diagram,
    paired_difference,
)
from scoring_theory.catalogue import CATALOGUE, brier
from scoring_theory.checking import properness

DRAWN = np.random.default_rng(0)
Q = DRAWN.integers(1, 10, 60) / 10
C = (DRAWN.random(60) < Q).astype(np.int64)
C[:2] = 0, 1
FORECASTS = Forecasts(C, Q)
HALVES: dict[str, Any] = {"first": np.arange(60) < 30, "second": np.arange(60) >= 30}
OPTIONS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "corp_decomposition": ((brier,), {}),
    "mean_reward": (("c",), {}),
    "murphy_diagram": ((np.array([0.5]),), {}),
    "root_mean_square_calibration_error": ((), {"bins": 5}),
    "debiased_calibration_error": ((), {"bins": 2}),
    "mean_intervals": ((np.ones((1, 60)),), {"resamples": 9}),
    "bootstrap_interval": ((accuracy,), {"resamples": 9}),
    "paired_difference": ((accuracy,), {"resamples": 9, **HALVES}),
    "reliability_curve": ((), {"resamples": 9}),
    "calibration_error_difference": ((), {"bins": 5, **HALVES}),
}
RANDOM = (
    "bootstrap_interval",
    "paired_difference",
    "mean_intervals",
    "recalibrate",
    "reliability_curve",
    "corp_curve",
)
TAKERS = [
    name
    for name in calibration.__all__
    if "forecasts" in inspect.signature(getattr(calibration, name)).parameters
    and inspect.isfunction(getattr(calibration, name))
]
LOSSES = (
    "brier_score",
    "log_loss",
    "confident_and_wrong",
    "area_under_risk_coverage",
    "risk_coverage",
    "debiased_calibration_error",
    "expected_calibration_error",
    "maximum_calibration_error",
    "root_mean_square_calibration_error",
    "smooth_calibration_error",
    "kolmogorov_smirnov",
    "kuiper",
    "hosmer_lemeshow",
    "brier_decomposition",
)
GAINS = (
    "accuracy",
    "auroc",
    "average_precision",
    "mean_reward",
    "murphy_diagram",
    "corp_decomposition",
)
NEITHER = {
    "mean_confidence": "neither larger nor smaller is better",
    "spiegelhalter": "nearer to 0 is better",
    "cox": "intercept 0 and slope 1 are best",
}
NO_SCORE = {
    "bootstrap_interval", "calibration_error_difference", "calibration_error_interval",
    "corp_curve", "mean_intervals", "paired_difference", "recalibrate", "reliability_curve",
    "thin_bins", "totals",
}  # fmt: skip


def of(name: str, *columns: Any, **named: Any) -> Any:
    more, options = OPTIONS.get(name, ((), {}))
    seeded = {"rng": np.random.default_rng(0)} if name in RANDOM else {}
    if (
        named and more
    ):  # by keyword, as `accuracy(correct=..., confidence=...)`, what follows is by keyword too
        names = list(inspect.signature(getattr(calibration, name)).parameters)[1:]
        named |= dict(zip(names, more, strict=False))
        more = ()
    return getattr(calibration, name)(*columns, *more, **named, **options, **seeded)


def same(one: Any, other: Any) -> None:
    if isinstance(one, list | tuple):
        for a, b in zip(one, other, strict=True):
            same(a, b)
        return
    slots = getattr(one, "__slots__", None)
    if isinstance(one, Forecasts):
        slots = ("correct", "confidence")
    if slots:
        for slot in slots:
            same(getattr(one, slot), getattr(other, slot))
    elif isinstance(one, dict):
        assert one == other
    else:
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", TAKERS)
def test_two_arrays_are_taken_as_forecasts_are(name: str) -> None:
    expected = of(name, FORECASTS)
    same(of(name, C, Q), expected)
    same(of(name, C.tolist(), Q.tolist()), expected)
    same(of(name, confidence=Q, correct=C), expected)
    same(of(name, forecasts=FORECASTS), expected)


def test_the_order_and_the_numbers_are_scikit_learns() -> None:
    assert brier_score(C, Q) == pytest.approx(metrics.brier_score_loss(C, Q), abs=1e-15)
    assert auroc(C, Q) == pytest.approx(metrics.roc_auc_score(C, Q), abs=1e-15)
    assert average_precision(C, Q) == pytest.approx(
        metrics.average_precision_score(C, Q), abs=1e-15
    )
    assert log_loss(C, Q).value == pytest.approx(metrics.log_loss(C, Q), abs=1e-15)
    assert accuracy(C, Q) == C.mean()


def test_options_come_after_either() -> None:
    assert confident_and_wrong(C, Q, above=0.5) == confident_and_wrong(FORECASTS, above=0.5)
    assert expected_calibration_error(C, Q, bins=10) == expected_calibration_error(
        FORECASTS, bins=10
    )
    assert mean_reward(C, Q, reward="c") == mean_reward(FORECASTS, "c") == accuracy(C, Q)


def test_one_array_alone_is_not_enough() -> None:
    with pytest.raises(
        TypeError, match=r"brier_score\(\) missing 1 required positional argument: 'confidence'"
    ):
        brier_score([1, 0])
    with pytest.raises(
        TypeError, match=r"brier_score\(\) got multiple values for argument 'correct'"
    ):
        brier_score([0.5, 0.5], correct=[1, 0])


SWAPPED = (
    r"`correct` must be 0 or 1, got 0.9 at index 0, and every `confidence` is 0 or 1: are the two"
    r" swapped\?"
)


def test_swapped_arrays_are_recognised() -> None:
    for made in (Forecasts, brier_score, auroc):
        with pytest.raises(ValueError, match=SWAPPED):
            made([0.9, 0.2], [1, 0])
    with pytest.raises(ValueError, match=SWAPPED):
        Forecasts(correct=[0.9, 0.2], confidence=[True, False])
    with pytest.raises(ValueError, match=r"`correct` must be 0 or 1, got 0.9 at index 0$"):
        Forecasts([0.9, 0.2], [0.5, 0.5])  # wrong, and not the order
    assert Forecasts([1, 0], [1, 1]).confidence.tolist() == [
        1,
        1,
    ]  # both are outcomes: nothing can be seen


def test_forecasts_are_built_by_position_and_by_keyword() -> None:
    for built in (Forecasts([1, 0], [0.9, 0.2]), Forecasts(confidence=[0.9, 0.2], correct=[1, 0])):
        assert (built.correct.tolist(), built.confidence.tolist()) == ([1, 0], [0.9, 0.2])


def test_every_metric_says_first_which_way_is_better() -> None:
    kinds = [*LOSSES, *GAINS, *NEITHER, *NO_SCORE]
    assert sorted(kinds) == sorted(TAKERS), "a new metric must say which way is better"
    for names, words in ((LOSSES, "smaller is better"), (GAINS, "larger is better")):
        for name in names:
            assert words in inspect.getdoc(getattr(calibration, name)).partition("\n")[0], name
    for name, words in NEITHER.items():
        assert words in inspect.getdoc(getattr(calibration, name)).partition("\n")[0], name


def test_losses_fall_and_gains_rise_as_forecasts_get_better() -> None:
    better, worse = (
        Forecasts([1, 0, 1, 0], [0.8, 0.3, 0.7, 0.1]),
        Forecasts([1, 0, 1, 0], [0.6, 0.9, 0.1, 0.2]),
    )
    for name in (
        "brier_score",
        "log_loss",
        "expected_calibration_error",
        "area_under_risk_coverage",
    ):
        assert float(getattr(calibration, name)(better)) < float(getattr(calibration, name)(worse))
    for name in ("auroc", "average_precision"):
        assert getattr(calibration, name)(better) > getattr(calibration, name)(worse)
    for name in ("brier", "log", "spherical"):
        assert mean_reward(better, CATALOGUE[name]) > mean_reward(worse, CATALOGUE[name])
    assert (murphy_diagram(better).payoff >= murphy_diagram(worse).payoff).mean() > 0.5


def test_a_loss_is_minus_the_mean_of_its_rule() -> None:
    assert brier_score(FORECASTS) == pytest.approx(-mean_reward(FORECASTS, "-(q - c)^2"), abs=1e-15)
    assert log_loss(C, Q).value == pytest.approx(-mean_reward(C, Q, CATALOGUE["log"]), abs=1e-12)


@pytest.mark.parametrize(
    "rule", ["-abs(q - c)", CATALOGUE["linear"], Reward.parse("c - (q - c)^2 + q/10^6")]
)
def test_an_improper_rule_is_not_decomposed(rule: Any) -> None:
    with pytest.raises(ValueError, match=r"a proper rule is needed, and '.*' is not proper: p = "):
        corp_decomposition(C, Q, rule)


def test_a_rule_that_is_only_weakly_proper_is_decomposed() -> None:
    found = corp_decomposition(C, Q, "(c - 1/2)*(q > 1/2)")
    assert found.miscalibration >= 0
    assert found.discrimination >= 0


def test_properness_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    prove = properness.proper_verdict
    monkeypatch.setattr(
        properness, "proper_verdict", lambda prover: calls.append(prover) or prove(prover)
    )
    properness._properness.cache_clear()
    for _ in range(3):
        corp_decomposition(C, Q, "-7*(q - c)^2")
    assert len(calls) == 1


def test_a_rule_whose_properness_is_undecided_is_decomposed_with_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undecided = properness.Verdict("undecided", "no proof was found")
    monkeypatch.setattr(properness, "_properness", lambda *_: undecided)
    with pytest.warns(UserWarning, match="undecided whether .* is proper"):
        corp_decomposition(C, Q, "-(q - c)^2")


def test_metrics_taken_by_others_may_take_arrays() -> None:
    for name in ("bootstrap_interval",):
        interval = of(name, C, Q)
        assert interval.estimate == accuracy(FORECASTS)
    drawn = {"rng": np.random.default_rng(0), "resamples": 9}
    assert bootstrap_interval(C, Q, brier_score, **drawn).estimate == brier_score(FORECASTS)
    assert paired_difference(C, Q, brier_score, **HALVES, **drawn).resamples == 9
    assert mean_intervals(C, Q, np.ones((1, 60)), **drawn)[0].estimate == 1
