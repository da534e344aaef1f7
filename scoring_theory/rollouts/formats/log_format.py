"""The interface of a log format: how a log is recognised, and what its columns hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
"""A JSON object: a row of a log, or what a program writes for several rows."""
Roles = Mapping[str, str]
"""The column of each role: confidence, correct, method, dataset, question, answer, step, reward
(the one that was logged), text (completions), truth and prompt.
"""
_DEEPEST, _MOST_PATHS = 4, 1000


@dataclass(frozen=True, kw_only=True)
class LogFormat:
    """What a program writes.

    Attributes:
        key: A short name.
        title: What the log is, in a sentence after "recognised as".
        source: Where the columns are documented, or which version of the program wrote them.
        recognises: Whether a log with these columns (of a JSON object: these keys) is one of this
            format.
        roles: From the names of the columns to the column of each role, as far as it is known.
        rows: From one JSON object of the log to its rows; None if the object is a row.
        missing: The reward of an answer without a readable confidence, unless another is given;
            None refuses such answers.
        absent: A number that the program writes for a confidence that was not stated.
        generic: Whether the rows may themselves be those of another format.

    Example:
        >>> plain = LogFormat(key="a", title="a's log", source="-", recognises=lambda names: True)
        >>> plain.roles(["confidence"]), plain.missing
        ({}, -1.0)
    """

    key: str
    title: str
    source: str
    recognises: Callable[[Collection[str]], bool]
    roles: Callable[[Sequence[str]], Roles] = lambda names: {}
    rows: Callable[[Row], Iterator[Row]] | None = None
    missing: float | None = -1.0
    absent: float | None = None
    generic: bool = False


def first_of(names: Sequence[str], **candidates: Sequence[str]) -> dict[str, str]:
    """For each role the first candidate that exists; roles without one are left out.

    A candidate is the name of a column, or, with a star in front, how exactly one name ends.

    Example:
        >>> first_of(["a/confidence", "acc"], confidence=["*/confidence"], correct=["hit", "acc"])
        {'confidence': 'a/confidence', 'correct': 'acc'}
    """
    found = {}
    for role, listed in candidates.items():
        for candidate in listed:
            named = (
                [name for name in names if name.endswith(candidate[1:])]
                if candidate.startswith("*")
                else [name for name in names if name == candidate]
            )
            if len(named) == 1:
                found[role] = named[0]
                break
    return found


def value_at_path(row: Any, path: str) -> Any:
    """The value under a path such as `score.value` or `choices.0.text`; None if there is none.

    Example:
        >>> value_at_path({"score": {"value": "C"}, "a.b": 1}, "score.value")
        'C'
        >>> value_at_path({"resps": [["yes"]]}, "resps.0.0"), value_at_path({"a": 1}, "a.b")
        ('yes', None)
    """
    if isinstance(row, Mapping):
        if path in row:
            return row[path]
        cut = path.find(".")
        while cut >= 0:
            if path[:cut] in row:
                return value_at_path(row[path[:cut]], path[cut + 1 :])
            cut = path.find(".", cut + 1)
        return None
    head, _, rest = path.partition(".")
    if isinstance(row, list) and head.isdecimal() and int(head) < len(row):
        return value_at_path(row[int(head)], rest) if rest else row[int(head)]
    return None


def paths_of(row: Row) -> list[str]:
    """The names of a row and the paths to what is nested in it, a bounded number of them.

    Example:
        >>> paths_of({"id": 1, "score": {"value": "C", "answer": "4"}})
        ['id', 'score', 'score.value', 'score.answer']
    """
    found: list[str] = []

    def visit(value: Row, before: str, depth: int) -> None:
        for name, inner in value.items():
            if len(found) >= _MOST_PATHS:
                return
            found.append(f"{before}{name}")
            if isinstance(inner, Mapping) and depth < _DEEPEST:
                visit(inner, f"{before}{name}.", depth + 1)

    visit(row, "", 1)
    return found
