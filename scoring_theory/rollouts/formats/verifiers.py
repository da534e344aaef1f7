"""verifiers: `traces.jsonl` (0.4, one episode per line) and `results.jsonl` (0.1 to 0.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scoring_theory.rollouts.formats.log_format import LogFormat, Roles, Row, first_of


def _is_traces(names: Collection[str]) -> bool:
    return {"traces", "task"} <= set(names)


def _of_episode(episode: Row) -> Iterator[Row]:
    """One row for each trace, with its last sampled reply and its total reward."""
    traces = episode["traces"]
    if not isinstance(traces, list):
        raise ValueError(f"`traces` must be a list, got {traces!r:.60}")
    for trace in traces:
        if not isinstance(trace, Mapping):
            raise ValueError(f"a trace must be an object, got {trace!r:.60}")
        task = trace.get("task") or episode["task"]
        about = task if isinstance(task, Mapping) else {}
        question = about.get("key") or about.get("hash") or episode.get("id")
        yield {
            **trace,
            "task": task,
            "question": question,
            "reply": _last_reply(trace),
            "reward": _total(trace.get("rewards")),
        }


def _last_reply(trace: Row) -> Any:
    if trace.get("root_reply") is not None:
        return trace["root_reply"]
    nodes = trace.get("nodes")
    for node in reversed(nodes if isinstance(nodes, list) else []):
        message = node.get("message") if isinstance(node, Mapping) else None
        if isinstance(message, Mapping) and message.get("role") == "assistant":
            return message.get("content")
    return None


def _total(rewards: Any) -> float | None:
    """The sum of weight times score; None where scoring did not run."""
    total = 0.0
    for part in rewards.values() if isinstance(rewards, Mapping) else ():
        if not isinstance(part, Mapping):
            return None
        score, weight = part.get("score"), part.get("weight", 1.0)
        if not isinstance(score, int | float) or not isinstance(weight, int | float):
            return None
        total += score * weight
    return total if isinstance(rewards, Mapping) and rewards else None


def _trace_roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["metrics.confidence", "*/confidence", "info.confidence"],
        correct=["metrics.correct", "*/correct", "rewards.correctness.score"],
        question=["question"],
        reward=["reward"],
        text=["reply"],
        truth=["task.data.answer", "task.data.truth", "task.data.solution"],
    )


def _is_results(names: Collection[str]) -> bool:
    return {"prompt", "completion", "reward", "answer"} <= set(names) and bool(
        {"task", "example_id", "id"} & set(names)
    )


def _result_roles(names: Sequence[str]) -> Roles:
    return first_of(
        names,
        confidence=["confidence", "metrics.confidence"],
        correct=["correct", "correctness", "correct_answer_reward_func"],
        question=["example_id", "id"],
        dataset=["task"],
        reward=["reward"],
        text=["completion"],
        truth=["answer"],
        prompt=["prompt"],
    )


VERIFIERS_TRACES = LogFormat(
    key="verifiers_traces",
    title="verifiers' traces",
    source="verifiers 0.4.0, v1/utils/trace_store.py",
    recognises=_is_traces,
    roles=_trace_roles,
    rows=_of_episode,
)
VERIFIERS_RESULTS = LogFormat(
    key="verifiers_results",
    title="verifiers' results",
    source="verifiers 0.1, results.jsonl of vf-eval",
    recognises=_is_results,
    roles=_result_roles,
)
