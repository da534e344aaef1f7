"""verl (0.9): the signature of `compute_score`. The standard library alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scoring_theory.adapters.parsing import Completion
from scoring_theory.adapters.score import Scorer


def verl_reward(grade: Scorer) -> Callable[..., dict[str, float]]:
    """The key `score` is the reward, every other key is logged; the same keys in every sample, as the trainer wants."""

    def compute_score(
        data_source: str, solution_str: Completion, ground_truth: object, extra_info: object = None, **_: Any
    ) -> dict[str, float]:
        score = grade(solution_str, ground_truth)
        logged = {"confidence": -1.0, **score.numbers()}
        return {"score": score.reward, "acc": logged.pop("correct"), **logged}

    return compute_score
