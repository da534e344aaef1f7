"""What an agent states and how often it is right: policy times truth, added up, no samples."""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, lean, part
from simulations.training.kernels.machine import fused
from simulations.training.kernels.softmax import LEAST, MOST, exponential, far_weights, logarithm

_Weighed = tuple[FloatArray, FloatArray, FloatArray]
Room = tuple[_Weighed, _Weighed, _Weighed]
"""Weights, totals and entropies of a block's answers; of its levels; columns (L, n), shares and sums (kinds L, n)."""
_ROWS = 64  # about as many rows are counted at once: they stay in the nearest cache


@part
def of_logarithms(weights: FloatArray, at: int, size: int) -> float:
    """The sum of weight times its logarithm; nothing for a weight of 0."""
    total = 0.0
    for k in range(size):
        if weights[at + k] > 0.0:
            total += weights[at + k] * math.log(weights[at + k])
    return total


@part
def weigh_in_order(
    rows: FloatArray, first: int, count: int, size: int, direct: bool,
    room: tuple[FloatArray, FloatArray, FloatArray],
) -> None:  # fmt: skip
    """Weights of `count` rows from number `first` on, their totals and entropies, into `room`."""
    weights, totals, entropies = room
    base = first * size
    for i in range(count * size):
        weights[i] = rows[base + i] if direct else exponential(rows[base + i])
    for r in range(count):
        total, mean = 0.0, 0.0
        for i in range(r * size, r * size + size):
            total += weights[i]
            mean = fused(weights[i], rows[base + i], mean)
        if direct:
            mean = of_logarithms(weights, r * size, size)
        elif not (total > LEAST and total < MOST):
            total = far_weights(rows, base + r * size, weights, r * size, size)
            mean = of_logarithms(weights, r * size, size)
        totals[r], entropies[r] = total, mean / total
    for r in range(count):
        entropies[r] = logarithm(totals[r]) - entropies[r]


@part
def joint_shares(
    truths: FloatArray, first: int, count: int, answers: int, chance: tuple[FloatArray, FloatArray, FloatArray],
    stated: tuple[FloatArray, FloatArray, FloatArray], shares: FloatArray,
) -> tuple[float, float]:  # fmt: skip
    """What a weight of each row is multiplied with, (1 + worlds, rows): pi over the row's total; and that times truth.

    Returned are the sums of the entropies of the answers, and of the levels times pi.
    """
    of_answers, of_levels = 0.0, 0.0
    for x in range(count):
        of_answers += chance[2][x]
        for r in range(x * answers, x * answers + answers):
            pi = chance[0][r] / chance[1][x]
            of_levels += pi * stated[2][r]
            shares[0, r] = pi / stated[1][r]
    for w in range(truths.shape[0]):
        for r in range(count * answers):
            shares[w + 1, r] = shares[0, r] * truths[w, first * answers + r]
    return of_answers, of_levels


def room_to_count(kinds: int, questions: int, answers: int, levels: int) -> Room:
    """Room for `count_tabular`, made by Python; `kinds` is 1 + worlds."""
    block = max(min(_ROWS // answers, questions), 1)
    width = block * answers
    return (
        (np.empty(width), np.empty(block), np.empty(block)),
        (np.empty(width * levels), np.empty(width), np.empty(width)),
        (np.empty((levels, width)), np.empty((kinds, width)), np.empty((kinds * levels, width))),
    )


@lean
def count_tabular(
    truths: FloatArray, answers: int, direct: bool, answer: FloatArray, confidence: FloatArray, room: Room,
    counts: FloatArray,
) -> tuple[float, float]:  # fmt: skip
    """Put into `counts`, (1 + worlds, L), exactly how often each level is stated, and right in each world.

    `truths` is (worlds, Q K), `answer` Q K and `confidence` Q K L numbers: logits, or probabilities (`direct`). Returns
    the entropies of the answers and of the levels given question and answer, averaged, in nats.

    Weights become columns, so that the loops that add them up run along many rows and are a vector's work.
    """
    chance, stated, (columns, shares, sums) = room
    (kinds, levels), questions, block = counts.shape, answer.size // answers, chance[1].size
    of_answers, of_levels = 0.0, 0.0
    for i in range(kinds * levels):
        for r in range(block * answers):
            sums[i, r] = 0.0
    for first in range(0, questions, block):
        count = block if first + block <= questions else questions - first
        rows = count * answers
        weigh_in_order(answer, first, count, answers, direct, chance)
        weigh_in_order(confidence, first * answers, rows, levels, direct, stated)
        more = joint_shares(truths, first, count, answers, chance, stated, shares)
        of_answers, of_levels = of_answers + more[0], of_levels + more[1]
        for r in range(rows):
            for q in range(levels):
                columns[q, r] = stated[0][r * levels + q]
        for w in range(kinds):
            for q in range(levels):
                for r in range(rows):
                    sums[w * levels + q, r] = fused(shares[w, r], columns[q, r], sums[w * levels + q, r])
    for w in range(kinds):
        for q in range(levels):
            total = 0.0
            for r in range(block * answers):
                total += sums[w * levels + q, r]
            counts[w, q] = total / questions
    return of_answers / questions, of_levels / questions
