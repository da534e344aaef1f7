"""verifiers (0.4): the signature of a reward of a task. The standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from scoring_theory.adapters.score import Scorer

VerifiersReward = Callable[..., Coroutine[Any, Any, dict[str, float]]]


def verifiers_reward(grade: Scorer, *, truth: str | Callable[[Any], object], name: str) -> VerifiersReward:
    """The components of the score, which the framework adds up and logs apart.

    It is a method in the body of a task class, where the first argument is the task, or a function named in a
    configuration, where the framework calls it by the names `task`, the task's data, and `trace`.
    """

    async def reward(task: Any, trace: Any) -> dict[str, float]:
        data = getattr(task, "data", task)
        if not callable(truth) and not hasattr(data, truth):
            raise ValueError(f"the task's data has no field `{truth}`; name the truth: truth='...'")
        known = truth(data) if callable(truth) else getattr(data, truth)
        return dict(grade(trace.last_reply or "", known).components)

    reward.__name__ = reward.__qualname__ = name
    return reward
