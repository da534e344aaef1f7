"""The tabular learner: a step answers a batch of questions, judges the rollouts and moves the rows they came from.

Each phase runs over the whole batch before the next begins, so that a processor always has independent work: a
question's own chain from row to choice to row is long. Questions of a batch are distinct, so the result is the same.

For the G rollouts of a question with advantages A_g and choices y_g,
    reinforce, replicator    row += rate / G * sum_g A_g (e_{y_g} - pi)
    natural                  row += rate / G * sum_g A_g (e_{y_g} / pi_{y_g} - 1)
where rows hold the logits of pi, or, for the replicator, pi itself.
"""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.chance import fill
from simulations.training.kernels.compiling import FloatArray, IntArray, WordArray, compiled, part
from simulations.training.kernels.estimators import advantages, component_advantages, mask
from simulations.training.kernels.softmax import around, buffers, exponential, pick, weigh

INDEPENDENT, BY_ANSWER, SHARED = 0, 1, 2
REINFORCE, REPLICATOR, NATURAL = 0, 1, 2


@part
def choose_answers(numbers: FloatArray, sums: FloatArray, totals: FloatArray, answers: int, chosen: IntArray) -> None:
    """Draw the answer of each rollout; `chosen` holds the number of its confidence head within the batch."""
    for g in range(chosen.shape[0]):
        for s in range(chosen.shape[1]):
            mark = numbers[g * chosen.shape[1] + s] * totals[s]
            chosen[g, s] = s * answers + pick(sums, s, mark)


@part
def list_heads(chosen: IntArray, place: IntArray, heads: IntArray) -> int:
    """Which heads were chosen: `heads` lists them in order, `place` finds them in the list; return how many."""
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
    numbers: FloatArray, buffers: tuple[FloatArray, FloatArray, FloatArray], place: IntArray, chosen: IntArray,
    truth: FloatArray, first: int, outcomes: int, table: FloatArray,
    rollouts: tuple[IntArray, IntArray, FloatArray],
) -> None:  # fmt: skip
    """Draw the level of each rollout, decide whether it is right, and pay it."""
    _, sums, totals = buffers
    level, right, rewards = rollouts
    group, batch = chosen.shape
    for g in range(group):
        for s in range(batch):
            n, head = g * batch + s, chosen[g, s]
            row = place[head]
            level[g, s] = pick(sums, row, numbers[group * batch + n] * totals[row])
            fate = n if outcomes == INDEPENDENT else (head if outcomes == BY_ANSWER else s)
            luck = numbers[2 * group * batch + fate]
            right[g, s] = luck < truth[around(first + head, truth.size)]
            rewards[g, s] = table[right[g, s], level[g, s]]


@part
def joint_probabilities(
    chosen: IntArray, level: IntArray, place: IntArray, chance: tuple[FloatArray, FloatArray, FloatArray],
    stated: tuple[FloatArray, FloatArray, FloatArray], levels: int, joint: FloatArray,
) -> None:  # fmt: skip
    """pi(y, q) of each rollout under the weights in the buffers."""
    for g in range(chosen.shape[0]):
        for s in range(chosen.shape[1]):
            head, row = chosen[g, s], place[chosen[g, s]]
            joint[g, s] = chance[0][head] / chance[2][s] * stated[0][row * levels + level[g, s]] / stated[2][row]


@part
def clip(pushes: FloatArray, now: FloatArray, old: FloatArray, low: float, high: float) -> None:
    """Multiply advantages by the ratio of new to old probability; 0 where it has gone further than it may (PPO)."""
    for g in range(now.shape[0]):
        for s in range(now.shape[1]):
            ratio = now[g, s] / old[g, s]
            beyond = ratio > 1.0 + high if pushes[g, s] > 0.0 else ratio < 1.0 - low
            now[g, s] = 0.0 if beyond else ratio * pushes[g, s]


@part
def move(
    pushes: FloatArray, chosen: IntArray, level: IntArray, place: IntArray, heads: IntArray, count: int, first: int,
    rows: tuple[FloatArray, FloatArray], chance: tuple[FloatArray, FloatArray, FloatArray],
    stated: tuple[FloatArray, FloatArray, FloatArray], sizes: tuple[int, int], natural: bool, share: float,
    pulls: tuple[FloatArray, FloatArray],
) -> None:  # fmt: skip
    """Push the rows towards what was chosen and pull them back along pi (or evenly, if natural)."""
    (answer, confidence), (answers, levels), (of_answers, of_heads) = rows, sizes, pulls
    group, batch = chosen.shape
    for s in range(batch):
        of_answers[s] = 0.0
    for row in range(count):
        of_heads[row] = 0.0
    for g in range(group):
        for s in range(batch):
            head, q = chosen[g, s], level[g, s]
            row, i, push = place[head], around(first + head, answer.size), pushes[g, s] * share
            of_answers[s] += push
            if natural:
                push *= chance[2][s] / chance[0][head]
            answer[i] += push
            of_heads[row] += push
            confidence[i * levels + q] += push * stated[2][row] / stated[0][row * levels + q] if natural else push
    for s in range(batch):
        base, pull = around(first + s * answers, answer.size), of_answers[s] if natural else of_answers[s] / chance[2][s]
        for y in range(answers):
            answer[base + y] -= pull if natural else pull * chance[0][s * answers + y]
    for row in range(count):
        base = around(first + heads[row], answer.size) * levels
        pull = of_heads[row] if natural else of_heads[row] / stated[2][row]
        for q in range(levels):
            confidence[base + q] -= pull if natural else pull * stated[0][row * levels + q]


@part
def log_total(rows: FloatArray, base: int, size: int) -> float:
    """Log sum exp of a row."""
    highest, total = rows[base], 0.0
    for k in range(1, size):
        highest = max(highest, rows[base + k])
    for k in range(size):
        total += exponential(max(rows[base + k] - highest, -708.0))
    return float(highest + math.log(total))


