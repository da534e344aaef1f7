"""A checked reward as one file that needs nothing but Python: readable, with its proof, in a trainer's signature."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from proofs import floats
from proofs.trees import unparse
from scoring_theory.adapters import checkers, parsing, score
from scoring_theory.adapters.bundle import bundle
from scoring_theory.adapters.checkers import exact_match, math_verify
from scoring_theory.adapters.framework import Framework
from scoring_theory.adapters.frameworks import FRAMEWORKS
from scoring_theory.adapters.payoff import Payoff, as_python, is_plain
from scoring_theory.adapters.scorer import Options, Terms, agreed_terms
from scoring_theory.files import write

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


_SHARED = (parsing, checkers, floats, score)


def export(
    reward: RewardLike,
    path: str | Path,
    *,
    framework: str,
    truth: str | None = None,
    **options: Unpack[Options],
) -> Path:
    """Write the reward as a self-contained Python file, whole or not at all.

    The file holds the reading of completions, the two payoffs as plain expressions, and the
    trainer's signature; it scores as `scorer(reward, **options)` does. Above stand the report and,
    as `CERTIFICATE`, the proof.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        path: where to; the name ends in `.py`, and a file of that name is replaced.
        framework: a key of `FRAMEWORKS`.
        truth: the dataset's column (TRL) or the data's field (verifiers) with the truth.
        **options: `missing`, `checker` (one of the two given here) and `allow_unsafe` of `scorer`.

    Raises:
        UnsafeRewardError: see `scorer`.
        ValueError: an unknown framework, a name that is none, a checker of one's own, or as
            `scorer`.
    """
    target = Path(path)
    if target.suffix != ".py":
        raise ValueError(f"the file must end in .py, since trainers import it, got {str(path)!r}")
    return write(target, source(reward, target.name, framework=framework, truth=truth, **options))


def source(
    reward: RewardLike,
    name: str,
    *,
    framework: str,
    truth: str | None = None,
    **options: Unpack[Options],
) -> str:
    """The text of the file that `export` writes under a name."""
    if framework not in FRAMEWORKS:
        raise ValueError(f"unknown framework {framework!r}; known: {', '.join(FRAMEWORKS)}")
    chosen = FRAMEWORKS[framework]
    known = chosen.named_truth(truth)
    checker = options.get("checker", exact_match)
    if checker not in (exact_match, math_verify):
        raise ValueError(
            "a checker of your own cannot be exported: take exact_match, and put yours into the"
            " file"
        )
    from scoring_theory.catalogue.coercion import as_reward

    reward = as_reward(reward)
    agreed = agreed_terms(reward, **options)
    body = "\n\n\n".join(
        [
            function("on_correct", "R(q, 1)", agreed.on_correct),
            function("on_wrong", "R(q, 0)", agreed.on_wrong),
            *(["require_math_verify()"] if checker is math_verify else []),
            (
                f"grade = Scorer(on_correct, on_wrong, missing={agreed.missing!r},"
                f" checker={checker.__name__}, read_truth=accepted_answers)\n{chosen.entry} ="
                f" {chosen.made('grade', known)}"
            ),
            'if __name__ == "__main__":\n    print(CERTIFICATE)',
        ]
    )
    text = f"{_header(chosen, name, agreed)}\n\n{bundle((*_SHARED, sys.modules[chosen.maker.__module__]), body)}"
    try:
        compile(text, name, "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"the formula is nested too deeply to be written as Python: {error}"
        ) from error
    return text


def function(name: str, words: str, payoff: Payoff) -> str:
    """A payoff as the Python function that the file holds."""
    at_zero, at_one = payoff.ends
    expression = as_python(payoff.node)
    lines = [
        f"def {name}(q: float) -> float:",
        f'    """{words} = {unparse(payoff.node)}"""',
        *(
            []
            if is_plain(payoff.node)
            else [
                "    if q in (0, 1):  # there it may be a limit",
                f"        return {at_one!r} if q else {at_zero!r}",
            ]
        ),
        *(
            ["    x = stated(q)  # comparisons are exact"]
            if re.search(r"\bx\b", expression)
            else []
        ),
        f"    return {expression}",
    ]
    return "\n".join(lines)


def _header(framework: Framework, name: str, agreed: Terms) -> str:
    """Comments and the certificate. Every line of a text is commented out, so that none can be anything else."""
    certificate: Any = agreed.report.to_json(allow_weak=True)["certificate"]
    lines = [
        *([f"UNSAFE, exported all the same: {agreed.objection}", ""] if agreed.objection else []),
        (
            f"A reward function for {framework.title}, written by scoring-theory {_version()}; it"
            " needs Python alone."
        ),
        f"{framework.entry}:  {framework.wiring.format(path=name)}",
        "",
        *agreed.report.text(allow_weak=True).splitlines(),
        "",
        f"An answer or a confidence that cannot be read earns {agreed.missing:g}.",
        (
            f"`python {name} > proof.json` prints the certificate, and `scoring-theory verify"
            " proof.json` checks it."
        ),
    ]
    comments = "\n".join(
        f"# {line}".rstrip() for text in lines for line in text.splitlines() or [""]
    )
    return f'{comments}\n\nCERTIFICATE = r"""{json.dumps(certificate, indent=1)}"""'


def _version() -> str:
    try:
        return version("scoring-theory")
    except PackageNotFoundError:
        return "(not installed)"
