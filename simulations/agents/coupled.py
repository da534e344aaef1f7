"""The coupled agent: its confidence is computed from its own answer probability.

This is the entropy-collapse mechanism of overconfidence (`docs/theory.md`, section 8): under a
reward that ignores confidence, training concentrates the answer policy, and confidence rises with
the answer probability. With `coupling=False` confidence does not depend on the answer probability,
and the effect disappears.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from scipy.special import expit, ndtr

from scoring_theory.display import one_line
from simulations.agents.agent import Count, Option, require_finite, require_supported
from simulations.policies import StatedPolicy, softmax
from simulations.training import kernels

if TYPE_CHECKING:
    from simulations.training import LearningRule, Update
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.worlds import World


_ALIKE = 1e-9  # probabilities that differ by less differ only by rounding
_BLOCK = 128
"""Questions that are counted at once where every level has a probability."""


class CoupledState(NamedTuple):
    """The state of the agent: all arrays that training changes."""

    weights: FloatArray  # (d, K), answer logits = features @ weights
    slope: FloatArray  # (1,), b
    head: FloatArray  # (d,), u; its first entry, of the constant feature, is the intercept


class _Probabilities(NamedTuple):
    of_answers: FloatArray  # (Q, K)
    of_levels: FloatArray  # (Q, K, L), given the answer


def level_cuts(levels: int) -> FloatArray:
    """The logits at which the nearest of equally spaced levels changes, (L - 1,).

    Example:
        >>> level_cuts(3).round(3).tolist()  # between 0 and 0.5, and between 0.5 and 1
        [-1.099, 1.099]
    """
    cuts = (np.arange(levels - 1) + 0.5) / (levels - 1)
    return np.asarray(np.log(cuts / (1 - cuts)))


class _Linear:
    """What the agents that are linear in the features share."""

    levels: int
    bins: ClassVar[int | None] = 15
    state_type: ClassVar[type[CoupledState]] = CoupledState
    generalises: ClassVar[bool] = True
    supports: ClassVar[frozenset[Option]] = frozenset({"kl", "entropy", "weights", "components"})

    __repr__ = one_line

    @property
    def grid(self) -> FloatArray:
        """The confidence levels, (L,)."""
        return np.arange(self.levels) / (self.levels - 1)

    @property
    def _noise_when_measured(self) -> float:
        return 0.0

    def count(
        self, state: CoupledState, worlds: tuple[World, ...], update: Update = "reinforce"
    ) -> Count:
        """The exact distribution of confidence and correctness in worlds of the same questions."""
        seen = [_features(world) for world in worlds]
        if self._noise_when_measured > 0:
            return self._noisy_count(state, worlds)
        # Where the features are the same, what is stated is the same, and one pass is enough.
        if all(np.array_equal(phi, seen[0]) for phi in seen):
            truths = np.stack([world.success_probability for world in worlds])
            mass, hits = np.zeros(self.levels), np.zeros((len(worlds), self.levels))
            entropy = kernels.count_coupled(
                truths,
                seen[0],
                *state,
                mass,
                hits,
                kernels.buffers(kernels.QUESTION_BLOCK, worlds[0].answers),
            )
            return Count(
                np.tile(mass, (len(worlds), 1)),
                hits,
                np.full(len(worlds), entropy),
                np.zeros(len(worlds)),
            )
        counts = (self.count(state, (world,)) for world in worlds)
        return Count(*(np.concatenate(part) for part in zip(*counts, strict=True)))

    def _noisy_count(self, state: CoupledState, worlds: tuple[World, ...]) -> Count:
        """The same by summing the policy, in which every level has a probability."""
        mass, hits = np.zeros((2, len(worlds), self.levels))
        entropy = np.zeros(len(worlds))
        for w, world in enumerate(worlds):
            for first in range(0, world.questions, _BLOCK):
                some = slice(first, first + _BLOCK)
                policy = self._policy(state, _features(world)[some])
                share = policy.of_answers[..., None] * policy.of_levels / world.questions
                mass[w] += share.sum(axis=(0, 1))
                hits[w] += (share * world.success_probability[some, :, None]).sum(axis=(0, 1))
                logs = np.log(np.where(policy.of_answers > 0, policy.of_answers, 1.0))
                entropy[w] -= (policy.of_answers * logs).sum() / world.questions
        return Count(mass, hits, entropy, np.zeros(len(worlds)))

    def policy(
        self, state: CoupledState, world: World, update: Update = "reinforce"
    ) -> StatedPolicy:
        """The policy of a state in a world, without exploration.

        Each answer has one level, unless confidence is stated with noise when it is measured.
        """
        found = self._policy(state, _features(world))
        return StatedPolicy(found.of_answers[None], found.of_levels[None], self.grid)

    def _policy(self, state: CoupledState, phi: FloatArray) -> _Probabilities:
        """The probabilities of answers and of levels, given features (Q, d)."""
        logits = _logits(phi, state.weights)
        answer = softmax(logits)
        # log pi_y - log of the sum of the others, which keeps its digits where pi_y is nearly 1.
        others = np.where(np.eye(logits.shape[1], dtype=bool), -np.inf, logits[:, None, :])
        log_odds = logits - np.logaddexp.reduce(others, axis=-1)
        centre = np.einsum("xi,i->x", phi, state.head)[:, None]
        mean = state.slope[0] * log_odds + centre
        if self._noise_when_measured > 0:
            edges = (level_cuts(self.levels) - mean[..., None]) / self._noise_when_measured
            ends = (*mean.shape, 1)
            below = np.concatenate([np.zeros(ends), ndtr(edges), np.ones(ends)], axis=-1)
            return _Probabilities(answer, np.diff(below))
        levels = np.floor((self.levels - 1) * expit(mean) + 0.5).astype(np.int64)
        return _Probabilities(answer, (levels[..., None] == np.arange(self.levels)) * 1.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Coupled(_Linear):
    """The linear agent whose confidence is computed from its answer probability.

        pi(y | x) = softmax(phi W)_y
        confidence = sigmoid(b logit(pi_y) + phi . u + noise), rounded to a grid

    The grid has 1001 levels (three digits), and rewards are evaluated on it, so that a reward with
    jumps is not interpolated. With `levels=21` confidence is verbal: multiples of .05. The policy
    gradient is taken with respect to the mean of the noise; rounding leaves it unbiased.
    Exploration noise is used in training only, and `stated_noise` in `count` and `policy` only. The
    gradient of confidence does not flow into the answer weights.

    The initial policy agrees weakly with the truth: it is the least-squares fit of the success
    probabilities on the features, scaled so that its logits have standard deviation `head_start`.

    Args:
        coupling: Whether confidence depends on the answer probability. If not, the slope b is fixed
            at 0, and the constant starts at the value that gives the same mean logit of confidence.
        slope: Initial value of b.
        constant: Initial weight of the constant feature in the confidence head.
        head_start: Prior margin: standard deviation of the part of the initial answer logits that
            agrees with the truth.
        weight_noise: Standard deviation of the random part of the initial answer weights; not
            negative.
        exploration: Standard deviation of the noise in the logit of confidence; positive.
        answer_speed: Learning rate of the answers divided by that of confidence; positive.
        levels: Number of levels of the confidence grid, at least 2.
        stated_noise: Standard deviation of the noise in the logit of the confidence that is stated
            when the agent is measured, as by sampling; not negative. It lowers the AUROC.

    Raises:
        ValueError: If a parameter is outside its domain.

    Example:
        >>> Coupled().kind, Coupled(coupling=False).kind, Coupled().grid.size
        ('coupled', 'uncoupled', 1001)
    """

    coupling: bool = True
    slope: float = 1.0
    constant: float = 1.5
    head_start: float = 0.5
    weight_noise: float = 0.1
    exploration: float = 0.5
    answer_speed: float = 4.0
    levels: int = 1001
    stated_noise: float = 0.0

    def __post_init__(self) -> None:
        require_finite(
            self, "slope", "constant", "head_start", "weight_noise", "exploration", "answer_speed",
            "stated_noise",
        )  # fmt: skip
        if not (self.exploration > 0 and self.answer_speed > 0 and self.weight_noise >= 0):
            raise ValueError(
                "`exploration` and `answer_speed` must be positive and `weight_noise` not"
                f" negative, got {self.exploration}, {self.answer_speed} and {self.weight_noise}"
            )
        if self.levels < 2:
            raise ValueError(f"`levels` must be at least 2, got {self.levels}")
        if self.stated_noise < 0:
            raise ValueError(f"`stated_noise` must not be negative, got {self.stated_noise}")

    @property
    def _noise_when_measured(self) -> float:
        return self.stated_noise

    @property
    def kind(self) -> str:
        """The name of the kind of agent in figures and records."""
        return "coupled" if self.coupling else "uncoupled"

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> CoupledState:
        """The state before training."""
        phi = _features(world)
        weights = _competent(world, phi, self.head_start) + self.weight_noise * rng.standard_normal(
            (phi.shape[1], world.answers)
        )
        head = np.zeros(phi.shape[1])
        head[0] = (
            self.constant
            if self.coupling
            else self.constant + self.slope * _mean_log_odds(_logits(phi, weights))
        )
        return CoupledState(weights, np.array([self.slope if self.coupling else 0.0]), head)

    def train(
        self,
        state: CoupledState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: CoupledState | None = None,
    ) -> None:
        """Train for `steps` steps; the state changes in place."""
        rate = training.learning_rate
        rates = (self.answer_speed * rate, rate if self.coupling else 0.0, rate, self.exploration)
        require_supported(self, training)
        _advance(state, world, table, training, stream, first, steps, rates, prior)

    def describe(self) -> dict[str, object]:
        """The description as plain data.

        Without `stated_noise` it is what it was before there was any, so that stores keep their
        records.
        """
        described = {**asdict(self), "kind": self.kind}
        if not self.stated_noise:
            del described["stated_noise"]
        return described


@dataclass(frozen=True, kw_only=True, repr=False)
class SelfProbability(_Linear):
    """The linear agent that states its answer probability as its confidence.

        pi(y | x) = softmax(phi W)_y,   confidence = pi_y, rounded to a grid

    It is the coupled agent with b = 1, u = 0 and no noise. The reward is treated as a constant: the
    policy gradient does not differentiate R(pi_y, c) with respect to the policy.

    Args:
        head_start: Prior margin: standard deviation of the part of the initial answer logits that
            agrees with the truth.
        weight_noise: Standard deviation of the random part of the initial answer weights; not
            negative.
        levels: Number of levels of the confidence grid, at least 2.

    Raises:
        ValueError: If a parameter is outside its domain.

    Example:
        >>> SelfProbability().kind, SelfProbability(levels=101).grid.size
        ('self-probability', 101)
    """

    head_start: float = 0.5
    weight_noise: float = 0.1
    levels: int = 1001
    kind: ClassVar[str] = "self-probability"

    def __post_init__(self) -> None:
        _ = self._body  # checks the parameters

    @property
    def _body(self) -> Coupled:
        start, noise = self.head_start, self.weight_noise
        return Coupled(
            slope=1.0, constant=0.0, head_start=start, weight_noise=noise, levels=self.levels
        )

    def start(
        self, world: World, rng: np.random.Generator, update: Update = "reinforce"
    ) -> CoupledState:
        """The state before training."""
        return self._body.start(world, rng, update)

    def train(
        self,
        state: CoupledState,
        world: World,
        table: FloatArray,
        training: LearningRule,
        stream: WordArray,
        first: int,
        steps: int,
        *,
        prior: CoupledState | None = None,
    ) -> None:
        """Train the answers for `steps` steps; the state changes in place."""
        rates = (self._body.answer_speed * training.learning_rate, 0.0, 0.0, 0.0)
        require_supported(self, training)
        _advance(state, world, table, training, stream, first, steps, rates, prior)

    def describe(self) -> dict[str, object]:
        """The description as plain data."""
        return {"kind": self.kind, **asdict(self)}


def _features(world: World) -> FloatArray:
    if world.features is None:
        raise ValueError(
            "this agent needs a world with features, and this world has none; use the tabular agent"
        )
    return world.features


def _competent(world: World, phi: FloatArray, size: float) -> FloatArray:
    better = world.success_probability - world.success_probability.mean(axis=1, keepdims=True)
    if not size:
        return np.zeros((phi.shape[1], world.answers))
    if np.abs(better).max() < _ALIKE:
        raise ValueError(
            "an agent with features starts by preferring the answers that are right more often,"
            " and in this world all answers to a question are right alike; only `head_start` = 0"
            f" has no preference, got {size:g}"
        )
    # einsum, not BLAS: sums in one order on every machine, and no threads of its own beneath the
    # replicates' threads.
    gram = np.einsum("xi,xj->ij", phi, phi)
    direction = np.linalg.pinv(gram) @ np.einsum("xi,xk->ik", phi, better)
    return np.asarray(direction * (size / np.std(_logits(phi, direction))))


def _logits(phi: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("xi,ik->xk", phi, weights))


def _mean_log_odds(logits: FloatArray) -> float:
    chance = softmax(logits)
    return float(np.mean(np.sum(chance * np.log(chance / (1 - chance)), axis=1)))


def _advance(
    state: CoupledState,
    world: World,
    table: FloatArray,
    training: LearningRule,
    stream: WordArray,
    first: int,
    steps: int,
    rates: tuple[float, float, float, float],
    prior: CoupledState | None,
) -> None:
    if training.kl > 0 and prior is None:
        raise ValueError("a `kl` penalty needs the `prior` that the divergence is measured from")
    tables, shares = training.components(table)
    options = (*kernels.codes(training, world.outcomes), int(training.per_component))
    weights = training.right_weight, training.wrong_weight
    kernels.advance_coupled(
        stream, first, steps, world.success_probability, _features(world), tables, shares, options,
        (*rates, *weights, training.std_epsilon), *state,
        kernels.buffers(training.batch, world.answers),
        (prior or state).weights, (float(training.kl), float(training.entropy)),
    )  # fmt: skip
