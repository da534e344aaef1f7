"""False certificates about symbolic parameters, each next to a true one: growth, signs of
logarithms, splits.
"""

from __future__ import annotations

from typing import Any

import pytest

from proofs.kernel.formula import parse, parse_domain
from proofs.kernel.normal_form import Rejected, derivative
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import CLAIMS, verify
from tests.support.certificates import TERMS, accepts, proper

OVER = "((1 + k*c)*log(1 + k*q) - k*q)/({bottom})"
CLIPPED = "c + lam*(c*log(clip(q, eps, 1 - eps)) + (1 - c)*log(1 - clip(q, eps, 1 - eps)))"


@pytest.mark.parametrize(
    ("bottom", "domain", "fine"),
    [
        ("(1 + k)*log(1 + k) - k", "k > 0", True),
        ("(1 + k)*log(1 + k) - k", "k >= 0", False),
        ("(1 + k)*log(1 + k) - k - 1e-9", "k > 0", False),
        ("(1 + k)*log(1 + k) - k + 1e-9", "k > 0", True),
        ("(1 + k)*log(1 + k) - k - 1/3", "k >= 1", True),
        ("(1 + k)*log(1 + k) - k - 1/3", "0.9 <= k", False),
        ("(1 + k)*log(1 + k) - k - 0.386294361119891", "k >= 1", False),
        ("(1 + k)*log(1 + k) - k - 0.386294361119890", "k >= 1", True),
        ("(1 + k)*log(1 + k) - 1.001*k", "k > 0", False),
        ("(1 + k)*log(1 + k) - 1.001*k", "k >= 1", True),
        ("k - log(1 + k)", "k > 0", True),
        ("k - log(1 + k)", "k >= 0", False),
        ("log(1 + k) - k", "k > 0", False),
        ("2 - sqrt(1 + k)", "0 < k < 3", True),
        ("2 - sqrt(1 + k)", "0 < k <= 3", False),
        ("2 - sqrt(1 + k)", "0 < k < 3.001", False),
        ("log(1 + k) - k/2", "0 < k < 1", True),
        ("log(1 + k) - k/2", "0 < k < 2.52", False),
        ("3 - k - exp(-1/k)", "0 < k < 3", False),
        ("log(k)", "k > 1", True),
        ("log(k)", "k >= 1", False),
        ("log(k)", "k > 0.999", False),
        ("-log(k)", "k > 0", False),
        ("-log(k)", "0 < k < 1", True),
        ("-log(k)", "0 < k <= 1", False),
        ("1 - exp(-k)", "k > 0", True),
        ("1 - exp(-k)", "k >= 0", False),
        ("1 - exp(-k)", "k > -1e-9", False),
        ("exp(-1) - exp(-2*k)", "k > 1/2", True),
        ("exp(-1) - exp(-2*k)", "k > 1/3", False),
        ("exp(k^2) - 1 - k^2", "k > 0", True),
        ("exp(k^2) - 1 - 1.001*k^2", "k > 0", False),
        ("1 - exp(-1/k)", "0 < k < 1", True),
        ("exp(-1/k) - exp(-1)", "0 < k < 1", False),
    ],
)
def test_denominators_that_grow_from_an_end_of_the_domain(
    bottom: str, domain: str, fine: bool
) -> None:
    """2 log 2 - 1 = 0.38629436111989061..; log(1 + k) = k/2 at k = 2.51286..; the others by hand at
    the ends.
    """
    assert proper(OVER.format(bottom=bottom), {"k": domain}) == fine


@pytest.mark.parametrize(
    ("eps", "lam", "fine"),
    [
        ("1/100 <= eps < 1/2", "0 < lam <= 0.21762", True),
        ("1/100 <= eps < 1/2", "0 < lam <= 0.21763", False),
        ("1/100 <= eps < 1/2", "0 <= lam < 0.21763", False),
        ("0 < eps < 1/2", "0 < lam <= 0.001", False),
        ("eps = 1/100", "0 < lam <= 0.21762", True),
        ("0.0099 <= eps < 1/2", "0 < lam <= 0.21762", False),
    ],
)
def test_margins_in_two_parameters(eps: str, lam: str, fine: bool) -> None:
    """The margin is 1 - lam log((1 - eps)/eps), and 1/log 99 = 0.217622..."""
    domains = {"eps": eps, "lam": lam}
    points = ["1/100", "99/100"] if eps[4] == "=" else ["eps", "1 - eps"]
    assert proper(CLIPPED, domains, *points, claim="jointly optimal") == fine


