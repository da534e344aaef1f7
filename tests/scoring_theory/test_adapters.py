"""Reading completions, scoring them, and each trainer's way of calling."""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import pickle
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import parse
from scoring_theory.adapters import (
    UnreadableError,
    as_openrlhf,
    as_trl,
    as_verifiers,
    as_verl,
    exact_match,
    math_verify,
    read_confidence,
    read_tag,
    reply_text,
    scorer,
)
from scoring_theory.adapters.payoff import beta_cdf, payoff
from scoring_theory.published import PUBLISHED
from scoring_theory.reward import Reward
from scoring_theory.rules import CATALOGUE

RLCR = Reward.parse("c - (q - c)**2")
LOG = Reward.parse("c + log(1 - abs(q - c))")
FULL = "<think>2 and 2</think>\n<answer> 4 </answer>\n<analysis>easy</analysis>\n<confidence>0.9</confidence>"


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


# ------------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.7", 0.7), (" .7 ", 0.7), ("70%", 0.7), ("70 %", 0.7), ("7/10", 0.7), ("1", 1.0), ("0", 0.0), ("1e-1", 0.1),
     ("+0.5", 0.5), ("-0", 0.0), ("100%", 1.0), ("3 / 4", 0.75), ("99.5%", 0.995)],
)  # fmt: skip
def test_confidences_that_are_read(text: str, value: float) -> None:
    assert read_confidence(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "nan", "NaN", "inf", "-inf", "high", "85", "1.0001", "-0.1", "101%", "1/0", "7/5", "0,7", "0.7 or so", "0.7%%",
     "٠.٧", "1e999", "0x1", "1_0", "--0.5", "0.5\n0.6", "9" * 400],
)  # fmt: skip
def test_confidences_that_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_confidence(text)


@given(st.text(max_size=30))
def test_whatever_is_read_is_a_probability(text: str) -> None:
    try:
        value = read_confidence(text)
    except UnreadableError:
        return
    assert 0 <= value <= 1


@given(st.fractions(0, 1, max_denominator=999))
def test_a_fraction_is_read_to_the_nearest_float(value: Any) -> None:
    assert read_confidence(f"{value.numerator}/{value.denominator}") == float(value)


def test_what_is_thought_is_not_what_is_answered() -> None:
    text = f"<think>maybe {said('5', '0.1')}</think>{said('4', '0.9')}"
    assert (read_tag(text, "answer"), read_tag(text, "confidence")) == ("4", "0.9")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<answer>4",
        "4</answer>",
        "<answer>4</answer></answer>",
        "</answer>4<answer>",
        "<answer>4</answer><answer>5</answer>",
        "<ANSWER>4</ANSWER>",
    ],
)
def test_tags_that_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_tag(text, "answer")


def test_replies_of_conversations() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert reply_text([{"role": "assistant", "content": parts}]) == "ab"
    assert reply_text([{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]) == "x"
    assert reply_text([{"role": "assistant", "content": "first"}, {"role": "assistant", "content": "last"}]) == "last"
    assert reply_text([{"role": "assistant", "content": None}]) == ""
    with pytest.raises(UnreadableError):
        reply_text([{"role": "user", "content": "y"}])
    with pytest.raises(TypeError, match="completion must be"):
        reply_text(["4"])  # type: ignore[list-item]  # what a miswired trainer would send


def test_exact_match() -> None:
    same = [("the  Nile.", "The Nile"), ("50%", "50%"), ("4", ["four", "4"]), ("4", 4)]
    different = [("-4", "4"), ("0.5", "05"), ("", ""), ("50%", "50"), ("4", [])]
    assert all(exact_match(*pair) for pair in same)
    assert not any(exact_match(*pair) for pair in different)


def test_math_verify_knows_equal_numbers() -> None:
    pytest.importorskip("math_verify")
    assert math_verify("1/2", r"\frac12")
    assert math_verify("0.5", "1/2")
    assert not math_verify("0.6", "1/2")


# ------------------------------------------------------------------------------------------------ payoffs


ALL_RULES = {**{name: rule() for name, rule in CATALOGUE.items()}, **{n: p.reward for n, p in PUBLISHED.items()}}


@pytest.mark.parametrize("name", [name for name, reward in ALL_RULES.items() if not reward.free_parameters])
def test_scalar_payoffs_are_those_of_the_reward(name: str) -> None:
    reward, levels = ALL_RULES[name], np.linspace(0, 1, 41)
    for node, c in ((reward.on_correct, 1), (reward.on_wrong, 0)):
        expected = reward.payoff(levels, c)
        np.testing.assert_allclose([payoff(node, float(q)) for q in levels], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("text", "q", "value"),
    [("(1 - q)*log(1 - q)", 1.0, 0.0), ("q^(-1/2)", 0.0, math.inf), ("-q/(1 - q)", 1.0, -math.inf), ("0/q", 0.5, 0.0),
     ("exp(1000)", 0.5, math.inf), ("not q > 1/2", 0.5, 1.0), ("2 if q >= 1/2 and q < 1 else log(q - 1)", 0.5, 2.0)],
)  # fmt: skip
def test_payoffs_at_the_edges(text: str, q: float, value: float) -> None:
    assert payoff(parse(text), q) == value


def test_beta_cdf_against_scipy() -> None:
    from scipy.special import betainc

    x, a, b = np.meshgrid([0.0, 1e-4, 0.1, 0.5, 0.77, 0.9999, 1.0], [0.1, 0.5, 1, 2, 50], [0.1, 0.5, 1, 2, 50])
    np.testing.assert_allclose(np.vectorize(beta_cdf)(x, a, b), betainc(a, b, x), atol=1e-12)


def test_a_payoff_without_a_value_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="has no value at confidence"):
        payoff(parse("log(q - 1)"), 0.5)
    with pytest.raises(ValueError, match="`lam` needs a value"):
        payoff(parse("lam", ["lam"]), 0.5)


