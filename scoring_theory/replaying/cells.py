"""The metrics and mean rewards of one method on one dataset, also after recalibration."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict

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
from scoring_theory.calibration.binning import Closed, bin_index
from scoring_theory.calibration.error_intervals import Gaps, error_interval, gaps_of
from scoring_theory.calibration.mean_intervals import intervals_of_means
from scoring_theory.display import one_line
from scoring_theory.replaying.answers import Answers, pay
from scoring_theory.replaying.comparison import interval_json, number_json
from scoring_theory.replaying.resampling import groups_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from scoring_theory.rollouts.rollouts import Rollouts

CELL_METRICS = ("n", "accuracy", "mean_confidence", "brier", "ece", "auroc")
THIN = 20
MANY = 100_000
"""With more answers, recalibration uses two folds instead of five: half of the rows suffice."""
_EXACT_LEVELS = 2000


class _Binned(TypedDict):
    bins: int
    closed: Closed


@dataclass(frozen=True, slots=True)
class Cell:
    """The rows of one method, on one dataset or on all of them.

    Attributes:
        method: The name of the method.
        dataset: The dataset, or None for all rows of the method.
        n: The number of answers with a usable confidence; the metrics are computed from these.
        accuracy: The share of correct answers among these n.
        accuracy_of_all: The share of correct answers among all, also those without a confidence.
        mean_confidence: The mean stated confidence.
        brier: The Brier score, a loss; smaller is better.
        ece: The expected calibration error in the equal-width bins of the replay.
        auroc: The AUROC of confidence; NaN if all answers are correct or all are wrong, and for
            graded scores.
        rewards: The mean reward over all answers by name, with its interval (NaN ends without
            intervals).
        absent: The number of further answers without a confidence.
        malformed: The number of further answers whose confidence could not be parsed.
        overconfidence: Mean confidence minus accuracy, with its interval.
        ece_interval: The calibration error with its interval.
        ece_if_calibrated: The `level` quantile of the calibration error under perfect calibration
            with these confidences; NaN without intervals and for graded scores. It is the larger
            of the quantiles for independent outcomes and for outcomes correlated within questions
            as in the log.
        recalibrated: The mean reward by name with cross-fitted recalibrated confidences; empty if
            there is only one question.
        gain: `recalibrated` minus `rewards`.
        thin: A sentence on sparse bins, or "".
        drawn: The number of questions, or of answers if the log has no questions, from which the
            intervals resample.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.75, 0.75], correct=[1, 0])
        >>> one = replay(log, "c", intervals=False).cell("all")
        >>> one.accuracy, one.mean_confidence, one.ece
        (0.5, 0.75, 0.25)
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
        """The number of answers without a usable confidence."""
        return self.absent + self.malformed

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON without the names; NaN becomes null, and -inf the text "-inf"."""
        return {
            **{name: number_json(getattr(self, name)) for name in CELL_METRICS},
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
    """The options of the intervals.

    Attributes:
        resamples: Number of resamples; 0 for no intervals.
        level: Nominal coverage.
        seed: The seed of all random streams.
        graded: Whether correctness is a score in [0, 1].
        bins: The number of bins of equal width.
        closed: Which end of a bin belongs to it.
    """

    resamples: int
    level: float
    seed: int
    graded: bool = False
    bins: int = 10
    closed: Closed = "left"

    def rng(self, *names: str | None) -> np.random.Generator:
        """A separate random stream for each purpose, so that no number depends on the other cells.

        Example:
            >>> settings = Settings(resamples=9, level=0.95, seed=0)
            >>> settings.rng("a", None).random() == settings.rng("a", None).random()
            True
        """
        return np.random.default_rng([self.seed, zlib.crc32("\n".join(map(str, names)).encode())])


def cell(
    rollouts: Rollouts,
    own: Answers,
    rewards: Mapping[str, Reward],
    method: str,
    dataset: str | None,
    settings: Settings,
) -> Cell:
    """The cell of one method on one dataset, or on all rows.

    Args:
        rollouts: The log.
        own: The answers of this method and dataset.
        rewards: The rewards by name.
        method: The method.
        dataset: The dataset, or None for all rows.
        settings: The options of the intervals.
    """
    rows = rollouts.rows(method=method, dataset=dataset)
    unstated = own.place < 0
    malformed = int(rollouts.malformed[rows][unstated].sum()) if unstated.any() else 0
    paid = dict(zip(rewards, _intervals(own, own.paid, settings, method, dataset), strict=True))
    has = rollouts.states(method=method, dataset=dataset)
    forecasts = rollouts.forecasts(method=method, dataset=dataset) if has else None
    binned: _Binned = {"bins": settings.bins, "closed": settings.closed}
    ece = math.nan if forecasts is None else expected_calibration_error(forecasts, **binned)
    ece_interval = ConfidenceInterval(ece, math.nan, math.nan, settings.level, 0)
    ece_if_calibrated = math.nan
    if forecasts is not None and settings.resamples:
        place = own.place[own.stated]
        gaps = gaps_of(forecasts, np.zeros(len(forecasts), dtype=np.int64), place, methods=1)
        # The estimate from `gaps` may differ from `ece` in the last digit.
        ece_interval = replace(error_interval(gaps, level=settings.level), estimate=ece)
        if not settings.graded:
            ece_if_calibrated = _if_calibrated(gaps, forecasts, place, settings, method, dataset)
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
        accuracy_of_all=float(np.average(own.correct, weights=own.weight)),
        mean_confidence=math.nan if forecasts is None else mean_confidence(forecasts),
        brier=math.nan if forecasts is None else brier_score(forecasts),
        ece=ece,
        auroc=math.nan if forecasts is None or settings.graded else auroc(forecasts),
        rewards=paid,
        absent=int(unstated.sum()) - malformed,
        malformed=malformed,
        overconfidence=_overconfidence(forecasts, settings, method, dataset),
        ece_interval=ece_interval,
        ece_if_calibrated=ece_if_calibrated,
        recalibrated={name: mean for name, (mean, _) in better.items()},
        gain={name: gain for name, (_, gain) in better.items()},
        thin="" if forecasts is None else thin_bins(forecasts, **binned, least=THIN),
        drawn=groups_of(own),
    )


def _intervals(
    own: Answers, values: NDArray[np.float64], settings: Settings, *names: str | None
) -> list[ConfidenceInterval]:
    """The interval of each row's mean; without resamples, the means alone."""
    if not len(values):
        return []
    if not settings.resamples:
        means = (weighted_mean(row, own.weight) for row in values)
        return [ConfidenceInterval(mean, math.nan, math.nan, settings.level, 0) for mean in means]
    rng = settings.rng(*names)
    return intervals_of_means(
        values, own.weights, own.group, rng=rng, resamples=settings.resamples, level=settings.level
    )


