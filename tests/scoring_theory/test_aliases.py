"""Formulas as people paste them: what is understood, and what is answered with a hint."""

from __future__ import annotations

import json
import math
import random
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.kernel.formula import MAX_CHARACTERS, FormulaError, parse
from proofs.kernel.verifier import verify
from proofs.trees import unparse
from scoring_theory import CATALOGUE, Reward, check
from scoring_theory.catalogue.words import expand_names
from scoring_theory.cli import main
from scoring_theory.cli.inputs import certificate_of
from scoring_theory.expression import aliases, evaluate, notation
from tests.support import random_rewards

UNDERSTOOD = {
    # code
    "reward = correct - 2(conf - correct)**2": "c - 2*(q - c)^2",
    "return float(correct) - (confidence - float(correct))**2": "c - (q - c)^2",
    "def reward(q: float, c: int) -> float: return c - (q-c)**2": "c - (q - c)^2",
    "lambda q, c: c - (q-c)**2  # RLCR": "c - (q - c)^2",
    "float(answer == truth) - 0.5*np.square(conf - float(answer == truth))": "c - 1/2*(q - c)^2",
    "q.clamp(1e-6, 1 - 1e-6).log()": "log(clip(q, 1/1000000, 1 - 1/1000000))",
    "torch.clamp(q, min=0.01)": "max(q, 1/100)",
    "np.clip(q, a_min=None, a_max=0.9)": "min(q, 9/10)",
    "torch.nn.functional.relu(q - 0.5)": "max(q - 1/2, 0)",
    "(q > .5) & (c == 1)": "1/2 < q and c == 1",
    "1 if is_correct and conf > 0.5 else 0": "1 if c and 1/2 < q else 0",
    "int(q > 0.5)*correct": "(1/2 < q)*c",
    "incorrect*q": "(1 - c)*q",
    "self.lam*q": "lam*q",
    # papers
    r"R(q, c) = c - \lambda (q - c)^{2}": "c - lam*(q - c)^2",
    r"R = \mathbb{1}_{y \equiv y^*} - (q - \mathbb{1}_{y \equiv y^*})^2.": "c - (q - c)^2",
    r"$c \cdot \log q + (1 - c)\log\left(1 - q\right)$": "c*log(q) + (1 - c)*log(1 - q)",
    r"\frac{1}{2}\,q - \tfrac12 c": "1/2*q - 1/2*c",
    r"\text{correct} - \left| \text{conf} - \text{correct} \right|": "c - abs(q - c)",
    r"\begin{cases} q & \text{if } c = 1 \\ -q^2 & \text{otherwise} \end{cases}":
        "q if c == 1 else -q^2",
    r"\begin{cases} \log q, & c = 1, \\ \log(1 - q), & c = 0. \end{cases}":
        "log(q) if c == 1 else log(1 - q)",
    r"\log_2 q + \log_{10}(q)": "log(q)/log(2) + log(q)/log(10)",
    r"\sqrt[3]{q} + \sqrt{q}": "q^(1/3) + sqrt(q)",
    r"\max\{q, 1/2\} + e^{-q}": "max(q, 1/2) + exp(-q)",
    r"1[q \geq 1/2] + \mathbb{1}\{q < 1/3\}": "(1/2 <= q) + (q < 1/3)",
    # signs
    "1 − (q − c)²": "1 - (q - c)^2",
    "c × (1 − |q − c|) · ½": "c*(1 - abs(q - c))*(1/2)",
    "λ(q − c)⁻²": "lam*(q - c)^(-2)",
    "√q if q ≤ 0.5 ∧ c ≠ 1 else ln(q)": "sqrt(q) if q <= 1/2 and c != 1 else log(q)",
    # multiplication without a sign
    "2q(1-q)(1-c)": "2*q*(1 - q)*(1 - c)",
    "1/2 (q-c)^2": "1/2*(q - c)^2",
    "-q^2(1 - c) + 2 q c": "-q^2*(1 - c) + 2*q*c",
}  # fmt: skip
ANSWERED = {
    "1 - (q - y)^2": 'write c for the outcome (1 or 0), as in "1 - (q - c)^2"',
    "1 - (p - y)^2": 'q for the stated confidence and c for the outcome (1 or 0), as in "1 - (q',
    "p*q - q^2/2": "the true success probability p is not a variable",
    r"\hat{y} - c": 'write q for the stated confidence, as in "q - c"',
    "1/2(q - c)^2": "`1/2(...` in '1/2(q - c)^2' is ambiguous: write `(1/2)*...` or `1/(2*...)`",
    "q/2c": "is ambiguous: write `(q/2)*...`",
    "1 - (q - c)2": "write `(q - c)^2` for the power, or `2*(q - c)`",
    r"\log q (1 - c)": "write `log(q)...` with brackets",
    r"\log^2 q": "write `log(x)^2`",
    "np.round(q)": "unknown name 'round'",
    "np.mean((q - c)**2)": "a formula is the reward of one answer",
    "int(q)": "only conditions and c are converted",
    "np.log(q": "expected ')' at the end",
    "0,5*q": "write 0.5 with a decimal point",
    "q > .5 & c == 1": "write `and`",
    r"\begin{cases} q & q > 1/2 \\ 0 & q < 1/4 \end{cases}": "must end with `otherwise`",
    r"\mathbb{1} q": "needs its condition",
    "if correct: return 1 else: return 0": "more than one `return`",
    r"\sum q": r"no word for \sum",
    "np.power(q)": "power takes 2 arguments, got 1",
    "((" * 80 + "np.log(q)" + "))" * 80: "may nest at most",
    "np.sign(" * 20 + "q" + ")" * 20: "may have at most",
}


