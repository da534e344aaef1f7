"""Selection: best of N and preference pairs from rewards, where daring reports win.

Where only the rollout with the largest reward of N is reinforced (rejection sampling, RAFT), a
report is not paid its expected reward but its chance to be the best. With F(v) the probability that
a rollout earns at most v, a rollout that earns v is kept with the probability

    (F(v)^N - F(v-)^N) / (N P(earns v)),    ties shared,

which for large N is decided by the upper tail of the reward. Under RLCR a correct answer with
q = 1 earns 1, more than any other, and what it loses when it is wrong is never seen. Among rollouts
that state p, each kept with probability 1/N, a report of 1 is kept with the probability p and one
of 0 with (1 - p)^(N - 1): so for p > 1/N confidence is driven to 1, although RLCR is strictly
proper, and where (1 - p)^(N - 1) > 1/N too, it ends up divided between 0 and 1.

Preference pairs forget the size of the reward in another way. Of two rollouts the one with the
larger reward is preferred, and DPO makes the preferred report more likely: it lowers

    -log sigmoid(beta log(pi_w / pi_0,w) - beta log(pi_l / pi_0,l))    winner w, loser l

Under RLCR a correct rollout earns more than a wrong one, the bolder of two correct ones more than
the other, and the more modest of two wrong ones: a bolder report wins if and only if it is correct.
So it wins with the probability p, whatever the two reports are, and confidence goes up if p > 1/2
and down if p < 1/2. At p = 1/2 nothing is learned; the limit is near 1 or 0 for a small beta.

    >>> even = np.full(11, 1 / 11)  # all levels of confidence alike, p = 0.7
    >>> chance = [chance_to_be_kept(even, 0.7, n)[1, -1] for n in (1, 2, 16)]  # q = 1, correct
    >>> [round(float(x), 2) for x in chance]
    [1.0, 0.97, 0.64]
    >>> [round(float(0.7 * chance_to_be_kept(even, 0.7, 16)[1, k]), 3) for k in (7, 10)]
    [0.017, 0.447]
    >>> wins = chance_to_win(0.7)
    >>> [round(float(wins[k, j]), 3) for k, j in ((10, 9), (9, 10), (10, 0), (6, 2))]
    [0.7, 0.3, 0.7, 0.7]
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
from simulations.signals.groups import Groups, Signal, reward_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_LEVELS, _RATE, _LONG = 11, 0.5, 3000
_SIZES = (2, 4, 8, 16)
_PAIRED = (0.1, 0.3, 0.5, 0.7, 0.9)
_BETA = 0.1
"""The coefficient of the KL penalty that DPO implies."""
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


def chance_to_win(p: float) -> FloatArray:
    """P(a rollout with level k earns more than one with level l), by enumeration, (L, L).

    Two outcomes are independent, and ties have no winner.

    Args:
        p: the success probability.

    Example:
        >>> float(chance_to_win(0.7)[10, 3].round(9))
        0.7
    """
    paid = np.round(rlcr.table(_GRID), _ROUND)
    chance = (1 - p, p)
    wins = np.zeros((_LEVELS, _LEVELS))
    for own in (0, 1):
        for other in (0, 1):
            more = paid[own][:, None] > paid[other][None, :]
            wins += chance[own] * chance[other] * more
    return wins


def preferred(rewards: FloatArray, lift: FloatArray) -> FloatArray:
    """What DPO adds for each rollout of a group, the mean over its pairs, (..., N).

    The winner of a pair gains sigmoid(-(lift_w - lift_l)), and the loser loses it.

    Args:
        rewards: the rewards, (..., N).
        lift: beta log(pi / pi_0) of each rollout, (..., N).

    Example:
        >>> preferred(np.array([1.0, 0.5, 0.5]), np.zeros(3)).tolist()
        [0.5, -0.25, -0.25]
    """
    paid = np.round(rewards, _ROUND)
    sign = np.sign(paid[..., :, None] - paid[..., None, :])
    ahead = sign * (lift[..., :, None] - lift[..., None, :])
    pulled = sign / (1 + np.exp(ahead))
    return np.asarray(pulled.sum(axis=-1) / (rewards.shape[-1] - 1))


def expected_preference(levels: FloatArray, frozen: FloatArray, p: float) -> FloatArray:
    """The expectation of `preferred` for each level, against a rollout of the policy, (L,).

    Args:
        levels: the probability of each level, (L,).
        frozen: the same before training, (L,).
        p: the success probability.

    Example:
        >>> even = np.full(11, 1 / 11)
        >>> bool(np.abs(expected_preference(even, even, 0.5)).max() < 1e-12)
        True
    """
    lift = _lift(levels, frozen)
    won = chance_to_win(p) / (1 + np.exp(lift[:, None] - lift[None, :]))
    return np.asarray((won - won.T) @ levels)


def _lift(levels: FloatArray, frozen: FloatArray) -> FloatArray:
    return np.asarray(_BETA * np.log(np.maximum(levels, 1e-300) / frozen))


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


def _paired_mean(p: float, steps: int, rate: float) -> Trained:
    """The mean field of DPO on pairs of rollouts."""
    frozen = _start().confidence[0, 0, 0]

    def expected(policy: StatedPolicy) -> FloatArray:
        levels = policy.confidence[0, 0, 0]
        return expected_preference(levels, frozen, p)[None, None, None]

    return mean_field(_start(), expected, learning_rate=rate, steps=steps)


def _pair_signal(groups: Groups) -> FloatArray:
    """`preferred` of the rollouts that a policy with one answer has given."""
    lift = _lift(groups.policy.confidence, groups.frozen.confidence)[:, :, 0]
    own = np.take_along_axis(np.broadcast_to(lift, (*groups.levels.shape[:2], _LEVELS)),
                             groups.levels, axis=-1)  # fmt: skip
    return preferred(reward_signal(rlcr, _GRID)(groups), own)


@lru_cache(maxsize=32)
def _settled(p: float, size: int, *, without: bool) -> float:
    """Mean confidence after a long time; an advantage of 1/N on average needs N times the rate."""
    rate = _RATE if without else _RATE * size
    steps = 3 * _LONG if without else _LONG
    end = _along_the_mean(p, size, steps, without=without, rate=rate).end
    return float(end.mean_confidence()[0])


@lru_cache(maxsize=32)
def _settled_pairs(p: float) -> float:
    """Mean confidence after a long training on preference pairs."""
    return float(_paired_mean(p, _LONG, 4 * _RATE).end.mean_confidence()[0])


def _rows(p: float, size: int, *, without: bool) -> tuple[tuple[str, ...], ...]:
    """The end of training by each selection, exactly."""
    first = np.full(_LEVELS, 1 / _LEVELS)
    rows = []
    for n in sorted({*_SIZES, size}):
        name = f"all of {n}, group mean" if without else f"best of {n}"
        kept_at_first = "" if without else f"{p * chance_to_be_kept(first, p, n)[1, -1]:.3f}"
        rows.append((name, f"{p:g}", *as_cells([_settled(p, n, without=without)]), kept_at_first))
    if not without:
        rows += [
            ("preference pairs", f"{each:g}", *as_cells([_settled_pairs(each)]), "")
            for each in sorted({*_PAIRED, p})
        ]
    return tuple(rows)


def _boundary(p: float, size: int, *, without: bool) -> str:
    if without:
        return "With policy gradient on all N rollouts, mean confidence goes to p."
    bold, modest = p * size > 1, (1 - p) ** (size - 1) * size > 1
    ends = "1 and 0" if bold and modest else "1" if bold else "0" if modest else "neither"
    side = "so that confidence goes up" if p > 0.5 else "so that confidence goes down"
    if p == 0.5:
        side = "so that nothing is learned"
    return (
        f"Among truthful rollouts, each kept with the probability 1/N ({1 / size:.3f} here), a"
        f" report of 1 is kept with the probability p ({p:g}) and one of 0 with (1 - p)^(N - 1)"
        f" ({(1 - p) ** (size - 1):.3f}), so that reports of {ends} are reinforced and mean"
        f" confidence goes to {_settled(p, size, without=False):.3f}. With preference pairs the"
        f" boundary is p = 1/2: the bolder of two reports wins with the probability p, {side},"
        " however much an error costs."
    )


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(200, 600), conditions.steps(150, 400)
    rate, without = conditions.rate(_RATE), conditions.without
    p, size = conditions["p"], int(conditions["group"])
    pays = reward_signal(rlcr, _GRID)

    def best_of_group(groups: Groups) -> FloatArray:
        return kept(pays(groups))

    def run(signal: Signal, estimator: str) -> Trained:
        return train(
            _start(),
            np.array([[p]]),
            signal,
            runs=runs,
            group_size=size,
            learning_rate=rate,
            steps=steps,
            estimator=estimator,
            seed=conditions.seed,
        )

    chosen = run(pays, "group_mean") if without else run(best_of_group, "none")
    limit = _along_the_mean(p, size, steps, without=without, rate=rate)
    trainings = [(f"change of mean confidence at p = {p:g}, N = {size}", chosen, limit)]
    if not without:
        label = f"the same by preference pairs of N = {size} (DPO)"
        trainings.append((label, run(_pair_signal, "none"), _paired_mean(p, steps, rate)))
    made = [
        compared(
            label,
            trained,
            exact,
            StatedPolicy.mean_confidence,
            bias=rate / 20,
            title="Mean confidence" if i == 0 else "By preference pairs",
            y_label="Probability",
        )
        for i, (label, trained, exact) in enumerate(trainings)
    ]
    return SystemOutcome(
        name="selection",
        without=without,
        findings=tuple(finding for finding, _ in made),
        boundary=_boundary(p, size, without=without),
        head=(
            "selected by",
            "p",
            "mean confidence in the end, exact",
            "P(kept) of q = 1 at the start",
        ),
        rows=_rows(p, size, without=without),
        panels=tuple(
            replace(panel, curves={**panel.curves, "p": np.full(panel.x.size, p)})
            for _, panel in made
        ),
        runs=runs,
    )


SELECTION = System(
    name="selection",
    story=(
        "Rejection sampling and RAFT reinforce the rollout with the largest reward of N. What"
        " counts is then the upper tail of the reward, not its mean: among reports of one answer"
        " the most daring one wins as N grows, although the reward, RLCR, is strictly proper."
        " Preference pairs from rewards (DPO, the higher reward preferred) keep the order of two"
        " rewards and not their distance: the bolder report wins if it is right, so that confidence"
        " goes towards 1 or 0 on either side of p = 1/2."
    ),
    switch="all N rollouts are used, with the mean of the group as baseline",
    source=(
        "Dong et al. 2023 (RAFT), arXiv 2304.06767; Rafailov et al. 2023 (DPO), arXiv 2305.18290;"
        " docs/theory.md, Theorem 49"
    ),
    verdict=(
        "The papers do not study confidence; that selection ignores the mean of the reward is a"
        " theorem here, and the boundary of preference pairs an enumeration."
    ),
    show=_show,
    knobs=(
        Knob("p", 0.7, 0.01, 0.99, "the success probability"),
        Knob("group", 8, 2, 64, "the number of rollouts N", whole=True),
    ),
)
