"""The commands that need no simulation; `simulations.cli` adds those that simulate."""

from __future__ import annotations

from types import MappingProxyType

from scoring_theory.cli.parser import Command, Commands

COMMANDS: Commands = MappingProxyType(
    {
        "check": Command(
            "scoring_theory.cli.check_command",
            "is this reward right and honest? a proof or a counterexample",
        ),
        "design": Command(
            "scoring_theory.cli.design_command",
            "design a provably safe reward for given decision thresholds",
        ),
        "repair": Command(
            "scoring_theory.cli.repair_command", "the safe reward closest to one that you have"
        ),
        "export": Command(
            "scoring_theory.cli.export_command",
            "a checked reward as one file for TRL, verl, OpenRLHF or verifiers",
        ),
        "replay": Command(
            "scoring_theory.cli.replay_command", "a log of rollouts through any set of rewards"
        ),
        "rules": Command(
            "scoring_theory.cli.rules_command",
            "the catalogue of scoring rules, and published rewards",
        ),
        "verify": Command(
            "scoring_theory.cli.verify_command",
            "check a certificate again, with the small kernel alone",
        ),
        "completion": Command(
            "scoring_theory.cli.completion_command",
            "completion of commands and options in bash, zsh or tcsh",
        ),
    }
)
