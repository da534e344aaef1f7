"""Questions with features, for agents that generalise."""

from __future__ import annotations

import numpy as np

from scoring_theory.advantage import Outcomes
from simulations.worlds.banks import require_counts
from simulations.worlds.world import World


def feature_world(
    questions: int = 2048,
    answers: int = 7,
    *,
    dimensions: int = 16,
    shift: float = 0.0,
    visible: bool = False,
    outcomes: Outcomes = "independent",
    seed: int = 1,
) -> World:
    """Questions with features, for agents that generalise: competence falls with the feature "difficulty".

        p_k(x) = softmax_k(2 x.w_k / sqrt(d)) * sigmoid(1.5 - 1.5 (x_1 + shift)),   x ~ N(0, 1)^d,  w ~ N(0, 1)^(d x
        (K-1))

    and the last candidate has p = 0. The features that the agent sees are (1, x). With `visible`,
    the shift moves the difficulty that the agent sees (covariate shift); without, questions look
    the same and are harder (competence shift).

    Args:
        questions: Number of questions, 1 or more.
        answers: Candidates for each, 3 or more, counting the hopeless one.
        dimensions: Number of random features, d.
        shift: How much harder the questions are; 0 in distribution.
        visible: Whether the agent sees the added difficulty.
        outcomes: See `Outcomes`.
        seed: Of the draw; the same seed with another shift gives the same questions, made harder.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> home, away = feature_world(64), feature_world(64, shift=1.5)
        >>> bool(np.array_equal(home.features, away.features)), away.best_accuracy < home.best_accuracy
        (True, True)
    """
    require_counts(questions, answers - 1, shift)
    rng = np.random.default_rng(seed)
    skill = rng.normal(size=(dimensions, answers - 1))
    x = rng.normal(size=(questions, dimensions))
    choice = np.exp(2 * x @ skill / np.sqrt(dimensions))
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
        solvable = 1 / (1 + np.exp(1.5 * (x[:, :1] + shift) - 1.5))
    truth = np.c_[choice / choice.sum(axis=1, keepdims=True) * solvable, np.zeros(questions)]
    x[:, 0] += shift if visible else 0.0
    recipe = {
        "kind": "feature_world",
        "seed": seed,
        "shift": shift,
        "visible": visible,
        "dimensions": dimensions,
    }
    return World(truth, np.c_[np.ones(questions), x], outcomes, recipe)
