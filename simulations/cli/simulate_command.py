"""`scoring-theory simulate`: the effect of training with a reward on accuracy and calibration."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition, number_of
from simulations.cli import (
    chosen_experiments,
    experiment_options,
    signal_results,
    system_options,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scoring_theory.plotting import Drawn
    from simulations.experiment import Experiment
    from simulations.laboratory.abstention import Answered
    from simulations.record import Record, Where
    from simulations.training.kernels import FloatArray

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
ABSTENTION_METRICS = ("coverage", "hallucination", "selective_accuracy")
_SIDES: tuple[Where, Where] = ("in", "out")
OUTSIDE = ("accuracy", "ece", "confident_and_wrong")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    system_options.add_system_arguments(parser)
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
    if options.list:
        system_options.print_names(as_json=options.json)
        return 0
    system_options.require_known(options.name)
    system_options.require_fitting(options, experiment_options.OF_EXPERIMENTS)
    if options.name is not None:
        return system_options.run_systems(options)
    trials = chosen_experiments.trials(options)
    todo = [trial.experiment for trial in trials]
    for experiment in todo:
        experiment.payoffs()  # raises for a reward that cannot be trained with, before any work
    records = run_all(todo, quiet=options.quiet)
    limits, refused = (
        ((), "") if options.signal is None else expected_all(todo, quiet=options.quiet)
    )
    pairs = zip(trials, records, strict=True)
    abstaining: list[Mapping[Where, tuple[Answered, Answered]]] = (
        []
        if options.abstain is None
        else [{side: what_is_answered(*pair, side) for side in _SIDES} for pair in pairs]
    )
    if options.json:
        from scoring_theory.cli.terminal import print_json

        shown = [record_json(record) for record in records]
        for one, limit in zip(shown, limits, strict=False):
            means = record_json(limit)
            one["expected"] = {side: means[side] for side in ("in", "out")}
        for one, answers in zip(shown, abstaining, strict=False):
            one["abstention"] = {side: answers_json(ends) for side, ends in answers.items()}
        print_json({"schema": 1, "records": shown})
    else:
        print_records(records)
        if abstaining:
            print_abstention(records, abstaining)
        if options.signal is not None:
            signal_results.print_signal(todo, records, limits, refused)
    if options.figure:
        paths.save_figure(curves(records), options.figure, quiet=options.quiet)
    return 0


def standard(*, short: bool) -> tuple[Experiment, ...]:
    """The experiments of the five standard rewards with both agents.

    Example:
        >>> len(standard(short=True))
        10
    """
    from simulations.standard import standard_experiments

    return standard_experiments("short" if short else "full")


def run_all(
    todo: Sequence[Experiment], *, quiet: bool = False, store: Path | None = None
) -> tuple[Record, ...]:
    """Run experiments in parallel, with a progress bar on a terminal.

    With a store, finished replicates are kept in that file and are not run again.

    Raises:
        ValueError: an experiment is invalid.
        SweepError: an experiment failed for another reason.

    Example:
        >>> run_all([])
        ()
    """
    from simulations.signals import NothingLearned
    from simulations.sweep import SweepError, bar, sweep

    with (
        warnings.catch_warnings(),
        bar() if sys.stderr.isatty() and not quiet else nullcontext() as watch,
    ):
        warnings.simplefilter("ignore", NothingLearned)  # it is printed below the table
        try:
            if store is not None:
                return tuple(sweep(todo, watch=watch, store=store))
            return tuple(sweep(todo, watch=watch))
        except SweepError as error:
            fault = next(iter(error.failed.values()), error)
            # A ValueError is an invalid input, which the user can correct.
            raise (fault if isinstance(fault, ValueError) else error) from None


def expected_all(
    todo: Sequence[Experiment], *, quiet: bool = False
) -> tuple[tuple[Record, ...], str]:
    """The expected updates of experiments with a signal, or the sentence why there are none.

    Example:
        >>> expected_all([])
        ((), '')
    """
    from scoring_theory.cli.terminal import working
    from simulations.running import expected_run
    from simulations.signals import NothingLearned

    try:
        with working("enumerating every group", quiet=quiet), warnings.catch_warnings():
            warnings.simplefilter("ignore", NothingLearned)
            return tuple(expected_run(one) for one in todo), ""
    except ValueError as error:
        return (), str(error)


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
        abstains = first.description["world"].get("abstain") is not None
        pays = " and pays abstentions" if abstains else ""
        print_prose(
            f"Columns without `out` are measured by the verifier of training, which may be wrong"
            f"{pays}; columns with `out` are measured by the truth."
        )
    for record in records:
        for place, value in record.description["replaced_minus_infinity"].items():
            print_prose(f"{record.name}: {value:.4g} replaces the reward -inf when {place}")


def what_is_answered(
    trial: chosen_experiments.WithTruth, record: Record, where: Where
) -> tuple[Answered, Answered]:
    """Coverage and hallucination rate of each replicate before and after training, exactly.

    They are computed from the kept policies and the true success probabilities.

    Args:
        trial: an experiment with an abstention, and the truth of its world.
        record: its record.
        where: "in" or "out" of distribution.
    """
    import numpy as np

    from simulations.laboratory.abstention import answered

    experiment = trial.experiment
    worlds = trial.truth if where == "in" else (experiment.elsewhere, experiment.elsewhere)
    ends = []
    for checkpoint, world in zip((0, -1), worlds, strict=True):
        policy = record.policy(experiment, checkpoint=checkpoint, where=where)
        silent = np.zeros(world.success_probability.shape, dtype=bool)
        silent[:, world.abstain] = True
        ends.append(answered(policy, world.success_probability, silent).mean())
    return ends[0], ends[1]


def answers_json(ends: tuple[Answered, Answered]) -> dict[str, Any]:
    """Mean and standard deviation over runs, before and after training, of what is answered."""
    import numpy as np

    return {
        name: _over_runs(np.stack([getattr(end, name) for end in ends], axis=1))
        for name in ABSTENTION_METRICS
    }


def print_abstention(
    records: Sequence[Record],
    answers: Sequence[Mapping[Where, tuple[Answered, Answered]]],
) -> None:
    """Print what each policy answers, measured by the truth, in and out of distribution."""
    from scoring_theory.cli.terminal import print_prose, print_table

    measured = ABSTENTION_METRICS
    names = [name.replace("_", " ") for name in measured]
    head = ["reward", *names, *(f"{name} out" for name in names)]
    shown = [("(start)", answers[0], 0)]
    shown += [(record.name, of, 1) for record, of in zip(records, answers, strict=True)]
    rows = [
        [label, *(_mean(getattr(of[side][when], name)) for side in _SIDES for name in measured)]
        for label, of, when in shown
    ]
    print()
    print_table(head, rows, numbers=head[1:])
    print_prose(
        "Measured by the truth: coverage is the share of questions that are answered,"
        " hallucination the share that are answered wrongly, selective accuracy the accuracy"
        " among the answered."
    )


def curves(records: Sequence[Record]) -> Drawn:
    """The figure with the training curves of one agent, and its data."""
    from simulations.figures import drift_figure

    return drift_figure(records)


def _row(name: str, record: Record, when: int) -> list[str]:
    def shown(metric: str, side: str) -> str:
        return _mean((record.inside if side == "in" else record.outside)[metric][:, when])

    return [
        name,
        *(shown(metric, "in") for metric in SHOWN_METRICS),
        *(shown(metric, "out") for metric in OUTSIDE),
    ]


def _mean(values: FloatArray) -> str:
    mean = float(values.mean())
    return "-" if mean != mean else f"{mean:z.3f}"


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
proper reward moves it towards the success probability. Any systematic drift must come from a
mechanism: coupling, sampling-noise, estimator, verifier-noise, or shift. `simulate NAME` runs one
of them, or one of the systems that people build around the reward, and prints its measured and its
exact effect; --without removes the mechanism (ablation), --set changes a number, --figure PATH
plots it with and without, and --list shows all names.""",
    examples="""\
examples:
  scoring-theory simulate coupling              drift and its exact size
  scoring-theory simulate coupling --without    ablation: no drift
  scoring-theory simulate coupling --figure out/coupling
  scoring-theory simulate majority --set strongest=0.9
  scoring-theory simulate all --short           every system, one line each

  scoring-theory simulate --short                           five rewards, a quick preview
  scoring-theory simulate --agent tabular --reward binary --reward rlcr
  scoring-theory simulate --reward "c - 0.5*(q - c)**2" --reward "c + spherical" --replicates 16
  scoring-theory simulate --reward binary --no-coupling     mean confidence stays
  scoring-theory simulate --agent tabular --reward rlcr --preset trl_default
  scoring-theory simulate --agent tabular --reward rlcr --kl 0.1 --drift 1
  scoring-theory simulate --agent tabular --reward rlcr --false-positive 0.2
  scoring-theory simulate --agent tabular --reward binary --abstain truthrl
  scoring-theory simulate --agent tabular --solve-rates rates.csv
  scoring-theory simulate --signal majority --reward rlcr --estimator leave_one_out
  scoring-theory simulate --signal judge --signal-option a=0.3 --reward rlcr
  scoring-theory simulate --figure out/training --json > training.json""",
    exit_codes={0: "the runs are finished"},
    add_arguments=_add_arguments,
    run=_run,
)
