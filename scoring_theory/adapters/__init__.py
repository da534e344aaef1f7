"""Reward functions for TRL, verl, OpenRLHF and verifiers from a checked reward.

`scorer(reward)` returns a function from a completion and the truth to a `Score`; the others have
the signature that a trainer calls: `as_trl` f(prompts, completions, **columns), `as_verl`
compute_score(data_source, solution_str, ground_truth), `as_openrlhf` reward_func(queries, prompts,
labels), `as_verifiers` async (task, trace). `export` writes such a function to a file that depends
on Python only. No framework is ever imported.
"""

from scoring_theory.adapters.checkers import exact_match, math_verify
from scoring_theory.adapters.export import export
from scoring_theory.adapters.frameworks import FRAMEWORKS
from scoring_theory.adapters.openrlhf import as_openrlhf
from scoring_theory.adapters.parsing import UnreadableError, read_confidence, read_tag, reply_text
from scoring_theory.adapters.score import Score, Scorer
from scoring_theory.adapters.scorer import UnsafeRewardError, scorer
from scoring_theory.adapters.trl import as_trl
from scoring_theory.adapters.verifiers import as_verifiers
from scoring_theory.adapters.verl import as_verl

__all__ = [
    "FRAMEWORKS",
    "Score",
    "Scorer",
    "UnreadableError",
    "UnsafeRewardError",
    "as_openrlhf",
    "as_trl",
    "as_verifiers",
    "as_verl",
    "exact_match",
    "export",
    "math_verify",
    "read_confidence",
    "read_tag",
    "reply_text",
    "scorer",
]
