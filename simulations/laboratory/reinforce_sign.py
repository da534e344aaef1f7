"""Reinforcement of one sign (PSR, NSR, W-REINFORCE): what keeps the entropy of the answers.

Several answers of a question are right, and always. Positive reinforcement (PSR) pays 1 for a right
answer, negative (NSR) -1 for a wrong one, W-REINFORCE pays w and -1, without a baseline. The
rewards of PSR and NSR differ by the constant 1, and a constant has the expected gradient 0:

    E d logit_y = pi_y (1 - A) for a right answer,  -pi_y A for a wrong one,   A = the accuracy,

times 1 + w for W-REINFORCE. So all of them follow the same mean path: at equal accuracy they have
the same entropy, and the same pass@k, 1 - (1 - A)^k for each question.

They differ in their noise. An update of PSR is made by right rollouts and has a variance in
proportion to A, one of NSR by wrong rollouts, in proportion to 1 - A, and noise in the logits costs
entropy. NSR keeps more of it where A > 1/2 and less where A < 1/2. On a solved question (A = 1) NSR
stops, while under PSR the shares of the right answers drift, without an end, to one of them. A
group mean as baseline stops this too. What keeps diversity leaves the probability of the own answer
below the accuracy: 1/M with M right answers alike. That is not a calibrated confidence.

    >>> from simulations.signals import negative_only, positive_only
    >>> round(solved_entropy(1.0, group_size=8, rate=0.5, steps=200), 2)  # PSR: from log 2 = 0.69
    0.41
    >>> solved_entropy(0.0, group_size=8, rate=0.5, steps=200) == float(np.log(2))  # NSR
    True
    >>> [entropy_lost(positive_only, a) > entropy_lost(negative_only, a) for a in (0.2, 0.8)]
    [False, True]
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from math import comb
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
    seedless,
)
from simulations.policies import StatedPolicy, softmax
from simulations.signals import negative_only, positive_only, weighted_reinforce
from simulations.signals.groups import Groups, all_groups
from simulations.signals.training import Trained, mean_field, train
from simulations.worlds import several_right

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

Sign = Callable[["FloatArray"], "FloatArray"]
"""From verdicts to rewards."""

_ANSWERS, _RATE = 8, 0.5
_ACCURACIES = (0.1, 0.3, 0.5)
"""Three questions, from hard to easy; the fourth one is solved."""
_SOLVED = len(_ACCURACIES)
_PATH_TIME, _PATH_BIAS = 20.0, 0.5
"""Steps x rate at which the mean path is compared, and its bias in units of rate / G.

