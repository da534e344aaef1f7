"""Verifier errors and grids of reports: true claims beside false ones, and broken certificates."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from proofs.search.errors import ErrorsProver, effective_formula
from proofs.search.grid import GridProver
from proofs.search.prover import Prover
from scoring_theory.checking.grid import grid, levels_text
from scoring_theory.checking.levels import parse_levels
from scoring_theory.checking.verifier_errors import corrected, verifier_errors
from tests.support.certificates import BRIER, TERMS, accepted, accepts

TWICE, LOG = "c - 2*(q - c)^2", "c*log(q) + (1 - c)*log(1 - q)"
PLAIN = {"evidence": TERMS, "breakpoints": []}
BET = {"evidence": TERMS * 2, "breakpoints": ["1/2"]}


def errors(a: str, b: str = "b = 0") -> dict[str, str]:
    return {"false_positive": a, "false_negative": b}


@pytest.mark.parametrize(
    ("formula", "rates", "fine"),
    [
        (TWICE, errors("a = 1/4"), True),
        (TWICE, errors("a = 0.2499999999"), False),
        (TWICE, errors("1/4 < a <= 1/2", "0 <= b < 1/2"), True),
        (TWICE, errors("1/5 < a <= 1/2", "0 <= b < 1/2"), False),
        (TWICE, errors("a = 1/4", "b = 3/4"), True),  # all answers earn alike
        (TWICE, errors("a = 0", "b = 1"), True),
        (TWICE, errors("a = 1/4", "b = 4/5"), True),  # V falls below 1/4
        (TWICE, errors("a = 0.26", "b = 4/5"), False),
        (TWICE, errors("a = 1/4", "3/4 <= b <= 1"), True),
        (TWICE, errors("0.24 <= a <= 0.25", "3/4 <= b <= 1"), False),  # a + b < 1 occurs
        (TWICE, errors("0.25 <= a <= 0.26", "3/4 <= b <= 1"), False),
        (LOG, errors("a = 1/4", "b = 0.85"), True),
        (LOG, errors("a = 1/2", "b = 0"), True),
        (LOG, errors("a = 0.4999", "b = 0"), False),
        (LOG, errors("a = 0", "b = 0"), False),
        (f"c + ({LOG})/log(9)", errors("a = 1/10"), True),
        (f"c + ({LOG})/log(9) - c/10^12", errors("a = 1/10"), False),
        ("-c", errors("a = 1", "b = 1"), True),
        (BRIER, errors("a = 1", "b = 1"), False),
        (BRIER, errors("-0.1 <= a <= 0.1"), False),
        (BRIER, errors("a >= 0"), False),
        (BRIER, errors("a"), False),
        (BRIER, errors("a = 1.1"), False),
        (f"-({BRIER})", errors("a = 1/4"), False),
    ],
)
def test_claims_under_errors(formula: str, rates: dict[str, str], fine: bool) -> None:
    assert accepts("jointly optimal under errors", formula, **PLAIN, **rates) == fine


@pytest.mark.parametrize(
    ("formula", "rates", "fine"),
    [
        ("(q > 1/2)*(c - 1/2)", errors("0 <= a <= 1/10", "b = 1/2"), True),
        ("(q > 1/2)*(c - 1/2)", errors("0 <= a <= 1/10", "b = 0.49"), False),
        ("(q > 1/2)*(c - 1/2) - (1 - c)", errors("0 <= a <= 1/10", "b = 1/2"), False),
        ("(q > 1/2)*(c - 1/2)", errors("0 <= a <= 1/2", "1/2 <= b <= 1"), True),
        ("(q > 1/2)*(c - 1/2)", errors("0 <= a <= 0.51", "1/2 <= b <= 1"), False),
    ],
)
def test_claims_about_errors_by_answer(formula: str, rates: dict[str, str], fine: bool) -> None:
    assert accepts("jointly optimal under errors by answer", formula, **BET, **rates) == fine


def test_where_every_answer_is_accepted_alike_any_proper_reward_is_jointly_optimal() -> None:
    claim, coin = "jointly optimal under errors by answer", errors("a = 1/2", "b = 1/2")
    assert accepts(claim, BRIER, **PLAIN, **coin)
    assert not accepts(claim, BRIER, **PLAIN, **errors("a = 1/2", "b = 0.49"))


def test_a_value_that_rises_at_0_rises_everywhere_and_falls_everywhere_if_it_does_at_1() -> None:
    """With a weight whose sign only evidence shows: the cheap methods fail next to p."""
    claim, weight = "jointly optimal under errors", "(k^2 - k + 4/15)"
    shown = {"evidence": [{"kind": "terms", "degree": 30}], "breakpoints": []}
    rises, falls = f"{weight}*(2*c*q - q^2)", f"{weight}*(2*c*(q - 1) - q^2)"
    for formula, rates, fine in (
        (rises, errors("a = 1/10"), True),
        (rises, errors("a = 1/10", "b = 0.95"), False),
        (falls, errors("a = 1/10", "b = 0.95"), True),
        (falls, errors("a = 1/10"), False),
    ):
        assert accepts(claim, formula, {"k": "0 <= k <= 1"}, **shown, **rates) == fine


WITNESS = {"p_low": "0", "p_high": "1/4", "q_low": "1/10", "rates": ["1/10", "0"]}
ANSWERS = {"p_low": "1/2", "p_high": "3/5", "q_low": "11/20"}


@pytest.mark.parametrize(
    ("ending", "fields", "fine"),
    [
        ("", {**WITNESS, **errors("0 <= a <= 0.1")}, True),
        ("", {**WITNESS, **errors("0 <= a < 0.1")}, False),
        ("", {**WITNESS, **errors("a = 0.1", "b = 0.1")}, False),
        ("", {**WITNESS, **errors("a = 0.1"), "p_low": "1/4", "p_high": "0"}, False),
        ("", {**WITNESS, **errors("a = 0.1"), "q_low": "9/10"}, False),
        ("", {**WITNESS, **errors("a = 0.1"), "rates": ["1/10"]}, False),
        ("", {**WITNESS, **errors("0 <= a <= 1"), "rates": ["1/4", "0"]}, False),
        (" by answer", {**WITNESS, **errors("0 <= a <= 0.1")}, False),
        (
            " by answer",
            {
                **ANSWERS,
                **errors("0 <= a <= 0.1", "0 <= b <= 0.1"),
                "rates_low": ["1/10", "0"],
                "rates_high": ["0", "1/10"],
            },
            True,
        ),
        (
            " by answer",
            {
                **ANSWERS,
                **errors("0 <= a <= 0.1", "b = 0"),
                "rates_low": ["1/10", "0"],
                "rates_high": ["0", "1/10"],
            },
            False,
        ),
    ],
)
def test_answers_against_a_claim_under_errors(
    ending: str, fields: dict[str, Any], fine: bool
) -> None:
    formula = "c" if ending else TWICE
    assert accepts(f"not jointly optimal under errors{ending}", formula, **fields) == fine


BROKEN = "c - (q - c)^2 + (q < 1/100)*c/10 + (q > 99/100)*(1 - c)/100"


def test_a_reward_that_is_proper_where_it_counts() -> None:
    search = ErrorsProver(Prover(BROKEN), "a = 1/5", "b = 1/10")
    assert search.jointly_optimal.decision == "proved"
    good = dict(search.jointly_optimal.certificate or {})
    assert len(good["outside"]) == 4
    assert accepted(good)
    setting = verifier_errors(Prover(BROKEN), Fraction(1, 5), Fraction(1, 10))
    assert setting.replaces["strictly proper"].status == "proved"
    strict = dict(setting.replaces["strictly proper"].certificate or {})
    assert accepted(strict)
    assert not accepted({**strict, "rivals": ["1/5", strict["rivals"][1]]})
    assert accepted({**strict, "claim": "proper under errors", "rivals": ["1/5", "9/10"]})
    for key, value in (
        ("false_positive", "a = 1/100"),
        ("false_positive", "1/100 <= a <= 1/4"),
        ("false_negative", "b = 0"),
        ("inner", ["0", "99/100"]),
        ("inner", ["1/100", "1"]),
        ("inner", ["1/50", "99/100"]),
        ("inner", ["99/100", "1/100"]),
        ("inner", ["1/100"]),
        ("rivals", ["1/200", "9/10"]),
        ("rivals", ["1/4", "9/10"]),
        ("rivals", ["1/5"]),
        ("outside", []),
        ("outside", good["outside"][:3]),
        ("outside", [*good["outside"], {"kind": "terms"}]),
        ("evidence", []),
        ("formula", BROKEN.replace("c/10", "c")),
        ("formula", f"{BROKEN} + (q == 0)*c"),
        ("formula", f"{BROKEN} + (q == 1)*(1 - c)*9"),
        ("formula", f"{BROKEN} + (q == 1/100)*c"),
        ("formula", f"{BROKEN} - c/2"),
    ):
        assert not accepted({**good, key: value}), (key, value)
    half = {"rivals": good["rivals"][:1], "outside": good["outside"][:2]}
    assert not accepted({**good, **half})  # what is above the range needs its own rival
    without = {k: v for k, v in good.items() if k not in ("inner", "outside", "rivals")}
    assert not accepted({**without, "evidence": good["evidence"] * 3})


@pytest.mark.parametrize(
    ("formula", "rates", "status", "meaning", "failure"),
    [
        (TWICE, (0, 0), "refuted", "p' = p; its bias p' - p is 0 at p = 0, 0 at p = 1", ["0", "0"]),
        (
            *(TWICE, ("1/10", "1/5"), "refuted"),
            *("p' = 1/10 + 7/10 p; its bias p' - p is +1/10 at p = 0, -1/5 at p = 1",),
            ["1/10", "1/5"],
        ),
        (
            *(BRIER, ("1/2", "3/5"), "refuted"),
            *("p' = 1/2 - 1/10 p; its bias p' - p is +1/2 at p = 0, -3/5 at p = 1",),
            ["1/2", "3/5"],
        ),
        (BRIER, (0, "1/2"), "proved", "p' = 1/2 p; its bias p' - p is 0 at p = 0", None),
    ],
)
def test_what_confidence_means_under_known_errors(
    formula: str, rates: Any, status: str, meaning: str, failure: list[str] | None
) -> None:
    setting = verifier_errors(Prover(formula), *map(Fraction, rates))
    assert setting.replaces["jointly optimal"].status == status
    assert meaning in dict(setting.rows)["stated confidence"]
    assert setting.data["failure_at_rates"] == failure


@pytest.mark.parametrize(
    ("rates", "rises"),
    [
        (("a = 1/4", "0 <= b <= 1/4"), "the probability of acceptance above 1/4, the least"),
        (("a = 1/2", "b = 1/2"), "the success probability"),  # accepted as often whatever p is
        (("0 <= a <= 1/2", "1/4 <= b <= 4/5"), "the success probability"),
    ],
)
def test_what_the_expected_reward_rises_with_under_errors(rates: Any, rises: str) -> None:
    """With a + b < 1 it is acceptance; otherwise a better answer may be accepted less often."""
    reason = verifier_errors(Prover("(q > 1/2)*(c - 1/2)"), *rates).replaces["jointly optimal"]
    assert reason.status == "proved"
    assert f"the expected reward never decreases with {rises}" in reason.reason


@pytest.mark.parametrize("formula", [BRIER, "c - (q - c)^2/3", "c*q - q^2/2", "-(q - c)^2"])
@pytest.mark.parametrize(("a", "b"), [("1/10", "0"), ("1/5", "3/10"), ("2/5", "9/10"), ("0", "0")])
def test_the_corrected_reward_is_proper_for_the_true_p(formula: str, a: str, b: str) -> None:
    rates = Fraction(a), Fraction(b)
    text = corrected(formula, *rates)
    plain, mean = Prover(formula), Prover(effective_formula(Prover(text), rates))
    assert mean.proper.decision == plain.proper.decision
    setting = verifier_errors(Prover(text), *rates)
    assert setting.data["corrected_for_errors"] == (a != "0")
    if a != "0":
        assert setting.replaces["strictly proper"].status == "proved"
        assert setting.replaces["jointly optimal"].status == plain.jointly_optimal.decision
        other = verifier_errors(Prover(text), rates[0] + Fraction(1, 100), rates[1])
        assert other.replaces["jointly optimal"].status == "refuted"


def test_the_critical_weight_under_errors() -> None:
    for formula, a, weight in (
        ("-(q - c)^2", "1/10", "5/4"),
        ("-(q - c)^2", "1/3", "3"),
        (LOG, "1/10", "1/(2*log(3))"),
        (LOG, "1/2", "inf"),
        ("-(q - c)^2", "3/5", "inf"),
        ("c - 2*(q - c)^2", "1/4", "1"),
    ):
        setting = verifier_errors(Prover(formula), Fraction(a), "0 <= b <= 1/5")
        assert setting.data["critical_weight"]["exact"] == weight


def test_thresholds_under_errors_are_those_of_p() -> None:
    setting = verifier_errors(Prover(TWICE), "0.1", "0.2")
    assert setting.data["local_failure_below"]["exact"] == "3/14"
    assert setting.data["global_failure_below"]["exact"] == "3/7"
    assert accepted(setting.certificates[0])
    domain = verifier_errors(Prover(TWICE), "0.1 <= a <= 0.2", "0.2")
    assert domain.data["failure_at_rates"] == ["1/10", "1/5"]
    assert domain.data["global_failure_below"]["exact"] == "3/7"
    # V(p') = p' - 2 p' (1 - p') is least at p' = 1/4, and the same at p' = 1/10 and p' = 4/10
    assert Fraction(3, 14) == (Fraction(1, 4) - Fraction(1, 10)) / Fraction(7, 10)
    assert Fraction(3, 7) == (Fraction(4, 10) - Fraction(1, 10)) / Fraction(7, 10)


@pytest.mark.parametrize("rate", ["1.2", "-0.1", "0 <= a <= 2", "a > 0", "x y", 2, -1])
def test_a_rate_outside_its_range_is_refused(rate: Any) -> None:
    with pytest.raises(ValueError, match="`false_positive` must be a number in"):
        verifier_errors(Prover("c"), rate)
    with pytest.raises(ValueError, match="accepts all answers alike"):
        corrected("c", Fraction(1, 2), Fraction(1, 2))
    with pytest.raises(ValueError, match="infinite payoff"):
        corrected(LOG, Fraction(1, 10), Fraction(0))


def levels(text: str) -> dict[str, list[str]]:
    return {"levels": [str(q) for q in parse_levels(text)]}


@pytest.mark.parametrize(
    ("claim", "formula", "grid", "fine"),
    [
        ("strictly proper", BRIER, "0..10", True),
        ("strictly proper", LOG, "0..100", True),
        ("strictly proper", LOG, "0, 1", True),
        ("strictly proper", "c", "0..10", False),
        ("proper", "c", "0..10", True),
        ("proper", "-abs(q - c)", "0..10", False),
        ("strictly proper", "-abs(q - c)", "0, 1", True),
        ("proper", "-abs(q - c)", "0, 1/2, 1", True),
        ("strictly proper", "-abs(q - c)", "0, 1/2, 1", False),
        ("proper", f"{BRIER} + (q == 1/2)*c/60", "0..10", True),
        ("proper", f"{BRIER} + (q == 1/2)*c/59", "0..10", False),
        ("strictly proper", f"{BRIER} + (q == 1/2)*(c - 1/2)/100", "0..10", True),
        ("proper", f"{BRIER} + (0.99 < q < 1)*c", "0..100", True),
        ("proper", f"{BRIER} + (0.98 < q < 1)*c", "0..100", False),
        ("proper", "1/q + c", "0..10", False),
        ("proper", "c/q", "0..10", False),
        ("proper", "-c/q", "0..10", False),
        ("proper", "log(q) + log(1 - q)", "0..10", False),
        ("jointly optimal", BRIER, "0..10", True),
        ("jointly optimal", "c - 1.0001*(q - c)^2", "0..10", False),
        ("jointly optimal", "c - 1.0001*(q - c)^2", "0.1, 0.2, ..., 1", True),
        ("jointly optimal", "c - 1.25*(q - c)^2", "0.1, 0.2, ..., 1", True),
        ("jointly optimal", "c - 1.2501*(q - c)^2", "0.1, 0.2, ..., 1", False),
        ("jointly optimal", f"c + ({LOG})/1000", "0..100", False),
        ("jointly optimal", f"c + ({LOG})/log(99)", "0.01, 0.02, ..., 0.99", True),
        ("jointly optimal", f"c + ({LOG})/log(98)", "0.01, 0.02, ..., 0.99", False),
        ("jointly optimal", "(q > 1/2)*(c - 1/2)", "0..10", True),
        ("jointly optimal", "(q > 1/2)*(c - 1/2) - (q < 1/10)*c", "0..10", True),
        ("jointly optimal", "(q > 1/2)*(c - 1/2) - (q < 1/10)*c/10^9", "0..10", True),
        ("jointly optimal", "c - 2*c*(q < 1/10)", "0, 1/2, 1", True),
        ("jointly optimal", "c - 2*c*(q < 1/10) + (1 - c)*(q < 1/10)/10^9", "0, 1/2, 1", False),
        ("jointly optimal", "-c", "0..10", False),
        ("jointly optimal", "c*log(q)", "0, 1/2, 1", False),
        ("jointly optimal", "c*(1 + log(q))", "0, 1/2, 1", False),
        ("jointly optimal", "c*(1 + log(q)) - (1 - c)*(q == 1)", "0, 1/2, 1", True),
    ],
)
def test_claims_on_a_grid(claim: str, formula: str, grid: str, fine: bool) -> None:
    assert accepts(f"{claim} on a grid", formula, **levels(grid)) == fine


@pytest.mark.parametrize(
    ("claim", "formula", "fields", "fine"),
    [
        ("proper", BRIER, {"levels": ["0"]}, False),
        ("proper", BRIER, {"levels": ["0", "1/2", "1/3"]}, False),
        ("proper", BRIER, {"levels": ["0", "1/2", "1/2"]}, False),
        ("proper", BRIER, {"levels": ["0", "2"]}, False),
        ("proper", BRIER, {"levels": [str(Fraction(k, 2000)) for k in range(2001)]}, False),
        ("not proper", "-abs(q - c)", {**levels("0..10"), "p": "1/5", "q": "0"}, True),
        ("not proper", "-abs(q - c)", {**levels("0..10"), "p": "1/4", "q": "0"}, False),
        ("not proper", "-abs(q - c)", {**levels("1/5, 2/5"), "p": "1/5", "q": "0"}, False),
        ("not proper", BRIER, {**levels("0..10"), "p": "1/5", "q": "0"}, False),
        ("not strictly proper", "c", {**levels("0..10"), "p": "1/5", "q": "0"}, True),
        ("not strictly proper", "c", {**levels("0..10"), "p": "1/5", "q": "1/5"}, False),
        ("not strictly proper", BRIER, {**levels("0..10"), "p": "1/5", "q": "0"}, False),
        (
            "not jointly optimal",
            TWICE,
            {**levels("0..10"), "p_low": "0", "p_high": "1/4", "q_low": "0"},
            True,
        ),
        (
            "not jointly optimal",
            TWICE,
            {**levels("0..10"), "p_low": "0", "p_high": "1/2", "q_low": "0"},
            False,
        ),
        (
            "not jointly optimal",
            TWICE,
            {**levels("0..10"), "p_low": "1/4", "p_high": "0", "q_low": "0"},
            False,
        ),
        (
            "not jointly optimal",
            TWICE,
            {**levels("0.1, 0.2, ..., 1"), "p_low": "0", "p_high": "1/4", "q_low": "0"},
            False,
        ),
    ],
)
def test_levels_against_a_claim(
    claim: str, formula: str, fields: dict[str, Any], fine: bool
) -> None:
    assert accepts(f"{claim} on a grid", formula, **fields) == fine


def test_a_tie_may_be_with_a_level_above_or_below() -> None:
    grid, claim = levels("0, 1/5, 2/5"), "not strictly proper on a grid"
    assert accepts(claim, "c", **grid, p="1/5", q="2/5")
    assert accepts(claim, "c", **grid, p="1/5", q="0")


def test_evidence_for_every_report_covers_a_grid() -> None:
    for claim in ("proper", "strictly proper", "jointly optimal"):
        assert accepts(f"{claim} on a grid", BRIER, **PLAIN, **levels("0..10"))
        assert not accepts(f"{claim} on a grid", f"{BRIER} - q*c", **PLAIN, **levels("0..10"))
    assert not accepts("strictly proper on a grid", "c", **PLAIN, **levels("0, 1"))
    assert not accepts("jointly optimal on a grid", TWICE, **PLAIN, **levels("0..10"))
    bet = GridProver(Prover("(q >= t)*(c - t)", {"t": "0 < t <= 1"}), parse_levels("0..100"))
    assert bet.jointly_optimal.decision == "proved"
    split = GridProver(Prover("(q > t)*(c - t)", {"t": "0 <= t <= 1"}), parse_levels("0..10"))
    assert split.proper.decision == "proved"
    certificate = dict(split.proper.certificate or {})
    first, *others = certificate["split"]["cases"]
    fewer = {**certificate["split"], "cases": [{**first, **levels("0, 1")}, *others]}
    assert not accepted({**certificate, "split": fewer})


def test_figures_of_a_grid() -> None:
    for formula, text, margin, weight, local, globally in (
        (TWICE, "0..10", "-1", "1/2", "1/4", "1/2"),
        (TWICE, "0..100", "-1", "1/2", "49/200", "1/2"),
        (TWICE, "0.1, 0.2, ..., 1", "-3/5", "5/8", "1/4", "12/25"),
        (BRIER, "0..10", "0", "1", None, None),
        (f"c + {LOG}", "0, 1/2, 1", "-inf", "0", "0", "log(2)"),
        ("c*(1 + log(q)) - (1 - c)*(q == 1)", "0, 1/2, 1", "1 - log(2)", "1/log(2)", None, None),
    ):
        data = grid(Prover(formula), parse_levels(text)).data
        names = (
            "accuracy_margin",
            "critical_weight",
            "local_failure_below",
            "global_failure_below",
        )
        shown = [data[name] and data[name]["exact"] for name in names]
        assert shown == [margin, weight, local, globally], formula


def test_six_levels_are_listed_and_seven_are_cut_short() -> None:
    assert levels_text(parse_levels("0..5")) == "6 levels: 0, 1/5, 2/5, 3/5, 4/5, 1"
    assert levels_text(parse_levels("0..6")) == "7 levels: 0, 1/6, ..., 1"


def test_a_scale_from_0_to_10_cannot_reach_the_clipped_ends() -> None:
    clipped = "clip(q, 0.01, 0.99)"
    score = f"(c*log({clipped}) + (1 - c)*log(1 - {clipped}))/log(10)"
    plain = Prover(f"{score} + (q < 0.01)*(1 - c)/100 - (q > 0.99)*(1 - c)/100")
    assert plain.proper.decision == "refuted"
    setting = grid(Prover(score.replace("0.99", "0.999")), parse_levels("0..10"))
    assert setting.replaces["strictly proper"].status == "proved"
    near = Prover("c - (q - c)^2 + (0.99 < q < 1)*c")
    setting = grid(near, parse_levels("0..100"))
    assert dict(setting.rows)["between levels"].startswith("improper, but no admitted report")
    assert setting.replaces["jointly optimal"].status == "proved"
