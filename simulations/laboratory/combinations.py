"""Combinations: no single fix, as a factorial experiment over four of them.

Four fixes are switched on and off in all 16 combinations: a proper score in the reward (formula),
the worst case of several judges (ensemble), an offline baseline (contrast), and division by the
standard deviation of the group (estimator). Judges overrate a wrong answer to some questions. The
main effect of a fix is the mean outcome with it minus that without it; the interaction of two is
half the difference between the effects of one with and without the other (Fisher 1935):

    effect = mean over the 16 combinations of the outcome times the signs of the factors, times 2

The signs that are expected were written down before the experiment was run (`PREDICTED`), for
judges that overrate. An effect counts as 0 if its exact value is smaller than 0.02 in size, and
otherwise has the sign of its exact value; the prediction is right if it is the same.

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
            "formula": 0, "ensemble": 1, "contrast": 0, "estimator": 0,
            "formula x ensemble": 0, "formula x contrast": 0, "formula x estimator": 0,
            "ensemble x contrast": 0, "ensemble x estimator": 0, "contrast x estimator": 0,
        },
        "calibration error": {
            "formula": -1, "ensemble": -1, "contrast": 0, "estimator": 1,
            "formula x ensemble": 0, "formula x contrast": 0, "formula x estimator": 1,
            "ensemble x contrast": 0, "ensemble x estimator": 0, "contrast x estimator": 0,
        },
    }
)  # fmt: skip
"""The sign of each effect as it was expected before the experiment was run; 0: smaller than .02."""
SMALL = 0.02
_GRID = np.array([0.0, 0.5, 1.0])
_GROUP, _RATE, _QUESTIONS, _ANSWERS = 3, 0.5, 4, 3
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

    The best answer has another number in each question. Each of the first two judges overrates
    one wrong answer to half of the questions, the third none.

    Args:
        overrating: added to the probability of acceptance of that answer.

    Example:
        >>> truth, heads = judged_by(0.5)
        >>> bool((heads.min(axis=0) == truth).all())
        True
    """
    truth = np.empty((_QUESTIONS, _ANSWERS))
    heads = np.empty((3, _QUESTIONS, _ANSWERS))
    for x in range(_QUESTIONS):
        best = x % _ANSWERS
        truth[x] = 0.3
        truth[x, best], truth[x, (best + 1) % _ANSWERS] = 0.7, 0.4
        heads[:, x] = truth[x]
        heads[x % 2, x, (best + 1) % _ANSWERS] += overrating
    return truth, heads


def _start() -> StatedPolicy:
    levels = np.tile([0.1, 0.3, 0.6], (1, _QUESTIONS, _ANSWERS, 1))
    return StatedPolicy(np.full((1, _QUESTIONS, _ANSWERS), 1 / _ANSWERS), levels, _GRID)


def _signal(formula: int, contrast: int, paid: FloatArray) -> Signal:
    pays = reward_signal(rlcr, _GRID) if formula else verdict_signal
    if not contrast:
        return pays
    table = rlcr.table(_GRID) if formula else np.repeat([[0.0], [1.0]], _GRID.size, axis=1)
    expected = paid[..., None] * table[1] + (1 - paid[..., None]) * table[0]
    offline = (_start().joint[0] * expected).sum(axis=(-1, -2))  # of the policy before training

    def contrasted(groups: Groups) -> FloatArray:
        return np.asarray(pays(groups) - offline[:, None])

    return contrasted


def _paid(ensemble: int, overrating: float) -> FloatArray:
    heads = judged_by(overrating)[1]
    return np.asarray(heads.min(axis=0) if ensemble else heads[0])


def _outcomes(trained: Trained, truth: FloatArray) -> dict[str, FloatArray]:
    end = trained.end
    return {"accuracy": end.accuracy(truth), "calibration error": end.calibration_error(truth)}


@lru_cache(maxsize=64)
def _exact(
    cell: tuple[int, ...], overrating: float, steps: int, rate: float
) -> Mapping[str, float]:
    """The outcomes of a combination along the mean field.

    An offline baseline is a constant for each question, which every estimator of a group subtracts
    again, so that the combinations with and without it are the same.
    """
    formula, ensemble, _, estimator = cell
    paid = _paid(ensemble, overrating)
    trained = enumerated_mean_field(
        _start(), paid, _signal(formula, 0, paid), group_size=_GROUP, learning_rate=rate,
        steps=steps, checkpoints=2, estimator="group_std" if estimator else "group_mean",
    )  # fmt: skip
    found = _outcomes(trained, judged_by(overrating)[0])
    return {name: float(values[0]) for name, values in found.items()}


def _run(conditions: Conditions, cell: tuple[int, ...], overrating: float) -> dict[str, FloatArray]:
    formula, ensemble, contrast, estimator = cell
    paid = _paid(ensemble, overrating)
    trained = train(
        _start(), paid, _signal(formula, contrast, paid), runs=conditions.runs(150, 600),
        group_size=_GROUP, learning_rate=conditions.rate(_RATE), steps=conditions.steps(120, 240),
        checkpoints=2, estimator="group_std" if estimator else "group_mean", seed=conditions.seed,
    )  # fmt: skip
    return _outcomes(trained, judged_by(overrating)[0])


def _sign(effect: float) -> int:
    """The sign of an effect, 0 if it is smaller than `SMALL`."""
    return 0 if abs(effect) < SMALL else int(np.sign(effect))


