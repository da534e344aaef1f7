"""`scoring-theory reproduce`: verdicts, replay, simulation and figures in one go."""

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
from scoring_theory.files import write
from simulations.cli import figures_command, mechanism_options, replay_log, simulate_command

if TYPE_CHECKING:
    from scoring_theory.catalogue import Entry
    from scoring_theory.checking import Report

DESCRIPTION = """\
Print the verdict on every published reward, replay a log, train both agents with the five
standard rewards, show each mechanism of drift with and without, and draw every figure. The folder
then holds the figures (PDF, PNG, CSV) and verdicts.json, replay_command.json, training.json and
mechanism_options.json.

The log is the recorded one of the RLCR authors if SCORING_THEORY_DATA names the folder that holds
it, and an invented example otherwise; the output says which.

Files in DIR that an earlier run made are replaced; of others with the same name, only with --force."""
EXAMPLES = """\
examples:
  scoring-theory reproduce                        about a minute on two cores
  scoring-theory reproduce --out out --short      a small one, in seconds"""


RESULTS = ("verdicts.json", "replay.json", "training.json", "mechanisms.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    figures_command.add_arguments(parser, files=(*RESULTS, *figures_command.FILES))


def run(options: argparse.Namespace) -> int:
    """The whole story, one part after the other."""
    from scoring_theory.catalogue import PUBLISHED
    from scoring_theory.cli.terminal import print_prose

    started, out = time.perf_counter(), options.out.claim()
    run_all = partial(simulate_command.run_all, quiet=options.quiet)
    _heading("1. Published rewards: proper? jointly optimal?")
    reports = _reports(PUBLISHED, quiet=options.quiet)
    print_verdicts(reports)
    _write(
        out / "verdicts.json",
        {"schema": 1, "verdicts": {key: one.to_json() for key, one in reports.items()}},
    )

    _heading("2. Recorded answers, paid by other rewards")
    rollouts = replay_log.recorded_or_example()
    if replay_log.VARIABLE not in os.environ:
        print_prose(
            f"({replay_log.VARIABLE} is not set, so this is an invented log, not a recorded one.)"
        )
    replayed = replay_log.replay_log(rollouts)
    replay_command.print_replay(replayed)
    _write(out / "replay.json", replayed.to_json())

    _heading("3. What training does")
    records = run_all(simulate_command.standard(short=options.short))
    for agent in dict.fromkeys(record.agent for record in records):
        simulate_command.print_records([record for record in records if record.agent == agent])
        print()
    _write(
        out / "training.json",
        {"schema": 1, "records": [simulate_command.record_json(record) for record in records]},
    )

    _heading("4. Mechanisms of drift, each with and without")
    found = mechanism_options.all_trials(run_all, short=options.short)
    mechanism_options.print_trials(found)
    trials = [
        mechanism_options.to_json(trial, simulate_command.record_json(trial.record))
        for trial in found
    ]
    _write(out / "mechanisms.json", {"schema": 1, "mechanisms": trials})

    _heading("5. Figures")
    for path in figures_command.draw_all(out, rollouts, replayed, records, found):
        print(f"  {path}")
    print()
    print_prose(
        f"All of it, with PDF and CSV beside each PNG, is in {out}/"
        f" ({time.perf_counter() - started:.0f} s)."
    )
    return 0


COLUMNS = """\
proper: the honest report is optimal; strictly: it alone is.
jointly optimal: the best answer, with its true probability as confidence, earns the most.
only weakly: both, with ties, so that some confidences are not determined.
margin: the least that more accuracy pays.
worse answer: below this chance of success, the worse of two answers earns more.
wrong on purpose: below it, a deliberately wrong answer with confidence 0 earns more than honest work."""


def print_verdicts(reports: Mapping[str, Report]) -> None:
    """One line per reward: the verdict, and the exact numbers behind it."""
    from scoring_theory.cli.terminal import print_prose, print_table

    head = [
        "reward",
        "verdict",
        "proper",
        "jointly optimal",
        "margin",
        "lam*",
        "worse answer",
        "wrong on purpose",
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
        "-" if one is None else one.exact if len(one.exact) <= 12 else f"{one.value:.6g}"
        for one in exact
    ]
    weakly = report.outcome(allow_weak=True) == "holds"
    verdict = "only weakly" if weakly and report.outcome() != "holds" else report.outcome()
    return [key, verdict, _proper(report), report.jointly_optimal.status, *shown]


def _reports(entries: Mapping[str, Entry], *, quiet: bool) -> dict[str, Report]:
    """The check of every entry, with its constants."""
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
