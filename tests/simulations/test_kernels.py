"""The compiled parts against published vectors, exact expectations and plain NumPy.

The strongest test of a learner is its mean motion: many one-step updates from one state, compared
coordinate by coordinate with an enumeration. A wrong sign, a missing factor or a swapped index
moves it by many standard errors.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import kstest, norm

from scoring_theory.advantage import ESTIMATORS
from simulations.agents import Coupled, CoupledState, Tabular, TabularState
from simulations.agents.continuous import _advantages
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import policy_probabilities
from simulations.meanfield import baseline_factor, drift, motion
from simulations.signals.groups import advantages_of
from simulations.training import LearningRule, kernels, preset, random_streams
from simulations.training.kernels.tabular_kernel import log_total
from simulations.worlds import World
from tests.support.examples import examples

PARTS = (
    "accumulate",
    "group_advantages",
    "fast_exponential",
    "fill",
    "increment_from",
    "logarithm",
    "normal",
    "pick",
    "split_stream",
    "uniform",
    "weigh",
)
(
    accumulate,
    advantages,
    exponential,
    fill,
    increment_from,
    logarithm,
    normal,
    pick,
    split,
    uniform,
    weigh,
) = (
    numba.njit(error_model="numpy", cache=True)(getattr(kernels, name).py_func) for name in PARTS
)  # parts of kernels have no door for Python; here they get one

BRIER = np.stack([-((np.arange(5) / 4) ** 2), 1 - (1 - np.arange(5) / 4) ** 2])
STANDARD_ERRORS = 5.0  # of each of some hundred coordinates; the seeds are fixed


@cache
def words(seed: int, n: int) -> tuple[np.ndarray, ...]:
    return tuple(one.stream for one in random_streams(seed, n))


def streams(seed: int, n: int) -> Iterator[np.ndarray]:
    """Streams at their start, derived from the seed once: training moves them on."""
    return (stream.copy() for stream in words(seed, n))


def test_xoshiro_gives_the_published_words() -> None:
    # Reference outputs for the state (1, 2, 3, 4): the test vector of rand_xoshiro, from the
    # authors' C code.
    words = [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
    ]
    stream = np.array([1, 2, 3, 4], dtype=np.uint64)
    assert [uniform(stream) for _ in words] == [(word >> 11) * 2.0**-53 for word in words]


def test_the_exponential_is_right_to_the_last_digits() -> None:
    for x in np.linspace(-708, 708, 5001).tolist():
        assert exponential(x) == pytest.approx(math.exp(x), rel=1e-15, abs=0)


def test_the_exponential_stops_where_floats_do() -> None:
    assert (exponential(-1e4), exponential(1e4)) == (exponential(-708.0), exponential(708.0))
    assert exponential(709.0) == exponential(708.0) == pytest.approx(math.exp(708), rel=1e-15)
    assert exponential(0.0) == 1.0


def test_the_logarithm_is_right_to_the_last_digits() -> None:
    near = 1 + np.linspace(-0.3, 0.42, 2001)
    for x in [
        *near.tolist(),
        *np.logspace(-280, 280, 3001).tolist(),
        2.0**-1022,
        math.sqrt(0.5),
        math.sqrt(2),
    ]:
        assert logarithm(x) == pytest.approx(math.log(x), rel=1e-15, abs=0)
    assert logarithm(1.0) == 0.0


def test_normal_numbers_have_the_moments_of_a_normal_distribution() -> None:
    stream = random_streams(0, 1)[0].stream
    draws = np.array([normal(stream) for _ in range(40_000)])
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        values = draws**power
        assert abs(values.mean() - moment) < 4 * values.std() / 200


def reference_advantages(rewards: np.ndarray, estimator: str, epsilon: float = 1e-4) -> np.ndarray:
    """The formulas of `simulations.training`, in NumPy; rewards are (G, B)."""
    centred, spread = rewards - rewards.mean(axis=0), rewards.std(axis=0, ddof=1)
    scaled = np.where(spread > 1e-9, centred / (spread + epsilon), 0.0)
    alone = rewards - (rewards.sum(axis=0) - rewards) / (len(rewards) - 1)
    apart = np.array(
        [np.delete(rewards, i, axis=0).std(axis=0, ddof=1) for i in range(len(rewards))]
    )
    mean = rewards.mean(axis=0)
    return {
        "none": rewards,
        "group_mean": centred,
        "leave_one_out": alone,
        "leave_one_out_std": alone / np.where(apart > 1e-9, apart + epsilon, 1.0),
        "maxrl": centred / np.where(mean > 0, mean + epsilon, np.inf),
        "group_std": scaled,
        "global_mean": rewards - rewards.mean(),
        "batch_std": centred / (rewards.std(ddof=1) + epsilon),
        "whitened": (rewards - rewards.mean()) / (rewards.std(ddof=1) + epsilon),
        "component_std": scaled,
    }[estimator]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_advantages_follow_their_formulas(estimator) -> None:
    rewards = np.array(
        [[1.0, 0.25, -2.0, 0.5], [0.0, 3.0, 1.0, 1.5], [7.0, 7.0, 7.0, 7.0]]
    ).T.copy()
    found = rewards.copy()
    advantages(found, np.empty(3), *kernels.estimator_codes(estimator), 1e-4)
    assert found == pytest.approx(reference_advantages(rewards, estimator), abs=1e-12)
    if not ESTIMATORS[estimator].per_component:  # training with a signal has them in NumPy
        made = advantages_of(rewards.T, estimator, epsilon=1e-4)
        assert pytest.approx(found, abs=1e-12) == made.T


@pytest.mark.parametrize("estimator", ["group_std", "component_std", "batch_std"])
def test_rewards_that_are_all_alike_have_no_advantage_even_after_rounding(estimator) -> None:
    rewards = np.full((3, 2), 0.1)  # the mean of three of these is not 0.1
    if not ESTIMATORS[estimator].per_component:
        assert np.abs(advantages_of(rewards.T, estimator, epsilon=0.0)).max() < 1e-9
    advantages(rewards, np.empty(2), *kernels.estimator_codes(estimator), 0.0)
    assert (rewards == 0).all() or estimator == "batch_std"
    assert np.abs(rewards).max() < 1e-9


def test_others_that_are_all_alike_divide_nothing_even_after_rounding() -> None:
    """A difference of sums of squares would leave 1e-12 here, and advantages of 10,000."""
    rewards = np.full((8, 3), [0.99, 0.1, 1e3 + 0.1])
    rewards[3] += 0.01
    expected = rewards - (rewards.sum(axis=0) - rewards) / 7
    apart = np.array([np.delete(rewards, i, axis=0).std(axis=0, ddof=1) for i in range(8)])
    expected[:3] /= apart[:3]
    expected[4:] /= apart[4:]
    found, rule = rewards.copy(), LearningRule(estimator="leave_one_out_std", std_epsilon=0.0)
    advantages(found, np.empty(3), *kernels.estimator_codes("leave_one_out_std"), 0.0)
    assert found == pytest.approx(expected, rel=1e-6)
    assert pytest.approx(expected, rel=1e-6) == _advantages(rewards.T, rule).T


@pytest.mark.parametrize("estimator", ["group_std", "batch_std"])
def test_a_spread_is_a_rounding_error_or_not_relative_to_the_rewards(estimator) -> None:
    for size, gap, alike in (
        (1e6, 1e-8, True), (1.0, 1e-8, False), (0.0, 1e-11, False), (0.0, 1e-13, True)
    ):  # fmt: skip
        rewards = np.array([[size], [size + gap]])
        advantages(rewards, np.empty(1), *kernels.estimator_codes(estimator), 0.0)
        expected = 0.0 if alike else math.sqrt(0.5)  # half the gap over its standard deviation
        assert np.abs(rewards) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("row", [[0.0, 800.0], [-800.0, -801.0], [800.0, 1.0, 800.0]], ids=str)
def test_the_total_of_a_row_of_any_size_has_a_logarithm(row) -> None:
    total = numba.njit(error_model="numpy", cache=True)(log_total.py_func)
    assert total(np.array(row), 0, len(row)) == pytest.approx(logsumexp(row), rel=1e-14)


def test_picking_follows_the_weights() -> None:
    sums = np.array([[0.5, 0.5, 1.5, np.inf]])
    marks = [0.0, 0.49, 0.5, 1.49, 1.5, 1.99]
    assert [pick(sums, 0, mark) for mark in marks] == [0, 0, 2, 2, 3, 3]
    assert pick(sums, 0, 2.0) == 3  # a mark that rounding put on the total is the last choice


@pytest.mark.parametrize("size", [2, 3, 4, 5, 8, 11, 101])
def test_picking_finds_every_choice_of_a_row_of_any_size(size) -> None:
    weights, sums, _ = kernels.buffers(2, size)
    weights[size:] = 1.0
    assert accumulate(weights, size, size, sums, 1) == size
    assert [pick(sums, 1, k + 0.5) for k in range(size)] == list(range(size))


def test_splitmix_gives_the_published_words() -> None:
    # Seed 1234567: the test vector of Rosetta Code, from the authors' C code.
    words = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    numbers = np.empty(5)
    split(np.uint64(1234567), np.uint64(0x9E3779B97F4A7C15), 5, numbers)
    assert numbers.tolist() == [(word >> 12) * 2.0**-52 for word in words]


def test_increments_are_odd_and_change_from_bit_to_bit() -> None:
    rng = np.random.default_rng(0)
    weak = [0, 1, 2**64 - 1, 0xFF, 2**63, 0xFFFF0000FFFF0000]
    for bits in [*weak, *rng.integers(0, 2**64, 2000, dtype=np.uint64).tolist()]:
        odd = int(increment_from(np.uint64(bits)))
        changes = (odd ^ (odd >> 1)).bit_count()
        assert odd % 2 == 1
        assert changes >= 24
        if ((bits | 1) ^ ((bits | 1) >> 1)).bit_count() >= 24:
            assert odd == bits | 1


def test_numbers_drawn_together_are_uniform_and_go_on() -> None:
    stream, numbers = random_streams(3, 1)[0].stream, np.full(50_001, -1.0)
    fill(stream, numbers, 50_000)
    assert kstest(numbers[:-1], "uniform").pvalue > 0.001
    assert abs(np.corrcoef(numbers[:-2], numbers[1:-1])[0, 1]) < 4 / np.sqrt(50_000)
    assert numbers[-1] == -1.0
    again = numbers.copy()
    fill(stream, again, 50_000)
    assert not np.isin(again[:-1], numbers).any()


def test_logits_of_any_size_are_weighed() -> None:
    rows = np.array(
        [[900.0, 899.0, 0.0], [-900.0, -901.0, -5000.0], [0.0, 1.0, -1.0], [0.0, -np.inf, 1.0]]
    )
    buffers = kernels.buffers(4, 3)
    weigh(rows.reshape(-1), 0, np.arange(4), 4, 3, buffers, False)
    expected, found = (
        np.exp(rows - rows.max(axis=1, keepdims=True)),
        buffers[0].reshape(4, 3) / buffers[2][:, None],
    )
    assert found == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-15)
    assert (np.diff(buffers[1][:, :2], axis=1) >= 0).all()


def motions(
    world: World, start: TabularState, table, training: LearningRule, n: int, prior: TabularState
) -> tuple[np.ndarray, np.ndarray]:
    agent, moved = Tabular(levels=table.shape[-1]), []
    for stream in streams(11, n):
        state = TabularState(*(rows.copy() for rows in start))
        agent.train(state, world, table, training, stream, 0, 1, prior=prior)
        moved.append(np.concatenate([(a - b).ravel() for a, b in zip(state, start, strict=True)]))
    sample = np.array(moved)
    return sample.mean(axis=0), sample.std(axis=0) / math.sqrt(n)


@pytest.mark.parametrize(
    "outcomes", ["independent", pytest.param("by_answer", marks=pytest.mark.slow), "shared"]
)
@pytest.mark.parametrize(
    "rule",
    [
        {"estimator": "none", "group_size": 1},
        {"estimator": "group_mean"},
        {"estimator": "leave_one_out"},
        {"estimator": "global_mean"},
        {"estimator": "group_std"},
        {"estimator": "component_std", "shares": (1.0, 0.5)},
        {"estimator": "group_mean", "right_weight": 0.1},
        {"estimator": "group_std", "wrong_weight": 0.0},
        {"estimator": "group_mean", "kl": 0.2, "entropy": 0.1},
        {"update": "natural", "group_size": 12},
        {"estimator": "none", "update": "replicator", "group_size": 4},
    ],
    ids=str,
)
def test_one_step_of_training_moves_as_the_mean_field_says(rule, outcomes) -> None:
    rng = np.random.default_rng(5)
    world = World(np.array([[0.9, 0.5, 0.0], [0.3, 0.6, 0.0]]), outcomes=outcomes)
    start = TabularState(rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 5)))
    prior = TabularState(rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 5)))
    training = LearningRule(**{"group_size": 3, "batch": 2, "learning_rate": 0.7, **rule})
    tables = np.stack([np.stack([np.zeros(5), np.ones(5)]), BRIER])[-len(training.shares) :]
    if training.update == "replicator":
        start, tables = policy_probabilities(*start), (tables + 1) / 2
    mean, error = motions(world, start, tables, training, 4_000, prior)
    motion_ = motion(start, world, tables, training, prior=prior)
    expected = 0.7 * np.concatenate([rows.ravel() for rows in motion_])
    assert (np.abs(mean - expected) < STANDARD_ERRORS * error + 1e-12).all()
    assert np.abs(expected).max() > 3 * error.max()  # the test can tell a wrong sign


def test_the_mean_field_of_mean_estimators_is_the_policy_gradient_times_their_factor() -> None:
    rng = np.random.default_rng(5)
    start = TabularState(rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 5)))
    for estimator in ("none", "group_mean", "leave_one_out", "global_mean"):
        for outcomes in ("independent", "by_answer", "shared"):
            world = World(np.array([[0.9, 0.5, 0.0], [0.3, 0.6, 0.0]]), outcomes=outcomes)
            training = LearningRule(estimator=estimator, group_size=3, batch=2)
            found = motion(start, world, BRIER, training)
            plain = drift(start, world.success_probability, BRIER)
            factor = baseline_factor(training)
            if estimator != "global_mean" or outcomes == "independent":
                assert found.answer == pytest.approx(factor * plain.answer, abs=1e-14), (
                    estimator,
                    outcomes,
                )
                assert found.confidence == pytest.approx(factor * plain.confidence, abs=1e-14)


def test_presets_are_what_they_are_called() -> None:
    trl, verl, rlcr = preset("trl_default"), preset("verl_default"), preset("rlcr", kl=0.1)
    assert (trl.estimator, trl.std_epsilon, trl.group_size) == ("group_std", 1e-4, 8)
    assert (verl.estimator, verl.std_epsilon) == ("group_std", 1e-6)
    assert (rlcr.estimator, rlcr.kl, rlcr.update) == ("group_mean", 0.1, "ppo")


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def drawn(
    world: World, state: TabularState, training: LearningRule, stream: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Answers, levels and verdicts (G, B) of the first step, from the numbers that the kernel
    draws.
    """
    batch, group = training.batch, training.group_size
    n = batch * group
    fates = {"independent": n, "by_answer": batch * world.answers, "shared": batch}[world.outcomes]
    numbers = np.empty(2 * n + fates)
    fill(stream.copy(), numbers, 2 * n + fates)
    answers, levels = numbers[:n].reshape(group, batch), numbers[n : 2 * n].reshape(group, batch)
    s = np.arange(batch)
    direct = training.update == "replicator"
    pi, rho = state if direct else (softmax(state.answer), softmax(state.confidence))
    y = (answers[..., None] >= pi[:batch].cumsum(axis=-1)[..., :-1]).sum(axis=-1)
    q = (levels[..., None] >= rho[s, y].cumsum(axis=-1)[..., :-1]).sum(axis=-1)
    common = numbers[2 * n : 2 * n + fates]
    fate = {
        "independent": lambda: common.reshape(group, batch),
        "shared": lambda: np.tile(common, (group, 1)),
        "by_answer": lambda: common.reshape(batch, -1)[s, y],
    }[world.outcomes]()
    return y, q, (fate < world.success_probability[s, y]).astype(int)


