"""What an unreadable or missing confidence earns, and whether leaving it out ever beats stating it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import constant_sign
from proofs.kernel.verifier import Subject, difference
from proofs.search.as_text import midpoint, to_text
from proofs.trees import names
from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.exact_gain import Paid, exact_payoffs
from scoring_theory.advantage.trainers import Trainer
from scoring_theory.checking.deviations import Search
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report

SIMPLE_TRUTHS = [Fraction(1, 2), *(Fraction(n, 20) for n in range(1, 20) if n != 10)]
_TRUTHS = [*SIMPLE_TRUTHS, *(Fraction(n, 1000) for n in range(1001))]


def unread_verdict(
    earns: str | float | Fraction, report: Report, trainer: Trainer, search: Search
) -> Verdict:
    """Whether leaving the confidence out, or garbling it, never beats honesty.

    Without a trainer's division, omission earns u(p) = p m(1) + (1 - p) m(0) and honesty V(p). u <=
    V everywhere exactly if some single report q0 earns no less than omission whether right or wrong
    (both sides meet where V - u is least); a truth p with u(p) > U(p, p) refutes. Where the
    advantage divides, payment below the worst honest payoff is enough, since an advantage never
    falls as the own reward rises.

    Args:
        earns: a number, a formula in c, or "nan".
        report: the check of the reward.
        trainer: what is made of the rewards.
        search: for deviations under that trainer.

    Raises:
        ValueError: `earns` is neither of these.
    """
    if str(earns).strip().lower() in ("nan", "none"):
        return _not_a_number(trainer)
    paid = _paid(earns, trainer)
    if report.reward.free_parameters:
        return Verdict(
            "undecided", "what omission earns is compared where every parameter has a value"
        )
    if trainer.affine:
        return _omission(paid, report)
    if ESTIMATORS[trainer.estimator].per_component:
        return Verdict(
            "undecided", "say what omission earns in each component; its total does not decide"
        )
    if trainer.keep is None and _below_all(paid, report):
        return Verdict(
            "proved",
            "it earns no more than the worst honest payoff, and advantages rise with rewards",
        )
    if (found := search.unread(paid)) is not None:
        return found
    return Verdict("undecided", "no truth at which it gains was found, and no proof is known")


def _not_a_number(trainer: Trainer) -> Verdict:
    if trainer.unreadable == "left out":
        tie = (
            "advantage 0, exactly what honest work gets on average (a tie, so nothing pulls back"
            " from it)"
        )
        return Verdict("proved", f"a reward of NaN or None is left out of its group and gets {tie}")
    return Verdict(
        "refuted",
        "a reward of NaN makes its group's mean NaN, and with it every advantage of the group",
    )


def _paid(earns: str | float | Fraction, trainer: Trainer) -> Paid:
    """What omission is paid when wrong and when right, after clipping."""
    try:
        reward = Reward.parse(earns if isinstance(earns, str) else str(Fraction(str(earns))))
    except (FormulaError, ValueError) as error:
        raise ValueError(
            f"what an unreadable confidence earns is a number, a formula in c or nan: {error}"
        ) from None
    if "q" in names(reward.formula):
        raise ValueError(f"an unreadable confidence cannot be paid by its q, got {reward.text!r}")
    found = exact_payoffs(Subject(reward.text, {}), Fraction(1, 2))
    if found is None:
        raise ValueError(f"an unreadable confidence must earn finite numbers, got {reward.text!r}")
    wrong, right = (_clipped(x, trainer) for x in found)
    return wrong, right


def _clipped(paid: Expression, trainer: Trainer) -> Expression:
    if trainer.clip is None:
        return paid
    low, high = (const(end) for end in trainer.clip)
    return (
        low if constant_sign(paid - low) < 0 else high if constant_sign(high - paid) < 0 else paid
    )


def _omission(paid: Paid, report: Report) -> Verdict:
    subject = Subject(report.reward.text, report.reward.parameters)
    grid = np.array([float(p) for p in _TRUTHS])
    omitted = grid * midpoint(paid[1]) + (1 - grid) * midpoint(paid[0])
    gains = np.nan_to_num(omitted - report.reward.expected_reward(grid, grid), posinf=1e300)
    if gains.max() > 1e-12:
        first = gains[: len(SIMPLE_TRUTHS)].max() > 1e-6
        found = _loophole(
            _TRUTHS[int(np.argmax(gains[: len(SIMPLE_TRUTHS)] if first else gains))], paid, subject
        )
        if found is not None:
            return found
    if (
        report.proper.status == "proved"
        and (cover := _covering_report(paid, subject, report.reward)) is not None
    ):
        return Verdict(
            "proved", f"stating {cover} already earns no less, right or wrong", {"q": str(cover)}
        )
    return Verdict(
        "undecided", "neither a truth at which it gains nor a report that earns no less was found"
    )


def _loophole(p: Fraction, paid: Paid, subject: Subject) -> Verdict | None:
    omitted = const(p) * paid[1] + const(1 - p) * paid[0]
    try:
        honest = subject.expected(p, p)
        gained = difference(omitted, honest)
        pays = gained not in (NEGATIVE_INFINITY,) and (
            not isinstance(gained, Expression) or constant_sign(gained) > 0
        )
    except (Rejected, Undetermined):
        return None
    if not pays:
        return None
    told = to_text(honest) if isinstance(honest, Expression) else honest.value
    witness = {"p": str(p), "omission_pays": to_text(omitted), "honest_pays": told}
    return Verdict(
        "refuted", f"p = {p}: it earns {to_text(omitted)}, the honest report {told}", witness
    )


def _covering_report(paid: Paid, subject: Subject, reward: Reward) -> Fraction | None:
    """A report that earns no less than omission, right or wrong."""
    tried = [Fraction(0), Fraction(1), *_TRUTHS]
    table = reward.table([float(q) for q in tried])
    near: list[bool] = np.all(
        table >= np.array([[midpoint(x)] for x in paid]) - 1e-9, axis=0
    ).tolist()
    return next(
        (
            q
            for q, close in zip(tried, near, strict=True)
            if close and _covers(exact_payoffs(subject, q), paid)
        ),
        None,
    )


def _covers(report: Paid | None, paid: Paid) -> bool:
    return report is not None and all(at_least(report[c], paid[c]) for c in (0, 1))


def at_least(a: Expression, b: Expression) -> bool:
    """Whether a >= b is decided; False also where the enclosures cannot tell."""
    try:
        return constant_sign(a - b) >= 0
    except (Rejected, Undetermined):
        return False


def _below_all(paid: Paid, report: Report) -> bool:
    """Whether omission earns no more than any honest payoff: f rises and g falls, so their least are at the ends."""
    if report.proper.status != "proved":
        return False
    subject = Subject(report.reward.text, report.reward.parameters)
    least = [exact_payoffs(subject, Fraction(1 - c)) for c in (0, 1)]
    return all(ends is not None and at_least(ends[c], paid[c]) for c, ends in enumerate(least))


# ------------------------------------------------------------------------------------------------- components


# ------------------------------------------------------------------------------------------ dynamic filtering
