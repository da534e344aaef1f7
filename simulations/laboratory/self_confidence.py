"""Correctness combined with one's own confidence, beside RLCR: what the guarantee buys.

Three rewards combine the verdict c with the confidence q, or with the probability pi(y) of the
answer under the policy:

    c + w (2c - 1) q     its expectation is linear in q, so that q = 1 is best for p > 1/2, else 0
    c q                  q = 1 is best for every p
    c pi(y)              of two answers, the one with the larger p pi(y) gains

None of them makes honest confidence optimal. RLCR, c - (q - c)^2, does: its guarantee (properness
and joint optimality) buys two things. The first is calibration, hence decisions: a user who acts
where q >= t loses nothing. Under the signed reward only t = 1/2 is safe; for p uniform on [0, 1]
the loss is (t - 1/2)^2 / 2, and under c q, which says yes to everything, t^2 / 2. The second is the
answer: under c pi(y) the better of two answers dies out if its share is below p_2 / (p_1 + p_2).
The guarantee is about a stated confidence that is free; where pi(y) itself is the confidence, RLCR
also loses the better answer from shares below (2 p_2 - 1) / (2 (p_1 + p_2 - 1)).

    >>> round(least_share("product", 0.8, 0.6), 3)  # below, the worse answer wins
    0.429
    >>> round(least_share("rlcr", 0.8, 0.6), 3)  # if pi(y) is the confidence
    0.25
    >>> [round(decision_loss(name, 0.8), 3) for name in ("signed", "product", "rlcr")]
    [0.045, 0.32, 0.0]
    >>> from scoring_theory import check
    >>> check("c + (2*c - 1)*q/2").headline()[:8]
    'IMPROPER'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan, nan
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
    as_cells,
    mean_and_error,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, Signal, reward_signal
from simulations.signals.named import own_probability
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_LEVELS, _STATE_GROUP, _GROUP = 11, 16, 8
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_STATE_RATE, _RATE = 0.2, 0.5
_BELOW, _ABOVE = 0.7, 1.3
"""Where training starts, in units of the boundary."""
_THRESHOLDS = (0.2, 0.5, 0.8)
_SETTLING = 3000
"""Steps until the better answer has won or lost."""


_OWN: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = MappingProxyType(
    {
        "product": lambda p, x: p * x,
        "signed": lambda p, x: p + (2 * p - 1) * x / 2,
        "rlcr": lambda p, x: 2 * p * x - x**2,
    }
)
"""What an answer earns on average whose own probability x is its confidence."""


def least_share(reward: str, better: float, worse: float) -> float:
    """The share of the better of two answers above which it wins, where pi(y) is the confidence.

    The lead of the better answer is linear in its share x, so the boundary is its root; NaN if
    the better answer does not win from any start.

        c pi(y):                  p_2 / (p_1 + p_2)
        c + (2c - 1) pi(y) / 2:   (2 p_2 - p_1 - 1/2) / (p_1 + p_2 - 1), or 0 if that is less
        c - (pi(y) - c)^2:        (2 p_2 - 1) / (2 (p_1 + p_2 - 1)), or 0 if p_2 <= 1/2

    Args:
        reward: "product" for the first, "signed" for the second, "rlcr" for the third.
        better: p of the better answer.
        worse: p of the other one.

    Raises:
        ValueError: the reward is unknown.

    Example:
        >>> least_share("product", 0.75, 0.25), least_share("rlcr", 0.75, 0.25)
        (0.25, 0.0)
    """
    last, first = (_lead(reward, better, worse, share) for share in (1.0, 0.0))
    if last <= 0:
        return nan
    return 0.0 if first >= 0 else first / (first - last)


def settled_share(reward: str, better: float, worse: float, share: float) -> float:
    """The better answer's share in the end, where its own probability is the confidence.

    Args:
        reward: as for `least_share`.
        better: p of the better answer.
        worse: p of the other one.
        share: the share of the better answer at the start.

    Raises:
        ValueError: the reward is unknown.

    Example:
        >>> [round(settled_share("product", 0.8, 0.4, x), 2) for x in (0.25, 0.4)]
        [0.0, 1.0]
    """
    odds = np.log(share / (1 - share))
    for _ in range(_SETTLING):
        odds = np.clip(odds + _lead(reward, better, worse, 1 / (1 + np.exp(-odds))), -50, 50)
    return float(1 / (1 + np.exp(-odds)))


def _lead(reward: str, better: float, worse: float, share: float) -> float:
    """How much more the better answer earns on average than the other one."""
    if reward not in _OWN:
        raise ValueError(f"`reward` must be one of {', '.join(_OWN)}, got {reward!r}")
    first, second = _OWN[reward](np.array([better, worse]), np.array([share, 1 - share]))
    return float(first - second)


def decision_loss(reward: str, threshold: float) -> float:
    """What a user loses who acts where q >= t, with the optimal reports, for p uniform on [0, 1].

    To act earns p - t, not to act 0.

    Args:
        reward: "signed" (c + w (2c - 1) q), "product" (c q) or "rlcr".
        threshold: t, in [0, 1].

    Raises:
        ValueError: the reward is unknown.

    Example:
        >>> decision_loss("signed", 0.5)
        0.0
    """
    losses = {"signed": (threshold - 0.5) ** 2 / 2, "product": threshold**2 / 2, "rlcr": 0.0}
    if reward not in losses:
        raise ValueError(f"`reward` must be one of {', '.join(losses)}, got {reward!r}")
    return losses[reward] if threshold > 0 else 0.0  # everybody acts from 0 on


def _signed(weight: float) -> FloatArray:
    """c + w (2c - 1) q for each outcome and level, (2, L)."""
    return np.stack([-weight * _GRID, 1 + weight * _GRID])


def _signal_of(table: FloatArray) -> Signal:
    def rewards(groups: Groups) -> FloatArray:
        return np.asarray(table[groups.correct.astype(np.int64), groups.levels])

    return rewards


def _stating(questions: int) -> StatedPolicy:
    """One answer in each question, with every level alike."""
    levels = np.full((1, questions, 1, _LEVELS), 1 / _LEVELS)
    return StatedPolicy(np.ones((1, questions, 1)), levels, _GRID)


def _answering(shares: FloatArray) -> StatedPolicy:
    """Questions with two answers; the better one has the given share, in turn first and last."""
    pairs = np.stack([shares, 1 - shares], axis=-1)
    pairs[1::2] = pairs[1::2, ::-1]
    levels = np.full((1, len(shares), 2, _LEVELS), 1 / _LEVELS)
    return StatedPolicy(pairs[None], levels, _GRID)


def _answers_truth(better: float, worse: float, questions: int) -> FloatArray:
    truth = np.tile([better, worse], (questions, 1))
    truth[1::2] = truth[1::2, ::-1]
    return truth


def _better_share(trained: Trained) -> FloatArray:
    """The share of the better answer, (T, R, Q)."""
    answer = np.array([policy.answer for policy in trained.policies])
    at = np.arange(answer.shape[2])
    return np.asarray(answer[:, :, at, at % 2])


def _expected_table(truth: FloatArray, table: FloatArray) -> FloatArray:
    """The expected reward of each answer with each level, (1, Q, K, L)."""
    p = truth[..., None]
    return np.asarray(p * table[1] + (1 - p) * table[0])[None]


def _loss_of_user(policy: StatedPolicy, p: FloatArray, threshold: float) -> FloatArray:
    """What a user loses who acts where q >= t, the mean over questions of one answer, (R,)."""
    acts = (policy.confidence[:, :, 0] * (policy.grid >= threshold - 1e-9)).sum(axis=-1)
    return np.asarray((np.maximum(p - threshold, 0) - acts * (p - threshold)).mean(axis=-1))


def _states(conditions: Conditions) -> tuple[Trained, Trained, FloatArray]:
    """Training of the stated confidence, its mean field, and p of each question."""
    p = np.array([conditions["easy"], conditions["hard"]])
    table = np.asarray(rlcr.table(_GRID)) if conditions.without else _signed(conditions["weight"])
    rate, steps = conditions.rate(_STATE_RATE), conditions.steps(2000, 4000)
    trained = train(
        _stating(2),
        p[:, None],
        reward_signal(rlcr, _GRID) if conditions.without else _signal_of(table),
        runs=conditions.runs(200, 400),
        group_size=_STATE_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    paid = _expected_table(p[:, None], table)
    shrink = 1 - 1 / _STATE_GROUP
    limit = mean_field(_stating(2), lambda _: paid, learning_rate=rate, steps=steps, shrink=shrink)
    return trained, limit, p


def _answers(conditions: Conditions) -> tuple[Trained, Trained, FloatArray]:
    """Training of the answers, its mean field, and the share at the start of each question."""
    better, worse = conditions["better"], conditions["worse"]
    if worse >= better:
        raise ValueError(f"`worse` must be less than `better`, got {worse:g} and {better:g}")
    shares = least_share("product", better, worse) * np.array([_BELOW, _ABOVE])
    truth, start = _answers_truth(better, worse, 2), _answering(shares)
    rate, steps = conditions.rate(_RATE), conditions.steps(100, 200)
    trained = train(
        start,
        truth,
        reward_signal(rlcr, _GRID) if conditions.without else own_probability,
        runs=conditions.runs(200, 400),
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    paid = _expected_table(truth, np.asarray(rlcr.table(_GRID)))

    def own(policy: StatedPolicy) -> FloatArray:
        return np.broadcast_to((truth * policy.answer)[..., None], paid.shape)

    limit = mean_field(
        start,
        (lambda _: paid) if conditions.without else own,
        learning_rate=rate,
        steps=steps,
        shrink=1 - 1 / _GROUP,
    )
    return trained, limit, shares


def _show(conditions: Conditions) -> SystemOutcome:
    rate, without = conditions.rate(_RATE), conditions.without
    trained, limit, p = _states(conditions)
    stated = np.array([policy.confidence[:, :, 0] @ _GRID for policy in trained.policies])
    exact = np.array([policy.confidence[:, :, 0] @ _GRID for policy in limit.policies])
    answered, mean, shares = _answers(conditions)
    share, share_exact = _better_share(answered), _better_share(mean)
    t, reward = conditions["threshold"], "RLCR" if without else "the signed reward"
    of_answers = "RLCR" if without else "c pi(y)"
    loss, loss_exact = (_loss_of_user(one.end, p, t) for one in (trained, limit))
    measured = [
        (
            f"mean confidence minus p = {p[i]:g}, {reward}",
            stated[-1, :, i] - p[i],
            exact[-1, 0, i] - p[i],
            0.08 * rate,
        )
        for i in (0, 1)
    ]
    measured.append(
        (f"loss of a user who acts from {t:g} on, {reward}", loss, loss_exact[0], 0.03 * rate)
    )
    measured += [
        (
            f"change of the better answer's share from {shares[i]:.3f} ({side}), {of_answers}",
            share[-1, :, i] - shares[i],
            share_exact[-1, 0, i] - shares[i],
            0.04 * rate,
        )
        for i, side in enumerate(("below", "above"))
    ]
    return SystemOutcome(
        name="self-confidence",
        without=without,
        findings=tuple(
            Finding(label, *mean_and_error(values), float(value), bias)
            for label, values, value, bias in measured
        ),
        boundary=_boundary(conditions),
        head=(
            "reward",
            f"q at p = {p[1]:g}",
            f"q at p = {p[0]:g}",
            *(f"loss, t = {t:g}" for t in _THRESHOLDS),
            "better answer wins from",
        ),
        rows=_rows(conditions),
        panels=_panels(trained, stated, exact, answered, share, share_exact),
        runs=len(stated[-1]),
    )


def _boundary(conditions: Conditions) -> str:
    if conditions.without:
        return (
            "Under RLCR confidence goes to p, every threshold of a user is safe, and the better"
            " answer gains from every start."
        )
    edge = least_share("product", conditions["better"], conditions["worse"])
    return (
        "The signed reward says 1 above p = 1/2 and 0 below, so that only users who act from 1/2"
        f" on lose nothing; under c pi(y) the better answer dies out below a share of {edge:.3f}."
    )


def _rows(conditions: Conditions) -> tuple[tuple[str, ...], ...]:
    easy, hard = conditions["easy"], conditions["hard"]
    better, worse = conditions["better"], conditions["worse"]
    stated = {
        "c + w (2c - 1) q": ("signed", (0.0, 1.0)),
        "c q": ("product", (1.0, 1.0)),
        "c - (q - c)^2": ("rlcr", (hard, easy)),
    }
    rows = []
    for text, (name, reports) in stated.items():
        losses = [decision_loss(name, t) for t in _THRESHOLDS]
        rows.append((text, *as_cells([*reports, *losses, 0.0])))
    own = {"c pi(y)": "product", "c + (2c - 1) pi(y) / 2": "signed", "c - (pi(y) - c)^2": "rlcr"}
    blank = ("",) * (2 + len(_THRESHOLDS))
    for text, name in own.items():
        least = least_share(name, better, worse)
        rows.append((text, *blank, "never" if isnan(least) else f"{least:.3f}"))
    return tuple(rows)


def _panels(
    trained: Trained,
    stated: FloatArray,
    exact: FloatArray,
    answered: Trained,
    share: FloatArray,
    share_exact: FloatArray,
) -> tuple[Panel, ...]:
    def curves(
        runs: FloatArray, limit: FloatArray, names: tuple[str, str]
    ) -> dict[str, FloatArray]:
        found: dict[str, FloatArray] = {}
        for i, name in enumerate(names):
            found |= {f"{name}, runs": runs[:, :, i].mean(axis=1), f"{name}, exact": limit[:, 0, i]}
        return found

    return (
        Panel(
            "Mean confidence",
            "Training step",
            "Probability",
            trained.steps.astype(np.float64),
            curves(stated, exact, ("easy", "hard")),
        ),
        Panel(
            "Better of two answers",
            "Training step",
            "Probability",
            answered.steps.astype(np.float64),
            curves(share, share_exact, ("below", "above")),
        ),
    )


SELF_CONFIDENCE = System(
    name="self-confidence",
    story=(
        "The verdict is combined with the model's own confidence: c + w (2c - 1) q with a stated"
        " confidence, or c pi(y) with the probability of the answer. The first drives confidence"
        " to 0 or 1, the second lets the answer win that is frequent already. RLCR keeps both:"
        " honest confidence, and the better answer."
    ),
    switch="the reward is RLCR, c - (q - c)^2, with a stated confidence",
    source="Damani et al. 2025 (RLCR), arXiv 2507.16806, for the guarantee; docs/theory.md",
    verdict=(
        "Agrees with the guarantee of the paper for a stated confidence that is free; where the"
        " probability of the answer is the confidence, RLCR itself has a start below which the"
        " better answer loses (p_2 > 1/2), which the paper does not study."
    ),
    show=_show,
    knobs=(
        Knob("easy", 0.7, 0.5, 0.99, "the success probability of the easy question"),
        Knob("hard", 0.3, 0.01, 0.5, "the success probability of the hard question"),
        Knob("weight", 0.5, 0.05, 2.0, "the weight w of the signed confidence"),
        Knob("threshold", 0.8, 0.0, 1.0, "the confidence from which a user acts"),
        Knob("better", 0.8, 0.5, 0.99, "the success probability of the better answer"),
        Knob("worse", 0.6, 0.05, 0.95, "the success probability of the other answer"),
    ),
)
