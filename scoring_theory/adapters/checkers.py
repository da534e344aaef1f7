"""Is the answer right? A checker is any function `(answer, truth) -> bool`; two are given."""

from __future__ import annotations

import string
import threading
from collections.abc import Callable
from importlib.util import find_spec

Checker = Callable[[str, object], bool]


def exact_match(answer: str, truth: object) -> bool:
    """Equal texts after lower-casing, joining white space and dropping punctuation at the end; of a list, any one.

    Example:
        >>> exact_match(" Paris.", "paris"), exact_match("4", ["four", "4"]), exact_match("", "")
        (True, True, False)
    """
    if truth is None:
        raise TypeError("the truth is None: the data has none for this question")
    if isinstance(truth, list | tuple | set | frozenset):
        return any(exact_match(answer, one) for one in truth)
    given = _plain(answer)
    return bool(given) and given == _plain(str(truth))


def _plain(text: str) -> str:
    """Punctuation inside stays: 0.5 is not 05; a leading sign stays: -4 is not 4."""
    joined = " ".join(text.lower().split())
    return joined.rstrip(string.punctuation.translate(str.maketrans("", "", "%)]}"))).lstrip("'\"")


def math_verify(answer: str, truth: object) -> bool:
    r"""Mathematical equality by the package `math_verify` (extra `adapters`): 1/2, 0.5 and \frac12 agree.

    Its time limit is an alarm signal, which only the main thread may set: a trainer that grades in worker threads
    (OpenRLHF, and verl's loop) has none, so bound the length of completions there.
    """
    from math_verify import parse, verify

    seconds = 5 if threading.current_thread() is threading.main_thread() else None
    gold, given = (parse(f"${text}$", parsing_timeout=seconds) for text in (truth, answer))
    return bool(verify(gold, given, timeout_seconds=seconds))


def require_math_verify() -> None:
    """Raise before the first step of a training run, not in it.

    Raises:
        ImportError: the package is not installed; the message says how to.
    """
    if find_spec("math_verify") is None:
        raise ImportError("math_verify is not installed: pip install math-verify")
