"""Whether printed output is as it was shown, up to the decimals of a simulation."""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"\[?-?\d+\.\d{3}[],]*")


def agree(shown: str, printed: str) -> bool:
    """Whether output is as shown: `...` stands for anything, blanks do not count, measured decimals
    may differ by 0.02.

    The last is for processors that round a sum differently, after which a simulation takes another
    path.
    """
    parts = [part.split() for part in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE)]
    words, at = printed.split(), 0
    for index, part in enumerate(parts):
        places = range(at, len(words) - len(part) + 1) if index else [0]
        if index == len(parts) - 1 and part:
            places = [len(words) - len(part)] if index else [0]
        found = next((i for i in places if all(map(same, part, words[i : i + len(part)]))), None)
        if found is None:
            return False
        at = found + len(part)
    return not parts[-1] or at == len(words)


def same(shown: str, printed: str) -> bool:
    """Equal words, or decimals of three digits that are nearly equal."""
    if _DECIMAL.fullmatch(shown) and _DECIMAL.fullmatch(printed):
        return abs(float(shown.strip("[],")) - float(printed.strip("[],"))) <= 0.02
    return shown == printed
