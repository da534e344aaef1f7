"""Confidences and outcomes from a log of completions, read as the reward functions read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring_theory.checkers import (
    Checker,
    TruthError,
    event_happened,
    exact_match,
    truth_at,
)
from scoring_theory.readers import (
    Reader,
    Statement,
    Tally,
    UnreadableError,
    opens_thinking,
    reply_text,
)
from scoring_theory.readers.reader import DEFAULT_READER
from scoring_theory.rollouts.rollouts import RolloutError

TEXT_ROLES = ("text", "truth", "prompt")
"""The roles of columns that are read as they are, without labels."""


@dataclass(frozen=True, kw_only=True)
class Completions:
    """Which columns hold completions and truths, and how they are read.

    Attributes:
        text: The column of the completions, texts or conversations; None for that of a format which
            is recognised.
        truth: The column of the truths; None takes the outcomes from the column `correct`.
        reader: The format of a completion.
        checker: Compares an answer with a truth.
        truth_key: The key of the answer where a truth is a dictionary.
        asked: Whether completions are to be read even where a log states confidences.

    Example:
        >>> how = Completions(text="output", reader=Reader(scale="percent"))
        >>> how.columns, how.read_roles
        ({'text': 'output'}, ('confidence',))
    """

    text: str | None = None
    truth: str | None = None
    reader: Reader = DEFAULT_READER
    checker: Checker = exact_match
    truth_key: str | None = None
    asked: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The name of the column by role."""
        named = {"text": self.text, "truth": self.truth}
        return {role: name for role, name in named.items() if name is not None}

    @property
    def read_roles(self) -> tuple[str, ...]:
        """The roles whose values are read from completions, so that they need no column."""
        return ("confidence",) if self.truth is None else ("confidence", "correct")


def read_columns(
    source: str,
    columns: Mapping[str, Any],
    where: Callable[[int], str],
    how: Completions,
    *,
    refuse: bool,
) -> dict[str, Any]:
    """The columns with `confidence`, and with `correct` if there are truths.

    A completion that cannot be read has the confidence None if it states none, and otherwise a text
    that is not a number.

    Args:
        source: The name of the log in messages.
        columns: The columns by role, `text` among them.
        where: From the index of a row to its name in messages.
        how: How completions are read.
        refuse: Whether an unreadable completion is an error.

    Raises:
        RolloutError: A cell does not hold a completion, a truth cannot be compared with an answer,
            or a completion is unreadable and `refuse` is set.
    """
    prompts = columns.get("prompt") or [None] * len(columns["text"])
    statements = [
        _statement(f"{source}, {where(row)}", cell, prompts[row], how.reader)
        for row, cell in enumerate(columns["text"])
    ]
    Tally().count(how.reader, statements)
    unreadable = (row for row, statement in enumerate(statements) if statement.problem)
    if refuse and (first := next(unreadable, None)) is not None:
        raise RolloutError(
            f"{source}, {where(first)}: {statements[first].problem}; `--missing PAYOFF`"
            " (missing=PAYOFF) accepts such answers and gives them that reward, and `--reader`"
            " (reader=...) names another format"
        )
    kept = {role: column for role, column in columns.items() if role not in TEXT_ROLES}
    read = {**kept, "confidence": list(map(_cell, statements))}
    if "truth" in columns:
        read["correct"] = _outcomes(source, statements, columns["truth"], where, how)
    return read


def _statement(where: str, cell: Any, prompt: object, reader: Reader) -> Statement:
    if cell is None:
        return Statement(problem="there is no completion")
    try:
        return reader.read(reply_text(cell), thinking=opens_thinking(prompt))
    except UnreadableError as error:
        return Statement(problem=str(error))
    except TypeError as error:
        raise RolloutError(f"{where}: {error}") from None


def _cell(statement: Statement) -> float | str | None:
    if not statement.problem:
        return statement.confidence
    return f"unreadable: {statement.stated}" if statement.stated else None


def _outcomes(
    source: str,
    statements: Sequence[Statement],
    truths: Sequence[Any],
    where: Callable[[int], str],
    how: Completions,
) -> list[float]:
    checker = how.checker if how.reader.reads_answers else event_happened
    outcomes: list[float] = []
    for row, (statement, truth) in enumerate(zip(statements, truths, strict=True)):
        try:
            known = truth_at(truth, how.truth_key)
            answer = statement.answer if how.reader.reads_answers else ""
            verdict: Any = False if answer is None else checker(answer, known)
        except TruthError as error:
            raise RolloutError(f"{source}, {where(row)}: {error}") from None
        if not isinstance(verdict, bool | int | float | np.bool_ | np.number):
            raise RolloutError(
                f"{source}, {where(row)}: the checker must return True, False or a score, got"
                f" {verdict!r:.60}"
            )
        outcomes.append(float(verdict))
    return outcomes
