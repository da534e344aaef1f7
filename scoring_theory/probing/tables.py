"""Verdicts from the payoffs themselves, where no formula fits them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.probing.defects import Defect
from scoring_theory.probing.seen import Seen

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

_LEAST = 1e-9
"""The least gain that counts; rounding is far below."""


def expected_rewards(seen: Seen) -> Floats:
    """U(p, q) for every pair of confidences that were stated, p in rows."""
    p = np.array([[float(level)] for level in seen.levels])
    with np.errstate(invalid="ignore"):
        right, wrong = p * np.array(seen.on_correct), (1 - p) * np.array(seen.on_wrong)
        right[p[:, 0] == 0], wrong[p[:, 0] == 1] = 0.0, 0.0  # 0 times -inf counts as 0
    found: Floats = right + wrong
    return found


def table_defects(seen: Seen) -> list[Defect]:
    """Misreports and worse answers that earn more, among the confidences that were stated."""
    rewards = expected_rewards(seen)
    if np.isnan(rewards).any():
        return []
    honest = np.diagonal(rewards)
    with np.errstate(invalid="ignore"):
        gains = np.nan_to_num(rewards.max(axis=1) - honest, nan=0.0)
    at = int(np.argmax(gains))
    if gains[at] > _LEAST:
        best = int(np.argmax(rewards[at]))
        p, q = seen.levels[at], seen.levels[best]
        told = (
            f"p = {p}: expected reward {honest[at]:.4g} with truthful q = {p},"
            f" {rewards[at, best]:.4g} with q = {q}"
        )
        return [Defect("improper", told)]
    if not seen.reader.reads_answers:
        return []
    wrong = max(seen.on_wrong)
    worst = int(np.argmin(honest))
    if honest[worst] < wrong - _LEAST:
        told = (
            f"p = {seen.levels[worst]}: expected reward {honest[worst]:.4g} with truthful q ="
            f" {seen.levels[worst]}, {wrong:.4g} for a deliberately wrong answer"
        )
        return [Defect("accuracy", told)]
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
    if gains[at] > _LEAST:
        told = (
            f"p = {seen.levels[at]}: it earns {omitted[at]:.4g}, the truthful report"
            f" {honest[at]:.4g}"
        )
        return "refuted", told
    payoffs = np.array([seen.on_wrong, seen.on_correct])
    covers = (payoffs >= np.array([[float(low)], [float(high)]]) - _LEAST).all(axis=0)
    if covers.any():
        q = seen.levels[int(np.argmax(covers))]
        return "proved", f"the confidence {q} earns no less, whether correct or wrong"
    return "undecided", "neither a gain nor a confidence that earns no less was found"
