"""What an agent states and how often it is right: policy times truth, added up, no samples.

Rows are counted in blocks and as columns, so that every loop runs along many rows and is a vector's
work.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from simulations.training.kernels.compiling import FloatArray, lean, part
from simulations.training.kernels.machine import fused
from simulations.training.kernels.softmax import fast_exponential, logarithm

_Weighed = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
CountBuffers = tuple[_Weighed, _Weighed, FloatArray, FloatArray]
"""Of all answers, and of a block's levels: weights (size, n), highest logits, one over totals, entropies (n).

Then what each row's weights are multiplied with, (kinds, n), and the sums, (kinds L, n), where
kinds are 1 + worlds.
"""
_ROWS = 64  # about as many rows are counted at once: they and their sums stay in the nearest cache
_NOTHING = -700.0  # a logit so far below the highest has a weight of 0
_START = cast(
    "int", np.int64(0)
)  # a plain 0 is a type of its own, for which numba would compile a part once more


def room_to_count(worlds: int, questions: int, answers: int, levels: int) -> CountBuffers:
    """Room for `count_tabular`, made by Python."""
    kinds, rows = 1 + worlds, max(min(_ROWS // answers, questions), 1) * answers
    return (
        (
            np.empty((answers, questions)),
            np.empty(questions),
            np.empty(questions),
            np.empty(questions),
        ),
        (np.empty((levels, rows)), np.empty(rows), np.empty(rows), np.empty(rows)),
        np.empty((kinds, rows)),
        np.empty((kinds * levels, rows)),
    )


@part
def weigh_columns(rows: FloatArray, first: int, count: int, size: int, weighed: _Weighed) -> None:
    """Weights of `count` rows of logits from number `first` on as columns, one over their totals, and entropies."""
    columns, highest, shares, entropies = weighed
    for r in range(count):
        highest[r], shares[r], entropies[r] = -np.inf, 0.0, 0.0
    for k in range(size):
        for r in range(count):
            z = rows[(first + r) * size + k]
            columns[k, r] = z
            highest[r] = z if z > highest[r] else highest[r]
    for k in range(size):
        for r in range(count):
            z = columns[k, r] - highest[r]
            weight = fast_exponential(z) if z > _NOTHING else 0.0
            columns[k, r] = weight
            shares[r] += weight
            entropies[r] = fused(weight, z, entropies[r])
    for r in range(count):
        total = shares[r]
        shares[r] = 1.0 / total
        entropies[r] = logarithm(total) - entropies[r] * shares[r]


@lean
def count_tabular(
    truths: FloatArray,
    answers: int,
    answer: FloatArray,
    confidence: FloatArray,
    room: CountBuffers,
    counts: FloatArray,
) -> tuple[float, float]:
    """Put into `counts`, (1 + worlds, L), exactly how often each level is stated, and right in each world.

    `truths` is (worlds, Q K); logits `answer` are Q K and `confidence` Q K L finite numbers.
    Returns the entropies of the answers and of the levels given question and answer, averaged, in
    nats.
    """
    chance, stated, shares, sums = room
    (kinds, levels), questions, (_, block) = counts.shape, answer.size // answers, shares.shape
    of_answers, of_levels = 0.0, 0.0
    for i in range(kinds * levels):
        for r in range(block):
            sums[i, r] = 0.0
    weigh_columns(answer, _START, questions, answers, chance)
    for x in range(questions):
        of_answers += chance[3][x]
    for first in range(0, questions * answers, block):
        rows = block if first + block <= questions * answers else questions * answers - first
        weigh_columns(confidence, first, rows, levels, stated)
        for x in range(first // answers, (first + rows) // answers):
            mean = 0.0
            for y in range(answers):
                r, pi = x * answers + y - first, chance[0][y, x] * chance[2][x]
                mean += pi * stated[3][r]
                shares[0, r] = pi * stated[2][r]
            of_levels += mean
        for w in range(1, kinds):
            for r in range(rows):
                shares[w, r] = shares[0, r] * truths[w - 1, first + r]
        for w in range(kinds):
            for q in range(levels):
                for r in range(rows):
                    sums[w * levels + q, r] = fused(
                        shares[w, r], stated[0][q, r], sums[w * levels + q, r]
                    )
    for w in range(kinds):
        for q in range(levels):
            total = 0.0
            for r in range(block):
                total += sums[w * levels + q, r]
            counts[w, q] = total / questions
    return of_answers / questions, of_levels / questions
