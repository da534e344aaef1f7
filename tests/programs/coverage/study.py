"""Every interval of every sample of a condition, and how often it holds the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

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
from tests.programs.coverage.conditions import (
    LEVELS,
    TRUTHS,
    Condition,
    Floats,
    conditions,
    overconfident,
    population,
    sample,
)
from tests.programs.coverage.page import COLUMNS, Row
from tests.programs.coverage.resamples import (
    PAIRED,
    REFUSED,
    codes_of,
    drawn,
    each_left_out,
    groups_of,
    measured,
    resamples_for,
    weighted,
)

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
