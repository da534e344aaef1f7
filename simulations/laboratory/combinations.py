"""Combinations: no single fix, as a factorial experiment over four of them.

Four fixes are switched on and off in all 16 combinations, and each has a fault to mend: a proper
score in the reward (formula) for a start that is overconfident; the worst case of several judges
(ensemble) for judges that overrate a wrong answer; an offline baseline for each question (contrast)
for judges whose scales differ between questions, so that an offset is added to all rewards of one
question and subtracted from those of the other; and the mean and the standard deviation of the
group (estimator) in place of those of the whole batch, for groups that are small. Offsets raise the
standard deviation of the batch, by which its advantages are divided, and so slow learning; an
offline baseline removes them, and so does the mean of the group:

    A = (r - m) / (s + epsilon),   m, s of all rewards of a batch, or of the group of one question

The main effect of a fix is the mean outcome with it minus that without it; the interaction of two
is half the difference between the effects of one with and without the other (Fisher 1935):

    effect = mean over the 16 combinations of the outcome times the signs of the factors, times 2

The signs that are expected were written down before the experiment was run (`PREDICTED`), for
judges that overrate and scales that differ. An effect counts as 0 if its exact value is smaller
than 0.01 in size, and otherwise has the sign of its exact value; the prediction is right if it is
the same.

    >>> signs = factorial_signs()
    >>> len(signs), float(signs["formula"].sum()), float(signs["formula x ensemble"].sum())
    (10, 0.0, 0.0)
    >>> outcome = 0.3 + 0.1 * (signs["ensemble"] > 0)  # the ensemble adds 0.1, the others nothing
    >>> round(float(effect_of(outcome, signs["ensemble"])), 3)
    0.1
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations, product
from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import rlcr
from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    mean_and_error,
    signed,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Signal, reward_signal, verdict_signal
from simulations.signals.training import Trained, enumerated_mean_field, train

if TYPE_CHECKING:
    from simulations.signals.groups import Groups
    from simulations.training.kernels import FloatArray

FACTORS = ("formula", "ensemble", "contrast", "estimator")
PREDICTED: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "accuracy": {
            "formula": 0, "ensemble": 1, "contrast": 1, "estimator": 1,
            "formula x ensemble": 0, "formula x contrast": 0, "formula x estimator": 0,
            "ensemble x contrast": 1, "ensemble x estimator": 1, "contrast x estimator": -1,
        },
        "calibration error": {
            "formula": -1, "ensemble": -1, "contrast": -1, "estimator": 0,
            "formula x ensemble": -1, "formula x contrast": 0, "formula x estimator": 1,
            "ensemble x contrast": -1, "ensemble x estimator": -1, "contrast x estimator": 1,
        },
    }
)  # fmt: skip
"""The sign of each effect as it was expected before the experiment was run; 0: smaller than .01."""
SMALL = 0.01
"""An effect that is smaller counts as 0. What one fix does only beside one other is a quarter as
large on average over all combinations, so that the bound is low.
"""
_ESTIMATORS = ("whitened", "group_std")
_SHOWN = {
    "accuracy": ("ensemble", "contrast", "ensemble x contrast", "contrast x estimator"),
    "calibration error": ("ensemble", "contrast", "formula x ensemble", "formula x estimator"),
}
_GRID = np.array([0.2, 0.7, 1.0])
"""No accuracy reaches 0.7 or falls below 0.2, so that the error of a level keeps its sign."""
_RIGHT, _WRONG = 0.6, 0.2
_GROUP, _QUESTIONS, _ANSWERS = 3, 2, 2
_TIME, _STEPS = 15.0, (250, 600)
"""The rate times the number of steps, and this number for either scale."""
_RUNS = (200, 600)
_BIAS = 0.04
"""The bias of a finite step on an effect, divided by the rate."""
_CELLS = tuple(product((0, 1), repeat=len(FACTORS)))


def factorial_signs() -> dict[str, FloatArray]:
    """The signs of each main effect and each interaction of two, over the 16 combinations, (16,).

    Example:
        >>> factorial_signs()["estimator"].tolist()[:4]
        [-1.0, 1.0, -1.0, 1.0]
    """
    levels = dict(zip(FACTORS, (2.0 * np.array(_CELLS) - 1).T, strict=True))
    pairs = {f"{a} x {b}": levels[a] * levels[b] for a, b in combinations(FACTORS, 2)}
    return {**levels, **pairs}


def effect_of(outcome: FloatArray, signs: FloatArray) -> FloatArray:
    """The factorial effect: 2 mean(sign * outcome), over the first axis.

    Args:
        outcome: of each combination, (16, ...).
        signs: of an effect, (16,).

    Example:
        >>> float(effect_of(np.arange(16.0), factorial_signs()["formula"]))
        8.0
    """
    return np.asarray(2 * np.tensordot(signs, outcome, axes=1) / len(signs))


def judged_by(overrating: float) -> tuple[FloatArray, FloatArray]:
    """The true success probabilities (Q, K), and what each of three judges accepts, (3, Q, K).

    The better answer has another number in each question. Each of the first two judges overrates
    the worse answer to one question, the third none.

    Args:
        overrating: added to the probability of acceptance of that answer.

    Example:
        >>> truth, heads = judged_by(0.5)
        >>> bool((heads.min(axis=0) == truth).all())
        True
    """
    truth = np.array([[_RIGHT, _WRONG], [_WRONG, _RIGHT]])
    heads = np.repeat(truth[None], 3, axis=0)
    for x in range(_QUESTIONS):
        heads[x, x, truth[x].argmin()] += overrating
    return truth, heads


def _start() -> StatedPolicy:
    levels = np.tile([0.1, 0.3, 0.6], (1, _QUESTIONS, _ANSWERS, 1))
    return StatedPolicy(np.full((1, _QUESTIONS, _ANSWERS), 1 / _ANSWERS), levels, _GRID)


def _signal(formula: int, contrast: int, paid: FloatArray, offset: float) -> Signal:
    pays = reward_signal(rlcr, _GRID) if formula else verdict_signal
    shift = offset * np.array([1.0, -1.0])
    if contrast:  # the mean reward before training is subtracted, and the offset with it
        table = rlcr.table(_GRID) if formula else np.repeat([[0.0], [1.0]], _GRID.size, axis=1)
        expected = paid[..., None] * table[1] + (1 - paid[..., None]) * table[0]
        shift = -(_start().joint[0] * expected).sum(axis=(-1, -2))

    def rewards(groups: Groups) -> FloatArray:
        return np.asarray(pays(groups) + shift[:, None])

    return rewards


def _paid(ensemble: int, overrating: float) -> FloatArray:
    heads = judged_by(overrating)[1]
    return np.asarray(heads.min(axis=0) if ensemble else heads[0])


def _outcomes(trained: Trained, truth: FloatArray) -> dict[str, FloatArray]:
    end = trained.end
    return {"accuracy": end.accuracy(truth), "calibration error": end.calibration_error(truth)}


@lru_cache(maxsize=64)
def _exact(
    cell: tuple[int, ...], overrating: float, offset: float, steps: int, rate: float
) -> Mapping[str, float]:
    """The outcomes of a combination along the mean field."""
    formula, ensemble, contrast, estimator = cell
    paid = _paid(ensemble, overrating)
    trained = enumerated_mean_field(
        _start(), paid, _signal(formula, contrast, paid, offset), group_size=_GROUP,
        learning_rate=rate, steps=steps, checkpoints=2, estimator=_ESTIMATORS[estimator],
    )  # fmt: skip
    found = _outcomes(trained, judged_by(overrating)[0])
    return {name: float(values[0]) for name, values in found.items()}


def _different(cell: tuple[int, ...], overrating: float) -> tuple[int, ...]:
    """A combination with the same exact outcomes, one for all that have them.

    The mean of the group removes every constant of a question, so that an offline baseline changes
    nothing beside it; and judges that agree are an ensemble of one.
    """
    formula, ensemble, contrast, estimator = cell
    return formula, ensemble if overrating else 0, 0 if estimator else contrast, estimator


def _rate(conditions: Conditions) -> float:
    return conditions.rate(_TIME / conditions.pick(*_STEPS))


def _run(
    conditions: Conditions, cell: tuple[int, ...], overrating: float, offset: float
) -> dict[str, FloatArray]:
    formula, ensemble, contrast, estimator = cell
    paid = _paid(ensemble, overrating)
    trained = train(
        _start(), paid, _signal(formula, contrast, paid, offset), runs=conditions.runs(*_RUNS),
        group_size=_GROUP, learning_rate=_rate(conditions), steps=conditions.steps(*_STEPS),
        checkpoints=2, estimator=_ESTIMATORS[estimator], seed=conditions.seed,
    )  # fmt: skip
    return _outcomes(trained, judged_by(overrating)[0])


def _sign(effect: float) -> int:
    """The sign of an effect, 0 if it is smaller than `SMALL`."""
    return 0 if abs(effect) < SMALL else int(np.sign(effect))


def _row(outcome: str, name: str, finding: Finding, *, judged: bool) -> tuple[str, ...]:
    """An effect with its interval, and its verdict where a prediction was made."""
    mean, error, limit = finding.measured, finding.standard_error, finding.exact
    ends = (signed(mean - 1.96 * error), signed(mean + 1.96 * error))
    interval = "-" if isnan(error) else f"[{', '.join(ends)}]"
    row = (outcome, name, signed(mean), interval, signed(limit))
    if not judged:
        return row
    expected, found = PREDICTED[outcome][name], _sign(limit)
    return *row, "0+-"[expected], "as predicted" if found == expected else "NOT as predicted"


def _mean(limits: list[Mapping[str, float]], outcome: str, **levels: int) -> float:
    """The mean exact outcome of the combinations with these levels of some factors."""
    wanted = {FACTORS.index(name): level for name, level in levels.items()}
    return float(
        np.mean(
            [
                limit[outcome]
                for cell, limit in zip(_CELLS, limits, strict=True)
                if all(cell[at] == level for at, level in wanted.items())
            ]
        )
    )


def _verdicts(rows: list[tuple[str, ...]], *, judged: bool) -> str:
    """How many predictions are right, and by which rule; none is made without both faults."""
    rule = (
        f"An effect counts as 0 if its exact value is smaller than {SMALL:g} in size, and otherwise"
        " has the sign of its exact value"
    )
    if not judged:
        return (
            "The predictions were made for judges that overrate an answer and whose scales differ,"
            " and are not tested here."
        )
    right = sum(row[-1] == "as predicted" for row in rows)
    return f"{right} of {len(rows)} signs are as predicted. {rule}."


def _boundary(limits: list[Mapping[str, float]], overrating: float) -> str:
    """What the Brier score and the ensemble do alone and together, over the other two fixes."""
    name = "calibration error"
    none, brier, judges, both = (
        _mean(limits, name, formula=formula, ensemble=ensemble)
        for formula, ensemble in ((0, 0), (1, 0), (0, 1), (1, 1))
    )
    alone, beside = brier - none, both - judges
    erring = (
        ", to whose errors it calibrates the confidence"
        if overrating and alone > beside + SMALL
        else ""
    )
    gain = _mean(limits, "accuracy", ensemble=1) - _mean(limits, "accuracy", ensemble=0)
    mends = ("does not change", "raises", "lowers")[_sign(gain)]
    better = both < min(brier, judges) - SMALL
    enough = "neither does as much alone" if better else "one of them alone does as much"
    return (
        f"On average over the other fixes the Brier score changes the calibration error by"
        f" {signed(alone)} with a single judge{erring}, and by {signed(beside)} with the ensemble."
        f" The ensemble {mends} the accuracy ({signed(gain)}). The calibration error is"
        f" {none:.3f} with neither, {brier:.3f} with the Brier score, {judges:.3f} with the"
        f" ensemble and {both:.3f} with both: {enough}."
    )


def _of_contrast(limits: list[Mapping[str, float]], offset: float) -> str:
    """What an offline baseline does to the accuracy under either estimator, with the ensemble."""
    batch, group = (
        _mean(limits, "accuracy", ensemble=1, contrast=1, estimator=estimator)
        - _mean(limits, "accuracy", ensemble=1, contrast=0, estimator=estimator)
        for estimator in (0, 1)
    )
    slow = (
        ", since the offsets of the questions raise that deviation and slow learning"
        if offset and batch > SMALL
        else ""
    )
    return (
        f"With the ensemble, an offline baseline changes the accuracy by {signed(batch)} where"
        f" advantages are divided by the standard deviation of the batch{slow}, and by"
        f" {signed(group)} with that of the group, since the mean of the group removes what all its"
        " rewards have in common."
    )


def _show(conditions: Conditions) -> SystemOutcome:
    overrating, offset = (
        0.0 if conditions.without else conditions[name] for name in ("overrating", "offset")
    )
    rate, steps = _rate(conditions), conditions.steps(*_STEPS)
    judged = overrating > 0 and offset > 0
    runs = [_run(conditions, cell, overrating, offset) for cell in _CELLS]
    limits = [
        _exact(_different(cell, overrating), overrating, offset, steps, rate) for cell in _CELLS
    ]
    rows: list[tuple[str, ...]] = []
    findings: list[Finding] = []
    effects: dict[str, list[float]] = {}
    for outcome, shown in _SHOWN.items():
        measured = np.stack([run[outcome] for run in runs])
        exact = np.array([limit[outcome] for limit in limits])
        for name, signs in factorial_signs().items():
            limit = float(effect_of(exact, signs))
            effects.setdefault(outcome, []).append(limit)
            label = f"{'main' if name in FACTORS else 'joint'} effect of {name} on {outcome}"
            found = Finding(label, *mean_and_error(effect_of(measured, signs)), limit, _BIAS * rate)
            rows.append(_row(outcome, name, found, judged=judged))
            if name in shown:
                findings.append(found)
    verdict = ("predicted", "result") if judged else ()
    sentences = (
        _verdicts(rows, judged=judged),
        _boundary(limits, overrating),
        _of_contrast(limits, offset),
    )
    return SystemOutcome(
        name="combinations",
        without=conditions.without,
        findings=tuple(findings),
        boundary=" ".join(sentences),
        head=("outcome", "effect", "measured", "95 % interval", "exact", *verdict),
        rows=tuple(rows),
        panels=(
            Panel(
                "Factorial effects, exact",
                "",
                "Difference",
                np.arange(len(factorial_signs()), dtype=np.float64),
                {name: np.array(values) for name, values in effects.items()},
                names=tuple(factorial_signs()),
            ),
        ),
        runs=conditions.runs(*_RUNS),
    )


COMBINATIONS = System(
    name="combinations",
    story=(
        "Four fixes in all 16 combinations: the Brier score in the reward (formula), the smallest"
        " acceptance of three judges (ensemble), an offline baseline of each question (contrast),"
        " and the mean and standard deviation of the group in place of those of the batch"
        " (estimator). The start is overconfident, two of the judges overrate the wrong answer to"
        " one of the two questions each, an offset raises all rewards of one question and lowers"
        " those of the other, and groups have three rollouts."
    ),
    switch="no judge overrates an answer, and no offset is added",
    source=(
        "Fisher 1935, The Design of Experiments (factorial designs); Damani et al. 2025, arXiv"
        " 2507.16806 (formula); Yan et al. 2024, arXiv 2409.15360 (ensemble); Shen et al. 2024,"
        " arXiv 2403.07708 (contrast); Bereket, Leskovec 2025, arXiv 2508.11800 (estimator)"
    ),
    verdict=(
        "Each paper studies its own fix; that no single fix addresses all of the faults is what the"
        " table shows, with the interactions. An offline baseline removes what differs between"
        " questions, which slows learning where advantages are divided by the standard deviation of"
        " the batch; beside the mean and the standard deviation of the group it changes nothing."
    ),
    show=_show,
    knobs=(
        Knob("overrating", 0.6, 0.0, 0.7, "how much a judge overrates a wrong answer"),
        Knob("offset", 3.0, 0.0, 4.0, "added to one question's rewards, subtracted from another's"),
    ),
)
