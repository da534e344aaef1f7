"""A checked reward as a reward function of TRL, verl, OpenRLHF and verifiers. No framework is imported, ever.

`scorer(reward)` maps a completion and the truth to a `Score`; the others wrap it in the signature that a trainer calls:
`as_trl` f(prompts, completions, **columns), `as_verl` compute_score(data_source, solution_str, ground_truth),
`as_openrlhf` reward_func(queries, prompts, labels), `as_verifiers` async (self, trace).
"""

from .checkers import exact_match, math_verify
from .openrlhf import as_openrlhf
from .parsing import UnreadableError, read_confidence, read_tag, reply_text
from .score import Score, Scorer, scorer
from .trl import as_trl
from .verifiers import as_verifiers
from .verl import as_verl

__all__ = [
    "Score", "Scorer", "UnreadableError", "as_openrlhf", "as_trl", "as_verifiers", "as_verl", "exact_match",
    "math_verify", "read_confidence", "read_tag", "reply_text", "scorer",
]  # fmt: skip
