"""The experiments that the options of `simulate` describe: worlds, agents and learning rules."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from scoring_theory.cli import inputs
from scoring_theory.cli.parser import UsageError
from simulations.cli.experiment_options import OF_RULES, TRUTHRL, WITH_FEATURES

if TYPE_CHECKING:
    from scoring_theory.reward import Reward
    from simulations.agents import Agent
    from simulations.experiment import Experiment, KeepPolicy
    from simulations.signals import TrainingSignal
    from simulations.standard import StudySize
    from simulations.training import LearningRule
    from simulations.worlds import World


class WithTruth(NamedTuple):
    """An experiment of `simulate`, and the truth that a verifier or an abstention hides.

    Attributes:
        experiment: the experiment.
        truth: the world of training as it is, before and after training.

    Example:
        >>> WithTruth._fields
        ('experiment', 'truth')
    """

    experiment: Experiment
    truth: tuple[World, World]


def trials(options: argparse.Namespace) -> tuple[WithTruth, ...]:
    """One experiment per reward: the standard experiment with the changes of the options.

    Raises:
        UsageError: options contradict each other.
    """
    from simulations.standard import (
        OF_SIGNALS,
        STANDARD_REWARDS,
        signal_experiment,
        standard_experiments,
    )

    kind = options.agent or ("coupled" if options.signal is None else "tabular")
    scale: StudySize = "short" if options.short else "full"
    signal = _signal(options)
    if signal is not None:
        base = signal_experiment(scale, seed=options.seed)
    else:
        both = standard_experiments(scale, seed=options.seed)
        base = next(
            standard
            for standard in both
            if (standard.agent.kind == "coupled") == (kind in WITH_FEATURES)
        )
    base = replace(base, agent=_agent(kind, options))
    if kind == "transformer":
        base = _of_tokens(base, short=options.short)
    if options.replicates is not None:
        base = replace(base, replicates=options.replicates)
    rewards = _rewards(options.reward, STANDARD_REWARDS if signal is None else OF_SIGNALS)
    accepted = {
        name: accepted_abstentions(name, reward, options.abstain)
        for name, reward in rewards.items()
    }
    worlds = {chance: _worlds(base, options, chance) for chance in set(accepted.values())}
    rule = _rule(base.training, next(iter(worlds.values()))[0]["world"], options)
    steps = base.steps if options.steps is None else options.steps
    keep: KeepPolicy = "none" if options.abstain is None else "ends"
    base = replace(base, steps=steps, keep_policy=keep)
    made = []
    for name, reward in rewards.items():
        of_reward, truth = worlds[accepted[name]]
        experiment = replace(base, **of_reward, reward=reward, name=name)
        taught = replace(_with_rule(experiment, rule), signal=signal)
        made.append(WithTruth(taught, truth))
    return tuple(made)


def accepted_abstentions(name: str, reward: Reward, payoff: float | str | None) -> float | None:
    """The probability x with which an abstention counts as correct, so that it earns A: V(x) = A.

    It earns A in expectation with its best confidence, x. Where V falls before it rises (a reward
    that is not jointly optimal), the larger x is taken.

    Args:
        name: the reward as it was typed.
        reward: the reward.
        payoff: A; or "truthrl", (V(0) + V(1)) / 2; or None, for no abstention.

    Raises:
        UsageError: A is not between the smallest value of V and V(1).

    Example:
        >>> from scoring_theory import rlcr
        >>> accepted_abstentions("rlcr", rlcr, 0.25), accepted_abstentions("rlcr", rlcr, None)
        (0.5, None)
    """
    if payoff is None:
        return None
    import numpy as np

    x = np.linspace(0, 1, 1001)
    value = reward.value(x)
    least = int(np.argmin(value))
    least = int(np.flatnonzero(value <= value[least] + 1e-12)[-1])  # the end of a flat bottom
    if isinstance(payoff, str):
        payoff = float(value[0] + value[-1]) / 2
    if not value[least] <= payoff <= value[-1]:
        raise UsageError(
            f"--abstain must lie between the smallest and the largest expected reward of"
            f" {name!r}, from {value[least]:.4g} to {value[-1]:.4g}; got {payoff:g}; name one"
            f" --reward, or use --abstain {TRUTHRL}, which fits every reward"
        )
    low, high = float(x[least]), 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(reward.value(middle)) < payoff else (low, middle)
    return round(high, 12)


def _signal(options: argparse.Namespace) -> TrainingSignal | None:
    from simulations.signals import signal_named

    if options.signal is None:
        if options.signal_option:
            raise UsageError("--signal-option needs a --signal")
        return None
    return signal_named(options.signal, dict(options.signal_option))


def _agent(kind: str, options: argparse.Namespace) -> Agent:
    from simulations.agents import Coupled, LogitNormal, SelfProbability, Tabular

    if options.no_coupling and kind != "coupled":
        raise UsageError(f"--no-coupling is an option of the coupled agent; got --agent {kind}")
    if options.stated_noise is not None and kind != "coupled":
        raise UsageError(f"--stated-noise is an option of the coupled agent; got --agent {kind}")
    if kind == "coupled":
        return Coupled(
            coupling=not options.no_coupling,
            levels=options.levels or 1001,
            stated_noise=options.stated_noise or 0.0,
        )
    if kind == "tabular":
        return Tabular(levels=options.levels or 11)
    if kind == "transformer":
        return _transformer(options)
    return (
        SelfProbability(levels=options.levels or 1001)
        if kind == "self-probability"
        else LogitNormal(levels=options.levels or 101)
    )


def _transformer(options: argparse.Namespace) -> Agent:
    from simulations.transformer import Transformer
    from simulations.transformer.network import pytorch

    try:
        pytorch()
    except ImportError as error:
        raise UsageError(str(error)) from None
    return Transformer(levels=options.levels or 11)


def _of_tokens(base: Experiment, *, short: bool) -> Experiment:
    """The same experiment with questions that are tokens, a third of which are never trained on."""
    from simulations.training import LearningRule
    from simulations.worlds import lookup_world

    trained, held_out = (lookup_world(part=part) for part in ("trained", "held_out"))
    training, steps = LearningRule(), 200 if short else 1000
    return replace(
        base, world=trained, elsewhere=held_out, training=training, steps=steps,
        replicates=1 if short else 4,
    )  # fmt: skip


def _rule(rule: LearningRule, world: World, options: argparse.Namespace) -> LearningRule:
    """The standard learning rule, or that of a preset, with the changes of the options."""
    from simulations.training import preset

    if options.preset is not None:
        rule = preset(options.preset, batch=rule.batch, learning_rate=rule.learning_rate)
    given = {name: value for name in OF_RULES if (value := getattr(options, name)) is not None}
    if options.batch is None:
        given["batch"] = min(rule.batch, world.questions)
    return replace(rule, **given)


def _with_rule(experiment: Experiment, rule: LearningRule) -> Experiment:
    from scoring_theory.catalogue import correctness

    if not rule.per_component:
        return replace(experiment, training=rule)
    parts = (("correctness", 1.0, correctness), ("the rest", 1.0, experiment.reward - correctness))
    return replace(experiment, components=parts, training=rule)


def _worlds(
    base: Experiment, options: argparse.Namespace, abstain: float | None
) -> tuple[dict[str, Any], tuple[World, World]]:
    """The worlds in and out of distribution, rebuilt only if an option changes them.

    Beside them, the truth in distribution, before and after training.
    """
    from simulations.worlds import competence_shift, covariate_shift

    inside, outside = _both(base, options)
    if options.covariate_shift is not None:
        outside = covariate_shift(outside, options.covariate_shift)
    inside, outside = (_changed(world, options) for world in (inside, outside))
    first, elsewhere = (_judged(world, options, abstain) for world in (inside, outside))
    last = (
        None
        if options.drift is None
        else _judged(competence_shift(inside, options.drift), options, abstain)
    )
    drifted = None if last is None else last.as_paid()
    made = {"world": first.as_paid(), "elsewhere": elsewhere, "drifts_to": drifted}
    return made, (first, last or first)


def _both(base: Experiment, options: argparse.Namespace) -> tuple[World, World]:
    """The worlds in and out of distribution before wrappers."""
    from simulations.worlds import bank, competence_shift, feature_world, several_right

    names = ("questions", "answers", "headroom", "sharpness", "visible_difficulty")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    with_features = base.world.features is not None
    if base.agent.kind == "transformer":
        return _tokens(base, options, given)
    _require_fitting_worlds(options, tuple(given), with_features=with_features)
    size: dict[str, Any] = {
        "questions": base.world.questions,
        "answers": base.world.answers,
        **given,
    }
    if options.solve_rates is not None:
        inside = _bank_from(options.solve_rates.name, base.world.answers)
        return inside, competence_shift(inside, 1.0 if options.shift is None else options.shift)
    if options.right_answers is not None:
        world = several_right(size["questions"], size["answers"], right=options.right_answers)
        return world, world
    if not given and options.shift is None and not options.visible_shift:
        return base.world, base.elsewhere
    away: dict[str, Any] = {"shift": base.elsewhere.recipe["shift"]}
    if options.shift is not None:
        away["shift"] = options.shift
    if with_features:
        away["visible"] = options.visible_shift
        return feature_world(**size), feature_world(**size, **away)
    return bank(**size), bank(**size, **away)


def _tokens(
    base: Experiment, options: argparse.Namespace, given: Mapping[str, float]
) -> tuple[World, World]:
    """The questions of training, and those that are never trained on."""
    from simulations.worlds import lookup_world

    others = ("solve_rates", "right_answers", "visible_shift")
    typed = [*given, *(name for name in others if getattr(options, name))]
    if typed:
        raise UsageError(
            f"the transformer has questions of its own, without --{typed[0].replace('_', '-')}; of"
            " the options of worlds it takes --shift and those of annotators and verifiers"
        )
    away = base.elsewhere
    if options.shift is not None:
        away = lookup_world(part="held_out", shift=options.shift)
    return base.world, away


_FIXED = {"solve_rates": ("shift",), "right_answers": ("questions", "answers")}
"""Options that say which answers are correct, and what can still be chosen beside them."""


def _require_fitting_worlds(
    options: argparse.Namespace, given: Sequence[str], *, with_features: bool
) -> None:
    """Refuse options that the chosen world does not have."""
    typed = [*given, *(name for name in ("shift", *_FIXED) if getattr(options, name) is not None)]
    typed += ["visible_shift"] if options.visible_shift else []
    flags = {name: f"--{name.replace('_', '-')}" for name in typed}
    for name, flag in flags.items():
        if name in _FIXED and with_features:
            raise UsageError(
                f"{flag} is an option of the agents without features (tabular, continuous)"
            )
        if name in ("visible_difficulty", "visible_shift") and not with_features:
            raise UsageError(
                f"{flag} is an option of the agents with features (coupled, self-probability)"
            )
    for name, allowed in _FIXED.items():
        beyond = [flag for other, flag in flags.items() if other not in (name, *allowed)]
        if name in flags and beyond:
            raise UsageError(
                f"{flags[name]} says which answers are correct, so that it cannot be combined with"
                f" {beyond[0]}"
            )


def _bank_from(path: str, answers: int) -> World:
    from simulations.worlds import bank_of, read_solve_rates

    return bank_of(read_solve_rates(path), answers)


def _changed(world: World, options: argparse.Namespace) -> World:
    """The world after traces, annotators and wordings, and with the chosen outcome model."""
    from simulations.worlds import annotator_disagreement, with_meanings, with_steps

    changed = with_steps(world, options.trace_steps or 1)
    changed = annotator_disagreement(changed, options.disagreement or 0.0)
    if options.outcomes is not None:
        changed = replace(changed, outcomes=options.outcomes)
    return with_meanings(changed, options.meanings or 1)


def _judged(world: World, options: argparse.Namespace, abstain: float | None) -> World:
    """The world with a learned judge, the errors of the verifier, and abstention."""
    from simulations.worlds import fitted_heads, noisy_reward_model, noisy_verifier, with_abstention

    judged = noisy_reward_model(world, options.reward_model or 0.0)
    if options.reward_heads is None:
        for flag in ("head_scores", "head_alpha"):
            if getattr(options, flag) is not None:
                raise UsageError(f"--{flag.replace('_', '-')} needs --reward-heads")
    else:
        scores = 12 if options.head_scores is None else options.head_scores
        alpha = 0.5 if options.head_alpha is None else options.head_alpha
        judged = fitted_heads(judged, options.reward_heads, scores=scores, alpha=alpha)
    wrong, right = options.false_positive or 0.0, options.false_negative or 0.0
    judged = noisy_verifier(judged, false_positive=wrong, false_negative=right)
    return judged if abstain is None else with_abstention(judged, abstain)


def _rewards(texts: Sequence[str], default: Mapping[str, Reward]) -> dict[str, Reward]:
    if not texts:
        return dict(default)
    rewards: dict[str, Reward] = {}
    for text in texts:
        if text in rewards:
            raise UsageError(f"the reward {text!r} is given twice")
        rewards[text] = inputs.named_or_typed(text)
    return rewards
