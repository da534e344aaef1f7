"""Whether a reward is proper (cached), for functions that are defined for proper rewards only."""

from __future__ import annotations

import warnings
from functools import lru_cache

from proofs.search.prover import Prover
from scoring_theory.optimality.verdicts import proper_verdict
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict


def require_proper(reward: Reward) -> Reward:
    """Return the reward, if it is not refuted to be proper.

    Raises:
        ValueError: the reward is improper; the message has the counterexample.

    Warns:
        UserWarning: properness is undecided.

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
            f"it is undecided whether {reward.text!r} is proper, and the result is meaningless for"
            f" an improper rule: {verdict.reason}",
            UserWarning,
            stacklevel=4,
        )
    return reward


@lru_cache(maxsize=256)
def _properness(formula: str, parameters: tuple[tuple[str, str], ...]) -> Verdict:
    return proper_verdict(Prover(formula, dict(parameters)))
