"""SymPy may look for ever for a closed form of what somebody typed; here it has so many seconds."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from inspect import CO_GENERATOR
from time import monotonic
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import FormulaError

if TYPE_CHECKING:
    from types import FrameType, TracebackType

SECONDS = 10.0


class _OutOfTime(BaseException):
    """No `Exception`, since SymPy catches those."""


@dataclass
class Patience:
    """A block that has `SECONDS`, looked at whenever it calls a Python function: in any thread, on any system.

    Inside another such block, the other one's clock counts. Where a profiler runs, nothing is limited.

    What raises is a second hook, set by the first one: Python drops a hook that raises, and an exception may be lost,
    as in a comparison that a dictionary makes. Then it is set once more.

    Attributes:
        what: What is done in it, for the sentence of the `FormulaError` that it raises when it took longer.

    Example:
        >>> with Patience("this"):
        ...     print("done")
        done
    """

    what: str

    def __enter__(self) -> None:
        """Start the clock."""
        self._mine = sys.getprofile() is None
        if self._mine:
            self._traced, self._end, self._home = sys.gettrace(), monotonic() + SECONDS, sys._getframe(1)
            sys.setprofile(self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it, before anything else is called."""
        if self._mine:
            sys.setprofile(None)
            sys.settrace(self._traced)
            if kind is _OutOfTime:
                raise FormulaError(f"{self.what} took more than {SECONDS:g} seconds") from None

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if monotonic() > self._end and not self._importing(frame):
            sys.settrace(_stop)

    def _importing(self, frame: FrameType | None) -> bool:
        """Whether the block is importing a module: one that is cut short stays broken."""
        while frame is not None and frame is not self._home:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return True
            frame = frame.f_back
        return False


def _stop(frame: FrameType, event: str, argument: Any) -> Any:
    """Not at the end of the block, nor where nobody could catch it: generators are also entered to be thrown away."""
    code = frame.f_code
    if code is not Patience.__exit__.__code__ and not code.co_flags & CO_GENERATOR and code.co_name != "__del__":
        raise _OutOfTime
