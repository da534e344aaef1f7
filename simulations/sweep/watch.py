"""The progress of a sweep: finished replicates, rate and remaining time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Before a hundredth of the work is done, compilation dominates, and the rate is not informative.
_EARLY = 100


@dataclass(frozen=True, kw_only=True)
class SweepStatus:
    """The progress of a sweep after a task.

    Args:
        done: Number of finished replicates of all experiments together.
        total: Number of requested replicates.
        resumed: Number of replicates that the store already contained.
        rollouts: Number of rollouts computed by this call.
        rollouts_left: Number of rollouts that remain.
        seconds: Time since the start of this call.

    Example:
        >>> replicates = {"done": 30, "total": 40, "resumed": 20}
        >>> status = SweepStatus(**replicates, rollouts=1000, rollouts_left=500, seconds=4.0)
        >>> status.rate, status.seconds_left
        (250.0, 2.0)
    """

    done: int
    total: int
    resumed: int
    rollouts: int
    rollouts_left: int
    seconds: float

    @property
    def rate(self) -> float:
        """Rollouts per second of this call."""
        return self.rollouts / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """The remaining time at the current rate; infinite at the start and 0 at the end."""
        if self.rollouts_left == 0:
            return 0.0
        return self.rollouts_left / self.rate if self.rate > 0 else math.inf

    def __str__(self) -> str:
        known = self.rollouts_left <= _EARLY * self.rollouts
        left = f"{self.seconds_left:.0f} s left" if known else "time left unknown"
        return (
            f"{self.done} of {self.total} replicates, {self.rate / 1e6:.1f} million rollouts/s,"
            f" {left}"
        )


@contextmanager
def bar(title: str = "training") -> Iterator[Callable[[SweepStatus], None]]:
    """A progress bar on stderr with rate and remaining time, for `sweep(..., watch=...)`.

        with bar() as watch:
            records = sweep(experiments, store="sweep.sqlite", watch=watch)

    The bar is drawn only on a terminal; otherwise one line is printed at the end.

    Args:
        title: Text in front of the bar.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[status]}"))
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as shown:
        line = shown.add_task(title, total=None, status="")
        last: list[SweepStatus] = []

        def watch(status: SweepStatus) -> None:
            last[:] = [status]
            shown.update(line, completed=status.done, total=status.total, status=str(status))

        yield watch
    if last:
        console.print(f"{title}: {last[0]}", highlight=False)
