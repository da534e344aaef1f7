"""Warnings about a format that does not fit what the model writes, each given once."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from scoring_theory.readers.numbers import is_share, is_whole
from scoring_theory.readers.parsing import Statement

_WINDOW = 8
_NEAR_ZERO = 0.1


class FormatWarning(UserWarning):
    """The completions do not look like the format of the reader."""


class NumberScaled(Protocol):
    """A `Reader` or a `TextParser`: what is known of the scale of its numbers."""

    @property
    def number_scale(self) -> str:
        """The scale of numbers, or an empty text for words."""


@dataclass
class Tally:
    """Counts of readings, in windows of at least 8 completions: a batch, or several calls.

    A run whose format is not read looks healthy: every reward is `missing`, and nothing moves. So
    it warns, once for each reason, if fewer than a tenth of the completions can be read, and if
    the confidences look like those of another scale.

    Attributes:
        given: the reasons for which a warning was given.
    """

    given: set[str] = field(default_factory=set)
    _window: list[Statement] = field(default_factory=list)

    def count(self, reader: NumberScaled, readings: Iterable[Statement]) -> None:
        """Count some readings, and warn if the completions do not fit the reader."""
        self._window.extend(readings)
        if len(self._window) < _WINDOW:
            return
        window, self._window = self._window, []
        stated = [reading.stated for reading in window if reading.stated]
        scale = _another(reader.number_scale, stated) if len(stated) >= _WINDOW / 2 else ""
        if scale:
            self._warn("scale", scale)
        readable = sum(not reading.problem for reading in window)
        if readable < _NEAR_ZERO * len(window):
            problem = next(reading.problem for reading in window if reading.problem)
            self._warn(
                "format",
                f"{readable} of {len(window)} completions could be read, so nearly all of them earn"
                f" `missing`; the first problem: {problem}. If the model writes another format, say"
                " which: reader='percent', 'json', 'verbal', 'boxed', 'rlcr' or a Reader",
            )

    def _warn(self, reason: str, text: str) -> None:
        if reason not in self.given:
            self.given.add(reason)
            warnings.warn(text, FormatWarning, stacklevel=4)


def _another(scale: str, stated: list[str]) -> str:
    """Why the stated confidences look like those of another scale, or an empty text."""
    if scale == "unit" and all(map(is_whole, stated)):
        return (
            f"all {len(stated)} stated confidences are whole numbers, such as {stated[0]}, but the"
            " reader has the scale 0 to 1, where only 0 and 1 can be read, as certainty; if they"
            " are percentages, set scale='percent' in the reader, or reader='percent'"
        )
    if scale in ("ten", "percent") and all(map(is_share, stated)):
        return (
            f"all {len(stated)} stated confidences are decimals below 1, such as {stated[0]}, but"
            f" the reader has the scale {scale!r}, where that is nearly 0; if they are"
            " probabilities, set scale='unit' in the reader"
        )
    return ""
