"""OpenRLHF (0.11): `reward_func = as_openrlhf(...)` in the file that `--reward.remote_url` names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from .score import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.reward import Reward

_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>")


def as_openrlhf(reward: Reward, **options: Unpack[Options]) -> Callable[..., dict[str, Any]]:
    """A `reward_func` for OpenRLHF: rewards, the scores of its dynamic filter, and logs.

    A query is prompt and response in one text, with special tokens; the prompt is cut off first, because instructions
    often show the tags. The trainer calls with one sample at a time and wants numbers then; longer lists get lists.
    Scores are the rewards, which lie outside its default filter range (0, 1) for a group of negative mean: keep
    `--algo.dynamic_filtering_enable` off, or add a constant to the reward (to a learner it is the same reward).

    Args:
        reward: every parameter has a value.
        **options: `missing`, `checker` and `allow_unsafe` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, a query that does not start with its prompt.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> reward_func = as_openrlhf(Reward.parse("c - (q - c)**2"))
        >>> reward_func(["2+2? <answer>4</answer><confidence>0.5</confidence><|im_end|>"], ["2+2? "], ["4"])["rewards"]
        0.75
    """
    grade = scorer(reward, **options)

    def reward_func(
        queries: Sequence[str], prompts: Sequence[str], labels: Sequence[object], **_: Any
    ) -> dict[str, Any]:
        scores = [grade(_response(q, p), label) for q, p, label in zip(queries, prompts, labels, strict=True)]
        rewards = [score.reward for score in scores]
        rows = [{"confidence": -1.0, **score.numbers()} for score in scores]
        logs = {key: _plain([row[key] for row in rows]) for key in rows[0]} if rows else {}
        return {"rewards": _plain(rewards), "scores": _plain(rewards), "extra_logs": logs}

    return reward_func


def _plain(values: list[float]) -> float | list[float]:
    return values[0] if len(values) == 1 else values


def _response(query: str, prompt: str) -> str:
    """What follows the prompt. Tokenizers add and drop special tokens, so if need be both are compared without them."""
    if query.startswith(prompt):
        return query[len(prompt) :]
    bare_query, bare_prompt = (_SPECIAL.sub("", text).strip() for text in (query, prompt))
    if not bare_query.startswith(bare_prompt):
        raise ValueError(f"a query must start with its prompt, got {query!r:.60} for the prompt {prompt!r:.60}")
    return bare_query[len(bare_prompt) :]
