"""False certificates made by hand for the seams of the kernel, each next to a true one that differs
by a hair.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.support.certificates import BRIER, TERMS, accepts, proper

LOG_2 = "0.693147180559945309417232121458176568075500134"  # the digits go on with 36
E = "2.7182818284590452353602874713526624977572470936999"  # the digits go on with 59
ROOT_2 = "1.41421356237309504880168872420969807856967187537694"  # the digits go on with 80
BETA = "c*beta_cdf(q, 3/2, 2) - 3/7*beta_cdf(q, 5/2, 2)"
DIP = (
    "c*(q - q^2/2 + {k}*(q^2*log(q)/2 - q^2/4 - q^3*log(q)/3 + q^3/9)) - (1 - c)*(q^2/2 +"
    " {k}*(q^3*log(q)/3 - q^3/9))"
)


@pytest.mark.parametrize(
    ("formula", "points", "fine"),
    [
        # a factor 0 removes what it multiplies, at the point and on the piece where it is 0, and
        # nowhere else
        (f"{BRIER} + 0*log(q - 2)", [], True),
        (f"{BRIER} + (q > 1/2)*log(q - 1/2)*c", ["1/2"], False),
        (f"{BRIER} + c*(q - 1/2)/(q - 1/2)", [], False),
        (f"{BRIER} + c*(q - 1/2)/(q - 1/2)", ["1/2"], False),
        (f"{BRIER} + c*q/q - c", [], True),
        (f"{BRIER} + c*(q == 0)/q", [], False),
        (f"{BRIER} + (c == 2)/0", [], True),
        (f"{BRIER} + c/0", [], False),
        (f"{BRIER} + 0/c", [], True),
        (f"{BRIER} + log(q - 2)*(q == 2)", [], True),
        (f"{BRIER} + log(q - 2)*(q != 2)", [], False),
        # jumps, and a branch that holds at the breakpoint alone
        ("(q > 1/2)*(c - 1/2)", ["1/2"], True),
        ("(q > 1/2)*(c - 1/2) + (q == 1/2)*(c - 1/2)*1.001", ["1/2"], False),
        ("(q > 1/2)*(c - 1/2) - (q == 1/2)*(c - 1/2)/10^9", ["1/2"], False),
        ("(q == 1/2)*(1/2 - c)", ["1/2"], False),
        (f"{BRIER} + c*(q > 1/2)*1e-300", ["1/2"], False),
        ("(1/4 < q < 3/4)*(c - 1/2)", ["1/4", "3/4"], False),
        ("(q > 1/2)*(c - 1/2)*(1 + sqrt(q - 1/2))", ["1/2"], False),
        # the ends, with limits of the branch taken there
        ("c*log(q) + (1 - c)*log(1 - q)", [], True),
        ("c*(5 if q == 0 else log(q)) + (1 - c)*log(1 - q)", [], False),
        ("(1 - c)*(-9 if q == 1 else log(1 - q)) + c*log(q)", [], False),
        ("(q > 0)*c", [], True),
        ("(q > 0)*(1 - c)", [], False),
        ("(q < 1)*(1 - c)", [], True),
        ("(q < 1)*c", [], False),
        (f"{BRIER} + (q == 1)*(1 - c)*1e-300", [], False),
        (f"{BRIER} - (q == 1)*(1 - c)*1e-300", [], True),
        ("c*log(q) - (1 - c)*log(q)", [], False),
        ("log(q) + log(1 - q)", [], False),
        # choices that tie at an end
        ("c*min(q, 2*q) - min(q, 2*q)^2/2", [], True),
        ("c*max(q, 2*q) - max(q, 2*q)^2/2", [], False),
        ("c*q - max(q^2, q^3)/2", [], True),
        ("c*q - min(q^2, q^3)/2", [], False),
        ("c*q - clip(q, 1/10^9, 1)^2/2", ["1/10^9"], False),
        # powers and logarithms of what is negative
        (f"{BRIER} + ((q - 1)^2)^(1/2) - (1 - q)", [], True),
        (f"{BRIER} + ((q - 1)^2)^(1/2) - (q - 1)", [], False),
        (f"{BRIER} + (q - 2)^(-2) - (2 - q)^(-2)", [], True),
        (f"{BRIER} + (q - 2)^(-1) - (2 - q)^(-1)", [], False),
        (f"{BRIER} + (q - 2)^(-3) + (2 - q)^(-3)", [], True),
        (f"{BRIER} + (q - 2)^(1/3) + (2 - q)^(1/3)", [], False),
        (f"{BRIER} + log((q - 1)^2) - 2*log(1 - q)", [], True),
        (f"{BRIER} + log((q - 1)^2) - 2*log(q - 1)", [], False),
        (f"{BRIER} + exp(2*log(q)) - q^2", [], True),
        (f"{BRIER} + exp(2*log(-q)) - q^2", [], False),
        (f"{BRIER} + sqrt(q^2 - q^3) - q*sqrt(1 - q)", [], True),
        (f"{BRIER} + sqrt(q^2 - q^3) - q*sqrt(1 + q)", [], False),
        # Beta functions
        (BETA, [], True),
        (f"{BETA}*1.0000001", [], False),
        (BETA.replace("3/7", "3/9"), [], False),
        ("c*beta_cdf(2*q, 1, 1)/2 - q^2/2", [], False),
    ],
)
def test_properness(formula: str, points: list[str], fine: bool) -> None:
    assert proper(formula, None, *points) == fine


@pytest.mark.parametrize(
    ("factor", "parameters", "fine"),
    [
        ("lam + mu", ["0 <= lam <= 1", "0 <= mu <= 1"], False),
        ("lam + mu", ["0 < lam <= 1", "0 <= mu <= 1"], True),
        ("1 - lam", ["0 <= lam <= 1"], False),
        ("1 - lam", ["0 <= lam < 1"], True),
        ("lam*(1 - lam)", ["0 <= lam < 1"], False),
        ("-lam", ["lam <= 0"], False),
        ("-lam", ["lam < 0"], True),
        ("lam - 1", ["lam >= 1"], False),
        ("lam - 1", ["lam > 1"], True),
        ("lam*mu", ["lam >= 0", "mu > 0"], False),
        ("lam + (1 - lam)*mu", ["0 <= lam <= 1", "0 <= mu <= 1"], False),
        ("1 - lam*mu", ["lam = 1", "mu <= 1"], False),
        ("lam + (1 - lam)*mu", ["0 <= lam <= 1", "0 < mu <= 1"], True),
        ("2 - lam - mu", ["lam < 1", "mu <= 1"], True),
        ("sqrt(lam)", ["0 < lam"], True),
        ("sqrt(lam)", ["0 <= lam"], False),
        ("lam^2", ["-1 <= lam <= 1"], False),
    ],
)
def test_closed_corners(factor: str, parameters: list[str], fine: bool) -> None:
    """A factor that vanishes for one value of the parameters leaves a rule that is only weakly
    proper there.
    """
    domains = {name: text for text in parameters for name in ("lam", "mu") if name in text}
    assert proper(f"-({factor})*(q - c)^2", domains, claim="strictly proper") == fine


@pytest.mark.parametrize(
    ("formula", "fine"),
    [
        (f"{BRIER} - c*(log(2) - {LOG_2})", False),
        (f"{BRIER} - c*(log(2) - {LOG_2} - 1e-45)", True),
        (f"{BRIER} + c*({E} - exp(1))", False),
        (f"{BRIER} + c*({E} + 1e-49 - exp(1))", True),
        (f"{BRIER} + c*({ROOT_2} - sqrt(2))", False),
        (f"{BRIER} + c*({ROOT_2} + 1e-50 - sqrt(2))", True),
        (f"{BRIER} - c*(exp(1/10^60) - 1 - 1/10^60)", False),
        ("c - (1 + 1e-300)*(q - c)^2", False),
        ("c - (1 - 1e-300)*(q - c)^2", True),
        ("c + c*log(q)*1e-300 + (1 - c)*log(1 - q)*1e-300", False),
    ],
)
def test_joint_optimality_by_a_hair(formula: str, fine: bool) -> None:
    assert proper(formula, claim="jointly optimal") == fine


@pytest.mark.parametrize(
    ("formula", "domain", "fine"),
    [
        ("(q > t)*(c - t)", "0 < t < 1", True),
        ("(q > t)*(c - t - (t - 1/2)^2)", "0 < t < 1", False),
        ("(q > t)*(c - t)*(t - 1/2)", "0 < t < 1", False),
        ("(q > t)*(c - t)*(t - 1/2)", "1/2 <= t < 1", True),
        ("(q >= t)*(c - t) - 2*(q == t)*(c - t)", "0 < t < 1", False),
        ("(q >= t)*(c - t)*sqrt(t - 1/2)", "1/2 < t < 1", True),
        ("(q >= t)*(c - t)", "0 <= t < 1", False),
    ],
)
def test_jumps_at_a_parameter(formula: str, domain: str, fine: bool) -> None:
    assert proper(formula, {"t": domain}, "t") == fine


@pytest.mark.parametrize(
    ("k", "fine"), [("2.7", True), ("2.7182818284590453", False), ("2.72", False)]
)
def test_boxes_around_a_dip(k: str, fine: bool) -> None:
    """The weight 1 + k t log t is least at 1/e, where it is 1 - k/e."""
    cells = ["0", *(str(Fraction(n, 512)) for n in range(8, 505)), "1"]
    assert proper(DIP.format(k=k), evidence=[{"kind": "boxes", "cells": cells}]) == fine


@pytest.mark.parametrize(
    ("evidence", "fine"),
    [
        ({"square": "q - 1/3", "rest": "1"}, True),
        ({"square": "q - 1/3", "rest": "1 + 1e-300"}, False),
        ({"square": "1", "rest": "(q - 1/3)^2"}, False),
        ({"square": "(q - 1/3)^2", "rest": "1/(q - 1/3)^2"}, False),
        ({"square": "sqrt(q - 1/3)", "rest": "q - 1/3"}, False),
        ({"square": "0", "rest": "1"}, False),
        ({"square": "q - 1/3", "rest": "1", "cells": ["0", "1/2"]}, False),
    ],
)
def test_squares(evidence: dict[str, object], fine: bool) -> None:
    weight = "c*(q/9 - 7/18*q^2 + 5/9*q^3 - q^4/4) - (1 - c)*(q^2/18 - 2/9*q^3 + q^4/4)"
    assert proper(weight, claim="strictly proper", evidence=[{"kind": "terms", **evidence}]) == fine


@pytest.mark.parametrize(
    ("claim", "formula", "fields", "fine"),
    [
        ("not proper", "c*log(q) + (1 - c)*log(1 - q)", {"p": "1/2", "q": "0"}, False),
        ("not proper", "c*log(q) + (1 - c)*log(1 - q)", {"p": "0", "q": "1"}, False),
        ("not proper", "c/q", {"p": "1/2", "q": "0"}, True),
        ("not proper", "-c/q", {"p": "1/2", "q": "0"}, False),
        ("not proper", BRIER, {"p": "1/3", "q": "0.33333333333333333333333333333333333333"}, False),
        (
            "not strictly proper",
            BRIER,
            {"p": "1/3", "q": "0.33333333333333333333333333333333333333"},
            False,
        ),
        ("not proper", BETA, {"p": "1/3", "q": "1/2"}, False),
        ("not strictly proper", "c", {"p": "1", "q": "0"}, True),
        ("not strictly proper", "c", {"p": "1/2", "q": "1/2"}, False),
        ("not jointly optimal", BRIER, {"p_low": "0", "p_high": "1e-9", "q_low": "0"}, False),
        (
            "not jointly optimal",
            "c - 2*(q - c)^2",
            {"p_low": "0", "p_high": "1e-9", "q_low": "0"},
            True,
        ),
        ("not jointly optimal", BRIER, {"p_low": "1/2", "p_high": "1/3", "q_low": "1/2"}, False),
        ("accuracy rewarded", "c*log(q)", {"evidence": TERMS}, False),
        ("accuracy rewarded", "-(1 - c)/q", {"evidence": TERMS}, True),
        ("accuracy rewarded", "-c/q", {"evidence": TERMS}, False),
        (
            "accuracy rewarded",
            "c + (q == 1/2)*(1 - c)*5",
            {"breakpoints": ["1/2"], "evidence": TERMS * 2},
            False,
        ),
        ("accuracy rewarded", "c + (1 - c)*(q == 1)/2", {"q0": "0", "evidence": TERMS}, False),
        ("accuracy rewarded", "c + (1 - c)*(q == 1)/2", {"q0": "1", "evidence": TERMS}, True),
        ("accuracy rewarded", "c", {"evidence": TERMS * 2}, False),
        ("accuracy rewarded", "c", {"evidence": []}, False),
        (
            "accuracy not rewarded",
            BRIER,
            {"p_low": "0", "p_high": "1/4", "q_low": "0", "room": "1e-9", "evidence": TERMS},
            False,
        ),
        (
            "failure thresholds",
            "c - 2*(q - c)^2",
            {"evidence": TERMS, "local": ["1/4", "1/3"], "global": ["2/5", "3/5"]},
            False,
        ),
    ],
)
def test_other_claims(claim: str, formula: str, fields: dict[str, Any], fine: bool) -> None:
    assert accepts(claim, formula, **fields) == fine


@pytest.mark.parametrize(
    ("point", "threshold", "fine"),
    [
        ("beta_cdf(3/4, 1/2, 2)", "1 - beta_cdf(1/4, 2, 1/2)", True),
        ("beta_cdf(3/4, 1/2, 2)", "1 - beta_cdf(1/4, 1/2, 2)", False),
        ("beta_cdf(3/4, 1/2, 2)", "beta_cdf(3/4, 2, 1/2)", False),
        ("1 - beta_cdf(3/4, 1/2, 2)", "beta_cdf(1/4, 2, 1/2)", True),
        ("beta_cdf(sqrt(1/2), 1/2, 2)", "1 - beta_cdf(1 - sqrt(2)/2, 2, 1/2)", True),
        ("beta_cdf(sqrt(1/2), 1/2, 2)", "beta_cdf(1 - sqrt(2)/2, 2, 1/2)", False),
        ("beta_cdf(sqrt(1/3), 1/2, 2)", "beta_cdf(sqrt(3)/3, 1/2, 2)", True),
        ("beta_function(5/2, 10/3)", "beta_function(10/3, 5/2)", True),
        ("beta_function(5/2, 10/3)", "beta_function(4/3, 5/2)*112/667", True),
        ("beta_function(5/2, 10/3)", "beta_function(4/3, 5/2)*113/667", False),
        ("beta_function(5/2, 10/3)", "beta_function(5/2, 7/3)*8/23", False),
        ("beta_cdf(sqrt(1/3), 1/2, 2)", "beta_cdf(0.577350269189625764, 1/2, 2)", False),
    ],
)
def test_beta_functions_of_numbers_are_reflected_at_a_half(
    point: str, threshold: str, fine: bool
) -> None:
    """I_x(a, b) = 1 - I_{1-x}(b, a), and equal numbers are equal whatever form they have."""
    assert proper(f"(c - ({threshold}))*(q > {point})", {}, point) == fine


def test_a_beta_function_is_clipped_at_an_irrational_number() -> None:
    kept, low = "max(q, sqrt(1/2))", "sqrt(1/2)"
    for slope, fine in (("3/7", True), ("0.428571428571428571", False), ("4/7", False)):
        formula = f"c*beta_cdf({kept}, 3/2, 2) - {slope}*beta_cdf({kept}, 5/2, 2)"
        assert proper(formula, {}, low) == fine
