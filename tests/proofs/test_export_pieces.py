"""Rules of several pieces in Coq: the payoffs are those of the formula, at the cuts too, and wrong
ones are refused.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proofs.kernel.formula import parse
from proofs.kernel.verifier import verify
from proofs.to_coq import coq_of
from proofs.to_coq.coq_formula import coq_formula
from proofs.to_coq.one_piece import WeightTerm
from proofs.to_coq.several_pieces import Cut, Piece, coq_of_pieces
from scoring_theory.checking import check
from tests.support.coq import needs_coq
from tests.support.examples import examples

STRICT = [
    "proper",
    "strictly_proper",
    "jointly_optimal",
    "strictly_jointly_optimal",
    "pays_the_formula",
]
WEAK = ["proper", "jointly_optimal", "pays_the_formula"]
RULES = {
    "(q > 1/2)*(c - 1/2)": WEAK,
    "(c - 1/2 if q > 1/2 else 0 if q < 1/2 else (c - 1/2)/3)": WEAK,
    "c - (clip(q, 1/10, 9/10) - c)^2": WEAK,
    "c - 2*(clip(q, 1/10, 9/10) - c)^2": ["proper", "not_jointly_optimal", "pays_the_formula"],
    "c*min(q, 1/2) - min(q, 1/2)^2/2": WEAK,
    "c - (q - c)^2 + (q > 1/3)*(c - 1/3) + 2*(q >= 3/4)*(c - 3/4)": STRICT,
    "c - (q - c)^2 - c*(q == 0)": STRICT,
    "c*(not (q < 1/2 or q > 3/4)) - c*(q >= 1/2 and q <= 3/4) + c - abs(q - c)*max(q - c, c - q)": (
        STRICT
    ),
    "c + (0 if q^2 < 1/4 else c - 1/2) - 3*c*(1 - (q != 0))": WEAK,
    "c + c*X*(1/2*X - 1/3*X^2 - 1/3 + X/6) - (1 - c)*X^2*(X/3 - 1/6)".replace(
        "X", "max(q, 1/3)"
    ): WEAK,
    "c + 12*(c*(X^2/2 - 2/3*X^3 + X^4/4) - (1 - c)*(X^3/3 - X^4/4))".replace(
        "X", "clip(q, 1/4, 4/5)"
    ): WEAK,
    "c*(X - X^2/2 - 4/3*X^3 + X^4 + 4/5*X^5 - 2/3*X^6) - (1 - c)*(X^2/2 - X^4 + 2/3*X^6)".replace(
        "X", "min(q, 3/4)"
    ): WEAK,
}
"""Bets, a separate payoff at the threshold, clips, a ramp, a mixture with both kinds of jump, a
jump at an end; then densities t - 1/3 from 1/3 on, 12 t (1 - t) within [1/4, 4/5], and
(2 t^2 - 1)^2, which touches 0, up to 3/4."""


def exported(formula: str) -> str:
    """The file of the first certificate of a kind that is exported, under the name `rule`."""
    text = coq_of(next(dict(c) for c in check(formula).certificates if "evidence" in c))
    return re.sub(r"rule_[0-9a-f]{12}", "rule", text)


def theorems(text: str) -> list[str]:
    """The theorems on the rule as a whole."""
    return [found[1] for found in re.finditer(r"^Theorem rule_((?!piece_)\w+)", text, re.M)]


def coqc(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "rule.v").write_text(text)
    return subprocess.run(
        ["coqc", "-q", "rule.v"], cwd=folder, capture_output=True, text=True, timeout=1200
    )


def refused_at(folder: Path, text: str) -> str:
    """The lemma or theorem in which Coq stops; empty if it accepts the file."""
    answer = coqc(folder, text)
    if answer.returncode == 0:
        return ""
    (line,) = re.findall(r'^File "./rule.v", line (\d+)', answer.stderr, re.M)
    before = "\n".join(text.splitlines()[: int(line)])
    return [found[1] for found in re.finditer(r"^(?:Lemma|Theorem) rule_(\w+)", before, re.M)][-1]


def python_of(coq: str) -> str:
    """An arithmetic expression of Coq as Python; a test of two numbers is a comparison."""
    tokens = iter(re.findall(r"[()]|[^\s()]+", coq))

    def bracket() -> str:
        parts = []
        for token in tokens:
            if token == ")":
                break
            parts.append(f"({bracket()})" if token == "(" else token)
        return _python(parts)

    return bracket()


def _python(parts: list[str]) -> str:
    """The content of one bracket: `if T a b then x else y`, a function of its arguments, or infix
    arithmetic.
    """
    if parts[0] in ("Rmin", "Rmax", "Rabs"):
        return f"{parts[0][1:]}({', '.join(parts[1:])})"
    if parts[0] != "if":
        return " ".join(f"Fraction({x})" if x.isdigit() else x.replace("^", "**") for x in parts)
    depths = list(accumulate((x == "if") - (x == "else") for x in parts))
    then, other = parts.index("then"), depths.index(0)
    test, a, b = parts[1:then]
    sign = {"Rlt_dec": "<", "Rle_dec": "<=", "Req_EM_T": "=="}[test]
    return (
        f"({_python(parts[then + 1 : other])}) if {a} {sign} {b} else"
        f" ({_python(parts[other + 1 :])})"
    )


def defined(text: str, name: str) -> str:
    """The body of a definition of the rule."""
    return text.split(f"Definition rule_{name} ")[1].split(" R :=", 1)[1].split(".\n")[0]


def paid(text: str, payoff: str, q: Fraction) -> Fraction:
    """A payoff as the file defines it, read as Python in exact fractions."""
    names: dict[str, object] = {"Fraction": Fraction, "q": q}
    body = defined(text, payoff)
    for number in set(re.findall(rf"rule_piece_(\d+)_{payoff} q", body)):
        whole = defined(text, f"piece_{number}_{payoff.removeprefix('on_')}_whole")
        scale = re.findall(rf"rule_piece_{number}_{payoff} \(q : R\) : R := \S+ q / (\d+)\.", text)[
            0
        ]
        names[f"piece_{number}"] = Fraction(eval(python_of(whole), names)) / int(scale)
        body = body.replace(f"rule_piece_{number}_{payoff} q", f"piece_{number}")
    return Fraction(eval(python_of(body), names))


def truth(formula: str, q: Fraction, c: int) -> Fraction:
    """The formula read as Python in exact fractions."""
    functions = {
        "min": min,
        "max": max,
        "abs": abs,
        "clip": lambda x, low, high: min(max(x, low), high),
    }
    text = re.sub(r"\d+", r"Fraction(\g<0>)", formula.replace("^", "**"))
    return Fraction(eval(text, {"Fraction": Fraction, "q": q, "c": Fraction(c), **functions}))


thresholds = st.fractions(Fraction(1, 12), Fraction(11, 12), max_denominator=12)
masses = st.fractions(Fraction(1, 5), 3, max_denominator=5)


PARTS = (
    "(q > {t})*(c - {t})",
    "(q >= {t})*(c - {t})",
    "(-(min(q, {t}) - c)^2)",
    "(-(max(q, {t}) - c)^2)",
    "(c*max(q - {t}, 0) - max(q^2 - ({t})^2, 0)/2)",
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A sum of up to three: threshold bets of both kinds, clipped Brier rules, ramps; always
    proper.
    """
    parts = [draw(st.sampled_from(["c", "c - (q - c)^2", "0"]))]
    for _ in range(draw(st.integers(1, 2))):
        t, mass = draw(thresholds), draw(masses)
        parts.append(f"{mass}*" + draw(st.sampled_from(PARTS)).format(t=t))
    return " + ".join(parts)


