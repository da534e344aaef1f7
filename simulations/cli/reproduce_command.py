"""`scoring-theory reproduce`: verdicts, replay, simulations and figures in one command."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.cli import replay_command
from scoring_theory.cli.parser import CommandDefinition
from scoring_theory.files import write
from simulations.cli import figures_command, mechanism_options, replay_log, simulate_command

if TYPE_CHECKING:
    from scoring_theory.catalogue import Entry
    from scoring_theory.checking import Report


RESULTS = ("verdicts.json", "replay.json", "training.json", "mechanisms.json")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    figures_command.add_figures_arguments(parser, files=(*RESULTS, *figures_command.FILES))


def _run(options: argparse.Namespace) -> int:
    """Run all parts, print their results, and write them into the folder."""
    from scoring_theory.catalogue import PUBLISHED
    from scoring_theory.cli.terminal import print_prose

    started, out = time.perf_counter(), options.out.claim()
    run_all = partial(simulate_command.run_all, quiet=options.quiet)
    _heading("1. Published rewards: proper? jointly optimal?")
    reports = _reports(PUBLISHED, quiet=options.quiet)
    print_verdicts(reports)
    _write(
        out / "verdicts.json",
        {"schema": 1, "verdicts": {key: report.to_json() for key, report in reports.items()}},
    )

    _heading("2. Recorded answers under other rewards")
    rollouts = replay_log.recorded_or_example()
    if replay_log.VARIABLE not in os.environ:
        print_prose(f"({replay_log.VARIABLE} is not set, so the log is a synthetic example.)")
    replayed = replay_log.replay_log(rollouts)
    replay_command.print_replay(replayed)
    _write(out / "replay.json", replayed.to_json())

    _heading("3. Training")
    records = run_all(simulate_command.standard(short=options.short))
    for agent in dict.fromkeys(record.agent for record in records):
        simulate_command.print_records([record for record in records if record.agent == agent])
        print()
    _write(
        out / "training.json",
        {"schema": 1, "records": [simulate_command.record_json(record) for record in records]},
    )

    _heading("4. Mechanisms of drift, with and without")
    trials = mechanism_options.all_trials(run_all, short=options.short)
    mechanism_options.print_trials(trials)
    mechanisms = [
        mechanism_options.trial_json(trial, simulate_command.record_json(trial.record))
        for trial in trials
    ]
    _write(out / "mechanisms.json", {"schema": 1, "mechanisms": mechanisms})

    _heading("5. Figures")
    for path in figures_command.draw_all(out, rollouts, replayed, records, trials):
        print(f"  {path}")
    print()
    print_prose(
        f"All results are in {out}/, with a PDF and a CSV file beside each PNG"
        f" ({time.perf_counter() - started:.0f} s)."
    )
    return 0


COLUMNS = """\
proper: truthful reporting maximises the expected reward; strictly: nothing else does.
jointly optimal: the most likely answer with its true probability maximises the expected reward.
only weakly: both properties hold with ties, so the reward does not determine every confidence.
margin: the smallest slope of the expected score V(p).
lam*: the largest safe weight.
local failure below: for p below this value, the expected reward decreases with accuracy.
global failure below: for p below this value, a deliberately wrong answer with confidence 0 has a
larger expected reward than the truthful report."""


def print_verdicts(reports: Mapping[str, Report]) -> None:
    """Print one row per reward with its verdict and exact numbers, and explain the columns."""
    from scoring_theory.cli.terminal import print_prose, print_table

    head = [
        "reward",
        "verdict",
        "proper",
        "jointly optimal",
        "margin",
        "lam*",
        "local failure below",
        "global failure below",
    ]
    print_table(head, [_row(key, report) for key, report in reports.items()])
    print()
    print_prose(COLUMNS)


def _row(key: str, report: Report) -> Sequence[str]:
    exact = (
        report.accuracy_margin,
        report.critical_weight,
        report.local_failure_below,
        report.global_failure_below,
    )
    shown = [
        "-"
        if number is None
        else number.exact
        if len(number.exact) <= 12
        else f"{number.value:.6g}"
        for number in exact
    ]
    weakly = report.safe
    verdict = "only weakly" if weakly and report.outcome() != "holds" else report.outcome()
    return [key, verdict, _proper(report), report.jointly_optimal.status, *shown]


def _reports(entries: Mapping[str, Entry], *, quiet: bool) -> dict[str, Report]:
    """Check every entry with its constants."""
    from scoring_theory.checking import check
    from scoring_theory.cli.terminal import progress

    reports = {}
    with progress("checking published rewards", total=len(entries), quiet=quiet) as step:
        for key, entry in entries.items():
            reports[key] = check(entry.reward)
            step()
    return reports


def _proper(report: Report) -> str:
    """`strictly`, `weakly`, `no` or `unknown`."""
    if report.proper.status != "proved":
        return "no" if report.proper.status == "refuted" else "unknown"
    return "unknown" if report.strict is None else "strictly" if report.strict else "weakly"


def _heading(text: str) -> None:
    from scoring_theory.cli.terminal import paint

    print(f"\n{paint(text, 'head')}\n")


def _write(path: Path, value: Mapping[str, object]) -> None:
    write(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


REPRODUCE_COMMAND = CommandDefinition(
    description="""\
Print the verdict on every published reward, evaluate a log, train both agents with the five
standard rewards, run each mechanism of drift with and without it, and draw all figures. The folder
then contains the figures (PDF, PNG, CSV) and the files verdicts.json, replay.json, training.json
and mechanisms.json.

The log is that of the RLCR authors if SCORING_THEORY_DATA names its folder, and a synthetic example
otherwise; the output says which.

Files in DIR that an earlier run made are replaced; other existing files only with --force.""",
    examples="""\
examples:
  scoring-theory reproduce                      about a minute on two cores
  scoring-theory reproduce --out out --short    a quick preview""",
    exit_codes={0: "all results are written"},
    add_arguments=_add_arguments,
    run=_run,
)
