"""Every example of the README and of the documentation is executed, and its output compared."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from simulations.cli import main
from tests.support.outputs import agree

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
FILE = re.compile(r"# ([\w.-]+\.(?:py|yaml|sh))\n")
"""The first line of a block that is a file of the reader's folder."""
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(PAGES[page]) if kind == language]


def calls() -> list[tuple[str, str, str]]:
    """Each shown command of ours with its page and the output shown below it."""
    found = []
    for page in PAGES:
        for body in blocks(page, "console"):
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                if command.startswith("scoring-theory "):
                    found.append((page, command, shown))
    return found


def test_there_is_something_to_test() -> None:
    assert len(calls()) >= 12
    assert sum(page.count(">>> ") for page in PAGES.values()) >= 30


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """One folder for each page, with the files that it shows: a later command reads what an earlier
    one wrote.
    """
    folders = {page: tmp_path_factory.mktemp("page") for page in PAGES}
    for page, folder in folders.items():
        for language in ("python", "yaml", "bash"):
            for body in blocks(page, language):
                if named := FILE.match(body):
                    (folder / named[1]).write_text(body, encoding="utf-8")
    shutil.copytree(ROOT / "tests/scoring_theory/logs", folders["docs/logs.md"] / "samples")
    return folders


@pytest.mark.parametrize(
    ("page", "command", "shown"),
    calls(),
    ids=[f"{page}: {command}" for page, command, _ in calls()],
)
def test_a_shown_command(
    page: str,
    command: str,
    shown: str,
    capsys: pytest.CaptureFixture[str],
    desks: Mapping[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "$SCORING_THEORY_DATA" in command and "SCORING_THEORY_DATA" not in os.environ:
        pytest.skip("SCORING_THEORY_DATA is not set")
    monkeypatch.chdir(desks[page])
    code = main(shlex.split(os.path.expandvars(command))[1:])
    printed = capsys.readouterr().out
    assert code in (0, 1)
    assert agree(shown, printed), printed


def test_the_comparison_has_teeth() -> None:
    assert agree("a 0.123\n...\nc", "a 0.124 b b c")
    assert not agree("a 0.123", "a 0.153")
    assert not agree("a\n...\nc", "a b")
    assert not agree("a", "a b")
    assert not agree("1/4 = 0.25", "1/4 = 0.26")


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in PAGES[page]])
def test_every_python_example(page: str) -> None:
    python = "\n".join(blocks(page, "python"))
    test = doctest.DocTestParser().get_doctest(python, {}, page, page, 0)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)
