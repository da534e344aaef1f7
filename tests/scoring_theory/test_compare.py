"""Rewards side by side, many rewards in a file, and a paragraph for a paper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofs.kernel.formula import parse
from scoring_theory import CATALOGUE, check, compare, paragraph
from scoring_theory.cli import main
from scoring_theory.expression.scales import scale_hint
from scoring_theory.expression.tex import to_tex

Capture = pytest.CaptureFixture[str]

# ------------------------------------------------------------------------------- compare


def test_two_rewards_side_by_side() -> None:
    found = compare("c - (q - c)^2", "c - 2*(q - c)^2", "-abs(q - c)")
    table = {label: cells for label, *cells in found.rows()}
    assert table["claim"] == ["holds", "refuted", "refuted"]
    assert table["proper"] == ["strictly", "strictly", "no"]
    assert table["largest safe weight lam*"] == ["1", "1/2", "-"]
    assert table["errors earn more below p ="] == ["-", "1/2", "-"]
    # the Brier score's regret is (p - q)^2 and its weight is 2; |q - c| pays for certainty
    assert found.regret["A"] == pytest.approx((0.04, 0.04, 0.01))
    assert found.regret["B"] == pytest.approx((0.08, 0.08, 0.02))
    assert found.regret["C"][1] < 0
    assert found.weight == {"A": (2, 2, 2), "B": (4, 4, 4), "C": (None, None, None)}
    assert table["  as a share of the range"][0] == "0.005"
    assert repr(found).startswith("Comparison('c - (q - c)^2' holds")
    assert found._repr_html_().count("<tr>") == len(found.rows()) + 1
    assert len(str(found).splitlines()) == len(found.rows())


def test_every_row_of_a_comparison_has_a_number_for_each_reward() -> None:
    table = {label: cells for label, *cells in compare("c - (q - c)^2", "c").rows()}
    assert table["regret, p = 0.5, q = 0.7"] == ["0.04", "0"]
    assert table["regret, p = 0.9, q = 1"] == ["0.01", "0"]
    assert table["weight w at p = 0.1"] == ["2", "0"]


def test_infinite_and_parametric_rewards_are_compared() -> None:
    found = compare("c + log", "c - lam*(q - c)^2", lam="0 < lam <= 1")
    assert found.regret["A"][2] == float("inf")
    assert found.weight["A"] == pytest.approx((1 / 0.09, 4, 1 / 0.09), rel=1e-4)
    assert found.weight["B"] == (None, None, None)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["schema"] == 1
    with pytest.raises(ValueError, match="two or more rewards, got 1"):
        compare("c")
    with pytest.raises(ValueError, match="`mu` occurs in none"):
        compare("c", "q", mu=1)


def test_the_command_fits_eighty_columns(capsys: Capture) -> None:
    assert main(["compare", "rlcr", "c + 0.5*spherical", "c - 2*(q - c)^2", "c + log"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
    assert main(["compare", "c", "c - lam*q", "--param", "lam=1/2", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [entry["label"] for entry in shown["rewards"]] == ["A", "B"]


# ------------------------------------------------------------------------------- batch

LINES = """# three rewards
RLCR: c - (q - c)^2