@pytest.mark.parametrize(
    ("gap", "domain", "fine"),
    [
        ("log(1 + k*q)", "k > 0", True),
        ("log(1 + k*q)", "-1/2 < k < 1", False),
        ("log(1 - k*q)", "0 < k < 1", False),
        ("-log(1 - k*q)", "0 < k < 1", True),
        ("log(1/2 + k*q)", "k > 0", False),
        ("log(1 - k*q)^2", "0 < k < 1", True),
        ("log(1 - k*q)^3", "0 < k < 1", False),
        ("-log(1 - k*q)^3", "0 < k < 1", True),
        ("q*log(k)", "k > 1", True),
        ("q*log(k)", "k > 1/2", False),
        ("-q*log(k)", "0 < k < 1", True),
        ("q*log(k)", "0 < k < 1", False),
        ("-log(k)*log(1 + q)", "0 < k < 1", True),
        ("-log(k)*log(1 + q)", "0 < k < 2", False),
        ("q*log(k)/log(k)^2", "k > 1", True),
        ("q*log(k)^3/log(k)^2", "0 < k < 1", False),
    ],
)
def test_logarithms_have_the_sign_of_what_is_inside_less_one(
    gap: str, domain: str, fine: bool
) -> None:
    """R(q, 1) - R(q, 0) is the gap, so accuracy is rewarded where it is not negative."""
    claimed = accepts(
        "accuracy rewarded", f"c*({gap})", {"k": domain}, breakpoints=[], evidence=TERMS
    )
    assert claimed == fine


BET = "(c - t)*(q > t)"
HALF_OPEN = {"t": "0 <= t < 1"}
FLAT: dict[str, Any] = {"breakpoints": [], "evidence": TERMS}
CUT: dict[str, Any] = {"breakpoints": ["t"], "evidence": TERMS * 2}


def split(at: str, *cases: Any, parameter: str = "t") -> dict[str, Any]:
    return {"parameter": parameter, "at": at, "cases": list(cases)}


@pytest.mark.parametrize(
    ("formula", "domain", "fine"),
    [
        (BET, "0 <= t < 1", True),
        (f"{BET} + c*(t == 0)/2", "0 <= t < 1", True),
        (BET, "0 <= t <= 1", False),
        (f"{BET} - c*(q == 0)*(t == 0)", "0 <= t < 1", True),
        (f"{BET} + q*(t == 0)*1e-300", "0 <= t < 1", False),
        (f"{BET} + q*(t > 0)*1e-300", "0 <= t < 1", False),
        (f"{BET} + q*(t > 999/1000)", "0 <= t < 1", False),
        (f"{BET} - (q - c)^2*(t - 1/2)", "0 <= t < 1", False),
        (f"{BET} + c/t", "0 <= t < 1", False),
        (BET, "-1e-9 <= t < 1", False),
    ],
)
def test_each_part_of_a_split_is_proved(formula: str, domain: str, fine: bool) -> None:
    assert accepts("proper", formula, {"t": domain}, split=split("0", FLAT, CUT)) == fine


def test_a_split_is_strict_where_every_part_is() -> None:
    for factor, fine in (("1", True), ("(t > 0)", False), ("(t == 0)", False)):
        formula = f"c - {factor}*(q - c)^2 + {BET}"
        assert accepts("strictly proper", formula, HALF_OPEN, split=split("0", FLAT, CUT)) == fine


def test_a_split_inside_a_split_keeps_the_part_of_the_outer_one() -> None:
    formula, domains = f"({BET} if s == 0 else c)", {**HALF_OPEN, "s": "0 <= s < 1"}
    inner = {"split": split("0", FLAT, CUT)}
    assert accepts("proper", formula, domains, split=split("0", inner, FLAT, parameter="s"))
    assert not accepts("proper", formula, domains, split=split("0", FLAT, inner, parameter="s"))
    assert not accepts("proper", formula, domains, split=split("0", inner, FLAT, parameter="t"))


def test_a_split_does_not_prove_the_values_beyond_its_parts() -> None:
    """A weight of 1 + t is safe at t = 0 alone: R(0+, 1) - R(0, 0) = -t."""
    at_zero = "c - (1 + t)*(q - c)^2*(t == 0) - (q - c)^2*(t > 0)"
    assert accepts("jointly optimal", at_zero, HALF_OPEN, split=split("0", FLAT, FLAT))
    for cut in (split("0", FLAT, FLAT), split("1/2", FLAT, FLAT, FLAT)):
        assert not accepts("jointly optimal", "c - (1 + t)*(q - c)^2", HALF_OPEN, split=cut)


