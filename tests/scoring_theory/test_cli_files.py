"""The files of the command line: `-`, misspelt names, announcements, and that nothing is replaced
without --force.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulations.cli import main
from simulations.gallery import Page, files_of

Capture = pytest.CaptureFixture[str]
SAFE = "c - (q - c)**2"
ROOT = Path(__file__).resolve().parents[2]
TABLE = b"confidence,correct\n0.5,1\n0.5,0\n"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put bytes on standard input."""

    def put(content: bytes) -> None:
        stream = io.BytesIO(content)
        stream.name = "<stdin>"  # type: ignore[attr-defined]
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))

    return put


# --------------------------------------------------------------------- `-`


def test_a_report_is_verified_through_a_pipe(
    capsys: Capture, typed: Callable[[bytes], None]
) -> None:
    assert main(["check", SAFE, "--json"]) == 0
    typed(capsys.readouterr().out.encode())
    assert main(["verify", "-"]) == 0
    assert capsys.readouterr().out.count("accepted: ") >= 2


def test_a_certificate_goes_to_standard_output_and_words_to_stderr(
    capsysbinary: pytest.CaptureFixture[bytes], typed: Callable[[bytes], None]
) -> None:
    assert main(["check", SAFE, "--certificate", "-"]) == 0
    out, err = capsysbinary.readouterr()
    assert json.loads(out)
    assert err.startswith(SAFE.encode())
    typed(out)
    assert main(["verify", "-"]) == 0


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (TABLE, []),
        (TABLE.replace(b",", b"\t"), []),
        (b'{"confidence": 0.5, "correct": 1}\n{"confidence": 0.5, "correct": 0}\n', []),
        (b"\xef\xbb\xbf" + TABLE, ["--format", "csv"]),
        (gzip.compress(TABLE), []),
    ],
    ids=["csv", "tsv", "jsonl", "mark", "gzip"],
)
def test_a_log_is_read_from_standard_input(
    capsys: Capture, typed: Callable[[bytes], None], content: bytes, options: list[str]
) -> None:
    typed(content)
    assert main(["replay", "-", "--no-intervals", "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [cell["accuracy"] for cell in found["methods"].values()] == [0.5]


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
def test_columnar_logs_are_read_from_standard_input(
    capsys: Capture, typed: Callable[[bytes], None], tmp_path: Path, kind: str
) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import ipc, parquet

    table, path = arrow.table({"confidence": [0.5, 0.5], "correct": [1, 0]}), tmp_path / "log"
    if kind == "parquet":
        parquet.write_table(table, path)
    else:
        with (ipc.new_file if kind == "arrow" else ipc.new_stream)(path, table.schema) as file:
            file.write_table(table)
    typed(path.read_bytes())
    assert main(["replay", "-", "--no-intervals", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"]


def test_faults_of_standard_input_name_it(capsys: Capture, typed: Callable[[bytes], None]) -> None:
    typed(b"confidence,correct\n0.5,1\n2,0\n")
    assert main(["replay", "-"]) == 2
    assert capsys.readouterr().err.startswith("scoring-theory: standard input, row 2 (line 3)")
    typed(b"{")
    assert main(["verify", "-"]) == 2
    assert capsys.readouterr().err.startswith("scoring-theory: standard input: not JSON")


def test_standard_output_holds_one_thing(capsys: Capture) -> None:
    assert main(["check", SAFE, "--json", "--certificate", "-"]) == 2
    assert "only one output can go to standard output" in capsys.readouterr().err
    assert main(["replay", "--html", "-", "--markdown", "-"]) == 2
    assert main(["replay", "--figure", "-"]) == 2
    assert "a figure is three files" in capsys.readouterr().err
    assert main(["simulate", "--solve-rates", "-"]) == 2


def test_an_export_goes_to_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", SAFE, "--framework", "trl", "-o", "-"]) == 0
    out, err = capsysbinary.readouterr()
    compile(out, "reward.py", "exec")
    assert b"GRPOTrainer" in err


# --------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "command", [["replay"], ["verify"], ["simulate", "--agent", "tabular", "--solve-rates"]]
)
def test_a_misspelt_file_is_answered_before_anything_heavy_is_loaded(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "rollouts.csv").write_bytes(TABLE)
    arguments = [*command, str(tmp_path / "rolouts.csv")]
    program = (
        "import sys; from simulations.cli import main; code = main(sys.argv[1:]);"
        "print(code, *sorted({'scipy', 'numpy', 'matplotlib', 'sympy'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "2"
    meant = (
        f"there is no such file: {arguments[-1]!r}; did you mean"
        f" {str(tmp_path / 'rollouts.csv')!r}?"
    )
    assert done.stderr == f"scoring-theory: {meant}\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zebra.csv", "there is no such file: 'zebra.csv'\n"),
        ("none/a.csv", "there is no such file: 'none/a.csv'; the folder 'none' does not exist\n"),
        ("empty", "empty: there is no log in this folder; logs end in"),
        ("*.jsonl", "*.jsonl: no file matches this pattern"),
        ("-a.csv", "there is no such file: '-a.csv'\n"),
        ("", "expected a file name, got ''"),
    ],
)
def test_what_is_wrong_with_a_name(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rollouts.csv").write_bytes(TABLE)
    (tmp_path / "empty").mkdir()
    assert main(["replay", name]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("log", [".", "*.csv"])
def test_no_output_is_written_onto_a_file_of_the_log(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rollouts.csv").write_bytes(TABLE)
    assert main(["replay", log, "--no-intervals", "--markdown", "rollouts.csv", "--force"]) == 2
    assert "would be written onto the file that is read" in capsys.readouterr().err
    assert (tmp_path / "rollouts.csv").read_bytes() == TABLE


def test_the_guard_of_a_minus_sign_stays_out_of_names(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-log.csv").write_bytes(TABLE)
    assert main(["replay", "-log.csv", "--no-intervals", "--markdown", "-told.md"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"-log.csv", "-told.md"}
    assert main(["replay", "-log.csv", "--scale", "-x"]) == 2
    assert "invalid choice: '-x'" in capsys.readouterr().err


# --------------------------------------------------------------------- writing


@pytest.mark.parametrize(
    ("arguments", "endings"),
    [
        (["check", SAFE, "--certificate"], [""]),
        (["design", "--threshold", "0.5", "--certificate"], [""]),
        pytest.param(
            ["design", "--threshold", "0.5", "--figure"],
            [".pdf", ".png", ".csv"],
            marks=pytest.mark.slow,
        ),
        (["repair", SAFE, "--certificate"], [""]),
        (["replay", "--no-intervals", "--markdown"], [""]),
        pytest.param(["replay", "--no-intervals", "--html"], [""], marks=pytest.mark.slow),
        (["replay", "--no-intervals", "--figure"], [".pdf", ".png", ".csv"]),
        (["export", SAFE, "--framework", "trl", "--out"], [".py"]),
    ],
    ids=lambda one: " ".join(one),
)
def test_files_are_announced_and_never_replaced_without_force(
    capsys: Capture, tmp_path: Path, arguments: list[str], endings: list[str]
) -> None:
    given = str(tmp_path / "new" / ("made.py" if endings == [".py"] else "made"))
    files = [tmp_path / "new" / f"made{ending}" for ending in endings]
    listed = ", ".join(map(str, files))
    assert main([*arguments, given]) == 0
    assert capsys.readouterr().err == f"wrote {listed} (new folder {tmp_path / 'new'})\n"
    before = [path.read_bytes() for path in files]
    files[-1].write_text("mine")
    assert main([*arguments, given]) == 2
    told = capsys.readouterr()
    assert (told.out, files[-1].read_text()) == ("", "mine")
    assert told.err.endswith(" exists; --force replaces it\n")
    assert main([*arguments, given, "--force"]) == 0
    assert capsys.readouterr().err == f"wrote {listed}\n"
    assert [path.read_bytes() for path in files] == before
    assert main([*arguments, given, "--force", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_json_stays_one_object_beside_files(capsys: Capture, tmp_path: Path) -> None:
    assert main(["check", SAFE, "--json", "--certificate", str(tmp_path / "proof.json")]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["verdict"] == "holds"
    assert told.err == f"wrote {tmp_path / 'proof.json'}\n"


@pytest.mark.parametrize("name", ["", "  "])
@pytest.mark.parametrize("option", ["--certificate", "--figure"])
def test_an_empty_name_is_refused(capsys: Capture, option: str, name: str) -> None:
    assert main(["design", "--threshold", "0.5", option, name]) == 2
    assert f"expected a file name, got {name!r}" in capsys.readouterr().err


def test_a_folder_is_no_file(capsys: Capture, tmp_path: Path) -> None:
    assert main(["check", SAFE, "--certificate", str(tmp_path)]) == 2
    assert "is a folder; name a file" in capsys.readouterr().err


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`figures` without its work: it writes small files of the right names."""

    def write(name: str, figure: object, study: object, folder: Path, page: Page) -> bool:
        for file in files_of(name, page):
            (folder / file).write_text("ours")
        return True

    monkeypatch.setattr("simulations.gallery.write_figure", write)


@pytest.mark.usefixtures("drawing")
def test_figures_replaces_what_it_made_and_nothing_else(capsys: Capture, tmp_path: Path) -> None:
    arguments = ["figures", "--out", str(tmp_path)]
    (tmp_path / "proxy.png").write_text("another command's")
    (tmp_path / "payoffs.png").write_text("mine")
    assert main(arguments) == 2
    assert (
        "payoffs.png' exists and was not made by this command; --force replaces it"
        in capsys.readouterr().err
    )
    (tmp_path / "payoffs.png").unlink()
    assert main(arguments) == main(arguments) == 0
    assert (tmp_path / "proxy.png").read_text() == "another command's"
    assert main(["figures", "--out", str(tmp_path / "proxy.png")]) == 2
    assert "is a file; name a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "name"), [("--figure", "log"), ("--markdown", "./log.csv"), ("--html", "log.csv")]
)
def test_no_file_is_written_onto_the_one_that_is_read(
    option: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Also with --force, which replaces results and never the data that they come from."""
    monkeypatch.chdir(tmp_path)
    log = "question,method,correct,confidence\n1,a,1,0.9\n2,a,0,0.4\n"
    Path("log.csv").write_text(log)
    assert main(["replay", "log.csv", option, name, "--force"]) == 2
    assert "would be written onto the file that is read, 'log.csv'" in " ".join(
        capsys.readouterr().err.split()
    )
    assert Path("log.csv").read_text() == log


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize(
    ("words", "closed", "told"),
    [
        ("verify -", "<&-", "standard input is closed"),
        ("check --batch -", "<&-", "standard input is closed"),
        ("replay -", "<&-", "standard input is closed"),
        ("calibrate -", "<&-", "standard input is closed"),
        ("watch - --once --reward c", "<&-", "standard input is closed"),
        ("check c", ">&-", "standard output is closed"),
        ("check nonsense", "2>&-", ""),
    ],
)
def test_a_closed_stream_is_a_sentence(words: str, closed: str, told: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m scoring_theory {words} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
