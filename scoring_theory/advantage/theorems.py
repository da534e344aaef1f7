r"""The theorems about dividing by a group's standard deviation, as formulas; proofs: `docs/theory.md`, section 7.

A strictly proper reward, one answer of success probability p, independent outcomes, groups of G,
epsilon = 0.

*Groups that agree* (Theorem 25). As everybody's reports close in on one q, the objective of a
report keeps a jump

    lim Delta(q', q) = sign(q' - q) kappa (p^G - (1-p)^G),   kappa = (G - 1) / sqrt(G)  (ddof 1)

that no rule and no margin changes: groups all right (p^G) push up, groups all wrong ((1-p)^G) push
down, mixed groups say nothing in the limit. With a shared outcome G is 1 in the powers: kappa (2p -
1).

*Mixed groups* are biased too (Theorem 27): without groups that agree, the report that no close
deviation invades is

    q*(p, G) = E[(N - 1) h(N)] / ((G - 2) E[h(N)]),   h(n) = (n (G - n))^(-1/2),

N ~ Binomial(G, p) given 0 < N < G, for *every* strictly proper rule, and q* - p = 3 (2p - 1) / (2
G) + O(1/G^2).
"""

from __future__ import annotations

from fractions import Fraction
from math import exp, lgamma, log, log1p, sqrt
from typing import TypeVar

from scoring_theory.advantage.trainers import Outcomes, require_outcomes

Real = TypeVar("Real", float, Fraction)


def agreeing_groups(p: Real, group_size: int) -> Real:
    """The share of groups that are all right or all wrong, p^G + (1 - p)^G.

    Example:
        >>> agreeing_groups(Fraction(3, 4), 2)
        Fraction(5, 8)
    """
    _require(p, group_size)
    return p**group_size + (1 - p) ** group_size


def agreeing_pull(p: Real, group_size: int, *, outcomes: Outcomes = "independent") -> Real:
    """How much more often all are right than all are wrong: p^G - (1 - p)^G, or 2p - 1 with one outcome for all.

    Theorem 25: times kappa it is the limit of the gain of a higher report as the spread of reports
    goes to 0.

    Example:
        >>> agreeing_pull(Fraction(3, 4), 3), agreeing_pull(Fraction(3, 4), 3, outcomes="shared")
        (Fraction(13, 32), Fraction(1, 2))
    """
    _require(p, group_size)
    together = group_size if require_outcomes(outcomes) == "independent" else 1
    return p**together - (1 - p) ** together


def lone_score(group_size: int, *, ddof: int = 1) -> float:
    """Kappa, the standardised score of one among G - 1 that are alike: (G - 1)/sqrt(G), or sqrt(G - 1) with ddof 0.

    It is also the largest score that anyone in a group of G can have (Theorem 24; Samuelson's
    inequality).

    Example:
        >>> round(lone_score(8), 4), round(lone_score(8, ddof=0), 4)
        (2.4749, 2.6458)
    """
    _require_group(group_size)
    if ddof not in (0, 1):
        raise ValueError(f"`ddof` must be 0 or 1, got {ddof}")
    return sqrt((group_size - 1) * (group_size - ddof) / group_size)


def mixed_report(p: float, group_size: int) -> float:
    """Theorem 27: the report that mixed groups alone hold in place, whatever the strictly proper rule.

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
    weights = [
        exp(each - max(logs)) for each in logs
    ]  # a common factor cancels; large binomials overflow
    return sum((m - 1) * w for m, w in zip(counts, weights, strict=True)) / (
        (group_size - 2) * sum(weights)
    )


def large_group_bias(p: float, group_size: int) -> float:
    """The leading term of q* - p in large groups, 3 (2p - 1) / (2G).

    Example:
        >>> round(large_group_bias(0.9, 64), 5)
        0.01875
    """
    _require(p, group_size)
    return 3 * (2 * p - 1) / (2 * group_size)


def normalised_weight(weight: float, p: float) -> float:
    """Theorem 33: the weight of c + weight * Brier after GDPO in large groups of honest rollouts, weight/|2p - 1|.

    Normalising each component divides c by sqrt(p (1-p)) and the Brier score by |2p - 1| sqrt(p
    (1-p)); whatever the weight, near p = 1/2 the result is above the critical 1.

    Example:
        >>> normalised_weight(1.0, 0.75)
        2.0
    """
    if not 0 <= p <= 1 or p == 0.5:
        raise ValueError(
            f"`p` must lie in [0, 1] and not be 1/2, where the Brier score has no spread, got {p}"
        )
    return weight / abs(2 * p - 1)


def _require(p: float | Fraction, group_size: int) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"`p` must lie in [0, 1], got {p}")
    _require_group(group_size)


def _require_group(group_size: int) -> None:
    if group_size < 2 or group_size != int(group_size):
        raise ValueError(f"`group_size` must be a whole number of at least 2, got {group_size}")
