"""The table of all conditions, and the page `docs/coverage.md` that is written from it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri

from tests.programs.coverage.conditions import SIZES

Row = dict[str, Any]
COLUMNS = (
    "truth",
    "stated",
    "clustered",
    "n",
    "metric",
    "method",
    "intervals",
    "coverage",
    "too_low",
    "too_high",
    "mean_width",
    "true_value",
    "mean_estimate",
)


NEAR = 0.03
INTRODUCTION = """# Do 95 % intervals hold the truth 95 % of the time?

Made by `make coverage-study` (`tests/programs/coverage`, seed {seed}); all numbers: [coverage.csv](coverage.csv).

Each condition was simulated {fewest} times, in one run; those in which some coverage was then below 92.5 %, or above 97 %
away from the boundary, {most} times. The Monte Carlo standard error of a coverage of 95 % is {coarse:.1f} points after
{fewest} times and {fine:.1f} after {most}; the lowest of {cells} coverages of a perfect method would be about {lowest:.1f} %.

**Within 92 % and 97 %?** {verdict}

- **Truths.** The chance of being right, given the stated confidence q, is q ("calibrated"), q - 0.05 or q - 0.1 (at
  least 0.02), or expit(logit(q) / 2). The other method of a paired difference is right with chance q - 0.2.
- **Stated confidences.** A grid (0.1, 0.2, ..., 0.9, 0.95), or continuous, from Beta(4, 2).
- **Clustered.** Five answers to each question, of which both confidences and outcomes are correlated (normal copula,
  0.5); otherwise one answer. Both methods of a paired difference answer the same questions.
- **n.** 50, 200, 1,000 or 5,000 answers; clustered, these are 10 to 1,000 questions. Where resampling costs much, it is
  done for some conditions only: the truth q - 0.1 everywhere, the calibrated one up to n = 1,000, the others up to 200;
  BCa on the grid, and for continuous confidences up to n = 200.
- **Resamples.** 399, and 199 for continuous confidences from n = 1,000 on.

**Estimands.** A mean, AUROC, average precision and risk-coverage area are those of infinitely many such answers. A
calibration error is that of infinitely many such answers *in the same bins*: equal widths, the stated values, or the
cuts that equal-mass bins have in the sample at hand.

**Methods.** Means, AUROC, average precision and risk-coverage area have the bootstrap over whole questions
(`bootstrap_interval`, `paired_difference`, `mean_intervals`, `replay`), percentile or BCa, both widened by Student's t.
Calibration errors have `calibration_error_interval` and `calibration_error_difference`, in `replay` as well; the
docstring of `scoring_theory/calibration/error_intervals.py` derives them. At a true error of 0 their interval is [0, u]
and may cover more than 95 %.

**Near the boundary.** An observed calibration error lies above the true one, by much where the gaps of many bins are
small beside their noise. A condition is called near the boundary where that excess is more than {near:.0%} of the mean
width of the interval. There the interval allows for gaps that hide in the noise, and covers more than it promises.
"""  # noqa: E501


def read(path: Path) -> list[Row]:
    """The table, with numbers as numbers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[Row] = list(csv.DictReader(file))
    for row in rows:
        row["clustered"] = row["clustered"] == "True"
        row |= {name: int(row[name]) for name in ("n", "intervals")}
        row |= {name: float(row[name]) for name in COLUMNS[7:]}
    return rows


def is_near(row: Row) -> bool:
    """Whether the condition is near the boundary of a calibration error."""
    return (
        "gaps" in row["method"]
        and abs(row["mean_estimate"] - row["true_value"]) > NEAR * row["mean_width"]
    )


def is_refused(row: Row) -> bool:
    """Whether the package raises an error instead."""
    return "refused" in row["method"] or (row["metric"] == "average precision" and row["n"] < 100)


def page(rows: Sequence[Row], seed: int) -> str:
    """The Markdown of `docs/coverage.md`."""
    offered = [row for row in rows if not is_refused(row)]
    fewest = min(row["intervals"] for row in offered if "BCa" not in row["method"])
    most = max(row["intervals"] for row in offered)
    coarse = 100 * math.sqrt(0.95 * 0.05 / fewest)
    lowest = 95 - coarse * float(ndtri(1 - 1 / len(offered)))
    told = INTRODUCTION.format(
        fine=100 * math.sqrt(0.95 * 0.05 / most),
        verdict=_verdict(offered),
        seed=seed,
        fewest=fewest,
        most=most,
        coarse=coarse,
        cells=len(offered),
        lowest=lowest,
        near=NEAR,
    )
    parts = [told, "## All intervals that are offered\n", *_summary(offered)]
    parts += ["\n## The expected calibration error in ten equal-width bins\n", *_of_errors(offered)]
    parts += ["\n## What a bootstrap would say where none is offered\n", *_refused(rows)]
    return "\n".join(parts) + "\n"


