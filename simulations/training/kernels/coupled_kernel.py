"""The coupled learner: a linear softmax policy, and a confidence that is linear in its log-odds."""

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

QUESTION_BLOCK = 64  # number of questions that are counted at once


@part
def deal(stream: WordArray, outcomes: int, draws: FloatArray) -> None:
    """Draw the uniform numbers that the rollouts of a group share, one for each answer.

    With shared outcomes all answers have the same number; with independent outcomes none is drawn.
    """
    if outcomes == SHARED:
        draws[:] = uniform(stream)
    elif outcomes == BY_ANSWER:
        for k in range(draws.size):
            draws[k] = uniform(stream)


@part
def respond(
    features: FloatArray, first: int, weights: FloatArray, log_odds: FloatArray, rows: IntArray,
    policy: tuple[FloatArray, FloatArray, FloatArray],
) -> None:  # fmt: skip
    """Fill the buffers `policy` and `log_odds`, n K numbers, of a linear softmax policy.

    The n questions start at number `first`; `rows` holds 0 to n - 1.
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
            # Total minus weight would lose all digits when the weight is almost the total.
            others = 0.0
            for j in range(answers):
                if j != k:
                    others += policy[0][s * answers + j]
            log_odds[s * answers + k] = math.log(policy[0][s * answers + k] / others)


@part
def of_logarithms(weights: FloatArray, at: int, size: int) -> float:
    """The sum of weight times logarithm of weight, with 0 log 0 = 0."""
    total = 0.0
    for k in range(size):
        if weights[at + k] > 0.0:
            total += weights[at + k] * math.log(weights[at + k])
    return total


@part
def leaning(features: FloatArray, x: int, head: FloatArray) -> float:
    """The inner product of the features of question `x` with `head`."""
    total = 0.0
    for j in range(head.size):
        total += features[x, j] * head[j]
    return total


@part
def state(z: float, levels: int) -> int:
    """The nearest of `levels` equally spaced levels from 0 to 1 to the logistic function of z."""
    # A diverged learner is refused after the step; until then the index must stay valid.
    if math.isnan(z):
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
    draws: FloatArray,
    rollouts: tuple[IntArray, IntArray, IntArray, FloatArray],
) -> None:
    """Sample the group of one question.

    `rollouts` are answers, levels, outcomes, and the derivative of the log-probability with respect
    to the mean of the logit of confidence, each (G, B).
    """
    chosen, level, right, score = rollouts
    deal(stream, outcomes, draws)
    for g in range(chosen.shape[0]):
        y = pick(policy[1], s, uniform(stream) * policy[2][s])
        shake = noise * normal(stream) if noise > 0.0 else 0.0
        draw = uniform(stream) if outcomes == INDEPENDENT else draws[y]
        chosen[g, s], level[g, s] = (
            y,
            state(slope * log_odds[s * chances.size + y] + centre + shake, levels),
        )
        right[g, s] = draw < chances[y]
        score[g, s] = shake / (noise * noise) if noise > 0.0 else 0.0


@part
def hold(
    features: FloatArray,
    x: int,
    before: FloatArray,
    prices: tuple[float, float],
    policy: tuple[FloatArray, FloatArray, FloatArray],
    s: int,
    gains: FloatArray,
    scale: float,
    pushes: FloatArray,
) -> None:
    """Add the exact gradient of -kl KL(pi || prior) + entropy H(pi) in the answer logits.

    It is the policy gradient of the payoff kl log prior - (kl + entropy) log pi. `before` are the
    answer weights of the prior, `prices` kl and entropy, `gains` is a buffer for K numbers.
    """
    answers, both = pushes.size, prices[0] + prices[1]
    for k in range(answers):
        gains[k] = 0.0
    if prices[0] > 0.0:
        for j in range(before.shape[0]):
            for k in range(answers):
                gains[k] += features[x, j] * before[j, k]
        top, total = gains[0], 0.0
        for k in range(answers):
            top = max(top, gains[k])
        for k in range(answers):
            total += math.exp(gains[k] - top)
        for k in range(answers):
            gains[k] = prices[0] * (gains[k] - top - math.log(total))
    value = 0.0
    for k in range(answers):
        pi = policy[0][s * answers + k] / policy[2][s]
        gains[k] -= both * math.log(max(pi, 1e-300))
        value += pi * gains[k]
    for k in range(answers):
        pi = policy[0][s * answers + k] / policy[2][s]
        pushes[k] += scale * pi * (gains[k] - value)


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
    before: FloatArray,
    prices: tuple[float, float],
) -> None:
    """Train the coupled agent: answer `weights` (d, K), confidence `slope` (1,) and `head` (d,).

    The three arrays change in place. `options`: batch, group size, baseline, scale, outcome model,
    and 1 if each component has its own advantage, otherwise 0. `rates`: learning rates of answers,
    slope and head, standard deviation of the noise in the logit of confidence, weights of correct
    and of wrong rollouts, and the constant added to a standard deviation. `policy` are buffers for
    a batch of answers; `before` are the answer weights of the prior, `prices` the coefficients of
    the KL penalty and of the entropy bonus, both of the answers.
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
    pushes, draws, gains = np.empty(answers), np.empty(answers), np.empty(answers)
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
                draws,
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
            if prices[0] + prices[1] > 0.0:
                hold(features, x, before, prices, policy, s, gains, float(group), pushes)
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
    """Add the exact distribution of confidence to `mass` (L,) and of correct answers to `hits`.

    `hits` is (worlds, L). There is no exploration noise. Returns the mean entropy of the answers,
    in nats. `policy` are buffers for the answers of one block.
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
