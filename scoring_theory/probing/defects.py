"""What a probe finds: defects of a function, and what its unreadable completions earn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from scoring_theory.display import line
from scoring_theory.verdict import Status

DefectKind = Literal[
    "improper", "accuracy", "tie", "scale", "sum", "missing", "unreadable", "nan", "raises",
    "random", "graded", "training",
]  # fmt: skip
DEFECTS: Mapping[DefectKind, str] = {
    "improper": "a misreport earns more",
    "accuracy": "a worse answer earns more",
    "tie": "confidences are tied",
    "scale": "the confidence is read on another scale",
    "sum": "the sum of the functions is unsafe, although each alone is not",
    "missing": "leaving the confidence out earns more",
    "unreadable": "an unreadable confidence earns more",
    "nan": "a reward is not a number",
    "raises": "the function raises, or returns what stops the trainer",
    "random": "the reward is not determined",
    "graded": "partial credit is unsafe",
    "training": "the trainer undoes the reward",
}
"""Kinds of defects, and what each means."""


@dataclass(frozen=True)
class Defect:
    """One defect.

    Attributes:
        kind: one of `DEFECTS`.
        reason: with numbers that can be put in by hand.

    Example:
        >>> Defect("missing", "p = 1/2: it earns 1/2, the truthful report 1/4")
        Defect(missing: p = 1/2: it earns 1/2, the truthful report 1/4)
    """

    kind: DefectKind
    reason: str

    def __repr__(self) -> str:
        return line("Defect", f"{self.kind}: {self.reason}")

    def to_json(self) -> dict[str, str]:
        """DefectKind and reason."""
        return {"kind": self.kind, "reason": self.reason}


@dataclass(frozen=True)
class Unread:
    """What a kind of unreadable completion earns.

    Attributes:
        what: such as "no confidence" or "a word".
        earns: a formula in c, or a sentence where the function returned no number.
        status: "proved" if it never earns more than a truthful completion, "refuted" if it does.

    Example:
        >>> Unread("a word", "-1", "proved")
        Unread(a word earns -1: proved)
    """

    what: str
    earns: str
    status: Status

    def __repr__(self) -> str:
        return line("Unread", f"{self.what} earns {self.earns}: {self.status}")

    def to_json(self) -> dict[str, str]:
        """The attributes."""
        return asdict(self)
