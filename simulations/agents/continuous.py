"""An agent with a continuous confidence head: confidence has a logit-normal distribution.

A discrete head can move mass directly from one level to any other; a continuous head has to move
through the levels between. So the two differ in how fast they become calibrated. They do not differ
in where they end, nor in that a reward which ignores confidence does not move them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtr

from scoring_theory.advantage import ESTIMATORS
from scoring_theory.display import one_line
from simulations.agents.agent import (
    Count,
    Option,
    require_converging,
    require_finite,
    require_supported,
)
from simulations.agents.rational import expected_payoff
from simulations.policies import StatedPolicy, softmax

if TYPE_CHECKING:
    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World


class ContinuousState(NamedTuple):
    """The state of the agent: all arrays that training changes."""

    answer: FloatArray  # (Q, K), logits
    centre: FloatArray  # (Q, K), mean of the logit of confidence
    log_spread: FloatArray  # (Q, K), logarithm of its standard deviation


@dataclass(frozen=True, kw_only=True)
class LogitNormal:
    """The agent with a logit-normal confidence for each question and answer.

        pi(y | x) = softmax(answer[x])_y
        confidence = sigmoid(centre[x, y] + spread[x, y] e),   e ~ N(0, 1)

    Confidence is rounded to a grid of 1001 levels (three digits). The reward is evaluated on this
    grid, and `count` is exact on it. Answers learn by policy gradient. The head learns by natural
    gradient, whose steps do not grow as the spread shrinks:

        centre       +=  learning_rate / G  sum_g A_g spread e_g
        log spread   +=  learning_rate / G  sum_g A_g (e_g^2 - 1) / 2

    Args:
        centre: Initial mean of the logit of confidence; 1.75 is a confidence of .85, which is
            typical of language models.
        spread: Initial standard deviation of the logit of confidence; positive. With the defaults
            64% of the prior lies above .8.
        learn_spread: Whether the spread is learned; otherwise it stays constant, and the agent
            keeps exploring.
        head_start: Prior margin: amount added to the initial logit of the most probable answer.
        noise: Standard deviation of the initial answer logits; not negative.
        levels: Number of levels of the confidence grid, at least 2.

    Raises:
        ValueError: If a parameter is outside its domain.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> from simulations import Experiment, LearningRule, run
        >>> from simulations.worlds import bank_of
        >>> world = bank_of([0.7] * 8, answers=2, outcomes="shared")
        >>> rlcr = Reward.parse("c - (q - c)^2")
        >>> agent, rule = LogitNormal(head_start=20.0), LearningRule(batch=8)
        >>> experiment = Experiment(
        ...     reward=rlcr, agent=agent, training=rule, world=world, elsewhere=world, replicates=2
        ... )
        >>> abs(run(experiment).final("mean_confidence") - 0.7) < 0.02
        True
    """

    centre: float = 1.75
    spread: float = 1.0
    learn_spread: bool = True
    head_start: float = 0.5
    noise: float = 0.3
    levels: int = 1001
    kind: ClassVar[str] = "continuous"
    bins: ClassVar[int | None] = 15
    state_type: ClassVar[type[ContinuousState]] = ContinuousState
    generalises: ClassVar[bool] = False
    supports: ClassVar[frozenset[Option]] = frozenset()

    __repr__ = one_line

    def __post_init__(self) -> None:
        require_finite(self, "centre", "spread", "head_start", "noise")
        if not (self.spread > 0 and self.noise >= 0):
            raise ValueError(
                f"`spread` must be positive and `noise` not negative, got {self.spread} and"
                f" {self.noise}"
            )
        if self.levels < 2:
            raise ValueError(f"`levels` must be at least 2, got {self.levels}")

    @property
    def grid(self) -> FloatArray:
        """The confidence levels, (L,)."""
        return np.arange(self.levels) / (self.levels - 1)

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> ContinuousState:
        """The state before training."""
        shape = world.success_probability.shape
        answer = self.noise * rng.standard_normal(shape)
        answer[np.arange(world.questions), world.success_probability.argmax(axis=1)] += (
            self.head_start
        )
        return ContinuousState(
            answer, np.full(shape, self.centre), np.full(shape, np.log(self.spread))
        )

    def train(
        self,
        state: ContinuousState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: ContinuousState | None = None,
    ) -> None:
        """Train for `steps` steps; the state changes in place.

        Each step makes its own random stream from the words of `stream` and its number, so `stream`
        itself does not change.
        """
        require_supported(self, training)
        if training.batch > world.questions:
            raise ValueError(
                f"`batch` must be at most the number of questions {world.questions}, got"
                f" {training.batch}"
            )
        tables, shares = training.components(table)
        table = shares[0] * tables[0]
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # `require_converging` reports divergence
            for step in range(first, first + steps):
                rng = np.random.Generator(
                    np.random.Philox(key=stream[:2].copy(), counter=[0, 0, 0, step])
                )
                x = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
                self._visit(state, x, world, table, training, rng)
            require_converging((np.exp(state.log_spread),), training)

    def count(
        self, state: ContinuousState, worlds: tuple[World, ...], update: Update = "reinforce"
    ) -> Count:
        """The exact distribution of confidence and correctness in worlds of the same questions."""
        pi = softmax(state.answer)
        mass, hits = np.zeros(self.levels), np.zeros((len(worlds), self.levels))
        of_levels = 0.0
        # One answer at a time: the cells of all answers together would need too much memory.
        for y in range(pi.shape[1]):
            cells = np.diff(self._below(state, y), axis=1)
            share = pi[:, y, None] / len(pi)
            mass += (share * cells).sum(axis=0)
            of_levels -= float(np.sum(share * cells * np.log(np.where(cells > 0, cells, 1.0))))
            for w, world in enumerate(worlds):
                hits[w] += (share * cells * world.success_probability[:, y, None]).sum(axis=0)
        of_answers = float(-np.sum(pi * np.log(pi)) / len(pi))
        entropies = (np.full(len(worlds), value) for value in (of_answers, of_levels))
        return Count(np.tile(mass, (len(worlds), 1)), hits, *entropies)

    def policy(
        self, state: ContinuousState, world: World, update: Update = "reinforce"
    ) -> StatedPolicy:
        """The policy of a state, the same in every world with these questions."""
        pi = softmax(state.answer)
        cells = [np.diff(self._below(state, y), axis=1) for y in range(pi.shape[1])]
        return StatedPolicy(pi[None], np.stack(cells, axis=1)[None], self.grid)

    def drift(
        self, state: ContinuousState, truth: FloatArray, table: FloatArray
    ) -> ContinuousState:
        """The exact expected update of every row in one visit, for learning rate 1 and no baseline.

        Level l is stated if the standardised logit lies in its cell, between a_l and b_l. With the
        normal density phi and the expected payoff u of answer and level,

            centre        pi_y spread   sum_l (phi(a_l) - phi(b_l)) u(y, l)
            log spread    pi_y / 2      sum_l (a_l phi(a_l) - b_l phi(b_l)) u(y, l)

        With the group mean as baseline the update is multiplied by 1 - 1/G. If the payoff does not
        depend on the level, the sums telescope to 0: a reward that ignores confidence does not move
        confidence.

        Args:
            state: The state of n questions.
            truth: Success probabilities (n, K).
            table: Payoffs (2, L), finite.
        """
        pi, spread = (
            softmax(state.answer),
            np.exp(state.log_spread),
        )
        a = np.stack([self._edges(state, y) for y in range(pi.shape[1])], axis=1)
        with np.errstate(
            invalid="ignore"
        ):  # the outermost edges are infinite; their density, and a times it, are 0
            density = np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
            moment = np.where(np.isinf(a), 0.0, a * density)
        payoff = expected_payoff(truth, table)
        payoff = (
            payoff - payoff[..., :1]
        )  # so that a reward without confidence gives zeros and no rounding
        value = expected_payoff(truth, table)[..., 0] + np.sum(
            np.diff(ndtr(a), axis=2) * payoff, axis=2
        )
        value = value - np.sum(pi * value, axis=1, keepdims=True)
        push = pi * spread * np.sum(-np.diff(density, axis=2) * payoff, axis=2)
        widen = pi / 2 * np.sum(-np.diff(moment, axis=2) * payoff, axis=2)
        return ContinuousState(
            pi * value, push, widen if self.learn_spread else np.zeros(push.shape)
        )

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        return {"kind": self.kind, **asdict(self)}

    def _edges(self, state: ContinuousState, y: int) -> FloatArray:
        """The ends of the levels' cells, in standard deviations from the centre, (Q, L + 1)."""
        inner = logit((np.arange(1, self.levels) - 0.5) / (self.levels - 1))
        edges = np.concatenate([[-np.inf], inner, [np.inf]])
        return np.asarray((edges - state.centre[:, y, None]) / np.exp(state.log_spread[:, y, None]))

    def _below(self, state: ContinuousState, y: int) -> FloatArray:
        return np.asarray(ndtr(self._edges(state, y)))

    def _visit(
        self,
        state: ContinuousState,
        x: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
        world: World,
        table: FloatArray,
        training: LearningRule,
        rng: np.random.Generator,
    ) -> None:
        """One step: sample a group of rollouts for each question of the batch, and update once.

        An answer is drawn as the number of cumulative probabilities that a uniform number has
        passed; the last one is left out, since rounding may put it below 1.
        """
        pi, size = softmax(state.answer[x]), (len(x), training.group_size)
        y = (rng.random(size)[..., None] >= np.cumsum(pi, axis=1)[:, None, :-1]).sum(axis=2)
        e = rng.standard_normal(size)
        spread = np.exp(state.log_spread[x[:, None], y])
        stated = state.centre[x[:, None], y] + spread * e
        require_converging((stated,), training)  # NaN cannot be converted to a level
        level = np.floor((self.levels - 1) * expit(stated) + 0.5).astype(np.int64)
        right = _uniform_numbers(world, y, rng) < world.success_probability[x[:, None], y]
        advantage = _advantages(table[right.astype(np.int64), level], training)
        chosen = y[..., None] == np.arange(pi.shape[1])
        rate = training.learning_rate / training.group_size
        state.answer[x] += rate * np.sum(advantage[..., None] * (chosen - pi[:, None]), axis=1)
        state.centre[x] += rate * np.sum((advantage * spread * e)[..., None] * chosen, axis=1)
        if self.learn_spread:
            state.log_spread[x] += (
                rate / 2 * np.sum((advantage * (e**2 - 1))[..., None] * chosen, axis=1)
            )


