"""The gain from stating q among truthful rollouts, in expected reward and in advantage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.coercion import as_components, as_reward
from scoring_theory.display import one_line
from scoring_theory.plotting.style import (
    GREY,
    LOCAL_FAILURE,
    Width,
    label_size,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from scoring_theory.advantage import Outcomes, Trainer
    from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike
    from scoring_theory.checking import Report

_NOISE = 1e-9
_SHOWN = (0.3, 0.7)
_WORDS = {"independent": "independent", "by_answer": "by-answer", "shared": "shared"}


@dataclass(frozen=True, slots=True, eq=False)
class AdvantagePicture:
    """Gains from stating q while all other rollouts are truthful, at one success probability.

    Attributes:
        name: The name of the reward; decides its colour.
        success_probability: The success probability p, which the other rollouts state.
        levels: (L,) the confidences `q`.
        paid: (L,) `U(p, q) - U(p, p)`, the gain in expected reward.
        followed: (L,) `E[A at q] - E[A at p]`, the gain in advantage under the trainer.
        trainer: The name of the trainer, for the title.
        outcomes: The outcome model, for the title.

    Example:
        >>> drawn = advantage_picture("c - (q - c)^2", 0.7, estimator="grpo", points=3)
        >>> drawn.levels.tolist(), drawn.outcomes
        ([0.0, 0.5, 0.7, 1.0], 'independent')
    """

    name: str
    success_probability: float
    levels: NDArray[np.float64]
    paid: NDArray[np.float64]
    followed: NDArray[np.float64]
    trainer: str
    outcomes: str

    __repr__ = one_line


def advantage_picture(
    reward: RewardLike,
    success_probability: float,
    *,
    estimator: str | Trainer,
    outcomes: Outcomes = "independent",
    components: ComponentsLike | None = None,
    points: int = 201,
) -> AdvantagePicture:
    """Evaluate a reward and its effective advantage on a grid that contains p.

    Args:
        reward: A reward, a formula or an entry of the catalogue, with values for all its
            parameters.
        success_probability: The success probability p, in (0, 1).
        estimator: As in `scoring_theory.advantage.effective_advantage`.
        outcomes: As there.
        components: As there.
        points: Number of levels before p is added.

    Raises:
        ValueError: If p is not in (0, 1), or a reward of a confidence in (0, 1) is infinite.

    Example:
        >>> reward = "c - (q - c)^2"
        >>> drawn = advantage_picture(reward, 0.7, estimator="grpo", outcomes="shared", points=3)
        >>> drawn.levels.tolist(), drawn.followed.round(3).tolist()
        ([0.0, 0.5, 0.7, 1.0], [-0.99, -0.99, 0.0, 0.99])
    """
    from scoring_theory.advantage import as_trainer
    from scoring_theory.advantage.fitness import cases, fitness
    from scoring_theory.advantage.stability import tables_of

    p, trainer, reward = success_probability, as_trainer(estimator), as_reward(reward)
    parts = None if components is None else as_components(components)
    if not 0 < p < 1:
        raise ValueError(f"`success_probability` must lie inside (0, 1), got {p}")
    grid = np.linspace(0, 1, points)
    levels = np.sort(np.append(grid[np.abs(grid - p) > _NOISE], p))
    finite = np.isfinite(
        np.stack([part.table(levels) for part in [reward, *(r for _, _, r in parts or ())]])
    )
    levels = levels[finite.all(axis=(0, 1))]
    weights, tables = tables_of(reward, levels, trainer, parts)
    _, honest = tables_of(reward, np.array([p]), trainer, parts)
    among = cases(float(p), trainer.group_size, outcomes)
    moved, stays = (
        fitness(own, honest, weights, p, trainer, among)[:, 0] for own in (tables, honest)
    )
    return AdvantagePicture(
        name=reward.name or reward.text,
        success_probability=p,
        levels=levels,
        paid=reward.expected_reward(p, levels) - reward.expected_reward(p, p),
        followed=moved - stays,
        trainer=f"{trainer.name or trainer.estimator}, $G = {trainer.group_size}$",
        outcomes=outcomes,
    )


def advantage_pictures(report: Report) -> list[AdvantagePicture]:
    """The gains for a report of `check` with an estimator, at p = 0.3 and p = 0.7.

    Raises:
        ValueError: If the report was made without an estimator.

    Example:
        >>> from scoring_theory.checking import check
        >>> report = check("c - (q - c)^2", estimator="group_mean")
        >>> [drawn.success_probability for drawn in advantage_pictures(report)]
        [0.3, 0.7]
    """
    if report.training is None:
        raise ValueError("the report has no trainer: give an `estimator` to `check`")
    training, seen = report.training, report if report.clipped is None else report.clipped
    return [
        advantage_picture(
            seen.reward,
            p,
            estimator=training.trainer,
            outcomes=training.outcomes,
            components=training.parts,
        )
        for p in _SHOWN
    ]


def advantage_curves(pictures: Sequence[AdvantagePicture], *, width: Width = "full") -> Figure:
    """Two panels per picture: gain in expected reward (left) and gain in advantage (right).

    Args:
        pictures: At least one; see `advantage_picture`.
        width: Of the figure.

    Example:
        >>> drawn = advantage_picture("c", 0.7, estimator="grpo", points=3)
        >>> [panel.get_xlabel() for panel in advantage_curves([drawn]).axes]
        ['Stated confidence $q$', 'Stated confidence $q$']
    """
    with paper_style(width):
        figure, axes = panel_grid(len(pictures), 2, ratio=0.5, sharex=True)
        for row, each in zip(axes, pictures, strict=True):
            _panel(row[0], each, each.paid)
            _panel(row[1], each, each.followed)
            row[0].set_ylabel(f"Gain over truthful\nreport ($p = {each.success_probability:g}$)")
        for panel, title in zip(
            axes[0],
            (
                "Expected reward",
                f"Advantage: {pictures[0].trainer}, {_WORDS[pictures[0].outcomes]} outcomes",
            ),
            strict=True,
        ):
            panel.annotate(
                title,
                (0.5, 1),
                (0, scale_points(16)),
                textcoords="offset points",
                xycoords="axes fraction",
                ha="center",
                fontsize=label_size(),
            )
        for panel in axes[-1]:
            panel.set_xlabel("Stated confidence $q$")
    return figure


def _panel(panel: Axes, each: AdvantagePicture, gains: NDArray[np.float64]) -> None:
    p, style = each.success_probability, style_of(each.name)
    panel.axhline(0, color=GREY, linewidth=scale_points(0.6))
    panel.axvline(p, color=GREY, linewidth=scale_points(0.6), linestyle=(0, (1.2, 1.4)))
    for side in (each.levels < p, each.levels > p):  # the curve may jump at q = p
        panel.plot(each.levels[side], gains[side], color=style.color)
    panel.plot([p], [0], **style.points(), clip_on=False, zorder=4)
    most = float(gains.max())
    if most > _NOISE:
        best = each.levels[gains >= 0.998 * most]
        farthest = best[np.argmax(np.abs(best - p))]  # the end of a plateau farthest from p
        panel.set_title(
            f"$q = {farthest:.2g}$ gains {most:.2g}",
            fontsize=small_size(),
            pad=scale_points(3),
            color=LOCAL_FAILURE,
        )
    else:
        flat = float(np.ptp(gains)) <= _NOISE
        panel.set_title(
            "All $q$ are tied" if flat else "The truth is optimal",
            fontsize=small_size(),
            pad=scale_points(3),
        )
    panel.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("0", "0.5", "1"))


def advantage_columns(
    pictures: Sequence[AdvantagePicture],
) -> dict[str, NDArray[np.float64] | NDArray[np.str_]]:
    """The numbers of `advantage_curves` as one long table for `save`.

    Example:
        >>> list(advantage_columns([advantage_picture("c", 0.5, estimator="grpo", points=3)]))
        ['reward', 'success_probability', 'level', 'paid', 'followed']
    """
    repeated = [(each.name, each.success_probability, each.levels.size) for each in pictures]
    return {
        "reward": np.concatenate([np.repeat(name, size) for name, _, size in repeated]),
        "success_probability": np.concatenate([np.repeat(p, size) for _, p, size in repeated]),
        "level": np.concatenate([each.levels for each in pictures]),
        "paid": np.concatenate([each.paid for each in pictures]),
        "followed": np.concatenate([each.followed for each in pictures]),
    }
