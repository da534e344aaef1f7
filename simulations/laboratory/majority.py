"""Self-training on majority votes (SRT, TTRL): which answer wins, and where the right one dies.

An answer is paid if it is the most frequent of its group; m answers that are equally frequent share
the reward. The reward of an answer depends on its share alone, and rises with it, so the order of
the shares is kept: the right answer wins if and only if it starts as the mode of the policy. With a
part f of the errors on the strongest wrong answer that is

    x > f (1 - x),   that is   x > f / (1 + f),

which is 1/8 for 7 wrong answers alike, and nearly 1/2 only if nearly all errors are one answer. For
groups of 3 with their mean as baseline, the gain of answer k is (2/3) (x_k - sum x^2); in groups of
2 both rollouts always earn alike, and nothing is learned.

The minority dies out: under policy gradient its logits fall at a speed in proportion to its own
share, so that the share is at last about 1 / (rate x steps), and the time until it is practically
gone (below 5 %) is long even far from the boundary. Times are given as rate x steps.

    >>> [round(basin(f), 3) for f in (1 / 7, 0.5, 0.9)]
    [0.125, 0.333, 0.474]
    >>> shares = np.array([0.4, 0.35, 0.25])
    >>> expected_gain(shares, 3).round(3).tolist()  # (2/3) (x_k - 0.345)
    [0.037, 0.003, -0.063]
    >>> expected_gain(shares, 2).round(3).tolist()
    [0.0, 0.0, 0.0]
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from itertools import combinations_with_replacement
from math import factorial, isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.compared import along
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
from simulations.signals import majority_vote
from simulations.signals.groups import Groups, verdict_signal
from simulations.signals.training import NothingLearned, Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS = 8
_RATE = 0.1
_SPREADS = (("evenly", 1 / 7), ("half on one", 0.5), ("nine tenths on one", 0.9))
"""How the wrong answers share their probability: the part of it that the strongest has."""
_DISTANCE = 0.06
"""How far from the boundary training starts on either side."""
_GONE, _GONE_RATE = 0.05, 0.2
"""The share below which all other answers together are practically gone; the rate of that study."""
_GONE_STARTS = (-0.5, -0.25, 0.25, 0.5)
"""Where it starts: how far from the boundary on the way to 0 or to 1."""
_LONGEST, _RUNS_TIME = 400.0, 3
"""The longest mean field, as rate x steps; how many times longer the runs are watched."""


def basin(strongest: float) -> float:
    """The share above which the right answer wins, where the strongest wrong answer has a part f.

        x > f (1 - x)   if and only if   x > f / (1 + f)

    Example:
        >>> round(basin(0.9), 3)
        0.474
    """
    return strongest / (1 + strongest)


def starting(right: float, strongest: float) -> StatedPolicy:
    """One question: the right answer, the strongest wrong answer, and others of equal shares.

    Args:
        right: the share of the right answer.
        strongest: the part of the wrong answers' share that the strongest has.
    """
    others = (1 - right) * (1 - strongest) / (_ANSWERS - 2)
    shares = np.array([right, (1 - right) * strongest, *[others] * (_ANSWERS - 2)])
    return StatedPolicy(shares[None, None], np.ones((1, 1, _ANSWERS, 1)), np.array([1.0]))


@lru_cache(maxsize=4)
def _gains(answers: int, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What the G - 1 others may answer, its orders, and what each own answer then gains.

    Returns:
        How often each answer is given by the others, (n, K), in how many orders, (n,), and the
        advantage of each own answer, (n, K). The rewards of a group add up to its largest count.
    """
    drawn = combinations_with_replacement(range(answers), size - 1)
    counts = np.array([np.bincount(some, minlength=answers) for some in drawn], dtype=np.float64)
    orders = [factorial(size - 1) / np.prod([factorial(int(n)) for n in row]) for row in counts]
    own = counts[:, None] + np.eye(answers)  # (n, K, K): the counts with one's own answer
    most = own.max(axis=-1, keepdims=True)
    top = own == most
    paid = np.diagonal(top, axis1=1, axis2=2) / top.sum(axis=-1)
    return counts, np.array(orders), paid - most[..., 0] / size


