"""The exact effective payoff W(y, q) = E[A | a rollout chose y and q], which training maximises.

Call what the rollouts of a group have in common the *scenario*. Given the scenario, the rollouts
are independent and identically distributed. So W is a sum over scenarios, over the outcome of the
rollout itself and, if the estimator divides by the standard deviation of the group, over the
multiset of the other G - 1 rewards:

    independent    one scenario: every answer is correct with its own probability
    by_answer      each answer is correct or wrong for the whole group: 2^K scenarios
    shared         one uniform number u for the group; the answers with p > u are correct:
                   K + 1 scenarios
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.advantage.mixed_groups import expected_advantage

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
    """The effective payoff W(y, q) of each of the n questions of a batch.

    Given the scenario and the rollout's own reward r, with mu the expected reward in the scenario,
    the expected advantage is by baseline

        none              r
        leave_one_out     r - mu
        group_mean        (1 - 1/G) (r - mu)
        batch_mean        r - E[mean reward of the batch | r]

    and by scale

        batch_std         the same divided by sigma + epsilon, where sigma is the standard deviation
                          of the whole batch; this is exact in the limit of large batches
        group_std         the expectation over the other rewards of (r - baseline) / (std + epsilon)
        others_std        the same with the standard deviation of the other rewards
        group_mean        the same with the mean reward of the group

    It is computed for the reward, or for each component and added with its weight, and multiplied
    by the weight of a correct or of a wrong rollout.

    Args:
        answer: Answer probabilities (n, K).
        confidence: Confidence probabilities (n, K, L).
        truth: Success probabilities (n, K).
        tables: Payoffs of the components of the reward, (C, 2, L).
        shares: The weights of the components, (C,).
        training: The learning rule; the n questions are its batch.
        outcomes: How correctness is correlated within a group.

    Returns:
        Shape (n, K, L).

    Raises:
        ValueError: If there are too many groups to enumerate, see
            `scoring_theory.advantage.standardised`.

    Example:
        >>> from simulations.training.learning_rule import LearningRule
        >>> table = np.array([[[0.0, -1.0], [0.0, 1.0]]])  # a bet of 1 at the second level
        >>> answer, confidence, truth = np.ones((1, 1)), np.array([[[0.5, 0.5]]]), np.array([[0.8]])
        >>> rule = LearningRule(estimator="group_mean", group_size=4)
        >>> payoff = effective_payoff(answer, confidence, truth, table, np.ones(1), rule, "shared")
        >>> payoff.round(3).tolist()
        [[[-0.225, 0.225]]]
    """
    joint = answer[..., None] * confidence
    if training.per_component:
        weighted = (
            share * _payoff(joint, truth, table, training, outcomes)
            for table, share in zip(tables, shares, strict=True)
        )
        return np.asarray(sum(weighted))
    return _payoff(joint, truth, np.tensordot(shares, tables, axes=1), training, outcomes)


def _payoff(
    joint: FloatArray,
    truth: FloatArray,
    table: FloatArray,
    training: LearningRule,
    outcomes: Outcomes,
) -> FloatArray:
    """The effective payoff of one payoff table: the expectation over scenarios and outcomes.

    Only a batch baseline or scale couples the questions, through the mean and the standard
    deviation of all rewards of the batch; both are computed first.
    """
    chances, rewards = np.array(list(map(_chances, joint, truth))), table.reshape(-1)
    means = np.array([rewards @ question for question in chances])
    common = ESTIMATORS[training.estimator].scale == "batch_std"
    scale = 1 / (_spread(chances, rewards) + training.std_epsilon) if common else 1.0
    payoff = np.zeros(joint.shape)
    weights = np.array([[training.wrong_weight], [training.right_weight]])
    for x, others in enumerate((means.sum() - means) / len(means)):
        for chance, right in scenarios(truth[x], outcomes):
            own = _chances(joint[x], right)
            gain = weights * _advantage(own, table, training, others=others, batch=len(means))
            expected = right[:, None] * gain[1] + (1 - right[:, None]) * gain[0]
            payoff[x] += chance * scale * expected
    return payoff


def _advantage(
    chances: FloatArray, table: FloatArray, training: LearningRule, *, others: float, batch: int
) -> FloatArray:
    """E[A | own reward] for every entry of the table, (2, L), in one scenario.

    `chances` are those of its entries; `others` is the mean reward of the other questions times
    their share of the batch.
    """
    rewards, size = table.reshape(-1), training.group_size
    mean, estimator = float(chances @ rewards), ESTIMATORS[training.estimator]
    if estimator.scale not in ("none", "batch_std"):
        # The baseline of "others_std" is the mean of the others already.
        alone = estimator.scale == "others_std" or estimator.baseline != "leave_one_out"
        stretch, epsilon = 1.0 if alone else size / (size - 1), training.std_epsilon
        return stretch * expected_advantage(
            table, rewards, chances, size, epsilon, scale=estimator.scale
        )
    if estimator.baseline == "none":
        return table
    if estimator.baseline == "leave_one_out":
        return table - mean
    if estimator.baseline == "batch_mean":
        return table - others - (table + (size - 1) * mean) / (size * batch)
    return (1 - 1 / size) * (table - mean)


def scenarios(truth: FloatArray, outcomes: Outcomes) -> Iterator[tuple[float, FloatArray]]:
    """Each scenario's probability, and the answers' success probabilities given the scenario.

    Args:
        truth: Success probabilities of the answers to one question, (K,).
        outcomes: How correctness is correlated within a group.

    Example:
        >>> [(c, right.tolist()) for c, right in scenarios(np.array([0.25, 0.0]), "shared")]
        [(0.25, [1.0, 0.0]), (0.75, [0.0, 0.0])]
    """
    if outcomes == "independent":
        yield 1.0, truth
    elif outcomes == "shared":
        cuts = np.unique(np.concatenate([[0.0, 1.0], truth]))
        for low, high in pairwise(cuts):
            yield float(high - low), (truth >= high).astype(np.float64)
    else:
        options = [((1 - p, 0.0), (p, 1.0)) if 0 < p < 1 else ((1.0, p),) for p in truth.tolist()]
        for scenario in product(*options):
            yield (
                float(np.prod([chance for chance, _ in scenario])),
                np.array([verdict for _, verdict in scenario]),
            )


def _chances(joint: FloatArray, right: FloatArray) -> FloatArray:
    """(2 L,) the probability of each result of a rollout: wrong, then correct, at each level."""
    wrong = ((1 - right)[:, None] * joint).sum(axis=0)
    return np.concatenate([wrong, (right[:, None] * joint).sum(axis=0)])


def _spread(chances: FloatArray, rewards: FloatArray) -> float:
    """The standard deviation of the rewards of a whole batch; `chances` has a row per question."""
    every, paid = chances.reshape(-1) / len(chances), np.tile(rewards, len(chances))
    return float(np.sqrt(every @ (paid - every @ paid) ** 2))