@pytest.mark.parametrize("formula", RULES)
def test_the_theorems_follow_the_rule(formula: str) -> None:
    assert theorems(exported(formula)) == RULES[formula]


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("formula", RULES)
def test_coq_accepts_rules_of_pieces(formula: str, tmp_path: Path) -> None:
    text = exported(formula)
    claims = ", ".join(f"@rule_{theorem}" for theorem in theorems(text))
    answer = coqc(
        tmp_path, f"{text}\nDefinition all_of_it := ({claims}).\nPrint Assumptions all_of_it.\n"
    )
    assert answer.returncode == 0, answer.stderr
    axioms = set(re.findall(r"^([A-Za-z][\w.]*)(?=\s*$|\s*:)", answer.stdout, re.M)) - {"Axioms"}
    assert axioms <= {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
    }


@examples(40)
@given(rules(), st.fractions(0, 1, max_denominator=24), st.sampled_from([0, 1]))
@example("(q > 1/2)*(c - 1/2)", Fraction(1, 2), 1)
@example("(q >= 1/2)*(c - 1/2)", Fraction(1, 2), 1)
@example("c - (q - c)^2 - c*(q == 0)", Fraction(0), 1)
@example("c*(not (q < 1/2 or q > 3/4)) - c*(q >= 1/2 and q <= 3/4) + c", Fraction(1, 4), 1)
def test_the_payoffs_are_those_of_the_formula(formula: str, q: Fraction, c: int) -> None:
    """Without Coq and without the kernel's algebra: the table and the typed formula of the file, in
    exact fractions.
    """
    text = exported(formula)
    expected = truth(formula, q, c)
    if "piece_1" in text:
        assert paid(text, "on_correct" if c else "on_wrong", q) == expected
    typed = python_of(defined(text, "formula"))
    assert eval(typed, {"Fraction": Fraction, "q": q, "c": Fraction(c)}) == expected


