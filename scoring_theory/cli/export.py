"""`scoring-theory export`: a reward as one file for a trainer, with its certificate."""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs
from scoring_theory.cli.parser import UsageError, formula

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
  scoring-theory export reward.py --framework trl "c - (q - c)**2"
  scoring-theory export reward.py --framework verl "c - lam*(q - c)**2" --param lam=0.5
  scoring-theory export reward.py --framework openrlhf --rule rlcr --checker math_verify
  scoring-theory export reward.py --framework trl c --allow-unsafe --missing 0     a baseline, marked as such

exit code: 0 written, 1 the reward is refuted or leaving the confidence out would pay, 2 bad input,
3 undecided; in the last three cases nothing is written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    from scoring_theory.adapters import FRAMEWORKS

    parser.add_argument("file", metavar="FILE", help="the Python file to write; one of that name is replaced")
    parser.add_argument("formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c")
    parser.add_argument("--framework", required=True, choices=list(FRAMEWORKS), help="whose signature")
    parser.add_argument("--rule", metavar="NAME", help="an entry of the catalogue, instead of a formula")
    inputs.add_parameters(parser)
    parser.add_argument("--missing", default="worst", type=formula, metavar="X", help="what is earned without (worst)")
    checkers = ["exact_match", "math_verify"]
    parser.add_argument("--checker", default="exact_match", choices=checkers, help="judges answers (exact_match)")
    parser.add_argument("--truth", metavar="NAME", help="the column (trl: solution) or field (verifiers: answer)")
    parser.add_argument("--allow-unsafe", action="store_true", help="write it all the same, marked as such")


def run(options: argparse.Namespace) -> int:
    """Write one file, or say why not and what would do instead."""
    from scoring_theory import adapters

    reward = _reward(options)
    try:
        with warnings.catch_warnings(record=True, action="always") as told:
            written = adapters.export(
                reward,
                options.file,
                framework=options.framework,
                truth=options.truth,
                missing=_missing(options.missing),
                checker=getattr(adapters, options.checker),
                allow_unsafe=options.allow_unsafe,
            )
    except adapters.UnsafeRewardError as error:
        return _refused(reward, error)
    for warning in told:
        print(f"scoring-theory: {warning.message}", file=sys.stderr)
    chosen = adapters.FRAMEWORKS[options.framework]
    print(f"{written} ({chosen.title}): {chosen.wiring.format(path=written)}")
    return 0


def _reward(options: argparse.Namespace) -> Reward:
    if (options.formula is None) == (options.rule is None):
        raise UsageError("give either a formula or --rule; try `scoring-theory export --help`")
    declared = inputs.parameters(options.param)
    return inputs.named(options.rule, declared) if options.rule else inputs.typed(options.formula, declared)


def _missing(text: str) -> Missing:
    if text == "worst":
        return "worst"
    from proofs.kernel.formula import rational

    try:
        return float(rational(text))
    except (ValueError, OverflowError):
        raise UsageError(f"--missing takes a number, or worst, got {text!r}") from None


def _refused(reward: Reward, error: Exception) -> int:
    """On stderr: the objection, a safe neighbour if one is near, and the way around."""
    from scoring_theory.checking import check
    from scoring_theory.designing.repair import scaled

    report = check(reward)
    outcome = report.outcome(allow_weak=True)
    told = [f"scoring-theory: {str(error).partition('; allow_unsafe')[0]}; nothing was written"]
    if outcome == "refuted":
        near = scaled(report)
        shown = "no weight beside correctness makes it safe" if near is None else near.reward.text
        told.append(f"  repair: {shown}; `scoring-theory repair` finds the closest safe reward")
    told.append("  to train with it all the same, as a baseline: --allow-unsafe")
    print("\n".join(told), file=sys.stderr)
    return 3 if outcome == "undecided" else 1
