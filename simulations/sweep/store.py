"""The store of finished replicates: one SQLite file that several processes can share.

    table        columns
    experiment   key, code version, description as JSON, steps of the checkpoints
    chunk        experiment, first replicate, count, names and shapes of the metrics and kept
                 states, SHA-256, seconds, their numbers

The SHA-256 covers the metrics, their names and place, the key of the experiment and the code
version, so damage can neither change numbers unnoticed nor move them to other replicates.

Every chunk is written in one transaction, so after an interruption it is either complete or absent.
Chunks of one experiment never overlap: if two processes with the same sweep deliver the same
replicates, they are compared bit by bit, and only new ones are written. The write-ahead log allows
other processes to read and write at the same time. SQLite requires a local disk for it, so on a
cluster only the process that calls `sweep` opens the file.
"""

from __future__ import annotations

import hashlib
import json
import math
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
    from simulations.sweep.chunks import NamedArrays
    from simulations.training.kernels import FloatArray

APPLICATION = 0x53546872  # "SThr": the application id in the header of the SQLite file
LAYOUT = 3
PATIENCE = 60.0  # seconds to wait while another process writes
_TABLES = """
CREATE TABLE experiment (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, code TEXT NOT NULL,
    description TEXT NOT NULL, steps TEXT NOT NULL,
    UNIQUE (key, code));
CREATE TABLE chunk (
    experiment INTEGER NOT NULL REFERENCES experiment,
    first INTEGER NOT NULL, count INTEGER NOT NULL,
    names TEXT NOT NULL, digest TEXT NOT NULL, seconds REAL NOT NULL, numbers BLOB NOT NULL,
    UNIQUE (experiment, first))"""
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)  # the second: for the log's index
_INSERT = """INSERT INTO chunk (experiment, first, count, names, seconds, digest, numbers)
             VALUES (?, ?, ?, ?, ?, ?, ?)"""


class StoreError(RuntimeError):
    """The file is not a store, is damaged, or contradicts a new result.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(delete=False) as file:
        ...     _ = file.write(b"not a database" * 100)
        >>> Store(file.name)
        Traceback (most recent call last):
        ...
        simulations.sweep.store.StoreError: ...
    """


