"""Verifier errors: the closed forms of fate and honesty, and the diagram that training draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.system import Conditions
from simulations.laboratory.verifier_noise import (
    VERIFIER_NOISE,
    accepted_reward,
    advantage_of_better,
    confidence_bias,
    fate,
    largest_safe_weight,
    phase_diagram,
)
from simulations.worlds import informedness

rates = st.floats(0, 1)


def best(p: float, weight: float) -> float:
    """What an answer of acceptance p earns with the best confidence, by search."""
    q = np.linspace(0, 1, 2001)
    return float((p - weight * (p * (1 - q) ** 2 + (1 - p) * q**2)).max())


@given(rates, rates, st.floats(0, 8), rates, rates)
def test_the_closed_form_is_the_difference_of_the_best_rewards(
    a: float, b: float, weight: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    j = 1 - a - b
    searched = best(a + j * high, weight) - best(a + j * low, weight)
    found = advantage_of_better(a, b, weight, high=high, low=low)
    assert found == pytest.approx(searched, abs=1e-5)
    assert a + j * high - high == pytest.approx(confidence_bias(a, b, high))


@given(st.floats(0, 0.49), st.floats(0, 0.5))
def test_the_largest_safe_weight_is_where_the_hardest_questions_turn(a: float, b: float) -> None:
    safe = largest_safe_weight(a)
    assert fate(a, b, safe * 0.99, high=1e-6) == "learns"
    assert fate(a, b, safe * 1.01, high=1e-6) == "sandbags"
    assert safe >= largest_safe_weight(0.0)  # errors never lower it
    for p in (0.1, 0.5, 1.0):
        assert fate(a, b, safe, high=p) == "learns"


@pytest.mark.parametrize("b", [0.0, 0.1, 0.85])
def test_training_draws_the_diagram_of_the_closed_form(b: float) -> None:
    errors, weights = np.array([0.02, 0.1, 0.3, 0.5, 0.97]), np.array([0.0, 1.0, 3.0])
    drawn = phase_diagram(b, errors=errors, weights=weights)
    for m, weight in enumerate(weights):
        for n, a in enumerate(errors):
            gain = advantage_of_better(a, b, weight, high=0.2)
            if abs(gain) < 0.02:
                continue
            grows = drawn.fate[m, n] in ("learns", "learns by two wrongs")
            assert grows == (gain > 0) == (drawn.share[m, n] > 0.5), (a, weight)
    assert drawn.critical_error == 1 - b


def test_confidence_is_calibrated_to_the_verifier() -> None:
    errors = [0.0, 0.125, 0.375]  # p' is a level of the grid: 0.1, 0.2, 0.4
    drawn = phase_diagram(0.5, errors=errors, weights=[1.0], steps=3000)
    exact = [confidence_bias(a, 0.5, 0.2) for a in errors]
    np.testing.assert_allclose(drawn.overconfidence[0], exact, atol=0.02)


@given(st.permutations(range(3)), st.floats(0, 4))
def test_no_result_depends_on_the_numbers_of_the_answers(order: list[int], weight: float) -> None:
    accepted = np.array([[0.3, 0.5, 0.8]])
    lam = np.array([weight])
    paid, permuted = accepted_reward(accepted, lam), accepted_reward(accepted[:, order], lam)
    np.testing.assert_array_equal(paid[:, :, order], permuted)


def test_errors_turn_sandbagging_into_learning() -> None:
    """At the weight 2 the same hard question is lost without errors and learned with them."""
    knobs = {knob.name: knob.default for knob in VERIFIER_NOISE.knobs}
    shown = [
        VERIFIER_NOISE.show(Conditions("short", without=without, knobs=knobs))
        for without in (False, True)
    ]
    assert shown[0].findings[0].exact > 0.3 > -0.3 > shown[1].findings[0].exact
    assert shown[0].findings[1].exact > 0.15 > shown[1].findings[1].exact


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (0.5, 0.5, "J = 1 - a - b = 0: correct and wrong answers are accepted alike"),
        (0.3, 0.7, "J = 1 - a - b = 0: "),  # 5.6e-17 in floating point
        (0.0, 1.0, "the agent is indifferent"),
        (0.95, 0.1, "at all weights accuracy is unlearned on hard questions"),
        (0.3, 0.9, "at weights below 1/(1 - 2 a) = 2.500 accuracy is unlearned"),
        (0.3, 0.1, "the weight is at most 1/(1 - 2 a), here 2.500"),
    ],
)
def test_no_weight_is_safe_with_a_verifier_no_better_than_chance(
    a: float, b: float, words: str
) -> None:
    knobs = {"a": a, "b": b}
    outcome = VERIFIER_NOISE.run(scale="short", replicates=2, knobs=knobs)
    assert words in outcome.boundary
    assert a + b < 1 or "any (no bound)" not in outcome.boundary
    for row in outcome.to_json()["table"]:
        safe = row["largest safe weight"]
        assert (safe == "none") == (float(row["J"]) <= 0)


@given(rates, rates)
def test_a_safe_weight_needs_a_verifier_better_than_chance(a: float, b: float) -> None:
    safe, j = largest_safe_weight(a, b), informedness(a, b)
    assert np.isnan(safe) == (j <= 0)
    if j == 0:
        assert fate(a, b, 1.0, high=0.5) == "neutral"
    if j < -0.01 and a < 0.5:
        assert fate(a, b, 0.99 / (1 - 2 * a), high=1e-6) == "unlearns"
        assert fate(a, b, 1.01 / (1 - 2 * a), high=1.0) == "learns by two wrongs"
