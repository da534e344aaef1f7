"""Questions with features, for agents that generalise over questions."""

from __future__ import annotations

import numpy as np
from scipy.special import roots_hermite

from scoring_theory.advantage import Outcomes
from simulations.worlds.banks import require_counts, require_knobs
from simulations.worlds.world import World

_NODES, _WEIGHTS = roots_hermite(40)
"""Nodes and weights of the mean over the hidden difficulty."""


def feature_world(
    questions: int = 2048,
    answers: int = 7,
    *,
    dimensions: int = 16,
    shift: float = 0.0,
    visible: bool = False,
    headroom: float = 0.0,
    sharpness: float = 1.0,
    visible_difficulty: float = 1.0,
    averaged: bool = False,
    outcomes: Outcomes = "independent",
    seed: int = 1,
) -> World:
    """Questions with features; success probabilities decrease with the difficulty `x_1`.

        p_k(x) = softmax_k(2 s x.w_k / sqrt(d)) * sigmoid(1.5 + h - 1.5 (difficulty + shift))
        difficulty = sqrt(v) x_1 + sqrt(1 - v) z,   x ~ N(0, 1)^d,   w ~ N(0, 1)^(d x (K - 1))

    One answer is never correct; which one is drawn. The agent observes the features (1, x). If
    `visible`, the shift is added to the difficulty that the agent observes (covariate shift);
    otherwise the questions look the same and are harder (competence shift).

    Args:
        questions: Number of questions, 1 or more.
        answers: Number of answers to each question, 3 or more, including the one that is never
            correct.
        dimensions: Number of random features, d.
        shift: Increase of the difficulty; 0 in distribution.
        visible: Whether the agent observes the increase.
        headroom: h, an increase of the log-odds in and out of distribution.
        sharpness: s, not negative: the larger, the more the best answer exceeds the others.
        visible_difficulty: v, the share of the variance of the difficulty that the agent observes,
            in [0, 1]; z ~ N(0, 1) is hidden.
        averaged: Whether the success probabilities are means over z: what can be known of them.
            What an agent states and how often it is right are the same in the mean over z, and
            without the chance of the draw.
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
    require_knobs(headroom, sharpness)
    if not 0 <= visible_difficulty <= 1:
        raise ValueError(f"`visible_difficulty` must lie in [0, 1], got {visible_difficulty}")
    rng = np.random.default_rng(seed)
    skill = rng.normal(size=(dimensions, answers - 1))
    x = rng.normal(size=(questions, dimensions))
    choice = np.exp(2 * sharpness * x @ skill / np.sqrt(dimensions))
    # Another stream, so that the rest of the world is the same for every share.
    hidden = (
        np.sqrt(2) * _NODES
        if averaged
        else np.random.default_rng([seed, 1]).normal(size=(questions, 1))
    )
    difficulty = np.sqrt(visible_difficulty) * x[:, :1] + np.sqrt(1 - visible_difficulty) * hidden
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is 0, which is correct
        solvable = 1 / (1 + np.exp(1.5 * (difficulty + shift) - (1.5 + headroom)))
    if averaged:
        solvable = np.sum(solvable * _WEIGHTS, axis=1, keepdims=True) / np.sqrt(np.pi)
    truth = np.c_[choice / choice.sum(axis=1, keepdims=True) * solvable, np.zeros(questions)]
    truth = truth[:, rng.permutation(answers)]
    x[:, 0] += shift if visible else 0.0
    recipe = {
        "kind": "feature_world",
        "seed": seed,
        "shift": shift,
        "visible": visible,
        "dimensions": dimensions,
        "headroom": headroom,
        "sharpness": sharpness,
        "visible_difficulty": visible_difficulty,
        **({"averaged": True} if averaged else {}),
    }
    return World(truth, np.c_[np.ones(questions), x], outcomes, recipe)
