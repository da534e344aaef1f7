"""The figures of training: standard study, mechanisms, weights, verifier errors, a real trainer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.rewards import listed
from simulations.gallery.study import Study

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn, Width
    from simulations.contest import ContestResult
    from simulations.figures.trained import TrainedPolicies
    from simulations.laboratory.speed_frontier import Frontier
    from simulations.laboratory.system import SystemOutcome
    from simulations.laboratory.verifier_noise import PhaseDiagram
    from simulations.record import Record
    from simulations.standard import StudySize

_STANDARD = {
    "binary": "c", "RLCR": "rlcr", "c + spherical": "c + spherical", "c + log": "c + log",
    "one-sided": "one_sided",
}  # fmt: skip
_FALSE_NEGATIVE = 0.1
_WEIGHTED = {"lam": "c - lam*(q - c)^2"}


def _of(agent: str) -> Any:
    def collect(study: Study) -> list[Record]:
        return [record for record in study.records if record.agent == agent]

    return collect


def _ends(records: Sequence[Record], metric: str, where: Any = "in") -> str:
    from scoring_theory.catalogue.words import title

    return listed(
        [f"{record.final(metric, where):.2f} ({title(record.name)})" for record in records]
    )


def _drift_draw(records: Sequence[Record], _: Width) -> Drawn:
    from simulations.figures import drift_figure

    return drift_figure(records)


def _collapse_draw(records: Sequence[Record], _: Width) -> Drawn:
    from simulations.figures import collapse_figure

    return collapse_figure(records)


def _drift_alt(records: Sequence[Record]) -> str:
    start = float(records[0].metric("ece")[:, 0].mean())
    return (
        "Two rows of four panels over training steps, one curve per reward: accuracy, mean"
        " confidence, calibration error and the rate of confidently wrong answers, in distribution"
        f" above and out of distribution below. The calibration error starts at {start:.2f} and"
        f" ends in distribution at {_ends(records, 'ece')}, and out of distribution at"
        f" {_ends(records, 'ece', 'out')}."
    )


def _collapse_alt(records: Sequence[Record]) -> str:
    return (
        "Three panels, one curve per reward. Accuracy over training steps ends at"
        f" {_ends(records, 'accuracy')}. The calibration error ends at {_ends(records, 'ece')}. The"
        " third panel shows both as a path from a common start, with an arrow head in the direction"
        " of training."
    )


def _pair(agent: str) -> tuple[GalleryFigure, GalleryFigure]:
    about: dict[str, Any] = {
        "collect": _of(agent),
        "formulas": _STANDARD,
        "seed": 0,
        "seconds": 29.0,
    }
    drift = GalleryFigure(
        title=f"Calibration drift in training, {agent} agent",
        draw=_drift_draw,
        describe=_drift_alt,
        caption=(
            f"Training of the {agent} agent with five rewards. Lines are means over runs, bands the"
            " middle 80\\,\\% of the runs. Panels of one column share their scale, those of"
            " different columns do not."
        ),
        **about,
    )
    collapse = GalleryFigure(
        title=f"Accuracy against calibration in training, {agent} agent",
        draw=_collapse_draw,
        describe=_collapse_alt,
        caption=(
            f"Accuracy and calibration error of the {agent} agent in distribution, and the path of"
            " each reward from a common start."
        ),
        **about,
    )
    return drift, collapse


DRIFT_COUPLED_FIGURE, COLLAPSE_COUPLED_FIGURE = _pair("coupled")
DRIFT_TABULAR_FIGURE, COLLAPSE_TABULAR_FIGURE = _pair("tabular")


def _mechanisms_draw(pairs: Sequence[tuple[SystemOutcome, SystemOutcome]], _: Width) -> Drawn:
    from simulations.figures import mechanisms_figure

    return mechanisms_figure(pairs)


def _mechanisms_alt(pairs: Sequence[tuple[SystemOutcome, SystemOutcome]]) -> str:
    effects = [
        f"{on.name.replace('-', ' ')} {on.findings[0].measured:.2f} with it (exact"
        f" {on.findings[0].exact:.2f}) and {off.findings[0].measured:.2f} without"
        for on, off in pairs
    ]
    return (
        f"Two rows of {len(pairs)} panels over training steps, one column per mechanism of drift,"
        " with it above and without it below. Mean confidence leaves the accuracy above and stays"
        f" at it, or at its start, below. Effects: {listed(effects)}."
    )


MECHANISMS_FIGURE = GalleryFigure(
    title="Five mechanisms of drift, with and without",
    collect=lambda study: study.mechanisms,
    draw=_mechanisms_draw,
    describe=_mechanisms_alt,
    caption=(
        "Five mechanisms by which confidence drifts, with each (above) and without it (below), and"
        " the measured effect beside its exact value."
    ),
    seed=0,
    seconds=18,
)


def _weights_draw(policies: Mapping[float, TrainedPolicies], width: Width) -> Drawn:
    from simulations.figures.weight_figures import weight_figure
    from simulations.gallery.weights import CRITICAL

    return weight_figure(list(policies.values()), CRITICAL, width=width)


def _weights_alt(policies: Mapping[float, TrainedPolicies]) -> str:
    def at(weight: float, measure: str) -> str:
        each = policies[weight]
        return f"{float(getattr(each.end, measure)(each.truth).mean()):.2f}"

    best = policies[3.0]
    return (
        "Two panels over the weight of the Brier score, with a dotted line at the critical weight"
        f" 1. Left, accuracy is {at(0.0, 'accuracy')} at weight 0, {at(1.0, 'accuracy')} at 1,"
        f" {at(2.0, 'accuracy')} at 2 and {at(3.0, 'accuracy')} at 3; the dots of the simulation"
        " lie close to the line of the mean field, and the best response, in closed form, is flat"
        " up to the critical weight and falls in steps above it, one for each question, to"
        f" {float(best.best.accuracy(best.truth)[0]):.2f} at 3. Right, the calibration error"
        f" falls from {at(0.0, 'calibration_error')} at weight 0 to {at(1.0, 'calibration_error')}"
        " at 1 and stays small: calibration does not show that accuracy is lost."
    )


WEIGHT_SWEEP_FIGURE = GalleryFigure(
    title="Accuracy and calibration by the weight of the score",
    collect=lambda study: study.policies,
    draw=_weights_draw,
    describe=_weights_alt,
    caption=(
        r"Training with $c - \lambda (q - c)^2$. Dots: simulation (whiskers: lowest and highest"
        r" run). Line: mean field after as many steps. Dashed: best response, whose accuracy is the"
        r" closed form $\frac1Q \sum_x p_x [p_x \ge 1 - 1/\lambda]$. Above $\lambda^* = 1$"
        " accuracy is lost while the calibration error stays small."
    ),
    formulas=_WEIGHTED,
    seed=0,
    seconds=10,
)
_SANDBAGGED = {1.0: "RLCR ($\\lambda = 1$)", 2.0: "$\\lambda = 2$", 3.0: "$\\lambda = 3$"}


def _thresholds(weight: float) -> tuple[float, float]:
    """The local and the global failure threshold of c - lam (q - c)^2.

    V(p) = p - lam p (1 - p) falls below p = (1 - 1/lam) / 2 and is negative below 1 - 1/lam.
    """
    return (1 - 1 / weight) / 2, 1 - 1 / weight


def _sandbagging_draw(policies: Mapping[float, TrainedPolicies], width: Width) -> Drawn:
    from simulations.figures.weight_figures import sandbagging_figure

    return sandbagging_figure(
        {title: policies[weight] for weight, title in _SANDBAGGED.items()},
        {title: _thresholds(w) for w, title in _SANDBAGGED.items() if w > 1},
        width=width,
    )


def _sandbagging_alt(policies: Mapping[float, TrainedPolicies]) -> str:
    def rate(weight: float, low: float, high: float) -> str:
        each = policies[weight]
        difficulty = each.truth.max(axis=1)
        inside = (difficulty >= low) & (difficulty < high)
        return f"{float(each.sandbagging(each.end)[inside].mean()):.2f}"

    parts = [
        f"for weight {weight:g}, with thresholds at {local:.2f} and {beyond:.2f}, it is"
        f" {rate(weight, 0, beyond)} below the global threshold and {rate(weight, beyond, 1.01)}"
        " above it"
        for weight in (2.0, 3.0)
        for local, beyond in (_thresholds(weight),)
    ]
    return (
        "Three panels: the sandbagging rate of each question over the success probability of its"
        f" best answer. For RLCR it is near 0 ({rate(1.0, 0, 1.01)} on average);"
        f" {listed(parts)}. Dotted and dashed vertical lines are the local and the global failure"
        " threshold."
    )


SANDBAGGING_FIGURE = GalleryFigure(
    title="Sandbagging by difficulty, with both thresholds",
    collect=lambda study: study.policies,
    draw=_sandbagging_draw,
    describe=_sandbagging_alt,
    caption=(
        r"How often an answer is given that is never correct, after training with $c - \lambda"
        r" (q - c)^2$. Below the local threshold the worse of two answers earns more, below the"
        " global one sandbagging does."
    ),
    formulas=_WEIGHTED,
    seed=0,
    seconds=10,
)


def _stated_draw(policies: Mapping[float, TrainedPolicies], width: Width) -> Drawn:
    from simulations.figures.weight_figures import stated_figure

    return stated_figure({"binary": policies[0.0], "RLCR": policies[1.0]}, width=width)


def _stated_alt(policies: Mapping[float, TrainedPolicies]) -> str:
    binary, rlcr = policies[0.0], policies[1.0]
    errors = [
        float(policy.calibration_error(binary.truth).mean())
        for policy in (binary.start, binary.end, rlcr.end)
    ]
    return (
        "Three reliability diagrams of a simulated agent. Before training the points lie on a"
        f" level line, far from the diagonal (calibration error {errors[0]:.2f}). After training"
        f" with the binary reward they lie higher, still unrelated to confidence ({errors[1]:.2f})."
        f" After training with RLCR they follow the diagonal ({errors[2]:.2f})."
    )


STATED_FIGURE = GalleryFigure(
    title="Reliability before and after simulated training",
    collect=lambda study: study.policies,
    draw=_stated_draw,
    describe=_stated_alt,
    caption=(
        "Reliability of a simulated agent before training and after training with the binary reward"
        " and with RLCR, exact by enumeration of policy $\\times$ truth; areas are shares of"
        " answers."
    ),
    formulas={"binary": "c", "RLCR": "rlcr"},
    seed=0,
    seconds=10,
)


def _factorial_draw(outcomes: Sequence[SystemOutcome], _: Width) -> Drawn:
    from simulations.figures import system_figure

    return system_figure(outcomes)


def _factorial_alt(outcomes: Sequence[SystemOutcome]) -> str:
    from simulations.laboratory.system import signed

    panel = outcomes[0].panels[0]
    at = panel.names.index

    def effect(outcome: str, name: str) -> str:
        return signed(float(panel.curves[outcome][at(name)]), 2)

    return (
        "Two panels of points, one pair per main effect and interaction of four fixes. With judges"
        " that err and scales that differ (left), the ensemble changes accuracy by"
        f" {effect('accuracy', 'ensemble')} and the calibration error by"
        f" {effect('calibration error', 'ensemble')}; the proper score changes the calibration"
        f" error by {effect('calibration error', 'formula')} on average, and together with the"
        f" ensemble by a further {effect('calibration error', 'formula x ensemble')}; the offline"
        f" baseline changes accuracy by {effect('accuracy', 'contrast')}, and its interaction with"
        f" the estimator is {effect('accuracy', 'contrast x estimator')}, since it does nothing"
        " beside the mean of the group. Without these faults of judges (right) neither the ensemble"
        " nor the offline baseline has an effect: no single fix does it."
    )


COMBINATIONS_FIGURE = GalleryFigure(
    title="No single fix: four fixes in all combinations",
    collect=lambda study: study.factorial,
    draw=_factorial_draw,
    describe=_factorial_alt,
    caption=(
        "Exact main effects and interactions of a proper score (formula), the smallest of several"
        " judges (ensemble), an offline baseline (contrast) and the mean and deviation of the group"
        " in place of those of the batch (estimator), with judges that overrate an answer and whose"
        " scales differ between questions, and without."
    ),
    formulas={"formula": "rlcr"},
    seed=0,
    seconds=12,
)


def _phases(_: Study) -> PhaseDiagram:
    from simulations.laboratory.verifier_noise import phase_diagram

    return phase_diagram(_FALSE_NEGATIVE)


def _phases_draw(diagram: PhaseDiagram, _: Width) -> Drawn:
    from simulations.figures import phase_figure

    return phase_figure(diagram)


def _phases_alt(diagram: PhaseDiagram) -> str:
    lost = diagram.share < 0.5
    corner = int(np.argmin(np.abs(diagram.weights - 3.0)))
    edge = diagram.errors[np.flatnonzero(~lost[corner])[0]]
    return (
        "Two maps over the false positive rate a and the weight of the Brier score. Left, the share"
        " of the better answer is near 1 except in the upper left corner (at weight 3 for a below"
        f" {edge:.2f}), where the agent sandbags, and right of a = {diagram.critical_error:g},"
        " where the verifier is worse than chance. A curve from weight 1 at a = 0 upwards lies just"
        " outside of that corner. Right, confidence minus success probability grows with a, from"
        f" {float(diagram.overconfidence[:, 0].min()):.2f} to"
        f" {float(diagram.overconfidence.max()):.2f}."
    )


PHASE_DIAGRAM_FIGURE = GalleryFigure(
    title="Verifier errors and weight: accuracy and confidence",
    collect=_phases,
    draw=_phases_draw,
    describe=_phases_alt,
    caption=(
        r"A verifier that accepts wrong answers with probability $a$ and rejects correct ones with"
        r" probability $b = 0.1$: what becomes of the better of two answers ($p = 0.2$ and $0$),"
        r" and of its confidence. Line: $\lambda = 1/(1 - 2a)$; dashed: $a = 1 - b$."
    ),
    formulas=_WEIGHTED,
)


def _speed(_: Study) -> Frontier:
    from simulations.laboratory.speed_frontier import standard_frontier

    return standard_frontier()


def _speed_draw(found: Frontier, _: Width) -> Drawn:
    from simulations.figures import frontier_figure

    return frontier_figure(found)


def _speed_alt(found: Frontier) -> str:
    def at(margin: float, density: float, values: Any) -> str:
        row = int(np.argmin(np.abs(found.densities - density)))
        column = int(np.argmin(np.abs(found.margins - margin)))
        return f"{float(values[row, column]):.2f}"

    return (
        "Two maps over accuracy margin and threshold density, and a panel of curves. At the same"
        f" learning rate the accuracy after {found.steps} steps is"
        f" {at(1.0, 0.0, found.accuracy)} for the binary reward, {at(0.0, 2.0, found.accuracy)} for"
        f" RLCR and {at(1.0, 2.0, found.accuracy)} for 2c - (q - c)^2, and rises with both. At the"
        f" same range it is {at(0.0, 2.0, found.scaled)} for RLCR, and no reward is above the"
        " binary one. The curves show three densities over the margin, with simulated points on"
        " them."
    )


LEARNING_SPEED_FIGURE = GalleryFigure(
    title="What honesty costs in training time",
    collect=_speed,
    draw=_speed_draw,
    describe=_speed_alt,
    caption=(
        "Accuracy after a fixed number of steps by accuracy margin $m$ and threshold density $k$:"
        " at the same learning rate, with every reward scaled to the same range, and three columns"
        " with simulated points (bars: two standard errors)."
    ),
    formulas={"binary": "c", "RLCR": "rlcr", "designed": "2*c - (q - c)^2"},
    seed=0,
    seconds=3,
)


def _contest(study: Study) -> ContestResult:
    from scoring_theory.designing import design
    from simulations.contest import contest, contestants, rlcr_of_range

    made = design(thresholds=[0.6], curvature=0.2, name="designed")
    rewards = [rlcr_of_range(made.thresholds.total), made.reward]
    scale: StudySize = "short" if study.short else "full"
    return contest(contestants(rewards, scale=scale), [0.3, 0.6], expected=not study.short)


def _contest_draw(result: ContestResult, _: Width) -> Drawn:
    from simulations.figures import contest_figure

    return contest_figure(result)


def _contest_alt(result: ContestResult) -> str:
    leads = [
        f"acting above {t:g} it leads by at most {course.largest:.3f}, at step {course.at}"
        if course.largest > 0
        else f"acting above {t:g} it trails by at most {-course.largest:.3f}, at step {course.at}"
        for t, course in zip(result.thresholds, result.course(1, 0), strict=True)
    ]
    return (
        f"{len(result.thresholds)} panels over training steps, one per decision: the mean payoff of"
        " decisions by stated confidence for RLCR and for a reward designed for the threshold 0.6,"
        " which rises in each. The designed reward against RLCR:"
        f" {listed(leads)}."
    )


CONTEST_FIGURE = GalleryFigure(
    title="Decisions during training: a designed reward against RLCR",
    collect=_contest,
    draw=_contest_draw,
    describe=_contest_alt,
    caption=(
        "Mean payoff $(c - t)[q > t]$ of decisions at two thresholds while two agents train: with"
        " RLCR, and with a reward of the same range that is designed for the threshold $0.6$."
        " Bands: the middle 80\\,\\% of the runs; circles: expected motion."
    ),
    formulas={"RLCR": "rlcr", "designed": "contest --threshold 0.6 --curvature 0.2"},
    seed=0,
    seconds=38,
)


def _scaling(_: Study) -> Mapping[str, Mapping[str, Any]]:
    from simulations.gallery.recorded import recorded_columns, recorded_curves

    return recorded_curves(recorded_columns())


def _scaling_draw(curves: Mapping[str, Mapping[str, Any]], width: Width) -> Drawn:
    from scoring_theory.plotting import Curves, Drawn, trainer_curves
    from simulations.gallery.recorded import TRUTH

    data = Curves()
    for name, curve in curves.items():
        for run, confidence in enumerate(curve["confidence"]):
            data.add(name, f"run {run}", curve["step"], confidence)
        data.add(name, "mean", curve["step"], np.mean(curve["confidence"], axis=0))
    figure = trainer_curves(curves, success_probability=TRUTH, width=width)
    return Drawn(figure, data.columns())


def _scaling_alt(curves: Mapping[str, Mapping[str, Any]]) -> str:
    first, last = (
        {name: float(np.mean(curve["confidence"], axis=0)[at]) for name, curve in curves.items()}
        for at in (0, -1)
    )
    group, none = curves
    return (
        f"Stated confidence over training steps in TRL's GRPOTrainer. Both curves start near"
        f" {first[group]:.2f}. With {group} confidence rises to {last[group]:.2f}; with {none} it"
        f" settles at {last[none]:.2f}, at the grey line of the truth, 0.7."
    )


TRL_SCALING_FIGURE = GalleryFigure(
    title="TRL's group scaling against none",
    collect=_scaling,
    draw=_scaling_draw,
    describe=_scaling_alt,
    caption=(
        r"Stated confidence in TRL's GRPOTrainer with RLCR, on a task with $p = 0.7$ whose outcome"
        r" a group shares: division by the group's deviation (\texttt{group}) and none. Thin lines"
        " are single seeds."
    ),
    formulas={"RLCR": "rlcr"},
    half=True,
    seed=0,
)
