"""What training does to a reward: the optimiser follows the advantage, not the reward (DESIGN section 2.7).

`trainers` says what estimators and frameworks do; `fitness` is the effective objective of a report, exactly; `stable`
finds where training ends; `theorems` holds what is proved for all rules (`THEOREMS.md` has the proofs); `assess` turns
the verdict on a reward into the verdict on its training, with witnesses that `exact` decides.
"""

from scoring_theory.advantage.assess import assess
from scoring_theory.advantage.groups import standardised
from scoring_theory.advantage.stable import Components, EffectiveAdvantage, effective_advantage, smallest_group_size
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
from scoring_theory.advantage.training import Prediction, Training

__all__ = [
    "AFFINE",
    "TRAINERS",
    "Components",
    "EffectiveAdvantage",
    "Estimator",
    "Outcomes",
    "Prediction",
    "Trainer",
    "Training",
    "agreeing_groups",
    "agreeing_pull",
    "as_trainer",
    "assess",
    "effective_advantage",
    "large_group_bias",
    "lone_score",
    "mixed_report",
    "normalised_weight",
    "require_outcomes",
    "smallest_group_size",
    "standardised",
]
