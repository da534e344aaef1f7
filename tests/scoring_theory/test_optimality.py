"""check(reward) -> Report. Expected numbers are closed forms, each named beside its test, or roots
found by mpmath.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import FormulaError, parse
from proofs.kernel.normal_form import Rejected
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import verify
from scoring_theory import Reward
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking import Report, check
from scoring_theory.optimality.failure_thresholds import root, simplest_between
from tests.support.examples import examples

LOG = "c + log(1 - abs(q - c))"


def numbers(text: str) -> float:
    """The value of an exact text, by SymPy: independent of the project's own evaluation."""
    return float(sympy.sympify(text.replace("^", "**")).evalf(30))


def quantities(report: Report) -> list[tuple[str, float]]:
    found = [
        report.accuracy_margin,
        report.critical_weight,
        report.local_failure_below,
        report.global_failure_below,
    ]
    return [(x.exact, x.value) for x in [*found, *(report.range or ())] if x is not None]


class TestTheFourAnswersOfTheReadme:
    def test_rlcr_is_proper_jointly_optimal_and_exactly_on_the_boundary(self) -> None:
        report = check("c - (q - c)**2")
        assert report.outcome() == "holds"
        assert report.exit_code() == 0
        assert report.strict is True
        assert report.accuracy_margin is not None
        assert report.accuracy_margin.exact == "0"
        assert report.critical_weight is not None
        assert report.critical_weight.exact == "1"
        assert report.local_failure_below is None
        assert report.global_failure_below is None

    def test_twice_brier_fails_below_a_quarter_and_a_half(self) -> None:
        """V = p - 2 p (1 - p) falls below 1/4 and is below V(0) = 0 up to 1/2."""
        report = check("c - 2*(q - c)**2")
        assert report.exit_code() == 1
        assert report.proper
        assert report.jointly_optimal.status == "refuted"
        assert report.local_failure_below is not None
        assert report.local_failure_below.exact == "1/4"
        assert report.global_failure_below is not None
        assert report.global_failure_below.exact == "1/2"

    def test_log_fails_below_the_logistic_of_minus_one_and_below_the_root_of_its_value(
        self,
    ) -> None:
        report = check(LOG)
        assert report.exit_code() == 1
        assert report.local_failure_below is not None
        assert report.local_failure_below.exact == "1/(1 + exp(1))"
        value = mpmath.findroot(lambda p: p + p * mpmath.log(p) + (1 - p) * mpmath.log(1 - p), 0.65)
        assert report.global_failure_below is not None
        assert report.global_failure_below.value == pytest.approx(float(value), abs=1e-15)
        assert report.accuracy_margin is not None
        assert report.accuracy_margin.exact == "-inf"
        assert report.critical_weight is not None
        assert report.critical_weight.exact == "0"

    def test_the_linear_rule_is_improper_with_a_witness_to_put_in_by_hand(self) -> None:
        report = check("-abs(q - c)")
        assert report.proper.status == "refuted"
        assert report.proper.witness is not None
        p, q = (Fraction(report.proper.witness[k]) for k in "pq")
        assert -(p * (1 - q) + (1 - p) * q) > -2 * p * (1 - p)
        assert report.best_report == "measured: 0 for p < 1/2, 1 for p > 1/2"


def test_binary_is_proper_but_pays_nothing_for_honesty() -> None:
    report = check("c")
    shown = report.to_json()
    assert shown["verdict"] == "refuted"
    assert shown["proper"]["status"] == "proved"
    assert shown["proper"]["strict"] is False
    assert shown["jointly_optimal"]["status"] == "proved"
    assert shown["accuracy_margin"] == {"exact": "1", "value": 1.0}
    assert report.exit_code() == 1
    assert check("c", allow_weak=True).exit_code() == 0
    assert "every confidence has the same expected reward" in str(report)


