"""`scoring-theory check`: a formula in, a verdict out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs
from scoring_theory.cli.parser import UsageError, formula

if TYPE_CHECKING:
    from scoring_theory.optimality import Report

DESCRIPTION = """\
Does this reward make an agent both right and honest? The answer is a proof, or a counterexample
in numbers that you can put in by hand, or an honest "undecided". Never a sample.

A formula is written in q, the stated confidence, and c, 1 if the answer is correct and 0 if it is
wrong. It may use + - * / ^, log exp sqrt abs min max clip beta_cdf, comparisons, `x if condition
else y`, and parameters that you declare."""
EXAMPLES = """\
examples:
  scoring-theory check "c - (q - c)**2"                               RLCR
  scoring-theory check "c - lam*(q - c)**2" --param "0 < lam <= 1"    every weight at once
  scoring-theory check "c - lam*(q - c)**2" --param lam=0.5
  scoring-theory check --rule binary                                  a published reward
  scoring-theory check "c + log(1 - abs(q - c))" --json               one object, for programs
  scoring-theory check "c - (q - c)**2" --certificate proof.json      for scoring-theory verify

exit code: 0 the reward makes an agent right and honest (strictly proper and jointly optimal;
--allow-weak accepts ties), 1 refuted, 2 bad input, 3 undecided."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("formula", nargs="?", type=formula, metavar="FORMULA", help="a reward in q and c")
    parser.add_argument("--rule", metavar="NAME", help="a catalogue rule or published reward, instead of a formula")
    inputs.add_parameters(parser)
    parser.add_argument("--allow-weak", action="store_true", help="accept ties: proper, though not strictly")
    parser.add_argument("--certificate", metavar="FILE", help="write the proof, as JSON")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: argparse.Namespace) -> int:
    """Check one reward; the exit code is the verdict."""
    report = _report(options)
    if options.certificate:
        _write_certificate(report, options.certificate)
    if options.json:
        from scoring_theory.cli.terminal import print_json

        print_json(report.to_json(allow_weak=options.allow_weak))
    else:
        from scoring_theory.cli.terminal import paint_verdicts

        print(paint_verdicts(report.text(allow_weak=options.allow_weak)))
    return int(report.exit_code(allow_weak=options.allow_weak))


def _report(options: argparse.Namespace) -> Report:
    """The check of the formula as typed, which is what its certificates then speak of."""
    from scoring_theory.optimality import check

    if (options.formula is None) == (options.rule is None):
        raise UsageError("give either a formula or --rule NAME; try `scoring-theory check --help`")
    declared = inputs.parameters(options.param)
    if options.rule is not None:
        return check(inputs.named(options.rule, declared))
    inputs.typed(options.formula, declared)  # complains of parameters that do not occur
    if "reward" in declared:
        raise UsageError("a parameter cannot be called `reward`; give it another name")
    return check(options.formula, **declared)


def _write_certificate(report: Report, path: str) -> None:
    """Written only where there is something to prove with; a file that says nothing would look like a proof."""
    import json
    from pathlib import Path

    certificate = report.to_json()["certificate"]
    if certificate is None:
        raise ValueError(f"there is no certificate to write to {path!r}: nothing is proved or refuted")
    Path(path).write_text(json.dumps(certificate, indent=2) + "\n", encoding="utf-8")
