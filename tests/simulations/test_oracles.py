"""What training must do in the limit, by closed form, enumeration or identity: the estimators'
bias, KL, entropy.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from scoring_theory.advantage import effective_advantage, standardised
from scoring_theory.reward import Reward
from simulations.agents import Rational, Tabular, TabularState
from simulations.agents.tabular import policy_probabilities
from simulations.experiment import Experiment
from simulations.meanfield import flow, motion, recursion
from simulations.running import run
from simulations.training import LearningRule, random_streams
from simulations.training.effective_payoff import effective_payoff
from simulations.worlds import World, bank
from tests.support.changes import changed
from tests.support.examples import examples

LEVELS = np.arange(5) / 4
BRIER = np.stack([-(LEVELS**2), 1 - (1 - LEVELS) ** 2])
BINARY = np.stack([np.zeros(5), np.ones(5)])
AGENT = Tabular(levels=5, mode=0.8, spread=0.4)
RULES = {
    "brier": Reward.parse("c - (q - c)^2"),
    "spherical": Reward.parse("c + (1 - abs(q - c))/sqrt(q^2 + (1 - q)^2)"),
    "log": Reward.parse("c + log(1 - abs(q - c))"),
}


def settled(p: float, outcomes: str, questions: int = 1) -> World:
    return World(np.tile([[p, 0.0]], (questions, 1)), outcomes=outcomes)


def table_of(rule: str) -> np.ndarray:
    table = RULES[rule].table(LEVELS)
    return np.where(np.isfinite(table), table, RULES[rule].table(np.array([1e-4, 1 - 1e-4])).min())


# --- the group's standard deviation


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("p", [0.3, 0.7])
def test_shared_outcomes_make_every_rule_the_same_improper_one(rule, p) -> None:
    # Theorem 26: E[A] ~ (2 p - 1) (q - mean) / std. Whatever the population, among the levels that
    # are close to it the effective payoff rises with q for p > 1/2 and falls for p < 1/2: no rule
    # has an inner fixed point.
    for here in range(4):
        confidence = np.full((1, 2, 5), 0.0)
        confidence[..., here : here + 2] = 0.5
        payoff = effective_payoff(
            np.array([[1.0, 0.0]]),
            confidence,
            np.array([[p, 0.0]]),
            table_of(rule)[None],
            np.ones(1),
            LearningRule(estimator="group_std", group_size=4, std_epsilon=0.0),
            "shared",
        )
        step = payoff[0, 0, here + 1] - payoff[0, 0, here]
        # Two levels: the standardised advantages depend on who has which alone, not on the rule.
        gap = standardised(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5]), 4, 0.0)
        assert step == pytest.approx((2 * p - 1) * (gap[1] - gap[0]), abs=1e-6)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("p", "end"), [(0.3, 0.0), (0.7, 1.0)])
def test_shared_outcomes_end_at_zero_or_one_on_the_mean_field(rule, p, end) -> None:
    agent = Tabular(levels=3, mode=0.5, spread=0.4, head_start=20.0, noise=0.0)
    world, table = settled(p, "shared"), table_of(rule)[:, ::2]
    rule_ = LearningRule(estimator="group_std", group_size=3, batch=1, learning_rate=0.5)
    state = recursion(agent.start(world, np.random.default_rng(0)), world, table, rule_, steps=1200)
    assert policy_probabilities(*state).confidence[0, 0] @ agent.grid == pytest.approx(
        end, abs=0.05
    )


@pytest.mark.parametrize(
    "rule", ["brier", "log", pytest.param("spherical", marks=pytest.mark.slow)]
)
def test_shared_outcomes_in_a_simulation_of_finite_length(rule) -> None:
    # p = .7 has arrived at 1. p = .3 has not arrived at 0, whatever the rule: it waits at the first
    # level that came to hold nearly everything, for as long as test_transients.py says.
    ends = {}
    for p, mode, estimator in (
        (0.7, 0.8, "group_std"),
        (0.3, 0.5, "group_std"),
        (0.3, 0.8, "group_std"),
        (0.7, 0.8, "batch_std"),
        (0.3, 0.5, "batch_std"),
    ):
        world, rate = settled(p, "shared", 16), 0.1 if estimator == "group_std" else 1.0
        experiment = Experiment(
            reward=RULES[rule],
            agent=Tabular(mode=mode, head_start=20.0, noise=0.0),
            world=world,
            elsewhere=world,
            training=LearningRule(estimator=estimator, batch=16, learning_rate=rate),
            steps=4000,
            replicates=8,
            checkpoints=(2000, 4000),
        )
        ends[p, mode, estimator] = run(experiment).metric("mean_confidence").mean(axis=0)
    assert ends[0.7, 0.8, "group_std"][-1] > 0.97
    assert ends[0.3, 0.5, "group_std"][-1] < 0.2
    assert 0.3 < ends[0.3, 0.8, "group_std"][-1] < 0.45
    assert all(np.diff(ends[0.3, mode, "group_std"]) < 0 for mode in (0.5, 0.8))
    assert ends[0.7, 0.8, "batch_std"][-1] == pytest.approx(0.7, abs=0.04)
    assert ends[0.3, 0.5, "batch_std"][-1] == pytest.approx(0.3, abs=0.04)


def independent_end(estimator: str, group: int, rate: float, steps: int = 4000) -> float:
    world = settled(0.7, "independent", 16)
    experiment = Experiment(
        reward=RULES["brier"],
        agent=Tabular(mode=0.8, head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(estimator=estimator, group_size=group, batch=16, learning_rate=rate),
        steps=steps,
        replicates=8,
        checkpoints=(steps,),
    )
    return run(experiment).final("mean_confidence")


@pytest.mark.parametrize(
    ("estimator", "rate"), [("group_mean", 1.0), ("batch_std", 0.3), ("leave_one_out", 1.0)]
)
def test_the_mean_alone_and_the_batch_have_no_such_bias(estimator, rate) -> None:
    assert independent_end(estimator, 4, rate) == pytest.approx(0.7, abs=0.03)


def test_the_bias_is_the_share_of_groups_that_agree() -> None:
    # As the spread of q shrinks, only groups that are all right or all wrong keep advantages of
    # order 1: the pull upwards is (p^G - (1-p)^G) times a constant of the group size.
    p, close = 0.7, np.array([0.7, 0.7 + 1e-6])
    table = np.stack([-(close**2), 1 - (1 - close) ** 2])
    for size in (2, 4, 8):
        payoff = effective_payoff(
            np.ones((1, 1)), np.full((1, 1, 2), 0.5), np.array([[p]]), table[None], np.ones(1),
            LearningRule(estimator="group_std", group_size=size, std_epsilon=0.0), "independent",
        )  # fmt: skip
        gap = standardised(
            np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5]), size, 0.0
        )
        agree = (p**size - (1 - p) ** size) * (gap[1] - gap[0])
        assert payoff[0, 0, 1] - payoff[0, 0, 0] == pytest.approx(agree, abs=1e-3)


@pytest.mark.parametrize("outcomes", ["independent", "shared"])
def test_enumeration_agrees_with_the_effective_advantage_of_the_theory(outcomes) -> None:
    # A population at one level and a deviant that is vanishingly rare: Delta(q', q) = W(q') - W(q).
    theory = effective_advantage(
        RULES["brier"], 0.7, LEVELS, estimator="group_std", outcomes=outcomes, group_size=5
    )
    for resident in range(5):
        confidence = np.zeros((1, 1, 5))
        confidence[..., resident] = 1.0
        payoff = effective_payoff(
            np.ones((1, 1)), confidence, np.array([[0.7]]), BRIER[None], np.ones(1),
            LearningRule(estimator="group_std", group_size=5, std_epsilon=0.0), outcomes,
        )[0, 0]  # fmt: skip
        assert payoff - payoff[resident] == pytest.approx(theory.matrix[:, resident], abs=1e-9)


def test_enumeration_agrees_with_drawing_groups() -> None:
    rng = np.random.default_rng(0)
    rewards, chances = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.1, 0.4, 0.3, 0.2])
    group = np.concatenate(
        [np.full((200_000, 1), 0.5), rng.choice(rewards, (200_000, 4), p=chances)], axis=1
    )
    drawn = (0.5 - group.mean(axis=1)) / (group.std(axis=1, ddof=1) + 0.1)
    exact = standardised(np.array([0.5]), rewards, chances, 5, 0.1)[0]
    assert exact == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(200_000))


def test_too_many_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="groups of 30 with 9 possible rewards have"):
        standardised(np.zeros(1), np.arange(9.0), np.full(9, 1 / 9), 30, 0.0)


def test_of_binary_groups_the_enumeration_is_the_binomial_formula() -> None:
    # A right rollout among k right others: (1 - m) / sqrt(G m (1 - m) / (G - 1)) with m = (k + 1) /
    # G.
    size, p = 6, 0.3
    k = np.arange(size)
    m = (k + 1) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(k < size - 1, (1 - m) / np.sqrt(size * m * (1 - m) / (size - 1)), 0.0)
    found = standardised(np.array([1.0]), np.array([0.0, 1.0]), np.array([1 - p, p]), size, 0.0)[0]
    assert found == pytest.approx(float(each @ binom.pmf(k, size - 1, p)))


# --- KL and entropy


@pytest.mark.parametrize("update", ["reinforce", "natural"])
def test_training_with_a_price_on_kl_ends_at_the_closed_form(update) -> None:
    world = World(np.array([[0.9, 0.4, 0.0], [0.3, 0.6, 0.0]]))
    start = AGENT.start(world, np.random.default_rng(0))
    training = LearningRule(estimator="leave_one_out", update=update, kl=0.3, batch=2)
    end = policy_probabilities(
        *flow(start, world, BRIER, np.array([0.0, 4000.0]), training=training)[1]
    )
    best = Rational.tempered(world, BRIER, policy_probabilities(*start), beta=0.3)
    assert end.answer == pytest.approx(best.answer, abs=1e-3)
    joint, optimum = (x.answer[..., None] * x.confidence for x in (end, best))
    assert joint == pytest.approx(optimum, abs=1e-3)
    still = motion(
        TabularState(np.log(best.answer), np.log(best.confidence)),
        world,
        BRIER,
        training,
        prior=start,
    )
    assert max(np.abs(rows).max() for rows in still) < 1e-12  # and it is a fixed point, exactly


def test_the_mean_of_the_group_makes_kl_dearer_by_its_factor() -> None:
    world = World(np.array([[0.9, 0.4, 0.0]]))
    start = AGENT.start(world, np.random.default_rng(0))
    best = Rational.tempered(world, BRIER, policy_probabilities(*start), beta=0.3 / (1 - 1 / 4))
    state = TabularState(np.log(best.answer), np.log(best.confidence))
    still = motion(state, world, BRIER, LearningRule(group_size=4, kl=0.3, batch=1), prior=start)
    assert max(np.abs(rows).max() for rows in still) < 1e-12


def test_the_entropy_bonus_has_the_uniform_prior_as_its_closed_form() -> None:
    world = World(np.array([[0.9, 0.4, 0.0]]))
    flat = TabularState(np.full((1, 3), 1 / 3), np.full((1, 3, 5), 0.2))
    best = Rational.tempered(world, BRIER, flat, beta=0.2)
    state = TabularState(np.log(best.answer), np.log(best.confidence))
    training = LearningRule(estimator="none", entropy=0.2, batch=1)
    assert max(np.abs(rows).max() for rows in motion(state, world, BRIER, training)) < 1e-12


def test_a_simulation_with_a_price_on_kl_converges_to_the_closed_form() -> None:
    world = World(np.array([[0.9, 0.4, 0.0]] * 8))
    start = AGENT.start(world, np.random.default_rng(0))
    best, total = Rational.tempered(world, BRIER, policy_probabilities(*start), beta=0.3), 0.0
    training = LearningRule(estimator="leave_one_out", kl=0.3, batch=8, learning_rate=0.05)
    for one in random_streams(3, 40):
        state = TabularState(*(rows.copy() for rows in start))
        AGENT.train(state, world, BRIER, training, one.stream, 0, 3000, prior=start)
        pi = policy_probabilities(*state)
        total = total + pi.answer[..., None] * pi.confidence / 40
    assert total == pytest.approx(best.answer[..., None] * best.confidence, abs=0.02)
    before = policy_probabilities(*start)
    assert np.abs(total - before.answer[..., None] * before.confidence).max() > 0.1


@examples(30)
@given(seed=st.integers(0, 10_000))
def test_entropy_changes_by_minus_the_covariance_of_log_probability_and_step(seed) -> None:
    # Cui et al. 2025, arXiv 2505.22617: for softmax, to first order, dH = -eta Cov_pi(log pi, pi
    # A); pi A is the step.
    rng = np.random.default_rng(seed)
    world = World(np.c_[rng.uniform(size=(1, 3)), 0.0])
    state = TabularState(rng.normal(size=(1, 4)), rng.normal(size=(1, 4, 5)))
    step = motion(state, world, BRIER, LearningRule(estimator="none", batch=1)).answer[0]
    pi = policy_probabilities(*state).answer[0]
    errors = []
    for rate in (1e-3, 1e-4):
        after = policy_probabilities(state.answer + rate * step, state.confidence).answer[0]
        change = -np.sum(after * np.log(after)) + np.sum(pi * np.log(pi))
        covariance = pi @ (np.log(pi) * step) - (pi @ np.log(pi)) * (pi @ step)
        errors.append(abs(change + rate * covariance))
        assert errors[-1] <= 20 * rate**2
    assert (
        errors[1] <= errors[0] / 50 + 1e-14
    )  # second order: a tenth of the rate, a hundredth of the error


# --- experiments


def test_experiments_reach_every_option() -> None:
    world = bank(16, 3)
    base = Experiment(
        reward=RULES["brier"],
        agent=Tabular(),
        world=world,
        elsewhere=world,
        training=LearningRule(batch=8),
        steps=40,
        replicates=2,
    )
    parts = (("correct", 1.0, Reward.parse("c")), ("score", 1.0, Reward.parse("-(q - c)^2")))
    changes = [
        {},
        {"kl": 0.5},
        {"entropy": 0.5},
        {"right_weight": 0.1},
        {"wrong_weight": 0.1},
        {"update": "natural"},
        {"estimator": "global_mean"},
        {"estimator": "batch_std"},
        {"update": "ppo", "epochs": 3},
        {"update": "ppo", "epochs": 3, "clip": (0.01, 0.01)},
        {"estimator": "group_std"},
        {"estimator": "group_std", "std_epsilon": 1.0},
        {"estimator": "component_std", "components": parts},
    ]
    records = [run(changed(base, **change)) for change in changes]
    assert len({record.digest for record in records}) == len(changes)
    assert len({str(sorted(record.description.items())) for record in records}) == len(changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"estimator": "component_std"}, "need each other"),
        ({"components": (("a", 1.0, RULES["brier"]),)}, "need each other"),
    ],
)
def test_components_and_their_estimator_need_each_other(changes, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        changed(
            Experiment(reward=RULES["brier"], agent=Tabular(), world=bank(4), elsewhere=bank(4)),
            **changes,
        )


def test_components_that_do_not_add_up_are_refused() -> None:
    experiment = Experiment(
        reward=RULES["brier"],
        agent=Tabular(),
        world=bank(64),
        elsewhere=bank(64),
        training=LearningRule(estimator="component_std"),
        components=(("correct", 1.0, Reward.parse("c")),),
    )
    with pytest.raises(ValueError, match="must add up to the reward"):
        experiment.component_tables()
