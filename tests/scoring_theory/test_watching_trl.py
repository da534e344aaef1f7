"""The watcher as TRL's trainer calls it: events, rewards, logs (really: tests/frameworks)."""

from __future__ import annotations

import asyncio
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_theory import as_trl
from scoring_theory.watching import ConfidenceAlarm, ConfidenceMonitor, watch_trl
from scoring_theory.watching.trl import trl_estimator

RLCR = "c - (q - c)^2"
SAID = [f"<answer>4</answer><confidence>{q}</confidence>" for q in (0.5, 0.9, 0.7, 1)]
BATCH: dict[str, Any] = {
    "prompts": ["2 + 2?"] * 4,
    "completions": SAID,
    "solution": ["4", "4", "5", "5"],
    "trainer_state": None,
}


class Loggers:
    """What TRL gives to a reward function, and keeps."""

    def __init__(self) -> None:
        self.extra: dict[str, list[Any]] = {}
        self.metrics: dict[str, float] = {}

    def given(self) -> dict[str, Any]:
        return {
            **BATCH,
            "log_extra": self.extra.__setitem__,
            "log_metric": self.metrics.__setitem__,
        }


def configured(scale: object, generations: int = 2) -> SimpleNamespace:
    return SimpleNamespace(scale_rewards=scale, num_generations=generations)


def test_the_reward_is_the_same_and_the_figures_are_logged() -> None:
    loggers, plain = Loggers(), Loggers()
    watcher = watch_trl(as_trl(RLCR, name="rlcr"), ConfidenceMonitor(RLCR))
    watcher.on_train_begin(configured("none"), None, None)
    watcher.on_step_begin(None, None, None)
    assert watcher.reward(**loggers.given()) == as_trl(RLCR, name="rlcr")(**plain.given())
    assert watcher.reward.__name__ == "rlcr"
    assert loggers.extra == plain.extra
    assert loggers.metrics["confidence_monitor/confidence"] == pytest.approx(0.775)
    assert loggers.metrics["confidence_monitor/questions"] == 2
    assert loggers.metrics.keys() > plain.metrics.keys()
    assert str(watcher.monitor.trainer) == "TRL GRPOTrainer without scaling: group_mean, G = 2"


def test_an_asynchronous_reward_stays_one() -> None:
    loggers, monitor = Loggers(), ConfidenceMonitor(RLCR, estimator="trl_none")
    watcher = watch_trl(as_trl(RLCR, asynchronous=True), monitor)
    assert asyncio.iscoroutinefunction(watcher.reward)
    assert asyncio.run(watcher.reward(**loggers.given()))[0] == 0.75
    assert monitor.updates == 1


def test_evaluation_is_not_watched() -> None:
    watcher = watch_trl(as_trl(RLCR), ConfidenceMonitor(RLCR))
    watcher.on_train_begin(configured("group"), None, None)
    watcher.reward(**Loggers().given())
    assert watcher.monitor.updates == 0
    for _ in range(2):
        watcher.on_step_begin(None, None, None)
        watcher.reward(**Loggers().given())
        watcher.on_step_end(None, None, SimpleNamespace())
        watcher.on_evaluate(None, None, None)  # an event that the watcher does not need
    assert watcher.monitor.updates == 2


def test_an_alarm_warns_once_and_can_end_the_training() -> None:
    monitor = ConfidenceMonitor(RLCR, window=2)
    watcher = watch_trl(as_trl(RLCR), monitor, stop=True)
    watcher.on_train_begin(configured("group", 4), None, None)
    batch = {
        **BATCH,
        "prompts": ["?"] * 160,
        "completions": SAID[:2] * 80,
        "solution": (["4"] * 12 + ["5"] * 4) * 10,  # three of four groups are right
    }
    control = SimpleNamespace(should_training_stop=False)
    with warnings.catch_warnings(record=True, action="always") as caught:
        for _ in range(6):
            watcher.on_step_begin(None, None, control)
            watcher.reward(**batch)
            watcher.on_step_end(None, None, control)
    told = [str(one.message) for one in caught if one.category is ConfidenceAlarm]
    assert [alarm.rule for alarm in monitor.alarms] == ["estimator_at_odds"]
    assert told == list(map(str, monitor.alarms))
    assert control.should_training_stop


