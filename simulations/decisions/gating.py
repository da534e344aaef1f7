"""Answer, look it up, or leave it: thresholds with costs, and the best of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scoring_theory.display import one_line
from simulations.decisions.domains import shares, unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray


class Gated(NamedTuple):
    """What comes of answering, looking it up first, or leaving it, by two thresholds on confidence."""

    answered: FloatArray  # share of questions answered from memory
    retrieved: FloatArray  # share looked up and then answered
    abstained: FloatArray  # the rest
    accuracy: FloatArray  # among answered and retrieved; NaN where all are left
    utility: FloatArray  # expected utility of a question

    def __repr__(self) -> str:
        return one_line(self)


class Thresholds(NamedTuple):
    """Where a gate opens: leave below `low`, look up from `low` on, answer from `high` on."""

    low: float
    high: float

    def __repr__(self) -> str:
        return one_line(self)


def gate(
    confidence: ArrayLike,
    success: ArrayLike,
    retrieved: ArrayLike,
    *,
    low: ArrayLike,
    high: ArrayLike,
    wrong_cost: float = 1.0,
    retrieval_cost: float = 0.0,
    abstention: float = 0.0,
    weight: ArrayLike | None = None,
) -> Gated:
    """Answer when sure, look it up when in doubt, leave it when hopeless: the exact expected utility.

        q >= high          answer      p - wrong_cost (1 - p)
        low <= q < high    look up     r - wrong_cost (1 - r) - retrieval_cost
        q < low            leave       abstention

    Args:
        confidence: q in [0, 1], (n,).
        success: p, what became of each answer or its exact success probability, (n,).
        retrieved: r, the same after looking it up, (n,).
        low: In [0, 1], any shape T.
        high: In [0, 1], shape T, nowhere below `low`.
        wrong_cost: What a wrong answer costs where a right one earns 1; 0 or more.
        retrieval_cost: What looking up costs; 0 or more.
        abstention: What leaving a question earns; at most 1.
        weight: How much each question counts; by default equally.

    Returns:
        Five arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> found = gate([0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.8, 0.2], low=0.3, high=0.7, retrieval_cost=0.2)
        >>> found.retrieved.round(3).item(), found.accuracy.round(3).item(), found.utility.round(3).item()
        (0.333, 0.85, 0.4)
    """
    q, p, r = unit("confidence", confidence), unit("success", success), unit("retrieved", retrieved)
    bottom, top = np.broadcast_arrays(unit("low", low), unit("high", high))
    _require_costs(wrong_cost, retrieval_cost, abstention)
    if (bottom > top).any():
        raise ValueError(
            "`low` must not be above `high`: what is too doubtful to answer is looked up or left"
        )
    w = shares(weight, q, p, r)
    answer = q >= top[..., None]
    look = (q >= bottom[..., None]) & ~answer
    answered, retrieved_share = answer @ w, look @ w
    abstained = np.asarray((q < bottom[..., None]) @ w)
    right = answer @ (w * p) + look @ (w * r)
    tried = answered + retrieved_share
    accuracy: FloatArray = np.full(top.shape, np.nan)
    np.divide(right, tried, out=accuracy, where=tried > 0)
    utility = (
        right
        - wrong_cost * (tried - right)
        - retrieval_cost * retrieved_share
        + abstention * abstained
    )
    return Gated(
        np.asarray(answered), np.asarray(retrieved_share), abstained, accuracy, np.asarray(utility)
    )


def best_gate(
    retrieval_help: float,
    *,
    wrong_cost: float = 1.0,
    retrieval_cost: float = 0.0,
    abstention: float = 0.0,
) -> Thresholds:
    """The best thresholds for an honest confidence, where looking up rescues a fixed share of what would be wrong.

        r = p + retrieval_help (1 - p),    w = wrong_cost,    k = retrieval_cost
        answer or look up    high = 1 - k / ((1 + w) retrieval_help)
        look up or leave     low  = ((abstention + k + w) / (1 + w) - retrieval_help) / (1 - retrieval_help)
        answer or leave      both = (abstention + w) / (1 + w),  where looking up is never worth its price

    Args:
        retrieval_help: In [0, 1].
        wrong_cost: As for `gate`.
        retrieval_cost: As for `gate`.
        abstention: As for `gate`.

    Returns:
        Thresholds in [0, 1].

    Raises:
        ValueError: If a number lies outside its domain.

    Example:
        >>> low, high = best_gate(0.5, wrong_cost=1.0, retrieval_cost=0.2)
        >>> round(low, 3), round(high, 3)
        (0.2, 0.8)
        >>> best_gate(0.5, wrong_cost=1.0, retrieval_cost=0.6)
        Thresholds(low=0.5, high=0.5)
    """
    h = float(unit("retrieval_help", retrieval_help))
    _require_costs(wrong_cost, retrieval_cost, abstention)
    per_error = 1 + wrong_cost
    needed = (
        abstention + retrieval_cost + wrong_cost
    ) / per_error  # the r from which looking up beats leaving
    high = 1 - retrieval_cost / (per_error * h) if h > 0 else -np.inf
    low = (needed - h) / (1 - h) if h < 1 else (-np.inf if needed < 1 else np.inf)
    if low >= high:
        low = high = (abstention + wrong_cost) / per_error
    return Thresholds(max(float(low), 0.0), max(float(high), 0.0))


def _require_costs(wrong_cost: float, retrieval_cost: float, abstention: float) -> None:
    for name, value in (("wrong_cost", wrong_cost), ("retrieval_cost", retrieval_cost)):
        if not 0 <= value < np.inf:
            raise ValueError(f"`{name}` must be a finite number and not negative, got {value}")
    if not -np.inf < abstention <= 1:
        raise ValueError(
            f"`abstention` must be at most 1, what a right answer earns, got {abstention}"
        )
