"""`scoring-theory reproduce`: verdicts, replay, simulations and figures in one command."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.cli import replay_command
from scoring_theory.cli.parser import CommandDefinition
from scoring_theory.files import write
from simulations.cli import figures_command, simulate_command, system_options

if TYPE_CHECKING:
    from scoring_theory.catalogue import Entry
    from scoring_theory.checking import Report
    from simulations.laboratory.system import SystemOutcome


RESULTS = (
    "verdicts.json",
    "replay.json",
    "training.json",
    "mechanisms.json",
    "combinations.json",
)


REPRODUCED = (
    "before-training",
    "payoffs",
    "values",
    "regret-rlcr",
    "regret-log",
    "reliability",
    "earned",
    "drift-coupled",
    "collapse-coupled",
    "drift-tabular",
    "collapse-tabular",
    "mechanisms",
    "combinations",
    "phase-diagram",
    "learning-speed",
    "weight-sweep",
    "table-law",
    "predicted-rows",
    "transformer-curves",
    "transformer-predictions",
    "transformer-causes",
)
"""The figures of the results that this command prints, and of the evidence from its stored results;
`figures` draws the others as well."""
FILES = tuple(
    f"{name}.{ending}" for name in REPRODUCED for ending in ("pdf", "png", "csv", "tex", "json")
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    figures_command.add_folder(parser, files=(*RESULTS, *FILES))


def _run(options: argparse.Namespace) -> int:
    """Run all parts, print their results, and write them into the folder."""
    from scoring_theory.catalogue import PUBLISHED
    from scoring_theory.cli.terminal import print_prose
    from simulations.gallery import Page, Study
    from simulations.gallery.replay_log import VARIABLE

    started, out = time.perf_counter(), options.out.claim()
    run_all = partial(simulate_command.run_all, quiet=options.quiet)
    study = Study(run_all, short=options.short, thorough=not options.short)
    _heading("1. Published rewards: proper? jointly optimal?")
    reports = _reports(PUBLISHED, quiet=options.quiet)
    print_verdicts(reports)
    _write(
        out / "verdicts.json",
        {"schema": 1, "verdicts": {key: report.to_json() for key, report in reports.items()}},
    )

    _heading("2. Recorded answers under other rewards")
    if study.log_is_synthetic:
        print_prose(f"({VARIABLE} is not set, so the log is a synthetic example.)")
    replay_command.print_replay(study.replayed)
    _write(out / "replay.json", study.replayed.to_json())

    _heading("3. Training")
    records = study.records
    for agent in dict.fromkeys(record.agent for record in records):
        simulate_command.print_records([record for record in records if record.agent == agent])
        print()
    _write(
        out / "training.json",
        {"schema": 1, "records": [simulate_command.record_json(record) for record in records]},
    )

    _heading("4. Mechanisms of drift, with and without")
    system_options.print_summary(study.mechanisms)
    _write(out / "mechanisms.json", _systems([side for pair in study.mechanisms for side in pair]))

    _heading("5. No single fix: four fixes in all combinations")
    outcomes = study.factorial
    system_options.print_outcome(outcomes[0])
    _write(out / "combinations.json", _systems(outcomes))

    _heading("6. Figures")
    figures_command.draw(REPRODUCED, study, out, Page(), quiet=options.quiet)
    print()
    print_prose(
        f"All results are in {out}/, with the numbers of each figure beside it"
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
    verdict = "only weakly" if report.safe and report.outcome() != "holds" else report.outcome()
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


def _systems(outcomes: Sequence[SystemOutcome]) -> dict[str, object]:
    return {"schema": 1, "systems": [outcome.to_json() for outcome in outcomes]}


def _heading(text: str) -> None:
    from scoring_theory.cli.terminal import paint

    print(f"\n{paint(text, 'head')}\n")


def _write(path: Path, value: Mapping[str, object]) -> None:
    write(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


REPRODUCE_COMMAND = CommandDefinition(
    description="""\
Print the verdict on every published reward, evaluate a log, train both agents with the five
standard rewards, run each mechanism of drift with and without it, and four fixes in all
combinations, and draw the figures of these results. The folder then contains the figures (PDF, PNG,
CSV, TEX, JSON) and the files verdicts.json, replay.json, training.json, mechanisms.json and
combinations.json.

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
