"""Three processor instructions that Python does not offer, as intrinsics of numba.

A fused multiply-add is rounded once, by definition, so its result is the same on every machine. On
processors without it (x86 before 2013) the C library computes it, slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

_Emit = Any  # numba's code generation has no type annotations


def _fused(_: _Emit, x: _Emit, y: _Emit, z: _Emit) -> _Emit:
    number = types.float64
    return number(number, number, number), lambda context, builder, signature, values: builder.fma(
        *values
    )


def _bits(_: _Emit, x: _Emit) -> _Emit:
    return types.int64(types.float64), _cast_to(ir.IntType(64))


def _from_bits(_: _Emit, bits: _Emit) -> _Emit:
    return types.float64(bits), _cast_to(ir.DoubleType())


def _cast_to(kind: _Emit) -> _Emit:
    return lambda context, builder, signature, values: builder.bitcast(values[0], kind)


fused = cast("Callable[[float, float, float], float]", intrinsic(_fused))
"""x y + z, rounded once."""
bits_of = cast("Callable[[float], np.int64]", intrinsic(_bits))
"""The bits of a float64."""
from_bits = cast("Callable[[np.int64 | np.uint64], float]", intrinsic(_from_bits))
"""The float64 that has these bits."""
