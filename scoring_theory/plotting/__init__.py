"""Figures: the only room of this package that imports matplotlib.

Every function takes data and returns a `Figure`; none runs a simulation, and none changes the
global state of pyplot. `save` writes a figure as PDF and PNG, and its numbers as CSV.
"""

from scoring_theory.plotting.advantage_curves import (
    AdvantagePicture,
    advantage_columns,
    advantage_curves,
    advantage_picture,
    advantage_pictures,
)
from scoring_theory.plotting.corp import comparison, comparison_columns, corp_diagrams
from scoring_theory.plotting.designs import design_columns, design_figure
from scoring_theory.plotting.earned import reward_chart
from scoring_theory.plotting.incentives import (
    before_training,
    payoff_curves,
    regret_map,
    value_curves,
)
from scoring_theory.plotting.reliability_plots import (
    reliability_columns,
    reliability_diagram,
    reliability_grid,
)
from scoring_theory.plotting.reward_picture import RewardPicture, picture, picture_columns
from scoring_theory.plotting.saving import Drawn, save, svg
from scoring_theory.plotting.style import (
    OKABE_ITO,
    REWARD_STYLES,
    RewardStyle,
    Width,
    panel_grid,
    paper_style,
    style_of,
    styles_of,
)
from scoring_theory.plotting.trainer_curves import trainer_curves

__all__ = [
    "OKABE_ITO",
    "REWARD_STYLES",
    "AdvantagePicture",
    "Drawn",
    "RewardPicture",
    "RewardStyle",
    "Width",
    "advantage_columns",
    "advantage_curves",
    "advantage_picture",
    "advantage_pictures",
    "before_training",
    "comparison",
    "comparison_columns",
    "corp_diagrams",
    "design_columns",
    "design_figure",
    "panel_grid",
    "paper_style",
    "payoff_curves",
    "picture",
    "picture_columns",
    "regret_map",
    "reliability_columns",
    "reliability_diagram",
    "reliability_grid",
    "reward_chart",
    "save",
    "style_of",
    "styles_of",
    "svg",
    "trainer_curves",
    "value_curves",
]
