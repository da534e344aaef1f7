"""Logs of programs are recognised: the same rows in every format give the same replay."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_theory import calibrate, read_rollouts, replay
from scoring_theory.readers import FormatWarning
from scoring_theory.replaying import Replay
from scoring_theory.rollouts import RolloutError, Rollouts, fast_csv, rollouts_from_frame
from scoring_theory.rollouts.columns import COLUMN_NAMES, USUAL_NAMES
from scoring_theory.rollouts.formats import LOG_FORMATS
from simulations.cli import main

LOGS, ROOT = Path(__file__).parent / "logs", Path(__file__).resolve().parents[2]
REWARDS = {"binary": "c", "rlcr": "c - (q - c)^2"}
MISSING = {"missing": -1.0}
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "inspect": ("inspect.eval", {}),
    "inspect as JSON": ("inspect.json", {}),
    "lm-evaluation-harness": ("lm_eval_samples_sums.jsonl", {}),
    "verifiers' traces": ("verifiers_traces.jsonl", {}),
    "verifiers' results": ("verifiers_results.jsonl", {}),
    "TRL": ("trl_completions", {}),
    "TRL on wandb": ("trl.table.json", {}),
    "verl": ("verl/*.jsonl", {}),
    "OpenRLHF": ("openrlhf.table.json", {"paid": "c - (q - c)^2"}),
    "an array": (
        "array.json",
        {"columns": {"correct": "verdict.value", "reward": "reward"}, **MISSING},
    ),
    "semicolons": ("semicolons.csv", MISSING),
}
TRAINERS = ("TRL", "TRL on wandb", "verl", "OpenRLHF", "an array", "semicolons")


def sample(name: str, **more: Any) -> Rollouts:
    file, options = SAMPLES[name]
    columns = {**options.get("columns", {}), **more.pop("columns", {})}
    return read_rollouts(str(LOGS / file), **{**options, "columns": columns, **more})


def numbers(result: Replay) -> dict[str, float]:
    """What does not depend on which rows belong to one question, by name."""
    one = result.at(None)[0]
    names = ("n", "accuracy", "accuracy_of_all", "mean_confidence", "brier", "ece", "auroc")
    means = {name: mean.estimate for name, mean in one.rewards.items()}
    return {**{name: getattr(one, name) for name in names}, "missing": one.missing, **means}


# By hand from the eight rows that logs/README.md describes: 4 of 7 stated answers are right, the
# confidences add up to 4.4, their squared errors to 1.0, and the unreadable answer is paid -1.
BY_HAND = {
    "n": 7, "accuracy": 4 / 7, "accuracy_of_all": 4 / 8, "mean_confidence": 4.4 / 7,
    "brier": 1.0 / 7, "ece": 1.2 / 7, "auroc": 10.5 / 12, "missing": 1,
    "binary": (4 - 1) / 8, "rlcr": (4 - 1 - 1) / 8,
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_rows_in_every_format_give_the_same_replay(name: str) -> None:
    found = numbers(replay(sample(name), REWARDS, intervals=False))
    assert found == pytest.approx(BY_HAND, abs=1e-12)


@pytest.mark.parametrize("name", TRAINERS)
def test_steps_and_logged_rewards_are_those_of_every_format(name: str) -> None:
    result = replay(sample(name, columns={"step": "step"}), REWARDS, intervals=False)
    steps = [(one.step, one.n, one.missing, one.accuracy) for one in result.over_time]
    assert steps == [(10, 4, 0, 0.5), (20, 3, 1, 0.5)]
    assert [one.rewards["rlcr"] for one in result.over_time] == pytest.approx([0.375, 0.125])
    if name != "semicolons":  # a plain table names its logged reward by option
        binary, rlcr = result.logged
        assert (rlcr.equal, rlcr.compared) == (True, 8)
        assert (binary.different, binary.rows, round(binary.largest, 12)) == (
            6,
            (1, 2, 3, 4, 7),
            0.36,
        )


def test_no_program_writes_what_another_is_recognised_by() -> None:
    for name, (file, options) in SAMPLES.items():
        reading = sample(name).reading
        titles = [each.title for each in LOG_FORMATS if f"Read as {each.title} (" in reading]
        assert len(titles) == (0 if name in ("an array", "semicolons") else 1), (file, options)


def test_the_line_says_what_was_recognised_and_which_columns_were_taken() -> None:
    assert sample("verl", columns={"step": "step"}).reading == (
        "Read as verl's rollout dump (2 files of JSON Lines): confidence from confidence, correct"
        " from acc, question from input, step from step, logged reward from score. Answers without"
        " a readable confidence are paid -1 under every reward; another payoff is --missing PAYOFF"
        " (missing=PAYOFF)."
    )
    assert "confidence read from completions by the reader tags" in sample("inspect").reading
    assert sample("verl", missing=-0.5).missing == -0.5
    with pytest.raises(RolloutError, match=r"20\.jsonl, row 2"):
        sample("verl", missing="refuse")


def test_completions_can_be_read_again_with_another_reader_and_checker() -> None:
    again = sample("verl", reader="tags", truth_key=None)
    assert "read from completions" in again.reading
    assert np.array_equal(again.confidence, sample("verl").confidence, equal_nan=True)
    percent = sample("verl", reader="percent")
    assert percent.confidence[0] == 0.009
    judged = sample("lm-evaluation-harness", checker=lambda answer, truth: answer != truth)
    assert judged.correct.sum() == 4  # `metric` is there, so that the checker is not asked


def test_outcomes_follow_from_the_reward_that_was_paid(tmp_path: Path) -> None:
    assert sample("OpenRLHF").correct.tolist() == [1, 0, 1, 0, 1, 0, 1, 0]
    with pytest.raises(RolloutError, match="there is no column 'correct'"):
        sample("OpenRLHF", paid=None)
    with pytest.raises(RolloutError, match=r"row 1: the logged reward 0\.99 is neither what"):
        sample("OpenRLHF", paid="c - 2*(q - c)^2")
    path = tmp_path / "log.csv"
    path.write_text("confidence,reward\n0.5,-0.25\n")
    with pytest.raises(RolloutError, match="is both what -"):
        read_rollouts(path, columns={"reward": "reward"}, paid="-(q - c)^2")


def test_steps_in_file_names_are_in_order_of_size(tmp_path: Path) -> None:
    for step in (9, 10, 100):
        (tmp_path / f"{step}.jsonl").write_text(
            json.dumps({"confidence": step / 100, "correct": 1})
        )
    assert read_rollouts(tmp_path).confidence.tolist() == [0.09, 0.1, 1.0]
    assert len(read_rollouts(f"{tmp_path}/1*.jsonl")) == 2
    assert len(read_rollouts([tmp_path / "9.jsonl", tmp_path / "10.jsonl"])) == 2
    (tmp_path / "notes.txt").write_text("not a log")
    (tmp_path / "9.jsonl").write_text('{"confidence": 7, "correct": 1}')
    with pytest.raises(RolloutError, match=r"9.jsonl, row 1 \(line 1\): `confidence` must be"):
        read_rollouts(tmp_path, scale="unit")


def test_files_of_one_log_need_the_same_roles_and_are_named_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("confidence,correct\n0.5,1\n")
    (tmp_path / "b.csv").write_text("confidence,correct,method\n0.5,1,x\n")
    with pytest.raises(RolloutError, match=r"a.csv: there is no column for the role 'method'"):
        read_rollouts(tmp_path)
    with pytest.raises(RolloutError, match="named twice"):
        read_rollouts([tmp_path / "a.csv", tmp_path / "a.csv"])
    with pytest.raises(RolloutError, match="no file matches"):
        read_rollouts(f"{tmp_path}/*.parquet")


def test_nested_columns_have_paths(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = [
        {"score": {"value": "C", "stated": {"q": 0.9}}},
        {"score": {"value": "I", "stated": {"q": 0.5}}},
    ]
    columns = {"confidence": "score.stated.q", "correct": "score.value"}
    (tmp_path / "log.json").write_text(json.dumps(rows))
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "log.parquet")
    for name in ("log.json", "log.parquet"):
        log = read_rollouts(tmp_path / name, columns=columns)
        assert (log.confidence.tolist(), log.correct.tolist()) == ([0.9, 0.5], [1, 0])
        with pytest.raises(RolloutError, match=r"score\.value"):
            read_rollouts(tmp_path / name)


@pytest.mark.parametrize(
    ("right", "wrong"), [("C", "I"), ("correct", "Incorrect"), ("yes", "NO"), ("True", "false")]
)
def test_verdicts_may_be_words(tmp_path: Path, right: str, wrong: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"confidence,correct\n0.5,{right}\n0.5,{wrong}\n")
    assert read_rollouts(path).correct.tolist() == [1, 0]


def test_documents_that_are_no_logs_are_refused(tmp_path: Path) -> None:
    faults = {
        "3": "a JSON log is an array of objects",
        "{}": "a JSON log is an array of objects",
        '{"a": [1], "b": [1, 2]}': "must have the same length",
        "[1]": "row 1: an object expected, got 1",
        '{"columns": ["a", "a"], "data": []}': "'a' twice",
        '{"columns": ["a"], "data": [[1, 2]]}': "1 fields expected, got 2",
        '{"eval": {}, "samples": null}': "a log without samples has no rows",
        '[{"confidence": 0.5, "confidence": 0.6}]': "every name must come once",
        "[" * 100_000: "not JSON",
    }
    for text, sentence in faults.items():
        (tmp_path / "log.json").write_text(text)
        with pytest.raises(RolloutError, match=sentence) as caught:
            read_rollouts(tmp_path / "log.json")
        assert "log.json" in str(caught.value)
    (tmp_path / "log.jsonl").write_text('{"task": {}, "traces": 3}')
    with pytest.raises(
        RolloutError, match="line 1: not verifiers' traces: `traces` must be a list"
    ):
        read_rollouts(tmp_path / "log.jsonl")


def archive(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr(name.replace("__", "/") + ".json", text)
    return path


def test_zipped_logs_are_read_within_their_limits(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    head, one = json.dumps({"eval": {"model": "m", "task": "t"}}), {"id": 1, "epoch": 1}
    scored = {**one, "scores": {"s": {"value": "C", "metadata": {"confidence": 0.5}}}}
    assert read_rollouts(archive(path, header=head, samples__1=json.dumps(scored))).methods == (
        "m",
    )
    bomb = json.dumps({**scored, "store": "0" * (1 << 24)})
    for files, sentence in (
        ({"header": head, "samples__1": bomb}, "may unpack to at most 100 times"),
        ({"samples__1": "{}"}, "it has no header.json"),
        ({"header": "{}"}, "has no key 'eval'"),
        ({"header": head, "samples__1": "3"}, "not an Inspect log"),
    ):
        with pytest.raises(RolloutError, match=sentence):
            read_rollouts(archive(path, **files))
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(RolloutError, match="cannot be read"):
        read_rollouts(path)
    damaged = bytearray((LOGS / "inspect.eval").read_bytes())
    damaged[5000:9000] = bytes(4000)  # inside the compressed files
    path.write_bytes(damaged)
    with pytest.raises(RolloutError, match=r"log\.eval"):
        read_rollouts(path)


def test_a_log_without_any_confidence_says_how_to_read_one(tmp_path: Path) -> None:
    shutil.copy(LOGS / "inspect.json", tmp_path)
    with (
        pytest.warns(FormatWarning, match="0 of 8"),
        pytest.raises(RolloutError, match=r"completions from completion.*--reader NAME"),
    ):
        read_rollouts(tmp_path / "inspect.json", reader="boxed")


# ---------------------------------------------------------------- laws

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]),
        st.booleans(),
        st.sampled_from("abc"),
        st.integers(1, 3),
        st.integers(1, 2),
    ),
    min_size=2,
    max_size=12,
)


def log_of(rows: list[tuple[float, bool, str, int, int]], **more: Any) -> Rollouts:
    q, c, question, _, step = zip(*rows, strict=True)
    return Rollouts(confidence=q, correct=np.array(c), question=question, step=step, **more)


def close(first: Replay, second: Replay) -> None:
    one, other = first.at(None)[0], second.at(None)[0]
    for name in ("accuracy", "mean_confidence", "brier", "ece", "auroc"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12, nan_ok=True)
    for name, mean in one.rewards.items():
        assert mean.estimate == pytest.approx(other.rewards[name].estimate, abs=1e-12)
    for a, b in zip(first.over_time, second.over_time, strict=True):
        assert (a.step, a.accuracy, a.ece) == (b.step, *map(pytest.approx, (b.accuracy, b.ece)))


@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(["left", "right"]))
def test_the_order_of_rows_changes_nothing(rows: Any, random: Any, closed: Any) -> None:
    mixed = random.sample(rows, len(rows))
    options = {"intervals": False, "bins": 4, "closed": closed}
    close(replay(log_of(rows), REWARDS, **options), replay(log_of(mixed), REWARDS, **options))


@given(ROWS)
def test_a_weight_is_a_repetition(rows: Any) -> None:
    weights = [row[3] for row in rows]
    repeated = [row for row in rows for _ in range(row[3])]
    weighted = replay(log_of(rows, weight=weights), REWARDS, resamples=30)
    long = replay(log_of(repeated), REWARDS, resamples=30)
    close(weighted, long)
    # Questions are resampled as a whole, so that even the intervals are the same.
    for name, mean in weighted.at(None)[0].rewards.items():
        other = long.at(None)[0].rewards[name]
        assert (mean.low, mean.high) == pytest.approx((other.low, other.high), nan_ok=True)
    one, other = (calibrate(log, intervals=False).cells[0] for log in
                  (log_of(rows, weight=weights), log_of(repeated)))  # fmt: skip
    assert one.log_loss == pytest.approx(other.log_loss)
    parts = [each.parts.miscalibration for each in (one, other) if each.parts is not None]
    assert parts == pytest.approx([parts[0]] * 2, abs=1e-12)


def test_weights_must_be_numbers_of_at_least_0(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for weight in ("-1", "nan", "much", ""):
        path.write_text(f"confidence,correct,w\n0.5,1,1\n0.5,1,{weight}\n")
        with pytest.raises(RolloutError, match=r"row 2 \(line 3\): `weight` must be a number"):
            read_rollouts(path, columns={"weight": "w"})


@pytest.mark.parametrize(
    "table",
    [
        'confidence,correct,method\n0.5,1,"a"\n0.25,0,b\n',
        'confidence,correct,method\n0.5,true,"a, b"\n\n0.25,FALSE,"two\nlines"\n',
        "confidence;correct;method\n0,5;1;a\n0,25;0;b\n",
        "confidence;correct;method\n0,5;1;a\n0.25;0;b\n",
        'confidence,correct,method\r\n0.5,1,"a"\r\n 0.25 ,0,b\r\n',
        'confidence,correct,method\n0.5,1,"a ""b"""\n0.25,0,b\n',
        'confidence,correct,method\n0.5,1,"a"b\n0.25,0,b\n',
        "confidence,correct,method\n0.5,1,a\n0.25,0\n",
        "confidence,correct,method\n0.5,1,a\n,0,b\n",
        "confidence,correct,method\n0.5,1,a\n85,0,b\n",
        "confidence,correct,method\n0.5,1,a\n0x1,0,b\n",
        "confidence,correct,method\n0.5,1,a\nnan,0,b\n",
        "confidence,correct,method\n0.5,1,a\n0.5,,b\n",
        "confidence,correct,method\n0.5,1,a\n0.5,1,\n",
        "confidence,correct,method\n0.5,1,007\n0.5,1,7\n",
        "confidence,correct,method\n",
        "method,method,correct,confidence\na,b,1,0.5\n",
    ],
)
@pytest.mark.parametrize("missing", [None, -1.0])
def test_the_fast_reader_agrees_with_the_exact_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, missing: float | None
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(table.encode())
    exact = told_of(path, missing=missing)
    monkeypatch.setattr(fast_csv, "FAST_FROM", 0)
    assert told_of(path, missing=missing) == exact


