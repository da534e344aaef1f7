"""Confidence that is stated before the answer: one report for the mixture of answers to come."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.subject import Subject
from proofs.search.as_text import midpoint
from scoring_theory.checking.setting import Setting

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report

_ANSWERS = (Fraction(1, 10), Fraction(9, 10))


def confidence_first(report: Report) -> Setting:
    """What the verdicts on a reward mean where q is stated before the answer is drawn.

    Stating q and then drawing answer y with probability pi_y earns U(s, q), where s is the sum of
    pi_y p_y: the report is about the accuracy of the policy on the question, not about the answer
    that follows. For a proper reward the best report is s, and it earns V(s); so the same condition
    makes the most probable answer optimal, and the verdicts stay (Theorem 51). Until the policy has
    settled on one answer, E V(p_y) - V(s) >= 0 is lost against a confidence stated afterwards.

    Args:
        report: the check of the reward.

    Example:
        >>> from scoring_theory import check
        >>> dict(confidence_first(check("c - (q - c)^2")).rows)["lost"][:61]
        'for two answers of p = 1/10 and 9/10, drawn evenly, q = 1/2 e'
    """
    rows = [
        (
            "confidence first",
            "q is about the policy's accuracy on the question, the sum of pi_y p_y, not about the"
            " answer that follows; the verdicts are the same",
        )
    ]
    data: dict[str, str | None] = {"confidence": "first", "lost": None}
    if report.proper.status == "proved" and not report.reward.free_parameters:
        lost = _lost(Subject(report.reward.text, report.reward.parameters))
        if lost is not None:
            early, late = lost
            data["lost"] = f"{late - early:.6g}"
            answers = " and ".join(map(str, _ANSWERS))
            rows.append(
                (
                    "lost",
                    f"for two answers of p = {answers}, drawn evenly, q = 1/2 earns {early:.4g};"
                    f" stated after the answer, its own p earns {late:.4g}",
                )
            )
    return Setting("with confidence stated first", rows=rows, data=data)


def _lost(subject: Subject) -> tuple[float, float] | None:
    """V of the mixture, and the mean of V over two answers; None where one is infinite."""
    try:
        early = subject.expected(Fraction(1, 2), Fraction(1, 2))
        late = [subject.expected(p, p) for p in _ANSWERS]
    except (Rejected, Undetermined):
        return None
    if not isinstance(early, Expression) or not all(isinstance(x, Expression) for x in late):
        return None
    mean = sum((x for x in late if isinstance(x, Expression)), const(0)) * const(Fraction(1, 2))
    return midpoint(early), midpoint(mean)
