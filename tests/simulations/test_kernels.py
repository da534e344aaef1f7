"""The compiled parts against published vectors, exact expectations and plain NumPy.

The strongest test of a learner is its mean motion: many one-step updates from one state, compared coordinate by
coordinate with an enumeration. A wrong sign, a missing factor or a swapped index moves it by many standard errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from simulations.agents import Coupled, CoupledState, Tabular, TabularState
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import probabilities
from simulations.meanfield import baseline_factor, drift
from simulations.training import Training, kernels, luck
from simulations.worlds import World

BRIER = np.stack([-((np.arange(5) / 4) ** 2), 1 - (1 - np.arange(5) / 4) ** 2])
STANDARD_ERRORS = 5.0  # of each of some hundred coordinates; the seeds are fixed


def test_xoshiro_gives_the_published_words() -> None:
    # Reference outputs for the state (1, 2, 3, 4): the test vector of rand_xoshiro, from the authors' C code.
    words = [41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205, 9973669472204895162]
    stream = np.array([1, 2, 3, 4], dtype=np.uint64)
    assert [kernels.uniform(stream) for _ in words] == [(word >> 11) * 2.0**-53 for word in words]


def test_the_exponential_is_right_to_the_last_digits() -> None:
    for x in np.linspace(-708, 0, 5001).tolist():
        assert kernels.exponential(x) == pytest.approx(math.exp(x), rel=1e-15, abs=0)


def test_normal_numbers_have_the_moments_of_a_normal_distribution() -> None:
    stream = luck(0, 1)[0].stream
    draws = np.array([kernels.normal(stream) for _ in range(40_000)])
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        values = draws**power
        assert abs(values.mean() - moment) < 4 * values.std() / 200


@pytest.mark.parametrize("estimator", ["none", "group_mean", "leave_one_out", "group_std"])
def test_advantages_follow_their_formulas(estimator) -> None:
    rewards = np.array([1.0, 0.25, -2.0, 0.5])
    others = (rewards.sum() - rewards) / 3
    expected = {
        "none": rewards,
        "group_mean": rewards - rewards.mean(),
        "leave_one_out": rewards - others,
        "group_std": (rewards - rewards.mean()) / (rewards.std() + 1e-4),
    }[estimator]
    found = rewards.copy()
    kernels.advantages(found, Training(estimator=estimator).codes("independent")[2])
    assert found == pytest.approx(expected)


def test_picking_follows_the_weights() -> None:
    sums = np.cumsum([[0.5, 0.0, 1.0, 0.5]], axis=1)
    marks = [0.0, 0.49, 0.5, 1.49, 1.5, 1.99]
    assert [kernels.pick(sums, 0, mark) for mark in marks] == [0, 0, 2, 2, 3, 3]


def motions(world: World, start: TabularState, table, training: Training, n: int) -> tuple[np.ndarray, np.ndarray]:
    agent, moved = Tabular(levels=table.shape[1]), []
    for one in luck(11, n):
        state = TabularState(*(rows.copy() for rows in start))
        agent.train(state, world, table, training, one.stream, 0, 1)
        moved.append(np.concatenate([(a - b).ravel() for a, b in zip(state, start, strict=True)]))
    sample = np.array(moved)
    return sample.mean(axis=0), sample.std(axis=0) / math.sqrt(n)


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize(
    ("estimator", "update", "group"),
    [
        ("none", "reinforce", 1),
        ("group_mean", "reinforce", 3),
        ("leave_one_out", "reinforce", 3),
        ("none", "replicator", 4),
    ],
)
def test_one_step_of_training_moves_as_the_mean_field_says(estimator, update, group, outcomes) -> None:
    rng = np.random.default_rng(5)
    world = World(np.array([[0.9, 0.5, 0.0], [0.3, 0.6, 0.0]]), outcomes=outcomes)
    start = TabularState(rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 5)))
    table = BRIER if update == "reinforce" else (BRIER + 1) / 2
    start = start if update == "reinforce" else probabilities(*start)
    training = Training(estimator=estimator, update=update, group_size=group, batch=2, learning_rate=0.7)
    mean, error = motions(world, start, table, training, 12_000)
    motion = drift(start, world.success_probability, table, update)
    expected = 0.7 * baseline_factor(training) * np.concatenate([rows.ravel() for rows in motion])
    assert (np.abs(mean - expected) < STANDARD_ERRORS * error + 1e-12).all()
    assert np.abs(expected).max() > 10 * error.max()  # the test can tell a wrong sign


def test_rollouts_of_a_settled_policy_share_their_fate_where_the_world_says_so() -> None:
    # One answer, certain: with a common outcome all rewards of a group agree and binary reward teaches nothing.
    start = TabularState(np.array([[400.0, 0.0]]), np.zeros((1, 2, 5)))
    binary = np.stack([np.zeros(5), np.ones(5)])
    for outcomes, moves in (("independent", True), ("by_answer", False), ("shared", False)):
        world = World(np.array([[0.5, 0.0]]), outcomes=outcomes)
        state = TabularState(*(rows.copy() for rows in start))
        training = Training(group_size=6, batch=1)
        Tabular(levels=5).train(state, world, binary, training, luck(3, 1)[0].stream, 0, 50)
        assert bool(np.any(state.confidence != 0)) is moves


def test_shared_outcomes_are_one_event_for_all_answers() -> None:
    # p = 0.5 for two answers: shared, both are right or both wrong, and a group of binary rewards always agrees.
    world = World(np.array([[0.5, 0.5, 0.0]]), outcomes="shared")
    state = TabularState(np.array([[0.0, 0.0, -600.0]]), np.zeros((1, 3, 2)))
    binary = np.stack([np.zeros(2), np.ones(2)])
    Tabular(levels=2).train(state, world, binary, Training(batch=1), luck(3, 1)[0].stream, 0, 50)
    assert (state.answer[0, :2] == 0).all()


def coupled_setting() -> tuple[World, CoupledState, Coupled]:
    rng = np.random.default_rng(8)
    world = World(np.array([[0.9, 0.2, 0.0], [0.4, 0.7, 0.0], [0.1, 0.1, 0.0]]), rng.normal(size=(3, 4)))
    state = CoupledState(rng.normal(size=(4, 3)) * 0.5, np.array([0.8]), rng.normal(size=4) * 0.3)
    return world, state, Coupled(levels=21)


def coupled_gradient(world: World, state: CoupledState, agent: Coupled, table: np.ndarray) -> CoupledState:
    """The exact policy gradient: sums over questions and answers, normal integrals over each level's share of noise."""
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
    slope = np.sum(-np.diff(norm.pdf(z), axis=-1) * payoff, axis=-1) / agent.exploration  # d value / d centre
    surplus = pi * (value - np.sum(pi * value, axis=1, keepdims=True))
    return CoupledState(
        phi.T @ surplus / 3, np.array([np.sum(pi * slope * log_odds) / 3]), (pi * slope).sum(axis=1) @ phi / 3
    )


