"""Entropy collapses under a binary reward; holding it up does not restore calibration.

The policy pi gives answers y with success probabilities p_y, and its confidence in an answer is
the probability pi_y. Policy gradient on correctness moves the entropy H at the speed

    dH/dt = -Cov(log pi_y, pi_y (p_y - mean p)),   y drawn from pi

so H falls while probable answers are better than the mean. Its limit is the best answer for
certain: confidence 1 at an accuracy of max p. Along the way the reward is close to -a exp(H) + b.
With an entropy bonus alpha H the limit is

    pi_y ~ exp(p_y / alpha)

Its mean confidence, the sum of pi_y^2, equals its accuracy for one alpha of an easy question, and
for none of a hard one, whose p are so low that an even policy is overconfident. Accuracy is lost
too. A bonus moves confidence; it does not say what p is. A stated confidence that a proper score
pays needs no entropy.

    >>> hard, easy = hardest_and_easiest()
    >>> [round(balancing_bonus(p[None]), 3) for p in (hard, easy)]
    [inf, 0.168]
    >>> both = np.array([hard, easy])
    >>> alpha = balancing_bonus(both)
    >>> gap, error = gap_and_error(with_bonus(both, alpha), both)
    >>> abs(round(gap, 6)), error > 0.1
    (0.0, True)
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulations.laboratory.compared import along, compared
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
from simulations.policies import StatedPolicy, softmax
from simulations.signals.groups import Groups, Signal
from simulations.signals.training import Trained, enumerated_mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS, _GROUP, _RATE = 4, 4, 0.25
_TABLE_STEPS = 600
_TABLE_RATE = 1.0
_TINY = 1e-300
_BONUSES = np.geomspace(0.01, 100, 200)


class Control(NamedTuple):
    """What is done against the collapse of entropy.

    Attributes:
        bonus: alpha, the coefficient of the entropy.
        kl: the coefficient of the KL penalty against the policy before training.
        clip_cov: rollouts of a covariance above it have no gradient; infinite for all have.
        kl_cov: the KL penalty's coefficient on rollouts of a covariance above `above`.
        above: the covariance above which `kl_cov` applies.
    """

    bonus: float = 0.0
    kl: float = 0.0
    clip_cov: float = np.inf
    kl_cov: float = 0.0
    above: float = 0.0


def hardest_and_easiest() -> tuple[FloatArray, FloatArray]:
    """The success probabilities of a hard and an easy question's answers, (K,) each."""
    hard, easy = np.full(_ANSWERS, 0.1), np.full(_ANSWERS, 0.3)
    hard[0], easy[0] = 0.4, 0.9
    return hard, easy


def controlled(control: Control) -> Signal:
    """The advantages of correctness, with a control of entropy."""

    def signal(groups: Groups) -> FloatArray:
        now, before = groups.logs(groups.policy), groups.logs(groups.frozen)
        covariance = groups.covariances()
        paid = groups.correct - control.bonus * now - control.kl * (now - before)
        paid = paid - control.kl_cov * (covariance > control.above) * (now - before)
        advantages = paid - paid.mean(axis=-1, keepdims=True)
        return np.asarray(np.where(covariance > control.clip_cov, 0.0, advantages))

    return signal


def with_bonus(truth: FloatArray, bonus: float) -> FloatArray:
    """The policy that maximises correctness plus a bonus times the entropy, (Q, K)."""
    return softmax(truth / bonus)


def gap_and_error(answer: FloatArray, truth: FloatArray) -> tuple[float, float]:
    """Mean confidence minus accuracy, and the calibration error, (Q, K).

    Every answer of every question is a bin of its own: sum over y of pi_y |pi_y - p_y|.
    """
    off = answer * (answer - truth)
    return float(off.sum(axis=-1).mean()), float(np.abs(off).sum(axis=-1).mean())


def balancing_bonus(truth: FloatArray) -> float:
    """The least bonus at which mean confidence equals accuracy; infinite if there is none.

    It is bracketed on a grid from 0.01 to 100, then found by bisection.

    Args:
        truth: P(correct) of each answer, (Q, K).
    """
    below = [x for x in _BONUSES if gap_and_error(with_bonus(truth, x), truth)[0] <= 0]
    if not below:
        return inf
    low, high = _BONUSES[0], below[0]
    for _ in range(60):
        middle = float((low * high) ** 0.5)
        gap, _ = gap_and_error(with_bonus(truth, middle), truth)
        low, high = (middle, high) if gap > 0 else (low, middle)
    return float(high)


