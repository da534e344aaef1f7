"""TRL 1.16: the signature of a reward function of `GRPOTrainer`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from scoring_theory.adapters.asking import AskingScorer
from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Score, Scorer, mean_numbers, require_one_length
from scoring_theory.adapters.scorer import Options, scorer
from scoring_theory.checkers.truths import truth_at
from scoring_theory.readers.replies import Completion

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

NoTruth = Literal["raise", "skip"]
Logger = Callable[[str, Any], None]
AsyncTrlReward = Callable[..., Coroutine[Any, Any, list[float | None]]]
Scored = tuple[dict[int, Mapping[str, Any]], list[Completion], list[Any]]


@dataclass(frozen=True)
class TrlReward:
    """The reward function that TRL calls, picklable: one float for each completion.

    Completions are plain or conversational. With `no_truth="skip"` a completion whose truth is None
    has the reward None. The components are logged under names that begin with that of the function.

    Attributes:
        grade: the scorer.
        truth: the column of the dataset with the truth.
        name: the name of the reward in the trainer's logs.
        no_truth: what a truth of None means.

    Example:
        >>> rlcr = as_trl("c - (q - c)**2", name="rlcr")
        >>> rlcr.__name__, rlcr.grade.missing
        ('rlcr', -1.0)
    """

    grade: Scorer
    truth: str
    name: str
    no_truth: NoTruth = "raise"

    @property
    def __name__(self) -> str:  # the trainer takes the name in its logs from here
        return self.name

    def __call__(
        self,
        prompts: Sequence[object],
        completions: Sequence[Completion],
        completion_ids: object = None,
        log_extra: Logger | None = None,
        log_metric: Logger | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """The rewards of a batch, with the arguments that TRL gives by name."""
        rows, texts, truths = self.scored(prompts, completions, columns)
        scores = self.scores(texts, truths, list(rows.values()))
        return self.spread(scores, rows, len(completions), log_extra, log_metric)

    def scores(
        self, texts: list[Completion], truths: list[Any], rows: list[Mapping[str, Any]]
    ) -> list[Score]:
        """The scores of what is scored in a batch."""
        return self.grade.batch(texts, truths, rows)

    def scored(
        self, prompts: Sequence[object], completions: Sequence[Completion], columns: dict[str, Any]
    ) -> Scored:
        """The rows, texts and truths of the completions that are scored."""
        if self.truth not in columns:
            known = ", ".join(sorted(columns)) or "none"
            raise ValueError(
                f"the dataset has no column `{self.truth}` (it has {known}); give its name:"
                " truth='...'"
            )
        truths = columns[self.truth]
        require_one_length({"completions": completions, self.truth: truths})
        kept = {
            place: row
            for place, row in enumerate(self.rows(prompts, completions, columns))
            if self.no_truth == "raise" or truth_at(truths[place], self.grade.truth_key) is not None
        }
        return kept, [completions[place] for place in kept], [truths[place] for place in kept]

    def rows(
        self, prompts: Sequence[object], completions: Sequence[Completion], columns: dict[str, Any]
    ) -> list[Mapping[str, Any]]:
        """What the scorer gets of the row of each completion."""
        if not is_column(prompts, len(completions)):
            return [{} for _ in completions]
        return [{"prompt": prompt} for prompt in prompts]

    def spread(
        self,
        scores: Sequence[Score],
        rows: Mapping[int, object],
        size: int,
        log_extra: Logger | None,
        log_metric: Logger | None,
    ) -> list[float | None]:
        """One reward for each completion, and the logs."""
        by_row = dict(zip(rows, scores, strict=True))
        every = [by_row.get(row) for row in range(size)]
        log_scores(every, self.name, log_extra, log_metric)
        return [None if score is None else self.paid(score) for score in every]

    def paid(self, score: Score) -> float:
        """The number that the trainer gets."""
        return score.reward


@dataclass(frozen=True)
class AskingTrlReward(TrlReward):
    """The reward function that TRL calls, where the checker asks for columns.

    Example:
        >>> asks = as_trl("c", checker=lambda answer, truth, level: answer == truth * level)
        >>> type(asks).__name__
        'AskingTrlReward'
    """

    def rows(
        self, prompts: Sequence[object], completions: Sequence[Completion], columns: dict[str, Any]
    ) -> list[Mapping[str, Any]]:
        """The columns of each completion, and what is one value for all of them."""
        size = len(completions)
        by_row = {"prompt": prompts, **columns}
        long = {key: one for key, one in by_row.items() if is_column(one, size)}
        rest = {key: one for key, one in columns.items() if key not in long}
        return [
            {**rest, **{key: one[row] for key, one in long.items()}, "completion": completion}
            for row, completion in enumerate(completions)
        ]


def awaited(reward: TrlReward) -> AsyncTrlReward:
    """The same function as an `async def`, which awaits the checker in the trainer's loop."""
    grade = reward.grade

    async def reward_function(
        prompts: Sequence[object],
        completions: Sequence[Completion],
        completion_ids: object = None,
        log_extra: Logger | None = None,
        log_metric: Logger | None = None,
        **columns: Any,
    ) -> list[float | None]:
        rows, texts, truths = reward.scored(prompts, completions, columns)
        if isinstance(grade, AskingScorer):
            scores = await grade.batch_async(texts, truths, rows.values())
        else:
            scores = grade.batch(texts, truths, rows.values())
        return reward.spread(scores, rows, len(completions), log_extra, log_metric)

    reward_function.__name__ = reward_function.__qualname__ = reward.name
    return reward_function


