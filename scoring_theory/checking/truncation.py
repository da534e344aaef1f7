"""Truncated completions whose reward is multiplied: a loophole where rewards are negative."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject
from proofs.search.as_text import to_text
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.checking.unread import SIMPLE_TRUTHS, at_least
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report


def truncation_verdict(
    coefficient: Fraction, report: Report, trainer: Trainer, outcomes: Outcomes
) -> Verdict:
    """Whether running into the length limit never earns more than stopping.

    A truncated completion earns k R(q, c), 0 <= k <= 1, at best k V(p). So stopping earns no less
    for every p if and only if k = 1 or V >= 0, which for a reward that never falls with accuracy is
    R(0, 0) >= 0 (Theorem 52).

    Args:
        coefficient: k.
        report: the check of the reward.
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.

    Raises:
        ValueError: the coefficient lies outside [0, 1].

    Example:
        >>> from scoring_theory import check
        >>> half, rloo = Fraction(1, 2), Trainer(estimator="leave_one_out")
        >>> truncation_verdict(half, check("-(q - c)^2"), rloo, "independent").reason
        'p = 1/2: a truncated completion earns 1/2 times -1/4, which is more'
        >>> truncation_verdict(half, check("c - (q - c)^2"), rloo, "independent").status
        'proved'
    """
    if not 0 <= coefficient <= 1:
        raise ValueError(f"`truncated` must lie in [0, 1], got {coefficient}")
    if coefficient == 1:
        return Verdict("proved", "a truncated completion keeps its reward")
    if report.proper.status != "proved" or report.reward.free_parameters:
        return Verdict(
            "undecided", "truncation is decided for a proper reward without free parameters"
        )
    if not trainer.affine_given_the_others(outcomes):
        return Verdict("undecided", "truncation is decided for advantages affine in the reward")
    subject = Subject(report.reward.text, report.reward.parameters)
    for p in [*SIMPLE_TRUTHS, Fraction(1, 1000), Fraction(0)]:
        try:
            value = subject.expected(p, p)
            negative = value is NEGATIVE_INFINITY or (
                isinstance(value, Expression) and constant_sign(value) < 0
            )
        except (Rejected, Undetermined):
            continue
        if negative:
            shown = to_text(value) if isinstance(value, Expression) else value.value
            return Verdict(
                "refuted",
                f"p = {p}: a truncated completion earns {coefficient} times {shown}, which is more",
                {"p": str(p), "honest_pays": shown, "coefficient": str(coefficient)},
            )
    least = subject.payoff(const(0), 0)
    rises = report.accuracy_rewarded.status == "proved"
    if rises and isinstance(least, Expression) and at_least(least, const(0)):
        return Verdict(
            "proved", "no truthful completion has a negative expected reward, R(0, 0) >= 0"
        )
    return Verdict("undecided", "no p with a negative expected reward was found, and no proof")