def _truth() -> FloatArray:
    return np.array(hardest_and_easiest())


def _start(best: float) -> StatedPolicy:
    """The policy before training: the best answer's share is set, the others are alike."""
    answer = np.full((1, 2, _ANSWERS), (1 - best) / (_ANSWERS - 1))
    answer[:, np.arange(2), _truth().argmax(axis=1)] = best
    return StatedPolicy(answer, np.ones((1, 2, _ANSWERS, 1)), np.array([1.0]))


def speed_of_entropy(answer: FloatArray, truth: FloatArray) -> FloatArray:
    """-Cov(log pi_y, pi_y (p_y - mean p)), the mean over questions, (R,)."""
    logs = np.log(np.maximum(answer, _TINY))
    push = answer * (truth - (answer * truth).sum(axis=-1, keepdims=True))
    mean_log, mean_push = ((answer * x).sum(axis=-1) for x in (logs, push))
    return np.asarray(-((answer * logs * push).sum(axis=-1) - mean_log * mean_push).mean(axis=-1))


class EntropyFit(NamedTuple):
    """The least-squares fit of R = -a exp(H) + b along a training.

    Attributes:
        a: the rate of exchange.
        b: the reward at exp(H) = 0; at H = 0 it is b - a.
        error: the root of the mean squared residual.
    """

    a: float
    b: float
    error: float


def fitted_curve(entropy: FloatArray, reward: FloatArray) -> EntropyFit:
    """EntropyFit R = -a exp(H) + b.

    Example:
        >>> h = np.array([0.0, 0.5, 1.0])
        >>> [round(x, 6) for x in fitted_curve(h, 0.9 - 0.2 * np.exp(h))]
        [0.2, 0.9, 0.0]
    """
    raised = np.exp(entropy)
    slope, level = np.polyfit(raised, reward, 1)
    left = reward - slope * raised - level
    return EntropyFit(-float(slope), float(level), float(np.sqrt((left**2).mean())))


@lru_cache(maxsize=32)
def _settled(control: Control, best: float) -> StatedPolicy:
    return enumerated_mean_field(
        _start(best),
        _truth(),
        controlled(control),
        group_size=_GROUP,
        learning_rate=_TABLE_RATE,
        steps=_TABLE_STEPS,
        checkpoints=2,
        estimator="none",
    ).end


def _own(policy: StatedPolicy) -> FloatArray:
    """Mean confidence: the expected probability of the answer, (R,)."""
    return np.asarray((policy.answer**2).sum(axis=-1).mean(axis=-1))


def _error(policy: StatedPolicy, truth: FloatArray) -> FloatArray:
    """The expected distance between confidence and success probability, (R,)."""
    return np.asarray((policy.answer * np.abs(policy.answer - truth)).sum(-1).mean(-1))


def _control(conditions: Conditions) -> Control:
    return Control(bonus=conditions["bonus"] if conditions.without else 0.0)


