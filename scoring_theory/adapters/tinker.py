"""Tinker cookbook 0.6: the signature of a `reward_fn` of its message environments.

Read in tinker_cookbook/tool_use/agent_tool_message_env.py of tinker-cookbook 0.6.1.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

TinkerReward = Callable[..., Coroutine[Any, Any, tuple[float, dict[str, float]]]]


async def tinker_reward(
    grade: Scorer,
    messages: Sequence[Mapping[str, Any]],
    truth: object,
    *,
    name: str = "scoring_theory",
    **row: Any,
) -> tuple[float, dict[str, float]]:
    """What an environment calls, with a scorer before it and the truth bound: reward and metrics.

    Example:
        >>> import asyncio
        >>> from scoring_theory.adapters import scorer
        >>> said = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]
        >>> asyncio.run(tinker_reward(scorer("c"), said, "4", name="mine"))
        (0.0, {'mine/correct': 0.0, 'mine/format_ok': 0.0})
    """
    columns = {**row, "prompt": list(messages[:-1]), "messages": messages}
    score = await grade.score_async(messages, truth, columns)
    return score.reward, {f"{name}/{key}": value for key, value in score.numbers().items()}


def as_tinker(
    reward: RewardLike, *, name: str = "scoring_theory", **options: Unpack[Options]
) -> TinkerReward:
    """A `reward_fn` for the Tinker cookbook, once the truth of its question is bound.

        build_agent_tool_env(..., reward_fn=partial(rlcr, truth=row["answer"]))

    It returns the reward and the metrics of an episode. The environment gives replies that it
    cannot parse a reward of its own, `failed_parse_reward` (-0.1 by default); it must not exceed
    that of an unreadable completion. A checker can ask for `prompt`, `messages` and what else is
    bound.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        name: what the names of the metrics begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from functools import partial
        >>> rlcr = as_tinker("c - (q - c)**2")
        >>> said = "<answer>4</answer><confidence>0.5</confidence>"
        >>> reward_fn = partial(rlcr, truth="4")
        >>> asyncio.run(reward_fn([{"role": "assistant", "content": said}]))[0]
        0.75
    """
    return partial(tinker_reward, scorer(reward, **options), name=identifier("name", name))


TINKER = Framework(
    title="Tinker cookbook 0.6",
    entry="reward_fn",
    maker=tinker_reward,
    arguments={"name": "scoring_theory"},
    wiring=(
        "build_agent_tool_env(renderer, tools=[], initial_messages=..., max_turns=1,"
        " reward_fn=partial(reward_fn, truth=...), failed_parse_reward={missing},"
        " context_overflow_reward={missing}), with group_size=8 in the dataset builder and"
        " kl_penalty_coef=0.0",
    ),
    defaults="tinker_cookbook",
)
