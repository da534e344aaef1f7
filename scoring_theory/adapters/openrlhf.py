"""OpenRLHF (0.11): the signature of `reward_func`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.adapters.framework import Framework, identifier
from scoring_theory.adapters.score import MEASURED, Score, Scorer, require_one_length
from scoring_theory.adapters.scorer import Options, scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

_LEAST_OVERLAP = 8  # characters; fewer may agree by chance
_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>")


def openrlhf_reward(
    grade: Scorer,
    queries: Sequence[str],
    prompts: Sequence[str],
    labels: Sequence[object],
    *,
    name: str = "scoring_theory",
    **others: Any,
) -> dict[str, Any]:
    """What OpenRLHF calls, with a scorer before it: rewards, scores for the filter, and logs.

    Numbers for one sample, lists for several.

    Example:
        >>> from scoring_theory.adapters import scorer
        >>> openrlhf_reward(scorer("c"), ["Q: 4"], ["Q: "], ["4"])["rewards"]
        0.0
    """
    require_one_length({"queries": queries, "prompts": prompts, "labels": labels})
    known = [
        {**others, "query": query, "prompt": prompt}
        for query, prompt in zip(queries, prompts, strict=True)
    ]
    scores = grade.batch(map(response, queries, prompts), labels, known)
    rewards = [score.reward for score in scores]
    rows = [openrlhf_logs(score, name) for score in scores]
    logs = {key: _alone([row[key] for row in rows]) for key in rows[0]} if rows else {}
    return {"rewards": _alone(rewards), "scores": _alone(rewards), "extra_logs": logs}


def openrlhf_logs(score: Score, name: str) -> dict[str, float]:
    """What OpenRLHF logs of a score.

    The trainer needs every key of every sample, as a number, and takes means over all samples. So
    what only readable completions have is logged as its product with `format_ok`: the mean of
    `format_ok*brier` divided by that of `format_ok` is the mean over readable completions.

    Example:
        >>> openrlhf_logs(Score(-1.0, True, None, {}, False), "rlcr")["rlcr/format_ok*brier"]
        0.0
    """
    numbers = score.numbers()
    products = {f"format_ok*{key}": numbers.get(key, 0.0) for key in MEASURED}
    every = {"correct": numbers["correct"], "format_ok": numbers["format_ok"], **products}
    return {f"{name}/{key}": value for key, value in every.items()}


def _alone(values: list[float]) -> float | list[float]:
    return values[0] if len(values) == 1 else values


def response(query: str, prompt: str) -> str:
    """The response in a query, a text that consists of prompt and response with special tokens.

    Tokenizers add and remove special tokens, so that both texts are compared without them if
    necessary. A long prompt may have lost its beginning; then the longest suffix of the prompt with
    which the query begins is removed.

    Raises:
        ValueError: the query does not begin with a suffix of its prompt (an error of the
            configuration).

    Example:
        >>> response("<s>2+2? four</s>", "2+2? ")
        'four'
        >>> response("is 2 + 2? four", "What is 2 + 2? ")
        'four'
    """
    if query.startswith(prompt):
        return query[len(prompt) :]
    bare_query, bare_prompt = (_SPECIAL.sub("", text).strip() for text in (query, prompt))
    if bare_query.startswith(bare_prompt):
        return bare_query[len(bare_prompt) :].strip()
    shared = _overlap(prompt, query)
    if shared < _LEAST_OVERLAP:
        raise ValueError(
            "a query is one text of prompt and response, as OpenRLHF passes it, so it must start"
            f" with its prompt, got {query[:60]!r} for the prompt {prompt[:60]!r}"
        )
    return query[shared:]


def _overlap(prompt: str, query: str) -> int:
    """The length of the longest suffix of `prompt` that is a prefix of `query`, in linear time.

    Source: Knuth, Morris and Pratt 1977.
    """
    jumps, matched = [0] * len(query), 0
    for at in range(1, len(query)):
        while matched and query[at] != query[matched]:
            matched = jumps[matched - 1]
        matched += query[at] == query[matched]
        jumps[at] = matched
    matched = 0
    for letter in prompt:
        while matched and (matched == len(query) or letter != query[matched]):
            matched = jumps[matched - 1]
        matched += bool(query) and letter == query[matched]
    return matched


def as_openrlhf(
    reward: RewardLike, *, name: str = "scoring_theory", **options: Unpack[Options]
) -> Callable[..., dict[str, Any]]:
    """A `reward_func` for OpenRLHF, for the file that `--reward.remote_url` names.

    A query is one text of prompt and response, with special tokens; the prompt is removed first,
    because instructions often contain the tags. For one sample the function returns numbers, for
    several samples lists, as the trainer expects. The scores are the rewards. A group with negative
    mean reward is outside the default filter range (0, 1) of the trainer: leave
    `--algo.dynamic_filtering_enable` off, or add a constant to the reward, which does not change
    the optimum. The logs are those of `openrlhf_logs`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        name: what the names of the logged keys begin with.
        **options: `missing`, `reader`, `checker`, `truth_key`, `allow_unsafe`, `forecast` and
            `graded` of `scorer`.

    Raises:
        ValueError: see `scorer`; when called, a query does not start with its prompt.

    Example:
        >>> reward_func = as_openrlhf("c - (q - c)**2")
        >>> query = "2+2? <answer>4</answer><confidence>0.5</confidence><|im_end|>"
        >>> reward_func([query], ["2+2? "], ["4"])["rewards"]
        0.75
    """
    return partial(openrlhf_reward, scorer(reward, **options), name=identifier("name", name))


OPENRLHF = Framework(
    title="OpenRLHF 0.11",
    entry="reward_func",
    maker=openrlhf_reward,
    arguments={"name": "scoring_theory"},
    wiring=(
        "--reward.remote_url {path} --algo.advantage.estimator dr_grpo"
        " --rollout.n_samples_per_prompt 8 --algo.kl.init_coef 0",
        "to try it: reward_func([prompt + response], [prompt], [truth])",
    ),
    defaults="openrlhf_default",
)
