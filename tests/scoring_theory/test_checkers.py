"""Checkers: what is equal, what a checker is called with, and how many run at once."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.adapters import (
    as_openrlhf,
    as_trl,
    as_verifiers,
    as_verl,
    export,
    scorer,
)
from scoring_theory.adapters import bundle as bundling
from scoring_theory.checkers import CHECKERS, TruthError, as_checker, rlcr_answer, squad
from scoring_theory.checkers import matching as comparing
from scoring_theory.checkers.asking import named_columns
from scoring_theory.readers import READERS, write_completion
from scoring_theory.reward import Reward
from simulations.cli import main
from tests.scoring_theory.test_export_reward import Alone
from tests.support.rollouts import DATA, recorded

RLCR = Reward.parse("c - (q - c)^2")
needs_math = pytest.mark.skipif(
    find_spec("math_verify") is None, reason="math_verify is not installed"
)


def said(answer: str, confidence: object = "0.5") -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


# ---------------------------------------------------------------------------------- what is equal

GSM8K = "Natalia sold 48/2 = <<48/2=24>>24 clips in May. 48+24 = 72\n#### 72"
EQUAL = {
    "numbers": [
        ("1,000", "1000"), ("1000.0", "1,000"), ("1000", 1000.0), ("1,000", 1000), ("4.0", "4"),
        ("$1,000", "1000"), ("50%", "50"), ("1/2", "0.5"), ("-3", "-3.00"), ("1e3", "1000"),
        (".5", "0.5"), ("72.", "72"), ("+4", 4), ("1,234,567.50", "1234567.5"), ("Paris", "paris"),
        ("4", ["3", "4"]), ("0", "-0"), ("$-5", "-5"), ("-$5", "-5"), ("\u22125", "-5"),
        ("-5", "\u22125"), ("\u2212$1,000.5", -1000.5), ("$\uff0d5", -5), ("\ufe635%", "-5"),
    ],
    "gsm8k": [
        ("72", GSM8K), ("72 clips", GSM8K), ("$72.00", GSM8K), ("#### 72", GSM8K), ("72", 72),
        ("1,072", "so\n#### 1072"), ("1072", "#### 1,072"), ("The answer is 72.", GSM8K),
        ("-5", "#### -5"), ("2 + 3 #### 72", GSM8K),
        ("\u22125 clips", "#### -5"), ("$-5", "#### -5"),
    ],
    "squad": [
        ("The Beatles", "Beatles"), ("beatles!", "The  Beatles"), ("U.S.", "us"), ("a cat", "Cat"),
        ("4", 4), ("Nile", ["Amazon", "the Nile"]),
    ],
    "multiple_choice": [
        ("B", "B"), ("b", "B"), ("(b)", "B"), ("B)", "(B)"), ("B) Paris", "B"), ("B. Paris", "b"),
        ("B: Paris", "B) Paris"), ("**B**", "B"), ("Paris", "B) Paris"), ("B", 1), ("A", 0),
        ("B) Rome", "B) Paris"), ("(B) Paris", "Paris"), ("D", ["C", "D"]), ("[B]", "B"),
        ("[b] Paris", "B"), (r"\text{B}", "B"), (r"\textbf{(B)}", 1), (r"$\mathrm{B}$", "B"),
        (r"\boxed{\text{B}}", "B"), (r"\(B\)", "B"), (r"\text{B) Paris}", "Paris"),
        ("Option B", "B"), ("option (b)", "B"), ("Choice B: Paris", "B"), ("Answer: B", "B"),
        ("B - Paris", "B"), ("B \u2013 Paris", "B) Paris"), ("Paris", "B - Paris"), ("B", "[B]"),
        ("true", True), ("False", False), ("B - 4", "B"),
    ],
}  # fmt: skip
DIFFERENT = {
    "numbers": [
        ("1,00", "100"), ("1000 apples", "1000"), ("", "0"), ("1/0", "1"), ("0.5", "05"),
        ("1,0000", "10000"), ("four", "4"), ("1e9999", "1"), ("4", True), ("-4", "4"),
        ("9" * 1000, "9"), ("1 000", "1000"), ("nan", "nan0"), ("-$-5", "5"), ("-$-5", "-5"),
        ("$-5", "5"), ("\u22125", "5"), ("$+-5", "-5"),
    ],
    "gsm8k": [("48, 72", GSM8K), ("", GSM8K), ("24", GSM8K), ("seventy-two", GSM8K), ("7 2", "72"),
        ("\u22125", "#### 5")],
    "squad": [("", "the"), ("Beach Boys", "Beatles"), ("the", "a"), ("cats", "cat")],
    "multiple_choice": [
        ("A", "B"), ("A cat", "A"), ("", "B"), ("B) Paris", "C) Paris"), ("BC", "B"),
        ("B or C", "B"),        ("Rome", "B) Paris"), ("B", 2), ("1", 1),
        ("B", True), ("A", False), ("1", True), ("B - C", "B"), ("B -  C.", "B"),
        ("\u212a", "K"), ("Option B or C", "B"),
        ("Optional", "O"), ("A-level", "A"), ("answer a question", "A"), (r"\text{B", "B"),
        ("[A]", "B"), (r"\text{A}", "B"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_equal(name: str) -> None:
    same = CHECKERS[name]
    assert [pair for pair in EQUAL[name] if not same(*pair)] == []
    assert [pair for pair in DIFFERENT[name] if same(*pair)] == []


@pytest.mark.parametrize("name", [*EQUAL, "exact_match"])
@pytest.mark.parametrize("truth", [None, math.nan, "", [], {"a": 1}, b"4"])
def test_a_truth_that_is_none_is_refused(name: str, truth: object) -> None:
    with pytest.raises(TruthError):
        CHECKERS[name]("4", truth)


@pytest.mark.parametrize("name", [*EQUAL, "exact_match"])
@given(answer=st.text(max_size=30), truth=st.text(min_size=1, max_size=30))
def test_no_answer_raises(name: str, answer: str, truth: str) -> None:
    if truth.strip():
        assert CHECKERS[name](answer, truth) in (True, False)


@pytest.mark.parametrize(
    "hostile", ["option {}!", "B{}!", "B -{}C", "B - {}C!", r"\text{{\text{{{}", r"\text {}"]
)
def test_a_choice_is_read_in_time(hostile: str) -> None:
    """A time that grows as the square of the length would be hours."""
    for filling in (" ", "\\text{", "- ", "("):
        CHECKERS["multiple_choice"](hostile.format(filling * 300_000), "B")


def test_an_exported_file_compares_alike(tmp_path: Path) -> None:
    """The file has its own copy of the checker."""
    for name in ("multiple_choice", "numbers"):
        path = export(RLCR, tmp_path / f"{name}.py", framework="trl", checker=name)
        alone = Alone(path, "trl")
        for pairs, paid in ((EQUAL, 0.75), (DIFFERENT, -0.25)):
            for answer, truth in pairs[name]:
                if isinstance(truth, str) and answer and truth.strip():
                    assert alone(said(answer), truth) == paid, (answer, truth)
        alone.close()


@given(st.integers(-(10**9), 10**9))
def test_a_number_is_the_same_however_it_is_written(n: int) -> None:
    for text in (f"{n}", f"{n:,}", f"{n}.0", f"{n:,}.00", f" {n} "):
        assert CHECKERS["numbers"](text, n)
        assert CHECKERS["gsm8k"](text, f"#### {n:,}")
        assert not CHECKERS["numbers"](text, n + 1)


# ---------------------------------------------------------------------------- what a checker sees


def test_a_checker_gets_the_columns_that_it_names() -> None:
    seen: list[Any] = []

    def judge(answer: str, truth: object, prompt: str, level: int, note: str = "none") -> bool:
        seen.append((answer, truth, prompt, level, note))
        return True

    function = as_trl(RLCR, checker=judge)
    columns = {"solution": ["4", "5"], "level": [1, 2], "trainer_state": object()}
    function(prompts=["a?", "b?"], completions=[said("4"), said("5")], **columns)
    assert seen == [("4", "4", "a?", 1, "none"), ("5", "5", "b?", 2, "none")]
    with pytest.raises(ValueError, match="the checker asks for the column `level`; the row has"):
        function(prompts=["a?"], completions=[said("4")], solution=["4"])


def test_every_trainer_gives_the_row() -> None:
    rows: list[dict[str, Any]] = []

    def judge(answer: str, truth: object, row: dict[str, Any]) -> bool:
        rows.append(dict(row))
        return True

    as_trl(RLCR, checker=judge)(prompts=["a?"], completions=[said("4")], solution=["4"], id=[7])
    as_verl(RLCR, checker=judge)("math", said("4"), "4", extra_info={"id": 7}, other=1)
    as_openrlhf(RLCR, checker=judge)([f"a?{said('4')}"], ["a?"], ["4"])
    data = SimpleNamespace(answer="4", id=7)
    trace = SimpleNamespace(last_reply=said("4"))
    asyncio.run(as_verifiers(RLCR, checker=judge)(SimpleNamespace(data=data), trace))
    trl, verl, openrlhf, verifiers = rows
    assert (trl["prompt"], trl["id"], trl["solution"], trl["completion"]) == (
        "a?",
        7,
        "4",
        said("4"),
    )
    assert (verl["data_source"], verl["id"], verl["extra_info"], verl["other"]) == (
        "math", 7, {"id": 7}, 1)  # fmt: skip
    assert (openrlhf["prompt"], openrlhf["query"]) == ("a?", f"a?{said('4')}")
    assert (verifiers["id"], verifiers["trace"]) == (7, trace)


def test_what_a_signature_asks_for() -> None:
    assert named_columns(lambda answer, truth: True) == {}
    assert named_columns(lambda *both: True) == {}
    assert named_columns(lambda answer, truth, **row: True) == {"**": False}
    assert named_columns(lambda answer, truth, *, prompt: True) == {"prompt": True}
    assert named_columns(str.__eq__) == {}
    everything: list[dict[str, Any]] = []
    grade = scorer(RLCR, checker=lambda answer, truth, **row: not everything.append(row))
    grade(said("4"), "4", {"id": 7})
    assert everything == [{"id": 7}]


# ------------------------------------------------------------------------------------ asynchronous


class Judge:
    """A judge whose calls end only when all 20 are in flight."""

    def __init__(self, calls: int = 20) -> None:
        self.calls, self.flying, self.most = calls, 0, 0
        self.loops: set[int] = set()

    async def __call__(self, answer: str, truth: object) -> bool:
        self.loops.add(id(asyncio.get_running_loop()))
        self.flying += 1
        self.most = max(self.most, self.flying)
        while self.most < self.calls:
            await asyncio.sleep(0)
        self.flying -= 1
        return answer == truth


TEXTS = [said("4"), said("5")] * 10
PAID = [0.75, -0.25] * 10


def test_twenty_judge_calls_are_in_flight_at_once() -> None:
    """Each of the 20 calls waits for the others: one after the other they would wait for ever."""
    judge = Judge()
    function = as_trl(RLCR, checker=judge)
    batch = {"prompts": ["?"] * 20, "completions": TEXTS, "solution": ["4"] * 20}
    assert function(**batch) == PAID
    assert judge.most == 20
    assert function(**batch) == PAID
    assert len(judge.loops) == 1  # so that a client, which belongs to a loop, works again

    async def inside_a_loop() -> list[float | None]:
        return function(**batch)

    assert asyncio.run(inside_a_loop()) == PAID
    awaited = as_trl(RLCR, checker=Judge(), asynchronous=True)
    assert asyncio.run(awaited(**batch)) == PAID


def test_every_trainer_awaits_a_judge() -> None:
    async def judge(answer: str, truth: object) -> bool:
        await asyncio.sleep(0)
        return answer == truth

    async def many() -> list[Any]:
        compute_score = as_verl(RLCR, checker=judge)
        return await asyncio.gather(*(compute_score("d", text, "4") for text in TEXTS))

    assert [sample["score"] for sample in asyncio.run(many())] == PAID
    assert as_openrlhf(RLCR, checker=judge)([f"?{said('4')}"], ["?"], ["4"])["rewards"] == 0.75
    trace = SimpleNamespace(last_reply=said("4"))
    reward = as_verifiers(RLCR, checker=judge)
    assert sum(asyncio.run(reward(SimpleNamespace(answer="4"), trace)).values()) == 0.75


def test_a_judge_that_fails_costs_only_its_answer() -> None:
    async def judge(answer: str, truth: object) -> bool:
        if answer == "5":
            raise TimeoutError("no answer")
        return True

    grade = scorer(RLCR, checker=judge)
    with pytest.warns(RuntimeWarning, match="the checker failed with TimeoutError"):
        right, failed = grade.batch([said("4"), said("5")], ["4", "4"])
    assert (right.reward, failed.reward, failed.format_ok) == (0.75, -1.0, False)

    async def wrong(answer: str, truth: object) -> Any:
        return "yes"

    with pytest.raises(TypeError, match="must return True or False, got 'yes'"):
        scorer(RLCR, checker=wrong)(said("4"), "4")


def test_a_judge_may_give_scores() -> None:
    async def judge(answer: str, truth: object) -> float:
        return 0.25

    grade = scorer("2*c*q - q^2", checker=judge, graded=True)
    assert grade(said("4", "0.25"), "4").reward == pytest.approx(0.0625)


# ------------------------------------------------------------------------------------------ truths


def test_a_truth_may_be_a_dictionary_with_a_named_key() -> None:
    truth = {"target": ["4", "four"], "level": 2}
    assert as_verl(RLCR, truth_key="target")("d", said("four"), truth)["score"] == 0.75
    assert as_verl(RLCR, truth_key="target")("d", said("4"), "4")["score"] == 0.75
    with pytest.raises(TruthError, match="the truth has no key 'gold'"):
        as_verl(RLCR, truth_key="gold")("d", said("4"), truth)
    with pytest.raises(TruthError, match="name the key with the answer, truth_key="):
        as_verl(RLCR)("d", said("4"), truth)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_trl_leaves_out_rows_without_a_truth_if_asked_to(asynchronous: Any) -> None:
    logged: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    batch = {
        "prompts": ["?"] * 3,
        "completions": [said("4"), said("5"), said("4")],
        "solution": [None, "4", "4"],
        "log_extra": columns.__setitem__,
        "log_metric": logged.__setitem__,
    }
    skipping = as_trl(RLCR, no_truth="skip", asynchronous=asynchronous)
    paid = asyncio.run(skipping(**batch)) if asynchronous else skipping(**batch)
    assert paid == [None, -0.25, 0.75]
    assert columns["scoring_theory/confidence"] == [None, 0.5, 0.5]
    assert logged["scoring_theory/correct"] == 0.5
    with pytest.raises(TruthError, match="row 0 of the batch"):
        as_trl(RLCR)(**{**batch, "log_extra": None, "log_metric": None})
    with pytest.raises(ValueError, match="`no_truth` must be 'raise' or 'skip', got 'none'"):
        as_trl(RLCR, no_truth="none")  # type: ignore[call-overload]


# ---------------------------------------------------------------------------------------- exported


@pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")
@pytest.mark.parametrize("name", READERS)
def test_an_exported_file_reads_and_checks_as_the_package_does(name: str, tmp_path: Path) -> None:
    """Bit for bit, for every reader, and with another checker for each."""
    reader = READERS[name]
    formula = "1 - (q - c)^2" if name == "forecast" else RLCR
    checkers = dict(zip(READERS, EQUAL, strict=False))
    options: dict[str, Any] = {"reader": reader}
    if name != "forecast":
        options |= {"checker": checkers.get(name, "exact_match"), "truth_key": "target"}
    path = export(formula, tmp_path / "reward.py", framework="verl", **options)
    alone, grade = Alone(path, "verl"), scorer(formula, **options)
    lines = Path(__file__).with_name("completions.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    texts += [write_completion(reader, "4", n / 10) for n in range(11)]
    truths: list[Any] = ["1"] if name == "forecast" else [{"target": "4"}, {"target": "72"}]
    scores = {(row, at): grade(text, truth)
              for row, text in enumerate(texts) for at, truth in enumerate(truths)}  # fmt: skip
    paid = {key: alone(texts[key[0]], truths[key[1]]) for key in scores}
    alone.close()
    assert paid == {key: score.reward for key, score in scores.items()}
    assert sum(score.format_ok for score in scores.values()) >= 11


def test_the_command_exports_a_reader_and_a_checker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "reward.py"
    command = ["export", "--rule", "rlcr", "--framework", "trl", "-o", str(path), "--quiet"]
    options = ["--reader", "percent,occurrence=last", "--checker", "gsm8k", "--truth-key", "answer"]
    assert main([*command, *options]) == 0
    text = path.read_text(encoding="utf-8")
    assert "# The format: Reader(occurrence='last', scale='percent')" in text
    assert "partial(tag_content, tag='answer', occurrence='last', lenient=False)" in text
    assert "number=partial(plain_number, scale='percent')" in text
    assert "    checker=gsm8k,\n" in text
    assert "truth_key='answer'" in text
    assert main([*command, "--force", "--reader", "box"]) == 2
    assert "a reader is one of tags, rlcr" in " ".join(capsys.readouterr().err.split())


def test_two_definitions_of_one_name_are_not_put_into_one_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Teeth: the later one would silently replace the earlier."""
    monkeypatch.setattr(bundling, "getsource", {"a": "x = 1", "b": "x = 2"}.__getitem__)
    two: Any = ["a", "b"]
    with pytest.raises(ValueError, match="two modules of one file define 'x': rename one"):
        bundling.bundle(two, "x")


