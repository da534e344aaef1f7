"""Clipped advantages: whether any advantage of a reward reaches an end of the clip."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import Trainer

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report

_MARGIN = 1e-9


def unclipped(report: Report, trainer: Trainer) -> tuple[Trainer, tuple[str, str] | None]:
    """The trainer without its clip where no advantage reaches it, and a row that says so.

    A standardised reward lies within kappa = sqrt((G - 1) (G - ddof) / G) of 0 (Theorem 24), a
    reward minus the mean of a group within (1 - 1/G) times the range of the payoffs, and a reward
    minus the mean of the others within the range.

    Example:
        >>> from fractions import Fraction
        >>> from scoring_theory import check
        >>> rlcr, ten = check("c - (q - c)^2"), (Fraction(-10), Fraction(10))
        >>> unclipped(rlcr, Trainer(advantage_clip=ten))[0].advantage_clip is None
        True
        >>> unclipped(rlcr, Trainer(advantage_clip=(Fraction(-1), Fraction(1))))[1][1]
        'advantages up to 1.75 are possible: those outside (-1, 1) are moved to its ends'
    """
    if trainer.advantage_clip is None:
        return trainer, None
    low, high = trainer.advantage_clip
    largest = _largest(report, trainer)
    if largest is not None and largest + _MARGIN < min(-low, high):
        text = f"no advantage exceeds {largest:.4g} in size, so that ({low}, {high}) clips nothing"
        return replace(trainer, advantage_clip=None), ("advantage clip", text)
    size = "without bound" if largest is None else f"up to {largest:.4g}"
    text = f"advantages {size} are possible: those outside ({low}, {high}) are moved to its ends"
    return trainer, ("advantage clip", text)


def _largest(report: Report, trainer: Trainer) -> float | None:
    """A bound on |A|; None where there is none or the range of the payoffs is not known."""
    estimator, size = ESTIMATORS[trainer.estimator], trainer.group_size
    if estimator.per_component or estimator.scale in ("others_std", "group_mean"):
        return None
    if estimator.scale == "group_std":
        stretch = size / (size - 1) if estimator.baseline == "leave_one_out" else 1.0
        return stretch * sqrt((size - 1) * (size - trainer.ddof) / size)
    if report.range is None or report.proper.status != "proved":
        return None
    least, most = (end.value for end in report.range)
    if not (isfinite(least) and isfinite(most)):
        return None
    shares = {"none": max(abs(least), abs(most)), "leave_one_out": most - least}
    return shares.get(estimator.baseline, (1 - 1 / size) * (most - least))
