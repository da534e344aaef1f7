"""The text of a reply, and the part of it that follows the thinking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Completion = str | Sequence[Mapping[str, object]]

_THINKING = "<think>"
_THOUGHT = "</think>"


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


def opens_thinking(prompt: object) -> bool:
    """Whether a prompt ends with `<think>`, as the chat templates of reasoning models write it.

    The completion then begins inside the thinking, although it does not contain `<think>`.

    Args:
        prompt: a text, a conversation, or anything else, which opens nothing.

    Example:
        >>> opens_thinking("2 + 2? <think>"), opens_thinking("2 + 2?"), opens_thinking(None)
        (True, False, False)
    """
    if isinstance(prompt, Sequence) and not isinstance(prompt, str) and prompt:
        last = prompt[-1]
        begun = isinstance(last, Mapping) and last.get("role") == "assistant"
        prompt = _content(last.get("content")) if begun else ""
    return isinstance(prompt, str) and prompt.rstrip().endswith(_THINKING)


def after_thinking(text: str, *, required: bool) -> str:
    """The text after the last `</think>`.

    Args:
        text: the text of a reply.
        required: `</think>` must occur, because the prompt or the format opens the thinking.

    Raises:
        UnreadableError: the thinking does not end.

    Example:
        >>> after_thinking("<think>5?</think> 4", required=False)
        ' 4'
    """
    _, ended, body = text.rpartition(_THOUGHT)
    if _THINKING in body:
        raise UnreadableError("the thinking does not end: <think> without </think>")
    if required and not ended:
        raise UnreadableError("the thinking does not end: there is no </think>")
    return body
