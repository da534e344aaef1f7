"""Design of a safe reward from its decision thresholds, margin, curvature and range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from proofs.search.prover import Prover
from scoring_theory.checking import Report, check
from scoring_theory.display import Code, in_short, line, one_line, shortened, table
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Amount, BetaPart, NoClosedForm, ThresholdDistribution, amount
from scoring_theory.thresholds.approximation import approximate, without_betas

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

_POINTS = 101
SPEED_SHOWN_AT = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
"""The success probabilities at which the learning speed of a design is shown, beside 0."""


class TradeOff(NamedTuple):
    """Accuracy margin against the incentive for calibration, at a fixed range.

    Attributes:
        margin: the accuracy margins m.
        pull: range - m, the mass of positive thresholds: the incentive for calibrated confidence.
        on_thresholds: the part of `pull` that lies on the given thresholds.
    """

    margin: Floats
    pull: Floats
    on_thresholds: Floats

    def __repr__(self) -> str:
        return one_line(self)


@dataclass(frozen=True)
class Design:
    """A designed reward with its proof.

    Attributes:
        reward: proper and jointly optimal.
        report: the result of `check`, with certificates.
        thresholds: the distribution of thresholds; its total mass is the range, its mass at 0 the
            margin.
        curvature: the density that was requested at every threshold in (0, 1).
        distribution_error: a bound on sup |F - F'| between the requested distribution function F
            (with all masses) and that of the reward; 0 where the closed form is exact. The error of
            any payoff is at most twice this bound.

    Example:
        >>> designed = design(thresholds=[0.5, 0.9], margin=0.2)
        >>> designed.report.holds, designed.exact
        (True, True)
    """

    reward: Reward
    report: Report
    thresholds: ThresholdDistribution
    curvature: Fraction
    distribution_error: float

    @property
    def text(self) -> str:
        """The formula of the reward."""
        return self.reward.text

    @property
    def certificates(self) -> list[Mapping[str, Any]]:
        """The certificates of the report; `proofs.kernel.verifier` verifies them."""
        return self.report.certificates

    @property
    def exact(self) -> bool:
        """Whether the formula is the closed form of the request, not an approximation."""
        return self.distribution_error == 0

    def trade_off(self) -> TradeOff:
        """Margin m against the incentive for calibration r - m, at the range r of this design.

        The incentive is the mass of positive thresholds. It is the cost of misreporting: integrated
        over p in [0, 1 - d], the report q = p + d loses d^2 / 2 for each unit of mass in
        [d, 1 - d], wherever in it the thresholds are. The thresholds of the design say where
        calibration counts; margin against incentive is the other choice. All margins that leave
        the curvature of the design are returned.

        Example:
            >>> curve = design(thresholds=[0.5, 0.9], margin=0.2).trade_off()
            >>> curve.margin[[0, -1]].tolist(), curve.pull[[0, -1]].tolist()
            ([0.0, 1.0], [1.0, 0.0])
        """
        import numpy as np

        spread, floor = float(self.thresholds.total), float(self.curvature)
        margin = np.linspace(0, spread - floor, _POINTS)
        return TradeOff(margin, spread - margin, np.clip(spread - margin - floor, 0, None))

    def learning_speed(self, success_probability: ArrayLike) -> Floats:
        """How fast better answers are learned, relative to the binary reward of the same range.

            V'(p) / r = F(p) / r = (m + mass of the thresholds in (0, p)) / r

        In expectation, policy gradient needs r / F(p) times as many steps as with the reward r c
        to replace an answer by a slightly better one, if confidence is truthful. The speed is m / r
        on hard questions (p near 0), never above 1, and 1 - speed is the part of the range whose
        thresholds are at p or above: what calibration costs there. To compare at the same learning
        rate instead, multiply by the range.

        Source:
            `docs/theory.md`, Theorem 55.

        Args:
            success_probability: p, any shape, in [0, 1]; at 0 the limit p -> 0 is returned.

        Returns:
            float64 of the same shape, in [0, 1].

        Raises:
            ValueError: p is outside [0, 1].

        Example:
            >>> made = design(thresholds=[0.5, 0.9], margin=0.2)
            >>> made.learning_speed([0, 0.25, 0.75]).round(3).tolist()
            [0.2, 0.2, 0.6]
        """
        return self.thresholds.cdf(success_probability) / float(self.thresholds.total)

    def learning_speed_in_words(self) -> str:
        """The learning speed on hard questions, exactly, and at some success probabilities.

        Example:
            >>> made = design(thresholds=[0.5, 0.9], margin=0.2)
            >>> print(made.learning_speed_in_words())  # doctest: +ELLIPSIS
            1/5 times that of the binary reward with the same range on hard questions (p near 0),...
        """
        shown = (f"{float(self.learning_speed(float(p))):.3g} at p = {p}" for p in SPEED_SHOWN_AT)
        least = in_short(self.thresholds.margin / self.thresholds.total)
        return (
            f"{least} times that of the binary reward with the same range on hard questions (p near"
            f" 0), {', '.join(shown)}  (V'(p) / range)"
        )

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        facts = (
            f"margin={in_short(self.thresholds.margin)}",
            f"range={in_short(self.thresholds.total)}",
        )
        return line("Design", repr(shortened(self.text, 60)), *facts)

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    def _repr_html_(self) -> str:
        """The reward, the request, and the verdict."""
        rows: list[tuple[str, object]] = [
            ("R(q, c)", Code(self.text)),
            ("accuracy margin", self.thresholds.margin),
            ("learning speed", self.learning_speed_in_words()),
            ("curvature", self.curvature),
            ("range", self.thresholds.total),
            ("error of the distribution", self.distribution_error),
            ("verdict", self.report.headline()),
        ]
        return table(rows, caption=self.reward.name or "Design")


def design(
    *,
    thresholds: Any = (),
    margin: Amount = 0,
    curvature: Amount = 0,
    total_range: Amount = 1,
    pieces: int = 16,
    name: str = "",
) -> Design:
    """A proper and jointly optimal reward for decisions at given thresholds, with its certificate.

        R(q, c) = m c + k (c q - q^2 / 2) + (r - m - k) (c F(q) - M(q))

    with margin m, curvature k and range r. F is the distribution function of the thresholds and
    M(q) the integral of t dF(t) over [0, q]. This is a closed form for Beta and uniform
    distributions, point masses, and mixtures of them. Any other distribution, and a Beta
    distribution with such large shapes that no proof of the closed form is found, is replaced by
    uniform mass on `pieces` intervals; `distribution_error` bounds the difference.

    Source:
        Schervish 1989, theorem 4.2; `docs/theory.md`, Theorem 22.

    Args:
        thresholds: the success probabilities at which decisions change: a list or array with equal
            weights, a mapping of thresholds to weights, a frozen `scipy.stats` distribution on
            [0, 1], or a `ThresholdDistribution`. Only relative weights count.
        margin: the accuracy margin, the smallest slope of the expected score V(p).
        curvature: the smallest Schervish weight on (0, 1); if positive, the reward is strictly
            proper.
        total_range: the difference between the largest and the smallest payoff; margin + curvature
            <= total_range.
        pieces: the number of intervals of an approximation.
        name: the name of the reward.

    Raises:
        ValueError: a number outside its domain, or a request that no reward can meet.

    Example:
        >>> design(thresholds=[0.5, 0.9], margin=0.2).text
        '2/5*(c - 1/2)*(1/2 < q) + 2/5*(c - 9/10)*(9/10 < q) + 1/5*c'
        >>> design(curvature=2, total_range=2).reward == Reward.parse("c - (q - c)^2")
        True
    """
    spread, bonus = amount(total_range, "`total_range`"), amount(margin, "`margin`")
    floor = amount(curvature, "`curvature`")
    rest = _rest(spread, bonus, floor)
    shares, error = _shares(thresholds, pieces)
    if shares.total == 0 and rest:
        raise ValueError(
            f"margin and curvature use {bonus + floor} of the range {spread}: `thresholds` must"
            f" have mass for the remaining {rest}, got none"
        )
    if shares.atoms.get(Fraction(1)):
        raise ValueError(
            "a threshold of 1 is never passed, since no confidence is above 1: its share has no"
            " effect"
        )
    fixed = ThresholdDistribution(
        {Fraction(0): bonus} if bonus else {},
        (BetaPart(floor, Fraction(1), Fraction(1)),) if floor else (),
    )

    def mixed(shares: ThresholdDistribution) -> ThresholdDistribution:
        return (shares.scaled(rest / shares.total) + fixed) if shares.total else fixed

    if shares.parts and not _is_proved(mixed(shares).to_reward()):
        shares, error = without_betas(shares, pieces=pieces)
    mixture = mixed(shares)
    reward = mixture.to_reward(name=name)
    report = check(reward, allow_weak=True)
    if not report.safe:
        reason = report.proper.reason if not report.proper else report.jointly_optimal.reason
        raise ValueError(
            f"{reward.text!r} is safe by construction, but no certificate was found: {reason}"
        )
    return Design(reward, report, mixture, floor, float(rest) * error)


def _is_proved(reward: Reward) -> bool:
    """Whether a proof is found; without evidence, a check would search long for a counterexample.

    There is none for shapes beyond what the kernel expands.
    """
    return Prover(reward.text).provable and check(reward, allow_weak=True).safe


def _rest(spread: Fraction, bonus: Fraction, floor: Fraction) -> Fraction:
    """The part of the range that margin and curvature do not use."""
    if spread <= 0:
        raise ValueError(f"`total_range` must be positive, got {spread}")
    if not 0 <= bonus <= spread:
        raise ValueError(
            f"`margin` must lie in [0, total_range] = [0, {spread}], got {bonus}: the margin is"
            " part of the range, since R(1, 1) - R(0, 0) is at least the margin"
        )
    if not 0 <= floor <= spread - bonus:
        raise ValueError(
            f"`curvature` must lie in [0, total_range - margin] = [0, {spread - bonus}], got"
            f" {floor}: this density on (0, 1) has the same mass, and the margin and all masses add"
            " up to the range"
        )
    return spread - bonus - floor


def _shares(thresholds: Any, pieces: int) -> tuple[ThresholdDistribution, float]:
    """The distribution, and a bound on the error where it is an approximation."""
    if isinstance(thresholds, ThresholdDistribution):
        return thresholds, 0.0
    if isinstance(thresholds, Mapping):
        return ThresholdDistribution.of(atoms=thresholds), 0.0
    if hasattr(thresholds, "tolist"):
        thresholds = thresholds.tolist()
    if isinstance(thresholds, Sequence | Set) and not isinstance(thresholds, str):
        shares: dict[Fraction, Fraction] = {}
        for threshold in thresholds:
            at = amount(threshold, "a threshold")
            shares[at] = shares.get(at, Fraction(0)) + 1
        return ThresholdDistribution(shares), 0.0
    if not (hasattr(thresholds, "support") and hasattr(thresholds, "cdf")):
        raise ValueError(
            "`thresholds` must be a list, a mapping, a ThresholdDistribution or a frozen"
            f" continuous scipy distribution, got {thresholds!r}"
        )
    if getattr(thresholds, "numargs", 0):  # only scipy's families have it, not their members
        raise ValueError(
            "the distribution is not frozen; give its parameters, such as scipy.stats.beta(2, 8)"
        )
    if hasattr(thresholds, "pmf"):
        raise ValueError(
            "a discrete distribution is not accepted; give a mapping {threshold: share}"
        )
    try:
        return ThresholdDistribution.from_scipy(thresholds), 0.0
    except NoClosedForm:
        return approximate(thresholds, pieces=pieces)