@examples(40)
@given(rules())
def test_strict_theorems_are_stated_where_the_kernel_finds_them(formula: str) -> None:
    """The kernel accepts strict properness of the rule exactly where the file claims it."""
    found = [dict(c) for c in check(formula).certificates if c["claim"] == "strictly proper"]
    for certificate in found:
        verify(certificate)
    assert ("strictly_proper" in theorems(exported(formula))) == bool(found)


@needs_coq
@pytest.mark.slow
@examples(12)
@given(rules())
def test_coq_accepts_random_rules(tmp_path_factory: pytest.TempPathFactory, formula: str) -> None:
    answer = coqc(tmp_path_factory.mktemp("rule"), exported(formula))
    assert answer.returncode == 0, f"{formula}\n{answer.stderr}"


ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)
NOTHING, PLAIN = Piece((), (), ()), Piece((ONE,), (ZERO,), ())
BRIER = Piece((ZERO, Fraction(2), -ONE), (ZERO, ZERO, -ONE), (WeightTerm(Fraction(2)),))


def bet(*, won: Fraction = HALF, lost: Fraction = -HALF, at: Fraction = HALF) -> Callable[..., str]:
    """Abstain up to `at`, then win or lose; the payoffs exactly there are given to what is
    returned.
    """
    after = Piece((won,), (lost,), ())
    return lambda x=ZERO, y=ZERO: coq_of_pieces(
        "rule", [NOTHING, after], [Cut(ZERO, ZERO, ZERO), Cut(at, x, y), Cut(ONE, won, lost)]
    )


def brier(
    at_0: tuple[Fraction, Fraction] = (ZERO, ZERO), at_1: tuple[Fraction, Fraction] = (ONE, -ONE)
) -> str:
    return coq_of_pieces("rule", [BRIER], [Cut(ZERO, *at_0), Cut(ONE, *at_1)])


