"""Paired differences, the normal limit of the bootstrap, and advantages against a plain loop."""

from __future__ import annotations

import json
import math
import re
from importlib import import_module

import numpy as np
import pytest

from scoring_theory.calibration import (
    Forecasts,
    calibration_error_difference,
    calibration_error_interval,
    mean_reward,
    paired_difference,
)
from scoring_theory.calibration.order_statistics import BLOCK
from scoring_theory.replaying import replay, story, warnings
from scoring_theory.replaying.advantages import FOLLOWED
from scoring_theory.replaying.answers import answers_of
from scoring_theory.replaying.resampling import resample
from scoring_theory.reward import Reward
from scoring_theory.rollouts import Rollouts, example_rollouts
from tests.support.rollouts import BINARY, LINEAR, REWARDS, RLCR, two_methods


def as_masks(rollouts: Rollouts) -> tuple[Forecasts, np.ndarray, np.ndarray]:
    return rollouts.forecasts(), rollouts.rows(method="sure"), rollouts.rows(method="modest")


def test_paired_differences_are_those_of_the_plain_bootstrap():
    """The oracle draws rows of questions and recomputes; ours resamples sums. 999 resamples: ends
    agree to 10 %.
    """
    rollouts = two_methods()
    result = replay(rollouts, {"RLCR": RLCR})
    forecasts, first, second = as_masks(rollouts)
    ours = result.difference("RLCR", None, "sure", "modest").interval
    rng = np.random.default_rng(9)
    plain = paired_difference(
        forecasts, lambda f: mean_reward(f, RLCR), first=first, second=second, rng=rng
    )
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
        assert (one.interval.low, one.interval.high, one.clear) == pytest.approx(
            (0, 0, False), abs=1e-12
        )
    assert result.swaps == ()
    assert result.rankings[0].methods == (("a", "b"),)


def test_beyond_many_questions_the_normal_limit_takes_over(monkeypatch):
    rollouts = two_methods(400)
    exact = replay(rollouts, REWARDS, resamples=4999)
    monkeypatch.setattr("scoring_theory.replaying.resampling.EXACT_GROUPS", 10)
    monkeypatch.setattr(
        import_module("scoring_theory.calibration.mean_intervals"), "EXACT_GROUPS", 10
    )
    for at_once in (1 << 26, 1):  # one block, and many
        monkeypatch.setattr("scoring_theory.replaying.resampling._AT_ONCE", at_once)
        monkeypatch.setattr("scoring_theory.replaying.resampling._BLOCK", 64)
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
    rollouts = Rollouts(
        confidence=[1.0] + [0.5] * 299, correct=[0] + [1, 0, 1] * 99 + [1, 1], question=range(300)
    )
    answers = answers_of(rollouts, log)
    for groups in (20_000, 10):
        monkeypatch.setattr("scoring_theory.replaying.resampling.EXACT_GROUPS", groups)
        monkeypatch.setattr("scoring_theory.replaying.resampling._AT_ONCE", 1)
        drawn = resample(answers, 1, rng=np.random.default_rng(1), resamples=4000)[1:, 0, 0]
        assert np.isfinite(drawn).mean() == pytest.approx(0.368, abs=0.025)
        assert resample(answers, 1, rng=np.random.default_rng(0), resamples=2)[0, 0, 0] == -math.inf


def test_errors_have_the_same_intervals_in_replay_as_in_python():
    rollouts = two_methods()
    forecasts, first, second = as_masks(rollouts)
    result = replay(rollouts, {})
    for method in ("sure", "modest"):
        ours, plain = (
            result.cell(method).ece_interval,
            calibration_error_interval(rollouts.forecasts(method=method), bins=10),
        )
        assert (ours.low, ours.estimate, ours.high) == pytest.approx(
            (plain.low, plain.estimate, plain.high), abs=1e-12
        )
    ours = result.difference(None, None, "sure", "modest").interval
    plain = calibration_error_difference(forecasts, first=first, second=second, bins=10)
    assert (ours.low, ours.estimate, ours.high) == pytest.approx(
        (plain.low, plain.estimate, plain.high), abs=1e-12
    )


