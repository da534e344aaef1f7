"""Many experiments on any `concurrent.futures.Executor`: threads here, processes, or a cluster's."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from simulations.experiment import Experiment, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulations.record import Record


def sweep(
    experiments: Iterable[Experiment],
    executor: Executor | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Record, ...]:
    """Run every experiment, one task each, and return the records in the order of the experiments.

    Args:
        experiments: What to do.
        executor: Any executor; it is left open. By default threads, one for each processor: kernels hold no lock.
        progress: Called after each experiment with how many are done, and of how many.

    Returns:
        Records with the bits that `run` gives, whatever the executor.
    """
    todo = tuple(experiments)
    pool = nullcontext(executor) if executor is not None else ThreadPoolExecutor(os.cpu_count())
    with pool as workers:
        jobs = [workers.submit(partial(run, threads=1), experiment) for experiment in todo]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                if progress is not None:
                    progress(done, len(jobs))
        finally:
            for job in jobs:
                job.cancel()
        return tuple(job.result() for job in jobs)
