"""Reward heads that are fitted once to finite data, and the worlds in which they judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.worlds.wrappers import judged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from scoring_theory.expression.numeric import Floats
    from simulations.worlds.world import World


def fitted_heads(
    world: World, heads: int, *, scores: int = 12, alpha: float = 0.5, seed: int = 0
) -> World:
    """Let reward heads judge that were fitted once to finite verdicts (BRME).

        P(accepted) = alpha m_{j*} + (1 - alpha) min_j m_j,   j* = the head of the smallest spread

    For each question, `scores` answers that are drawn evenly have been judged by the verifier of
    the world; see `fit_heads`. Training finds the answers that the heads overrate.

    Args:
        world: The world whose verifier has given the verdicts.
        heads: Number of heads J, at least 1.
        scores: Number of verdicts for each question, not negative.
        alpha: Weight of the most certain head, in [0, 1].
        seed: Seed of the verdicts and of the heads.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> from simulations.worlds import bank
        >>> few, many = (fitted_heads(bank(), 3, scores=n) for n in (4, 4000))
        >>> errors = [float(np.abs(w.paid_probability - w.success_probability).mean())
        ...           for w in (few, many)]
        >>> errors[0] > 0.2 > 0.05 > errors[1]
        True
    """
    if heads < 1 or scores < 0:
        raise ValueError(
            f"`heads` must be at least 1 and `scores` not negative, got {heads} and {scores}"
        )
    rng = np.random.default_rng(seed)
    accepted = world.paid_probability
    even = np.full(accepted.shape, 1 / world.answers)
    means, spreads = fit_heads(rng.multinomial(scores, even), accepted, heads=heads, rng=rng)
    mixed = robust_mixture(means, spreads, weight=alpha)
    return judged(world, mixed, fitted_heads=[heads, scores, alpha, seed])


def fit_heads(
    counts: NDArray[np.int64], accepted: Floats, *, heads: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Reward heads that are fitted once to finite verdicts; each sees a random half of them.

        mean = (u + accepted verdicts) / (1 + n),   spread = 1 / sqrt(1 + n),   u ~ U(0, 1)

    Args:
        counts: how many answers of each kind are judged, (Q, K).
        accepted: P(accepted) of each answer, (Q, K).
        heads: J.
        rng: the random numbers.

    Returns:
        Means and spreads of the heads, (J, Q, K) each.

    Example:
        >>> none, rng = np.zeros((1, 2), int), np.random.default_rng(0)
        >>> fit_heads(none, np.ones((1, 2)), heads=3, rng=rng)[1].tolist()
        [[[1.0, 1.0]], [[1.0, 1.0]], [[1.0, 1.0]]]
    """
    verdicts = rng.binomial(counts, accepted)
    right = rng.binomial(verdicts, 0.5, size=(heads, *verdicts.shape)).astype(np.float64)
    wrong = rng.binomial(counts - verdicts, 0.5, size=right.shape)
    seen = right + wrong
    return head_posterior(rng.random(seen.shape), right, seen)


def head_posterior(prior: Floats, total: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of a head that has seen n scores, with the weight of one score on its guess.

        mean = (guess + sum of scores) / (1 + n),   spread = 1 / sqrt(1 + n)

    Args:
        prior: What the head guesses without data.
        total: The sum of the scores that it has seen.
        seen: n.

    Example:
        >>> [part.tolist() for part in head_posterior(np.ones(1), np.zeros(1), np.array([3.0]))]
        [[0.25], [0.5]]
    """
    return (prior + total) / (1 + seen), 1 / np.sqrt(1 + seen)


def robust_mixture(means: ArrayLike, spreads: ArrayLike, *, weight: float) -> Floats:
    """A mixture of the most certain and the most pessimistic of several reward models (BRME).

        r = weight * mean_{j*} + (1 - weight) * min_j mean_j,   j* = argmin_j spread_j

    With `weight` 1 it is the nominal reward, with 0 the worst case. The minimum is taken for each
    rollout, which is a lower bound of the minimum over models of the expected reward in the paper.

    Source: Yan et al. 2024, arXiv 2409.15360.

    Args:
        means: Reward of each of J reward models, (J, ...).
        spreads: Standard deviation that each model reports, (J, ...), not negative.
        weight: Weight of the most certain model, in [0, 1].

    Returns:
        Rewards, (...).

    Example:
        >>> means, spreads = [[1.0, 0.2], [0.4, 0.6]], [[0.1, 0.3], [0.2, 0.1]]
        >>> robust_mixture(means, spreads, weight=0.5).round(3).tolist()
        [0.7, 0.4]
    """
    mean, spread = np.asarray(means, dtype=np.float64), np.asarray(spreads, dtype=np.float64)
    if not 0 <= weight <= 1:
        raise ValueError(f"`weight` must lie in [0, 1], got {weight}")
    if mean.shape != spread.shape or not (spread >= 0).all():
        raise ValueError(
            f"`spreads` must be >= 0 and have the shape of `means` {mean.shape}, got shape"
            f" {spread.shape}"
        )
    nominal = np.take_along_axis(mean, spread.argmin(axis=0)[None], axis=0)[0]
    return np.asarray(weight * nominal + (1 - weight) * mean.min(axis=0))
