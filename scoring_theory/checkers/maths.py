"""Mathematical equality, by the package `math_verify`."""

from __future__ import annotations

import threading
from importlib.util import find_spec

from scoring_theory.checkers.matching import squad
from scoring_theory.checkers.truths import accepted_answers


def math_verify(answer: str, truth: object) -> bool:
    r"""Mathematical equality by the package `math_verify`: 1/2, 0.5 and \frac12 are equal.

    The package is in the extra `adapters`. Its time limit is an alarm signal, which only the main
    thread can set: trainers that grade in worker threads (OpenRLHF, and verl's loop) have no time
    limit, so that the length of completions should be bounded there.

    Args:
        answer: the answer of the model.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.
    """
    from math_verify import parse, verify

    seconds = _seconds()
    bare = answer.strip().removesuffix(".")
    # As a formula, and as a text that may contain one ("2000 calories").
    given = [parse(form, parsing_timeout=seconds) for form in (f"${bare}$", answer)]
    accepted = [parse(f"${gold}$", parsing_timeout=seconds) for gold in accepted_answers(truth)]
    return any(
        bool(verify(gold, one, timeout_seconds=seconds)) for gold in accepted for one in given
    )


def rlcr_answer(answer: str, truth: object) -> bool:
    r"""The rule by which the authors of RLCR decide whether an answer is correct.

    The truth's text equals what the package `math_verify` finds in the answer, as text, or both are
    equal after SQuAD's normalisation. It misses equal forms (14/3 and \frac{14}{3}), and ignores
    signs (-1 equals 1); it serves to repeat their figures.

    Args:
        answer: the answer of the model.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `accepted_answers`.

    Source: Damani et al. 2025, arXiv 2507.16806; their published code and verdicts.
    """
    from math_verify import parse, verify

    seconds = _seconds()
    given = parse(answer, parsing_timeout=seconds)
    return squad(answer, truth) or any(
        bool(verify(str(gold), given, timeout_seconds=seconds)) for gold in accepted_answers(truth)
    )


def _seconds() -> int | None:
    """The time limit, which is an alarm signal that only the main thread can set."""
    return 5 if threading.current_thread() is threading.main_thread() else None


def require_math_verify() -> None:
    """Check that `math_verify` is installed, before a training run starts.

    Raises:
        ImportError: the package is not installed.
    """
    if find_spec("math_verify") is None:
        raise ImportError("math_verify is not installed: pip install math-verify")
