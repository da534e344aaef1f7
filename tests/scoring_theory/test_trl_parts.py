"""Several functions of one reward for TRL, and configurations that undo a reward."""

from __future__ import annotations

import asyncio
import pickle
import warnings
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.adapters import ConfigWarning, UnsafeRewardError, as_trl, as_trl_parts, scorer

RLCR = "c - (q - c)^2"
BRIER = "-(q - c)^2"


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


TEXTS = [said("4", "0.9"), said("5", "0.9"), said("4", "0"), said("5", "25%"), "4", ""]


def batch(texts: list[str]) -> dict[str, Any]:
    return {"prompts": ["?"] * len(texts), "completions": texts, "solution": ["4"] * len(texts)}


def summed(parts: Any, texts: list[str], weights: Any = None) -> Any:
    """What TRL computes: the weighted sum over the functions, `nansum` over the columns."""
    given = batch(texts)  # the trainer calls every function with the same lists
    columns = np.array([function(**given) for function in parts.functions], dtype=float)
    return np.nansum(columns * np.array(weights or parts.weights)[:, None], axis=0)


WEIGHTS = st.tuples(*[st.fractions(0, 3, max_denominator=8)] * 3)


@given(WEIGHTS)
def test_the_sum_that_runs_is_the_sum_that_was_checked(weights: Any) -> None:
    """On readable completions it is the formula; a(c) + b Brier is jointly optimal iff b <= a."""
    accuracy, score, form = weights
    if score > accuracy:
        with pytest.raises(UnsafeRewardError, match="refuted"):
            as_trl_parts(BRIER, weights=weights)
        return
    if not score and not accuracy:
        return
    parts = as_trl_parts(BRIER, weights=weights)
    paid = summed(parts, TEXTS)
    grade = scorer(parts.text)
    for text, total in zip(TEXTS, paid, strict=True):
        one = grade(text, "4")
        if one.format_ok:
            assert total == pytest.approx(one.reward)
        else:  # no readable completion earns less
            assert total == pytest.approx(parts.missing)
            assert total <= one.reward + 1e-9
    assert form >= 0


def test_unreadable_completions_earn_the_least_in_each_part() -> None:
    """So that no normalisation of a part can make them the best of a group."""
    parts = as_trl_parts(BRIER, weights=(1, 1, 1))
    for function in parts.functions:
        paid = function(**batch(TEXTS))
        assert paid[-1] == paid[-2] == min(paid)


def test_parts_are_those_of_the_whole() -> None:
    whole, parts = as_trl(RLCR), as_trl_parts(BRIER, weights=(1, 1, 0))
    assert summed(parts, TEXTS[:4]) == pytest.approx(whole(**batch(TEXTS[:4])))
    assert parts.text == "c - (q - c)^2"


