"""A `TextParser`: how a completion is read, as functions; what a `Reader` stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scoring_theory.readers.replies import UnreadableError, after_thinking

PlaceFinder = Callable[[str], str]
"""From the text after the thinking to what stands at one place of it."""


@dataclass(frozen=True)
class Statement:
    """What a reader found in a completion.

    Attributes:
        answer: the answer; None if it could not be read, or if the format has none.
        confidence: the confidence in [0, 1]; None if it could not be read.
        stated: the text that states the confidence, before it is parsed.
        problem: why the completion is unreadable, or an empty text.

    Example:
        >>> Statement("4", 0.9, "90%").problem
        ''
    """

    answer: str | None = None
    confidence: float | None = None
    stated: str = ""
    problem: str = ""


@dataclass(frozen=True, eq=False)
class TextParser:
    """The functions that read a completion; no text makes `read` raise an error.

    A place raises `UnreadableError` where it is not in the text. Exported files contain a parser
    instead of its `Reader`, with the functions that this one format needs.

    Attributes:
        number: from the text that states the confidence to the confidence.
        number_scale: the scale of numbers, or an empty text for words.
        answer: the place of the answer; None if a completion states only a probability.
        stated: the place of the confidence.
        pair: instead of both places, where they belong together (one JSON object, a pattern): from
            the text to the answer or None, and the stated confidence, in each possible reading;
            the first whose confidence can be read counts, and otherwise the last.
        reads_answers: whether a completion states an answer.
        skip_think: only the text after the last `</think>` is read.
        require_think: `</think>` must occur.

    Example:
        >>> from functools import partial
        >>> from scoring_theory.readers.places import tag_content
        >>> last = partial(tag_content, tag="p", occurrence="last", lenient=False)
        >>> TextParser(number=float, stated=last, reads_answers=False).read("<p>0.7</p>").confidence
        0.7
    """

    number: Callable[[str], float]
    number_scale: str = "unit"
    answer: PlaceFinder | None = None
    stated: PlaceFinder | None = None
    pair: Callable[[str], list[tuple[str | None, str]]] | None = None
    reads_answers: bool = True
    skip_think: bool = True
    require_think: bool = False

    def __eq__(self, other: object) -> bool:
        """Parsers that call the same functions with the same arguments are equal."""
        return isinstance(other, TextParser) and self._called() == other._called()

    def __hash__(self) -> int:
        return hash((self.number_scale, self.reads_answers))

    def _called(self) -> list[object]:
        return [
            (value.func, value.keywords) if isinstance(value, partial) else value
            for value in vars(self).values()
        ]

    def read(self, text: str, *, thinking: bool = False) -> Statement:
        """The answer and the confidence of a completion.

        Args:
            text: the completion.
            thinking: the prompt has opened `<think>`, so that the completion must close it.
        """
        try:
            required = self.require_think or thinking
            body = after_thinking(text, required=required) if self.skip_think else text
            if self.pair is not None:
                said = [self._statement(*reading, "") for reading in self.pair(body)]
                return next((each for each in said if not each.problem), said[-1])
        except UnreadableError as error:
            return Statement(problem=str(error))
        answer, no_answer = _found(self.answer, body)
        confidence, no_confidence = _found(self.stated, body)
        return self._statement(
            answer, confidence, "; ".join(text for text in (no_answer, no_confidence) if text)
        )

    def _statement(self, answer: str | None, stated: str | None, problem: str) -> Statement:
        confidence = None
        if stated is not None:
            try:
                confidence = self.number(stated)
            except UnreadableError as error:
                problem = f"{problem}; {error}" if problem else str(error)
        return Statement(answer, confidence, (stated or "").strip()[:60], problem)


def _found(place: PlaceFinder | None, body: str) -> tuple[str | None, str]:
    """The content of a place, and what is wrong with it."""
    if place is None:
        return None, ""
    try:
        return place(body), ""
    except UnreadableError as error:
        return None, str(error)
