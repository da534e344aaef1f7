"""Advantage estimators: policy-gradient trainers optimise the advantage, not the raw reward.

`estimators` is the table of estimators, each a baseline and a scale; `trainers` lists the
estimators of frameworks and papers with their defaults; `fitness` computes the expected advantage
of a report in floating point; `exact_gain` decides in exact arithmetic what floating point
proposes; `stability` finds the stable reports, where training ends; `theorems` has the formulas
that hold for every strictly proper rule (`docs/theory.md`, section 7).

The two tables import no numerical library, so that a command line can list them quickly; the other
modules are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scoring_theory.advantage.estimators import (
    ESTIMATORS,
    Baseline,
    Estimator,
    Scale,
    estimator_named,
)
from scoring_theory.advantage.trainers import (
    ALIASES,
    TRAINERS,
    Outcomes,
    Trainer,
    as_trainer,
    require_outcomes,
)

if TYPE_CHECKING:
    from scoring_theory.advantage.mixed_groups import standardised
    from scoring_theory.advantage.stability import (
        Components,
        EffectiveAdvantage,
        effective_advantage,
        smallest_group_size,
    )
    from scoring_theory.advantage.theorems import (
        agreeing_groups,
        agreeing_pull,
        kept_report,
        large_group_bias,
        lone_score,
        mixed_report,
        normalised_weight,
        reply_to_spread,
    )

_COMPUTING = {
    "mixed_groups": ("standardised",),
    "stability": ("Components", "EffectiveAdvantage", "effective_advantage", "smallest_group_size"),
    "theorems": (
        "agreeing_groups",
        "agreeing_pull",
        "kept_report",
        "large_group_bias",
        "lone_score",
        "mixed_report",
        "normalised_weight",
        "reply_to_spread",
    ),
}
_HOMES = {name: home for home, names in _COMPUTING.items() for name in names}

__all__ = [
    "ALIASES",
    "ESTIMATORS",
    "TRAINERS",
    "Baseline",
    "Components",
    "EffectiveAdvantage",
    "Estimator",
    "Outcomes",
    "Scale",
    "Trainer",
    "agreeing_groups",
    "agreeing_pull",
    "as_trainer",
    "effective_advantage",
    "estimator_named",
    "kept_report",
    "large_group_bias",
    "lone_score",
    "mixed_report",
    "normalised_weight",
    "reply_to_spread",
    "require_outcomes",
    "smallest_group_size",
    "standardised",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
