"""How the command line speaks: widths, suggestions, encodings, progress, completion, help."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.cli.terminal import allow_any_character, refilled, working
from simulations.cli import COMMANDS, main

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parents[2]
SAFE, PROSE = "c - (q - c)**2", ("simulate", "--short", "--replicates", "2")


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")


def too_long(text: str, columns: int) -> list[str]:
    """Lines beyond the width that could have been broken."""
    return [line for line in text.splitlines() if len(line) > columns and " " in line.strip()]


# --------------------------------------------------------------------- widths


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "c - 2*(q - c)**2"],
        ["check", SAFE, "--estimator", "trl_default", "--outcomes", "by_answer"],
        ["check", "--rule", "bogus"],
        ["check", "1 - (q - y)^2"],
        ["design", "--threshold", "0.6", "--threshold", "0.9", "--margin", "0.1"],
        ["replay", "--no-intervals", "--reward", "c"],
        [*PROSE, "estimator", "-q"],
        ["repair", "c - lam*q", "--param", "lam > 0"],
    ],
    ids=lambda one: " ".join(one[:3]),
)
def test_words_fit_the_terminal_whole(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    main(arguments)
    piped = capsys.readouterr()
    for columns in (40, 80, 120):
        on_a_terminal(monkeypatch, columns)
        main(arguments)
        shown = capsys.readouterr()
        assert too_long(shown.err, columns) == []
        tables = arguments[0] in ("replay", "simulate")  # they are cut where they are too wide
        text = shown.out.partition("effect ")[0] if tables else shown.out
        assert too_long(text, columns) == []
        words = set(shown.out.split()) | set(shown.err.split())
        assert tables or {*piped.out.split(), *piped.err.split()} == words, "no word is broken"


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_the_terminal(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    on_a_terminal(monkeypatch, columns)
    assert main([command, "--help"] if command else ["--help"]) == 0
    shown = capsys.readouterr().out
    whole = ('"', "{")  # what is quoted, or a list of choices, is one word
    assert [
        line for line in too_long(shown, columns) if not any(mark in line for mark in whole)
    ] == []
    examples = shown.partition("examples:")[2].replace(" \\\n", " ")
    assert not command or f"scoring-theory {command}" in " ".join(examples.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_exit_codes_in_one_form(capsys: Capture, command: str) -> None:
    assert main([command, "--help"]) == 0
    codes = capsys.readouterr().out.partition("\nexit codes:\n")[2].splitlines()
    assert [line[:4] for line in codes] == sorted(line[:4] for line in codes)
    assert all(re.fullmatch(r"  [0123] \S.*", line) for line in codes)
    assert {"  0 ", "  2 "} <= {line[:4] for line in codes}


def test_help_names_standard_input_estimators_and_undecided(capsys: Capture) -> None:
    for command, words in {
        "verify": ["verify -"],
        "replay": ["replay -"],
        "check": [*ESTIMATORS, "neither a proof nor a counterexample was found"],
    }.items():
        assert main([command, "--help"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert [word for word in words if word not in shown] == []


def test_a_list_with_labels_hangs_below_its_text() -> None:
    text = "  noise   single runs drift away from their prior\n  0 written"
    assert refilled(text, 30).splitlines() == [
        "  noise   single runs drift",
        "          away from their",
        "          prior",
        "  0 written",
    ]


def test_pipes_are_not_wrapped(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["check", "c - 2*(q - c)**2"]) == 1
    assert max(map(len, capsys.readouterr().out.splitlines())) > 80


# --------------------------------------------------------------------- suggestions


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", SAFE, "--jsno"], "unknown option --jsno (did you mean --json?)"),
        (
            ["export", SAFE, "--framwork", "trl"],
            "unknown option --framwork (did you mean --framework?)",
        ),
        (["--verson"], "unknown option --verson (did you mean --version?)"),
        (["simulate", "--seeds", "3"], "unknown option --seeds (did you mean --seed?)"),
        (["check", "c", "--zebra"], "unknown option --zebra; try"),
        (
            ["design", "--threshold", "0.6", "--contest"],
            "unknown option --contest (`scoring-theory contest` is a command of its own)",
        ),
        (["check", "--rule", "briar"], "did you mean brier"),
        (["hepl"], "did you mean 'help'?"),
        (["help", "chek"], "did you mean 'check'?"),
        (
            ["check", SAFE, "--rule", "rlcr"],
            "give only one of a formula, --rule, --value, --density; got a",
        ),
        (["check", "--rule", "rlcr", "--value", "p"], "got --rule and --value"),
        (
            ["repair", "c", "--rule", "rlcr"],
            "give only one of a formula, --rule; got a formula and --rule",
        ),
        (
            ["export", "c", "--rule", "rlcr", "--framework", "trl", "-o", "r.py"],
            "got a formula and --rule",
        ),
        (
            ["check", "1 - (q - y)^2"],
            'write c for the outcome (1 or 0), as in "1 - (q - c)^2"; for an event that nobody',
        ),
        (["check", "1 - (q - outcome)^2"], 'as in "1 - (q - c)^2"'),
        (["check", "1 - (q - o)^2"], "--forecast"),
        (["check", "c - (p - c)^2"], 'write q for the stated confidence, as in "c - (q - c)^2"'),
        (["check", "p*q - q^2/2"], "the true success probability p is not a variable"),
        (["check", "c - k*q"], "unknown name 'k' in 'c - k*q': q is the stated confidence"),
        (
            ["check", "c - lam*q"],
            "--param lam=0.5 or --param '0 < lam <= 1' declares a parameter",
        ),
        (
            ["replay", "--reward", "c - lam*q"],
            "(a parameter needs a value or a domain); write a number in place of a parameter",
        ),
        (["replay", "--reward", "brier"], 'correctness: `--reward rlcr` or `--reward "c + brier"`'),
        (["replay", "--reward", "log"], 'correctness: `--reward "c + log"`'),
        (["check", ""], "the formula is empty"),
        (["repair", "  "], "the formula is empty"),
    ],
)
def test_what_somebody_may_have_meant(capsys: Capture, arguments: list[str], words: str) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err


def test_a_guess_has_something_in_common_with_what_was_typed(capsys: Capture) -> None:
    assert main(["check", "--rule", "bogus"]) == 2
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["{}", '{"schema": 2}', '{"verdict": "holds"}', "[]", "3", '{"certificate": null}']
)
def test_what_is_no_certificate_is_bad_input(capsys: Capture, tmp_path: Path, text: str) -> None:
    path = tmp_path / "proof.json"
    path.write_text(text)
    assert main(["verify", str(path)]) == 2
    told = capsys.readouterr().err
    assert "does not contain a certificate" in told
    assert "None" not in told


def test_help_is_a_command(capsys: Capture) -> None:
    assert main(["help", "check"]) == 0
    asked = capsys.readouterr().out
    assert main(["check", "--help"]) == 0
    assert capsys.readouterr().out == asked
    assert main(["help"]) == 0
    assert "completion" in capsys.readouterr().out


def test_a_missing_confidence_is_paid_alike_in_every_command(
    capsys: Capture, tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("confidence,correct\n0.5,1\n,0\n")
    assert (
        main(["replay", str(log), "--no-intervals", "--missing", "-1/2", "--reward", "c", "--json"])
        == 0
    )
    (cell,) = json.loads(capsys.readouterr().out)["methods"].values()
    assert cell["rewards"]["c"]["mean"] == 0.25
    assert main(["replay", str(log), "--missing", "refuse"]) == 2
    estimated = ["check", SAFE, "--estimator", "group_mean", "--json"]
    assert main(estimated) == main([*estimated, "--missing", "refuse"])
    plain, refused = capsys.readouterr().out.strip().split("}\n{")
    assert plain + "}" == "{" + refused
    assert (
        main(
            [
                "export",
                SAFE,
                "--framework",
                "trl",
                "-o",
                str(tmp_path / "a.py"),
                "--missing",
                "refuse",
            ]
        )
        == 2
    )
    assert "a trainer scores every completion" in capsys.readouterr().err


# --------------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "arguments", [[*PROSE, "sampling-noise"], ["rules"], ["replay", "--no-intervals"]]
)
def test_no_encoding_stops_the_output(
    monkeypatch: pytest.MonkeyPatch, encoding: str, arguments: list[str]
) -> None:
    written = {name: io.BytesIO() for name in ("stdout", "stderr")}
    for name, stream in written.items():
        monkeypatch.setattr(f"sys.{name}", io.TextIOWrapper(stream, encoding=encoding))
    code = main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    assert (code, written["stderr"].getvalue()) == (0, b"")
    shown = written["stdout"].getvalue().decode(encoding)
    if "sampling-noise" in arguments:
        assert ("+/- s.e." if encoding == "ascii" else "± s.e.") in shown
        starts = ("effect ", "standard deviation ")
        rows = [line for line in shown.splitlines() if line.startswith(starts)]
        assert len({len(line) for line in rows}) == 1, "columns stand below each other"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_encoding_stops_a_program(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulations", "check", "c - 2*(q - c)^2"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert "NOT JOINTLY OPTIMAL" in done.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_every_character_has_a_stand_in(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    allow_any_character(stream)
    stream.write("± ─ · λ Ω é 真")
    stream.flush()
    told = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert told == ("+/- - * lambda Omega e ?" if encoding == "ascii" else "± - · lambda Omega é ?")


def test_json_loses_no_character(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log, written = tmp_path / "log.csv", io.BytesIO()
    log.write_text("confidence,correct,method\n0.5,1,真é\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["replay", str(log), "--no-intervals", "--json"]) == 0
    sys.stdout.flush()
    assert list(json.loads(written.getvalue())["methods"]) == ["真é"]


# --------------------------------------------------------------------- progress, completion


def test_slow_work_is_told_on_a_terminal_alone(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring_theory.cli.terminal._PATIENCE", 0.01)
    monkeypatch.setenv("TERM", "xterm")

    def told(*, quiet: bool = False) -> str:
        with working("thinking", quiet=quiet):
            time.sleep(0.1)
        return capsys.readouterr().err

    assert told() == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert told() == "thinking ...\r\x1b[K"
    assert told(quiet=True) == ""
    monkeypatch.setattr("scoring_theory.cli.terminal._PATIENCE", 60.0)
    assert told() == "", "what is quick says nothing"


@pytest.mark.parametrize("command", ["check", "repair", "design", "replay", "export"])
def test_slow_commands_say_what_they_do(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setattr("scoring_theory.cli.terminal._PATIENCE", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    more = {
        "design": ["--threshold", "0.5"], "replay": ["--reward", "c"],
        "export": [SAFE, "--framework", "trl", "-o", str(tmp_path / "reward.py")],
    }.get(command, [SAFE])  # fmt: skip
    assert main([command, *more]) == 0
    assert " ...\r" in capsys.readouterr().err or command == "check"
    assert main([command, *more, "--quiet", *(["--force"] if command == "export" else [])]) == 0
    assert capsys.readouterr().err == ""


def test_completion_without_shtab_says_how_to_get_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(capsys: Capture, shell: str) -> None:
    pytest.importorskip("shtab")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(command in script for command in COMMANDS)
    assert "framework" in script
    if shell == "bash":
        asked = (
            "COMP_WORDS=(scoring-theory check --es); COMP_CWORD=2; _shtab_scoring_theory; echo"
            " ${COMPREPLY[*]}"
        )
        done = subprocess.run(
            ["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "--estimator"


def test_a_check_loads_no_other_command() -> None:
    program = (
        "import sys; from simulations.cli import main; main(['check', 'c',"
        " '-q']);print(*sorted(name for name in sys.modules if '.cli.' in name or name == 'shtab'),"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert set(done.stderr.split()) == {
        f"scoring_theory.cli.{name}"
        for name in (
            "check_command",
            "commands",
            "inputs",
            "parser",
            "paths",
            "probe_options",
            "terminal",
        )
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["export", "c", "--trainer", "trl"], "--framework"),
        (["check", "c", "--trainer", "trl"], "--estimator"),
        (["replay", "log.csv", "--verifier", "numeric"], "--checker"),
    ],
)
def test_another_word_for_an_option_suggests_it(
    typed: list[str], meant: str, capsys: Capture
) -> None:
    assert main(typed) == 2
    assert f"(did you mean {meant}?)" in " ".join(capsys.readouterr().err.split())
