"""The defaults of trainers, as learning rules for these agents.

Estimator, epsilon and group size are those of `scoring_theory.advantage.TRAINERS`, which cites
their sources. A rollout of these agents is two choices, an answer and a confidence, instead of a
sequence of tokens; its probability is the joint probability of the two. Learning rates, batch
sizes and schedules depend on the model and are not part of a preset.
"""

from __future__ import annotations

from typing import Any

from scoring_theory.advantage import ALIASES, TRAINERS
from simulations.training.learning_rule import LearningRule


def preset(name: str, **changes: Any) -> LearningRule:
    """The learning rule of a trainer, such as "trl_default", "verl_default" or "rlcr".

    Estimator, group size and epsilon are the trainer's defaults. In addition it sets `update` to
    "ppo" with `epochs` 1 (`num_iterations` in TRL, `ppo_epochs` in verl), `clip` to 0.2 on both
    sides (`epsilon`; `clip_ratio`), `kl` to the trainer's penalty in the reward (0 for most) and
    `entropy` to 0.

    Args:
        name: A name of `scoring_theory.advantage.TRAINERS`, or one of `ALIASES` for it.
        changes: Options of `LearningRule` by name; they override the preset.

    Raises:
        ValueError: If the name is unknown, or the trainer clips rewards or advantages or drops
            groups, which these agents do not support.

    Example:
        >>> trl = preset("trl_default")
        >>> trl.estimator, trl.std_epsilon, preset("rlcr", kl=0.1).group_size
        ('group_std', 0.0001, 32)
    """
    name = ALIASES.get(name, name)
    if name not in TRAINERS:
        raise ValueError(f"`name` must be one of {', '.join(TRAINERS)}, got {name!r}")
    trainer = TRAINERS[name]
    if not trainer.uncut:
        raise ValueError(
            f"{trainer.name} clips rewards or advantages or drops groups, which these agents do not"
        )
    defaults: dict[str, Any] = {"estimator": trainer.estimator, "group_size": trainer.group_size}
    if trainer.epsilon:
        defaults["std_epsilon"] = float(trainer.epsilon)
    ppo: dict[str, Any] = {
        "update": "ppo",
        "epochs": 1,
        "clip": (0.2, 0.2),
        "kl": float(trainer.kl),
        "entropy": 0.0,
    }
    return LearningRule(**{**defaults, **ppo, **changes})