def reference_step(
    world: World,
    start: TabularState,
    tables: np.ndarray,
    training: LearningRule,
    stream: np.ndarray,
    prior: TabularState,
) -> TabularState:
    """One step of the tabular learner as its formulas are written, rollout by rollout."""
    y, q, c = drawn(world, start, training, stream)
    each = zip(training.shares, tables, strict=True)
    gain = sum(
        share * reference_advantages(t[c, q], training.estimator, training.std_epsilon)
        for share, t in each
    )
    gain = gain * np.where(c == 1, training.right_weight, training.wrong_weight)
    state, rate, ratios = (
        TabularState(*(rows.copy() for rows in start)),
        training.learning_rate,
        None,
    )
    for _ in range(training.epochs):
        rows = (state.answer, state.confidence)
        now = TabularState(
            *(z.copy() if training.update == "replicator" else softmax(z) for z in rows)
        )
        old = now if ratios is None else ratios
        ratios = old
        for s in range(training.batch):
            if training.kl or training.entropy:
                mine = np.log(now.answer[s])[:, None] + np.log(now.confidence[s])
                before = np.log(softmax(prior.answer[s]))[:, None] + np.log(
                    softmax(prior.confidence[s])
                )
                payoff = training.kl * before - (training.kl + training.entropy) * mine
                value = (now.confidence[s] * payoff).sum(axis=1)
                natural = training.update == "natural"
                pi = np.ones(world.answers) if natural else now.answer[s]
                rho = np.ones(payoff.shape) if natural else now.confidence[s]
                state.answer[s] += rate * pi * (value - now.answer[s] @ value)
                state.confidence[s] += rate * pi[:, None] * rho * (payoff - value[:, None])
            for g in range(training.group_size):
                a, k, push = y[g, s], q[g, s], gain[g, s] * rate / training.group_size
                ratio = (
                    now.answer[s, a]
                    * now.confidence[s, a, k]
                    / (old.answer[s, a] * old.confidence[s, a, k])
                )
                clipped = ratio > 1 + training.clip[1] if push > 0 else ratio < 1 - training.clip[0]
                push *= 0.0 if clipped else ratio
                hit, level = np.eye(world.answers)[a], np.eye(tables.shape[2])[k]
                if training.update == "natural":
                    state.answer[s] += push * (hit / now.answer[s, a] - 1)
                    state.confidence[s, a] += (
                        push / now.answer[s, a] * (level / now.confidence[s, a, k] - 1)
                    )
                else:
                    state.answer[s] += push * (hit - now.answer[s])
                    state.confidence[s, a] += push * (level - now.confidence[s, a])
    return state


