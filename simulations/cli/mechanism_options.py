"""The part of `simulate` that shows one mechanism of drift, with and without it."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from scoring_theory.cli.parser import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring_theory.plotting import Drawn
    from simulations.experiment import Experiment
    from simulations.mechanisms import Mechanism, MechanismName, Trial
    from simulations.record import Record

    Runner = Callable[[Sequence[Experiment]], tuple[Record, ...]]

MECHANISM_NAMES: tuple[MechanismName, ...] = ("coupling", "noise", "estimator", "proxy", "shift")
ALL = "all"


def add_mechanism_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--mechanism` and its ablation `--without`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_mechanism_arguments(parser)
        >>> parser.parse_args(["--mechanism", "noise", "--without"])
        Namespace(mechanism='noise', without=True)
    """
    parser.add_argument(
        "--mechanism",
        choices=(*MECHANISM_NAMES, ALL),
        help="run the experiment of one mechanism of drift; print its measured and exact effect",
    )
    parser.add_argument("--without", action="store_true", help="remove the mechanism (ablation)")


def refuse_other_options(options: argparse.Namespace, names: Sequence[str]) -> None:
    """Reject options that would change the fixed experiment of a mechanism.

    Raises:
        UsageError: If one of `names` is given beside --mechanism, or --without is given alone.

    Example:
        >>> options = argparse.Namespace(mechanism="noise", without=False, steps=5)
        >>> try:
        ...     refuse_other_options(options, ["steps"])
        ... except UsageError as error:
        ...     print(error)
        --mechanism noise runs a fixed experiment, so it cannot be combined with --steps
    """
    if options.mechanism is None:
        if options.without:
            raise UsageError("--without removes a mechanism; name it with --mechanism")
        return
    values = {name: getattr(options, name) for name in names}
    given = [
        name
        for name, value in values.items()
        if not (value is None or value is False or value == [])
    ]
    if given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise UsageError(
            f"--mechanism {options.mechanism} runs a fixed experiment, so it cannot be combined"
            f" with {flags}"
        )


def trials(options: argparse.Namespace, run_all: Runner) -> list[Trial]:
    """Run the mechanisms of the options: one side of each, or both sides if they are plotted."""
    names: tuple[MechanismName, ...] = (
        MECHANISM_NAMES if options.mechanism == ALL else (options.mechanism,)
    )
    switches = (False, True) if options.figure else (options.without,)
    return _run(
        names,
        switches,
        run_all,
        short=options.short,
        seed=options.seed,
        replicates=options.replicates,
    )


def all_trials(run_all: Runner, *, short: bool) -> list[Trial]:
    """Run every mechanism with and without, for `figures` and `reproduce`."""
    return _run(MECHANISM_NAMES, (False, True), run_all, short=short, seed=0, replicates=None)


def _run(
    names: Sequence[MechanismName],
    switches: Sequence[bool],
    run_all: Runner,
    *,
    short: bool,
    seed: int,
    replicates: int | None,
) -> list[Trial]:
    from simulations.mechanisms import mechanism

    scale: Literal["short", "full"] = "short" if short else "full"
    chosen = [_replicated(mechanism(name, scale=scale, seed=seed), replicates) for name in names]
    sides = [(drift, without) for drift in chosen for without in switches]
    records = run_all([drift.experiment(without=without) for drift, without in sides])
    return [
        drift.trial(record, without=without)
        for (drift, without), record in zip(sides, records, strict=True)
    ]


def trial_json(trial: Trial, record: dict[str, Any]) -> dict[str, Any]:
    """One trial as a JSON object."""
    mechanism = trial.mechanism
    return {
        "name": mechanism.name,
        "without": trial.without,
        "story": mechanism.story,
        "switch": mechanism.switch,
        "effect": mechanism.effect,
        "measured": _none_if_nan(trial.measured),
        "standard_error": _none_if_nan(trial.standard_error),
        "exact": trial.exact,
        "record": record,
    }


def print_trials(trials: Sequence[Trial]) -> None:
    """Print a description of each mechanism and a table of measured and exact effects."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table
    from simulations.mechanisms import EFFECTS, LIMITS

    for trial in {trial.mechanism.name: trial for trial in trials}.values():
        mechanism = trial.mechanism
        print(paint(mechanism.name, "head"))
        sentences = (
            mechanism.story,
            f"Without it: {mechanism.switch}.",
            f"Its effect: {EFFECTS[mechanism.effect]}.",
            f"Exact: {LIMITS[mechanism.name]}.",
            f"s.e.: one standard error over {_runs(trial.runs)}.",
        )
        print_prose("\n".join(f"  {sentence}" for sentence in sentences), indent=2)
    print()
    head = [
        "mechanism",
        "",
        "effect",
        "± s.e.",
        "exact",
        "confidence: start",
        "end",
        "accuracy: end",
    ]
    print_table(head, [_row(trial) for trial in trials], numbers=head[2:])


def drawing(trials: Sequence[Trial]) -> Drawn:
    """The figure of one mechanism with and without, or of all mechanisms, with its data."""
    from simulations.figures import mechanism_figure, mechanisms_figure

    pairs = list(zip(trials[::2], trials[1::2], strict=True))
    return mechanism_figure(*pairs[0]) if len(pairs) == 1 else mechanisms_figure(pairs)


def _replicated(drift: Mechanism, replicates: int | None) -> Mechanism:
    if replicates is None:
        return drift
    on, off = (replace(side, replicates=replicates) for side in (drift.on, drift.off))
    return replace(drift, on=on, off=off)


def _row(trial: Trial) -> list[str]:
    confidence, accuracy = (
        trial.record.metric(name, trial.mechanism.where) for name in ("mean_confidence", "accuracy")
    )
    numbers = (
        trial.measured,
        trial.standard_error,
        trial.exact,
        confidence[:, 0].mean(),
        confidence[:, -1].mean(),
        accuracy[:, -1].mean(),
    )
    return [trial.mechanism.name, "without" if trial.without else "with", *map(_shown, numbers)]


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _none_if_nan(number: float) -> float | None:
    return None if math.isnan(number) else number


def _shown(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:.3f}"
