"""Reading completions and scoring them, whatever they hold."""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from fractions import Fraction
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs import floats
from proofs.kernel.formula import Node, parse
from scoring_theory.adapters import UnsafeRewardError, as_openrlhf, as_trl, as_verl, scorer
from scoring_theory.adapters.bundle import _joined
from scoring_theory.adapters.openrlhf import _overlap
from scoring_theory.adapters.payoff import Payoff, as_python
from scoring_theory.adapters.score import expected
from scoring_theory.adapters.scorer import _stated, agreed_terms, payoffs
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checkers import (
    TruthError,
    accepted_answers,
    event,
    exact_match,
    math_verify,
)
from scoring_theory.readers import UnreadableError, read_confidence, reply_text
from scoring_theory.reward import Reward
from tests.support.examples import examples

RLCR = Reward.parse("c - (q - c)**2")
GRADE = scorer(RLCR)
FULL = (
    "<think>2 and 2</think>\n<answer> 4"
    " </answer>\n<analysis>easy</analysis>\n<confidence>0.9</confidence>"
)


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


# ------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7", 0.7),
        (" .7 ", 0.7),
        ("70%", 0.7),
        ("70 %", 0.7),
        ("7/10", 0.7),
        ("1", 1.0),
        ("0", 0.0),
        ("1e-1", 0.1),
        ("+0.5", 0.5),
        ("-0", 0.0),
        ("100%", 1.0),
        ("3 / 4", 0.75),
        ("99.5%", 0.995),
    ],
)
def test_confidences_that_are_read(text: str, value: float) -> None:
    assert read_confidence(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "high",
        "85",
        "1.0001",
        "-0.1",
        "101%",
        "1/0",
        "7/5",
        "0,7",
        "0.7 or so",
        "0.7%%",
        "٠.٧",
        "1e999",
        "0x1",
        "1_0",
        "--0.5",
        "0.5\n0.6",
        "9" * 400,
    ],
)
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


