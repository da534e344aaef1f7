"""The tabular learner for several replicates at once: the same steps as in `tabular_kernel`.

The replicate is the last axis of every array, so that each inner loop runs over the replicates and
can be vectorised: with few questions and few rollouts, a replicate alone has no loop that is long
enough. Each replicate has its own stream, and each of its numbers is computed by the same
operations in the same order as alone, so that its bits are the same.

It knows the policy gradient with advantages that need no other question: no KL penalty, entropy
bonus, natural gradient, replicator, weights, components, or several epochs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulations.training.kernels.chance import increment_from, mixed, stepped
from simulations.training.kernels.codes import BY_ANSWER, INDEPENDENT
from simulations.training.kernels.compiling import (
    FloatArray,
    IntArray,
    WordArray,
    inlined,
    lean,
    part,
)
from simulations.training.kernels.group_advantages import group_advantages
from simulations.training.kernels.softmax import LEAST, MOST, fast_exponential


class SideBySideBuffers(NamedTuple):
    """The buffers of a step: R replicates, B questions with K answers, G rollouts, L levels."""

    words: WordArray  # (2, R), where a step's random numbers stand, and their increment
    numbers: FloatArray  # (2 B G + B max(G, K), R), random
    logits: FloatArray  # (L, R), of the heads of one rollout
    sums: FloatArray  # (max(K, L), R)
    chance: tuple[FloatArray, FloatArray]  # weights of the answers (B K, R) and totals (B, R)
    stated: tuple[FloatArray, FloatArray]  # weights of the levels (G B L, R) and totals (G B, R)
    rollouts: tuple[IntArray, IntArray, IntArray]  # answers, levels and outcomes, (G, B R)
    rewards: FloatArray  # (G, B R); later the advantages
    means: FloatArray  # (B R,)
    pulls: tuple[FloatArray, FloatArray]  # (R,) and (K, R)


def room_side_by_side(
    replicates: int, batch: int, group: int, answers: int, levels: int
) -> SideBySideBuffers:
    """The buffers of `advance_side_by_side`.

    Args:
        replicates: Number of replicates.
        batch: Number of questions in a step.
        group: Number of rollouts of each question.
        answers: Number of answers to each question.
        levels: Number of confidence levels.

    Example:
        >>> room_side_by_side(16, 4, 8, 3, 11).numbers.shape
        (96, 16)
    """
    shape, n, longest = (group, batch * replicates), group * batch, max(answers, levels)
    return SideBySideBuffers(
        words=np.empty((2, replicates), np.uint64),
        numbers=np.empty((2 * n + batch * max(group, answers), replicates)),
        logits=np.empty((levels, replicates)),
        sums=np.empty((longest, replicates)),
        chance=(np.empty((batch * answers, replicates)), np.empty((batch, replicates))),
        stated=(np.empty((n * levels, replicates)), np.empty((n, replicates))),
        rollouts=(np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape, np.int64)),
        rewards=np.empty(shape),
        means=np.empty(batch * replicates),
        pulls=(np.empty(replicates), np.empty((answers, replicates))),
    )


@part
def fill_side_by_side(
    streams: WordArray, words: WordArray, numbers: FloatArray, count: int
) -> None:
    """Fill `numbers`, (count, R), as `fill` would from each of the streams, (4, R)."""
    replicates = streams.shape[1]
    for r in range(replicates):
        start, a, b, c, d = stepped(streams[0, r], streams[1, r], streams[2, r], streams[3, r])
        bits, streams[0, r], streams[1, r], streams[2, r], streams[3, r] = stepped(a, b, c, d)
        words[0, r], words[1, r] = start, increment_from(bits)
    for i in range(count):
        for r in range(replicates):
            words[0, r] += words[1, r]
            numbers[i, r] = mixed(words[0, r])


@inlined
def sum_up(
    weights: FloatArray, at: int, size: int, sums: FloatArray, totals: FloatArray, row: int
) -> None:
    """Fill `sums` and `totals[row]` with the cumulative sums and the totals of `weights`."""
    for r in range(sums.shape[1]):
        totals[row, r] = weights[at, r]
    for k in range(1, size):
        for r in range(sums.shape[1]):
            sums[k - 1, r] = totals[row, r]
            totals[row, r] += weights[at + k, r]


@part
def weigh_side_by_side(
    logits: FloatArray,
    first: int,
    size: int,
    weights: FloatArray,
    at: int,
    sums: FloatArray,
    totals: FloatArray,
    row: int,
) -> None:
    """Fill `weights` from row `at` on, `sums` and `totals[row]` as `weigh` does.

    The logits are the rows of `logits` from row `first` on.
    """
    far = 0
    for k in range(size):
        for r in range(sums.shape[1]):
            weights[at + k, r] = fast_exponential(logits[first + k, r])
    sum_up(weights, at, size, sums, totals, row)
    for r in range(sums.shape[1]):
        far += not (totals[row, r] > LEAST and totals[row, r] < MOST)
    if far == 0:
        return
    for r in range(sums.shape[1]):
        if not (totals[row, r] > LEAST and totals[row, r] < MOST):
            highest = logits[first, r]
            for k in range(1, size):
                if logits[first + k, r] > highest:
                    highest = logits[first + k, r]
            for k in range(size):
                weights[at + k, r] = fast_exponential(logits[first + k, r] - highest)
    sum_up(weights, at, size, sums, totals, row)
    for r in range(sums.shape[1]):
        # A diverged replicate is refused after the step.
        if not totals[row, r] <= MOST:
            totals[row, r] = 0.0


@part
def draw_side_by_side(
    numbers: FloatArray,
    number: int,
    sums: FloatArray,
    size: int,
    totals: FloatArray,
    row: int,
    drawn: IntArray,
    g: int,
    base: int,
) -> None:
    """Draw one choice for each replicate, the number of sums that are at most the random mark.

    It is at most `size` - 1, whatever the sums are.
    """
    for r in range(sums.shape[1]):
        drawn[g, base + r] = 0
    for k in range(size - 1):
        for r in range(sums.shape[1]):
            drawn[g, base + r] += numbers[number, r] * totals[row, r] >= sums[k, r]


@part
def sample_side_by_side(
    room: SideBySideBuffers,
    state: tuple[FloatArray, FloatArray],
    truth: FloatArray,
    table: FloatArray,
    question: int,
    sizes: tuple[int, int, int, int, int],
) -> None:
    """Sample the rollouts of a batch: answers, levels, outcomes and rewards."""
    (answer, confidence), (answers, levels, batch, group, outcomes) = state, sizes
    replicates, n, logits = answer.shape[1], batch * group, room.logits
    chosen, level, right = room.rollouts
    for s in range(batch):
        x, base = (question + s) % (truth.size // answers), s * replicates
        weights, totals = room.chance
        weigh_side_by_side(answer, x * answers, answers, weights, s * answers, room.sums, totals, s)
        for g in range(group):
            draw_side_by_side(
                room.numbers, g * batch + s, room.sums, answers, totals, s, chosen, g, base
            )
        for g in range(group):
            i = g * batch + s
            weights, totals = room.stated
            for q in range(levels):
                for r in range(replicates):
                    logits[q, r] = confidence[(x * answers + chosen[g, base + r]) * levels + q, r]
            weigh_side_by_side(logits, 0, levels, weights, i * levels, room.sums, totals, i)
            draw_side_by_side(room.numbers, n + i, room.sums, levels, totals, i, level, g, base)
            for r in range(replicates):
                number = s
                if outcomes == INDEPENDENT:
                    number = i
                elif outcomes == BY_ANSWER:
                    number = s * answers + chosen[g, base + r]
                draw = room.numbers[2 * n + number, r]
                right[g, base + r] = draw < truth[x * answers + chosen[g, base + r]]
                room.rewards[g, base + r] = table[right[g, base + r], level[g, base + r]]


@part
def move_side_by_side(
    room: SideBySideBuffers,
    state: tuple[FloatArray, FloatArray],
    question: int,
    questions: int,
    sizes: tuple[int, int, int, int, int],
    share: float,
) -> None:
    """The policy gradient step, see `move`."""
    (answer, confidence), (answers, levels, batch, group, _) = state, sizes
    replicates, (of_answers, of_heads) = answer.shape[1], room.pulls
    chosen, level, _ = room.rollouts
    for s in range(batch):
        x, base = (question + s) % questions * answers, s * replicates
        for r in range(replicates):
            of_answers[r] = 0.0
        for k in range(answers):
            for r in range(replicates):
                of_heads[k, r] = 0.0
        for g in range(group):
            for r in range(replicates):
                push, y = room.rewards[g, base + r] * share, chosen[g, base + r]
                of_answers[r] += push
                of_heads[y, r] += push
                answer[x + y, r] += push
                confidence[(x + y) * levels + level[g, base + r], r] += push
        weights, totals = room.chance
        for r in range(replicates):
            of_answers[r] /= totals[s, r]
        for k in range(answers):
            for r in range(replicates):
                answer[x + k, r] -= of_answers[r] * weights[s * answers + k, r]
        weights, totals = room.stated
        for g in range(group):
            i = g * batch + s
            for r in range(replicates):
                y = chosen[g, base + r]
                pull = of_heads[y, r] / totals[i, r]
                of_heads[y, r] = 0.0  # the head moves once, however many rollouts have it
                for q in range(levels):
                    confidence[(x + y) * levels + q, r] -= pull * weights[i * levels + q, r]


@lean
def advance_side_by_side(
    streams: WordArray,
    first: int,
    steps: int,
    truth: FloatArray,
    table: FloatArray,
    options: tuple[int, int, int, int, int, int],
    rate: float,
    state: tuple[FloatArray, FloatArray],
    room: SideBySideBuffers,
    epsilon: float | None,
) -> None:
    """Train R replicates in place for `steps` steps, the first of which is number `first`.

    `streams` is (4, R), `truth` has Q K numbers, `table` is (2, L); `state` holds the answer rows,
    (Q K, R), and the confidence rows, (Q K L, R). `options`: number of answers K, batch, group
    size, baseline, scale, outcome model. `epsilon` as in `advance_tabular`.
    """
    answers, batch, group, baseline, scale, outcomes = options
    n, questions = batch * group, truth.size // answers
    draws = batch
    if outcomes == INDEPENDENT:
        draws = n
    elif outcomes == BY_ANSWER:
        draws = batch * answers
    sizes = answers, table.shape[1], batch, group, outcomes
    for step in range(first, first + steps):
        question = step * batch % questions
        fill_side_by_side(streams, room.words, room.numbers, 2 * n + draws)
        sample_side_by_side(room, state, truth, table, question, sizes)
        group_advantages(room.rewards, room.means, baseline, scale, epsilon)
        move_side_by_side(room, state, question, questions, sizes, rate / group)
