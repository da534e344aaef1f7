"""How often 95 % intervals hold the truth: a simulation study of every interval of calibration
metrics.

    make coverage-study    (or: python -m tests.programs.coverage [--replicates N] [--seed S])

Every condition is a file in `out/coverage` once it is done, so that a stopped study goes on where
it was; the table is `docs/coverage.csv`, and `docs/coverage.md` is written from it.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, ndtr, ndtri

from scoring_theory.calibration import (
    ConfidenceInterval,
    EqualMass,
    Forecasts,
    calibration_error_difference,
    calibration_error_interval,
    corp_decomposition,
    debiased_calibration_error,
    smooth_calibration_error,
)
from scoring_theory.calibration.binning import bin_edges, mass_cuts
from scoring_theory.calibration.confidence_intervals import bca_interval, percentile_interval
from scoring_theory.catalogue import brier

Floats = NDArray[np.float64]
ROOT = Path(__file__).parents[2]
LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
SHARES = np.array([0.03, 0.03, 0.04, 0.05, 0.1, 0.1, 0.15, 0.2, 0.2, 0.1])
SIZES, ALIKE, ANSWERS, CELLS = (50, 200, 1000, 5000), 0.5, 5, 4000
TRUTHS: dict[str, Callable[[Floats], Floats]] = {
    "calibrated": lambda q: q,
    "0.05 too sure": lambda q: np.maximum(q - 0.05, 0.02),
    "0.1 too sure": lambda q: np.maximum(q - 0.1, 0.02),
    "half the logit": lambda q: expit(logit(q) / 2),
}


def overconfident(q: Floats) -> Floats:
    """The accuracy of a second method, 0.2 below what it states: differences are measured to it."""
    return np.maximum(q - 0.2, 0.02)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is simulated.

    Attributes:
        truth: A name in `TRUTHS`.
        stated: "grid" for ten levels, "continuous" for Beta(4, 2).
        clustered: Whether five answers share a question.
        n: How many answers.
    """

    truth: str
    stated: str
    clustered: bool
    n: int

    def name(self) -> str:
        kind = "clustered" if self.clustered else "independent"
        return f"{self.truth}-{self.stated}-{kind}-{self.n}".replace(" ", "_")


def conditions() -> list[Condition]:
    return [
        Condition(*one) for one in product(TRUTHS, ("grid", "continuous"), (False, True), SIZES)
    ]


# ---------------------------------------------------------------- the world


def confidences(stated: str, u: Floats) -> Floats:
    """The u-quantiles of what is stated."""
    if stated == "grid":
        return LEVELS[
            np.minimum(np.searchsorted(np.cumsum(SHARES), u, side="right"), LEVELS.size - 1)
        ]
    return np.clip(betaincinv(4.0, 2.0, u), 0.01, 0.99)


def shared(rng: np.random.Generator, group: NDArray[np.int64], questions: Floats) -> Floats:
    """Uniform numbers, alike within a question."""
    return ndtr(
        math.sqrt(ALIKE) * questions[group] + math.sqrt(1 - ALIKE) * rng.standard_normal(group.size)
    )


def sample(rng: np.random.Generator, one: Condition) -> tuple[Forecasts, Forecasts]:
    """The answers of the method, and those of another one to the same questions."""
    group = np.arange(one.n) // (ANSWERS if one.clustered else 1)
    of_stated, of_right = rng.standard_normal((2, int(group[-1]) + 1))
    made = []
    for truth in (TRUTHS[one.truth], overconfident):
        q = confidences(one.stated, shared(rng, group, of_stated))
        made.append(
            Forecasts(confidence=q, correct=shared(rng, group, of_right) < truth(q), group=group)
        )
    return made[0], made[1]


