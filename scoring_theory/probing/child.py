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
"""A payoff; None where the function returns None; a text, `raised ...`, where it raises."""


class ChildAnswers(NamedTuple):
    """What the functions paid.

    Attributes:
        world: the number of the world that was taken.
        first: the payoffs of each function, in the order of the cases.
        second: the same, asked again in the opposite order.
        limited: whether time and memory were limited by the system.
    """

    world: int
    first: list[list[PaidReward]]
    second: list[list[PaidReward]]
    limited: bool


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
            raise ProbeError(
                f"the child process ended without an answer (exit code {process.returncode}; a"
                f" limit of time or memory?){': ' + ' '.join(last.split()) if last else ''}"
            )
    return answers


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
    world, limited = 0, False
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
        if "case" in answer:
            paid: PaidReward = answer.get("paid")
            if "raised" in answer:
                paid = f"raised {answer['raised']}"
            turn = second if answer["turn"] else first
            turn[answer["function"]][answer["case"]] = paid
    return ChildAnswers(world, first, second, limited)


def name_of(function: Located | Callable[..., Any]) -> str:
    """What a function is called in reports."""
    if isinstance(function, Located):
        return function.shown
    return str(getattr(function, "__name__", type(function).__name__))
