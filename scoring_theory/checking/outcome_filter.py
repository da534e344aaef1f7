"""Filters on outcomes: what dropping the groups that are all correct or all wrong reinforces."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.kernel.normal_form import const
from proofs.kernel.subject import Subject
from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.exact_gain import exact_payoffs
from scoring_theory.advantage.theorems import agreeing_groups, kept_report
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.checking.unread import at_least
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.deviations import Search
    from scoring_theory.checking.report import Report

_SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)


def filtered_report(search: Search) -> Verdict | None:
    """A misreport that gains over the truth in the groups that are kept.

    With independent outcomes it is one among truthful rollouts of the same answer. Where all
    rollouts with one answer share an outcome, a group with a single answer is always dropped, so
    that the deviant gives an answer of its own.

    Example:
        >>> from scoring_theory import Reward
        >>> from scoring_theory.checking.deviations import Search
        >>> rlcr, mixed = Reward.parse("c - (q - c)^2"), Trainer(keep_outcomes="mixed")
        >>> filtered_report(Search([(Fraction(1), rlcr)], mixed, "by_answer")).witness["deviation"]
        '1/4'
    """
    if search.outcomes == "independent":
        return search.dishonest_report()
    return search.dishonest_report_of_another_answer()


def filtered_accuracy(report: Report, trainer: Trainer, search: Search) -> Verdict | None:
    """Whether a better answer still gains at least as much, each with the report that is best.

    With a baseline of the group, independent outcomes and a proper reward with R(0, 1) >= R(0, 0)
    it does, whatever the other rollouts answer and state; without a baseline it does if R(0, 1) >=
    0 >= R(0, 0) (Theorem 46).

    Returns:
        A proof or a counterexample; None if neither was found.

    Example:
        >>> from scoring_theory import Reward, check
        >>> from scoring_theory.checking.deviations import Search
        >>> rlcr, mixed = Reward.parse("c - (q - c)^2"), Trainer(keep_outcomes="mixed")
        >>> search = Search([(Fraction(1), rlcr)], mixed, "independent")
        >>> filtered_accuracy(check(rlcr), mixed, search).status
        'proved'
    """
    if _affine_in_kept_groups(trainer, search.outcomes) and report.proper.status == "proved":
        paid = exact_payoffs(Subject(report.reward.text, report.reward.parameters), Fraction(0))
        if paid is not None:
            wrong, right = paid
            if ESTIMATORS[trainer.estimator].relative and at_least(right, wrong):
                return Verdict(
                    "proved",
                    "R(0, 1) >= R(0, 0), so that a better answer with its best report gains no"
                    " less than a worse one, whatever the others answer and state",
                )
            if not ESTIMATORS[trainer.estimator].relative and (
                at_least(right, const(0)) and at_least(const(0), wrong)
            ):
                return Verdict(
                    "proved",
                    "R(0, 1) >= 0 >= R(0, 0), so that a better answer with its best report gains"
                    " no less than a worse one although no baseline is subtracted",
                )
        size = trainer.group_size
        return search.worse_answer(lambda p: kept_report(p, size))
    return search.worse_answer(near=True) if search.outcomes != "independent" else None


def filter_remark(report: Report, trainer: Trainer, outcomes: Outcomes) -> tuple[str, str] | None:
    """The share of dropped groups and the best report in the others, as a row of the report.

    Example:
        >>> from scoring_theory import check
        >>> mixed = Trainer(keep_outcomes="mixed", group_size=4)
        >>> filter_remark(check("c - (q - c)^2"), mixed, "shared")[1][:63]
        'a group in which all rollouts give one answer is always dropped'
    """
    if trainer.keep_outcomes == "all":
        return None
    size = trainer.group_size
    if outcomes != "independent":
        text = (
            "a group in which all rollouts give one answer is always dropped, so that a settled"
            " policy learns nothing about confidence"
        )
    else:
        dropped = ", ".join(f"{100 * agreeing_groups(p, size):.3g} %" for p in _SHOWN)
        text = f"share of groups that are dropped at p = {', '.join(map(str, _SHOWN))}: {dropped}"
        if _affine_in_kept_groups(trainer, outcomes) and report.strict:
            best = ", ".join(f"{kept_report(p, size):.3f}" for p in _SHOWN)
            text += f"; the best report is P(correct | kept): {best}"
    return "outcome filter", text


def _affine_in_kept_groups(trainer: Trainer, outcomes: Outcomes) -> bool:
    """Whether a kept group's advantage is affine in the own reward, with a constant slope."""
    plain = ESTIMATORS[trainer.estimator].affine and trainer.keep is None
    return plain and trainer.advantage_clip is None and outcomes == "independent"
