"""What a report says, word for word. The numbers in the texts are worked out by hand, each beside
its test.
"""

from __future__ import annotations

import re
from dataclasses import fields
from fractions import Fraction
from inspect import getdoc

import pytest

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.checking import Report, check
from scoring_theory.verdict import Verdict

SLOPE = "the smallest slope of the expected reward V(p); it must not be negative"
MARGIN = f"(R(0+, 1) - R(0, 0), {SLOPE})"
WEIGHT = "(c + lam S is jointly optimal for lam <= lam*, with S = R - c)"
WRONG = (
    "p = 1/4: expected reward -0.125 with truthful q = 1/4, 0 for a deliberately wrong answer with"
    " q = 0"
)
NO_TRUTH = "a misreport is better even with a single answer ("


def constant(q: object) -> str:
    return (
        f"V is convex, and the constant report q = {q} has an expected reward of at least V(0) for"
        " every p"
    )


ONLY = "the true probability is the only confidence with the largest expected score"
OPTIMAL = "giving the most likely answer with its true probability maximises expected reward"


def test_twice_brier_in_full() -> None:
    """V = p - 2 p (1 - p): V(1/4) = -1/8; V' = 4 p - 1; V = 0 again at 1/2; R(1, 0) = -2; w = 4."""
    expected = f"""\
c - 2*(q - c)^2
STRICTLY PROPER · NOT JOINTLY OPTIMAL (below p = 1/2 a deliberately wrong answer earns more)

  proper             proved, strictly: no report has a larger expected reward than q = p
  jointly optimal    refuted: {WRONG}
  accuracy margin    -1  {MARGIN}
  critical weight    1/2 = 0.5  {WEIGHT}
  local failure      1/4 = 0.25  (for p below this value, expected reward decreases with accuracy)
  global failure     1/2 = 0.5  (for p below this value, a deliberately wrong answer with q = 0 earns more)
  payoffs            from -2 to 1
  Schervish weight   w(t) = 4
  best report        q*(p) = p"""  # noqa: E501
    report = check("c - 2*(q - c)^2")
    assert report.text() == str(report) == expected
    shown = report.to_json()
    assert (shown["threshold_density"], shown["best_report"], shown["bounded"]) == ("4", "p", True)
    assert shown["range"] == [{"exact": "-2", "value": -2.0}, {"exact": "1", "value": 1.0}]
    assert shown["jointly_optimal"]["witness"] == {
        "p_low": "0", "q_low": "0", "p_high": "1/4", "honest_pays": "-1/8", "other_pays": "0",
    }  # fmt: skip
    claims = [c["claim"] for c in shown["certificate"]["certificates"]]
    assert claims == ["strictly proper", "not jointly optimal", "failure thresholds"]


def test_an_improper_reward_in_full() -> None:
    """U(p, q) = p + p (q - 1/2)/2 rises in q, so 1 is always reported; U(1/2, 1/2) = 1/2, U(1/2, 1)
    = 5/8.
    """
    misreport = "p = 1/2: expected reward 0.500 with truthful q = 1/2, 0.625 with q = 1"
    assert (
        check("c + 1/2*c*(q - 1/2)").text()
        == f"""\
c + 1/2*c*(q - 1/2)
IMPROPER · NOT JOINTLY OPTIMAL (for some p a misreport has a larger expected reward; accuracy is rewarded)

  proper             refuted: {misreport}
  jointly optimal    refuted: {NO_TRUTH}{misreport})
  accuracy rewarded  proved: {constant(1)}
  payoffs            measured: from 0 to 1.25
  best report        q*(p) = measured: 1 for every p"""  # noqa: E501
    )


