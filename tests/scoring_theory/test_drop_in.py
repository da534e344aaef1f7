"""A checked reward in each trainer's way of calling; the trainers themselves are called in
`tests/frameworks`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scoring_theory
from scoring_theory import adapters
from scoring_theory.adapters import FRAMEWORKS, as_openrlhf, as_trl, as_verifiers, as_verl
from scoring_theory.adapters.openrlhf import response
from scoring_theory.advantage import TRAINERS
from scoring_theory.cli.commands import WITHOUT_SIMULATION
from scoring_theory.reward import Reward
from simulations.cli import main

RLCR = Reward.parse("c - (q - c)**2")


def said(answer: str, confidence: str) -> str:
    return f"<answer>{answer}</answer><confidence>{confidence}</confidence>"


class Trl:
    """Calls a reward as TRL 1.16's GRPOTrainer does: keywords only, dataset columns, two loggers,
    sync or async.
    """

    def __init__(self) -> None:
        self.extra: dict[str, list[object]] = {}
        self.metrics: dict[str, float] = {}

    def call(
        self, function: Any, completions: Sequence[object], **columns: Sequence[object]
    ) -> list[float]:
        keywords = {
            "prompts": ["2 + 2?"] * len(completions),
            "completions": completions,
            "completion_ids": [[1, 2]] * len(completions),
            **columns,
            "trainer_state": SimpleNamespace(global_step=3),
            "log_extra": self.extra.__setitem__,
            "log_metric": self.metrics.__setitem__,
        }
        given: Any = function(**keywords)
        rewards: list[float] = asyncio.run(given) if inspect.iscoroutine(given) else given
        assert len(rewards) == len(completions)
        assert all(isinstance(one, float) for one in rewards)
        return rewards


@pytest.mark.parametrize("asynchronous", [False, True])
def test_trl(asynchronous: Any) -> None:
    trainer, function = Trl(), as_trl(RLCR, asynchronous=asynchronous, name="rlcr")
    texts = [said("4", "0.5"), said("5", "0.5"), "4"]
    assert trainer.call(function, texts, solution=["4"] * 3) == [0.75, -0.25, -1.0]
    chats = [[{"role": "assistant", "content": text}] for text in texts]
    assert trainer.call(function, chats, solution=["4"] * 3) == [0.75, -0.25, -1.0]
    assert trainer.extra["rlcr/confidence"] == [0.5, 0.5, None]
    assert trainer.metrics["rlcr/format_ok"] == pytest.approx(2 / 3)
    assert trainer.metrics["rlcr/confidence"] == 0.5
    assert function.__name__ == "rlcr"
    assert inspect.iscoroutinefunction(function) is asynchronous


def test_trl_takes_another_column_and_names_a_missing_one() -> None:
    assert Trl().call(as_trl(RLCR, truth="gold"), [said("4", "1")], gold=["4"]) == [1.0]
    with pytest.raises(ValueError, match=r"no column `solution` \(it has gold, trainer_state\)"):
        Trl().call(as_trl(RLCR), [said("4", "1")], gold=["4"])
    with pytest.raises(ValueError, match=r"no column `solution` \(it has none\)"):
        as_trl(RLCR)(prompts=["?"], completions=["4"])


def test_columns_of_two_lengths_are_told_as_such() -> None:
    with pytest.raises(ValueError, match="one length, got completions: 1, gold: 2"):
        Trl().call(as_trl(RLCR, truth="gold"), [said("4", "1")], gold=["4", "5"])
    with pytest.raises(ValueError, match="one length, got queries: 1, prompts: 2, labels: 1"):
        as_openrlhf(RLCR)(["?4"], ["?", "!"], ["4"])


def test_verl() -> None:
    compute_score = functools.partial(
        as_verl(RLCR), some_reward_kwarg=1
    )  # verl binds reward_kwargs like this
    good = compute_score(
        data_source="gsm8k",
        solution_str=said("4", "0.5"),
        ground_truth="4",
        extra_info={"index": 0},
    )
    bad = compute_score(data_source="gsm8k", solution_str="4", ground_truth="4")
    name = "scoring_theory/confidence"
    assert (good["score"], good["acc"], good[name]) == (0.75, 1.0, 0.5)
    assert (bad["score"], bad["scoring_theory/format_ok"], bad[name]) == (-1.0, 0.0, None)
    assert good.keys() == bad.keys()
    assert all(isinstance(value, float) for value in good.values())


def test_openrlhf_one_sample_at_a_time_in_a_thread() -> None:
    prompt = "<|im_start|>user\nWrite <answer>..</answer><confidence>..</confidence>.<|im_end|>"
    reward_func = as_openrlhf(RLCR)
    result = asyncio.run(
        asyncio.to_thread(reward_func, [f"{prompt}{said('4', '0.5')}<|im_end|>"], [prompt], ["4"])
    )
    assert (result["rewards"], result["scores"]) == (0.75, 0.75)
    assert result["extra_logs"] == {
        "scoring_theory/correct": 1.0,
        "scoring_theory/format_ok": 1.0,
        "scoring_theory/format_ok*confidence": 0.5,
        "scoring_theory/format_ok*brier": 0.25,
        "scoring_theory/format_ok*calibration": -0.25,
    }


def test_openrlhf_finds_the_seam_and_refuses_a_strange_one() -> None:
    reward_func = as_openrlhf(RLCR)
    assert reward_func([f"<s>hi {said('4', '0.5')}</s>"], ["hi "], ["4"])["rewards"] == 0.75
    many = reward_func([f"a{said('4', '1')}", f"b{said('5', '1')}"], ["a", "b"], ["4", "4"])
    assert many["rewards"] == [1.0, -1.0]
    assert many["extra_logs"]["scoring_theory/correct"] == [1.0, 0.0]
    with pytest.raises(ValueError, match=r"prompt and response, .* must start with its prompt"):
        reward_func(["hello"], ["hi"], ["4"])


def test_openrlhf_cuts_off_what_is_left_of_a_prompt_that_was_too_long() -> None:
    """The trainer drops the beginning of a long prompt; its example tags must not be read as the
    model's.
    """
    prompt = "Think. Then write <answer>..</answer><confidence>..</confidence>. What is 2 + 2?"
    for dropped in (0, 7, 40, len(prompt) - 8):
        assert response(prompt[dropped:] + said("4", "1"), prompt) == said("4", "1")
    with pytest.raises(ValueError, match="must start with its prompt"):
        response("2?" + said("4", "1"), prompt)


@given(st.text("ab", min_size=8, max_size=30), st.text("ab", max_size=30), st.integers(0, 22))
def test_the_seam_is_the_longest_end_of_the_prompt(prompt: str, said_so: str, dropped: int) -> None:
    query = prompt[min(dropped, len(prompt) - 8) :] + said_so
    longest = next(prompt[i:] for i in range(len(prompt)) if query.startswith(prompt[i:]))
    assert response(query, prompt) == query[len(longest) :]


def test_verifiers_adds_components_up() -> None:
    class Task:
        """The parts of verifiers' Task that a reward method meets."""

        data = SimpleNamespace(answer="4", gold="5")
        rlcr = as_verifiers(RLCR, name="rlcr")
        other = as_verifiers(RLCR, truth=lambda data: data.gold)

    trace = SimpleNamespace(last_reply=said("4", "0.5"))
    assert sum(asyncio.run(Task().rlcr(trace)).values()) == 0.75
    assert sum(asyncio.run(Task().other(trace)).values()) == -0.25
    assert sum(asyncio.run(Task().rlcr(SimpleNamespace(last_reply=None))).values()) == -1.0
    assert inspect.iscoroutinefunction(Task.rlcr)