def expected_gain(shares: FloatArray, group_size: int) -> FloatArray:
    """The expected advantage of each answer in a group of G, by enumeration of the others, (K,).

    The advantage is the reward minus the mean reward of the group, which depends on one's own
    answer too: it can make the others' answer the most frequent one, or share its place.

    Example:
        >>> expected_gain(np.array([0.7, 0.3]), 3).round(3).tolist()
        [0.08, -0.187]
        >>> expected_gain(np.array([0.7, 0.3]), 2).tolist()  # both always earn alike
        [0.0, 0.0]
    """
    counts, orders, gains = _gains(len(shares), group_size)
    return np.asarray((orders * np.prod(shares**counts, axis=-1)) @ gains)


def _along_the_mean(
    start: StatedPolicy, steps: int, *, group: int, rate: float, checkpoints: int = 11
) -> Trained:
    def expected(policy: StatedPolicy) -> FloatArray:
        return expected_gain(policy.answer[0, 0], group)[None, None, :, None]

    return mean_field(start, expected, learning_rate=rate, steps=steps, checkpoints=checkpoints)


def _share(trained: Trained) -> FloatArray:
    """The share of the right answer, (T, R)."""
    return along(trained, lambda policy: policy.answer[:, 0, 0])


def _wins(right: float, strongest: float, group: int) -> bool:
    start = starting(right, strongest)
    end = _along_the_mean(start, 200, group=group, rate=1.0).end.answer[0, 0, 0]
    return bool(end > right)


@lru_cache(maxsize=32)
def measured_basin(strongest: float, group: int, tries: int = 10) -> float:
    """The boundary by bisection along the mean field, in groups of 3 or more."""
    low, high = 0.0, 1.0
    for _ in range(tries):
        middle = (low + high) / 2
        low, high = (low, middle) if _wins(middle, strongest, group) else (middle, high)
    return (low + high) / 2


def extinct(trained: Trained) -> FloatArray:
    """The first step at which all answers but one are practically gone in each run, (R,).

    It is NaN for a run in which this does not happen.
    """
    gone = along(trained, lambda policy: policy.answer[:, 0].max(axis=-1)) >= 1 - _GONE
    return np.where(gone.any(axis=0), trained.steps[gone.argmax(axis=0)], np.nan)


def _rewards(groups: Groups) -> FloatArray:
    return majority_vote(groups.answers)


def _truth() -> FloatArray:
    return np.eye(1, _ANSWERS)


def _change(conditions: Conditions, right: float, side: str) -> tuple[Finding, Trained, Trained]:
    """The change of the right answer's share from one start, over runs and along the mean."""
    steps, rate = conditions.steps(150, 300), conditions.rate(_RATE)
    group, start = int(conditions["group"]), starting(right, conditions["strongest"])
    trained = _trained(conditions, start, group, steps=steps, rate=rate)
    mean = (
        mean_field(
            start,
            lambda policy: _truth()[None, ..., None],
            learning_rate=rate,
            steps=steps,
            shrink=1 - 1 / group,
        )
        if conditions.without
        else _along_the_mean(start, steps, group=group, rate=rate)
    )
    share, limit = _share(trained), _share(mean)[:, 0]
    measured, error = mean_and_error(share[-1] - share[0])
    label = f"change of the right answer's share, from {right:.3f} ({side} the boundary)"
    exact = float(limit[-1] - limit[0])
    return Finding(label, measured, error, exact, rate / 2), trained, mean


def _trained(
    conditions: Conditions,
    start: StatedPolicy,
    group: int,
    *,
    steps: int,
    rate: float,
    checkpoints: int = 11,
) -> Trained:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NothingLearned)  # groups of 2, which the page says
        return train(
            start,
            _truth(),
            verdict_signal if conditions.without else _rewards,
            runs=conditions.runs(48, 256),
            group_size=group,
            learning_rate=rate,
            steps=steps,
            checkpoints=checkpoints,
            seed=conditions.seed,
        )


@lru_cache(maxsize=32)
def _exact_extinction(
    right: float, strongest: float, group: int, *, rate: float, longest: int
) -> float:
    """The first step along the mean at which all other answers are practically gone, or NaN."""
    start = starting(right, strongest)
    mean = _along_the_mean(start, longest, group=group, rate=rate, checkpoints=longest + 1)
    return float(extinct(mean)[0])


def _extinction(conditions: Conditions, right: float) -> Finding:
    """The time until all other answers are practically gone, over runs and along the mean."""
    rate, group = conditions.rate(_GONE_RATE), int(conditions["group"])
    strongest, longest = conditions["strongest"], round(_LONGEST / rate)
    exact, start = (
        _exact_extinction(right, strongest, group, rate=rate, longest=longest),
        starting(right, strongest),
    )
    steps = longest if isnan(exact) else min(longest, round(_RUNS_TIME * exact) + 10)
    runs = _trained(conditions, start, group, steps=steps, rate=rate, checkpoints=steps + 1)
    measured, error = mean_and_error(extinct(runs) * rate)
    label = f"rate x steps until all answers but one are gone, from {right:.3f}"
    return Finding(label, measured, error, exact * rate, 15 * rate)


