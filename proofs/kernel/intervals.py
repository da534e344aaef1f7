"""Intervals with rational ends that contain what they stand for: every operation rounds outward.

An `Interval` holds two integers in units of 2^-bits. log and exp are truncated series whose error bound is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from proofs.kernel.normal_form import Rejected

MAX_BITS = 60_000  # of an end: larger numbers only cost time
GUARD = 24  # extra bits inside the series; 2^24 units absorb the at most 2^20 units of error bounded below


class Undetermined(Rejected):
    """The interval is too wide, or outside the domain of the function, to say anything."""


def _ceil_shift(value: int, bits: int) -> int:
    return -((-value) >> bits)


@dataclass(frozen=True, slots=True)
class Interval:
    """{x : low <= x * 2^bits <= high}."""

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
        """Log x, increasing: the lower bound at the low end, the upper bound at the high end."""
        if self.low <= 0:
            raise Undetermined("log of an interval that is not positive")
        return Interval(_log(self.low, self.bits)[0], _log(self.high, self.bits)[1], self.bits)

    def exp(self) -> Interval:
        """Exp x, increasing."""
        return Interval(_exp(self.low, self.bits)[0], _exp(self.high, self.bits)[1], self.bits)

    def power(self, exponent: Fraction) -> Interval:
        """X ** exponent; x must be positive unless the exponent is an integer, or x reaches down to 0 and it is > 0."""
        if exponent.denominator != 1:
            if exponent > 0 and self.low == 0 < self.high:
                return Interval(0, Interval(self.high, self.high, self.bits).power(exponent).high, self.bits)
            return (self.log() * Interval.of(exponent, self.bits)).exp()
        n = int(exponent)
        if n < 0:
            return self.inverse().power(-exponent)
        result, square = Interval.of(1, self.bits), self
        while n:
            result = result * square if n & 1 else result
            square, n = square * square if n > 1 else square, n >> 1
            if max(abs(end) for x in (square, result) for end in (x.low, x.high)).bit_length() > MAX_BITS:
                raise Undetermined("a power of a number this large")
        if exponent % 2 == 0 and result.low < 0:
            return Interval(0, result.high, self.bits)
        return result


def _atanh_twice(top: int, bottom: int, bits: int) -> tuple[int, int]:
    """Bounds of 2 atanh(t) = log((1 + t) / (1 - t)), t = top / bottom, |t| <= 1/3, in units of 2^-bits.

    Each of the n terms is off by at most 4 units; the tail is below the last term, which is below 1 unit.
    """
    t = (top << bits) // bottom
    square, term, total, n = (t * t) >> bits, t, 0, 0
    while term not in (0, -1):
        total += term // (2 * n + 1)
        term = (term * square) >> bits
        n += 1
    error = 8 * (n + 2)
    return 2 * total - error, 2 * total + error


@lru_cache(maxsize=64)
def _log2(bits: int) -> tuple[int, int]:
    return _atanh_twice(1, 3, bits)


@lru_cache(maxsize=4096)
def _log(x: int, bits: int) -> tuple[int, int]:
    """Bounds of log(x / 2^bits): x = m 2^k with m in [2/3, 4/3], log x = 2 atanh((m - 1) / (m + 1)) + k log 2."""
    wide, k = bits + GUARD, x.bit_length()
    if 3 * x < 1 << (k + 1):  # m = x / 2^k is in [1/2, 2/3): take the other half
        k -= 1
    one = 1 << k
    low, high = _atanh_twice(x - one, x + one, wide)
    two_low, two_high = _log2(wide)
    k -= bits
    low, high = low + (k * two_low if k >= 0 else k * two_high), high + (k * two_high if k >= 0 else k * two_low)
    return low >> GUARD, _ceil_shift(high, GUARD)


@lru_cache(maxsize=4096)
def _exp(x: int, bits: int) -> tuple[int, int]:
    """Bounds of exp(x / 2^bits): x = n log 2 + r with r < 1, exp x = 2^n (1 + r + r^2/2 + ...).

    Log 2 is only known to lie between two bounds, so r may come out below 0 by their distance; there 1 + r <= exp r.
    """
    wide = bits + GUARD + max(0, x >> bits) * 3 // 2
    if wide > 10_000:
        raise Undetermined("exp of a number this large")
    two_low, two_high = _log2(wide)
    scaled = x << (wide - bits)
    n = scaled // two_high
    ends = sorted((scaled - n * two_low, scaled - n * two_high))
    low = _exp_series(ends[0], wide)[0] if ends[0] >= 0 else max(0, (1 << wide) + ends[0])
    high = _exp_series(max(ends[1], 0), wide)[1]
    shift = wide - bits - n
    return (low >> shift, _ceil_shift(high, shift)) if shift >= 0 else (low << -shift, high << -shift)


def _exp_series(r: int, bits: int) -> tuple[int, int]:
    """Partial sums for 0 <= r < 1; every floor loses less than 1 unit and the tail is below twice the last term."""
    term, total, n = 1 << bits, 0, 0
    while term:
        total += term
        n += 1
        term = ((term * r) >> bits) // n
    return total, total + 3 * n + 4