@pytest.mark.parametrize(
    ("formula", "lam"),
    [
        ("c - (q-c)^2", 1),
        ("c + (c*q + (1-c)*(1-q))/sqrt(q^2 + (1-q)^2)", 1),
        ("c*q + (1-c)*(q + log(1-q))", 1),
    ],
)
def test_rules_that_hold_at_weight_one(formula: str, lam: int) -> None:
    report = check(formula)
    assert report.outcome() == "holds"
    assert report.critical_weight is not None
    assert report.critical_weight.value == lam


def test_one_sided_rule_is_unbounded_and_safe() -> None:
    report = check("c*q + (1-c)*(q + log(1-q))")
    assert report.bounded is False
    assert report.outcome() == "holds"


@given(eps=st.fractions(Fraction(1, 1000), Fraction(49, 100)))
@examples(15)
def test_clipped_log_has_the_critical_weight_of_the_literature(eps: Fraction) -> None:
    """lam* = 1 / log((1-eps)/eps)."""
    report = check("c + log(1 - abs(clip(q, eps, 1-eps) - c))", eps=eps)
    assert report.critical_weight is not None
    assert report.critical_weight.value == pytest.approx(
        1 / math.log(float((1 - eps) / eps)), rel=1e-12
    )
    assert report.strict is False


@given(lam=st.fractions(Fraction(101, 100), 50, max_denominator=10**5))
@examples(25)
def test_brier_thresholds_are_closed_forms(lam: Fraction) -> None:
    """V = p - lam p (1-p): local (lam-1)/(2 lam), global (lam-1)/lam."""
    report = check("c - lam*(q-c)^2", lam=lam)
    assert report.local_failure_below is not None
    assert Fraction(report.local_failure_below.exact) == (lam - 1) / (2 * lam)
    assert report.global_failure_below is not None
    assert Fraction(report.global_failure_below.exact) == (lam - 1) / lam


@given(lam=st.fractions(Fraction(1, 20), 8))
@examples(15)
def test_log_local_threshold_is_logistic(lam: Fraction) -> None:
    """D = 1 + lam log(p/(1-p)) vanishes at 1/(1 + exp(1/lam))."""
    report = check("c + lam*(c*log(q) + (1-c)*log(1-q))", lam=lam)
    assert report.local_failure_below is not None
    assert report.local_failure_below.value == pytest.approx(1 / (1 + math.exp(1 / lam)), rel=1e-12)
    assert numbers(report.local_failure_below.exact) == pytest.approx(
        report.local_failure_below.value, rel=1e-12
    )


def test_spherical_local_threshold_is_a_radical() -> None:
    """1 + 2 (2p - 1)/sqrt(1 - 2p + 2p^2) = 0 at p = 1/2 - 1/sqrt(28)."""
    report = check("c + 2*(c*q + (1-c)*(1-q))/sqrt(q^2 + (1-q)^2)")
    assert report.local_failure_below is not None
    assert report.local_failure_below.exact == "1/2 - sqrt(1/28)"


def test_a_reward_that_falls_everywhere_fails_up_to_one() -> None:
    report = check("-3*c - (q - c)^2")
    assert report.global_failure_below is not None
    assert report.global_failure_below.exact == "1"


def test_a_threshold_at_a_jump_is_the_breakpoint() -> None:
    """c - 1 pays -1 for each unit of p below the bet at 1/2, and +1 above it."""
    report = check("-c + 2*(q > 1/2)*(c - 1/2)")
    assert report.local_failure_below is not None
    assert report.local_failure_below.exact == "1/2"
    assert report.global_failure_below is not None
    assert report.global_failure_below.exact == "1"


def test_symbolic_weight_on_both_sides_of_the_boundary() -> None:
    assert check("c - lam*(q-c)^2", lam="0 < lam <= 1").outcome() == "holds"
    refuted = check("c - lam*(q-c)^2", lam="lam > 1")
    assert refuted.outcome() == "refuted"
    assert refuted.critical_weight is not None
    assert refuted.critical_weight.exact == "1"
    closed_at_zero = check("c - lam*(q-c)^2", lam="0 <= lam <= 1")
    assert closed_at_zero.strict is False, "at lam = 0 every confidence earns the same"
    assert closed_at_zero.safe


