"""The settings that `check` was asked for, and the reward that they leave to be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from scoring_theory.checking.levels import parse_levels
from scoring_theory.reward.parameters import as_domain

if TYPE_CHECKING:
    from proofs.search.prover import Prover
    from scoring_theory.checking.setting import Setting
    from scoring_theory.reward import Reward
    from scoring_theory.reward.parameters import Parameter

ListedNumbers = str | Sequence[float | Fraction]
Chosen = str | Sequence[str]


@dataclass(frozen=True)
class SettingOptions:
    """The options of `check` that are about a setting; see there.

    Example:
        >>> SettingOptions(grid="0..10").replacing
        ['a grid of reports']
    """

    graded: bool = False
    grades: ListedNumbers | None = None
    false_positive: Parameter | None = None
    false_negative: Parameter | None = None
    errors_by_answer: bool = False
    grid: ListedNumbers | None = None
    abstain: str | float | Fraction | None = None
    model_chooses: Chosen = ()
    schedule: str | None = None
    difficulty: str | None = None
    choices: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Refuse options that contradict one another.

        Raises:
            ValueError: two settings replace the same verdicts, or an option lacks its partner.
        """
        given = [self.model_chooses] if isinstance(self.model_chooses, str) else self.model_chooses
        object.__setattr__(self, "choices", dict(map(_chosen, given)))
        if len(self.replacing) > 1:
            raise ValueError(
                f"{' and '.join(self.replacing)} are settings of their own: give one at a time"
            )
        if self.errors_by_answer and self.false_positive is None and self.false_negative is None:
            raise ValueError("errors by answer need rates: a false positive or negative rate")
        if self.difficulty is not None and self.schedule is None:
            raise ValueError("the difficulty is about a schedule: give a schedule")

    @property
    def replacing(self) -> list[str]:
        """The settings that replace the verdicts on the reward alone."""
        asked = {
            "graded scores": self.graded or self.grades is not None,
            "verifier errors": (self.false_positive, self.false_negative) != (None, None),
            "a grid of reports": self.grid is not None,
        }
        return [name for name, wanted in asked.items() if wanted]

    def prepare(self, reward: Reward) -> tuple[Reward, list[Setting]]:
        """The reward during the schedule and at the best choice, and these settings."""
        found: list[Setting] = []
        if self.schedule is not None:
            from scoring_theory.checking.schedule import Schedule, schedule

            moving = Schedule.parse(self.schedule)
            found.append(schedule(reward, moving, self.difficulty or "uniform"))
            reward = moving.apply(reward)
        if self.choices:
            from scoring_theory.checking.choices import best_choice

            reward, setting = best_choice(reward, list(self.choices))
            found.append(setting)
        return reward, found

    def judge(self, prover: Prover) -> list[Setting]:
        """The settings that judge the prepared reward."""
        found: list[Setting] = []
        if self.graded or self.grades is not None:
            from scoring_theory.checking.graded import graded

            found.append(graded(prover, None if self.grades is None else _levels(self.grades)))
        if (self.false_positive, self.false_negative) != (None, None):
            from scoring_theory.checking.verifier_errors import verifier_errors

            a, b = (0 if x is None else x for x in (self.false_positive, self.false_negative))
            found.append(verifier_errors(prover, a, b, by_answer=self.errors_by_answer))
        if self.grid is not None:
            from scoring_theory.checking.grid import grid

            found.append(grid(prover, _levels(self.grid)))
        if self.abstain is not None:
            from scoring_theory.checking.abstention import abstention

            found.append(abstention(prover, self.abstain))
        return found


def _chosen(text: str) -> tuple[str, str]:
    """Name and domain of a quantity that the model chooses.

    Raises:
        ValueError: the text is not a domain.
    """
    from proofs.kernel.formula import FormulaError, parse_domain

    try:
        name, _ = parse_domain(text)
    except FormulaError as error:
        raise ValueError(
            f"a quantity that the model chooses is declared as '0 <= L <= 1', got {text!r}: {error}"
        ) from None
    as_domain(name, text)
    return name, text


def _levels(given: ListedNumbers) -> tuple[Fraction, ...]:
    if isinstance(given, str):
        return parse_levels(given)
    return tuple(Fraction(str(x)) for x in given)
