"""verifiers 0.4: the signature of a reward of a task; prime-rl trains with these as well."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

VerifiersReward = Callable[..., Coroutine[Any, Any, dict[str, float]]]


async def verifiers_reward(
    grade: Scorer,
    task: Any,
    trace: Any,
    *,
    truth: str | Callable[[Any], object] = "answer",
    name: str = "scoring_theory",
) -> dict[str, float]:
    """What verifiers calls, with a scorer before it: the components, which the framework adds up.

    The trace keeps correctness, format_ok and, of a readable completion, confidence, Brier and
    calibration as metrics; all names begin with that of the function.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> from scoring_theory.adapters import scorer
        >>> trace = Some(last_reply=None, record_metrics=print)
        >>> asyncio.run(verifiers_reward(scorer("c"), Some(answer="4"), trace, name="mine"))
        {'mine/correct': 0.0, 'mine/format_ok': 0.0}
        {'mine/correctness': 0.0, 'mine/unreadable': 0.0}
    """
    data = getattr(task, "data", task)
    if not callable(truth) and not hasattr(data, truth):
        raise ValueError(f"the task's data has no field `{truth}`; give its name: truth='...'")
    known = truth(data) if callable(truth) else getattr(data, truth)
    row = {**getattr(data, "__dict__", {}), "task": task, "trace": trace}
    score = await grade.score_async(trace.last_reply or "", known, row)
    record = getattr(trace, "record_metrics", None)
    if record is not None:
        record({f"{name}/{key}": value for key, value in score.numbers().items()})
    return {f"{name}/{key}": value for key, value in score.components.items()}


def as_verifiers(
    reward: RewardLike,
    *,
    truth: str | Callable[[Any], object] = "answer",
    name: str = "scoring_theory",
    **options: Unpack[Options],
) -> VerifiersReward:
    """A reward method for verifiers, for the body of a task class, and so for prime-rl.

        rlcr = vf.reward(weight=1.0)(as_verifiers(...))

    It returns the components of the score, which the framework adds up and logs separately, and
    records metrics in the trace (see `verifiers_reward`).

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the field of the task's `data` with the truth, or a function of that data.
        name: the name of the method, with which the names of components and metrics begin.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> rlcr = as_verifiers("c - (q - c)**2", name="rlcr")
        >>> trace = Some(last_reply="<answer>4</answer><confidence>0.5</confidence>")
        >>> asyncio.run(rlcr(Some(data=Some(answer="4")), trace))
        {'rlcr/correctness': 1.0, 'rlcr/calibration': -0.25}
    """
    grade = scorer(reward, **options)
    known = truth if callable(truth) else identifier("truth", truth)
    called = identifier("name", name)

    async def method(task: Any, trace: Any) -> dict[str, float]:  # a partial is no method
        return await verifiers_reward(grade, task, trace, truth=known, name=called)

    method.__name__ = method.__qualname__ = called
    return method


VERIFIERS = Framework(
    title="verifiers 0.4",
    entry="reward",
    maker=verifiers_reward,
    arguments={"name": "scoring_theory"},
    truth="answer",
    wiring=(
        "--env.taskset.task.rewards.scoring_theory.fn {module}:reward",
        "prime-rl: [orchestrator] group_size = 8, and"
        " [orchestrator.train.env.env.taskset.task.rewards.scoring_theory]"
        ' fn = "{module}:reward"',
    ),
    defaults="dr_grpo",  # prime-rl, its trainer, subtracts the mean of the group without scaling
)
