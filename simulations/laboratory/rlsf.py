"""Self-feedback (RLSF): the policy before training ranks its own answers, and the mode wins.

The confidence of the frozen policy in an answer is its probability disparity,

    s(y) = pi_0(y) - max_{z != y} pi_0(z),

which is positive for the mode alone. Rollouts of the frozen policy give preference pairs: i wins
against j if s_i > s_j and s_i >= tau, with the margin exp(s_i - s_j). A reward model is fitted to
them (Bradley-Terry: minimise -log sigmoid(r_i - r_j - margin)), and the policy is trained on it
with a KL penalty, which has the optimum pi_0 exp(r / beta) / Z. DPO on the same pairs gives this
optimum, since beta times the change of its logits follows the gradient of the reward model; policy
gradient reaches it only in the end.

No verdict enters. With tau > 0 only the mode can win, and there are pairs only if its disparity
reaches tau. If the mode has the probability m and is right on a share a of the questions, the
Brier score of the most probable answer is x^2 - 2 a x + a for a probability of x. Training raises
x from m, so calibration improves as long as x < 2 a - m: in the limit x = 1 if a > (1 + m) / 2,
and not at all if the policy was calibrated (a = m) or overconfident.

    >>> import numpy as np
    >>> from simulations.signals import preferences, self_confidence
    >>> frozen = np.array([0.2, 0.5, 0.2, 0.1])
    >>> scores = self_confidence(frozen, np.arange(4))
    >>> margins = preferences(scores, threshold=0.2)
    >>> (margins > 0).any(axis=-1).tolist()  # who wins at least one pair: the mode
    [False, True, False, False]
    >>> pairs = np.outer(frozen, frozen)
    >>> rewards = bradley_terry(pairs, margins, steps=100, rate=0.5)
    >>> after = penalised_optimum(frozen, rewards, beta=0.5)
    >>> np.allclose(after, dpo(frozen, pairs, margins, beta=0.5, steps=100, rate=0.5))
    True
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.reward_heads import penalised_optimum
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
from simulations.signals import preferences, self_confidence
from simulations.signals.groups import Groups, Signal, verdict_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS, _QUESTIONS, _GROUP = 4, 10, 8
_RATE, _FIT_RATE, _FIT_STEPS = 0.5, 0.5, 4
_MODES = (0.3, 0.5, 0.8, 0.95)
_PAPER_THRESHOLD = 0.9


def least_mode(threshold: float, answers: int = _ANSWERS) -> float:
    """The probability of the mode from which there are pairs, where the others share the rest.

        m - (1 - m) / (K - 1) >= tau   if and only if   m >= (1 + (K - 1) tau) / K

    Example:
        >>> round(least_mode(0.9), 3)
        0.925
    """
    return (1 + (answers - 1) * threshold) / answers


def least_right_share(mode: float) -> float:
    """The share of right modes above which full sharpening improves the Brier score.

        1 - a < m^2 - 2 a m + a   if and only if   a > (1 + m) / 2

    Example:
        >>> least_right_share(0.5)
        0.75
    """
    return (1 + mode) / 2


def bradley_terry(pairs: FloatArray, margins: FloatArray, *, steps: int, rate: float) -> FloatArray:
    """Rewards of a Bradley-Terry model with margins, by gradient descent from 0.

        minimise the mean over pairs of -log sigmoid(r_i - r_j - margin_ij)

    A preference that is a function of the two answers is never contradicted, so the minimum is
    at infinity, and the number of steps decides how far the rewards are apart.

    Args:
        pairs: how often i met j, (..., K, K).
        margins: the margins, (..., K, K), positive where i wins against j.
        steps: the number of steps.
        rate: the learning rate.

    Returns:
        The rewards, (..., K).

    Example:
        >>> bradley_terry(np.ones((2, 2)), np.array([[0, 1.0], [0, 0]]), steps=1, rate=1).round(3)
        array([ 0.731, -0.731])
    """
    weight = _pair_weights(pairs, margins)
    rewards = np.zeros(weight.shape[:-1])
    for _ in range(steps):
        rewards = rewards + rate * _pull(rewards, weight, margins)
    return rewards


def dpo(
    frozen: FloatArray,
    pairs: FloatArray,
    margins: FloatArray,
    *,
    beta: float,
    steps: int,
    rate: float,
) -> FloatArray:
    """The policy after direct preference optimisation on the same pairs, (..., K).

        minimise the mean over pairs of
        -log sigmoid(beta log(pi_i / pi_0,i) - beta log(pi_j / pi_0,j) - margin_ij)

    A step on the logits has the size `rate` / beta^2, so that `steps` steps follow those of
    `bradley_terry`.

    Args:
        frozen: the policy before training, (..., K).
        pairs: how often i met j, (..., K, K).
        margins: the margins, (..., K, K), positive where i wins against j.
        beta: the coefficient of the implied KL penalty.
        steps: the number of steps.
        rate: the learning rate.
    """
    weight = _pair_weights(pairs, margins)
    moved = np.zeros(weight.shape[:-1])
    for _ in range(steps):
        moved = moved + rate / beta**2 * beta * _pull(beta * moved, weight, margins)
    raised = frozen * np.exp(moved - moved.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _pair_weights(pairs: FloatArray, margins: FloatArray) -> FloatArray:
    """The part of all pairs with a winner, 0 everywhere if there are none."""
    won = np.where(margins > 0, pairs, 0.0)
    total = won.sum(axis=(-1, -2), keepdims=True)
    return np.asarray(won / np.where(total > 0, total, 1.0))


def _pull(rewards: FloatArray, weight: FloatArray, margins: FloatArray) -> FloatArray:
    gap = rewards[..., :, None] - rewards[..., None, :]
    part = weight / (1 + np.exp(gap - margins))
    return np.asarray(part.sum(axis=-1) - part.sum(axis=-2))


def frozen_policy(mode: float, questions: int = 1) -> StatedPolicy:
    """The policy before training: one mode in each question, the others share the rest evenly.

    The column of the mode moves from question to question.

    Example:
        >>> frozen_policy(0.7, 2).answer.round(2)[0].tolist()
        [[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]]
    """
    shares = np.full((questions, _ANSWERS), (1 - mode) / (_ANSWERS - 1))
    shares[np.arange(questions), np.arange(questions) % _ANSWERS] = mode
    return StatedPolicy(shares[None], np.ones((1, questions, _ANSWERS, 1)), np.array([1.0]))


def _truths(questions: int, right: int) -> FloatArray:
    """The mode is the right answer of the first `right` questions, its neighbour of the others."""
    at = np.arange(questions)
    truth = np.zeros((questions, _ANSWERS))
    truth[at, (at + (at >= right)) % _ANSWERS] = 1.0
    return truth


def _margins(frozen: FloatArray, threshold: float) -> FloatArray:
    every = np.broadcast_to(np.arange(_ANSWERS), frozen.shape)
    return preferences(self_confidence(frozen, every), threshold=threshold)


def _data_sets(frozen: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """How often each answer occurs in `size` rollouts, (n, K), and its probability, (n,)."""
    drawn = combinations_with_replacement(range(_ANSWERS), size)
    counts = np.array([np.bincount(some, minlength=_ANSWERS) for some in drawn], dtype=np.float64)
    orders = [factorial(size) / np.prod([factorial(int(n)) for n in row]) for row in counts]
    return counts, np.array(orders) * np.prod(frozen**counts, axis=-1)


def _fit(frozen: FloatArray, counts: FloatArray, threshold: float) -> FloatArray:
    """The reward model that is fitted to the pairs of some rollouts, (..., K)."""
    pairs = counts[..., :, None] * counts[..., None, :]
    margins = np.broadcast_to(_margins(frozen, threshold), pairs.shape)
    return bradley_terry(pairs, margins, steps=_FIT_STEPS, rate=_FIT_RATE)


def _expected_mode(mode: float, threshold: float, beta: float, size: int) -> float:
    """The probability of the mode after training, in expectation over the rollouts."""
    frozen = frozen_policy(mode).answer[0, 0]
    counts, chance = _data_sets(frozen, size)
    after = penalised_optimum(frozen, _fit(frozen, counts, threshold), beta=beta)
    return float(chance @ after[:, 0])


def _greedy_brier(answer: FloatArray, truth: FloatArray) -> FloatArray:
    """(c - x)^2 of the most probable answer with its own probability x, (..., Q)."""
    best = answer.argmax(axis=-1)[..., None]
    right = np.take_along_axis(np.broadcast_to(truth, answer.shape), best, axis=-1)
    return np.asarray((right - np.take_along_axis(answer, best, axis=-1))[..., 0] ** 2)


def _mode_of(trained: Trained) -> FloatArray:
    """The probability of what was the mode, (T, R, Q)."""
    at = trained.policies[0].answer.argmax(axis=-1, keepdims=True)
    every = [np.take_along_axis(policy.answer, at, axis=-1) for policy in trained.policies]
    return np.array(every)[..., 0]


def _measure(conditions: Conditions, right: int) -> tuple[Trained, FloatArray]:
    """The trained policies, and those of the DPO form (or the last ones, without), (R, Q, K)."""
    runs = conditions.runs(400, 1000)
    start, beta = frozen_policy(conditions["mode"], _QUESTIONS), conditions["beta"]
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))
    shares = np.broadcast_to(start.answer, (runs, _QUESTIONS, _ANSWERS))
    counts = rng.multinomial(int(conditions["rollouts"]), shares).astype(np.float64)
    rewards = _fit(start.answer, counts, conditions["threshold"])

    def self_feedback(groups: Groups) -> FloatArray:
        return np.take_along_axis(rewards, groups.answers, axis=-1)

    signal: Signal = verdict_signal if conditions.without else self_feedback
    trained = train(
        start,
        _truths(_QUESTIONS, right),
        signal,
        runs=runs,
        group_size=_GROUP,
        learning_rate=conditions.rate(_RATE),
        steps=conditions.steps(120, 240),
        kl=beta,
        seed=conditions.seed,
    )
    if conditions.without:
        return trained, trained.end.answer
    pairs = counts[..., :, None] * counts[..., None, :]
    margins = np.broadcast_to(_margins(start.answer, conditions["threshold"]), pairs.shape)
    direct = dpo(start.answer, pairs, margins, beta=beta, steps=_FIT_STEPS, rate=_FIT_RATE)
    return trained, direct


def _along_the_mean(conditions: Conditions) -> tuple[Trained, FloatArray]:
    """The mean field for every possible set of rollouts, as a question each, and its chance."""
    mode, beta = conditions["mode"], conditions["beta"]
    counts, chance = _data_sets(frozen_policy(mode).answer[0, 0], int(conditions["rollouts"]))
    frozen = np.broadcast_to(frozen_policy(mode).answer[0], counts.shape)
    paid = _fit(frozen, counts, conditions["threshold"])
    start = StatedPolicy(frozen[None], np.ones((1, *frozen.shape, 1)), np.array([1.0]))
    return _follow_paid(start, paid, conditions, beta), chance


def _with_a_verifier(conditions: Conditions, truth: FloatArray) -> Trained:
    start = frozen_policy(conditions["mode"], len(truth))
    return _follow_paid(start, truth, conditions, conditions["beta"])


def _follow_paid(
    start: StatedPolicy, paid: FloatArray, conditions: Conditions, beta: float
) -> Trained:
    return mean_field(
        start,
        lambda _: paid[None, ..., None],
        learning_rate=conditions.rate(_RATE),
        steps=conditions.steps(120, 240),
        shrink=1 - 1 / _GROUP,
        kl=beta,
    )


@dataclass(frozen=True)
class _Exact:
    """What is expected for a mode that is wrong and for one that is right.

    Attributes:
        wrong: the probability of the mode, where it is wrong, (T,).
        right: the same where it is right.
        brier_wrong: the Brier score of the most probable answer at the end, where it is wrong.
        brier_right: the same where it is right.
        direct: the probability of the mode after DPO, where it is wrong.
    """

    wrong: FloatArray
    right: FloatArray
    brier_wrong: float
    brier_right: float
    direct: float


def _expectations(conditions: Conditions) -> _Exact:
    if conditions.without:
        truth = _truths(2, 1)
        limit = _with_a_verifier(conditions, truth)
        of_mode, brier = _mode_of(limit)[:, 0], _greedy_brier(limit.end.answer, truth)[0]
        right, wrong = of_mode.T
        return _Exact(wrong, right, float(brier[1]), float(brier[0]), float(wrong[-1]))
    limit, chance = _along_the_mean(conditions)
    of_mode = _mode_of(limit)[:, 0]
    share, end = of_mode @ chance, of_mode[-1]
    brier_wrong, brier_right = float(chance @ end**2), float(chance @ (1 - end) ** 2)
    mode, threshold = conditions["mode"], conditions["threshold"]
    direct = _expected_mode(mode, threshold, conditions["beta"], int(conditions["rollouts"]))
    return _Exact(share, share, brier_wrong, brier_right, direct)


def _show(conditions: Conditions) -> SystemOutcome:
    mode, without = conditions["mode"], conditions.without
    right = round(conditions["right"] * _QUESTIONS)
    a, truth = right / _QUESTIONS, _truths(_QUESTIONS, right)
    trained, direct = _measure(conditions, right)
    exact, rate = _expectations(conditions), conditions.rate(_RATE)
    of_mode = _mode_of(trained)
    at = trained.policies[0].answer.argmax(axis=-1, keepdims=True)
    after_dpo = np.take_along_axis(direct, np.broadcast_to(at, (len(direct), *at.shape[1:])), -1)
    before = a * (1 - mode) ** 2 + (1 - a) * mode**2
    brier = _greedy_brier(trained.end.answer, truth).mean(axis=1)
    measured = (
        (
            f"change of the mode's probability from {mode:g}, where it is wrong",
            of_mode[-1, :, right:].mean(axis=1) - mode,
            exact.wrong[-1] - mode,
            0.02 * rate,
        ),
        (
            f"change of the mode's probability from {mode:g}, where it is right",
            of_mode[-1, :, :right].mean(axis=1) - mode,
            exact.right[-1] - mode,
            0.02 * rate,
        ),
        (
            f"change of the Brier score of the most probable answer, right modes {a:g}",
            brier - before,
            a * exact.brier_right + (1 - a) * exact.brier_wrong - before,
            0.02 * rate,
        ),
        (
            "change of the mode's probability by DPO on the same pairs",
            after_dpo[..., 0].mean(axis=1) - mode,
            exact.direct - mode,
            0.0,
        ),
    )
    findings = tuple(
        Finding(label, *mean_and_error(values), float(value), bias)
        for label, values, value, bias in (measured[:3] if without else measured)
    )
    return SystemOutcome(
        name="rlsf",
        without=without,
        findings=findings,
        boundary=_boundary(conditions, exact),
        head=(
            "mode m before",
            "disparity",
            "m at the optimum",
            f"the same, threshold {_PAPER_THRESHOLD:g}",
            "sharpening calibrates if right above",
        ),
        rows=() if without else _rows(conditions),
        panels=_panels(conditions, trained, of_mode, exact, right),
        runs=len(trained.end.answer),
    )


def _boundary(conditions: Conditions, exact: _Exact) -> str:
    if conditions.without:
        return (
            "With the verdict of a verifier the right answer gains, whether it is the mode or not."
        )
    mode, threshold = conditions["mode"], conditions["threshold"]
    least = least_mode(threshold)
    gains = f"The mode gains, right or wrong, from a probability of {least:.3f} on (disparity"
    limit = f"sharpening without end calibrates it if above {least_right_share(mode):.3f}."
    end, optimum = float(exact.wrong[-1]), exact.direct
    if abs(optimum - mode) < 1e-9:
        return (
            f"{gains} {threshold:g}); below it, as here ({mode:g}), there are no pairs, and nothing"
            " is learned."
        )
    share = (exact.brier_wrong - mode**2) / (2 * (end - mode))
    steps = conditions.steps(120, 240)
    return (
        f"{gains} {threshold:g}). The optimum, at which DPO arrives on the same pairs, is"
        f" {optimum:.3f}; policy gradient is at {end:.3f} after {steps} steps. From {mode:g} to"
        f" {end:.3f} the Brier score improves if the mode is right on more than {share:.3f} of"
        f" the questions; {limit}"
    )


def _rows(conditions: Conditions) -> tuple[tuple[str, ...], ...]:
    beta, size = conditions["beta"], int(conditions["rollouts"])
    rows = []
    for mode in _MODES:
        after = [
            _expected_mode(mode, threshold, beta, size)
            for threshold in (conditions["threshold"], _PAPER_THRESHOLD)
        ]
        disparity = mode - (1 - mode) / (_ANSWERS - 1)
        rows.append((f"{mode:g}", *as_cells([disparity, *after, least_right_share(mode)])))
    return tuple(rows)


def _panels(
    conditions: Conditions, trained: Trained, of_mode: FloatArray, exact: _Exact, right: int
) -> tuple[Panel, ...]:
    steps = trained.steps.astype(np.float64)
    shares = {
        "wrong, mean of runs": of_mode[:, :, right:].mean(axis=(1, 2)),
        "wrong, exact": exact.wrong,
        "right, mean of runs": of_mode[:, :, :right].mean(axis=(1, 2)),
        "right, exact": exact.right,
    }
    a, mode = np.linspace(0, 1, 21), conditions["mode"]
    scores = {
        "before": a * (1 - mode) ** 2 + (1 - a) * mode**2,
        "after": a * exact.brier_right + (1 - a) * exact.brier_wrong,
    }
    return (
        Panel("What was the mode", "Training step", "Probability", steps, shares),
        Panel(
            "Most probable answer", "Share of questions with a right mode", "Brier score", a, scores
        ),
    )


RLSF = System(
    name="rlsf",
    story=(
        "The policy before training ranks its own rollouts by probability disparity; pairs with a"
        " winner above the threshold fit a Bradley-Terry reward model with margins, which trains"
        " the policy under a KL penalty (or DPO uses the pairs directly, with the same optimum, at"
        " which policy gradient arrives in the end). No verdict enters, so that the mode of the"
        " policy is sharpened, right or wrong."
    ),
    switch="the reward is the verdict of a verifier, with the same KL penalty",
    source="van Niekerk et al. 2025 (RLSF), arXiv 2507.21931",
    verdict=(
        "Agrees that accuracy rises and calibration improves where the mode is right more often"
        " than its probability says (an underconfident policy); disagrees that self-feedback"
        " restores calibration in general, because a mode that is wrong becomes a confident error,"
        " and a calibrated policy becomes overconfident. Confidence is that of whole answers here;"
        " the paper's is that of answer spans in sampled reasoning."
    ),
    show=_show,
    knobs=(
        Knob("mode", 0.5, 0.3, 0.97, "the probability of the mode before training"),
        Knob(
            "right",
            0.6,
            0.1,
            0.9,
            "the share of questions whose mode is right, in tenths",
            step=1 / _QUESTIONS,
        ),
        Knob("threshold", 0.1, 0.0, 0.95, "the least disparity of a winner"),
        Knob("beta", 0.5, 0.1, 5.0, "the coefficient of the KL penalty"),
        Knob("rollouts", 5, 2, 12, "rollouts of the frozen policy for each question", whole=True),
    ),
)
