"""The paragraphs for a paper compile, with amsmath and docs/references.bib, without a warning."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking.check import check
from scoring_theory.checking.paragraph import paragraph

ROOT = Path(__file__).parents[2]
COMPILERS = ("pdflatex", "bibtex")


def paragraphs() -> list[str]:
    """Of every entry, of settings and trainers, and of formulas with names that LaTeX reserves."""
    rlcr = "c - (q - c)^2"
    reports = [
        *(check(entry.reward) for entry in CATALOGUE.values()),
        check(rlcr, estimator="trl_default"),
        check(rlcr, estimator="grpo", group_size=4, missing="-1"),
        check(rlcr, graded=True),
        check("c - 2*(q - c)^2", abstain="0"),
        check("c - beta_1*(q - c)^2", beta_1="0 < beta_1 <= 2"),
        check("c + log(1 - abs(q - c))"),
        check("c*(q > 1/2) - (q - c)^2"),
    ]
    return [paragraph(report, "latex") for report in reports]


@pytest.mark.slow
@pytest.mark.skipif(not all(map(shutil.which, COMPILERS)), reason="LaTeX is not installed")
def test_every_paragraph_compiles(tmp_path: Path) -> None:
    body = "\n\n".join(paragraphs())
    document = (
        r"\documentclass{article}\usepackage{amsmath}\sloppy\begin{document}"
        f"\n{body}\n"
        r"\bibliographystyle{plain}\bibliography{references}\end{document}"
    )
    (tmp_path / "paper.tex").write_text(document, encoding="utf-8")
    shutil.copy(ROOT / "docs" / "references.bib", tmp_path)
    typeset = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for command in (typeset, ["bibtex", "paper"], typeset, typeset):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, encoding="latin-1", check=False
        )
        assert done.returncode == 0, done.stdout[-2000:]
        assert command[0] == "pdflatex" or "Warning" not in done.stdout, done.stdout
    assert "Warning" not in done.stdout, done.stdout
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000
