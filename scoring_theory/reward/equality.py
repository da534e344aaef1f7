"""Equality of rewards up to a positive affine map of the payoff, decided by SymPy on every piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_theory.reward.core import Reward


def same_to_a_learner(one: Reward, other: Reward) -> bool:
    """Whether R_other = alpha R_one + beta with alpha > 0, for every q and c."""
    if one.bound == other.bound and one.free_parameters == other.free_parameters:
        return True
    raise NotImplementedError
