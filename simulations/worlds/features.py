"""Questions with features, for agents that generalise over questions."""

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
    """Questions with features; success probabilities decrease with the difficulty `x_1`.

        p_k(x) = softmax_k(2 x.w_k / sqrt(d)) * sigmoid(1.5 - 1.5 (x_1 + shift))
        x ~ N(0, 1)^d,   w ~ N(0, 1)^(d x (K - 1))

    The last answer is never correct. The agent observes the features (1, x). If `visible`, the
    shift is added to the difficulty that the agent observes (covariate shift); otherwise the
    questions look the same and are harder (competence shift).

    Args:
        questions: Number of questions, 1 or more.
        answers: Number of answers to each question, 3 or more, including the one that is never
            correct.
        dimensions: Number of random features, d.
        shift: Increase of the difficulty; 0 in distribution.
        visible: Whether the agent observes the increase.
        outcomes: How correctness is correlated within a group of rollouts, see `Outcomes`.
        seed: Seed of the draw; the same seed with another shift gives the same questions, harder.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> inside, outside = feature_world(64), feature_world(64, shift=1.5)
        >>> bool(np.array_equal(inside.features, outside.features))
        True
        >>> outside.best_accuracy < inside.best_accuracy
        True
    """
    require_counts(questions, answers - 1, shift)
    rng = np.random.default_rng(seed)
    skill = rng.normal(size=(dimensions, answers - 1))
    x = rng.normal(size=(questions, dimensions))
    choice = np.exp(2 * x @ skill / np.sqrt(dimensions))
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is 0, which is correct
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
