"""verifiers (0.4): `rlcr = vf.reward(weight=1.0)(as_verifiers(...))` in the body of a task class."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Unpack

from .score import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.reward import Reward


def as_verifiers(
    reward: Reward,
    *,
    truth: str | Callable[[Any], object] = "answer",
    name: str = "scoring_theory",
    **options: Unpack[Options],
) -> Callable[..., Coroutine[Any, Any, dict[str, float]]]:
    """A reward method for verifiers: its components, which the framework adds up and logs apart.

    Args:
        reward: every parameter has a value.
        truth: the field of the task's `data` that holds the truth, or a function of the task.
        name: the name of the method.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> from scoring_theory.reward import Reward
        >>> rlcr = as_verifiers(Reward.parse("c - (q - c)**2"))
        >>> task, trace = Some(data=Some(answer="4")), Some(last_reply="<answer>4</answer><confidence>0.5</confidence>")
        >>> asyncio.run(rlcr(task, trace))
        {'correctness': 1.0, 'calibration': -0.25}
    """
    grade = scorer(reward, **options)

    async def reward_method(self: Any, trace: Any) -> dict[str, float]:
        known = truth(self) if callable(truth) else getattr(self.data, truth)
        return dict(grade(trace.last_reply or "", known).components)

    reward_method.__name__ = reward_method.__qualname__ = name
    return reward_method
