"""The part of `simulate` that runs one system of the laboratory, with and without its mechanism."""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from scoring_theory.cli import paths
from scoring_theory.cli.parser import UsageError

if TYPE_CHECKING:
    from simulations.laboratory.system import System, SystemOutcome


def known_names() -> dict[str, str]:
    """Every name that `simulate` knows, with one line each.

    Example:
        >>> known_names()["estimator"]
        'advantages are divided by the standard deviation of the group'
    """
    from simulations.laboratory.systems import SYSTEM_TITLES

    return {
        "coupling": "confidence is computed from the answer probability, which rises",
        "noise": "single runs drift away from their prior, but not on average",
        "estimator": "advantages are divided by the standard deviation of the group",
        "proxy": "the verifier accepts wrong answers, and confidence follows it",
        "shift": "confidence learned in distribution is used on harder questions",
        "all": "the five mechanisms above",
        **SYSTEM_TITLES,
    }


def print_names() -> None:
    """Print the names, with one line each."""
    from scoring_theory.cli.terminal import print_report

    print_report("\n".join(f"  {name:<18} {title}" for name, title in known_names().items()))


def require_known(name: str | None) -> None:
    """Refuse a name that is neither a mechanism nor a system.

    Raises:
        UsageError: the name is unknown.

    Example:
        >>> require_known("majority")
    """
    if name is None or name in known_names():
        return
    close = difflib.get_close_matches(name, known_names(), n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise UsageError(f"`simulate` knows no {name!r}{hint} (--list shows all names)")


def run_system(options: argparse.Namespace) -> int:
    """Run a system on one side, or on both sides if they are plotted, and print what it shows.

    Raises:
        UsageError: the number of runs is given.
    """
    from scoring_theory.cli.terminal import print_json, working
    from simulations.laboratory.systems import find_system

    if options.replicates is not None:
        raise UsageError(f"`simulate {options.name}` has a fixed number of runs, see --short")
    scale: Literal["short", "full"] = "short" if options.short else "full"
    chosen = find_system(options.name)
    sides = (False, True) if options.figure else (options.without,)
    with working(f"running {options.name}", quiet=options.quiet):
        outcomes = [chosen.run(scale=scale, seed=options.seed, without=side) for side in sides]
    if options.json:
        print_json({"schema": 1, "systems": [outcome.to_json() for outcome in outcomes]})
    else:
        print_outcomes(chosen, outcomes)
    if options.figure:
        from simulations.figures.system_figure import system_figure

        paths.save_figure(system_figure(outcomes), options.figure, quiet=options.quiet)
    return 0


def print_outcomes(chosen: System, outcomes: Sequence[SystemOutcome]) -> None:
    """Print the story of a system, its findings with their exact values, and its boundary."""
    from scoring_theory.cli.terminal import paint, print_prose, print_table

    print(paint(chosen.name, "head"))
    sentences = (chosen.story, f"Without it: {chosen.switch}.", f"Source: {chosen.source}.",
                 f"The paper: {chosen.verdict}")  # fmt: skip
    print_prose("\n".join(f"  {sentence}" for sentence in sentences), indent=2)
    for outcome in outcomes:
        print()
        side = "without" if outcome.without else "with"
        print(paint(f"{side}, {outcome.runs} runs", "head"))
        head = ["effect", "measured", "± s.e.", "exact", "bias of the step"]
        print_table(
            head,
            [
                [f.label, *map(_shown, (f.measured, f.standard_error, f.exact, f.step_bias))]
                for f in outcome.findings
            ],
            numbers=head[1:],
        )
        if outcome.rows:
            print()
            print_table(list(outcome.head), [list(row) for row in outcome.rows], numbers=())
        print_prose(outcome.boundary)


def _shown(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:.3f}"
