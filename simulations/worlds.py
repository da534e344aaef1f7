"""What is true: questions, candidate answers, and the probability that each of them is judged correct.

A world knows nothing of agents, rewards or training, and publishes its whole truth, so that everything measured in it
is exact. Every question has a hopeless candidate, one that is never correct: a deliberately wrong answer must always be
possible, since that is what a bad reward teaches (DESIGN, section 2).

*In distribution* and *out of distribution* are two worlds with the same questions in the same order; agents are trained
in the first and read in both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulations.training.kernels import FloatArray

Outcomes = Literal["independent", "by_answer", "shared"]
"""How the outcomes of one group of rollouts hang together; each rollout alone always has its answer's probability.

`independent`: every rollout is judged anew. `by_answer`: in one group the same answer is always right or always wrong,
as in question answering. `shared`: one event decides the whole group, as in forecasting.
"""


@dataclass(frozen=True, eq=False)
class World:
    """A bank of Q questions with K candidate answers each.

        P(c = 1 | question x, answer y) = success_probability[x, y]

    Args:
        success_probability: (Q, K) in [0, 1]; K is 2 or more and every row holds a 0, the hopeless candidate.
        features: (Q, d) finite numbers that an agent sees, or None: then it can only tell questions apart.
        outcomes: How outcomes within a group of rollouts hang together, see `Outcomes`.
        recipe: How the world was made, kept for the record.

    Raises:
        ValueError: If a probability is outside [0, 1], a question has no hopeless candidate, or shapes disagree.

    Example:
        >>> world = World(np.array([[0.9, 0.3, 0.0], [0.2, 0.5, 0.0]]))
        >>> world.questions, world.answers, world.best_accuracy
        (2, 3, 0.7)
        >>> World(np.array([[0.9, 0.3]]))
        Traceback (most recent call last):
        ...
        ValueError: every question must have a hopeless candidate (success probability 0), question 0 has none
    """

    success_probability: FloatArray
    features: FloatArray | None = None
    outcomes: Outcomes = "independent"
    recipe: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        truth = _frozen(self.success_probability)
        if truth.ndim != 2 or truth.shape[0] < 1 or truth.shape[1] < 2:
            raise ValueError(f"`success_probability` must have shape (questions, answers >= 2), got {truth.shape}")
        _require_probabilities(truth)
        if not (hopeful := truth.min(axis=1) > 0).any():
            object.__setattr__(self, "success_probability", truth)
        else:
            where = int(np.flatnonzero(hopeful)[0])
            raise ValueError(
                f"every question must have a hopeless candidate (success probability 0), question {where} has none"
            )
        if self.features is not None:
            object.__setattr__(self, "features", _require_features(_frozen(self.features), len(truth)))
        if self.outcomes not in get_args(Outcomes):
            raise ValueError(f"`outcomes` must be one of {', '.join(get_args(Outcomes))}, got {self.outcomes!r}")

    @property
    def questions(self) -> int:
        """Number of questions, Q."""
        return int(self.success_probability.shape[0])

    @property
    def answers(self) -> int:
        """Number of candidate answers to each question, K."""
        return int(self.success_probability.shape[1])

    @property
    def best_accuracy(self) -> float:
        """The highest accuracy that any policy can reach: the mean over questions of the best candidate's chance."""
        return float(self.success_probability.max(axis=1).mean())

    @cached_property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of truth, features and outcome model."""
        digest = hashlib.sha256(self.outcomes.encode())
        for array in (self.success_probability, self.features):
            if array is not None:
                digest.update(repr(array.shape).encode() + array.astype("<f8").tobytes())
        return digest.hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, World) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def describe(self) -> dict[str, object]:
        """The world in words and numbers small enough for a record."""
        return {
            "recipe": dict(self.recipe),
            "questions": self.questions,
            "answers": self.answers,
            "outcomes": self.outcomes,
            "best_accuracy": self.best_accuracy,
            "fingerprint": self.fingerprint,
        }


def bank(
    questions: int = 256,
    answers: int = 8,
    *,
    shift: float = 0.0,
    difficulty: tuple[float, float] = (1.2, 1.2),
    outcomes: Outcomes = "independent",
    seed: int = 0,
) -> World:
    """A bank of unrelated questions, for agents that keep a table.

    The best candidate of a question has p ~ Beta(difficulty); the others have that p times a uniform number of [0,
    0.9], and the last has p = 0. A shift s lowers the log-odds of every candidate by s: competence falls, and nothing
    that an agent can see tells.

    Args:
        questions: Number of questions, 1 or more.
        answers: Candidates for each, 2 or more, counting the hopeless one.
        shift: By how much log-odds fall; 0 in distribution.
        difficulty: The two parameters of the Beta distribution of the best candidate's p, both positive.
        outcomes: See `Outcomes`.
        seed: Of the draw; the same seed with another shift is the same bank under other conditions.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> home, away = bank(seed=1), bank(seed=1, shift=1.0)
        >>> bool(np.all(away.success_probability <= home.success_probability)), away.best_accuracy < home.best_accuracy
        (True, True)
    """
    _require_counts(questions, answers, shift)
    if not min(difficulty) > 0:
        raise ValueError(f"`difficulty` must hold two positive numbers, got {difficulty}")
    rng = np.random.default_rng(seed)
    truth = (
        rng.beta(*difficulty, questions)[:, None]
        * np.c_[np.ones(questions), rng.uniform(0, 0.9, (questions, answers - 2)), np.zeros(questions)]
    )
    odds = np.exp(-shift)
    truth = truth * odds / (1 - truth + truth * odds)
    recipe = {"kind": "bank", "seed": seed, "shift": shift, "alpha": difficulty[0], "beta": difficulty[1]}
    return World(truth, outcomes=outcomes, recipe=recipe)


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

    and the last candidate has p = 0. The features that the agent sees are (1, x). With `visible`, the shift moves the
    difficulty that the agent sees (covariate shift); without, questions look the same and are harder (competence
    shift).

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
    _require_counts(questions, answers - 1, shift)
    rng = np.random.default_rng(seed)
    skill = rng.normal(size=(dimensions, answers - 1))
    x = rng.normal(size=(questions, dimensions))
    choice = np.exp(2 * x @ skill / np.sqrt(dimensions))
    solvable = 1 / (1 + np.exp(1.5 * (x[:, :1] + shift) - 1.5))
    truth = np.c_[choice / choice.sum(axis=1, keepdims=True) * solvable, np.zeros(questions)]
    x[:, 0] += shift if visible else 0.0
    recipe = {"kind": "feature_world", "seed": seed, "shift": shift, "visible": visible, "dimensions": dimensions}
    return World(truth, np.c_[np.ones(questions), x], outcomes, recipe)


def _frozen(values: FloatArray) -> FloatArray:
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def _require_probabilities(truth: FloatArray) -> None:
    outside = ~((truth >= 0) & (truth <= 1))  # also true for NaN
    if outside.any():
        x, y = (int(i) for i in np.argwhere(outside)[0])
        value = f"{truth[x, y]} for answer {y} of question {x}"
        raise ValueError(f"`success_probability` must lie in [0, 1], got {value}")


def _require_features(features: FloatArray, questions: int) -> FloatArray:
    if features.ndim != 2 or len(features) != questions:
        raise ValueError(f"`features` must have one row for each of {questions} questions, got shape {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError("`features` must be finite numbers, got a NaN or an infinity")
    return features


def _require_counts(questions: int, answers: int, shift: float) -> None:
    if questions < 1 or answers < 2:
        raise ValueError(f"a world needs 1 question and 2 candidates or more, got {questions} and {answers}")
    if not np.isfinite(shift):
        raise ValueError(f"`shift` must be a finite number, got {shift}")
