"""Gating: answer, retrieve first, or abstain, by two thresholds on confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scoring_theory.display import one_line
from simulations.decisions.domains import shares, unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray


class Gated(NamedTuple):
    """The result of gating with two thresholds on confidence.

    Example:
        >>> gate([0.9, 0.1], [0.9, 0.1], [0.9, 0.2], low=0.3, high=0.7).abstained.item()
        0.5
    """

    answered: FloatArray  # share of questions answered without retrieval
    retrieved: FloatArray  # share of questions answered after retrieval
    abstained: FloatArray  # share of questions not answered
    accuracy: FloatArray  # among the answered questions; NaN if none is answered
    utility: FloatArray  # mean utility of a question

    def __repr__(self) -> str:
        return one_line(self)


class Thresholds(NamedTuple):
    """The thresholds of a gate: abstain below `low`, retrieve from `low`, answer from `high`.

    Example:
        >>> Thresholds(0.2, 0.8).high
        0.8
    """

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
    """The exact expected utility of answering, retrieving first, or abstaining, by confidence.

        confidence         action      expected utility
        q >= high          answer      p - wrong_cost (1 - p)
        low <= q < high    retrieve    r - wrong_cost (1 - r) - retrieval_cost
        q < low            abstain     abstention

    Args:
        confidence: q in [0, 1], (n,).
        success: p, the outcome (0 or 1) or the success probability of each answer, (n,).
        retrieved: r, the same after retrieval, (n,).
        low: Threshold of retrieval in [0, 1], any shape T.
        high: Threshold of answering in [0, 1], shape T, nowhere below `low`.
        wrong_cost: Cost of a wrong answer, in units of the utility of a correct one; 0 or more.
        retrieval_cost: Cost of retrieval, in the same unit; 0 or more.
        abstention: Utility of abstaining, in the same unit; at most 1.
        weight: Weight of each question; by default equal weights.

    Returns:
        Five arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> q, p, r = [0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.8, 0.2]
        >>> gated = gate(q, p, r, low=0.3, high=0.7, retrieval_cost=0.2)
        >>> [round(float(x), 3) for x in (gated.retrieved, gated.accuracy, gated.utility)]
        [0.333, 0.85, 0.4]
    """
    q, p, r = unit("confidence", confidence), unit("success", success), unit("retrieved", retrieved)
    bottom, top = np.broadcast_arrays(unit("low", low), unit("high", high))
    _require_costs(wrong_cost, retrieval_cost, abstention)
    if (bottom > top).any():
        raise ValueError(
            "`low` must not be above `high`: questions with q between them are answered after"
            " retrieval"
        )
    w = shares(weight, q, p, r)
    answers = q >= top[..., None]
    retrieves = (q >= bottom[..., None]) & ~answers
    answered, retrieved_share = answers @ w, retrieves @ w
    abstained = np.asarray((q < bottom[..., None]) @ w)
    correct = answers @ (w * p) + retrieves @ (w * r)
    attempted = answered + retrieved_share
    accuracy: FloatArray = np.full(top.shape, np.nan)
    np.divide(correct, attempted, out=accuracy, where=attempted > 0)
    utility = (
        correct
        - wrong_cost * (attempted - correct)
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
    """The best thresholds for calibrated confidence, if retrieval corrects a fixed share of errors.

    With r = p + h (1 - p), h = retrieval_help, w = wrong_cost, k = retrieval_cost, a = abstention:

        answer or retrieve     high = 1 - k / ((1 + w) h)
        retrieve or abstain    low  = ((a + k + w) / (1 + w) - h) / (1 - h)
        answer or abstain      both = (a + w) / (1 + w), if retrieval is never the best action

    Args:
        retrieval_help: Share of the wrong answers that retrieval corrects, in [0, 1].
        wrong_cost: See `gate`.
        retrieval_cost: See `gate`.
        abstention: See `gate`.

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
    # Retrieval is better than abstaining from this r on.
    needed = (abstention + retrieval_cost + wrong_cost) / per_error
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
            "`abstention` must be finite and at most 1, the utility of a correct answer, got"
            f" {abstention}"
        )
