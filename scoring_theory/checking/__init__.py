"""check(reward) -> Report: every claim about a reward and its training, each with its proof.

`scoring_theory.checking.compare` sets several reports side by side, and
`scoring_theory.checking.paragraph` writes one for a paper.
"""

from scoring_theory.checking.check import check
from scoring_theory.checking.report import Report

__all__ = ["Report", "check"]
