"""Checkers by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scoring_theory.checkers.asking import Checker
from scoring_theory.checkers.matching import exact_match, gsm8k, multiple_choice, numbers, squad
from scoring_theory.checkers.maths import math_verify, require_math_verify, rlcr_answer
from scoring_theory.display import Named

CHECKERS: Mapping[str, Callable[[str, object], bool]] = Named(
    "CHECKERS",
    {
        "exact_match": exact_match,
        "numbers": numbers,
        "gsm8k": gsm8k,
        "squad": squad,
        "multiple_choice": multiple_choice,
        "math_verify": math_verify,
        "rlcr": rlcr_answer,
    },
)
"""The ready checkers; they need the answer and the truth only."""


def as_checker(given: Checker | str) -> Checker:
    """A checker from a function or a name.

    Raises:
        ValueError: it is neither a function nor a name of `CHECKERS`.
        ImportError: the checker is `math_verify` or `rlcr`, which need the package math-verify, and
            it is not installed.

    Example:
        >>> as_checker("squad")("The Nile", "nile")
        True
        >>> as_checker("exact")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: `checker` is exact_match, numbers, ... or a function ..., got 'exact'
    """
    checker = CHECKERS.get(given) if isinstance(given, str) else given
    if not callable(checker):
        *names, last = CHECKERS
        raise ValueError(
            f"`checker` is {', '.join(names)} or {last}, or a function (answer, truth) -> bool,"
            f" got {given!r}"
        )
    if checker in (math_verify, rlcr_answer):
        require_math_verify()
    return checker
