"""A reader: the format in which a completion states its answer and its confidence, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property, partial
from typing import Any

from scoring_theory.readers.numbers import (
    NumberScale,
    number_in_text,
    plain_number,
    plain_words,
    read_words,
    rlcr_number,
)
from scoring_theory.readers.parsing import PlaceFinder, Statement, TextParser
from scoring_theory.readers.places import (
    PLACEHOLDERS,
    Occurrence,
    box_content,
    json_pair,
    json_value,
    label_content,
    pattern_pair,
    pattern_parts,
    pattern_pieces,
    tag_content,
)

_SCALES = ("unit", "ten", "percent", "rlcr")
_OCCURRENCES = ("once", "first", "last")
_COMMAND = re.compile(r"\\[A-Za-z]+$")
_FORMS = '"<name>" for a tag, "Name:" for a line, \'"name"\' for a JSON key, or "\\\\boxed"'


@dataclass(frozen=True)
class Reader:
    r"""The format of a completion. It is data: equal readers read alike, wherever they are used.

    A place is one of: `"<name>"`, the content of a tag; `"Name:"`, the rest of a line after this
    label; `'"name"'`, the value of a key of a JSON object; `"\\boxed"`, a LaTeX box. Reading takes
    time proportional to the length of the completion.

    Attributes:
        answer: the place of the answer; None if a completion states only a probability.
        confidence: the place of the confidence.
        pattern: a text with the placeholders `{answer}`, `{confidence}` and `{skip}`, which is used
            instead of the two places; other braces are doubled, so that an answer in a box is
            `"\\boxed{{{answer}}}"`. Without `{answer}` a completion states only a probability.
            It is not a regular expression: one that a completion can slow down would let a model
            stop the training run.
        occurrence: which one is read if there are several: "first", "last", or none ("once").
        scale: "unit" for 0 to 1, "ten", "percent", or "rlcr"; see `read_confidence`.
        words: phrases with their confidences, as pairs; then a confidence is one of the phrases.
        lenient: tags, labels and patterns have any capitals, and other words may surround the
            number. Training may exploit what this accepts.
        skip_think: only the text after the last `</think>` is read, and thinking must end.
        require_think: `</think>` must occur, for a chat template that opens `<think>` itself.

    Raises:
        ValueError: an attribute is outside its domain, or two of them contradict each other.

    Example:
        >>> percent = Reader(scale="percent", occurrence="last")
        >>> percent.read("<answer>4</answer><confidence>85</confidence>")
        Statement(answer='4', confidence=0.85, stated='85', problem='')
        >>> Reader(answer="\\boxed", confidence="Confidence:").read("No idea.").problem
        'expected \\boxed{...}, got none; expected a line `Confidence: ...`, got none'
    """

    answer: str | None = "<answer>"
    confidence: str = "<confidence>"
    pattern: str = ""
    occurrence: Occurrence = "once"
    scale: NumberScale = "unit"
    words: tuple[tuple[str, float], ...] = ()
    lenient: bool = False
    skip_think: bool = True
    require_think: bool = False

    def __post_init__(self) -> None:
        """Check every attribute, since a reader may come from JSON or from the command line."""
        for name in ("lenient", "skip_think", "require_think"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"`{name}` must be true or false, got {getattr(self, name)!r}")
        if self.require_think and not self.skip_think:
            raise ValueError("`require_think` reads what follows </think>: leave out `skip_think`")
        for name, known in (("scale", _SCALES), ("occurrence", _OCCURRENCES)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(known)}, got {getattr(self, name)!r}"
                )
        object.__setattr__(self, "words", _checked_words(self.words))
        if self.words and self.scale != "unit":
            raise ValueError("`words` have their confidences in the table: leave out `scale`")
        if not isinstance(self.pattern, str):
            raise ValueError(f"`pattern` must be a text, got {self.pattern!r}")
        if self.pattern:
            _require_meant(self.pattern)
        for name in ("answer", "confidence"):
            _require_place(name, getattr(self, name))

    def __repr__(self) -> str:
        """The Python expression of this reader, without attributes that have their default."""
        given = [
            f"{each.name}={getattr(self, each.name)!r}"
            for each in fields(self)
            if getattr(self, each.name) != each.default
        ]
        return f"Reader({', '.join(given)})"

    @property
    def reads_answers(self) -> bool:
        """Whether a completion states an answer, and not only a probability."""
        if self.pattern:
            return any(name == "answer" for _, name in pattern_parts(self.pattern))
        return self.answer is not None

    def read(self, text: str, *, thinking: bool = False) -> Statement:
        """The answer and the confidence of a completion; no text raises an error.

        Args:
            text: the completion.
            thinking: the prompt has opened `<think>`, so that the completion must close it.
        """
        return self.parser.read(text, thinking=thinking)

    @cached_property
    def parser(self) -> TextParser:
        """The functions that read a completion."""
        answer, stated, pair = None, None, None
        if self.pattern:
            pair = partial(
                pattern_pair,
                pattern=self.pattern,
                occurrence=self.occurrence,
                lenient=self.lenient,
            )
        elif _kind(self.confidence) == "json" and _kind(self.answer) in ("json", "none"):
            keys = [place[1:-1] for place in (self.answer, self.confidence) if place is not None]
            pair = partial(json_pair, keys=tuple(keys), occurrence=self.occurrence)
        else:
            answer, stated = self._place(self.answer), self._place(self.confidence)
        return TextParser(
            number=self._number(),
            number_scale=self.number_scale,
            answer=answer,
            stated=stated,
            pair=pair,
            reads_answers=self.reads_answers,
            skip_think=self.skip_think,
            require_think=self.require_think,
        )

    @property
    def number_scale(self) -> str:
        """The scale of numbers, or an empty text if confidences are words."""
        return "" if self.words else self.scale

    def _place(self, place: str | None) -> PlaceFinder | None:
        """The function that finds what stands at a place."""
        if place is None:
            return None
        kind = _kind(place)
        if kind == "tag":
            return partial(
                tag_content, tag=place[1:-1], occurrence=self.occurrence, lenient=self.lenient
            )
        if kind == "label":
            return partial(
                label_content, label=place[:-1], occurrence=self.occurrence, lenient=self.lenient
            )
        if kind == "box":
            return partial(box_content, occurrence=self.occurrence)
        return partial(json_value, key=place[1:-1], occurrence=self.occurrence)

    def _number(self) -> Callable[[str], float]:
        """The function that parses a stated confidence."""
        if self.words:
            return partial(read_words, table=self.words)
        if self.scale == "rlcr":
            return rlcr_number
        return partial(number_in_text if self.lenient else plain_number, scale=self.scale)

    def to_json(self) -> dict[str, Any]:
        """The attributes, as JSON holds them; `as_reader` makes the reader from them again.

        Example:
            >>> Reader(scale="ten").to_json()["scale"]
            'ten'
        """
        return {**asdict(self), "words": [list(pair) for pair in self.words]}


def _kind(place: str | None) -> str:
    """The kind of a place: "tag", "label", "json", "box" or "none"; "" for anything else."""
    if place is None:
        return "none"
    if place == "\\boxed":
        return "box"
    inside = place[1:-1]
    if (
        place[:1] == "<"
        and place[-1:] == ">"
        and inside.replace("_", "").replace("-", "").isalnum()
    ):
        return "tag"
    if place[:1] == '"' and place[-1:] == '"' and inside:
        return "json"
    if place[-1:] == ":" and place[:-1].strip() == place[:-1] != "" and "\n" not in place:
        return "label"
    return ""


def _require_place(name: str, place: object) -> None:
    known = isinstance(place, str) and _kind(place) not in ("", "none")
    if not known and not (name == "answer" and place is None):
        raise ValueError(f"`{name}` must be {_FORMS}, got {place!r}")


def _require_meant(pattern: str) -> None:
    """Refuse a pattern that is none, and one in which braces around a placeholder are miscounted.

    Raises:
        ValueError: see `pattern_pieces`; or a placeholder is a literal text, since its braces are
            doubled; or its braces are meant to be those of a LaTeX command.
    """
    for literal, name in pattern_pieces(pattern):
        taken = next((each for each in PLACEHOLDERS if f"{{{each}}}" in literal), "")
        command = _COMMAND.search(literal) if name else None
        told = ""
        if taken:
            told = f"{{{{{taken}}}}} is the text {{{taken}}} and no place in it"
        elif command:
            told = f"{command[0]}{{{name}}} is {command[0]} and then a place, without braces"
        if told:
            braced = f"{{{{{{{taken or name}}}}}}}"
            raise ValueError(
                f"a pattern doubles the braces that are text: {told}; write"
                f" {command[0] if command and not taken else ''}{braced} for a place between"
                f" braces; got {pattern!r}"
            )


def _checked_words(words: Any) -> tuple[tuple[str, float], ...]:
    """The table of phrases in plain words.

    Raises:
        ValueError: it is not a table, a confidence is outside [0, 1], or a phrase is repeated.
    """
    rule = "`words` must be pairs of a phrase and a confidence in [0, 1]"
    pairs = list(words.items()) if isinstance(words, Mapping) else words
    if not isinstance(pairs, list | tuple):
        raise ValueError(f"{rule}, got {words!r:.60}")
    table: dict[str, float] = {}
    for pair in pairs:
        if not (isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)):
            raise ValueError(f"{rule}, got {pair!r:.60}")
        phrase, value = plain_words(pair[0]), pair[1]
        if isinstance(value, bool) or not (isinstance(value, int | float) and 0 <= value <= 1):
            raise ValueError(f"{rule}, got {value!r:.60} for {pair[0]!r}")
        if not phrase or phrase in table:
            raise ValueError(f"{rule}, each phrase once, got {pair[0]!r:.60}")
        table[phrase] = float(value)
    return tuple(table.items())


DEFAULT_READER = Reader()
"""The tags `<answer>` and `<confidence>`, each exactly once after the thinking, and 0 to 1."""
