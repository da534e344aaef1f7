"""The committed certificates: all there, all accepted with nothing installed, and what the checker gives today."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scoring_theory.catalogue import CATALOGUE
from scoring_theory.catalogue.published import PUBLISHED
from scoring_theory.checking import check
from scoring_theory.checking.archive import bundle, bundles, theorems, write

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "proofs" / "certificates"


def test_every_rule_and_every_published_reward_has_its_file() -> None:
    expected = {f"rule_{key}.json" for key in CATALOGUE} | {f"published_{key}.json" for key in PUBLISHED}
    assert {path.name for path in ARCHIVE.glob("*.json")} == expected


def test_the_standard_library_alone_accepts_them_all() -> None:
    """Isolated (-I) and without site-packages (-S), as a stranger would run it."""
    files = sorted(map(str, ARCHIVE.glob("*.json")))
    command = [sys.executable, "-I", "-S", str(ROOT / "proofs"), "verify", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    count = sum(len(json.loads(path.read_text())["certificates"]) for path in ARCHIVE.glob("*.json"))
    assert re.search(rf"^{count} certificates of schema 2 accepted", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("key", ["brier", "log", "spherical", "power", "linear"])
def test_rules_are_archived_as_they_are_decided_today(key: str) -> None:
    written = json.loads((ARCHIVE / f"rule_{key}.json").read_text())
    assert written == json.loads(json.dumps(bundle(key, CATALOGUE[key].title, theorems(CATALOGUE[key]))))


@pytest.mark.parametrize("key", ["binary", "rlcr", "ppo_c_difference"])
def test_published_rewards_are_archived_as_they_are_decided_today(key: str) -> None:
    written = json.loads((ARCHIVE / f"published_{key}.json").read_text())
    entry = PUBLISHED[key]
    assert written == json.loads(json.dumps(bundle(key, entry.title, iter([check(entry.reward)]))))


@pytest.mark.slow
def test_the_whole_archive_is_what_the_checker_gives_today(tmp_path: Path) -> None:
    write(tmp_path)
    for name, _ in bundles():
        assert (tmp_path / name).read_bytes() == (ARCHIVE / name).read_bytes()
