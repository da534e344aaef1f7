"""verl: the settings of `python -m verl.trainer.main_ppo`, in hydra's dotted names.

Read in verl/trainer/config/_generated_ppo_trainer.yaml, trainer/ppo/core_algos.py and
trainer/ppo/v1/replay_buffer.py of release 0.9.1.
"""

from __future__ import annotations

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

VERL_RELEASE = "verl 0.9.1"
_ACTOR, _ROLLOUT = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"
_ESTIMATORS = {
    "grpo": "verl_default",
    "grpo_vectorized": "verl_default",
    "gdpo": "verl_gdpo",
    "rloo": "verl_rloo",
    "rloo_vectorized": "verl_rloo",
    "opo": "verl_opo",
    "gpg": "verl_gpg",
    "remax": "verl_remax",
    "reinforce_plus_plus": "verl_reinforce_plus_plus",
    "reinforce_plus_plus_baseline": "verl_reinforce_plus_plus_baseline",
}
_WITHOUT_GROUPS = ("gae", "remax", "reinforce_plus_plus")
_OF_REWARDS = ("reward", "score", "seq_reward", "seq_final_reward")
_SAME_WEIGHT = ("token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-sum-norm")


def read_verl(settings: object, *, source: str = "") -> ConfigReading:
    """What a configuration of verl's PPO trainer does to a reward.

    Args:
        settings: a mapping, nested or with dotted names, such as an OmegaConf `DictConfig`.
        source: where the settings come from, for the report.

    Raises:
        ValueError: a value is outside its domain, or the advantage is of no known form.

    Example:
        >>> reading = read_verl({
        ...     "algorithm": {"adv_estimator": "grpo", "norm_adv_by_std_in_grpo": False},
        ...     "actor_rollout_ref.rollout.n": 8,
        ... })
        >>> reading.trainer.estimator, [setting.name for setting in reading.changes]
        ('group_mean', [])
        >>> read_verl({"algorithm": {"adv_estimator": "grpo"}})
        Traceback (most recent call last):
        ValueError: adv_estimator=grpo needs groups, and actor_rollout_ref.rollout.n is 1
    """
    notes = Notes(Given(settings), VERL_RELEASE)
    trainer = _estimator(notes)
    trainer = _filter(notes, trainer)
    trainer = _kl(notes, trainer)
    _loss(notes)
    _reward_manager(notes)
    weights = None
    if "gdpo" in trainer.name:
        keys = notes.take("algorithm.gdpo_reward_keys", None) or ()
        weights = notes.weights("algorithm.gdpo_reward_weights") or (Fraction(1),) * len(keys)
    return notes.reading("verl", trainer, weights=weights or None, source=source)


