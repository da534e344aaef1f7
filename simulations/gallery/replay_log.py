"""The log of `figures` and `reproduce`: recorded rollouts, or else a synthetic example."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_theory.replaying import Replay
    from scoring_theory.rollouts import Rollouts

VARIABLE, FILE = "SCORING_THEORY_DATA", "rlcr_hotpot_models_conf_correct.csv"
REPLAYED_REWARDS = ("binary", "rlcr", "c + 2*brier", "one_sided", "c + linear")
"""Names of the catalogue, and formulas that contain them."""


def recorded_or_example() -> Rollouts:
    """The RLCR authors' rollouts from the folder SCORING_THEORY_DATA, or else a synthetic example.

    Raises:
        RolloutError: the folder does not contain the file; a silent fallback to the example could
            be mistaken for the recorded data.
    """
    from scoring_theory.rollouts import example_rollouts, read_rollouts

    return read_rollouts(recorded_path()) if VARIABLE in os.environ else example_rollouts()


def recorded_path() -> Path:
    """The file of the recorded rollouts.

    Raises:
        KeyError: SCORING_THEORY_DATA is not set.
        RolloutError: the folder does not contain the file.
    """
    from scoring_theory.rollouts import RolloutError

    path = Path(os.environ[VARIABLE]) / FILE
    if not path.exists():
        raise RolloutError(f"{path}: there is no such file")
    return path


def replay_log(rollouts: Rollouts) -> Replay:
    """Evaluate the log under the rewards of the figures."""
    from scoring_theory.catalogue.words import parse_reward
    from scoring_theory.replaying import replay

    return replay(rollouts, {name: parse_reward(name) for name in REPLAYED_REWARDS})
