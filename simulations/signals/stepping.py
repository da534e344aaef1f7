"""Training of the tabular agent with a signal, and its exact expected update by enumeration.

The kernels of `simulations.training` know rewards of (q, c) alone, and are fast. A signal reads
the whole group and the policy, so that these steps are taken in NumPy, one replicate at a time, on
worlds that are small enough to enumerate. Learning rules mean the same in both: without a signal
(or with the signal "verdict") the expected update is that of `simulations.meanfield.motion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from simulations.agents.tabular import TabularState
from simulations.policies import StatedPolicy, softmax
from simulations.signals.base import Preparation, Scores, TrainingSignal
from simulations.signals.batches import expected_advantages
from simulations.signals.groups import Groups, advantages_of, all_groups
from simulations.signals.training import (
    Gradient,
    ascent,
    centred_gradient,
    draw_groups,
    policy_gradient,
)
from simulations.training.effective_payoff import scenarios
from simulations.worlds import accepted_probability

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulations.training import LearningRule, RandomStreams
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World

_LEAST = 1e-300


@runtime_checkable
class TrainsWithSignals(Protocol):
    """What an agent without tables of answers has in addition if a signal can train it."""

    def taught(
        self,
        signal: TrainingSignal,
        state: Any,
        world: World,
        table: FloatArray,
        training: LearningRule,
        streams: RandomStreams,
    ) -> Callable[[Any, int, int], bool]:
        """Training with a signal, prepared from the state before training.

        Args:
            signal: The signal.
            state: The state before training.
            world: The world of training.
            table: Payoffs (2, L).
            training: The learning rule.
            streams: The random streams of the replicate.

        Returns:
            A function of a state, the number of the first step and the number of steps: it changes
            the state in place and returns whether an advantage differed from 0.
        """
        ...


@dataclass(frozen=True)
class SignalTraining:
    """What a replicate is trained with: the signal as prepared before training.

    Attributes:
        world: the world of training.
        scores: the signal.
        errors: P(accepted | wrong) and P(rejected | right) of its judge.
        factor: what the advantages of a group are multiplied by.
        table: the payoffs of the reward, (2, L).
        rule: the learning rule.
        frozen: the policy before training, of one run.
    """

    world: World
    scores: Scores
    errors: tuple[float, float]
    factor: Callable[[Groups], FloatArray | float]
    table: FloatArray
    rule: LearningRule
    frozen: StatedPolicy

    def advance(
        self, state: TabularState, first: int, steps: int, rng: np.random.Generator
    ) -> bool:
        """Train for `steps` steps from number `first` on; the state changes in place.

        Args:
            state: logits, (Q, K) and (Q, K, L).
            first: the number of the first step.
            steps: the number of steps.
            rng: the random numbers of training.

        Returns:
            Whether an advantage differed from 0.
        """
        learned = False
        for step in range(first, first + steps):
            asked = self._asked(step)
            learned |= self._take_step(state, asked, rng)
        return learned

    def follow(self, state: TabularState, first: int, steps: int) -> bool:
        """The expected updates in place of random ones; otherwise as `advance`.

        Raises:
            ValueError: If there are too many groups to enumerate, or batches of them where the
                estimator compares questions, or the rule has several epochs.
        """
        learned = False
        for step in range(first, first + steps):
            asked = self._asked(step)
            policy = self._policy(state, asked)
            moved = self.expected_gradient(policy, asked)
            learned |= any(bool(np.any(np.abs(part) > 1e-15)) for part in moved)
            self._move(state, asked, policy, moved)
        return learned

    def expected_gradient(self, policy: StatedPolicy, asked: NDArray[np.int64]) -> Gradient:
        """The expected gradient of one visit of some questions, (1, Q, K) and (1, Q, K, L).

        Every group of answers and verdicts is enumerated. The levels of confidence are enumerated
        with them only if the estimator compares questions or is not affine in the rewards;
        otherwise their expectation is taken in closed form.

        Args:
            policy: the policy of these questions, of one run.
            asked: their numbers.

        Raises:
            ValueError: As for `follow`.
        """
        if self.rule.epochs > 1:
            raise ValueError(
                f"the mean field needs `epochs` 1 in each step, got {self.rule.epochs}"
            )
        places, weight, right = self._scenarios(asked)
        one, before = policy.of(places), self.frozen.of(asked[places])
        estimator = ESTIMATORS[self.rule.estimator]
        alone = estimator.affine and not estimator.of_batch
        made = self._summed if alone else self._summed_by_level
        chosen, stated = made(one, before, right, asked[places], weight)
        sums = []
        for part in (chosen, stated):
            total = np.zeros((asked.size, *part.shape[1:]))
            np.add.at(total, places, part)
            sums.append(total[None])
        return centred_gradient(policy, *sums, natural=self.rule.update == "natural")

    def _asked(self, step: int) -> NDArray[np.int64]:
        batch = self.rule.batch
        return np.arange(step * batch, (step + 1) * batch) % self.world.questions

    def _policy(self, state: TabularState, asked: NDArray[np.int64]) -> StatedPolicy:
        answer, confidence = (softmax(rows[asked])[None] for rows in state)
        return StatedPolicy(answer, confidence, self.frozen.grid)

    def _accepted(self, right: FloatArray) -> FloatArray:
        return accepted_probability(right, *self.errors)

    def _take_step(
        self, state: TabularState, asked: NDArray[np.int64], rng: np.random.Generator
    ) -> bool:
        rule = self.rule
        policy = self._policy(state, asked)
        truth, before = self.world.success_probability[asked], self.frozen.of(asked)
        groups = draw_groups(
            policy,
            before,
            truth,
            rule.group_size,
            rng,
            outcomes=self.world.outcomes,
            numbers=asked,
        )
        if any(self.errors):
            verdicts = rng.random(groups.correct.shape) < self._accepted(groups.correct)
            groups = groups.judged(verdicts.astype(np.float64))
        gained = self._weights(groups) * advantages_of(
            self._rewards(groups), rule.estimator, epsilon=rule.std_epsilon
        )
        for epoch in range(rule.epochs):
            now, push = policy, gained / rule.group_size
            if epoch > 0:
                now = self._policy(state, asked)
                ratio = _chance(now, groups) / _chance(policy, groups)
                push = push * _clipped(ratio, gained, rule.clip)
            moved = policy_gradient(now, groups, push, push, natural=rule.update == "natural")
            self._move(state, asked, now, moved)
        return bool(np.any(gained))

    def _move(
        self,
        state: TabularState,
        asked: NDArray[np.int64],
        policy: StatedPolicy,
        moved: Gradient,
    ) -> None:
        """Add a gradient to the rows, with that of the KL penalty and of the entropy bonus."""
        rule, parts = self.rule, list(moved)
        if rule.kl > 0 or rule.entropy > 0:
            now, before = (_log(one.joint) for one in (policy, self.frozen.of(asked)))
            payoff = rule.kl * before - (rule.kl + rule.entropy) * now
            towards = ascent(policy, payoff, natural=rule.update == "natural")
            parts = [part + more for part, more in zip(parts, towards, strict=True)]
        for rows, part in zip(state, parts, strict=True):
            rows[asked] += rule.learning_rate * part[0]

    def _rewards(self, groups: Groups) -> FloatArray:
        verdict, paid = self.scores(groups)
        wrong, right = self.table
        at = groups.levels
        return np.asarray((1 - verdict) * wrong[at] + verdict * right[at] + paid)

    def _weights(self, groups: Groups) -> FloatArray:
        c = groups.correct
        weights = c * self.rule.right_weight + (1 - c) * self.rule.wrong_weight
        return np.asarray(self.factor(groups) * weights)

    def _scenarios(
        self, asked: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
        """What the rollouts of a group have in common: place in `asked`, chance, P(accepted)."""
        rows = [
            (place, chance, self._accepted(right))
            for place, truth in enumerate(self.world.success_probability[asked])
            for chance, right in scenarios(truth, self.world.outcomes)
        ]
        places, chances, accepted = zip(*rows, strict=True)
        return np.array(places), np.array(chances), np.array(accepted)

    def _summed_by_level(
        self,
        policy: StatedPolicy,
        before: StatedPolicy,
        accepted: FloatArray,
        numbers: NDArray[np.int64],
        weight: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """The expected sums of advantages by answer and by level, (S, K) and (S, K, L)."""
        rule = self.rule
        groups, chance = all_groups(policy, before, accepted, rule.group_size, numbers=numbers)
        chance = chance * weight
        gained = expected_advantages(
            self._rewards(groups), chance, rule.estimator, epsilon=rule.std_epsilon, numbers=numbers
        )
        share = self._weights(groups) * gained * chance[..., None] / rule.group_size
        shape = policy.confidence.shape[1:]
        scenario = np.arange(len(numbers))[:, None]
        place = (scenario * shape[1] + groups.answers) * shape[2] + groups.levels
        stated = _added(place, share, shape)
        return stated.sum(axis=-1), stated

    def _summed(
        self,
        policy: StatedPolicy,
        before: StatedPolicy,
        accepted: FloatArray,
        numbers: NDArray[np.int64],
        weight: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """The same for an affine estimator of one group.

        Its advantages are own r - others sum of the others' r. Given the answers and the verdicts
        of a group, the others' rewards enter by their mean over levels.
        """
        rule, head = self.rule, policy.confidence[0]
        size = rule.group_size
        own, others = {
            "none": (1.0, 0.0),
            "group_mean": (1 - 1 / size, 1 / size),
            "leave_one_out": (1.0, 1 / max(size - 1, 1)),
        }[ESTIMATORS[rule.estimator].baseline]
        groups, chance = all_groups(
            policy.answers_alone, before.answers_alone, accepted, size, numbers=numbers
        )
        verdict, paid = self.scores(groups)
        wrong, right = self.table
        shape = head.shape[:2]
        scenario = np.broadcast_to(np.arange(len(numbers))[:, None], verdict.shape)
        if_wrong, lead = ((head @ row)[scenario, groups.answers] for row in (wrong, right - wrong))
        mean = if_wrong + verdict * lead + paid
        rest = own * paid - others * (mean.sum(axis=-1, keepdims=True) - mean)
        share = self._weights(groups) * (chance * weight)[..., None] / size
        place = scenario * shape[1] + groups.answers
        sums = [
            _added(place, part, shape)[..., None]
            for part in (share * own, share * own * verdict, share * rest)
        ]
        stated = head * (sums[0] * wrong + sums[1] * (right - wrong) + sums[2])
        return stated.sum(axis=-1), stated


def prepared_training(
    signal: TrainingSignal,
    world: World,
    table: FloatArray,
    rule: LearningRule,
    state: TabularState,
    grid: FloatArray,
    rng: np.random.Generator,
) -> SignalTraining:
    """Prepare a signal for one replicate, from its state before training.

    Args:
        signal: the signal.
        world: the world of training.
        table: the payoffs of the reward, (2, L).
        rule: the learning rule.
        state: the logits before training.
        grid: the levels of confidence, (L,).
        rng: the random numbers of what is drawn before training.

    Raises:
        ValueError: If the batch is larger than the world.
    """
    if rule.batch > world.questions:
        raise ValueError(
            f"`batch` must be at most the number of questions {world.questions}, got {rule.batch}"
        )
    frozen = StatedPolicy(softmax(state.answer)[None], softmax(state.confidence)[None], grid)
    scores = prepared_scores(signal, world, table, frozen, rng)
    return SignalTraining(world, scores, signal.errors, signal.factor, table, rule, frozen)


def prepared_scores(
    signal: TrainingSignal,
    world: World,
    table: FloatArray,
    frozen: StatedPolicy,
    rng: np.random.Generator,
) -> Scores:
    """The function of groups that a signal becomes for one replicate.

    Args:
        signal: the signal.
        world: the world of training.
        table: the payoffs of the reward, (2, L).
        frozen: the policy before training, of one run and all questions.
        rng: the random numbers of what is drawn before training.
    """
    accepted = accepted_probability(world.success_probability, *signal.errors)
    return signal.prepare(Preparation(frozen, accepted, table, world.meanings, rng))


def _added(place: NDArray[np.int64], values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The sum of the values at each place of an array of this shape."""
    size = int(np.prod(shape))
    sums = np.bincount(place.ravel(), values.ravel(), minlength=size).astype(np.float64)
    return sums.reshape(shape)


def _chance(policy: StatedPolicy, groups: Groups) -> FloatArray:
    """The probability of each rollout, (1, Q, G)."""
    at = np.arange(groups.answers.shape[1])[:, None]
    return np.asarray(policy.joint[0][at, groups.answers[0], groups.levels[0]][None])


def _clipped(ratio: FloatArray, gained: FloatArray, clip: tuple[float, float]) -> FloatArray:
    """The ratio of new to old probability; 0 where PPO clips it."""
    beyond = np.where(gained > 0, ratio > 1 + clip[1], ratio < 1 - clip[0])
    return np.where(beyond, 0.0, ratio)


def _log(joint: FloatArray) -> FloatArray:
    return np.log(np.maximum(joint, _LEAST))
