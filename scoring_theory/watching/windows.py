"""What the monitor keeps of each update, and means over windows of updates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration import Forecasts
from scoring_theory.watching.alarms import Estimate, estimate
from scoring_theory.watching.figures import calibration_error

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats
    from scoring_theory.watching.replayed import Batch


@dataclass(frozen=True, eq=False)
class WatchedUpdate:
    """One update: its rollouts, sums by question, and what other statements would have earned."""

    batch: Batch
    answers: Floats
    stated: Floats
    right: Floats
    confidence: Floats
    gap: Floats
    gains: Mapping[str, float]
    preferred: Mapping[str, Floats]
    """(m,) by report: the sum of the advantage of stating it above that of stating the accuracy."""
    earned: Mapping[str, Floats]
    """The same of the reward."""
    compared: Floats
    """(m,) the number of rollouts of these sums; 0 where the group is too small."""


def signed_estimate(sign: int, mean: Estimate) -> Estimate:
    """The estimate, or its negative where `sign` is -1."""
    return replace(mean, value=sign * mean.value)


def mean_over(updates: Sequence[WatchedUpdate], sums: str, counts: str) -> Estimate:
    """The ratio of two columns of sums by question over some updates, with its standard error."""
    columns = (np.concatenate([getattr(seen, name) for seen in updates]) for name in (sums, counts))
    return estimate(*columns)


def unreadable_share(updates: Sequence[WatchedUpdate]) -> Estimate:
    """The share of answers without a readable confidence."""
    answers, stated = (
        np.concatenate([getattr(seen, name) for seen in updates]) for name in ("answers", "stated")
    )
    return estimate(answers - stated, answers)


def excess_error(updates: Sequence[WatchedUpdate]) -> float:
    """The ECE of a window, less its level by chance."""
    q, c, question = joined_batches([seen.batch for seen in updates])
    stated = ~np.isnan(q)
    if not stated.any():
        return math.nan
    found = calibration_error(Forecasts(c[stated], q[stated], group=question[stated]))
    return found.ece - found.by_chance


def joined_batches(
    batches: Sequence[Batch],
) -> tuple[Floats, Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Confidences, outcomes and questions, where those of different updates are different."""
    sizes = np.concatenate([batch.size for batch in batches])
    return (
        np.concatenate([batch.confidence for batch in batches]),
        np.concatenate([batch.correct for batch in batches]),
        np.repeat(np.arange(sizes.size), sizes),
    )


def mean_of_known(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted mean of the values that are numbers; NaN if there are none."""
    known = [
        (value, weight) for value, weight in zip(values, weights, strict=True) if value == value
    ]
    total = sum(weight for _, weight in known)
    return float(sum(value * weight for value, weight in known) / total) if known else math.nan
