"""Texts of others, from logs, certificates and file names, as they may reach a terminal."""

from __future__ import annotations

import re

# Control characters (escape sequences begin with one), line and paragraph separators, halves of
# surrogate pairs, and what turns the direction of writing.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def is_printable(text: str) -> bool:
    r"""Whether no letter moves a cursor, breaks a line, cannot be encoded or turns writing round.

    Example:
        >>> [is_printable(text) for text in ("RLCR", "\x1b[31mred", "two\nlines")]
        [True, False, False]
    """
    return _HIDDEN.search(text) is None


def printable(text: str) -> str:
    r"""The text with every such character as its escape; line ends stay.

    Example:
        >>> printable("\x1b[31mred")
        '\\x1b[31mred'
    """
    return _HIDDEN.sub(lambda match: match[0] if match[0] == "\n" else ascii(match[0])[1:-1], text)
