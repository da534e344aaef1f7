"""The continuous head: its exact motion, its counts, where honest rewards lead it, and that binary
ones do not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from simulations import STANDARD_REWARDS, Experiment, LogitNormal, run
from simulations.agents import ContinuousState
from simulations.training import LearningRule, random_streams
from simulations.worlds import World, bank, bank_of
from tests.support.changes import changed

AGENT = LogitNormal(levels=101)
BRIER = STANDARD_REWARDS["rlcr"].table(AGENT.grid)
BINARY = STANDARD_REWARDS["binary"].table(AGENT.grid)


def some_state(seed: int, questions: int = 5, answers: int = 3) -> ContinuousState:
    rng = np.random.default_rng(seed)
    shape = (questions, answers)
    return ContinuousState(
        rng.normal(size=shape), rng.normal(size=shape), 0.3 * rng.normal(size=shape)
    )


def copied(state: ContinuousState) -> ContinuousState:
    return ContinuousState(*(rows.copy() for rows in state))


def test_the_prior_is_a_language_models() -> None:
    world = bank(16)
    count = LogitNormal().count(LogitNormal().start(world, np.random.default_rng(0)), (world,))
    grid = LogitNormal().grid
    assert count.mass[0].sum() == pytest.approx(1)
    assert count.mass[0][grid >= 0.8].sum() == pytest.approx(
        norm.sf(np.log(4), 1.75, 1.0), abs=2e-3
    )
    assert count.mass[0][grid >= 0.8].sum() > 0.6
    assert LogitNormal(levels=2).grid.tolist() == [0.0, 1.0]


def test_counts_are_policy_times_truth() -> None:
    # Against a million draws of every head: what is counted by cells is what is stated.
    home, away = bank(2, 3, seed=1), bank(2, 3, seed=1, shift=1.0)
    state, rng = some_state(3, 2, 3), np.random.default_rng(0)
    pi = np.exp(state.answer) / np.exp(state.answer).sum(axis=1, keepdims=True)
    count = AGENT.count(state, (home, away))
    mass, hits = np.zeros(101), np.zeros((2, 101))
    for x, y in np.ndindex(2, 3):
        z = state.centre[x, y] + np.exp(state.log_spread[x, y]) * rng.standard_normal(400_000)
        drawn = (
            np.bincount(np.floor(100 / (1 + np.exp(-z)) + 0.5).astype(int), minlength=101) / 400_000
        )
        mass += pi[x, y] / 2 * drawn
        for w, world in enumerate((home, away)):
            hits[w] += pi[x, y] / 2 * drawn * world.success_probability[x, y]
    assert count.mass[0] == pytest.approx(mass, abs=5e-4)
    assert count.hits == pytest.approx(hits, abs=5e-4)
    assert count.answer_entropy == pytest.approx(-np.sum(pi * np.log(pi), axis=1).mean())


def expected_reward(state: ContinuousState, truth: np.ndarray, table: np.ndarray) -> float:
    count = AGENT.count(state, (World(truth),))
    return float(((count.mass - count.hits) @ table[0] + count.hits @ table[1])[0])


def test_the_drift_is_the_natural_gradient_of_the_expected_reward() -> None:
    # Fisher information of a normal head: 1 / spread^2 for its centre and 2 for log spread.
    state, truth = some_state(1, 1, 3), np.array([[0.8, 0.3, 0.0]])
    motion, h = AGENT.drift(state, truth, BRIER), 1e-5
    scales = (np.ones((1, 3)), np.exp(2 * state.log_spread), np.full((1, 3), 0.5))
    for i, (rows, scale) in enumerate(zip(state, scales, strict=True)):
        for index in np.ndindex(rows.shape):
            ends = []
            for sign in (1, -1):
                moved = copied(state)
                moved[i][index] += sign * h
                ends.append(expected_reward(moved, truth, BRIER))
            assert motion[i][index] == pytest.approx(
                scale[index] * (ends[0] - ends[1]) / (2 * h), abs=1e-7
            )


@given(seed=st.integers(0, 1000))
def test_binary_reward_leaves_the_head_exactly_alone(seed) -> None:
    truth = np.random.default_rng(seed).uniform(size=(5, 3))
    motion = AGENT.drift(some_state(seed), truth, BINARY)
    assert (motion.centre == 0).all()
    assert (motion.log_spread == 0).all()
    assert np.abs(motion.answer).max() > 0


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize(
    ("estimator", "factor"), [("none", 1.0), ("group_mean", 0.75), ("leave_one_out", 1.0)]
)
def test_one_step_moves_as_the_drift_says(outcomes, estimator, factor) -> None:
    # Twenty thousand copies of one question are twenty thousand independent groups.
    n, one = 20_000, some_state(7, 1, 3)
    world = World(np.tile([[0.7, 0.4, 0.0]], (n, 1)), outcomes=outcomes)
    state = ContinuousState(*(np.tile(rows, (n, 1)) for rows in one))
    training = LearningRule(estimator=estimator, group_size=4, batch=n, learning_rate=1.0)
    before = copied(state)
    AGENT.train(state, world, BRIER, training, random_streams(1, 1)[0].stream, 0, 1)
    exact = AGENT.drift(one, world.success_probability[:1], BRIER)
    for after, start, motion in zip(state, before, exact, strict=True):
        moved = after - start
        assert (
            np.abs(moved.mean(axis=0) - factor * motion[0]).max()
            < (4.5 * moved.std(axis=0) / np.sqrt(n)).max()
        )
        assert (
            np.abs(motion).max() > 5 * (moved.std(axis=0) / np.sqrt(n)).max()
        )  # there is something to see


def test_the_group_s_deviation_is_over_g_less_one_as_in_every_other_agent() -> None:
    # Two rollouts, paid 1 and 0: advantages +-1/sqrt(2). If they gave different answers, the logit
    # of the right one moves by rate / 2 (a (1 - pi) + a pi) = a / 2.
    world = World(np.tile([[1.0, 0.0]], (400, 1)))
    state = ContinuousState(np.zeros((400, 2)), np.zeros((400, 2)), np.zeros((400, 2)))
    training = LearningRule(estimator="group_std", group_size=2, batch=400)
    AGENT.train(state, world, BINARY, training, random_streams(0, 1)[0].stream, 0, 1)
    moved = state.answer[:, 0]
    assert np.unique(moved.round(3)).tolist() == [0.0, round(0.5 / np.sqrt(2), 3)]
    assert (moved > 0).mean() == pytest.approx(0.5, abs=0.1)


def head_alone(reward: str, **changes: object) -> Experiment:
    world = bank_of([0.7] * 16, answers=2, outcomes="shared")
    base = Experiment(
        reward=STANDARD_REWARDS[reward],
        agent=LogitNormal(head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(batch=16, learning_rate=1.0),
        steps=1500,
        replicates=2,
        checkpoints=2,
    )
    return changed(base, **changes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "reward",
    ["rlcr", *(pytest.param(r, marks=pytest.mark.slow) for r in ("c + spherical", "one_sided"))],
)
def test_an_honest_reward_leads_to_the_truth_and_narrows_the_head(reward) -> None:
    record = run(head_alone(reward, learning_rate=0.3, steps=4000))
    assert record.final("mean_confidence") == pytest.approx(0.7, abs=0.02)
    assert record.final("confidence_entropy") < record.metric("confidence_entropy")[:, 0].mean() - 1
    assert record.final("ece") < 0.05


def test_a_head_that_keeps_exploring_ends_at_the_best_centre_for_its_spread() -> None:
    agent = LogitNormal(head_start=20.0, noise=0.0, learn_spread=False, spread=0.8)
    world = World(np.tile([0.7, 0.0], (64, 1)), outcomes="shared")
    table = STANDARD_REWARDS["rlcr"].table(agent.grid)
    payoff = 0.7 * table[1] + 0.3 * table[0]
    edges = np.concatenate(
        [[-np.inf], np.log((np.arange(1000) + 0.5) / (999.5 - np.arange(1000))), [np.inf]]
    )
    best = minimize_scalar(
        lambda m: -np.diff(norm.cdf((edges - m) / 0.8)) @ payoff, bounds=(-2, 4), method="bounded"
    ).x
    assert best != pytest.approx(
        np.log(0.7 / 0.3), abs=0.1
    )  # not the logit of the truth: the wide head leans
    (one,) = random_streams(0, 1)
    state = agent.start(world, one.prior)
    few = World(np.tile([0.7, 0.0], (2, 1)), outcomes="shared")  # each moves as every other does
    flow = agent.start(few, random_streams(0, 1)[0].prior)
    for _ in range(400):
        motion = agent.drift(flow, few.success_probability, table)
        flow.centre[:] += 2.0 * motion.centre
    assert flow.centre[:, 0] == pytest.approx(np.full(2, best), abs=1e-3)
    agent.train(
        state,
        world,
        table,
        LearningRule(batch=64, group_size=32, learning_rate=0.2),
        one.stream,
        0,
        1500,
    )
    stopped = state.centre[:, 0]
    assert abs(stopped.mean() - best) < 4.5 * stopped.std() / np.sqrt(64) < 0.15
    assert (state.log_spread == np.log(0.8)).all()


def test_mechanisms_act_on_it_as_on_a_table() -> None:
    # Theorem 29: with shared outcomes the group's deviation drives every rule to the end; binary
    # reward drives nothing.
    assert (
        run(head_alone("rlcr", estimator="group_std", learning_rate=0.3)).final("mean_confidence")
        > 0.95
    )
    binary = run(head_alone("binary", learning_rate=0.1, steps=400, replicates=8))
    stated = binary.metric("mean_confidence")
    assert abs((stated[:, -1] - stated[:, 0]).mean()) < 0.02


def test_a_trainer_s_preset_is_the_policy_gradient_with_its_epsilon() -> None:
    # The first epoch of PPO is the policy gradient; the epsilon beside the deviation is the
    # trainer's, here a huge one.
    plain = head_alone("rlcr", estimator="group_std", steps=30)
    assert run(changed(plain, update="ppo")).digest == run(plain).digest
    slow = run(changed(plain, std_epsilon=1e6)).metric("mean_confidence")
    assert slow[:, -1] == pytest.approx(slow[:, 0], abs=1e-5)


def test_the_same_bits_in_any_pieces_and_threads() -> None:
    experiment = head_alone("rlcr", steps=30, checkpoints=(30,))
    digests = {run(experiment, threads=threads).digest for threads in (1, 2)}
    assert len(digests) == 1
    often = run(replace(experiment, checkpoints=(0, 7, 30)))
    assert np.array_equal(often.metric("ece")[:, -1], run(experiment).metric("ece")[:, -1])
    assert run(replace(experiment, seed=1)).digest not in digests


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: LogitNormal(spread=0.0), "`spread` must be positive"),
        (lambda: LogitNormal(centre=np.nan), "`centre` must be a finite number, got nan"),
        (lambda: LogitNormal(levels=1), "`levels` must be at least 2, got 1"),
        (
            lambda: head_alone("binary", update="replicator", estimator="none"),
            'does not support the update "replicator"',
        ),
        (
            lambda: run(head_alone("binary", batch=17)),
            "`batch` must be at most the number of questions 16, got 17",
        ),
    ],
)
def test_a_bad_continuous_agent_is_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