def _verdict(rows: Sequence[Row]) -> str:
    """How many coverages lie outside what is asked for, and whether that is more than chance."""
    told = []
    away = [row for row in rows if not is_near(row)]
    for some, name, limit, sign in ((rows, "below", 0.92, -1), (away, "above", 0.97, 1)):
        outside = [row for row in some if sign * (row["coverage"] - limit) > 0]
        kind = "" if some is rows else " away from the boundary"
        if not outside:
            told.append(f"None of {len(some)} coverages{kind} is {name} {limit:.0%}.")
            continue
        spread = [math.sqrt(limit * (1 - limit) / row["intervals"]) for row in outside]
        beyond = [
            sign * (row["coverage"] - limit) / error
            for row, error in zip(outside, spread, strict=True)
        ]
        worst = beyond.index(max(beyond))
        row = outside[worst]
        told.append(
            f"{len(outside)} of {len(some)} coverages{kind} are {name} {limit:.0%}, by"
            f" {max(beyond):.1f} standard errors at most ({row['coverage']:.1%}: {row['metric']},"
            f" {row['method']}, {_where(row)})."
        )
    return " ".join(told)


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    sizes = " | ".join(f"width, n = {n:,}" for n in SIZES)
    yield (
        "| metric | interval | conditions | lowest coverage | where | highest, away from the"
        f" boundary | {sizes} |"
    )
    yield "|" + "---|" * (6 + len(SIZES))
    for metric, method in dict.fromkeys((row["metric"], row["method"]) for row in rows):
        own = [row for row in rows if (row["metric"], row["method"]) == (metric, method)]
        least = min(own, key=lambda row: row["coverage"])
        away = [row["coverage"] for row in own if not is_near(row)]
        widths = [[row["mean_width"] for row in own if row["n"] == n] for n in SIZES]
        cells = [f"{np.mean(some):.3f}" if some else "-" for some in widths]
        yield (
            f"| {metric} | {method} | {len(own)} | {least['coverage']:.1%} | {_where(least)} | "
            f"{f'{max(away):.1%} of {len(away)}' if away else '-'} | {' | '.join(cells)} |"
        )


def _where(row: Row) -> str:
    kind = "clustered" if row["clustered"] else "independent"
    return f"{row['truth']}, {row['stated']}, {kind}, n = {row['n']:,}"


def _of_errors(rows: Sequence[Row]) -> Iterator[str]:
    yield "Coverage and, in brackets, mean width; * marks conditions near the boundary.\n"
    yield f"| truth | stated | answers | interval | {' | '.join(f'n = {n:,}' for n in SIZES)} |"
    yield "|" + "---|" * (4 + len(SIZES))
    own = [row for row in rows if row["metric"] == "ECE, ten equal-width bins"]
    kinds = dict.fromkeys(
        (row["truth"], row["stated"], row["clustered"], row["method"]) for row in own
    )
    for truth, stated, clustered, method in sorted(kinds, key=lambda kind: kind[3]):
        key = (truth, stated, clustered, method)
        found = [
            row
            for row in own
            if (row["truth"], row["stated"], row["clustered"], row["method"]) == key
        ]
        cells = [
            f"{row['coverage']:.1%}{'*' if is_near(row) else ''} ({row['mean_width']:.3f})"
            for row in found
        ]
        answers = "clustered" if clustered else "independent"
        yield (
            f"| {truth} | {stated} | {answers} | {method.partition(',')[0]} | {' | '.join(cells)} |"
        )


def _refused(rows: Sequence[Row]) -> Iterator[str]:
    yield (
        "`bootstrap_interval` and `paired_difference` raise an error for these, with what to take"
        " instead.\n"
    )
    yield (
        "| metric | interval | truth | stated | answers | n | coverage | true value | mean"
        " estimate |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        if is_refused(row):
            answers = "clustered" if row["clustered"] else "independent"
            cells = (
                row["metric"],
                row["method"].partition(" ")[0],
                row["truth"],
                row["stated"],
                answers,
            )
            measured = (
                f"{row['coverage']:.1%} | {row['true_value']:.3f} | {row['mean_estimate']:.3f}"
            )
            yield f"| {' | '.join(cells)} | {row['n']:,} | {measured} |"
