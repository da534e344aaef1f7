"""The committed certificates: all there, all accepted with nothing installed, and what the checker
gives today.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking.archive import archive_file, bundles, theorems, write_archive

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "proofs" / "certificates"
COMMAND = "python -m scoring_theory.checking.archive proofs/certificates"
MEND = f"an entry of the catalogue was added or changed: run `make catalogue`, which is `{COMMAND}`"


def test_every_entry_has_its_file() -> None:
    assert {path.stem for path in ARCHIVE.glob("*.json")} == {*CATALOGUE}, MEND


def test_the_standard_library_alone_accepts_them_all() -> None:
    """Isolated (-I) and without site-packages (-S), as a stranger would run it."""
    files = sorted(map(str, ARCHIVE.glob("*.json")))
    command = [sys.executable, "-I", "-S", str(ROOT / "proofs"), "verify", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    count = sum(
        len(json.loads(path.read_text())["certificates"]) for path in ARCHIVE.glob("*.json")
    )
    assert re.search(rf"^{count} certificates of schema 2 accepted", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("key", CATALOGUE)
def test_entries_are_archived_as_they_are_decided_today(key: str) -> None:
    path = ARCHIVE / f"{key}.json"
    written = json.loads(path.read_text()) if path.exists() else None
    assert written == json.loads(
        json.dumps(archive_file(key, CATALOGUE[key].title, theorems(CATALOGUE[key])))
    ), MEND


def test_writing_removes_what_no_entry_has_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "scoring_theory.checking.archive.CATALOGUE", {"binary": CATALOGUE["binary"]}
    )
    gone, other = tmp_path / "gone.json", tmp_path / "other.json"
    gone.write_text((ARCHIVE / "rlcr.json").read_text())
    other.write_text('{"mine": 1}')
    assert write_archive(tmp_path) == [tmp_path / "binary.json"]
    assert (gone.exists(), other.exists()) == (False, True)


@pytest.mark.slow
def test_the_whole_archive_is_what_the_checker_gives_today(tmp_path: Path) -> None:
    write_archive(tmp_path)
    for name, _ in bundles():
        assert (tmp_path / name).read_bytes() == (ARCHIVE / name).read_bytes()