def told_of(log: Path | io.BytesIO, **options: Any) -> Any:
    """Everything that a reader found, or its error."""
    try:
        found = read_rollouts(log, **options)
    except RolloutError as error:
        return str(error)
    return (
        str(found.confidence.tolist()),
        found.correct.tolist(),
        {
            role: (labels.code.tolist(), [str(name) for name in labels.names.tolist()])
            for role, labels in found.labels.items()
        },
        None if found.group is None else found.group.tolist(),
        found.malformed.tolist(),
        found.digest,
        found.reading,
    )


NUMBERS_AS_TEXT = ("0.5", "1", "0", "0,25", '"0.5"', " 0.5", "0.50", "1e-1", "nan", "", "-1", "½")
VERDICTS = ("1", "0", "true", '"1"', "Correct", "", "2", '"yes"', "1.0", "0x1")
LABELS_AS_TEXT = (
    "a", "b", '"a"', '"a, b"', '"two\nlines"', '"a ""b"""', 'a"', '"a"b', '"', '""', "", " a",
    "7", "07", "-7", "0x10", "1000000000", "99999999999999999999", "é", '"7"', "a;b", "\ta",
)  # fmt: skip
QUESTIONS = ("0", "1", "2", "10", "11", '"3"', "007", "-0", "12345678901234567890", "1 ")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_fast_reader_agrees_with_the_exact_one_on_odd_tables(data: st.DataObject) -> None:
    """The same rows, codes, groups, digest and errors, whatever pyarrow makes of the table."""
    pick = data.draw
    odd = pick(st.booleans())
    kinds = {
        "confidence": NUMBERS_AS_TEXT if odd else ("0.5", "1", "0.25"),
        "correct": pick(st.sampled_from([VERDICTS, ("1", "0"), ("true", "false"), ('"1"', "0")])),
        "method": pick(st.sampled_from([LABELS_AS_TEXT, ("a", '"a"'), ("a", '"b, c"', "")])),
        "question": pick(st.sampled_from([QUESTIONS, ("0", "1", "20", "3"), ("7", "900000000")])),
        "ignored": pick(st.sampled_from([LABELS_AS_TEXT, ("x",), ('"x"',), ('"x, y"', "z")])),
    }
    names = pick(st.permutations(list(kinds)))
    delimiter = pick(st.sampled_from(",;"))
    end = pick(st.sampled_from(["\n", "\r\n"]))
    head = [f'"{name}"' if pick(st.booleans()) else name for name in names]
    rows = pick(st.lists(st.tuples(*(st.sampled_from(kinds[name]) for name in names)), max_size=6))
    lines = [delimiter.join(cells) for cells in (head, *rows)]
    mark = pick(st.sampled_from(["", "\ufeff"]))
    text = mark + end.join(lines) + pick(st.sampled_from(["", end, end + end]))
    content = text.encode() + pick(st.sampled_from([b"", b"", b"", b"\xff", b"\r"]))
    missing = pick(st.sampled_from([None, -1.0]))
    found = []
    for least in (len(content) + 1, 0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fast_csv, "FAST_FROM", least)
            patched.setattr(fast_csv, "_CACHED", pick(st.integers(1, 40)))
            found.append(told_of(io.BytesIO(content), missing=missing, file_format="csv"))
    assert found[1] == found[0]


