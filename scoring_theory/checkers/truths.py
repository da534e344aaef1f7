"""The truth of a question: what the data may hold, and the event of a forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping

_EVENTS = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False,
           "1.0": True, "0.0": False}  # fmt: skip


class TruthError(ValueError):
    """A ground truth in the data that is missing or cannot be compared with an answer."""


def accepted_answers(truth: object) -> list[str | int | float]:
    """The accepted answers of a truth: texts and numbers, at least one.

    Raises:
        TruthError: the truth is missing (None, NaN, empty), bytes, a dictionary, or of another type
            that cannot be an answer.

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
            f"the truth is a dictionary (keys: {keys:.60}): name the key with the answer,"
            " truth_key='...'"
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


def truth_at(truth: object, key: str | None) -> object:
    """The value of a key of a truth that is a dictionary; other truths are returned as they are.

    Raises:
        TruthError: the dictionary does not have the key.

    Example:
        >>> truth_at({"target": "4", "level": 2}, "target"), truth_at("4", "target")
        ('4', '4')
    """
    if key is None or not isinstance(truth, Mapping):
        return truth
    if key not in truth:
        keys = ", ".join(repr(known) for known in truth) or "none"
        raise TruthError(f"the truth has no key {key!r} (keys: {keys:.60})")
    return truth[key]
