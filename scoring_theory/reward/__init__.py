"""The `Reward` of an answer with a stated confidence: one formula and its two payoffs."""

from scoring_theory.reward.reward import Reward

__all__ = ["Reward"]
