"""Calibration while a model is trained: running figures, and alarms with a remedy.

A monitor is updated in each step of training, returns the alarms that the step raises, and has the
figures of the last steps:

    monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_default")
    alarms = monitor.update(confidence, correct, group)
    monitor.figures()
"""

from scoring_theory.watching.alarms import ALARM_RULES, Alarm
from scoring_theory.watching.figures import RunningFigures
from scoring_theory.watching.folders import FolderFollower
from scoring_theory.watching.following import FOLLOWED_FORMATS, LogFollower
from scoring_theory.watching.monitor import ConfidenceMonitor
from scoring_theory.watching.replayed import REPORTS, gains_of_stating
from scoring_theory.watching.trl import ConfidenceAlarm, TrlWatcher, watch_trl

__all__ = [
    "ALARM_RULES",
    "FOLLOWED_FORMATS",
    "REPORTS",
    "Alarm",
    "ConfidenceAlarm",
    "ConfidenceMonitor",
    "FolderFollower",
    "LogFollower",
    "RunningFigures",
    "TrlWatcher",
    "gains_of_stating",
    "watch_trl",
]
