"""The same sweep on clusters of processes: the same bits, also when a worker is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.reward import Reward
from simulations import Coupled, Experiment, LearningRule, Tabular, bank, feature_world, run
from simulations.sweep import Store, SweepError, SweepStatus, sweep
from tests.support.changes import changed

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings("default")  # clusters warn about themselves


def experiments() -> tuple[Experiment, ...]:
    """One of each kernel, and a plain bandit."""
    home, away = feature_world(64), feature_world(64, shift=1.5)
    tabular = Experiment(
        reward=Reward.parse("c - (q - c)^2"), agent=Tabular(), world=bank(32, 4),
        elsewhere=bank(32, 4, shift=1), training=LearningRule(batch=8), steps=60, replicates=5,
        checkpoints=4,
    )  # fmt: skip
    seen = {"world": home, "elsewhere": away, "agent": Coupled(), "learning_rate": 0.05}
    bandit = {"batch": 1, "group_size": 1, "estimator": "none", "replicates": 12}
    return tabular, changed(tabular, **seen), changed(tabular, **bandit)


@pytest.fixture(scope="module")
def alone() -> list[str]:
    return [run(experiment, threads=1).digest for experiment in experiments()]


@pytest.fixture(scope="module")
def dask_client() -> Iterator[Any]:
    """A client of a cluster of two worker processes, which replaces workers that die."""
    distributed = pytest.importorskip("dask.distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def loky_workers() -> Iterator[Callable[[], Executor]]:
    """Two worker processes of loky; after a failure, the next call starts new ones."""
    loky = pytest.importorskip("loky")
    yield lambda: loky.get_reusable_executor(2)
    loky.get_reusable_executor(2).shutdown(wait=True, kill_workers=True)


class Killer:
    """Counts the reports of a sweep, and kills a worker after the third."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.seen: list[SweepStatus] = []

    def __call__(self, status: SweepStatus) -> None:
        self.seen.append(status)
        if len(self.seen) == 3:
            os.kill(self.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bits_and_reports_progress(alone, dask_client) -> None:
    seen: list[SweepStatus] = []
    finished: list[tuple[int, int]] = []
    records = sweep(
        experiments(), dask_client.get_executor(), chunk=2, watch=seen.append,
        progress=lambda *numbers: finished.append(numbers),
    )  # fmt: skip
    assert [record.digest for record in records] == alone
    assert finished == [(1, 3), (2, 3), (3, 3)]
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 22, 22)
    assert len(set(dask_client.run(os.getpid).values()) - {os.getpid()}) == 2


@pytest.mark.slow
def test_a_dask_cluster_replaces_a_worker_that_is_killed(alone, dask_client, tmp_path) -> None:
    """The scheduler gives the lost tasks to other workers: the sweep does not notice."""
    killer = Killer(min(dask_client.run(os.getpid).values()))
    executor = dask_client.get_executor()
    records = sweep(experiments(), executor, store=tmp_path / "s", chunk=1, at_once=4, watch=killer)
    assert [record.digest for record in records] == alone
    assert killer.seen[-1].done == killer.seen[-1].total == 22
    for _ in range(300):  # until the scheduler has noticed
        if killer.pid not in dask_client.run(os.getpid, on_error="ignore").values():
            return
        time.sleep(0.1)
    pytest.fail("the killed worker is still there")


@pytest.mark.slow
def test_loky_gives_the_same_bits(alone, loky_workers) -> None:
    records = sweep(experiments(), loky_workers(), chunk=2)
    assert [record.digest for record in records] == alone


@pytest.mark.slow
def test_after_a_killed_worker_of_loky_the_same_call_goes_on(alone, loky_workers, tmp_path) -> None:
    """loky gives up all its workers; what is done is in the store, and new workers do the rest."""
    store = tmp_path / "s"
    killer = Killer(loky_workers().submit(os.getpid).result())
    with pytest.raises(SweepError, match="lost its workers; finished chunks are in the store"):
        sweep(experiments(), loky_workers(), store=store, chunk=1, at_once=4, watch=killer)
    with Store(store) as opened:
        done = sum(opened.done(one) for one in experiments())
    assert 2 <= done < 22
    seen: list[SweepStatus] = []
    records = sweep(experiments(), loky_workers(), store=store, chunk=1, watch=seen.append)
    assert [record.digest for record in records] == alone
    assert (seen[0].resumed, seen[-1].done) == (done, 22)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["loky", "dask.distributed"])
def test_the_page_on_clusters_runs(library, tmp_path) -> None:
    pytest.importorskip(library)
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    (code,) = [c for c in re.findall(r"```python\n(.*?)```", page, re.S) if f"from {library} " in c]
    script = tmp_path / "study.py"
    script.write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sweep.sqlite").is_file()
