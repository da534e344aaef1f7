"""The formats of logs that are recognised by their columns, each in a file of its own."""

from __future__ import annotations

from collections.abc import Collection

from scoring_theory.rollouts.formats.inspect_ai import INSPECT_AI
from scoring_theory.rollouts.formats.lm_eval import LM_EVAL
from scoring_theory.rollouts.formats.log_format import LogFormat, Row, paths_of, value_at_path
from scoring_theory.rollouts.formats.openrlhf import OPENRLHF_LOG
from scoring_theory.rollouts.formats.trl import TRL_LOG
from scoring_theory.rollouts.formats.verifiers import VERIFIERS_RESULTS, VERIFIERS_TRACES
from scoring_theory.rollouts.formats.verl import VERL_LOG
from scoring_theory.rollouts.formats.wandb import WANDB

LOG_FORMATS = (
    INSPECT_AI,
    VERIFIERS_TRACES,
    LM_EVAL,
    TRL_LOG,
    VERL_LOG,
    VERIFIERS_RESULTS,
    OPENRLHF_LOG,
    WANDB,
)
"""Every format; the first that recognises the columns of a log is taken."""


def recognised(names: Collection[str]) -> LogFormat | None:
    """The format of a log with these columns; None for a plain table.

    Example:
        >>> recognised(["input", "output", "gts", "score", "step"]).title
        "verl's rollout dump"
        >>> recognised(["confidence", "correct"]) is None
        True
    """
    return next((each for each in LOG_FORMATS if each.recognises(names)), None)


__all__ = ["LOG_FORMATS", "LogFormat", "Row", "paths_of", "recognised", "value_at_path"]
