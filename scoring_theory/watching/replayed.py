"""What a rollout would gain by another statement: its group, replayed through the estimator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS, Estimator
from scoring_theory.advantage.trainers import Trainer, as_trainer
from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike, as_components, as_reward
from scoring_theory.rollouts.labels import encode

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

REPORTS: Mapping[str, float | None] = {"one": 1.0, "zero": 0.0, "omission": None}
"""The statements that are tried instead of what was stated; None leaves the confidence out."""
_ALIKE = 1e-12


@dataclass(frozen=True, eq=False)
class Paying:
    """What answers are paid, component by component where the estimator treats them apart.

    Attributes:
        rewards: the components, or the one reward.
        weights: (C,) their weights.
        missing: what an answer without a readable confidence is paid; NaN if it is not known.
        trainer: how advantages are computed from rewards.
    """

    rewards: Sequence[Reward]
    weights: Floats
    missing: float
    trainer: Trainer
    _tables: dict[float | None, Floats] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        reward: RewardLike,
        trainer: Trainer,
        *,
        missing: float | None,
        components: ComponentsLike | None,
    ) -> Paying:
        """What a reward, or its components, pay under a trainer.

        Raises:
            ValueError: the reward has a free parameter or a payoff that is not finite, or the
                estimator needs components and has none.

        Example:
            >>> grpo = as_trainer("grpo")
            >>> Paying.of("c - (q - c)^2", grpo, missing=None, components=None).missing
            -1.0
        """
        apart = ESTIMATORS[trainer.estimator].per_component
        if apart and components is None:
            raise ValueError(
                f"the estimator {trainer.estimator!r} normalises the components of a reward"
                " separately: give `components`"
            )
        whole = as_reward(reward)
        parts = as_components(components) if apart and components is not None else [("", 1, whole)]
        rewards, weights = [part for _, _, part in parts], [float(w) for _, w, _ in parts]
        lowest = min(_lowest(one) for one in (whole, *rewards))
        worst = lowest if missing is None else float(missing)
        return cls(rewards, np.array(weights), np.nan if apart else worst, trainer)

    def paid(self, confidence: Floats, correct: Floats) -> Floats:
        """(C, n) what answers are paid; NaN as the confidence of an answer leaves it out."""
        stated = ~np.isnan(confidence)
        found = np.full((len(self.rewards), 2, confidence.size), self.missing)
        if stated.any():
            found[:, :, stated] = [reward.table(confidence[stated]) for reward in self.rewards]
        if self.trainer.clip is not None:
            lowest, highest = map(float, self.trainer.clip)
            found = np.clip(found, lowest, highest)
        paid: Floats = np.where(correct == 1, found[:, 1], found[:, 0])
        return paid

    def paid_for(self, report: float | None, correct: Floats) -> Floats:
        """(C, n) what answers are paid that all state one confidence, or None."""
        if report not in self._tables:
            level = np.full(2, np.nan if report is None else report)
            self._tables[report] = self.paid(level, np.array([0.0, 1.0]))
        found: Floats = self._tables[report][:, correct.astype(np.int64)]
        return found


def _lowest(reward: Reward) -> float:
    if free := ", ".join(reward.free_parameters):
        raise ValueError(f"the reward {reward.text!r} needs a value for {free}")
    lowest = float(reward.table(np.linspace(0, 1, 101)).min())
    if not np.isfinite(lowest):
        raise ValueError(
            f"the payoffs of `{reward.text}` must be finite, and one is {lowest:g}: watch the"
            " bounded reward with which the model is trained"
        )
    return lowest


@dataclass(frozen=True, eq=False)
class Batch:
    """The rollouts of one update, sorted by question.

    Attributes:
        confidence: (n,) q; NaN where none could be read.
        correct: (n,) 0 or 1.
        start: (m,) where each question begins.
        size: (m,) the number of its rollouts.
    """

    confidence: Floats
    correct: Floats
    start: np.ndarray[tuple[int], np.dtype[np.int64]]
    size: np.ndarray[tuple[int], np.dtype[np.int64]]

    def sums(self, values: Floats) -> Floats:
        """(m,) the sum over the rollouts of each question."""
        return np.add.reduceat(values, self.start)


class ReplayedGroups:
    """The advantages of one batch, and what they would be after one rollout changed its statement.

    Replace one statement at a time: the others of its group stay as they are. Means and standard
    deviations over the batch are kept, since one rollout hardly changes them.
    """

    def __init__(self, batch: Batch, paying: Paying) -> None:
        self._batch, self._paying = batch, paying
        self._paid = paying.paid(batch.confidence, batch.correct)
        self.grouped = batch.size >= ESTIMATORS[paying.trainer.estimator].least_group

    def advantages(self, *reports: float | None) -> tuple[Floats, Floats]:
        """(n,) the advantage of each rollout as it is, and (r, n) if it alone stated each report.

        Args:
            reports: confidences, or None for leaving it out.

        Returns:
            NaN in groups that are too small for the estimator.
        """
        paid = [self._paying.paid_for(report, self._batch.correct) for report in reports]
        found = self._replayed(np.stack([self._paid, *paid], axis=1))
        return found[0], found[1:]

    def _replayed(self, own: Floats) -> Floats:
        batch = self._batch
        found = np.full(own.shape[1:], np.nan)
        for size in np.unique(batch.size[self.grouped]):
            starts = batch.start[batch.size == size]
            rows = starts[:, None] + np.arange(size)
            found[:, rows] = self._of_groups(
                own[:, :, rows], self._paid[:, rows], batch.correct[rows]
            )
        return found

    def _of_groups(self, own: Floats, paid: Floats, correct: Floats) -> Floats:
        """(r, m, G) the advantages of rollouts that are paid `own` among others that are `paid`."""
        trainer = self._paying.trainer
        estimator, size = ESTIMATORS[trainer.estimator], paid.shape[-1]
        # groups[c, r, g, i, j]: what rollout j of group g is paid if rollout i is paid its `own`.
        groups = np.broadcast_to(paid[:, None, :, None, :], (*own.shape, size)).copy()
        diagonal = np.arange(size)
        groups[..., diagonal, diagonal] = own
        parts = [
            weight * self._advantages(groups[part], own[part], part, estimator)
            for part, weight in enumerate(self._paying.weights)
        ]
        found: Floats = np.sum(parts, axis=0)
        if trainer.advantage_clip is not None:
            lowest, highest = map(float, trainer.advantage_clip)
            found = np.clip(found, lowest, highest)
        if trainer.keep_outcomes == "mixed":
            right = correct.sum(axis=-1, keepdims=True)
            found = np.where((right > 0) & (right < size), found, 0.0)
        if trainer.keep is not None:
            low, high = map(float, trainer.keep)
            mean = np.tensordot(self._paying.weights, groups, axes=1).mean(axis=-1)
            found = np.where((low + _ALIKE < mean) & (mean < high - _ALIKE), found, 0.0)
        return np.where(np.isnan(own).any(axis=0), np.nan, found)

    def _advantages(self, groups: Floats, own: Floats, part: int, estimator: Estimator) -> Floats:
        trainer = self._paying.trainer
        epsilon = float(trainer.epsilon)
        mean = groups.mean(axis=-1)
        above = own - self._baseline(mean, own, part, estimator)
        if estimator.scale == "none":
            return above
        if estimator.scale == "batch_std":
            whole = self._paid[part]
            spread = (float(whole.std(ddof=1)) if whole.size > 1 else 0.0) + epsilon
            return above / spread if spread > _ALIKE else above
        if estimator.scale == "group_mean":
            usable = mean > _ALIKE
            return np.where(usable, above / np.where(usable, mean + epsilon, 1.0), 0.0)
        if estimator.scale == "others_std":
            std = _without_own(groups).std(axis=-1, ddof=trainer.ddof)
            divides = std > _ALIKE * (1 + np.abs(mean))
            return above / np.where(divides, std + epsilon, 1.0)
        std = groups.std(axis=-1, ddof=trainer.ddof)
        spread_out = std > _ALIKE * (1 + np.abs(mean))
        return np.where(spread_out, above / np.where(spread_out, std + epsilon, 1.0), 0.0)

    def _baseline(
        self, mean: Floats, own: Floats, part: int, estimator: Estimator
    ) -> Floats | float:
        if estimator.baseline == "leave_one_out":
            size = own.shape[-1]
            left: Floats = (mean * size - own) / max(size - 1, 1)
            return left
        if estimator.baseline == "batch_mean":
            return float(self._paid[part].mean())
        return mean if estimator.baseline == "group_mean" else 0.0


def _without_own(groups: Floats) -> Floats:
    """(.., G, G - 1) what the others are paid, from (.., G, G) with the own one on the diagonal."""
    size = groups.shape[-1]
    others = ~np.eye(size, dtype=np.bool_)
    return groups[..., others].reshape(*groups.shape[:-1], size - 1)


def gains_of_stating(
    reward: RewardLike,
    confidence: ArrayLike,
    correct: ArrayLike,
    group: ArrayLike | int,
    *,
    estimator: str | Trainer,
    missing: float | None = None,
    components: ComponentsLike | None = None,
) -> dict[str, float]:
    """The mean gain in advantage of stating 1, of stating 0, and of leaving confidence out.

        gain = mean_i [A_i(rollout i states x, the others as they did) - A_i(all as they did)]

    This is what the trainer would have reinforced at this step: a positive gain of "one" pushes all
    confidences towards 1.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue, without free parameters.
        confidence: (n,) q in [0, 1]; None or NaN where none could be read.
        correct: (n,) 0 or 1.
        group: (n,) the labels of the questions; or G, where each G rollouts are of one question.
        estimator: a `Trainer`, or the name of an estimator, a framework or a paper.
        missing: what an answer without a confidence is paid; None for the smallest payoff.
        components: the components of the reward, which "component_std" needs.

    Returns:
        The gain of each of `REPORTS`; NaN if no group has enough rollouts, and for the omission of
        a reward whose components are normalised apart.

    Raises:
        ValueError: an argument outside its domain.

    Example:
        Two rollouts were right and stated .7. The group's standard deviation turns any small
        difference in reward into the same advantage:

        >>> said, right = [0.7, 0.7], [1, 1]
        >>> brier = gains_of_stating("-(q - c)^2", said, right, 2, estimator="group_mean")
        >>> {report: round(gain, 3) for report, gain in brier.items()}
        {'one': 0.045, 'zero': -0.455, 'omission': -0.455}
        >>> grpo = gains_of_stating("-(q - c)^2", said, right, 2, estimator="grpo")
        >>> {report: round(gain, 3) for report, gain in grpo.items()}
        {'one': 0.707, 'zero': -0.707, 'omission': -0.707}
    """
    trainer = as_trainer(estimator)
    paying = Paying.of(reward, trainer, missing=missing, components=components)
    replay = ReplayedGroups(batch_of(confidence, correct, group), paying)
    before, after = replay.advantages(*REPORTS.values())
    return {name: mean_of(each - before) for name, each in zip(REPORTS, after, strict=True)}


def mean_of(values: Floats) -> float:
    """The mean of what is not NaN; NaN if nothing is left.

    Example:
        >>> mean_of(np.array([1.0, np.nan, 2.0])), mean_of(np.array([np.nan]))
        (1.5, nan)
    """
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def batch_of(confidence: ArrayLike, correct: ArrayLike, group: ArrayLike | int | None) -> Batch:
    """The rollouts of one update, checked and sorted by question.

    Raises:
        ValueError: the lengths differ, there are no rollouts, or a value is outside its domain.

    Example:
        >>> batch = batch_of([0.9, None, 0.5], [1, 0, 1], ["b", "a", "b"])
        >>> batch.confidence.tolist(), batch.size.tolist()
        ([0.9, 0.5, nan], [2, 1])
        >>> batch_of([90], [1], None)
        Traceback (most recent call last):
        ValueError: `confidence` must lie in [0, 1] or be missing, got 90 at index 0
    """
    q, c = _numbers("confidence", confidence), _numbers("correct", correct)
    if q.size != c.size or not q.size:
        raise ValueError(
            "`confidence` and `correct` must have one length of at least 1, got"
            f" {q.size} and {c.size}"
        )
    for name, column, fine, rule in (
        ("confidence", q, np.isnan(q) | ((q >= 0) & (q <= 1)), "lie in [0, 1] or be missing"),
        ("correct", c, (c == 0) | (c == 1), "be 0 or 1"),
    ):
        if not fine.all():
            place = int(np.argmin(fine))
            raise ValueError(f"`{name}` must {rule}, got {column[place]:g} at index {place}")
    code = _codes(group, q.size)
    if (code[1:] < code[:-1]).any():
        order = np.argsort(code, kind="stable")
        q, c = q[order], c[order]
    size = np.bincount(code)
    return Batch(q, c, np.concatenate([[0], np.cumsum(size)[:-1]]), size)


def _numbers(name: str, column: ArrayLike) -> Floats:
    try:
        # A copy, since a training loop may use its arrays again. None becomes NaN.
        found = np.array(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` must hold numbers: {error}") from None
    if found.ndim != 1:
        raise ValueError(f"`{name}` must be one-dimensional, got shape {found.shape}")
    return found


def _codes(group: ArrayLike | int | None, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(n,) the numbers of the questions, from 0, each in use."""
    if group is None:
        return np.arange(n)
    if isinstance(group, int):
        if group < 1 or n % group:
            raise ValueError(
                f"`group` must divide the number of rollouts, {n}, where it is a number; got"
                f" {group}"
            )
        return np.arange(n) // group
    labels = encode("group", group)
    if len(labels) != n:
        raise ValueError(f"`group` must label each of the {n} rollouts, got {len(labels)} labels")
    return labels.code.astype(np.int64)