def _estimator(notes: Notes) -> Trainer:
    for needed in ("algorithm.adv_estimator", f"{_ROLLOUT}.n"):
        notes.given.require_resolved(needed)
    name = str(notes.take("algorithm.adv_estimator", "gae"))
    size = notes.whole(f"{_ROLLOUT}.n", 1)
    scaled = notes.flag("algorithm.norm_adv_by_std_in_grpo", True)
    if name not in (*_ESTIMATORS, "gae"):
        raise ValueError(
            f"adv_estimator={name} is none of {', '.join(['gae', *_ESTIMATORS])}: its advantage has"
            " none of the forms that are decided"
        )
    if name not in _WITHOUT_GROUPS and size < 2:
        raise ValueError(f"adv_estimator={name} needs groups, and {_ROLLOUT}.n is {size}")
    chosen: dict[str, Any] = {"group_size": size} if size > 1 else {}
    if name == "gae":
        trainer = as_trainer(
            "batch_std", name="verl, adv_estimator=gae", source=VERL_RELEASE, **chosen
        )
        why = (
            "a critic's baseline, and one scale for the batch: the optimum is that of the reward,"
            " as far as the critic is right"
        )
        notes.add("algorithm.adv_estimator", name, "harmless", why)
        return trainer
    if _ESTIMATORS[name] == "verl_default" and not scaled:
        trainer = as_trainer(
            "group_mean", name=f"verl, adv_estimator={name}, norm_adv_by_std_in_grpo=False",
            source=VERL_RELEASE, **chosen,
        )  # fmt: skip
    else:
        trainer = as_trainer(_ESTIMATORS[name], **chosen)
    affine = ESTIMATORS[trainer.estimator].affine
    if _ESTIMATORS[name] == "verl_default":
        notes.add(
            "algorithm.adv_estimator", name, "harmless", "the mean of the group is subtracted"
        )
        _scaling(notes, scaled=scaled)
    elif name == "gdpo":
        notes.add(
            "algorithm.adv_estimator", name, "changes",
            "each reward is divided by the standard deviation of its group before they are added,"
            " which destroys their weights (Theorem 33)",
        )  # fmt: skip
    else:
        why = f"{ESTIMATORS[trainer.estimator].formula} keeps the optimum of the reward"
        notes.add("algorithm.adv_estimator", name, "harmless" if affine else "changes", why)
    if name not in _WITHOUT_GROUPS:
        why = ANY_SIZE if affine else OF_SIZE
        notes.add(f"{_ROLLOUT}.n", size, "harmless" if affine else "changes", why)
    return trainer


def _scaling(notes: Notes, *, scaled: bool) -> None:
    name = "algorithm.norm_adv_by_std_in_grpo"
    if scaled:
        notes.add(name, True, "changes", f"{BY_GROUP_STD}; False keeps it")
    else:
        notes.add(name, False, "harmless", "nothing is divided")


def _filter(notes: Notes, trainer: Trainer) -> Trainer:
    enabled = notes.flag("algorithm.filter_groups.enable", False)
    metric = str(notes.take("algorithm.filter_groups.metric", "reward"))
    for name in ("max_num_gen_batches", "max_inflight_gen_batches"):
        notes.given.take(f"algorithm.filter_groups.{name}")
    if not enabled:
        return trainer
    if metric in _OF_REWARDS:
        why = "groups of equal rewards are dropped, whose advantages are 0 anyway"
        notes.add("algorithm.filter_groups.metric", metric, "harmless", why)
        return trainer
    if metric in ("acc", "accuracy", "correct"):
        notes.add(
            "algorithm.filter_groups.metric", metric, "changes",
            "groups that are all correct or all wrong are dropped, so that the best report is"
            " P(correct given kept) (Theorem 45); the metric `reward` is harmless",
        )  # fmt: skip
        return as_trainer(trainer, keep_outcomes="mixed")
    why = "groups in which this number is the same for all rollouts are dropped"
    notes.add("algorithm.filter_groups.metric", metric, "not modelled", why)
    return trainer


def _kl(notes: Notes, trainer: Trainer) -> Trainer:
    in_reward = notes.flag("algorithm.use_kl_in_reward", False)
    coefficient = notes.number("algorithm.kl_ctrl.kl_coef", 0.001)
    for name in (
        "algorithm.kl_penalty",
        "algorithm.kl_ctrl.horizon",
        "algorithm.kl_ctrl.target_kl",
    ):
        notes.given.take(name)
    moving = str(notes.take("algorithm.kl_ctrl.type", "fixed")) == "adaptive"
    if in_reward:
        notes.add("algorithm.use_kl_in_reward", True, "changes", KL_IN_REWARD)
        notes.add("algorithm.kl_ctrl.kl_coef", coefficient, "changes", "its coefficient")
        if moving:
            why = "the coefficient moves; the verdict is about its first value"
            notes.add("algorithm.kl_ctrl.type", "adaptive", "not modelled", why)
        trainer = as_trainer(trainer, kl=coefficient)
    else:
        notes.add("algorithm.use_kl_in_reward", False, "harmless", "the reward has no KL penalty")
    in_loss = notes.flag(f"{_ACTOR}.use_kl_loss", False)
    weight = notes.number(f"{_ACTOR}.kl_loss_coef", 0.001)
    notes.given.take(f"{_ACTOR}.kl_loss_type")
    if in_loss and weight:
        notes.add(f"{_ACTOR}.use_kl_loss", True, "not modelled", KL_IN_LOSS)
    return trainer


