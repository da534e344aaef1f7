"""Entropy: the covariance, the limit of a bonus, and no answer is better for its number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulations.laboratory.entropy import (
    Control,
    balancing_bonus,
    controlled,
    gap_and_error,
    hardest_and_easiest,
    speed_of_entropy,
    with_bonus,
)
from simulations.policies import StatedPolicy
from simulations.signals.training import Trained, enumerated_mean_field

shares = st.lists(st.floats(0.05, 1), min_size=4, max_size=4).map(
    lambda raw: np.array(raw) / sum(raw)
)
CONTROLS = (
    Control(),
    Control(bonus=0.3),
    Control(kl=0.2),
    Control(clip_cov=0.1),
    Control(kl_cov=0.5, above=0.1),
)


def followed(
    answer: np.ndarray, truth: np.ndarray, control: Control, *, steps: int, rate: float
) -> Trained:
    start = StatedPolicy(answer[None, None], np.ones((1, 1, 4, 1)), np.ones(1))
    return enumerated_mean_field(
        start,
        truth[None],
        controlled(control),
        group_size=3,
        learning_rate=rate,
        steps=steps,
        estimator="none",
    )


@settings(max_examples=25)
@given(shares, shares, st.permutations(range(4)), st.sampled_from(CONTROLS))
def test_no_answer_is_better_for_its_number(
    answer: np.ndarray, truth: np.ndarray, order: list[int], control: Control
) -> None:
    one = followed(answer, truth, control, steps=5, rate=0.5).end.answer
    other = followed(answer[order], truth[order], control, steps=5, rate=0.5).end.answer
    assert np.allclose(one[..., order], other, atol=1e-12)


@settings(max_examples=25)
@given(shares, shares)
def test_the_covariance_is_the_speed_of_entropy(answer: np.ndarray, truth: np.ndarray) -> None:
    rate = 1e-5
    path = followed(answer, truth, Control(), steps=1, rate=rate)
    rise = (path.end.entropy() - path.policies[0].entropy()) / rate
    assert rise == pytest.approx(
        2 / 3 * speed_of_entropy(answer[None, None], truth[None]), abs=1e-4
    )


@pytest.mark.parametrize("bonus", [0.2, 0.5])
def test_a_bonus_ends_where_the_closed_form_says(bonus: float) -> None:
    for truth in hardest_and_easiest():
        end = followed(np.full(4, 0.25), truth, Control(bonus=bonus), steps=600, rate=1.0).end
        assert np.allclose(end.answer[0, 0], with_bonus(truth[None], bonus)[0], atol=1e-3)


@given(st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4), st.floats(0.02, 1))
def test_confidence_is_above_accuracy_below_the_balancing_bonus(
    truth: list[float], part: float
) -> None:
    p = np.array([truth])
    limit = balancing_bonus(p)
    assume(limit > 0.0101)  # between nearly equal answers it is below the bracket of the search
    gap, error = gap_and_error(with_bonus(p, min(limit, 50.0) * part), p)
    assert error >= abs(gap) - 1e-12
    assert gap >= -1e-3


def test_hard_questions_have_no_balancing_bonus() -> None:
    hard, easy = (p[None] for p in hardest_and_easiest())
    assert balancing_bonus(hard) == float("inf")
    assert all(gap_and_error(with_bonus(hard, x), hard)[0] > 0 for x in (0.05, 0.3, 2.0, 50.0))
    limit = balancing_bonus(easy)
    assert gap_and_error(with_bonus(easy, limit * 0.9), easy)[0] > 0
    assert gap_and_error(with_bonus(easy, limit * 1.1), easy)[0] < 0