def weighted_mean(values: NDArray[np.float64], weight: NDArray[np.float64] | None) -> float:
    """The mean; -inf if a value of positive weight is.

    Example:
        >>> weighted_mean(np.array([1.0, -np.inf]), np.array([2.0, 0.0]))
        1.0
    """
    if weight is None:
        return float(values.mean())
    counted = weight > 0
    return float((values[counted] * weight[counted]).sum() / weight.sum())


def _overconfidence(
    forecasts: Forecasts | None, settings: Settings, *names: str | None
) -> ConfidenceInterval:
    if forecasts is None or not settings.resamples:
        gap = math.nan if forecasts is None else mean_confidence(forecasts) - accuracy(forecasts)
        return ConfidenceInterval(gap, math.nan, math.nan, settings.level, 0)
    gaps = (forecasts.confidence - forecasts.correct)[None]
    rng = settings.rng(*names, "overconfidence")
    return mean_intervals(
        forecasts, gaps, rng=rng, resamples=settings.resamples, level=settings.level
    )[0]


def _if_calibrated(
    gaps: Gaps,
    forecasts: Forecasts,
    place: NDArray[np.int64],
    settings: Settings,
    *names: str | None,
) -> float:
    """The `level` quantile of ECE under perfect calibration.

    Outcomes of one question are correlated, which makes ECE larger than independent outcomes do.
    With several answers per question, the result is therefore at least the quantile of the normal
    limit with the covariance of the log.
    """
    limit = _if_independent(forecasts, place, settings, *names)
    if forecasts.group is None or int(gaps.groups[0]) in (1, len(forecasts)):
        return limit
    values, vectors = np.linalg.eigh(gaps.covariance[0, :, 0])
    drawn = settings.rng(*names, "alike").standard_normal((settings.resamples, values.size))
    errors = np.abs(drawn @ (vectors * np.sqrt(np.maximum(values, 0.0))).T).sum(axis=1)
    return max(limit, float(np.quantile(errors, settings.level, method="higher")))


