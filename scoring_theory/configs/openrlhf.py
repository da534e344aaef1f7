"""OpenRLHF: the options of `python -m openrlhf.cli.train_ppo_ray`.

Read in openrlhf/cli/train_ppo_ray.py, trainer/ppo_utils/experience_maker.py, length_penalty.py,
samples_generator.py and models/loss.py of release 0.11.2; the names of release 0.9.0 are understood
as well.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.trainers import Trainer, as_trainer
from scoring_theory.configs.given import UNSTATED, Given
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

OPENRLHF_RELEASE = "OpenRLHF 0.11.2"
OLDER_NAMES = {
    "advantage_estimator": "algo.advantage.estimator",
    "no_advantage_std_norm": "algo.advantage.no_std_norm",
    "init_kl_coef": "algo.kl.init_coef",
    "kl_target": "algo.kl.target",
    "kl_horizon": "algo.kl.horizon",
    "kl_estimator": "algo.kl.estimator",
    "use_kl_loss": "algo.kl.use_loss",
    "n_samples_per_prompt": "rollout.n_samples_per_prompt",
    "rollout_batch_size": "rollout.batch_size",
    "train_batch_size": "train.batch_size",
    "max_epochs": "train.max_epochs",
    "reward_clip_range": "reward.clip_range",
    "remote_rm_url": "reward.remote_url",
    "overlong_buffer_len": "reward.overlong_buffer_len",
    "overlong_penalty_factor": "reward.overlong_penalty_factor",
    "dynamic_filtering": "algo.dynamic_filtering_enable",
    "dynamic_filtering_reward_range": "algo.dynamic_filtering_range",
    "entropy_loss_coef": "actor.entropy_coef",
    "eps_clip": "actor.eps_clip",
    "eps_clip_low_high": "actor.eps_clip_low_high",
    "dual_clip": "actor.dual_clip",
}
"""The names of release 0.9.0, and the names that release 0.11.2 gives the same settings."""
_ESTIMATORS = {
    "gae": "openrlhf_default",
    "reinforce": "openrlhf_reinforce",
    "rloo": "openrlhf_rloo",
    "reinforce_baseline": "openrlhf_reinforce_baseline",
    "group_norm": "openrlhf_group_norm",
    "dr_grpo": "openrlhf_dr_grpo",
    "flash_reinforce": "openrlhf_flash_reinforce",
}
_WITH_GROUPS = ("rloo", "reinforce_baseline", "group_norm", "dr_grpo")
_UNSCALED = {"gae": "group_mean", "reinforce": "global_mean", "reinforce_baseline": "group_mean"}


def read_openrlhf(settings: object, *, source: str = "") -> ConfigReading:
    """What a configuration of OpenRLHF's PPO trainer does to a reward.

    Args:
        settings: a mapping, nested or with dotted names, or the nested namespace of the arguments.
        source: where the settings come from, for the report.

    Raises:
        ValueError: a value is outside its domain.

    Example:
        >>> reading = read_openrlhf({
        ...     "algo.advantage.estimator": "rloo", "rollout.n_samples_per_prompt": 4,
        ...     "algo.kl.init_coef": 0, "reward.stop_properly_penalty_coef": 0.5,
        ... })
        >>> reading.trainer.estimator, reading.truncated
        ('leave_one_out', Fraction(1, 2))
        >>> [setting.name for setting in reading.changes]
        ['reward.stop_properly_penalty_coef']
    """
    given = Given(settings)
    for older, name in OLDER_NAMES.items():
        given.rename(older, name)
    notes = Notes(given, OPENRLHF_RELEASE)
    trainer = _kl(notes, _clip(notes, _estimator(notes)))
    trainer = _filter(notes, trainer)
    _loss(notes)
    return notes.reading("openrlhf", trainer, truncated=_lengths(notes), source=source)


def _estimator(notes: Notes) -> Trainer:
    for needed in ("algo.advantage.estimator", "rollout.n_samples_per_prompt"):
        notes.given.require_resolved(needed)
    name = str(notes.take("algo.advantage.estimator", "gae"))
    size = notes.whole("rollout.n_samples_per_prompt", 1)
    unscaled = notes.flag("algo.advantage.no_std_norm", False)
    if name not in _ESTIMATORS:
        raise ValueError(
            f"algo.advantage.estimator must be one of {', '.join(_ESTIMATORS)}, got {name!r}"
        )
    if name in _WITH_GROUPS and size < 2:
        raise ValueError(
            f"algo.advantage.estimator={name} needs groups, and rollout.n_samples_per_prompt is"
            f" {size}"
        )
    chosen: dict[str, Any] = {"group_size": size} if size > 1 else {}
    trainer = as_trainer(_ESTIMATORS[name], **chosen)
    if unscaled and name in _UNSCALED:
        trainer = replace(trainer, estimator=_UNSCALED[name])
        notes.add("algo.advantage.no_std_norm", True, "harmless", "nothing is divided")
    affine = ESTIMATORS[trainer.estimator].affine
    if affine:
        why = f"{ESTIMATORS[trainer.estimator].formula} keeps the optimum of the reward"
    else:
        why = f"{BY_GROUP_STD}; dr_grpo keeps it"
    notes.add("algo.advantage.estimator", name, "harmless" if affine else "changes", why)
    if name in _WITH_GROUPS:
        why = ANY_SIZE if affine else OF_SIZE
        label = "rollout.n_samples_per_prompt"
        notes.add(label, size, "harmless" if affine else "changes", why)
    for each in ("gamma", "lambd"):
        value = notes.number(f"algo.advantage.{each}", 1)
        if value != 1 and name in ("gae", "reinforce"):
            why = "advantages of early tokens, such as those of the answer, shrink"
            notes.add(f"algo.advantage.{each}", value, "not modelled", why)
    return trainer


def _clip(notes: Notes, trainer: Trainer) -> Trainer:
    """The clip acts on the reward, or on what a group's baseline has left of it."""
    ends = notes.interval("reward.clip_range", (-10, 10))
    stated = notes.given.states("reward.clip_range")
    if trainer.clip is not None:
        if stated:
            notes.add("reward.clip_range", ends or "none", "changes", "the verdict is about it")
        return replace(trainer, clip=ends)
    if trainer.advantage_clip is not None:
        if stated:
            why = "acts on the advantage, since a baseline is subtracted before"
            notes.add("reward.clip_range", ends or "none", "changes", why)
        return replace(trainer, advantage_clip=ends)
    if stated and ends is not None:
        why = "acts on the reward less its baseline, before the batch is whitened"
        notes.add("reward.clip_range", ends, "not modelled", why)
    return trainer


