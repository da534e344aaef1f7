"""In small what `make portability` tries: file names and encodings of other systems, no caches."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from scoring_theory.cli import main, paths
from scoring_theory.cli.parser import UsageError
from scoring_theory.rollouts.reading import _kind
from tests.programs.portability import differences

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("scoring_theory", "simulations", "proofs")
OF_BYTES = {
    "text_tables.py": {"path.open()", "gzip.open(file)", "self.open()"},  # `Held.open`
    "documents.py": {"archive.open(name)"},  # a file of a zip archive, read as bytes
}
ONLY_POSIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def calls(file: Path) -> Iterator[ast.Call]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def names_no_encoding(call: ast.Call) -> bool:
    """A call that reads or writes text in whatever encoding the machine has."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if any(word.arg == "encoding" for word in call.keywords):
        return False
    if name in ("open", "fdopen"):
        modes = [
            a.value
            for a in (*call.args, *(k.value for k in call.keywords))
            if isinstance(a, ast.Constant)
        ]
        of_text = not any(isinstance(mode, str) and "b" in mode for mode in modes)
        return of_text and ast.unparse(call.func) != "os.open"
    return name == "read_text" or (
        name == "write_text" and ast.unparse(call.func) != "paths.write_text"
    )


# ----------------------------------------------------------------------------------------- sources


def test_every_text_file_names_its_encoding() -> None:
    for file in sources():
        loose = {ast.unparse(call) for call in calls(file) if names_no_encoding(call)}
        assert loose <= OF_BYTES.get(file.name, set()), file


def test_nothing_imports_what_windows_lacks() -> None:
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            imported = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            imported += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not ONLY_POSIX.intersection(imported), file


def test_every_shipped_file_can_be_unpacked_on_windows() -> None:
    files = [f.relative_to(ROOT) for room in ROOMS for f in (ROOT / room).rglob("*") if f.is_file()]
    files = [file for file in files if "__pycache__" not in file.parts]
    assert len({str(file).lower() for file in files}) == len(files) > 300
    assert max(len(str(file)) for file in files) < 120  # of 260, with the folder it lands in
    for file in files:
        for part in file.parts:
            assert not paths.loses_what_is_written(PureWindowsPath(part)), file
            assert not set('<>:"|?*\\').intersection(part), file
            assert part[-1] not in ". ", file


# ----------------------------------------------------------------------------------- Windows paths


def test_backslashes_and_drives_are_folders_on_windows(monkeypatch) -> None:
    monkeypatch.setattr(paths, "Path", PureWindowsPath)
    drawn = paths.figure(r"C:\my out\lam=0.5.png").files
    assert [(file.parent, file.name) for file in drawn] == [
        (PureWindowsPath("C:/my out"), f"lam=0.5{ending}") for ending in (".pdf", ".png", ".csv")
    ]
    parts = paths.figures(r"\\server\share\all.pdf", ("-a", "-b")).files
    assert parts[3] == PureWindowsPath(r"\\server\share\all-b.pdf")
    assert paths.target(r"..\reward.py").files[0].name == "reward.py"


@pytest.mark.parametrize("name", [r"C:\logs.v2\run.CSV", r"\\server\share\a.b.csv", "run.csv"])
def test_the_format_of_a_log_is_read_from_windows_names(name) -> None:
    assert _kind(PureWindowsPath(name), None) == ".csv"


@pytest.mark.parametrize(
    "name", ["nul", r"C:\out\NUL.csv", r"out\aux .txt", "Com1.tar.gz", r"out\a:b.csv"]
)
def test_names_that_windows_keeps_are_refused_there_alone(name) -> None:
    assert paths.loses_what_is_written(PureWindowsPath(name))
    assert not paths.loses_what_is_written(PurePosixPath(name))


@pytest.mark.parametrize("name", ["null.csv", "com.csv", "lam=0.5.csv", "C:out.csv"])
def test_names_that_windows_takes_are_taken(name) -> None:
    assert not paths.loses_what_is_written(PureWindowsPath(name))


def test_a_drive_that_does_not_exist_is_a_sentence(monkeypatch) -> None:
    class NoDrive(PureWindowsPath):
        """A path of a machine without this drive."""

        def is_dir(self) -> bool:
            return False

        exists = is_file = is_dir

        def absolute(self) -> NoDrive:
            return self

    monkeypatch.setattr(paths, "Path", NoDrive)
    with pytest.raises(UsageError, match="there is no such drive"):
        paths.target(r"Z:\out\a.json").require_free(force=False)
    with pytest.raises(UsageError, match=r"Windows reserves the name 'nul\.json'"):
        paths.target(r"C:\out\nul.json").require_free(force=False)


def test_backslashes_are_letters_elsewhere(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "c - (q - c)^2", "--certificate", r"out\proof.json", "--quiet"]) == 0
    assert [file.name for file in tmp_path.iterdir()] == [r"out\proof.json"]


# ---------------------------------------------------------------------------------------- settings


@pytest.mark.slow
def test_kernels_compile_where_no_cache_may_be_written() -> None:
    """Numba refuses such functions, unless they ask for no cache."""
    script = (
        "from numba.core import caching; caching.CacheImpl._locator_classes = []\n"
        "from simulations import run, standard_experiments\n"
        "print(len(run(standard_experiments('short')[0]).metric('ece')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.stdout.strip(), done.stderr) == ("4", "")


@pytest.mark.parametrize("options", [("-X", "utf8=0"), ("-O",), ("-W", "error")])
def test_the_command_in_an_ascii_world(tmp_path, options) -> None:
    command = [
        sys.executable,
        *options,
        "-m",
        "simulations",
        "check",
        "c",
        "--certificate",
        "pröof.json",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, encoding="ascii",
        env={"PATH": "", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii",
             "PYTHONPATH": str(ROOT), "HOME": "/dev/null", "TZ": "Asia/Kathmandu"},
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert done.stdout


def test_the_table_compares_what_it_is_given() -> None:
    one = {"a": [1.0, {"b": 0.1 + 0.2}], "c": "text"}
    assert list(differences(one, {"a": [1.0, {"b": 0.3}], "c": "text"})) == []
    assert list(differences(one, {"a": [1.0, {"b": 0.31}], "c": "text"})) != []
    assert list(differences(one, {"a": [1.0], "c": "text"})) != []
    assert list(differences(one, {"a": [1.0, {"b": 0.3}], "c": "other"})) != []
