"""Combinations: no single fix, as a factorial experiment over four of them.

Four fixes are switched on and off in all 16 combinations: a proper score in the reward (formula),
the worst case of several judges (ensemble), an offline baseline (contrast), and division by the
standard deviation of the group (estimator). Judges overrate a wrong answer to some questions. The
main effect of a fix is the mean outcome with it minus that without it; the interaction of two is
half the difference between the effects of one with and without the other (Fisher 1935):

    effect = mean over the 16 combinations of the outcome times the signs of the factors, times 2

The signs that are expected were written down before the experiment was run (`PREDICTED`).

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
            mean, error = mean_and_error(effect_of(measured, signs))
            limit = float(effect_of(exact, signs))
            effects.setdefault(outcome, []).append(limit)
            expected = PREDICTED[outcome][name]
            found = 0 if abs(limit) < SMALL else int(np.sign(limit))
            low, high = mean - 1.96 * error, mean + 1.96 * error
            rows.append(
                (
                    outcome, name, f"{mean:+z.3f}", f"[{low:+z.3f}, {high:+z.3f}]",
                    f"{limit:+z.3f}", "0+-"[expected],
                    "as predicted" if found == expected else "NOT as predicted",
                )
            )  # fmt: skip
            if name in FACTORS[:2]:
                label = f"main effect of the {name} on {outcome}"
                findings.append(Finding(label, mean, error, limit, 0.03 * rate))
    order = sorted(findings, key=lambda finding: "ensemble on accuracy" not in finding.label)
    missed = sum(row[-1] != "as predicted" for row in rows)
    at = list(factorial_signs()).index
    main, together = (
        effects["calibration error"][at(name)] for name in ("formula", "formula x ensemble")
    )
    return SystemOutcome(
        name="combinations",
        without=conditions.without,
        findings=tuple(order),
        boundary=(
            f"{len(rows) - missed} of {len(rows)} signs are as predicted. The Brier score changes"
            f" the calibration error by {main - together:+z.3f} with a single judge, to whose"
            f" errors it calibrates the confidence, and by {main + together:+z.3f} with the"
            " ensemble. The ensemble repairs the judge and not the confidence of a binary reward;"
            " an offline baseline changes nothing where an estimator subtracts the mean of the"
            " group. No single fix does it."
        ),
        head=("outcome", "effect", "measured", "95 % interval", "exact", "predicted", "result"),
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
