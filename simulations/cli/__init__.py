"""The command `scoring-theory`: all subcommands, those without and those with simulations."""

from __future__ import annotations

from collections.abc import Sequence

from scoring_theory.cli import main as run_command
from scoring_theory.cli.commands import WITHOUT_SIMULATION
from scoring_theory.cli.parser import Command, Commands

COMMANDS: Commands = {
    **WITHOUT_SIMULATION,
    "simulate": Command(
        "simulations.cli.simulate_command",
        "train simulated agents and measure accuracy and calibration",
    ),
    "contest": Command(
        "simulations.cli.contest_command",
        "compare a designed reward with RLCR after training",
    ),
    "card": Command(
        "simulations.cli.card_command",
        "one page about one reward, or an atlas of all of them",
    ),
    "figures": Command("simulations.cli.figures_command", "draw all figures, with their data"),
    "reproduce": Command(
        "simulations.cli.reproduce_command",
        "run verdicts, replay, simulations and figures in one command",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; see `scoring_theory.cli.main`.

    Example:
        >>> main(["simulate", "--replicates", "none", "--json"])
        2
    """
    return run_command(argv, COMMANDS)
