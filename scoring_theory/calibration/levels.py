"""The distinct values that were stated, with what happened at each: one exact sort or none for all that ranks."""

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
    """One entry per distinct stated value, in increasing order; ties are one entry, so that no order of rows matters.

    Attributes:
        value: (k,) the stated values.
        weight: (k,) sum of w over the rows that state it, 0 where all its rows weigh nothing.
        correct: (k,) sum of w c.
        rows: (k,) how many rows state it.
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
        """Those that weigh something."""
        kept = self.weight > 0
        return (
            self
            if kept.all()
            else Levels(self.value[kept], self.weight[kept], self.correct[kept], self.rows[kept])
        )


def levels_of(q: NDArray[np.float64], c: NDArray[np.float64], w: NDArray[np.float64]) -> Levels:
    """Sort and add up.

    For q in [0, 1] the bits of a float64, read as an integer, are below 2^62 and increase with q.
    Shifted left by one, with the outcome in the lowest bit, they are an exact key that carries both
    columns through one sort of integers.

    Args:
        q: (n,) in [0, 1], no -0.0.
        c: (n,) each 0 or 1.
        w: (n,) nonnegative.

    Example:
        >>> found = levels_of(np.array([0.5, 0.0, 0.5]), np.array([1.0, 0.0, 0.0]), np.ones(3))
        >>> found.value, found.correct, found.rows
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
    found = np.diff(starts, append=q.size)
    if order is None:
        return Levels(
            stated[starts], found.astype(np.float64), np.add.reduceat(right, starts), found
        )
    weight = w[order]
    return Levels(
        stated[starts],
        np.add.reduceat(weight, starts),
        np.add.reduceat(weight * right, starts),
        found,
    )


_ONE = np.uint64(1)


def counted_levels(
    q: NDArray[np.float64], c: NDArray[np.float64], w: NDArray[np.float64]
) -> Levels | None:
    """The same without a sort where many rows state few values, as people and models do; None where they do not.

    It takes that no two stated values share a cell, as no two multiples of 1/100 do; two that do
    are mostly met at once, in the first block.

    Example:
        >>> q = np.tile([0.9, 0.5, 0.9], 30_000)
        >>> found = counted_levels(q, np.ones(90_000), np.ones(90_000))
        >>> found.value, found.rows
        (array([0.5, 0.9]), array([30000, 60000]))
    """
    if q.size <= BLOCK:
        return None
    stated = np.full(CELLS + 1, np.nan)
    counts = np.zeros(2 * stated.size, dtype=np.int64)
    sums = np.zeros((2, stated.size))
    for rows in slices(q.size):
        cell = cells(q[rows])
        if not _told_apart(stated, cell, q[rows]):
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


def _told_apart(
    stated: NDArray[np.float64], cell: NDArray[np.int64], q: NDArray[np.float64]
) -> bool:
    """Note in `stated` what each cell states, and whether it is one value."""
    new = stated.take(cell) != q
    if not new.any():
        return True
    cell, q = cell[new], q[new]
    if not np.isnan(stated[cell]).all():
        return False
    stated[cell] = q
    return bool((stated[cell] == q).all())


def equal_weights(w: NDArray[np.float64]) -> bool:
    """Whether all weigh 1, as when no weights were given: a column that is one number, repeated."""
    return w.strides == (0,)


def compact(group: NDArray[Any]) -> NDArray[np.int64]:
    """The same integer labels as codes 0, 1, ... in increasing order of label, each used.

    Example:
        >>> compact(np.array([7, 3, 7]))
        array([1, 0, 1])
    """
    least, most = int(group.min()), int(group.max())
    if most - least > 4 * group.size + 1024:
        return np.unique(group, return_inverse=True)[1].astype(np.int64)
    offset = group.astype(np.int64) - least
    used = np.zeros(most - least + 1, dtype=np.bool_)
    used[offset] = True
    return offset if used.all() else (np.cumsum(used) - 1)[offset]
