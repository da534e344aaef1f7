"""The formula of the payoffs that were seen, and the confidences for which it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from proofs.search.prover import Prover
from scoring_theory.probing.fit import fitted, joined, sum_text
from scoring_theory.probing.seen import Seen, payoff_number
from scoring_theory.reward import Reward

_SCALES = (Fraction(100), Fraction(10), Fraction(1, 100), Fraction(1, 10))
"""What a confidence is multiplied by, where a function takes it for one of another scale."""


@dataclass(frozen=True)
class Formula:
    """The formulas that fit every payoff.

    Attributes:
        text: R(q, c) of the weighted sum; None if none was found.
        parts: the same of each function; empty for one function.
        grid: the confidences that can be stated, where those between them are not read.
    """

    text: str | None
    parts: tuple[str | None, ...] = ()
    grid: str | None = None


def formula_of(seen: Seen) -> Formula:
    """PayoffFit the payoffs of all functions together, and of each one."""
    count = len(seen.names)
    whole = _fit(seen.levels, seen.on_correct, seen.on_wrong)
    if count == 1:
        return Formula(whole, (), _grid(seen, whole))
    parts = tuple(
        _fit(
            seen.levels,
            seen.payoffs(right=True, function=at),
            seen.payoffs(right=False, function=at),
        )
        for at in range(count)
    )
    text = whole or weighted(seen.weights, parts)
    return Formula(text, parts, _grid(seen, text))


def weighted(weights: Sequence[Fraction], parts: Sequence[str | None]) -> str | None:
    """The weighted sum of the parts; None if one of them has no formula.

    Example:
        >>> weighted([Fraction(1), Fraction(1, 2)], ["c", "-(q - c)^2"])
        '(c) + 1/2*(-(q - c)^2)'
    """
    if any(part is None for part in parts):
        return None
    return sum_text([(weight, f"({part})") for weight, part in zip(weights, parts, strict=True)])


def _fit(
    levels: Sequence[Fraction], on_correct: Sequence[float], on_wrong: Sequence[float]
) -> str | None:
    right = fitted(levels, on_correct)
    wrong = None if right is None else fitted(levels, on_wrong)
    return None if right is None or wrong is None else joined(right, wrong)


def _grid(seen: Seen, formula: str | None) -> str | None:
    """All confidences that can be stated: phrases, or whole numbers if no others are read."""
    listed = ", ".join(map(str, seen.levels))
    if seen.reader.words:
        return listed
    if formula is None:
        return None
    reward = Reward.parse(formula)
    for case, paid in seen.rows("between"):
        level = seen.reader.read(case.completion).confidence
        expected = (
            None if level is None else float(reward.table(np.array([level]))[int(case.right), 0])
        )
        if expected is None or not seen.near(expected, payoff_number(paid)):
            return listed
    return None


def other_scale(seen: Seen) -> str:
    """What is wrong with the scale, if the payoffs are those of a proper rule on another one."""
    for factor in _SCALES:
        levels = [level * factor for level in seen.levels]
        formula = _fit(levels, seen.on_correct, seen.on_wrong)
        if formula is None or "q" not in formula or not _looks_proper(formula):
            continue
        if Prover(formula, {}).proper.decision != "proved":
            continue
        return (
            f"the payoffs are those of {formula} with q = {factor} where the confidence 1 is"
            " stated: the number is taken for one of another scale"
        )
    return ""


def _looks_proper(formula: str) -> bool:
    """Whether no misreport earns more on a coarse grid; it spares a search for a proof."""
    grid = np.arange(21) / 20
    with np.errstate(all="ignore"):
        rewards = Reward.parse(formula).expected_reward(grid[:, None], grid[None, :])
        return bool((rewards.max(axis=1) <= np.diagonal(rewards) + 1e-9).all())