@pytest.mark.parametrize(
    ("estimator", "outcomes"),
    [("group_mean", "independent"), ("group_mean", "by_answer"), ("group_mean", "shared"), ("none", "independent")],
)
def test_one_step_of_the_coupled_agent_is_its_exact_policy_gradient(estimator, outcomes) -> None:
    world, start, agent = coupled_setting()
    world = World(world.success_probability, world.features, outcomes)
    table = np.stack([-(agent.grid**2), 1 - (1 - agent.grid) ** 2])
    training = Training(estimator=estimator, group_size=4, batch=3, learning_rate=0.5)
    moved = []
    for one in luck(2, 15_000):
        state = CoupledState(*(rows.copy() for rows in start))
        agent.train(state, world, table, training, one.stream, 0, 1)
        moved.append(np.concatenate([(a - b).ravel() for a, b in zip(state, start, strict=True)]))
    sample = np.array(moved)
    mean, error = sample.mean(axis=0), sample.std(axis=0) / math.sqrt(len(sample))
    gradient = coupled_gradient(world, start, agent, table)
    speed = np.concatenate([np.full(12, agent.answer_speed), np.ones(5)])
    expected = 0.5 * baseline_factor(training) * speed * np.concatenate([rows.ravel() for rows in gradient])
    assert (np.abs(mean - expected) < STANDARD_ERRORS * error).all()
    assert np.abs(expected[:12]).max() > 10 * error[:12].max()
    assert np.abs(expected[12:]).max() > 10 * error[12:].max()


def test_training_in_pieces_is_training_at_once() -> None:
    world = World(np.random.default_rng(0).uniform(size=(10, 3)) * [1, 1, 0])
    agent, training = Tabular(levels=5), Training(batch=4)
    results = []
    for pieces in ((30,), (1, 9, 20), (10,) * 3):
        state, done, stream = agent.start(world, np.random.default_rng(1)), 0, luck(0, 1)[0].stream
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
        ({"batch": 0}, "`batch` must be at least 1"),
        ({"learning_rate": 0.0}, "positive"),
        ({"learning_rate": math.nan}, "positive"),
        ({"update": "replicator"}, 'needs the estimator "none"'),
        ({"update": "replicator", "estimator": "none", "learning_rate": 1.5}, "at most 1"),
    ],
)
def test_a_bad_learning_rule_is_refused(options, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        Training(**options)


def test_the_replicator_refuses_payoffs_that_would_leave_the_simplex() -> None:
    world, agent = World(np.array([[0.5, 0.0]])), Tabular(levels=5)
    training = Training(estimator="none", update="replicator", batch=1)
    state = agent.start(world, np.random.default_rng(0), "replicator")
    with pytest.raises(ValueError, match=r"payoffs in \[0, 1\], got -1.0"):
        agent.train(state, world, BRIER, training, luck(0, 1)[0].stream, 0, 1)


def test_a_batch_larger_than_the_world_is_refused() -> None:
    world, agent = World(np.array([[0.5, 0.0]])), Tabular(levels=5)
    state = agent.start(world, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at most the number of questions 1, got 2"):
        agent.train(state, world, BRIER, Training(batch=2), luck(0, 1)[0].stream, 0, 1)
