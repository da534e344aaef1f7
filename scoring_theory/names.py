"""The public names of this package and where each lives; the package, its stub and a test follow this one table.

`python -m scoring_theory.names` writes the stub `__init__.pyi` anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

_BY_HOME: Mapping[str, tuple[str, ...]] = {
    "adapters": (
        "as_openrlhf", "as_trl", "as_verifiers", "as_verl", "exact_match", "export", "math_verify",
    ),
    "advantage": ("TRAINERS", "Trainer", "effective_advantage"),
    "calibration": (
        "Forecasts", "accuracy", "auroc", "average_precision", "bootstrap_interval", "brier_decomposition",
        "brier_score", "corp_decomposition", "expected_calibration_error", "kuiper", "log_loss",
        "maximum_calibration_error", "murphy_diagram", "paired_difference", "recalibrate", "reliability_curve",
        "risk_coverage", "smooth_calibration_error", "spiegelhalter", "thin_bins",
    ),
    "catalogue": ("CATALOGUE", "PUBLISHED", "brier", "correctness", "log", "spherical"),
    "checking": ("Report", "check"),
    "designing": ("Design", "Repair", "design", "repair"),
    "replaying": ("Replay", "replay"),
    "reward": ("Reward",),
    "rollouts": ("Rollouts", "read_rollouts", "rollouts_from_frame"),
    "thresholds": ("ThresholdDistribution",),
    "verdict": ("Verdict",),
}  # fmt: skip
HOMES: Mapping[str, str] = MappingProxyType({
    "Quantity": "proofs.quantity",
    **{name: f"scoring_theory.{room}" for room, names in _BY_HOME.items() for name in names},
})  # fmt: skip
"""Module by name."""


def stub() -> Iterator[str]:
    """The lines of `__init__.pyi`."""
    yield '"""Made by `python -m scoring_theory.names`."""'
    yield ""
    yield from sorted(f"from {home} import {name} as {name}" for name, home in HOMES.items())
    yield ""
    yield "__all__: list[str]"


if __name__ == "__main__":
    Path(__file__).with_name("__init__.pyi").write_text("\n".join(stub()) + "\n", encoding="utf-8")
