"""Replay compared: scales and gaps are stated, differences are paired, advantages and pages are what they say."""

from __future__ import annotations

import base64
import json
import math
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from scoring_theory.calibration import (
    Forecasts,
    bootstrap_interval,
    expected_calibration_error,
    mean_reward,
    paired_difference,
)
from scoring_theory.cli import main
from scoring_theory.files import write
from scoring_theory.replay import (
    RolloutError,
    Rollouts,
    example_rollouts,
    html,
    markdown,
    read_rollouts,
    replay,
    rollouts_from_frame,
    story,
    warnings,
)
from scoring_theory.replay.cells import answers_of
from scoring_theory.replay.labels import encode, from_dictionary
from scoring_theory.replay.resampling import draw
from scoring_theory.reward import Reward

BINARY, RLCR, LINEAR = Reward.parse("c"), Reward.parse("c - (q - c)^2"), Reward.parse("c - abs(q - c)")
REWARDS = {"binary": BINARY, "RLCR": RLCR}
DATA = os.environ.get("SCORING_THEORY_DATA")
recorded = pytest.mark.skipif(DATA is None, reason="SCORING_THEORY_DATA does not name the folder of recorded rollouts")


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
    """What pandas (`isna`) and polars (`is_null`) columns share with a list; `[]` is the series'."""

    def isna(self):
        return np.array([value is None or value != value for value in self])


class Frame(dict):
    @property
    def columns(self):
        return list(self)


def test_frames_are_read_by_their_columns():
    for frame in (TABLE, pa.table(TABLE), Frame({name: Column(values) for name, values in TABLE.items()})):
        assert_is_the_table(rollouts_from_frame(frame))
    numbers = {**TABLE, "confidence": np.array([0.25, 1, 0.5], dtype=np.float32)}
    assert rollouts_from_frame(numbers).forecasts().precision == np.float32
    gaps = Frame(confidence=Column([0.5, math.nan]), correct=Column([True, False]))
    with pytest.raises(RolloutError, match=r"a data frame, row 2: `confidence` must be .* got nothing"):
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


def csv(path: Path, *rows: str, header: str = "confidence,correct,method") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_percentages_are_refused_until_somebody_says_so(tmp_path):
    path = csv(tmp_path / "a.csv", "1,1,a", "0,0,a", "95,1,a", "50.5,0,a")
    with pytest.raises(RolloutError, match=r"row 3 \(line 4\): .* got '95'; if the log states .* `--scale percent`"):
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


def test_a_unit_log_read_as_percent_is_warned_of(tmp_path):
    rollouts = read_rollouts(csv(tmp_path / "a.csv", "0.9,1,a", "0.5,0,a"), scale="percent")
    assert any("divided by 100 in error" in sentence for sentence in warnings(replay(rollouts, REWARDS)))


