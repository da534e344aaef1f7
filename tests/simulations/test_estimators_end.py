"""Training ends at the reports that the theory calls stable: on the exact mean field, and in
simulations of samples.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring_theory.advantage import TRAINERS, Outcomes, effective_advantage, mixed_report
from scoring_theory.reward import Reward
from simulations.agents import Tabular, TabularState
from simulations.agents.tabular import policy_probabilities
from simulations.experiment import Experiment
from simulations.meanfield import flow
from simulations.running import run
from simulations.training import LearningRule
from simulations.training.presets import preset
from simulations.worlds import World

BRIER, RLCR = Reward.parse("-(q - c)^2"), Reward.parse("c - (q - c)^2")


def mean_field_end(
    reward: Reward,
    p: float,
    training: LearningRule,
    outcomes: Outcomes,
    *,
    levels: int,
    mode: float,
    spread: float = 0.4,
) -> float:
    """The confidence where the expected motion under replicator dynamics comes to rest; the answer
    is settled.
    """
    agent = Tabular(levels=levels, mode=mode, spread=spread, noise=0.0)
    world = World(np.array([[p, 0.0]]), outcomes=outcomes)
    start = TabularState(
        np.array([[1e4, 0.0]]), agent.start(world, np.random.default_rng(0)).confidence
    )
    end = flow(start, world, reward.table(agent.grid), np.array([0.0, 400.0]), training=training)[
        -1
    ]
    stated = policy_probabilities(*TabularState(*end)).confidence[0, 0]
    assert stated.max() > 0.99  # it has come to rest on one level
    return float(agent.grid[np.argmax(stated)])


@pytest.mark.parametrize(
    ("estimator", "group", "outcomes", "p", "end"),
    [
        ("group_std", 3, "independent", 0.75, 1.0),
        ("group_std", 8, "independent", 0.25, 0.0),
        ("group_std", 16, "independent", 0.75, 0.75),
        ("group_std", 4, "by_answer", 0.75, 1.0),
        ("group_std", 8, "shared", 0.25, 0.0),
        ("group_mean", 4, "shared", 0.75, 0.75),
        ("leave_one_out", 2, "independent", 0.25, 0.25),
        ("batch_std", 4, "by_answer", 0.75, 0.75),
    ],
)
def test_the_mean_field_comes_to_rest_where_the_theory_says(
    estimator, group, outcomes, p, end
) -> None:
    # The ends are Theorems 25 and 29, and for groups of 16 the exact invasion gains on 5 levels.
    theory = effective_advantage(
        BRIER,
        p,
        np.arange(5) / 4,
        estimator=estimator,
        group_size=group,
        outcomes=outcomes,
        epsilon=1e-4,
    )
    assert theory.stable.tolist() == [end]
    training = LearningRule(estimator=estimator, group_size=group, batch=1, update="natural")
    assert mean_field_end(BRIER, p, training, outcomes, levels=5, mode=0.5) == end


@pytest.mark.parametrize(("mode", "end"), [(0.0, 0.0), (0.5, 0.5)])
def test_rlcr_has_a_second_home_on_hard_questions(mode, end) -> None:
    # Theorem 32: with margin 0 a population at q = 0 is paid alike and stays, however large the
    # group.
    theory = effective_advantage(RLCR, 0.45, np.arange(3) / 2, estimator="group_std", group_size=16)
    assert theory.stable.tolist() == [0.0, 0.5]
    training = LearningRule(estimator="group_std", group_size=16, batch=1, update="natural")
    assert (
        mean_field_end(RLCR, 0.45, training, "independent", levels=3, mode=mode, spread=0.1) == end
    )


@pytest.mark.parametrize(("estimator", "end"), [("group_std", 1), ("group_mean", 0)])
def test_a_worse_answer_takes_over_under_the_groups_spread(estimator, end) -> None:
    # Theorem 30: of an answer with p = .3 that is nearly settled and reported honestly, and one
    # that is always wrong, the wrong one wins when rewards are divided by their spread, and loses
    # when they are not (Theorem 31).
    grid = np.arange(11) / 10
    confidence = np.full((1, 2, 11), -8.0)
    confidence[0, 0, 3] = confidence[0, 1, 0] = 0.0
    start = TabularState(np.array([[2.0, 0.0]]), confidence)
    world = World(np.array([[0.3, 0.0]]), outcomes="by_answer")
    training = LearningRule(estimator=estimator, group_size=3, batch=1, update="natural")
    last = flow(start, world, RLCR.table(grid), np.array([0.0, 150.0]), training=training)[-1]
    assert policy_probabilities(*TabularState(*last)).answer[0, end] > 0.99


def sampled_end(
    p: float, training: LearningRule, outcomes: Outcomes, *, steps: int, replicates: int
) -> float:
    world = World(np.tile([[p, 0.0]], (16, 1)), outcomes=outcomes)
    experiment = Experiment(
        reward=RLCR,
        agent=Tabular(mode=0.8, head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=replace(training, batch=16),
        steps=steps,
        replicates=replicates,
        checkpoints=(steps,),
    )
    return run(experiment).final("mean_confidence")


@pytest.mark.parametrize(
    ("name", "group", "outcomes", "rate", "expected"),
    [
        ("trl_default", 8, "by_answer", 0.3, 1.0),  # Theorem 29
        ("trl_default", 32, "independent", 0.1, mixed_report(0.7, 32)),  # Theorem 27: .721
        ("rlcr", 8, "by_answer", 1.0, 0.7),  # Theorem 31
        ("nemo_rl", 8, "independent", 0.1, 0.7),  # Theorem 47
        ("nemo_rl", 8, "by_answer", 0.1, 0.9),  # Theorem 48: towards 1
    ],
)
def test_sampled_training_ends_there_too(name, group, outcomes, rate, expected) -> None:
    found = sampled_end(
        0.7, preset(name, group_size=group, learning_rate=rate), outcomes, steps=1500, replicates=2
    )
    assert found == pytest.approx(expected, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("group", "level"), [(4, 1.0), (8, 1.0), (16, 0.8), (32, 0.7), (64, 0.7)])
def test_groups_of_every_size_end_near_their_stable_level(group, level) -> None:
    # Half a level off at most: on the way, a policy is spread over two levels.
    stable = effective_advantage(
        RLCR, 0.7, np.arange(11) / 10, estimator="trl_default", group_size=group
    ).stable
    assert stable.tolist() == pytest.approx([level])
    training = preset("trl_default", group_size=group, learning_rate=0.3)
    assert sampled_end(0.7, training, "independent", steps=12_000, replicates=8) == pytest.approx(
        level, abs=0.051
    )


def test_presets_are_the_trainers_of_the_theory() -> None:
    for name, trainer in TRAINERS.items():
        if trainer.uncut:
            rule = preset(
                name, **({"shares": (1.0, 1.0)} if trainer.estimator == "component_std" else {})
            )
            assert (rule.estimator, rule.group_size) == (trainer.estimator, trainer.group_size)
            assert rule.kl == float(trainer.kl)
            assert rule.std_epsilon == (float(trainer.epsilon) or LearningRule().std_epsilon)
    for name in ("openrlhf", "openrlhf_rloo", "dapo"):
        with pytest.raises(ValueError, match="clips rewards or advantages or drops groups"):
            preset(name)
    assert preset("trl") == preset("trl_default")
    assert replace(TRAINERS["rlcr"], group_size=8).affine