RULES = [
    *({"estimator": estimator} for estimator in ESTIMATORS if estimator != "component_std"),
    {"estimator": "component_std", "shares": (1.0, 0.3)},
    {"shares": (0.5,)},
    {"update": "natural"},
    {"update": "natural", "kl": 0.2},
    {"update": "natural", "estimator": "none"},
    {"kl": 0.3},
    {"entropy": 0.2},
    {"kl": 0.1, "entropy": 0.4},
    {"right_weight": 0.1},
    {"wrong_weight": 0.0, "estimator": "none"},
    {"update": "ppo"},
    {"update": "ppo", "epochs": 4, "learning_rate": 3.0},
    {"update": "ppo", "epochs": 3, "estimator": "group_std", "clip": (0.3, 0.05), "kl": 0.1},
    {"update": "replicator", "estimator": "none", "learning_rate": 0.5},
    {"std_epsilon": 0.5, "estimator": "group_std"},
]


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_step_is_its_formula_written_out_rollout_by_rollout(rule, outcomes) -> None:
    rng = np.random.default_rng(9)
    world = World(rng.uniform(size=(6, 3)) * [1, 1, 0], outcomes=outcomes)
    start = TabularState(rng.normal(size=(6, 3)), rng.normal(size=(6, 3, 5)))
    prior = TabularState(rng.normal(size=(6, 3)), rng.normal(size=(6, 3, 5)))
    training = LearningRule(**{"batch": 4, "group_size": 5, "learning_rate": 0.7, **rule})
    tables = np.stack([np.stack([np.zeros(5), np.ones(5)]), BRIER])[-len(training.shares) :]
    if training.update == "replicator":
        start, tables = policy_probabilities(*start), (tables + 1) / 2
    for one in random_streams(1, 3):
        expected = reference_step(world, start, tables, training, one.stream, prior)
        found = TabularState(*(rows.copy() for rows in start))
        Tabular(levels=5).train(found, world, tables, training, one.stream, 0, 1, prior=prior)
        for mine, theirs in zip(found, expected, strict=True):
            assert mine == pytest.approx(theirs, abs=1e-11)
        assert (found.answer[4:] == start.answer[4:]).all()


