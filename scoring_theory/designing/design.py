"""From what a user cares about to a safe reward: where confidence is used, margin, curvature, range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from scoring_theory.checking import Report, check
from scoring_theory.display import Code, in_short, line, one_line, shortened, table
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Amount, BetaPart, NoClosedForm, ThresholdDistribution, amount
from scoring_theory.thresholds.approximation import approximate, without_betas

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

_POINTS = 101


class TradeOff(NamedTuple):
    """What a margin costs, at one range: the rest of the range is the pull towards honest confidence."""

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
        report: what `check` proved of it, with certificates.
        thresholds: the mixture; its total is the range, its mass at 0 the margin.
        curvature: the density that was asked for at every threshold in (0, 1).
        distribution_error: a bound on sup |F - G| between the distribution function asked for (all
            masses counted) and that of the reward; 0 where the closed form is exact. No payoff is
            off by more than twice as much.
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
        """What the kernel accepts; see `proofs.kernel.verifier`."""
        return self.report.certificates

    @property
    def exact(self) -> bool:
        """Whether the formula is the closed form of what was asked for, and no approximation."""
        return self.distribution_error == 0

    def trade_off(self) -> TradeOff:
        """Margin m against calibration pull r - m at the range r of this design, for every m that leaves its curvature.

        The pull is the mass at positive thresholds, and it is what lies cost: integrated over p in
        [0, 1 - d], the report q = p + d loses d^2 / 2 for each unit of mass in [d, 1 - d],
        *wherever* in it the thresholds are. The design says where; how much is a choice between
        margin and pull.

        Example:
            >>> curve = design(thresholds=[0.5, 0.9], margin=0.2).trade_off()
            >>> curve.margin[[0, -1]].tolist(), curve.pull[[0, -1]].tolist()
            ([0.0, 1.0], [1.0, 0.0])
        """
        import numpy as np

        whole, kept = float(self.thresholds.total), float(self.curvature)
        margin = np.linspace(0, whole - kept, _POINTS)
        return TradeOff(margin, whole - margin, np.clip(whole - margin - kept, 0, None))

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
        """The reward, what was asked for, and what is proved."""
        rows: list[tuple[str, object]] = [
            ("R(q, c)", Code(self.text)),
            ("accuracy margin", self.thresholds.margin),
            ("curvature", self.curvature),
            ("range", self.thresholds.total),
            ("error of the distribution", self.distribution_error),
            (
                "verdict",
                f"{self.report.outcome(allow_weak=True)}: {self.report.headline(allow_weak=True)}",
            ),
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

        R(q, c) = margin c + curvature (c q - q^2 / 2) + (total_range - margin - curvature) (c F(q)
        - M(q))

    F is the distribution of the thresholds and M(q) the integral of t dF(t) over [0, q]. For Beta,
    uniform and atoms (and mixtures of them) that is a closed form; any other distribution, and a
    Beta of shapes so large that no proof of the closed form is found, is replaced by uniform mass
    on `pieces` stretches, and the result says how far that is off.

    Source:
        Schervish 1989, theorem 4.2; `docs/theory.md`, Theorem 22.

    Args:
        thresholds: where confidence will be used: a list or array of thresholds (alike), a mapping
            of thresholds to shares, a frozen `scipy.stats` distribution on [0, 1], or a
            `ThresholdDistribution`. Only shares count.
        margin: what one more unit of success probability pays at least, beside calibration.
        curvature: the least threshold density everywhere in (0, 1); positive makes honesty the only
            best report.
        total_range: the difference between the largest and the smallest payoff; margin + curvature
            <= total_range.
        pieces: of an approximation.
        name: what to call the reward.

    Raises:
        ValueError: a number outside its domain, or a request that no reward can meet; the sentence
            says why.

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
            f" carry some mass for the other {rest}, got none"
        )
    if shares.atoms.get(Fraction(1)):
        raise ValueError(
            "a threshold of 1 is never passed, since no confidence is above 1: its share buys"
            " nothing"
        )
    fixed = ThresholdDistribution(
        {Fraction(0): bonus} if bonus else {},
        (BetaPart(floor, Fraction(1), Fraction(1)),) if floor else (),
    )

    def made(shares: ThresholdDistribution, error: float) -> Design:
        paid = shares.scaled(rest / shares.total) if shares.total else ThresholdDistribution()
        whole = paid + fixed
        reward = whole.to_reward(name=name)
        return Design(reward, check(reward), whole, floor, float(rest) * error)

    found = made(shares, error)
    if (
        shares.parts and found.report.outcome(allow_weak=True) != "holds"
    ):  # shapes beyond what the kernel expands
        found = made(*without_betas(shares, pieces=pieces))
    reward, report = found.reward, found.report
    if report.outcome(allow_weak=True) != "holds":
        reason = report.proper.reason if not report.proper else report.jointly_optimal.reason
        raise ValueError(
            f"{reward.text!r} is safe by its construction, but no certificate of it was found:"
            f" {reason}"
        )
    return found


def _rest(spread: Fraction, bonus: Fraction, floor: Fraction) -> Fraction:
    """What margin and curvature leave of the range."""
    if spread <= 0:
        raise ValueError(f"`total_range` must be positive, got {spread}")
    if not 0 <= bonus <= spread:
        raise ValueError(
            f"`margin` must lie in [0, total_range] = [0, {spread}], got {bonus}: a margin is part"
            " of the range, since answers without any confidence already differ by it"
        )
    if not 0 <= floor <= spread - bonus:
        raise ValueError(
            f"`curvature` must lie in [0, total_range - margin] = [0, {spread - bonus}], got"
            f" {floor}: that density at every threshold is so much mass, and margin and masses add"
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
    if getattr(thresholds, "numargs", 0):  # of scipy's families; a member of one has none
        raise ValueError(
            "the distribution has no parameters yet; freeze it, such as scipy.stats.beta(2, 8)"
        )
    if hasattr(thresholds, "pmf"):
        raise ValueError(
            "a discrete distribution has single thresholds; give them as a mapping {threshold:"
            " share}"
        )
    try:
        return ThresholdDistribution.from_scipy(thresholds), 0.0
    except NoClosedForm:
        return approximate(thresholds, pieces=pieces)
