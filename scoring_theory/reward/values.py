"""Values of two payoffs on float64 arrays: rewards, expected reward and the best report."""

from __future__ import annotations

from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.formula import CONFIDENCE, FormulaError, Node
from scoring_theory.expression.numeric import evaluate
from scoring_theory.expression.pieces import piece_ends
from scoring_theory.reward.algebra import Sides

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

GRID = 1025
GOLDEN = (5**0.5 - 1) / 2
HONEST_BONUS = 16 * float(np.finfo(np.float64).eps)
"""A relative slack, so that rounding does not make a tie with the truthful report a gain."""


def _numbers(values: ArrayLike, name: str) -> Floats:
    """The values as float64; types that NumPy would convert silently are rejected."""
    if np.ma.isMaskedArray(values):
        raise TypeError(
            f"`{name}` must hold numbers, got a masked array; decide what its masked entries are"
        )
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" and array.size:
        for entry in array.reshape(-1).tolist():
            if array.dtype.kind != "O" or not isinstance(entry, Real):
                raise TypeError(f"`{name}` must hold numbers, got {entry!r:.60}")
    return array.astype(np.float64)


def probabilities(values: ArrayLike, name: str) -> Floats:
    """The values as float64, each in [0, 1].

    Raises:
        ValueError: a value is outside [0, 1] or NaN; the message gives its place.
        TypeError: a text, a complex number, or anything else that is not a real number.

    Example:
        >>> probabilities([0.5, 1.2], "confidence")
        Traceback (most recent call last):
        ValueError: `confidence` must lie in [0, 1], got 1.2 at index 1
    """
    array = _numbers(values, name)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        raise ValueError(f"`{name}` must lie in [0, 1], got {_first(array, outside)}")
    return array


def _first(array: Floats, chosen: np.ndarray) -> str:
    where = tuple(int(i) for i in np.argwhere(chosen)[0])
    place = "" if not where else f" at index {where[0] if len(where) == 1 else where}"
    return f"{float(array[where])}{place}"


def _outcomes(values: ArrayLike) -> Floats:
    array = _numbers(values, "correct")
    neither = (array != 0) & (array != 1)
    if neither.any():
        raise ValueError(f"`correct` must be 0 or 1, got {_first(array, neither)}")
    return array


def payoff(sides: Sides, confidence: ArrayLike, correct: ArrayLike) -> Floats:
    """The reward R(q, c); see `Reward.payoff`.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> payoff((parse("q"), parse("-q")), 0.5, [0, 1])
        array([-0.5,  0.5])
    """
    q, c = np.broadcast_arrays(probabilities(confidence, "confidence"), _outcomes(correct))
    result, stated, happened = np.empty(q.size), q.reshape(-1), c.reshape(-1)
    for outcome, side in zip((1, 0), sides, strict=True):
        chosen = np.flatnonzero(happened == outcome)  # positions are faster than an irregular mask
        if chosen.size:
            result[chosen] = evaluate(side, {CONFIDENCE: stated[chosen]})
    return result.reshape(q.shape)


def payoff_table(sides: Sides, levels: ArrayLike) -> Floats:
    """The rewards on a grid of confidences; see `Reward.table`.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> payoff_table((parse("q"), parse("-q")), [0.5]).tolist()
        [[-0.5], [0.5]]
    """
    q = probabilities(levels, "levels")
    if q.ndim != 1 or not q.size:
        raise ValueError(f"`levels` must be a nonempty list of confidences, got shape {q.shape}")
    return np.stack([evaluate(side, {CONFIDENCE: q}) for side in reversed(sides)])


def _mean(p: Floats, f: Floats, g: Floats) -> Floats:
    """The mean p f + (1 - p) g with 0 * inf = 0."""
    with np.errstate(invalid="ignore"):
        return np.where(p == 0, 0.0, p * f) + np.where(p == 1, 0.0, (1 - p) * g)


def expected_reward(sides: Sides, success_probability: ArrayLike, confidence: ArrayLike) -> Floats:
    """The expected reward U(p, q); see `Reward.expected_reward`.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> expected_reward((parse("q"), parse("-q")), 0.75, 0.5).item()
        0.25
    """
    p, q = (
        probabilities(success_probability, "success_probability"),
        probabilities(confidence, "confidence"),
    )
    return _mean(p, *(evaluate(side, {CONFIDENCE: q}) for side in sides))


@lru_cache(maxsize=256)
def _candidates(*sides: Node) -> Floats:
    """A grid with both ends, the breakpoints, and points just beside them, for the supremum."""
    points = [np.linspace(0.0, 1.0, GRID)]
    for side in sides:
        try:
            jumps = np.array([0.0, *map(float, piece_ends(side)), 1.0])
        except FormulaError:  # a condition without exact roots: the grid and the refinement must do
            jumps = np.array([0.0, 1.0])
        points += [jumps, jumps - 1e-12, jumps + 1e-12]
    return np.unique(np.clip(np.concatenate(points), 0.0, 1.0))


def best_report_and_value(sides: Sides, success_probability: ArrayLike) -> tuple[Floats, Floats]:
    """V(p) and a report that attains it.

    The best point of a dense grid is refined by golden sections; the truthful report is taken if
    its value is at least as high.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> value, report = best_report_and_value((parse("q"), parse("-q")), 0.75)
        >>> value.item(), report.item()
        (0.5, 1.0)
    """
    p = probabilities(success_probability, "success_probability")
    flat = p.reshape(-1)
    grid = _candidates(*sides)
    on_grid = _mean(flat[:, None], *(evaluate(side, {CONFIDENCE: grid}) for side in sides))
    peak = np.argmax(on_grid, axis=1)
    value, report = on_grid[np.arange(flat.size), peak], grid[peak]
    refined = _golden(
        sides, flat, grid[np.maximum(peak - 1, 0)], grid[np.minimum(peak + 1, grid.size - 1)]
    )
    for other in (refined, flat):
        earned = expected_reward(sides, flat, other)
        slack = HONEST_BONUS * (
            1 + np.abs(value, out=np.zeros_like(value), where=np.isfinite(value))
        )
        better = earned > value - (slack if other is flat else 0.0)
        value, report = np.maximum(value, earned), np.where(better, other, report)
    return value.reshape(p.shape), report.reshape(p.shape)


def _golden(sides: Sides, p: Floats, low: Floats, high: Floats) -> Floats:
    """Golden-section search for the maximum of U(p, .) in [low, high], for all p at once."""
    for _ in range(48):
        width = high - low
        left, right = high - GOLDEN * width, low + GOLDEN * width
        rises = expected_reward(sides, p, left) < expected_reward(sides, p, right)
        low, high = np.where(rises, left, low), np.where(rises, high, right)
    return (low + high) / 2
