"""How the kernels are compiled, and the types of their arrays.

No `fastmath`: additions stay in the written order and are never fused, so that the same seed gives
the same bits on any machine. `nogil` lets threads run replicates side by side.

Compiling takes a user's time, and most of it went into what nobody calls. So a `part` of a kernel
has none of the code that unpacks Python's objects; a kernel that is handed all its room counts no
references (`lean`); and loops are written out, since `np.full`, `x.sum()`, `x.reshape(-1)` and the
like are each compiled like a kernel of ours.

Numba's disk cache of a function looks at the date of the function's own file only, so that a helper
in another file could change behind its back. Here the name under which a function is cached
therefore holds a digest of every file of this package: no compiled code outlives a change of any of
them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
WordArray = NDArray[np.uint64]
_Function = TypeVar("_Function", bound="Callable[..., Any]")
_FILES = sorted(Path(__file__).parent.glob("*.py"))
_DIGEST = hashlib.sha256(b"".join(path.read_bytes() for path in _FILES)).hexdigest()[:8]
_PART = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}


def compiled(function: _Function) -> _Function:
    """Compile for numba without the lock of the interpreter, cached on disk, dividing as NumPy does."""
    return _named(function, cache=True, no_cfunc_wrapper=True)


def lean(function: _Function) -> _Function:
    """Like `compiled`, for a kernel that makes no arrays."""
    return _named(function, cache=True, no_cfunc_wrapper=True, _nrt=False)


def part(function: _Function) -> _Function:
    """Like `lean`, for what other kernels call; Python calls `numba.njit(function.py_func)`."""
    return _named(function, **_PART)


def inlined(function: _Function) -> _Function:
    """Like `part`, and pasted into its callers: for helpers that every rollout calls."""
    return _named(function, **_PART, forceinline=True)


def _named(function: _Function, **options: bool) -> _Function:
    function.__qualname__ += f"_{_DIGEST}"
    jit = cast(Any, numba.njit)  # its stubs do not know `_nrt` and the wrappers
    return cast(_Function, jit(nogil=True, error_model="numpy", **options)(function))