def test_every_checker_is_exported(tmp_path: Path) -> None:
    for name in CHECKERS:
        if find_spec("math_verify") is None and name in ("math_verify", "rlcr"):
            with pytest.raises(ImportError, match="pip install math-verify"):
                as_checker(name)
            continue
        path = export("c", tmp_path / f"{name}.py", framework="verl", checker=name)
        assert f"checker={CHECKERS[name].__name__}" in path.read_text(encoding="utf-8")


# ---------------------------------------------------------------------- 2,500 recorded verdicts


def completions() -> list[dict[str, Any]]:
    with gzip.open(
        f"{DATA}/logs/rlcr_math500_completions.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        rows = list(map(json.loads, file))
    for row in rows:
        row["answer"] = READERS["rlcr"].read(row["completion"]).answer
    return rows


@recorded
def test_text_checkers_beside_the_recorded_verdicts() -> None:
    """1,040 of 2,500 verdicts of the authors are right; whatever is found by text is among them."""
    counts = {name: Counter[tuple[bool, bool]]() for name in ("exact_match", "squad")}
    for row in completions():
        for name, count in counts.items():
            right = row["answer"] is not None and CHECKERS[name](row["answer"], row["truth"])
            count[bool(row["recorded_correct"]), right] += 1
    assert counts["exact_match"] == {(False, False): 1460, (True, True): 919, (True, False): 121}
    assert counts["squad"] == {(False, False): 1460, (True, True): 998, (True, False): 42}


@recorded
@needs_math
@pytest.mark.slow
def test_the_rule_of_rlcr_repeats_every_recorded_verdict() -> None:
    """1,040 of 2,500; repeated answers are decided once."""
    decided: dict[tuple[Any, str], bool] = {(None, row["truth"]): False for row in completions()}
    wrong = []
    for row in completions():
        key = (row["answer"], row["truth"])
        if key not in decided:
            decided[key] = rlcr_answer(*key)
        if decided[key] != bool(row["recorded_correct"]):
            wrong.append(key)
    assert wrong == []


@recorded
@needs_math
@pytest.mark.slow
def test_math_verify_beside_the_recorded_verdicts() -> None:
    """The table of docs/trainers.md: math_verify 0.9.0."""
    decided: dict[tuple[Any, str], bool] = {(None, row["truth"]): False for row in completions()}
    count = Counter[tuple[bool, bool]]()
    for row in completions():
        key = (row["answer"], row["truth"])
        if key not in decided:
            decided[key] = CHECKERS["math_verify"](*key)
        count[bool(row["recorded_correct"]), decided[key]] += 1
    assert count == {
        (False, False): 1189,
        (False, True): 271,
        (True, True): 1018,
        (True, False): 22,
    }


def test_signs_are_punctuation_to_squad() -> None:
    """19 of the 22 answers that only the authors call right differ from the truth in a sign."""
    assert squad("1", "-1")
    assert not CHECKERS["numbers"]("1", "-1")
    assert comparing.exact_match("-1", "-1")
