"""How agents learn: advantage estimators, update rules and their one implementation, in `simulations.training.kernels`.

The advantage A_g of a rollout in a group with rewards R_1..R_G, by `estimator`:

    none            R_g
    group_mean      R_g - mean(R)                          RLCR; Dr. GRPO
    leave_one_out   R_g - mean of the others' R            RLOO; G / (G - 1) times group_mean
    group_std       (R_g - mean(R)) / (std(R) + 1e-4)      GRPO; std over the group, without Bessel's correction

The update is row += learning_rate / G * sum_g A_g (e_{y_g} - pi), by `update`:

    reinforce       on the logits of pi: the policy gradient (Williams 1992)
    replicator      on pi itself: Cross's learning, whose mean motion is the replicator equation (Börgers, Sarin 1997)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import Outcomes

Estimator = Literal["none", "group_mean", "leave_one_out", "group_std"]
Update = Literal["reinforce", "replicator"]
_ESTIMATORS: Mapping[str, int] = {"none": 0, "group_mean": 1, "leave_one_out": 2, "group_std": 3}
_OUTCOMES: Mapping[str, int] = {"independent": 0, "by_answer": 1, "shared": 2}


@dataclass(frozen=True, kw_only=True)
class Training:
    """The learning rule of an agent.

    In each step, `batch` questions are taken in turn from the world, each is answered by `group_size` rollouts, and the
    agent moves once. Every question is visited equally often.

    Args:
        estimator: The advantage, see the module.
        update: What the update is added to; "replicator" needs the estimator "none" and payoffs in [0, 1].
        group_size: Rollouts for each question, G; at least 2 unless the estimator is "none".
        batch: Questions in each step, at least 1.
        learning_rate: Positive; at most 1 for the replicator, whose rows are probabilities.

    Raises:
        ValueError: If an option is unknown or outside its domain.

    Example:
        >>> Training(group_size=1)
        Traceback (most recent call last):
        ...
        ValueError: `group_size` must be at least 2 for the estimator "group_mean", got 1
    """

    estimator: Estimator = "group_mean"
    update: Update = "reinforce"
    group_size: int = 8
    batch: int = 32
    learning_rate: float = 1.0

    def __post_init__(self) -> None:
        for name, value, known in (
            ("estimator", self.estimator, get_args(Estimator)),
            ("update", self.update, get_args(Update)),
        ):
            if value not in known:
                raise ValueError(f"`{name}` must be one of {', '.join(known)}, got {value!r}")
        least = 1 if self.estimator == "none" else 2
        if self.group_size < least:
            raise ValueError(
                f'`group_size` must be at least {least} for the estimator "{self.estimator}", got {self.group_size}'
            )
        if self.batch < 1:
            raise ValueError(f"`batch` must be at least 1, got {self.batch}")
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"`learning_rate` must be a positive number, got {self.learning_rate}")
        if self.update == "replicator" and (self.estimator != "none" or self.learning_rate > 1):
            got = f'"{self.estimator}" and {self.learning_rate}'
            raise ValueError(f'the replicator needs the estimator "none" and a learning rate of at most 1, got {got}')

    def codes(self, outcomes: Outcomes) -> tuple[int, int, int, int]:
        """Batch, group size, estimator and outcome model, as the kernels read them."""
        return self.batch, self.group_size, _ESTIMATORS[self.estimator], _OUTCOMES[outcomes]


def unit_payoffs(table: FloatArray) -> FloatArray:
    """The payoffs moved onto [0, 1] by the one increasing affine map that uses the whole interval.

    A reward and its positive affine maps are the same to a learner, up to the learning rate; the replicator needs this
    one.

    Example:
        >>> unit_payoffs(np.array([[-1.0, -2.0], [0.0, 2.0]])).tolist()
        [[0.25, 0.0], [0.5, 1.0]]
    """
    low, high = float(table.min()), float(table.max())
    return (table - low) / (high - low) if high > low else np.zeros_like(table)


class Luck(NamedTuple):
    """The randomness of one replicate: `prior` draws its start, `stream` (four words) is the state of its training."""

    prior: np.random.Generator
    stream: WordArray


def luck(seed: int, replicates: int) -> list[Luck]:
    """Independent randomness for each replicate; adding replicates does not change the others.

    Example:
        >>> three, four = luck(7, 3), luck(7, 4)
        >>> all(np.array_equal(a.stream, b.stream) for a, b in zip(three, four))
        True
    """
    pairs = (child.spawn(2) for child in np.random.SeedSequence(seed).spawn(replicates))
    return [Luck(np.random.default_rng(a), b.generate_state(4, np.uint64).view(np.uint64)) for a, b in pairs]


__all__ = ["Estimator", "Luck", "Training", "Update", "luck", "unit_payoffs"]
