"""verl 0.9: the signature of `compute_score`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework
from scoring_theory.adapters.parsing import Completion
from scoring_theory.adapters.score import Scorer
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


def verl_reward(grade: Scorer) -> Callable[..., dict[str, float]]:
    """The `compute_score` that verl calls, from a `Scorer`.

    The key `score` of its result is the reward; the other keys are logged. All samples have the
    same keys, as the trainer requires.
    """

    def compute_score(
        data_source: str,
        solution_str: Completion,
        ground_truth: object,
        extra_info: object = None,
        **_: Any,
    ) -> dict[str, float]:
        score = grade(solution_str, ground_truth)
        logged = {"confidence": -1.0, **score.numbers()}
        return {"score": score.reward, "acc": logged.pop("correct"), **logged}

    return compute_score


def as_verl(reward: RewardLike, **options: Unpack[Options]) -> Callable[..., dict[str, float]]:
    """A `compute_score` for verl, for the file that `reward.custom_reward_function.path` names.

    Its key `score` is the reward R. The trainer's default `norm_adv_by_std_in_grpo = True` and
    `adv_estimator = gdpo` do not preserve the optimum of the reward. A confidence that could not be
    parsed is logged as -1, since verl requires the same keys in every sample.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        **options: `missing`, `checker`, `allow_unsafe`, `forecast` and `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> compute_score = as_verl("c - (q - c)**2")
        >>> completion = "<answer>4</answer><confidence>1/2</confidence>"
        >>> result = compute_score("gsm8k", completion, "4", extra_info={})
        >>> result["score"], result["acc"]
        (0.75, 1.0)
    """
    return verl_reward(scorer(reward, **options))


VERL = Framework(
    title="verl 0.9",
    entry="compute_score",
    maker=verl_reward,
    wiring="reward.custom_reward_function.path={path} algorithm.norm_adv_by_std_in_grpo=False",
    defaults="verl_default",
)