def _if_independent(
    forecasts: Forecasts, place: NDArray[np.int64], settings: Settings, *names: str | None
) -> float:
    """The `level` quantile of ECE if each c_i is independently 1 with probability q_i.

    The sums are binomial for each stated value; with many values, or with weights, their normal
    limit is drawn.
    """
    levels, rng = forecasts.levels, settings.rng(*names, "calibrated")
    if forecasts.unweighted and levels.value.size <= _EXACT_LEVELS:
        column = Forecasts(
            correct=np.zeros(levels.value.size), confidence=levels.value.astype(forecasts.precision)
        )
        of_level = bin_index(column, bins=settings.bins, closed=settings.closed)
        drawn = rng.binomial(
            levels.rows, levels.value, size=(settings.resamples, levels.value.size)
        )
        gaps = drawn - levels.rows * levels.value
        binned = np.add.reduceat(gaps, np.flatnonzero(np.diff(of_level, prepend=-1)), axis=1)
    else:
        q, w = forecasts.confidence, forecasts.weight
        spread = q * (1 - q) if forecasts.unweighted else w**2 * q * (1 - q)
        variance = np.bincount(place, weights=spread)
        binned = rng.standard_normal((settings.resamples, variance.size)) * np.sqrt(variance)
    errors = np.abs(binned).sum(axis=1) / forecasts.weight.sum()
    return float(np.quantile(errors, settings.level, method="higher"))


def _recalibrated(
    own: Answers,
    forecasts: Forecasts,
    rewards: Mapping[str, Reward],
    settings: Settings,
    *names: str | None,
) -> dict[str, tuple[ConfidenceInterval, ConfidenceInterval]]:
    """By reward, the mean with cross-fitted isotonic confidences, and its gain."""
    codes = np.arange(len(forecasts)) if forecasts.group is None else forecasts.group
    if codes.min() == codes.max() or not rewards:  # one group has no other fold to fit on
        return {}
    folds = 2 if len(forecasts) > MANY else 5
    rng = settings.rng(*names, "recalibrated")
    better = recalibrate(forecasts, method="isotonic", rng=rng, folds=folds).forecasts
    values, stated = own.paid.copy(), own.stated
    for row, (name, reward) in zip(values, rewards.items(), strict=True):
        q, c = better.confidence, better.correct
        pay(row, stated, name, reward, q, c, graded=better.graded)
    means = _intervals(own, values, settings, *names, "means if recalibrated")
    with np.errstate(invalid="ignore"):
        added = values - own.paid
    finite = np.array([bool(np.isfinite(row).all()) for row in added])
    added = added if finite.all() else added[finite]  # no copy of long columns
    gains = iter(_intervals(own, added, settings, *names, "gain"))
    undefined = ConfidenceInterval(math.nan, math.nan, math.nan, settings.level, 0)
    return {
        name: (mean, next(gains) if defined else undefined)
        for name, mean, defined in zip(rewards, means, finite, strict=True)
    }
