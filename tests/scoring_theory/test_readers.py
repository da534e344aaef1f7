"""Readers: what is read, by hand and by hypothesis; the same everywhere; in linear time."""

from __future__ import annotations

import gzip
import json
import pickle
import re
import runpy
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.adapters import as_openrlhf, as_trl, as_verl, export, scorer
from scoring_theory.readers import (
    READERS,
    FormatWarning,
    Reader,
    Tally,
    as_reader,
    opens_thinking,
    places,
    write_completion,
    write_statement,
    written_forms,
)
from scoring_theory.readers.numbers import is_share, is_whole
from scoring_theory.readers.presets import ICD_203
from scoring_theory.replaying import replay
from scoring_theory.reward import Reward
from scoring_theory.rollouts import RolloutError, read_rollouts, rollouts_from_frame
from simulations.cli import main
from tests.support.rollouts import DATA, recorded

RLCR = Reward.parse("c - (q - c)^2")
BY_HAND = [
    json.loads(line)
    for line in Path(__file__).with_name("completions.jsonl").read_text("utf-8").splitlines()
]
PATTERN = as_reader('{"pattern": "Answer: {answer} ({confidence})", "occurrence": "last"}')
EVERY = {
    **READERS,
    "pattern": PATTERN,
    "thinking": as_reader("tags,scale=ten,require_think=true"),
}


# --------------------------------------------------------------------------------- what is read


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: f"{row['reader']}: {row['text'][:40]}")
def test_completions_are_read_as_by_hand(row: dict[str, Any]) -> None:
    """The expected answers and confidences were written by hand, before the reader read them."""
    reader = as_reader(row["reader"])
    read = reader.read(row["text"])
    assert (read.answer, read.confidence) == (row["answer"], row["confidence"])
    whole = row["confidence"] is not None and (
        row["answer"] is not None or not reader.reads_answers
    )
    assert whole == (not read.problem)


def test_there_are_enough_of_them() -> None:
    assert len(BY_HAND) >= 200
    assert {row["reader"].partition(",")[0] for row in BY_HAND} >= set(READERS)
    unreadable = sum(row["confidence"] is None for row in BY_HAND)
    assert 60 <= unreadable <= len(BY_HAND) - 60


CONFIDENCES = st.one_of(
    st.integers(0, 100).map(lambda n: n / 100),
    st.floats(0, 1).filter(lambda q: q == 0 or q > 1e-90),
)
ANSWERS = st.one_of(
    st.sampled_from(
        ["4", "-1/2", "\\frac{1}{2}", "the Nile", "B) Paris", "[0, 1)", '{"a": 1}', ""]
    ),
    st.text(max_size=20).map(str.strip),
)


@pytest.mark.parametrize("name", EVERY)
@given(answer=ANSWERS, confidence=CONFIDENCES, before=st.text(max_size=20))
def test_what_is_written_is_read(name: str, answer: str, confidence: float, before: str) -> None:
    """Round trip; what a format cannot hold is refused, never written as something else."""
    reader = EVERY[name]
    try:
        text = write_completion(reader, answer, confidence)
    except ValueError:
        # No format refuses a plain word with a confidence of two decimals.
        assert not (answer.isalnum() and answer.isascii() and round(confidence, 2) == confidence)
        return
    read = reader.read(text)
    assert not read.problem
    assert read.answer == (answer if reader.reads_answers else None)
    nearest = min(
        (abs(value - confidence), value) for _, value in reader.words or [("", confidence)]
    )
    assert read.confidence == nearest[1]
    if not re.search(r"[<>{}\\]|onfidence|nswer", before, re.IGNORECASE):
        assert reader.read(f"{before}\n{text}") == read