def test_replies_of_conversations() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert reply_text([{"role": "assistant", "content": parts}]) == "ab"
    assert (
        reply_text([{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]) == "x"
    )
    assert (
        reply_text(
            [{"role": "assistant", "content": "first"}, {"role": "assistant", "content": "last"}]
        )
        == "last"
    )
    assert reply_text([{"role": "assistant", "content": None}]) == ""
    with pytest.raises(UnreadableError):
        reply_text([{"role": "user", "content": "y"}])
    with pytest.raises(TypeError, match="completion must be"):
        reply_text(["4"])  # type: ignore[list-item]  # what a miswired trainer would send
    faults: list[Any] = [None, 4]
    for miswired in faults:
        with pytest.raises(
            TypeError,
            match=f"completion must be a string or a sequence of messages, got {miswired}",
        ):
            reply_text(miswired)


def test_exact_match() -> None:
    same = [("the  Nile.", "The Nile"), ("50%", "50%"), ("4", ["four", "4"]), ("4", 4)]
    different = [("-4", "4"), ("0.5", "05"), ("", "4"), ("50%", "50")]
    assert all(exact_match(*pair) for pair in same)
    assert not any(exact_match(*pair) for pair in different)


def test_math_verify_knows_equal_numbers() -> None:
    pytest.importorskip("math_verify")
    assert math_verify("1/2", r"\frac12")
    assert math_verify("0.5", "1/2")
    assert not math_verify("0.6", "1/2")


# ------------------------------------------------------------------------------------------ payoffs


ALL_RULES = {name: entry() for name, entry in CATALOGUE.items()}


@pytest.mark.parametrize(
    "name", [name for name, reward in ALL_RULES.items() if not reward.free_parameters]
)
def test_scalar_payoffs_are_those_of_the_reward(name: str) -> None:
    reward, levels = ALL_RULES[name], np.linspace(0, 1, 41)
    for node, c in ((reward.on_correct, 1), (reward.on_wrong, 0)):
        expected = reward.payoff(levels, c)
        paid = Payoff.of(node)
        np.testing.assert_allclose(
            [paid(float(q)) for q in levels], expected, rtol=1e-12, atol=1e-14
        )


def written(node: Node) -> Callable[[float], float]:
    """The expression of an exported file, run with nothing but `proofs.floats`, as the file does
    inside (0, 1).
    """
    code = compile(as_python(node), "written", "eval")
    known = {key: value for key, value in vars(floats).items() if callable(value)}
    return lambda q: eval(code, {**known, "math": math, "q": q, "x": floats.stated(q)})


@pytest.mark.parametrize(
    "name", [name for name, reward in ALL_RULES.items() if not reward.free_parameters]
)
def test_written_payoffs_pay_the_same(name: str) -> None:
    for node in (ALL_RULES[name].on_correct, ALL_RULES[name].on_wrong):
        text, tree = written(node), Payoff.of(node)
        for q in (1e-300, 0.1, 0.25, 0.5, 2 / 3, 0.9):
            assert text(q) == tree(q)


@pytest.mark.parametrize(
    "text",
    [
        "(1e200*q)^2 - 1e300",
        "q^200*1e140*1e140",
        "1e200*(q + 1)*1e200",
        "(q < 1/2 or not q > 1/4)/3",
        "-2^q",
        "(-2)^3*q",
        "min(q, 1/3, max(q^2, 1/5))",
        "1/(1e-200*q)",
        "q if 1/3 < q <= 2/3 else -q",
        "0*log(q) + q*log(q)",
        "clip(1/q, 2, 3) if 1/(2*q) > 1 and q != 1/4 or q*(1 - q) == 6/25 else abs(log(q))",
        "(q > 1/3)/(2 + (q > 1/4))",
        "(1/(2 + 1)*q > 1/3*q) + (q/3 <= 1/7*q)",
        "log(q) if not log(q) < -1 else exp(q)",
        "1e400*q",
        "(q - 1/2)^(-2)",
    ],
)
def test_written_payoffs_agree_at_the_edges(text: str) -> None:
    node = parse(text)
    for q in (1e-9, 0.2, 0.25, 0.4, 0.5, 0.6, 0.999):
        tree = floats.in_floats(node)(q)
        assert written(node)(q) == tree or (math.isnan(written(node)(q)) and math.isnan(tree))


@pytest.mark.parametrize(
    ("text", "q", "value"),
    [
        ("(1 - q)*log(1 - q)", 1.0, 0.0),
        ("q^(-1/2)", 0.0, math.inf),
        ("-q/(1 - q)", 1.0, -math.inf),
        ("0/q", 0.5, 0.0),
        ("q*(1/q)", 0.0, 1.0),
        ("(1 - q)*(1/(1 - q))", 1.0, 1.0),
        ("1/(2 + 1/(0 - q))", 0.0, 0.0),
        ("log(q - 1/2) if q > 1/2 else 0", 0.5, 0.0),
        ("(q > 1/2)*log(q - 1/2)", 0.25, 0.0),
        ("not q > 1/2", 0.5, 1.0),
        ("2 if q >= 1/2 and q < 1 else q", 0.5, 2.0),
        ("(q - 1/2)/(q - 1/2)", 0.5, 0.0),
    ],
)
def test_payoffs_at_the_edges(text: str, q: float, value: float) -> None:
    assert Payoff.of(parse(text))(q) == value


def test_an_overflow_is_not_an_infinity() -> None:
    for text in (
        "exp(1000)",
        "log(exp(1000*q))",
        "(1e200*q)*(1e200*q)",
        "(1e200*q)^2",
        "1/(1e-320*q)",
        "1e400*q",
    ):
        with pytest.raises(ValueError, match=r"no value in floating point at confidence 0\.9"):
            Payoff(parse(text), (0.0, 0.0))(0.9)


def test_a_payoff_without_a_value_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"no value in floating point at confidence 0\.5"):
        Payoff.of(parse("log(q - 1) if q == 1/2 else 0"))(0.5)
    with pytest.raises(ValueError, match="no known value at confidence 0"):
        Payoff.of(parse("log(q - 1)"))
    with pytest.raises(ValueError, match="`lam` needs a value"):
        Payoff.of(parse("lam", ["lam"]))


