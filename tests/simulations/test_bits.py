"""One description, one set of bits: for any executor, any chunks, any order, any number of
replicates beside it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.reward import Reward
from simulations import (
    Coupled,
    Experiment,
    LearningRule,
    SelfProbability,
    Tabular,
    bank,
    feature_world,
    run,
)
from simulations.sweep import key_of, sweep
from simulations.sweep.chunks import random_streams_of, run_chunk
from simulations.sweep.identity import _computes, _hash, code_version
from simulations.training import random_streams
from tests.support.changes import changed
from tests.support.examples import examples

BRIER = Reward.parse("c - (q - c)^2", name="brier")
LOG = Reward.parse("c + log(1 - abs(q - c))", name="log")


def small(**changes: Any) -> Experiment:
    tabular = Experiment(
        reward=BRIER, agent=Tabular(), world=bank(32, 4), elsewhere=bank(32, 4, shift=1),
        training=LearningRule(batch=8), steps=60, replicates=5, checkpoints=4,
    )  # fmt: skip
    return changed(tabular, **changes)


def experiments() -> tuple[Experiment, ...]:
    home, away = feature_world(64), feature_world(64, shift=1.5)
    seen = {"world": home, "elsewhere": away, "learning_rate": 0.05}
    return (
        small(),
        small(reward=LOG, estimator="group_std"),
        small(agent=Coupled(), **seen),
        small(agent=SelfProbability(), replicates=3, **seen),
        small(update="replicator", estimator="none", learning_rate=0.1),
        small(estimator="none", batch=1, group_size=1, replicates=9, keep_policy="last"),
    )


@pytest.fixture(scope="module")
def alone() -> list[str]:
    return [run(experiment, threads=1).digest for experiment in experiments()]


class Backwards(Executor):
    """Runs all tasks at the end, the last one first, in this thread: the worst order."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        job: Future[Any] = Future()
        self.waiting.append((job, lambda: function(*args, **options)))
        if len(self.waiting) == 7:
            self.flush()
        return job

    def flush(self) -> None:
        while self.waiting:
            job, work = self.waiting.pop()
            job.set_result(work())


@pytest.mark.parametrize("chunk", [None, 1, 2, 5, 64])
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_chunks(alone, threads, chunk) -> None:
    with ThreadPoolExecutor(threads) as executor:
        assert [record.digest for record in sweep(experiments(), executor, chunk=chunk)] == alone
        assert executor.submit(int).result() == 0  # left open


def test_threads_that_work_at_the_same_time_share_no_room() -> None:
    # Long enough for threads to overlap: with one room for all of them the digests differ every
    # time.
    long = small(steps=2000, replicates=12, checkpoints=40)
    assert run(long, threads=4).digest == run(long, threads=1).digest


@pytest.mark.parametrize("at_once", [1, 3])
def test_any_number_of_tasks_at_once(alone, at_once) -> None:
    assert [record.digest for record in sweep(experiments(), chunk=2, at_once=at_once)] == alone


def test_any_order_of_experiments(alone) -> None:
    assert [record.digest for record in sweep(experiments()[::-1], chunk=2)] == alone[::-1]


def test_any_order_of_tasks(alone, tmp_path) -> None:
    todo = experiments()[:4]
    assert sum(one.replicates for one in todo) == 18
    backwards = Backwards()
    todo = (*todo, small(seed=9, replicates=3))  # 21 tasks: three full loads
    records = sweep(todo, backwards, chunk=1, store=tmp_path / "store")
    assert backwards.waiting == []
    assert [record.digest for record in records][:4] == alone[:4]


