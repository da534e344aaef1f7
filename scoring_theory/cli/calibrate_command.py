"""`scoring-theory calibrate`: measure the calibration of a log, without any reward."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scoring_theory.cli.log_options import (
    LOG_HELP,
    add_log,
    add_report,
    measuring,
    print_over_time,
    read_log,
    write_report,
)
from scoring_theory.cli.parser import CommandDefinition

if TYPE_CHECKING:
    from scoring_theory.replaying import Calibration

_SHOWN_PAIRS = 15
"""How many pairs of methods the terminal shows."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    add_log(parser, example=True)
    add_report(parser)


def _run(options: argparse.Namespace) -> int:
    """Read the log, measure it, print the table, and write the files that were asked for."""
    from scoring_theory.cli.terminal import print_json
    from scoring_theory.replaying import calibrate, calibration_html, calibration_markdown

    with measuring("intervals", quiet=options.quiet):
        # No reward is computed, so that the payoff of a missing confidence does not matter.
        rollouts = read_log(options, 0.0)
        found = calibrate(
            rollouts,
            intervals=not options.no_intervals,
            seed=int(options.seed),
            bins=int(options.bins),
            closed=options.closed,
        )
    if options.json:
        print_json(found.to_json())
    else:
        print_calibration(found)
    write_report(
        options,
        rollouts,
        found.replayed,
        markdown=lambda: calibration_markdown(found),
        html=lambda figures: calibration_html(found, figures),
    )
    return 0


def print_calibration(found: Calibration) -> None:
    """Print a table with a row for each measure and a column for each method."""
    from scoring_theory.cli.terminal import paint, print_list, print_prose, print_table
    from scoring_theory.replaying import warnings as cautions

    replayed = found.replayed
    print_prose(paint(f"Calibration of {replayed.source}", "head"))
    if replayed.reading:
        print_prose(replayed.reading)
    for place in replayed.places:
        print("" if place is None else f"\n{paint(f'On {place}', 'head')}\n")
        methods = [one.cell.method for one in found.at(place)]
        rows = [[label, *values] for label, values in found.measures(place)]
        print_table(["", *methods], rows, numbers=methods)
    _print_differences(found)
    print_over_time(replayed)
    notes = cautions(replayed)
    if replayed.level is not None and not replayed.graded:
        notes.insert(
            0,
            "Brier = MCB - DSC + UNC. ECE is positive even under perfect calibration:"
            f" {replayed.level:.0%} of calibrated models stay below `if calibrated`. The tests"
            " take answers as independent (docs/replay.md, Tests of calibration).",
        )
    if notes:
        print()
        print_list(notes)


def _print_differences(found: Calibration) -> None:
    """Print the paired differences of the methods, if they answered the same questions."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table
    from scoring_theory.replaying import differences_section

    if not found.differences:
        return
    section = differences_section(found.differences[:_SHOWN_PAIRS], "")
    print(f"\n{paint(section.title, 'head')}\n")
    print_prose(section.note)
    print()
    print_table(list(section.head), [list(row) for row in section.rows], numbers=section.head[1:])
    if len(found.differences) > _SHOWN_PAIRS:
        print_prose(f"The first {_SHOWN_PAIRS} of {len(found.differences)} pairs; --json has all.")


CALIBRATE_COMMAND = CommandDefinition(
    description=f"""\
Measure the calibration of recorded answers: Brier score, log loss, miscalibration, discrimination
and uncertainty (MCB, DSC, UNC), ECE with the level that a calibrated model stays below, tests of
calibration, and AUROC; and for methods that answered the same questions the paired differences in
Brier score and log loss.

{LOG_HELP} Answers without a
confidence count in the accuracy of all, and nowhere else. ECE uses ten bins of equal width, closed
on the left; the last bin contains 1 (--bins, --closed). Intervals are 95 % intervals; if the log
has questions, whole questions are resampled. To compare rewards, use `replay`. Without FILE, a
synthetic example is used.""",
    examples="""\
examples:
  scoring-theory calibrate forecasts.csv --column confidence=p --column correct=happened
  scoring-theory calibrate logs/2026-11.eval
  scoring-theory calibrate samples_gsm8k.jsonl --reader boxed --checker gsm8k
  scoring-theory calibrate out/completions/ --by step --figure out/course
  scoring-theory calibrate forecasts.csv --html out/calibration.html
  scoring-theory calibrate forecasts.csv --json""",
    exit_codes={0: "the log is measured"},
    add_arguments=_add_arguments,
    run=_run,
)
