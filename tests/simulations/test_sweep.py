"""Sweeps: what they report, what they say when something fails, and that memory does not grow with
replicates.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.reward import Reward
from simulations import Coupled, Experiment, LearningRule, Tabular, bank, run
from simulations.sweep import Store, SweepError, SweepStatus, bar, sweep
from simulations.sweep.chunks import usual_size
from tests.support.changes import changed

ROOT = Path(__file__).resolve().parents[2]
BRIER = Reward.parse("c - (q - c)^2", name="brier")


def small(**changes: Any) -> Experiment:
    tabular = Experiment(
        reward=BRIER, agent=Tabular(), world=bank(16, 3), elsewhere=bank(16, 3, shift=1),
        training=LearningRule(batch=8), steps=20, replicates=4, checkpoints=3,
    )  # fmt: skip
    return changed(tabular, **changes)


BROKEN = small(agent=Coupled(), name="a table of contents")  # its world has no features
BAD_REWARD = small(reward=Reward.parse("c + log(abs(q - 1/2))"))


class Fake(Executor):
    """Answers every task with what a function makes of its result."""

    def __init__(self, change: Callable[[Any], Any]) -> None:
        self.change = change

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        job: Future[Any] = Future()
        found = self.change(function(*args, **options))
        if isinstance(found, BaseException):
            job.set_exception(found)
        else:
            job.set_result(found)
        return job


# --- results


def test_no_experiments_no_records(tmp_path) -> None:
    assert sweep([]) == ()
    assert list(sweep([], store=tmp_path / "store")) == []


def test_records_know_what_they_cost_and_what_made_them() -> None:
    (record,) = sweep([small()])
    assert record.metadata["rollouts"] == small().rollouts
    assert record.metadata["seconds"] >= 0
    assert {"scoring-theory", "numpy", "numba"} <= set(record.metadata["versions"])
    assert dict(record.description) == run(small()).description


def test_stored_records_are_a_sequence_that_is_read_when_asked(tmp_path) -> None:
    todo = (small(), small(seed=1), small(seed=2))
    records = sweep(todo, store=tmp_path / "deep" / "store")
    digests = [run(one).digest for one in todo]
    assert (len(records), records[-1].digest, [r.digest for r in records]) == (
        3,
        digests[2],
        digests,
    )
    assert [record.digest for record in records[1:]] == digests[1:]
    with pytest.raises(IndexError):
        records[3]


@pytest.mark.parametrize("name", ["chunk", "at_once"])
def test_numbers_below_one_are_refused(name) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1, got 0"):
        sweep([small()], **{name: 0})


def test_tasks_are_of_about_equal_work() -> None:
    assert usual_size(small()) == 64
    assert usual_size(small(steps=4096, batch=8, group_size=8)) == 8
    assert usual_size(small(steps=10**7)) == 1


# --- reports


def test_progress_counts_experiments_and_watch_counts_replicates(tmp_path) -> None:
    counted: list[tuple[int, int]] = []
    seen: list[SweepStatus] = []
    todo = (small(), small(seed=1))
    sweep(
        todo, chunk=1, progress=lambda done, total: counted.append((done, total)), watch=seen.append
    )
    assert counted == [(1, 2), (2, 2)]
    assert [status.done for status in seen] == list(range(9))
    assert {status.total for status in seen} == {8}
    assert seen[0].seconds_left == math.inf
    assert (seen[-1].seconds_left, seen[-1].rollouts) == (0.0, 2 * small().rollouts)
    assert seen[4].seconds_left == pytest.approx(seen[4].seconds)  # half done


def test_a_finished_sweep_reports_that_it_is_finished(tmp_path) -> None:
    counted: list[tuple[int, int]] = []
    seen: list[SweepStatus] = []
    sweep([small()], store=tmp_path / "store")
    sweep(
        [small()],
        store=tmp_path / "store",
        progress=lambda *n: counted.append(n),
        watch=seen.append,
    )
    assert (counted, len(seen)) == ([(1, 1)], 1)
    assert (seen[0].resumed, seen[0].done, seen[0].rollouts, seen[0].seconds_left) == (4, 4, 0, 0.0)


def test_the_bar_tells_how_it_ended(capsys) -> None:
    with bar("sweep") as watch:
        sweep([small()], watch=watch)
    assert capsys.readouterr().err.startswith("sweep: 4 of 4 replicates, ")
    with bar() as watch:
        pass
    assert capsys.readouterr().err == ""


def test_a_status_in_words() -> None:
    at_first = SweepStatus(done=0, total=9, resumed=0, rollouts=0, rollouts_left=5, seconds=0.0)
    assert str(at_first) == "0 of 9 replicates, 0.0 million rollouts/s, time left unknown"
    half = SweepStatus(
        done=5, total=9, resumed=0, rollouts=6 * 10**6, rollouts_left=10**7, seconds=2.0
    )
    assert str(half) == "5 of 9 replicates, 3.0 million rollouts/s, 3 s left"
    early = SweepStatus(
        done=8, total=9, resumed=0, rollouts=1_000, rollouts_left=100_001, seconds=2.0
    )
    assert str(early).endswith("time left unknown")


# --- failures


@pytest.mark.parametrize("stored", [True, False])
def test_the_failure_of_one_names_it_and_leaves_the_others(tmp_path, stored) -> None:
    todo = (small(), BROKEN, small(seed=1))
    with pytest.raises(SweepError) as caught:
        sweep(todo, chunk=1, **({"store": tmp_path / "store"} if stored else {}))
    said = str(caught.value)
    assert said.startswith(
        'experiment 2 of 3, "a table of contents" with the coupled agent, failed: '
    )
    assert "this world has none" in said
    assert said.endswith(
        f"stored in {tmp_path / 'store'}" if stored else "in `records` of this error"
    )
    assert list(caught.value.failed) == [1]
    assert isinstance(caught.value.__cause__, ValueError)
    assert [record.digest for record in caught.value.records] == [
        run(todo[0]).digest,
        run(todo[2]).digest,
    ]
    if stored:
        with Store(tmp_path / "store") as store:
            assert [store.done(one) for one in todo] == [4, 0, 4]


def test_several_failures_are_counted_and_a_bad_reward_is_one_of_them() -> None:
    with pytest.raises(
        SweepError, match=r"experiment 1 of 3, .* \(and 1 more\) failed: .*set `floor`"
    ) as caught:
        sweep((BAD_REWARD, small(), BROKEN))
    assert sorted(caught.value.failed) == [0, 2]
    assert len(caught.value.records) == 1


def test_a_worker_with_other_code_is_found_out(tmp_path) -> None:
    with pytest.raises(SweepError, match="a worker runs a different version of the code"):
        sweep(
            [small()],
            Fake(lambda chunk: replace(chunk, code="of yesterday")),
            store=tmp_path / "store",
        )
    with Store(tmp_path / "store") as store:
        assert store.done(small()) == 0


def test_lost_workers_are_not_blamed_on_an_experiment(tmp_path) -> None:
    calls: list[int] = []

    def third_dies(chunk: Any) -> Any:
        calls.append(1)
        return BrokenExecutor("killed") if len(calls) == 3 else chunk

    with pytest.raises(SweepError, match="the executor lost its workers"):
        sweep([small()], Fake(third_dies), store=tmp_path / "store", chunk=1, at_once=1)
    with Store(tmp_path / "store") as store:
        assert store.done(small()) == 2
    assert sweep([small()], store=tmp_path / "store")[0].digest == run(small()).digest


def test_an_interrupt_in_a_report_keeps_what_is_done(tmp_path) -> None:
    def stop(status: SweepStatus) -> None:
        if status.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep([small()], store=tmp_path / "store", chunk=1, watch=stop)
    with Store(tmp_path / "store") as store:
        assert store.done(small()) == 2


# --- memory


def peak_of(path: Path, replicates: int) -> tuple[int, int]:
    """Bytes at the peak of a sweep into a store, and of reading it again."""
    one = small(replicates=replicates, steps=20, checkpoints=21)
    tracemalloc.start()
    records = sweep([one], store=path, chunk=8, at_once=8)
    swept = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    sum(float(part["in/accuracy"].sum()) for part in records.parts(0))
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return swept, read


@pytest.mark.slow
def test_memory_does_not_grow_with_replicates(tmp_path) -> None:
    peak_of(tmp_path / "warm", 16)
    # Already the smaller sweep has more chunks than may be under way at once.
    few, many = peak_of(tmp_path / "few", 192), peak_of(tmp_path / "many", 1536)
    everything = 1536 * 2 * 9 * 21 * 8  # bytes of all the numbers
    assert many[0] < 1.2 * few[0] + 0.1 * everything
    assert many[1] < 1.2 * few[1] + 0.1 * everything


@pytest.mark.slow
def test_ten_thousand_replicates_stream(tmp_path) -> None:
    """The resident size of a process that sweeps and exports 10,000 replicates is that of one with
    500.
    """
    pytest.importorskip("pyarrow")
    sizes = []
    for replicates in (500, 10_000):
        done = subprocess.run(
            [sys.executable, "-c", STREAM, str(tmp_path / str(replicates)), str(replicates)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        sizes.append(int(done.stdout))
    assert sizes[1] < sizes[0] + 15_000  # KiB; 10,000 records would be 90 MB


STREAM = """
import resource, sys
from scoring_theory.reward import Reward
from simulations import Experiment, LearningRule, Tabular, bank
from simulations.sweep import sweep, to_parquet
path, replicates = sys.argv[1], int(sys.argv[2])
world = bank(16, 3)
one = Experiment(reward=Reward.parse("c - (q - c)^2"), agent=Tabular(), world=world,
                 elsewhere=world, steps=60, training=LearningRule(batch=8), replicates=replicates,
                 checkpoints=61)
records = sweep([one], store=path + ".sqlite", chunk=50)
to_parquet(records, path + ".parquet")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
