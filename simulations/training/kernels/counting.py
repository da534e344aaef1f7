"""The exact distribution of stated confidence and correctness of a tabular policy.

Rows are processed in blocks and stored as columns, so that every inner loop runs over many rows and
can be vectorised.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from simulations.training.kernels.compiling import FloatArray, lean, part
from simulations.training.kernels.machine import fused
from simulations.training.kernels.softmax import fast_exponential, logarithm

_Weighed = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
CountBuffers = tuple[_Weighed, _Weighed, FloatArray, FloatArray]
"""The buffers of `count_tabular`.

First, for all answers and for the levels of a block: weights (size, n), and largest logits,
reciprocals of the totals and entropies (n). Then the factors of each row's weights, (kinds, n), and
the sums, (kinds L, n), where kinds is 1 + number of worlds.
"""
_ROWS = 64  # number of rows in a block: the rows and their sums fit into the first-level cache
_NOTHING = -700.0  # a logit that is lower than the largest by more than 700 has weight 0
# numba gives the literal 0 a type of its own and would compile the part a second time.
_START = cast("int", np.int64(0))


def room_to_count(worlds: int, questions: int, answers: int, levels: int) -> CountBuffers:
    """The buffers of `count_tabular`.

    Args:
        worlds: Number of worlds.
        questions: Number of questions.
        answers: Number of answers to each question.
        levels: Number of confidence levels.

    Example:
        >>> [array.shape for array in room_to_count(2, 10, 4, 11)[2:]]
        [(3, 40), (33, 40)]
    """
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
    """Fill `weighed` for `count` rows of logits from number `first` on; the rows become columns."""
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
    """Fill `counts`, (1 + worlds, L), with the exact distribution of confidence and correctness.

    Row 0 holds the probability of each level; row 1 + w the probability that the level is stated
    and the answer is correct in world w. `truths` is (worlds, Q K); the logits `answer` are Q K
    and `confidence` Q K L finite numbers. Returns the mean entropy, in nats, of the answers, and
    that of the levels given question and answer.
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
