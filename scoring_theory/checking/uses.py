"""Uses of a reward beside a trainer's advantages: credit, selection, the order of a reply."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from scoring_theory.reward import Reward

if TYPE_CHECKING:
    from scoring_theory.advantage.stability import Components
    from scoring_theory.checking.report import Report
    from scoring_theory.checking.setting import Setting


def uses(
    report: Report,
    parts: Components | None,
    credit: str | None,
    select: str | None,
    size: int | None,
    outcomes: str,
    *,
    first: bool,
) -> list[Setting]:
    """What was asked about the use of the reward beside the advantages of a trainer.

    Raises:
        ValueError: an option is unknown, or lacks the group size or the components it needs.

    Example:
        >>> from scoring_theory.checking import check
        >>> report = check("c - (q - c)^2")
        >>> [s.name for s in uses(report, None, None, "best", 8, "independent", first=False)]
        ['where the best of 8 is kept']
    """
    asked = []
    if credit is not None:
        from scoring_theory.checking.separate_credit import separate_credit

        if credit != "separate":
            raise ValueError(f"`credit` must be 'separate', got {credit!r}")
        answer, confidence = credited(parts)
        asked.append(separate_credit(answer, confidence))
    if select is not None:
        from scoring_theory.advantage import require_outcomes
        from scoring_theory.checking.selection import best_of

        if select != "best":
            raise ValueError(f"`select` must be 'best', got {select!r}")
        if size is None:
            raise ValueError("`select` needs `group_size`, the number of rollouts to choose from")
        asked.append(best_of(report.reward, size, outcomes=require_outcomes(outcomes)))
    if first:
        from scoring_theory.checking.confidence_first import confidence_first

        asked.append(confidence_first(report))
    return asked


def credited(parts: Components | None) -> tuple[Reward, Reward]:
    """The rewards of the answer's and of the confidence's tokens, with their weights.

    Example:
        >>> parts = [("answer", 1, Reward.parse("c")), ("confidence", 2, Reward.parse("-(q-c)^2"))]
        >>> [part.text for part in credited(parts)]
        ['c', '-2*(q - c)^2']
    """
    found = {name: Fraction(weight) * part for name, weight, part in parts or ()}
    if set(found) != {"answer", "confidence"}:
        raise ValueError(
            "separate credit needs two components, named 'answer' and 'confidence', got"
            f" {', '.join(found) or 'none'}"
        )
    if min(weight for _, weight, _ in parts or ()) <= 0:
        raise ValueError("the weights of separate credit must be positive")
    return found["answer"], found["confidence"]
