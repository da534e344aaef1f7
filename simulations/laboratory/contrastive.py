"""Contrastive rewards: an offline baseline changes the variance of training, and not its aim.

Before training, the policy gives k baseline answers to each question; the verifier judges them,
and their mean is subtracted from every reward of that question:

    r'_g = r_g - b,    b = mean_j r(x, y_j)

A verifier that accepts wrong answers at the rate a and rejects right ones at the rate b has
E r = a + J r* with J = 1 - a - b, so that E r' = J (r* - mean of r* over the baselines). The factor
J, which gives less weight to questions with an unreliable verifier, is that of the verifier: the
plain reward has the same slope J. Since a constant times the score of the policy has the mean 0,
the subtraction changes no expected update, hence neither the optimum nor the stated confidence,
which goes to a + J p. With a group mean or a group standard deviation it cancels, rollout by
rollout.

What it changes is the variance. With the acceptance rate m of the question, the variance of b is
m (1 - m) / k, and where all answers have gradients of equal size, the variance of the update falls
if and only if

    k > (1 - m) / m,

so that a hard question, with m = 0.1, needs 10 baseline answers before they help. It also changes
the weights between questions, not in their mean updates but in their squares: without a baseline a
question counts as it is accepted (about m), with an exact one as it is uncertain (m (1 - m)). Where
the verifier is unreliable or the question easy, the weight falls; the hard question gains.

    >>> import numpy as np
    >>> from simulations.signals import contrastive
    >>> contrastive([1.0, 0.0], [1.0, 0.0, 0.0, 0.0]).tolist()
    [0.75, -0.25]
    >>> shares, accepted = np.full(4, 0.25), np.array([0.7, 0.3, 0.3, 0.3])
    >>> round(least_baselines(shares, accepted), 6)  # m = 0.4
    1.5
    >>> [round(variance_removed(shares, accepted, k), 3) for k in (1, 2, 8)]
    [-0.205, 0.103, 0.333]
"""

from __future__ import annotations

from math import inf
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
    as_cells,
    mean_and_error,
)
from simulations.policies import StatedPolicy
from simulations.signals import contrastive
from simulations.signals.groups import (
    Groups,
    Signal,
    advantages_of,
    all_groups,
    reward_signal,
    verdict_signal,
)
from simulations.signals.training import Trained, mean_field, train
from simulations.worlds import accepted_probability, informedness

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS, _GROUP = 4, 8
_QUESTIONS = ("exact verifier", "verifier with errors", "hard question")
_EXACT, _ERRORS, _HARD = range(3)
_COLUMNS = (
    *(("variance", question) for question in ("exact", "errors", "hard")),
    *(("weight", question) for question in ("errors", "hard")),
    *(("squares", question) for question in ("exact", "errors", "hard")),
)
"""Of the table: variance, weight in the mean update, share of the squared updates."""
_RATE, _STATE_RATE = 0.2, 0.2
_LEVELS, _P = 11, 0.9
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_BASELINES = (1, 2, 4, 16, 64)
_TABLE_GROUP = 4
"""Rollouts of a group in the table, all of which are enumerated."""


def _gradient_sizes(shares: FloatArray) -> FloatArray:
    """The squared length of the gradient of log pi(y) in the logits, (..., K)."""
    return np.asarray(1 - 2 * shares + (shares**2).sum(axis=-1, keepdims=True))


def _moments(shares: FloatArray, accepted: FloatArray) -> tuple[float, float, float, float]:
    """Acceptance rate, E w, E w r, and the squared length of the mean update, of one question."""
    size = _gradient_sizes(shares)
    rate = float(shares @ accepted)
    mean = shares * (accepted - rate)
    return rate, float(shares @ size), float(shares @ (size * accepted)), float(mean @ mean)


