"""Numbers of formulas: the ends of [0, 1], thresholds on float grids, and no silent NaN; SymPy
there and back.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from proofs.kernel.formula import FormulaError, parse
from proofs.trees import unparse
from scoring_theory.expression import evaluate, from_sympy, piece_ends, resolve, symbol, to_sympy


def at(text: str, q: object) -> list[float]:
    return evaluate(parse(text, variables=("q",)), {"q": np.asarray(q, dtype=float)}).tolist()


@pytest.mark.parametrize(
    ("text", "zero", "one"),
    [
        ("q*log(q)", 0.0, 0.0),  # l'Hopital
        ("log(q)", -math.inf, 0.0),
        ("log(q/(1 - q))", -math.inf, math.inf),
        ("q/q", 1.0, 1.0),
        ("(1 - q^2)/(1 - q)", 1.0, 2.0),
        ("1/(q - 1)", -1.0, -math.inf),  # float division says +inf at q = 1
        ("-sqrt((1 - q)/q)", -math.inf, 0.0),
        ("log(q) - log(q^2)", math.inf, 0.0),  # -log q
        ("exp(-1/q)", 0.0, math.exp(-1)),
        ("q^(1/2)*log(q)", 0.0, 0.0),
        ("(1 - q)*log(1 - q)", 0.0, 0.0),
        ("beta_cdf(q, 2, 8)", 0.0, 1.0),
        ("q*beta_function(1/2, 1/2)", 0.0, math.pi),
        ("min(q*log(q), q - 1/2)", -0.5, 0.0),
    ],
)
def test_the_ends_are_one_sided_limits(text: str, zero: float, one: float) -> None:
    assert at(text, [0.0, 1.0]) == pytest.approx([zero, one])


def test_a_grid_point_meets_its_threshold() -> None:
    """linspace(0, 1, 11)[3] is 0.30000000000000004, and still not above 3/10."""
    for levels in (np.linspace(0, 1, 11), np.arange(0, 1.05, 0.1)):
        above = [n / 10 > 0.3 for n in range(len(levels))]
        assert at("q > 3/10", levels.clip(0, 1)) == [float(x) for x in above]
        assert at("q >= 3/10", levels.clip(0, 1)) == [float(n >= 3) for n in range(len(levels))]
        assert at("q - 3/10 > 0", levels.clip(0, 1)) == [float(x) for x in above]
    assert at("q > 3/10", [0.3 + 1e-12, 0.3 - 1e-12]) == [1.0, 0.0]


def test_a_comparison_switches_its_factor_off() -> None:
    assert at("(q > 1/2)*log(2*q - 1)", [0.2, 0.5]) == [0.0, 0.0]
    assert at("(q > 1/2)*log(2*q - 1)", [1.0]) == [0.0]


def test_no_silent_nan_and_no_warning() -> None:
    with pytest.raises(FormulaError, match=r"`log\(q - 1/2\)` has no real value at q = 0.25"):
        at("log(q - 1/2)", [0.75, 0.25])
    with pytest.raises(FormulaError, match="has no real"):
        at("sqrt(q - 1)", [0.0])
    with pytest.raises(FormulaError, match="`x` has no value"):
        evaluate(parse("x", ["x"]), {"q": 0.5})
    with pytest.raises(FormulaError, match="too large for a float"):
        at("q + 1" + "0" * 390, [0.5])


def test_values_broadcast() -> None:
    found = evaluate(
        parse("a*q", ["a"]), {"q": np.array([[0.0], [1.0]]), "a": np.array([1.0, 2.0, 3.0])}
    )
    assert found.tolist() == [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]


def test_logic_and_choice() -> None:
    assert at("1 if q < 1/4 or q > 3/4 else 2 if q == 1/2 else 3", [0.1, 0.5, 0.6, 0.9]) == [
        1,
        2,
        3,
        1,
    ]
    assert at("not q", [0.0, 0.5]) == [1.0, 0.0]
    assert at("q > 0 and q < 1", [0.0, 0.5, 1.0]) == [0.0, 1.0, 0.0]


def test_breakpoints_are_exact_and_pieces_are_smooth() -> None:
    tree = parse("clip(q, 1/100, 99/100) + abs(q^2 - 1/2)")
    assert piece_ends(tree) == (Fraction(1, 100), math.sqrt(0.5), Fraction(99, 100))
    assert unparse(resolve(tree, 0.5)) == "q + -(q^2 - 1/2)"
    assert piece_ends(parse("q if log(q) < -1 else 0")) == (pytest.approx(math.exp(-1)),)
    with pytest.raises(FormulaError, match="not a rational function"):
        piece_ends(parse("q if q*log(q) + exp(q) < 1 else 0"))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.exp(2 * symbol("q")), "exp(2*q)"),
        (sympy.E, "exp(1)"),
        (sympy.Float("0.25") * symbol("q"), "1/4*q"),
        (1 / (symbol("q") - 1), "1/(q - 1)"),
        (-1 / (symbol("q") - 1), "1/(1 - q)"),
        (sympy.Min(symbol("q"), 1), "min(1, q)"),
        (sympy.Piecewise((0, symbol("q") < 1), (1, True)), "0 if q < 1 else 1"),
        (sympy.betainc_regularized(2, 3, 0, symbol("q")), "beta_cdf(q, 2, 3)"),
        (sympy.beta(2, 3), "1/12"),
        (sympy.beta(sympy.Rational(1, 2), sympy.Rational(1, 3)), "beta_function(1/2, 1/3)"),
        (sympy.beta(sympy.Rational(1, 2)), "beta_function(1/2, 1/2)"),
    ],
)
def test_sympy_words(expression: sympy.Expr, text: str) -> None:
    assert unparse(from_sympy(expression)) == text
    assert to_sympy(parse(text)).equals(expression) is not False


@pytest.mark.parametrize(
    "foreign", [sympy.sin(symbol("q")), sympy.pi, sympy.gamma(symbol("q")), sympy.I, sympy.oo]
)
def test_foreign_words_are_refused(foreign: sympy.Expr) -> None:
    with pytest.raises(FormulaError, match="the grammar has no word for"):
        from_sympy(foreign)


def test_text_never_reaches_sympy() -> None:
    """`from_sympy` takes expressions; a string would be evaluated by SymPy, so it is refused."""
    with pytest.raises(sympy.SympifyError):
        from_sympy("q + 1")


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("q > sqrt(1/2)", [0.5**0.5]),
        (
            "abs(q^2 - sqrt(2)*q/3 - 1/9)",
            [(2**0.5 / 3 + (2 / 9 + 4 / 9) ** 0.5) / 2],
        ),  # the quadratic formula
        ("max(q*log(2), sqrt(3)/4)", [3**0.5 / 4 / math.log(2)]),
        ("(q*exp(1) > 1) + q", [math.exp(-1)]),
    ],
)
def test_pieces_may_meet_at_an_irrational_point(text: str, cuts: list[float]) -> None:
    assert [float(cut) for cut in piece_ends(parse(text))] == pytest.approx(cuts, abs=1e-15)


def test_where_pieces_meet_is_exact_or_not_told() -> None:
    with pytest.raises(
        FormulaError,
        match=r"where `sqrt\(2\)/3 \+ exp\(1\)/10 - q\^2` changes its sign is not found exactly",
    ):
        piece_ends(parse("(q^2 > sqrt(2)/3 + exp(1)/10)*c"))
