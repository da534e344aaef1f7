"""The common part of all adapters: from a completion and the truth to a `Score`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scoring_theory.checkers.truths import TruthError, truth_at
from scoring_theory.readers.parsing import Statement, TextParser
from scoring_theory.readers.replies import (
    Completion,
    UnreadableError,
    opens_thinking,
    reply_text,
)
from scoring_theory.readers.tally import Tally

MEASURED = ("confidence", "brier", "calibration")
"""What is logged of a readable completion only; a mean of it is one over readable completions."""


@dataclass(frozen=True)
class Score:
    """The reward of one completion, and how it was computed.

    Attributes:
        reward: R(q, c), or the reward of an unreadable completion.
        correct: whether the answer is correct; with graded scores its score, a float.
        confidence: q; None if it could not be parsed.
        components: numbers that sum to `reward`: `correctness` (c) and `calibration` (R - c), or,
            for an unreadable completion, `correctness` and `unreadable` (`missing` - c). Of a
            score, which has no c, all is `calibration`, or `unreadable`.
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
        """The numbers that a trainer can log and average.

        `correct` and `format_ok` are those of every completion; `confidence`, `brier`, the squared
        difference of confidence and correctness, and `calibration` those of a readable one only, so
        that no mean contains a number that stands for a missing confidence.

        Example:
            >>> read = Score(0.75, True, 0.5, {"correctness": 1.0, "calibration": -0.25}, True)
            >>> read.numbers()["brier"], read.numbers()["calibration"]
            (0.25, -0.25)
            >>> Score(-1.0, True, None, {"correctness": 1.0, "unreadable": -2.0}, False).numbers()
            {'correct': 1.0, 'format_ok': 0.0}
        """
        every = {"correct": float(self.correct), "format_ok": float(self.format_ok)}
        if self.confidence is None or not self.format_ok:
            return every
        return {
            **every,
            "confidence": self.confidence,
            "brier": (self.confidence - self.correct) ** 2,
            "calibration": self.components["calibration"],
        }


def mean_numbers(scores: Iterable[Score | None]) -> dict[str, float]:
    """The means of what a batch can log, each over the completions that have it.

    Accuracy is over all completions that were scored; confidence, Brier and calibration are over
    those that can be read, with the share of the others beside them.

    Args:
        scores: the scores of a batch; None for a completion that is not scored.

    Example:
        >>> read = Score(0.75, True, 0.5, {"correctness": 1.0, "calibration": -0.25}, True)
        >>> lost = Score(-1.0, True, None, {"correctness": 1.0, "unreadable": -2.0}, False)
        >>> means = mean_numbers([read, lost, None])
        >>> means["correct"], means["calibration"], means["unreadable"]
        (1.0, -0.25, 0.5)
    """
    table = [score.numbers() for score in scores if score is not None]
    means: dict[str, float] = {}
    for key in ("correct", "format_ok", *MEASURED):
        values = [row[key] for row in table if key in row]
        if values:
            means[key] = sum(values) / len(values)
    if "format_ok" in means:
        means["unreadable"] = 1 - means["format_ok"]
    return means


