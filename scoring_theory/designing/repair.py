"""From an unsafe or improper reward to the closest safe one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import Number, parse
from proofs.trees import fold
from scoring_theory.catalogue import brier, correctness
from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.checking import Report, check
from scoring_theory.checking.square_integrable import is_square_integrable
from scoring_theory.display import Code, in_short, line, one_line, shortened, table
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Amount, BetaPart, ThresholdDistribution, amount

if TYPE_CHECKING:
    from scoring_theory.designing.distance import Mesh

_DECIMALS = 10**6
_CONSTANT = 10**4
# Where a confident error costs without bound, the closest reward has thresholds ever closer to 1.
_TOWARDS_ONE = frozenset(
    Fraction(n, d) for n, d in ((9, 10), (97, 100), (99, 100), (511, 512), (4095, 4096))
)


@dataclass(frozen=True)
class Repair:
    """A repaired reward, its proof, and what was done.

    Attributes:
        original: the reward as given.
        reward: the closest safe reward, or the given one where nothing had to change.
        report: what `check` proved of it, with certificates.
        thresholds: the mixture that it is, up to a constant; None where nothing had to change.
        distance: d(original, reward), see `scoring_theory.designing.distance`.
        distance_squared: its square exactly, where both are piecewise polynomials; else None.
        lower_bound: no reward that was allowed is closer (by duality, see
            `scoring_theory.designing.projection`).
        reason: what was wrong, one sentence.
        changes: what changed, one sentence each.
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
        """Whether anything had to change."""
        return self.thresholds is not None

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """What the kernel accepts; see `proofs.kernel.verifier`."""
        return self.report.certificates

    def __str__(self) -> str:
        return self.reward.text

    def __repr__(self) -> str:
        if not self.changed:
            return line("Repair", f"{shortened(self.reward.text, 60)!r}: nothing to change")
        formulas = f"{shortened(self.original.text, 35)!r} -> {shortened(self.reward.text, 35)!r}"
        return line("Repair", formulas, f"distance={in_short(self.distance)}")

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """Before and after, why, and what changed."""
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
    """c + weight S of a proper reward R, where S is R or R - c: the same thresholds, beside as much c as is needed."""

    reward: Reward
    weight: Fraction
    report: Report
    change: str
    """What was done to R, in words."""

    __repr__ = one_line


def repair(
    reward: RewardLike,
    *,
    margin: Amount = 0,
    curvature: Amount = 0,
    tolerance: float = 0.01,
    pieces: int = 12,
    name: str = "",
) -> Repair:
    """The safe reward closest to a given one, with its certificate: a projection onto the cone of safe rewards.

        minimise  d(R, S)^2 = min over k of  int_0^1 1/2 sum_c (R(q, c) - S(q, c) - k)^2 dq
        over      S = margin c + curvature (c q - q^2/2) + any nonnegative mixture of bets (c - t) [q > t]

    A reward that is already such a mixture is returned as it is. Otherwise the masses of bets and
    of stretches between at most `pieces` + 1 knots are found by nonnegative least squares and
    rounded to decimals; the kernel then proves the rounded reward safe, its distance is computed
    anew, and `lower_bound` says how close any safe reward could be.

    Ties: the closest reward may leave stretches of confidence without any threshold, where reports
    are tied; `curvature` > 0 forbids that.

    Args:
        reward: a formula, a `Reward` or an entry of the catalogue, without free parameters; proper
            or not.
        margin: the least accuracy margin of the result.
        curvature: the least threshold density of the result everywhere in (0, 1).
        tolerance: how far above the lower bound the distance may be, as a share of it, before more
            knots are added.
        pieces: the most stretches.
        name: what to call the repaired reward.

    Raises:
        ValueError: a parameter is free, a number outside its domain, or R is infinitely far from
            every safe reward.

    Source:
        The cone: Schervish 1989, theorem 4.2; `docs/theory.md`, Theorem 22.

    Example:
        >>> done = repair("c - 2*(q - c)^2")
        >>> done.report.jointly_optimal.status, round(done.distance, 3), done.lower_bound > 0.98 * done.distance
        ('proved', 0.167, True)
        >>> repair("c - (q - c)^2").distance
        0.0
    """
    reward = as_reward(reward)
    for parameter in reward.free_parameters:
        raise ValueError(
            f"`{parameter}` needs a value before the reward is repaired: use bind({parameter}=...)"
        )
    floor = _floor(margin, curvature)
    given = check(reward)
    beyond = reward - floor.to_reward() if floor.total else reward
    rest = check(beyond) if floor.total else given
    if rest.outcome(allow_weak=True) == "holds":
        return Repair(
            reward, reward, given, None, 0.0, Fraction(0), 0.0, "it is as safe as asked for", ()
        )
    mixture, mesh, lower = _nearest(beyond, tolerance, pieces)
    thresholds = mixture + floor
    safe = thresholds.to_reward()
    means = [_mean(mesh, one) for one in (reward, safe)]
    safe = (safe + Fraction(round((means[0] - means[1]) * _CONSTANT), _CONSTANT)).called(name)
    report = check(safe)
    if report.outcome(allow_weak=True) != "holds":
        raise ValueError(
            f"{safe.text!r} is safe by its construction, but no certificate of it was found"
        )
    from scoring_theory.designing.distance import distance_squared

    squared, exact = distance_squared(reward, safe)
    changes = _changes(given, report, reward, safe)
    return Repair(
        reward,
        safe,
        report,
        thresholds,
        squared**0.5,
        exact,
        min(lower, squared**0.5),
        _why(rest),
        changes,
    )


