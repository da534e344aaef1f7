"""Training with c + lam times the Brier score: accuracy, calibration and sandbagging by lam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from scoring_theory.plotting import OKABE_ITO, Curves, Drawn, panel_grid, paper_style
from scoring_theory.plotting.style import (
    GLOBAL_FAILURE,
    GREY,
    LOCAL_FAILURE,
    Width,
    legend_below,
    scale_points,
    small_size,
)
from simulations.policies import StatedPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

    from simulations.figures.trained import TrainedPolicies
    from simulations.training.kernels import FloatArray

_DASHED, _DOTTED = (0, (4.0, 1.6)), (0, (1.2, 1.4))
_BINS = np.linspace(0, 1, 11)
_FINE = 301
"""Points of a closed form over the weights."""


def optimal_accuracy(truth: FloatArray, weights: FloatArray) -> FloatArray:
    """The accuracy of the best response to c - lam (q - c)^2, in closed form.

        sum over questions of p [p >= 1 - 1/lam] / Q,   p = max_y P(correct | y)

    An honest answer earns V(p) = p - lam p (1 - p), and an answer that is known to be wrong, stated
    with confidence 0, earns V(0) = 0. V is convex, so that the best answer or the wrong one earns
    the most. Up to lam* = 1 it is the best one in every question; above, accuracy falls at once if
    there are questions of every difficulty, and else at 1 / (1 - p) of the hardest.

    Args:
        truth: P(correct) of each answer, (Q, K), one of them 0.
        weights: Values of lam, 0 or more, (T,).

    Example:
        >>> optimal_accuracy(np.array([[0.2, 0.0], [0.6, 0.0]]), np.array([1.0, 1.24, 1.26, 3.0]))
        array([0.4, 0.4, 0.3, 0. ])
    """
    best = truth.max(axis=1)
    honest = best >= np.maximum(0.0, 1 - 1 / np.maximum(weights, 1e-9))[:, None]
    return np.asarray((best * honest).mean(axis=1))


def weight_figure(
    trained: Sequence[TrainedPolicies], critical: float, *, width: Width = "full"
) -> Drawn:
    """Accuracy (left) and calibration error (right) by the weight of the score; lam* is marked.

    Dots are the means over runs of the simulation, with whiskers from the lowest to the highest
    run. The line is the mean field after the same number of visits, the dashed line the best
    response; its accuracy is `optimal_accuracy`, which falls from lam* on.

    Args:
        trained: One per weight, ascending.
        critical: lam*.
        width: Of the figure.
    """
    lam, data = np.array([each.weight for each in trained]), Curves()
    shown: dict[str, Callable[[StatedPolicy, FloatArray], FloatArray]] = {
        "Accuracy": StatedPolicy.accuracy,
        "Calibration error (ECE)": StatedPolicy.calibration_error,
    }
    with paper_style(width):
        figure, axes = panel_grid(1, 2, ratio=0.6, extra=0.25)
        for panel, (title, measure) in zip(axes[0], shown.items(), strict=True):
            runs = np.array([measure(each.end, each.truth) for each in trained])
            expected = np.array([measure(each.expected, each.truth).mean() for each in trained])
            fine, best = lam, np.array([measure(each.best, each.truth).mean() for each in trained])
            if title == "Accuracy":
                fine = np.linspace(lam[0], lam[-1], _FINE)
                best = optimal_accuracy(trained[0].truth, fine)
            panel.axvline(critical, color=GREY, linewidth=scale_points(0.8), linestyle=_DOTTED)
            panel.plot(fine, best, color="black", linestyle=_DASHED)
            panel.plot(lam, expected, color=OKABE_ITO["blue"])
            panel.vlines(lam, runs.min(axis=1), runs.max(axis=1), color=OKABE_ITO["vermillion"])
            panel.plot(lam, runs.mean(axis=1), "o", color=OKABE_ITO["vermillion"])
            data.add(title, "best response", fine, best)
            data.add(title, "mean field", lam, expected)
            ends = {"low": runs.min(axis=1), "high": runs.max(axis=1)}
            data.add(title, "simulation", lam, runs.mean(axis=1), **ends)
            top = 1.12 * max(runs.max(), best.max(), expected.max())
            panel.set(ylabel=title, xlabel="Weight of the Brier score, $\\lambda$", ylim=(0, top))
            panel.annotate(
                f"$\\lambda^* = {critical:g}$",
                (critical, top),
                (scale_points(3), scale_points(-2)),
                textcoords="offset points",
                va="top",
                fontsize=small_size(),
            )
            data.add(title, "lam*", critical, np.nan)  # a line across the panel
        mark: dict[str, Any] = {
            "color": OKABE_ITO["vermillion"],
            "marker": "o",
            "linestyle": "none",
        }
        handles = [
            Line2D([], [], **mark, label="Simulation"),
            Line2D([], [], color=OKABE_ITO["blue"], label="Mean field, same number of steps"),
            Line2D([], [], color="black", linestyle=_DASHED, label="Best response"),
        ]
        legend_below(figure, handles)
    return Drawn(figure, data.columns())


def sandbagging_figure(
    trained: Mapping[str, TrainedPolicies],
    thresholds: Mapping[str, tuple[float, float]],
    *,
    width: Width = "full",
) -> Drawn:
    """How often an answer is given that is never correct, by the difficulty of the question.

    One panel per reward. A dot is a question of the simulation (mean over runs), the line the mean
    field in ten bins of the success probability of the best answer. Below the local failure
    threshold the worse of two answers earns more; below the global one, sandbagging does.

    Args:
        trained: By the name of the reward.
        thresholds: The local and the global failure threshold, by the same names; none if absent.
        width: Of the figure.
    """
    data = Curves()
    with paper_style(width):
        figure, axes = panel_grid(1, len(trained), ratio=0.72, extra=0.25, sharey=True)
        for panel, (name, each) in zip(axes[0], trained.items(), strict=True):
            difficulty, rate = each.truth.max(axis=1), each.sandbagging(each.end)
            for threshold, color, word in zip(
                thresholds.get(name, ()),
                (LOCAL_FAILURE, GLOBAL_FAILURE),
                ("local failure threshold", "global failure threshold"),
                strict=False,
            ):
                dashes = _DOTTED if word.startswith("local") else _DASHED
                panel.axvline(threshold, color=color, linestyle=dashes)
                data.add(name, word, [threshold, threshold], [0, 1])
            panel.plot(difficulty, rate, "o", color=GREY, markersize=scale_points(2.5), alpha=0.7)
            data.add(name, "question, simulation", difficulty, rate)
            middle, mean = _binned(difficulty, each.sandbagging(each.expected))
            panel.plot(middle, mean, color=OKABE_ITO["blue"])
            data.add(name, "mean field, in bins", middle, mean)
            panel.set(title=name, xlabel="Success probability\nof the best answer", xlim=(0, 1))
            panel.set(ylim=(-0.03, 1.03), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))
        axes[0, 0].set_ylabel("Sandbagging rate")
        dot: dict[str, Any] = {"color": GREY, "marker": "o", "linestyle": "none"}
        handles = [
            Line2D([], [], **dot, markersize=scale_points(2.5), label="Question (simulation)"),
            Line2D([], [], color=OKABE_ITO["blue"], label="Mean field"),
            Line2D([], [], color=LOCAL_FAILURE, linestyle=_DOTTED, label="Local threshold"),
            Line2D([], [], color=GLOBAL_FAILURE, linestyle=_DASHED, label="Global threshold"),
        ]
        legend_below(figure, handles)
    return Drawn(figure, data.columns())


def _binned(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean of x and of y in each bin that is not empty."""
    place = np.clip(np.digitize(x, _BINS) - 1, 0, _BINS.size - 2)
    kept = [place == k for k in range(_BINS.size - 1) if (place == k).any()]
    return np.array([x[k].mean() for k in kept]), np.array([y[k].mean() for k in kept])