def test_ties_of_a_parameter_and_of_confidence_as_a_whole() -> None:
    """At lam = 0 every confidence earns c; a parameter t keeps its name beside the threshold."""
    brier = check("c - lam*(q - c)^2", lam="0 <= lam <= 1")
    assert brier.strictly_proper.reason.startswith(
        "lam = 0, p = 1/2: expected reward 0.500 with truthful q = 1/2, and the same with q = "
    )
    rows = dict(check("(q > t)*(c - t)", t="0 <= t <= 1").rows())
    assert rows["accuracy margin"] == f"1 if t == 0 else 0  {MARGIN}"
    assert rows["Schervish weight"] == "w(q) = 0 on (0, t); 0 on (t, 1); mass 1 at q = t"
    assert rows["best report"] == "q*(p) = p, tied with other reports"
    assert "accuracy rewarded" not in rows
    rows = dict(check("c - t*(q - c)^2", t="0 < t < 1").rows())
    assert rows["Schervish weight"] == "w(q) = 2*t"


@pytest.mark.parametrize(
    ("formula", "headline"),
    [
        ("c - (q - c)^2/2", f"STRICTLY PROPER · JOINTLY OPTIMAL ({OPTIMAL})"),
        (
            "c - (q - c)^2",
            f"STRICTLY PROPER · JOINTLY OPTIMAL ({OPTIMAL}; the accuracy margin is exactly 0)",
        ),
        (
            "c",
            "WEAKLY PROPER · JOINTLY OPTIMAL (it rewards accuracy only: every confidence has the"
            " same expected reward; --allow-weak accepts ties)",
        ),
        (
            "c + (q > 1/2)*(c - 1/2)",
            "WEAKLY PROPER · JOINTLY OPTIMAL (some misreports have the same expected reward as the"
            " true confidence; --allow-weak accepts ties)",
        ),
        (
            "c - 2*(q - c)^2",
            "STRICTLY PROPER · NOT JOINTLY OPTIMAL (below p = 1/2 a deliberately wrong answer earns"
            " more)",
        ),
        ("1 - (q - c)^2", f"STRICTLY PROPER (it is a score: {ONLY})"),
        ("log", f"STRICTLY PROPER (it is a score: {ONLY})"),
        (
            "c + log(1 - abs(q - c))",
            "STRICTLY PROPER · NOT JOINTLY OPTIMAL (below p = 0.6484 a deliberately wrong answer"
            " earns more)",
        ),
        (
            "c + (c - 1/2)*q",
            "IMPROPER · NOT JOINTLY OPTIMAL (for some p a misreport has a larger expected reward;"
            " accuracy is rewarded)",
        ),
        ("-abs(q - c)", "IMPROPER (for some p a misreport has a larger expected score)"),
        (
            "c - (q - c)^2 if exp(q) >= 1 + q + q^2/2 else c",
            "PROPERNESS UNDECIDED · JOINT OPTIMALITY UNDECIDED (neither a proof nor a"
            " counterexample was found)",
        ),
    ],
)
def test_headlines(formula: str, headline: str) -> None:
    """Margins by hand: 1/2, 0, 1, 1, -1; abs pays 0 at q = 0 for a wrong answer, -1/2 at best for p
    = 1/2.
    """
    assert check(formula).headline() == headline


def test_a_weak_reward_holds_where_ties_are_allowed() -> None:
    formula = "c + (q > 1/2)*(c - 1/2)"
    strictly, weakly = check(formula), check(formula, allow_weak=True)
    assert weakly.headline() == (
        f"WEAKLY PROPER · JOINTLY OPTIMAL ({OPTIMAL}; other confidences tie with the true one)"
    )
    assert weakly.text().split("\n")[1] == weakly.headline()
    assert [report.to_json()["verdict"] for report in (strictly, weakly)] == ["refuted", "holds"]


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("c + (c - 1/2)*q", constant(0)),
        (
            "c*q + q - q^3",
            "at every confidence a correct answer has at least the reward of a wrong one",
        ),
        (
            "2*c + (1 - c)*q*(2/3 - q)",
            constant("1/3"),
        ),
        (
            "(1 - c)*q",
            "p = 0 with q = 1 has a larger expected reward than p = 1 with any q",
        ),
        (
            "-abs(q - c)",
            "p = 0 with q = 0 has a larger expected reward than p = 1/2 with any q",
        ),
    ],
)
def test_reasons_about_accuracy(formula: str, reason: str) -> None:
    """A wrong answer earns q - q^3, the most at 1/sqrt(3), which no text names; a right one earns q
    more.
    """
    assert check(formula).accuracy_rewarded.reason == reason


