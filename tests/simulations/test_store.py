"""The store: killed for real and resumed with the same bits, shared by processes, and never anybody
else's file.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import Experiment, LearningRule, Record, Tabular, bank, run
from simulations.sweep import Store, StoreError, SweepStatus, sweep
from simulations.sweep.chunks import Chunk, run_chunk
from tests.support.changes import changed
from tests.support.children import described, make_store, server, started, sweep_into

Damage = Callable[[bytes, random.Random], bytes]


def small(**changes: Any) -> Experiment:
    tabular = Experiment(
        reward=Reward.parse("c - (q - c)^2"),
        agent=Tabular(),
        world=bank(16, 3),
        elsewhere=bank(16, 3, shift=1),
        training=LearningRule(batch=8),
        steps=20,
        replicates=6,
        checkpoints=3,
    )
    return changed(tabular, **changes)


def child(store: Path, steps: int, replicates: int, chunk: int) -> ForkServerProcess:
    ready = server().Event()
    process = started(sweep_into, store, steps, replicates, chunk, ready)
    assert ready.wait(600)
    return process


def stored(path: Path, todo: Sequence[Experiment]) -> int:
    with Store(path) as store:
        return sum(store.done(one) for one in todo)


def rows(path: Path) -> int:
    """The replicates in a store, whose tables exist, counted without asking which they are."""
    connection = sqlite3.connect(path)
    (count,) = connection.execute("SELECT total(count) FROM chunk").fetchone()
    connection.close()
    return int(count)


def spans(path: Path) -> list[tuple[int, int, int]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(
            "SELECT experiment, first, count FROM chunk ORDER BY experiment, first"
        ).fetchall()
    connection.close()
    return found


# --- kill -9


def kill_somewhere(
    path: Path, todo: Sequence[Experiment], chunk: int, more: int, wait: float
) -> int:
    """Let a child sweep until it has stored `more` replicates and a little longer, then kill it;
    what is left.
    """
    before = stored(path, todo)
    process = child(path, todo[0].steps, todo[0].replicates, chunk)
    while rows(path) < before + more and process.is_alive():
        time.sleep(0.001)
    time.sleep(wait)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL, "it was to be killed before its end"
    return stored(path, todo)


def complete(path: Path, todo: Sequence[Experiment]) -> None:
    """Do here what is missing: nothing is computed twice, and the bits are those of plain runs."""
    before, seen = stored(path, todo), list[SweepStatus]()
    records = sweep(todo, store=path, chunk=1, watch=seen.append)
    total = sum(one.replicates for one in todo)
    assert (seen[0].resumed, seen[-1].done, len(seen) - 1) == (before, total, total - before)
    assert [record.digest for record in records] == [run(one).digest for one in todo]


def finish(path: Path, todo: Sequence[Experiment]) -> None:
    """Complete all that was described, each replicate once."""
    complete(path, todo)
    total = sum(one.replicates for one in todo)
    covered = [(place, first + i) for place, first, count in spans(path) for i in range(count)]
    assert len(covered) == len(set(covered)) == total


def test_killed_at_any_moment_a_sweep_resumes_with_what_is_missing_and_the_same_bits(
    tmp_path,
) -> None:
    path, todo, chance = (
        tmp_path / "store",
        described(3000, 10_000),
        random.Random(3),
    )  # it never comes to its end
    left = [
        kill_somewhere(path, todo, n, chance.randrange(1, 9), chance.uniform(0, 0.03))
        for n in (1, 2, 3)
    ]
    assert 0 < left[0] < left[1] < left[2]  # nothing is ever lost
    complete(path, tuple(replace(one, replicates=left[2] + 3) for one in todo))


@pytest.mark.slow
def test_killed_many_times_while_writing_all_the_time(tmp_path) -> None:
    todo, chance = (
        described(20, 3000),
        random.Random(4),
    )  # tasks of a millisecond: it writes without a pause
    for trial in range(20):
        path = tmp_path / f"store{trial}"
        kill_somewhere(path, todo, 1, chance.randrange(1, 200), chance.uniform(0, 0.05))
        complete(path, tuple(replace(one, replicates=400) for one in todo))


def test_killed_before_anything_is_written_a_store_can_still_be_opened(tmp_path) -> None:
    for name, statement in (("empty", None), ("log", "PRAGMA journal_mode = WAL")):
        path = tmp_path / name
        path.touch()
        if statement:
            connection = sqlite3.connect(path)
            connection.execute(statement)
            connection.close()
        assert stored(path, [small()]) == 0


# --- two at once


def test_two_processes_write_into_one_store(tmp_path) -> None:
    path, todo = tmp_path / "store", described(300, 40)
    both = [child(path, 300, 40, chunk) for chunk in (3, 4)]  # chunks that overlap in every way
    for process in both:
        process.join(600)
    assert [process.exitcode for process in both] == [0, 0]
    finish(path, todo)


def test_one_of_two_writers_is_killed_and_the_other_loses_nothing(tmp_path) -> None:
    path, todo = tmp_path / "store", described(300, 40)
    victim, other = (child(path, 300, 40, chunk) for chunk in (3, 4))
    stored(path, todo)  # makes the store, where neither has yet
    while rows(path) < 20:
        time.sleep(0.001)
    victim.kill()
    for process in (victim, other):
        process.join(600)
    assert (victim.exitcode, other.exitcode) == (-signal.SIGKILL, 0)
    finish(path, todo)


def test_several_processes_make_one_store_at_once(tmp_path) -> None:
    together = server().Barrier(4)
    processes = [started(make_store, tmp_path / "store", together) for _ in range(4)]
    for process in processes:
        process.join(600)
    assert [process.exitcode for process in processes] == [0] * 4


def test_a_writer_waits_for_another(tmp_path) -> None:
    """While one connection holds the lock for a while, a child's sweep waits and then succeeds."""
    path = tmp_path / "store"
    Store(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    process = child(path, 20, 4, 1)
    time.sleep(0.5)
    assert process.is_alive()
    connection.execute("COMMIT")
    process.join(600)
    assert process.exitcode == 0
    connection.close()
    assert stored(path, described(20, 4)) == 12


# --- rows


def test_rows_never_overlap_and_reading_cuts_where_asked(tmp_path) -> None:
    one, whole = small(replicates=10), run(small(replicates=10))
    with Store(tmp_path / "store") as store:
        for first, count in ((4, 2), (0, 3), (2, 7), (1, 4), (8, 2)):
            store.add(one, run_chunk(one, first, count))
        assert store.missing(one) == []
        parts = list(store.parts(replace(one, replicates=7)))
        digest = store.record(one).digest
    assert [(first, count) for _, first, count in spans(tmp_path / "store")] == [
        (0, 3),
        (3, 1),
        (4, 2),
        (6, 3),
        (9, 1),
    ]
    assert [len(part["in/ece"]) for part in parts] == [3, 1, 2, 1]
    assert np.array_equal(
        np.concatenate([part["out/ece"] for part in parts]), whole.outside["ece"][:7]
    )
    assert digest == whole.digest


def test_missing_replicates_are_told_and_not_made_up(tmp_path) -> None:
    with Store(tmp_path / "store") as store:
        assert (store.done(small()), store.missing(small())) == (0, [(0, 6)])
        store.add(small(), run_chunk(small(), 1, 2))
        assert (store.done(small()), store.missing(small())) == (2, [(0, 1), (3, 3)])
        with pytest.raises(StoreError, match="lacks 4 of 6 replicates"):
            store.record(small())


def test_an_undefined_auroc_stays_undefined(tmp_path) -> None:
    one = small()
    chunk = run_chunk(one, 0, 6)
    numbers = {name: array.copy() for name, array in chunk.numbers.items()}
    numbers["in/auroc"][2, 1] = np.nan
    with Store(tmp_path / "store") as store:
        store.add(one, replace(chunk, numbers=numbers))
        store.add(one, replace(chunk, numbers=numbers))  # NaN is equal to itself here: the bits are
        assert np.isnan(store.record(one).metric("auroc")).sum() == 1


def test_other_code_means_other_results(tmp_path) -> None:
    path = tmp_path / "store"
    sweep([small()], store=path)
    with Store(path, code="of the paper") as store:
        assert store.done(small()) == 0
        store.add(small(), run_chunk(small(), 0, 6))
        assert store.done(small()) == 6
    assert stored(path, [small()]) == 6


def test_contradicting_bits_are_refused(tmp_path) -> None:
    chunk = run_chunk(small(), 0, 6)
    changed = {name: array.copy() for name, array in chunk.numbers.items()}
    changed["in/ece"][4, 1] = np.nextafter(changed["in/ece"][4, 1], 1)
    with Store(tmp_path / "store") as store:
        store.add(small(), run_chunk(small(), 3, 2))
        with pytest.raises(
            StoreError,
            match=r'holds replicates 3 to 4 of "c - \(q - c\)\^2" with different numbers',
        ):
            store.add(small(), Chunk(0, changed, 1.0, ""))
        assert store.done(small()) == 2  # the transaction left nothing behind


# --- foreign files


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("All of my results.\n" * 400)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a store of sweeps, or it is damaged"):
        sweep([small()], store=path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path) -> None:
    path = tmp_path / "photos.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photo (id INTEGER)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database of another program"):
        sweep([small()], store=path)
    assert path.read_bytes() == before


