"""Scores of pasted tables, in a headless Chromium, against the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scoring_theory.calibration import (
    Forecasts,
    accuracy,
    auroc,
    brier_decomposition,
    brier_score,
    expected_calibration_error,
    log_loss,
    mean_confidence,
    reliability_curve,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def logs() -> dict[str, tuple[str, list[int], list[float]]]:
    """Tables with their columns: text, outcomes, confidences."""
    rng = np.random.default_rng(16)
    some = rng.random(300)
    grid = rng.integers(0, 21, 500) / 20
    made = {
        "any numbers": (some, rng.random(300) < some),
        "a grid with ties and ends": (grid, rng.random(500) < grid**2),
        "edges of bins": (np.arange(11) / 10, np.arange(11) % 2),
        "one row": (np.array([0.7]), np.array([1])),
        "all right": (np.array([0.2, 0.9, 0.9]), np.ones(3)),
        "certain and wrong": (np.array([0.0, 1.0, 0.5]), np.array([1, 0, 1])),
        "tiny": (np.array([1e-12, 1 - 1e-12, 3e-5]), np.array([0, 1, 0])),
    }
    result = {}
    for name, (q, c) in made.items():
        lines = [f"{x!r},{int(y)}" for x, y in zip(q.tolist(), c.tolist(), strict=True)]
        result[name] = ("confidence,correct\n" + "\n".join(lines), [int(y) for y in c], q.tolist())
    first = result["a grid with ties and ends"]
    styled = "\ufeff" + first[0].replace(",", ";").replace("\n", "\r\n") + "\r\n\r\n"
    result["semicolons, CRLF and a byte order mark"] = (styled, first[1], first[2])
    quoted = (
        'id,"correct","a, ""note""\nin two lines","confidence"\n1,TRUE,"x\ny",".5"\n2,false,,1e-1\n'
    )
    result["quotes, words and further columns"] = (quoted, [1, 0], [0.5, 0.1])
    return result


LOGS = logs()


@pytest.mark.parametrize("name", LOGS)
def test_scores_of_a_table_are_those_of_the_package(page: Page, name: str) -> None:
    text, correct, confidence = LOGS[name]
    found = page.evaluate(
        """text => {
        const { curve, ...scores } = Calibration.scores(
          Calibration.forecasts(Calibration.read(text), "confidence", "correct"));
        const plain = {};
        for (const [key, x] of Object.entries(scores)) plain[key] = String(x);
        return [plain, curve.map(bin => [bin.n, bin.confidence, bin.frequency])];
        }""",
        text,
    )
    scores = {key: float(x.replace("Infinity", "inf")) for key, x in found[0].items()}
    forecasts = Forecasts(correct, confidence)
    parts = brier_decomposition(forecasts, bins=10)
    expected = {
        "n": len(correct),
        "accuracy": accuracy(forecasts),
        "confidence": mean_confidence(forecasts),
        "ece": expected_calibration_error(forecasts, bins=10),
        "brier": brier_score(forecasts),
        "miscalibration": parts.miscalibration,
        "discrimination": parts.discrimination,
        "uncertainty": parts.uncertainty,
        "withinBins": parts.within_bins,
        "logLoss": log_loss(forecasts).value,
        "auroc": auroc(forecasts),
    }
    assert scores == pytest.approx(expected, rel=1e-11, abs=1e-15, nan_ok=True)
    curve = reliability_curve(forecasts, bins=10)
    assert [row[0] for row in found[1]] == curve.rows.tolist()
    assert np.array(found[1])[:, 1:] == pytest.approx(
        np.stack([curve.confidence, curve.frequency], axis=1), rel=1e-12, abs=1e-15
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "confidence,correct\n0.5,1\n1.2,0",
            "row 2 (line 3): `confidence` must be a number in [0, 1], got '1.2'; if the table"
            " states percentages, tick the box",
        ),
        (
            "confidence,correct\n0.5,1\n-0.2,0",
            "row 2 (line 3): `confidence` must be a number in [0, 1], got '-0.2'",
        ),
        (
            "confidence,correct\n0.5,1\n\nabc,0",
            "row 2 (line 4): `confidence` must be a number in [0, 1], got 'abc'",
        ),
        (
            "confidence,correct\n,1",
            "row 1 (line 2): `confidence` must be a number in [0, 1], got nothing",
        ),
        (
            "confidence,correct\nnan,1",
            "row 1 (line 2): `confidence` must be a number in [0, 1], got 'nan'",
        ),
        (
            'confidence,correct\n"0,5",1',
            "row 1 (line 2): `confidence` must be a number in [0, 1], got '0,5'; write decimals"
            " with a point",
        ),
        (
            "confidence,correct\n0,5,1",
            "line 2: 2 fields expected, got 3; with decimal commas, separate the fields by"
            " semicolons",
        ),
        ("0.9,1\n0.5,0", "line 1: the names of the columns are needed"),
        ("confidence,correct\n90%,1", "got '90%'; if the table states percentages, tick the box"),
        (
            "confidence,correct\n0.5,maybe",
            "row 1 (line 2): `correct` must be 0 or 1 (or yes or no), got 'maybe'",
        ),
        ("confidence,correct\n1,0.5\n0,0.7", "are the two columns swapped?"),
        ("confidence,correct\n0.5,1\n0.5", "line 3: 2 fields expected, got 1"),
        ('confidence,correct\n"0.5,1', "line 2: a quote is opened and not closed"),
        ('confidence,correct\n"0.5"x,1', "line 2: after a closing quote"),
        (
            "confidence,confidence\n0.5,1",
            "every column must have its own name, got 'confidence' twice",
        ),
        ("confidence\n0.5", "line 1: two columns are needed"),
        ("confidence,correct\n", "there are no rows below the names of the columns"),
        (
            "how sure,what\n0.5,1",
            "choose the columns of the confidence and the outcome; no column is named confidence or"
            " correct, or similarly",
        ),
        ("<b>,</script>\n0.5,1", "choose the columns"),
    ],
)
def test_a_bad_table_gets_a_sentence_with_its_line(page: Page, text: str, words: str) -> None:
    page.fill("#table", text)
    assert words in str(page.text_content("#data-problem"))
    assert page.get_attribute("#table", "aria-invalid") == "true"
    page.fill("#table", "confidence,correct\n0.5,1\n0.25,0")
    assert page.text_content("#data-problem") == ""


def test_other_columns_percentages_and_files_are_read(page: Page, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("sure,fact\n90%,1\n25,0\n", encoding="utf-8")
    page.set_input_files("#file", log)
    page.wait_for_function("document.getElementById('data-problem').textContent !== ''")
    page.select_option("#confidence-column", "sure")
    page.select_option("#correct-column", "fact")
    assert "tick the box" in str(page.text_content("#data-problem"))
    page.check("#percent")
    assert page.text_content("#data-problem") == ""
    assert "0.575" in str(page.text_content("#scores"))  # the mean of 0.9 and 0.25


@pytest.mark.parametrize(
    "text",
    [
        "forecast,outcome\n0.5,1\n0.25,0\n",
        "id,Probability,Outcome\n7,0.5,1\n8,0.25,0\n",
        "p,y\n0.5,1\n0.25,0\n",
        "label,prob\n1,0.5\n0,0.25\n",
        "prediction,confidence,is correct\nParis,0.5,yes\nRome,0.25,no\n",
        "forecast;outcome\n0,5;1\n0,25;0\n",
        "forecast;outcome\n0,5;Yes\n,25;NO\n",
        "stated confidence\tcorrect\n0,5\tTRUE\n.25\tfalse\n",
    ],
    ids=lambda text: text.split("\n")[0],
)
def test_usual_names_of_columns_are_recognised_and_said(page: Page, text: str) -> None:
    page.fill("#table", text)
    assert page.text_content("#data-problem") == ""
    chosen = [page.input_value(f"#{role}-column") for role in ("confidence", "correct")]
    assert page.text_content("#columns-taken") == (
        f"Confidence is the column {chosen[0]!r}, outcome the column {chosen[1]!r};"
        " other columns can be chosen above."
    )
    scores = page.locator("#scores td").all_text_contents()
    assert scores[:3] == ["2", "0.5", "0.375"]  # two rows, one right, the mean of 1/2 and 1/4
    assert scores[4] == "0.1563"  # (1/4 + 1/16) / 2
    page.fill("#table", "nothing")
    assert page.text_content("#columns-taken") == ""
    assert page.is_disabled("#confidence-column")
    assert page.locator("#scores td").all_text_contents() == [""] * 11