def _extinctions(conditions: Conditions) -> list[Finding]:
    """The extinction time from each start; below the boundary one wrong answer must be ahead."""
    edge, alike = basin(conditions["strongest"]), conditions["strongest"] < 1 / 7 + 1e-6
    starts = [edge + by * (edge if by < 0 else 1 - edge) for by in _GONE_STARTS]
    return [_extinction(conditions, at) for at in starts if at > edge or not alike]


def _nothing_in_pairs(conditions: Conditions, beside: float) -> Finding:
    """The change of the right answer's share in groups of 2, where all rollouts earn alike.

    Args:
        conditions: how the system is run.
        beside: the change from the same start in groups of the size that is set.
    """
    right = basin(conditions["strongest"]) + _DISTANCE
    start, rate = starting(right, conditions["strongest"]), conditions.rate(_RATE)
    steps = conditions.steps(50, 50)
    runs = _share(_trained(conditions, start, 2, steps=steps, rate=rate))
    mean = _share(_along_the_mean(start, steps, group=2, rate=rate))[:, 0]
    label = f"change of the right answer's share in groups of 2, from {right:.3f}"
    exact = float(mean[-1] - mean[0])
    return Finding(label, *mean_and_error(runs[-1] - runs[0]), exact, beside=beside)


def _rows(group: int) -> tuple[tuple[str, ...], ...]:
    """The boundary in closed form and by bisection, which groups of 2 do not have."""
    return tuple(
        (name, *as_cells([basin(f), measured_basin(f, group) if group > 2 else nan]))
        for name, f in _SPREADS
    )


_BOUNDARY = (
    "The right answer wins if and only if its share exceeds that of the strongest wrong answer, not"
    " one half. The minority is gone the later, the nearer training starts to the boundary; in"
    " groups of 2 both rollouts always earn alike, and nothing drifts."
)


def _show(conditions: Conditions) -> SystemOutcome:
    without, group = conditions.without, int(conditions["group"])
    edge = basin(conditions["strongest"])
    findings: list[Finding] = []
    curves: dict[str, FloatArray] = {}
    x = np.empty(0)
    for side, right in (("above", edge + _DISTANCE), ("below", edge - _DISTANCE)):
        finding, trained, mean = _change(conditions, right, side)
        findings.append(finding)
        x = trained.steps.astype(np.float64)
        curves[f"{side}, mean of runs"] = _share(trained).mean(axis=1)
        curves[f"{side}, exact"] = _share(mean)[:, 0]
    if not without:
        findings.append(_nothing_in_pairs(conditions, beside=findings[0].exact))
    if not without and group > 2:
        findings += _extinctions(conditions)
    return SystemOutcome(
        name="majority",
        without=without,
        findings=tuple(findings),
        boundary="With the verdict of a verifier the right answer gains from every start."
        if without
        else _BOUNDARY
        if group > 2
        else "In groups of 2 both rollouts always earn alike: nothing drifts from any start, and no"
        " answer dies out.",
        head=("wrong answers share", "boundary, exact", "by bisection"),
        rows=() if without else _rows(group),
        panels=(Panel("Share of the right answer", "Training step", "Probability", x, curves),),
        runs=conditions.runs(48, 256),
    )


MAJORITY = System(
    name="majority",
    story=(
        "The reward of a rollout is whether its answer is the most frequent of its group (ties are"
        " shared). Nothing in it knows the truth. The order of the shares is kept, so that the"
        " right answer wins where it is the mode of the policy, and dies out where it is not."
    ),
    switch="the reward is the verdict of a verifier",
    source="Shafayat et al. 2025 (SRT), arXiv 2505.21444; Zuo et al. 2025 (TTRL)",
    verdict=(
        "Agrees that accuracy rises where the majority is right and collapses where it is not; the"
        " threshold is the share of the strongest wrong answer, not one half."
    ),
    show=_show,
    knobs=(
        Knob("strongest", 0.5, 1 / 7, 1.0, "the strongest wrong answer's part of the errors"),
        Knob(
            "group", 5, 2, 8, "rollouts of the question; in groups of 2 nothing drifts", whole=True
        ),
    ),
)