def test_whole_payoffs_are_told_as_whole_numbers() -> None:
    """Winkler's score is 0 at its reference r and 1 for a wrong answer with q = 0."""
    reason = check(
        "((r - c)^2 - (q - c)^2)/((1 - r)^2 if r <= q else r^2)", r="0.3"
    ).jointly_optimal.reason
    assert (
        reason == "p = 3/10: expected reward 0 with truthful q = 3/10, 1 for a deliberately wrong"
        " answer with q = 0"
    )


def test_payoffs_that_look_alike_are_told_to_twelve_digits() -> None:
    """Q = 1 earns a right answer 1e-9 more: U(1/2, 1) - U(1/2, 1/2) = 1/2 * 1e-9 * 1/2 at most."""
    reason = check("c + c*q/10^9").proper.reason
    paid = [float(x) for x in re.findall(r"(?:reward|,) ([0-9.]+) with", reason)]
    assert len(paid) == 2
    assert paid[0] != paid[1]
    assert abs(paid[0] - paid[1]) < 1e-9


def test_the_table_for_notebooks_says_formula_outcome_and_findings() -> None:
    shown = check("c - (q - c)^2")._repr_html_()
    assert "c - (q - c)^2</caption>" in shown
    assert "STRICTLY PROPER · JOINTLY OPTIMAL</th>" in shown
    assert "best report</td>" in shown
    assert "q*(p) = p</td>" in shown


def test_the_truth_of_a_report_is_refused_as_numpy_refuses_that_of_an_array() -> None:
    for formula in ("c - (q - c)^2", "c - 2*(q - c)^2"):
        with pytest.raises(
            TypeError, match=r"the truth of a Report is ambiguous: use report\.holds"
        ):
            bool(check(formula))


def test_a_report_holds_only_if_everything_is_proved() -> None:
    assert check("c - (q - c)^2").holds
    assert not check("c - 2*(q - c)^2").holds
    assert not check("c").holds  # proper, with ties
    assert not check("c - (q - c)^2", estimator="grpo", outcomes="shared").holds
    assert check("c - (q - c)^2", estimator="dr_grpo").holds


def test_a_verdict_is_true_only_if_it_is_proved() -> None:
    assert Verdict("proved", "")
    assert not Verdict("refuted", "")
    assert not Verdict("undecided", "")


def test_a_report_that_pays_without_bound_is_said_to() -> None:
    """Density 1/t^2: R(q, 0) = -log(2 q) -> +inf as q -> 0, so no V(0) bounds anything; properness
    is not decided.
    """
    report = check("c*(1 - log(q) - 1/q) + (1 - c)*(-log(q) - log(2))")
    assert (report.proper.status, report.jointly_optimal.status) == ("undecided", "refuted")
    assert report.headline() == (
        "PROPERNESS UNDECIDED · NOT JOINTLY OPTIMAL (a less accurate answer earns more than the"
        " best one, truthfully reported)"
    )
    assert report.accuracy_rewarded.status == "undecided"
    assert (
        report.accuracy_rewarded.reason == "the reward is +inf at q = 0, so V(p) has no upper bound"
    )


def test_a_payoff_beyond_the_floats_is_not_infinite() -> None:
    """exp(1000) is no float, and finite."""
    assert "+inf" not in check("exp(1000*c)*(1 - (q - c)^2)").text()
    assert check("c - log(q)").accuracy_rewarded.reason.startswith("the reward is +inf at q = 0")


