"""The command `scoring-theory`: what checks, designs and replays, and what simulates, as one list of subcommands."""

from __future__ import annotations

from collections.abc import Sequence

from scoring_theory.cli import main as run_command
from scoring_theory.cli.commands import COMMANDS as WITHOUT_SIMULATION
from scoring_theory.cli.parser import Command, Commands

COMMANDS: Commands = {
    **WITHOUT_SIMULATION,
    "simulate": Command(
        "simulations.cli.simulate_command",
        "train agents with rewards and watch accuracy and calibration",
    ),
    "contest": Command(
        "simulations.cli.contest_command",
        "train with a designed reward and with RLCR, and compare decisions",
    ),
    "figures": Command("simulations.cli.figures_command", "draw every figure, with its data"),
    "reproduce": Command(
        "simulations.cli.reproduce_command", "verdicts, replay, simulation and figures in one go"
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; see `scoring_theory.cli.main`.

    Example:
        >>> main(["simulate", "--replicates", "none", "--json"])
        2
    """
    return run_command(argv, COMMANDS)
