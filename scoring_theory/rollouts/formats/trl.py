"""TRL: `completions/completions_00010.parquet`, and the same table on wandb."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from scoring_theory.rollouts.formats.log_format import LogFormat, Roles, first_of

_OWN = {"step", "prompt", "completion", "advantage", "confidence", "correct", "problem", "image"}


def _recognises(names: Collection[str]) -> bool:
    return {"step", "prompt", "completion", "advantage"} <= set(names)


def _roles(names: Sequence[str]) -> Roles:
    """The rewards are columns named after their functions; a single one is the reward."""
    known = first_of(
        names,
        confidence=["confidence", "*/confidence"],
        correct=["correct", "*/correct", "accuracy_reward"],
        question=["prompt"],
        step=["step"],
        text=["completion"],
        truth=["solution", "truth", "answer"],
        prompt=["prompt"],
    )
    top = [name for name in names if "/" not in name and "." not in name and name not in _OWN]
    rewards = [name for name in top if name not in known.values()]
    return {**known, "reward": rewards[0]} if len(rewards) == 1 else known


TRL_LOG = LogFormat(
    key="trl",
    title="TRL's table of completions",
    source="trl 1.16.0, GRPOTrainer.log with log_completions=True",
    recognises=_recognises,
    roles=_roles,
)
