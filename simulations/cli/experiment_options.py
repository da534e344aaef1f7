"""The experiments of `simulate`: worlds, agents and learning rules from command-line options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage import ESTIMATORS, TRAINERS
from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, formula, number_of

if TYPE_CHECKING:
    from scoring_theory.reward import Reward
    from simulations.agents import Agent
    from simulations.experiment import Experiment
    from simulations.training import LearningRule
    from simulations.worlds import World

AGENT_NAMES = ("tabular", "coupled", "self-probability", "continuous")
WITH_FEATURES = ("coupled", "self-probability")
UPDATE_NAMES = ("reinforce", "replicator", "natural", "ppo")
PRESETS = tuple(name for name, trainer in TRAINERS.items() if trainer.uncut)
OF_RULES = (
    "learning_rate",
    "batch",
    "group_size",
    "estimator",
    "update",
    "epochs",
    "kl",
    "entropy",
    "right_weight",
    "wrong_weight",
)
OF_WORLDS = (
    "outcomes",
    "shift",
    "solve_rates",
    "false_positive",
    "false_negative",
    "disagreement",
    "abstain",
    "drift",
)
OF_EXPERIMENTS = (
    "agent",
    "reward",
    "levels",
    "no_coupling",
    "steps",
    "preset",
    *OF_RULES,
    *OF_WORLDS,
)
"""Options that define an experiment; --mechanism excludes them, since it fixes the experiment."""


def add_experiment_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of rewards, agents, learning rules and worlds.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_experiment_arguments(parser)
        >>> parser.parse_args(["--agent", "tabular", "--levels", "21"]).levels
        21
    """
    positive, unit, least = number_of(float, 1e-12), number_of(float, 0, 1), number_of(float, 0)
    parser.add_argument(
        "--reward", action="append", default=[], type=formula, metavar="REWARD",
        help="a name that `scoring-theory rules` lists, or a formula; may be repeated"
        " (binary, rlcr, 'c + spherical', 'c + log', one_sided)",
    )  # fmt: skip
    add = parser.add_argument_group("agent").add_argument
    add(
        "--agent",
        choices=AGENT_NAMES,
        help="kind of agent (coupled); self-probability states the probability of its answer",
    )
    add(
        "--levels",
        type=number_of(int, 2),
        metavar="N",
        help="number of confidence levels (tabular: 11, continuous: 101)",
    )
    add(
        "--no-coupling",
        action="store_true",
        help="make confidence independent of the answer probability",
    )
    add = parser.add_argument_group("learning rule").add_argument
    add("--steps", type=number_of(int, 1), metavar="N", help="number of training steps")
    add(
        "--preset",
        choices=PRESETS,
        metavar="NAME",
        help=(
            "estimator and update of a trainer; explicit options override the preset:"
            f" {', '.join(PRESETS)}"
        ),
    )
    add(
        "--estimator",
        choices=tuple(ESTIMATORS),
        metavar="NAME",
        help=(
            f"advantage estimator: {', '.join(ESTIMATORS)}; component_std (GDPO) normalises c and"
            " the rest separately"
        ),
    )
    add("--update", choices=UPDATE_NAMES, help="policy update")
    add("--learning-rate", type=positive, metavar="X", help="learning rate")
    add("--batch", type=number_of(int, 1), metavar="N", help="number of questions per step")
    add("--group-size", type=number_of(int, 1), metavar="N", help="number of rollouts per question")
    add(
        "--epochs",
        type=number_of(int, 1),
        metavar="N",
        help="number of passes of ppo over the same rollouts",
    )
    add(
        "--kl",
        type=least,
        metavar="X",
        help="coefficient of the KL penalty to the initial policy (tabular)",
    )
    add("--entropy", type=least, metavar="X", help="coefficient of the entropy bonus (tabular)")
    add(
        "--right-weight",
        type=least,
        metavar="X",
        help="weight of correct rollouts; 0: negative reinforcement only",
    )
    add(
        "--wrong-weight",
        type=least,
        metavar="X",
        help="weight of wrong rollouts; 0: positive reinforcement only",
    )
    add = parser.add_argument_group("world").add_argument
    add(
        "--outcomes",
        choices=("independent", "by_answer", "shared"),
        help="how correctness is correlated within a group",
    )
    add(
        "--shift",
        type=number_of(float, -100),
        metavar="X",
        help="how much harder questions are out of distribution (0: not harder)",
    )
    add(
        "--drift",
        type=number_of(float, -100),
        metavar="X",
        help="decrease of the log-odds of success during training",
    )
    add(
        "--solve-rates",
        metavar="CSV",
        type=paths.file,
        help="a file with the column solve_rate: one question of the tabular agent per row",
    )
    add(
        "--false-positive",
        type=unit,
        metavar="X",
        help=(
            "share of wrong answers that the verifier accepts; columns without `out` are then"
            " measured by the verifier, and columns with `out` by the truth, out of distribution"
            " unless --shift 0"
        ),
    )
    add(
        "--false-negative",
        type=unit,
        metavar="X",
        help="share of correct answers that the verifier rejects",
    )
    add(
        "--disagreement",
        type=unit,
        metavar="X",
        help="share of annotators who choose at random among the answers with p > 0",
    )
    add(
        "--abstain",
        type=unit,
        metavar="X",
        help=(
            "add the answer `I do not know`, which is rewarded, and in columns without `out`"
            " counted, as correct with probability X"
        ),
    )


