"""The law of the table: which Brier score accuracy, AUROC and mean confidence imply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scoring_theory.calibration import ImpliedMetrics, implied_metrics
from simulations.evidence.published import PublishedRow, published_rows


class TableResidual(NamedTuple):
    """A published cell beside what three of its numbers imply about a fourth.

    Attributes:
        row: the published cell.
        implied: what its accuracy, AUROC and mean confidence imply.
        without_resolution: the implied Brier score if recalibrated confidence is constant,
            acc (1 - acc) + (mean confidence - acc)^2: the baseline.
    """

    row: PublishedRow
    implied: ImpliedMetrics
    without_resolution: float

    @property
    def error(self) -> float:
        """Implied minus published Brier score."""
        return self.implied.brier - self.row.brier

    @property
    def baseline_error(self) -> float:
        """The same for the baseline."""
        return self.without_resolution - self.row.brier


class MethodError(NamedTuple):
    """How far the implied Brier scores of one method are from the published ones.

    Attributes:
        method: the method, or "all".
        cells: how many cells it has.
        mean: the mean absolute error.
        largest: the largest absolute error.
        baseline: the mean absolute error of the baseline.
        below_bound: the largest amount by which a published Brier score is below the bound, which
            holds if recalibrated confidence never decreases in stated confidence; 0 if none is.
    """

    method: str
    cells: int
    mean: float
    largest: float
    baseline: float
    below_bound: float


def table_residuals(rows: Sequence[PublishedRow] | None = None) -> tuple[TableResidual, ...]:
    """Each published cell beside what its accuracy, AUROC and mean confidence imply.

    Example:
        >>> residuals = table_residuals()
        >>> round(sum(abs(one.error) for one in residuals) / len(residuals), 4)
        0.0063
        >>> round(sum(abs(one.baseline_error) for one in residuals) / len(residuals), 4)
        0.0133
    """
    found = []
    for row in published_rows() if rows is None else rows:
        implied = implied_metrics(
            accuracy=row.accuracy, auroc=row.auroc, mean_confidence=row.mean_confidence
        )
        found.append(TableResidual(row, implied, implied.brier + implied.resolution))
    return tuple(found)


def method_errors(residuals: Sequence[TableResidual]) -> tuple[MethodError, ...]:
    """The errors by method in the order of the rows, and of all cells together.

    Cells are pooled. Means over data sets do not obey the law, which is not linear.

    Example:
        >>> everything = method_errors(table_residuals())[-1]
        >>> everything.cells, round(everything.largest, 3), round(everything.below_bound, 4)
        (88, 0.037, 0.0014)
    """
    names = list(dict.fromkeys(one.row.method for one in residuals))
    groups = [(name, [one for one in residuals if one.row.method == name]) for name in names]
    return tuple(_errors(name, group) for name, group in [*groups, ("all", list(residuals))])


def _errors(method: str, group: Sequence[TableResidual]) -> MethodError:
    errors = [abs(one.error) for one in group]
    return MethodError(
        method,
        len(group),
        sum(errors) / len(errors),
        max(errors),
        sum(abs(one.baseline_error) for one in group) / len(group),
        max(0.0, *(one.implied.brier_at_least - one.row.brier for one in group)),
    )
