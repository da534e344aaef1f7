"""The part of `simulate` that runs systems of the laboratory, with and without their mechanism."""

from __future__ import annotations

import argparse
import difflib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from scoring_theory.cli import paths
from scoring_theory.cli.parser import UsageError

if TYPE_CHECKING:
    from simulations.laboratory.system import Finding, System, SystemOutcome


ALL = "all"


def add_system_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the name of a system, its ablation `--without`, and what can be set.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> add_system_arguments(parser)
        >>> parser.parse_args(["selection", "--without", "--set", "p=0.6"])
        Namespace(name='selection', list=False, without=True, set=[('p', 0.6)], half_rate=False)
    """
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="run one system around the reward; print its measured and its exact effect (see"
        " --list); `all`: every system, one line each",
    )
    parser.add_argument("--list", action="store_true", help="list all names, with one line each")
    parser.add_argument("--without", action="store_true", help="remove the mechanism (ablation)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="set a number of a system; `simulate NAME` prints which numbers it has (repeatable)",
    )
    parser.add_argument(
        "--half-rate",
        action="store_true",
        help="run a system also at half the learning rate with twice the steps: the bias of the"
        " finite step size is halved",
    )


def _setting(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not name or not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE with a number, got {text!r}")
    return name.strip(), value


def print_names(*, as_json: bool = False) -> None:
    """Print the names, with one line each, or as one JSON object."""
    from scoring_theory.cli.terminal import print_json, print_report
    from simulations.laboratory.systems import SYSTEM_TITLES

    if as_json:
        print_json({"schema": 1, "systems": dict(SYSTEM_TITLES)})
        return
    print_report("\n".join(f"  {name:<18} {title}" for name, title in SYSTEM_TITLES.items()))


SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "overconfidence": ("coupling", "estimator"),
        "drift": ("coupling", "sampling-noise", "estimator", "shift"),
        "calibration-drift": ("coupling", "sampling-noise", "estimator", "shift"),
        "collapse": ("entropy",),
        "entropy-collapse": ("entropy",),
        "grpo": ("estimator",),
        "noise": ("sampling-noise", "verifier-noise"),
        "ensemble": ("brme",),
        "ensembles": ("brme",),
        "voting": ("votes", "majority"),
        "hallucination": ("abstention",),
        "best-of-n": ("selection",),
        "speed": ("learning-speed",),
        "ood": ("shift",),
    }
)
"""Words that a user may try first, and the systems that show what they name."""


def require_known(name: str | None) -> None:
    """Refuse a name that no system has.

    Raises:
        UsageError: the name is unknown.

    Example:
        >>> require_known("majority")
    """
    from simulations.laboratory.systems import SYSTEM_TITLES

    if name is None or name in (ALL, *SYSTEM_TITLES):
        return
    close = SYNONYMS.get(name.lower().replace("_", "-"), ()) or difflib.get_close_matches(
        name, [ALL, *SYSTEM_TITLES], n=1
    )
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise UsageError(f"`simulate` knows no {name!r}{hint} (--list shows all names)")


def require_fitting(options: argparse.Namespace, names: Sequence[str]) -> None:
    """Refuse options that the named system, or a training without a name, does not have.

    Args:
        options: What was typed.
        names: The options of a training without a name.

    Raises:
        UsageError: If an option would have no effect.

    Example:
        >>> typed = {"without": False, "set": [], "half_rate": False, "figure": None}
        >>> options = argparse.Namespace(name="shift", steps=5, **typed)
        >>> try:
        ...     require_fitting(options, ["steps"])
        ... except UsageError as error:
        ...     print(error)
        `simulate shift` runs a fixed experiment, so it cannot be combined with --steps
    """
    of_systems = {"--without": options.without, "--set": options.set}
    of_systems["--half-rate"] = options.half_rate
    typed = [flag for flag, value in of_systems.items() if value]
    if options.name is None and typed:
        raise UsageError(f"{typed[0]} needs the name of a system (see --list)")
    if options.name == ALL and (typed or options.figure):
        flag = typed[0] if typed else "--figure"
        raise UsageError(f"{flag} needs the name of one system, not all (see --list)")
    values = {name: getattr(options, name) for name in names} if options.name else {}
    given = [n for n, v in values.items() if not (v is None or v is False or v == [])]
    if given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise UsageError(
            f"`simulate {options.name}` runs a fixed experiment, so it cannot be combined with"
            f" {flags}"
        )


def run_systems(options: argparse.Namespace) -> int:
    """Run one system, or all, and print what they show.

    Both sides are run if they are plotted, or if all systems are run.
    """
    from scoring_theory.cli.terminal import print_json
    from simulations.laboratory.systems import SYSTEM_TITLES, find_system

    names = list(SYSTEM_TITLES) if options.name == ALL else [options.name]
    chosen = [find_system(name) for name in names]
    outcomes = [_outcomes(system, options) for system in chosen]
    if options.json:
        shown = [outcome.to_json() for some in outcomes for outcome in some]
        print_json({"schema": 1, "systems": shown})
    elif options.name == ALL:
        print_summary(outcomes)
    else:
        print_outcomes(chosen[0], outcomes[0])
    if options.figure:
        from simulations.figures.system_figure import system_figure

        drawn = [outcome for outcome in outcomes[0] if outcome.pace == 1]
        paths.save_figure(system_figure(drawn), options.figure, quiet=options.quiet)
    return 0


def _outcomes(system: System, options: argparse.Namespace) -> list[SystemOutcome]:
    from scoring_theory.cli.terminal import working

    scale: Literal["short", "full"] = "short" if options.short else "full"
    both = options.figure or options.name == ALL
    with working(f"running {system.name}", quiet=options.quiet):
        return [
            _told(
                partial(
                    system.run,
                    scale=scale,
                    seed=options.seed,
                    without=without,
                    pace=pace,
                    knobs=dict(options.set),
                    replicates=options.replicates,
                )
            )
            for without in ((False, True) if both else (options.without,))
            for pace in ((1.0, 0.5) if options.half_rate else (1.0,))
        ]


def _told(run: Callable[[], SystemOutcome]) -> SystemOutcome:
    """The outcome of a run; a warning that nothing was learned becomes a sentence of its text."""
    from simulations.signals import NothingLearned

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NothingLearned)
        outcome = run()
    others = [one for one in caught if not issubclass(one.category, NothingLearned)]
    for one in others:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if len(others) == len(caught):
        return outcome
    sentence = "In a training of this run every advantage was 0, so that nothing is learned there."
    return replace(outcome, boundary=f"{outcome.boundary} {sentence}")


def print_summary(outcomes: Sequence[Sequence[SystemOutcome]]) -> None:
    """Print the first effect of each system, with and without its mechanism."""
    from scoring_theory.cli.terminal import print_prose, print_table

    head = [
        "system",
        *(f"{x} {side}" for side in ("with", "without") for x in ("effect", "± s.e.", "exact")),
    ]
    rows = []
    for on, off in outcomes:
        numbers = [x for f in (on.findings[0], off.findings[0]) for x in _numbers(f)[:3]]
        rows.append([on.name, *map(_shown, numbers)])
    print_table(head, rows, numbers=head[1:])
    print_prose("`simulate NAME` says what the effect of each system is, and where it ends.")
    for one in (one for some in outcomes for one in some if one.warnings):
        side = "without" if one.without else "with"
        print_prose("\n".join(f"{one.name}, {side}: {sentence}" for sentence in one.warnings))


def print_outcomes(chosen: System, outcomes: Sequence[SystemOutcome]) -> None:
    """Print the story of a system, its findings with their exact values, and its boundary."""
    from scoring_theory.cli.terminal import paint, print_prose

    print(paint(chosen.name, "head"))
    sentences = (chosen.story, f"Without it: {chosen.switch}.", f"Source: {chosen.source}.",
                 f"The paper: {chosen.verdict}")  # fmt: skip
    print_prose("\n".join(f"  {sentence}" for sentence in sentences), indent=2)
    if chosen.knobs:
        knobs = (f"{knob.name} ({knob.default:g}), {knob.meaning}" for knob in chosen.knobs)
        print_prose(f"  --set: {'; '.join(knobs)}", indent=2)
    for outcome in outcomes:
        print()
        print_outcome(outcome)


def print_outcome(outcome: SystemOutcome) -> None:
    """Print the findings of one side with their exact values, its table, and its boundary."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table

    side = "without" if outcome.without else "with"
    pace = "" if outcome.pace == 1 else f", {outcome.pace:g} times the learning rate"
    runs = "1 run" if outcome.runs == 1 else f"{outcome.runs} runs"
    print(paint(f"{side}, {runs}{pace}", "head"))
    head = ["effect", "measured", "± s.e.", "exact", "bias"]
    print_table(
        head,
        [[finding.label, *map(_shown, _numbers(finding))] for finding in outcome.findings],
        numbers=head[1:],
    )
    if any(finding.bias for finding in outcome.findings):
        print_prose(
            "bias: how far a finite step size, or a finite time where the exact value is a"
            " limit, may move the mean of the runs from it."
        )
    for sentence in outcome.warnings:
        print_prose(paint(sentence, "bad"))
    if outcome.rows:
        print()
        print_table(list(outcome.head), [list(row) for row in outcome.rows], numbers=())
    print_prose(outcome.boundary)


def _numbers(finding: Finding) -> tuple[float, float, float, float]:
    return finding.measured, finding.standard_error, finding.exact, finding.bias


def _shown(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:z.3f}"