def test_a_store_of_a_later_layout_is_refused(tmp_path) -> None:
    Store(tmp_path / "store").close()
    connection = sqlite3.connect(tmp_path / "store")
    connection.execute("PRAGMA user_version = 4")
    connection.close()
    with pytest.raises(
        StoreError, match="is a store with layout 4, but this version reads layout 3"
    ):
        Store(tmp_path / "store")


def test_a_directory_is_no_store(tmp_path) -> None:
    with pytest.raises(StoreError, match="cannot be used as a store: unable to open"):
        Store(tmp_path)


def test_a_torn_file_is_refused_and_left_alone(tmp_path) -> None:
    path = tmp_path / "store"
    sweep([small(replicates=60)], store=path, chunk=1)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 // 4096 * 4096])
    torn = path.read_bytes()
    with pytest.raises(StoreError, match="is not a store of sweeps, or it is damaged"):
        list(sweep([small(replicates=60)], store=path))
    assert path.read_bytes() == torn


def test_a_changed_number_is_found(tmp_path) -> None:
    path = tmp_path / "store"
    records = sweep([small()], store=path, chunk=2)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE chunk SET numbers = zeroblob(length(numbers)) WHERE first = 2")
    connection.commit()
    connection.close()
    with pytest.raises(
        StoreError, match="is damaged: the numbers of replicates 2 to 3 have changed"
    ):
        records[0]


