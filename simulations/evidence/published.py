"""The published results of RLCR, one row for each model, data set and method."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

TEST_SET_SIZES = {
    "commonsenseqa": 1221,
    "gpqa": 448,
    "gsm8k": 1319,
    "hotpot-eval-em": 500,
    "hotpot-vanilla-eval-em": 1000,
    "math-500": 500,
    "simpleqa": 4326,
    "trivia": 2000,
    "big-math-digits": 1000,
}
"""Answers of each test set, which are not published: the smallest numbers of which every published
accuracy is a whole number. Five are those of public splits: CommonsenseQA, validation (Talmor et
al. 2019, arXiv 1811.00937); GPQA, main (Rein et al. 2023, arXiv 2311.12022); GSM8K, test (Cobbe et
al. 2021, arXiv 2110.14168); MATH-500 (Lightman et al. 2023, arXiv 2305.20050); SimpleQA (Wei et al.
2024, arXiv 2411.04368). For hotpot-eval-em 250 would do, but RLCR's Brier score there, of
confidences in steps of .05, needs 500."""


class PublishedRow(NamedTuple):
    """One cell of the published results.

    Attributes:
        trained_on: "Hotpot" or "Math".
        dataset: the test set.
        method: Base, RLVR, RLVR-Classifier, Answer-Prob, RLCR or SFT-RLCR.
        accuracy: the share of correct answers.
        brier: the Brier score, a loss.
        ece10: the ECE with ten equal-width bins.
        auroc: the AUROC of confidence.
        mean_confidence: the mean of the confidence.
    """

    trained_on: str
    dataset: str
    method: str
    accuracy: float
    brier: float
    ece10: float
    auroc: float
    mean_confidence: float

    @property
    def answers(self) -> int:
        """The answers of the test set, see `TEST_SET_SIZES`."""
        return TEST_SET_SIZES[self.dataset]


@cache
def published_rows() -> tuple[PublishedRow, ...]:
    """The 88 cells of RLCR's published results (Damani et al. 2025, arXiv 2507.16806).

    Source: github.com/damanimehul/RLCR, `results/*/*/metrics.json`, MIT licence, (c) 2025
    damanimehul.

    Example:
        >>> rows = published_rows()
        >>> len(rows), rows[4].dataset, rows[4].method, round(rows[4].brier, 3)
        (88, 'commonsenseqa', 'RLCR', 0.167)
    """
    folder = files(__name__.rpartition(".")[0])
    text = folder.joinpath("rlcr_published_metrics.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        PublishedRow(
            row["trained_on"],
            row["dataset"],
            row["method"],
            *(float(row[name]) for name in PublishedRow._fields[3:]),
        )
        for row in csv.DictReader(lines)
    )
