"""Pretraining by maximum likelihood, and the policy gradient of a transformer.

A rollout is a completion: thoughts, answer and confidence. One update climbs

    1 / (B G) sum over rollouts of A_g (log pi(answer | ...) + log pi(confidence | ...))

by Adam, where the log-probabilities are sums over tokens, and the advantages are those of every
other agent: the same groups, verdicts, signals and estimators. The *expected* update replaces the
rollouts by all completions, each with its probability and its exact expected advantage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from simulations.policies import StatedPolicy
from simulations.signals.groups import advantages_of
from simulations.signals.training import draw_groups
from simulations.training.effective_payoff import effective_payoff
from simulations.transformer.corpus import Corpus, tokens_of
from simulations.transformer.network import Tensor, pytorch
from simulations.transformer.optimiser import TransformerState, climb_down, untrained
from simulations.worlds import accepted_probability

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulations.signals.base import Scores
    from simulations.signals.groups import Groups
    from simulations.training import LearningRule
    from simulations.training.kernels import FloatArray, WordArray
    from simulations.transformer.network import Network
    from simulations.worlds import World

Credit = Literal["both", "answers", "confidence"]
_BATCH = 64
_MEASURED_AT_ONCE = 256


def pretrained(
    network: Network, corpus: Corpus, steps: int, rate: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The parameters, (P,), that make the lines of a corpus likely.

        loss = - 1 / lines sum over lines of log pi(line | question), mean over 64 questions

    Args:
        network: The network.
        corpus: The corpus; its lines are drawn once.
        steps: Number of updates of Adam.
        rate: Their learning rate; it falls linearly to a tenth.
        rng: The source of randomness.
    """
    torch = pytorch()
    questions = tokens_of(corpus.world)
    wanted = corpus.counts(network.completions, rng) / corpus.lines
    state = untrained(network.start(rng)[None])
    for step in range(steps):
        some = rng.choice(len(questions), min(_BATCH, len(questions)), replace=False)
        target = torch.from_numpy(wanted[some].astype(np.float32))
        parameters = leaf(state)
        total = log_probabilities(network, parameters, questions[some]).sum(0)
        (-(target * total).sum(-1).mean()).backward()
        climb_down(state, parameters.grad.numpy(), rate * (1 - 0.9 * step / steps))
    return np.asarray(state.parameters[0])


def completion_probabilities(
    network: Network, state: TransformerState, questions: NDArray[np.int64]
) -> FloatArray:
    """The probability of each completion of each question, (Q, paths).

    Args:
        network: The network.
        state: The state.
        questions: The tokens of each question, (Q, T).
    """
    torch = pytorch()
    blocks = []
    with torch.no_grad():
        parameters = torch.from_numpy(state.parameters)
        for i in range(0, len(questions), _MEASURED_AT_ONCE):
            parts = log_probabilities(network, parameters, questions[i : i + _MEASURED_AT_ONCE])
            blocks.append(_normalised(parts))
    return np.concatenate(blocks)


def stated_policy(network: Network, chance: FloatArray, grid: FloatArray) -> StatedPolicy:
    """The probabilities of answers and levels, of one run, from those of completions.

    Args:
        network: The network.
        chance: The probability of each completion, (Q, paths).
        grid: The levels, (L,).
    """
    joint = chance[:, network.completions.path_of].sum(axis=1)
    answer = joint.sum(axis=-1)
    given = np.divide(
        joint,
        answer[..., None],
        out=np.full(joint.shape, 1 / grid.size),
        where=answer[..., None] > 0,
    )
    return StatedPolicy(answer[None], given[None], grid)


