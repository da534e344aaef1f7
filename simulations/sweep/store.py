"""Where finished replicates are kept: one SQLite file that survives being killed, and that several processes share.

    experiment   key (what was computed), code (by what), its description as JSON, the steps of its checkpoints
    chunk        experiment, first replicate, count, the metrics' names, their numbers, the SHA-256 of those, seconds

Every chunk is one transaction: after a kill at any moment it is there whole, or not at all. Rows of
one experiment never overlap: a chunk that comes twice, from two processes with the same sweep, is
compared bit by bit with what is there, and only what is new is written. The write-ahead log lets
others read and write meanwhile; it needs a local disk (SQLite's rule), so on a cluster the file
stays with the process that calls `sweep`, and workers never see it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, final

import numpy as np

from simulations.sweep.chunks import Chunk, assemble, gaps
from simulations.sweep.identity import code_version, key_of

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.record import Record
    from simulations.sweep.chunks import Numbers
    from simulations.training.kernels import FloatArray

APPLICATION = 0x53546872  # "SThr": the mark by which SQLite files tell whose they are
LAYOUT = 1
PATIENCE = 60.0  # seconds to wait while another process writes
_TABLES = """
CREATE TABLE experiment (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, steps TEXT NOT NULL,
    UNIQUE (key, code));
