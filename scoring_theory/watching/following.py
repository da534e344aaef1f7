"""A log that grows: its new rows, given to a monitor step by step."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from scoring_theory.rollouts import RolloutError, Rollouts, read_rollouts

if TYPE_CHECKING:
    from typing import TypedDict

    from scoring_theory.checkers import Checker
    from scoring_theory.readers import ReaderLike
    from scoring_theory.rollouts.rollouts import ConfidenceScale
    from scoring_theory.watching.alarms import Alarm
    from scoring_theory.watching.monitor import ConfidenceMonitor

    class HowToRead(TypedDict, total=False):
        """The keyword arguments of `read_rollouts` that a follower takes as well."""

        columns: Mapping[str, str]
        scale: ConfidenceScale | None
        text: str | None
        truth: str | None
        reader: ReaderLike | None
        checker: Checker | str | None
        truth_key: str | None


FOLLOWED_FORMATS = ("csv", "tsv", "jsonl", "ndjson")
STEP = "step"
EVERY = 256
_DELIMITERS = {"csv": ",", "tsv": "\t"}
NONE_STATED = "must be stated in at least one row"


WatchedRow = tuple[object, float, float, str]
"""Step, confidence, correctness and question; no step or an empty question where a log has none."""


class NamedBytes(BytesIO):
    """Bytes with the name of the file that they come from, for messages.

    Example:
        >>> NamedBytes(b"confidence,correct", "log.csv").name
        'log.csv'
    """

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class LogFollower:
    r"""Reads what a log has got since the last call, and gives whole steps to a monitor.

    A row counts once its line is complete: the last line of a file that is being written is waited
    for. Rows of one step, which follow each other, are one update; the last step of the file is
    waited for, too, until the next one begins or `finish` is called. Every row is checked as by
    `replay`; answers without a usable confidence are counted as unreadable.

    Args:
        path: the file, .csv, .tsv, .jsonl or .ndjson.
        monitor: the monitor, with an estimator.
        by: the column of the step; None takes `step` where the log has it, and otherwise every
            `every` rows as one update.
        every: rows of an update in a log without steps.
        group: G, where each G rows of a step are of one question; None takes the column `question`,
            or each row as a question of its own.
        file_format: one of `FOLLOWED_FORMATS`; None takes it from the suffix.
        reading: `columns`, `scale`, `text`, `truth`, `reader`, `checker` and `truth_key` of
            `read_rollouts`.

    Attributes:
        rows: the rows read so far.
        reading: one line on the format and the columns that were taken; "" before the first row.

    Raises:
        RolloutError: the format is not one of these.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from scoring_theory.watching import ConfidenceMonitor
        >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
        >>> with TemporaryDirectory() as folder:
        ...     log = Path(folder) / "log.csv"
        ...     _ = log.write_text("step,confidence,correct\n1,0.9,1\n1,0.5,0\n2,0.8,1\n2,0.")
        ...     follower = LogFollower(log, monitor)
        ...     _ = follower.poll()
        ...     print(monitor.updates, follower.rows)
        ...     _ = follower.finish()
        ...     print(monitor.updates, monitor.figures().answers)
        1 3
        2 3
    """

    def __init__(
        self,
        path: str | Path,
        monitor: ConfidenceMonitor,
        *,
        by: str | None = None,
        every: int = EVERY,
        group: int | None = None,
        file_format: str | None = None,
        **reading: Unpack[HowToRead],
    ) -> None:
        self.path, self.monitor = Path(path), monitor
        found = file_format or self.path.suffix.lower().removeprefix(".")
        if found not in FOLLOWED_FORMATS:
            raise RolloutError(
                f"{self.path}: a log that grows is followed as {', '.join(FOLLOWED_FORMATS)}, got"
                f" {found or 'no ending'!r}; a folder or a complete file is read by FolderFollower"
                " (watch FOLDER, watch FILE --once)"
            )
        self._format, self._by, self._every, self._group = found, by, every, group
        self._reading = reading
        self._read = 0  # bytes that are complete rows
        self._header: bytes | None = None
        self._waiting: list[WatchedRow] = []
        self.rows = 0
        self.reading = ""

    @property
    def _delimited(self) -> bool:
        return self._format in _DELIMITERS

    def poll(self) -> tuple[Alarm, ...]:
        """Read the new rows, update the monitor for each complete step, and return new alarms.

        Raises:
            RolloutError: the file is gone or has become shorter, a column is missing, or a value is
                outside its domain; the message names the row.
        """
        return self._given(last=False)

    def finish(self) -> tuple[Alarm, ...]:
        """The same, with the last step: nothing more is written."""
        return self._given(last=True)

    def _given(self, *, last: bool) -> tuple[Alarm, ...]:
        self._waiting += self._new_rows(last)
        alarms: list[Alarm] = []
        while update := self._complete(last):
            self._waiting = self._waiting[len(update) :]
            _, confidence, correct, question = zip(*update, strict=True)
            group: int | Sequence[str] | None = self._group
            if group is None and question[0]:
                group = question
            alarms += self.monitor.update(confidence, correct, group)
        return tuple(alarms)

    def _complete(self, last: bool) -> list[WatchedRow]:
        """The rows of the first waiting step; empty while it may grow."""
        waiting = self._waiting
        if not waiting:
            return []
        step = waiting[0][0]
        if step is None:  # a log without steps
            return waiting[: self._every] if last or len(waiting) >= self._every else []
        end = next((i for i, row in enumerate(waiting) if row[0] != step), len(waiting))
        return waiting[:end] if last or end < len(waiting) else []

    def _new_rows(self, last: bool) -> list[WatchedRow]:
        """Step, confidence, correctness and question of each new row."""
        content = self._new_content()
        if self._delimited and self._header is None and content:
            end = _rows_end(content, first=True)
            self._header, content = content[:end], content[end:]
        if not content.strip():
            return []
        columns = {**self._reading.get("columns", {})}
        if step := self._step(content):
            columns["step"] = step
        before = 0
        try:
            found = self._rollouts((self._header or b"") + content, columns)
        except RolloutError:
            # Rows without any confidence are no log, but may be a part of one; and an error must
            # count rows from the beginning of the file.
            try:
                found = self._rollouts(self.path.read_bytes()[: self._read], columns)
            except RolloutError as error:
                if last or NONE_STATED not in str(error):
                    raise
                self._read -= len(content)  # read again with the next rows
                return []
            before = self.rows
        self.rows += len(found) - before
        self.reading = self.reading or found.reading
        return watched_rows(found, range(before, len(found)))

    def _rollouts(self, content: bytes, columns: Mapping[str, str]) -> Rollouts:
        reading: HowToRead = {**self._reading, "columns": columns}
        return read_rollouts(
            NamedBytes(content, str(self.path)),
            file_format=self._format,
            missing=0.0,  # only counted here; what it is paid is known to the monitor
            **reading,
        )

    def _new_content(self) -> bytes:
        """The bytes of the rows that have been completed since the last call."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                if size < self._read:
                    raise RolloutError(
                        f"{self.path} has become shorter, from {self._read} to {size} bytes: it is"
                        " another file now"
                    )
                file.seek(self._read)
                content = file.read()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise RolloutError(f"{self.path} cannot be read: {reason}") from None
        end = _rows_end(content) if self._delimited else content.rfind(b"\n") + 1
        self._read += end
        return content[:end]

    def _step(self, content: bytes) -> str | None:
        """The column of the step: as asked for, or `step` where the log has it."""
        if (asked := self._by or self._reading.get("columns", {}).get("step")) is not None:
            return asked
        return STEP if STEP in self._names(content) else None

    def _names(self, content: bytes) -> Sequence[str]:
        if self._header is not None:
            header = self._header.decode("utf-8-sig", errors="replace")
            return next(csv.reader([header.strip()], delimiter=_DELIMITERS[self._format]), [])
        first = next((line for line in content.splitlines() if line.strip()), b"{}")
        try:
            row: Any = json.loads(first)
        except ValueError:
            return []  # `read_rollouts` says what is wrong with the line
        return list(row) if isinstance(row, dict) else []


