"""Call reward functions as their frameworks do, on made-up completions.

This file runs in a child process of its own (`python calling.py`), which imports the user's file
and nothing of this package; so it needs the standard library alone. The job comes as JSON on
standard input; one line of JSON for each answer goes to the standard output that the process was
started with. What the user's code prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import io
import json
import math
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

_Case = Mapping[str, Any]
_Function = Callable[..., Any]
TRUTH_COLUMNS = (
    "answer", "solution", "ground_truth", "target", "targets", "label", "labels", "truth", "gold",
    "reference", "references", "answers", "solutions", "final_answer", "gold_answer",
    "reference_answer", "expected", "expected_answer", "correct_answer", "gt", "gts", "y",
)  # fmt: skip
"""Names under which datasets hold the truth."""
QUESTION_COLUMNS = ("question", "problem", "query", "instruction", "input")
NEUTRAL_COLUMNS = {
    "data_source": "probe", "source": "probe", "task": "probe", "dataset": "probe", "level": "1",
    "difficulty": "1", "subject": "probe", "type": "probe", "id": "0", "index": 0, "split": "train",
    "extra_info": None, "info": None, "metadata": None,
}  # fmt: skip
"""Columns that some functions want and that should not decide a reward."""


class UnusableFunctionError(Exception):
    """The function cannot be called as the framework would."""


def call_trl(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion through TRL's signature."""
    text, question = case["completion"], case["question"]
    prompt, completion = question, text
    if conversational:
        prompt = [{"role": "user", "content": question}]
        completion = [{"role": "assistant", "content": text}]
    known = {
        "prompts": [prompt],
        "completions": [completion],
        "completion_ids": [[0] * max(1, len(text) // 4)],
        "trainer_state": SimpleNamespace(global_step=0, max_steps=1, epoch=0.0),
        "log_extra": lambda *given: None,
        "log_metric": lambda *given: None,
    }
    columns = {name: [value] for name, value in row(case, columns).items()}
    rewards = finished(function(**chosen_arguments(function, {**columns, **known})))
    rewards = reward_list(rewards)
    if len(rewards) != 1:
        raise UnusableFunctionError(
            f"it returned {len(rewards)} rewards for 1 completion; TRL wants one for each"
        )
    return reward_number(rewards[0])


def call_verl(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion through verl's `compute_score`."""
    given = {
        "data_source": columns.get("data_source", "probe"),
        "solution_str": case["completion"],
        "ground_truth": case["truth"],
        "extra_info": columns.get("extra_info", {"question": case["question"], "index": 0}),
    }
    given.update((name, value) for name, value in columns.items() if name not in given)
    found = finished(function(**chosen_arguments(function, given)))
    if isinstance(found, dict):
        if "score" not in found:
            raise UnusableFunctionError(
                "it returned a dict without the key `score`, which verl reads"
            )
        found = found["score"]
    return reward_number(found)


def call_openrlhf(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion through OpenRLHF's `reward_func`."""
    prompt = case["question"] + "\n"
    given = {
        "queries": [prompt + case["completion"]],
        "prompts": [prompt],
        "labels": [case["truth"]],
    }
    found = finished(function(**chosen_arguments(function, {**columns, **given})))
    if isinstance(found, dict):
        if "rewards" not in found:
            raise UnusableFunctionError("it returned a dict without the key `rewards`")
        found = found["rewards"]
    rewards = reward_list(found)
    if len(rewards) != 1:
        raise UnusableFunctionError(f"it returned {len(rewards)} rewards for 1 query")
    return reward_number(rewards[0])


def call_verifiers(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion through the names that verifiers injects, of 0.4 and of earlier releases."""
    data = SimpleNamespace(**row(case, columns), prompt=case["question"])
    task = SimpleNamespace(data=data, **vars(data))
    reply = case["completion"]
    messages = [{"role": "assistant", "content": reply}]
    given = {
        "self": task,
        "task": task,
        "trace": SimpleNamespace(last_reply=reply, messages=messages, reply=reply),
        "runtime": None,
        "prompt": [{"role": "user", "content": case["question"]}],
        "completion": messages if conversational else reply,
        "answer": case["truth"],
        "state": {"completion": messages, "answer": case["truth"]},
        "info": {},
        "parser": None,
    }
    found = finished(function(**chosen_arguments(function, {**row(case, columns), **given})))
    if isinstance(found, dict):
        return math.fsum(reward_number(value) or 0.0 for value in found.values())
    return reward_number(found)


CALLS = {
    "trl": call_trl,
    "verl": call_verl,
    "openrlhf": call_openrlhf,
    "verifiers": call_verifiers,
}


def row(case: _Case, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a dataset: the truth and the question under every usual name."""
    filled = dict.fromkeys(TRUTH_COLUMNS, case["truth"])
    filled.update(dict.fromkeys(QUESTION_COLUMNS, case["question"]))
    return {**filled, **NEUTRAL_COLUMNS, **columns}


def chosen_arguments(function: _Function, known: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that the function takes, by name.

    A function with `**kwargs` gets everything, as from the framework, but nothing that a
    `functools.partial` has set: a usual name of the truth may be the name of an option there.
    """
    own = set(function.keywords) if isinstance(function, partial) else set()
    known = {name: value for name, value in known.items() if name not in own}
    parameters = inspect.signature(function).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        missing = [
            parameter.name
            for parameter in parameters
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            and parameter.default is parameter.empty
            and parameter.name not in known
        ]
        chosen = dict(known)
    else:
        names = [parameter.name for parameter in parameters]
        missing = [
            parameter.name
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            and parameter.name not in known
        ]
        chosen = {name: value for name, value in known.items() if name in names}
    if missing:
        raise UnusableFunctionError(
            f"it wants the argument `{missing[0]}`, which is no usual column: give its value,"
            f" --column {missing[0]}=VALUE"
        )
    return chosen


def finished(found: Any) -> Any:
    """What an `async def` returns, awaited."""
    if not inspect.isawaitable(found):
        return found

    async def awaited() -> Any:
        return await found

    return _runner().run(awaited())


@cache
def _runner() -> asyncio.Runner:
    """One event loop for all calls: to make one for each takes longer than most rewards."""
    return asyncio.Runner()


def reward_list(found: Any) -> list[Any]:
    """A list of rewards, from a list, a tensor, an array or a single number."""
    if hasattr(found, "tolist"):
        found = found.tolist()
    if isinstance(found, (list, tuple)):
        return list(found)
    return [found]


def reward_number(value: Any) -> float | None:
    """A reward as a float; None, where the framework leaves the completion out."""
    if value is None:
        return None
    if isinstance(value, dict):
        value = value.get("score", value.get("reward", value))
    if hasattr(value, "item"):
        value = value.item()
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UnusableFunctionError(f"it returned {value!r:.80}, which is no number") from None


def load(path: str, name: str) -> _Function:
    """The function of a file, loaded as a module of its own."""
    folder = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, folder)
    module_name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UnusableFunctionError("the file is not a Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
        if found is None:
            known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
            raise UnusableFunctionError(
                f"the file has no `{name}`; its functions are {', '.join(known) or 'none'}"
            )
    if inspect.isclass(found):
        found = found()
    if not callable(found):
        raise UnusableFunctionError(f"`{name}` is not a function")
    function: _Function = found
    return function


def answers(functions: Sequence[_Function], job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the payoffs of every function and case, twice in different orders, or what it raised.

    Of several worlds (a form of completions, and a kind of question and truth, with the cases), the
    first is taken in which right and wrong answers are told apart, and confidences as well; if
    there is none, the first in which answers are, then confidences, then the first of all.
    """
    world = understood_world(functions, job)
    yield {"world": world}
    try:
        yield from _payoffs(functions, job, job["worlds"][world]["cases"])
    finally:
        if _runner.cache_info().currsize:
            _runner().close()
            _runner.cache_clear()


def _payoffs(
    functions: Sequence[_Function], job: Mapping[str, Any], given: Sequence[_Case]
) -> Iterator[dict[str, Any]]:
    columns = job["columns"]
    cases = list(enumerate(given))
    for place, function in enumerate(functions):
        conversational = takes_messages(function, job, cases[0][1])
        for turn in (0, 1):
            for at, case in cases if turn == 0 else reversed(cases):
                random.seed(turn)
                answer: dict[str, Any] = {"function": place, "case": at, "turn": turn}
                try:
                    call = CALLS[job["framework"]]
                    answer["paid"] = call(function, case, columns, conversational)
                except UnusableFunctionError as error:
                    answer["unusable"] = str(error)
                except MemoryError:
                    answer["raised"] = "MemoryError: the limit of memory was reached"
                except Exception as error:
                    answer["raised"] = f"{type(error).__name__}: {error}"[:300]
                yield answer
                if "unusable" in answer:
                    return


def understood_world(functions: Sequence[_Function], job: Mapping[str, Any]) -> int:
    """The number of the world that the functions understand best, the first of several."""
    best, most = 0, 0
    for at, world in enumerate(job["worlds"]):
        told = [tells_apart(function, job, world) for function in functions]
        score = 2 * any(answers for answers, _ in told) + any(stated for _, stated in told)
        if score > most:
            best, most = at, score
        if most == 3:
            break
    return best


def tells_apart(
    function: _Function, job: Mapping[str, Any], world: Mapping[str, Any]
) -> tuple[bool, bool]:
    """Whether the function pays right and wrong answers of a world differently, and confidences."""
    call = CALLS[job["framework"]]
    conversational = takes_messages(function, job, world["cases"][0])
    paid = []
    for at in world["scouts"]:
        try:
            paid.append(repr(call(function, world["cases"][at], job["columns"], conversational)))
        except Exception:  # whatever a user's function raises, it did not understand this truth
            return False, False
    right, wrong = paid[: len(paid) // 2], paid[len(paid) // 2 :]
    return right != wrong, len({*right}) > 1 or len({*wrong}) > 1


def takes_messages(function: _Function, job: Mapping[str, Any], case: _Case) -> bool:
    """Whether the function reads chat messages rather than texts: it raises on texts alone."""
    if job["framework"] not in ("trl", "verifiers"):
        return False
    call = CALLS[job["framework"]]
    for conversational in (False, True):
        try:
            call(function, case, job["columns"], conversational)
        except Exception:  # whatever it raises, it did not read this form
            continue
        return conversational
    return False


def limit_resources(seconds: int, megabytes: int) -> bool:
    """Limit processor time and memory, where the system can: not on Windows."""
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    memory = megabytes * 1024 * 1024
    for name in ("RLIMIT_DATA", "RLIMIT_AS") if sys.platform == "linux" else ("RLIMIT_AS",):
        # Libraries such as torch reserve addresses that they never use: data may grow to the limit,
        # addresses to eight times as much.
        size = memory if name == "RLIMIT_DATA" or sys.platform != "linux" else 8 * memory
        try:
            resource.setrlimit(getattr(resource, name), (size, size))
        except (ValueError, OSError):
            continue
    return True


def run_job() -> None:
    """Read the job, call the functions, and write one line for each answer."""
    job = json.loads(sys.stdin.readline())
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the user's code prints must not be read as an answer
    sys.stdin = io.StringIO("")
    limited = limit_resources(job["seconds"], job["megabytes"])
    print(json.dumps({"limited": limited}), file=own, flush=True)
    try:
        functions = [load(path, name) for path, name in job["functions"]]
    except UnusableFunctionError as error:
        print(json.dumps({"unusable": str(error)}), file=own, flush=True)
        return
    except BaseException as error:
        told = f"the file cannot be imported: {type(error).__name__}: {error}"
        print(json.dumps({"unusable": told[:400]}), file=own, flush=True)
        return
    for answer in answers(functions, job):
        print(json.dumps(answer), file=own, flush=True)
    print(json.dumps({"done": True}), file=own, flush=True)
    own.close()
    os._exit(0)  # threads that the user's code left behind must not keep the process


if __name__ == "__main__":
    run_job()
