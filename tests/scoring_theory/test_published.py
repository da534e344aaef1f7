"""Published rewards against the code or paper they come from, retold here in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scoring_theory.catalogue import PUBLISHED, brier, correctness, log
from scoring_theory.reward import Reward

LEVELS = np.round(np.linspace(0, 1, 21), 2)


def rewarding_doubt(q: float, c: int) -> float:
    """RLHelper.py: clip, log, normalise, +0.25 when right, times 10."""
    kept = min(0.999, max(0.001, q))
    low, high = -6.907755278982137 / 2, -0.0010005003335835344
    norm = ((math.log(kept) if c else math.log(1 - kept)) - low) / (high - low)
    return 10.0 * (norm + 0.25 * c)


def rlcr_code(q: float, c: int) -> float:
    """reward_fns.py with weights 0.5, 0.5, 0.5, 1e-6, 1e-6 and the format right."""
    ends = 1.0 if abs(q - 1) < 0.01 or abs(q - 0) < 0.01 else 0.0
    return 0.5 * 1 + 0.5 * c + 0.5 * (1 - (c - q) ** 2) + 1e-6 * q + 1e-6 * ends


def ppo_c(q: float, c: int, kind: str) -> float:
    """calibrated_experience_maker.py with a 0/1 reward and running mean 1/2."""
    if kind == "difference":
        return c + 2.0 * (c - 0.5) * (q - 0.5)
    factor = 0.5 * abs(c) * (q - 0.5)
    return c + factor if c >= 0.5 else c - factor


def dcpo(q: float, c: int) -> float:
    """hybrid.py: gamma = 0.5, weight = 0.5, group accuracy 1/2."""
    return c - 0.5 * (0.5 * c + 0.5 * 0.5 - q) ** 2


@pytest.mark.parametrize(
    ("key", "retold"),
    [
        ("rewarding_doubt", rewarding_doubt),
        ("rlcr_code", rlcr_code),
        ("ppo_c_difference", lambda q, c: ppo_c(q, c, "difference")),
        ("ppo_c_threshold", lambda q, c: ppo_c(q, c, "threshold")),
        ("dcpo", dcpo),
        ("dcpo_absolute", lambda q, c: c - abs(0.5 * c + 0.25 - q)),
        ("rlcr", lambda q, c: c - (q - c) ** 2),
        ("truthrl", lambda q, c: 1.0 if c else -1.0),
        ("confidence_target", lambda q, c: 1.0 if c else -3.0),
        ("nemo_gym_abstention", lambda q, c: 1.0 if c else 0.0),
    ],
)
def test_a_published_reward_is_its_source(key: str, retold) -> None:
    reward = PUBLISHED[key].reward
    for c in (0, 1):
        expected = [retold(float(q), c) for q in LEVELS]
        np.testing.assert_allclose(reward.payoff(LEVELS, c), expected, rtol=1e-13, atol=1e-13)


def test_relations_between_them() -> None:
    assert PUBLISHED["rlcr"].reward == correctness + brier
    assert PUBLISHED["brier_k"].family.bind(k=1) == PUBLISHED["rlcr"].reward
    assert PUBLISHED["log_k"].reward == correctness + log
    # Without their third action they are the reward of correctness, up to an affine map.
    for key in ("truthrl", "confidence_target", "nemo_gym_abstention"):
        assert PUBLISHED[key].reward == PUBLISHED["binary"].reward
    assert PUBLISHED["rlcr_code"].reward != PUBLISHED["rlcr"].reward
    assert Reward.parse("1/2 + c/2 + (1 - (q - c)^2)/2") == PUBLISHED["rlcr"].reward


def test_what_they_ask_for() -> None:
    p = np.array([0.2, 0.4, 0.6, 0.9])
    np.testing.assert_allclose(PUBLISHED["dcpo"].reward.best_report(p), 0.25 + p / 2, atol=1e-7)
    np.testing.assert_allclose(
        PUBLISHED["dcpo_absolute"].reward.best_report(p), [0.25, 0.25, 0.75, 0.75], atol=1e-7
    )
    np.testing.assert_allclose(PUBLISHED["ppo_c_difference"].reward.best_report(p), [0, 0, 1, 1])
    np.testing.assert_allclose(PUBLISHED["ppo_c_threshold"].reward.best_report(p), 1)


def test_rewarding_doubt_prefers_wrong_answers_on_hard_questions() -> None:
    """A deliberately wrong answer at q = 0 is worth 10; the least honest value, 8.98, is at p =
    .248.
    """
    reward = PUBLISHED["rewarding_doubt"].reward
    p = np.linspace(0.001, 0.999, 999)
    value = reward.expected_reward(p, p)
    assert reward.payoff(0, 0) == pytest.approx(10.0, abs=1e-3)
    assert value.min() == pytest.approx(8.98, abs=0.01)
