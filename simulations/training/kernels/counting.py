"""What an agent states and how often it is right: policy times truth, added up, no samples."""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, compiled
from simulations.training.kernels.softmax import LEAST, MOST, exponential, far_weights

_BLOCK = 16  # questions counted at once


@compiled
def entropy(weights: FloatArray, j: int, total: float) -> float:
    """Shannon entropy, in nats, of the distribution that `weights[j]` is proportional to."""
    mean = 0.0
    for k in range(weights.shape[1]):
        if weights[j, k] > 0.0:
            mean += weights[j, k] * math.log(weights[j, k])
    return math.log(total) - mean / total


@compiled
def weigh_in_order(
    rows: FloatArray, first: int, weights: FloatArray, totals: FloatArray, spread: FloatArray, direct: bool
) -> None:
    """Weights, totals and entropies of the rows from number `first` on, as many as `weights` has room for."""
    count, size = weights.shape
    flat, base = weights.reshape(-1), first * size
    for i in range(count * size):
        flat[i] = rows[base + i] if direct else exponential(min(max(rows[base + i], -708.0), 708.0))
    for r in range(count):
        total, mean = 0.0, 0.0
        for k in range(size):
            total += weights[r, k]
            mean += weights[r, k] * rows[base + r * size + k]
        totals[r], spread[r] = total, math.log(total) - mean / total
        if direct:
            spread[r] = entropy(weights, r, total)
        elif not (total > LEAST and total < MOST):
            totals[r] = far_weights(rows, base + r * size, weights, r)
            spread[r] = entropy(weights, r, totals[r])


@compiled
def weigh_columns(
    rows: FloatArray, first: int, logits: FloatArray, weights: FloatArray, totals: FloatArray, means: FloatArray,
    direct: bool,
) -> None:  # fmt: skip
    """The rows from number `first` on as columns (L, n): logits less what makes them large, weights, and their sums.

    `means` adds up weight times logit. Columns, since then every loop runs along n and is a vector's work.
    """
    (levels, count), flat, flat_weights = logits.shape, logits.reshape(-1), weights.reshape(-1)
    for r in range(count):
        for q in range(levels):
            logits[q, r] = rows[(first + r) * levels + q]
    if direct:
        for i in range(flat.size):
            flat_weights[i] = flat[i]
            flat[i] = math.log(flat[i]) if flat[i] > 0.0 else 0.0
    else:
        for i in range(flat.size):
            flat_weights[i] = exponential(min(max(flat[i], -708.0), 708.0))
    totals[:count], means[:count] = 0.0, 0.0
    for q in range(levels):
        for r in range(count):
            totals[r] += weights[q, r]
            means[r] += weights[q, r] * logits[q, r]
    for r in range(count):
        if not direct and not (totals[r] > LEAST and totals[r] < MOST):
            totals[r], means[r], highest = 0.0, 0.0, logits[:, r].max()
            for q in range(levels):
                logits[q, r] = max(logits[q, r] - highest, -708.0)
                weights[q, r] = exponential(logits[q, r])
                totals[r] += weights[q, r]
                means[r] += weights[q, r] * logits[q, r]


@compiled
def count_tabular(
    truths: FloatArray, direct: bool, answer: FloatArray, confidence: FloatArray, mass: FloatArray, hits: FloatArray
) -> tuple[float, float]:
    """Add up exactly how often each level is stated (`mass`, L) and right (`hits`, worlds x L); return entropies.

    `truths` is (worlds, Q, K), `answer` Q K and `confidence` Q K L numbers: logits, or probabilities (`direct`). The
    entropies are those of the answers and of the levels given question and answer, averaged, in nats.
    """
    (worlds, questions, answers), levels = truths.shape, mass.size
    width = min(_BLOCK, questions) * answers
    totals, means, share, right = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    sums, of_answers, of_levels = np.zeros((worlds + 1, levels, width)), 0.0, 0.0
    for first in range(0, questions, _BLOCK):
        block = min(_BLOCK, questions - first)
        chance, of_chance, spread = np.empty((block, answers)), np.empty(block), np.empty(block)
        weigh_in_order(answer, first, chance, of_chance, spread, direct)
        logits, weights = np.empty((levels, block * answers)), np.empty((levels, block * answers))
        weigh_columns(confidence, first * answers, logits, weights, totals, means, direct)
        for x in range(block):
            of_answers += spread[x]
            for y in range(answers):
                r = x * answers + y
                pi = chance[x, y] / of_chance[x]
                of_levels += pi * (math.log(totals[r]) - means[r] / totals[r])
                share[r] = pi / totals[r] / questions
        for w in range(worlds + 1):
            right[:] = share
            if w > 0:
                for x in range(block):
                    for y in range(answers):
                        right[x * answers + y] *= truths[w - 1, first + x, y]
            for q in range(levels):
                for r in range(block * answers):
                    sums[w, q, r] += right[r] * weights[q, r]
    for q in range(levels):
        for r in range(width):
            mass[q] += sums[0, q, r]
            for w in range(worlds):
                hits[w, q] += sums[w + 1, q, r]
    return of_answers / questions, of_levels / questions