def _row(outcome: str, name: str, finding: Finding, *, judged: bool) -> tuple[str, ...]:
    """An effect with its interval, and its verdict where a judge errs."""
    mean, error, limit = finding.measured, finding.standard_error, finding.exact
    ends = (signed(mean - 1.96 * error), signed(mean + 1.96 * error))
    interval = "-" if isnan(error) else f"[{', '.join(ends)}]"
    row = (outcome, name, signed(mean), interval, signed(limit))
    if not judged:
        return row
    expected, found = PREDICTED[outcome][name], _sign(limit)
    return *row, "0+-"[expected], "as predicted" if found == expected else "NOT as predicted"


def _alone(limits: list[Mapping[str, float]], formula: int, ensemble: int) -> dict[str, float]:
    """The exact outcomes with the Brier score and the ensemble or without, no other fix."""
    return dict(limits[_CELLS.index((formula, ensemble, 0, 0))])


def _verdicts(rows: list[tuple[str, ...]], overrating: float) -> str:
    """How many predictions are right, and by which rule; none is made where no judge errs."""
    rule = (
        f"An effect counts as 0 if its exact value is smaller than {SMALL:g} in size, and otherwise"
        " has the sign of its exact value"
    )
    if not overrating:
        return "No judge errs here, and the predictions, made for judges that do, are not tested."
    right = sum(row[-1] == "as predicted" for row in rows)
    return f"{right} of {len(rows)} signs are as predicted. {rule}."


def _boundary(limits: list[Mapping[str, float]], overrating: float) -> str:
    """What each of two fixes does alone and with the other, where no other fix is made."""
    none, brier, judges, both = (_alone(limits, *cell) for cell in ((0, 0), (1, 0), (0, 1), (1, 1)))
    name = "calibration error"
    alone, beside = brier[name] - none[name], both[name] - judges[name]
    erring = (
        ", to whose errors it calibrates the confidence"
        if overrating and alone > beside + SMALL
        else ""
    )
    gain = judges["accuracy"] - none["accuracy"]
    mends = ("does not change", "raises", "lowers")[_sign(gain)]
    better = both[name] < min(brier[name], judges[name]) - SMALL
    enough = "neither does as much alone" if better else "one of them alone does as much"
    return (
        f"With the mean of the group as baseline the Brier score changes the calibration error by"
        f" {signed(alone)} with a single judge{erring}, and by {signed(beside)} with the ensemble."
        f" The ensemble {mends} the accuracy under a binary reward ({signed(gain)}). The"
        f" calibration error is {none[name]:.3f} with neither, {brier[name]:.3f} with the Brier"
        f" score, {judges[name]:.3f} with the ensemble and {both[name]:.3f} with both: {enough}. An"
        " offline baseline changes nothing where an estimator subtracts the mean of the group."
    )


def _show(conditions: Conditions) -> SystemOutcome:
    overrating = 0.0 if conditions.without else conditions["overrating"]
    rate, steps = conditions.rate(_RATE), conditions.steps(120, 240)
    runs = [_run(conditions, cell, overrating) for cell in _CELLS]
    limits = [_exact((*cell[:2], 0, cell[3]), overrating, steps, rate) for cell in _CELLS]
    rows: list[tuple[str, ...]] = []
    findings: list[Finding] = []
    effects: dict[str, list[float]] = {}
    for outcome in ("calibration error", "accuracy"):
        measured = np.stack([run[outcome] for run in runs])
        exact = np.array([limit[outcome] for limit in limits])
        for name, signs in factorial_signs().items():
            limit = float(effect_of(exact, signs))
            effects.setdefault(outcome, []).append(limit)
            label = f"main effect of the {name} on {outcome}"
            found = Finding(label, *mean_and_error(effect_of(measured, signs)), limit, 0.03 * rate)
            rows.append(_row(outcome, name, found, judged=overrating > 0))
            if name in FACTORS[:2]:
                findings.append(found)
    order = sorted(findings, key=lambda finding: "ensemble on accuracy" not in finding.label)
    verdict = ("predicted", "result") if overrating else ()
    return SystemOutcome(
        name="combinations",
        without=conditions.without,
        findings=tuple(order),
        boundary=f"{_verdicts(rows, overrating)} {_boundary(limits, overrating)}",
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
        runs=conditions.runs(150, 600),
    )


COMBINATIONS = System(
    name="combinations",
    story=(
        "Four fixes in all 16 combinations: the Brier score in the reward (formula), the smallest"
        " acceptance of three judges (ensemble), an offline baseline (contrast), and division by"
        " the standard deviation of the group (estimator). Two of the judges overrate a wrong"
        " answer to half of the questions each."
    ),
    switch="no judge overrates an answer",
    source=(
        "Fisher 1935, The Design of Experiments (factorial designs); Damani et al. 2025, arXiv"
        " 2507.16806 (formula); Yan et al. 2024, arXiv 2409.15360 (ensemble); Shen et al. 2024,"
        " arXiv 2403.07708 (contrast); Bereket, Leskovec 2025, arXiv 2508.11800 (estimator)"
    ),
    verdict=(
        "Each paper studies its own fix; that no single fix addresses all of the faults is what the"
        " table shows, with the interactions."
    ),
    show=_show,
    knobs=(Knob("overrating", 0.5, 0.0, 0.6, "how much a judge overrates a wrong answer"),),
)
