"""Why some runs end elsewhere than the fixed point: the rate dates a transient, rare choices wait,
noise costs answers.

Each test holds a cause against its rivals: the same run with only that one thing changed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from scoring_theory.advantage import effective_advantage
from scoring_theory.reward import Reward
from simulations import STANDARD_REWARDS, Experiment, Tabular, World, bank, run
from simulations.agents import TabularState
from simulations.agents.tabular import policy_probabilities
from simulations.meanfield import flow, motion, recursion
from simulations.training import LearningRule, random_streams

BRIER = Reward.parse("c - (q - c)^2")


# --- independent outcomes, the group's deviation


def independent_end(
    p: float, size: int, rate: float, estimator: str = "group_std", epsilon: float = 1e-4
) -> float:
    world = World(np.tile([[p, 0.0]], (16, 1)))
    experiment = Experiment(
        reward=BRIER,
        agent=Tabular(mode=0.8, head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(
            estimator=estimator, group_size=size, batch=16, learning_rate=rate, std_epsilon=epsilon
        ),
        steps=4000,
        replicates=4,
        checkpoints=(4000,),
    )
    return run(experiment).final("mean_confidence")


# Measured in a prototype whose learning rate was not written down: after 4,000 steps, by p, groups
# of 4 to 64.
PROTOTYPE = {0.7: (0.997, 0.947, 0.752, 0.721, 0.706), 0.9: (1.0, 1.0, 1.0, 0.982, 0.901)}


@pytest.mark.parametrize("p", [0.7, pytest.param(0.9, marks=pytest.mark.slow)])
def test_at_one_learning_rate_all_figures_of_the_prototype_come_out(p) -> None:
    ends = [independent_end(p, size, 0.3) for size in (4, 8, 16, 32, 64)]
    assert ends == pytest.approx(PROTOTYPE[p], abs=0.025)
    assert independent_end(p, 8, 0.3, "group_mean") == pytest.approx(
        {0.7: 0.70, 0.9: 0.89}[p], abs=0.025
    )


def test_neither_the_degrees_of_freedom_nor_epsilon_make_the_difference() -> None:
    # Groups of 8, p = .7: .947 in the prototype, .91 here at a rate of .1. Dividing by G instead of
    # G - 1 is a rate sqrt(8/7) higher, exactly; neither that nor epsilon moves the end by a third
    # of the gap. A rate of .3 does.
    here = independent_end(0.7, 8, 0.1)
    assert here < 0.925 < 0.935 < independent_end(0.7, 8, 0.3)
    assert abs(independent_end(0.7, 8, 0.1 * np.sqrt(8 / 7)) - here) < 0.012
    assert abs(independent_end(0.7, 8, 0.1, epsilon=0.0) - here) < 0.012
    # The prototype's own control dates it: at .1 the group's mean alone has not reached .89 from
    # .73 either.
    assert independent_end(0.9, 8, 0.1, "group_mean") < 0.875


def test_groups_of_eight_are_in_transit_to_the_only_stable_level() -> None:
    stable = effective_advantage(
        BRIER, 0.7, np.arange(11) / 10, estimator="group_std", group_size=8
    ).stable
    assert stable.tolist() == [1.0]


# --- shared outcomes, the group's deviation


SHARED = World(np.array([[0.3, 0.0]]), outcomes="shared")


def mean_confidence(mode: float, update: str, times: list[float]) -> list[float]:
    agent = Tabular(mode=mode, head_start=20.0, noise=0.0)
    rule = LearningRule(estimator="group_std", group_size=3, batch=1, update=update)
    states = flow(
        agent.start(SHARED, np.random.default_rng(0)),
        SHARED,
        BRIER.table(agent.grid),
        np.array(times),
        training=rule,
    )
    return [float(policy_probabilities(*state).confidence[0, 0] @ agent.grid) for state in states]


@pytest.mark.parametrize(("mode", "waits_at"), [(0.8, 0.3), (0.5, 0.1)])
def test_policy_gradient_waits_at_a_level_where_the_natural_gradient_goes_on_to_zero(
    mode, waits_at
) -> None:
    # The mean field itself: no noise, and 0 is the only stable level. A rare level's logit moves in
    # proportion to its probability, so the first level to hold nearly everything keeps it; natural
    # gradients have no such factor.
    early, late = mean_confidence(mode, "reinforce", [1600.0, 6400.0])
    assert (early, late) == pytest.approx((waits_at, waits_at), abs=2e-3)
    assert late < early  # and yet it is no fixed point
    assert mean_confidence(mode, "natural", [40.0])[0] < 1e-3


def test_a_simulation_waits_where_the_mean_field_waits() -> None:
    world = World(np.tile([[0.3, 0.0]], (16, 1)), outcomes="shared")
    experiment = Experiment(
        reward=BRIER,
        agent=Tabular(mode=0.8, head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(estimator="group_std", group_size=3, batch=16, learning_rate=0.02),
        steps=20_000,
        replicates=4,
        checkpoints=(5000, 20_000),
    )
    measured = run(experiment).metric("mean_confidence").mean(axis=0)
    assert measured == pytest.approx(mean_confidence(0.8, "reinforce", [100.0, 400.0]), abs=0.05)


def wait(above: int, below: float) -> float:
    """How long the mean field waits at a level with `above` levels over it and one, of that share,
    under it.
    """
    levels = np.concatenate([[0.0], 0.4 + 0.6 * np.arange(above + 1) / above])
    shares = np.concatenate([[below], [0.8 - below], np.full(above, 0.2 / above)])
    table = np.stack([-(levels**2), 1 - (1 - levels) ** 2])
    rule, answers = (
        LearningRule(estimator="group_std", group_size=3, batch=1, std_epsilon=0.0),
        np.array([[50.0, 0.0]]),
    )

    def velocity(_: float, row: np.ndarray) -> np.ndarray:
        return motion(
            TabularState(answers, np.tile(row, (1, 2, 1))), SHARED, table, rule
        ).confidence[0, 0]

    def arrived(_: float, row: np.ndarray) -> float:
        return float(np.exp(row[0]) / np.exp(row).sum() - 0.5)

    arrived.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(
        velocity, (0, 1e7), np.log(shares), events=arrived, method="LSODA", rtol=1e-6, atol=1e-8
    )
    return float(found.t_events[0][0])


@pytest.mark.parametrize("above", [1, 2])
def test_the_wait_grows_with_a_power_of_how_rare_the_next_level_is(above) -> None:
    # Deviants of any size have one advantage c = |W(deviant) - W(resident)|. To leading order the n
    # levels above, A together, fall as A' = -c (1 + 1/n) A^2 and the level below, b, as b' = -c A
    # b, so b ~ A^(n / (n+1)) catches up with A once A is about b0^(n+1) / A0^n: a wait of order
    # A0^n / (c b0^(n+1)).
    growth = np.array(
        [wait(above, 0.01) / wait(above, 0.02), wait(above, 0.005) / wait(above, 0.01)]
    )
    limit = 2.0 ** (above + 1)
    assert (0.6 * limit < growth).all()
    assert (growth < limit).all()
    assert growth[1] > growth[0] + 0.05 * limit  # tends to it from below


# --- the one-sided reward


@cache
def accuracy(
    reward: str, *, levels: int | tuple[float, ...] = 11, slower: int = 1, longer: int = 1
) -> float:
    world = bank(64)
    experiment = Experiment(
        reward=STANDARD_REWARDS[reward],
        agent=Tabular(levels=levels),
        world=world,
        elsewhere=world,
        training=LearningRule(batch=32, learning_rate=1.0 / slower),
        steps=1000 * slower * longer,
        replicates=16,
        checkpoints=(1000 * slower * longer,),
    )
    return run(experiment).final("accuracy")


@pytest.mark.slow
def test_noise_of_one_ruinous_level_costs_the_one_sided_reward_its_accuracy() -> None:
    # A wrong answer at confidence 1 earns 1 + log(1e-4) = -8.2, which stands for -inf; no other
    # payoff is below -1.5. One such rollout throws the answer's logit so far that some runs never
    # give it again.
    lost = accuracy("rlcr") - accuracy("one_sided")
    assert 0.012 < lost < 0.05
    assert (
        accuracy("rlcr") - accuracy("one_sided", levels=tuple(np.arange(10) / 10)) < 0.35 * lost
    )  # without level 1
    assert (
        accuracy("rlcr") - accuracy("one_sided", slower=4) < 0.6 * lost
    )  # the same time, less noise
    assert accuracy("rlcr") - accuracy("one_sided", longer=4) > 0.6 * lost  # it is no transient


def test_the_expected_motion_of_the_one_sided_reward_loses_nothing() -> None:
    world, agent = bank(8), Tabular()
    base = Experiment(
        reward=STANDARD_REWARDS["rlcr"],
        agent=agent,
        world=world,
        elsewhere=world,
        training=LearningRule(batch=8),
    )
    start, ends = agent.start(world, random_streams(0, 1)[0].prior), {}
    for name in ("rlcr", "one_sided"):
        one = replace(base, reward=STANDARD_REWARDS[name])
        end = policy_probabilities(
            *recursion(start, world, one.payoffs()[0], one.training, steps=500)
        )
        ends[name] = float(np.sum(end.answer * world.success_probability) / world.questions)
    assert ends["rlcr"] - ends["one_sided"] < 0.005
