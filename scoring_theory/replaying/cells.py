"""One method on one dataset: how right, how calibrated, what it earned, and what calibration would have earned it."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration import (
    ConfidenceInterval,
    Forecasts,
    accuracy,
    auroc,
    brier_score,
    expected_calibration_error,
    mean_confidence,
    mean_intervals,
    recalibrate,
    thin_bins,
)
from scoring_theory.calibration.binning import bin_index
from scoring_theory.calibration.error_intervals import Gaps, error_interval, gaps_of
from scoring_theory.calibration.mean_intervals import intervals_of_means
from scoring_theory.display import one_line
from scoring_theory.replaying.answers import BINS, Answers, paid_by
from scoring_theory.replaying.comparison import interval_json, number_json
from scoring_theory.replaying.resampling import groups_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from scoring_theory.rollouts.rollouts import Rollouts

METRICS = ("n", "accuracy", "mean_confidence", "brier", "ece", "auroc")
THIN = 20
MANY = 100_000
"""Beyond so many answers, half of them fit a step function as well as four fifths do."""
_EXACT_LEVELS = 2000


@dataclass(frozen=True, slots=True)
class Cell:
    """The rows of one method, on one dataset or on all of them.

    Attributes:
        method: Its name.
        dataset: The dataset, or None for all rows of the method pooled.
        n: How many answers state a confidence; the metrics are theirs.
        accuracy: Share of correct answers among these n.
        accuracy_of_all: Share of correct answers among all rows, those without a confidence included.
        mean_confidence: Mean stated confidence.
        brier: Mean squared error of the confidence; smaller is better.
        ece: Expected calibration error, ten equal-width bins.
        auroc: How well confidence separates right from wrong; NaN when only one of the two occurs.
        rewards: Mean reward by name over all answers, with its interval (NaN ends when none was
            asked for).
        absent: How many further answers state no confidence.
        malformed: How many further answers state something that is none.
        overconfidence: Mean stated confidence less accuracy, with its interval.
        ece_interval: The calibration error with its interval.
        ece_if_calibrated: What the calibration error of calibrated answers with these confidences
            stays below with the chance `level`; NaN without intervals. The larger of two: outcomes
            independent, or as alike within questions as in the log.
        recalibrated: Mean reward by name if each answer had stated its cross-fitted recalibrated
            confidence; empty where that cannot be fitted.
        gain: What that would have added.
        thin: A sentence about bins with few answers, or "".
        drawn: How many questions its intervals resample, or answers where the log names no
            questions.
    """

    method: str
    dataset: str | None
    n: int
    accuracy: float
    accuracy_of_all: float
    mean_confidence: float
    brier: float
    ece: float
    auroc: float
    rewards: Mapping[str, ConfidenceInterval]
    absent: int
    malformed: int
    overconfidence: ConfidenceInterval
    ece_interval: ConfidenceInterval
    ece_if_calibrated: float
    recalibrated: Mapping[str, ConfidenceInterval]
    gain: Mapping[str, ConfidenceInterval]
    thin: str
    drawn: int

    __repr__ = one_line

    @property
    def missing(self) -> int:
        """How many answers have no usable confidence."""
        return self.absent + self.malformed

    def to_json(self) -> dict[str, Any]:
        """The cell without its names; an undefined AUROC is null, an infinite mean is the text "-inf"."""
        return {
            **{name: number_json(getattr(self, name)) for name in METRICS},
            "rewards": {name: interval_json(one) for name, one in self.rewards.items()},
            "absent": self.absent,
            "malformed": self.malformed,
            "accuracy_of_all": number_json(self.accuracy_of_all),
            "overconfidence": interval_json(self.overconfidence),
            "ece_interval": interval_json(self.ece_interval),
            "ece_if_calibrated": number_json(self.ece_if_calibrated),
            "recalibrated": {
                name: {**interval_json(one), "gain": interval_json(self.gain[name])}
                for name, one in self.recalibrated.items()
            },
            "thin_bins": self.thin,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How intervals are drawn; no resamples, no intervals."""

    resamples: int
    level: float
    seed: int

    def rng(self, *names: str | None) -> np.random.Generator:
        """A stream of its own for every place, so that no number depends on what else is in the log."""
        return np.random.default_rng([self.seed, zlib.crc32("\n".join(map(str, names)).encode())])


def cell(
    rollouts: Rollouts,
    own: Answers,
    rewards: Mapping[str, Reward],
    method: str,
    dataset: str | None,
    settings: Settings,
) -> Cell:
    """Measure the answers of one method on one dataset, or on all; `own` are these."""
    rows = rollouts.rows(method=method, dataset=dataset)
    unstated = rows & np.isnan(rollouts.confidence)
    malformed = int((unstated & rollouts.malformed).sum())
    paid = dict(zip(rewards, _intervals(own, own.paid, settings, method, dataset), strict=True))
    has = rollouts.states(method=method, dataset=dataset)
    forecasts = rollouts.forecasts(method=method, dataset=dataset) if has else None
    ece = math.nan if forecasts is None else expected_calibration_error(forecasts, bins=BINS)
    ece_interval, ece_if_calibrated = (
        ConfidenceInterval(ece, math.nan, math.nan, settings.level, 0),
        math.nan,
    )
    if forecasts is not None and settings.resamples:
        gaps = gaps_of(
            forecasts,
            np.zeros(len(forecasts), dtype=np.int64),
            own.place[own.place >= 0],
            methods=1,
        )
        ece_interval = replace(
            error_interval(gaps, level=settings.level), estimate=ece
        )  # to the last digit
        ece_if_calibrated = _if_calibrated(gaps, forecasts, settings, method, dataset)
    better = (
        {}
        if forecasts is None
        else _recalibrated(own, forecasts, rewards, settings, method, dataset)
    )
    return Cell(
        method=method,
        dataset=dataset,
        n=0 if forecasts is None else len(forecasts),
        accuracy=math.nan if forecasts is None else accuracy(forecasts),
        accuracy_of_all=float(rollouts.correct[rows].mean()),
        mean_confidence=math.nan if forecasts is None else mean_confidence(forecasts),
        brier=math.nan if forecasts is None else brier_score(forecasts),
        ece=ece,
        auroc=math.nan if forecasts is None else auroc(forecasts),
        rewards=paid,
        absent=int(unstated.sum()) - malformed,
        malformed=malformed,
        overconfidence=_overconfidence(forecasts, settings, method, dataset),
        ece_interval=ece_interval,
        ece_if_calibrated=ece_if_calibrated,
        recalibrated={name: mean for name, (mean, _) in better.items()},
        gain={name: gain for name, (_, gain) in better.items()},
        thin="" if forecasts is None else thin_bins(forecasts, bins=BINS, least=THIN),
        drawn=groups_of(own),
    )


