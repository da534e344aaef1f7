"""The coupled learner: answers by a softmax of features, confidence by a slope on its own log-odds."""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.chance import normal, uniform
from simulations.training.kernels.codes import BY_ANSWER, INDEPENDENT, SHARED
from simulations.training.kernels.compiling import FloatArray, IntArray, WordArray, compiled, part
from simulations.training.kernels.group_advantages import (
    component_advantages,
    group_advantages,
    mask,
)
from simulations.training.kernels.softmax import pick, weigh

BLOCK = 64  # questions measured at once


@part
def deal(stream: WordArray, outcomes: int, fates: FloatArray) -> None:
    """Draw what a group's rollouts have in common: one number per answer, or one for all; nothing if independent."""
    if outcomes == SHARED:
        fates[:] = uniform(stream)
    elif outcomes == BY_ANSWER:
        for k in range(fates.size):
            fates[k] = uniform(stream)


@part
def respond(
    features: FloatArray, first: int, weights: FloatArray, log_odds: FloatArray, rows: IntArray,
    policy: tuple[FloatArray, FloatArray, FloatArray],
) -> None:  # fmt: skip
    """Fill the buffers `policy` and the `log_odds`, n K numbers, of a linear softmax policy at n questions.

    The first is number `first`; `rows` are 0 to n - 1.
    """
    count, answers, questions = rows.size, weights.shape[1], features.shape[0]
    for s in range(count):
        x = (first + s) % questions
        for k in range(answers):
            log_odds[s * answers + k] = 0.0
        for j in range(weights.shape[0]):
            for k in range(answers):
                log_odds[s * answers + k] += features[x, j] * weights[j, k]
    weigh(log_odds, 0, rows, count, answers, policy, False)
    for s in range(count):
        for k in range(answers):
            others = 0.0  # added up, since the total less one weight loses every digit once the policy is almost sure
            for j in range(answers):
                if j != k:
                    others += policy[0][s * answers + j]
            log_odds[s * answers + k] = math.log(policy[0][s * answers + k] / others)


@part
def of_logarithms(weights: FloatArray, at: int, size: int) -> float:
    """The sum of weight times its logarithm; nothing for a weight of 0."""
    total = 0.0
    for k in range(size):
        if weights[at + k] > 0.0:
            total += weights[at + k] * math.log(weights[at + k])
    return total


@part
def leaning(features: FloatArray, x: int, head: FloatArray) -> float:
    """What the features alone say about confidence: their inner product with `head`."""
    total = 0.0
    for j in range(head.size):
        total += features[x, j] * head[j]
    return total


@part
def state(z: float, levels: int) -> int:
    """The level that is nearest to the logistic function of z on a grid of `levels` equal steps from 0 to 1."""
    if math.isnan(
        z
    ):  # a learner that has diverged, which `Experiment` refuses; no kernel may write beside its arrays
        return 0
    return math.floor((levels - 1) / (1.0 + math.exp(-z)) + 0.5)


@part
def roll_out(
    stream: WordArray,
    s: int,
    chances: FloatArray,
    centre: float,
    slope: float,
    noise: float,
    outcomes: int,
    policy: tuple[FloatArray, FloatArray, FloatArray],
    log_odds: FloatArray,
    levels: int,
    fates: FloatArray,
    rollouts: tuple[IntArray, IntArray, IntArray, FloatArray],
) -> None:
    """Answer and judge one question's group; `rollouts` are answers, levels, verdicts and scores, (G, B)."""
    chosen, level, right, score = rollouts
    deal(stream, outcomes, fates)
    for g in range(chosen.shape[0]):
        y = pick(policy[1], s, uniform(stream) * policy[2][s])
        shake = noise * normal(stream) if noise > 0.0 else 0.0
        luck = uniform(stream) if outcomes == INDEPENDENT else fates[y]
        chosen[g, s], level[g, s] = (
            y,
            state(slope * log_odds[s * chances.size + y] + centre + shake, levels),
        )
        right[g, s] = luck < chances[y]
        score[g, s] = shake / (noise * noise) if noise > 0.0 else 0.0


