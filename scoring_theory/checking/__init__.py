"""check(reward) -> Report: every claim about a reward and its training, each with its proof."""

from scoring_theory.checking.check import check
from scoring_theory.checking.compare import Comparison, compare
from scoring_theory.checking.paragraph import paragraph
from scoring_theory.checking.report import Report

__all__ = ["Comparison", "Report", "check", "compare", "paragraph"]
