"""Is the answer right? A checker is any function `(answer, truth) -> bool`; two are given."""

from __future__ import annotations

import string
from collections.abc import Callable

Checker = Callable[[str, object], bool]


def exact_match(answer: str, truth: object) -> bool:
    """Equal texts after lower-casing, joining white space and dropping punctuation at the end; of a list, any one.

    Example:
        >>> exact_match(" Paris.", "paris"), exact_match("4", ["four", "4"]), exact_match("", "")
        (True, True, False)
    """
    if isinstance(truth, list | tuple | set | frozenset):
        return any(exact_match(answer, one) for one in truth)
    given = _plain(answer)
    return bool(given) and given == _plain(str(truth))


def _plain(text: str) -> str:
    """Punctuation inside stays: 0.5 is not 05; a leading sign stays: -4 is not 4."""
    joined = " ".join(text.lower().split())
    return joined.rstrip(string.punctuation.translate(str.maketrans("", "", "%)]}"))).lstrip("'\"")


def math_verify(answer: str, truth: object) -> bool:
    r"""Mathematical equality by the `math_verify` package (extra `adapters`): 1/2, 0.5 and \frac12 agree.

    Raises:
        ImportError: the package is not installed; the message says how to.
    """
    try:
        from math_verify import parse, verify
    except ImportError as error:
        raise ImportError("math_verify is not installed: pip install 'scoring-theory[adapters]'") from error
    # Its time limit is an alarm signal, which only the main thread may set; trainers grade in worker threads.
    gold, given = (parse(f"${text}$", parsing_timeout=None) for text in (truth, answer))
    return bool(verify(gold, given, timeout_seconds=None))
