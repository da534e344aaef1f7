"""Design of safe rewards for given decision thresholds, and repair of unsafe rewards.

To design a safe reward is to choose a distribution of decision thresholds (`docs/theory.md`,
Theorem 22): mass at t rewards confidence that is on the correct side of t, mass at 0 rewards
accuracy itself. Every such mixture of threshold bets is safe, and every bounded safe reward is such
a mixture; both are proved in Coq (`proofs/coq/THEOREMS.md`).
"""

from scoring_theory.designing.design import Design, TradeOff, design
from scoring_theory.designing.repair import Repair, repair

__all__ = ["Design", "Repair", "TradeOff", "design", "repair"]
