"""Scores in [0, 1] in logs: what is computed from them, what is left out, and what is refused."""

from __future__ import annotations

import json
import math
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring_theory import calibration
from scoring_theory.calibration import (
    Forecasts,
    auroc,
    brier_score,
    corp_curve,
    expected_calibration_error,
    kuiper,
    mean_confidence,
    recalibrate,
    reliability_curve,
    smooth_calibration_error,
)
from scoring_theory.calibration.order_statistics import BLOCK
from scoring_theory.replaying import html, markdown, replay
from scoring_theory.rollouts import RolloutError, Rollouts, read_rollouts, rollouts_from_frame
from simulations.cli import main

AFFINE = "2*c*q - q^2"
SCORES = np.array([0, 0.25, 0.5, 0.75, 1])


def answers(n: int, seed: int = 0, levels: int = 11) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(levels, size=n) / (levels - 1), rng.choice(SCORES, size=n)


def test_metrics_of_scores_are_the_means_that_they_say() -> None:
    q, s = answers(500)
    rows = Forecasts(s, q, graded=True)
    assert brier_score(rows) == pytest.approx(((q - s) ** 2).mean(), abs=1e-12)
    assert mean_confidence(rows) == pytest.approx(q.mean(), abs=1e-12)
    for bins, place in ((10, np.minimum((10 * q + 1e-9).astype(int), 9)), ("values", q)):
        gaps = [abs((q - s)[place == b].sum()) for b in np.unique(place)]
        error = expected_calibration_error(rows, bins=bins)  # type: ignore[call-overload]
        assert error == pytest.approx(sum(gaps) / 500, abs=1e-12)
    curve = reliability_curve(rows, rng=np.random.default_rng(0), resamples=50)
    assert curve.frequency == pytest.approx([s[q == x].mean() for x in np.unique(q)], abs=1e-12)
    assert np.isfinite(curve.low).all()
    assert np.isnan(curve.consistent_low).all()
    for part in (rows[:100], rows[np.arange(100)]):
        assert part.graded
        assert part.correct.tolist() == s[:100].tolist()


@pytest.mark.parametrize("n", [200, BLOCK + 7])
def test_levels_of_scores_are_the_same_counted_or_sorted(n: int) -> None:
    q, s = answers(n)
    levels = Forecasts(s, q, graded=True).levels
    assert levels.value.tolist() == np.unique(q).tolist()
    assert levels.rows.tolist() == [int((q == x).sum()) for x in levels.value]
    assert levels.correct == pytest.approx([s[q == x].sum() for x in levels.value])
    assert levels.weight.tolist() == levels.rows.tolist()


def test_scores_of_0_and_1_are_outcomes() -> None:
    q, s = answers(400, seed=3)
    outcomes = (s > 0.5).astype(float)
    plain, graded = Forecasts(outcomes, q), Forecasts(outcomes, q, graded=True)
    for metric in (brier_score, expected_calibration_error, calibration.accuracy):
        assert metric(graded) == pytest.approx(metric(plain), abs=1e-12)
    one, other = (recalibrate(x, rng=np.random.default_rng(1)).forecasts for x in (plain, graded))
    assert other.confidence == pytest.approx(one.confidence, abs=1e-12)
    assert corp_curve(graded).frequency == pytest.approx(corp_curve(plain).frequency, abs=1e-12)


@pytest.mark.parametrize("metric", [auroc, kuiper, smooth_calibration_error])
def test_a_metric_of_outcomes_refuses_scores(metric: Any) -> None:
    rows = Forecasts([0.5, 1], [0.5, 0.75], graded=True)
    for refused in (lambda: metric(rows), lambda: metric(forecasts=rows)):
        with pytest.raises(ValueError, match="needs outcomes of 0 or 1, got graded scores"):
            refused()
    with pytest.raises(ValueError, match="a consistency band needs outcomes of 0 or 1"):
        corp_curve(rows, rng=np.random.default_rng(0))


@pytest.mark.parametrize("bad", [1.5, -0.25, math.nan])
def test_a_score_lies_in_the_unit_interval(bad: float) -> None:
    with pytest.raises(ValueError, match=r"`correct` must lie in \[0, 1\], got .* at index 1"):
        Forecasts([0.5, bad], [0.5, 0.5], graded=True)
    with pytest.raises(ValueError, match="`correct` must be 0 or 1"):
        Forecasts([0.5, 1], [0.5, 0.5])


# ---------------------------------------------------------------------------------------- logs


