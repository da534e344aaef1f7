"""The experiments of `simulate`: worlds, agents and learning rules from the options of a command line."""

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

AGENTS = ("tabular", "coupled", "self-probability", "continuous")
WITH_FEATURES = ("coupled", "self-probability")
UPDATES = ("reinforce", "replicator", "natural", "ppo")
PRESETS = tuple(
    name for name, trainer in TRAINERS.items() if trainer.clip is None and trainer.keep is None
)
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
"""Options that make an experiment; a mechanism is one already."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what an experiment is made of."""
    positive, unit, least = number_of(float, 1e-12), number_of(float, 0, 1), number_of(float, 0)
    parser.add_argument(
        "--reward", action="append", default=[], type=formula, metavar="REWARD",
        help="a reward that `scoring-theory rules` lists, or a formula; may be repeated"
        " (binary, rlcr, 'c + spherical', 'c + log', one_sided)",
    )  # fmt: skip
    add = parser.add_argument_group("agent").add_argument
    add(
        "--agent",
        choices=AGENTS,
        help="who learns (coupled); self-probability states its answer's own",
    )
    add(
        "--levels",
        type=number_of(int, 2),
        metavar="N",
        help="confidence levels (tabular 11; continuous 101)",
    )
    add("--no-coupling", action="store_true", help="cut the link from policy to confidence")
    add = parser.add_argument_group("learning rule").add_argument
    add("--steps", type=number_of(int, 1), metavar="N", help="training steps")
    add(
        "--preset",
        choices=PRESETS,
        metavar="NAME",
        help=f"a trainer's estimator and update; options beside it prevail: {', '.join(PRESETS)}",
    )
    add(
        "--estimator",
        choices=tuple(ESTIMATORS),
        help="advantage; component_std (GDPO) takes c and the rest apart",
    )
    add("--update", choices=UPDATES, help="how the policy moves")
    add("--learning-rate", type=positive, metavar="X", help="step size")
    add("--batch", type=number_of(int, 1), metavar="N", help="questions in a step")
    add("--group-size", type=number_of(int, 1), metavar="N", help="rollouts per question")
    add(
        "--epochs",
        type=number_of(int, 1),
        metavar="N",
        help="how often ppo goes over the same rollouts",
    )
    add(
        "--kl",
        type=least,
        metavar="X",
        help="price of one nat of divergence from the start (tabular)",
    )
    add("--entropy", type=least, metavar="X", help="bonus for one nat of entropy (tabular)")
    add(
        "--right-weight",
        type=least,
        metavar="X",
        help="weight of right rollouts; 0: negative reinforcement alone",
    )
    add(
        "--wrong-weight",
        type=least,
        metavar="X",
        help="weight of wrong rollouts; 0: positive reinforcement alone",
    )
    add = parser.add_argument_group("world").add_argument
    add(
        "--outcomes", choices=("independent", "by_answer", "shared"), help="outcomes within a group"
    )
    add(
        "--shift",
        type=number_of(float, -100),
        metavar="X",
        help="how much harder the other world is",
    )
    add(
        "--drift",
        type=number_of(float, -100),
        metavar="X",
        help="by how much log-odds fall while training runs",
    )
    add(
        "--solve-rates",
        metavar="CSV",
        type=paths.file,
        help="questions of a tabular agent: one for each row of the column solve_rate",
    )
    add(
        "--false-positive",
        type=unit,
        metavar="X",
        help=(
            "share of wrong answers that are paid; then `in` is what the"
            " verifier sees, and `out` the truth, in the harder world unless --shift 0"
        ),
    )
    add("--false-negative", type=unit, metavar="X", help="share of right answers that are not paid")
    add(
        "--disagreement",
        type=unit,
        metavar="X",
        help="share of annotators who name any hopeful answer",
    )
    add(
        "--abstain",
        type=unit,
        metavar="X",
        help=(
            "one more answer, `I do not know`, paid as if right this often, and counted as right so"
            " in `in`"
        ),
    )


