"""A judge that reasons: what a budget buys, and where one more step pays."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulations.laboratory.reasoning_judge import REASONING_JUDGE, Judge
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, verdict_signal
from simulations.signals.training import enumerated_mean_field, mean_field


def accuracy_after(judge: Judge, k: int, truth: np.ndarray, budget: float) -> float:
    """The share of the better answer where the steps are so small that time is continuous."""
    start = StatedPolicy(np.full((1, 1, 2), 0.5), np.ones((1, 1, 2, 1)), np.array([1.0]))
    accepted = judge.accepted(k, truth)[None, ..., None]
    rate = budget / judge.price(k) / 400
    end = mean_field(start, lambda _: accepted, learning_rate=rate, steps=400, checkpoints=2).end
    return float(end.answer[0, 0, truth[0].argmax()])


@given(st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0.1, 0.9), st.floats(0, 2))
def test_the_first_step_pays_below_its_worth(a: float, b: float, keep: float, cost: float) -> None:
    judge = Judge(a=a, b=b, keep=keep, cost=cost)
    worth = judge.first_step_worth()
    assume(worth == inf or abs(cost - worth) > 1e-6)
    if judge.j(0) <= 0:
        assert worth == inf
        assert judge.j(1) > judge.j(0)
    else:
        assert (judge.speed(1) > judge.speed(0)) == (cost < worth)
    if a + b == 0:
        assert judge.best_steps() == 0 or cost == 0  # nothing to be gained


@given(st.integers(0, 6), st.integers(0, 6), st.floats(0, 1))
def test_accuracy_at_equal_budget_follows_the_speed(k: int, other: int, cost: float) -> None:
    judge = Judge(a=0.5, b=0.1, keep=0.6, cost=cost)
    assume(abs(judge.speed(k) - judge.speed(other)) > 0.01)
    truth = np.array([[0.5, 0.1]])
    ends = [accuracy_after(judge, n, truth, 20.0) for n in (k, other)]
    assert (ends[0] > ends[1]) == (judge.speed(k) > judge.speed(other))


@given(st.integers(0, 10), st.floats(0, 1))
def test_the_bias_of_confidence_falls_with_every_step(k: int, p: float) -> None:
    judge = Judge(a=0.5, b=0.1, keep=0.6, cost=0.2)
    assert judge.bias(k, p) == pytest.approx(float(judge.accepted(k, np.array(p))) - p)
    assert abs(judge.bias(k + 1, p)) <= abs(judge.bias(k, p))


def test_reasoning_decides_the_fate_of_a_judge_below_chance() -> None:
    judge = Judge(a=0.7, b=0.5, keep=0.6, cost=0.2)
    truth = np.array([[0.1, 0.5]])  # the better answer may stand anywhere
    assert judge.j(0) < 0 < judge.j(1)
    assert judge.first_step_worth() == inf
    assert accuracy_after(judge, 0, truth, 20.0) < 0.5 < accuracy_after(judge, 1, truth, 20.0)


@given(st.permutations(range(3)))
def test_no_result_depends_on_the_numbers_of_the_answers(order: list[int]) -> None:
    judge, grid = Judge(a=0.5, b=0.1, keep=0.6, cost=0.2), np.array([0.2, 0.8])
    truth = np.array([0.1, 0.3, 0.8])

    def brier(groups: Groups) -> np.ndarray:
        return np.asarray(-((grid[groups.levels] - groups.correct) ** 2))

    def end(at: list[int]) -> np.ndarray:
        start = StatedPolicy(np.full((1, 1, 3), 1 / 3), np.full((1, 1, 3, 2), 0.5), grid)
        trained = enumerated_mean_field(
            start,
            judge.accepted(2, truth[at])[None],
            verdict_signal,
            group_size=2,
            learning_rate=0.5,
            steps=3,
            confidence_signal=brier,
        )
        return np.asarray(trained.end.joint[0, 0])

    np.testing.assert_allclose(end(order), end([0, 1, 2])[order], atol=1e-12)


def test_reasoning_brings_confidence_closer_and_accuracy_higher_at_equal_budget() -> None:
    with_it, without = (REASONING_JUDGE.run(scale="short", without=side) for side in (False, True))
    assert with_it.findings[0].exact < without.findings[0].exact / 2
    assert with_it.findings[1].exact > without.findings[1].exact + 0.01
