"""What calibrated confidence is for: choosing among answers, and knowing when not to answer.

Votes choose among a group of answers to one question; thresholds decide to answer, to look it up,
or to leave it.
"""

from simulations.decisions.gating import Gated, Thresholds, best_gate, gate
from simulations.decisions.leaving import Abstention, abstain, choosing_to_abstain
from simulations.decisions.votes import majority_choice, max_confidence_choice, weighted_choice

__all__ = [
    "Abstention",
    "Gated",
    "Thresholds",
    "abstain",
    "best_gate",
    "choosing_to_abstain",
    "gate",
    "majority_choice",
    "max_confidence_choice",
    "weighted_choice",
]
