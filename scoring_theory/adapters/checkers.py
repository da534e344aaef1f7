"""Checkers of answers, functions `(answer, truth) -> bool` or score; this module has two."""

from __future__ import annotations

import math
import re
import string
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib.util import find_spec

Checker = Callable[[str, object], bool | float]
"""It returns a bool or, with graded scores, a number in [0, 1]."""
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]{1,4})?")

_EVENTS = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False,
           "1.0": True, "0.0": False}  # fmt: skip


class TruthError(ValueError):
    """A ground truth in the data that is missing or cannot be compared with an answer."""


def exact_match(answer: str, truth: object) -> bool:
    """Whether an answer equals an accepted one, as text, or as a number if the truth is a number.

    Texts are compared after lower-casing, joining white space and removing punctuation at the end.

    Args:
        answer: the answer of the model.
        truth: a text or a number; a list, tuple, set or array has several accepted answers.

    Raises:
        TruthError: the truth is missing (None, NaN, empty), bytes, a dictionary, or of another type
            that cannot be an answer.

    Example:
        >>> exact_match(" Paris.", "paris"), exact_match("4", ["four", "4"]), exact_match("4", 4.0)
        (True, True, True)
    """
    return any(_equal(answer, accepted) for accepted in accepted_answers(truth))


def accepted_answers(truth: object) -> list[str | int | float]:
    """The accepted answers of a truth: texts and numbers, at least one.

    Raises:
        TruthError: see `exact_match`.

    Example:
        >>> accepted_answers({"4", "four"}) == accepted_answers(["4", "four"]), accepted_answers(4)
        (True, [4])
    """
    # Arrays and their scalars, of any library; a memoryview is bytes.
    if hasattr(truth, "tolist") and not isinstance(truth, memoryview):
        truth = truth.tolist()
    if isinstance(truth, list | tuple | set | frozenset):
        members = sorted(truth, key=repr) if isinstance(truth, set | frozenset) else truth
        accepted = [answer for member in members for answer in accepted_answers(member)]
        if not accepted:
            raise TruthError(
                "the truth is an empty list: it must hold at least one accepted answer"
            )
        return accepted
    if isinstance(truth, Mapping):
        keys = ", ".join(repr(key) for key in truth) or "none"
        raise TruthError(
            f"the truth is a dictionary (keys: {keys:.60}): give the value of one key as the truth"
        )
    if isinstance(truth, str):
        if not truth.strip():
            raise TruthError("the truth is an empty text: the data has no answer for this question")
        return [truth]
    if isinstance(truth, int) or (isinstance(truth, float) and math.isfinite(truth)):
        return [truth]
    got = f"{type(truth).__name__} {truth!r:.60}"
    raise TruthError(f"the truth must be a text, a finite number or a list of these, got {got}")


def event(truth: object) -> bool:
    """Whether the event of a forecast happened, from a label in the data.

    Args:
        truth: True or False, 1 or 0, or one of the texts 1, 0, true, false, yes, no.

    Raises:
        TruthError: it is none of these.

    Example:
        >>> event("yes"), event(0), event(False)
        (True, False, False)
    """
    if hasattr(truth, "tolist") and not isinstance(truth, memoryview):
        truth = truth.tolist()
    text = str(truth).strip().lower() if isinstance(truth, str | int | float) else ""
    if text not in _EVENTS:
        raise TruthError(
            f"the truth of a forecast must be one of {', '.join(_EVENTS)}, got {truth!r:.60}"
        )
    return _EVENTS[text]


def event_happened(_answer: str, truth: object) -> bool:
    """The checker of forecasts, where nobody gives an answer: whether the event happened.

    Example:
        >>> event_happened("", "no")
        False
    """
    return event(truth)


def _equal(answer: str, truth: str | float) -> bool:
    given = _plain(answer)
    if isinstance(truth, str | bool):
        return bool(given) and given == _plain(str(truth))
    exact = (
        truth if isinstance(truth, int) else Decimal(str(truth))
    )  # Python prints no integer of 5,000 digits
    return _DECIMAL.fullmatch(given) is not None and Decimal(given) == exact


def _plain(text: str) -> str:
    """The text for comparison; inner punctuation and a leading sign are kept (0.5, -4)."""
    joined = " ".join(text.lower().split())
    return joined.rstrip(string.punctuation.translate(str.maketrans("", "", "%)]}"))).lstrip("'\"")


def math_verify(answer: str, truth: object) -> bool:
    r"""Mathematical equality by the package `math_verify`: 1/2, 0.5 and \frac12 are equal.

    The package is in the extra `adapters`. Its time limit is an alarm signal, which only the main
    thread can set: trainers that grade in worker threads (OpenRLHF, and verl's loop) have no time
    limit, so that the length of completions should be bounded there.

    Args:
        answer: the answer of the model.
        truth: as in `exact_match`.

    Raises:
        TruthError: see `exact_match`.
    """
    from math_verify import parse, verify

    seconds = 5 if threading.current_thread() is threading.main_thread() else None
    given = parse(f"${answer}$", parsing_timeout=seconds)
    accepted = (parse(f"${gold}$", parsing_timeout=seconds) for gold in accepted_answers(truth))
    return any(bool(verify(gold, given, timeout_seconds=seconds)) for gold in accepted)


def require_math_verify() -> None:
    """Check that `math_verify` is installed, before a training run starts.

    Raises:
        ImportError: the package is not installed.
    """
    if find_spec("math_verify") is None:
        raise ImportError("math_verify is not installed: pip install math-verify")
