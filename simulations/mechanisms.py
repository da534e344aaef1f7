"""Five ways for confidence to go astray, each alone: with the mechanism, drift; without it, by one change, none.

Under a reward that ignores confidence, a free confidence head has exactly no expected motion (DESIGN, section 2.8), and
under an honest one it goes to the truth. So whatever else happens needs a mechanism:

    coupling    binary reward; confidence reads the policy's own answer probability, which training sharpens
    noise       binary reward; single runs wander off until they have forgotten their prior
    estimator   honest reward; dividing by the group's standard deviation changes the optimum
    proxy       honest reward; the verifier errs, and confidence is honest about the verifier
    shift       honest reward; confidence is learned in one world and read in another

Each is a pair of experiments that differ in one argument, with one number, its effect, and an exact value to hold the
measured one against.

    >>> proxy = mechanism("proxy", scale="short")
    >>> proxy.exact(), proxy.exact(without=True)
    (0.1, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.advantage import effective_advantage
from simulations.agents import Coupled, Rational, Tabular
from simulations.agents.coupled import CoupledState
from simulations.experiment import Experiment
from simulations.meanfield import baseline_factor
from simulations.standard import STANDARD_REWARDS, Scale
from simulations.training import luck
from simulations.worlds import World, bank_of, competence_shift, feature_world, noisy_verifier

if TYPE_CHECKING:
    from simulations.record import Record, Where
    from simulations.training.kernels import FloatArray

Name = Literal["coupling", "noise", "estimator", "proxy", "shift"]
Effect = Literal["rise", "spread", "overconfidence"]
EFFECTS: Mapping[Effect, str] = MappingProxyType(
    {
        "rise": "rise of mean confidence",
        "spread": "standard deviation of mean confidence between runs",
        "overconfidence": "mean confidence minus accuracy at the end",
    }
)


@dataclass(frozen=True)
class Line:
    """One curve of a mechanism's figure: a metric, in which world, and what to call it."""

    metric: str
    where: Where
    label: str


@dataclass(frozen=True)
class Mechanism:
    """One mechanism, with and without.

    Args:
        name: Its name.
        story: What it does, in one sentence.
        switch: What is different without it.
        effect: Which number shows it, see `EFFECTS`.
        where: In which world the effect is read: of training, or the other.
        on: The experiment with the mechanism.
        off: The same but for one argument.
        lines: What a figure shows of it.
    """

    name: Name
    story: str
    switch: str
    effect: Effect
    where: Where
    on: Experiment
    off: Experiment
    lines: tuple[Line, ...]

    def experiment(self, *, without: bool = False) -> Experiment:
        """The experiment to run."""
        return self.off if without else self.on

    def measured(self, record: Record) -> float:
        """The effect in a record of either experiment.

        rise             mean over runs of mean confidence, last checkpoint minus first
        spread           standard deviation over runs of mean confidence at the last checkpoint
        overconfidence   mean over runs of mean confidence minus accuracy at the last checkpoint
        """
        stated = record.metric("mean_confidence", self.where)
        if self.effect == "rise":
            return float((stated[:, -1] - stated[:, 0]).mean())
        if self.effect == "spread":
            return float(stated[:, -1].std())
        return float((stated - record.metric("accuracy", self.where))[:, -1].mean())

    def exact(self, *, without: bool = False) -> float:
        """The effect without sampling: by mean field, martingale or fixed point, as the mechanism allows.

        coupling    the expected motion of the answer weights, step by step; confidence is then read from them
        noise       sqrt(v (1 - (1 - p r^2 / G)^T)) for prior variance v, learning rate r, groups of G, T visits
        estimator   the confidence that no other invades under the effective advantage
        proxy       the best response to what is paid, read against what is true
        shift       the best response at home, read elsewhere
        """
        return _EXACT[self.name](self.experiment(without=without))


def mechanism(name: Name, *, scale: Scale = "full", seed: int = 0) -> Mechanism:
    """One of the five mechanisms, ready to run.

    Args:
        name: "coupling", "noise", "estimator", "proxy" or "shift".
        scale: "full" for figures; "short" with fewer runs, for a first look.
        seed: The root of all random streams.

    Raises:
        ValueError: If there is no such mechanism or scale.
    """
    if name not in MECHANISMS:
        raise ValueError(f"`name` must be one of {', '.join(MECHANISMS)}, got {name!r}")
    if scale not in ("full", "short"):
        raise ValueError(f'`scale` must be "full" or "short", got {scale!r}')
    return MECHANISMS[name](scale == "short", seed)