# ------------------------------------------------------------------------------------------- scores


def test_a_score_says_everything() -> None:
    score = scorer(RLCR)(FULL, "4")
    assert score.reward == pytest.approx(1 - 0.1**2)
    assert (score.correct, score.confidence, score.format_ok, score.problem) == (
        True,
        0.9,
        True,
        "",
    )
    assert sum(score.components.values()) == pytest.approx(score.reward)


@pytest.mark.parametrize(
    "text",
    [
        "4",
        "<answer>4</answer>",
        said("4", "nan"),
        said("4", "120%"),
        said("4", "") + said("4", "1"),
    ],
)
def test_leaving_the_confidence_out_never_pays(text: str) -> None:
    """The worst honest payoff of RLCR is R(1, 0) = -1: an answer that is wrong and sure."""
    score = scorer(RLCR)(text, "4")
    assert (score.reward, score.confidence, score.format_ok) == (-1.0, None, False)
    assert score.problem


def test_leaving_the_answer_out_never_pays_either() -> None:
    """A sure confidence on no answer must not be graded as a wrong answer of a confidence of one's
    choice.
    """
    score = scorer(RLCR)("<confidence>0</confidence>", "4")
    assert (score.reward, score.confidence, score.correct) == (-1.0, 0.0, False)


def test_correctness_is_still_logged_when_the_confidence_is_missing() -> None:
    score = scorer(RLCR, missing=-2)("<answer>4</answer>", "4")
    assert (score.correct, score.reward, score.components) == (
        True,
        -2.0,
        {"correctness": 1.0, "unreadable": -3.0},
    )


@pytest.mark.parametrize("missing", [-2, Fraction(-2), np.float32(-2)])
def test_a_missing_reward_is_a_number_of_any_kind(missing: Any) -> None:
    assert repr(scorer(RLCR, missing=missing)("", "4").reward) == "-2.0"


@pytest.mark.parametrize("missing", [math.nan, math.inf, "best", True])
def test_a_missing_reward_is_a_finite_number(missing: Any) -> None:
    with pytest.raises(ValueError, match="`missing` must be a finite number"):
        scorer(RLCR, missing=missing)


def test_a_payoff_that_is_not_finite_is_refused_before_training() -> None:
    """An infinite payoff would stop a run at the first text that says 100%."""
    for text in ("c + log(1 - abs(q - c))", "q + (1 - c)*log(1 - q)", "c/q", "c + 1/(q - 1/2)"):
        with pytest.raises(
            ValueError, match=r"write a bound into the formula|has no finite payoff"
        ):
            scorer(Reward.parse(text), allow_unsafe=True)
    bounded = scorer(
        Reward.parse("c + log(1 - abs(clip(q, 1/100, 99/100) - c))"), allow_unsafe=True
    )
    assert bounded(said("5", "1"), "4").reward == pytest.approx(math.log(1 / 100))


def test_an_unsafe_reward_is_refused_unless_asked_for() -> None:
    with pytest.raises(UnsafeRewardError, match="is refuted: p = 1/4: expected reward"):
        scorer(Reward.parse("c - 2*(q - c)**2"))
    with pytest.raises(UnsafeRewardError, match="refuted"):  # rather than a word about infinities
        scorer(Reward.parse("c + log(1 - abs(q - c))"))
    with pytest.raises(ValueError, match="got lam without one"):
        scorer(Reward.parse("c - lam*(q - c)**2", lam="0 < lam <= 1"))
    with pytest.raises(ValueError, match="got z without one"):
        scorer(Reward.parse("c - (q - c)**2 - (1 - c)*z", z="0 < z <= 1"))
    assert (
        scorer(Reward.parse("c - 2*(q - c)**2"), allow_unsafe=True)(said("5", "1"), "4").reward
        == -2.0
    )
    assert scorer(Reward.parse("c"))(said("4", "0.3"), "4").reward == 1.0  # ties are no danger