def test_a_weight_is_not_called_by_the_name_of_another_parameter() -> None:
    """S = R - c = -(q - c)^2/2 has the critical weight 2; the typed lam has its own, 1."""
    rows = dict(check("c - lam*(q - c)^2", lam="1/2").rows())
    assert rows["critical weight"] == "2  (c + k S is jointly optimal for k <= k*, with S = R - c)"
    rows = dict(check("c - lam*(q - c)^2", lam="0 < lam <= 1").rows())
    assert rows["critical weight"] == "1  (c + lam S, as typed, is jointly optimal for lam <= lam*)"


@pytest.mark.parametrize(
    ("formula", "weighed"),
    [
        (
            "2*c - (q - c)^2",
            "inf  (c + lam S is jointly optimal for every lam >= 0, with S = R - c)",
        ),
        (
            "c + log(1 - abs(q - c))",
            "0  (c + lam S is jointly optimal for no lam > 0, with S = R - c)",
        ),
    ],
)
def test_a_critical_weight_of_none_or_all_is_told_in_words(formula: str, weighed: str) -> None:
    assert dict(check(formula).rows())["critical weight"] == weighed


def test_extremes_inside_are_called_measured() -> None:
    """R(q, 0) = -q (q - 1)(q - 0.33) has its extremes at (1.33 +- sqrt(1.33^2 - 3*0.33))/3, off
    every grid.
    """
    rows = dict(check("c - q*(q - 1)*(q - 0.33)").rows())
    assert rows["payoffs"] == "measured: from -0.0229506 to 1.07889"


def test_payoffs_that_differ_by_dust_are_told_by_their_difference() -> None:
    """U(1/3, q) = a (2q - q^2)/6 - b q^2/3, b - a = 1e-17; at q = 1/3 - 1/2^56 both payoffs are
    1/60 to 16 digits.
    """
    told = check("0.1*c*(2*q - q^2)/2 - (1 - c)*(0.1 + 1e-17)*q^2/2").proper.reason
    at = Fraction(1, 3) - Fraction(1, 2**56)
    a, b, third = Fraction(1, 10), Fraction(1, 10) + Fraction(1, 10**17), Fraction(1, 3)
    earned = [a * (2 * q - q * q) / 6 - b * q * q / 3 for q in (third, at)]
    assert (
        told == f"p = 1/3: the expected reward with q = {at} is larger by"
        f" {float(earned[1] - earned[0]):.3g} than with truthful q = 1/3"
    )
    tiny, p = check("c - (q - c)^2 + 1e-13*(q == 0)").proper.reason, Fraction(1, 67108864)
    assert (
        tiny == f"p = {p}: expected reward {float(p * p):.6g} with truthful q = {p},"
        " 1e-13 with q = 0"
    )


def test_help_says_what_a_report_holds_lists_the_estimators_and_explains_undecided() -> None:
    text, attributes = getdoc(check) or "", getdoc(Report) or ""
    assert [name for name in ESTIMATORS if f'\n    "{name}" ' not in text] == []
    assert [field.name for field in fields(Report) if f"    {field.name}: " not in attributes] == []
    summary = text.partition("Returns:")[2].partition("Raises:")[0]
    for name in ("proper", "strictly_proper", "jointly_optimal", "accuracy_rewarded", "training",
                 "accuracy_margin", "critical_weight", "local_failure_below", "certificates",
                 "global_failure_below", "range", "threshold_density", "best_report"):  # fmt: skip
        assert f"`{name}`" in summary
    assert '"undecided": neither was found, which says nothing about the reward' in summary


def test_two_answers_that_differ_by_dust_are_told_apart_as_well() -> None:
    """At p = 2^-60 both expected rewards are 2 log 2 to 16 digits."""
    text = "(c + 1)*log(q + 1) + (2 - c)*log(2 - q) + 0.6931471805599452*c"
    report = check(text)
    assert (
        "for a deliberately wrong answer with q = 0 is larger by" in report.jointly_optimal.reason
    )
    assert str(report.critical_weight).endswith("= 0.9999999999999999")
    assert str(check("c - (1 + 10^-9)*(q - c)^2").critical_weight).endswith("= 0.999999999")
