"""Reward <-> distribution of decision thresholds: every safe reward is a mixture of bets `(c - t) [q > t]`.

With F the distribution of thresholds and M(q) the integral of t dF(t) over [0, q]:

    R(q, c) = c F(q) - M(q)        range = total mass        accuracy margin = mass at t = 0

Source:
    Schervish 1989, theorem 4.2; for rewards beside correctness see DESIGN section 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from proofs.formula_text import number
from proofs.kernel.formula import CONFIDENCE, Apply, Name, Node, Number
from scoring_theory.reward import Reward
from scoring_theory.reward.algebra import exact, plus, times
from scoring_theory.reward.representations import bet

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

Amount = float | Fraction | str
_POLYNOMIAL_UP_TO = 16


def amount(value: Amount, name: str) -> Fraction:
    """An exact rational; a float is the decimal that Python prints, a text may be `3/10`."""
    return Fraction(value) if isinstance(value, str) else exact(value, name=name)


@dataclass(frozen=True)
class BetaPart:
    """Thresholds spread as Beta(a, b) with a given mass."""

    mass: Fraction
    a: Fraction
    b: Fraction

    def __post_init__(self) -> None:
        """A mass is nonnegative, a shape is positive."""
        if self.mass < 0:
            raise ValueError(f"the mass of a Beta part must be nonnegative, got {self.mass}")
        if self.a <= 0 or self.b <= 0:
            raise ValueError(f"the shapes of a Beta part must be positive, got a = {self.a}, b = {self.b}")

    def cdf(self, *, a: Fraction | None = None) -> Node:
        """The distribution function at q; a polynomial where both shapes are small whole numbers."""
        first = self.a if a is None else a
        if first.denominator == self.b.denominator == 1 and first + self.b <= _POLYNOMIAL_UP_TO:
            return _binomial_tail(int(first), int(first + self.b) - 1)
        return Apply("beta_cdf", (Name(CONFIDENCE), Number(first), Number(self.b)))


def _binomial_tail(successes: int, trials: int) -> Node:
    """P(at least so many successes in `trials` at probability q), in powers of q; it is I_q(k, n - k + 1)."""
    from math import comb

    total: Node = number(0)
    for power in range(successes, trials + 1):
        signs = ((-1) ** (power - j) * comb(power, j) for j in range(successes, power + 1))
        weight = comb(trials, power) * sum(signs)
        term = Name(CONFIDENCE) if power == 1 else Apply("^", (Name(CONFIDENCE), number(power)))
        total = plus(total, times(Fraction(weight), term))
    return total


@dataclass(frozen=True)
class ThresholdDistribution:
    """Where confidence will be used: atoms at thresholds, and masses spread as Beta(a, b).

    Attributes:
        atoms: mass by threshold in [0, 1]; the mass at 0 is the accuracy margin.
        parts: Beta components.

    Example:
        >>> ThresholdDistribution.of(atoms={"1/2": 1}).to_reward().text
        '(c - 1/2)*(1/2 < q)'
        >>> ThresholdDistribution.uniform(mass=2).to_reward() == Reward.parse("c - (q - c)^2")
        True
    """

    atoms: Mapping[Fraction, Fraction] = field(default_factory=dict)
    parts: tuple[BetaPart, ...] = ()

    def __post_init__(self) -> None:
        """Thresholds in [0, 1], masses nonnegative, kept read-only."""
        for threshold, mass in self.atoms.items():
            bet(threshold, mass)
        object.__setattr__(self, "atoms", MappingProxyType(dict(sorted(self.atoms.items()))))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the read-only view."""
        return ThresholdDistribution, (dict(self.atoms), self.parts)

    @classmethod
    def of(
        cls, *, atoms: Mapping[Amount, Amount] | None = None, betas: tuple[tuple[Amount, Amount, Amount], ...] = ()
    ) -> ThresholdDistribution:
        """From numbers: atoms `{threshold: mass}` and Beta parts `(mass, a, b)`."""
        exact_atoms = {amount(t, "a threshold"): amount(m, "a mass") for t, m in (atoms or {}).items()}
        return cls(exact_atoms, tuple(BetaPart(*(amount(x, "a Beta part") for x in part)) for part in betas))

    @classmethod
    def uniform(cls, *, mass: Amount = 1) -> ThresholdDistribution:
        """Every threshold alike: the Brier score (mass 2 is RLCR up to a constant)."""
        return cls.of(betas=((mass, 1, 1),))

    @classmethod
    def from_scipy(cls, distribution: Any, *, mass: Amount = 1, atoms: int | None = None) -> ThresholdDistribution:
        """From a frozen `scipy.stats` distribution on [0, 1].

        `beta` and `uniform` on [0, 1] are exact. Any other needs `atoms`: it is cut into so many slices of equal
        probability, each bet at its median, and the result is a proper and safe reward of its own.

        Raises:
            ValueError: the support is not within [0, 1], or `atoms` is missing.

        Example:
            >>> from scipy import stats
            >>> ThresholdDistribution.from_scipy(stats.beta(2, 8)).parts[0].b
            Fraction(8, 1)
        """
        low, high = (float(end) for end in distribution.support())
        if low < 0 or high > 1:
            raise ValueError(f"the thresholds must lie in [0, 1], got a distribution on [{low:g}, {high:g}]")
        kind = getattr(getattr(distribution, "dist", None), "name", type(distribution).__name__)
        if (low, high) == (0.0, 1.0) and kind in ("beta", "uniform"):
            shapes = [distribution.kwds.get(k) for k in "ab"] if distribution.kwds else [*distribution.args[:2]]
            return cls.of(betas=((mass, *(shapes if kind == "beta" else (1, 1))),))
        if atoms is None:
            raise ValueError(f"`{kind}` has no exact formula here; say atoms=32 to cut it into 32 threshold bets")
        if atoms < 1:
            raise ValueError(f"`atoms` must be positive, got {atoms}")
        share = amount(mass, "a mass") / atoms
        found: dict[Fraction, Fraction] = {}
        for i in range(atoms):
            threshold = exact(float(distribution.ppf((i + 0.5) / atoms)), name="a threshold")
            found[threshold] = found.get(threshold, Fraction(0)) + share
        return cls(found)

    @property
    def total(self) -> Fraction:
        """Total mass, which is the range of the reward."""
        return sum(self.atoms.values(), Fraction(0)) + sum((p.mass for p in self.parts), Fraction(0))

    @property
    def margin(self) -> Fraction:
        """Mass at threshold 0: the least that one more unit of success probability pays."""
        return self.atoms.get(Fraction(0), Fraction(0))

    @property
    def strict(self) -> bool:
        """Whether every threshold in (0, 1) counts, so that honesty is the only best report."""
        return any(part.mass > 0 for part in self.parts)

    def scaled(self, factor: Fraction) -> ThresholdDistribution:
        """All masses times a nonnegative factor."""
        parts = tuple(BetaPart(factor * p.mass, p.a, p.b) for p in self.parts)
        return ThresholdDistribution({t: factor * m for t, m in self.atoms.items()}, parts)

    def cdf(self, threshold: ArrayLike) -> Floats:
        """F(t): the mass at thresholds up to t (of (0, t) and the atom at 0, as `q > t` bets pay), float64."""
        return self.to_reward().payoff(threshold, 1) - self.to_reward().payoff(threshold, 0)

    def to_reward(self, *, name: str = "") -> Reward:
        """R(q, c) = c F(q) - M(q), exactly; 0 for abstaining (q = 0) with a wrong answer."""
        formula: Node = number(0)
        for part in self.parts:
            paid = Apply("*", (Name("c"), part.cdf()))
            staked = times(part.a / (part.a + part.b), part.cdf(a=part.a + 1))
            formula = plus(formula, times(part.mass, plus(paid, times(Fraction(-1), staked))))
        for threshold, mass in self.atoms.items():
            formula = plus(formula, bet(threshold, mass))
        return Reward(formula, name=name)


@dataclass(frozen=True)
class Thresholds:
    """The thresholds that a proper reward asks about, read off its formula; texts parse back.

    Attributes:
        margin: f(0+) - g(0), the mass at threshold 0 (negative: not jointly optimal; "-inf" possible).
        density: w(t) as a formula in `t`.
        atoms: the mass at each jump inside (0, 1).
    """

    margin: str
    density: str
    atoms: Mapping[str, str]


def from_reward(reward: Reward) -> Thresholds:
    """Read margin, density and atoms of a proper reward without free parameters.

    On every piece f' = (1-t) w and g' = -t w must give one w; at a jump, both payoffs must jump as one bet.

    Raises:
        ValueError: the payoffs disagree (the reward is not proper), or a parameter is free.

    Example:
        >>> from_reward(Reward.parse("c - (q - c)^2"))
        Thresholds(margin='0', density='2', atoms={})
    """
    from scoring_theory.reward.thresholds_of import read

    margin, density, atoms = read(reward)
    return Thresholds(margin, density, atoms)