@seedless
def _limit(conditions: Conditions) -> Trained:
    steps = conditions.steps(200, 300)
    return enumerated_mean_field(
        _start(conditions["start"]),
        _truth(),
        controlled(_control(conditions)),
        group_size=_GROUP,
        learning_rate=conditions.rate(_RATE),
        steps=steps,
        checkpoints=steps + 1,
        estimator="none",
    )


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(100, 300), conditions.steps(200, 300)
    rate, best = conditions.rate(_RATE), conditions["start"]
    truth, start = _truth(), _start(best)
    trained = train(
        start,
        truth,
        controlled(_control(conditions)),
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        checkpoints=steps + 1,
        estimator="none",
        seed=conditions.seed,
    )
    limit = _limit(conditions)
    entropies, accuracies = (
        along(limit, of)[:, 0]
        for of in (StatedPolicy.entropy, lambda policy: policy.accuracy(truth))
    )
    fitted = fitted_curve(entropies, accuracies)
    entropy, entropy_panel = compared(
        "change of entropy, in nats",
        trained,
        limit,
        StatedPolicy.entropy,
        bias=0.08 * rate,
        title="Entropy",
        y_label="Nats",
    )
    gap, _ = compared(
        "change of confidence minus accuracy",
        trained,
        limit,
        lambda policy: _own(policy) - policy.accuracy(truth),
        bias=0.05 * rate,
        title="Confidence minus accuracy",
        y_label="Probability",
    )
    _, error_panel = compared(
        "change of the calibration error",
        trained,
        limit,
        lambda policy: _error(policy, truth),
        bias=0.0,
        title="Calibration error",
        y_label="ECE",
    )
    findings = [entropy, gap]
    if not conditions.without:
        sums = [
            np.cumsum(
                [
                    rate * (1 - 1 / _GROUP) * speed_of_entropy(policy.answer, truth)
                    for policy in made.policies[:-1]
                ],
                axis=0,
            )
            for made in (trained, limit)
        ]
        predicted, error = mean_and_error(sums[0][-1])
        findings.append(
            Finding(
                "change of entropy that the covariance predicts",
                predicted,
                error,
                findings[0].exact,
                0.15 * rate,
            )
        )
    return SystemOutcome(
        name="entropy",
        without=conditions.without,
        findings=tuple(findings),
        boundary=_boundary(fitted),
        head=("control", "entropy", "accuracy", "mean confidence", "calibration error"),
        rows=tuple(_row(name, each, best) for name, each in _controls(conditions["bonus"])),
        panels=(
            entropy_panel,
            error_panel,
            Panel(
                "Reward against entropy",
                "exp(entropy)",
                "Accuracy",
                np.exp(entropies),
                {
                    "exact": accuracies,
                    "-a exp(H) + b": fitted.b - fitted.a * np.exp(entropies),
                },
            ),
        ),
        runs=runs,
    )


def _controls(bonus: float) -> tuple[tuple[str, Control], ...]:
    balanced = balancing_bonus(_truth())
    return (
        ("none", Control()),
        (f"bonus {bonus:g}", Control(bonus=bonus)),
        (f"bonus {balanced:.3g}, balanced", Control(bonus=balanced)),
        ("KL 0.1", Control(kl=0.1)),
        ("clip-cov above 0.1", Control(clip_cov=0.1)),
        ("KL-cov 0.3 above 0.1", Control(kl_cov=0.3, above=0.1)),
    )


def _row(name: str, control: Control, best: float) -> tuple[str, ...]:
    policy, truth = _settled(control, best), _truth()
    gap, error = gap_and_error(policy.answer[0], truth)
    accuracy = float(policy.accuracy(truth)[0])
    return name, *as_cells([float(policy.entropy()[0]), accuracy, accuracy + gap, error])


def _boundary(along: EntropyFit) -> str:
    truth = _truth()
    bonus = balancing_bonus(truth)
    answer = with_bonus(truth, bonus)
    _, error = gap_and_error(answer, truth)
    lost = float((truth.max(axis=-1) - (answer * truth).sum(axis=-1)).mean())
    return (
        f"An entropy bonus above {bonus:.3f} makes the policy underconfident on average, one below"
        f" overconfident; at that value its calibration error is {error:.3f} and its accuracy"
        f" lower by {lost:.3f}. R = {-along.a:z.3f} exp(H) {along.b:+z.3f} with an error of"
        f" {along.error:.3f}."
    )


ENTROPY = System(
    name="entropy",
    story=(
        "A policy's confidence is the probability of its answer. Training on correctness makes it"
        " certain of the best answer, on hard questions too, and entropy is used up. An entropy"
        " bonus, a KL penalty, clip-cov and KL-cov hold entropy up; the table shows what each of"
        " them does to calibration."
    ),
    switch="an entropy bonus is added to the reward",
    source="Cui et al. 2025, arXiv 2505.22617",
    verdict=(
        "Agrees that reward is bought with entropy along -a exp(H) + b and that the covariance"
        " predicts its speed. No control of entropy restores calibration: with one coefficient,"
        " confidence is too high on hard or too low on easy questions. The paper does not study"
        " calibration; a KL penalty against the policy that sampled has no gradient at one update"
        " for each batch, so here KL-cov is against the policy before training. Both are signals of"
        " an experiment, too, for the tabular agent and the transformer (`simulate --signal"
        " clip-cov`); bonus and penalty are settings of every agent but the continuous one"
        " (`--entropy`, `--kl`)."
    ),
    show=_show,
    knobs=(
        Knob("bonus", 0.3, 0.01, 2.0, "the coefficient of the entropy, without the mechanism"),
        Knob("start", 0.25, 0.05, 0.9, "the best answer's share before training"),
    ),
)
