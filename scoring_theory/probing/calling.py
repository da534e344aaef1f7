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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


TITLES = {"trl": "TRL", "verl": "verl", "openrlhf": "OpenRLHF", "verifiers": "verifiers"}


class UnusableFunctionError(Exception):
    """The function cannot be called as the framework would."""


class StoppedTrainerError(Exception):
    """The function returned what the framework makes no reward of: "returned ...", and why."""


def call_trl(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion as `GRPOTrainer._calculate_rewards` of TRL 1.16 calls for it."""
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
    found = function(**chosen_arguments(function, {**columns, **known}, "TRL", always=known))
    within = function
    while isinstance(within, partial):
        within = within.func
    is_async = any(map(inspect.iscoroutinefunction, (within, type(within).__call__)))
    found = finished(found) if is_async else not_awaited(found, "TRL")
    try:
        rewards = iter([found] if isinstance(found, str | bytes) else found)
    except TypeError:
        raise StoppedTrainerError(
            f"returned {found!r:.80} (TRL would stop with a TypeError: it goes through what is"
            " returned, a list with one reward for each completion)"
        ) from None
    listed = list(rewards)
    if len(listed) != 1:
        raise StoppedTrainerError(
            f"returned {len(listed)} rewards for 1 completion (TRL would stop with a ValueError: it"
            " wants one for each)"
        )
    return None if listed[0] is None else tensor_number(listed[0], "TRL")


def call_verl(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion as verl's reward managers (naive, DAPO) call `compute_score` for it."""
    given = {
        "data_source": columns.get("data_source", "probe"),
        "solution_str": case["completion"],
        "ground_truth": case["truth"],
        "extra_info": columns.get("extra_info", {"question": case["question"], "index": 0}),
    }
    chosen = chosen_arguments(function, {**columns, **given}, "verl", always=given)
    found = function(**chosen)
    is_async = inspect.iscoroutinefunction(function)
    found = finished(found) if is_async else not_awaited(found, "verl")
    if isinstance(found, dict):
        if "score" not in found:
            raise StoppedTrainerError(
                f"returned {found!r:.80}, a dict without the key `score` (verl would stop with a"
                " KeyError)"
            )
        found = found["score"]
    return tensor_number(found, "verl")


def call_openrlhf(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion as OpenRLHF calls `reward_func` for it: by position, in a thread."""
    if columns:
        raise UnusableFunctionError(f"OpenRLHF passes no column, such as `{next(iter(columns))}`")
    prompt = case["question"] + "\n"
    given = ([prompt + case["completion"]], [prompt], [case["truth"]])
    try:
        inspect.signature(function).bind(*given)
    except TypeError as error:
        raise UnusableFunctionError(
            f"OpenRLHF calls it with the queries, prompts and labels, by position: {error}"
        ) from None
    found = not_awaited(function(*given), "OpenRLHF")
    lost = "OpenRLHF would have no reward for the completion, and stop without a reward model"
    if not isinstance(found, dict):
        raise StoppedTrainerError(f"returned {found!r:.80}, which is no dict ({lost})")
    if found.get("rewards") is None:
        raise StoppedTrainerError(f"returned {found!r:.80}, without a value of `rewards` ({lost})")
    rewards = found["rewards"]
    rewards = rewards.tolist() if hasattr(rewards, "tolist") else rewards
    rewards = rewards if isinstance(rewards, list | tuple) else [rewards]
    if len(rewards) != 1:
        raise StoppedTrainerError(
            f"returned {len(rewards)} rewards for 1 query (OpenRLHF wants one for each)"
        )
    return tensor_number(rewards[0], "OpenRLHF")


def call_verifiers(
    function: _Function, case: _Case, columns: Mapping[str, Any], conversational: bool
) -> float | None:
    """One completion through the names that verifiers injects, of 0.4 and of earlier releases."""
    data = SimpleNamespace(**row(case, columns), prompt=case["question"])
    task = SimpleNamespace(data=data, **vars(data))
    reply = case["completion"]
    messages = [{"role": "assistant", "content": reply}]
    newer = {
        "self": task,
        "trace": SimpleNamespace(last_reply=reply, messages=messages, reply=reply),
        "runtime": None,
    }
    older = {
        "prompt": [{"role": "user", "content": case["question"]}],
        "completion": messages if conversational else reply,
        "answer": case["truth"],
        "state": {"completion": messages, "answer": case["truth"]},
        "info": {},
        "parser": None,
    }
    known = {**row(case, columns), "task": task, **newer, **older}
    found = function(**chosen_arguments(function, known, "verifiers"))
    names = inspect.signature(function).parameters.keys()
    if not inspect.isawaitable(found) and newer.keys() & names:
        raise StoppedTrainerError(
            f"returned {found!r:.80} at once (verifiers 0.4 would stop with a TypeError: it awaits"
            " what is returned, as from an `async def`)"
        )
    found = finished(found)
    if isinstance(found, Mapping) and not older.keys() & names:
        return math.fsum(map(verifiers_number, found.values()))
    return verifiers_number(found)


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


def chosen_arguments(
    function: _Function, known: Mapping[str, Any], trainer: str, *, always: Iterable[str] = ()
) -> dict[str, Any]:
    """The arguments that the function takes, by name; it must take what is passed `always`.

    A function with `**kwargs` gets everything, as from the framework, but nothing that a
    `functools.partial` has set: a usual name of the truth may be the name of an option there.
    """
    own = set(function.keywords) if isinstance(function, partial) else set()
    known = {name: value for name, value in known.items() if name not in own}
    parameters = inspect.signature(function).parameters.values()
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters)
    named = [
        each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    for each in named:
        if each.default is each.empty and each.name not in known:
            if each is named[0] and each.name == "self":
                raise UnusableFunctionError("it is a method of a class: give that of an instance")
            raise UnusableFunctionError(
                f"it wants the argument `{each.name}`, which is no usual column: give its value,"
                f" --column {each.name}=VALUE"
            )
    if takes_all:
        return dict(known)
    names = [each.name for each in named]
    for name in always:
        if name not in names:
            raise UnusableFunctionError(
                f"it takes no argument `{name}`, which {trainer} passes to every function"
                f" ({trainer} would stop with a TypeError): let it take **kwargs"
            )
    return {name: value for name, value in known.items() if name in names}


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


def not_awaited(found: Any, trainer: str) -> Any:
    """What was returned, unless it is the coroutine of a function that is not awaited."""
    if not inspect.isawaitable(found):
        return found
    if inspect.iscoroutine(found):
        found.close()
    raise StoppedTrainerError(
        f"returned what must be awaited ({trainer} does not await it"
        f"{'' if trainer == 'OpenRLHF' else ', since the function is no `async def`'})"
    )


def tensor_number(value: Any, trainer: str) -> float:
    """A reward as `torch.tensor` reads it within a list; a text, a list or an array is none."""
    refused = isinstance(value, str | bytes | list | tuple | Mapping)
    try:
        if not refused and type(value).__name__ != "ndarray":
            return float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        pass
    raise StoppedTrainerError(
        f"returned {value!r:.80} as a reward, which is no number ({trainer} would stop with an"
        f" error: it makes a tensor of the rewards, which takes no {type(value).__name__})"
    )


def verifiers_number(value: Any) -> float:
    """A reward as verifiers reads it: with `float`, which reads a text of a number as well."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise StoppedTrainerError(
            f"returned {value!r:.80} as a reward, which is no number (verifiers 0.4 would stop"
            " with an error, earlier releases pay 0)"
        ) from None


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
    if not callable(found):
        raise UnusableFunctionError(f"`{name}` is not a function")
    function: _Function = found
    return function


def answers(functions: Sequence[_Function], job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the payoffs of every function and case, twice in different orders, or what it raised.

    Of several worlds (a kind of question and truth with its cases), the first is taken in which a
    function tells a right answer from a wrong one; if there is none, the first.
    """
    title = TITLES[job["framework"]]
    for place, function in enumerate(functions):
        if inspect.isclass(function):
            told = (
                f"it is a class, which {title} would call as it stands: that makes an instance, and"
                " no rewards. Give an instance"
            )
            yield {"function": place, "unusable": told}
            return
        if job["framework"] == "trl" and not hasattr(function, "__name__"):
            yield {"nameless": place}
    try:
        world = 0
        for answer in _worlds(functions, job):
            world = answer.get("world", world)
            yield answer
        yield from _payoffs(functions, job, job["worlds"][world]["cases"])
    finally:
        if _runner.cache_info().currsize:
            _runner().close()
            _runner.cache_clear()


def _worlds(functions: Sequence[_Function], job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield which function is called next, and at last the world that is taken."""
    for at, world in enumerate(job["worlds"]):
        for place, function in enumerate(functions):
            yield {"calling": place}
            if tells_apart(function, job, world):
                yield {"world": at}
                return
    yield {"world": 0}


def _payoffs(
    functions: Sequence[_Function], job: Mapping[str, Any], given: Sequence[_Case]
) -> Iterator[dict[str, Any]]:
    cases = list(enumerate(given))
    for place, function in enumerate(functions):
        yield {"calling": place}
        conversational = takes_messages(function, job, cases[0][1])
        for turn in (0, 1):
            for at, case in cases if turn == 0 else reversed(cases):
                random.seed(turn)
                answer = _answer(function, case, job, conversational)
                yield {"function": place, "case": at, "turn": turn, **answer}
                if "unusable" in answer:
                    return


def _answer(
    function: _Function, case: _Case, job: Mapping[str, Any], conversational: bool
) -> dict[str, Any]:
    """What a function paid for a completion, what it raised, or why the trainer would stop."""
    try:
        return {"paid": CALLS[job["framework"]](function, case, job["columns"], conversational)}
    except UnusableFunctionError as error:
        return {"unusable": str(error)}
    except StoppedTrainerError as error:
        return {"stopped": str(error)}
    except MemoryError:
        return {"raised": "MemoryError: the limit of memory was reached"}
    except SystemExit as error:
        return {"raised": f"SystemExit({error}), as sys.exit does, which would end the training"}
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"[:300]}


def tells_apart(function: _Function, job: Mapping[str, Any], world: Mapping[str, Any]) -> bool:
    """Whether the function pays the right and the wrong answers of a world differently."""
    conversational = takes_messages(function, job, world["cases"][0])
    paid = []
    for at in world["scouts"]:
        answer = _answer(function, world["cases"][at], job, conversational)
        if "paid" not in answer:
            return False  # whatever a user's function raises, it did not understand this truth
        paid.append(answer["paid"])
    half = len(paid) // 2
    return paid[:half] != paid[half:]


def takes_messages(function: _Function, job: Mapping[str, Any], case: _Case) -> bool:
    """Whether the function reads chat messages rather than texts: it raises on texts alone."""
    if job["framework"] not in ("trl", "verifiers"):
        return False
    return "paid" not in _answer(function, case, job, False) and "paid" in _answer(
        function, case, job, True
    )


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
    functions = []
    for place, (path, name) in enumerate(job["functions"]):
        print(json.dumps({"importing": place}), file=own, flush=True)
        try:
            functions.append(load(path, name))
            continue
        except UnusableFunctionError as error:
            told = str(error)
        except BaseException as error:
            told = f"the file cannot be imported: {type(error).__name__}: {error}"[:400]
        print(json.dumps({"function": place, "unusable": told}), file=own, flush=True)
        return
    for answer in answers(functions, job):
        print(json.dumps(answer), file=own, flush=True)
    print(json.dumps({"done": True}), file=own, flush=True)
    own.close()
    os._exit(0)  # threads that the user's code left behind must not keep the process


if __name__ == "__main__":
    run_job()
