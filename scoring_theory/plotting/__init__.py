"""Drawing: the only room of this package that imports matplotlib.

Every function takes data and returns a `Figure`; none runs a simulation, and none touches pyplot's global state.
`save` writes PDF, PNG and the numbers.
"""

from scoring_theory.plotting.saving import save
from scoring_theory.plotting.style import (
    OKABE_ITO,
    REWARD_STYLES,
    RewardStyle,
    Width,
    panel_grid,
    paper_style,
    style_of,
)

__all__ = ["OKABE_ITO", "REWARD_STYLES", "RewardStyle", "Width", "panel_grid", "paper_style", "save", "style_of"]
