"""The four trainers, one function each: a reward is checked, and comes back in the signature that the trainer calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from scoring_theory.adapters.openrlhf import openrlhf_reward
from scoring_theory.adapters.scorer import Options, scorer
from scoring_theory.adapters.trl import AsyncTrlReward, TrlReward, trl_reward
from scoring_theory.adapters.verifiers import VerifiersReward, verifiers_reward
from scoring_theory.adapters.verl import verl_reward

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[False] = ...,
    **options: Unpack[Options],
) -> TrlReward: ...
@overload
def as_trl(
    reward: RewardLike,
    *,
    truth: str = ...,
    name: str = ...,
    asynchronous: Literal[True],
    **options: Unpack[Options],
) -> AsyncTrlReward: ...
def as_trl(
    reward: RewardLike,
    *,
    truth: str = "solution",
    name: str = "scoring_theory",
    asynchronous: bool = False,
    **options: Unpack[Options],
) -> TrlReward | AsyncTrlReward:
    """A reward function for TRL's trainers, `GRPOTrainer(reward_funcs=as_trl(...))`: one float per completion.

    Beware of the trainer's defaults: `scale_rewards="group"` divides by the group's standard deviation, and what is
    optimised is then not this reward any more. `GRPOConfig(scale_rewards="none")` keeps it. It never returns None,
    which the trainer would leave out of its group (and older releases may count as 0).

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the dataset column with the truth.
        name: what the trainer calls the reward in its logs.
        asynchronous: give an `async def`.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, a dataset without the column.

    Example:
        >>> rlcr = as_trl("c - (q - c)**2")
        >>> rlcr(prompts=["2 + 2?"], completions=["<answer>4</answer><confidence>0.5</confidence>"], solution=["4"])
        [0.75]
    """
    grade = scorer(reward, **options)
    return trl_reward(grade, truth=_name("truth", truth), name=_name("name", name), asynchronous=asynchronous)


def as_verl(reward: RewardLike, **options: Unpack[Options]) -> Callable[..., dict[str, float]]:
    """A `compute_score` for verl, in the file that `reward.custom_reward_function.path` names: the key `score` is R.

    Beware of the trainer's default `norm_adv_by_std_in_grpo = True`, and of `adv_estimator = gdpo`: neither optimises
    this reward. A confidence that could not be read is logged as -1, since verl wants the same keys in every sample.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> compute_score = as_verl("c - (q - c)**2")
        >>> result = compute_score("gsm8k", "<answer>4</answer><confidence>1/2</confidence>", "4", extra_info={})
        >>> result["score"], result["acc"]
        (0.75, 1.0)
    """
    return verl_reward(scorer(reward, **options))


def as_openrlhf(reward: RewardLike, **options: Unpack[Options]) -> Callable[..., dict[str, Any]]:
    """A `reward_func` for OpenRLHF, in the file that `--reward.remote_url` names.

    A query is prompt and response in one text, with special tokens; the prompt is cut off first, because instructions
    often show the tags. The trainer calls with one sample at a time and wants numbers then; longer lists get lists.
    Scores are the rewards, which lie outside its default filter range (0, 1) for a group of negative mean: keep
    `--algo.dynamic_filtering_enable` off, or add a constant to the reward (to a learner it is the same reward).

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, a query that does not start with its prompt.

    Example:
        >>> reward_func = as_openrlhf("c - (q - c)**2")
        >>> reward_func(["2+2? <answer>4</answer><confidence>0.5</confidence><|im_end|>"], ["2+2? "], ["4"])["rewards"]
        0.75
    """
    return openrlhf_reward(scorer(reward, **options))


def as_verifiers(
    reward: RewardLike,
    *,
    truth: str | Callable[[Any], object] = "answer",
    name: str = "scoring_theory",
    **options: Unpack[Options],
) -> VerifiersReward:
    """A reward method for verifiers, `rlcr = vf.reward(weight=1.0)(as_verifiers(...))` in the body of a task class.

    It returns the components of the score, which the framework adds up and logs apart.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        truth: the field of the task's `data` that holds the truth, or a function of that data.
        name: the name of the method.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> rlcr = as_verifiers("c - (q - c)**2")
        >>> task, trace = Some(data=Some(answer="4")), Some(last_reply="<answer>4</answer><confidence>0.5</confidence>")
        >>> asyncio.run(rlcr(task, trace))
        {'correctness': 1.0, 'calibration': -0.25}
    """
    known = truth if callable(truth) else _name("truth", truth)
    return verifiers_reward(scorer(reward, **options), truth=known, name=_name("name", name))


def _name(argument: str, given: object) -> str:
    """Faults of the wiring are told before the first step of a training run, not in it."""
    if not (isinstance(given, str) and given.isidentifier()):
        raise ValueError(f"`{argument}` must be a name such as 'solution', got {given!r}")
    return given
