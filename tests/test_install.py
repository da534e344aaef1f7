"""Facts of the packaging: what is pinned, what is shipped, what the two commands promise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", LOCK, flags=re.MULTILINE)


def requirement_name(text: str) -> str:
    return re.split(r"[<>=!~;\[ ]", text, maxsplit=1)[0].lower()


def test_every_requirement_is_pinned() -> None:
    extras = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
    declared = {requirement_name(text) for text in (*PROJECT["dependencies"], *extras)}
    # The pins of PyTorch's own requirements are those of one build; `make transformer` pins it.
    assert re.search(r"^TORCH := [\d.]+$", MAKEFILE, flags=re.MULTILINE)
    assert declared - {name for name, _ in PINS} == {"torch"}


def test_the_lock_pins_and_names_no_host() -> None:
    kept = [
        line for line in LOCK.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert len(kept) == len(PINS) > 100
    assert not re.search(r"https?:|--index|--find-links|file:", LOCK)


def test_the_citation_and_the_changelog_know_the_version() -> None:
    version = PROJECT["version"]
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(
        rf"^## {re.escape(version)}\b",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert PROJECT["license"] == "MIT"


def test_the_command_exists() -> None:
    module, _, name = PROJECT["scripts"]["scoring-theory"].partition(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    ("interpreter", "words"),
    [
        ("no-such-python", "was not found; choose one"),
        ("old-python", "needs Python 3.11 or newer, got Python 2.7.18"),
    ],
)
def test_a_wrong_python_is_a_sentence(tmp_path: Path, interpreter: str, words: str) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 2.7.18"\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    command = ["make", "reproduce", f"PYTHON={interpreter if interpreter[0] == 'n' else old}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert words in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_this_python_is_supported() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    assert sys.version_info >= (3, 11)
