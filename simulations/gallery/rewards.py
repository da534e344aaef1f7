"""The figures of rewards before training: incentives, thresholds, estimators, designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.study import Study

if TYPE_CHECKING:
    from scoring_theory.designing import Design
    from scoring_theory.plotting import AdvantagePicture, Drawn, RewardPicture, Width
    from scoring_theory.plotting.estimator_map import StableReports
    from scoring_theory.plotting.threshold_plots import ThresholdMeasure

_FORMULAS = {
    "binary": "binary",
    "RLCR": "rlcr",
    "c + 2 Brier": "c + 2*brier",
    "c + log": "c + log",
    "one-sided": "one_sided",
}
_FIVE = '["c", "c - (q - c)^2", "c + 2*brier", "c + log", "one_sided"]'
_CONE = {
    "binary": "binary",
    "RLCR": "rlcr",
    "c + spherical": "c + spherical",
    "one-sided": "one_sided",
    "overconfidence": "overconfidence",
    "underconfidence": "underconfidence",
    "exponential": "exponential",
    "threshold bet": "threshold_bet",
    "c + 2 Brier": "c + 2*brier",
    "c + log": "c + log",
}
_ABSTAINING = {"binary": "c", "RLCR": "c - (q - c)^2", "c + log": "c + log"}
_BRIER = "-(q - c)^2"
_SIZES = (3, 4, 8, 16, 32)


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence, joined by commas and `and`.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _before_alt(pictures: Sequence[RewardPicture]) -> str:
    tied = [each.name for each in pictures if np.ptp(each.shortfall) < 1e-9]
    failing = [
        f"{each.name} below p = {each.global_failure_below:.3g}"
        for each in pictures
        if each.global_failure_below
    ]
    p = pictures[0].success_probability
    return (
        f"Two rows of {len(pictures)} panels, one column per reward:"
        f" {listed([each.name for each in pictures])}. Above, the gain over the truthful report is"
        f" a curve with its top, 0, at q = {p:g}; for {listed(tied)} it is flat, so that all"
        " reports are tied. Below, the optimal expected reward V(p) rises from 0 to 1 for the"
        f" others, but first falls below the line of sandbagging for {listed(failing)}; that zone"
        " is shaded."
    )


def _values_alt(pictures: Sequence[RewardPicture]) -> str:
    marks = [
        f"{each.name} falls until p = {each.local_failure_below:.3g} and is back at its start at"
        f" p = {each.global_failure_below:.3g}"
        for each in pictures
        if each.local_failure_below and each.global_failure_below
    ]
    return (
        f"{len(pictures)} curves of the optimal expected reward V(p) over the success probability"
        " p, all from 0 at p = 0 to 1 at p = 1. The binary reward is the diagonal; RLCR and the"
        f" one-sided reward rise as well; {listed(marks)}. Hollow markers show the local, filled"
        " markers the global failure threshold."
    )


def _payoffs_alt(pictures: Sequence[RewardPicture]) -> str:
    endless = [each.name for each in pictures if not np.isfinite(each.on_wrong).all()]
    return (
        f"Two panels with {len(pictures)} curves each over the stated confidence q. Left, the"
        " reward of a correct answer rises with q, except that the binary reward is 1 throughout."
        " Right, the reward of a wrong answer falls with q, except that the binary reward is 0;"
        f" for {listed(endless)} it falls without bound, and arrow heads show where the curves"
        " leave the panel."
    )


def _draw(name: str, columns: str) -> Any:
    def draw(pictures: Sequence[RewardPicture], width: Width) -> Drawn:
        from scoring_theory import plotting

        figure = getattr(plotting, name)(pictures, width=width)
        return plotting.Drawn(figure, getattr(plotting, columns)(pictures))

    return draw


BEFORE_TRAINING_FIGURE = GalleryFigure(
    title="Five rewards before training: honesty and accuracy",
    collect=lambda study: study.pictures,
    draw=_draw("before_training", "before_training_columns"),
    describe=_before_alt,
    caption=(
        "Five rewards before training. Above: the gain over the truthful report,"
        " $U(p, q) - U(p, p)$, at $p = 0.7$. Below: the optimal expected reward $V(p)$ and the"
        " payoff of sandbagging, a deliberately wrong answer with $q = 0$."
    ),
    formulas=_FORMULAS,
)
PAYOFFS_FIGURE = GalleryFigure(
    title="Payoffs of five rewards",
    collect=lambda study: study.pictures,
    draw=_draw("payoff_curves", "payoff_columns"),
    describe=_payoffs_alt,
    caption=(
        "The reward of a correct answer, $f(q) = R(q, 1)$, and of a wrong answer,"
        " $g(q) = R(q, 0)$. Arrow heads: the curve continues below the panel."
    ),
    formulas=_FORMULAS,
)
VALUES_FIGURE = GalleryFigure(
    title="Optimal expected reward of five rewards",
    collect=lambda study: study.pictures,
    draw=_draw("value_curves", "value_columns"),
    describe=_values_alt,
    caption=(
        "The optimal expected reward $V(p)$. Where it falls, a worse answer earns more (local"
        " failure); where it lies below $V(0)$, sandbagging earns more (global failure)."
    ),
    formulas=_FORMULAS,
    half=True,
)


def _regret(formula: str) -> Any:
    def collect(_: Study) -> tuple[str, Any, Any]:
        from scoring_theory.catalogue.words import parse_reward

        reward, levels = parse_reward(formula), np.linspace(0, 1, 101)
        expected = reward.expected_reward(levels[:, None], levels)
        return reward.name, levels, expected.diagonal()[:, None] - expected

    return collect


def _regret_draw(found: tuple[str, Any, Any], width: Width) -> Drawn:
    from scoring_theory.plotting import Drawn, regret_map

    name, levels, regret = found
    p, q = (grid.ravel() for grid in np.meshgrid(levels, levels, indexing="ij"))
    columns = {"success_probability": p, "stated_confidence": q, "regret": regret.ravel()}
    return Drawn(regret_map(regret, levels, name=name, width=width), columns)


def _regret_alt(found: tuple[str, Any, Any]) -> str:
    name, levels, regret = found
    at = [int(np.argmin(np.abs(levels - level))) for level in (0.5, 0.9)]
    return (
        f"A map of the regret of {name} over stated confidence and success probability. It is 0 on"
        " the diagonal, where reports are truthful, and grows with the distance from it: stating"
        f" q = 0.9 where p = 0.5 costs {regret[at[0], at[1]]:.2f}."
    )


def _regret_figure(title: str, formula: str) -> GalleryFigure:
    return GalleryFigure(
        title=f"Regret of misreporting under {title}",
        collect=_regret(formula),
        draw=_regret_draw,
        describe=_regret_alt,
        caption=f"The regret (score divergence) $d(p, q) = U(p, p) - U(p, q)$ of {title}.",
        formulas={title: formula},
        half=True,
    )


REGRET_RLCR_FIGURE, REGRET_LOG_FIGURE = (
    _regret_figure("RLCR", "rlcr"),
    _regret_figure("c + log", "c + log"),
)


def _cone(_: Study) -> list[ThresholdMeasure]:
    from scoring_theory.catalogue.words import parse_reward
    from scoring_theory.plotting.threshold_plots import threshold_measure

    return [threshold_measure(parse_reward(text), name=name) for name, text in _CONE.items()]


def _cone_draw(measures: Sequence[ThresholdMeasure], width: Width) -> Drawn:
    from scoring_theory.plotting.threshold_plots import safe_cone

    return safe_cone(measures, width=width)


def _cone_alt(measures: Sequence[ThresholdMeasure]) -> str:
    unsafe = [
        f"{each.name} ({each.atoms[0.0]:g})".replace("-inf", "minus infinity")
        for each in measures
        if not each.safe
    ]
    return (
        f"{len(measures)} panels with the threshold density of one reward each."
        f" {len(measures) - len(unsafe)} of them lie nowhere below 0: a stem of 1 at threshold 0"
        " for the binary reward, a flat density of 2 for RLCR, a hill for the spherical score,"
        " densities that rise or fall, a single stem at 3/4 for the threshold bet."
        f" {len(unsafe)} have a stem at 0 that points downwards: {listed(unsafe)}."
    )


SAFE_CONE_FIGURE = GalleryFigure(
    title="The cone of safe rewards: threshold densities and point masses",
    collect=_cone,
    draw=_cone_draw,
    describe=_cone_alt,
    caption=(
        "A proper reward is safe if and only if its threshold measure is nowhere negative. Areas"
        " are densities $w(t) = V''(t)$, stems point masses; the mass at $0$ is the accuracy margin"
        " $V'(0^+)$. The last two rewards are proper and not safe."
    ),
    formulas=_CONE,
    seconds=2,
)


def _maps(_: Study) -> list[StableReports]:
    from scoring_theory.advantage import as_trainer
    from scoring_theory.plotting.estimator_map import stable_reports

    mixed = replace(as_trainer("group_mean"), keep_outcomes="mixed")
    shown: list[tuple[str, Any, Any]] = [
        ("Group mean", "group_mean", "independent"),
        ("Group std (GRPO)", "group_std", "independent"),
        ("Group std (GRPO)", "group_std", "shared"),
        ("Mixed groups (DAPO)", mixed, "independent"),
        ("Leave-one-out std", "leave_one_out_std", "independent"),
        ("Leave-one-out std", "leave_one_out_std", "shared"),
    ]
    p = np.arange(1, 20) / 20
    return [
        stable_reports(
            _BRIER,
            p,
            _SIZES,
            estimator=estimator,
            outcomes=outcomes,
            title=f"{name}\n{outcomes} outcomes",
        )
        for name, estimator, outcomes in shown
    ]


def _maps_draw(found: Sequence[StableReports], width: Width) -> Drawn:
    from scoring_theory.plotting.estimator_map import estimator_map

    return estimator_map(found, width=width)


def _maps_alt(found: Sequence[StableReports]) -> str:
    def bias(number: int, p: float, size: int) -> str:
        each = found[number]
        column = int(np.argmin(np.abs(each.success_probability - p)))
        return f"{each.bias[_SIZES.index(size), column]:+.2f}"

    return (
        f"{len(found)} maps over success probability and group size. The group mean, and the"
        " leave-one-out mean and deviation with independent outcomes, keep the stable report at"
        " the truth everywhere. Division by the group's deviation moves it to the nearer end:"
        f" at p = 0.7 by {bias(1, 0.7, 4)} for groups of 4 and {bias(1, 0.7, 32)} for groups of"
        f" 32 with independent outcomes, and by {bias(2, 0.7, 32)} at every size with shared"
        " outcomes. Keeping mixed groups only moves it towards one half: at p = 0.9 by"
        f" {bias(3, 0.9, 4)} for groups of 4."
    )


ESTIMATOR_MAP_FIGURE = GalleryFigure(
    title="Where training ends: estimator, outcomes and group size",
    collect=_maps,
    draw=_maps_draw,
    describe=_maps_alt,
    caption=(
        "The stable report minus the success probability under the Brier score, for advantage"
        " estimators, outcome models, and group sizes. At $0$ honesty survives the estimator."
    ),
    formulas={"Brier": _BRIER},
)


def _advantages(_: Study) -> list[AdvantagePicture]:
    from scoring_theory.catalogue import rlcr
    from scoring_theory.plotting import advantage_picture

    return [advantage_picture(rlcr, p, estimator="grpo", outcomes="shared") for p in (0.3, 0.7)]


def _advantages_draw(pictures: Sequence[AdvantagePicture], width: Width) -> Drawn:
    from scoring_theory.plotting import Drawn, advantage_columns, advantage_curves

    return Drawn(advantage_curves(pictures, width=width), advantage_columns(pictures))


def _advantages_alt(pictures: Sequence[AdvantagePicture]) -> str:
    best = [
        f"q = {0 if each.followed[0] > each.followed[-1] else 1} at p ="
        f" {each.success_probability:g}"
        for each in pictures
    ]
    return (
        "Two rows of two panels. Left, the gain in expected reward is a parabola with its top at"
        " the truth. Right, the gain in advantage under GRPO with shared outcomes jumps at the"
        f" truth and is nearly level on either side of it, higher towards {listed(best)}."
    )


ADVANTAGES_FIGURE = GalleryFigure(
    title="What GRPO makes of RLCR",
    collect=_advantages,
    draw=_advantages_draw,
    describe=_advantages_alt,
    caption=(
        "The gain over the truthful report in expected reward (left) and in advantage under GRPO"
        " with shared outcomes (right), while all other rollouts are truthful."
    ),
    formulas={"RLCR": "c - (q - c)^2"},
)


def _design(_: Study) -> Design:
    from scoring_theory.designing import design

    return design(thresholds=[0.6, 0.9], margin=0.2, curvature=0.3, name="designed")


def _design_draw(made: Design, width: Width) -> Drawn:
    from scoring_theory.plotting import Drawn, design_columns, design_figure

    return Drawn(design_figure(made, width=width), design_columns(made))


def _design_alt(made: Design) -> str:
    masses = [f"{float(m):g} at {float(t):g}" for t, m in made.thresholds.atoms.items() if m]
    return (
        f"Four panels of one designed reward. Thresholds: stems of {listed(masses)} over a flat"
        f" density of {float(made.thresholds.curvature):g}. Rewards: steps at the thresholds, up"
        " for a correct answer, down for a wrong one. Expected score: a convex curve above that of"
        " RLCR for small p. Trade-off: a falling line on which the design is marked."
    )


DESIGN_FIGURE = GalleryFigure(
    title="A designed reward",
    collect=_design,
    draw=_design_draw,
    describe=_design_alt,
    caption=(
        "A reward designed for decisions at $0.6$ and $0.9$, with accuracy margin $0.2$ and"
        " curvature $0.3$; grey: RLCR with the same range."
    ),
    formulas={"designed": "design --threshold 0.6 --threshold 0.9 --margin 0.2 --curvature 0.3"},
)


def _graded_draw(weight: float, width: Width) -> Drawn:
    from scoring_theory.plotting.graded_plots import graded_figure

    return graded_figure(weight, width=width)


def _graded_alt(weight: float) -> str:
    from scoring_theory.plotting.graded_plots import graded_value

    (sure, even), (affine_sure, affine_even) = (
        [graded_value(m, v, weight, affine=affine) for m, v in ((0.3, 0.0), (0.5, 0.25))]
        for affine in (False, True)
    )
    return (
        "Two panels over mean and variance of a graded score, below a parabola that no score"
        " exceeds. Left, RLCR as written: lines of equal reward slope to the right, so that a sure"
        f" score of 0.3 earns {sure:.2f} and a score of 0 or 1 evenly only {even:.2f}. Right, its"
        f" affine extension: the lines are vertical, and the two earn {affine_sure:.2f} and"
        f" {affine_even:.2f}."
    )


GRADED_FIGURE = GalleryFigure(
    title="Graded scores: mean and variance",
    collect=lambda _: 1.0,
    draw=_graded_draw,
    describe=_graded_alt,
    caption=(
        r"Lines of equal optimal expected reward for graded correctness $s \in [0, 1]$ at"
        r" $\lambda = 1$. RLCR as written, $s - (q - s)^2$, pays $E s - \mathrm{Var}(s)$; its"
        " affine extension pays for the mean alone."
    ),
    formulas={"RLCR as written": "s - (q - s)^2", "affine": "s - s (1 - q)^2 - (1 - s) q^2"},
)


def _abstention(_: Study) -> Mapping[str, str]:
    return _ABSTAINING


def _abstention_draw(rewards: Mapping[str, str], width: Width) -> Drawn:
    from scoring_theory.plotting.abstention_plots import abstention_figure

    return abstention_figure(rewards, width=width)


def _abstention_alt(rewards: Mapping[str, str]) -> str:
    from scoring_theory.catalogue.coercion import as_reward

    lowest = float(as_reward(rewards["c + log"]).value(np.linspace(0, 1, 1001)).min())
    return (
        f"{len(rewards)} panels: {listed(list(rewards))}. A frontier separates answering, on its"
        " left, from abstaining, on its right. It rises from A = 0 to A = 1 for the first two, so"
        " that the agent abstains below a threshold. For c + log it first bends back to"
        f" A = {lowest:.2f}, so that the agent abstains on an interval. At A = 1 a dotted line"
        " marks the loophole."
    )


ABSTENTION_FIGURE = GalleryFigure(
    title="The frontier between answering and abstaining",
    collect=_abstention,
    draw=_abstention_draw,
    describe=_abstention_alt,
    caption=(
        "Success probabilities at which abstaining, which earns $A$, earns more than the best"
        " answer: right of the frontier $A = V(p)$. From the dotted line on, abstaining never earns"
        " less than an answer."
    ),
    formulas=_ABSTAINING,
)
