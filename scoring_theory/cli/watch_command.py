"""`scoring-theory watch`: follow a growing log, with calibration and alarms."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.log_options import add_columns, add_format, columns
from scoring_theory.cli.parser import CommandDefinition, UsageError, formula, number_of

if TYPE_CHECKING:
    from scoring_theory.watching import Alarm, ConfidenceMonitor, LogFollower

WATCH_SCHEMA = 1
_ASSUMED = "trl_none"
"""The estimator where none is given: under it a proper reward keeps its optimum."""
_SHOWN = {
    "accuracy": "accuracy",
    "confidence": "mean confidence",
    "gap": "confidence - accuracy",
    "unreadable": "unreadable answers",
    "certain": "confidences of 0 or 1",
    "brier": "Brier score",
    "miscalibration": "  miscalibration",
    "discrimination": "  discrimination",
    "uncertainty": "  uncertainty",
    "recalibrated_brier": "  after recalibration",
    "ece": "ECE",
    "ece_by_chance": "  by chance",
    "auroc": "AUROC",
    "gain_of_one": "advantage of stating 1",
    "gain_of_zero": "advantage of stating 0",
    "gain_of_omission": "advantage of no confidence",
    "predicted": "predicted confidence",
    "distance": "  distance to it",
}
"""The figures of the table, and their names in it."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "file",
        type=paths.log_source,
        metavar="LOG",
        help=(
            "the log, which may grow: a file, or a folder or a pattern of files; with --once also -"
            " for standard input"
        ),
    )
    add_format(parser)
    parser.add_argument(
        "--reward",
        type=formula,
        default="rlcr",
        metavar="NAME_OR_FORMULA",
        help="what the model is trained with (rlcr)",
    )
    parser.add_argument(
        "--estimator",
        help=f"how the trainer makes advantages, as in check ({_ASSUMED}, which is then said)",
    )
    parser.add_argument(
        "--outcomes",
        choices=("independent", "by_answer", "shared"),
        help="how correctness is correlated within a group, for the predicted confidence",
    )
    parser.add_argument(
        "--component",
        action="append",
        default=[],
        type=formula,
        metavar="NAME:WEIGHT:FORMULA",
        help="a component of the reward, for estimators that normalise each; may be repeated",
    )
    parser.add_argument(
        "--by", metavar="COLUMN", help="the column of the training step (step, if it exists)"
    )
    parser.add_argument(
        "--every",
        type=number_of(int, 1),
        default=256,
        metavar="ROWS",
        help="rows of an update in a log without steps (256)",
    )
    parser.add_argument(
        "--group-size",
        type=number_of(int, 1),
        metavar="G",
        help="each G rows are of one question; by default the column question says so",
    )
    parser.add_argument(
        "--window",
        type=number_of(int, 2),
        default=10,
        metavar="UPDATES",
        help="updates over which figures are computed (10)",
    )
    add_columns(parser)
    parser.add_argument("--once", action="store_true", help="print what there is, and stop")
    parser.add_argument(
        "--interval",
        type=number_of(float, 0.05),
        default=1.0,
        metavar="SECONDS",
        help="time between two looks at the log (1)",
    )
    paths.add_json(parser)


def _run(options: argparse.Namespace) -> int:
    """Follow the log until it is interrupted, or read it once; 1 where an alarm was raised."""
    from scoring_theory.cli.terminal import print_json

    follower = _follower(options)
    if options.json and not options.once:
        raise UsageError("--json prints one object: add --once")
    if options.once:
        follower.finish()
        _require_rows(follower)
        if options.json:
            print_json(watched_json(follower))
        else:
            print_watched(follower)
    else:
        _follow(follower, float(options.interval))
    return 1 if follower.monitor.alarms else 0


