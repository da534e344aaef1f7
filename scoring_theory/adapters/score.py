"""What every adapter shares: a completion and the truth in, a `Score` out. The standard library alone."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass

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
    """What one completion earned, and why.

    `components` sum to `reward`: `correctness` is c, `calibration` is R - c, so that both can be
    logged apart. `confidence` is None where it could not be read; `problem` then says why, and
    `format_ok` is False.
    """

    reward: float
    correct: bool
    confidence: float | None
    components: Mapping[str, float]
    format_ok: bool
    problem: str = ""

    def numbers(self) -> dict[str, float]:
        """What a trainer can log as a number; a confidence that could not be read is left out, not invented."""
        known = {} if self.confidence is None else {"confidence": self.confidence}
        return {
            "correct": float(self.correct),
            "format_ok": float(self.format_ok),
            **known,
            **self.components,
        }


@dataclass(frozen=True)
class Scorer:
    """A reward bound to a way of reading completions; call it with a completion and the truth. It pickles.

    Whatever cannot be read, of answer or confidence, earns `missing`, and no text makes it raise: a
    trainer would stop. An error of the checker counts as unreadable too, with a warning, since it
    may be a bug and not the text's fault; a checker that answers anything but yes or no is a fault
    of the wiring, and raises; so does a truth that no answer can be compared with, by `read_truth`
    if there is one.
    """

    on_correct: Callable[[float], float]
    on_wrong: Callable[[float], float]
    missing: float
    checker: Checker
    read_truth: Callable[[object], object] | None = None

    def __call__(self, completion: Completion, truth: object) -> Score:
        """The score of a completion (a string or a conversation); an unreadable one earns `missing`."""
        if self.read_truth:
            self.read_truth(truth)  # a fault of the data shows at its first row, readable or not
        problems: list[str] = []
        correct, confidence = False, None
        try:
            text = reply_text(completion)
        except UnreadableError as error:
            return self._score(correct, confidence, str(error))
        try:
            correct = self._is_correct(read_tag(text, "answer"), truth)
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
            TruthError: a truth that no answer can be compared with; the message names its row.
        """
        scores = []
        for row, (completion, truth) in enumerate(zip(completions, truths, strict=True)):
            try:
                scores.append(self(completion, truth))
            except TruthError as error:
                raise TruthError(f"row {row} of the batch: {error}") from None
        return scores

    def _is_correct(self, answer: str, truth: object) -> bool:
        try:
            found = self.checker(answer, truth)
        except (ImportError, TruthError):
            raise
        except Exception as error:
            told = f"the checker failed with {type(error).__name__} ({error!s:.100})"
            warnings.warn(f"{told}; such an answer earns `missing`", RuntimeWarning, stacklevel=2)
            raise UnreadableError(f"{told} on the answer {answer[:60]!r}") from error
        if found not in (True, False):  # a coroutine or a pair (False, "why") is true to Python
            raise TypeError(f"the checker must return True or False, got {found!r:.80}")
        return bool(found)

    def _score(self, correct: bool, confidence: float | None, problem: str) -> Score:
        if confidence is None or problem:
            reward = self.missing
        else:
            reward = (self.on_correct if correct else self.on_wrong)(confidence)
        if not math.isfinite(reward):
            raise ValueError(
                f"the reward pays {reward} at confidence {confidence} when"
                f" {'correct' if correct else 'wrong'}; a training run cannot use that number:"
                " write a bound into the formula and check the bounded one"
            )
        components = {"correctness": float(correct), "calibration": reward - correct}
        return Score(reward, correct, confidence, components, not problem, problem)


def require_one_length(lists: Mapping[str, Sized]) -> None:
    """Refuse columns of a batch that do not belong together, and a single text where a list of them is meant.

    Raises:
        ValueError: two lengths, or a text; that is a fault of the wiring.

    Example:
        >>> require_one_length({"completions": ["a", "b"], "solution": ["a"]})
        Traceback (most recent call last):
        ValueError: one batch has one length, got completions: 2, solution: 1
    """
    for name, values in lists.items():
        if isinstance(values, str | bytes):
            raise ValueError(
                f"`{name}` must be a list with one entry for each completion, got the text"
                f" {values!r:.60}"
            )
    if len({len(values) for values in lists.values()}) > 1:
        told = ", ".join(f"{name}: {len(values)}" for name, values in lists.items())
        raise ValueError(f"one batch has one length, got {told}")
