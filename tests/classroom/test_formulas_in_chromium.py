"""Formulas in the page, in a headless Chromium, have the value and the errors of the package."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from proofs.kernel.formula import MAX_NESTING, FormulaError, parse
from proofs.trees import unparse
from scoring_theory.reward import Reward
from tests.support import random_formulas
from tests.test_grammar_words import EXAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

VALUES = """cases => cases.map(([text, q, c]) => {
  try { return String(Formula.payoff(Formula.parse(text), c)(q)); }
  catch (error) { if (!(error instanceof Formula.FormulaError)) throw error; return null; }
})"""
ROUNDING = 1e-12


def values(page: Page, cases: list[tuple[str, float, int]]) -> list[float | None]:
    """What the page computes for R(q, c); None where it says that it has no value."""
    found: list[str | None] = page.evaluate(VALUES, cases)
    return [None if text is None else float(text.replace("Infinity", "inf")) for text in found]


def test_two_thousand_random_formulas_have_the_value_of_the_package(page: Page) -> None:
    """To 1e-12 relative, limits and infinities included. Where the expansions of the page do not
    give a limit, it must say so, and for at most one case in two hundred.
    """
    rng = random.Random(16)
    cases = [
        (random_formulas.formula(rng), random_formulas.confidence(rng), rng.randrange(2))
        for _ in range(2000)
    ]
    refused = infinite = ends = 0
    for (text, q, c), got in zip(cases, values(page, cases), strict=True):
        try:
            expected = Reward.parse(text).payoff(q, c).item()
        except FormulaError:
            continue
        if got is None:
            assert q in (0, 1), f"no value inside (0, 1): {text} at {q}"
            refused += 1
            continue
        infinite += math.isinf(expected)
        ends += q in (0, 1)
        assert got == pytest.approx(expected, rel=ROUNDING, abs=1e-300), (text, q, c)
    assert refused <= 10
    assert infinite > 20
    assert ends > 500


def test_the_page_writes_formulas_as_the_package_does(page: Page) -> None:
    rng = random.Random(17)
    typed = ["c - 3*-(q - c)^2", "c/-q", "2^-q", "-3*q", "c - -q", "c*(-2)"]
    typed += [random_formulas.formula(rng) for _ in range(500)]
    texts = []
    for text in typed:
        try:
            texts.append((text, unparse(parse(text))))
        except FormulaError:
            continue
    script = "all => all.map(text => Formula.text(Formula.parse(text)))"
    got = page.evaluate(script, [text for text, _ in texts])
    assert got == [expected for _, expected in texts]
    assert got[0] == "c - 3*(-(q - c)^2)"


def test_every_word_of_the_grammar_has_the_value_of_the_package(page: Page) -> None:
    cases = [(text, q, 1) for text in EXAMPLES.values() for q in (0.0, 0.25, 0.75, 1.0)]
    for (text, q, _), got in zip(cases, values(page, cases), strict=True):
        assert got == pytest.approx(Reward.parse(text).payoff(q, 1).item(), rel=ROUNDING), (text, q)
    assert "Not offered" not in str(page.text_content("#words"))


def test_a_word_that_the_page_does_not_know_is_named(
    browser: Browser, lesson: Path, tmp_path: Path
) -> None:
    html = lesson.read_text(encoding="utf-8").replace(
        '"words": ["log"', '"words": ["new_word", "log"'
    )
    other = tmp_path / "index.html"
    other.write_text(html, encoding="utf-8")
    opened = browser.new_page()
    opened.goto(other.as_uri())
    assert "Not offered here, but in the package: new_word." in str(opened.text_content("#words"))
    opened.close()


def test_a_wrong_value_would_be_noticed(page: Page) -> None:
    """The comparison has teeth: a page that takes no limits fails it."""
    page.evaluate("Formula.FLOATS['*'] = (a, b) => a * b * (1 + 3e-12)")
    (got,) = values(page, [("q*(1 + q)", 0.3, 1)])
    assert got != pytest.approx(0.39, rel=ROUNDING)


BAD = [
    "q +",
    "",
    "   ",
    "x",
    "p - c",
    "2c",
    "log(q",
    "q $ 3",
    "min(q)",
    "clip(q, 1)",
    "1/0",
    "'",
    '"',
    "q)",
    "(q",
    "q if c",
    "q < ",
    "not",
    "1e9999",
    "9" * 401,
    "(" * (MAX_NESTING + 1) + "q" + ")" * (MAX_NESTING + 1),
    "q^" * (MAX_NESTING + 1) + "q",
    "q" + "+q" * 4001,
    "q" + "*q" * 200,
    "q" * 10_001,
    "constructor",
    "__proto__",
    "toString(q)",
    "alert(1)",
    "q; alert(1)",
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "\\u0071",
    "q\n+\n",
    "lam",
    "1.2.3",
    "q..",
    "é",
    "q = 1",
    "c - (q - c)^",
    "𝑞",
    "log",
    "if",
    "1 if 2",
    "eval('1')",
    "Function",
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:24]))
def test_bad_text_gets_the_sentence_of_the_package(page: Page, text: str) -> None:
    read = Reward.parse if text == "1/0" else parse  # division by zero is found behind the parser
    with pytest.raises(FormulaError) as caught:
        read(text)
    got = page.evaluate(
        """text => { try { Formula.parse(text); return null; }
        catch (error) {
          return error instanceof Formula.FormulaError ? error.message : String(error);
        } }""",
        text,
    )
    assert got == str(caught.value)


def test_a_formula_is_never_executed(page: Page) -> None:
    page.evaluate("window.harmed = false")
    for text in (
        "harmed = true",
        "window.harmed",
        "(() => { harmed = true })()",
        "</script><script>harmed=true</script>",
        "<img src=x onerror='harmed=true'>",
        "c - (q - c)^2'+(harmed=true)+'",
    ):
        page.fill("#formula", text)
        assert page.text_content("#formula-problem")
        assert page.get_attribute("#formula", "aria-invalid") == "true"
    assert page.evaluate("window.harmed") is False
    page.fill("#formula", "c - (q - c)^2")
    assert page.text_content("#formula-problem") == ""
