"""Arrow, Parquet and data frames; scales and missing confidences are declared, never guessed."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from scoring_theory.replaying import html, markdown, replay, story, warnings
from scoring_theory.rollouts import RolloutError, Rollouts, read_rollouts, rollouts_from_frame
from scoring_theory.rollouts.labels import encode, from_dictionary
from simulations.cli import main
from tests.support.rollouts import REWARDS, csv

# ---------------------------------------------------------------- formats

TABLE = {
    "confidence": [0.25, 1.0, 0.5],
    "correct": [0, 1, 1],
    "model": ["RLCR", "Base", "RLCR"],
    "item": [7, 7, 12],
}


def assert_is_the_table(rollouts: Rollouts) -> None:
    assert rollouts.confidence.tolist() == TABLE["confidence"]
    assert rollouts.correct.tolist() == [0, 1, 1]
    assert rollouts.methods == ("RLCR", "Base")
    assert rollouts.question.tolist() == ["7", "7", "12"]


def test_arrow_files_streams_and_feather_are_read(tmp_path):
    table = pa.table(TABLE)
    with pa.ipc.new_file(tmp_path / "file.arrow", table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_stream(tmp_path / "stream.arrow", table.schema) as writer:
        writer.write_table(table)
    pyarrow.feather.write_feather(table, tmp_path / "a.feather")
    for name in ("file.arrow", "stream.arrow", "a.feather"):
        rollouts = read_rollouts(tmp_path / name)
        (tmp_path / name).unlink()  # nothing may still look into the file
        assert_is_the_table(rollouts)
    (tmp_path / "bad.arrow").write_text("no arrow at all")
    with pytest.raises(RolloutError, match="cannot be read"):
        read_rollouts(tmp_path / "bad.arrow")


class Column(list):
    """A list with `isna`, as pandas columns have; see `Frame`."""

    def isna(self):
        return np.array([value is None or value != value for value in self])


class Frame(dict):
    @property
    def columns(self):
        return list(self)


def test_frames_are_read_by_their_columns():
    for frame in (
        TABLE,
        pa.table(TABLE),
        Frame({name: Column(values) for name, values in TABLE.items()}),
    ):
        assert_is_the_table(rollouts_from_frame(frame))
    numbers = {**TABLE, "confidence": np.array([0.25, 1, 0.5], dtype=np.float32)}
    assert rollouts_from_frame(numbers).forecasts().precision == np.float32
    gaps = Frame(confidence=Column([0.5, math.nan]), correct=Column([True, False]))
    with pytest.raises(
        RolloutError, match=r"a data frame, row 2: `confidence` must be .* got nothing"
    ):
        rollouts_from_frame(gaps)
    with pytest.raises(RolloutError, match="same length"):
        rollouts_from_frame({"confidence": [0.5], "correct": [1, 0]})
    with pytest.raises(RolloutError, match="there is no column 'correct'"):
        rollouts_from_frame({"confidence": [0.5]})


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_real_frames_are_read(library):
    frame = pytest.importorskip(library).DataFrame(TABLE)
    assert_is_the_table(rollouts_from_frame(frame))


def test_labels_keep_their_order_and_what_prints_alike_is_one():
    for column in (["b", "a", "b"], np.array([20, 3, 20]), [20, 3, 20]):
        labels = encode("method", column)
        assert labels.in_order() == tuple(dict.fromkeys(str(one) for one in column))
        assert labels.texts().tolist() == [str(one) for one in column]
    assert encode("method", [1, "1", 2]).code.tolist() == [0, 0, 1]
    assert encode("method", [1, True, 1.0]).names.tolist() == ["1", "True", "1.0"]
    merged = from_dictionary(np.array([2, 0, 2]), ["x", "unused", "y"])
    assert merged.texts().tolist() == ["y", "x", "y"]
    assert merged.in_order() == ("y", "x")
    assert from_dictionary(np.array([0, 1]), [1, "1"]).names.tolist() == ["1"]


def test_a_dictionary_of_a_parquet_file_is_taken_as_it_is(tmp_path):
    table = pa.table({**TABLE, "model": pa.array(TABLE["model"]).dictionary_encode()})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    assert_is_the_table(read_rollouts(tmp_path / "a.parquet"))
    for gap, sentence in ((None, "got nothing"), ("", "got nothing")):
        pq.write_table(pa.table({**TABLE, "model": ["a", gap, "b"]}), tmp_path / "a.parquet")
        with pytest.raises(RolloutError, match=f"row 2: `method` must be filled in, {sentence}"):
            read_rollouts(tmp_path / "a.parquet")


# ---------------------------------------------------------------- scales and gaps


def test_percentages_are_refused_until_somebody_says_so(tmp_path):
    path = csv(tmp_path / "a.csv", "1,1,a", "0,0,a", "95,1,a", "50.5,0,a")
    with pytest.raises(
        RolloutError, match=r"row 3 \(line 4\): .* got '95'; if the log states .* `--scale percent`"
    ):
        read_rollouts(path)
    with pytest.raises(RolloutError, match=r"row 3 .* must be a number in \[0, 1\], got '95'$"):
        read_rollouts(path, scale="unit")
    rollouts = read_rollouts(path, scale="percent")
    assert rollouts.confidence.tolist() == [0.01, 0.0, 0.95, 0.505]
    assert replay(rollouts, REWARDS).to_json()["scale"] == "percent"
    assert "0 to 100, divided by 100" in story(replay(rollouts, REWARDS))[0]
    with pytest.raises(RolloutError, match=r"a percentage in \[0, 100\], got '101'"):
        read_rollouts(csv(tmp_path / "b.csv", "101,1,a"), scale="percent")
    with pytest.raises(RolloutError, match=r"row 2 .* got '1.5'; if the log states percentages"):
        read_rollouts(csv(tmp_path / "c.csv", "0,1,a", "1.5,0,a"))  # timid, but no probability
    with pytest.raises(RolloutError, match='`scale` must be "unit" or "percent", got '):
        read_rollouts(path, scale="promille")


def test_percent_signs_count_where_percentages_do(tmp_path):
    path = csv(tmp_path / "a.csv", "90%,1,a", "5 %,0,a")
    assert read_rollouts(path, scale="percent").confidence.tolist() == [0.9, 0.05]
    with pytest.raises(RolloutError, match=r"got '90%'; percentages need `--scale percent`"):
        read_rollouts(path)


def test_percentages_are_no_missing_confidences(tmp_path):
    """Not even where missing ones are accepted, as `calibrate` does."""
    path = csv(tmp_path / "a.csv", "0.5,1,a", "90%,1,a", "85%,0,a")
    with pytest.raises(RolloutError, match=r"row 2 .* got '90%'; percentages need"):
        read_rollouts(path, missing=0)
    assert read_rollouts(path, missing=0, scale="unit").malformed.tolist() == [False, True, True]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_seen_in_its_head(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_text("confidence,correct\n0.5,1\n0.75,0\n".replace(",", delimiter))
    assert read_rollouts(path).confidence.tolist() == [0.5, 0.75]


def test_a_unit_log_read_as_percent_is_warned_of(tmp_path):
    rollouts = read_rollouts(csv(tmp_path / "a.csv", "0.9,1,a", "0.5,0,a"), scale="percent")
    assert any(
        "divided by 100 in error" in sentence for sentence in warnings(replay(rollouts, REWARDS))
    )


def test_gaps_are_paid_as_declared_kept_out_of_calibration_and_counted(tmp_path):
    """By hand: a states .5 (correct), 1 (wrong) and twice nothing usable; b states nothing."""
    path = csv(tmp_path / "a.csv", "0.5,1,a", "1,0,a", ",1,a", "sure,0,a", ",1,b", "nan,0,b")
    with pytest.raises(RolloutError, match=r"row 3 .* got nothing; `--missing PAYOFF`"):
        read_rollouts(path)
    result = replay(read_rollouts(path, missing=-2), REWARDS, intervals=False)
    a, b = result.cell("a"), result.cell("b")
    assert (a.n, a.absent, a.malformed, b.n, b.absent, b.malformed) == (2, 1, 1, 0, 2, 0)
    assert (a.accuracy, a.mean_confidence, a.brier) == (0.5, 0.75, 0.625)
    assert a.rewards["binary"].estimate == (1 + 0 - 2 - 2) / 4
    assert a.rewards["RLCR"].estimate == (0.75 - 1 - 2 - 2) / 4
    assert b.rewards["RLCR"].estimate == -2
    assert math.isnan(b.ece)
    told = result.to_json()
    assert (told["missing"], told["methods"]["b"]["absent"], told["methods"]["b"]["ece"]) == (
        -2,
        2,
        None,
    )
    assert any(
        "a: 2 answers of 4 without a usable confidence (1 absent, 1 malformed)" in one
        for one in warnings(result)
    )
    json.dumps(told, allow_nan=False)
    for page in (markdown(result), html(result)):
        assert "malformed" in page
    log = {
        "confidence": [0.5, 1, None, 0.75, 0.75],
        "correct": [1, 0, 1, 1, 1],
        "method": [*"aaabb"],
    }
    gap = (
        replay(rollouts_from_frame(log, missing=0.0), REWARDS)
        .difference(None, None, "a", "b")
        .interval
    )
    assert gap.estimate == pytest.approx(
        (0.5 + 1) / 2 - 0.25
    )  # over the answers that state a confidence
    # Intervals, differences and advantages take such rows along.
    with_ends = replay(read_rollouts(path, missing=-2), REWARDS)
    assert with_ends.cell("b").rewards["RLCR"].low == with_ends.cell("b").rewards["RLCR"].high == -2
    assert with_ends.difference("binary", None, "a", "b").interval.estimate == pytest.approx(
        -0.75 + 2
    )


def test_gaps_without_a_payoff_or_out_of_place_are_refused():
    with pytest.raises(ValueError, match="`confidence` must lie in"):
        Rollouts(confidence=[0.5, math.nan], correct=[1, 0])
    with pytest.raises(ValueError, match="stated in at least one row"):
        Rollouts(confidence=[math.nan], correct=[1], missing=0.0)
    with pytest.raises(ValueError, match="`missing` must be a finite payoff"):
        Rollouts(confidence=[0.5], correct=[1], missing=-math.inf)
    with pytest.raises(ValueError, match="`malformed` must mark rows without a confidence"):
        Rollouts(confidence=[0.5], correct=[1], missing=0.0, malformed=[True])
    with pytest.raises(ValueError, match="same length"):
        Rollouts(confidence=[0.5, math.nan], correct=[1], missing=0.0)


def test_the_command_line_says_what_it_cannot_take(tmp_path, capsys):
    path = str(csv(tmp_path / "a.csv", "95,1,a", ",0,b"))
    for arguments, sentence in [
        ([path], "--scale percent"),
        ([path, "--scale", "percent"], "--missing PAYOFF"),
        ([path, "--scale", "percent", "--missing", "refuse"], "--missing PAYOFF"),
        (
            [path, "--scale", "percent", "--missing", "inf"],
            "such as -1 or 1/2, or refuse, got 'inf'",
        ),
        (["--scale", "unit"], "--scale needs FILE"),
    ]:
        assert main(["replay", *arguments]) == 2
        assert sentence in capsys.readouterr().err
    assert main(["replay", path, "--scale", "percent", "--missing", "-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"]["b"]["rewards"]["binary"]["mean"] == -1