def everything_off(*, seed: int = 0) -> Experiment:
    """No mechanism at all: binary reward, a free confidence head, a group mean, a true verifier, one world.

    Its mean field moves no confidence: exactly, in every bit.
    """
    return replace(_head_alone(bank_of([0.2, 0.5, 0.8], 3), seed, 8), reward=STANDARD_REWARDS["binary"],
                   agent=Tabular(), name="everything off", batch=3)  # fmt: skip


def _coupling(short: bool, seed: int) -> Mechanism:
    world = feature_world(512)
    on = Experiment(
        reward=STANDARD_REWARDS["binary"], agent=Coupled(), world=world, elsewhere=world, name="coupling",
        learning_rate=0.05 if short else 0.02, steps=1200 if short else 3000, replicates=4 if short else 16, seed=seed,
    )  # fmt: skip
    return Mechanism(
        name="coupling",
        story="No reward acts on confidence; it rises because it reads the policy, and training sharpens the policy.",
        switch="confidence does not read the answer's probability (slope 0 for ever)",
        effect="rise",
        where="in",
        on=on,
        off=replace(on, agent=Coupled(coupling=False), name="coupling, without"),
        lines=(Line("mean_confidence", "in", "mean confidence"), Line("accuracy", "in", "accuracy")),
    )


def _noise(short: bool, seed: int) -> Mechanism:
    world = World(np.array([[0.7, 0.0]]), recipe={"kind": "one question"})
    on = Experiment(
        reward=STANDARD_REWARDS["binary"], agent=Tabular(head_start=40.0, noise=0.0), world=world, elsewhere=world,
        name="noise", estimator="none", update="replicator", group_size=1, batch=1, learning_rate=0.5, steps=40,
        replicates=100 if short else 400, checkpoints=41, seed=seed,
    )  # fmt: skip
    return Mechanism(
        name="noise",
        story="On average confidence stays where it was; each single run wanders until it states one number for ever.",
        switch="1024 rollouts in a group instead of 1, the same steps at the same rate: the same expected motion",
        effect="spread",
        where="in",
        on=on,
        off=replace(on, group_size=1024, name="noise, without"),
        lines=(Line("mean_confidence", "in", "mean confidence"),),
    )


def _estimator(short: bool, seed: int) -> Mechanism:
    on = replace(_head_alone(_forecast(0.7), seed, 4 if short else 16), estimator="group_std", name="estimator")
    return Mechanism(
        name="estimator",
        story="One event decides a group. Divided by the group's deviation, an honest reward pays for certainty.",
        switch="the group's mean is subtracted, and nothing is divided",
        effect="overconfidence",
        where="in",
        on=on,
        off=replace(on, estimator="group_mean", name="estimator, without"),
        lines=(Line("mean_confidence", "in", "mean confidence"), Line("accuracy", "in", "accuracy")),
    )


def _proxy(short: bool, seed: int) -> Mechanism:
    truth = _forecast(0.7)
    judged = noisy_verifier(truth, false_positive=1 / 3)
    off = replace(_head_alone(truth, seed, 4 if short else 16), name="proxy, without")
    return Mechanism(
        name="proxy",
        story="The verifier pays a third of the wrong answers; confidence is honest about that, not about the truth.",
        switch="the verifier makes no errors",
        effect="overconfidence",
        where="out",
        on=replace(off, world=judged.as_paid(), elsewhere=judged, name="proxy"),
        off=off,
        lines=(
            Line("mean_confidence", "in", "mean confidence"),
            Line("accuracy", "in", "accuracy as paid"),
            Line("accuracy", "out", "accuracy"),
        ),
    )


def _shift(short: bool, seed: int) -> Mechanism:
    home = _forecast(0.7)
    off = replace(_head_alone(home, seed, 4 if short else 16), name="shift, without")
    return Mechanism(
        name="shift",
        story="Questions get harder (log-odds fall by 1) and look the same: what was honest at home is too sure away.",
        switch="it is read in the world it was trained in",
        effect="overconfidence",
        where="out",
        on=replace(off, elsewhere=competence_shift(home, 1.0), name="shift"),
        off=off,
        lines=(
            Line("mean_confidence", "out", "mean confidence"),
            Line("accuracy", "in", "accuracy at home"),
            Line("accuracy", "out", "accuracy where it is read"),
        ),
    )


