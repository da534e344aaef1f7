"""How agents learn: advantage estimators and update rules.

The advantage `A_g` of rollout g in its group is computed by the `estimator`, one of
`scoring_theory.advantage.ESTIMATORS`. Means and standard deviations over several questions are
those of the batch; standard deviations divide by n - 1, as in torch. The advantages of correct and
of wrong rollouts may then be multiplied by different weights: positive and negative reinforcement
(PSR, NSR; Zhu et al. 2025).

A rollout chooses an answer y and a confidence q together. Let `pi` be the probabilities of one row,
and `e_y` the unit vector of choice y. One step adds learning_rate / G times the sum over g of

    reinforce     A_g (e_{y_g} - pi) to the logits of pi: the policy gradient (Williams 1992)
    ppo           r_g A_g (e_{y_g} - pi) to the logits, with r_g = pi_new / pi_old of (y_g, q_g);
                  0 where A_g > 0 and r_g > 1 + clip, or A_g < 0 and r_g < 1 - clip
                  (Schulman et al. 2017); its first epoch is the same as "reinforce"
    natural       A_g (e_{y_g} / pi_{y_g} - 1) to the logits: the sampled natural gradient
                  (Kakade 2001)
    replicator    A_g (e_{y_g} - pi) to pi itself: Cross's learning (Börgers, Sarin 1997)

The mean field of "replicator" and of "natural" is the replicator equation. The gradient of
-kl KL(pi || prior) + entropy H(pi) over all rows of the question is added exactly, without
sampling.

The implementation is in `simulations.training.kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.training.learning_rule import LearningRule, Update
from simulations.training.presets import preset
from simulations.training.randomness import RandomStreams, random_streams

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray


def unit_payoffs(table: FloatArray) -> FloatArray:
    """The payoffs, mapped onto [0, 1] by an increasing affine map.

        (payoff - smallest payoff) / (largest payoff - smallest payoff); 0 if all are equal

    Rewards that differ by a positive affine map have the same optimal policies and, up to the
    learning rate, the same gradients; the replicator needs payoffs in [0, 1].

    Example:
        >>> unit_payoffs(np.array([[-1.0, -2.0], [0.0, 2.0]])).tolist()
        [[0.25, 0.0], [0.5, 1.0]]
    """
    low, high = float(table.min()), float(table.max())
    return (table - low) / (high - low) if high > low else np.zeros_like(table)


__all__ = [
    "LearningRule",
    "RandomStreams",
    "Update",
    "preset",
    "random_streams",
    "unit_payoffs",
]
