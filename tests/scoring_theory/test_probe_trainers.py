"""What a probe calls and reads is what the trainer does: where it would stop, nothing holds.

Read in TRL 1.16 (`GRPOTrainer._calculate_rewards`), verl 0.9.1 (`NaiveRewardManager`,
`assemble_rm_scores`), OpenRLHF 0.11.2 (`SingleTurnExecutor`) and verifiers 0.4 (`Task.score`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scoring_theory.probing import ProbeError, probe
from scoring_theory.probing.calling import StoppedTrainerError, tensor_number, verifiers_number


def paid(text: str, truth: str) -> float:
    """c - (q - c)^2, and -2 for what cannot be read."""
    said = re.findall(r"<confidence>([0-9.]+)</confidence>", text)
    right = float(f"<answer>{truth}</answer>" in text)
    return right - (float(said[0]) - right) ** 2 if said and float(said[0]) <= 1 else -2.0


def trl(wrap: Callable[[float], Any]) -> Callable[..., Any]:
    def reward(completions: list[str], answer: list[str], **columns: Any) -> Any:
        return wrap(paid(completions[0], answer[0]))

    return reward


def verl(wrap: Callable[[float], Any]) -> Callable[..., Any]:
    def score(
        data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None
    ) -> Any:
        return wrap(paid(solution_str, ground_truth))

    return score


def openrlhf(wrap: Callable[[float], Any]) -> Callable[..., Any]:
    def reward_func(asked: list[str], beginnings: list[str], truths: list[str]) -> Any:
        return wrap(paid(asked[0][len(beginnings[0]) :], truths[0]))

    return reward_func


def verifiers(wrap: Callable[[float], Any]) -> Callable[..., Any]:
    async def reward(task: Any, trace: Any) -> Any:
        return wrap(paid(trace.last_reply, task.data.answer))

    return reward


async def later(value: float) -> list[float]:
    return [value]


class Plain:
    """An instance is callable; TRL calls the class itself with prompts."""

    def __call__(self, completions: list[str], answer: list[str], **columns: Any) -> list[float]:
        return [paid(completions[0], answer[0])]


class Later:
    async def __call__(self, completions: list[str], answer: Any, **columns: Any) -> list[float]:
        return [paid(completions[0], answer[0])]


class AsTensor:
    """A tensor of one element, as far as it matters here: it has no `tolist`."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return self.value


def generator(value: float) -> Iterator[float]:
    yield value


STOPPED: list[tuple[str, Callable[..., Any], str]] = [
    ("trl", trl(lambda r: r), r"returned 0.0 \(TRL would stop with a TypeError: it goes through"),
    ("trl", trl(lambda r: None), r"returned None \(TRL would stop with a TypeError"),
    ("trl", trl(np.float64), r"returned .*0.0.* \(TRL would stop with a TypeError"),
    ("trl", trl(lambda r: [str(r)]), "returned '0.0' as a reward, which is no number .*no str"),
    ("trl", trl(str), "returned '0.0' as a reward"),
    ("trl", trl(lambda r: [{"score": r}]), r"returned {'score': 0.0} as a reward.*takes no dict"),
    ("trl", trl(lambda r: [[r]]), "takes no list"),
    ("trl", trl(lambda r: np.array([[r]])), "takes no ndarray"),
    ("trl", trl(lambda r: [r, r]), r"returned 2 rewards for 1 completion \(TRL would stop"),
    ("trl", trl(later), "returned what must be awaited .* the function is no `async def`"),
    ("trl", Plain, "it is a class, which TRL would call as it stands"),
    ("trl", Plain.__call__, "it is a method of a class: give that of an instance"),
    ("trl", lambda completions, answer: [0.0], "takes no argument `prompts`, which TRL passes to"),
    ("trl", lambda prompts, completions, completion_ids: [0.0], "no argument `trainer_state`"),
    ("verl", verl(str), r"returned '0.0' as a reward.*verl would stop with an error"),
    ("verl", verl(lambda r: None), "returned None as a reward, which is no number"),
    ("verl", verl(lambda r: [r]), "verl would stop with an error: .* takes no list"),
    ("verl", verl(lambda r: {"score": str(r)}), "returned '0.0' as a reward"),
    ("verl", verl(lambda r: {"reward": r}), r"without the key `score` \(verl would stop"),
    ("verl", verl(later), r"must be awaited \(verl does not await it"),
    ("verl", lambda solution_str, ground_truth: 0.0, "no argument `data_source`, which verl"),
    ("openrlhf", openrlhf(lambda r: r), "returned 0.0, which is no dict .* no reward for the"),
    ("openrlhf", openrlhf(lambda r: [r]), "which is no dict"),
    ("openrlhf", openrlhf(lambda r: {"scores": r}), "without a value of `rewards`"),
    ("openrlhf", openrlhf(lambda r: {"rewards": str(r)}), "returned '0.0' as a reward"),
    ("openrlhf", openrlhf(lambda r: {"rewards": [r, r]}), "returned 2 rewards for 1 query"),
    ("openrlhf", openrlhf(later), r"returned what must be awaited \(OpenRLHF does not await it\)"),
    ("openrlhf", lambda queries, prompts: {"rewards": 0.0}, "by position: too many positional"),
    ("verifiers", verifiers(lambda r: None), "returned None as a reward.*verifiers 0.4 would stop"),
    ("verifiers", verifiers(lambda r: [r]), r"returned \[0.0\] as a reward"),
    ("verifiers", verifiers(lambda r: {"a": r, "b": None}), "returned None as a reward"),
    ("verifiers", lambda task, trace: 0.0, "returned 0.0 at once .* as from an `async def`"),
    ("verifiers", lambda completion, answer: {"a": 0.0}, "earlier releases pay 0"),
]  # fmt: skip
TAKEN: list[tuple[str, Callable[..., Any]]] = [
    ("trl", trl(generator)),
    ("trl", trl(lambda r: (r,))),
    ("trl", trl(lambda r: np.array([r]))),
    ("trl", trl(lambda r: [np.float64(r)])),
    ("trl", trl(lambda r: [AsTensor(r)])),
    ("trl", trl(lambda r: {r: "the keys are gone through"})),
    ("trl", Plain()),
    ("trl", Later()),
    ("trl", functools.partial(trl(lambda r: [r]), lam=1)),
    ("verl", verl(lambda r: r)),
    ("verl", verl(AsTensor)),
    ("verl", verl(lambda r: {"score": np.float64(r), "acc": "any"})),
    ("openrlhf", openrlhf(lambda r: {"rewards": r})),
    ("openrlhf", openrlhf(lambda r: {"rewards": [r], "scores": None})),
    ("openrlhf", openrlhf(lambda r: {"rewards": np.array([r])})),
    ("verifiers", verifiers(str)),
    ("verifiers", verifiers(lambda r: {"a": r / 2, "b": r / 2})),
    ("verifiers", lambda completion, answer: paid(completion, answer)),
]


