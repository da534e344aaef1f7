"""Whether payoffs are square-integrable, so that some safe reward is at a finite distance."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import isfinite
from typing import TYPE_CHECKING

from proofs.kernel.formula import Apply, Node, Number
from proofs.kernel.normal_form import Rejected
from proofs.search.at_point import value_at
from proofs.trees import walk

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report

LARGEST_PAYOFF = 1e150
"""Distances square a payoff; larger ones overflow."""
_UNBOUNDED = ("log", "exp", "beta_cdf", "beta_function")
_POWERS = (20, 40)
_FALL, _SMALL = 1 / 8, 1e-3


def is_square_integrable(report: Report) -> bool | None:
    """Whether both payoffs have an integral of their square, without loading numerical libraries.

    A proper reward is monotone on both sides, so that it is unbounded at q = 0 and q = 1 only; two
    exact values at each end show how fast it grows there. A formula without divisions, powers and
    logarithms is bounded. Any other reward has to be measured, as `designing.repairable` does.

    Args:
        report: the check of a reward.

    Returns:
        None where it has to be measured.

    Example:
        >>> from scoring_theory.checking import check
        >>> is_square_integrable(check("c + log(1 - abs(q - c))"))
        True
        >>> is_square_integrable(check("c + boosting"))  # grows like 1/sqrt(q)
        False
    """
    reward = report.reward
    sides = (reward.on_correct, reward.on_wrong)
    if report.range is None or reward.free_parameters:
        return None
    finite = [abs(end.value) for end in report.range if isfinite(end.value)]
    if max(finite, default=0.0) > LARGEST_PAYOFF:
        return False
    if report.proper.status == "proved":
        return bool(report.bounded) or all(
            _grows_slowly(side, end) for side, end in product(sides, (0, 1))
        )
    return True if not any(map(_may_be_unbounded, sides)) else None


def _may_be_unbounded(payoff: Node) -> bool:
    """Whether the formula holds a word whose value may be infinite on [0, 1]."""
    for part in walk(payoff):
        match part:
            case Apply("/", (_, Number(value))) if value:
                continue
            case Apply("^", (_, Number(value))) if value >= 0:
                continue
            case Apply(op, _) if op in ("/", "^", *_UNBOUNDED):
                return True
    return False


def _grows_slowly(payoff: Node, end: int) -> bool:
    """Whether a payoff grows at an end of [0, 1] no faster than x^-0.35, x the distance from it.

    sqrt(x) |R| then falls to an eighth between x = 2^-20 and 2^-40. Quadrature follows powers above
    -0.359; a square-integrable power below that is counted as too fast.
    """
    try:
        far, near = (
            abs(value_at(payoff, abs(end - Fraction(1, 2**power)))) * 2 ** (-power / 2)
            for power in _POWERS
        )
    except Rejected:
        return False
    return near <= max(_FALL * far, _SMALL)