def _kl(notes: Notes, trainer: Trainer) -> Trainer:
    coefficient = max(notes.number("algo.kl.init_coef", 0.01), Fraction(0))
    in_loss = notes.flag("algo.kl.use_loss", False)
    moving = notes.take("algo.kl.target", None)
    for name in ("algo.kl.horizon", "algo.kl.estimator", "algo.kl.unbiased_gradient"):
        notes.given.take(name)
    if coefficient == 0:
        notes.add("algo.kl.init_coef", coefficient, "harmless", "there is no KL penalty")
        return as_trainer(trainer, kl=0)
    if in_loss:
        notes.add("algo.kl.use_loss", True, "not modelled", KL_IN_LOSS)
        return as_trainer(trainer, kl=0)
    notes.add("algo.kl.init_coef", coefficient, "changes", KL_IN_REWARD)
    if moving is not None:
        why = "the coefficient moves; the verdict is about its first value"
        notes.add("algo.kl.target", moving, "not modelled", why)
    return as_trainer(trainer, kl=coefficient)


def _filter(notes: Notes, trainer: Trainer) -> Trainer:
    enabled = notes.flag("algo.dynamic_filtering_enable", False)
    ends = notes.interval("algo.dynamic_filtering_range", (0, 1))
    if not enabled or ends is None:
        return trainer
    notes.add(
        "algo.dynamic_filtering_range", ends, "changes",
        "groups are kept where the mean of the key `scores` lies inside; it is read here as the"
        " mean reward, which `as_openrlhf` returns as scores (Theorem 34)",
    )  # fmt: skip
    return as_trainer(trainer, keep=ends)


def _lengths(notes: Notes) -> Fraction | None:
    """The penalties that depend on the length: the factor of truncated completions, if any."""
    buffer = notes.take("reward.overlong_buffer_len", None)
    notes.given.take("reward.overlong_penalty_factor")
    if buffer is not None:
        why = "a penalty for long completions is added; how it goes with confidence is not known"
        notes.add("reward.overlong_buffer_len", buffer, "not modelled", why)
    name = "reward.stop_properly_penalty_coef"
    if notes.take(name, None) is None:
        return None
    factor = notes.number(name, 0)
    if factor < 0:
        why = f"a truncated completion earns {float(factor):g}, whatever it says: see --malformed"
        notes.add(name, factor, "not modelled", why)
        return None
    why = "the reward of a truncated completion is multiplied, and a negative one grows"
    notes.add(name, factor, "harmless" if factor == 1 else "changes", f"{why} (Theorem 52)")
    return factor


def _loss(notes: Notes) -> None:
    mode = str(notes.take("actor.loss_agg_mode", "token-mean"))
    kind = str(notes.take("actor.policy_loss_type", "ppo"))
    if mode == "seq-mean-token-mean" or kind == "gspo":
        name = "actor.policy_loss_type" if kind == "gspo" else "actor.loss_agg_mode"
        notes.add(name, kind if kind == "gspo" else mode, "not modelled", PER_LENGTH)
    else:
        why = "the tokens of a batch have one weight"
        notes.add("actor.loss_agg_mode", mode, "harmless", why)
    bonus = notes.number("actor.entropy_coef", 0)
    if bonus:
        notes.add("actor.entropy_coef", bonus, "not modelled", ENTROPY_BONUS)
    epochs = notes.whole("train.max_epochs", 1)
    rollouts = notes.whole("rollout.batch_size", 1024) * notes.whole(
        "rollout.n_samples_per_prompt", 1
    )
    batch = notes.whole("train.batch_size", 128)
    several = epochs > 1 or batch < rollouts
    if epochs > 1:
        notes.add("train.max_epochs", epochs, "not modelled", SEVERAL_UPDATES)
    if batch < rollouts:
        why = f"{rollouts} rollouts are trained on in batches of {batch}: {SEVERAL_UPDATES}"
        notes.add("train.batch_size", batch, "not modelled", why)
    for name in ("actor.eps_clip", "actor.eps_clip_low_high", "actor.dual_clip"):
        value = notes.given.take(name)
        if value not in (UNSTATED, None) and notes.given.states(name) and not several:
            notes.add(name, value, "harmless", ONE_UPDATE)
    correction = str(notes.take("algo.advantage.is_correction_level", "off"))
    for name in ("mode", "gating", "threshold"):
        notes.given.take(f"algo.advantage.is_correction_{name}")
    if correction != "off":
        why = "corrects for a sampler whose probabilities differ a little from the policy's"
        notes.add("algo.advantage.is_correction_level", correction, "harmless", why)
    notes.given.take("reward.remote_url")