@pytest.mark.parametrize(
    ("formula", "domains", "weight", "name"),
    [
        ("c - lam*(q - c)^2", {"lam": "lam > 1"}, "1", "lam"),
        ("c - k*(q - c)^2", {"k": "0 <= k <= 1"}, "1", "k"),
        ("c + k*(c*log(q) + (1 - c)*log(1 - q))", {"k": "0 <= k <= 1"}, "0", "k"),
        ("c - lam*k*(q - c)^2", {"k": "0 < k <= 1", "lam": "0 < lam <= 1"}, "1/k", "lam"),
        ("c - lam*(q - c)^2", {"lam": "lam = 1/2"}, "2", None),
        ("lam*c - (q - c)^2", {"lam": "lam > 1"}, None, None),
        ("c - lam^2*(q - c)^2", {"lam": "0 < lam <= 1"}, "1/lam^2", None),
        ("c - 2*(q - c)^2", {}, "1/2", None),
        (
            "c + lam*((q > t)*(c - t) - (q - c)^2)",
            {"lam": "0 < lam <= 1", "t": "0 <= t <= 1"},
            "inf if t == 0 else 1",
            "lam",
        ),
        ("c - k*lam*(q - c)^2 - k*q*0", {"k": "k = 2", "lam": "0 < lam < 1/2"}, "1/2", "lam"),
    ],
)
def test_the_critical_weight_is_of_the_parameter_that_weighs_or_of_the_whole_score(
    formula: str, domains: dict[str, str], weight: str | None, name: str | None
) -> None:
    """S(0, 0) - S(0+, 1) by hand: 1 for Brier, k for k Brier, infinite for log; with S = R - c, 1 -
    m.

    A bet at t beside Brier gives a right answer 1 more at 0+ only where t = 0.
    """
    report = check(formula, parameters=domains)
    assert report.weight_parameter == report.to_json()["weight_parameter"] == name
    if weight is not None:
        assert report.critical_weight is not None
        assert report.critical_weight.exact == weight
        where = f"no {name} > 0" if weight == "0" else f"{name} <= lam*"
        assert ("with S = R - c" if name is None else f"jointly optimal for {where}") in str(report)


def test_properness_and_joint_optimality_are_named_apart() -> None:
    ppo_c = check("c + 1/2*c*(q - 1/2)")
    assert ppo_c.proper.status == "refuted"
    assert ppo_c.accuracy_rewarded.status == "proved"
    assert "IMPROPER" in ppo_c.headline()
    assert "accuracy is rewarded" in ppo_c.headline()
    log = check(LOG)
    assert log.proper
    assert log.accuracy_rewarded.status == "refuted"
    assert "STRICTLY PROPER · NOT JOINTLY OPTIMAL" in log.headline()
    assert "accuracy is rewarded" not in check("-abs(q - c)").headline()