def experiments(options: argparse.Namespace) -> tuple[Experiment, ...]:
    """One experiment per reward: the standard experiment with the changes of the options.

    Raises:
        UsageError: options contradict each other.
    """
    from simulations.standard import standard_experiments

    kind = options.agent or "coupled"
    both = standard_experiments("short" if options.short else "full", seed=options.seed)
    base = next(
        standard
        for standard in both
        if (standard.agent.kind == "coupled") == (kind in WITH_FEATURES)
    )
    base = replace(base, agent=_agent(kind, options))
    if options.replicates is not None:
        base = replace(base, replicates=options.replicates)
    worlds = _worlds(base, options)
    rule = _rule(base.training, worlds["world"], options)
    rewards = _rewards(options.reward).items()
    steps = base.steps if options.steps is None else options.steps
    return tuple(
        _with_rule(replace(base, **worlds, steps=steps, reward=reward, name=name), rule)
        for name, reward in rewards
    )


def _agent(kind: str, options: argparse.Namespace) -> Agent:
    from simulations.agents import Coupled, LogitNormal, SelfProbability, Tabular

    if options.no_coupling and kind != "coupled":
        raise UsageError(f"--no-coupling is an option of the coupled agent; got --agent {kind}")
    if options.levels is not None and kind in WITH_FEATURES:
        raise UsageError(
            f"--levels is an option of the tabular and the continuous agent; the {kind} agent has"
            " 1001 levels"
        )
    if kind == "coupled":
        return Coupled(coupling=not options.no_coupling)
    if kind == "tabular":
        return Tabular(levels=options.levels or 11)
    return (
        SelfProbability()
        if kind == "self-probability"
        else LogitNormal(levels=options.levels or 101)
    )


def _rule(rule: LearningRule, world: World, options: argparse.Namespace) -> LearningRule:
    """The standard learning rule, or that of a preset, with the changes of the options."""
    from simulations.training import preset

    if options.preset is not None:
        rule = preset(options.preset, batch=rule.batch, learning_rate=rule.learning_rate)
    given = {name: value for name in OF_RULES if (value := getattr(options, name)) is not None}
    if options.solve_rates is not None and options.batch is None:
        given["batch"] = min(rule.batch, world.questions)
    return replace(rule, **given)


def _with_rule(experiment: Experiment, rule: LearningRule) -> Experiment:
    from scoring_theory.catalogue import correctness

    if not rule.per_component:
        return replace(experiment, training=rule)
    parts = (("correctness", 1.0, correctness), ("the rest", 1.0, experiment.reward - correctness))
    return replace(experiment, components=parts, training=rule)


def _worlds(base: Experiment, options: argparse.Namespace) -> dict[str, Any]:
    """The worlds in and out of distribution, rebuilt only if an option changes them."""
    from simulations.worlds import bank, competence_shift, feature_world

    inside, outside = base.world, base.elsewhere
    if options.solve_rates is not None:
        if base.world.features is not None:
            raise UsageError(
                "--solve-rates is an option of the agents without features (tabular, continuous)"
            )
        inside = _bank_from(options.solve_rates.name)
        outside = competence_shift(inside, 1.0 if options.shift is None else options.shift)
    elif options.shift is not None:
        make = bank if base.world.features is None else feature_world
        outside = make(inside.questions, shift=options.shift)
    inside, outside = (_changed(world, options) for world in (inside, outside))
    drifted = (
        None
        if options.drift is None
        else _judged(competence_shift(inside, options.drift), options).as_paid()
    )
    truth = _judged(outside, options)
    return {"world": _judged(inside, options).as_paid(), "elsewhere": truth, "drifts_to": drifted}


def _bank_from(path: str) -> World:
    from simulations.worlds import bank_of, read_solve_rates

    return bank_of(read_solve_rates(path))


def _changed(world: World, options: argparse.Namespace) -> World:
    """The world after disagreement of annotators and with the chosen outcome model."""
    from simulations.worlds import annotator_disagreement

    annotated = annotator_disagreement(world, options.disagreement or 0.0)
    return annotated if options.outcomes is None else replace(annotated, outcomes=options.outcomes)


def _judged(world: World, options: argparse.Namespace) -> World:
    """The world with the errors of the verifier and with abstention."""
    from simulations.worlds import noisy_verifier, with_abstention

    wrong, right = options.false_positive or 0.0, options.false_negative or 0.0
    judged = noisy_verifier(world, false_positive=wrong, false_negative=right)
    return judged if options.abstain is None else with_abstention(judged, options.abstain)


def _rewards(texts: Sequence[str]) -> dict[str, Reward]:
    from simulations.standard import STANDARD_REWARDS

    if not texts:
        return dict(STANDARD_REWARDS)
    rewards: dict[str, Reward] = {}
    for text in texts:
        if text in rewards:
            raise UsageError(f"the reward {text!r} is given twice")
        rewards[text] = inputs.named_or_typed(text)
    return rewards
