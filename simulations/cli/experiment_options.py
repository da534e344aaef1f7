"""The options of `simulate` that describe experiments: worlds, agents and learning rules."""

from __future__ import annotations

import argparse
import math

from scoring_theory.advantage import ESTIMATORS, TRAINERS
from scoring_theory.cli import paths
from scoring_theory.cli.parser import formula, number_of

AGENT_NAMES = ("tabular", "coupled", "self-probability", "continuous", "transformer")
WITH_FEATURES = ("coupled", "self-probability", "transformer")
SIGNAL_NAMES = (
    "verdict",
    "judge",
    "majority",
    "rlsf",
    "self-confidence",
    "brme",
    "contrastive",
    "sign",
    "kl-cov",
    "clip-cov",
    "rubric",
    "graded",
)
UPDATE_NAMES = ("reinforce", "replicator", "natural", "ppo")
TRUTHRL = "truthrl"
"""The name of TruthRL's setting of `--abstain`: 1 if correct, 0 for abstaining, -1 if wrong."""
PRESETS = tuple(name for name, trainer in TRAINERS.items() if trainer.uncut)
_POSITIVE, _UNIT, _LEAST = number_of(float, 1e-12), number_of(float, 0, 1), number_of(float, 0)
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
    "questions",
    "answers",
    "headroom",
    "sharpness",
    "visible_difficulty",
    "right_answers",
    "trace_steps",
    "meanings",
    "outcomes",
    "shift",
    "visible_shift",
    "covariate_shift",
    "solve_rates",
    "reward_model",
    "reward_heads",
    "head_scores",
    "head_alpha",
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
    "stated_noise",
    "no_coupling",
    "signal",
    "signal_option",
    "steps",
    "preset",
    *OF_RULES,
    *OF_WORLDS,
)
"""Options that define an experiment; excludes them, since it fixes the experiment."""


