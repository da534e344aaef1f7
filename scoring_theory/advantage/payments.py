"""What is paid beside the formula: unreadable confidences, logging terms, dropped groups; each with a verdict."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from proofs.formula_text import names
from proofs.kernel.check import Subject, difference
from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import constant_sign
from scoring_theory.advantage.exact import Paid, payoffs
from scoring_theory.advantage.search import Search
from scoring_theory.advantage.stable import Components
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.prover.engine import Prover
from scoring_theory.prover.samples import sample_values
from scoring_theory.prover.text import midpoint, to_text
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.optimality import Report

TINY = Fraction(1, 1000)
"""A component whose weight is at most this part of the largest is taken for a logging term."""
_SIMPLE = [Fraction(1, 2), *(Fraction(n, 20) for n in range(1, 20) if n != 10)]
_TRUTHS = [*_SIMPLE, *(Fraction(n, 1000) for n in range(1001))]


# ------------------------------------------------------------------------------------- an unreadable confidence


def unread_verdict(earns: str | float | Fraction, report: Report, trainer: Trainer, search: Search) -> Verdict:
    """Whether leaving the confidence out, or garbling it, never beats honesty.

    Without a trainer's division, omission earns u(p) = p m(1) + (1 - p) m(0) and honesty V(p). u <= V everywhere
    exactly if some single report q0 earns no less than omission whether right or wrong (both sides meet where V - u is
    least); a truth p with u(p) > U(p, p) refutes. Where the advantage divides, payment below the worst honest payoff is
    enough, since an advantage never falls as the own reward rises.

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
        return Verdict("undecided", "what omission earns is compared where every parameter has a value")
    if trainer.affine:
        return _omission(paid, report)
    if trainer.estimator == "component_std":
        return Verdict("undecided", "say what omission earns in each component; its total does not decide")
    if trainer.keep is None and _below_all(paid, report):
        return Verdict("proved", "it earns no more than the worst honest payoff, and advantages rise with rewards")
    if (found := search.unread(paid)) is not None:
        return found
    return Verdict("undecided", "no truth at which it gains was found, and no proof is known")


def _not_a_number(trainer: Trainer) -> Verdict:
    if trainer.unreadable == "left out":
        tie = "advantage 0, exactly what honest work gets on average (a tie, so nothing pulls back from it)"
        return Verdict("proved", f"a reward of NaN or None is left out of its group and gets {tie}")
    return Verdict("refuted", "a reward of NaN makes its group's mean NaN, and with it every advantage of the group")


def _paid(earns: str | float | Fraction, trainer: Trainer) -> Paid:
    """What omission is paid when wrong and when right, after clipping."""
    try:
        reward = Reward.parse(earns if isinstance(earns, str) else str(Fraction(str(earns))))
    except (FormulaError, ValueError) as error:
        raise ValueError(f"what an unreadable confidence earns is a number, a formula in c or nan: {error}") from None
    if "q" in names(reward.formula):
        raise ValueError(f"an unreadable confidence cannot be paid by its q, got {reward.text!r}")
    found = payoffs(Subject(reward.text, {}), Fraction(1, 2))
    if found is None:
        raise ValueError(f"an unreadable confidence must earn finite numbers, got {reward.text!r}")
    wrong, right = (_clipped(x, trainer) for x in found)
    return wrong, right


def _clipped(paid: Expression, trainer: Trainer) -> Expression:
    if trainer.clip is None:
        return paid
    low, high = (const(end) for end in trainer.clip)
    return low if constant_sign(paid - low) < 0 else high if constant_sign(high - paid) < 0 else paid


def _omission(paid: Paid, report: Report) -> Verdict:
    subject = Subject(report.reward.text, report.reward.parameters)
    grid = np.array([float(p) for p in _TRUTHS])
    omitted = grid * midpoint(paid[1]) + (1 - grid) * midpoint(paid[0])
    gains = np.nan_to_num(omitted - report.reward.expected_reward(grid, grid), posinf=1e300)
    if gains.max() > 1e-12:
        first = gains[: len(_SIMPLE)].max() > 1e-6
        found = _loophole(_TRUTHS[int(np.argmax(gains[: len(_SIMPLE)] if first else gains))], paid, subject)
        if found is not None:
            return found
    if report.proper.status == "proved" and (cover := _covering_report(paid, subject, report.reward)) is not None:
        return Verdict("proved", f"stating {cover} already earns no less, right or wrong", {"q": str(cover)})
    return Verdict("undecided", "neither a truth at which it gains nor a report that earns no less was found")


def _loophole(p: Fraction, paid: Paid, subject: Subject) -> Verdict | None:
    omitted = const(p) * paid[1] + const(1 - p) * paid[0]
    try:
        honest = subject.expected(p, p)
        gained = difference(omitted, honest)
        pays = gained not in (NEGATIVE_INFINITY,) and (not isinstance(gained, Expression) or constant_sign(gained) > 0)
    except (Rejected, Undetermined):
        return None
    if not pays:
        return None
    told = to_text(honest) if isinstance(honest, Expression) else honest.value
    witness = {"p": str(p), "omission_pays": to_text(omitted), "honest_pays": told}
    return Verdict("refuted", f"p = {p}: it earns {to_text(omitted)}, the honest report {told}", witness)


