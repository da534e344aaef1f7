"""A judge that reasons: fewer errors for a longer judgement, at the cost of training steps.

After k steps of reasoning a judge accepts a wrong answer with probability a(k) = a r^k and rejects
a right one with probability b(k) = b r^k, so J(k) = 1 - (a + b) r^k. A rollout costs 1, a step of
judging costs kappa, so that a budget buys training steps in proportion to 1 / (1 + kappa k). The
mean path of accuracy is slowed by the factor J (Rad et al. 2026), so at equal budget accuracy is a
rising function of

    J(k) / (1 + kappa k).

One more step pays as long as J(k + 1) / J(k) > (1 + kappa (k + 1)) / (1 + kappa k). The first one
pays if kappa < J(1) / J(0) - 1: bad judges should reason, good ones should not. Where a + b > 1 a
hasty judge unlearns, and reasoning decides the fate.

Confidence goes to a(k) + J(k) p, with the bias a(k) - (a(k) + b(k)) p. No budget removes that bias,
only reasoning does: with a large budget calibration asks for as many steps as can be had, accuracy
for the best k alone.

    >>> judge = Judge(a=0.35, b=0.25, keep=0.6, cost=0.2)
    >>> [round(judge.speed(k), 3) for k in range(5)]
    [0.4, 0.533, 0.56, 0.544, 0.512]
    >>> judge.best_steps(), round(judge.first_step_worth(), 3)
    (2, 0.6)
    >>> [round(judge.bias(k, 0.8), 3) for k in (0, 2, 8)]
    [-0.13, -0.047, -0.002]
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, verdict_signal
from simulations.signals.training import Trained, mean_field, train
from simulations.worlds import accepted_probability, informedness

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_LEVELS, _RATE, _GROUP = 11, 0.5, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_SCORE = 4.0
"""The weight of the Brier score; with separate credit accuracy does not depend on it."""
_LONGEST = 60
"""Judgements of more steps are not considered."""
_SHOWN = 8


@dataclass(frozen=True)
class Judge:
    """A judge whose errors fall with the steps that it reasons.

    Attributes:
        a: P(accepted | wrong) without reasoning.
        b: P(rejected | right) without reasoning.
        keep: r, the part of its errors that one more step leaves.
        cost: kappa, the cost of a step in units of a rollout.
    """

    a: float
    b: float
    keep: float
    cost: float

    def errors(self, k: int) -> tuple[float, float]:
        """a(k) and b(k)."""
        return self.a * self.keep**k, self.b * self.keep**k

    def j(self, k: int) -> float:
        """J(k) = 1 - a(k) - b(k)."""
        return informedness(*self.errors(k))

    def accepted(self, k: int, p: FloatArray) -> FloatArray:
        """P(accepted) for a success probability."""
        return accepted_probability(p, *self.errors(k))

    def bias(self, k: int, p: float) -> float:
        """Best confidence minus success probability, a(k) - (a(k) + b(k)) p."""
        a, b = self.errors(k)
        return a - (a + b) * p

    def price(self, k: int) -> float:
        """The cost of a rollout and its judgement, 1 + kappa k."""
        return 1 + self.cost * k

    def speed(self, k: int) -> float:
        """Progress of accuracy for a unit of the budget, J(k) / (1 + kappa k)."""
        return self.j(k) / self.price(k)

    def best_steps(self) -> int:
        """The number of steps with the most progress of accuracy."""
        return max(range(_LONGEST + 1), key=self.speed)

    def first_step_worth(self) -> float:
        """The largest cost at which a first step pays, J(1) / J(0) - 1; infinite if J(0) <= 0."""
        return self.j(1) / self.j(0) - 1 if self.j(0) > 0 else inf


def _start() -> StatedPolicy:
    return StatedPolicy(np.full((1, 1, 2), 0.5), np.full((1, 1, 2, _LEVELS), 1 / _LEVELS), _GRID)


def _brier_signal(groups: Groups) -> FloatArray:
    return np.asarray(-_SCORE * (_GRID[groups.levels] - groups.correct) ** 2)


def _along_the_mean(accepted: FloatArray, steps: int, rate: float) -> Trained:
    p = accepted[..., None]
    scored = -_SCORE * (p * (1 - _GRID) ** 2 + (1 - p) * _GRID**2)[None]
    return mean_field(
        _start(),
        lambda _: np.broadcast_to(p[None], scored.shape),
        learning_rate=rate,
        steps=steps,
        shrink=1 - 1 / _GROUP,
        confidence_expected=lambda _: scored,
    )


def _bought(judge: Judge, k: int, budget: float) -> int:
    """The number of training steps that a budget buys, at least 1."""
    return max(1, round(budget / judge.price(k)))


def _gap(policy: StatedPolicy, truth: FloatArray) -> FloatArray:
    return policy.mean_confidence() - policy.accuracy(truth)


def _show(conditions: Conditions) -> SystemOutcome:
    judge = Judge(*(conditions[name] for name in ("a", "b", "keep", "cost")))
    k = 0 if conditions.without else int(conditions["k"])
    rate, truth = conditions.rate(_RATE), np.array([[conditions["high"], conditions["low"]]])
    budget = conditions["budget"] / conditions.pace
    steps = _bought(judge, k, budget)
    accepted = judge.accepted(k, truth)
    trained = train(
        _start(),
        accepted,
        verdict_signal,
        runs=conditions.runs(600, 2000),
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        confidence_signal=_brier_signal,
        seed=conditions.seed,
    )
    limit = _along_the_mean(accepted, steps, rate)
    before, end, exact = limit.policies[0], trained.end, limit.end
    measured = (
        (
            "mean confidence minus true accuracy",
            _gap(end, truth),
            _gap(exact, truth),
            0.06,
        ),
        (
            f"change of true accuracy for the budget, {k} steps of judging",
            end.accuracy(truth) - before.accuracy(truth),
            exact.accuracy(truth) - before.accuracy(truth),
            0.03,
        ),
        ("true Brier score", end.brier(truth), exact.brier(truth), 0.02),
    )
    findings = tuple(
        Finding(label, *mean_and_error(values), float(value[0]), bias * rate)
        for label, values, value, bias in measured
    )
    ends = [
        _along_the_mean(judge.accepted(n, truth), _bought(judge, n, budget), rate).end
        for n in range(_SHOWN + 1)
    ]
    return SystemOutcome(
        name="reasoning-judge",
        without=conditions.without,
        findings=findings,
        boundary=_boundary(judge, ends, truth),
        head=(
            "steps k",
            "a(k)",
            "J(k)",
            "training steps",
            "J(k)/(1 + cost k)",
            "true accuracy",
            "confidence minus accuracy",
            "its limit",
            "true Brier score",
        ),
        rows=() if conditions.without else _rows(judge, ends, truth, budget),
        panels=(
            _training_panel(trained, limit, truth, judge.price(k) * conditions.pace),
            _steps_panel(ends, truth),
        ),
        runs=len(end.answer),
    )


def _boundary(judge: Judge, ends: list[StatedPolicy], truth: FloatArray) -> str:
    worth, best = judge.first_step_worth(), judge.best_steps()
    first = (
        "at no cost, since it leaves all errors"
        if judge.j(1) <= judge.j(0)
        else f"if a step costs less than {worth:.3f} rollouts"
        if worth < inf
        else "at any cost"
    )
    calibrated = int(np.argmin([abs(_gap(end, truth)[0]) for end in ends]))
    learned = f"{best} of up to {_LONGEST} steps of judging are best for accuracy"
    if truth.max() == truth.min():
        learned = "accuracy is the same with every number of steps, since both answers are alike"
    elif judge.speed(best) <= 0:
        learned = f"accuracy is raised by no number of steps up to {_LONGEST}"
    return (
        f"A first step of judging pays {first} (here it costs {judge.cost:g}); {learned}, and"
        f" {calibrated} of up to {_SHOWN} bring confidence the closest to accuracy at this budget."
    )


def _rows(
    judge: Judge, ends: list[StatedPolicy], truth: FloatArray, budget: float
) -> tuple[tuple[str, ...], ...]:
    rows = []
    for k, end in enumerate(ends):
        before = as_cells([judge.errors(k)[0], judge.j(k)])
        p = float(end.accuracy(truth)[0])
        after = (judge.speed(k), p, _gap(end, truth)[0], judge.bias(k, truth[0].max()))
        brier = float(end.brier(truth)[0])
        rows.append((str(k), *before, str(_bought(judge, k, budget)), *as_cells([*after, brier])))
    return tuple(rows)


def _training_panel(trained: Trained, limit: Trained, truth: FloatArray, price: float) -> Panel:
    def of(one: Trained, measure: str) -> FloatArray:
        if measure == "accuracy":
            return np.array([policy.accuracy(truth).mean() for policy in one.policies])
        return np.array([_gap(policy, truth).mean() for policy in one.policies])

    curves = {
        "accuracy, mean of runs": of(trained, "accuracy"),
        "accuracy, exact": of(limit, "accuracy"),
        "confidence minus accuracy, mean of runs": of(trained, "gap"),
        "confidence minus accuracy, exact": of(limit, "gap"),
    }
    spent = np.asarray(trained.steps * price, dtype=np.float64)
    return Panel("One budget", "Cost spent (rollouts)", "Probability", spent, curves)


def _steps_panel(ends: list[StatedPolicy], truth: FloatArray) -> Panel:
    k = np.arange(len(ends), dtype=np.float64)
    curves = {
        "true accuracy": np.array([end.accuracy(truth)[0] for end in ends]),
        "distance of confidence from accuracy": np.array([abs(_gap(e, truth)[0]) for e in ends]),
        "true Brier score": np.array([end.brier(truth)[0] for end in ends]),
    }
    return Panel("At the end of the budget", "Steps of judging", "Exact value", k, curves)


REASONING_JUDGE = System(
    name="reasoning-judge",
    story=(
        "A judge that reasons for k steps errs less, and costs more, so that the same budget buys"
        " fewer training steps. Accuracy follows J(k)/(1 + cost k), which has a best k; the bias of"
        " confidence follows the errors of the judge alone, and falls with every step."
    ),
    switch="the judge does not reason (k = 0), at the same budget",
    source=(
        "Guo et al. 2025 (Reward Reasoning Models), arXiv 2505.14674; Rad et al. 2026, arXiv"
        " 2601.04411 (the factor J)"
    ),
    verdict=(
        "Agrees that reasoning before the reward makes it more accurate; that it pays for training"
        " is true only below a cost, since the paper does not compare at equal training budget, and"
        " not at all for a judge that is already good. Confidence is not in the paper."
    ),
    show=_show,
    knobs=(
        Knob("k", 2, 0, _LONGEST, "steps of judging", whole=True),
        Knob("cost", 0.2, 0.0, 10.0, "the cost of a step of judging, in rollouts"),
        Knob("a", 0.5, 0.0, 1.0, "P(accepted | wrong) without reasoning"),
        Knob("b", 0.1, 0.0, 1.0, "P(rejected | right) without reasoning"),
        Knob("keep", 0.6, 0.0, 1.0, "the part of the errors that one more step leaves"),
        Knob("budget", 80, 10, 1000, "the budget, in training steps without reasoning"),
        Knob("high", 0.5, 0.0, 1.0, "the success probability of the better answer"),
        Knob("low", 0.1, 0.0, 1.0, "the success probability of the other answer"),
    ),
)
