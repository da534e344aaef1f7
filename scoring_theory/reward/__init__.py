"""Reward: what an answer with a stated confidence is paid, as two payoffs and as one formula."""

from scoring_theory.reward.reward import Reward

__all__ = ["Reward"]
