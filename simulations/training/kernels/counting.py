"""What an agent states and how often it is right: policy times truth, added up, no samples."""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, compiled
from simulations.training.kernels.softmax import LEAST, MOST, exponential, far_weights


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
def count_tabular(
    truths: FloatArray, direct: bool, answer: FloatArray, confidence: FloatArray, mass: FloatArray, hits: FloatArray
) -> tuple[float, float]:
    """Add up exactly how often each level is stated (`mass`, L) and right (`hits`, worlds x L); return entropies.

    `truths` is (worlds, Q, K), `answer` Q K and `confidence` Q K L numbers: logits, or probabilities (`direct`). The
    entropies are those of the answers and of the levels given question and answer, averaged, in nats.
    """
    (worlds, questions, answers), levels = truths.shape, mass.size
    chance, of_chance, answer_spread = np.empty((1, answers)), np.empty(1), np.empty(1)
    stated, of_stated, level_spread = np.empty((answers, levels)), np.empty(answers), np.empty(answers)
    of_answers, of_levels = 0.0, 0.0
    for x in range(questions):
        weigh_in_order(answer, x, chance, of_chance, answer_spread, direct)
        weigh_in_order(confidence, x * answers, stated, of_stated, level_spread, direct)
        of_answers += answer_spread[0]
        for y in range(answers):
            share = chance[0, y] / of_chance[0]
            of_levels += share * level_spread[y]
            scale = share / of_stated[y] / questions
            for q in range(levels):
                stated[y, q] *= scale
                mass[q] += stated[y, q]
            for world in range(worlds):
                right = truths[world, x, y]
                for q in range(levels):
                    hits[world, q] += stated[y, q] * right
    return of_answers / questions, of_levels / questions