@pytest.mark.parametrize(("framework", "function", "sentence"), STOPPED)
def test_where_the_trainer_would_stop_a_sentence_says_so(
    framework: str, function: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(ProbeError, match=sentence):
        probe(function, framework=framework)


@pytest.mark.parametrize(("framework", "function"), TAKEN)
def test_what_the_trainer_takes_holds(framework: str, function: Callable[..., Any]) -> None:
    found = probe(function, framework=framework)
    assert (found.formula, found.outcome()) == ("c - (q - c)^2", "holds")


@pytest.mark.parametrize("framework", ["trl", "verl", "openrlhf", "verifiers"])
def test_one_completion_that_stops_the_trainer_is_a_defect(framework: str) -> None:
    """-2 is what unreadable completions are paid."""
    make = {"trl": trl, "verl": verl, "openrlhf": openrlhf, "verifiers": verifiers}[framework]
    good = {"trl": lambda r: [r], "openrlhf": lambda r: {"rewards": r}}.get(framework, lambda r: r)
    found = probe(make(lambda r: good("none" if r == -2 else r)), framework=framework)
    assert (found.formula, found.outcome()) == ("c - (q - c)^2", "refuted")
    assert {defect.kind for defect in found.defects} == {"raises"}
    assert found.defects[0].reason.startswith(
        "no confidence: it returned 'none' as a reward, which is no number"
    )


def test_a_column_that_openrlhf_does_not_pass_is_refused() -> None:
    with pytest.raises(ProbeError, match="OpenRLHF passes no column, such as `task`"):
        probe(openrlhf(lambda r: {"rewards": r}), framework="openrlhf", columns={"task": 1})


@pytest.mark.parametrize("function", [Plain(), functools.partial(trl(lambda r: [r]), lam=1)])
def test_older_releases_of_trl_want_a_name(function: Callable[..., Any]) -> None:
    """TRL's pull request 6313, of July 2026, reads the name of the function within."""
    remark = "has no `__name__`, as a partial or an instance has none: TRL 1.16 takes that of"
    assert any(remark in each for each in probe(function).remarks)
    named = probe(trl(lambda r: [r]))
    assert not any("__name__" in each for each in named.remarks)


def test_sys_exit_is_an_error_of_the_function() -> None:
    def leaves(completions: list[str], answer: list[str], **columns: Any) -> list[float]:
        found = paid(completions[0], answer[0])
        return [found] if found != -2 else exit_now()

    def exit_now() -> list[float]:
        raise SystemExit(0)

    found = probe(leaves)
    assert (found.formula, found.outcome()) == ("c - (q - c)^2", "refuted")
    reason = (
        "no confidence: it raised SystemExit(0), as sys.exit does, which would end the training"
    )
    assert found.defects[0].reason == reason


def test_numbers_are_those_of_a_tensor_and_of_float() -> None:
    """`tests/frameworks` compares more values with torch itself."""
    for value in (1, True, Decimal("0.5"), np.float32(0.5), np.bool_(True), AsTensor(0.5)):
        assert tensor_number(value, "TRL") == float(value)
    for other in (
        "1",
        b"1",
        [1.0],
        (1.0,),
        {},
        None,
        1j,
        np.array(1.0),
        10**400,
        SimpleNamespace(),
    ):
        with pytest.raises(StoppedTrainerError, match="which is no number"):
            tensor_number(other, "TRL")
    assert verifiers_number("0.5") == 0.5