def test_tables_read_fast_are_joined_as_those_read_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a column holds numbers in one file and words in another."""
    head = "confidence,correct,method,question"
    (tmp_path / "a.csv").write_text(f"{head}\n0.5,1,x,7\n0.25,0,y,11\n")
    (tmp_path / "b.csv").write_text(f'{head}\n0.5,true,"x",11\n0.25,false,y,q\n')
    (tmp_path / "c.csv").write_text(f'{head}\n0.5,1,"x",3\n0.25,1,y,7\n')
    exact = told_of(tmp_path)
    monkeypatch.setattr(fast_csv, "FAST_FROM", 0)
    assert told_of(tmp_path) == exact
    assert exact[3] == [0, 1, 1, 2, 3, 0]


def test_ordinary_tables_are_read_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of pyarrow's, of pandas' and of R's writer, with whole numbers as whole numbers."""
    monkeypatch.setattr(fast_csv, "FAST_FROM", 0)
    plain = "confidence,correct,method,question\n0.5,1,Base,7\n0.25,0,Base,11\n0.5,1,RLCR,7\n"
    quoted = plain.replace("Base", '"Base"').replace("RLCR", '"RLCR"')
    header = '"confidence","correct","method","question"'
    for table in (plain, quoted, quoted.replace("confidence,correct,method,question", header)):
        roles = {name: name for name in ("confidence", "correct", "method", "question")}
        found = fast_csv._without_quoting(table.encode(), list(roles), roles, ",", table.count('"'))
        assert found is not None
        assert found["question"].names.tolist() == [7, 11]
        assert found["question"].code.tolist() == [0, 1, 0]
        assert found["method"].names.tolist() == ["Base", "RLCR"]


