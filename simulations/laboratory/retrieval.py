"""Retrieval: look the answer up where confidence is low, and what training does to that trigger.

Retrieval corrects a share h of the wrong answers and costs k, so that it pays below a threshold:

    h (1 - p) > k,    that is    p < 1 - k / h

A user sees q, not p, and retrieves where q < 1 - k / h. If q = p nothing is lost. The probability
of an answer is honest here before training, pi(y | x) = p(y). The binary reward moves all
probability to the best answer of each question, whatever its p, so that pi(y | x) passes every
threshold below 1 and the trigger is silent; what is lost goes to

    E max(0, h (1 - p) - k)    over the best answers

A confidence that is stated, and trained by RLCR, keeps the trigger; by c + log it learns faster.
Training with RLCR makes pi(y | x) as silent as binary training does: what is read matters, not the
reward alone.

    >>> round(threshold_of(0.8, 0.2), 3)
    0.75
    >>> round(loss_without_trigger(np.array([0.9, 0.7, 0.4]), 0.8, 0.2), 4)
    0.1067
    >>> sure = StatedPolicy(np.array([[[1.0, 0.0]]]), np.ones((1, 1, 2, 1)), np.array([1.0]))
    >>> found = triggered(sure, np.array([[0.4, 0.6]]), repaired=0.8, cost=0.2)
    >>> found.retrieved.tolist(), found.lost.round(3).tolist()  # sure of itself, and wrong
    ([0.0], [0.28])
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from simulations.decisions import best_gate
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
    from simulations.training.kernels import FloatArray

Reading = Literal["stated", "answer probability"]
"""What is read as confidence."""

_GRID = np.arange(1, 10) / 10
_BOASTFUL = np.array([1, 1, 1, 1, 1, 2, 3, 5, 5]) / 20
"""How often each level is stated before training, whatever the answer."""
_OTHERS, _BLUNDER = 3, 0.04
"""Wrong answers that are right at times, and the share of one that never is."""
_RATE = 0.2
_STATED_BIAS, _OWN_BIAS = 0.15, 0.02
"""The bias of stated confidence and of answer probabilities, in units of the rate.

