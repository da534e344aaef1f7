"""Random numbers: xoshiro256++ for single numbers, and SplitMix64 for many numbers at once.

A stream is the state of xoshiro256++ (Blackman and Vigna 2021), four words. Many numbers at once
are drawn from a SplitMix64 generator (Steele, Lea, Flood 2014) whose start and increment are the
next two words of the stream: its numbers do not depend on each other, so they can be computed in
parallel, in a third of the time.
"""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, WordArray, inlined, part
from simulations.training.kernels.machine import from_bits

_1, _11, _17, _19, _23, _41, _45 = (np.uint64(n) for n in (1, 11, 17, 19, 23, 41, 45))
_2, _4, _12, _24, _27, _30, _31, _56 = (np.uint64(n) for n in (2, 4, 12, 24, 27, 30, 31, 56))
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FIVES, _THREES, _ONES = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0101010101010101),
)
_NIBBLES, _ALTERNATING = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0xAAAAAAAAAAAAAAAA)
# The bits of 1.0; together with any 52 lower bits they are a float in [1, 2).
_ONE = np.uint64(0x3FF0000000000000)


@inlined
def stepped(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64, np.uint64]:
    """The next 64 bits of a stream whose words are a, b, c and d, and its next words."""
    mixed_up, shifted = a + d, b << _17
    result = ((mixed_up << _23) | (mixed_up >> _41)) + a
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    return result, a, b, c ^ shifted, (d << _45) | (d >> _19)


@inlined
def word(stream: WordArray) -> np.uint64:
    """The next 64 bits of a stream."""
    result, stream[0], stream[1], stream[2], stream[3] = stepped(
        stream[0], stream[1], stream[2], stream[3]
    )
    return result


@inlined
def uniform(stream: WordArray) -> float:
    """The next number of a stream in [0, 1), a multiple of 2^-53."""
    return float(np.float64(word(stream) >> _11) * 1.1102230246251565e-16)


@part
def normal(stream: WordArray) -> float:
    """A standard normal number (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@inlined
def mixed(z: np.uint64) -> float:
    """The number in [0, 1) that SplitMix64 makes of its state z."""
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return float(from_bits(((z ^ (z >> _31)) >> _12) | _ONE) - 1.0)


@inlined
def split_stream(start: np.uint64, increment: np.uint64, count: int, numbers: FloatArray) -> None:
    """Fill `numbers` with the first `count` numbers of a SplitMix64 generator.

    They lie in [0, 1) and are multiples of 2^-52.
    """
    for i in range(count):
        numbers[i] = mixed(start + np.uint64(i + 1) * increment)


@inlined
def increment_from(bits: np.uint64) -> np.uint64:
    """An odd increment of which at least 24 pairs of neighbouring bits differ.

    Source: Steele, Lea, Flood 2014.
    """
    odd = bits | _1
    z = odd ^ (odd >> _1)
    z -= (z >> _1) & _FIVES
    z = (z & _THREES) + ((z >> _2) & _THREES)
    changes = (((z + (z >> _4)) & _NIBBLES) * _ONES) >> _56
    return odd ^ _ALTERNATING if changes < _24 else odd


@part
def fill(stream: WordArray, numbers: FloatArray, count: int) -> None:
    """Fill `numbers` with `count` numbers in [0, 1), multiples of 2^-52.

    It uses two words of the stream.
    """
    start = word(stream)
    split_stream(start, increment_from(word(stream)), count, numbers)
