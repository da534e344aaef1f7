"""slime: the signature of the function that `--custom-rm-path` names.

Read in slime/rollout/rm_hub/__init__.py at 0b420f1 and docs/en/get_started/customization.md at
138eb42 of github.com/THUDM/slime; miles, its fork, calls it alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import MEASURED, Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


async def slime_reward(
    grade: Scorer, args: object, sample: Any, *, name: str = "scoring_theory", **others: Any
) -> Any:
    """What slime calls, with a scorer before it: a dictionary with the reward under `score`.

    With `--group-rm` it gets a list of samples and returns a list. Of an unreadable completion
    confidence, Brier and calibration are None.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> from scoring_theory.adapters import scorer
        >>> sample = Some(prompt="2 + 2?", response="4", label="4", metadata={})
        >>> asyncio.run(slime_reward(scorer("c"), None, sample))["score"]
        0.0
    """
    if isinstance(sample, list):
        return [await slime_reward(grade, args, one, name=name) for one in sample]
    metadata = sample.metadata if isinstance(sample.metadata, Mapping) else {}
    row = {**metadata, "prompt": sample.prompt, "metadata": metadata, "sample": sample}
    score = await grade.score_async(sample.response, sample.label, row)
    numbers = score.numbers()
    logged = {f"{name}/{key}": numbers.get(key) for key in ("correct", "format_ok", *MEASURED)}
    return {"score": score.reward, **logged}


def as_slime(
    reward: RewardLike, *, name: str = "scoring_theory", **options: Unpack[Options]
) -> Callable[..., Any]:
    """An `async` reward function for slime, for the module that `--custom-rm-path` names.

    It returns a dictionary, of which `--reward-key score` is the reward. By default the trainer
    divides by the standard deviation of the group, which does not preserve the optimum; switch this
    off with `--disable-grpo-std-normalization`. A checker can ask for `prompt`, `metadata`, what it
    holds, and `sample`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        name: what the names of the other keys begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace as Some
        >>> reward_func = as_slime("c - (q - c)**2")
        >>> said = "<answer>4</answer><confidence>0.5</confidence>"
        >>> sample = Some(prompt="2 + 2?", response=said, label="4", metadata=None)
        >>> asyncio.run(reward_func(None, sample))["score"]
        0.75
    """
    return partial(slime_reward, scorer(reward, **options), name=identifier("name", name))


SLIME = Framework(
    title="slime",
    entry="reward_func",
    maker=slime_reward,
    arguments={"name": "scoring_theory"},
    wiring=(
        "--custom-rm-path {module}.reward_func --reward-key score --advantage-estimator grpo"
        " --disable-grpo-std-normalization --n-samples-per-prompt 8 --kl-coef 0",
    ),
    defaults="slime",
)