@final
class Store:
    """The store of a sweep: a file of finished replicates.

    `sweep(..., store=...)` writes it; this class also reads it afterwards.

    Args:
        path: The file; it is created, with its parent directories, if it does not exist.
        code: The code version of the results to read and write; by default that of the running
            code. Another code version reads results of other code; the caller must know that they
            are equivalent.

    Raises:
        StoreError: If the file is not a store; it is not changed.

    Example:
        >>> import tempfile
        >>> from simulations import standard_experiments
        >>> from simulations.sweep import sweep
        >>> experiments = standard_experiments("short")[:2]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "sweep.sqlite"
        ...     digests = [record.digest for record in sweep(experiments, store=path)]
        ...     with Store(path) as store:
        ...         print([store.done(one) for one in experiments])
        ...         print(store.record(experiments[1]).digest == digests[1])
        [4, 4]
        True
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
        """Close the file."""
        self._connection.close()

    def done(self, experiment: Experiment) -> int:
        """The number of stored replicates of an experiment."""
        return experiment.replicates - sum(count for _, count in self.missing(experiment))

    def missing(self, experiment: Experiment) -> list[tuple[int, int]]:
        """The intervals of missing replicates, as pairs (first, count)."""
        query = """SELECT first, count FROM chunk JOIN experiment ON experiment.id = experiment
                   WHERE key = ? AND code = ? ORDER BY first"""
        with self._said():
            taken = self._connection.execute(query, (key_of(experiment), self.code))
            return list(gaps(map(self._place, taken), experiment.replicates))

    def add(self, experiment: Experiment, chunk: Chunk) -> None:
        """Write the replicates of a chunk that are not stored yet, in one transaction.

        Raises:
            StoreError: If a replicate is already stored with different numbers.
        """
        names = {name: chunk.numbers[name].shape[1:] for name in sorted(chunk.numbers)}
        rows = [chunk.numbers[name].reshape(chunk.count, -1) for name in names]
        block = np.concatenate(rows, axis=1).astype("<f8")  # (replicates, numbers of each)
        with self._said(), _transaction(self._connection) as connection:
            key = key_of(experiment)
            row = self._row_of(experiment, key)
            overlapping = self._overlapping(key, row, chunk.first, chunk.count)
            for first, old in overlapping:
                self._require_same(experiment, chunk.first, block, first, old)
            taken = [(first - chunk.first, len(old)) for first, old in overlapping]
            for start, count in gaps(taken, chunk.count):
                seconds = chunk.seconds * count / chunk.count
                numbers = block[start : start + count].tobytes()
                place = (chunk.first + start, count, json.dumps(names), seconds)
                values = (row, *place, self._digest(key, *place, numbers), numbers)
                connection.execute(_INSERT, values)

    def parts(self, experiment: Experiment) -> Iterator[NamedArrays]:
        """The stored metrics of an experiment, one chunk at a time, in the order of the replicates.

        Raises:
            StoreError: If the digest of a chunk does not match its numbers.
        """
        last = experiment.replicates
        for first, names, block in self._chunks(experiment):
            if first >= last:
                return
            mine, at = block[: last - first], 0
            found: dict[str, FloatArray] = {}
            for name, shape in names.items():
                size = math.prod(shape)
                found[name] = mine[:, at : at + size].reshape(len(mine), *shape)
                at += size
            yield found

    def record(self, experiment: Experiment) -> Record:
        """The record of an experiment whose replicates are all stored.

        Raises:
            StoreError: If replicates are missing.
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
        record = assemble(experiment, self.parts(experiment), seconds)
        if len(record.metric("accuracy")) != experiment.replicates:
            raise StoreError(f"{self.path} is damaged: chunks of one experiment overlap")
        return record

    def _chunks(
        self, experiment: Experiment
    ) -> Iterator[tuple[int, dict[str, list[int]], FloatArray]]:
        """The chunks in order, each read in its own query: a slow reader blocks no writer."""
        query = """SELECT first, count, names, seconds, digest, numbers
                   FROM chunk JOIN experiment ON experiment.id = experiment
                   WHERE key = ? AND code = ? AND first >= ? ORDER BY first LIMIT 1"""
        key, reached = key_of(experiment), 0
        while True:
            with self._said():
                values = self._connection.execute(query, (key, self.code, reached)).fetchone()
            if values is None:
                return
            block = self._block(key, *values)
            reached = values[0] + values[1]
            yield values[0], json.loads(values[2]), block

    def _overlapping(
        self, key: str, row: int, first: int, count: int
    ) -> list[tuple[int, FloatArray]]:
        query = """SELECT first, count, names, seconds, digest, numbers FROM chunk
                   WHERE experiment = ? AND first < ? AND first + count > ? ORDER BY first"""
        chunks = self._connection.execute(query, (row, first + count, first)).fetchall()
        return [(values[0], self._block(key, *values)) for values in chunks]

    def _block(
        self, key: str, first: int, count: int, names: str, seconds: float, digest: str, data: bytes
    ) -> FloatArray:
        self._place((first, count))
        whole = isinstance(names, str) and isinstance(data, bytes)  # damage can change a type
        if not whole or self._digest(key, first, count, names, seconds, data) != digest:
            last = first + count - 1
            raise StoreError(
                f"{self.path} is damaged: the numbers of replicates {first} to {last} have changed"
            )
        block: FloatArray = np.frombuffer(data, "<f8").reshape(count, -1)
        return block

    def _place(self, row: tuple[object, object]) -> tuple[int, int]:
        match row:
            case int(first), int(count) if first >= 0 and count >= 1:
                return first, count
        raise StoreError(
            f"{self.path} is damaged: {row[1]!r} replicates cannot begin at number {row[0]!r}"
        )

    def _digest(
        self, key: str, first: int, count: int, names: str, seconds: float, data: bytes
    ) -> str:
        whose = json.dumps([key, self.code, first, count, names, seconds])
        return hashlib.sha256(whose.encode() + data).hexdigest()

    def _require_same(
        self, experiment: Experiment, at: int, new: FloatArray, first: int, old: FloatArray
    ) -> None:
        """Compare the replicates that a new and a stored chunk have in common.

        The same code and description must give the same bits, so a difference means faulty hardware
        or libraries; it is reported and not overwritten.
        """
        start, stop = max(at, first), min(at + len(new), first + len(old))
        computed = new[start - at : stop - at].tobytes()
        stored = old[start - first : stop - first].tobytes()
        if computed != stored:
            name = experiment.describe()["name"]
            raise StoreError(
                f'{self.path} holds replicates {start} to {stop - 1} of "{name}" with different'
                " numbers than were computed now from the same code and description; one of the"
                " two computations is faulty"
            )

    def _row_of(self, experiment: Experiment, key: str) -> int:
        return self._known(key) or self._entered(experiment, key)

    def _known(self, key: str) -> int | None:
        """The row of an experiment, if it has one; rows are numbered from 1."""
        query = "SELECT id FROM experiment WHERE key = ? AND code = ?"
        match self._connection.execute(query, (key, self.code)).fetchone():
            case (int(row),):
                return row
        return None

    def _entered(self, experiment: Experiment, key: str) -> int:
        description = json.dumps({**experiment.describe(), "replicates": None}, default=str)
        self._connection.execute(
            "INSERT OR IGNORE INTO experiment (key, code, description, steps) VALUES (?, ?, ?, ?)",
            (key, self.code, description, json.dumps(experiment.when.tolist())),
        )
        if row := self._known(key):
            return row
        raise StoreError(f"{self.path} is damaged: an experiment in it cannot be found again")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn errors of SQLite into a `StoreError` that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) in _NO_ROOM:
                sentence = (
                    f"{self.path} cannot grow, since the disk is full; what it holds is kept, and"
                    " the same call goes on from there once there is room"
                )
                raise StoreError(sentence) from error
            raise StoreError(f"{self.path} cannot be used as a store: {error}") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the second: in a name
            sentence = (
                f"{self.path} is not a store of sweeps, or it is damaged ({error}); it was not"
                " changed"
            )
            raise StoreError(sentence) from error


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a store; tables are created only in an empty file."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        with _transaction(connection, "DEFERRED"):
            fresh = _is_empty(connection)
        if fresh:
            _make(connection)
        _require_ours(connection, path)
        _log_ahead(connection)
        # With the write-ahead log, a power failure can lose the last chunks, but no others.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        if _is_empty(connection):  # otherwise another process has created the tables meanwhile
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
            f"{path} is a database of another program, not a store of sweeps; it was not changed"
        )
    if (layout := _pragma(connection, "user_version")) != LAYOUT:
        raise StoreError(
            f"{path} is a store with layout {layout}, but this version reads layout {LAYOUT}"
        )


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log.

    While another process does the same, SQLite refuses at once, without its usual time-out, so this
    function repeats the attempt.
    """
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
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