@pytest.mark.parametrize(
    ("formula", "best"),
    [
        ("c + log(1 - abs(q-c) + 0.01)", "51/50*p - 1/100, clipped to [0, 1]"),
        ("c - q/(1-q)*(1-c)", "measured: 0 for every p"),
        ("c - (0.5*c + 0.25 - q)^2/2", "1/2*p + 1/4"),
        ("c - (q-c)^2", "p"),
        ("(q > 1/4)*(c - 1/2) + (q > 3/4)*(c - 1/4)", "measured: 0 for p < 3/8, 1 for p > 3/8"),
    ],
)
def test_best_report_of_improper_rules(formula: str, best: str) -> None:
    """Both bets together pay 2 p - 3/4, whatever the report above 3/4: of those that tie an end is
    told.
    """
    report = check(formula)
    assert report.best_report == best


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_catalogued_reward_is_decided_with_certificates_that_the_kernel_accepts(
    name: str,
) -> None:
    report = check(CATALOGUE[name]())
    assert report.proper.status != "undecided"
    assert report.strictly_proper.status != "undecided"
    assert report.jointly_optimal.status != "undecided"
    for certificate in json.loads(json.dumps(report.certificates)):
        verify(certificate)
    for exact, value in quantities(report):
        assert "inf" in exact or numbers(exact) == pytest.approx(value, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("formula", "domains", "weight", "score"),
    [
        ("-(q - c)^2", {}, "1", "R"),
        ("-2*(q - c)^2", {}, "1/2", "R"),
        ("1 - (q - c)^2", {}, "1", "R"),
        ("c*log(q) + (1 - c)*log(1 - q)", {}, "0", "R"),
        ("-c - (q - c)^2", {}, "1/2", "R"),
        ("c - (q - c)^2", {}, "1", "R - c"),
        ("c/2 - (q - c)^2", {}, "2/3", "R - c"),
        ("c", {}, "inf", "R - c"),
        ("-a*(q - c)^2", {"a": "0 < a <= 2"}, "1/a", "R"),
        ("a*c - (q - c)^2", {"a": "0 < a <= 1"}, "1/(2 - a)", "R - c"),
        ("a*c - (q - c)^2", {"a": "-1 < a < 1"}, None, None),
        ("-abs(q - c)", {}, None, None),
    ],
)
def test_the_score_of_the_critical_weight_is_r_where_right_certainty_earns_no_more_than_wrong(
    formula: str, domains: dict[str, str], weight: str | None, score: str | None
) -> None:
    """S = R if V(1) <= V(0) and R - c otherwise: with the margin m, lam* = -1/m or 1/(1 - m); -1,
    and so 1, for Brier.

    c/2 + Brier has m = -1/2, V(1) = 1/2: lam* = 2/3. Brier - c has V(1) = -1 and m = -2: lam* =
    1/2.
    """
    report = check(formula, parameters=domains)
    found = report.critical_weight
    assert (None if found is None else found.exact, report.score) == (weight, score)
    assert report.to_json()["score"] == score
    assert score is None or f"with S = {score}" in str(report)


def test_json_is_the_schema_of_the_readme() -> None:
    shown = check(LOG).to_json()
    assert shown["schema"] == 2
    assert shown["formula"] == LOG
    assert shown["verdict"] == "refuted"
    assert set(shown["proper"]) == {"status", "strict", "reason", "witness"}
    assert set(shown["jointly_optimal"]) == {"status", "reason", "witness"}
    assert shown["accuracy_margin"] == {"exact": "-inf", "value": "-inf"}
    assert set(shown["global_failure_below"]) == {"exact", "value", "equation"}
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_undecided_says_why_and_where() -> None:
    """w = 1 + e t log t touches 0 at t = 1/e, an irrational point: no exact evidence of either sign
    exists here.
    """
    k = "exp(1)"
    f = f"q - q^2/2 + {k}*(q^2*log(q)/2 - q^2/4 - q^3*log(q)/3 + q^3/9)"
    g = f"-(q^2/2 + {k}*(q^3*log(q)/3 - q^3/9))"
    report = check(f"c*({f}) + (1-c)*({g})")
    assert report.exit_code() == 3
    assert "0.3678794" in report.proper.reason


def test_formula_is_kept_as_typed_and_parameters_are_told() -> None:
    report = check("c - lam*(q-c)**2", lam=0.5)
    assert report.formula == "c - lam*(q-c)**2"
    assert "lam = 1/2" in str(report)
    assert report.to_json()["parameters"] == {"lam": "lam = 1/2"}


def test_bad_input_is_refused_in_sentences() -> None:
    with pytest.raises(FormulaError, match="unknown name '__import__'"):
        check("__import__('os').system('id')")
    with pytest.raises(FormulaError, match="unknown name 'lam'"):
        check("c - lam*(q-c)^2")
    with pytest.raises(ValueError, match="lam"):
        check(Reward.parse("c - lam*(q-c)^2", lam="0 < lam <= 1"), lam=2)


