"""The five mechanisms, each made from a seed, and the experiment that has none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from scoring_theory.display import Named
from simulations.agents import Coupled, Tabular
from simulations.experiment import Experiment
from simulations.mechanisms.mechanism import Line, Mechanism, MechanismName
from simulations.standard import STANDARD_REWARDS, Scale
from simulations.training import LearningRule
from simulations.worlds import World, bank_of, competence_shift, feature_world, noisy_verifier


def mechanism(name: MechanismName, *, scale: Scale = "full", seed: int = 0) -> Mechanism:
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

    Its mean field moves no confidence: exactly, in every bit. Sampled, its confidence logits are
    martingales, and their softmax leans toward the prior's mode, to second order in the step: over
    1000 runs mean confidence rises by .010 (one standard error .001) in the 4000 steps.
    """
    return replace(
        _head_alone(bank_of([0.2, 0.5, 0.8], 3), seed, 8),
        reward=STANDARD_REWARDS["binary"],
        agent=Tabular(),
        name="everything off",
    ).with_training(batch=3)


def _coupling(short: bool, seed: int) -> Mechanism:
    world = feature_world(512)
    on = Experiment(
        reward=STANDARD_REWARDS["binary"],
        agent=Coupled(),
        world=world,
        elsewhere=world,
        name="coupling",
        training=LearningRule(learning_rate=0.05 if short else 0.02),
        steps=1200 if short else 3000,
        replicates=4 if short else 16,
        seed=seed,
    )
    return Mechanism(
        name="coupling",
        story=(
            "No reward acts on confidence; it rises because it reads the policy, and training"
            " sharpens the policy."
        ),
        switch="confidence does not read the answer's probability (slope 0 for ever)",
        effect="rise",
        where="in",
        on=on,
        off=replace(on, agent=Coupled(coupling=False), name="coupling, without"),
        lines=(
            Line("mean_confidence", "in", "mean confidence"),
            Line("accuracy", "in", "accuracy"),
        ),
    )


def _noise(short: bool, seed: int) -> Mechanism:
    world = World(np.array([[0.7, 0.0]]), recipe={"kind": "one question"})
    on = Experiment(
        reward=STANDARD_REWARDS["binary"],
        agent=Tabular(head_start=40.0, noise=0.0),
        world=world,
        elsewhere=world,
        name="noise",
        steps=40,
        replicates=100 if short else 400,
        checkpoints=41,
        seed=seed,
        training=LearningRule(
            estimator="none", update="replicator", group_size=1, batch=1, learning_rate=0.5
        ),
    )
    return Mechanism(
        name="noise",
        story=(
            "On average confidence stays where it was; each single run wanders until it states one"
            " number for ever."
        ),
        switch=(
            "1024 rollouts in a group instead of 1, the same steps at the same rate: the same"
            " expected motion"
        ),
        effect="spread",
        where="in",
        on=on,
        off=replace(on.with_training(group_size=1024), name="noise, without"),
        lines=(Line("mean_confidence", "in", "mean confidence"),),
    )


def _estimator(short: bool, seed: int) -> Mechanism:
    off = replace(_head_alone(_forecast(0.7), seed, 4 if short else 16), name="estimator, without")
    return Mechanism(
        name="estimator",
        story=(
            "One event decides a group. Divided by the group's deviation, an honest reward pays for"
            " certainty."
        ),
        switch="the group's mean is subtracted, and nothing is divided",
        effect="overconfidence",
        where="in",
        on=replace(off.with_training(estimator="group_std"), name="estimator"),
        off=off,
        lines=(
            Line("mean_confidence", "in", "mean confidence"),
            Line("accuracy", "in", "accuracy"),
        ),
    )


def _proxy(short: bool, seed: int) -> Mechanism:
    truth = _forecast(0.7)
    judged = noisy_verifier(truth, false_positive=1 / 3)
    off = replace(_head_alone(truth, seed, 4 if short else 16), name="proxy, without")
    return Mechanism(
        name="proxy",
        story=(
            "The verifier pays a third of the wrong answers; confidence is honest about that, not"
            " about the truth."
        ),
        switch="the verifier makes no errors",
        effect="overconfidence",
        where="out",
        on=replace(off, world=judged.as_paid(), elsewhere=judged, name="proxy"),
        off=off,
        lines=(
            Line("mean_confidence", "in", "mean confidence"),
            Line("accuracy", "out", "accuracy"),
            Line("accuracy", "in", "accuracy as paid"),
        ),
    )


def _shift(short: bool, seed: int) -> Mechanism:
    home = _forecast(0.7)
    off = replace(_head_alone(home, seed, 4 if short else 16), name="shift, without")
    return Mechanism(
        name="shift",
        story=(
            "Questions get harder (log-odds fall by 1) and look the same: what was honest at home"
            " is too sure away."
        ),
        switch="it is read in the world it was trained in",
        effect="overconfidence",
        where="out",
        on=replace(off, elsewhere=competence_shift(home, 1.0), name="shift"),
        off=off,
        lines=(
            Line("mean_confidence", "out", "mean confidence"),
            Line("accuracy", "out", "accuracy"),
            Line("accuracy", "in", "accuracy at home"),
        ),
    )


MECHANISMS: Mapping[MechanismName, Callable[[bool, int], Mechanism]] = Named(
    "MECHANISMS",
    {
        "coupling": _coupling,
        "noise": _noise,
        "estimator": _estimator,
        "proxy": _proxy,
        "shift": _shift,
    },
)
"""How each is made: from whether it should be short, and the seed."""


def _forecast(p: float) -> World:
    """Sixteen events of one probability; every rollout of a group is about the same event."""
    return bank_of([p] * 16, answers=2, outcomes="shared")


def _head_alone(world: World, seed: int, replicates: int) -> Experiment:
    """RLCR's reward, and an agent that has settled on its answers: only its confidence is left to learn."""
    return Experiment(
        reward=STANDARD_REWARDS["rlcr"],
        agent=Tabular(head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(batch=world.questions, learning_rate=0.3),
        steps=4000,
        replicates=replicates,
        checkpoints=41,
        seed=seed,
    )
