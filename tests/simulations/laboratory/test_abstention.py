"""Abstention: the region in which silence earns more, and what a policy answers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_theory.catalogue import binary, confidence_target, rlcr, truthrl
from simulations.laboratory.abstention import ABSTENTION, answered, silent_region
from simulations.laboratory.rewarded import COMPARED
from simulations.policies import StatedPolicy

GRID = np.array([0.2, 0.5, 0.8])


@pytest.mark.slow
@given(st.floats(0.05, 0.9), st.floats(-0.5, 0.9))
@settings(max_examples=25, deadline=None)
def test_the_threshold_of_a_target_in_closed_form(target: float, payoff: float) -> None:
    """V(p) = (p - t) / (1 - t), so p_A = t + A (1 - t)."""
    t = Fraction(target).limit_denominator(100)
    edge = float(t) + payoff * float(1 - t)
    low, high = silent_region(confidence_target(t=t), payoff)
    if edge <= 0:
        assert np.isnan(low)
    elif edge > 0.01:
        assert (low, high) == pytest.approx((0, min(edge, 1)), abs=1e-6)


def test_the_regions_of_theorem_42() -> None:
    assert silent_region(truthrl, 0.0) == pytest.approx((0, 0.5))
    target = confidence_target(t=Fraction(3, 4))
    assert target == truthrl  # to a learner, who cannot abstain
    assert silent_region(target, 0.0) == pytest.approx((0, 0.75))
    assert silent_region(COMPARED["c + log"], -0.1) == pytest.approx((0.0281, 0.5802), abs=1e-4)
    assert np.isnan(silent_region(binary, 0.0)).all()
    for reward in (binary, rlcr, truthrl):
        assert silent_region(reward, 1.0) == (0.0, 1.0)


@given(st.lists(st.floats(0.05, 1), min_size=15, max_size=15), st.permutations(range(3)))
@settings(max_examples=25)
def test_what_is_answered_does_not_know_the_labels(
    weights: list[float], renamed: list[int]
) -> None:
    answer = np.array(weights[:6]).reshape(1, 2, 3)
    levels = np.tile(np.array(weights[6:]).reshape(3, 3), (1, 2, 1, 1))
    policy = StatedPolicy(
        answer / answer.sum(axis=-1, keepdims=True),
        levels / levels.sum(axis=-1, keepdims=True),
        GRID,
    )
    truth = np.array([[0.7, 0.2, 0.0], [0.0, 0.4, 0.5]])
    silent = np.array([[False, False, True], [True, False, False]])
    other = StatedPolicy(policy.answer[..., renamed], policy.confidence[:, :, renamed], GRID)
    plain = answered(policy, truth, silent, threshold=0.5)
    moved = answered(other, truth[:, renamed], silent[:, renamed], threshold=0.5)
    assert moved.coverage == pytest.approx(plain.coverage)
    assert moved.hallucination == pytest.approx(plain.hallucination)
    assert (plain.hallucination <= plain.coverage + 1e-12).all()


@pytest.mark.slow
def test_the_table_shows_thresholds_loopholes_and_one_training_for_all_users() -> None:
    rows = {(row[0], row[1]): row for row in ABSTENTION.run(scale="short").rows}

    def numbers(name: str, payoff: str) -> list[float]:
        return [float(cell) for cell in rows[name, payoff][3:6]]

    assert numbers("binary", "0") == pytest.approx([1, 1, 0.383], abs=0.01)
    for name, payoff in (
        ("TruthRL", "0"),
        ("RLCR", "0.25"),
        ("RLCR, user answers from q = 0.5", "0"),
    ):
        assert numbers(name, payoff) == pytest.approx([2 / 3, 2 / 3, 1 / 6], abs=0.01)
    for name in ("TruthRL", "RLCR"):
        assert numbers(name, "1") == pytest.approx([0, 0, 0], abs=0.01)
    optimal, trained, _ = numbers("c + log", "-0.1")
    assert trained < optimal - 0.3  # silence wins before confidence is learned


def test_rewards_of_the_same_incentives_are_not_confused() -> None:
    """Binary, TruthRL and the targets are equal as rewards, but not beside a payoff of silence."""
    outcome = ABSTENTION.run(scale="short", replicates=2)
    wrong = {(row[0], row[1]): row[5] for row in outcome.rows}
    named = [("binary", "0"), ("TruthRL", "0"), ("target t = 0.75", "0")]
    assert [wrong[name] for name in named] == ["0.383", "0.167", "0.033"]
