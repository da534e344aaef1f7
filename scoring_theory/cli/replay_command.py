"""`scoring-theory replay`: evaluate recorded rollouts under any set of rewards."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scoring_theory.cli import inputs
from scoring_theory.cli.log_options import (
    LOG_HELP,
    add_log,
    add_report,
    measuring,
    print_over_time,
    read_log,
    write_report,
)
from scoring_theory.cli.parser import CommandDefinition, UsageError, bare, formula

if TYPE_CHECKING:
    from scoring_theory.replaying import Cell, Replay
    from scoring_theory.reward import Reward

DEFAULT_REWARDS = ("binary", "rlcr")
DEFAULT_GRADED = ("binary", "2*c*q - q^2")
"""The second is RLCR for outcomes of 0 and 1, and affine in the score."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    add_log(parser, example=True)
    add_rewards(parser, DEFAULT_REWARDS)
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
        "--logged",
        metavar="COLUMN",
        help="the reward that was logged, to be compared; recognised logs name it",
    )
    add_report(parser)


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
    from scoring_theory.cli.terminal import print_json
    from scoring_theory.replaying import html, markdown, replay

    with measuring("bootstrap intervals", quiet=options.quiet):
        rollouts = read_log(options, options.missing)
        chosen = rewards(options.reward, DEFAULT_GRADED if options.graded else DEFAULT_REWARDS)
        result = replay(
            rollouts,
            chosen,
            intervals=not options.no_intervals,
            seed=int(options.seed),
            graded=options.graded,
            bins=int(options.bins),
            closed=options.closed,
        )
    if options.json:
        print_json(result.to_json())
    else:
        print_replay(result)
    write_report(
        options,
        rollouts,
        result,
        markdown=lambda: markdown(result),
        html=lambda figures: html(result, figures),
    )
    return 0


def _payoff(text: str) -> float | str:
    """A number, or `refuse`."""
    if text.strip() == inputs.REFUSE:
        return inputs.REFUSE
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
        try:
            chosen[text] = inputs.named_or_typed(text)
        except UsageError as error:
            if text not in ("brier", "log"):
                raise
            raise UsageError(
                f"{error}; to compare forecasters of the same events in it, `scoring-theory"
                " calibrate` has the paired differences"
            ) from None
        if free := ", ".join(chosen[text].free_parameters):
            raise UsageError(
                f"the reward {text!r} needs a value for {free}; write it as a formula with numbers"
            )
    return chosen


def print_replay(result: Replay) -> None:
    """Print accuracy, calibration and mean rewards of each method, and the findings."""
    from scoring_theory.cli.terminal import paint, print_list, print_prose, print_table
    from scoring_theory.replaying import story
    from scoring_theory.replaying import warnings as cautions
    from scoring_theory.replaying.sections import gaps_table
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
    if result.reading:
        print_prose(result.reading)
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
    if len(result.methods) > 1:
        gaps, rows = gaps_table(result)
        over = ", over all rows" if len(where) > 1 else ""
        print()
        print_prose(f"{paint('Best method minus each', 'head')}{over}{_how(result)}")
        print()
        print_table(gaps, rows, numbers=gaps[1:])
    print_over_time(result)
    print(f"\n{paint('In words', 'head')}\n")
    print_list([*story(result), *cautions(result)])


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
    description=f"""\
Compute the rewards that recorded answers would have received under any set of rewards, and measure
accuracy and calibration.

{LOG_HELP} Missing confidences need --missing,
except in a recognised log, where they are paid -1. A logged reward is compared with each formula.
ECE uses ten bins of equal width, closed on the left; the last bin contains 1 (--bins, --closed).
Intervals are 95 % bootstrap intervals; if the log has questions, whole questions are resampled.
`replay -` reads standard input. Without FILE, a synthetic example is used.""",
    examples="""\
examples:
  scoring-theory replay rollouts.csv
  scoring-theory replay rollouts.jsonl --reward rlcr --reward "c - abs(q - c)"
  scoring-theory replay rollouts.parquet --column confidence=stated_prob --column method=model
  scoring-theory replay rollouts.csv --figure out/reliability          .pdf, .png and .csv
  scoring-theory replay rollouts.csv --html out/replay.html            the whole report as one page
  scoring-theory replay rollouts.csv --scale percent --missing -1      0 to 100; missing: -1
  scoring-theory replay out/completions/ --by step                     the log of a training run
  scoring-theory replay log.jsonl --text completion --truth solution --reader percent --missing -1
  scoring-theory replay rollouts.csv --graded                          partial credit
  scoring-theory replay rollouts.csv --json
  gunzip --stdout rollouts.csv.gz | scoring-theory replay -""",
    exit_codes={0: "the log is evaluated"},
    add_arguments=_add_arguments,
    run=_run,
)
