"""TRL (1.16): the signature of a reward function of `GRPOTrainer`. The standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from scoring_theory.adapters.parsing import Completion
from scoring_theory.adapters.score import Score, Scorer, require_one_length

TrlReward = Callable[..., list[float]]
AsyncTrlReward = Callable[..., Coroutine[Any, Any, list[float]]]
Logger = Callable[[str, Any], None]


def trl_reward(grade: Scorer, *, truth: str, name: str, asynchronous: bool) -> TrlReward | AsyncTrlReward:
    """One float per completion, plain or conversational; what it was made of goes to the trainer's two loggers."""

    def reward_function(
        prompts: Sequence[object],
        completions: Sequence[Completion],
        completion_ids: object = None,
        log_extra: Logger | None = None,
        log_metric: Logger | None = None,
        **columns: Any,
    ) -> list[float]:
        if truth not in columns:
            known = ", ".join(sorted(columns)) or "none"
            raise ValueError(f"the dataset has no column `{truth}` (it has {known}); name the truth: truth='...'")
        require_one_length({"completions": completions, truth: columns[truth]})
        scores = grade.batch(completions, columns[truth])
        log_scores(scores, name, log_extra, log_metric)
        return [score.reward for score in scores]

    async def async_reward_function(*args: Any, **columns: Any) -> list[float]:
        return reward_function(*args, **columns)

    chosen = async_reward_function if asynchronous else reward_function
    chosen.__name__ = chosen.__qualname__ = name
    return chosen


def log_scores(scores: Sequence[Score], name: str, log_extra: Logger | None, log_metric: Logger | None) -> None:
    """Columns beside each completion, and means over the batch (of confidence: over those that could be read)."""
    if log_extra:
        log_extra("confidence", [score.confidence for score in scores])
        log_extra("correct", [score.correct for score in scores])
        log_extra("problem", [score.problem for score in scores])
    if log_metric:
        table = [score.numbers() for score in scores]
        for key in dict.fromkeys(key for row in table for key in row):
            values = [row[key] for row in table if key in row]
            log_metric(f"{name}/{key}", sum(values) / len(values))