@compiled
def advance_coupled(
    stream: WordArray,
    first: int,
    steps: int,
    truth: FloatArray,
    features: FloatArray,
    tables: FloatArray,
    shares: FloatArray,
    options: tuple[int, int, int, int, int, int],
    rates: tuple[float, float, float, float, float, float, float],
    weights: FloatArray,
    slope: FloatArray,
    head: FloatArray,
    policy: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Train the coupled agent in place: answers `weights` (d, K), confidence `slope` (1,) and `head` (d,).

    `options`: batch, group size, baseline, scale, outcome model, and 1 if each component has its
    own advantage, 0 if not. `rates`: learning rates of answers, slope and head, noise in the logit
    of confidence, weights of right and of wrong rollouts, what is added to a standard deviation.
    `policy` are buffers for a batch of answers.
    """
    batch, group, baseline, scale, outcomes, per_component = options
    answer_rate, slope_rate, head_rate, noise, if_right, if_wrong, epsilon = rates
    questions, (dimensions, answers) = truth.shape[0], weights.shape
    levels, table = tables.shape[2], np.zeros((2, tables.shape[2]))
    for k in range(shares.size):
        table += shares[k] * tables[k]
    log_odds, rows = np.empty(batch * answers), np.arange(batch)
    chosen, level = np.empty((group, batch), np.int64), np.empty((group, batch), np.int64)
    right, score, rewards = (
        np.empty((group, batch), np.int64),
        np.empty((group, batch)),
        np.empty((group, batch)),
    )
    pushes, fates = np.empty(answers), np.empty(answers)
    means, one = np.empty(batch), np.empty((group, batch))
    weight_step, head_step = np.empty((dimensions, answers)), np.empty(dimensions)
    for step in range(first, first + steps):
        respond(features, step * batch, weights, log_odds, rows, policy)
        for s in range(batch):
            x = (step * batch + s) % questions
            roll_out(
                stream,
                s,
                truth[x],
                leaning(features, x, head),
                slope[0],
                noise,
                outcomes,
                policy,
                log_odds,
                levels,
                fates,
                (chosen, level, right, score),
            )
        for g in range(group):
            for s in range(batch):
                rewards[g, s] = table[right[g, s], level[g, s]]
        if per_component:
            component_advantages(
                right, level, tables, shares, baseline, scale, epsilon, means, one, rewards
            )
        else:
            group_advantages(rewards, means, baseline, scale, epsilon)
        mask(rewards, right, if_right, if_wrong)
        slope_step, weight_step[:], head_step[:] = 0.0, 0.0, 0.0
        for s in range(batch):
            pushes[:] = 0.0
            pull, turn, x = 0.0, 0.0, (step * batch + s) % questions
            for g in range(group):
                pushes[chosen[g, s]] += rewards[g, s]
                pull += rewards[g, s]
                turn += rewards[g, s] * score[g, s]
                slope_step += rewards[g, s] * score[g, s] * log_odds[s * answers + chosen[g, s]]
            for k in range(answers):
                pushes[k] -= pull * policy[0][s * answers + k] / policy[2][s]
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
    policy: tuple[FloatArray, FloatArray, FloatArray],
) -> float:
    """Add up exactly how often each level is stated (`mass`, L; without exploration) and right (`hits`, worlds x L).

    Returns the mean entropy of the answers, in nats. `policy` are buffers for as many answers as
    are measured at once.
    """
    worlds, questions, answers = truths.shape
    of_answers = 0.0
    block = policy[2].size
    log_odds, rows = np.empty(block * answers), np.arange(block)
    for first in range(0, questions, block):
        count = min(block, questions - first)
        respond(features, first, weights, log_odds, rows[:count], policy)
        for s in range(count):
            total = policy[2][s]
            of_answers += (
                math.log(total) - of_logarithms(policy[0], s * answers, answers) / total
            ) / questions
            centre = leaning(features, first + s, head)
            for y in range(answers):
                share = policy[0][s * answers + y] / total / questions
                q = state(slope[0] * log_odds[s * answers + y] + centre, mass.size)
                mass[q] += share
                for world in range(worlds):
                    hits[world, q] += share * truths[world, first + s, y]
    return of_answers
