"""The figure of the sandbagging game."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.plotting.style import as_text, panel_grid, paper_style, styles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from scoring_theory.plotting.style import Width
    from scoring_theory.teaching import SandbaggingGame


def sandbagging_curves(games: Sequence[SandbaggingGame], *, width: Width = "full") -> Figure:
    """Expected points (left) and accuracy (right) of students who disown answers below a cutoff.

    The marker on each curve is the cutoff with the most points, the smallest one if several tie.

    Args:
        games: One curve each, at least one; see `scoring_theory.teaching.SandbaggingGame`.
        width: Of the figure.

    Example:
        >>> from scoring_theory.teaching import SandbaggingGame
        >>> exam = SandbaggingGame("c - 2*(q - c)^2", [0.1, 0.3, 0.6, 0.9])
        >>> [panel.get_ylabel() for panel in sandbagging_curves([exam]).axes]
        ['Expected points per question', 'Accuracy']
    """
    names = [game.reward.name or game.reward.text for game in games]
    styles = styles_of(names)
    with paper_style(width):
        figure, axes = panel_grid(1, 2, ratio=0.62)
        for name, game in zip(names, games, strict=True):
            levels = np.unique(game.success_probabilities)
            cutoffs = np.unique([0.0, *np.nextafter(levels, 2.0), 1.0])
            played = [game.play(below=float(cutoff)) for cutoff in cutoffs]
            points = np.array([each.points.mean() for each in played])
            accuracy = np.array([each.accuracy for each in played])
            best = int(np.argmax(points >= points.max() - 1e-12))
            for panel, heights in zip(axes[0], (points, accuracy), strict=True):
                panel.step(
                    cutoffs, heights, where="post", label=as_text(name), **styles[name].line()
                )
                panel.plot(cutoffs[best], heights[best], **styles[name].points(), clip_on=False)
        axes[0, 0].set_ylabel("Expected points per question")
        axes[0, 1].set_ylabel("Accuracy")
        for panel in axes[0]:
            panel.set(xlabel="Answers with $p$ below this are disowned", xlim=(0, 1))
        figure.legend(
            *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(games)
        )
    return figure
