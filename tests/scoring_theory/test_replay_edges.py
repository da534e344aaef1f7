"""Unusual but valid logs: one question, few answers, labels that are lists, many digits."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from scoring_theory.calibration import (
    ConfidenceInterval,
    Forecasts,
    accuracy,
    bootstrap_interval,
    mean_intervals,
    paired_difference,
    reliability_curve,
)
from scoring_theory.files import write
from scoring_theory.replaying import Difference, Followed, Swap, replay, story, warnings
from scoring_theory.reward import Reward
from scoring_theory.rollouts import RolloutError, Rollouts, read_rollouts, rollouts_from_frame
from simulations.cli import main

RLCR = {"RLCR": Reward.parse("c - (q - c)^2")}


def no_ends(interval) -> bool:
    return math.isnan(interval.low) and math.isnan(interval.high)


# ---------------------------------------------------------------- what intervals cannot say


def test_one_group_has_no_interval_whichever_way_it_is_asked_for():
    answers = Forecasts(confidence=[0.5, 0.7, 0.6, 0.1], correct=[1, 0, 1, 1], group=[3, 3, 3, 3])
    for method in ("percentile", "bca"):
        one = bootstrap_interval(
            answers, accuracy, rng=np.random.default_rng(0), resamples=50, method=method
        )
        assert one.estimate == 0.75
        assert no_ends(one)
        assert one.undefined == one.resamples == 50
    mean = mean_intervals(answers, answers.correct[None], rng=np.random.default_rng(0))[0]
    assert mean.estimate == 0.75
    assert no_ends(mean)
    first = np.array([True, True, False, False])
    pair = paired_difference(
        answers, accuracy, first=first, second=~first, rng=np.random.default_rng(0)
    )
    assert pair.estimate == -0.5
    assert no_ends(pair)
    # The same rows without groups are four, and have ends.
    assert not no_ends(
        bootstrap_interval(
            Forecasts(confidence=[0.5] * 4, correct=[1, 0, 1, 1]),
            accuracy,
            rng=np.random.default_rng(0),
        )
    )


def test_a_bin_of_one_row_has_a_consistency_bar_and_no_interval():
    curve = reliability_curve(
        Forecasts(confidence=[0.5, 0.9, 0.9], correct=[1, 0, 1]), rng=np.random.default_rng(0)
    )
    assert np.isnan(curve.low).tolist() == np.isnan(curve.high).tolist() == [True, False]
    assert np.isfinite(curve.consistent_low).all()


def test_two_methods_on_one_question_are_not_told_apart():
    log = Rollouts(
        confidence=[0.9, 0.9, 0.1], correct=[1, 1, 0], method=["a", "a", "b"], question=["q"] * 3
    )
    result = replay(log, RLCR)
    assert all(no_ends(one.interval) and not one.clear for one in result.differences)
    assert no_ends(result.cell("a").ece_interval)
    assert result.cell("a").rewards["RLCR"].estimate == pytest.approx(0.99)
    json.dumps(result.to_json(), allow_nan=False)
    assert any(
        "none is given for a single question: a (1), b (1)" in one for one in warnings(result)
    )


def test_few_questions_are_warned_of_and_many_answers_to_them_do_not_help():
    def caution(questions: int, **options) -> list[str]:
        n = 20 * questions
        log = Rollouts(
            confidence=np.full(n, 0.5), correct=np.arange(n) % 2, question=np.arange(n) % questions
        )
        return [
            one
            for one in warnings(replay(log, RLCR, resamples=9, **options))
            if "too narrow" in one
        ]

    assert "fewer than 20 questions are too narrow" in caution(19)[0]
    assert caution(19)[0].endswith("all (19).")
    assert caution(20) == []
    assert caution(19, intervals=False) == []
    alone = replay(Rollouts(confidence=[0.5] * 19, correct=[1] * 19), RLCR, resamples=9)
    assert any("fewer than 20 answers are too narrow" in one for one in warnings(alone))


def test_an_error_has_an_interval_inside_the_unit_interval():
    near_one = Rollouts(confidence=[1.0, 0.5], correct=[0, 1])  # ECE 3/4; resamples are 1/2, 3/4, 1
    interval = replay(near_one, RLCR).cell("all").ece_interval
    assert interval.estimate == 0.75
    assert interval.high == 1.0
    right = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])  # ECE 0
    assert replay(right, RLCR).cell("all").ece_interval.low == 0.0


def test_answers_that_are_alike_within_questions_leave_more_to_chance():
    # 100 questions, 16 answers each, all right or all wrong, stated 1/2: the mean gap has the
    # deviation .5 / sqrt(100), four times that of independent answers, and its absolute value is
    # below 1.96 of them with the chance 0.95.
    right = np.repeat(np.arange(100) % 2, 16)
    log = {"confidence": np.full(1600, 0.5), "correct": right}
    alike = replay(
        Rollouts(**log, question=np.repeat(np.arange(100), 16)), {}, resamples=4999
    ).cell("all")
    assert alike.ece_if_calibrated == pytest.approx(1.96 * 0.05, rel=0.05)
    singly = replay(Rollouts(**log, question=np.arange(1600)), {}, resamples=4999).cell("all")
    assert singly.ece_if_calibrated == pytest.approx(1.96 * 0.05 / 4, rel=0.05)
    # Answered once each, they are as independent as they say: .9 x .1, and not .5 x .5 as was seen.
    sure = Rollouts(confidence=np.full(1600, 0.9), correct=right, question=np.arange(1600))
    limit = replay(sure, {}, resamples=4999).cell("all").ece_if_calibrated
    assert limit == pytest.approx(1.96 * 0.3 / 40, rel=0.05)
    # Questions that are all alike do not differ by chance, however wrong they are: the binomial
    # limit stays.
    constant = {"confidence": np.full(1600, 0.5), "correct": np.zeros(1600)}
    wrong = replay(
        Rollouts(**constant, question=np.repeat(np.arange(100), 16)), {}, resamples=4999
    ).cell("all")
    assert wrong.ece_if_calibrated == pytest.approx(1.96 * 0.05 / 4, rel=0.05)


def test_calibrated_answers_to_hard_and_easy_questions_are_rejected_at_the_nominal_rate():
    rng, called = np.random.default_rng(0), 0
    for _ in range(
        100
    ):  # the method states 1/2 on every question, whose chances are uniform: calibrated
        right = rng.random(800) < np.repeat(rng.random(50), 16)
        log = Rollouts(
            confidence=np.full(800, 0.5), correct=right, question=np.repeat(np.arange(50), 16)
        )
        cell = replay(log, {}, resamples=199).cell("all")
        called += cell.ece > cell.ece_if_calibrated
    assert (
        called <= 12
    )  # Binomial(100, 0.05) exceeds 12 with a chance of 0.0015; independent outcomes call 44


# ---------------------------------------------------------------- what is compared


def test_the_difference_of_errors_keeps_neighbouring_bins_apart():
    # Bin 0 is as overconfident as bin 1 is underconfident: pooled they would seem calibrated, as b.
    q, right = [0.05] * 20 + [0.15] * 20, [0] * 20 + [0] * 16 + [1] * 4
    log = Rollouts(
        confidence=q + [0.5] * 40, correct=right + [1, 0] * 20, method=["a"] * 40 + ["b"] * 40
    )
    assert replay(log, {}).difference(None, None, "a", "b").interval.estimate == pytest.approx(0.05)


@pytest.mark.slow
def test_what_chance_explains_of_many_values_is_what_it_explains_of_few():
    # 3,000 values around 0.9 or 3 of them: the gap of the one bin has the deviation sqrt(0.9 x 0.1
    # / 3000) either way.
    for q in (np.linspace(0.9, 0.92, 3000), np.repeat([0.9, 0.91, 0.92], 1000)):
        cell = replay(Rollouts(confidence=q, correct=np.ones(3000)), {}, resamples=4999).cell("all")
        assert cell.ece_if_calibrated == pytest.approx(
            1.96 * math.sqrt(0.91 * 0.09 / 3000), rel=0.06
        )


def test_mean_advantages_are_of_the_unsure_or_of_the_sure():
    cells = tuple((1, float(k)) for k in range(10))
    one = Followed("R", "group_mean", 0.0, cells, tuple((n, -value) for n, value in cells))
    assert one.mean("right", sure=False) == 2.0  # of 0, 1, 2, 3, 4
    assert one.mean("right", sure=True) == 7.0  # of 5, 6, 7, 8, 9
    assert one.mean("wrong", sure=True) == -7.0


def test_a_change_of_places_is_clear_only_if_both_sides_are():
    def lead(low: float) -> Difference:
        return Difference("R", None, "a", "b", ConfidenceInterval(0.1, low, 0.2, 0.95, 99))

    for first, second, clear in (
        (0.01, 0.01, True),
        (0.01, -0.01, False),
        (-0.01, 0.01, False),
        (-0.01, -0.01, False),
    ):
        assert Swap(None, "a", "b", (lead(first),), (lead(second),)).clear is clear


# ---------------------------------------------------------------- words


def test_a_gain_that_may_be_nothing_is_called_so():
    sure = Rollouts(confidence=np.full(200, 0.95), correct=np.arange(200) % 2)
    told = next(one for one in story(replay(sure, RLCR)) if "largest gain" in one)
    assert "significant" not in told
    four = Rollouts(confidence=[0.001, 0.9, 0.5, 0.5], correct=[1, 0, 1, 0])
    told = next(one for one in story(replay(four, RLCR)) if "largest gain" in one)
    assert told.endswith("] (not statistically significant).")


@pytest.mark.parametrize(("right", "unsure"), [([1, 1, 1], True), ([1] * 12, False)])
def test_a_gain_whose_interval_touches_nothing_may_be_nothing(right, unsure):
    # Only one of three answers gains, and is left out of more than 2.5 % of the resamples; all of
    # twelve gain.
    stated = [0.9, 1.0, 1.0] if unsure else [0.9] * 12
    told = next(
        one
        for one in story(replay(Rollouts(confidence=stated, correct=right), RLCR))
        if "largest gain" in one
    )
    assert ("not statistically significant" in told) is unsure
    assert ("[0.000, " in told) is unsure


def test_one_thin_curve_rests_and_two_rest():
    one = Rollouts(confidence=[0.5] * 41, correct=[1] * 41, method=["a"] * 40 + ["b"])
    assert any(
        sentence.startswith("1 of 2 reliability curves has bins with fewer")
        for sentence in warnings(replay(one, {}))
    )
    two = Rollouts(confidence=[0.5] * 2, correct=[1] * 2, method=["a", "b"])
    assert any(
        sentence.startswith("2 of 2 reliability curves have bins with fewer")
        for sentence in warnings(replay(two, {}))
    )


def test_nearly_all_thin_curves_are_named_by_the_others():
    names = ["a", "b", "c", "d", "e"]
    for thick, said in (
        (2, "caution: a, b, c."),
        (1, "caution: all but e."),
        (0, "caution: all of them."),
    ):
        method = names + [name for name in names[5 - thick :] for _ in range(40)]
        log = Rollouts(confidence=[0.5] * len(method), correct=[1] * len(method), method=method)
        assert any(sentence.endswith(said) for sentence in warnings(replay(log, {})))


def test_the_command_line_shows_small_numbers_as_the_report_does_and_no_minus_zero(
    tmp_path, capsys
):
    rows = ["confidence,correct", *["0.5,0", "0.5,1"] * 600, "0.51,1"]
    write(tmp_path / "log.csv", "\n".join(rows))
    assert main(["replay", str(tmp_path / "log.csv"), "--reward", "-(q - 0.5)^2/10"]) == 0
    printed = capsys.readouterr().out
    assert "-0.000" not in printed
    table = next(line for line in printed.splitlines() if line.startswith("all"))
    assert table.split()[5] == "0.0004"  # |1200 x 0.5 - 600 + 0.51 - 1| / 1201


@pytest.mark.parametrize(
    "name", ["a\nb", "\x1b[31mred", "\x1b]0;title\x07", "nul\0", "\x9b2J", "\u202eright"]
)
def test_a_name_that_would_break_a_table_or_move_a_cursor_is_refused_with_its_row(
    tmp_path, capsys, name
):
    write(tmp_path / "log.csv", f'confidence,correct,method\n0.5,1,good\n0.5,0,"{name}"\n')
    assert main(["replay", str(tmp_path / "log.csv")]) == 2
    told = capsys.readouterr().err
    assert "row 2" in told
    assert told.strip().endswith(f"`method` must be printable text on one line, got {name!a}")
    with pytest.raises(
        ValueError, match=r"`method` must be printable text on one line, got .* at index 1"
    ):
        Rollouts(confidence=[0.5, 0.5], correct=[1, 0], method=["good", name])


# ---------------------------------------------------------------- reading


def test_a_question_may_be_a_list_of_messages(tmp_path):
    one, other = [{"role": "user", "content": "2 + 2?"}], [{"role": "user", "content": "3 + 3?"}]
    rows = [{"confidence": 0.5, "correct": 1, "question": asked} for asked in (one, other, one)]
    write(tmp_path / "log.jsonl", "\n".join(map(json.dumps, rows)))
    for rollouts in (
        read_rollouts(tmp_path / "log.jsonl"),
        rollouts_from_frame({name: [row[name] for row in rows] for name in rows[0]}),
    ):
        assert rollouts.group.tolist() == [0, 1, 0]
        assert rollouts.question[1] == str(other)


def test_a_json_name_that_comes_twice_is_refused_as_a_column_is(tmp_path):
    good = '{"confidence": 0.5, "correct": 1}'
    write(tmp_path / "log.jsonl", good + '\n{"confidence": 0.5, "confidence": 0.7, "correct": 1}\n')
    with pytest.raises(
        RolloutError, match=r"line 2: every name must come once, got 'confidence' twice"
    ):
        read_rollouts(tmp_path / "log.jsonl")


def test_broken_json_is_placed_in_its_line_of_the_file(tmp_path):
    write(tmp_path / "log.jsonl", '{"confidence": 0.5, "correct": 1}\n{"confidence": 0.5,\n')
    with pytest.raises(RolloutError) as caught:
        read_rollouts(tmp_path / "log.jsonl")
    assert str(caught.value).count("line") == 1
    assert str(caught.value).endswith("(character 20)")  # where the next name would stand
    write(tmp_path / "log.jsonl", '{"confidence": 1' + "0" * 5000 + ', "correct": 1}\n')
    with pytest.raises(RolloutError, match="line 1: "):
        read_rollouts(tmp_path / "log.jsonl")


def test_a_log_without_any_confidence_is_named(tmp_path):
    write(tmp_path / "log.csv", "confidence,correct\n,1\n,0\n")
    with pytest.raises(
        RolloutError,
        match=r"log\.csv: `confidence` must be stated in at least one row, got none in 2",
    ):
        read_rollouts(tmp_path / "log.csv", missing=0.0)


def test_only_what_percentages_can_be_is_asked_about(tmp_path):
    for most, asked in ((100, True), (101, False)):
        write(tmp_path / "log.csv", f"confidence,correct\n{most},1\n")
        with pytest.raises(RolloutError) as caught:
            read_rollouts(tmp_path / "log.csv")
        assert ("if the log states percentages" in str(caught.value)) is asked


def test_a_complex_number_is_no_confidence():
    with pytest.raises(
        RolloutError, match=r"`confidence` must be a number in \[0, 1\], got \(0\.5\+0j\)"
    ):
        rollouts_from_frame({"confidence": np.array([0.5, 1j]), "correct": [1, 0]})


def test_a_missing_column_says_how_to_name_it_on_the_command_line_and_in_python(tmp_path):
    write(tmp_path / "log.csv", "belief,correct\n0.5,1\n")
    with pytest.raises(RolloutError) as caught:
        read_rollouts(tmp_path / "log.csv")
    assert '`--column confidence=NAME` (columns={"confidence": "NAME"})' in str(caught.value)
