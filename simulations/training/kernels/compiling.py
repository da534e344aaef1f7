"""How the kernels are compiled, and the types of their arrays.

`fastmath` is off: additions keep the written order and are never fused, so that the same seed gives
the same bits on every machine. `nogil` allows threads to run replicates in parallel.

The user waits for the compilation, so code that is never called is not compiled. A `part` of a
kernel has no wrapper that unpacks Python objects. A kernel that gets all its buffers as arguments
does not count references (`lean`). Loops are written out, since numba compiles `np.full`,
`x.sum()`, `x.reshape(-1)` and similar calls like a separate kernel.

The disk cache of numba checks only the date of the file of a function, so it would miss a change of
a helper in another file. Therefore the name under which a function is cached contains a digest of
all files of this package: a change of any of them invalidates all compiled code.
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
    """Compile a kernel: cached on disk, without the interpreter lock, dividing as NumPy does."""
    return _named(function, cache=True, no_cfunc_wrapper=True)


def lean(function: _Function) -> _Function:
    """Like `compiled`, for a kernel that creates no arrays."""
    return _named(function, cache=True, no_cfunc_wrapper=True, _nrt=False)


def part(function: _Function) -> _Function:
    """Like `lean`, for functions called only by kernels; Python uses `numba.njit(f.py_func)`."""
    return _named(function, **_PART)


def inlined(function: _Function) -> _Function:
    """Like `part`, and inlined into its callers: for helpers that are called for every rollout."""
    return _named(function, **_PART, forceinline=True)


def _named(function: _Function, **options: bool) -> _Function:
    function.__qualname__ += f"_{_DIGEST}"
    jit = cast(Any, numba.njit)  # its type stubs lack `_nrt` and the options of the wrappers
    try:
        compiler = jit(nogil=True, error_model="numpy", **options)(function)
    except RuntimeError:  # neither beside the package nor at home may a cache be written
        compiler = jit(nogil=True, error_model="numpy", **{**options, "cache": False})(function)
    return cast(_Function, compiler)
