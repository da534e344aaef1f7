"""Loopholes: whether omitting or garbling the confidence ever beats stating the true one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject, difference
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
    """Whether a completion without a readable confidence never earns more than a truthful one.

        u(p) = p m(1) + (1 - p) m(0) <= V(p) for all p

    where m(c) is the reward of omission. For an affine advantage this holds if and only if a single
    report q0 earns no less than omission, whether the answer is correct or wrong (Theorem 23); a p
    with u(p) > U(p, p) refutes it. Where the advantage divides by a standard deviation, a reward
    below the worst payoff of a truthful rollout is enough, since an advantage never decreases in
    its own reward.

    Args:
        earns: the reward of omission: a number, a formula in c, or "nan".
        report: the check of the reward.
        trainer: how advantages are computed from the rewards.
        search: searches deviations under that trainer.

    Raises:
        ValueError: `earns` is none of these.

    Example:
        >>> from scoring_theory import Reward, check
        >>> rlcr, trainer = Reward.parse("c - (q - c)^2"), Trainer(estimator="none")
        >>> search = Search([(Fraction(1), rlcr)], trainer, "independent")
        >>> unread_verdict(0, check(rlcr), trainer, search).status
        'proved'
        >>> unread_verdict("1/2", check(rlcr), trainer, search).reason
        'p = 1/20: it earns 1/2, the truthful report 1/400'
    """
    if str(earns).strip().lower() in ("nan", "none"):
        return _not_a_number(trainer)
    paid = _paid(earns, trainer)
    if report.reward.free_parameters:
        return Verdict("undecided", "omission is decided only for a reward without free parameters")
    if trainer.affine_given_the_others(search.outcomes):
        return _omission(paid, report)
    if ESTIMATORS[trainer.estimator].per_component:
        return Verdict(
            "undecided", "the estimator normalises each component, and only the total is known"
        )
    rises = trainer.keeps_every_group and ESTIMATORS[trainer.estimator].rises
    if rises and _below_all(paid, report):
        return Verdict(
            "proved",
            "it earns no more than the worst payoff of a truthful rollout, and advantages increase"
            " with rewards",
        )
    if (refutation := search.unread(paid)) is not None:
        return refutation
    return Verdict("undecided", "no p at which it gains was found, and no proof is known")


def _not_a_number(trainer: Trainer) -> Verdict:
    if trainer.unreadable == "left out":
        tie = (
            "advantage 0, which is the mean advantage of truthful rollouts (a tie, so that training"
            " does not discourage omission)"
        )
        return Verdict("proved", f"a reward of NaN or None is left out of its group and has {tie}")
    return Verdict(
        "refuted",
        "a reward of NaN makes the mean of its group NaN, and with it every advantage of the group",
    )


def _paid(earns: str | float | Fraction, trainer: Trainer) -> Paid:
    """The reward of omission when wrong and when correct, after clipping."""
    try:
        reward = Reward.parse(earns if isinstance(earns, str) else str(Fraction(str(earns))))
    except (FormulaError, ValueError) as error:
        raise ValueError(
            "the reward of an unreadable confidence must be a number, a formula in c or nan:"
            f" {error}"
        ) from None
    if "q" in names(reward.formula):
        raise ValueError(
            f"the reward of an unreadable confidence cannot depend on q, got {reward.text!r}"
        )
    payoffs = exact_payoffs(Subject(reward.text, {}), Fraction(1, 2))
    if payoffs is None:
        raise ValueError(
            f"the reward of an unreadable confidence must be finite, got {reward.text!r}"
        )
    wrong, right = (_clipped(x, trainer) for x in payoffs)
    return wrong, right


def _clipped(paid: Expression, trainer: Trainer) -> Expression:
    if trainer.clip is None:
        return paid
    low, high = (const(end) for end in trainer.clip)
    return (
        low if constant_sign(paid - low) < 0 else high if constant_sign(high - paid) < 0 else paid
    )


def _omission(paid: Paid, report: Report) -> Verdict:
    """The verdict for an affine advantage: floats propose candidates, the kernel decides."""
    subject = Subject(report.reward.text, report.reward.parameters)
    grid = np.array([float(p) for p in _TRUTHS])
    omitted = grid * midpoint(paid[1]) + (1 - grid) * midpoint(paid[0])
    gains = np.nan_to_num(omitted - report.reward.expected_reward(grid, grid), posinf=1e300)
    if gains.max() > 1e-12:
        simple = gains[: len(SIMPLE_TRUTHS)]
        place = int(np.argmax(simple if simple.max() > 1e-6 else gains))
        refutation = _loophole(_TRUTHS[place], paid, subject)
        if refutation is not None:
            return refutation
    if (
        report.proper.status == "proved"
        and (cover := _covering_report(paid, subject, report.reward)) is not None
    ):
        return Verdict(
            "proved",
            f"the confidence {cover} earns no less, whether correct or wrong",
            {"q": str(cover)},
        )
    return Verdict(
        "undecided", "neither a p at which it gains nor a confidence that earns no less was found"
    )


def _loophole(p: Fraction, paid: Paid, subject: Subject) -> Verdict | None:
    """The refutation at p, if omission earns more there than the truth."""
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
    truthful = to_text(honest) if isinstance(honest, Expression) else honest.value
    witness = {"p": str(p), "omission_pays": to_text(omitted), "honest_pays": truthful}
    return Verdict(
        "refuted", f"p = {p}: it earns {to_text(omitted)}, the truthful report {truthful}", witness
    )


def _covering_report(paid: Paid, subject: Subject, reward: Reward) -> Fraction | None:
    """A confidence that earns no less than omission, whether correct or wrong."""
    candidates = [Fraction(0), Fraction(1), *_TRUTHS]
    table = reward.table([float(q) for q in candidates])
    omitted = np.array([[midpoint(x)] for x in paid])
    promising: list[bool] = np.all(table >= omitted - 1e-9, axis=0).tolist()
    for q, promises in zip(candidates, promising, strict=True):
        if promises and _covers(exact_payoffs(subject, q), paid):
            return q
    return None


def _covers(report: Paid | None, paid: Paid) -> bool:
    return report is not None and all(at_least(report[c], paid[c]) for c in (0, 1))


def at_least(a: Expression, b: Expression) -> bool:
    """Whether a >= b is proved; False also where the enclosures are too wide to decide.

    Example:
        >>> at_least(const(2), const(1)), at_least(const(1), const(2))
        (True, False)
    """
    try:
        return constant_sign(a - b) >= 0
    except (Rejected, Undetermined):
        return False


def _below_all(paid: Paid, report: Report) -> bool:
    """Whether omission earns no more than any truthful rollout.

    The payoffs of a proper reward are monotone in q, so that their minima are at 0 and 1.
    """
    if report.proper.status != "proved":
        return False
    subject = Subject(report.reward.text, report.reward.parameters)
    least = [exact_payoffs(subject, Fraction(1 - c)) for c in (0, 1)]
    return all(ends is not None and at_least(ends[c], paid[c]) for c, ends in enumerate(least))
