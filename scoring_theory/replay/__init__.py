"""Recorded rollouts through any set of rewards: what each method would have earned, and how calibrated it was."""

from scoring_theory.replay.example import EXPECTED, example_rollouts
from scoring_theory.replay.reading import read_rollouts
from scoring_theory.replay.report import Cell, Replay, replay
from scoring_theory.replay.rollouts import RolloutError, Rollouts

__all__ = ["EXPECTED", "Cell", "Replay", "RolloutError", "Rollouts", "example_rollouts", "read_rollouts", "replay"]
