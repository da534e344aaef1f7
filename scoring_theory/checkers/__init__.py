"""Checkers: functions that compare an answer with the truth of its question.

A checker takes the answer and the truth, and returns True or False, or with graded scores a number
in [0, 1]. `CHECKERS` has those that are ready, by name.
"""

from scoring_theory.checkers.asking import Checker, Judgement
from scoring_theory.checkers.matching import exact_match, gsm8k, multiple_choice, numbers, squad
from scoring_theory.checkers.maths import math_verify, require_math_verify, rlcr_answer
from scoring_theory.checkers.named import CHECKERS, as_checker
from scoring_theory.checkers.truths import (
    TruthError,
    accepted_answers,
    event,
    event_happened,
    truth_at,
)

__all__ = [
    "CHECKERS",
    "Checker",
    "Judgement",
    "TruthError",
    "accepted_answers",
    "as_checker",
    "event",
    "event_happened",
    "exact_match",
    "gsm8k",
    "math_verify",
    "multiple_choice",
    "numbers",
    "require_math_verify",
    "rlcr_answer",
    "squad",
    "truth_at",
]
