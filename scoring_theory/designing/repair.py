"""From an unsafe or improper reward to the closest safe one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, inf, log10
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import Number, parse
from proofs.trees import fold
from scoring_theory.catalogue import brier, correctness
from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.checking import Report, check
from scoring_theory.checking.square_integrable import is_square_integrable
from scoring_theory.designing.adaptation import Adaptation, safe
from scoring_theory.display import Code, in_short, line, one_line, shortened, table
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Amount, BetaPart, ThresholdDistribution, amount

if TYPE_CHECKING:
    from scoring_theory.designing.distance import Mesh

_DIGITS = 3
_CONSTANT = 10**4
_NOTHING = 1e-9
# Where the cost of a confident error is unbounded, the closest reward has thresholds close to 1.
_TOWARDS_ONE = frozenset(
    Fraction(n, d) for n, d in ((9, 10), (97, 100), (99, 100), (511, 512), (4095, 4096))
)


@dataclass(frozen=True)
class Repair:
    """A repaired reward, its proof, and the changes.

    Attributes:
        original: the reward as given.
        reward: the closest safe reward, or the given one if it was safe.
        report: the result of `check` for `reward`, with certificates.
        thresholds: the distribution of thresholds of `reward`, or of its mean over the errors of
            the verifier; None if the payoffs for correct and wrong answers were not projected.
        distance: d(original, reward), see `scoring_theory.designing.distance`; for known errors,
            that of the rewards for correctness.
        distance_squared: the exact square, where both are piecewise polynomials; else None.
        lower_bound: no admissible reward is closer (by duality, see
            `scoring_theory.designing.projection`).
        reason: why the original is unsafe, one sentence.
        changes: the changes, one sentence each.

    Example:
        >>> done = repair("c - 2*(q - c)^2")
        >>> done.changed, done.changes[0]
        (True, 'accuracy margin -1 -> 0')
    """

    original: Reward
    reward: Reward
    report: Report
    thresholds: ThresholdDistribution | None
    distance: float
    distance_squared: Fraction | None
    lower_bound: float
    reason: str
    changes: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the reward was changed."""
        return bool(self.changes)

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """The certificates of the report; `proofs.kernel.verifier` verifies them."""
        return self.report.certificates

    def __str__(self) -> str:
        return self.reward.text

    def __repr__(self) -> str:
        if not self.changed:
            return line("Repair", f"{shortened(self.reward.text, 60)!r}: already safe")
        formulas = f"{shortened(self.original.text, 35)!r} -> {shortened(self.reward.text, 35)!r}"
        return line("Repair", formulas, f"distance={in_short(self.distance)}")

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """The original, the repaired reward, the reason and the changes."""
        rows: list[tuple[str, object]] = [
            ("before", Code(self.original.text)),
            ("after", Code(self.reward.text)),
            ("reason", self.reason),
            *(("change", change) for change in self.changes),
            ("distance", self.distance),
            ("lower bound of the distance", self.lower_bound),
        ]
        return table(rows, caption=self.reward.name or "Repair")


@dataclass(frozen=True)
class Scaled:
    """The reward c + weight S of a proper reward R, where S is R or R - c.

    Attributes:
        reward: the safe reward; its thresholds are those of R.
        weight: the weight of S.
        report: the result of `check` for `reward`.
        change: what was done to R, in words.

    Example:
        >>> scaled(check("c - 2*(q - c)^2")).change
        'scoring part scaled by 1/2'
    """

    reward: Reward
    weight: Fraction
    report: Report
    change: str

    __repr__ = one_line


