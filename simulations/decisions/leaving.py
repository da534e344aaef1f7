"""Leaving questions unanswered: by a threshold on confidence, or by an answer that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scoring_theory.display import one_line
from simulations.decisions.domains import shares, unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


class Abstention(NamedTuple):
    """What comes of answering only when confidence is above a threshold."""

    coverage: FloatArray  # share of questions answered
    selective_accuracy: FloatArray  # accuracy among them; NaN where nothing is answered
    payoff: FloatArray  # mean of (c - t) [q > t], the threshold bet

    def __repr__(self) -> str:
        return one_line(self)


def abstain(
    confidence: ArrayLike,
    success: ArrayLike,
    threshold: ArrayLike,
    *,
    weight: ArrayLike | None = None,
) -> Abstention:
    """Answer only when confidence is above the threshold t, be paid 1 - t if right and -t if wrong.

        coverage = P(q > t)    selective accuracy = P(c = 1 | q > t)    payoff = E[(c - t) [q > t]]

    An honest agent earns at every t at once the most that its knowledge allows; that is what
    "calibrated" is worth (Schervish 1989: a proper rule is a mixture of these bets).

    Args:
        confidence: In [0, 1], (n,).
        success: What became of each answer, 0 or 1, or its exact success probability, (n,).
        threshold: In [0, 1], any shape T.
        weight: How much each answer counts, such as its probability under the policy; by default
            equally.

    Returns:
        Three arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> found = abstain([0.9, 0.4], [0.8, 0.5], [0.0, 0.6])
        >>> found.coverage.tolist(), found.selective_accuracy.tolist(), found.payoff.round(3).tolist()
        ([1.0, 0.5], [0.65, 0.8], [0.65, 0.1])
    """
    q, p, t = unit("confidence", confidence), unit("success", success), unit("threshold", threshold)
    w = shares(weight, q, p)
    answered = q > t[..., None]
    coverage, right = answered @ w, answered @ (w * p)
    accuracy: FloatArray = np.full(t.shape, np.nan)
    np.divide(right, coverage, out=accuracy, where=coverage > 0)
    return Abstention(np.asarray(coverage), accuracy, np.asarray(right - t * coverage))


def choosing_to_abstain(policy: ArrayLike, world: World) -> tuple[float, float]:
    """Coverage and selective accuracy of a policy that may choose the answer "I do not know".

        coverage = mean_x (1 - pi(abstain | x))    accuracy = mean_x sum_y pi(y | x) p(x, y) / coverage

    Args:
        policy: Answer probabilities, (Q, K).
        world: With an abstention, see `simulations.worlds.with_abstention`; its truth counts, not
            what is paid.

    Returns:
        Both exactly; the accuracy is NaN if the policy never answers.

    Raises:
        ValueError: If the world has no abstention or the shapes differ.

    Example:
        >>> from simulations.worlds import World, with_abstention
        >>> choosing_to_abstain([[0.5, 0.0, 0.5]], with_abstention(World(np.array([[0.8, 0.0]])), 0.5))
        (0.5, 0.8)
    """
    pi = unit("policy", policy)
    if world.abstain is None:
        raise ValueError("the world has no abstention; give it one by `with_abstention`")
    if pi.shape != world.success_probability.shape:
        raise ValueError(f"`policy` must be shaped like the world's truth, got {pi.shape}")
    coverage = float(1 - pi[:, world.abstain].mean())
    right = float((pi * world.success_probability).sum(axis=1).mean())
    return coverage, right / coverage if coverage > 0 else float("nan")
