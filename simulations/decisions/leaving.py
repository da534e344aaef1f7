"""Abstention: by a threshold on confidence, or by an answer that means "I do not know"."""

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
    """The result of answering only if confidence is above a threshold.

    Example:
        >>> abstain([0.9, 0.4], [0.8, 0.5], 0.6).coverage.item()
        0.5
    """

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
    """Coverage, accuracy and payoff of answering only if confidence is above the threshold t.

        coverage = P(q > t)    selective accuracy = P(c = 1 | q > t)    payoff = E[(c - t) [q > t]]

    The payoff is that of the threshold bet: 1 - t for a correct answer, -t for a wrong one, 0 for
    abstaining. If confidence is the success probability, the payoff is the largest possible one at
    every t; proper scoring rules are mixtures of these payoffs.

    Source: Schervish 1989.

    Args:
        confidence: In [0, 1], (n,).
        success: Outcome of each answer, 0 or 1, or its success probability, (n,).
        threshold: In [0, 1], any shape T.
        weight: Weight of each answer, such as its probability under the policy; by default equal
            weights.

    Returns:
        Three arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> coverage, accuracy, payoff = abstain([0.9, 0.4], [0.8, 0.5], [0.0, 0.6])
        >>> coverage.tolist(), accuracy.tolist(), payoff.round(3).tolist()
        ([1.0, 0.5], [0.65, 0.8], [0.65, 0.1])
    """
    q, p, t = unit("confidence", confidence), unit("success", success), unit("threshold", threshold)
    w = shares(weight, q, p)
    answered = q > t[..., None]
    coverage, correct = answered @ w, answered @ (w * p)
    accuracy: FloatArray = np.full(t.shape, np.nan)
    np.divide(correct, coverage, out=accuracy, where=coverage > 0)
    return Abstention(np.asarray(coverage), accuracy, np.asarray(correct - t * coverage))


def choosing_to_abstain(policy: ArrayLike, world: World) -> tuple[float, float]:
    """Coverage and selective accuracy of a policy that may choose the answer "I do not know".

        coverage = mean_x (1 - pi(abstain | x))
        accuracy = mean_x sum_y pi(y | x) p(x, y) / coverage

    Args:
        policy: Answer probabilities, (Q, K).
        world: A world with an abstention, see `simulations.worlds.with_abstention`; p is the
            success probability, not the probability of acceptance.

    Returns:
        Coverage and accuracy, exactly; the accuracy is NaN if the policy always abstains.

    Raises:
        ValueError: If the world has no abstention or the shapes differ.

    Example:
        >>> from simulations.worlds import World, with_abstention
        >>> world = with_abstention(World(np.array([[0.8, 0.0]])), 0.5)
        >>> choosing_to_abstain([[0.5, 0.0, 0.5]], world)
        (0.5, 0.8)
    """
    pi = unit("policy", policy)
    if world.abstain is None:
        raise ValueError("the world has no abstention; add one with `with_abstention`")
    if pi.shape != world.success_probability.shape:
        raise ValueError(
            "`policy` must have the shape of the world's success probabilities"
            f" {world.success_probability.shape}, got {pi.shape}"
        )
    coverage = float(1 - pi[:, world.abstain].mean())
    correct = float((pi * world.success_probability).sum(axis=1).mean())
    return coverage, correct / coverage if coverage > 0 else float("nan")
