"""check(reward) -> Report: does this reward make the best answer with true confidence the best an agent can do?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from proofs.kernel.functions import power
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import ONE, Expression, Rejected, const
from proofs.kernel.signs import Region, is_nonnegative
from scoring_theory.optimality.behaviour import best_report, payoff_range, threshold_density
from scoring_theory.optimality.failure import failure_thresholds
from scoring_theory.optimality.report import Report
from scoring_theory.optimality.words import accuracy_verdict, joint_verdict, proper_verdict, strict_verdict
from scoring_theory.prover.engine import Prover
from scoring_theory.prover.text import quantity
from scoring_theory.reward import Reward
from scoring_theory.reward.core import Parameter
from scoring_theory.verdict import Quantity

__all__ = ["Report", "check"]

T = TypeVar("T")


def check(reward: Reward | str, **parameters: Parameter) -> Report:
    """Properness, joint optimality, margin, critical weight and failure thresholds of a reward, each with its proof.

    A reward R(q, c) is *proper* if U(p, q) = p R(q, 1) + (1-p) R(q, 0) is largest at q = p, *strictly* if only there,
    and *jointly optimal* if in every finite set of answers the best one with honest confidence earns the most. For a
    proper R that is so exactly if the accuracy margin m = R(0+, 1) - R(0, 0) is not negative.

    Args:
        reward: a `Reward`, or a typed formula in `q`, `c` and the parameters.
        parameters: values (`lam=0.5`) or domains (`lam="0 < lam <= 1"`) of the formula's parameters.

    Raises:
        FormulaError: the text is not a formula of the grammar.
        ValueError: a parameter is unknown, or its value is outside its domain.

    Source:
        Damani et al. 2025 (RLCR), appendix A; Tan et al. 2026, theorem 1; Schervish 1989.

    Example:
        >>> report = check("c - 2*(q - c)^2")
        >>> report.outcome(), report.local_failure_below.exact, report.global_failure_below.exact
        ('refuted', '1/4', '1/2')
    """
    if isinstance(reward, str):
        formula, reward = reward, Reward.parse(reward, parameters=parameters)
    else:
        reward = reward.bind(**parameters) if parameters else reward
        formula = reward.text
    prover = Prover(formula, reward.parameters)
    margin = prover.margin
    shown_margin = None if margin is None else quantity(margin)
    joint = joint_verdict(prover, shown_margin)
    local, globally = failure_thresholds(prover)
    return Report(
        reward=reward,
        formula=formula,
        proper=proper_verdict(prover),
        strictly_proper=strict_verdict(prover),
        jointly_optimal=joint,
        accuracy_rewarded=accuracy_verdict(prover, joint),
        accuracy_margin=shown_margin,
        critical_weight=None if margin is None else critical_weight(margin, prover.subject.constants),
        local_failure_below=local,
        global_failure_below=globally,
        range=_if_exact(payoff_range, prover),
        threshold_density=_if_exact(threshold_density, prover),
        best_report=_if_exact(best_report, prover),
    )


def _if_exact(describe: Callable[[Prover], T | None], prover: Prover) -> T | None:
    """What is described, or None where the kernel cannot follow the formula."""
    try:
        return describe(prover)
    except (Rejected, Undetermined):
        return None


def critical_weight(margin: Limit, region: Region) -> Quantity | None:
    """lam* = 1 / (1 - m), the largest weight at which c + lam S is jointly optimal, S = R - c; inf when m >= 1.

    The margin of c + lam S is 1 + lam (m - 1).
    """
    if not isinstance(margin, Expression):
        return Quantity("0", 0.0) if margin is NEGATIVE_INFINITY else Quantity("inf", float("inf"))
    if is_nonnegative(margin - ONE, region):
        return Quantity("inf", float("inf"))
    try:
        return quantity(power(ONE - margin, const(-1), region))
    except Rejected:
        return None