def scaled(report: Report) -> Scaled | None:
    """The simplest safe neighbour of a proper but unsafe reward: its score S beside correctness, with a safe weight.

    S is R for a score and R - c for a reward, as `check` says; its weight is lam*, or 1 where that
    is safe. The result keeps the shape of the formula and honesty at every confidence, and moves
    further than `repair`. Where lam* is irrational it is rounded down to six decimals, which is
    safe.

    Returns:
        None if the reward is not proper, already safe, no weight is safe (m = -inf), or the only
        one that is leaves a reward that pays every answer alike.

    Example:
        >>> found = scaled(check("c - 2*(q - c)^2"))
        >>> found.weight, found.reward.text
        (Fraction(1, 2), 'c - (q - c)^2')
    """
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
    weight = (
        node.value
        if isinstance(node, Number)
        else Fraction(int(critical.value * _DECIMALS), _DECIMALS)
    )
    weight = min(weight, Fraction(1))
    reward = correctness + weight * (
        report.reward if report.score == "R" else report.reward - correctness
    )
    proved = check(reward)
    if proved.outcome(allow_weak=True) != "holds" or _pays_all_alike(proved):
        return None
    change = f"scoring part scaled by {weight}"
    if report.score == "R":
        change = "correctness added" if weight == 1 else f"scaled by {weight}, correctness added"
    return Scaled(reward, weight, proved, change)


def repairable(report: Report) -> bool:
    """Whether a safe reward lies at a finite distance, so that `repair` works and can be recommended.

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
    """a c - b (q - c)^2 with a >= b: thresholds spread evenly, and an accuracy margin a - b."""

    reward: Reward
    distance: float
    report: Report

    __repr__ = one_line


def even(reward: RewardLike, *, margin: Amount = 0, curvature: Amount = 0) -> Even | None:
    """The closest safe reward of the form a c - b (q - c)^2: two numbers, to three digits, and strictly proper.

    Its margin and its curvature 2 b are at least those asked for. `repair` comes closer, with more
    pieces.

    Returns:
        None where b = 0 is closest.

    Example:
        >>> found = even("c - 2*(q - c)^2")
        >>> found.reward.text, round(found.distance, 3)
        ('63/50*c - 63/50*(q - c)^2', 0.256)
    """
    reward, floor = as_reward(reward), _floor(margin, curvature)
    beyond = reward - floor.to_reward() if floor.total else reward

    from scoring_theory.designing.distance import Mesh, distance_squared
    from scoring_theory.designing.projection import project_evenly

    mesh = Mesh.for_reward(beyond)
    found = project_evenly(mesh.payoffs(beyond), mesh).thresholds
    masses = found.atoms.get(Fraction(0), Fraction(0)), sum(one.mass for one in found.stretches) / 2
    at_zero, weight = (Fraction(f"{float(x):.3g}") for x in masses)
    at_zero += amount(margin, "`margin`")
    weight += amount(curvature, "`curvature`") / 2
    if not weight:
        return None
    near = (at_zero + weight) * correctness + weight * brier
    return Even(near, distance_squared(reward, near)[0] ** 0.5, check(near))


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
    found = project(mesh.payoffs(beyond), mesh, corners, tolerance=tolerance, pieces=pieces)
    return found.thresholds, mesh, found.lower_bound


def _mean(mesh: Mesh, reward: Reward) -> float:
    import numpy as np

    paid = np.stack([reward.payoff(mesh.q, c) for c in (0, 1)])
    return mesh.inner(paid, np.ones_like(paid))


def _why(report: Report) -> str:
    wrong = report.proper if report.proper.status != "proved" else report.jointly_optimal
    return wrong.reason


def _changes(before: Report, after: Report, one: Reward, other: Reward) -> tuple[str, ...]:
    """Margin, the largest change of each payoff, and what the closest reward no longer asks."""
    import numpy as np

    q = np.linspace(0, 1, 101)
    found = [f"accuracy margin {_margin(before)} -> {_margin(after)}"]
    for c, word in ((1, "right"), (0, "wrong")):
        gap = other.payoff(q, c) - one.payoff(q, c)
        gap = np.where(np.isfinite(gap), gap, 0.0)
        place = int(abs(gap).argmax())
        found.append(
            f"the payoff of a {word} answer changes most at q = {q[place]:.2g}, by"
            f" {gap[place]:+.3g}"
        )
    if _pays_all_alike(after):
        found.append(
            "nothing of the reward is left: every answer earns the same; ask for a margin and a"
            " curvature"
        )
    elif after.strictly_proper.status == "refuted":
        found.append(
            "some confidences are tied with the true one; a positive curvature forbids that"
        )
    return tuple(found)


def _pays_all_alike(report: Report) -> bool:
    """Whether nothing of a safe reward is left: no threshold in (0, 1) counts, and none at 0."""
    margin = report.accuracy_margin
    return report.threshold_density == "0" and margin is not None and margin.value == 0


def _margin(report: Report) -> str:
    margin = report.accuracy_margin
    return "undefined" if margin is None else str(margin)
