"""TRL (1.16): `GRPOTrainer(reward_funcs=as_trl(...))`. Nothing of TRL is imported."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from .parsing import Completion
from .score import Options, Score, scorer

if TYPE_CHECKING:
    from scoring_theory.reward import Reward

TrlReward = Callable[..., list[float]]
AsyncTrlReward = Callable[..., Coroutine[Any, Any, list[float]]]
Logger = Callable[[str, Any], None]


@overload
def as_trl(
    reward: Reward, *, truth: str = ..., name: str = ..., asynchronous: Literal[False] = ..., **options: Unpack[Options]
) -> TrlReward: ...
@overload
def as_trl(
    reward: Reward, *, truth: str = ..., name: str = ..., asynchronous: Literal[True], **options: Unpack[Options]
) -> AsyncTrlReward: ...
def as_trl(
    reward: Reward,
    *,
    truth: str = "solution",
    name: str = "scoring_theory",
    asynchronous: bool = False,
    **options: Unpack[Options],
) -> TrlReward | AsyncTrlReward:
    """A reward function for TRL's trainers: one float per completion, plain or conversational.

    Beware of the trainer's defaults: `scale_rewards="group"` divides by the group's standard deviation, and what is
    optimised is then not this reward any more. `GRPOConfig(scale_rewards="none")` keeps it.

    Args:
        reward: every parameter has a value.
        truth: the dataset column with the truth.
        name: what the trainer calls the reward in its logs.
        asynchronous: give an `async def`.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, a dataset without the column.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> rlcr = as_trl(Reward.parse("c - (q - c)**2"))
        >>> rlcr(prompts=["2 + 2?"], completions=["<answer>4</answer><confidence>0.5</confidence>"], solution=["4"])
        [0.75]
    """
    grade = scorer(reward, **options)

    def reward_function(
        prompts: Sequence[object],
        completions: Sequence[Completion],
        completion_ids: object = None,
        log_extra: Logger | None = None,
        log_metric: Logger | None = None,
        **columns: Any,
    ) -> list[float]:
        if truth not in columns:
            known = ", ".join(sorted(columns))
            raise ValueError(f"the dataset has no column `{truth}` (it has {known}); name the truth: truth='...'")
        scores = [grade(completion, one) for completion, one in zip(completions, columns[truth], strict=True)]
        _log(scores, name, log_extra, log_metric)
        return [score.reward for score in scores]

    async def async_reward_function(*args: Any, **columns: Any) -> list[float]:
        return reward_function(*args, **columns)

    chosen = async_reward_function if asynchronous else reward_function
    chosen.__name__ = chosen.__qualname__ = name
    return chosen


def _log(scores: Sequence[Score], name: str, log_extra: Logger | None, log_metric: Logger | None) -> None:
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
