"""Exported rules: the arithmetic is exact, Coq accepts the file, and rejects it when it is tampered
with.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.to_coq.one_piece import (
    WeightTerm,
    bernstein_weight,
    coq_file,
    density,
    payoff_polynomials,
    proper_text,
)
from tests.support.coq import accepted_together, errors_of, needs_coq

BRIER = [WeightTerm(Fraction(2))]
BETA = [WeightTerm(Fraction(12), power=1, co_power=1)]
SQUARE = [WeightTerm(Fraction(1), base=(Fraction(-1), Fraction(0), Fraction(2)))]
MIXED = [
    WeightTerm(Fraction(1, 3), power=1, base=(Fraction(-1), Fraction(2))),
    WeightTerm(Fraction(2, 7), co_power=2),
]
ISOLATED = [
    WeightTerm(Fraction(1), power=2, co_power=1, base=(Fraction(-1), Fraction(2), Fraction(0)))
]
LINEAR = [WeightTerm(Fraction(0))]

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=7)
weight_terms = st.builds(
    WeightTerm,
    st.fractions(min_value=0, max_value=3, max_denominator=7),
    st.integers(0, 3),
    st.integers(0, 3),
    st.lists(fractions, min_size=1, max_size=3).filter(any).map(tuple),
)


def exact(*coefficients: int | Fraction) -> tuple[Fraction, ...]:
    return tuple(Fraction(c) for c in coefficients)


def theorems(text: str) -> list[str]:
    return re.findall(r"^Theorem rule_(\w+)", text, re.M)


def at(polynomial: Sequence[Fraction], t: Fraction) -> Fraction:
    return sum((c * t**k for k, c in enumerate(polynomial)), Fraction(0))


def regret_factor(text: str, p: Fraction, q: Fraction) -> Fraction:
    """H(p, q) as the file states it: its sum of products, read as Python in exact fractions."""
    name = text.split("Definition ")[1].split("_correct_whole")[0]
    scale = int(text.split("The polynomials times ")[1].split(",")[0])
    body = text.split(f"Definition {name}_factor_whole (p q : R) : R :=")[1].split(".\n\n")[0]
    return (
        Fraction(eval(body.strip().replace("^", "**").replace("\n", " "), {"p": p, "q": q})) / scale
    )


def test_brier_is_the_uniform_density() -> None:
    assert payoff_polynomials(BRIER, on_correct_at_0=Fraction(0)) == (
        exact(0, 2, -1),
        exact(0, 0, -1),
    )


def test_beta_two_two() -> None:
    """12 t (1 - t): f = 6 q^2 - 8 q^3 + 3 q^4 and g = -4 q^3 + 3 q^4, as in WeightIdentity.v."""
    assert payoff_polynomials(BETA) == (exact(0, 0, 6, -8, 3), exact(0, 0, 0, -4, 3))


def test_square_density() -> None:
    assert density(SQUARE) == exact(1, 0, -4, 0, 4)


@given(st.lists(weight_terms, min_size=1, max_size=2), st.fractions(0, 1), st.fractions(0, 1))
def test_the_factor_is_the_regret_and_is_nonnegative(
    weight: list[WeightTerm], p: Fraction, q: Fraction
) -> None:
    f, g = payoff_polynomials(weight)
    h = regret_factor(coq_file("rule", f, g, weight), p, q)
    assert h >= 0
    assert p * (at(f, p) - at(f, q)) + (1 - p) * (at(g, p) - at(g, q)) == (p - q) ** 2 * h


intervals = st.tuples(
    st.fractions(0, 1, max_denominator=9), st.fractions(0, 1, max_denominator=9)
).filter(lambda ends: ends[0] < ends[1])


@given(weight_terms, intervals, st.fractions(0, 1), st.fractions(0, 1))
def test_the_factor_on_a_piece_is_the_regret_there(
    term: WeightTerm, ends: tuple[Fraction, Fraction], x: Fraction, y: Fraction
) -> None:
    """Between `low` and `high` alone, where the powers of t - low and high - t are nonnegative."""
    low, high = ends
    weight = [replace(term, low=low, high=high)]
    f, g = payoff_polynomials(weight)
    p, q = (low + (high - low) * share for share in (x, y))
    h = regret_factor(proper_text("rule", f, g, weight, low, high), p, q)
    assert h >= 0
    assert (h > 0) == bool(term.scale) or p == q
    assert p * (at(f, p) - at(f, q)) + (1 - p) * (at(g, p) - at(g, q)) == (p - q) ** 2 * h


@given(
    intervals,
    st.lists(fractions.map(abs), min_size=1, max_size=4),
    st.integers(0, 3),
    st.fractions(0, 1),
)
def test_bernstein_weight_on_an_interval_is_the_polynomial(
    ends: tuple[Fraction, Fraction], h: list[Fraction], raise_by: int, t: Fraction
) -> None:
    weight = bernstein_weight(h, raise_by=raise_by, base=exact(-1, 2), low=ends[0], high=ends[1])
    assert at(density(weight), t) == at(h, t) * (2 * t - 1) ** 2


def test_bernstein_weight_looks_at_the_interval_alone() -> None:
    """2 t - 1 is >= 0 from 1/2 on."""
    with pytest.raises(ValueError, match="Bernstein"):
        bernstein_weight(exact(-1, 2), low=Fraction(1, 3))
    assert bernstein_weight(exact(-1, 2), low=Fraction(1, 2)) == (
        WeightTerm(Fraction(2), power=1, low=Fraction(1, 2)),
    )


@given(st.lists(fractions.map(abs), min_size=1, max_size=4), st.integers(0, 3), st.fractions(0, 1))
def test_bernstein_weight_is_the_polynomial(h: list[Fraction], raise_by: int, t: Fraction) -> None:
    """Nonnegative coefficients in powers of t are nonnegative in Bernstein form of any degree."""
    weight = bernstein_weight(h, raise_by=raise_by, base=exact(-1, 2))
    assert at(density(weight), t) == at(h, t) * (2 * t - 1) ** 2


@given(st.lists(fractions, min_size=1, max_size=4), st.integers(0, 3), st.fractions(0, 1))
def test_bernstein_weight_refuses_what_is_somewhere_negative(
    h: list[Fraction], raise_by: int, t: Fraction
) -> None:
    with pytest.raises(ValueError, match="Bernstein coefficients at least 0 in degree"):
        bernstein_weight([h[0] - at(h, t) - Fraction(1, 100), *h[1:]], raise_by=raise_by)


def test_bernstein_weight_needs_the_right_degree() -> None:
    """3 t^2 - 3 t + 1 >= 1/4, but its middle coefficient is negative until the degree is raised."""
    h = exact(1, -3, 3)
    with pytest.raises(ValueError, match=r"in degree 2, got \[1, -1, 1\]"):
        bernstein_weight(h)
    assert density(bernstein_weight(h, raise_by=1)) == h


@pytest.mark.parametrize("weight", [BRIER, BETA, SQUARE, MIXED])
def test_a_weight_of_another_rule_is_refused(weight: list[WeightTerm]) -> None:
    f, g = payoff_polynomials(weight)
    with pytest.raises(ValueError, match="derivative of `on_correct`"):
        coq_file("rule", (*f, Fraction(1, 10**9)), g, weight)
    with pytest.raises(ValueError, match="derivative of `on_wrong`"):
        coq_file("rule", f, (g[0], g[1] + Fraction(1, 10**9), *g[2:]), weight)


@pytest.mark.parametrize("name", ["", "2brier", "brier rule", "x.\nAxiom oops : False", "brier\n"])
def test_names_are_identifiers(name: str) -> None:
    with pytest.raises(ValueError, match="`name` must be letters"):
        coq_file(name, *payoff_polynomials(BRIER), BRIER)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ((Fraction(-1), 0, 0, exact(1)), "`scale` must be at least 0, got -1"),
        ((Fraction(1), -1, 0, exact(1)), "got -1 and 0"),
        ((Fraction(1), 0, -2, exact(1)), "got 0 and -2"),
        ((Fraction(1), 0, 0, exact(0, 0)), "`base` must have a nonzero coefficient"),
        (
            (Fraction(1), 0, 0, exact(1), Fraction(1, 2), Fraction(1, 2)),
            "low < high <= 1, got 1/2 and 1/2",
        ),
        ((Fraction(1), 0, 0, exact(1), Fraction(0), Fraction(2)), "got 0 and 2"),
        ((Fraction(1), 0, 0, exact(1), Fraction(-1), Fraction(1)), "got -1 and 1"),
    ],
)
def test_weight_terms_state_their_domain(wrong: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WeightTerm(*wrong)


@given(st.lists(weight_terms, min_size=1, max_size=2), st.fractions(0, 1), st.fractions(0, 1))
def test_the_last_terms_carry_the_strictness(
    weight: list[WeightTerm], p: Fraction, q: Fraction
) -> None:
    """The proof in Coq finds a positive term for every p != q as soon as one scale is positive; so
    H > 0 there.
    """
    text = coq_file("rule", *payoff_polynomials(weight), weight)
    strict = any(term.scale for term in weight)
    assert ("Theorem rule_strictly_proper" in text) == strict
    assert (regret_factor(text, p, q) > 0) == strict or p == q


def test_the_verdict_follows_the_sign_at_zero() -> None:
    just_below = coq_file(
        "rule", *payoff_polynomials(BRIER, on_correct_at_0=Fraction(-1, 10**9)), BRIER
    )
    assert theorems(just_below) == ["proper", "strictly_proper", "not_jointly_optimal"]
    at_the_sign = coq_file("rule", *payoff_polynomials(BRIER), BRIER)
    assert theorems(at_the_sign) == [
        "proper",
        "strictly_proper",
        "jointly_optimal",
        "strictly_jointly_optimal",
    ]
    assert theorems(coq_file("rule", *payoff_polynomials(LINEAR), LINEAR)) == [
        "proper",
        "jointly_optimal",
    ]


RULES: dict[str, tuple[list[WeightTerm], Fraction | int]] = {
    "an isolated zero": (ISOLATED, 0),
    "not jointly optimal": (MIXED, Fraction(-1, 100)),
    "linear": (LINEAR, 0),
    "brier": (BRIER, 0),
    "beta": (BETA, 0),
    "square": (SQUARE, 0),
}


@needs_coq
@pytest.mark.parametrize(
    "names", [list(RULES)[:1], pytest.param(list(RULES)[1:], marks=pytest.mark.slow)]
)
def test_coq_accepts_exported_files(tmp_path: Path, names: list[str]) -> None:
    texts = []
    for weight, at_0 in map(RULES.__getitem__, names):
        payoffs = payoff_polynomials(weight, on_correct_at_0=Fraction(at_0))
        text = coq_file("rule", *payoffs, weight)
        claims = ", ".join(f"rule_{theorem}" for theorem in theorems(text))
        texts.append(f"{text}\nDefinition all_of_it := ({claims}).\nPrint Assumptions all_of_it.\n")
    answer = accepted_together(tmp_path, texts)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("ClassicalDedekindReals.sig_forall_dec") == len(names)
    assert "rule_" not in answer.stdout


TAMPERED = {
    "a coefficient": ("2 * q + (-1) * q ^ 2", "2 * q + (-2) * q ^ 2"),
    "the sign of the regret": (
        "factor_whole (p q : R) : R :=\n  1",
        "factor_whole (p q : R) : R :=\n  (-1)",
    ),
    "properness": (
        "rule_expected p q <= rule_expected p p",
        "rule_expected p p <= rule_expected p q",
    ),
    "strictness at p = q": (
        "p <> q -> rule_expected p q < rule_expected p p",
        "rule_expected p q < rule_expected p p",
    ),
    "a second maximum": ("p <> best \\/ q <> best ->", "p <> best \\/ q <> 0 ->"),
    "the worst answer": ("p <= best) ->", "best <= p) ->"),
}


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("changes", [list(TAMPERED)[:3], list(TAMPERED)[3:]])
def test_coq_rejects_tampered_files_and_a_strict_theorem_on_a_linear_rule(
    tmp_path: Path, changes: list[str]
) -> None:
    """c + q - q = c is proper and not strictly so: the text that proves strictness must break on
    its factor, 0.
    """
    text = coq_file("rule", *payoff_polynomials(BRIER), BRIER)
    files = {"the file itself": text}
    for what in changes:
        truth, tampered = TAMPERED[what]
        assert truth in text
        files[what] = text.replace(truth, tampered, 1)
    linear = coq_file("rule", *payoff_polynomials(LINEAR), LINEAR)
    strict = text.split("(* One term of the sum")[1].split("(* At the honest")[0]
    files["a linear rule"] = f"{linear}\n(* One term of the sum{strict}"
    told = dict(zip(files, errors_of(tmp_path, list(files.values())), strict=True))
    assert [what for what, errors in told.items() if not errors] == ["the file itself"]
    assert "rule_strictly_proper was not found" not in told["a linear rule"]
