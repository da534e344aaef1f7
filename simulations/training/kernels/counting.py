"""What an agent states and how often it is right: policy times truth, added up, no samples."""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, compiled, part
from simulations.training.kernels.machine import fused
from simulations.training.kernels.softmax import LEAST, MOST, exponential, far_weights, logarithm

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


@compiled
def count_tabular(
    truths: FloatArray, answers: int, direct: bool, answer: FloatArray, confidence: FloatArray, counts: FloatArray
) -> tuple[float, float]:
    """Put into `counts`, (1 + worlds, L), exactly how often each level is stated, and right in each world.

    `truths` is (worlds, Q K), `answer` Q K and `confidence` Q K L numbers: logits, or probabilities (`direct`). Returned
    are the entropies of the answers and of the levels given question and answer, averaged, in nats.

    Weights become columns, so that the loops that add them up run along many rows and are a vector's work.
    """
    kinds, levels = counts.shape
    questions, block = answer.size // answers, max(_ROWS // answers, 1)
    width, of_answers, of_levels = block * answers, 0.0, 0.0
    chance = np.empty(width), np.empty(block), np.empty(block)
    stated = np.empty(width * levels), np.empty(width), np.empty(width)
    columns, shares, sums = np.empty((levels, width)), np.empty((kinds, width)), np.zeros((kinds * levels, width))
    for first in range(0, questions, block):
        count = min(block, questions - first)
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
            for r in range(width):
                total += sums[w * levels + q, r]
            counts[w, q] = total / questions
    return of_answers / questions, of_levels / questions
