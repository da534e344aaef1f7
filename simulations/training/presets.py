"""What trainers do if nobody tells them otherwise, as rules for these agents; each says what it sets.

Estimator, epsilon and group size are those of `scoring_theory.advantage.TRAINERS`, which says where they were read. A
language model's tokens have become two choices, answer and confidence, and a rollout's probability is that of both.
Learning rates, batch sizes and schedules belong to models and are not presets.
"""

from __future__ import annotations

from typing import Any

from scoring_theory.advantage import TRAINERS
from simulations.training.learning_rule import LearningRule


def trl_default(**changes: Any) -> LearningRule:
    """TRL's GRPOTrainer: the group's mean and standard deviation, 8 rollouts for each question.

    Beside the trainer's numbers sets `update` "ppo" with `epochs` 1 (`num_iterations`) and `clip` 0.2 on both sides
    (`epsilon`), `kl` 0 (`beta`). Everything may be changed by name.

    Example:
        >>> trl_default().estimator, trl_default().std_epsilon, trl_default(group_size=16).group_size
        ('group_std', 0.0001, 16)
    """
    return preset("trl_default", **changes)


def verl_default(**changes: Any) -> LearningRule:
    """GRPO in verl (`adv_estimator=grpo`): the group's mean and standard deviation (`norm_adv_by_std_in_grpo`).

    Beside the trainer's numbers sets `update` "ppo" with `epochs` 1 (`ppo_epochs`) and `clip` 0.2 (`clip_ratio`), `kl`
    0 (`use_kl_loss=False`), `entropy` 0. Everything may be changed by name.

    Example:
        >>> verl_default().std_epsilon
        1e-06
    """
    return preset("verl_default", **changes)


def rlcr_paper(**changes: Any) -> LearningRule:
    """RLCR as its paper trains it: GRPO without division by the standard deviation, 32 rollouts, and no KL term.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Example:
        >>> rlcr_paper(learning_rate=0.5).estimator
        'group_mean'
    """
    return preset("rlcr", **changes)


def preset(name: str, **changes: Any) -> LearningRule:
    """Any of `scoring_theory.advantage.TRAINERS`, with the update of PPO at its usual clipping.

    Raises:
        ValueError: an unknown name, or a trainer that clips rewards or drops groups, which these agents do not.

    Example:
        >>> preset("trl_rloo").estimator, preset("trl_rloo").group_size
        ('leave_one_out', 2)
    """
    if name not in TRAINERS:
        raise ValueError(f"`name` must be one of {', '.join(TRAINERS)}, got {name!r}")
    trainer = TRAINERS[name]
    if trainer.clip is not None or trainer.keep is not None:
        raise ValueError(f"{trainer.name} clips rewards or drops groups, which these agents do not")
    defaults: dict[str, Any] = {"estimator": trainer.estimator, "group_size": trainer.group_size}
    if trainer.epsilon:
        defaults["std_epsilon"] = float(trainer.epsilon)
    ppo: dict[str, Any] = {"update": "ppo", "epochs": 1, "clip": (0.2, 0.2), "kl": 0.0, "entropy": 0.0}
    return LearningRule(**{**defaults, **ppo, **changes})
