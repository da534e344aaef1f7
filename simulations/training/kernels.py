"""Everything that numba compiles: random numbers, softmax, advantages, the two learners and the two exact counts.

One file on purpose: numba's disk cache of a function looks at the date of the function's own file only, so a helper in
another file could change behind its back. No `fastmath`: additions stay in the written order and are never fused, so
that the same seed gives the same bits on any machine. `nogil` lets threads run replicates side by side.

Both learners follow one rule. For a group of G rollouts of one question, with advantages A_g and choices y_g,
    row += rate / G * sum_g A_g (e_{y_g} - pi),
where `row` holds the logits of pi (REINFORCE) or pi itself (replicator: Cross's learning).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

FloatArray = NDArray[np.float64]
WordArray = NDArray[np.uint64]
_Function = TypeVar("_Function", bound="Callable[..., Any]")

# Codes of the options of `simulations.training`; kernels compare integers.
NO_BASELINE, GROUP_MEAN, LEAVE_ONE_OUT, GROUP_STD = 0, 1, 2, 3
INDEPENDENT, BY_ANSWER, SHARED = 0, 1, 2
STD_EPSILON = 1e-4  # added to the group's standard deviation, as TRL does

_17, _23, _19, _45, _11 = (np.uint64(n) for n in (17, 23, 19, 45, 11))
_EXPONENT_BITS = np.int64(52)


def compiled(function: _Function) -> _Function:
    """Compile for numba without the lock of the interpreter, cached on disk, dividing as NumPy does."""
    return cast(_Function, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def inlined(function: _Function) -> _Function:
    """Like `compiled`, and pasted into its callers: a tenth more speed for helpers that every rollout calls."""
    return cast(_Function, numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")(function))


@inlined
def uniform(stream: WordArray) -> float:
    """The next number of [0, 1) from xoshiro256++ (Blackman and Vigna 2021); `stream` is its state of four words."""
    mixed = stream[0] + stream[3]
    word = ((mixed << _23) | (mixed >> np.uint64(41))) + stream[0]
    shifted = stream[1] << _17
    stream[2] ^= stream[0]
    stream[3] ^= stream[1]
    stream[1] ^= stream[2]
    stream[0] ^= stream[3]
    stream[2] ^= shifted
    stream[3] = (stream[3] << _45) | (stream[3] >> _19)
    return float(np.float64(word >> _11) * 1.1102230246251565e-16)


@compiled
def normal(stream: WordArray) -> float:
    """A standard normal number (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@compiled
def exponential(x: float) -> float:
    """exp(x) for x in [-708, 0], relative error below 1e-15; four times the speed of libm inside a loop."""
    shifted = x * 1.4426950408889634 + 6755399441055744.0  # 1.5 * 2^52 rounds to a whole power of two
    power = shifted - 6755399441055744.0
    r = (x - power * 6.93145751953125e-1) - power * 1.42860682030941723212e-6
    s = 1.0 / 479001600.0
    s = s * r + 1.0 / 39916800.0
    s = s * r + 1.0 / 3628800.0
    s = s * r + 1.0 / 362880.0
    s = s * r + 1.0 / 40320.0
    s = s * r + 1.0 / 5040.0
    s = s * r + 1.0 / 720.0
    s = s * r + 1.0 / 120.0
    s = s * r + 1.0 / 24.0
    s = s * r + 1.0 / 6.0
    s = s * r + 0.5
    s = s * r + 1.0
    s = s * r + 1.0
    bits = np.float64(s).view(np.int64) + (np.float64(shifted).view(np.int64) << _EXPONENT_BITS)
    return float(np.int64(bits).view(np.float64))


@inlined
def weigh(rows: FloatArray, i: int, weights: FloatArray, sums: FloatArray, j: int, replicator: bool) -> float:
    """Fill `weights[j]` in proportion to the probabilities of `rows[i]`, and `sums[j]` with its running sums.

    Rows are passed as matrix and index since a view of a row costs more than the exponentials of it.
    """
    size = rows.shape[1]
    if replicator:
        for k in range(size):
            weights[j, k] = rows[i, k]
    else:
        highest = rows[i, 0]
        for k in range(1, size):
            highest = max(highest, rows[i, k])
        for k in range(size):
            weights[j, k] = exponential(max(rows[i, k] - highest, -708.0))
    total = 0.0
    for k in range(size):
        total += weights[j, k]
        sums[j, k] = total
    return total


@inlined
def pick(sums: FloatArray, j: int, mark: float) -> int:
    """How many running sums `mark` has passed: the inverse distribution function, without branches."""
    chosen = 0
    for k in range(sums.shape[1] - 1):
        chosen += mark >= sums[j, k]
    return chosen


@compiled
def deal(stream: WordArray, outcomes: int, fates: FloatArray) -> None:
    """Draw what a group's rollouts have in common: one number per answer, or one for all; nothing if independent."""
    if outcomes == SHARED:
        fates[:] = uniform(stream)
    elif outcomes == BY_ANSWER:
        for k in range(fates.size):
            fates[k] = uniform(stream)


@compiled
def advantages(rewards: FloatArray, estimator: int) -> None:
    """Turn a group's rewards into its advantages, in place."""
    if estimator == NO_BASELINE:
        return
    mean = 0.0
    for g in range(rewards.size):
        mean += rewards[g]
    mean /= rewards.size
    scale = 1.0
    if estimator == LEAVE_ONE_OUT:
        scale = rewards.size / (rewards.size - 1.0)
    elif estimator == GROUP_STD:
        variance = 0.0
        for g in range(rewards.size):
            variance += (rewards[g] - mean) ** 2
        scale = 1.0 / (math.sqrt(variance / rewards.size) + STD_EPSILON)
    for g in range(rewards.size):
        rewards[g] = (rewards[g] - mean) * scale


@compiled
def advance_tabular(
    stream: WordArray,
    first: int,
    steps: int,
    truth: FloatArray,
    table: FloatArray,
    options: tuple[int, int, int, int, bool],
    rate: float,
    answer: FloatArray,
    confidence: FloatArray,
) -> None:
    """Train the tabular agent in place for `steps` steps, of which the first is number `first`.

    `truth` is (Q, K), `table` (2, L), `answer` (Q, K), `confidence` (Q, K, L); `options` are the batch, the group size,
    the codes of estimator and outcome model, and whether the rows are probabilities.
    """
    batch, group, estimator, outcomes, replicator = options
    questions, answers = answer.shape
    chance, stated = np.empty((1, answers)), np.empty((answers, table.shape[1]))
    chance_sums, stated_sums = np.empty((1, answers)), np.empty((answers, table.shape[1]))
    sums, pulls, fates = np.empty(answers), np.empty(answers), np.empty(answers)
    chosen, level, rewards = np.empty(group, np.int64), np.empty(group, np.int64), np.empty(group)
    for visit in range(first * batch, (first + steps) * batch):
        x = visit % questions
        total = weigh(answer, x, chance, chance_sums, 0, replicator)
        for y in range(answers):
            sums[y] = 0.0
        deal(stream, outcomes, fates)
        for g in range(group):
            y = pick(chance_sums, 0, uniform(stream) * total)
            if sums[y] == 0.0:
                sums[y] = weigh(confidence, x * answers + y, stated, stated_sums, y, replicator)
                pulls[y] = 0.0
            q = pick(stated_sums, y, uniform(stream) * sums[y])
            luck = uniform(stream) if outcomes == INDEPENDENT else fates[y]
            chosen[g], level[g] = y, q
            rewards[g] = table[1, q] if luck < truth[x, y] else table[0, q]
        advantages(rewards, estimator)
        pull, share = 0.0, rate / group
        for g in range(group):
            push = rewards[g] * share
            y = chosen[g]
            answer[x, y] += push
            confidence[x * answers + y, level[g]] += push
            pulls[y] += push
            pull += push
        pull /= total
        for y in range(answers):
            answer[x, y] -= pull * chance[0, y]
            if sums[y] > 0.0:
                back = pulls[y] / sums[y]  # once: the compiler cannot know that the rows below do not overlap with it
                for q in range(table.shape[1]):
                    confidence[x * answers + y, q] -= back * stated[y, q]


@compiled
def entropy(rows: FloatArray, i: int, weights: FloatArray, j: int, total: float, logits: bool) -> float:
    """Shannon entropy, in nats, of the distribution that `weights[j]` is proportional to.

    Where `rows[i]` holds the logits that made the weights, no logarithm is taken but one.
    """
    highest, mean = rows[i, 0], 0.0
    for k in range(1, rows.shape[1]):
        highest = max(highest, rows[i, k])
    for k in range(rows.shape[1]):
        if logits:
            mean += weights[j, k] * max(rows[i, k] - highest, -708.0)
        elif weights[j, k] > 0.0:
            mean += weights[j, k] * math.log(weights[j, k])
    return math.log(total) - mean / total


@compiled
def count_tabular(
    truths: FloatArray,
    replicator: bool,
    answer: FloatArray,
    confidence: FloatArray,
    mass: FloatArray,
    hits: FloatArray,
) -> tuple[float, float]:
    """Add up exactly how often each level is stated (`mass`, L) and right (`hits`, worlds x L); return entropies.

    The entropies are those of the answers and of the levels given question and answer, averaged, in nats.
    """
    (questions, answers), levels = answer.shape, mass.size
    chance, chance_sums = np.empty((1, answers)), np.empty((1, answers))
    stated, stated_sums = np.empty((1, levels)), np.empty((1, levels))
    of_answers, of_levels = 0.0, 0.0
    for x in range(questions):
        total = weigh(answer, x, chance, chance_sums, 0, replicator)
        of_answers += entropy(answer, x, chance, 0, total, not replicator) / questions
        for y in range(answers):
            share = chance[0, y] / total / questions
            row = x * answers + y
            row_total = weigh(confidence, row, stated, stated_sums, 0, replicator)
            of_levels += share * entropy(confidence, row, stated, 0, row_total, not replicator)
            scale = share / row_total
            for q in range(levels):
                stated[0, q] *= scale
                mass[q] += stated[0, q]
            for world in range(truths.shape[0]):
                right = truths[world, x, y]
                for q in range(levels):
                    hits[world, q] += stated[0, q] * right
    return of_answers, of_levels


@compiled
def respond(
    features: FloatArray, x: int, weights: FloatArray, chance: FloatArray, sums: FloatArray, log_odds: FloatArray
) -> float:
    """Fill `chance` (1, K; unnormalised) and the `log_odds` (1, K) of a linear softmax policy; return the sum."""
    answers = weights.shape[1]
    log_odds[:] = 0.0
    for j in range(weights.shape[0]):
        for k in range(answers):
            log_odds[0, k] += features[x, j] * weights[j, k]
    total = weigh(log_odds, 0, chance, sums, 0, False)
    for k in range(answers):
        others = 0.0  # added up, since total - chance[0, k] loses every digit once the policy is almost sure
        for j in range(answers):
            if j != k:
                others += chance[0, j]
        log_odds[0, k] = math.log(chance[0, k] / others)
    return total


@compiled
def lean(features: FloatArray, x: int, head: FloatArray) -> float:
    """What the features alone say about confidence: their inner product with `head`."""
    total = 0.0
    for j in range(head.size):
        total += features[x, j] * head[j]
    return total


@compiled
def state(z: float, levels: int) -> int:
    """The level that is nearest to the logistic function of z on a grid of `levels` equal steps from 0 to 1."""
    return math.floor((levels - 1) / (1.0 + math.exp(-z)) + 0.5)


@compiled
def advance_coupled(
    stream: WordArray,
    first: int,
    steps: int,
    truth: FloatArray,
    features: FloatArray,
    table: FloatArray,
    options: tuple[int, int, int, int],
    rates: tuple[float, float, float, float],
    weights: FloatArray,
    slope: FloatArray,
    head: FloatArray,
) -> None:
    """Train the coupled agent in place: answers `weights` (d, K), confidence `slope` (1,) and `head` (d,).

    `rates` are the learning rates of answers, slope and head, and the exploration noise of the confidence's logit.
    """
    batch, group, estimator, outcomes = options
    answer_rate, slope_rate, head_rate, noise = rates
    questions, (dimensions, answers) = truth.shape[0], weights.shape
    chance, sums, log_odds = np.empty((1, answers)), np.empty((1, answers)), np.empty((1, answers))
    chosen, score, rewards = np.empty(group, np.int64), np.empty(group), np.empty(group)
    pushes, fates = np.empty(answers), np.empty(answers)
    weight_step, head_step = np.empty((dimensions, answers)), np.empty(dimensions)
    for step in range(first, first + steps):
        slope_step, weight_step[:], head_step[:] = 0.0, 0.0, 0.0
        for visit in range(step * batch, (step + 1) * batch):
            x = visit % questions
            total = respond(features, x, weights, chance, sums, log_odds)
            centre = lean(features, x, head)
            deal(stream, outcomes, fates)
            for g in range(group):
                y = pick(sums, 0, uniform(stream) * total)
                shake = noise * normal(stream) if noise > 0.0 else 0.0
                q = state(slope[0] * log_odds[0, y] + centre + shake, table.shape[1])
                luck = uniform(stream) if outcomes == INDEPENDENT else fates[y]
                chosen[g], score[g] = y, shake / (noise * noise) if noise > 0.0 else 0.0
                rewards[g] = table[1, q] if luck < truth[x, y] else table[0, q]
            advantages(rewards, estimator)
            pushes[:] = 0.0
            pull, turn = 0.0, 0.0
            for g in range(group):
                pushes[chosen[g]] += rewards[g]
                pull += rewards[g]
                turn += rewards[g] * score[g]
                slope_step += rewards[g] * score[g] * log_odds[0, chosen[g]]
            for k in range(answers):
                pushes[k] -= pull * chance[0, k] / total
            for j in range(dimensions):
                head_step[j] += turn * features[x, j]
                for k in range(answers):
                    weight_step[j, k] += pushes[k] * features[x, j]
        rollouts = batch * group
        slope[0] += slope_rate * slope_step / rollouts
        for j in range(dimensions):
            head[j] += head_rate * head_step[j] / rollouts
            for k in range(answers):
                weights[j, k] += answer_rate * weight_step[j, k] / rollouts


@compiled
def count_coupled(
    truths: FloatArray,
    features: FloatArray,
    weights: FloatArray,
    slope: FloatArray,
    head: FloatArray,
    mass: FloatArray,
    hits: FloatArray,
) -> float:
    """Add up exactly how often each level is stated (`mass`, L; without exploration) and right (`hits`, worlds x L).

    Returns the mean entropy of the answers, in nats.
    """
    worlds, questions, answers = truths.shape
    chance, sums, log_odds = np.empty((1, answers)), np.empty((1, answers)), np.empty((1, answers))
    of_answers = 0.0
    for x in range(questions):
        total = respond(features, x, weights, chance, sums, log_odds)
        of_answers += entropy(chance, 0, chance, 0, total, False) / questions
        centre = lean(features, x, head)
        for y in range(answers):
            share = chance[0, y] / total / questions
            q = state(slope[0] * log_odds[0, y] + centre, mass.size)
            mass[q] += share
            for world in range(worlds):
                hits[world, q] += share * truths[world, x, y]
    return of_answers
