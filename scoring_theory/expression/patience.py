"""A limit on the work of SymPy, which may search for a closed form for ever."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from inspect import CO_GENERATOR
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import FormulaError

if TYPE_CHECKING:
    from types import FrameType, TracebackType

EVENTS = 50_000_000


class _TooMuch(BaseException):
    """The limit is reached. It is not an `Exception`, since SymPy catches those."""


@dataclass
class Patience:
    """A block that may make `EVENTS` calls and returns of functions, in any thread, on any system.

    Work is counted instead of seconds, so that a loaded machine gives the answer of an idle one.
    The cache of SymPy is cleared first; otherwise a search that was stopped would be cheaper, and
    might end, when it is tried again. Imports, which happen once in a process, do not count. Some
    lists that SymPy keeps, and the order of its sets, still change the number by a few percent, so
    `EVENTS` is well beyond what formulas with an answer need: most take one to four million, the
    largest seen was thirteen. Clearing the cache costs at most 0.3 seconds of such a search.

    Inside another such block, only the outer one counts. If a profiler runs, nothing is limited.

    The profile hook counts, and at the limit it sets a second hook, which raises. Python removes a
    hook that raises, and an exception may be lost, as in a comparison inside a dictionary; then the
    second hook is set again.

    Attributes:
        what: a name of the work, for the message of the `FormulaError` at the limit.

    Example:
        >>> with Patience("this"):
        ...     print("done")
        done
    """

    what: str

    def __enter__(self) -> None:
        """Start to count."""
        from sympy.core.cache import clear_cache

        self._mine = sys.getprofile() is None
        if self._mine:
            clear_cache()
            self._traced, self._left = sys.gettrace(), EVENTS
            self._import: FrameType | None = None
            sys.setprofile(self._look)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop counting, before anything else is called."""
        if self._mine:
            sys.setprofile(None)
            sys.settrace(self._traced)
            if kind is _TooMuch:
                raise FormulaError(f"{self.what} took more work than the limit allows") from None

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if self._import is not None:  # a module that is cut short stays broken
            if frame is self._import and event == "return":
                self._import = None
        elif event == "call" and frame.f_code.co_filename.startswith("<frozen importlib"):
            self._import = frame
        else:
            self._left -= 1
            if self._left < 0:
                sys.settrace(_stop)


def _stop(frame: FrameType, event: str, argument: Any) -> Any:
    """Raise `_TooMuch`, but neither at the end of the block nor where nobody could catch it.

    Generators are excluded because they are also entered to be closed.
    """
    code = frame.f_code
    if (
        code is not Patience.__exit__.__code__
        and not code.co_flags & CO_GENERATOR
        and code.co_name != "__del__"
    ):
        raise _TooMuch