@dataclass(frozen=True)
class PolicyGradient:
    """The training of one replicate.

    Args:
        network: The network.
        grid: The levels of confidence, (L,).
        speed: The optimiser's learning rate, times that of the rule.
        adam: Whether the optimiser is Adam, or plain gradient descent.
        credit: Which tokens are trained, see `simulations.transformer.Transformer`.
        expected: Whether each step is the exact expected update.
        world: The world of training.
        tables: Payoffs of the answers' tokens and of the confidence's tokens, (2, 2, L).
        rule: The learning rule.
        questions: The tokens of each question, (Q, T).
        before: The probability of each completion before training, (Q, paths), for a KL penalty or
            a signal; None if neither is used.
        scores: The verdicts and payments of a signal; None: those of the world.
        errors: P(accepted | wrong) and P(rejected | right) of a signal's judge.
        factor: What a signal multiplies the advantages of a group by; None: nothing.
    """

    network: Network
    grid: FloatArray
    speed: float
    adam: bool
    credit: Credit
    expected: bool
    world: World
    tables: FloatArray
    rule: LearningRule
    questions: NDArray[np.int64]
    before: FloatArray | None = None
    scores: Scores | None = None
    errors: tuple[float, float] = (0.0, 0.0)
    factor: Callable[[Groups], FloatArray | float] | None = None

    def advance(self, state: TransformerState, stream: WordArray, first: int, steps: int) -> bool:
        """Train for `steps` steps from number `first` on; the state changes in place.

        Each step has its own random numbers, so that checkpoints do not change the result.

        Returns:
            Whether an advantage differed from 0.
        """
        learned = False
        for step in range(first, first + steps):
            learned |= self._take_step(state, step, np.random.default_rng([*stream.tolist(), step]))
        return learned

    def _take_step(self, state: TransformerState, step: int, rng: np.random.Generator) -> bool:
        batch = self.rule.batch
        asked = np.arange(step * batch, (step + 1) * batch) % self.world.questions
        rate = self.speed * self.rule.learning_rate
        old = weights = np.zeros(0)
        for epoch in range(self.rule.epochs):
            parameters = leaf(state)
            parts = log_probabilities(self.network, parameters, self.questions[asked])
            now = _normalised(parts.detach())
            if epoch == 0:
                old, weights = now, self.weights(now, asked, rng)
            self.loss(parts, self._clipped(weights, now, old), asked).backward()
            climb_down(state, parameters.grad.numpy(), rate, adam=self.adam)
        return bool(np.any(weights))

    def weights(
        self, chance: FloatArray, asked: NDArray[np.int64], rng: np.random.Generator
    ) -> FloatArray:
        """What the log-probability of each completion is multiplied by, (2, 2, B, paths).

        The first axis tells sums of positive advantages from sums of negative ones, which PPO
        clips differently; the second is that of the answer's tokens and of the confidence's.

        Args:
            chance: The probability of each completion of the batch, (B, paths).
            asked: The numbers of the questions, (B,).
            rng: The source of randomness.
        """
        policy = stated_policy(self.network, chance, self.grid)
        truth = self.world.success_probability[asked]
        if self.expected:
            found = self._expected(policy, chance, truth)
        else:
            found = self._sampled(policy, chance, truth, asked, rng)
        kept = [self.credit in ("both", part) for part in ("answers", "confidence")]
        return np.asarray(found * np.array(kept)[:, None, None])

    def _expected(self, policy: StatedPolicy, chance: FloatArray, truth: FloatArray) -> FloatArray:
        said = self.network.completions
        shares = np.ones(1)
        rows = [
            effective_payoff(
                policy.answer[0], policy.confidence[0], truth, table[None], shares, self.rule,
                self.world.outcomes,
            )
            for table in (self.tables[:1] if self._alike else self.tables)
        ]  # fmt: skip
        by_path = [row[:, said.answer_of, said.level_of] * chance for row in rows]
        both = np.stack([by_path[0], by_path[-1]])
        return np.stack([np.maximum(both, 0.0), np.minimum(both, 0.0)])

    def _sampled(
        self,
        policy: StatedPolicy,
        chance: FloatArray,
        truth: FloatArray,
        asked: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> FloatArray:
        said, rule = self.network.completions, self.rule
        before = policy if self.before is None else self._before(asked)
        groups = draw_groups(
            policy, before, truth, rule.group_size, rng,
            outcomes=self.world.outcomes, numbers=asked,
        )  # fmt: skip
        if any(self.errors):
            accepted = accepted_probability(groups.correct, *self.errors)
            groups = groups.judged((rng.random(accepted.shape) < accepted).astype(np.float64))
        weights = np.zeros((2, 2, *chance.shape))
        row = np.arange(len(asked))[:, None]
        answers, levels = groups.answers[0], groups.levels[0]
        possible = said.path_of[:, answers, levels]  # (thoughts, B, G)
        edges = chance[row, possible].cumsum(axis=0)
        thought = (edges < rng.random(answers.shape) * edges[-1]).sum(axis=0)
        path = np.take_along_axis(possible, thought[None], axis=0)[0]
        c = groups.correct[0]
        factor = (c * rule.right_weight + (1 - c) * rule.wrong_weight) / rule.group_size
        if self.factor is not None:
            factor = factor * np.broadcast_to(self.factor(groups), groups.correct.shape)[0]
        for part, table in enumerate(self.tables):
            rewards = self._rewards(groups, table)
            gained = factor * advantages_of(rewards, rule.estimator, epsilon=rule.std_epsilon)[0]
            sign = (gained < 0).astype(np.int64)
            np.add.at(weights[:, part], (sign, row, path), gained)
        return weights

    def _rewards(self, groups: Groups, table: FloatArray) -> FloatArray:
        verdict, paid = (groups.correct, 0.0) if self.scores is None else self.scores(groups)
        wrong, right = table
        at = groups.levels
        return np.asarray((1 - verdict) * wrong[at] + verdict * right[at] + paid)

    def _clipped(self, weights: FloatArray, now: FloatArray, old: FloatArray) -> FloatArray:
        """The weights times the ratio of new to old probability; 0 where PPO clips it."""
        if now is old:
            return np.asarray(weights.sum(axis=0))
        ratio = np.divide(now, old, out=np.zeros_like(now), where=old > 0)
        low, high = self.rule.clip
        gained, lost = weights
        return np.asarray(ratio * (gained * (ratio <= 1 + high) + lost * (ratio >= 1 - low)))

    def loss(self, parts: Tensor, weight: FloatArray, asked: NDArray[np.int64]) -> Tensor:
        """The loss of a step: minus the weighted log-probabilities, with penalty and bonus.

        Args:
            parts: The two parts of the log-probabilities, (2, B, paths).
            weight: What they are multiplied by, (2, B, paths).
            asked: The numbers of the questions, (B,).
        """
        torch, rule = pytorch(), self.rule
        weights = torch.from_numpy(weight.astype(np.float32))
        loss = -(weights * parts).sum() / len(asked)
        if rule.kl > 0 or rule.entropy > 0:
            logs = parts.sum(0)
            chance = logs.exp()
            loss = loss + (rule.kl + rule.entropy) * (chance * logs).sum() / len(asked)
            if rule.kl > 0 and self.before is not None:
                least = np.finfo(np.float32).tiny
                prior = np.log(np.maximum(self.before[asked], least)).astype(np.float32)
                loss = loss - rule.kl * (chance * torch.from_numpy(prior)).sum() / len(asked)
        return loss

    def _before(self, asked: NDArray[np.int64]) -> StatedPolicy:
        assert self.before is not None
        return stated_policy(self.network, self.before[asked], self.grid)

    @property
    def _alike(self) -> bool:
        return bool(np.array_equal(*self.tables))


def log_probabilities(network: Network, parameters: Tensor, questions: NDArray[np.int64]) -> Tensor:
    """The log-probabilities of completions in two parts; with two networks, each has its own.

    Args:
        network: The network.
        parameters: The parameters of one network or of two, (N, P).
        questions: The tokens of each question, (Q, T).

    Returns:
        A tensor (2, Q, paths), see `Network.log_probabilities`.
    """
    if len(parameters) == 1:
        return network.log_probabilities(parameters[0], questions)
    first, second = (network.log_probabilities(one, questions) for one in parameters)
    return pytorch().stack([first[0], second[1]])


def leaf(state: TransformerState) -> Tensor:
    """The parameters as a tensor (N, P), which a gradient can be taken of."""
    return pytorch().from_numpy(state.parameters).detach().requires_grad_()


def _normalised(parts: Tensor) -> FloatArray:
    chance = np.exp(parts.sum(0).double().numpy())
    return np.asarray(chance / chance.sum(axis=-1, keepdims=True))
