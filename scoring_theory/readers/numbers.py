"""A confidence in [0, 1] from the text that states it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from scoring_theory.readers.replies import UnreadableError

PlainScale = Literal["unit", "ten", "percent"]
NumberScale = Literal["unit", "ten", "percent", "rlcr"]

_TOPS = {"unit": 1, "ten": 10, "percent": 100}
_LIKE = {"unit": "0.7, 70% or 7/10", "ten": "7 or 7/10", "percent": "70 or 70%"}
_LONGEST = 100
_NUMBER = r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?"
_STATED = re.compile(
    rf"(?P<top>{_NUMBER})\s*(?:(?P<percent>%)|(?:/|out of)\s*(?P<bottom>{_NUMBER}))?", re.ASCII
)
_INSIDE = re.compile(rf"(?<![\w.\u2212]){_STATED.pattern}(?![\w])", re.ASCII)
_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
_FIRST = re.compile(r"-?\d+(?:\.\d+)?")
_ORNAMENT = "*_`~\"'.,;:!()[] \t\r\n"


def read_confidence(text: str, scale: NumberScale = "unit", *, lenient: bool = False) -> float:
    """Parse a confidence, without clipping.

    A number with a percent sign, and a ratio such as 7/10 or "7 out of 10", mean the same on every
    scale. A bare number is divided by the top of the scale, so that 1 is certainty on "unit", and
    one percent on "percent".

    Args:
        text: the text that states the confidence, and nothing else.
        scale: "unit" for 0 to 1, "ten" for 0 to 10, "percent" for 0 to 100, or "rlcr", the rule of
            the authors of RLCR: the number, or else the first number in the text; from 0 to 1 it is
            taken as it is, and above 1 it is a percentage.
        lenient: words and signs may surround the number ("**0.9**", "~0.9", "0.9 (high)"), and it
            may have a decimal comma; there must be only one number.

    Raises:
        UnreadableError: the text is not a number (such as `nan`, `inf` or "high"), or the number is
            outside the scale (such as `85` without a percent sign on the scale "unit").

    Example:
        >>> [read_confidence(text) for text in ("0.7", "70%", "7/10", "1")]
        [0.7, 0.7, 0.7, 1.0]
        >>> [read_confidence(text, "percent") for text in ("70", "70%", "7/10", "1")]
        [0.7, 0.7, 0.7, 0.01]
        >>> read_confidence("about 0,7 (fairly sure)", lenient=True)
        0.7
    """
    if scale == "rlcr":
        return rlcr_number(text)
    return (number_in_text if lenient else plain_number)(text, scale)


def plain_number(text: str, scale: PlainScale = "unit") -> float:
    """The confidence that a text states, which is a number and nothing else.

    Raises:
        UnreadableError: see `read_confidence`.

    Example:
        >>> plain_number(" 85 ", "percent")
        0.85
    """
    text = text.strip()
    return _parsed(_STATED.fullmatch(text) if len(text) <= _LONGEST else None, text, scale)


def number_in_text(text: str, scale: PlainScale = "unit") -> float:
    """The confidence that a text states, which has one number among other words and signs.

    Raises:
        UnreadableError: see `read_confidence`.

    Example:
        >>> number_in_text("**0,9** (high)")
        0.9
    """
    text = text.strip()
    short = _COMMA.sub(".", text) if len(text) <= _LONGEST else ""
    found = list(_INSIDE.finditer(short))
    return _parsed(found[0] if len(found) == 1 else None, text, scale)


def _parsed(match: re.Match[str] | None, text: str, scale: PlainScale) -> float:
    if match is None:
        raise UnreadableError(
            f"a confidence must be a number like {_LIKE[scale]}, got {text[:60]!r}"
        )
    value = Fraction(match["top"])
    if match["percent"]:
        value /= 100
    elif match["bottom"]:
        if not (bottom := Fraction(match["bottom"])):
            raise UnreadableError(f"a confidence cannot be divided by zero, got {text[:60]!r}")
        value /= bottom
    else:
        value /= _TOPS[scale]
    if not 0 <= value <= 1:
        raise UnreadableError(f"a confidence must lie in [0, {_TOPS[scale]}], got {text[:60]!r}")
    return float(value)


def rlcr_number(text: str) -> float:
    """The confidence by the rule of the authors of RLCR; `float` is Python's, as theirs is.

    Raises:
        UnreadableError: there is no number from 0 to 100.

    Example:
        >>> rlcr_number("85 out of 100"), rlcr_number("0.85")
        (0.85, 0.85)
    """
    try:
        value = float(text)
    except ValueError:
        first = _FIRST.search(text)
        value = float(first[0]) if first else -1.0
    if 0 <= value <= 1:
        return value
    if 1 < value <= 100:
        return value / 100
    raise UnreadableError(
        "a confidence must begin with a number from 0 to 1, or a percentage up to 100, got"
        f" {text.strip()[:60]!r}"
    )


def read_words(text: str, table: Iterable[tuple[str, float]]) -> float:
    """The confidence that a table gives to a phrase, whatever its capitals and ornaments.

    Raises:
        UnreadableError: the table does not have the phrase.

    Example:
        >>> read_words("**Very likely.**", [("very likely", 0.875)])
        0.875
    """
    known, phrase = dict(table), plain_words(text)
    if phrase not in known:
        phrases = ", ".join(known)
        raise UnreadableError(f"a confidence must be one of {phrases}, got {text.strip()[:60]!r}")
    return known[phrase]


def plain_words(text: str) -> str:
    """A phrase in lower case, with single spaces, without ornaments at its ends.

    Example:
        >>> plain_words(" *Almost   Certain* ")
        'almost certain'
    """
    return " ".join(text.lower().split()).strip(_ORNAMENT)


def is_whole(text: str) -> bool:
    """Whether a stated confidence is a bare whole number, such as 85 or 1.

    Example:
        >>> [is_whole(text) for text in ("85", "100.", "85%", "0.85")]
        [True, True, False, False]
    """
    bare = text.strip().removesuffix(".")
    return bare.isascii() and bare.isdigit() and len(bare) <= 3


def is_share(text: str) -> bool:
    """Whether a stated confidence is a bare decimal between 0 and 1, such as 0.85.

    Example:
        >>> [is_share(text) for text in ("0.85", "1", "85", "85%")]
        [True, False, False, False]
    """
    bare = text.strip()
    return (
        bare.startswith(("0.", ".")) and bare.strip("0.").isascii() and bare.strip("0.").isdigit()
    )
