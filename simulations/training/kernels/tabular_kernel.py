"""The tabular learner: a step samples rollouts for a batch of questions and updates their rows.

Each phase runs over the whole batch before the next phase begins, so that the processor always has
independent work: within one question every operation depends on the one before. The questions of a
batch are distinct, so the result is the same.

For the G rollouts of a question with advantages A_g and choices y_g,
    reinforce, replicator    row += rate / G * sum_g A_g (e_{y_g} - pi)
    natural                  row += rate / G * sum_g A_g (e_{y_g} / pi_{y_g} - 1)
where rows hold the logits of pi, or, for the replicator, pi itself.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulations.training.kernels.chance import fill
from simulations.training.kernels.codes import BY_ANSWER, INDEPENDENT, NATURAL, REPLICATOR
from simulations.training.kernels.compiling import (
    FloatArray,
    IntArray,
    WordArray,
    inlined,
    lean,
    part,
)
from simulations.training.kernels.group_advantages import (
    component_advantages,
    group_advantages,
    mask,
)
from simulations.training.kernels.softmax import around, buffers, fast_exponential, pick, weigh

_Weighed = tuple[FloatArray, FloatArray, FloatArray]


class TabularBuffers(NamedTuple):
    """The buffers of a step: B questions with K answers, G rollouts of each question, L levels."""

    numbers: FloatArray  # (2 B G + B max(G, K),), random
    chance: _Weighed  # for the answers of the batch, see `weigh`
    stated: _Weighed  # for the levels of the chosen answers
    starts: IntArray  # 0 to B - 1
    place: IntArray  # (B K,), see `list_heads`
    heads: IntArray  # (B K + 1,), likewise
    rollouts: tuple[IntArray, IntArray, IntArray]  # answers, levels and outcomes, (G, B)
    rewards: FloatArray  # (G, B), like the next two; later the advantages
    pushes: FloatArray  # clipped advantages, or those of one component
    old: FloatArray  # the probabilities before the first epoch
    pulls: tuple[FloatArray, FloatArray]  # (B,) and (B K,)
    gains: tuple[FloatArray, FloatArray]  # (K,) and (L,)


def room(batch: int, group: int, answers: int, levels: int) -> TabularBuffers:
    """The buffers of `advance_tabular`.

    Args:
        batch: Number of questions in a step.
        group: Number of rollouts of each question.
        answers: Number of answers to each question.
        levels: Number of confidence levels.

    Example:
        >>> room(4, 8, 3, 11)[0].shape
        (96,)
    """
    heads, shape = batch * answers, (group, batch)
    return TabularBuffers(
        numbers=np.empty(2 * batch * group + batch * max(group, answers)),
        chance=buffers(batch, answers),
        stated=buffers(heads, levels),
        starts=np.arange(batch),
        place=np.empty(heads, np.int64),
        heads=np.empty(heads + 1, np.int64),
        rollouts=(np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape, np.int64)),
        rewards=np.empty(shape),
        pushes=np.empty(shape),
        old=np.empty(shape),
        pulls=(np.empty(batch), np.empty(heads)),
        gains=(np.empty(answers), np.empty(levels)),
    )


@part
def choose_answers(
    numbers: FloatArray, sums: FloatArray, totals: FloatArray, answers: int, chosen: IntArray
) -> None:
    """Draw the answer of each rollout.

    `chosen` holds the number of its confidence head within the batch.
    """
    for g in range(chosen.shape[0]):
        for s in range(chosen.shape[1]):
            mark = numbers[g * chosen.shape[1] + s] * totals[s]
            chosen[g, s] = s * answers + pick(sums, s, mark)


@part
def list_heads(chosen: IntArray, place: IntArray, heads: IntArray) -> int:
    """List the confidence heads of the chosen answers.

    `heads` lists them in order, `place` maps a head to its index in the list; returns their number.
    """
    for head in range(place.size):
        place[head] = 0
    for g in range(chosen.shape[0]):
        for s in range(chosen.shape[1]):
            place[chosen[g, s]] = 1
    count = 0
    for head in range(place.size):
        used = place[head]
        heads[count] = head  # without a branch: overwritten next time if not used
        place[head] = count
        count += used
    return count


@part
def state_and_judge(
    room: TabularBuffers, truth: FloatArray, first: int, outcomes: int, table: FloatArray
) -> None:
    """Draw the level of each rollout, decide whether it is correct, and look up its reward.

    The uniform number that decides it is its own, that of its answer, or that of its question,
    depending on the outcome model.
    """
    _, sums, totals = room.stated
    chosen, level, right = room.rollouts
    group, batch = chosen.shape
    for g in range(group):
        for s in range(batch):
            n, head = g * batch + s, chosen[g, s]
            row = room.place[head]
            level[g, s] = pick(sums, row, room.numbers[group * batch + n] * totals[row])
            number = s
            if outcomes == INDEPENDENT:
                number = n
            elif outcomes == BY_ANSWER:
                number = head
            draw = room.numbers[2 * group * batch + number]
            right[g, s] = draw < truth[around(first + head, truth.size)]
            room.rewards[g, s] = table[right[g, s], level[g, s]]


@part
def joint_probabilities(
    chosen: IntArray,
    level: IntArray,
    place: IntArray,
    chance: tuple[FloatArray, FloatArray, FloatArray],
    stated: tuple[FloatArray, FloatArray, FloatArray],
    levels: int,
    joint: FloatArray,
) -> None:
    """The joint probability pi(y, q) of each rollout under the weights in the buffers."""
    for g in range(chosen.shape[0]):
        for s in range(chosen.shape[1]):
            head, row = chosen[g, s], place[chosen[g, s]]
            joint[g, s] = (
                chance[0][head]
                / chance[2][s]
                * stated[0][row * levels + level[g, s]]
                / stated[2][row]
            )


@part
def clip_ratios(
    pushes: FloatArray, now: FloatArray, old: FloatArray, low: float, high: float
) -> None:
    """Multiply advantages by the ratio of new to old probability; 0 where PPO clips the ratio."""
    for g in range(now.shape[0]):
        for s in range(now.shape[1]):
            ratio = now[g, s] / old[g, s]
            beyond = ratio > 1.0 + high if pushes[g, s] > 0.0 else ratio < 1.0 - low
            now[g, s] = 0.0 if beyond else ratio * pushes[g, s]


@part
def move(
    pushes: FloatArray,
    room: TabularBuffers,
    first: int,
    count: int,
    rows: tuple[FloatArray, FloatArray],
    sizes: tuple[int, int],
    share: float,
    natural: bool | None,
) -> None:
    """The policy gradient step, or the natural gradient step if `natural` is not None.

    The former adds the advantages to the chosen entries and subtracts their sum times pi from the
    row. The latter divides them by pi and subtracts their sum from all entries of the row.
    """
    (answer, confidence), (answers, levels) = rows, sizes
    (chance, _, of_chance), (stated, _, of_stated) = room.chance, room.stated
    (chosen, level, _), (of_answers, of_heads) = room.rollouts, room.pulls
    clear(room.pulls, count)
    for g in range(chosen.shape[0]):
        for s in range(of_answers.size):
            head, q, push = chosen[g, s], level[g, s], pushes[g, s] * share
            row, i = room.place[head], around(first + head, answer.size)
            of_answers[s] += push
            if natural is not None:
                push *= of_chance[s] / chance[head]
            of_heads[row] += push
            answer[i] += push
            if natural is not None:
                push = push * of_stated[row] / stated[row * levels + q]
            confidence[i * levels + q] += push
    for s in range(of_answers.size):
        base, pull = around(first + s * answers, answer.size), of_answers[s]
        if natural is None:
            pull /= of_chance[s]
        for y in range(answers):
            answer[base + y] -= pull if natural is not None else pull * chance[s * answers + y]
    for row in range(count):
        base, pull = around(first + room.heads[row], answer.size) * levels, of_heads[row]
        if natural is None:
            pull /= of_stated[row]
        for q in range(levels):
            confidence[base + q] -= pull if natural is not None else pull * stated[row * levels + q]


@inlined
def clear(pulls: tuple[FloatArray, FloatArray], count: int) -> None:
    """Set the sums of advantages to 0: those of all answer rows and of the first `count` heads."""
    for s in range(pulls[0].size):
        pulls[0][s] = 0.0
    for row in range(count):
        pulls[1][row] = 0.0


@part
def log_total(rows: FloatArray, base: int, size: int) -> float:
    """The logarithm of the sum of the exponentials of a row."""
    highest, total = rows[base], 0.0
    for k in range(1, size):
        if rows[base + k] > highest:
            highest = rows[base + k]
    for k in range(size):
        total += fast_exponential(rows[base + k] - highest)
    return float(highest + math.log(total))


@part
def anchor_row(
    rows: FloatArray,
    prior: FloatArray,
    base: int,
    gains: FloatArray,
    price: tuple[float, float],
    speed: float,
    natural: bool,
) -> float:
    """Move one row along the gradient of E[gain - (kl + entropy) log pi + kl log prior].

    `price` holds kl and kl + entropy; `gains` holds the expected later payoff of each choice.
    Returns the expectation.
    """
    size = gains.size
    here, there, value = log_total(rows, base, size), log_total(prior, base, size), 0.0
    for k in range(size):
        log_pi = max(rows[base + k] - here, -708.0)
        gains[k] += price[0] * (prior[base + k] - there) - price[1] * log_pi
        value += fast_exponential(min(log_pi, 0.0)) * gains[k]
    for k in range(size):
        pi = fast_exponential(min(rows[base + k] - here, 0.0))
        rows[base + k] += speed * (gains[k] - value) * (1.0 if natural else pi)
    return value


@part
def anchor(
    rows: tuple[FloatArray, FloatArray],
    prior: tuple[FloatArray, FloatArray],
    first: int,
    shape: tuple[int, int, int],
    price: tuple[float, float],
    natural: bool,
    room: tuple[FloatArray, FloatArray],
) -> None:
    """Move the rows of a batch along the exact gradient of -kl KL(pi || prior) + entropy H(pi).

    It is the policy gradient of the payoff -(kl + entropy) log pi + kl log prior. `price` holds kl
    and entropy times the learning rate; `room` are buffers for K and L numbers.
    """
    batch, answers, levels = shape
    (gains, of_heads), both = room, (price[0], price[0] + price[1])
    for s in range(batch):
        x = around(first + s * answers, rows[0].size)
        total = log_total(rows[0], x, answers)
        for y in range(answers):
            pi = fast_exponential(min(rows[0][x + y] - total, 0.0))
            for q in range(levels):
                of_heads[q] = 0.0
            speed = 1.0 if natural else pi
            gains[y] = anchor_row(
                rows[1], prior[1], (x + y) * levels, of_heads, both, speed, natural
            )
        anchor_row(rows[0], prior[0], x, gains, both, 1.0, natural)


@lean
def advance_tabular(
    stream: WordArray,
    first: int,
    steps: int,
    truth: FloatArray,
    table: FloatArray,
    options: tuple[int, int, int, int, int, int, int, int],
    rate: float,
    state: tuple[FloatArray, FloatArray],
    room: TabularBuffers,
    epsilon: float | None,
    components: tuple[FloatArray, FloatArray, float] | None,
    weights: tuple[float, float] | None,
    prior: tuple[tuple[FloatArray, FloatArray], tuple[float, float]] | None,
    clipping: tuple[float, float] | None,
    natural: bool | None,
) -> None:
    """Train the tabular agent in place for `steps` steps, the first of which is number `first`.

    `truth` has Q K numbers, `table` is (2, L); `state` holds the answer rows, Q K numbers, and the
    confidence rows, Q K L numbers. `options`: number of answers K, batch, group size, baseline,
    scale, outcome model, update, epochs.

    Options that most learning rules do not use are None and are then not compiled:

        epsilon      the constant added to a standard deviation
        components   tables (C, 2, L), weights (C,) and epsilon of separately estimated components
        weights      the weights of correct and of wrong rollouts
        prior        the rows of the prior, and the coefficients of KL penalty and entropy bonus
        clipping     the largest distances below and above 1 of the ratio of new to old probability
        natural      True for the natural gradient
    """
    answers, batch, group, baseline, scale, outcomes, update, epochs = options
    chance, stated, rewards, pushes = room.chance, room.stated, room.rewards, room.pushes
    chosen, level, right = room.rollouts
    levels, n, count = table.shape[1], batch * group, 0
    draws = batch
    if outcomes == INDEPENDENT:
        draws = n
    elif outcomes == BY_ANSWER:
        draws = batch * answers
    direct = update == REPLICATOR
    for step in range(first, first + steps):
        question = step * batch % (truth.size // answers)
        head = question * answers
        fill(stream, room.numbers, 2 * n + draws)
        for epoch in range(epochs):
            weigh(state[0], question, room.starts, batch, answers, chance, direct)
            if epoch == 0:
                choose_answers(room.numbers, chance[1], chance[2], answers, chosen)
                count = list_heads(chosen, room.place, room.heads)
            weigh(state[1], head, room.heads, count, levels, stated, direct)
            if epoch == 0:
                state_and_judge(room, truth, head, outcomes, table)
                if components is not None:
                    tables, shares, spread = components
                    sums = room.pulls[0]
                    component_advantages(
                        right,
                        level,
                        tables,
                        shares,
                        baseline,
                        scale,
                        spread,
                        sums,
                        pushes,
                        rewards,
                    )
                else:
                    group_advantages(rewards, room.pulls[0], baseline, scale, epsilon)
                if weights is not None:
                    mask(rewards, right, weights[0], weights[1])
            weight = rewards
            if clipping is not None:
                now = room.old if epoch == 0 else pushes
                joint_probabilities(chosen, level, room.place, chance, stated, levels, now)
                if epoch > 0:
                    clip_ratios(rewards, pushes, room.old, clipping[0], clipping[1])
                    weight = pushes
            if prior is not None:
                price = prior[1][0] * rate, prior[1][1] * rate
                shape = batch, answers, levels
                anchor(state, prior[0], head, shape, price, update == NATURAL, room.gains)
            move(weight, room, head, count, state, (answers, levels), rate / group, natural)