# ----------------------------------------------------------------------------------------- omission


def test_what_is_earned_without_a_confidence_must_not_pay() -> None:
    """RLCR: inf R = R(1, 0) = -1, V(p) = p^2 >= V(0) = 0. Above 0, omission beats honesty on hard
    questions.
    """
    with pytest.raises(
        UnsafeRewardError,
        match=r"`missing` = 0.01 is a loophole: .* hardest questions is 0, less than",
    ):
        scorer(RLCR, missing=0.01)
    with pytest.warns(UserWarning, match="a confident error, which is as low as -1"):
        scorer(RLCR, missing=0)
    for missing in (-1, -1.5):
        assert (
            scorer(RLCR, missing=missing).missing == missing
        )  # and no warning, which would be an error here
    assert scorer(RLCR, missing=1, allow_unsafe=True)("", "4").reward == 1.0
    with pytest.warns(UserWarning, match="a confident error"):  # V(0) = 1
        assert scorer("1 + c - (q - c)^2", missing=1).missing == 1


def test_a_payoff_that_differs_from_the_checked_formula_is_refused(monkeypatch: Any) -> None:
    inside = Payoff.__call__
    for error, fine in ((1e-12, True), (1e-8, False), (math.nan, False)):

        def paid(payoff: Payoff, q: float, error: float = error) -> float:
            return inside(payoff, q) + (error if q == 0.3 else 0.0)

        monkeypatch.setattr(Payoff, "__call__", paid)
        if fine:
            assert payoffs(RLCR)[0](0.5) == 0.75
        else:
            with pytest.raises(ValueError, match=r"at confidence 0\.3 floating point gives"):
                payoffs(RLCR)


def test_what_is_decided_before_training_cannot_be_changed() -> None:
    terms = agreed_terms(RLCR, missing="worst", checker=exact_match, allow_unsafe=False)
    for one in (terms, terms.on_correct, GRADE, GRADE(said("4", "0.9"), "4")):
        with pytest.raises(FrozenInstanceError):
            setattr(one, fields(one)[0].name, None)
    assert "_inside" not in repr(terms.on_correct)


def test_payoffs_are_compared_at_the_hundredths_and_where_the_formula_changes() -> None:
    sides = parse("(q > 1/3)*q"), parse("min(q, 5/7)")
    grid = [Fraction(n, 100) for n in range(101)]
    assert _stated(sides) == sorted([*grid, Fraction(1, 3), Fraction(5, 7)])


def test_the_overlap_is_the_longest_suffix_that_is_a_prefix() -> None:
    texts = ["".join(letters) for n in range(7) for letters in product("ab", repeat=n)]
    for prompt, query in product(texts, texts[:63]):
        sizes = range(min(len(prompt), len(query)), -1, -1)
        assert _overlap(prompt, query) == next(n for n in sizes if prompt.endswith(query[:n]))


def test_the_overlap_after_a_border_of_a_border() -> None:
    assert _overlap("aabaaab", "aabaaa") == 3  # at the end aab, for the a before it may be reused


def test_accepted_answers_keep_their_order_and_sets_get_one() -> None:
    assert accepted_answers(["b", "a"]) == ["b", "a"]
    assert accepted_answers({"b", "a"}) == ["a", "b"]


def test_an_event_may_be_a_digit_or_a_word() -> None:
    assert [event(x) for x in ("1", 1, 1.0, True, "Yes")] == [True] * 5
    assert [event(x) for x in ("0", 0, 0.0, False, "No")] == [False] * 5