# ------------------------------------------------------------------------------------------------ scores


def test_a_score_says_everything() -> None:
    score = scorer(RLCR)(FULL, "4")
    assert score.reward == pytest.approx(1 - 0.1**2)
    assert (score.correct, score.confidence, score.format_ok, score.problem) == (True, 0.9, True, "")
    assert sum(score.components.values()) == pytest.approx(score.reward)


@pytest.mark.parametrize(
    "text", ["4", "<answer>4</answer>", said("4", "nan"), said("4", "120%"), said("4", "") + said("4", "1")]
)
def test_leaving_the_confidence_out_never_pays(text: str) -> None:
    """The worst honest payoff of RLCR is R(1, 0) = -1: an answer that is wrong and sure."""
    score = scorer(RLCR)(text, "4")
    assert (score.reward, score.confidence, score.format_ok) == (-1.0, None, False)
    assert score.problem


def test_leaving_the_answer_out_never_pays_either() -> None:
    """A sure confidence on no answer must not be graded as a wrong answer of a confidence of one's choice."""
    score = scorer(RLCR)("<confidence>0</confidence>", "4")
    assert (score.reward, score.confidence, score.correct) == (-1.0, 0.0, False)


def test_correctness_is_still_logged_when_the_confidence_is_missing() -> None:
    score = scorer(RLCR, missing=-2)("<answer>4</answer>", "4")
    assert (score.correct, score.reward, score.components) == (True, -2.0, {"correctness": 1.0, "calibration": -3.0})


@pytest.mark.parametrize("missing", [math.nan, math.inf, "best"])
def test_a_missing_reward_is_a_finite_number(missing: Any) -> None:
    with pytest.raises(ValueError, match="`missing` must be a finite number"):
        scorer(RLCR, missing=missing)


def test_an_unbounded_reward_needs_a_word_about_missing_values() -> None:
    with pytest.raises(ValueError, match="the worst payoff is -inf"):
        scorer(LOG, allow_unsafe=True)
    grade = scorer(LOG, allow_unsafe=True, missing=-10)
    assert grade(said("4", "0.5"), "4").reward == pytest.approx(1 - math.log(2))
    with pytest.raises(ValueError, match=r"pays -inf at confidence 1\.0 when wrong"):
        grade(said("5", "1"), "4")


def test_an_unsafe_reward_is_refused_unless_asked_for() -> None:
    with pytest.raises(ValueError, match="refuted"):
        scorer(Reward.parse("c - 2*(q - c)**2"))
    with pytest.raises(ValueError, match="got lam without one"):
        scorer(Reward.parse("c - lam*(q - c)**2", lam="0 < lam <= 1"))
    assert scorer(Reward.parse("c"))(said("4", "0.3"), "4").reward == 1.0  # ties are no danger


def test_a_scorer_travels_to_workers() -> None:
    grade = pickle.loads(pickle.dumps(scorer(RLCR)))
    assert grade(FULL, "4") == scorer(RLCR)(FULL, "4")


# ------------------------------------------------------------------------------------------------ trainers


