"""On what terms a reward goes into a training run: it is checked, and what unreadable completions earn is settled."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from inspect import iscoroutinefunction
from numbers import Real
from typing import TYPE_CHECKING, Literal, TypedDict

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected
from proofs.search.at_point import value_at
from proofs.search.breakpoints import breakpoints
from proofs.trees import names
from scoring_theory.adapters.checkers import (
    Checker,
    accepted_answers,
    exact_match,
    math_verify,
    require_math_verify,
)
from scoring_theory.adapters.payoff import Payoff
from scoring_theory.adapters.score import Scorer

if TYPE_CHECKING:
    from proofs.kernel.formula import Node
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward

Missing = float | Fraction | Literal["worst"]
_NEAR_ENDS = [10.0**-n for n in (3, 4, 6, 9, 12, 15)]
_GRID = sorted([*(n / 200 for n in range(201)), *_NEAR_ENDS, *(1 - x for x in _NEAR_ENDS)])
_ROUNDING = 1e-12
_AGREE = 1e-9


class UnsafeRewardError(ValueError):
    """The reward is not proved safe, or leaving the confidence out would pay; the message is a sentence."""


class Options(TypedDict, total=False):
    """The keyword arguments of `scorer`, which every adapter takes as well."""

    missing: Missing
    checker: Checker
    allow_unsafe: bool


@dataclass(frozen=True)
class Terms:
    """The report, both payoffs, what an unreadable completion earns, and why the reward is unsafe (or "")."""

    report: Report
    on_correct: Payoff
    on_wrong: Payoff
    missing: float
    objection: str


def scorer(
    reward: RewardLike,
    *,
    missing: Missing = "worst",
    checker: Checker = exact_match,
    allow_unsafe: bool = False,
) -> Scorer:
    """A `Scorer` for a reward that has been checked first; no text makes it raise, and bad options raise here.

    What cannot be read (a tag that is absent, repeated or not closed; a confidence that is no
    finite number in [0, 1]) earns `missing`, which is part of the reward. With V(0) the least that
    honesty earns in expectation:

        missing <= inf R(q, c)               safe: no stated confidence ever earns less ("worst" is equality)
        inf R(q, c) < missing <= V(0)        never beats honesty, but beats an overconfident mistake: a warning
        V(0) < missing                       a loophole, leaving the confidence out pays on hard questions: refused

    Args:
        reward: a formula or a `Reward`; every parameter has a value.
        missing: what an unreadable completion earns; a finite number, or "worst".
        checker: `(answer, truth) -> bool`.
        allow_unsafe: take a reward that is refuted or undecided, or a loophole, all the same, for a
            baseline.

    Raises:
        UnsafeRewardError: the reward is not proved safe, or `missing` is a loophole.
        ValueError: a free parameter; a payoff that is not finite; `missing` is no number.
        ImportError: the checker is `math_verify`, and its package is not installed.

    Example:
        >>> grade = scorer("c - (q - c)**2")
        >>> grade("<answer>4</answer><analysis>sure</analysis><confidence>90%</confidence>", "4").reward
        0.99
        >>> grade("<answer>4</answer>", "4").reward
        -1.0
    """
    from scoring_theory.catalogue.coercion import as_reward

    reward = as_reward(reward)
    agreed = agreed_terms(reward, missing=missing, checker=checker, allow_unsafe=allow_unsafe)
    read_truth = accepted_answers if checker in (exact_match, math_verify) else None
    return Scorer(agreed.on_correct, agreed.on_wrong, agreed.missing, checker, read_truth)


def agreed_terms(
    reward: Reward,
    *,
    missing: Missing = "worst",
    checker: Checker = exact_match,
    allow_unsafe: bool = False,
) -> Terms:
    """What `scorer` settles before anything is scored, with the same arguments and errors."""
    from scoring_theory.checking import check

    _require_checker(checker)
    free = (names(reward.on_correct) | names(reward.on_wrong)) - {"q"}
    if free:
        raise ValueError(
            f"every parameter needs a value before training, got {', '.join(sorted(free))}"
            " without one"
        )
    report = check(reward)
    objection = _objection(reward, report)
    _refuse(objection, allow_unsafe)
    right, wrong = payoffs(reward)
    lowest, honest = _payoffs(reward, report, right, wrong)
    earned = _number(missing, lowest)
    objection = objection or _loophole(earned, honest)
    _refuse(objection, allow_unsafe)
    if lowest + _ROUNDING < earned and not objection:
        warnings.warn(
            f"`missing` = {earned:g} never beats honesty, but it beats a confident mistake, which"
            f" pays down to {lowest:g}: a model may learn to leave the confidence out before it"
            " learns to be calibrated",
            UserWarning,
            stacklevel=4,
        )
    return Terms(report, right, wrong, earned, objection)


def _refuse(objection: str, allow_unsafe: bool) -> None:
    if objection and not allow_unsafe:
        raise UnsafeRewardError(f"{objection}; allow_unsafe=True takes it all the same")


def _require_checker(checker: Checker) -> None:
    if not callable(checker):
        raise ValueError(f"`checker` must be a function (answer, truth) -> bool, got {checker!r}")
    if iscoroutinefunction(checker):
        raise ValueError(
            "`checker` must give its answer at once, got the coroutine function"
            f" {checker.__qualname__}"
        )
    if checker is math_verify:
        require_math_verify()


def _objection(reward: Reward, report: Report) -> str:
    """The reason of the first verdict that is not proved, or nothing; ties are no danger."""
    outcome = report.outcome(allow_weak=True)
    if outcome == "holds":
        return ""
    verdict = next(v for v in (report.proper, report.jointly_optimal) if v.status != "proved")
    return f"`{reward.text}` is {outcome}: {verdict.reason.rstrip('.')}"


def payoffs(reward: Reward) -> tuple[Payoff, Payoff]:
    """R(q, 1) and R(q, 0) in floating point, compared with the formula that was checked.

    Raises:
        ValueError: no value that floats can hold, or another one than the formula has, at a
            confidence that is tried: 0, 1, the breakpoints, twentieths and hundredths.
    """
    sides = (reward.on_correct, reward.on_wrong)
    try:
        right, wrong = (Payoff.of(side) for side in sides)
        for payoff in (right, wrong):
            _compare(payoff, _stated(sides))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"`{reward.text}` has no finite payoff at every confidence: {error}"
        ) from error
    return right, wrong


def _stated(sides: tuple[Node, Node]) -> list[Fraction]:
    """Confidences that people state, and where the formula changes its branch."""
    grid = {Fraction(n, 100) for n in range(101)}
    with suppress(Rejected, Undetermined):
        grid |= {x for point in breakpoints(sides, {}) if (x := point.constant()) is not None}
    return sorted(grid)


def _compare(payoff: Payoff, grid: list[Fraction]) -> None:
    """Refuse a payoff that floats compute otherwise than the kernel."""
    paid = [payoff(float(q)) for q in grid]
    scale = max([abs(x) for x in paid if math.isfinite(x)], default=1.0)
    for q, one in zip(grid, paid, strict=True):
        try:
            exact = value_at(payoff.node, q)
        except Rejected:  # then the reward is not proved either
            continue
        if one != exact and not abs(one - exact) <= _AGREE * scale:
            raise ValueError(
                f"at confidence {float(q)} floating point gives {one!r}, and the formula says"
                f" {exact!r}"
            )


def _payoffs(
    reward: Reward, report: Report, on_correct: Payoff, on_wrong: Payoff
) -> tuple[float, float]:
    """Inf R(q, c), and the least that an honest report earns in expectation, min over p of U(p, p).

    A safe reward's V is nondecreasing, so that its minimum is V(0), at an end of the grid, exactly.
    """
    try:
        right, wrong = ([side(q) for q in _GRID] for side in (on_correct, on_wrong))
    except ValueError as error:
        raise ValueError(
            f"`{reward.text}` has no finite payoff at every confidence: {error}"
        ) from error
    ends = [end.value for end in report.range] if report.range else []
    reached = [*right, *wrong, *ends]
    if not all(map(math.isfinite, reached)):
        raise ValueError(
            f"`{reward.text}` pays down to {min(reached):g} and up to {max(reached):g}; a training"
            " run cannot use that: write a bound into the formula, such as clip(q, 1/100, 99/100)"
            " for q, and check the bounded one"
        )
    honest = min(p * f + (1 - p) * g for p, f, g in zip(_GRID, right, wrong, strict=True))
    return min(reached), honest


def _number(missing: object, lowest: float) -> float:
    if missing == "worst":
        return lowest
    if isinstance(missing, bool) or not (isinstance(missing, Real) and math.isfinite(missing)):
        raise ValueError(f"`missing` must be a finite number or 'worst', got {missing!r}")
    return float(missing)


def _loophole(earned: float, honest: float) -> str:
    """Why leaving the confidence out pays, or nothing."""
    if earned <= honest + _ROUNDING:
        return ""
    return (
        f"`missing` = {earned:g} is a loophole: honest answers to the hardest questions earn"
        f" {honest:g} on average, less than leaving the confidence out"
    )
