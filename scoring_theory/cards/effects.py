"""What the default settings of trainers do to a reward: trainers with the same effect together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import TRAINERS, Outcomes, Trainer
from scoring_theory.catalogue import correctness
from scoring_theory.checking.check import check
from scoring_theory.display import in_short, line

if TYPE_CHECKING:
    from scoring_theory.checking.trained_report import Prediction, TrainedReport
    from scoring_theory.reward import Reward
    from scoring_theory.verdict import Status

TRAINED_OUTCOMES: Outcomes = "by_answer"
"""Rollouts with the same answer are all correct or all wrong, as in question answering."""


@dataclass(frozen=True)
class TrainerEffect:
    """What some trainers do to one reward.

    Attributes:
        trainers: their names in `scoring_theory.advantage.TRAINERS`.
        confidence: "proved" if no misreport gains in advantage.
        answers: "proved" if no less accurate answer gains in advantage.
        penalised: whether a KL penalty inside the reward moves confidence away from p.
        predictions: the stable confidences at a few p, without the KL penalty.

    Example:
        >>> from scoring_theory import rlcr
        >>> effect = trainer_effects(rlcr, {"trl_default": TRAINERS["trl_default"]})[0]
        >>> effect.confidence, effect.bias, effect.example
        ('refuted', 0.3, 'at p = 0.3 confidence ends at 0')
    """

    trainers: tuple[str, ...]
    confidence: Status
    answers: Status
    penalised: bool
    predictions: tuple[Prediction, ...]

    def __repr__(self) -> str:
        return line("TrainerEffect", in_short(self.trainers), f"confidence={self.confidence!r}")

    @property
    def keeps(self) -> bool:
        """Whether the optimum of the reward is proved to be that of the training as well."""
        return self.confidence == self.answers == "proved" and not self.penalised

    @property
    def bias(self) -> float:
        """The largest distance of a stable confidence from p; 0 where all are stable."""
        return max(map(_distance, self.predictions), default=0.0)

    @property
    def example(self) -> str:
        """Where the largest distance is, in words; "" if there is none."""
        if not self.bias:
            return ""
        worst = max(self.predictions, key=_distance)
        p = worst.success_probability
        end = max(worst.stable, key=lambda q: abs(q - p))
        return f"at p = {p:g} confidence ends at {end:g}"


def _distance(prediction: Prediction) -> float:
    if prediction.every:
        return 0.0
    return round(max(map(abs, prediction.bias), default=0.0), 9)


def trainer_effects(
    reward: Reward,
    trainers: Mapping[str, Trainer] = TRAINERS,
    *,
    step: Callable[[], None] = lambda: None,
) -> tuple[TrainerEffect, ...]:
    """Check a reward under the default settings of each trainer, the harmless ones first.

    Outcomes are "by_answer". An estimator that normalises each component gets two: correctness c,
    and the rest, R - c.

    Args:
        reward: without free parameters.
        trainers: by name.
        step: called after each trainer.

    Example:
        >>> from scoring_theory import rlcr
        >>> some = {name: TRAINERS[name] for name in ("grpo", "rloo", "rlcr")}
        >>> [effect.trainers for effect in trainer_effects(rlcr, some)]
        [('rloo', 'rlcr'), ('grpo',)]
    """
    known: dict[Trainer, TrainedReport] = {}
    groups: dict[TrainerEffect, list[str]] = {}
    for name, trainer in trainers.items():
        settings = replace(trainer, name="", source="", unreadable="poison")
        if settings not in known:
            known[settings] = _trained(reward, settings)
        seen = known[settings]
        moved = seen.regularised is not None and seen.regularised.status == "refuted"
        effect = TrainerEffect(
            (), seen.honest.status, seen.accurate.status, moved, seen.predictions
        )
        groups.setdefault(effect, []).append(name)
        step()
    effects = (replace(effect, trainers=tuple(names)) for effect, names in groups.items())
    return tuple(sorted(effects, key=lambda one: (not one.keeps, one.bias)))


def _trained(reward: Reward, trainer: Trainer) -> TrainedReport:
    parts = None
    if ESTIMATORS[trainer.estimator].per_component:
        parts = [("correctness", 1, correctness), ("confidence", 1, reward - correctness)]
    report = check(reward, estimator=trainer, outcomes=TRAINED_OUTCOMES, components=parts)
    assert report.training is not None
    return report.training
