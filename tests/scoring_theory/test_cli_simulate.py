"""`simulate`, `figures` and `reproduce` on the command line, as small as they go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.cli import main
from scoring_theory.cli.reproduce import print_verdicts
from scoring_theory.reward import Reward

Capture = pytest.CaptureFixture[str]
TINY = ("--short", "--seeds", "2", "--steps", "30", "--batch", "8")


def simulated(capsys: Capture, *options: str) -> list[dict[str, Any]]:
    assert main(["simulate", *TINY, *options, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert found["schema"] == 1
    records: list[dict[str, Any]] = found["records"]
    return records


def test_records_say_what_was_done_and_what_came_out(capsys: Capture) -> None:
    (record,) = simulated(capsys, "--reward", "c - (q - c)**2", "--agent", "tabular")
    assert record["name"] == "c - (q - c)**2"
    assert record["agent"] == "tabular"
    assert record["description"]["steps"] == 30
    assert record["steps"][-1] == 30
    assert len(record["in"]["accuracy"]["mean"]) == len(record["steps"]) == len(record["out"]["ece"]["sd"])


def test_the_same_seed_is_the_same_run(capsys: Capture) -> None:
    digests = [simulated(capsys, "--reward", "binary", "--seed", seed)[0]["digest"] for seed in ("1", "1", "2")]
    assert digests[0] == digests[1] != digests[2]


def test_the_coupling_can_be_cut(capsys: Capture) -> None:
    """With the link, binary reward raises stated confidence; without, it stays (DESIGN, section 2.8)."""
    options = ("--reward", "binary", "--steps", "400", "--batch", "32")
    both = (simulated(capsys, *options, *more)[0]["in"] for more in ((), ("--no-coupling",)))
    linked, cut = (found["mean_confidence"]["mean"] for found in both)
    assert linked[-1] - linked[0] > 0.05
    assert abs(cut[-1] - cut[0]) < 0.02


def test_without_a_shift_both_worlds_are_one(capsys: Capture) -> None:
    (record,) = simulated(capsys, "--reward", "brier", "--shift", "0")
    assert record["in"] == record["out"]


def test_options_reach_the_experiment(capsys: Capture) -> None:
    options = ("--estimator", "group_std", "--outcomes", "shared", "--group-size", "4", "--learning-rate", "0.5")
    (record,) = simulated(capsys, "--agent", "tabular", "--reward", "c + 0.5*spherical", *options)
    told = record["description"]
    assert [told[key] for key in ("estimator", "outcomes", "group_size", "learning_rate", "batch")] == [
        "group_std", "shared", 4, 0.5, 8,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--agent", "tabular", "--no-coupling"], "for the coupled agent"),
        (["--reward", "spherical2"], "no rule or published reward"),
        (["--reward", "pseudospherical"], "write 'c + pseudospherical'"),
        (["--reward", "binary", "--reward", "binary"], "given twice"),
        (["--group-size", "1"], "`group_size` must be at least 2"),
        (["--update", "replicator"], "replicator"),
        (["--seeds", "0"], "expected a whole number of at least 1, got '0'"),
        (["--learning-rate", "nan"], "expected a number"),
        (["--agent", "gpt"], "invalid choice"),
        (["--reward", "1/(q - c)"], "inf"),
    ],
)
def test_faults_are_sentences(capsys: Capture, options: list[str], words: str) -> None:
    assert main(["simulate", *TINY, *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("scoring-theory: ")
    assert words in captured.err


def test_a_table_and_a_figure(capsys: Capture, tmp_path: Path) -> None:
    assert main(["simulate", *TINY, "--reward", "log", "--figure", str(tmp_path / "curves")]) == 0
    printed = capsys.readouterr().out
    assert "(start)" in printed
    assert "stands for the payoff of -inf when wrong at 1" in printed
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}


def test_the_verdict_table_tells_ties_from_failures(capsys: Capture) -> None:
    rewards = {"binary": "c", "rlcr": "c - (q - c)^2", "double": "c - 2*(q - c)^2", "linear": "c - abs(q - c)"}
    print_verdicts({name: Reward.parse(text).check() for name, text in rewards.items()})
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert rows["binary"][:3] == ["only", "weakly", "weakly"]
    assert rows["rlcr"] == ["holds", "strictly", "proved", "0", "1", "-", "-"]
    assert rows["double"] == ["refuted", "strictly", "refuted", "-1", "1/2", "1/4", "1/2"]
    assert rows["linear"][:2] == ["refuted", "no"]


@pytest.mark.slow
def test_reproduce_leaves_everything_behind(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCORING_THEORY_DATA", raising=False)
    assert main(["reproduce", "--short", "--out", str(tmp_path / "new" / "out")]) == 0
    printed = capsys.readouterr().out
    assert "an invented log, not a recorded one" in printed
    names = {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert {"verdicts.json", "replay.json", "training.json"} <= names
    drawn = {Path(name).stem for name in names if name.endswith(".png")}
    assert {"before-training", "reliability", "earned", "drift-coupled", "drift-tabular"} <= drawn
    assert {f"{stem}{kind}" for stem in drawn for kind in (".pdf", ".csv")} <= names


def test_a_named_but_missing_log_is_not_replaced(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invented log in place of a recorded one that cannot be found would pass for it."""
    monkeypatch.setenv("SCORING_THEORY_DATA", str(tmp_path))
    assert main(["figures", "--short", "--out", str(tmp_path / "out")]) == 2
    assert "there is no such file" in capsys.readouterr().err
