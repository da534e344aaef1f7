"""Resamples of one sample, and the metrics of all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration import (
    Forecasts,
)
from scoring_theory.calibration.binning import bin_edges
from tests.programs.coverage.conditions import LEVELS, Condition, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
