"""Completions in the format of a reader: the inverse of reading."""

from __future__ import annotations

import json
from decimal import Decimal

from scoring_theory.readers.places import pattern_parts
from scoring_theory.readers.reader import Reader

_SHIFTS = {"unit": 0, "ten": 1, "percent": 2, "rlcr": 0}


def write_completion(reader: Reader, answer: str, confidence: float) -> str:
    r"""A completion that states an answer and a confidence in the format of a reader.

    Args:
        reader: the format.
        answer: the answer, without white space around it; ignored where the format has none.
        confidence: in [0, 1]; with a table of words, the nearest phrase is written.

    Raises:
        ValueError: the confidence is outside [0, 1], or the format cannot hold the answer, such as
            an answer that contains the closing tag: the reader would read something else.

    Example:
        >>> from scoring_theory.readers.presets import READERS
        >>> write_completion(READERS["boxed"], "\\frac12", 0.85)
        '\\boxed{\\frac12}\nConfidence: 85'
        >>> write_completion(READERS["verbal"], "4", 0.9)
        '<answer>4</answer>\n<confidence>very likely</confidence>'
    """
    if not 0 <= confidence <= 1:
        raise ValueError(f"a confidence must lie in [0, 1], got {confidence!r}")
    stated, meant = _stated(reader, confidence)
    text = _laid_out(reader, answer, stated)
    thought = f"<think></think>\n{text}" if reader.require_think else text
    read = reader.read(thought)
    if read.problem or read.confidence != meant or read.answer not in (None, answer):
        raise ValueError(
            f"the format of the reader cannot hold the answer {answer!r:.60} with confidence"
            f" {confidence!r}: {read.problem or 'another one would be read'}"
        )
    return thought


def write_statement(reader: Reader, answer: str, stated: str | None) -> str:
    r"""A completion that states any text as its confidence, or none; it need not be readable.

    Args:
        reader: the format.
        answer: the answer; ignored where the format has none.
        stated: the text in the place of the confidence; None leaves the place out.

    Example:
        >>> from scoring_theory.readers.presets import READERS
        >>> write_statement(READERS["percent"], "4", "high")
        '<answer>4</answer>\n<confidence>high</confidence>'
        >>> write_statement(READERS["json"], "4", None)
        '{"answer": "4"}'
    """
    text = _laid_out(reader, answer, stated)
    return f"<think></think>\n{text}" if reader.require_think else text


def _stated(reader: Reader, confidence: float) -> tuple[str, float]:
    """The text of a confidence, and the confidence that it means."""
    if reader.words:
        return min(reader.words, key=lambda pair: abs(pair[1] - confidence))
    exact = Decimal(repr(float(confidence))).scaleb(_SHIFTS[reader.scale])
    plain = format(exact, "f")
    stripped = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return (stripped if len(stripped) < 30 else str(exact)), float(confidence)


def _laid_out(reader: Reader, answer: str, stated: str | None) -> str:
    if reader.pattern:
        values = {"answer": answer, "confidence": stated or "", "skip": "", "": ""}
        return "".join(f"{text} {values[name]} " for text, name in pattern_parts(reader.pattern))
    places = [(reader.answer, answer), (reader.confidence, stated)]
    used = [
        (place, content) for place, content in places if place is not None and content is not None
    ]
    if used and all(place.startswith('"') for place, _ in used):
        return json.dumps({place[1:-1]: content for place, content in used})
    return "\n".join(_placed(place, content) for place, content in used)


def _placed(place: str, content: str) -> str:
    if place == "\\boxed":
        return f"\\boxed{{{content}}}"
    if place.startswith("<"):
        return f"{place}{content}</{place[1:]}"
    if place.startswith('"'):
        return json.dumps({place[1:-1]: content})
    return f"{place} {content}"