def test_the_table_for_notebooks_holds_every_row() -> None:
    report = check("c - (q-c)^2")
    assert report._repr_html_().count("<tr>") == len(report.rows()) + 1


def test_a_root_next_to_a_simple_fraction_is_not_that_fraction() -> None:
    found = root(
        Translator(Region({})).smooth(parse("q^3 - 1/8 - 1/10^30")), Fraction(0), Fraction(1)
    )
    assert found.exact != "1/2"
    assert found.equation is not None
    found = root(
        Translator(Region({})).smooth(parse("q - 1/2 - 1/10^30")), Fraction(0), Fraction(1)
    )
    assert found.exact == str(Fraction(1, 2) + Fraction(1, 10**30))


@given(
    low=st.fractions(0, 10, max_denominator=10**6),
    width=st.fractions(Fraction(1, 10**9), 1, max_denominator=10**9),
)
def test_simplest_fraction_between_is_inside_and_no_simpler_one_is(
    low: Fraction, width: Fraction
) -> None:
    found = simplest_between(low, low + width)
    assert low <= found <= low + width
    for d in range(1, min(found.denominator, 60)):
        n = math.ceil(low * d)
        assert Fraction(n, d) > low + width


def test_root_finds_an_irrational_root_with_its_equation() -> None:
    """x^5 + x = 1 has no solution in radicals."""
    found = root(Translator(Region({})).smooth(parse("q^5 + q - 1")), Fraction(0), Fraction(1))
    assert found.equation == "-1 + p + p^5 = 0"
    assert found.value == pytest.approx(
        float(mpmath.findroot(lambda x: x**5 + x - 1, 0.75)), abs=1e-15
    )
    assert abs(float(found.exact) - found.value) < 1e-15


@pytest.mark.parametrize(
    ("gain", "exact"),
    [
        ("2*q^2 - 1", "sqrt(1/2)"),
        ("q^2 + q - 1", "-1/2 + sqrt(5/4)"),
        ("q - sqrt(1 - q)", "-1/2 + sqrt(5/4)"),
        ("(2*q^2 - 1)*(4*q - 1)^2", "sqrt(1/2)"),
        ("3*q - 1 + sqrt(q)", "7/18 - sqrt(13/324)"),
        ("q^2*(2*q^2 - 1)", "sqrt(1/2)"),
        ("q^2 - q*sqrt(1 - q)", "-1/2 + sqrt(5/4)"),
        ("1/3 + 2/5*(log(q) - log(1 - q))", "1/(1 + exp(5/6))"),
        ("3*q - 1", "1/3"),
    ],
)
def test_roots_in_closed_form(gain: str, exact: str) -> None:
    """By hand: (3 q - 1)^2 = q, smaller root; q^2 = 1 - q; log(q/(1 - q)) = -5/6."""
    found = root(Translator(Region({})).smooth(parse(gain)), Fraction(0), Fraction(1))
    assert found.exact == exact
    assert found.value == pytest.approx(numbers(exact), abs=1e-15)


def test_a_root_of_long_fractions_is_told_in_decimals_with_its_equation() -> None:
    gain = Translator(Region({})).smooth(parse("sqrt(q) - 123457/1000003"))
    found = root(gain, Fraction(0), Fraction(1))
    assert found.value == pytest.approx((123457 / 1000003) ** 2, rel=1e-14)
    assert found.equation is not None


@pytest.mark.parametrize(
    ("formula", "best"),
    [
        ("-(q - 2*c)^2", "2*p, clipped to [0, 1]"),
        ("-(q - c/2)^2", "1/2*p"),
        ("-(q - (c + 1)/2)^2", "1/2*p + 1/2"),
    ],
)
def test_a_line_of_best_reports_is_clipped_where_it_leaves_the_unit_interval(
    formula: str, best: str
) -> None:
    assert check(formula).best_report == best


