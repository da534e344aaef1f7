"""A `Scorer` whose checker asks for columns of its row, or is asynchronous."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any

from scoring_theory.adapters.score import Score, Scorer, failed
from scoring_theory.checkers.asking import all_awaited, columns_for, completed, named_columns
from scoring_theory.checkers.truths import TruthError
from scoring_theory.readers.parsing import Statement
from scoring_theory.readers.replies import Completion


@dataclass(frozen=True)
class AskingScorer(Scorer):
    """A `Scorer` with a checker of the user.

    Parameters of the checker after answer and truth get the columns of the row with their names,
    and `row` gets all of them; a checker that asks for a column that the data does not have is an
    error of the configuration. The calls of an asynchronous checker in a batch run at the same
    time.

    Example:
        >>> from scoring_theory.readers import Reader
        >>> async def judge(answer, truth, prompt):
        ...     return answer == truth and prompt == "2 + 2?"
        >>> grade = AskingScorer(lambda q: q, lambda q: -q, -1.0, judge, Reader().parser)
        >>> grade("<answer>4</answer><confidence>.5</confidence>", "4", {"prompt": "2 + 2?"}).reward
        0.5
    """

    _named: Mapping[str, bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the checker's signature once."""
        object.__setattr__(self, "_named", named_columns(self.checker))

    async def score_async(
        self, completion: Completion, truth: object, row: Mapping[str, Any] | None = None
    ) -> Score:
        """The score of a completion; an asynchronous checker is awaited in the running loop."""
        (score,) = await self._scores_async([completion], [self.truth(truth)], [row or {}])
        return score

    async def batch_async(
        self,
        completions: Iterable[Completion],
        truths: Iterable[object],
        rows: Iterable[Mapping[str, Any]] | None = None,
    ) -> list[Score]:
        """The scores of a batch, as `batch`, in the running event loop."""
        return await self._scores_async(*self._columns(completions, truths, rows))

    def _asked(
        self,
        completions: Sequence[Completion],
        truths: Sequence[object],
        rows: Sequence[Mapping[str, Any]],
    ) -> tuple[list[Statement], list[Any]]:
        """The readings of a batch, and what the checker returned: verdicts or awaitables."""
        readings = self._readings(completions, rows)
        given = [columns_for(self._named, row) for row in rows] if self._named else [{}] * len(rows)
        verdicts = [
            self._verdict(reading, truth, **columns)
            for reading, truth, columns in zip(readings, truths, given, strict=True)
        ]
        return readings, verdicts

    def _verdict(self, reading: Statement, truth: object, **given: Any) -> Any:
        verdict = super()._verdict(reading, truth, **given)
        return _awaited(verdict, reading.answer or "") if isawaitable(verdict) else verdict

    def _scores(
        self,
        completions: Sequence[Completion],
        truths: Sequence[object],
        rows: Sequence[Mapping[str, Any]],
    ) -> list[Score]:
        readings, verdicts = self._asked(completions, truths, rows)
        if any(map(isawaitable, verdicts)):
            verdicts = completed(all_awaited(verdicts))
        return list(map(self._scored, readings, verdicts))

    async def _scores_async(
        self,
        completions: Sequence[Completion],
        truths: Sequence[object],
        rows: Sequence[Mapping[str, Any]],
    ) -> list[Score]:
        readings, verdicts = self._asked(completions, truths, rows)
        return list(map(self._scored, readings, await all_awaited(verdicts)))


async def _awaited(verdict: Awaitable[Any], answer: str) -> Any:
    try:
        return await verdict
    except (ImportError, TruthError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, training goes on
        return failed(answer, error)
