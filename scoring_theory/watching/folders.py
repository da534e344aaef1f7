"""A log in several files, such as one for each step, into whose folder files are added."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Unpack

from scoring_theory.rollouts import RolloutError, Rollouts, read_rollouts
from scoring_theory.rollouts.columns import NoColumnError
from scoring_theory.rollouts.reading import FORMATS
from scoring_theory.rollouts.sources import is_several, log_files
from scoring_theory.watching.following import (
    EVERY,
    NONE_STATED,
    STEP,
    LogFollower,
    NamedBytes,
    WatchedRow,
    watched_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_theory.watching.following import HowToRead
    from scoring_theory.watching.monitor import ConfidenceMonitor

_SUFFIXES = tuple(f".{each}" for each in FORMATS)


class FolderFollower(LogFollower):
    r"""Reads the files that are added to a folder, and gives whole steps to a monitor.

    A file is read once, as a whole and in any format that `read_rollouts` reads, when a later one
    is there: trainers write one for each step, such as TRL's `completions_00010.parquet` and verl's
    `10.jsonl`. The last file may still be written, so that it is waited for until the next one or
    `finish`. Files are in the order of the numbers in their names. The rows of a file are one
    update, or one for each of its steps.

    Args:
        path: a folder, a pattern such as `out/*.jsonl`, a file that is complete, or an open binary
            file, which is read to its end.
        monitor: the monitor, with an estimator.
        by: the column of the step; None takes `step` where the log has it.
        every: rows of an update in a single file without steps.
        group: as in `LogFollower`.
        file_format: a name of `FORMATS`; None takes it from the suffix.
        reading: as in `LogFollower`.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from scoring_theory.watching import ConfidenceMonitor
        >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
        >>> with TemporaryDirectory() as folder:
        ...     follower = FolderFollower(folder, monitor)
        ...     for step in (9, 10):
        ...         _ = (Path(folder) / f"{step}.csv").write_text("confidence,correct\n0.9,1\n")
        ...     _ = follower.poll()
        ...     print(monitor.updates)
        ...     _ = follower.finish()
        ...     print(monitor.updates)
        1
        2
    """

    def __init__(
        self,
        path: str | Path | BinaryIO,
        monitor: ConfidenceMonitor,
        *,
        by: str | None = None,
        every: int = EVERY,
        group: int | None = None,
        file_format: str | None = None,
        **reading: Unpack[HowToRead],
    ) -> None:
        held: NamedBytes | None = None
        if not isinstance(path, str | Path):
            name = "standard input" if (given := getattr(path, "name", "")) == "<stdin>" else given
            held = NamedBytes(path.read(), str(name or "the open file"))
            path = Path(held.name)
        super().__init__(
            path, monitor, by=by, every=every, group=group, file_format="csv", **reading
        )
        self._kind, self._held = file_format, held
        self._taken: set[Path] = set()
        self._stating: Path | None = None

    @property
    def grows(self) -> bool:
        """Whether files may be added, as to a folder or a pattern."""
        return self._held is None and is_several(self.path)

    def _complete(self, last: bool) -> list[WatchedRow]:
        return super()._complete(last or self.grows)

    def _new_rows(self, last: bool) -> list[WatchedRow]:
        rows: list[WatchedRow] = []
        ready = self._ready(last)
        for number, file in enumerate(ready):
            read = self._read_file(file, ready[number + 1 :])
            if read is None:
                if last:
                    raise RolloutError(f"{self.path}: `confidence` {NONE_STATED}, got none")
                break
            found, own = read
            self.reading = self.reading or found.reading
            key = len(self._taken) if self.grows else None
            rows += watched_rows(found, range(own), key)
            self.rows += own
            self._taken.add(file)
        return rows

    def _ready(self, last: bool) -> list[Path]:
        """The files that are complete and have not been read."""
        if not self.grows:
            return [self.path] if last and self.path not in self._taken else []
        try:
            files = log_files(self.path, _SUFFIXES)
        except RolloutError:
            if last:
                raise
            return []  # none yet
        return [file for file in (files if last else files[:-1]) if file not in self._taken]

    def _read_file(self, file: Path, later: Sequence[Path]) -> tuple[Rollouts, int] | None:
        """Rows, and how many of the first are of the file; None if no file states a confidence.

        Rows without any confidence are no log, but may be a step of one: they are read together
        with a file that states some.
        """
        try:
            found = self._rows_of([file])
        except RolloutError as error:
            if NONE_STATED not in str(error):
                raise
        else:
            self._stating = file
            return found, len(found)
        for other in (*([self._stating] if self._stating else []), *later):
            try:
                both = self._rows_of([file, other])
                return both, len(both) - len(self._rows_of([other]))
            except RolloutError as error:
                if NONE_STATED not in str(error):
                    raise
        return None

    def _rows_of(self, files: Sequence[Path]) -> Rollouts:
        columns = {**self._reading.get("columns", {})}
        if (asked := self._by or columns.get("step")) is not None:
            return self._read_all(files, {**columns, "step": asked})
        try:
            return self._read_all(files, {**columns, "step": STEP})
        except NoColumnError:  # a log without steps; or another column is missing, which is said
            return self._read_all(files, columns)

    def _read_all(self, files: Sequence[Path], columns: Mapping[str, str]) -> Rollouts:
        reading: HowToRead = {**self._reading, "columns": columns}
        held = self._held
        return read_rollouts(
            files if held is None else NamedBytes(held.getvalue(), held.name),
            file_format=self._kind,
            missing=0.0,  # only counted here; what it is paid is known to the monitor
            **reading,
        )
