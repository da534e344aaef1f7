"""What reward functions log: under their own name, and no mean contains a number that stands for a
missing confidence.
"""

from __future__ import annotations

import asyncio
import inspect
import runpy
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.adapters import (
    FRAMEWORKS,
    as_nemo_gym,
    as_openrlhf,
    as_skyrl,
    as_slime,
    as_tinker,
    as_trl,
    as_trl_parts,
    as_verifiers,
    as_verl,
    export,
    scorer,
)
from scoring_theory.adapters.score import MEASURED, mean_numbers

RLCR = "c - (q - c)**2"
GRADE = scorer(RLCR)
Logs = list[dict[str, float | None]]


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


# The answer is "4" each time. Unreadable: no confidence, one that is not a number, and a stated
# confidence without an answer, which is read, but belongs to nothing.
READABLE = st.builds(said, st.sampled_from(["4", "5"]), st.sampled_from(["0", "0.25", "90%", "1"]))
LOST = st.sampled_from(["4", said("4", "nan"), "<confidence>0.5</confidence>", ""])
BATCHES = st.lists(READABLE | LOST, min_size=1, max_size=9)


# The calls are those of the trainers; each returns what is logged of each completion.


@cache
def made(maker: Any, name: str) -> Any:
    """The function of a trainer, whose reward is checked once."""
    return maker(RLCR, name=name)


def verl(name: str, texts: Sequence[str]) -> Logs:
    compute = made(as_verl, name)
    logs = [compute("d", text, "4", extra_info={}) for text in texts]
    return [{**log, f"{name}/correct": log["acc"]} for log in logs]


def slime(name: str, texts: Sequence[str]) -> Logs:
    samples = [SimpleNamespace(prompt="?", response=text, label="4", metadata={}) for text in texts]
    found: Logs = asyncio.run(made(as_slime, name)(None, samples))
    return found


def verifiers(name: str, texts: Sequence[str]) -> Logs:
    function, logs = made(as_verifiers, name), []
    for text in texts:
        log: dict[str, float | None] = {}
        trace = SimpleNamespace(last_reply=text, record_metrics=log.update)
        asyncio.run(function(SimpleNamespace(answer="4"), trace))
        logs.append(log)
    return logs


def tinker(name: str, texts: Sequence[str]) -> Logs:
    function = made(as_tinker, name)
    return [
        dict(asyncio.run(function([{"role": "assistant", "content": text}], truth="4"))[1])
        for text in texts
    ]


def skyrl(name: str, texts: Sequence[str]) -> Logs:
    logs = []
    for text in texts:
        environment = made(as_skyrl, name)(
            env_config={}, extras={"reward_spec": {"ground_truth": "4"}}
        )
        environment.init([{"role": "user", "content": "2 + 2?"}])
        environment.step(text)
        logs.append(dict(environment.get_metrics()))
    return logs


def nemo_gym(name: str, texts: Sequence[str]) -> Logs:
    function, logs = made(as_nemo_gym, name), []
    for text in texts:
        part = SimpleNamespace(text=text)
        reply = SimpleNamespace(type="message", role="assistant", content=[part])
        body = SimpleNamespace(expected_answer="4", response=SimpleNamespace(output=[reply]))
        found = asyncio.run(function(body))
        logs.append({key.replace(f"{name}_", f"{name}/", 1): one for key, one in found.items()})
    return logs


EACH: dict[str, Callable[[str, Sequence[str]], Logs]] = {
    "verl": verl,
    "slime": slime,
    "verifiers": verifiers,
    "tinker": tinker,
    "skyrl": skyrl,
    "nemo_gym": nemo_gym,
}


def mean(logs: Sequence[Mapping[str, float | None]], key: str) -> float | None:
    """The mean that these trainers take: over the completions where the number is not None."""
    values = [value for log in logs if (value := log.get(key)) is not None]
    return fmean(values) if values else None