def _loss(notes: Notes) -> None:
    mode = str(notes.take(f"{_ACTOR}.loss_agg_mode", "token-mean"))
    if mode in _SAME_WEIGHT:
        why = "the tokens of a batch have one weight"
        notes.add(f"{_ACTOR}.loss_agg_mode", mode, "harmless", why)
    else:
        notes.add(f"{_ACTOR}.loss_agg_mode", mode, "not modelled", PER_LENGTH)
    loss = str(notes.take(f"{_ACTOR}.policy_loss.loss_mode", "vanilla"))
    if loss == "gspo":  # the aggregation is always seq-mean-token-mean there
        notes.add(f"{_ACTOR}.policy_loss.loss_mode", loss, "not modelled", PER_LENGTH)
    elif loss not in ("vanilla", "gpg", "cispo"):
        why = "it weighs tokens by its own rule"
        notes.add(f"{_ACTOR}.policy_loss.loss_mode", loss, "not modelled", why)
    bonus = notes.number(f"{_ACTOR}.entropy_coeff", 0)
    if bonus:
        notes.add(f"{_ACTOR}.entropy_coeff", bonus, "not modelled", ENTROPY_BONUS)
    epochs = notes.whole(f"{_ACTOR}.ppo_epochs", 1)
    batch = notes.whole("data.train_batch_size", 1024)
    mini = notes.whole(f"{_ACTOR}.ppo_mini_batch_size", 256)
    if epochs > 1:
        notes.add(f"{_ACTOR}.ppo_epochs", epochs, "not modelled", SEVERAL_UPDATES)
    if mini < batch:
        why = f"{-(-batch // mini)} updates are made on one batch of {batch}: {SEVERAL_UPDATES}"
        notes.add(f"{_ACTOR}.ppo_mini_batch_size", mini, "not modelled", why)
    for name in ("clip_ratio", "clip_ratio_low", "clip_ratio_high", "clip_ratio_c"):
        value = notes.given.take(f"{_ACTOR}.{name}")
        if value is not UNSTATED and epochs == 1 and mini >= batch:
            notes.add(f"{_ACTOR}.{name}", value, "harmless", ONE_UPDATE)
    if notes.flag("algorithm.use_pf_ppo", False):
        why = "rollouts are sampled again by a power of their scores"
        notes.add("algorithm.use_pf_ppo", True, "not modelled", why)
    for name in ("gamma", "lam"):
        value = notes.number(f"algorithm.{name}", 1)
        if value != Fraction(1):
            why = "advantages of early tokens, such as those of the answer, shrink"
            notes.add(f"algorithm.{name}", value, "not modelled", why)


def _reward_manager(notes: Notes) -> None:
    current, older = "reward.reward_manager.name", "reward_model.reward_manager"
    name = current if notes.given.take(older, None) is None else older
    manager = str(notes.take(name, "naive"))
    ends = ("overlong_buffer_cfg.enable", "overlong_buffer.enable")
    stated = (*notes.given.values, *notes.given.unresolved)
    overlong = next((each for each in stated if each.endswith(ends)), None)
    if overlong is not None and notes.flag(overlong, False):
        why = "a penalty for long completions is added; how it goes with confidence is not known"
        notes.add(overlong, True, "not modelled", why)
    elif manager not in ("naive", "dapo", "batch", "prime", "rate_limited", "None"):
        why = "the manager may change what the function returns"
        notes.add(name, manager, "not modelled", why)
    for each in list(notes.given.values):
        if "custom_reward_function." in each or "overlong_buffer" in each:
            notes.given.take(each)
