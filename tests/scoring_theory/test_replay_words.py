"""The sentences of the report: who leads, the direction of miscalibration, which changes count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring_theory.calibration import ConfidenceInterval, Forecasts, mean_reward, recalibrate
from scoring_theory.replaying import Difference, cells, replay, story, warnings
from scoring_theory.replaying.cells import Settings
from scoring_theory.replaying.comparison import ranking
from scoring_theory.reward import Reward
from scoring_theory.rollouts import Rollouts, example_rollouts

RLCR = {"RLCR": Reward.parse("c - (q - c)^2")}


def test_means_that_differ_by_rounding_are_the_same():
    assert ranking({"a": 0.1 + 0.2, "b": 0.3, "c": 0.4}, "R", None).methods == (("c",), ("a", "b"))


def test_shares_of_groups_that_agree_are_told_apart():
    right = np.array([1, 1, 0, 0, 0, 0, 1, 0])
    log = Rollouts(confidence=np.full(8, 0.5), correct=right, question=np.repeat(np.arange(4), 2))
    one = replay(log, RLCR, intervals=False).advantages["all"]
    assert (one.all_right, one.all_wrong) == (0.25, 0.5)


def test_errors_that_mostly_cancel_are_not_called_overconfidence():
    # Gaps of +0.5 (right 0.4 of the time, stated 0.9) and -0.4 (right 0.5, stated 0.1): ECE 0.45,
    # mean gap 0.05.
    q, right = np.repeat([0.9, 0.1], 10), np.repeat([1, 0, 1, 0], [4, 6, 5, 5])
    told = story(replay(Rollouts(confidence=q, correct=right), {}, intervals=False))
    assert any(
        "it is both over- and under-confident: mean confidence 0.500, accuracy 0.450" in one
        for one in told
    )


def test_no_direction_is_told_where_the_error_is_nothing_or_chance():
    sure = {"confidence": [1.0, 0.0] * 2, "correct": [1, 0] * 2}
    (told,) = (one for one in story(replay(Rollouts(**sure), {})) if "ECE" in one)
    assert told.endswith("; mean confidence 0.500, accuracy 0.500.")
    # 70 of 100 correct at .75: the gap of .05 is 1.1 standard errors; 22 with 400 times the rows.
    for copies, word in ((1, ""), (400, "it is overconfident: ")):
        log = Rollouts(confidence=[0.75] * 100 * copies, correct=([1] * 70 + [0] * 30) * copies)
        (told,) = (one for one in story(replay(log, {})) if "ECE" in one)
        assert told.endswith(f"; {word}mean confidence 0.750, accuracy 0.700.")


def test_equal_methods_tie_in_every_sentence():
    log = Rollouts(confidence=[1.0, 0.0] * 4, correct=[1, 0] * 4, method=["A"] * 4 + ["B"] * 4)
    told = story(replay(log, RLCR))
    assert any(one.startswith("A and B tie in ECE: 0.000") for one in told)
    assert "Under RLCR, A and B tie." in told
    assert not any(
        word in " ".join(told) for word in ("worst", "best", "overconfident", "under-confident")
    )


def test_an_order_within_chance_names_no_best_method():
    log = Rollouts(
        confidence=[0.75] * 200,
        correct=[1] * 73 + [0] * 27 + [1] * 70 + [0] * 30,
        method=["A"] * 100 + ["B"] * 100,
    )
    (told,) = (one for one in story(replay(log, {})) if "ECE" in one)
    assert told.startswith("A has the lowest ECE, 0.020 [")
    assert " B has the highest, 0.050 [" in told
    assert ", not statistically significant); mean confidence" in told


def test_the_accuracy_of_all_rows_is_named_beside_that_of_rows_with_a_confidence():
    log = Rollouts(confidence=[0.9] * 4 + [np.nan] * 4, correct=[1] * 4 + [0] * 4, missing=0.0)
    result = replay(log, RLCR)
    one = result.cell("all")
    assert (one.n, one.accuracy, one.accuracy_of_all) == (4, 1.0, 0.5)
    assert any(
        "Accuracy is 0.500 over all answers, 1.000 over those with a confidence." in each
        for each in warnings(result)
    )
    assert result.to_json()["methods"]["all"]["accuracy_of_all"] == 0.5


def test_clear_changes_of_places_are_told_first():
    def lead(first: str, second: str, reward: str, by: float, spread: float) -> Difference:
        return Difference(
            reward, None, first, second, ConfidenceInterval(by, by - spread, by + spread, 0.95, 99)
        )

    log = Rollouts(confidence=[0.5] * 3, correct=[1] * 3, method=["a", "b", "c"])
    rewards = {"R": Reward.parse("c"), "S": Reward.parse("q")}
    result = replay(log, rewards, intervals=False)
    doubtful = [lead("a", "b", "R", 0.1, 0.2), lead("a", "b", "S", -0.1, 0.2)]
    sure = [lead("a", "c", "R", 0.1, 0.05), lead("a", "c", "S", -0.1, 0.05)]
    kept = [one for one in result.differences if one.measure is None]
    told = [
        one
        for one in story(replace(result, differences=(*doubtful, *sure, *kept)))
        if " leads " in one
    ]
    assert [" leads c " in one for one in told] == [True, False]


def test_the_largest_gain_is_the_one_that_is_told():
    right = np.tile([1, 0], 100)
    q = np.concatenate([np.full(100, 0.6), np.full(100, 0.99)])
    told = story(
        replay(Rollouts(confidence=q, correct=right, method=np.repeat(["mild", "sure"], 100)), RLCR)
    )
    assert any("the mean reward of sure under RLCR would be" in one for one in told)


@pytest.mark.parametrize(("mean", "warned"), [(0.009, True), (0.02, False)])
def test_only_a_percentage_of_at_most_one_is_suspected(mean, warned):
    log = Rollouts(confidence=[mean] * 30, correct=[0] * 30, scale="percent")
    assert any("divided by 100 in error" in one for one in warnings(replay(log, {}))) is warned


def test_a_division_that_turns_nothing_is_not_told():
    assert not any(
        "after division" in one for one in story(replay(example_rollouts(), RLCR, intervals=False))
    )


def test_a_dataset_that_the_first_method_skips_compares_the_others():
    log = Rollouts(
        confidence=[0.5, 0.5, 1.0, 0.0],
        correct=[1, 1, 1, 1],
        method=["a", "b", "b", "c"],
        dataset=["x", "x", "y", "y"],
    )
    result = replay(log, RLCR, intervals=False)
    assert result.difference("RLCR", "y", "b", "c").interval.estimate == 1.0
    assert result.difference(None, "y", "b", "c").interval.estimate == -1.0


def test_long_logs_are_recalibrated_in_halves(monkeypatch):
    monkeypatch.setattr(cells, "MANY", 50)
    rng = np.random.default_rng(0)
    q = rng.integers(1, 10, 60) / 10
    right = rng.random(60) < q**2
    found = (
        replay(Rollouts(confidence=q, correct=right), RLCR, intervals=False)
        .cell("all")
        .recalibrated["RLCR"]
    )
    stream = Settings(resamples=0, level=0.95, seed=0).rng("all", None, "recalibrated")
    halves = recalibrate(Forecasts(confidence=q, correct=right), rng=stream, folds=2).forecasts
    assert found.estimate == pytest.approx(mean_reward(halves, RLCR["RLCR"]))