SIGNS = (
    "<answer>", "</answer>", "<confidence>", "</confidence>", "0.9", "85", '{"answer": "', '"',
    '", "confidence": ', "\\boxed{", "Confidence: ", "\n", "likely", "Answer: ", "(", ")", "}",
    "<think>", "</think>", "<probability>", "</probability>",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
@given(text=st.text(max_size=60) | st.lists(st.sampled_from(SIGNS), max_size=12).map("".join))
def test_whatever_is_read_is_a_probability(name: str, text: str) -> None:
    read = EVERY[name].read(text)
    assert read.confidence is None or 0 <= read.confidence <= 1
    assert read.problem or read.confidence is not None
    assert read.problem or read.answer is not None or not EVERY[name].reads_answers
    assert len(read.problem) < 1000


# ------------------------------------------------------------------------------------- it is data


@pytest.mark.parametrize("name", EVERY)
def test_a_reader_is_data(name: str) -> None:
    reader = EVERY[name]
    assert pickle.loads(pickle.dumps(reader)) == reader
    assert as_reader(json.loads(json.dumps(reader.to_json()))) == reader
    assert as_reader(json.dumps(reader.to_json())) == reader
    assert eval(repr(reader), {"Reader": Reader}) == reader
    assert hash(reader) == hash(pickle.loads(pickle.dumps(reader)))


def test_presets_are_changed_by_options() -> None:
    assert as_reader("percent,occurrence=last") == Reader(scale="percent", occurrence="last")
    assert as_reader("tags,answer=none").reads_answers is False
    assert as_reader({"preset": "boxed", "scale": "unit"}).lenient
    assert as_reader(READERS["json"]) is READERS["json"]
    assert as_reader({"words": {"Sure": 1, "not sure": 0.5}}).words == (
        ("sure", 1.0),
        ("not sure", 0.5),
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("percentage", "a reader is one of tags, rlcr, .* got 'percentage'"),
        ("percent,scal=unit", "a reader has the options answer, .* got 'scal'"),
        ("percent,last", "the options of a reader are NAME=VALUE, .* got 'last'"),
        ("tags,scale=thousand", "`scale` must be one of unit, ten, percent, rlcr, got 'thousand'"),
        ("tags,occurrence=second", "`occurrence` must be one of once, first, last"),
        ("tags,lenient=1", "`lenient` must be true or false, got '1'"),
        ("tags,answer=answer", "`answer` must be .* got 'answer'"),
        ("tags,confidence=none", "`confidence` must be .* got None"),
        ("tags,require_think=true,skip_think=false", "`require_think` reads what follows"),
        ("{", "a reader that begins with { must be JSON"),
        ('{"words": {"sure": 2}}', r"`words` must be pairs .* in \[0, 1\], got 2 for 'sure'"),
        ('{"words": [["sure", 1], ["Sure.", 0.9]]}', "each phrase once, got 'Sure.'"),
        ('{"words": "sure"}', "`words` must be pairs"),
        ('{"words": {"sure": 1}, "scale": "percent"}', "leave out `scale`"),
        ('{"pattern": "{answer}{confidence}"}', "a pattern must hold"),
        ('{"pattern": "p {answer"}', "a pattern must hold"),
        ('{"pattern": "p {answer}"}', "a pattern must hold"),
        ('{"pattern": "p {confidence} p {confidence}"}', "a pattern must hold"),
        ('{"pattern": "p {confidence:3}"}', "a pattern must hold"),
        ('{"pattern": "p {confidence.real}"}', "a pattern must hold"),
        ('{"pattern": 4}', "`pattern` must be a text, got 4"),
        (4, "`reader` must be a reader, a name or a mapping, got 4"),
    ],
)  # fmt: skip
def test_a_reader_that_is_none_is_refused(given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        as_reader(given)


def test_the_table_of_words_is_that_of_the_directive() -> None:
    """ICD 203: 01-05, 05-20, 20-45, 45-55, 55-80, 80-95, 95-99 per cent; the middle of each."""
    ranges = [(1, 5), (5, 20), (20, 45), (45, 55), (55, 80), (80, 95), (95, 99)]
    assert [value for _, value in ICD_203] == [(low + high) / 200 for low, high in ranges]


# ----------------------------------------------------------------------------- thinking that ends


def test_a_draft_in_unended_thinking_is_no_answer() -> None:
    """The chat templates of reasoning models open `<think>`; the completion does not contain it."""
    draft = "Maybe <answer>4</answer><confidence>0.99</confidence>, but"
    ended = f"{draft} no.</think><answer>5</answer><confidence>0.5</confidence>"
    assert as_trl(RLCR)(prompts=["?"], completions=[draft], solution=["4"]) == [
        pytest.approx(0.9999)
    ]
    strict = as_trl(RLCR, reader="tags,require_think=true")
    assert strict(prompts=["?"] * 2, completions=[draft, ended], solution=["4"] * 2) == [-1, -0.25]
    for prompt in ("? <think>", "?<think>\n", [{"role": "assistant", "content": "<think>"}]):
        seen = as_trl(RLCR)(prompts=[prompt] * 2, completions=[draft, ended], solution=["4"] * 2)
        assert seen == [-1, -0.25]
    assert as_openrlhf(RLCR)([f"? <think>{draft}"], ["? <think>"], ["4"])["rewards"] == -1
    assert not opens_thinking([{"role": "user", "content": "<think>"}])
    assert not opens_thinking([])


# ------------------------------------------------------------------------------------- everywhere


def test_adapters_take_a_reader() -> None:
    boxed = "So \\boxed{4}.\nConfidence: 50%"
    assert as_trl(RLCR, reader="boxed")(prompts=["?"], completions=[boxed], solution=["4"]) == [
        0.75
    ]
    assert as_verl(RLCR, reader=READERS["boxed"])("d", boxed, "4")["score"] == 0.75
    assert (
        as_openrlhf(RLCR, reader={"preset": "boxed"})([f"?{boxed}"], ["?"], ["4"])["rewards"]
        == 0.75
    )
    grade = scorer(RLCR, reader="boxed")
    assert pickle.loads(pickle.dumps(grade))(boxed, "4") == grade(boxed, "4")
    with pytest.raises(ValueError, match="a reader is one of"):
        as_trl(RLCR, reader="box")


def test_integer_percentages_are_no_certainty() -> None:
    """On the default scale only 0 and 1 could be read, and a bare 1 as certainty."""
    said = "<answer>4</answer><confidence>{}</confidence>".format
    grade = scorer(RLCR, reader="percent")
    assert [grade(said(n), "4").confidence for n in (0, 1, 10, 85, 100)] == [0, 0.01, 0.1, 0.85, 1]
    assert [scorer(RLCR)(said(n), "4").confidence for n in (0, 1, 10, 85, 100)] == [
        0, 1, None, None, None]  # fmt: skip


def test_a_forecast_needs_no_answer_and_no_reward_of_accuracy() -> None:
    grade = scorer("-(q - c)^2", reader="forecast")
    assert grade("<probability>0.3</probability>", "no").reward == pytest.approx(-0.09)
    assert grade("0.3", 1).reward == -1.0
    with pytest.raises(ValueError, match=r"a forecast states no answer: leave \{answer\} out"):
        scorer("-(q - c)^2", reader=PATTERN, forecast=True)
    with pytest.raises(ValueError, match="a forecast has no answer to check"):
        scorer("-(q - c)^2", reader="forecast", checker="squad")


# --------------------------------------------------------------------------------------- warnings


def said(*confidences: object) -> list[str]:
    return [f"<answer>4</answer><confidence>{q}</confidence>" for q in confidences]


def warned(texts: list[str], **options: Any) -> list[str]:
    with warnings.catch_warnings(record=True, action="always") as caught:
        function = as_trl(RLCR, **options)
        for _ in range(3):
            function(prompts=texts, completions=texts, solution=["4"] * len(texts))
    return [str(one.message) for one in caught if one.category is FormatWarning]


def test_an_ambiguous_batch_warns_once_and_names_the_option() -> None:
    (scale,) = warned(said(0, 1, 1, 0, 1, 1, 1, 0))
    assert "all 8 stated confidences are whole numbers" in scale
    assert "scale='percent'" in scale
    scale, unread = warned(said(85, 90, 10, 100, 85, 20, 70, 30))
    assert "whole numbers, such as 85" in scale
    assert unread.startswith("0 of 8 completions could be read")
    (shares,) = warned(said(*[0.85, 0.9, 0.5, 0.7] * 2), reader="percent")
    assert "decimals below 1, such as 0.85" in shares
    assert "scale='unit'" in shares
    for fine in (said(*[0, 1, 0.5, 1] * 2), said(*["0%", "1%"] * 4)):
        assert warned(fine) == []
    assert warned(said(*[0, 1, 85, 100] * 2), reader="percent") == []
    assert warned(said(*[0, 1, 85, 100] * 2), reader="rlcr") == []


def test_a_format_that_is_not_read_warns_once() -> None:
    (unread,) = warned(["Confidence: 85%"] * 8)
    assert "reader='percent'" in unread
    assert "expected <answer>" in unread
    assert warned([*said(0.5), *["?"] * 7]) == []  # one of eight is not near zero
    assert warned(["?"] * 7)[0].startswith("0 of 14 completions")  # two batches


def test_the_tally_counts_over_calls_and_is_not_part_of_a_scorer() -> None:
    grade = scorer(RLCR)
    for _ in range(7):
        grade("?", "4")
    with pytest.warns(FormatWarning, match="0 of 8 completions"):
        grade("?", "4")
    for _ in range(20):
        grade("?", "4")
    assert grade == pickle.loads(pickle.dumps(grade))
    tally = Tally()
    with pytest.warns(FormatWarning, match="0 of 8"):  # words have no scale to be mistaken
        tally.count(READERS["verbal"], [READERS["verbal"].read(text) for text in said(*[1] * 8)])
    assert tally.given == {"format"}


@pytest.mark.parametrize(("text", "whole", "share"), [
    ("85", 1, 0), ("1", 1, 0), ("100.", 1, 0), ("0", 1, 0), ("0.5", 0, 1), (".5", 0, 1),
    ("0.50", 0, 1), ("1.0", 0, 0), ("85%", 0, 0), ("", 0, 0), ("x", 0, 0), ("0.5.5", 0, 0),
    ("0.0", 0, 0), ("1000", 0, 0)])  # fmt: skip
def test_whole_numbers_and_shares(text: str, whole: bool, share: bool) -> None:
    assert (is_whole(text), is_share(text)) == (whole, share)


@pytest.mark.parametrize(
    ("text", "answer", "confidence"),
    [
        ("The answer is (B) (9)", "(B)", 0.09),
        ("The answer is f(x) (9)", "f(x)", 0.09),
        ("The answer is f(3) (9), I think.", "f(3)", 0.09),
        ("The answer is (9)", "", 0.09),
        ("The answer is 4 (90). (Check: 2 + 2.)", "4", 0.9),
        ("The answer is 4 (90) (so", "4", 0.9),
        ("The answer is 4 (90).\nNote (5)", "4", 0.9),
        ("The answer is 4 (5). The answer is g(4) (90)", "g(4)", 0.9),
        ("The answer is (x) (y)", "", None),
    ],
)
def test_an_answer_may_hold_what_follows_it(
    text: str, answer: str, confidence: float | None
) -> None:
    reader = Reader(
        pattern="The answer is {answer} ({confidence})", scale="percent", occurrence="last"
    )
    read = reader.read(text)
    assert (read.answer, read.confidence) == (answer, confidence)


def test_only_an_answer_before_its_confidence_may() -> None:
    assert Reader(pattern="P = {confidence}: {answer}.").read("P = 0.5: 3. So. It").answer == "3"
    two = Reader(pattern="A {answer}, since {skip}, P {confidence}")
    assert two.read("A x, since y, since z, P .5").answer == "x, since y"


def test_a_file_reads_such_answers_alike(tmp_path: Path) -> None:
    reader = '{"pattern": "It is {answer} ({confidence})"}'
    path = export(RLCR, tmp_path / "reward.py", framework="verl", reader=reader)
    exported = runpy.run_path(str(path))["compute_score"]
    for text in ("It is f(x) (.5)", "It is (B) (.5) (so)", "It is (B)"):
        assert exported("d", text, "f(x)") == as_verl(RLCR, reader=reader)("d", text, "f(x)")
    assert exported("d", "It is f(x) (.5)", "f(x)")["score"] == 0.75


# ------------------------------------------------------------------------------------ linear time

UNITS = (
    "<answer>", "</answer>", "<confidence>", "</confidence><confidence>", "<think>", "</think>",
    "{", "}", "{ ", '{"', '{"a":', '{"a":{"answer":"', '{"a":"b",', '{"a":[', "\\", '"', '\\"',
    "\\boxed{", "\\boxed{}", "\\boxed ", "Confidence:", "Confidence ", "Confidence: 1\n", "Answer:",
    "Answer: (", "9", " ", "\n", "-", "[", "0.", "\u0130",
)  # fmt: skip
HOSTILE = {
    **READERS,
    "pattern": PATTERN,
    "once": as_reader("json,occurrence=once"),
    "lenient": as_reader("tags,occurrence=last,lenient=true"),
}


KEYS = '"answer""confidence"'
"""Without them, no JSON object is looked for."""


class Counted(str):
    """A text that counts the characters that its searches pass, in `Counted.steps`."""

    __slots__ = ()
    steps = 0

    def _count(self, start: int, end: int) -> None:
        Counted.steps += max(0, (len(self) if end < 0 else end) - start) + 1

    def find(self, sub: str, start: int = 0, end: Any = None) -> int:  # type: ignore[override]
        found = str.find(self, sub, start, end)
        self._count(start, found if found >= 0 or end is None else end)
        return found

    def rfind(self, sub: str, start: int = 0, end: Any = None) -> int:  # type: ignore[override]
        found = str.rfind(self, sub, start, end)
        stop = len(self) if end is None else end
        self._count(max(found, start), stop)
        return found

    def count(self, sub: str, *place: Any) -> int:
        self._count(0, -1)
        return str.count(self, sub, *place)

    def rpartition(self, sep: str) -> Any:
        parts = str.rpartition(self, sep)
        self._count(0, len(parts[2]))
        return tuple(map(Counted, parts))

    def lower(self) -> str:
        self._count(0, -1)
        return Counted(str.lower(self))

    def translate(self, table: Any) -> str:
        self._count(0, -1)
        return Counted(str.translate(self, table))

    def strip(self, chars: Any = None) -> str:
        self._count(0, -1)
        return Counted(str.strip(self, chars))

    def __getitem__(self, place: Any) -> str:
        piece = Counted(str.__getitem__(self, place))
        self._count(0, len(piece))
        return piece

    def __contains__(self, sub: object) -> bool:
        self._count(0, -1)
        return str.__contains__(self, sub)  # type: ignore[arg-type]


class CountedPattern:
    """A regular expression that counts the characters from the start of a search to its end."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern

    def _once(self, how: Callable[..., Any], text: str, at: int) -> Any:
        found = how(text, at)
        # A failed `match` stops at its place, and a failed `search` at the end.
        failed = at if how == self.pattern.match else len(text)
        Counted.steps += (found.end() if found else failed) - at + 1
        return found

    def search(self, text: str, at: int = 0) -> Any:
        return self._once(self.pattern.search, text, at)

    def match(self, text: str, at: int = 0) -> Any:
        return self._once(self.pattern.match, text, at)

    def finditer(self, text: str, at: int = 0) -> Iterator[Any]:
        while (found := self.search(text, at)) and at <= len(text):
            yield found
            at = found.end() + (found.end() == found.start())


def steps(monkeypatch: pytest.MonkeyPatch, read: Callable[[str], object], text: str) -> int:
    for name, value in list(vars(places).items()):
        if isinstance(value, re.Pattern):
            monkeypatch.setattr(places, name, CountedPattern(value))
    Counted.steps = 0
    read(Counted(text))
    return Counted.steps


def growth(
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[str], object],
    size: int,
    units: tuple[str, ...] = UNITS,
) -> float:
    """By how much the steps grow at worst, if a hostile text is ten times as long."""
    ratios = []
    for unit in units:
        short, long = (
            steps(monkeypatch, read, unit * (n // len(unit)) + KEYS) for n in (size, 10 * size)
        )
        ratios.append(long / max(short, size / 10))
    return max(ratios)


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_times_the_text_takes_ten_times_the_steps(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert growth(monkeypatch, HOSTILE[name].read, 1_000) < 12


@pytest.mark.parametrize("unit", ["(", ")", "()", "((9)", "(9) ", "(\n", "(9)Answer:", "9"])
def test_ends_of_an_answer_are_tried_in_linear_time(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = (
        steps(monkeypatch, PATTERN.read, "Answer: " + unit * (n // len(unit)))
        for n in (2_000, 20_000)
    )
    assert long < 12 * short


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READERS, "pattern", "lenient"])
def test_ten_megabytes_take_ten_times_the_steps_of_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowest = {"json": ('{"a":',), "boxed": ("\\boxed{",)}
    units = slowest.get(name, ("<answer>", "Confidence:", "Answer: (", "9"))
    assert growth(monkeypatch, HOSTILE[name].read, 1_000_000, units) < 12


def test_the_counter_sees_a_search_that_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teeth: from every opening tag to the end, as `re.findall("<answer>(.*?)</answer>")` does."""

    def naive(text: str) -> list[str]:
        found, at = [], text.find("<answer>")
        while at >= 0:
            end = text.find("</answer>", at)
            found += [] if end < 0 else [text[at:end]]
            at = text.find("<answer>", at + 1)
        return found

    assert growth(monkeypatch, naive, 2_000) > 50


# ------------------------------------------------------------------------------------- in replays


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


ROWS = [
    {"completion": "<answer>4</answer><confidence>85</confidence>", "solution": "4", "model": "a"},
    {"completion": "<answer>5</answer><confidence>1</confidence>", "solution": "4", "model": "a"},
    {"completion": "no idea", "solution": ["4", "four"], "model": "b"},
    {"completion": "<answer>4</answer><confidence>200</confidence>", "solution": "4", "model": "b"},
    {"completion": None, "solution": "4", "model": "b"},
    {"completion": [{"role": "assistant", "content": "<answer>four</answer><confidence>7%"
     "</confidence>"}], "solution": ["4", "four"], "model": "b"},
]  # fmt: skip


def test_replay_reads_completions_as_the_reward_does(tmp_path: Path) -> None:
    log = read_rollouts(
        write(tmp_path / "log.jsonl", ROWS), text="completion", truth="solution", reader="percent",
        missing=-1)  # fmt: skip
    assert [str(q) for q in log.confidence] == ["0.85", "0.01", "nan", "nan", "nan", "0.07"]
    assert log.correct.tolist() == [1, 0, 0, 1, 0, 1]
    assert log.malformed.tolist() == [False, False, False, True, False, False]
    (a, b) = replay(log, {"r": RLCR}, intervals=False).cells
    paid = [as_verl(RLCR, reader="percent")("d", row["completion"] or "", row["solution"])["score"]
            for row in ROWS]  # fmt: skip
    assert a.rewards["r"].estimate == pytest.approx(sum(paid[:2]) / 2)
    assert b.rewards["r"].estimate == pytest.approx(sum(paid[2:]) / 4)
    frame = {key: [row[key] for row in ROWS] for key in ROWS[0]}
    framed = rollouts_from_frame(
        frame, text="completion", truth="solution", reader="percent", missing=-1)  # fmt: skip
    assert str(framed.confidence) == str(log.confidence)


def test_parquet_of_completions(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({
        "prompt": ["? <think>", "?"],
        "completion": ["<answer>4</answer><confidence>1/2</confidence>"] * 2,
        "solution": ["4", "5"],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "log.parquet")
    log = read_rollouts(tmp_path / "log.parquet", text="completion", truth="solution", missing=0)
    assert [str(q) for q in log.confidence] == ["nan", "0.5"]
    assert log.correct.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, r"row 3 \(line 3\): expected <answer>.*`--missing PAYOFF`.*`--reader`"),
        ({"text": "output"}, "there is no column 'output' for `text`; the columns are"),
        ({"truth": "gold", "missing": -1}, "there is no column 'gold' for `truth`"),
        ({"truth": None, "missing": -1}, "there is no column 'correct'; the columns are"),
        ({"scale": "percent"}, "`scale` is an option of the reader"),
        ({"text": None}, "`truth`, `checker` and `truth_key` need `text`"),
        ({"truth": "model", "truth_key": "x", "missing": -1, "checker": lambda a, t: "yes"},
         "row 1 .*: the checker must return True, False or a score"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_read_says_why(
    options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    log = write(tmp_path / "log.jsonl", ROWS)
    given: dict[str, Any] = {
        "text": "completion",
        "truth": "solution",
        "reader": "percent",
        **options,
    }
    with pytest.raises((RolloutError, ValueError), match=words):
        read_rollouts(log, **given)


def test_replay_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = str(write(tmp_path / "log.jsonl", ROWS))
    command = ["replay", log, "--text", "completion", "--no-intervals", "--quiet"]
    assert main([*command, "--truth", "solution", "--reader", "percent", "--missing", "-1"]) == 0
    assert "accuracy of all" in capsys.readouterr().out
    for wrong, words in (
        (["replay", log, "--reader", "percent"], "and `truth_key` need `text` (--text)"),
        (["replay", "--text", "completion"], "--text needs FILE"),
        ([*command, "--reader", "per"], "a reader is one of tags"),
        ([*command, "--truth", "solution", "--checker", "same"], "invalid choice: 'same'"),
    ):
        assert main(wrong) == 2
        assert words in " ".join(capsys.readouterr().err.split())


def test_warnings_of_a_replay_are_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": said(85)[0], "correct": 1}] * 9 + [{"text": said("0.5")[0], "correct": 1}]
    log = str(write(tmp_path / "log.jsonl", rows))
    command = ["replay", log, "--text", "text", "--missing", "0", "--no-intervals", "--quiet"]
    assert main(command) == 0
    told = capsys.readouterr().err
    assert "FormatWarning" not in told
    assert main([*command[:-2], "--quiet", "--no-intervals", "--reader", "percent"]) == 0


PUBLISHED = {  # results/*/*/metrics.json of damanimehul/RLCR: accuracy, Brier, ECE, mean confidence
    "Base": (0.468, 0.484505, 0.4921, 0.9601),
    "RLVR": (0.386, 0.61036, 0.6112, 0.9972),
    "RLCR": (0.454, 0.251445, 0.1879, 0.6419),
}


@recorded
@pytest.mark.parametrize("method", PUBLISHED)
def test_the_reader_of_rlcr_reads_what_its_authors_read(method: str, tmp_path: Path) -> None:
    """Every recorded confidence, and the published figures from the completions themselves."""
    with gzip.open(
        f"{DATA}/logs/rlcr_math500_completions.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        rows = [row for row in map(json.loads, file) if row["method"] == method]
    assert len(rows) == 500
    read = [READERS["rlcr"].read(row["completion"]) for row in rows]
    assert [one.confidence for one in read] == [row["recorded_confidence"] for row in rows]
    assert not any(one.problem for one in read)
    log = read_rollouts(
        write(tmp_path / "log.jsonl", rows), text="completion", reader="rlcr",
        columns={"correct": "recorded_correct"})  # fmt: skip
    (cell,) = replay(log, {"r": RLCR}, intervals=False).cells
    found = (cell.accuracy, cell.brier, cell.ece, cell.mean_confidence)
    assert list(found) == pytest.approx(PUBLISHED[method], abs=1e-9)


@recorded
def test_the_default_reader_reads_less() -> None:
    """Teeth: RLVR states `100.` throughout, which the scale from 0 to 1 refuses."""
    with gzip.open(
        f"{DATA}/logs/rlcr_math500_completions.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        rows = list(map(json.loads, file))
    count = dict.fromkeys(PUBLISHED, 0)
    for row in rows:
        if row["method"] in count:
            count[row["method"]] += not READERS["tags"].read(row["completion"]).problem
    assert count == {"Base": 308, "RLVR": 0, "RLCR": 492}


# ------------------------------------------------------------------------------ what is written

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "trainers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READERS)
def test_what_the_page_shows_is_what_is_written(name: str) -> None:
    """The first example of each preset in docs/trainers.md, with the confidence that it states."""
    table = PAGE.partition("## Formats of completions")[2]
    row = re.findall(rf"^\| `{name}` .*?\| (.*) \|$", table, re.MULTILINE)[0]
    reader = READERS[name]
    confidence = 0.875 if reader.words else 0.85
    written = write_completion(reader, "4", confidence)
    shown = re.findall("`([^`]*)`", row)
    if name in ("percent", "rlcr", "verbal"):  # "the same tags": of the first row
        stated = {"percent": "85", "rlcr": "0.85", "verbal": "very likely"}[name]
        assert written == f"<answer>4</answer><confidence>{stated}</confidence>"
        assert name == "rlcr" or stated in row
    elif name == "boxed":
        assert written == "\n".join(shown[:2])
    else:
        assert written == shown[0]


@pytest.mark.parametrize("name", EVERY)
def test_every_form_is_read_alike(name: str) -> None:
    reader = EVERY[name]
    for confidence in (0.0, 0.03, 0.5, 0.97, 1.0):
        written = [write_completion(reader, "4", confidence, f) for f in written_forms(reader)]
        assert len({*written}) == len(written)
        assert len({reader.read(text).confidence for text in written}) == 1


@pytest.mark.parametrize(
    ("pattern", "whole", "without"),
    [
        ("Answer: {answer} ({confidence}%)", "Answer: 4 (25%)", "Answer: 4"),
        ("\\boxed{{{answer}}}, {confidence} %", "\\boxed{4}, 25 %", "\\boxed{4}"),
        ("I am {confidence}% sure: {answer}!", "I am 25% sure: 4!", "% sure: 4!"),
        ("<a>{answer}</a>\n<c>{confidence}</c>", "<a>4</a>\n<c>25</c>", "<a>4</a>"),
    ],
)
def test_a_pattern_is_written_as_it_stands(pattern: str, whole: str, without: str) -> None:
    reader = Reader(pattern=pattern, scale="percent")
    assert write_completion(reader, "4", 0.25) == whole
    assert write_statement(reader, "4", None) == without


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("\\boxed{{answer}} Confidence: {confidence}%", "write {{{answer}}}"),
        ("Answer: {answer}, {{confidence}} ({confidence})", "write {{{confidence}}}"),
        ("\\boxed{answer} Confidence: {confidence}%", "write \\boxed{{{answer}}}"),
    ],
)
def test_miscounted_braces_of_a_pattern_are_refused(pattern: str, meant: str) -> None:
    with pytest.raises(ValueError, match=re.escape(meant)):
        as_reader({"pattern": pattern})
    right = as_reader({"pattern": "\\boxed{{{answer}}} Confidence: {confidence}%"})
    assert right.read("\\boxed{4} Confidence: 85%").problem.startswith("a confidence must lie")
    assert right.read("\\boxed{4} Confidence: 0.85%").answer == "4"