def test_gaps_are_paid_as_declared_kept_out_of_calibration_and_counted(tmp_path):
    """By hand: a states .5 (right) and 1 (wrong) and twice nothing usable; b states nothing at all."""
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
    assert (told["missing"], told["methods"]["b"]["absent"], told["methods"]["b"]["ece"]) == (-2, 2, None)
    assert any(
        "a: 2 answers of 4 without a usable confidence (1 absent, 1 malformed)" in one for one in warnings(result)
    )
    json.dumps(told, allow_nan=False)
    for page in (markdown(result), html(result, {})):
        assert "malformed" in page
    log = {"confidence": [0.5, 1, None, 0.75, 0.75], "correct": [1, 0, 1, 1, 1], "method": [*"aaabb"]}
    gap = replay(rollouts_from_frame(log, missing=0.0), REWARDS).difference(None, None, "a", "b").interval
    assert gap.estimate == pytest.approx((0.5 + 1) / 2 - 0.25)  # over the answers that state a confidence
    # Intervals, differences and advantages take such rows along.
    with_ends = replay(read_rollouts(path, missing=-2), REWARDS)
    assert with_ends.cell("b").rewards["RLCR"].low == with_ends.cell("b").rewards["RLCR"].high == -2
    assert with_ends.difference("binary", None, "a", "b").interval.estimate == pytest.approx(-0.75 + 2)


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
        ([path, "--scale", "percent", "--missing", "inf"], "expected `refuse` or a finite payoff, got 'inf'"),
        (["--scale", "unit"], "--scale says how to read a FILE"),
    ]:
        assert main(["replay", *arguments]) == 2
        assert sentence in capsys.readouterr().err
    assert main(["replay", path, "--scale", "percent", "--missing", "-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"]["b"]["rewards"]["binary"]["mean"] == -1


# ---------------------------------------------------------------- comparisons


def two_methods(questions: int = 150, seed: int = 1) -> Rollouts:
    """The same questions, of different difficulty, answered twice by each method."""
    rng = np.random.default_rng(seed)
    hard = rng.random(questions)
    question = np.tile(np.repeat(np.arange(questions), 2), 2)
    method = np.repeat(["sure", "modest"], 2 * questions)
    correct = rng.random(question.size) < np.where(method == "sure", 0.65, 0.6) * (0.5 + hard[question])
    stated = np.where(method == "sure", 0.95, rng.choice([0.5, 0.6, 0.7], question.size))
    return Rollouts(confidence=stated, correct=correct, method=method, question=question)


def as_masks(rollouts: Rollouts) -> tuple[Forecasts, np.ndarray, np.ndarray]:
    return rollouts.forecasts(), rollouts.rows(method="sure"), rollouts.rows(method="modest")


def test_paired_differences_are_those_of_the_plain_bootstrap():
    """The oracle draws rows of questions and recomputes; ours resamples sums. 999 resamples: ends agree to 10 %."""
    rollouts = two_methods()
    result = replay(rollouts, {"RLCR": RLCR})
    forecasts, first, second = as_masks(rollouts)
    for measure, metric in (
        ("RLCR", lambda f: mean_reward(f, RLCR)),
        (None, lambda f: expected_calibration_error(f, bins=10)),
    ):
        ours = result.difference(measure, None, "sure", "modest").interval
        rng = np.random.default_rng(9)
        plain = paired_difference(forecasts, metric, first=first, second=second, rng=rng)
        assert ours.estimate == pytest.approx(plain.estimate, abs=1e-12)
        assert ours.high - ours.low == pytest.approx(plain.high - plain.low, rel=0.12)
        assert ours.low == pytest.approx(plain.low, abs=0.12 * (plain.high - plain.low))
    back = result.difference("RLCR", None, "modest", "sure").interval
    ahead = result.difference("RLCR", None, "sure", "modest").interval
    assert (back.estimate, back.low, back.high) == (-ahead.estimate, -ahead.high, -ahead.low)


def test_a_paired_difference_of_a_method_with_itself_is_nothing():
    rollouts = two_methods()
    copy = Rollouts(
        confidence=np.r_[rollouts.confidence, rollouts.confidence],
        correct=np.r_[rollouts.correct, rollouts.correct],
        method=["a"] * len(rollouts) + ["b"] * len(rollouts),
        question=np.r_[rollouts.question, rollouts.question],
    )
    result = replay(copy, REWARDS)
    for one in result.differences:
        assert (one.interval.low, one.interval.high, one.clear) == pytest.approx((0, 0, False), abs=1e-12)
    assert result.swaps == ()
    assert result.rankings[0].methods == (("a", "b"),)


def test_beyond_many_questions_the_normal_limit_takes_over(monkeypatch):
    rollouts = two_methods(400)
    exact = replay(rollouts, REWARDS, resamples=4999)
    monkeypatch.setattr("scoring_theory.replay.resampling.EXACT_GROUPS", 10)
    monkeypatch.setattr("scoring_theory.calibration.means.EXACT_GROUPS", 10)
    for at_once in (1 << 26, 1):  # one block, and many
        monkeypatch.setattr("scoring_theory.replay.resampling._AT_ONCE", at_once)
        monkeypatch.setattr("scoring_theory.replay.resampling._BLOCK", 64)
        limit = replay(rollouts, REWARDS, resamples=4999)
        for one, other in zip(limit.differences, exact.differences, strict=True):
            assert one.interval.estimate == pytest.approx(other.interval.estimate, abs=1e-12)
            width = other.interval.high - other.interval.low
            assert one.interval.low == pytest.approx(other.interval.low, abs=0.08 * width)
            assert one.interval.high == pytest.approx(other.interval.high, abs=0.08 * width)
        width = exact.cell("modest").ece_interval.high - exact.cell("modest").ece_interval.low
        assert limit.cell("modest").ece_interval.high == pytest.approx(
            exact.cell("modest").ece_interval.high, abs=0.1 * width
        )


def test_ruin_is_drawn_as_often_in_the_limit(monkeypatch):
    """One ruined question of n is missed by a resample with chance (1 - 1/n)^n = .37."""
    log = {"log": Reward.parse("c + log(1 - abs(q - c))")}
    rollouts = Rollouts(confidence=[1.0] + [0.5] * 299, correct=[0] + [1, 0, 1] * 99 + [1, 1], question=range(300))
    answers = answers_of(rollouts, log)
    for groups in (20_000, 10):
        monkeypatch.setattr("scoring_theory.replay.resampling.EXACT_GROUPS", groups)
        monkeypatch.setattr("scoring_theory.replay.resampling._AT_ONCE", 1)
        drawn = draw(answers, 1, rng=np.random.default_rng(0), resamples=4000).mean[1:, 0, 0]
        assert np.isfinite(drawn).mean() == pytest.approx(0.368, abs=0.025)
        assert draw(answers, 1, rng=np.random.default_rng(0), resamples=2).mean[0, 0, 0] == -math.inf


def test_the_interval_of_an_error_is_the_bootstraps_less_its_own_bias():
    rollouts = two_methods()
    forecasts = rollouts.forecasts(method="modest")
    cell = replay(rollouts, {}).cell("modest")
    plain = bootstrap_interval(
        forecasts, lambda f: expected_calibration_error(f, bins=10), rng=np.random.default_rng(3)
    )
    assert cell.ece_interval.high - cell.ece_interval.low <= 1.1 * (plain.high - plain.low)
    assert plain.low - 0.06 <= cell.ece_interval.low <= plain.low + 0.01
    assert cell.ece_interval.low <= cell.ece <= cell.ece_interval.high
    assert cell.ece_interval.low >= 0


def test_calibrated_answers_stay_below_what_chance_explains_as_often_as_it_says():
    below = 0
    rng = np.random.default_rng(0)
    for _ in range(120):
        q = rng.choice([0.3, 0.6, 0.9], size=200)
        cell = replay(Rollouts(confidence=q, correct=rng.random(200) < q), {}, resamples=199).cell("all")
        below += cell.ece <= cell.ece_if_calibrated
    assert 0.88 <= below / 120 <= 0.995  # .95 +- 3 standard deviations of 120 trials, and the slack of discreteness
    continuous = rng.random(5000)
    wide = replay(Rollouts(confidence=continuous, correct=rng.random(5000) < continuous), {}).cell("all")
    assert 0.3 * wide.ece_if_calibrated < wide.ece < 1.2 * wide.ece_if_calibrated  # many values: the normal limit
    shifted = replay(Rollouts(confidence=continuous, correct=rng.random(5000) < continuous - 0.1), {}).cell("all")
    assert shifted.ece > 2 * shifted.ece_if_calibrated


def test_methods_that_change_places_are_named_with_both_sides():
    """By hand: `sure` is right .75 at q = 1, `modest` .5 at q = .5. Linear: .5 against 0; RLCR: .5 against .25."""
    rollouts = Rollouts(
        confidence=[1.0] * 40 + [0.5] * 40,
        correct=[1, 1, 1, 0] * 10 + [1, 0] * 20,
        method=["sure"] * 40 + ["modest"] * 40,
        question=[*range(40), *range(40)],
    )
    rewards = {"right": BINARY, "shy": Reward.parse("-q"), "linear": LINEAR}
    result = replay(rollouts, rewards)
    assert [one.methods for one in result.rankings] == [
        (("sure",), ("modest",)), (("modest",), ("sure",)), (("sure",), ("modest",))
    ]  # fmt: skip
    (swap,) = result.swaps
    assert (swap.first, swap.second) == ("sure", "modest")
    assert [one.measure for one in swap.for_first] == ["right", "linear"]
    assert [one.measure for one in swap.for_second] == ["shy"]
    assert [one.interval.estimate for one in swap.for_first] == pytest.approx([0.25, 0.5])
    assert swap.for_second[0].interval.estimate == pytest.approx(0.5)
    assert swap.for_second[0].first == "modest"
    assert swap.clear
    told = " ".join(story(result))
    assert re.search(
        r"Under right, sure leads modest by 0\.250 \[.*under linear by 0\.500.*; under shy, modest leads", told
    )
    assert replay(rollouts, {"right": BINARY, "linear": LINEAR}).swaps == ()
    assert "No two methods change places" in " ".join(story(replay(rollouts, {"right": BINARY, "linear": LINEAR})))


def test_ruined_methods_are_equal_and_nobody_leads():
    rollouts = Rollouts(confidence=[1, 1], correct=[0, 0], method=["a", "b"], question=[0, 0])
    result = replay(rollouts, {"log": Reward.parse("log(1 - abs(q - c))")})
    assert result.rankings[0].methods == (("a", "b"),)
    assert math.isnan(result.differences[0].interval.estimate)
    assert any("ruinous" in sentence for sentence in warnings(result))
    json.dumps(result.to_json(), allow_nan=False)


# ---------------------------------------------------------------- what an optimiser would have followed


def test_advantages_are_those_of_a_loop_over_groups():
    rng = np.random.default_rng(4)
    question = rng.integers(12, size=70)
    q, c = rng.choice([0.1, 0.55, 0.9], size=70), rng.integers(2, size=70)
    q[question == 0], c[question == 0] = 0.55, 1  # a group that is paid alike
    result = replay(Rollouts(confidence=q, correct=c, question=question), REWARDS, intervals=False)
    found = result.advantages["all"]
    expected = {estimator: np.zeros(70) for estimator in ("group_mean", "group_std")}
    paid = RLCR.payoff(q, c)
    for label in set(question):
        rows = question == label
        centred = paid[rows] - paid[rows].mean()
        expected["group_mean"][rows] = centred
        std = paid[rows].std(ddof=1) if rows.sum() > 1 else 0
        expected["group_std"][rows] = centred / std if std > 1e-9 else 0
    sizes = np.bincount(question)
    several = sizes[question] >= 2
    assert (found.groups, found.singles) == ((sizes >= 2).sum(), (sizes == 1).sum())
    right = np.array([c[question == label].min() == 1 for label in np.flatnonzero(sizes >= 2)])
    wrong = np.array([c[question == label].max() == 0 for label in np.flatnonzero(sizes >= 2)])
    assert (found.all_right, found.all_wrong) == pytest.approx((right.mean(), wrong.mean()))
    for one in found.followed:
        if one.reward != "RLCR":
            continue
        values = expected[one.estimator]
        assert one.correlation == pytest.approx(np.corrcoef(values[several], q[several])[0, 1])
        for level, place in ((0.1, 1), (0.55, 5), (0.9, 9)):
            for side, cells in ((1, one.right), (0, one.wrong)):
                rows = several & (q == level) & (c == side)
                assert cells[place][0] == rows.sum()
                assert cells[place][1] == pytest.approx(values[rows].mean(), abs=1e-12)
        rows = several & (q >= 0.5) & (c == 1)
        assert one.mean("right", sure=True) == pytest.approx(values[rows].mean())


def test_one_answer_per_question_has_no_advantage_and_ruin_has_none():
    single = replay(Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=[0, 1]), REWARDS)
    assert single.advantages == {"all": None}
    assert single.to_json()["advantages"] == {"all": None}
    assert any("no group-relative advantages" in sentence for sentence in story(single))
    log = {"log": Reward.parse("c + log(1 - abs(q - c))"), **REWARDS}
    ruined = replay(Rollouts(confidence=[1, 0.5], correct=[0, 1], question=[0, 0]), log).advantages["all"]
    assert ruined.ruined == ("log",)
    assert {one.reward for one in ruined.followed} == set(REWARDS)


