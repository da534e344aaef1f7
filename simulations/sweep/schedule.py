"""Run many experiments on any `concurrent.futures.Executor`, with results identical to `run`."""

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
    """An error of a sweep: some experiments failed, the others are complete.

    Args:
        sentence: The message.
        failed: The error of each failed experiment, by position.
        records: The records of the other experiments, in order.

    Example:
        >>> raise SweepError("one experiment failed", {0: ValueError()}, ())
        Traceback (most recent call last):
        ...
        simulations.sweep.schedule.SweepError: one experiment failed
    """

    def __init__(
        self, sentence: str, failed: Mapping[int, BaseException], records: Sequence[Record]
    ) -> None:
        super().__init__(sentence)
        self.failed = failed
        self.records = records


@dataclass(frozen=True, eq=False)
class Task:
    """A chunk that has to be computed.

    Args:
        key: The key of the experiment.
        experiment: The experiment.
        first: The number of the first replicate.
        count: The number of replicates.
    """

    key: str
    experiment: Experiment
    first: int
    count: int

    __repr__ = one_line


class Shelf(Protocol):
    """Where finished chunks are kept: `Store` on disk, or `Memory`."""

    def missing(self, experiment: Experiment) -> list[tuple[int, int]]:
        """The intervals of missing replicates, as pairs (first, count)."""
        ...

    def add(self, experiment: Experiment, chunk: Chunk) -> None:
        """Add a chunk."""
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
    """Run many experiments and return their records, in the order of the experiments.

    The records are bit-identical to those of `run`, for every executor, chunk size and order of
    execution. With a store, each finished chunk is written to the file at once. If the sweep is
    interrupted, the same call computes only the missing replicates, and no more than a few chunks
    are in memory at a time.

    The following executors work. The sweep does not shut the executor down.

        ThreadPoolExecutor(2)              the default; the kernels release the interpreter lock
        ProcessPoolExecutor(2, mp_context=get_context("spawn"))
                                           in a script, below `if __name__ == "__main__"`
        loky.get_reusable_executor(2)      processes, also from notebooks
        dask.distributed.Client(address).get_executor()
                                           a cluster
        mpi4py.futures.MPIPoolExecutor()   `mpiexec -n 8 python -m mpi4py.futures script.py`

    Args:
        experiments: The experiments.
        executor: The executor; by default threads, one for each processor.
        store: Path of the store, see `simulations.sweep.store`; it is created if it does not exist.
        progress: Called after each experiment with the number of finished experiments and their
            total number.
        watch: Called after each task with a `SweepStatus`: finished replicates, rate and remaining
            time; see `bar`.
        chunk: Number of replicates in a task, 1 or more; by default about two million rollouts.
        at_once: Largest number of tasks that are submitted and not finished, 1 or more; it should
            be larger than the number of workers.

    Returns:
        The records: a tuple, or with a store a sequence that reads each record from the file when
        it is accessed.

    Raises:
        ValueError: If `chunk` or `at_once` is less than 1.
        SweepError: If experiments failed (the message names the first), the executor broke, or a
            worker runs a different code version.
        StoreError: If the file is not a store.

    Example:
        >>> from simulations import run, standard_experiments
        >>> experiments = standard_experiments("short")[:2]
        >>> records = sweep(experiments)
        >>> [record.digest for record in records] == [run(e).digest for e in experiments]
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
    """The state of one call of `sweep`: the planned, the running and the finished work."""

    def __init__(
        self,
        todo: Sequence[Experiment],
        shelf: Shelf,
        chunk: int | None,
        progress: Callable[[int, int], None] | None,
        watch: Callable[[SweepStatus], None] | None,
    ) -> None:
        self.todo, self.shelf, self.chunk = todo, shelf, chunk
        self.progress, self.watch = progress, watch
        self.failed: dict[int, BaseException] = {}
        self.keys = self._keys()
        self.largest = self._largest()
        self.missing = {
            key: sum(n for _, n in shelf.missing(one)) for key, one in self.largest.items()
        }
        self.resumed = sum(one.replicates - self.missing[key] for key, one in self.largest.items())
        self.started, self.fresh, self.reported = time.monotonic(), 0, 0

    def _keys(self) -> dict[int, str]:
        """The key of each experiment, by position; an experiment without a key counts as failed."""
        keys = {}
        for i, one in enumerate(self.todo):
            try:
                keys[i] = key_of(one)
            except (TypeError, ValueError) as error:
                self.failed[i] = error
        return keys

    def _largest(self) -> dict[str, Experiment]:
        """For each key the experiment with the most replicates.

        Experiments with the same key differ only in their name and number of replicates, so the
        largest one contains the others.
        """
        largest: dict[str, Experiment] = {}
        for i, key in self.keys.items():
            if key not in largest or largest[key].replicates < self.todo[i].replicates:
                largest[key] = self.todo[i]
        return largest

    def fill(self, executor: Executor | None, at_once: int) -> dict[int, BaseException]:
        """Compute the missing replicates; return the errors of failed experiments by position.

        The executor is not waited for when the sweep fails: tasks that have not started are
        cancelled, and finished chunks stay in the store.
        """
        self._report()
        pool = _threads() if executor is None else nullcontext(executor)
        out: dict[Future[Chunk], Task] = {}
        with pool as workers:
            try:
                self._work(workers, out, at_once)
            except BrokenExecutor as error:
                sentence = (
                    "the executor lost its workers; finished chunks are in the store, if there is"
                    " one, and the same call computes the rest"
                )
                raise SweepError(sentence, self.failed, ()) from error
            finally:
                for job in out:
                    job.cancel()
        return self.failed

    def _work(self, workers: Executor, out: dict[Future[Chunk], Task], at_once: int) -> None:
        """Submit tasks and receive their results, with at most `at_once` tasks in `out`.

        Results are received through a queue, in the order in which they finish, so that a slow task
        does not hold up the others.
        """
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
        """The tasks of the sweep.

        Missing replicates are looked up only when an experiment's turn comes: meanwhile another
        process may have stored them, or a chunk of the experiment may have failed.
        """
        for key, one in self.largest.items():
            size, missing = self.chunk or usual_size(one), self.shelf.missing(one)
            self.missing[key] = sum(count for _, count in missing)
            for first, count in missing:
                for start, n in pieces(first, count, size):
                    if not self._has_failed(key):
                        yield Task(key, one, start, n)

    def _receive(self, job: Future[Chunk], task: Task) -> None:
        """Store a finished chunk, or note the error of its experiment.

        A chunk from a worker with other code is refused, since its results could differ.
        """
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
                "a worker runs a different version of the code than this process; install the same"
                " version there",
                {},
                (),
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
        """The progress of the sweep."""
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
    """The message: which experiments failed, why the first failed, and where the others are."""
    place, error = next(iter(failed.items()))
    first, others = todo[place], len(failed) - 1
    more = f" (and {others} more)" if others else ""
    label = first.name or first.reward.name or first.reward.text
    kept = f"stored in {store}" if store is not None else "in `records` of this error"
    return (
        f'experiment {place + 1} of {len(todo)}, "{label}" with the {first.agent.kind} agent,{more}'
        f" failed: {error}; {len(todo) - len(failed)} of {len(todo)} are complete and {kept}"
    )