@pytest.mark.slow
def test_calibrated_answers_stay_below_what_chance_explains_as_often_as_it_says():
    below = 0
    rng = np.random.default_rng(0)
    for _ in range(120):
        q = rng.choice([0.3, 0.6, 0.9], size=200)
        cell = replay(Rollouts(confidence=q, correct=rng.random(200) < q), {}, resamples=199).cell(
            "all"
        )
        below += cell.ece <= cell.ece_if_calibrated
    assert (
        0.88 <= below / 120 <= 0.995
    )  # .95 +- 3 standard deviations of 120 trials, and the slack of discreteness
    continuous = rng.random(5000)
    wide = replay(Rollouts(confidence=continuous, correct=rng.random(5000) < continuous), {}).cell(
        "all"
    )
    assert (
        0.3 * wide.ece_if_calibrated < wide.ece < 1.2 * wide.ece_if_calibrated
    )  # many values: the normal limit
    shifted = replay(
        Rollouts(confidence=continuous, correct=rng.random(5000) < continuous - 0.1), {}
    ).cell("all")
    assert shifted.ece > 2 * shifted.ece_if_calibrated


def test_methods_that_change_places_are_named_with_both_sides():
    """By hand: `sure` is right .75 at q = 1, `modest` .5 at q = .5. Linear: .5 against 0; RLCR: .5
    against .25.
    """
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
        r"Under right, sure leads modest by 0\.250 \[.*under linear by 0\.500.*; under shy, modest"
        r" leads",
        told,
    )
    assert replay(rollouts, {"right": BINARY, "linear": LINEAR}).swaps == ()
    assert "No two methods change rank" in " ".join(
        story(replay(rollouts, {"right": BINARY, "linear": LINEAR}))
    )


def test_ruined_methods_are_equal_and_nobody_leads():
    rollouts = Rollouts(confidence=[1, 1], correct=[0, 0], method=["a", "b"], question=[0, 0])
    result = replay(rollouts, {"log": Reward.parse("log(1 - abs(q - c))")})
    assert result.rankings[0].methods == (("a", "b"),)
    assert math.isnan(result.differences[0].interval.estimate)
    assert any("mean reward -inf" in sentence for sentence in warnings(result))
    json.dumps(result.to_json(), allow_nan=False)


# ---------------------------------------------------------------- group-relative advantages


def test_advantages_are_those_of_a_loop_over_groups():
    rng = np.random.default_rng(4)
    question = rng.integers(12, size=70)
    q, c = rng.choice([0.1, 0.55, 0.9], size=70), rng.integers(2, size=70)
    q[question == 0], c[question == 0] = 0.55, 1  # a group that is paid alike
    result = replay(Rollouts(confidence=q, correct=c, question=question), REWARDS, intervals=False)
    found = result.advantages["all"]
    expected = {estimator: np.zeros(70) for estimator in FOLLOWED}
    paid = RLCR.payoff(q, c)
    for label in set(question):
        rows = question == label
        centred = paid[rows] - paid[rows].mean()
        expected["group_mean"][rows] = centred
        std = paid[rows].std(ddof=1) if rows.sum() > 1 else 0
        expected["group_std"][rows] = centred / std if std > 1e-9 else 0
        mean = paid[rows].mean()
        expected["maxrl"][rows] = centred / mean if mean > 1e-9 else 0
        for i in np.flatnonzero(rows) if rows.sum() > 1 else ():
            others = paid[rows & (np.arange(70) != i)]
            apart = others.std(ddof=1) if len(others) > 1 else 0
            expected["leave_one_out_std"][i] = (paid[i] - others.mean()) / (
                apart if apart > 1e-9 else 1
            )
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


