"""Selection: only the best of N rollouts is reinforced, so that daring reports win."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import rlcr
from simulations.laboratory.policies import StatedPolicy
from simulations.laboratory.system import (
    Finding,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
)
from simulations.laboratory.training import Groups, Trained, mean_field, reward_signal, train

if TYPE_CHECKING:
    from simulations.standard import StudySize
    from simulations.training.kernels import FloatArray

_P, _LEVELS, _RATE = 0.7, 11, 0.5
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


def _along_the_mean(size: int, steps: int, *, without: bool, rate: float = _RATE) -> Trained:
    table = rlcr.table(_GRID)

    def expected(policy: StatedPolicy) -> FloatArray:
        chance = table if without else chance_to_be_kept(policy.confidence[0, 0, 0], _P, size)
        return np.asarray((_P * chance[1] + (1 - _P) * chance[0])[None, None, None])

    shrink = 1 - 1 / size if without else 1.0
    return mean_field(_start(), expected, learning_rate=rate, steps=steps, shrink=shrink)


def _settled(size: int, *, without: bool) -> float:
    """Mean confidence after a long time; an advantage of 1/N on average needs N times the rate."""
    rate = _RATE if without else _RATE * size
    end = _along_the_mean(size, 8000 if without else 3000, without=without, rate=rate).end
    return float(end.mean_confidence()[0])


def _show(scale: StudySize, seed: int, without: bool) -> SystemOutcome:
    runs, steps = (200, 150) if scale == "short" else (600, 400)
    pays = reward_signal(rlcr, _GRID)

    def signal(groups: Groups) -> FloatArray:
        return pays(groups) if without else kept(pays(groups))

    size = 8
    trained = train(
        _start(),
        np.array([[_P]]),
        signal,
        runs=runs,
        group_size=size,
        learning_rate=_RATE,
        steps=steps,
        estimator="group_mean" if without else "none",
        seed=seed,
    )
    limit = _along_the_mean(size, steps, without=without)
    stated = np.array([policy.mean_confidence() for policy in trained.policies])
    exact = np.array([policy.mean_confidence()[0] for policy in limit.policies])
    rise, error = mean_and_error(stated[-1] - stated[0])
    label = f"change of mean confidence at p = {_P}, N = {size}"
    finding = Finding(label, rise, error, float(exact[-1] - exact[0]), _RATE / 20)
    rows = [
        (
            str(n),
            *as_cells(
                [
                    _settled(n, without=without),
                    _P * chance_to_be_kept(np.full(_LEVELS, 1 / _LEVELS), _P, n)[1, -1],
                ]
            ),
        )
        for n in _SIZES
    ]
    x = trained.steps.astype(np.float64)
    curves = {"mean of runs": stated.mean(axis=1), "exact": exact, "p": np.full(x.size, _P)}
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
        panels=(Panel("Mean confidence", "Training step", "Probability", x, curves),),
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
)
