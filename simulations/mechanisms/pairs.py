"""The five mechanisms as pairs of experiments, and an experiment without any mechanism."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from scoring_theory.display import Named
from simulations.agents import Coupled, Tabular
from simulations.experiment import Experiment
from simulations.mechanisms.mechanism import Line, Mechanism, MechanismName
from simulations.standard import STANDARD_REWARDS, StudySize, require_study_size
from simulations.training import LearningRule
from simulations.worlds import World, bank_of, competence_shift, feature_world, noisy_verifier


def mechanism(name: MechanismName, *, scale: StudySize = "full", seed: int = 0) -> Mechanism:
    """One of the five mechanisms of confidence drift, as a pair of experiments.

    Args:
        name: "coupling", "noise", "estimator", "proxy" or "shift".
        scale: "full" for figures; "short", with fewer runs, for a quick preview.
        seed: Seed of all random streams.

    Raises:
        ValueError: If the mechanism or the scale is unknown.

    Example:
        >>> noise = mechanism("noise", scale="short")
        >>> round(noise.exact(), 3), round(noise.exact(without=True), 3)
        (0.188, 0.016)
    """
    if name not in MECHANISMS:
        raise ValueError(f"`name` must be one of {', '.join(MECHANISMS)}, got {name!r}")
    require_study_size(scale)
    return MECHANISMS[name](scale == "short", seed)


def everything_off(*, seed: int = 0) -> Experiment:
    """An experiment without any mechanism of drift.

    The reward is binary, the confidence head is free, the baseline is the group mean, the verifier
    does not err, and training and measurement use the same world. Along the mean field every
    confidence probability stays exactly the same, bit for bit. With sampling, the confidence logits
    are martingales; their softmax moves towards the mode of the prior, an effect of second order in
    the step size: over 1000 runs mean confidence rises by .010 (standard error .001) in the 4000
    steps.

    Args:
        seed: Seed of all random streams.

    Example:
        >>> experiment = everything_off()
        >>> experiment.reward.name, experiment.training.estimator
        ('binary', 'group_mean')
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
            "The reward ignores confidence; confidence rises because it is computed from the answer"
            " probability, which training increases."
        ),
        switch="confidence does not depend on the answer probability (slope fixed at 0)",
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
            "Mean confidence over many runs does not change, but each run drifts at random until"
            " its confidence collapses to one value."
        ),
        switch=(
            "groups have 1024 rollouts instead of 1, with the same number of steps and the same"
            " learning rate; the expected update is the same"
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
            "All rollouts of a group share one outcome. After division by the standard deviation of"
            " the group, a strictly proper reward reinforces certainty."
        ),
        switch="the group mean is subtracted, without division by the standard deviation",
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
            "The verifier accepts one third of the wrong answers; confidence becomes calibrated to"
            " the verifier, not to the truth."
        ),
        switch="the verifier makes no errors",
        effect="overconfidence",
        where="out",
        on=replace(off, world=judged.as_paid(), elsewhere=judged, name="proxy"),
        off=off,
        lines=(
            Line("mean_confidence", "in", "mean confidence"),
            Line("accuracy", "out", "accuracy"),
            Line("accuracy", "in", "accuracy under the verifier"),
        ),
    )


def _shift(short: bool, seed: int) -> Mechanism:
    world = _forecast(0.7)
    off = replace(_head_alone(world, seed, 4 if short else 16), name="shift, without")
    return Mechanism(
        name="shift",
        story=(
            "Out of distribution, questions look the same but are harder (log-odds lower by 1);"
            " confidence calibrated in distribution is overconfident out of distribution."
        ),
        switch="confidence is measured in the distribution of training",
        effect="overconfidence",
        where="out",
        on=replace(off, elsewhere=competence_shift(world, 1.0), name="shift"),
        off=off,
        lines=(
            Line("mean_confidence", "out", "mean confidence"),
            Line("accuracy", "out", "accuracy"),
            Line("accuracy", "in", "accuracy in distribution"),
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
"""The function that makes each mechanism; its arguments are whether it is short, and the seed."""


def _forecast(p: float) -> World:
    """Sixteen questions with success probability p; the rollouts of a group share one outcome."""
    return bank_of([p] * 16, answers=2, outcomes="shared")


def _head_alone(world: World, seed: int, replicates: int) -> Experiment:
    """RLCR with an agent that almost surely gives the best answer: it learns only confidence."""
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
