"""The nine claims: true ones pass, false ones do not, and nothing malformed gets further than a
sentence.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import parse_domain
from proofs.kernel.normal_form import Rejected, limited
from proofs.kernel.verifier import MAX_WORK, parts, verify
from proofs.trees import domain_text
from tests.support.certificates import BRIER, GOOD, TERMS, accepted, certificate, proper
from tests.support.effort import calls
from tests.support.examples import examples

ZERO = TERMS
LOG = "c + c*log(q) + (1 - c)*log(1 - q)"
BET = "(q > 3/4)*(c - 3/4)"


def test_properness() -> None:
    assert proper(BRIER)
    assert proper(BRIER, claim="strictly proper")
    assert proper(LOG, claim="strictly proper")
    assert proper("c", evidence=ZERO)
    assert not proper("c", claim="strictly proper", evidence=ZERO)
    assert not proper("-c + (q - c)^2")
    assert not proper("c - abs(q - c)")
    assert not proper("c - (q - c)^2 + c*q/10^9")
    assert not proper("(2*q - q^2)*c - q^2*(1 - c)", evidence=[*TERMS, *TERMS])
    assert not proper(BRIER, evidence=[])


def test_strictness_needs_every_value_of_the_parameters() -> None:
    rule = "c - lam*(q - c)^2"
    assert proper(rule, {"lam": "0 <= lam <= 1"})
    assert not proper(rule, {"lam": "0 <= lam <= 1"}, claim="strictly proper")
    assert proper(rule, {"lam": "0 < lam <= 1"}, claim="strictly proper")
    assert not proper(rule, {"lam": "-1/1000 < lam <= 1"})


def test_jumps_at_breakpoints() -> None:
    cut = {"breakpoints": ["3/4"], "evidence": ZERO * 2}
    assert proper(BET, **cut)
    assert proper("(q >= 3/4)*(c - 3/4)", **cut)
    assert proper("(q > 3/4)*(c - 3/4) + (q == 3/4)*(c - 3/4)/2", **cut)
    for wrong in (
        "(q > 3/4)*(c - 0.7499)",
        "(q > 3/4)*(c - 0.7501)",
        "-(q > 3/4)*(c - 3/4)",
        "(q > 3/4)*(c - 3/4) + (q == 3/4)*c/10^9",
        "(q > 3/4)*(c - 3/4) - (q == 3/4)*(c - 3/4)",
        "(q > 3/4)*(c - 3/4) + (q == 3/4)*2*(c - 3/4)",
        "(q != 3/4)*(c - 1) + 1",
    ):
        assert not proper(wrong, **cut), wrong
    assert not proper(BET, breakpoints=["1/2"], evidence=ZERO * 2)
    assert not proper(BET, breakpoints=[], evidence=ZERO)


@pytest.mark.parametrize(
    "points",
    [
        ["1/2", "1/2"],
        ["3/4", "1/2"],
        ["0"],
        ["1"],
        ["-1/2"],
        ["3/2"],
        ["q"],
        ["t"],
        ["2*t"],
        ["t - 1/2"],
    ],
)
def test_breakpoints_increase_strictly_inside(points: list[str]) -> None:
    evidence = TERMS * (len(points) + 1)
    expected = points == ["t"]
    assert proper(BRIER, {"t": "0 < t < 1"}, breakpoints=points, evidence=evidence) == expected


def test_thresholds_with_a_parameter() -> None:
    cut = {"breakpoints": ["t"], "evidence": ZERO * 2}
    assert proper("(q > t)*(c - t)", {"t": "0 < t < 1"}, **cut)
    assert not proper("(q > t)*(c - t^2)", {"t": "0 < t < 1"}, **cut)
    assert not proper("(q > t)*(c - t)", {"t": "0 <= t < 1"}, **cut)
    assert not proper("(q > t)*(t - c)", {"t": "0 < t < 1"}, **cut)
    assert proper(
        "c - (clip(q, t, 1 - t) - c)^2",
        {"t": "0 < t < 1/2"},
        breakpoints=["t", "1 - t"],
        evidence=[*ZERO, *TERMS, *ZERO],
    )
    assert not proper(
        "c - (clip(q, t, 1 - t) - c)^2",
        {"t": "0 < t < 3/4"},
        breakpoints=["t", "1 - t"],
        evidence=[*ZERO, *TERMS, *ZERO],
    )


@pytest.mark.parametrize(
    ("extra", "fine"),
    [
        ("(q == 0)*c", False),
        ("(q == 0)*(-c)", True),
        ("(q == 0)*(1 - c)", False),
        ("(q == 0)*(c - 1)", False),
        ("(q == 1)*c", False),
        ("(q == 1)*(-c)", False),
        ("(q == 1)*(1 - c)", False),
        ("(q == 1)*(c - 1)", True),
        ("(q == 0)*c/10^30", False),
        ("(q == 0)*(-c)/10^30", True),
        ("0", True),
    ],
)
def test_reports_at_the_ends(extra: str, fine: bool) -> None:
    """R0(0) = R0(0+) and R1(0) <= R1(0+); R1(1) = R1(1-) and R0(1) <= R0(1-)."""
    assert proper(f"{BRIER} + {extra}", claim="strictly proper") == fine


def test_infinite_payoffs() -> None:
    assert proper("c*log(q) + (1 - c)*log(1 - q)", claim="strictly proper")
    assert not proper("c*(1/q + log(q)) + (1 - c)*log(q)")
    assert not proper("-c*log(q) - (1 - c)*log(1 - q)")
    assert not proper("log(q) + log(1 - q)")


@pytest.mark.parametrize(
    ("formula", "parameters", "fine"),
    [
        (BRIER, {}, True),
        ("c - 1.0000001*(q - c)^2", {}, False),
        ("c - lam*(q - c)^2", {"lam": "0 < lam <= 1"}, True),
        ("c - lam*(q - c)^2", {"lam": "0 < lam <= 1.001"}, False),
        (LOG, {}, False),
        ("c + c*log(q)/10^9 + (1 - c)*log(1 - q)/10^9", {}, False),
        ("-(q - c)^2", {}, False),
        ("c - (q - c)^2 - (q == 0)*c*5", {}, True),
        ("c + (1 - c)*(q + log(1 - q)) + c*(q - 1)", {}, True),
        ("2*c - 2*(q - c)^2 + 7", {}, True),
        ("c - (q - c)^2 + c*log(1/2)", {}, False),
        ("c*a - (q - c)^2", {"a": "a >= 1"}, True),
        ("c*a - (q - c)^2", {"a": "a > 0.99"}, False),
    ],
)
def test_joint_optimality(formula: str, parameters: dict[str, str], fine: bool) -> None:
    assert proper(formula, parameters, claim="jointly optimal") == fine


def test_a_report_of_zero_that_pays_the_right_answer_alone_may_carry_joint_optimality() -> None:
    """R1(0) >= R0(0) suffices, and so does the limit R1(0+) >= R0(0)."""
    assert proper("c - (q - c)^2 - (q == 0)*c/2", claim="jointly optimal")
    assert not proper("c/2 - (q - c)^2", claim="jointly optimal")


@pytest.mark.parametrize(
    ("formula", "parameters", "fields", "fine"),
    [
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "1"}, True),
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "0"}, False),
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "3/4"}, False),
        (BRIER, {}, {"p": "3/4", "q": "1/2"}, False),
        ("c - abs(q - c)", {}, {"p": "1/2", "q": "1"}, False),
        ("-c*log(q)", {}, {"p": "1/2", "q": "0"}, True),
        ("c*log(q)", {}, {"p": "0", "q": "1"}, False),
        ("c*log(q)", {}, {"p": "1/2", "q": "1"}, True),
        (LOG, {}, {"p": "1/2", "q": "0"}, False),
        (
            "c - lam*(q - c)^2",
            {"lam": "-1 < lam < 1"},
            {"p": "1/2", "q": "1", "values": {"lam": "-1/2"}},
            True,
        ),
        (
            "c - lam*(q - c)^2",
            {"lam": "-1 < lam < 1"},
            {"p": "1/2", "q": "1", "values": {"lam": "-2"}},
            False,
        ),
        (
            "c - lam*(q - c)^2",
            {"lam": "-1 < lam < 1"},
            {"p": "1/2", "q": "1", "values": {"lam": "-1"}},
            False,
        ),
        (
            "c - lam*(q - c)^2",
            {"lam": "-1 < lam < 1"},
            {"p": "1/2", "q": "1", "values": {"mu": "0"}},
            False,
        ),
        ("c - lam*(q - c)^2", {"lam": "-1 < lam < 1"}, {"p": "1/2", "q": "1"}, False),
        ("c - lam*abs(q - c)", {"lam": "lam > 0"}, {"p": "3/4", "q": "1"}, False),
        ("(q == 0)*(2 - beta_cdf(q, 3/2, 2)/q^(3/2))", {}, {"p": "1/2", "q": "0"}, False),
        ("(q == 0)*(beta_cdf(q, 3/2, 2)/q^(3/2) - 2)", {}, {"p": "1/2", "q": "0"}, True),
        ("c*beta_cdf(2*q, 1, 1) + c - (q - c)^2", {}, {"p": "1/2", "q": "9/10"}, False),
        ("c*beta_cdf(q, 3/2, 1/2)", {}, {"p": "1/2", "q": "1"}, True),
        ("c - abs(q - c)", {}, {"p": "5/4", "q": "1"}, False),
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "-1"}, False),
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "1e999999999"}, False),
        ("c - abs(q - c)", {}, {"p": "3/4", "q": "nan"}, False),
    ],
)
def test_witnesses_against_properness(
    formula: str, parameters: dict[str, str], fields: dict[str, Any], fine: bool
) -> None:
    assert accepted(certificate("not proper", formula, parameters, **fields)) == fine


@pytest.mark.parametrize(
    ("formula", "p", "q", "fine"),
    [
        ("c", "1/2", "0", True),
        ("c", "1/2", "1/2", False),
        (BRIER, "1/2", "1/3", False),
        (BET, "1/2", "1/3", True),
        (BET, "1/2", "4/5", False),
        ("c*log(q)", "0", "1/2", True),
        ("c - abs(q - c)", "1/2", "1", True),
        (LOG, "1/2", "0", False),
    ],
)
def test_ties_against_strictness(formula: str, p: str, q: str, fine: bool) -> None:
    assert accepted(certificate("not strictly proper", formula, p=p, q=q)) == fine


@pytest.mark.parametrize(
    ("formula", "low", "high", "q", "fine"),
    [
        ("c - 2*(q - c)^2", "0", "1/4", "0", True), ("c - 2*(q - c)^2", "1/4", "0", "0", False),
        (BRIER, "0", "1/4", "0", False),
        ("c - 2*(q - c)^2", "0", "1/2", "0", False), ("c - 2*(q - c)^2", "0", "49/100", "0", True),
        (LOG, "0", "1/4", "0", True), (LOG, "0", "3/4", "0", False),
        ("c - abs(q - c)", "3/4", "3/4", "1", True), (BRIER, "3/4", "3/4", "3/4", False),
        ("c - 2*(q - c)^2", "0", "1/4", "2", False),
    ],
)  # fmt: skip
def test_witnesses_against_joint_optimality(
    formula: str, low: str, high: str, q: str, fine: bool
) -> None:
    assert (
        accepted(certificate("not jointly optimal", formula, p_low=low, p_high=high, q_low=q))
        == fine
    )


def accuracy(claim: str, formula: str, pieces: int = 1, **fields: object) -> bool:
    points = {2: ["1/2"]}.get(pieces, [])
    return accepted(
        certificate(claim, formula, **{"breakpoints": points, "evidence": TERMS * pieces, **fields})
    )


@pytest.mark.parametrize("shift", ["", " + 5", " - 5", " + c*0 - 1/3"])
def test_accuracy_of_improper_rewards(shift: str) -> None:
    def rewarded(formula: str, pieces: int = 1, **fields: object) -> bool:
        return accuracy("accuracy rewarded", formula + shift, pieces, **fields)

    assert rewarded("c - abs(q - c)", q0="0")
    assert not rewarded("c - abs(q - c)", q0="1")
    assert not rewarded("c - 2*abs(q - c)", q0="0")
    assert rewarded("c + q*(1 - q)")
    assert not rewarded("c - 2*c*(1 - q)")
    assert rewarded("c - q/2*(1 - c) + c*q")
    assert not rewarded("q*(1 - c) + c*q^2")
    assert not rewarded("c - (q == 0)*c*5")
    assert not rewarded("c - (q == 1)*c*5")
    assert not rewarded("c - (q == 1/2)*c*5", pieces=2)
    assert rewarded("c + (q == 1/2)*c*5", pieces=2)
    assert not rewarded("c", evidence=[])
    assert not rewarded("c - abs(q - c)", q0="0", evidence=[])
    assert not rewarded("(1 - c)*(q == 1) + c*2*q", q0="0")
    assert not rewarded("(1 - c)*(q == 1/2) + c*2*q", q0="0", pieces=2)
    assert not rewarded("(1 - c)*q + c*2*q", q0="1/2")
    assert rewarded("(1 - c)*q + c*2*q", q0="1")


@pytest.mark.parametrize("shift", ["", " + 5", " - 5"])
def test_accuracy_not_rewarded(shift: str) -> None:
    def against(formula: str, **fields: object) -> bool:
        evidence = [{"kind": "terms", "degree": 6}]
        given = {
            "p_low": "0",
            "p_high": "1/4",
            "q_low": "0",
            "room": "1/100",
            "evidence": evidence,
            **fields,
        }
        return accuracy("accuracy not rewarded", formula + shift, **given)

    formula = "c - 2*(q - c)^2 + c*q/10^9"
    assert against(formula)
    assert not against(formula, room="1/4")
    assert not against(formula, room="0")
    assert not against(formula, room="-1/100")
    assert not against(formula, p_low="1/4", p_high="0")
    assert not against(formula, p_low="1/4", p_high="1/4", q_low="1/4", room="1/10^9")
    assert not against(formula, evidence=[])
    assert not against(formula + " + (q == 1)*9")
    assert not against(formula + " + (1 - c)*(q == 0)*9", p_low="1/8", q_low="1/8", room="1/10^6")
    assert not against("c - (q - c)^2 + c*q/10^9")
    assert not against("c - 2*(q - c)^2 + 8*q*(1 - q)")


def thresholds(formula: str, local: list[str], globally: list[str]) -> bool:
    fields = {"breakpoints": [], "evidence": TERMS, "local": local, "global": globally}
    return accepted(certificate("failure thresholds", formula, **fields))


def test_failure_thresholds() -> None:
    double = "c - 2*(q - c)^2"
    assert thresholds(double, ["1/5", "1/3"], ["2/5", "3/5"])
    assert thresholds(double, ["0", "1"], ["0", "1"])
    assert thresholds(double, ["24/100", "1/4"], ["49/100", "1/2"])
    assert thresholds(LOG, ["268/1000", "269/1000"], ["648/1000", "649/1000"])
    wrong = [
        (["1/4", "1/3"], ["2/5", "3/5"]),
        (["1/5", "6/25"], ["2/5", "3/5"]),
        (["1/5", "1/3"], ["1/2", "3/5"]),
        (["1/5", "1/3"], ["2/5", "49/100"]),
        (["1/3", "1/5"], ["2/5", "3/5"]),
        (["1/5"], ["2/5", "3/5"]),
        (["1/5", "1/3", "1/2"], ["2/5", "3/5"]),
        (["1/4", "1/4"], ["2/5", "3/5"]),
    ]
    assert not any(thresholds(double, local, globally) for local, globally in wrong)
    assert not thresholds("c - abs(q - c)", ["0", "1"], ["0", "1"])


DEEP: Any = []
for _ in range(900):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", True),
        ("schema", 2.0),
        ("schema", "2"),
        ("schema", 1),
        ("schema", None),
        ("claim", "Proper"),
        ("claim", ["proper"]),
        ("claim", None),
        ("claim", "wise"),
        ("formula", 5),
        ("formula", None),
        ("formula", ["q"]),
        ("formula", "q +"),
        ("formula", ""),
        ("parameters", []),
        ("parameters", None),
        ("parameters", {"lam": 1}),
        ("parameters", {"lam": None}),
        ("parameters", {"lam": "mu > 0"}),
        ("parameters", {"q": "q > 0"}),
        ("parameters", {"log": "log > 0"}),
        ("parameters", {f"a{i}": f"a{i} > 0" for i in range(13)}),
        ("breakpoints", "12"),
        ("breakpoints", [0.5]),
        ("breakpoints", None),
        ("breakpoints", {"a": 1}),
        ("breakpoints", ["1/2"] * 101),
        ("evidence", None),
        ("evidence", {}),
        ("evidence", "terms"),
        ("evidence", ["terms"]),
        ("evidence", [None]),
        ("evidence", [TERMS]),
        ("evidence", [{"kind": DEEP}]),
        ("evidence", [{"kind": "terms", "note": 1}]),
        ("evidence", TERMS * 2),
        ("note", "hello"),
        ("values", {}),
        ("p", "1/2"),
        ("q0", "0"),
        ("evidence", [{}]),
        ("evidence", DEEP),
        ("parameters", DEEP),
        ("claim", "x" * 10**6),
        ("formula", "q" * 10**6),
    ],
)
def test_malformed_certificates_are_rejected_with_a_sentence(field: str, value: object) -> None:
    assert accepted(GOOD)
    with pytest.raises(Rejected) as told:
        verify({**GOOD, field: value})
    assert 5 < len(str(told.value)) < 25_000


@pytest.mark.parametrize("field", sorted(GOOD))
def test_missing_fields(field: str) -> None:
    short = {k: v for k, v in GOOD.items() if k != field}
    assert accepted(short) == (field == "breakpoints")


@pytest.mark.parametrize("other", [None, 5, [], "text", {}, {1: 2}])
def test_what_is_no_certificate(other: Any) -> None:
    with pytest.raises(Rejected):
        verify(other)


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["1/2", "terms"]),
    )
    return st.recursive(
        leaves,
        lambda s: st.one_of(
            st.lists(s, max_size=3), st.dictionaries(st.text(max_size=6), s, max_size=3)
        ),
        max_leaves=6,
    )


@examples(200)
@given(st.sampled_from(sorted(GOOD)), json_values())
def test_no_value_of_a_field_breaks_the_kernel(field: str, value: Any) -> None:
    broken = {**GOOD, field: value}
    assert broken == GOOD or field == "breakpoints" or not accepted(broken)


BOMBS = [
    "c + (" + "+".join(f"q^{i}*(1 - q)^{60 - i}*sqrt(1 + q^2)" for i in range(60)) + ")",
    "c - (q - c)^2*exp(" * 30 + "q" + ")" * 30,
    "c + (((1 + q)^60 + q)^60 + q)^60",
    "c + " + "*".join(f"(1 + q/{i} + q^2)^(1/{i})" for i in range(2, 60)),
    "c*"
    + "*".join(f"(1 + a{i}*q)" for i in range(12))
    + "*("
    + "+".join(f"a{i}" for i in range(12))
    + ")^9",
    "c*1e400" + "*1e400" * 100,
    "c + 2^(2^(2^(2^(2^2))))",
    "c + exp(exp(exp(exp(100))))*q",
    "c + (1/3)^1000*q",
    "c*(q^1000)^1000",
    "c*beta_cdf(q, 1/2 + 10^9, 1/2)",
    "c*beta_function(10^300, 1/2)",
    "c + (q > 1/2)*" + "max(q, " * 50 + "1/3" + ")" * 50,
]


A_PART = 100
"""A hundredth of the work, which shows the cost of all: every step must be counted."""


def refused(given: Mapping[str, Any]) -> None:
    with limited(MAX_WORK // A_PART):
        assert not accepted(given)


@pytest.mark.parametrize("bomb", range(len(BOMBS)))
@pytest.mark.parametrize("claim", ["proper", "not proper"])
def test_no_certificate_is_a_bomb(bomb: int, claim: str) -> None:
    """It is refused by a rule or stopped by the meter, and nothing but metered work takes long."""
    parameters = {f"a{i}": f"0 <= a{i} <= 1" for i in range(12)} if "a11" in BOMBS[bomb] else {}
    fields: dict[str, object] = (
        {"p": "1/3", "q": "0"}
        if claim == "not proper"
        else {"evidence": [{"kind": "terms", "degree": 40}]}
    )
    given = certificate(claim, BOMBS[bomb], parameters, **fields)
    assert calls(lambda: refused(given)) < 600_000


@pytest.mark.parametrize(
    "evidence",
    [
        {"kind": "terms", "square": "1" + "+ q" * 1000, "rest": "1", "cells": ["0", "1"]},
        {"kind": "terms", "square": "(1 + q)^60", "rest": "((1 + q)^60)^60", "cells": ["0", "1"]},
        {"kind": "terms", "square": "1", "rest": "9" * 10**6, "cells": ["0", "1"]},
        {
            "kind": "terms",
            "square": "1",
            "rest": "2",
            "cells": [f"{n}/100000" for n in range(100_001)],
        },
        {"kind": "boxes", "cells": [f"{n}/100000" for n in range(100_001)]},
        {"kind": "boxes", "cells": ["0", "1e-99999999999", "1"]},
    ],
)
def test_no_evidence_is_a_bomb(evidence: dict[str, object]) -> None:
    given = certificate("proper", BRIER, breakpoints=[], evidence=[evidence])
    assert calls(lambda: refused(given)) < 300_000


def test_work_is_limited_and_ample() -> None:
    """The heaviest certificates of the catalogue take a few percent of the limit."""
    with limited(MAX_WORK // 50):
        assert accepted(GOOD)
        assert accepted(certificate("not proper", "c - abs(q - c)", p="3/4", q="1"))


def test_the_answer_names_the_claim_and_its_domain() -> None:
    assert verify(GOOD) == "c - (q - c)^2 is strictly proper"
    lam = certificate(
        "not proper",
        "c + lam*(q - c)^2 + mu",
        {"lam": "0 < lam", "mu": "mu"},
        values={"lam": "2", "mu": "0"},
        p="1/2",
        q="1",
    )
    assert verify(lam) == "c + lam*(q - c)^2 + mu is not proper for lam = 2, mu = 0"
    family = certificate("proper", "c - lam*(q - c)^2", {"lam": "lam in [0, 1/2)"}, evidence=TERMS)
    assert (
        verify(json.loads(json.dumps(family))) == "c - lam*(q - c)^2 is proper for lam in [0, 1/2)"
    )


def test_a_certificate_is_not_changed_by_checking_it() -> None:
    before = copy.deepcopy(GOOD)
    verify(GOOD)
    assert before == GOOD


SPLIT_BET: dict[str, Any] = {
    "schema": 2,
    "formula": "(c - t)*(q > t)",
    "parameters": {"t": "0 <= t <= 1"},
    "claim": "proper",
    "split": {
        "parameter": "t",
        "at": "0",
        "cases": [
            {"breakpoints": [], "evidence": [{"kind": "terms"}]},
            {
                "split": {
                    "parameter": "t",
                    "at": "1",
                    "cases": [
                        {"breakpoints": ["t"], "evidence": [{"kind": "terms"}, {"kind": "terms"}]},
                        {"breakpoints": [], "evidence": [{"kind": "terms"}]},
                    ],
                }
            },
        ],
    },
}
"""A bet at t, abstention at t = 1 and a plain bonus at t = 0."""


@pytest.mark.parametrize("claim", ["proper", "jointly optimal"])
def test_a_claim_may_be_split_at_values_of_a_parameter(claim: str) -> None:
    assert verify({**SPLIT_BET, "claim": claim}) == f"(c - t)*(q > t) is {claim} for 0 <= t <= 1"


def test_every_case_of_a_split_is_checked() -> None:
    """A case left out, one too many, in the wrong order, of another parameter, cut elsewhere, or of
    a false formula.
    """
    first, rest = SPLIT_BET["split"]["cases"]
    inner = rest["split"]
    bad = [
        {**SPLIT_BET, "split": {"parameter": "t", "at": "0", "cases": [first]}},
        {**SPLIT_BET, "split": {"parameter": "t", "at": "0", "cases": [rest, first]}},
        {**SPLIT_BET, "split": {"parameter": "t", "at": "0", "cases": [first, rest, rest]}},
        {**SPLIT_BET, "split": {"parameter": "t", "at": "1/2", "cases": [first, rest]}},
        {**SPLIT_BET, "split": {"parameter": "s", "at": "0", "cases": [first, rest]}},
        {
            **SPLIT_BET,
            "split": {"parameter": "t", "at": "0", "cases": [first, {**rest, "evidence": []}]},
        },
        {
            **SPLIT_BET,
            "split": {"parameter": "t", "at": "0", "cases": [first, {**rest, "formula": "c"}]},
        },
        {
            **SPLIT_BET,
            "split": {
                "parameter": "t",
                "at": "0",
                "cases": [{**first, "claim": "not proper"}, rest],
            },
        },
        {
            **SPLIT_BET,
            "split": {
                "parameter": "t",
                "at": "0",
                "cases": [
                    first,
                    {
                        "split": {
                            **inner,
                            "cases": [{"breakpoints": ["t"], "evidence": []}, inner["cases"][1]],
                        }
                    },
                ],
            },
        },
        {
            **SPLIT_BET,
            "split": {
                "parameter": "t",
                "at": "0",
                "cases": [{"split": {"parameter": "t", "at": "0", "cases": [first, rest]}}, rest],
            },
        },
        {**SPLIT_BET, "split": {"parameter": "t", "at": 0, "cases": [first, rest]}},
        {**SPLIT_BET, "split": [SPLIT_BET["split"]]},
        {**SPLIT_BET, "breakpoints": []},
        {**SPLIT_BET, "claim": "strictly proper"},
        {**SPLIT_BET, "claim": "not proper", "p": "1/2", "q": "1/3"},
        {**SPLIT_BET, "formula": "(c - t)*(q > t) + (t == 1)*q/10^9"},
        {**SPLIT_BET, "formula": "(c - t)*(q > t) + (t == 0)*q/10^9"},
        {**SPLIT_BET, "parameters": {"t": "0 <= t <= 2"}},
        {**SPLIT_BET, "parameters": {"t": "-1 <= t <= 1"}},
        {**SPLIT_BET, "parameters": {"t": "t = 0"}},
    ]
    for one in bad:
        with pytest.raises(Rejected):
            verify(one)


@pytest.mark.parametrize(
    ("domain", "at", "expected"),
    [
        ("0 <= t <= 1", "0", ["t = 0", "0 < t <= 1"]),
        ("0 <= t <= 1", "1", ["0 <= t < 1", "t = 1"]),
        ("0 < t <= 1", "1/3", ["0 < t < 1/3", "t = 1/3", "1/3 < t <= 1"]),
        ("t", "2", ["t < 2", "t = 2", "2 < t"]),
        ("t = 2", "2", ["t = 2"]),
        ("t <= 1", "1", ["t < 1", "t = 1"]),
        ("t >= 1", "2", ["1 <= t < 2", "t = 2", "2 < t"]),
    ],
)
def test_parts_of_a_domain_cover_it_and_nothing_else(
    domain: str, at: str, expected: list[str]
) -> None:
    assert [
        domain_text("t", part) for part in parts(parse_domain(domain)[1], Fraction(at))
    ] == expected


@pytest.mark.parametrize(
    ("domain", "at"),
    [("0 < t < 1", "0"), ("0 <= t < 1", "1"), ("0 < t <= 1", "-1"), ("t = 1", "2")],
)
def test_a_domain_is_split_at_a_value_in_it(domain: str, at: str) -> None:
    with pytest.raises(Rejected, match="not in the domain"):
        parts(parse_domain(domain)[1], Fraction(at))
