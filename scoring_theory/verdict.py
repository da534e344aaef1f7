"""The result of one check: a status, a reason, and numbers that can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scoring_theory.display import line

Status = Literal["proved", "refuted", "undecided"]


def overall(verdicts: Iterable[Verdict]) -> Status:
    """Proved if every claim is proved, refuted if any is refuted, undecided otherwise.

    Example:
        >>> overall([Verdict("proved", ""), Verdict("undecided", "")])
        'undecided'
    """
    statuses = {verdict.status for verdict in verdicts}
    if "refuted" in statuses:
        return "refuted"
    return "undecided" if "undecided" in statuses else "proved"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one claim.

    Attributes:
        status: proved, refuted or undecided.
        reason: why, in words.
        witness: exact numbers that refute the claim.
        certificate: the certificate that the kernel accepted.

    Example:
        >>> verdict = Verdict("refuted", "V(1/2) < V(0)", {"p": "1/2"})
        >>> verdict.witness["p"], bool(verdict)
        ('1/2', False)
    """

    status: Status
    reason: str
    witness: Mapping[str, str] | None = None
    certificate: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        """Whether the claim is proved.

        `not verdict` does not mean that the claim is refuted: ask `verdict.status == "refuted"` for
        that.
        """
        return self.status == "proved"

    def __repr__(self) -> str:
        return line("Verdict", f"{self.status}: {self.reason}")

    def to_json(self) -> dict[str, Any]:
        """Status, reason and witness; certificates are reported once for all claims."""
        return {
            "status": self.status,
            "reason": self.reason,
            "witness": dict(self.witness) if self.witness else None,
        }
