"""verifiers 0.4: the signature of a reward of a task."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

VerifiersReward = Callable[..., Coroutine[Any, Any, dict[str, float]]]


def verifiers_reward(
    grade: Scorer, *, truth: str | Callable[[Any], object], name: str
) -> VerifiersReward:
    """The reward function that verifiers calls, from a `Scorer`.

    It returns the components of the score, which the framework adds up and logs separately. It can
    be a method in the body of a task class, where the first argument is the task, or a function
    named in a configuration, which the framework calls with `task`, the data of the task, and
    `trace`.
    """

    async def reward(task: Any, trace: Any) -> dict[str, float]:
        data = getattr(task, "data", task)
        if not callable(truth) and not hasattr(data, truth):
            raise ValueError(f"the task's data has no field `{truth}`; give its name: truth='...'")
        known = truth(data) if callable(truth) else getattr(data, truth)
        return dict(grade(trace.last_reply or "", known).components)

    reward.__name__ = reward.__qualname__ = name
    return reward


def as_verifiers(
    reward: RewardLike,
    *,
    truth: str | Callable[[Any], object] = "answer",
    name: str = "scoring_theory",
    **options: Unpack[Options],
) -> VerifiersReward:
    """A reward method for verifiers, for the body of a task class.

        rlcr = vf.reward(weight=1.0)(as_verifiers(...))

    It returns the components of the score, which the framework adds up and logs separately.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the field of the task's `data` with the truth, or a function of that data.
        name: the name of the method.
        **options: `missing`, `checker`, `allow_unsafe`, `forecast` and `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> rlcr = as_verifiers("c - (q - c)**2")
        >>> trace = Some(last_reply="<answer>4</answer><confidence>0.5</confidence>")
        >>> asyncio.run(rlcr(Some(data=Some(answer="4")), trace))
        {'correctness': 1.0, 'calibration': -0.25}
    """
    known = truth if callable(truth) else identifier("truth", truth)
    return verifiers_reward(scorer(reward, **options), truth=known, name=identifier("name", name))


VERIFIERS = Framework(
    title="verifiers 0.4",
    entry="reward",
    maker=verifiers_reward,
    arguments={"name": "scoring_theory"},
    truth="answer",
    wiring="--env.taskset.task.rewards.scoring_theory.fn MODULE:reward",
    defaults="dr_grpo",  # prime-rl, its trainer, subtracts the mean of the group without scaling
)
