"""The distinct stated values with their outcomes, from one exact sort or from counting.

Every metric that ranks the rows (AUROC, CORP, equal-mass bins) is computed from these levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration.order_statistics import BLOCK, CELLS, cells, slices
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """One entry per distinct stated value, in increasing order.

    Tied rows share one entry, so that results cannot depend on the order of the rows.

    Attributes:
        value: (k,) the distinct stated values.
        weight: (k,) sum of w over the rows with this value; 0 if all of them have weight 0.
        correct: (k,) sum of w c over these rows.
        rows: (k,) number of these rows.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> levels = Forecasts([1, 0, 1], [0.5, 0.5, 0.9]).levels
        >>> levels.value, levels.correct, levels.wrong
        (array([0.5, 0.9]), array([1., 1.]), array([1., 0.]))
    """

    value: NDArray[np.float64]
    weight: NDArray[np.float64]
    correct: NDArray[np.float64]
    rows: NDArray[np.int64]

    __repr__ = one_line

    @property
    def wrong(self) -> NDArray[np.float64]:
        """(k,) sum of w (1 - c)."""
        return np.maximum(self.weight - self.correct, 0.0)

    def weighted(self) -> Levels:
        """The levels of positive weight."""
        positive = self.weight > 0
        if positive.all():
            return self
        return Levels(
            self.value[positive],
            self.weight[positive],
            self.correct[positive],
            self.rows[positive],
        )


def levels_of(q: NDArray[np.float64], c: NDArray[np.float64], w: NDArray[np.float64]) -> Levels:
    """The levels by one exact sort.

    For q in [0, 1] the bits of a float64, read as an integer, are below 2^62 and increase with q.
    Shifted left by one, with the outcome in the lowest bit, they are an exact integer key, so that
    one sort of integers orders both columns.

    Args:
        q: (n,) in [0, 1], without -0.0.
        c: (n,) each 0 or 1; with weights a score in [0, 1].
        w: (n,) nonnegative.

    Example:
        >>> levels = levels_of(np.array([0.5, 0.0, 0.5]), np.array([1.0, 0.0, 0.0]), np.ones(3))
        >>> levels.value, levels.correct, levels.rows
        (array([0. , 0.5]), array([0., 1.]), array([1, 2]))
    """
    key = np.empty(q.size, dtype=np.uint64)
    for rows in slices(q.size):
        np.left_shift(q[rows].view(np.uint64), _ONE, out=key[rows])
        key[rows] |= c[rows].astype(np.uint64)
    order = None if equal_weights(w) else np.argsort(key, kind="stable")
    if order is None:
        key.sort()
    else:
        key = key[order]
    right = np.empty(q.size)
    for rows in slices(q.size):
        right[rows] = key[rows] & _ONE
        key[rows] >>= _ONE
    stated = key.view(np.float64)
    new = np.ones(q.size, dtype=np.bool_)
    np.not_equal(stated[1:], stated[:-1], out=new[1:])
    if order is None and new.all():
        ones = np.broadcast_to(np.int64(1), q.shape)
        return Levels(stated, np.broadcast_to(np.float64(1), q.shape), right, ones)
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=q.size)
    if order is None:
        return Levels(
            stated[starts], counts.astype(np.float64), np.add.reduceat(right, starts), counts
        )
    weight = w[order]
    return Levels(
        stated[starts],
        np.add.reduceat(weight, starts),
        np.add.reduceat(weight * c[order], starts),  # a graded score has no bit in the key
        counts,
    )


_ONE = np.uint64(1)


def counted_levels(
    q: NDArray[np.float64], c: NDArray[np.float64], w: NDArray[np.float64]
) -> Levels | None:
    """The levels without a sort, if many rows state few values, as is usual; otherwise None.

    Counting requires that no two stated values share a cell, which holds for multiples of 1/100. If
    two do share a cell, this is usually noticed in the first block, at little cost.

    Example:
        >>> q = np.tile([0.9, 0.5, 0.9], 30_000)
        >>> levels = counted_levels(q, np.ones(90_000), np.ones(90_000))
        >>> levels.value, levels.rows
        (array([0.5, 0.9]), array([30000, 60000]))
    """
    if q.size <= BLOCK:
        return None
    stated = np.full(CELLS + 1, np.nan)
    counts = np.zeros(2 * stated.size, dtype=np.int64)
    sums = np.zeros((2, stated.size))
    for rows in slices(q.size):
        cell = cells(q[rows])
        if not _one_value_per_cell(stated, cell, q[rows]):
            return None
        if not equal_weights(w):
            sums += [
                np.bincount(cell, weights=v, minlength=stated.size)
                for v in (w[rows], w[rows] * c[rows])
            ]
        cell *= 2
        cell += c[rows].astype(np.int64)
        counts += np.bincount(cell, minlength=counts.size)
    wrong, right = counts.reshape(-1, 2).T
    used = np.flatnonzero(wrong + right)
    if equal_weights(w):
        sums += wrong + right, right
    return Levels(stated[used], sums[0, used], sums[1, used], (wrong + right)[used])


def _one_value_per_cell(
    stated: NDArray[np.float64], cell: NDArray[np.int64], q: NDArray[np.float64]
) -> bool:
    """Record the stated value of each cell in `stated`; whether every cell has a single value."""
    new = stated.take(cell) != q
    if not new.any():
        return True
    cell, q = cell[new], q[new]
    if not np.isnan(stated[cell]).all():
        return False
    stated[cell] = q
    return bool((stated[cell] == q).all())


def equal_weights(w: NDArray[np.float64]) -> bool:
    """Whether no weights were given: the column is then one number, repeated without memory.

    Example:
        >>> equal_weights(np.broadcast_to(np.float64(1), 3)), equal_weights(np.ones(3))
        (True, False)
    """
    return w.strides == (0,)


def compact(group: NDArray[Any]) -> NDArray[np.int64]:
    """Integer labels as codes 0, 1, ... in increasing order of the label, without gaps.

    Codes that have no gaps already are returned as they are, without a copy.

    Example:
        >>> compact(np.array([7, 3, 7]))
        array([1, 0, 1])
    """
    least, most = int(group.min()), int(group.max())
    if most - least > 4 * group.size + 1024:
        return np.unique(group, return_inverse=True)[1].astype(np.int64)
    offset = group
    if least != 0 or group.dtype != np.int64:
        offset = np.subtract(group, least, dtype=np.int64, casting="unsafe")
    used = np.zeros(most - least + 1, dtype=np.bool_)
    used[offset] = True
    return offset if used.all() else (np.cumsum(used) - 1)[offset]
