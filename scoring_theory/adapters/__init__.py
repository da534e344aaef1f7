"""Reward functions for trainers of language models from a checked reward.

`scorer(reward)` returns a function from a completion and the truth to a `Score`; the others have
the signature that a trainer calls:

    as_trl        f(prompts, completions, **columns)
    as_trl_parts  the same, as functions for accuracy, score and format
    as_verl       compute_score(data_source, solution_str, ground_truth)
    as_openrlhf   reward_func(queries, prompts, labels)
    as_verifiers  async (task, trace), for prime-rl as well
    as_nemo_gym   async (body), for NeMo-RL as well
    as_skyrl      a class with step(action)
    as_slime      async (args, sample)
    as_tinker     async (messages, truth)

`export` writes such a function to a file that depends on Python only. No framework is ever
imported.
"""

from scoring_theory.adapters.export import export
from scoring_theory.adapters.frameworks import FRAMEWORKS
from scoring_theory.adapters.nemo_gym import as_nemo_gym
from scoring_theory.adapters.openrlhf import as_openrlhf
from scoring_theory.adapters.score import Score, Scorer
from scoring_theory.adapters.scorer import UnsafeRewardError, scorer
from scoring_theory.adapters.skyrl import as_skyrl
from scoring_theory.adapters.slime import as_slime
from scoring_theory.adapters.tinker import as_tinker
from scoring_theory.adapters.trl import as_trl
from scoring_theory.adapters.trl_config import ConfigWarning
from scoring_theory.adapters.trl_parts import TrlParts, as_trl_parts
from scoring_theory.adapters.verifiers import as_verifiers
from scoring_theory.adapters.verl import as_verl

__all__ = [
    "FRAMEWORKS",
    "ConfigWarning",
    "Score",
    "Scorer",
    "TrlParts",
    "UnsafeRewardError",
    "as_nemo_gym",
    "as_openrlhf",
    "as_skyrl",
    "as_slime",
    "as_tinker",
    "as_trl",
    "as_trl_parts",
    "as_verifiers",
    "as_verl",
    "export",
    "scorer",
]