doubled: correct - 2(conf - correct)**2  # as in code
lambda q, c: c
"""


def batch(tmp_path: Path, text: str) -> str:
    file = tmp_path / "rewards.txt"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_every_line_of_a_file_is_checked(tmp_path: Path, capsys: Capture) -> None:
    assert main(["check", "--batch", batch(tmp_path, LINES)]) == 1
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[:3] for row in rows[:2]] == [["2", "RLCR", "holds"], ["4", "doubled", "refuted"]]
    assert rows[2][:3] == ["5", "lambda", "q,"]


def test_an_error_does_not_stop_a_batch(tmp_path: Path, capsys: Capture) -> None:
    file = batch(tmp_path, "c - (q - y)^2\nc - lam*(q - c)^2\n")
    assert main(["check", "--batch", file, "--param", "0 < lam <= 1"]) == 2
    told = capsys.readouterr().out
    assert "line 1: unknown name 'y'" in told
    assert "holds" in told
    assert main(["check", "--batch", file, "--json", "--param", "lam=1"]) == 2
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["line"], second["line"], second["verdict"]) == (1, 2, "holds")
    assert first["error"].startswith("unknown name 'y'")


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("c - (q - c)^2", [], 0),
        ("c - (q - c)^2\n-abs(q - c)", [], 1),
        ("c", ["--allow-weak"], 0),
        ("# nothing", [], 2),
        ("c", ["c"], 2),
    ],
)
def test_the_exit_code_is_the_worst(
    tmp_path: Path, text: str, options: list[str], code: int
) -> None:
    assert main(["check", "--batch", batch(tmp_path, text), *options]) == code


# ------------------------------------------------------------------------------- paragraphs


def test_a_paragraph_cites_theorems() -> None:
    report = check("c - 2*(q - c)^2")
    latex, markdown = (paragraph(report, markup) for markup in ("latex", "markdown"))
    for text in (latex, markdown):
        assert text.startswith("Let $R(q, c) = c - 2 (q - c)^{2}$ be the reward of an answer")
        for said in ("strictly proper", "not jointly optimal", "$m = -1$", r"p_1 = \frac{1}{4}"):
            assert said in text
        assert text.count("$") % 2 == 0
        assert "\n" not in text
    assert r"\cite[Theorem~8]{scoringtheory}" in latex
    assert "([Theorem 8](docs/theory.md#theorem-8))" in markdown
    with pytest.raises(ValueError, match="got 'html'"):
        paragraph(report, "html")  # type: ignore[arg-type]


def test_a_paragraph_says_how_strict_a_reward_is_what_it_pays_and_who_found_it() -> None:
    strict, weak = check("c - (q - c)^2"), check("c")
    forecast = check("-(q - c)^2", forecast=True)
    assert "R$ is strictly proper: the true success probability" in paragraph(strict, "markdown")
    assert "The rewards lie between $-1$ and $1$." in paragraph(strict, "markdown")
    assert "by `scoring-theory` and verified" in paragraph(strict, "markdown")
    assert r"by \texttt{scoring-theory}~\cite{scoringtheory} and" in paragraph(strict, "latex")
    assert "R$ is proper but not strictly proper" in paragraph(weak, "markdown")
    assert "R$ is strictly proper: the true probability" in paragraph(forecast, "markdown")


def test_paragraphs_of_the_catalogue() -> None:
    theory = Path("docs/theory.md").read_text(encoding="utf-8")
    assert all(f"#### Theorem {n}\n" in theory for n in (3, 7, 8, 18))
    for entry in [*CATALOGUE.values()][::6]:
        text = paragraph(check(entry()), "latex")
        assert text.count("$") % 2 == text.count("{") - text.count("}") == 0
        assert "None" not in text
        assert "nan" not in text
    assert "forecast $q$ of an event" in paragraph(check("-(q-c)^2", forecast=True), "latex")
    assert r"$0 < \lambda \le 2$" in paragraph(check("c-lam*(q-c)^2", lam="0 < lam <= 2"), "latex")
    assert "reinforced" in paragraph(check("c - (q - c)^2", estimator="grpo"), "markdown")


@pytest.mark.parametrize(
    ("typed", "tex"),
    [
        ("-q^2/2", r"-\frac{q^{2}}{2}"),
        ("2*3/4*q", r"\frac{2 \cdot 3}{4} q"),
        ("(q - 1)*(1 - c)", r"(q - 1) (1 - c)"),
        ("(-q)^2 - (1 - q)", r"(-q)^{2} - (1 - q)"),
        ("sqrt(q) + abs(q) + log(q)^2", r"\sqrt{q} + \lvert q \rvert + \log(q)^{2}"),
        ("q if c and not q > 1/2 else 0",
         r"\begin{cases} q & \text{if } c \ne 0 \land \lnot (\frac{1}{2} < q) \\ 0 & "
         r"\text{otherwise} \end{cases}"),
        ("max(q, -3)*beta_cdf(q, 2, 3)", r"\max(q, -3) \operatorname{beta-cdf}(q, 2, 3)"),
    ],
)  # fmt: skip
def test_a_formula_in_latex(typed: str, tex: str) -> None:
    assert to_tex(parse(typed)) == tex


def test_check_prints_a_paragraph_and_a_hint(capsys: Capture) -> None:
    assert main(["check", "c - (q - c)^2", "--latex"]) == 0
    assert capsys.readouterr().out.startswith("Let $R(q, c)")
    assert main(["check", "c - (q - c)^2", "--markdown", "--json"]) == 2
    assert "only one of --json and --markdown" in capsys.readouterr().err
    assert main(["check", "c - (q/100 - c)^2"]) == 1
    assert "write c - (q - c)^2; for confidences 0 to 100 add --grid 0..100" in (
        capsys.readouterr().out
    )
    assert scale_hint(parse("c - (q/10 - q)^2")) is None
    assert scale_hint(parse("c/10")) is None


def test_help_has_a_page_about_formulas(capsys: Capture) -> None:
    assert main(["help", "formulas"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 100
    assert r"\mathbb{1}_{y \equiv y^*}" in shown
