"""`scoring-theory design`: a provably safe reward for given decision thresholds."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition, UsageError

if TYPE_CHECKING:
    from scoring_theory.designing import Design
    from scoring_theory.thresholds import ThresholdDistribution


def add_design_arguments(
    parser: argparse.ArgumentParser, *, figure: Callable[[str], paths.Target] = paths.figure
) -> None:
    """Declare the arguments of the subcommand."""
    repeated: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument(
        "--threshold",
        metavar="T[=SHARE]",
        help="a decision threshold, with its relative weight; may be repeated",
        **repeated,
    )
    parser.add_argument(
        "--beta", metavar="A,B[=SHARE]", help="thresholds distributed as Beta(A, B)", **repeated
    )
    parser.add_argument(
        "--uniform", metavar="LOW,HIGH[=SHARE]", help="thresholds distributed uniformly", **repeated
    )
    parser.add_argument(
        "--margin", default="0", metavar="M", help="accuracy margin: the smallest slope of V(p) (0)"
    )
    parser.add_argument(
        "--curvature",
        default="0",
        metavar="W",
        help="lower bound of the threshold weight on (0, 1) (0)",
    )
    parser.add_argument(
        "--range", default="1", metavar="R", help="largest minus smallest reward (1)"
    )
    parser.add_argument(
        "--name", default="designed", help="name of the reward in figures (designed)"
    )
    paths.add_certificate(parser)
    parser.add_argument(
        "--figure",
        metavar="PATH",
        type=figure,
        help="plot the design: PATH.pdf, PATH.png, PATH.csv",
    )
    paths.add_json(parser)
    paths.add_writing(parser)


def _run(options: argparse.Namespace) -> int:
    """Design a reward, prove that it is safe, and print it."""
    from scoring_theory.cli.terminal import print_json, working

    with working("designing a reward and proving it safe", quiet=options.quiet):
        made = designed(options)
    if options.json:
        print_json(design_json(made))
    else:
        print_design(made)
    write_design(made, options)
    return 0


def designed(options: argparse.Namespace) -> Design:
    """The reward that the options ask for, designed and proved.

    Raises:
        UsageError: neither thresholds nor a margin nor a curvature are given, or a text is not a
            number.
    """
    from scoring_theory.designing import design

    if (
        not (options.threshold or options.beta or options.uniform)
        and options.margin == options.curvature == "0"
    ):
        raise UsageError(
            "give the decision thresholds: --threshold, --beta or --uniform; or give --margin or"
            " --curvature"
        )
    return design(
        thresholds=_thresholds(options),
        margin=options.margin,
        curvature=options.curvature,
        total_range=options.range,
        name=options.name,
    )


def _thresholds(options: argparse.Namespace) -> ThresholdDistribution:
    from scoring_theory.thresholds import BetaPart, Stretch, ThresholdDistribution

    atoms: dict[Fraction, Fraction] = {}
    for text in options.threshold:
        (threshold,), share = numbers_of(
            text, 1, "--threshold takes a number, or a number and its share, such as 0.6 or 0.6=2"
        )
        atoms[threshold] = atoms.get(threshold, Fraction(0)) + share
    betas: list[BetaPart] = []
    stretches: list[Stretch] = []
    for text in options.beta:
        (a, b), share = numbers_of(text, 2, "--beta takes two numbers, such as 2,8 or 2,8=3")
        betas.append(BetaPart(share, a, b))
    for text in options.uniform:
        (low, high), share = numbers_of(
            text, 2, "--uniform takes two numbers, such as 0.5,1 or 0.5,1=3"
        )
        if low == 0 and high == 1:
            betas.append(BetaPart(share, Fraction(1), Fraction(1)))
        else:
            stretches.append(Stretch(share, low, high))
    return ThresholdDistribution(atoms, tuple(betas), tuple(stretches))


def numbers_of(text: str, count: int, wanted: str) -> tuple[list[Fraction], Fraction]:
    """Comma-separated numbers and their share: `0.5,1=3` is ([1/2, 1], 3).

    Raises:
        UsageError: the text has another form; the message begins with `wanted`.

    Example:
        >>> numbers, share = numbers_of("0.5,1=3", 2, "--uniform takes two numbers")
        >>> [str(number) for number in numbers], str(share)
        (['1/2', '1'], '3')
    """
    from proofs.kernel.formula import rational

    values, equals, share = text.partition("=")
    try:
        numbers = [rational(part.strip()) for part in values.split(",")]
        mass = rational(share.strip()) if equals else Fraction(1)
    except ValueError:
        raise UsageError(f"{wanted}; got {text!r}") from None
    if len(numbers) != count:
        raise UsageError(f"{wanted}; got {text!r}")
    return numbers, mass


def print_design(made: Design) -> None:
    """Print the formula of the design and a row for each of its properties."""
    from scoring_theory.cli.terminal import print_report

    low, high = made.report.range or ("?", "?")
    remaining = made.thresholds.total - made.thresholds.margin
    rows = [
        ("proper", f"{made.report.proper.status}{_ties(made)}"),
        (
            "jointly optimal",
            f"{made.report.jointly_optimal.status}: {made.report.jointly_optimal.reason}",
        ),
        ("payoffs", f"from {low} to {high}, range {made.thresholds.total}"),
        ("accuracy margin", f"{made.thresholds.margin}  (the smallest slope of V(p))"),
        (
            "calibration",
            (
                f"{remaining}  (incentive: the remaining range; misreporting by d costs"
                f" {remaining / 2} d^2 on average over p)"
            ),
        ),
        ("learning speed", made.learning_speed_in_words()),
        ("curvature", f"threshold weight at least {made.thresholds.curvature} on (0, 1)"),
    ]
    if not made.exact:
        error = f"the mass below each threshold differs by at most {made.distribution_error:.2g}"
        rows.append(("approximation", f"piecewise uniform; {error}"))
    print_report("\n".join([made.text, "", *(f"  {label:<18} {text}" for label, text in rows)]))


def _ties(made: Design) -> str:
    if made.report.strict:
        return ", strictly: every misreport has a smaller expected reward"
    return (
        ", with ties: confidences between two thresholds are tied; use --curvature to make the"
        " reward strictly proper"
    )


def design_json(made: Design) -> dict[str, object]:
    """The design as a JSON object."""
    from scoring_theory.designing.design import SPEED_SHOWN_AT

    curve = made.trade_off()
    return {
        "schema": 1,
        "formula": made.text,
        "range": str(made.thresholds.total),
        "accuracy_margin": str(made.thresholds.margin),
        "learning_speed": {
            "hard_questions": str(made.thresholds.margin / made.thresholds.total),
            "p": [float(p) for p in SPEED_SHOWN_AT],
            "speed": [float(made.learning_speed(float(p))) for p in SPEED_SHOWN_AT],
        },
        "curvature": str(made.thresholds.curvature),
        "distribution_error": made.distribution_error,
        "trade_off": {"margin": curve.margin.tolist(), "pull": curve.pull.tolist()},
        "check": made.report.to_json(),
    }


def write_design(made: Design, options: argparse.Namespace) -> None:
    """Write the certificate and the figure of a design, if the options name files for them."""
    if options.certificate:
        paths.write_text(
            options.certificate, inputs.certificate_of(made.report), quiet=options.quiet
        )
    if options.figure:
        from scoring_theory.plotting import Drawn, design_columns, design_figure

        drawn = Drawn(design_figure(made), design_columns(made))
        paths.save_figure(drawn, options.figure, quiet=options.quiet)


DESIGN_COMMAND = CommandDefinition(
    description="""\
Design a safe (proper and jointly optimal) reward for the decision thresholds at which confidence
will be used. Every safe reward is a mixture of threshold bets (c - t)*(q > t): act if q > t, and
receive 1 - t for a correct answer and -t for a wrong one. The range of the reward is divided among
the thresholds, the accuracy margin (the smallest slope of the expected score V(p)), and the
curvature (the smallest threshold weight; if it is positive, the reward is strictly proper).""",
    examples="""\
examples:
  scoring-theory design --threshold 0.6 --threshold 0.9 --margin 0.1 --range 1
  scoring-theory design --threshold 0.6=2 --threshold 0.9=1 --curvature 0.2   shares 2 : 1
  scoring-theory design --beta 8,3 --margin 1/5                               thresholds around 0.7
  scoring-theory design --uniform 0.5,1                                       thresholds above 1/2
  scoring-theory design --threshold 0.6 --figure out/design                   PDF, PNG and CSV

Numbers are decimals or fractions. For other distributions of scipy.stats use the Python function
scoring_theory.designing.design.""",
    exit_codes={
        0: "the reward is designed and proved safe",
        2: "invalid input, or no reward meets the request; the message is on stderr",
    },
    add_arguments=add_design_arguments,
    run=_run,
)