def experiments(options: argparse.Namespace) -> tuple[Experiment, ...]:
    """One experiment for each reward: the standard one, with what the options change."""
    from simulations.standard import standard_experiments

    kind = options.agent or "coupled"
    both = standard_experiments("short" if options.short else "full", seed=options.seed)
    base = next(one for one in both if (one.agent.kind == "coupled") == (kind in WITH_FEATURES))
    base = replace(base, agent=_agent(kind, options))
    if options.replicates is not None:
        base = replace(base, replicates=options.replicates)
    worlds = _worlds(base, options)
    rule = _rule(base.training, worlds["world"], options)
    rewards = _rewards(options.reward).items()
    steps = base.steps if options.steps is None else options.steps
    return tuple(
        _taught(replace(base, **worlds, steps=steps, reward=one, name=name), rule)
        for name, one in rewards
    )


def _agent(kind: str, options: argparse.Namespace) -> Agent:
    from simulations.agents import Coupled, LogitNormal, SelfProbability, Tabular

    if options.no_coupling and kind != "coupled":
        raise UsageError(f"--no-coupling is for the coupled agent; the {kind} one has no such link")
    if options.levels is not None and kind in WITH_FEATURES:
        raise UsageError(
            f"--levels is for the tabular and the continuous agent; the {kind} one has 1001"
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
    """The standard learning rule, or a trainer's, with what the options change."""
    from simulations.training import preset

    if options.preset is not None:
        rule = preset(options.preset, batch=rule.batch, learning_rate=rule.learning_rate)
    given = {name: value for name in OF_RULES if (value := getattr(options, name)) is not None}
    if options.solve_rates is not None and options.batch is None:
        given["batch"] = min(rule.batch, world.questions)
    return replace(rule, **given)


def _taught(experiment: Experiment, rule: LearningRule) -> Experiment:
    from scoring_theory.catalogue import correctness

    if not rule.per_component:
        return replace(experiment, training=rule)
    parts = (("correctness", 1.0, correctness), ("the rest", 1.0, experiment.reward - correctness))
    return replace(experiment, components=parts, training=rule)


def _worlds(base: Experiment, options: argparse.Namespace) -> dict[str, Any]:
    """The worlds, rebuilt only where an option says so."""
    from simulations.worlds import bank, competence_shift, feature_world

    inside, outside = base.world, base.elsewhere
    if options.solve_rates is not None:
        if base.world.features is not None:
            raise UsageError(
                "--solve-rates is for the tabular agents; this one needs questions with features"
            )
        inside = _bank_from(options.solve_rates.name)
        outside = competence_shift(inside, 1.0 if options.shift is None else options.shift)
    elif options.shift is not None:
        make = bank if base.world.features is None else feature_world
        outside = make(inside.questions, shift=options.shift)
    inside, outside = (_changed(world, options) for world in (inside, outside))
    gone = (
        None
        if options.drift is None
        else _judged(competence_shift(inside, options.drift), options).as_paid()
    )
    truth = _judged(outside, options)
    return {"world": _judged(inside, options).as_paid(), "elsewhere": truth, "drifts_to": gone}


def _bank_from(path: str) -> World:
    from simulations.worlds import bank_of, read_solve_rates

    return bank_of(read_solve_rates(path))


def _changed(world: World, options: argparse.Namespace) -> World:
    """The world with another truth."""
    from simulations.worlds import annotator_disagreement

    disagreed = annotator_disagreement(world, options.disagreement or 0.0)
    return disagreed if options.outcomes is None else replace(disagreed, outcomes=options.outcomes)


def _judged(world: World, options: argparse.Namespace) -> World:
    """The world under another judge."""
    from simulations.worlds import noisy_verifier, with_abstention

    wrong, right = options.false_positive or 0.0, options.false_negative or 0.0
    judged = noisy_verifier(world, false_positive=wrong, false_negative=right)
    return judged if options.abstain is None else with_abstention(judged, options.abstain)


def _rewards(texts: Sequence[str]) -> dict[str, Reward]:
    from simulations.standard import STANDARD_REWARDS

    if not texts:
        return dict(STANDARD_REWARDS)
    found: dict[str, Reward] = {}
    for text in texts:
        if text in found:
            raise UsageError(f"the reward {text!r} is given twice")
        found[text] = inputs.named_or_typed(text)
    return found