def test_packed_documents_are_read(tmp_path: Path) -> None:
    content = (LOGS / "array.json").read_bytes()
    (tmp_path / "log.json.gz").write_bytes(gzip.compress(content))
    options: dict[str, Any] = {"columns": {"correct": "verdict.value"}, "missing": -1.0}
    assert len(read_rollouts(tmp_path / "log.json.gz", **options)) == 8
    assert len(read_rollouts(io.BytesIO(content), **options)) == 8


def test_bins_and_their_closed_side_are_options() -> None:
    log = Rollouts(confidence=[0.5, 0.4], correct=[1, 0])
    eces = [
        replay(log, "c", intervals=False, bins=2, closed=closed).cell("all").ece
        for closed in ("left", "right")
    ]
    assert eces == pytest.approx([0.45, 0.05])  # (0.5 + 0.4)/2 apart; |0.9 - 1|/2 together


# ---------------------------------------------------------------- the commands


def test_the_commands_read_patterns_and_show_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = str(LOGS / "verl" / "*.jsonl")
    assert main(["replay", pattern, "--reward", "rlcr", "--by", "step", "--no-intervals"]) == 0
    shown = capsys.readouterr().out
    assert "Over time" in shown
    assert "in all 8 answers (largest difference 0)" in shown
    words = ["calibrate", pattern, "--by", "step", "--no-intervals"]
    assert main([*words, "--markdown", str(tmp_path / "report.md")]) == 0
    shown = capsys.readouterr().out
    assert "miscalibration MCB" in shown
    assert "Mean reward" not in shown
    assert "## Over time" in (tmp_path / "report.md").read_text()
    assert main(["calibrate", str(LOGS / "inspect.eval"), "--reader", "boxed"]) == 2
    assert "--reader NAME" in capsys.readouterr().err