@pytest.mark.parametrize("rule", [{}, {"update": "natural", "estimator": "none"}, {"kl": 0.3}])
def test_a_later_step_trains_the_next_questions(rule) -> None:
    """Step 1 of 6 questions in batches of 4 is step 0 with the questions 4, 5, 0, 1, 2, 3."""
    rng = np.random.default_rng(9)
    p = rng.uniform(size=(6, 3)) * [1, 1, 0]
    training = LearningRule(batch=4, **{"estimator": "none", **rule})
    start = TabularState(rng.normal(size=(6, 3)), rng.normal(size=(6, 3, 5)))
    ends, agent, [random] = [], Tabular(levels=5), random_streams(1, 1)
    for roll, first, steps in ((0, 1, 1), (-4, 0, 1), (0, 0, 2), (0, 0, 1)):
        state = TabularState(*(np.roll(rows, roll, axis=0) for rows in start))
        prior = TabularState(*(np.roll(0 * rows, roll, axis=0) for rows in start))
        stream = random.stream.copy()
        world = World(np.roll(p, roll, axis=0))
        agent.train(state, world, BRIER, training, stream, first, steps, prior=prior)
        if steps == 1 and first == 0 and roll == 0:
            agent.train(state, world, BRIER, training, stream, 1, 1, prior=prior)
        ends.append([np.roll(rows, -roll, axis=0) for rows in state])
    for one, other in ((0, 1), (2, 3)):
        for mine, theirs in zip(ends[one], ends[other], strict=True):
            assert mine == pytest.approx(theirs, abs=1e-13)
    assert np.abs(ends[0][0] - start.answer).max(axis=1).astype(bool).tolist() == [1, 1, 0, 0, 1, 1]