def _intervals(
    own: Answers, values: NDArray[np.float64], settings: Settings, *names: str | None
) -> list[ConfidenceInterval]:
    if not len(values):
        return []
    if not settings.resamples:
        return [
            ConfidenceInterval(float(row.mean()), math.nan, math.nan, settings.level, 0)
            for row in values
        ]
    weight, rng = np.broadcast_to(np.float64(1), values.shape[1]), settings.rng(*names)
    return intervals_of_means(
        values, weight, own.group, rng=rng, resamples=settings.resamples, level=settings.level
    )


def _overconfidence(
    forecasts: Forecasts | None, settings: Settings, *names: str | None
) -> ConfidenceInterval:
    if forecasts is None or not settings.resamples:
        gap = math.nan if forecasts is None else mean_confidence(forecasts) - accuracy(forecasts)
        return ConfidenceInterval(gap, math.nan, math.nan, settings.level, 0)
    gaps, rng = (
        (forecasts.confidence - forecasts.correct)[None],
        settings.rng(*names, "overconfidence"),
    )
    return mean_intervals(
        forecasts, gaps, rng=rng, resamples=settings.resamples, level=settings.level
    )[0]


def _if_calibrated(
    gaps: Gaps, forecasts: Forecasts, settings: Settings, *names: str | None
) -> float:
    """The `level` quantile of ECE under calibration; where questions are answered twice, no less than they allow.

    Answers to one question share what makes it hard, and are right together more often than
    independent ones.
    """
    limit = _if_independent(forecasts, settings, *names)
    if forecasts.group is None or int(gaps.groups[0]) in (1, len(forecasts)):
        return limit
    values, vectors = np.linalg.eigh(gaps.covariance[0, :, 0])
    drawn = settings.rng(*names, "alike").standard_normal((settings.resamples, values.size))
    errors = np.abs(drawn @ (vectors * np.sqrt(np.maximum(values, 0.0))).T).sum(axis=1)
    return max(limit, float(np.quantile(errors, settings.level, method="higher")))


def _if_independent(forecasts: Forecasts, settings: Settings, *names: str | None) -> float:
    """The `level` quantile of ECE when each c_i is 1 with chance q_i: binomial by value, normal if values are many."""
    levels, rng = forecasts.levels, settings.rng(*names, "calibrated")
    column = Forecasts(
        correct=np.zeros(levels.value.size), confidence=levels.value.astype(forecasts.precision)
    )
    place = bin_index(column, bins=BINS)
    if levels.value.size <= _EXACT_LEVELS:
        drawn = rng.binomial(
            levels.rows, levels.value, size=(settings.resamples, levels.value.size)
        )
        gaps = drawn - levels.rows * levels.value
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        binned = np.add.reduceat(gaps, starts, axis=1)
    else:
        variance = np.bincount(place, weights=levels.rows * levels.value * (1 - levels.value))
        binned = rng.standard_normal((settings.resamples, variance.size)) * np.sqrt(variance)
    errors = np.abs(binned).sum(axis=1) / len(forecasts)
    return float(np.quantile(errors, settings.level, method="higher"))


def _recalibrated(
    own: Answers,
    forecasts: Forecasts,
    rewards: Mapping[str, Reward],
    settings: Settings,
    *names: str | None,
) -> dict[str, tuple[ConfidenceInterval, ConfidenceInterval]]:
    """By reward: the mean under cross-fitted isotonic confidences, and what that adds to the mean as stated."""
    codes = np.arange(len(forecasts)) if forecasts.group is None else forecasts.group
    if codes.min() == codes.max() or not rewards:  # nothing to fit on
        return {}
    folds = 2 if len(forecasts) > MANY else 5
    rng = settings.rng(*names, "recalibrated")
    better = recalibrate(forecasts, method="isotonic", rng=rng, folds=folds).forecasts
    values = own.paid.copy()
    for row, (name, reward) in zip(values, rewards.items(), strict=True):
        row[own.place >= 0] = paid_by(name, reward, better.confidence, better.correct)
    means = _intervals(own, values, settings, *names, "means if recalibrated")
    with np.errstate(invalid="ignore"):
        added = values - own.paid
    finite = np.array([bool(np.isfinite(row).all()) for row in added])
    gains = iter(_intervals(own, added[finite], settings, *names, "gain"))
    nothing = ConfidenceInterval(math.nan, math.nan, math.nan, settings.level, 0)
    return {
        name: (mean, next(gains) if known else nothing)
        for name, mean, known in zip(rewards, means, finite, strict=True)
    }
