"""`scoring-theory replay`: a recorded log through any set of rewards."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError, bare, formula, number_of

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn
    from scoring_theory.replaying import Cell, Replay
    from scoring_theory.reward import Reward
    from scoring_theory.rollouts import Rollouts

DESCRIPTION = """\
What would the answers of a recorded log have earned under any set of rewards, and how calibrated
were they?

FILE is CSV, TSV, JSON Lines (also .gz), Parquet or Arrow, one row per answer, with the columns
confidence (in [0, 1]) and correct (0 or 1), and where they exist method, dataset, question and
answer. No row is dropped, filled or clipped: percentages and missing confidences are refused until
you say what they are. ECE has ten equal-width bins, closed on the left, 1.0 in the last; intervals
are 95 % bootstrap intervals, over questions where the log has them.
`-` reads standard input. Without FILE, an invented example log is replayed."""
EXAMPLES = """\
examples:
  scoring-theory replay rollouts.csv
  scoring-theory replay rollouts.jsonl --reward rlcr --reward "c - abs(q - c)"
  scoring-theory replay rollouts.parquet --column confidence=stated_prob --column method=model
  scoring-theory replay rollouts.csv --figure out/reliability          .pdf, .png and .csv
  scoring-theory replay rollouts.csv --html out/replay.html            one page with everything
  scoring-theory replay rollouts.csv --scale percent --missing -1      0..100; no confidence earns -1
  scoring-theory replay rollouts.csv --json
  gunzip --stdout rollouts.csv.gz | scoring-theory replay -

exit code: 0, or 2 for a log that cannot be read."""
FORMATS = ("csv", "tsv", "jsonl", "ndjson", "parquet", "arrow", "feather")
DEFAULT_REWARDS = ("binary", "rlcr")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "file",
        nargs="?",
        type=paths.source,
        metavar="FILE",
        help="the log; without it, an invented example",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="of FILE; without it, that of its suffix, or of the first bytes of `-`",
    )
    add_rewards(parser, DEFAULT_REWARDS)
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help="the name that a column has in the file, confidence=stated_prob; may be repeated",
    )
    parser.add_argument(
        "--scale",
        choices=("unit", "percent"),
        help="what confidences are stated in: 0 to 1 (unit), or 0 to 100",
    )
    parser.add_argument(
        "--missing",
        type=_payoff,
        metavar="PAYOFF|refuse",
        help=(
            "what an answer without a readable confidence earns, under every reward; or refuse the"
            " log (refuse)"
        ),
    )
    parser.add_argument("--no-intervals", action="store_true", help="means only, which is faster")
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="root of all randomness (0)"
    )
    parser.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="draw a reliability diagram: PATH.pdf, PATH.png, PATH.csv",
    )
    parser.add_argument(
        "--markdown", metavar="FILE", type=paths.target, help="write the whole report as Markdown"
    )
    parser.add_argument(
        "--html",
        metavar="FILE",
        type=paths.target,
        help="write the whole report, with figures, as one HTML page",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    paths.add_writing(parser)


def add_rewards(parser: argparse.ArgumentParser, default: Sequence[str]) -> None:
    """`--reward`, which may be repeated."""
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


def run(options: argparse.Namespace) -> int:
    """Read, replay, print, draw."""
    from scoring_theory.cli.terminal import print_json, working
    from scoring_theory.replaying import replay

    with working("reading the log and resampling its answers", quiet=options.quiet):
        rollouts = _rollouts(options)
        paid = rewards(options.reward, DEFAULT_REWARDS)
        result = replay(rollouts, paid, intervals=not options.no_intervals, seed=int(options.seed))
    if options.json:
        print_json(result.to_json())
    else:
        print_replay(result)
    _write(rollouts, result, options)
    return 0


def _write(rollouts: Rollouts, result: Replay, options: argparse.Namespace) -> None:
    from scoring_theory.plotting.replay_page import drawings
    from scoring_theory.replaying import html, markdown

    if options.markdown:
        paths.write_text(options.markdown, markdown(result), quiet=options.quiet)
    if options.html:
        paths.write_text(
            options.html, html(result, drawings(rollouts, result)), quiet=options.quiet
        )
    if options.figure:
        paths.save_figure(diagrams(rollouts), options.figure, quiet=options.quiet)


def _payoff(text: str) -> float | None:
    """`refuse`, or a number."""
    if text.strip() == inputs.REFUSE:
        return None
    try:
        return inputs.payoff(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a payoff, such as -1 or 1/2, or refuse, got {bare(text)!r}"
        ) from None


def rewards(texts: Sequence[str], default: Sequence[str]) -> dict[str, Reward]:
    """Rewards by what they were called on the command line.

    Raises:
        UsageError: one of them twice, or a parameter without a value.
    """
    found: dict[str, Reward] = {}
    for text in texts or default:
        if text in found:
            raise UsageError(f"the reward {text!r} is given twice")
        found[text] = inputs.named_or_typed(text)
        if free := ", ".join(found[text].free_parameters):
            raise UsageError(
                f"the reward {text!r} needs a value for {free}; write it as a formula with numbers"
            )
    return found


def columns(texts: Sequence[str]) -> dict[str, str]:
    """`confidence=stated_prob` and the like.

    Raises:
        UsageError: no equals sign, or a role twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        role, equals, name = text.partition("=")
        if not (role and equals and name):
            raise UsageError(
                f"--column takes ROLE=NAME, such as confidence=stated_prob, got {text!r}"
            )
        if role in found:
            raise UsageError(f"the column of {role!r} is given twice")
        found[role] = name
    return found


def print_replay(result: Replay) -> None:
    """How right and how calibrated each method was, what each reward would have paid it, and what follows, in words."""
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
        "AUROC",
        *(["accuracy of all"] if missing else []),
    ]
    print_prose(paint(f"Replay of {result.source}", "head"))
    print()
    measured = [_place(cell, where) + _measured(cell, missing) for cell in result.cells]
    print_table(head, measured, numbers=head[len(where) :])
    print()
    print_prose(f"{paint('Mean reward', 'head')}{_how(result)}")
    print()
    paid = [
        _place(cell, where) + [with_ends(one) for one in cell.rewards.values()]
        for cell in result.cells
    ]
    print_table([*where, *names], paid, numbers=names)
    print(f"\n{paint('In words', 'head')}\n")
    print_list([*story(result), *warnings(result)])


def diagrams(rollouts: Rollouts) -> Drawn:
    """The reliability diagrams of a log, a column per method, a row per dataset, its ECE above each; and their data."""
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
            raise UsageError(f"--{unused[0]} says how to read a FILE, and none is given")
        return example_rollouts()
    return read_rollouts(
        sys.stdin.buffer if options.file.standard else options.file.name,
        file_format=options.format,
        columns=columns(options.column),
        scale=options.scale,
        missing=options.missing,
    )


def _how(result: Replay) -> str:
    if result.level is None:
        return ""
    over = "questions" if result.clustered else "answers"
    return f" [{result.level:.0%} bootstrap interval over {over}, seed {result.seed}]"


def _place(cell: Cell, where: Sequence[str]) -> list[str]:
    return [cell.method, "(all)" if cell.dataset is None else cell.dataset][: len(where)]


def _measured(cell: Cell, missing: bool) -> list[str]:
    from scoring_theory.replaying.story import shown

    metrics = (cell.accuracy, cell.mean_confidence, cell.brier, cell.ece, cell.auroc)
    return [str(cell.n), *map(shown, metrics), *([shown(cell.accuracy_of_all)] if missing else [])]