def test_verifiers_as_a_function_named_in_a_configuration() -> None:
    """The framework then gives the task's data under the name `task`."""
    plugged = as_verifiers(RLCR)
    trace = SimpleNamespace(last_reply=said("4", "0.5"))
    assert sum(asyncio.run(plugged(task=SimpleNamespace(answer="4"), trace=trace)).values()) == 0.75
    with pytest.raises(ValueError, match="no field `answer`"):
        asyncio.run(plugged(task=SimpleNamespace(gold="4"), trace=trace))


def test_a_typed_formula_is_a_reward() -> None:
    text, trace = said("4", "0.5"), SimpleNamespace(last_reply=said("4", "0.5"))
    formula = "c - (q - c)**2"
    assert as_trl(formula, truth="gold")(prompts=["?"], completions=[text], gold=["4"]) == [0.75]
    assert as_verl(formula)("d", text, "4")["score"] == 0.75
    assert as_openrlhf(formula)([f"?{text}"], ["?"], ["4"])["rewards"] == 0.75
    assert (
        sum(asyncio.run(as_verifiers(formula)(SimpleNamespace(answer="4"), trace)).values()) == 0.75
    )
    for adapter in (as_trl, as_verl, as_openrlhf, as_verifiers):
        with pytest.raises(ValueError, match="loophole"):
            adapter(formula, missing=0.5)
    with pytest.raises(ValueError, match="unknown name 'lam'"):
        as_trl("c - lam*(q - c)**2")


