"""Offline re-scoring of recorded rollouts under any set of rewards, with calibration metrics."""

from scoring_theory.replaying.advantages import Advantages, Followed
from scoring_theory.replaying.cells import Cell
from scoring_theory.replaying.comparison import Difference, Ranking, Swap
from scoring_theory.replaying.page import html, markdown
from scoring_theory.replaying.replay import Replay, replay
from scoring_theory.replaying.story import story, warnings

__all__ = [
    "Advantages",
    "Cell",
    "Difference",
    "Followed",
    "Ranking",
    "Replay",
    "Swap",
    "html",
    "markdown",
    "replay",
    "story",
    "warnings",
]
