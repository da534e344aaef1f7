"""The child process in which a user's reward functions run, under limits of time and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

from scoring_theory.probing import calling

SECONDS, MEGABYTES = 60, 4096
_TOLD = 400  # characters of what the user's code wrote to standard error


class ProbeError(ValueError):
    """A function cannot be probed: it cannot be loaded or called, or it reached a limit."""


@dataclass(frozen=True)
class Located:
    """A function of a file.

    Example:
        >>> Located.parse("rewards/mine.py:brier")
        Located(path='rewards/mine.py', name='brier')
        >>> Located.parse("mine.py")
        Traceback (most recent call last):
        ValueError: a function is given as FILE.py:NAME, got 'mine.py'
    """

    path: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Located:
        """The function of `FILE.py:NAME`.

        Raises:
            ValueError: the text has not this form.
        """
        path, colon, name = text.rpartition(":")
        if not colon or not path or not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"a function is given as FILE.py:NAME, got {text!r:.80}")
        return cls(path, name)

    @property
    def shown(self) -> str:
        """The name of the file without its folder, and of the function."""
        return f"{Path(self.path).name}:{self.name}"


@dataclass(frozen=True)
class Job:
    """What the child is asked for.

    Attributes:
        framework: whose signature the functions have.
        worlds: forms of completions and kinds of questions, each with its cases (completion,
            question and truth) and with the numbers of some right and wrong ones.
        columns: further columns of the dataset, or arguments.
        seconds: the limit of time, wall and processor.
        megabytes: the limit of memory.
    """

    framework: str
    worlds: Sequence[Mapping[str, Any]]
    columns: dict[str, Any]
    seconds: int = SECONDS
    megabytes: int = MEGABYTES


PaidReward = float | None | str
"""A payoff; None where TRL leaves None out; a text, `raised ...` or `returned ...`, where the
function raises, or returns what stops the trainer.
"""


class ChildAnswers(NamedTuple):
    """What the functions paid.

    Attributes:
        world: the number of the world that was taken.
        first: the payoffs of each function, in the order of the cases.
        second: the same, asked again in the opposite order.
        limited: whether time and memory were limited by the system.
        nameless: the numbers of the functions that have no `__name__`.
    """

    world: int
    first: list[list[PaidReward]]
    second: list[list[PaidReward]]
    limited: bool
    nameless: list[int]


def called(functions: Sequence[Located | Callable[..., Any]], job: Job) -> ChildAnswers:
    """The payoffs of every function and case, in a first and in a second turn.

    Functions of files run in a child process. A function that is already an object of this process
    runs in it, without limits.

    Raises:
        ProbeError: see there.
    """
    located = [function for function in functions if isinstance(function, Located)]
    objects = [function for function in functions if not isinstance(function, Located)]
    if located and objects:
        raise ValueError("give all functions as FILE.py:NAME, or all as Python functions")
    described: dict[str, Any] = {
        "framework": job.framework,
        "worlds": list(job.worlds),
        "columns": job.columns,
        "seconds": job.seconds,
        "megabytes": job.megabytes,
    }
    if objects:
        found: Iterator[dict[str, Any]] = calling.answers(objects, described)
    else:
        for function in located:
            if not Path(function.path).is_file():
                raise ProbeError(f"there is no such file: {function.path!r}")
        described["functions"] = [(function.path, function.name) for function in located]
        found = iter(_run(described, job.seconds))
    return _sorted(found, functions, job)


def _run(described: dict[str, Any], seconds: int) -> list[dict[str, Any]]:
    """The answers of the child."""
    with TemporaryFile() as told:
        with subprocess.Popen(
            [sys.executable, "-B", calling.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            start_new_session=os.name != "nt",
            env={**os.environ, "PYTHONHASHSEED": "0"},
        ) as process:
            content, late = b"", False
            try:
                content, _ = process.communicate(
                    json.dumps(described).encode("utf-8") + b"\n", timeout=seconds
                )
            except subprocess.TimeoutExpired:
                late = True
            finally:
                _end(process)
        if late:
            raise ProbeError(
                f"the function took more than {seconds} seconds, and was stopped; --timeout sets"
                " the limit"
            )
        answers = [json.loads(line) for line in content.decode("utf-8").splitlines()]
        if not any("done" in answer or "unusable" in answer for answer in answers):
            told.seek(max(0, told.seek(0, os.SEEK_END) - _TOLD))
            last = told.read().decode("utf-8", "replace").strip()
            at, doing = _last(answers)
            name = Located(*described["functions"][at]).shown
            raise ProbeError(
                f"{name}: the process ended {doing}, without an answer"
                f" ({_cause(process.returncode)}){': ' + ' '.join(last.split()) if last else ''}"
            )
    return answers


def _last(answers: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """The number of the function that a child worked at when it ended, and what it did."""
    for answer in reversed(answers):
        if "calling" in answer:
            return answer["calling"], "while the function was called"
        if "importing" in answer:
            return answer["importing"], "while the file was imported"
    return 0, "at its start"


def _cause(code: int) -> str:
    """The likeliest cause of the end of a child."""
    if code >= 0:
        return f"exit code {code}: the code ends it by itself, as os._exit does"
    known = {
        "SIGXCPU": "the limit of time was reached",
        "SIGKILL": "it was killed, as a system does that has no memory left",
        "SIGSEGV": "compiled code crashed, or the limit of memory was reached",
        "SIGABRT": "compiled code gave up, or the limit of memory was reached",
    }
    name = {each.value: each.name for each in signal.Signals}.get(-code, f"signal {-code}")
    return f"{name}: {known.get(name, 'a signal ended it')}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child, and what it has started."""
    if os.name != "nt":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    else:
        process.kill()


def _sorted(
    answers: Iterator[dict[str, Any]],
    functions: Sequence[Located | Callable[..., Any]],
    job: Job,
) -> ChildAnswers:
    world, limited, nameless = 0, False, []
    first: list[list[PaidReward]] = []
    second: list[list[PaidReward]] = []
    for answer in answers:
        limited = answer.get("limited", limited)
        if "unusable" in answer:
            at = answer.get("function", 0)
            raise ProbeError(f"{name_of(functions[at])}: {answer['unusable']}")
        if "world" in answer:
            world = answer["world"]
            count = len(job.worlds[world]["cases"])
            first = [[None] * count for _ in functions]
            second = [[None] * count for _ in functions]
        if "nameless" in answer:
            nameless.append(answer["nameless"])
        if "case" in answer:
            paid: PaidReward = answer.get("stopped", answer.get("paid"))
            if "raised" in answer:
                paid = f"raised {answer['raised']}"
            turn = second if answer["turn"] else first
            turn[answer["function"]][answer["case"]] = paid
    for function, paid_all in zip(functions, first, strict=True):
        if all(isinstance(each, str) and each.startswith("returned") for each in paid_all):
            raise ProbeError(f"{name_of(function)}: it {paid_all[0]}")
    return ChildAnswers(world, first, second, limited, nameless)


def name_of(function: Located | Callable[..., Any]) -> str:
    """What a function is called in reports."""
    if isinstance(function, Located):
        return function.shown
    return str(getattr(function, "__name__", type(function).__name__))
