"""What the optimiser follows: the effective payoff W(y, q) = E[A | a rollout chose y and q], exactly.

Given what a group's rollouts have in common, the *scenario*, they are independent and alike. So W
is a sum over scenarios, over the rollout's own verdict and, where the estimator divides by the
group's standard deviation, over the multiset of the other G - 1 rewards:

    independent    one scenario, every answer right with its own probability
    by_answer      each answer right or wrong for the whole group: 2^K scenarios
    shared         one uniform number u for the group, right are the answers with p > u: K + 1 scenarios
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.advantage.mixed_groups import standardised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulations.training.kernels import FloatArray
    from simulations.training.learning_rule import LearningRule
    from simulations.worlds import Outcomes


def effective_payoff(
    answer: FloatArray,
    confidence: FloatArray,
    truth: FloatArray,
    tables: FloatArray,
    shares: FloatArray,
    training: LearningRule,
    outcomes: Outcomes,
) -> FloatArray:
    """W for each of the n questions of a batch.

    By baseline, with V the scenario's expected reward, it is

        none                  r                        leave_one_out    r - V
        group_mean            (1 - 1/G) (r - V)        batch_mean       r - E[mean of the batch | r]

    and by scale

        batch_std             the same over sigma + epsilon, sigma of the whole batch: exact for large batches
        group_std             sum over the others' rewards of (r - baseline) / (std + epsilon)

    for the reward or for each component, weighed and added; times the weight of a right or of a
    wrong rollout.

    Args:
        answer: Answer probabilities (n, K).
        confidence: Confidence probabilities (n, K, L).
        truth: Success probabilities (n, K).
        tables: Payoffs of the reward's components, (C, 2, L).
        shares: Their weights, (C,).
        training: The learning rule; its batch is the n questions.
        outcomes: How outcomes within a group hang together.

    Returns:
        Shape (n, K, L).

    Raises:
        ValueError: If the groups to enumerate are too many, see
            `scoring_theory.advantage.standardised`.

    Example:
        >>> from simulations.training.learning_rule import LearningRule
        >>> table = np.array([[[0.0, -1.0]], [[0.0, 1.0]]]).transpose(1, 0, 2)  # bet at level 1: win or lose 1
        >>> sure, half = np.array([[1.0]]), np.array([[[0.5, 0.5]]])
        >>> rule = LearningRule(estimator="group_mean", group_size=4)
        >>> effective_payoff(sure, half, np.array([[0.8]]), table, np.ones(1), rule, "shared").round(3).tolist()
        [[[-0.225, 0.225]]]
    """
    joint = answer[..., None] * confidence
    if training.per_component:
        each = zip(tables, shares, strict=True)
        return np.asarray(
            sum(share * _payoff(joint, truth, table, training, outcomes) for table, share in each)
        )
    return _payoff(joint, truth, np.tensordot(shares, tables, axes=1), training, outcomes)


def _payoff(
    joint: FloatArray,
    truth: FloatArray,
    table: FloatArray,
    training: LearningRule,
    outcomes: Outcomes,
) -> FloatArray:
    means = np.array(
        [
            _chance(j, p, table)[1] @ _chance(j, p, table)[0]
            for j, p in zip(joint, truth, strict=True)
        ]
    )
    common = ESTIMATORS[training.estimator].scale == "batch_std"
    scale = 1 / (_spread(joint, truth, table) + training.std_epsilon) if common else 1.0
    found = np.zeros(joint.shape)
    weights = np.array([training.wrong_weight, training.right_weight])
    for x in range(len(joint)):
        others = (means.sum() - means[x]) / len(means)
        for chance, right in _scenarios(truth[x], outcomes):
            gain = (
                _advantage(joint[x], right, table, training, others, len(means)) * weights[:, None]
            )
            found[x] += chance * scale * (right[:, None] * gain[1] + (1 - right[:, None]) * gain[0])
    return found


def _advantage(
    joint: FloatArray,
    right: FloatArray,
    table: FloatArray,
    training: LearningRule,
    others: float,
    batch: int,
) -> FloatArray:
    """E[A | own reward] for every entry of the table, (2, L), in one scenario."""
    chances, rewards = _chance(joint, right, table)
    mean, size, estimator = (
        float(chances @ rewards),
        training.group_size,
        ESTIMATORS[training.estimator],
    )
    if estimator.scale == "group_std":
        longer = size / (size - 1) if estimator.baseline == "leave_one_out" else 1.0
        return longer * standardised(table, rewards, chances, size, training.std_epsilon)
    if estimator.baseline == "none":
        return table
    if estimator.baseline == "leave_one_out":
        return table - mean
    if estimator.baseline == "batch_mean":
        return table - others - (table + (size - 1) * mean) / (size * batch)
    return (1 - 1 / size) * (table - mean)


def _scenarios(truth: FloatArray, outcomes: Outcomes) -> Iterator[tuple[float, FloatArray]]:
    """What a group's rollouts have in common: its probability, and each answer's chance of being right given it."""
    if outcomes == "independent":
        yield 1.0, truth
    elif outcomes == "shared":
        cuts = np.unique(np.concatenate([[0.0, 1.0], truth]))
        for low, high in pairwise(cuts):
            yield float(high - low), (truth >= high).astype(np.float64)
    else:
        options = [((1 - p, 0.0), (p, 1.0)) if 0 < p < 1 else ((1.0, p),) for p in truth.tolist()]
        for one in product(*options):
            yield (
                float(np.prod([chance for chance, _ in one])),
                np.array([verdict for _, verdict in one]),
            )


def _chance(
    joint: FloatArray, right: FloatArray, table: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Probability and reward of each way that a rollout can turn out: wrong or right at each level."""
    wrong = ((1 - right)[:, None] * joint).sum(axis=0)
    return np.concatenate([wrong, (right[:, None] * joint).sum(axis=0)]), table.reshape(-1)


def _spread(joint: FloatArray, truth: FloatArray, table: FloatArray) -> float:
    each = [_chance(j, p, table) for j, p in zip(joint, truth, strict=True)]
    chances, rewards = (
        np.concatenate([chance for chance, _ in each]) / len(each),
        np.tile(table.reshape(-1), len(each)),
    )
    return float(np.sqrt(chances @ (rewards - chances @ rewards) ** 2))
