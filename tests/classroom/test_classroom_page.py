"""The page without a browser: what is in it, what it may load, and whether its proofs verify."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest

from proofs.kernel.formula import ARITY, COMPARISONS
from proofs.kernel.verifier import verify
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.classroom import page, page_server, proved_entry
from scoring_theory.cli import main
from simulations import cli

ROOT = Path(__file__).resolve().parents[2]
FEW = ("brier", "log", "clipped_log", "binary", "linear", "exponential")
"""A safe score, one without a safe weight, one with an irrational lam*, a reward without a score,
an improper one, and one that is safe at every weight.
"""


@pytest.fixture(scope="module")
def few() -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page, "CATALOGUE", {key: CATALOGUE[key] for key in FEW})
        return page.classroom_files()


def test_the_page_allows_its_own_script_and_style_and_nothing_else(few: dict[str, bytes]) -> None:
    html = few[page.PAGE].decode()
    policy = re.search(r'Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    allowed = dict(part.split(" ", 1) for part in policy[1].split("; "))
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed[rule] == f"'sha256-{digest}'"
    assert allowed["default-src"] == "'none'"
    assert not {"connect-src", "img-src", "font-src"} & set(allowed)


def test_the_page_names_no_other_place(few: dict[str, bytes]) -> None:
    html = few[page.PAGE].decode()
    assert set(re.findall(r"\w+://[^\s\"')<]+", html)) <= {"http://www.w3.org/2000/svg"}
    scripts = "".join(page.page_part(name) for name in page.SCRIPTS)
    forbidden = (
        r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacent|document\.write|fetch\(|XMLHttp"
        r"|WebSocket|localStorage|import\("
    )
    assert not re.findall(forbidden, scripts)
    assert not re.search(r"{{\w+}}", html), "a placeholder is left"


def test_every_script_is_in_the_page_and_the_bandit_is_short() -> None:
    folder = Path(page.__file__).parent
    assert {path.name for path in folder.glob("*.js")} == set(page.SCRIPTS)
    assert len(page.page_part("bandit.js").splitlines()) <= 200


def test_no_text_of_the_catalogue_ends_the_element_that_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page, "CATALOGUE", {})
    monkeypatch.setattr(page, "KIND_TITLES", {"score": "</script><b>"})
    html = page.classroom_files()[page.PAGE].decode()
    assert html.count("</script>") == 2
    (held,) = re.findall(r'id="catalogue">(.*?)</script>', html, re.DOTALL)
    assert json.loads(held)["kinds"] == {"score": "</script><b>"}


@pytest.mark.parametrize("key", FEW)
def test_certificates_verify_and_have_the_hash_that_the_page_says(
    key: str, few: dict[str, bytes]
) -> None:
    content = few[f"certificates/{key}.json"]
    (held,) = re.findall(r'id="catalogue">(.*?)</script>', few[page.PAGE].decode(), re.DOTALL)
    data = next(one for one in json.loads(held)["entries"] if one["key"] == key)
    assert data["certificate"]["sha256"] == hashlib.sha256(content).hexdigest()
    certificates = json.loads(content)["certificates"]
    assert certificates
    for certificate in certificates:
        verify(certificate)


def test_the_verdict_of_an_entry_is_that_of_check() -> None:
    data, _ = proved_entry(CATALOGUE["power"])
    assert data["constants"] == ["alpha = 4"]
    assert data["critical"] == {"exact": "1/4", "value": 0.25}  # lam* = 1/alpha
    assert "jointly optimal for 0 < lam <= 1/4" in data["certificate"]["claims"]
    assert (data["proper"]["status"], data["proper"]["strict"]) == ("proved", True)
    data, _ = proved_entry(CATALOGUE["linear"])
    assert data["critical"] is None
    assert data["proper"]["witness"]["q"] == "0"


def test_the_page_knows_the_words_and_limits_of_the_grammar() -> None:
    """A new word, or another limit, must also come to formula.js."""
    script = page.page_part("formula.js")
    for word in ARITY:
        assert re.search(rf"\b{word}: \[{ARITY[word][0]}, {ARITY[word][1]}\]", script), word
        assert f'"{word}"' in page.page_part("limits.js"), f"teach limits.js the word {word}"
    (listed,) = re.findall(r"const COMPARISONS = (\[.*?\]);", script)
    assert tuple(json.loads(listed)) == COMPARISONS
    from proofs.kernel import formula

    limits = {
        "characters": formula.MAX_CHARACTERS,
        "nodes": formula.MAX_NODES,
        "nesting": formula.MAX_NESTING,
        "height": formula.MAX_HEIGHT,
        "digits": formula.MAX_DIGITS,
    }
    for name, value in limits.items():
        assert f"{name}: {value}" in script


def test_the_wheel_holds_every_file_of_the_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["scoring_theory"]
    folder = Path(page.__file__).parent
    for path in folder.iterdir():
        if path.suffix not in (".py", "") and path.is_file():
            name = f"classroom/{path.name}"
            assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), name


# ----------------------------------------------------------------------------------- the command


def test_the_command_writes_a_folder_and_spares_foreign_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "CATALOGUE", {"brier": CATALOGUE["brier"]})
    folder = tmp_path / "a lesson"
    assert cli.main(["classroom", "--out", str(folder), "--quiet"]) == 0
    assert "index.html" in capsys.readouterr().out
    assert (folder / "certificates" / "brier.json").is_file()
    assert cli.main(["classroom", "--out", str(folder), "--quiet"]) == 0, "its own files"
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("mine", encoding="utf-8")
    assert cli.main(["classroom", "--out", str(other)]) == 2
    assert "was not made by this command" in capsys.readouterr().err
    assert (other / "index.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a folder with --out DIR, or show the page with --serve"),
        (["--out", "x", "--port", "80"], "--port is the port of --serve"),
        (["--serve", "--port", "70000"], "expected a port from 0 to 65535"),
        (["--serve", "--port", "-1"], "expected a port from 0 to 65535"),
    ],
)
def test_bad_options_are_sentences(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["classroom", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_a_taken_port_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "CATALOGUE", {})
    with page_server(tmp_path) as taken:
        port = str(taken.server_port)
        assert cli.main(["classroom", "--serve", "--port", port, "--quiet"]) == 2
    assert f"cannot listen on port {port}" in capsys.readouterr().err


def test_the_server_serves_the_page_on_this_machine_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>lesson", encoding="utf-8")
    with page_server(tmp_path) as server:
        assert server.server_address[0] == "127.0.0.1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.read() == b"<p>lesson"
        server.shutdown()


def test_the_command_without_simulations_has_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classroom", "--help"]) == 0
    assert "--serve" in capsys.readouterr().out


@pytest.mark.slow
def test_a_built_wheel_writes_the_page(tmp_path: Path) -> None:
    """From a copy, since a build leaves files behind."""
    copy = tmp_path / "source"
    for name in ("scoring_theory", "simulations", "proofs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "-w", str(tmp_path), str(copy)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = {
        name.removeprefix("scoring_theory/classroom/") for name in zipfile.ZipFile(wheel).namelist()
    }
    assert {"page.html", "style.css", *page.SCRIPTS} <= held
