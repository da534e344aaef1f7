"""NeMo Gym: what `verify` of a resources server returns; NeMo-RL trains with these servers.

Read in nemo_gym/base_resources_server.py at 011c338 and resources_servers/mcqa/app.py at 06977ad of
github.com/NVIDIA-NeMo/Gym.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

NemoGymReward = Callable[..., Coroutine[Any, Any, dict[str, float]]]


async def nemo_gym_reward(
    grade: Scorer,
    body: Any,
    *,
    truth: str = "expected_answer",
    name: str = "scoring_theory",
) -> dict[str, float]:
    """The fields of a verify response, with a scorer before the request: `reward` and the numbers.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> from scoring_theory.adapters import scorer
        >>> body = Some(expected_answer="4", response=Some(output=[]))
        >>> asyncio.run(nemo_gym_reward(scorer("c"), body, name="mine"))
        {'reward': 0.0, 'mine_correct': 0.0, 'mine_format_ok': 0.0}
    """
    if not hasattr(body, truth):
        raise ValueError(f"the request has no field `{truth}`; give its name: truth='...'")
    created = getattr(body, "responses_create_params", None)
    row = {
        **getattr(body, "__dict__", {}),
        "prompt": getattr(created, "input", None),
        "body": body,
    }
    score = await grade.score_async(last_reply(body.response), getattr(body, truth), row)
    numbers = {f"{name}_{key}": value for key, value in score.numbers().items()}
    return {"reward": score.reward, **numbers}


def last_reply(response: Any) -> str:
    """The text of the last assistant message of a response; empty if there is none.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> said = Some(type="message", role="assistant", content=[Some(text="4")])
        >>> last_reply(Some(output=[Some(type="reasoning"), said]))
        '4'
    """
    for item in reversed(response.output):
        if getattr(item, "type", None) == "message" and getattr(item, "role", "") == "assistant":
            content = item.content
            if isinstance(content, str):
                return content
            return "".join(getattr(part, "text", "") or "" for part in content)
    return ""


def as_nemo_gym(
    reward: RewardLike,
    *,
    truth: str = "expected_answer",
    name: str = "scoring_theory",
    **options: Unpack[Options],
) -> NemoGymReward:
    """The fields of a verify response for NeMo Gym, whose servers are classes and not functions.

        async def verify(self, body: MyVerifyRequest) -> MyVerifyResponse:
            return MyVerifyResponse(**body.model_dump(), **await rlcr(body))

    The names of the numbers are those of fields, such as `scoring_theory_confidence`; a response
    keeps those that its class declares, as optional where a completion may be unreadable. NeMo-RL
    divides by the standard deviation of the other rollouts, which preserves the optimum where
    outcomes are independent. A checker can ask for the fields of the request, `prompt` and `body`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the field of the request with the truth.
        name: what the names of the numbers begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, the request does not have the field.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> said = "<answer>4</answer><confidence>0.5</confidence>"
        >>> message = Some(type="message", role="assistant", content=[Some(text=said)])
        >>> body = Some(expected_answer="4", response=Some(output=[message]))
        >>> asyncio.run(as_nemo_gym("c - (q - c)**2")(body))["reward"]
        0.75
    """
    return partial(
        nemo_gym_reward,
        scorer(reward, **options),
        truth=identifier("truth", truth),
        name=identifier("name", name),
    )


NEMO_GYM = Framework(
    title="NeMo Gym",
    entry="verified",
    maker=nemo_gym_reward,
    arguments={"name": "scoring_theory"},
    truth="expected_answer",
    wiring=(
        "async def verify(self, body: VerifyRequest) -> VerifyResponse:"
        " return VerifyResponse(**body.model_dump(), **await verified(body))",
        "NeMo-RL: grpo.adv_estimator.name=grpo grpo.adv_estimator.normalize_rewards=false"
        " grpo.num_generations_per_prompt=16 loss_fn.reference_policy_kl_penalty=0",
    ),
    defaults="nemo_rl",
)
