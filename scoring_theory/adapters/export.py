"""Export of a checked reward to one Python file with its proof, in the signature of a trainer."""

from __future__ import annotations

import json
import re
import shlex
import sys
from dataclasses import fields
from functools import partial
from keyword import iskeyword
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Unpack

from proofs import floats
from proofs.trees import unparse
from scoring_theory.adapters import score
from scoring_theory.adapters.bundle import bundle
from scoring_theory.adapters.framework import Framework
from scoring_theory.adapters.frameworks import FRAMEWORKS
from scoring_theory.adapters.payoff import Payoff, as_python, is_plain
from scoring_theory.adapters.scorer import Options, Terms, agreed_terms, truth_reader
from scoring_theory.adapters.trl import NoTruth
from scoring_theory.checkers import matching, maths, truths
from scoring_theory.checkers.named import CHECKERS, as_checker
from scoring_theory.files import write
from scoring_theory.readers import numbers, parsing, places, replies, tally
from scoring_theory.readers.presets import as_reader, reader_text
from scoring_theory.readers.reader import DEFAULT_READER
from scoring_theory.spelling import framework_name
from scoring_theory.versions import version_of

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.reward import Reward


_GRADED = (
    "The checker may return a score s in [0, 1]; the reward is s R(q, 1) + (1 - s) R(q, 0).",
    "For partial credit put your checker, (answer, truth) -> score, in the place of the one below.",
)
_MATHS = (maths.math_verify, maths.rlcr_answer)
_SHARED = (replies, numbers, places, parsing, tally, truths, matching, maths, floats, score)
"""The modules that an exported file may contain, each after those that it imports."""
_OLDEST = "3.10"
_LICENCE = (
    "SPDX-FileCopyrightText: 2026 The scoring-theory developers",
    "SPDX-License-Identifier: MIT",
)


