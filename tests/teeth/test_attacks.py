"""More false certificates, written by someone who wants one accepted; each kind stands next to what
is true.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.certificates import BRIER, TERMS, accepts, proper

S = "-(q - c)^2"
LOG = "c*log(q) + (1 - c)*log(1 - q)"
POWER = "c*a*q^(a - 1) + (1 - c)*a*(1 - q)^(a - 1) - (a - 1)*(q^a + (1 - q)^a)"
TAIL = "c*(q^(a + 1)/(a + 1) - q^(a + 2)/(a + 2)) - (1 - c)*q^(a + 2)/(a + 2)"
BETA = "c*(beta_cdf(q, a, b) - b/(a + b)) - a/(a + b)*beta_cdf(q, a + {step}, b)"
POSITIVE = {"a": "a > 0", "b": "b > 0"}
CLIP = "c - (clip(q, a, b) - c)^2"
TRUE_CASE: dict[str, Any] = {"breakpoints": [], "evidence": TERMS}


@pytest.mark.parametrize(
    ("claim", "formula", "parameters", "points", "fine"),
    [
        # exponents: q^(a - 1) turns concave, or diverges, beyond a value of the parameter
        ("strictly proper", POWER, {"a": "a > 1"}, [], True),
        ("strictly proper", POWER, {"a": "a >= 1"}, [], False),
        ("proper", POWER, {"a": "a > 0.999"}, [], False),
        ("proper", POWER, {"a": "0 < a < 1"}, [], False),
        ("proper", POWER, {"a": "a < 0"}, [], False),
        ("proper", TAIL, {"a": "-2 < a < -1"}, [], True),
        ("proper", TAIL, {"a": "-2.5 < a < -2"}, [], False),
        ("jointly optimal", TAIL, {"a": "a > -1"}, [], True),
        ("jointly optimal", TAIL, {"a": "-2 < a < -1"}, [], False),
        ("proper", f"(k^k - 1)*({S})", {"k": "k > 0"}, [], False),
        ("proper", f"(k^k + 1)*({S})", {"k": "k > 0"}, [], True),
        # Beta functions: a wrong step, a wrong sign, a parameter that reaches 0, a margin beyond (a
        # + b)/b
        ("proper", BETA.format(step=1), POSITIVE, [], True),
        ("proper", BETA.format(step=2), POSITIVE, [], False),
        ("proper", f"-({BETA.format(step=1)})", POSITIVE, [], False),
        ("proper", BETA.format(step=1), {**POSITIVE, "a": "a >= 0"}, [], False),
        (
            "jointly optimal",
            f"c + lam*({BETA.format(step=1)})",
            {**POSITIVE, "lam": "0 < lam <= 1"},
            [],
            True,
        ),
        (
            "jointly optimal",
            f"c + lam*({BETA.format(step=1)})",
            {**POSITIVE, "lam": "0 < lam <= 1.001"},
            [],
            False,
        ),
        ("proper", f"(beta_function(a, b) - beta_function(a + 1, b))*({S})", POSITIVE, [], True),
        ("proper", f"(beta_function(a, b) - 2*beta_function(a + 1, b))*({S})", POSITIVE, [], False),
        # ends of a clip that cross, that meet an end of [0, 1], or between which alone the rule is
        # strict
        ("proper", CLIP, {"a": "0 < a < 1/2", "b": "1/2 < b < 1"}, ["a", "b"], True),
        ("proper", CLIP, {"a": "0 < a < 0.6", "b": "1/2 < b < 1"}, ["a", "b"], False),
        ("proper", CLIP, {"a": "0 <= a < 1/2", "b": "1/2 < b < 1"}, ["a", "b"], False),
        ("strictly proper", CLIP, {"a": "0 < a < 1/2", "b": "1/2 < b < 1"}, ["a", "b"], False),
        ("proper", "c - (clip(q, 3/5, 2/5) - c)^2*(2*q)", {}, ["2/5", "3/5"], False),
        (
            "jointly optimal",
            "c + lam*log(clip(1 - abs(q - c), e, 1 - e))",
            {"e": "0 < e < 1/2", "lam": "0 < lam"},
            ["e", "1 - e"],
            False,
        ),
        # logarithms of a parameter
        ("proper", f"log(k)*({S})", {"k": "k > 1"}, [], True),
        ("proper", f"log(k)*({S})", {"k": "k > 0.99"}, [], False),
        ("strictly proper", f"log(k)*({S})", {"k": "k >= 1"}, [], False),
        ("strictly proper", f"log(k)^2*({S})", {"k": "k > 0"}, [], False),
        ("proper", f"-log(k)^2*({S})", {"k": "k > 0"}, [], False),
        ("proper", f"({S})/log(k)", {"k": "k > 0"}, [], False),
        ("proper", f"log(log(k))*({S})", {"k": "k > 2"}, [], False),
        # -inf ends: an error that should ruin and does not, a gift to the sure, a margin of -inf
        ("proper", LOG, {}, [], True),
        ("proper", f"{LOG} - (q == 1)*c", {}, [], False),
        ("proper", f"{LOG} + (q == 0)*(1 - c)", {}, [], False),
        ("jointly optimal", f"c + {LOG}", {}, [], False),
        ("proper", "c*log(q) + (1 - c)*(log(1 - q) if q < 1 else -100)", {}, [], False),
        ("proper", "(0 if q == 0 else 1)*c*log(q) + (1 - c)*log(1 - q)", {}, [], False),
        ("proper", f"-({LOG})", {}, [], False),
        # spikes narrower than any grid, with and without their breakpoints
        ("proper", f"{S} + (1e-12 < q < 2e-12)*c", {}, [], False),
        ("proper", f"{S} + (q == 1/3)", {}, [], False),
        ("proper", f"{S} + (1e-12 < q < 2e-12)*c", {}, ["1e-12", "2e-12"], False),
        ("proper", f"{S} + (q == 1/3)", {}, ["1/3"], False),
        ("proper", f"{S} - (q != 1/3)*1e-9", {}, ["1/3"], False),
        ("proper", f"{S} + max(0, 1e-9 - abs(q - 1/3))*c", {}, ["1/3"], False),
        ("proper", f"{S} + (q < 1e-9)*c*q", {}, ["1e-9"], False),
        # an order of breakpoints that leaves nothing between them
        ("proper", S, {}, ["1/2", "0.5"], False),
        ("proper", S, {}, ["0"], False),
        ("proper", S, {}, ["2/3", "1/3"], False),
    ],
)
def test_false_rules(
    claim: str, formula: str, parameters: dict[str, str], points: list[str], fine: bool
) -> None:
    assert proper(formula, parameters, *points, claim=claim) == fine


def weighted(*weight: str) -> str:
    """The rule of a polynomial density, coefficients from degree 0 up."""
    right = " + ".join(
        f"({w})*(q^{n + 1}/{n + 1} - q^{n + 2}/{n + 2})" for n, w in enumerate(weight)
    )
    wrong = " + ".join(f"({w})*q^{n + 2}/{n + 2}" for n, w in enumerate(weight))
    return f"c*({right}) - (1 - c)*({wrong})"


TOUCHES, DIPS = weighted("0.25", "-1", "1"), weighted("0.249999999999", "-1", "1")


@pytest.mark.parametrize(
    ("formula", "evidence", "fine"),
    [
        (TOUCHES, {"kind": "terms", "cells": ["0", "1/2", "1"]}, True),
        (TOUCHES, {"kind": "terms", "square": "q - 1/2", "rest": "1"}, True),
        (DIPS, {"kind": "terms", "cells": ["0", "1/2", "1"], "degree": 40}, False),
        (DIPS, {"kind": "terms", "cells": ["0", "0.499999", "0.500001", "1"], "degree": 40}, False),
        (DIPS, {"kind": "terms", "square": "q - 1/2", "rest": "1"}, False),
        (DIPS, {"kind": "boxes", "cells": ["0", "1/2", "1"]}, False),
        (S, {"kind": "boxes", "cells": ["0", "1"]}, True),
        (S, {"kind": "terms", "cells": ["0", "1/2"]}, False),
        (S, {"kind": "terms", "cells": ["1", "0"]}, False),
        (S, {"kind": "terms", "cells": ["-1", "1"]}, False),
        (S, {"kind": "terms", "cells": ["0", "1/2", "1/2", "1"]}, False),
        (S, {"kind": "terms", "degree": True}, False),
        (weighted("-1"), {"kind": "terms", "square": "0", "rest": "1"}, False),
        (weighted("-1"), {"kind": "terms", "square": "1", "rest": "-1"}, False),
        (weighted("-1"), {"kind": "terms", "square": "sqrt(-1)", "rest": "1"}, False),
        (weighted("-1"), {"kind": "terms", "square": "c", "rest": "-1"}, False),
    ],
)
def test_false_evidence(formula: str, evidence: dict[str, object], fine: bool) -> None:
    """The density (t - 1/2)^2 touches 0; less 10^-12 it dips below within 10^-6 of 1/2, where no
    cell may hide it.
    """
    assert proper(formula, claim="strictly proper", evidence=[evidence]) == fine


def test_cells_of_one_piece_do_not_speak_of_another() -> None:
    """The density 2 t - 1 is negative below the breakpoint."""
    right = {"kind": "terms", "cells": ["1/2", "1"]}
    assert not proper(weighted("-1", "2"), None, "1/2", evidence=[right, right])
    assert not proper(weighted("-1", "2"), None, "1/2")


@pytest.mark.parametrize(
    ("domain", "at", "cases", "fine"),
    [
        ("0 <= lam <= 1", "0", [TRUE_CASE] * 2, True),
        ("-1 <= lam <= 1", "0", [TRUE_CASE] * 3, False),
        ("-1 <= lam <= 1", "0", [TRUE_CASE] * 2, False),
        ("0 <= lam <= 1", "2", [TRUE_CASE], False),
        ("0 < lam <= 1", "0", [TRUE_CASE] * 2, False),
        ("0 < mu <= 1", "1", [TRUE_CASE] * 2, False),
        (
            "-1 <= lam <= 1",
            "1",
            [{**TRUE_CASE, "parameters": {"lam": "lam = 1"}}, TRUE_CASE],
            False,
        ),
        ("-1 <= lam <= 1", "1", [{**TRUE_CASE, "formula": "c"}, TRUE_CASE], False),
        (
            "-1 <= lam <= 1",
            "-1",
            [{"split": {"parameter": "lam", "at": "1", "cases": [TRUE_CASE] * 2}}, TRUE_CASE],
            False,
        ),
        (
            "-1 <= lam <= 1",
            "-1",
            [TRUE_CASE, {"split": {"parameter": "lam", "at": "-1", "cases": [TRUE_CASE] * 2}}],
            False,
        ),
    ],
)
def test_false_splits(domain: str, at: str, cases: list[dict[str, Any]], fine: bool) -> None:
    """The density 2 lam is negative for lam < 0: no split covers that, by a part left out or a case
    that changes it.
    """
    split = {"parameter": "lam", "at": at, "cases": cases}
    assert accepts("proper", f"lam*({S})", {"lam": domain}, split=split) == fine


@pytest.mark.parametrize(
    ("claim", "formula", "parameters", "fields", "fine"),
    [
        (
            "not proper",
            f"lam*({S})",
            {"lam": "-1 < lam < 1"},
            {"p": "0", "q": "1", "values": {"lam": "-1/2"}},
            True,
        ),
        (
            "not proper",
            f"lam*({S})",
            {"lam": "0 < lam < 1"},
            {"p": "0", "q": "1", "values": {"lam": "-1/2"}},
            False,
        ),
        (
            "not proper",
            f"lam*({S})",
            {"lam": "0 < lam < 1"},
            {"p": "0", "q": "1", "values": {"lam": "0"}},
            False,
        ),
        ("not proper", f"lam*({S})", {"lam": "0 < lam < 1"}, {"p": "0", "q": "1"}, False),
        (
            "not proper",
            f"lam*({S})",
            {"lam": "0 < lam < 1"},
            {"p": "0", "q": "1", "values": {"mu": "-1"}},
            False,
        ),
        ("not strictly proper", LOG, {}, {"p": "1/2", "q": "0"}, False),
        (
            "not jointly optimal",
            f"c + {LOG}",
            {},
            {"p_low": "1/2", "p_high": "1/2", "q_low": "1"},
            False,
        ),
        ("accuracy rewarded", f"c + {LOG}", {}, {"q0": "1/2", "evidence": TERMS}, False),
        ("accuracy rewarded", f"c + {LOG}", {}, {"evidence": TERMS}, False),
        (
            "accuracy not rewarded",
            BRIER,
            {},
            {"p_low": "0", "p_high": "1", "q_low": "0", "room": "0", "evidence": TERMS},
            False,
        ),
        (
            "failure thresholds",
            "c - 2*(q - c)^2",
            {},
            {"evidence": TERMS, "local": ["1/5", "1/3"], "global": ["2/5", "3/5"]},
            True,
        ),
        (
            "failure thresholds",
            "c - 2*(q - c)^2",
            {},
            {"evidence": TERMS, "local": ["0", "1/5"], "global": ["0", "1"]},
            False,
        ),
        (
            "failure thresholds",
            "c - 2*(q - c)^2",
            {},
            {"evidence": TERMS, "local": ["1/4", "1/4"], "global": ["1/2", "1/2"]},
            False,
        ),
    ],
)
def test_other_false_claims(
    claim: str, formula: str, parameters: dict[str, str], fields: dict[str, Any], fine: bool
) -> None:
    assert accepts(claim, formula, parameters, **fields) == fine
