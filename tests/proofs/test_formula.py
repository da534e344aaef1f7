"""The grammar: what a text means, what it may not be, and that no text is a bomb."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import (
    MAX_DIGITS,
    MAX_NODES,
    Apply,
    Domain,
    FormulaError,
    Name,
    Node,
    Number,
    parse,
    parse_domain,
    rational,
    substitute,
)
from proofs.trees import branch, domain_text, fold, names, unparse
from tests.support.effort import calls


def value(text: str, **values: Fraction | int) -> Fraction:
    """A formula of whole numbers folds to its value."""
    found = fold(
        substitute(parse(text, list(values)), {k: Number(Fraction(v)) for k, v in values.items()})
    )
    assert isinstance(found, Number), unparse(found)
    return found.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3", "7"),
        ("2*3^2", "18"),
        ("-2^2", "-4"),
        ("(-2)^2", "4"),
        ("2^-1", "1/2"),
        ("2^3^2", "512"),
        ("2**3", "8"),
        ("8/4/2", "1"),
        ("8/(4/2)", "4"),
        ("1 - 2 - 3", "-4"),
        ("--3", "3"),
        ("+-3", "-3"),
        ("2*-3", "-6"),
        ("1.50", "3/2"),
        (".5e1", "5"),
        ("1e-3", "1/1000"),
        ("0.1 + 0.2", "3/10"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 1, 2)", "3"),
        ("clip(5, 1, 3)", "3"),
        ("clip(0, 1, 3)", "1"),
        ("clip(2, 3, 1)", "1"),
        ("abs(-3/2)", "3/2"),
        ("1 < 2", "1"),
        ("2 <= 1", "0"),
        ("1 == 1", "1"),
        ("1 != 1", "0"),
        ("2 > 1", "1"),
        ("1 >= 2", "0"),
        ("1 < 2 < 3", "1"),
        ("1 < 3 < 2", "0"),
        ("3 > 2 >= 2 > 1", "1"),
        ("1 < 2 and 2 < 1", "0"),
        ("1 < 2 or 2 < 1", "1"),
        ("not 1 < 2", "0"),
        ("not not 1 < 2", "1"),
        ("not 1 == 2 and 1 < 2", "1"),
        ("5 if 1 < 2 else 6", "5"),
        ("5 if 2 < 1 else 6", "6"),
        ("1 if 2 < 1 else 2 if 2 < 1 else 3", "3"),
        ("1 + 1 if 1 < 2 else 9", "2"),
        ("2 + (1 < 2)*3", "5"),
        ("0^0", "1"),
        ("1/3 + 1/6", "1/2"),
        ("(1 < 2) + (2 < 3)", "2"),
        ("1 < 2 == 1 < 2", "0"),
    ],
)
def test_precedence_and_meaning(text: str, expected: str) -> None:
    if "clip" in text or text == "0^0":  # left to the translator, which knows regions
        assert fold(parse(text)) == parse(text)
        return
    assert value(text) == Fraction(expected)


def numbers() -> st.SearchStrategy[Fraction]:
    return st.fractions(-5, 5, max_denominator=7)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner)


@given(st.recursive(st.sampled_from("xyz"), grown, max_leaves=12), numbers(), numbers(), numbers())
def test_arithmetic_agrees_with_exact_fractions(
    text: str, x: Fraction, y: Fraction, z: Fraction
) -> None:
    known = {"x": x, "y": y, "z": z}
    assert value(text, **known) == eval(text, {"__builtins__": {}}, known)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "q q",
        "2q",
        "q +",
        "(q",
        "q)",
        "log q",
        "log()",
        "log(q, 2)",
        "clip(q, 1)",
        "min(q)",
        "x",
        "__import__('os')",
        "q.real",
        "q[0]",
        "lambda: q",
        "q if",
        "q if c",
        "if",
        "q = 1",
        "q & c",
        "'q'",
        "q; c",
        "1 2",
        "1e",
        "1e5000",
        "and q",
        "q not",
        "q < ",
        "beta_cdf(q, 1)",
        "é",
        "q @ c",
        "0x10",
        "1_000",
        "\u0661",
        "q\0",
    ],
)
def test_what_is_outside_the_grammar_is_named_in_a_sentence(text: str) -> None:
    with pytest.raises(FormulaError) as told:
        parse(text)
    assert len(str(told.value)) > 10


@pytest.mark.parametrize("name", ["q", "c", "log", "if", "and", "1a", "a-b", "", "a" * 41, "ä"])
def test_names_that_no_parameter_can_have(name: str) -> None:
    with pytest.raises(FormulaError):
        parse("q", [name])


@pytest.mark.parametrize(
    "text",
    [
        "q" + "+q" * 6000,
        "(" * 100 + "q" + ")" * 100,
        "q" + "^q" * 100,
        "q" + "+q" * 200,
        "1" * 500,
        "1e9999",
        "9" * 20_000,
        "0<(" * 30 + "q" + ")<1" * 30,
        "q if q<1 else " * 100 + "q",
        "min(" + ",".join("q" * 17) + ")",
        "-" * 11_000 + "q",
    ],
)
def test_no_text_is_a_bomb(text: str) -> None:
    def parsed() -> None:
        with pytest.raises(FormulaError):
            parse(text)

    assert calls(parsed) < 30_000


def test_powers_of_powers_do_not_fill_the_memory() -> None:
    text = "((((9^64)^64)^64)^64)^64 + 1e400*1e400*1e400*1e400*1e400*1e400*1e400*1e400"
    assert calls(lambda: branch(parse(text), 1)) < 30_000
    assert isinstance(branch(parse(text), 1), Apply)


def test_a_factor_c_selects_a_branch() -> None:
    payoff = parse("c*log(q) + (1 - c)*log(1 - q)")
    assert unparse(branch(payoff, 1)) == "log(q)"
    assert unparse(branch(payoff, 0)) == "log(1 - q)"
    assert branch(parse("q if c else 1 - q"), 1) == Name("q")
    assert branch(parse("(c == 1)*q + (c == 0)*q^2"), 0) == parse("q^2")
    assert branch(parse("c and 1/0"), 0) == Number(Fraction(0))
    assert branch(parse("min(c, q)"), 1) == parse("min(1, q)")


def test_folding_keeps_what_it_does_not_know() -> None:
    assert fold(parse("q*1 + 0")) == Name("q")
    assert fold(parse("0 - q")) == parse("-q")
    assert fold(parse("q - 0")) == Name("q")
    assert fold(parse("q^1")) == Name("q")
    assert fold(parse("1/q")) == parse("1/q")
    assert fold(parse("q/1")) == Name("q")
    assert fold(parse("1/0")) == parse("1/0")
    assert fold(parse("0^(-1)")) == Apply("^", (Number(Fraction(0)), Number(Fraction(-1))))
    assert fold(parse("1^q")) == parse("1^q")
    assert fold(parse("q + 1")) == parse("q + 1")
    assert fold(parse("q*2")) == parse("q*2")
    assert fold(parse("1 - q")) == parse("1 - q")
    assert fold(parse("q and 1")) == parse("q and 1")
    assert fold(parse("2^65")) == parse("2^65")
    assert fold(parse("2^64")) == Number(Fraction(2**64))


@pytest.mark.parametrize(
    "text",
    [
        "-(q - c)^2",
        "a/(b/c)",
        "(q < 1) + (c > 0)",
        "-q^2",
        "(-q)^2",
        "q^-2",
        "a - (b - c)",
        "(a < b) < c",
        "not (a and b)",
        "(a if b else c) + 1",
        "a if b else (c if q else 1)",
        "(1/3)*q",
        "q^(1/2)",
        "2^q^c",
        "(2^q)^c",
        "-(-q)",
        "1 - -2",
    ],
)
def test_written_formulas_read_back(text: str) -> None:
    node = parse(text, ["a", "b"])
    again = parse(unparse(node), ["a", "b"])
    for a, b, c, q in [(1, 2, 1, 3), (0, 1, 0, 2), (5, 0, 1, 1), (2, 2, 0, 4)]:
        known: dict[str, Node] = {
            k: Number(Fraction(v)) for k, v in {"a": a, "b": b, "c": c, "q": q}.items()
        }
        assert fold(substitute(again, known)) == fold(substitute(node, known))


def test_names_of_a_formula() -> None:
    assert names(parse("c - lam*(q - c)^2", ["lam"])) == {"c", "q", "lam"}


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("lam=1/3", Domain(Fraction(1, 3), Fraction(1, 3), False, False)),
        ("lam == -0.5", Domain(Fraction(-1, 2), Fraction(-1, 2), False, False)),
        ("0 < lam <= 1", Domain(Fraction(0), Fraction(1), True, False)),
        ("0 <= lam < 1", Domain(Fraction(0), Fraction(1), False, True)),
        ("-1/2 <= lam <= 1/2", Domain(Fraction(-1, 2), Fraction(1, 2), False, False)),
        ("lam < 3", Domain(None, Fraction(3), True, True)),
        ("lam <= 3", Domain(None, Fraction(3), True, False)),
        ("lam > 1", Domain(Fraction(1), None, True, True)),
        ("lam >= 1", Domain(Fraction(1), None, False, True)),
        ("1 < lam", Domain(Fraction(1), None, True, True)),
        ("1 <= lam", Domain(Fraction(1), None, False, True)),
        ("lam in (0, 1]", Domain(Fraction(0), Fraction(1), True, False)),
        ("lam in [0, 1)", Domain(Fraction(0), Fraction(1), False, True)),
        ("lam in [1, inf)", Domain(Fraction(1), None, False, True)),
        ("lam in [1, oo]", Domain(Fraction(1), None, False, True)),
        ("lam in (-inf, 0]", Domain(None, Fraction(0), True, False)),
        ("lam", Domain()),
        (" lam ", Domain()),
    ],
)
def test_domains(text: str, domain: Domain) -> None:
    assert parse_domain(text) == ("lam", domain)
    assert parse_domain(domain_text("lam", domain))[1] == domain


@pytest.mark.parametrize(
    "text",
    [
        "1 < lam < 0",
        "1 <= lam <= 1",
        "lam in (1, 1)",
        "0 > lam",
        "lam in (inf, 1)",
        "lam in (0, -inf)",
        "lam = q",
        "lam = 1/0",
        "0 < lam = 1",
        "lam in (0, 1",
        "lam =",
        "0 < 1",
        "= 1",
        "lam = 1/" + "1" * 401,
        "lam = 1e999999999",
        "lam = 1e-999999999",
        "lam = 1/1e3",
        "lam = " + " " * 5000 + "1",
        "lam = 1_0",
        "lam = nan",
        "lam = inf",
        "lam; q",
    ],
)
def test_what_is_no_domain(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_domain(text)


def test_a_domain_is_never_read_as_another() -> None:
    """A denominator beyond the limit was cut off once, and the value of the parameter with it."""
    just = "1" + "0" * (MAX_DIGITS - 1)
    assert parse_domain(f"lam = 1/{just}")[1].low == Fraction(1, 10 ** (MAX_DIGITS - 1))
    with pytest.raises(FormulaError):
        parse_domain(f"lam = 1/{just}0")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("0 < lam <= 1", ["1", "1/2"], ["0", "2", "-1"]),
        ("lam >= 2", ["2", "3"], ["1"]),
        ("lam < 0", ["-1"], ["0", "1"]),
        ("lam = 2", ["2"], ["1", "3"]),
        ("lam", ["-5", "0", "9"], []),
        ("0 <= lam < 1", ["0"], ["1"]),
    ],
)
def test_membership(text: str, inside: list[str], outside: list[str]) -> None:
    domain = parse_domain(text)[1]
    assert all(Fraction(x) in domain for x in inside)
    assert not any(Fraction(x) in domain for x in outside)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.25", "1/4"),
        ("-3/4", "-3/4"),
        ("+2", "2"),
        ("1e-9", "1/1000000000"),
        (".5", "1/2"),
        ("2.5/5", "1/2"),
    ],
)
def test_numbers_of_certificates(text: str, expected: str) -> None:
    assert rational(text) == Fraction(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "inf",
        "1/0",
        "1e999999",
        "1/2/3",
        "0x1",
        " 1",
        "1 ",
        "1_0",
        "1e5000",
        "--1",
        "1" * 401,
        "q",
        "٣",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(FormulaError):
        rational(text)


def test_nodes_and_domains_cannot_be_changed() -> None:
    for one in (*parse("q + 1").args, parse("q + 1"), Domain()):
        assert not hasattr(one, "__dict__")
        with pytest.raises(FrozenInstanceError):
            setattr(one, fields(one)[0].name, None)


def test_a_chain_of_comparisons_counts_no_more_than_its_links() -> None:
    """The middle of a chain stands twice in its tree; what stands before the chain does not."""
    before = "+".join([f"({'+'.join(['q'] * 40)})"] * 60)
    parse(f"{before} + (0 < q < 1)")
    middle = "+".join([f"({'+'.join(['q'] * 40)})"] * 60)
    with pytest.raises(FormulaError, match=f"at most {MAX_NODES} operations"):
        parse(f"(0 < {middle} < 1)")


def test_a_name_and_a_domain_may_reach_their_limits_and_not_more() -> None:
    name = "a" * 40
    assert parse(name, [name]) == Name(name)
    assert parse_domain(f"{name} > 0".ljust(1200))[0] == name
    with pytest.raises(FormulaError):
        parse_domain(f"{name} > 0".ljust(1201))


def test_a_wrong_number_of_arguments_is_told_with_the_right_one() -> None:
    for text, said in (
        ("log(q, q)", "log takes 1 arguments, got 2"),
        ("min(q)", "min takes 2 to 16"),
    ):
        with pytest.raises(FormulaError, match=said):
            parse(text)


def test_a_number_and_a_formula_may_reach_their_limits_and_not_more() -> None:
    assert parse("1e0005") == Number(Fraction(10**5))
    with pytest.raises(FormulaError, match="a number may have at most"):
        parse("1e00005")
    sums = "+".join([f"({'+'.join(['q'] * 40)})"] * 100)  # 100 times 39 operations, and 99
    assert isinstance(parse(sums + "+q" * (MAX_NODES - 3999)), Apply)
    with pytest.raises(FormulaError, match=f"at most {MAX_NODES} operations"):
        parse(sums + "+q" * (MAX_NODES - 3998))
