"""Every example of the README and of the documentation is executed, and its output compared."""

from __future__ import annotations

import doctest
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from simulations.cli import main

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
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
    """One folder for each page: a later command reads what an earlier one wrote."""
    return {page: tmp_path_factory.mktemp("page") for page in PAGES}


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


def agree(shown: str, printed: str) -> bool:
    """Whether output is as shown: `...` stands for anything, blanks do not count, measured decimals
    may differ by 0.02.

    The last is for processors that round a sum differently, after which a simulation takes another
    path.
    """
    parts = [part.split() for part in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE)]
    words, at = printed.split(), 0
    for index, part in enumerate(parts):
        places = range(at, len(words) - len(part) + 1) if index else [0]
        if index == len(parts) - 1 and part:
            places = [len(words) - len(part)] if index else [0]
        found = next((i for i in places if all(map(same, part, words[i : i + len(part)]))), None)
        if found is None:
            return False
        at = found + len(part)
    return not parts[-1] or at == len(words)


def same(shown: str, printed: str) -> bool:
    """Equal words, or decimals of three digits that are nearly equal."""
    decimal = re.compile(r"\[?-?\d+\.\d{3}[],]*")
    if decimal.fullmatch(shown) and decimal.fullmatch(printed):
        return abs(float(shown.strip("[],")) - float(printed.strip("[],"))) <= 0.02
    return shown == printed


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
