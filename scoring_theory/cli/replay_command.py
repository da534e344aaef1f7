"""`scoring-theory replay`: evaluate recorded rollouts under any set of rewards."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition, UsageError, bare, formula, number_of

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn
    from scoring_theory.replaying import Cell, Replay
    from scoring_theory.reward import Reward
    from scoring_theory.rollouts import Rollouts

_FORMATS = ("csv", "tsv", "jsonl", "ndjson", "parquet", "arrow", "feather")
DEFAULT_REWARDS = ("binary", "rlcr")
DEFAULT_GRADED = ("binary", "2*c*q - q^2")
"""The second is RLCR for outcomes of 0 and 1, and affine in the score."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "file",
        nargs="?",
        type=paths.source,
        metavar="FILE",
        help="the log, or - for standard input; without FILE, a synthetic example",
    )
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        help="format of FILE; by default from its suffix or, for -, from its first bytes",
    )
    add_rewards(parser, DEFAULT_REWARDS)
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help="the name of a column in FILE, such as confidence=stated_prob; may be repeated",
    )
    parser.add_argument(
        "--scale",
        choices=("unit", "percent"),
        help="range of the confidences: 0 to 1 (unit) or 0 to 100 (percent)",
    )
    parser.add_argument(
        "--missing",
        type=_payoff,
        metavar="PAYOFF|refuse",
        help=(
            "reward of an answer without a readable confidence, under every reward; or reject such"
            " a log (refuse)"
        ),
    )
    parser.add_argument(
        "--graded",
        action="store_true",
        help="correct holds scores in [0, 1], such as partial credit",
    )
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
        help="plot reliability diagrams: PATH.pdf, PATH.png, PATH.csv",
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


def add_rewards(parser: argparse.ArgumentParser, default: Sequence[str]) -> None:
    """Declare `--reward`, which may be repeated.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_rewards(parser, ["binary"])
        >>> parser.parse_args(["--reward", "rlcr"]).reward
        ['rlcr']
    """
    parser.add_argument(
        "--reward",
        action="append",
        default=[],
        type=formula,
        metavar="NAME_OR_FORMULA",
        help=(
            "a name that `scoring-theory rules` lists, or a formula; may be repeated"
            f" ({', '.join(default)})"
        ),
    )


def _run(options: argparse.Namespace) -> int:
    """Read the log, evaluate it, print the result, and write the files that were asked for."""
    from scoring_theory.cli.terminal import print_json, working
    from scoring_theory.replaying import replay

    with working("reading the log and computing bootstrap intervals", quiet=options.quiet):
        rollouts = _rollouts(options)
        chosen = rewards(options.reward, DEFAULT_GRADED if options.graded else DEFAULT_REWARDS)
        result = replay(
            rollouts,
            chosen,
            intervals=not options.no_intervals,
            seed=int(options.seed),
            graded=options.graded,
        )
    if options.json:
        print_json(result.to_json())
    else:
        print_replay(result)
    _write(rollouts, result, options)
    return 0


def _write(rollouts: Rollouts, result: Replay, options: argparse.Namespace) -> None:
    from scoring_theory.replaying import html, markdown

    if options.markdown:
        paths.write_text(options.markdown, markdown(result), quiet=options.quiet)
    if options.html:
        from scoring_theory.plotting.replay_page import drawings

        paths.write_text(
            options.html, html(result, drawings(rollouts, result)), quiet=options.quiet
        )
    if options.figure:
        paths.save_figure(diagrams(rollouts), options.figure, quiet=options.quiet)


def _payoff(text: str) -> float | None:
    """A number, or None for `refuse`."""
    if text.strip() == inputs.REFUSE:
        return None
    try:
        return inputs.payoff_value(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a number, such as -1 or 1/2, or refuse, got {bare(text)!r}"
        ) from None


def rewards(texts: Sequence[str], default: Sequence[str]) -> dict[str, Reward]:
    """The rewards of `--reward` by their text on the command line; `default` if there are none.

    Raises:
        UsageError: a reward is given twice, or it has a parameter without a value.

    Example:
        >>> [reward.text for reward in rewards(["rlcr", "c - abs(q - c)"], ["binary"]).values()]
        ['c - (q - c)^2', 'c - abs(q - c)']
    """
    chosen: dict[str, Reward] = {}
    for text in texts or default:
        if text in chosen:
            raise UsageError(f"the reward {text!r} is given twice")
        chosen[text] = inputs.named_or_typed(text)
        if free := ", ".join(chosen[text].free_parameters):
            raise UsageError(
                f"the reward {text!r} needs a value for {free}; write it as a formula with numbers"
            )
    return chosen


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
        if role in names:
            raise UsageError(f"the column of {role!r} is given twice")
        names[role] = name
    return names


