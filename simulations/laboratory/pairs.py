"""The five mechanisms of drift as pairs of experiments, and an experiment without any.

Each differs from its counterpart in one argument:

    coupling        binary reward; confidence is computed from the policy's own answer probability,
                    which training increases
    sampling-noise  binary reward; the confidence of a single run drifts at random to one value
    estimator       RLCR; dividing by the standard deviation of the group changes the optimum
    verifier-noise  RLCR; the verifier errs, and confidence is calibrated to the verifier
    shift           RLCR; confidence is learned in distribution and measured out of distribution

The exact effect goes with the mechanism:

>>> noisy = mechanism("verifier-noise", scale="short")
>>> noisy.exact(), noisy.exact(without=True)
(0.1, 0.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from scoring_theory.display import Named
from simulations.agents import Coupled, Tabular
from simulations.experiment import Experiment
from simulations.laboratory.drift_exact import (
    best_response_gap,
    coupled_rise,
    spread_between_runs,
    trained_gap,
)
from simulations.laboratory.mechanism import Mechanism, MechanismName
from simulations.standard import STANDARD_REWARDS, StudySize, require_study_size
from simulations.training import LearningRule
from simulations.worlds import World, bank_of, competence_shift, feature_world, noisy_verifier


def mechanism(name: MechanismName, *, scale: StudySize = "full", seed: int = 0) -> Mechanism:
    """One of the five mechanisms of confidence drift, as a pair of experiments.

    Args:
        name: "coupling", "sampling-noise", "estimator", "verifier-noise" or "shift".
        scale: "full" for figures; "short", with fewer runs, for a quick preview.
        seed: Seed of all random streams.

    Raises:
        ValueError: If the mechanism or the scale is unknown.

    Example:
        >>> noise = mechanism("sampling-noise", scale="short")
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
        boundary=(
            "Confidence rises while the answers sharpen if the slope is positive, and stays where"
            " it is 0. Exact: the mean field; simulations converge to it as the learning rate"
            " decreases."
        ),
        effect="rise",
        where="in",
        on=on,
        off=replace(on, agent=Coupled(coupling=False), name="coupling, without"),
        exactly=coupled_rise,
        step_bias=0.5,
        lines={
            "mean confidence": ("mean_confidence", "in"),
            "accuracy": ("accuracy", "in"),
        },
    )


def _noise(short: bool, seed: int) -> Mechanism:
    world = World(np.array([[0.7, 0.0]]), recipe={"kind": "one question"})
    on = Experiment(
        reward=STANDARD_REWARDS["binary"],
        agent=Tabular(head_start=40.0, noise=0.0),
        world=world,
        elsewhere=world,
        name="sampling-noise",
        steps=40,
        replicates=200 if short else 400,
        checkpoints=41,
        seed=seed,
        training=LearningRule(
            estimator="none", update="replicator", group_size=1, batch=1, learning_rate=0.5
        ),
    )
    return Mechanism(
        name="sampling-noise",
        story=(
            "Mean confidence over many runs does not change, but each run drifts at random until"
            " its confidence collapses to one value."
        ),
        switch=(
            "groups have 1024 rollouts instead of 1, with the same number of steps and the same"
            " learning rate; the expected update is the same"
        ),
        boundary=(
            "The spread of single runs grows to that of the prior, at a speed of p rate^2 / G per"
            " step: many rollouts in a group delay it, and never remove it. Exact: the variance of"
            " a martingale after the same number of steps; simulations converge to it as the"
            " number of runs increases."
        ),
        effect="spread",
        where="in",
        on=on,
        off=replace(on.with_training(group_size=1024), name="sampling-noise, without"),
        exactly=spread_between_runs,
        lines={"mean confidence": ("mean_confidence", "in")},
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
        boundary=(
            "If a group shares one outcome, the only stable reports are 0 and 1 for every p other"
            " than 1/2, where every report is neutral; with the group mean alone it is p. A head"
            " that starts far from the stable report reaches it late, or in no training that is"
            " long enough. Exact: the expected update over the same number of steps; simulations"
            " converge to it as the learning rate decreases."
        ),
        effect="overconfidence",
        where="in",
        on=replace(off.with_training(estimator="group_std"), name="estimator"),
        off=off,
        exactly=trained_gap,
        step_bias=0.19,
        lines={
            "mean confidence": ("mean_confidence", "in"),
            "accuracy": ("accuracy", "in"),
        },
    )


def _verifier_noise(short: bool, seed: int) -> Mechanism:
    truth = _forecast(0.7)
    judged = noisy_verifier(truth, false_positive=1 / 3)
    off = replace(_head_alone(truth, seed, 4 if short else 16), name="verifier-noise, without")
    return Mechanism(
        name="verifier-noise",
        story=(
            "The verifier accepts one third of the wrong answers; confidence becomes calibrated to"
            " the verifier, not to the truth."
        ),
        switch="the verifier makes no errors",
        boundary=(
            "Confidence is calibrated to the verifier: its bias is a (1 - p). Exact: the best"
            " response; simulations converge to it over time."
        ),
        effect="overconfidence",
        where="out",
        on=replace(off, world=judged.as_paid(), elsewhere=judged, name="verifier-noise"),
        off=off,
        exactly=best_response_gap,
        time_bias=0.005,
        lines={
            "mean confidence": ("mean_confidence", "in"),
            "accuracy": ("accuracy", "out"),
            "accuracy under the verifier": ("accuracy", "in"),
        },
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
        boundary=(
            "Confidence is p in distribution, so the gap is p minus the accuracy out of"
            " distribution: 0 only if the questions are not harder. Exact: the best response;"
            " simulations converge to it over time."
        ),
        effect="overconfidence",
        where="out",
        on=replace(off, elsewhere=competence_shift(world, 1.0), name="shift"),
        off=off,
        exactly=best_response_gap,
        time_bias=0.005,
        lines={
            "mean confidence": ("mean_confidence", "out"),
            "accuracy": ("accuracy", "out"),
            "accuracy in distribution": ("accuracy", "in"),
        },
    )


MECHANISMS: Mapping[MechanismName, Callable[[bool, int], Mechanism]] = Named(
    "MECHANISMS",
    {
        "coupling": _coupling,
        "sampling-noise": _noise,
        "estimator": _estimator,
        "verifier-noise": _verifier_noise,
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