class Trl:
    """Calls a reward as TRL 1.16's GRPOTrainer does: keywords only, dataset columns, two loggers, sync or async."""

    def __init__(self) -> None:
        self.extra: dict[str, list[object]] = {}
        self.metrics: dict[str, float] = {}

    def call(self, function: Any, completions: Sequence[object], **columns: Sequence[object]) -> list[float]:
        keywords = {
            "prompts": ["2 + 2?"] * len(completions),
            "completions": completions,
            "completion_ids": [[1, 2]] * len(completions),
            **columns,
            "trainer_state": SimpleNamespace(global_step=3),
            "log_extra": self.extra.__setitem__,
            "log_metric": self.metrics.__setitem__,
        }
        given: Any = function(**keywords)
        rewards: list[float] = asyncio.run(given) if inspect.iscoroutine(given) else given
        assert len(rewards) == len(completions)
        assert all(isinstance(one, float) for one in rewards)
        return rewards


@pytest.mark.parametrize("asynchronous", [False, True])
def test_trl(asynchronous: Any) -> None:
    trainer, function = Trl(), as_trl(RLCR, asynchronous=asynchronous, name="rlcr")
    texts = [said("4", "0.5"), said("5", "0.5"), "4"]
    assert trainer.call(function, texts, solution=["4"] * 3) == [0.75, -0.25, -1.0]
    chats = [[{"role": "assistant", "content": text}] for text in texts]
    assert trainer.call(function, chats, solution=["4"] * 3) == [0.75, -0.25, -1.0]
    assert trainer.extra["confidence"] == [0.5, 0.5, None]
    assert trainer.metrics["rlcr/format_ok"] == pytest.approx(2 / 3)
    assert trainer.metrics["rlcr/confidence"] == 0.5
    assert function.__name__ == "rlcr"
    assert inspect.iscoroutinefunction(function) is asynchronous


def test_trl_takes_another_column_and_names_a_missing_one() -> None:
    assert Trl().call(as_trl(RLCR, truth="gold"), [said("4", "1")], gold=["4"]) == [1.0]
    with pytest.raises(ValueError, match=r"no column `solution` \(it has gold, trainer_state\)"):
        Trl().call(as_trl(RLCR), [said("4", "1")], gold=["4"])


def test_verl() -> None:
    compute_score = functools.partial(as_verl(RLCR), some_reward_kwarg=1)  # verl binds reward_kwargs like this
    good = compute_score(data_source="gsm8k", solution_str=said("4", "0.5"), ground_truth="4", extra_info={"index": 0})
    bad = compute_score(data_source="gsm8k", solution_str="4", ground_truth="4")
    assert (good["score"], good["acc"], good["confidence"]) == (0.75, 1.0, 0.5)
    assert (bad["score"], bad["format_ok"], bad["confidence"]) == (-1.0, 0.0, -1.0)
    assert good.keys() == bad.keys()
    assert all(isinstance(value, float) for value in {**good, **bad}.values())


def test_openrlhf_one_sample_at_a_time_in_a_thread() -> None:
    prompt = "<|im_start|>user\nWrite <answer>..</answer><confidence>..</confidence>.<|im_end|>"
    reward_func = as_openrlhf(RLCR)
    result = asyncio.run(asyncio.to_thread(reward_func, [f"{prompt}{said('4', '0.5')}<|im_end|>"], [prompt], ["4"]))
    assert (result["rewards"], result["scores"]) == (0.75, 0.75)
    assert result["extra_logs"] == {
        "confidence": 0.5, "correct": 1.0, "format_ok": 1.0, "correctness": 1.0, "calibration": -0.25,
    }  # fmt: skip


def test_openrlhf_finds_the_seam_and_refuses_a_strange_one() -> None:
    reward_func = as_openrlhf(RLCR)
    assert reward_func([f"<s>hi {said('4', '0.5')}</s>"], ["hi "], ["4"])["rewards"] == 0.75
    many = reward_func([f"a{said('4', '1')}", f"b{said('5', '1')}"], ["a", "b"], ["4", "4"])
    assert (many["rewards"], many["extra_logs"]["correct"]) == ([1.0, -1.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="must start with its prompt"):
        reward_func(["hello"], ["hi"], ["4"])


def test_verifiers_adds_components_up() -> None:
    class Task:
        """The parts of verifiers' Task that a reward method meets."""

        data = SimpleNamespace(answer="4", gold="5")
        rlcr = as_verifiers(RLCR, name="rlcr")
        other = as_verifiers(RLCR, truth=lambda task: task.data.gold)

    trace = SimpleNamespace(last_reply=said("4", "0.5"))
    assert sum(asyncio.run(Task().rlcr(trace)).values()) == 0.75
    assert sum(asyncio.run(Task().other(trace)).values()) == -0.25
    assert sum(asyncio.run(Task().rlcr(SimpleNamespace(last_reply=None))).values()) == -1.0
    assert inspect.iscoroutinefunction(Task.rlcr)
    assert list(inspect.signature(Task.rlcr).parameters) == ["self", "trace"]
