"""What training does to a reward: the optimiser follows the advantage, not the reward (`docs/theory.md`, section 7).

`trainers` says what estimators and frameworks do; `fitness` is the effective objective of a report, in
floating point; `exact_gain` decides in exact arithmetic what it proposes; `effective_advantage` finds where training
ends; `theorems` holds what is proved for all rules (`docs/theory.md`, section 7).
"""

from scoring_theory.advantage.effective_advantage import (
    Components,
    EffectiveAdvantage,
    effective_advantage,
    smallest_group_size,
)
from scoring_theory.advantage.mixed_groups import standardised
from scoring_theory.advantage.theorems import (
    agreeing_groups,
    agreeing_pull,
    large_group_bias,
    lone_score,
    mixed_report,
    normalised_weight,
)
from scoring_theory.advantage.trainers import (
    AFFINE,
    TRAINERS,
    Estimator,
    Outcomes,
    Trainer,
    as_trainer,
    require_outcomes,
)

__all__ = [
    "AFFINE",
    "TRAINERS",
    "Components",
    "EffectiveAdvantage",
    "Estimator",
    "Outcomes",
    "Trainer",
    "agreeing_groups",
    "agreeing_pull",
    "as_trainer",
    "effective_advantage",
    "large_group_bias",
    "lone_score",
    "mixed_report",
    "normalised_weight",
    "require_outcomes",
    "smallest_group_size",
    "standardised",
]
