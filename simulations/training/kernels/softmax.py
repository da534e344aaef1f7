"""Softmax weights of logits, and sampling from them."""

from __future__ import annotations

import numpy as np

from simulations.training.kernels.compiling import FloatArray, IntArray, inlined, part
from simulations.training.kernels.machine import bits_of, from_bits, fused

# Weights with a sum outside this range are computed again, relative to the largest logit.
LEAST, MOST = 1e-280, 1e280
_EXPONENT_BITS = np.int64(52)
_HALF_ROOT, _EXPONENT, _ROUND = (
    np.int64(0x3FE6A09E667F3BCD),
    np.int64(-1 << 52),
    np.int64(0x4338000000000000),
)


@inlined
def fast_exponential(z: float) -> float:
    """exp(z), with z clipped to [-708, 708]; the relative error is below 1e-15.

    A Taylor polynomial of degree 12, evaluated in pairs and without branches, so that loops over it
    can be vectorised.
    """
    below = z if z < 708.0 else 708.0
    x = below if below > -708.0 else -708.0
    # Adding 1.5 * 2^52 rounds to a whole power of two.
    shifted = fused(x, 1.4426950408889634, 6755399441055744.0)
    power = shifted - 6755399441055744.0
    r = fused(power, -1.42860682030941723212e-6, fused(power, -6.93145751953125e-1, x))
    r2 = r * r
    r4 = r2 * r2
    first = fused(r2, fused(r, 1 / 6.0, 0.5), 1.0 + r)
    second = fused(r2, fused(r, 1 / 5040.0, 1 / 720.0), fused(r, 1 / 120.0, 1 / 24.0))
    third = fused(r2, fused(r, 1 / 39916800.0, 1 / 3628800.0), fused(r, 1 / 362880.0, 1 / 40320.0))
    s = fused(r4, fused(r4, fused(r4, 1 / 479001600.0, third), second), first)
    return from_bits(bits_of(s) + (bits_of(shifted) << _EXPONENT_BITS))


@inlined
def logarithm(x: float) -> float:
    """log(x) of a positive, normal number; the relative error is below 1e-15.

    The series of 2 artanh, evaluated without branches.
    """
    bits = bits_of(x)
    # The upper bits are the power of two that leaves a factor in [sqrt(1/2), sqrt(2)).
    power = bits - _HALF_ROOT
    factor = from_bits(bits - (power & _EXPONENT))
    n = from_bits((power >> _EXPONENT_BITS) + _ROUND) - 6755399441055744.0
    s = (factor - 1.0) / (factor + 1.0)
    t = s * s
    t2 = t * t
    t4 = t2 * t2
    low = fused(t2, fused(t, 1 / 9.0, 1 / 7.0), fused(t, 1 / 5.0, 1 / 3.0))
    high = fused(t2, fused(t, 1 / 17.0, 1 / 15.0), fused(t, 1 / 13.0, 1 / 11.0))
    series = fused(t4, fused(t4, fused(t, 1 / 21.0, 1 / 19.0), high), low)
    rest = fused(2.0 * s * t, series, n * 1.90821492927058770002e-10)
    return fused(n, 6.93147180369123816490e-1, 2.0 * s + rest)


@inlined
def around(i: int, size: int) -> int:
    """The index i modulo `size`, for i < 2 size."""
    return i - size if i >= size else i


@part
def far_weights(rows: FloatArray, base: int, weights: FloatArray, at: int, size: int) -> float:
    """Weights relative to the largest logit, so that they do not overflow; returns their sum."""
    highest, total = rows[base], 0.0
    for k in range(1, size):
        if rows[base + k] > highest:
            highest = rows[base + k]
    for k in range(size):
        weights[at + k] = fast_exponential(rows[base + k] - highest)
        total += weights[at + k]
    return total


@inlined
def accumulate(weights: FloatArray, at: int, size: int, sums: FloatArray, j: int) -> float:
    """Fill `sums[j]` with the cumulative sums of a row of `weights`; return the total.

    The last entry stays infinite, see `pick`.
    """
    total = weights[at]
    for k in range(1, size):
        sums[j, k - 1] = total
        total += weights[at + k]
    return float(total)


@part
def weigh(
    rows: FloatArray, first: int, which: IntArray, count: int, size: int,
    buffers: tuple[FloatArray, FloatArray, FloatArray], direct: bool,
) -> None:  # fmt: skip
    """Fill `buffers` with weights proportional to the probabilities, cumulative sums and totals.

    `rows` is flat. Row r of the buffers is row `first + which[r]` of it, modulo the number of
    rows. Rows are logits, or the probabilities themselves (`direct`). All exponentials are
    computed in one loop, which can be vectorised.
    """
    weights, sums, totals = buffers
    for r in range(count):
        base = around((first + which[r]) * size, rows.size)
        for k in range(size):
            weights[r * size + k] = rows[base + k]
    if not direct:
        for i in range(count * size):
            weights[i] = fast_exponential(weights[i])
    for r in range(count):
        totals[r] = accumulate(weights, r * size, size, sums, r)
        if not (direct or (totals[r] > LEAST and totals[r] < MOST)):
            far_weights(rows, around((first + which[r]) * size, rows.size), weights, r * size, size)
            totals[r] = accumulate(weights, r * size, size, sums, r)
            # A diverged row is refused after the step; until then `pick` must stay in the row.
            if not totals[r] <= MOST:
                totals[r] = 0.0


def buffers(count: int, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Buffers for the weights, cumulative sums and totals of `count` rows, see `weigh`.

    Args:
        count: Number of rows.
        size: Length of a row; cumulative sums are padded to a multiple of four, see `pick`.

    Example:
        >>> [array.shape for array in buffers(2, 3)]
        [(6,), (2, 4), (2,)]
    """
    return np.empty(count * size), np.full((count, (size + 3) // 4 * 4), np.inf), np.empty(count)


@inlined
def pick(sums: FloatArray, j: int, mark: float) -> int:
    """The number of cumulative sums that are at most `mark`: the inverse distribution function.

    The entries after the last but one are infinite. Every fourth sum is compared first; there are
    no branches.
    """
    k = 0
    for last in range(3, sums.shape[1], 4):
        k += mark >= sums[j, last]
    k *= 4
    return int(k + (mark >= sums[j, k]) + (mark >= sums[j, k + 1]) + (mark >= sums[j, k + 2]))