def test_an_unsafe_sum_is_refused_though_each_part_is_fine() -> None:
    with pytest.raises(UnsafeRewardError, match=r"`c - 2\*\(q - c\)\^2 \+ 1` is refuted"):
        as_trl_parts(BRIER, weights=(1, 2, 1))
    unsafe = as_trl_parts(BRIER, weights=(1, 2, 1), allow_unsafe=True)
    assert unsafe.weights == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weights": (1, 1)}, r"none of them negative, got \(1, 1\)"),
        ({"weights": (1, 1, -1)}, r"none of them negative, got \(1, 1, -1\)"),
        ({"missing": 0}, "leave out `missing`"),
        (
            {"weights": (1, 0.5, 1), "config": {"reward_weights": [1, 1, 1]}},
            r"must be the same: got \(1, 0.5, 1\) and \(1, 1, 1\)",
        ),
        ({"weights": (1, 0.5, 1), "config": {"scale_rewards": "none"}}, r"and \(1, 1, 1\)"),
    ],
)
def test_bad_weights_are_refused(options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        as_trl_parts(BRIER, **options)


def test_weights_are_those_of_the_configuration() -> None:
    config = SimpleNamespace(scale_rewards="none", reward_weights=[1.0, 0.5, 0.1])
    parts = as_trl_parts(BRIER, config=config)
    assert parts.weights == [1.0, 0.5, 0.1]
    assert as_trl_parts(BRIER).weights == [1.0, 1.0, 1.0]  # TRL's default
    assert as_trl_parts(BRIER, weights=(Fraction(1), 0.1, 0)).text == "c - 1/10*(q - c)^2"


def test_a_judge_is_asked_once_for_all_parts() -> None:
    """It may contradict itself, and then accuracy and score would be of two verdicts."""
    asked: list[str] = []

    async def judge(answer: str, truth: object, prompt: str) -> bool:
        asked.append(prompt)
        right = len(asked) % 2 == 1
        await asyncio.sleep(0)
        return right

    parts = as_trl_parts(BRIER, checker=judge)
    given = batch([said("4", "1"), said("4", "0.5")])
    paid = [function(**given) for function in parts.functions]
    assert len(asked) == 2
    assert paid == [[1.0, 0.0], [-0.0, -0.25], [1.0, 1.0]]
    parts.functions[1](**batch([said("4", "1")]))  # another batch
    assert len(asked) == 3


def test_parts_have_names_log_once_and_travel() -> None:
    parts, metrics = as_trl_parts(BRIER, name="rlcr"), {}
    given = {**batch(TEXTS), "log_metric": metrics.__setitem__}
    for function in pickle.loads(pickle.dumps(parts)).functions:
        function(**given)
    assert [function.__name__ for function in parts.functions] == [
        "rlcr_accuracy",
        "rlcr_score",
        "rlcr_format",
    ]
    assert metrics["rlcr/unreadable"] == pytest.approx(1 / 3)


def test_a_truth_of_none_is_left_out_by_every_part() -> None:
    parts = as_trl_parts(BRIER, no_truth="skip")
    given = {**batch(TEXTS[:2]), "solution": [None, "4"]}
    assert [function(**given)[0] for function in parts.functions] == [None] * 3


# ----------------------------------------------------------------------------------- configurations


def warned(make: Any) -> list[str]:
    with warnings.catch_warnings(record=True, action="always") as caught:
        make()
    assert all(one.category is ConfigWarning for one in caught)
    return [str(one.message) for one in caught]


class GRPOConfig(SimpleNamespace):
    """As much of TRL's class as is asked for; its name tells it from RLOO's."""


class RLOOConfig(SimpleNamespace):
    """Likewise."""


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (GRPOConfig(scale_rewards="group"), "`scale_rewards` = group: advantages are divided"),
        (GRPOConfig(), "`scale_rewards` = group"),  # TRL's default
        (
            GRPOConfig(multi_objective_aggregation="normalize_then_sum"),
            "which destroys their weights",
        ),
        (RLOOConfig(beta=0.05), "KL divergence from the reference is subtracted from the reward"),
    ],
)
def test_a_configuration_that_undoes_the_reward_is_told(config: Any, words: str) -> None:
    (message,) = warned(lambda: as_trl(RLCR, config=config))
    assert message.startswith("TRL does not optimise this reward: ")
    assert words in message


@pytest.mark.parametrize(
    "config",
    [
        None,
        GRPOConfig(scale_rewards="none", num_generations=16),
        GRPOConfig(scale_rewards=False),
        GRPOConfig(scale_rewards="batch"),
        RLOOConfig(beta=0.0),
        {"scale_rewards": "none", "learning_rate": 1e-6},
    ],
)
def test_a_configuration_that_keeps_it_is_not(config: Any) -> None:
    assert warned(lambda: as_trl(RLCR, config=config)) == []


def test_parts_are_checked_under_gdpo_as_parts() -> None:
    """Theorem 33: each function is divided by its own standard deviation."""
    config = GRPOConfig(multi_objective_aggregation="normalize_then_sum")
    (message,) = warned(lambda: as_trl_parts(BRIER, config=config))
    assert "which destroys their weights (Theorem 33)" in message
    assert warned(lambda: as_trl_parts(BRIER, config=GRPOConfig(scale_rewards="none"))) == []


def test_a_configuration_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="`scale_rewards` must be group, batch or none"):
        as_trl(RLCR, config=GRPOConfig(scale_rewards="always"))
