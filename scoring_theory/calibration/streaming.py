"""Metrics of logs that do not fit into memory: totals of parts that add up to the totals of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import BinSums, bin_sums
from scoring_theory.calibration.errors import ece_of
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.smooth import residual_grid, smooth_error_of
from scoring_theory.catalogue.coercion import as_rewards
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.catalogue.coercion import RewardsLike


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Sums over rows; `a + b` is the sums over the rows of both, in bounded memory however many there are.

    Everything that is a function of sums can be streamed: means, equal-width calibration error, the
    smooth one. What ranks all rows (AUROC, CORP, equal mass) needs the distinct stated values; see
    `condensed`.

    Attributes:
        rows: How many.
        squares: Sum of w (q - c)^2.
        bins: Sums in equal-width bins.
        residuals: Residuals on the grid of `smooth_calibration_error`.
        earned: Sum of w R(q, c) of each reward.
    """

    rows: int
    squares: float
    bins: BinSums
    residuals: NDArray[np.float64]
    earned: Mapping[str, float]

    __repr__ = one_line

    def __add__(self, other: Totals) -> Totals:
        if self.bins.weight.size != other.bins.weight.size or list(self.earned) != list(
            other.earned
        ):
            raise ValueError("totals add up only with the same bins and rewards")
        earned = {name: paid + other.earned[name] for name, paid in self.earned.items()}
        return Totals(
            self.rows + other.rows,
            self.squares + other.squares,
            self.bins + other.bins,
            self.residuals + other.residuals,
            earned,
        )

    @property
    def weight(self) -> float:
        """Sum of w."""
        return float(self.bins.weight.sum())

    @property
    def accuracy(self) -> float:
        """The share of correct answers."""
        return float(self.bins.correct.sum()) / self.weight

    @property
    def mean_confidence(self) -> float:
        """The mean stated confidence."""
        return float(self.bins.confidence.sum()) / self.weight

    @property
    def brier_score(self) -> float:
        """The mean squared error of the confidence."""
        return self.squares / self.weight

    @property
    def expected_calibration_error(self) -> float:
        """See `scoring_theory.calibration.expected_calibration_error`, with these equal-width bins."""
        return ece_of(self.bins)

    @property
    def smooth_calibration_error(self) -> float:
        """See `scoring_theory.calibration.smooth_calibration_error`."""
        return smooth_error_of(self.residuals, self.weight)

    @property
    def mean_rewards(self) -> dict[str, float]:
        """What the answers would have earned on average under each reward."""
        return {name: paid / self.weight for name, paid in self.earned.items()}


@takes_arrays
def totals(forecasts: Forecasts, *, bins: int = 10, rewards: RewardsLike | None = None) -> Totals:
    """The totals of one part of a log.

    Args:
        forecasts: Its rows.
        bins: How many equal-width bins.
        rewards: One reward, a list, or rewards by name, whose sums are kept too.

    Raises:
        ValueError: If `bins` is not a positive whole number.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> first = totals(Forecasts(correct=[0, 1], confidence=[0.5, 1.0]))
        >>> both = first + totals(Forecasts(correct=[1], confidence=[0.9]))
        >>> both.rows, round(both.accuracy, 3), round(both.brier_score, 3)
        (3, 0.667, 0.087)

    A Parquet file of any length, read a million rows at a time (with pyarrow's default,
    pre_buffer=True, memory grows with the file): `functools.reduce(operator.add,
    (totals(part["correct"].to_numpy(zero_copy_only=False), part["confidence"].to_numpy()) for part
    in pyarrow.parquet.ParquetFile(path, pre_buffer=False).iter_batches(2**20)))`.
    """
    paying = {} if rewards is None else as_rewards(rewards)
    weight = float(len(forecasts)) if forecasts.unweighted else float(forecasts.weight.sum())
    return Totals(
        rows=len(forecasts),
        squares=forecasts.mean_of(lambda q, c: (q - c) ** 2) * weight,
        bins=bin_sums(forecasts, bins=bins),
        residuals=residual_grid(forecasts),
        earned={name: forecasts.mean_of(reward.payoff) * weight for name, reward in paying.items()},
    )


def condensed(parts: Iterable[Forecasts]) -> Forecasts:
    """All rows of the parts of a log, equal ones as one row that weighs as much as they do together.

    Every metric of weighted rows has the value that it has for all the rows, also those that rank
    them. Memory is that of one part and of the distinct stated values: bounded for confidences on a
    grid, however many rows there are. What counts rows and not weight (groups, intervals,
    debiasing) needs the rows themselves.

    Args:
        parts: One or more parts, taken one at a time.

    Raises:
        ValueError: If there is no part.

    Example:
        >>> from scoring_theory.calibration import Forecasts, auroc
        >>> parts = [Forecasts(correct=[0, 1, 1], confidence=[0.5, 0.9, 0.9]), Forecasts(correct=[1], confidence=[0.5])]
        >>> whole = condensed(parts)
        >>> whole.confidence, whole.correct, whole.weight
        (array([0.5, 0.5, 0.9]), array([0., 1., 1.]), array([1., 1., 2.]))
        >>> round(auroc(whole), 3)
        0.833
    """
    value, sums, precision = np.empty(0), np.empty((2, 0)), None
    for part in parts:
        found = part.levels
        value, index = np.unique(np.concatenate([value, found.value]), return_inverse=True)
        both = np.hstack([sums, [found.wrong, found.correct]])
        sums = np.stack([np.bincount(index, weights=column) for column in both])
        precision = (
            part.precision if precision is None else np.promote_types(precision, part.precision)
        )
    if precision is None:
        raise ValueError("`parts` must hold at least one part, got none")
    q, c = np.repeat(value, 2), np.tile([0.0, 1.0], value.size)
    weight = sums.T.ravel()
    kept = weight > 0
    return Forecasts(correct=c[kept], confidence=q[kept].astype(precision), weight=weight[kept])
