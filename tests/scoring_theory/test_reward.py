"""The Reward object: building, algebra, values, errors as sentences, and what equality means."""

from __future__ import annotations

import re
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from proofs.kernel.formula import FormulaError, parse, parse_domain
from scoring_theory.catalogue import (
    brier,
    correctness,
    log,
    one_sided,
    power,
    spherical,
    threshold_bet,
)
from scoring_theory.checking import check
from scoring_theory.reward import Reward

RLCR = Reward.parse("c - (q - c)^2")


def test_payoffs_by_hand() -> None:
    assert RLCR.payoff(0.5, [0, 1]).tolist() == [-0.25, 0.75]
    assert RLCR(np.array([0.0, 1.0]), correct=True).tolist() == [0.0, 1.0]
    assert log.table([0, 0.5, 1]).tolist() == [
        [0.0, np.log(0.5), -np.inf],
        [-np.inf, np.log(0.5), 0.0],
    ]
    assert one_sided.table([0, 1]).tolist() == [[0.0, -np.inf], [0.0, 1.0]]
    assert RLCR.payoff(0.5, 1).shape == ()


def test_expected_reward_counts_impossible_losses_as_nothing() -> None:
    assert log.expected_reward([0.0, 1.0, 0.5], [0.0, 1.0, 0.0]).tolist() == [0.0, 0.0, -np.inf]


def test_value_and_best_report_of_an_improper_reward() -> None:
    linear = Reward.parse("-abs(q - c)")
    p = np.array([0.0, 0.3, 0.5, 0.8, 1.0])
    np.testing.assert_allclose(linear.value(p), -np.minimum(p, 1 - p), atol=1e-15)
    assert linear.best_report(p).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    cubic = Reward.parse("-abs(q - c)^3")  # p (1-q)^2 = (1-p) q^2
    np.testing.assert_allclose(
        cubic.best_report(p[1:-1]),
        np.sqrt(p)[1:-1] / (np.sqrt(p) + np.sqrt(1 - p))[1:-1],
        atol=1e-7,
    )


def test_a_supremum_beside_a_jump_is_found() -> None:
    """Paid 1 - q just above 7/10, nothing at or below: the supremum 0.3 is not attained."""
    reward = Reward.parse("(q > 7/10)*(1 - q)")
    assert reward.value(0.5) == pytest.approx(0.3, abs=1e-9)
    assert reward.best_report(0.5) == pytest.approx(0.7, abs=1e-9)
    spike = Reward.parse("(q > 1/3)*max(0, 1 - 5000*(q - 1/3))")  # narrower than any grid
    assert spike.value(0.5) == pytest.approx(1.0, abs=1e-6)


def test_the_logging_terms_of_rlcr_move_the_best_report_by_a_millionth() -> None:
    from scoring_theory.catalogue import PUBLISHED

    reward = PUBLISHED["rlcr_code"].reward
    assert reward.best_report(0.5) == pytest.approx(0.500001, abs=2e-8)
    assert reward.best_report(0.0105) == pytest.approx(
        0.01, abs=1e-6
    )  # the bonus within 0.01 of 0 is worth the lie


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: RLCR.payoff([0.1] * 17 + [1.2], 1),
            r"`confidence` must lie in \[0, 1\], got 1.2 at index 17",
        ),
        (lambda: RLCR.payoff(np.nan, 1), r"`confidence` must lie in \[0, 1\], got nan$"),
        (lambda: RLCR.payoff(0.5, [0, 2]), "`correct` must be 0 or 1, got 2.0 at index 1"),
        (lambda: RLCR.payoff([[0.5], [-1]], 1), r"got -1.0 at index \(1, 0\)"),
        (
            lambda: RLCR.expected_reward(1.5, 0.5),
            r"`success_probability` must lie in \[0, 1\], got 1.5",
        ),
        (lambda: RLCR.table([[0.5]]), "`levels` must be a nonempty list"),
        (
            lambda: Reward.parse("c - lam*(q - c)^2", lam="0 < lam <= 1").payoff(0.5, 1),
            "`lam` needs a value",
        ),
        (
            lambda: Reward.parse("c - lam*(q - c)^2", lam="0 < lam <= 1").bind(lam=2),
            "`lam` must satisfy 0 < lam <= 1",
        ),
        (lambda: RLCR.bind(mu=2), "`mu` is not a parameter"),
        (lambda: Reward.parse("c - lam*q"), "unknown name 'lam'"),
        (lambda: Reward.parse("__import__('os')"), "unknown name|cannot read"),
        (lambda: Reward(parse("x", ["x"])), "`x` in 'x' needs a value or a domain"),
        (lambda: RLCR * float("nan"), "a weight must be finite"),
    ],
)
def test_errors_are_sentences(call, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.ma.array([0.2, 0.9], mask=[False, True]), "got a masked array"),
        ([".1", "0.9"], "got '.1'"),
        ([0.1 + 2j], r"got \(0\.1\+2j\)"),
        (np.array([(0.1, 1)], dtype=[("q", float), ("n", int)]), r"got \(0\.1, 1\)"),
        ([None, 0.5], "got None"),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), "got datetime.date"),
        ([Fraction(1, 2), "1/3"], "got '1/3'"),
    ],
)
def test_what_numpy_would_turn_into_numbers_is_refused(given: Any, words: str) -> None:
    reward = Reward.parse("c - (q - c)^2")
    for call in (
        lambda: reward.payoff(given, 1),
        lambda: reward.payoff(0.5, given),
        lambda: reward.table(given),
    ):
        with pytest.raises(TypeError, match=words):
            call()
    assert reward.payoff([Fraction(1, 2), 0.5, True, 0], [np.int8(1), 1, True, False]).tolist() == [
        0.75,
        0.75,
        1,
        0,
    ]
    assert reward.payoff([], []).size == 0