def test_a_certain_score_counts_one_payoff_even_beside_an_infinite_one() -> None:
    def ruin(_: float) -> float:
        return -math.inf

    assert expected(1, 0.0, lambda q: 1 + q, ruin) == 1
    assert expected(0, 0.0, ruin, lambda q: 2 + q) == 2


def test_a_parameter_of_one_payoff_needs_a_value_as_well() -> None:
    for text in ("c*lam - q^2", "c - (1 - c)*lam"):
        with pytest.raises(ValueError, match=r"every parameter needs a value .* got lam"):
            scorer(Reward.parse(text, lam="0 < lam <= 1"))


def test_a_score_is_refused_with_what_to_do_and_another_reward_with_what_fails() -> None:
    with pytest.raises(UnsafeRewardError, match=r"it is a score, .* add it to c with a weight"):
        scorer("-(q - c)^2")
    for reward in ("c - 2*(q - c)^2", "c - abs(q - c)"):
        with pytest.raises(UnsafeRewardError) as refused:
            scorer(reward)
        assert "it is a score" not in str(refused.value)


def test_to_omit_the_confidence_must_not_earn_more_than_the_truth_on_the_hardest_questions() -> (
    None
):
    scorer("c - (q - c)^2 - 1", missing=-2)
    with pytest.raises(UnsafeRewardError, match=r"-0.5 is a loophole"):
        scorer("c - (q - c)^2 - 1", missing=-0.5)


def test_openrlhf_gets_numbers_for_one_sample_and_lists_otherwise() -> None:
    reward_func = as_openrlhf(RLCR)
    one = reward_func(["Q? <answer>4</answer>"], ["Q? "], ["4"])
    assert (one["rewards"], one["scores"]) == (-1, -1)
    none = reward_func([], [], [])
    assert none == {"rewards": [], "scores": [], "extra_logs": {}}


def test_consecutive_constants_of_a_bundle_are_one_block() -> None:
    pieces = ["A = 1", "B = 2", "def f():\n    pass", "C = 3", "D = 4"]
    blocks = _joined(pieces, [piece for piece in pieces if "=" in piece])
    assert blocks == ["A = 1\nB = 2", "def f():\n    pass", "C = 3\nD = 4"]


@examples(40)
@given(st.fractions(0, 1, max_denominator=20), st.fractions(-2, 2, max_denominator=40))
def test_no_admitted_omission_beats_honesty(margin: Any, missing: Any) -> None:
    """Against the definition, on a grid of p of its own: some p with V(p) < missing is a loophole,
    and only that.

    R = m c + (1 - m)(c - (q - c)^2) is safe, with V(p) = m p + (1 - m) p^2, smallest at p = 0.
    """
    reward = Reward.parse("m*c + (1 - m)*(c - (q - c)^2)", m=margin)
    loophole = any(margin * p + (1 - margin) * p * p < missing for p in (n / 64 for n in range(65)))
    with warnings.catch_warnings(action="ignore"):
        if loophole:
            with pytest.raises(UnsafeRewardError, match="loophole"):
                scorer(reward, missing=float(missing))
        else:
            assert scorer(reward, missing=float(missing)).missing == float(missing)


# ------------------------------------------------------------------------------------ hostile texts