def same(text: str) -> str:
    return unparse(parse(text, ["lam"]))


@pytest.mark.parametrize("typed", UNDERSTOOD)
def test_a_pasted_formula_is_understood(typed: str) -> None:
    assert expand_names(typed, ["lam"]) == same(UNDERSTOOD[typed])
    lam = {"lam": "0 < lam <= 1"} if "lam" in UNDERSTOOD[typed] else {}
    assert Reward.parse(typed, parameters=lam).text == same(UNDERSTOOD[typed])


@pytest.mark.parametrize("typed", ANSWERED)
def test_an_unclear_formula_is_answered_with_what_to_write(typed: str) -> None:
    with pytest.raises(FormulaError) as answer:
        expand_names(typed)
    assert ANSWERED[typed] in str(answer.value)


CODE = (
    "np.where(c == 1, np.log(q), np.log1p(-q))",
    "np.maximum(q, 1 - q)**2 - np.minimum(q, c)",
    "np.clip(q, .2, .8)*c - np.square(q - c)/2",
    "np.log2(1 + q) - np.log10(2 - q) + np.expm1(q) + np.exp2(-q)",
    "np.sign(q - .5)*np.abs(q - c)",
    "np.power(q, 1.5) + np.sqrt(q)*np.reciprocal(1 + q)",
    "math.log(1.5, 2)*q + math.pow(2, -2)",
    "1 - (q - c)**2 if q >= 0.5 else -(not c)*q",
    "-q**2*(1 - c) + 2*np.float64(q)*c",
)


@pytest.mark.parametrize("code", CODE)
def test_code_means_what_python_makes_of_it(code: str) -> None:
    tree = parse(expand_names(code))
    for c in (0, 1):
        for q in (0.125, 0.375, 0.5, 0.75):
            python = eval(code, {"np": np, "math": math, "q": q, "c": c})
            assert evaluate(tree, {"q": q, "c": c}) == pytest.approx(python, rel=1e-12)


def test_no_alias_changes_a_formula_that_the_grammar_accepts() -> None:
    rng = random.Random(3)
    cases = [
        (text, dict(domains)) for _, text, domains in (random_rewards.case(rng) for _ in range(120))
    ]
    cases += [(entry.formula, dict(entry.domains)) for entry in CATALOGUE.values()]
    for text, domains in cases:
        tree = parse(text, list(domains))
        assert parse(aliases.rewrite(text, domains), list(domains)) == tree, text
        assert parse(expand_names(text, domains), list(domains)) == tree or not domains
    words = {*notation.CONFIDENCE_WORDS, *notation.CORRECT_WORDS, *notation.WRONG_WORDS}
    assert not (words | {*notation.OUTCOME_WORDS, *notation.FORECAST_WORDS}) & {*CATALOGUE}


def test_a_declared_parameter_keeps_its_name() -> None:
    assert expand_names("2 label + conf*y", ["label", "conf", "y"]) == "2*label + conf*y"
    assert expand_names("λ q", ["lambda"]) == "lambda*q"
    assert expand_names("c - 2 brier + one-sided") == same(expand_names("c - 2*brier + one_sided"))


@given(st.text(st.sampled_from("qc12.()[]{}|\\_^*/+-=<>,& ifelsnp'\"#λ²−√½\n"), max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_text_is_rewritten_or_refused(text: str) -> None:
    with suppress(FormulaError):
        assert len(aliases.rewrite(text)) <= MAX_CHARACTERS


def test_a_certificate_keeps_both_texts() -> None:
    bundle = json.loads(certificate_of(check("reward = 2 correct - (conf - correct)**2")))
    assert bundle["typed"] == "reward = 2 correct - (conf - correct)**2"
    assert {one["formula"] for one in bundle["certificates"]} == {"2*c - (q - c)^2"}
    assert all(verify(one) for one in bundle["certificates"])
    assert "typed" not in json.loads(certificate_of(check("c - (q - c)^2")))


def test_parameters_of_papers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "c - λ(q − c)²", "--param", "0 < λ ≤ 1"]) == 0
    assert capsys.readouterr().out.startswith("c - λ(q − c)² = c - lam*(q - c)^2   with 0 < lam")
    assert aliases.rewrite_domain(r"0 < \lambda \leq 1") == "0 < lam <= 1"
