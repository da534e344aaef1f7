"""Expected advantages of a group whose estimator compares questions, by enumeration of batches.

To the mean and the standard deviation of its batch a group contributes only its sum and its sum of
squares, or what is the same, its mean m and its sum of squared deviations d^2. Groups that are
alike in both are one state, and two of them, of n and k rollouts, are again a state:

    m = (n m_1 + k m_2) / (n + k),    d^2 = d_1^2 + d_2^2 + (m_1 - m_2)^2 n k / (n + k)

so that the states of the other questions are few, and the expectation over them, given the own
group, is a short sum. No squares cancel, so that rewards that are all alike are so here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from simulations.signals.groups import EPSILON, MAX_GROUPS, SAME, advantages_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray


@dataclass(frozen=True)
class _States:
    """What the rewards of some questions may be: S states of `size` rollouts together.

    Attributes:
        size: the number of rollouts.
        mean: their mean, (S,).
        deviation: the root of the sum of their squared deviations from it, (S,).
        chance: the probability, (S,).
    """

    size: int
    mean: FloatArray
    deviation: FloatArray
    chance: FloatArray


_NOTHING = _States(0, np.zeros(1), np.zeros(1), np.ones(1))


def expected_advantages(
    rewards: FloatArray,
    chance: FloatArray,
    estimator: str,
    *,
    epsilon: float = EPSILON,
    numbers: NDArray[np.int64] | None = None,
) -> FloatArray:
    """The expected advantages of every group, (N, Q, G), over the groups of the other questions.

    They mean the same as those of `advantages_of` on a batch of one group of each question.

    Args:
        rewards: of N groups, (N, Q, G).
        chance: the probability of each group, (N, Q).
        estimator: a name of `scoring_theory.advantage.ESTIMATORS`.
        epsilon: added to a standard deviation or a mean before dividing by it.
        numbers: the number of the question of each column, (Q,), if a question has several, whose
            probabilities then add up to 1.

    Raises:
        ValueError: there are too many batches, or the estimator needs the components of a reward.

    Example:
        >>> rewards = np.array([[[0.0], [0.0]], [[1.0], [1.0]]])  # two questions, one rollout each
        >>> chance = np.array([[0.5, 0.5], [0.5, 0.5]])
        >>> expected_advantages(rewards, chance, "global_mean")[:, 0, 0].tolist()
        [-0.25, 0.25]
    """
    made, size = ESTIMATORS[estimator], rewards.shape[-1]
    if not made.of_batch:
        return advantages_of(rewards, estimator, epsilon=epsilon)
    mean = rewards.mean(axis=-1)
    deviation = np.sqrt(((rewards - mean[..., None]) ** 2).sum(axis=-1))
    labels = np.arange(rewards.shape[1]) if numbers is None else numbers
    questions = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    merged = [
        _merged(_States(size, *(part[:, at].ravel() for part in (mean, deviation, chance))))
        for at in questions
    ]
    scaled = made.scale == "batch_std"
    states = [_possible(one) if scaled else _expected(one) for one, _ in merged]
    slope, shift = np.empty(mean.shape), np.empty(mean.shape)
    for x, (at, (own, kind)) in enumerate(zip(questions, merged, strict=True)):
        others = reduce(_beside, states[:x] + states[x + 1 :] or [_NOTHING])
        found = _slopes(own, others, epsilon if scaled else None)
        for part, values in zip((slope, shift), found, strict=True):
            part[:, at] = values[kind].reshape(len(rewards), at.size)
    factor = size / (size - 1) if made.baseline == "leave_one_out" else 1.0
    centre = {"none": -mean * slope, "batch_mean": shift}.get(made.baseline, 0.0 * shift)
    return np.asarray(factor * ((rewards - mean[..., None]) * slope[..., None] - centre[..., None]))


def _slopes(own: _States, others: _States, epsilon: float | None) -> tuple[FloatArray, FloatArray]:
    """The expectations of 1/s and of (m - own mean)/s, for mean and deviation m, s of the batch.

    Args:
        own: the states of the own group.
        others: the states of the other questions.
        epsilon: added to s; if it is None, s is 1.
    """
    batch = _joined(own, others)
    mean, deviation = (part.reshape(len(own.mean), -1) for part in (batch.mean, batch.deviation))
    weight = np.ones(mean.shape)
    if epsilon is not None:
        spread = deviation / (batch.size - 1) ** 0.5
        differ = spread > SAME * (1 + np.abs(mean))
        weight = differ / np.where(differ, spread + epsilon, 1.0)
    return weight @ others.chance, ((mean - own.mean[:, None]) * weight) @ others.chance


def _beside(one: _States, other: _States) -> _States:
    """The states of the questions of both."""
    return _merged(_joined(one, other))[0]


def _joined(one: _States, other: _States) -> _States:
    """Every state of the one with every state of the other.

    Raises:
        ValueError: there are too many.
    """
    if len(one.mean) * len(other.mean) > MAX_GROUPS:
        raise ValueError(
            f"at most {MAX_GROUPS} batches can be enumerated for an estimator that compares the"
            f" rewards of several questions, got {len(one.mean)} times {len(other.mean)} groups"
            " that differ in the mean or the spread of their rewards: take fewer questions or"
            " smaller groups"
        )
    n, k = one.size, other.size
    gap = other.mean - one.mean[:, None]
    squares = one.deviation[:, None] ** 2 + other.deviation**2 + gap**2 * n * k / (n + k)
    parts = (one.mean[:, None] + gap * k / (n + k), np.sqrt(squares))
    chance = one.chance[:, None] * other.chance
    return _States(n + k, *(part.ravel() for part in (*parts, chance)))


def _expected(states: _States) -> _States:
    """One state of the expected mean, which is enough where nothing is divided."""
    mean = states.mean @ states.chance / states.chance.sum()
    return _States(states.size, np.array([mean]), np.zeros(1), np.ones(1))


def _possible(states: _States) -> _States:
    at = states.chance > 0
    return _States(states.size, states.mean[at], states.deviation[at], states.chance[at])


def _merged(states: _States) -> tuple[_States, NDArray[np.int64]]:
    """The states that differ by more than a rounding error, and the number of each one's own."""
    unit = np.exp2(np.frexp(1 + np.abs(states.mean))[1] - 46.0)  # far below what counts as alike
    key = np.rint(states.mean / unit) * unit + 1j * np.rint(states.deviation / unit) * unit
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    chance = np.bincount(kind, states.chance, minlength=len(first)).astype(np.float64)
    return _States(states.size, states.mean[first], states.deviation[first], chance), kind
