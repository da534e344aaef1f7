"""Metrics of logs that do not fit into memory, from mergeable sufficient statistics."""

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
    """Sufficient statistics of part of a log; `a + b` are those of both parts.

    Their size does not depend on the number of rows. They determine the means and the equal-width
    and smooth calibration errors. Metrics that rank the rows (AUROC, CORP, equal mass) need the
    distinct stated values; see `condensed`.

    Attributes:
        rows: Number of rows.
        squares: Sum of w (q - c)^2.
        bins: Sums over equal-width bins.
        residuals: Residuals on the grid of `smooth_calibration_error`.
        earned: Sum of w R(q, c) for each reward.

    Example:
        >>> parts = totals([0, 1], [0.5, 1.0]) + totals([1], [0.5])
        >>> parts.rows, parts.mean_confidence, parts.weight
        (3, 0.6666666666666666, 3.0)
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
            raise ValueError("totals can only be added with the same bins and rewards")
        earned = {name: total + other.earned[name] for name, total in self.earned.items()}
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
        """`calibration.expected_calibration_error` with these equal-width bins."""
        return ece_of(self.bins)

    @property
    def smooth_calibration_error(self) -> float:
        """`calibration.smooth_calibration_error`."""
        return smooth_error_of(self.residuals, self.weight)

    @property
    def mean_rewards(self) -> dict[str, float]:
        """The mean of each reward."""
        return {name: total / self.weight for name, total in self.earned.items()}


@takes_arrays
def totals(forecasts: Forecasts, *, bins: int = 10, rewards: RewardsLike | None = None) -> Totals:
    """The sufficient statistics of one part of a log.

    Args:
        forecasts: The rows of the part.
        bins: Number of equal-width bins.
        rewards: One reward, a list, or rewards by name, whose sums are recorded as well.

    Raises:
        ValueError: If `bins` is not a positive whole number.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> first = totals(Forecasts(correct=[0, 1], confidence=[0.5, 1.0]))
        >>> both = first + totals(Forecasts(correct=[1], confidence=[0.9]))
        >>> both.rows, round(both.accuracy, 3), round(both.brier_score, 3)
        (3, 0.667, 0.087)

    A Parquet file of any length can be read a million rows at a time (with pyarrow's default,
    pre_buffer=True, memory would grow with the file): `functools.reduce(operator.add,
    (totals(part["correct"].to_numpy(zero_copy_only=False), part["confidence"].to_numpy()) for part
    in pyarrow.parquet.ParquetFile(path, pre_buffer=False).iter_batches(2**20)))`.
    """
    named = {} if rewards is None else as_rewards(rewards)
    weight = float(len(forecasts)) if forecasts.unweighted else float(forecasts.weight.sum())
    return Totals(
        rows=len(forecasts),
        squares=forecasts.mean_of(lambda q, c: (q - c) ** 2) * weight,
        bins=bin_sums(forecasts, bins=bins),
        residuals=residual_grid(forecasts),
        earned={name: forecasts.mean_of(reward.payoff) * weight for name, reward in named.items()},
    )


def condensed(parts: Iterable[Forecasts]) -> Forecasts:
    """All parts of a log with equal rows merged into one weighted row.

    Every metric of weighted rows has the same value as on all the rows, also AUROC and others that
    rank them. The memory is that of one part plus the distinct stated values, which is bounded for
    confidences on a grid. Groups, intervals and debiasing, which count rows instead of weights,
    need the original rows.

    Args:
        parts: One or more parts, read one at a time.

    Raises:
        ValueError: If there is no part.

    Example:
        >>> from scoring_theory.calibration import Forecasts, auroc
        >>> first = Forecasts(correct=[0, 1, 1], confidence=[0.5, 0.9, 0.9])
        >>> whole = condensed([first, Forecasts(correct=[1], confidence=[0.5])])
        >>> whole.confidence, whole.correct, whole.weight
        (array([0.5, 0.5, 0.9]), array([0., 1., 1.]), array([1., 1., 2.]))
        >>> round(auroc(whole), 3)
        0.833
    """
    value, sums, precision = np.empty(0), np.empty((2, 0)), None
    for part in parts:
        levels = part.levels
        value, index = np.unique(np.concatenate([value, levels.value]), return_inverse=True)
        both = np.hstack([sums, [levels.wrong, levels.correct]])
        sums = np.stack([np.bincount(index, weights=column) for column in both])
        precision = (
            part.precision if precision is None else np.promote_types(precision, part.precision)
        )
    if precision is None:
        raise ValueError("`parts` must hold at least one part, got none")
    q, c = np.repeat(value, 2), np.tile([0.0, 1.0], value.size)
    weight = sums.T.ravel()
    used = weight > 0
    return Forecasts(correct=c[used], confidence=q[used].astype(precision), weight=weight[used])
