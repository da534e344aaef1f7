"""Notation of papers in the page, in a headless Chromium, is read as the package reads it."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from proofs.kernel.formula import FormulaError
from proofs.trees import unparse
from scoring_theory.expression.pasted import parse_pasted
from tests.support import random_formulas

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

READ = """texts => texts.map((text) => {
  try { return [Formula.text(Notation.parse(text, ["lam"])), null]; }
  catch (error) {
    if (!(error instanceof Formula.FormulaError)) throw error;
    return [null, error.message];
  }
})"""
PAPERS = {
    "c - |q - c|": "c - abs(q - c)",
    "R = c - 2(q-c)^2": "c - 2*(q - c)^2",
    "R(q, c) = c - 2(q - c)²": "c - 2*(q - c)^2",
    r"R_\lambda(q, c) := c - \lambda (q - c)^2": "c - lam*(q - c)^2",
    "2(q-c)^2": "2*(q - c)^2",
    "correct − λ (conf − correct)²": "c - lam*(q - c)^2",
    "2q c - q^2": "2*q*c - q^2",
    "c[2q - q^2] + {1 - c}(1 - q^2)": "c*(2*q - q^2) + (1 - c)*(1 - q^2)",
    "c ln q + (1 - c) ln(1 - q)": "c*log(q) + (1 - c)*log(1 - q)",
    "½ c·q": "1/2*c*q",
    r"$c \cdot \log(q)$": "c*log(q)",
    "q^2 if c = 1 else -square(q)": "q^2 if c == 1 else -q^2",
}
REFUSED = [
    "(q - c)2",
    "1/2q",
    "c - 0,5",
    "log q^2",
    "log^2(q)",
    "2(q - c",
    "R = ",
    "|q - c",
    "2(" * 61 + "q" + ")" * 61,
    "constructor",
    "2 constructor",
    "2 toString(q)",
    "__proto__ q",
    "2'",
]
ELSEWHERE = [r"\frac{1}{2} q", "np.log(q)", "return c - (q - c)**2", "1[q > 1/2]", "q.clip(0, 1)"]
"""Read by the command only."""


def notation_of_papers(rng: random.Random, text: str) -> str:
    """The formula with other brackets, bars, signs, and without some of its `*`; it may have become
    ambiguous.
    """
    text = re.sub(r"abs\(([^()|]*)\)", lambda m: f"|{m[1]}|" if rng.random() < 0.7 else m[0], text)
    text = re.sub(r"\*(?!\*)", lambda _: rng.choice(("*", "*", "", " ", "·", "×")), text)
    text = re.sub(
        r"\^([2-9])", lambda m: m[0] if rng.random() < 0.5 else "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(m[1])], text
    )
    text = re.sub(
        r"(?<!\w)\(([^()]*)\)", lambda m: f"[{m[1]}]" if rng.random() < 0.1 else m[0], text
    )
    for name, others in (("q", ("conf", "q_hat")), ("c", ("correct", "acc")), ("-", ("−",))):
        if rng.random() < 0.2:
            text = re.sub(rf"(?<![\w]){name}(?![\w])", rng.choice(others), text)
    return rng.choice(("", "", "R = ", "R(q, c) = ", "reward: = ")) + text


def as_the_package_reads(text: str) -> tuple[str | None, str]:
    """The formula in the grammar, or None and why it is refused."""
    try:
        return unparse(parse_pasted(text, ["lam"])), ""
    except FormulaError as error:
        return None, str(error)


def test_two_thousand_random_formulas_in_the_notation_of_papers_are_read_alike(page: Page) -> None:
    """The same formula or a refusal, with the same sentence where the notation is ambiguous."""
    rng = random.Random(3)
    texts = [notation_of_papers(rng, random_formulas.formula(rng)) for _ in range(2000)]
    rewritten = refused = 0
    for text, (got, message) in zip(texts, page.evaluate(READ, texts), strict=True):
        expected, sentence = as_the_package_reads(text)
        assert got == expected, (text, message, sentence)
        if "ambiguous" in sentence:
            assert message == sentence
            refused += 1
        rewritten += got is not None and text != expected
    assert rewritten > 700
    assert refused > 50


def test_what_the_grammar_reads_is_written_as_the_package_writes_it(page: Page) -> None:
    rng = random.Random(5)
    texts = [random_formulas.formula(rng) for _ in range(500)]
    for text, (got, _) in zip(texts, page.evaluate(READ, texts), strict=True):
        assert got == unparse(parse_pasted(text)), text


def test_the_notation_of_papers_is_read(page: Page) -> None:
    found = page.evaluate(READ, list(PAPERS))
    assert dict(zip(PAPERS, (text for text, _ in found), strict=True)) == PAPERS
    for text, expected in PAPERS.items():
        assert unparse(parse_pasted(text, ["lam"])) == expected


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:24]))
def test_what_the_package_refuses_is_refused_with_its_sentence(page: Page, text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_pasted(text, ["lam"])
    ((got, message),) = page.evaluate(READ, [text])
    assert got is None
    assert message.split("; ")[0] == str(caught.value).split("; ")[0] or "unknown name" in message


@pytest.mark.parametrize("text", ELSEWHERE)
def test_other_notation_is_referred_to_the_command(page: Page, text: str) -> None:
    parse_pasted(text)
    page.fill("#formula", text)
    assert page.text_content("#formula-problem")
    assert "scoring-theory check reads it" in str(page.text_content("#foreign"))


def test_an_unfinished_formula_is_not_called_foreign(page: Page) -> None:
    page.fill("#formula", "c - 2(q - c")
    assert "expected ')' at the end" in str(page.text_content("#formula-problem"))
    assert page.text_content("#foreign") == ""
    page.fill("#formula", "R = c - 2(q-c)^2")
    assert page.text_content("#headline code") == "R = c - 2*(q - c)^2"
