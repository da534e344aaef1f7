"""Design of rewards: say where confidence will be used, get a reward that is safe; repair a reward that is not.

Designing a safe reward is choosing a distribution of decision thresholds (`docs/theory.md`, Theorem
22): mass at t pays for confidence that is right on the question "is p above t?", mass at 0 pays for
accuracy itself. That every such mixture is safe, and every bounded safe reward such a mixture, is
proved in Coq (`proofs/coq/THEOREMS.md`).
"""

from scoring_theory.designing.design import Design, TradeOff, design
from scoring_theory.designing.repair import Repair, repair

__all__ = ["Design", "Repair", "TradeOff", "design", "repair"]