@cache
def population(stated: str, truth: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Stated values in increasing order, and what is right and wrong of each; the masses add up to
    1.
    """
    q, share = LEVELS, SHARES
    if stated == "continuous":
        q, share = confidences(stated, (np.arange(CELLS) + 0.5) / CELLS), np.full(CELLS, 1 / CELLS)
    return q, (share * truth(q))[None], (share * (1 - truth(q)))[None]


# ---------------------------------------------------------------- metrics of many resamples at once

Metric = Callable[[Floats, Floats, Floats], Floats]
"""From stated values (L,) and the weights right and wrong (B, L) of each to (B,) values."""


def auroc_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    in_order = (right * (np.cumsum(wrong, axis=1) - wrong / 2)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return in_order / (right.sum(axis=1) * wrong.sum(axis=1))


def average_precision_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    found = np.cumsum(right[:, ::-1], axis=1)
    given = np.cumsum((right + wrong)[:, ::-1], axis=1)
    precision = np.divide(found, given, out=np.zeros_like(found), where=given > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (right[:, ::-1] * precision).sum(axis=1) / right.sum(axis=1)


def risk_area_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    m, errors = (right + wrong)[:, ::-1], wrong[:, ::-1]
    before, wrong_before = np.cumsum(m, axis=1) - m, np.cumsum(errors, axis=1) - errors
    inner = (m > 0) & (before > 1e-12)
    share = np.divide(errors, m, out=np.zeros_like(m), where=m > 0)
    growth = np.log1p(np.divide(m, before, out=np.zeros_like(m), where=inner))
    return (errors.sum(axis=1) + ((wrong_before - before * share) * growth).sum(axis=1)) / m.sum(
        axis=1
    )


Score = Callable[[Floats, float], Floats]
MEANS: dict[str, Score] = {
    "accuracy": lambda q, c: np.full(q.size, c),
    "mean confidence": lambda q, c: q,
    "Brier score": lambda q, c: (q - c) ** 2,
    "log loss": lambda q, c: -np.log(q if c else 1 - q),
    "mean reward c - (q - c)^2": lambda q, c: c - (q - c) ** 2,
}
RANKED: dict[str, Metric] = {
    "AUROC": auroc_of,
    "average precision": average_precision_of,
    "risk-coverage area": risk_area_of,
}


def measured(
    q: Floats, right: Floats, wrong: Floats, *, ranked: Sequence[str] = tuple(RANKED)
) -> dict[str, Floats]:
    """Every metric of many resamples; the means by one product."""
    if_right, if_wrong = (
        np.column_stack([score(q, c) for score in MEANS.values()]) for c in (1.0, 0.0)
    )
    one = np.ones((q.size, 1))
    sums = right @ np.hstack([if_right, one]) + wrong @ np.hstack([if_wrong, one])
    means = dict(zip(MEANS, (sums[:, :-1] / sums[:, -1:]).T, strict=True))
    return means | {name: RANKED[name](q, right, wrong) for name in ranked}


PAIRED = ("accuracy", "Brier score", "mean reward c - (q - c)^2", "AUROC")


def binned(column: Floats, place: NDArray[np.int64]) -> Floats:
    return column @ np.eye(10)[place]


def gaps_in_bins(q: Floats, right: Floats, wrong: Floats) -> tuple[Floats, Floats]:
    """Sums of q - c and of weights in ten equal-width bins."""
    place = np.searchsorted(bin_edges(10)[1:-1], q, side="right")
    return binned((right + wrong) * q - right, place), binned(right + wrong, place)


def ece_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    gaps, weight = gaps_in_bins(q, right, wrong)
    return np.abs(gaps).sum(axis=1) / weight.sum(axis=1)


def rms_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    gaps, weight = gaps_in_bins(q, right, wrong)
    return np.sqrt((gaps**2 / np.maximum(weight, 1e-300)).sum(axis=1) / weight.sum(axis=1))


def mce_of(q: Floats, right: Floats, wrong: Floats) -> Floats:
    gaps, weight = gaps_in_bins(q, right, wrong)
    return np.divide(np.abs(gaps), weight, out=np.zeros_like(gaps), where=weight > 0).max(axis=1)


REFUSED: dict[str, Metric] = {
    "ECE": ece_of,
    "root mean square error": rms_of,
    "maximum calibration error": mce_of,
}


# ---------------------------------------------------------------- resampling


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Weights of many resamples of one sample: (B, L) right and wrong of each stated value."""

    q: Floats
    right: Floats
    wrong: Floats


def codes_of(made: Forecasts) -> NDArray[np.int64]:
    """Which question each row answers."""
    assert made.group is not None
    return made.group


def groups_of(made: Forecasts) -> int:
    """How many questions."""
    return int(codes_of(made).max()) + 1


def on_grid(made: Forecasts) -> Floats | None:
    """(groups, 2 levels) how often each group is right, then wrong, at each level of the grid; None
    off the grid.
    """
    if not np.isin(made.confidence, LEVELS).all():
        return None
    counts = np.zeros((groups_of(made), 2 * LEVELS.size))
    place = np.searchsorted(LEVELS, made.confidence) + LEVELS.size * (made.correct == 0)
    np.add.at(counts, (codes_of(made), place), 1.0)
    return counts


def weighted(made: Forecasts, times: Floats) -> Resampled:
    """Rows counted as often as their group is; `times` is (B, groups)."""
    if (counts := on_grid(made)) is not None:
        return Resampled(LEVELS, *np.hsplit(times @ counts, 2))
    order = np.argsort(made.confidence)
    rows = times[:, codes_of(made)[order]]
    right = rows * made.correct[order]
    return Resampled(made.confidence[order], right, rows - right)


def each_left_out(made: Forecasts) -> Resampled:
    """All groups but one, for each."""
    if (counts := on_grid(made)) is not None:
        return Resampled(LEVELS, *np.hsplit(counts.sum(axis=0) - counts, 2))
    return weighted(made, 1 - np.eye(groups_of(made)))


def drawn(rng: np.random.Generator, groups: int, resamples: int) -> Floats:
    """(B, groups) how often each group is drawn."""
    chosen = rng.integers(groups, size=(resamples, groups)) + groups * np.arange(resamples)[:, None]
    return (
        np.bincount(chosen.ravel(), minlength=resamples * groups)
        .reshape(resamples, groups)
        .astype(np.float64)
    )


def resamples_for(one: Condition) -> int:
    """Fewer where they cost most; the ends stay order statistics of the nominal level."""
    return 399 if one.n <= 200 or one.stated == "grid" else 199


Found = Iterator[tuple[str, str, ConfidenceInterval, float]]
"""Metric, method, interval, truth."""


def bootstraps(
    rng: np.random.Generator, one: Condition, made: Forecasts, other: Forecasts
) -> Found:
    """Percentile, BCa and paired intervals of one sample."""
    groups = groups_of(made)
    times = drawn(rng, groups, resamples_for(one))
    whole, resampled = (weighted(made, t) for t in (np.ones((1, groups)), times))
    estimates, values = (measured(r.q, r.right, r.wrong) for r in (whole, resampled))
    without = {}
    if one.stated == "grid" or one.n <= 200:
        left = each_left_out(made)
        without = measured(left.q, left.right, left.wrong)
    at, against = (
        measured(*population(one.stated, TRUTHS[one.truth])),
        measured(*population(one.stated, overconfident)),
    )
    for name, drawn_values in values.items():
        truth, estimate = float(at[name][0]), float(estimates[name][0])
        yield name, "percentile", percentile_interval(estimate, drawn_values, groups=groups), truth
        if name in without and np.isfinite(drawn_values).all() and np.isfinite(without[name]).all():
            yield (
                name,
                "BCa",
                bca_interval(estimate, drawn_values, without[name], level=0.95),
                truth,
            )
    others = [weighted(other, t) for t in (np.ones((1, groups)), times)]
    other_estimates, other_values = (
        measured(r.q, r.right, r.wrong, ranked=("AUROC",)) for r in others
    )
    for name in PAIRED:
        truth = float((at[name] - against[name])[0])
        estimate = float((estimates[name] - other_estimates[name])[0])
        apart = percentile_interval(estimate, values[name] - other_values[name], groups=groups)
        yield name, "paired percentile", apart, truth


def population_error(
    one: Condition, truth: Callable[[Floats], Floats], cuts: Floats, *, squared: bool = False
) -> float:
    """The calibration error of infinitely many answers in the bins that these cuts end."""
    q, right, wrong = (column.ravel() for column in population(one.stated, truth))
    place = np.searchsorted(cuts, q, side="left")
    gaps = np.bincount(place, weights=(right + wrong) * q - right)
    if not squared:
        return float(np.abs(gaps).sum())
    weight = np.bincount(place, weights=right + wrong)
    return math.sqrt(float((gaps**2 / np.where(weight > 0, weight, 1)).sum()))


EQUAL_WIDTH = np.nextafter(bin_edges(10)[1:-1], 0)


def errors(one: Condition, made: Forecasts, other: Forecasts) -> Found:
    """The intervals of calibration errors of one sample; nothing is drawn."""
    truth = TRUTHS[one.truth]
    plain, squared = (
        population_error(one, truth, EQUAL_WIDTH, squared=kind) for kind in (False, True)
    )
    yield (
        "ECE, ten equal-width bins",
        "errors of gaps",
        calibration_error_interval(made, bins=10),
        plain,
    )
    cuts = mass_cuts(made, 10)
    yield (
        "ECE, ten equal-mass bins",
        "errors of gaps",
        calibration_error_interval(made, bins=EqualMass(10)),
        population_error(one, truth, cuts),
    )
    if one.stated == "grid":
        by_value = population_error(one, truth, LEVELS[:-1])
        yield "ECE by stated value", "errors of gaps", calibration_error_interval(made), by_value
    rooted = calibration_error_interval(made, bins=10, norm="root_mean_square")
    yield "root mean square error, ten bins", "errors of gaps", rooted, squared
    both = Forecasts(
        confidence=np.r_[made.confidence, other.confidence],
        correct=np.r_[made.correct, other.correct],
        group=np.r_[codes_of(made), codes_of(other)],
    )
    first = np.arange(2 * one.n) < one.n
    apart = calibration_error_difference(both, first=first, second=~first, bins=10)
    difference = plain - population_error(one, overconfident, EQUAL_WIDTH)
    yield "ECE, ten equal-width bins", "paired, errors of gaps", apart, difference


def refused(rng: np.random.Generator, one: Condition, made: Forecasts) -> Found:
    """What the bootstrap would say of the metrics for which it is not offered."""
    groups = groups_of(made)
    everything, resampled = (
        weighted(made, t) for t in (np.ones((1, groups)), drawn(rng, groups, 399))
    )
    without = each_left_out(made)
    at = population(one.stated, TRUTHS[one.truth])
    for name, metric in REFUSED.items():
        truth, estimate = (
            float(metric(*s)[0]) for s in (at, (everything.q, everything.right, everything.wrong))
        )
        values = metric(resampled.q, resampled.right, resampled.wrong)
        yield (
            name,
            "percentile (refused)",
            percentile_interval(estimate, values, groups=groups),
            truth,
        )
        left = metric(without.q, without.right, without.wrong)
        yield name, "BCa (refused)", bca_interval(estimate, values, left, level=0.95), truth


# ---------------------------------------------------------------- the table


@dataclass(slots=True)
class Tally:
    """What was counted of one interval."""

    truth: float = 0.0
    estimate: float = 0.0
    width: float = 0.0
    below: int = 0
    above: int = 0
    intervals: int = 0

    def add(self, interval: ConfidenceInterval, truth: float) -> None:
        self.truth += truth
        self.estimate += interval.estimate
        self.width += interval.high - interval.low
        self.below += interval.high < truth - 1e-12
        self.above += interval.low > truth + 1e-12
        self.intervals += 1


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


def study(one: Condition, *, replicates: int, seed: int) -> list[Row]:
    """The rows of one condition."""
    rng = np.random.default_rng([seed, conditions().index(one)])
    tallies: dict[tuple[str, str], Tally] = {}
    shows_refused = one.stated == "grid" and not one.clustered and one.n in (200, 1000)
    shows_bootstraps = (
        one.n <= 200 or one.truth == "0.1 too sure" or (one.truth == "calibrated" and one.n == 1000)
    )
    for _ in range(replicates):
        made, other = sample(rng, one)
        found = [*errors(one, made, other)]
        found += bootstraps(rng, one, made, other) if shows_bootstraps else []
        found += refused(rng, one, made) if shows_refused else []
        for metric, method, interval, truth in found:
            tallies.setdefault((metric, method), Tally()).add(interval, truth)
    return table(one, tallies)


def table(one: Condition, tallies: dict[tuple[str, str], Tally]) -> list[Row]:
    """One row per interval."""
    return [
        dict(zip(COLUMNS, (
            one.truth, one.stated, one.clustered, one.n, metric, method, t.intervals,
            1 - (t.below + t.above) / t.intervals, t.below / t.intervals, t.above / t.intervals,
            t.width / t.intervals, t.truth / t.intervals, t.estimate / t.intervals,
        ), strict=True))
        for (metric, method), t in tallies.items()
    ]  # fmt: skip


SLOW: dict[str, Callable[[Forecasts], float]] = {
    "debiased calibration error, two bins": lambda f: debiased_calibration_error(f, bins=2),
    "CORP miscalibration": lambda f: corp_decomposition(f, brier).miscalibration,
    "CORP discrimination": lambda f: corp_decomposition(f, brier).discrimination,
    "smooth calibration error": smooth_calibration_error,
}


def slowly_refused(one: Condition, *, replicates: int, resamples: int, seed: int) -> list[Row]:
    """Percentile intervals of what only the package computes, for conditions with few stated
    values.

    The truth is the value of 200,000 answers.
    """
    rng = np.random.default_rng([seed, 1000 + conditions().index(one)])
    many, _ = sample(rng, Condition(one.truth, one.stated, one.clustered, 200_000))
    tallies = {name: Tally() for name in SLOW}
    truths = {name: metric(many) for name, metric in SLOW.items()}
    for _ in range(replicates):
        made, _ = sample(rng, one)
        again = [made[rng.integers(one.n, size=one.n)] for _ in range(resamples)]
        for name, metric in SLOW.items():
            values = np.array([metric(drawn_rows) for drawn_rows in again])
            tallies[name].add(percentile_interval(metric(made), values, groups=one.n), truths[name])
    return table(one, {(name, "percentile (refused)"): tally for name, tally in tallies.items()})


# ---------------------------------------------------------------- the page

NEAR = 0.03
INTRODUCTION = """# Do 95 % intervals hold the truth 95 % of the time?

Made by `make coverage-study` (`tests/programs/coverage.py`, seed {seed}); all numbers: [coverage.csv](coverage.csv).

Each condition was simulated {fewest} to {most} times; those in which some coverage was below 92 % at first were
extended to {most}, others as time allowed (`--replicates` extends the rest). The Monte Carlo standard error of a
coverage of 95 % is at most {coarse:.1f} points, and the lowest of {cells} coverages of a perfect method would be about
{lowest:.1f} %.

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


def kept(path: Path, make: Callable[[], list[Row]], *, replicates: int = 1) -> list[Row]:
    """What is in the file if it rests on so many replicates; else it is made and put there."""
    if (
        not path.exists()
        or max(row["intervals"] for row in json.loads(path.read_text(encoding="utf-8")))
        < replicates
    ):
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(made), encoding="utf-8")
        part.replace(path)
        print(path.stem, flush=True)
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="How often 95 % intervals hold the truth.")
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=ROOT / "out" / "coverage")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    options = parser.parse_args(arguments)
    seed, rows = options.seed, []
    for one in conditions():
        path = options.kept / f"{one.name()}-{seed}.json"
        rows += kept(
            path,
            partial(study, one, replicates=options.replicates, seed=seed),
            replicates=options.replicates,
        )
    for truth in ("calibrated", "0.1 too sure"):
        one = Condition(truth, "grid", False, 200)
        path = options.kept / f"{one.name()}-slow-{seed}.json"
        rows += kept(path, partial(slowly_refused, one, replicates=60, resamples=79, seed=seed))
    with (options.docs / "coverage.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    told = page(read(options.docs / "coverage.csv"), options.seed)
    (options.docs / "coverage.md").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
