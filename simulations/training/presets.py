"""What trainers do if nobody tells them otherwise, as rules for these agents; each says what it sets.

A language model's tokens have become two choices, answer and confidence, and a rollout's probability is that of both.
Learning rates, batch sizes and schedules belong to models and are not presets.
"""

from __future__ import annotations

from typing import Any

from simulations.training.rule import Training


def trl_default(**changes: Any) -> Training:
    """TRL's GRPOTrainer: the group's mean and standard deviation, 8 rollouts for each question.

    Sets `estimator` "group_std" (`scale_rewards="group"`), `std_epsilon` 1e-4, `update` "ppo" with `epochs` 1
    (`num_iterations`) and `clip` 0.2 on both sides (`epsilon`), `kl` 0 (`beta`), `group_size` 8 (`num_generations`).
    Everything may be changed by name.

    Example:
        >>> trl_default().estimator, trl_default(group_size=16).group_size
        ('group_std', 16)
    """
    return _preset({"estimator": "group_std", "update": "ppo", "group_size": 8, "std_epsilon": 1e-4}, changes)


def verl_default(**changes: Any) -> Training:
    """GRPO in verl (`adv_estimator=grpo`): the group's mean and standard deviation (`norm_adv_by_std_in_grpo`).

    Sets `estimator` "group_std", `std_epsilon` 1e-6, `update` "ppo" with `epochs` 1 (`ppo_epochs`) and `clip` 0.2
    (`clip_ratio`), `kl` 0 (`use_kl_loss=False`), `entropy` 0. Everything may be changed by name.

    Example:
        >>> verl_default().std_epsilon
        1e-06
    """
    return _preset({"estimator": "group_std", "update": "ppo", "std_epsilon": 1e-6}, changes)


def rlcr_paper(**changes: Any) -> Training:
    """RLCR as its paper trains it: GRPO without division by the standard deviation, and no KL term.

    Sets `estimator` "group_mean", `update` "ppo" with `epochs` 1, `kl` 0. Everything may be changed by name.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Example:
        >>> rlcr_paper(learning_rate=0.5).estimator
        'group_mean'
    """
    return _preset({"estimator": "group_mean", "update": "ppo"}, changes)


def _preset(defaults: dict[str, Any], changes: dict[str, Any]) -> Training:
    return Training(**{**defaults, "epochs": 1, "clip": (0.2, 0.2), "kl": 0.0, "entropy": 0.0, **changes})
