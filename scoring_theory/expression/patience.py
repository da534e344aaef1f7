"""SymPy may look for ever for a closed form of what somebody typed; here it may do so much work, and no more."""

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
    """No `Exception`, since SymPy catches those."""


@dataclass
class Patience:
    """A block that has `EVENTS` calls and returns of functions: in any thread, on any system.

    Work is counted, not seconds, so that a loaded machine gives the answer of an idle one. What
    SymPy remembers is forgotten first, or a search that was given up would be cheaper, and might
    end, when it is tried again; imports, which happen once in a process, do not count. Some lists
    of SymPy's that stay, and the order of its sets, still change the number by a few percent, so
    `EVENTS` is well beyond what formulas with an answer need: most take one to four million, the
    greatest seen was thirteen. To forget costs at most 0.3 seconds of such a search.

    Inside another such block, the other one counts. Where a profiler runs, nothing is limited.

    What raises is a second hook, set by the first one: Python drops a hook that raises, and an
    exception may be lost, as in a comparison that a dictionary makes. Then it is set once more.

    Attributes:
        what: What is done in it, for the sentence of the `FormulaError` that it raises when it took
            more.

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
        """Stop it, before anything else is called."""
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
    """Not at the end of the block, nor where nobody could catch it: generators are also entered to be thrown away."""
    code = frame.f_code
    if (
        code is not Patience.__exit__.__code__
        and not code.co_flags & CO_GENERATOR
        and code.co_name != "__del__"
    ):
        raise _TooMuch
