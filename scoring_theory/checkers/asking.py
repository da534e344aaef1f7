"""What a checker is called with: the answer, the truth, and columns that its signature names."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

Judgement = bool | float
Checker = Callable[..., Judgement | Awaitable[Judgement]]
"""It takes an answer and a truth, and the columns that it names; it may be asynchronous."""

_GIVEN = 2
_LOOPS: dict[int, asyncio.AbstractEventLoop] = {}


def named_columns(checker: Checker) -> Mapping[str, bool]:
    """The parameters of a checker after answer and truth, and which of them are required.

    A parameter `row` gets the whole row, any other the column of its name; `**` stands for `**row`.

    Example:
        >>> named_columns(lambda answer, truth, prompt, level=1: True)
        {'prompt': True, 'level': False}
    """
    try:
        parameters = list(inspect.signature(checker).parameters.values())
    except (TypeError, ValueError):  # a function without a signature, as some in C
        return {}
    named: dict[str, bool] = {}
    for place, parameter in enumerate(parameters):
        if parameter.kind is parameter.VAR_KEYWORD:
            named["**"] = False
        elif parameter.kind is parameter.KEYWORD_ONLY or (
            place >= _GIVEN and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ):
            named[parameter.name] = parameter.default is parameter.empty
    return named


def columns_for(named: Mapping[str, bool], row: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a checker from a row.

    Raises:
        ValueError: a required column is not in the row.

    Example:
        >>> columns_for({"prompt": True, "level": False}, {"prompt": "2 + 2?", "id": 7})
        {'prompt': '2 + 2?'}
    """
    if "**" in named:
        return dict(row)
    given = {name: row[name] for name in named if name in row}
    if "row" in named:
        given["row"] = row
    for name, required in named.items():
        if required and name not in given:
            known = ", ".join(sorted(row)) or "none"
            raise ValueError(f"the checker asks for the column `{name}`; the row has {known}")
    return given


async def all_awaited(verdicts: Sequence[Any]) -> list[Any]:
    """The verdicts in their order; those that are awaitable are awaited at the same time.

    Example:
        >>> async def four():
        ...     return 4
        >>> completed(all_awaited([3, four()]))
        [3, 4]
    """
    waiting = [verdict for verdict in verdicts if inspect.isawaitable(verdict)]
    done = iter(await asyncio.gather(*waiting))
    return [next(done) if inspect.isawaitable(verdict) else verdict for verdict in verdicts]


def completed(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine, from code that is not asynchronous.

    It runs in one event loop per process, in a thread of its own, so that a client of a judge,
    which belongs to the loop that first used it, works in every batch.

    Example:
        >>> async def four():
        ...     return 4
        >>> completed(four())
        4
    """
    process = os.getpid()
    if process not in _LOOPS:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="checkers", daemon=True).start()
        _LOOPS[process] = loop
    return asyncio.run_coroutine_threadsafe(coroutine, _LOOPS[process]).result()