def test_a_column_of_scores_is_read_or_answered_by_a_hint() -> None:
    text = b"confidence,correct\n0.9,1\n0.5,0.25\n0.5,true\n"
    log = read_rollouts(BytesIO(text), graded=True)
    assert log.graded
    assert log.correct.tolist() == [1, 0.25, 1]
    hint = r"row 2 .*`correct` must be 0 or 1, got '0\.25'; if it is a score, pass `--graded`"
    with pytest.raises(RolloutError, match=hint):
        read_rollouts(BytesIO(text))
    with pytest.raises(RolloutError, match=r"row 1.*must be a score in \[0, 1\], got '25'$"):
        read_rollouts(BytesIO(b"confidence,correct\n0.9,25\n"), graded=True)
    frame = {"confidence": [0.5], "correct": np.array([0.5])}
    assert rollouts_from_frame(frame, graded=True).correct.tolist() == [0.5]
    with pytest.raises(RolloutError, match=r"got 2$"):
        rollouts_from_frame({"confidence": [0.5], "correct": [2]})


def test_a_replay_of_scores() -> None:
    """Two methods, questions, and a row without a confidence, against plain sums."""
    q, s = answers(240, seed=5)
    stated = q.copy()
    stated[7] = np.nan
    log = Rollouts(
        confidence=stated,
        correct=s,
        method=["a", "b"] * 120,
        question=np.arange(240) // 4,
        missing=-1.0,
        graded=True,
    )
    result = replay(log, {"mine": AFFINE, "binary": "c"}, graded=True, resamples=50)
    paid = np.where(np.isnan(stated), -1, s * (1 - (q - 1) ** 2) - (1 - s) * q**2)
    for k, method in enumerate("ab"):
        cell = result.cell(method)
        usable = ~np.isnan(stated[k::2])
        assert cell.accuracy == pytest.approx(s[k::2][usable].mean())
        assert cell.accuracy_of_all == pytest.approx(s[k::2].mean())
        assert cell.brier == pytest.approx(((q - s)[k::2][usable] ** 2).mean())
        assert cell.rewards["mine"].estimate == pytest.approx(paid[k::2].mean())
        assert cell.rewards["mine"].low < cell.rewards["mine"].estimate < cell.rewards["mine"].high
        assert cell.ece_interval.low <= cell.ece <= cell.ece_interval.high
        assert math.isnan(cell.auroc)
        assert math.isnan(cell.ece_if_calibrated)
        assert result.advantages[method] is None
    assert set(result.cell("a").recalibrated) == {"mine", "binary"}
    assert "auroc" not in result.table()
    assert result.to_json()["graded"] is True


def test_the_report_says_what_scores_leave_out() -> None:
    q, s = answers(60)
    log = Rollouts(confidence=q, correct=s, question=np.arange(60) // 2, graded=True)
    result = replay(log, AFFINE, graded=True, intervals=False)
    for report in (markdown(result), html(result)):
        assert "is a score in" in report
        assert "are left out" in report
        assert "mean (q - s)^2" in report
        assert "if calibrated" not in report
        assert "no group-relative advantages" not in report
        assert "AUROC:" not in report
        assert "wrong one" not in report  # the definition of c for outcomes
    assert "are left out" not in markdown(replay(Rollouts(confidence=[1], correct=[1]), "c"))


@pytest.mark.parametrize(
    ("reward", "said"),
    [
        ("rlcr", r"write its affine extension c\*\(1 - \(q - 1\)\^2\) - \(1 - c\)\*q\^2$"),
        ("-(q - c)^2", r"write its affine extension -c\*\(q - 1\)\^2 - \(1 - c\)\*q\^2$"),
        ("c - abs(q - c)", "`repair` with graded=True finds a safe reward"),
        ("2*c*q - q^2 + (q == 0)*c*(c - 1)", "not proved affine in the score"),
    ],
)
def test_a_reward_that_is_not_proved_for_scores_is_refused(reward: str, said: str) -> None:
    log = Rollouts(confidence=[0.5], correct=[0.5], graded=True)
    with pytest.raises(ValueError, match=said):
        replay(log, reward, graded=True)


def test_proper_scores_and_infinite_payoffs_are_paid() -> None:
    log = Rollouts(confidence=[0.0, 0.0, 0.5], correct=[0.5, 0.0, 0.25], graded=True)
    affine_log = "c*log(q) + (1 - c)*log(1 - q)"
    brier = "-c*(q - 1)^2 - (1 - c)*q^2"
    result = replay(log, {"log": affine_log, "brier": brier}, graded=True, intervals=False)
    assert result.cell("all").rewards["log"].estimate == -math.inf
    assert result.cell("all").rewards["brier"].estimate == pytest.approx(-0.75 / 3)
    with pytest.raises(ValueError, match="the log holds graded scores: give graded=True"):
        replay(log, "c")


def test_replay_of_scores_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("confidence,correct\n0.9,1\n0.5,0.5\n0.25,0\n", encoding="utf-8")
    assert main(["replay", str(path)]) == 2
    assert "pass `--graded`" in capsys.readouterr().err
    quick = ["replay", str(path), "--graded", "--no-intervals"]
    assert main(quick) == 0
    shown = capsys.readouterr().out
    assert "AUROC  " not in shown
    assert "2*c*q - q^2" in shown
    assert main([*quick, "--reward", "rlcr"]) == 2
    assert "write its affine extension" in capsys.readouterr().err
    assert main([*quick, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"]["all"]["auroc"] is None
