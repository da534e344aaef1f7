"""Every figure of the gallery by name, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulations.gallery import logs, published, rewards, training, transformer, watched
from simulations.gallery.figure import GalleryFigure

FIGURES: Mapping[str, GalleryFigure] = MappingProxyType(
    {
        "before-training": rewards.BEFORE_TRAINING_FIGURE,
        "payoffs": rewards.PAYOFFS_FIGURE,
        "values": rewards.VALUES_FIGURE,
        "regret-rlcr": rewards.REGRET_RLCR_FIGURE,
        "regret-log": rewards.REGRET_LOG_FIGURE,
        "safe-cone": rewards.SAFE_CONE_FIGURE,
        "design": rewards.DESIGN_FIGURE,
        "graded-scores": rewards.GRADED_FIGURE,
        "abstention": rewards.ABSTENTION_FIGURE,
        "advantages": rewards.ADVANTAGES_FIGURE,
        "estimator-map": rewards.ESTIMATOR_MAP_FIGURE,
        "reliability": logs.RELIABILITY_FIGURE,
        "earned": logs.EARNED_FIGURE,
        "comparison": logs.COMPARISON_FIGURE,
        "drift-coupled": training.DRIFT_COUPLED_FIGURE,
        "collapse-coupled": training.COLLAPSE_COUPLED_FIGURE,
        "drift-tabular": training.DRIFT_TABULAR_FIGURE,
        "collapse-tabular": training.COLLAPSE_TABULAR_FIGURE,
        "mechanisms": training.MECHANISMS_FIGURE,
        "weight-sweep": training.WEIGHT_SWEEP_FIGURE,
        "sandbagging": training.SANDBAGGING_FIGURE,
        "reliability-trained": training.STATED_FIGURE,
        "phase-diagram": training.PHASE_DIAGRAM_FIGURE,
        "learning-speed": training.LEARNING_SPEED_FIGURE,
        "contest": training.CONTEST_FIGURE,
        "combinations": training.COMBINATIONS_FIGURE,
        "trl-scaling": training.TRL_SCALING_FIGURE,
        "watched-training": watched.WATCHED_FIGURE,
        "table-law": published.TABLE_LAW_FIGURE,
        "predicted-rows": published.PREDICTION_FIGURE,
        "knob-profiles": published.PROFILE_FIGURE,
        "transformer-curves": transformer.CURVES_FIGURE,
        "transformer-predictions": transformer.PREDICTIONS_FIGURE,
        "transformer-causes": transformer.CAUSES_FIGURE,
    }
)
"""The file names of the figures, without their endings."""


def figure_named(name: str) -> GalleryFigure:
    """The figure with a name.

    Raises:
        ValueError: There is none.

    Example:
        >>> figure_named("values").half
        True
    """
    if name not in FIGURES:
        raise ValueError(f"unknown figure {name!r}; known: {', '.join(FIGURES)}")
    return FIGURES[name]
