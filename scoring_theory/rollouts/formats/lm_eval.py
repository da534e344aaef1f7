"""lm-evaluation-harness: `samples_TASK_DATE.jsonl`, written with `--log_samples`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scoring_theory.rollouts.formats.log_format import LogFormat, Roles, Row, first_of


def _recognises(names: Collection[str]) -> bool:
    return {"doc_id", "doc", "target", "resps", "filtered_resps"} <= set(names)


def _of_sample(sample: Row) -> Iterator[Row]:
    """The sample with its first metric, its response, and the probability of the option chosen."""
    found: dict[str, Any] = {}
    metrics = sample.get("metrics")
    named = metrics if isinstance(metrics, list) else []
    scored = [name for name in named if isinstance(name, str) and name in sample]
    if scored:
        found["metric"] = sample[scored[0]]
    responses = sample["resps"]
    likelihoods = _likelihoods(sample["filtered_resps"])
    if likelihoods is not None:
        found["choice_probability"] = _of_the_best(likelihoods)
    else:
        found["response"] = _innermost(responses)
    yield {**sample, **found}


def _innermost(value: Any) -> Any:
    """The first response of the first request; harnesses nest it in two lists."""
    while isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str | Mapping) else None


def _likelihoods(filtered: Any) -> list[float] | None:
    """The log likelihood of each option of a multiple-choice question; None for generated text."""
    if not isinstance(filtered, list) or len(filtered) < 2:
        return None
    values = []
    for option in filtered:
        if not isinstance(option, list) or len(option) != 2:
            return None
        try:
            values.append(float(option[0]))
        except (TypeError, ValueError):
            return None
    return values


def _of_the_best(likelihoods: Sequence[float]) -> float | None:
    best = max(likelihoods)
    if not math.isfinite(best):
        return None
    return 1.0 / math.fsum(math.exp(value - best) for value in likelihoods)


def _roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["confidence", "choice_probability"],
        correct=["correct", "metric"],
        method=["filter"],
        question=["doc_id"],
        text=["response"],
        truth=["target"],
    )


LM_EVAL = LogFormat(
    key="lm_eval",
    title="lm-evaluation-harness samples",
    source="lm_eval 0.4, EvaluationTracker.save_results_samples",
    recognises=_recognises,
    roles=_roles,
    rows=_of_sample,
)