def test_records_of_a_store_can_be_saved_like_any_other(tmp_path) -> None:
    (record,) = sweep([small()], store=tmp_path / "store")
    record.save(tmp_path / "record")
    assert Record.load(tmp_path / "record").digest == record.digest


# --- damage, full disks


def damaged(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "first = 6 WHERE first = 4",  # the numbers of other replicates
        "count = 1 WHERE first = 4",
        "count = 0 WHERE first = 4",
        "count = 'two' WHERE first = 4",
        "first = -1 WHERE first = 4",
        "names = replace(names, 'in/', 'out/') WHERE first = 4",
        "names = x'00ff' WHERE first = 4",
        "seconds = 1e300 WHERE first = 4",
        "digest = '' WHERE first = 4",
        "numbers = 'text' WHERE first = 4",
        "experiment = 3 - experiment WHERE first = 4",
    ],
)
def test_no_part_of_a_row_can_change_unnoticed(tmp_path, change) -> None:
    path, todo = tmp_path / "store", (small(replicates=8), small(replicates=4, seed=1))
    sweep(todo, store=path, chunk=2)
    damaged(path, "DELETE FROM chunk WHERE first = 6")  # room for numbers that move
    damaged(path, f"UPDATE chunk SET {change}")
    more = (todo[0], replace(todo[1], replicates=6))
    with pytest.raises(StoreError, match="is damaged"):
        [record.digest for record in sweep(more, store=path, chunk=2)]


def test_rows_that_overlap_are_found(tmp_path) -> None:
    """As after damage of the index that keeps them apart; a record never comes out short."""
    path = tmp_path / "store"
    for first, count in ((0, 3), (2, 4)):
        with Store(tmp_path / f"part{first}") as store:
            store.add(small(), run_chunk(small(), first, count))
    with sqlite3.connect(tmp_path / "part0") as connection:
        connection.execute("ATTACH ? AS other", (str(tmp_path / "part2"),))
        connection.execute("INSERT INTO chunk SELECT * FROM other.chunk")
    connection.close()
    (tmp_path / "part0").rename(path)
    with Store(path) as store, pytest.raises(StoreError, match="chunks of one experiment overlap"):
        store.record(small())


