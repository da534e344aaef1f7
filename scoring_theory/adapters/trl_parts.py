"""A reward as several functions for TRL, whose weighted sum is the reward that was checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Unpack

from scoring_theory.adapters.framework import identifier
from scoring_theory.adapters.score import Score
from scoring_theory.adapters.scorer import Options, agreed_terms, scorer
from scoring_theory.adapters.trl import AskingTrlReward, NoTruth
from scoring_theory.readers.replies import Completion

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

Part = Literal["accuracy", "score", "format"]
TRL_PARTS: tuple[Part, ...] = ("accuracy", "score", "format")


@dataclass
class LastBatch:
    """The scores of the last batch, so that a checker judges each completion once for all parts.

    A judge may give two verdicts on one answer, and then the parts would not be those of one
    reward.
    """

    texts: list[Completion] = field(default_factory=list)
    truths: list[Any] = field(default_factory=list)
    scores: list[Score] | None = None

    def __reduce__(self) -> tuple[type[LastBatch], tuple[()]]:
        return LastBatch, ()

    def holds(self, texts: list[Completion], truths: list[Any]) -> bool:
        """Whether these are the very objects of the last batch."""
        known = [*self.texts, *self.truths]
        return (
            self.scores is not None
            and len(texts) == len(self.texts)
            and all(one is other for one, other in zip([*texts, *truths], known, strict=True))
        )


@dataclass(frozen=True)
class TrlPart(AskingTrlReward):
    """One of the functions that TRL adds up; the first logs for all of them.

    Attributes:
        part: what it pays: the correctness, the score S(q, c), or 1 for a readable completion.
        worst: what an unreadable completion earns; the least that the part can pay.
        last: the last batch, which the parts share.
    """

    part: Part = "accuracy"
    worst: float = 0.0
    last: LastBatch = field(default_factory=LastBatch, repr=False, compare=False)

    @property
    def __name__(self) -> str:
        return f"{self.name}_{self.part}"

    def scores(
        self, texts: list[Completion], truths: list[Any], rows: list[Mapping[str, Any]]
    ) -> list[Score]:
        """The scores of a batch, computed by the first part that is called."""
        if self.part == TRL_PARTS[0] or not self.last.holds(texts, truths):
            self.last.scores = super().scores(texts, truths, rows)
            self.last.texts, self.last.truths = texts, truths
        return self.last.scores or []

    def spread(
        self,
        scores: Sequence[Score],
        rows: Any,
        size: int,
        log_extra: Any,
        log_metric: Any,
    ) -> list[float | None]:
        """One number for each completion; what is logged of the scores is logged once."""
        if self.part != TRL_PARTS[0]:
            log_extra = log_metric = None
        return super().spread(scores, rows, size, log_extra, log_metric)

    def paid(self, score: Score) -> float:
        """The number that the trainer weighs and adds."""
        if not score.format_ok:
            return self.worst
        if self.part == "accuracy":
            return float(score.correct)
        return score.reward if self.part == "score" else 1.0


@dataclass(frozen=True)
class TrlParts:
    """The functions of one reward and their weights.

    Attributes:
        functions: `reward_funcs` of the trainer: accuracy, score and format.
        weights: `reward_weights` of its configuration.
        text: the formula of their sum over readable completions.
        missing: the sum of an unreadable completion.

    Example:
        >>> parts = as_trl_parts("-(q - c)^2", name="brier")
        >>> parts.text, parts.missing, [function.__name__ for function in parts]
        ('c - (q - c)^2 + 1', -1.0, ['brier_accuracy', 'brier_score', 'brier_format'])
    """

    functions: list[TrlPart]
    weights: list[float]
    text: str
    missing: float

    def __iter__(self) -> Iterator[TrlPart]:
        return iter(self.functions)


def as_trl_parts(
    score: RewardLike,
    *,
    weights: Sequence[float | Fraction] | None = None,
    truth: str = "solution",
    name: str = "scoring_theory",
    no_truth: NoTruth = "raise",
    config: object = None,
    **options: Unpack[Options],
) -> TrlParts:
    """The functions for accuracy, score and format, `GRPOTrainer(reward_funcs=parts.functions)`.

        weights[0] c + weights[1] S(q, c) + weights[2]

    is checked, the sum that the trainer computes of a readable completion. Each function of an
    unreadable one returns the least that it can return: 0, inf S and 0.

    Args:
        score: S, a formula, a `Reward` or an entry of the catalogue, such as `-(q - c)^2`.
        weights: the weights of accuracy, score and format; by default `reward_weights` of `config`,
            or else 1, as in TRL.
        truth: the column of the dataset with the truth.
        name: what the names of the functions and of the logs begin with.
        no_truth: see `as_trl`.
        config: the `GRPOConfig` of the run; warns where it undoes the sum, as with
            `multi_objective_aggregation="normalize_then_sum"` (GDPO).
        **options: `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and `graded` of
            `scorer`.

    Warns:
        ConfigWarning: see `as_trl`.

    Raises:
        UnsafeRewardError: the sum is not proved safe.
        ValueError: there are not three weights, one of them is negative, those of `config` differ,
            or `missing` is given.

    Example:
        >>> parts = as_trl_parts("-(q - c)^2", weights=(1, 0.5, 0.2))
        >>> said = ["<answer>4</answer><confidence>0.5</confidence>", "4"]
        >>> batch = {"prompts": ["2 + 2?"] * 2, "completions": said, "solution": ["4"] * 2}
        >>> [function(**batch) for function in parts]
        [[1.0, 0.0], [-0.25, -1.0], [1.0, 0.0]]
        >>> as_trl_parts("-(q - c)^2", weights=(1, 2, 0))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        scoring_theory.adapters.scorer.UnsafeRewardError: `c - 2*(q - c)^2` is refuted: ...
    """
    from scoring_theory.catalogue.coercion import as_reward
    from scoring_theory.reward import Reward

    if "missing" in options:
        raise ValueError("each function pays the least that it can: leave out `missing`")
    rule = as_reward(score)
    chosen = _weights(weights, config)
    paid = (Reward.parse("c"), rule, Reward.parse("1"))
    named = [(part, weight, one) for part, weight, one in zip(TRL_PARTS, chosen, paid, strict=True)]
    total = Fraction(0) * rule
    for _, weight, one in named:
        total = total + weight * one if weight else total
    agreed = agreed_terms(total, **options)
    of_score: Options = {**options, "allow_unsafe": True}
    grade = scorer(rule, **of_score)
    least = {"accuracy": 0.0, "score": grade.missing, "format": 0.0}
    missing = sum(float(weight) * least[part] for part, weight, _ in named)
    if config is not None:
        from scoring_theory.adapters.trl_config import warn_of_config

        warn_of_config(
            total,
            config,
            missing=missing,
            parts=[each for each in named if each[1]],
            forecast=options.get("forecast", False),
            graded=options.get("graded", False),
        )
    last = LastBatch()
    functions = [
        TrlPart(
            grade,
            identifier("truth", truth),
            identifier("name", name),
            no_truth,
            part=part,
            worst=least[part],
            last=last,
        )
        for part in TRL_PARTS
    ]
    assert missing <= agreed.missing + 1e-9
    return TrlParts(functions, [float(weight) for weight in chosen], total.text, missing)


def _weights(given: Sequence[float | Fraction] | None, config: object) -> tuple[Fraction, ...]:
    """The weights of the three functions, compared with those of the configuration."""
    from scoring_theory.reward.algebra import exact

    stated = None
    if config is not None:
        from scoring_theory.configs import read_trl

        stated = read_trl(config).weights
        if stated is None and given is not None:
            stated = (Fraction(1),) * len(TRL_PARTS)
    chosen = tuple(exact(weight) for weight in given or stated or (1,) * len(TRL_PARTS))
    rule = f"`weights` are those of {', '.join(TRL_PARTS)}, none of them negative"
    if len(chosen) != len(TRL_PARTS) or min(chosen) < 0:
        raise ValueError(f"{rule}, got {_listed(chosen)}")
    if stated is not None and tuple(stated) != chosen:
        raise ValueError(
            f"{rule}, and `reward_weights` of the configuration must be the same: got"
            f" {_listed(chosen)} and {_listed(stated)}"
        )
    return chosen


def _listed(weights: Sequence[Fraction]) -> str:
    return f"({', '.join(f'{float(weight):g}' for weight in weights)})"
