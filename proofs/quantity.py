"""A number with its exact text."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its exact text: `exact` parses back to `value`.

    Infinities are the texts "inf" and "-inf". A function of free parameters has the value NaN.
    If no closed form is known, `exact` holds certified digits and `equation` is the equation whose
    root the number is.

    Example:
        >>> str(Quantity("1/3", 1 / 3))
        '1/3 = 0.333333'
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
        exact = self.exact if len(self.exact) <= 60 else f"{self.exact[:57]}..."
        return f"Quantity({exact!r}, {self.value:.6g})"

    def __str__(self) -> str:
        short = f"{self.value:.6g}"
        if self.equation is not None:
            digits, e, exponent = self.exact.partition("e")
            return f"{digits[:12]}...{e}{exponent}, the root of {self.equation}"
        if self.value == 0 and self.exact != "0":
            return f"{self.exact}, which is smaller than any float"
        return (
            self.exact
            if self.exact == short or not isfinite(self.value)
            else f"{self.exact} = {short}"
        )
