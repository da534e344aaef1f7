"""Decisions that use confidence: choosing among answers, and deciding whether to answer.

Votes choose one of several answers to a question. Thresholds on confidence decide whether to
answer, to retrieve information first, or to abstain.
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
