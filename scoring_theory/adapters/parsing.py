"""Parsing of completions: the text of a reply, the content of a tag, and a confidence in [0, 1].

The format is that of RLCR,
`<think>..</think><answer>..</answer><analysis>..</analysis><confidence>..</confidence>`. Parsing is
strict, because training exploits whatever a lenient parser accepts: the thinking must end, a tag
must occur exactly once after it, and a confidence must be a finite number. Other completions raise
`UnreadableError`; the caller decides their reward.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

Completion = str | Sequence[Mapping[str, object]]

_THINKING = "<think>"
_THOUGHT = "</think>"
_DECIMAL = r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?"
_CONFIDENCE = re.compile(
    rf"(?P<top>{_DECIMAL})\s*(?:(?P<percent>%)|/\s*(?P<bottom>{_DECIMAL}))?", re.ASCII
)


class UnreadableError(ValueError):
    """The completion does not have the requested format; the message says why."""


def reply_text(completion: Completion) -> str:
    """The text to grade: the string itself, or the last assistant message of a conversation.

    Raises:
        UnreadableError: the conversation has no assistant message.
        TypeError: the completion is neither a string nor a list of messages (an error of the
            configuration, not of the model).

    Example:
        >>> question = {"role": "user", "content": "2 + 2?"}
        >>> reply_text([question, {"role": "assistant", "content": "4"}])
        '4'
    """
    if isinstance(completion, str):
        return completion
    if not isinstance(completion, Sequence):
        raise TypeError(
            f"a completion must be a string or a sequence of messages, got {completion!r:.80}"
        )
    for message in reversed(completion):
        if not isinstance(message, Mapping):
            raise TypeError(
                "a completion must be a string or a sequence of messages, got an item"
                f" {message!r:.80}"
            )
        if message.get("role", "assistant") == "assistant":
            return _content(message.get("content"))
    raise UnreadableError("the conversation has no assistant message")


def _content(content: object) -> str:
    """The text of a message whose content is a string, None, or a list of typed parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(
            str(part["text"]) for part in content if isinstance(part, Mapping) and "text" in part
        )
    return ""


def read_tag(text: str, tag: str) -> str:
    """The stripped content of `<tag>...</tag>`, which must occur exactly once after `</think>`.

    Raises:
        UnreadableError: the tag is missing, repeated or not closed, or the thinking does not end.

    Example:
        >>> read_tag("<think><answer>5</answer></think><answer> 4 </answer>", "answer")
        '4'
    """
    body = text.rpartition(_THOUGHT)[2]
    if _THINKING in body:
        raise UnreadableError("the thinking does not end: <think> without </think>")
    opened, closed = body.count(f"<{tag}>"), body.count(f"</{tag}>")
    if opened != 1 or closed != 1:
        raise UnreadableError(
            f"expected <{tag}>...</{tag}> exactly once after the thinking, got {opened} and"
            f" {closed}"
        )
    inside, end, _ = body.partition(f"<{tag}>")[2].partition(f"</{tag}>")
    if not end:
        raise UnreadableError(f"</{tag}> occurs before <{tag}>")
    return inside.strip()


def read_confidence(text: str) -> float:
    """Parse a confidence: a decimal in [0, 1], a percentage, or a fraction, without clipping.

    Raises:
        UnreadableError: the text is not a number (such as `nan`, `inf` or "high"), or the number is
            outside [0, 1] (such as `85` without a percent sign).

    Example:
        >>> [read_confidence(text) for text in ("0.7", "70%", "7/10", "1")]
        [0.7, 0.7, 0.7, 1.0]
    """
    match = _CONFIDENCE.fullmatch(text.strip())
    if match is None:
        raise UnreadableError(
            f"a confidence must be a number like 0.7, 70% or 7/10, got {text.strip()[:60]!r}"
        )
    value = Fraction(match["top"])
    if match["percent"]:
        value /= 100
    elif match["bottom"]:
        if not (bottom := Fraction(match["bottom"])):
            raise UnreadableError(
                f"a confidence cannot be divided by zero, got {text.strip()[:60]!r}"
            )
        value /= bottom
    if not 0 <= value <= 1:
        raise UnreadableError(f"a confidence must lie in [0, 1], got {text.strip()[:60]!r}")
    return float(value)
