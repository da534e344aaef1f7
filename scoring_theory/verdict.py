"""What the checker says: a status, the reason, and numbers that one can put in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["proved", "refuted", "undecided"]


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