@pytest.mark.parametrize(
    "bad",
    [
        split("0"),
        split("0", FLAT),
        split("0", CUT, FLAT),
        split("0", FLAT, CUT, CUT),
        split("0", FLAT, {}),
        split("1", FLAT, CUT),
        split("-1", FLAT, CUT),
        split("1e-300", FLAT, CUT),
        split("0*1", FLAT, CUT),
        split("0", FLAT, CUT, parameter="q"),
        split("0", FLAT, CUT, parameter="s"),
        split("0", FLAT, [CUT]),
        split("0", FLAT, {**CUT, "parameters": {"t": "t = 1/2"}}),
        split("0", FLAT, {**CUT, "schema": 2}),
        split("0", FLAT, {**CUT, "claim": "jointly optimal"}),
        split("0", FLAT, {**CUT, "formula": "c"}),
        split("0", FLAT, {**CUT, "values": {"t": "1/2"}}),
        split("0", FLAT, {**CUT, "split": split("1/2", CUT, CUT, CUT)}),
        {**split("0", FLAT, CUT), "more": []},
        {"parameter": "t", "at": "0"},
        [],
        "split",
        None,
        {"parameter": "t", "at": 0, "cases": [FLAT, CUT]},
        {"parameter": ["t"], "at": "0", "cases": [FLAT, CUT]},
        {"parameter": "t", "at": "0", "cases": {"0": FLAT, "1": CUT}},
        {"parameter": "t", "at": "0", "cases": "ab"},
    ],
)
def test_splits_that_do_not_cover_the_domain_or_hold_something_else(bad: object) -> None:
    assert accepts("proper", BET, HALF_OPEN, split=split("0", FLAT, CUT))
    assert not accepts("proper", BET, HALF_OPEN, split=bad)


def test_a_split_stands_in_the_place_of_evidence_and_nowhere_else() -> None:
    good = {
        "schema": 2,
        "formula": BET,
        "parameters": HALF_OPEN,
        "claim": "proper",
        "split": split("0", FLAT, CUT),
    }
    assert verify(good) == f"{BET} is proper for 0 <= t < 1"
    for more in (FLAT, {"breakpoints": []}, {"evidence": TERMS}, {"values": {"t": "0"}}):
        with pytest.raises(Rejected):
            verify({**good, **more})
    witness = {"p": "1/2", "q": "1/3", "values": {"t": "0"}}
    for claim in (name for name, (_, needed, _) in CLAIMS.items() if "evidence" not in needed):
        with pytest.raises(Rejected):
            verify(
                {
                    **good,
                    "claim": claim,
                    "split": split("0", witness, {**witness, "values": {"t": "1/2"}}),
                }
            )


def test_many_cases_of_a_long_formula_ask_for_too_much() -> None:
    for length, fine in ((20, True), (9000, False)):
        deep: dict[str, Any] = CUT
        for n in range(50, 1, -1):
            deep = {"split": split(f"1/{n}", deep, CUT, CUT)}
        assert accepts("proper", f"{BET}{' ' * length}", {"t": "0 < t < 1"}, **deep) == fine


def test_slopes_in_a_parameter() -> None:
    """d/dk by hand; what depends on k in an exponent or in a Beta function has no slope here."""
    domains = dict(parse_domain(text) for text in ("k > 0", "m > 0"))
    where = Region(domains)

    def expression(text: str) -> Any:
        return Translator(where).smooth(parse(text, domains))

    k = ("param", "k")
    for text, slope in (
        ("k^3*m", "3*k^2*m"),
        ("log(1 + k*m)", "m/(1 + k*m)"),
        ("sqrt(1 + k)*m", "m/(2*sqrt(1 + k))"),
        ("exp(k*m)", "m*exp(k*m)"),
        ("q*k + (1 - q)^2", "q"),
        ("k^m", "m*k^(m - 1)"),
        ("beta_cdf(q, 1 + m, 1/2)", "0"),
        ("beta_function(m, 1/2)*k", "beta_function(m, 1/2)"),
    ):
        assert derivative(expression(text), k) == expression(slope)
    beta = ("beta_cdf(q, k, m)", "beta_function(k, 1/2)", "beta_cdf(1/3, 1 + k, 1/2)")
    for text in ("m^k", "exp(1)^(q*k) + q^k", *beta):
        with pytest.raises(Rejected, match="not differentiated"):
            derivative(expression(text), k)