@pytest.mark.parametrize(
    ("options", "words"),
    [({"truth": "the truth"}, "`truth` must be a name"), ({"name": ""}, "`name` must be a name")],
)
def test_bad_wiring_is_refused_before_training(options: Any, words: str) -> None:
    for adapter in (as_trl, as_verifiers):
        with pytest.raises(ValueError, match=words):
            adapter(RLCR, **options)


def test_a_group_of_hostile_texts_is_scored_to_the_end() -> None:
    texts = [
        "",
        "<answer>",
        said("4", "1e400%"),
        said("4", "nan"),
        said("4", "1") * 2,
        said("4", "0.9"),
    ]
    assert as_trl(RLCR)(prompts=[""] * 6, completions=texts, solution=["4"] * 6) == [-1.0] * 5 + [
        0.99
    ]


# ------------------------------------------------------------------------------ one file, one entry


@pytest.mark.parametrize("key", FRAMEWORKS)
def test_a_framework_is_whole(key: str) -> None:
    """A file of that name with an adapter, and a trainer whose defaults are known."""
    entry, name = FRAMEWORKS[key], f"as_{key}"
    assert name in adapters.__all__, f"add {name!r} to scoring_theory/adapters/__init__.py"
    assert name in scoring_theory.__all__, (
        f"add {name!r} to the table in scoring_theory/__init__.py, and run `make names`"
    )
    adapter = getattr(adapters, name)
    assert adapter.__module__ == entry.maker.__module__ == f"scoring_theory.adapters.{key}"
    assert entry.defaults in TRAINERS, (
        f"add {entry.defaults!r} to TRAINERS in scoring_theory/advantage/trainers.py, or name one"
        f" of its keys in `defaults` of scoring_theory/adapters/{key}.py"
    )
    bound = set(entry.arguments) | ({"truth"} if entry.truth else set())
    known = (
        entry.maker.__annotations__
        if inspect.isclass(entry.maker)
        else {*inspect.signature(entry.maker).parameters}
    )
    assert bound | {"grade"} <= {*known}


def test_no_adapter_is_left_out() -> None:
    folder = Path(str(adapters.__file__)).parent
    written = {path.stem for path in folder.glob("*.py") if "Framework(" in path.read_text("utf-8")}
    assert written - {"framework"} == {*FRAMEWORKS}, (
        "add the entry to FRAMEWORKS in scoring_theory/adapters/frameworks.py"
    )


@pytest.mark.parametrize("key", FRAMEWORKS)
def test_every_framework_is_told_of(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[2]
    assert main(["export", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert FRAMEWORKS[key].title in told
    trainers = (root / "docs" / "trainers.md").read_text(encoding="utf-8")
    name = FRAMEWORKS[key].title.partition(" ")[0]
    assert name in trainers, f"name the trainer {name!r} in docs/trainers.md"
    assert f"as_{key}" in trainers, f"name the adapter `as_{key}` in docs/trainers.md"
    assert name in WITHOUT_SIMULATION["export"].purpose, (
        f"name {name!r} in the line about `export` in scoring_theory/cli/commands.py"
    )
