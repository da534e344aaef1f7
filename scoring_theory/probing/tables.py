"""Verdicts from the payoffs themselves, where no formula fits them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.probing.defects import Defect
from scoring_theory.probing.seen import ALIKE, Seen

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats


def expected_rewards(seen: Seen) -> Floats:
    """U(p, q) for every pair of confidences that were stated, p in rows."""
    p = np.array([[float(level)] for level in seen.levels])
    with np.errstate(invalid="ignore"):
        right, wrong = p * np.array(seen.on_correct), (1 - p) * np.array(seen.on_wrong)
        right[p[:, 0] == 0], wrong[p[:, 0] == 1] = 0.0, 0.0  # 0 times -inf counts as 0
    found: Floats = right + wrong
    return found


def table_defects(seen: Seen, *, allow_weak: bool = False) -> list[Defect]:
    """Misreports and worse answers that earn more, among the confidences that were stated.

    Two confidences that are paid alike are a defect as well, unless `allow_weak`.
    """
    rewards = expected_rewards(seen)
    if np.isnan(rewards).any():
        return []
    honest = np.diagonal(rewards)
    with np.errstate(invalid="ignore"):
        gains = np.nan_to_num(rewards.max(axis=1) - honest, nan=0.0)
    at = int(np.argmax(gains))
    if gains[at] > ALIKE * seen.size:
        best = int(np.argmax(rewards[at]))
        p, q = seen.levels[at], seen.levels[best]
        told = (
            f"p = {p}: expected reward {seen.shown(honest[at])} with truthful q = {p},"
            f" {seen.shown(rewards[at, best])} with q = {q}"
        )
        return [Defect("improper", told)]
    found = [] if allow_weak else _ties(seen)
    if not seen.reader.reads_answers:
        return found
    wrong = max(seen.on_wrong)
    worst = int(np.argmin(honest))
    if honest[worst] < wrong - ALIKE * seen.size:
        told = (
            f"p = {seen.levels[worst]}: expected reward {seen.shown(honest[worst])} with truthful"
            f" q = {seen.levels[worst]}, {seen.shown(wrong)} for a deliberately wrong answer"
        )
        found.append(Defect("accuracy", told))
    return found


def _ties(seen: Seen) -> list[Defect]:
    """The first two confidences, one after the other, that earn the same right and wrong."""
    payoffs = list(zip(seen.levels, seen.on_correct, seen.on_wrong, strict=True))
    for (low, f, g), (high, f_next, g_next) in pairwise(payoffs):
        if seen.near(f, f_next) and seen.near(g, g_next):
            told = f"q = {low} and q = {high} are paid alike, right or wrong"
            return [Defect("tie", told)]
    return []


def table_loophole(seen: Seen, low: Fraction, high: Fraction) -> tuple[str, str]:
    """Whether a completion that earns `low` if wrong and `high` if right gains over honesty.

    Returns:
        The status, and the reason.
    """
    honest = np.diagonal(expected_rewards(seen))
    p = np.array([float(level) for level in seen.levels])
    omitted = p * float(high) + (1 - p) * float(low)
    with np.errstate(invalid="ignore"):
        gains = np.nan_to_num(omitted - honest, nan=0.0, posinf=1e300)
    at = int(np.argmax(gains))
    if gains[at] > ALIKE * seen.size:
        told = (
            f"p = {seen.levels[at]}: it earns {seen.shown(omitted[at])}, the truthful report"
            f" {seen.shown(honest[at])}"
        )
        return "refuted", told
    payoffs = np.array([seen.on_wrong, seen.on_correct])
    least = np.array([[float(low)], [float(high)]]) - ALIKE * seen.size
    covers = (payoffs >= least).all(axis=0)
    if covers.any():
        q = seen.levels[int(np.argmax(covers))]
        return "proved", f"the confidence {q} earns no less, whether correct or wrong"
    return "undecided", "neither a gain nor a confidence that earns no less was found"
