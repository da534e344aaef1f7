"""verl: `10.jsonl` in `trainer.rollout_data_dir` or `trainer.validation_data_dir`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from scoring_theory.rollouts.formats.log_format import LogFormat, Roles, first_of


def _recognises(names: Collection[str]) -> bool:
    return {"input", "output", "score"} <= set(names) and bool({"gts", "step"} & set(names))


def _roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["confidence"],
        correct=["acc", "correct"],
        question=["input"],
        step=["step"],
        reward=["score"],
        text=["output"],
        truth=["gts"],
        prompt=["input"],
    )


VERL_LOG = LogFormat(
    key="verl",
    title="verl's rollout dump",
    source="verl 0.9.1, RayPPOTrainer._write_generations",
    recognises=_recognises,
    roles=_roles,
    # All samples of a verl batch must have the same numbers, so that none cannot be written.
    absent=-1.0,
)
