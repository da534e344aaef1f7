"""From the verdict on a reward to the verdict on its training: what the trainer's arithmetic leaves of it."""

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
from scoring_theory.checking.components import component_verdict
from scoring_theory.checking.deviations import Search
from scoring_theory.checking.group_filter import keep_verdict
from scoring_theory.checking.trained_report import GroupSizes, Prediction, TrainedReport
from scoring_theory.checking.unread import unread_verdict
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report
    from scoring_theory.expression.numeric import Floats

_SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
_MOST = 256
"""Larger groups than anyone trains with are not searched for."""
_LESS: Mapping[Baseline, str] = {
    "none": "the reward itself",
    "batch_mean": "the reward less a baseline that it has no part in",
    "group_mean": "(1 - 1/G) R less what the others earn",
    "leave_one_out": "R less what the others earn",
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
) -> TrainedReport:
    """Whether the optimum of a reward survives what a trainer does to it; see `scoring_theory.checking.check`.

    Args:
        report: the check of the reward as the trainer sees it, after clipping.
        trainer: what is made of the rewards.
        outcomes: how outcomes within a group hang together.
        components: parts of the reward, which must add up to it.
        missing: what a completion without a confidence earns: a number, a formula in c, or "nan".
        malformed: the same where it is malformed, or a format gate shuts.
        bias: how far stable reports may be from p; then the least group sizes that keep to it are
            searched for.

    Raises:
        ValueError: components that do not add up, or that the estimator needs and lacks; a bias
            that is not positive, or asked of a reward with free parameters.
    """
    kept, keeping = keep_verdict(report, trainer, outcomes)
    parts = _parts(report.reward, trainer, components)
    search = Search(parts, kept, outcomes)
    unread = {  # what omission earns may lie outside the payoffs, so that the filter counts again
        name: unread_verdict(paid, report, trainer, Search(parts, trainer, outcomes))
        for name, paid in (("missing", missing), ("malformed", malformed))
        if paid is not None
    }
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
        unread=unread,
        predictions=_predictions(report.reward, trainer, outcomes, components),
        parts=components,
    )


def _parts(
    reward: Reward, trainer: Trainer, components: Components | None
) -> Sequence[tuple[Fraction, Reward]]:
    if not ESTIMATORS[trainer.estimator].per_component:
        return [(Fraction(1), reward)]
    if not components:
        raise ValueError(
            f"the estimator {trainer.estimator!r} normalises the parts of a reward: give its"
            " `components`"
        )
    return [(Fraction(weight), part) for _, weight, part in components]


def _honest(report: Report, trainer: Trainer, search: Search) -> Verdict:
    """No report gains over the truth while everybody else is honest."""
    if trainer.affine:
        return _inherited(report.proper, trainer)
    if _flat(search):
        return Verdict("proved", "every report earns the same, so none gains over the truth")
    found = search.dishonest_report()
    return (
        Verdict("undecided", "no report that gains was found, and no proof is known")
        if found is None
        else found
    )


def _accurate(report: Report, trainer: Trainer, search: Search) -> Verdict:
    """No worse answer, however reported, gains over honest work on the best one."""
    if trainer.affine:
        return _inherited(report.jointly_optimal, trainer)
    if _flat(search) and report.accuracy_rewarded.status == "proved" and trainer.keep is None:
        rises = "an advantage rises with the own reward, and a better answer is paid more often"
        return (
            _open()
            if ESTIMATORS[search.trainer.estimator].per_component
            else Verdict("proved", rises)
        )
    found = search.worse_answer()
    return _open() if found is None else found


def _open() -> Verdict:
    return Verdict("undecided", "no worse answer that gains was found, and no proof is known")


def _inherited(verdict: Verdict, trainer: Trainer) -> Verdict:
    """An affine advantage ranks reports and answers as the reward does: the same verdict, witness and certificate."""
    estimator = ESTIMATORS[trainer.estimator]
    slope = _LESS[estimator.baseline]
    if estimator.scale != "none":
        slope = f"in the limit of many questions {slope}, over one common scale"
    return replace(verdict, reason=f"the advantage is {slope}: {verdict.reason}")


def _flat(search: Search) -> bool:
    """Whether no part depends on the report; parts that cancel in the sum need not cancel once normalised."""
    return all("q" not in names(part.bound) for _, part in search.parts)


def _predictions(
    reward: Reward, trainer: Trainer, outcomes: Outcomes, components: Components | None
) -> tuple[Prediction, ...]:
    """Stable reports; none for free parameters."""
    if reward.free_parameters:
        return ()
    levels = _levels(reward, components)
    found = [
        effective_advantage(
            reward, p, levels, estimator=trainer, outcomes=outcomes, components=components
        )
        for p in _SHOWN
    ]
    return tuple(
        Prediction(
            one.success_probability, tuple(one.stable.tolist()), levels.size == one.stable.size
        )
        for one in found
    )


def _group_sizes(
    reward: Reward, trainer: Trainer, outcomes: Outcomes, components: Components | None, bias: float
) -> GroupSizes:
    if not bias > 0:
        raise ValueError(f"`bias` must be positive, got {bias}")
    if reward.free_parameters:
        raise ValueError(f"`bias` is about numbers: give {reward.free_parameters[0]!r} a value")
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
    """11 levels, without the ends where a payoff there is infinite."""
    levels = np.arange(11) / 10
    parts = [reward, *(part for _, _, part in components or ())]
    return levels if all(np.isfinite(part.table(levels)).all() for part in parts) else levels[1:-1]
