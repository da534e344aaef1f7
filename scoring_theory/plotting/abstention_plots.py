"""Abstention: at which success probabilities it earns more than an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.plotting.saving import Curves, Drawn
from scoring_theory.plotting.style import (
    Width,
    as_text,
    panel_grid,
    paper_style,
    scale_points,
    small_size,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_theory.catalogue.coercion import RewardLike

_POINTS = 401
_LOWEST, _HIGHEST = -0.5, 1.2


def abstention_figure(rewards: Mapping[str, RewardLike], *, width: Width = "full") -> Drawn:
    """One panel per reward: where abstaining, which earns A, earns more than the best answer.

    The curve is the frontier A = V(p); right of it abstaining earns more. Where V rises, the agent
    abstains below a threshold. Elsewhere it abstains on an interval, below which sandbagging earns
    more still. The dotted line is the loophole A = max(V(0), V(1)): from there on, abstaining never
    earns less than an answer.

    Args:
        rewards: Proper rewards by name.
        width: Of the figure.

    Example:
        >>> abstention_figure({"RLCR": "c - (q - c)^2"}).figure.axes[0].get_xlabel()
        'Payoff of abstaining, $A$'
    """
    p, data = np.linspace(0, 1, _POINTS), Curves()
    with paper_style(width):
        figure, axes = panel_grid(1, len(rewards), ratio=0.85, sharey=True)
        for panel, (name, each) in zip(axes[0], rewards.items(), strict=True):
            value, color = as_reward(each).value(p), style_of(name).color
            panel.fill_betweenx(p, value, _HIGHEST, color=color, alpha=0.25, linewidth=0)
            panel.plot(value, p, color=color, clip_on=False)
            data.add(name, "frontier: A = V(p) as x, p as y", value, p)
            loophole = float(max(value[0], value[-1]))
            panel.axvline(loophole, color="black", linestyle=(0, (1.2, 1.4)))
            data.add(name, "loophole", [loophole, loophole], [0, 1])
            panel.set(title=as_text(name), xlabel="Payoff of abstaining, $A$", ylim=(0, 1))
            panel.set(yticks=(0, 0.5, 1), yticklabels=("0", "0.5", "1"))
            panel.set(xlim=(_LOWEST, _HIGHEST))
            for words, place in (("Answer", (-0.46, 0.9)), ("Abstain", (0.5, 0.2))):
                panel.text(*place, words, fontsize=small_size(), style="italic")
            panel.annotate(
                "Loophole",
                (loophole, 0.03),
                (scale_points(-2), 0),
                textcoords="offset points",
                rotation=90,
                ha="right",
                va="bottom",
                fontsize=small_size(),
            )
        axes[0, 0].set_ylabel("Success probability $p$")
    return Drawn(figure, data.columns())
