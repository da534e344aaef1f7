"""Rewards from distributions of decision thresholds.

Every safe reward is a mixture of bets `(c - t) [q > t]`.
"""

from scoring_theory.thresholds.distribution import (
    Amount,
    BetaPart,
    NoClosedForm,
    Stretch,
    ThresholdDistribution,
    amount,
    support,
)

__all__ = [
    "Amount",
    "BetaPart",
    "NoClosedForm",
    "Stretch",
    "ThresholdDistribution",
    "amount",
    "support",
]
