"""Logs that nobody should write: each is read, or refused in one sentence that names the file,
within its memory.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from scoring_theory.replaying import html, markdown, replay
from scoring_theory.reward import Reward
from scoring_theory.rollouts import RolloutError, read_rollouts

HEAD, ROW = b"confidence,correct\n", b"0.5,1\n"
READ = ""
"""In place of a sentence: the log is read."""


def named(name: str) -> bytes:
    """Two rows with that method, quoted."""
    quoted = '"' + name.replace('"', '""') + '"'
    return f"confidence,correct,method\n0.5,1,{quoted}\n0.25,0,{quoted}\n".encode(
        "utf-8", "surrogatepass"
    )


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def cells(confidence: str, correct: str = "1") -> bytes:
    return HEAD + f"{confidence},{correct}\n".encode() + ROW


OK = {"confidence": 0.5, "correct": 1}
CSV: dict[str, tuple[bytes, str]] = {
    "byte order mark": (b"\xef\xbb\xbf" + HEAD + ROW, READ),
    "two byte order marks": (
        b"\xef\xbb\xbf\xef\xbb\xbf" + HEAD + ROW,
        "there is no column 'confidence'",
    ),
    "UTF-16": (("confidence,correct\n0.5,1\n").encode("utf-16"), "must be UTF-8 text"),
    "UTF-16 without mark": (
        ("confidence,correct\n0.5,1\n").encode("utf-16-le"),
        "there is no column 'confidence'",
    ),
    "Latin-1 name": (
        "confidence,correct,method\n0.5,1,é\n".encode("latin-1"),
        "must be UTF-8 text",
    ),
    "UTF-32": (("confidence,correct\n0.5,1\n").encode("utf-32"), "must be UTF-8 text"),
    "overlong UTF-8": (HEAD + b"\xc0\xb0.5,1\n", "must be UTF-8 text"),
    "surrogate in UTF-8": (named("\ud800"), "must be UTF-8 text"),
    "cut off in a character": (HEAD + b"0.5,1\n0.5,\xe2\x82", "must be UTF-8 text"),
    "empty": (b"", "there are no rows"),
    "one byte": (b"\n", "there are no rows"),
    "NULs alone": (b"\0" * 1000, "there is no column 'confidence'"),
    "NUL in a cell": (HEAD + b"0.5\0,1\n", "`confidence` must be a number"),
    "NUL in the head": (b"confidence\0,correct\n0.5,1\n", "there is no column 'confidence'"),
    "head alone": (HEAD, "there are no rows"),
    "head without line end": (HEAD.strip(), "there are no rows"),
    "blank lines": (HEAD + b"\n\n\n0.5,1\n\n", READ),
    "carriage returns": (b"confidence,correct\r0.5,1\r0.5,0\r", READ),
    "mixed line ends": (b"confidence,correct\r\n0.5,1\n0.5,0\r\n", READ),
    "form feeds": (b"confidence,correct\n0.5,1\x0c\n", READ),
    "a column twice": (
        b"confidence,confidence,correct\n0.5,0.5,1\n",
        "every column must have its own name",
    ),
    "too few fields": (HEAD + b"0.5\n", "2 fields expected, got 1"),
    "too many fields": (HEAD + b"0.5,1,2\n", "2 fields expected, got 3"),
    "a million commas": (HEAD + b"," * 1_000_000 + b"\n", "2 fields expected, got 1000001"),
    "quote never closed": (HEAD + b'"0.5,1\n' + ROW * 5, "not a table"),
    "quote in the middle": (HEAD + b'0"5,1\n', "`confidence` must be a number"),
    "text after a quote": (HEAD + b'"0.5"x,1\n', "not a table"),
    "a long field": (HEAD + b"0" * 200_000 + b",1\n", "not a table"),
    "semicolons": (b"confidence;correct\n0.5;1\n", READ),
    "semicolons and decimal commas": (b"confidence;correct\n0,5;1\n", READ),
    "two decimal commas": (b"confidence;correct\n0,5,1;1\n", "`confidence` must be a number"),
    "semicolons with a comma in the head": (
        b"confidence;correct;a,b\n0.5;1;2\n",
        "there is no column 'confidence'",
    ),
    "spaces in the head": (b"confidence, correct\n0.5,1\n", "there is no column 'correct'"),
    "upper case": (b"Confidence,Correct\n0.5,1\n", ""),
    "Arabic digits": (cells("٠.٥"), "`confidence` must be a number in [0, 1], got '٠.٥'"),
    "Arabic digits only": (
        HEAD + "٠.٥,1\n".encode(),
        "`confidence` must be a number in [0, 1], got '٠.٥'",
    ),
    "full-width digits": (cells("０.５"), "`confidence` must be a number"),
    "Arabic outcome": (cells("0.5", "١"), "`correct` must be 0 or 1, got '١'"),
    "superscript": (cells("0.5", "¹"), "`correct` must be 0 or 1"),
    "underscore": (cells("0_5"), "`confidence` must be a number"),
    "hexadecimal": (cells("0x1"), "`confidence` must be a number"),
    "a comma for a point": (HEAD + b'"0,5",1\n', "`confidence` must be a number"),
    "minus zero": (cells("-0.0"), READ),
    "a hair below 0": (cells("-1e-320"), "`confidence` must be a number"),
    "a hair above 1": (cells("1.0000000000000002"), "`confidence` must be a number"),
    "rounds to 1": (cells("1.00000000000000000001"), READ),
    "NaN": (cells("nan"), "`confidence` must be a number"),
    "infinity": (cells("inf"), "`confidence` must be a number"),
    "an overflow": (cells("1e999"), "`confidence` must be a number"),
    "an underflow": (cells("1e-999"), READ),
    "five thousand digits": (cells("0." + "3" * 5000), READ),
    "five thousand digits whole": (cells("3" * 5000), "`confidence` must be a number"),
    "a word": (cells("high"), "`confidence` must be a number"),
    "nothing": (cells(""), "got nothing"),
    "a percentage": (cells("50%"), "--scale percent"),
    "0 to 100": (cells("85"), "--scale percent"),
    "outcome 2": (cells("0.5", "2"), "`correct` must be 0 or 1"),
    "outcome NaN": (cells("0.5", "nan"), "`correct` must be 0 or 1"),
    "outcome 1.0": (cells("0.5", "1.0"), READ),
    "outcome True": (cells("0.5", "TRUE"), READ),
    "outcome minus 0": (cells("0.5", "-0"), READ),
    "colour": (named("\x1b[31mred"), r"got '\x1b[31mred'"),
    "window title": (named("\x1b]0;owned\x07"), "`method` must be printable text"),
    "C1 escape": (named("\x9b2J"), "`method` must be printable text"),
    "bell": (named("\a"), "`method` must be printable text"),
    "line break": (named("a\nb"), "`method` must be printable text"),
    "carriage return": (named("a\rb"), "`method` must be printable text"),
    "NUL": (named("a\0b"), "`method` must be printable text"),
    "delete": (named("a\x7f"), "`method` must be printable text"),
    "line separator": (named("a\u2028b"), "`method` must be printable text"),
    "right to left": (named("a\u202eb"), "`method` must be printable text"),
    "emoji": (named("\N{ROBOT FACE}\u200d\N{FIRE}"), READ),
    "combining marks": (named("e" + "\u0301" * 50), READ),
    "spreadsheet formula": (named("=cmd|' /C calc'!A0"), READ),
    "spreadsheet sum": (named("@SUM(1+9)*cmd"), READ),
    "LaTeX": (named(r"\input{/etc/passwd}$\frac{1$_^{&%#"), READ),
    "HTML": (named("<script>alert(1)</script><img src=x onerror=alert(1)>"), READ),
    "HTML attribute": (named("\"'><svg/onload=alert(1)>"), READ),
    "Markdown": (named("a|b](javascript:alert(1))`~*_"), READ),
    "rich markup": (named("[bold red]x[/] [link=http://x]y[/link]"), READ),
    "format string": (named("{0.__class__} %s %n %(x)s"), READ),
    "name of 100,000 letters": (named("x" * 100_000), READ),
    "an empty name": (named(""), "`method` must be filled in"),
    "a blank name": (named(" "), READ),
    "the name `all`": (named("all"), READ),
    "gzip by name alone": (b"\x1f\x8b" + HEAD, "must be UTF-8 text"),
}
JSON: dict[str, tuple[bytes, str]] = {
    "plain": (lines(OK, OK), READ),
    "byte order mark": (b"\xef\xbb\xbf" + lines(OK), READ),
    "an array": (json.dumps([OK, OK]).encode(), "one JSON object per line expected"),
    "a number": (b"1", "one JSON object per line expected"),
    "not JSON": (b"{'confidence': 0.5}", "not JSON"),
    "cut off": (lines(OK)[:-3], "not JSON"),
    "two on a line": (lines(OK).strip() + b" " + lines(OK), "not JSON"),
    "deep": (b'{"confidence": ' + b"[" * 100_000, "not JSON"),
    "deep and closed": (
        b'{"a": ' + b"[" * 900 + b"]" * 900 + b', "confidence": 0.5, "correct": 1}',
        READ,
    ),
    "a name twice": (
        b'{"confidence": 0.5, "confidence": 0.6, "correct": 1}',
        "every name must come once",
    ),
    "digits": (b'{"confidence": ' + b"1" * 10_000 + b', "correct": 1}', "digits"),
    "NaN": (b'{"confidence": NaN, "correct": 1}', "`confidence` must be a number"),
    "Infinity": (b'{"confidence": Infinity, "correct": 1}', "`confidence` must be a number"),
    "null": (lines({**OK, "confidence": None}), "got nothing"),
    "true for a confidence": (lines({**OK, "confidence": True}), "`confidence` must be a number"),
    "a list": (lines({**OK, "confidence": [0.5]}), "`confidence` must be a number"),
    "an object": (lines({**OK, "confidence": {"a": 1}}), "`confidence` must be a number"),
    "a list for an outcome": (lines({**OK, "correct": [1]}), "`correct` must be 0 or 1"),
    "a text for a number": (lines({**OK, "confidence": "0.5"}), READ),
    "lone surrogate": (
        b'{"confidence": 0.5, "correct": 1, "method": "\\ud800"}',
        r"row 1 (line 1): `method` must be",
    ),
    "surrogate in a value": (b'{"confidence": "\\ud800", "correct": 1}', r"got '\ud800'"),
    "surrogate in an outcome": (b'{"confidence": 0.5, "correct": "\\udfff"}', r"got '\udfff'"),
    "surrogate in an answer": (b'{"confidence": 0.5, "correct": 1, "answer": "\\ud800"}', READ),
    "surrogate in a key": (b'{"\\ud800": 0.5, "correct": 1}', "there is no column 'confidence'"),
    "escape in a key": (b'{"\\u001b[31m": 0.5, "correct": 1}', "there is no column 'confidence'"),
    "method missing once": (lines({**OK, "method": "a"}, OK), "row 2"),
    "a method that is a list": (lines({**OK, "method": ["a"]}), READ),
    "a method with an escape": (
        lines(OK | {"method": "a"}, OK | {"method": "\x1b[2J"}),
        r"row 2 (line 2): `method`",
    ),
    "100,000 keys": (json.dumps({**OK, **{f"k{i}": i for i in range(100_000)}}).encode(), READ),
    "blank lines": (b"\n\n" + lines(OK) + b"\n\n", READ),
    "carriage returns": (lines(OK) + b"\r\n" + lines(OK) + b"\r\n", READ),
    "1,000 other keys": (
        json.dumps({f"k{i}": i for i in range(1000)}).encode(),
        "'k29', ...; if it has another name",
    ),
    "a comment": (b"// a log\n" + lines(OK), "not JSON"),
}
RAW = [chr(x) for x in (*range(0x20), *range(0x7F, 0xA0)) if chr(x) != "\n"]


def attempt(path: Path, wanted: str) -> None:
    """Read, or refused with a sentence that can be printed; what is read can be replayed, and shown
    in every way.
    """
    if wanted:
        with pytest.raises(RolloutError) as caught:
            read_rollouts(path)
        told = str(caught.value)
        assert wanted in told
        assert len(told) < 2000
        assert not any(letter in told for letter in RAW)
        told.encode()
        return
    result = replay(read_rollouts(path), {"binary": Reward.parse("c")}, intervals=False)
    for shown in (
        markdown(result),
        html(result),
        json.dumps(result.to_json(), ensure_ascii=False),
    ):
        shown.encode()
        assert not any(letter in shown for letter in RAW)
    assert "<script>" not in html(result)
    assert "<svg/" not in html(result)


@pytest.mark.parametrize("name", CSV)
def test_odd_tables(tmp_path: Path, name: str) -> None:
    content, wanted = CSV[name]
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    attempt(path, wanted)


@pytest.mark.parametrize("name", JSON)
def test_odd_json_lines(tmp_path: Path, name: str) -> None:
    content, wanted = JSON[name]
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    attempt(path, wanted)


def directory(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.csv")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def no_gzip(path: Path) -> None:
    path.write_bytes(HEAD + ROW)


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(HEAD + ROW * 1000)[:-20])


def damaged_gzip(path: Path) -> None:
    content = bytearray(gzip.compress(os.urandom(5000)))
    content[200] ^= 255
    path.write_bytes(content)


def twice_gzipped(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(HEAD + ROW)))


def garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 50)


FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a directory": ("log.csv", directory, "there is no log in this folder"),
    "a directory, Parquet": ("log.parquet", directory, "there is no log in this folder"),
    "a pipe": ("log.csv", fifo, "got a pipe"),
    "a pipe, gzipped": ("log.jsonl.gz", fifo, "got a pipe"),
    "a pipe, Arrow": ("log.arrow", fifo, "got a pipe"),
    "a link to itself": ("log.csv", loop, "log.csv"),
    "a link to nothing": ("log.csv", dangling, "there is no such file"),
    "a device without end": ("log.csv", device, "got a pipe, a socket or a device"),
    "no gzip": ("log.csv.gz", no_gzip, "cannot be read"),
    "gzip cut off": ("log.csv.gz", cut_gzip, "cannot be read"),
    "gzip damaged": ("log.csv.gz", damaged_gzip, "log.csv.gz"),
    "gzipped twice": ("log.csv.gz", twice_gzipped, "must be UTF-8 text"),
    "no Parquet": ("log.parquet", garbage, "cannot be read"),
    "no Arrow": ("log.arrow", garbage, "cannot be read"),
    "no Feather": ("log.feather", garbage, "cannot be read"),
    "no suffix": ("log", garbage, "rollouts are read from"),
    "another suffix": ("log.xlsx", garbage, "rollouts are read from"),
    "gzipped Parquet": ("log.parquet.gz", garbage, "rollouts are read from"),
}


@pytest.mark.parametrize("name", FILES)
def test_odd_files(tmp_path: Path, name: str) -> None:
    suffix, make, wanted = FILES[name]
    make(tmp_path / suffix)
    attempt(tmp_path / suffix, wanted)


def test_a_row_says_how_many_kinds_there_are() -> None:
    assert len(CSV) + len(JSON) + len(FILES) >= 93 + 30


@pytest.mark.skipif(sys.platform == "win32", reason="no escapes in file names there")
def test_the_name_of_a_file_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred.csv"
    path.write_bytes(HEAD + ROW)
    missing = tmp_path / "\x1b]0;x\x07.csv"
    for file in (path, missing):
        done = command("replay", str(file), "--no-intervals")
        assert "\x1b" not in done.stdout + done.stderr
        assert done.returncode == (0 if file == path else 2)


def command(
    *words: str, megabytes: int | None = None, stdin: IO[bytes] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, which may have so much memory."""

    def limit() -> None:
        if megabytes:
            resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))

    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from scoring_theory.cli import main; sys.exit(main())",
            *words,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=stdin,
        preexec_fn=limit,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


