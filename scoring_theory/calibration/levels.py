"""The distinct values that were stated, with what happened at each: one exact sort for every rank-based metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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

    @property
    def wrong(self) -> NDArray[np.float64]:
        """(k,) sum of w (1 - c)."""
        return np.maximum(self.weight - self.correct, 0.0)

    def weighted(self) -> Levels:
        """Those that weigh something."""
        kept = self.weight > 0
        return self if kept.all() else Levels(self.value[kept], self.weight[kept], self.correct[kept], self.rows[kept])


def levels_of(q: NDArray[np.float64], c: NDArray[np.float64], w: NDArray[np.float64]) -> Levels:
    """Sort and add up.

    For q in [0, 1] the bits of a float64, read as an integer, are below 2^62 and increase with q. Shifted left by one,
    with the outcome in the lowest bit, they are an exact key that carries both columns through one sort of integers.

    Args:
        q: (n,) in [0, 1], no -0.0.
        c: (n,) each 0 or 1.
        w: (n,) nonnegative.

    Example:
        >>> found = levels_of(np.array([0.5, 0.0, 0.5]), np.array([1.0, 0.0, 0.0]), np.ones(3))
        >>> found.value, found.correct, found.rows
        (array([0. , 0.5]), array([0., 1.]), array([1, 2]))
    """
    key = q.view(np.uint64) << np.uint64(1)
    key |= c.astype(np.uint64)
    order = None if w.strides == (0,) else np.argsort(key, kind="stable")
    if order is None:
        key.sort()
    else:
        key = key[order]
    stated, right = (key >> np.uint64(1)).view(np.float64), (key & np.uint64(1)).astype(np.float64)
    starts = _runs(stated)
    rows = np.broadcast_to(np.int64(1), q.shape) if starts.size == q.size else np.diff(starts, append=q.size)
    if order is not None:
        weight = w[order]
        return Levels(stated[starts], np.add.reduceat(weight, starts), np.add.reduceat(weight * right, starts), rows)
    if starts.size < q.size:
        stated, right = stated[starts], np.add.reduceat(right, starts)
    return Levels(stated, rows.astype(np.float64), right, rows)


def _runs(value: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where each run of equal values starts."""
    new = np.empty(value.size, dtype=np.bool_)
    new[:1] = True
    np.not_equal(value[1:], value[:-1], out=new[1:])
    return np.flatnonzero(new)


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
