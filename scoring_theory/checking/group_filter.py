"""Groups that a trainer drops for their mean reward: whether honest ones can be among them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING

from proofs.kernel.normal_form import const
from proofs.kernel.verifier import Subject
from proofs.search.as_text import to_text
from scoring_theory.advantage.exact_gain import exact_payoffs
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.checking.unread import SIMPLE_TRUTHS, at_least
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report


def keep_verdict(
    report: Report, trainer: Trainer, outcomes: Outcomes
) -> tuple[Trainer, Verdict | None]:
    """Whether no group of honest rollouts is dropped for its mean; where none can be, the trainer without the rule.

    A filter made for rewards of 0 and 1 keeps groups with low < mean < high. Of rewards that can be
    negative it drops groups that were mostly wrong, so that only the right ones teach: confidence
    is pushed up whatever the rule.
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
                "proved", "every payoff lies strictly inside the range"
            )
    if report.reward.free_parameters:
        return trainer, Verdict(
            "undecided", "groups are looked at where every parameter has a value"
        )
    subject = Subject(report.reward.text, report.reward.parameters)
    size = trainer.group_size
    counts = [0, size] if outcomes != "independent" else [0, size, *range(1, size)]
    for p in SIMPLE_TRUTHS:
        paid = exact_payoffs(subject, p)
        for right in counts:
            if paid is None:
                break
            mean = (
                const(Fraction(right, size)) * paid[1]
                + const(Fraction(size - right, size)) * paid[0]
            )
            if at_least(const(low), mean) or at_least(mean, const(high)):
                told = (
                    f"p = {p}: {size} honest reports, {right} of them right, have mean"
                    f" {to_text(mean)}"
                )
                witness = {
                    "p": str(p),
                    "right": str(right),
                    "group_size": str(size),
                    "mean": to_text(mean),
                }
                return trainer, Verdict(
                    "refuted", f"{told} and are dropped: only ({low}, {high}) is kept", witness
                )
    return trainer, Verdict(
        "undecided", "no group that is dropped was found, and no proof is known"
    )