@pytest.mark.slow
def test_the_course_is_drawn(tmp_path: Path) -> None:
    figure = tmp_path / "course"
    pattern = str(LOGS / "verl" / "*.jsonl")
    words = ["calibrate", pattern, "--by", "step", "--no-intervals", "--figure", str(figure)]
    assert main([*words, "--html", str(tmp_path / "report.html")]) == 0
    assert figure.with_suffix(".csv").read_text().startswith("panel,series,x,y\n")
    assert "from step 10 to 20" in (tmp_path / "report.html").read_text()


def test_calibrate_prints_one_table_that_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["calibrate"]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = lines[lines.index(next(line for line in lines if set(line) == {"─"})) - 1 :]
    rows = table[: table.index("")]
    assert max(map(len, rows)) <= 80
    assert [row[:20].strip() for row in rows if row.startswith(("log", "ECE", "AUROC"))] == [
        "log loss", "ECE", "AUROC",
    ]  # fmt: skip


def test_the_usual_names_of_forecasters_are_found(tmp_path: Path) -> None:
    """Where exactly one column of a plain table may be meant; of several, none is guessed."""
    log = tmp_path / "log.csv"
    for names in ("probability,outcome", "Forecast,Event", "p,y", "prob,label"):
        log.write_text(f"{names}\n0.25,1\n0.75,0\n")
        rollouts = read_rollouts(log)
        assert rollouts.confidence.tolist() == [0.25, 0.75]
        assert rollouts.correct.tolist() == [1, 0]
    log.write_text("p,prob,y\n0.25,0.5,1\n")
    match = "the stated confidence may be in column 'p' or 'prob'; choose one with"
    with pytest.raises(RolloutError, match=match):
        read_rollouts(log)
    log.write_text("confidence,p,correct\n0.25,0.5,1\n")
    assert read_rollouts(log).confidence.tolist() == [0.25]


