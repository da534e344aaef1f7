"""check(reward) -> Report: is a reward proper and jointly optimal, under a trainer too?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from proofs.search.prover import Prover
from scoring_theory.catalogue import Entry
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_components, as_reward
from scoring_theory.catalogue.words import expand_names, find
from scoring_theory.checking.alone import check_alone, clipped
from scoring_theory.checking.report import REPORT_CLAIMS, Claim, Report
from scoring_theory.checking.uses import credited, uses
from scoring_theory.reward import Reward
from scoring_theory.reward.parameters import Parameter

if TYPE_CHECKING:
    from scoring_theory.advantage import Trainer
    from scoring_theory.advantage.trainers import KeptOutcomes
    from scoring_theory.checking.settings import Chosen, ListedNumbers, SettingOptions

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
    keep_outcomes: KeptOutcomes | None = None,
    advantage_clip: Ends | None = None,
    kl: float | Fraction | str | None = None,
    prior: str = "uniform",
    truncated: float | Fraction | str | None = None,
    bias: float | None = None,
    credit: Literal["separate"] | None = None,
    select: Literal["best"] | None = None,
    confidence_first: bool = False,
    claim: Claim | None = None,
    allow_weak: bool = False,
    forecast: bool = False,
    graded: bool = False,
    grades: ListedNumbers | None = None,
    false_positive: Parameter | None = None,
    false_negative: Parameter | None = None,
    errors_by_answer: bool = False,
    grid: ListedNumbers | None = None,
    abstain: str | float | Fraction | None = None,
    model_chooses: Chosen = (),
    schedule: str | None = None,
    difficulty: str | None = None,
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
        "whitened"       (r_i - mean of many questions) / std of many questions: REINFORCE++
        "leave_one_out_std"  (r_i - mean of the others) / std of the others: NeMo-RL
        "maxrl"          (r_i - mean of the group) / mean of the group: MaxRL
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
        keep_outcomes: "mixed" if groups that are all correct or all wrong are dropped.
        advantage_clip: the interval to which the trainer clips advantages.
        kl: beta, where beta times the KL divergence from a reference policy is subtracted from the
            reward; the trainer's default if not given.
        prior: the confidences of that reference policy, "uniform" or "Beta(a, b)".
        truncated: the factor, from 0 to 1, by which the trainer multiplies the reward of a
            truncated completion.
        bias: the largest accepted |q* - p| of a stable report q*; the smallest group size that
            keeps it is reported. With a KL penalty, the largest accepted |mean confidence - p|.
        credit: "separate" if the answer's tokens are trained on the component "answer" and the
            confidence's tokens on the component "confidence"; `reward` is their sum.
        select: "best" if only the rollout with the largest reward of `group_size` is reinforced.
        confidence_first: whether the confidence is stated before the answer.
        claim: the claim on which `holds`, `outcome()` and the exit code depend: "proper",
            "strictly-proper", "jointly-optimal" or "trained". By default a score (V(1) <= V(0):
            nothing in it rewards a correct answer) is judged by strict properness, and a reward by
            strict properness and joint optimality, in training too if a trainer is named.
        allow_weak: accept ties, that is properness where strict properness is demanded.
        forecast: c is an event that nobody chooses, such as rain: there are no other answers, and
            strict properness is the claim.
        graded: c is a score in [0, 1] with any law, such as partial credit, and q states its mean.
        grades: the scores that occur, such as "0, 1/2, 1"; it implies `graded`.
        false_positive: P(accepted | wrong) of the verifier, a number or a domain such as
            "0 <= a <= 0.1".
        false_negative: P(rejected | correct), the same.
        errors_by_answer: the rates may differ between answers.
        grid: the confidences that can be stated, such as "0, 0.1, ..., 1", or "0..100" for whole
            percents.
        abstain: the payoff of giving no answer; an entry of the catalogue may have its own.
        model_chooses: the domain of a quantity that the model chooses, such as
            "0 <= L <= 1" for a length; the verdict is about its best choice.
        schedule: a parameter that moves during training, "lam = 2*t, 0 <= t <= 1"; the verdict
            holds for all t.
        difficulty: the law of p over questions for the schedule, "uniform" or "beta(a, b)".
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
    settings = _settings(
        graded=graded,
        grades=grades,
        false_positive=false_positive,
        false_negative=false_negative,
        errors_by_answer=errors_by_answer,
        grid=grid,
        abstain=_abstain(reward, abstain),
        model_chooses=model_chooses,
        schedule=schedule,
        difficulty=difficulty,
    )
    _require_claim(claim, forecast=forecast)
    declared = {**(parameters or {}), **more_parameters}
    if settings is not None:
        declared |= settings.choices
    plain = replace(
        _checked(reward, declared, settings), claim=claim, allow_weak=allow_weak, forecast=forecast
    )
    parts = None if components is None else as_components(components)
    asked = uses(plain, parts, credit, select, group_size, outcomes, first=confidence_first)
    plain = replace(plain, settings=(*plain.settings, *asked))
    if estimator is None and select is not None:
        group_size = None  # it is the N of the selection
    if credit is not None:
        components = None
    options = {"group_size": group_size, "clip": clip, "keep": keep, "kl": kl,
               "keep_outcomes": keep_outcomes, "advantage_clip": advantage_clip}  # fmt: skip
    about_training = (estimator, missing, malformed, components, truncated, bias, *options.values())
    if all(option is None for option in about_training):
        if claim == "trained":
            raise ValueError("the claim 'trained' is about a trainer: name an estimator")
        return plain
    from scoring_theory.advantage import as_trainer, require_outcomes
    from scoring_theory.advantage.trainers import as_fraction
    from scoring_theory.checking.assess import assess

    model = require_outcomes(outcomes)
    trainer = as_trainer(estimator or "none", **options)
    seen = plain if trainer.clip is None else clipped(plain, trainer.clip)
    trained_on: dict[str, Any] = {
        "missing": missing,
        "malformed": malformed,
        "bias": bias,
        "prior": prior,
        "truncated": None if truncated is None else as_fraction("truncated", truncated),
    }
    if credit is None or parts is None:
        training = assess(seen, trainer, model, components=parts, **trained_on)
    else:
        answer, confidence = (_checked(part, {}, None) for part in credited(parts))
        accurate = assess(answer, trainer, model).accurate
        training = replace(assess(confidence, trainer, model, **trained_on), accurate=accurate)
    return replace(plain, clipped=None if seen is plain else seen, training=training)


def _checked(
    given: RewardLike, parameters: Mapping[str, Parameter], settings: SettingOptions | None
) -> Report:
    """The check of the reward alone, and of the settings that were asked for."""
    reward = as_reward(given, parameters=parameters)
    typed = given if isinstance(given, str) else reward.text
    formula = reward.text
    if isinstance(given, str) and not (reward.parameters and find(given)):  # a family keeps its own
        formula = expand_names(given, parameters)
    if settings is None:
        report = _alone(formula, tuple(reward.parameters.items()))
        return replace(report, reward=reward, formula=typed)
    prepared, found = settings.prepare(reward)
    if prepared is not reward:
        reward, formula = prepared, prepared.text
    prover = Prover(formula, reward.parameters)
    report = check_alone(reward, prover, typed)
    if settings.schedule is not None:  # its unsafe times stand for the largest safe weight
        report = replace(report, critical_weight=None, weight_parameter=None, score=None)
    return replace(report, settings=(*found, *settings.judge(prover)))


@lru_cache(maxsize=256)
def _alone(formula: str, parameters: tuple[tuple[str, str], ...]) -> Report:
    """The check of a formula alone: adapters, designs and figures ask for the same one again."""
    prover = Prover(formula, dict(parameters))
    return check_alone(Reward.parse(formula, parameters=dict(parameters)), prover, formula)


def _settings(**options: Any) -> SettingOptions | None:
    """The settings that are asked for; their module is loaded only where there are any."""
    if all(x is None or x is False or x in ((), []) for x in options.values()):
        return None
    from scoring_theory.checking.settings import SettingOptions

    return SettingOptions(**options)


def _abstain(
    given: RewardLike, payoff: str | float | Fraction | None
) -> str | float | Fraction | None:
    """What abstaining earns: as stated, or as in the source of an entry of the catalogue."""
    if payoff is not None:
        return payoff
    entry = given if isinstance(given, Entry) else find(given) if isinstance(given, str) else None
    return None if entry is None or not entry.abstain else entry.abstain


def _require_claim(claim: str | None, *, forecast: bool) -> None:
    if claim is not None and claim not in REPORT_CLAIMS:
        raise ValueError(f"`claim` must be one of {', '.join(REPORT_CLAIMS)}, got {claim!r}")
    if forecast and claim == "jointly-optimal":
        raise ValueError(
            "joint optimality is about the choice of an answer, and in a forecast nobody chooses"
            " the event: leave out `forecast` or the claim"
        )