def by_hand(texts: Sequence[str]) -> dict[str, float | None]:
    """The definition: means over readable completions, and accuracy over all."""
    scores = [GRADE(text, "4") for text in texts]
    read = [(one.confidence, float(one.correct)) for one in scores if one.format_ok]
    brier = [(q - c) ** 2 for q, c in read if q is not None]
    return {
        "correct": fmean(float(one.correct) for one in scores),
        "format_ok": len(read) / len(texts),
        "confidence": fmean(q for q, _ in read if q is not None) if read else None,
        "brier": fmean(brier) if brier else None,
        "calibration": -fmean(brier) if brier else None,  # RLCR: R - c is minus Brier
    }


def test_every_trainer_is_covered() -> None:
    assert {*EACH, "trl", "openrlhf"} == {*FRAMEWORKS}


@given(BATCHES)
@pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")
def test_means_are_over_readable_completions(texts: list[str]) -> None:
    expected = by_hand(texts)
    for call in EACH.values():
        logs = call("mine", texts)
        found = {key: mean(logs, f"mine/{key}") for key in expected}
        assert found == pytest.approx(expected)


@given(BATCHES)
@pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")
def test_trl_logs_the_means_and_the_unreadable_share(texts: list[str]) -> None:
    metrics: dict[str, float] = {}
    columns: dict[str, list[object]] = {}
    made(as_trl, "mine")(
        prompts=["?"] * len(texts),
        completions=texts,
        solution=["4"] * len(texts),
        log_metric=metrics.__setitem__,
        log_extra=columns.__setitem__,
    )
    expected = {f"mine/{key}": one for key, one in by_hand(texts).items() if one is not None}
    expected["mine/unreadable"] = 1 - expected["mine/format_ok"]
    assert metrics == pytest.approx(expected)
    assert {*columns} == {"mine/confidence", "mine/correct", "mine/problem"}
    stated = [q for q in columns["mine/confidence"] if q is not None]
    assert len(stated) == round(expected["mine/format_ok"] * len(texts))


@given(BATCHES)
@pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")
def test_openrlhf_logs_products_whose_ratio_is_the_mean(texts: list[str]) -> None:
    """It averages all keys over all samples, and fails without a number."""
    function = made(as_openrlhf, "mine")
    logs = [function([f"Q: {text}"], ["Q: "], ["4"])["extra_logs"] for text in texts]
    assert all(isinstance(value, float) for log in logs for value in log.values())
    assert len({tuple(log) for log in logs}) == 1
    expected, means = by_hand(texts), {key: fmean(log[key] for log in logs) for key in logs[0]}
    assert means["mine/correct"] == pytest.approx(expected["correct"])
    share = means["mine/format_ok"]
    for key in MEASURED:
        if share:
            assert means[f"mine/format_ok*{key}"] / share == pytest.approx(expected[key])


def test_a_sentinel_would_be_seen() -> None:
    """Teeth: with -1 for the confidence that is missing, the mean is another one."""
    texts = [said("4", "0.8"), "4"]
    assert mean(verl("mine", texts), "mine/confidence") == 0.8
    logs: Logs = [
        {key: -1.0 if value is None else value for key, value in log.items()}
        for log in verl("mine", texts)
    ]
    assert mean(logs, "mine/confidence") != by_hand(texts)["confidence"]


def test_two_functions_do_not_overwrite_each_other() -> None:
    """Columns, metrics and components of one have no name of the other."""
    texts = [said("4", "0.8"), "4"]
    for call in EACH.values():
        one, other = ({*log} for log in (call("one", texts)[0], call("other", texts)[0]))
        shared = {key for key in one & other if not key.startswith("scoring_theory")}
        assert shared <= {"score", "acc", "reward"}
    columns: list[str] = []
    means: list[str] = []
    for name in ("one", "other"):
        made(as_trl, name)(
            prompts=["?"] * 2,
            completions=texts,
            solution=["4"] * 2,
            log_extra=lambda key, _: columns.append(key),
            log_metric=lambda key, _: means.append(key),
        )
    assert len(columns) == len({*columns}) == 6
    assert len(means) == len({*means}) == 12
    trace = SimpleNamespace(last_reply=texts[0])
    parts = [
        asyncio.run(made(as_verifiers, name)(SimpleNamespace(answer="4"), trace))
        for name in ("one", "other")
    ]
    assert not {*parts[0]} & {*parts[1]}
    assert sum({**parts[0], **parts[1]}.values()) == pytest.approx(2 * (1 - 0.04))