def test_a_truth_of_none_is_left_out() -> None:
    monitor = ConfidenceMonitor(RLCR, estimator="trl_none")
    watcher = watch_trl(as_trl(RLCR, no_truth="skip"), monitor)
    watcher.reward(**{**BATCH, "solution": ["4", None, None, "5"]})
    assert monitor.figures().answers == 2
    watcher.reward(**{**BATCH, "solution": [None] * 4})
    assert monitor.updates == 1


def test_columns_with_the_name_of_the_function_before_them() -> None:
    def reward(prompts: list[str], log_extra: Any, **_: Any) -> list[float]:
        log_extra("mine/confidence", [0.5] * len(prompts))
        log_extra("mine/correct", [1] * len(prompts))
        return [1.0] * len(prompts)

    monitor = ConfidenceMonitor(RLCR, estimator="trl_none")
    watch_trl(reward, monitor).reward(prompts=["?", "?"])
    assert monitor.figures().confidence == 0.5
    with pytest.raises(ValueError, match=r"must log one column `confidence`.*got none"):
        watch_trl(lambda prompts, log_extra: [1.0], monitor).reward(prompts=["?"])


def test_without_an_estimator_it_says_how_to_give_one() -> None:
    watcher = watch_trl(as_trl(RLCR), ConfidenceMonitor(RLCR))
    with pytest.raises(ValueError, match=r"callbacks=\[watcher\]"):
        watcher.reward(**BATCH)


@pytest.mark.parametrize(
    ("scale", "estimator"),
    [
        ("group", "group_std"),
        (True, "group_std"),
        ("none", "group_mean"),
        (False, "group_mean"),
        ("batch", "batch_std"),
    ],
)
def test_the_estimator_is_that_of_the_configuration(scale: object, estimator: str) -> None:
    found = trl_estimator(configured(scale, 5))
    assert (found.estimator, found.group_size) == (estimator, 5)


def test_other_configurations() -> None:
    gdpo = SimpleNamespace(
        scale_rewards="group", num_generations=8, multi_objective_aggregation="normalize_then_sum"
    )
    assert trl_estimator(gdpo).estimator == "component_std"
    assert trl_estimator(SimpleNamespace(num_generations=2)).name == "TRL RLOOTrainer"
    with pytest.raises(ValueError, match="`scale_rewards` must be one of group, none, batch, got"):
        trl_estimator(configured("nosuch"))


class Counted(list[str]):
    """Prompts that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        Counted.looks += 1
        return super().__getitem__(place)


def test_the_prompts_of_a_batch_are_passed_once() -> None:
    prompts = Counted(["a", "a", "b", "b"] * 50)
    watcher = watch_trl(as_trl(RLCR), ConfidenceMonitor(RLCR, estimator="trl_none"))
    watcher.take({"confidence": [0.5] * 200, "correct": [1] * 200}, prompts, None)
    assert watcher.monitor.figures().questions == 100
    assert Counted.looks <= 2 * len(prompts)


@settings(max_examples=40)
@given(every=st.integers(1, 12), serves=st.integers(1, 5), first=st.booleans())
def test_figures_are_computed_for_the_steps_that_are_logged(
    every: int, serves: int, first: bool
) -> None:
    """A batch serves some steps; each line of the log after the first batches has figures, those of
    the last batch before it.
    """
    watcher = watch_trl(as_trl(RLCR), ConfidenceMonitor(RLCR, estimator="trl_none"))
    args = SimpleNamespace(logging_strategy="steps", logging_first_step=first)
    computed = []
    for step in range(0, 60, serves):
        state = SimpleNamespace(global_step=step, logging_steps=every)
        loggers = Loggers()
        watcher.on_step_begin(args, state, None)
        watcher.reward(**loggers.given())
        if "confidence_monitor/ece" in loggers.metrics:
            computed.append(step)
    lines = [step for step in range(every, 60 - serves, every) if step > serves]
    last = {max(range(0, line, serves)) for line in lines}
    assert last <= set(computed)
    assert (0 in computed) == (first or every == 1)
    assert len(computed) <= len(last) + 3
    assert watcher.monitor.updates == len(range(0, 60, serves))
