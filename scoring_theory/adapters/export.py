"""Export of a checked reward to one Python file with its proof, in the signature of a trainer."""

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
from scoring_theory.adapters.checkers import Checker, exact_match, math_verify
from scoring_theory.adapters.framework import Framework
from scoring_theory.adapters.frameworks import FRAMEWORKS
from scoring_theory.adapters.payoff import Payoff, as_python, is_plain
from scoring_theory.adapters.scorer import Options, Terms, agreed_terms
from scoring_theory.files import write

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike


_GRADED = (
    "The checker may return a score s in [0, 1]; the reward is s R(q, 1) + (1 - s) R(q, 0).",
    "For partial credit put your checker, (answer, truth) -> score, in the place of the one below.",
)
_SHARED = (parsing, checkers, floats, score)


def export(
    reward: RewardLike,
    path: str | Path,
    *,
    framework: str,
    truth: str | None = None,
    **options: Unpack[Options],
) -> Path:
    """Write a reward as a self-contained Python file, atomically.

    The file contains the parser of completions, the two payoffs as plain expressions, and the
    function that the trainer calls; its scores are those of `scorer(reward, **options)`. It begins
    with the report and the proof, `CERTIFICATE`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        path: the file; its name ends in `.py`, and an existing file is replaced.
        framework: a key of `FRAMEWORKS`.
        truth: the column of the dataset (TRL) or the field of the data (verifiers) with the truth.
        **options: `missing`, `checker` (`exact_match` or `math_verify`), `allow_unsafe`,
            `forecast` and `graded` of `scorer`.

    Raises:
        UnsafeRewardError: see `scorer`.
        ValueError: the framework is unknown, `truth` is not an identifier, the checker cannot be
            exported, or see `scorer`.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = export("c - (q - c)^2", f"{folder}/rlcr.py", framework="trl")
        ...     "def on_correct(q: float)" in path.read_text()
        True
    """
    target = Path(path)
    if target.suffix != ".py":
        raise ValueError(f"the file must end in .py, since trainers import it, got {str(path)!r}")
    return write(
        target, source_code(reward, target.name, framework=framework, truth=truth, **options)
    )


def source_code(
    reward: RewardLike,
    name: str,
    *,
    framework: str,
    truth: str | None = None,
    **options: Unpack[Options],
) -> str:
    """The text of the file that `export` writes, with the name of the file in its comments."""
    if framework not in FRAMEWORKS:
        raise ValueError(f"unknown framework {framework!r}; known: {', '.join(FRAMEWORKS)}")
    chosen = FRAMEWORKS[framework]
    known = chosen.named_truth(truth)
    checker = options.get("checker", exact_match)
    if checker not in (exact_match, math_verify):
        raise ValueError(
            "a custom checker cannot be exported: use exact_match, and replace it in the exported"
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
                f" {_reading(checker, options)})\n{chosen.entry} ="
                f" {chosen.made('grade', known)}"
            ),
            'if __name__ == "__main__":\n    print(CERTIFICATE)',
        ]
    )
    modules = (*_SHARED, sys.modules[chosen.maker.__module__])
    graded = options.get("graded", False)
    text = f"{_header(chosen, name, agreed, graded=graded)}\n\n{bundle(modules, body)}"
    try:
        compile(text, name, "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"the formula is too deeply nested for Python: {error}") from error
    return text


def _reading(checker: Checker, options: Options) -> str:
    """The arguments of `Scorer` that say how a completion is compared with the truth."""
    if options.get("forecast"):
        return "checker=event_happened, read_truth=event, forecast=True"
    graded = ", graded=True" if options.get("graded") else ""
    return f"checker={checker.__name__}, read_truth=accepted_answers{graded}"


def function(name: str, words: str, payoff: Payoff) -> str:
    """The Python source of a payoff in the exported file.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> text = function("on_correct", "R(q, 1)", Payoff.of(parse("1 - (q - 1)^2")))
        >>> text.splitlines()[0], text.splitlines()[-1].strip()
        ('def on_correct(q: float) -> float:', 'return (1.0 - ((q - 1.0) ** 2.0))')
    """
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


def _header(framework: Framework, name: str, agreed: Terms, *, graded: bool) -> str:
    """Comments and the certificate; every line of a text is commented, so that none can be code."""
    certificate: Any = agreed.report.to_json()["certificate"]
    forecast = agreed.report.forecast
    read = "probability" if forecast else "answer and confidence"
    lines = [
        *([f"UNSAFE (allow_unsafe was set): {agreed.objection}", ""] if agreed.objection else []),
        (
            f"A {'score of forecasts' if forecast else 'reward function'} for"
            f" {framework.title}, written by scoring-theory {_version()}; it depends on Python"
            " only."
        ),
        f"{framework.entry}:  {framework.wiring.format(path=name)}",
        "",
        *agreed.report.text().splitlines(),
        "",
        f"A completion without a readable {read} has reward {agreed.missing:g}.",
        *(_GRADED if graded else []),
        (
            f"`python {name} > proof.json` prints the certificate, and `scoring-theory verify"
            " proof.json` verifies it."
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