def test_a_trace_of_verifiers_keeps_confidence_and_format() -> None:
    log, lost = verifiers("mine", [said("4", "0.8"), "<answer>4</answer>"])
    assert log == pytest.approx(
        {
            "mine/correct": 1.0,
            "mine/format_ok": 1.0,
            "mine/confidence": 0.8,
            "mine/brier": 0.04,
            "mine/calibration": -0.04,
        }
    )
    assert lost == {"mine/correct": 1.0, "mine/format_ok": 0.0}


def test_calibration_of_a_trace_has_no_format_failures() -> None:
    """A right answer without a confidence earns -1, which is no fault of calibration."""
    trace = SimpleNamespace(last_reply="<answer>4</answer>")
    found = asyncio.run(made(as_verifiers, "mine")(SimpleNamespace(answer="4"), trace))
    assert found == {"mine/correctness": 1.0, "mine/unreadable": -2.0}


@pytest.mark.parametrize("text", ["-(q - c)^2", "1 - (q - c)^2"])
def test_all_of_a_score_is_calibration(text: str, tmp_path: Path) -> None:
    """A formula without c has no c to take away, for forecasts and as one of several functions."""
    offset = float(text.startswith("1"))
    options: dict[str, Any] = {"forecast": True}
    forecast = said("4", "0.5")
    expected = [offset - 0.25] * 2
    one = as_verl(text, **options)
    assert [one("d", forecast, e)["scoring_theory/calibration"] for e in (1, 0)] == expected
    path = export(text, tmp_path / "forecast.py", framework="verl", **options)
    exported = runpy.run_path(str(path))["compute_score"]
    assert [exported("d", forecast, e) for e in (1, 0)] == [one("d", forecast, e) for e in (1, 0)]
    metrics: dict[str, float] = {}
    batch = {"prompts": ["?"] * 3, "completions": [forecast, said("4", "1"), ""]}
    as_trl(text, **options)(**batch, solution=[1, 1, 0], log_metric=metrics.__setitem__)
    assert metrics["scoring_theory/calibration"] == offset - 0.125
    accuracy = as_trl_parts(text, weights=(1, 0.5, 0.2), name="r").functions[0]
    accuracy(**batch, solution=["4", "5", "4"], log_metric=metrics.__setitem__)
    assert metrics["r/calibration"] == offset - 0.625  # 1/4 for the first and 1 for the second
    trace = SimpleNamespace(last_reply=forecast)
    found = asyncio.run(as_verifiers(text, **options)(SimpleNamespace(answer="yes"), trace))
    assert found == {"scoring_theory/calibration": offset - 0.25}
    lost = SimpleNamespace(last_reply="")
    found = asyncio.run(as_verifiers(text, **options)(SimpleNamespace(answer="yes"), lost))
    assert found == {"scoring_theory/unreadable": offset - 1.0}


def test_a_reward_for_an_event_keeps_its_c_apart() -> None:
    log = as_verl(RLCR, forecast=True)("d", said("4", "0.5"), 1)
    assert log["scoring_theory/calibration"] == -0.25


def test_a_batch_that_nobody_scores_logs_nothing() -> None:
    assert mean_numbers([None, None]) == {}


def test_signatures_begin_as_the_trainers_call_them() -> None:
    """Bound arguments are keyword-only or gone, so that a trainer cannot give them by place."""
    expected = {
        as_verl: ["data_source", "solution_str", "ground_truth", "extra_info"],
        as_openrlhf: ["queries", "prompts", "labels"],
        as_slime: ["args", "sample"],
        as_tinker: ["messages", "truth"],
        as_nemo_gym: ["body"],
    }
    for maker, names in expected.items():
        parameters = inspect.signature(made(maker, "mine")).parameters.values()
        by_place = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
        assert by_place == names
