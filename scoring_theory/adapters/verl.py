"""verl (0.9): `compute_score = as_verl(...)` in the file that `reward.custom_reward_function.path` names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Unpack

from .parsing import Completion
from .score import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.reward import Reward


def as_verl(reward: Reward, **options: Unpack[Options]) -> Callable[..., dict[str, float]]:
    """A `compute_score` for verl: the key `score` is the reward, every other key is logged.

    Beware of the trainer's default `norm_adv_by_std_in_grpo = True`, and of `adv_estimator = gdpo`: neither optimises
    this reward. A confidence that could not be read is logged as -1, since verl wants the same keys in every sample.

    Args:
        reward: every parameter has a value.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> compute_score = as_verl(Reward.parse("c - (q - c)**2"))
        >>> result = compute_score("gsm8k", "<answer>4</answer><confidence>1/2</confidence>", "4", extra_info={})
        >>> result["score"], result["acc"]
        (0.75, 1.0)
    """
    grade = scorer(reward, **options)

    def compute_score(
        data_source: str, solution_str: Completion, ground_truth: object, extra_info: object = None, **_: Any
    ) -> dict[str, float]:
        score = grade(solution_str, ground_truth)
        logged = {"confidence": -1.0, **score.numbers()}
        return {"score": score.reward, "acc": logged.pop("correct"), **logged}

    return compute_score
