"""The commands that need no simulation; `simulations.cli` adds those that simulate."""

from __future__ import annotations

from types import MappingProxyType

from scoring_theory.cli.parser import Command, Commands

WITHOUT_SIMULATION: Commands = MappingProxyType(
    {
        "check": Command(
            "scoring_theory.cli.check_command",
            "prove or refute that a reward is proper and jointly optimal",
        ),
        "compare": Command(
            "scoring_theory.cli.compare_command",
            "check two or more rewards and print them side by side",
        ),
        "design": Command(
            "scoring_theory.cli.design_command",
            "design a provably safe reward for given decision thresholds",
        ),
        "repair": Command(
            "scoring_theory.cli.repair_command",
            "find the safe reward that is closest to a given reward",
        ),
        "export": Command(
            "scoring_theory.cli.export_command",
            "write a checked reward for TRL, verl, OpenRLHF, verifiers, NeMo Gym, SkyRL, slime or"
            " Tinker",
        ),
        "replay": Command(
            "scoring_theory.cli.replay_command",
            "evaluate recorded rollouts under any set of rewards",
        ),
        "calibrate": Command(
            "scoring_theory.cli.calibrate_command",
            "measure the calibration of recorded answers",
        ),
        "watch": Command(
            "scoring_theory.cli.watch_command",
            "follow the log of a training run, with calibration and alarms",
        ),
        "demo-model": Command(
            "scoring_theory.cli.demo_model_command",
            "make a small language model to train on a processor",
        ),
        "rules": Command(
            "scoring_theory.cli.rules_command",
            "list the catalogue of scoring rules and published rewards",
        ),
        "classroom": Command(
            "scoring_theory.cli.classroom_command",
            "write a page for teaching that runs in a browser without a network",
        ),
        "verify": Command(
            "scoring_theory.cli.verify_command",
            "verify a certificate with the small proof kernel alone",
        ),
        "completion": Command(
            "scoring_theory.cli.completion_command",
            "print a completion script for bash, zsh or tcsh",
        ),
    }
)