def _follower(options: argparse.Namespace) -> LogFollower:
    from scoring_theory.watching import ConfidenceMonitor

    parts = inputs.components(options.component)
    reward = inputs.weighted_sum(parts) if parts else inputs.named_or_typed(options.reward)
    monitor = ConfidenceMonitor(
        reward,
        window=int(options.window),
        outcomes=options.outcomes,
        components=parts or None,
    )
    monitor.trained_by(options.estimator or _ASSUMED, assumed=options.estimator is None)
    if options.truth is not None and options.text is None:
        raise UsageError("--truth needs --text, the column of the completions")
    source, kind = _source(options)
    return kind(
        source,
        monitor,
        by=options.by,
        every=int(options.every),
        group=None if options.group_size is None else int(options.group_size),
        file_format=options.format,
        columns=columns(options.column),
        scale=options.scale,
        text=options.text,
        truth=options.truth,
        reader=options.reader,
        checker=options.checker,
        truth_key=options.truth_key,
    )


def _source(options: argparse.Namespace) -> tuple[Any, type[LogFollower]]:
    """What is followed, and how: a file that grows, files that are added, or what is complete.

    Raises:
        UsageError: it is read as a whole, and --once was not given.
    """
    from scoring_theory.rollouts.sources import is_several
    from scoring_theory.watching import FOLLOWED_FORMATS, FolderFollower, LogFollower

    name = options.file.name
    if is_several(name) and not options.file.standard:
        return name, FolderFollower
    found = options.format or Path(name).suffix.lower().removeprefix(".")
    if found in FOLLOWED_FORMATS and not options.file.standard:
        return name, LogFollower
    if not options.once:
        what = "standard input" if options.file.standard else repr(name)
        raise UsageError(
            f"{what} is read once, as a whole: add --once; what is followed is a file that grows"
            f" ({', '.join(FOLLOWED_FORMATS)}), or a folder or a pattern to which files are added"
        )
    return (paths.standard_input() if options.file.standard else name), FolderFollower


def _require_rows(follower: LogFollower) -> None:
    if not follower.monitor.updates:
        raise UsageError(f"{str(follower.path)!r} has no complete row yet")


def watched_json(follower: LogFollower) -> dict[str, object]:
    """The object of `--json`: how the log was read, the figures, and the alarms."""
    monitor = follower.monitor
    return {
        "schema": WATCH_SCHEMA,
        "reading": follower.reading,
        "trainer": monitor.described,
        "estimator_assumed": monitor.assumed,
        "figures": monitor.figures().to_json(),
        "alarms": [alarm.to_json() for alarm in monitor.alarms],
    }


def print_watched(follower: LogFollower) -> None:
    """Print how the log was read, the figures of the last window, and the alarms."""
    from scoring_theory.cli.terminal import paint, print_list, print_prose, print_table

    monitor = follower.monitor
    print_prose(paint(_title(monitor), "head"))
    print_prose(_reading(follower))
    print()
    print_table(["figure", "value"], _rows(monitor), numbers=["value"])
    print()
    print_prose(paint("Alarms", "head") if monitor.alarms else "No alarm.")
    if monitor.alarms:
        print()
        print_list(map(str, monitor.alarms))


def _reading(follower: LogFollower) -> str:
    """How the log was read, and what was assumed of the trainer."""
    if not follower.monitor.assumed:
        return follower.reading
    return (
        f"{follower.reading} No --estimator: {_ASSUMED} is assumed, under which no alarm can say"
        " that the estimator is at odds with the reward; give the trainer's own, such as"
        " trl_default."
    )


def _title(monitor: ConfidenceMonitor) -> str:
    figures = monitor.figures()
    return (
        f"Update {figures.update}: {figures.answers} answers to {figures.questions} questions in"
        f" the window; {monitor.described}"
    )


def _rows(monitor: ConfidenceMonitor) -> list[list[str]]:
    figures = monitor.figures()
    values = ((label, getattr(figures, name)) for name, label in _SHOWN.items())
    return [[label, "-" if value != value else f"{value:.3f}"] for label, value in values]