def repair(
    reward: RewardLike,
    *,
    margin: Amount = 0,
    curvature: Amount = 0,
    tolerance: float = 0.01,
    pieces: int = 12,
    name: str = "",
    graded: bool = False,
    false_positive: Amount | None = None,
    false_negative: Amount | None = None,
) -> Repair:
    """The safe reward closest to a given one, with its certificate: a projection on the safe cone.

        minimise  d(R, S)^2 = min_k int_0^1 1/2 sum_c (R(q, c) - S(q, c) - k)^2 dq
        over      S = margin c + curvature (c q - q^2/2) + nonnegative mixtures of bets

    A reward that is such a mixture is returned unchanged. Otherwise the masses of bets (c - t) [q >
    t] and of intervals between at most `pieces` + 1 knots are computed by nonnegative least squares
    and rounded to decimals; the kernel proves the rounded reward safe, and its distance is computed
    again. `lower_bound` bounds the distance of all safe rewards.

    The closest reward may have no threshold in some interval of confidence, so that confidences in
    it are tied; `curvature` > 0 makes the result strictly proper.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue, without free parameters; proper
            or not. Floors and clips are allowed; both payoffs must be square-integrable.
        margin: the smallest accuracy margin of the result.
        curvature: the smallest Schervish weight of the result on (0, 1).
        tolerance: knots are added until the distance exceeds the lower bound by at most this share.
        pieces: the largest number of intervals.
        name: the name of the repaired reward.
        graded: c is a score in [0, 1]: the result is the affine extension c R(q, 1) + (1 - c)
            R(q, 0) of the closest safe reward, unless the reward is safe for graded scores.
        false_positive: the known rate at which the verifier accepts wrong answers: the result is
            the reward whose mean over the errors is the closest safe reward.
        false_negative: the known rate at which it rejects correct answers.

    Raises:
        ValueError: a parameter is free, a number is outside its domain, or no safe reward has a
            finite distance (see `repairable`); with rates, also a reward with an infinite payoff.

    Source:
        The cone: Schervish 1989, theorem 4.2; `docs/theory.md`, Theorem 22.

    Example:
        >>> done = repair("c - 2*(q - c)^2")
        >>> done.report.jointly_optimal.status, round(done.distance, 3)
        ('proved', 0.167)
        >>> done.lower_bound > 0.98 * done.distance
        True
        >>> repair("c - (q - c)^2").distance
        0.0
        >>> repair("c*max(log(q), -5) + (1 - c)*max(log(1 - q), -5)").report.jointly_optimal.status
        'proved'
        >>> repair("c - (q - c)^2", graded=True).reward.text
        'c*(1 - (q - 1)^2) - (1 - c)*q^2'
        >>> repair("c", false_positive=0.2, false_negative=0.3).reward.text
        'c*(8/5) + (1 - c)*(-2/5)'
    """
    reward = as_reward(reward)
    for parameter in reward.free_parameters:
        raise ValueError(
            f"`{parameter}` needs a value before the reward is repaired: give --param"
            f" {parameter}=0.5, or in Python bind({parameter}=0.5)"
        )
    floor = _floor(margin, curvature)
    adaptation = Adaptation.asked(graded, false_positive, false_negative)
    if adaptation is None:
        return _closest(reward, floor, tolerance, pieces, name)
    given = adaptation.check(reward)
    done = _closest(adaptation.underlying(given), floor, tolerance, pieces, name)
    if not done.changed and adaptation.fits(given):
        return replace(done, original=reward, reward=reward, report=given)
    adapted = adaptation.apply(done.reward).called(name)
    report = adaptation.check(adapted)
    if not safe(report):
        raise ValueError(f"{adapted.text!r} is safe by construction, but no certificate was found")
    return replace(
        done,
        original=reward,
        reward=adapted,
        report=report,
        reason=done.reason if done.changed else adaptation.why(given),
        changes=(*done.changes, adaptation.change),
    )


def _closest(
    reward: Reward, floor: ThresholdDistribution, tolerance: float, pieces: int, name: str
) -> Repair:
    """The closest safe reward for outcomes of 0 and 1."""
    given = check(reward, allow_weak=True)
    beyond = reward - floor.to_reward() if floor.total else reward
    rest = check(beyond, allow_weak=True) if floor.total else given
    if rest.safe:
        return Repair(reward, reward, given, None, 0.0, Fraction(0), 0.0, "it is already safe", ())
    mixture, mesh, lower = _nearest(beyond, tolerance, pieces)
    thresholds = mixture + floor
    closest = thresholds.to_reward()
    means = [_mean(mesh, either) for either in (reward, closest)]
    shift = Fraction(round((means[0] - means[1]) * _CONSTANT), _CONSTANT)
    closest = (closest + shift).called(name)
    report = check(closest, allow_weak=True)
    if not report.safe:
        raise ValueError(f"{closest.text!r} is safe by construction, but no certificate was found")
    from scoring_theory.designing.distance import distance_squared

    squared, exact = distance_squared(reward, closest)
    changes = _changes(given, report, reward, closest)
    return Repair(
        reward,
        closest,
        report,
        thresholds,
        squared**0.5,
        exact,
        min(lower, squared**0.5),
        _why(given) if not given.safe else _falls_short(given, floor),
        changes,
    )


