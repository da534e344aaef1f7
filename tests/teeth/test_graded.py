"""Graded scores: true claims beside false ones, and certificates that were tampered with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from proofs.kernel.claims_graded import grades
from proofs.kernel.normal_form import Rejected
from proofs.search.graded import GradedProver
from proofs.search.prover import Prover
from scoring_theory.checking.graded import affine_extension, graded
from scoring_theory.checking.levels import parse_levels
from tests.support.certificates import BRIER, TERMS, accepted, accepts

AFFINE = "c*(1 - (1 - q)^2) - (1 - c)*q^2"
LOG = "c*log(q) + (1 - c)*log(1 - q)"
SURE, EVEN = [["3/10", "1"]], [["0", "1/2"], ["1", "1/2"]]
HALVES = ["0", "1/2", "1"]


@pytest.mark.parametrize(
    ("claim", "formula", "fields", "fine"),
    [
        ("strictly proper", BRIER, {}, True),
        ("jointly optimal", BRIER, {}, False),
        ("jointly optimal", BRIER, {"grades": ["0", "1"]}, True),
        ("jointly optimal", BRIER, {"grades": HALVES}, False),
        ("jointly optimal", AFFINE, {}, True),
        ("jointly optimal", f"{AFFINE} + c*(1 - c)/10^9", {}, False),
        ("strictly proper", f"{AFFINE} + c*(1 - c)/10^9", {}, True),
        ("proper", f"{AFFINE} + q*c*(1 - c)/10^9", {}, False),
        # h vanishes at the grade, H depends on q elsewhere
        ("jointly optimal", f"{AFFINE} + c*(1 - c)*(2*c - 1)*q", {"grades": HALVES}, True),
        ("proper", f"{AFFINE} + c*(1 - c)*(2*c - 1)*q", {}, False),
        ("proper", f"{AFFINE} + c*(1 - c)*(2*c - 1)*q", {"grades": ["0", "1/3", "1"]}, False),
        ("proper", "log(q) if c == 1 else log(1 - q)", {}, False),
        ("strictly proper", LOG, {}, True),
        ("strictly proper", f"{LOG} - c*log(c) - (1 - c)*log(1 - c)", {}, True),
        # at q = 0 and 1 the reward may bend downwards
        ("proper", f"{AFFINE} - (q == 0)*c*(1 - c)", {}, True),
        ("proper", f"{AFFINE} + (q == 0)*c*(1 - c)/10^9", {}, False),
        ("proper", f"{AFFINE} - (q == 1)*c*(1 - c)", {}, True),
        ("proper", f"{AFFINE} + (q == 1)*c*(1 - c)/10^9", {}, False),
        ("proper", f"{AFFINE} + c*(1 - (q == 0)*(2 - c))", {}, True),
        ("jointly optimal", f"{AFFINE} - (q == 1)*c*(1 - c)", {}, True),
        # the tangent at 0 is infinitely steep, so only -inf lies below it
        ("proper", f"{LOG} + (q == 0)*c*(1 - c)", {}, True),
        ("proper", f"(-5*c*(1 - c) if 0 < c < 1 and q == 0 else {LOG})", {}, False),
        # branches that meet at the score itself
        ("strictly proper", "-max(q - c, c - q)^2", {"cuts": ["c"]}, True),
        ("strictly proper", "-max(q - c, c - q)^2", {}, False),
        ("strictly proper", "-max(q - c, c - q)^2", {"grades": HALVES, "cuts": ["1/2"]}, True),
        ("strictly proper", "-(q - c)^2 + (q == c)*c*(1 - c)", {"cuts": ["c"]}, False),
        ("proper", BRIER, {"cuts": ["1/2", "1/4"]}, False),
        ("proper", BRIER, {"cuts": ["q"]}, False),
        # the value at a cut counts, and so does every piece
        ("proper", f"{AFFINE} + (q == 1/2)*c*(1 - c)/10^9", {"cuts": ["1/2"]}, False),
        ("proper", f"{AFFINE} + (q > 1/2)*c*(1 - c)/10^9", {"cuts": ["1/2"]}, False),
        # grades
        ("proper", BRIER, {"grades": ["1/2", "1"]}, False),
        ("proper", BRIER, {"grades": ["0", "1/2"]}, False),
        ("proper", BRIER, {"grades": ["0", "1", "1/2"]}, False),
        ("proper", BRIER, {"grades": []}, False),
        ("proper", BRIER, {"grades": ["0", "2", "1"]}, False),
        ("proper", BRIER, {"grades": [0, 1]}, False),
        ("proper", BRIER, {"grades": [f"{k}/200" for k in range(201)]}, False),
    ],
)
def test_graded_claims(claim: str, formula: str, fields: dict[str, Any], fine: bool) -> None:
    evidence = {"evidence": TERMS, "breakpoints": []}
    assert accepts(f"{claim} for graded scores", formula, **evidence, **fields) == fine


def test_grades_in_hundredths_are_read_and_finer_ones_are_not() -> None:
    texts = [str(Fraction(k, 100)) for k in range(101)]
    assert len(grades({"grades": texts}) or ()) == 101
    with pytest.raises(Rejected, match="at most 101"):
        grades({"grades": [*texts[:1], "1/200", *texts[1:]]})


def test_a_piece_needs_its_cut() -> None:
    bet = {"breakpoints": ["1/2"], "evidence": TERMS * 2}
    claim, formula = "jointly optimal for graded scores", "(q > 1/2)*(c - 1/2)"
    assert accepts(claim, formula, **bet, cuts=["1/2"])
    assert not accepts(claim, formula, **bet)
    assert not accepts(claim, formula, **bet, cuts=["1/3"])
    assert not accepts(claim, f"{formula} + c^2", **bet, cuts=["1/2"])


@pytest.mark.parametrize(
    ("claim", "fields", "fine"),
    [
        ("not jointly", {"low": SURE, "high": EVEN, "q": "3/10"}, True),
        ("not jointly", {"low": SURE, "high": EVEN, "q": "9/10"}, False),
        ("not jointly", {"low": EVEN, "high": SURE, "q": "1/2"}, False),  # the means are swapped
        ("not jointly", {"low": [["1/4", "1"]], "high": EVEN, "q": "1/4"}, False),  # a tie
        ("not jointly", {"low": SURE, "high": EVEN, "q": "3/10", "grades": HALVES}, False),
        ("not jointly", {"low": [["3/10", "2"]], "high": EVEN, "q": "3/10"}, False),
        ("not jointly", {"low": [["3/10", "9/10"]], "high": EVEN, "q": "3/10"}, False),
        ("not jointly", {"low": [["13/10", "1"]], "high": EVEN, "q": "3/10"}, False),
        ("not jointly", {"low": [["3/10"]], "high": EVEN, "q": "3/10"}, False),
        ("not jointly", {"low": [], "high": EVEN, "q": "3/10"}, False),
        ("not jointly", {"low": SURE, "high": EVEN, "q": "1.2"}, False),
        ("not proper", {"law": SURE, "q": "1/2"}, False),
        ("not proper", {"law": SURE, "q": "3/10"}, False),
    ],
)
def test_laws_against_a_claim(claim: str, fields: dict[str, Any], fine: bool) -> None:
    whole = {"not jointly": "not jointly optimal", "not proper": "not proper"}[claim]
    assert accepts(f"{whole} for graded scores", BRIER, **fields) == fine


def test_a_split_states_its_grades_once() -> None:
    bet, domain = "(q > t)*(c - t)", {"t": "0 <= t <= 1"}
    decided = GradedProver(Prover(bet, domain), tuple(parse_levels("0, 1/2, 1"))).jointly_optimal
    assert decided.decision == "proved"
    certificate = dict(decided.certificate or {})
    assert accepted(certificate)
    first, *others = certificate["split"]["cases"]
    moved = {**certificate["split"], "cases": [{**first, "grades": HALVES}, *others]}
    assert not accepted({**certificate, "split": moved})
    assert not accepted({**certificate, "split": {**certificate["split"], "cases": others}})


@pytest.mark.parametrize(
    "formula",
    [BRIER, "c - 2*(q - c)^2", LOG, "c + (log(q) if c == 1 else log(1 - q))/9", "c", "-abs(q - c)",
     "(q > 1/2)*(c - 1/2)", "q*0", "-c", "c*q - q^2/2"],
)  # fmt: skip
def test_the_affine_extension_keeps_what_holds_for_0_and_1(formula: str) -> None:
    plain, setting = Prover(formula), graded(Prover(affine_extension(formula)))
    assert setting.replaces["proper"].status == plain.proper.decision
    assert setting.replaces["strictly proper"].status == plain.strict.decision
    assert setting.replaces["jointly optimal"].status == plain.jointly_optimal.decision


@pytest.mark.parametrize("lam", ["1", "1/2", "1/100", "1/1000000"])
def test_rlcr_as_written_prefers_a_smaller_mean_at_every_weight(lam: str) -> None:
    for scores in (None, parse_levels("0, 1/2, 1"), parse_levels("0..10")):
        setting = graded(Prover(f"c - {lam}*(q - c)^2"), scores)
        assert setting.replaces["strictly proper"].status == "proved"
        assert setting.replaces["jointly optimal"].status == "refuted"
        extension = f"c*(1 - {lam}*(q - 1)^2) - (1 - c)*{lam}*q^2".replace("1*", "")
        assert setting.data["affine_extension"] == extension


def test_a_payoff_of_1_or_0_needs_no_factor() -> None:
    for formula, extension in (
        ("c", "c"), ("1", "c + (1 - c)"), ("1 - c", "(1 - c)"), ("0", "0"), ("2*c", "c*2")
    ):  # fmt: skip
        assert affine_extension(formula) == extension


def test_lists_of_grades() -> None:
    for text, why in (
        ("0, 1/2", "must include 0 and 1"),
        ("0, 2", "must lie in"),
        ("1, 0", "must increase"),
        ("0", "between 2 and 1001"),
        ("0, x, 1", "expected a list of numbers"),
        ("0, ..., 1", "two numbers must stand before"),
        ("0, 0.3, ..., 1", "is not reached"),
        ("0, 0.3, ...", "a number must stand after"),
        ("0..2000", "between 1 and 1000"),
    ):
        with pytest.raises(ValueError, match=why):
            graded(Prover(BRIER), parse_levels(text))
