"""verl 0.9: the signature of `compute_score`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import MEASURED, Score, Scorer
from scoring_theory.adapters.scorer import Options, scorer
from scoring_theory.readers.replies import Completion

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


def verl_score(
    grade: Scorer,
    data_source: str,
    solution_str: Completion,
    ground_truth: object,
    extra_info: object = None,
    *,
    name: str = "scoring_theory",
    **others: Any,
) -> dict[str, float | None]:
    """What verl calls, with a scorer before it: the reward under `score`, and what is logged.

    The trainer takes the mean of a key over the samples where it is not None, so that confidence,
    Brier and calibration are means over readable completions.

    Example:
        >>> from scoring_theory.adapters import scorer
        >>> found = verl_score(scorer("c"), "gsm8k", "<answer>4</answer>", "4")
        >>> found["score"], found["scoring_theory/format_ok"], found["scoring_theory/brier"]
        (0.0, 0.0, None)
    """
    row = verl_row(data_source, extra_info, others)
    return verl_logs(grade(solution_str, ground_truth, row), name)


async def verl_score_async(
    grade: Scorer,
    data_source: str,
    solution_str: Completion,
    ground_truth: object,
    extra_info: object = None,
    *,
    name: str = "scoring_theory",
    **others: Any,
) -> dict[str, float | None]:
    """The same for an asynchronous checker; the trainer awaits many samples at the same time."""
    row = verl_row(data_source, extra_info, others)
    return verl_logs(await grade.score_async(solution_str, ground_truth, row), name)


def verl_row(data_source: str, extra_info: object, others: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a sample.

    Example:
        >>> verl_row("gsm8k", {"index": 7}, {})["index"]
        7
    """
    extra = extra_info if isinstance(extra_info, Mapping) else {}
    return {**extra, **others, "data_source": data_source, "extra_info": extra_info}


def verl_logs(score: Score, name: str) -> dict[str, float | None]:
    """What verl logs of a score; all samples have the same keys, as the trainer requires.

    Example:
        >>> verl_logs(Score(-1.0, False, None, {}, False), "rlcr")["rlcr/confidence"] is None
        True
    """
    numbers = score.numbers()
    logged = {f"{name}/{key}": numbers.get(key) for key in ("format_ok", *MEASURED)}
    return {"score": score.reward, "acc": numbers["correct"], **logged}


def as_verl(
    reward: RewardLike, *, name: str = "scoring_theory", **options: Unpack[Options]
) -> Callable[..., Any]:
    """A `compute_score` for verl, for the file that `reward.custom_reward_function.path` names.

    Its key `score` is the reward R, and `acc` the correctness. The trainer's default
    `norm_adv_by_std_in_grpo = True` and `adv_estimator = gdpo` do not preserve the optimum of the
    reward. Of a completion that could not be read confidence, Brier and calibration are None, which
    the trainer leaves out of its means. A checker can ask for `data_source`, `extra_info` and the
    keys of `extra_info`; with an `async def` as checker the function is one.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        name: what the names of the logged keys begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`.

    Example:
        >>> compute_score = as_verl("c - (q - c)**2")
        >>> completion = "<answer>4</answer><confidence>1/2</confidence>"
        >>> result = compute_score("gsm8k", completion, "4", extra_info={})
        >>> result["score"], result["acc"], result["scoring_theory/brier"]
        (0.75, 1.0, 0.25)
    """
    grade = scorer(reward, **options)
    function = verl_score_async if iscoroutinefunction(grade.checker) else verl_score
    return partial(function, grade, name=identifier("name", name))


VERL = Framework(
    title="verl 0.9",
    entry="compute_score",
    maker=verl_score,
    arguments={"name": "scoring_theory"},
    wiring=(
        "reward.custom_reward_function.path={path} algorithm.adv_estimator=grpo"
        " algorithm.norm_adv_by_std_in_grpo=False actor_rollout_ref.rollout.n=8"
        " algorithm.use_kl_in_reward=False actor_rollout_ref.actor.use_kl_loss=False",
    ),
    defaults="verl_default",
)
