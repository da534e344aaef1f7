"""Replay rejects invalid logs, reproduces published metrics and follows its JSON schema."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scoring_theory.calibration import expected_calibration_error
from scoring_theory.replaying import replay
from scoring_theory.reward import Reward
from scoring_theory.rollouts import (
    EXPECTED,
    RolloutError,
    Rollouts,
    example_rollouts,
    read_rollouts,
)

REWARDS = {
    "binary": Reward.parse("c"),
    "RLCR": Reward.parse("c - (q - c)^2"),
    "log": Reward.parse("c + log(1 - abs(q - c))"),
}
HEADER = "dataset,method,item,sample,confidence,correct"
ROWS = ["trivia,RLCR,7,0,0.25,0", "trivia,Base,7,0,1.0,1", "maths,RLCR,7,1,0.5,1"]
DATA = os.environ.get("SCORING_THEORY_DATA")
recorded = pytest.mark.skipif(
    DATA is None, reason="SCORING_THEORY_DATA does not name the folder of recorded rollouts"
)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def log(path: Path, *rows: str) -> Path:
    return write(path, HEADER, *rows)


# ---------------------------------------------------------------- reading


def assert_is_the_log(rollouts: Rollouts) -> None:
    assert rollouts.confidence.tolist() == [0.25, 1.0, 0.5]
    assert rollouts.correct.tolist() == [0, 1, 1]
    assert rollouts.methods == ("RLCR", "Base")
    assert rollouts.datasets == ("trivia", "maths")
    assert rollouts.question.tolist() == ["7", "7", "7"]
    assert rollouts.answer.tolist() == ["0", "0", "1"]


def objects() -> list[dict]:
    return [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS]


def typed() -> list[dict]:
    numbers = {"item": int, "sample": int, "confidence": float, "correct": int}
    return [
        {name: numbers.get(name, str)(value) for name, value in row.items()} for row in objects()
    ]


def test_every_format_gives_the_same_log(tmp_path):
    lines = [json.dumps(row) for row in typed()]
    paths = [
        log(tmp_path / "a.csv", *ROWS),
        write(tmp_path / "a.tsv", *(line.replace(",", "\t") for line in [HEADER, *ROWS])),
        write(tmp_path / "a.jsonl", *lines),
        write(tmp_path / "a.ndjson", "", *lines, ""),
        tmp_path / "b.parquet",
        tmp_path / "b.csv.gz",
        tmp_path / "b.JSONL.GZ",
    ]
    pq.write_table(pa.Table.from_pylist(typed()), paths[4])
    paths[5].write_bytes(gzip.compress(paths[0].read_bytes()))
    paths[6].write_bytes(gzip.compress(paths[2].read_bytes()))
    for path in paths:
        rollouts = read_rollouts(path)
        assert_is_the_log(rollouts)
        assert rollouts.source == str(path)


def test_excel_marks_windows_lines_quotes_and_words_are_read(tmp_path):
    text = '\ufeffconfidence,correct,answer\r\n0.5,TRUE,"a, ""b""\nc"\r\n\r\n1e-3,false,\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    rollouts = read_rollouts(tmp_path / "a.csv")
    assert (rollouts.confidence.tolist(), rollouts.correct.tolist()) == ([0.5, 0.001], [1, 0])
    assert rollouts.answer.tolist() == ['a, "b"\nc', ""]
    assert (rollouts.methods, rollouts.datasets, rollouts.question) == (("all",), (), None)


def test_columns_can_have_other_names(tmp_path):
    path = write(tmp_path / "a.csv", "p,ok,item,model,confidence", "0.5,1,3,gpt,77")
    rollouts = read_rollouts(path, columns={"confidence": "p", "correct": "ok", "method": "model"})
    assert (rollouts.confidence.tolist(), rollouts.methods, rollouts.question.tolist()) == (
        [0.5],
        ("gpt",),
        ["3"],
    )


BAD_VALUES = [
    ("0.25,2", "row 2 (line 3): `correct` must be 0 or 1, got '2'"),
    ("1.2,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got '1.2'"),
    (
        "95,1",
        (
            "row 2 (line 3): `confidence` must be a number in [0, 1], got '95'; if the log states"
            " percentages, pass `--scale percent`"
        ),
    ),
    ("-0.1,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got '-0.1'"),
    ("nan,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got 'nan'"),
    ("inf,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got 'inf'"),
    (",1", "row 2 (line 3): `confidence` must be a number in [0, 1], got nothing"),
    ("0_1,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got '0_1'"),
    ("true,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got 'true'"),
    ("90%,1", "row 2 (line 3): `confidence` must be a number in [0, 1], got '90%'"),
    ("0.5,", "row 2 (line 3): `correct` must be 0 or 1, got nothing"),
    ("0.5,maybe", "row 2 (line 3): `correct` must be 0 or 1, got 'maybe'"),
    ("0.5", "line 3: 2 fields expected, got 1"),
    ("0.5,1,1", "line 3: 2 fields expected, got 3"),
    ('"0.5"x,1', "line 3: not a table with delimiters and quotes: "),
]


@pytest.mark.parametrize(("row", "sentence"), BAD_VALUES)
def test_a_bad_row_of_a_table_is_refused_with_file_row_and_value(tmp_path, row, sentence):
    path = write(tmp_path / "log.csv", "confidence,correct", "0.5,1", row, "0.5,0")
    with pytest.raises(RolloutError) as caught:
        read_rollouts(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"confidence": 0.5}', "row 2 (line 3): `correct` must be 0 or 1, got nothing"),
        (
            '{"confidence": null, "correct": 1}',
            "row 2 (line 3): `confidence` must be a number in [0, 1], got nothing",
        ),
        ('{"confidence": NaN, "correct": 1}', "got nan"),
        ('{"confidence": true, "correct": 1}', "`confidence` must be a number in [0, 1], got True"),
        ('{"confidence": [0.5], "correct": 1}', "got [0.5]"),
        ('{"confidence": 0.5, "correct": 0.3}', "`correct` must be 0 or 1, got 0.3"),
        (
            '{"confidence": 1' + "0" * 400 + ', "correct": 1}',
            "`confidence` must be a number in [0, 1], got 1000",
        ),
        (
            '{"confidence": 0.5, "correct": 1, "method": null}',
            "row 2 (line 3): `method` must be filled in, got nothing",
        ),
        ('{"confidence": 0.5,', "line 3: not JSON: "),
        ("[0.5, 1]", "line 3: one JSON object per line expected, got '[0.5, 1]'"),
    ],
)
def test_a_bad_line_of_json_is_refused_with_file_row_and_value(tmp_path, line, sentence):
    good = '{"confidence": 0.5, "correct": true, "method": "m"}'
    path = write(
        tmp_path / "log.jsonl",
        good,
        "",
        line.replace("}", ', "method": "m"}') if '"method"' not in line else line,
    )
    with pytest.raises(RolloutError) as caught:
        read_rollouts(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_parquet_keeps_its_precision_and_its_gaps_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    stated = pa.array([0.9, 0.3, 0.7], type=pa.float32())
    pq.write_table(pa.table({"confidence": stated, "correct": pa.array([True, False, True])}), path)
    forecasts = read_rollouts(path).forecasts()
    assert forecasts.precision == np.float32
    assert expected_calibration_error(forecasts) == pytest.approx(0.7 / 3, abs=1e-7)
    pq.write_table(pa.table({"confidence": pa.array([0.9, None]), "correct": [1, 0]}), path)
    with pytest.raises(
        RolloutError, match=r"row 2: `confidence` must be a number in \[0, 1\], got nothing"
    ):
        read_rollouts(path)
    pq.write_table(
        pa.table({"confidence": pa.array([0.9, math.nan, -1.2]), "correct": [1, 0, 0]}), path
    )
    with pytest.raises(
        RolloutError, match=r"row 2: `confidence` must be a number in \[0, 1\], got nan"
    ):
        read_rollouts(path)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install scoring-theory\[parquet\]"):
        read_rollouts(tmp_path / "a.parquet")


def test_files_that_are_no_logs_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"confidence,correct\n\xff,1\n")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"confidence,correct\n0.5,1\n" * 99)[:-20])
    (tmp_path / "no.csv.gz").write_bytes(b"confidence,correct\n0.5,1\n")
    (tmp_path / "no.parquet").write_bytes(b"confidence,correct\n0.5,1\n")
    (tmp_path / "folder.csv").mkdir()
    cases = {
        "missing.csv": "there is no such file",
        "rollouts.xlsx": "rollouts are read from .csv, .tsv, .jsonl, .ndjson",
        "rollouts": "rollouts are read from",
        "a.parquet.gz": "rollouts are read from",
        "bytes.csv": "must be UTF-8 text, got byte 0xff",
        "cut.csv.gz": "cannot be read",
        "no.csv.gz": "cannot be read",
        "no.parquet": "cannot be read",
        "folder.csv": "there is no log in this folder",
        str(write(tmp_path / "empty.csv", "")): "there are no rows",
        str(write(tmp_path / "header.csv", "confidence,correct")): "there are no rows",
        str(
            write(tmp_path / "twice.csv", "confidence,correct,correct", "1,1,0")
        ): "every column must have its own name",
        str(
            write(tmp_path / "other.csv", "belief,correct", "1,1")
        ): "the columns are 'belief', 'correct'; if it has another",
        str(write(tmp_path / "a.jsonl", "")): "there are no rows",
        str(write(tmp_path / "a.json", "[]")): "there are no rows",
        str(write(tmp_path / "b.json", '{"confidence": [], "correct": []}')): "there are no rows",
        str(write(tmp_path / "c.json", "[{}]")): "there is no column 'confidence'; the columns are",
    }
    for name, sentence in cases.items():
        with pytest.raises(RolloutError) as caught:
            read_rollouts(tmp_path / name)
        assert sentence in str(caught.value), name
        assert str(tmp_path) in str(caught.value)


def test_a_mapping_to_a_column_that_is_not_there_is_refused(tmp_path):
    path = log(tmp_path / "a.csv", *ROWS)
    with pytest.raises(RolloutError, match="there is no column 'model' for `method`"):
        read_rollouts(path, columns={"method": "model"})
    with pytest.raises(RolloutError, match=r"columns can be mapped for confidence, .* got 'model'"):
        read_rollouts(path, columns={"model": "method"})


def test_labels_of_rollouts_are_whole_or_absent():
    with pytest.raises(ValueError, match="`method` must have one entry per row, got 1 for 2 rows"):
        Rollouts(confidence=[0.5, 0.5], correct=[1, 0], method=["a"])
    for gap in (None, math.nan):
        with pytest.raises(ValueError, match="`question` must be filled in every row or left out"):
            Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=["a", gap])
    rollouts = Rollouts(confidence=[0.5, 0.5], correct=[1, 0], method=["a", "b"])
    with pytest.raises(ValueError, match="there are no rows with method 'c'"):
        rollouts.forecasts(method="c")
    with pytest.raises(ValueError, match="dataset 'd'"):
        rollouts.forecasts(dataset="d")


def test_question_seven_of_two_datasets_is_two_questions(tmp_path):
    rollouts = read_rollouts(log(tmp_path / "a.csv", *ROWS))
    codes = rollouts.forecasts().group
    assert codes[0] == codes[1] != codes[2]


# ---------------------------------------------------------------- the authors' numbers


def published() -> list[dict[str, str]]:
    if DATA is None:
        return []
    with (Path(DATA) / "rlcr_published_metrics.csv").open(encoding="utf-8") as file:
        kept = {"commonsenseqa", "gpqa", "math-500"}
        return [
            row
            for row in csv.DictReader(file)
            if row["trained_on"] == "Hotpot" and row["dataset"] in kept
        ]


@pytest.fixture(scope="module")
def replayed():
    rollouts = read_rollouts(Path(DATA) / "rlcr_hotpot_models_conf_correct.csv")
    assert len(rollouts) == 10_845
    return replay(rollouts, REWARDS)


@recorded
@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['dataset']}-{row['method']}")
def test_the_published_metrics_come_out(replayed, row):
    cell = replayed.cell(row["method"], row["dataset"])
    for name, key in (
        ("accuracy", "accuracy"),
        ("brier", "brier"),
        ("ece", "ece10"),
        ("mean_confidence", "mean_confidence"),
    ):
        assert getattr(cell, name) == pytest.approx(float(row[key]), abs=5e-7), name
    assert cell.auroc == pytest.approx(float(row["auroc"]), abs=2e-4)
    assert cell.rewards["RLCR"].estimate == pytest.approx(
        float(row["accuracy"]) - float(row["brier"]), abs=1e-6
    )


@recorded
def test_all_fifteen_cells_are_there_and_the_counterexample_shows(replayed):
    assert len(published()) == 15
    assert [cell.dataset for cell in replayed.cells].count(None) == 5
    shown = {
        method: replayed.cell(method, "commonsenseqa").ece for method in ("Base", "RLVR", "RLCR")
    }
    assert shown == pytest.approx({"Base": 0.0037, "RLVR": 0.092, "RLCR": 0.302}, abs=5e-4)
    assert (
        replayed.cell("RLCR", "commonsenseqa").mean_confidence < 0.62
    )  # under-confident, at accuracy .91
    assert replayed.cell("RLVR").rewards["log"].estimate == -math.inf


# ---------------------------------------------------------------- the result


def test_the_synthetic_log_shows_its_closed_form_and_says_that_it_is_synthetic():
    rollouts = example_rollouts(seed=3, questions=4000, answers=4)
    assert "synthetic" in rollouts.source
    result = replay(rollouts, REWARDS, intervals=False)
    for method, expected in EXPECTED.items():
        cell = result.cell(method)
        # 16,000 answers: standard errors are below .004
        assert {name: getattr(cell, name) for name in expected} == pytest.approx(
            expected, abs=0.012
        )
        assert cell.rewards["RLCR"].estimate == pytest.approx(cell.accuracy - cell.brier, abs=1e-12)
    assert (
        result.cell("calibrated").rewards["log"].estimate
        > result.cell("overconfident").rewards["log"].estimate
    )


def test_the_synthetic_log_is_the_same_for_the_same_seed_only():
    first, again, other = (example_rollouts(seed=seed) for seed in (0, 0, 1))
    assert (first.correct == again.correct).all()
    assert (first.correct != other.correct).any()
    asked = [set(first.question[first.method == method]) for method in first.methods]
    assert asked[0] == asked[1] == asked[2]
    assert len(asked[0]) == 600
    for options in ({"questions": 15}, {"questions": 0}, {"answers": 0}):
        with pytest.raises(ValueError, match="must be a positive multiple of 10"):
            example_rollouts(**options)


def test_the_json_has_its_shape_and_is_strict_json(tmp_path):
    rollouts = read_rollouts(log(tmp_path / "a.csv", *ROWS))
    result = json.loads(json.dumps(replay(rollouts, REWARDS).to_json(), allow_nan=False))
    assert result["schema"] == 1
    assert list(result["methods"]) == ["RLCR", "Base"]
    assert set(result["methods"]["RLCR"]["datasets"]) == {"trivia", "maths"}
    assert set(result["methods"]["Base"]["datasets"]) == {"trivia"}
    metrics = {
        "n",
        "accuracy",
        "mean_confidence",
        "brier",
        "ece",
        "auroc",
        "rewards",
        "absent",
        "malformed",
    }
    metrics |= {
        "ece_interval",
        "ece_if_calibrated",
        "recalibrated",
        "thin_bins",
        "accuracy_of_all",
        "overconfidence",
    }
    assert set(result["methods"]["RLCR"]) == metrics | {"datasets"}
    trivia = result["methods"]["RLCR"]["datasets"]["trivia"]
    assert set(trivia) == metrics
    assert (trivia["n"], trivia["auroc"], trivia["accuracy"]) == (1, None, 0.0)
    assert trivia["rewards"]["RLCR"] == {
        "mean": -0.0625,
        "low": None,
        "high": None,
    }  # one question is no sample
    # by hand: |(.25 - 0)| and |(.5 - 1)| over two rows
    assert result["methods"]["RLCR"]["ece"] == pytest.approx(0.375)
    assert result["intervals"] == {"level": 0.95, "resamples": 999, "seed": 0, "clustered": True}


def test_ruin_is_text_in_json_and_intervals_can_be_left_out():
    rollouts = Rollouts(confidence=[1, 0.5], correct=[0, 1])
    result = replay(rollouts, REWARDS, intervals=False).to_json()
    assert result["methods"]["all"]["rewards"]["log"] == {"mean": "-inf", "low": None, "high": None}
    assert "datasets" not in result["methods"]["all"]
    assert result["intervals"] is None
    assert not replay(rollouts, REWARDS).clustered


def test_a_cell_does_not_depend_on_the_other_cells():
    rollouts = example_rollouts(questions=50)
    alone = Rollouts(
        confidence=rollouts.confidence[:200],
        correct=rollouts.correct[:200],
        question=rollouts.question[:200],
        method=rollouts.method[:200],
    )
    assert replay(alone, REWARDS).cells[0] == replay(rollouts, REWARDS).cell("overconfident")


def test_seeds_decide_the_intervals():
    rollouts = example_rollouts(questions=50)
    first, again, other = (replay(rollouts, REWARDS, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.cell("calibrated").rewards["RLCR"] != other.cell("calibrated").rewards["RLCR"]
    assert (
        first.cell("calibrated").rewards["RLCR"].estimate
        == other.cell("calibrated").rewards["RLCR"].estimate
    )
    with pytest.raises(ValueError, match="`seed` must be at least 0"):
        replay(rollouts, REWARDS, seed=-1)


def test_rewards_that_cannot_be_paid_are_refused():
    rollouts = Rollouts(confidence=[0.0, 0.5], correct=[1, 1])
    with pytest.raises(ValueError, match=r"the reward 'bad' is \+inf at confidence 0.0"):
        replay(rollouts, {"bad": Reward.parse("-c*log(q)")})
    with pytest.raises(ValueError, match="lam"):
        replay(rollouts, {"open": Reward.parse("c - lam*(q - c)^2", lam="0 < lam <= 1")})
    assert replay(rollouts, {}).cell("all").rewards == {}


def test_rows_columns_and_table_say_the_same():
    result = replay(example_rollouts(questions=50), REWARDS)
    rows, columns = result.rows(), result.columns()
    assert [row["method"] for row in rows] == columns["method"] == list(EXPECTED)
    assert (
        columns["mean RLCR"][1]
        == rows[1]["mean RLCR"]
        == result.cell("calibrated").rewards["RLCR"].estimate
    )
    assert columns["low RLCR"][1] <= columns["mean RLCR"][1] <= columns["high RLCR"][1]
    assert columns["dataset"] == ["", "", ""]
    table = result.table().splitlines()
    assert table[0].split() == [
        "method",
        "dataset",
        "n",
        "accuracy",
        "mean_confidence",
        "brier",
        "ece",
        "auroc",
        *REWARDS,
    ]
    assert len(table) == 4
    assert table[2].split()[:3] == ["calibrated", "(all)", "200"]
    with pytest.raises(KeyError, match="no cell of method 'x'"):
        result.cell("x")
