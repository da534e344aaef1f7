"""`scoring-theory watch` and `LogFollower`, on logs that grow byte by byte."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from scoring_theory.rollouts import RolloutError
from scoring_theory.watching import ConfidenceMonitor, FolderFollower, LogFollower
from simulations.cli import main

Capture = pytest.CaptureFixture[str]
LOGS = Path(__file__).parent / "logs"
RLCR = "c - (q - c)^2"
CSV = "step,confidence,correct,question,note\n" + "".join(
    f'{step},{q},{int(q > 0.6)},{k // 2},"two\nlines, ""quoted"""\n'
    for step in (1, 2, 3)
    for k, q in enumerate((0.5, 0.9, 0.7, ""))
    if q != "" or step != 2
    for q in [q or 0.25]
)
JSONL = "".join(
    json.dumps({"step": step, "confidence": q, "correct": q == 0.9, "question": "é"}) + "\n"
    for step, said in ((1, (None, None, 0.5)), (2, (0.5, 0.9)), (3, (None, None)))
    for q in said
)


def monitor() -> ConfidenceMonitor:
    return ConfidenceMonitor(RLCR, estimator="trl_none")


@pytest.mark.parametrize(("name", "content"), [("log.csv", CSV), ("log.jsonl", JSONL)])
def test_a_log_that_grows_gives_the_same_as_the_whole(
    name: str, content: str, tmp_path: Path
) -> None:
    """A few bytes at a time: half lines, half characters and quoted line feeds are waited for."""
    whole, growing = tmp_path / name, tmp_path / f"growing-{name}"
    whole.write_text(content, encoding="utf-8")
    growing.write_bytes(b"")
    at_once, step_by_step = (LogFollower(path, monitor()) for path in (whole, growing))
    at_once.finish()
    seen, raw = [], content.encode()
    with growing.open("ab", buffering=0) as file:
        for start in range(0, len(raw), 13):
            file.write(raw[start : start + 13])
            step_by_step.poll()
            seen.append(step_by_step.monitor.updates)
    assert seen == sorted(seen)
    assert seen[-1] == 2  # the last step may go on
    step_by_step.finish()
    assert at_once.rows == step_by_step.rows
    assert step_by_step.monitor.updates == 3
    assert step_by_step.monitor.figures() == at_once.monitor.figures() or (
        step_by_step.monitor.figures().numbers() == at_once.monitor.figures().numbers()
    )


