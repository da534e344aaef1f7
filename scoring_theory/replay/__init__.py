"""Recorded rollouts through any set of rewards: what each method would have earned, and how calibrated it was."""

from scoring_theory.replay.advantages import Advantages, Followed
from scoring_theory.replay.cells import Cell
from scoring_theory.replay.comparison import Difference, Ranking, Swap
from scoring_theory.replay.example import EXPECTED, example_rollouts
from scoring_theory.replay.pages import html, markdown
from scoring_theory.replay.reading import read_rollouts, rollouts_from_frame
from scoring_theory.replay.report import Replay, replay
from scoring_theory.replay.rollouts import RolloutError, Rollouts
from scoring_theory.replay.words import story, warnings

__all__ = [
    "EXPECTED",
    "Advantages",
    "Cell",
    "Difference",
    "Followed",
    "Ranking",
    "Replay",
    "RolloutError",
    "Rollouts",
    "Swap",
    "example_rollouts",
    "html",
    "markdown",
    "read_rollouts",
    "replay",
    "rollouts_from_frame",
    "story",
    "warnings",
]