# ---------------------------------------------------------------- had it been calibrated


def test_recalibrated_confidence_earns_what_calibration_earns():
    """Closed form of the synthetic log: RLCR pays .5 - .250625 as stated and .5 - .1675 calibrated (see EXPECTED)."""
    result = replay(example_rollouts(seed=3, questions=3000), {"RLCR": RLCR})
    for method, gain in (("overconfident", 0.083125), ("calibrated", 0.0), ("underconfident", 0.083125)):
        cell = result.cell(method)
        assert cell.gain["RLCR"].estimate == pytest.approx(gain, abs=0.008)
        assert cell.recalibrated["RLCR"].estimate == pytest.approx(
            cell.rewards["RLCR"].estimate + cell.gain["RLCR"].estimate, abs=1e-12
        )
        assert (cell.gain["RLCR"].low > 0) == (gain > 0)
    one = replay(Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=[0, 0]), {"RLCR": RLCR}).cell("all")
    assert one.recalibrated == {}  # nothing to fit on


# ---------------------------------------------------------------- pages

HOSTILE = '<script>alert("x")</script> | **bold** `code` $x$ &amp;'


@pytest.fixture(scope="module")
def hostile():
    rollouts = two_methods(40)
    named = np.where(rollouts.method == "sure", HOSTILE, "modest")
    return replay(
        Rollouts(
            confidence=rollouts.confidence, correct=rollouts.correct, method=named, question=rollouts.question,
            dataset=["<img src=x onerror=alert(1)>\nb"] * len(rollouts), source='<b>"log"</b>.csv',
        ),
        REWARDS,
    )  # fmt: skip


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_whatever_the_log_says_is_text(hostile):
    page = Page()
    page.feed(html(hostile, {HOSTILE: "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"}))
    assert page.open == []
    assert HOSTILE in page.text
    known = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "section", "ul", "li", "figure"}
    known |= {"figcaption", "div", "img", "table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.tags} <= known | {"details", "summary"}
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert [image["alt"] for image in images] == [HOSTILE]
    assert base64.b64decode(images[0]["src"].removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg")
    assert not any(name.startswith("on") or name == "href" for _, attributes in page.tags for name in attributes)


def test_markdown_tables_keep_their_columns_and_show_no_markup(hostile):
    text = markdown(hostile)
    assert "<script>" not in text
    assert "<img" not in text
    assert r"\*\*bold\*\*" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_the_page_of_the_command_line_needs_nothing_and_holds_everything(tmp_path, capsys):
    page, text, again = tmp_path / "new" / "r.html", tmp_path / "r.md", tmp_path / "again.html"
    log = str(csv(tmp_path / "log.csv", *["0.5,1,a", "0.9,0,b", "0.5,0,a", "1,1,b"] * 20))
    assert main(["replay", log, "--html", str(page), "--markdown", str(text)]) == 0
    printed = capsys.readouterr().out
    assert "In words" in printed
    written = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:)", written)
    assert "@import" not in written
    assert written.count("data:image/svg+xml;base64,") >= 3
    for heading in ("Right and calibrated", "What each reward would have paid", "If it had stated its recalibrated"):
        assert heading in written
        assert heading in text.read_text(encoding="utf-8")
    assert [path.name for path in page.parent.iterdir()] == ["r.html"]
    assert main(["replay", log, "--html", str(again)]) == 0
    assert again.read_bytes() == page.read_bytes()


def test_an_error_leaves_the_old_page_alone(tmp_path):
    path = write(tmp_path / "page.html", "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "new \udc80")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- the paper's story


@recorded
def test_the_recorded_log_tells_the_papers_story_with_its_counterexample(tmp_path, capsys):
    page = tmp_path / "rlcr.md"
    file = str(Path(DATA) / "rlcr_hotpot_models_conf_correct.csv")
    assert main(["replay", file, "--reward", "rlcr", "--reward", "c - abs(q - c)", "--markdown", str(page)]) == 0
    told = capsys.readouterr().out
    assert "On commonsenseqa, Base is the best calibrated: ECE 0.0037 [" in told
    assert re.search(r"RLCR is the worst, ECE 0\.302 \[.*under-confident: it states 0\.611 and is right 0\.913", told)
    assert "On gpqa, RLCR is the best calibrated: ECE 0.155" in told
    assert re.search(
        r"under c - abs\(q - c\), RLVR leads RLCR by 0\.088 \[.*under rlcr, RLCR leads RLVR by 0\.13", told
    )
    assert "RLCR is the worst, ECE 0.302" in page.read_text(encoding="utf-8")


def test_a_division_that_turns_what_is_pushed_is_told():
    """By hand, linear reward: one mixed group pushes confidence down, sixty groups all right push it up, gently.

    Mixed: .1 for the right answer at q = .1 and -.9 for the wrong one at q = .9, apart by 1; the others are paid apart
    by .02. Divided by its own standard deviation every group counts alike: 60 x .02 is more than .8.
    """
    q, c = np.r_[0.1, 0.9, np.tile([0.5, 0.52], 60)], np.r_[1, 0, np.ones(120)]
    result = replay(Rollouts(confidence=q, correct=c, question=np.repeat(np.arange(61), 2)), {"linear": LINEAR})
    mean, std = (one.correlation for one in result.advantages["all"].followed)
    assert mean < -0.5
    assert std == pytest.approx(np.corrcoef(q, np.r_[1, -1, np.tile([-1, 1], 60)])[0, 1])
    assert std > 0.01
    assert len([one for one in story(result) if "after division" in one]) == 1
