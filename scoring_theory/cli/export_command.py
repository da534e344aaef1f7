"""`scoring-theory export`: a reward as one file for a trainer, with its certificate."""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition, UsageError, formula, require_one

if TYPE_CHECKING:
    from scoring_theory.adapters.scorer import Missing
    from scoring_theory.reward import Reward


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    from scoring_theory.adapters import FRAMEWORKS

    parser.add_argument(
        "formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c"
    )
    titles = ", ".join(entry.title for entry in FRAMEWORKS.values())
    parser.add_argument(
        "-o",
        "--out",
        required=True,
        type=paths.target,
        metavar="FILE",
        help="the Python file to write; - is stdout",
    )
    parser.add_argument(
        "--framework",
        required=True,
        type=inputs.framework(*FRAMEWORKS),
        choices=list(FRAMEWORKS),
        help=f"the trainer ({titles})",
    )
    parser.add_argument("--rule", metavar="NAME", help="a catalogue entry, instead of FORMULA")
    inputs.add_parameters(parser)
    parser.add_argument(
        "--missing",
        default="worst",
        type=formula,
        metavar="PAYOFF|worst",
        help=(
            "reward of a completion without a readable confidence: a number, or the smallest"
            " reward of all (worst)"
        ),
    )
    inputs.add_reader(parser, "the format of a completion")
    inputs.add_checker(parser)
    truths = ", ".join(f"{key}: {entry.truth}" for key, entry in FRAMEWORKS.items() if entry.truth)
    parser.add_argument(
        "--truth",
        metavar="NAME",
        help=f"the data set's column or field with the true answer ({truths})",
    )
    parser.add_argument(
        "--no-truth",
        choices=("raise", "skip"),
        default="raise",
        help="what a truth of None means: an error in the data, or (TRL) a completion to leave out",
    )
    parser.add_argument(
        "--forecast",
        action="store_true",
        help="completions state only the probability of an event, and the truth is 1 or 0",
    )
    parser.add_argument(
        "--graded",
        action="store_true",
        help="the checker, which you put into the file, returns a score in [0, 1]",
    )
    parser.add_argument(
        "--allow-unsafe", action="store_true", help="write an unsafe reward too; the file says so"
    )
    paths.add_writing(parser)


def _run(options: argparse.Namespace) -> int:
    """Write one file, or explain why it is not written and suggest a safe reward."""
    from scoring_theory import adapters
    from scoring_theory.adapters.export import require_module
    from scoring_theory.cli.terminal import print_prose, working

    if not options.out.stream:
        require_module(options.out.name)
    reward = _reward(options)
    try:
        with (
            warnings.catch_warnings(record=True, action="always") as caught,
            working("checking the reward before it is exported", quiet=options.quiet),
        ):
            content = _source(reward, options)
    except adapters.UnsafeRewardError as error:
        return _refused(reward, error, graded=options.graded)
    for warning in caught:
        print_prose(f"scoring-theory: {warning.message}", indent=2, stream=sys.stderr)
    paths.write_text(options.out, content, quiet=options.quiet)
    framework = adapters.FRAMEWORKS[options.framework]
    (missing,) = re.findall(r"^    missing=(.*),$", content, re.MULTILINE)
    wired = framework.wired(options.out.name, float(missing))
    print_prose("\n".join([f"{options.out.name} ({framework.title}):", *wired]), indent=2)
    return 0


def _source(reward: Reward, options: argparse.Namespace) -> str:
    """The text of the file; its first lines contain the file name, so it is written under it."""
    from scoring_theory import adapters

    with TemporaryDirectory() as folder:
        name = "reward.py" if options.out.stream else Path(options.out.name).name
        written = adapters.export(
            reward,
            Path(folder) / name,
            framework=options.framework,
            truth=options.truth,
            no_truth=options.no_truth,
            missing=_missing(options.missing),
            reader=options.reader or "tags",
            checker=options.checker or "exact_match",
            truth_key=options.truth_key,
            allow_unsafe=options.allow_unsafe,
            forecast=options.forecast,
            graded=options.graded,
        )
        return written.read_text(encoding="utf-8")


def _reward(options: argparse.Namespace) -> Reward:
    require_one(options, ("formula", "rule"), "export")
    declared = inputs.parameters(options.param)
    return (
        inputs.named(options.rule, declared)
        if options.rule
        else inputs.typed(options.formula, declared)
    )


def _missing(text: str) -> Missing:
    if text == "worst":
        return "worst"
    if text == inputs.REFUSE:
        raise UsageError(
            "--missing refuse is not possible here: a trainer scores every completion, so give a"
            " number or worst"
        )
    try:
        return inputs.payoff_value(text)
    except ValueError:
        raise UsageError(
            f"--missing takes a number, such as -1 or 1/2, or worst, got {text!r}"
        ) from None


def _refused(reward: Reward, error: Exception, *, graded: bool) -> int:
    """Print the objection, a safe reward if one is quick to find, and how to override."""
    from scoring_theory.checking import check
    from scoring_theory.cli.terminal import print_prose
    from scoring_theory.designing.repair import repairable, scaled

    report = check(reward, allow_weak=True, graded=graded)
    outcome = report.outcome()
    lines = [f"scoring-theory: {str(error).partition('; allow_unsafe')[0]}; nothing was written"]
    if outcome == "refuted" and graded:
        lines.append("  repair: `scoring-theory repair --graded` finds the closest safe reward")
    elif outcome == "refuted":
        safe = scaled(report)
        shown = "no weight beside correctness makes it safe" if safe is None else safe.reward.text
        finds = "; `scoring-theory repair` finds the closest safe reward"
        lines.append(f"  repair: {shown}{finds if repairable(report) else ''}")
    if not graded:
        lines.append("  to train with it as an unsafe baseline: --allow-unsafe")
    print_prose("\n".join(lines), indent=4, stream=sys.stderr)
    return 3 if outcome == "undecided" else 1


EXPORT_COMMAND = CommandDefinition(
    description="""\
Write a reward as one Python file with the function signature that a trainer expects. The file needs
only Python, neither the framework nor this package. Its first lines say which properties are
proved, and it contains the certificate.

A completion must contain <answer>..</answer> and <confidence>..</confidence>, each exactly once
after the reasoning; a confidence is a number such as 0.7, 70% or 7/10. --reader names another
format. A completion without a readable confidence receives the reward --missing, by default the
smallest reward of all, so that omitting the confidence never increases the expected reward.""",
    examples="""\
examples:
  scoring-theory export "c - (q - c)**2" --framework trl -o reward.py
  scoring-theory export "c - lam*(q - c)**2" --param lam=0.5 --framework verl -o reward.py
  scoring-theory export --rule rlcr --framework openrlhf --checker math_verify -o reward.py
  scoring-theory export "2*c*q - q^2" --graded --framework trl -o reward.py   partial credit
  scoring-theory export --rule rlcr --framework verl --reader percent,occurrence=last -o reward.py
  scoring-theory export c --framework trl --allow-unsafe --missing 0 -o reward.py   a baseline""",
    exit_codes={
        0: "the file is written",
        1: "not written: the reward is refuted, or omitting the confidence would be rewarded",
        3: "not written: undecided",
    },
    add_arguments=_add_arguments,
    run=_run,
)
