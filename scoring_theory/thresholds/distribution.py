"""Rewards from distributions of decision thresholds.

Every safe reward is a mixture of bets `(c - t) [q > t]`. With F the distribution of thresholds and
M(q) the integral of t dF(t) over [0, q]:

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
from scoring_theory.reward.algebra import bet, exact, multiplied, plus
from scoring_theory.thresholds.staircase import staircase

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

Amount = float | Fraction | str
_POLYNOMIAL_UP_TO = 16


class NoClosedForm(ValueError):
    """The grammar of formulas cannot express the reward of a distribution.

    Example:
        >>> from scipy import stats
        >>> try:
        ...     ThresholdDistribution.from_scipy(stats.truncnorm(0, 1))
        ... except NoClosedForm as error:
        ...     print(error)
        `truncnorm` on [0, 1] has no closed form here; `design` approximates it
    """


def amount(value: Amount, name: str) -> Fraction:
    """The exact rational of a number or text.

    A float stands for the decimal that Python prints; a text may be `3/10`.

    Raises:
        ValueError: the text is not a number.

    Example:
        >>> amount(0.1, "a mass"), amount("3/10", "a mass")
        (Fraction(1, 10), Fraction(3, 10))
    """
    if not isinstance(value, str):
        return exact(value, name=name)
    try:
        return rational(value.strip())
    except ValueError as error:
        raise ValueError(f"{name} must be a number such as 0.25 or 3/10, got {value!r}") from error


@dataclass(frozen=True)
class BetaPart:
    """Thresholds distributed as Beta(a, b), with a given mass.

    Example:
        >>> from proofs.trees import unparse
        >>> unparse(BetaPart(Fraction(1), Fraction(2), Fraction(1)).cdf())
        'q^2'
    """

    mass: Fraction
    a: Fraction
    b: Fraction

    __repr__ = one_line

    def __post_init__(self) -> None:
        """Raise `ValueError` for a negative mass, or a shape that is not positive."""
        if self.mass < 0:
            raise ValueError(f"the mass of a Beta part must be nonnegative, got {self.mass}")
        if self.a <= 0 or self.b <= 0:
            raise ValueError(
                f"the shapes of a Beta part must be positive, got a = {self.a}, b = {self.b}"
            )

    def cdf(self, *, a: Fraction | None = None) -> Node:
        """The distribution function at q; a polynomial if both shapes are small whole numbers.

        Args:
            a: another first shape, by default that of the part.
        """
        first = self.a if a is None else a
        if first.denominator == self.b.denominator == 1 and first + self.b <= _POLYNOMIAL_UP_TO:
            return _binomial_tail(int(first), int(first + self.b) - 1)
        return Apply("beta_cdf", (Name(CONFIDENCE), Number(first), Number(self.b)))


@dataclass(frozen=True)
class Stretch:
    """Thresholds distributed uniformly on [low, high], with a given mass.

    Example:
        >>> Stretch(Fraction(1), Fraction(1, 2), Fraction(2))
        Traceback (most recent call last):
        ValueError: a stretch must be an interval [a, b] with 0 <= a < b <= 1, got [1/2, 2]
    """

    mass: Fraction
    low: Fraction
    high: Fraction

    __repr__ = one_line

    def __post_init__(self) -> None:
        """Raise `ValueError` for a negative mass, or an interval outside [0, 1]."""
        if self.mass < 0:
            raise ValueError(f"the mass of a stretch must be nonnegative, got {self.mass}")
        if not 0 <= self.low < self.high <= 1:
            raise ValueError(
                f"a stretch must be an interval [a, b] with 0 <= a < b <= 1, got [{self.low},"
                f" {self.high}]"
            )


def _binomial_tail(successes: int, trials: int) -> Node:
    """P(at least k of n trials succeed) = I_q(k, n - k + 1) in powers of q."""
    from math import comb

    total: Node = number(0)
    for power in range(successes, trials + 1):
        signs = ((-1) ** (power - j) * comb(power, j) for j in range(successes, power + 1))
        weight = comb(trials, power) * sum(signs)
        term = Name(CONFIDENCE) if power == 1 else Apply("^", (Name(CONFIDENCE), number(power)))
        total = plus(total, multiplied(Fraction(weight), term))
    return total


@dataclass(frozen=True)
class ThresholdDistribution:
    """A distribution of decision thresholds: atoms, Beta parts, and uniform stretches.

    It says at which thresholds a stated confidence is used to decide.

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
        """Check thresholds and masses, and make `atoms` read-only."""
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
        """A distribution from numbers: atoms `{threshold: mass}` and Beta parts `(mass, a, b)`."""
        exact_atoms = {
            amount(t, "a threshold"): amount(m, "a mass") for t, m in (atoms or {}).items()
        }
        return cls(
            exact_atoms,
            tuple(BetaPart(*(amount(x, "a Beta part") for x in part)) for part in betas),
        )

    @classmethod
    def uniform(cls, *, mass: Amount = 1) -> ThresholdDistribution:
        """The uniform distribution: the Brier score (mass 2 is RLCR up to a constant)."""
        return cls.of(betas=((mass, 1, 1),))

    @classmethod
    def from_scipy(cls, distribution: Any, *, mass: Amount = 1) -> ThresholdDistribution:
        """An exact copy of a frozen SciPy distribution.

        It must be a `scipy.stats.beta` on [0, 1] or a `scipy.stats.uniform` on an interval within
        it.

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
        """The mass at threshold 0: the smallest slope of the expected score V(p)."""
        return self.atoms.get(Fraction(0), Fraction(0))

    @property
    def curvature(self) -> Fraction:
        """The modulus of propriety: a bound of the density from the uniform parts."""
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
        """Whether all of (0, 1) has density, so that only the truthful report is optimal."""
        return any(part.mass > 0 for part in self.parts) or self.curvature > 0

    def scaled(self, factor: Fraction) -> ThresholdDistribution:
        """All masses times a nonnegative factor."""
        return ThresholdDistribution(
            {t: factor * m for t, m in self.atoms.items()},
            tuple(replace(part, mass=factor * part.mass) for part in self.parts),
            tuple(replace(stretch, mass=factor * stretch.mass) for stretch in self.stretches),
        )

    def __add__(self, other: ThresholdDistribution) -> ThresholdDistribution:
        """The sum of two distributions; masses at the same threshold add."""
        atoms = dict(self.atoms)
        for threshold, mass in other.atoms.items():
            atoms[threshold] = atoms.get(threshold, Fraction(0)) + mass
        return ThresholdDistribution(
            atoms, self.parts + other.parts, self.stretches + other.stretches
        )

    def cdf(self, threshold: ArrayLike) -> Floats:
        """F(t), the mass at 0 and in (0, t), as float64.

        The mass at t itself does not count, since a bet needs q > t.
        """
        paid = self.to_reward()
        return paid.payoff(threshold, 1) - paid.payoff(threshold, 0)

    def density(self, threshold: ArrayLike) -> Floats:
        """The density w(t) without the atoms, as float64."""
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
        """The reward R(q, c) = c F(q) - M(q), exactly; it is 0 for a wrong answer with q = 0.

        Bets and Beta parts are terms of a sum. If there are stretches, they, the atoms and a
        uniform part form one piecewise quadratic, which is faster to prove than a sum of clipped
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
            staked = multiplied(part.a / (part.a + part.b), part.cdf(a=part.a + 1))
            formula = plus(
                formula, multiplied(part.mass, plus(paid, multiplied(Fraction(-1), staked)))
            )
        for threshold in sorted(atoms, key=lambda t: (t == 0, t)):  # the bonus c comes last
            formula = plus(formula, bet(threshold, atoms[threshold]))
        return formula


def support(distribution: Any) -> tuple[float, float]:
    """The ends of the support of a frozen distribution.

    SciPy computes them as `loc + scale * end`: `truncnorm(-m/s, (1-m)/s, m, s)` begins at -1e-17
    instead of 0. So an end that is less than 1e-12 from 0 or 1 is replaced by it.

    Raises:
        ValueError: the support is not within [0, 1].

    Example:
        >>> from scipy import stats
        >>> support(stats.beta(2, 3))
        (0.0, 1.0)
    """
    low, high = (_snapped(float(end)) for end in distribution.support())
    if not 0 <= low < high <= 1:
        raise ValueError(
            f"the thresholds must lie in [0, 1], got a distribution on [{low:g}, {high:g}]"
        )
    return low, high


def _snapped(end: float) -> float:
    return next((whole for whole in (0.0, 1.0) if abs(end - whole) < 1e-12), end)


def _end(value: float) -> Fraction:
    """The decimal of an end, which SciPy computes as `loc + scale`: 0.1 + 0.2 stands for 3/10."""
    return Fraction(value).limit_denominator(10**12)