def _uniform_numbers(
    world: World, y: np.ndarray[tuple[int, ...], np.dtype[np.int64]], rng: np.random.Generator
) -> FloatArray:
    """The uniform number that decides each rollout; rollouts share one by the outcome model."""
    if world.outcomes == "independent":
        return rng.random(y.shape)
    if world.outcomes == "shared":
        return rng.random((len(y), 1))
    return np.take_along_axis(rng.random((len(y), world.answers)), y, axis=1)


def _advantages(rewards: FloatArray, training: LearningRule) -> FloatArray:
    """The advantages of the learning rule's estimator, for rewards (B, G).

    A standard deviation of 0 gives advantages of 0, also when `std_epsilon` is 0. That of the
    others divides nothing where it is 0; a mean reward that is not positive gives advantages of 0.
    """
    estimator, size = ESTIMATORS[training.estimator], training.group_size
    if estimator.baseline == "none":
        gap = rewards
    elif estimator.baseline == "batch_mean":
        gap = rewards - rewards.mean()
    else:
        gap = rewards - rewards.mean(axis=1, keepdims=True)
    if estimator.baseline == "leave_one_out":
        gap = np.asarray(gap * size / (size - 1))
    if estimator.scale == "none":
        return gap
    if estimator.scale == "others_std":
        # Summed anew for each rollout: a difference of sums would leave a rounding error.
        means = (rewards.sum(axis=1, keepdims=True) - rewards) / (size - 1)
        gaps = (rewards[:, None, :] - means[:, :, None]) * (1 - np.eye(size))
        apart = np.sqrt((gaps**2).sum(axis=2) / (size - 2))
        alike = apart <= 1e-12 * (1 + np.abs(means))
        return np.asarray(gap / np.where(alike, 1.0, apart + training.std_epsilon))
    if estimator.scale == "group_mean":
        mean = np.broadcast_to(rewards.mean(axis=1, keepdims=True), gap.shape)
        divisor = mean + training.std_epsilon
        return np.asarray(np.divide(gap, divisor, out=np.zeros_like(gap), where=mean > 1e-12))
    spread = (
        rewards.std(ddof=1)
        if estimator.scale == "batch_std"
        else rewards.std(axis=1, ddof=1, keepdims=True)
    )
    scale = np.broadcast_to(spread + training.std_epsilon, gap.shape)
    return np.asarray(np.divide(gap, scale, out=np.zeros_like(gap), where=scale > 0))
