"""How much work something is, in calls or in steps of the kernel's meter: the same on every
machine, however busy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from proofs.kernel.normal_form import Rejected, limited, spend

AMPLE = 10**12


def calls(job: Callable[[], object]) -> int:
    """How many functions, of Python and of C, a job calls."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        job()
    finally:
        sys.setprofile(None)
    return count


def within(steps: int, job: Callable[[], object]) -> bool:
    """Whether a job takes at most so many steps of the kernel's meter."""
    with limited(AMPLE):
        job()
        try:
            spend(AMPLE - steps)
        except Rejected:
            return False
    return True
