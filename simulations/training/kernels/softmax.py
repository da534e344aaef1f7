"""From logits to probabilities and from probabilities to choices."""

from __future__ import annotations

import numpy as np

from simulations.training.kernels.compiling import FloatArray, IntArray, compiled, inlined

LEAST, MOST = 1e-280, 1e280  # sums of weights outside are made anew, relative to the largest logit
_EXPONENT_BITS = np.int64(52)


@inlined
def exponential(x: float) -> float:
    """exp(x), |x| at most 708, relative error below 1e-15; Taylor to degree 12 in pairs, no branch: a vector's work."""
    shifted = x * 1.4426950408889634 + 6755399441055744.0  # 1.5 * 2^52 rounds to a whole power of two
    power = shifted - 6755399441055744.0
    r = (x - power * 6.93145751953125e-1) - power * 1.42860682030941723212e-6
    r2 = r * r
    r4 = r2 * r2
    first = (1.0 + r) + r2 * (0.5 + r * (1 / 6.0))
    second = (1 / 24.0 + r * (1 / 120.0)) + r2 * (1 / 720.0 + r * (1 / 5040.0))
    third = (1 / 40320.0 + r * (1 / 362880.0)) + r2 * (1 / 3628800.0 + r * (1 / 39916800.0)) + r4 * (1 / 479001600.0)
    s = first + r4 * (second + r4 * third)
    bits = np.float64(s).view(np.int64) + (np.float64(shifted).view(np.int64) << _EXPONENT_BITS)
    return float(np.int64(bits).view(np.float64))


@inlined
def around(i: int, size: int) -> int:
    """The index i < 2 size on a circle of that size."""
    return i - size if i >= size else i


@compiled
def far_weights(rows: FloatArray, base: int, weights: FloatArray, j: int) -> float:
    """The weights of logits that are large, relative to the largest of them; their sum."""
    size, total = weights.shape[1], 0.0
    highest = rows[base]
    for k in range(1, size):
        highest = max(highest, rows[base + k])
    for k in range(size):
        weights[j, k] = exponential(max(rows[base + k] - highest, -708.0))
        total += weights[j, k]
    return total


@inlined
def accumulate(weights: FloatArray, sums: FloatArray, j: int) -> float:
    """Fill `sums[j]` with the running sums of `weights[j]`; the last is left at infinity, see `pick`, and returned."""
    total = weights[j, 0]
    for k in range(1, weights.shape[1]):
        sums[j, k - 1] = total
        total += weights[j, k]
    return float(total)


@compiled
def weigh(
    rows: FloatArray, first: int, which: IntArray, count: int, buffers: tuple[FloatArray, FloatArray, FloatArray],
    direct: bool,
) -> None:  # fmt: skip
    """Weights in proportion to the probabilities of `count` rows, their running sums, and their totals, in `buffers`.

    `rows` is flat; row number r of the buffers is number `first + which[r]` of it, on the circle of all rows. Rows are
    logits, or the probabilities themselves (`direct`). Exponentials are taken in one loop: it fills whole registers.
    """
    weights, sums, totals = buffers
    size = weights.shape[1]
    flat, circle = weights.reshape(-1), rows.size // size
    for r in range(count):
        base = around(first + which[r], circle) * size
        for k in range(size):
            weights[r, k] = rows[base + k]
    if not direct:
        for i in range(count * size):
            flat[i] = exponential(min(max(flat[i], -708.0), 708.0))
    for r in range(count):
        totals[r] = accumulate(weights, sums, r)
        if not direct and not (totals[r] > LEAST and totals[r] < MOST):
            far_weights(rows, around(first + which[r], circle) * size, weights, r)
            totals[r] = accumulate(weights, sums, r)


@compiled
def buffers(count: int, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Room for the weights, the running sums and the totals of `count` rows, see `weigh`."""
    return np.empty((count, size)), np.full((count, (size + 3) // 4 * 4), np.inf), np.empty(count)


@inlined
def pick(sums: FloatArray, j: int, mark: float) -> int:
    """How many running sums `mark` has passed: the inverse distribution function, without branches.

    Sums behind the last but one are infinite. Every fourth is looked at first.
    """
    k = 0
    for last in range(3, sums.shape[1], 4):
        k += mark >= sums[j, last]
    k *= 4
    return int(k + np.int64(mark >= sums[j, k]) + np.int64(mark >= sums[j, k + 1]) + np.int64(mark >= sums[j, k + 2]))