@pytest.mark.slow
def test_processes(alone, tmp_path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        records = sweep(experiments(), executor, chunk=3, store=tmp_path / "store")
    assert [record.digest for record in records] == alone


def test_replicates_added_later_change_nothing(alone, tmp_path) -> None:
    store, seen = tmp_path / "store", []
    assert [r.digest for r in sweep([small(replicates=3)], store=store, chunk=2)] == [
        run(small(replicates=3)).digest
    ]
    more = sweep([small()], store=store, watch=seen.append)
    assert more[0].digest == alone[0]
    assert (seen[0].resumed, seen[-1].done) == (3, 5)
    assert sweep([small(replicates=2)], store=store)[0].digest == run(small(replicates=2)).digest


def test_the_same_experiment_twice_under_two_names_and_lengths_is_computed_once() -> None:
    seen, todo = [], (small(replicates=2, name="short"), small(name="long"), small(replicates=2))
    records = sweep(todo, watch=seen.append, chunk=1)
    assert (seen[-1].done, seen[-1].total, len(seen)) == (5, 5, 6)
    assert [record.name for record in records] == ["short", "long", "brier"]
    assert [record.digest for record in records] == [run(one).digest for one in todo]


def test_a_chunk_is_a_part_of_the_whole() -> None:
    whole, chunk = run(small()), run_chunk(small(), 1, 3)
    assert all(
        np.array_equal(chunk.numbers[f"in/{name}"], whole.inside[name][1:4])
        for name in whole.inside
    )
    assert all(
        np.array_equal(chunk.numbers[f"out/{name}"], whole.outside[name][1:4])
        for name in whole.outside
    )
    assert (chunk.first, chunk.code) == (1, code_version())
    assert chunk.seconds > 0


@given(seed=st.integers(0, 2**64), replicate=st.integers(0, 40))
@examples(30)
def test_the_luck_of_one_is_the_luck_among_all(seed, replicate) -> None:
    mine, among = random_streams_of(seed, replicate), random_streams(seed, replicate + 1)[replicate]
    assert np.array_equal(mine.stream, among.stream)
    assert np.array_equal(mine.prior.random(3), among.prior.random(3))


def test_no_two_replicates_share_a_stream() -> None:
    streams = {random_streams_of(seed, i).stream.tobytes() for seed in range(4) for i in range(500)}
    assert len(streams) == 2000


# --- identity


CHANGES: dict[str, dict[str, Any]] = {
    "reward": {"reward": LOG},
    "agent": {"agent": Tabular(levels=21)},
    "prior": {"agent": Tabular(mode=0.5)},
    "world": {"world": bank(32, 4, seed=3)},
    "elsewhere": {"elsewhere": bank(32, 4)},
    "steps": {"steps": 61},
    "outcomes": {"world": replace(bank(32, 4), outcomes="shared")},
    "estimator": {"estimator": "none"},
    "group": {"group_size": 4},
    "batch": {"batch": 4},
    "rate": {"learning_rate": 0.5},
    "seed": {"seed": 1},
    "checkpoints": {"checkpoints": 5},
    "drift": {"drifts_to": bank(32, 4, shift=2)},
    "kl": {"kl": 0.1},
}


def test_whatever_acts_changes_the_key() -> None:
    keys = {name: key_of(small(**changes)) for name, changes in CHANGES.items()} | {
        "itself": key_of(small())
    }
    assert len(set(keys.values())) == len(keys)


def test_what_does_not_act_does_not() -> None:
    renamed = replace(BRIER, name="RLCR", source="a paper")
    for same in (
        small(name="x"),
        small(replicates=50),
        small(reward=renamed),
        small(checkpoints=(0, 20, 40, 60)),
    ):
        assert key_of(same) == key_of(small())


def test_parts_that_print_alike_have_their_own_hash() -> None:
    values = (
        1,
        1.0,
        True,
        "1",
        b"1",
        None,
        (1,),
        ((1,),),
        (1, 2),
        ("1, 2",),
        {"a": 1},
        {"a": {"b": 1}},
        {"a": "b", "c": 1},
        np.array([1.0]),
        np.array([[1.0]]),
        np.array([1]),
        (),
        {},
        "",
        "('a',)",
        ("a",),
        0.1 + 0.2,
        0.3,
        run,
        sweep,
    )
    assert len({_hash(value) for value in values}) == len(values)
    assert _hash({"a": 1, "b": 2}) == _hash({"b": 2, "a": 1})
    assert _hash(np.float64(0.1)) == _hash(0.1)


@dataclass(frozen=True)
class Nameless(Tabular):
    """An agent with a part that has no name to be known by."""

    rule: Callable[[], None] = lambda: None


def test_a_part_that_cannot_be_told_from_another_is_refused() -> None:
    with pytest.raises(
        TypeError, match="must consist of data, arrays, dataclasses and named functions, got <func"
    ):
        key_of(small(agent=Nameless()))


def test_the_code_version_covers_what_computes_and_nothing_that_only_schedules_or_draws() -> None:
    computing = ("metrics.py", "agents/tabular.py", "training/kernels.py", "experiment.py")
    assert all(_computes(Path(name)) for name in computing)
    assert not any(_computes(Path(name)) for name in ("sweep/store.py", "figures/training.py"))
    assert len(code_version()) == 64
