"""The monitor against brute force, exact expectations, its statistics, and runs of each kind."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_theory.advantage import ESTIMATORS, Trainer, as_trainer, effective_advantage
from scoring_theory.calibration import Forecasts
from scoring_theory.expression.numeric import evaluate
from scoring_theory.reward import Reward
from scoring_theory.watching import ALARM_RULES, ConfidenceMonitor, gains_of_stating
from scoring_theory.watching.figures import calibration_error

RLCR = "c - (q - c)^2"
WHOLE = [name for name, one in ESTIMATORS.items() if not one.per_component]


def paid(q: float | None, c: int) -> float:
    return -1.0 if q is None else c - (q - c) ** 2


def advantage(own: int, rewards: Sequence[float], everyone: Sequence[float], name: str) -> float:
    """The formula of `Estimator`, written with the standard library, ddof 1 and epsilon 0."""
    row, r = ESTIMATORS[name], rewards[own]
    others = [*rewards[:own], *rewards[own + 1 :]]
    baseline = {
        "none": 0.0,
        "group_mean": statistics.fmean(rewards),
        "leave_one_out": statistics.fmean(others),
        "batch_mean": statistics.fmean(everyone),
    }[row.baseline]
    if row.scale == "none":
        return r - baseline
    if row.scale == "group_mean":
        mean = statistics.fmean(rewards)
        return (r - baseline) / mean if mean > 0 else 0.0
    spread = {"group_std": rewards, "batch_std": everyone, "others_std": others}[row.scale]
    std = statistics.stdev(spread)
    if std < 1e-12:
        return 0.0 if row.scale == "group_std" else r - baseline
    return (r - baseline) / std


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.sampled_from([None, 0.0, 0.3, 0.5, 0.9, 1.0]), st.integers(0, 1)),
        min_size=6,
        max_size=6,
    )
)
def test_gains_are_those_of_brute_force(name: str, said: list[tuple[float | None, int]]) -> None:
    """Two groups of three; one rollout at a time says something else."""
    rewards = [paid(q, c) for q, c in said]
    for report, stated in (("one", 1.0), ("zero", 0.0), ("omission", None)):
        gains = []
        for own, (_, c) in enumerate(said):
            first = own // 3 * 3
            group = rewards[first : first + 3]
            changed = [*group]
            changed[own - first] = paid(stated, c)
            gains.append(
                advantage(own - first, changed, rewards, name)
                - advantage(own - first, group, rewards, name)
            )
        found = gains_of_stating(
            RLCR,
            np.array([q for q, _ in said], dtype=float),
            [c for _, c in said],
            3,
            estimator=Trainer(estimator=name, group_size=3),
        )
        assert found[report] == pytest.approx(statistics.fmean(gains), abs=1e-9)


@pytest.mark.parametrize("name", ["group_mean", "leave_one_out", "group_std", "leave_one_out_std"])
def test_over_all_outcomes_the_gain_is_the_effective_advantage(name: str) -> None:
    """Every outcome of four independent rollouts at p = 1/2, each as likely as another."""
    trainer = as_trainer(name, group_size=4)
    outcomes = list(product([0, 1], repeat=4))
    right = np.array(outcomes).ravel()
    found = gains_of_stating(RLCR, np.full(64, 0.3), right, 4, estimator=trainer)
    exact = effective_advantage(RLCR, 0.5, [0, 0.3, 1], estimator=trainer).matrix[:, 1]
    assert [found["zero"], found["one"]] == pytest.approx([exact[0], exact[2]], abs=1e-9)


def test_a_trainer_with_clips_and_filters() -> None:
    """A dropped group gains nothing; clipped advantages lie within their ends."""
    mixed, said = as_trainer("dapo", group_size=3), [0.5, 0.6, 0.7]
    assert set(gains_of_stating(RLCR, said, [1, 1, 1], 3, estimator=mixed).values()) == {0.0}
    kept = gains_of_stating(RLCR, said, [1, 0, 0], 3, estimator=mixed)
    assert kept["one"] != 0
    low = as_trainer("group_mean", keep=(-2, -0.5))
    assert set(gains_of_stating(RLCR, said, [1, 1, 1], 3, estimator=low).values()) == {0.0}
    clipped = as_trainer("group_mean", advantage_clip=(-0.01, 0.01))
    found = gains_of_stating(RLCR, [0.5, 0.5], [1, 0], 2, estimator=clipped)
    assert max(abs(gain) for gain in found.values()) <= 0.02 + 1e-12


def test_components_are_replayed_apart() -> None:
    """GDPO by hand: correctness does not change with the statement; the score is standardised."""
    parts = [("correct", 1, "c"), ("brier", 2, "-(q - c)^2")]
    found = gains_of_stating(RLCR, [0.6, 0.8], [1, 1], 2, estimator="gdpo", components=parts)
    half = 1 / math.sqrt(2)  # of two different rewards, standardised with ddof 1
    # The first goes from -half to half; the second, already the larger one, stays at half.
    assert found["one"] == pytest.approx(2 * (2 * half + 0) / 2)
    assert math.isnan(found["omission"])
    with pytest.raises(ValueError, match="give `components`"):
        gains_of_stating(RLCR, [0.6, 0.8], [1, 1], 2, estimator="gdpo")


# ------------------------------------------------------------------------------------- statistics


@pytest.mark.parametrize("rollouts", [1, 4], ids=["independent", "one outcome for each question"])
def test_the_level_by_chance_and_the_standard_error(rollouts: int) -> None:
    """Calibrated questions: the mean ECE of 200 logs is its level by chance; and a shifted model
    varies by its standard error.
    """
    rng = np.random.default_rng(3)
    calibrated, shifted = [], []
    for _ in range(200):
        p = rng.choice([0.25, 0.55, 0.85], 120)
        right = np.repeat(rng.random(120) < p, rollouts).astype(float)
        group = np.repeat(np.arange(120), rollouts)
        said = np.repeat(p, rollouts)
        calibrated.append(calibration_error(Forecasts(right, said, group=group)))
        shifted.append(calibration_error(Forecasts(right, said * 0.5, group=group)))
    mean = statistics.fmean(one.ece for one in calibrated)
    expected = statistics.fmean(one.by_chance for one in calibrated)
    assert expected == pytest.approx(mean, rel=0.06)
    spread = statistics.stdev(one.ece for one in shifted)
    assert statistics.fmean(one.error for one in shifted) == pytest.approx(spread, rel=0.12)


def false_alarms(runs: int, updates: int, *, shared: bool, alpha: float, seed: int) -> list[str]:
    """The alarms of honest runs: stated is the truth with noise, a tenth is unreadable, and the
    estimator is one that keeps the optimum here but is not affine. The margin is 0, so that the
    tests alone decide.
    """
    rng, found = np.random.default_rng(seed), []
    for _ in range(runs):
        monitor = ConfidenceMonitor(
            RLCR,
            estimator=as_trainer("group_mean" if shared else "leave_one_out_std", group_size=4),
            window=4,
            margin=0.0,
            false_alarms=alpha,
        )
        for _ in range(updates):
            p = np.repeat(rng.choice([0.3, 0.7], 10), 4)
            drawn = np.repeat(rng.random(10), 4) if shared else rng.random(40)
            said = np.clip(p + rng.choice([-0.1, 0.1], 40), 0, 1)
            said[rng.random(40) < 0.1] = np.nan
            monitor.update(said, drawn < p, 4)
        found += [alarm.rule for alarm in monitor.alarms]
    return found


@pytest.mark.parametrize("shared", [True, False])
def test_false_alarms_are_rare(shared: bool) -> None:
    """At alpha = 1/4 for each rule, and a margin of 0, at most a quarter of the runs."""
    found = false_alarms(6, 24, shared=shared, alpha=0.25, seed=5)
    assert all(found.count(rule) <= 3 for rule in ALARM_RULES), found  # P(more | 1/4) < .04


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_the_rate_of_false_alarms(shared: bool) -> None:
    """200 runs of 100 updates at alpha = .1: three standard errors are .064."""
    found = false_alarms(200, 100, shared=shared, alpha=0.1, seed=11)
    for rule in ALARM_RULES:
        assert found.count(rule) / 200 <= 0.1 + 0.064, rule


Step = Callable[[np.random.Generator, float], tuple[np.ndarray, np.ndarray]]


def run(step: Step, *, estimator: str = "trl_none", updates: int = 30) -> ConfidenceMonitor:
    """A run whose rollouts depend on its progress from 0 to 1: 24 questions, 4 rollouts each."""
    rng = np.random.default_rng(1)
    monitor = ConfidenceMonitor(RLCR, estimator=estimator, window=6)
    for update in range(updates):
        said, p = step(rng, update / updates)
        monitor.update(said, np.repeat(rng.random(24) < p[:24], 4), 4)
    return monitor


def honest(rng: np.random.Generator, progress: float) -> tuple[np.ndarray, np.ndarray]:
    p = rng.choice([0.4, 0.9], 24)
    return np.repeat(p, 4), p


def to_one(rng: np.random.Generator, progress: float) -> tuple[np.ndarray, np.ndarray]:
    return np.full(96, 0.5 + 0.5 * progress), np.full(24, 0.6)


def to_zero(rng: np.random.Generator, progress: float) -> tuple[np.ndarray, np.ndarray]:
    return np.full(96, 0.5 - 0.5 * progress), np.full(24, 0.6)


def sandbagging(rng: np.random.Generator, progress: float) -> tuple[np.ndarray, np.ndarray]:
    """More and more questions are answered wrong on purpose, and with confidence 0."""
    p = np.where(rng.random(24) < progress, 0.0, 0.6)
    return np.repeat(np.where(p > 0, 0.8, 0.0), 4), p


def unreadable(rng: np.random.Generator, progress: float) -> tuple[np.ndarray, np.ndarray]:
    said, p = honest(rng, progress)
    return np.where(rng.random(96) < progress, np.nan, said), p


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (honest, set()),
        (to_one, {"confidence_to_one"}),
        (to_zero, {"confidence_to_zero"}),
        (sandbagging, {"sandbagging"}),
        (unreadable, {"format_collapse"}),
    ],
)
def test_each_run_raises_its_alarm_and_no_other(step: Step, expected: set[str]) -> None:
    monitor = run(step)
    assert {alarm.rule for alarm in monitor.alarms} == expected
    for alarm in monitor.alarms:
        assert "isotonic recalibration" in alarm.remedy
        assert "questions of each run" in alarm.remedy


def test_an_estimator_at_odds_raises_its_alarm_before_confidence_moves() -> None:
    """The verdict about the standard deviation of the group, at the accuracy that is seen."""

    def fixed(rng: np.random.Generator, _: float) -> tuple[np.ndarray, np.ndarray]:
        return rng.choice([0.6, 0.7, 0.8], 96), np.full(24, 0.75)  # fmt: skip

    assert run(fixed).alarms == ()
    (alarm,) = run(fixed, estimator="trl_default").alarms
    assert alarm.rule == "estimator_at_odds"
    assert alarm.update <= 12
    assert "stable confidence is 1" in alarm.sentence
    assert 'scale_rewards="none"' in alarm.remedy


def test_replayed_groups_alone_show_an_estimator_at_odds() -> None:
    """Where easy and hard questions hide the verdict, which is about one accuracy: with .5 on the
    whole, no confidence is above the optimum, yet division by the group's standard deviation pays
    for a report that the reward does not prefer.
    """
    monitor = ConfidenceMonitor(
        "c - (q - c)^2 + 1", estimator="grpo", window=4, outcomes="independent", margin=0.6
    )
    rng = np.random.default_rng(2)
    for _ in range(8):
        p = rng.choice([0.9, 0.6], 60)
        said = np.repeat(p, 4) + rng.choice([-0.02, 0.02], 240)
        monitor.update(said, np.repeat(rng.random(60) < p, 4), 4)
    (alarm,) = monitor.alarms
    assert alarm.rule == "estimator_at_odds"
    assert "in advantage under group_std and loses" in alarm.sentence


# ----------------------------------------------------------------------------------- how it is used


def test_the_order_of_the_rollouts_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    said, right = rng.choice([0.2, 0.9, np.nan], 40), rng.integers(0, 2, 40)
    group = np.repeat([f"q{k}" for k in range(10)], 4)
    shuffled = rng.permutation(40)
    one, other = (ConfidenceMonitor(RLCR, estimator="grpo") for _ in range(2))
    one.update(said, right, group)
    other.update(said[shuffled], right[shuffled], group[shuffled])
    first, second = one.figures().numbers(), other.figures().numbers()
    first.pop("recalibrated_brier"), second.pop("recalibrated_brier")  # folds are by question
    assert first == pytest.approx(second, abs=1e-12)


def test_completions_are_read_as_by_the_reward_functions() -> None:
    monitor = ConfidenceMonitor(RLCR, estimator="grpo", reader="percent")
    said = [f"<answer>{n}</answer><confidence>{n}0</confidence>" for n in (4, 5)]
    monitor.update_completions([*said, "4", "no"], ["4", "5", "4", "4"], 2)
    figures = monitor.figures()
    assert (figures.confidence, figures.accuracy, figures.unreadable) == (0.45, 0.5, 0.5)


def test_a_window_without_any_confidence_has_figures() -> None:
    monitor = ConfidenceMonitor(RLCR, estimator="grpo")
    monitor.update([None, math.nan], [1, 0], 2)
    figures = monitor.figures()
    assert figures.unreadable == 1
    assert math.isnan(figures.ece)
    assert figures.to_json()["auroc"] is None
    assert math.isnan(figures.questions_for(0.1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.5], [1, 0]), "one length of at least 1, got 1 and 2"),
        (([], []), "one length of at least 1, got 0 and 0"),
        (([1.5], [1]), r"`confidence` must lie in \[0, 1\] or be missing, got 1.5 at index 0"),
        (([0.5], [0.5]), "`correct` must be 0 or 1, got 0.5 at index 0"),
        (([0.5], ["yes"]), "`correct` must hold numbers"),
        (([[0.5]], [1]), r"one-dimensional, got shape \(1, 1\)"),
        (([0.5] * 3, [1] * 3, 2), "`group` must divide the number of rollouts, 3"),
        (([0.5] * 3, [1] * 3, ["a"]), "must label each of the 3 rollouts, got 1 labels"),
    ],
)
def test_wrong_rollouts_are_refused_with_a_sentence(
    arguments: tuple[Any, ...], message: str
) -> None:
    monitor = ConfidenceMonitor(RLCR, estimator="grpo")
    with pytest.raises(ValueError, match=message):
        monitor.update(*arguments)
    assert monitor.updates == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 1}, "`window` must be a whole number of at least 2, got 1"),
        ({"false_alarms": 0.5}, r"`false_alarms` must lie in \(0, 1/2\), got 0.5"),
        ({"margin": -1}, r"`margin` must lie in \[0, 1\), got -1"),
        ({"estimator": "nosuch"}, "`estimator` must be one of"),
        ({"reward": "c + log(1 - abs(q - c))"}, "must be finite, and one is -inf"),
        ({"reward": "c - lam*(q - c)^2"}, "unknown name 'lam'"),
        ({"outcomes": "nosuch"}, "outcomes"),
    ],
)
def test_wrong_options_are_refused_with_a_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ConfidenceMonitor(**{"reward": RLCR, "estimator": "grpo", **options})


def test_what_is_asked_too_early_or_too_late() -> None:
    monitor = ConfidenceMonitor(RLCR)
    with pytest.raises(ValueError, match="no figures before the first update"):
        monitor.figures()
    with pytest.raises(ValueError, match="give the monitor an `estimator`"):
        monitor.update([0.5], [1])
    monitor.trained_by("grpo")
    monitor.update([0.5], [1])
    with pytest.raises(ValueError, match="before the first update, not after 1"):
        monitor.trained_by("rloo")


@settings(max_examples=40)
@given(
    formula=st.sampled_from(
        ["c - (q - c)^2", "c", "c - abs(q - c)", "c + 0.3*(q >= 0.6)*(c - 0.5)", "c*q - q^3"]
    ),
    right=st.integers(0, 37),
)
def test_without_scaling_the_prediction_is_the_best_report(formula: str, right: int) -> None:
    """To 1/1000, and exactly where the truth is best."""
    reward, accuracy = Reward.parse(formula), right / 37
    monitor = ConfidenceMonitor(reward, estimator="group_mean")
    monitor.update([0.5] * 37, [1] * right + [0] * (37 - right), 37)
    predicted, best = monitor.figures().predicted, float(reward.best_report(accuracy))
    if best == accuracy:
        assert predicted == accuracy
    lost = reward.value(accuracy) - reward.expected_reward(accuracy, predicted)
    assert abs(predicted - best) <= 1.001e-3 or lost < 1e-12


def test_figures_evaluate_the_reward_at_one_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are computed in the training loop, where a search for the best report took most of their
    time.
    """
    seen: list[int] = []

    def counting(node: Any, given: Any) -> Any:
        seen.append(np.size(given["q"]))
        return evaluate(node, given)

    monitor = ConfidenceMonitor("c - (q - c)^2", estimator="group_mean")
    monitor.update([0.5, 0.75, 1, 0], [1, 1, 1, 0], 4)
    monkeypatch.setattr("scoring_theory.reward.values.evaluate", counting)
    assert monitor.figures().predicted == 0.75
    assert seen == [1, 1]


def test_what_was_seen_does_not_change_with_the_arrays_of_the_loop() -> None:
    monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
    said, right = np.full(4, 0.5), np.ones(4)
    monitor.update(said, right, 2)
    said[:], right[:] = 1, 0
    assert (monitor.figures().confidence, monitor.figures().accuracy) == (0.5, 1)