At steps x rate = 200, neighbouring levels that earn nearly the same have drifted to one of them, so
that the noise is no longer small and the bias is a concave function of the rate: 0.015 at the rate
0.2 and 0.009 at 0.1 for the share retrieved. A line with its slope at 0 bounds such a function at
every rate. Up to steps x rate = 40 the bias itself halves, by 0.5 in each of three findings.
"""
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Triggered:
    """What a trigger of retrieval does, for each run, (R,).

    Attributes:
        retrieved: the share of questions for which it retrieves.
        accuracy: the accuracy after retrieval.
        utility: accuracy minus the cost of retrieval.
        lost: how much more utility a trigger would have that sees p.
    """

    retrieved: FloatArray
    accuracy: FloatArray
    utility: FloatArray
    lost: FloatArray


def threshold_of(repaired: float, cost: float) -> float:
    """The success probability below which retrieval pays, 1 - k / h, or 0 if it never pays.

    Args:
        repaired: the share of wrong answers that retrieval corrects, h.
        cost: its cost, in correct answers, k.

    Example:
        >>> threshold_of(0.5, 0.25), threshold_of(0.5, 0.6)
        (0.5, 0.0)
    """
    return best_gate(repaired, wrong_cost=0.0, retrieval_cost=cost).high


def loss_without_trigger(success: FloatArray, repaired: float, cost: float) -> float:
    """What is lost by never retrieving, the mean over questions of max(0, h (1 - p) - k).

    Args:
        success: the success probability of the answer to each question.
        repaired: the share of wrong answers that retrieval corrects, h.
        cost: its cost, in correct answers, k.

    Example:
        >>> loss_without_trigger(np.array([0.5]), 0.5, 0.125)
        0.125
    """
    return float(np.maximum(repaired * (1 - success) - cost, 0).mean())


def triggered(
    policy: StatedPolicy,
    truth: FloatArray,
    *,
    repaired: float,
    cost: float,
    read: Reading = "answer probability",
    threshold: float | None = None,
    decimals: int = 15,
) -> Triggered:
    """Retrieval where confidence is below a threshold, exactly, by enumeration.

    Args:
        policy: the policy.
        truth: P(correct) of each answer, (Q, K).
        repaired: the share of wrong answers that retrieval corrects, h.
        cost: its cost, in correct answers, k.
        read: what is read as confidence.
        threshold: below it retrieval is triggered; by default the best one for honest confidence.
        decimals: those of an answer probability that are kept.

    Example:
        >>> honest = StatedPolicy(np.array([[[0.6, 0.4]]]), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> triggered(honest, np.array([[0.6, 0.4]]), repaired=0.8, cost=0.2).lost.tolist()
        [0.0]
    """
    limit = threshold_of(repaired, cost) if threshold is None else threshold
    if read == "stated":
        fires = (policy.confidence * (policy.grid < limit - _ROUNDING)).sum(axis=-1)
    else:
        fires = (policy.answer.round(decimals) < limit - _ROUNDING).astype(np.float64)
    gained = repaired * (1 - truth)

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray((policy.answer * values).sum(axis=-1).mean(axis=-1))

    retrieved, accuracy = mean(fires), mean(truth + fires * gained)
    utility = accuracy - cost * retrieved
    best = mean(truth + np.maximum(gained - cost, 0))
    return Triggered(retrieved, accuracy, utility, np.maximum(best - utility, 0))


def _best(conditions: Conditions) -> FloatArray:
    return np.array([conditions[name] for name in ("easy", "middle", "hard")])


def lesson_of(conditions: Conditions) -> Lesson:
    """Questions whose answers are given as often as they are right, in another order each.

    Args:
        conditions: how the system is run.
    """
    best = _best(conditions)
    truth = np.zeros((len(best), _OTHERS + 2))
    truth[:, 0] = best
    truth[:, 1:-1] = (1 - best[:, None] - _BLUNDER) / _OTHERS
    share = truth + _BLUNDER * (truth == 0)
    for question in range(len(best)):
        truth[question], share[question] = (
            np.roll(part[question], 2 * question) for part in (truth, share)
        )
    levels = np.tile(_BOASTFUL, (1, *truth.shape, 1))
    start = StatedPolicy(share[None], levels, _GRID)
    return Lesson(start, truth, conditions.rate(_RATE), conditions.steps(1000, 2000))


@seedless
def _rows(conditions: Conditions) -> list[tuple[str, ...]]:
    repaired, lesson, rows = conditions["help"], lesson_of(conditions), []
    ends = {name: lesson.mean_field(reward).end for name, reward in COMPARED.items()}
    own: Reading = "answer probability"
    settings: tuple[tuple[str, StatedPolicy, Reading, int], ...] = (
        ("before training, answer probability", lesson.start, own, 15),
        ("before training, stated", lesson.start, "stated", 15),
        ("binary, answer probability", ends["binary"], own, 15),
        ("binary, the same to one decimal", ends["binary"], own, 1),
        ("binary, stated", ends["binary"], "stated", 15),
        ("RLCR, answer probability", ends["RLCR"], own, 15),
        ("RLCR, stated", ends["RLCR"], "stated", 15),
        ("c + log, stated", ends["c + log"], "stated", 15),
    )
    for cost in (conditions["cost"] / 2, conditions["cost"], 2 * conditions["cost"]):
        for name, policy, read, decimals in settings:
            at = partial(
                triggered,
                policy,
                lesson.truth,
                repaired=repaired,
                cost=cost,
                read=read,
                decimals=decimals,
            )
            found = at()
            anew = min(float(at(threshold=t).lost[0]) for t in _thresholds(policy, read))
            alone = float(policy.accuracy(lesson.truth)[0])
            numbers = (found.retrieved, found.accuracy, found.utility, found.lost)
            cells = as_cells([alone, *(float(one[0]) for one in numbers), anew])
            limit = threshold_of(repaired, cost)
            rows.append((name, f"{cost:g}", f"{limit:.3f}" if limit else "never", *cells))
    return rows


def _thresholds(policy: StatedPolicy, read: Reading) -> list[float]:
    """Every threshold that makes a difference."""
    found = policy.grid if read == "stated" else policy.answer
    return [0.0, *(np.unique(found) + 1e-9), 1.0 + 1e-9]


def _fallen_silent(conditions: Conditions) -> str:
    """When the probability of the best answer of each question passes the threshold."""
    limit = threshold_of(conditions["help"], conditions["cost"])
    trained = lesson_of(conditions).mean_field(COMPARED["binary"])
    largest = np.array([policy.answer[0].max(axis=-1) for policy in trained.policies])
    texts = []
    for p, path in zip(_best(conditions), largest.T, strict=True):
        if p >= limit:
            continue
        over = np.flatnonzero(path >= limit)
        texts.append(
            f"p = {p:g} " + (f"by step {trained.steps[over[0]]}" if over.size else "later")
        )
    return ", ".join(texts) or "no question here"


def _show(conditions: Conditions) -> SystemOutcome:
    without, lesson = conditions.without, lesson_of(conditions)
    repaired, cost = conditions["help"], conditions["cost"]
    read: Reading = "stated" if without else "answer probability"
    reward = COMPARED["RLCR" if without else "binary"]
    runs = conditions.runs(150, 400)
    trained = lesson.runs(reward, runs=runs, seed=conditions.seed)
    limit = lesson.mean_field(reward)
    measured = triggered(trained.end, lesson.truth, repaired=repaired, cost=cost, read=read)
    exact = triggered(limit.end, lesson.truth, repaired=repaired, cost=cost, read=read)
    name = f"{'RLCR' if without else 'binary'}, {read}"
    findings = tuple(
        Finding(
            f"{what}, {name}",
            *mean_and_error(values),
            float(value[0]),
            (_STATED_BIAS if without else _OWN_BIAS) * conditions.rate(_RATE),
        )
        for what, values, value in (
            ("lost to a trigger that sees p", measured.lost, exact.lost),
            ("share retrieved", measured.retrieved, exact.retrieved),
            ("accuracy with retrieval", measured.accuracy, exact.accuracy),
        )
    )
    return SystemOutcome(
        name="retrieval",
        without=without,
        findings=findings,
        boundary=_boundary(conditions),
        head=(
            "trained with, confidence",
            "cost",
            "threshold",
            "alone",
            "retrieved",
            "accuracy",
            "accuracy - cost",
            "lost",
            "lost, threshold set anew",
        ),
        rows=tuple(_rows(conditions)),
        panels=_panels(conditions, lesson, trained.policies, read, limit),
        runs=runs,
    )


@seedless
def _boundary(conditions: Conditions) -> str:
    limit = threshold_of(conditions["help"], conditions["cost"])
    if not limit:
        return (
            f"Retrieval never pays: it costs {conditions['cost']:g} and corrects"
            f" {conditions['help']:g} of the wrong answers, so that nothing is lost without it."
        )
    if conditions.without:
        return (
            f"Retrieval pays below p = {limit:.3f}; a stated confidence that goes to p keeps the"
            " trigger at this threshold and at every other one."
        )
    lost = loss_without_trigger(_best(conditions), conditions["help"], conditions["cost"])
    return (
        f"Retrieval pays below p = {limit:.3f}; the trigger is silent once training has raised the"
        f" probability of the best answer above it ({_fallen_silent(conditions)}), and what"
        f" is lost goes to {lost:.3f}."
    )


def _panels(
    conditions: Conditions,
    lesson: Lesson,
    policies: tuple[StatedPolicy, ...],
    read: Reading,
    limit: Trained,
) -> tuple[Panel, ...]:
    repaired, cost = conditions["help"], conditions["cost"]

    def along(path: tuple[StatedPolicy, ...]) -> FloatArray:
        return np.array(
            [
                triggered(policy, lesson.truth, repaired=repaired, cost=cost, read=read).lost.mean()
                for policy in path
            ]
        )

    thresholds = np.linspace(0, 1, 51)
    return (
        Panel(
            "Lost to a trigger that sees p",
            "Training step",
            "Accuracy - cost",
            limit.steps.astype(np.float64),
            {"mean of runs": along(policies), "exact": along(limit.policies)},
        ),
        Panel(
            "Accuracy minus cost",
            "Threshold of the trigger",
            "Accuracy - cost",
            thresholds,
            {
                name: np.array(
                    [
                        triggered(
                            policy,
                            lesson.truth,
                            repaired=repaired,
                            cost=cost,
                            read=read,
                            threshold=float(t),
                        ).utility[0]
                        for t in thresholds
                    ]
                )
                for name, policy in (("before training", lesson.start), ("after", limit.end))
            },
        ),
    )


RETRIEVAL = System(
    name="retrieval",
    story=(
        "An answer is looked up where confidence is below a threshold. Confidence is read from the"
        " probability of the answer, which is honest before training (coupling). The binary reward"
        " makes every best answer nearly certain, so that nothing is looked up any more, most of"
        " all where it would help. The order of questions may survive: a threshold that is set anew"
        " near 1 still separates them, until probabilities are rounded."
    ),
    switch="confidence is stated by a head of its own and trained with RLCR",
    source="Guo et al. 2026 (LLMs should express uncertainty explicitly), arXiv 2604.05306; Damani"
    " et al. 2025 (RLCR), arXiv 2507.16806",
    verdict=(
        "Agrees that a calibrated stated confidence makes retrieval selective; that binary training"
        " silences a trigger on answer probability is a statement of this laboratory, and holds for"
        " a fixed threshold only."
    ),
    show=_show,
    knobs=(
        Knob("help", 0.8, 0.1, 0.99, "the share of wrong answers that retrieval corrects"),
        Knob("cost", 0.2, 0.01, 0.45, "the cost of retrieval, in correct answers"),
        Knob("easy", 0.9, 0.5, 0.95, "the success probability of the easy question"),
        Knob("middle", 0.7, 0.45, 0.95, "the success probability of the middle question"),
        Knob("hard", 0.4, 0.3, 0.95, "the success probability of the hard question"),
    ),
)
