"""Every example of the README is executed, and the output that it shows is compared."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from scoring_theory.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSIONS = [body for kind, body in FENCE.findall(README) if kind == "console"]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def calls() -> list[tuple[str, str]]:
    """Each shown command of ours with the output shown below it."""
    found = []
    for body in SESSIONS:
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            if command.startswith("scoring-theory "):
                found.append((command, shown))
    return found


def test_there_is_something_to_test() -> None:
    assert len(calls()) >= 4
    assert README.count(">>> ") >= 5


@pytest.mark.parametrize(("command", "shown"), calls(), ids=[command for command, _ in calls()])
def test_a_shown_command(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # commands may write files
    before, _, _ = command.partition(" #")
    code = main(shlex.split(before)[1:])
    printed = capsys.readouterr().out
    assert code in (0, 1)
    if shown.strip():
        assert doctest.OutputChecker().check_output(shown, printed, FLAGS), printed


def test_every_python_example() -> None:
    python = "\n".join(body for kind, body in FENCE.findall(README) if kind == "python")
    test = doctest.DocTestParser().get_doctest(python, {}, "README.md", "README.md", 0)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


def test_links_to_files_lead_somewhere() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if not target.startswith("http")]
    assert [target for target in targets if not (ROOT / target).exists()] == []
