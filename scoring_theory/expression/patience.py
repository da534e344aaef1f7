"""SymPy may look for ever for a closed form of what somebody typed; here it has so many seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import FormulaError

if TYPE_CHECKING:
    from types import FrameType

SECONDS = 10.0


class _OutOfTime(BaseException):
    """No `Exception`, since SymPy catches those."""


@contextmanager
def in_time(what: str) -> Iterator[None]:
    """The block has `SECONDS`, looked at whenever it calls a Python function; that works in any thread, on any system.

    Raises:
        FormulaError: it took longer.

    Example:
        >>> with in_time("this"):
        ...     print("done")
        done
    """
    before, end, home = sys.gettrace(), monotonic() + SECONDS, sys._getframe(2)

    def look(frame: FrameType, event: Any, argument: Any) -> Any:
        if monotonic() > end and not _importing(frame, home):
            raise _OutOfTime
        return before(frame, event, argument) if before else None  # a debugger, or the block around this one

    sys.settrace(look)
    try:
        yield
    except _OutOfTime:
        raise FormulaError(f"{what} took more than {SECONDS:g} seconds") from None
    finally:
        sys.settrace(before)


def _importing(frame: FrameType | None, home: FrameType) -> bool:
    """Whether a module is being imported, further in than `home`: one that is cut short stays broken."""
    while frame is not None and frame is not home:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