def same_bits_or_a_sentence(path: Path, todo: Sequence[Experiment], digests: list[str]) -> bool:
    """Whether a sweep into a damaged store gave the right bits; else it named the file."""
    try:
        found = [record.digest for record in sweep(todo, store=path, chunk=2)]
    except StoreError as error:
        said = str(error)
    else:
        assert found == digests
        return True
    assert str(path) in said
    return False


def flipped(whole: bytes, chance: random.Random) -> bytes:
    """One to three bits changed."""
    data = bytearray(whole)
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overwritten(whole: bytes, chance: random.Random) -> bytes:
    """One page of zeros, of noise, or of another page."""
    data, pages = bytearray(whole), len(whole) // 4096
    at, other = 4096 * chance.randrange(pages), 4096 * chance.randrange(pages)
    new = (bytes(4096), chance.randbytes(4096), whole[other : other + 4096])[chance.randrange(3)]
    data[at : at + 4096] = new
    return bytes(data)


def truncated(whole: bytes, chance: random.Random) -> bytes:
    return whole[: chance.randrange(len(whole))]


def damage_many(tmp_path: Path, damage: Damage, trials: int, seed: int) -> int:
    todo = (small(replicates=6), small(replicates=4, seed=1))
    path, chance = tmp_path / "store", random.Random(seed)
    digests = [record.digest for record in sweep(todo, store=path, chunk=2)]
    whole, right = path.read_bytes(), 0
    more = (todo[0], replace(todo[1], replicates=6))  # it has to write as well
    for trial in range(trials):
        copy = tmp_path / f"damaged{trial}"
        copy.write_bytes(damage(whole, chance))
        right += same_bits_or_a_sentence(copy, more, [digests[0], run(more[1]).digest])
    return right


@pytest.mark.parametrize("damage", [flipped, overwritten, truncated])
def test_damaged_files_give_the_same_bits_or_a_sentence(tmp_path, damage) -> None:
    assert damage_many(tmp_path, damage, 15, 1) < 15


@pytest.mark.slow
@pytest.mark.parametrize("damage", [flipped, overwritten, truncated])
def test_many_damaged_files_give_the_same_bits_or_a_sentence(tmp_path, damage) -> None:
    assert damage_many(tmp_path, damage, 400, 2) < 400


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of this size, in memory; only Linux's root may make one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def enlarge(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.mark.parametrize("size", ["160k", pytest.param("400k", marks=pytest.mark.slow)])
def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path, size) -> None:
    todo = (small(replicates=300), small(replicates=300, seed=1))
    with small_disk(tmp_path / "disk", size) as disk:
        path = disk / "store"
        with pytest.raises(StoreError, match="cannot grow, since the disk is full"):
            sweep(todo, store=path, chunk=5)
        with pytest.raises(StoreError, match="cannot grow, since the disk is full"):
            sweep(todo, store=path, chunk=5)  # it still says so
        enlarge(disk, "20m")
        assert stored(path, todo) > 0
        finish(path, todo)


@pytest.mark.parametrize("left", [0, 1, 5, 9, 40])
def test_a_disk_without_room_for_a_store_is_a_sentence(tmp_path, left) -> None:
    """`left` pages are free: the file itself, its log or its index find no room."""
    with small_disk(tmp_path / "disk", "400k") as disk:
        (disk / "others").write_bytes(bytes((100 - left) * 4096))
        with pytest.raises(StoreError, match="disk is full"):
            sweep([small(replicates=400)], store=disk / "store", chunk=5)
        (disk / "others").unlink()
        (record,) = sweep([small()], store=disk / "store")
        assert record.digest == run(small()).digest


# --- another version


def test_another_version_computes_anew_and_keeps_what_is_there(tmp_path, monkeypatch) -> None:
    path, seen = tmp_path / "store", list[SweepStatus]()
    (before,) = sweep([small()], store=path)
    digest = before.digest
    for module in ("store", "chunks", "schedule"):
        monkeypatch.setattr(f"simulations.sweep.{module}.code_version", lambda: "of tomorrow")
    (after,) = sweep([small()], store=path, watch=seen.append)
    assert (seen[0].resumed, after.digest) == (0, digest)
    assert [count for _, _, count in spans(path)] == [6, 6]
    monkeypatch.undo()
    assert stored(path, [small()]) == 6
