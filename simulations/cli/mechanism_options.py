"""The part of `simulate` that shows one mechanism of drift: with it, without it, and both in a figure."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoring_theory.cli.parser import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring_theory.plotting import Drawn
    from simulations.experiment import Experiment
    from simulations.mechanisms import Mechanism, MechanismName, Trial
    from simulations.record import Record

    Runner = Callable[[Sequence[Experiment]], tuple[Record, ...]]

NAMES: tuple[MechanismName, ...] = ("coupling", "noise", "estimator", "proxy", "shift")
ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--mechanism` and its switch."""
    parser.add_argument(
        "--mechanism",
        choices=(*NAMES, ALL),
        help="show one mechanism of drift, ready made, and its exact effect",
    )
    parser.add_argument(
        "--without", action="store_true", help="the same with the mechanism switched off"
    )


def refuse_other_options(options: argparse.Namespace, names: Sequence[str]) -> None:
    """A mechanism is a finished experiment: options that would make it another one are refused, not ignored.

    Raises:
        UsageError: If one of `names` is given beside --mechanism, or --without is given alone.
    """
    if options.mechanism is None:
        if options.without:
            raise UsageError("--without switches a mechanism off; say which one with --mechanism")
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
    """Run what is asked for: one side of each mechanism, or both if they are to be drawn."""
    names: tuple[MechanismName, ...] = NAMES if options.mechanism == ALL else (options.mechanism,)
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
    """Every mechanism with and without, for `figures` and `reproduce`."""
    return _run(NAMES, (False, True), run_all, short=short, seed=0, replicates=None)


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

    chosen = [
        _seeded(mechanism(name, scale="short" if short else "full", seed=seed), replicates)
        for name in names
    ]
    todo = [(one, without) for one in chosen for without in switches]
    records = run_all([one.experiment(without=without) for one, without in todo])
    return [
        one.trial(record, without=without)
        for (one, without), record in zip(todo, records, strict=True)
    ]


def to_json(trial: Trial, record: dict[str, Any]) -> dict[str, Any]:
    """One trial as plain data."""
    one = trial.mechanism
    return {
        "name": one.name,
        "without": trial.without,
        "story": one.story,
        "switch": one.switch,
        "effect": one.effect,
        "measured": _known(trial.measured),
        "standard_error": _known(trial.standard_error),
        "exact": trial.exact,
        "record": record,
    }


def print_trials(found: Sequence[Trial]) -> None:
    """What each mechanism is, and a table of effects."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table
    from simulations.mechanisms import EFFECTS, LIMITS

    for trial in {trial.mechanism.name: trial for trial in found}.values():
        one = trial.mechanism
        print(paint(one.name, "head"))
        told = (
            one.story,
            f"Without it: {one.switch}.",
            f"Its effect: {EFFECTS[one.effect]}.",
            f"Exact: {LIMITS[one.name]}.",
            f"s.e.: one standard error over {_runs(trial.runs)}.",
        )
        print_prose("\n".join(f"  {sentence}" for sentence in told), indent=2)
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
    print_table(head, [_row(trial) for trial in found], numbers=head[2:])


def drawing(found: Sequence[Trial]) -> Drawn:
    """Both sides of one mechanism, or of all, with their data."""
    from simulations.figures import mechanism_figure, mechanisms_figure

    pairs = list(zip(found[::2], found[1::2], strict=True))
    return mechanism_figure(*pairs[0]) if len(pairs) == 1 else mechanisms_figure(pairs)


def _seeded(one: Mechanism, replicates: int | None) -> Mechanism:
    if replicates is None:
        return one
    return replace(
        one, on=replace(one.on, replicates=replicates), off=replace(one.off, replicates=replicates)
    )


def _row(trial: Trial) -> list[str]:
    stated, right = (
        trial.record.metric(name, trial.mechanism.where) for name in ("mean_confidence", "accuracy")
    )
    numbers = (
        trial.measured,
        trial.standard_error,
        trial.exact,
        stated[:, 0].mean(),
        stated[:, -1].mean(),
        right[:, -1].mean(),
    )
    return [trial.mechanism.name, "without" if trial.without else "with", *map(_shown, numbers)]


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _shown(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:.3f}"
