"""Rollouts and rewards that several tests of replay share."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from scoring_theory.reward import Reward
from scoring_theory.rollouts import Rollouts

BINARY, RLCR, LINEAR = (
    Reward.parse("c"),
    Reward.parse("c - (q - c)^2"),
    Reward.parse("c - abs(q - c)"),
)
REWARDS = {"binary": BINARY, "RLCR": RLCR}
DATA = os.environ.get("SCORING_THEORY_DATA")
recorded = pytest.mark.skipif(
    DATA is None, reason="SCORING_THEORY_DATA does not name the folder of recorded rollouts"
)


def csv(path: Path, *rows: str, header: str = "confidence,correct,method") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def two_methods(questions: int = 150, seed: int = 1) -> Rollouts:
    """The same questions, of different difficulty, answered twice by each method."""
    rng = np.random.default_rng(seed)
    hard = rng.random(questions)
    question = np.tile(np.repeat(np.arange(questions), 2), 2)
    method = np.repeat(["sure", "modest"], 2 * questions)
    correct = rng.random(question.size) < np.where(method == "sure", 0.65, 0.6) * (
        0.5 + hard[question]
    )
    stated = np.where(method == "sure", 0.95, rng.choice([0.5, 0.6, 0.7], question.size))
    return Rollouts(confidence=stated, correct=correct, method=method, question=question)