def export(
    reward: RewardLike,
    path: str | Path,
    *,
    framework: str,
    truth: str | None = None,
    no_truth: NoTruth = "raise",
    **options: Unpack[Options],
) -> Path:
    """Write a reward as a self-contained Python file, atomically.

    The file contains what this reader and this checker need to score completions, the two payoffs
    as plain expressions, and the function that the trainer calls, which pickles; its scores are
    those of `scorer(reward, **options)`. It begins with the report, the trainer's configuration and
    the command that writes the same file, and ends with the proof, `CERTIFICATE`.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        path: the file; its name ends in `.py`, and an existing file is replaced.
        framework: a key of `FRAMEWORKS`.
        truth: the column of the dataset (TRL) or the field of the data (verifiers, NeMo Gym) with
            the truth.
        no_truth: see `as_trl`; other trainers have no way to leave out a completion.
        **options: `missing`, `reader`, `checker` (one of `CHECKERS`), `truth_key`, `allow_unsafe`,
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
    target = require_module(path)
    text = source_code(
        reward, target.name, framework=framework, truth=truth, no_truth=no_truth, **options
    )
    return write(target, text)


def require_module(path: str | Path) -> Path:
    """The path of a file that Python can import by its name.

    Raises:
        ValueError: its name does not end in `.py`, or is no name of a module.

    Example:
        >>> require_module("out/reward.py").name
        'reward.py'
        >>> require_module("my-reward.py")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: trainers import the file by its name, ... got 'my-reward.py'
    """
    target = Path(path)
    if target.suffix != ".py":
        raise ValueError(f"the file must end in .py, since trainers import it, got {str(path)!r}")
    if not target.stem.isidentifier() or iskeyword(target.stem):
        raise ValueError(
            "trainers import the file by its name, so it must be a name such as reward.py or"
            f" my_reward.py, got {target.name!r}"
        )
    return target


def source_code(
    reward: RewardLike,
    name: str,
    *,
    framework: str,
    truth: str | None = None,
    no_truth: NoTruth = "raise",
    **options: Unpack[Options],
) -> str:
    """The text of the file that `export` writes, with the name of the file in its comments."""
    framework = framework_name(framework, FRAMEWORKS)
    chosen = FRAMEWORKS[framework]
    known = chosen.named_truth(truth)
    if no_truth not in ("raise", "skip"):
        raise ValueError(f"`no_truth` must be 'raise' or 'skip', got {no_truth!r}")
    skips = {} if no_truth == "raise" else {"no_truth": no_truth}
    if skips and "no_truth" not in chosen.arguments:
        raise ValueError(f"{chosen.title} has no way to leave out a completion; omit `no_truth`")
    if as_checker(options.get("checker", "exact_match")) not in CHECKERS.values():
        raise ValueError(
            "a custom checker cannot be exported: use exact_match, and replace it in the exported"
            " file"
        )
    from scoring_theory.catalogue.coercion import as_reward

    reward = as_reward(reward)
    agreed = agreed_terms(reward, **options)
    graded = options.get("graded", False)
    command = [*_command(reward, agreed, framework, options), *_told(truth=truth, **skips)]
    certificate = json.dumps(agreed.report.to_json()["certificate"], indent=1)
    body = "\n\n\n".join(
        [
            function("on_correct", "R(q, 1)", agreed.on_correct),
            function("on_wrong", "R(q, 0)", agreed.on_wrong),
            "\n".join(
                [
                    *(["require_math_verify()"] if agreed.checker in _MATHS else []),
                    _scorer(agreed, graded=graded),
                    *(["", ""] if chosen.form == "class" else []),
                    chosen.made("grade", known, **skips),
                ]
            ),
            f'CERTIFICATE = r"""{certificate}"""',
            'if __name__ == "__main__":\n    print(CERTIFICATE)',
        ]
    )
    modules = (*_SHARED, sys.modules[chosen.maker.__module__])
    code = bundle(modules, body, imports="from functools import partial")
    told = shlex.join([*command, "-o", name])
    text = f"{_header(chosen, name, agreed, told, graded=graded)}\n\n{code}"
    try:
        compile(text, name, "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"the formula is too deeply nested for Python: {error}") from error
    return text


def _scorer(agreed: Terms, *, graded: bool) -> str:
    """The statement that makes the scorer, with one argument on a line."""
    read_truth = truth_reader(agreed.checker)
    arguments = [
        "on_correct",
        "on_wrong",
        f"missing={agreed.missing!r}",
        f"checker={agreed.checker.__name__}",
        f"reader={_parser(agreed.reader.parser)}",
        f"read_truth={read_truth.__name__ if read_truth else None}",
        *([] if agreed.truth_key is None else [f"truth_key={agreed.truth_key!r}"]),
        *(["graded=True"] if graded else []),
        *(["is_score=True"] if agreed.report.kind == "score" else []),
    ]
    return "\n".join(["grade = Scorer(", *(f"    {each}," for each in arguments), ")"])


def _parser(parser: parsing.TextParser) -> str:
    """A parser as a Python expression; what has its default is left out."""
    given = {
        each.name: getattr(parser, each.name)
        for each in fields(parser)
        if getattr(parser, each.name) != each.default
    }
    lines = [f"        {name}={_value(value)}," for name, value in given.items()]
    return "\n".join(["TextParser(", *lines, "    )"])


def _value(value: object) -> str:
    if isinstance(value, partial):
        bound = ", ".join(f"{name}={each!r}" for name, each in value.keywords.items())
        return f"partial({value.func.__name__}, {bound})"
    return value.__name__ if isinstance(value, FunctionType) else repr(value)


def _command(reward: Reward, agreed: Terms, framework: str, options: Options) -> list[str]:
    """The command that writes the same file, without the options of the trainer and `-o`."""
    checker = options.get("checker", "exact_match")
    name = next(key for key, one in CHECKERS.items() if checker in (key, one))
    given = agreed.reader if agreed.report.forecast else as_reader(options.get("reader", "tags"))
    parameters = [part for text in reward.parameters.values() for part in ("--param", text)]
    flags = [flag for flag in ("allow_unsafe", "forecast", "graded") if options.get(flag)]
    return [
        *("scoring-theory", "export", reward.text, *parameters, "--framework", framework),
        *_told(
            missing=None if options.get("missing", "worst") == "worst" else repr(agreed.missing),
            reader=None if given == DEFAULT_READER else reader_text(given),
            checker=None if name == "exact_match" else name,
            truth_key=agreed.truth_key,
        ),
        *(f"--{flag.replace('_', '-')}" for flag in flags),
    ]


def _told(**options: str | None) -> list[str]:
    """Options of the command line; those that are None are left out."""
    return [
        part
        for name, value in options.items()
        if value is not None
        for part in (f"--{name.replace('_', '-')}", value)
    ]


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


def _header(framework: Framework, name: str, agreed: Terms, command: str, *, graded: bool) -> str:
    """Comments; every line of a text is commented, so that none can be code."""
    forecast = agreed.report.forecast
    read = "probability" if forecast else "answer and confidence"
    lines = [
        *([f"UNSAFE (allow_unsafe was set): {agreed.objection}", ""] if agreed.objection else []),
        (
            f"A {'score of forecasts' if forecast else 'reward function'} for {framework.title},"
            f" written by scoring-theory {version_of()}; it needs Python {_OLDEST} or newer and"
            f" {'the package math-verify' if agreed.checker in _MATHS else 'nothing else'}."
        ),
        *_LICENCE,
        "",
        f"Made by:  {command}",
        *(f"Use it:   {line}" for line in framework.wired(name, agreed.missing)),
        "",
        *agreed.report.text().splitlines(),
        "",
        f"A completion without a readable {read} has reward {agreed.missing:g}.",
        f"The format: {agreed.reader!r}",
        *(_GRADED if graded else []),
        (
            f"`python {name} > proof.json` prints the certificate, and `scoring-theory verify"
            " proof.json` verifies it."
        ),
    ]
    comments = "\n".join(
        f"# {line}".rstrip() for text in lines for line in text.splitlines() or [""]
    )
    return f'{comments}\n"""A checked reward; the entry point is `{framework.entry}`."""'