def test_algebra_reads_as_it_was_meant() -> None:
    assert (correctness + 0.5 * brier).text == "c - 1/2*(q - c)^2"
    assert (correctness - 0.1 * brier).text == "c + 1/10*(q - c)^2"
    assert (2 * log).text == "2*c*log(q) + 2*(1 - c)*log(1 - q)"
    assert (RLCR - correctness).text == "-(q - c)^2"
    assert (-RLCR + 1).text == "-c + (q - c)^2 + 1"
    assert (1 - RLCR).payoff(0.5, 1) == 0.25
    assert (RLCR / 4).payoff(1, 1) == 0.25
    assert (0 * RLCR).text == "0"
    with pytest.raises(TypeError, match="the product of two rewards"):
        _ = RLCR * RLCR


def test_weights_are_exact_decimals() -> None:
    assert (0.1 * correctness).formula == (Fraction(1, 10) * correctness).formula
    assert (np.float64(0.1) * correctness).text == "1/10*c"


def test_one_name_with_two_values_is_kept_apart() -> None:
    both = power(alpha=2) + power(alpha=4)
    q = np.linspace(0, 1, 5)
    np.testing.assert_allclose(both.table(q), power(alpha=2).table(q) + power(alpha=4).table(q))
    free = Reward.parse("c*lam", lam="lam > 0")
    assert (free - free + correctness).parameters == {}  # a parameter that cancels is gone
    with pytest.raises(ValueError, match="`lam` means"):
        _ = free + Reward.parse("q*lam", lam="lam > 1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("c - (q - c)^2", "1 + c - (q - c)^2", True),
        ("c - (q - c)^2", "2*c*q - q^2", True),
        ("c - (q - c)^2", "c - 2*(q - c)^2", False),
        ("c - (q - c)^2", "-c + (q - c)^2", False),
        ("c - (q - c)^2", "c - (q - c)^2 + q^40/10^9", False),
        ("log(1 - abs(q - c))", "3*(c*log(q) + (1 - c)*log(1 - q)) - 5", True),
        ("c*log(q) + (1 - c)*log(1 - q)", "(c*log(q) + (1 - c)*log(1 - q))/log(2)", True),
        ("(c - 1/2)*(q > 1/2)", "(c - 1/2)*(q >= 1/2)", False),
        ("(c - 1/2)*(q > 1/2)", "c - 1/2 if q > 1/2 else 0", True),
        ("c", "3*c - 1", True),
        ("c", "-c", False),
        ("1", "2", True),
        ("1", "c", False),
        ("q*c", "q*c + 0*log(q)", True),
        ("log(q) - log(q) + c", "c", True),
        ("c*(q == 0)", "1 + 2*c*(q == 0)", True),  # it varies at one point alone
        ("c*(q == 0)", "1 + 2*c*(q == 1)", False),
        ("c*(q < 1/1000)", "c*(q < 1/1000)/3", True),
        ("c*log(q^2*(1 - q))", "c*(2*log(q) + log(1 - q))/log(3)", True),
        ("c*sqrt(q^2 + (1 - q)^2)", "c*sqrt(1 - 2*q*(1 - q))", True),
        ("c*exp(2*q)", "c*exp(q)^2", True),
        ("c*log(q)", "c*log(q) + c*(q == 0)", True),  # minus infinity there, both
        ("c - (q - c)^2", "c - (q - c)^2 + (q == 1/2)/10^9", False),
        (
            "c - (q - c)^2",
            "c - (q - c)^2 + q^20*(1 - q)/10^9",
            False,
        ),  # nothing at the ends, little between
        (
            "c*log(q) + (1 - c)*log(1 - q)",
            "c*log(q) + (1 - c)*log(1 - q) + q*(1 - q)*exp(q)/10^9",
            False,
        ),
    ],
)
def test_equality(one: str, other: str, same: bool) -> None:
    assert (Reward.parse(one) == Reward.parse(other)) is same
    assert (Reward.parse(other) == Reward.parse(one)) is same