def add_experiment_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of rewards, agents, learning rules and worlds.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_experiment_arguments(parser)
        >>> parser.parse_args(["--agent", "tabular", "--levels", "21"]).levels
        21
    """
    parser.add_argument(
        "--reward", action="append", default=[], type=formula, metavar="REWARD",
        help="a name that `scoring-theory rules` lists, or a formula; may be repeated"
        " (binary, rlcr, 'c + spherical', 'c + log', one_sided; with --signal: binary, rlcr)",
    )  # fmt: skip
    _add_agent(parser)
    _add_signal(parser)
    _add_learning_rule(parser)
    _add_world(parser)


def _add_agent(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("agent").add_argument
    add(
        "--agent",
        choices=AGENT_NAMES,
        help="kind of agent (coupled); self-probability states the probability of its answer;"
        " transformer reads tokens, needs PyTorch, and takes a minute for each reward",
    )
    add(
        "--levels",
        type=number_of(int, 2),
        metavar="N",
        help="number of confidence levels (tabular, transformer: 11, continuous: 101, others:"
        " 1001); 21 levels are the words .00, .05, ..., 1",
    )
    add(
        "--stated-noise",
        type=_LEAST,
        metavar="SD",
        help="noise in the logit of the confidence that is stated when the agent is measured (0)",
    )
    add(
        "--no-coupling",
        action="store_true",
        help="make confidence independent of the answer probability",
    )


def _add_signal(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group(
        "signal", "what takes the place of the verdict in training (tabular, transformer)"
    ).add_argument
    add(
        "--signal",
        choices=SIGNAL_NAMES,
        metavar="NAME",
        help=(
            f"one of {', '.join(SIGNAL_NAMES)}; the exact expected update is printed beside the"
            " runs, on 8 questions with 4 answers in groups of 4 unless options change them"
        ),
    )
    add(
        "--signal-option",
        action="append",
        default=[],
        type=_signal_option,
        metavar="NAME=VALUE",
        help="set an option of the signal; a wrong name prints which it has (repeatable)",
    )


def _add_learning_rule(parser: argparse.ArgumentParser) -> None:
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
    add("--learning-rate", type=_POSITIVE, metavar="X", help="learning rate")
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
        type=_LEAST,
        metavar="X",
        help="coefficient of the KL penalty to the initial policy (not continuous)",
    )
    add(
        "--entropy",
        type=_LEAST,
        metavar="X",
        help="coefficient of the entropy bonus (not continuous)",
    )
    add(
        "--right-weight",
        type=_LEAST,
        metavar="X",
        help="weight of correct rollouts; 0: negative reinforcement only",
    )
    add(
        "--wrong-weight",
        type=_LEAST,
        metavar="X",
        help="weight of wrong rollouts; 0: positive reinforcement only",
    )


def _add_world(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("world").add_argument
    add("--questions", type=number_of(int, 1), metavar="N", help="number of questions")
    add(
        "--answers",
        type=number_of(int, 2),
        metavar="N",
        help="answers to each question, one of which is never correct",
    )
    add(
        "--headroom",
        type=number_of(float, -100, 100),
        metavar="X",
        help="log-odds added to the success of all answers, in and out of distribution",
    )
    add(
        "--sharpness",
        type=_LEAST,
        metavar="X",
        help="how much better the best answer is than the others (1); 0: hardly",
    )
    add(
        "--visible-difficulty",
        type=_UNIT,
        metavar="X",
        help="share of the variance of the difficulty that an agent with features sees (1)",
    )
    add(
        "--right-answers",
        type=number_of(int, 1),
        metavar="N",
        help="N answers of each question are always correct, the others never (not with features)",
    )
    add(
        "--trace-steps",
        type=number_of(int, 1),
        metavar="N",
        help="an answer is a trace of N steps and correct if all of them are",
    )
    add(
        "--meanings",
        type=number_of(int, 1),
        metavar="N",
        help="each answer has N wordings with the same meaning",
    )
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
        "--visible-shift",
        action="store_true",
        help="an agent with features sees how much harder questions are out of distribution",
    )
    add(
        "--covariate-shift",
        type=number_of(float, -100, 100),
        metavar="X",
        help="questions out of distribution are drawn from difficult ones, by X standard deviations"
        " of what an agent with features sees",
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
        type=_UNIT,
        metavar="X",
        help=(
            "share of wrong answers that the verifier accepts; columns without `out` are then"
            " measured by the verifier, and columns with `out` by the truth, out of distribution"
            " unless --shift 0"
        ),
    )
    add(
        "--false-negative",
        type=_UNIT,
        metavar="X",
        help="share of correct answers that the verifier rejects",
    )
    add(
        "--reward-model",
        type=_LEAST,
        metavar="X",
        help="a learned reward model judges; X: standard deviation of its errors in log-odds",
    )
    add(
        "--reward-heads",
        type=number_of(int, 1, 1000),
        metavar="N",
        help="N reward heads, fitted once to finite verdicts, judge (BRME)",
    )
    add(
        "--head-scores",
        type=number_of(int, 0),
        metavar="N",
        help="verdicts for each question to which the heads are fitted (12)",
    )
    add(
        "--head-alpha",
        type=_UNIT,
        metavar="X",
        help="weight of the most certain head; the rest is the lowest of all heads (0.5)",
    )
    add(
        "--disagreement",
        type=_UNIT,
        metavar="X",
        help="share of annotators who choose at random among the answers with p > 0",
    )
    add(
        "--abstain",
        type=_abstention,
        metavar="A",
        help=(
            "add the answer `I do not know`, which earns A in expectation, a number or `truthrl`:"
            " the middle between a wrong and a correct answer, as in TruthRL (1, 0, -1); prints"
            " coverage, hallucination rate and selective accuracy"
        ),
    )


def _abstention(text: str) -> float | str:
    """What `--abstain` takes: the payoff of an abstention, or the name of a setting."""
    if text.strip().lower() == TRUTHRL:
        return TRUTHRL
    try:
        payoff = float(text)
    except ValueError:
        payoff = math.nan
    if not math.isfinite(payoff):
        raise argparse.ArgumentTypeError(f"expected a number or `{TRUTHRL}`, got {text!r}")
    return payoff


def _signal_option(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text!r}")
    return name, value