def least_baselines(shares: FloatArray, accepted: FloatArray) -> float:
    """The number of baseline answers above which they lower the variance of the update.

        k > (1 - m) / (2 m_w - m)

    for the acceptance rate m, and m_w, that of answers weighted by the squared length of their
    gradients; infinite if 2 m_w <= m, and (1 - m) / m if all gradients are alike.

    Args:
        shares: the probabilities of the answers, (K,).
        accepted: P(accepted) of each answer, (K,).

    Example:
        >>> least_baselines(np.full(2, 0.5), np.array([0.2, 0.0]))
        9.0
    """
    rate, size, paid, _ = _moments(shares, accepted)
    lead = 2 * paid / size - rate
    return (1 - rate) / lead if lead > 0 else inf


def variance_removed(shares: FloatArray, accepted: FloatArray, baselines: float) -> float:
    """The part of the variance of a plain update that k baseline answers remove.

        (2 m E w r - (m^2 + m (1 - m) / k) E w) / (E w r - |mean update|^2)

    Args:
        shares: the probabilities of the answers, (K,).
        accepted: P(accepted) of each answer, (K,).
        baselines: k.

    Example:
        >>> round(variance_removed(np.full(2, 0.5), np.array([0.2, 0.0]), 9.0), 12)
        0.0
    """
    rate, size, paid, mean = _moments(shares, accepted)
    square = rate**2 + rate * (1 - rate) / baselines
    return (2 * rate * paid - square * size) / (paid - mean)


def _start(hard: float) -> StatedPolicy:
    """Three questions; the right answer of question x is answer x, rare on the hard question."""
    shares = np.full((len(_QUESTIONS), _ANSWERS), 1 / _ANSWERS)
    shares[_HARD] = (1 - hard) / (_ANSWERS - 1)
    shares[_HARD, _HARD] = hard
    return StatedPolicy(shares[None], np.ones((1, *shares.shape, 1)), np.array([1.0]))


def _right() -> FloatArray:
    return np.eye(len(_QUESTIONS), _ANSWERS)


def _accepted(false_positive: float, false_negative: float) -> FloatArray:
    """P(accepted) of each answer, (Q, K): a + J r* on the question with errors."""
    accepted = _right()
    accepted[_ERRORS] = accepted_probability(accepted[_ERRORS], false_positive, false_negative)
    return accepted


def offline_baseline(
    start: StatedPolicy,
    accepted: FloatArray,
    signal: Signal,
    *,
    runs: int,
    baselines: int,
    rng: np.random.Generator,
) -> Signal:
    """The contrastive form of a signal: k answers before training are judged once, and kept.

    Args:
        start: the policy before training, of one run.
        accepted: P(accepted) of each answer, (Q, K).
        signal: the signal from which the baseline is subtracted.
        runs: the number of runs R, each with its own baseline answers.
        baselines: k.
        rng: the random numbers.
    """
    joint = start.joint[0].reshape(len(accepted), -1)
    levels = start.grid.size
    drawn = np.stack([rng.choice(row.size, (runs, baselines), p=row) for row in joint], axis=1)
    answers = drawn // levels
    chance = np.take_along_axis(np.broadcast_to(accepted, (runs, *accepted.shape)), answers, -1)
    correct = (rng.random(chance.shape) < chance).astype(np.float64)
    kept = signal(Groups(answers, drawn % levels, correct, start, start))

    def rewards(groups: Groups) -> FloatArray:
        return contrastive(signal(groups), kept)

    return rewards


def _first_updates(conditions: Conditions, start: StatedPolicy, accepted: FloatArray) -> FloatArray:
    """The part of the variance of an update that is removed, measured before training, (R, Q).

    What is compared are the squared updates of the same rollouts, with the baseline and without it;
    most of the chance is in the baseline answers, so that each run has few rollouts.
    """
    runs, size = conditions.runs(40_000, 80_000), 8
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))
    signal = _signal(conditions, start, accepted, verdict_signal, runs, rng)
    shares = np.broadcast_to(start.answer, (runs, *accepted.shape))
    answers = np.stack(
        [rng.choice(_ANSWERS, (runs, size), p=row) for row in start.answer[0]], axis=1
    )
    chance = np.take_along_axis(np.broadcast_to(accepted, shares.shape), answers, axis=-1)
    correct = (rng.random(chance.shape) < chance).astype(np.float64)
    groups = Groups(answers, np.zeros_like(answers), correct, start, start)
    fewer = verdict_signal(groups) ** 2 - signal(groups) ** 2
    length = np.take_along_axis(_gradient_sizes(shares), answers, axis=-1)
    moments = [_moments(*row) for row in zip(start.answer[0], accepted, strict=True)]
    plain, mean = np.array([m[2] for m in moments]), np.array([m[3] for m in moments])
    return np.asarray((length * fewer).mean(axis=-1) / (plain - mean))


