"""The learning rule of an agent: a frozen description; `simulations.training.kernels` does what it says."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from scoring_theory.advantage import Estimator  # in the order of the codes of `kernels.estimators`
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray
    from simulations.worlds import Outcomes

Update = Literal["reinforce", "replicator", "natural", "ppo"]
_CODES = {"independent": 0, "by_answer": 1, "shared": 2, "reinforce": 0, "ppo": 0, "replicator": 1, "natural": 2}
_ALONE = ("none", "global_mean", "batch_std")  # estimators that a single rollout for each question can have


@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """The learning rule of an agent.

    In each step, `batch` questions are taken in turn from the world, each is answered by `group_size` rollouts, and the
    agent moves once, or `epochs` times. Every question is visited equally often.

    Args:
        estimator: The advantage, see `simulations.training`.
        update: What the update is added to, see `simulations.training`.
        group_size: Rollouts for each question, G; at least 2 where the estimator looks at the group.
        batch: Questions in each step, at least 1.
        learning_rate: Positive; at most 1 for the replicator, whose rows are probabilities.
        epochs: How often "ppo" goes over the same rollouts, at least 1; 1 for every other update.
        clip: How far below and above 1 the ratio of new to old probability of a rollout may go, for "ppo".
        kl: Price of one nat of divergence from the policy before training; not negative.
        entropy: Bonus for one nat of entropy; not negative.
        right_weight: What advantages of right rollouts are multiplied with; 0 leaves negative reinforcement alone.
        wrong_weight: The same for wrong rollouts; 0 leaves positive reinforcement alone.
        std_epsilon: What is added to a standard deviation before dividing by it; not negative.
        shares: The weight of each component of the reward; only "component_std" may have several.

    Raises:
        ValueError: If an option is unknown or outside its domain, or would change nothing.

    Example:
        >>> LearningRule(group_size=1)
        Traceback (most recent call last):
        ...
        ValueError: `group_size` must be at least 2 for the estimator "group_mean", got 1
    """

    estimator: Estimator = "group_mean"
    update: Update = "reinforce"
    group_size: int = 8
    batch: int = 32
    learning_rate: float = 1.0
    epochs: int = 1
    clip: tuple[float, float] = (0.2, 0.2)
    kl: float = 0.0
    entropy: float = 0.0
    right_weight: float = 1.0
    wrong_weight: float = 1.0
    std_epsilon: float = 1e-4
    shares: tuple[float, ...] = (1.0,)

    __repr__ = one_line

    def __post_init__(self) -> None:
        self._require_words_and_counts()
        self._require_numbers()
        self._require_sense()

    def codes(self, outcomes: Outcomes) -> tuple[int, int, int, int]:
        """Batch, group size, estimator and outcome model, as the kernels read them."""
        return self.batch, self.group_size, get_args(Estimator).index(self.estimator), _CODES[outcomes]

    @property
    def options(self) -> tuple[int, int]:
        """Update and epochs, as the tabular kernel reads them."""
        return _CODES[self.update], self.epochs

    @property
    def divides(self) -> bool:
        """Whether the estimator divides by a standard deviation."""
        return self.estimator in ("group_std", "batch_std", "component_std")

    def components(self, table: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The tables (C, 2, L) and weights (C,) of the reward's components, from (2, L) if there is one.

        Raises:
            ValueError: If there are not as many tables as `shares`.
        """
        tables = np.ascontiguousarray(table if table.ndim == 3 else table[None])
        if len(tables) != len(self.shares):
            raise ValueError(f"`shares` must have one number for each component, got {len(self.shares)}, {len(tables)}")
        return tables, np.array(self.shares, dtype=np.float64)

    def _require_words_and_counts(self) -> None:
        for name, value, known in (
            ("estimator", self.estimator, get_args(Estimator)),
            ("update", self.update, get_args(Update)),
        ):
            if value not in known:
                raise ValueError(f"`{name}` must be one of {', '.join(known)}, got {value!r}")
        require_whole(self, "group_size", "batch", "epochs")
        least = 1 if self.estimator in _ALONE else 2
        if self.group_size < least:
            raise ValueError(
                f'`group_size` must be at least {least} for the estimator "{self.estimator}", got {self.group_size}'
            )
        for name, number in (("batch", self.batch), ("epochs", self.epochs)):
            if number < 1:
                raise ValueError(f"`{name}` must be at least 1, got {number}")
        if self.estimator in ("global_mean", "batch_std") and self.batch * self.group_size < 2:
            raise ValueError(f'the estimator "{self.estimator}" needs 2 rollouts or more in a batch, got 1')

    def _require_numbers(self) -> None:
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"`learning_rate` must be a positive number, got {self.learning_rate}")
        for name in ("kl", "entropy", "right_weight", "wrong_weight", "std_epsilon"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(f"`{name}` must be a number that is not negative, got {getattr(self, name)}")
        if len(self.clip) != 2 or not (0 < self.clip[0] <= 1 and 0 < self.clip[1] < np.inf):
            raise ValueError(f"`clip` must hold a number of (0, 1] and a positive one, got {self.clip}")
        if not self.shares or not np.isfinite(self.shares).all():
            raise ValueError(f"`shares` must hold one finite number or more, got {self.shares}")

    def _require_sense(self) -> None:
        if self.update == "replicator" and (self.estimator != "none" or self.learning_rate > 1):
            got = f'"{self.estimator}" and {self.learning_rate}'
            raise ValueError(f'the replicator needs the estimator "none" and a learning rate of at most 1, got {got}')
        if self.update == "replicator" and (self.kl or self.entropy or max(self.right_weight, self.wrong_weight) > 1):
            raise ValueError("the replicator keeps rows on the simplex: no `kl`, no `entropy`, no weight above 1")
        if not (self.right_weight or self.wrong_weight or self.kl or self.entropy):
            raise ValueError("nothing is learned where `right_weight` and `wrong_weight` are both 0")
        if self.epochs > 1 and self.update != "ppo":
            raise ValueError(f'only the update "ppo" has several epochs, got {self.epochs} for "{self.update}"')
        if len(self.shares) > 1 and self.estimator != "component_std":
            raise ValueError(f'several components need the estimator "component_std", got "{self.estimator}"')


def require_whole(described: object, *names: str) -> None:
    """Refuse counts that are not whole numbers; half a step would be rounded somewhere, out of sight.

    Raises:
        ValueError: If one of the named fields is not a whole number.
    """
    for name in names:
        if not isinstance(getattr(described, name), Integral):
            raise ValueError(f"`{name}` must be a whole number, got {getattr(described, name)!r}")
