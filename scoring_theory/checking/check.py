"""check(reward) -> Report: is a reward proper and jointly optimal, under a trainer too?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected
from proofs.search.as_text import quantity
from proofs.search.prover import Prover
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_components, as_reward
from scoring_theory.catalogue.words import expand_names
from scoring_theory.checking.report import REPORT_CLAIMS, Claim, Report
from scoring_theory.optimality.best_report import best_report
from scoring_theory.optimality.critical_weight import critical_weight, kind
from scoring_theory.optimality.failure_thresholds import failure_certificate, failure_thresholds
from scoring_theory.optimality.parts import by_parts, main_part
from scoring_theory.optimality.payoff_range import payoff_range
from scoring_theory.optimality.threshold_density import threshold_density
from scoring_theory.optimality.verdicts import (
    accuracy_verdict,
    joint_verdict,
    proper_verdict,
    strict_verdict,
)
from scoring_theory.reward import Reward
from scoring_theory.reward.parameters import Parameter

if TYPE_CHECKING:
    from scoring_theory.advantage import Trainer

_T = TypeVar("_T")
Ends = tuple[float | Fraction | str, float | Fraction | str]


def check(
    reward: RewardLike,
    *,
    estimator: str | Trainer | None = None,
    outcomes: str = "independent",
    group_size: int | None = None,
    missing: str | float | Fraction | None = None,
    malformed: str | float | Fraction | None = None,
    components: ComponentsLike | None = None,
    clip: Ends | None = None,
    keep: Ends | None = None,
    bias: float | None = None,
    claim: Claim | None = None,
    allow_weak: bool = False,
    forecast: bool = False,
    parameters: Mapping[str, Parameter] | None = None,
    **more_parameters: Parameter,
) -> Report:
    """Decide whether a reward is proper and jointly optimal, with a proof or a counterexample.

        U(p, q) = p R(q, 1) + (1 - p) R(q, 0),   V(p) = sup_q U(p, q),   m = R(0+, 1) - R(0, 0)

    A reward R(q, c) is *proper* if U(p, q) is largest at q = p for every p, *strictly proper* if it
    is largest only there, and *jointly optimal* if, for every finite set of answers, giving the
    most probable one with its true probability maximises expected reward. A proper reward is
    jointly optimal if and only if the accuracy margin m >= 0.

    With an `estimator` (or any other option of the training) the verdicts also cover what
    policy-gradient trainers optimise, the advantage; see `scoring_theory.advantage`. The estimators
    of `scoring_theory.advantage.ESTIMATORS` are

        "none"           r_i
        "group_mean"     r_i - mean of the group: Dr. GRPO, RLCR
        "leave_one_out"  r_i - mean of the others of the group: RLOO
        "group_std"      (r_i - mean of the group) / std of the group: GRPO
        "global_mean"    r_i - mean of many questions: REINFORCE with a baseline
        "batch_std"      (r_i - mean of the group) / std of many questions: TRL's batch scaling
        "component_std"  "group_std" of each component, weighted and added: GDPO

    and `scoring_theory.advantage.TRAINERS` names frameworks and papers with their defaults, such as
    "grpo", "trl_default" or "verl_default".

    Args:
        reward: a formula in `q`, `c`, parameters and names of the catalogue, a `Reward`, or an
            entry of the catalogue.
        estimator: the name of an estimator or of a trainer, or a `Trainer`; "none" if only other
            options of the training are given.
        outcomes: how correctness is correlated within a group: "independent", "by_answer" or
            "shared".
        group_size: G, rollouts per question; the trainer's default if not given.
        missing: the reward of a completion without a confidence: a number, a formula in c, or "nan"
            (excluded by the trainer).
        malformed: the same for a completion that cannot be parsed, or that fails a format check.
        components: (name, weight, reward or formula) of the parts that the trainer adds up or
            normalises separately.
        clip: the interval to which the trainer clips rewards.
        keep: the interval in which the mean reward of a group must lie for the group to be kept.
        bias: the largest accepted |q* - p| of a stable report q*; the smallest group size that
            keeps it is reported.
        claim: the claim on which `holds`, `outcome()` and the exit code depend: "proper",
            "strictly-proper", "jointly-optimal" or "trained". By default a score (V(1) <= V(0):
            nothing in it rewards a correct answer) is judged by strict properness, and a reward by
            strict properness and joint optimality, in training too if a trainer is named.
        allow_weak: accept ties, that is properness where strict properness is demanded.
        forecast: c is an event that nobody chooses, such as rain: there are no other answers, and
            strict properness is the claim.
        parameters: values (`{"lam": 0.5}`) or domains (`{"lam": "0 < lam <= 1"}`) of the parameters
            of the formula. A verdict holds for the whole domain.
        more_parameters: the same, as keywords.

    Returns:
        A `Report`. It holds the verdicts `proper`, `strictly_proper`, `jointly_optimal` and
        `accuracy_rewarded`; the numbers `accuracy_margin`, `critical_weight` (the largest safe
        weight), `local_failure_below`, `global_failure_below` and `range`; the Schervish weight
        `threshold_density` and the optimal report `best_report` as text; with an estimator the
        verdicts on its advantages, `training`; and every proof, `certificates`. `holds`,
        `outcome()` and `exit_code()` summarise it, `text()` and `to_json()` show it.

        Each verdict is "proved" (with a certificate), "refuted" (with a counterexample, the
        witness) or "undecided": neither was found, which says nothing about the reward. Narrower
        domains of the parameters, or their values, often decide it.

    Raises:
        FormulaError: the text is not a formula of the grammar.
        ValueError: a parameter or an option is unknown, or its value is outside its domain.

    Source:
        Damani et al. 2025 (RLCR), appendix A; Tan et al. 2026, theorem 1; Schervish 1989.

    Example:
        >>> report = check("c - 2*(q - c)^2")
        >>> report.outcome(), report.local_failure_below.exact, report.global_failure_below.exact
        ('refuted', '1/4', '1/2')
        >>> report = check("c - (q - c)^2", estimator="grpo", outcomes="shared", group_size=8)
        >>> report.proper.status, report.training.honest.status, report.outcome()
        ('proved', 'refuted', 'refuted')
        >>> report.training.honest.reason
        'p = 3/4: among 7 truthful reports of 3/4, stating 1 gains at least 1.237 in advantage'
    """
    declared = {**(parameters or {}), **more_parameters}
    _require_claim(claim, forecast=forecast)
    plain = replace(
        _checked(reward, declared), claim=claim, allow_weak=allow_weak, forecast=forecast
    )
    about_training = (estimator, group_size, missing, malformed, components, clip, keep, bias)
    if all(option is None for option in about_training):
        if claim == "trained":
            raise ValueError("the claim 'trained' is about a trainer: name an estimator")
        return plain
    from scoring_theory.advantage import as_trainer, require_outcomes
    from scoring_theory.checking.assess import assess

    parts = None if components is None else as_components(components)
    trainer = as_trainer(estimator or "none", group_size=group_size, clip=clip, keep=keep)
    model = require_outcomes(outcomes)
    seen = plain if trainer.clip is None else _clipped(plain, trainer.clip)
    training = assess(
        seen, trainer, model, components=parts, missing=missing, malformed=malformed, bias=bias
    )
    return replace(plain, clipped=None if seen is plain else seen, training=training)


def _require_claim(claim: str | None, *, forecast: bool) -> None:
    if claim is not None and claim not in REPORT_CLAIMS:
        raise ValueError(f"`claim` must be one of {', '.join(REPORT_CLAIMS)}, got {claim!r}")
    if forecast and claim == "jointly-optimal":
        raise ValueError(
            "joint optimality is about the choice of an answer, and in a forecast nobody chooses"
            " the event: leave out `forecast` or the claim"
        )


def _clipped(report: Report, ends: tuple[Fraction, Fraction]) -> Report:
    """The check of the clipped reward; the same report where no payoff is clipped."""
    inside = report.range is not None and report.proper.status == "proved"
    if (
        inside
        and report.range
        and ends[0] <= report.range[0].value
        and report.range[1].value <= ends[1]
    ):
        return report
    text = f"clip({report.reward.text}, {ends[0]}, {ends[1]})"
    checked = _checked(Reward.parse(text, parameters=report.reward.domains), {})
    return replace(checked, allow_weak=report.allow_weak, forecast=report.forecast)


def _checked(given: RewardLike, parameters: Mapping[str, Parameter]) -> Report:
    """The check of the reward alone."""
    reward = as_reward(given, parameters=parameters)
    typed = given if isinstance(given, str) else reward.text
    formula = expand_names(given, parameters) if isinstance(given, str) else reward.text
    prover = Prover(formula, reward.parameters)
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
        threshold_density=_if_exact(threshold_density, main_part(prover)),
        best_report=_if_exact(best_report, prover),
        failure_certificate=failure_certificate(prover, local, globally),
        kind=kind(prover),
    )


def _if_exact(describe: Callable[[Prover], _T | None], prover: Prover) -> _T | None:
    """The description, or None where the kernel cannot follow the formula."""
    try:
        return describe(prover)
    except (Rejected, Undetermined):
        return None
