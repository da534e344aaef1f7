"""Selection: only the best of N rollouts is reinforced, so that daring reports win.

Where only the rollout with the largest reward of N is reinforced (rejection sampling, RAFT), a
report is not paid its expected reward but its chance to be the best. With F(v) the probability that
a rollout earns at most v, a rollout that earns v is kept with the probability

    (F(v)^N - F(v-)^N) / (N P(earns v)),    ties shared,

which for large N is decided by the upper tail of the reward. Under RLCR a correct answer with
q = 1 earns 1, more than any other, and what it loses when it is wrong is never seen: confidence
goes to 1 whenever p > 0, although RLCR is strictly proper.

    >>> even = np.full(11, 1 / 11)  # all levels of confidence alike, p = 0.7
    >>> chance = [chance_to_be_kept(even, 0.7, n)[1, -1] for n in (1, 2, 16)]  # q = 1, correct
    >>> [round(float(x), 2) for x in chance]
    [1.0, 0.97, 0.64]
    >>> [round(float(0.7 * chance_to_be_kept(even, 0.7, 16)[1, k]), 3) for k in (7, 10)]
    [0.017, 0.447]
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import rlcr
from simulations.laboratory.compared import compared
from simulations.laboratory.system import (
    Conditions,
    Knob,
    System,
    SystemOutcome,
    as_cells,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, reward_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_LEVELS, _RATE = 11, 0.5
_SIZES = (2, 4, 8, 16)
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_ROUND = 12  # decimals to which rewards are compared


def kept(rewards: FloatArray) -> FloatArray:
    """Whether each rollout is the best of its group; ties share.

    Example:
        >>> kept(np.array([0.2, 0.7, 0.7])).tolist()
        [0.0, 0.5, 0.5]
    """
    best = np.round(rewards, _ROUND) == np.round(rewards.max(axis=-1, keepdims=True), _ROUND)
    return np.asarray(best / best.sum(axis=-1, keepdims=True))


def chance_to_be_kept(levels: FloatArray, p: float, size: int) -> FloatArray:
    """P(kept | the level stated, the outcome) among N - 1 rollouts like the policy's, (2, L).

        ((P(r <= v))^N - (P(r < v))^N) / (N P(r = v))   for a reward of v

    Args:
        levels: the probability of each level, (L,).
        p: the success probability.
        size: N.

    Example:
        >>> float(chance_to_be_kept(np.full(11, 1 / 11), 0.7, 1).min().round(9))
        1.0
    """
    paid = np.round(rlcr.table(_GRID), _ROUND)
    weight = np.stack([(1 - p) * levels, p * levels])
    order = np.unique(paid)
    mass = np.array([weight[paid == value].sum() for value in order])
    below = mass.cumsum() - mass
    upto = below + mass
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(mass > 0, (upto**size - below**size) / (size * mass), below ** (size - 1))
    return np.asarray(share[np.searchsorted(order, paid)])


def _start() -> StatedPolicy:
    levels = np.full((1, 1, 1, _LEVELS), 1 / _LEVELS)
    return StatedPolicy(np.ones((1, 1, 1)), levels, _GRID)


def _along_the_mean(p: float, size: int, steps: int, *, without: bool, rate: float) -> Trained:
    table = rlcr.table(_GRID)

    def expected(policy: StatedPolicy) -> FloatArray:
        chance = table if without else chance_to_be_kept(policy.confidence[0, 0, 0], p, size)
        return np.asarray((p * chance[1] + (1 - p) * chance[0])[None, None, None])

    shrink = 1 - 1 / size if without else 1.0
    return mean_field(_start(), expected, learning_rate=rate, steps=steps, shrink=shrink)


@lru_cache(maxsize=32)
def _settled(p: float, size: int, *, without: bool) -> float:
    """Mean confidence after a long time; an advantage of 1/N on average needs N times the rate."""
    rate = _RATE if without else _RATE * size
    end = _along_the_mean(p, size, 8000 if without else 3000, without=without, rate=rate).end
    return float(end.mean_confidence()[0])


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(200, 600), conditions.steps(150, 400)
    rate, without = conditions.rate(_RATE), conditions.without
    p, size = conditions["p"], int(conditions["group"])
    pays = reward_signal(rlcr, _GRID)

    def signal(groups: Groups) -> FloatArray:
        return pays(groups) if without else kept(pays(groups))

    trained = train(
        _start(),
        np.array([[p]]),
        signal,
        runs=runs,
        group_size=size,
        learning_rate=rate,
        steps=steps,
        estimator="group_mean" if without else "none",
        seed=conditions.seed,
    )
    limit = _along_the_mean(p, size, steps, without=without, rate=rate)
    finding, panel = compared(
        f"change of mean confidence at p = {p:g}, N = {size}",
        trained,
        limit,
        StatedPolicy.mean_confidence,
        bias=rate / 20,
        title="Mean confidence",
        y_label="Probability",
    )
    rows = [
        (
            str(n),
            *as_cells(
                [
                    _settled(p, n, without=without),
                    p * chance_to_be_kept(np.full(_LEVELS, 1 / _LEVELS), p, n)[1, -1],
                ]
            ),
        )
        for n in _SIZES
    ]
    curves = {**panel.curves, "p": np.full(panel.x.size, p)}
    return SystemOutcome(
        name="selection",
        without=without,
        findings=(finding,),
        boundary=(
            "With policy gradient on all N rollouts, mean confidence goes to p."
            if without
            else "For N = 2 and more, confidence goes to 1: where its answer is correct, a report"
            " of 1 has the largest reward of all, and errors are never reinforced."
        ),
        head=("N", "mean confidence in the end, exact", "P(kept) of q = 1 at the start"),
        rows=tuple(rows),
        panels=(replace(panel, curves=curves),),
        runs=runs,
    )


SELECTION = System(
    name="selection",
    story=(
        "Rejection sampling, RAFT and preference pairs from rewards reinforce the rollout with the"
        " largest reward of N. What counts is then the upper tail of the reward, not its mean:"
        " among reports of one answer the most daring one wins as N grows, although the reward,"
        " RLCR, is strictly proper."
    ),
    switch="all N rollouts are used, with the mean of the group as baseline",
    source="Dong et al. 2023 (RAFT), arXiv 2304.06767; docs/theory.md, Theorem 49",
    verdict=(
        "The paper does not study confidence; that selection ignores the mean of the reward is a"
        " theorem here."
    ),
    show=_show,
    knobs=(
        Knob("p", 0.7, 0.01, 0.99, "the success probability"),
        Knob("group", 8, 2, 64, "the number of rollouts N", whole=True),
    ),
)