def test_clipping_bites() -> None:
    # The tooth of the test above: with so large a rate a wide clip and a narrow one must differ,
    # and so must epochs.
    rng = np.random.default_rng(9)
    world = World(rng.uniform(size=(4, 3)) * [1, 1, 0])
    start, ends = TabularState(rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 5))), []
    for epochs, clip in ((1, 0.2), (4, 0.2), (4, 0.9)):
        state = TabularState(*(rows.copy() for rows in start))
        training = LearningRule(
            update="ppo", epochs=epochs, clip=(clip, clip), batch=4, learning_rate=3.0
        )
        Tabular(levels=5).train(state, world, BRIER, training, random_streams(1, 1)[0].stream, 0, 1)
        ends.append(state.answer)
    assert np.abs(ends[0] - ends[1]).max() > 0.01
    assert np.abs(ends[1] - ends[2]).max() > 0.01


def test_rollouts_of_a_settled_policy_share_their_fate_where_the_world_says_so() -> None:
    # One answer, certain: with a common outcome all rewards of a group agree and binary reward
    # teaches nothing.
    start = TabularState(np.array([[400.0, 0.0]]), np.zeros((1, 2, 5)))
    binary = np.stack([np.zeros(5), np.ones(5)])
    for outcomes, moves in (("independent", True), ("by_answer", False), ("shared", False)):
        world = World(np.array([[0.5, 0.0]]), outcomes=outcomes)
        state = TabularState(*(rows.copy() for rows in start))
        training = LearningRule(group_size=6, batch=1)
        Tabular(levels=5).train(
            state, world, binary, training, random_streams(3, 1)[0].stream, 0, 50
        )
        assert bool(np.any(state.confidence != 0)) is moves


def test_shared_outcomes_are_one_event_for_all_answers() -> None:
    # p = 0.5 for two answers: shared, both are right or both wrong, and a group of binary rewards
    # always agrees.
    world = World(np.array([[0.5, 0.5, 0.0]]), outcomes="shared")
    state = TabularState(np.array([[0.0, 0.0, -600.0]]), np.zeros((1, 3, 2)))
    binary = np.stack([np.zeros(2), np.ones(2)])
    Tabular(levels=2).train(
        state, world, binary, LearningRule(batch=1), random_streams(3, 1)[0].stream, 0, 50
    )
    assert (state.answer[0, :2] == 0).all()


def coupled_setting() -> tuple[World, CoupledState, Coupled]:
    rng = np.random.default_rng(8)
    world = World(
        np.array([[0.9, 0.2, 0.0], [0.4, 0.7, 0.0], [0.1, 0.1, 0.0]]), rng.normal(size=(3, 4))
    )
    state = CoupledState(rng.normal(size=(4, 3)) * 0.5, np.array([0.8]), rng.normal(size=4) * 0.3)
    return world, state, Coupled(levels=21)


def coupled_gradient(
    world: World, state: CoupledState, agent: Coupled, table: np.ndarray
) -> CoupledState:
    """The exact policy gradient: sums over questions and answers, normal integrals over each
    level's share of noise.
    """
    phi, p = world.features, world.success_probability
    logits = phi @ state.weights
    pi = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    log_odds = np.log(pi / (1 - pi))
    centre = state.slope[0] * log_odds + (phi @ state.head)[:, None]
    cuts = np.concatenate([[0.0], (np.arange(agent.levels - 1) + 0.5) / (agent.levels - 1), [1.0]])
    with np.errstate(divide="ignore"):
        z = (np.log(cuts / (1 - cuts)) - centre[..., None]) / agent.exploration
    payoff = expected_payoff(p, table)
    value = np.sum(np.diff(norm.cdf(z), axis=-1) * payoff, axis=-1)
    slope = (
        np.sum(-np.diff(norm.pdf(z), axis=-1) * payoff, axis=-1) / agent.exploration
    )  # d value / d centre
    surplus = pi * (value - np.sum(pi * value, axis=1, keepdims=True))
    return CoupledState(
        phi.T @ surplus / 3,
        np.array([np.sum(pi * slope * log_odds) / 3]),
        (pi * slope).sum(axis=1) @ phi / 3,
    )


