"""OpenRLHF: the table `train/generated_samples` on wandb, which holds texts and rewards only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from scoring_theory.rollouts.formats.log_format import LogFormat, Roles, first_of


def _recognises(names: Collection[str]) -> bool:
    return {"global_step", "text", "reward"} <= set(names)


def _roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["confidence"],
        correct=["correct"],
        step=["global_step"],
        reward=["reward"],
        text=["text"],
        truth=["label", "labels"],
    )


OPENRLHF_LOG = LogFormat(
    key="openrlhf",
    title="OpenRLHF's table of samples",
    source="openrlhf 0.11.2, WandbLogger.log_train",
    recognises=_recognises,
    roles=_roles,
)