def test_two_forecasters_are_two_methods_and_what_is_not_used_is_named(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    for who, what in (("forecaster", "event_id"), ("Analyst", "Event"), ("Model", "case_id")):
        log.write_text(f"{who},{what},probability,outcome,note\na,1,.9,1,x\nb,1,.5,1,y\n")
        rollouts = read_rollouts(log)
        assert rollouts.methods == ("a", "b")
        assert rollouts.reading == (
            "Read as CSV: confidence from probability, correct from outcome, method from"
            f" {who}, question from {what}. Column not used: note."
        )
        assert rollouts.group is not None
        assert rollouts.group.tolist() == [0, 0]
    log.write_text("p,y,pred," + ",".join("abcdefgh") + "\n.9,1,1,1,2,3,4,5,6,7,8\n")
    assert read_rollouts(log).reading.endswith(
        " Columns not used: pred, a, b, c, d, e, f, g, 1 more."
    )
    log.write_text("expert,analyst,p,y\na,b,.9,1\n")
    match = "who answered (`method`) may be in column 'expert' or 'analyst'; choose one with"
    with pytest.raises(RolloutError, match=re.escape(match)):
        read_rollouts(log)


def test_the_names_in_the_documentation_are_those_that_are_known() -> None:
    text = (ROOT / "docs/logs.md").read_text(encoding="utf-8")
    for role, usual in USUAL_NAMES.items():
        [line] = [line for line in text.splitlines() if line.startswith(f"| `{role}`")]
        told = re.findall(r"`(\w+)`", line.split("|")[2])
        assert set(told) == {*COLUMN_NAMES[role], *usual, *(["event"] if role == "correct" else [])}


def test_an_event_is_the_outcome_unless_there_is_another(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("event,p\n1,0.5\n0,0.5\n")
    assert read_rollouts(log).correct.tolist() == [1, 0]
    log.write_text("event,p,happened\nrain,0.5,1\nsnow,0.5,0\n")
    rollouts = read_rollouts(log)
    assert rollouts.correct.tolist() == [1, 0]
    assert rollouts.group is not None
    log.write_text("event,p,label,y\nrain,0.5,1,0\n")
    with pytest.raises(RolloutError, match=r"the outcome \(1 or 0\) may be in column 'label' or"):
        read_rollouts(log)


def test_a_table_with_a_column_for_each_forecaster_says_how_to_make_it_long(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("event,anna,bob,outcome\n1,.9,.8,1\n")
    with pytest.raises(RolloutError) as caught:
        read_rollouts(log)
    assert "a log has one row for each forecast" in str(caught.value)
    assert "melt(id_vars=['event', 'outcome'], var_name=\"method\"" in str(caught.value)
    log.write_text("anna,outcome\n.9,1\n")
    with pytest.raises(RolloutError) as caught:
        read_rollouts(log)
    assert "melt" not in str(caught.value)


def test_nothing_nested_counts_as_a_column_that_is_not_used(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"p": 0.5, "score": {"value": 1, "why": "x"}, "id": {"a": 1}}\n')
    found = read_rollouts(log, columns={"correct": "score.value"})
    assert found.reading.endswith("correct from score.value. Column not used: id.")


# ------------------------------------------------------------------- several formats, wrong paths


def test_every_format_of_several_is_named_with_its_files(tmp_path: Path) -> None:
    reading = read_rollouts([LOGS / "trl_completions", LOGS / "verl"]).reading
    assert reading.startswith(
        "Read as TRL's table of completions (2 files of Parquet: completions_00010.parquet,"
        " completions_00020.parquet): confidence from confidence, correct from correct, "
    )
    assert (
        " Read as verl's rollout dump (2 files of JSON Lines: 10.jsonl, 20.jsonl): confidence from"
        " confidence, correct from acc, "
    ) in reading
    other = tmp_path / "plain.csv"
    other.write_text("p,correct,prompt,score\n0.5,1,a,0\n")
    for number in range(6):
        (tmp_path / f"{number}.csv").write_text("confidence,correct\n0.5,1\n")
    few = read_rollouts([tmp_path / f"{number}.csv" for number in range(6)])
    assert few.reading.startswith("Read as 6 files of CSV: confidence from confidence")
    other.write_text("p,correct\n0.5,1\n")
    mixed = read_rollouts(tmp_path).reading
    assert "Read as 6 files of CSV: 0.csv, 1.csv, 2.csv, 3.csv, ...: confidence from" in mixed
    assert "Read as 1 file of CSV: plain.csv: confidence from p, correct from correct." in mixed


@pytest.mark.parametrize("verl_first", [True, False])
def test_a_sentinel_is_one_in_the_files_of_its_format(verl_first: bool, tmp_path: Path) -> None:
    """-1 stands for no confidence in verl's dump only, whichever file comes first."""
    plain, verl = tmp_path / "plain.jsonl", tmp_path / "verl.jsonl"
    row = {"confidence": -1, "correct": 1, "question": "b", "score": 0}
    plain.write_text(json.dumps(row) + "\n")
    rows = ({"input": "a", "output": "x", "gts": "x", "score": 0, "acc": 1, "confidence": q}
            for q in (-1.0, 0.5))  # fmt: skip
    verl.write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = [verl, plain] if verl_first else [plain, verl]
    found = read_rollouts(files, missing=-1, columns={"reward": "score"})
    assert found.malformed.sum() == 1
    assert np.isnan(found.confidence).sum() == 2


VERDICT = [
    {"confidence": 0.9, "score": {"value": 1, "answer": "4"}, "id": 1},
    {"confidence": 0.5, "score": {"value": 0, "answer": "4"}, "id": 2},
]


@pytest.mark.parametrize(
    ("role", "path", "told"),
    [
        ("correct", "score.valu", "there is 'score.value'"),
        ("correct", "score.VALUE", "there is 'score.value', 'score.answer'"),
        ("correct", "id.value", "the columns are 'confidence', "),
        ("question", "score.answr", "there is 'score.answer'"),
        ("weight", "confidence.unit", "the columns are 'confidence', "),
        ("step", "score.0", "there is 'score.value', 'score.answer'"),
    ],
)
@pytest.mark.parametrize("kind", ["jsonl", "json", "parquet", "arrow"])
def test_a_path_to_nothing_is_refused_with_what_there_is(
    kind: str, role: str, path: str, told: str, tmp_path: Path
) -> None:
    log = tmp_path / f"log.{kind}"
    if kind == "jsonl":
        log.write_text("".join(json.dumps(row) + "\n" for row in VERDICT))
    elif kind == "json":
        log.write_text(json.dumps(VERDICT))
    else:
        arrow = pytest.importorskip("pyarrow")
        table = arrow.Table.from_pylist(VERDICT)
        if kind == "parquet":
            __import__("pyarrow.parquet").parquet.write_table(table, log)
        else:
            __import__("pyarrow.feather").feather.write_feather(table, log)
    columns = {"correct": "score.value", role: path}
    with pytest.raises(RolloutError) as caught:
        read_rollouts(log, columns=columns)
    assert f"there is no column or path {path!r}; {told}" in str(caught.value)
    assert read_rollouts(log, columns={"correct": "score.value"}).correct.tolist() == [1, 0]


def test_a_table_has_no_paths(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    for rows in (1, 200_000):  # the exact reader and the fast one
        log.write_text("confidence,score\n" + "0.5,1\n" * rows)
        with pytest.raises(
            RolloutError, match=r"no column or path 'score\.value'; the columns are"
        ):
            read_rollouts(log, columns={"correct": "score.value"})
    frame = {"confidence": [0.5], "score": [1]}
    with pytest.raises(RolloutError, match=r"no column or path 'score\.value'; the columns are"):
        rollouts_from_frame(frame, columns={"correct": "score.value"})


def test_a_path_that_is_there_may_be_empty(tmp_path: Path) -> None:
    """In rows that are not looked at for paths, and as null in all rows."""
    rows = [*({"confidence": 0.5, "correct": 1, "info": {}} for _ in range(60)), {"confidence": 0.5,
            "correct": 1, "info": {"r": 2, "none": None}}]  # fmt: skip
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert np.isfinite(read_rollouts(log, columns={"reward": "info.r"}).reward).sum() == 1


def test_a_log_without_outcomes_names_the_way_to_them(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("calibrate", "replay"):
        assert main([command, str(LOGS / "openrlhf.table.json")]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert "there is no column 'correct'; the columns are" in said
        assert "recover outcomes from the logged reward 'reward': `--paid FORMULA`" in said
    assert main(["calibrate", str(LOGS / "array.json")]) == 2
    assert "--paid" not in capsys.readouterr().err


def test_without_intervals_nothing_was_resampled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("confidence,correct\n" + "0.5,1\n0.5,0\n" * 20)
    for command in ("calibrate", "replay"):
        assert main([command, str(log)]) == 0
        assert "answers were resampled as if" in " ".join(capsys.readouterr().out.split())
        assert main([command, str(log), "--no-intervals", "--markdown", "-"]) == 0
        assert "resampled" not in capsys.readouterr().out