MECHANISMS: Mapping[Name, Callable[[bool, int], Mechanism]] = MappingProxyType(
    {"coupling": _coupling, "noise": _noise, "estimator": _estimator, "proxy": _proxy, "shift": _shift}
)
"""How each is made: from whether it should be short, and the seed."""


def _forecast(p: float) -> World:
    """Sixteen events of one probability; every rollout of a group is about the same event."""
    return bank_of([p] * 16, answers=2, outcomes="shared")


def _head_alone(world: World, seed: int, replicates: int) -> Experiment:
    """RLCR's reward, and an agent that has settled on its answers: only its confidence is left to learn."""
    return Experiment(
        reward=STANDARD_REWARDS["brier"], agent=Tabular(head_start=20.0, noise=0.0), world=world, elsewhere=world,
        batch=world.questions, learning_rate=0.3, steps=4000, replicates=replicates, checkpoints=41, seed=seed,
    )  # fmt: skip


def _coupled_path(experiment: Experiment) -> float:
    """Confidence after the expected motion of the answers, which the binary reward alone decides."""
    agent, world, training = experiment.agent, experiment.world, experiment.training
    assert isinstance(agent, Coupled)
    phi, truth = world.features, world.success_probability
    assert phi is not None
    starts = [agent.start(world, one.prior) for one in luck(experiment.seed, experiment.replicates)]
    weights = np.stack([start.weights for start in starts])
    rate = agent.answer_speed * training.learning_rate * baseline_factor(training) / training.batch
    for step in range(experiment.steps):
        x = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
        logits = np.einsum("xi,rik->rxk", phi[x], weights)
        pi = np.exp(logits - logits.max(axis=2, keepdims=True))
        pi /= pi.sum(axis=2, keepdims=True)
        value = np.sum(pi * truth[x], axis=2, keepdims=True)
        weights += rate * np.einsum("xi,rxk->rik", phi[x], pi * (truth[x] - value))
    ends = (CoupledState(w, start.slope, start.head) for w, start in zip(weights, starts, strict=True))
    rises = [_stated(agent, end, world) - _stated(agent, start, world) for end, start in zip(ends, starts, strict=True)]
    return float(np.mean(rises))


def _stated(agent: Coupled, state: CoupledState, world: World) -> float:
    return float(agent.count(state, (world,)).mass[0] @ agent.grid)


def _wandering(experiment: Experiment) -> float:
    """A head's variance falls by the factor 1 - p r^2 / G in each visit; what it lost lies between runs."""
    agent = experiment.agent
    assert isinstance(agent, Tabular)
    prior = agent.start(experiment.world, np.random.default_rng(0), "replicator").confidence[0, 0]
    variance = prior @ agent.grid**2 - (prior @ agent.grid) ** 2
    p = experiment.world.success_probability[0, 0]
    left = (1 - p * experiment.learning_rate**2 / experiment.group_size) ** experiment.steps
    return float(np.sqrt(variance * (1 - left)))


def _invaded(experiment: Experiment) -> float:
    p = float(experiment.world.success_probability[0, 0])
    assert experiment.estimator in ("group_mean", "group_std")
    found = effective_advantage(
        experiment.reward, p, experiment.agent.grid, estimator=experiment.estimator, outcomes="shared",
        group_size=experiment.group_size,
    )  # fmt: skip
    return round(float(found.stable.mean()) - p, 12)


def _best_response(experiment: Experiment) -> float:
    """The rational agent of the world of training, read in the other."""
    agent, table = experiment.agent, experiment.payoffs()[0]
    policy = Rational.best_response(experiment.world, table)
    joint: FloatArray = policy.answer[..., None] * policy.confidence
    stated, right = joint @ agent.grid, joint.sum(axis=2) * experiment.elsewhere.success_probability
    return round(float((stated.sum() - right.sum()) / experiment.world.questions), 12)


_EXACT: Mapping[Name, Callable[[Experiment], float]] = MappingProxyType(
    {"coupling": _coupled_path, "noise": _wandering, "estimator": _invaded, "proxy": _best_response,
     "shift": _best_response}
)  # fmt: skip
