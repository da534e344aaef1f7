"""The command line as its users meet it: exit codes, sentences, one JSON object, no traceback."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.cli import check_command
from scoring_theory.cli.terminal import print_table
from simulations.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "simulations", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def as_json(capsys: Capture, *arguments: str, code: int | None = None) -> Any:
    """What one call prints with --json, strictly read."""
    got = main([*arguments, "--json"])
    captured = capsys.readouterr()
    assert captured.err == ""
    if code is not None:
        assert got == code

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(captured.out, parse_constant=refuse)


# --------------------------------------------------------------------- check


@pytest.mark.parametrize(
    ("formula", "code", "verdict"),
    [
        ("c - (q - c)**2", 0, "holds"),
        ("c - 2*(q - c)**2", 1, "refuted"),
        ("c + log(1 - abs(q - c))", 1, "refuted"),
        ("-abs(q - c)", 1, "refuted"),
        ("-abs(q-c)", 1, "refuted"),
        ("c", 1, "refuted"),
        ("c*q + (1 - c)*(q + log(1 - q))", 0, "holds"),
    ],
)
def test_check_exit_codes(capsys: Capture, formula: str, code: int, verdict: str) -> None:
    found = as_json(capsys, "check", formula, code=code)
    assert (found["schema"], found["formula"], found["verdict"]) == (2, formula, verdict)


def test_two_dashes_end_the_options(capsys: Capture) -> None:
    """The usual guard of a text that starts with a minus sign."""
    assert main(["check", "--param", "k=1", "--", "-k*abs(q - c)"]) == 1
    assert capsys.readouterr().out.startswith("-k*abs(q - c)   with k = 1\nIMPROPER")
    assert main(["check", "--", "--json"]) == 2
    assert "'--json'" in capsys.readouterr().err


def test_an_option_behind_the_end_of_options_is_told_where_it_belongs(capsys: Capture) -> None:
    assert main(["check", "--", "-abs(q - c)", "--estimator", "grpo"]) == 2
    told = capsys.readouterr().err
    assert (
        told == "scoring-theory: `--` ends the options, so --estimator must stand before it; a"
        " formula does not need `--`\n"
    )
    assert main(["check", "--", "--q"]) == 1, "two minus signs"


def test_check_json_has_the_promised_keys(capsys: Capture) -> None:
    found = as_json(capsys, "check", "c - (q - c)**2")
    assert {
        "schema",
        "formula",
        "verdict",
        "proper",
        "jointly_optimal",
        "accuracy_margin",
        "critical_weight",
        "local_failure_below",
        "global_failure_below",
        "range",
        "best_report",
        "certificate",
    } <= found.keys()
    assert {"status", "strict", "reason", "witness"} <= found["proper"].keys()
    assert {"status", "reason", "witness"} <= found["jointly_optimal"].keys()
    assert found["accuracy_margin"] == {"exact": "0", "value": 0}
    assert found["critical_weight"] == {"exact": "1", "value": 1}


@pytest.mark.parametrize(
    ("formula", "local", "everywhere"),
    [("c - 2*(q - c)**2", 1 / 4, 1 / 2), ("c + log(1 - abs(q - c))", 1 / (1 + math.e), 0.6484)],
)
def test_check_says_where_a_reward_fails(
    capsys: Capture, formula: str, local: float, everywhere: float
) -> None:
    """Closed forms of Theorem 18; 0.6484 to its four digits."""
    found = as_json(capsys, "check", formula)
    assert found["local_failure_below"]["value"] == pytest.approx(local, abs=1e-9)
    assert found["global_failure_below"]["value"] == pytest.approx(everywhere, abs=5e-5)


def test_check_binary_is_proper_but_not_enough(capsys: Capture) -> None:
    found = as_json(capsys, "check", "--rule", "binary", code=1)
    assert (found["proper"]["status"], found["proper"]["strict"]) == ("proved", False)
    assert found["accuracy_margin"]["value"] == 1
    assert (
        as_json(capsys, "check", "--rule", "binary", "--allow-weak", code=0)["verdict"] == "holds"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["c - lam*(q-c)**2", "--param", "lam=0.5"], 0),
        (["c - lam*(q-c)**2", "--param", "0 < lam <= 1"], 0),
        (["c - lam*(q-c)**2", "--param", "lam = 2"], 1),
        (["-lam*abs(q - c)", "--param", "lam > 0"], 1),
        (["--rule", "brier_k", "--param", "k=1"], 0),
        (["--rule", "brier_k"], 1),
        (["brier_k", "--param", "k=1"], 0),
        (["brier_k"], 1),
    ],
)
def test_check_parameters(arguments: list[str], code: int) -> None:
    assert main(["check", *arguments]) == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["__import__('os').system('id')"], "__import__"),
        (["c - lam*(q - c)**2"], "lam"),
        (["c - (q - c)**2", "--param", "lam=1"], "the parameter `lam` does not occur"),
        (["c - lam*(q - c)**2", "--param", "lam=1", "--param", "lam=2"], "given twice"),
        (["c - lam*(q - c)**2", "--param", "1 < lam < 0"], "empty"),
        (
            ["c", "--rule", "binary"],
            "give only one of a formula, --rule, --value, --density; got a formula and --rule",
        ),
        ([], "give one of: a formula, --rule"),
        (["c", "q"], "unrecognized arguments"),
        (["--rule", "briar"], "did you mean brier"),
        (["c + 0.5*spherycal"], "unknown name 'spherycal'"),
        (["c + power", "--param", "alpha=3"], "the parameter `alpha` does not occur"),
        (["--rule", "brier_k", "--param", "k=-1"], "`k` must satisfy"),
        (["--rule", "brier_k", "--param", "lam=1"], "lam"),
        (["c - (q - c", "--json"], "expected"),
        (["--jsonn", "c"], "unknown option --jsonn (did you mean --json?)"),
        (["--js", "c"], "unknown option --js (did you mean --json?)"),
        (["(" * 500], None),
        (["q" * 20_000], None),
        ([""], None),
        (
            ["c - (q - c)**2", "--certificate", "/dev/null/x.json"],
            "'/dev/null' is a file, not a folder",
        ),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(
    capsys: Capture, arguments: list[str], words: str | None
) -> None:
    assert main(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("scoring-theory: ")
    assert "Traceback" not in captured.err
    assert (words or "") in captured.err


def test_a_formula_is_never_executed(tmp_path: Path) -> None:
    target = tmp_path / "owned"
    done = run("check", f"__import__('pathlib').Path({str(target)!r}).touch()")
    assert (done.returncode, done.stdout) == (2, "")
    assert not target.exists()


def test_a_certificate_is_verified_again_and_a_forged_one_is_not(
    capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "proof.json"
    assert main(["check", "c - (q - c)**2", "--certificate", str(path)]) == 0
    capsys.readouterr()
    assert as_json(capsys, "verify", str(path), code=0)["certificates"]
    forged = path.read_text(encoding="utf-8").replace("c - (q - c)", "c - 2*(q - c)")
    assert forged != path.read_text(encoding="utf-8")
    path.write_text(forged, encoding="utf-8")
    results = as_json(capsys, "verify", str(path), code=1)["certificates"]
    assert not all(result["accepted"] for result in results)


def test_no_certificate_is_written_where_nothing_is_decided(
    capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "proof.json"
    assert main(["check", "log(q - 2)", "--certificate", str(path)]) == 2
    assert "there is no certificate to write" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "[]", "3", "{}", '{"certificate": null}', "{"])
def test_what_is_no_certificate(capsys: Capture, tmp_path: Path, content: str) -> None:
    path = tmp_path / "proof.json"
    path.write_text(content, encoding="utf-8")
    assert main(["verify", str(path)]) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err


# --------------------------------------------------------------------- everybody


@pytest.mark.parametrize(("columns", "tables"), [(20, 6), (40, 2), (60, 2), (80, 1), (200, 1)])
def test_a_table_of_numbers_fits_a_terminal_whole(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, columns: int, tables: int
) -> None:
    """A label of 5, six numbers of 8, and gaps of 3 take 71 columns."""
    head = ["who", *(f"number {k}" for k in range(6))]
    rows = [[name, *(f"{name[-1]}.{k:06}" for k in range(6))] for name in ("one-1", "two-2")]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    print_table(head, rows, numbers=head[1:])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    assert shown.count("who") == shown.count("one-1") == tables
    assert all(shown.count(cell) == 1 for row in rows for cell in row[1:])


def test_long_labels_leave_room_for_several_numbers(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two labels of 44 and 30 letters would leave room for one number in each of six tables."""
    head = ["method", "dataset", *(f"number {k}" for k in range(6))]
    methods = [f"Instruct-7B-RLCR, temperature 0.7, checkpoint {k}" for k in (1, 2)]
    rows = [[name, "hotpot-modified-distractor-all", *["0.1234"] * 6] for name in methods]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    print_table(head, rows, numbers=head[2:])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("method ") == 2
    assert shown.count("0.1234") == 12
    assert "checkpoint" in shown  # nothing of a label is lost
    assert main(["rules", "rlcr"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize("columns", [30, 60, 80])
@pytest.mark.parametrize(
    "arguments", [["check", "c - 2*(q-c)^2"], ["replay", "--no-intervals", "--reward", "c"]]
)
def test_words_go_on_below_where_they_began(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str], columns: int
) -> None:
    main(arguments)
    piped = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    main(arguments)
    shown = capsys.readouterr().out
    told = [line for line in shown.splitlines() if line[:1] in (" ", "-") and line.strip()]
    indent = 21 if arguments[0] == "check" else 2
    assert all(len(line) <= columns or " " not in line[indent:].strip() for line in told)
    assert all(
        len(line) - len(line.lstrip()) == indent for line in told if line[0] == line[2] == " "
    )
    words = piped.split()
    assert shown.split() == words if arguments[0] == "check" else words[-30:] == shown.split()[-30:]


@pytest.mark.parametrize(("columns", "sourced"), [(80, False), (160, True)])
def test_sources_are_left_out_where_formulas_need_the_room(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, columns: int, sourced: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["rules"]) == 0
    head = next(line for line in capsys.readouterr().out.splitlines() if "formula" in line)
    assert ("source" in head) is sourced


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(capsys: Capture, command: str) -> None:
    assert main([command, "--help"]) == 0
    assert f"scoring-theory {command}" in capsys.readouterr().out.partition("examples:")[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek"], "did you mean 'check'"),
        (["--nonsense"], "--nonsense"),
        (["check", "--nonsense", "c"], "--nonsense"),
        (["replay", "no such file.csv"], "no such file.csv"),
        (["verify", "nowhere.json"], "nowhere.json"),
        (["rules", "briar"], "did you mean brier"),
        (["replay", "--reward", "nosuch"], "nosuch"),
        (["replay", "--reward", "c", "--reward", "c"], "twice"),
        (["replay", __file__, "--column", "a"], "ROLE=NAME"),
        (["replay", "--seed", "-1"], "expected a whole number of at least 0, got '-1'"),
        (["replay", "a", "b"], "no such file: 'a'"),
    ],
)
def test_faults_are_sentences(capsys: Capture, arguments: list[str], words: str) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert words in captured.err


