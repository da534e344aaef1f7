"""Lists of numbers in [0, 1] as people write them: grades of correctness, levels of confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from proofs.kernel.formula import FormulaError, rational

_MOST = 1001
_EXAMPLES = "such as '0, 1/2, 1', '0, 0.1, ..., 1' or '0..100'"


def parse_levels(text: str) -> tuple[Fraction, ...]:
    """The numbers that a text lists, in increasing order.

    `0, 0.1, ..., 1` continues the step before the dots up to the number after them. `0..10` stands
    for the whole numbers from 0 to 10, each divided by 10, and `0..100` for whole percents.

    Raises:
        ValueError: the text is not such a list, a number is outside [0, 1], or they do not
            increase.

    Example:
        >>> [str(x) for x in parse_levels("0, 1/4, ..., 1")]
        ['0', '1/4', '1/2', '3/4', '1']
        >>> len(parse_levels("0..100")), parse_levels("0..10")[3]
        (101, Fraction(3, 10))
    """
    whole = re.fullmatch(r"\s*0\s*\.\.\.?\s*([0-9]{1,9})\s*", text)
    if whole is not None:
        return _whole_numbers(int(whole[1]), text)
    levels: list[Fraction] = []
    skips = False
    for part in (part.strip() for part in text.split(",")):
        if part in ("...", "\N{HORIZONTAL ELLIPSIS}"):
            if skips or len(levels) < 2:
                raise ValueError(f"two numbers must stand before the dots in {text!r}")
            skips = True
            continue
        value = _number(part, text)
        if skips:
            levels += _between(levels[-2], levels[-1], value, text)
            skips = False
        levels.append(value)
    if skips:
        raise ValueError(f"a number must stand after the dots in {text!r}")
    return require_levels(levels)


def _number(part: str, text: str) -> Fraction:
    try:
        return rational(part)
    except FormulaError:
        raise ValueError(f"expected a list of numbers {_EXAMPLES}, got {text!r}") from None


def _whole_numbers(last: int, text: str) -> tuple[Fraction, ...]:
    if not 1 <= last < _MOST:
        raise ValueError(f"the last number must lie between 1 and {_MOST - 1} in {text!r}")
    return tuple(Fraction(k, last) for k in range(last + 1))


def _between(before: Fraction, last: Fraction, end: Fraction, text: str) -> list[Fraction]:
    """The numbers after `last` and before `end` in steps of `last - before`."""
    step = last - before
    count = (end - last) / step if step > 0 else Fraction(-1)
    if count.denominator != 1 or not 1 <= count <= _MOST:
        raise ValueError(f"{end} is not reached from {last} in steps of {step} in {text!r}")
    return [last + k * step for k in range(1, int(count))]


def require_levels(levels: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The numbers, if they are 2 to 1001 in [0, 1] and increase.

    Raises:
        ValueError: they are not; the message names the number.

    Example:
        >>> require_levels([Fraction(0), Fraction(2)])
        Traceback (most recent call last):
        ValueError: each of the numbers must lie in [0, 1], got 2 at index 1
    """
    for index, x in enumerate(levels):
        if not 0 <= x <= 1:
            raise ValueError(f"each of the numbers must lie in [0, 1], got {x} at index {index}")
        if index and x <= levels[index - 1]:
            raise ValueError(f"the numbers must increase, got {x} after {levels[index - 1]}")
    if not 2 <= len(levels) <= _MOST:
        raise ValueError(f"between 2 and {_MOST} numbers are needed, got {len(levels)}")
    return tuple(levels)