@dataclass(frozen=True)
class Scorer:
    """A reward with a reader of completions: a picklable function of a completion and the truth.

    A completion whose answer or confidence cannot be read has the reward `missing`. No completion
    raises an exception, which would stop a training run. An exception in the checker also counts as
    unreadable, with a warning. Errors of the configuration raise: a checker that does not return
    True or False (or a score), and a truth that `read_truth` refuses.

    Attributes:
        on_correct: q -> R(q, 1).
        on_wrong: q -> R(q, 0).
        missing: the reward of an unreadable completion.
        checker: `(answer, truth) -> bool`, or a score in [0, 1].
        reader: reads a completion. If a completion states only a probability, the checker gets an
            empty answer.
        read_truth: raises `TruthError` for a truth that no answer can be compared with.
        truth_key: the key of the truth, where the truth is a dictionary.
        graded: the checker returns a score s; the reward is s R(q, 1) + (1 - s) R(q, 0).
        is_score: the formula is a score S, which has no c, so that all of it is calibration.

    Example:
        >>> from scoring_theory.readers import Reader
        >>> binary = Scorer(lambda q: 1.0, lambda q: 0.0, missing=0.0, checker=str.__eq__,
        ...                 reader=Reader().parser)
        >>> binary("<answer>4</answer><confidence>0.9</confidence>", "4").reward
        1.0
        >>> binary("<answer>4</answer>", "4").problem
        'expected <confidence>...</confidence> exactly once after the thinking, got 0 and 0'
    """

    on_correct: Callable[[float], float]
    on_wrong: Callable[[float], float]
    missing: float
    checker: Callable[..., Any]
    reader: TextParser
    read_truth: Callable[[object], object] | None = None
    truth_key: str | None = None
    graded: bool = False
    is_score: bool = False
    _tally: Tally = field(default_factory=Tally, init=False, repr=False, compare=False)

    def __call__(
        self, completion: Completion, truth: object, row: Mapping[str, Any] | None = None
    ) -> Score:
        """The score of a completion, a string or a conversation.

        Args:
            completion: the completion.
            truth: the truth of its question.
            row: the columns of its row; from `prompt` it is seen whether the chat template opened
                the thinking.
        """
        (score,) = self._scores([completion], [self.truth(truth)], [row or {}])
        return score

    async def score_async(
        self, completion: Completion, truth: object, row: Mapping[str, Any] | None = None
    ) -> Score:
        """The score of a completion, for trainers that await it."""
        return self(completion, truth, row)

    def batch(
        self,
        completions: Iterable[Completion],
        truths: Iterable[object],
        rows: Iterable[Mapping[str, Any]] | None = None,
    ) -> list[Score]:
        """The scores of a batch.

        Raises:
            TruthError: a truth cannot be compared with an answer; the message names its row.
        """
        return self._scores(*self._columns(completions, truths, rows))

    def truth(self, given: object) -> object:
        """The truth that the checker gets.

        Raises:
            TruthError: no answer can be compared with it, or a dictionary does not have the key.
        """
        truth = truth_at(given, self.truth_key)
        if self.read_truth:
            self.read_truth(truth)  # an error in the data is raised even for unreadable completions
        return truth

    def _columns(
        self,
        completions: Iterable[Completion],
        truths: Iterable[object],
        rows: Iterable[Mapping[str, Any]] | None,
    ) -> tuple[list[Completion], list[Any], list[Mapping[str, Any]]]:
        texts, known = list(completions), []
        for place, truth in enumerate(truths):
            try:
                known.append(self.truth(truth))
            except TruthError as error:
                raise TruthError(f"row {place} of the batch: {error}") from None
        return texts, known, [{} for _ in texts] if rows is None else list(rows)

    def _scores(
        self,
        completions: Sequence[Completion],
        truths: Sequence[object],
        rows: Sequence[Mapping[str, Any]],
    ) -> list[Score]:
        """The scores; everything wrong with the data is found before the checker is called."""
        readings = self._readings(completions, rows)
        verdicts = map(self._verdict, readings, truths)
        return list(map(self._scored, readings, verdicts))

    def _readings(
        self, completions: Sequence[Completion], rows: Sequence[Mapping[str, Any]]
    ) -> list[Statement]:
        readings = list(map(self._read, completions, rows))
        self._tally.count(self.reader, readings)
        return readings

    def _read(self, completion: Completion, row: Mapping[str, Any]) -> Statement:
        try:
            text = reply_text(completion)
        except UnreadableError as error:
            return Statement(problem=str(error))
        reading = self.reader.read(text, thinking=opens_thinking(row.get("prompt")))
        if not self.reader.reads_answers and not reading.answer:
            return Statement("", reading.confidence, reading.stated, reading.problem)
        return reading

    def _verdict(self, reading: Statement, truth: object, **given: Any) -> Any:
        """The verdict on an answer, or an `UnreadableError`."""
        if reading.answer is None:
            return 0.0 if self.graded else False
        try:
            return self.checker(reading.answer, truth, **given)
        except (ImportError, TruthError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, training goes on
            return failed(reading.answer, error)

    def _scored(self, reading: Statement, verdict: Any) -> Score:
        """The score of a reading with the verdict on its answer."""
        if isinstance(verdict, UnreadableError):
            problem = f"{verdict}; {reading.problem}" if reading.problem else str(verdict)
            return self._score(0.0 if self.graded else False, reading.confidence, problem)
        correct = score_of(verdict) if self.graded else outcome_said(verdict)
        return self._score(correct, reading.confidence, reading.problem)

    def _score(self, correct: float, confidence: float | None, problem: str) -> Score:
        readable = confidence is not None and not problem
        if confidence is None or problem:
            reward = self.missing
        else:
            reward = expected(correct, confidence, self.on_correct, self.on_wrong)
        if not math.isfinite(reward):
            said = f"the score is {correct}" if self.graded else ("wrong", "correct")[correct == 1]
            raise ValueError(
                f"the reward is {reward} at confidence {confidence} when {said}; training needs"
                " finite rewards: write a bound into the formula and check the bounded reward"
            )
        rest = "calibration" if readable else "unreadable"
        paid = {} if self.is_score else {"correctness": float(correct)}
        components = {**paid, rest: reward - sum(paid.values())}
        return Score(reward, correct, confidence, components, readable, problem)


def failed(answer: str, error: Exception) -> UnreadableError:
    """The failure of a checker as a fault of the answer, with a warning.

    Example:
        >>> with warnings.catch_warnings(action="ignore"):
        ...     str(failed("4", ValueError("no number")))
        "the checker failed with ValueError (no number) on the answer '4'"
    """
    failure = f"the checker failed with {type(error).__name__} ({error!s:.100})"
    warnings.warn(f"{failure}; the reward is `missing`", RuntimeWarning, stacklevel=2)
    return UnreadableError(f"{failure} on the answer {answer[:60]!r}")


def outcome_said(verdict: Any) -> bool:
    """The verdict that a checker returned, True or False or a number that equals one of them.

    Raises:
        TypeError: it is anything else, such as the pair (False, "why"), which is truthy.

    Example:
        >>> outcome_said(1.0)
        True
        >>> outcome_said(0.5)
        Traceback (most recent call last):
        TypeError: the checker must return True or False, got 0.5; graded=True takes scores
    """
    if verdict not in (True, False):
        hint = "; graded=True takes scores" if isinstance(verdict, float) else ""
        raise TypeError(f"the checker must return True or False, got {verdict!r:.80}{hint}")
    return bool(verdict)


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
    texts = (name for name, values in lists.items() if isinstance(values, str | bytes))
    if name := next(texts, ""):
        raise ValueError(
            f"`{name}` must be a list with one entry for each completion, got the text"
            f" {lists[name]!r:.60}"
        )
    if len({len(values) for values in lists.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(values)}" for name, values in lists.items())
        raise ValueError(f"all columns of a batch must have one length, got {lengths}")
