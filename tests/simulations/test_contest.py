"""A design wins the decision it was made for; what is compared differs in nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring_theory.designing import design
from scoring_theory.reward import Reward
from simulations.agents import Tabular
from simulations.contest import contest, contestants, decision_payoff, rlcr_of_range
from simulations.decisions import abstain
from simulations.figures import contest_figure
from simulations.meanfield import recursion
from simulations.running import run
from simulations.training import random_streams
from simulations.worlds import bank
from tests.support.changes import changed

WHOLE = Fraction(2)
GATES = design(
    thresholds=[0.6, 0.9], margin=0.2, curvature=0.5, total_range=2, name="designed"
).reward


def test_the_payoff_is_that_of_the_decision() -> None:
    """Against `abstain`, which takes one row per statement."""
    rng = np.random.default_rng(0)
    levels, mass = np.array([0.1, 0.5, 0.6, 0.9]), rng.dirichlet(np.ones(4))
    right = rng.uniform(size=4)
    t = [0.0, 0.5, 0.6, 0.95]
    exact = abstain(levels, right, t, weight=mass).payoff
    np.testing.assert_allclose(decision_payoff(levels, mass, mass * right, t), exact, atol=1e-15)
    with pytest.raises(ValueError, match=r"`thresholds` must lie in \[0, 1\]"):
        decision_payoff(levels, mass, mass, [1.5])


def test_the_design_wins_its_decisions_and_pays_elsewhere() -> None:
    """Measured once with 24 seeds and 4,000 steps: leads .015 and .003, bands far apart; here a
    small one.
    """
    rewards = [rlcr_of_range(WHOLE), GATES]
    spans = [np.ptp(reward.table(np.linspace(0, 1, 201))) for reward in rewards]
    assert spans == pytest.approx([2, 2])
    found = contest(contestants(rewards, scale="short"), [0.3, 0.6, 0.9])
    lead = found.lead(1, 0)
    assert (lead[:, 1] > 0.02).all()
    assert (lead[:, 2] > 0.005).all()
    assert (lead[:, 0] < 0).all()
    assert (found.payoff <= found.best).all()
    assert np.ptp(found.payoff[:, :, 0], axis=0).max() == 0  # the same streams, the same start
    assert contest_figure(found).data.keys() >= {
        "step",
        "0.6/RLCR",
        "0.6/designed/p10",
        "0.9/designed/p90",
    }


def test_the_expected_motion_is_the_mean_field() -> None:
    """The quick recursion against the one that enumerates groups, and against a slow training of
    many runs.
    """
    base = contestants([GATES], scale="short")[0]
    world = bank(8, 4)
    little = changed(
        base,
        agent=Tabular(levels=6),
        world=world,
        elsewhere=world,
        batch=4,
        steps=40,
        checkpoints=(0, 40),
        replicates=400,
        learning_rate=0.2,
    )
    found = contest([little], [0.6], expected=True)
    assert found.expected is not None
    start = little.agent.start(
        world, random_streams(little.seed, 1)[0].prior, little.training.update
    )
    state = recursion(start, world, little.payoffs()[0], little.training, steps=40)
    count = little.agent.count(state, (world,), little.training.update)
    exact = decision_payoff(little.agent.grid, count.mass[0], count.hits[0], [0.6])
    np.testing.assert_allclose(found.expected[0, -1], exact, atol=1e-12)
    moved = found.expected[0, -1, 0] - found.expected[0, 0, 0]
    runs = found.payoff[0, :, -1, 0] - found.payoff[0, :, 0, 0]
    assert moved == pytest.approx(runs.mean(), abs=0.15 * abs(moved))


def test_a_record_and_a_contest_count_the_same_training() -> None:
    one = replace(contestants([GATES], scale="short")[0], steps=50, checkpoints=(0, 50))
    found = contest([one], [0.0])
    right = run(one).metric("accuracy")
    # at t = 0 every statement above 0 acts, and pays c
    assert (found.payoff[0, :, :, 0] <= right + 1e-12).all()
    assert found.payoff[0, :, :, 0] == pytest.approx(right, abs=0.02)
    again = contest([one], [0.0], threads=1)
    assert (again.payoff == found.payoff).all()


def test_a_contest_of_unlike_experiments_is_refused() -> None:
    pair = contestants([Reward.parse("c"), GATES], scale="short")
    with pytest.raises(ValueError, match="must differ in nothing but their reward"):
        contest([pair[0], replace(pair[1], seed=1)], [0.5])


def test_a_contest_of_unknown_size_is_refused() -> None:
    with pytest.raises(ValueError, match='`scale` must be "full" or "short", got \'long\''):
        contestants([GATES], scale="long")