The variance of the noise is in proportion to steps x rate^2 / G. As long as it is small, the bias
is linear in the rate. Later the right answers of every question have drifted to one of them, as
on the solved question; from there on more noise changes nothing, so that the bias hardly falls with
the rate (from 0.011 to 0.009 at half the rate, at steps x rate = 100).
"""
_CELLS = 8001  # points of the grid on which the difference of two logits is followed
_WIDEST = 20.0


def pass_at(k: int, accuracy: FloatArray) -> FloatArray:
    """P(at least one of k samples is right), 1 - (1 - A)^k.

    Example:
        >>> pass_at(2, np.array([0.5])).tolist()
        [0.75]
    """
    return np.asarray(1 - (1 - accuracy) ** k)


@lru_cache(maxsize=64)
def solved_entropy(right: float, *, group_size: int, rate: float, steps: int) -> float:
    """The expected entropy of two right answers, evenly likely at first, after some updates.

    Every rollout is right and is paid `right`. With n of G rollouts for the first answer, the
    difference of the logits rises by 2 rate right (n / G - pi). The expectation is computed
    backwards from the last step, on a grid of differences.

    Args:
        right: the reward of a right answer, less the baseline.
        group_size: G.
        rate: the learning rate.
        steps: the number of updates.
    """
    return _backwards(_binary_entropy, right, group_size=group_size, rate=rate, steps=steps)


@lru_cache(maxsize=64)
def solved_excess(right: float, *, group_size: int, rate: float, steps: int) -> float:
    """The expected probability of the own answer minus the accuracy of 1, in the same place.

    Example:
        >>> solved_excess(0.0, group_size=8, rate=0.5, steps=1)
        -0.5
    """
    return _backwards(_own_excess, right, group_size=group_size, rate=rate, steps=steps)


def _binary_entropy(pi: FloatArray) -> FloatArray:
    return np.asarray(-(pi * np.log(pi) + (1 - pi) * np.log1p(-pi)))


def _own_excess(pi: FloatArray) -> FloatArray:
    return np.asarray(pi**2 + (1 - pi) ** 2 - 1)


def _backwards(
    of_share: Callable[[FloatArray], FloatArray],
    right: float,
    *,
    group_size: int,
    rate: float,
    steps: int,
) -> float:
    """The expectation of a function of the first answer's share, after some updates."""
    gap = np.linspace(-_WIDEST, _WIDEST, _CELLS)
    pi = 1 / (1 + np.exp(-gap))
    value = of_share(pi)
    if right == 0:
        return float(value[_CELLS // 2])
    sizes = range(group_size + 1)
    drawn = [comb(group_size, n) * pi**n * (1 - pi) ** (group_size - n) for n in sizes]
    moved = [gap + 2 * rate * right * (n / group_size - pi) for n in sizes]
    for _ in range(steps):
        each = zip(drawn, moved, strict=True)
        value = sum((chance * np.interp(to, gap, value) for chance, to in each), np.zeros(_CELLS))
    return float(value[_CELLS // 2])


def entropy_lost(sign: Sign, accuracy: float, *, rate: float = _RATE, group_size: int = 4) -> float:
    """The entropy that the noise of one update costs, by enumeration of every group.

        H(after the expected update) - E H(after the update),   two right and two wrong answers

    Args:
        sign: from verdicts to rewards.
        accuracy: the share of the two right answers together.
        rate: the learning rate.
        group_size: G.
    """
    shares = np.array([accuracy / 2, accuracy / 2, (1 - accuracy) / 2, (1 - accuracy) / 2])
    policy = StatedPolicy(shares[None, None], np.ones((1, 1, 4, 1)), np.array([1.0]))
    groups, chance = all_groups(policy, policy, np.array([[1.0, 1.0, 0.0, 0.0]]), group_size)
    chosen = groups.answers[:, 0, :, None] == np.arange(4)
    paid = sign(groups.correct)[:, 0, :, None]
    update = rate * (paid * (chosen - shares)).mean(axis=1)
    logits = np.log(shares)
    after = _entropy(softmax(logits + update)) @ chance[:, 0]
    return float(_entropy(softmax(logits + chance[:, 0] @ update)) - after)


def _entropy(shares: FloatArray) -> FloatArray:
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=-1))


def questions(right_answers: int) -> tuple[StatedPolicy, FloatArray]:
    """Three questions from hard to easy and a solved one; which answers are right, (Q, K).

    The right answers stand at other places in each question. Two of them are left of the solved
    one.

    Example:
        >>> start, truth = questions(2)
        >>> (start.answer[0] * truth).sum(axis=-1).round(9).tolist()
        [0.1, 0.3, 0.5, 1.0]
    """
    world = several_right(_SOLVED, _ANSWERS, right=right_answers)
    truth = np.vstack([world.success_probability, np.zeros((1, _ANSWERS))])
    shares = np.empty_like(truth)
    for x, accuracy in enumerate(_ACCURACIES):
        wrong = (1 - accuracy) / (_ANSWERS - right_answers)
        shares[x] = np.where(truth[x] == 1, accuracy / right_answers, wrong)
    truth[_SOLVED, [1, 4]] = 1.0
    shares[_SOLVED] = truth[_SOLVED] / 2
    head = np.ones((1, *truth.shape, 1))
    return StatedPolicy(shares[None], head, np.array([1.0])), truth


def _along_the_mean(start: StatedPolicy, truth: FloatArray, steps: int, rate: float) -> Trained:
    return mean_field(start, lambda _: truth[None, ..., None], learning_rate=rate, steps=steps)


def _accuracies(trained: Trained, truth: FloatArray) -> FloatArray:
    """The accuracy on the questions that are not solved, (T, R, Q)."""
    every = np.array([policy.answer for policy in trained.policies])
    return np.asarray((every * truth).sum(axis=-1)[..., :_SOLVED])


def _entropies(trained: Trained) -> FloatArray:
    """The entropy of the answers to each question, (T, R, Q)."""
    return _entropy(np.array([policy.answer for policy in trained.policies]))


def _show(conditions: Conditions) -> SystemOutcome:
    without, k = conditions.without, int(conditions["k"])
    group, rate = int(conditions["group"]), conditions.rate(_RATE)
    steps = conditions.steps(200, 400)
    start, truth = questions(int(conditions["right-answers"]))
    sign: Sign = negative_only if without else positive_only

    def signal(groups: Groups) -> FloatArray:
        return sign(groups.correct)

    trained = train(
        start,
        truth,
        signal,
        runs=conditions.runs(600, 2000),
        group_size=group,
        learning_rate=rate,
        steps=steps,
        estimator="none",
        seed=conditions.seed,
    )
    limit = _along_the_mean(start, truth, steps, rate)
    accuracy, exact_accuracy = _accuracies(trained, truth), _accuracies(limit, truth)[:, 0]
    entropy, exact_entropy = _entropies(trained), _entropies(limit)[:, 0]
    left = solved_entropy(0.0 if without else 1.0, group_size=group, rate=rate, steps=steps)
    before = float(exact_entropy[0, _SOLVED])
    early = round(_PATH_TIME / (rate * steps) * (len(trained.steps) - 1))
    path = f"at steps x rate = {_PATH_TIME:g}"
    bias = _PATH_BIAS * rate / group
    passed = pass_at(k, accuracy).mean(axis=-1)
    exact_passed = pass_at(k, exact_accuracy).mean(axis=-1)
    mean_accuracy = accuracy.mean(axis=-1)
    findings = (
        Finding(
            "change of the entropy of a solved question with two right answers",
            *mean_and_error(entropy[-1, :, _SOLVED] - entropy[0, :, _SOLVED]),
            left - before,
        ),
        Finding(
            f"change of accuracy on the other questions ({path})",
            *mean_and_error(mean_accuracy[early] - mean_accuracy[0]),
            float((exact_accuracy[early] - exact_accuracy[0]).mean()),
            bias,
        ),
        Finding(
            f"change of pass@{k} on them, {path}",
            *mean_and_error(passed[early] - passed[0]),
            float(exact_passed[early] - exact_passed[0]),
            bias,
        ),
        Finding(
            "probability of the own answer minus accuracy on the solved question",
            *mean_and_error((trained.end.answer[:, _SOLVED] ** 2).sum(axis=-1) - 1),
            solved_excess(0.0 if without else 1.0, group_size=group, rate=rate, steps=steps),
        ),
    )
    name = "NSR" if without else "PSR"
    return SystemOutcome(
        name="reinforce-sign",
        without=without,
        findings=findings,
        boundary=(
            "NSR keeps more entropy than PSR where the accuracy exceeds 1/2 (to second order in the"
            " learning rate), and less where it is below: along the mean path there is no"
            " difference."
        ),
        head=(
            "signal",
            "solved question: entropy after",
            "lost to noise at A = 0.1",
            "0.5",
            "0.9",
            "accuracy after",
            f"pass@{k} after",
            "solved: own probability minus accuracy",
        ),
        rows=() if without else _rows(conditions),
        panels=(
            Panel(
                f"Solved question, {name}",
                "Training step",
                "Entropy (nats)",
                trained.steps.astype(np.float64),
                {
                    "mean of runs": entropy[..., _SOLVED].mean(axis=1),
                    "mean path": exact_entropy[:, _SOLVED],
                },
                runs=entropy[:, :20, _SOLVED].T,
            ),
            Panel(
                f"Other questions, {name}",
                "Training step",
                "Entropy (nats)",
                trained.steps.astype(np.float64),
                {
                    "mean of runs": entropy[..., :_SOLVED].mean(axis=(1, 2)),
                    "mean path": exact_entropy[:, :_SOLVED].mean(axis=-1),
                },
            ),
        ),
        runs=len(trained.end.answer),
    )


@seedless
def _rows(conditions: Conditions) -> tuple[tuple[str, ...], ...]:
    """What each signal does, exactly; the mean path is followed at equal speed."""
    group, rate = int(conditions["group"]), conditions.rate(_RATE)
    steps, weight = conditions.steps(200, 400), conditions["weight"]
    start, truth = questions(int(conditions["right-answers"]))
    end = _along_the_mean(start, truth, steps, rate)
    accuracy = _accuracies(end, truth)[-1, 0]
    same = (accuracy.mean(), pass_at(int(conditions["k"]), accuracy).mean())
    weighted: Sign = partial(weighted_reinforce, weight=weight)
    # The mean path of weighted reinforcement is 1 + w times as fast.
    signs: tuple[tuple[str, Sign, float, float], ...] = (
        ("PSR", positive_only, 1.0, rate),
        ("NSR", negative_only, 0.0, rate),
        (f"W-REINFORCE, w = {weight:g}", weighted, weight, rate / (1 + weight)),
        ("verdict, group mean", _centred, 0.0, rate),
    )
    rows = []
    for label, sign, right, speed in signs:
        solved = solved_entropy(right, group_size=group, rate=speed, steps=steps)
        lost = [entropy_lost(sign, a, rate=speed) for a in (0.1, 0.5, 0.9)]
        excess = solved_excess(right, group_size=group, rate=speed, steps=steps)
        rows.append((label, *as_cells([solved]), *as_cells(lost, 4), *as_cells([*same, excess])))
    return tuple(rows)


def _centred(correct: FloatArray) -> FloatArray:
    """Verdicts less the mean of the group, on the scale of the same mean path."""
    size = correct.shape[-1]
    return np.asarray((correct - correct.mean(axis=-1, keepdims=True)) * size / (size - 1))


REINFORCE_SIGN = System(
    name="reinforce-sign",
    story=(
        "Positive reinforcement (PSR) learns from right answers alone, negative (NSR) from wrong"
        " answers alone. Several answers of a question are always right, and no baseline is"
        " subtracted. Both follow the same mean path, with the same entropy and pass@k at equal"
        " accuracy. Their noise differs: under PSR the right answers of a solved question drift to"
        " a single one, under NSR the training stops there."
    ),
    switch="only wrong answers are punished (NSR) instead of right answers reinforced (PSR)",
    source="Zhu et al. 2025, arXiv 2506.01347 (PSR, NSR, W-REINFORCE)",
    verdict=(
        "Agrees that NSR alone improves accuracy and pass@k as PSR does, and that it keeps the"
        " diversity of right answers, but only as an effect of noise without a baseline and where"
        " more than half of the answers are right; on hard questions NSR loses more. That PSR"
        " degrades pass@k at large k is not reproduced: with separate parameters for each question"
        " pass@k rises wherever accuracy does, so that a loss needs interference between questions."
        " Since neither reward depends on confidence, neither calibrates a stated one."
    ),
    show=_show,
    knobs=(
        Knob("right-answers", 3, 1, 7, "right answers of each question", whole=True),
        Knob("group", 8, 2, 64, "rollouts of each question", whole=True),
        Knob("k", 4, 1, 256, "samples of pass@k", whole=True),
        Knob("weight", 0.1, 0.0, 2.0, "the weight of right answers in W-REINFORCE"),
    ),
)