def _follow(follower: LogFollower, interval: float) -> None:
    """Look again and again; how often changes when a figure is shown, and none of the figures."""
    from time import sleep

    from scoring_theory.cli.terminal import print_prose
    from scoring_theory.rollouts import RolloutError

    show_on = _on_terminal if sys.stdout.isatty() else _on_pipe
    with show_on(follower) as show:
        try:
            while True:
                before = follower.monitor.updates
                new = follower.poll()
                if follower.monitor.updates > before:
                    show(new)
                sleep(interval)
        except KeyboardInterrupt:
            try:
                follower.poll()
                follower.finish()
            except RolloutError as error:  # in a file that is written just now
                print_prose(f"scoring-theory: not read: {error}", stream=sys.stderr)


@contextmanager
def _on_pipe(follower: LogFollower) -> Iterator[Callable[[Sequence[Alarm]], None]]:
    """How the log is read, a line for each look with a new update, a paragraph for each alarm."""
    monitor, told = follower.monitor, False

    def show(new: Sequence[Alarm]) -> None:
        nonlocal told
        if not told:
            print(f"{_reading(follower)} {monitor.described[0].upper()}{monitor.described[1:]}.")
            told = True
        figures = monitor.figures().numbers()
        named = ("accuracy", "confidence", "ece", "ece_by_chance", "unreadable", "gain_of_one")
        shown = [f"{name} {figures[name]:.3f}" for name in named if name in figures]
        print(f"update {monitor.updates}: {', '.join(shown)}", flush=True)
        for alarm in new:
            print(alarm, flush=True)

    yield show


@contextmanager
def _on_terminal(follower: LogFollower) -> Iterator[Callable[[Sequence[Alarm]], None]]:
    """A table that is drawn anew, with the alarms below it."""
    monitor = follower.monitor
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    from scoring_theory.cli.terminal import coloured

    def drawn() -> Group:
        table = Table(box=None, pad_edge=False)
        table.add_column("figure")
        table.add_column("value", justify="right")
        for row in _rows(monitor):
            table.add_row(*map(Text, row))
        alarms = [Text(str(alarm), style="bold red") for alarm in monitor.alarms]
        head = (Text(_title(monitor), style="bold"), Text(_reading(follower)))
        return Group(*head, table, *alarms)

    console = Console(no_color=not coloured(sys.stdout))
    with Live(Text("waiting for the first step ..."), console=console, auto_refresh=False) as live:
        yield lambda new: live.update(drawn(), refresh=True)


WATCH_COMMAND = CommandDefinition(
    description="""\
Follow the log of a training run while it grows: calibration of the last updates, what the trainer
reinforces, and alarms with a remedy.

LOG is CSV, TSV or JSON Lines with one row per answer: confidence and correct, and if possible the
training step (step, or --by) and the question; or completions (--text, --truth, --reader), as in
replay. The rows of a step are one update. A line that is not complete is waited for. LOG may also
be a folder or a quoted pattern into which files are added, as by TRL (completions/*.parquet) and
verl (rollout_data_dir/*.jsonl), in any format that replay reads: each is taken when the next one is
there. On a terminal the table is drawn anew; into a pipe goes one line for each look that has seen
a new step. It ends with Ctrl-C; --once prints the table of what there is, also of a complete file
of any such format and of standard input (-). Without a column of questions or
--group-size, every answer is taken as a question of its own, and no group can be replayed through
the estimator.""",
    examples="""\
examples:
  scoring-theory watch out/log.jsonl --estimator trl_default --group-size 8
  scoring-theory watch log.csv --column confidence=prob --by global_step
  scoring-theory watch rollouts.jsonl --text output --truth gts --reader percent --estimator verl
  scoring-theory watch out/completions/ --estimator trl_default          TRL's files, one each step
  scoring-theory watch 'rollouts/*.jsonl' --estimator verl               verl's rollout_data_dir
  scoring-theory watch out/log.jsonl --once                    print the table and stop
  scoring-theory watch out/log.jsonl --once --json             figures and alarms as JSON""",
    exit_codes={0: "no alarm", 1: "an alarm was raised"},
    add_arguments=_add_arguments,
    run=_run,
)
