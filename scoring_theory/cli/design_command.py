"""`scoring-theory design`: say where confidence will be used, get a reward with its proof."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import UsageError

if TYPE_CHECKING:
    from scoring_theory.designing import Design
    from scoring_theory.thresholds import ThresholdDistribution

DESCRIPTION = """\
A safe reward is a mixture of bets (c - t)*(q > t): act if confidence is above t, and be paid 1 - t
or -t. So designing one is saying where confidence will be used: at which thresholds it will gate
something. The range of the reward is spent on them, on an accuracy margin (what one more unit of
success probability pays at least), and on a curvature (a least pull at every confidence)."""
EXAMPLES = """\
examples:
  scoring-theory design --threshold 0.6 --threshold 0.9 --margin 0.1 --range 1
  scoring-theory design --threshold 0.6=2 --threshold 0.9=1 --curvature 0.2     shares 2 : 1
  scoring-theory design --beta 8,3 --margin 1/5                                 thresholds around 0.7
  scoring-theory design --uniform 0.5,1                                         all above one half
  scoring-theory design --threshold 0.6 --figure out/design                     PDF, PNG and CSV

Numbers are decimals or fractions. Any other distribution of scipy.stats: scoring_theory.designing.design.
exit code: 0 designed and proved, 2 bad input, or a request that no reward can meet."""


def add_arguments(
    parser: argparse.ArgumentParser, *, figure: Callable[[str], paths.Target] = paths.figure
) -> None:
    """Declare the arguments of the subcommand."""
    repeated: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument(
        "--threshold", metavar="T[=SHARE]", help="a decision threshold; may be repeated", **repeated
    )
    parser.add_argument(
        "--beta", metavar="A,B[=SHARE]", help="thresholds spread as Beta(A, B)", **repeated
    )
    parser.add_argument(
        "--uniform", metavar="LOW,HIGH[=SHARE]", help="thresholds spread evenly", **repeated
    )
    parser.add_argument("--margin", default="0", metavar="M", help="the accuracy margin (0)")
    parser.add_argument(
        "--curvature", default="0", metavar="W", help="the least threshold density everywhere (0)"
    )
    parser.add_argument(
        "--range", default="1", metavar="R", help="largest minus smallest payoff (1)"
    )
    parser.add_argument("--name", default="designed", help="what figures call it")
    parser.add_argument(
        "--certificate", metavar="FILE", type=paths.target, help="write the proof, as JSON"
    )
    parser.add_argument("--figure", metavar="PATH", type=figure, help="draw it: PDF, PNG and CSV")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    paths.add_writing(parser)


def run(options: argparse.Namespace) -> int:
    """Design, prove, and say what was bought."""
    from scoring_theory.cli.terminal import print_json, working

    with working("designing a reward and proving it safe", quiet=options.quiet):
        made = designed(options)
    if options.json:
        print_json(to_json(made))
    else:
        print_design(made)
    write(made, options)
    return 0


def designed(options: argparse.Namespace) -> Design:
    """The reward that the options ask for, designed and proved.

    Raises:
        UsageError: nothing is asked for, or a number cannot be read.
    """
    from scoring_theory.designing import design

    if (
        not (options.threshold or options.beta or options.uniform)
        and options.margin == options.curvature == "0"
    ):
        raise UsageError(
            "say where confidence will be used: --threshold, --beta or --uniform; or ask for a"
            " --margin"
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
        (at,), share = numbers_of(
            text, 1, "a threshold is a number or a number and its share, such as 0.6 or 0.6=2"
        )
        atoms[at] = atoms.get(at, Fraction(0)) + share
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
        UsageError: the text is something else; the message is `wanted`.
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
    """What the design is, with a row for each of its numbers."""
    from scoring_theory.cli.terminal import print_report

    low, high = made.report.range or ("?", "?")
    pull = made.thresholds.total - made.thresholds.margin
    rows = [
        ("proper", f"{made.report.proper.status}{_ties(made)}"),
        (
            "jointly optimal",
            f"{made.report.jointly_optimal.status}: {made.report.jointly_optimal.reason}",
        ),
        ("payoffs", f"from {low} to {high}, range {made.thresholds.total}"),
        ("accuracy margin", f"{made.thresholds.margin}  (what one more unit of p pays at least)"),
        (
            "calibration pull",
            (
                f"{pull}  (the rest of the range: a lie of size d costs {pull / 2} d^2, averaged"
                " over p)"
            ),
        ),
        ("curvature", f"at least {made.thresholds.curvature} at every threshold"),
    ]
    if not made.exact:
        off = f"the mass below any threshold is off by at most {made.distribution_error:.2g}"
        rows.append(("approximated", f"by even stretches; {off}"))
    print_report("\n".join([made.text, "", *(f"  {label:<18} {text}" for label, text in rows)]))


def _ties(made: Design) -> str:
    if made.report.strict:
        return ", strictly: every other report earns less than the truth"
    return (
        ", with ties: confidences with no threshold between them earn the same; --curvature breaks"
        " them"
    )


def to_json(made: Design) -> dict[str, object]:
    """The design as plain data."""
    curve = made.trade_off()
    return {
        "schema": 1,
        "formula": made.text,
        "range": str(made.thresholds.total),
        "accuracy_margin": str(made.thresholds.margin),
        "curvature": str(made.thresholds.curvature),
        "distribution_error": made.distribution_error,
        "trade_off": {"margin": curve.margin.tolist(), "pull": curve.pull.tolist()},
        "check": made.report.to_json(allow_weak=True),
    }


def write(made: Design, options: argparse.Namespace) -> None:
    """The certificate and the figure of a design, as far as they are asked for."""
    if options.certificate:
        paths.write_text(
            options.certificate, inputs.certificate_of(made.report), quiet=options.quiet
        )
    if options.figure:
        from scoring_theory.plotting import Drawn, design_columns, design_figure

        drawn = Drawn(design_figure(made), design_columns(made))
        paths.save_figure(drawn, options.figure, quiet=options.quiet)
