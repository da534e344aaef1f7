"""Completions in the format of a reader: the inverse of reading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from scoring_theory.readers.places import pattern_pieces
from scoring_theory.readers.reader import Reader

_SHIFTS = {"unit": 0, "ten": 1, "percent": 2, "rlcr": 0}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_CLOSING = re.compile(r"(?:</[\w-]+>|[)\]}\"'])*")


class WrittenForm(NamedTuple):
    """One of the ways to write a completion that a reader reads alike.

    Attributes:
        percent: a number has a percent sign.
        quoted: a number in JSON is a text.
        lines: tags stand on lines of their own.

    Example:
        >>> WrittenForm(percent=True)
        WrittenForm(percent=True, quoted=False, lines=False)
    """

    percent: bool = False
    quoted: bool = False
    lines: bool = False

    def beside(self, other: WrittenForm) -> bool:
        """Whether the two forms differ in one respect.

        Example:
            >>> WrittenForm().beside(WrittenForm(percent=True)), WrittenForm().beside(WrittenForm())
            (True, False)
        """
        return sum(a != b for a, b in zip(self, other, strict=True)) == 1


@lru_cache(maxsize=256)
def written_forms(reader: Reader) -> tuple[WrittenForm, ...]:
    """The ways to write a completion that a reader reads alike, the documented one first.

    Example:
        >>> from scoring_theory.readers.presets import READERS
        >>> [form.percent for form in written_forms(READERS["boxed"])]
        [True, False]
        >>> [form.lines for form in written_forms(READERS["verbal"])]
        [False, True]
    """
    tags = not reader.pattern and all(
        place is not None and place.startswith("<") for place in (reader.answer, reader.confidence)
    )
    in_json = not reader.pattern and reader.confidence.startswith('"')
    forms = [
        WrittenForm(percent, quoted, lines)
        for percent in _signs(reader)
        for quoted in ((False, True) if in_json and not reader.words else (False,))
        for lines in ((False, True) if tags else (False,))
        if not (in_json and percent and not quoted)
    ]
    return tuple(forms)


def _signs(reader: Reader) -> tuple[bool, ...]:
    """Whether a number has a percent sign, in the documented form and in the other one."""
    signed = reader.pattern.partition("{confidence}")[2].lstrip().startswith("%")
    if reader.words or reader.scale == "rlcr" or signed:
        return (False,)
    on_a_line = not reader.pattern and reader.confidence.endswith(":")
    return (True, False) if on_a_line and reader.scale == "percent" else (False, True)


def write_completion(
    reader: Reader, answer: str, confidence: float, form: WrittenForm | None = None
) -> str:
    r"""A completion that states an answer and a confidence in the format of a reader.

    Args:
        reader: the format.
        answer: the answer, without white space around it; ignored where the format has none.
        confidence: in [0, 1]; with a table of words, the nearest phrase is written.
        form: one of `written_forms`; by default the documented one.

    Raises:
        ValueError: the confidence is outside [0, 1], or the format cannot hold the answer, such as
            an answer that contains the closing tag: the reader would read something else.

    Example:
        >>> from scoring_theory.readers.presets import READERS
        >>> write_completion(READERS["boxed"], "\\frac12", 0.85)
        '\\boxed{\\frac12}\nConfidence: 85%'
        >>> write_completion(READERS["verbal"], "4", 0.9)
        '<answer>4</answer><confidence>very likely</confidence>'
        >>> write_completion(READERS["json"], "4", 0.85)
        '{"answer": "4", "confidence": 0.85}'
    """
    if not 0 <= confidence <= 1:
        raise ValueError(f"a confidence must lie in [0, 1], got {confidence!r}")
    form = written_forms(reader)[0] if form is None else form
    stated, meant = _stated(reader, confidence, form)
    thought = write_statement(reader, answer, stated, form)
    read = reader.read(thought)
    if read.problem or read.confidence != meant or read.answer not in (None, answer):
        raise ValueError(
            f"the format of the reader cannot hold the answer {answer!r:.60} with confidence"
            f" {confidence!r}: {read.problem or 'another one would be read'}"
        )
    return thought


def write_statement(
    reader: Reader, answer: str, stated: str | None, form: WrittenForm | None = None
) -> str:
    r"""A completion that states any text as its confidence, or none; it need not be readable.

    Args:
        reader: the format.
        answer: the answer; ignored where the format has none.
        stated: the text in the place of the confidence; None leaves the place out.
        form: one of `written_forms`; by default the documented one.

    Example:
        >>> from scoring_theory.readers.presets import READERS
        >>> write_statement(READERS["percent"], "4", "high")
        '<answer>4</answer><confidence>high</confidence>'
        >>> write_statement(READERS["json"], "4", None)
        '{"answer": "4"}'
    """
    text = _laid_out(reader, answer, stated, written_forms(reader)[0] if form is None else form)
    return f"<think></think>\n{text}" if reader.require_think else text


def _stated(reader: Reader, confidence: float, form: WrittenForm) -> tuple[str, float]:
    """The text of a confidence, and the confidence that it means."""
    if reader.words:
        return min(reader.words, key=lambda pair: abs(pair[1] - confidence))
    shift = 2 if form.percent else _SHIFTS[reader.scale]
    exact = Decimal(repr(float(confidence))).scaleb(shift)
    plain = format(exact, "f")
    stripped = plain.rstrip("0").rstrip(".") if "." in plain else plain
    sign = "%" if form.percent else ""
    return f"{stripped if len(stripped) < 30 else exact}{sign}", float(confidence)


def _laid_out(reader: Reader, answer: str, stated: str | None, form: WrittenForm) -> str:
    if reader.pattern:
        return "".join(_patterned(reader.pattern, answer, stated))
    places = [(reader.answer, answer), (reader.confidence, stated)]
    used = [
        (place, content) for place, content in places if place is not None and content is not None
    ]
    if used and all(place.startswith('"') for place, _ in used):
        return _json(reader, used, form)
    tags = all(place.startswith("<") for place, _ in used)
    between = "" if tags and not form.lines else "\n"
    return between.join(_placed(reader, place, content, form) for place, content in used)


def _patterned(pattern: str, answer: str, stated: str | None) -> Iterator[str]:
    """The pieces of a pattern, filled in; without a confidence, also without the text around it."""
    values = {"answer": answer, "confidence": stated, "skip": ""}
    left_out = False
    for literal, name in pattern_pieces(pattern):
        if name and values[name] is None:
            left_out = True
            closed = _CLOSING.match(literal)  # what closes the answer stays
            yield closed[0] if closed else ""
        elif name or not left_out:
            left_out = False
            yield f"{literal}{values.get(name, '')}"


def _placed(reader: Reader, place: str, content: str, form: WrittenForm) -> str:
    if place == "\\boxed":
        return f"\\boxed{{{content}}}"
    if place.startswith("<"):
        return f"{place}{content}</{place[1:]}"
    if place.startswith('"'):
        return _json(reader, [(place, content)], form)
    return f"{place} {content}"


def _json(reader: Reader, members: Sequence[tuple[str, str]], form: WrittenForm) -> str:
    """An object, in which the confidence is a number where its text is one."""
    written = []
    for place, content in members:
        number = place == reader.confidence and not form.quoted and _JSON_NUMBER.fullmatch(content)
        written.append(f"{place}: {content if number else json.dumps(content)}")
    return f"{{{', '.join(written)}}}"
