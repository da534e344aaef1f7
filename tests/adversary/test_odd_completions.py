"""Completions and truths that nobody expects: each is scored, or refused where the data is at
fault.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scoring_theory.adapters import as_openrlhf, as_trl, as_verl, scorer
from scoring_theory.checkers import TruthError

# One scorer meets many completions that cannot be read.
pytestmark = pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")
WORST = -1.0
GRADE = scorer("c - (q - c)^2")


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


CONFIDENCES: dict[str, float | None] = {
    "0.5": 0.5,
    "50%": 0.5,
    "1/2": 0.5,
    " 0.5\n": 0.5,
    "+.5": 0.5,
    "5e-1": 0.5,
    "0.50000": 0.5,
    "1": 1.0,
    "0": 0.0,
    "-0.0": 0.0,
    "100 %": 1.0,
    "1e-30": 1e-30,
    "0.5E0": 0.5,
    "2/4": 0.5,
    "0.25/0.5": 0.5,
    "1.": 1.0,
    "\u00a00.5\u2003": 0.5,
    "": None,
    " ": None,
    ".": None,
    "-": None,
    "+": None,
    "e": None,
    "%": None,
    "/": None,
    "1/": None,
    "/2": None,
    "0.5.5": None,
    "0.5 0.5": None,
    "0,5": None,
    "0.5,": None,
    "0.5!": None,
    "(0.5)": None,
    "~0.5": None,
    ">0.5": None,
    "0.5-0.6": None,
    "50": None,
    "50 percent": None,
    "%50": None,
    "50%%": None,
    "101%": None,
    "-1%": None,
    "1.01": None,
    "-0.5": None,
    "1e1": None,
    "1e99": None,
    "1e-99": 1e-99,
    "1e-100": None,
    "1e999999999": None,
    "1e-999999999": None,
    "0x0.8p0": None,
    "0b1": None,
    "1_0%": None,
    "1/0": None,
    "0/0": None,
    "0/1": 0.0,
    "1/-2": None,
    "1//2": None,
    "1/2/1": None,
    "½": None,
    "٠.٥": None,
    "０.５": None,
    "²": None,
    "۵۰%": None,
    "0.5\u200b": None,
    "\u202e0.5": None,
    "0.5\0": None,
    "\0": None,
    "\x1b[31m0.5": None,
    "\ud800": None,
    "0.5\ud800": None,
    "nan": None,
    "NaN": None,
    "inf": None,
    "-inf": None,
    "Infinity": None,
    "True": None,
    "None": None,
    "null": None,
    "[0.5]": None,
    "{'p': 0.5}": None,
    "0.5j": None,
    "1+0": None,
    "1-0.5": None,
    "sqrt(0.25)": None,
    "__import__('os')": None,
    "${1/2}": None,
    "{{7*7}}": None,
    "%s%n": None,
    "=0.5": None,
    r"\frac{1}{2}": None,
    "$0.5$": None,
    "<b>0.5</b>": None,
    "high": None,
    "9" * 31: None,
    "0." + "3" * 31: None,
    "0." + "3" * 30: float("0." + "3" * 30),
    "0" * 30: 0.0,
    "0" * 31: None,
    "0." + "0" * 100_000: None,
    "9" * 1_000_000: None,
    "1/" + "9" * 1_000_000: None,
    " " * 1_000_000 + "0.5": 0.5,
    "0.5" + "\n" * 1_000_000: 0.5,
    "\u2212" + "0.5": None,
    "0\u066b5": None,
    "0.5f": None,
}
TEXTS: dict[str, str] = {
    "empty": "",
    "blank": " \n\t",
    "NUL": "\0",
    "a surrogate": "\ud800",
    "all of Latin-1": "".join(map(chr, range(256))),
    "tags in other case": "<ANSWER>4</ANSWER><CONFIDENCE>0.5</CONFIDENCE>",
    "tags with attributes": '<answer id="1">4</answer><confidence id="1">0.5</confidence>',
    "tags with blanks": "< answer >4</ answer >< confidence >0.5</ confidence >",
    "escaped tags": "&lt;answer&gt;4&lt;/answer&gt;&lt;confidence&gt;0.5&lt;/confidence&gt;",
    "look-alike letters": "<\u0430nswer>4</\u0430nswer><confidence>0.5</confidence>",
    "full-width brackets": "\uff1canswer\uff1e4\uff1c/answer\uff1e<confidence>0.5</confidence>",
    "closed before opened": "</answer>4<answer></confidence>0.5<confidence>",
    "answer alone": "<answer>4</answer>",
    "confidence alone": "<confidence>0.5</confidence>",
    "self-closing": "<answer/><confidence/>",
    "three confidences": said("4", "0.5") + "<confidence>0.5</confidence>" * 2,
    "nested the other way": "<confidence><answer>4</answer>0.5</confidence>",
    "thinking without end": "<think>" + said("4", "0.5"),
    "all in the thinking": f"<think>{said('4', '0.5')}</think>",
    "thinking a thousand deep": "<think>" * 1000 + "</think>" * 999 + "<think>" + said("4", "0.5"),
    "a million brackets": "<" * 1_000_000,
    "a million tags": "<answer>" * 125_000 + "</answer>" * 125_000,
    "a million closings": "</think>" * 125_000,
    "cut in a tag": said("4", "0.5")[:-3],
    "JSON": '{"answer": "4", "confidence": 0.5}',
    "a boxed answer": r"\boxed{4} with 50 % confidence",
    "script": "<script>alert(1)</script>",
    "entity bomb": '<!DOCTYPE a [<!ENTITY b "&c;">]>&b;' * 1000,
    "regex bomb": "a" * 50_000 + "!",
    "escapes": "\x1b]0;x\x07\x1b[2J" * 1000,
}
ANSWERS = (
    "4",
    " 4 ",
    "4.",
    "4.0",
    "4e0",
    "+4",
    "'4'",
    '"4"',
    "4!",
    "0x4",
    "4_0",
    "٤",
    "４",
    "four",
    "4\0",
    "\x1b[1m4",
    "-4",
    "4%",
    "4,0",
    "$4$",
    "(4)",
    "[4]",
    "4" * 5000,
    "4" * 1_000_000,
    "4e9999",
    "4e99999999",
    "1e-9999",
    "nan",
    "inf",
    "",
    " ",
    ".",
    "\ud800",
    "ﬀ" * 1000,
    "İ" * 1000,
    "ß",
    "e\u0301" * 1000,
    "=cmd|' /C calc'!A0",
    "<b>4</b>",
    "{0}",
    "%s",
)
NO_TRUTHS: tuple[object, ...] = (
    None,
    "",
    " ",
    [],
    (),
    set(),
    [""],
    [None],
    [[]],
    math.nan,
    math.inf,
    -math.inf,
    b"4",
    bytearray(b"4"),
    {},
    {"a": "4"},
    {"ground_truth": "4"},
    object(),
    object,
    4j,
    range(3),
    iter("4"),
    lambda: 4,
    np.array([]),
    np.array([np.nan]),
    [b"4"],
    [{"a": 1}],
    np.array([None]),
    np.float64("nan"),
    np.array([1 + 2j]),
    np.datetime64("2020-01-01"),
    Ellipsis,
    NotImplemented,
    Exception("4"),
    memoryview(b"4"),
    "\u2003",
)
TRUTHS: tuple[object, ...] = (
    "4",
    4,
    4.0,
    ["4"],
    ["x", "4"],
    ("4",),
    {"4"},
    frozenset({"4", "x"}),
    np.array(["4"]),
    np.array([4]),
    np.int64(4),
    np.float64(4),
    np.array(4),
    np.array([[4, 5]]),
    np.str_("4"),
    [["x"], [4]],
    [4, "x"],
    " 4 ",
    True,
    10**400,
    1e308,
    5e-324,
    -0.0,
    "\ud800",
    "\0",
    "x" * 1_000_000,
    "\x1b[31m4",
    ["4"] * 10_000,
    4 * 10**5000,
    "=1+1",
    "٤",
)
CONVERSATIONS: dict[str, object] = {
    "no messages": [],
    "no role": [{"content": said("4", "0.5")}],
    "a user alone": [{"role": "user", "content": "x"}],
    "content None": [{"role": "assistant", "content": None}],
    "content a number": [{"role": "assistant", "content": 4}],
    "parts": [{"role": "assistant", "content": [{"type": "text", "text": said("4", "0.5")}]}],
    "parts without text": [{"role": "assistant", "content": [{"type": "image"}]}],
    "parts of numbers": [{"role": "assistant", "content": [{"text": 4}, {"text": None}]}],
    "parts that are texts": [{"role": "assistant", "content": ["4"]}],
    "no content": [{"role": "assistant"}],
    "bytes as content": [{"role": "assistant", "content": b"4"}],
    "role a list": [{"role": ["assistant"], "content": "4"}],
    "a tool call": [{"role": "assistant", "tool_calls": [{}]}],
    "ten thousand": [{"role": "user", "content": "x"}] * 10_000,
}


def scored(completion: Any, truth: object = "4") -> tuple[float, str]:
    """The reward and the problem, in less than five seconds of processor time, with a problem that
    fits on a screen.
    """
    start = time.process_time()
    score = GRADE(completion, truth)
    assert time.process_time() - start < 5
    assert -1 <= score.reward <= 1
    assert math.isfinite(score.reward)
    assert score.format_ok == (score.problem == "")
    assert len(score.problem) < 400
    assert not any(letter in score.problem for letter in "\x1b\x07\0\ud800\x9b")
    return score.reward, score.problem


@pytest.mark.parametrize("text", CONFIDENCES, ids=lambda text: ascii(text[:30]))
def test_odd_confidences(text: str) -> None:
    wanted = CONFIDENCES[text]
    right, problem = scored(said("4", text))
    wrong, _ = scored(said("5", text))
    if wanted is None:
        assert (right, wrong) == (WORST, WORST)
        assert problem
    else:
        assert right == pytest.approx(1 - (wanted - 1) ** 2, abs=1e-12)
        assert wrong == pytest.approx(-(wanted**2), abs=1e-12)


@pytest.mark.parametrize("name", TEXTS)
def test_odd_completions(name: str) -> None:
    reward, problem = scored(TEXTS[name])
    if name == "nested the other way":
        assert problem
    assert reward == WORST


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda text: ascii(text[:30]))
def test_odd_answers(answer: str) -> None:
    for truth in ("4", 4, ["x", 4], 1e308):
        assert scored(said(answer, "0.5"), truth)[0] in (0.75, -0.25, WORST)


@pytest.mark.parametrize("place", range(len(TRUTHS)))
def test_odd_truths_that_hold(place: int) -> None:
    truth = TRUTHS[place]
    for answer in ("4", "x", "True", ""):
        assert scored(said(answer, "0.5"), truth)[0] in (0.75, -0.25, WORST)
    assert as_verl("c - (q - c)^2")("d", said("4", "0.5"), truth, {})["score"] in (0.75, -0.25)


@pytest.mark.parametrize("place", range(len(NO_TRUTHS)))
def test_odd_truths_that_stop_the_run(place: int) -> None:
    truth = NO_TRUTHS[place]
    with pytest.raises(TruthError) as caught:
        GRADE(said("4", "0.5"), truth)
    assert len(str(caught.value)) < 400
    with pytest.raises((TruthError, ValueError), match="truth"):
        as_trl("c - (q - c)^2")(prompts=["?"], completions=[said("4", "0.5")], solution=[truth])


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_odd_conversations(name: str) -> None:
    reward, _ = scored(CONVERSATIONS[name])
    assert reward == (0.75 if name in ("no role", "parts") else WORST)


@pytest.mark.parametrize(
    "completion", [None, 4, 4.5, b"4", object(), {"role": "assistant"}, [4], [None], ["4"], [[]]]
)
def test_what_is_no_completion_is_a_fault_of_the_wiring(completion: Any) -> None:
    with pytest.raises(TypeError, match="a completion must be"):
        GRADE(completion, "4")


@pytest.mark.parametrize("number", [Decimal("4"), Fraction(4)])
def test_exact_numbers_are_no_truths_yet_told(number: object) -> None:
    with pytest.raises(TruthError, match="a finite number"):
        GRADE(said("4", "0.5"), number)


def test_openrlhf_takes_the_same_texts() -> None:
    score: Callable[..., Any] = as_openrlhf("c - (q - c)^2")
    texts = [said("4", text) for text in list(CONFIDENCES)[:40]]
    found = score(
        queries=["?" + text for text in texts],
        prompts=["?"] * len(texts),
        labels=["4"] * len(texts),
    )
    assert len(found["rewards"]) == len(texts)


def test_there_are_more_than_128() -> None:
    assert (
        len(CONFIDENCES)
        + len(TEXTS)
        + len(ANSWERS)
        + len(NO_TRUTHS)
        + len(TRUTHS)
        + len(CONVERSATIONS)
        >= 250
    )
