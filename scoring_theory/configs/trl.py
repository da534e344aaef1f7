"""TRL: a `GRPOConfig` or `RLOOConfig`, or the same settings as a mapping.

Read in trl/trainer/grpo_config.py, grpo_trainer.py, rloo_config.py and rloo_trainer.py of the
releases 0.14.0, 0.15.2, 0.16.0, 0.17.0, 0.18.2, 0.19.0, 0.20.0, 0.21.0, 0.22.0, 0.23.1, 0.24.0,
0.26.2, 0.27.0, 0.29.1, 1.0.0, 1.8.0 and 1.16.0.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import Trainer, as_trainer
from scoring_theory.configs.given import Given
from scoring_theory.configs.notes import (
    ANY_SIZE,
    BY_GROUP_STD,
    ENTROPY_BONUS,
    KL_IN_LOSS,
    KL_IN_REWARD,
    OF_SIZE,
    ONE_UPDATE,
    PER_LENGTH,
    SEVERAL_UPDATES,
    Notes,
)
from scoring_theory.configs.reading import ConfigReading

NEWEST = "1.16.0"
_RELEASE = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.\w+)*")
_FIRST, _FIRST_RLOO = (0, 14), (0, 22)
_SINCE: dict[str, tuple[tuple[tuple[int, int], object], ...]] = {
    "beta": (((0, 14), 0.04), ((0, 19), 0.0)),
    "loss_type": (((0, 14), "grpo"), ((0, 16), "bnpo"), ((0, 22), "dapo")),
    "vllm_importance_sampling_correction": (((0, 14), False), ((0, 23), True)),
}
"""Defaults of `GRPOConfig` that have changed, with the first release that has each.

