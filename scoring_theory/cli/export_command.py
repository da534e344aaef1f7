"""`scoring-theory export`: a reward as one file for a trainer, with its certificate."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, formula, require_one

if TYPE_CHECKING:
    from scoring_theory.adapters.scorer import Missing
    from scoring_theory.reward import Reward

DESCRIPTION = """\
Write a reward as one Python file in the signature of a trainer. The file needs nothing but Python:
no framework, and not this package. Its first lines say what is proved, and it carries the proof.

Completions are read as <answer>..</answer> and <confidence>..</confidence>, each exactly once after
the thinking; a confidence is a number like 0.7, 70% or 7/10. What cannot be read earns --missing,
by default the worst payoff there is, so that leaving the confidence out never pays."""
EXAMPLES = """\
examples:
  scoring-theory export "c - (q - c)**2" --framework trl -o reward.py
  scoring-theory export "c - lam*(q - c)**2" --param lam=0.5 --framework verl -o reward.py
  scoring-theory export --rule rlcr --framework openrlhf --checker math_verify -o reward.py
  scoring-theory export c --framework trl --allow-unsafe --missing 0 -o reward.py     a baseline, marked as such

exit code: 0 written, 1 the reward is refuted or leaving the confidence out would pay, 2 bad input,
3 undecided; in the last three cases nothing is written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
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
        help="the Python file to write",
    )
    parser.add_argument(
        "--framework", required=True, choices=list(FRAMEWORKS), help=f"whose signature ({titles})"
    )
    parser.add_argument(
        "--rule", metavar="NAME", help="an entry of the catalogue, instead of a formula"
    )
    inputs.add_parameters(parser)
    parser.add_argument(
        "--missing",
        default="worst",
        type=formula,
        metavar="PAYOFF|worst",
        help=(
            "what a completion without a readable confidence earns: a payoff, or the worst there is"
            " (worst)"
        ),
    )
    checkers = ["exact_match", "math_verify"]
    parser.add_argument(
        "--checker", default="exact_match", choices=checkers, help="judges answers (exact_match)"
    )
    truths = ", ".join(f"{key}: {entry.truth}" for key, entry in FRAMEWORKS.items() if entry.truth)
    parser.add_argument(
        "--truth", metavar="NAME", help=f"the column or field with the truth ({truths})"
    )
    parser.add_argument(
        "--allow-unsafe", action="store_true", help="write it all the same, marked as such"
    )
    paths.add_writing(parser)


def run(options: argparse.Namespace) -> int:
    """Write one file, or say why not and what would do instead."""
    from scoring_theory import adapters
    from scoring_theory.cli.terminal import print_prose, working

    reward = _reward(options)
    try:
        with (
            warnings.catch_warnings(record=True, action="always") as told,
            working("checking the reward before it is exported", quiet=options.quiet),
        ):
            content = _source(reward, options)
    except adapters.UnsafeRewardError as error:
        return _refused(reward, error)
    for warning in told:
        print_prose(f"scoring-theory: {warning.message}", indent=2, stream=sys.stderr)
    paths.write_text(options.out, content, quiet=options.quiet)
    chosen = adapters.FRAMEWORKS[options.framework]
    print_prose(
        f"{options.out.name} ({chosen.title}): {chosen.wiring.format(path=options.out.name)}",
        indent=2,
    )
    return 0


def _source(reward: Reward, options: argparse.Namespace) -> str:
    """The text of the file, whose own first lines say its name."""
    from scoring_theory import adapters

    with TemporaryDirectory() as folder:
        name = "reward.py" if options.out.stream else Path(options.out.name).name
        written = adapters.export(
            reward,
            Path(folder) / name,
            framework=options.framework,
            truth=options.truth,
            missing=_missing(options.missing),
            checker=getattr(adapters, options.checker),
            allow_unsafe=options.allow_unsafe,
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
            "--missing refuse: a trainer scores every completion, so give a payoff, or worst"
        )
    try:
        return inputs.payoff(text)
    except ValueError:
        raise UsageError(
            f"--missing takes a payoff, such as -1 or 1/2, or worst, got {text!r}"
        ) from None


def _refused(reward: Reward, error: Exception) -> int:
    """On stderr: the objection, a safe neighbour if one is near, and the way around."""
    from scoring_theory.checking import check
    from scoring_theory.cli.terminal import print_prose
    from scoring_theory.designing.repair import scaled

    report = check(reward)
    outcome = report.outcome(allow_weak=True)
    told = [f"scoring-theory: {str(error).partition('; allow_unsafe')[0]}; nothing was written"]
    if outcome == "refuted":
        near = scaled(report)
        shown = "no weight beside correctness makes it safe" if near is None else near.reward.text
        told.append(f"  repair: {shown}; `scoring-theory repair` finds the closest safe reward")
    told.append("  to train with it all the same, as a baseline: --allow-unsafe")
    print_prose("\n".join(told), indent=4, stream=sys.stderr)
    return 3 if outcome == "undecided" else 1
