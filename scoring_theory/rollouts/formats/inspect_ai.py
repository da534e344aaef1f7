"""Inspect: a log as `.json`, or as `.eval`, which is a zip file of JSON files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scoring_theory.rollouts.formats.log_format import (
    LogFormat,
    Roles,
    Row,
    first_of,
    value_at_path,
)


def _recognises(names: Collection[str]) -> bool:
    return {"eval", "samples"} <= set(names)


def _of_log(log: Row) -> Iterator[Row]:
    """One row for each sample, with the model, the task, the completion and the first score."""
    samples = log["samples"]
    if not isinstance(samples, list) or not all(isinstance(each, Mapping) for each in samples):
        raise ValueError("`samples` must be a list of objects; a log without samples has no rows")
    model, task = value_at_path(log["eval"], "model"), value_at_path(log["eval"], "task")
    for sample in samples:
        yield {
            "model": model,
            "task": task,
            **sample,
            "completion": _completion(sample),
            "score": _score(sample),
        }


def _completion(sample: Row) -> Any:
    output = sample.get("output")
    if isinstance(output, Mapping) and isinstance(output.get("completion"), str):
        return output["completion"]
    content = value_at_path(output, "choices.0.message.content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "\n".join(part for part in parts if isinstance(part, str))
    return content


def _score(sample: Row) -> Any:
    """The first score: its value, answer, explanation and metadata."""
    scores = sample.get("scores")
    if isinstance(scores, Mapping) and scores:
        return next(iter(scores.values()))
    return sample.get("score")


def _roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["score.metadata.confidence", "score.value.confidence", "confidence"],
        correct=["score.value.correct", "score.value"],
        method=["model"],
        dataset=["task"],
        question=["id"],
        answer=["epoch"],
        text=["completion"],
        truth=["target"],
    )


INSPECT_AI = LogFormat(
    key="inspect_ai",
    title="an Inspect log",
    source="inspect_ai 0.3, EvalLog version 2",
    recognises=_recognises,
    roles=_roles,
    rows=_of_log,
)
