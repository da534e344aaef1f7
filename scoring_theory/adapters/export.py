"""A checked reward as one file that needs nothing but Python: readable, with its proof, in a trainer's signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from proofs.kernel.formula import Node
from proofs.trees import unparse
from scoring_theory.adapters.bundle import bundle
from scoring_theory.adapters.checkers import exact_match, math_verify
from scoring_theory.adapters.payoff import as_python
from scoring_theory.adapters.scorer import Options, Terms, terms
from scoring_theory.files import write

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


@dataclass(frozen=True)
class Framework:
    """How a file for one trainer ends, and how the trainer is told of it.

    Attributes:
        title: the trainer and the version whose signature it is.
        entry: the name in the file that the trainer calls.
        made: the Python that makes the entry from `grade`, with `{truth}` where the truth is named.
        truth: what the truth is called unless told; None where the trainer itself says.
        wiring: one line for people; `{path}` is the file.
    """

    title: str
    entry: str
    made: str
    truth: str | None
    wiring: str


FRAMEWORKS: Mapping[str, Framework] = {
    "trl": Framework(
        "TRL 1.16", "reward_function",
        "trl_reward(grade, truth={truth!r}, name='scoring_theory', asynchronous=False)", "solution",
        'GRPOTrainer(reward_funcs=reward_function, args=GRPOConfig(scale_rewards="none", ...), ...)',
    ),
    "verl": Framework(
        "verl 0.9", "compute_score", "verl_reward(grade)", None,
        "reward.custom_reward_function.path={path} algorithm.norm_adv_by_std_in_grpo=False",
    ),
    "openrlhf": Framework(
        "OpenRLHF 0.11", "reward_func", "openrlhf_reward(grade)", None, "--reward.remote_url {path}",
    ),
    "verifiers": Framework(
        "verifiers 0.4", "reward", "verifiers_reward(grade, truth={truth!r}, name='scoring_theory')", "answer",
        "--env.taskset.task.rewards.scoring_theory.fn MODULE:reward",
    ),
}  # fmt: skip
_SHARED = ("parsing", "checkers", "arithmetic", "score")


def export(
    reward: RewardLike, path: str | Path, *, framework: str, truth: str | None = None, **options: Unpack[Options]
) -> Path:
    """Write the reward as a self-contained Python file, whole or not at all.

    The file holds the reading of completions, the two payoffs as plain expressions, and the trainer's signature; it
    scores as `scorer(reward, **options)` does. Above stand the report and, as `CERTIFICATE`, the proof.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        path: where to; the name ends in `.py`, and a file of that name is replaced.
        framework: a key of `FRAMEWORKS`.
        truth: the dataset's column (TRL) or the data's field (verifiers) with the truth.
        **options: `missing`, `checker` (one of the two given here) and `allow_unsafe` of `scorer`.

    Raises:
        UnsafeRewardError: see `scorer`.
        ValueError: an unknown framework, a name that is none, a checker of one's own, or as `scorer`.
    """
    target = Path(path)
    if target.suffix != ".py":
        raise ValueError(f"the file must end in .py, since trainers import it, got {str(path)!r}")
    return write(target, source(reward, target.name, framework=framework, truth=truth, **options))


def source(
    reward: RewardLike, name: str, *, framework: str, truth: str | None = None, **options: Unpack[Options]
) -> str:
    """The text of the file that `export` writes under a name."""
    if framework not in FRAMEWORKS:
        raise ValueError(f"unknown framework {framework!r}; known: {', '.join(FRAMEWORKS)}")
    chosen = FRAMEWORKS[framework]
    known = _truth(chosen, truth)
    checker = options.get("checker", exact_match)
    if checker not in (exact_match, math_verify):
        raise ValueError("a checker of your own cannot be exported: take exact_match, and put yours into the file")
    from scoring_theory.catalogue.coercion import as_reward

    reward = as_reward(reward)
    agreed = terms(reward, **options)
    body = "\n\n\n".join([
        _function("on_correct", "R(q, 1)", reward.on_correct),
        _function("on_wrong", "R(q, 0)", reward.on_wrong),
        *(["require_math_verify()"] if checker is math_verify else []),
        f"grade = Scorer(on_correct, on_wrong, missing={agreed.missing!r}, checker={checker.__name__})\n"
        f"{chosen.entry} = {chosen.made.format(truth=known)}",
        'if __name__ == "__main__":\n    print(CERTIFICATE)',
    ])  # fmt: skip
    text = f"{_header(chosen, name, agreed)}\n\n{bundle((*_SHARED, framework), body)}"
    try:
        compile(text, name, "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"the formula is nested too deeply to be written as Python: {error}") from error
    return text


def _truth(framework: Framework, truth: str | None) -> str | None:
    if truth is None:
        return framework.truth
    if framework.truth is None:
        raise ValueError(f"{framework.title} says itself where the truth is; leave `truth` out")
    if not truth.isidentifier():
        raise ValueError(f"`truth` must be a name such as 'solution', got {truth!r}")
    return truth


def _function(name: str, words: str, node: Node) -> str:
    return f'def {name}(q: float) -> float:\n    """{words} = {unparse(node)}"""\n    return {as_python(node)}'


def _header(framework: Framework, name: str, agreed: Terms) -> str:
    """Comments and the certificate. Every line of a text is commented out, so that none can be anything else."""
    certificate: Any = agreed.report.to_json(allow_weak=True)["certificate"]
    lines = [
        *([f"UNSAFE, exported all the same: {agreed.objection}", ""] if agreed.objection else []),
        f"A reward function for {framework.title}, written by scoring-theory {_version()}; it needs Python alone.",
        f"{framework.entry}:  {framework.wiring.format(path=name)}",
        "",
        *agreed.report.text(allow_weak=True).splitlines(),
        "",
        f"An answer or a confidence that cannot be read earns {agreed.missing:g}.",
        f"`python {name} > proof.json` prints the certificate, and `scoring-theory verify proof.json` checks it.",
    ]
    comments = "\n".join(f"# {line}".rstrip() for text in lines for line in (text.splitlines() or [""]))
    return f'{comments}\n\nCERTIFICATE = r"""{json.dumps(certificate, indent=1)}"""'


def _version() -> str:
    try:
        return version("scoring-theory")
    except PackageNotFoundError:
        return "(not installed)"
