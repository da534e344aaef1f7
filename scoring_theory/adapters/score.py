"""The common part of all adapters: from a completion and the truth to a `Score`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from fractions import Fraction

from scoring_theory.adapters.checkers import Checker, TruthError
from scoring_theory.adapters.parsing import (
    Completion,
    UnreadableError,
    read_confidence,
    read_tag,
    reply_text,
)


@dataclass(frozen=True)
class Score:
    """The reward of one completion, and how it was computed.

    Attributes:
        reward: R(q, c), or the reward of an unreadable completion.
        correct: whether the answer is correct; with graded scores its score, a float.
        confidence: q; None if it could not be parsed.
        components: `correctness` (c) and `calibration` (R - c), which sum to `reward`.
        format_ok: whether answer and confidence could be parsed.
        problem: why not, or an empty text.

    Example:
        >>> score = Score(0.75, True, 0.5, {"correctness": 1.0, "calibration": -0.25}, True)
        >>> score.reward == sum(score.components.values())
        True
    """

    reward: float
    correct: float
    confidence: float | None
    components: Mapping[str, float]
    format_ok: bool
    problem: str = ""

    def numbers(self) -> dict[str, float]:
        """The numbers that a trainer can log; a confidence that could not be parsed is omitted."""
        known = {} if self.confidence is None else {"confidence": self.confidence}
        return {
            "correct": float(self.correct),
            "format_ok": float(self.format_ok),
            **known,
            **self.components,
        }


@dataclass(frozen=True)
class Scorer:
    """A reward with a parser of completions: a picklable function of a completion and the truth.

    A completion whose answer or confidence cannot be parsed has the reward `missing`. No completion
    raises an exception, which would stop a training run. An exception in the checker also counts as
    unreadable, with a warning. Errors of the configuration raise: a checker that does not return
    True or False (or a score), and a truth that `read_truth` refuses.

    Attributes:
        on_correct: q -> R(q, 1).
        on_wrong: q -> R(q, 0).
        missing: the reward of an unreadable completion.
        checker: `(answer, truth) -> bool`, or a score in [0, 1].
        read_truth: raises `TruthError` for a truth that no answer can be compared with.
        forecast: a completion states only a probability; the checker gets an empty answer.
        graded: the checker returns a score s; the reward is s R(q, 1) + (1 - s) R(q, 0).

    Example:
        >>> binary = Scorer(lambda q: 1.0, lambda q: 0.0, missing=0.0, checker=str.__eq__)
        >>> binary("<answer>4</answer><confidence>0.9</confidence>", "4").reward
        1.0
        >>> binary("<answer>4</answer>", "4").problem
        'expected <confidence>...</confidence> exactly once after the thinking, got 0 and 0'
    """

    on_correct: Callable[[float], float]
    on_wrong: Callable[[float], float]
    missing: float
    checker: Checker
    read_truth: Callable[[object], object] | None = None
    forecast: bool = False
    graded: bool = False

    def __call__(self, completion: Completion, truth: object) -> Score:
        """The score of a completion, a string or a conversation."""
        if self.read_truth:
            self.read_truth(truth)  # an error in the data is raised even for unreadable completions
        problems: list[str] = []
        correct, confidence = (0.0 if self.graded else False), None
        try:
            text = reply_text(completion)
        except UnreadableError as error:
            return self._score(correct, confidence, str(error))
        try:
            correct = self._is_correct("" if self.forecast else read_tag(text, "answer"), truth)
        except UnreadableError as error:
            problems.append(str(error))
        try:
            confidence = read_confidence(read_tag(text, "confidence"))
        except UnreadableError as error:
            problems.append(str(error))
        return self._score(correct, confidence, "; ".join(problems))

    def batch(self, completions: Iterable[Completion], truths: Iterable[object]) -> list[Score]:
        """The scores of a batch.

        Raises:
            TruthError: a truth cannot be compared with an answer; the message names its row.
        """
        scores = []
        for row, (completion, truth) in enumerate(zip(completions, truths, strict=True)):
            try:
                scores.append(self(completion, truth))
            except TruthError as error:
                raise TruthError(f"row {row} of the batch: {error}") from None
        return scores

    def _is_correct(self, answer: str, truth: object) -> float:
        try:
            verdict = self.checker(answer, truth)
        except (ImportError, TruthError):
            raise
        except Exception as error:
            failure = f"the checker failed with {type(error).__name__} ({error!s:.100})"
            warnings.warn(f"{failure}; the reward is `missing`", RuntimeWarning, stacklevel=2)
            raise UnreadableError(f"{failure} on the answer {answer[:60]!r}") from error
        if self.graded:
            return score_of(verdict)
        if verdict not in (True, False):  # a coroutine or a pair (False, "why") is truthy
            hint = "; graded=True takes scores" if isinstance(verdict, float) else ""
            raise TypeError(f"the checker must return True or False, got {verdict!r:.80}{hint}")
        return bool(verdict)

    def _score(self, correct: float, confidence: float | None, problem: str) -> Score:
        if confidence is None or problem:
            reward = self.missing
        else:
            reward = expected(correct, confidence, self.on_correct, self.on_wrong)
        if not math.isfinite(reward):
            raise ValueError(
                f"the reward is {reward} at confidence {confidence} when"
                f" {self._said(correct)}; training needs finite rewards: write a bound into the"
                " formula and check the bounded reward"
            )
        components = {"correctness": float(correct), "calibration": reward - correct}
        return Score(reward, correct, confidence, components, not problem, problem)

    def _said(self, correct: float) -> str:
        if self.graded:
            return f"the score is {correct}"
        return "correct" if correct else "wrong"


def expected(
    score: float,
    confidence: float,
    on_correct: Callable[[float], float],
    on_wrong: Callable[[float], float],
) -> float:
    """The reward s R(q, 1) + (1 - s) R(q, 0) of a score s in [0, 1].

    Example:
        >>> expected(0.25, 0.5, lambda q: 1.0, lambda q: -q)
        -0.125
    """
    if score in (0, 1):
        return (on_correct if score else on_wrong)(confidence)
    return score * on_correct(confidence) + (1 - score) * on_wrong(confidence)


def score_of(verdict: object) -> float:
    """The score that a checker of graded answers returned, a number in [0, 1]; a bool is 0 or 1.

    Raises:
        TypeError: it is anything else (an error of the configuration).

    Example:
        >>> score_of(0.5), score_of(True)
        (0.5, 1.0)
        >>> score_of(85)
        Traceback (most recent call last):
        TypeError: the checker must return a score in [0, 1], got 85
    """
    value = verdict.tolist() if hasattr(verdict, "tolist") else verdict  # numbers of any library
    if not (isinstance(value, int | float | Fraction) and 0 <= value <= 1):
        raise TypeError(f"the checker must return a score in [0, 1], got {verdict!r:.80}")
    return float(value)


def require_one_length(lists: Mapping[str, Sized]) -> None:
    """Check that the columns of a batch are lists of the same length.

    Raises:
        ValueError: the lengths differ, or a column is a single text (an error of the
            configuration).

    Example:
        >>> require_one_length({"completions": ["a", "b"], "solution": ["a"]})
        Traceback (most recent call last):
        ValueError: all columns of a batch must have one length, got completions: 2, solution: 1
    """
    for name, values in lists.items():
        if isinstance(values, str | bytes):
            raise ValueError(
                f"`{name}` must be a list with one entry for each completion, got the text"
                f" {values!r:.60}"
            )
    if len({len(values) for values in lists.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(values)}" for name, values in lists.items())
        raise ValueError(f"all columns of a batch must have one length, got {lengths}")
