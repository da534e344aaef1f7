"""Many experiments on any `concurrent.futures.Executor`, resumable, with the bits of single runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol, overload

from scoring_theory.display import one_line
from simulations.experiment import Experiment
from simulations.sweep.chunks import Chunk, pieces, run_chunk, usual_size
from simulations.sweep.identity import code_version, key_of
from simulations.sweep.shelves import Memory, StoredRecords
from simulations.sweep.store import Store
from simulations.sweep.watch import SweepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulations.record import Record

AT_ONCE = 256


class SweepError(RuntimeError):
    """Some experiments of a sweep failed; the others are complete.

    Args:
        sentence: What happened.
        failed: By position, why an experiment failed.
        records: The records of the others, in order.
    """

    def __init__(
        self, sentence: str, failed: Mapping[int, BaseException], records: Sequence[Record]
    ) -> None:
        super().__init__(sentence)
        self.failed = failed
        self.records = records


@dataclass(frozen=True, eq=False)
class Task:
    """A chunk still to be computed."""

    key: str
    experiment: Experiment
    first: int
    count: int

    __repr__ = one_line


class Shelf(Protocol):
    """Where chunks are put and found: `Store` on disk, or `Memory`."""

    def missing(self, experiment: Experiment) -> list[tuple[int, int]]:
        """What is not there yet, as (first, count)."""
        ...

    def add(self, experiment: Experiment, chunk: Chunk) -> None:
        """Put a chunk there."""
        ...


@overload
def sweep(
    experiments: Iterable[Experiment],
    executor: Executor | None = None,
    *,
    store: None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[SweepStatus], None] | None = None,
    chunk: int | None = None,
    at_once: int = AT_ONCE,
) -> tuple[Record, ...]: ...
@overload
def sweep(
    experiments: Iterable[Experiment],
    executor: Executor | None = None,
    *,
    store: str | Path,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[SweepStatus], None] | None = None,
    chunk: int | None = None,
    at_once: int = AT_ONCE,
) -> StoredRecords: ...
def sweep(
    experiments: Iterable[Experiment],
    executor: Executor | None = None,
    *,
    store: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[SweepStatus], None] | None = None,
    chunk: int | None = None,
    at_once: int = AT_ONCE,
) -> Sequence[Record]:
    """Run every experiment, a few replicates to a task, and return the records in the order of the experiments.

    A record has the bits that `run` gives it, whatever the executor, the chunks and the order. With
    a store, finished chunks are written as they come; a sweep that was killed at any moment
    computes, when called again, only what is missing, and no more than a few chunks are in memory
    at a time.

    Executors that are known to work; whichever it is, it is left open:

        ThreadPoolExecutor(2)                                      the default: kernels hold no lock
        ProcessPoolExecutor(2, mp_context=get_context("spawn"))    in a script, below `if __name__ == "__main__"`
        loky.get_reusable_executor(2)                              processes, from notebooks too
        dask.distributed.Client(address).get_executor()            a cluster
        mpi4py.futures.MPIPoolExecutor()                           `mpiexec -n 8 python -m mpi4py.futures script.py`

    Args:
        experiments: What to do.
        executor: Who does it; by default threads, one for each processor.
        store: A file, see `simulations.sweep.store`; it is made where there is none.
        progress: Called after each experiment with how many are done, and of how many.
        watch: Called after each task with a `Status`: replicates done, rate, time left; see `bar`.
        chunk: Replicates in a task; by default about two million rollouts.
        at_once: How many tasks to hand out before the first is back; more than the executor has
            workers.

    Returns:
        Records: a tuple, or with a store a sequence that reads each record from the file when it is
            asked for.

    Raises:
        ValueError: If `chunk` or `at_once` is less than 1.
        SweepError: If experiments failed, naming the first; or if the executor broke, or runs other
            code.
        StoreError: If the file is not a store.

    Example:
        >>> from simulations import run, standard_experiments
        >>> experiments = standard_experiments("short")[:2]
        >>> [record.digest for record in sweep(experiments)] == [run(one).digest for one in experiments]
        True
    """
    for name, value in (("chunk", chunk), ("at_once", at_once)):
        if value is not None and value < 1:
            raise ValueError(f"`{name}` must be at least 1, got {value}")
    todo = tuple(experiments)
    records: Sequence[Record]
    if store is None:
        memory = Memory()
        failed = _Sweep(todo, memory, chunk, progress, watch).fill(executor, at_once)
        records = tuple(memory.record(one) for i, one in enumerate(todo) if i not in failed)
    else:
        with Store(store) as shelf:
            failed = _Sweep(todo, shelf, chunk, progress, watch).fill(executor, at_once)
        records = StoredRecords(
            Path(store), tuple(one for i, one in enumerate(todo) if i not in failed)
        )
    if failed:
        raise SweepError(_sentence(todo, failed, store), failed, records) from next(
            iter(failed.values())
        )
    return records


class _Sweep:
    """One call of `sweep`: what is planned, what is out, what is done."""

    def __init__(
        self,
        todo: Sequence[Experiment],
        shelf: Shelf,
        chunk: int | None,
        progress: Callable[[int, int], None] | None,
        watch: Callable[[SweepStatus], None] | None,
    ) -> None:
        self.todo, self.shelf, self.chunk, self.progress, self.watch = (
            todo,
            shelf,
            chunk,
            progress,
            watch,
        )
        self.failed: dict[int, BaseException] = {}
        self.keys = self._keys()
        self.largest = self._largest()
        self.missing = {
            key: sum(n for _, n in shelf.missing(one)) for key, one in self.largest.items()
        }
        self.resumed = sum(one.replicates - self.missing[key] for key, one in self.largest.items())
        self.started, self.fresh, self.reported = time.monotonic(), 0, 0

    def _keys(self) -> dict[int, str]:
        """By position, which computation it asks for; what cannot be described as one has failed."""
        keys = {}
        for i, one in enumerate(self.todo):
            try:
                keys[i] = key_of(one)
            except (TypeError, ValueError) as error:
                self.failed[i] = error
        return keys

    def _largest(self) -> dict[str, Experiment]:
        """Of experiments that are the same but for name and replicates, the one with the most replicates."""
        largest: dict[str, Experiment] = {}
        for i, key in self.keys.items():
            if key not in largest or largest[key].replicates < self.todo[i].replicates:
                largest[key] = self.todo[i]
        return largest

    def fill(self, executor: Executor | None, at_once: int) -> dict[int, BaseException]:
        """Compute what the shelf lacks; by position, why experiments failed."""
        self._report()
        pool = _threads() if executor is None else nullcontext(executor)
        out: dict[Future[Chunk], Task] = {}
        with pool as workers:
            try:
                self._work(workers, out, at_once)
            except BrokenExecutor as error:
                sentence = (
                    "the executor lost its workers; what is done is kept in the store, if there"
                    " is one"
                )
                raise SweepError(
                    f"{sentence}, and the same call completes it", self.failed, ()
                ) from error
            finally:
                for job in out:
                    job.cancel()
        return self.failed

    def _work(self, workers: Executor, out: dict[Future[Chunk], Task], at_once: int) -> None:
        tasks, back = self._tasks(), SimpleQueue[Future[Chunk]]()
        while True:
            for task in islice(tasks, at_once - len(out)):
                job = workers.submit(run_chunk, task.experiment, task.first, task.count)
                out[job] = task
                job.add_done_callback(back.put)
            if not out:
                return
            job = back.get()
            self._receive(job, out.pop(job))

    def _tasks(self) -> Iterator[Task]:
        """What to compute, looked up late: another process may have stored it, or a chunk of it may have failed."""
        for key, one in self.largest.items():
            size, missing = self.chunk or usual_size(one), self.shelf.missing(one)
            self.missing[key] = sum(count for _, count in missing)
            for first, count in missing:
                for start, n in pieces(first, count, size):
                    if not self._has_failed(key):
                        yield Task(key, one, start, n)

    def _receive(self, job: Future[Chunk], task: Task) -> None:
        error = job.exception()
        if isinstance(error, BrokenExecutor) or (
            error is not None and not isinstance(error, Exception)
        ):
            raise error
        if error is not None:
            if not self._has_failed(task.key):
                self.failed |= {i: error for i, key in self.keys.items() if key == task.key}
            return
        chunk = job.result()
        if chunk.code != code_version():
            raise SweepError(
                "a worker runs other code than this process; install the same version there", {}, ()
            )
        self.shelf.add(task.experiment, chunk)
        self.missing[task.key] -= task.count
        self.fresh += task.count * _rollouts(task.experiment)
        self._report()

    def _has_failed(self, key: str) -> bool:
        return any(self.keys.get(i) == key for i in self.failed)

    def _report(self) -> None:
        done = sum(self.missing[key] == 0 for key in self.keys.values())
        while self.progress is not None and self.reported < done:
            self.reported += 1
            self.progress(self.reported, len(self.todo))
        if self.watch is not None:
            self.watch(self.status())

    def status(self) -> SweepStatus:
        """Where the sweep stands."""
        return SweepStatus(
            done=sum(one.replicates - self.missing[key] for key, one in self.largest.items()),
            total=sum(one.replicates for one in self.largest.values()),
            resumed=self.resumed,
            rollouts=self.fresh,
            rollouts_left=sum(
                self.missing[key] * _rollouts(one) for key, one in self.largest.items()
            ),
            seconds=time.monotonic() - self.started,
        )


def _threads() -> AbstractContextManager[Executor]:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sweep")


def _rollouts(experiment: Experiment) -> int:
    return experiment.rollouts // experiment.replicates


def _sentence(
    todo: Sequence[Experiment], failed: Mapping[int, BaseException], store: str | Path | None
) -> str:
    """Which experiments failed, why the first did, and where the others are."""
    place, error = next(iter(failed.items()))
    one, others = todo[place], len(failed) - 1
    more = f" (and {others} more)" if others else ""
    label = one.name or one.reward.name or one.reward.text
    kept = f"stored in {store}" if store is not None else "in `records` of this error"
    return (
        f'experiment {place + 1} of {len(todo)}, "{label}" with the {one.agent.kind} agent,{more}'
        f" failed: {error}; the {len(todo) - len(failed)} others are complete and {kept}"
    )
