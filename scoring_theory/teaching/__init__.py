"""What a class plays with: games whose best strategy a theorem names."""

from scoring_theory.teaching.sandbagging import SandbaggingGame, SandbaggingResult

__all__ = ["SandbaggingGame", "SandbaggingResult"]
