"""The distinct values that were stated, with what happened at each: one exact sort for every rank-based metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    key = (q.view(np.uint64) << np.uint64(1)) | c.astype(np.uint64)
    if w.strides == (0,):
        key.sort()
        starts = _runs(key >> np.uint64(1))
        rows = np.diff(starts, append=q.size)
        return Levels(_value(key[starts]), rows.astype(np.float64), _ones_per_run(key, starts, rows), rows)
    order = np.argsort(key, kind="stable")
    key, weight = key[order], w[order]
    starts = _runs(key >> np.uint64(1))
    right = weight * (key & np.uint64(1))
    sums = [np.add.reduceat(column, starts) for column in (weight, right)]
    return Levels(_value(key[starts]), sums[0], sums[1], np.diff(starts, append=q.size))


def _value(key: NDArray[np.uint64]) -> NDArray[np.float64]:
    return (key >> np.uint64(1)).view(np.float64)


def _runs(value: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each run of equal values starts."""
    return np.flatnonzero(np.concatenate([[True], value[1:] != value[:-1]]))


def _ones_per_run(key: NDArray[np.uint64], starts: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many outcomes of each run are 1; sorted, they stand at its end."""
    outcome = (key & np.uint64(1)).astype(np.uint8)
    if starts.size == key.size:
        return outcome.astype(np.float64)
    return np.add.reduceat(outcome, starts, dtype=np.int64).astype(np.float64)
