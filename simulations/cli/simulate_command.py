"""`scoring-theory simulate`: what training with a reward does to accuracy and calibration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import paths
from scoring_theory.cli.parser import number_of
from simulations.cli import experiment_options, mechanism_options

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn
    from simulations.experiment import Experiment
    from simulations.record import Record

DESCRIPTION = """\
Train small agents by policy gradient with one or more rewards, many times, and measure them
exactly: accuracy, stated confidence, calibration, and how often they are sure and wrong, in the
world of training (in) and in a harder one (out).

Under a reward that ignores confidence, the expected gradient on a free confidence is exactly 0,
and an honest one leads it to the truth. So whatever else happens needs a mechanism. Each of the
five is one command, vanishes with one more flag, --without, and prints its effect beside the exact
value:
  --mechanism coupling    confidence reads the policy's own answer probability, which training sharpens
  --mechanism noise       single runs wander from their prior, however right they are on average
  --mechanism estimator   division by the group's standard deviation, where one event decides a group
  --mechanism proxy       the verifier pays wrong answers; confidence is honest about the verifier
  --mechanism shift       confidence learned in one world is read in a harder one that looks the same
With --figure PATH both sides are run and drawn next to each other."""
EXAMPLES = """\
examples:
  scoring-theory simulate --mechanism coupling              drift, and its exact size
  scoring-theory simulate --mechanism coupling --without    gone
  scoring-theory simulate --mechanism coupling --figure out/coupling
  scoring-theory simulate --mechanism all --figure out/mechanisms

  scoring-theory simulate --short                           five rewards, a first look, in seconds
  scoring-theory simulate --agent tabular --reward binary --reward rlcr
  scoring-theory simulate --reward "c - 0.5*(q - c)**2" --reward "c + spherical" --replicates 16
  scoring-theory simulate --reward binary --no-coupling     confidence stays where it was
  scoring-theory simulate --agent tabular --reward rlcr --preset trl_default
  scoring-theory simulate --agent tabular --reward rlcr --kl 0.1 --drift 1
  scoring-theory simulate --agent tabular --reward rlcr --false-positive 0.2
  scoring-theory simulate --agent tabular --solve-rates rates.csv
  scoring-theory simulate --figure out/training --json > training.json"""
METRICS = (
    "accuracy",
    "mean_confidence",
    "ece",
    "brier",
    "auroc",
    "confident_and_wrong",
    "answer_entropy",
)
HEAD = ("accuracy", "confidence", "ECE", "Brier", "AUROC", "sure+wrong", "entropy")
OUTSIDE = ("accuracy", "ece", "confident_and_wrong")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    mechanism_options.add_arguments(parser)
    parser.add_argument("--short", action="store_true", help="few runs and steps, for a first look")
    parser.add_argument(
        "--replicates", type=number_of(int, 1), metavar="N", help="number of independent runs"
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="root of all randomness (0)"
    )
    parser.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="draw the curves: PATH.pdf, PATH.png, PATH.csv",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    paths.add_writing(parser)
    experiment_options.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Build the experiments, run them, print and draw."""
    mechanism_options.refuse_other_options(options, experiment_options.OF_EXPERIMENTS)
    if options.mechanism is not None:
        return _run_mechanisms(options)
    todo = experiment_options.experiments(options)
    for one in todo:
        one.payoffs()  # a reward that cannot be trained with is the user's to know before any work begins
    records = run_all(todo, quiet=options.quiet)
    if options.json:
        from scoring_theory.cli.terminal import print_json

        print_json({"schema": 1, "records": [record_json(record) for record in records]})
    else:
        print_records(records)
    if options.figure:
        paths.save_figure(curves(records), options.figure, quiet=options.quiet)
    return 0


def _run_mechanisms(options: argparse.Namespace) -> int:
    found = mechanism_options.trials(options, lambda todo: run_all(todo, quiet=options.quiet))
    if options.json:
        from scoring_theory.cli.terminal import print_json

        shown = [mechanism_options.to_json(trial, record_json(trial.record)) for trial in found]
        print_json({"schema": 1, "mechanisms": shown})
    else:
        mechanism_options.print_trials(found)
    if options.figure:
        paths.save_figure(mechanism_options.drawing(found), options.figure, quiet=options.quiet)
    return 0


def standard(*, short: bool) -> tuple[Experiment, ...]:
    """The five standard rewards with both agents."""
    from simulations.standard import standard_experiments

    return standard_experiments("short" if short else "full")


def run_all(todo: Sequence[Experiment], *, quiet: bool = False) -> tuple[Record, ...]:
    """Run experiments side by side, with a bar, the rate and the time left on a terminal."""
    from simulations.sweep import SweepError, bar, sweep

    with bar() if sys.stderr.isatty() and not quiet else nullcontext() as watch:
        try:
            return tuple(sweep(todo, watch=watch))
        except SweepError as error:
            fault = next(iter(error.failed.values()), error)
            raise (
                fault if isinstance(fault, ValueError) else error
            ) from None  # a ValueError is the user's


def record_json(record: Record) -> dict[str, Any]:
    """Description, checkpoints, and the mean and standard deviation over runs of every metric at each of them."""
    sides = {"in": record.inside, "out": record.outside}
    measured = {
        side: {name: _over_runs(values) for name, values in found.items()}
        for side, found in sides.items()
    }
    return {
        "name": record.name,
        "agent": record.agent,
        "description": dict(record.description),
        "metadata": dict(record.metadata),
        "digest": record.digest,
        "steps": record.steps.tolist(),
        **measured,
    }


def print_records(records: Sequence[Record]) -> None:
    """A table: where training started, and where each reward led."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table

    first = records[0]
    runs = first.metric("accuracy").shape[0]
    many = "one run" if runs == 1 else f"mean of {runs} runs"
    print_prose(paint(f"The {first.agent} agent after {first.steps[-1]} steps, {many}", "head"))
    print()
    head = ["reward", *HEAD, *(f"{name} out" for name in ("accuracy", "ECE", "sure+wrong"))]
    rows = [_row("(start)", first, 0), *(_row(record.name, record, -1) for record in records)]
    print_table(head, rows, numbers=head[1:])
    if first.description["world"].get("view") == "paid":
        print_prose(
            "Columns without `out`: as the verifier of the world of training pays, right or not;"
            " with it: the truth."
        )
    for record in records:
        for place, value in record.description["replaced_minus_infinity"].items():
            print_prose(f"{record.name}: {value:.4g} stands for the payoff of -inf when {place}")


def curves(records: Sequence[Record]) -> Drawn:
    """The training curves of one agent, with their data."""
    from simulations.figures import drift_figure

    return drift_figure(records)


def _row(name: str, record: Record, when: int) -> list[str]:
    def shown(metric: str, side: str) -> str:
        values = (record.inside if side == "in" else record.outside)[metric][:, when]
        mean = float(values.mean())
        return "-" if mean != mean else f"{mean:.3f}"

    return [
        name,
        *(shown(metric, "in") for metric in METRICS),
        *(shown(metric, "out") for metric in OUTSIDE),
    ]


def _over_runs(values: Any) -> dict[str, list[float | None]]:
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else values.std(axis=0)
    return {
        name: [None if x != x else x for x in column.tolist()]
        for name, column in (("mean", values.mean(axis=0)), ("sd", spread))
    }
