"""Files that claim to hold certificates: a verdict or a sentence for each, and nothing of theirs
moves the cursor.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofs.__main__ import main as verify_plainly
from scoring_theory.cli import main

GOOD = {
    "schema": 2,
    "formula": "c - (q-c)^2",
    "parameters": {},
    "claim": "proper",
    "breakpoints": [],
    "evidence": [{"kind": "terms"}],
}
FILES: dict[str, bytes] = {
    "escape in the formula": json.dumps(GOOD | {"formula": "\x1b[2J\x1b]0;x\x07c"}).encode(),
    "escape in the claim": json.dumps(GOOD | {"claim": "\x9b2J\x1b[31mproper"}).encode(),
    "escape in a name": json.dumps(GOOD | {"\x1b[31m": 1}).encode(),
    "escape in a parameter": json.dumps(GOOD | {"parameters": {"\x1b[31m": "\x1b[31m"}}).encode(),
    "lines in the formula": json.dumps(GOOD | {"formula": "c\naccepted: everything"}).encode(),
    "a lone surrogate": json.dumps(GOOD | {"formula": "\ud800"}).encode(),
    "a claim that is a list": json.dumps(GOOD | {"claim": ["proper"]}).encode(),
    "a formula that is a number": json.dumps(GOOD | {"formula": 7}).encode(),
    "deep": b"[" * 100_000,
    "deep evidence": json.dumps(GOOD)[:-1].encode() + b', "x": ' + b"[" * 100_000,
    "a field twice": b'{"schema": 2, "schema": 2}',
    "NaN": b"NaN",
    "nothing": b"",
    "an empty list": b"[]",
    "a list of lists": b"[[]]",
    "Latin-1": '{"é": 1}'.encode("latin-1"),
    "NULs": b"\0" * 100,
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
    "a text": b'"certificate"',
    "a number": b"7",
    "many digits": b'{"schema": ' + b"2" * 10_000 + b"}",
    "a nested certificate": json.dumps({"certificates": [{"certificates": [GOOD]}]}).encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_odd_files_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / "certificate.json"
    path.write_bytes(FILES[name])
    codes = (
        verify_plainly(["verify", str(path)]),
        verify_plainly(["export", str(path)]),
        main(["verify", str(path)]),
    )
    assert all(code in (1, 2) for code in codes)
    told = "".join(capsys.readouterr())
    told.encode()
    assert not any(letter in told for letter in "\x1b\x07\x9b\0")
    assert "fault in scoring-theory" not in told
    assert "\naccepted" not in told


def test_a_huge_file_of_certificates_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    with path.open("wb") as file:
        file.truncate(1 << 32)  # a hole, without disk
    assert verify_plainly(["verify", str(path)]) == 1
    assert "at most 8 MB" in capsys.readouterr().out
