"""A run keeps its policy: whatever is asked of it agrees with what was measured."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulations import run
from simulations.agents import Coupled, LogitNormal, SelfProbability, Tabular
from simulations.experiment import Experiment
from simulations.record import Record, Where
from simulations.sweep import Store, sweep
from simulations.training import LearningRule
from simulations.worlds import World, bank, feature_world

if TYPE_CHECKING:
    from pathlib import Path

    from simulations.agents.agent import Agent

AGENTS: tuple[Agent, ...] = (
    Tabular(),
    LogitNormal(levels=51),
    Coupled(levels=21),
    Coupled(coupling=False, levels=21),
    SelfProbability(levels=21),
)


def small(agent: Agent, **changes: Any) -> Experiment:
    features = not isinstance(agent, Tabular | LogitNormal)
    make = feature_world if features else bank
    worlds = make(16), make(16, shift=1.0)
    made = Experiment(
        reward="c - (q - c)**2",
        agent=agent,
        world=worlds[0],
        elsewhere=worlds[1],
        training=LearningRule(batch=8),
        steps=20,
        replicates=3,
        checkpoints=3,
        keep_policy="all",
    )
    return replace(made, **changes)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.kind)
def test_the_kept_policy_has_the_metrics_that_were_measured(agent: Agent) -> None:
    """Accuracy, mean confidence and Brier score of policy x truth, at every checkpoint."""
    experiment = small(agent)
    record = run(experiment)
    sides: dict[Where, World] = {"in": experiment.world, "out": experiment.elsewhere}
    for where, world in sides.items():
        truth = world.success_probability
        for t in range(3):
            policy = record.policy(experiment, checkpoint=t, where=where)
            asked = {
                "accuracy": policy.accuracy(truth),
                "mean_confidence": policy.mean_confidence(),
                "brier": policy.brier(truth),
                "answer_entropy": policy.entropy(),
            }
            for name, values in asked.items():
                kept = record.metric(name, where)[:, t]
                assert values == pytest.approx(kept, abs=1e-9), (name, where, t)


def test_probabilities_of_the_replicator_are_a_policy_as_they_are() -> None:
    rule = LearningRule(batch=8, update="replicator", estimator="none", learning_rate=0.1)
    experiment = small(Tabular(), training=rule, keep_policy="last")
    record = run(experiment)
    policy = record.policy(experiment)
    accuracy = policy.accuracy(experiment.world.success_probability)
    assert accuracy == pytest.approx(record.metric("accuracy")[:, -1])


def test_keeping_a_policy_changes_no_number() -> None:
    plain = run(small(Tabular(), keep_policy="none"))
    kept = run(small(Tabular()))
    assert all(np.array_equal(plain.metric(name), kept.metric(name)) for name in plain.inside)
    assert not plain.states
    assert kept.states["answer"].shape == (3, 3, 16, 8)
    last = run(small(Tabular(), keep_policy="last"))
    assert np.array_equal(last.states["answer"][:, 0], kept.states["answer"][:, -1])


def test_it_survives_files_pickles_and_a_store(tmp_path: Path) -> None:
    agents = (Tabular(), Coupled(levels=21))
    experiments = [*map(small, agents), small(Tabular(), keep_policy="none")]
    records = sweep(experiments, store=tmp_path / "store.sqlite")
    with Store(tmp_path / "store.sqlite") as store:
        for experiment, record in zip(experiments, records, strict=True):
            direct = run(experiment)
            assert direct.digest == record.digest == store.record(experiment).digest
            direct.save(tmp_path / "record")
            for other in (Record.load(tmp_path / "record"), pickle.loads(pickle.dumps(record))):
                assert other.digest == direct.digest
                if experiment.keep_policy != "none":
                    assert np.array_equal(
                        other.policy(experiment).answer, direct.policy(experiment).answer
                    )


def test_what_cannot_be_asked_is_refused() -> None:
    experiment = small(Tabular(), keep_policy="none")
    with pytest.raises(ValueError, match="no policy was kept"):
        run(experiment).policy(experiment)
    kept = small(Tabular())
    with pytest.raises(ValueError, match="the record is not that of"):
        run(kept).policy(replace(kept, steps=21, checkpoints=(0, 21)))
    with pytest.raises(ValueError, match="`keep_policy` must be"):
        small(Tabular(), keep_policy="first")
