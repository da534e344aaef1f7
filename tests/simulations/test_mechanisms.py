"""The story of each reward, and of each mechanism: there when it is on, gone when it is off."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import (
    STANDARD_REWARDS,
    Coupled,
    Experiment,
    Record,
    SelfProbability,
    Tabular,
    World,
    feature_world,
    run,
    standard_experiments,
)


@cache
def story(agent: str, reward: str) -> Record:
    for experiment in standard_experiments("full"):
        if (experiment.agent.kind, experiment.name) == (agent, reward):
            return run(replace(experiment, replicates=4, checkpoints=3))
    raise KeyError(agent, reward)


def first(record: Record, metric: str, where: str = "in") -> float:
    return float(record.metric(metric, where)[:, 0].mean())


def test_all_rewards_start_from_the_same_agent() -> None:
    # Yardstick: accuracy .18, ECE .34.
    starts = {
        reward: (first(r := story("coupled", reward), "accuracy"), first(r, "ece")) for reward in STANDARD_REWARDS
    }
    assert len(set(starts.values())) == 1
    assert starts["binary"] == pytest.approx((0.18, 0.33), abs=0.02)


def test_binary_reward_teaches_a_coupled_agent_to_be_confidently_wrong() -> None:
    # Yardstick: accuracy .40, ECE .42, confident errors from 0 to .2-.3. No reward acts on its confidence.
    record = story("coupled", "binary")
    assert 0.36 < record.final("accuracy") < 0.42
    assert 0.38 < record.final("ece") < 0.50
    assert first(record, "confident_and_wrong") < 0.01
    assert 0.2 < record.final("confident_and_wrong") < 0.4
    assert record.final("answer_entropy") < first(record, "answer_entropy") / 2  # the mechanism: the policy sharpens
    assert record.final("ece", "out") > record.final("ece") + 0.1


def test_without_the_coupling_the_effect_is_gone() -> None:
    on = next(e for e in standard_experiments("full") if e.agent.kind == "coupled" and e.name == "binary")
    off = run(replace(on, agent=Coupled(coupling=False), replicates=8, checkpoints=3))
    assert abs(off.final("mean_confidence") - first(off, "mean_confidence")) < 0.04
    assert off.final("confident_and_wrong") < 0.01
    assert off.final("accuracy") == pytest.approx(story("coupled", "binary").final("accuracy"), abs=0.01)
    assert story("coupled", "binary").final("mean_confidence") > first(off, "mean_confidence") + 0.25


@pytest.mark.parametrize("reward", ["brier", "spherical", "one-sided"])
def test_a_safe_reward_teaches_a_coupled_agent_both(reward) -> None:
    # Yardstick for Brier: accuracy .40, ECE .04.
    record = story("coupled", reward)
    assert record.final("accuracy") > 0.34
    assert record.final("ece") < 0.06
    assert record.final("confident_and_wrong") < 0.02


def test_the_log_score_teaches_a_coupled_agent_to_be_wrong_on_purpose() -> None:
    # Yardstick: accuracy collapses to .01, with almost perfect calibration.
    record = story("coupled", "log")
    assert record.final("accuracy") < 0.02
    assert record.final("ece") < 0.03
    assert record.final("mean_confidence") < 0.05


def test_the_tabular_agent_has_no_mechanism_and_keeps_its_confidence_under_binary_reward() -> None:
    record = story("tabular", "binary")
    assert record.final("accuracy") > 0.45
    assert record.final("mean_confidence") == pytest.approx(first(record, "mean_confidence"), abs=0.03)


@pytest.mark.parametrize("reward", ["brier", "spherical", "log", "one-sided"])
def test_every_strictly_proper_reward_makes_the_tabular_agent_more_honest(reward) -> None:
    record, binary = story("tabular", reward), story("tabular", "binary")
    assert record.final("ece") < binary.final("ece") - 0.08
    assert record.final("auroc") > 0.7 > binary.final("auroc")
    assert record.final("confident_and_wrong") < 0.02 < binary.final("confident_and_wrong")


def test_the_log_score_costs_the_tabular_agent_accuracy() -> None:
    assert story("tabular", "log").final("accuracy") < story("tabular", "brier").final("accuracy") - 0.01


def test_an_agent_that_states_its_own_probability_becomes_sure_under_binary_reward() -> None:
    home, away = feature_world(512), feature_world(512, shift=1.5)
    experiment = Experiment(
        reward=STANDARD_REWARDS["binary"], agent=SelfProbability(), world=home, elsewhere=away,
        learning_rate=0.05, steps=1500, replicates=4, checkpoints=2,
    )  # fmt: skip
    record = run(experiment)
    assert record.final("mean_confidence") > first(record, "mean_confidence") + 0.25
    assert record.final("ece") > first(record, "ece") + 0.1


@cache
def forecast(reward: str, p: float, outcomes: str, estimator: str, group: int) -> float:
    """Mean confidence after training one settled answer with success probability p, prior near .8 (DESIGN 2.7)."""
    world = World(np.tile([[p, 0.0]], (16, 1)), outcomes=outcomes)
    experiment = Experiment(
        reward=Reward.parse(reward), agent=Tabular(mode=0.8, head_start=20.0, noise=0.0), world=world, elsewhere=world,
        estimator=estimator, group_size=group, batch=16, steps=4000,
        learning_rate=0.1 if estimator == "group_std" else 1.0, replicates=8, checkpoints=(4000,),
    )  # fmt: skip
    return run(experiment).final("mean_confidence")


BRIER, LOG = "c - (q - c)^2", "c + log(1 - abs(q - c))"
SPHERICAL = "c + (1 - abs(q - c))/sqrt(q^2 + (1 - q)^2)"


@pytest.mark.parametrize("reward", [BRIER, LOG, SPHERICAL])
def test_with_shared_outcomes_the_standard_deviation_drives_every_rule_to_the_end(reward) -> None:
    assert forecast(reward, 0.7, "shared", "group_std", 8) > 0.97


def test_with_shared_outcomes_the_mean_alone_is_honest() -> None:
    assert forecast(BRIER, 0.7, "shared", "group_mean", 8) == pytest.approx(0.7, abs=0.03)


def test_with_independent_outcomes_the_bias_shrinks_as_groups_grow() -> None:
    # DESIGN 2.7, Brier, p = .7: .997 for groups of 4, .752 for 16, .706 for 64; group mean alone .70.
    ends = [forecast(BRIER, 0.7, "independent", "group_std", group) for group in (4, 16, 64)]
    assert ends == pytest.approx([0.997, 0.752, 0.706], abs=0.02)
    assert forecast(BRIER, 0.7, "independent", "group_mean", 8) == pytest.approx(0.7, abs=0.03)
