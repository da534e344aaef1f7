"""`scorer`: checks a reward before training, and sets the reward of unreadable completions."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Literal, TypedDict

from proofs.kernel.formula import CORRECT, Number, substitute
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected
from proofs.search.at_point import value_at
from proofs.search.breakpoints import breakpoints
from proofs.trees import names
from scoring_theory.adapters.asking import AskingScorer
from scoring_theory.adapters.payoff import Payoff
from scoring_theory.adapters.score import Scorer, expected
from scoring_theory.checkers.asking import Checker
from scoring_theory.checkers.matching import exact_match
from scoring_theory.checkers.named import CHECKERS, as_checker
from scoring_theory.checkers.truths import accepted_answers, event, event_happened
from scoring_theory.readers.presets import ReaderLike, as_reader
from scoring_theory.readers.reader import DEFAULT_READER, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs.kernel.formula import Node
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.checking import Report
    from scoring_theory.reward import Reward

Missing = float | Fraction | Literal["worst"]
_ROUNDING = 1e-12
_AGREE = 1e-9


class UnsafeRewardError(ValueError):
    """The reward is not proved safe, or omitting the confidence would be a loophole.

    Example:
        >>> scorer("c - 2*(q - c)^2")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        scoring_theory.adapters.scorer.UnsafeRewardError: `c - 2*(q - c)^2` is refuted: ...
    """


class Options(TypedDict, total=False):
    """The keyword arguments of `scorer`, which every adapter takes as well."""

    missing: Missing
    reader: ReaderLike
    checker: Checker | str
    truth_key: str | None
    allow_unsafe: bool
    forecast: bool
    graded: bool


@dataclass(frozen=True)
class Terms:
    """What is decided before training.

    Attributes:
        report: the result of `check`.
        on_correct: R(q, 1).
        on_wrong: R(q, 0).
        missing: the reward of an unreadable completion.
        reader: the format of a completion.
        checker: the function that compares an answer with the truth.
        truth_key: the key of the truth, where the truth is a dictionary.
        objection: why the reward is unsafe, or an empty text.
    """

    report: Report
    on_correct: Payoff
    on_wrong: Payoff
    missing: float
    reader: Reader
    checker: Checker
    truth_key: str | None
    objection: str


def scorer(
    reward: RewardLike,
    *,
    missing: Missing = "worst",
    reader: ReaderLike = DEFAULT_READER,
    checker: Checker | str = exact_match,
    truth_key: str | None = None,
    allow_unsafe: bool = False,
    forecast: bool = False,
    graded: bool = False,
) -> Scorer:
    """A `Scorer` for a reward that is checked first.

    Errors in the options raise here; completions never raise when they are scored. A completion
    that the reader cannot read (a tag is absent, repeated or not closed, or the confidence is not a
    finite number on its scale) has the reward `missing`. With V(0), the smallest expected reward of
    a truthful rollout:

        missing <= inf R(q, c)         safe: no stated confidence earns less ("worst": equality)
        inf R(q, c) < missing <= V(0)  omission never beats truthful reporting, but it beats an
                                       overconfident error: a warning
        V(0) < missing                 a loophole, since omission earns more on hard questions:
                                       refused

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue; every parameter has a value.
        missing: the reward of an unreadable completion; a finite number, or "worst".
        reader: the format of a completion, a name of `READERS`, with options ("percent,
            occurrence=last") or without, or a `Reader`. By default the tags `<answer>` and
            `<confidence>`, each exactly once after the thinking, and a confidence from 0 to 1.
        checker: a name of `CHECKERS`, or a function `(answer, truth) -> bool`, or with `graded` a
            score in [0, 1]. It may be asynchronous; further parameters get the columns of their
            names, and `row` gets all of them.
        truth_key: the key of the truth, where the truth is a dictionary.
        allow_unsafe: accept a refuted or undecided reward or a loophole, for a baseline.
        forecast: a completion states only the probability of an event that nobody chooses, without
            an answer, and the truth says whether the event happened (see `event_happened`). Then a
            score is enough: properness is demanded, not joint optimality. A reader without an
            answer, such as "forecast", implies it.
        graded: the checker returns a score s in [0, 1], such as partial credit, and the reward is
            s R(q, 1) + (1 - s) R(q, 0); q states the mean score. A formula that is not proved
            jointly optimal for graded scores, or not affine in the score, is refused.

    Raises:
        UnsafeRewardError: the reward is not proved safe, or `missing` is a loophole.
        ValueError: a parameter is free, a payoff is not finite, `missing` is not a number, or the
            reader or the checker is unknown.
        ImportError: the checker is `math_verify`, and the package is not installed.

    Example:
        >>> grade = scorer("c - (q - c)**2")
        >>> grade("<answer>4</answer><confidence>90%</confidence>", "4").reward
        0.99
        >>> grade("<answer>4</answer>", "4").reward
        -1.0
        >>> partial = scorer("2*c*q - q^2", checker=lambda answer, truth: 0.5, graded=True)
        >>> partial("<answer>4</answer><confidence>50%</confidence>", "4").reward
        0.25
    """
    from scoring_theory.catalogue.coercion import as_reward

    reward = as_reward(reward)
    agreed = agreed_terms(
        reward,
        missing=missing,
        reader=reader,
        checker=checker,
        truth_key=truth_key,
        allow_unsafe=allow_unsafe,
        forecast=forecast,
        graded=graded,
    )
    read_truth = truth_reader(agreed.checker)
    kind = AskingScorer if read_truth is None else Scorer
    return kind(
        agreed.on_correct,
        agreed.on_wrong,
        agreed.missing,
        agreed.checker,
        reader=agreed.reader.parser,
        read_truth=read_truth,
        truth_key=agreed.truth_key,
        graded=graded,
        is_score=agreed.report.kind == "score",
    )


def truth_reader(checker: Checker) -> Callable[[object], object] | None:
    """The function that refuses truths which a ready checker cannot compare; None for another one.

    Example:
        >>> truth_reader(exact_match)([])
        Traceback (most recent call last):
        scoring_theory.checkers.truths.TruthError: the truth is an empty list: ...
    """
    if checker is event_happened:
        return event
    return accepted_answers if checker in CHECKERS.values() else None


def agreed_terms(
    reward: Reward,
    *,
    missing: Missing = "worst",
    reader: ReaderLike = DEFAULT_READER,
    checker: Checker | str = exact_match,
    truth_key: str | None = None,
    allow_unsafe: bool = False,
    forecast: bool = False,
    graded: bool = False,
) -> Terms:
    """The decisions of `scorer` before training, with the same arguments and errors."""
    from scoring_theory.checking import check

    reads = as_reader(reader)
    compares = as_checker(checker)
    forecast = forecast or not reads.reads_answers
    if forecast and compares is not exact_match:
        raise ValueError("a forecast has no answer to check: leave out `checker` or `forecast`")
    if forecast and graded:
        raise ValueError("the event of a forecast has no score: leave out `graded` or `forecast`")
    free = (names(reward.on_correct) | names(reward.on_wrong)) - {"q"}
    if free:
        raise ValueError(
            f"every parameter needs a value before training, got {', '.join(sorted(free))}"
            " without one"
        )
    report = check(reward, allow_weak=True, forecast=forecast, graded=graded)
    objection = _graded_objection(report) if graded else _objection(reward, report)
    _refuse(objection, allow_unsafe, offered=not graded)
    right, wrong = payoffs(reward)
    if graded:
        compare_scores(reward, right, wrong)
    lowest, honest = _payoffs(reward, report, right, wrong)
    earned = _number(missing, lowest)
    objection = objection or _loophole(earned, honest)
    _refuse(objection, allow_unsafe)
    if lowest + _ROUNDING < earned and not objection:
        warnings.warn(
            f"`missing` = {earned:g} never exceeds the expected reward of truthful reporting, but"
            f" exceeds the reward of a confident error, which is as low as {lowest:g}: a model may"
            " learn to omit the confidence before it learns to be calibrated",
            UserWarning,
            stacklevel=4,
        )
    if forecast:
        reads, compares = _without_answer(reads), event_happened
    return Terms(report, right, wrong, earned, reads, compares, truth_key, objection)


def _without_answer(reader: Reader) -> Reader:
    """The reader of a forecast, which states no answer."""
    if reader.pattern and reader.reads_answers:
        raise ValueError("a forecast states no answer: leave {answer} out of the reader's pattern")
    return replace(reader, answer=None)


def _refuse(objection: str, allow_unsafe: bool, *, offered: bool = True) -> None:
    if objection and not allow_unsafe:
        offer = "; allow_unsafe=True accepts it" if offered else ""
        raise UnsafeRewardError(f"{objection}{offer}")


def _objection(reward: Reward, report: Report) -> str:
    """The reason of the first verdict that is not proved, or ""; weak propriety is accepted."""
    needed = (report.proper, *(() if report.forecast else (report.jointly_optimal,)))
    failed = next((verdict for verdict in needed if not verdict), None)
    if failed is None:
        return ""
    reason = f"`{reward.text}` is {failed.status}: {failed.reason.rstrip('.')}"
    if report.kind == "score" and report.proper and not report.forecast:
        reason += (
            "; it is a score, which does not reward correct answers: add it to c with a weight, or"
            " give forecast=True where nobody chooses the event"
        )
    return reason


def _graded_objection(report: Report) -> str:
    from scoring_theory.checking.graded import objection_to_scores

    needed = (report.verdict("proper"), report.verdict("jointly optimal"))
    return objection_to_scores(report, needed)


def payoffs(reward: Reward) -> tuple[Payoff, Payoff]:
    """R(q, 1) and R(q, 0) in floating point, compared with the formula that was checked.

    Raises:
        ValueError: a payoff is not representable as a float, or differs from the exact value, at a
            confidence that is tested: the hundredths and the breakpoints.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> right, wrong = payoffs(Reward.parse("c - (q - c)^2"))
        >>> right(0.5), wrong(0.5)
        (0.75, -0.25)
    """
    sides = (reward.on_correct, reward.on_wrong)
    try:
        right, wrong = (Payoff.of(side) for side in sides)
        for payoff in (right, wrong):
            _compare(payoff, payoff.node, _stated(sides))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"`{reward.text}` has no finite payoff at every confidence: {error}"
        ) from error
    return right, wrong


def compare_scores(reward: Reward, right: Payoff, wrong: Payoff) -> None:
    """Compare what scores of 1/4 and 1/2 are paid with the formula that was checked.

    Raises:
        ValueError: they differ at a confidence that is tested; see `payoffs`.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> rlcr = Reward.parse("c - (q - c)^2")
        >>> compare_scores(rlcr, *payoffs(rlcr))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: `c - (q - c)^2` is not paid as written for a score of 1/4, ...
    """
    grid = _stated((reward.on_correct, reward.on_wrong))
    for score in (Fraction(1, 4), Fraction(1, 2)):
        node = substitute(reward.bound, {CORRECT: Number(score)})

        def paid(q: float, s: float = float(score)) -> float:
            return expected(s, q, right, wrong)

        try:
            _compare(paid, node, grid)
        except ValueError as error:
            raise ValueError(
                f"`{reward.text}` is not paid as written for a score of {score}, but as"
                f" s R(q, 1) + (1 - s) R(q, 0): {error}"
            ) from error


def _stated(sides: tuple[Node, Node]) -> list[Fraction]:
    """The hundredths, which models state, and the points where the formula changes its branch."""
    grid = {Fraction(n, 100) for n in range(101)}
    with suppress(Rejected, Undetermined):
        grid |= {x for point in breakpoints(sides, {}) if (x := point.constant()) is not None}
    return sorted(grid)


def _compare(paid: Callable[[float], float], node: Node, grid: list[Fraction]) -> None:
    """Raise an error where floating point and the kernel differ."""
    floats = [paid(float(q)) for q in grid]
    scale = max([abs(x) for x in floats if math.isfinite(x)], default=1.0)
    for q, value in zip(grid, floats, strict=True):
        try:
            exact = value_at(node, q)
        except Rejected:  # then the reward is not proved either
            continue
        if value != exact and not abs(value - exact) <= _AGREE * scale:
            raise ValueError(
                f"at confidence {float(q)} floating point gives {value!r}, and the exact value is"
                f" {exact!r}"
            )


def _payoffs(
    reward: Reward, report: Report, on_correct: Payoff, on_wrong: Payoff
) -> tuple[float, float]:
    """`inf R(q, c)`, and the smallest expected reward of truthful reporting.

    The latter is V(0) = R(0, 0), since V is nondecreasing for a safe reward.
    """
    stated = map(float, _stated((reward.on_correct, reward.on_wrong)))
    reached = [side(q) for q in stated for side in (on_correct, on_wrong)]
    reached += [end.value for end in report.range or ()]
    if not all(map(math.isfinite, reached)):
        raise ValueError(
            f"the payoffs of `{reward.text}` range from {min(reached):g} to {max(reached):g}, and"
            " training needs finite rewards: write a bound into the formula, such as clip(q, 1/100,"
            " 99/100) for q, and check the bounded reward"
        )
    return min(reached), on_wrong(0.0)


def _number(missing: object, lowest: float) -> float:
    if missing == "worst":
        return lowest
    if isinstance(missing, bool) or not (isinstance(missing, Real) and math.isfinite(missing)):
        raise ValueError(f"`missing` must be a finite number or 'worst', got {missing!r}")
    return float(missing)


def _loophole(earned: float, honest: float) -> str:
    """Why omitting the confidence is a loophole, or an empty text."""
    if earned <= honest + _ROUNDING:
        return ""
    return (
        f"`missing` = {earned:g} is a loophole: the expected reward of truthful reporting on the"
        f" hardest questions is {honest:g}, less than that of omitting the confidence"
    )