def scaled(report: Report) -> Scaled | None:
    """The simplest safe reward near a proper but unsafe one: c + weight S with a safe weight.

    S is R for a score and R - c for a reward, as `check` says; its weight is lam*, or 1 where that
    is safe. A reward in another unit, V(1) - V(0) = u, keeps it: u c + weight S, with S = R - u c.
    The result keeps the shape of the formula and its properness, and is farther away than the
    result of `repair`. Where lam* is irrational, it is rounded down to three digits, which is safe
    and can be read.

    Returns:
        None if the reward is not proper, is already safe, has no safe weight (m = -inf), or only
        one for which every answer earns the same.

    Example:
        >>> safe = scaled(check("c - 2*(q - c)^2"))
        >>> safe.weight, safe.reward.text
        (Fraction(1, 2), 'c - (q - c)^2')
        >>> scaled(check("100*(c - 2*(q - c)^2)")).change
        'scoring part scaled by 1/2'
    """
    unit = _unit(report)
    if unit != 1:
        in_unit = scaled(check(report.reward / unit))
        if in_unit is None:
            return None
        reward = in_unit.reward * unit
        return replace(in_unit, reward=reward, report=check(reward, allow_weak=True))
    if (
        report.proper.status != "proved"
        or report.jointly_optimal.status != "refuted"
        or report.reward.free_parameters
    ):
        return None
    critical = report.critical_weight
    if critical is None or not critical.value > 0:
        return None
    node = fold(parse(critical.exact))
    weight = node.value if isinstance(node, Number) else _rounded_down(critical.value)
    weight = min(weight, Fraction(1))
    reward = correctness + weight * (
        report.reward if report.score == "R" else report.reward - correctness
    )
    proved = check(reward, allow_weak=True)
    if not proved.safe or _pays_all_alike(proved):
        return None
    change = f"scoring part scaled by {weight}"
    if report.score == "R":
        change = "correctness added" if weight == 1 else f"scaled by {weight}, correctness added"
    return Scaled(reward, weight, proved, change)


def _unit(report: Report) -> Fraction:
    """V(1) - V(0) of a reward, to six digits; 1 for a score, or where it is not positive."""
    reward = report.reward
    if report.score == "R" or reward.free_parameters:
        return Fraction(1)
    unit = reward.payoff(1, 1) - reward.payoff(0, 0)
    return Fraction(f"{unit:.6g}") if 0 < unit < inf else Fraction(1)


def _rounded_down(value: float) -> Fraction:
    """The largest number with three significant digits that is not above a positive number.

    Example:
        >>> _rounded_down(0.0540456), _rounded_down(0.435244)
        (Fraction(27, 500), Fraction(87, 200))
    """
    scale = Fraction(10) ** (_DIGITS - 1 - floor(log10(value)))
    return floor(Fraction(value) * scale) / scale


def repairable(report: Report) -> bool:
    """Whether some safe reward is at a finite distance, so that `repair` works.

    Args:
        report: the check of a reward.

    Example:
        >>> repairable(check("c*max(log(q), -5) + (1 - c)*max(log(1 - q), -5)"))
        True
        >>> repairable(check("c - 1/q")), repairable(check("c/(q - 1/3)"))
        (False, False)
    """
    if report.reward.free_parameters:
        return False
    known = is_square_integrable(report)
    if known is not None:
        return known
    from scoring_theory.designing.distance import Mesh

    try:
        Mesh.for_reward(report.reward).payoffs(report.reward)
    except ValueError:  # the payoffs are infinite, too large, or not square-integrable
        return False
    return True


@dataclass(frozen=True)
class Even:
    """A reward a c - b (q - c)^2 with a >= b: uniform thresholds, and an accuracy margin a - b.

    Attributes:
        reward: the reward.
        distance: its distance from the original.
        report: the result of `check` for it.

    Example:
        >>> even("c - 2*(q - c)^2").report.holds
        True
    """

    reward: Reward
    distance: float
    report: Report

    __repr__ = one_line


def even(reward: RewardLike, *, margin: Amount = 0, curvature: Amount = 0) -> Even | None:
    """The closest safe reward of the form a c - b (q - c)^2, with a and b to three digits.

    It is strictly proper. Its margin a - b and its curvature 2 b are at least those requested. The
    result of `repair` is closer, with more pieces.

    Args:
        reward: as in `repair`.
        margin: the smallest accuracy margin of the result.
        curvature: the smallest Schervish weight of the result.

    Returns:
        None where b = 0 is closest.

    Example:
        >>> brier = even("c - 2*(q - c)^2")
        >>> brier.reward.text, round(brier.distance, 3)
        ('63/50*c - 63/50*(q - c)^2', 0.256)
    """
    reward, floor = as_reward(reward), _floor(margin, curvature)
    beyond = reward - floor.to_reward() if floor.total else reward

    from scoring_theory.designing.distance import Mesh, distance_squared
    from scoring_theory.designing.projection import project_evenly

    mesh = Mesh.for_reward(beyond)
    mixture = project_evenly(mesh.payoffs(beyond), mesh).thresholds
    spread_out = sum(stretch.mass for stretch in mixture.stretches)
    masses = mixture.atoms.get(Fraction(0), Fraction(0)), spread_out / 2
    at_zero, weight = (Fraction(f"{float(x):.3g}") for x in masses)
    at_zero += amount(margin, "`margin`")
    weight += amount(curvature, "`curvature`") / 2
    if not weight:
        return None
    near = (at_zero + weight) * correctness + weight * brier
    distance = distance_squared(reward, near)[0] ** 0.5
    if weight <= _NOTHING * distance:  # a rounding error of the least squares
        return None
    return Even(near, distance, check(near, allow_weak=True))


