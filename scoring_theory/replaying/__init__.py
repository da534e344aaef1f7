"""Offline re-scoring of recorded rollouts under any set of rewards, with calibration metrics."""

from scoring_theory.replaying.advantages import Advantages, Followed
from scoring_theory.replaying.cells import Cell
from scoring_theory.replaying.comparison import Difference, Ranking, Swap
from scoring_theory.replaying.logged import Logged
from scoring_theory.replaying.measuring import Calibration, CalibrationCell, calibrate
from scoring_theory.replaying.measuring_page import calibration_html, calibration_markdown
from scoring_theory.replaying.over_time import StepCell
from scoring_theory.replaying.page import html, markdown
from scoring_theory.replaying.paired_scores import ScoreDifference, differences_section
from scoring_theory.replaying.replay import Replay, replay
from scoring_theory.replaying.story import story, warnings

__all__ = [
    "Advantages",
    "Calibration",
    "CalibrationCell",
    "Cell",
    "Difference",
    "Followed",
    "Logged",
    "Ranking",
    "Replay",
    "ScoreDifference",
    "StepCell",
    "Swap",
    "calibrate",
    "calibration_html",
    "calibration_markdown",
    "differences_section",
    "html",
    "markdown",
    "replay",
    "story",
    "warnings",
]
