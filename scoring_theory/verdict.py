"""What the checker says: a status, the reason, and numbers that one can put in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its exact text: `exact` parses back to `value`; infinities are the texts "inf" and "-inf"."""

    exact: str
    value: float
    equation: str | None = None
    """Where no closed form is known: the equation whose root this is; `exact` then holds its certified digits."""

    def to_json(self) -> dict[str, Any]:
        """`{"exact": text, "value": number}`, and the equation where the text is a certified decimal of its root."""
        finite = self.value not in (float("inf"), float("-inf"))
        shown: dict[str, Any] = {"exact": self.exact, "value": self.value if finite else self.exact}
        return shown if self.equation is None else {**shown, "equation": self.equation}

    def __str__(self) -> str:
        short = f"{self.value:.6g}"
        if self.equation is not None:
            return f"{short}..."
        return self.exact if self.exact == short or self.value in (float("inf"), float("-inf")) else f"{self.exact} = {short}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim decided (or not), with its reason, its witness and the certificate that the kernel accepted."""

    status: Status
    reason: str
    witness: Mapping[str, str] | None = None
    certificate: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        """True only where the claim is proved."""
        return self.status == "proved"

    def to_json(self) -> dict[str, Any]:
        """Status, reason and witness; certificates are reported once, for the whole."""
        return {"status": self.status, "reason": self.reason, "witness": dict(self.witness) if self.witness else None}
