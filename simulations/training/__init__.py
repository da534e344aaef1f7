"""How agents learn: advantage estimators, update rules and their one implementation, in `simulations.training.kernels`.

The advantage A_g of a rollout in its group is that of an `estimator`, one of
`scoring_theory.advantage.ESTIMATORS`; the mean and the deviation of many questions are those of the
batch, and deviations are over n - 1, as in torch. Right and wrong rollouts may then be weighed
differently: positive and negative reinforcement (PSR, NSR; Zhu et al. 2025).

With joint choice (y, q) of answer and confidence and the probabilities pi of one row, by `update`,
the step is learning_rate / G * sum_g of

    reinforce     A_g (e_{y_g} - pi)                on the logits of pi: the policy gradient (Williams 1992)
    ppo           r_g A_g (e_{y_g} - pi), r_g = pi_new / pi_old of (y_g, q_g); 0 where A_g > 0 and r_g > 1 + clip, or
                  A_g < 0 and r_g < 1 - clip (Schulman et al. 2017); the first epoch is "reinforce"
    natural       A_g (e_{y_g} / pi_{y_g} - 1)      on logits: the natural gradient (Kakade 2001), sampled
    replicator    A_g (e_{y_g} - pi)                on pi itself: Cross's learning, whose mean motion is the replicator
                                                    equation (Börgers, Sarin 1997); so is the
                                                    natural gradient's

plus, exactly and not sampled, the gradient of -kl KL(pi || prior) + entropy H(pi) over all of the
question's rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.training.learning_rule import LearningRule, Update
from simulations.training.presets import preset
from simulations.training.randomness import Luck, luck

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray


def unit_payoffs(table: FloatArray) -> FloatArray:
    """The payoffs moved onto [0, 1] by the one increasing affine map that uses the whole interval.

    A reward and its positive affine maps are the same to a learner, up to the learning rate; the
    replicator needs this one.

    Example:
        >>> unit_payoffs(np.array([[-1.0, -2.0], [0.0, 2.0]])).tolist()
        [[0.25, 0.0], [0.5, 1.0]]
    """
    low, high = float(table.min()), float(table.max())
    return (table - low) / (high - low) if high > low else np.zeros_like(table)


__all__ = [
    "LearningRule",
    "Luck",
    "Update",
    "luck",
    "preset",
    "unit_payoffs",
]
