"""On what terms a reward goes into a training run: it is checked, and what unreadable completions earn is settled."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from inspect import iscoroutinefunction
from numbers import Real
from typing import TYPE_CHECKING, Literal, TypedDict

from proofs.trees import names
from scoring_theory.adapters.checkers import Checker, exact_match, math_verify, require_math_verify
from scoring_theory.adapters.payoff import payoff
from scoring_theory.adapters.score import Scorer

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward

Missing = float | Fraction | Literal["worst"]
_GRID = [n / 200 for n in range(201)]
_ROUNDING = 1e-12


class UnsafeRewardError(ValueError):
    """The reward is not proved safe, or leaving the confidence out would pay; the message is a sentence."""


class Options(TypedDict, total=False):
    """The keyword arguments of `scorer`, which every adapter takes as well."""

    missing: Missing
    checker: Checker
    allow_unsafe: bool


@dataclass(frozen=True)
class Terms:
    """Its report, what an unreadable completion earns, and why the reward is unsafe all the same (or "")."""

    report: Report
    missing: float
    objection: str


def scorer(
    reward: RewardLike, *, missing: Missing = "worst", checker: Checker = exact_match, allow_unsafe: bool = False
) -> Scorer:
    """A `Scorer` for a reward that has been checked first; no text makes it raise, and bad options raise here.

    What cannot be read (a tag that is absent, repeated or not closed; a confidence that is no finite number in [0, 1])
    earns `missing`, which is part of the reward. With V(0) the least that honesty earns in expectation:

        missing <= inf R(q, c)               safe: no stated confidence ever earns less ("worst" is equality)
        inf R(q, c) < missing <= V(0)        never beats honesty, but beats an overconfident mistake: a warning
        V(0) < missing                       a loophole, leaving the confidence out pays on hard questions: refused

    Args:
        reward: a formula or a `Reward`; every parameter has a value.
        missing: what an unreadable completion earns; a finite number, or "worst".
        checker: `(answer, truth) -> bool`.
        allow_unsafe: take a reward that is refuted or undecided, or a loophole, all the same, for a baseline.

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
    agreed = terms(reward, missing=missing, checker=checker, allow_unsafe=allow_unsafe)
    return Scorer(partial(payoff, reward.on_correct), partial(payoff, reward.on_wrong), agreed.missing, checker)


def terms(
    reward: Reward, *, missing: Missing = "worst", checker: Checker = exact_match, allow_unsafe: bool = False
) -> Terms:
    """What `scorer` settles before anything is scored, with the same arguments and errors."""
    from scoring_theory.checking import check

    _require_checker(checker)
    free = (names(reward.on_correct) | names(reward.on_wrong)) - {"q"}
    if free:
        raise ValueError(f"every parameter needs a value before training, got {', '.join(sorted(free))} without one")
    report = check(reward)
    objection = _objection(reward, report)
    _refuse(objection, allow_unsafe)
    lowest, honest = _payoffs(reward, report)
    earned = _number(missing, lowest)
    objection = objection or _loophole(earned, honest)
    _refuse(objection, allow_unsafe)
    if lowest + _ROUNDING < earned and not objection:
        warnings.warn(
            f"`missing` = {earned:g} never beats honesty, but it beats a confident mistake, which pays down to"
            f" {lowest:g}: a model may learn to leave the confidence out before it learns to be calibrated",
            UserWarning,
            stacklevel=4,
        )
    return Terms(report, earned, objection)


def _refuse(objection: str, allow_unsafe: bool) -> None:
    if objection and not allow_unsafe:
        raise UnsafeRewardError(f"{objection}; allow_unsafe=True takes it all the same")


def _require_checker(checker: Checker) -> None:
    if not callable(checker):
        raise ValueError(f"`checker` must be a function (answer, truth) -> bool, got {checker!r}")
    if iscoroutinefunction(checker):
        raise ValueError(f"`checker` must give its answer at once, got the coroutine function {checker.__qualname__}")
    if checker is math_verify:
        require_math_verify()


def _objection(reward: Reward, report: Report) -> str:
    """The reason of the first verdict that is not proved, or nothing; ties are no danger."""
    outcome = report.outcome(allow_weak=True)
    if outcome == "holds":
        return ""
    verdict = next(v for v in (report.proper, report.jointly_optimal) if v.status != "proved")
    return f"`{reward.text}` is {outcome}: {verdict.reason.rstrip('.')}"


def _payoffs(reward: Reward, report: Report) -> tuple[float, float]:
    """Inf R(q, c), and the least that an honest report earns in expectation, min over p of U(p, p).

    A safe reward's V is nondecreasing, so that its minimum is V(0), at an end of the grid, exactly.
    """
    try:
        right, wrong = ([payoff(side, q) for q in _GRID] for side in (reward.on_correct, reward.on_wrong))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"`{reward.text}` has no finite payoff at every confidence: {error}") from error
    ends = [end.value for end in report.range] if report.range else []
    reached = [*right, *wrong, *ends]
    if not all(map(math.isfinite, reached)):
        raise ValueError(
            f"`{reward.text}` pays down to {min(reached):g} and up to {max(reached):g}; a training run cannot use that:"
            " write a bound into the formula, such as clip(q, 1/100, 99/100) for q, and check the bounded one"
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
        f"`missing` = {earned:g} is a loophole: honest answers to the hardest questions earn {honest:g} on average,"
        " less than leaving the confidence out"
    )