def _covering_report(paid: Paid, subject: Subject, reward: Reward) -> Fraction | None:
    """A report that earns no less than omission, right or wrong."""
    tried = [Fraction(0), Fraction(1), *_TRUTHS]
    table = reward.table([float(q) for q in tried])
    near: list[bool] = np.all(table >= np.array([[midpoint(x)] for x in paid]) - 1e-9, axis=0).tolist()
    return next((q for q, close in zip(tried, near, strict=True) if close and _covers(payoffs(subject, q), paid)), None)


def _covers(report: Paid | None, paid: Paid) -> bool:
    return report is not None and all(_at_least(report[c], paid[c]) for c in (0, 1))


def _at_least(a: Expression, b: Expression) -> bool:
    try:
        return constant_sign(a - b) >= 0
    except (Rejected, Undetermined):
        return False


def _below_all(paid: Paid, report: Report) -> bool:
    """Whether omission earns no more than any honest payoff: f rises and g falls, so their least are at the ends."""
    if report.proper.status != "proved":
        return False
    subject = Subject(report.reward.text, report.reward.parameters)
    least = [payoffs(subject, Fraction(1 - c)) for c in (0, 1)]
    return all(ends is not None and _at_least(ends[c], paid[c]) for c, ends in enumerate(least))


# ------------------------------------------------------------------------------------------------- components


def component_verdict(report: Report, components: Components) -> Verdict:
    """Whether the parts add up to the reward, and no part with a tiny weight moves the best report.

    Terms that are only meant to be logged still pay if their weight is not 0: c + S + q/10^6 is best reported at
    q = p + 1e-6, which no tolerance hides from a proof.

    Raises:
        ValueError: parts that do not add up to the reward.
    """
    total = _total(components)
    if not _same(total, report.reward):
        raise ValueError(f"the components add up to {total.text!r}, not to the reward {report.reward.text!r}")
    largest = max(abs(Fraction(weight)) for _, weight, _ in components)
    tiny = [name for name, weight, _ in components if 0 < abs(Fraction(weight)) <= TINY * largest]
    if not tiny:
        return Verdict("proved", "no component has a weight so tiny that it must be a logging term")
    named = ", ".join(tiny)
    rest = _total([part for part in components if part[0] not in tiny])
    without = Prover(rest.text, rest.parameters).proper.decision
    if report.proper.status == "refuted" and without == "proved":
        return replace(report.proper, reason=f"without {named} the reward is proper; {report.proper.reason}")
    if report.proper.status == "proved":
        return Verdict("proved", f"the reward is proper with {named} as well")
    return Verdict("undecided", f"whether {named} move the best report is not known: {report.proper.reason}")


def _total(components: Components) -> Reward:
    total = Reward.parse("0")
    for _, weight, part in components:
        total = total + Fraction(weight) * part
    return total


def _same(total: Reward, reward: Reward) -> bool:
    """Equal to 1e-12 of their size at 64 confidences, both outcomes, and up to 24 values of the free parameters."""
    if set(total.free_parameters) != set(reward.free_parameters):
        return False
    grid = np.arange(64) / 63
    for values in sample_values(reward.domains):
        one, other = (each.bind(**values).table(grid) for each in (total, reward))
        with np.errstate(invalid="ignore"):
            if not np.allclose(one, other, rtol=1e-12, atol=1e-12):
                return False
    return True


# ------------------------------------------------------------------------------------------ dynamic filtering


def keep_verdict(report: Report, trainer: Trainer, outcomes: Outcomes) -> tuple[Trainer, Verdict | None]:
    """Whether no group of honest rollouts is dropped for its mean; where none can be, the trainer without the rule.

    A filter made for rewards of 0 and 1 keeps groups with low < mean < high. Of rewards that can be negative it drops
    groups that were mostly wrong, so that only the right ones teach: confidence is pushed up whatever the rule.
    """
    if trainer.keep is None:
        return trainer, None
    low, high = trainer.keep
    if report.range is not None and report.proper.status == "proved":
        ends = [end.value for end in report.range]
        if float(low) < ends[0] - 1e-9 and ends[1] + 1e-9 < float(high) and not any(map(isnan, ends)):
            return replace(trainer, keep=None), Verdict("proved", "every payoff lies strictly inside the range")
    if report.reward.free_parameters:
        return trainer, Verdict("undecided", "groups are looked at where every parameter has a value")
    subject = Subject(report.reward.text, report.reward.parameters)
    size = trainer.group_size
    counts = [0, size] if outcomes != "independent" else [0, size, *range(1, size)]
    for p in _SIMPLE:
        paid = payoffs(subject, p)
        for right in counts:
            if paid is None:
                break
            mean = const(Fraction(right, size)) * paid[1] + const(Fraction(size - right, size)) * paid[0]
            if _at_least(const(low), mean) or _at_least(mean, const(high)):
                told = f"p = {p}: {size} honest reports, {right} of them right, have mean {to_text(mean)}"
                witness = {"p": str(p), "right": str(right), "group_size": str(size), "mean": to_text(mean)}
                return trainer, Verdict("refuted", f"{told} and are dropped: only ({low}, {high}) is kept", witness)
    return trainer, Verdict("undecided", "no group that is dropped was found, and no proof is known")