@pytest.mark.parametrize(
    ("weight", "largest"), [("sqrt(2)", "sqrt(2)/2"), ("(1 + sqrt(2))", "1/(sqrt(2) + 1)")]
)
def test_an_irrational_critical_weight_is_a_product_or_the_inverse_of_a_sum(
    weight: str, largest: str
) -> None:
    found = check(f"c - {weight}*(q - c)^2").critical_weight
    assert found is not None
    assert found.exact == largest


@pytest.mark.parametrize(
    "formula", ["c - 2*(q - c)^2", LOG, "c + 3*(c - 1/2)*(q > 1/2) - 5*(q - c)^2"]
)
def test_failure_thresholds_are_certified_to_fifteen_digits(formula: str) -> None:
    report = check(formula)
    certificate = report.failure_certificate
    assert certificate is not None
    assert certificate in report.certificates
    for name, threshold in (
        ("local", report.local_failure_below),
        ("global", report.global_failure_below),
    ):
        low, high = map(Fraction, certificate[name])
        assert threshold is not None
        assert low < threshold.value < high <= low + Fraction(3, 10**15)
        beside = {**certificate, name: [str(high), str(high + Fraction(1, 10**12))]}
        with pytest.raises(Rejected, match=f"the {name} threshold is not between"):
            verify(beside)
    words = verify(certificate)
    assert f"a threshold in [{', '.join(certificate['local'])}]" in words
    assert f"below one in [{', '.join(certificate['global'])}]" in words


def test_a_safe_reward_has_no_thresholds_to_certify() -> None:
    assert check("c - (q - c)^2").failure_certificate is None


@pytest.mark.parametrize(
    ("formula", "local", "globally"),
    [
        # D = log p - log(1-p) vanishes at 1/2; V = p log p + (1-p) log(1-p) is 0 again at 1 alone
        ("log(1 - abs(q - c))", "1/2", "1"),
        # boosting: (2p - 1)/sqrt(p (1-p)) = -1 where 5p^2 - 5p + 1 = 0; V = p - 2 sqrt(p (1-p)) = 0
        # where p = 4 (1-p)
        ("c - c*sqrt((1-q)/q) - (1-c)*sqrt(q/(1-q))", "1/2 - sqrt(1/20)", "4/5"),
        # (lam - 1)/(2 lam) and (lam - 1)/lam, however large the denominator
        ("c - (q - c)^2*(1 + 1e-12)", "1/2000000000002", "1/1000000000001"),
        # boosting with correctness counted 5 times: (2p - 1)^2 = 25 p (1-p), and 25 p = 4 (1-p)
        ("5*c - c*sqrt((1-q)/q) - (1-c)*sqrt(q/(1-q))", "1/2 - sqrt(25/116)", "4/29"),
    ],
)
def test_thresholds_of_logarithms_and_two_roots_are_exact(
    formula: str, local: str, globally: str
) -> None:
    report = check(formula)
    assert report.local_failure_below is not None
    assert report.global_failure_below is not None
    assert (report.local_failure_below.exact, report.global_failure_below.exact) == (
        local,
        globally,
    )
    for found in (report.local_failure_below, report.global_failure_below):
        assert found.value == pytest.approx(numbers(found.exact), abs=1e-15)
        assert found.equation is None


def test_an_unequal_end_of_irrational_payoffs_still_has_a_best_report() -> None:
    """A logistic of (c - 1/2)(q - 1/2) pays most at an end; the switch at 1/2 is a ratio of
    exponentials.
    """
    told = check("1/(1 + exp(-5*(c - 0.5)*(q - 0.5)))").best_report
    assert told is not None
    assert told.startswith("measured: 0 at p = 0.105, 0 at p = 0.305, 1 at p = 0.505")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(100, 40, marks=pytest.mark.slow),
        pytest.param(30, 110, marks=pytest.mark.slow),
        pytest.param(500, 500, marks=pytest.mark.slow),
        pytest.param("64.5", 3, marks=pytest.mark.slow),
        (3, "64.5"),
    ],
)
def test_narrow_beta_distributions_are_proved(a: object, b: object) -> None:
    report = check(f"c*beta_cdf(q, {a}, {b}) - {a}/({a} + {b})*beta_cdf(q, {a} + 1, {b})")
    assert (report.strictly_proper.status, report.jointly_optimal.status) == ("proved", "proved")
    wrong = check(f"c*beta_cdf(q, {a}, {b}) - ({a} + 1/1000)/({a} + {b})*beta_cdf(q, {a} + 1, {b})")
    assert wrong.proper.status != "proved"


