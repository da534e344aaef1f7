"""`scoring-theory compare`: two or more rewards side by side."""

from __future__ import annotations

import argparse

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition, formula

_DESCRIPTION = """\
Check two or more rewards and print the results side by side: the claims, the thresholds below which
accuracy is not rewarded, the range, the regret of a misreport and the speed of learning.

The regret U(p, p) - U(p, q) is what a stated confidence q costs if the true success probability is
p; a negative one means that the misreport earns more. The weight w(p) is the curvature of the
expected reward at the truthful report: near the truth, the speed of learning is proportional to
it."""
_EXAMPLES = """\
examples:
  scoring-theory compare rlcr "c + 0.5*spherical"
  scoring-theory compare "c - (q - c)^2" "c - 2*(q - c)^2" "c + log"
  scoring-theory compare "c - lam*(q - c)^2" "c + lam*spherical" --param lam=0.5
  scoring-theory compare rlcr c --json"""
_EXIT_CODES = {0: "the rewards are compared; the verdicts do not change the exit code"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "formulas",
        nargs="+",
        type=formula,
        metavar="FORMULA",
        help="two or more rewards in q and c, or names of the catalogue",
    )
    inputs.add_parameters(parser)
    paths.add_json(parser)
    paths.add_quiet(parser)


def _run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    from scoring_theory.checking.compare import compare
    from scoring_theory.cli.terminal import print_json, print_prose, print_table, working

    with working("checking the rewards", quiet=options.quiet):
        found = compare(*options.formulas, parameters=inputs.parameters(options.param))
    if options.json:
        print_json(found.to_json())
        return 0
    for label, report in found.reports.items():
        print_prose(f"{label}  {report.formula}", indent=3)
    print()
    print_table(["", *found.reports], found.rows(), numbers=list(found.reports))
    return 0


COMPARE_COMMAND = CommandDefinition(
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    exit_codes=_EXIT_CODES,
    add_arguments=_add_arguments,
    run=_run,
)