def test_no_command_is_help(capsys: Capture) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in COMMANDS)


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("scoring-theory")


def test_colour_only_where_it_is_wanted() -> None:
    plain = run("check", "c", NO_COLOR="", FORCE_COLOR="")
    loud = run("check", "c", NO_COLOR="", FORCE_COLOR="1")
    calm = run("check", "c", NO_COLOR="1", FORCE_COLOR="1")
    assert "\x1b" not in plain.stdout
    assert "\x1b[" in loud.stdout
    assert calm.stdout == plain.stdout


def test_a_reader_that_leaves_is_no_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "simulations", "rules"],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_interruption_is_130(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    broken = replace(check_command.CHECK_COMMAND, run=interrupt)
    monkeypatch.setattr(check_command, "CHECK_COMMAND", broken)
    assert main(["check", "c"]) == 130
    assert capsys.readouterr().err == "scoring-theory: interrupted\n"


def test_a_fault_of_ours_is_not_a_verdict(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def fail(_: object) -> int:
        raise RuntimeError("surprise")

    broken = replace(check_command.CHECK_COMMAND, run=fail)
    monkeypatch.setattr(check_command, "CHECK_COMMAND", broken)
    monkeypatch.delenv("SCORING_THEORY_DEBUG", raising=False)
    assert main(["check", "c"]) == 70
    assert "internal error in scoring-theory (RuntimeError: surprise)" in capsys.readouterr().err


# --------------------------------------------------------------------- rules and replay


def test_rules_lists_everything(capsys: Capture) -> None:
    from scoring_theory.catalogue import CATALOGUE, PUBLISHED

    found = as_json(capsys, "rules", code=0)
    assert [one["name"] for one in found["entries"]] == list(CATALOGUE)
    assert {one["critical_weight"] for one in found["entries"] if one["name"] == "brier"} == {"1"}
    assert main(["rules"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in CATALOGUE)
    published = as_json(capsys, "rules", "--kind", "published", code=0)["entries"]
    assert [one["name"] for one in published] == list(PUBLISHED)
    assert main(["rules", "--kind", "improper"]) == 0
    assert "brier" not in capsys.readouterr().out
    assert main(["rules", "brier", "--kind", "score"]) == 2


def test_each_rule_takes_one_line_of_80_columns(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each, three and a blank for each kind, one at the end; and no number of more than
    six digits.
    """
    from scoring_theory.catalogue import CATALOGUE

    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= len(CATALOGUE) + 21
    assert max(map(len, lines)) <= 80
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["rules"]) == 0
    assert not re.search(r"\.\d{8}", capsys.readouterr().out)


REWARDS_OF_COMMANDS = {
    "check": ["check"],
    "repair": ["repair"],
    "simulate": ["simulate", "--short", "--replicates", "1", "--steps", "2", "--reward"],
    "replay": ["replay", "--no-intervals", "--reward"],
}


@pytest.mark.parametrize("command", REWARDS_OF_COMMANDS)
@pytest.mark.parametrize(
    ("typed", "formula"),
    [
        ("c + spherical", "c + (c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)"),
        ("c + 0.5*brier", "c - 0.5*(q - c)^2"),
        ("c+one-sided", "c + q + (1 - c)*log(1 - q)"),
        ("rlcr", "c - (q - c)^2"),
    ],
)
def test_every_command_that_takes_a_reward_reads_names_in_formulas(
    capsys: Capture, command: str, typed: str, formula: str
) -> None:
    answers = []
    for text in (typed, formula):
        assert main([*REWARDS_OF_COMMANDS[command], text, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    if command == "check":
        assert [answer["formula"] for answer in answers] == [typed, formula]
        assert answers[0]["critical_weight"] == answers[1]["critical_weight"]
        assert answers[0]["threshold_density"] == answers[1]["threshold_density"]
    elif command == "repair":
        assert answers[0]["reason"] == answers[1]["reason"]
    elif command == "replay":
        paid = [one["methods"]["calibrated"]["rewards"] for one in answers]
        assert paid[0][typed]["mean"] == pytest.approx(paid[1][formula]["mean"], abs=1e-12)
    else:
        ends = [one["records"][0]["in"]["accuracy"]["mean"] for one in answers]
        assert ends[0] == pytest.approx(ends[1], abs=1e-6)


def test_an_exported_file_may_be_typed_with_names(tmp_path: Path) -> None:
    target = tmp_path / "reward.py"
    assert main(["export", "c + 0.5*spherical", "-o", str(target), "--framework", "trl"]) == 0
    assert "sqrt" in target.read_text()


@pytest.mark.parametrize("command", ["replay", "simulate"])
@pytest.mark.parametrize(
    ("name", "instead"),
    [("brier", '`--reward rlcr` or `--reward "c + brier"`'), ("log", '`--reward "c + log"`'),
     ("one-sided-log", '`--reward "c + one_sided_log"`'), ("linear", '`--reward "c + linear"`')],
)  # fmt: skip
def test_a_score_is_no_reward(capsys: Capture, command: str, name: str, instead: str) -> None:
    assert main([command, "--reward", name]) == 2
    told = capsys.readouterr().err.removesuffix("\n")
    compared = (
        "; to compare forecasters of the same events in it, `scoring-theory calibrate` has the"
        " paired differences"
    )
    if command == "replay" and name in ("brier", "log"):
        assert told.endswith(compared)
        told = told.removesuffix(compared)
    assert told == (
        f"scoring-theory: {name} is a score, which does not reward accuracy; add correctness:"
        f" {instead}"
    )


def test_the_critical_weight_of_rules_is_that_of_check(capsys: Capture) -> None:
    for name in ("brier", "one_sided", "confidence_target", "brier_k"):
        listed = as_json(capsys, "rules", name, code=0)
        main(["check", "--rule", name, "--json"])
        checked = json.loads(capsys.readouterr().out)
        assert checked["score"] == {"score": "R", "reward": "R - c"}[listed["role"]]
        expected = {"brier": "1", "one_sided": "1", "confidence_target": "inf", "brier_k": "1/2"}[
            name
        ]
        assert checked["critical_weight"]["exact"] == expected


@pytest.mark.parametrize("name", ["brier", "rlcr_code"])
def test_one_rule_in_full(capsys: Capture, name: str) -> None:
    found = as_json(capsys, "rules", name, code=0)
    assert main(["rules", name]) == 0
    printed = capsys.readouterr().out
    assert found["formula"] in printed
    assert found["source"] in printed


def test_replay_of_a_file(capsys: Capture, tmp_path: Path) -> None:
    """Two answers by hand: 1 - (.5)^2 and 0 - (.5)^2 average to .25; every other number is closed
    form too.
    """
    log = tmp_path / "log.csv"
    log.write_text("stated,correct,model\n0.5,1,a\n0.5,0,a\n", encoding="utf-8")
    arguments = [
        "replay",
        str(log),
        "--column",
        "confidence=stated",
        "--column",
        "method=model",
        "--reward",
        "rlcr",
    ]
    found = as_json(capsys, *arguments, "--no-intervals", code=0)
    cell = found["methods"]["a"]
    assert [cell[key] for key in ("n", "accuracy", "mean_confidence", "brier", "ece")] == [
        2,
        0.5,
        0.5,
        0.25,
        0.0,
    ]
    assert cell["rewards"]["rlcr"]["mean"] == 0.25
    assert main(arguments) == 0
    assert "0.250 [" in capsys.readouterr().out


def test_replay_takes_formulas_that_start_with_a_minus_sign(capsys: Capture) -> None:
    found = as_json(capsys, "replay", "--no-intervals", "--reward", "-abs(q-c)", code=0)
    assert "-abs(q-c)" in found["methods"]["calibrated"]["rewards"]
    assert "synthetic" in found["source"]


def test_replay_draws(capsys: Capture, tmp_path: Path) -> None:
    assert main(["replay", "--no-intervals", "--figure", str(tmp_path / "reliability")]) == 0
    stem = tmp_path / "reliability"
    assert capsys.readouterr().err == f"wrote {stem}.pdf, {stem}.png, {stem}.csv\n"
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}


def test_a_certificate_beside_a_verdict_under_a_trainer_says_what_it_is_about(
    tmp_path: Path, capsys: Capture
) -> None:
    proof, formula = str(tmp_path / "proof.json"), "c - (q - c)^2"
    assert main(["check", formula, "--certificate", proof]) == 0
    assert "trainer" not in capsys.readouterr().err
    asked = ["check", formula, "--estimator", "trl_default", "--certificate", proof, "--force"]
    main(asked)
    assert "has no certificate" in capsys.readouterr().err
    assert main(["verify", proof]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["check", "c", "--estimator", "none", "--estimator", "grpo"],
        ["check", "c", "--claim", "proper", "--claim", "trained"],
        ["calibrate", "no.csv", "--bins", "5", "--bins", "6"],
    ],
)
def test_an_option_with_one_value_is_not_given_twice(words: list[str], capsys: Capture) -> None:
    assert main(words) == 2
    assert f"{words[-2]} is given twice" in capsys.readouterr().err
    repeated = ["--param", "0 < a <= 1", "--param", "0 < b <= 1"]
    assert main(["check", "a*c - b*(q - c)^2", *repeated]) == 1  # for some of them


def test_what_was_asked_for_is_not_advised(capsys: Capture) -> None:
    formula, choice = "c - (q - c)^2 + 2*L*c - L^2", "0 <= L <= 1"
    main(["check", formula, "--param", choice])
    assert "--model-chooses" in capsys.readouterr().out
    main(["check", formula, "--model-chooses", choice])
    assert "--model-chooses" not in capsys.readouterr().out
