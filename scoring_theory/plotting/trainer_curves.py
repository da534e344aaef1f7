"""Curves from the logs of a real trainer: mean confidence during training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting.style import (
    GREY,
    OKABE_ITO,
    RewardStyle,
    Width,
    as_text,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

_LOOKS = (
    RewardStyle(OKABE_ITO["vermillion"], "^"),
    RewardStyle(OKABE_ITO["blue"], "s", (0, (4.0, 1.6))),
    RewardStyle(OKABE_ITO["green"], "o", (0, (1.2, 1.4))),
)


def trainer_curves(
    curves: Mapping[str, Mapping[str, ArrayLike]],
    *,
    success_probability: float,
    width: Width = "half",
) -> Figure:
    """Stated confidence by training step: a thin line per run, a thick mean, and the truth.

    Args:
        curves: for each name, `step` (S,) and `confidence` (runs, S), in [0, 1].
        success_probability: the true p in [0, 1], drawn as a line.
        width: of the figure.

    Raises:
        ValueError: no curves or more than three, shapes that do not agree, or a number outside [0,
            1].

    Example:
        >>> runs = {"group": {"step": [10, 20], "confidence": [[0.5, 0.9], [0.6, 1.0]]}}
        >>> trainer_curves(runs, success_probability=0.7).axes[0].get_ylabel()
        'Stated confidence'
    """
    if not 1 <= len(curves) <= len(_LOOKS):
        raise ValueError(f"`curves` must hold one to {len(_LOOKS)} names, got {len(curves)}")
    if not 0 <= success_probability <= 1:
        raise ValueError(f"`success_probability` must lie in [0, 1], got {success_probability}")
    drawn = {name: _shaped(name, curve) for name, curve in curves.items()}
    with paper_style(width):
        figure, axes = panel_grid(1, 1, ratio=0.62 if width == "half" else 0.36)
        panel = axes[0, 0]
        for (name, (step, runs)), look in zip(drawn.items(), _LOOKS, strict=False):
            panel.plot(step, runs.T, **look.line(), linewidth=scale_points(0.5), alpha=0.45)
            panel.plot(
                step,
                runs.mean(axis=0),
                **look.both(),
                markevery=max(1, step.size // 8),
                label=as_text(name),
            )
        panel.axhline(success_probability, color=GREY, linewidth=scale_points(0.8), zorder=0)
        panel.annotate(
            f"Truth {success_probability:g}",
            (1, success_probability),
            (scale_points(-2), scale_points(-3)),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=small_size(),
            color=GREY,
        )
        low = min(success_probability, *(float(runs.min()) for _, runs in drawn.values()))
        panel.set(
            xlabel="Training step", ylabel="Stated confidence", ylim=(max(low - 0.1, -0.03), 1.03)
        )
        panel.legend(loc="lower right")
    return figure


def _shaped(
    name: str, curve: Mapping[str, ArrayLike]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    step, runs = (np.asarray(curve[key], dtype=np.float64) for key in ("step", "confidence"))
    if step.ndim != 1 or runs.ndim != 2 or runs.shape[1] != step.size or not runs.size:
        shapes = f"{step.shape} and {runs.shape}"
        raise ValueError(
            f"the curve {name!r} must have `step` (S,) and `confidence` (runs, S), got {shapes}"
        )
    if not ((runs >= 0) & (runs <= 1)).all():
        raise ValueError(f"confidences of {name!r} must lie in [0, 1]")
    return step, runs