@part
def anchor_row(
    rows: FloatArray, prior: FloatArray, base: int, gains: FloatArray, price: tuple[float, float], speed: float,
    natural: bool,
) -> float:  # fmt: skip
    """Move one row along the gradient of E[gain - (kl + entropy) log pi + kl log prior]; return that expectation.

    `price` holds kl and kl + entropy; `gains` is what each choice is worth further on.
    """
    size = gains.size
    here, there, value = log_total(rows, base, size), log_total(prior, base, size), 0.0
    for k in range(size):
        log_pi = max(rows[base + k] - here, -708.0)
        gains[k] += price[0] * (prior[base + k] - there) - price[1] * log_pi
        value += exponential(min(log_pi, 0.0)) * gains[k]
    for k in range(size):
        pi = exponential(min(max(rows[base + k] - here, -708.0), 0.0))
        rows[base + k] += speed * (gains[k] - value) * (1.0 if natural else pi)
    return value


@part
def anchor(
    rows: tuple[FloatArray, FloatArray], prior: tuple[FloatArray, FloatArray], first: int, batch: int, answers: int,
    levels: int, price: tuple[float, float], natural: bool,
) -> None:  # fmt: skip
    """Move the rows of a batch along the exact gradient of -kl KL(pi || prior) + entropy H(pi).

    It is the policy gradient of the payoff -(kl + entropy) log pi + kl log prior; `price` holds both times the rate.
    """
    gains, of_heads, both = np.empty(answers), np.empty(levels), (price[0], price[0] + price[1])
    for s in range(batch):
        x = around(first + s * answers, rows[0].size)
        total = log_total(rows[0], x, answers)
        for y in range(answers):
            pi = exponential(max(min(rows[0][x + y] - total, 0.0), -708.0))
            of_heads[:] = 0.0
            speed = 1.0 if natural else pi
            gains[y] = anchor_row(rows[1], prior[1], (x + y) * levels, of_heads, both, speed, natural)
        anchor_row(rows[0], prior[0], x, gains, both, 1.0, natural)


@compiled
def advance_tabular(
    stream: WordArray, first: int, steps: int, truth: FloatArray, table: FloatArray,
    options: tuple[int, int, int, int, int, int, int], rate: float, state: tuple[FloatArray, FloatArray],
    epsilon: float | None, components: tuple[FloatArray, FloatArray] | None, weights: tuple[float, float] | None,
    prior: tuple[FloatArray, FloatArray] | None, prices: tuple[float, float], old: FloatArray | None,
    limits: tuple[float, float],
) -> None:  # fmt: skip
    """Train the tabular agent in place for `steps` steps, of which the first is number `first`.

    `truth` has Q K numbers, `table` is (2, L); `state` are the answers' rows, Q K numbers, and the confidences', Q K L.
    `options`: answers K, batch, group size, estimator, outcome model, update, epochs.

    What most training does without is None, and not compiled then: what is added to a standard deviation (`epsilon`);
    tables (C, 2, L) and weights (C,) of a reward that is normalised by `components`; `weights` of right and of wrong
    rollouts; the rows of the `prior` that `prices` of KL and of entropy refer to; room for `old` probabilities (G, B),
    whose ratio to new ones may go as far below and above 1 as `limits` say.
    """
    answers, batch, group, estimator, outcomes, update, epochs = options
    levels, n, heads_of_batch = table.shape[1], batch * group, batch * answers
    chance, stated = buffers(batch, answers), buffers(heads_of_batch, levels)
    starts, place, heads = np.empty(batch, np.int64), np.empty(heads_of_batch, np.int64), np.empty(heads_of_batch + 1, np.int64)
    chosen, level, right = np.empty((group, batch), np.int64), np.empty((group, batch), np.int64), np.empty((group, batch), np.int64)
    rewards, pushes, count = np.empty((group, batch)), np.empty((group, batch)), 0
    pulls = np.empty(batch), np.empty(heads_of_batch)
    fates = n if outcomes == INDEPENDENT else (heads_of_batch if outcomes == BY_ANSWER else batch)
    numbers, direct, natural = np.empty(2 * n + fates), update == REPLICATOR, update == NATURAL
    for s in range(batch):
        starts[s] = s
    for step in range(first, first + steps):
        question = step * batch % (truth.size // answers)
        head = question * answers
        fill(stream, numbers, 2 * n + fates)
        for epoch in range(epochs):
            weigh(state[0], question, starts, batch, answers, chance, direct)
            if epoch == 0:
                choose_answers(numbers, chance[1], chance[2], answers, chosen)
                count = list_heads(chosen, place, heads)
            weigh(state[1], head, heads, count, levels, stated, direct)
            if epoch == 0:
                state_and_judge(numbers, stated, place, chosen, truth, head, outcomes, table, (level, right, rewards))
                if components is not None:
                    component_advantages(right, level, components[0], components[1], epsilon, rewards)
                else:
                    advantages(rewards, pulls[0], estimator, epsilon)
                if weights is not None:
                    mask(rewards, right, weights[0], weights[1])
            weight = rewards
            if old is not None:
                joint_probabilities(chosen, level, place, chance, stated, levels, old if epoch == 0 else pushes)
                if epoch > 0:
                    clip(rewards, pushes, old, limits[0], limits[1])
                    weight = pushes
            if prior is not None:
                anchor(state, prior, head, batch, answers, levels, (prices[0] * rate, prices[1] * rate), natural)
            move(
                weight, chosen, level, place, heads, count, head, state, chance, stated, (answers, levels), natural,
                rate / group, pulls,
            )  # fmt: skip