@pytest.mark.parametrize(("kl", "entropy"), [(0.0, 0.7), (0.4, 0.0), (0.4, 0.7)])
def test_the_coupled_learner_climbs_entropy_and_falls_towards_the_prior(
    kl: float, entropy: float
) -> None:
    """Where all rewards are 0, one step is the exact gradient of -kl KL(pi, prior) + entropy H."""
    world, state, agent = coupled_setting()
    phi, size = world.features, 1e-6
    prior = state._replace(weights=np.random.default_rng(3).normal(size=(4, 3)))

    def objective(weights: np.ndarray) -> float:
        pi, base = (
            np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            for z in (phi @ weights, phi @ prior.weights)
        )
        rows = -(kl + entropy) * np.log(pi) + kl * np.log(base)
        return float((pi * rows).sum(axis=1).mean())

    moved = CoupledState(*(rows.copy() for rows in state))
    training = LearningRule(batch=3, group_size=2, learning_rate=1e-3, kl=kl, entropy=entropy)
    stream = random_streams(1, 1)[0].stream
    agent.train(moved, world, np.zeros((2, 21)), training, stream, 0, 1, prior=prior)
    step = (moved.weights - state.weights) / (agent.answer_speed * 1e-3)
    for j, k in np.ndindex(4, 3):
        bump = np.zeros((4, 3))
        bump[j, k] = size
        slope = (objective(state.weights + bump) - objective(state.weights - bump)) / (2 * size)
        assert step[j, k] == pytest.approx(slope, abs=1e-7)
    assert (moved.slope == state.slope).all()
    assert (moved.head == state.head).all()


def test_the_coupled_learner_with_an_entropy_bonus_ends_at_its_closed_form() -> None:
    """pi_y ~ exp(p_y / entropy), on average over the last steps; the reward ignores confidence."""
    p = np.array([[0.9, 0.3, 0.0], [0.2, 0.6, 0.0]])
    world, agent = World(p, np.eye(2)), Coupled(levels=21)
    state = CoupledState(np.zeros((2, 3)), np.array([1.0]), np.zeros(2))
    training = LearningRule(
        batch=2, group_size=16, learning_rate=0.05, entropy=0.25, estimator="leave_one_out"
    )
    table, stream = np.stack([np.zeros(21), np.ones(21)]), random_streams(2, 1)[0].stream
    means = []
    for first in range(0, 20_000, 10):
        agent.train(state, world, table, training, stream, first, 10)
        if first >= 1000:
            means.append(softmax(state.weights))
    assert np.abs(np.mean(means, axis=0) - softmax(p / 0.25)).max() < 0.01


def test_the_coupled_learner_needs_the_prior_of_a_kl_penalty() -> None:
    world, state, agent = coupled_setting()
    stream = random_streams(1, 1)[0].stream
    with pytest.raises(ValueError, match="needs the `prior`"):
        agent.train(state, world, np.zeros((2, 21)), LearningRule(batch=3, kl=0.1), stream, 0, 1)


def reference_coupled_step(
    world: World,
    start: CoupledState,
    agent: Coupled,
    table: np.ndarray,
    training: LearningRule,
    stream: np.ndarray,
    first: int,
) -> CoupledState:
    """One step of the coupled learner as its formulas are written, rollout by rollout."""
    batch, group, noise = training.batch, training.group_size, agent.exploration
    questions = [(first * batch + s) % len(world.features) for s in range(batch)]
    shape = (group, batch)
    y, q, c = (np.zeros(shape, int) for _ in range(3))
    score, odds, chances = np.zeros(shape), np.zeros(shape), []
    for s, x in enumerate(questions):
        phi = world.features[x]
        pi = softmax(phi @ start.weights)
        chances.append(pi)
        count = {"independent": 0, "by_answer": world.answers, "shared": 1}[world.outcomes]
        common = [uniform(stream) for _ in range(count)] * (world.answers if count == 1 else 1)
        for g in range(group):
            y[g, s] = (uniform(stream) >= pi.cumsum()[:-1]).sum()
            shake = noise * normal(stream)
            fate = uniform(stream) if count == 0 else common[y[g, s]]
            odds[g, s] = math.log(pi[y[g, s]] / (1 - pi[y[g, s]]))
            z = start.slope[0] * odds[g, s] + phi @ start.head + shake
            q[g, s] = math.floor((agent.levels - 1) / (1 + math.exp(-z)) + 0.5)
            c[g, s] = fate < world.success_probability[x, y[g, s]]
            score[g, s] = shake / noise**2
    gain = reference_advantages(table[c, q], training.estimator, training.std_epsilon)
    gain = gain * np.where(c == 1, training.right_weight, training.wrong_weight)
    rate = training.learning_rate / (group * batch)
    weights, head = start.weights.copy(), start.head.copy()
    for s, x in enumerate(questions):
        for g in range(group):
            push = rate * gain[g, s] * (np.eye(world.answers)[y[g, s]] - chances[s])
            weights += agent.answer_speed * np.outer(world.features[x], push)
            head += rate * gain[g, s] * score[g, s] * world.features[x]
    return CoupledState(weights, start.slope + rate * (gain * score * odds).sum(), head)


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize(
    "rule", [{}, {"estimator": "none", "right_weight": 0.5}, {"estimator": "group_std"}], ids=str
)
def test_a_coupled_step_is_its_formula_written_out_rollout_by_rollout(rule, outcomes) -> None:
    world, start, agent = coupled_setting()
    world = World(world.success_probability, world.features, outcomes)
    training = LearningRule(**{"batch": 2, "group_size": 5, "learning_rate": 0.7, **rule})
    table = np.stack([-(agent.grid**2), 1 - (1 - agent.grid) ** 2])
    [random] = random_streams(5, 1)
    mine, theirs = random.stream.copy(), random.stream.copy()
    found, expected = CoupledState(*(part.copy() for part in start)), start
    for first in (0, 1):
        expected = reference_coupled_step(world, expected, agent, table, training, theirs, first)
    agent.train(found, world, table, training, mine, 0, 2)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-12)
    assert (mine == theirs).all()


