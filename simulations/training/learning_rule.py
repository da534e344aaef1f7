"""The learning rule of an agent: an immutable description that the kernels carry out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from scoring_theory.advantage import ESTIMATORS, estimator_named
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from simulations.training.kernels.compiling import FloatArray

Update = Literal["reinforce", "replicator", "natural", "ppo"]


@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """The learning rule of an agent.

    Each step takes the next `batch` questions of the world in their order, samples `group_size`
    rollouts for each, and updates the agent once, or `epochs` times. Every question is visited
    equally often.

    Args:
        estimator: The advantage estimator, a name of `scoring_theory.advantage.ESTIMATORS`.
        update: The update rule, see `simulations.training`.
        group_size: Number of rollouts of each question, G; at least 2 if the estimator compares
            the rollouts of a group.
        batch: Number of questions in each step, at least 1.
        learning_rate: Positive; at most 1 for the replicator, whose rows are probabilities.
        epochs: Number of passes of "ppo" over the same rollouts, at least 1; 1 for every other
            update.
        clip: For "ppo": the largest distances below and above 1 of the ratio of new to old
            probability of a rollout.
        kl: Coefficient of the KL penalty against the policy before training; not negative.
        entropy: Coefficient of the entropy bonus; not negative.
        right_weight: Factor of the advantages of correct rollouts, not negative; 0 means negative
            reinforcement only.
        wrong_weight: Factor of the advantages of wrong rollouts, not negative; 0 means positive
            reinforcement only.
        std_epsilon: Constant added to a standard deviation before dividing by it; not negative.
        shares: The weight of each component of the reward; more than one weight needs an estimator
            of components, such as "component_std".

    Raises:
        ValueError: If an option is unknown or outside its domain, or if nothing would be learned.

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
        """Whether the advantage of each component of the reward is estimated separately."""
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
        """The payoff tables (C, 2, L) and weights (C,) of the components of the reward.

        Args:
            table: Payoffs (C, 2, L), or (2, L) for a reward with one component.

        Raises:
            ValueError: If the number of tables is not the number of `shares`.
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
        least = estimator.least_group
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
            raise ValueError("nothing is learned if `right_weight` and `wrong_weight` are both 0")
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
    """Refuse counts that are not whole numbers: they would be rounded silently.

    Args:
        described: An object with the named fields.
        names: Fields that must hold whole numbers.

    Raises:
        ValueError: If one of the named fields is not a whole number.

    Example:
        >>> require_whole(LearningRule(batch=8), "batch")
    """
    for name in names:
        if not isinstance(getattr(described, name), Integral):
            raise ValueError(f"`{name}` must be a whole number, got {getattr(described, name)!r}")