FAIR = {
    "abstaining at the threshold": bet()(),
    "betting at the threshold": bet()(HALF, -HALF),
    "any share of the bet at the threshold": bet()(HALF / 7, -HALF / 7),
    "a sure failure that succeeds, paid less": brier(at_0=(-ONE, ZERO)),
    "a sure success that fails, paid less": brier(at_1=(ONE, Fraction(-3, 2))),
}
UNFAIR = {
    "too small a penalty": (bet(lost=Fraction(-1, 3))(), "piece_2_cut"),
    "too large a penalty": (bet(lost=Fraction(-2, 3))(), "piece_2_cut"),
    "another threshold": (bet(at=Fraction(1, 3))(), "piece_2_cut"),
    "a bet that pays for being wrong": (bet(won=-HALF, lost=HALF)(), "piece_2_cut"),
    "a gift at the threshold": (bet()(Fraction(1, 9), Fraction(1, 9)), "piece_1_cut"),
    "more than the bet at the threshold": (bet()(ONE, -ONE), "piece_2_cut"),
    "less than nothing at the threshold": (bet()(-HALF, HALF), "piece_1_cut"),
    "a sure failure that succeeds, paid more": (
        brier(at_0=(Fraction(1, 10**6), ZERO)),
        "piece_1_cut",
    ),
    "a sure failure that fails, paid more": (brier(at_0=(ZERO, Fraction(1, 10**6))), "piece_1_cut"),
    "a sure success that succeeds, paid less": (
        brier(at_1=(ONE - Fraction(1, 10**6), -ONE)),
        "piece_1_cut",
    ),
    "a sure success that fails, paid more": (brier(at_1=(ONE, Fraction(-9, 10))), "piece_1_cut"),
}


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", FAIR)
def test_coq_accepts_fair_jumps(name: str, tmp_path: Path) -> None:
    assert refused_at(tmp_path, FAIR[name]) == ""


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", UNFAIR)
def test_coq_refuses_unfair_jumps(name: str, tmp_path: Path) -> None:
    """The arithmetic that writes the file does not look at jumps, so Coq is what refuses; and at
    the jump.
    """
    text, lemma = UNFAIR[name]
    assert refused_at(tmp_path, text) == lemma


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "tampered", "where"),
    [
        (
            "formula (q c : R) : R :=\n  ((if Rlt_dec (1 / 2)",
            "formula (q c : R) : R :=\n  ((if Rlt_dec (1 / 3)",
            "pays_the_formula",
        ),
        (
            "formula (q c : R) : R :=\n  ((if Rlt_dec",
            "formula (q c : R) : R :=\n  ((if Rle_dec",
            "pays_the_formula",
        ),
        ("(c - (1 / 2))", "(c - (1 / 3))", "pays_the_formula"),
        ("if Req_EM_T q (1 / 2) then 0", "if Req_EM_T q (1 / 2) then 1", "piece_1_cut"),
        ("if Rlt_dec q (1 / 2)", "if Rlt_dec q (2 / 3)", "piece_2_cut"),
        (
            "p q <= rule_expected p p.\nProof.\n  change",
            "p q < rule_expected p p.\nProof.\n  change",
            "proper",
        ),
        (
            "forall p, In p answers -> p <= best) ->",
            "forall p, In p answers -> best <= p) ->",
            "jointly_optimal",
        ),
    ],
)
def test_coq_refuses_a_tampered_file(truth: str, tampered: str, where: str, tmp_path: Path) -> None:
    """The formula's threshold, its side, its penalty; the table at and beside the cut; strictness;
    the worst answer.
    """
    text = exported("(q > 1/2)*(c - 1/2)")
    assert truth in text
    assert refused_at(tmp_path, text.replace(truth, tampered)) == where


@pytest.mark.parametrize(
    ("pieces", "cuts", "why"),
    [
        ([PLAIN], [Cut(ZERO, ONE, ZERO), Cut(HALF, ONE, ZERO)], "increase from 0 to 1, got 0, 1/2"),
        (
            [PLAIN, PLAIN],
            [Cut(t, ONE, ZERO) for t in (ZERO, HALF, HALF, ONE)],
            "got 0, 1/2, 1/2, 1",
        ),
        ([PLAIN], [Cut(t, ONE, ZERO) for t in (ZERO, HALF, ONE)], "between 3 cuts, got 1"),
        (
            [PLAIN, BRIER],
            [Cut(t, ONE, ZERO) for t in (ZERO, HALF, ONE)],
            r"of \[1/2, 1\], got a term of \[0, 1\]",
        ),
        (
            [Piece((ZERO, ONE), (ZERO,), ())],
            [Cut(ZERO, ZERO, ZERO), Cut(ONE, ONE, ZERO)],
            "derivative of `on_correct`",
        ),
    ],
)
def test_what_is_no_rule_of_pieces_is_refused(
    pieces: list[Piece], cuts: list[Cut], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        coq_of_pieces("rule", pieces, cuts)


@pytest.mark.parametrize(
    "formula", ["log(q)", "q^(1/2)", "c/q", "1/(q - q)", "q^-1", "exp(c)", "2^q", "q^0"]
)
def test_formulas_that_need_more_than_arithmetic_are_not_written(formula: str) -> None:
    assert coq_formula(parse(formula), {}) is None


def test_parameters_are_written_as_their_values() -> None:
    node = parse("c*q^(a - 1)/(2*a)", ["a"])
    assert coq_formula(node, {"a": Fraction(3)}) == "((c * (q ^ 2)) / (2 * 3))"
