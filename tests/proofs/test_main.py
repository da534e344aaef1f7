"""`python -m proofs verify FILE`, with nothing installed."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proofs.__main__ import certificates_of, main
from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import CLAIMS
from tests.support.certificates import BRIER, GOOD, certificate

BAD = {**GOOD, "formula": "c + (q - c)^2"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "bad.json").write_text(json.dumps(BAD))
    (tmp_path / "bundle.json").write_text(
        json.dumps({"schema": 2, "name": "x", "certificates": [GOOD, GOOD]})
    )
    (tmp_path / "list.json").write_text(json.dumps([GOOD, BAD]))
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    return tmp_path


@pytest.mark.parametrize(
    ("names", "code"),
    [(["good.json"], 0), (["bad.json"], 1), (["bundle.json"], 0), (["list.json"], 1),
    (["good.json", "bad.json", "good.json"], 1),
     (["absent.json"], 2), (["binary.json"], 2), (["."], 2)],
)  # fmt: skip
def test_exit_codes(
    folder: Path, names: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *(str(folder / name) for name in names)]) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    assert ("REJECTED" in told.out) == (code == 1)
    if code == 0:
        assert f"accepted {BRIER} is strictly proper" in told.out
        assert "certificates of schema 2 accepted in" in told.out


@pytest.mark.parametrize("arguments", [[], ["verify"], ["check", "x.json"], ["--help"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"certificates": []}',
        '{"certificates": 5}',
        "5",
        "null",
        '"text"',
        "[" * 100_000,
        "1" * 10_000,
        '{"a": 1, "a": 2}',
        '{"certificates": [{"formula": "q", "formula": "c"}]}',
    ],
)
def test_files_that_hold_no_certificate(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    assert main(["verify", str(path)]) == 1
    assert capsys.readouterr().out.startswith("REJECTED")


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[NaN]",
        '{"certificates": [5]}',
        '{"certificates": [null]}',
        "[[]]",
        '{"schema": NaN}',
    ],
)
def test_members_that_are_not_certificates(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    assert main(["verify", str(path)]) == 1


def test_a_field_named_twice_is_refused() -> None:
    with pytest.raises(Rejected, match="twice"):
        certificates_of(json.dumps(GOOD)[:-1] + ', "formula": "c"}')


def test_one_line_of_ascii_for_each_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.json"
    spread = certificate("proper", "c -\n(q - c)^2\u00a0\n", evidence=[{"kind": "terms"}])
    path.write_text(json.dumps([spread]))
    main(["verify", str(path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "accepted c - (q - c)^2 is proper"
    path.write_text(json.dumps({**GOOD, "formula": "é\nACCEPTED"}))
    main(["verify", str(path)])
    assert all(line.isascii() for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("how", [["-m", "proofs"], ["-I", "proofs"], ["-I", "-S", "proofs"]])
def test_as_a_program_without_any_installation(folder: Path, how: list[str]) -> None:
    run = [sys.executable, *how, "verify"]
    done = subprocess.run(
        [*run, str(folder / "good.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("accepted")
    refused = subprocess.run(
        [*run, str(folder / "bad.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert refused.returncode == 1


@pytest.mark.parametrize("command", ["verify", "export"])
def test_a_reader_that_leaves_early_ends_the_program_quietly(folder: Path, command: str) -> None:
    """As under `| head`: the pipe is closed before anything is written to it."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "proofs", command, str(folder / "good.json")],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=600,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_the_kernel_imports_the_standard_library_alone() -> None:
    script = "import sys, proofs.__main__; print(sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    found = set(eval(done.stdout)) - set(sys.stdlib_module_names) - {"proofs", "__main__"}
    assert not {name for name in found if not name.startswith("_")}


def test_the_kernel_holds_no_floats() -> None:
    for path in (ROOT / "proofs" / "kernel").glob("*.py"):
        text = path.read_text()
        assert "float(" not in text
        assert "eval(" not in text.replace("Rejected", "")
        assert "import math" not in text


def code_lines(text: str) -> int:
    """Lines other than docstrings, comments, imports and blank lines."""
    skipped: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or isinstance(node, ast.Import | ast.ImportFrom):
            skipped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))  # type: ignore[attr-defined]
    lines = enumerate(text.splitlines(), 1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and n not in skipped
        for n, line in lines
    )


def test_the_page_states_the_size_of_the_kernel() -> None:
    texts = [path.read_text() for path in (ROOT / "proofs" / "kernel").glob("*.py")]
    stated = (
        f"{sum(t.count(chr(10)) for t in texts)} lines, {sum(map(code_lines, texts))} of them code"
    )
    assert stated in (ROOT / "proofs" / "README.md").read_text()


def test_the_page_has_a_row_for_every_claim() -> None:
    page = (ROOT / "proofs" / "README.md").read_text()
    rows = page.split("| claim |")[1].split("\n\n")[0].splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == list(CLAIMS)