def print_replay(result: Replay) -> None:
    """Print accuracy, calibration and mean rewards of each method, and the findings."""
    from scoring_theory.cli.terminal import paint, print_list, print_prose, print_table
    from scoring_theory.replaying import story, warnings
    from scoring_theory.replaying.story import with_ends

    names, where = list(result.cells[0].rewards), ["method"]
    if any(cell.dataset for cell in result.cells):
        where.append("dataset")
    missing = any(cell.missing for cell in result.cells)
    head = [
        *where,
        "n",
        "accuracy",
        "confidence",
        "Brier",
        "ECE",
        *([] if result.graded else ["AUROC"]),
        *(["accuracy of all"] if missing else []),
    ]
    print_prose(paint(f"Replay of {result.source}", "head"))
    print()
    measured = [
        _place(cell, where) + _measured(cell, missing, graded=result.graded)
        for cell in result.cells
    ]
    print_table(head, measured, numbers=head[len(where) :])
    print()
    print_prose(f"{paint('Mean reward', 'head')}{_how(result)}")
    print()
    means = [
        _place(cell, where) + [with_ends(interval) for interval in cell.rewards.values()]
        for cell in result.cells
    ]
    print_table([*where, *names], means, numbers=names)
    print(f"\n{paint('In words', 'head')}\n")
    print_list([*story(result), *warnings(result)])


def diagrams(rollouts: Rollouts) -> Drawn:
    """The reliability diagrams of a log, one column per method, one row per dataset."""
    import numpy as np

    from scoring_theory.calibration import expected_calibration_error, reliability_curve
    from scoring_theory.plotting import Drawn, reliability_columns, reliability_grid

    curves, notes = {}, {}
    for method in rollouts.methods:
        for dataset in rollouts.datasets or (None,):
            if dataset is not None and not rollouts.has(method=method, dataset=dataset):
                continue
            cell, forecasts = (
                (method, dataset or ""),
                rollouts.forecasts(method=method, dataset=dataset),
            )
            curves[cell] = reliability_curve(forecasts, bins=10, rng=np.random.default_rng(0))
            notes[cell] = f"ECE {expected_calibration_error(forecasts, bins=10):.3f}"
    return Drawn(reliability_grid(curves, notes=notes), reliability_columns(curves))


def _rollouts(options: argparse.Namespace) -> Rollouts:
    from scoring_theory.rollouts import example_rollouts, read_rollouts

    if options.file is None:
        if unused := [
            name
            for name in ("column", "scale", "missing", "format")
            if getattr(options, name) not in (None, [])
        ]:
            raise UsageError(f"--{unused[0]} needs FILE: it says how to read it")
        return example_rollouts()
    return read_rollouts(
        sys.stdin.buffer if options.file.standard else options.file.name,
        file_format=options.format,
        columns=columns(options.column),
        scale=options.scale,
        missing=options.missing,
        graded=options.graded,
    )


def _how(result: Replay) -> str:
    if result.level is None:
        return ""
    over = "questions" if result.clustered else "answers"
    return f" [{result.level:.0%} bootstrap interval over {over}, seed {result.seed}]"


def _place(cell: Cell, where: Sequence[str]) -> list[str]:
    return [cell.method, "(all)" if cell.dataset is None else cell.dataset][: len(where)]


def _measured(cell: Cell, missing: bool, *, graded: bool) -> list[str]:
    from scoring_theory.replaying.story import shown

    metrics = [cell.accuracy, cell.mean_confidence, cell.brier, cell.ece]
    metrics += [] if graded else [cell.auroc]
    return [str(cell.n), *map(shown, metrics), *([shown(cell.accuracy_of_all)] if missing else [])]


REPLAY_COMMAND = CommandDefinition(
    description="""\
Compute the rewards that recorded answers would have received under any set of rewards, and measure
accuracy and calibration.

FILE is CSV, TSV, JSON Lines (also .gz), Parquet or Arrow with one row per answer. The columns
confidence (in [0, 1]) and correct (0 or 1, or a score in [0, 1] with --graded) are required;
method, dataset, question and answer are optional. No row is dropped, filled or clipped: percentages
need --scale percent, and missing confidences need --missing. ECE uses ten bins of equal width,
closed on the left; the last bin contains 1. Intervals are 95 % bootstrap intervals; if the log has
questions, whole questions are resampled. `replay -` reads standard input. Without FILE, a synthetic
example is used.""",
    examples="""\
examples:
  scoring-theory replay rollouts.csv
  scoring-theory replay rollouts.jsonl --reward rlcr --reward "c - abs(q - c)"
  scoring-theory replay rollouts.parquet --column confidence=stated_prob --column method=model
  scoring-theory replay rollouts.csv --figure out/reliability          .pdf, .png and .csv
  scoring-theory replay rollouts.csv --html out/replay.html            the whole report as one page
  scoring-theory replay rollouts.csv --scale percent --missing -1      0 to 100; missing: -1
  scoring-theory replay rollouts.csv --graded                          partial credit
  scoring-theory replay rollouts.csv --json
  gunzip --stdout rollouts.csv.gz | scoring-theory replay -""",
    exit_codes={0: "the log is evaluated"},
    add_arguments=_add_arguments,
    run=_run,
)
