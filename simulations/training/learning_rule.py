"""The learning rule of an agent: a frozen description; `simulations.training.kernels` does what it says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from scoring_theory.advantage import ESTIMATORS, estimator_named
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

Update = Literal["reinforce", "replicator", "natural", "ppo"]


@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """The learning rule of an agent.

    In each step, `batch` questions are taken in turn from the world, each is answered by
    `group_size` rollouts, and the agent moves once, or `epochs` times. Every question is visited
    equally often.

    Args:
        estimator: The advantage: the name of one of `scoring_theory.advantage.ESTIMATORS`.
        update: What the update is added to, see `simulations.training`.
        group_size: Rollouts for each question, G; at least 2 where the estimator looks at the
            group.
        batch: Questions in each step, at least 1.
        learning_rate: Positive; at most 1 for the replicator, whose rows are probabilities.
        epochs: How often "ppo" goes over the same rollouts, at least 1; 1 for every other update.
        clip: How far below and above 1 the ratio of new to old probability of a rollout may go, for
            "ppo".
        kl: Price of one nat of divergence from the policy before training; not negative.
        entropy: Bonus for one nat of entropy; not negative.
        right_weight: What advantages of right rollouts are multiplied with; 0 leaves negative
            reinforcement alone.
        wrong_weight: The same for wrong rollouts; 0 leaves positive reinforcement alone.
        std_epsilon: What is added to a standard deviation before dividing by it; not negative.
        shares: The weight of each component of the reward; only an estimator that takes components
            apart, such as "component_std", may have several.

    Raises:
        ValueError: If an option is unknown or outside its domain, or would change nothing.

    Example:
        >>> LearningRule(group_size=1)
        Traceback (most recent call last):
        ...
        ValueError: `group_size` must be at least 2 for the estimator "group_mean", got 1
    """

    estimator: str = "group_mean"
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

    @property
    def per_component(self) -> bool:
        """Whether each component of the reward has its own advantage."""
        return ESTIMATORS[self.estimator].per_component

    @property
    def divides(self) -> bool:
        """Whether the estimator divides by a standard deviation."""
        return ESTIMATORS[self.estimator].scale != "none"

    def describe(self) -> dict[str, Any]:
        """The learning rule as plain data."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def components(self, table: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The tables (C, 2, L) and weights (C,) of the reward's components, from (2, L) if there is one.

        Raises:
            ValueError: If there are not as many tables as `shares`.
        """
        tables = np.ascontiguousarray(table if table.ndim == 3 else table[None])
        if len(tables) != len(self.shares):
            raise ValueError(
                f"`shares` must have one number for each component, got {len(self.shares)},"
                f" {len(tables)}"
            )
        return tables, np.array(self.shares, dtype=np.float64)

    def _require_words_and_counts(self) -> None:
        estimator = estimator_named(self.estimator)
        if self.update not in get_args(Update):
            raise ValueError(
                f"`update` must be one of {', '.join(get_args(Update))}, got {self.update!r}"
            )
        require_whole(self, "group_size", "batch", "epochs")
        least = 2 if estimator.relative else 1
        if self.group_size < least:
            raise ValueError(
                f'`group_size` must be at least {least} for the estimator "{self.estimator}", got'
                f" {self.group_size}"
            )
        for name, number in (("batch", self.batch), ("epochs", self.epochs)):
            if number < 1:
                raise ValueError(f"`{name}` must be at least 1, got {number}")
        if estimator.of_batch and self.batch * self.group_size < 2:
            raise ValueError(
                f'the estimator "{self.estimator}" needs 2 rollouts or more in a batch, got 1'
            )

    def _require_numbers(self) -> None:
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"`learning_rate` must be a positive number, got {self.learning_rate}")
        for name in ("kl", "entropy", "right_weight", "wrong_weight", "std_epsilon"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ValueError(
                    f"`{name}` must be a number that is not negative, got {getattr(self, name)}"
                )
        if len(self.clip) != 2 or not (0 < self.clip[0] <= 1 and 0 < self.clip[1] < np.inf):
            raise ValueError(
                f"`clip` must hold a number of (0, 1] and a positive one, got {self.clip}"
            )
        if not self.shares or not np.isfinite(self.shares).all():
            raise ValueError(f"`shares` must hold one finite number or more, got {self.shares}")

    def _require_sense(self) -> None:
        estimator = ESTIMATORS[self.estimator]
        plain = estimator.baseline == estimator.scale == "none" and not estimator.per_component
        if self.update == "replicator" and (not plain or self.learning_rate > 1):
            got = f'"{self.estimator}" and {self.learning_rate}'
            raise ValueError(
                'the replicator needs the estimator "none" and a learning rate of at most 1, got'
                f" {got}"
            )
        if self.update == "replicator" and (
            self.kl or self.entropy or max(self.right_weight, self.wrong_weight) > 1
        ):
            raise ValueError(
                "the replicator keeps rows on the simplex: no `kl`, no `entropy`, no weight above 1"
            )
        if not (self.right_weight or self.wrong_weight or self.kl or self.entropy):
            raise ValueError(
                "nothing is learned where `right_weight` and `wrong_weight` are both 0"
            )
        if self.epochs > 1 and self.update != "ppo":
            raise ValueError(
                f'only the update "ppo" has several epochs, got {self.epochs} for "{self.update}"'
            )
        if len(self.shares) > 1 and not self.per_component:
            known = " or ".join(
                f'"{name}"' for name, one in ESTIMATORS.items() if one.per_component
            )
            raise ValueError(
                f'several components need the estimator {known}, got "{self.estimator}"'
            )


def require_whole(described: object, *names: str) -> None:
    """Refuse counts that are not whole numbers; half a step would be rounded somewhere, out of sight.

    Raises:
        ValueError: If one of the named fields is not a whole number.
    """
    for name in names:
        if not isinstance(getattr(described, name), Integral):
            raise ValueError(f"`{name}` must be a whole number, got {getattr(described, name)!r}")
