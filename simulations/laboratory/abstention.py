"""Abstention: "I do not know" is an answer that earns A; what training then answers.

A policy that is trained on R(q, c) and may give no answer, which earns A, abstains where

    V(p) < A,    V(p) = max_q p R(q, 1) + (1 - p) R(q, 0)

For a reward c - (1 - c) t / (1 - t) (a confidence target) and A = 0 that is p < t; t = 1/2 is
2c - 1, the reward of TruthRL. For RLCR, V(p) = p^2 and A = t^2 has the same threshold. If A is at
least max(V(0), V(1)), abstaining always earns as much as an answer (a loophole). Under the binary
reward with A = 0 a guess never earns less than silence, so that every question is answered:

    hallucination = P(answered and wrong),    coverage = P(answered)

A policy that states honest confidence needs no such payoff: the user abstains below a threshold of
his own, and one training serves all thresholds.

    >>> from scoring_theory.catalogue import confidence_target, rlcr, truthrl
    >>> [round(end, 3) for end in silent_region(truthrl, 0.0)]
    [0.0, 0.5]
    >>> [round(end, 3) for end in silent_region(rlcr, 0.25)]
    [0.0, 0.5]
    >>> [round(end, 3) for end in silent_region(confidence_target(t="3/4"), 0.0)]
    [0.0, 0.75]
    >>> silent_region(rlcr, 1.0)  # a loophole
    (0.0, 1.0)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import binary, confidence_target, rlcr, truthrl
from simulations.laboratory.rewarded import COMPARED, Lesson
from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
    seedless,
)
from simulations.policies import StatedPolicy
from simulations.signals.training import Trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray

_GRID = np.arange(1, 10) / 10
_BOASTFUL = np.array([1, 1, 1, 1, 1, 2, 3, 5, 5]) / 20
"""How often each level is stated before training, whatever the answer."""
_SHARES = np.array([0.4, 0.2, 0.2, 0.2])
"""Of the best answer, a second one, one that is never correct, and "I do not know"."""
_RATE = 0.2
_SETTLED, _SETTLING_RATE = 2000, 2.0
"""Steps and rate of a long training along its mean field."""
_ROUNDING = 1e-9
_HARD = 2
"""The row of the hard question."""


@dataclass(frozen=True)
class Answered:
    """What a policy answers, for each run, (R,) or (R, Q).

    Attributes:
        coverage: the share of questions that it answers.
        hallucination: the share that it answers wrongly.
    """

    coverage: FloatArray
    hallucination: FloatArray

    @property
    def selective_accuracy(self) -> FloatArray:
        """The accuracy among answered questions; NaN where hardly anything is answered."""
        known = self.coverage > _ROUNDING
        ratio = self.hallucination / np.where(known, self.coverage, 1.0)
        return np.where(known, 1 - ratio, nan)

    def mean(self) -> Answered:
        """The mean over questions."""
        return Answered(self.coverage.mean(axis=-1), self.hallucination.mean(axis=-1))


def answered(
    policy: StatedPolicy, truth: FloatArray, silent: NDArray[np.bool_], *, threshold: float = 0.0
) -> Answered:
    """Coverage and hallucination of each question, exactly, by enumeration, (R, Q).

    Args:
        policy: the policy.
        truth: P(correct) of each answer, (Q, K).
        silent: which answers mean "I do not know", (Q, K).
        threshold: the user abstains too where the stated confidence is below it.

    Example:
        >>> policy = StatedPolicy(np.array([[[0.6, 0.4]]]), np.ones((1, 1, 2, 1)), np.array([0.5]))
        >>> found = answered(policy, np.array([[0.75, 0.0]]), np.array([[False, True]]))
        >>> found.coverage.tolist(), found.hallucination.round(3).tolist()
        ([[0.6]], [[0.15]])
    """
    spoken = (policy.joint * (policy.grid >= threshold - _ROUNDING)).sum(axis=-1) * ~silent
    return Answered(spoken.sum(axis=-1), (spoken * (1 - truth)).sum(axis=-1))


def silent_region(reward: Reward, payoff: float) -> tuple[float, float]:
    """The success probabilities for which abstaining earns more than an answer, V(p) < A.

    V is convex, so they form an interval; it is (nan, nan) if there are none.

    Args:
        reward: a proper reward.
        payoff: A, what abstaining earns.

    Example:
        >>> from scoring_theory.catalogue import binary
        >>> silent_region(binary, 0.0)
        (nan, nan)
        >>> [round(end, 4) for end in silent_region(COMPARED["c + log"], -0.1)]
        [0.0281, 0.5802]
    """
    points = np.linspace(0, 1, 257)
    inside = np.flatnonzero(reward.value(points) < payoff - _ROUNDING)
    if not inside.size:
        return nan, nan
    first, last = int(inside[0]), int(inside[-1])
    low = 0.0 if first == 0 else _crossing(reward, payoff, points[first], points[first - 1])
    high = 1.0 if last == 256 else _crossing(reward, payoff, points[last], points[last + 1])
    if payoff >= max(reward.value([0.0, 1.0])):
        return 0.0, 1.0
    return low, high


def _crossing(reward: Reward, payoff: float, inside: float, outside: float) -> float:
    for _ in range(40):
        middle = (inside + outside) / 2
        if float(reward.value(middle)) < payoff:
            inside = middle
        else:
            outside = middle
    return float(outside)


def _world(conditions: Conditions) -> tuple[StatedPolicy, FloatArray, NDArray[np.bool_]]:
    """Start, truth, and which answers are silent, for three questions, in another order each."""
    best = np.array([conditions[name] for name in ("easy", "middle", "hard")])
    truth = np.stack([best, (1 - best) / 2, 0 * best, 0 * best], axis=-1)
    share = np.tile(_SHARES, (len(best), 1))
    silent = np.zeros(truth.shape, dtype=bool)
    silent[:, -1] = True
    for question in range(len(best)):
        for part in (truth, share, silent):
            part[question] = np.roll(part[question], question)
    start = StatedPolicy(share[None], np.tile(_BOASTFUL, (1, *truth.shape, 1)), _GRID)
    return start, truth, silent


def _lesson(conditions: Conditions, payoff: float) -> Lesson:
    start, truth, silent = _world(conditions)
    return Lesson(
        start,
        truth,
        conditions.rate(_RATE),
        conditions.steps(400, 1000),
        fixed=np.where(silent, payoff, nan),
    )


def _target(conditions: Conditions) -> Reward:
    t = Fraction(conditions["target"]).limit_denominator(1000)
    family: Callable[..., Reward] = confidence_target
    return family(t=t)


def _payoffs(conditions: Conditions) -> tuple[Reward, float]:
    """The reward of the runs, and what abstaining earns with and without the mechanism."""
    reward = _target(conditions)
    wrong = float(reward.payoff(0.5, 0))
    return reward, wrong if conditions.without else conditions["payoff"]


def _findings(conditions: Conditions, trained: Trained, limit: Trained) -> tuple[Finding, ...]:
    _, truth, silent = _world(conditions)
    before, after, mean = (
        answered(policy, truth, silent) for policy in (limit.policies[0], trained.end, limit.end)
    )
    bias = 0.1 * conditions.rate(_RATE)

    def change(of: Answered) -> FloatArray:
        return np.asarray(of.hallucination[:, _HARD] - before.hallucination[:, _HARD])

    measured = (
        ("change of hallucination on the hard question", change(after), change(mean)),
        ("coverage after training", after.mean().coverage, mean.mean().coverage),
        (
            "selective accuracy after training",
            after.mean().selective_accuracy,
            mean.mean().selective_accuracy,
        ),
    )
    return tuple(
        Finding(label, *mean_and_error(values), float(exact[0]), bias)
        for label, values, exact in measured
    )


@seedless
def _rows(conditions: Conditions) -> list[tuple[str, ...]]:
    t = conditions["target"]
    log = COMPARED["c + log"]
    settings = (
        ("binary", binary, 0.0),
        ("TruthRL", truthrl, 0.0),
        ("TruthRL", truthrl, 0.5),
        ("TruthRL", truthrl, 1.0),
        (f"target t = {t:g}", _target(conditions), conditions["payoff"]),
        ("target t = 0.75", confidence_target(t=Fraction(3, 4)), 0.0),
        ("RLCR", rlcr, 0.0),
        ("RLCR", rlcr, t**2),
        ("RLCR", rlcr, 1.0),
        ("c + log", log, -0.1),
    )
    start, truth, silent = _world(conditions)
    best, honest = truth.max(axis=-1), start
    rows = [_row("before training", "", (nan, nan), answered(start, truth, silent), best)]
    for name, reward, payoff in settings:
        region = silent_region(reward, payoff)
        end = _settled(conditions, reward, payoff)
        rows.append(_row(name, f"{payoff:g}", region, answered(end, truth, silent), best))
        if (name, payoff) == ("RLCR", 0.0):
            honest = end
    for threshold in (t, 0.75):
        found = answered(honest, truth, silent, threshold=threshold)
        rows.append(
            _row(f"RLCR, user answers from q = {threshold:g}", "0", (0.0, threshold), found, best)
        )
    return rows


def _settled(conditions: Conditions, reward: Reward, payoff: float) -> StatedPolicy:
    lesson = replace(_lesson(conditions, payoff), learning_rate=_SETTLING_RATE, steps=_SETTLED)
    return lesson.mean_field(reward).end


def _row(
    name: str, payoff: str, region: tuple[float, float], found: Answered, best: FloatArray
) -> tuple[str, ...]:
    """One row; the optimal policy answers the questions whose best answer is outside the region."""
    optimal = float(((best < region[0]) | (best >= region[1]) | isnan(region[0])).mean())
    silent = "none" if isnan(region[0]) else f"{region[0]:.3f} to {region[1]:.3f}"
    whole = found.mean()
    numbers = [float(whole.coverage[0]), float(whole.hallucination[0])]
    accuracy = float(whole.selective_accuracy[0])
    shown = "" if isnan(accuracy) or numbers[0] < 0.005 else f"{accuracy:.3f}"
    due = f"{optimal:.3f}" if payoff else ""  # before training nothing is due
    return (name, payoff, silent, due, *as_cells(numbers), shown)


@seedless
def _silent(conditions: Conditions) -> tuple[float, float]:
    return silent_region(*_payoffs(conditions))


@seedless
def _ends(conditions: Conditions) -> tuple[FloatArray, list[Answered]]:
    """What abstaining earns, and what is answered after a long training with it."""
    _, truth, silent = _world(conditions)
    payoffs, reward = np.linspace(-0.2, 1.2, 15), _target(conditions)
    ends = (_settled(conditions, reward, float(payoff)) for payoff in payoffs)
    return payoffs, [answered(end, truth, silent).mean() for end in ends]


def _panels(conditions: Conditions, trained: Trained, limit: Trained) -> tuple[Panel, ...]:
    _, truth, silent = _world(conditions)

    def along(path: tuple[StatedPolicy, ...]) -> dict[str, FloatArray]:
        found = [answered(policy, truth, silent) for policy in path]
        return {
            "all questions": np.array([one.mean().hallucination.mean() for one in found]),
            "hard question": np.array([one.hallucination[:, _HARD].mean() for one in found]),
        }

    runs, exact = along(trained.policies), along(limit.policies)
    payoffs, ends = _ends(replace(conditions, without=False))  # they do not depend on it
    return (
        Panel(
            "Hallucination",
            "Training step",
            "Share of questions",
            trained.steps.astype(np.float64),
            {f"{name}, mean of runs": path for name, path in runs.items()}
            | {f"{name}, exact": path for name, path in exact.items()},
        ),
        Panel(
            "After a long training",
            "What abstaining earns, A",
            "Share of questions",
            payoffs,
            {
                "answered": np.array([one.coverage[0] for one in ends]),
                "answered wrongly": np.array([one.hallucination[0] for one in ends]),
            },
        ),
    )


def _where(low: float, high: float) -> str:
    """For which success probabilities abstaining earns more."""
    if isnan(low):
        return "Abstaining earns more than an answer for no success probability"
    return f"Abstaining earns more for success probabilities from {low:.3f} to {high:.3f}, V(p) < A"


def _show(conditions: Conditions) -> SystemOutcome:
    reward, payoff = _payoffs(conditions)
    lesson, runs = _lesson(conditions, payoff), conditions.runs(200, 600)
    trained = lesson.runs(reward, runs=runs, seed=conditions.seed)
    limit = lesson.mean_field(reward)
    low, high = _silent(conditions)
    most = float(max(reward.value([0.0, 1.0])))
    return SystemOutcome(
        name="abstention",
        without=conditions.without,
        findings=_findings(conditions, trained, limit),
        boundary=(
            f"Abstaining earns {payoff:.3g}, as a wrong answer does, so that every question is"
            " answered in the end."
            if conditions.without
            else f"{_where(low, high)} (here A = {payoff:g}). From A = {most:g} on it always earns"
            " as much as an answer, and nothing is answered."
        ),
        head=(
            "trained with",
            "A",
            "abstains for p",
            "optimal coverage",
            "coverage",
            "hallucination",
            "selective accuracy",
        ),
        rows=tuple(_rows(replace(conditions, without=False))),
        panels=_panels(conditions, trained, limit),
        runs=runs,
    )


ABSTENTION = System(
    name="abstention",
    story=(
        "An answer that means `I do not know` earns A. Under the binary reward with A = 0 a guess"
        " is never worse than silence, and hallucination stays at one minus accuracy. TruthRL pays"
        " 1, 0 and -1 for correct, silent and wrong, and a confidence target t pays"
        " -t / (1 - t) for an error: the policy learns to be silent below 1/2, or below t. RLCR"
        " with A = t^2 has the same threshold; without any A it states confidence, and each user"
        " sets his own threshold."
    ),
    switch="abstaining earns what a wrong answer earns",
    source="Wei et al. 2025 (TruthRL), arXiv 2509.25760; Kalai et al. 2025 (confidence targets),"
    " arXiv 2509.04664; docs/theory.md, Theorem 42",
    verdict=(
        "Agrees that a ternary reward lowers hallucination; coverage falls with it, and A at or"
        " above max(V(0), V(1)) silences the policy. Training may be more silent than the optimum:"
        " with a reward of stated confidence, silence can win while confidence is not yet learned."
    ),
    show=_show,
    knobs=(
        Knob("target", 0.5, 0.1, 0.9, "the confidence target t of the reward; 1/2 is TruthRL"),
        Knob("payoff", 0.0, -1.0, 1.5, "what abstaining earns, A"),
        Knob("easy", 0.9, 0.5, 0.98, "the success probability of the easy question"),
        Knob("middle", 0.6, 0.35, 0.98, "the success probability of the middle question"),
        Knob("hard", 0.3, 0.05, 0.98, "the success probability of the hard question"),
    ),
)
