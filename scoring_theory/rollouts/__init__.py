"""Recorded rollouts: answers with stated confidence and correctness, read from files or frames."""

from scoring_theory.rollouts.example import EXPECTED, example_rollouts
from scoring_theory.rollouts.reading import read_rollouts, rollouts_from_frame
from scoring_theory.rollouts.rollouts import RolloutError, Rollouts

__all__ = [
    "EXPECTED",
    "RolloutError",
    "Rollouts",
    "example_rollouts",
    "read_rollouts",
    "rollouts_from_frame",
]
