"""Four mechanisms of confidence drift: coupling, sampling noise, the estimator, and shift.

Under a reward that ignores confidence, the expected gradient of a free confidence head is exactly 0
(`docs/theory.md`, Theorem 35), and a strictly proper reward moves it to the success probability.
Any other drift needs a mechanism. Each of these compares two experiments that differ in one
argument, so that the effect goes with the mechanism.

    >>> from simulations import mechanism
    >>> spread = mechanism("sampling-noise", scale="short")
    >>> round(spread.exact(), 3), round(spread.exact(without=True), 3)
    (0.188, 0.016)
    >>> round(mechanism("estimator", scale="short").exact(), 3)  # p = 0.7: 1 is stable
    0.3
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulations.agents import Coupled
from simulations.laboratory.pairs import mechanism
from simulations.laboratory.system import Conditions, Knob, System, SystemOutcome
from simulations.running import run
from simulations.worlds import bank_of, competence_shift

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.laboratory.mechanism import Mechanism, MechanismName


def _experiment(made: Mechanism, conditions: Conditions) -> Experiment:
    """The experiment of one side, with the numbers that a user has set."""
    experiment = made.experiment(without=conditions.without)
    world, away = experiment.world, experiment.elsewhere
    agent, training = experiment.agent, experiment.training
    match made.name:
        case "coupling" if not conditions.without:
            agent = Coupled(slope=conditions["slope"])
        case "sampling-noise" if not conditions.without:
            training = replace(training, group_size=int(conditions["group"]))
        case "estimator":
            world = bank_of([conditions["p"]] * 16, answers=2, outcomes="shared")
            away, training = world, replace(training, group_size=int(conditions["group"]))
        case "shift" if not conditions.without:
            away = competence_shift(world, conditions["by"])
    return replace(
        experiment,
        agent=agent,
        world=world,
        elsewhere=away,
        training=replace(training, learning_rate=conditions.rate(training.learning_rate)),
        steps=round(experiment.steps / conditions.pace),
        replicates=conditions.runs(experiment.replicates, experiment.replicates),
    )


def _show(name: MechanismName, conditions: Conditions) -> SystemOutcome:
    made = mechanism(name, scale=conditions.scale, seed=conditions.seed)
    experiment = _experiment(made, conditions)
    made = replace(made, off=experiment) if conditions.without else replace(made, on=experiment)
    return made.outcome(run(experiment), without=conditions.without)


def _system(name: MechanismName, *knobs: Knob, source: str, verdict: str) -> System:
    made = mechanism(name, scale="short")
    return System(
        name=name,
        story=made.story,
        switch=made.switch,
        source=source,
        verdict=verdict,
        show=lambda conditions: _show(name, conditions),
        knobs=knobs,
    )


COUPLING = _system(
    "coupling",
    Knob("slope", 1.0, 0.0, 4.0, "how strongly confidence follows the answer probability"),
    source="Cui et al. 2025 (entropy collapse), arXiv 2505.22617; Damani et al. 2025 (RLCR), arXiv"
    " 2507.16806, for the drift",
    verdict=(
        "Agrees that binary reward makes models overconfident; the mechanism, confidence that reads"
        " the answer probability, is this project's explanation, not the paper's."
    ),
)
SAMPLING_NOISE = _system(
    "sampling-noise",
    Knob("group", 1, 1, 4096, "rollouts of each question", whole=True),
    source="docs/theory.md, Theorem 36 (neutral drift of the replicator)",
    verdict="A theorem here; the papers report means over runs, in which it cannot be seen.",
)
ESTIMATOR = _system(
    "estimator",
    Knob("p", 0.7, 0.01, 0.99, "the success probability"),
    Knob("group", 8, 2, 64, "rollouts of each question", whole=True),
    source="Bereket, Leskovec 2025, arXiv 2508.11800; docs/theory.md, Theorem 26",
    verdict=(
        "Agrees that division by the standard deviation of the group makes forecasts overconfident"
        " and that its removal restores calibration."
    ),
)
SHIFT = _system(
    "shift",
    Knob("by", 1.0, 0.0, 8.0, "how much lower the log-odds are out of distribution"),
    source="Damani et al. 2025 (RLCR), arXiv 2507.16806, out of distribution",
    verdict=(
        "Agrees that calibration is worse out of distribution under every reward; here the whole"
        " gap is known exactly, since only the difficulty changes."
    ),
)
