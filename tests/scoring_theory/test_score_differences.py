"""Methods are compared in Brier score and log loss, on the questions that both answered."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from scoring_theory import calibrate, read_rollouts, replay
from scoring_theory.calibration import Forecasts, brier_score, log_loss, paired_difference
from scoring_theory.replaying import ScoreDifference, calibration_html, calibration_markdown
from scoring_theory.rollouts import Rollouts
from simulations.cli import main

SIZE = 300


def forecasters() -> Rollouts:
    """Two forecasters of the same events, one of them better."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, SIZE)
    noisy = np.clip(p + rng.normal(0, 0.4, SIZE), 0.02, 0.98)
    happened = rng.random(SIZE) < p
    return Rollouts(
        confidence=np.concatenate([p, noisy]),
        correct=np.tile(happened, 2),
        method=["anna"] * SIZE + ["bob"] * SIZE,
        question=[*range(SIZE)] * 2,
    )


def test_the_difference_is_that_of_paired_difference() -> None:
    log = forecasters()
    [found] = calibrate(log).differences
    assert (found.first, found.second, found.questions) == ("anna", "bob", SIZE)
    rows = Forecasts(correct=log.correct, confidence=log.confidence, group=log.group)
    first = log.rows(method="anna")
    for mine, metric in ((found.brier, brier_score), (found.log_loss, log_loss)):
        other = paired_difference(rows, metric, first=first, second=~first, rng=1)
        assert mine.estimate == pytest.approx(other.estimate)
        assert mine.estimate < mine.high < 0
        assert mine.low == pytest.approx(other.low, abs=0.15 * (other.high - other.low))
        assert mine.high == pytest.approx(other.high, abs=0.15 * (other.high - other.low))
    # For forecasts of the same events it is the difference in reward under correctness + Brier.
    under = replay(log, "c - (q - c)^2", intervals=False).differences[0]
    assert under.interval.estimate == pytest.approx(-found.brier.estimate)


def test_only_common_questions_count() -> None:
    """The questions that one of them left out were easy, and do not enter."""
    log = Rollouts(
        confidence=[0.5, 0.5, 1.0, 1.0, 0.75, 0.75, math.nan],
        correct=[1, 0, 1, 1, 1, 0, 1],
        method=["a"] * 4 + ["b"] * 3,
        question=["u", "v", "x", "y", "u", "v", "x"],
        missing=0.0,
    )
    [found] = calibrate(log).differences
    assert found.questions == 2
    b = (0.0625 + 0.5625) / 2
    assert found.brier.estimate == pytest.approx(0.25 - b)
    assert found.log_loss.estimate == pytest.approx(math.log(2) + math.log(0.75 * 0.25) / 2)


def test_three_methods_with_different_questions_are_compared_pair_by_pair() -> None:
    log = Rollouts(
        confidence=[0.5, 0.5, 0.9, 0.9, 0.2],
        correct=[1, 1, 1, 1, 1],
        method=["a", "a", "b", "b", "c"],
        question=["u", "v", "u", "v", "w"],
    )
    [found] = calibrate(log, intervals=False).differences
    assert (found.first, found.second) == ("a", "b")
    assert math.isnan(found.brier.low)
    assert calibrate(Rollouts(confidence=[0.5], correct=[1])).differences == ()


def test_a_certain_error_makes_the_difference_in_log_loss_infinite() -> None:
    log = Rollouts(
        confidence=[1, 0.5, 0.5, 0.5], correct=[0, 1, 0, 1], method=[*"aabb"], question=[*"uvuv"]
    )
    [found] = calibrate(log).differences
    assert found.log_loss.estimate == math.inf
    assert found.to_json()["log_loss"]["difference"] == "inf"


def test_it_is_in_text_json_and_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log.csv"
    log.write_text(
        "forecaster,event_id,probability,outcome\n"
        + "".join(f"anna,{k},0.9,1\nbob,{k},0.5,1\n" for k in range(30))
    )
    assert main(["calibrate", str(log)]) == 0
    shown = capsys.readouterr().out
    assert "On the questions that both answered; below 0, the first is better." in shown
    assert "anna - bob" in shown
    assert main(["calibrate", str(log), "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["differences"]
    assert (one["first"], one["questions"]) == ("anna", 30)
    assert one["brier"]["difference"] == pytest.approx(0.01 - 0.25)
    found = calibrate(read_rollouts(log))
    for page in (calibration_markdown(found), calibration_html(found)):
        assert "Paired differences of losses" in page
    assert isinstance(found.differences[0], ScoreDifference)


@pytest.mark.parametrize("function", [calibrate, lambda log: replay(log, "rlcr")])
def test_a_name_or_a_frame_instead_of_rollouts_is_explained(function) -> None:
    for given in ("log.csv", Path("log.csv")):
        with pytest.raises(TypeError, match=r"takes rollouts: \w+\(read_rollouts\('log.csv'\)\)"):
            function(given)
    with pytest.raises(TypeError, match=r"takes rollouts: \w+\(rollouts_from_frame\(frame\)\)"):
        function({"confidence": [0.5], "correct": [1]})
    with pytest.raises(TypeError, match=r"which `read_rollouts` and .* give, got int"):
        function(1)


def test_replay_under_a_score_says_where_scores_are_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for score in ("brier", "log"):
        assert main(["replay", "--reward", score]) == 2
        told = " ".join(capsys.readouterr().err.split())
        assert f"{score} is a score, which does not reward accuracy" in told
        assert "`scoring-theory calibrate` has the paired differences" in told