def _signal(
    conditions: Conditions,
    start: StatedPolicy,
    accepted: FloatArray,
    signal: Signal,
    runs: int,
    rng: np.random.Generator,
) -> Signal:
    if conditions.without:
        return signal
    baselines = int(conditions["baselines"])
    return offline_baseline(start, accepted, signal, runs=runs, baselines=baselines, rng=rng)


def _answering(
    conditions: Conditions, start: StatedPolicy, accepted: FloatArray
) -> tuple[Trained, Trained]:
    """Training without another baseline, and its mean field."""
    runs, rate = conditions.runs(200, 500), conditions.rate(_RATE)
    steps = conditions.steps(150, 300)
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 2]))
    trained = train(
        start,
        accepted,
        _signal(conditions, start, accepted, verdict_signal, runs, rng),
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        estimator="none",
        seed=conditions.seed,
    )
    paid = accepted[None, ..., None]
    return trained, mean_field(start, lambda _: paid, learning_rate=rate, steps=steps)


def _stating(conditions: Conditions, p: float) -> tuple[Trained, Trained]:
    """Training of a stated confidence under RLCR, where the answer is accepted with p."""
    start = StatedPolicy(np.ones((1, 1, 1)), np.full((1, 1, 1, _LEVELS), 1 / _LEVELS), _GRID)
    runs, rate = conditions.runs(200, 500), conditions.rate(_STATE_RATE)
    steps, accepted = conditions.steps(1000, 2000), np.array([[p]])
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 3]))
    trained = train(
        start,
        accepted,
        _signal(conditions, start, accepted, reward_signal(rlcr, _GRID), runs, rng),
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        estimator="none",
        seed=conditions.seed,
    )
    wrong, right = np.asarray(rlcr.table(_GRID))
    paid = (p * right + (1 - p) * wrong)[None, None, None]
    return trained, mean_field(start, lambda _: paid, learning_rate=rate, steps=steps)