def _floor(margin: Amount, curvature: Amount) -> ThresholdDistribution:
    least = {"margin": amount(margin, "`margin`"), "curvature": amount(curvature, "`curvature`")}
    for name, value in least.items():
        if value < 0:
            raise ValueError(f"`{name}` must not be negative, got {value}")
    atoms = {Fraction(0): least["margin"]} if least["margin"] else {}
    even = (BetaPart(least["curvature"], Fraction(1), Fraction(1)),) if least["curvature"] else ()
    return ThresholdDistribution(atoms, even)


def _nearest(
    beyond: Reward, tolerance: float, pieces: int
) -> tuple[ThresholdDistribution, Mesh, float]:
    if not 0 < tolerance < 1:
        raise ValueError(f"`tolerance` must lie in (0, 1), got {tolerance}")
    if pieces < 4:
        raise ValueError(f"`pieces` must be at least 4, got {pieces}")
    import numpy as np

    from scoring_theory.designing.distance import Mesh
    from scoring_theory.designing.projection import project

    mesh = Mesh.for_reward(beyond)
    endless = not np.isfinite(beyond.payoff([1.0], 0)).all()
    corners = mesh.corners | (_TOWARDS_ONE if endless else frozenset())
    nearest = project(mesh.payoffs(beyond), mesh, corners, tolerance=tolerance, pieces=pieces)
    return nearest.thresholds, mesh, nearest.lower_bound


def _mean(mesh: Mesh, reward: Reward) -> float:
    import numpy as np

    paid = np.stack([reward.payoff(mesh.q, c) for c in (0, 1)])
    return mesh.inner(paid, np.ones_like(paid))


def _why(report: Report) -> str:
    return (report.proper if report.proper.status != "proved" else report.jointly_optimal).reason


def _falls_short(given: Report, floor: ThresholdDistribution) -> str:
    """Why a safe reward has not the margin or the curvature that was asked for."""
    least, margin = floor.atoms.get(Fraction(0), Fraction(0)), given.accuracy_margin
    if margin is not None and margin.value < least:
        return f"it is safe, with an accuracy margin of {margin.exact}; {least} was asked for"
    curvature = sum((part.mass for part in floor.parts), Fraction(0))
    return (
        "it is safe, but its Schervish weight is at some confidences smaller than the curvature"
        f" that was asked for, {curvature}"
    )


def _changes(before: Report, after: Report, one: Reward, other: Reward) -> tuple[str, ...]:
    """The change of the margin, the largest change of each payoff, and ties of the result."""
    import numpy as np

    q = np.linspace(0, 1, 101)
    changes = [f"accuracy margin {_margin(before)} -> {_margin(after)}"]
    for c, word in ((1, "correct"), (0, "wrong")):
        gap = other.payoff(q, c) - one.payoff(q, c)
        gap = np.where(np.isfinite(gap), gap, 0.0)
        place = int(abs(gap).argmax())
        changes.append(
            f"the payoff of a {word} answer changes most at q = {q[place]:.2g}, by"
            f" {gap[place]:+.3g}"
        )
    if _pays_all_alike(after):
        changes.append(
            "the closest safe reward is constant: every answer earns the same; give a margin and a"
            " curvature"
        )
    elif after.strictly_proper.status == "refuted":
        changes.append(
            "some confidences are tied with the true one; a positive curvature makes the reward"
            " strictly proper"
        )
    return tuple(changes)


def _pays_all_alike(report: Report) -> bool:
    """Whether a safe reward is constant: it has no thresholds, neither in (0, 1) nor at 0."""
    margin = report.accuracy_margin
    return report.threshold_density == "0" and margin is not None and margin.value == 0


def _margin(report: Report) -> str:
    margin = report.accuracy_margin
    return "undefined" if margin is None else str(margin)
