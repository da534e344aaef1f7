"""Group filtering by mean reward: whether a group of truthful rollouts can be dropped."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING

from proofs.kernel.normal_form import const
from proofs.kernel.subject import Subject
from proofs.search.as_text import to_text
from scoring_theory.advantage.exact_gain import exact_payoffs
from scoring_theory.advantage.trainers import Trainer
from scoring_theory.checking.unread import SIMPLE_TRUTHS, at_least
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report


def keep_verdict(report: Report, trainer: Trainer) -> tuple[Trainer, Verdict | None]:
    """Whether no group of truthful rollouts is dropped for its mean reward (dynamic sampling).

    A filter made for rewards of 0 and 1 keeps groups with low < mean < high. If rewards can be
    negative, it drops groups in which most answers are wrong; training on the rest drives
    confidence up whatever the scoring rule.

    Returns:
        The trainer, without its filter where that is proved to keep every group; and the verdict,
        None for a trainer without a filter.

    Example:
        >>> from scoring_theory import check
        >>> dapo = Trainer(keep=(Fraction(0), Fraction(1)))
        >>> keep_verdict(check("c - (q - c)^2"), dapo)[1].status
        'refuted'
    """
    if trainer.keep is None:
        return trainer, None
    low, high = trainer.keep
    if report.range is not None and report.proper.status == "proved":
        ends = [end.value for end in report.range]
        if (
            float(low) < ends[0] - 1e-9
            and ends[1] + 1e-9 < float(high)
            and not any(map(isnan, ends))
        ):
            return replace(trainer, keep=None), Verdict(
                "proved", "every payoff lies strictly inside the interval that is kept"
            )
    if report.reward.free_parameters:
        return trainer, Verdict(
            "undecided", "group filtering is decided only for a reward without free parameters"
        )
    subject = Subject(report.reward.text, report.reward.parameters)
    size = trainer.group_size
    for p in SIMPLE_TRUTHS:
        paid = exact_payoffs(subject, p)
        for right in (0, size):  # the means of mixed groups lie between these
            if paid is None:
                break
            mean = (
                const(Fraction(right, size)) * paid[1]
                + const(Fraction(size - right, size)) * paid[0]
            )
            if at_least(const(low), mean) or at_least(mean, const(high)):
                group = (
                    f"p = {p}: {size} truthful rollouts, {right} of them correct, have mean reward"
                    f" {to_text(mean)}"
                )
                witness = {
                    "p": str(p),
                    "right": str(right),
                    "group_size": str(size),
                    "mean": to_text(mean),
                }
                return trainer, Verdict(
                    "refuted", f"{group} and are dropped: only ({low}, {high}) is kept", witness
                )
    return trainer, Verdict(
        "undecided", "no truthful group that is dropped was found, and no proof is known"
    )