@pytest.mark.parametrize(
    "weight",
    [
        *("9/10", "1/10", "1/50", "3/100", "3/200", "1/100", "10^-10"),
        pytest.param("1/500", marks=pytest.mark.slow),
    ],
)
def test_thresholds_of_tiny_weights_are_exact_and_certified(weight: str) -> None:
    """Thresholds of c + lam log: 1/(1 + exp(1/lam)), and the p > 0 with V(p) = 0, against mpmath at
    400 digits.
    """
    report = check(f"c + {weight}*(c*log(q) + (1 - c)*log(1 - q))")
    assert (report.proper.status, report.jointly_optimal.status) == ("proved", "refuted")
    with mpmath.workdps(400):
        lam = (
            mpmath.mpf(Fraction(weight.replace("10^-10", "1e-10")).numerator)
            / Fraction(weight.replace("10^-10", "1e-10")).denominator
        )
        local = 1 / (1 + mpmath.exp(1 / lam))
        assert report.local_failure_below is not None
        assert report.local_failure_below.value == pytest.approx(float(local), rel=1e-15)
        if local < 1e-300:  # no float is that small, and 0 would be a false threshold
            assert report.global_failure_below is None
        else:
            # p + lam (p log p + (1-p) log(1-p)) = 0, near p = exp(1 - 1/lam)
            def gain(p: mpmath.mpf) -> mpmath.mpf:
                return p + lam * (p * mpmath.log(p) + (1 - p) * mpmath.log(1 - p))

            ends = local, min(local * 10, mpmath.mpf("0.999"))
            zero = float(mpmath.findroot(gain, ends, solver="anderson"))
            assert gain(ends[0]) < 0 < gain(ends[1])
            assert report.global_failure_below is not None
            assert report.global_failure_below.value == pytest.approx(zero, rel=1e-15)
            assert float(report.global_failure_below.exact) == pytest.approx(zero, rel=1e-15)
    assert report.failure_certificate is not None
    assert verify(report.failure_certificate)


def test_a_margin_of_minus_infinity_refutes_without_a_witness() -> None:
    """At weight 1e-300 the honest answer earns less only below p = exp(-1e300), which nobody can
    write down.
    """
    report = check("c + 1e-300*log(1 - abs(q - c))")
    assert report.accuracy_margin is not None
    assert (report.accuracy_margin.exact, report.jointly_optimal.status) == ("-inf", "refuted")
    assert "the accuracy margin -inf is negative" in report.jointly_optimal.reason
    assert report.jointly_optimal.certificate is not None
    assert verify(report.jointly_optimal.certificate).endswith("is jointly optimal nowhere")
    for safe in ("c - (q - c)^2", "c", "q + (1 - c)*log(1 - q)"):
        with pytest.raises(Rejected, match=r"R\(0\+, 1\) < R\(0, 0\) is not shown"):
            verify({**report.jointly_optimal.certificate, "formula": safe})


@pytest.mark.parametrize("scale", ["7e-119", "1e-300", "1e150"])
def test_the_thresholds_of_a_reward_do_not_depend_on_its_scale(scale: str) -> None:
    report = check(f"{scale}*(c - 2*(q - c)^2)")
    assert report.local_failure_below is not None
    assert report.global_failure_below is not None
    assert (report.local_failure_below.exact, report.global_failure_below.exact) == ("1/4", "1/2")
    assert report.failure_certificate is not None
