"""Several rewards trained on the same questions, and accuracy over margin and threshold density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import binary
from scoring_theory.reward import Reward
from scoring_theory.thresholds import ThresholdDistribution
from simulations.laboratory.rewarded import GROUP_SIZE
from simulations.laboratory.system import mean_and_error
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, verdict_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_GRID = np.arange(11) / 10
ANSWERS = 4
"""The answers to each question, of which one can be right."""
RATE, TRAINING_STEPS = 0.05, 600
"""The learning rate of answers, and the number of steps."""
QUICKNESS = 20.0
"""How many times as fast as answers confidence is learned."""
SIMULATED_MARGINS = (0.0, 1.0, 2.0)
"""The margins at which accuracy is also simulated."""


def mixture(margin: float, density: float) -> Reward:
    """The reward with accuracy margin m and the same threshold density k everywhere.

        R(q, c) = m c + k (c q - q^2 / 2),    V(p) = m p + k p^2 / 2,    range m + k

    Example:
        >>> from scoring_theory.catalogue import rlcr
        >>> mixture(0.0, 2.0) == rlcr
        True
    """
    return ThresholdDistribution.of(
        atoms={0: margin} if margin else {}, betas=((density, 1, 1),) if density else ()
    ).to_reward()


@dataclass(frozen=True)
class SeveralRewards:
    """The same questions for several rewards, trained at once as if they were more questions.

    Attributes:
        start: the policy before training, of one run.
        truth: P(correct) of each answer, (N Q, K).
        tables: the payoffs of each question, wrong and right, (N Q, 2, L).
        rewards: the number N of rewards.
        quickness: how many times as fast as answers confidence is learned.
        separate: whether the answers are paid for correctness alone.
    """

    start: StatedPolicy
    truth: FloatArray
    tables: FloatArray
    rewards: int
    quickness: float
    separate: bool

    @classmethod
    def of(
        cls,
        rewards: Sequence[Reward],
        best: Sequence[float],
        *,
        quickness: float = QUICKNESS,
        separate: bool = False,
    ) -> SeveralRewards:
        """Some rewards and the success probability of the right answer to each question."""
        truth = np.zeros((len(best), ANSWERS))
        for question, p in enumerate(best):
            truth[question, question % ANSWERS] = p
        many = len(rewards) * len(best)
        start = StatedPolicy(
            np.full((1, many, ANSWERS), 1 / ANSWERS),
            np.full((1, many, ANSWERS, _GRID.size), 1 / _GRID.size),
            _GRID,
        )
        tables = np.repeat([reward.table(_GRID) for reward in rewards], len(best), axis=0)
        tiled = np.tile(truth, (len(rewards), 1))
        return cls(start, tiled, tables, len(rewards), quickness, separate)

    def runs(self, *, runs: int, rate: float, steps: int, seed: int) -> Trained:
        """Independent trainings."""
        return train(
            self.start,
            self.truth,
            verdict_signal if self.separate else self._paid,
            confidence_signal=lambda groups: self.quickness * self._paid(groups),
            runs=runs,
            group_size=GROUP_SIZE,
            learning_rate=rate,
            steps=steps,
            seed=seed,
        )

    def mean_field(self, *, rate: float, steps: int) -> Trained:
        """The expected update, step by step."""
        p = self.truth[..., None]
        paid = (p * self.tables[:, None, 1] + (1 - p) * self.tables[:, None, 0])[None]
        correct = np.broadcast_to(p, paid.shape)
        return mean_field(
            self.start,
            lambda _: correct if self.separate else paid,
            confidence_expected=lambda _: self.quickness * paid,
            learning_rate=rate,
            steps=steps,
            shrink=1 - 1 / GROUP_SIZE,
        )

    def _paid(self, groups: Groups) -> FloatArray:
        question = np.arange(len(self.tables))[:, None]
        return np.asarray(self.tables[question, groups.correct.astype(np.int64), groups.levels])

    def accuracy(self, policy: StatedPolicy) -> FloatArray:
        """The accuracy under each reward, (R, N)."""
        return self._mean((policy.answer * self.truth).sum(axis=-1))

    def distance(self, policy: StatedPolicy) -> FloatArray:
        """The mean squared distance of confidence from the success probability, (R, N)."""
        lies = (policy.grid - self.truth[..., None]) ** 2
        return self._mean(np.asarray((policy.joint * lies).sum(axis=(-1, -2))))

    def share(self, policy: StatedPolicy, question: int) -> FloatArray:
        """The share of the right answer to one question, (R, N)."""
        right = np.where(self.truth > 0, policy.answer, 0.0).sum(axis=-1)
        return np.asarray(right.reshape(len(right), self.rewards, -1)[..., question])

    def calibration_error(self, policy: StatedPolicy) -> FloatArray:
        """The expected calibration error under each reward, (R, N)."""
        size = len(self.truth) // self.rewards
        of = [slice(i * size, (i + 1) * size) for i in range(self.rewards)]
        alone = (
            StatedPolicy(policy.answer[:, i], policy.confidence[:, i], policy.grid) for i in of
        )
        errors = [part.calibration_error(self.truth[of[0]]) for part in alone]
        return np.stack(errors, axis=-1)

    def _mean(self, values: FloatArray) -> FloatArray:
        return np.asarray(values.reshape(len(values), self.rewards, -1).mean(axis=-1))


@dataclass(frozen=True)
class Frontier:
    """The accuracy after a training over margin and threshold density.

    Attributes:
        margins: the accuracy margins m, (M,).
        densities: the threshold densities k, the same for all thresholds, (D,).
        accuracy: at the same learning rate, along the mean field, (D, M).
        scaled: the same with every reward scaled to range 1; NaN for m = k = 0, (D, M).
        binary: the accuracy under the binary reward.
        best: the accuracy of the best answers.
        steps: the number of steps.
        simulated: margin, density, mean accuracy and its standard error at the same learning rate,
            (n, 4).
    """

    margins: FloatArray
    densities: FloatArray
    accuracy: FloatArray
    scaled: FloatArray
    binary: float
    best: float
    steps: int
    simulated: FloatArray


@lru_cache(maxsize=16)
def _exact_accuracies(
    places: tuple[tuple[float, float], ...],
    best: tuple[float, ...],
    quickness: float,
    separate: bool,
    rate: float,
    steps: int,
) -> FloatArray:
    """The accuracy along the mean: of each mixture, of each scaled to range 1, and of binary."""
    made = [mixture(m, k) for m, k in places]
    scaled = [mixture(m / (m + k), k / (m + k)) if m + k else mixture(0, 0) for m, k in places]
    several = SeveralRewards.of(
        [*made, *scaled, binary], best, quickness=quickness, separate=separate
    )
    return np.asarray(several.accuracy(several.mean_field(rate=rate, steps=steps).end)[0])


def frontier(
    margins: Sequence[float],
    densities: Sequence[float],
    *,
    best: Sequence[float] = (0.8, 0.4, 0.2),
    quickness: float = QUICKNESS,
    steps: int = TRAINING_STEPS,
    rate: float = RATE,
    simulated: Sequence[tuple[float, float]] = (),
    runs: int = 64,
    separate: bool = False,
    seed: int = 0,
) -> Frontier:
    """The accuracy after some steps over margin and threshold density: the mean field on a grid.

    Args:
        margins: the accuracy margins m, (M,).
        densities: the threshold densities k, (D,).
        best: the success probability of the right answer to each question.
        quickness: how many times as fast as answers confidence is learned.
        steps: the number of steps.
        rate: the learning rate.
        simulated: margins and densities that are also simulated.
        runs: the number of runs of each of them.
        separate: whether answers are paid for correctness alone.
        seed: the seed of the runs.

    Example:
        >>> found = frontier([0.0, 1.0], [0.0, 2.0], steps=200)
        >>> bool(found.accuracy[1, 1] > found.binary > found.accuracy[1, 0])
        True
        >>> bool(found.binary > found.scaled[1, 1] > found.scaled[1, 0])
        True
    """
    places = tuple((float(m), float(k)) for k in densities for m in margins)
    spread = np.array([m + k for m, k in places])
    end = _exact_accuracies(places, tuple(best), quickness, separate, rate, steps)
    shape = (len(densities), len(margins))
    points = np.empty((0, 4))
    if simulated:
        chosen = [mixture(m, k) for m, k in simulated]
        few = SeveralRewards.of(chosen, best, quickness=quickness, separate=separate)
        found = few.accuracy(few.runs(runs=runs, rate=rate, steps=steps, seed=seed).end)
        points = np.array(
            [(*at, *mean_and_error(found[:, i])) for i, at in enumerate(simulated)], dtype=float
        )
    return Frontier(
        np.array(margins, dtype=float),
        np.array(densities, dtype=float),
        end[: len(places)].reshape(shape),
        np.where(spread > 0, end[len(places) : -1], np.nan).reshape(shape),
        float(end[-1]),
        float(np.mean(best)),
        steps,
        points,
    )


def standard_frontier() -> Frontier:
    """The frontier that `scoring-theory figures` draws: 13 margins, 9 threshold densities."""
    return frontier(
        np.linspace(0, 2, 13).tolist(),
        np.linspace(0, 4, 9).tolist(),
        simulated=[(m, k) for k in (0.0, 2.0, 4.0) for m in SIMULATED_MARGINS if m + k > 0],
        runs=16,
    )