@pytest.mark.parametrize(
    ("estimator", "outcomes"),
    [
        ("group_mean", "independent"),
        ("group_mean", "by_answer"),
        ("group_mean", "shared"),
        ("none", "independent"),
    ],
)
def test_one_step_of_the_coupled_agent_is_its_exact_policy_gradient(estimator, outcomes) -> None:
    world, start, agent = coupled_setting()
    world = World(world.success_probability, world.features, outcomes)
    table = np.stack([-(agent.grid**2), 1 - (1 - agent.grid) ** 2])
    training = LearningRule(estimator=estimator, group_size=4, batch=3, learning_rate=0.5)
    moved = []
    for stream in streams(2, 15_000):
        state = CoupledState(*(rows.copy() for rows in start))
        agent.train(state, world, table, training, stream, 0, 1)
        moved.append(np.concatenate([(a - b).ravel() for a, b in zip(state, start, strict=True)]))
    sample = np.array(moved)
    mean, error = sample.mean(axis=0), sample.std(axis=0) / math.sqrt(len(sample))
    gradient = coupled_gradient(world, start, agent, table)
    speed = np.concatenate([np.full(12, agent.answer_speed), np.ones(5)])
    expected = (
        0.5
        * baseline_factor(training)
        * speed
        * np.concatenate([rows.ravel() for rows in gradient])
    )
    assert (np.abs(mean - expected) < STANDARD_ERRORS * error).all()
    assert np.abs(expected[:12]).max() > 10 * error[:12].max()
    assert np.abs(expected[12:]).max() > 10 * error[12:].max()