def _bomb(path: Path, *parts: tuple[bytes, int]) -> None:
    with gzip.open(path, "wb", compresslevel=9) as file:
        for part, times in parts:
            for _ in range(times):
                file.write(part)


@pytest.mark.parametrize(
    ("suffix", "parts", "wanted"),
    [
        (".csv.gz", ((HEAD, 1), (b"0" * (1 << 20), 300)), "a line may have at most"),
        (".csv.gz", ((HEAD, 1), (ROW * 100_000, 150)), "unpack it first"),
        (
            ".jsonl.gz",
            ((b'{"confidence": 0.5, "correct": 1, "x": "', 1), (b"x" * (1 << 20), 300)),
            "a line may have",
        ),
        (".jsonl.gz", ((lines(OK) + b"\n", 2_000_000),), "unpack it first"),
    ],
)
@pytest.mark.slow
def test_bombs_are_refused_in_half_a_gigabyte(
    tmp_path: Path, suffix: str, parts: object, wanted: str
) -> None:
    path = tmp_path / f"bomb{suffix}"
    _bomb(path, *parts)  # type: ignore[misc]
    assert path.stat().st_size < 2 << 20
    done = command("replay", str(path), megabytes=500)
    assert done.returncode == 2
    assert wanted in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_line_of_a_gigabyte_is_refused_in_half_of_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"long{suffix}"
    with path.open("wb") as file:
        file.write(HEAD if suffix == ".csv" else b'{"confidence": "')
        file.seek(1 << 30)  # a hole in the file reads as NULs and takes no disk
        file.write(b"\n")
    done = command("replay", str(path), megabytes=500)
    assert done.returncode == 2
    assert "a line may have at most" in done.stderr


