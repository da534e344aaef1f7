"""The payoffs that a probe saw, by completion and by confidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from scoring_theory.probing.cases import ProbeCase, stated_levels
from scoring_theory.probing.child import PaidReward
from scoring_theory.probing.fit import simple
from scoring_theory.readers import Reader

ALIKE = 1e-9
"""Largest difference that counts as none, relative to `Seen.size`; rounding is far below."""


@dataclass(frozen=True)
class Seen:
    """What the functions paid for every completion.

    Attributes:
        names: of the functions.
        framework: whose signature they have.
        reader: the format of the completions.
        weights: of the functions.
        cases: the completions.
        first: the payoffs of each function, in the order of the cases.
        second: the same, asked again in the opposite order.
        nameless: the numbers of the functions without a `__name__`, where the framework wants one.
    """

    names: Sequence[str]
    framework: str
    reader: Reader
    weights: Sequence[Fraction]
    cases: Sequence[ProbeCase]
    first: Sequence[Sequence[PaidReward]]
    second: Sequence[Sequence[PaidReward]]
    nameless: Sequence[int] = ()

    @cached_property
    def levels(self) -> list[Fraction]:
        """The confidences that were stated."""
        return stated_levels(self.reader)

    @cached_property
    def paid(self) -> list[PaidReward]:
        """The rewards: the weighted sums of all functions, as the framework adds them."""
        return [self._added([row[at] for row in self.first]) for at in range(len(self.cases))]

    @cached_property
    def again(self) -> list[PaidReward]:
        """The rewards when asked again."""
        return [self._added([row[at] for row in self.second]) for at in range(len(self.cases))]

    def _added(self, paid: Sequence[PaidReward]) -> PaidReward:
        raised = next((each for each in paid if isinstance(each, str)), None)
        if raised is not None:
            return raised
        if all(each is None for each in paid):
            return None
        weighted = [
            float(weight) * payoff_number(each)
            for weight, each in zip(self.weights, paid, strict=True)
        ]
        if self.framework == "trl":  # it adds with nansum
            weighted = [each for each in weighted if not math.isnan(each)] or [math.nan]
        return sum(weighted)

    def rows(self, kind: str) -> Iterator[tuple[ProbeCase, PaidReward]]:
        """The completions of a kind, with their rewards."""
        return (
            (case, paid)
            for case, paid in zip(self.cases, self.paid, strict=True)
            if case.kind == kind
        )

    def stated(self, level: int, *, right: bool) -> tuple[ProbeCase, PaidReward]:
        """The readable completion with this confidence, and its reward."""
        return next(
            (case, paid)
            for case, paid in self.rows("stated")
            if case.level == level and case.right is right
        )

    def other_forms(self) -> dict[str, list[tuple[ProbeCase, PaidReward]]]:
        """The completions in each other form of the reader that is not paid as it should be."""
        found: dict[str, list[tuple[ProbeCase, PaidReward]]] = {}
        for case, paid in self.rows("form"):
            found.setdefault(case.label, []).append((case, paid))
        return {label: rows for label, rows in found.items() if not all(map(self._same, rows))}

    def _same(self, row: tuple[ProbeCase, PaidReward]) -> bool:
        """Whether a completion is paid as the one with the same statement in the main form."""
        case, paid = row
        expected = self.stated(case.level, right=case.right)[1]
        return paid == expected or self.near(payoff_number(paid), payoff_number(expected))

    def payoffs(self, *, right: bool, function: int | None = None) -> list[float]:
        """The payoffs by confidence, of all functions or of one; NaN where none was returned."""
        paid = self.paid if function is None else self.first[function]
        return [
            payoff_number(each)
            for case, each in zip(self.cases, paid, strict=True)
            if case.kind == "stated" and case.right is right
        ]

    @cached_property
    def on_correct(self) -> list[float]:
        """The rewards of right answers by confidence."""
        return self.payoffs(right=True)

    @cached_property
    def on_wrong(self) -> list[float]:
        """The rewards of wrong answers by confidence."""
        return self.payoffs(right=False)

    @cached_property
    def size(self) -> float:
        """The largest finite reward of a readable completion, or 1: rounding is relative to it."""
        numbers = (abs(each) for each in (*self.on_correct, *self.on_wrong) if math.isfinite(each))
        return max(numbers, default=0.0) or 1.0

    def fraction(self, value: float) -> Fraction:
        """The simplest fraction that a payoff may be a rounded value of."""
        payoffs = np.array([*self.on_correct, *self.on_wrong, value])
        single = bool((payoffs.astype(np.float32) == payoffs).all())
        return simple(value, (1e-7 if single else 1e-12) * self.size)

    def shown(self, value: float) -> str:
        """A payoff with four digits; 0 where it differs from it by rounding alone."""
        return "0" if self.near(value, 0.0) else f"{value:.4g}"

    def near(self, a: float, b: float) -> bool:
        """Whether two payoffs are equal up to the rounding of floats."""
        return a == b or abs(a - b) <= ALIKE * self.size


def payoff_number(paid: PaidReward) -> float:
    """A payoff as a number; NaN for None and where the function raised.

    Example:
        >>> payoff_number(0.5), payoff_number("raised KeyError: 'answer'")
        (0.5, nan)
    """
    return paid if isinstance(paid, float) else math.nan


def payoff_text(paid: PaidReward) -> str:
    """A payoff for a sentence.

    Example:
        >>> payoff_text(1 / 3), payoff_text(None)
        ('0.333333', 'None')
    """
    return f"{paid:.6g}" if isinstance(paid, float) else str(paid)


def quoted(case: ProbeCase) -> str:
    r"""A completion for a sentence, as a function gets it.

    Example:
        >>> print(quoted(ProbeCase("4\n90%", "2 + 2?", "4", "stated", right=True)))
        '4\n90%'
    """
    text = repr(case.completion)
    return text if len(text) <= 90 else f"{text[:86]}...'"