def test_a_log_without_steps_is_cut_into_updates(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("confidence,correct\n" + "0.5,1\n0.7,0\n" * 5)
    follower = LogFollower(log, monitor(), every=4, group=2)
    follower.poll()
    assert follower.monitor.updates == 2
    follower.finish()
    assert follower.monitor.updates == 3
    assert follower.monitor.figures().questions == 5


def test_completions_are_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    rows = [{"out": f"<answer>4</answer><confidence>{q}</confidence>", "t": "4"} for q in (90, 80)]
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"out": "4", "t": "4"}]))
    follower = LogFollower(log, monitor(), text="out", truth="t", reader="percent")
    follower.finish()
    figures = follower.monitor.figures()
    assert (figures.confidence, figures.unreadable) == (pytest.approx(0.85), pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("later", "message"),
    [
        ("2,0.5,2\n", r"row 3 \(line 4\): `correct` must be 0 or 1, got '2'"),
        ("2,0.5\n", "line 4"),
    ],
)
def test_an_error_counts_rows_from_the_beginning(later: str, message: str, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("step,confidence,correct\n1,0.5,1\n1,0.9,1\n")
    follower = LogFollower(log, monitor())
    follower.poll()
    with log.open("a") as file:
        file.write(later)
    with pytest.raises(RolloutError, match=message):
        follower.poll()


def test_a_log_that_is_replaced_or_gone(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("confidence,correct\n0.5,1\n")
    follower = LogFollower(log, monitor())
    follower.poll()
    log.write_text("confidence\n")
    with pytest.raises(RolloutError, match="has become shorter, from 25 to 11 bytes"):
        follower.poll()
    log.unlink()
    with pytest.raises(RolloutError, match="cannot be read: no such file"):
        follower.poll()
    with pytest.raises(
        RolloutError, match=r"followed as csv, tsv, jsonl, ndjson, got 'parquet'; a fol"
    ):
        LogFollower(tmp_path / "log.parquet", monitor())


# ------------------------------------------------------------------------------------ a folder


def step_file(
    folder: Path, step: int, said: Sequence[float | None], name: str = "{}.jsonl"
) -> None:
    """What verl's trainer writes of one step."""
    rows = [
        {"input": f"{k // 2}?", "output": "", "gts": "4", "score": 0.5, "step": step, "acc": k % 2,
         "confidence": q}
        for k, q in enumerate(said)
    ]  # fmt: skip
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / name.format(step)).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("pattern", ["", "*.jsonl"])
def test_a_folder_is_followed_file_by_file_in_the_order_of_steps(
    pattern: str, tmp_path: Path
) -> None:
    """The last file may still be written; what it holds meanwhile is not looked at."""
    follower = FolderFollower(tmp_path / pattern if pattern else tmp_path, monitor())
    assert follower.poll() == ()  # no file yet
    for number, step in enumerate((8, 9, 10, 11)):
        step_file(tmp_path, step, [0.1 * number + 0.2] * 4)
        follower.poll()
        assert follower.monitor.updates == number
    (tmp_path / "12.jsonl").write_text('{"input": "half of a li')
    follower.poll()
    assert (follower.monitor.updates, follower.rows) == (4, 16)
    step_file(tmp_path, 12, [0.6] * 4)
    follower.finish()
    assert (follower.monitor.updates, follower.rows) == (5, 20)
    figures = follower.monitor.figures()
    assert figures.questions == 10  # `input` names two in each step
    assert figures.confidence == pytest.approx(0.4)
    assert follower.reading.startswith("Read as verl's rollout dump (JSON Lines): confidence from")
    follower.finish()
    assert follower.monitor.updates == 5  # each file once


def test_live_and_at_once_give_the_same(tmp_path: Path) -> None:
    """Also where two files hold the same step, and where a file has several."""
    live = FolderFollower(tmp_path, monitor())
    for number, steps in enumerate(("1", "1", "23", "3")):
        rows = "".join(f"{step},0.5,1\n" * 2 for step in steps)
        (tmp_path / f"part-{number}.csv").write_text("step,confidence,correct\n" + rows)
        live.poll()
    live.finish()
    at_once = FolderFollower(tmp_path, monitor())
    at_once.finish()
    assert live.monitor.updates == at_once.monitor.updates == 5
    assert live.monitor.figures().numbers() == at_once.monitor.figures().numbers()


def test_a_step_without_any_confidence_counts_as_unreadable(tmp_path: Path) -> None:
    nothing: list[float | None] = [None, None]
    for step, said in ((1, nothing), (2, [0.5, 0.5]), (3, nothing)):
        step_file(tmp_path, step, said)
    follower = FolderFollower(tmp_path, monitor())
    follower.poll()
    follower.finish()
    assert (follower.monitor.updates, follower.rows) == (3, 6)
    assert follower.monitor.figures().unreadable == pytest.approx(2 / 3)
    for step in (2, 3):
        (tmp_path / f"{step}.jsonl").unlink()
    alone = FolderFollower(tmp_path, monitor())
    assert alone.poll() == ()
    with pytest.raises(RolloutError, match="must be stated in at least one row, got none"):
        alone.finish()


def test_the_folders_of_trl_and_verl_are_watched(capsys: Capture) -> None:
    """The samples: two steps of four answers to two questions, in Parquet and in JSON Lines."""
    for name, title in (
        ("trl_completions", "Read as TRL's table of completions (Parquet): "),
        ("verl", "Read as verl's rollout dump (JSON Lines): "),
        ("verl/*.jsonl", "Read as verl's rollout dump (JSON Lines): "),
    ):
        command = ["watch", str(LOGS / name), "--once", "--json", "--estimator", "trl_default"]
        assert main(command) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["reading"].startswith(title)
        assert (found["figures"]["update"], found["figures"]["answers"]) == (2, 8)
        assert found["figures"]["questions"] == 4
        assert found["figures"]["unreadable"] == pytest.approx(1 / 8)


def test_a_complete_file_and_standard_input_are_watched_once(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("trl_completions/completions_00010.parquet", "inspect.eval", "semicolons.csv"):
        assert main(["watch", str(LOGS / name), "--once"]) == 0
    capsys.readouterr()
    content = (LOGS / "verl" / "10.jsonl").read_bytes()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))
    assert main(["watch", "-", "--once", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["answers"] == 4
    for name in ("-", str(LOGS / "inspect.eval")):
        assert main(["watch", name]) == 2
        assert "is read once, as a whole: add --once" in " ".join(capsys.readouterr().err.split())


def test_a_file_without_steps_is_cut_into_updates_and_a_column_is_asked_for(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.json"
    log.write_text(json.dumps([{"confidence": 0.5, "correct": k % 2} for k in range(10)]))
    follower = FolderFollower(log, monitor(), every=4)
    assert follower.poll() == ()
    follower.finish()
    assert follower.monitor.updates == 3
    with pytest.raises(RolloutError, match="there is no column 'epoch'"):
        FolderFollower(log, monitor(), by="epoch").finish()
    log.write_text('[{"step": 1, "correct": 1}]')
    with pytest.raises(RolloutError, match="there is no column 'confidence'"):
        FolderFollower(log, monitor()).finish()


def test_files_are_added_while_the_command_runs(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_file(tmp_path, 1, [0.5] * 4)
    written = [1]

    def pause(_: float) -> None:
        if written[0] == 4:
            (tmp_path / "5.jsonl").write_text('{"input": "half of a li')
            raise KeyboardInterrupt
        written[0] += 1
        step_file(tmp_path, written[0], [0.5] * 4)

    monkeypatch.setattr(time, "sleep", pause)
    seen: list[int] = []
    finish = FolderFollower.finish
    monkeypatch.setattr(
        FolderFollower,
        "finish",
        lambda follower: (seen.append(follower.monitor.updates), finish(follower))[1],
    )
    assert main(["watch", str(tmp_path), "--estimator", "verl"]) == 0
    assert seen == [4]  # the file before the one that is being written has been taken
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("update")] == [
        f"update {n}" for n in (1, 2, 3)
    ]
    assert "scoring-theory: not read: " in shown.err  # the file that was being written


# ------------------------------------------------------------------------ the estimator is assumed


def test_an_estimator_that_is_assumed_is_said_and_not_blamed(
    tmp_path: Path, capsys: Capture
) -> None:
    """Confidence runs to 1; the remedy names no estimator that nobody gave."""
    log = tmp_path / "log.csv"
    log.write_text(
        "step,confidence,correct\n"
        + "".join(
            f"{step},{min(1, 0.5 + 0.025 * step)},{k % 2}\n"
            for step in range(30)
            for k in range(64)
        )
    )
    assert main(["watch", str(log), "--once"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "No --estimator: trl_none is assumed, under which no alarm can say" in shown
    assert "Alarm after update" in shown
    assert "confidence to one" in shown
    assert "The estimator was not given, so check the reward together with the one" in shown
    assert "--estimator group_mean" not in shown
    assert main(["watch", str(log), "--once", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["estimator_assumed"] is True
    assert main(["watch", str(log), "--once", "--estimator", "trl_none"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "No --estimator" not in shown
    assert "check FORMULA --estimator group_mean)" in shown


@pytest.mark.parametrize("step", ["step", "epoch"])
@pytest.mark.parametrize("gap", [None, "soon", "nan"])
def test_a_row_without_a_step_is_refused_by_its_name(
    step: str, gap: object, tmp_path: Path, capsys: Capture
) -> None:
    """Like `replay --by`; the log has no column of methods that a message could name."""
    rows = [
        {"confidence": 0.9, "correct": 1, step: 1},
        {"confidence": 0.5, "correct": 0, step: gap},
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    by = [] if step == "step" else ["--by", step]
    shown = "nothing" if gap is None else repr(gap)
    wanted = f"row 2 (line 2): `step` must be a number, got {shown}"
    for command in (["watch", str(log), "--once", *by], ["replay", str(log), "--by", step]):
        assert main(command) == 2
        assert wanted in " ".join(capsys.readouterr().err.split())
    partial = [{key: one for key, one in row.items() if one is not None} for row in rows]
    log.write_text("".join(json.dumps(row) + "\n" for row in partial))
    assert main(["watch", str(log), "--once", *by]) == 2
    assert wanted in " ".join(capsys.readouterr().err.split())


def test_a_step_that_is_named_as_a_column(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,model,confidence,correct\n1,a,0.5,1\n2,a,0.5,1\n2,b,0.5,1\n")
    follower = LogFollower(log, monitor(), columns={"step": "epoch"})
    follower.finish()
    assert (follower.monitor.updates, follower.rows) == (2, 3)
    with pytest.raises(RolloutError, match="there is no column 'round'") as caught:
        LogFollower(log, monitor(), by="round").finish()
    assert "method" not in str(caught.value)


# ------------------------------------------------------------------------------------- the command


def alarming(path: Path, steps: int = 8) -> Path:
    """Rollouts that share the outcome, right three times of four, in groups of 4."""
    path.write_text(
        "step,confidence,correct\n"
        + "".join(
            f"{step},{0.6 + 0.1 * (k % 3)},{int(k // 4 % 4 > 0)}\n"
            for step in range(steps)
            for k in range(64)
        )
    )
    return path


def test_once_prints_the_table(tmp_path: Path, capsys: Capture) -> None:
    log = alarming(tmp_path / "log.csv")
    assert main(["watch", str(log), "--once", "--group-size", "4"]) == 0
    shown = capsys.readouterr().out
    assert "Update 8: 512 answers to 128 questions in the window" in shown
    assert "accuracy                      0.750" in shown
    assert shown.rstrip().endswith("No alarm.")
    assert "G = 4" in shown
    assert "Read as CSV: confidence from confidence, correct from correct, step from step." in shown
    asked = ["watch", str(log), "--once", "--group-size", "4", "--estimator", "trl_default"]
    assert main([*asked, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["reading"].startswith("Read as CSV: confidence from confidence,")
    assert found["trainer"].endswith("epsilon 0.0001, G = 4")
    assert main(asked) == 1
    assert "- Alarm after update 5, estimator at odds: " in capsys.readouterr().out


def test_a_growing_log_is_followed_line_by_line(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pause appends a few bytes; its end acts as Ctrl-C; no terminal is attached."""
    content = alarming(tmp_path / "whole.csv").read_bytes()
    log = tmp_path / "log.csv"
    log.write_bytes(content[:40])
    written = [40]

    def pause(_: float) -> None:
        if written[0] >= len(content):
            raise KeyboardInterrupt
        with log.open("ab") as file:
            file.write(content[written[0] : written[0] + 300])
        written[0] += 300

    monkeypatch.setattr(time, "sleep", pause)
    command = ["watch", str(log), "--group-size", "4", "--estimator", "trl_default"]
    assert main(command) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("update")] == [
        f"update {n}" for n in range(1, 8)
    ]
    assert sum(line.startswith("Alarm after update 5") for line in lines) == 1
    assert all("\x1b" not in line for line in lines)
    assert lines[0].startswith("Read as CSV: confidence from confidence, ")
    assert lines[0].endswith(", G = 4.")


def test_the_sizes_of_groups_are_those_of_the_log(tmp_path: Path, capsys: Capture) -> None:
    log = tmp_path / "log.csv"
    rows = "".join(f"{k % 3},0.{k + 1},{k % 2}\n" for k in range(8))
    log.write_text("question,confidence,correct\n" + rows)
    assert main(["watch", str(log), "--once", "--estimator", "trl_default"]) == 0
    assert "G from 2 to 3" in " ".join(capsys.readouterr().out.split())


def test_a_terminal_gets_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scoring_theory.cli import watch_command

    log = alarming(tmp_path / "log.csv")
    follower = LogFollower(
        log, ConfidenceMonitor(RLCR, estimator="trl_default"), group=4
    )  # fmt: skip
    with watch_command._on_terminal(follower) as show:
        show(follower.finish())
    assert follower.monitor.alarms


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch.csv", "--once"], "there is no such file"),
        (["{log}", "--json"], "--json prints one object: add --once"),
        (["{log}", "--once", "--estimator", "nosuch"], "`estimator` must be one of"),
        (["{log}", "--once", "--by", "epoch"], "epoch"),
        (["{log}", "--once", "--column", "confidence=nosuch"], "nosuch"),
        (["{log}", "--once", "--group-size", "7"], "`group` must divide"),
        (["{log}", "--once", "--truth", "t"], "--truth needs --text"),
        (["{empty}", "--once"], "has no complete row yet"),
        (["{log}", "--once", "--reward", "nosuch"], "nosuch"),
    ],
)
def test_errors_are_sentences(
    arguments: list[str], message: str, tmp_path: Path, capsys: Capture
) -> None:
    log, empty = alarming(tmp_path / "log.csv", 1), tmp_path / "empty.csv"
    empty.write_text("confidence,correct\n0.5,")
    assert main(["watch", *(word.format(log=log, empty=empty) for word in arguments)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_the_demonstration_model_needs_torch(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["demo-model", str(tmp_path / "model")]) == 2
    assert "pip install torch transformers" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
