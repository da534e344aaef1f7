"""Intervals with rational ends that contain what they stand for: every operation rounds outward.

An `Interval` holds two integers in units of 2^-bits. The functions log and exp come from
`decimal`, which rounds correctly; their bounds are wider than its error by a factor of a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from proofs.kernel.normal_form import Rejected

MAX_END_BITS = 60_000  # of an end: larger numbers would only cost time
MAX_END_EXPONENT = 5_000


class Undetermined(Rejected):
    """The interval is too wide, or outside the domain of the function, for a conclusion.

    Example:
        >>> Interval.of(0, 8).log()
        Traceback (most recent call last):
        proofs.kernel.intervals.Undetermined: log of an interval that is not positive
    """


def _ceil_shift(value: int, bits: int) -> int:
    return -((-value) >> bits)


@dataclass(frozen=True, slots=True)
class Interval:
    """The set {x : low <= x * 2^bits <= high}.

    Example:
        >>> third = Interval.of(Fraction(1, 3), 4)
        >>> third.ends(), (third + third).positive()
        ((Fraction(5, 16), Fraction(3, 8)), True)
    """

    low: int
    high: int
    bits: int

    @staticmethod
    def of(value: Fraction | int, bits: int) -> Interval:
        """The tightest interval around a rational."""
        x = Fraction(value)
        top = x.numerator << bits
        return Interval(top // x.denominator, -(-top // x.denominator), bits)

    @staticmethod
    def between(low: Fraction, high: Fraction, bits: int) -> Interval:
        """An interval that contains [low, high]."""
        return Interval(Interval.of(low, bits).low, Interval.of(high, bits).high, bits)

    def positive(self) -> bool:
        """Every member is > 0."""
        return self.low > 0

    def negative(self) -> bool:
        """Every member is < 0."""
        return self.high < 0

    def ends(self) -> tuple[Fraction, Fraction]:
        """Lower and upper end as rationals."""
        return Fraction(self.low, 1 << self.bits), Fraction(self.high, 1 << self.bits)

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high, self.bits)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.bits)

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(corners) >> self.bits, _ceil_shift(max(corners), self.bits), self.bits)

    def inverse(self) -> Interval:
        """1 / x."""
        if self.low <= 0 <= self.high:
            raise Undetermined("division by an interval that contains 0")
        one = 1 << (2 * self.bits)
        return Interval(one // self.high, -(-one // self.low), self.bits)

    def log(self) -> Interval:
        """The logarithm of x, which increases: the lower bound is that of the low end."""
        if self.low <= 0:
            raise Undetermined("log of an interval that is not positive")
        return Interval(
            _bounds("ln", self.low, self.bits)[0], _bounds("ln", self.high, self.bits)[1], self.bits
        )

    def exp(self) -> Interval:
        """The exponential of x, which increases."""
        return Interval(
            _bounds("exp", self.low, self.bits)[0],
            _bounds("exp", self.high, self.bits)[1],
            self.bits,
        )

    def power(self, exponent: Fraction) -> Interval:
        """The power x ** exponent.

        Here x must be positive unless the exponent is an integer; x may reach down to 0 if the
        exponent is positive.
        """
        if exponent.denominator != 1:
            if exponent > 0 and self.low == 0 < self.high:
                return Interval(
                    0, Interval(self.high, self.high, self.bits).power(exponent).high, self.bits
                )
            return (self.log() * Interval.of(exponent, self.bits)).exp()
        n = int(exponent)
        if n < 0:
            return self.inverse().power(-exponent)
        result, square = Interval.of(1, self.bits), self
        while n:
            result = result * square if n & 1 else result
            square, n = square * square if n > 1 else square, n >> 1
            if (
                max(abs(end) for x in (square, result) for end in (x.low, x.high)).bit_length()
                > MAX_END_BITS
            ):
                raise Undetermined("a power of a number this large")
        if exponent % 2 == 0 and result.low < 0:
            return Interval(0, result.high, self.bits)
        return result


@lru_cache(maxsize=4096)
def _bounds(function: str, x: int, bits: int) -> tuple[int, int]:
    """Bounds of ln or exp of x / 2^bits, in units of 2^-bits.

    Both functions rise, so they are taken below and above x / 2^bits. `decimal` rounds their values
    correctly, by less than 10^(1 - digits) of each, or of 10^Emin; the bounds allow a thousand
    times the first, and one unit more.
    """
    size = max(0, x >> bits) if function == "exp" else 0
    if size > MAX_END_EXPONENT:
        raise Undetermined("exp of a number this large")
    digits = (bits + 3 * size // 2) * 302 // 1000 + 24  # exp(x) < 2^(3 x / 2), and log10(2) < 0.302
    ends = []
    for rounding, sign in ((ROUND_FLOOR, -1), (ROUND_CEILING, 1)):
        context = Context(
            prec=digits, rounding=rounding, Emin=-4 * digits, Emax=MAX_END_BITS, traps=[]
        )
        value = Fraction(getattr(context, function)(context.divide(Decimal(x), Decimal(1 << bits))))
        end = (value + sign * abs(value) / 10 ** (digits - 4)) * (1 << bits)
        ends.append(floor(end) - 1 if sign < 0 else ceil(end) + 1)
    return (max(ends[0], 0), ends[1]) if function == "exp" else (ends[0], ends[1])