def test_equality_with_free_parameters() -> None:
    one = Reward.parse("c - lam*(q - c)^2", lam="lam > 0")
    assert one == Reward.parse("c/lam - (q - c)^2", lam="lam > 0")
    assert one != Reward.parse("c - lam*(q - c)^2", lam="lam > 1")
    assert one != RLCR
    assert (one == 3) is False
    unsure = Reward.parse("c*lam", lam="lam >= 0")
    assert unsure == 3 * unsure  # also where it is 0
    signed = Reward.parse("c*lam", lam="lam > -1")
    assert signed != Reward.parse("c*lam^2", lam="lam > -1")  # alpha would be lam, of either sign
    assert Reward.parse("c*lam", lam="lam > 0") == Reward.parse("c*lam^2", lam="lam > 0")


def test_families_of_one_rule() -> None:
    """p^3 + (1-p)^3 = 1 - 3p + 3p^2: with two outcomes the power rules 2 and 3 are both Brier."""
    assert power(alpha=2) == brier
    assert power(alpha=3) == brier
    assert power(alpha=4) != brier


def test_savage() -> None:
    assert Reward.from_value("p^2") == RLCR
    assert Reward.from_value("p*log(p) + (1 - p)*log(1 - p)") == log
    assert Reward.from_value("sqrt(p^2 + (1 - p)^2)") == spherical
    assert Reward.from_value("max(0, p - 3/4)") == threshold_bet()
    p = sympy.Symbol("p")
    assert Reward.from_value(parse("p", variables=("p",))).text == "c"
    with pytest.raises(ValueError, match="the value must be convex"):
        Reward.from_value("p - p^2")
    assert Reward.from_value("k*p^2", k="k > 0").free_parameters == ("k",)
    del p


def test_schervish() -> None:
    assert Reward.from_density("2") == brier
    assert Reward.from_density("1/(t*(1 - t))") == log
    assert (
        Reward.from_density("1/(1 - t)") + correctness == one_sided
    )  # Schervish's base is S(1, 1) = 0
    assert Reward.from_density("0", atoms={0.75: 1}) == threshold_bet()
    assert Reward.from_density("2", atoms={0: 1}) == Reward.parse("c - (q - c)^2")
    density = Reward.from_density("t*(1 - t)^2")
    assert density.payoff(1, 1) == pytest.approx(0, abs=1e-15)
    assert density.payoff(0, 0) == 0
    assert Reward.from_density("t^(-1/2)").payoff(0, 1) == pytest.approx(
        -4 / 3
    )  # minus the integral of (1-t)/sqrt(t)
    with pytest.raises(
        ValueError, match=r"a threshold density must be nonnegative, got -0.495 at t = 0.005"
    ):
        Reward.from_density("t - 1/2")
    with pytest.raises(ValueError, match="a threshold density must be nonnegative"):
        Reward.from_density("k - t", k=0.5)
    with pytest.raises(ValueError, match="the mass of an atom must be nonnegative"):
        Reward.from_density("1", atoms={0.5: -1})
    # corners: S(0, 1) = -(1/2)(integral of 1-t over [0, 1/2], 3/8), less the integral of (1-t) t
    # over [1/2, 1], 1/12
    assert Reward.from_density("max(t, 1/2)").payoff(0, 1) == pytest.approx(-(3 / 16) - 1 / 12)


@pytest.mark.parametrize(
    "density",
    [
        "exp(-t^2)",  # erf, for which the grammar has no word
        pytest.param("1/(1 + exp(exp(t)))", marks=pytest.mark.slow),
    ],
)
def test_a_density_without_an_integral_is_refused(density: str) -> None:
    told = f"no closed form was found for the integral of the density {density!r}"
    with pytest.raises(FormulaError, match=re.escape(told)):
        Reward.from_density(density)


