"""The log that `figures` and `reproduce` replay: the recorded one where it is at hand, an invented one otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_theory.replaying import Replay
    from scoring_theory.rollouts import Rollouts

VARIABLE, FILE = "SCORING_THEORY_DATA", "rlcr_hotpot_models_conf_correct.csv"
REWARDS = ("binary", "rlcr", "c + 2*brier", "one_sided", "c + linear")
"""Names of the catalogue, alone or as words in a formula."""


def recorded_or_example() -> Rollouts:
    """The rollouts of the RLCR authors from the folder that SCORING_THEORY_DATA names, or the invented example.

    Raises:
        RolloutError: the variable names a folder without that file; a silent fallback would pass
            for the real thing.
    """
    from scoring_theory.rollouts import example_rollouts, read_rollouts

    folder = os.environ.get(VARIABLE)
    return read_rollouts(Path(folder) / FILE) if folder else example_rollouts()


def replay_log(rollouts: Rollouts) -> Replay:
    """The log through the rewards that the figures show."""
    from scoring_theory.catalogue.words import parse_reward
    from scoring_theory.replaying import replay

    return replay(rollouts, {name: parse_reward(name) for name in REWARDS})
