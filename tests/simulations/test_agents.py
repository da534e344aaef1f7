"""Agents: their starts, what is counted of them, and the closed forms of the rational one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from simulations.agents import (
    Coupled,
    CoupledState,
    LogitNormal,
    Rational,
    SelfProbability,
    Tabular,
    TabularState,
)
from simulations.agents.rational import expected_payoff
from simulations.agents.tabular import policy_probabilities
from simulations.training import LearningRule, random_streams
from simulations.worlds import World, bank, feature_world, noisy_verifier
from tests.support.examples import examples

LEVELS = np.arange(11) / 10
BRIER = np.stack([-(LEVELS**2), 1 - (1 - LEVELS) ** 2])


def test_the_prior_looks_like_a_language_models() -> None:
    world = bank()
    state = policy_probabilities(*Tabular().start(world, np.random.default_rng(0)))
    mean = state.confidence[0, 0] @ LEVELS
    assert 0.7 < mean < 0.9
    assert LEVELS[state.confidence[0, 0].argmax()] in (0.8, 0.9)
    assert state.confidence[0, 0, 8:].sum() > 0.5  # most of the mass at .8 to 1
    best = state.answer[np.arange(256), world.success_probability.argmax(axis=1)]
    assert 1.3 / world.answers < best.mean() < 0.5  # a small head start for the best candidate


@pytest.mark.parametrize(
    "shape", [(20, 4, 11), (1, 2, 2), (64, 8, 11), (3, 70, 5), (33, 3, 101)], ids=str
)
@pytest.mark.parametrize("far", [0.0, 900.0, 1e5, 1e300], ids=str)
def test_counts_of_the_tabular_agent_are_policy_times_truth(shape, far) -> None:
    rng = np.random.default_rng(1)
    logits = TabularState(rng.normal(size=shape[:2]), rng.normal(size=shape))
    logits.answer[-1] += far
    logits.confidence[0, 1] -= far
    logits.confidence[-1, 0] += far * np.arange(shape[2])
    pi = policy_probabilities(*logits)
    joint = pi.answer[..., None] * pi.confidence / shape[0]
    worlds = tuple(
        World(np.c_[rng.uniform(size=(shape[0], shape[1] - 1)), np.zeros(shape[0])])
        for _ in range(3)
    )
    for state, update in ((logits, "reinforce"), (pi, "replicator")):
        count = Tabular(levels=shape[2]).count(state, worlds, update)
        for w, world in enumerate(worlds):
            assert count.mass[w] == pytest.approx(joint.sum(axis=(0, 1)), rel=1e-13)
            hits = (joint * world.success_probability[..., None]).sum(axis=(0, 1))
            assert count.hits[w] == pytest.approx(hits, rel=1e-13)
        assert count.answer_entropy == pytest.approx(entropy(pi.answer, axis=1).mean(), rel=1e-13)
        of_levels = (pi.answer * entropy(pi.confidence, axis=2)).sum(axis=1).mean()
        assert count.confidence_entropy == pytest.approx(of_levels, rel=1e-13)


def test_what_is_never_stated_counts_nothing_at_all() -> None:
    # The least weight that a logarithm leaves would give populations without errors an AUROC.
    settled = TabularState(np.array([[1.0, 0.0]]), np.array([[[0.0, 1.0], [1.0, 0.0]]]))
    logits = TabularState(np.array([[0.0, -1e5]]), np.array([[[-1e300, 0.0], [-750.0, 0.0]]]))
    world = World(np.array([[1.0, 0.0]]))
    for state, update in ((settled, "replicator"), (logits, "reinforce")):
        count = Tabular(levels=2).count(state, (world,), update)
        assert (count.mass.tolist(), count.hits.tolist()) == ([[0.0, 1.0]], [[0.0, 1.0]])
        assert (count.answer_entropy.tolist(), count.confidence_entropy.tolist()) == ([0.0], [0.0])


def test_a_policy_that_is_no_number_is_not_measured_as_one() -> None:
    state = TabularState(np.array([[np.nan, 0.0]]), np.zeros((1, 2, 2)))
    count = Tabular(levels=2).count(state, (World(np.array([[0.5, 0.0]])),))
    assert np.isnan(count.answer_entropy).all()


@pytest.mark.parametrize("visible", [False, True])
def test_counts_of_the_coupled_agent_are_policy_times_truth(visible) -> None:
    home, away = feature_world(60), feature_world(60, shift=1.5, visible=visible)
    agent = Coupled(levels=101)
    state = agent.start(home, np.random.default_rng(2))
    count = agent.count(state, (home, away))
    for w, world in enumerate((home, away)):
        logits = world.features @ state.weights
        pi = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        z = state.slope[0] * np.log(pi / (1 - pi)) + (world.features @ state.head)[:, None]
        level = np.floor(100 / (1 + np.exp(-z)) + 0.5).astype(int)
        mass = np.bincount(level.ravel(), (pi / 60).ravel(), 101)
        hits = np.bincount(level.ravel(), (pi * world.success_probability / 60).ravel(), 101)
        assert count.mass[w] == pytest.approx(mass)
        assert count.hits[w] == pytest.approx(hits)
        assert count.answer_entropy[w] == pytest.approx(-np.sum(pi * np.log(pi), axis=1).mean())


def test_cutting_the_coupling_keeps_the_mean_logit_of_confidence() -> None:
    world = feature_world()
    means = []
    for coupling in (True, False):
        agent = Coupled(coupling=coupling)
        state = agent.start(world, np.random.default_rng(0))
        count = agent.count(state, (world,))
        means.append(count.mass[0] @ agent.grid)
        assert state.slope[0] == float(coupling)
    assert means[0] == pytest.approx(means[1], abs=0.03)


@pytest.mark.parametrize("coupling", [True, False])
def test_a_cut_coupling_stays_cut_in_training(coupling) -> None:
    world, agent = feature_world(64), Coupled(coupling=coupling)
    state = agent.start(world, np.random.default_rng(0))
    head = state.head.copy()
    table = np.stack([-(agent.grid**2), 1 - (1 - agent.grid) ** 2])
    agent.train(
        state, world, table, LearningRule(learning_rate=0.05), random_streams(0, 1)[0].stream, 0, 20
    )
    assert (state.slope[0] != float(coupling)) == coupling
    assert (state.head != head).all()


def test_the_self_probability_agent_states_its_answer_probability() -> None:
    world = feature_world(100)
    agent = SelfProbability()
    state = agent.start(world, np.random.default_rng(0))
    logits = world.features @ state.weights
    pi = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert agent.count(state, (world,)).mass[0] @ agent.grid == pytest.approx(
        (pi**2).sum(axis=1).mean(), abs=5e-4
    )


def test_the_self_probability_agent_climbs_the_reward_and_does_not_look_through_it() -> None:
    # n copies of one question in one step. U(y) = p f(pi_y) + (1 - p) g(pi_y) is a number to the
    # gradient: the weights move by speed (1 - 1/G) phi pi (U - mean U), without a term for what pi
    # does inside the payoff.
    n, phi, truth = 60_000, np.array([1.0, 0.5]), np.array([0.8, 0.3, 0.0])
    world = World(np.tile(truth, (n, 1)), np.tile(phi, (n, 1)))
    agent = SelfProbability(levels=1001)
    weights = np.array([[0.6, 0.0, -0.3], [0.5, 0.2, 0.0]])
    state = CoupledState(weights.copy(), np.ones(1), np.zeros(2))
    pi = np.exp(phi @ weights) / np.exp(phi @ weights).sum()
    payoff = (
        truth - (pi - truth) ** 2 - truth * (1 - truth)
    )  # c - (q - c)^2 in expectation, at q = pi
    table = np.stack([-(agent.grid**2), 1 - (1 - agent.grid) ** 2])
    training = LearningRule(group_size=4, batch=n, learning_rate=1.0)
    agent.train(state, world, table, training, random_streams(0, 1)[0].stream, 0, 1)
    exact = 4.0 * 0.75 * np.outer(phi, pi * (payoff - pi @ payoff))
    assert state.weights - weights == pytest.approx(exact, abs=4.0 * 5 / np.sqrt(4 * n))
    assert np.abs(exact).max() > 0.1
    assert (state.slope[0], *state.head) == (1.0, 0.0, 0.0)
    stated = SelfProbability().count(state, (world,)).mass[0]
    after = np.exp(phi @ state.weights) / np.exp(phi @ state.weights).sum()
    assert np.flatnonzero(stated).tolist() == sorted(np.rint(1000 * after).astype(int).tolist())


def test_a_rational_agent_is_honest_about_the_verifier_and_not_about_the_truth() -> None:
    levels = np.arange(101) / 100
    brier = np.stack([-(levels**2), 1 - (1 - levels) ** 2])
    world = noisy_verifier(bank(40, 4, seed=2), false_positive=0.3, false_negative=0.1)
    policy = Rational.best_response(world.as_paid(), brier)
    stated = policy.confidence[np.arange(40), policy.answer.argmax(axis=1)] @ levels
    best = world.success_probability.max(axis=1)
    assert stated == pytest.approx(
        0.9 * best + 0.3 * (1 - best),
        abs=0.0051,
    )
    assert (stated - best).mean() > 0.05


@pytest.mark.parametrize("agent", [Coupled(), SelfProbability()])
def test_an_agent_that_generalises_needs_features_and_logits(agent) -> None:
    with pytest.raises(ValueError, match="this world has none; use the tabular agent"):
        agent.start(bank(4), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Tabular(levels=1), "2 or more ascending"),
        (lambda: Tabular(levels=(0.5, 0.2)), "ascending"),
        (lambda: Tabular(levels=(0.5, 1.5)), r"in \[0, 1\]"),
        (lambda: Tabular(mode=2.0), r"`mode` must lie in \[0, 1\]"),
        (lambda: Tabular(spread=0.0), "`spread` be positive"),
        (lambda: Coupled(exploration=0.0), "`exploration` .* must be positive"),
        (lambda: Coupled(levels=1), "`levels` must be at least 2"),
        (lambda: SelfProbability(weight_noise=-1.0), "`weight_noise` not negative"),
        (lambda: Tabular(noise=np.inf), "`noise` must be a finite number, got inf"),
        (lambda: Coupled(slope=np.nan), "`slope` must be a finite number, got nan"),
        (lambda: Coupled(exploration=np.inf), "`exploration` must be a finite number"),
        (lambda: SelfProbability(head_start=np.nan), "`head_start` must be a finite number"),
        (lambda: LogitNormal(noise=np.inf), "`noise` must be a finite number"),
    ],
)
def test_a_bad_agent_is_refused(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_the_expected_payoff_treats_impossible_outcomes_as_free() -> None:
    table = np.array([[0.0, -np.inf], [-np.inf, 1.0]])
    found = expected_payoff(np.array([0.0, 0.25, 1.0]), table)
    assert found.tolist() == [[0.0, -np.inf], [-np.inf, -np.inf], [-np.inf, 1.0]]


def test_the_best_response_to_a_safe_reward_is_the_best_answer_and_the_truth() -> None:
    world = bank(30, 5, seed=4)
    policy = Rational.best_response(world, BRIER)
    stated = policy.confidence[np.arange(30), policy.answer.argmax(axis=1)] @ LEVELS
    assert (policy.answer.argmax(axis=1) == world.success_probability.argmax(axis=1))[
        stated > 0
    ].all()
    assert np.abs(stated - world.success_probability.max(axis=1)).max() <= 0.05 + 1e-12


def test_the_best_response_to_log_is_to_be_wrong_below_the_published_threshold() -> None:
    # c + log score: honest work earns less than a deliberately wrong answer for p < 0.6484 (Theorem
    # 18).
    with np.errstate(divide="ignore"):
        table = np.stack([np.log(1 - LEVELS), 1 + np.log(LEVELS)])
    for p, tries in ((0.6, False), (0.7, True)):
        policy = Rational.best_response(World(np.array([[p, 0.0]])), table)
        assert bool(policy.answer[0, 0]) is tries


@examples(30)
@given(seed=st.integers(0, 10_000), beta=st.floats(0.05, 5))
def test_no_policy_beats_the_tempered_optimum(seed, beta) -> None:
    rng = np.random.default_rng(seed)
    world = World(np.c_[rng.uniform(size=(3, 2)), np.zeros(3)])
    prior = policy_probabilities(rng.normal(size=(3, 3)), rng.normal(size=(3, 3, 11)))
    payoff = expected_payoff(world.success_probability, BRIER)
    before = prior.answer[..., None] * prior.confidence

    def objective(policy: TabularState) -> np.ndarray:
        joint = policy.answer[..., None] * policy.confidence
        return np.sum(joint * (payoff - beta * np.log(joint / before)), axis=(1, 2))

    best = Rational.tempered(world, BRIER, prior, beta=beta)
    # The optimum is beta times the log of the partition function.
    assert objective(best) == pytest.approx(
        beta * np.log(np.sum(before * np.exp(payoff / beta), axis=(1, 2)))
    )
    for scale in (0.01, 0.3, 3.0):
        other = policy_probabilities(
            np.log(best.answer) + scale * rng.normal(size=(3, 3)),
            np.log(best.confidence) + scale * rng.normal(size=(3, 3, 11)),
        )
        assert (objective(other) <= objective(best) + 1e-9).all()


def test_a_tempered_policy_never_risks_ruin_and_goes_to_the_best_response() -> None:
    with np.errstate(divide="ignore"):
        log = np.stack([np.log(1 - LEVELS), 1 + np.log(LEVELS)])
    world = World(np.array([[0.7, 0.0]]))
    prior = policy_probabilities(np.zeros((1, 2)), np.zeros((1, 2, 11)))
    policy = Rational.tempered(world, log, prior, beta=0.5)
    assert policy.confidence[0, 0, [0, 10]].tolist() == [0.0, 0.0]
    cold = Rational.tempered(world, log, prior, beta=1e-4)
    assert cold.answer[0, 0] == pytest.approx(1)
    assert cold.confidence[0, 0, 7] == pytest.approx(1)
    with pytest.raises(ValueError, match="`beta` must be positive"):
        Rational.tempered(world, log, prior, beta=0.0)


def test_an_agent_with_features_needs_something_to_prefer() -> None:
    """A verifier that refuses everything pays all answers alike."""
    world = noisy_verifier(feature_world(32), false_negative=1.0).as_paid()
    with pytest.raises(ValueError, match="in this world all answers to a question are right alike"):
        Coupled().start(world, np.random.default_rng(0))
    still = Coupled(head_start=0.0, weight_noise=0.0).start(world, np.random.default_rng(0))
    assert not still.weights.any()