@pytest.mark.parametrize("unstated", [False, True])
def test_advantages_of_a_log_of_several_blocks_are_those_of_its_copies(unstated):
    """A log and 1,100 copies of it, whose questions are others, have the same means."""
    rng = np.random.default_rng(5)
    q, c = rng.choice([0.1, 0.55, 0.9], size=70), rng.integers(2, size=70)
    if unstated:
        q[::9] = np.nan
    question, copies = rng.integers(12, size=70), 1100
    assert 70 * copies > 2 * BLOCK
    missing = {"missing": -0.3} if unstated else {}
    short = Rollouts(confidence=q, correct=c, question=question, **missing)
    long = Rollouts(
        confidence=np.tile(q, copies),
        correct=np.tile(c, copies),
        question=np.tile(question, copies) + 12 * np.repeat(np.arange(copies), 70),
        **missing,
    )
    few, many = (
        replay(log, REWARDS, intervals=False).advantages["all"].followed for log in (short, long)
    )
    for one, other in zip(few, many, strict=True):
        assert one.correlation == pytest.approx(other.correlation, abs=1e-9)
        for cells, copied in ((one.right, other.right), (one.wrong, other.wrong)):
            assert [n for n, _ in copied] == [copies * n for n, _ in cells]
            means = [mean for _, mean in cells]
            assert [mean for _, mean in copied] == pytest.approx(means, abs=1e-9, nan_ok=True)


def test_one_answer_per_question_has_no_advantage_and_ruin_has_none():
    single = replay(Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=[0, 1]), REWARDS)
    assert single.advantages == {"all": None}
    assert single.to_json()["advantages"] == {"all": None}
    assert any("no group-relative advantages" in sentence for sentence in story(single))
    log = {"log": Reward.parse("c + log(1 - abs(q - c))"), **REWARDS}
    ruined = replay(Rollouts(confidence=[1, 0.5], correct=[0, 1], question=[0, 0]), log).advantages[
        "all"
    ]
    assert ruined.ruined == ("log",)
    assert {one.reward for one in ruined.followed} == set(REWARDS)


# ---------------------------------------------------------------- had it been calibrated


def test_recalibrated_confidence_earns_what_calibration_earns():
    """Closed form of the synthetic log: RLCR pays .5 - .250625 as stated and .5 - .1675 calibrated
    (see EXPECTED).
    """
    result = replay(example_rollouts(seed=3, questions=3000), {"RLCR": RLCR})
    for method, gain in (
        ("overconfident", 0.083125),
        ("calibrated", 0.0),
        ("underconfident", 0.083125),
    ):
        cell = result.cell(method)
        assert cell.gain["RLCR"].estimate == pytest.approx(gain, abs=0.008)
        assert cell.recalibrated["RLCR"].estimate == pytest.approx(
            cell.rewards["RLCR"].estimate + cell.gain["RLCR"].estimate, abs=1e-12
        )
        assert (cell.gain["RLCR"].low > 0) == (gain > 0)
    one = replay(
        Rollouts(confidence=[0.5, 0.5], correct=[1, 0], question=[0, 0]), {"RLCR": RLCR}
    ).cell("all")
    assert one.recalibrated == {}  # nothing to fit on


def test_others_that_are_paid_alike_divide_nothing():
    """Seven answers are paid .99 and one 1: a rounding error must not divide its .01."""
    q, c = np.array([0.9] * 7 + [1.0]), np.ones(8)
    log = Rollouts(confidence=q, correct=c, question=np.zeros(8, dtype=int))
    followed = replay(log, {"RLCR": RLCR}, intervals=False).advantages["all"].followed
    (one,) = (each for each in followed if each.estimator == "leave_one_out_std")
    apart = np.std([0.99] * 6 + [1.0], ddof=1)
    expected = [6 * -0.01 / 7 / apart, 0.01]  # the cell of .9 holds 1 as well
    assert one.right[9][1] == pytest.approx((7 * (-0.01 / 7) / apart + expected[1]) / 8, rel=1e-9)
