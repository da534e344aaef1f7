"""Figures: the only room of this package that imports matplotlib.

Every function takes data and returns a `Figure`; none runs a simulation, and none changes the
global state of pyplot. `save` writes a figure as PDF and PNG, and its numbers as CSV.
"""

from scoring_theory.plotting.abstention_plots import abstention_figure
from scoring_theory.plotting.advantage_curves import (
    AdvantagePicture,
    advantage_columns,
    advantage_curves,
    advantage_picture,
    advantage_pictures,
)
from scoring_theory.plotting.corp import comparison, comparison_columns, corp_diagrams
from scoring_theory.plotting.designs import design_columns, design_figure
from scoring_theory.plotting.earned import earned_columns, reward_chart
from scoring_theory.plotting.estimator_map import estimator_map, stable_reports
from scoring_theory.plotting.games import sandbagging_curves
from scoring_theory.plotting.graded_plots import graded_figure
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
    reliability_of_log,
)
from scoring_theory.plotting.reward_picture import (
    RewardPicture,
    before_training_columns,
    payoff_columns,
    picture,
    rewards_in_words,
    value_columns,
)
from scoring_theory.plotting.saving import About, Curves, Drawn, Format, save, svg
from scoring_theory.plotting.slider import FigureSlider
from scoring_theory.plotting.style import (
    OKABE_ITO,
    REWARD_STYLES,
    VENUES,
    RewardStyle,
    Width,
    for_venue,
    panel_grid,
    paper_style,
    slide_style,
    style_of,
    styles_of,
)
from scoring_theory.plotting.threshold_plots import safe_cone, threshold_measure
from scoring_theory.plotting.trainer_curves import trainer_curves
from scoring_theory.plotting.watched_runs import watched_runs

__all__ = [
    "OKABE_ITO",
    "REWARD_STYLES",
    "VENUES",
    "About",
    "AdvantagePicture",
    "Curves",
    "Drawn",
    "FigureSlider",
    "Format",
    "RewardPicture",
    "RewardStyle",
    "Width",
    "abstention_figure",
    "advantage_columns",
    "advantage_curves",
    "advantage_picture",
    "advantage_pictures",
    "before_training",
    "before_training_columns",
    "comparison",
    "comparison_columns",
    "corp_diagrams",
    "design_columns",
    "design_figure",
    "earned_columns",
    "estimator_map",
    "for_venue",
    "graded_figure",
    "panel_grid",
    "paper_style",
    "payoff_columns",
    "payoff_curves",
    "picture",
    "regret_map",
    "reliability_columns",
    "reliability_diagram",
    "reliability_grid",
    "reliability_of_log",
    "reward_chart",
    "rewards_in_words",
    "safe_cone",
    "sandbagging_curves",
    "save",
    "slide_style",
    "stable_reports",
    "style_of",
    "styles_of",
    "svg",
    "threshold_measure",
    "trainer_curves",
    "value_columns",
    "value_curves",
    "watched_runs",
]
