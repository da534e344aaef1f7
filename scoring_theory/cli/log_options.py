"""The options of commands that read a log: which files, which columns, and how they are read."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, formula, number_of

if TYPE_CHECKING:
    from scoring_theory.pages import Illustration
    from scoring_theory.plotting import Drawn
    from scoring_theory.replaying import Replay
    from scoring_theory.rollouts import Rollouts

_SHOWN_STEPS = 12
"""How many steps of a method the terminal shows; the report and the figure have more."""
_MAX_BINS = 10_000
"""More bins of equal width than a stated confidence has digits for."""
_FORMATS = (
    "csv", "tsv", "jsonl", "ndjson", "json", "eval", "parquet", "arrow", "feather",
)  # fmt: skip
_HOW_TO_READ = (
    "column", "scale", "format", "text", "truth", "reader", "checker", "truth-key", "weight",
    "by", "paid",
)  # fmt: skip
LOG_HELP = """\
FILE is CSV, TSV, JSON, JSON Lines (also .gz), Parquet, Arrow or Inspect's .eval with one row per
answer; a folder, a pattern or several files are one log. The logs of TRL, verl, verifiers,
OpenRLHF, lm-evaluation-harness, Inspect and wandb are recognised, and a line says which columns
were taken. In others the columns confidence (in [0, 1]) and correct (0 or 1, or a score in [0, 1]
with --graded) are required; method, dataset, question and answer are optional. Usual names
(probability, outcome, forecaster, event_id) are known, and --column names others, also nested ones
(score.value). With --text, or in a recognised log without confidences,
they are read from the completions, and with --truth the answers are compared with a column of
truths, by the same code as in the reward functions. No row is dropped, filled or clipped:
percentages need --scale percent."""
"""How a log is read, for the description of a command."""


def add_log(parser: argparse.ArgumentParser, *, example: bool) -> None:
    """Declare the log and the options that say how it is read.

    Args:
        parser: The parser of the command.
        example: Whether the command shows a synthetic example where no log is given.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_log(parser, example=False)
        >>> parser.parse_args(["out/*.parquet", "--column", "correct=acc"]).column
        ['correct=acc']
    """
    parser.add_argument(
        "file",
        nargs="*" if example else "+",
        type=paths.log_source,
        metavar="FILE",
        help=(
            "the log: files, a folder or a pattern, or - for standard input"
            + ("; without FILE, a synthetic example" if example else "")
        ),
    )
    add_format(parser)
    add_columns(parser)
    parser.add_argument(
        "--graded",
        action="store_true",
        help="correct holds scores in [0, 1], such as partial credit",
    )
    parser.add_argument(
        "--weight", metavar="COLUMN", help="weights of the rows: a row of weight 2 counts twice"
    )
    parser.add_argument(
        "--paid",
        type=formula,
        metavar="FORMULA",
        help="for a log without outcomes: the reward that was logged, from which they follow",
    )
    parser.add_argument(
        "--by",
        metavar="COLUMN",
        help="an axis of time, such as step: the same numbers for each of its values",
    )
    parser.add_argument(
        "--bins",
        type=number_of(int, 1, _MAX_BINS),
        default=10,
        metavar="N",
        help="number of bins of equal width for ECE (10)",
    )
    parser.add_argument(
        "--closed",
        choices=("left", "right"),
        default="left",
        help="which side of a bin belongs to it (left)",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Declare the kind of a file, where its name does not say it.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_format(parser)
        >>> parser.parse_args(["--format", "csv"]).format
        'csv'
    """
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        help="kind of the file; by default from its suffix or, for -, from its first bytes",
    )


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Declare which columns are read and how, also for a log that is followed.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_columns(parser)
        >>> parser.parse_args(["--text", "completion", "--truth", "solution"]).truth
        'solution'
    """
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help=(
            "the name or path of a column, such as confidence=stated_prob or correct=score.value;"
            " may be repeated"
        ),
    )
    parser.add_argument(
        "--text",
        metavar="COLUMN",
        help="the completions: confidences are read from this column, and answers with --truth",
    )
    parser.add_argument(
        "--truth",
        metavar="COLUMN",
        help="the true answers; without it, outcomes are in the column correct",
    )
    inputs.add_reader(parser, "the format of the completions")
    inputs.add_checker(parser)
    parser.add_argument(
        "--scale",
        choices=("unit", "percent"),
        help="range of the confidences: 0 to 1 (unit) or 0 to 100 (percent)",
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """Declare the intervals and the files of a report.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_report(parser)
        >>> parser.parse_args(["--no-intervals"]).no_intervals
        True
    """
    parser.add_argument(
        "--no-intervals", action="store_true", help="means without bootstrap intervals; faster"
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="random seed (0)"
    )
    parser.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="plot reliability diagrams, or with --by the course over time: PATH.pdf, .png, .csv",
    )
    parser.add_argument(
        "--markdown",
        metavar="FILE",
        type=paths.target,
        help="write the whole report as Markdown; - is stdout",
    )
    parser.add_argument(
        "--html",
        metavar="FILE",
        type=paths.target,
        help="write the whole report, with figures, as one HTML page; - is stdout",
    )
    paths.add_json(parser)
    paths.add_writing(parser)


@contextmanager
def measuring(what: str, *, quiet: bool) -> Iterator[None]:
    """Show that a log is read and measured, and afterwards what was warned of, one line each."""
    from scoring_theory.cli.terminal import print_prose, working

    with (
        warnings.catch_warnings(record=True, action="always") as caught,
        working(f"reading the log and computing {what}", quiet=quiet),
    ):
        yield
    for warning in caught:
        print_prose(f"scoring-theory: {warning.message}", indent=2, stream=sys.stderr)


def write_report(
    options: argparse.Namespace,
    rollouts: Rollouts,
    result: Replay,
    *,
    markdown: Callable[[], str],
    html: Callable[[Sequence[Illustration]], str],
) -> None:
    """Write the files of `add_report` that were asked for.

    Args:
        options: of the command.
        rollouts: the log.
        result: its replay, which the figures show.
        markdown: makes the report as Markdown.
        html: makes the page from its figures.
    """
    if options.markdown:
        paths.write_text(options.markdown, markdown(), quiet=options.quiet)
    if options.html:
        from scoring_theory.plotting.replay_page import drawings

        paths.write_text(options.html, html(drawings(rollouts, result)), quiet=options.quiet)
    if options.figure:
        paths.save_figure(figure_of(rollouts, result), options.figure, quiet=options.quiet)


def columns(texts: Sequence[str]) -> dict[str, str]:
    """The names of columns by role, from texts such as `confidence=stated_prob`.

    Raises:
        UsageError: a text does not have the form ROLE=NAME, or a role is given twice.

    Example:
        >>> columns(["confidence=stated_prob", "method=model"])
        {'confidence': 'stated_prob', 'method': 'model'}
    """
    names: dict[str, str] = {}
    for text in texts:
        role, equals, name = text.partition("=")
        if not (role and equals and name):
            raise UsageError(
                f"--column takes ROLE=NAME, such as confidence=stated_prob, got {text!r}"
            )
        _add(names, role, name)
    return names


def _add(names: dict[str, str], role: str, name: str) -> None:
    if role in names:
        raise UsageError(f"the column of {role!r} is given twice")
    names[role] = name


def print_over_time(result: Replay) -> None:
    """Print the table over time, if the log has steps."""
    from scoring_theory.cli.terminal import paint, print_table
    from scoring_theory.replaying.sections import steps_table

    if result.over_time:
        print(f"\n{paint('Over time', 'head')}\n")
        head, rows, numbers = steps_table(result, most=_SHOWN_STEPS)
        print_table(head, rows, numbers=numbers)


def figure_of(rollouts: Rollouts, result: Replay) -> Drawn:
    """The course over time if the log has steps; otherwise the reliability diagrams."""
    from scoring_theory.plotting import (
        Drawn,
        reliability_columns,
        reliability_grid,
        reliability_of_log,
    )

    if result.over_time:
        from scoring_theory.plotting.over_time_plots import course

        return course(result)
    curves, notes = reliability_of_log(rollouts, bins=result.bins, closed=result.closed)
    return Drawn(reliability_grid(curves, notes=notes), reliability_columns(curves))


def read_log(options: argparse.Namespace, missing: float | Literal["refuse"] | None) -> Rollouts:
    """The log that the options name; the synthetic example if they name none.

    Raises:
        UsageError: an option says how to read a log, and there is none; or standard input is read
            beside other files.
    """
    from scoring_theory.rollouts import example_rollouts, read_rollouts
    from scoring_theory.rollouts.columns import NoConfidenceError

    if not options.file:
        for name in _HOW_TO_READ:
            if getattr(options, name.replace("-", "_")) not in (None, []):
                raise UsageError(f"--{name} needs FILE: it says how to read it")
        return example_rollouts()
    if len(options.file) > 1 and any(each.standard for each in options.file):
        raise UsageError("standard input cannot be read beside other files")
    named = columns(options.column)
    logged = getattr(options, "logged", None)  # which `replay` alone compares
    for role, column in (("weight", options.weight), ("step", options.by), ("reward", logged)):
        if column is not None:
            _add(named, role, column)
    [*files] = (each.name for each in options.file)
    standard = options.file[0].standard
    source = paths.standard_input() if standard else files[0] if len(files) == 1 else files

    def read(payoff: float | Literal["refuse"] | None) -> Rollouts:
        return read_rollouts(
            source,
            file_format=options.format,
            columns=named,
            scale=options.scale,
            missing=payoff,
            graded=options.graded,
            text=options.text,
            truth=options.truth,
            reader=options.reader,
            checker=options.checker,
            truth_key=options.truth_key,
            paid=None if options.paid is None else inputs.named_or_typed(options.paid),
        )

    try:
        return read(missing)
    except NoConfidenceError:
        if not standard:
            _explain_percentages(read)
        raise


def _explain_percentages(read: Callable[[None], Rollouts]) -> None:
    """Where no cell is a confidence because all are texts such as `90%`, say so.

    Raises:
        RolloutError: the first confidence has a percent sign.
    """
    from scoring_theory.rollouts import RolloutError

    try:
        read(None)
    except RolloutError as error:
        if "percentages need" in str(error):
            raise error from None
