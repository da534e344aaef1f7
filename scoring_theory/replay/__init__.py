"""Recorded rollouts through any set of rewards: what each method would have earned, and how calibrated it was."""

from scoring_theory.replay.example import EXPECTED, example_rollouts
from scoring_theory.replay.reading import read_rollouts, rollouts_from_frame
from scoring_theory.replay.cells import Cell
from scoring_theory.replay.report import Replay, replay
from scoring_theory.replay.rollouts import RolloutError, Rollouts

__all__ = [
    "EXPECTED",
    "Cell",
    "Replay",
    "RolloutError",
    "Rollouts",
    "example_rollouts",
    "read_rollouts",
    "replay",
    "rollouts_from_frame",
]
