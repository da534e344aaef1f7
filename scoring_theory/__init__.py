"""Does this reward make an agent both right and honest? Check it, design it, simulate it, replay it, draw it.

    >>> from scoring_theory import brier, correctness
    >>> (correctness + 0.5 * brier).text
    'c - 1/2*(q - c)^2'

Everything here is loaded when first used, so that `import scoring_theory` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring_theory.optimality import check
    from scoring_theory.published import PUBLISHED
    from scoring_theory.reward import Reward
    from scoring_theory.rules import CATALOGUE, brier, correctness, log, spherical

_HOMES = {
    "Reward": "reward",
    "check": "optimality", "Report": "optimality", "Verdict": "verdict", "Quantity": "verdict",
    "CATALOGUE": "rules", "correctness": "rules", "brier": "rules", "log": "rules", "spherical": "rules",
    "PUBLISHED": "published",
    "Forecasts": "calibration", "read_rollouts": "replay",
}  # fmt: skip
_ROOMS = (
    "adapters", "advantage", "calibration", "cli", "design", "expression", "optimality", "plotting", "prover",
    "published", "replay", "reward", "rules", "thresholds", "verdict",
)  # fmt: skip

__all__ = ["CATALOGUE", "PUBLISHED", "Reward", "brier", "check", "correctness", "log", "spherical"]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS, *_HOMES})