CREATE TABLE chunk (
    experiment INTEGER NOT NULL REFERENCES experiment, first INTEGER NOT NULL, count INTEGER NOT NULL,
    names TEXT NOT NULL, digest TEXT NOT NULL, seconds REAL NOT NULL, numbers BLOB NOT NULL,
    UNIQUE (experiment, first))"""


class StoreError(RuntimeError):
    """The file is no store, is damaged, or contradicts what was computed now."""


@final
class Store:
    """A file of finished replicates, for `sweep(..., store=...)` and for reading afterwards.

    Args:
        path: The file; it is made, with its parents, where there is none.
        code: The code version that results are read and written under; by default that of the
            running code. Naming one says: I answer for it that these results mean the same.

    Raises:
        StoreError: If the file is something else; it is then left as it was.

    Example:
        >>> import tempfile
        >>> from simulations import standard_experiments
        >>> from simulations.sweep import sweep
        >>> experiments = standard_experiments("short")[:2]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "sweep.sqlite"
        ...     digests = [record.digest for record in sweep(experiments, store=path)]
        ...     with Store(path) as store:
        ...         [store.done(one) for one in experiments], store.record(experiments[1]).digest == digests[1]
        ([4, 4], True)
    """

    def __init__(self, path: str | Path, *, code: str | None = None) -> None:
        self.path = Path(path)
        self.code = code_version() if code is None else code
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._said():
            self._connection = _opened(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def done(self, experiment: Experiment) -> int:
        """How many of the experiment's replicates are stored."""
        return experiment.replicates - sum(count for _, count in self.missing(experiment))

    def missing(self, experiment: Experiment) -> list[tuple[int, int]]:
        """What is not stored, as intervals: number of the first replicate, and how many."""
        query = """SELECT first, count FROM chunk JOIN experiment ON experiment.id = experiment
                   WHERE key = ? AND code = ? ORDER BY first"""
        with self._said():
            taken = self._connection.execute(query, (key_of(experiment), self.code))
            return list(gaps(taken, experiment.replicates))

    def add(self, experiment: Experiment, chunk: Chunk) -> None:
        """Write a chunk, in one transaction; of what is already there nothing is written again.

        Raises:
            StoreError: If a replicate is already there with other numbers.
        """
        names = sorted(chunk.numbers)
        block = np.stack([chunk.numbers[name] for name in names]).astype(
            "<f8"
        )  # (metrics, replicates, T)
        with self._said(), _transaction(self._connection) as connection:
            row = self._row_of(experiment)
            there = self._overlapping(row, chunk.first, block.shape[1])
            for first, old in there:
                self._require_same(experiment, chunk.first, block, first, old)
            taken = [(first - chunk.first, old.shape[1]) for first, old in there]
            for start, count in gaps(taken, block.shape[1]):
                seconds = chunk.seconds * count / block.shape[1]
                numbers = np.ascontiguousarray(block[:, start : start + count]).tobytes()
                values = (
                    row,
                    chunk.first + start,
                    count,
                    json.dumps(names),
                    _digest(numbers),
                    seconds,
                    numbers,
                )
                connection.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def parts(self, experiment: Experiment) -> Iterator[Numbers]:
        """What is stored of an experiment, chunk by chunk in the order of the replicates, one in memory at a time.

        Raises:
            StoreError: If a chunk's numbers are not those that were written.
        """
        last = experiment.replicates
        for first, names, block in self._chunks(experiment):
            if first >= last:
                return
            yield dict(zip(names, block[:, : last - first], strict=True))

    def record(self, experiment: Experiment) -> Record:
        """The record of an experiment whose replicates are all stored.

        Raises:
            StoreError: If some are missing.
        """
        if missing := self.missing(experiment):
            total = sum(count for _, count in missing)
            raise StoreError(
                f"{self.path} lacks {total} of {experiment.replicates} replicates of this"
                " experiment"
            )
        query = """SELECT sum(seconds) FROM chunk JOIN experiment ON experiment.id = experiment
                   WHERE key = ? AND code = ? AND first < ?"""
        with self._said():
            asked = (key_of(experiment), self.code, experiment.replicates)
            (seconds,) = self._connection.execute(query, asked).fetchone()
        return assemble(experiment, self.parts(experiment), seconds)

    def _chunks(self, experiment: Experiment) -> Iterator[tuple[int, list[str], FloatArray]]:
        """Chunk after chunk, each looked up when it is asked for, so that no reader holds up a writer."""
        query = """SELECT first, count, names, digest, numbers FROM chunk JOIN experiment ON experiment.id = experiment
                   WHERE key = ? AND code = ? AND first >= ? ORDER BY first LIMIT 1"""
        key, reached = key_of(experiment), 0
        while True:
            with self._said():
                found = self._connection.execute(query, (key, self.code, reached)).fetchone()
            if found is None:
                return
            reached = found[0] + found[1]
            yield found[0], json.loads(found[2]), self._block(*found)

    def _overlapping(self, row: int, first: int, count: int) -> list[tuple[int, FloatArray]]:
        query = """SELECT first, count, names, digest, numbers FROM chunk
                   WHERE experiment = ? AND first < ? AND first + count > ? ORDER BY first"""
        found = self._connection.execute(query, (row, first + count, first)).fetchall()
        return [(values[0], self._block(*values)) for values in found]

    def _block(self, first: int, count: int, names: str, digest: str, numbers: bytes) -> FloatArray:
        if _digest(numbers) != digest:
            last = first + count - 1
            raise StoreError(
                f"{self.path} is damaged: the numbers of replicates {first} to {last} have changed"
            )
        block: FloatArray = np.frombuffer(numbers, "<f8").reshape(len(json.loads(names)), count, -1)
        return block

    def _require_same(
        self, experiment: Experiment, at: int, new: FloatArray, first: int, old: FloatArray
    ) -> None:
        start, stop = max(at, first), min(at + new.shape[1], first + old.shape[1])
        if (
            new[:, start - at : stop - at].tobytes()
            != old[:, start - first : stop - first].tobytes()
        ):
            name = experiment.describe()["name"]
            raise StoreError(
                f'{self.path} holds replicates {start} to {stop - 1} of "{name}" with other numbers'
                " than were computed now, by the same code from the same description; one of the"
                " two machines is not to be trusted"
            )

    def _row_of(self, experiment: Experiment) -> int:
        where = (key_of(experiment), self.code)
        description = json.dumps({**experiment.describe(), "replicates": None}, default=str)
        self._connection.execute(
            "INSERT OR IGNORE INTO experiment (key, code, description, steps) VALUES (?, ?, ?, ?)",
            (*where, description, json.dumps(experiment.when.tolist())),
        )
        (row,) = self._connection.execute(
            "SELECT id FROM experiment WHERE key = ? AND code = ?", where
        ).fetchone()
        return int(row)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """What SQLite finds wrong, as a sentence that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(f"{self.path} cannot be used as a store: {error}") from error
        except sqlite3.DatabaseError as error:
            sentence = (
                f"{self.path} is not a store of sweeps, or is damaged ({error}); it is left as"
                " it is"
            )
            raise StoreError(sentence) from error


def _digest(numbers: bytes) -> str:
    return hashlib.sha256(numbers).hexdigest()


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a store; the tables are made where there is nothing yet, and only there."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        with _transaction(connection, "DEFERRED"):
            fresh = _is_empty(connection)
        if fresh:
            _make(connection)
        _require_ours(connection, path)
        _log_ahead(connection)
        connection.execute(
            "PRAGMA synchronous = NORMAL"
        )  # with the log: a power cut may cost the last chunks, no more
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        if _is_empty(connection):  # else another process made them while this one waited
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return tables == 0 and _pragma(connection, "application_id") in (0, APPLICATION)


def _require_ours(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION:
        raise StoreError(
            f"{path} is a database of another program, not a store of sweeps; it is left as it is"
        )
    if (layout := _pragma(connection, "user_version")) != LAYOUT:
        raise StoreError(
            f"{path} is a store of layout {layout}, and this version reads layout {LAYOUT}"
        )


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite refuses at once, without waiting, while another process does the same."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _transaction(
    connection: sqlite3.Connection, kind: str = "IMMEDIATE"
) -> Iterator[sqlite3.Connection]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