def stated_figure(trained: Mapping[str, TrainedPolicies], *, width: Width = "full") -> Drawn:
    """Reliability diagrams of simulated agents before and after training, exactly.

    Each point is a level of confidence: the accuracy of the answers that are stated with it, by
    enumeration of policy x truth; its area is the share of these answers. Levels with less than
    0.2 % of the answers are left out.

    Args:
        trained: By the name of the reward; the agent before training is the same.
        width: Of the figure.
    """
    data = Curves()
    first = next(iter(trained.values()))
    shown = [("Before training", first.start, first.truth)]
    shown += [(f"After training: {name}", each.end, each.truth) for name, each in trained.items()]
    colors = ("black", OKABE_ITO["vermillion"], OKABE_ITO["blue"], OKABE_ITO["green"])
    with paper_style(width):
        figure, axes = panel_grid(1, len(shown), ratio=0.95, extra=0.1, sharey=True)
        for panel, (title, policy, truth), color in zip(axes[0], shown, colors, strict=False):
            _reliability(panel, data, title, policy, truth, color)
        axes[0, 0].set_ylabel("Accuracy")
    return Drawn(figure, data.columns())


def _reliability(
    panel: Axes, data: Curves, title: str, policy: StatedPolicy, truth: FloatArray, color: str
) -> None:
    stated, correct = (rows.mean(axis=0) for rows in policy.levels(truth))
    kept = stated >= 0.002
    accuracy = correct[kept] / stated[kept]
    panel.plot([0, 1], [0, 1], color=GREY, linewidth=scale_points(0.6), linestyle=_DASHED)
    panel.scatter(
        policy.grid[kept],
        accuracy,
        s=(8 + 150 * stated[kept]) * scale_points(1.0) ** 2,
        color=color,
        linewidths=0,
        clip_on=False,
        zorder=3,
    )
    error = float(policy.calibration_error(truth).mean())
    panel.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), xlabel="Stated confidence", title=title)
    panel.set(xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"), yticks=(0, 0.5, 1))
    panel.text(
        0.04, 0.93, f"ECE {error:.2f}\naccuracy {float(policy.accuracy(truth).mean()):.2f}",
        transform=panel.transAxes, va="top", fontsize=small_size(),
    )  # fmt: skip
    data.add(title, "level of confidence", policy.grid[kept], accuracy)
    data.add(title, "share of answers", policy.grid[kept], stated[kept])
