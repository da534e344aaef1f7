"""A world: success probabilities, observed features, and acceptance by a verifier."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.advantage import Outcomes, require_outcomes
from scoring_theory.display import line

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats


@dataclass(frozen=True, eq=False)
class World:
    """A set of Q questions with K candidate answers each.

        P(c = 1 | question x, answer y) = success_probability[x, y]
        P(accepted as correct | x, y)   = paid_probability[x, y]

    The two are equal unless a verifier errs or an abstention is rewarded; see `as_paid`.

    Args:
        success_probability: (Q, K) in [0, 1]; K is 2 or more, and every row contains a 0: an answer
            that is never correct.
        features: (Q, d) finite numbers that an agent observes; None: it observes only which
            question it is.
        outcomes: How correctness is correlated within a group of rollouts, see `Outcomes`.
        recipe: How the world was made, for the record.
        paid: (Q, K) in [0, 1], the probability that the verifier accepts each answer as correct;
            None: the verifier does not err.
        meaning: (K,) whole numbers; answers with the same number have the same meaning in different
            words, and the same success probability. None: all meanings are different.
        abstain: Number of the answer that is an abstention, which is never correct; None: there is
            none.
        view: "truth"; or "paid" for a table of acceptance probabilities, which need not contain
            zeros.

    Raises:
        ValueError: If a probability is outside [0, 1], a question has no answer that is never
            correct, answers with one meaning have different probabilities, or shapes do not match.

    Example:
        >>> world = World(np.array([[0.9, 0.3, 0.0], [0.2, 0.5, 0.0]]))
        >>> world.questions, world.answers, world.best_accuracy
        (2, 3, 0.7)
        >>> World(np.array([[0.9, 0.3]]))
        Traceback (most recent call last):
        ...
        ValueError: every question must have an answer that is never correct ...
    """

    success_probability: Floats
    features: Floats | None = None
    outcomes: Outcomes = "independent"
    recipe: Mapping[str, object] = field(default_factory=dict)
    paid: Floats | None = None
    meaning: tuple[int, ...] | None = None
    abstain: int | None = None
    view: Literal["truth", "paid"] = "truth"

    def __post_init__(self) -> None:
        truth = frozen(self.success_probability)
        if truth.ndim != 2 or truth.shape[0] < 1 or truth.shape[1] < 2:
            raise ValueError(
                "`success_probability` must have shape (questions, answers >= 2), got"
                f" {truth.shape}"
            )
        _require_probabilities("success_probability", truth)
        if self.view == "truth":
            _require_never_correct(truth)
        object.__setattr__(self, "success_probability", truth)
        if self.features is not None:
            object.__setattr__(
                self, "features", _require_features(frozen(self.features), len(truth))
            )
        require_outcomes(self.outcomes)
        if self.paid is not None:
            object.__setattr__(self, "paid", _require_paid(frozen(self.paid), truth))
        _require_answers(self)

    def __repr__(self) -> str:
        facts = [
            f"questions={self.questions}",
            f"answers={self.answers}",
            f"outcomes={self.outcomes!r}",
        ]
        facts += [] if self.features is None else [f"features={self.features.shape[1]}"]
        return line("World", *facts, *(["view='paid'"] if self.view == "paid" else []))

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
        """The largest accuracy of a policy: the mean over questions of the largest probability."""
        return float(self.success_probability.max(axis=1).mean())

    @property
    def paid_probability(self) -> Floats:
        """The probability that each answer is accepted as correct, (Q, K).

        It is the success probability unless a verifier errs or an abstention is rewarded.
        """
        return self.success_probability if self.paid is None else self.paid

    @property
    def meanings(self) -> tuple[int, ...]:
        """The number of each answer's meaning, (K,)."""
        return tuple(range(self.answers)) if self.meaning is None else self.meaning

    def as_paid(self) -> World:
        """The world according to its verifier: acceptance takes the place of correctness.

        An agent that is trained in this world and measured in the original one is rewarded by a
        proxy:

            Experiment(world=world.as_paid(), elsewhere=world, ...)

        If the verifier does not err, the result is the world itself.

        Example:
            >>> world = World(np.array([[0.5, 0.0]]), paid=np.array([[0.6, 0.2]]))
            >>> world.as_paid().success_probability.tolist()
            [[0.6, 0.2]]
        """
        if np.array_equal(self.paid_probability, self.success_probability):
            return self
        return replace(self, success_probability=self.paid_probability, paid=None, view="paid")

    @cached_property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of a SHA-256 of the world, apart from its recipe.

        Options with their default value are left out, so that new options do not change it.
        """
        digest = hashlib.sha256(self.outcomes.encode())
        for array in (self.success_probability, self.features):
            if array is not None:
                digest.update(repr(array.shape).encode() + array.astype("<f8").tobytes())
        if not np.array_equal(self.paid_probability, self.success_probability):
            digest.update(b"paid" + self.paid_probability.astype("<f8").tobytes())
        for unusual in (self.meaning, self.abstain, None if self.view == "truth" else self.view):
            if unusual is not None:
                digest.update(repr(unusual).encode())
        return digest.hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, World) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def describe(self) -> dict[str, object]:
        """A summary of the world as plain data, for a record."""
        common = {
            "recipe": dict(self.recipe),
            "questions": self.questions,
            "answers": self.answers,
            "outcomes": self.outcomes,
            "best_accuracy": self.best_accuracy,
            "fingerprint": self.fingerprint,
        }
        if self.view != "truth":
            common["view"] = self.view
        if self.abstain is not None:
            common["abstain"] = self.abstain
        if self.meaning is not None:
            common["meaning"] = list(self.meaning)
        return common


def frozen(values: Floats) -> Floats:
    """A read-only copy of an array.

    Example:
        >>> frozen(np.array([1.0])).flags.writeable
        False
    """
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def _require_probabilities(name: str, table: Floats) -> None:
    outside = ~((table >= 0) & (table <= 1))  # true for NaN as well
    if outside.any():
        x, y = (int(i) for i in np.argwhere(outside)[0])
        raise ValueError(
            f"`{name}` must lie in [0, 1], got {table[x, y]} for answer {y} of question {x}"
        )


def _require_never_correct(truth: Floats) -> None:
    without = np.flatnonzero(truth.min(axis=1) > 0)
    if without.size:
        raise ValueError(
            "every question must have an answer that is never correct (success probability 0);"
            f" question {without[0]} has none"
        )


def _require_paid(paid: Floats, truth: Floats) -> Floats:
    if paid.shape != truth.shape:
        raise ValueError(
            f"`paid` must be shaped like `success_probability` {truth.shape}, got {paid.shape}"
        )
    _require_probabilities("paid", paid)
    return paid


def _require_features(features: Floats, questions: int) -> Floats:
    if features.ndim != 2 or len(features) != questions:
        raise ValueError(
            f"`features` must have one row for each of {questions} questions, got shape"
            f" {features.shape}"
        )
    if not np.isfinite(features).all():
        raise ValueError("`features` must be finite numbers, got NaN or infinity")
    return features


def _require_answers(world: World) -> None:
    """Check the abstention and the meanings.

    The kernels draw one uniform number for each answer under "by_answer", so two wordings of one
    meaning could differ in correctness; such a world is refused.
    """
    truth, k = world.success_probability, world.abstain
    if k is not None and not (0 <= k < world.answers):
        raise ValueError(f"`abstain` must be an answer from 0 to {world.answers - 1}, got {k}")
    if k is not None and world.view == "truth" and truth[:, k].any():
        raise ValueError(
            f"an abstention is never correct, but answer {k} has success probabilities above 0"
        )
    if world.meaning is None:
        return
    if len(world.meaning) != world.answers:
        raise ValueError(
            f"`meaning` must have one number for each of {world.answers} answers, got"
            f" {world.meaning}"
        )
    if world.outcomes == "by_answer":
        raise ValueError(
            'answers with one meaning are correct or wrong together, which outcomes "by_answer" do'
            " not support"
        )
    first = [world.meaning.index(m) for m in world.meaning]
    if world.view == "truth" and not np.array_equal(truth, truth[:, first]):
        raise ValueError(
            "answers with one meaning must have the same success probability in every question"
        )
