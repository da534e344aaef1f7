"""What the checker says: a status, the reason, and numbers that one can put in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scoring_theory.display import line

Status = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim decided (or not), with its reason, its witness and the certificate that the kernel accepted."""

    status: Status
    reason: str
    witness: Mapping[str, str] | None = None
    certificate: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        """True only where the claim is proved: a verdict is one claim, so "is it proved?" is the only question.

        `not verdict` does not say that the claim is refuted: ask `verdict.status == "refuted"` for
        that.
        """
        return self.status == "proved"

    def __repr__(self) -> str:
        return line("Verdict", f"{self.status}: {self.reason}")

    def to_json(self) -> dict[str, Any]:
        """Status, reason and witness; certificates are reported once, for the whole."""
        return {
            "status": self.status,
            "reason": self.reason,
            "witness": dict(self.witness) if self.witness else None,
        }