def is_column(value: object, size: int) -> bool:
    """Whether a value is a column of a batch: a sequence with an entry for each completion.

    Example:
        >>> is_column(["a", "b"], 2), is_column("ab", 2), is_column(None, 2)
        (True, False, False)
    """
    if not isinstance(value, Sized) or isinstance(value, str | Mapping):
        return False
    return hasattr(value, "__getitem__") and len(value) == size


def log_scores(
    scores: Sequence[Score | None],
    name: str,
    log_extra: Logger | None,
    log_metric: Logger | None,
) -> None:
    """Log columns for each completion, and means over the batch (see `mean_numbers`).

    Args:
        scores: the scores of a batch; None for a completion that is not scored.
        name: what the names of columns and metrics begin with.
        log_extra: the trainer's logger of columns.
        log_metric: the trainer's logger of means.

    Example:
        >>> score = Score(0.75, True, 0.5, {"correctness": 1.0, "calibration": -0.25}, True)
        >>> log_scores([score], "rlcr", None, print)  # doctest: +ELLIPSIS
        rlcr/correct 1.0
        rlcr/format_ok 1.0
        rlcr/confidence 0.5
        ...
    """
    if log_extra:
        table = [{} if score is None else score.numbers() for score in scores]
        log_extra(f"{name}/confidence", [row.get("confidence") for row in table])
        log_extra(f"{name}/correct", [None if one is None else one.correct for one in scores])
        log_extra(f"{name}/problem", [None if one is None else one.problem for one in scores])
    if log_metric:
        for key, mean in mean_numbers(scores).items():
            log_metric(f"{name}/{key}", mean)


@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[False] = ...,
    no_truth: NoTruth = ...,
    config: object = ...,
    **options: Unpack[Options],
) -> TrlReward: ...
@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[True],
    no_truth: NoTruth = ...,
    config: object = ...,
    **options: Unpack[Options],
) -> AsyncTrlReward: ...
def as_trl(
    reward: RewardLike,
    *,
    truth: str = "solution",
    name: str = "scoring_theory",
    asynchronous: bool = False,
    no_truth: NoTruth = "raise",
    config: object = None,
    **options: Unpack[Options],
) -> TrlReward | AsyncTrlReward:
    """A reward function for TRL, `GRPOTrainer(reward_funcs=as_trl(...))`: one float per completion.

    The trainer's default `scale_rewards="group"` divides by the standard deviation of the group, so
    that the optimum is no longer that of the reward; use `GRPOConfig(scale_rewards="none")`, and
    give the configuration as `config`, which warns where it undoes the reward. Where a function
    returns None, the trainer leaves the completion out of the group (older releases may count it as
    0); this one does so for truths of None, and only with `no_truth="skip"`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the column of the dataset with the truth.
        name: the name of the reward in the trainer's logs.
        asynchronous: return an `async def`.
        no_truth: what a truth of None means: "raise" an error, since the data is faulty, or "skip"
            the completion, for tasks of several kinds in one dataset, each with its own reward.
        config: the `GRPOConfig` or `RLOOConfig` of the run, or the same settings as a mapping.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Warns:
        ConfigWarning: under `config` another report or answer earns more than the truthful one, or
            nothing is proved.

    Raises:
        ValueError: see `scorer`; when called, the dataset does not have the column, or one that
            the checker asks for.

    Example:
        >>> rlcr = as_trl("c - (q - c)**2")
        >>> completion = "<answer>4</answer><confidence>0.5</confidence>"
        >>> rlcr(prompts=["2 + 2?"], completions=[completion], solution=["4"])
        [0.75]
    """
    if no_truth not in ("raise", "skip"):
        raise ValueError(f"`no_truth` must be 'raise' or 'skip', got {no_truth!r}")
    grade = scorer(reward, **options)
    if config is not None:
        from scoring_theory.adapters.trl_config import warn_of_config

        warn_of_config(
            reward,
            config,
            missing=grade.missing,
            forecast=options.get("forecast", False) or not grade.reader.reads_answers,
            graded=options.get("graded", False),
        )
    kind = AskingTrlReward if isinstance(grade, AskingScorer) else TrlReward
    function = kind(grade, identifier("truth", truth), identifier("name", name), no_truth)
    return awaited(function) if asynchronous else function


TRL = Framework(
    title="TRL 1.16",
    entry="reward_function",
    maker=TrlReward,
    form="call",
    arguments={"name": "scoring_theory", "no_truth": "raise"},
    truth="solution",
    wiring=(
        "GRPOTrainer(reward_funcs=reward_function,"
        ' args=GRPOConfig(scale_rewards="none", num_generations=8, beta=0.0, ...), ...)',
        "trl grpo --reward_funcs {module}.reward_function --scale_rewards none"
        " --num_generations 8 --beta 0.0 ...",
    ),
    defaults="trl_default",
)
