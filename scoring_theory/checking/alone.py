"""The check of a reward alone, without a trainer or another setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected
from proofs.search.as_text import quantity
from proofs.search.prover import Prover
from scoring_theory.checking.report import Report
from scoring_theory.optimality.best_report import best_report
from scoring_theory.optimality.critical_weight import critical_weight, kind
from scoring_theory.optimality.failure_thresholds import failure_certificate, failure_thresholds
from scoring_theory.optimality.parts import by_parts
from scoring_theory.optimality.payoff_range import payoff_range
from scoring_theory.optimality.threshold_density import threshold_density
from scoring_theory.optimality.verdicts import (
    accuracy_verdict,
    joint_verdict,
    proper_verdict,
    strict_verdict,
)
from scoring_theory.reward import Reward

_T = TypeVar("_T")


def check_alone(reward: Reward, prover: Prover, typed: str) -> Report:
    """The verdicts and numbers of a reward alone.

    Args:
        reward: the reward.
        prover: the search about its formula.
        typed: the formula as typed.

    Example:
        >>> rlcr = Reward.parse("c - (q - c)^2")
        >>> check_alone(rlcr, Prover(rlcr.text), "RLCR")
        Report('RLCR': strictly proper, jointly optimal)
    """
    shown_margin = by_parts(
        prover, lambda part: None if part.margin is None else quantity(part.margin)
    )
    joint = joint_verdict(prover, shown_margin)
    weight = critical_weight(prover)
    local, globally = failure_thresholds(prover)
    return Report(
        reward=reward,
        formula=typed,
        proper=proper_verdict(prover),
        strictly_proper=strict_verdict(prover),
        jointly_optimal=joint,
        accuracy_rewarded=accuracy_verdict(prover, joint),
        accuracy_margin=shown_margin,
        critical_weight=weight.largest,
        weight_parameter=weight.parameter,
        score=weight.score,
        local_failure_below=local,
        global_failure_below=globally,
        range=_if_exact(payoff_range, prover),
        threshold_density=_if_exact(threshold_density, prover),
        best_report=_if_exact(best_report, prover),
        failure_certificate=failure_certificate(prover, local, globally),
        kind=kind(prover),
    )


def clipped(report: Report, ends: tuple[Fraction, Fraction]) -> Report:
    """The check of the clipped reward; the same report where no payoff is clipped.

    Example:
        >>> rlcr = Reward.parse("c - (q - c)^2")
        >>> report = check_alone(rlcr, Prover(rlcr.text), rlcr.text)
        >>> clipped(report, (Fraction(-2), Fraction(2))) is report
        True
    """
    inside = report.range is not None and report.proper.status == "proved"
    if (
        inside
        and report.range
        and ends[0] <= report.range[0].value
        and report.range[1].value <= ends[1]
    ):
        return report
    text = f"clip({report.reward.text}, {ends[0]}, {ends[1]})"
    reward = Reward.parse(text, parameters=report.reward.domains)
    checked = check_alone(reward, Prover(reward.text, reward.parameters), reward.text)
    return replace(checked, allow_weak=report.allow_weak, forecast=report.forecast)


def _if_exact(describe: Callable[[Prover], _T | None], prover: Prover) -> _T | None:
    """The description, or None where the kernel cannot follow the formula."""
    try:
        return describe(prover)
    except (Rejected, Undetermined):
        return None
