"""A number with its exact text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

_MAX_SHOWN = 60
"""Characters of an exact text or an equation that people are shown; `exact` has all of them."""
_FEW = 4
"""Characters of a rounded number that would be taken for the exact one, such as 1 or 0.25."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its exact text: `exact` parses back to `value`.

    Infinities are the texts "inf" and "-inf". A function of free parameters has the value NaN.
    If no closed form is known, `exact` holds certified digits and `equation` is the equation whose
    root the number is.

    Example:
        >>> str(Quantity("1/3", 1 / 3))
        '1/3 = 0.333333'
        >>> str(Quantity("1/(1 + 10^-9)", 1 / (1 + 1e-9)))
        '1/(1 + 10^-9) = 0.999999999'
        >>> str(Quantity("log(2) + " * 10 + "log(2)", 7.624618986159398))  # too long to read
        '7.624618986...'
    """

    exact: str
    value: float
    equation: str | None = None

    def to_json(self) -> dict[str, Any]:
        """`{"exact": text, "value": number}`.

        The value of an infinity is its text; the value of a function of parameters is null.
        """
        value = self.value if isfinite(self.value) else None if isnan(self.value) else self.exact
        shown: dict[str, Any] = {"exact": self.exact, "value": value}
        return shown if self.equation is None else {**shown, "equation": self.equation}

    def __repr__(self) -> str:
        exact = self.exact
        exact = exact if len(exact) <= _MAX_SHOWN else f"{exact[: _MAX_SHOWN - 3]}..."
        return f"Quantity({exact!r}, {self.value:.6g})"

    def __str__(self) -> str:
        short = f"{self.value:.6g}"
        if len(short) <= _FEW and float(short) != self.value and isfinite(self.value):
            longer = f"{self.value:.12g}"  # 0.999999999 is not 1
            short = longer if longer != short else repr(self.value)
        if self.equation is not None:
            digits, e, exponent = self.exact.partition("e")
            known = f"{digits[:12]}...{e}{exponent}"
            short_enough = len(self.equation) <= _MAX_SHOWN
            return f"{known}, the root of {self.equation}" if short_enough else known
        if re.fullmatch(r"-?\d*\.\d+(e-?\d+)?", self.exact):
            return short
        if len(self.exact) > _MAX_SHOWN and isfinite(self.value) and self.value:
            return f"{self.value:.10g}..."
        if self.value == 0 and self.exact != "0":
            return f"{self.exact}, which is smaller than any float"
        return (
            self.exact
            if self.exact == short or not isfinite(self.value)
            else f"{self.exact} = {short}"
        )