Releases before 0.17 have no `loss_type`: 0.14 and 0.15 weigh as "grpo" does, 0.16 as "bnpo".
"""
_SCALES = {"group": "trl_default", "none": "trl_none", "batch": "trl_batch"}
_SAME_WEIGHT = ("dapo", "bnpo", "dr_grpo", "cispo")


def read_trl(settings: object, *, version: str = NEWEST, source: str = "") -> ConfigReading:
    """What a configuration of TRL's `GRPOTrainer` or `RLOOTrainer` does to a reward.

    Args:
        settings: a `GRPOConfig` or `RLOOConfig`, any object with these attributes, or a mapping. An
            object is of RLOO if its class is called so, a mapping if it has the key
            `normalize_advantages` or `rloo_k`, or `trainer: rloo`.
        version: the release whose defaults stand for what is not stated.
        source: where the settings come from, for the report.

    Raises:
        ValueError: a value is outside its domain, or the release was not read.

    Example:
        >>> from types import SimpleNamespace
        >>> reading = read_trl(SimpleNamespace(scale_rewards="group", num_generations=8, beta=0.0))
        >>> str(reading.trainer)
        'TRL GRPOTrainer: group_std, std over G - 1, epsilon 0.0001, G = 8'
        >>> [setting.name for setting in reading.changes]
        ['scale_rewards', 'num_generations']
        >>> [each.name for each in read_trl({}, version="0.18.2").not_modelled]
        ['beta']
    """
    release = _release(version)
    notes = Notes(Given(settings), f"TRL {version}")
    if _is_rloo(settings, notes.given):
        if release < _FIRST_RLOO:
            raise ValueError(
                f"the RLOOConfig of TRL {version} belongs to another trainer; those from 0.22 on"
                " are read"
            )
        trainer = _rloo(notes)
    else:
        trainer = _grpo(notes, release)
    _updates(notes)
    weights = notes.weights("reward_weights")
    if weights is not None:
        notes.add("reward_weights", weights, "harmless", "they belong to the reward: check the sum")
    return notes.reading("trl", trainer, weights=weights, source=source)


def _release(version: str) -> tuple[int, int]:
    found = _RELEASE.fullmatch(version)
    if found is None:
        raise ValueError(f"a release of TRL is a number such as {NEWEST}, got {version!r}")
    release = int(found[1]), int(found[2])
    if release < _FIRST:
        raise ValueError(f"TRL {version} has no GRPOConfig: 0.14 is the first with one")
    if release > tuple(map(int, NEWEST.split(".")[:2])):
        raise ValueError(
            f"the defaults of TRL {version} are not known here: {NEWEST} is the newest release that"
            " was read"
        )
    return release


def _is_rloo(settings: object, given: Given) -> bool:
    called = type(settings).__name__.lower()
    named = str(given.values.get("trainer", "")).lower()
    keys = {"normalize_advantages", "rloo_k"} & given.values.keys()
    return "rloo" in called or "rloo" in named or ("grpo" not in called and bool(keys))


def _default(name: str, release: tuple[int, int]) -> Any:
    return [value for since, value in _SINCE[name] if since <= release][-1]


def _grpo(notes: Notes, release: tuple[int, int]) -> Trainer:
    aggregation = notes.take("multi_objective_aggregation", "sum_then_normalize")
    given_scale = notes.take("scale_rewards", "group")
    texts = {"true": "group", "false": "none"}
    scale = texts.get(str(given_scale).lower(), str(given_scale).lower())
    if scale not in _SCALES:
        raise ValueError(f"`scale_rewards` must be group, batch or none, got {given_scale!r}")
    if aggregation == "normalize_then_sum":
        name = "trl_gdpo"
        notes.add(
            "multi_objective_aggregation", aggregation, "changes",
            "each function is divided by the standard deviation of its group before they are added,"
            " which destroys their weights (Theorem 33); sum_then_normalize keeps them",
        )  # fmt: skip
        notes.add(
            "scale_rewards", given_scale, "harmless", "is not used where functions are normalised"
        )
    elif aggregation == "sum_then_normalize":
        name = _SCALES[scale]
        if "multi_objective_aggregation" in notes.given.values:
            notes.add(
                "multi_objective_aggregation", aggregation, "harmless", "the functions are added"
            )
        _scaling(notes, given_scale, scale)
    else:
        raise ValueError(
            "`multi_objective_aggregation` must be sum_then_normalize or normalize_then_sum, got"
            f" {aggregation!r}"
        )
    trainer = as_trainer(name, group_size=_group(notes, 8))
    _group_note(notes, trainer)
    _loss(notes, release)
    return trainer


def _scaling(notes: Notes, given: object, scale: str) -> None:
    if scale == "group":
        notes.add("scale_rewards", given, "changes", f'{BY_GROUP_STD}; "none" keeps it')
    elif scale == "batch":
        notes.add(
            "scale_rewards", given, "harmless",
            "the standard deviation of the batch is a common scale, in the limit of many questions",
        )  # fmt: skip
    else:
        notes.add("scale_rewards", given, "harmless", "the mean of the group alone is subtracted")


def _group(notes: Notes, default: int) -> int:
    return notes.whole("num_generations", default, least=2)


def _group_note(notes: Notes, trainer: Trainer) -> None:
    if ESTIMATORS[trainer.estimator].affine:
        notes.add("num_generations", trainer.group_size, "harmless", ANY_SIZE)
    else:
        notes.add("num_generations", trainer.group_size, "changes", OF_SIZE)


def _loss(notes: Notes, release: tuple[int, int]) -> None:
    """What only enters the loss of GRPO."""
    beta = notes.number("beta", _default("beta", release))
    if beta:
        notes.add("beta", beta, "not modelled", KL_IN_LOSS)
    else:
        notes.add("beta", beta, "harmless", "there is no KL penalty")
    loss = str(notes.take("loss_type", _default("loss_type", release)))
    if loss in _SAME_WEIGHT:
        why = "the tokens of a batch have one weight, or that of their importance ratio"
        notes.add("loss_type", loss, "harmless", why)
    elif loss in ("grpo", "sapo"):
        notes.add("loss_type", loss, "not modelled", PER_LENGTH)
    else:
        notes.add("loss_type", loss, "not modelled", "it weighs answers by its own rule")
    quantile = notes.number("top_entropy_quantile", 1.0)
    if quantile < 1:
        notes.add(
            "top_entropy_quantile", quantile, "not modelled",
            "tokens of little entropy have no gradient, such as those of a settled confidence",
        )  # fmt: skip
    bonus = notes.number("entropy_coef", 0.0)
    if bonus or notes.flag("use_adaptive_entropy", False):
        notes.add("entropy_coef", bonus, "not modelled", ENTROPY_BONUS)
    threshold = notes.take("off_policy_mask_threshold", None)
    if threshold is not None:
        notes.add(
            "off_policy_mask_threshold", threshold, "not modelled",
            "answers of negative advantage are left out where the policy has moved away from them",
        )  # fmt: skip
    correction = "vllm_importance_sampling_correction"
    if notes.flag(correction, bool(_default(correction, release))):
        why = "corrects for a sampler whose probabilities differ a little from the policy's"
        if notes.given.states(correction):
            notes.add(correction, True, "harmless", why)
    level = str(notes.take("importance_sampling_level", "token"))
    if notes.given.states("importance_sampling_level"):
        notes.add("importance_sampling_level", level, "harmless", ONE_UPDATE)


def _rloo(notes: Notes) -> Trainer:
    beta = notes.number("beta", 0.05)
    clip = notes.interval("reward_clip_range", None)
    whitened = notes.flag("normalize_advantages", False)
    chosen: dict[str, Any] = {"kl": beta, "clip": clip, "group_size": _group(notes, 2)}
    trainer = as_trainer("trl_rloo", **chosen)
    if whitened:
        trainer = as_trainer(
            "trl_batch", **chosen, name="TRL RLOOTrainer, normalize_advantages=True"
        )
        notes.add(
            "normalize_advantages", True, "harmless",
            "the standard deviation of the batch is a common scale, in the limit of many questions",
        )  # fmt: skip
    if beta:
        notes.add("beta", beta, "changes", KL_IN_REWARD)
    else:
        notes.add("beta", Fraction(0), "harmless", "there is no KL penalty")
    if clip is not None:
        notes.add("reward_clip_range", clip, "changes", "the verdict is about clipped rewards")
    _group_note(notes, trainer)
    return trainer


def _updates(notes: Notes) -> None:
    """Whether the policy is updated more than once on a batch, and what then matters."""
    rounds = notes.whole("num_iterations", 1)
    generated = notes.take("steps_per_generation", None)
    split = generated is not None and notes.whole("steps_per_generation", 1) > notes.whole(
        "gradient_accumulation_steps", 1
    )
    if rounds > 1:
        notes.add("num_iterations", rounds, "not modelled", SEVERAL_UPDATES)
    if split:
        notes.add("steps_per_generation", generated, "not modelled", SEVERAL_UPDATES)
    for name in ("epsilon", "epsilon_high", "delta"):
        value = notes.take(name, None)
        if value is not None and name in notes.given.values and rounds == 1 and not split:
            notes.add(name, value, "harmless", ONE_UPDATE)
    if notes.flag("mask_truncated_completions", False):
        notes.add(
            "mask_truncated_completions", True, "harmless",
            "truncated completions are as good as never sampled",
        )  # fmt: skip
