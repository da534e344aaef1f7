"""What every adapter shares: a completion and the truth in, a `Score` out. Grading needs the standard library alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from proofs.formula_text import names
from proofs.kernel.formula import Node

from .checkers import Checker, exact_match
from .parsing import Completion, UnreadableError, read_confidence, read_tag, reply_text
from .payoff import payoff

if TYPE_CHECKING:
    from scoring_theory.optimality import Report
    from scoring_theory.reward import Reward


@dataclass(frozen=True, slots=True)
class Score:
    """What one completion earned, and why.

    `components` sum to `reward`: `correctness` is c, `calibration` is R - c, so that both can be logged apart.
    `confidence` is None where it could not be read; `problem` then says why, and `format_ok` is False.
    """

    reward: float
    correct: bool
    confidence: float | None
    components: Mapping[str, float]
    format_ok: bool
    problem: str = ""

    def numbers(self) -> dict[str, float]:
        """What a trainer can log as a number; a confidence that could not be read is left out, not invented."""
        stated = {} if self.confidence is None else {"confidence": self.confidence}
        return {"correct": float(self.correct), "format_ok": float(self.format_ok), **stated, **self.components}


@dataclass(frozen=True, slots=True)
class Scorer:
    """A reward bound to a way of reading completions; call it with a completion and the truth. It pickles."""

    on_correct: Node
    on_wrong: Node
    missing: float
    checker: Checker = field(default=exact_match)

    def __call__(self, completion: Completion, truth: object) -> Score:
        """The score of a completion (a string or a conversation); an unreadable one earns `missing`."""
        problems: list[str] = []
        correct, confidence = False, None
        try:
            text = reply_text(completion)
        except UnreadableError as error:
            return self._score(correct, confidence, str(error))
        try:
            correct = bool(self.checker(read_tag(text, "answer"), truth))
        except UnreadableError as error:
            problems.append(str(error))
        try:
            confidence = read_confidence(read_tag(text, "confidence"))
        except UnreadableError as error:
            problems.append(str(error))
        return self._score(correct, confidence, "; ".join(problems))

    def _score(self, correct: bool, confidence: float | None, problem: str) -> Score:
        if confidence is None or problem:
            reward = self.missing
        else:
            reward = payoff(self.on_correct if correct else self.on_wrong, confidence)
        if not math.isfinite(reward):
            raise ValueError(
                f"the reward pays {reward} at confidence {confidence} when {'correct' if correct else 'wrong'};"
                " a training run cannot use that number: write a bound into the formula and check the bounded one"
            )
        components = {"correctness": float(correct), "calibration": reward - correct}
        return Score(reward, correct, confidence, components, not problem, problem)


class Options(TypedDict, total=False):
    """The keyword arguments of `scorer`, which every adapter takes as well."""

    missing: float | Literal["worst"]
    checker: Checker
    allow_unsafe: bool


def scorer(
    reward: Reward,
    *,
    missing: float | Literal["worst"] = "worst",
    checker: Checker = exact_match,
    allow_unsafe: bool = False,
) -> Scorer:
    """A `Scorer` for a reward that has been checked first.

    What an unreadable answer or confidence earns is part of the reward: unless it is at most the worst honest payoff,
    leaving the confidence out is worth it. `missing="worst"` is that payoff, inf R(q, c).

    Args:
        reward: every parameter has a value.
        missing: what an unreadable completion earns; a finite number, or "worst".
        checker: `(answer, truth) -> bool`.
        allow_unsafe: take a reward that is refuted or undecided all the same, for a baseline.

    Raises:
        ValueError: a free parameter; an unsafe reward; `missing` is not finite, or the worst payoff is -inf or unknown.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> grade = scorer(Reward.parse("c - (q - c)**2"))
        >>> grade("<answer>4</answer><analysis>sure</analysis><confidence>90%</confidence>", "4").reward
        0.99
        >>> grade("<answer>4</answer>", "4").reward
        -1.0
    """
    free = (names(reward.on_correct) | names(reward.on_wrong)) - {"q"}
    if free:
        raise ValueError(f"every parameter needs a value before training, got {', '.join(sorted(free))} without one")
    report = reward.check()
    outcome = report.outcome(allow_weak=True)
    if not (allow_unsafe or outcome == "holds"):
        found = f"`{reward.text}` is {outcome}: {_objection(report)}"
        raise ValueError(f"{found}; allow_unsafe=True takes it all the same")
    return Scorer(reward.on_correct, reward.on_wrong, _missing(missing, report), checker)


def _objection(report: Report) -> str:
    """The reason of the first verdict that is not proved, as the middle of a sentence."""
    verdict = next(v for v in (report.proper, report.jointly_optimal) if v.status != "proved")
    return verdict.reason.rstrip(".")


def _missing(missing: float | Literal["worst"], report: Report) -> float:
    if missing != "worst":
        if not (isinstance(missing, int | float) and math.isfinite(missing)):
            raise ValueError(f"`missing` must be a finite number or 'worst', got {missing!r}")
        return float(missing)
    worst = report.range[0].value if report.range else math.nan
    if not math.isfinite(worst):
        unknown = "not known" if math.isnan(worst) else str(worst)
        raise ValueError(
            f"the worst payoff is {unknown}, so it cannot be what a missing confidence earns; say what is: missing=-1.0"
        )
    return worst
