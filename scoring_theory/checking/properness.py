"""Whether a reward is proper, remembered: for functions that make sense of proper rewards alone."""

from __future__ import annotations

import warnings
from functools import lru_cache

from proofs.search.prover import Prover
from scoring_theory.optimality.verdicts import proper_verdict
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict


def require_proper(reward: Reward) -> Reward:
    """The reward itself, if it is not refuted.

    Raises:
        ValueError: it is not proper; the sentence says why.

    Warns:
        UserWarning: it is undecided whether it is proper.

    Example:
        >>> require_proper(Reward.parse("-(q - c)^2"))
        Reward('-(q - c)^2')
        >>> require_proper(Reward.parse("-abs(q - c)"))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ValueError: a proper rule is needed, and '-abs(q - c)' is not proper: ...
    """
    verdict = _properness(reward.text, tuple(reward.parameters.items()))
    if verdict.status == "refuted":
        raise ValueError(
            f"a proper rule is needed, and {reward.text!r} is not proper: {verdict.reason}"
        )
    if verdict.status == "undecided":
        warnings.warn(
            f"it is undecided whether {reward.text!r} is proper, and for an improper rule this"
            f" means nothing: {verdict.reason}",
            UserWarning,
            stacklevel=4,
        )
    return reward


@lru_cache(maxsize=256)
def _properness(formula: str, parameters: tuple[tuple[str, str], ...]) -> Verdict:
    return proper_verdict(Prover(formula, dict(parameters)))
