r"""Formulas for division by a group's standard deviation (proofs: `docs/theory.md`, section 7).

They hold for a strictly proper reward, one answer with success probability p, independent outcomes,
groups of G rollouts and epsilon = 0.

*Unanimous groups* (Theorem 25). As all confidences approach one q, the effective advantage tends to
a jump

    lim Delta(q', q) = sign(q' - q) kappa (p^G - (1-p)^G),   kappa = (G - 1) / sqrt(G)  (ddof 1)

that depends neither on the rule nor on the margin: groups that are all correct (p^G) reinforce a
larger confidence, groups that are all wrong ((1-p)^G) a smaller one, and the contribution of mixed
groups vanishes in the limit. With a shared outcome the exponent is 1: kappa (2p - 1).

*Mixed groups* are biased too (Theorem 27): without unanimous groups, the report from which no small
deviation gains is

    q*(p, G) = E[(N - 1) h(N)] / ((G - 2) E[h(N)]),   h(n) = (n (G - n))^(-1/2),

N ~ Binomial(G, p) given 0 < N < G, for *every* strictly proper rule, and q* - p = 3 (2p - 1) / (2
G) + O(1/G^2).
"""

from __future__ import annotations

from fractions import Fraction
from math import exp, lgamma, log, log1p, sqrt
from typing import TypeVar

from scoring_theory.advantage.trainers import Outcomes, require_outcomes

_Real = TypeVar("_Real", float, Fraction)


def agreeing_groups(p: _Real, group_size: int) -> _Real:
    """The probability that a group is all correct or all wrong, p^G + (1 - p)^G.

    Args:
        p: success probability, in [0, 1].
        group_size: G, at least 2.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> agreeing_groups(Fraction(3, 4), 2)
        Fraction(5, 8)
    """
    _require(p, group_size)
    return p**group_size + (1 - p) ** group_size


def agreeing_pull(p: _Real, group_size: int, *, outcomes: Outcomes = "independent") -> _Real:
    """The probability of an all-correct group minus that of an all-wrong one.

    It is p^G - (1 - p)^G for independent outcomes, and 2p - 1 for a shared outcome. Times kappa it
    is the limit of the gain of a larger report as the spread of reports tends to 0 (Theorem 25).

    Args:
        p: success probability, in [0, 1].
        group_size: G, at least 2.
        outcomes: how correctness is correlated within a group.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> agreeing_pull(Fraction(3, 4), 3)
        Fraction(13, 32)
        >>> agreeing_pull(Fraction(3, 4), 3, outcomes="shared")
        Fraction(1, 2)
    """
    _require(p, group_size)
    draws = group_size if require_outcomes(outcomes) == "independent" else 1
    return p**draws - (1 - p) ** draws


def lone_score(group_size: int, *, ddof: int = 1) -> float:
    """kappa, the standardised score of one value among G - 1 equal ones.

    It is (G - 1)/sqrt(G) with ddof 1 and sqrt(G - 1) with ddof 0, and the largest standardised
    score in a group of G (Theorem 24; Samuelson's inequality).

    Args:
        group_size: G, at least 2.
        ddof: of the standard deviation, 0 or 1.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> round(lone_score(8), 4), round(lone_score(8, ddof=0), 4)
        (2.4749, 2.6458)
    """
    _require_group(group_size)
    if ddof not in (0, 1):
        raise ValueError(f"`ddof` must be 0 or 1, got {ddof}")
    return sqrt((group_size - 1) * (group_size - ddof) / group_size)


def mixed_report(p: float, group_size: int) -> float:
    """The stable report of mixed groups alone, for every strictly proper rule (Theorem 27).

        q*(p, G) = E[(N - 1) h(N)] / ((G - 2) E[h(N)]),   h(n) = (n (G - n))^(-1/2)

    Args:
        p: success probability, inside (0, 1).
        group_size: G, at least 3.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> [round(mixed_report(0.7, size), 3) for size in (16, 32, 64)]
        [0.745, 0.721, 0.71]
        >>> round(0.7 + large_group_bias(0.7, 64), 3)
        0.709
    """
    _require(p, group_size)
    if not 0 < p < 1 or group_size < 3:
        raise ValueError(
            f"mixed groups need p inside (0, 1) and a group of 3, got {p} and {group_size}"
        )
    counts = range(1, group_size)
    logs = [
        m * log(p) + k * log1p(-p) - lgamma(m + 1) - lgamma(k + 1) - log(m * k) / 2
        for m, k in zip(counts, reversed(counts), strict=True)
    ]
    # A common factor cancels; binomial coefficients of large groups would overflow.
    weights = [exp(log_weight - max(logs)) for log_weight in logs]
    return sum((m - 1) * w for m, w in zip(counts, weights, strict=True)) / (
        (group_size - 2) * sum(weights)
    )


