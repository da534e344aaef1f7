"""From the verdicts on a reward to the verdicts on its training, where the advantage counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from proofs.trees import names
from scoring_theory.advantage.estimators import ESTIMATORS, Baseline
from scoring_theory.advantage.stability import Components, effective_advantage, smallest_group_size
from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.checking.advantage_clip import unclipped
from scoring_theory.checking.components import component_verdict
from scoring_theory.checking.deviations import Search
from scoring_theory.checking.group_filter import keep_verdict
from scoring_theory.checking.kl_bias import kl_verdict
from scoring_theory.checking.outcome_filter import (
    filter_remark,
    filtered_accuracy,
    filtered_report,
)
from scoring_theory.checking.trained_report import GroupSizes, Prediction, TrainedReport
from scoring_theory.checking.truncation import truncation_verdict
from scoring_theory.checking.unread import unread_verdict
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report
    from scoring_theory.expression.numeric import Floats

_SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
_MOST = 256
"""The largest group size that is searched; nobody trains with more."""
_LESS: Mapping[Baseline, str] = {
    "none": "the reward itself",
    "batch_mean": "the reward minus a baseline that does not depend on it",
    "group_mean": "(1 - 1/G) R minus the rewards of the others",
    "leave_one_out": "R minus the rewards of the others",
}


def assess(
    report: Report,
    trainer: Trainer,
    outcomes: Outcomes,
    *,
    components: Components | None = None,
    missing: str | float | Fraction | None = None,
    malformed: str | float | Fraction | None = None,
    bias: float | None = None,
    prior: str = "uniform",
    truncated: Fraction | None = None,
) -> TrainedReport:
    """Whether the optimum of a reward is the optimum of a trainer's advantages; `check` calls it.

    Args:
        report: the check of the reward after clipping, as the trainer uses it.
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.
        components: parts of the reward, which must add up to it.
        missing: the reward of a completion without a confidence: a number, a formula in c, or
            "nan".
        malformed: the reward of a completion that cannot be parsed or fails a format check.
        bias: the largest accepted |q* - p| of a stable report q*; the smallest group sizes that
            keep it are searched.
        prior: the confidences of the reference policy, for a KL penalty in the reward: "uniform" or
            "Beta(a, b)".
        truncated: the factor, from 0 to 1, of the reward of a truncated completion.

    Raises:
        ValueError: the components do not add up to the reward, or are missing although the
            estimator needs them; `bias` is not positive, or the reward has free parameters.

    Example:
        >>> from scoring_theory import Trainer, check
        >>> grpo = Trainer(estimator="group_std", group_size=8)
        >>> trained = assess(check("c - (q - c)^2"), grpo, "shared")
        >>> trained.status, trained.honest.witness["deviation"]
        ('refuted', '1')
    """
    kept, keeping = keep_verdict(report, trainer)
    kept, clipping = unclipped(report, kept)
    penalised, settled = kl_verdict(report, kept, outcomes, prior=prior, bias=bias)
    parts = _parts(report.reward, trainer, components)
    search = Search(parts, kept, outcomes)
    unread = {  # the reward of omission may lie outside the payoffs, so that the filter matters
        name: unread_verdict(paid, report, trainer, Search(parts, trainer, outcomes))
        for name, paid in (("missing", missing), ("malformed", malformed))
        if paid is not None
    }
    if truncated is not None:
        unread["truncated"] = truncation_verdict(truncated, report, kept, outcomes)
    return TrainedReport(
        trainer=trainer,
        outcomes=outcomes,
        group_sizes=(
            None
            if bias is None
            else _group_sizes(report.reward, trainer, outcomes, components, bias)
        ),
        honest=_honest(report, kept, search),
        accurate=_accurate(report, kept, search),
        components=None if components is None else component_verdict(report, components),
        filtering=keeping,
        regularised=penalised,
        unread=unread,
        predictions=_predictions(report.reward, trainer, outcomes, components),
        parts=components,
        remarks=tuple(
            remark
            for remark in (
                filter_remark(report, trainer, outcomes),
                clipping,
                settled,
                *_explosion(trainer),
            )
            if remark is not None
        ),
    )


def _explosion(trainer: Trainer) -> list[tuple[str, str]]:
    """A warning where an advantage has no bound."""
    why = {
        "others_std": "a rollout whose reward differs from G - 1 rewards that nearly agree has an"
        " advantage without bound, and confidence rewards often nearly agree; clip advantages",
        "group_mean": "payoffs below 0 make the mean reward of a group, which divides its"
        " advantages, come close to 0; where it is not positive, the group has no advantage",
    }.get(ESTIMATORS[trainer.estimator].scale)
    return [] if why is None or trainer.advantage_clip is not None else [("unbounded", why)]


def _parts(
    reward: Reward, trainer: Trainer, components: Components | None
) -> Sequence[tuple[Fraction, Reward]]:
    if not ESTIMATORS[trainer.estimator].per_component:
        return [(Fraction(1), reward)]
    if not components:
        raise ValueError(
            f"the estimator {trainer.estimator!r} normalises the components of a reward separately:"
            " give `components` (--component NAME:WEIGHT:FORMULA for each)"
        )
    return [(Fraction(weight), part) for _, weight, part in components]


def _honest(report: Report, trainer: Trainer, search: Search) -> Verdict:
    """Whether no misreport has a larger advantage than the truth among truthful rollouts."""
    if trainer.affine_given_the_others(search.outcomes):
        return _inherited(report.proper, trainer)
    if _flat(search):
        return Verdict("proved", "every confidence has the same reward, so no misreport gains")
    if trainer.keep_outcomes == "mixed":
        refutation = filtered_report(search)
    else:
        refutation = search.dishonest_report()
    whole = trainer.keeps_every_group and trainer.advantage_clip is None
    if refutation is None and whole and ESTIMATORS[trainer.estimator].scale == "others_std":
        refutation = search.misreport_among_spread_others()
    if refutation is not None:
        return refutation
    return Verdict("undecided", "no misreport that gains was found, and no proof is known")


def _accurate(report: Report, trainer: Trainer, search: Search) -> Verdict:
    """Whether no less accurate answer, with any confidence, gains over the best one."""
    if trainer.affine_given_the_others(search.outcomes):
        return _inherited(report.jointly_optimal, trainer)
    if trainer.keep_outcomes == "mixed":
        found = filtered_accuracy(report, trainer, search)
        return _open() if found is None else found
    monotone = trainer.keep is None and ESTIMATORS[trainer.estimator].rises
    if _flat(search) and report.accuracy_rewarded.status == "proved" and monotone:
        rises = "an advantage increases with its own reward, and a more accurate answer is rewarded"
        return (
            _open()
            if ESTIMATORS[search.trainer.estimator].per_component
            else Verdict("proved", f"{rises} more often")
        )
    refutation = search.worse_answer()
    return _open() if refutation is None else refutation


def _open() -> Verdict:
    return Verdict(
        "undecided", "no less accurate answer that gains was found, and no proof is known"
    )


def _inherited(verdict: Verdict, trainer: Trainer) -> Verdict:
    """The verdict on the reward: an affine advantage ranks reports and answers in the same way."""
    estimator = ESTIMATORS[trainer.estimator]
    slope = _LESS[estimator.baseline]
    if estimator.scale == "others_std":
        slope = f"{slope}, divided by a number that the own outcome does not enter"
    elif estimator.scale != "none":
        slope = f"in the limit of many questions {slope}, divided by one common scale"
    return replace(verdict, reason=f"the advantage is {slope}: {verdict.reason}")


def _flat(search: Search) -> bool:
    """Whether no part depends on q; parts that cancel in the sum may not cancel once normalised."""
    return all("q" not in names(part.bound) for _, part in search.parts)


def _predictions(
    reward: Reward, trainer: Trainer, outcomes: Outcomes, components: Components | None
) -> tuple[Prediction, ...]:
    """The stable reports at a few p; none for a reward with free parameters."""
    if reward.free_parameters:
        return ()
    levels = _levels(reward, components)
    advantages = [
        effective_advantage(
            reward, p, levels, estimator=trainer, outcomes=outcomes, components=components
        )
        for p in _SHOWN
    ]
    return tuple(
        Prediction(at.success_probability, tuple(at.stable.tolist()), levels.size == at.stable.size)
        for at in advantages
    )


def _group_sizes(
    reward: Reward, trainer: Trainer, outcomes: Outcomes, components: Components | None, bias: float
) -> GroupSizes:
    if not bias > 0:
        raise ValueError(f"`bias` must be positive, got {bias}")
    if reward.free_parameters:
        raise ValueError(
            f"`bias` needs a reward without free parameters: give {reward.free_parameters[0]!r} a"
            " value"
        )
    levels = _levels(reward, components)
    least = [
        smallest_group_size(
            reward,
            p,
            bias,
            estimator=trainer,
            outcomes=outcomes,
            levels=levels,
            components=components,
            most=_MOST,
        )
        for p in _SHOWN
    ]
    return GroupSizes(bias, _MOST, tuple(zip(_SHOWN, least, strict=True)))


def _levels(reward: Reward, components: Components | None) -> Floats:
    """The confidences 0, 0.1, ..., 1, without 0 and 1 where a payoff there is infinite."""
    levels = np.arange(11) / 10
    parts = [reward, *(part for _, _, part in components or ())]
    return levels if all(np.isfinite(part.table(levels)).all() for part in parts) else levels[1:-1]