def watched_rows(found: Rollouts, chosen: range, file: int | None = None) -> list[WatchedRow]:
    """The step, confidence, correctness and question of some rows.

    Args:
        found: the log.
        chosen: the rows.
        file: the number of the file, which is then a part of the step: no step is in two files.

    Example:
        >>> watched_rows(Rollouts(confidence=[0.5], correct=[1], step=[3]), range(1))
        [(3.0, 0.5, 1.0, '')]
        >>> watched_rows(Rollouts(confidence=[0.5], correct=[1]), range(1), file=0)
        [((0, None), 0.5, 1.0, '')]
    """
    questions = found.question

    def step(row: int) -> object:
        own = None if found.step is None else float(found.step[row])
        return own if file is None else (file, own)

    return [
        (
            step(row),
            float(found.confidence[row]),
            float(found.correct[row]),
            "" if questions is None else str(questions[row]),
        )
        for row in chosen
    ]


def _rows_end(content: bytes, *, first: bool = False) -> int:
    """Where the last complete row of a table ends, or the first: a line feed outside of quotes.

    Example:
        >>> table = b'text,correct' + bytes([10]) + b'"two' + bytes([10]) + b'lines",1'
        >>> _rows_end(table)
        13
    """
    end, position, quoted = 0, 0, False
    for line in content.split(b"\n")[:-1]:
        position += len(line) + 1
        quoted ^= bool(line.count(b'"') % 2)
        if not quoted:
            end = position
            if first:
                break
    return end
