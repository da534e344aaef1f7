"""What trainers do by default, as learning rules for these agents.

Estimator, epsilon and group size are those of `scoring_theory.advantage.TRAINERS`, which says where
they were read. A language model's tokens have become two choices, answer and confidence, and a
rollout's probability is that of both. Learning rates, batch sizes and schedules belong to models
and are not presets.
"""

from __future__ import annotations

from typing import Any

from scoring_theory.advantage import TRAINERS
from simulations.training.learning_rule import LearningRule


def preset(name: str, **changes: Any) -> LearningRule:
    """The learning rule of one of `scoring_theory.advantage.TRAINERS`, such as "trl_default", "verl_default" or "rlcr".

    Beside the trainer's numbers it sets `update` "ppo" with `epochs` 1 (`num_iterations` in TRL,
    `ppo_epochs` in verl) and `clip` 0.2 on both sides (`epsilon`; `clip_ratio`), `kl` 0 (`beta`;
    `use_kl_loss=False`) and `entropy` 0.

    Args:
        name: The trainer.
        changes: Options of the learning rule by name, which prevail.

    Raises:
        ValueError: An unknown name, or a trainer that clips rewards or drops groups, which these
            agents do not.

    Example:
        >>> preset("trl_default").estimator, preset("trl_default").std_epsilon, preset("rlcr", kl=0.1).group_size
        ('group_std', 0.0001, 32)
    """
    if name not in TRAINERS:
        raise ValueError(f"`name` must be one of {', '.join(TRAINERS)}, got {name!r}")
    trainer = TRAINERS[name]
    if trainer.clip is not None or trainer.keep is not None:
        raise ValueError(f"{trainer.name} clips rewards or drops groups, which these agents do not")
    defaults: dict[str, Any] = {"estimator": trainer.estimator, "group_size": trainer.group_size}
    if trainer.epsilon:
        defaults["std_epsilon"] = float(trainer.epsilon)
    ppo: dict[str, Any] = {
        "update": "ppo",
        "epochs": 1,
        "clip": (0.2, 0.2),
        "kl": 0.0,
        "entropy": 0.0,
    }
    return LearningRule(**{**defaults, **ppo, **changes})