@pytest.mark.slow
def test_a_parquet_bomb_is_refused(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "bomb.parquet"
    rows = 30_000_000
    column = pa.DictionaryArray.from_arrays(
        pa.nulls(rows, pa.int32()).fill_null(0), pa.array([0.5])
    )
    parquet.write_table(
        pa.table({"confidence": column, "correct": column}), path, compression="zstd"
    )
    with pytest.raises(RolloutError, match="rows are more than"):
        read_rollouts(path)


def test_a_pipe_does_not_keep_the_reader_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.jsonl")
    done: list[BaseException] = []

    def read() -> None:
        try:
            read_rollouts(tmp_path / "log.jsonl")
        except RolloutError as error:
            done.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(20)
    assert done


@pytest.mark.slow
def test_odd_names_are_drawn_without_a_word(tmp_path: Path) -> None:
    """Names in figures, pages and tables: no warning, no tag, no mathematics, no formula of a
    spreadsheet.
    """
    odd = (
        "=cmd|' /C calc'!A0",
        r"\input{x}$\frac{1$_^{&%#",
        "<script>alert(1)</script>",
        "\N{ROBOT FACE}",
        "x" * 40,
    )
    quoted = ['"' + name.replace('"', '""') + '"' for name in odd]
    rows = [f"{q},{c},{name}" for name in quoted for q, c in ((0.9, 1), (0.5, 0))]
    (tmp_path / "log.csv").write_text("\n".join(["confidence,correct,method", *rows]))
    done = command(
        "replay",
        str(tmp_path / "log.csv"),
        "--no-intervals",
        "--figure",
        str(tmp_path / "a"),
        "--html",
        str(tmp_path / "a.html"),
    )
    assert done.returncode == 0
    assert "Warning" not in done.stderr
    assert (tmp_path / "a.csv").read_text().splitlines()[1].startswith("'=cmd|")
    assert "<script>alert" not in (tmp_path / "a.html").read_text()


def test_formulas_of_spreadsheets_are_texts() -> None:
    from scoring_theory.plotting.saving import _csv

    written = _csv(
        {"method": ["=cmd|' /C calc'!A0", "@SUM(1)", "-x", "plain"], "=x": [-1.0, 2.0, 3.0, 4.0]}
    ).decode()
    assert written.splitlines()[0] == "method,'=x"
    assert [line[:2] for line in written.splitlines()[1:]] == ["'=", "'@", "'-", "pl"]
    assert ",-1.0" in written


@pytest.mark.slow
def test_a_gigabyte_through_standard_input_is_refused_in_half_of_one(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    with (tmp_path / "hole").open("rb") as stream:
        done = command("replay", "-", megabytes=500, stdin=stream)
    assert done.returncode == 2
    assert "a stream may have at most 128 MB" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_a_bomb_through_standard_input_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    _bomb(path, (HEAD, 1), (ROW * 100_000, 150))
    with path.open("rb") as stream:
        done = command("replay", "-", megabytes=500, stdin=stream)
    assert done.returncode == 2
    assert "unpack it first" in done.stderr
