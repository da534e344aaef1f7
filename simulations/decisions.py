"""What calibrated confidence is for: choosing among answers, and knowing when not to answer.

Votes take a group of N answers to each question along the last axis and return the chosen answer. Of equally good
answers the lowest number is chosen. Whether it is right is for the caller to look up in the world's truth, which is
exact: `success_probability[question, chosen]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


class Abstention(NamedTuple):
    """What comes of answering only when confidence is above a threshold."""

    coverage: FloatArray  # share of questions answered
    selective_accuracy: FloatArray  # accuracy among them; NaN where nothing is answered
    payoff: FloatArray  # mean of (c - t) [q > t], the threshold bet


class Gated(NamedTuple):
    """What comes of answering, looking it up first, or leaving it, by two thresholds on confidence."""

    answered: FloatArray  # share of questions answered from memory
    retrieved: FloatArray  # share looked up and then answered
    abstained: FloatArray  # the rest
    accuracy: FloatArray  # among answered and retrieved; NaN where all are left
    utility: FloatArray  # expected utility of a question


class Thresholds(NamedTuple):
    """Where a gate opens: leave below `low`, look up from `low` on, answer from `high` on."""

    low: float
    high: float


def majority_choice(answers: ArrayLike) -> NDArray[np.int64]:
    """The most frequent answer of each group.

    Example:
        >>> majority_choice([[1, 2, 2], [0, 1, 2]]).tolist()
        [2, 0]
    """
    y = np.asarray(answers)
    return weighted_choice(y, np.ones(y.shape))


def weighted_choice(answers: ArrayLike, confidence: ArrayLike) -> NDArray[np.int64]:
    """The answer with the greatest total confidence: argmax_y sum_i q_i [y_i = y].

    Source: Damani et al. 2025, arXiv 2507.16806 (confidence-weighted majority vote).

    Args:
        answers: Whole numbers from 0 on, (..., N).
        confidence: In [0, 1], (..., N).

    Returns:
        Chosen answers, (...).

    Raises:
        ValueError: If a confidence lies outside [0, 1] or the shapes differ.

    Example:
        >>> weighted_choice([[1, 2, 2]], [[0.9, 0.3, 0.3]]).tolist()  # one sure voice outweighs two doubtful ones
        [1]
    """
    y, q = _group(answers, confidence)
    votes = np.sum(q[..., None] * (y[..., None] == np.arange(y.max() + 1)), axis=-2)
    # Sums of the same numbers in another order may differ in the last bit; that is still a tie.
    return np.asarray(np.argmax(votes >= votes.max(axis=-1, keepdims=True) - 1e-12, axis=-1))


def max_confidence_choice(answers: ArrayLike, confidence: ArrayLike) -> NDArray[np.int64]:
    """The answer that was given with the highest confidence: y_i with i = argmax_i q_i.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Example:
        >>> max_confidence_choice([[1, 2, 2]], [[0.5, 0.9, 0.3]]).tolist()
        [2]
    """
    y, q = _group(answers, confidence)
    surest = np.where(q == q.max(axis=-1, keepdims=True), y, np.iinfo(np.int64).max)
    return np.asarray(surest.min(axis=-1))


def abstain(
    confidence: ArrayLike, success: ArrayLike, threshold: ArrayLike, *, weight: ArrayLike | None = None
) -> Abstention:
    """Answer only when confidence is above the threshold t, be paid 1 - t if right and -t if wrong.

        coverage = P(q > t)    selective accuracy = P(c = 1 | q > t)    payoff = E[(c - t) [q > t]]

    An honest agent earns at every t at once the most that its knowledge allows; that is what "calibrated" is worth
    (Schervish 1989: a proper rule is a mixture of these bets).

    Args:
        confidence: In [0, 1], (n,).
        success: What became of each answer, 0 or 1, or its exact success probability, (n,).
        threshold: In [0, 1], any shape T.
        weight: How much each answer counts, such as its probability under the policy; by default equally.

    Returns:
        Three arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> found = abstain([0.9, 0.4], [0.8, 0.5], [0.0, 0.6])
        >>> found.coverage.tolist(), found.selective_accuracy.tolist(), found.payoff.round(3).tolist()
        ([1.0, 0.5], [0.65, 0.8], [0.65, 0.1])
    """
    q, p, t = _unit("confidence", confidence), _unit("success", success), _unit("threshold", threshold)
    w = _shares(weight, q, p)
    answered = q > t[..., None]
    coverage, right = answered @ w, answered @ (w * p)
    accuracy: FloatArray = np.full(t.shape, np.nan)
    np.divide(right, coverage, out=accuracy, where=coverage > 0)
    return Abstention(np.asarray(coverage), accuracy, np.asarray(right - t * coverage))


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
    q, p, r = _unit("confidence", confidence), _unit("success", success), _unit("retrieved", retrieved)
    bottom, top = np.broadcast_arrays(_unit("low", low), _unit("high", high))
    _require_costs(wrong_cost, retrieval_cost, abstention)
    if (bottom > top).any():
        raise ValueError("`low` must not be above `high`: what is too doubtful to answer is looked up or left")
    w = _shares(weight, q, p, r)
    answer = q >= top[..., None]
    look = (q >= bottom[..., None]) & ~answer
    answered, retrieved_share = answer @ w, look @ w
    abstained = np.asarray((q < bottom[..., None]) @ w)
    right = answer @ (w * p) + look @ (w * r)
    tried = answered + retrieved_share
    accuracy: FloatArray = np.full(top.shape, np.nan)
    np.divide(right, tried, out=accuracy, where=tried > 0)
    utility = right - wrong_cost * (tried - right) - retrieval_cost * retrieved_share + abstention * abstained
    return Gated(np.asarray(answered), np.asarray(retrieved_share), abstained, accuracy, np.asarray(utility))


def best_gate(
    retrieval_help: float, *, wrong_cost: float = 1.0, retrieval_cost: float = 0.0, abstention: float = 0.0
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
    h = float(_unit("retrieval_help", retrieval_help))
    _require_costs(wrong_cost, retrieval_cost, abstention)
    per_error = 1 + wrong_cost
    needed = (abstention + retrieval_cost + wrong_cost) / per_error  # the r from which looking up beats leaving
    high = 1 - retrieval_cost / (per_error * h) if h > 0 else -np.inf
    low = (needed - h) / (1 - h) if h < 1 else (-np.inf if needed < 1 else np.inf)
    if low >= high:
        low = high = (abstention + wrong_cost) / per_error
    return Thresholds(max(float(low), 0.0), max(float(high), 0.0))


def choosing_to_abstain(policy: ArrayLike, world: World) -> tuple[float, float]:
    """Coverage and selective accuracy of a policy that may choose the answer "I do not know".

        coverage = mean_x (1 - pi(abstain | x))    accuracy = mean_x sum_y pi(y | x) p(x, y) / coverage

    Args:
        policy: Answer probabilities, (Q, K).
        world: With an abstention, see `simulations.worlds.with_abstention`; its truth counts, not what is paid.

    Returns:
        Both exactly; the accuracy is NaN if the policy never answers.

    Raises:
        ValueError: If the world has no abstention or the shapes differ.

    Example:
        >>> from simulations.worlds import World, with_abstention
        >>> choosing_to_abstain([[0.5, 0.0, 0.5]], with_abstention(World(np.array([[0.8, 0.0]])), 0.5))
        (0.5, 0.8)
    """
    pi = _unit("policy", policy)
    if world.abstain is None:
        raise ValueError("the world has no abstention; give it one by `with_abstention`")
    if pi.shape != world.success_probability.shape:
        raise ValueError(f"`policy` must be shaped like the world's truth, got {pi.shape}")
    coverage = float(1 - pi[:, world.abstain].mean())
    right = float((pi * world.success_probability).sum(axis=1).mean())
    return coverage, right / coverage if coverage > 0 else float("nan")


def _group(answers: ArrayLike, confidence: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
    y, q = np.asarray(answers), _unit("confidence", confidence)
    if y.dtype.kind not in "iu" or y.size == 0 or y.min() < 0:
        raise ValueError("`answers` must be whole numbers from 0 on, at least one in each group")
    if y.shape != q.shape:
        raise ValueError(f"`confidence` must be shaped like `answers` {y.shape}, got {q.shape}")
    return y.astype(np.int64), q


def _unit(name: str, values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        raise ValueError(f"`{name}` must lie in [0, 1], got {array.flat[index]} at index {index}")
    return array


def _shares(weight: ArrayLike | None, q: FloatArray, *others: FloatArray) -> FloatArray:
    """Weights that sum to 1, once everything has one length."""
    w = np.ones(q.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    shapes = [q.shape, *(other.shape for other in others), w.shape]
    if len(set(shapes)) > 1 or q.ndim != 1:
        got = ", ".join(map(str, shapes))
        raise ValueError(f"confidences, outcomes and weights must be vectors of one length, got shapes {got}")
    if not ((w >= 0).all() and 0 < w.sum() < np.inf):
        raise ValueError("`weight` must be finite numbers >= 0, not all of them 0")
    return np.asarray(w / w.sum())


def _require_costs(wrong_cost: float, retrieval_cost: float, abstention: float) -> None:
    for name, value in (("wrong_cost", wrong_cost), ("retrieval_cost", retrieval_cost)):
        if not 0 <= value < np.inf:
            raise ValueError(f"`{name}` must be a finite number and not negative, got {value}")
    if not -np.inf < abstention <= 1:
        raise ValueError(f"`abstention` must be at most 1, what a right answer earns, got {abstention}")
