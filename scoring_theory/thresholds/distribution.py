"""Rewards from distributions of decision thresholds: every safe reward is a mixture of bets `(c - t) [q > t]`.

With F the distribution of thresholds and M(q) the integral of t dF(t) over [0, q]:

    R(q, c) = c F(q) - M(q)        range = total mass        accuracy margin = mass at t = 0

Source:
    Schervish 1989, theorem 4.2; for rewards beside correctness see `docs/theory.md`, Theorem 22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import CONFIDENCE, Apply, Name, Node, Number, rational
from proofs.trees import number
from scoring_theory.display import one_line
from scoring_theory.reward import Reward
from scoring_theory.reward.algebra import exact, plus, times
from scoring_theory.reward.characterised import bet
from scoring_theory.thresholds.staircase import staircase

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

Amount = float | Fraction | str
_POLYNOMIAL_UP_TO = 16


class NoClosedForm(ValueError):
    """A distribution whose reward the grammar of formulas cannot write."""


def amount(value: Amount, name: str) -> Fraction:
    """An exact rational; a float is the decimal that Python prints, a text may be `3/10`."""
    if not isinstance(value, str):
        return exact(value, name=name)
    try:
        return rational(value.strip())
    except ValueError as error:
        raise ValueError(f"{name} must be a number such as 0.25 or 3/10, got {value!r}") from error


@dataclass(frozen=True)
class BetaPart:
    """Thresholds spread as Beta(a, b) with a given mass."""

    mass: Fraction
    a: Fraction
    b: Fraction

    __repr__ = one_line

    def __post_init__(self) -> None:
        """A mass is nonnegative, a shape is positive."""
        if self.mass < 0:
            raise ValueError(f"the mass of a Beta part must be nonnegative, got {self.mass}")
        if self.a <= 0 or self.b <= 0:
            raise ValueError(
                f"the shapes of a Beta part must be positive, got a = {self.a}, b = {self.b}"
            )

    def cdf(self, *, a: Fraction | None = None) -> Node:
        """The distribution function at q; a polynomial where both shapes are small whole numbers."""
        first = self.a if a is None else a
        if first.denominator == self.b.denominator == 1 and first + self.b <= _POLYNOMIAL_UP_TO:
            return _binomial_tail(int(first), int(first + self.b) - 1)
        return Apply("beta_cdf", (Name(CONFIDENCE), Number(first), Number(self.b)))


@dataclass(frozen=True)
class Stretch:
    """Thresholds spread evenly over [low, high] with a given mass."""

    mass: Fraction
    low: Fraction
    high: Fraction

    __repr__ = one_line

    def __post_init__(self) -> None:
        """A mass is nonnegative, an interval lies in [0, 1]."""
        if self.mass < 0:
            raise ValueError(f"the mass of a stretch must be nonnegative, got {self.mass}")
        if not 0 <= self.low < self.high <= 1:
            raise ValueError(
                f"a stretch must be an interval in [0, 1], got [{self.low}, {self.high}]"
            )


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
    """Where confidence will be used: atoms at thresholds, masses spread as Beta(a, b), and evenly over intervals.

    Attributes:
        atoms: mass by threshold in [0, 1]; the mass at 0 is the accuracy margin.
        parts: Beta components.
        stretches: uniform components on intervals.

    Example:
        >>> ThresholdDistribution.of(atoms={"1/2": 1}).to_reward().text
        '(c - 1/2)*(1/2 < q)'
        >>> ThresholdDistribution.uniform(mass=2).to_reward() == Reward.parse("c - (q - c)^2")
        True
    """

    atoms: Mapping[Fraction, Fraction] = field(default_factory=dict)
    parts: tuple[BetaPart, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    __repr__ = one_line

    def __post_init__(self) -> None:
        """Thresholds in [0, 1], masses nonnegative, kept read-only."""
        for threshold, mass in self.atoms.items():
            bet(threshold, mass)
        object.__setattr__(self, "atoms", MappingProxyType(dict(sorted(self.atoms.items()))))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the read-only view."""
        return ThresholdDistribution, (dict(self.atoms), self.parts, self.stretches)

    @classmethod
    def of(
        cls,
        *,
        atoms: Mapping[Amount, Amount] | None = None,
        betas: tuple[tuple[Amount, Amount, Amount], ...] = (),
    ) -> ThresholdDistribution:
        """From numbers: atoms `{threshold: mass}` and Beta parts `(mass, a, b)`."""
        exact_atoms = {
            amount(t, "a threshold"): amount(m, "a mass") for t, m in (atoms or {}).items()
        }
        return cls(
            exact_atoms,
            tuple(BetaPart(*(amount(x, "a Beta part") for x in part)) for part in betas),
        )

    @classmethod
    def uniform(cls, *, mass: Amount = 1) -> ThresholdDistribution:
        """Every threshold alike: the Brier score (mass 2 is RLCR up to a constant)."""
        return cls.of(betas=((mass, 1, 1),))

    @classmethod
    def from_scipy(cls, distribution: Any, *, mass: Amount = 1) -> ThresholdDistribution:
        """From a frozen `scipy.stats.beta` on [0, 1] or `scipy.stats.uniform` on an interval within it, exactly.

        Raises:
            ValueError: the support is not within [0, 1].
            NoClosedForm: another distribution; `scoring_theory.designing` approximates it with a
                bound on the error.

        Example:
            >>> from scipy import stats
            >>> ThresholdDistribution.from_scipy(stats.beta(2, 8)).parts[0].b
            Fraction(8, 1)
        """
        low, high = support(distribution)
        kind = getattr(getattr(distribution, "dist", None), "name", type(distribution).__name__)
        given = dict(zip(("a", "b"), getattr(distribution, "args", ()), strict=False)) | getattr(
            distribution, "kwds", {}
        )
        if kind == "beta" and (low, high) == (0.0, 1.0):
            return cls.of(betas=((mass, float(given["a"]), float(given["b"])),))
        if kind == "uniform":
            if (low, high) == (0.0, 1.0):
                return cls.uniform(mass=mass)
            return cls(stretches=(Stretch(amount(mass, "a mass"), _end(low), _end(high)),))
        raise NoClosedForm(
            f"`{kind}` on [{low:g}, {high:g}] has no closed form here; `design` approximates it"
        )

    @property
    def total(self) -> Fraction:
        """Total mass, which is the range of the reward."""
        spread = [part.mass for part in self.parts] + [stretch.mass for stretch in self.stretches]
        return sum([*self.atoms.values(), *spread], Fraction(0))

    @property
    def margin(self) -> Fraction:
        """Mass at threshold 0: the least that one more unit of success probability pays."""
        return self.atoms.get(Fraction(0), Fraction(0))

    @property
    def curvature(self) -> Fraction:
        """A density that is reached everywhere in (0, 1), from the uniform parts alone."""
        whole = sum((p.mass for p in self.parts if p.a == p.b == 1), Fraction(0))
        ends = sorted(
            {Fraction(0), Fraction(1), *(x for s in self.stretches for x in (s.low, s.high))}
        )
        return whole + min(
            sum(
                (s.mass / (s.high - s.low) for s in self.stretches if s.low <= a and b <= s.high),
                Fraction(0),
            )
            for a, b in pairwise(ends)
        )

    @property
    def strict(self) -> bool:
        """Whether every threshold in (0, 1) counts, so that honesty is the only best report."""
        return any(part.mass > 0 for part in self.parts) or self.curvature > 0

    def scaled(self, factor: Fraction) -> ThresholdDistribution:
        """All masses times a nonnegative factor."""
        return ThresholdDistribution(
            {t: factor * m for t, m in self.atoms.items()},
            tuple(replace(part, mass=factor * part.mass) for part in self.parts),
            tuple(replace(stretch, mass=factor * stretch.mass) for stretch in self.stretches),
        )

    def __add__(self, other: ThresholdDistribution) -> ThresholdDistribution:
        """Both together, the masses at one threshold added."""
        atoms = dict(self.atoms)
        for threshold, mass in other.atoms.items():
            atoms[threshold] = atoms.get(threshold, Fraction(0)) + mass
        return ThresholdDistribution(
            atoms, self.parts + other.parts, self.stretches + other.stretches
        )

    def cdf(self, threshold: ArrayLike) -> Floats:
        """F(t): the mass at thresholds up to t (of (0, t) and the atom at 0, as `q > t` bets pay), float64."""
        paid = self.to_reward()
        return paid.payoff(threshold, 1) - paid.payoff(threshold, 0)

    def density(self, threshold: ArrayLike) -> Floats:
        """w(t) beside the atoms, float64."""
        import numpy as np
        from scipy import stats

        t = np.asarray(threshold, dtype=np.float64)
        total = np.zeros(t.shape)
        for part in self.parts:
            total += float(part.mass) * stats.beta.pdf(t, float(part.a), float(part.b))
        for s in self.stretches:
            total += float(s.mass / (s.high - s.low)) * ((float(s.low) <= t) & (t < float(s.high)))
        return total

    def to_reward(self, *, name: str = "") -> Reward:
        """R(q, c) = c F(q) - M(q), exactly; 0 for abstaining (q = 0) with a wrong answer.

        Bets and Beta parts are terms of a sum; where there are stretches, they, the atoms and a
        uniform part make one piecewise quadratic, which is quicker to prove than a sum of clipped
        terms.
        """
        if not self.stretches:
            return Reward(self._sum(self.atoms, self.parts), name=name)
        even = [part for part in self.parts if part.a == part.b == 1]
        stretches = [(s.mass, s.low, s.high) for s in self.stretches]
        stretches += [(part.mass, Fraction(0), Fraction(1)) for part in even]
        rest = self._sum({}, tuple(part for part in self.parts if part not in even))
        return Reward(plus(rest, staircase(self.atoms, stretches)), name=name)

    @staticmethod
    def _sum(atoms: Mapping[Fraction, Fraction], parts: tuple[BetaPart, ...]) -> Node:
        formula: Node = number(0)
        for part in parts:
            paid = Apply("*", (Name("c"), part.cdf()))
            staked = times(part.a / (part.a + part.b), part.cdf(a=part.a + 1))
            formula = plus(formula, times(part.mass, plus(paid, times(Fraction(-1), staked))))
        for threshold in sorted(
            atoms, key=lambda t: (t == 0, t)
        ):  # the bonus c reads best at the end
            formula = plus(formula, bet(threshold, atoms[threshold]))
        return formula


def support(distribution: Any) -> tuple[float, float]:
    """The ends of a frozen distribution.

    They are float sums `loc + scale * end`: `truncnorm(-m/s, (1-m)/s, m, s)` begins at -1e-17 where
    0 is meant, so an end less than 1e-12 outside [0, 1] is taken for the end of [0, 1].

    Raises:
        ValueError: they are not within [0, 1].
    """
    low, high = (_meant(float(end)) for end in distribution.support())
    if not 0 <= low < high <= 1:
        raise ValueError(
            f"the thresholds must lie in [0, 1], got a distribution on [{low:g}, {high:g}]"
        )
    return low, high


def _meant(end: float) -> float:
    return next((whole for whole in (0.0, 1.0) if abs(end - whole) < 1e-12), end)


def _end(value: float) -> Fraction:
    """An end of a support is `loc + scale`, a float sum: 0.1 + 0.2 is meant to be 3/10."""
    return Fraction(value).limit_denominator(10**12)