def _group_updates(
    start: StatedPolicy, accepted: FloatArray, estimator: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean update of the right answer's logit, variance and square of the mean update, (Q,) each.

    By enumeration of every group.
    """
    groups, chance = all_groups(start, start, accepted, _TABLE_GROUP)
    gained = advantages_of(groups.correct, estimator) / _TABLE_GROUP
    scores = np.eye(_ANSWERS)[groups.answers] - start.answer[..., None, :]
    updates = (gained[..., None] * scores).sum(axis=2)  # (N, Q, K)
    mean = (chance[..., None] * updates).sum(axis=0)
    square = (chance * (updates**2).sum(axis=-1)).sum(axis=0)
    known = (mean**2).sum(axis=-1)
    return (mean * _right()).sum(axis=-1), square - known, known


def _rows(start: StatedPolicy, accepted: FloatArray) -> tuple[tuple[str, ...], ...]:
    """Variance against that of plain REINFORCE at the same mean update, and two kinds of weights.

    The weights of the mean updates against that of the question with an exact verifier, and the
    share of each question in the squared updates of a group of all.
    """
    plain_mean, plain, known = _group_updates(start, accepted, "none")

    def row(label: str, left: FloatArray, mean: FloatArray, square: FloatArray) -> tuple[str, ...]:
        weights, shares = mean / mean[_EXACT], square / square.sum()
        return (label, *as_cells([*left, weights[_ERRORS], weights[_HARD], *shares]))

    rows = [row("no baseline", np.ones(len(_QUESTIONS)), plain_mean, plain + known)]
    for k in _BASELINES:
        pairs = zip(start.answer[0], accepted, strict=True)
        left = np.array([1 - variance_removed(*pair, k) for pair in pairs])
        rows.append(row(f"contrastive, k = {k}", left, plain_mean, left * plain + known))
    for name, text in (
        ("leave_one_out", "leave-one-out mean"),
        ("group_std", "group mean and std"),
    ):
        mean, spread, own = _group_updates(start, accepted, name)
        left = (plain_mean / mean) ** 2 * spread / plain
        label = f"{text} of {_TABLE_GROUP}, contrastive or not"
        rows.append(row(label, left, mean, spread + own))
    return tuple(rows)


def share_of_squares(
    shares: FloatArray, accepted: FloatArray, baselines: float, *, group: int = 1
) -> FloatArray:
    """The share of each question in the squared updates of training, with k baseline answers.

        (E w (r - b)^2 - |mean update|^2) / G + |mean update|^2,   w = |grad log pi(y)|^2,

    divided by its sum over questions. The mean updates of the questions keep their ratio.

    Args:
        shares: the probabilities of the answers, (Q, K).
        accepted: P(accepted) of each answer, (Q, K).
        baselines: k; infinite for the exact mean, 0 for no baseline.
        group: G.

    Example:
        >>> even, easy_and_hard = np.full((2, 2), 0.5), np.array([[0.9, 0.9], [0.1, 0.1]])
        >>> share_of_squares(even, easy_and_hard, 0).round(3).tolist()  # as they are accepted
        [0.9, 0.1]
        >>> share_of_squares(even, easy_and_hard, inf).round(3).tolist()  # as they are uncertain
        [0.5, 0.5]
    """
    squares = []
    for row, rates in zip(shares, accepted, strict=True):
        rate, size, paid, known = _moments(row, rates)
        square = rate**2 + rate * (1 - rate) / baselines if baselines else 0.0
        one = paid - 2 * rate * paid * (baselines > 0) + square * size
        squares.append((one - known) / group + known)
    return np.array(squares) / sum(squares)


def _show(conditions: Conditions) -> SystemOutcome:
    without, a, b = conditions.without, conditions["false-positive"], conditions["false-negative"]
    k, factor = int(conditions["baselines"]), informedness(a, b)
    start, accepted = _start(conditions["hard"]), _accepted(a, b)
    removed = _first_updates(conditions, start, accepted)
    removed_exact = [
        0.0 if without else variance_removed(shares, rates, k)
        for shares, rates in zip(start.answer[0], accepted, strict=True)
    ]
    trained, limit = _answering(conditions, start, accepted)
    right = _right()
    share, share_exact = (
        np.array([(policy.answer * right).sum(axis=-1) for policy in one.policies])
        for one in (trained, limit)
    )
    stated, stated_exact = _stating(conditions, a + factor * _P)
    said, said_exact = (
        np.array([policy.mean_confidence() for policy in one.policies])
        for one in (stated, stated_exact)
    )
    findings = [
        Finding(
            f"part of the variance of an update that is removed, {_QUESTIONS[x]}",
            *mean_and_error(removed[:, x]),
            removed_exact[x],
        )
        for x in (_ERRORS, _HARD)
    ]
    for x in (_EXACT, _ERRORS):
        rise, error = mean_and_error(share[-1, :, x] - share[0, :, x])
        exact = float(share_exact[-1, 0, x] - share_exact[0, 0, x])
        label = f"change of the right answer's probability, {_QUESTIONS[x]}"
        findings.append(Finding(label, rise, error, exact, 0.1 * conditions.rate(_RATE)))
    gap, error = mean_and_error(said[-1] - _P)
    exact = float(said_exact[-1, 0] - _P)
    label = f"mean confidence minus p = {_P:g} under RLCR, verifier with errors"
    findings.append(Finding(label, gap, error, exact, 0.15 * conditions.rate(_STATE_RATE)))
    return SystemOutcome(
        name="contrastive",
        without=without,
        findings=tuple(findings),
        boundary=_boundary(conditions, start, accepted),
        head=(
            "baseline",
            *(f"{what} {question}" for what, question in _COLUMNS),
        ),
        rows=() if without else _rows(start, accepted),
        panels=_panels(trained, share, share_exact, stated, said, said_exact, a + factor * _P),
        runs=len(share[0]),
    )


def _boundary(conditions: Conditions, start: StatedPolicy, accepted: FloatArray) -> str:
    aim = (
        f"The weight of the question with errors is J ="
        f" {informedness(conditions['false-positive'], conditions['false-negative']):g}"
    )
    k = int(conditions["baselines"])
    least = [least_baselines(*pair) for pair in zip(start.answer[0], accepted, strict=True)]
    asked = list(zip(least, _QUESTIONS, strict=True))
    if conditions.without:
        larger = ", ".join(question for edge, question in asked if edge < k) or "no question"
        return (
            f"{aim}, with the plain reward as well. Only the variance of training differs: beside"
            f" {k} baseline answers that of the plain reward is larger on {larger}."
        )
    before, after = (
        share_of_squares(start.answer[0], accepted, n, group=_TABLE_GROUP)[_HARD] for n in (0, k)
    )
    numbers = ", ".join(
        f"{edge:.2f} ({question})" if edge < inf else f"any number ({question})"
        for edge, question in asked
    )
    return (
        f"The variance falls with more baseline answers than {numbers}, and rises with fewer (here"
        f" {k}); optimum and confidence do not change. {aim}, with the plain reward as well; what"
        f" changes between questions is their share in the squared updates, from {before:.3f} to"
        f" {after:.3f} for the hard question."
    )


def _panels(
    trained: Trained,
    share: FloatArray,
    share_exact: FloatArray,
    stated: Trained,
    said: FloatArray,
    said_exact: FloatArray,
    limit: float,
) -> tuple[Panel, ...]:
    curves: dict[str, FloatArray] = {}
    for x in (_EXACT, _ERRORS):
        curves[f"{_QUESTIONS[x]}, runs"] = share[:, :, x].mean(axis=1)
        curves[f"{_QUESTIONS[x]}, exact"] = share_exact[:, 0, x]
    steps = stated.steps.astype(np.float64)
    return (
        Panel(
            "Right answer",
            "Training step",
            "Probability",
            trained.steps.astype(np.float64),
            curves,
            share[:, :12, _ERRORS].T,
        ),
        Panel(
            "Mean confidence under RLCR",
            "Training step",
            "Probability",
            steps,
            {
                "mean of runs": said.mean(axis=1),
                "exact": said_exact[:, 0],
                "a + J p": np.full(steps.size, limit),
                "p": np.full(steps.size, _P),
            },
        ),
    )


CONTRASTIVE = System(
    name="contrastive",
    story=(
        "The mean reward of k baseline answers of the policy before training is subtracted from"
        " the rewards of each question. With verifier errors a and b the expected reward has the"
        " factor J = 1 - a - b, with the subtraction and without it. The subtraction changes the"
        " variance of training; the optimum, the weights between questions and the stated"
        " confidence stay what they were."
    ),
    switch="the plain reward, without another baseline",
    source="Shen et al. 2024, arXiv 2403.07708",
    verdict=(
        "Agrees that an offline baseline reduces variance, if there are more baseline answers than"
        " (1 - m) / m for an acceptance rate m; disagrees that the subtraction penalises"
        " uncertainty: the factor J is there without it, and with a group mean it cancels. Steps"
        " that are not linear in the reward are left out: clipping, and whitening over questions,"
        " under which it can raise the speed of learning (`combinations`)."
    ),
    show=_show,
    knobs=(
        Knob("baselines", 4, 1, 64, "baseline answers k of each question", whole=True),
        Knob("false-positive", 0.3, 0.0, 0.45, "the rate a at which wrong answers are accepted"),
        Knob("false-negative", 0.3, 0.0, 0.45, "the rate b at which right answers are rejected"),
        Knob("hard", 0.04, 0.01, 0.25, "P(right) before training on the hard question"),
    ),
)