@pytest.mark.parametrize(
    ("density", "read"),
    [
        ("(t > 1/2)*3", "0 on (0, 1/2); 3 on (1/2, 1)"),
        ("abs(t - 1/2)", "1/2 - t on (0, 1/2); -1/2 + t on (1/2, 1)"),
        (
            "t*(1 - t)^2 if t < 1/3 else max(t, 1/2)",
            "t - 2*t^2 + t^3 on (0, 1/3); 1/2 on (1/3, 1/2); t on (1/2, 1)",
        ),
        ("(t - 1/4)^2*(2*t + 1)", "1/16 - 3*t/8 + 2*t^3"),
    ],
)
def test_the_integral_of_polynomial_pieces_is_exact(density: str, read: str) -> None:
    """The kernel reads the density back off the payoffs; a confident right answer earns 0."""
    reward = Reward.from_density(density)
    report = check(reward)
    assert (report.proper.status, report.threshold_density) == ("proved", read)
    assert reward.payoff([1, 0], [1, 0]) == pytest.approx([0, 0], abs=1e-15)


@pytest.mark.parametrize(
    ("density", "domain"),
    [
        ("k*t", "k >= 0"),
        ("exp(k*t)", "k > 0"),
        pytest.param("1/(1 + k - t)", "k >= 0", marks=pytest.mark.slow),
    ],
)
def test_a_density_with_parameters(density: str, domain: str) -> None:
    """A confident right answer earns 0, and so does q = 0 with a wrong one, for every value."""
    bound = Reward.from_density(density, k=domain).bind(k=2)
    assert bound.payoff([1, 0], [1, 0]) == pytest.approx([0, 0], abs=1e-13)
    assert bound == Reward.from_density(density.replace("k", "2"))


def test_parameters_do_not_say_where_a_density_has_pieces() -> None:
    assert Reward.from_density("(t > k)*3", k="1/2").text == Reward.from_density("(t > 1/2)*3").text
    for density in ("(t > k)*3", "max(t, k)", "t if t - k else 1"):
        with pytest.raises(FormulaError, match="`k` needs a value: it says where the pieces"):
            Reward.from_density(density, k="0 < k < 1")
    with pytest.raises(
        FormulaError, match=r"not decided whether \(1 - t\) w\(t\) has a finite integral"
    ):
        Reward.from_density("log(1 + k*t)", k="k > -1")


def test_from_payoffs_takes_numbers_texts_and_sympy() -> None:
    q = sympy.Symbol("q")
    assert Reward.from_payoffs(1, "-q/(1 - q)").text == "c - (1 - c)*q/(1 - q)"
    assert Reward.from_payoffs(2 * q - q**2, -(q**2)) == RLCR


def test_domains_are_read_in_many_ways() -> None:
    for given in (0.5, "1/2", "lam = 1/2", Fraction(1, 2), parse_domain("lam = 0.5")[1]):
        assert Reward.parse("lam*c", lam=given).parameters == {"lam": "lam = 1/2"}
    narrowed = Reward.parse("lam*c", lam="0 < lam <= 1").bind(lam="0 < lam < 1/2")
    assert narrowed.parameters == {"lam": "0 < lam < 1/2"}
    with pytest.raises(ValueError, match="`lam` must satisfy 0 < lam <= 1, got 0 <= lam < 1/2"):
        Reward.parse("lam*c", lam="0 < lam <= 1").bind(lam="0 <= lam < 1/2")
    with pytest.raises(ValueError, match="`lam` must satisfy 0 < lam < 1, got 1/2 < lam <= 1"):
        Reward.parse("lam*c", lam="0 < lam < 1").bind(lam="1/2 < lam <= 1")
    with pytest.raises(ValueError, match="must be written with its name"):
        Reward.parse("lam*c", lam="mu > 0")


def test_display() -> None:
    assert RLCR._repr_latex_().startswith("$R(q, 1) = ")
    assert str(Reward.parse("lam*c", name="mine", lam="lam > 0")) == "mine: lam*c with 0 < lam"


def test_the_package_is_light() -> None:
    """Building and printing a reward loads neither numpy nor SymPy."""
    program = (
        "import sys; import scoring_theory; from scoring_theory import brier, correctness; assert"
        " (correctness + 0.5*brier).text; assert not {'numpy', 'sympy', 'scipy'} &"
        " set(sys.modules), set(sys.modules) & {'numpy', 'sympy', 'scipy'}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_text_makes_a_reward_as_parse_does() -> None:
    assert Reward("c - lam*(q - c)^2", {"lam": "0 < lam <= 1"}).parameters == {
        "lam": "0 < lam <= 1"
    }
    made, parsed = Reward("c - (q - c)^2", name="RLCR"), Reward.parse("c - (q - c)^2", name="RLCR")
    assert (made.text, made.name, made.formula) == (parsed.text, parsed.name, parsed.formula)
    assert eval(repr(parsed)).formula == parsed.formula
    with pytest.raises(FormulaError, match="division by zero"):
        Reward("c/0")
    with pytest.raises(FormulaError, match="`lam` does not occur"):
        Reward("c", {"lam": 1})
