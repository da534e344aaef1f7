"""TRL 1.16: the signature of a reward function of `GRPOTrainer`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.parsing import Completion
from scoring_theory.adapters.score import Score, Scorer, require_one_length
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

TrlReward = Callable[..., list[float]]
AsyncTrlReward = Callable[..., Coroutine[Any, Any, list[float]]]
Logger = Callable[[str, Any], None]


def trl_reward(
    grade: Scorer, *, truth: str, name: str, asynchronous: bool
) -> TrlReward | AsyncTrlReward:
    """The reward function that TRL calls, from a `Scorer`.

    It returns one float per completion, plain or conversational, and logs the components.
    """

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
            raise ValueError(
                f"the dataset has no column `{truth}` (it has {known}); give its name: truth='...'"
            )
        require_one_length({"completions": completions, truth: columns[truth]})
        scores = grade.batch(completions, columns[truth])
        log_scores(scores, name, log_extra, log_metric)
        return [score.reward for score in scores]

    async def async_reward_function(*args: Any, **columns: Any) -> list[float]:
        return reward_function(*args, **columns)

    chosen = async_reward_function if asynchronous else reward_function
    chosen.__name__ = chosen.__qualname__ = name
    return chosen


def log_scores(
    scores: Sequence[Score], name: str, log_extra: Logger | None, log_metric: Logger | None
) -> None:
    """Log columns for each completion, and means over the batch (without missing confidences).

    Args:
        scores: the scores of a batch.
        name: the prefix of the metrics.
        log_extra: the trainer's logger of columns.
        log_metric: the trainer's logger of means.

    Example:
        >>> score = Score(0.75, True, 0.5, {"correctness": 1.0, "calibration": -0.25}, True)
        >>> log_scores([score], "rlcr", None, print)  # doctest: +ELLIPSIS
        rlcr/correct 1.0
        ...
    """
    if log_extra:
        log_extra("confidence", [score.confidence for score in scores])
        log_extra("correct", [score.correct for score in scores])
        log_extra("problem", [score.problem for score in scores])
    if log_metric:
        table = [score.numbers() for score in scores]
        for key in dict.fromkeys(key for row in table for key in row):
            values = [row[key] for row in table if key in row]
            log_metric(f"{name}/{key}", sum(values) / len(values))


@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[False] = ...,
    **options: Unpack[Options],
) -> TrlReward: ...
@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[True],
    **options: Unpack[Options],
) -> AsyncTrlReward: ...
def as_trl(
    reward: RewardLike,
    *,
    truth: str = "solution",
    name: str = "scoring_theory",
    asynchronous: bool = False,
    **options: Unpack[Options],
) -> TrlReward | AsyncTrlReward:
    """A reward function for TRL, `GRPOTrainer(reward_funcs=as_trl(...))`: one float per completion.

    The trainer's default `scale_rewards="group"` divides by the standard deviation of the group, so
    that the optimum is no longer that of the reward; use `GRPOConfig(scale_rewards="none")`. The
    function never returns None, which the trainer would exclude from the group (older releases may
    count it as 0).

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the column of the dataset with the truth.
        name: the name of the reward in the trainer's logs.
        asynchronous: return an `async def`.
        **options: `missing`, `checker`, `allow_unsafe`, `forecast` and `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, the dataset does not have the column.

    Example:
        >>> rlcr = as_trl("c - (q - c)**2")
        >>> completion = "<answer>4</answer><confidence>0.5</confidence>"
        >>> rlcr(prompts=["2 + 2?"], completions=[completion], solution=["4"])
        [0.75]
    """
    grade = scorer(reward, **options)
    return trl_reward(
        grade,
        truth=identifier("truth", truth),
        name=identifier("name", name),
        asynchronous=asynchronous,
    )


TRL = Framework(
    title="TRL 1.16",
    entry="reward_function",
    maker=trl_reward,
    arguments={"name": "scoring_theory", "asynchronous": False},
    truth="solution",
    wiring=(
        'GRPOTrainer(reward_funcs=reward_function, args=GRPOConfig(scale_rewards="none", ...), ...)'
    ),
    defaults="trl_default",
)
