"""A design leads for a time in the decision that it was made for; nothing else differs."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from scoring_theory.designing import design
from scoring_theory.reward import Reward
from simulations.agents import Tabular
from simulations.cli.contest_command import fate_of_leads
from simulations.contest import ContestResult, contest, contestants, decision_payoff, rlcr_of_range
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


def test_the_design_leads_in_its_decisions_for_a_time() -> None:
    """The lead rises, and half of it is gone long before the end; elsewhere RLCR leads."""
    rewards = [rlcr_of_range(WHOLE), GATES]
    spans = [np.ptp(reward.table(np.linspace(0, 1, 201))) for reward in rewards]
    assert spans == pytest.approx([2, 2])
    found = contest(contestants(rewards, scale="short"), [0.3, 0.6, 0.9])
    other, gate, high = found.course(1, 0)
    assert gate.largest > 0.02
    assert high.largest > 0.005
    assert other.largest < 0
    for course, d in ((other, 0), (gate, 1), (high, 2)):
        lead = found.lead(1, 0).mean(axis=0)[:, d]
        assert course.largest == lead[np.abs(lead).argmax()]
        assert course.final == lead[-1]
        if course.half_gone_at is not None:
            half = np.interp(course.half_gone_at, found.steps, lead)
            assert half == pytest.approx(course.largest / 2, abs=1e-3)
    assert gate.half_gone_at is not None
    assert abs(gate.final) < abs(gate.largest) / 2
    assert (found.payoff <= found.best).all()
    assert np.ptp(found.payoff[:, :, 0], axis=0).max() == 0  # the same streams, the same start
    data = contest_figure(found).data
    curves = set(zip(data["panel"], data["series"], strict=True))
    assert curves >= {("act if q > 0.6", "RLCR"), ("act if q > 0.9", "designed")}
    assert {"low", "high"} <= data.keys()


def test_the_expected_motion_is_the_mean_field() -> None:
    """The quick recursion against the one that enumerates groups, and against a slow training of
    many runs.
    """
    base = contestants([GATES], scale="short")[0]
    world = bank(8, 4)
    little = changed(
        base,
        agent=Tabular(levels=6, noise=0.0),  # all runs start alike
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


def test_a_lead_that_stays_has_no_half_time() -> None:
    steps = np.array([0, 10, 20])
    payoff = np.array([[[[0.0], [0.0], [0.0]]], [[[0.0], [0.4], [0.3]]]])
    made = ContestResult(("a", "b"), (0.5,), steps, payoff, None, np.ones(1))
    (course,) = made.course(1, 0)
    assert (course.largest, course.at, course.half_gone_at, course.final) == (0.4, 10, None, 0.3)
    payoff = np.array([[[[0.0], [0.0], [0.0]]], [[[0.0], [0.4], [0.1]]]])
    made = ContestResult(("a", "b"), (0.5,), steps, payoff, None, np.ones(1))
    assert made.course(1, 0)[0].half_gone_at == 17  # 0.2 is reached at two thirds of the way


@pytest.mark.parametrize(
    ("lead", "fate"),
    [
        ((0.0, 0.4, 0.1), "has shrunk by a factor of 4"),
        ((0.0, -0.4, -0.1), "has shrunk by a factor of 4"),
        ((0.0, 0.4, 0.0), "has vanished"),
        ((0.0, 0.3, 0.4), "has not shrunk yet"),
        ((0.0, 0.4, -0.1), "has turned round (from +0.4000 to -0.1000)"),
        ((0.0, 0.0, 0.0), "is none"),
    ],
)
def test_what_becomes_of_a_lead_is_said(lead: tuple[float, ...], fate: str) -> None:
    """In the mean over runs, and of the expected updates where they are known."""
    steps, second = np.array([0, 10, 20]), np.array(lead)[:, None]
    both = np.stack([np.zeros_like(second), second])
    runs = np.stack([both, both], axis=1)

    def told(runs: np.ndarray, expected: np.ndarray | None) -> str:
        return fate_of_leads(ContestResult(("a", "b"), (0.5,), steps, runs, expected, np.ones(1)))

    said = f"at step 20 the lead at q > 0.5 {fate}."
    assert told(runs, None) == told(runs[:, :1], None) == f"In the mean over runs, {said}"
    assert told(runs, both).endswith(f" Without noise, {said}")
    runs[1, :, 2, 0] = lead[2] - 0.5, lead[2] + 0.5  # wide apart at the end: nothing is known
    assert re.search(r"has vanished|is none", told(runs, None))


def test_a_contest_of_unlike_experiments_is_refused() -> None:
    pair = contestants([Reward.parse("c"), GATES], scale="short")
    with pytest.raises(ValueError, match="must differ in nothing but their reward"):
        contest([pair[0], replace(pair[1], seed=1)], [0.5])


def test_a_contest_of_unknown_size_is_refused() -> None:
    with pytest.raises(ValueError, match='`scale` must be "full" or "short", got \'long\''):
        contestants([GATES], scale="long")
