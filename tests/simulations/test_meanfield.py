"""The mean field: exact zeros, the limit of small learning rates, and martingales."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from simulations.agents import Tabular, TabularState
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import policy_probabilities
from simulations.meanfield import baseline_factor, drift, flow, recursion
from simulations.training import LearningRule, random_streams
from simulations.worlds import World
from tests.support.examples import examples

LEVELS = np.arange(5) / 4
BRIER = np.stack([-(LEVELS**2), 1 - (1 - LEVELS) ** 2])
BINARY = np.stack([np.zeros(5), np.ones(5)])
AGENT = Tabular(levels=5, mode=0.8, spread=0.4)


def small_world(questions: int = 8) -> World:
    rng = np.random.default_rng(3)
    return World(np.c_[rng.uniform(size=(questions, 2)), np.zeros(questions)])


@examples(50)
@given(seed=st.integers(0, 10_000), update=st.sampled_from(["reinforce", "replicator"]))
def test_binary_reward_leaves_confidence_exactly_alone(seed, update) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(size=(4, 3))
    state = TabularState(rng.normal(size=(4, 3)) * 3, rng.normal(size=(4, 3, 5)) * 3)
    motion = drift(
        policy_probabilities(*state) if update == "replicator" else state, truth, BINARY, update
    )
    assert (motion.confidence == 0.0).all()
    assert np.abs(motion.answer).max() > 0


@examples(50)
@given(seed=st.integers(0, 10_000))
def test_the_drift_is_the_gradient_of_the_expected_reward(seed) -> None:
    rng = np.random.default_rng(seed)
    truth, table = rng.uniform(size=(1, 3)), rng.normal(size=(2, 4))
    state = TabularState(rng.normal(size=(1, 3)), rng.normal(size=(1, 3, 4)))

    def reward(answer: np.ndarray, confidence: np.ndarray) -> float:
        pi = policy_probabilities(answer, confidence)
        payoff = truth[..., None] * table[1] + (1 - truth[..., None]) * table[0]
        return float(np.sum(pi.answer[..., None] * pi.confidence * payoff))

    motion, h = drift(state, truth, table), 1e-6
    for rows, moved in zip(state, motion, strict=True):
        for index in np.ndindex(rows.shape):
            kept = rows[index]
            rows[index] = kept + h
            up = reward(*state)
            rows[index] = kept - h
            down = reward(*state)
            rows[index] = kept
            assert moved[index] == pytest.approx((up - down) / (2 * h), abs=1e-8)


def simulated_policy(
    world: World, training: LearningRule, steps: int, replicates: int
) -> np.ndarray:
    total = 0.0
    for one in random_streams(1, replicates):
        state = AGENT.start(world, np.random.default_rng(0))
        AGENT.train(state, world, BRIER, training, one.stream, 0, steps)
        pi = policy_probabilities(*state)
        total = total + pi.answer[..., None] * pi.confidence
    return total / replicates


@pytest.mark.slow
def test_the_gap_between_simulation_and_mean_field_falls_with_the_learning_rate() -> None:
    world, gaps = small_world(), []
    payoff = expected_payoff(world.success_probability, BRIER)
    for rate, steps in ((0.8, 100), (0.2, 400)):
        training = LearningRule(group_size=4, batch=8, learning_rate=rate)
        start = AGENT.start(world, np.random.default_rng(0))
        end = policy_probabilities(*recursion(start, world, BRIER, training, steps=steps))
        gap = (
            simulated_policy(world, training, steps, 3000) - end.answer[..., None] * end.confidence
        )
        gaps.append(abs(float(np.sum(gap * payoff, axis=(1, 2)).mean())))
    assert gaps[0] > 0.005  # there is something to fall
    assert 2.5 < gaps[0] / gaps[1] < 5.5  # a quarter of the rate, about a quarter of the gap


def test_the_group_mean_slows_training_by_one_minus_one_over_the_group_size() -> None:
    # Four rollouts with the group's mean at rate 1 are leave-one-out at rate 3/4: the same mean
    # field, exactly.
    world = small_world()
    start = AGENT.start(world, np.random.default_rng(0))
    mean = recursion(
        start, world, BRIER, LearningRule(group_size=4, batch=8, learning_rate=1.0), steps=40
    )
    left_out = LearningRule(estimator="leave_one_out", group_size=4, batch=8, learning_rate=0.75)
    other = recursion(start, world, BRIER, left_out, steps=40)
    assert mean.confidence == pytest.approx(other.confidence, abs=1e-12)
    assert np.abs(mean.answer - start.answer).max() > 0.1


def test_the_recursion_visits_the_questions_that_training_visits() -> None:
    world = small_world()
    start = AGENT.start(world, np.random.default_rng(0))
    training = LearningRule(batch=3)
    # Steps 1 and 2 visit questions 3, 4, 5 and 6, 7, 0.
    end = recursion(start, world, BRIER, training, steps=2, first=1)
    moved = np.flatnonzero((end.answer != start.answer).any(axis=1))
    assert moved.tolist() == [0, 3, 4, 5, 6, 7]
    trained = TabularState(*(rows.copy() for rows in start))
    AGENT.train(trained, world, BRIER, training, random_streams(0, 1)[0].stream, 1, 2)
    assert np.array_equal(np.flatnonzero((trained.answer != start.answer).any(axis=1)), moved)


@pytest.mark.parametrize("update", ["reinforce", "replicator"])
def test_the_recursion_tends_to_the_flow(update) -> None:
    world, horizon, gaps = small_world(3), 6.0, []
    table = (BRIER + 1) / 2
    start = AGENT.start(world, np.random.default_rng(0), update)
    end = flow(start, world, table, np.array([0.0, horizon]), update=update)
    assert end[0].confidence == pytest.approx(start.confidence)
    for rate in (0.2, 0.1):
        training = LearningRule(estimator="none", update=update, batch=3, learning_rate=rate)
        steps = round(horizon / rate)
        gaps.append(
            np.abs(
                recursion(start, world, table, training, steps=steps).answer - end[1].answer
            ).max()
        )
    assert gaps[1] / gaps[0] == pytest.approx(0.5, abs=0.05)


def test_an_honest_flow_ends_at_the_truth() -> None:
    world = World(np.array([[0.25, 0.0], [0.75, 0.0]]))
    start = TabularState(np.array([[2.0, 0.0], [2.0, 0.0]]), np.zeros((2, 2, 5)))
    end = policy_probabilities(*flow(start, world, BRIER, np.array([0.0, 2000.0]))[1])
    assert (end.confidence[:, 0] @ LEVELS) == pytest.approx([0.25, 0.75], abs=0.03)
    assert (end.answer[1, 0]) > 0.99


def test_the_standard_deviation_of_the_group_has_no_factor() -> None:
    with pytest.raises(ValueError, match="changes the direction"):
        baseline_factor(LearningRule(estimator="group_std"))


def settled(prior: float, update: str) -> TabularState:
    """One question, its answer certain, and a prior over the two confidences 0 and 1."""
    if update == "replicator":
        return TabularState(np.array([[1.0, 0.0]]), np.array([[[1 - prior, prior], [0.5, 0.5]]]))
    return TabularState(
        np.array([[500.0, 0.0]]), np.array([[[0.0, np.log(prior / (1 - prior))], [0.0, 0.0]]])
    )


def trained(update: str, training: LearningRule, steps: int, replicates: int) -> np.ndarray:
    agent, world = Tabular(levels=2), World(np.array([[0.5, 0.0]]))
    ends = []
    for one in random_streams(4, replicates):
        state = settled(0.7, update)
        agent.train(
            state, world, np.array([[0.0, 0.0], [1.0, 1.0]]), training, one.stream, 0, steps
        )
        ends.append(state.confidence[0, 0].copy())
    return np.array(ends)


def test_under_the_replicator_runs_fixate_as_often_as_the_prior_says() -> None:
    # Theorem 36: probabilities are the martingale, so a run ends at confidence 1 with the prior's
    # mass there, 0.7.
    training = LearningRule(
        estimator="none", update="replicator", group_size=1, batch=1, learning_rate=0.5
    )
    ends = trained("replicator", training, 400, 4000)
    assert (ends.min(axis=1) < 1e-9).all()  # every run has fixated
    assert np.abs(ends.sum(axis=1) - 1).max() < 1e-9
    assert binomtest(int((ends[:, 1] > 0.5).sum()), 4000, 0.7).pvalue > 0.001


def test_under_policy_gradient_logits_are_the_martingale_and_probabilities_are_not() -> None:
    # Theorem 35: the mean logit stays, single runs polarise, and so the mean probability relaxes
    # towards 1/2.
    training = LearningRule(group_size=8, batch=1, learning_rate=2.0)
    ends = trained("reinforce", training, 400, 3000)
    logit = ends[:, 1] - ends[:, 0]
    assert abs(logit.mean() - np.log(0.7 / 0.3)) < 4 * logit.std() / np.sqrt(3000)
    probability = 1 / (1 + np.exp(-logit))
    assert probability.mean() < 0.7 - 8 * probability.std() / np.sqrt(3000)
    assert ((probability < 0.05) | (probability > 0.95)).mean() > 0.5