HOSTILE = {
    "huge": "<answer>4</answer><confidence>" + "9" * 1_000_000 + "</confidence>",
    "huge answer": f"<answer>{'4' * 1_000_000}</answer><confidence>0</confidence>",
    "many tags": "<answer>" * 200_000 + "<confidence>" * 200_000,
    "nested": "<answer><answer>4</answer></answer><confidence>0.9</confidence>",
    "confidence in confidence": (
        "<answer>4</answer><confidence><confidence>1</confidence></confidence>"
    ),
    "crossed": "<answer>4<confidence>0.9</answer></confidence>",
    "two answers": said("5", "0.9") + said("4", "0.9"),
    "two confidences": said("4", "0") + "<confidence>1</confidence>",
    "unicode digits": said("4", "\u0660.\u0667"),
    "full-width digits": said("4", "\uff10.\uff17"),
    "huge exponent": said("4", "1e400%"),
    "tiny denominator": said("4", "1/1e-99"),
    "negative": said("4", "-0.2"),
    "negative percentage": said("4", "-5%"),
    "nan": said("4", "nan"),
    "inf": said("4", "inf"),
    "words": said("4", "very sure"),
    "an expression": said("4", "__import__('os').getpid()"),
    "null bytes": said("4", "0.5\x000"),
    "surrogates": said("4", "\ud800"),
    "no closing tag": "<answer>4</answer><confidence>0.9",
    "in the thinking only": f"<think>{said('4', '0.9')}</think>",
    "thinking that does not end": f"<think>{said('4', '0.9')}",
    "thinking again": f"<think>so</think>{said('4', '0.9')}<think>or",
    "thinking after": f"{said('4', '0.9')}</think>",
    "empty": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_earn_the_worst_payoff_and_never_raise(name: str) -> None:
    score = scorer(RLCR)(HOSTILE[name], "4")
    if name == "huge answer":  # it says what was asked for, and is wrong
        assert (score.reward, score.correct, score.format_ok) == (0.0, False, True)
        return
    assert (score.reward, score.format_ok) == (-1.0, False)
    assert 0 < len(score.problem) < 400


@given(st.text(), st.text().filter(str.strip))
def test_no_text_raises_or_earns_more_than_the_best_payoff(text: str, truth: str) -> None:
    for said_so in (
        text,
        said(text, "1"),
        said(truth, text),
        [{"role": "assistant", "content": text}],
    ):
        score = GRADE(said_so, truth)
        assert -1 <= score.reward <= 1
        assert score.format_ok or score.reward == -1


def test_a_checker_that_fails_is_told_and_stops_nothing() -> None:
    def broken(answer: str, truth: object) -> bool:
        raise RecursionError("too deep")

    grade = scorer(RLCR, checker=broken)
    with pytest.warns(RuntimeWarning, match="the checker failed with RecursionError"):
        score = grade(said("4", "0.9"), "4")
    assert (score.reward, score.confidence, score.format_ok) == (-1.0, 0.9, False)
    assert "on the answer '4'" in score.problem


def test_a_checker_whose_package_is_missing_is_no_fault_of_the_text() -> None:
    def elsewhere(answer: str, truth: object) -> bool:
        raise ImportError("no such package")

    with pytest.raises(ImportError, match="no such package"):
        scorer(RLCR, checker=elsewhere)(said("4", "0.9"), "4")


@pytest.mark.parametrize("verdict", [0.5, None, "no", (False, "off by one"), {"correct": False}])
def test_a_checker_that_says_neither_yes_nor_no_stops_the_run(verdict: Any) -> None:
    """Python takes each of these for a truth value, most of them for True."""
    with pytest.raises(TypeError, match="the checker must return True or False, got"):
        scorer(RLCR, checker=lambda answer, truth: verdict)(said("5", "0.9"), "4")


@pytest.mark.parametrize("yes", [True, np.bool_(True), 1, 1.0])
def test_a_checker_may_say_yes_as_a_number(yes: Any) -> None:
    assert scorer(RLCR, checker=lambda answer, truth: yes)(said("5", "0.9"), "4").correct


@pytest.mark.parametrize(
    "truth",
    [
        ["Paris", "paris city"],
        ("x", "paris"),
        {"paris", "x"},
        np.array(["x", "Paris"]),
        np.array("Paris"),
        np.str_("Paris"),
        [["x"], ["Paris"]],
        np.array([["x", "y"], ["z", "paris"]], dtype=object),
    ],
)
def test_arrays_and_sets_are_lists_of_accepted_answers(truth: object) -> None:
    assert exact_match("Paris", truth)
    assert not exact_match("Rome", truth)
    compute_score = as_verl(RLCR)
    assert compute_score("d", said("Paris", "0.9"), truth, {})["score"] == pytest.approx(0.99)


@pytest.mark.parametrize(
    "truth", [4, 4.0, np.int64(4), np.float32(4), [5, 4.0], np.array([4.0, 7.0]), "4"]
)
def test_numbers_compare_as_numbers(truth: object) -> None:
    assert exact_match("4", truth)
    assert not exact_match("4.1", truth)
    if not isinstance(truth, str):
        assert exact_match("+4.00", truth)
        assert exact_match("4e0", truth)
    assert not exact_match("1e999999999", truth)


@pytest.mark.parametrize(
    ("truth", "complaint"),
    [
        (None, "NoneType None"),
        (float("nan"), "float nan"),
        (np.float64("nan"), "float nan"),
        (float("inf"), "inf"),
        (b"4", "bytes b'4'"),
        ("", "empty text"),
        ("  ", "empty text"),
        ([], "empty list"),
        (np.array([]), "empty list"),
        ({"target": ["4"]}, "keys: 'target'"),
        ({}, "keys: none"),
        (["4", None], "NoneType"),
        (object(), "object"),
        ([b"4"], "bytes"),
        (1j, "complex"),
    ],
)
def test_a_truth_that_no_answer_can_equal_is_an_error_at_its_row(
    truth: object, complaint: str
) -> None:
    with pytest.raises(TruthError, match=complaint):
        exact_match("4", truth)
    reward_function = as_trl(RLCR)
    with pytest.raises(ValueError, match=f"row 1 of the batch: .*{complaint}"):
        reward_function(
            prompts=["a", "b"], completions=[FULL, "nothing to read"], solution=["4", truth]
        )
    with pytest.raises(ValueError, match=complaint):
        as_verl(RLCR)("d", FULL, truth, {})
    with pytest.raises(ValueError, match=f"row 0 .*{complaint}"):
        as_openrlhf(RLCR)([f"2+2? {FULL}"], ["2+2? "], [truth])


def test_one_text_is_not_a_column_of_truths() -> None:
    with pytest.raises(
        ValueError,
        match=r"`solution` must be a list with one entry for each completion, got .*'44'",
    ):
        as_trl(RLCR)(prompts=["a", "b"], completions=[FULL, FULL], solution="44")


def test_a_checker_that_is_none_is_refused_before_training() -> None:
    with pytest.raises(ValueError, match=r"`checker` is exact_match, numbers, .* got 'exact'"):
        scorer(RLCR, checker="exact")
    if find_spec("math_verify") is None:
        with pytest.raises(ImportError, match="pip install math-verify"):
            scorer(RLCR, checker=math_verify)


def test_a_scorer_travels_to_workers() -> None:
    grade = pickle.loads(pickle.dumps(scorer(RLCR)))
    assert grade(FULL, "4") == scorer(RLCR)(FULL, "4")


# ----------------------------------------------------------------------------------- graded scores

AFFINE = "c*(1 - (q - 1)^2) - (1 - c)*q^2"


def as_told(answer: str, truth: object) -> float:
    """A checker that returns the truth as the score."""
    return truth  # type: ignore[return-value]


@pytest.mark.parametrize("s", [0, Fraction(1, 4), 0.5, np.float32(0.75), 1, True, np.bool_(False)])
def test_a_score_is_paid_between_right_and_wrong(s: Any) -> None:
    score = scorer(AFFINE, checker=as_told, graded=True)(said("4", "0.4"), s)
    share = float(s)
    assert score.reward == pytest.approx(share * (1 - 0.36) - (1 - share) * 0.16, abs=1e-15)
    assert (score.correct, type(score.correct)) == (share, float)
    assert score.components["correctness"] == share
    assert sum(score.components.values()) == pytest.approx(score.reward, abs=1e-15)


def test_scores_of_0_and_1_are_paid_the_bits_of_outcomes() -> None:
    plain, graded = scorer(AFFINE, checker=as_told), scorer(AFFINE, checker=as_told, graded=True)
    for n, outcome in product(range(101), (False, True)):
        text = said("4", f"{n}%")
        assert graded(text, outcome).reward == plain(text, outcome).reward


@pytest.mark.parametrize(
    "verdict", [1.5, -0.1, math.nan, None, "0.5", (0.5, "half"), 85, -(10**400)]
)
def test_a_score_outside_its_range_stops_the_run(verdict: Any) -> None:
    with pytest.raises(TypeError, match=r"must return a score in \[0, 1\], got") as caught:
        scorer(AFFINE, checker=as_told, graded=True)(said("4", "0.9"), verdict)
    assert f"{verdict!r:.80}" in str(caught.value)


def test_a_score_without_graded_says_how() -> None:
    with pytest.raises(TypeError, match=r"got 0\.5; graded=True takes scores"):
        scorer(RLCR, checker=as_told)(said("4", "0.9"), 0.5)


@pytest.mark.parametrize(
    ("text", "said_so"),
    [
        ("c - (q - c)^2", f"write its affine extension {AFFINE}"),
        ("2*c*q - q^2 - (q == 0)*c*(1 - c)", "write its affine extension c*(2*q - q^2)"),
        ("2*c*q - q^2 - (q == 1)*c*(1 - c)", "not proved affine in the score for every q"),
        ("c^2 + 2*c*q - q^2", "write its affine extension"),
        ("c - 2*(q - c)^2", "`repair` with graded=True finds a safe reward"),
        ("-c*(q - 1)^2 - (1 - c)*q^2", "`repair` with graded=True"),
    ],
)
def test_a_formula_that_is_unsafe_for_scores_is_refused(text: str, said_so: str) -> None:
    with pytest.raises(UnsafeRewardError, match="score") as caught:
        scorer(text, graded=True)
    assert said_so in str(caught.value)
    assert "allow_unsafe" not in str(caught.value)


def test_what_is_not_paid_as_written_is_refused_even_as_a_baseline() -> None:
    """R(q, 1/4) of RLCR is 1/4 - (q - 1/4)^2, 3/16 more than its affine extension."""
    with pytest.raises(ValueError, match="is not paid as written for a score of 1/4"):
        scorer(RLCR, graded=True, allow_unsafe=True)
    only_half = "2*c*q - q^2 + c*(1 - c)*(1/4 - c)*(q == 1/2)"
    with pytest.raises(ValueError, match="for a score of 1/2, but as"):
        scorer(only_half, graded=True, allow_unsafe=True)
    unsafe = scorer("c*(1 - 2*(q - 1)^2) - (1 - c)*2*q^2", graded=True, allow_unsafe=True)
    assert unsafe(said("4", "1"), "4").reward == 1


def test_an_event_has_no_score() -> None:
    with pytest.raises(ValueError, match="the event of a forecast has no score"):
        scorer(AFFINE, graded=True, forecast=True)


def test_every_trainer_gets_the_score() -> None:
    options: dict[str, Any] = {"checker": as_told, "graded": True}
    logged: dict[str, Any] = {}
    texts = [said("4", "0.5"), said("4", "soon")]
    paid = as_trl(AFFINE, **options)(
        prompts=["", ""],
        completions=texts,
        solution=[0.25, 0.5],
        log_extra=logged.__setitem__,
        log_metric=logged.__setitem__,
    )
    assert paid == [0.0, -1.0]
    assert logged["scoring_theory/correct"] == 0.375
    sample = as_verl(AFFINE, **options)("data", texts[0], 0.25)
    assert (sample["score"], sample["acc"]) == (0.0, 0.25)
    found = as_openrlhf(AFFINE, **options)(["Q: " + texts[0]], ["Q: "], [0.25])
    assert found["extra_logs"]["scoring_theory/correct"] == 0.25
