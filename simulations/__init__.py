"""Simulated training: worlds, agents, learning rules, exact mean fields, experiments and records.

    >>> from simulations import run, standard_experiments
    >>> record = run(standard_experiments("short")[1])  # RLCR, tabular agent
    >>> record.final("accuracy") > 0.4, record.final("ece") < 0.3
    (True, True)

Data flows in one direction: reward + world + agent -> training -> Record -> metric -> figure.
Modules are loaded when they are first used.
"""

from __future__ import annotations

from scoring_theory.naming import PublicNames

_PUBLIC = PublicNames(
    "simulations",
    {
        "agents": ("AGENTS", "Coupled", "LogitNormal", "Rational", "SelfProbability", "Tabular"),
        "experiment": ("Experiment",),
        "fitting": ("Knobs", "TableRow", "fit"),
        "laboratory.mechanism": ("Mechanism",),
        "laboratory.pairs": ("MECHANISMS", "everything_off", "mechanism"),
        "record": ("Record",),
        "running": ("expected_run", "run"),
        "signals": ("SIGNALS",),
        "standard": ("STANDARD_REWARDS", "standard_experiments"),
        "training": ("LearningRule", "preset"),
        "worlds": ("World", "bank", "feature_world"),
    },
    {
        "simulate": (
            "use `run` for one experiment, simulations.sweep.sweep for many, and the command "
            "`scoring-theory simulate` in a shell"
        ),
        "ece": 'it is a metric of a record: record.metric("ece"), record.final("ece")',
        "accuracy": (
            'it is a metric of a record: record.metric("accuracy"), record.final("accuracy")'
        ),
        "Simulation": "describe one as an Experiment, and run it with `run`",
        "CoupledAgent": "the coupled agent is called `Coupled` here",
        "TabularAgent": "the tabular agent is called `Tabular` here",
        "Agent": "the protocol is in simulations.agents; AGENTS lists agents",
        "Bandit": "a world of questions with candidate answers is `World`; `bank(n)` makes one",
        "make_world": "`bank(n)` and `feature_world(n)` make worlds",
        "train": "one experiment is trained and measured by `run`",
        "plot": "the drawings are in simulations.figures",
        "drift": "mechanisms of drift are `mechanism(name)` and MECHANISMS",
        "check": "it is in the package scoring_theory: from scoring_theory import check",
        "Reward": "it is in the package scoring_theory: from scoring_theory import Reward",
    },
)
__getattr__, __dir__, __all__ = _PUBLIC.get, _PUBLIC.dir, _PUBLIC.all()