def kept_report(p: _Real, group_size: int, *, others: _Real | None = None) -> _Real:
    """P(correct | the group is kept) where groups that are all correct or all wrong are dropped.

        p (1 - s^n) / (p (1 - s^n) + (1 - p) (1 - (1 - s)^n)),   n = G - 1

    is the best report for every proper rule, whatever the others state, if outcomes are independent
    and the estimator does not divide by a statistic of the group (Theorem 45). Where all rollouts
    give the same answer, s = p and it is (p - p^G) / (1 - p^G - (1-p)^G).

    Args:
        p: success probability of the own answer, inside (0, 1).
        group_size: G, at least 2.
        others: s, the success probability of another rollout of the group, inside (0, 1); p by
            default.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> [round(kept_report(p, 8), 3) for p in (0.7, 0.9, 0.95)]
        [0.682, 0.824, 0.851]
        >>> kept_report(Fraction(9, 10), 2)
        Fraction(1, 2)
    """
    _require(p, group_size)
    s = p if others is None else others
    if not 0 < p < 1 or not 0 < s < 1:
        raise ValueError(f"kept groups need p and the others inside (0, 1), got {p} and {s}")
    n = group_size - 1
    right, wrong = p * (1 - s**n), (1 - p) * (1 - (1 - s) ** n)
    return right / (right + wrong)


def reply_to_spread(p: _Real, centre: _Real) -> _Real:
    """The best reply to a small spread around a report, under leave_one_out_std, shared outcome.

        odds(q) = odds(p) odds(centre)

    for every strictly proper rule (Theorem 48). It equals the centre only for p = 1/2, so that
    iteration ends at 0 or 1.

    Args:
        p: success probability, inside (0, 1).
        centre: the report that the others state up to a small spread, inside (0, 1).

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> round(reply_to_spread(0.7, 0.7), 3), round(reply_to_spread(0.7, 0.845), 3)
        (0.845, 0.927)
    """
    if not 0 < p < 1 or not 0 < centre < 1:
        raise ValueError(f"`p` and `centre` must lie inside (0, 1), got {p} and {centre}")
    up, down = p * centre, (1 - p) * (1 - centre)
    return up / (up + down)


def large_group_bias(p: float, group_size: int) -> float:
    """The leading term of q* - p in large groups, 3 (2p - 1) / (2G).

    Args:
        p: success probability, in [0, 1].
        group_size: G, at least 2.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> round(large_group_bias(0.9, 64), 5)
        0.01875
    """
    _require(p, group_size)
    return 3 * (2 * p - 1) / (2 * group_size)


def normalised_weight(weight: float, p: float) -> float:
    """The effective weight of the Brier score in c + weight * Brier under GDPO, weight/|2p - 1|.

    In large groups of truthful rollouts, GDPO divides c by sqrt(p (1-p)) and the Brier score by
    |2p - 1| sqrt(p (1-p)). For every weight the result exceeds the largest safe weight 1 near
    p = 1/2 (Theorem 33).

    Args:
        weight: of the Brier score in the reward.
        p: success probability, in [0, 1] and not 1/2.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        >>> normalised_weight(1.0, 0.75)
        2.0
    """
    if not 0 <= p <= 1 or p == 0.5:
        raise ValueError(
            "`p` must lie in [0, 1] and differ from 1/2, where the Brier score has no spread, got"
            f" {p}"
        )
    return weight / abs(2 * p - 1)


def _require(p: float | Fraction, group_size: int) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"`p` must lie in [0, 1], got {p}")
    _require_group(group_size)


def _require_group(group_size: int) -> None:
    if group_size < 2 or group_size != int(group_size):
        raise ValueError(f"`group_size` must be a whole number of at least 2, got {group_size}")