def test_training_in_pieces_is_training_at_once() -> None:
    world = World(np.random.default_rng(0).uniform(size=(10, 3)) * [1, 1, 0])
    agent, training = Tabular(levels=5), LearningRule(batch=4)
    results = []
    for pieces in ((30,), (1, 9, 20), (10,) * 3):
        state, done, stream = (
            agent.start(world, np.random.default_rng(1)),
            0,
            random_streams(0, 1)[0].stream,
        )
        for steps in pieces:
            agent.train(state, world, BRIER, training, stream, done, steps)
            done += steps
        results.append(b"".join(rows.tobytes() for rows in state))
    assert len(set(results)) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"estimator": "median"}, "`estimator` must be one of none, group_mean"),
        ({"update": "adam"}, "`update` must be one of reinforce, replicator"),
        ({"group_size": 1}, "at least 2"),
        ({"estimator": "global_mean", "group_size": 1, "batch": 1}, "2 rollouts or more"),
        ({"epochs": 0}, "`epochs` must be at least 1"),
        ({"epochs": 2}, 'only the update "ppo"'),
        ({"clip": (0.0, 0.2)}, "`clip` must hold"),
        ({"kl": -0.1}, "`kl` must be a number that is not negative"),
        ({"entropy": math.inf}, "`entropy` must be"),
        ({"shares": ()}, "`shares` must hold"),
        ({"shares": (1.0, 2.0)}, 'need the estimator "component_std"'),
        ({"update": "replicator", "estimator": "none", "kl": 0.1}, "on the simplex"),
        ({"batch": 0}, "`batch` must be at least 1"),
        ({"learning_rate": 0.0}, "positive"),
        ({"learning_rate": math.nan}, "positive"),
        ({"update": "replicator"}, 'needs the estimator "none"'),
        ({"update": "replicator", "estimator": "none", "learning_rate": 1.5}, "at most 1"),
    ],
)
def test_a_bad_learning_rule_is_refused(options, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        LearningRule(**options)


def test_the_replicator_refuses_payoffs_that_would_leave_the_simplex() -> None:
    world, agent = World(np.array([[0.5, 0.0]])), Tabular(levels=5)
    training = LearningRule(estimator="none", update="replicator", batch=1)
    state = agent.start(world, np.random.default_rng(0), "replicator")
    with pytest.raises(ValueError, match=r"payoffs in \[0, 1\], got -1.0"):
        agent.train(state, world, BRIER, training, random_streams(0, 1)[0].stream, 0, 1)


def test_a_batch_larger_than_the_world_is_refused() -> None:
    world, agent = World(np.array([[0.5, 0.0]])), Tabular(levels=5)
    state = agent.start(world, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at most the number of questions 1, got 2"):
        agent.train(
            state, world, BRIER, LearningRule(batch=2), random_streams(0, 1)[0].stream, 0, 1
        )


@pytest.mark.parametrize("high", [800.0, 1e308, np.inf, np.nan])
def test_a_diverged_row_is_sampled_within_the_row(high: float) -> None:
    """Weights that overflow once made an index beyond the row, which wrote into other memory."""
    for row in ([high] * 9, [high, 0.0, -high] * 3, [-high] * 9):
        made, rows = kernels.buffers(1, 9), np.array(row)
        with np.errstate(all="ignore"):
            weigh(rows, 0, np.zeros(1, np.int64), 1, 9, made, False)
        assert made[2][0] < np.inf
        for u in (0.0, 0.5, 1 - 2.0**-53):
            assert 0 <= pick(made[1], 0, u * made[2][0]) < 9


def side_by_side(
    world: World, starts: list[TabularState], training: LearningRule, steps: int, *, alone: bool
) -> list[TabularState]:
    """The states after `steps` steps, trained one by one or all at once; the streams are checked
    as well.
    """
    agent = Tabular(levels=5)
    states = [TabularState(*(rows.copy() for rows in state)) for state in starts]
    draws = list(streams(4, len(states)))
    if alone:
        for state, stream in zip(states, draws, strict=True):
            agent.train(state, world, BRIER, training, stream, 3, steps)
    else:
        agent.train_side_by_side(states, world, BRIER, training, draws, 3, steps - 2)
        agent.train_side_by_side(states, world, BRIER, training, draws, 1 + steps, 2)
    return [*states, TabularState(np.array(draws), np.zeros(0))]


@given(
    shape=st.tuples(*(st.integers(a, b) for a, b in ((1, 7), (2, 9), (1, 3), (1, 4), (1, 9)))),
    outcomes=st.sampled_from(("independent", "by_answer", "shared")),
    estimator=st.sampled_from(("none", "group_mean", "leave_one_out", "group_std", "maxrl")),
    learning_rate=st.sampled_from((0.1, 3.0, 400.0)),
    seed=st.integers(0, 1000),
)
@examples(60)
def test_each_replicate_beside_others_has_the_bits_that_it_has_alone(
    shape, outcomes, estimator, learning_rate, seed
) -> None:
    """With rates so large, too, that the weights must be taken relative to the largest logit."""
    questions, answers, batch, group, replicates = shape
    rng = np.random.default_rng(seed)
    world = World(rng.random((questions, answers)) * (np.arange(answers) > 0), outcomes=outcomes)
    training = LearningRule(
        estimator=estimator if group > 1 else "none",
        group_size=group,
        batch=min(batch, questions),
        learning_rate=learning_rate,
    )
    starts = [
        TabularState(
            rng.normal(size=(questions, answers)), rng.normal(size=(questions, answers, 5))
        )
        for _ in range(replicates)
    ]
    both = (side_by_side(world, starts, training, 12, alone=alone) for alone in (True, False))
    for one, other in zip(*both, strict=True):
        assert [rows.tobytes() for rows in one] == [rows.tobytes() for rows in other]


@pytest.mark.parametrize("broken", [np.inf, np.nan, 1e308])
def test_a_diverged_replicate_leaves_those_beside_it_alone(broken) -> None:
    world, rng = World(np.array([[0.9, 0.4, 0.0]])), np.random.default_rng(0)
    training = LearningRule(estimator="none", group_size=1, batch=1)
    starts = [TabularState(rng.normal(size=(1, 3)), rng.normal(size=(1, 3, 5))) for _ in range(3)]
    starts[1].answer[0, 1] = starts[1].confidence[0, 0, 2] = broken
    with np.errstate(all="ignore"):
        both = [side_by_side(world, starts, training, 12, alone=alone) for alone in (True, False)]
    for i in (0, 2, 3):
        assert all(np.array_equal(a, b) for a, b in zip(both[0][i], both[1][i], strict=True))
        assert all(np.isfinite(rows).all() for rows in both[1][i])
    assert not all(np.isfinite(rows).all() for rows in both[1][1]) or broken == 1e308


@pytest.mark.parametrize(
    ("rule", "questions", "at_once"),
    [
        ({}, 1, 128),
        ({}, 256, 10),  # 2^18 numbers of 256 * 8 * 12 each
        ({}, 1024, 1),
        ({"group_size": 4, "estimator": "group_std"}, 1, 128),
        ({"update": "ppo"}, 1, 128),
        ({"update": "ppo", "epochs": 2}, 1, 1),
        ({"update": "natural"}, 1, 1),
        ({"update": "replicator", "learning_rate": 0.5}, 1, 1),
        ({"kl": 0.1}, 1, 1),
        ({"entropy": 0.1}, 1, 1),
        ({"right_weight": 0.5}, 1, 1),
        ({"group_size": 2, "estimator": "component_std"}, 1, 1),
        ({"group_size": 2, "estimator": "global_mean"}, 1, 1),
        ({"group_size": 8}, 1, 1),
    ],
    ids=str,
)
def test_only_small_steps_of_a_plain_policy_gradient_go_side_by_side(
    rule, questions, at_once
) -> None:
    training = LearningRule(**{"batch": 1, "group_size": 1, "estimator": "none", **rule})
    world = World(np.tile([*np.linspace(0.1, 0.7, 7), 0.0], (questions, 1)))
    assert Tabular().side_by_side(world, training) == at_once


@pytest.mark.slow
def test_no_kernel_writes_beyond_its_arrays(tmp_path) -> None:
    """All of training again, compiled with a check of every index."""
    environment = {
        **os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)
    }  # fmt: skip
    files = ("test_experiment.py", "test_agents.py", "test_kernels.py", "test_mechanisms.py")
    paths = [str(Path(__file__).with_name(name)) for name in files]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-m", "not slow", *paths]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
