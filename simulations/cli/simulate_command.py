"""`scoring-theory simulate`: the effect of training with a reward on accuracy and calibration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition, number_of
from simulations.cli import experiment_options, mechanism_options

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn
    from simulations.experiment import Experiment
    from simulations.record import Record

SHOWN_METRICS = (
    "accuracy",
    "mean_confidence",
    "ece",
    "brier",
    "auroc",
    "confident_and_wrong",
    "answer_entropy",
)
HEAD = ("accuracy", "confidence", "ECE", "Brier", "AUROC", "confidently wrong", "entropy")
OUTSIDE = ("accuracy", "ece", "confident_and_wrong")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    mechanism_options.add_mechanism_arguments(parser)
    parser.add_argument(
        "--short", action="store_true", help="few runs and steps, for a quick preview"
    )
    parser.add_argument(
        "--replicates", type=number_of(int, 1), metavar="N", help="number of independent runs"
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="random seed (0)"
    )
    parser.add_argument(
        "--figure",
        metavar="PATH",
        type=paths.figure,
        help="plot the training curves: PATH.pdf, PATH.png, PATH.csv",
    )
    paths.add_json(parser)
    paths.add_writing(parser)
    experiment_options.add_experiment_arguments(parser)


def _run(options: argparse.Namespace) -> int:
    """Build the experiments, run them, print the results and plot them."""
    mechanism_options.refuse_other_options(options, experiment_options.OF_EXPERIMENTS)
    if options.mechanism is not None:
        return _run_mechanisms(options)
    todo = experiment_options.experiments(options)
    for experiment in todo:
        experiment.payoffs()  # raises for a reward that cannot be trained with, before any work
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
    trials = mechanism_options.trials(options, lambda todo: run_all(todo, quiet=options.quiet))
    if options.json:
        from scoring_theory.cli.terminal import print_json

        shown = [mechanism_options.trial_json(trial, record_json(trial.record)) for trial in trials]
        print_json({"schema": 1, "mechanisms": shown})
    else:
        mechanism_options.print_trials(trials)
    if options.figure:
        paths.save_figure(mechanism_options.drawing(trials), options.figure, quiet=options.quiet)
    return 0


def standard(*, short: bool) -> tuple[Experiment, ...]:
    """The experiments of the five standard rewards with both agents.

    Example:
        >>> len(standard(short=True))
        10
    """
    from simulations.standard import standard_experiments

    return standard_experiments("short" if short else "full")


def run_all(todo: Sequence[Experiment], *, quiet: bool = False) -> tuple[Record, ...]:
    """Run experiments in parallel, with a progress bar on a terminal.

    Raises:
        ValueError: an experiment is invalid.
        SweepError: an experiment failed for another reason.

    Example:
        >>> run_all([])
        ()
    """
    from simulations.sweep import SweepError, bar, sweep

    with bar() if sys.stderr.isatty() and not quiet else nullcontext() as watch:
        try:
            return tuple(sweep(todo, watch=watch))
        except SweepError as error:
            fault = next(iter(error.failed.values()), error)
            # A ValueError is an invalid input, which the user can correct.
            raise (fault if isinstance(fault, ValueError) else error) from None


def record_json(record: Record) -> dict[str, Any]:
    """A record as a JSON object, with mean and standard deviation of each metric over runs."""
    sides = {"in": record.inside, "out": record.outside}
    measured = {
        side: {name: _over_runs(values) for name, values in metrics.items()}
        for side, metrics in sides.items()
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
    """Print a table with the metrics at the start and at the end of training with each reward."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table

    first = records[0]
    runs = first.metric("accuracy").shape[0]
    many = "one run" if runs == 1 else f"mean of {runs} runs"
    print_prose(paint(f"The {first.agent} agent after {first.steps[-1]} steps, {many}", "head"))
    print()
    head = ["reward", *HEAD, *(f"{name} out" for name in ("accuracy", "ECE", "confidently wrong"))]
    rows = [_row("(start)", first, 0), *(_row(record.name, record, -1) for record in records)]
    print_table(head, rows, numbers=head[1:])
    if first.description["world"].get("view") == "paid":
        print_prose(
            "Columns without `out` are measured by the verifier of training, which may be wrong;"
            " columns with `out` are measured by the truth."
        )
    for record in records:
        for place, value in record.description["replaced_minus_infinity"].items():
            print_prose(f"{record.name}: {value:.4g} replaces the reward -inf when {place}")


def curves(records: Sequence[Record]) -> Drawn:
    """The figure with the training curves of one agent, and its data."""
    from simulations.figures import drift_figure

    return drift_figure(records)


def _row(name: str, record: Record, when: int) -> list[str]:
    def shown(metric: str, side: str) -> str:
        values = (record.inside if side == "in" else record.outside)[metric][:, when]
        mean = float(values.mean())
        return "-" if mean != mean else f"{mean:.3f}"

    return [
        name,
        *(shown(metric, "in") for metric in SHOWN_METRICS),
        *(shown(metric, "out") for metric in OUTSIDE),
    ]


def _over_runs(values: Any) -> dict[str, list[float | None]]:
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else values.std(axis=0)
    return {
        name: [None if x != x else x for x in column.tolist()]
        for name, column in (("mean", values.mean(axis=0)), ("sd", spread))
    }


SIMULATE_COMMAND = CommandDefinition(
    description="""\
Train small agents by policy gradient with one or more rewards, in several independent runs, and
compute their accuracy, mean confidence, calibration error and confidently wrong rate exactly, in
distribution and out of distribution (columns with `out`).

If a reward ignores confidence, the expected gradient of a free confidence is exactly 0; a strictly
proper reward moves it towards the success probability. Any systematic drift must come from one of
five mechanisms. Each has one command, which prints its measured and its exact effect; --without
removes the mechanism (ablation):
  --mechanism coupling    confidence is computed from the answer probability, which rises
  --mechanism noise       single runs drift away from their prior, but not on average
  --mechanism estimator   advantages are divided by the standard deviation of the group
  --mechanism proxy       the verifier accepts wrong answers, and confidence follows it
  --mechanism shift       confidence learned in distribution is used on harder questions
--figure PATH runs the mechanism with and without and plots both.""",
    examples="""\
examples:
  scoring-theory simulate --mechanism coupling              drift and its exact size
  scoring-theory simulate --mechanism coupling --without    ablation: no drift
  scoring-theory simulate --mechanism coupling --figure out/coupling
  scoring-theory simulate --mechanism all --figure out/mechanisms

  scoring-theory simulate --short                           five rewards, a quick preview
  scoring-theory simulate --agent tabular --reward binary --reward rlcr
  scoring-theory simulate --reward "c - 0.5*(q - c)**2" --reward "c + spherical" --replicates 16
  scoring-theory simulate --reward binary --no-coupling     mean confidence stays
  scoring-theory simulate --agent tabular --reward rlcr --preset trl_default
  scoring-theory simulate --agent tabular --reward rlcr --kl 0.1 --drift 1
  scoring-theory simulate --agent tabular --reward rlcr --false-positive 0.2
  scoring-theory simulate --agent tabular --solve-rates rates.csv
  scoring-theory simulate --figure out/training --json > training.json""",
    exit_codes={0: "the runs are finished"},
    add_arguments=_add_arguments,
    run=_run,
)
