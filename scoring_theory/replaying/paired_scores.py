"""Differences of two methods in Brier score and log loss, on the questions that both answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration import ConfidenceInterval
from scoring_theory.catalogue import brier, log
from scoring_theory.display import one_line
from scoring_theory.pages import Section
from scoring_theory.replaying.answers import Answers, alone, answers_of
from scoring_theory.replaying.comparison import ends, interval_json
from scoring_theory.replaying.resampling import groups_of, resample
from scoring_theory.replaying.story import with_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scoring_theory.replaying.cells import Settings
    from scoring_theory.rollouts.rollouts import Rollouts

_SCORES = {"brier": brier, "log_loss": log}
"""The rules, larger is better, of which the losses are the negatives."""


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """The losses of one method minus those of another, on the questions that both answered.

    Attributes:
        first: A method.
        second: Another method.
        questions: The number of questions to which both state a confidence.
        brier: The difference in Brier score, with its paired interval; below 0 the first is better.
        log_loss: Likewise in log loss; infinite where one of them has a certain error, and
            undefined where both have.

    Example:
        >>> from scoring_theory import Rollouts, calibrate
        >>> log = Rollouts(
        ...     confidence=[0.9, 0.5], correct=[1, 1], method=["anna", "bob"], question=[7, 7])
        >>> [found] = calibrate(log, intervals=False).differences
        >>> found.first, found.second, round(found.brier.estimate, 2)
        ('anna', 'bob', -0.24)
    """

    first: str
    second: str
    questions: int
    brier: ConfidenceInterval
    log_loss: ConfidenceInterval

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; undefined numbers are null, and infinite ones are texts."""
        return {
            "first": self.first,
            "second": self.second,
            "questions": self.questions,
            **{name: interval_json(getattr(self, name), "difference") for name in _SCORES},
        }


def score_differences(rollouts: Rollouts, settings: Settings) -> tuple[ScoreDifference, ...]:
    """The differences of every pair of methods with common questions, over all rows.

    Args:
        rollouts: The log; none is computed without questions, or for graded scores.
        settings: How intervals are drawn.

    Example:
        >>> from scoring_theory.replaying.cells import Settings
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(
        ...     confidence=[0.9, 0.5], correct=[1, 1], method=["anna", "bob"], question=[7, 8])
        >>> score_differences(log, Settings(resamples=0, level=0.95, seed=0))
        ()
    """
    methods = rollouts.methods
    if rollouts.group is None or rollouts.graded or len(methods) < 2:
        return ()
    everything = answers_of(rollouts, _SCORES)
    answers = alone(everything, everything.place >= 0)
    return tuple(_differences(answers, methods, settings))


def _differences(
    answers: Answers, methods: Sequence[str], settings: Settings
) -> Iterator[ScoreDifference]:
    group, groups = answers.group, groups_of(answers)
    assert group is not None
    cell = group * len(methods) + answers.method
    answered = np.bincount(cell, minlength=groups * len(methods)).reshape(groups, -1) > 0
    known: dict[bytes, NDArray[np.float64]] = {}  # most pairs have the same common questions
    for i, j in combinations(range(len(methods)), 2):
        common = answered[:, i] & answered[:, j]
        questions = int(common.sum())
        if not questions:
            continue
        key = np.packbits(common).tobytes()
        if key not in known:
            known[key] = resample(
                alone(answers, common[group]),
                len(methods),
                rng=settings.rng("scores"),
                resamples=settings.resamples,
            )
        with np.errstate(invalid="ignore"):
            lead = known[key][:, j] - known[key][:, i]
        intervals = (ends(lead[:, k], settings.level, questions) for k in range(len(_SCORES)))
        yield ScoreDifference(methods[i], methods[j], questions, *intervals)


def differences_section(found: Sequence[ScoreDifference], how: str) -> Section:
    """The table of the differences.

    Args:
        found: The differences.
        how: How the intervals are computed.

    Example:
        >>> differences_section((), "").head
        ('first - second', 'questions', 'Brier score', 'log loss')
    """
    rows = tuple(
        (
            f"{one.first} - {one.second}",
            f"{one.questions:,}",
            with_ends(one.brier),
            with_ends(one.log_loss),
        )
        for one in found
    )
    head = ("first - second", "questions", "Brier score", "log loss")
    note = f"On the questions that both answered; below 0, the first is better. {how}".strip()
    return Section("Paired differences of losses", note, head, rows, frozenset(head[1:]))
